"""The facts of a dossier, and the pieces that disagree, as a report shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from corpus.facts import kinds
from corpus.findings import Disagreement, Fact, Place, Screening
from service.messages import Language
from service.report.texts import (
    catalogue,
    day,
    lot_list,
    measure,
    money,
    name,
    percent,
    plain,
    polished,
    quantity,
    words,
)

GROUPS = ("procedure", "lever", "quantity")
_SHOWN = 160  # characters of a value in words


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to show: the piece by its name, the page, the words."""

    piece: str
    page: int
    quote: str


@dataclass(frozen=True, slots=True)
class FactView:
    """One value of one fact, and every place that states it."""

    name: str
    title: str
    value: str
    lots: str
    spots: tuple[Spot, ...]
    words: bool = False  # the value is words of the documents, so in their language


@dataclass(frozen=True, slots=True)
class FactsView:
    """The facts of one group."""

    id: str
    title: str
    facts: tuple[FactView, ...]


@dataclass(frozen=True, slots=True)
class ApartView:
    """Two places that cannot both be right: what each says, and where."""

    title: str
    lots: str
    first: Spot
    second: Spot
    values: tuple[str, str]


def fact_views(
    screening: Screening, names: Mapping[str, str], language: Language
) -> tuple[FactsView, ...]:
    """Return the facts by group, each value once with all its places; empty groups are left out."""
    found = []
    for group in GROUPS:
        own = [fact for fact in screening.facts if fact.name.startswith(f"{group}.")]
        if own:
            views = tuple(_views(own, names, language))
            found.append(FactsView(group, name("facts", group, language), views))
    return tuple(found)


def _views(facts: list[Fact], names: Mapping[str, str], language: Language) -> Iterator[FactView]:
    stated: dict[tuple[str, str, tuple[str, ...], str], list[Fact]] = {}
    order = {kind: at for at, kind in enumerate(kinds())}
    for fact in sorted(facts, key=lambda f: order[f.name]):
        shown = _value(fact, language)
        key = shown.lower() if isinstance(fact.value, str) else shown
        # Two clauses may have the same figure (50 € a day): each is told.
        clause = fact.label if fact.name.startswith("quantity.") else ""
        stated.setdefault((fact.name, key, fact.lots, clause), []).append(fact)
    for (kind, _, lots, _), same in stated.items():
        # Of a figure all the words are shown, of the rest the pages.
        by_words = kind.startswith("quantity.")
        pages: dict[tuple[str, int, str], Spot] = {}
        for spot in (_spot(fact.place, names) for fact in same):
            pages.setdefault((spot.piece, spot.page, spot.quote if by_words else ""), spot)
        yield FactView(
            name=kind,
            title=polished(
                kinds()[kind].title_en if language == "en" else kinds()[kind].title_fr, language
            ),
            value=_value(same[0], language),
            lots=_lots(lots, language),
            spots=tuple(pages.values()),
            words=kinds()[kind].unit == "words",
        )


def _value(fact: Fact, language: Language) -> str:
    unit = kinds()[fact.name].unit
    value = fact.value
    if isinstance(value, bool):
        shown = name("answer", "yes" if value else "no", language)
    elif isinstance(value, int | float):
        shown = _measured(value, unit, language)
    elif unit == "date" and isinstance(value, str):
        shown = day(date.fromisoformat(value), language)
    elif unit == "choice":
        key = f"{fact.name}.{value}"
        shown = name("choice", key if key in catalogue()["choice"] else str(value), language)
    else:
        text = ", ".join(value) if isinstance(value, list) else value
        shown = plain(text if len(text) <= _SHOWN else f"{text[:_SHOWN].rstrip()}…")
    if isinstance(fact.per, int | float):
        shown = words("for_each", language, value=shown, amount=money(fact.per, language))
    elif fact.per:
        shown = f"{shown} {name('per', fact.per, language)}"
    if fact.detail:
        shown = f"{shown} ({name('detail', fact.detail, language)})"
    return shown


def _measured(value: float, unit: str, language: Language) -> str:
    if unit == "eur":
        return money(value, language)
    if unit == "percent":
        return percent(value, language)
    number = quantity(value, language)
    return number if unit in ("count", "words") else measure(unit, number, language)


def _spot(place: Place, names: Mapping[str, str]) -> Spot:
    return Spot(names.get(place.piece, place.piece), place.page, plain(place.quote))


def _lots(lots: tuple[str, ...], language: Language) -> str:
    if not lots:
        return ""
    shown = lot_list(lots, language)
    if len(lots) == 1:
        return words("lot", language, number=shown)
    return words("lots", language, numbers=shown)


def apart_views(
    screening: Screening, names: Mapping[str, str], language: Language
) -> tuple[ApartView, ...]:
    """Return the disagreements of a screening in one language."""
    return tuple(
        ApartView(
            title=name("apart", one.kind, language),
            lots=_lots(one.lots, language),
            first=_spot(one.first, names),
            second=_spot(one.second, names),
            values=(
                _side(one, 0, language),
                _side(one, 1, language),
            ),
        )
        for one in screening.disagreements
    )


_UNITS = {
    "hours": "hours", "duration": "months", "payment": "days", "amount": "eur", "penalty": "eur",
    "sum": "count",
}  # fmt: skip


def _side(one: Disagreement, at: int, language: Language) -> str:
    value = _said(one.values[at], one.kind, language)
    told = catalogue()["apart_side"].get(f"{one.kind}_{at}")
    return told[language].format(v=value) if told else value


def _said(value: str, kind: str, language: Language) -> str:
    if kind in _UNITS and re.fullmatch(r"\d+(?:\.\d+)?(?:e\+\d+)?", value):
        return _measured(float(value), _UNITS[kind], language)
    if kind == "dates":
        return day(date.fromisoformat(value), language)
    return plain(polished(name("choice", value, language), language))
