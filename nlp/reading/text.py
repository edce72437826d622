"""What every reader of text shares: the writer of pages, XML, encodings and signs.

Files without geometry have no words: their lines come as written, set apart by blank lines where
the source had a paragraph, so that the blocks can be told without positions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from xml.parsers import expat

from lxml import etree

from corpus.documents import Cell, Line, Notice, Page, Row, Table
from nlp.clean import clean
from nlp.reading.errors import (
    EmptyFile,
    NoText,
    TooLarge,
    TooManyPages,
    Truncated,
    UnsupportedType,
)

MAX_CHARACTERS = 20_000_000  # of text in one file; a 2000-page tender holds about 6 million
PAGE_CHARACTERS = 6000  # where a format has no pages, they are cut at this length
TICKED, UNTICKED, BULLET = "☒", "☐", "•"

Pages: TypeAlias = tuple[tuple[Page, ...], tuple[Notice, ...]]

# -- the writer -------------------------------------------------------------------------------


class Sheets:
    """Pages in the making: each line is cleaned as it comes, so offsets are those of the result.

    ``cut`` is the length at which a page without a printed end is closed, 0 for never. Raises
    TooManyPages and TooLarge as soon as a limit is passed.
    """

    def __init__(self, max_pages: int, *, cut: int = 0) -> None:
        self._max_pages = max_pages
        self._cut = cut
        self._pages: list[Page] = []
        self._parts: list[str] = []
        self._length = 0
        self._total = 0
        self._lines: list[Line] = []
        self._tables: list[Table] = []
        self._gap = False
        self._turn = False

    @property
    def number(self) -> int:
        """The number of the page that the next line will stand on."""
        return len(self._pages) + 1 + (self._turn and bool(self._lines))

    @property
    def blank(self) -> bool:
        """Whether the page has no text yet."""
        return self._turn or not self._lines

    def turn(self) -> None:
        """End the page, unless it is still empty: two breaks in a row are one."""
        self._turn = True

    def stay(self) -> None:
        """Go on with the page that was ended last."""
        self._turn = False

    def skip_to(self, number: int) -> None:
        """Leave the pages before ``number`` as they are and go on with it."""
        self._close()
        while len(self._pages) + 1 < number:
            self._close(empty=True)

    def gap(self) -> None:
        """Set the next line apart by a blank line."""
        self._gap = True

    def line(self, text: str, style: str = "", *, bold: bool = False, size: float = 0.0) -> None:
        """Add ``text``, one printed line for each of its lines; blank ones set the next apart."""
        self._afford(len(text))
        for piece in clean_lines(text):
            if piece:
                self._room(len(piece))
                self._put(piece, style, bold, size)
                self._end_line()
            else:
                self._gap = True

    def paragraph(
        self, text: str, style: str = "", *, bold: bool = False, size: float = 0.0
    ) -> None:
        """Add ``text`` as a block of its own."""
        self.gap()
        # A heading at the foot of a page belongs to what follows it.
        self._room(len(text) + (self._cut // 8 if style.startswith("h") else 0))
        self.line(text, style, bold=bold, size=size)
        self.gap()

    def table(
        self, rows: Sequence[Sequence[str]], *, header: bool, breaks: frozenset[int] = frozenset()
    ) -> None:
        """Add a table, a printed line a row; ``breaks`` are the rows that begin a new page."""
        self.gap()
        done: list[Row] = []
        headed = header
        for index, row in enumerate(rows):
            if index in breaks:
                self.turn()
            self._afford(sum(len(cell) for cell in row))
            cells = [[line for line in clean_lines(cell) if line] for cell in row]
            if not any(cells):
                continue
            self._room(sum(len(line) for cell in cells for line in cell))
            if done and self._turn:
                self._tables.append(Table(tuple(done), headed))
                done, headed = [], False
            done.append(Row(tuple(self._row(cells))))
        if done:
            self._tables.append(Table(tuple(done), headed))
        if len(rows) in breaks:
            self.turn()
        self.gap()

    def close(self) -> tuple[Page, ...]:
        """Return the pages; raises NoText when none has any."""
        self._close()
        if not any(page.text for page in self._pages):
            raise NoText
        return tuple(self._pages)

    def _row(self, cells: list[list[str]]) -> Iterator[Cell]:
        previous: list[str] = []
        first = True
        for cell in cells:
            if cell and not first:
                if len(previous) < 2 and len(cell) < 2:
                    self._append(" | ")
                else:
                    self._end_line()
            runs = []
            for position, piece in enumerate(cell):
                if position:
                    self._end_line()
                runs.append(self._put(piece))
            if cell:
                previous, first = cell, False
            yield Cell(tuple(runs))
        self._end_line()

    def _room(self, length: int) -> None:
        if self._cut and not self.blank and self._length + length > self._cut:
            self._turn = True

    def _put(
        self, text: str, style: str = "", bold: bool = False, size: float = 0.0
    ) -> tuple[int, int]:
        if self._turn:
            self._close()
        open_line = bool(self._parts) and not self._parts[-1].endswith("\n")
        if self._gap and self._parts and not open_line:
            self._append("\n")
        self._gap = False
        start = self._length
        self._append(text)
        if open_line:  # a further cell of a row: one printed line
            self._lines[-1] = self._lines[-1]._replace(end=self._length)
        else:
            self._lines.append(Line(start, self._length, size=size, bold=bold, style=style))
        return start, self._length

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        self._total += len(text)
        self._afford(0)

    def _afford(self, length: int) -> None:
        if self._total + length > MAX_CHARACTERS:
            raise TooLarge(f">{MAX_CHARACTERS}")

    def _end_line(self) -> None:
        self._append("\n")

    def _close(self, *, empty: bool = False) -> None:
        self._turn = False
        if not self._lines and not empty:
            return
        number = len(self._pages) + 1
        if number > self._max_pages:
            raise TooManyPages(f">{self._max_pages}")
        text = "".join(self._parts).rstrip("\n")
        source = "text" if text else "none"
        self._pages.append(
            Page(number, text, tuple(self._lines), (), tuple(self._tables), source=source)
        )
        self._parts, self._lines, self._tables = [], [], []
        self._length, self._gap = 0, False


@dataclass(slots=True)
class LeftOut:
    """How many deleted or struck runs, hidden ones and comments a reader left out of a file."""

    changes: int = 0
    hidden: int = 0
    comments: int = 0

    def add(self, other: LeftOut) -> None:
        """Count what was left out of a file inside this one as well."""
        self.changes += other.changes
        self.hidden += other.hidden
        self.comments += other.comments

    def notices(self) -> tuple[Notice, ...]:
        """Return what is to say of it, nothing for a plain file."""
        counts = {
            "tracked-changes": self.changes,
            "hidden-left-out": self.hidden,
            "comments-ignored": self.comments,
        }
        return tuple(Notice(code, detail=str(count)) for code, count in counts.items() if count)


def clean_lines(text: str) -> list[str]:
    """Return the cleaned lines of a text, without white space at their ends."""
    if not text.isascii():
        # Half pairs from JSON and RTF escapes would break every later encoding.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return [line.strip() for line in clean(text).value.split("\n")]


def headed(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row names the columns: words above figures."""
    if len(rows) < 2 or sum(bool(cell.strip()) for cell in rows[0]) < 2:
        return False
    if any(c.isdigit() for cell in rows[0] for c in cell):
        return False
    return any(c.isdigit() for row in rows[1:] for cell in row for c in cell)


