"""Levers and barriers of a dossier as facts: advance, payment, turnover, variants, visit...

Each sentence of the call is read for what it is about, by its own words or, when it only carries
on ("Elle est de 5 %"), by those of the sentence, row or heading before it. The words are in
``patterns/_levers.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from corpus.documents import Block, BlockKind, Piece, PieceType
from corpus.facts import checked
from corpus.findings import Fact, Value
from nlp.dossier import Said, Told
from nlp.evidence import place
from nlp.numbers import Number, dates, days, money, numbers, percents
from nlp.sections import lot_numbers
from nlp.wordlists import word_lists

_CONTRACT = frozenset(
    {
        PieceType.CCAP,
        PieceType.CCP,
        PieceType.AE,
        PieceType.RC,
        PieceType.NOTICE,
        PieceType.CCTP,
    }
)
_CALL = frozenset({PieceType.RC, PieceType.NOTICE})
_RULES = _CALL | {PieceType.CCP}
_TOPICS: Mapping[str, frozenset[PieceType]] = {
    "advance": _CONTRACT,
    "security": _CONTRACT,
    "payment": _CONTRACT,
    "interim": _CONTRACT - {PieceType.CCTP},
    "variants": _RULES | {PieceType.CCAP, PieceType.CCTP},
    "options": _RULES,
    "grouping": _RULES | {PieceType.CCAP, PieceType.AE},
    "subcontracting": _RULES | {PieceType.CCAP, PieceType.AE},
    "visit": _RULES,
    "samples": _RULES,
    "references": _CALL,
    "turnover": _CALL,
    "headcount": _CALL,
}

# A sentence ends at a stop before white space, not at that of "art." or "L."; the separators of
# the cells of a row end none.
_END = re.compile(r"[.;!?](?=\s|$)|\s(?=[☐☒☑]|\[\s?[xX]?\s?\]\s)")
_SHORTENED = ("art", " L", " R", " D", " n", " M", "ch", "cf", "H.T", "T.T.C")
_BOX = re.compile(r"[☐☒☑■]|\[\s?[xX]?\s?\]")
_TICKED = re.compile(r"[☒☑■]|\[\s?[xX]")
_LETTERED = re.compile(r"\blots?\s+((?-i:[A-H])(?:\s*(?:,|et)\s*(?-i:[A-H]))*)\b(?!['’])", re.I)
_ALL_LOTS = re.compile(
    r"\b(?:tous les|les deux|les trois|l'ensemble des|chacun des|chaque|les différents) lots?\b"
    r"(?!\s*\d)",
    re.I,
)
_OTHER_LOTS = re.compile(r"\bautres lots\b", re.I)
_TIMES = re.compile(
    r"\b(?P<times>\d{1,2}(?:[,.]\d{1,2})?|une|deux|trois|quatre|cinq|dix) fois(?P<half> et demie?)?"
    r"|\ble (?P<double>double|triple)\b",
    re.I,
)
_WORDS = {"une": 1.0, "deux": 2.0, "trois": 3.0, "quatre": 4.0, "cinq": 5.0, "dix": 10.0}
_AT_LEAST_ONE = re.compile(r"\bau moins une référence\b", re.I)
_OF_LOT = re.compile(r"\s*\(?\s*(?P<lots>(?:pour (?:le|les) )?lots?\s[^)]{1,30})\)", re.I)
_HIGHEST_ADVANCE = 60.0  # percent; what is above is progress or a bond
_HIGHEST_RETENTION = 10.0
_SHORTEST, _LONGEST = 10, 90  # days of a payment
_SLOWEST_ANSWER = 130  # days between dispatch and deadline
_CACHED = 256  # headings and leads
_FAR = 200  # characters between a list of references and its years
_NEAR = 100  # characters between a cue and its number


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a block at ``[start, start + len(text))``, with what it is about.

    ``own`` are the topics of its words, ``about`` those it carries on besides.
    """

    piece: Piece
    block: Block
    role: PieceType
    start: int
    text: str
    own: frozenset[str]
    about: frozenset[str]
    lots: tuple[str, ...]

    def on(self, topic: str) -> bool:
        return topic in self.own or topic in self.about


class _Found(NamedTuple):
    """A value read in a sentence at ``[start, end)`` of it; ``lots`` when it names its own."""

    name: str
    value: Value
    start: int
    end: int
    by: str
    detail: str = ""
    lots: tuple[str, ...] | None = None


