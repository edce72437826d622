"""Pages -> blocks: headings, paragraphs, list items and table rows, each with its place.

The outline is read from numbering ("ARTICLE 10", "10.2.1") and typography (bold, capitals).
Running headers, footers, page numbers and tables of contents are kept apart, never dropped.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from corpus.documents import CELL_MARK, Block, BlockKind, Line, Page, Segment, Table

UNNUMBERED = 9  # the level of a heading without a number, below every numbered one
MAX_BLOCK = 6000  # characters; a longer run of lines is cut so that no passage grows without end

_BULLET = re.compile(
    r"(?:[•▪▫◦●○■□◆◇➢➤➔→✓❖‣*»☐☒☑–—-]|\[[ xX]?\]|\([ xX]\)|\|[xX_]\||o(?= [A-Za-zÉÈÀà-ÿ]))\s*(?=\S)"
)
_ENUMERATED = re.compile(r"(?:\d{1,2}|[a-z]|[ivx]{1,4})\s?[)°]\s*\S|(?:\d{1,2}|[a-z])\.\s+\S")
_NUMBERED = re.compile(
    r"(?P<word>(?:ARTICLE|Article|TITRE|Titre|CHAPITRE|Chapitre|PARTIE|Partie|SECTION|Section"
    r"|ANNEXE|Annexe|LOT|Lot)\s+)?"
    r"(?:n°\s?)?"
    r"(?P<number>premier\b|1er\b|[A-Z](?=[.)]\s|\s[-–—])|[IVXLC]{1,6}(?=[.)\s:–—-])|\d{1,2}(?:\s?[.-]\s?\d{1,2}){0,4})"
    r"(?P<after>\s?[.):]{0,2}\s*(?:[-–—:]+\s*)?)"
    r"(?P<title>\S.*)?$"
)
_PART = re.compile(r"(?:titre|chapitre|partie)\s", re.I)  # they hold articles
_TERMINATOR = re.compile(r"[.;:!?»]\s*$")
_LEADER = re.compile(
    r"(?:\.\s?){4,}\s*\d{0,3}\s*$"
    r"|_{4,}\s*\d{1,3}\s*$|…{2,}\s*\d{1,3}\s*$|Erreur ! S(?:ignet|ource)"
)
_TOC_TITLE = re.compile(r"(?:sommaire|table des mati[eè]res|(?:table of )?contents)\s*:?$", re.I)
_TOC_LINE = re.compile(r".*\D\s*\d{1,3}$")
_PAGE_NUMBER = re.compile(
    r"(?:[-–—]\s*)?(?:page\s*:?\s*)?\d{1,3}(?:\s*(?:/|sur|of|de)\s*\d{1,3})?(?:\s*[-–—])?$", re.I
)
_LOTS = re.compile(
    r"\blots?\s*(?:n[°o]s?\s*)?((?:\d{1,2}[A-Za-z]?)(?:\s*(?:,|;|et|à|/|&|-)\s*(?:n°\s*)?\d{1,2}\b)*)\b",
    re.I,
)
_ANSWER = re.compile(r"\S\s*[: ]\s*(?:Sans|Avec|Oui|Non|NON|OUI|Néant|Sans objet)\.?$")
_LOWER = re.compile(r"[a-zà-ÿ(]")
_MARKDOWN = re.compile(r"(#{1,6})\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class _Printed:
    """A line with its page, text and the margin it leaves at the right."""

    page: Page
    line: Line
    text: str
    kind: str = "body"


@dataclass(slots=True)
class _Builder:
    """Collects the lines of one block and remembers where each came from."""

    kind: BlockKind
    parts: list[str] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    cells: list[tuple[int, int]] = field(default_factory=list)
    length: int = 0

    def add(self, page: int, start: int, text: str, glue: str = " ") -> None:
        """Append ``text`` found at ``start`` of ``page``, joining a hyphenated line end."""
        if self.parts and glue:
            last = self.parts[-1]
            if (
                glue == " "
                and last.endswith("-")
                and len(last) > 2
                and last[-2].isalpha()
                and _LOWER.match(text)
            ):
                self._unhyphenate(text)
                glue = ""
            self.parts.append(glue)
            self.length += len(glue)
        self.segments.append(Segment(self.length, self.length + len(text), page, start))
        self.parts.append(text)
        self.length += len(text)

    def _unhyphenate(self, following: str) -> None:
        # "sous-/traitant" keeps its hyphen, "exécu-/tion" loses it.
        before = re.search(r"(\w+)-$", self.parts[-1])
        if before and before[1].lower() in _HYPHENATED:
            return
        self.parts[-1] = self.parts[-1][:-1]
        self.length -= 1
        last = self.segments[-1]
        self.segments[-1] = last._replace(end=last.end - 1)

    def text(self) -> str:
        return "".join(self.parts)


# First halves of French compounds, whose hyphen at a line end belongs to the word.
_HYPHENATED = frozenset(
    "sous co non mi ci celui celle ceux celles avant après arrière demi semi grand main rendez vis"
    " peut porte auto éco bio géo accord pré post multi inter contre lui elle eux là quasi"
    " savoir chef garde bon compte micro macro électro socio ex vice nord sud est est-ce dit"
    " donne donnez faut".split()
)


def structure(pages: Sequence[Page], *, lots: tuple[str, ...] = ()) -> tuple[Block, ...]:
    """Cut pages into blocks in reading order, with outline paths, lead-ins and lots.

    ``lots`` are the lots the whole piece belongs to, used where no heading says otherwise.
    """
    printed = list(_contents(tuple(_furniture(pages))))
    body = _body_size(printed)
    blocks = list(_blocks(printed, body))
    return tuple(_outline(blocks, lots))


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


# -- running headers, footers, contents ------------------------------------------------------


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", text.lower()).strip()


def _furniture(pages: Sequence[Page]) -> Iterator[_Printed]:
    """Mark lines that come back at the top or bottom of many pages."""
    edges: list[dict[str, list[int]]] = []
    counts: Counter[str] = Counter()
    for page in pages:
        near = _edge_lines(page)
        edges.append(near)
        counts.update(near.keys())
    needed = max(3, len(pages) * 0.4) if len(pages) > 3 else 2
    for page, near in zip(pages, edges, strict=True):
        marked = {
            i
            for key, indexes in near.items()
            if (len(pages) > 1 and counts[key] >= needed)
            or _PAGE_NUMBER.fullmatch(key.replace("#", "1"))
            for i in indexes
        }
        for i, line in enumerate(page.lines):
            text = page.text[line.start : line.end].strip()
            if not text:
                continue
            furniture = i in marked or line.style in ("header", "footer")
            yield _Printed(page, line, text, "furniture" if furniture else "body")


def _edge_lines(page: Page) -> dict[str, list[int]]:
    """Return the lines near the page's edges by their text with digits masked."""
    near: dict[str, list[int]] = {}
    last = len(page.lines) - 1
    for i, line in enumerate(page.lines):
        by_place = page.height and (line.y1 < page.height * 0.13 or line.y0 > page.height * 0.88)
        by_order = not page.words and (i < 2 or i > last - 2)
        if by_place or by_order:
            near.setdefault(_key(page.text[line.start : line.end]), []).append(i)
    return near


