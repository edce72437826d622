"""Tables of a page -> rows: cells in their columns, each row with the header that rules it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from corpus.documents import CELL_MARK, Block, BlockKind, Cell, Line, Page, Row, Table
from nlp.blocks import Builder

Runs: TypeAlias = Sequence[tuple[int, int]]  # of the page's text

_GAP = 8.0  # points: the least space between two cells
_ALIGNED = 3.0  # points
_FIGURE = re.compile(r"\d[\d\s.,]*(?:%|€.*|points?|pts?)?$")
_LONGEST_HEADER = 200  # characters; a longer first row is no header


@dataclass(frozen=True, slots=True)
class Last:
    """The table after which a page has no more text: it may go on on the next page."""

    page: int
    columns: int
    header: str
    places: tuple[Page, Table]


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
    table = _completed(page, table)
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
    last = Last(page.number, size, header, (page, table))
    return [first, *led[1:]] if headed else led, last


def head(page: Page, lines: Sequence[Line], below: Page, table: Table) -> tuple[Block, Last] | None:
    """Return the row that lines at the foot of a page make of the table that the next one begins.

    None when their words do not stand in its columns.
    """
    row = _stray(page, lines, below, table)
    if row is None:
        return None
    figures = any(_FIGURE.match(row.text[start:end]) for start, end in row.cells)
    headed = all(line.bold for line in lines) or not figures
    header = _header(row) if headed else ""
    return row, Last(page.number, _size(table), header, (below, table))


def tail(page: Page, lines: Sequence[Line], last: Last) -> Block | None:
    """Return the row that lines at the head of a page add to the table ``last``, if they do."""
    if last.page + 1 != page.number:
        return None
    row = _stray(page, lines, *last.places)
    return replace(row, lead=last.header) if row is not None else None


def _stray(page: Page, lines: Sequence[Line], other: Page, table: Table) -> Block | None:
    """Make a row of lines whose words stand in the columns of a table on another page."""
    if not page.words or not other.words:
        return None
    columns = [place[1:] for place in _places(other, table)]
    cells: list[list[tuple[int, int]]] = [[] for _ in columns]
    for line in lines:
        for start, end, x0, x1 in _parts(page, line):
            at = _column(columns, x0, x1)
            if at is None:
                return None
            cells[at].append((start, end))
    return _row(page, cells) if sum(map(bool, cells)) > 1 else None


def _places(page: Page, table: Table) -> list[tuple[int, float, float]]:
    """Return the columns of a table that have words, with their left and right."""
    found = []
    for column in range(_size(table)):
        words = [
            word
            for row in table.rows
            if len(row.cells) > column
            for start, end in row.cells[column].runs
            for word in page.between(start, end)
        ]
        if words:
            found.append((column, min(w.x0 for w in words), max(w.x1 for w in words)))
    return found


def _parts(page: Page, line: Line) -> Iterator[tuple[int, int, float, float]]:
    """Yield offsets, left and right of what wide gaps part on a line."""
    words = page.between(line.start, line.end)
    first = 0
    for at in range(1, len(words) + 1):
        if at == len(words) or words[at].x0 - words[at - 1].x1 >= _GAP:
            one, two = words[first], words[at - 1]
            yield one.start, two.end, one.x0, two.x1
            first = at


def _column(columns: Sequence[tuple[float, float]], x0: float, x1: float) -> int | None:
    """Return the column that words between two places are lined up with, None for none or two.

    A title over two columns makes them overlap.
    """
    fits = [
        (min(abs(x0 - left), abs(x1 - right), abs(x0 + x1 - left - right) / 2), at)
        for at, (left, right) in enumerate(columns)
        if not any(
            (x0 < b and x1 > a) and not (left < b and right > a)
            for n, (a, b) in enumerate(columns)
            if n != at
        )
    ]
    near, at = min(fits, default=(_ALIGNED + 1, 0))
    return at if near <= _ALIGNED else None


def _completed(page: Page, table: Table) -> Table:
    """Put the words that stand on a row's lines outside of its frame into its empty cells.

    A cell merged over rows that a page break parts is left open at the foot of the page.
    """
    if not page.words:
        return table
    lines = table_lines(replace(page, tables=(table,)))
    known = [run for row in table.rows for cell in row.cells for run in cell.runs]
    taken = {w.start for start, end in known for w in page.between(start, end)}
    loose = {
        at: words
        for line in page.lines
        if (at := line.start) in lines
        and (words := [w for w in page.between(at, line.end) if w.start not in taken])
    }
    if not loose:
        return table
    places = _places(page, table)
    done = []
    for row in table.rows:
        cells = list(row.cells)
        runs = [run for cell in cells for run in cell.runs]
        for at in [at for at, words in loose.items() if any(_on(page, at, run) for run in runs)]:
            words = loose[at]
            column = _column([place[1:] for place in places], words[0].x0, words[-1].x1)
            index = len(cells) if column is None else places[column][0]
            if index < len(cells) and not cells[index].runs:
                cells[index] = Cell(tuple((w.start, w.end) for w in words))
        done.append(Row(tuple(cells)))
    return table._replace(rows=tuple(done))


def _on(page: Page, line: int, run: tuple[int, int]) -> bool:
    """Tell whether a run begins on the line that starts at ``line``."""
    return line <= run[0] and "\n" not in page.text[line : run[0]]


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
