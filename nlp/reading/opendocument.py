"""OpenDocument texts and spreadsheets -> pages, read from their XML.

Only what is printed is read: deleted, struck and hidden text is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from corpus.documents import Notice
from nlp.reading.errors import Encrypted, TooManyPages, Truncated, UnsupportedType
from nlp.reading.excel import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, write_sheet
from nlp.reading.package import MAX_BYTES, Package, first, integer
from nlp.reading.paragraphs import MAX_HEADING, Level, Paragraph, Run, bullet, numeral
from nlp.reading.text import TICKED, UNTICKED, LeftOut, Pages, Sheets, headed, local

MAX_REPEATED = 20  # times that a text repeats a row; no program writes more than one


@dataclass(slots=True)
class _OpenStyle:
    """What a style of an OpenDocument file means here."""

    break_before: bool = False
    before: str = ""  # what styles based on this one inherit of it
    break_after: bool = False
    bold: bool = False
    size: float = 0.0
    struck: bool = False
    caps: bool = False
    hidden: bool = False
    level: int = 0
    toc: bool = False


_OPEN_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman"} | {
    "I": "upperRoman"
}


def _get(element: Any, name: str) -> str:
    """Return an attribute by its name without the namespace."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


def read_odt(data: bytes, *, max_pages: int, max_bytes: int = MAX_BYTES) -> Pages:
    """Read an OpenDocument text as it prints, with the page breaks it records.

    Raises EmptyFile, Truncated, Encrypted, ArchiveBomb, UnsupportedType, NoText, TooManyPages or
    TooLarge.
    """
    try:
        return _OpenText(Package(data, max_bytes), max_pages).read()
    except RecursionError as error:
        raise Truncated("nesting") from error


def read_ods(data: bytes, *, max_pages: int, max_bytes: int = MAX_BYTES) -> Pages:
    """Read an OpenDocument spreadsheet, a page a sheet, a row of a table for each row used.

    Raises EmptyFile, Truncated, Encrypted, ArchiveBomb, UnsupportedType, NoText, TooManyPages or
    TooLarge.
    """
    try:
        return _OpenText(Package(data, max_bytes), max_pages).read_sheets()
    except RecursionError as error:
        raise Truncated("nesting") from error


_INDEXES = frozenset(
    ("table-of-content", "illustration-index", "table-index", "alphabetical-index", "user-index")
)
_UNSHOWN = frozenset(
    (
        "annotation-end",
        "forms",
        "hidden-text",
        "hidden-paragraph",
        "ruby-text",
        "script",
        "object",
        "tracked-changes",
        "image",
        "",
    )
)


