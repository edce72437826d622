"""Reading order: pages whose text was not written in the order in which it is read.

pdfium gives text in the order of the file. That order is right on nearly every page, and is kept
unless the page itself shows that it is wrong: columns written line by line, or a line written
after one that stands below it. Tick boxes and field values, which are no text of the page, are
put where they stand.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from corpus.documents import Word
from nlp.clean import Text

_LINE = re.compile(r"[^\n]+")

GUTTER = 9.0  # points: the least space between two columns of prose
_FEW = 3  # gaps as wide as a gutter beside it: columns are no more
MIN_ROWS = 3  # rows that must show the same gutter
_MAX_LINES = 400  # a page with more is a drawing: its order is left alone
_MARGIN = 0.09  # of a page's height, at its top and bottom
_HEADER = 0.075  # of a page's height: above it stand running headers, below it a title may
_OUTER = 0.18  # of a page's height: where a line out of its place is a title or a footer
_SIGN = 5  # characters of a bullet or a number
_BULLET = re.compile(r"[•▪▫◦●○■□◆◇‣➢➤*–—-]$|(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)°]$")
_INDENT = 40.0  # points: the most space between the sign of a list and its item
_NEAR = 12  # lines back in which the rest of a line is looked for
_BEYOND = 0.8  # of a line's height: a larger gap below ends the columns


class Mark(NamedTuple):
    """Something the page shows that its text does not hold: a tick box, a field's value."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float


class _Token(NamedTuple):
    """A printed word; ``source`` is its offset in the text it comes from, -1 for a mark."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    source: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Words printed one after the other on one line."""

    tokens: tuple[_Token, ...]
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def text(self) -> str:
        return " ".join(t.text for t in self.tokens)


def _run(tokens: Sequence[_Token]) -> _Run:
    _, x0, y0, x1, y1, _ = zip(*tokens, strict=True)
    return _Run(tuple(tokens), min(x0), min(y0), max(x1), max(y1))


def arrange(
    text: Text, words: tuple[Word, ...], height: float, marks: Sequence[Mark] = ()
) -> tuple[Text, tuple[Word, ...]]:
    """Return the text and words of a page ``height`` points high in reading order, with its marks.

    Coordinates are points, origin top left. A page whose order is right comes back as it is. The
    origin of a mark's characters is that of the character it stands before.
    """
    if not marks and not _doubtful(text.value, words, height):
        return text, words
    runs, torn = _lines(text.value, words)
    if len(runs) > _MAX_LINES:
        return text, words
    runs, turned = _woven([r for r in runs if not _turned(r)]), [r for r in runs if _turned(r)]
    runs = _signed(runs)
    if marks:
        runs = _marked(runs, marks)
    written = [t.source for run in runs for t in run.tokens if t.source >= 0]
    columns = _columns(runs)
    ordered = columns if columns is not None else runs
    inverted = _inverted(ordered, height)
    if inverted:
        ordered = _downwards(ordered, height)
    if turned:
        ordered = [*ordered, *_sideways(turned)]
        written = [t.source for run in ordered for t in run.tokens]
    changed = columns is not None or inverted or torn or bool(marks)
    if not changed and written == sorted(written):
        return text, words
    return _written(ordered, text)


