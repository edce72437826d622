"""Lots of the consultation: title, amounts, duration, place, CPV codes and reservations of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from corpus.documents import CELL_MARK, Block, BlockKind, PieceType
from corpus.findings import Finding, Lot, Status
from nlp.cues import articles
from nlp.dossier import Told
from nlp.numbers import duration_months, money, numbers
from nlp.procedure import contract_months, durations
from nlp.wordlists import word_lists

# The pieces that say best what is divided come first; a CCTP names the lots of others too.
_ORDER = (
    PieceType.RC, PieceType.NOTICE, PieceType.CCP, PieceType.AE, PieceType.CCAP, PieceType.CCTP,
)  # fmt: skip
_LONGEST = 140  # characters of a title
_MOST = 400  # lots; more are the rows of another table

# Letters and roman numbers are capitals, else "chaque lot a une durée" would name a lot A.
_ONE = r"(?:\d{1,3}(?:[A-Za-z]\b|\.\d{1,2}\b)?|(?-i:[IVX]{2,4}|[A-HI])(?!['’\w]))"
_MENTION = re.compile(
    rf"\b(?:lot\s?-\s?0*(?P<code>\d{{1,4}})\b|lot\s?(?:n\s?[°ºo]\s?|num[ée]ro\s)?:?\s?(?P<one>{_ONE})(?![\d°])"
    rf"|lots\s(?:n\s?[°ºo]s?\s?)?(?P<many>{_ONE}(?:\s?(?:,|;|\bet\b|\bà\b|/|&|-|\bou\b)\s?(?:(?:et|ou)\s)?"
    rf"(?:n\s?[°ºo]\s?|le\s|lots?\s)?{_ONE}){{0,30}})(?![\d°]))",
    re.I,
)
_PART = re.compile(rf"(?P<mark>\bà\b|-)?\s?(?:n\s?[°ºo]\s?|le\s|lots?\s)?(?P<one>{_ONE})", re.I)
_BEFORE_TITLE = re.compile(r"\s{0,3}(?:[:–—,.|-]{1,2}|\()\s{0,3}")
_OPENS = re.compile(r"(?:^|[:;.•☐☒☑■,\n–—-]|\bet|\bou|\ble|\bun)\W{0,4}(?:[A-Z\d.]{1,6}\W{1,4})?$")
_CELL = re.compile(
    r"\W{0,3}(?:lot\s?)?(?:n\s?[°ºo]\s?)?(?P<one>\d{1,3}[A-Za-z]?|(?-i:[A-H]|[IVX]{1,4}))\W{0,3}",
    re.I,
)
_CPV = re.compile(r"(?<!\d)(?P<code>\d{8})(?:\s?-\s?\d)?(?!\d)")
_ITEM_NUMBER = re.compile(r"\W{0,3}(?P<one>\d{1,2})\s?[.)°–—-]+\s")
_TED = re.compile(
    r"Intitul[ée]\s?:\s?(?P<title>.{3,200}?)?\s*\bLot n\s?°\s?:\s?(?P<one>\w{1,4})\b", re.I
)
_TED_LOT = re.compile(r"\bLot n\s?°\s?:\s?(?P<one>\w{1,4})\b", re.I)
_TED_TITLE = re.compile(r"Intitul[ée]\s?:\s?(?P<title>.{3,200})$", re.I)
_FOR_LOT = re.compile(
    r"(?P<amount>\d{1,3}(?:[ .\u00a0\u202f]\d{3})+)\s?(?:€|euros?)?\s?(?:HT|hors taxes)?"
    rf"\s?pour le lot\s(?:n\s?°\s?)?(?P<one>{_ONE})",
    re.I,
)
# What a sentence goes on to tell of a lot once it has named it.
_TOLD = re.compile(
    r",\s+(?:dont|pour lequel|d['’]un (?:montant|maximum)|(?:é|e)valu[ée]|estim[ée]|plafonn[ée]"
    r"|limit[ée]|chiffr[ée]|dot[ée]|r[ée]serv[ée])\w*\b",
    re.I,
)
_FIELD = re.compile(r"LOT-0*(?P<one>\d{1,4})/(?P<name>BT-\d+)")
_SENTENCE = re.compile(r"(?<=[.;])\s+(?=[A-ZÉÈÀ☐☒•])|\n")
_LABELLED = re.compile(
    r"\W{0,3}(?:[IVX\d.]{1,8}\)?\s?)?(?P<label>[^:]{3,90}?)\s?:\s*(?P<value>\S.*)", re.S
)
_DIGITS = re.compile(r"\d")
# A line of a table whose borders are lost: "Lot n° 1 Bassin des Marais maximum annuel ...".
_BARE = re.compile(
    rf"\W{{0,3}}lot\s(?:n\s?[°ºo]\s?)?(?P<one>{_ONE})\s+(?P<title>[^\W\d_].{{2,200}})", re.I | re.S
)
_BARE_END = re.compile(
    r"\s+(?:(?:montant|maxim|minim|estim|valeur|budget|plafond|r[ée]serv)\w*\b"
    r"|\d[\d .\u00a0\u202f]*(?:€|euros?|EUR)|\d+\s?(?:%|points?|heures?|h\b))",
    re.I,
)
# A heading that announces the lots themselves, whatever the columns below it are called.
_DIVISION = re.compile(
    r"\ballotissement|\bdivision\b|\bd[ée]coupage|\bd[ée]composition en lots"
    r"|(?:^|[.–—:)-]\s*)(?:les |des |liste des |d[ée]tail des |description des )?(?:\w+ )?lots\W*$",
    re.I,
)


@dataclass(slots=True)
class _Draft:
    """What one piece says of a lot; the first words that say a thing count."""

    title: str = ""
    amount: float | None = None
    maximum: float | None = None
    duration: float | None = None
    place: str = ""
    cpv: list[str] = field(default_factory=list)

    def take(self, other: _Draft) -> None:
        self.title = self.title or other.title
        self.amount = other.amount if self.amount is None else self.amount
        self.maximum = other.maximum if self.maximum is None else self.maximum
        self.duration = other.duration if self.duration is None else self.duration
        self.place = self.place or other.place
        self.cpv = self.cpv or other.cpv


_Drafts = dict[str, _Draft]


class Mention(NamedTuple):
    """Words that name lots ("les lots 1 et 3"): ``numbers`` without leading zeros."""

    start: int
    end: int
    numbers: tuple[str, ...]


class _Reservation(NamedTuple):
    """The lots that a finding reserves, None when it reserves the whole contract."""

    finding: Finding
    lots: tuple[str, ...] | None


def lots(dossier: Sequence[Told], findings: Sequence[Finding]) -> tuple[Lot, ...]:
    """Return the lots of a dossier in order, empty when the consultation has none.

    A single lot found is no division: at least two are needed. A duration that the pieces agree on
    for the whole consultation is that of each lot, unless lots run for times of their own.
    """
    drafts: _Drafts = {}
    for _, read in _by_piece(dossier):
        for number, draft in read.items():
            drafts.setdefault(number, _Draft()).take(draft)
    if not any(draft.cpv for draft in drafts.values()):
        only = {
            m["code"]
            for t in dossier
            for s in t.said
            if "CPV" in s.block.text
            for m in _CPV.finditer(s.block.text)
        }
        for draft in drafts.values():
            draft.cpv = list(only) if len(only) == 1 else []  # it covers every lot
    return _lots(drafts, _reservations(dossier, findings), _common(dossier))


def stated_lots(
    dossier: Sequence[Told], findings: Sequence[Finding] = ()
) -> Mapping[str, tuple[Lot, ...]]:
    """Return by piece id the lots as each piece states them, for comparing pieces.

    Pieces that state none are left out. A lot holds only what the piece itself writes of it; its
    title is "" where the piece gives none.
    """
    drafts: dict[str, _Drafts] = {}
    for piece, read in _by_piece(dossier, _ORDER[:-1]):
        known = drafts.setdefault(piece, {})
        for number, draft in read.items():
            known.setdefault(number, _Draft()).take(draft)
    found = {}
    for told in dossier:
        own = [f for f in findings if f.piece == told.piece.id]
        stated = _lots(
            drafts.get(told.piece.id, {}), _reservations([told], own), None, untitled=True
        )
        if stated:
            found[told.piece.id] = stated
    return found


def mentions(text: str) -> Iterator[Mention]:
    """Yield the words that name lots by number or letter ("lots 2 à 4" -> 2, 3, 4)."""
    for match in _MENTION.finditer(text):
        if match["code"] or match["one"]:
            yield Mention(match.start(), match.end(), (_plain(match["code"] or match["one"]),))
            continue
        found: list[str] = []
        for part in _PART.finditer(match["many"]):
            one = _plain(part["one"])
            if part["mark"] and found and found[-1].isdigit() and one.isdigit():
                found += [str(n) for n in range(int(found[-1]) + 1, min(int(one), 99) + 1)]
            else:
                found.append(one)
        yield Mention(match.start(), match.end(), tuple(dict.fromkeys(found)))


def _plain(number: str) -> str:
    return number.upper().lstrip("0") or "0"


def _by_piece(
    dossier: Sequence[Told], roles: Sequence[PieceType | None] = (*_ORDER, None)
) -> Iterator[tuple[str, _Drafts]]:
    """Yield what each piece, then each part of it by its role, says of lots: best pieces first."""
    # The lots that an acte d'engagement offers to tick are the buyer's words: choices are read.
    typed: dict[str, _Drafts] = {}
    for told in dossier:
        if read := _fields(told.piece.fields):
            typed[told.piece.id] = read
            yield told.piece.id, read
    for role in roles:
        for told in dossier:
            blocks = [
                s.block for s in told.said if (s.role == role if role else s.role not in _ORDER)
            ]
            if blocks and any("lot" in b.text.lower() for b in blocks):
                read = _Reader(blocks).read()
                if known := typed.get(told.piece.id):  # titles in which buyers count otherwise
                    read = {n: d for n, d in read.items() if n in known}
                if role in (None, PieceType.CCTP):  # they name lots that others are for
                    read = {n: _Draft(duration=d.duration, title=d.title) for n, d in read.items()}
                if role is None:
                    for draft in read.values():
                        draft.title = ""
                yield told.piece.id, read


def _words(name: str) -> re.Pattern[str]:
    return word_lists("lots")[name]


def _lots(
    drafts: Mapping[str, _Draft],
    reservations: Sequence[_Reservation],
    common: float | None,
    *,
    untitled: bool = False,
) -> tuple[Lot, ...]:
    named = {n for n, d in drafts.items() if (untitled and d != _Draft()) or d.title}
    if not 1 < len(named) <= _MOST:
        return ()
    named = _one_series(named - {"0"})
    found = []
    for number in sorted(named, key=_order):
        draft = drafts[number]
        own = [r.finding for r in reservations if r.lots is None or number in r.lots]
        labels = dict.fromkeys(
            label for f in own for label in f.labels if label.startswith("reserved.")
        )
        cited = dict.fromkeys(
            name for f in own for name, _, _ in articles(f.quote) if _reserving(name)
        )
        if "L2113-14" in cited:  # it reserves to the publics of both 12 and 13
            cited = {"L2113-14": None}
        found.append(
            Lot(
                number=number,
                title=draft.title,
                amount_eur=draft.amount,
                reserved=tuple(labels),
                findings=tuple(f.id for f in own),
                maximum_eur=draft.maximum,
                duration_months=common if draft.duration is None else draft.duration,
                place=draft.place,
                cpv=tuple(draft.cpv),
                articles=tuple(cited),
            )
        )
    return tuple(found)


def _one_series(named: set[str]) -> set[str]:
    """Keep the numbers of the larger series when both figures and letters name lots."""
    figures = {n for n in named if n[:1].isdigit()}
    letters = named - figures
    if figures and letters:
        return figures if len(figures) >= len(letters) else letters
    return named


def _order(number: str) -> tuple[int, str]:
    digits = re.match(r"\d+", number)
    return (int(digits[0]) if digits else 0, number)


def _common(dossier: Sequence[Told]) -> float | None:
    """Return the duration of the consultation when no piece contradicts it nor lots run alone."""
    whole = {
        float(fact.value)
        for fact in durations(dossier)
        if not fact.lots and isinstance(fact.value, int | float)
    }
    if len(whole) != 1:
        return None
    alone = _words("own_time")
    if any(
        "chaque lot" in s.block.text and alone.search(s.block.text) for t in dossier for s in t.said
    ):
        return None
    return whole.pop()


def _fields(fields: Mapping[str, tuple[str, ...]]) -> _Drafts:
    """Read the typed fields of a notice."""
    found: _Drafts = {}
    for key, values in fields.items():
        match = _FIELD.fullmatch(key)
        if match is None or not values:
            continue
        draft = found.setdefault(_plain(match["one"]), _Draft())
        match match["name"]:
            case "BT-21":
                draft.title = _tidy(values[0])
            case "BT-27":
                draft.amount = _float(values[0])
            case "BT-271":
                draft.maximum = _float(values[0])
            case "BT-262":
                draft.cpv = [v[:8] for v in dict.fromkeys(values)]
            case "BT-5131" | "BT-728":
                draft.place = draft.place or _tidy(values[0])
            case "BT-36":
                draft.duration = _months(values[0])
    return found


def _float(text: str) -> float | None:
    match = re.match(r"[\d ]+(?:[.,]\d+)?", text)
    return float(match[0].replace(" ", "").replace(",", ".")) if match else None


def _months(measure: str) -> float | None:
    """Return the months of a measured field ("48 MONTH", "2 YEAR")."""
    match = re.match(r"(\d+(?:\.\d+)?)\s?(MONTH|YEAR)", measure, re.I)
    return float(match[1]) * (12 if match[2].upper() == "YEAR" else 1) if match else None


# -- reading a piece -------------------------------------------------------------------------------


class _Reader:
    """Reads the lots of the blocks of one piece, each block once, in order."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._found: _Drafts = {}
        self._current = ""  # the lot that the lines that follow are about
        self._lined = ""  # the last lot that had such lines
        self._listing = False  # lots follow each other: lines after the last are about all
        self._near = ""  # the last heading or paragraph: it may announce a table of lots
        self._items: list[Block] = []
        self._title = ""  # of a lot whose number stands on the next line

    def read(self) -> _Drafts:
        bare = _bare_lines(self._blocks)
        for at, block in enumerate(self._blocks):
            if block.kind == BlockKind.ROW:
                self._row(block)
                continue
            if at in bare:
                number, title = bare[at]
                draft = self._draft(number)
                draft.title = draft.title or title
                self._segment(draft, block.text, "")
                continue
            if block.kind == BlockKind.HEADING and not block.lots:
                self._current = ""
            self._block(block)
            if block.kind != BlockKind.ITEM:
                self._listed()
                self._near = block.text[-300:]
        self._listed()
        return self._found

    def _draft(self, number: str) -> _Draft:
        return self._found.setdefault(number, _Draft())

    # rows

    def _row(self, block: Block) -> None:
        cells = [block.text[s:e].strip() for s, e in block.cells]
        headers = block.lead.split(CELL_MARK) if block.lead else []
        if not cells or any(_MENTION.match(h.strip()) for h in headers):
            return  # a table with a column a lot
        if _words("criteria_table").search(block.lead):
            return  # its numbered lines are criteria of a lot
        where = block.path[-1] if block.path else ""
        if _words("penalty_table").search(f"{where} {block.lead}"):
            return  # it tells what each lot pays
        first = _CELL.fullmatch(cells[0])
        at = 0
        second = len(headers) > 1 and re.search(r"\blots?\b", headers[1], re.I) is not None
        if first is None and second and len(cells) > 2:
            first, at = _CELL.fullmatch(cells[1]), 1
        says = cells[at].lower().startswith("lot")
        if first is None:
            self._named_cell(cells, headers)
            return
        header = headers[at] if at < len(headers) else ""
        of_lots = re.search(r"\blots?\b", header, re.I) or (
            (re.search(r"\bn\s?[°º]|num[ée]ro", header, re.I) or not header.strip())
            and (re.search(r"\blots?\b", self._near + " " + block.lead, re.I) is not None)
            and headers
            and (_names(block.lead) or _DIVISION.search(where))
        )
        if not (says or of_lots) or (first["one"].isalpha() and not (says or header)):
            return
        number = _plain(first["one"])
        if number == "0":
            return
        self._columns(number, cells[at + 1 :], headers[at + 1 :] if headers else [])

    def _named_cell(self, cells: Sequence[str], headers: Sequence[str]) -> None:
        """Read a row whose first cell says it all ("Lot n° 1 – Tonte")."""
        found = next(mentions(cells[0]), None)
        if found is None or found.start > 3 or len(found.numbers) != 1:
            column = headers[0] if headers else ""
            match = re.match(r"\W{0,3}(\d{1,2})\s?[:.–—-]\s*(?=[^\W\d])", cells[0])
            if match is None or not re.search(r"\blots?\b", column, re.I):
                return
            number, end = _plain(match[1]), match.end()
            title = _title(": " + cells[0][end:])
        else:
            number = found.numbers[0]
            title = _title(cells[0][found.end :])
        draft = self._draft(number)
        draft.title = draft.title or title
        self._columns(number, cells[1:], headers[1:] if headers else [], title=not title)

    def _columns(
        self, number: str, cells: Sequence[str], headers: Sequence[str], title: bool = True
    ) -> None:
        draft = self._draft(number)
        titled = [i for i, h in enumerate(headers) if _names(h)]
        names = [i for i in titled if i < len(cells) and _lettered(cells[i])]
        if title and not names:
            names = [
                i
                for i, cell in enumerate(cells)
                if _lettered(cell)
                and not (i < len(headers) and _words("other_column").search(headers[i]))
                and not _words("no_title").search(cell)
            ][:1]
        if title and names and not draft.title:
            draft.title = _cut(cells[names[0]])
        for i, cell in enumerate(cells):
            if i in names[:1] and title:
                self._segment(draft, cell, "")
                continue
            header = headers[i] if i < len(headers) else ""
            self._column(draft, cell, header)

    def _column(self, draft: _Draft, cell: str, header: str) -> None:
        if not draft.cpv and "cpv" in f"{header} {cell}".lower():
            draft.cpv = [m["code"] for m in _CPV.finditer(cell)]
        if _words("duration").search(header) and draft.duration is None:
            draft.duration = _span(cell, header)
            if draft.duration is not None:
                return
        if header and _words("place").search(header) and not draft.place and _lettered(cell):
            draft.place = _tidy(cell)
        self._money(draft, cell, header)

    def _money(self, draft: _Draft, cell: str, header: str) -> None:
        """Read the amount of a cell: in euros, or a bare number below a header that says so."""
        said = f"{header} {cell}"
        if not _DIGITS.search(cell) or _words("other_amount").search(said):
            return
        maximum = _words("maximum").search(said)
        estimate = _words("estimate").search(said) or "€" in header
        if not (maximum or estimate) or (_words("minimum").search(said) and not maximum):
            return
        if _words("yearly").search(said):
            return
        amounts = [m.value for m in money(cell)] or (
            [n.value for n in numbers(cell) if n.value >= 100]
            if header and not re.search(r"[^\W\d_]{3}", cell.replace("HT", ""))
            else []
        )
        if len(amounts) != 1:
            return
        if maximum and draft.maximum is None:
            draft.maximum = amounts[0]
        elif not maximum and draft.amount is None:
            draft.amount = amounts[0]

    # text

    def _block(self, block: Block) -> None:
        text = block.text
        if self._official(text):
            return
        low = text.lower()
        if "lot" not in low:
            if block.kind == BlockKind.ITEM:
                self._items.append(block)
            elif self._current:
                self._line(self._current, text)
            return
        found = list(mentions(text))
        if not found:
            if block.kind == BlockKind.ITEM:
                self._items.append(block)
            elif self._current:
                self._line(self._current, text)
            self._unnumbered(text)
            return
        heading = block.kind == BlockKind.HEADING
        if (
            len(found[0].numbers) == 1
            and found[0].start < 8
            and (heading or len(text) < 250)
            and not _words("no_title").search(text[found[0].end :].lstrip(" :–—-.,"))
        ):
            self._listing = not heading and self._current not in ("", self._lined)
            self._current = found[0].numbers[0]
        self._enumerated(block, found)
        self._amounts_before(text)

    def _official(self, text: str) -> bool:
        """Read the form of European notices: "II.2.1) Intitulé : … Lot n° : 1"."""
        if match := _TED.search(text):
            self._current, self._listing = _plain(match["one"]), False
            draft = self._draft(self._current)
            draft.title = draft.title or _tidy(match["title"] or self._title)
            return True
        if match := _TED_LOT.search(text):
            self._current, self._listing = _plain(match["one"]), False
            draft = self._draft(self._current)
            draft.title = draft.title or self._title
            self._title = ""
            return True
        title = _TED_TITLE.search(text)
        self._title = _tidy(title["title"]) if title else ""
        return False

    def _line(self, number: str, text: str) -> None:
        """Read one labelled line of the part about one lot ("Durée : 24 mois")."""
        match = _LABELLED.match(text)
        if self._listing:
            return
        if match is not None:
            self._lined = number
        draft = self._draft(number)
        if draft.duration is not None and re.search("reconduct|reconduit|renouvel", text):
            draft.duration = max(draft.duration, contract_months(text[:900]) or 0.0)
        if len(text) > 400:
            return
        label = match["label"] if match else ""
        value = match["value"] if match else text
        if not draft.cpv and _words("labelled_cpv").search(text):
            draft.cpv = [m["code"] for m in _CPV.finditer(text)][:1]
        if not match:
            return
        low = label.lower()
        if draft.duration is None and _words("duration").search(label) and "validit" not in low:
            draft.duration = _span(value, label)
        placed = low.startswith(("lieu", "ii.2.3", "ville d'ex")) and _lettered(value)
        if placed and not draft.place and not value.lower().startswith("code nuts"):
            draft.place = _tidy(value)
        if _says_value(label) and _DIGITS.search(value):
            self._money(draft, value[:120], label)
        if not draft.title and low in ("titre", "intitulé"):
            draft.title = _tidy(value)

    def _enumerated(self, block: Block, found: Sequence[Mention]) -> None:
        """Read lots told one after the other, each with what stands before the next one."""
        text = block.text
        singles = [m for m in found if len(m.numbers) == 1]
        titles: dict[str, str] = {}
        for mention, after in zip(singles, (*singles[1:], None), strict=False):
            end = after.start if after else len(text)
            rest = text[mention.end : end]
            title = (
                _title(rest)
                if _OPENS.search(text[max(0, mention.start - 16) : mention.start])
                else ""
            )
            if title:
                titles.setdefault(mention.numbers[0], title)
        alone = singles and singles[0].start < 12
        if titles and (len(titles) > 1 or alone):
            for number, title in titles.items():
                draft = self._draft(number)
                draft.title = draft.title or title
        elif len(titles) < 2 and (told := _behind(text, singles)):
            for number, title in told.items():
                draft = self._draft(number)
                draft.title = draft.title or title
        head = text[: singles[0].start] if singles else ""
        timed = bool(_words("duration").search(f"{block.path[-1:]} {text}")) or "courent" in text
        for mention, after in zip(singles, (*singles[1:], None), strict=False):
            number = mention.numbers[0]
            stop = after.start if after else len(text)
            rest = text[mention.end : stop]
            if not (_OPENS.search(text[max(0, mention.start - 16) : mention.start])):
                continue
            if number not in titles and not re.match(r"\s?[:,–—(-]", rest):
                continue
            draft = self._draft(number)
            self._segment(draft, rest, head)
            own = _SENTENCE.split(rest)[0]
            if timed and draft.duration is None and len(own) < 160:
                named = re.search(r"dur[ée]e|d[ée]lai", own, re.I)
                term = next(iter(duration_months(own)), None)
                if term is not None and ((named and named.start() < term.start) or term.start < 6):
                    draft.duration = term.total

    def _segment(self, draft: _Draft, rest: str, head: str) -> None:
        """Read the CPV code and the amounts that follow a lot, ``head`` what announces them all."""
        own = rest[:400]
        if not draft.cpv and "cpv" in own.lower():
            draft.cpv = [m["code"] for m in _CPV.finditer(own)]
        if not _DIGITS.search(own) and "euro" not in own:
            return
        at = 0
        for amount in money(own):
            before = own[at : amount.start]
            at = amount.end
            least = _words("minimum").search(before) and not _words("maximum").search(before)
            said = before if least or _says_value(before) else f"{head[-160:]} {before}"
            beyond = own[amount.end : amount.end + 30]
            if (
                _words("other_amount").search(said)
                or not _says_value(said)
                or _words("yearly").search(f"{head[-160:]} {said} {beyond}")
                or (_words("minimum").search(said) and not _words("maximum").search(said))
            ):
                continue
            if _words("maximum").search(said):
                draft.maximum = amount.value if draft.maximum is None else draft.maximum
            elif draft.amount is None:
                draft.amount = amount.value

    def _amounts_before(self, text: str) -> None:
        """Read amounts told before their lots ("600 000 pour le lot 1")."""
        if "pour le lot" not in text:
            return
        for sentence in _SENTENCE.split(text):
            maximum = _words("maximum").search(sentence)
            if not (maximum or _words("estimate").search(sentence)):
                continue
            if _words("other_amount").search(sentence) or _words("yearly").search(sentence):
                continue
            for match in _FOR_LOT.finditer(sentence):
                draft = self._draft(_plain(match["one"]))
                value = float(re.sub(r"\D", "", match["amount"]))
                if maximum and draft.maximum is None:
                    draft.maximum = value
                elif not maximum and draft.amount is None:
                    draft.amount = value

    # lots without their numbers

    def _unnumbered(self, text: str) -> None:
        """Read "Deux lots : gros œuvre ; peinture" when as many are named as are told."""
        divided = _words("divided").search(text)
        if divided is None:
            return
        colon = re.compile(r"[^:.;]{0,60}:\s*").match(text, divided.end())
        if colon is None:
            return
        rest = re.split(r"\.(?:\s+[A-ZÉÈ]|$)", text[colon.end() :])[0]
        named = [part.strip() for part in rest.split(";") if part.strip()]
        if len(named) == _count(divided) > 1:
            self._take(named)

    def _listed(self) -> None:
        """Read a list below "… trois lots :" whose items do not say that they are lots."""
        items, self._items = self._items, []
        led = [b for b in items if b.lead and _words("divided").search(b.lead)]
        if len(led) < 2:
            return
        lead = led[0].lead
        divided = _words("divided").search(lead)
        led = [b for b in led if b.lead == lead]
        if divided is None or len(led) != _count(divided) or "critère" in lead:
            return
        self._take([_ITEM_NUMBER.sub("", b.text, count=1).lstrip("•-–—* ") for b in led])

    def _take(self, named: Sequence[str]) -> None:
        titles = [_cut(part) for part in named]
        if not all(_lettered(t) and len(t) <= _LONGEST for t in titles):
            return
        for number, (title, part) in enumerate(zip(titles, named, strict=True), 1):
            draft = self._draft(str(number))
            draft.title = draft.title or title
            self._segment(draft, part, "")


