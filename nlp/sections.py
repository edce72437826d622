"""Pages -> blocks: headings, paragraphs, list items and table rows, each with its place.

What a heading is stands in ``headings``, running headers and contents in ``furniture``, rows in
``tables``; here lines are joined to blocks, and blocks find their place in the outline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from corpus.documents import Block, BlockKind, Page, Word
from nlp.blocks import Builder, begins_lower
from nlp.furniture import Printed, printed
from nlp.headings import (
    BULLET,
    NUMBERED,
    SERIES,
    TERMINATOR,
    UNNUMBERED,
    heading_level,
    is_part,
    markdown,
    number_alone,
    series_number,
)
from nlp.tables import Last, head, rows, table_lines, tail

MAX_BLOCK = 6000  # characters; a longer run of lines is cut so that no passage grows without end

MAX_TITLE = 200  # characters of a heading over several lines

_SENTENCE = re.compile(r"[^\W\d]{3}[.;] ")
_ENUMERATED = re.compile(r"(?:\d{1,2}|[a-z]|[ivx]{1,4})\s?[)°]\s*\S|(?:\d{1,2}|[a-z])\.\s+\S")
_LOTS = re.compile(
    r"\blots?\s*(?:n[°o]s?\s*)?((?:\d{1,2}[A-Za-z]?)"
    # "le lot 3 et 40 heures" names one lot
    r"(?:\s*(?:,|;|et|à|/|&|-)\s*(?:n°\s*)?\d{1,2}\b"
    r"(?![.,]\d| ?\d{3}\b| ?(?:h\b|heures?|%|€|euros?|jours?|mois|ans?\b|points?)))*)\b",
    re.I,
)
_BOX = re.compile(r"[☐☒☑■]|\[[xX ]?\]")
_BOXES = re.compile(r"[☐☒☑■](?:\s+[☐☒☑■])+")
_INSET = 4.0  # points: no line of an item begins so far left of its bullet
_PAUSE = 0.3  # of a line's height: so much more space than usual parts paragraphs
_LARGE = 1.12  # times the usual size of letters: that of titles
_HEAD = 4  # lines at the foot of a page that may be a row of a table on the next
_RUN = 12  # lines that may be read on for the end of a paragraph that begins with a number
_APART = 9.0  # points: the least space between two options on one line


def structure(pages: Sequence[Page], *, lots: tuple[str, ...] = ()) -> tuple[Block, ...]:
    """Cut pages into blocks in reading order, with outline paths, lead-ins and lots.

    ``lots`` are the lots the whole piece belongs to, used where no heading says otherwise.
    """
    return tuple(_outline(list(_blocks(printed(pages))), lots))


def lot_numbers(text: str) -> tuple[str, ...]:
    """Return the lot numbers that ``text`` names ("lots 1 et 3" -> "1", "3"; "lots 2 à 4" too)."""
    found: list[str] = []
    for match in _LOTS.finditer(text):
        run = match[1]
        if re.fullmatch(r"\d{1,2}\s*(?:à|-)\s*(?:n°\s*)?\d{1,2}", run):
            low, high = (int(n) for n in re.findall(r"\d+", run))
            numbers = [str(n) for n in range(low, high + 1)] if low < high <= low + 40 else [run]
        else:
            numbers = re.findall(r"\d{1,2}[A-Za-z]?", run)
        found += [n.lstrip("0") or "0" for n in numbers]
    return tuple(dict.fromkeys(found))


# -- lines to blocks ------------------------------------------------------------------------


def _body_size(lines: Sequence[Printed]) -> float:
    sizes = [p.line.size for p in lines if p.kind == "body" and p.line.size and len(p.text) > 40]
    return median(sizes) if sizes else 0.0


def _blocks(lines: Sequence[Printed]) -> Iterator[tuple[Block, int]]:
    """Yield blocks with the level of their heading (0 for what is not a heading)."""
    body = _body_size(lines)
    right = _right_margins(lines)
    pitch = _pitches(lines)
    tables = {p.number: table_lines(p) for p in {id(x.page): x.page for x in lines}.values()}
    strays = _heads(lines, tables)
    done: set[tuple[int, int]] = set()
    current: Builder | None = None
    level = 0
    previous: Printed | None = None
    last: Last | None = None
    taken = False  # whether the line was read with the one before it

    for at, item in enumerate(lines):
        after = lines[at + 1] if at + 1 < len(lines) else None
        if taken:
            taken = False
            continue
        owner = tables[item.page.number].get(item.line.start) if item.kind == "body" else None
        if current and (owner is not None or item.kind == "toc"):
            yield current.close(), level
            current, level = None, 0
        if owner is not None:
            if (item.page.number, owner) not in done:
                done.add((item.page.number, owner))
                found, last = rows(item.page, item.page.tables[owner], last)
                yield from ((row, 0) for row in found)
            previous = None
            continue
        if item.kind != "body":
            taken = item.kind == "toc" and after is not None and after.aside
            yield _alone(item, after if taken else None), 0
            continue
        if last is not None and at not in strays:
            strays |= _tail(lines, at, last)
        stray = strays.get(at)
        if stray is not None:
            if current:
                yield current.close(), level
                current, level = None, 0
            row, last = stray
            yield from ((each, 0) for each in row)
            previous = None
            continue
        last = None
        heading = heading_level(item.text, item.line, body)
        # a title in large letters may break after a comma
        broken = item.text.endswith(",") and 0 < body * _LARGE < item.line.size
        if (heading or broken) and after is not None and _runs_on(item, after, right, pitch):
            heading = _title(_paragraph(lines, at, right, pitch), item, body, heading)
        heading = heading or _number_above(item, after, body)
        ruled = after is not None and after.line.start in tables[after.page.number]
        options = [] if ruled else _options(item, after)
        taken = bool(options)
        if current is None or not (
            previous and _joins(previous, item, current, level, heading, right, pitch)
        ):
            if current:
                yield current.close(), level
            level = heading
            current = Builder(_kind(item.text, heading), item.line.x0)
        for start, text in options or [_words(item)]:
            current.add(item.page.number, start, text)
        previous = item
    if current:
        yield current.close(), level


def _heads(
    lines: Sequence[Printed], tables: Mapping[int, Mapping[int, int]]
) -> dict[int, tuple[tuple[Block, ...], Last]]:
    """Return the rows that tables leave at the foot of the page before, by the lines they take.

    The row of several lines stands with the first one; none is left for the others.
    """
    body = [i for i, item in enumerate(lines) if item.kind == "body"]
    found: dict[int, tuple[tuple[Block, ...], Last]] = {}
    for place in range(1, len(body)):
        below = lines[body[place]]
        owner = tables[below.page.number].get(below.line.start)
        if owner is None or lines[body[place - 1]].page.number + 1 != below.page.number:
            continue
        foot = _foot(lines, body[max(0, place - _HEAD) : place], tables)
        for first in range(len(foot)):
            taken = foot[first:]
            page = lines[taken[0]].page
            row = head(page, [lines[i].line for i in taken], below.page, below.page.tables[owner])
            if row is not None:
                found |= dict.fromkeys(taken, ((), row[1]))
                found[taken[0]] = ((row[0],), row[1])
                break
    return found


def _tail(
    lines: Sequence[Printed], at: int, last: Last
) -> dict[int, tuple[tuple[Block, ...], Last]]:
    """Return the row that lines side by side at the head of a page add to the table before."""
    first = lines[at]
    taken = [at]
    for place in range(at + 1, min(at + _HEAD, len(lines))):
        item = lines[place]
        level = abs(item.line.y0 - first.line.y0) < 0.5 * first.line.size
        if item.page is not first.page or item.kind != "body" or not level:
            break
        taken.append(place)
    row = tail(first.page, [lines[i].line for i in taken], last)
    if row is None:
        return {}
    return dict.fromkeys(taken, ((), last)) | {at: ((row,), last)}


def _foot(
    lines: Sequence[Printed], near: Sequence[int], tables: Mapping[int, Mapping[int, int]]
) -> list[int]:
    """Return those of the last lines of a page that stand close together, outside its tables."""
    foot: list[int] = []
    for at in reversed(near):
        item = lines[at]
        under = lines[foot[0]] if foot else item
        apart = under.line.y0 - item.line.y1 > under.line.size / 2
        if item.page is not under.page or apart or item.line.start in tables[item.page.number]:
            break
        foot.insert(0, at)
    return foot


def _words(item: Printed) -> tuple[int, str]:
    """Return a line's text without the signs of Markdown, and where it begins on its page."""
    raw = item.page.text[item.line.start : item.line.end]
    ahead = len(raw) - len(raw.lstrip()) + markdown(item.text)
    return item.line.start + ahead, raw[ahead:].rstrip()


