"""The conditions of the checks: one small function each, registered by the id of its check.

A condition looks at a call and chooses a wording of ``law/checks.toml``, with its evidence. It
never takes "not found" for "absent".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from corpus.documents import PieceType
from corpus.findings import Criterion, Disagreement, Fact, Finding, Lot, Place, Stage, Status
from models import legal
from models.dated import (
    View,
    Words,
    blind,
    buyer_kind,
    buys_works,
    carrying,
    concession_places,
    criterion_place,
    day_words,
    duty_findings,
    eu_limits,
    euros,
    facts_named,
    holds_for,
    lot_numbers,
    lot_words,
    missing_words,
    number_words,
    part_of,
    places_of,
    procedure_type,
    saying,
    size_of,
    titles,
    what_is_bought,
    worth,
    worth_words,
)
from models.legal import book, law, threshold
from nlp.cues import articles as cited


@dataclass(frozen=True, slots=True)
class Said:
    """The wording a condition chose, the words that fill it, and its evidence."""

    key: str
    words: Mapping[str, Words] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    places: tuple[Place, ...] = ()
    lots: tuple[str, ...] = ()
    notes: tuple[int, ...] = ()


_Condition = Callable[[View], Said]
CONDITIONS: dict[str, _Condition] = {}


def _answers(id: str) -> Callable[[_Condition], _Condition]:
    def register(condition: _Condition) -> _Condition:
        CONDITIONS[id] = condition
        return condition

    return register


def _scope(view: View, *keys: str) -> Said | None:
    """Return the answer of a check out of its scope."""
    if "no_competition" in keys and procedure_type(view) == "none":
        return Said("no_competition", places=places_of(view, "procedure.type"))
    if defence := saying(view, "defence"):
        return Said("defence", places=tuple(fact.place for fact in defence))
    if "concession" in keys and (places := concession_places(view)) is not None:
        return Said("concession", places=tuple(places))
    return None


# -- 9.1 Climat et résilience ---------------------------------------------------------------------


def _top(view: View, lot: str) -> list[Criterion]:
    return [c for c in view.call.criteria if c.parent is None and holds_for(c, lot)]


def _complete(criteria: Sequence[Criterion]) -> bool:
    """Whether these criteria make up a whole mark: 100 percent, or every rank from the first."""
    if {c.unit for c in criteria} == {"order"}:
        return sorted(c.weight or 0 for c in criteria) == list(range(1, len(criteria) + 1))
    shares = [c.share for c in criteria]
    return None not in shares and abs(sum(s for s in shares if s is not None) - 100) < 0.6


def _names(criteria: Sequence[Criterion]) -> Words:
    names = list(dict.fromkeys(" ".join(c.name.split())[:80] for c in criteria))
    text = ", ".join(names[:6] + (["…"] if len(names) > 6 else []))
    return f"« {text} »" if text else "", f"“{text}”" if text else ""


@_answers("CR-1")
def _environmental_criterion(view: View) -> Said:
    if out := _scope(view, "no_competition", "concession"):
        return out
    by_key: dict[str, list[str]] = {}
    proof: dict[str, list[Criterion]] = {}
    scored: dict[str, list[Finding]] = {}
    for lot in lot_numbers(view):
        key, criteria, findings = _criterion_of(view, lot)
        by_key.setdefault(key, []).append(lot)
        proof.setdefault(key, []).extend(criteria)
        scored.setdefault(key, []).extend(findings)
    worst = ("none", "unread", "incomplete", "cost_method", "scored", "cost", "found")
    key = next(k for k in worst if k in by_key)
    lots = by_key[key]
    return Said(
        key,
        {
            "lots": lot_words(view, lots),
            "criteria": _names(proof[key]),
            "missing": missing_words(view, PieceType.NOTICE, PieceType.RC),
        },
        findings=tuple(scored[key]),
        places=tuple(criterion_place(c) for c in proof[key]),
        lots=part_of(view, lots),
    )


def _criterion_of(view: View, lot: str) -> tuple[str, list[Criterion], list[Finding]]:
    own = [c for c in view.call.criteria if holds_for(c, lot)]
    top = _top(view, lot)
    live = [f for f in view.live if holds_for(f, lot)]
    if green := [c for c in own if c.theme == "environmental"]:
        return "found", green, []
    scored = [f for f in carrying(live, "env.") if f.stage == Stage.AWARD_CRITERION]
    if len(top) == 1 and top[0].theme == "cost":
        method = carrying(scored, {"env.life_cycle", "env.energy", "env.climate"})
        return ("cost" if method else "cost_method"), top, method
    price = len(top) == 1 and top[0].theme == "price" and _complete(top)  # nothing else is marked
    if scored and not price:
        return "scored", top, scored
    if not top:
        return "unread", [], []
    whole = _complete(top) and not blind(view)
    return ("none" if whole else "incomplete"), top, []


@_answers("CR-2")
def _single_criterion(view: View) -> Said:
    if out := _scope(view, "no_competition", "concession"):
        return out
    found: dict[str, list[tuple[str, list[Criterion]]]] = {}
    for lot in lot_numbers(view):
        top = _top(view, lot)
        if not top:
            key = "unread"
        elif len(top) > 1:
            key = "several"
        elif not _complete(top):
            key = "incomplete"
        else:
            key = top[0].theme if top[0].theme in ("cost", "price") else "other"
        found.setdefault(key, []).append((lot, top))
    worst = ("price", "other", "incomplete", "unread", "cost", "several")
    key = next(k for k in worst if k in found)
    lots = [lot for lot, _ in found[key]]
    criteria = [c for _, top in found[key] for c in top]
    return Said(
        key,
        {
            "lots": lot_words(view, lots),
            "criteria": _names(criteria),
            "missing": missing_words(view, PieceType.NOTICE, PieceType.RC),
        },
        places=tuple(criterion_place(c) for c in criteria) if key != "several" else (),
        lots=part_of(view, lots),
    )


def _condition(view: View, labels: Collection[str] | str) -> tuple[str, list[Finding], list[str]]:
    """Return found, partly or none, the passages, and the lots for which no duty was read."""
    duties = carrying(duty_findings(view.live), labels)
    without = [lot for lot in lot_numbers(view) if not any(holds_for(f, lot) for f in duties)]
    if not duties:
        return "none", carrying(view.live, labels), without
    return ("partly" if without else "found"), duties, without


def _named(lots: Sequence[str]) -> Words:
    fr = ("le lot " if len(lots) == 1 else "les lots ") + ", ".join(lots)
    en = ("lot " if len(lots) == 1 else "lots ") + ", ".join(lots)
    return fr, en


_CONTRACT = (PieceType.CCAP, PieceType.CCTP)
_GREEN_CLAUSES = {
    "CCAG-Travaux 20.2", "CCAG-FCS 16.2", "CCAG-PI 16.2", "CCAG-TIC 16.2", "CCAG-MI 17.2",
    "CCAG-MOE 18.2",
}  # fmt: skip


@_answers("CR-3")
def _environmental_condition(view: View) -> Said:
    if out := _scope(view, "concession"):
        return out
    key, proof, without = _condition(view, "env.")
    sent = [r for r in view.call.references if r.target in _GREEN_CLAUSES]
    places: tuple[Place, ...] = ()
    if key == "none":
        if blind(view, *_CONTRACT):
            key = "unread"
        elif proof:
            key = "soft"
        elif sent:
            key, places = "ccag", tuple(r.place for r in sent)
        proof = proof if key == "soft" else []
    return Said(
        key,
        {
            "labels": titles(proof, "env."),
            "lots_named": _named(without),
            "missing": missing_words(view, *_CONTRACT),
            "target": (sent[0].target, sent[0].target) if sent else ("", ""),
        },
        findings=tuple(proof),
        places=places,
        lots=part_of(view, without) if key == "partly" else (),
    )


@_answers("CR-4")
def _social_condition(view: View) -> Said:
    if out := _scope(view, "concession"):
        return out
    labels = book().labels["social"]
    size = size_of(view, eu_limits(view))
    key, proof, without = _condition(view, labels)
    if size.above is False:
        key, proof = "below", []
    elif key == "partly" and set(without) <= set(view.reserved):
        key = "reserved"
    elif key == "none":
        if size.above is None:
            key = "unsure"
        elif blind(view, *_CONTRACT):
            key = "unread"
        elif proof:
            key = "soft"
        proof = proof if key == "soft" else []
    return Said(
        key,
        {
            "labels": titles(proof, labels),
            "lots_named": _named(without),
            "size": size.words,
            "missing": missing_words(view, *_CONTRACT),
        },
        findings=tuple(proof),
        places=size.places,
        lots=part_of(view, without) if key in ("partly", "reserved") else (),
        notes=size.notes,
    )


@_answers("CR-5")
def _exception(view: View) -> Said:
    if _social_condition(view).key in ("found", "below", "concession", "defence"):
        return Said("not_needed")
    if buys_works(view):
        months = _months(view)
        limit = threshold("short_works.months", view.day)
        if not months:
            return Said("duration")
        if limit and max(months) < limit.value:
            return Said(
                "short_works",
                {"months": number_words(max(months))},
                places=places_of(view, "procedure.duration_months"),
            )
    elif _supplies(view):
        return Said("supplies", places=places_of(view, "procedure.object"))
    return Said("none")


def _supplies(view: View) -> bool:
    """Whether goods are bought, by CPV division (those of services are 50 and over, but 48)."""
    codes = [code for lot in view.call.lots for code in lot.cpv]
    if codes:
        return all(code[:2] < "45" or code[:2] == "48" for code in codes)
    pattern = legal.words("what")["supplies"]
    return any(pattern.search(str(f.value)) for f in facts_named(view, "procedure.object"))


def _months(view: View) -> list[float]:
    lots = [lot.duration_months for lot in view.call.lots if lot.duration_months is not None]
    return lots or [float(str(f.value)) for f in facts_named(view, "procedure.duration_months")]


@_answers("CR-6")
def _specifications(view: View) -> Said:
    if out := _scope(view, "concession"):
        return out
    proof = [f for f in view.live if any(la.startswith(("env.", "social.")) for la in f.labels)]
    specified = [f for f in proof if f.stage in (Stage.SPECIFICATION, Stage.SUBJECT)]
    if specified:
        key, proof = "found", specified
    elif blind(view, PieceType.CCTP):
        key, proof = "unread", []
    else:
        key = "elsewhere" if proof else "none"
    labels = frozenset(la for f in proof for la in f.labels if la.startswith(("env.", "social.")))
    return Said(
        key,
        {"labels": titles(proof, labels), "missing": missing_words(view, PieceType.CCTP)},
        findings=tuple(proof),
    )


@_answers("CR-7")
def _energy(view: View) -> Said:
    if out := _scope(view, "concession"):
        return out
    size = size_of(view, eu_limits(view))
    proof = carrying(view.live, book().labels["energy"])
    if size.above is False:
        key = "below"
    elif proof:
        key = "found"
    elif size.above is None:
        key = "unsure"
    else:
        key = "unread" if blind(view, *_CONTRACT) else "none"
    return Said(
        key,
        {"size": size.words, "missing": missing_words(view, *_CONTRACT)},
        findings=tuple(proof),
        places=size.places,
        notes=size.notes,
    )


@_answers("CR-8")
def _concessions(view: View) -> Said:
    if saying(view, "defence"):
        return Said("defence")
    places = concession_places(view)
    if places is None:
        return Said("not_concession")
    size = size_of(view, ("eu.concession",))
    env_key, env, _ = _condition(view, "env.")
    social_key, social, _ = _condition(view, book().labels["social"])
    read = ("lue", "read") if social_key != "none" else ("non lue", "not read")
    if env_key == "none":
        key = "no_env"
    else:
        key = "no_social" if social_key == "none" and size.above is not False else "found"
    return Said(
        key,
        {"social": read, "size": size.words, "missing": missing_words(view, *_CONTRACT)},
        findings=(*env, *social),
        places=(*places, *size.places),
        notes=size.notes,
    )


@_answers("CR-9")
def _out_of_scope(view: View) -> Said:
    if defence := saying(view, "defence"):
        return Said("defence", places=tuple(f.place for f in defence))
    if procedure_type(view) == "none":
        return Said("no_competition", places=places_of(view, "procedure.type"))
    if livre := saying(view, "livre_five"):
        return Said("livre_five", places=tuple(f.place for f in livre))
    army = legal.words("who")["army"]
    if buyers := [f for f in facts_named(view, "procedure.buyer") if army.search(str(f.value))]:
        return Said("army", places=tuple(f.place for f in buyers))
    return Said("none")


@_answers("CR-10")
def _by_date(view: View) -> Said:
    criteria = [c for c in view.call.criteria if c.theme == "environmental"]
    env, social = (
        carrying(duty_findings(view.live), "env."),
        carrying(duty_findings(view.live), book().labels["social"]),
    )
    found = [
        words
        for words, there in (
            (("un critère environnemental", "an environmental criterion"), criteria),
            (("une condition environnementale", "an environmental condition"), env),
            (("une condition sociale", "a social condition"), social),
        )
        if there
    ]
    words = {
        "found": (
            ", ".join(fr for fr, _ in found) or "rien",
            ", ".join(en for _, en in found) or "nothing",
        )
    }
    days = [e.since for e in book().entries if e.id in ("CR-1", "CR-3") and e.since]
    starts = sorted(days)
    if view.since(starts[0]) is None:
        key = "undated"
    elif view.since(starts[-1]):
        key = "after"
        words["launch"] = day_words(view.launch or view.day)
    else:
        key = "between" if view.since(starts[0]) else "before"
    places = tuple(criterion_place(c) for c in criteria)
    return Said(key, words, findings=(*env, *social), places=places)


@_answers("CR-11")
def _value_read(view: View) -> Said:
    amount = worth(view.call)
    kind = procedure_type(view)
    formal = (
        " La procédure lue est formalisée, ce qui suggère un montant au-dessus du seuil.",
        " The procedure read is formal, which suggests an amount above the threshold.",
    )
    if amount is None:
        places = places_of(view, "procedure.type") if kind in _FORMAL else ()
        return Said(
            "missing", {"procedure": formal if kind in _FORMAL else ("", "")}, places=places
        )
    key = "read" if amount.whole else "partial"
    return Said(key, {"value": worth_words(amount)}, places=amount.places)


_FORMAL = ("open", "restricted", "negotiated", "dialogue")


@_answers("CR-12")
def _threshold_and_lots(view: View) -> Said:
    count = len(view.call.lots)
    if count < 2:
        return Said("single")
    amount = worth(view.call)
    value = worth_words(amount) if amount else ("non lue", "not read")
    return Said("lots", {"count": (str(count), str(count)), "value": value})


# -- 9.2 SPASER -----------------------------------------------------------------------------------


@_answers("SP-1")
def _scheme(view: View) -> Said:
    limit = threshold("spaser.eur", view.day)
    return Said("unknown", {"value": euros(limit.value) if limit else ("", "")})


@_answers("SP-7")
def _scheme_cited(view: View) -> Said:
    pattern = legal.words("said")["spaser"]
    proof = tuple(f for f in view.call.findings if pattern.search(f.quote))
    return Said("found" if proof else "none", findings=proof)


# -- 9.3 reservations -----------------------------------------------------------------------------


def _reserved_for(view: View, *labels: str) -> list[str]:
    """Return the lots ("" for the whole call) reserved under one of these labels, or any."""
    return [lot for lot, own in view.reserved.items() if not labels or own & set(labels)]


def _reservation_proof(view: View, lots: Collection[str], *labels: str) -> tuple[Finding, ...]:
    """Return the passages that reserve these lots."""
    listed = {i for lot in view.call.lots if lot.number in lots for i in lot.findings}
    return tuple(
        f
        for f in view.call.findings
        if f.status == Status.BINDING
        and any(la.startswith("reserved.") and (not labels or la in labels) for la in f.labels)
        and (f.id in listed or "" in lots or any(holds_for(f, lot) for lot in lots))
    )


@_answers("RES-A")
def _announced(view: View) -> Said:
    lots = _reserved_for(view)
    clash = [d for d in view.call.disagreements if d.kind == "reserved"]
    if clash:
        one = next((d for d in clash if _in_notice(view, d)), clash[0])
        return Said(
            "contradicts" if _in_notice(view, one) else "disagree",
            {
                "lots": lot_words(view, one.lots),
                "first": (one.values[0], one.values[0]),
                "second": (one.values[1], one.values[1]),
            },
            places=(one.first, one.second),
            lots=one.lots,
        )
    if not lots:
        return Said("none")
    proof = _reservation_proof(view, lots)
    notice = [f for f in proof if view.types.get(f.piece) == PieceType.NOTICE]
    silent = [lot for lot in lots if not any(holds_for(f, lot) for f in notice)]
    if PieceType.NOTICE not in view.call.pieces:
        key = "unread"
    elif not view.types:
        key = "untold"
    elif silent:
        key, lots = "elsewhere", silent
    else:
        key, proof = "notice", tuple(notice)
    words = {"lots": lot_words(view, lots)}
    return Said(key, words, findings=proof, lots=part_of(view, lots))


def _in_notice(view: View, clash: Disagreement) -> bool:
    return PieceType.NOTICE in {view.types.get(p.piece) for p in (clash.first, clash.second)}


_ESS = "reserved.social_economy"


def _lot(view: View, number: str) -> Lot | None:
    return next((lot for lot in view.call.lots if lot.number == number), None)


@_answers("RES-B")
def _social_economy(view: View) -> Said:
    lots = _reserved_for(view, _ESS)
    if not lots:
        return Said("none")
    limit = threshold("social_economy.months", view.day)
    most = limit.value if limit else 36.0
    proof = _reservation_proof(view, lots, _ESS)
    months: list[float] = []
    unread = False
    for number in lots:
        lot = _lot(view, number)
        stated = view.call.value("procedure.duration_months", number)
        own = lot.duration_months if lot and lot.duration_months is not None else stated
        if own is None:
            unread = True
        else:
            months.append(float(str(own)))
    cites = {name for f in proof for name, _, _ in cited(f.quote)}
    cites |= {a for number in lots if (lot := _lot(view, number)) for a in lot.articles}
    wanted = ("L2113-15", "L2113-16")
    read = [a for a in wanted if a in cites]
    if months and max(months) > most:
        key = "long"
    elif unread or not months:
        key = "duration"
    else:
        key = "found" if len(read) == 2 else "articles"
    told = (
        (f"seul l'article {read[0]} est lu", f"only article {read[0]} is read")
        if read
        else ("aucun des deux articles n'est lu", "neither article is read")
    )
    return Said(
        key,
        {
            "lots": lot_words(view, lots),
            "months": number_words(max(months, default=0.0)),
            "limit": number_words(most),
            "cited": told,
        },
        findings=proof,
        places=places_of(view, "procedure.duration_months"),
        lots=part_of(view, lots),
    )


@_answers("RES-C")
def _concession_reserved(view: View) -> Said:
    places = concession_places(view)
    if places is None:
        return Said("not_concession")
    if not view.reserved:
        return Said("none", places=tuple(places))
    pair = {"reserved.disability", "reserved.integration"}
    lots = [lot for lot, own in view.reserved.items() if own >= pair]
    key, lots = ("both", lots) if lots else ("single", list(view.reserved))
    return Said(
        key,
        {"lots": lot_words(view, lots)},
        findings=_reservation_proof(view, lots),
        places=tuple(places),
        lots=part_of(view, lots),
    )


@_answers("RES-D")
def _prison(view: View) -> Said:
    lots = _reserved_for(view, "reserved.prison")
    if not lots:
        return Said("none")
    others = {"reserved.disability", "reserved.integration"}
    mixed = [lot for lot in lots if view.reserved[lot] & others]
    lots = mixed or lots
    return Said(
        "combined" if mixed else "alone",
        {"lots": lot_words(view, lots)},
        findings=_reservation_proof(view, lots),
        lots=part_of(view, lots),
    )


@_answers("RES-E")
def _listed_services(view: View) -> Said:
    lots = _reserved_for(view, _ESS)
    if not lots:
        return Said("none")
    known = legal.prefixes()
    by_key: dict[str, list[tuple[str, str]]] = {}
    for number in lots:
        lot = _lot(view, number)
        for code in (lot.cpv if lot else ()) or ("",):
            if not code:
                key = "unread"
            elif code.startswith(known["social_services"]):
                key = "listed"
            else:
                key = "doubtful" if code.startswith(known["social_divisions"]) else "outside"
            by_key.setdefault(key, []).append((number, code))
    key = next(k for k in ("outside", "doubtful", "unread", "listed") if k in by_key)
    named = list(dict.fromkeys(number for number, _ in by_key[key]))
    codes = ", ".join(dict.fromkeys(code for _, code in by_key[key]))
    return Said(
        key,
        {"lots": lot_words(view, named), "codes": (codes, codes)},
        findings=_reservation_proof(view, named, _ESS),
        lots=part_of(view, named),
    )


_JEI = "reserved.young_innovative"


@_answers("RES-F")
def _young_innovative(view: View) -> Said:
    lots = _reserved_for(view, _JEI)
    if not lots:
        return Said("none")
    start = min(rule.valid_from for rule in law() if rule.ref == "CCP L2113-17")
    most, state = (threshold(n, view.day) for n in ("young_innovative.percent", "eu.central"))
    amount = worth(view.call)
    total = amount.eur if amount and amount.whole and amount.basis in _OF_LOTS else 0.0
    own = sum(_lot_value(lot) or 0.0 for lot in view.call.lots if lot.number in lots)
    share = 100 * own / total if total else 0.0
    proof = _reservation_proof(view, lots, _JEI)
    pattern = legal.words("what")["innovative"]
    told = [str(f.value) for f in facts_named(view, "procedure.object")] + [
        lot.title for lot in view.call.lots
    ]
    words = {
        "lots": lot_words(view, lots),
        "since": day_words(start),
        "share": number_words(round(share, 1)),
        "limit": number_words(most.value) if most else ("", ""),
    }
    if view.since(start) is False:
        key = "early"
    elif view.since(start) is None:
        key = "undated"
    elif not view.call.lots:
        key = "no_lots"
    elif amount and state and amount.eur >= state.value:
        key, words = "value", {**words, "value": worth_words(amount), "limit": euros(state.value)}
    elif not total or not most:
        key = "unread"
    elif share > most.value:
        key = "share"
    else:
        key = "within" if any(pattern.search(text) for text in told) else "innovative"
    return Said(key, words, findings=proof, lots=part_of(view, lots))


_OF_LOTS = ("maxima", "estimates", "both")


def _lot_value(lot: Lot) -> float | None:
    return lot.maximum_eur if lot.maximum_eur is not None else lot.amount_eur


# -- 9.3 access -----------------------------------------------------------------------------------

_RULES = (PieceType.RC,)


@_answers("LOT-A")
def _division(view: View) -> Said:
    if (places := concession_places(view)) is not None:
        return Said("concession", places=tuple(places))
    if view.call.lots and len(view.call.lots) > 1:
        count = str(len(view.call.lots))
        return Said("lots", {"count": (count, count)})
    single = tuple(carrying(view.live, {"barrier.single_lot"}))
    pattern = legal.words("said")["reason"]
    if reasons := tuple(f for f in single if pattern.search(f.quote)):
        return Said("reason", findings=reasons)
    if single:
        return Said("no_reason", findings=single)
    if spoken := tuple(
        f for f in carrying(view.live, {"access.lots"}) if f.status == Status.BINDING
    ):
        return Said("spoken", findings=spoken)
    if blind(view, *_RULES):
        return Said("unread", {"missing": missing_words(view, *_RULES)})
    return Said("silent")


@_answers("CAP-A")
def _turnover(view: View) -> Said:
    multiples = facts_named(view, "lever.turnover_multiple")
    amounts = facts_named(view, "lever.turnover_eur")
    if not multiples and not amounts:
        asked = [f for f in carrying(view.live, {"barrier.turnover"}) if f.status == Status.BINDING]
        if asked:
            return Said("figure", findings=tuple(asked))
        if blind(view, *_RULES):
            return Said("unread", {"missing": missing_words(view, *_RULES)})
        return Said("none")
    ranked = [_turnover_of(view, fact) for fact in (*multiples, *amounts)]
    worst = ("above", "multiple", "either", "by_lot", "value", "within")
    return min(ranked, key=lambda said: worst.index(said.key))


def _turnover_of(view: View, fact: Fact) -> Said:
    """Compare one minimum turnover with the value of the lots it is asked for."""
    change = max(t.valid_from for t in legal.thresholds() if t.name == "turnover.multiple")
    limits = [threshold("turnover.multiple", day) for day in (view.day, change - timedelta(1))]
    limit, former = (found.value if found else 0.0 for found in limits)
    asked = float(str(fact.value))
    words = {
        "lots": lot_words(view, fact.lots),
        "limit": number_words(limit),
        "former": number_words(former),
        "asked": euros(asked),
    }
    small: list[str] = []
    times: float | None
    if fact.name == "lever.turnover_multiple":
        times = asked
        words["asked"] = (f"{number_words(asked)[0]} fois la valeur", f"{asked:g} times the value")
    else:
        value, small = _asked_for(view, fact, limit)
        times = asked / value if value else None
    words |= {"times": number_words(times or 0.0), "lots_named": _named(small)}
    if times is None:
        key = "value"
    elif times > limit:
        key = "multiple" if fact.name == "lever.turnover_multiple" else "above"
        if view.since(change) is None and times <= former:
            key = "either"
    else:
        key = "by_lot" if small else "within"
    lots = tuple(small) if key == "by_lot" else fact.lots
    return Said(key, words, places=(fact.place,), lots=lots)


def _asked_for(view: View, fact: Fact, limit: float) -> tuple[float | None, list[str]]:
    """Return the value a turnover is asked for, and the lots too small for it (R2142-8)."""
    asked = float(str(fact.value))
    own = [lot for lot in view.call.lots if lot.number in fact.lots]
    if own:
        known = [value for lot in own if (value := _lot_value(lot)) is not None]
        return (min(known) if len(known) == len(own) else None), []
    amount = worth(view.call)
    small = [
        lot.number
        for lot in view.call.lots
        if (value := _lot_value(lot)) is not None and asked > limit * value
    ]
    return (amount.eur if amount and amount.whole else None), small


@_answers("LAB-A")
def _labels(view: View) -> Said:
    equal = legal.words("said")["equivalent"]
    labels = [
        f
        for f in carrying(view.live, {"env.ecolabel"})
        if f.status in (Status.BINDING, Status.SCORED)
    ]
    asked = facts_named(view, "lever.certification")
    if not labels and not asked:
        return Said("none")
    bare = [f for f in labels if not equal.search(f.quote)]
    alone = [f for f in asked if f.detail != "equivalent" and not equal.search(f.place.quote)]
    if bare or alone:
        names = [str(f.value) for f in alone] + [" ".join(f.quote.split())[:90] for f in bare]
        text = " ; ".join(dict.fromkeys(names[:4]))
        return Said(
            "missing",
            {"names": (f"« {text} »", f"“{text}”")},
            findings=tuple(bare),
            places=tuple(f.place for f in alone),
        )
    return Said("equivalent", findings=tuple(labels), places=tuple(f.place for f in asked))


@_answers("NEG-A")
def _local(view: View) -> Said:
    found = facts_named(view, "lever.localism")
    if not found:
        if blind(view, *_RULES, *_CONTRACT):
            return Said("unread", {"missing": missing_words(view, *_RULES, *_CONTRACT)})
        return Said("none")
    near = legal.words("said")["distance"]
    rooted = [f for f in found if not near.search(str(f.value))]
    shown = rooted or found
    lots = tuple(dict.fromkeys(lot for f in shown for lot in f.lots))
    return Said(
        "preference" if rooted else "proximity",
        {"lots": lot_words(view, lots)},
        places=tuple(f.place for f in shown),
        lots=lots,
    )


_VARIANTS = {
    "allowed": ("admises", "allowed"),
    "forbidden": ("interdites", "forbidden"),
    "required": ("exigées", "required"),
}


@_answers("VAR-A")
def _variants(view: View) -> Said:
    if (places := concession_places(view)) is not None:
        return Said("concession", places=tuple(places))
    stated = facts_named(view, "lever.variants")
    clash = [d for d in view.call.disagreements if d.kind == "variants"]
    if clash:
        return Said("contradicts", places=tuple(p for d in clash for p in (d.first, d.second)))
    if stated:
        said = [_VARIANTS[v] for v in dict.fromkeys(str(f.value) for f in stated)]
        words = {"said": (", ".join(fr for fr, _ in said), ", ".join(en for _, en in said))}
        return Said("stated", words, places=tuple(f.place for f in stated))
    if blind(view, *_RULES):
        return Said("unread", {"missing": missing_words(view, *_RULES)})
    start = min(rule.valid_from for rule in law() if rule.ref == "CCP L2151-2")
    since = view.since(start)
    kind = procedure_type(view)
    if since:
        key = "default"
    elif since is None:
        key = "undated"
    elif kind in _FORMAL:
        key = "formal"
    else:
        key = "adapted" if kind in ("adapted", "none") else "procedure"
    return Said(key, {"since": day_words(start)})


@_answers("ADV-A")
def _advance(view: View) -> Said:
    if (places := concession_places(view)) is not None:
        return Said("concession", places=tuple(places))
    limits = [threshold(name, view.day) for name in ("advance.eur", "advance.months")]
    money, time = (limit.value if limit else 0.0 for limit in limits)
    rates = facts_named(view, "lever.advance_percent")
    if rates:
        told = [number_words(v) for v in dict.fromkeys(float(str(f.value)) for f in rates)]
        words = {"rates": (", ".join(f"{fr} %" for fr, _ in told),
                           ", ".join(f"{en}%" for _, en in told))}  # fmt: skip
        return Said("stated", words, places=tuple(f.place for f in rates))
    amount = worth(view.call)
    values = [v for lot in view.call.lots if (v := _lot_value(lot)) is not None]
    value = max(values) if values else amount.eur if amount else None
    whole = amount is not None and amount.whole
    months = max(_months(view), default=None)
    words = {
        "limit": euros(money),
        "value": euros(value) if value is not None else ("", ""),
        "months": number_words(months) if months is not None else ("", ""),
        "missing": missing_words(view, PieceType.CCAP),
    }
    refused = facts_named(view, "lever.advance_refused")
    where = tuple(f.place for f in refused)
    due: bool | None = None
    if (value is not None and whole and value <= money) or (months is not None and months <= time):
        due = False
    elif value is not None and value > money and months is not None and months > time:
        due = True
    if due is False and value is not None and months is not None:
        return Said("not_due", words, places=where)
    if refused:
        framework = view.call.value("procedure.framework")
        if framework is True:
            return Said("refused_order", words, places=where, notes=(23,))
        # a framework agreement says so in the notice or the instructions: unread, it may be one
        ordinary = framework is False or not blind(view, *_RULES)
        return Said("refused" if due and ordinary else "refused_unsure", words, places=where)
    if spoken := tuple(carrying(view.live, {"access.advance"})):
        words = {"rates": ("taux non lu", "rate not read")}
        return Said("stated", words, findings=spoken)
    if blind(view, PieceType.CCAP):
        return Said("unread", words)
    return Said("silent" if due else "silent_unsure", words)


# -- sector duties --------------------------------------------------------------------------------


@_answers("EGA-1")
def _food(view: View) -> Said:
    bought = what_is_bought(view, "food")
    if bought is None:
        return Said("none")
    limits = [threshold(f"food.{name}_percent", view.day) for name in ("organic", "quality")]
    least, quality = (limit.value if limit else 0.0 for limit in limits)
    shares = [f for f in facts_named(view, "quantity.organic_percent") if f.label == "env.food"]
    organic = max((float(str(f.value)) for f in shares), default=None)
    proof = carrying(view.live, {"env.food"})
    pattern = legal.words("said")["quality_food"]
    other = [f for f in proof if pattern.search(f.quote) and _percent(f) >= quality]
    words = {
        "limit": number_words(least),
        "quality": number_words(quality),
        "organic": number_words(organic) if organic is not None else ("", ""),
        "missing": missing_words(view, *_CONTRACT),
    }
    if organic is not None:
        key = "low" if organic < least else "found" if other else "organic"
    elif proof:
        key = "words"
    else:
        key = "unread" if blind(view, *_CONTRACT) else "missing"
    places = (*bought[1], *(f.place for f in shares))
    return Said(key, words, findings=tuple(proof), places=places)


def _percent(found: Finding) -> float:
    value = found.values.get("percent")
    return float(value) if isinstance(value, (int, float)) else 0.0


@_answers("AGEC-1")
def _reused_goods(view: View) -> Said:
    bought = what_is_bought(view, "goods")
    if bought is None or buys_works(view):
        return Said("none")
    words = {"goods": bought[0], "missing": missing_words(view, *_CONTRACT)}
    proof = tuple(
        f
        for f in carrying(view.live, {"env.circular"})
        if f.status in (Status.BINDING, Status.SCORED)
    )
    shares = [f for n in ("reuse", "recycled") for f in facts_named(view, f"quantity.{n}_percent")]
    places = (*bought[1], *(f.place for f in shares))
    if proof:
        key = "found"
    elif buyer_kind(view) not in ("state", "local"):
        key, places = "other_buyer", (*places, *places_of(view, "procedure.buyer"))
    else:
        key = "unread" if blind(view, *_CONTRACT) else "missing"
    return Said(key, words, findings=proof, places=places)


@_answers("CVD-1")
def _vehicles(view: View) -> Said:
    bought = what_is_bought(view, "vehicles")
    if bought is None:
        return Said("none")
    kind = {"state": "central", "local": "local", "other": "other", "central": "other"}.get(
        buyer_kind(view), ""
    )
    limit = threshold(f"vehicles.{kind}", view.day) if kind else None
    rate = (
        (f"{number_words(limit.value)[0]} %", f"{number_words(limit.value)[1]}%")
        if limit
        else ("taux selon l'acheteur", "rate by buyer")
    )
    proof = tuple(
        f
        for f in carrying(view.live, {"env.transport"})
        if f.status in (Status.BINDING, Status.SCORED)
    )
    classes = facts_named(view, "quantity.vehicle_class")
    unread = "unread" if blind(view, *_CONTRACT) else "missing"
    key = "found" if proof or classes else unread
    return Said(
        key,
        {"rate": rate, "missing": missing_words(view, *_CONTRACT)},
        findings=proof,
        places=(*bought[1], *(f.place for f in classes)),
    )