def _count(match: re.Match[str]) -> int:
    return int(next((n.value for n in numbers(match["count"])), 0))


def _says_value(text: str) -> bool:
    return bool(_words("maximum").search(text) or _words("estimate").search(text))


def _span(text: str, header: str) -> float | None:
    """Return the months of a cell, or the number alone below "Durée en mois"."""
    if (found := next(iter(duration_months(text)), None)) is not None:
        return found.total
    unit = re.search(r"\ben\s(mois|ann[ée]es|ans)\b|\((mois|ann[ée]es|ans)\)", header, re.I)
    number = re.fullmatch(r"\W*(\d{1,3})\W*", text)
    if unit is None or number is None:
        return None
    return float(number[1]) * (1 if (unit[1] or unit[2]).lower() == "mois" else 12)


def _names(header: str) -> bool:
    """Tell whether a column holds the titles of lots."""
    return bool(_words("name").search(header)) and not _words("no_name").search(header)


def _bare_lines(blocks: Sequence[Block]) -> dict[int, tuple[str, str]]:
    """Return the number and title of lines "Lot 1 Title" by their index, where some follow."""
    told: dict[int, tuple[str, str]] = {}
    for at, block in enumerate(blocks):
        if len(block.text) > 220 or block.kind in (BlockKind.ROW, BlockKind.HEADING):
            continue
        match = _BARE.fullmatch(block.text.strip())
        if match is None or _words("penalty_table").search(" ".join(block.path[-1:])):
            continue
        title = _tidy(_BARE_END.split(match["title"])[0])
        if (
            _lettered(title)
            and title[0].isupper()
            and not match["title"].rstrip().endswith(".")
            and not _words("no_title").search(title)
        ):
            told[at] = (_plain(match["one"]), title[:_LONGEST])
    return {
        at: found
        for at, found in told.items()
        if any(told.get(n, found)[0] != found[0] for n in (at - 1, at + 1))
    }


