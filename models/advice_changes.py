"""A call as it would read with the clause of a lever written in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from corpus.facts import checked
from corpus.findings import Fact, Finding, Lot, Place, Stage, Status, Value
from models.advice_criteria import weighed
from models.advice_fits import amount_of, months_of
from models.advice_levers import Effect, Lever
from models.call import Call


def changed_call(lever: Lever, call: Call, lots: tuple[str, ...]) -> Call:
    """Return the call with the clause of a lever written for some lots (("",): for all)."""
    effect = lever.effect
    every = tuple(lot.number for lot in call.lots)
    own = () if lots == ("",) or set(lots) == set(every) else lots
    findings, facts = list(call.findings), list(call.facts)
    if effect.drop:
        findings = [n for f in findings for n in _without(f, effect.drop, own, every)]
        facts = [n for f in facts for n in _unstated(f, effect.drop, own, every)]
    if effect.details:
        facts = [replace(f, detail=effect.details.get(f.name, f.detail)) for f in facts]
    place = Place("", 0, (), lever.title_fr, "")
    for number, entry in enumerate(effect.find, start=1):
        findings.append(_finding(lever, number, entry, own))
    if effect.reserve:
        entry = {"label": effect.reserve[0], "stage": "selection", "status": "binding"}
        values: dict[str, Value] = {"percent": 50.0, "articles": list(effect.articles)}
        written = replace(
            _finding(lever, 1, entry, lots if every else ()), labels=effect.reserve, values=values
        )
        if every:  # one lever may reserve several lots, one after the other
            written = replace(written, id=f"{written.id}-{lots[0]}")
        findings.append(written)
    for entry in effect.facts:
        facts.append(checked(Fact(place=place, found_by=f"advice/{lever.id}", lots=own, **entry)))
    new = replace(call, findings=tuple(findings), facts=tuple(facts))
    if effect.reserve and every:
        new = replace(
            new, lots=tuple(_as_reserved(x, effect, findings[-1].id, lots) for x in call.lots)
        )
    if effect.criterion or effect.cost:
        new = replace(new, criteria=weighed(lever, call, lots))
    return _divided(lever, new) if effect.split else new


def _finding(lever: Lever, number: int, entry: Mapping[str, Any], lots: tuple[str, ...]) -> Finding:
    return Finding(
        id=f"advice-{lever.id}-{number}",
        piece="",
        page=0,
        boxes=(),
        quote=lever.title_fr,
        article="",
        lots=lots,
        labels=(entry["label"],),
        stage=Stage(entry["stage"]),
        status=Status(entry["status"]),
        values=dict(entry.get("values", {})),
        confidence=1.0,
        found_by=(f"advice/{lever.id}",),
        source="advice",
    )


def _as_reserved(lot: Lot, effect: Effect, proof: str, lots: tuple[str, ...]) -> Lot:
    if lot.number not in lots:
        return lot
    return replace(
        lot, reserved=effect.reserve, articles=effect.articles, findings=(*lot.findings, proof)
    )


def _left(
    own: tuple[str, ...], lots: tuple[str, ...], every: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Return the lots of which something still holds once it no longer does of ``lots``."""
    if not lots:
        return None
    return tuple(n for n in (own or every) if n not in lots) or None


def _without(
    found: Finding, names: Iterable[str], lots: tuple[str, ...], every: tuple[str, ...]
) -> Iterator[Finding]:
    gone = tuple(la for la in found.labels if la in names)
    if not gone:
        yield found
        return
    if kept := tuple(la for la in found.labels if la not in names):
        yield replace(found, labels=kept)
    if (left := _left(found.lots, lots, every)) is not None:
        yield replace(found, id=f"{found.id}-b" if kept else found.id, labels=gone, lots=left)


def _unstated(
    fact: Fact, names: Iterable[str], lots: tuple[str, ...], every: tuple[str, ...]
) -> Iterator[Fact]:
    if fact.name not in names:
        yield fact
    elif (left := _left(fact.lots, lots, every)) is not None:
        yield replace(fact, lots=left)


def _divided(lever: Lever, call: Call) -> Call:
    """Return an undivided call in lots of equal amounts."""
    count, amount = lever.effect.split, amount_of(call, None)
    part = round(amount / count, 2) if amount is not None else None
    months = months_of(call, None)
    made = tuple(
        Lot(str(n), f"Lot {n}", part, (), (), duration_months=months) for n in range(1, count + 1)
    )
    entry = {"label": "access.lots", "stage": "subject", "status": "binding"}
    return replace(call, lots=made, findings=(*call.findings, _finding(lever, 1, entry, ())))
