"""The truth of a consultation, and an answer to it, told as the same kind of items."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from corpus.consultations import Consultation, TrueCriterion
from corpus.facts import kinds
from corpus.findings import Criterion, Value
from models.facts import Item, Outcome, compare, told_nothing, words
from models.facts_reading import Answer
from nlp.dossier import fold

# A flag that is false says what silence says, as does a retention of 0 beside "no guarantee".
_SILENT = frozenset({"lever.options", "lever.advance_refused", "lever.samples",
                     "procedure.framework"})  # fmt: skip
_WORDS = frozenset({"procedure.buyer", "procedure.object", "lever.certification", "lever.localism"})
# What the truth of the consultations never tells, so that nothing said of it is right or wrong.
_UNTOLD = frozenset({"quantity.controller", "lever.headcount", "lever.pieces_asked",
                     "procedure.estimate_eur", "procedure.maximum_eur"})  # fmt: skip
# Where pieces disagree the truth of the whole holds one value: the other is not held against us.
_DISPUTED = {
    "payment": ("lever.payment_days",),
    "advance": ("lever.advance_percent", "lever.advance_refused"),
    "variants": ("lever.variants",),
    "duration": ("procedure.duration_months",),
    "dates": ("procedure.answer_date", "procedure.launch_date", "procedure.answer_days"),
    "lots": ("procedure.lots_per_bidder",),
}
_BASES = (10.0, 20.0, 100.0)  # points are given out of one of these

_Items = dict[str, list[Item]]


def measure(
    consultation: Consultation, given: Answer, names: Mapping[str, str], *, errors: bool = True
) -> Outcome:
    """Compare an answer with the truth of a consultation; ``names`` are its pieces by id.

    Without ``errors`` the outcome holds figures only, as it must for the test split.
    """
    truth = items_of_truth(consultation)
    said = items_of_answer(consultation, given, names)
    tallies, wrong = {}, []
    for name in sorted({*truth, *said}):
        tallies[name], missed, false = compare(truth.get(name, ()), said.get(name, ()))
        wrong += [f"{consultation.name} {name} missed {item.shown}" for item in missed]
        wrong += [f"{consultation.name} {name} false {item.shown}" for item in false]
    lacking = {
        **told_nothing("criteria", consultation.criteria or consultation.single, given.criteria),
        **told_nothing("lots", consultation.lots, given.lots),
        **told_nothing("disagreements", consultation.disagreements, given.disagreements),
    }
    return Outcome(tallies, lacking, tuple(wrong) if errors else ())


def items_of_truth(consultation: Consultation) -> Mapping[str, Sequence[Item]]:
    """Tell the truth of a consultation as items, by the name of the measure."""
    every = tuple(lot.number for lot in consultation.lots)
    found: _Items = defaultdict(list)
    for one in consultation.criteria:
        for lot in one.lots or every or ("",):
            found["criteria"].append(_true_criterion(one, lot, ""))
            found["sub-criteria"] += [_true_criterion(sub, lot, one.name) for sub in one.subs]
    if consultation.single:
        found["single criterion"].append(Item(consultation.single, shown=consultation.single))
    for wrong in consultation.totals:
        for lot in wrong.lots or every or ("",):
            found["wrong totals"].append(_item((lot, wrong.total)))
    for quantity in consultation.quantities:
        value = fact_value(quantity.name, quantity.value)
        _add_quantity(
            found, quantity.name, value, quantity.per, quantity.lot, quantity.piece,
            words(quantity.quote),
        )  # fmt: skip
    for fact in consultation.facts:
        if not _is_silent(fact.name, fact.value):
            found[fact.name].append(
                _fact_item(fact.name, fact.value, _all(fact.lots, every), fact.detail)
            )
    for one_lot in consultation.lots:
        rest = (
            ("amount", one_lot.estimate_eur),
            ("maximum", one_lot.maximum_eur),
            ("duration", one_lot.duration_months),
            ("cpv", one_lot.cpv[:8]),
        )
        number = one_lot.number
        found["lots"].append(Item(number, words(one_lot.title), rest, shown=number))
    reserved = [(lot.number, lot.reserved, lot.article) for lot in consultation.lots]
    reserved.append(("", consultation.reserved, consultation.article))
    for number, labels, article in reserved:
        found["reserved lots"] += [_item((number, label)) for label in labels]
        if article:
            found["articles of reservation"].append(_item((number, _article(article))))
    found["references"] = _unique(
        Item(
            (r.piece, _target(r.target), r.present), passages=(words(r.quote),),
            shown=f"{r.piece} -> {r.target}, {r.present}",
        )
        for r in consultation.references
    )  # fmt: skip
    for one_not in consultation.disagreements:
        key = (one_not.kind, frozenset(one_not.pieces))
        passages = tuple(words(quote) for quote in one_not.quotes)
        found["disagreements"].append(replace(_item(key), passages=passages))
    return found


def items_of_answer(
    consultation: Consultation, given: Answer, names: Mapping[str, str]
) -> Mapping[str, Sequence[Item]]:
    """Tell an answer as items, by the name of the measure."""
    every = tuple(lot.number for lot in consultation.lots)
    found: _Items = defaultdict(list)
    above = {c.id: c.name for c in given.criteria}
    for one in given.criteria:
        for lot in one.lots or every or ("",):
            parent = above.get(one.parent or "", "") if one.parent is not None else ""
            name = "criteria" if one.parent is None else "sub-criteria"
            found[name].append(_criterion(one, lot, parent))
    if single := _single(given.criteria):
        found["single criterion"].append(Item(single, shown=single))
    found["wrong totals"] = [_item(key) for key in _totals(given.criteria, every)]
    free = {n for d in consultation.disagreements for n in _DISPUTED.get(d.kind, ())}
    merged: dict[tuple[str, Value, str], set[str]] = defaultdict(set)
    whole = set()
    counted = _days_to_answer(consultation)
    for fact in given.facts:
        if fact.name in _UNTOLD or _is_silent(fact.name, fact.value):
            continue
        piece = names.get(fact.place.piece, "")
        if fact.name.startswith("quantity."):
            for lot in _all(fact.lots, every) or ("",):
                value = fact_value(fact.name, fact.value)
                _add_quantity(
                    found, fact.name, value, fact.per, lot, piece, words(fact.place.quote)
                )
        else:
            saying = (fact.name, fact_value(fact.name, fact.value), fact.detail)
            merged[saying].update(fact.lots)
            if not fact.lots:
                whole.add(saying)
    for saying, of in merged.items():
        name, value, detail = saying
        own = () if saying in whole else _all(tuple(of), every)
        item = _fact_item(name, value, own, detail)
        spared = name in free or (name == "procedure.answer_days" and value in counted)
        found[name].append(replace(item, echo=name in _WORDS, free=spared))
    for one_lot in given.lots:
        number = one_lot.number
        cpv = re.sub(r"\D", "", one_lot.cpv[0])[:8] if one_lot.cpv else ""
        rest = (
            ("amount", one_lot.amount_eur),
            ("maximum", one_lot.maximum_eur),
            ("duration", one_lot.duration_months),
            ("cpv", cpv),
        )
        found["lots"].append(Item(number, words(one_lot.title), rest, shown=number))
        found["reserved lots"] += [_item((number, label)) for label in one_lot.reserved]
        found["articles of reservation"] += [
            _item((number, _article(article))) for article in one_lot.articles
        ]
    found["reserved lots"] += [_item(("", label)) for label in given.reserved]
    found["articles of reservation"] += [_item(("", _article(a))) for a in given.articles]
    found["references"] = _unique(
        Item(
            (names.get(r.place.piece, ""), _target(r.target), r.found is not None),
            passages=(words(r.place.quote),),
            shown=f"{names.get(r.place.piece, '')} -> {r.target}, {r.found is not None}",
        )
        for r in given.references
    )
    for one_not in given.disagreements:
        places = (one_not.first, one_not.second)
        key = (one_not.kind, frozenset(names.get(place.piece, "") for place in places))
        passages = tuple(words(place.quote) for place in places)
        found["disagreements"].append(replace(_item(key), passages=passages))
    return found


def _days_to_answer(consultation: Consultation) -> tuple[float, ...]:
    """Return the days between dispatch and deadline, which the truth tells only where written."""
    told = {fact.name: str(fact.value) for fact in consultation.facts}
    try:
        first = date.fromisoformat(told["procedure.launch_date"])
        last = date.fromisoformat(told["procedure.answer_date"])
    except (KeyError, ValueError):
        return ()
    return (float((last - first).days),)


def _item(key: Hashable) -> Item:
    return Item(key, shown=str(key))


def _true_criterion(one: TrueCriterion, lot: str, parent: str) -> Item:
    rest: tuple[tuple[str, Value | None], ...] = (
        ("weight", one.weight),
        ("share", one.share),
        ("of" if parent else "unit", one.of if parent else one.unit),
        ("theme", one.theme),
    )
    if parent:
        rest += (("parent", True),)
    return Item(lot, words(one.name), rest, shown=f"{lot}: {one.name}, {one.weight} {one.unit}")


def _criterion(one: Criterion, lot: str, parent: str) -> Item:
    rest: tuple[tuple[str, Value | None], ...] = (
        ("weight", one.weight),
        ("share", one.share),
        ("unit", one.unit),
        ("of", one.of),
        ("theme", one.theme),
        ("parent", bool(parent)),
    )
    return Item(lot, words(one.name), rest, shown=f"{lot}: {one.name}, {one.weight} {one.unit}")


def _single(criteria: Sequence[Criterion]) -> str:
    """Return "price" or "cost" when that is the only criterion of every lot."""
    themes = defaultdict(list)
    for one in criteria:
        if one.parent is None:
            for lot in one.lots or ("",):
                themes[lot].append(one.theme)
    told_of = {tuple(of) for of in themes.values()}
    (only,) = told_of if len(told_of) == 1 else ((),)
    return only[0] if only in (("price",), ("cost",)) else ""


def _totals(criteria: Sequence[Criterion], every: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Yield (lot, sum) where percents do not sum to 100, or points to the nearest usual base."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for one in criteria:
        if one.parent is None and one.weight is not None and one.unit in ("percent", "points"):
            for lot in one.lots or every or ("",):
                sums[lot, one.unit] += one.weight
    for (lot, unit), weights in sums.items():
        base = 100.0 if unit == "percent" else min(_BASES, key=lambda b: abs(b - weights))
        if abs(weights - base) > 0.5:
            yield lot, weights


def _add_quantity(
    found: _Items,
    name: str,
    value: Value,
    per: str | float,
    lot: str,
    piece: str,
    passage: frozenset[str],
) -> None:
    amount = float(per) if isinstance(per, int | float) else per
    shown = f"{piece}: {value} / {per} (lot {lot or '-'})"
    found[name].append(Item((value, amount, lot, piece), passages=(passage,), shown=shown))
    found["quantities, lot and unit aside"].append(
        Item((name, value, piece), passages=(passage,), shown=f"{name} {shown}")
    )


def _fact_item(name: str, value: Value, own: tuple[str, ...], detail: str) -> Item:
    if name in _WORDS:
        rest: tuple[tuple[str, Value | None], ...] = ()
        if name == "lever.certification":  # the writers' sheet had no place for its lots
            rest = (("equivalent", detail == "equivalent"),)
            return Item(name, words(str(value)), rest, shown=f"{value} {own}")
        return Item(frozenset(own), words(str(value)), rest, shown=f"{value} {own}")
    return Item((fact_value(name, value), frozenset(own)), shown=f"{value} {own}")


def _is_silent(name: str, value: Value) -> bool:
    return (name in _SILENT and not value) or (name == "lever.retention_percent" and not value)


def _all(own: Sequence[str], every: Sequence[str]) -> tuple[str, ...]:
    """Return the lots, none when they are all lots."""
    return () if set(every) <= set(own) else tuple(sorted(set(own)))


def fact_value(name: str, value: Value) -> Value:
    """Return a value as it compares: numbers as floats, a day without its hour, classes folded."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(float(value), 2)
    unit = kinds()[name].unit if name in kinds() else ""
    if name == "quantity.vehicle_class":
        return _vehicle_class(str(value))
    if isinstance(value, str) and unit == "date":
        return value[:10]
    return " ".join(value) if isinstance(value, list) else value