def _lettered(cell: str) -> bool:
    return re.search(r"[^\W\d_]{3}", cell) is not None


def _behind(text: str, singles: Sequence[Mention]) -> dict[str, str]:
    """Read titles that stand before their lots ("nord (lot 1), centre (lot 2)")."""
    divided = _words("divided").search(text)
    if divided is None or len(singles) < 2 or _count(divided) != len(singles):
        return {}
    found = {}
    at = divided.end()
    for mention in singles:
        between = text[at : mention.start]
        if not between.endswith("("):
            return {}
        found[mention.numbers[0]] = re.sub(
            r"^.{0,60}:|^\W*(?:et\s)?", "", between.rstrip("( "), count=1
        ).strip(" ,;:)")
        at = mention.end
    return {n: t for n, t in found.items() if _lettered(t)}


def _title(rest: str) -> str:
    """Return the title that follows "Lot 1", "" when a clause or an amount does."""
    mark = _BEFORE_TITLE.match(rest)
    if mark is None:
        return ""
    said = rest[mark.end() :]
    if mark[0].strip() == "(":
        said = said.split(")")[0]
    said = _TOLD.split(said)[0]
    if _words("no_title").search(said[:_LONGEST].split(";")[0].split(" (")[0]):
        return ""
    title = _cut(said)
    return title if _lettered(title) and len(title) <= _LONGEST else ""