def _contents(lines: Sequence[_Printed]) -> Iterator[_Printed]:
    """Mark the lines of tables of contents."""
    following = [x.text if x.kind == "body" else "" for x in (*lines[1:], *lines[-1:])]
    inside = 0  # lines that do not look like contents we still tolerate
    page = 0
    for item, after in zip(lines, following, strict=True):
        if item.page.number != page:
            page = item.page.number
            inside = min(inside, 1)
        if item.kind != "body":
            yield item
        elif item.line.style.startswith("h"):
            inside = 0
            yield item
        elif item.line.style == "toc" or _LEADER.search(item.text):
            inside = max(inside, 2)
            yield replace(item, kind="toc")
        elif _TOC_TITLE.fullmatch(item.text) or (
            inside and _TOC_LINE.fullmatch(item.text) and len(item.text) < 160
        ):
            inside = 3
            yield replace(item, kind="toc")
        elif (
            inside > 1
            and not _TERMINATOR.search(item.text)
            and _NUMBERED.match(item.text)
            and (_LEADER.search(after) or _TOC_LINE.fullmatch(after))
        ):
            inside -= 1  # an entry wrapped over two lines
            yield replace(item, kind="toc")
        else:
            inside = max(0, inside - 2) if len(item.text) < 80 else 0
            yield item


# -- lines to blocks ------------------------------------------------------------------------


def _body_size(lines: Sequence[_Printed]) -> float:
    sizes = [p.line.size for p in lines if p.kind == "body" and p.line.size and len(p.text) > 40]
    return median(sizes) if sizes else 0.0


