"""Office files -> pages: Word, OpenDocument texts and sheets, Excel.

Word and OpenDocument files are read from their XML: their libraries see neither tick boxes nor
tracked changes, text boxes or automatic numbers, and refuse files that office suites open. Only
what is printed is read: deleted, struck and hidden text is left out.
"""

from __future__ import annotations

import datetime
import io
import posixpath
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from corpus.documents import Notice, Page
from nlp.clean import clean
from nlp.reading.archive import BROKEN
from nlp.reading.errors import (
    ArchiveBomb,
    EmptyFile,
    Encrypted,
    NoText,
    ReadingError,
    TooManyPages,
    Truncated,
    UnsupportedType,
)
from nlp.reading.text import (
    BULLET,
    TICKED,
    UNTICKED,
    Sheets,
    headed,
    local,
    parse_xml,
    refuse_entities,
    symbol_text,
    write_html,
)

MAX_BYTES = 300_000_000  # inflated; a Word file of 500 pages without pictures holds about 10 MB
MAX_ROWS, MAX_COLUMNS = 10_000, 200  # of a sheet; what lies beyond is reported
MAX_HEADING = 250  # characters; a longer "heading" is a paragraph that borrowed the style

_Pages = tuple[tuple[Page, ...], tuple[Notice, ...]]
_BOXES = frozenset("☐☒☑")
_BOX_LIKE = re.compile(r"\s*[☐-☒□■▢✓✔✗✘xX\ue000-\uf8ff]\s*")


# -- packages ---------------------------------------------------------------------------------

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class _Package:
    """The parts of an office file, checked before any of them is inflated.

    The declared sizes can be trusted as bounds: the library never inflates a part beyond its own.
    """

    def __init__(self, data: bytes, max_bytes: int) -> None:
        if not data:
            raise EmptyFile
        if data.startswith(_OLE):  # what Office wraps around a file with a password
            if "EncryptedPackage".encode("utf-16-le") in data:
                raise Encrypted
            raise UnsupportedType("ole")
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except BROKEN as error:
            raise Truncated(str(error)) from error
        infos = self._archive.infolist()
        if sum(info.file_size for info in infos) > max_bytes:
            raise ArchiveBomb(f">{max_bytes}")
        if any(info.flag_bits & 1 for info in infos):
            raise Encrypted
        if any(info.compress_type not in (0, zipfile.ZIP_DEFLATED) for info in infos):
            raise UnsupportedType("zip-method")
        self._infos = {_part_key(info.filename): info for info in infos}

    @property
    def names(self) -> Iterable[str]:
        """The names of the parts, in lower case with forward slashes."""
        return self._infos.keys()

    def read(self, name: str) -> bytes | None:
        """Return a part, None when there is none of that name; raises Truncated."""
        info = self._infos.get(_part_key(name))
        if info is None:
            return None
        try:
            return self._archive.read(info)
        except BROKEN as error:
            raise Truncated(str(error)) from error

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part piece by piece; raises Truncated."""
        try:
            with self._archive.open(self._infos[name]) as stream:
                while chunk := stream.read(1 << 16):
                    yield chunk
        except BROKEN as error:
            raise Truncated(str(error)) from error

    def xml(self, name: str) -> Any | None:
        """Return the root element of a part, None when there is none; raises Truncated."""
        data = self.read(name)
        return None if data is None else parse_xml(data)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return by id the (kind, part name) of what a part of an OPC package refers to."""
        folder, _, base = part.rpartition("/")
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        found: dict[str, tuple[str, str]] = {}
        for relation in root if root is not None else ():
            target = relation.get("Target") or ""
            if relation.get("TargetMode") == "External" or not target:
                continue
            full = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = (relation.get("Type") or "").rpartition("/")[2]
            found[relation.get("Id") or ""] = (kind, posixpath.normpath(full))
        return found


def _part_key(name: str) -> str:
    return name.replace("\\", "/").lower().lstrip("/")


def _integer(value: str | None, default: int = 0) -> int:
    """Read a number of a file, at most nine digits of it."""
    return int(value) if value and re.fullmatch(r"-?[0-9]{1,9}", value) else default