def _cut(text: str) -> str:
    """Return a title without what is told of its lot behind it."""
    text = text.strip(" :–—-")
    end = _words("cut").search(text, 2)
    return _tidy(text[: end.start()] if end else text)


def _tidy(title: str) -> str:
    title = re.sub(r"\s+", " ", title).strip(" :-–—.,;|*•")
    if title.count("(") != title.count(")"):
        title = title.rstrip("( ") if title.endswith("(") else title
    title = re.sub(r"\s*[,;]?\s(?:et|ou)$", "", title)
    return title[:_LONGEST]


# -- reservations ----------------------------------------------------------------------------------


_EVERY_LOT = re.compile(
    r"(?:tous les|l['’]ensemble des|chacun des|chaque|les (?:deux|trois|quatre|cinq)) lots?\b", re.I
)


def _reserving(article: str) -> bool:
    return re.fullmatch(r"L2113-1[2-7](?:-1)?", article) is not None


def _reservations(dossier: Sequence[Told], findings: Sequence[Finding]) -> tuple[_Reservation, ...]:
    """Return the reservations in force with their lots: those of the piece that decides.

    When pieces reserve different lots the best piece counts; the others only add to its lots.
    """
    roles = {told.piece.id: told.piece.type for told in dossier}
    found: dict[str, list[_Reservation]] = {}
    for finding in findings:
        if finding.status != Status.BINDING:
            continue
        if not any(label.startswith("reserved.") for label in finding.labels):
            continue
        if _words("recites").search(finding.quote):
            continue
        told = next((t for t in dossier if t.piece.id == finding.piece), None)
        named = _reserved_lots(finding, told)
        if named is None or named:
            found.setdefault(finding.piece, []).append(_Reservation(finding, named))
    found = _told_lots(found)
    if not found:
        return ()
    best = sorted(found, key=lambda piece: _rank(roles.get(piece)))
    decides = found[best[0]]
    whole = any(r.lots is None for r in decides)
    lots = {n for r in decides for n in r.lots or ()}
    kept = list(decides)
    for piece in best[1:]:
        for reservation in found[piece]:
            if reservation.lots is None:
                if whole:
                    kept.append(reservation)
            elif shared := tuple(n for n in reservation.lots if n in lots):
                kept.append(reservation._replace(lots=shared))
    return tuple(kept)