def _alone(item: Printed, number: Printed | None) -> Block:
    """Return a block of one line, with the page number of an entry of contents."""
    alone = Builder(BlockKind.TOC if item.kind == "toc" else BlockKind.FURNITURE)
    for part in (item, number):
        if part is not None:
            start, end = part.line.start, part.line.end
            alone.add(part.page.number, start, part.page.text[start:end])
    return alone.close()


def _kind(text: str, heading: int) -> BlockKind:
    if heading:
        return BlockKind.HEADING
    text = text[markdown(text) :]
    return BlockKind.ITEM if BULLET.match(text) or _ENUMERATED.match(text) else BlockKind.PARAGRAPH


def _right_margins(lines: Sequence[Printed]) -> dict[int, float]:
    """Where full lines end, a page: in points, or in characters for text without geometry."""
    margins: dict[int, float] = {}
    lengths: dict[int, list[int]] = {}
    for item in lines:
        if item.kind == "body":
            number = item.page.number
            margins[number] = max(margins.get(number, 0.0), item.line.x1)
            lengths.setdefault(number, []).append(len(item.text))
    for number, known in lengths.items():
        if not margins[number]:
            margins[number] = float(sorted(known)[int(len(known) * 0.8)])
    return margins


def _pitches(lines: Sequence[Printed]) -> dict[int, float]:
    """The usual space between the lines of a paragraph, a page; none where it cannot be told."""
    spaces: dict[int, list[float]] = {}
    for one, two in pairwise(lines):
        if one.kind == two.kind == "body" and _follows(one, two) and begins_lower(two.text):
            spaces.setdefault(two.page.number, []).append(two.line.y0 - one.line.y1)
    whole = [space for page in spaces.values() for space in page]
    usual = median(whole) if whole else None
    found = {page: median(known) for page, known in spaces.items() if len(known) > 2}
    if usual is not None:
        for item in lines:
            found.setdefault(item.page.number, usual)
    return found


