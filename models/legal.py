"""The law behind the checks, with its dates: articles, figures, words, wordings (``law/*.toml``).

``valid_to`` is included. A jurist corrects the files; what they may not hold is refused.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from corpus import taxonomy

FOLDER = Path(__file__).with_name("law")
STATUSES = ("verified", "secondary", "memory")
UNITS = ("eur", "percent", "times", "months")

_RULE = {
    "ref", "title_fr", "title_en", "text_fr", "text_en", "valid_from", "source", "status",
}  # fmt: skip
_THRESHOLD = {
    "name", "value", "unit", "valid_from", "article", "title_fr", "title_en", "source", "status",
}  # fmt: skip
_MAYBE = {"valid_to", "uncertain"}


class LawError(ValueError):
    """A file of law holds something unknown, missing or contradictory."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of an article of law: what it says, when, and how far that was verified.

    ``status`` is verified, secondary (press, ministry sheets) or memory; ``uncertain`` are numbers
    of ``notes()``.
    """

    ref: str
    title_fr: str
    title_en: str
    text_fr: str
    text_en: str
    valid_from: date
    valid_to: date | None
    source: str
    status: str
    uncertain: tuple[int, ...]
    checked_on: date

    def holds(self, day: date) -> bool:
        """Return whether this version is in force on ``day``."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Threshold:
    """One figure of the law over one period; ``unit`` is eur (before tax), percent, times, months.

    ``article`` is where the law states it; the rest is as in ``Rule``.
    """

    name: str
    value: float
    unit: str
    valid_from: date
    valid_to: date | None
    article: str
    title_fr: str
    title_en: str
    source: str
    status: str
    uncertain: tuple[int, ...]
    checked_on: date

    def holds(self, day: date) -> bool:
        """Return whether this figure is in force on ``day``."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def table(name: str, folder: Path = FOLDER) -> Mapping[str, Any]:
    """Return one file of law as it stands. Raises LawError when its schema is not ours."""
    found: Mapping[str, Any] = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    if found.get("schema") != 1 or not isinstance(found.get("checked_on"), date):
        raise LawError(f"{name}.toml: schema 1 and checked_on are needed")
    return found


def only(keys: set[str], found: Iterable[str], where: str, maybe: Iterable[str] = ()) -> None:
    """Raise LawError unless ``found`` are exactly ``keys``, those of ``maybe`` put aside."""
    if unknown := set(found) - keys - set(maybe):
        raise LawError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    if missing := keys - set(found):
        raise LawError(f"{where}: missing key {', '.join(sorted(missing))}")


def load(folder: Path = FOLDER) -> tuple[tuple[Rule, ...], tuple[Threshold, ...]]:
    """Read the articles and the figures of ``folder``.

    Raises LawError for an unknown key, status, source or note, or versions whose days overlap
    (an article that stays in force beside the one that replaces it bears another ``ref``).
    """
    articles, figures = table("articles", folder), table("thresholds", folder)
    only({"schema", "checked_on", "source", "rule", "uncertain"}, articles, "articles.toml")
    only({"schema", "checked_on", "threshold"}, figures, "thresholds.toml")
    for number, note in articles["uncertain"].items():
        only({"fr", "en"}, note, f"articles.toml uncertain.{number}")
    for kind, keys, name in ((articles, _RULE, "rule"), (figures, _THRESHOLD, "threshold")):
        for entry in kind[name]:
            where = f"{name} {entry.get('ref') or entry.get('name')}"
            only(keys, entry, where, _MAYBE)
            _known(entry, articles, where)
    rules = tuple(
        Rule(**_dated(entry), checked_on=articles["checked_on"]) for entry in articles["rule"]
    )
    limits = tuple(
        Threshold(**_dated(entry), checked_on=figures["checked_on"])
        for entry in figures["threshold"]
    )
    _apart([(r.ref, r.valid_from, r.valid_to) for r in rules])
    _apart([(t.name, t.valid_from, t.valid_to) for t in limits])
    if unit := {t.unit for t in limits} - set(UNITS):
        raise LawError(f"thresholds.toml: unknown unit {', '.join(sorted(unit))}")
    return rules, limits


def _known(entry: Mapping[str, Any], articles: Mapping[str, Any], where: str) -> None:
    if entry["status"] not in STATUSES:
        raise LawError(f"{where}: unknown status {entry['status']}")
    if entry["source"] not in articles["source"]:
        raise LawError(f"{where}: unknown source {entry['source']}")
    if lost := [n for n in entry.get("uncertain", ()) if str(n) not in articles["uncertain"]]:
        raise LawError(f"{where}: no such note {lost}")
    if "valid_to" in entry and entry["valid_to"] < entry["valid_from"]:
        raise LawError(f"{where}: ends before it begins")


def _dated(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **entry,
        "valid_to": entry.get("valid_to"),
        "uncertain": tuple(entry.get("uncertain", ())),
    }


def _apart(periods: list[tuple[str, date, date | None]]) -> None:
    for name, start, end in periods:
        for other, first, _ in periods:
            if other == name and first > start and (end is None or first <= end):
                raise LawError(f"{name}: two versions hold on {first}")
    if len({(name, start) for name, start, _ in periods}) < len(periods):
        raise LawError("a version stands twice")


@cache
def _loaded() -> tuple[tuple[Rule, ...], tuple[Threshold, ...]]:
    return load()


def law() -> tuple[Rule, ...]:
    """Return the articles shipped with this version, each version with its dates."""
    return _loaded()[0]


def thresholds() -> tuple[Threshold, ...]:
    """Return the figures shipped with this version, each period with its dates."""
    return _loaded()[1]


def threshold(name: str, day: date) -> Threshold | None:
    """Return the figure of one name on one day, None when none is known for it.

    Raises KeyError when no figure bears this name.
    """
    named = [t for t in thresholds() if t.name == name]
    if not named:
        raise KeyError(name)
    return next((t for t in named if t.holds(day)), None)


def version(ref: str, day: date) -> Rule:
    """Return the version of an article on a day; the nearest one when none is in force then.

    Raises KeyError when the article is not in the data.
    """
    versions = sorted((r for r in law() if r.ref == ref), key=lambda r: r.valid_from)
    if not versions:
        raise KeyError(ref)
    nearest = versions[0] if day < versions[0].valid_from else versions[-1]
    return next((r for r in versions if r.holds(day)), nearest)


@cache
def notes() -> Mapping[int, tuple[str, str]]:
    """Return what is not certain, by number: French and English."""
    told = table("articles")["uncertain"]
    return {int(number): (note["fr"], note["en"]) for number, note in told.items()}


@cache
def checked_on() -> date:
    """Return the day on which the articles were last checked: the law we know is that of then."""
    day: date = table("articles")["checked_on"]
    return day


@cache
def words(group: str) -> Mapping[str, re.Pattern[str]]:
    """Return the lists of one group of ``words.toml`` as patterns; KeyError when there is none."""
    return {
        name: re.compile("|".join(f"(?:{member})" for member in members), re.IGNORECASE)
        for name, members in table("words")[group].items()
    }


@cache
def prefixes() -> Mapping[str, tuple[str, ...]]:
    """Return the beginnings of CPV codes by what they tell."""
    return {name: tuple(codes) for name, codes in table("words")["cpv"].items()}


# -- the checks -----------------------------------------------------------------------------------


class Outcome(StrEnum):
    """What a check comes to."""

    OK = "ok"
    TO_CHECK = "to_check"
    LIKELY_ISSUE = "likely_issue"
    NOT_APPLICABLE = "not_applicable"
    INFO = "info"


_CHECK = {"id", "title_fr", "title_en", "articles", "reason"}
_CHECK_MAYBE = {"since", "both", "uncertain"}
_COMMON = {"before", "before_answer", "both", "assumed"}
_LABELS = {"social", "energy"}


@dataclass(frozen=True, slots=True)
class Wording:
    """What a check says for one answer: its outcome, and the sentence in both languages."""

    outcome: Outcome
    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One check as the data describe it; ``reasons`` are its answers by key."""

    id: str
    title_fr: str
    title_en: str
    since: date | None
    both: bool
    articles: tuple[str, ...]
    uncertain: tuple[int, ...]
    reasons: Mapping[str, Wording]


