"""Pieces of one dossier that cannot both be right, each pair with both quotes and places.

What two pieces state of the same thing is compared: criteria, lots, reservations, hours, dates,
duration, amounts, payment, advance, variants, penalties, and whether there is a social clause. A
piece that is silent disagrees with nobody, but for a notice that lists a reserved lot as open: a
reservation must stand there (CCP R2113-7). Where one piece states several values of a thing, it
disagrees with another only when they have none in common.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from corpus.documents import BlockKind, PieceType
from corpus.facts import kinds
from corpus.findings import Criterion, Disagreement, Fact, Finding, Lot, Place, Status, Value
from nlp.criteria import totals
from nlp.dossier import Told
from nlp.evidence import place
from nlp.lots import mentions
from nlp.numbers import numbers
from nlp.wordlists import word_lists

# Facts of which a consultation has one, by the kind of their disagreement.
_ONE = {
    "procedure.answer_date": "dates",
    "procedure.duration_months": "duration",
    "procedure.maximum_eur": "amount",
    "procedure.estimate_eur": "amount",
    "lever.payment_days": "payment",
    "lever.advance_percent": "advance",
    "lever.variants": "variants",
    "quantity.percent_of_hours": "hours",
}
_TOTALS = {"quantity.hours": "hours", "quantity.hours_per_year": "hours"}
# Which piece is named first when several say the same against another.
_PRECEDENCE = {
    PieceType.RC: 0, PieceType.NOTICE: 1, PieceType.CCAP: 2, PieceType.CCP: 2, PieceType.AE: 3,
}  # fmt: skip
_CONTRACT = (PieceType.CCAP, PieceType.CCP)
_STATES_LOTS = (PieceType.RC, PieceType.NOTICE, PieceType.CCAP, PieceType.CCP)
_CLOSE = 0.5  # percent: shares that differ by less were rounded


def disagreements(
    dossier: Sequence[Told],
    findings: Sequence[Finding],
    facts: Sequence[Fact],
    criteria: Mapping[str, Sequence[Criterion]],
    lots: Mapping[str, Sequence[Lot]],
) -> tuple[Disagreement, ...]:
    """Return what disagrees in a dossier, one entry a thing and pair of pieces.

    ``criteria`` and ``lots`` are those that each piece states, by piece id.
    """
    ranks = {told.piece.id: _PRECEDENCE.get(told.piece.type, 9) for told in dossier}
    facts = sorted(facts, key=lambda fact: ranks.get(fact.place.piece, 9))
    found = [
        *_weights(criteria),
        *_sums(criteria),
        *_single_facts(facts),
        *_hours(facts),
        *_advance_refused(facts),
        *_penalties(facts),
        *_lots(dossier, lots),
        *_reserved(dossier, findings, lots),
        *_social_clause(dossier, findings),
    ]
    order = {told.piece.id: at for at, told in enumerate(dossier)}
    return tuple(sorted(found, key=lambda d: (d.kind, order[d.first.piece], d.first.page)))


# -- criteria -------------------------------------------------------------------------------------


def _weights(criteria: Mapping[str, Sequence[Criterion]]) -> Iterator[Disagreement]:
    for (_, one), (_, other) in combinations(criteria.items(), 2):
        pairs = [
            (a, b)
            for a in one
            for b in other
            if a.parent is None and b.parent is None and _same_lots(a.lots, b.lots)
            if a.share is not None and b.share is not None and _same_criterion(a, b, one, other)
        ]
        wrong = [(a, b) for a, b in pairs if abs((a.share or 0) - (b.share or 0)) > _CLOSE]
        if wrong:
            a, b = wrong[0]
            yield Disagreement(
                "weights",
                _criterion_place(a),
                _criterion_place(b),
                (f"{a.name} : {_percent(a.share)}", f"{b.name} : {_percent(b.share)}"),
                a.lots or b.lots,
            )


def _same_criterion(
    a: Criterion, b: Criterion, one: Sequence[Criterion], other: Sequence[Criterion]
) -> bool:
    """Tell whether two pieces mean one criterion: its words, or the only one of its theme."""
    words, others = _telling(a.name), _telling(b.name)
    if words and others and len(words & others) >= 0.6 * min(len(words), len(others)):
        return True
    alone = all(
        sum(c.theme == a.theme and c.parent is None and c.lots == mine.lots for c in known) == 1
        for known, mine in ((one, a), (other, b))
    )
    return a.theme == b.theme and a.theme not in ("quality", "other") and alone


def _sums(criteria: Mapping[str, Sequence[Criterion]]) -> Iterator[Disagreement]:
    for stated in criteria.values():
        for lots, total, base in totals(tuple(stated)):
            own = [c for c in stated if c.parent is None and c.lots == lots]
            if own:
                first, last = _criterion_place(own[0]), _criterion_place(own[-1])
                yield Disagreement("sum", first, last, (f"{total:g}", f"{base:g}"), lots)


def _criterion_place(criterion: Criterion) -> Place:
    return Place(criterion.piece, criterion.page, criterion.boxes, criterion.quote, "")


def _percent(share: float | None) -> str:
    return f"{share:g} %"


# -- facts ----------------------------------------------------------------------------------------


def _single_facts(facts: Sequence[Fact]) -> Iterator[Disagreement]:
    for name, kind in _ONE.items():
        stated = [f for f in facts if f.name == name and not f.detail]
        yield from _apart(kind, stated, lambda fact: (fact.lots, fact.label))


def _apart(
    kind: str, facts: Iterable[Fact], thing: Callable[[Fact], object]
) -> Iterator[Disagreement]:
    """Yield the pairs of pieces whose values of one thing have none in common."""
    by_thing: dict[object, dict[str, list[Fact]]] = defaultdict(dict)
    for fact in facts:
        by_thing[thing(fact)].setdefault(fact.place.piece, []).append(fact)
    for pieces in by_thing.values():
        told: set[frozenset[str]] = set()
        for one, other in combinations(pieces.values(), 2):
            values = frozenset((_value(one[0]), _value(other[0])))
            if {_value(f) for f in one} & {_value(f) for f in other} or values in told:
                continue  # a third piece that repeats the second says nothing new
            told.add(values)
            yield _between(kind, one[0], other[0])


def _hours(facts: Sequence[Fact]) -> Iterator[Disagreement]:
    for name, kind in _TOTALS.items():
        stated = [f for f in facts if f.name == name]
        own_lots = [f for f in stated if f.lots]
        yield from _apart(kind, own_lots, lambda fact: (fact.lots, fact.label))
        whole: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        for fact in stated:
            whole[fact.label, fact.place.piece].append(fact)
        for (label, one), (same, other) in (
            ((a[0], whole[a]), (b[0], whole[b])) for a, b in combinations(whole, 2)
        ):
            if label != same:
                continue  # hours of training are not hours of integration
            by_lots = all(any(f.lots for f in own) for own in (one, other))
            if not by_lots and not _sums_of(one) & _sums_of(other):
                a, b = (next((f for f in own if not f.lots), own[0]) for own in (one, other))
                yield _between(kind, a, b)


def _sums_of(facts: Sequence[Fact]) -> set[float]:
    """Return the totals a piece may mean: each figure of the whole, and the sum of its lots'."""
    by_lot = {f.lots: float(str(f.value)) for f in facts if f.lots}
    found = {float(str(f.value)) for f in facts if not f.lots}
    return found | ({sum(by_lot.values())} if by_lot else set())