def printed_lines(value: str, words: Sequence[Word]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the lines of a page's text that hold words: their offsets, and those of their words.

    ``words[first:last]`` stand in ``value[start:end]``, for each (start, end, first, last).
    """
    last = 0
    for match in _LINE.finditer(value):
        first = last
        while last < len(words) and words[last].start < match.end():
            last += 1
        if last > first:
            yield match.start(), match.end(), first, last


def _doubtful(value: str, words: Sequence[Word], height: float) -> bool:
    """Tell at little cost whether a page may have columns or lines out of order."""
    gaps = 0
    sign = 0.0  # where a first short word ends: a bullet or a number before its item
    top, bottom = _HEADER * height, (1 - _MARGIN) * height
    x0 = x1 = y0 = lowest = float("-inf")
    end = 0
    first = True
    for word in words:
        if first or "\n" in value[end : word.start]:
            # A line that begins after another on the same height may go on with its row.
            gaps += abs(word.x0 - x1) >= GUTTER and abs(word.y0 - y0) < 0.7 * (word.y1 - word.y0)
            if top < word.y0 and word.y1 < bottom:
                if word.y0 < lowest - 1:
                    return True
                lowest = max(lowest, word.y0)
            first = False
            sign = word.x1 if word.end - word.start <= _SIGN else 0.0
        elif word.x0 < x0 + 1:  # written backwards, or turned
            return True
        else:
            gaps += word.x0 - x1 >= GUTTER and x1 != sign
        if gaps >= MIN_ROWS:
            return True
        x0, x1, y0, end = word.x0, word.x1, word.y0, word.end
    return False


def _lines(value: str, words: Sequence[Word]) -> tuple[list[_Run], bool]:
    """Cut a page into its lines, those too that pdfium joins; tell whether one had to be torn.

    pdfium joins columns on uneven baselines, and what stands below the beginning of a line.
    """
    runs: list[_Run] = []
    torn = False
    for _, _, first, last in printed_lines(value, words):
        tokens: list[_Token] = []
        for word in words[first:last]:
            token = _Token(value[word.start : word.end], *word[2:6], word.start)
            near = tokens and -1 <= token.x0 - tokens[-1].x1 < GUTTER  # nearly every word
            if tokens and not near and _leaves(tokens[-1], token):
                torn = torn or _below(tokens[-1], token)
                runs.append(_run(_sorted(tokens)))
                tokens = []
            tokens.append(token)
        runs.append(_run(_sorted(tokens)))
    return runs, torn


def _leaves(last: _Token, token: _Token) -> bool:
    """Tell whether a word stands on another line than the one before it."""
    if token.x0 - last.x1 < GUTTER and token.x1 >= last.x0:
        return _below(last, token)
    height = min(last.y1 - last.y0, token.y1 - token.y0)
    return abs(token.y0 + token.y1 - last.y0 - last.y1) / 2 > 0.25 * height


def _below(last: _Token, token: _Token) -> bool:
    """Tell whether a word stands under the one before it, and not down a line of turned text."""
    return token.y0 >= last.y1 - 1 and token.x0 < last.x1 - 1 and not _stacked(last, token)


def _stacked(one: _Token, two: _Token) -> bool:
    """Tell whether two words follow each other up or down one line of turned text."""
    same = abs(one.x0 - two.x0) < 1 and abs(one.x1 - two.x1) < 1
    return same and abs(one.y0 + one.y1 - two.y0 - two.y1) >= one.y1 - one.y0 + two.y1 - two.y0


def _turned(run: _Run) -> bool:
    """Tell whether a line goes up or down the page."""
    if len(run.tokens) > 1:
        return all(_stacked(a, b) for a, b in pairwise(run.tokens))
    return len(run.text) > 2 and run.height > 2 * (run.x1 - run.x0)


def _sideways(runs: Sequence[_Run]) -> list[_Run]:
    """Put lines that go down the page from right to left: pdfium gives them the other way round."""
    down = sum(r.tokens[-1].y0 - r.tokens[0].y0 for r in runs) > 0
    return sorted(runs, key=lambda r: -r.x0) if down else list(runs)


def _woven(runs: list[_Run]) -> list[_Run]:
    """Join the lines whose words stand between each other's: one line written in several goes."""
    joined: list[_Run] = []
    for run in runs:
        for index in range(len(joined) - 1, max(-1, len(joined) - 1 - _NEAR), -1):
            other = joined[index]
            if _between(run, other):
                joined[index] = _run(sorted((*other.tokens, *run.tokens), key=lambda t: t.x0))
                break
        else:
            joined.append(run)
    return joined


def _signed(runs: list[_Run]) -> list[_Run]:
    """Put the signs of lists that were written after the text before their items."""
    signs = [i for i, run in enumerate(runs) if len(run.tokens) == 1 and _BULLET.match(run.text)]
    led: dict[int, int] = {}
    for sign in signs:
        before = [i for i in range(sign) if i not in signs and _leads(runs[sign], runs[i])]
        if before:
            nearest = min(before, key=lambda i: runs[i].x0)
            led.setdefault(nearest, sign)
    moved = set(led.values())
    return [
        _run((*runs[led[i]].tokens, *run.tokens)) if i in led else run
        for i, run in enumerate(runs)
        if i not in moved
    ]


def _leads(sign: _Run, item: _Run) -> bool:
    """Tell whether a line stands on the height of a sign, close at its right."""
    level = abs(sign.y0 + sign.y1 - item.y0 - item.y1) / 2 < 0.35 * item.height
    return level and -1 <= item.x0 - sign.x1 < _INDENT


def _between(one: _Run, two: _Run) -> bool:
    level = abs(one.y0 - two.y0) < 1 and abs(one.y1 - two.y1) < 1
    if not level or one.x1 <= two.x0 or two.x1 <= one.x0:
        return False
    tokens = sorted((*one.tokens, *two.tokens), key=lambda t: t.x0)
    return all(b.x0 >= a.x1 - 1 for a, b in pairwise(tokens))


def _sorted(tokens: list[_Token]) -> list[_Token]:
    """Put the words of a line from left to right where they were written in another order."""
    if all(b.x0 >= a.x0 for a, b in pairwise(tokens)):
        return tokens
    ordered = sorted(tokens, key=lambda t: t.x0)
    apart = all(b.x0 >= a.x1 - 1 for a, b in pairwise(ordered))
    return ordered if apart else tokens  # words that cover each other: turned or struck text


def _written(runs: Iterable[_Run], text: Text) -> tuple[Text, tuple[Word, ...]]:
    parts: list[str] = []
    origin: array[int] = array("I")
    words: list[Word] = []
    at = last = 0
    for run in runs:
        for token in run.tokens:
            if parts:
                parts.append("\n" if token is run.tokens[0] else " ")
                origin.append(last)
                at += 1
            if token.source < 0:
                following = next((t.source for t in run.tokens if t.source >= 0), -1)
                last = text.origin[following] if following >= 0 else last
                origin.extend([last] * len(token.text))
            else:
                origin.extend(text.origin[token.source : token.source + len(token.text)])
                last = origin[-1]
            parts.append(token.text)
            words.append(Word(at, at + len(token.text), token.x0, token.y0, token.x1, token.y1))
            at += len(token.text)
    return Text("".join(parts), origin), tuple(words)


# -- marks ------------------------------------------------------------------------------------

_BOXES = frozenset("☐☒")
_CROSSES = frozenset("xX×✓✔✗✘☒☑•●■")


def _marked(runs: list[_Run], marks: Sequence[Mark]) -> list[_Run]:
    """Put each mark in the line it stands on, or on a line of its own."""
    for mark in marks:
        parts = mark.text.split()
        if mark.text in _BOXES:
            typed = [t for run in runs for t in run.tokens if _inside(t, mark)]
            if any(t.text not in _CROSSES for t in typed):
                continue  # a number in a frame, a letter in a grid
            if typed:  # a cross typed into the box
                parts = ["☒"]
                rests = [[t for t in run.tokens if t not in typed] for run in runs]
                runs = [_run(rest) for rest in rests if rest]
        tokens = [_Token(part, mark.x0, mark.y0, mark.x1, mark.y1, -1) for part in parts]
        if not tokens:
            continue
        at = _line_of(runs, mark)
        if at is None:
            # Its place among the lines follows from where it stands: see ``_downwards``.
            runs.append(_run(tokens))
            continue
        kept = runs[at].tokens
        middle = (mark.x0 + mark.x1) / 2
        place = sum((t.x0 + t.x1) / 2 < middle for t in kept)
        runs[at] = _run([*kept[:place], *tokens, *kept[place:]])
    return runs


def _inside(token: _Token, mark: Mark) -> bool:
    x, y = (token.x0 + token.x1) / 2, (token.y0 + token.y1) / 2
    return mark.x0 - 1 <= x <= mark.x1 + 1 and mark.y0 - 2 <= y <= mark.y1 + 2


def _line_of(runs: Sequence[_Run], mark: Mark) -> int | None:
    """The line that shares most of the mark's height and stands nearest to it."""
    best, found = 0.0, None
    height = max(mark.y1 - mark.y0, 1.0)
    for index, run in enumerate(runs):
        shared = min(run.y1, mark.y1) - max(run.y0, mark.y0)
        if shared <= 0.4 * min(height, run.height):
            continue
        away = max(run.x0 - mark.x1, mark.x0 - run.x1, 0.0)
        closeness = shared / height / (1 + away / 40)
        if closeness > best:
            best, found = closeness, index
    return found


# -- columns ----------------------------------------------------------------------------------


class _Row(NamedTuple):
    """What stands on one baseline, from left to right."""

    tokens: tuple[_Token, ...]
    y0: float
    y1: float


class _Gutter(NamedTuple):
    x: float
    first: int
    last: int  # the row after the last


def _columns(runs: Sequence[_Run]) -> list[_Run] | None:
    """Return the lines with columns of prose read one after the other, None where there is none."""
    rows = _rows(runs)
    found = _gutter(rows)
    if found is None:
        return None
    return list(_by_column(rows, found))


def _by_column(rows: Sequence[_Row], gutter: _Gutter) -> Iterator[_Run]:
    yield from _ordered(rows[: gutter.first])
    for band in _bands(rows[gutter.first : gutter.last], gutter.x):
        left = [_side(row, gutter.x, left=True) for row in band]
        right = [_side(row, gutter.x, left=False) for row in band]
        yield from _ordered([row for row in left if row is not None])
        yield from _ordered([row for row in right if row is not None])
    yield from _ordered(rows[gutter.last :])


def _ordered(rows: Sequence[_Row]) -> Iterator[_Run]:
    found = _gutter(rows)
    if found is not None:
        yield from _by_column(rows, found)
        return
    for row in rows:
        yield _run(row.tokens)


def _rows(runs: Sequence[_Run]) -> list[_Row]:
    """Join the lines that follow each other on one baseline without covering each other."""
    rows: list[_Row] = []
    for run in runs:
        if rows:
            last = rows[-1]
            level = abs((run.y0 + run.y1) - (last.y0 + last.y1)) / 2 < 0.35 * run.height
            if level and run.x0 >= last.tokens[-1].x1:
                rows[-1] = _Row(
                    (*last.tokens, *run.tokens), min(last.y0, run.y0), max(last.y1, run.y1)
                )
                continue
        rows.append(_Row(run.tokens, run.y0, run.y1))
    return rows


def _gaps(row: _Row, least: float) -> Iterator[tuple[float, float]]:
    end = row.tokens[0].x1
    for token in row.tokens[1:]:
        if token.x0 - end >= least:
            yield end, token.x0
        end = max(end, token.x1)


def _side(row: _Row, x: float, *, left: bool) -> _Row | None:
    tokens = tuple(t for t in row.tokens if (t.x1 <= x + 1 if left else t.x0 >= x - 1))
    return _Row(tokens, row.y0, row.y1) if tokens else None


def _gutter(rows: Sequence[_Row]) -> _Gutter | None:
    """Find the run of rows with the longest gutter between two columns of prose."""
    if len(rows) < MIN_ROWS:
        return None
    found: list[tuple[int, _Gutter]] = []
    for x in _middles(rows)[:60]:
        start = 0
        for index in range(len(rows) + 1):
            ends = index == len(rows) or _covered(rows[index], x)
            if not ends and index > start and rows[index].y0 < rows[index - 1].y0 - 1:
                ends = True  # the next row stands above: another column or frame
            if not ends and index > start:
                pause = rows[index].y0 - rows[index - 1].y1
                ends = pause > 1.5 * (rows[index].y1 - rows[index].y0)
            if ends:
                beside = _beside(rows[start:index], x)
                if sum(beside) - _stretched(rows[start:index], x) >= MIN_ROWS:
                    found.append((sum(beside), _trimmed(rows, x, start, beside)))
                start = index + (index < len(rows) and _covered(rows[index], x))
    for _, band in sorted(found, key=lambda f: -f[0])[:8]:
        if _prose(rows[band.first : band.last], band.x):
            return band
    return None


def _middles(rows: Sequence[_Row]) -> list[int]:
    """Where gutters may be: in the gaps that enough rows, or lines side by side, have in common."""
    gaps = [gap for row in rows for gap in _gaps(row, 4)]
    for one, two in pairwise(rows):
        if _level(one, two):
            left, right = sorted((one, two), key=lambda r: r.tokens[0].x0)
            gap = left.tokens[-1].x1, right.tokens[0].x0
            if gap[1] - gap[0] >= 4:
                gaps += [gap, gap]
    middles = sorted({round((a + b) / 2) for a, b in gaps if b - a >= GUTTER})
    return [x for x in middles if sum(a <= x <= b for a, b in gaps) >= MIN_ROWS]


def _covered(row: _Row, x: float) -> bool:
    left, right = x - 2, x + 2
    for token in row.tokens:  # noqa: SIM110 - a generator takes twice the time
        if token.x0 < right and token.x1 > left:
            return True
    return False


def _both(row: _Row, x: float) -> bool:
    return row.tokens[0].x1 <= x <= row.tokens[-1].x0


def _level(one: _Row, two: _Row) -> bool:
    """Tell whether two rows share a part of their height, as columns on other baselines do."""
    shared = min(one.y1, two.y1) - max(one.y0, two.y0)
    return shared > 0.3 * min(one.y1 - one.y0, two.y1 - two.y0)


def _beside(rows: Sequence[_Row], x: float) -> list[bool]:
    """Tell for each row whether something stands at its level across the gutter."""
    beside = [_both(row, x) for row in rows]
    left = [row.tokens[0].x0 < x for row in rows]
    for index in range(1, len(rows)):
        if left[index] != left[index - 1] and _level(rows[index - 1], rows[index]):
            beside[index - 1] = beside[index] = True
    return beside


def _stretched(rows: Sequence[_Row], x: float) -> int:
    """Count the rows whose gap at a gutter is no wider than another: lines that justifying set."""
    count = 0
    for row in rows:
        if _both(row, x):
            gaps = [(b - a, a <= x <= b) for a, b in _gaps(row, 0.5 * GUTTER)]
            own = max((gap for gap, here in gaps if here), default=0.0)
            count += sum(not here and gap > 0.75 * own for gap, here in gaps) > _FEW
    return count


def _trimmed(rows: Sequence[_Row], x: float, start: int, beside: Sequence[bool]) -> _Gutter:
    """Leave out rows on one side only that stand apart, above or below the columns."""
    first = start + beside.index(True)
    ending = start + len(beside) - beside[::-1].index(True)
    last = start + len(beside)
    while ending < last:
        row, above = rows[ending], rows[ending - 1]
        if row.y0 - above.y1 > _BEYOND * (row.y1 - row.y0):
            break
        ending += 1
    return _Gutter(x, first, ending)


def _prose(rows: Sequence[_Row], x: float) -> bool:
    """Tell columns of prose, whose lines fill their width and go on, from the rows of a table."""
    for left in (True, False):
        sides = [_run(s.tokens) for row in rows if (s := _side(row, x, left=left)) is not None]
        if len(sides) < MIN_ROWS:
            return False
        texts = [side.text for side in sides]
        width = max(s.x1 for s in sides) - min(s.x0 for s in sides)
        full = sum(s.x1 - s.x0 >= 0.65 * width for s in sides) / len(sides)
        letters = fmean(sum(c.isalpha() for c in t) / len(t) for t in texts)
        goes_on = sum(t[0].islower() for t in texts) / len(texts)
        if fmean(map(len, texts)) < 14 or full < 0.5 or letters < 0.6 or goes_on < 0.3:
            return False
    return True


def _bands(rows: Sequence[_Row], x: float) -> list[list[_Row]]:
    """Cut two columns into the rows of a table without rules, where both pause at one height."""
    cuts: list[int] = []
    for index in range(1, len(rows)):
        gap = rows[index].y0 - rows[index - 1].y1
        if gap > 0.45 * (rows[index].y1 - rows[index].y0) and _both(rows[index], x):
            cuts.append(index)
    if len(cuts) < 2:  # columns may pause together once by chance
        cuts = []
    return [list(rows[a:b]) for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]


# -- order ------------------------------------------------------------------------------------


def _above(upper: _Run, lower: _Run, *, anywhere: bool = False) -> bool:
    """Tell whether a line stands above another, over it or, if need be, ``anywhere``."""
    if upper.y0 > lower.y0 or upper.y1 > lower.y0 + 0.3 * min(upper.height, lower.height):
        return False
    shared = min(upper.x1, lower.x1) - max(upper.x0, lower.x0)
    return anywhere or shared > 0.3 * min(upper.x1 - upper.x0, lower.x1 - lower.x0)


def _inverted(runs: Sequence[_Run], height: float) -> bool:
    """Tell whether a line of a page's body comes after one that stands below it.

    Running headers and footers, often written first, disturb nobody.
    """
    body = [r for r in runs if r.y0 > _HEADER * height and r.y1 < (1 - _MARGIN) * height]
    lowest = float("-inf")
    for index, run in enumerate(body):
        if run.y0 < lowest and any(_above(run, before) for before in body[:index]):
            return True
        lowest = max(lowest, run.y0)
    return False


def _displaced(runs: Sequence[_Run]) -> set[int]:
    """Return the fewest lines that account for all that come before one that stands above them."""
    against: dict[int, set[int]] = {}
    for index, lower in enumerate(runs):
        for later in range(index + 1, len(runs)):
            if runs[later].y0 <= lower.y0 and _above(runs[later], lower):
                against.setdefault(index, set()).add(later)
                against.setdefault(later, set()).add(index)
    found: set[int] = set()
    while any(against.values()):
        worst = max(against, key=lambda i: len(against[i]))
        for other in against.pop(worst):
            against[other].discard(worst)
        found.add(worst)
    return found


def _downwards(runs: Sequence[_Run], height: float) -> list[_Run]:
    """Reorder the lines as little as needed for each to come after all that stand above it.

    A line written too late is brought before the first one that stands below it. One out of its
    place near the page's top or bottom, a title or a footer, goes before or after all the rest.
    """
    displaced = {i for i in _displaced(runs) if _outermost(i, runs, height)}
    above: list[list[int]] = [[] for _ in runs]
    by_top = sorted(range(len(runs)), key=lambda i: runs[i].y0)
    for at, lower in enumerate(by_top):
        x0, x1 = runs[lower].x0, runs[lower].x1
        for upper in by_top[:at]:
            anywhere = lower in displaced or upper in displaced
            if not anywhere and (runs[upper].x0 >= x1 or runs[upper].x1 <= x0):
                continue
            if _above(runs[upper], runs[lower], anywhere=anywhere):
                above[lower].append(upper)
    order: dict[int, None] = {}
    for index in range(len(runs)):
        waiting = [index]
        while waiting:
            missing = [i for i in above[waiting[-1]] if i not in order]
            if missing:
                waiting.append(min(missing))
            else:
                order[waiting.pop()] = None
    return [runs[i] for i in order]


def _outermost(index: int, runs: Sequence[_Run], height: float) -> bool:
    """Tell whether a line stands in the page's margin, or near it with nothing beside."""
    run = runs[index]
    if run.y1 < _MARGIN * height or run.y0 > (1 - _MARGIN) * height:
        return True
    if _OUTER * height <= run.y1 and run.y0 <= (1 - _OUTER) * height:
        return False
    slack = 0.3 * run.height
    return not any(r.y0 < run.y1 - slack and r.y1 > run.y0 + slack for r in runs if r is not run)
