"""A tender by the five pillars of Paris 2024's responsible purchasing and SOLIDEO's targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from corpus.documents import PieceType
from corpus.findings import Place, Status
from corpus.taxonomy import check_labels
from models.advice_fits import amount_of, live
from models.advice_levers import AdviceError, read_table
from models.call import Call

PILLARS = Path(__file__).with_name("pillars.toml")


@dataclass(frozen=True, slots=True)
class Pillar:
    """How far a tender answers one pillar, or target, of Paris 2024's responsible purchasing.

    ``kind`` is "pillar" or "target"; ``state`` "met", "partly" or "not_seen". ``missing`` names the
    pieces that would tell and were not read. ``uncertain`` is the number of the uncertain fact.
    """

    id: str
    kind: str
    title_fr: str
    title_en: str
    state: str
    findings: tuple[str, ...]
    places: tuple[Place, ...]
    reason_fr: str
    reason_en: str
    missing: tuple[str, ...]
    uncertain: int
    note_fr: str
    note_en: str


_PILLAR_KEYS = {"id", "title_fr", "title_en", "labels", "read"}


@cache
def pillar_rules() -> Mapping[str, Any]:
    """Return ``pillars.toml`` as written; raise AdviceError for an unknown or missing key."""
    keys = {"schema", "checked_on", "uncertain", "note_fr", "note_en", "reason", "pillar", "target"}
    table = read_table(PILLARS, keys)
    for kind, more in (("pillar", set()), ("target", {"percent"})):
        for entry in table[kind]:
            if wrong := (_PILLAR_KEYS | more) ^ set(entry):
                raise AdviceError(f"pillars.toml {entry.get('id')}: {', '.join(sorted(wrong))}")
            check_labels(entry["labels"])
    return table


def pillars(call: Call) -> tuple[Pillar, ...]:
    """Return the five pillars of Paris 2024's responsible purchasing and SOLIDEO's two targets.

    A pillar is met by a firm or marked requirement, partly by an encouragement; a target is met
    only by a share that the tender states (or that its reserved lots make). The pillars come from
    the project's brief: each carries the number of that uncertain fact.
    """
    table = pillar_rules()
    return tuple(
        [_pillar(call, entry, "pillar") for entry in table["pillar"]]
        + [_pillar(call, entry, "target") for entry in table["target"]]
    )


def _pillar(call: Call, entry: Mapping[str, Any], kind: str) -> Pillar:
    table, share = pillar_rules(), 0.0
    places: tuple[Place, ...] = ()
    proof = [f for f in live(call, None) if not set(entry["labels"]).isdisjoint(f.labels)]
    firm = [f for f in proof if f.status in (Status.BINDING, Status.SCORED)]
    if kind == "pillar":
        state = "met" if firm else "partly" if proof else "not_seen"
        reason = state
    else:
        if entry["id"] == "hours":
            stated = [
                f for f in call.facts
                if f.name == "quantity.percent_of_hours" and isinstance(f.value, int | float)
            ]  # fmt: skip
            share = max(
                (float(f.value) for f in stated if not isinstance(f.value, str | list)), default=0.0
            )
            places = tuple(f.place for f in stated)[:6]
            reason = "hours"
        else:
            share, reason = _reserved_share(call), "value"
        state = "met" if share >= entry["percent"] else "partly" if firm or share else "not_seen"
        reason = state if state == "not_seen" else f"{reason}_{state}"
    said = table["reason"][reason]
    read = [PieceType(p) for p in entry["read"]]
    unread = () if state != "not_seen" else tuple(p.value for p in read if p not in call.pieces)
    if PieceType.CCP in call.pieces:  # one document for CCAP and CCTP
        unread = tuple(p for p in unread if p not in ("CCAP", "CCTP"))
    elif {PieceType.CCAP, PieceType.CCTP} & call.pieces:
        unread = tuple(p for p in unread if p != "CCP")
    return Pillar(
        id=entry["id"],
        kind=kind,
        title_fr=entry["title_fr"],
        title_en=entry["title_en"],
        state=state,
        findings=tuple(f.id for f in (firm or proof))[:12],
        places=places,
        reason_fr=said["fr"].format(share=f"{share:g}"),
        reason_en=said["en"].format(share=f"{share:g}"),
        missing=unread,
        uncertain=table["uncertain"],
        note_fr=table["note_fr"],
        note_en=table["note_en"],
    )


def _reserved_share(call: Call) -> float:
    """Return the percent of the amount of lots that is reserved to social firms; 0 if not known."""
    amounts = {lot.number: amount_of(call, lot) for lot in call.lots}
    if not amounts or not all(amounts.values()):
        return 0.0
    ours = {"reserved.integration", "reserved.disability", "reserved.social_economy"}
    total = sum(a for a in amounts.values() if a)
    kept = sum(amounts[lot.number] or 0.0 for lot in call.lots if ours & set(lot.reserved))
    return round(100 * kept / total, 1)