@dataclass(frozen=True, slots=True)
class Book:
    """All of ``checks.toml``: common wordings, labels that count for a duty, the checks."""

    common: Mapping[str, Mapping[str, str]]
    labels: Mapping[str, frozenset[str]]
    entries: tuple[Entry, ...]


def read_checks(folder: Path = FOLDER) -> Book:
    """Read ``checks.toml``.

    Raises LawError for an unknown key, outcome, article, label or note, or when the French and the
    English of a wording hold different placeholders.
    """
    found = table("checks", folder)
    only({"schema", "checked_on", "common", "labels", "check"}, found, "checks.toml")
    only(_COMMON, found["common"], "checks.toml common")
    only(_LABELS, found["labels"], "checks.toml labels")
    for group in found["labels"].values():
        try:
            taxonomy.check_labels(group)
        except ValueError as error:
            raise LawError(f"checks.toml labels: {error}") from None
    for name, told in found["common"].items():
        only({"fr", "en"}, told, f"checks.toml common.{name}")
        _same(told, f"common.{name}")
    return Book(
        common=found["common"],
        labels={name: frozenset(group) for name, group in found["labels"].items()},
        entries=tuple(_entry(table) for table in found["check"]),
    )


def _entry(table: Mapping[str, Any]) -> Entry:
    where = f"check {table.get('id')}"
    only(_CHECK, table, where, _CHECK_MAYBE)
    known = {rule.ref for rule in law()}
    if lost := [ref for ref in table["articles"] if ref not in known]:
        raise LawError(f"{where}: no such article {', '.join(lost)}")
    if unknown := [n for n in table.get("uncertain", ()) if n not in notes()]:
        raise LawError(f"{where}: no such note {unknown}")
    reasons = {}
    for key, told in table["reason"].items():
        only({"outcome", "fr", "en"}, told, f"{where} {key}")
        if told["outcome"] not in set(Outcome):
            raise LawError(f"{where} {key}: unknown outcome {told['outcome']}")
        _same(told, f"{where} {key}")
        reasons[key] = Wording(Outcome(told["outcome"]), told["fr"], told["en"])
    return Entry(
        table["id"],
        table["title_fr"],
        table["title_en"],
        table.get("since"),
        table.get("both", False),
        tuple(table["articles"]),
        tuple(table.get("uncertain", ())),
        reasons,
    )


def _same(told: Mapping[str, str], where: str) -> None:
    fr, en = (
        {name for _, name, _, _ in string.Formatter().parse(told[tongue]) if name}
        for tongue in ("fr", "en")
    )
    if fr != en:
        raise LawError(f"{where}: French and English hold different placeholders")


@cache
def book() -> Book:
    """Return the checks shipped with this version."""
    return read_checks()
