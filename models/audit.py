"""What a buyer declares in the coded fields of a notice or contract, against what is written.

A declaration is no annotation: buyers leave fields empty, and tick them without a clause. A row
says what was declared, what was read, and what was not; it judges nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from corpus.documents import Piece
from corpus.findings import Finding, Lot, Place
from models.call import Call
from models.classifier import classifier
from models.decp import decp_lot
from models.eforms_out import eforms_lot
from models.reading import read_call
from models.standards import Coded, Sheet, empty, fields, title, unread, with_scored, words
from nlp.dossier import told
from nlp.reading.notice import notice_fields
from nlp.sections import lot_numbers

AGREED, DECLARED, DETECTED = "agreed", "declared", "detected"

# Where no field of ours declares, the reader's own lines are still no words of the tender.
_CODED_LINE = re.compile(
    r"\(BT-\d{2,4} [a-z-]+\)"
    r"|^\W*Considérations (?:sociales|environnementales) :"
    r"|^\W*Objectifs? de développement durable :"
)
_KEY = re.compile(r"(?:(?P<scope>(?P<kind>[A-Z]{3})-[^/]+)/)?(?P<field>[\w-]+)")
_Reader = Callable[[Call, str], Sheet]
_READERS: Mapping[str, _Reader] = {"decp": decp_lot, "eforms": eforms_lot}


@dataclass(frozen=True, slots=True)
class Declared:
    """The coded fields of one declaration, by standard ("eforms", "decp"), lot and field.

    Lot "" is the whole contract. ``unplaced`` are contracts of a file of several whose lot cannot
    be told from their title. ``source`` is the id of the piece, "" for a record.
    """

    lots: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]]
    source: str = ""
    unplaced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """One code of one lot: declared and read ("agreed"), "declared" only or "detected" only.

    ``declared`` are all the codes declared in the field: () where the buyer left it empty,
    ("none",) where the buyer says that there is nothing. ``missing`` are the pieces that might
    hold the clause and were not read.
    """

    standard: str
    lot: str
    field: str
    code: str
    outcome: str
    declared: tuple[str, ...]
    labels: tuple[str, ...]
    findings: tuple[str, ...]
    places: tuple[Place, ...]
    missing: str
    message_fr: str
    message_en: str
    source: str = ""

    @property
    def contradicted(self) -> bool:
        """Whether the buyer says that there is nothing and something was read."""
        return self.outcome == DETECTED and bool(
            set(self.declared) & empty(self.standard, self.field)
        )


@dataclass(frozen=True, slots=True)
class Total:
    """How often codes of a field were declared and read; ``code`` "" sums those of the field.

    ``silent`` and ``contradicted`` are the rows read only where the field was left empty, and where
    it says that there is nothing. ``lots`` are the lots of which the code is declared, of the field
    any code; ``lots_read`` those of them of which some code of the same field is read.
    """

    standard: str
    field: str
    code: str
    agreed: int
    declared_only: int
    detected_only: int
    silent: int
    contradicted: int
    lots: int
    lots_read: int

    @property
    def supported(self) -> float | None:
        """Share (0 to 1) of what is declared that is read too; None when nothing is declared."""
        return _ratio(self.agreed, self.agreed + self.declared_only)

    @property
    def stated(self) -> float | None:
        """Share (0 to 1) of what is read that is declared too; None when nothing is read."""
        return _ratio(self.agreed, self.agreed + self.detected_only)


def declared(source: Piece | Mapping[str, Any]) -> Declared:
    """Return what a notice, or a record in JSON (DECP, OCDS, BOAMP, eForms fields), declares.

    Groups of lots and parts of a planning are left out. What is no notice declares nothing.
    """
    if isinstance(source, Piece):
        return _declared(source.fields, source.id)
    return _declared(notice_fields(json.dumps(source).encode()), "")


def _declared(values: Mapping[str, tuple[str, ...]], source: str) -> Declared:
    found: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {}
    unplaced: list[str] = []
    standards = {field: standard for standard in _READERS for field in fields(standard)}
    for key, codes in values.items():
        match = _KEY.fullmatch(key)
        standard = standards.get(match["field"]) if match else None
        if match is None or standard is None:
            continue
        lot = _lot(match["scope"] or "", match["kind"] or "", values)
        if lot is None:
            if match["kind"] == "CON":
                unplaced.append(match["scope"])
            continue
        own = found.setdefault(standard, {}).setdefault(lot, {})
        own[match["field"]] = tuple(dict.fromkeys((*own.get(match["field"], ()), *codes)))
    return Declared(found, source, tuple(dict.fromkeys(unplaced)))


def _lot(scope: str, kind: str, values: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the lot of a scope, "" for the whole contract, None where it is no lot or unknown."""
    if kind == "CON":
        numbers = lot_numbers(" ".join(values.get(f"{scope}/BT-21", ())))
        return numbers[0] if len(numbers) == 1 else None
    if kind not in ("", "LOT"):
        return None
    number = scope.removeprefix("LOT-").lstrip("0")
    return number


def audit(call: Call, declaration: Declared) -> tuple[Comparison, ...]:
    """Compare a declaration with what is read, each code of each lot.

    The declaration's own lines are not taken for words of the tender. What is declared of the whole
    contract is compared with all its lots together.
    """
    heard = without_codes(call)
    rows: list[Comparison] = []
    for standard, by_lot in declaration.lots.items():
        known = {lot.number for lot in heard.lots}
        for lot in sorted({*by_lot, *(known - by_lot.keys() if "" not in by_lot else ())}, key=_by):
            # A notice of one lot calls it "1"; the dossier then knows none.
            sheet = _READERS[standard](heard, lot if known or len(by_lot) > 1 else "")
            whole = by_lot.get("", {}) if lot else {}
            told_of = {**whole, **by_lot.get(lot, {})}
            for field in fields(standard):
                rows += _compared(heard, sheet, lot, field, told_of.get(field, ()), declaration)
    return tuple(rows)