def _advance_refused(facts: Sequence[Fact]) -> Iterator[Disagreement]:
    granted = [f for f in facts if f.name == "lever.advance_percent" and f.value]
    refused = [f for f in facts if f.name == "lever.advance_refused" and f.value]
    for no in refused:
        for yes in granted:
            if yes.place.piece != no.place.piece and _same_lots(yes.lots, no.lots):
                yield _between("advance", yes, no)
                return


def _penalties(facts: Sequence[Fact]) -> Iterator[Disagreement]:
    """Compare penalties for one breach: of one clause, or told in the same telling words."""
    stated = [f for f in facts if f.name == "quantity.penalty"]
    done = set()
    for a, b in combinations(stated, 2):
        pair = (a.place.piece, b.place.piece)
        if pair[0] == pair[1] or a.per != b.per or not _same_lots(a.lots, b.lots):
            continue
        if not _same_breach(a, b) or pair in done:
            continue
        values = {f.value for f in stated if f.place.piece == pair[1] and _same_breach(a, f)}
        if a.value not in values:
            done.add(pair)
            yield _between("penalty", a, b)


def _same_breach(a: Fact, b: Fact) -> bool:
    one, other = _telling(a.place.quote), _telling(b.place.quote)
    common = one & other
    if a.label and a.label == b.label and a.per == b.per:
        return True
    if common and common == one == other:
        return True
    return len(common) >= 2 and len(common) >= 0.5 * min(len(one), len(other))


def _between(kind: str, a: Fact, b: Fact) -> Disagreement:
    return Disagreement(kind, a.place, b.place, (_value(a), _value(b)), a.lots or b.lots)


def _value(fact: Fact) -> str:
    """Return a value as told; shares carry their sign, for other units the kind tells."""
    value: Value = fact.value
    if not isinstance(value, int | float):
        return str(value)
    return _percent(value) if kinds()[fact.name].unit == "percent" else f"{value:g}"