# -- numbers ----------------------------------------------------------------------------------

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def _numeral(number: int, form: str) -> str:
    """Write a list number; ``form`` is one of Word's names. Absurd numbers stay figures."""
    if form in ("lowerLetter", "upperLetter") and 0 < number <= 26 * 4:
        text = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return text.upper() if form == "upperLetter" else text
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        text = ""
        for value, sign in _ROMAN:
            text += sign * (number // value)
            number %= value
        return text.upper() if form == "upperRoman" else text
    if form == "decimalZero":
        return f"{number:02d}"
    return "" if form == "none" else str(number)


def _bullet(sign: str) -> str:
    """Return the bullet of a list: a tick box stays one, all else is a dot."""
    cleaned = clean(sign).value.strip()[:1]
    return cleaned if cleaned in _BOXES and cleaned else BULLET


@dataclass(slots=True)
class _Level:
    """One level of a list: how its numbers are written and where they start."""

    form: str = "decimal"
    text: str = ""
    start: int = 1
    legal: bool = False
    style: str = ""
    restart: bool = True


@dataclass(slots=True)
class _List:
    """A list of Word's numbering part: the definition it counts with, and where it restarts."""

    definition: str
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, _Level] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)


class _Numbering:
    """Counts the automatic numbers of a Word file, paragraph by paragraph."""

    def __init__(self, root: Any | None) -> None:
        self._definitions: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        if root is None:
            return
        links: dict[str, str] = {}  # a definition that only names a list style
        styled: dict[str, str] = {}
        for child in root:
            if local(child) == "abstractNum":
                key = _val(child, "abstractNumId")
                self._definitions[key] = dict(_word_levels(child))
                for link in child:
                    if local(link) == "numStyleLink":
                        links[key] = _val(link)
                    elif local(link) == "styleLink":
                        styled[_val(link)] = key
        for key, style in links.items():
            if style in styled:
                self._definitions[key] = self._definitions[styled[style]]
        for child in root:
            if local(child) == "num":
                self._lists[_val(child, "numId")] = _word_list(child)

    def level_of(self, number_id: str, style: str) -> int:
        """Return the level of a list that a paragraph style stands for."""
        known = self._lists.get(number_id)
        for index, level in self._definitions.get(known.definition if known else "", {}).items():
            if level.style == style:
                return index
        return 0

    def label(self, number_id: str, index: int) -> str:
        """Count one paragraph of a list and return what stands before it, "" for nothing."""
        known = self._lists.get(number_id)
        if known is None:
            return ""
        levels = {**self._definitions.get(known.definition, {}), **known.levels}
        level = levels.get(index)
        if level is None:
            return ""
        counts = self._counts.setdefault(known.definition, {})
        if index in known.starts and index not in known.begun:
            known.begun.add(index)
            counts[index] = known.starts[index]
        else:
            counts[index] = counts[index] + 1 if index in counts else level.start
        for deeper in [d for d in counts if d > index]:
            if deeper not in levels or levels[deeper].restart:
                del counts[deeper]
        if level.form == "bullet":
            return _bullet(level.text)

        def number(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            other = levels.get(at, level)
            form = "decimal" if level.legal and other.form != "none" else other.form
            return _numeral(counts.get(at, other.start), form)

        return re.sub(r"%([1-9])", number, level.text).strip()


def _word_levels(parent: Any) -> Iterator[tuple[int, _Level]]:
    for child in parent:
        if local(child) == "lvl":
            level = _Level()
            for part in child:
                match local(part):
                    case "numFmt":
                        level.form = _val(part)
                    case "lvlText":
                        level.text = _val(part)
                    case "start":
                        level.start = _integer(_val(part), 1)
                    case "isLgl":
                        level.legal = _on(part)
                    case "pStyle":
                        level.style = _val(part)
                    case "lvlRestart":
                        level.restart = _val(part) != "0"
            yield _integer(_val(child, "ilvl")), level


def _word_list(child: Any) -> _List:
    found = _List("")
    for part in child:
        if local(part) == "abstractNumId":
            found.definition = _val(part)
        elif local(part) == "lvlOverride":
            index = _integer(_val(part, "ilvl"))
            found.levels.update(_word_levels(part))
            for start in part:
                if local(start) == "startOverride":
                    found.starts[index] = _integer(_val(start), 1)
    return found


# -- Word -------------------------------------------------------------------------------------


def _val(element: Any, name: str = "val") -> str:
    """Return an attribute in the element's own namespace, strict or transitional, or in none."""
    space = element.tag.rpartition("}")[0]
    value = element.get(f"{space}}}{name}")
    return str((value if value is not None else element.get(name)) or "")


def _child(element: Any | None, name: str) -> Any | None:
    if element is None:
        return None
    return next((child for child in element if local(child) == name), None)


def _on(element: Any | None) -> bool:
    """Tell whether a switch of Word is on: there, and not said to be off."""
    return element is not None and _val(element) not in ("0", "false", "off", "none")


def _switch(properties: Any | None, name: str) -> bool | None:
    element = _child(properties, name)
    return None if element is None else _on(element)


@dataclass(slots=True)
class _Look:
    """What a style of Word means here."""

    level: int = 0
    toc: bool = False
    list_id: str = ""
    list_level: int | None = None
    bold: bool = False
    size: float = 0.0
    hidden: bool = False
    struck: bool = False
    break_before: bool = False


_HEADING_NAME = re.compile(r"(?:heading|titre|title|überschrift)\s*([1-9])", re.IGNORECASE)
_TOC_NAME = re.compile(
    r"(?:toc|tm)\s?\d|toc heading|en-tête de table|table (?:des|of) (?:mati|fig|content|illus)",
    re.IGNORECASE,
)


class _Styles:
    """The styles of a Word file, each with what it takes from the one it is based on."""

    def __init__(self, root: Any | None) -> None:
        self._elements: dict[str, Any] = {}
        self._looks: dict[str, _Look] = {}
        self.default = ""
        self.size = 0.0  # where no style says
        self._base = _Look()
        for child in root if root is not None else ():
            if local(child) == "style":
                key = _val(child, "styleId")
                self._elements[key] = child
                kind = _val(child, "type")
                if kind == "paragraph" and _val(child, "default") in ("1", "true"):
                    self.default = key
            elif local(child) == "docDefaults":
                properties = _child(_child(child, "rPrDefault"), "rPr")
                self.size = _size(properties)

    def look(self, key: str, depth: int = 0) -> _Look:
        """Return what a style means; an unknown one means nothing special."""
        if key in self._looks:
            return self._looks[key]
        element = self._elements.get(key)
        if element is None or depth > 20:  # a style based on itself ends somewhere
            return self._base
        based = _child(element, "basedOn")
        look = self.look(_val(based), depth + 1) if based is not None else self._base
        name = _child(element, "name")
        found = _look(element, look, _val(name) if name is not None else "")
        self._looks[key] = found
        return found


def _look(element: Any, base: _Look, name: str) -> _Look:
    ppr, rpr = _child(element, "pPr"), _child(element, "rPr")
    outline = _child(ppr, "outlineLvl")
    heading = _HEADING_NAME.fullmatch(name)
    level = base.level
    if outline is not None:
        level = _outline(outline)
    elif heading is not None:
        level = min(int(heading[1]), 6)
    numbered = _child(ppr, "numPr")
    list_id, list_level = base.list_id, base.list_level
    if numbered is not None:
        list_id, list_level = _list_of(numbered, list_id)

    def switch(name: str, inherited: bool, properties: Any | None = rpr) -> bool:
        value = _switch(properties, name)
        return inherited if value is None else value

    return _Look(
        level=level,
        toc=bool(_TOC_NAME.match(name)),
        list_id=list_id,
        list_level=list_level,
        bold=switch("b", base.bold),
        size=_size(rpr) or base.size,
        hidden=switch("vanish", base.hidden),
        struck=switch("strike", base.struck) or switch("dstrike", False),
        break_before=switch("pageBreakBefore", base.break_before, ppr),
    )


def _outline(element: Any) -> int:
    level = _integer(_val(element), 9)
    return min(level + 1, 6) if 0 <= level < 9 else 0


def _size(properties: Any | None) -> float:
    element = _child(properties, "sz")
    return _integer(_val(element)) / 2 if element is not None else 0.0


def _list_of(numbered: Any, inherited: str = "") -> tuple[str, int | None]:
    number, level = _child(numbered, "numId"), _child(numbered, "ilvl")
    return (
        _val(number) if number is not None else inherited,
        _integer(_val(level)) if level is not None else None,
    )


@dataclass(slots=True)
class _Run:
    """A run of text of one look; a page break is a run of its own."""

    text: str
    bold: bool = False
    size: float = 0.0
    page: bool = False


@dataclass(slots=True)
class _Paragraph:
    """A paragraph: its runs, how it is set, and the text boxes anchored to it."""

    runs: list[_Run]
    style: str = ""
    label: str = ""
    break_before: bool = False
    boxes: list[Any] = field(default_factory=list)

    def parts(self) -> Iterator[tuple[str, bool, float]]:
        """Yield (text, bold, size) for each page the paragraph stands on."""
        label, runs = self.label, list[_Run]()
        for run in [*self.runs, _Run("", page=True)]:
            if not run.page:
                runs.append(run)
                continue
            text = "".join(r.text for r in runs)
            seen = [r for r in runs if r.text.strip()]
            if seen and label:
                text, label = f"{label} {text.lstrip()}", ""
            yield text, bool(seen) and all(r.bold for r in seen), seen[0].size if seen else 0.0
            runs = []


def read_docx(data: bytes, *, max_pages: int, max_bytes: int = MAX_BYTES) -> _Pages:
    """Read a Word file as it prints: headings, numbers, tables, tick boxes, text boxes.

    Pages end where the author or Word's own last printing broke them. Raises EmptyFile,
    Truncated, Encrypted, ArchiveBomb, UnsupportedType, NoText, TooManyPages or TooLarge.
    """
    package = _Package(data, max_bytes)
    try:
        return _Word(package, max_pages).read()
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

    def __init__(self, package: _Package, max_pages: int) -> None:
        self._package = package
        self._sheets = Sheets(max_pages)
        main = [t for kind, t in package.relations("").values() if kind == "officeDocument"]
        self._main = main[0] if main else "word/document.xml"
        self._relations = package.relations(self._main)
        root = package.xml(self._main)
        if root is None:
            raise Truncated("no document part")
        if local(root) != "document":
            raise UnsupportedType(local(root))
        self._root = root
        self._styles = _Styles(self._part("styles"))
        self._numbering = _Numbering(self._part("numbering"))
        self._notes = {kind: self._note_texts(kind) for kind in ("footnotes", "endnotes")}
        self._cited: list[Any] = []  # footnotes of the page
        self._last: list[Any] = []  # endnotes
        self._box = ""  # the state of the tick box whose sign comes next
        self._changes = 0
        # How each section begins; the first needs no break.
        self._sections = [
            _val(kind) if (kind := _child(s, "type")) is not None else "nextPage"
            for s in root.iter()
            if local(s) == "sectPr" and local(s.getparent()) in ("pPr", "body")
        ]
        self._section = 0

    def read(self) -> _Pages:
        self._furniture("header")
        self._blocks(_child(self._root, "body"))
        self._end_page()
        self._sheets.stay()  # the end of the text is no page break
        for note in self._last:
            self._note(note)
        self._furniture("footer")
        notices = []
        if self._changes:
            notices.append(Notice("tracked-changes", detail=str(self._changes)))
        comments = self._part("comments")
        if comments is not None and len(comments):
            notices.append(Notice("comments-ignored", detail=str(len(comments))))
        return self._sheets.close(), tuple(notices)

    def _part(self, kind: str) -> Any | None:
        for found, target in self._relations.values():
            if found == kind:
                return self._package.xml(target)
        return None

    # -- blocks

    def _blocks(self, parent: Any | None) -> None:
        for block in _word_blocks(parent):
            match local(block):
                case "p":
                    self._put(self._paragraph(block))
                    self._end_section(block)
                case "tbl":
                    self._table(block)
                case "altChunk":
                    self._chunk(block)
                case "sdt":
                    self._tick(block)
                    self._blocks(_child(block, "sdtContent"))
                    self._box = ""

    def _put(self, paragraph: _Paragraph) -> None:
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
        if _child(_child(paragraph, "pPr"), "sectPr") is None:
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
            _val(note, "id"): note
            for note in (root if root is not None else ())
            if _val(note, "type") in ("", "normal")
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
        data = self._package.read(self._relations.get(key, ("", ""))[1])
        if data and b"<html" in data[:1000].lower():
            try:
                self._changes += write_html(self._sheets, data)
            except NoText:
                return

    # -- tables

    def _table(self, table: Any) -> None:
        rows = [(row, _word_cells(row)) for row in self._rows(table)]
        if max((len(cells) for _, cells in rows), default=0) < 2:
            for _, cells in rows:  # a frame around text, not a table
                for cell in cells:
                    self._blocks(cell)
            return
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
                line.append(text)
            if not texts:
                named = _on(_child(_child(row, "trPr"), "tblHeader"))
            texts.append(line)
        header = len(texts) > 1 and (named or headed(texts))
        self._sheets.table(texts, header=header, breaks=frozenset(breaks))

    def _rows(self, table: Any) -> Iterator[Any]:
        for child in table:
            name = local(child)
            if name == "tr":
                if _child(_child(child, "trPr"), "del") is not None:
                    self._changes += 1
                else:
                    yield child
            elif name in ("sdt", "customXml", "ins"):
                content = _child(child, "sdtContent") if name == "sdt" else child
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
                    content = _child(block, "sdtContent")
                    lines.append(self._flat(content) if content is not None else "")
                    self._box = ""
        return "\n".join(line for line in lines if line.strip() or "\f" in line)

    # -- paragraphs

    def _paragraph(self, element: Any) -> _Paragraph:
        properties = _child(element, "pPr")
        named = _child(properties, "pStyle")
        key = _val(named) if named is not None else self._styles.default
        look = self._styles.look(key)
        outline = _child(properties, "outlineLvl")
        level = look.level if outline is None else _outline(outline)
        found = _Paragraph([])
        before = _switch(properties, "pageBreakBefore")
        found.break_before = look.break_before if before is None else before
        self._inline(element, look, found)
        numbered = _child(properties, "numPr")
        list_id, at = look.list_id, look.list_level
        if numbered is not None:
            list_id, own = _list_of(numbered, list_id)
            at = own if own is not None else at
        if list_id not in ("", "0"):
            if at is None:
                at = self._numbering.level_of(list_id, key)
            found.label = self._numbering.label(list_id, at)
        if look.toc:
            found.style = "toc"
        elif level:
            found.style = f"h{level}"
        elif found.label:
            found.style = "item"
        return found

    def _inline(self, parent: Any, look: _Look, out: _Paragraph) -> None:
        for child in parent:
            name = local(child)
            if name == "r":
                self._run(child, look, out)
            elif name in _DELETED:
                self._changes += 1
            elif name == "sdt":
                self._tick(child)
                content = _child(child, "sdtContent")
                if content is not None:
                    self._inline(content, look, out)
                if self._box:  # a box without a sign of its own
                    out.runs.append(_Run(self._box))
                    self._box = ""
            elif name == "AlternateContent":
                self._inline(_alternative(child), look, out)
            elif name in ("oMath", "oMathPara"):
                text = "".join(t.text or "" for t in child.iter() if local(t) == "t")
                out.runs.append(_Run(text, look.bold, look.size))
            elif name and name not in _UNPRINTED:
                self._changes += name in _INSERTED
                self._inline(child, look, out)

    def _tick(self, control: Any) -> None:
        """Note the state of a tick box: the sign shown is the author's choice, the state is not."""
        properties = _child(control, "sdtPr")
        box = _child(properties, "checkbox")
        if box is not None:
            state = _child(box, "checked")
            ticked = state is not None and _val(state) in ("1", "true", "on")
            self._box = TICKED if ticked else UNTICKED

    def _run(self, run: Any, look: _Look, out: _Paragraph) -> None:
        properties = _child(run, "rPr")
        named = _child(properties, "rStyle")
        style = self._styles.look(_val(named)) if named is not None else _Look()

        def switch(name: str, inherited: bool) -> bool:
            value = _switch(properties, name)
            return inherited if value is None else value

        if switch("vanish", look.hidden or style.hidden):
            return
        # Struck text is what the author took back: it binds nobody.
        struck = switch("strike", look.struck or style.struck) or switch("dstrike", False)
        bold = switch("b", look.bold or style.bold)
        size = _size(properties) or style.size or look.size or self._styles.size
        fonts = _child(properties, "rFonts")
        font = (_val(fonts, "ascii") if fonts is not None else "").lower()
        for child in run:
            text = self._piece(child, font, out)
            if text == "\f":
                out.runs.append(_Run("", page=True))
            elif text and struck:
                self._changes += bool(text.strip())
            elif text:
                out.runs.append(_Run(text, bold, size))

    def _piece(self, child: Any, font: str, out: _Paragraph) -> str:
        """Return the text of one element of a run, a form feed for a page break."""
        name = local(child)
        text = _SIGNS.get(name, "")
        match name:
            case "t":
                text = child.text or ""
                if font.startswith("wingdings"):
                    text = symbol_text(text)
                if self._box and _BOX_LIKE.fullmatch(text):
                    text, self._box = self._box, ""
            case "br":
                text = "\f" if _val(child, "type") == "page" else "\n"
            case "sym":
                text = self._box or _sign(child)
                self._box = ""
            case "fldChar":
                text = _field(child)
            case "footnoteReference" | "endnoteReference":
                self._cite(name, child)
            case "ruby":
                base = _child(child, "rubyBase")
                text = "".join(base.itertext()) if base is not None else ""
            case "AlternateContent" | "drawing" | "pict" | "object":
                out.boxes += _text_boxes(child)
        return text

    def _cite(self, kind: str, reference: Any) -> None:
        ends = kind == "endnoteReference"
        note = self._notes["endnotes" if ends else "footnotes"].pop(_val(reference, "id"), None)
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
        if name == "tc":
            cells.append(child)
        elif name in ("sdt", "customXml"):
            content = _child(child, "sdtContent") if name == "sdt" else child
            cells += _word_cells(content if content is not None else ())
    return cells


def _continues(cell: Any) -> bool:
    """Tell whether a cell is the lower part of one that began in a row above."""
    merged = _child(_child(cell, "tcPr"), "vMerge")
    return merged is not None and _val(merged) != "restart"


def _alternative(element: Any) -> Any:
    """Return the first of the versions that Word keeps of one thing: they say the same."""
    choice = _child(element, "Choice")
    if choice is None:
        choice = _child(element, "Fallback")
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
    code = _val(element, "char")
    if not re.fullmatch(r"[0-9A-Fa-f]{1,4}", code):
        return ""
    number = int(code, 16)
    if 0x20 < number < 0x100:
        number += 0xF000
    return chr(number) if number > 0x20 and not 0xD800 <= number < 0xE000 else ""


def _field(element: Any) -> str:
    """Return what a field of an older form shows: its tick box or its chosen entry."""
    data = _child(element, "ffData")
    box = _child(data, "checkBox")
    if box is not None:
        state = _child(box, "checked")
        if state is None:
            state = _child(box, "default")
        return TICKED if _on(state) else UNTICKED
    choices = _child(data, "ddList")
    if choices is not None:
        entries = [_val(entry) for entry in choices if local(entry) == "listEntry"]
        result = _child(choices, "result")
        chosen = _integer(_val(result)) if result is not None else 0
        return entries[chosen] if 0 <= chosen < len(entries) else ""
    return ""


# -- OpenDocument -----------------------------------------------------------------------------


@dataclass(slots=True)
class _OpenStyle:
    """What a style of an OpenDocument file means here."""

    break_before: bool = False
    before: str = ""  # what styles based on this one inherit of it
    break_after: bool = False
    bold: bool = False
    size: float = 0.0
    struck: bool = False
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


def read_odt(data: bytes, *, max_pages: int, max_bytes: int = MAX_BYTES) -> _Pages:
    """Read an OpenDocument text as it prints, with the page breaks it records.

    Raises EmptyFile, Truncated, Encrypted, ArchiveBomb, UnsupportedType, NoText, TooManyPages or
    TooLarge.
    """
    try:
        return _OpenText(_Package(data, max_bytes), max_pages).read()
    except RecursionError as error:
        raise Truncated("nesting") from error


def read_ods(data: bytes, *, max_pages: int, max_bytes: int = MAX_BYTES) -> _Pages:
    """Read an OpenDocument spreadsheet, a page a sheet, a row of a table for each row used.

    Raises EmptyFile, Truncated, Encrypted, ArchiveBomb, UnsupportedType, NoText, TooManyPages or
    TooLarge.
    """
    try:
        return _OpenText(_Package(data, max_bytes), max_pages).read_sheets()
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

    def __init__(self, package: _Package, max_pages: int) -> None:
        manifest = package.read("META-INF/manifest.xml") or b""
        if b"encryption-data" in manifest or "encrypted-package" in package.names:
            raise Encrypted
        root = package.xml("content.xml")
        if root is None:
            raise Truncated("no content")
        self._max_pages = max_pages
        self._sheets = Sheets(max_pages)
        self._common = package.xml("styles.xml")
        self._body = _child(root, "body")
        self._elements: dict[str, Any] = {}
        self._found: dict[str, _OpenStyle] = {}
        self._lists: dict[str, dict[int, _Level | str]] = {}
        self._outline: dict[int, _Level | str] = {}
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
        self._changes = 0
        self._comments = 0

    def read(self) -> _Pages:
        body = _child(self._body, "text")
        if body is None:
            raise UnsupportedType("odf")
        self._furniture("header")
        self._blocks(body)
        self._end_page()
        self._sheets.stay()  # the end of the text is no page break
        for note in self._last:
            self._note(note)
        self._furniture("footer")
        return self._sheets.close(), self._notices()

    def read_sheets(self) -> _Pages:
        body = _child(self._body, "spreadsheet")
        if body is None:
            raise UnsupportedType("odf")
        tables = [child for child in body if local(child) == "table"]
        if len(tables) > self._max_pages:
            raise TooManyPages(f"{len(tables)}>{self._max_pages}")
        beyond: list[Notice] = []
        for number, table in enumerate(tables, 1):
            self._sheets.skip_to(number)
            rows: list[list[str]] = []
            for row, times in self._open_rows(table):
                cells = self._open_cells(row)
                if any(cells):
                    rows += [cells] * min(times, MAX_ROWS + 1 - len(rows))
                if len(rows) > MAX_ROWS:
                    beyond.append(Notice("rows-left-out", number, str(MAX_ROWS)))
                    break
            _sheet(self._sheets, _get(table, "name"), rows[:MAX_ROWS])
        return self._sheets.close(), (*self._notices(), *beyond)

    def _notices(self) -> tuple[Notice, ...]:
        notices = []
        if self._changes:
            notices.append(Notice("tracked-changes", detail=str(self._changes)))
        if self._comments:
            notices.append(Notice("comments-ignored", detail=str(self._comments)))
        return tuple(notices)

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
        paragraph = _child(element, "paragraph-properties")
        text = _child(element, "text-properties")

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
            hidden=value(text, "display") == "none" or base.hidden,
            level=min(_integer(level), 6) if level else base.level,
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
                    self._changes += len(child)
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
        found = _Paragraph([], label=label, style="item" if label else "")
        self._inline(element, look, found)
        if local(element) == "h":
            level = max(1, min(_integer(_get(element, "outline-level"), 1), 6))
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
            goes_on = _get(element, "continue-numbering") == "true" or _get(
                element, "continue-list"
            )
            counts = self._running.get(style, counts) if goes_on else counts
            self._running[style] = counts
        for item in element:
            name = local(item)
            if name not in ("list-item", "list-header"):
                continue
            if start := _integer(_get(item, "start-value"), -1) + 1:
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
        sources = list(self._open_rows(table))
        if max((_width(row) for row, _ in sources), default=0) < 2:
            for row, _ in sources:
                for cell in row:
                    self._blocks(cell)
            return
        rows: list[list[str]] = []
        for row, times in sources:
            rows += [self._open_cells(row)] * min(times, MAX_ROWS - len(rows))
        breaks = set()
        for index, cells in enumerate(rows):
            if any("\f" in cell for cell in cells):
                breaks.add(index + 1)
        texts = [[cell.replace("\f", "\n") for cell in cells] for cells in rows]
        named = any(local(child) == "table-header-rows" for child in table)
        header = len(texts) > 1 and (named or headed(texts))
        self._sheets.table(texts, header=header, breaks=frozenset(breaks))

    def _open_rows(self, table: Any) -> Iterator[tuple[Any, int]]:
        for child in table:
            name = local(child)
            if name == "table-row":
                yield child, max(1, _integer(_get(child, "number-rows-repeated"), 1))
            elif name in ("table-header-rows", "table-rows", "table-row-group"):
                yield from self._open_rows(child)

    def _open_cells(self, row: Any) -> list[str]:
        cells: list[str] = []
        for cell in row:
            if local(cell) not in ("table-cell", "covered-table-cell"):
                continue
            times = max(1, _integer(_get(cell, "number-columns-repeated"), 1))
            text = self._flat(cell)
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
                    self._comments += 1
                case "section" | "sub-table" | "note-body":
                    lines.append(self._flat(child))
        return "\n".join(line for line in lines if line.strip() or "\f" in line)

    def _flat_paragraph(self, element: Any, label: str) -> list[str]:
        found = _Paragraph([], label=label)
        self._inline(element, self._style(_get(element, "style-name")), found)
        lines = ["\f".join(text for text, _, _ in found.parts())]
        return lines + [self._flat(box) for box in found.boxes]

    # -- paragraphs

    def _inline(self, parent: Any, look: _OpenStyle, out: _Paragraph) -> None:
        self._say(parent.text, look, out)
        for child in parent:
            self._piece(child, look, out)
            self._say(child.tail, look, out)

    def _piece(self, child: Any, look: _OpenStyle, out: _Paragraph) -> None:
        name = local(child)
        match name:
            case "s" | "tab" | "line-break":
                self._say({"s": " ", "tab": "\t"}.get(name, "\n"), look, out)
            case "soft-page-break":
                out.runs.append(_Run("", page=True))
            case "note":
                body = _child(child, "note-body")
                if body is not None:
                    ends = _get(child, "note-class") == "endnote"
                    (self._last if ends else self._notes).append(body)
            case "annotation":
                self._comments += 1
            case "frame" | "custom-shape" | "rect" | "g":
                out.boxes += _open_boxes(child)
            case "control":
                self._say(self._controls.get(_get(child, "control")), look, out)
            case "span":
                own = self._style(_get(child, "style-name"))
                inner = _OpenStyle(
                    bold=own.bold or look.bold,
                    size=own.size or look.size,
                    struck=own.struck or look.struck,
                    hidden=own.hidden or look.hidden,
                )
                self._inline(child, inner, out)
            case _ if name not in _UNSHOWN:
                self._inline(child, look, out)

    def _say(self, text: str | None, look: _OpenStyle, out: _Paragraph) -> None:
        if not text or look.hidden:
            return
        if look.struck:
            self._changes += bool(text.strip())
            return
        out.runs.append(_Run(text, look.bold, look.size))


def _width(row: Any) -> int:
    return sum(
        min(2, max(1, _integer(_get(cell, "number-columns-repeated"), 1)))
        for cell in row
        if local(cell) == "table-cell"
    )


def _open_levels(style: Any) -> Iterator[tuple[int, _Level | str]]:
    """Yield (level, its numbers or its bullet) of a list style."""
    for child in style:
        level = _integer(_get(child, "level"), 1)
        if "bullet" in local(child):
            yield level, _bullet(_get(child, "bullet-char"))
        elif local(child) in ("list-level-style-number", "outline-level-style"):
            shown = max(1, min(_integer(_get(child, "display-levels"), 1), level))
            form = _OPEN_FORMS.get(_get(child, "num-format"), "none")
            places = ".".join(f"%{n}" for n in range(level - shown + 1, level + 1))
            text = f"{_get(child, 'num-prefix')}{places}{_get(child, 'num-suffix')}"
            start = _integer(_get(child, "start-value"), 1)
            yield level, _Level(form, text, start)


def _open_label(levels: dict[int, _Level | str], at: int, counts: dict[int, int]) -> str:
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
        if not isinstance(other, _Level):
            return ""
        return _numeral(counts.get(int(match[1]), other.start), other.form)

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


# -- Excel ------------------------------------------------------------------------------------


def read_xlsx(data: bytes, *, max_pages: int, max_bytes: int = MAX_BYTES) -> _Pages:
    """Read an Excel file, a page a sheet, a row of a table for each row used; values, no formulas.

    Raises EmptyFile, Truncated, Encrypted, ArchiveBomb, UnsupportedType, NoText, TooManyPages or
    TooLarge.
    """
    package = _Package(data, max_bytes)
    if "xl/workbook.bin" in package.names:
        raise UnsupportedType("xlsb")
    _check_parts(package)
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of all it leaves out
        try:
            book = openpyxl.load_workbook(
                io.BytesIO(data), read_only=True, data_only=True, keep_links=False
            )
        except MemoryError:
            raise
        except Exception as error:  # the library fails in many ways on damaged files
            raise Truncated(str(error)) from error
        try:
            return _book(book, max_pages, package)
        except (ReadingError, MemoryError):
            raise
        except Exception as error:
            raise Truncated(str(error)) from error
        finally:
            book.close()


def _check_parts(package: _Package) -> None:
    """Refuse entities in any part: the library's own parser would expand them."""
    for name in package.names:
        try:
            refuse_entities(package.chunks(name))
        except Truncated as error:
            if error.detail == "xml-entity" or name.endswith((".xml", ".rels")):
                raise


def _book(book: Any, max_pages: int, package: _Package) -> _Pages:
    sheets = Sheets(max_pages)
    notices = []
    worksheets = book.worksheets
    if len(worksheets) > max_pages:
        raise TooManyPages(f"{len(worksheets)}>{max_pages}")
    for number, sheet in enumerate(worksheets, 1):
        sheets.skip_to(number)
        rows: list[list[str]] = []
        # Bounds of our own: what the file says of its size may be wrong or absurd.
        for index, cells in enumerate(sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS)):
            row = [_shown(cell) for cell in cells]
            while row and not row[-1]:
                row.pop()
            if row and index >= MAX_ROWS:
                notices.append(Notice("rows-left-out", number, str(MAX_ROWS)))
            elif row:
                rows.append(row)
        _sheet(sheets, sheet.title, rows)
    comments = sum(
        name.startswith(("xl/comments", "xl/threadedcomments")) for name in package.names
    )
    if comments:
        notices.append(Notice("comments-ignored", detail=str(comments)))
    return sheets.close(), tuple(notices)


def _sheet(sheets: Sheets, title: str, rows: list[list[str]]) -> None:
    """Write the rows of a sheet; the title rows above the columns stand apart from them."""
    if not rows:
        return
    sheets.paragraph(title, "h1")
    begin = 0
    while begin < len(rows) and sum(bool(cell) for cell in rows[begin]) < 2:
        begin += 1
    sheets.table(rows[:begin], header=False)
    sheets.table(rows[begin:], header=headed(rows[begin:]))


def _shown(cell: Any) -> str:
    """Return a value as the sheet shows it, with French marks."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, bool):
        text = "VRAI" if value else "FAUX"
    elif isinstance(value, datetime.datetime):
        text = value.strftime("%d/%m/%Y" + (" %H:%M" if value.hour or value.minute else ""))
    elif isinstance(value, datetime.date):
        text = value.strftime("%d/%m/%Y")
    elif isinstance(value, int | float):
        form = str(cell.number_format or "")
        percent = "%" in form
        text = _figure(value * 100 if percent else value)
        text += " %" if percent else " €" if "€" in form else ""
    else:
        text = str(value)
    return text


def _figure(value: float) -> str:
    return f"{value:.10g}".replace(".", ",") if abs(value) < 1e10 else f"{value:.0f}"
