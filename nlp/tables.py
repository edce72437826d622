"""Tables of a page -> rows: cells in their columns, each row with the header that rules it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from corpus.documents import CELL_MARK, Block, BlockKind, Page, Row, Table
from nlp.blocks import Builder

Runs: TypeAlias = Sequence[tuple[int, int]]  # of the page's text

_LONGEST_HEADER = 200  # characters; a longer first row is no header


@dataclass(frozen=True, slots=True)
class Last:
    """The table after which a page has no more text: it may go on on the next page."""

    page: int
    columns: int
    header: str


def table_lines(page: Page) -> dict[int, int]:
    """Map the start of each line that lies in a table to the table's index."""
    owned: dict[int, int] = {}
    starts = [line.start for line in page.lines]
    for index, table in enumerate(page.tables):
        for row in table.rows:
            for start, end in (run for cell in row.cells for run in cell.runs):
                at = max(0, bisect_right(starts, start) - 1)
                while at < len(page.lines) and starts[at] < end:
                    if page.lines[at].end > start:
                        owned[starts[at]] = index
                    at += 1
    return owned


def rows(page: Page, table: Table, last: Last | None) -> tuple[list[Block], Last]:
    """Return the rows of a table, and what the next page must know of it.

    ``last`` is the table on the page before, when only running headers and footers part the two.
    An empty cell has an empty span in ``Block.cells``; between others it shows in the text too.
    """
    blocks = [_row(page, runs) for runs in _columns(page, table)]
    first = blocks[0]
    size = _size(table)
    if last is not None and _goes_on(last, page, table, size):
        header = last.header
        headed = bool(header) and _header(first) == header
    else:
        headed = table.header and len(first.text) < _LONGEST_HEADER
        header = _header(first) if headed else ""
    led = [replace(block, lead=header) for block in blocks]
    return [first, *led[1:]] if headed else led, Last(page.number, size, header)


def _size(table: Table) -> int:
    return max(len(row.cells) for row in table.rows)


def _columns(page: Page, table: Table) -> list[list[Runs]]:
    """Return the cells of each row in the columns of the table, without those always empty.

    On a printed page a row of fewer cells than others has merged ones, so that the columns of the
    rest are not known; in other files it ends with cells that are left out.
    """
    size = _size(table)
    short = [len(row.cells) < size and bool(page.words) for row in table.rows]
    padded = [
        [row.cells[i].runs if i < len(row.cells) else () for i in range(size)] for row in table.rows
    ]
    full = [cells for cells, merged in zip(padded, short, strict=True) if not merged]
    used = [i for i in range(size) if any(cells[i] for cells in full)]
    groups: list[list[int]] = []
    for column in used:
        if groups and _same_column(page, full, groups[-1], column):
            groups[-1].append(column)
        else:
            groups.append([column])
    return [
        [runs for runs in cells if runs]
        if merged
        else [[run for i in group for run in cells[i]] for group in groups]
        for cells, merged in zip(padded, short, strict=True)
    ]


def _same_column(
    page: Page, full: Sequence[Sequence[Runs]], group: Sequence[int], column: int
) -> bool:
    """Tell whether rules drawn twice cut a column in two, its title in one, its values beside."""
    left = [[run for i in group for run in cells[i]] for cells in full]
    right = [cells[column] for cells in full]
    if any(one and two for one, two in zip(left, right, strict=True)):
        return False
    one, two = (_extent(page, [run for runs in side for run in runs]) for side in (left, right))
    return one[0] < two[1] and two[0] < one[1]


def _extent(page: Page, runs: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Return where words begin and end across the page, (0, 0) when it has no geometry."""
    words = [w for w in page.words if any(start <= w.start < end for start, end in runs)]
    return min((w.x0 for w in words), default=0.0), max((w.x1 for w in words), default=0.0)


def _row(page: Page, cells: Sequence[Runs]) -> Block:
    builder = Builder(BlockKind.ROW)
    marks = 0  # between the last words and those that follow
    for cell in cells:
        begin = builder.length + (marks * len(CELL_MARK) if cell and builder.parts else 0)
        for start, end in cell:
            for offset, part in _split_lines(page.text[start:end]):
                builder.add(page.number, start + offset, part, CELL_MARK * marks or " ")
                marks = 0
        marks += 1
        builder.cells.append((begin, builder.length))
    while builder.cells and builder.cells[-1][0] == builder.cells[-1][1]:
        builder.cells.pop()
    return builder.close()


def _split_lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for part in text.split("\n"):
        if part.strip():
            lead = len(part) - len(part.lstrip())
            yield at + lead, part.strip()
        at += len(part) + 1


def _header(block: Block) -> str:
    """Return a header with all its columns, those too that have no title at its beginning."""
    return CELL_MARK.join(block.text[start:end] for start, end in block.cells)


def _goes_on(last: Last, page: Page, table: Table, columns: int) -> bool:
    """Tell whether a table is the rest of the one on the page before."""
    if last.page + 1 != page.number or last.columns != columns:
        return False
    if not page.words:  # the file itself says which row is a header
        return not table.header
    bold = [_bold(page, row) for row in table.rows]
    return not (bold[0] and not all(bold))


def _bold(page: Page, row: Row) -> bool:
    runs = [run for cell in row.cells for run in cell.runs]
    return all(
        line.bold
        for line in page.lines
        if any(line.start < end and line.end > start for start, end in runs)
    )