def _told_lots(found: Mapping[str, list[_Reservation]]) -> dict[str, list[_Reservation]]:
    """Drop what names no lot once other passages name those that are reserved.

    A title "Marché réservé" above a table of which one line is reserved reserves that line only.
    """
    if not any(r.lots for told in found.values() for r in told):
        return dict(found)
    kept = {
        piece: [r for r in told if r.lots or _EVERY_LOT.search(r.finding.quote)]
        for piece, told in found.items()
    }
    return {piece: told for piece, told in kept.items() if told}


def _rank(role: PieceType | None) -> int:
    return _ORDER.index(role) if role in _ORDER else len(_ORDER)


def _reserved_lots(finding: Finding, told: Told | None) -> tuple[str, ...] | None:
    """Return the lots a finding reserves, () when it names lots but reserves none of them."""
    quote = finding.quote
    named: list[str] = []
    spoken = False
    for sentence in re.split(r"[.;]\s+(?=[A-ZÉÈl])", quote):
        there = list(mentions(sentence))
        spoken = spoken or bool(there)
        if not there:
            continue
        cues = [m.start() for m in re.finditer(r"r[ée]serv", sentence, re.I)]
        for mention in there:
            if not cues or not _denied(sentence, mention, there):
                named += mention.numbers
    if named:
        return tuple(dict.fromkeys(named))
    if spoken:
        return ()
    if finding.lots:
        return finding.lots
    if (row := _row_of(quote, told)) is not None:
        return _lots_of_row(row)
    if not _words("reserves_all").search(quote) and not _under_reservation(quote, told):
        return ()  # it cites the law or a public without reserving anything
    if _words("this_lot").search(quote) or not _words("some_lot").search(quote):
        around = _lot_around(quote, told)
        if around or _words("this_lot").search(quote):
            return around
        return None
    return _as_whole(quote)


