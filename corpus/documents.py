"""Documents as the reader leaves them: pieces, pages, lines, tables and blocks.

Coordinates are PDF points with the origin at the top left of the page. Offsets are Python
string offsets: into ``Page.text`` for lines, words and cells, into ``Block.text`` for segments.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class PieceType(StrEnum):
    """The role of a file in a tender dossier (dossier de consultation, DCE)."""

    NOTICE = "notice"
    RC = "RC"
    CCAP = "CCAP"
    CCTP = "CCTP"
    CCP = "CCP"
    AE = "AE"
    FORM = "form"
    PRICES = "price_file"
    ANNEX = "annex"


class Box(NamedTuple):
    """A rectangle on a page (1-based page number, points, origin top left)."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class Word(NamedTuple):
    """A run of characters without white space, with its place on the page.

    ``confidence`` is that of the character recognition (0 to 1), 1 for a text layer.
    """

    start: int
    end: int
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float = 1.0


class Line(NamedTuple):
    """One printed line. ``style`` is "", "h1".."h6", "item", "header", "footer" or "toc"."""

    start: int
    end: int
    x0: float = 0.0
    y0: float = 0.0
    x1: float = 0.0
    y1: float = 0.0
    size: float = 0.0
    bold: bool = False
    style: str = ""


class Cell(NamedTuple):
    """One table cell as runs of the page's text."""

    runs: tuple[tuple[int, int], ...]


class Row(NamedTuple):
    """One table row, cells from left to right."""

    cells: tuple[Cell, ...]


class Table(NamedTuple):
    """A table whose first row is its header when ``header`` is true."""

    rows: tuple[Row, ...]
    header: bool


@dataclass(frozen=True, slots=True)
class Page:
    """The text of one page in reading order, with its lines, words and tables.

    ``source`` says where the text comes from: "text" (a text layer), "ocr" or "none". ``scan``
    marks a picture whose words are still to be recognised.
    """

    number: int
    text: str
    lines: tuple[Line, ...] = ()
    words: tuple[Word, ...] = ()
    tables: tuple[Table, ...] = ()
    width: float = 0.0
    height: float = 0.0
    source: str = "text"
    scan: bool = False

    def between(self, start: int, end: int) -> tuple[Word, ...]:
        """Return the words that overlap ``[start, end)``; words stand in the order of the text."""
        first = bisect_right(self.words, start, key=lambda word: word.end)
        last = bisect_left(self.words, end, lo=first, key=lambda word: word.start)
        return self.words[first:last]

    def boxes(self, start: int, end: int) -> tuple[Box, ...]:
        """Return one box a printed line for the words that overlap ``[start, end)``."""
        boxes: list[Box] = []
        for word in self.between(start, end):
            last = boxes[-1] if boxes else None
            same_line = (
                last is not None
                and word.y0 < last.y1 - 1
                and word.y1 > last.y0 + 1
                and word.x0 >= last.x0 - 1
            )
            if last is not None and same_line:
                boxes[-1] = Box(
                    self.number,
                    min(last.x0, word.x0),
                    min(last.y0, word.y0),
                    max(last.x1, word.x1),
                    max(last.y1, word.y1),
                )
            else:
                boxes.append(Box(self.number, word.x0, word.y0, word.x1, word.y1))
        return tuple(Box(b.page, *(round(v, 1) for v in b[1:])) for b in boxes)


CELL_MARK = " | "  # between the cells of a table row in ``Block.text``; not on the page


class BlockKind(StrEnum):
    """What a block of text is in its document."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    FURNITURE = "furniture"  # running headers, footers, page numbers
    TOC = "toc"


class Segment(NamedTuple):
    """``Block.text[start:end]`` stands at ``source`` in the text of page ``page``.

    Both runs have the same length, so an offset maps by addition.
    """

    start: int
    end: int
    page: int
    source: int


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item or table row, with its place in the document's outline.

    ``path`` holds the headings above it, outermost first ("10 Clauses sociales", "10.2 Public").
    ``lead`` is the sentence that introduces a list item, or the header of a table row.
    ``lots`` are the lot numbers of the section it stands in, empty when it concerns all of them.
    """

    kind: BlockKind
    text: str
    segments: tuple[Segment, ...]
    path: tuple[str, ...] = ()
    lead: str = ""
    lots: tuple[str, ...] = ()
    cells: tuple[tuple[int, int], ...] = ()

    @property
    def page(self) -> int:
        """The page on which the block begins."""
        return self.segments[0].page if self.segments else 1

    def printed(self, start: int, end: int) -> str:
        """Return ``text[start:end]`` as printed, white space folded, without our marks of cells."""
        text = self.text[start:end]
        if self.kind == BlockKind.ROW:
            text = text.replace(CELL_MARK, " ")
        return " ".join(text.split())

    def runs(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield (page, start, end) runs in page text for the block's ``[start, end)``."""
        first = bisect_right(self.segments, start, key=lambda seg: seg.end)
        last = bisect_left(self.segments, end, lo=first, key=lambda seg: seg.start)
        for seg in self.segments[first:last]:
            low, high = max(start, seg.start), min(end, seg.end)
            if low < high:
                yield seg.page, seg.source + low - seg.start, seg.source + high - seg.start


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader must say about a piece: a stable code and its parameters."""

    code: str
    page: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a dossier, read and cut into blocks.

    ``fields`` are the typed values of a notice in XML or JSON, by "LOT-0001/BT-71" or "BT-21".
    """

    id: str
    name: str
    type: PieceType
    type_confidence: float
    media_type: str
    sha256: str
    pages: tuple[Page, ...]
    blocks: tuple[Block, ...] = ()
    notices: tuple[Notice, ...] = field(default=())
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def page(self, number: int) -> Page:
        """Return the page numbered ``number`` (1-based)."""
        return self.pages[number - 1]
