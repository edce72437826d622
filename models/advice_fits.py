"""Whether a lever suits a tender, and whether the tender misses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from corpus.findings import Criterion, Fact, Finding, Lot, Status, Value
from models.advice_criteria import criteria_of, groups_of, lots_of, share_of
from models.advice_levers import AdviceError, Followed, Lever, fit_rules, is_label, purchases
from models.call import Call

_MOST = 12  # lots tried one by one for a reservation
_SMALLEST = 1000.0  # EUR; a lower "amount" of a contract was misread


def day_of(call: Call) -> date:
    """Return the day whose law counts: that of launch, else that on which the law was checked."""
    checked_on: date = fit_rules()["checked_on"]
    return call.launch or checked_on


def plan(lever: Lever, call: Call) -> tuple[tuple[str, ...], ...]:
    """Return the choices of lots that a lever could be written for; ("",) is the whole call."""
    if not lever.in_force(day_of(call)) or any(call.pieces.isdisjoint(g) for g in lever.read):
        return ()  # what was not read is not missing
    scope, numbers = lever.fits.scope, [lot.number for lot in call.lots]
    if scope == "call" or not numbers:
        return ((*numbers,) or ("",),) if _open(lever, call, None) else ()
    missing = [lot for lot in call.lots if _open(lever, call, lot)]
    if scope == "lots":
        return (tuple(lot.number for lot in missing),) if missing else ()
    free = [lot for lot in call.lots if not is_reserved(call, lot)]
    if len(free) < 2:  # one lot at least stays open to all
        return ()
    missing.sort(key=lambda lot: amount_of(call, lot) or float("inf"))
    return tuple((lot.number,) for lot in missing[:_MOST])


def _open(lever: Lever, call: Call, lot: Lot | None) -> bool:
    """Whether a lever fits a lot (or the call) that does not follow it yet."""
    fits, own = lever.fits, about(call, lot)
    if fits.present and not any(_present(name, call, lot) for name in fits.present):
        return False
    if _follows(lever.followed, call, lot):
        return False
    if (fits.kinds and not own & set(fits.kinds)) or own & set(fits.not_kinds):
        return False
    amount, works = amount_of(call, lot), any(k.works for k in purchases() if k.id in own)
    months = months_of(call, lot)
    if amount is None:
        # An unread amount is no small amount: what changes the purchase asks for one.
        if fits.known or fits.threshold or (fits.whole_max and lot is None):
            return False
        if works and fits.yearly_max:
            return False
    else:
        yearly = amount / max(1.0, (months or 12.0) / 12)
        if amount < fits.amount_min or (fits.yearly_max and yearly > fits.yearly_max):
            return False
        if fits.whole_max and lot is None and amount > fits.whole_max:
            return False
        if works and fits.yearly_max and amount > fits.works_max:
            return False
        if fits.threshold and not _above(call, amount, works):
            return False
    if fits.months_max and months is not None and months > fits.months_max:
        return False
    if fits.undivided and (call.lots or _names_lots(call) or is_reserved(call, None)):
        return False
    criterion = lever.effect.criterion
    return not (criterion or lever.effect.cost) or bool(groups_of(lever, call, lot))


def _names_lots(call: Call) -> bool:
    """Whether something of a call without lots names one: it has lots, which were not read."""
    named = [f.lots for f in call.findings] + [f.lots for f in call.facts]
    return any(named) or any(c.lots for c in call.criteria)


def _follows(followed: Followed, call: Call, lot: Lot | None) -> bool:
    if followed.reserved and is_reserved(call, lot):
        return True
    if followed.anywhere and any(is_reserved(call, one) for one in call.lots):
        return True
    for name, detail in followed.details.items():
        stated = facts_of(call, name, lot)
        if stated and all(f.detail == detail for f in stated):
            return True
    if wanted := followed.criterion:
        criteria = criteria_of(call, lot)
        if share_of(criteria, wanted["theme"]) >= wanted["share"]:
            return True
    if any(_stated(condition, call, lot) for condition in followed.unless):
        return False
    if any(_stated(condition, call, lot) for condition in followed.facts):
        return True
    if any(_stated(condition, call, lot) for condition in followed.weak):
        return False
    strong = (Status.BINDING, Status.SCORED)
    return any(
        f.status in strong or not followed.binding
        for f in live(call, lot)
        if not set(followed.labels).isdisjoint(f.labels)
    )


def live(call: Call, lot: Lot | None) -> Iterator[Finding]:
    """Yield what is in force for a lot, or anywhere in the call."""
    for found in call.findings:
        if found.status.in_force and (lot is None or not found.lots or lot.number in found.lots):
            yield found


def facts_of(call: Call, name: str, lot: Lot | None) -> tuple[Fact, ...]:
    """Return the facts of a name that hold for a lot; for None those of any lot."""
    return tuple(
        f
        for f in call.facts
        if f.name == name and (lot is None or not f.lots or lot.number in f.lots)
    )


_CONDITION = re.compile(r"(?P<name>[\w.]+)(?P<sign>>=|<=|=|>|<)?(?P<value>.*)")


def _matching(condition: str, call: Call, lot: Lot | None) -> Iterator[Fact]:
    """Yield the facts that meet a condition: "name", "name=word", "name>=number"."""
    match = _CONDITION.fullmatch(condition)
    if match is None:
        raise AdviceError(f"no condition: {condition}")
    for fact in facts_of(call, match["name"], lot):
        if _holds(fact.value, match["sign"] or "", match["value"]):
            yield fact


def _holds(value: Value, sign: str, wanted: str) -> bool:
    if not sign:
        return value is not False
    if sign == "=":
        return str(value).lower() == wanted.lower()
    if isinstance(value, bool | str | list):
        return False
    limit = float(wanted)
    return {">=": value >= limit, "<=": value <= limit, ">": value > limit, "<": value < limit}[
        sign
    ]


def _stated(condition: str, call: Call, lot: Lot | None) -> bool:
    return next(_matching(condition, call, lot), None) is not None


def _present(name: str, call: Call, lot: Lot | None) -> bool:
    return bool(_proof(name, call, lot))


def _proof(name: str, call: Call, lot: Lot | None) -> tuple[Finding | Fact, ...]:
    """Return what shows a barrier, or a clause to complete."""
    if not is_label(name):
        return tuple(_matching(name, call, lot))
    return tuple(f for f in live(call, lot) if name in f.labels and f.status == Status.BINDING)


def evidence(
    lever: Lever, call: Call, lots: tuple[str, ...]
) -> tuple[Finding | Fact | Criterion, ...]:
    """Return what shows the barrier that a lever lifts, or the criteria that it weighs anew."""
    own = lots_of(call, lots)
    proof: dict[int, Finding | Fact | Criterion] = {}
    for lot in own:
        for name in lever.fits.present:
            proof.update({id(x): x for x in _proof(name, call, lot)})
        if lever.effect.criterion:
            proof.update({id(c): c for c in criteria_of(call, lot) if c.parent is None})
    return tuple(proof.values())


def is_reserved(call: Call, lot: Lot | None) -> bool:
    """Whether a lot is reserved; for None, whether a call without lots is."""
    if lot is not None:
        return bool(lot.reserved)
    return not call.lots and any(
        f.status == Status.BINDING and any(la.startswith("reserved.") for la in f.labels)
        for f in call.findings
    )


def object_of(call: Call) -> str:
    """Return the object of the call; what is no title ("il est demandé de...") still tells."""
    return next((str(f.value) for f in call.facts if f.name == "procedure.object"), "")


def about(call: Call, lot: Lot | None) -> set[str]:
    """Return the kinds of purchase that a lot is: by its title, else its codes, else the object."""
    named = {k.id for k in purchases() if lot is not None and k.named(lot.title)}
    coded = {k.id for k in purchases() if lot is not None and k.coded(lot.cpv)}
    if lot is None and call.lots:
        return {kind for one in call.lots for kind in about(call, one)}
    whole = {k.id for k in purchases() if k.named(object_of(call))}
    works = {k.id for k in purchases() if k.works}
    # Painting in a works contract is works, whatever its own title says.
    return (named or coded or whole) | (whole & works)


def amount_of(call: Call, lot: Lot | None) -> float | None:
    """Return the amount of a lot or of the whole call in EUR before tax, None when not read."""
    if lot is not None:
        return _sane(lot.amount_eur) or _sane(lot.maximum_eur)
    parts = [amount_of(call, one) for one in call.lots]
    if parts and all(parts):
        return sum(p for p in parts if p)
    for name in ("procedure.estimate_eur", "procedure.maximum_eur"):
        value = call.value(name)
        if isinstance(value, int | float) and (found := _sane(float(value))):
            return found
    return None


def _sane(amount: float | None) -> float | None:
    return amount if amount is not None and amount >= _SMALLEST else None


def months_of(call: Call, lot: Lot | None) -> float | None:
    """Return how long a lot, or the call, runs, in months; None when not read."""
    if lot is not None and lot.duration_months:
        return lot.duration_months
    value = call.value("procedure.duration_months", lot.number if lot else "")
    return float(value) if isinstance(value, int | float) and value else None


def _above(call: Call, amount: float, works: bool) -> bool:
    """Whether an amount reaches the EU threshold of its day; False where none is on file."""
    return any(
        amount >= t["eur"]
        for t in fit_rules()["threshold"]
        if t["works"] == works and t["valid_from"] <= day_of(call)
    )