def _by(lot: str) -> tuple[int, str]:
    return (int(lot) if lot.isdigit() else 0, lot)


def without_codes(call: Call) -> Call:
    """Return a call without the findings that are but a coded field put into words."""
    kept = tuple(f for f in call.findings if not _CODED_LINE.search(f.quote))
    by_id = {finding.id: finding for finding in kept}
    return replace(call, findings=kept, lots=tuple(_without(lot, call, by_id) for lot in call.lots))


def _without(lot: Lot, call: Call, kept: Mapping[str, Finding]) -> Lot:
    gone = {f.id for f in call.findings} - kept.keys()
    own = tuple(key for key in lot.findings if key not in gone)
    proved = {label for key in own if key in kept for label in kept[key].labels}
    return replace(lot, findings=own, reserved=tuple(r for r in lot.reserved if r in proved))


def _compared(
    call: Call,
    sheet: Sheet,
    lot: str,
    field: str,
    said: tuple[str, ...],
    declaration: Declared,
) -> Iterator[Comparison]:
    nothing = empty(sheet.standard, field)
    read = {c.code: c for c in sheet.codes if c.field == field and c.findings}
    stated = [code for code in said if code not in nothing]
    for code in dict.fromkeys((*stated, *read)):
        found = read.get(code)
        outcome = AGREED if found and code in stated else DETECTED if found else DECLARED
        lost = "" if found else unread(call, "reserved" if field in _RESERVED else "clauses")
        message_fr, message_en = _messages(sheet.standard, field, code, outcome, said, lost)
        yield Comparison(
            standard=sheet.standard,
            lot=lot,
            field=field,
            code=code,
            outcome=outcome,
            declared=said,
            labels=found.labels if found else (),
            findings=found.findings if found else (),
            places=_places(call, found),
            missing=lost,
            message_fr=message_fr,
            message_en=message_en,
            source=declaration.source,
        )


_RESERVED = frozenset(("BT-71", "BT-736"))


def _messages(
    standard: str, field: str, code: str, outcome: str, said: tuple[str, ...], lost: str
) -> tuple[str, str]:
    def named(language: str) -> str:
        meaning = words(standard, field, code, language)
        head = title(standard, field, language)
        mark = f"{field} {code}" if standard == "eforms" else field
        return f"{head} : {meaning} ({mark})" if language == "fr" else f"{head}: {meaning} ({mark})"

    other = ", ".join(said)
    match outcome:
        case "agreed":
            return f"{named('fr')} : déclaré et lu.", f"{named('en')}: declared and read."
        case "declared":
            fr = f"{named('fr')} : déclaré ; aucun passage lu ne le porte"
            en = f"{named('en')}: declared; no passage that was read says so"
            if lost:
                fr, en = f"{fr} (non lu : {lost})", f"{en} (not read: {lost})"
            return f"{fr}.", f"{en}."
    fr, en = (f"déclaré : {other}", f"declared: {other}") if said else ("champ vide", "field empty")
    return f"{named('fr')} : lu, non déclaré ({fr}).", f"{named('en')}: read, not declared ({en})."


def _places(call: Call, found: Coded | None) -> tuple[Place, ...]:
    by_id = {finding.id: finding for finding in with_scored(call)}
    own = (by_id[key] for key in (found.findings if found else ()))
    return tuple(Place(f.piece, f.page, f.boxes, f.quote, f.article) for f in own)


def audit_many(rows: Iterable[Comparison]) -> tuple[Total, ...]:
    """Return the totals of many comparisons, for each field and each of its codes.

    Lots are told apart by ``source`` and number: give each declaration a source of its own.
    """
    counts: dict[tuple[str, str, str], list[int]] = {}
    said: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
    read: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for row in rows:
        for code in ("", row.code):
            key = (row.standard, row.field, code)
            own = counts.setdefault(key, [0] * 5)
            own[(AGREED, DECLARED, DETECTED).index(row.outcome)] += 1
            own[3] += row.outcome == DETECTED and not row.declared
            own[4] += row.contradicted
            if row.outcome != DETECTED:
                said.setdefault(key, set()).add((row.source, row.lot))
        if row.outcome != DECLARED:
            read.setdefault((row.standard, row.field), set()).add((row.source, row.lot))
    return tuple(
        _total(key, own, said.get(key, set()), read.get(key[:2], set()))
        for key, own in sorted(counts.items())
    )


def _total(
    key: tuple[str, str, str],
    counts: Sequence[int],
    said: set[tuple[str, str]],
    read: set[tuple[str, str]],
) -> Total:
    agreed, declared_only, detected_only, silent, contradicted = counts
    return Total(
        standard=key[0],
        field=key[1],
        code=key[2],
        agreed=agreed,
        declared_only=declared_only,
        detected_only=detected_only,
        silent=silent,
        contradicted=contradicted,
        lots=len(said),
        lots_read=len(said & read),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


# -- files ----------------------------------------------------------------------------------------


def audit_pieces(pieces: Sequence[Piece]) -> tuple[Comparison, ...]:
    """Compare what each notice or contract among these pieces declares with all they say.

    The pieces are one dossier, as ``service.screening.read`` returns them.
    """
    call = read_call(tuple(told(piece) for piece in pieces), classifier())
    return tuple(row for piece in pieces for row in audit(call, declared(piece)))
