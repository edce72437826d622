"""A call seen on the day whose law applies: its value, thresholds, buyer, lots and what was read.

Everything here is what several checks ask of a call; words for people are pairs, French and
English.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from corpus import taxonomy
from corpus.documents import PieceType
from corpus.findings import Criterion, Disagreement, Fact, Finding, Place, Stage, Status
from models import legal
from models.call import Call
from models.legal import threshold


@dataclass(frozen=True, slots=True)
class Amount:
    """What the contract is worth, in EUR before tax, as written.

    ``basis`` is "maxima", "estimates" or "both" (of the lots), "maximum" or "estimate" (of the
    contract). ``whole`` is False when lots without an amount are left out.
    """

    eur: float
    basis: str
    whole: bool
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """A call with what several checks ask of it; ``day`` is that whose law is applied."""

    call: Call
    types: Mapping[str, PieceType]
    launch: date | None
    answer: date | None
    day: date
    live: tuple[Finding, ...] = ()
    reserved: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def since(self, day: date) -> bool | None:
        """Whether the call was sent out on ``day`` or later; None when that cannot be told."""
        if self.launch is not None:
            return self.launch >= day
        if self.answer is not None and self.answer < day:
            return False
        return None


def view_of(call: Call, types: Mapping[str, PieceType]) -> View:
    """Return a call as seen on its day; ``types`` are the types of its pieces by id."""
    answers = [
        date.fromisoformat(str(f.value)) for f in call.facts if f.name == "procedure.answer_date"
    ]
    answer = max(answers, default=None)  # the latest: a rule that began after it cannot apply
    known = legal.checked_on()
    day = call.launch or (min(answer, known) if answer else known)
    live = tuple(f for f in call.findings if f.status.in_force)
    return View(call, types, call.launch, answer, day, live, _reservations(call))


def _reservations(call: Call) -> dict[str, frozenset[str]]:
    """Return the reservations by lot; those of no lot under ""."""
    by_lot = {lot.number: frozenset(lot.reserved) for lot in call.lots if lot.reserved}
    if by_lot:
        return by_lot
    whole = frozenset(
        label
        for found in call.findings
        if found.status == Status.BINDING
        for label in found.labels
        if label.startswith("reserved.")
    )
    return {"": whole} if whole else {}


def worth(call: Call) -> Amount | None:
    """Return what the contract is worth: the sum of its lots (maxima, else estimates).

    Where no lot has an amount, or some have none and the contract has one, the maximum of the
    contract, else its estimate. None when nothing is written.
    """
    amounts = [(lot.maximum_eur, lot.amount_eur) for lot in call.lots]
    known = [maximum if maximum is not None else amount for maximum, amount in amounts]
    own = [eur for eur in known if eur is not None]
    if own and len(own) == len(known):
        return Amount(sum(own), _basis(amounts), True)
    for name, basis in (("maximum_eur", "maximum"), ("estimate_eur", "estimate")):
        stated = call.stated(f"procedure.{name}")
        if stated:
            return Amount(float(str(stated[0].value)), basis, True, (stated[0].place,))
    return Amount(sum(own), _basis(amounts), False) if own else None


def _basis(amounts: Sequence[tuple[float | None, float | None]]) -> str:
    maxima = [maximum is not None for maximum, amount in amounts if (maximum or amount) is not None]
    return "maxima" if all(maxima) else "both" if any(maxima) else "estimates"


_BASES = {
    "maxima": ("somme des maxima des lots", "sum of the lots' maxima"),
    "estimates": ("somme des estimations des lots", "sum of the lots' estimates"),
    "both": (
        "somme des maxima des lots, sinon de leurs estimations",
        "sum of the lots' maxima, else of their estimates",
    ),
    "maximum": ("maximum du marché", "maximum of the contract"),
    "estimate": ("estimation du marché", "estimate of the contract"),
}
Words = tuple[str, str]
_MONTHS = (
    ("janvier", "January"), ("février", "February"), ("mars", "March"), ("avril", "April"),
    ("mai", "May"), ("juin", "June"), ("juillet", "July"), ("août", "August"),
    ("septembre", "September"), ("octobre", "October"), ("novembre", "November"),
    ("décembre", "December"),
)  # fmt: skip


def euros(value: float) -> Words:
    """Return an amount as printed in both languages."""
    text = f"{value:,.0f}"
    return f"{text.replace(',', ' ')} €", f"€{text}"


def day_words(value: date) -> Words:
    """Return a day as printed in both languages."""
    fr, en = _MONTHS[value.month - 1]
    first = "1er" if value.day == 1 else str(value.day)
    return f"{first} {fr} {value.year}", f"{value.day} {en} {value.year}"


def number_words(value: float) -> Words:
    """Return a number as printed in both languages."""
    text = f"{round(value, 2):g}"
    return text.replace(".", ","), text


def worth_words(amount: Amount) -> Words:
    """Return an amount with what it is the sum of."""
    (fr, en), (why_fr, why_en) = euros(amount.eur), _BASES[amount.basis]
    return f"{fr} ({why_fr})", f"{en} ({why_en})"


@dataclass(frozen=True, slots=True)
class Size:
    """A value beside a threshold: ``above`` is None when that cannot be told."""

    above: bool | None
    words: Words
    places: tuple[Place, ...] = ()
    notes: tuple[int, ...] = ()


def size_of(view: View, names: Sequence[str]) -> Size:
    """Compare the value of the contract with thresholds that may apply to it."""
    limits = [limit for name in names if (limit := threshold(name, view.day))]
    notes = tuple(note for limit in limits for note in limit.uncertain)
    amount = worth(view.call)
    if not limits:
        fr, en = day_words(view.day)
        return Size(None, (f"Seuil européen inconnu au {fr}.", f"EU threshold unknown on {en}."))
    low, high = min(x.value for x in limits), max(x.value for x in limits)
    (fr, en), (high_fr, high_en) = euros(low), euros(high)
    which_fr, which_en = "", ""
    if low != high:
        fr, en = f"{fr} à {high_fr}", f"{en} to {high_en}"
        which_fr = " selon l'acheteur et l'achat, non reconnus"
        which_en = " depending on buyer and purchase, not told"
    if amount is None:
        return Size(
            None,
            (
                f"Valeur non lue, à comparer au seuil de {fr}{which_fr}.",
                f"Value not read, to be compared with the threshold of {en}{which_en}.",
            ),
            notes=notes,
        )
    value_fr, value_en = worth_words(amount)
    if amount.eur >= high:
        said, above = ("au-dessus du", "above the"), True
    elif amount.eur < low and amount.whole:
        said, above = ("au-dessous du", "below the"), False
    else:
        said, above = ("à comparer au", "to be compared with the"), None
    part_fr, part_en = ("", "") if amount.whole else ("au moins ", "at least ")
    return Size(
        above,
        (
            f"Valeur lue : {part_fr}{value_fr}, {said[0]} seuil de {fr}{which_fr}.",
            f"Value read: {part_en}{value_en}, {said[1]} threshold of {en}{which_en}.",
        ),
        amount.places,
        notes,
    )


def facts_named(view: View, name: str) -> list[Fact]:
    """Return the facts of one name, whatever their lots."""
    return [f for f in view.call.facts if f.name == name]


def buyer_kind(view: View) -> str:
    """Return the kind of buyer: state, utility, local, other, central, or "" when not told."""
    kinds = legal.words("who")
    for fact in facts_named(view, "procedure.buyer"):
        for kind in ("state", "utility", "local", "other", "central"):
            if kinds[kind].search(str(fact.value)):
                return kind
    return ""


def buys_works(view: View) -> bool | None:
    """Return whether works are bought: by CPV, else the CCAG referred to, else the object."""
    codes = [code for lot in view.call.lots for code in lot.cpv]
    if codes:
        return sum(code.startswith(legal.prefixes()["works"]) for code in codes) * 2 > len(codes)
    books = [r.target.split()[0] for r in view.call.references if r.target.startswith("CCAG-")]
    if books:
        most = max(sorted(set(books)), key=books.count)
        return most in ("CCAG-Travaux", "CCAG-TRAVAUX")
    objects = facts_named(view, "procedure.object")
    if not objects:
        return None
    return any(legal.words("what")["works"].search(str(f.value)) for f in objects)


def eu_limits(view: View) -> tuple[str, ...]:
    """Return the names of the EU thresholds that may apply to this buyer and purchase."""
    works = buys_works(view)
    if works:
        return ("eu.works",)
    kind = buyer_kind(view)
    mine = {
        "state": ("eu.central",),
        "central": ("eu.central",),
        "local": ("eu.other",),
        "other": ("eu.other",),
        "utility": ("eu.utility",),
    }.get(kind, ("eu.central", "eu.other", "eu.utility"))
    return mine if works is False else (*mine, "eu.works")


def lowered(text: str) -> str:
    """Return a text with a small first letter."""
    return text[:1].lower() + text[1:]


# -- what several checks ask ----------------------------------------------------------------------


def holds_for(found: Finding | Fact | Criterion | Disagreement, lot: str) -> bool:
    """Whether something found concerns a lot; what names no lot concerns all."""
    return not found.lots or not lot or lot in found.lots


def lot_numbers(view: View) -> tuple[str, ...]:
    """Return the numbers of the lots, ("",) for a call without lots."""
    return tuple(lot.number for lot in view.call.lots) or ("",)


def lot_words(view: View, lots: Collection[str]) -> Words:
    """Return " (lots 1, 3)", or nothing when these are all the lots of the call."""
    named = [lot for lot in lots if lot]
    if not named or len(named) == len(view.call.lots):
        return "", ""
    text = f" ({'lot' if len(named) == 1 else 'lots'} {', '.join(named)})"
    return text, text


def part_of(view: View, lots: Collection[str]) -> tuple[str, ...]:
    """Return these lots, or nothing when they are all the lots of the call."""
    named = tuple(lot for lot in lots if lot)
    return () if len(named) == len(view.call.lots) else named


_PIECES = {
    PieceType.NOTICE: ("l'avis de marché", "the notice"),
    PieceType.RC: ("le règlement de la consultation", "the instructions to tenderers"),
    PieceType.CCAP: ("le CCAP", "the administrative conditions (CCAP)"),
    PieceType.CCTP: ("le CCTP", "the technical specifications (CCTP)"),
}


def unread_pieces(view: View, *needed: PieceType) -> tuple[PieceType, ...]:
    """Return the pieces that would tell and were not read; a CCP is a CCAP and a CCTP."""
    pieces = set(view.call.pieces)
    if PieceType.CCP in pieces:
        pieces |= {PieceType.CCAP, PieceType.CCTP}
    return tuple(piece for piece in needed if piece not in pieces)


def missing_words(view: View, *needed: PieceType) -> Words:
    """Return which of the pieces that would tell were not read, as words."""
    lost = unread_pieces(view, *needed)
    if not lost:
        if view.call.readable < _READ:
            return "des pages n'ont pas pu être lues", "pages could not be read"
        return "toutes les pièces usuelles ont été lues", "all usual documents were read"
    fr = " et ".join(_PIECES[piece][0] for piece in lost)
    en = " and ".join(_PIECES[piece][1] for piece in lost)
    more = len(lost) > 1
    verb = "n'ont pas été lus" if more else "n'a pas été lu"
    be = "was" if lost == (PieceType.NOTICE,) else "were"  # the others are plural in English
    return f"{fr} {verb}", f"{en} {be} not read"


_READ = 0.95  # share of pages under which what is not found may stand on a page not read


def blind(view: View, *needed: PieceType) -> bool:
    """Whether a piece, or pages, that would tell were not read."""
    return bool(unread_pieces(view, *needed)) or view.call.readable < _READ


def titles(findings: Iterable[Finding], prefix: Collection[str] | str) -> Words:
    """Return the titles of the labels of some findings, at most five."""
    names = {
        label
        for found in findings
        for label in found.labels
        if (label.startswith(prefix) if isinstance(prefix, str) else label in prefix)
    }
    told = [label for name, label in taxonomy.labels().items() if name in names]
    more = ["…"] if len(told) > 5 else []
    return (
        " ; ".join([lowered(label.title_fr) for label in told[:5]] + more),
        "; ".join([lowered(label.title_en) for label in told[:5]] + more),
    )


def carrying(findings: Iterable[Finding], labels: Collection[str] | str) -> list[Finding]:
    """Return the findings that carry one of these labels, or a label of this family ("env.")."""
    if isinstance(labels, str):
        return [f for f in findings if any(label.startswith(labels) for label in f.labels)]
    return [f for f in findings if any(label in labels for label in f.labels)]


_DUTY = (Stage.EXECUTION, Stage.SPECIFICATION, Stage.SUBJECT)


def duty_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that bind the contractor: in the subject, the need or the performance."""
    return [f for f in findings if f.status == Status.BINDING and f.stage in _DUTY]