def _as_whole(quote: str) -> tuple[str, ...] | None:
    """Tell whether a passage that speaks of lots reserves all of them."""
    if _EVERY_LOT.search(quote):
        return None
    return (
        None
        if re.search(r"non alloti|sans (?:lots|allot)|pas (?:alloti|divis)", quote, re.I)
        else ()
    )


def _denied(sentence: str, mention: Mention, there: Sequence[Mention]) -> bool:
    """Tell whether the words about these lots up to the next ones deny that they are reserved."""
    after = [m.start for m in there if m.start > mention.start]
    end = min(after, default=len(sentence))
    own = sentence[mention.end : end]
    before = sentence[max(0, mention.start - 40) : mention.start]
    return bool(
        _words("denies").search(own)
        or re.search(
            r"(?:hors|sauf|exception (?:du|des)|contrairement (?:au|aux))\W+$", before, re.I
        )
    )


def _lot_around(quote: str, told: Told | None) -> tuple[str, ...]:
    """Return the lot that the words before a quote in its block are about."""
    if told is None:
        return ()
    opening = quote[:60]
    for said in told.said:
        if "r" not in opening or opening not in " ".join(said.block.text.split()):
            continue
        text = " ".join(said.block.text.split())
        before = list(mentions(text[: text.index(opening)]))
        if before:
            return before[-1].numbers if len(before[-1].numbers) == 1 else ()
        return said.block.lots
    return ()