# -- lots and reservations ------------------------------------------------------------------------


def _lots(dossier: Sequence[Told], lots: Mapping[str, Sequence[Lot]]) -> Iterator[Disagreement]:
    roles = {told.piece.id: told for told in dossier if told.piece.type in _STATES_LOTS}
    stated = {piece: own for piece, own in lots.items() if piece in roles and len(own) > 1}
    for (one, own), (other, others) in combinations(stated.items(), 2):
        a, b = {lot.number for lot in own}, {lot.number for lot in others}
        partial = (a < b and _partial(roles[one])) or (b < a and _partial(roles[other]))
        if a != b and not partial:
            yield Disagreement(
                "lots",
                _lots_place(roles[one]),
                _lots_place(roles[other]),
                (f"{len(a)} lots", f"{len(b)} lots"),
            )
    by_piece = {told.piece.id: told for told in dossier}
    counts = {
        told.piece.id: count
        for told in dossier
        if told.piece.type in _STATES_LOTS
        and (count := len(lots.get(told.piece.id, ())) or _count(told)) > 1
    }
    for one, other in combinations(counts, 2):
        listed = one in stated and other in stated
        if counts[one] != counts[other] and not listed and (one in stated or other in stated):
            yield Disagreement(
                "lots",
                _lots_place(by_piece[one]),
                _lots_place(by_piece[other]),
                (f"{counts[one]} lots", f"{counts[other]} lots"),
            )
    for (one, own), (other, others) in combinations(lots.items(), 2):
        known = {lot.number: lot for lot in others}
        for lot in own:
            twin = known.get(lot.number)
            if twin is None:
                continue
            for mine, theirs in (
                (lot.amount_eur, twin.amount_eur),
                (lot.maximum_eur, twin.maximum_eur),
            ):
                if mine is not None and theirs is not None and abs(mine - theirs) > 1:
                    yield Disagreement(
                        "amount",
                        _lot_place(by_piece[one], lot.number),
                        _lot_place(by_piece[other], lot.number),
                        (f"{mine:g}", f"{theirs:g}"),
                        (lot.number,),
                    )
                    break


def _count(told: Told) -> int:
    """Return the number of lots into which a piece says that the contract is divided, else 0."""
    divided = word_lists("disagreements")["divided"]
    for said in told.said:
        if (match := divided.search(said.block.text)) is not None:
            return next((int(n.value) for n in numbers(match[0])), 0)
    return 0


def _partial(told: Told) -> bool:
    """A contract piece may speak of some lots only."""
    return told.piece.type in _CONTRACT


def _lots_place(told: Told) -> Place:
    """Return where a piece says how many lots there are, else its first words on lots."""
    count = word_lists("disagreements")["lots_count"]
    first = None
    for said in told.said:
        if (match := count.search(said.block.text)) is not None:
            return place(told.piece, said.block, *_sentence(said.block.text, match.start()))
        if first is None and "lot" in said.block.text.lower():
            first = said.block
    block = first or told.said[0].block
    return place(told.piece, block, 0, len(block.text))


def _lot_place(told: Told, number: str) -> Place:
    for said in told.said:
        block = said.block
        if block.kind is BlockKind.ROW and block.cells:
            start, end = block.cells[0]
            if re.fullmatch(
                rf"\W*(?:lot\s*)?(?:n°\s*)?0?{re.escape(number)}\W*", block.text[start:end], re.I
            ):
                return place(told.piece, block, 0, len(block.text))
        for mention in mentions(block.text):
            if number in mention.numbers:
                return place(told.piece, block, *_sentence(block.text, mention.start))
    return _lots_place(told)


def _reserved(
    dossier: Sequence[Told], findings: Sequence[Finding], lots: Mapping[str, Sequence[Lot]]
) -> Iterator[Disagreement]:
    """Compare which lots each piece reserves: two that both reserve, or a notice that does not."""
    by_piece = {told.piece.id: told for told in dossier}
    kept = {piece: {lot.number for lot in own if lot.reserved} for piece, own in lots.items()}
    listed = {piece: {lot.number for lot in own} for piece, own in lots.items()}
    known = set().union(*listed.values()) if listed else set()
    for found in findings:  # a notice may name the lots it reserves and list none
        if found.status is Status.BINDING and found.labels[0].startswith("reserved."):
            named = known & set(found.lots)
            if named and found.piece not in listed:
                kept.setdefault(found.piece, set()).update(named)
    for piece in kept:
        listed.setdefault(piece, known)
    for one, other in combinations((t.piece.id for t in dossier if t.piece.id in kept), 2):
        a, b = kept[one], kept[other]
        common = listed[one] & listed[other]
        apart = (a ^ b) & common
        denied = _denied(findings, one) if b - a else _denied(findings, other)
        silent = one if not a else other if not b else None
        if not apart or (silent and by_piece[silent].piece.type != PieceType.NOTICE and not denied):
            continue
        number = min(apart)
        places = [
            denied
            if denied is not None and denied.piece == piece and number not in kept[piece]
            else _reservation(findings, piece, number) or _lot_place(by_piece[piece], number)
            for piece in (one, other)
        ]
        says = ["réservé" if number in kept[piece] else "non réservé" for piece in (one, other)]
        yield Disagreement("reserved", places[0], places[1], (says[0], says[1]), (number,))