def _vehicle_class(value: str) -> str:
    plain = fold(value)
    digit = re.search(r"\d|\b(?:vi|iv|v)\b", plain)
    number = {"vi": "6", "v": "5", "iv": "4"}.get(digit[0], digit[0]) if digit else ""
    return f"{'critair' if 'air' in plain else 'euro'} {number}"


def _article(text: str) -> str:
    """Return "L2113-12" of "article L. 2113-12"."""
    found = re.search(r"([LRD])\W{0,2}(\d{4}-\d+(?:-\d+)?)", text)
    return found[1] + found[2] if found else text


def _target(text: str) -> frozenset[str]:
    """Return the words and numbers that name a target, in whatever order they stand."""
    parts = re.findall(r"[a-z]+|\d+(?:\.\d+)*", fold(text))
    return frozenset(parts) - {"article", "articles", "art", "n", "no", "du", "de", "au", "la", "l"}


def _unique(items: Iterable[Item]) -> list[Item]:
    """Return one item a key: what is said twice is one thing, and each of its passages will do."""
    found: dict[Hashable, Item] = {}
    for item in items:
        kept = found.get(item.key)
        passages = (kept.passages if kept else ()) + item.passages
        found[item.key] = replace(item, passages=passages, merged=True)
    return list(found.values())