class _OpenText:
    """Walks the content of an OpenDocument file."""

    def __init__(self, package: Package, max_pages: int) -> None:
        manifest = package.read("META-INF/manifest.xml") or b""
        if b"encryption-data" in manifest or "encrypted-package" in package.names:
            raise Encrypted
        root = package.xml("content.xml")
        if root is None:
            raise Truncated("no content")
        self._max_pages = max_pages
        self._sheets = Sheets(max_pages)
        self._common = package.xml("styles.xml")
        self._body = first(root, "body")
        self._elements: dict[str, Any] = {}
        self._found: dict[str, _OpenStyle] = {}
        self._lists: dict[str, dict[int, Level | str]] = {}
        self._outline: dict[int, Level | str] = {}
        for source in (self._common, root):
            self._learn(source)
        self._controls = {
            _get(box, "id"): TICKED if _get(box, "current-state") == "checked" else UNTICKED
            for box in root.iter()
            if local(box) == "checkbox"
        }
        self._counts: dict[int, int] = {}
        self._running: dict[str, dict[int, int]] = {}
        self._notes: list[Any] = []
        self._last: list[Any] = []
        self._left = LeftOut()

    def read(self) -> Pages:
        body = first(self._body, "text")
        if body is None:
            raise UnsupportedType("odf")
        self._furniture("header")
        self._blocks(body)
        self._end_page()
        self._sheets.stay()  # the end of the text is no page break
        for note in self._last:
            self._note(note)
        self._furniture("footer")
        return self._sheets.close(), self._left.notices()

    def read_sheets(self) -> Pages:
        body = first(self._body, "spreadsheet")
        if body is None:
            raise UnsupportedType("odf")
        tables = [child for child in body if local(child) == "table"]
        if len(tables) > self._max_pages:
            raise TooManyPages(f"{len(tables)}>{self._max_pages}")
        beyond: list[Notice] = []
        left = MAX_CELLS
        for number, table in enumerate(tables, 1):
            self._sheets.skip_to(number)
            rows: list[list[str]] = []
            for row, times in self._open_rows(table):
                cells = self._open_cells(row)
                if not any(cells):
                    continue
                shown = min(times, MAX_ROWS - len(rows), left // len(cells))
                rows += [cells] * shown
                left -= shown * len(cells)
                if shown < times:
                    beyond.append(Notice("rows-left-out", number, str(len(rows))))
                    break
            write_sheet(self._sheets, _get(table, "name"), rows)
        return self._sheets.close(), (*self._left.notices(), *beyond)

    # -- styles

    def _learn(self, root: Any | None) -> None:
        for group in root if root is not None else ():
            if local(group) not in ("styles", "automatic-styles"):
                continue
            for child in group:
                name = local(child)
                if name == "style":
                    self._elements[_get(child, "name")] = child
                elif name == "list-style":
                    self._lists[_get(child, "name")] = dict(_open_levels(child))
                elif name == "outline-style":
                    self._outline = dict(_open_levels(child))

    def _style(self, key: str, depth: int = 0) -> _OpenStyle:
        if key in self._found:
            return self._found[key]
        element = self._elements.get(key)
        if element is None or depth > 20:
            return _OpenStyle(toc=key.startswith("Contents_20_"))
        base = self._style(_get(element, "parent-style-name"), depth + 1)
        paragraph = first(element, "paragraph-properties")
        text = first(element, "text-properties")

        def value(properties: Any | None, name: str) -> str:
            return _get(properties, name) if properties is not None else ""

        weight, points = value(text, "font-weight"), value(text, "font-size")
        struck = value(text, "text-line-through-style") or value(text, "text-line-through-type")
        level = _get(element, "default-outline-level")
        size = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)pt", points)
        found = _OpenStyle(
            break_before=bool(_get(element, "master-page-name"))
            or (value(paragraph, "break-before") or base.before) == "page",
            before=value(paragraph, "break-before") or base.before,
            break_after=value(paragraph, "break-after") == "page",
            bold=weight == "bold" if weight else base.bold,
            size=float(size[1]) if size else base.size,
            struck=struck != "none" if struck else base.struck,
            caps=(value(text, "text-transform") or ("uppercase" if base.caps else ""))
            == "uppercase",
            hidden=value(text, "display") == "none" or base.hidden,
            level=min(integer(level), 6) if level else base.level,
            toc=base.toc or key.startswith("Contents_20_"),
        )
        self._found[key] = found
        return found

    # -- blocks

    def _blocks(self, parent: Any, *, toc: bool = False) -> None:
        for child in parent:
            name = local(child)
            match name:
                case "p" | "h":
                    self._put(child, toc=toc)
                case "list":
                    self._list(child)
                case "table":
                    self._table(child)
                case "soft-page-break":
                    self._end_page()
                case "tracked-changes":
                    self._left.changes += len(child)
                case "section" | "numbered-paragraph" | "index-body" | "index-title":
                    if _get(child, "display") != "none":
                        self._blocks(child, toc=toc)
                case "frame":
                    for box in _open_boxes(child):
                        self._blocks(box)
                case _ if name in _INDEXES:
                    self._blocks(child, toc=True)

    def _put(self, element: Any, *, toc: bool = False, label: str = "") -> None:
        look = self._style(_get(element, "style-name"))
        found = Paragraph([], label=label, style="item" if label else "")
        self._inline(element, look, found)
        if local(element) == "h":
            level = max(1, min(integer(_get(element, "outline-level"), 1), 6))
            found.style = f"h{level}"
            if not label and _get(element, "is-list-header") != "true":
                found.label = _open_label(self._outline, level, self._counts)
        elif look.level and not label:
            found.style = f"h{look.level}"
        if toc or look.toc:
            found.style, found.label = "toc", label
        if look.break_before:
            self._end_page()
        for index, (text, bold, size) in enumerate(found.parts()):
            if index:
                self._end_page()
            style = "" if found.style.startswith("h") and len(text) > MAX_HEADING else found.style
            self._sheets.paragraph(text, style, bold=bold, size=size)
        for box in found.boxes:
            self._blocks(box)
        if look.break_after:
            self._end_page()

    def _end_page(self) -> None:
        notes, self._notes = self._notes, []
        for note in notes:
            self._note(note)
        self._sheets.turn()

    def _note(self, note: Any) -> None:
        for line in self._flat(note).split("\n"):
            self._sheets.paragraph(line)

    def _list(self, element: Any) -> None:
        for label, block in self._items(element, "", 1, {}):
            if local(block) in ("p", "h"):
                self._put(block, label=label)
            elif local(block) == "table":
                self._table(block)
            elif local(block) == "soft-page-break":
                self._end_page()

    def _items(
        self, element: Any, style: str, level: int, counts: dict[int, int]
    ) -> Iterator[tuple[str, Any]]:
        """Yield (label, block) for all that stands in a list and the lists in it."""
        style = _get(element, "style-name") or style
        if level == 1:
            other = _get(element, "continue-list")
            if other or _get(element, "continue-numbering") == "true":
                counts = self._running.get(other or style, counts)
            self._running[style] = self._running[_get(element, "id")] = counts
        for item in element:
            name = local(item)
            if name not in ("list-item", "list-header"):
                continue
            if start := integer(_get(item, "start-value"), -1) + 1:
                counts[level] = start - 2
            label = ""
            if name == "list-item" and any(local(block) in ("p", "h") for block in item):
                label = _open_label(self._lists.get(style, {}), level, counts)
            for block in item:
                if local(block) == "list":
                    yield from self._items(block, style, level + 1, counts)
                else:
                    yield label, block
                    label = ""

    def _furniture(self, kind: str) -> None:
        seen: set[str] = set()
        for root in self._common.iter() if self._common is not None else ():
            if local(root) in (kind, f"{kind}-first", f"{kind}-left"):
                text = self._flat(root)
                if text not in seen:
                    seen.add(text)
                    self._sheets.line(text, kind)
        self._sheets.gap()

    # -- tables

    def _table(self, table: Any) -> None:
        rows = list(self._open_rows(table))
        wide = max((_width(row) for row, _ in rows), default=0) > 1
        named = any(local(child) == "table-header-rows" for child in table)
        group: list[tuple[Any, int]] = []
        for row, times in rows:
            # A frame around text is no row of a table, be it the whole table or one of its rows.
            if wide and not _frames_text(row):
                group.append((row, times))
                continue
            self._grid(group, named=named)
            group, named = [], False
            for cell in row:
                if local(cell) == "table-cell":
                    self._blocks(cell)
        self._grid(group, named=named)

    def _grid(self, sources: list[tuple[Any, int]], *, named: bool) -> None:
        rows: list[list[str]] = []
        for row, times in sources:
            cells = self._open_cells(row)
            rows += [cells] * min(times, MAX_REPEATED)
        breaks = set()
        for index, cells in enumerate(rows):
            if any("\f" in cell for cell in cells):
                breaks.add(index + 1)
        texts = [[cell.replace("\f", "\n") for cell in cells] for cells in rows]
        header = len(texts) > 1 and (named or headed(texts))
        self._sheets.table(texts, header=header, breaks=frozenset(breaks))

    def _open_rows(self, table: Any) -> Iterator[tuple[Any, int]]:
        for child in table:
            name = local(child)
            if name == "table-row":
                yield child, max(1, integer(_get(child, "number-rows-repeated"), 1))
            elif name in ("table-header-rows", "table-rows", "table-row-group"):
                yield from self._open_rows(child)

    def _open_cells(self, row: Any) -> list[str]:
        cells: list[str] = []
        for cell in row:
            if local(cell) not in ("table-cell", "covered-table-cell"):
                continue
            times = max(1, integer(_get(cell, "number-columns-repeated"), 1))
            # What a merged cell covers is not shown.
            text = self._flat(cell) if local(cell) == "table-cell" else ""
            cells += [text] * min(times, MAX_COLUMNS - len(cells))
        while cells and not cells[-1]:
            cells.pop()
        return cells

    def _flat(self, parent: Any) -> str:
        lines: list[str] = []
        for child in parent:
            match local(child):
                case "p" | "h":
                    lines += self._flat_paragraph(child, "")
                case "list":
                    for label, block in self._items(child, "", 1, {}):
                        if local(block) in ("p", "h"):
                            lines += self._flat_paragraph(block, label)
                case "table":
                    for row, _ in self._open_rows(child):
                        lines.append(" | ".join(c for c in self._open_cells(row) if c))
                case "annotation":
                    self._left.comments += 1
                case "section" | "sub-table" | "note-body":
                    lines.append(self._flat(child))
        return "\n".join(line for line in lines if line.strip() or "\f" in line)

    def _flat_paragraph(self, element: Any, label: str) -> list[str]:
        found = Paragraph([], label=label)
        self._inline(element, self._style(_get(element, "style-name")), found)
        lines = ["\f".join(text for text, _, _ in found.parts())]
        return lines + [self._flat(box) for box in found.boxes]

    # -- paragraphs

    def _inline(self, parent: Any, look: _OpenStyle, out: Paragraph) -> None:
        self._say(parent.text, look, out)
        for child in parent:
            self._piece(child, look, out)
            self._say(child.tail, look, out)

    def _piece(self, child: Any, look: _OpenStyle, out: Paragraph) -> None:
        name = local(child)
        match name:
            case "s" | "tab" | "line-break":
                self._say({"s": " ", "tab": "\t"}.get(name, "\n"), look, out)
            case "soft-page-break":
                out.runs.append(Run("", page=True))
            case "note":
                body = first(child, "note-body")
                if body is not None:
                    ends = _get(child, "note-class") == "endnote"
                    (self._last if ends else self._notes).append(body)
            case "annotation":
                self._left.comments += 1
            case "frame" | "custom-shape" | "rect" | "g":
                out.boxes += _open_boxes(child)
            case "fieldmark":
                self._say(_field(child), look, out)
            case "control":
                self._say(self._controls.get(_get(child, "control")), look, out)
            case "span":
                own = self._style(_get(child, "style-name"))
                inner = _OpenStyle(
                    bold=own.bold or look.bold,
                    size=own.size or look.size,
                    struck=own.struck or look.struck,
                    caps=own.caps or look.caps,
                    hidden=own.hidden or look.hidden,
                )
                self._inline(child, inner, out)
            case _ if name not in _UNSHOWN:
                self._inline(child, look, out)

    def _say(self, text: str | None, look: _OpenStyle, out: Paragraph) -> None:
        if not text:
            return
        if look.hidden:
            self._left.hidden += bool(text.strip())
            return
        if look.struck:
            self._left.changes += bool(text.strip())
            return
        out.runs.append(Run(text.upper() if look.caps else text, look.bold, look.size))