def _follows(one: Printed, two: Printed) -> bool:
    """Tell whether a line stands just below another of the same size, where that is known."""
    return (
        bool(two.page.words)
        and one.page is two.page
        and abs(one.line.size - two.line.size) < 0.6
        and -0.3 * two.line.size < two.line.y0 - one.line.y1 < two.line.size
    )


def _pauses(previous: Printed, item: Printed, pitch: dict[int, float]) -> bool:
    """Tell whether more space than usual parts two lines of a page."""
    usual = pitch.get(item.page.number)
    if usual is None or previous.page is not item.page or not item.page.words:
        return False
    space = item.line.y0 - previous.line.y1
    return space > usual + _PAUSE * max(previous.line.size, item.line.size, 6.0)


def _full(previous: Printed, item: Printed, right: dict[int, float]) -> bool:
    """Tell whether a line ends where the first word of the next one had no room."""
    if previous.page is not item.page or not item.page.words or item.line.y0 < previous.line.y1 - 2:
        return False
    first = item.page.between(item.line.start, item.line.end)[0]
    room = right[item.page.number] - previous.line.x1
    return room < first.x1 - first.x0 + previous.line.size * 0.25


def _runs_on(
    item: Printed, after: Printed, right: dict[int, float], pitch: dict[int, float]
) -> bool:
    """Tell whether a line goes on below in plain type; its number alone may be bold."""
    return (
        after.kind == "body"
        and not after.line.bold
        and not (item.line.bold and after.text[:1].isupper())
        and _follows(item, after)
        and not _pauses(item, after, pitch)
        and _full(item, after, right)
        and not _ENUMERATED.match(after.text)
        and not _numbers(after.text)
    )