def criterion_place(of: Criterion) -> Place:
    """Return where a criterion stands."""
    return Place(of.piece, of.page, of.boxes, of.quote, "")


def procedure_type(view: View) -> str:
    """Return the kind of procedure read, "" for none."""
    value = view.call.value("procedure.type")
    return str(value) if value is not None else ""


def saying(view: View, word: str) -> list[Fact]:
    """Return the facts whose words tell how the contract is awarded."""
    pattern = legal.words("how")[word]
    return [
        fact
        for fact in view.call.facts
        if fact.name in ("procedure.object", "procedure.type")
        and (pattern.search(str(fact.value)) or pattern.search(fact.place.quote))
    ]


def concession_places(view: View) -> list[Place] | None:
    """Return where the call speaks of a concession, None when it does not."""
    places = [fact.place for fact in saying(view, "concession")]
    if any(article.startswith("L3113") for lot in view.call.lots for article in lot.articles):
        return places
    return places or None


def places_of(view: View, name: str) -> tuple[Place, ...]:
    """Return where the facts of one name stand."""
    return tuple(fact.place for fact in facts_named(view, name))


def what_is_bought(view: View, what: str) -> tuple[Words, tuple[Place, ...]] | None:
    """Return the words that tell that something is bought, None when nothing does."""
    pattern = legal.words("what")[what]
    for fact in facts_named(view, "procedure.object"):
        if match := pattern.search(str(fact.value)):
            return (match[0], match[0]), (fact.place,)
    for lot in view.call.lots:
        if match := pattern.search(lot.title):
            return (match[0], match[0]), ()
        if code := next((c for c in lot.cpv if c.startswith(legal.prefixes()[what])), ""):
            return (f"CPV {code}", f"CPV {code}"), ()
    for criterion in view.call.criteria:
        if criterion.parent is None and (match := pattern.search(criterion.name)):
            return (match[0], match[0]), (criterion_place(criterion),)
    return None