def _holding(quote: str, told: Told | None) -> Block | None:
    """Return the block of a piece in which a quote begins."""
    opening = "".join(quote.split())[:60]
    if told is None or not opening:
        return None
    return next((s.block for s in told.said if opening in "".join(s.block.text.split())), None)


def _row_of(quote: str, told: Told | None) -> Block | None:
    """Return the row that a quote is taken from."""
    opening = "".join(quote.split())[:60]
    for said in told.said if told is not None else ():
        block = said.block
        if block.kind == BlockKind.ROW and opening in "".join(
            block.text.replace(CELL_MARK, " ").split()
        ):
            return block
    return None


def _lots_of_row(row: Block) -> tuple[str, ...]:
    """Return the lot that a row of a table of lots is about, () when none is told.

    What a row says holds for no other line of its table, hence never for the whole contract
    unless the table has labels and values only ("Marché réservé | oui").
    """
    cells = [row.text[s:e].strip() for s, e in row.cells]
    if row.lots:
        return row.lots
    if (named := next(mentions(cells[0]), None)) is not None and named.start < 4:
        return named.numbers
    number = _CELL.fullmatch(cells[0])
    where = f"{row.lead} {row.path[-1] if row.path else ''}"
    if number is not None and number["one"][:1].isdigit() and re.search(r"\blots?\b", where, re.I):
        return (_plain(number["one"]),)
    return ()


def _under_reservation(quote: str, told: Told | None) -> bool:
    """Tell whether the heading above a quote says that the contract is reserved."""
    block = _holding(quote, told)
    return block is not None and any(_words("reserves_all").search(p) for p in block.path[-2:])