def _numbers(text: str) -> bool:
    """Tell whether a line begins with the number of a title, and not with a date or a sum."""
    match = NUMBERED.match(text)
    return match is not None and (match["title"] or "")[:1].isupper()


def _paragraph(
    lines: Sequence[Printed], at: int, right: dict[int, float], pitch: dict[int, float]
) -> str:
    """Return the text of the lines that run on from ``at``, as far as needed to know its kind."""
    texts = [lines[at].text]
    for one, two in pairwise(lines[at : at + _RUN]):
        if not _runs_on(one, two, right, pitch):
            break
        texts.append(two.text)
    return " ".join(texts)


def _title(text: str, item: Printed, body: float, level: int) -> int:
    """Return the level of a heading that goes on over lines, 0 where they are sentences."""
    whole = len(text) <= MAX_TITLE and not TERMINATOR.search(text) and not _SENTENCE.search(text)
    if level and whole:
        return level
    return heading_level(text, item.line._replace(bold=False), body)


def _number_above(item: Printed, after: Printed | None, body: float) -> int:
    """Return the level of a number whose title stands on the line below, 0 for all else."""
    level = number_alone(item.text)
    if not level or after is None or after.kind != "body" or not _alike(item, after):
        return 0
    return level if heading_level(after.text, after.line, body) == UNNUMBERED else 0


def _alike(previous: Printed, item: Printed) -> bool:
    """Tell whether a line is set as the one just above it."""
    return (
        bool(item.page.words)
        and previous.page is item.page
        and previous.line.bold == item.line.bold
        and abs(previous.line.size - item.line.size) < 0.6
        and item.line.y0 - previous.line.y1 < max(previous.line.size, 6) * 0.7
    )


def _joins(
    previous: Printed,
    item: Printed,
    current: Builder,
    level: int,
    heading: int,
    right: dict[int, float],
    pitch: dict[int, float],
) -> bool:
    """Tell whether a line belongs to the block, or the heading, of the line before."""
    if heading:
        return bool(level) and _same_heading(previous, item, current.text())
    return _continues(previous, item, current, level, right, pitch)


def _same_heading(previous: Printed, item: Printed, so_far: str) -> bool:
    """Tell whether a heading goes on over this line."""
    if NUMBERED.match(item.text) and not item.text[:1].islower():
        return False
    ended = so_far.rstrip().endswith((":", ".")) and not number_alone(so_far)
    return _alike(previous, item) and not ended  # without geometry each heading stands alone