def _blocks(lines: Sequence[_Printed], body: float) -> Iterator[tuple[Block, int]]:
    """Yield blocks with the level of their heading (0 for what is not a heading)."""
    current: _Builder | None = None
    level = 0
    previous: _Printed | None = None
    right = _right_margins(lines)
    tables = {p.number: _table_lines(p) for p in {id(x.page): x.page for x in lines}.values()}
    done: set[tuple[int, int]] = set()

    for item in lines:
        owner = tables[item.page.number].get(item.line.start)
        if owner is not None and item.kind == "body":
            if current:
                yield _close(current), level
                current, level = None, 0
            if (item.page.number, owner) not in done:
                done.add((item.page.number, owner))
                for row in _rows(item.page, item.page.tables[owner]):
                    yield row, 0
            previous = None
            continue
        if item.kind != "body":
            if item.kind == "toc" and current:
                yield _close(current), level
                current, level = None, 0
            kind = BlockKind.TOC if item.kind == "toc" else BlockKind.FURNITURE
            alone = _Builder(kind)
            alone.add(
                item.page.number, item.line.start, item.page.text[item.line.start : item.line.end]
            )
            yield _close(alone), 0
            continue
        heading = heading_level(item.text, item.line, body)
        raw = item.page.text[item.line.start : item.line.end]
        start = item.line.start + len(raw) - len(raw.lstrip())
        text = raw.strip()
        if (mark := _MARKDOWN.match(text)) is not None:
            start, text = start + mark.end(), text[mark.end() :]
        if (
            current
            and previous
            and not heading
            and _continues(previous, item, current, level, right)
        ) or (
            current
            and previous
            and level
            and heading
            and _same_heading(previous, item, current.text())
        ):
            current.add(item.page.number, start, text)
        else:
            if current:
                yield _close(current), level
            level = heading
            if heading:
                kind = BlockKind.HEADING
            elif _BULLET.match(text) or _ENUMERATED.match(text):
                kind = BlockKind.ITEM
            else:
                kind = BlockKind.PARAGRAPH
            current = _Builder(kind)
            current.add(item.page.number, start, text)
        previous = item
    if current:
        yield _close(current), level


def _close(builder: _Builder) -> Block:
    return Block(builder.kind, builder.text(), tuple(builder.segments), cells=tuple(builder.cells))


def _right_margins(lines: Sequence[_Printed]) -> dict[int, float]:
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


def heading_level(text: str, line: Line, body: float) -> int:
    """Return the outline level of a line, 1 for an article, 0 when it is not a heading."""
    if line.style.startswith("h") and line.style[1:].isdigit():
        return int(line.style[1:])
    if (mark := _MARKDOWN.match(text)) is not None:
        return len(mark[1])
    if len(text) > 160 or text.endswith((";", ",")) or not any(c.isalpha() for c in text):
        return 0
    if _ANSWER.search(text):  # a line of a cover table: "Variantes Sans", "Avance Avec"
        return 0
    letters = [c for c in text if c.isalpha()]
    capitals = sum(c.isupper() for c in letters) / len(letters) > 0.8 and len(letters) > 3
    large = bool(body) and line.size > body * 1.12
    # "8 PÉRIODE DE TRANSITION (tranche optionnelle)" is set in capitals too.
    begins_capital = bool(re.match(r"[\d .)-]*[A-ZÉÈÀÊÔÎÇ' -]{9,}", text))
    typographic = line.bold or capitals or large or begins_capital
    match = _NUMBERED.match(text)
    if match is not None and not _BULLET.match(text):
        title = (match["title"] or "").strip()
        word = (match["word"] or "").strip().lower()
        number = re.sub(r"\s", "", match["number"])
        parts = [p for p in re.split(r"[.-]", number) if p]
        depth = len(parts)
        clean_title = (
            bool(title) and (title[0].isupper() or title[0] in "«\"'(") and not title.endswith(".")
        )
        if word in ("article", "titre", "chapitre", "partie", "section", "annexe"):
            short = len(text) < 110 and not (title and title[0].islower())
            return (2 if word in ("article",) and depth > 1 else 1) if short else 0
        if word == "lot":
            return 1 if typographic and len(text) < 110 else 0
        if number.isalpha() and number not in ("premier", "1er"):
            return 2 if typographic and clean_title and match["after"].strip() else 0
        if depth > 1 and all(int(p) < 60 for p in parts) and clean_title:
            return depth if typographic or len(text) < 90 else 0
        if (
            depth == 1
            and clean_title
            and (
                typographic
                or (match["after"].strip() in ("-", "–", "—", ".-", ". -", "/") and len(text) < 80)
            )
        ):
            return 1
        if typographic and depth == 1 and clean_title:
            return 1
    if typographic and 4 <= len(text) <= 110 and text[0].isupper() and not text.endswith("."):
        if capitals:
            return UNNUMBERED if len(letters) >= 6 else 0
        # A whole paragraph may be bold: a heading is short and says nothing after its colon.
        plain = len(text) <= 80 and not re.search(r"\s:\s*\S", text)
        return UNNUMBERED if plain and not _PAGE_NUMBER.fullmatch(text) else 0
    return 0