def levers(dossier: Sequence[Told]) -> tuple[Fact, ...]:
    """Return the ``lever.*`` facts and ``procedure.answer_days`` that the pieces state.

    Each passage gives its own fact, in reading order; ``lots`` is empty for all lots. A fact
    that stands in no force is not there: unticked options, denials that are no refusal, recitals.
    """
    lots = _lots(dossier)
    facts: list[Fact] = []
    for told in dossier:
        for said in told.said:
            facts += _block(told.piece, said, lots)
        facts += _answer_dates(told)
        facts += _pieces_asked(told)
    return tuple(checked(fact) for fact in _settled(facts))


def _says(name: str, text: str) -> re.Match[str] | None:
    return word_lists("levers")[name].search(text)


def _plain(text: str) -> str:
    return text.replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")


# -- lots -----------------------------------------------------------------------------------------


def _lots(dossier: Sequence[Told]) -> tuple[str, ...]:
    """Return every lot that the dossier names, in order."""
    found: dict[str, None] = {}
    for told in dossier:
        for said in told.said:
            if "lot" in said.block.text.lower():
                found.update(dict.fromkeys(_named(said.block.text)))
    return tuple(sorted(found, key=lambda lot: (len(lot), lot)))


def _named(text: str) -> tuple[str, ...]:
    letters = [x for m in _LETTERED.finditer(text) for x in re.findall(r"[A-H]", m[1])]
    return tuple(dict.fromkeys((*lot_numbers(text), *letters)))


def _lots_of(text: str, block: Block, known: tuple[str, ...], first: bool) -> tuple[str, ...]:
    """Return the lots a sentence holds for, empty for all of them."""
    if not known:
        return ()
    if _ALL_LOTS.search(text):
        return ()
    named = tuple(lot for lot in _named(text) if lot in known)
    if not named and first and block.lead and block.kind == BlockKind.ITEM:
        named = tuple(lot for lot in _named(block.lead) if lot in known)
    if not named and not _OTHER_LOTS.search(text) and block.kind != BlockKind.ROW:
        named = tuple(lot for lot in block.lots if lot in known)
    return () if set(named) == set(known) else named


_OPENS_LOTS = re.compile(r"\W*(?:[\d.]{1,6}\s*)?[–-]?\s*(?:pour les? )?lots?\b[^:.;,]{1,30}:", re.I)


def _opening(text: str) -> str:
    match = _OPENS_LOTS.match(text)
    return match[0] if match else ""


# -- sentences ------------------------------------------------------------------------------------


_OTHER_PAYERS = re.compile(
    r"\bles autres (?:membres|acheteurs|établissements)\b[^.;]{0,40}\bjours\b"
)


# "S'il est d'une autre forme, il pourra se voir contraint d'assurer sa transformation."
_TRANSFORMED = re.compile(
    r"\b(?:contraint|tenu|obligé)\w*\b[^.;]{0,40}\btransform"
    r"|\btransformation\b[^.;]{0,40}\bimpos",
    re.I,
)


