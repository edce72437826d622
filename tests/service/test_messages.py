import re
from itertools import chain

import pytest

from nlp.reading import errors
from service.messages import entries, explain, message, severity
from service.report.texts import catalogue

NOTICES = ("page-damaged", "part-damaged", "page-image", "page-empty", "comments-ignored", "mixed")


def _reading_errors(kind=errors.ReadingError):
    yield kind
    for child in kind.__subclasses__():
        yield from _reading_errors(child)


@pytest.mark.parametrize("kind", list(_reading_errors()), ids=lambda kind: kind.code)
def test_each_reading_error_says_what_to_do(kind):
    for language in ("fr", "en"):
        said = explain(kind.code, language)
        assert said.severity == "error"
        assert said.title
        assert said.text
        assert said.action
    assert kind.code in entries()


def test_each_notice_has_a_message():
    assert set(NOTICES) <= set(entries())
    assert severity("page-image") == "warning"
    assert severity("page-empty") == "info"


def test_a_precision_is_added_only_when_its_value_is_known():
    assert "10" in message("too-many-pages", "fr", limit=10)
    assert "{" not in message("too-many-pages", "fr")
    assert "Maximum" not in message("too-many-pages", "en", limit=None)


def test_an_unknown_code_still_says_something():
    said = explain("never-heard-of", "en")
    assert said.code == "never-heard-of"
    assert str(said)


def test_values_are_never_read_as_templates():
    assert "{limit}" in message("no-such-path", "en", value="{limit}{0}")


def _french():
    for code, entry in entries().items():
        for key, text in entry.items():
            if key.endswith("_fr"):
                yield f"{code}.{key}", text
    for name, section in catalogue().items():
        for key, entry in section.items():
            yield f"{name}.{key}", entry["fr"]


def test_french_is_printed_with_its_own_spaces():
    wrong = [
        where for where, text in _french() if re.search(r" [:;!?»%€]|« |\w'\w|\w[!?;»]|«\w", text)
    ]
    assert wrong == []


def test_both_languages_take_the_same_values():
    for name, section in catalogue().items():
        for key, entry in section.items():
            assert set(entry) == {"fr", "en"}, f"{name}.{key}"
            assert _values(entry["fr"]) == _values(entry["en"]), f"{name}.{key}"
    for code, entry in entries().items():
        for part in ("text", "action", "precision"):
            french, english = entry.get(f"{part}_fr", ""), entry.get(f"{part}_en", "")
            assert _values(french) == _values(english), code


def _values(text):
    return sorted(chain(re.findall(r"{(\w+)}", text)))
