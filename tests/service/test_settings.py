from datetime import date

import pytest
from pydantic import ValidationError

from service.settings import Limits, Settings, parse_date


def test_environment_changes_one_limit_and_keeps_the_others(monkeypatch):
    monkeypatch.setenv("CLAUSIER_LIMITS__MAX_PAGES", "7")
    monkeypatch.setenv("CLAUSIER_SYNCHRONOUS__MAX_FILES", "3")
    monkeypatch.setenv("CLAUSIER_PORT", "9000")
    settings = Settings()
    assert settings.port == 9000
    assert settings.limits == Limits(max_pages=7)
    assert settings.synchronous.max_files == 3
    assert settings.synchronous.max_total_bytes < settings.limits.max_total_bytes


@pytest.mark.parametrize(
    ("name", "value"),
    [("LIMITS__MAX_PAGES", "-1"), ("PORT", "70000"), ("CONCURRENCY", "0"), ("QUEUE", "many")],
)
def test_senseless_settings_are_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"CLAUSIER_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_the_day_of_launch():
    assert parse_date(" 2026-10-05 ") == date(2026, 10, 5)
    assert parse_date("") is None


@pytest.mark.parametrize(
    "text",
    ["05/10/2026", "2026-13-01", "2026-02-30", "20261005", "2026-10-5", "demain", "0001-01-01",
     "२०२६-१०-०५"],
)  # fmt: skip
def test_other_spellings_of_a_day_are_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_date(text)
