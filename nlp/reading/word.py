"""Word files -> pages, read from their XML.

The usual library sees neither tick boxes nor tracked changes, text boxes or automatic numbers, and
refuses files that office suites open. Only what is printed is read: deleted, struck and hidden
text is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nlp.reading.errors import NoText, Truncated, UnsupportedType
from nlp.reading.html import web_page, write_html
from nlp.reading.package import MAX_BYTES, Package, first, integer
from nlp.reading.paragraphs import MAX_HEADING, Paragraph, Run
from nlp.reading.rtf import write_rtf
from nlp.reading.text import TICKED, UNTICKED, LeftOut, Pages, Sheets, headed, local, signs
from nlp.reading.word_styles import (
    Look,
    Numbering,
    Styles,
    font_of,
    is_on,
    list_of,
    outline_level,
    point_size,
    switched,
    val,
)

MAX_DEPTH = 3  # of Word files put whole into another

_SIGN = re.compile(r"\s*[☐-☒□■✓✔✗✘\ue000-\uf8ff]")
_BOX_LIKE = re.compile(r"\s*[☐-☒□■▢✓✔✗✘xX\ue000-\uf8ff]\s*")


def read_docx(data: bytes, *, max_pages: int, max_bytes: int = MAX_BYTES) -> Pages:
    """Read a Word file as it prints: headings, numbers, tables, tick boxes, text boxes.

    Pages end where the author or Word's own last printing broke them. Raises EmptyFile,
    Truncated, Encrypted, ArchiveBomb, UnsupportedType, NoText, TooManyPages or TooLarge.
    """
    package = Package(data, max_bytes)
    try:
        return _Word(package, Sheets(max_pages)).read()
    except RecursionError as error:
        raise Truncated("nesting") from error


# Elements of a paragraph that hold no printed text, and those that hold deleted text.
_UNPRINTED = frozenset(
    ("pPr", "rPr", "sdtPr", "sdtEndPr", "instrText", "delInstrText", "delText", "rt", "tblPr")
)
_SIGNS = {
    "tab": "\t",
    "ptab": "\t",
    "cr": "\n",
    "noBreakHyphen": "-",
    "lastRenderedPageBreak": "\f",
}
_DELETED, _INSERTED = frozenset(("del", "moveFrom")), frozenset(("ins", "moveTo"))


class _Word:
    """Walks the body of a Word file."""

    def __init__(self, package: Package, sheets: Sheets, depth: int = 0) -> None:
        self._package = package
        self._sheets = sheets
        self._depth = depth  # of files put whole into this one
        main = [t for kind, t in package.relations("").values() if kind == "officeDocument"]
        self._main = main[0] if main else "word/document.xml"
        self._relations = package.relations(self._main)
        root = package.xml(self._main)
        if root is None:
            raise Truncated("no document part")
        if local(root) != "document":
            raise UnsupportedType(local(root))
        self._root = root
        self._styles = Styles(self._part("styles"))
        self._numbering = Numbering(self._part("numbering"))
        self._notes = {kind: self._note_texts(kind) for kind in ("footnotes", "endnotes")}
        self._cited: list[Any] = []  # footnotes of the page
        self._last: list[Any] = []  # endnotes
        self._box = ""  # the state of the tick box whose sign comes next
        self._fields: list[str] = []  # the codes of the fields we are inside
        self._left = LeftOut()
        # How each section begins; the first needs no break.
        self._sections = [
            val(kind) if (kind := first(s, "type")) is not None else "nextPage"
            for s in root.iter()
            if local(s) == "sectPr" and local(s.getparent()) in ("pPr", "body")
        ]
        self._section = 0

    def write(self) -> None:
        """Write all that prints, without closing the last page."""
        self._furniture("header")
        self._blocks(first(self._root, "body"))
        self._end_page()
        self._sheets.stay()  # the end of the text is no page break
        for note in self._last:
            self._note(note)
        self._furniture("footer")
        comments = self._part("comments")
        self._left.comments += len(comments) if comments is not None else 0

    def read(self) -> Pages:
        """Return the pages and what is to say of them."""
        self.write()
        return self._sheets.close(), self._left.notices()

    def _part(self, kind: str) -> Any | None:
        for found, target in self._relations.values():
            if found == kind:
                return self._package.xml(target)
        return None

    # -- blocks

    def _blocks(self, parent: Any | None, *, toc: bool = False) -> None:
        held: list[Run] = []  # the beginning of a paragraph whose end was deleted
        for block in _word_blocks(parent):
            name = local(block)
            if name == "p":
                paragraph = self._paragraph(block, toc=toc)
                held += paragraph.runs
                if not paragraph.joined:
                    paragraph.runs, held = held, []
                    self._put(paragraph)
                self._end_section(block)
                continue
            self._put(Paragraph(held))
            held = []
            match name:
                case "tbl":
                    self._table(block)
                case "altChunk":
                    self._chunk(block)
                case "sdt":
                    self._tick(block)
                    self._blocks(first(block, "sdtContent"), toc=toc or _is_contents(block))
                    self._box = ""
        self._put(Paragraph(held))

    def _put(self, paragraph: Paragraph) -> None:
        if paragraph.break_before:
            self._end_page()
        for index, (text, bold, size) in enumerate(paragraph.parts()):
            if index:
                self._end_page()
            style = paragraph.style
            if style.startswith("h") and len(text) > MAX_HEADING:
                style = ""
            self._sheets.paragraph(text, style, bold=bold, size=size)
        for box in paragraph.boxes:
            self._blocks(box)

    def _end_page(self) -> None:
        cited, self._cited = self._cited, []
        for note in cited:
            self._note(note)
        self._sheets.turn()

    def _end_section(self, paragraph: Any) -> None:
        if first(first(paragraph, "pPr"), "sectPr") is None:
            return
        self._section += 1
        if self._section < len(self._sections) and self._sections[self._section] != "continuous":
            self._end_page()

    def _note(self, note: Any) -> None:
        for line in self._flat(note).split("\n"):
            self._sheets.paragraph(line)

    def _note_texts(self, kind: str) -> dict[str, Any]:
        root = self._part(kind)
        return {
            val(note, "id"): note
            for note in (root if root is not None else ())
            if val(note, "type") in ("", "normal")
        }

    def _furniture(self, kind: str) -> None:
        """Write the running headers or footers once, whatever the sections that share them."""
        seen: set[str] = set()
        for reference in self._root.iter():
            if local(reference) != f"{kind}Reference":
                continue
            key = next((v for k, v in reference.attrib.items() if k.endswith("}id")), "")
            root = self._package.xml(self._relations.get(key, ("", ""))[1])
            text = self._flat(root) if root is not None else ""
            if text not in seen:
                seen.add(text)
                self._sheets.line(text, kind)
        self._sheets.gap()

    def _chunk(self, block: Any) -> None:
        key = next((v for k, v in block.attrib.items() if k.endswith("}id")), "")
        # Read once: a reference repeated without end would take as long.
        data = self._package.read(self._relations.pop(key, ("", ""))[1]) or b""
        if data.startswith(b"PK") and self._depth < MAX_DEPTH:
            inner = _Word(Package(data, self._package.max_bytes), self._sheets, self._depth + 1)
            inner.write()
            self._left.add(inner._left)
        elif data.startswith(b"{\\rtf"):
            self._left.add(write_rtf(self._sheets, data))
        elif b"<html" in data[:1000].lower():
            try:
                self._left.add(write_html(self._sheets, web_page(data)))
            except NoText:
                return

    # -- tables

    def _table(self, table: Any) -> None:
        rows = [(row, _word_cells(row)) for row in self._rows(table)]
        wide = max((len(cells) for _, cells in rows), default=0) > 1
        group: list[tuple[Any, list[Any]]] = []
        for row, cells in rows:
            # A frame around text is no row of a table, be it the whole table or one of its rows.
            if wide and not _frames_text(cells):
                group.append((row, cells))
                continue
            self._grid(group)
            group = []
            for cell in cells:
                self._blocks(cell)
        self._grid(group)

    def _grid(self, rows: list[tuple[Any, list[Any]]]) -> None:
        texts: list[list[str]] = []
        breaks: set[int] = set()
        named = False
        for row, cells in rows:
            line: list[str] = []
            for cell in cells:
                text = "" if _continues(cell) else self._flat(cell)
                if "\f" in text:
                    # Word breaks a row that begins a page at its first run, others further down.
                    lead = not any(line) and not text.split("\f")[0].strip()
                    breaks.add(len(texts) if lead else len(texts) + 1)
                    text = text.replace("\f", "\n")
                line += [text, *[""] * (_across(cell) - 1)]
            if not texts:
                named = is_on(first(first(row, "trPr"), "tblHeader"))
            texts.append(line)
        header = len(texts) > 1 and (named or headed(texts))
        self._sheets.table(texts, header=header, breaks=frozenset(breaks))

    def _rows(self, table: Any) -> Iterator[Any]:
        for child in table:
            name = local(child)
            if name == "tr":
                if first(first(child, "trPr"), "del") is not None:
                    self._left.changes += 1
                else:
                    yield child
            elif name in ("sdt", "customXml", "ins"):
                content = first(child, "sdtContent") if name == "sdt" else child
                yield from self._rows(content if content is not None else ())

    def _flat(self, parent: Any) -> str:
        """Return the text of a cell, header or note: its lines, a form feed for a page break."""
        lines: list[str] = []
        holder = parent.getparent()
        if holder is not None and local(holder) == "sdtContent":  # a control around a cell
            self._tick(holder.getparent())
        for block in _word_blocks(parent):
            match local(block):
                case "p":
                    paragraph = self._paragraph(block)
                    lines.append("\f".join(text for text, _, _ in paragraph.parts()))
                    lines += [self._flat(box) for box in paragraph.boxes]
                case "tbl":
                    for row in self._rows(block):
                        cells = [self._flat(c) for c in _word_cells(row) if not _continues(c)]
                        lines.append(" | ".join(cell for cell in cells if cell.strip()))
                case "sdt":
                    self._tick(block)
                    content = first(block, "sdtContent")
                    lines.append(self._flat(content) if content is not None else "")
                    self._box = ""
        return "\n".join(line for line in lines if line.strip() or "\f" in line)

    # -- paragraphs

    def _paragraph(self, element: Any, *, toc: bool = False) -> Paragraph:
        toc = toc or "TOC" in self._fields
        properties = first(element, "pPr")
        named = first(properties, "pStyle")
        key = val(named) if named is not None else self._styles.default
        look = self._styles.look(key)
        outline = first(properties, "outlineLvl")
        level = look.level if outline is None else outline_level(outline)
        found = Paragraph([])
        before = switched(properties, "pageBreakBefore")
        found.break_before = look.break_before if before is None else before
        self._inline(element, look, found)
        toc = toc or "TOC" in self._fields
        mark = first(properties, "rPr")
        deleted = any(first(mark, name) is not None for name in _DELETED)
        self._left.changes += deleted
        if (deleted or is_on(first(mark, "vanish"))) and not any(
            r.text.strip() for r in found.runs
        ):
            return found  # all of it is gone: its number goes to the next
        found.joined = deleted
        numbered = first(properties, "numPr")
        list_id, at = look.list_id, look.list_level
        if numbered is not None:
            list_id, own = list_of(numbered, list_id)
            at = own if own is not None else at
        if list_id not in ("", "0"):
            if at is None:
                at = self._numbering.level_of(list_id, look.list_style or key)
            found.label = self._numbering.label(list_id, at)
        if look.toc or (toc and sum(len(r.text) for r in found.runs) <= MAX_HEADING):
            found.style = "toc"
        elif level:
            found.style = f"h{level}"
        elif found.label:
            found.style = "item"
        return found

    def _inline(self, parent: Any, look: Look, out: Paragraph) -> None:
        for child in parent:
            name = local(child)
            if name == "r":
                self._run(child, look, out)
            elif name in _DELETED:
                self._left.changes += 1
            elif name == "sdt":
                self._tick(child)
                content = first(child, "sdtContent")
                begin = len(out.runs)
                if content is not None:
                    self._inline(content, look, out)
                own = any(_SIGN.match(r.text) for r in out.runs[begin:])
                if self._box and not own:  # a box without a sign of its own
                    out.runs.append(Run(self._box))
                self._box = ""
            elif name == "AlternateContent":
                self._inline(_alternative(child), look, out)
            elif name in ("oMath", "oMathPara"):
                text = "".join(t.text or "" for t in child.iter() if local(t) == "t")
                out.runs.append(Run(text, look.bold, look.size))
            elif name and name not in _UNPRINTED:
                self._left.changes += name in _INSERTED
                self._inline(child, look, out)

    def _tick(self, control: Any) -> None:
        """Note the state of a tick box: the sign shown is the author's choice, the state is not."""
        properties = first(control, "sdtPr")
        box = first(properties, "checkbox")
        if box is not None:
            state = first(box, "checked")
            ticked = state is not None and val(state) in ("1", "true", "on")
            self._box = TICKED if ticked else UNTICKED

    def _run(self, run: Any, look: Look, out: Paragraph) -> None:
        properties = first(run, "rPr")
        named = first(properties, "rStyle")
        style = self._styles.look(val(named)) if named is not None else Look()

        def switch(name: str, inherited: bool) -> bool:
            value = switched(properties, name)
            return inherited if value is None else value

        hidden = switch("vanish", look.hidden or style.hidden)
        # Struck text is what the author took back: it binds nobody.
        struck = switch("strike", look.struck or style.struck) or switch("dstrike", False)
        bold = switch("b", look.bold or style.bold)
        caps = switch("caps", look.caps or style.caps)
        size = point_size(properties) or style.size or look.size or self._styles.size
        font = font_of(properties)
        for child in run:
            if hidden:
                self._left.hidden += local(child) == "t" and bool((child.text or "").strip())
                continue
            text = self._piece(child, font, out)
            if text == "\f":
                out.runs.append(Run("", page=True))
            elif text and struck:
                self._left.changes += bool(text.strip())
            elif text:
                out.runs.append(Run(text.upper() if caps else text, bold, size))
            if local(child) == "fldChar":
                self._follow(val(child, "fldCharType"), out)

    def _follow(self, kind: str, out: Paragraph) -> None:
        """Keep count of fields: what stands between their begin and their separator is code."""
        if kind == "begin":
            self._fields.append("")
            out.fields.append(len(out.runs))
            return
        if kind == "end" and self._fields:
            self._fields.pop()
        # Of a field that goes on over paragraphs all is kept: it may never end.
        if out.fields and kind in ("separate", "end"):
            start = out.fields.pop()
            if start >= 0:
                del out.runs[start:]
            if kind == "separate":
                out.fields.append(-1)

    def _piece(self, child: Any, font: str, out: Paragraph) -> str:
        """Return the text of one element of a run, a form feed for a page break."""
        name = local(child)
        text = _SIGNS.get(name, "")
        match name:
            case "t":
                text = signs(child.text or "", font)
                if self._box and _BOX_LIKE.fullmatch(text):
                    text, self._box = self._box, ""
            case "br":
                text = "\f" if val(child, "type") == "page" else "\n"
            case "sym":
                text = self._box or _sign(child)
                self._box = ""
            case "fldChar":
                text = _field(child)
            case "instrText":
                if self._fields and not self._fields[-1]:
                    self._fields[-1] = _command(child.text or "")
            case "footnoteReference" | "endnoteReference":
                self._cite(name, child)
            case "ruby":
                base = first(child, "rubyBase")
                text = "".join(base.itertext()) if base is not None else ""
            case "AlternateContent" | "drawing" | "pict" | "object":
                out.boxes += _text_boxes(child)
        return text

    def _cite(self, kind: str, reference: Any) -> None:
        ends = kind == "endnoteReference"
        note = self._notes["endnotes" if ends else "footnotes"].pop(val(reference, "id"), None)
        if note is not None:
            (self._last if ends else self._cited).append(note)