def _block(piece: Piece, said: Said, known: tuple[str, ...]) -> Iterator[Fact]:
    block, role = said.block, said.role
    if said.choice or role not in _CONTRACT or block.kind == BlockKind.HEADING:
        return
    found: list[tuple[_Sentence, _Found]] = []
    for sentence in _sentences(piece, block, role, known):
        found += [(sentence, f) for f in _read(sentence)]
    # Two delays in one passage are those of different payers, and neither is the contract's.
    delays = {f.value for _, f in found if f.name == "lever.payment_days"}
    if _OTHER_PAYERS.search(block.text):
        delays |= {0, 1}
    if any(f.name == "lever.grouping" and f.value != "free" for _, f in found) and not any(
        f.name == "lever.grouping_imposed" for _, f in found
    ):
        found += [
            (s, replaced)
            for s, f in found
            if f.name == "lever.grouping"
            and (replaced := f._replace(name="lever.grouping_imposed", by="grouping_transformed"))
            and _TRANSFORMED.search(block.text)
        ]
    free = any(f.name == "lever.grouping" and f.value == "free" for _, f in found)
    limited = any(f.value == "limited" for _, f in found if f.name == "lever.subcontracting")
    for sentence, f in found:
        if f.name == "lever.payment_days" and len(delays) > 1:
            continue
        if f.name == "lever.subcontracting" and limited and f.value == "allowed":
            continue  # what is left once some tasks are kept
        if free and f.name == "lever.grouping" and f.value != "free":
            continue  # what the winner has to become leaves the form of the bid free
        start, end = _whole(block.text, sentence.start + f.start, sentence.start + f.end)
        yield Fact(
            name=f.name,
            value=f.value,
            place=place(piece, block, start, end),
            found_by=f.by,
            lots=sentence.lots if f.lots is None else f.lots,
            detail=f.detail,
        )


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a run of a text to whole words."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def _sentences(
    piece: Piece, block: Block, role: PieceType, known: tuple[str, ...]
) -> Iterator[_Sentence]:
    text = _plain(block.text)
    headings = _announced(block.path[-1], role) if block.path else frozenset()
    if block.kind == BlockKind.ITEM and block.lead:
        headings |= _announced(block.lead, role)
    before: frozenset[str] = frozenset()
    lots: tuple[str, ...] = ()
    opened = _lots_of(_opening(text), block, known, first=True)  # "Lot 1 :" holds for all below
    cut = False  # whether the sentence before ended at a semicolon
    for number, (start, end) in enumerate(_bounds(text, block.kind == BlockKind.ROW)):
        part = text[start:end]
        own = _topics(part, role)
        option = _BOX.match(part.lstrip()) is not None  # answers the question before the boxes
        goes_on = before and ((cut and not own) or option or _says("carries_on", part))
        carried = before if goes_on else frozenset()
        named = _lots_of(part, block, known, first=number == 0 or cut)
        if _OTHER_LOTS.search(part) and lots and not named:
            named = tuple(lot for lot in known if lot not in lots)
        if not (named or _ALL_LOTS.search(part) or _OTHER_LOTS.search(part)):
            named = opened
        about = carried if own or number else carried | headings
        if own and not number and _says("carries_on", part):
            about |= headings
        if not own and not carried and number:
            about = headings if len(part) < 160 else frozenset()
        if own or about or _holds(part.lower(), _ASIDE):
            yield _Sentence(piece, block, role, start, part, own, about, named)
        before = before if option else own or carried
        lots = named or lots
        cut = end < len(text) and text[end : end + 1] == ";"


def _bounds(text: str, row: bool) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        if row and match[0] != ".":
            continue
        if match[0] == "." and text.endswith(_SHORTENED, start, match.start()):
            continue
        if text[start : match.start()].strip():
            yield start, match.start()
        start = match.end() if match[0].strip() else match.start()
    if text[start:].strip():
        yield start, len(text)


# Stems that stand in every sentence on a topic: plain words are looked for before patterns are.
_STEMS: Mapping[str, tuple[str, ...]] = {
    "advance": ("avance",),
    "security": ("retenue", "caution", "sûreté", "garanti"),
    "payment": (
        "paie", "paye", "pay", "règle", "régl", "honor", "libère", "mandat", "virement", "acquitt",
        "sold",
    ),
    "interim": (
        "acompte", "factur", "règlement", "régl", "paiement", "payé", "décompte", "situation",
        "versement", "douzième",
    ),
    "variants": ("variant",),
    "options": ("supplémentaire", "pse", "option"),
    "grouping": ("groupement", "traitance", "groupée"),
    "subcontracting": ("sous-trait",),
    "visit": ("visit",),
    "samples": ("échantillon", "spécimen"),
    "references": (
        "référence", "attestation", "principa", "similaire", "comparable", "analogue", "liste",
        "contrat", "même nature", "livraison", "chantier", "opération", "mission", "réalisation",
    ),
    "turnover": ("affaire", "turnover"),
    "headcount": ("effectif",),
}  # fmt: skip
# What is read without a topic: certificates, local preference, time to answer.
_CERTIFIED = ("certif", "qualif", "équivalen", "label")
_LOCAL = (
    "implant", "situ", "proximité", "canton", "local", "locaux", "territoire", "install", "établi",
    "distance", "ancrage", "éloignement", "région", "départe", "basé", "domicili", "du siège",
)  # fmt: skip
_ASIDE = (*_CERTIFIED, *_LOCAL, " jour")