def _continues(
    previous: Printed,
    item: Printed,
    current: Builder,
    level: int,
    right: dict[int, float],
    pitch: dict[int, float],
) -> bool:
    """Tell whether this line goes on with the block of the line before."""
    if current.length > MAX_BLOCK:
        return False
    text = item.text
    lower = begins_lower(text)
    here = previous.page is item.page
    blank = here and item.page.text.count("\n", previous.line.end, item.line.start) > 1
    if blank and not item.page.words and (previous.line.style[:1] == "h" or item.line.style):
        return False  # a paragraph of a word processor
    ended = bool(TERMINATOR.search(previous.text))
    if level:
        return lower and here and not ended
    if text.startswith("»") and _quotes(current.text()):
        return True
    if BULLET.match(text):
        return False
    pauses = _pauses(previous, item, pitch)
    # a paragraph whose line breaks before "6." or a box, by chance
    broken = (
        current.kind == BlockKind.PARAGRAPH
        and not (ended or pauses)
        and previous.line.x1 - previous.line.x0 > item.page.width / 2
        and abs(item.line.x0 - previous.line.x0) < _INSET
        and _full(previous, item, right)
    )
    if _answers(previous.text, text) and not broken:
        return False
    if _ENUMERATED.match(text) and (ended or not lower) and not broken:
        return False
    if not here:
        return lower and not ended
    if not item.page.words:  # no geometry: blank lines and punctuation must do
        if lower:
            return not (ended and blank)
        short = len(previous.text) < right[item.page.number] * 0.6
        return not (blank or ended or short)
    if item.line.y0 < previous.line.y0 - previous.line.size:  # a new column or frame
        return lower and not ended
    height = max(previous.line.size, 6.0)
    gap = item.line.y0 - previous.line.y1
    if gap > height * 0.75:
        return lower and not ended and gap < height * 2
    if pauses and not lower and (ended or not _full(previous, item, right)):
        return False
    outset = current.kind == BlockKind.ITEM and item.line.x0 < current.left - _INSET
    short = previous.line.x1 < right[item.page.number] - max(60.0, item.page.width * 0.15)
    return not (ended and (short or outset)) or (lower and not ended)


def _quotes(text: str) -> bool:
    """Tell whether a quotation is open at the end of a text."""
    return text.count("«") > text.count("»")


# -- tick boxes -------------------------------------------------------------------------------


def _answers(before: str, text: str) -> bool:
    """Tell whether a line with boxes is an answer of its own, below its question or another."""
    asked = before.rstrip().endswith((":", "?")) or bool(_BOX.search(before))
    return asked and bool(_BOX.search(text)) and text[:1].isupper()


class _Option(NamedTuple):
    """Words of a line that stand close together, or a box."""

    start: int
    end: int
    x0: float
    x1: float


def _options(item: Printed, after: Printed | None) -> list[tuple[int, str]]:
    """Return options each with the box drawn below it, as parts of the page; [] for other lines."""
    if after is None or after.page is not item.page or not _BOXES.fullmatch(after.text):
        return []
    if not 0 <= after.line.y0 - item.line.y1 < after.line.size:
        return []
    labels = _apart(item, _APART)
    boxes = _apart(after, 0.0)
    if len(labels) != len(boxes):
        return []
    if not all(
        a.x0 - _APART < b.x0 and b.x1 < a.x1 + _APART for a, b in zip(labels, boxes, strict=True)
    ):
        return []
    text = item.page.text
    return [
        (part.start, text[part.start : part.end])
        for pair in zip(labels, boxes, strict=True)
        for part in pair
    ]


def _apart(item: Printed, space: float) -> list[_Option]:
    """Cut a line where more than ``space`` points part its words."""
    found: list[_Option] = []
    words: Iterator[Word] = (
        w for w in item.page.words if item.line.start <= w.start < item.line.end
    )
    for word in words:
        if found and word.x0 - found[-1].x1 <= space:
            found[-1] = found[-1]._replace(end=word.end, x1=word.x1)
        else:
            found.append(_Option(word.start, word.end, word.x0, word.x1))
    return found


# -- outline ---------------------------------------------------------------------------------

_PART = 0.5  # the rank of a chapter, above that of articles
_STEP = 0.1  # between the ranks of a heading and of a series below it


class _Above(NamedTuple):
    """A heading that what follows stands under; the lower its rank, the more it holds."""

    rank: float
    title: str
    series: str = ""
    first: str = ""  # the roman number or letter of a series
    base: float = 0.0  # the rank of such numbers without those below them: IV for IV.1


