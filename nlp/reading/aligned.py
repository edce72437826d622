"""Tables without vertical rules: rows whose cells stand below each other, parted by wide gaps.

Prose in columns, lists, addresses and contents show gaps too: what is doubtful is left as prose.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from corpus.documents import Line, Word

_GAP = 8.0  # points: the least space between two cells
_LEAST_ROWS = 3  # two where a rule parts them
_MOST_CELLS = 600  # a page with more is a drawing
_EDGE = 0.08  # of a page's height, at its top and bottom: running headers and footers
_PAUSE = 2.0  # of a line's height: a larger space ends a table that has no rules
_TIGHT = 0.5  # of a line's height: the space between two lines of one cell
_ALIGNED = 2.5  # points
_LONGEST = 70  # characters of a cell, on average
_SIGN = re.compile(r"(?:[^\w\s]|\w|\d{1,2}[.)°]|[a-zA-Z][.)]|\(\w\))$")
_ITEM = re.compile(r"[^\w\s(\"«]")
_ADDRESS = re.compile(
    r"@|\b(?:0\d|\+33)(?:[ .]?\d\d){3}|\b\d\d ?\d{3} [A-ZÉÈ]{2}|^(?:tél|fax)", re.I
)
_OPTION = re.compile(r"[☐☒☑□■]\s*\w|\w+\s*[☐☒☑□■]$")
_FIGURE = re.compile(r"[\d\s.,/%€x×-]*\d[\d\s.,/%€x×-]*(?:points?|pts?|h|ans?|mois)?$", re.I)
_WHOLE = re.compile(r"\d{1,3}$")
_NUMBERING = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})*|[IVX]+|[A-Za-z])[.)]?$")
_SMALL = re.compile(r"[a-zà-ÿ(]")
_LEADER = re.compile(r"(?:\. ?){4}|_{4}|…")


class Rule(NamedTuple):
    """A horizontal line drawn on a page, in points."""

    x0: float
    x1: float
    y: float


class AlignedTable(NamedTuple):
    """The words of each cell of each row, from left to right; an empty cell has none."""

    rows: list[list[list[Word]]]
    header: bool


class _Cell(NamedTuple):
    words: tuple[Word, ...]
    text: str
    x0: float
    y0: float
    x1: float
    y1: float


class _Row(NamedTuple):
    cells: list[_Cell]
    y0: float
    y1: float

    @property
    def height(self) -> float:
        return self.y1 - self.y0


def aligned_tables(
    value: str,
    words: Sequence[Word],
    lines: Sequence[Line],
    height: float,
    rules: Sequence[Rule] = (),
) -> list[AlignedTable]:
    """Return the tables that gaps alone, or gaps and horizontal rules, make on a page.

    ``value`` is the page's text, ``words`` those outside its ruled tables, ``height`` in points.
    """
    cells = list(_cells(value, words, height))
    if not 4 <= len(cells) <= _MOST_CELLS:
        return []
    found = []
    for band in _bands(_rows(cells), rules):
        table = _table(band, rules, lines)
        if table is not None:
            found.append(table)
    return found


# -- words to rows ------------------------------------------------------------------------------


def _cells(value: str, words: Sequence[Word], height: float) -> Iterator[_Cell]:
    """Cut the lines where they have wide gaps."""
    run: list[Word] = []
    top, bottom = _EDGE * height, (1 - _EDGE) * height
    x1 = y0 = y1 = 0.0  # of the last word
    for word in words:
        gap = word.x0 - x1
        if run and (gap >= _GAP or gap < -_GAP or abs(word.y0 - y0) > 0.5 * (y1 - y0)):
            yield _cell(value, run)
            run = []
        x1, y0, y1 = word.x1, word.y0, word.y1
        if y0 > top and y1 < bottom:
            run.append(word)
    if run:
        yield _cell(value, run)


def _cell(value: str, run: Sequence[Word]) -> _Cell:
    first, last = run[0], run[-1]
    text = value[first.start : last.end].replace("\n", " ")
    return _Cell(tuple(run), text, first.x0, first.y0, last.x1, first.y1)


def _rows(cells: list[_Cell]) -> list[_Row]:
    """Put together what stands on one baseline; the sign of a list goes with its item."""
    rows: list[_Row] = []
    for cell in sorted(cells, key=lambda c: c.y0 + c.y1):
        if rows:
            last = rows[-1]
            off = abs(cell.y0 + cell.y1 - last.y0 - last.y1) / 2
            if off < 0.35 * min(cell.y1 - cell.y0, last.height):
                last.cells.append(cell)
                continue
        rows.append(_Row([cell], cell.y0, cell.y1))
    for row in rows:
        row.cells.sort(key=lambda c: c.x0)
        if len(row.cells) > 1 and _SIGN.match(row.cells[0].text):
            sign, item = row.cells[:2]
            if not sign.text.isalnum() and not _SIGN.match(item.text):
                text = f"{sign.text} {item.text}"
                words = sign.words + item.words
                row.cells[:2] = [_Cell(words, text, sign.x0, row.y0, item.x1, row.y1)]
    return rows


# -- rows to tables -----------------------------------------------------------------------------


class _Band(NamedTuple):
    """Rows that follow each other, with the left and right of each column."""

    rows: list[_Row]
    columns: list[tuple[float, float]]


def _bands(rows: Sequence[_Row], rules: Sequence[Rule]) -> Iterator[_Band]:
    """Yield the longest runs of rows that share their columns."""
    band: _Band | None = None
    for row in rows:
        if band is not None:
            columns = _with(band, row) if _follows(band, row, rules) else None
            if columns is not None:
                band = _Band([*band.rows, row], columns)
                continue
            yield band
        band = _Band([row], [(c.x0, c.x1) for c in row.cells]) if len(row.cells) > 1 else None
    if band is not None:
        yield band


def _follows(band: _Band, row: _Row, rules: Sequence[Rule]) -> bool:
    last = band.rows[-1]
    space = row.y0 - last.y1
    if space <= _PAUSE * min(row.height, last.height):
        return True
    return space <= 3 * _PAUSE * row.height and _ruled(band, last, row, rules)


def _ruled(band: _Band, upper: _Row, lower: _Row, rules: Sequence[Rule]) -> bool:
    """Tell whether a rule over most of a table's width parts two of its rows."""
    x0, x1 = band.columns[0][0], band.columns[-1][1]
    top, bottom = upper.y1 - 0.4 * upper.height, lower.y0 + 0.4 * lower.height
    length = sum(
        max(0.0, min(rule.x1, x1) - max(rule.x0, x0)) for rule in rules if top <= rule.y <= bottom
    )
    return length > 0.7 * (x1 - x0)


