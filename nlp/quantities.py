"""Numbers tied to a clause: hours, percents, amounts, penalties, weights, cited articles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from corpus.findings import Value
from nlp.cues import articles

_NUMBER = r"(\d{1,3}(?:[ .]\d{3})+|\d+)(?:,(\d+)|\.(\d{1,2})(?!\d))?"
_HOURS = re.compile(_NUMBER + r"\s*(?:\([^)]{0,40}\)\s*)?(?:h\b|heures?\b)(?!\s*\d{2}\b)", re.I)
_PERCENT = re.compile(_NUMBER + r"\s*(?:%|pour ?cents?\b)", re.I)
_EURO = re.compile(
    _NUMBER + r"\s*(?:€|euros?\b|EUR\b|k€)(?:\s*(?P<tax>HT|TTC|H\.T\.|T\.T\.C\.))?", re.I
)
_JOBS = re.compile(
    _NUMBER
    + r"\s*(?:\([^)]{0,30}\)\s*)?(?:apprentis?|alternants?|stagiaires?|emplois?|postes?|ETP)\b",
    re.I,
)
_DAYS = re.compile(_NUMBER + r"\s*(?:\([^)]{0,30}\)\s*)?jours?\b", re.I)
_POINTS = re.compile(_NUMBER + r"\s*(?:points?\b|pts\b|/\s?(?:10|20|100)\b)", re.I)
_PENALTY = re.compile(r"pénalit|retenue de|amende|penalt", re.I)
_CLOCK = re.compile(r"\b(?:à|avant|jusqu'à|de|entre|h(?: ?\d\d)? (?:et|à))\s+$", re.I)
_CLASSES = re.compile(r"\b(?:Crit'?Air\s?\d|Euro\s?(?:VI|[4-7])\b|classe\s+[A-G]\b\+*|A\+)", re.I)


def number(match: re.Match[str]) -> float:
    """Return the value of a matched French number ("3 000,5" -> 3000.5)."""
    whole = re.sub(r"[ .]", "", match[1])
    decimals = match[2] or match[3]
    return float(f"{whole}.{decimals}") if decimals else float(whole)


def quantities(text: str, labels: Sequence[str]) -> Mapping[str, Value]:
    """Return what a passage quantifies, by name; only what is written, in its own units.

    Names: hours, percent, weight_percent, points, amount_eur, penalty_eur, jobs, days, classes,
    articles.
    """
    values: dict[str, Value] = {}
    hours = [
        m
        for m in _HOURS.finditer(text)
        if not _CLOCK.search(text[max(0, m.start() - 8) : m.start()])
    ]
    if hours:
        values["hours"] = number(hours[0])
    if (match := _PERCENT.search(text)) is not None:
        values["percent"] = number(match)
    amounts = [number(m) * (1000 if "k€" in m[0].lower() else 1) for m in _EURO.finditer(text)]
    if amounts:
        name = "penalty_eur" if _PENALTY.search(text) else "amount_eur"
        values[name] = amounts[0]
    if any(label.startswith("social.") for label in labels) and (m := _JOBS.search(text)):
        values["jobs"] = number(m)
    if (match := _DAYS.search(text)) is not None:
        values["days"] = number(match)
    if (match := _POINTS.search(text)) is not None:
        values["points"] = number(match)
    if classes := [m[0] for m in _CLASSES.finditer(text)]:
        values["classes"] = list(dict.fromkeys(classes))
    if cited := [name for name, _, _ in articles(text)]:
        values["articles"] = list(dict.fromkeys(cited))
    return values
