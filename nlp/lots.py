"""Lots of the consultation: number, title, amount, reservations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from corpus.documents import CELL_MARK, Block, BlockKind, PieceType
from corpus.findings import Finding, Lot, Status
from nlp.dossier import Told
from nlp.quantities import number

_ORDER = (PieceType.RC, PieceType.NOTICE, PieceType.CCP, PieceType.AE, PieceType.CCAP)
_TITLE = re.compile(
    r"^\W*(?P<word>lot)\s*(?:n°\s*|n°s?\s*)?(?P<number>\d{1,2})\s*(?:[:–—-]|\.|\|)+\s*(?P<title>[^|;]{3,140})",
    re.I,
)
_HEADER = re.compile(r"\blots?\b", re.I)
_NAME_HEADER = re.compile(r"désignation|intitulé|objet|libellé|description|titre", re.I)
_CELL_NUMBER = re.compile(r"^\W*(?:lot\s*)?(?:n°\s*)?(?P<number>\d{1,2})\W*$", re.I)
_AMOUNT = re.compile(
    r"(\d{1,3}(?:[ .]\d{3})+|\d{4,})(?:,(\d+)|\.(\d{1,2})(?!\d))?\s*(?:€|euros?|EUR)", re.I
)


def lots(dossier: Sequence[Told], findings: Sequence[Finding]) -> tuple[Lot, ...]:
    """Return the lots of a dossier in order, empty when the consultation has none.

    A single lot found is no division: at least two are needed.
    """
    titles: dict[str, str] = {}
    amounts: dict[str, float] = {}
    # The lots that an acte d'engagement offers to tick are the buyer's words: choices are read.
    for role in _ORDER:
        for told in dossier:
            for lot, title, amount in _read(s.block for s in told.said if s.role == role):
                titles.setdefault(lot, title)
                if amount is not None:
                    amounts.setdefault(lot, amount)
    if len(titles) < 2:
        return ()
    return tuple(
        Lot(
            number=lot,
            title=titles[lot],
            amount_eur=amounts.get(lot),
            reserved=tuple(
                dict.fromkeys(
                    label
                    for f in _of(findings, lot)
                    for label in f.labels
                    if label.startswith("reserved.")
                )
            ),
            findings=tuple(f.id for f in _of(findings, lot)),
        )
        for lot in sorted(titles, key=int)
    )


def _of(findings: Sequence[Finding], lot: str) -> list[Finding]:
    """Reservations in force that name this lot, or that speak of no lot at all."""
    return [
        f
        for f in findings
        if f.status == Status.BINDING
        and any(label.startswith("reserved.") for label in f.labels)
        and (lot in f.lots or not (f.lots or _HEADER.search(f.quote)))
    ]


def _read(blocks: Iterable[Block]) -> Iterator[tuple[str, str, float | None]]:
    for block in blocks:
        if block.kind == BlockKind.ROW and (found := _row(block)) is not None:
            yield found
        elif (match := _TITLE.match(block.text)) is not None and int(match["number"]):
            title = re.split(r"\s{2,}|\. |\bCPV\b|\bmontant\b", match["title"])[0]
            yield match["number"].lstrip("0"), _tidy(title), _amount(block.text)


def _row(block: Block) -> tuple[str, str, float | None] | None:
    """A row of a table of lots: a number, the title beside it, an amount."""
    if not (_HEADER.search(block.lead) and _NAME_HEADER.search(block.lead)):
        return None
    cells = [block.text[s:e].strip() for s, e in block.cells]
    found = [(i, m) for i, c in enumerate(cells) if (m := _CELL_NUMBER.match(c)) is not None]
    if not found or found[0][0] + 1 >= len(cells) or not int(found[0][1]["number"]):
        return None
    at, match = found[0]
    rest = [c for c in cells[at + 1 :] if any(ch.isalpha() for ch in c)]
    if not rest:
        return None
    return match["number"].lstrip("0"), _tidy(rest[0]), _column(block.lead, cells)


def _column(header: str, cells: Sequence[str]) -> float | None:
    """The amount under "estimation", else under "maximum", else the last of the row."""
    titles = header.split(CELL_MARK)
    for wanted in ("estim", "maxi"):
        for title, cell in zip(titles, cells, strict=False):
            if wanted in title.lower() and (amount := _amount(cell)) is not None:
                return amount
    return _amount(CELL_MARK.join(cells))


def _amount(text: str) -> float | None:
    amounts = [number(m) for m in _AMOUNT.finditer(text)]
    return amounts[-1] if amounts and len(amounts) <= 4 else None


def _tidy(title: str) -> str:
    title = re.split(r"\(?\blot (?:r[ée]serv|ouvert)|\s\(?r[ée]serv[ée] aux?\b", title, flags=re.I)[
        0
    ]
    return re.sub(r"\s+", " ", title).strip(" :-–—.|(")[:140]