def _outline(blocks: Sequence[tuple[Block, int]], lots: tuple[str, ...]) -> Iterator[Block]:
    stack: list[_Above] = []
    lead = ""
    nested: tuple[str, str] | None = None  # mark and lead of the list around a nested one
    near: tuple[str, ...] = ()  # lots announced just above a table or list ("Lots 1 et 2")
    for block, level in blocks:
        if block.kind in (BlockKind.TOC, BlockKind.FURNITURE):
            yield replace(block, lots=lots)
            continue
        if level:
            heading = _heading(stack, level, block.text)
            stack = [entry for entry in stack if entry.rank < heading.rank]
            yield replace(
                block,
                path=tuple(above.title for above in stack),
                lots=_section_lots(stack, block.text, lots),
            )
            stack.append(heading)
            lead, near, nested = "", (), None
            continue
        path = tuple(above.title for above in stack)
        own = near or _section_lots(stack, "", lots)
        if block.kind == BlockKind.ROW:
            yield replace(block, path=path, lots=_row_lots(block) or own)
            lead = ""
        elif block.kind == BlockKind.ITEM:
            if nested and block.text[:1] == nested[0]:  # back at the level of the outer list
                lead, nested = nested[1], None
            yield replace(block, path=path, lead=lead, lots=own)
            if block.text.rstrip().endswith(":"):  # it leads a list of its own
                nested = (block.text[:1], nested[1] if nested else lead)
                lead = f"{nested[1]} {block.text}".strip()[-400:]
        else:
            near = lot_numbers(block.text) if len(block.text) < 90 else ()
            own = near or _section_lots(stack, "", lots)
            yield replace(block, path=path, lots=own)
            nested = None
            lead = block.text[-400:] if block.text.rstrip().endswith(":") else ""


def _heading(stack: Sequence[_Above], level: int, text: str) -> _Above:
    """Say where a heading stands: chapters above articles, unnumbered ones below numbered."""
    title = _short(text)
    if level == SERIES:
        return _of_series(stack, title)
    if level == 1 and is_part(text):
        return _Above(_PART, title)
    if level != UNNUMBERED:
        return _Above(level, title)
    # Unnumbered headings replace each other.
    numbered = any(above.rank < UNNUMBERED - 1 for above in stack)
    return _Above(UNNUMBERED if numbered else UNNUMBERED - 1, title)


def _of_series(stack: Sequence[_Above], title: str) -> _Above:
    """Say where I, A or 1/ stands: beside its like, else below the heading it begins under.

    "IV.1" stands below IV. A series that begins a document holds its articles.
    """
    letters = [above.first for above in stack if above.series == "letter"]
    name, first, depth = series_number(title, letters[-1] if letters else "")
    bases = [above.base for above in stack if above.series == name]
    numbered = [above.rank for above in stack if above.rank < UNNUMBERED - 1]
    if bases:
        base = bases[-1]
    elif numbered or first in ("I", "A", "1"):
        base = (numbered[-1] if numbered else _PART) + _STEP
    else:
        base = 2.0
    return _Above(base + _STEP * (depth - 1) / 2, title, name, first, base)


def _row_lots(block: Block) -> tuple[str, ...]:
    """The lot of a row in a table of lots: the number in its first cells."""
    if not re.search(r"\blots?\b", block.lead, re.I):
        return ()
    cells = (block.text[start:end].strip() for start, end in block.cells)
    for cell in [cell for cell in cells if cell][:2]:
        if re.fullmatch(r"(?:lot\s*)?(?:n°\s*)?\d{1,2}", cell, re.I):
            return (re.sub(r"\D", "", cell).lstrip("0") or "0",)
        if re.fullmatch(r"\d{1,2}(?:\s*(?:,|et|à|-|/)\s*\d{1,2})+", cell):
            return lot_numbers(f"lots {cell}")
    return ()


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" :.-–—")[:120]


def _section_lots(stack: Sequence[_Above], text: str, lots: tuple[str, ...]) -> tuple[str, ...]:
    for title in (text, *(above.title for above in reversed(stack))):
        if found := lot_numbers(title):
            return found
    return lots
