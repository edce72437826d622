"""The considerations of the essential data of French contracts (DECP 2.0.3), from a call as read.

Arrêtés du 22 décembre 2022 relatifs aux données essentielles; values in ``codes/decp.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.taxonomy import labels
from models.call import Call
from models.standards import (
    RESERVED,
    Coded,
    Mark,
    Sheet,
    coded,
    codes,
    fields,
    lots_of,
    marks,
    published,
    stages,
    statuses,
    unread,
)

_INNOVATIVE = "reserved.young_innovative"  # what the standard has a flag of its own for


def decp(call: Call, *, concession: bool = False) -> tuple[Sheet, ...]:
    """Return the considerations of each lot: each lot is a contract of its own.

    "Pas de considération ..." stands alone, and only where the pieces that would hold a clause were
    read; else the field is left out and ``missing`` says which pieces lack. ``concession`` writes
    "Concession réservée" for "Marché réservé".
    """
    return tuple(decp_lot(call, lot, concession=concession) for lot in lots_of(call))


def decp_lot(call: Call, lot: str, *, concession: bool = False) -> Sheet:
    """Return the considerations of one lot, "" for the whole consultation."""
    rules = codes("decp")
    counted = statuses(rules["statuses"])
    own = [mark for mark in marks(call, lot) if mark.finding.status in counted]
    found: list[Coded] = []
    missing: list[tuple[str, str]] = []
    for field in fields("decp"):
        entry = rules["field"][field]
        values = tuple(coded(field, _pairs(own, entry, concession), published("decp", field)))
        if not values:
            if lost := unread(call, entry["told_by"]):
                missing.append((field, lost))
            else:
                values = (Coded(field, entry["none"]),)
        found += values
    found += coded(
        "marcheInnovant", (("true", m) for m in own if m.label == _INNOVATIVE), ("true",)
    )
    return Sheet("decp", lot, tuple(found), tuple(missing))


def _pairs(own: list[Mark], entry: Any, concession: bool) -> Iterator[tuple[str, Mark]]:
    """Yield the value of each mark that one field holds."""
    rules = codes("decp")
    clause, criterion = stages(rules["clause_stages"]), stages(rules["criterion_stages"])
    for mark in own:
        value = labels()[mark.label].decp
        if not value:
            continue
        if value == entry.get("reserved") and mark.label.startswith(RESERVED):
            yield entry["reserved_concession"] if concession else value, mark
        elif value == entry["clause"] and mark.finding.stage in criterion:
            yield entry["criterion"], mark
        elif value == entry["clause"] and mark.finding.stage in clause:
            yield value, mark


def decp_fields(sheet: Sheet) -> dict[str, Any]:
    """Return the fields of a contract as the JSON schema nests them, to be joined to the others.

    A field of which nothing could be told is not there.
    """
    answer: dict[str, Any] = {}
    for field in fields("decp"):
        if values := sheet.of(field):
            answer[field] = {codes("decp")["field"][field]["item"]: list(values)}
    if sheet.of("marcheInnovant"):
        answer["marcheInnovant"] = True
    return answer