def _same_heading(previous: _Printed, item: _Printed, so_far: str) -> bool:
    """Tell whether a heading goes on over this line."""
    if not item.page.words:  # without geometry each heading stands alone
        return False
    if _NUMBERED.match(item.text) and not item.text[:1].islower():
        return False
    alike = previous.line.bold == item.line.bold and abs(previous.line.size - item.line.size) < 0.6
    close = item.line.y0 - previous.line.y1 < max(previous.line.size, 6) * 0.7
    return (
        alike and close and previous.page is item.page and not so_far.rstrip().endswith((":", "."))
    )


def _continues(
    previous: _Printed, item: _Printed, current: _Builder, level: int, right: dict[int, float]
) -> bool:
    """Tell whether this line goes on with the block of the line before."""
    if current.length > MAX_BLOCK:
        return False
    text = item.text
    lower = bool(_LOWER.match(text))
    if level:
        return lower and previous.page is item.page and not _TERMINATOR.search(previous.text)
    if _BULLET.match(text):
        return False
    ended = bool(_TERMINATOR.search(previous.text))
    if _ENUMERATED.match(text) and (ended or not lower):
        return False
    if previous.page is not item.page:
        return lower and not ended
    if not item.page.words:  # no geometry: blank lines and punctuation must do
        blank = item.page.text.count("\n", previous.line.end, item.line.start) > 1
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
    short = previous.line.x1 < right[item.page.number] - max(60.0, item.page.width * 0.15)
    return not (ended and short) or (lower and not ended)


# -- tables -----------------------------------------------------------------------------------


def _table_lines(page: Page) -> dict[int, int]:
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


def _rows(page: Page, table: Table) -> Iterator[Block]:
    header = ""
    for index, row in enumerate(table.rows):
        builder = _Builder(BlockKind.ROW)
        for cell in row.cells:
            begin = builder.length + (len(CELL_MARK) if builder.parts else 0)
            for position, (start, end) in enumerate(cell.runs):
                text = page.text[start:end]
                glue = " " if position else CELL_MARK
                for offset, part in _split_lines(text):
                    builder.add(page.number, start + offset, part, glue)
                    glue = " "
            if cell.runs:
                builder.cells.append((begin, builder.length))
        block = _close(builder)
        if index == 0 and table.header and len(block.text) < 200:
            header = block.text
            yield replace(block, lead="")
        else:
            yield replace(block, lead=header)


def _split_lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for part in text.split("\n"):
        if part.strip():
            lead = len(part) - len(part.lstrip())
            yield at + lead, part.strip()
        at += len(part) + 1


# -- outline ---------------------------------------------------------------------------------


def _outline(blocks: Sequence[tuple[Block, int]], lots: tuple[str, ...]) -> Iterator[Block]:
    stack: list[tuple[float, str]] = []
    lead = ""
    nested: tuple[str, str] | None = None  # mark and lead of the list around a nested one
    near: tuple[str, ...] = ()  # lots announced just above a table or list ("Lots 1 et 2")
    for block, level in blocks:
        if block.kind in (BlockKind.TOC, BlockKind.FURNITURE):
            yield replace(block, lots=lots)
            continue
        if level:
            rank = _rank(stack, level, block.text)
            stack = [entry for entry in stack if entry[0] < rank]
            yield replace(
                block, path=tuple(t for _, t in stack), lots=_section_lots(stack, block.text, lots)
            )
            stack.append((rank, _short(block.text)))
            lead, near, nested = "", (), None
            continue
        path = tuple(t for _, t in stack)
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


def _rank(stack: list[tuple[float, str]], level: int, text: str) -> float:
    """Say how deep a heading stands: chapters above articles, unnumbered ones below numbered."""
    if level == 1 and _PART.match(text):
        return 0.5
    if level != UNNUMBERED:
        return level
    # Unnumbered headings replace each other.
    return UNNUMBERED if any(rank < UNNUMBERED - 1 for rank, _ in stack) else UNNUMBERED - 1


def _row_lots(block: Block) -> tuple[str, ...]:
    """The lot of a row in a table of lots: the number in its first cells."""
    if not re.search(r"\blots?\b", block.lead, re.I):
        return ()
    for start, end in block.cells[:2]:
        cell = block.text[start:end].strip()
        if re.fullmatch(r"(?:lot\s*)?(?:n°\s*)?\d{1,2}", cell, re.I):
            return (re.sub(r"\D", "", cell).lstrip("0") or "0",)
        if re.fullmatch(r"\d{1,2}(?:\s*(?:,|et|à|-|/)\s*\d{1,2})+", cell):
            return lot_numbers(f"lots {cell}")
    return ()


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" :.-–—")[:120]


def _section_lots(
    stack: list[tuple[float, str]], text: str, lots: tuple[str, ...]
) -> tuple[str, ...]:
    for title in (text, *(t for _, t in reversed(stack))):
        if found := lot_numbers(title):
            return found
    return lots