# -- XML --------------------------------------------------------------------------------------


class _Begun(Exception):  # not an error: the prolog is over
    pass


def refuse_entities(chunks: Iterator[bytes]) -> None:
    """Read the prolog of an XML file; raises Truncated where it declares entities or is broken."""

    def entity(*_: Any) -> None:
        raise Truncated("xml-entity")

    def begin(*_: Any) -> None:
        raise _Begun

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = entity
    parser.StartElementHandler = begin
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except _Begun:
        return
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Truncated(str(error)) from error


def parse_xml(data: bytes) -> Any:
    """Return the root element of an XML file that declares no entity.

    Raises Truncated for anything else. Nothing outside the file is ever fetched.
    """
    refuse_entities(iter((data[:10_000_000],)))  # libxml2 refuses longer tags anyway
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Truncated(str(error)) from error


def local(element: Any) -> str:
    """Return an element's name without its namespace, "" for comments and the like."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


# -- characters -------------------------------------------------------------------------------

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# The only declared encodings believed: Python knows many more that are no text at all.
_DECLARED = {
    "iso-8859-15": "iso-8859-15",
    "latin-9": "iso-8859-15",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
}


def decode(data: bytes, declared: str = "") -> str:
    """Return the text of a file: its byte order mark, UTF-8 if it holds, Windows Latin otherwise.

    Raises EmptyFile and, for bytes that are no text, UnsupportedType.
    """
    if not data:
        raise EmptyFile
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if b"\0" in data:
        raise UnsupportedType("binary")
    # A few broken bytes in a long UTF-8 text must not turn every accent into two signs.
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if sum(ord(c) > 127 for c in text) - broken > 4 * broken:
        return text
    return data.decode(_DECLARED.get(declared.lower(), "cp1252"), "replace")


def symbol_text(text: str) -> str:
    """Return the private-use characters that stand for ``text`` set in Wingdings."""
    return "".join(chr(0xF000 + ord(c)) if 0x20 < ord(c) < 0x100 else c for c in text)


# What fonts of signs other than Wingdings hold in the place of letters.
_SIGNS = {
    "wingdings 2": {"O": "✗", "P": "✓", "Q": "☒", "R": "☑", "S": "☒", "T": "☒", "£": "☐", "*": "☐"},
    "webdings": {"a": "✓", "c": "☐", "g": "■", "r": "✗"},
}


def signs(text: str, font: str) -> str:
    """Return the signs that stand for ``text`` in a font of signs, the text itself in any other."""
    known = _SIGNS.get(font)
    if known is not None:
        plain = (chr(ord(c) - 0xF000) if "\uf000" < c < "\uf100" else c for c in text)
        return "".join(known.get(c, BULLET if c.strip() else c) for c in plain)
    return symbol_text(text) if font.startswith("wingdings") else text