def _reservation(findings: Sequence[Finding], piece: str, lot: str) -> Place | None:
    own = [
        f
        for f in findings
        if f.piece == piece and f.status.in_force and f.labels[0].startswith("reserved.")
    ]
    best = sorted(own, key=lambda f: lot not in f.lots)
    return _finding_place(best[0]) if best else None


def _denied(findings: Sequence[Finding], piece: str) -> Place | None:
    denied = (
        found
        for found in findings
        if found.piece == piece
        and found.status is Status.EXCLUDED
        and any(label.startswith("reserved.") for label in found.labels)
    )
    return next((_finding_place(found) for found in denied), None)


# -- social clause --------------------------------------------------------------------------------


def _social_clause(dossier: Sequence[Told], findings: Sequence[Finding]) -> Iterator[Disagreement]:
    """One piece denies social clauses that another has, or a social value is weighed for nothing.

    A denial is "Clauses sociales : sans" or "il n'est prévu aucune clause sociale".
    """
    words = word_lists("disagreements")
    denials = [
        place(told.piece, said.block, *_sentence(said.block.text, match.start()))
        for told in dossier
        for said in told.said
        if (match := words["no_social_clause"].search(said.block.text)) is not None
        or (
            (match := words["nothing"].match(said.block.text)) is not None
            and said.block.path
            and words["social_heading"].search(said.block.path[-1])
        )
    ]
    in_force = [
        f
        for f in findings
        if f.status in (Status.BINDING, Status.ENCOURAGED)
        and {"social.integration", "social.disability", "social.general"} & set(f.labels)
        and f.stage.value in ("execution", "subject")
    ]
    told_of = sorted(in_force, key=lambda f: (not words["announces"].search(f.quote), f.page))
    for denial in denials:
        named = [n for mention in mentions(denial.quote) for n in mention.numbers]
        about = [f for f in told_of if _same_lots(f.lots, named) and (f.lots or not named)]
        other = next((f for f in about if f.piece != denial.piece), None)
        if other is None:
            other = next(
                (f for f in about if f.article != denial.article and "hours" in f.values), None
            )
        if other is not None:
            first, second = _finding_place(other), denial
            yield Disagreement("social_clause", first, second, ("avec", "sans"))
            return
    weighed = [
        f
        for f in findings
        if f.status is Status.SCORED and any(label.startswith("social.") for label in f.labels)
    ]
    contract = [told for told in dossier if told.piece.type in _CONTRACT]
    if weighed and contract and not in_force and not denials:
        first = _finding_place(weighed[0])
        one = contract[0]
        block = one.said[0].block if one.said else None
        if block is not None and one.piece.id != first.piece:
            title = place(one.piece, block, 0, len(block.text))
            yield Disagreement("social_clause", first, title, ("pondéré", "sans clause"))


# -- small things ---------------------------------------------------------------------------------


def _finding_place(found: Finding) -> Place:
    return Place(found.piece, found.page, found.boxes, found.quote, found.article)


def _same_lots(one: Sequence[str], other: Sequence[str]) -> bool:
    """Tell whether two statements may be about the same lot; none named is all of them."""
    return not one or not other or bool(set(one) & set(other))


_WORD = re.compile(r"[^\W\d_]{4,}")


def _telling(text: str) -> frozenset[str]:
    """Return the beginnings of the words that tell what a text is about."""
    common = word_lists("disagreements")["common_words"]
    return frozenset(w[:6].lower() for w in _WORD.findall(text) if not common.fullmatch(w))


def _sentence(text: str, at: int) -> tuple[int, int]:
    """Return the sentence around an offset."""
    start = max(text.rfind(mark, 0, at) + len(mark) for mark in (". ", "; ", "\n"))
    start = start if start > 2 else 0
    ends = [end for mark in (". ", "; ", "\n") if (end := text.find(mark, at)) >= 0]
    return start, min(ends, default=len(text) - 1) + 1
