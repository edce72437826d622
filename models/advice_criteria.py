"""Award criteria as a lever changes them: whose weight grows, and who gives way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from corpus.findings import Criterion, Lot
from models.advice_levers import Lever
from models.call import Call

_UNREAD = 0.5  # percent by which weights may miss 100, for rounding
_LEAST_PRICE = 30.0  # percent that the price keeps when another criterion grows


def lots_of(call: Call, lots: tuple[str, ...]) -> Sequence[Lot | None]:
    """Return the lots of these numbers; None alone for a call without lots."""
    return [lot for lot in call.lots if lot.number in lots] or (None,)


def criteria_of(call: Call, lot: Lot | None) -> list[Criterion]:
    """Return the criteria that hold for a lot; for None all of the call."""
    return [c for c in call.criteria if lot is None or not c.lots or lot.number in c.lots]


def _weight(criterion: Criterion, among: Sequence[Criterion]) -> float | None:
    """Return the share of a criterion in percent; a criterion that stands alone is the whole."""
    alone = sum(c.parent is None and c.lots == criterion.lots for c in among) == 1
    return 100.0 if criterion.share is None and alone else criterion.share


def share_of(criteria: Sequence[Criterion], theme: str) -> float:
    """Return the percent of the note given to a theme; lots that differ count by the lowest."""
    totals: dict[tuple[str, ...], float] = {}
    own = {c.id for c in criteria if c.theme == theme}
    for one in criteria:
        totals.setdefault(one.lots, 0.0)
        if one.theme == theme and one.parent not in own:
            totals[one.lots] += _weight(one, criteria) or 0.0
    return min(totals.values(), default=0.0)


def groups_of(lever: Lever, call: Call, lot: Lot | None) -> list[list[Criterion]]:
    """Return the sets of criteria, one a group of lots, whose weights are read and can change."""
    groups: dict[tuple[str, ...], list[Criterion]] = {}
    for one in criteria_of(call, lot):
        groups.setdefault(one.lots, []).append(one)
    wanted = lever.effect.criterion
    found = []
    for group in groups.values():
        top = [c for c in group if c.parent is None]
        # Weights that do not make a whole were not all read: another may be the one missed.
        if abs(sum(_weight(c, group) or 0.0 for c in top) - 100) > _UNREAD:
            continue
        if lever.effect.cost:
            changes = any(c.theme == "price" for c in top)
        else:
            need = wanted["share"] - share_of(group, wanted["theme"])
            changes = need > 0 and _giver(top, need) is not None
        if changes:
            found.append(group)
    return found


def _giver(top: Sequence[Criterion], need: float) -> Criterion | None:
    """Return the criterion that gives way: the price while it keeps enough, else the heaviest."""
    able = [c for c in top if c.theme not in ("social", "environmental")]
    able.sort(key=lambda c: (c.theme not in ("price", "cost"), -(_weight(c, top) or 0.0)))
    for one in able:
        if (_weight(one, top) or 0.0) - need >= _LEAST_PRICE:
            return one
    heavy = max(able, key=lambda c: _weight(c, top) or 0.0, default=None)
    return heavy if heavy is not None and (_weight(heavy, top) or 0.0) > need else None


def _scaled(group: Sequence[Criterion], one: Criterion, share: float) -> dict[str, Criterion]:
    """Return a criterion with another share, and its sub-criteria in proportion."""
    old = _weight(one, group) or share
    changed = {one.id: replace(one, share=share, weight=share, unit="percent")}
    for child in group:
        if child.parent == one.id and child.share is not None:
            part = round(child.share * share / old, 2)
            changed[child.id] = replace(child, share=part, weight=part, unit="percent", of="total")
    return changed


def weighed(lever: Lever, call: Call, lots: tuple[str, ...]) -> tuple[Criterion, ...]:
    """Return the criteria of a call with the one that a lever asks for."""
    wanted = lever.effect.criterion
    changed: dict[str, Criterion] = {}
    added: list[Criterion] = []
    for group in touched(lever, call, lots):
        if lever.effect.cost:
            prices = [c for c in group if c.theme == "price"]
            changed.update({c.id: replace(c, theme="cost", name="Coût global") for c in prices})
            continue
        top = [c for c in group if c.parent is None]
        need = wanted["share"] - share_of(group, wanted["theme"])
        giver = _giver(top, need)
        if giver is None:
            continue
        changed |= _scaled(group, giver, round((_weight(giver, group) or 0.0) - need, 2))
        if same := next((c for c in top if c.theme == wanted["theme"]), None):
            changed |= _scaled(group, same, round((_weight(same, group) or 0.0) + need, 2))
            continue
        name = wanted["name_fr"]
        added.append(
            Criterion(
                id=f"advice-{lever.id}-{len(added) + 1}",
                name=name,
                weight=need,
                unit="percent",
                share=need,
                theme=wanted["theme"],
                lots=group[0].lots,
                parent=None,
                piece=group[0].piece,
                page=group[0].page,
                boxes=(),
                quote=name,
            )
        )
    return (*(changed.get(c.id, c) for c in call.criteria), *added)


def touched(lever: Lever, call: Call, lots: tuple[str, ...]) -> list[list[Criterion]]:
    """Return the sets of criteria that a lever changes for some lots, each once."""
    own = lots_of(call, lots)
    found: dict[tuple[str, ...], list[Criterion]] = {}
    for lot in own:
        for group in groups_of(lever, call, lot):
            found.setdefault(group[0].lots, group)
    return list(found.values())
