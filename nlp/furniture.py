"""What stands around a text: running headers and footers, page numbers, tables of contents."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from corpus.documents import Line, Page
from nlp.headings import NUMBERED, PAGE_NUMBER, TERMINATOR

_TOP, _BOTTOM = 0.13, 0.88  # of a page's height: where headers end and footers begin
_TITLE = 1.25  # a line so many times as large as another of the same words is their title
_SHARE = 0.4  # of the pages on which a running header comes back
_TAB = 9.0  # points: the least space between an entry of contents and its page number
_LEADER = re.compile(r"(?:(?:\.\s?){4,}|_{4,}|…{2,})\s*(?P<page>\d{1,3})?\s*$")
_LEADER_REACH = 300  # characters before a line's end in which its leader is looked for
_BROKEN_ENTRY = re.compile(r"Erreur ! S(?:ignet|ource)")
_TOC_TITLE = re.compile(r"(?:sommaire|table des mati[eè]res|(?:table of )?contents)\s*:?$", re.I)
_TOC_LINE = re.compile(r".*\D\s*\d{1,3}$")


@dataclass(frozen=True, slots=True)
class Printed:
    """A line with its page and text; ``kind`` is "body", "furniture" or "toc".

    ``aside`` marks a page number that stands a tab away from its entry, the line before.
    """

    page: Page
    line: Line
    text: str
    kind: str = "body"
    aside: bool = False


def printed(pages: Sequence[Page]) -> list[Printed]:
    """Return the lines that have words, with those that are no text of the document marked."""
    return list(_contents(list(_furniture(pages))))


# -- running headers and footers -------------------------------------------------------------


def _furniture(pages: Sequence[Page]) -> Iterator[Printed]:
    """Mark lines that come back at the top or bottom of many pages."""
    edges = [_edge_lines(page) for page in pages]
    found: dict[str, list[int]] = defaultdict(list)
    for index, near in enumerate(edges):
        for key in near:
            found[key].append(index)
    running = {key for key, where in found.items() if _runs(key, where, len(pages))}
    sizes: dict[str, list[float]] = defaultdict(list)  # of what stands at the edges
    for page, near in zip(pages, edges, strict=True):
        for key, indexes in near.items():
            sizes[key] += (page.lines[i].size for i in indexes)
    for page, near in zip(pages, edges, strict=True):
        asides = _asides(page)
        titles = _titles(page)
        marked = {
            i
            for key, indexes in near.items()
            for i in indexes
            if (PAGE_NUMBER.fullmatch(key.replace("#", "1")) and not _in_row(page, i, running))
            or (key in running and page.lines[i].size <= _TITLE * min(sizes[key]))
            or titles.get(key, 0.0) > _TITLE * page.lines[i].size
        }
        for i, line in enumerate(page.lines):
            text = page.text[line.start : line.end].strip()
            if not text:
                continue
            furniture = i in marked or line.style in ("header", "footer")
            kind = "furniture" if furniture else "body"
            yield Printed(page, line, text, kind, aside=i in asides)


def _edge_lines(page: Page) -> dict[str, list[int]]:
    """Return the lines near the page's edges by their text with digits masked."""
    near: dict[str, list[int]] = {}
    last = len(page.lines) - 1
    for i, line in enumerate(page.lines):
        by_place = page.height and (line.y1 < page.height * _TOP or line.y0 > page.height * _BOTTOM)
        by_order = not page.words and (i < 2 or i > last - 2)
        if by_place or by_order:
            near.setdefault(_key(page.text[line.start : line.end]), []).append(i)
    return near


def _in_row(page: Page, index: int, running: Container[str]) -> bool:
    """Tell whether a bare number at the top is a cell of a row, with text at its right."""
    if not page.words or index + 1 >= len(page.lines):
        return False
    number, beside = page.lines[index], page.lines[index + 1]
    bare = page.text[number.start : number.end].strip().isdigit()
    if not bare or number.y1 > page.height * _TOP or not _level(number, beside):
        return False
    text = page.text[beside.start : beside.end].strip()
    return PAGE_NUMBER.fullmatch(text) is None and _key(text) not in running