def _field(mark: Any) -> str:
    """Return what a field of a Word form shows: its tick box or its chosen entry."""
    values: dict[str, list[str]] = {}
    for parameter in mark:
        values.setdefault(_get(parameter, "name"), []).append(_get(parameter, "value"))
    kind = _get(mark, "type")
    if kind.endswith("FORMCHECKBOX"):
        return TICKED if values.get("Checkbox_Checked") == ["true"] else UNTICKED
    entries = values.get("Dropdown_ListEntry", [])
    chosen = integer("".join(values.get("Dropdown_Selected", ["0"])[:1]))
    return entries[chosen] if kind.endswith("FORMDROPDOWN") and 0 <= chosen < len(entries) else ""


def _width(row: Any) -> int:
    return sum(
        min(2, max(1, integer(_get(cell, "number-columns-repeated"), 1)))
        for cell in row
        if local(cell) == "table-cell"
    )


def _frames_text(row: Any) -> bool:
    """Tell whether a row is one cell that holds several blocks of text."""
    cells = [cell for cell in row if local(cell) == "table-cell"]
    if len(cells) != 1 or _width(row) != 1:
        return False
    return sum(any(t.strip() for t in block.itertext()) for block in cells[0]) > 1


def _open_levels(style: Any) -> Iterator[tuple[int, Level | str]]:
    """Yield (level, its numbers or its bullet) of a list style."""
    for child in style:
        level = integer(_get(child, "level"), 1)
        if "bullet" in local(child):
            yield level, bullet(_get(child, "bullet-char"))
        elif local(child) in ("list-level-style-number", "outline-level-style"):
            shown = max(1, min(integer(_get(child, "display-levels"), 1), level))
            form = _OPEN_FORMS.get(_get(child, "num-format"), "none")
            places = ".".join(f"%{n}" for n in range(level - shown + 1, level + 1))
            text = f"{_get(child, 'num-prefix')}{places}{_get(child, 'num-suffix')}"
            start = integer(_get(child, "start-value"), 1)
            yield level, Level(form, text, start)


def _open_label(levels: dict[int, Level | str], at: int, counts: dict[int, int]) -> str:
    """Count one paragraph at a level and return what stands before it."""
    level = levels.get(at)
    if level is None or isinstance(level, str):
        return level or ""
    counts[at] = counts[at] + 1 if at in counts else level.start
    for deeper in [d for d in counts if d > at]:
        del counts[deeper]
    if level.form == "none":
        return ""

    def number(match: re.Match[str]) -> str:
        other = levels.get(int(match[1]))
        if not isinstance(other, Level):
            return ""
        return numeral(counts.get(int(match[1]), other.start), other.form)

    return re.sub(r"%([1-9]\d?)", number, level.text).strip(" .") + (
        "." if level.text.endswith(".") else ""
    )


def _open_boxes(element: Any) -> list[Any]:
    """Return the text boxes of a drawing; shapes hold their paragraphs themselves."""
    found: list[Any] = []
    if local(element) in ("custom-shape", "rect") and any(
        local(c) in ("p", "list") for c in element
    ):
        found.append(element)
    for child in element:
        if local(child) == "text-box":
            found.append(child)
        elif local(child) in ("frame", "custom-shape", "rect", "g", "a"):
            found += _open_boxes(child)
    return found
