"""RTF -> pages: what prints, with headings, tables, tick boxes, notes and running headers."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from nlp.reading.errors import EmptyFile, Truncated, UnsupportedType
from nlp.reading.paragraphs import MAX_HEADING
from nlp.reading.text import (
    BULLET,
    PAGE_CHARACTERS,
    TICKED,
    UNTICKED,
    LeftOut,
    Pages,
    Sheets,
    headed,
    signs,
)

MAX_DEPTH = 2000  # of groups; Word writes some twenty

_TOKEN = re.compile(
    r"\\(?P<word>[A-Za-z]{1,32})(?P<value>-?\d{1,9})? ?"
    r"|(?P<bytes>(?:\\'[0-9A-Fa-f]{2})+)|\\(?P<sign>[^A-Za-z])|(?P<brace>[{}])|(?P<text>[^\\{}\r\n\0]+)|[\r\n\0]+|\\",
    re.DOTALL,
)
_CHARACTERS = {
    "tab": "\t", "line": "\n", "lbr": "\n", "column": "\n", "emdash": "—", "endash": "–",
    "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": BULLET,
    "emspace": " ", "enspace": " ", "qmspace": " ", "~": "\xa0", "_": "-", "-": "\xad",
    "\n": "\n", "\r": "\n", "\\": "\\", "{": "{", "}": "}",
}  # fmt: skip
# Groups that print nothing. Those marked as optional print nothing either, but for a few.
_SILENT = frozenset(
    "colortbl info pict objdata nonshppict shprslt sp pntxta pntxtb xe tc rxe txe fldtype"
    " filetbl stylerestrictions".split()
)
_SPOKEN = frozenset(("ud", "shpinst", "do", "fldinst", "formfield", "ffl", "annotation"))
_FLOWS = {
    **{f"{kind}{side}": kind for kind in ("header", "footer") for side in ("", "l", "r", "f")},
    "footnote": "note",
    "annotation": "comment",
    "shptxt": "box",
    "dptxbxtext": "box",
}
_TABLES = frozenset(("fonttbl", "stylesheet"))
_PAGES = {"pc": "cp437", "pca": "cp850", "mac": "mac_roman"}
_HEADING = re.compile(r"(?:heading|titre|title|überschrift)\s*([1-9])", re.IGNORECASE)
_TOC = re.compile(r"(?:toc|tm)\s?\d|(?:toc|contents) heading", re.IGNORECASE)


class _Mark(NamedTuple):
    """What a style of paragraphs means."""

    level: int = 0
    toc: bool = False


class _Block(NamedTuple):
    """A finished paragraph."""

    text: str
    style: str = ""
    bold: bool = False
    size: float = 0.0


@dataclass(slots=True)
class _State:
    """What holds inside a group until it ends.

    ``to`` is where words go: "text", "" for nowhere, or the name of what they tell.
    """

    to: str = "text"
    outer: str = ""  # where they went around a group that says the same twice
    label: bool = False  # the number before a paragraph
    toc: bool = False
    font: int = 0
    size: float = 12.0
    bold: bool = False
    caps: bool = False
    hidden: bool = False
    struck: bool = False
    skip: int = 1  # characters that stand for a Unicode one, for old programs


@dataclass(slots=True)
class _Line:
    """A paragraph in the making."""

    style: int = 0
    level: int | None = None
    in_table: bool = False
    parts: list[tuple[str, bool, float]] = field(default_factory=list)
    boxes: list[_Block] = field(default_factory=list)  # text boxes anchored to it
    item: bool = False
    toc: bool = False


@dataclass(slots=True)
class _Flow:
    """A stream of paragraphs: the body, a header, a note, a box."""

    kind: str = "body"
    line: _Line = field(default_factory=_Line)
    cell: list[_Block] = field(default_factory=list)
    cells: list[list[_Block]] = field(default_factory=list)
    rows: list[list[list[_Block]]] = field(default_factory=list)
    done: list[_Block] = field(default_factory=list)  # of all flows but the body


def read_rtf(data: bytes, *, max_pages: int) -> Pages:
    """Read an RTF file as it prints; pages end where it says so, and at a length.

    Raises EmptyFile, UnsupportedType (no RTF), Truncated, NoText, TooManyPages or TooLarge.
    """
    if not data:
        raise EmptyFile
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rtf"):
        raise UnsupportedType("rtf")
    sheets = Sheets(max_pages, cut=PAGE_CHARACTERS)
    left = write_rtf(sheets, data)
    return sheets.close(), left.notices()


def write_rtf(sheets: Sheets, data: bytes) -> LeftOut:
    """Write what an RTF file prints to ``sheets``; return what was left out. Raises Truncated."""
    reader = _Rtf(sheets)
    reader.read(data.decode("latin-1"))
    return reader.left_out


class _Rtf:
    """Follows the groups and words of an RTF file."""

    def __init__(self, sheets: Sheets) -> None:
        self.left_out = LeftOut()
        self._sheets = sheets
        self._state = _State()
        self._flow = _Flow()
        self._stack: list[tuple[_State, _Flow]] = []
        self._fresh = self._optional = False  # right after a brace, and after its star
        self._encoding = "cp1252"
        self._left = 0  # characters still to leave out after a Unicode one
        self._fonts: dict[int, str] = {}
        self._styles: dict[int, _Mark] = {}
        self._key, self._level, self._name = 0, 0, ""  # of the font or style being told
        self._code = ""  # of the field being told
        self._form: dict[str, int] = {}
        self._entries: list[str] = []
        self._seen: set[str] = set()  # running headers
        self._footers: list[str] = []
        self._notes: list[_Block] = []
        self._section = False  # a new one has begun
        self._gone: _State | None = None  # the last run left out

    def read(self, source: str) -> None:
        """Read the whole file into the pages; raises Truncated."""
        at, whole = 0, False
        while (match := _TOKEN.match(source, at)) is not None:
            at = match.end()
            kind = match.lastgroup
            if kind == "text":
                self._text(match["text"])
            elif kind == "bytes":
                self._bytes(bytes.fromhex(match["bytes"].replace("\\'", "")))
            elif kind == "sign":
                self._sign(match["sign"])
            elif kind == "brace":
                if match["brace"] == "{":
                    self._begin()
                elif len(self._stack) < 2:
                    whole = True
                    break  # what follows is not of the file
                else:
                    self._end()
            elif kind is not None:
                value = int(match["value"]) if match["value"] else None
                at += max(0, value or 0) if match["word"] == "bin" else 0
                self._word(match["word"], value)
        if not whole and not source.rstrip(" \r\n\t\0").endswith("}"):
            raise Truncated("group")
        if self._stack:
            self._flow = self._stack[0][1]
        self._end_paragraph()
        self._end_table()
        self._end_page(turn=False)
        for text in self._footers:
            self._sheets.line(text, "footer")

    # -- groups

    def _begin(self) -> None:
        if len(self._stack) > MAX_DEPTH:
            raise Truncated("nesting")
        self._stack.append((self._state, self._flow))
        self._state = replace(self._state)
        self._fresh, self._optional, self._left = True, False, 0

    def _end(self) -> None:
        ended, flow = self._state, self._flow
        self._state, self._flow = self._stack.pop()
        self._fresh, self._optional, self._left = False, False, 0
        if flow is not self._flow:
            self._put_aside(flow)
        elif ended.to == "ffl":
            self._entries.append(self._name)
            self._name = ""
        elif ended.to == "fldinst" and self._state.to != "fldinst":
            self._state.toc = self._state.toc or self._code.split(None, 1)[:1] == ["TOC"]
            self._say(self._field())

    def _put_aside(self, flow: _Flow) -> None:
        """Keep what a header, a note or a box says for its place."""
        outer, self._flow = self._flow, flow
        self._end_paragraph()
        self._end_table()
        self._flow = outer
        text = "\n".join(block.text for block in flow.done)
        match flow.kind:
            case "note":
                self._notes += flow.done
            case "comment":
                self.left_out.comments += 1
            case "box":
                outer.line.boxes += flow.done
            case _ if text and text not in self._seen:
                self._seen.add(text)
                if flow.kind == "header":
                    self._sheets.line(text, "header")
                    self._sheets.gap()
                else:
                    self._footers.append(text)

    def _destination(self, word: str) -> None:
        """Note where the words of a group go, told by its first control word."""
        state = self._state
        if state.to == "" and not (word == "ud" and state.outer):
            return
        if word in _FLOWS:
            if state.to == "text":
                self._flow = _Flow(_FLOWS[word])
        elif word == "upr":
            state.to, state.outer = "", state.to
        elif word == "ud":
            state.to, state.outer = state.outer or state.to, ""
        elif word in _TABLES:
            state.to, self._name, self._key = word, "", 0
        elif word == "fldinst":
            state.to = word
        elif word in ("formfield", "ffl"):
            state.to, self._name = word, ""
        elif word in ("listtext", "pntext"):
            state.label = True
            self._flow.line.item = True
        elif word == "field" and state.to == "text":
            self._code, self._form, self._entries = "", {}, []
        elif word in _SILENT or (self._optional and word not in _SPOKEN):
            state.to = ""

    # -- words

    def _word(self, word: str, value: int | None) -> None:
        if self._fresh:
            self._destination(word)
            self._fresh = False
        state = self._state
        on = value != 0
        if state.to in _TABLES:
            if word in ("f", "s"):
                self._key = value or 0
            elif word == "outlinelevel":
                self._level = _level(value)
            return
        if state.to == "formfield" and word.startswith("ff"):
            self._form[word] = value or 0
            return
        if word in _CHARACTERS:
            self._say(_CHARACTERS[word])
            return
        match word:
            case "u" if value is not None:
                self._say(chr(value % 0x10000))
                self._left = state.skip
            case "uc":
                state.skip = max(0, value or 0)
            case "f":
                state.font = value or 0
            case "fs":
                state.size = (value or 24) / 2
            case "b":
                state.bold = on
            case "caps":
                state.caps = on
            case "v":
                state.hidden = on
            case "strike" | "striked" | "deleted":
                state.struck = on
            case "plain":
                state.bold = state.caps = state.hidden = state.struck = False
                state.size = 12.0
            case "ansicpg":
                self._encode(f"cp{value}" if value != 65001 else "utf-8")
            case "pc" | "pca" | "mac":
                self._encode(_PAGES[word])
            case _ if state.to == "text" and not state.label:
                self._layout(word, value, on)

    def _layout(self, word: str, value: int | None, on: bool) -> None:
        """Follow the words that end and shape paragraphs, rows and pages."""
        line = self._flow.line
        match word:
            case "par" | "nestrow":
                self._end_paragraph()
            case "sect":
                self._end_paragraph()
                self._section = True
            case "sbknone":
                self._section = False
            case "page" if not line.in_table:
                self._end_paragraph()
                self._end_table()
                self._end_page()
            case "pagebb" if on and not line.in_table:
                self._end_table()
                self._end_page()
            case "pard":
                line.style, line.level, line.in_table = 0, None, False
            case "s":
                line.style = value or 0
            case "outlinelevel":
                line.level = _level(value)
            case "intbl":
                line.in_table = True
            case "nestcell":
                self._say(" | ")
            case "cell":
                line.in_table = True
                self._end_paragraph()
                self._flow.cells.append(self._flow.cell)
                self._flow.cell = []
            case "row":
                self._end_row()

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._optional = self._fresh
            return
        self._fresh = False
        if sign in "\r\n" and not self._state.label:
            self._layout("par", None, True)
        elif sign in _CHARACTERS:
            if self._left:
                self._left -= 1
            else:
                self._say(_CHARACTERS[sign])

    def _bytes(self, data: bytes) -> None:
        left, self._left = self._left, max(0, self._left - len(data))
        data = data[left:]
        font = self._fonts.get(self._state.font, "")
        letters = data.decode("latin-1")
        if font == "symbol":
            self._say(letters.replace("\xb7", BULLET))
        elif signs(letters, font) != letters:
            self._say(letters)  # signs: no letters of any code page
        else:
            self._say(data.decode(self._encoding, "replace"))

    def _text(self, text: str) -> None:
        self._fresh = False
        left, self._left = self._left, max(0, self._left - len(text))
        text = text[left:]
        if not text.isascii():
            text = text.encode("latin-1").decode(self._encoding, "replace")
        self._say(text)

    def _encode(self, name: str) -> None:
        try:
            codecs.lookup(name)
        except LookupError:
            return
        self._encoding = name

    def _say(self, text: str) -> None:
        state = self._state
        if not text or state.to == "":
            return
        if state.to == "fldinst":
            self._code += text
        elif state.to in _TABLES:
            self._learn(text)
        elif state.to == "ffl":
            self._name += text
        elif state.to != "text":
            return
        elif state.hidden or state.struck:
            if text.strip() and self._gone is not state:  # once a run
                self._gone = state
                self.left_out.hidden += state.hidden
                self.left_out.changes += not state.hidden
        else:
            shown = signs(text, self._fonts.get(state.font, ""))
            line = self._flow.line
            line.parts.append((shown.upper() if state.caps else shown, state.bold, state.size))
            line.toc = line.toc or state.toc

    def _learn(self, text: str) -> None:
        """Take the names of fonts and styles, each ended by a semicolon."""
        *names, rest = (self._name + text).split(";")
        self._name = rest[-200:]
        for name in map(str.strip, names):
            if self._state.to == "fonttbl":
                self._fonts[self._key] = name.lower()
            else:
                heading = _HEADING.fullmatch(name)
                level = self._level or (min(int(heading[1]), 6) if heading else 0)
                self._styles[self._key] = _Mark(level, bool(_TOC.match(name)))
            self._key = self._level = 0

    def _field(self) -> str:
        """Return what a field of a form shows: its tick box or its chosen entry."""
        form, self._form = self._form, {}
        kind = form.get("fftype")
        chosen = form.get("ffres", 25)
        if chosen == 25:  # never touched
            chosen = form.get("ffdefres", 0)
        if kind == 1:
            return TICKED if chosen == 1 else UNTICKED
        if kind == 2 and 0 <= chosen < len(self._entries):
            return self._entries[chosen]
        return ""

    # -- paragraphs, rows and pages

    def _end_paragraph(self) -> None:
        flow, line = self._flow, self._flow.line
        flow.line = _Line(line.style, line.level, line.in_table)
        block = self._block(line)
        if line.in_table:
            flow.cell += [b for b in (block, *line.boxes) if b.text.strip()]
            return
        self._end_table()
        for each in (block, *line.boxes):
            self._put(each)

    def _block(self, line: _Line) -> _Block:
        text = "".join(part for part, _, _ in line.parts).removesuffix(" | ")
        seen = [(bold, size) for part, bold, size in line.parts if part.strip()]
        mark = self._styles.get(line.style, _Mark())
        level = mark.level if line.level is None else line.level
        style = "item" if line.item else ""
        if level and len(text) <= MAX_HEADING:
            style = f"h{level}"
        if mark.toc or (line.toc and len(text) <= MAX_HEADING):
            style = "toc"
        bold = bool(seen) and all(bold for bold, _ in seen)
        return _Block(text, style, bold, seen[0][1] if seen else 0.0)

    def _put(self, block: _Block) -> None:
        if self._flow.kind != "body":
            self._flow.done += [block] if block.text.strip() else []
            return
        if self._section and block.text.strip():
            self._end_page()
        self._sheets.paragraph(block.text, block.style, bold=block.bold, size=block.size)

    def _end_row(self) -> None:
        flow = self._flow
        if flow.cell:
            flow.cells.append(flow.cell)
        flow.rows.append(flow.cells)
        flow.cells, flow.cell = [], []
        flow.line = _Line()

    def _end_table(self) -> None:
        flow = self._flow
        if flow.cells or flow.cell:
            self._end_row()
        rows, flow.rows = flow.rows, []
        wide = max(map(len, rows), default=0) > 1
        group: list[list[str]] = []
        for cells in rows:
            # A frame around text is no row of a table, be it the whole table or one of its rows.
            if wide and not (len(cells) == 1 and len(cells[0]) > 1):
                group.append(["\n".join(block.text for block in cell) for cell in cells])
                continue
            self._put_rows(group)
            group = []
            for block in (block for cell in cells for block in cell):
                self._put(block)
        self._put_rows(group)

    def _put_rows(self, rows: list[list[str]]) -> None:
        if not rows:
            return
        if self._flow.kind != "body":
            self._flow.done += [_Block(" | ".join(filter(str.strip, row))) for row in rows]
            return
        if self._section:
            self._end_page()
        self._sheets.table(rows, header=headed(rows))

    def _end_page(self, *, turn: bool = True) -> None:
        self._section = False
        notes, self._notes = self._notes, []
        for note in notes:
            self._sheets.paragraph(note.text)
        if turn:
            self._sheets.turn()


def _level(value: int | None) -> int:
    """Return the level of a heading, 1 to 6, 0 for body text."""
    return min(value + 1, 6) if value is not None and 0 <= value < 9 else 0
