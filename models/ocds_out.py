"""Sustainability in the Open Contracting Data Standard, from a call as read.

Goals and strategies of the extension of 11 February 2025: ``codes/ocds.toml``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpus.taxonomy import labels
from models.call import Call
from models.eforms_out import eforms_lot
from models.standards import (
    RESERVED,
    Coded,
    Mark,
    Sheet,
    check,
    coded,
    codes,
    lots_of,
    marks,
    published,
    statuses,
    unread,
)

_PERFORMANCE = "reserved.execution"  # it says how the contract is performed, not who may tender


def ocds(call: Call) -> tuple[Sheet, ...]:
    """Return the goals of each lot with their strategies, and what is reserved.

    A goal is ``Coded`` in the field "goal" with its strategies ``beside``. The field
    "hasSustainability" is "true", or "false" where nothing was found in all the pieces that would
    say so; else ``missing`` names the pieces.
    """
    return tuple(ocds_lot(call, lot) for lot in lots_of(call))


def ocds_lot(call: Call, lot: str) -> Sheet:
    """Return the goals of one lot, "" for the whole consultation."""
    rules = codes("ocds")
    counted = statuses(rules["statuses"])
    own = [
        mark
        for mark in marks(call, lot)
        if mark.finding.status in counted and labels()[mark.label].family in rules["families"]
    ]
    pairs = [(goal, mark) for mark in own if (goal := labels()[mark.label].ocds)]
    goals = tuple(
        Coded(
            one.field,
            one.code,
            one.labels,
            one.findings,
            one.status,
            _strategies([mark for goal, mark in pairs if goal == one.code]),
        )
        for one in coded("goal", pairs, published("ocds", "goal"))
    )
    found = list(goals)
    missing: list[tuple[str, str]] = []
    notice = eforms_lot(call, lot).codes
    for one in notice:
        if one.field == "BT-71" and one.code in rules["reserved"]:
            value = check("ocds", "reservedParticipation", rules["reserved"][one.code])
            found.append(
                Coded("reservedParticipation", value, one.labels, one.findings, one.status)
            )
        elif one.field == "BT-736":
            value = "true" if one.code == "yes" else "false"
            found.append(Coded("reservedExecution", value, one.labels, one.findings, one.status))
    if found and any(one.findings for one in found):
        proofs = tuple(dict.fromkeys(f for one in found for f in one.findings))
        found.append(Coded("hasSustainability", "true", findings=proofs))
    elif lost := unread(call, "clauses"):
        missing.append(("hasSustainability", lost))
    else:
        found.append(Coded("hasSustainability", "false"))
    return Sheet("ocds", lot, tuple(found), tuple(missing))


def _strategies(own: Sequence[Mark]) -> tuple[str, ...]:
    """Return the strategies by which a goal is pursued, in the order of their list."""
    rules = codes("ocds")
    used = set()
    for mark in own:
        stage = mark.finding.stage.value
        if mark.label.startswith(RESERVED) and mark.label != _PERFORMANCE:
            used.add("reservedParticipation")
        elif mark.label == _PERFORMANCE:
            used.add("contractPerformanceConditions")
        elif stage in rules["stages"]:
            used.add(rules["stages"][stage])
        for text in labels()[mark.label].eforms:
            field, _, code = text.partition("=")
            if field == "BT-805" and code in rules["gpp"]:
                used.add(rules["gpp"][code])
    return tuple(name for name in published("ocds", "strategy") if name in used)


def ocds_block(sheet: Sheet, *, language: str = "fr") -> dict[str, Any]:
    """Return the part of a lot (or of the tender, for a sheet of no lot) that the standard adds.

    The descriptions are the titles of the labels, in "fr" or "en".
    """
    block: dict[str, Any] = {"id": sheet.lot} if sheet.lot else {}
    if has := sheet.of("hasSustainability"):
        block["hasSustainability"] = has == ("true",)
    entries: list[dict[str, Any]] = []
    for one in sheet.codes:
        if one.field == "goal":
            entry: dict[str, Any] = {"goal": one.code}
            if one.beside:
                entry["strategies"] = list(one.beside)
            entry["description"] = ", ".join(labels()[la].title(language) for la in one.labels)
            entries.append(entry)
    if entries:
        block["sustainability"] = entries
    if reserved := sheet.of("reservedParticipation"):
        block["otherRequirements"] = {"reservedParticipation": list(reserved)}
    if performed := sheet.of("reservedExecution"):
        block["contractTerms"] = {"reservedExecution": performed == ("true",)}
    return block