def _with(band: _Band, row: _Row) -> list[tuple[float, float]] | None:
    """Return the columns widened by a row, None when it does not keep to them."""
    columns = list(band.columns)
    taken: set[int] = set()
    for cell in row.cells:
        over = [
            i for i, (x0, x1) in enumerate(columns) if cell.x0 < x1 + _GAP and cell.x1 > x0 - _GAP
        ]
        if len(over) > 1:
            return None
        if not over:
            columns.append((cell.x0, cell.x1))
            continue
        if over[0] in taken:
            return None
        taken.add(over[0])
        x0, x1 = columns[over[0]]
        columns[over[0]] = min(x0, cell.x0), max(x1, cell.x1)
    if len(row.cells) == 1 and not (taken and _goes_on(band.rows[-1], row)):
        return None
    columns.sort()
    apart = all(b[0] - a[1] >= _GAP for a, b in pairwise(columns))
    return columns if apart else None


def _goes_on(last: _Row, row: _Row) -> bool:
    """Tell whether a line goes on with the cells above it."""
    if not _tight(last, row):
        return False
    if all(_SMALL.match(cell.text) for cell in row.cells):
        return True
    # a value alone, below a longer line of its column
    (cell, *others) = row.cells
    return not others and any(
        abs(c.x0 - cell.x0) < _ALIGNED and c.x1 > cell.x1 for c in last.cells[1:]
    )


def _tight(last: _Row, row: _Row) -> bool:
    """Tell whether no more than the space between two lines of a cell parts two rows."""
    return row.y0 - last.y1 <= _TIGHT * min(row.height, last.height)


def _table(band: _Band, rules: Sequence[Rule], lines: Sequence[Line]) -> AlignedTable | None:
    parted = [_ruled(band, a, b, rules) for a, b in pairwise(band.rows)]
    grid: list[list[list[_Cell]]] = []
    ruled = parted.count(True)
    spaced = True  # whether more than the space between lines parts all rows
    for index, row in enumerate(band.rows):
        filled: list[list[_Cell]] = [[] for _ in band.columns]
        for cell in row.cells:
            at = next(i for i, (x0, x1) in enumerate(band.columns) if x0 <= cell.x0 <= x1)
            filled[at].append(cell)
        if index and _joins(band, index, filled, parted):
            grid[-1] = [[*cell, *more] for cell, more in zip(grid[-1], filled, strict=True)]
        else:
            grid.append(filled)
            spaced = spaced and not (index and _tight(band.rows[index - 1], row))
    least = 2 if ruled or (spaced and _figured(grid)) else _LEAST_ROWS
    if len(grid) < least or not _tabular(grid, bool(ruled), spaced) or not _alone(band, lines):
        return None
    rows = [[[w for part in cell for w in part.words] for cell in row] for row in grid]
    return AlignedTable(rows, _headed(grid, parted, lines))


def _joins(
    band: _Band, index: int, filled: Sequence[Sequence[_Cell]], parted: Sequence[bool]
) -> bool:
    """Tell whether a line belongs to the row above it: rules part rows, or it only goes on."""
    if parted[index - 1]:
        return False
    if parted.count(True) >= 2:
        # between two rules there is one row, unless they only frame head and body
        return len(parted) <= 3 * parted.count(True)
    empty = not filled[0] or len(band.rows[index].cells) == 1
    return empty and _goes_on(band.rows[index - 1], band.rows[index])