def _holds(low: str, words: tuple[str, ...]) -> bool:
    return any(map(low.__contains__, words))  # asked of every sentence, hence no generator


def _topics(text: str, role: PieceType) -> frozenset[str]:
    low = text.lower()
    return frozenset(
        topic
        for topic, stems in _STEMS.items()
        if role in _TOPICS[topic] and _holds(low, stems) and _says(f"about_{topic}", text)
    )


@lru_cache(_CACHED)
def _announced(heading: str, role: PieceType) -> frozenset[str]:
    """Return what a heading or the lead of a list announces, asked for every block below it."""
    return _topics(_plain(heading), role)


def _read(sentence: _Sentence) -> Iterator[_Found]:
    text = sentence.text
    if _says("law_talk", text):
        return
    box = _BOX.search(text)
    if box is not None and not _TICKED.match(box[0]):
        return  # not ticked, or left to the bidder
    for topic, reader in _READERS.items():
        if sentence.on(topic):
            yield from reader(sentence)
    if sentence.role in _CALL:
        yield from _certifications(sentence)
        yield from _answer_time(sentence)
    if sentence.role in _CONTRACT:
        yield from _localism(sentence)


# -- advance, securities, payment -----------------------------------------------------------------


def _advance(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    refused = _says("advance_refused", text)
    if refused is None and "advance" in s.about and not s.own:
        refused = _says("empty_answer", text)
    if refused is not None and not _says("advance_not_refused", text):
        yield _Found(
            "lever.advance_refused", True, refused.start(), refused.end(), "advance_refused"
        )
        return
    own = _says("about_advance", text)
    if own is None and not re.search(r"\b(?:taux|montant|elle|fix|porté|de \d|versée)", text, re.I):
        return
    rates = [
        p
        for p in percents(text)
        if 0 < p.value <= _HIGHEST_ADVANCE
        and not _says("rate_elsewhere", text[max(0, p.start - 110) : p.start])
        and not _says("rate_after", text[p.end : p.end + 80])
        and not _says("rate_bound", text[max(0, p.start - 70) : p.start])
    ]
    for rate, detail in _rated(text, rates):
        start = min(own.start() if own else rate.start, rate.start)
        yield _Found(
            "lever.advance_percent", rate.value, start, rate.end, "advance_percent", detail
        )


def _rated(text: str, rates: Sequence[Number]) -> Iterator[tuple[Number, str]]:
    """Yield rates with "pme" for those of small firms, named after or before their rate."""
    small_before = False  # whether the small firms were the last rate's
    for at, rate in enumerate(rates):
        after = rates[at + 1].start if at + 1 < len(rates) else len(text)
        low = rates[at - 1].end if at else 0
        right = _says("small_firm", text[rate.end : after]) is not None
        left = _says("small_firm", text[low : rate.start]) is not None
        yield rate, "pme" if right or (left and not small_before) else ""
        small_before = right


def _security(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    held = _says("retention", text)
    if held is None and "security" in s.about and "security" not in s.own:
        held = re.search(r"\b(?:elle|son taux|le taux|le montant)\b", text, re.I)
        if (
            re.search(r"avance", text, re.I)
            or not s.block.path
            or "retenue" not in (s.block.path[-1].lower())
        ):
            held = None
    none = _says("no_guarantee", text)
    if none is None and not s.own and "security" in s.about:
        none = _says("empty_answer", text)
    if held is not None and not _denied(text, held.start(), held.end()):
        rates = [
            p
            for p in percents(text)
            if 0 < p.value <= _HIGHEST_RETENTION
            and len(near := text[min(held.end(), p.end) : max(held.start(), p.start)]) < _NEAR
            and not re.search(r"pénalit|avance|TVA", near, re.I)
        ]
        for at, (rate, detail) in enumerate(_rated(text, rates)):
            if at and not detail:
                break  # another percentage of the sentence
            start, end = min(held.start(), rate.start), max(held.end(), rate.end)
            yield _Found("lever.retention_percent", rate.value, start, end, "retention", detail)
    other = _says("other_guarantee", text)
    bank, demand = _says("bank", text), _says("on_demand", text)
    if bank is not None and not _denied(text, bank.start(), bank.end()) and other is None:
        # The bond of a bank costs the firm less: where both will do, it is what is asked.
        yield _Found("lever.guarantee", "bank", bank.start(), bank.end(), "guarantee_bank")
    elif demand is not None and not _denied(text, demand.start(), demand.end()):
        yield _Found("lever.guarantee", "demand", demand.start(), demand.end(), "guarantee_demand")
    elif none is not None and other is None:
        yield _Found("lever.guarantee", "none", none.start(), none.end(), "guarantee_none")


def _denied(text: str, start: int, end: int) -> bool:
    return bool(
        _says("denied_before", text[max(0, start - 110) : start])
        or _says("denied_after", text[end : end + 90])
    )


def _payment(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    if "jour" not in text.lower():
        return
    strong = _says("payment_strong", text)
    cues = list(word_lists("levers")["payment_cue"].finditer(text))
    if not cues and "payment" in s.about and re.search(r"\b(?:délai|jours)\b", text, re.I):
        path = s.block.path[-1] if s.block.path else ""
        if _says("payment_strong", _plain(path)) and len(text) < 200:
            cues = list(re.finditer(r"^\W*", text))  # "Trente jours." below "Délai de paiement"
            strong = cues[0] if cues else None
    if not cues or (re.search(r"\bavance\b", text, re.I) and strong is None):
        return
    for delay in days(text):
        if not _SHORTEST <= delay.value <= _LONGEST:
            continue
        before = [m for m in cues if m.end() <= delay.start and delay.start - m.end() < _NEAR]
        after = [m for m in cues if 0 <= m.start() - delay.end < 40]
        if not (before or after):
            continue
        cue = before[-1] if before else after[0]
        low, high = min(cue.start(), delay.start), max(cue.end(), delay.end)
        # Only the words between the cue and the number tell another delay, once it is named.
        around = text[low:high] if strong is not None and strong.start() == cue.start() else text
        if _says("payment_other", around):
            continue
        yield _Found("lever.payment_days", int(delay.value), low, high, "payment_days")
        return


def _interim(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    if _says("interim_other", text):
        return
    found = [
        (match.end(), value, match)
        for value in ("none", "monthly", "quarterly", "progress")
        if (match := _says(f"interim_{value}", text)) is not None
    ]
    if not found and "interim" in s.own and (last := _QUARTER.search(text)) is not None:
        found = [(last.end(), "quarterly", last)]
    if found:  # the rule comes first, what is granted to some after it
        _, value, match = min(found, key=lambda f: f[0])
        by = f"interim_{value}"
        yield _Found("lever.interim", value, match.start(), match.end(), by)


_QUARTER = re.compile(r"\bpar trimestre\b(?=\W*$)", re.I)


# -- rules of the offer ---------------------------------------------------------------------------


# In the contract's pieces a variant of the offer is one that somebody may present, or a rule that
# opens the sentence; technical variants are not.
_BIDS = re.compile(
    r"\b(?:candidats?|opérateurs?|soumissionnaires?|entreprises?)\b"
    r"|^\W*(?:\d\S*\s)?(?:les|aucune) variante",
    re.I,
)


def _variants(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    if _says("conditional", text) or _says("variant_other", text):
        return
    cue = _says("about_variants", text)
    if cue is None and len(text) > 150:
        return
    if s.role in (PieceType.CCTP, PieceType.CCAP) and (cue is None or not _BIDS.search(text)):
        return
    required = _says("variant_required", text)
    forbidden = _says("variant_forbidden", text) or (
        _says("empty_answer", text) if cue is None else None
    )
    allowed = _says("variant_allowed", text)
    if required is not None and forbidden is None:
        value, match = "required", required
    elif forbidden is not None:
        value, match = "forbidden", forbidden
    elif allowed is not None:
        value, match = "allowed", allowed
    else:
        return
    start = min(match.start(), cue.start() if cue else match.start())
    end = max(match.end(), cue.end() if cue else match.end())
    yield _Found("lever.variants", value, start, end, f"variants_{value}")


def _options(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    if "options" not in s.own:
        empty = _says("empty_answer", text)
        if empty is not None and re.search(r"supplémentaire|\bPSE\b", " ".join(s.block.path[-1:])):
            yield _Found("lever.options", False, empty.start(), empty.end(), "options_none")
        return
    if (none := _says("option_no", text)) is not None:
        yield _Found("lever.options", False, none.start(), none.end(), "options_none")
    elif (asked := _says("option_yes", text)) is not None and not _says("option_other", text):
        yield _Found("lever.options", True, asked.start(), asked.end(), "options_asked")


def _grouping(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    if _says("group_not", text):
        return
    free = _says("group_free", text)
    if free is None and not _says("group_conjoint", text) and not _says("group_solidaire", text):
        free = _says("group_admitted", text)
    if s.role in (PieceType.AE, PieceType.CCAP) and free is None and not _says("group_must", text):
        return  # there the form is that of who signs
    if free is not None:
        yield _Found("lever.grouping", "free", free.start(), free.end(), "grouping_free")
        return
    form, match = "conjoint", _says("group_conjoint", text)
    if match is None:
        form, match = "solidaire", _says("group_solidaire", text)
    if match is None:
        return
    imposed = _says("group_imposed", text)
    if imposed is None and _says("group_wish", text) is None:
        return
    if s.role in _RULES:  # the contract's own pieces rule on the winner, no more on bids
        yield _Found("lever.grouping", form, match.start(), match.end(), "grouping_form")
    if imposed is not None:
        low, high = min(match.start(), imposed.start()), max(match.end(), imposed.end())
        yield _Found("lever.grouping_imposed", form, low, high, "grouping_imposed")


def _subcontracting(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    if _says("subcontract_other", text):
        return
    limited, allowed = _says("subcontract_limited", text), _says("subcontract_allowed", text)
    if "subcontracting" in s.about and len(text) < 160:
        limited = limited or _says("subcontract_limited_on", text)
        allowed = allowed or _says("subcontract_allowed_on", text)
    if limited is not None:
        yield _Found(
            "lever.subcontracting", "limited", limited.start(), limited.end(), "subcontract_limited"
        )
    elif allowed is not None:
        yield _Found(
            "lever.subcontracting", "allowed", allowed.start(), allowed.end(), "subcontract_allowed"
        )


def _visit(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    if _says("visit_not", text) or _says("conditional", text):
        return
    if s.role == PieceType.CCP and not re.search(
        r"\bcandidat|\bvisites? (?:préalable|sur site|obligatoire|facultative)"
        r"|\bvisites? (?:du|des|de la|sur le) (?:site|lieu|local|locaux|installation)",
        text,
        re.I,
    ):
        return
    dispensed = _says("visit_dispensed", text) if "visit" in s.about else None
    optional, compulsory = _says("visit_optional", text), _says("visit_compulsory", text)
    if dispensed is not None:
        at = dispensed
        yield _Found("lever.site_visit", "optional", at.start(), at.end(), "visit_optional")
    elif optional is not None:
        at = optional
        yield _Found("lever.site_visit", "optional", at.start(), at.end(), "visit_optional")
    elif compulsory is not None and not re.search(r"\bn(?:on|'est pas) obligatoire", text, re.I):
        at = compulsory
        yield _Found("lever.site_visit", "compulsory", at.start(), at.end(), "visit_compulsory")
    elif "visit" not in s.own and len(text) < 90:
        found = re.search(r"\b(obligatoire)|\b(facultative|conseillée|recommandée)", text, re.I)
        if found is not None and not re.search(r"\bn(?:on|'est pas) ", text, re.I):
            value = "compulsory" if found[1] else "optional"
            yield _Found("lever.site_visit", value, found.start(), found.end(), f"visit_{value}")


def _samples(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    cue = _says("about_samples", text)
    if cue is None or _says("sample_not", text):
        return
    for asked in word_lists("levers")["sample_asked"].finditer(text):
        low, high = min(cue.start(), asked.start()), max(cue.end(), asked.end())
        if high - low < _FAR:
            yield _Found("lever.samples", True, low, high, "samples")
            return


# -- what is asked of the firm --------------------------------------------------------------------


def _references(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    cue = _says("about_references", text)
    if cue is None or _says("reference_not", text):
        return
    counted = False
    years: list[tuple[int, int, int]] = []
    for n in numbers(text):
        after = text[n.end : n.end + 60]
        if _says("reference_years", after) and n.value <= 10:
            before = text[max(0, n.start - 16) : n.start]
            bare = re.match(r"\s?(?:\(\d{1,2}\) ?)?ans?\b", after)
            if not bare or re.search(r"\b(?:moins de|sur|dans|des|depuis|les)\s$", before, re.I):
                years.append((int(n.value), n.start, n.end))
        elif not counted and 0 < n.value <= 30 and _says("reference_noun", after):
            counted = True
            own = _nearest_lots(s, n.start, n.end)
            yield _Found("lever.references", int(n.value), n.start, n.end, "references", "", own)
        elif (
            not counted
            and n.start > cue.end()
            and 0 < n.value <= 30
            and _says("reference_count_after", after)
        ):
            counted = True
            yield _Found("lever.references", int(n.value), n.start, n.end, "references_after")
    if not counted and (one := _AT_LEAST_ONE.search(text)) is not None:
        yield _Found("lever.references", 1, one.start(), one.end(), "references")
    cues = list(word_lists("levers")["about_references"].finditer(text))
    for value, start, end in years:
        near = [m for m in cues if m.start() < end and start - m.end() < _FAR] or [
            m for m in cues if 0 <= m.start() - end < _NEAR // 2
        ]
        if not near:
            continue
        low, high = min(near[-1].start(), start), max(near[-1].end(), end)
        if _OF_OTHERS.search(text[low:high]):
            continue
        own = _nearest_lots(s, low, high)
        yield _Found("lever.references_years", value, low, high, "references_years", "", own)
        return


# What else is asked for the last three years.
_OF_OTHERS = re.compile(
    r"\beffectifs?\b|\bchiffres? d'affaires\b|\bbilans?\b|\bencadrement\b", re.I
)


def _nearest_lots(s: _Sentence, start: int, end: int) -> tuple[str, ...] | None:
    """Return () where the lots a sentence names, in brackets or further on, are those of others."""
    if not s.lots or _named(s.text[:start]) or not _named(s.text):
        return None
    comma = s.text.find(",", end)
    return None if _named(s.text[end : comma if comma > 0 else len(s.text)]) else ()


def _turnover(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    cue, floor = _says("about_turnover", text), _says("turnover_floor", text)
    if floor is None or _says("turnover_not", text):
        return
    if cue is None and not re.search(r"\b(?:minim\w+|au moins)\b", text, re.I):
        return
    low = min(floor.start(), cue.start() if cue else floor.start())
    for amount in money(text):
        if amount.value >= 1000:
            end = max(amount.end, floor.end())
            yield _Found("lever.turnover_eur", amount.value, low, end, "turnover_eur")
            return
    times = _TIMES.search(text)
    if times is None or cue is None:
        return
    if times["double"]:
        value = 2.0 if times["double"].lower() == "double" else 3.0
    else:
        word = times["times"].lower()
        value = _WORDS.get(word) or float(word.replace(",", "."))
        value += 0.5 if times["half"] else 0.0
    yield _Found("lever.turnover_multiple", value, low, times.end(), "turnover_multiple")


def _headcount(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    cue, floor = _says("about_headcount", text), _says("headcount_floor", text)
    if cue is None or floor is None or _denied(text, cue.start(), cue.end()):
        return
    for n in numbers(text):
        near = abs(n.start - floor.end()) < 40 or abs(n.end - floor.start()) < 40
        if near and _says("headcount_unit", text[n.end : n.end + 40]):
            low, high = min(cue.start(), n.start), max(cue.end(), n.end)
            yield _Found("lever.headcount", int(n.value), low, high, "headcount")
            return


def _certifications(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    if not _holds(text.lower(), _CERTIFIED):
        return
    found = [m for m in word_lists("levers")["certification"].finditer(text) if m[0].strip()]
    if not found or not _says("certification_asked", text) or _says("certification_not", text):
        return
    equivalent = "equivalent" if _says("equivalent", text) else ""
    at = 0
    for place_, match in enumerate(found):
        if match.start() < at:
            continue
        at = match.end()
        after = found[place_ + 1].start() if place_ + 1 < len(found) else len(text)
        lots = _OF_LOT.search(text, match.end(), after)
        own = _named(lots["lots"]) if lots else None
        yield _Found(
            "lever.certification",
            " ".join(match[0].split()),
            match.start(),
            match.end(),
            "certification",
            equivalent,
            own,
        )


def _localism(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    if not _holds(text.lower(), _LOCAL):
        return
    found = _says("local", text)
    if found is not None and not _says("local_not", text):
        start = len(text) - len(text.lstrip())
        words = " ".join(text.split())
        yield _Found("lever.localism", words, start, len(text), "localism")


def _answer_time(s: _Sentence) -> Iterator[_Found]:
    text = s.text
    if "jour" not in text.lower():
        return
    for delay in days(text):
        before, after = text[max(0, delay.start - 90) : delay.start], text[delay.end :]
        if not 7 <= delay.value <= _SLOWEST_ANSWER or not _says("answer_time", before):
            continue
        purpose = _says("answer_purpose", before) or _says("answer_purpose", after[:80])
        if purpose is not None and not _says("answer_other", before + after[:60]):
            yield _Found(
                "procedure.answer_days", int(delay.value), delay.start, delay.end, "answer_days"
            )


_READERS: Mapping[str, Callable[[_Sentence], Iterator[_Found]]] = {
    "advance": _advance,
    "security": _security,
    "payment": _payment,
    "interim": _interim,
    "variants": _variants,
    "options": _options,
    "grouping": _grouping,
    "subcontracting": _subcontracting,
    "visit": _visit,
    "samples": _samples,
    "references": _references,
    "turnover": _turnover,
    "headcount": _headcount,
}


# -- whole pieces ---------------------------------------------------------------------------------


def _answer_dates(told: Told) -> Iterator[Fact]:
    """Yield the days between dispatch and deadline when one piece gives both dates."""
    sent: date | None = None
    until: tuple[date, Block, int, int] | None = None
    for block, role, _ in told.said:
        if role not in _CALL:
            continue
        text = _plain(block.text)
        for day in dates(text):
            before = text[max(0, day.start - 90) : day.start]
            before = before[before.rfind(". ") + 1 :]
            value = date.fromisoformat(day.value)
            if sent is None and _says("dispatch", before) and not _says("deadline", before):
                sent = value
            elif (
                until is None and _says("deadline", before) and not _says("deadline_other", before)
            ):
                until = (value, block, day.start, day.end)
    if sent is None or until is None or not 0 < (until[0] - sent).days <= _SLOWEST_ANSWER:
        return
    value, block, start, end = until
    yield Fact(
        name="procedure.answer_days",
        value=(value - sent).days,
        place=place(told.piece, block, start, end),
        found_by="answer_dates",
    )


def _pieces_asked(told: Told) -> Iterator[Fact]:
    """Yield how many documents each list of the application or the offer counts."""
    said = [s for s in told.said if s.role in _CALL]
    at = 0
    while at < len(said):
        block = said[at].block
        end = at + 1
        while end < len(said) and _listed(said[end].block, block.text):
            end += 1
        # Items of a nested list have a longer lead and tell what one document holds.
        mark = said[at + 1].block.text[:1] if end > at + 1 else ""
        lead = said[at + 1].block.lead if end > at + 1 else ""
        items = [s for s in said[at + 1 : end] if s.block.lead == lead and s.block.text[:1] == mark]
        if not mark or mark.isalnum():
            items = [s for s in said[at + 1 : end] if s.block.lead == lead]
        text = _plain(block.text)
        if len(items) > 1 and text.rstrip().endswith(":") and _asks(text, block.path):
            part = (
                "application" if _says("asked_part", text + " ".join(block.path[-1:])) else "offer"
            )
            yield Fact(
                name="lever.pieces_asked",
                value=len(items),
                place=place(told.piece, block, 0, len(block.text)),
                found_by="pieces_asked",
                detail=part,
            )
        at = end


def _listed(block: Block, lead: str) -> bool:
    return block.kind == BlockKind.ITEM and block.lead.startswith(lead[-400:])


def _asks(text: str, path: Sequence[str]) -> bool:
    """Tell whether a sentence introduces what a bidder has to hand in."""
    said = text[-260:]
    where = _plain(" ".join(path[-2:]))
    return bool(
        _says("asked_lead", said)
        and _says("asked_verb", said)
        and not _says("asked_not", said)
        and re.search(r"\b(?:candida|offre|pli|réponse|soumission|propos)", said + where, re.I)
    )


def _settled(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Drop "no guarantee" where one is asked for the same lots: it spoke of another sum."""
    asked = [f for f in facts if f.name == "lever.guarantee" and f.value != "none"]
    for fact in facts:
        refuted = (
            fact.name == "lever.guarantee"
            and fact.value == "none"
            and any(not f.lots or not fact.lots or set(f.lots) & set(fact.lots) for f in asked)
        )
        if not refuted:
            yield fact
