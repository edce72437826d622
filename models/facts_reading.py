"""Reading a dossier for facts: with all the project has, and with a plain dump of its tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from corpus.consultations import Consultation
from corpus.findings import (
    Criterion,
    Disagreement,
    Fact,
    Finding,
    Lot,
    Reference,
    Status,
)
from models.classifier import classifier
from models.reading import read_call
from nlp.cues import articles
from nlp.dossier import Told, told
from nlp.reading import read_piece
from nlp.reading.table_dump import table_rows

RENDERINGS = ("html", "pdf")
MAX_PAGES = 200

_LAW = ("L2113-1", "L3113-")  # reservations stand there; other articles name their public
_RESERVED = frozenset({
    "reserved.disability", "reserved.integration", "reserved.prison", "reserved.social_economy",
    "reserved.young_innovative",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """All that is read of a dossier.

    ``reserved`` and ``articles`` are the labels, and the articles of law, of a contract without
    lots that is reserved.
    """

    criteria: tuple[Criterion, ...] = ()
    facts: tuple[Fact, ...] = ()
    lots: tuple[Lot, ...] = ()
    references: tuple[Reference, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    reserved: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()


Reader = Callable[[Sequence[Told]], Answer]


def answer(dossier: Sequence[Told]) -> Answer:
    """Read a dossier with all that the project has for it."""
    call = read_call(dossier, classifier())
    whole = () if call.lots else tuple(f for f in call.findings if _reserves_all(f))
    return Answer(
        criteria=call.criteria,
        facts=call.facts,
        lots=call.lots,
        references=call.references,
        disagreements=call.disagreements,
        reserved=tuple(sorted({label for f in whole for label in f.labels if label in _RESERVED})),
        articles=tuple(
            sorted({n for f in whole for n, _, _ in articles(f.quote) if n.startswith(_LAW)})
        ),
    )


def plain_tables(files: Mapping[str, bytes]) -> Answer:
    """Return what a plain dump of tables tells: rows of words that end with a number.

    ``files`` are the bytes of pieces by id; what is no PDF tells nothing.
    """
    criteria = []
    for piece, data in files.items():
        for page, row in table_rows(data) if data.startswith(b"%PDF") else ():
            weight = _TAIL.fullmatch(row[-1]) if len(row) > 1 else None
            if weight is not None and re.search(r"[^\W\d]{2}", row[0]):
                value = float(weight[1].replace(",", "."))
                criteria.append(
                    Criterion(
                        id="",
                        name=row[0],
                        weight=value,
                        unit="percent" if "%" in row[-1] else "points",
                        share=value,
                        theme="other",
                        lots=(),
                        parent=None,
                        piece=piece,
                        page=page,
                        boxes=(),
                        quote=" ".join(row),
                    )
                )
    return Answer(criteria=tuple(criteria))


_TAIL = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)\s*(?:%|points?|pts?|/\s*\d{2,3})?", re.I)


def read_dossier(
    consultation: Consultation, rendering: str
) -> tuple[tuple[Told, ...], Mapping[str, str], Mapping[str, bytes]]:
    """Read a consultation as HTML or PDF: what it says, its pieces' names and bytes by id."""
    read, names, files = [], {}, {}
    for number, (name, html) in enumerate(consultation.pieces.items(), start=1):
        data = html.encode()
        if rendering == "pdf":
            from models.printed import pdf

            data = pdf(html)
        piece = read_piece(f"{name}.{rendering}", data, id=f"p{number}", max_pages=MAX_PAGES)
        read.append(told(piece))
        names[piece.id] = name
        files[piece.id] = data
    return tuple(read), names, files


def _reserves_all(found: Finding) -> bool:
    return (
        found.status == Status.BINDING and not found.lots and not _RESERVED.isdisjoint(found.labels)
    )