def _figured(grid: Sequence[Sequence[Sequence[_Cell]]]) -> bool:
    """Tell whether full rows of three cells or more have figures in one column."""
    columns = [[" ".join(c.text for c in cell) for cell in col] for col in zip(*grid, strict=True)]
    return (
        len(columns) > 2
        and all(text for column in columns for text in column)
        and any(all(any(c.isdigit() for c in text) for text in column) for column in columns)
    )


def _tabular(grid: Sequence[Sequence[Sequence[_Cell]]], ruled: bool, spaced: bool) -> bool:
    """Tell a table from prose, lists, contents and addresses; rules or space may part its rows."""
    columns = [[" ".join(c.text for c in cell) for cell in col] for col in zip(*grid, strict=True)]
    texts = [[text for text in column if text] for column in columns]
    if any(len(column) < 2 for column in texts) or len(texts[0]) < 0.6 * len(grid):
        return False
    if not all(_lined_up(list(column)) for column in zip(*grid, strict=True)):
        return False
    if fmean(len(text) for column in texts for text in column) > _LONGEST:
        return False
    if any(_LEADER.search(text) for column in texts for text in column):
        return False
    if any(all(_SIGN.match(text) and not text.isdigit() for text in column) for column in texts):
        return False  # the signs of a list
    if sum(bool(_ITEM.match(text)) for text in texts[0]) > 0.5 * len(texts[0]):
        return False
    if any(_OPTION.match(text) for column in texts for text in column):
        return False  # a question and its answers
    if sum(text.endswith(":") for text in texts[-1]) > 1:
        return False  # places to sign
    if sum(bool(_ADDRESS.search(text)) for column in texts for text in column) > 1:
        return False
    # space may part lines of prose too, but these fill their width and begin sentences
    if not ruled and any(_goes_down(c) and (not spaced or _even(c)) for c in texts):
        return False
    if all(_NUMBERING.match(text) for text in texts[0]):
        return False  # numbered paragraphs
    last = [int(text) for text in texts[-1] if _WHOLE.match(text)]
    rises = len(last) >= len(texts[-1]) - 1 and all(a <= b for a, b in pairwise(last))
    return not rises or len(last) < 3 or last[0] == last[-1]  # contents


def _goes_down(column: Sequence[str]) -> bool:
    """Tell whether texts below each other may be lines of prose that go on."""
    small = sum(bool(_SMALL.match(text)) for text in column) / len(column)
    return small > 0.2 and fmean(map(len, column)) > 18


def _even(column: Sequence[str]) -> bool:
    """Tell whether texts, some of which begin as sentences do, are of about one length."""
    longest = max(map(len, column))
    filled = sum(len(text) >= 0.65 * longest for text in column)
    return filled >= 0.5 * len(column) and not all(_SMALL.match(text) for text in column)


def _lined_up(column: Sequence[Sequence[_Cell]]) -> bool:
    """Tell whether cells share their left, their right or their middle; the first may not."""
    cells = [cell[0] for cell in column[1:] if cell] or [cell[0] for cell in column if cell]
    for places in (
        [c.x0 for c in cells],
        [c.x1 for c in cells],
        [(c.x0 + c.x1) / 2 for c in cells],
    ):
        middle = sorted(places)[len(places) // 2]
        if sum(abs(p - middle) <= _ALIGNED for p in places) >= 0.8 * len(places):
            return True
    return False


def _line(lines: Sequence[Line], word: Word) -> Line:
    return lines[bisect_right(lines, word.start, key=lambda line: line.start) - 1]


def _alone(band: _Band, lines: Sequence[Line]) -> bool:
    """Tell whether the lines of a table hold nothing else, for blocks are made of whole lines."""
    inside: dict[int, int] = {}
    whole: dict[int, int] = {}
    for row in band.rows:
        for cell in row.cells:
            for word in cell.words:
                line = _line(lines, word)
                inside[line.start] = inside.get(line.start, 0) + word.end - word.start
                whole[line.start] = line.end - line.start
    # what is left over is spaces: fewer than letters
    return all(inside[start] > 0.6 * size for start, size in whole.items())


def _headed(
    grid: Sequence[Sequence[Sequence[_Cell]]], parted: Sequence[bool], lines: Sequence[Line]
) -> bool:
    """Tell whether the first row names the columns: by its weight, its rule or its words."""

    def bold(row: Sequence[Sequence[_Cell]]) -> bool:
        return all(_line(lines, cell[0].words[0]).bold for cell in row if cell)

    if bold(grid[0]) and not bold(grid[1]):
        return True
    if parted[0] and parted.count(True) == 1:
        return True
    for column in zip(*grid, strict=True):
        first, *rest = [" ".join(c.text for c in cell) for cell in column]
        if first and not _FIGURE.match(first) and all(_FIGURE.match(t) for t in rest if t):
            return True
    return False