def _titles(page: Page) -> dict[str, float]:
    """Return how large the words of each line stand at their largest on a page with geometry."""
    lines = page.lines if page.words else ()
    texts = [(_key(page.text[line.start : line.end]), line.size) for line in lines]
    # a title may take two lines
    texts += [(f"{a} {b}", one) for (a, one), (b, two) in pairwise(texts) if abs(one - two) < 0.6]
    sizes: dict[str, float] = {}
    for key, size in texts:
        if any(c.isalpha() for c in key):
            sizes[key] = max(sizes.get(key, 0.0), size)
    return sizes


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", text.lower()).strip()


def _runs(key: str, where: Sequence[int], pages: int) -> bool:
    """Tell whether a text that stands at the edge of the pages ``where`` is a running one."""
    if len(where) >= (max(3, pages * _SHARE) if pages > 3 else 2):
        return True
    # On odd and even pages by turns: the same words, not "Annexe 1" and "Annexe 2".
    turns = all(b - a == 2 for a, b in pairwise(where))
    return len(where) >= max(2, (pages - 1) // 2) and turns and "#" not in key


# -- contents --------------------------------------------------------------------------------


def _asides(page: Page) -> set[int]:
    """Return the lines that are numbers on the height of the line before, one entry below another.

    They grow down the page, as page numbers do.
    """
    texts = [page.text[line.start : line.end].strip() for line in page.lines]
    beside = [
        i
        for i in range(1, len(texts))
        if re.fullmatch(r"\d{1,3}", texts[i]) and _level(page.lines[i - 1], page.lines[i])
    ]
    found: set[int] = set()
    for one, two in pairwise(beside):
        if two == one + 2 and int(texts[one]) <= int(texts[two]):
            found |= {one, two}
    return found


def _level(entry: Line, number: Line) -> bool:
    return entry.y1 > 0 and abs(entry.y0 - number.y0) < 2 and number.x0 - entry.x1 > _TAB


def _contents(lines: Sequence[Printed]) -> Iterator[Printed]:
    """Mark the lines of tables of contents."""
    inside = 0  # lines that do not look like contents we still tolerate
    page = 0
    entry = False  # whether the line before is an entry whose page number stands a tab away
    for item, after in zip(lines, (*lines[1:], None), strict=False):
        following = after.text if after is not None and after.kind == "body" else ""
        if item.page.number != page:
            page = item.page.number
            inside = min(inside, 1)
        number, entry = item.aside and entry, False
        if item.kind != "body":
            yield item
        elif item.line.style.startswith("h"):
            inside = 0
            yield item
        elif number:
            yield replace(item, kind="toc")
        elif item.line.style == "toc" or _leads(item.text, inside):
            inside = max(inside, 2)
            yield replace(item, kind="toc")
        elif (
            _TOC_TITLE.fullmatch(item.text)
            or (inside and after is not None and after.aside)
            or (inside and _TOC_LINE.fullmatch(item.text) and len(item.text) < 160)
        ):
            inside = 3
            entry = after is not None and after.aside
            yield replace(item, kind="toc")
        elif (
            inside > 1
            and not TERMINATOR.search(item.text)
            and NUMBERED.match(item.text)
            and (_leads(following, inside) or _TOC_LINE.fullmatch(following))
        ):
            inside -= 1  # an entry wrapped over two lines
            yield replace(item, kind="toc")
        else:
            inside = max(0, inside - 2) if len(item.text) < 80 else 0
            yield item


def _leads(text: str, inside: int) -> bool:
    """Tell whether dots lead from an entry to its page; those of a blank to fill in do not."""
    if _BROKEN_ENTRY.search(text):
        return True
    before = max(0, len(text) - _LEADER_REACH)
    leader = _LEADER.search(text, before)
    if leader is None:
        return False
    title = text[: leader.start()].rstrip()
    if inside:
        return not title.endswith(":") or leader["page"] is not None
    named = any(c.isalpha() for c in title) and not title.endswith(":")
    return named and leader["page"] is not None