def _word_blocks(parent: Any | None) -> Iterator[Any]:
    """Yield the paragraphs, tables, controls and chunks of a part, in order."""
    for child in parent if parent is not None else ():
        name = local(child)
        if name in ("p", "tbl", "sdt", "altChunk"):
            yield child
        elif name in ("customXml", "smartTag", "ins", "moveTo"):
            yield from _word_blocks(child)
        elif name == "AlternateContent":
            yield from _word_blocks(_alternative(child))


def _word_cells(row: Any) -> list[Any]:
    cells: list[Any] = []
    for child in row:
        name = local(child)
        if name == "tc" and first(first(child, "tcPr"), "cellDel") is None:
            cells.append(child)
        elif name in ("sdt", "customXml"):
            content = first(child, "sdtContent") if name == "sdt" else child
            cells += _word_cells(content if content is not None else ())
    return cells


def _frames_text(cells: list[Any]) -> bool:
    """Tell whether a row is one cell that holds several blocks of text."""
    if len(cells) != 1:
        return False
    return sum(any(t.strip() for t in block.itertext()) for block in _word_blocks(cells[0])) > 1


def _is_contents(control: Any) -> bool:
    """Tell whether a control holds a table of contents, however its lines are styled."""
    part = first(first(control, "sdtPr"), "docPartObj")
    gallery = first(part, "docPartGallery")
    return gallery is not None and val(gallery) == "Table of Contents"


