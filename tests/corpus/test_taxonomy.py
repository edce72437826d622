from pathlib import Path

import pytest

from corpus import taxonomy


def test_the_ids_are_the_public_contract() -> None:
    ids = set(taxonomy.labels())
    assert len(ids) == 53
    assert {"reserved.disability", "social.integration", "env.waste", "access.lots"} <= ids
    assert [f.id for f in taxonomy.families()] == list(taxonomy.FAMILIES)


def test_every_label_is_told_in_both_languages_with_dated_law() -> None:
    for label in taxonomy.labels().values():
        assert label.title_fr
        assert label.title_en
        assert label.definition_fr.endswith(".")
        assert label.definition_en.endswith(".")
        assert label.law, label.id
        for ref in label.law:
            assert ref.valid_to is None or ref.valid_from < ref.valid_to
    assert taxonomy.labels()["env.waste"].title("en") == "Waste"


def copy(tmp_path: Path, family: str, old: str, new: str) -> Path:
    for path in taxonomy.FOLDER.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        if path.stem == family:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[[label]]", 'colour = "red"\n[[label]]', "unknown key colour"),
        ('decp = "Clause environnementale"\n', "", "missing key decp"),
        ('id = "env.energy"', 'id = "env.climate"', "stands twice"),
        ('id = "env.energy"', 'id = "social.energy"', "not of family env"),
        ("valid_from = ", "since = ", "unknown key since"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(taxonomy.TaxonomyError, match=message):
        taxonomy.load(copy(tmp_path, "env", old, new))