_MAX_SPAN = 60  # columns of one cell; more is a fault of the file


def _across(cell: Any) -> int:
    """Return how many columns a cell stands over."""
    span = first(first(cell, "tcPr"), "gridSpan")
    return min(max(1, integer(val(span), 1)), _MAX_SPAN) if span is not None else 1


def _continues(cell: Any) -> bool:
    """Tell whether a cell is a part of one that began above it or before it."""
    properties = first(cell, "tcPr")
    merged = (first(properties, name) for name in ("vMerge", "hMerge"))
    return any(found is not None and val(found) != "restart" for found in merged)


def _alternative(element: Any) -> Any:
    """Return the first of the versions that Word keeps of one thing: they say the same."""
    choice = first(element, "Choice")
    if choice is None:
        choice = first(element, "Fallback")
    return choice if choice is not None else ()


def _text_boxes(element: Any) -> list[Any]:
    found: list[Any] = []
    for child in _alternative(element) if local(element) == "AlternateContent" else element:
        if local(child) == "txbxContent":
            found.append(child)
        else:
            found += _text_boxes(child)
    return found


def _sign(element: Any) -> str:
    code = val(element, "char")
    if not re.fullmatch(r"[0-9A-Fa-f]{1,4}", code):
        return ""
    number = int(code, 16)
    if 0x20 < number < 0x100:
        number += 0xF000
    sign = chr(number) if number > 0x20 and not 0xD800 <= number < 0xE000 else ""
    return signs(sign, val(element, "font").lower())


def _field(element: Any) -> str:
    """Return what a field of an older form shows: its tick box or its chosen entry."""
    data = first(element, "ffData")
    box = first(data, "checkBox")
    if box is not None:
        state = first(box, "checked")
        if state is None:
            state = first(box, "default")
        return TICKED if is_on(state) else UNTICKED
    choices = first(data, "ddList")
    if choices is not None:
        entries = [val(entry) for entry in choices if local(entry) == "listEntry"]
        result = first(choices, "result")
        chosen = integer(val(result)) if result is not None else 0
        return entries[chosen] if 0 <= chosen < len(entries) else ""
    return ""


def _command(code: str) -> str:
    """Return what a field does: the first word of its code in capitals."""
    return "".join(code.split(None, 1)[:1]).upper()
