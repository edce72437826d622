"""Text files -> pages: plain text, Markdown, HTML and RTF, and the writer every text reader fills.

Files without geometry have no words: their lines come as written, set apart by blank lines where
the source had a paragraph, so that the blocks can be told without positions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any
from xml.parsers import expat

from lxml import etree
from lxml import html as lxml_html

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
    refuse_entities(iter((data,)))
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


# -- plain text and Markdown ------------------------------------------------------------------

_SEPARATOR = re.compile(
    r"[ \t]{0,80}(?P<mark>\#{1,6}|-{2,80}|={2,80}|\*{2,80}|\[|)[ \t]{0,8}page[ \t]{1,8}"
    r"(?P<number>\d{1,5})(?:[ \t]{0,4}(?:/|sur|of|de)[ \t]{0,4}\d{1,5})?[ \t]{0,8}"
    r"[\])]?[ \t]{0,8}(?:[-=*\#]{1,80})?[ \t]{0,80}",
    re.IGNORECASE,
)
_RULE = re.compile(r"[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")


def read_plain(
    data: bytes, markdown: bool = False, *, max_pages: int
) -> tuple[tuple[Page, ...], tuple[Notice, ...]]:
    """Read a text file, cut at its form feeds or at the page separators of a dump.

    Raises EmptyFile, UnsupportedType (no text but bytes), NoText, TooManyPages or TooLarge.
    """
    lines = re.split(r"\r\n|\r|\n", decode(data).replace("\x0c", "\n\x0c\n"))
    sheets = Sheets(max_pages)
    for number, chunk in _dumped(lines):
        sheets.skip_to(number)
        if markdown:
            _markdown(sheets, chunk)
        else:
            for line in chunk:
                style = "footer" if _SEPARATOR.fullmatch(line) else ""
                sheets.line(line, style)
    return sheets.close(), ()


def _dumped(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield (page number, its lines)."""
    separators = _separators(lines)
    if not separators:
        number, chunk = 1, list[str]()
        for line in lines:
            if line == "\x0c":
                yield number, chunk
                number, chunk = number + 1, []
            else:
                chunk.append(line)
        if any(line.strip() for line in chunk):
            yield number, chunk
        return
    lines = ["" if line == "\x0c" else line for line in lines]
    starts = [at for at, _ in separators]
    if _below(lines, starts):  # the separators are page feet: each closes its page
        begin = 0
        for at, number in separators:
            yield number, lines[begin : at + 1]
            begin = at + 1
        if any(line.strip() for line in lines[begin:]):
            yield separators[-1][1] + 1, lines[begin:]
        return
    for index, (at, number) in enumerate(separators):
        end = starts[index + 1] if index + 1 < len(starts) else len(lines)
        # What stands before page 1 (the name of the dump) goes with it.
        before = _unruled(lines[:at]) if index == 0 else []
        yield number, before + (_unruled if index + 1 < len(starts) else list)(lines[at + 1 : end])


def _separators(lines: list[str]) -> list[tuple[int, int]]:
    """Return the (line, page number) of the separators, when some kind counts up from 1."""
    kinds: dict[str, list[tuple[int, int]]] = {}
    for at, line in enumerate(lines):
        if len(line) < 200 and (match := _SEPARATOR.fullmatch(line)) is not None:
            kinds.setdefault(match["mark"][:1], []).append((at, int(match["number"])))
    for mark in sorted(kinds, reverse=True):  # bare "Page 3" lines last: they may be page feet
        found = kinds[mark]
        numbers = [number for _, number in found]
        ascend = all(a < b for a, b in pairwise(numbers))
        # A page left blank may be missing; a few numbers far apart count nothing.
        close = numbers[-1] <= 2 * len(numbers)
        if numbers[0] == 1 and ascend and close and (mark or len(numbers) > 1):
            return found
    return []


def _below(lines: list[str], starts: list[int]) -> bool:
    """Tell whether bare page numbers stand at the foot of their pages."""
    match = _SEPARATOR.fullmatch(lines[starts[0]])
    if match is None or match["mark"]:
        return False
    before = sum(len(line.strip()) for line in lines[: starts[0]])
    after = sum(len(line.strip()) for line in lines[starts[-1] + 1 :])
    return before > after


def _unruled(lines: list[str]) -> list[str]:
    """Drop the rule that stands right before a separator."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    if end and _RULE.fullmatch(lines[end - 1]):
        return lines[: end - 1]
    return lines


_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*?)[ \t]*#*[ \t]*")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_LIST = re.compile(r"[ \t]*([-*+])[ \t]+(?:\[([ xX])\][ \t]+)?(?=\S)")
_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_FRONT = re.compile(r"[\w-]+:|\s|#|- ")
_HTML = re.compile(r"[ \t]*<(table|ul|ol|dl|h[1-6])[\s>]", re.IGNORECASE)
_CLOSING = re.compile(r"</(table|ul|ol|dl|h[1-6])>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:(?P<flow>a|abbr|b|code|em|font|i|img|mark|small|span|strong|sub|sup|u)"
    r"|article|aside|blockquote|center|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]|header"
    r"|hr|li|main|nav|ol|p|section|summary|table|tbody|td|th|thead|tr|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"!?\[([^\[\]]{0,300})\]\((?:https?:|mailto:|[/#.])[^()\s]{0,500}(?: \"[^\"]{0,200}\")?\)"
)
_STRONG = re.compile(r"(?<![\w*_])(\*\*|__)(?=[\w«\"'(])(?!_)(.{1,2000}?)(?<=[^\s*_])\1(?![\w*_])")
_EMPHASIS = re.compile(
    r"(?<![\w*_])([*_])(?=[\w«\"'(])(?!_)([^*_]{1,1000})(?<=[^\s*_])\1(?![\w*_])"
)
_INNER = re.compile(r"\*\*(?=[^\s*])([^*]{1,1000})(?<=[^\s*])\*\*")  # bold inside a word
_CODE = re.compile(r"`{1,3}([^`]{1,1000})`{1,3}")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>])")


def _markdown(sheets: Sheets, lines: list[str]) -> None:
    # Dumps of PDF files are Markdown by name only: a parser would eat "<nom>", "[1]: ..." and
    # indented text. The few signs that matter are read line by line, all else stands.
    lines = _without_front_matter(lines)
    closing = {tag.lower(): at for at, line in enumerate(lines) for tag in _CLOSING.findall(line)}
    fenced = False
    at = 0
    while at < len(lines):
        line = lines[at]
        below = lines[at + 1] if at + 1 < len(lines) else ""
        at += 1
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced:
            sheets.line(line)
        elif (match := _HEADING.fullmatch(line)) is not None:
            sheets.paragraph(_inline(match[2]), f"h{len(match[1])}")
        elif (match := _HTML.match(line)) and closing.get(match[1].lower(), -1) >= at - 1:
            end = at - 1
            while f"</{match[1].lower()}>" not in lines[end].lower():
                end += 1
            write_html(sheets, "\n".join(lines[at - 1 : end + 1]).encode("utf-8", "replace"))
            at = end + 1
        elif _is_row(line, below):
            end = at
            while end < len(lines) and "|" in lines[end] and lines[end].strip():
                end += 1
            _markdown_table(sheets, lines[at - 1 : end])
            at = end
        elif _RULE.fullmatch(line):
            sheets.gap()
        elif line.strip() and _UNDERLINE.fullmatch(below) and _alone(lines, at - 1):
            sheets.paragraph(_inline(line), "h1" if "=" in below else "h2")
            at += 1
        elif (match := _LIST.match(line)) is not None:
            sign = "-" if match[1] == "-" else BULLET
            sign = {None: sign, " ": UNTICKED}.get(match[2], TICKED)
            sheets.line(f"{sign} {_inline(line[match.end() :])}", "item")
        else:
            sheets.line(_inline(line))


def _without_front_matter(lines: list[str]) -> list[str]:
    if not lines or lines[0].rstrip() != "---":
        return lines
    for at, line in enumerate(lines[1:80], 1):
        if line.rstrip() == "---":
            return lines[at + 1 :]
        if line and not _FRONT.match(line):
            break
    return lines


def _alone(lines: list[str], at: int) -> bool:
    """Tell whether a line begins its paragraph and reads like the title of what follows."""
    line = lines[at].strip()
    return (at == 0 or not lines[at - 1].strip()) and not _LIST.match(line) and len(line) < 160


def _is_row(line: str, below: str) -> bool:
    if "|" not in line:
        return False
    if _DELIMITER.fullmatch(below) and "|" in below:
        return True
    return _piped(line) and _piped(below)


def _piped(line: str) -> bool:
    line = line.strip()
    return len(line) > 2 and line.startswith("|") and line.endswith("|")


def _markdown_table(sheets: Sheets, lines: list[str]) -> None:
    rows = [_split(line) for line in lines if not _DELIMITER.fullmatch(line)]
    ruled = len(lines) > 1 and _DELIMITER.fullmatch(lines[1]) is not None
    sheets.table(rows, header=(ruled and len(rows) > 1) or headed(rows))


def _split(line: str) -> list[str]:
    line = line.strip().removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return [_inline(cell) for cell in re.split(r"(?<!\\)\|", line)]


def _inline(text: str) -> str:
    """Take the marks of emphasis, links and known HTML tags out of a line."""
    text = re.sub(r"<br\s{0,4}/?>", "\n", text, flags=re.IGNORECASE)
    text = _TAG.sub(lambda match: "" if match["flow"] else " ", text)
    text = _LINK.sub(r"\1", text)
    text = _CODE.sub(r"\1", text)
    text = _STRONG.sub(r"\2", text)
    text = _INNER.sub(r"\1", text)
    text = _EMPHASIS.sub(r"\2", text)
    text = re.sub(r"\A\s*(?:>\s?){1,5}", "", text)
    return _ESCAPE.sub(r"\1", text)


# -- HTML -------------------------------------------------------------------------------------

_CHARSET = re.compile(rb"charset\s{0,4}=\s{0,4}[\"']?([\w-]{1,40})", re.IGNORECASE)
_SKIPPED = frozenset(
    (
        "script",
        "style",
        "head",
        "template",
        "noscript",
        "svg",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "canvas",
        "datalist",
        "map",
        "math",
        "del",
        "s",
        "strike",
    )
)
_BLOCK = frozenset(
    (
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    )
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_STRONG_TAGS = frozenset(("b", "strong"))
_HIDDEN = re.compile(r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden", re.IGNORECASE)
_WHITE = re.compile(r"[ \t\r\n\f]+")
_STRUCK = frozenset(("del", "s", "strike"))


def read_html(data: bytes, *, max_pages: int) -> tuple[tuple[Page, ...], tuple[Notice, ...]]:
    """Read what a browser would show of an HTML page, in pages cut between blocks.

    Struck text is left out and told by a notice. Raises EmptyFile, UnsupportedType, NoText,
    Truncated (nested beyond reason), TooManyPages or TooLarge.
    """
    sheets = Sheets(max_pages, cut=PAGE_CHARACTERS)
    struck = write_html(sheets, data)
    notices = (Notice("tracked-changes", detail=str(struck)),) if struck else ()
    return sheets.close(), notices


def write_html(sheets: Sheets, data: bytes) -> int:
    """Write the text of an HTML page to ``sheets``; return how many struck runs were left out."""
    declared = _CHARSET.search(data[:4096])
    text = decode(data, declared[1].decode("ascii") if declared else "")
    parser = lxml_html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True
    )
    text = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if not text.strip():
        raise NoText
    try:
        root = lxml_html.document_fromstring(text.encode("utf-8"), parser=parser)
    except etree.ParserError as error:
        raise NoText from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise Truncated("nesting")  # the parser gave up: what it has is not all there is

    def emit(piece: str, style: str, bold: bool) -> None:
        sheets.paragraph(piece, style, bold=bold)

    walker = _Html(emit, sheets)
    try:
        walker.walk(root)
    except RecursionError as error:
        raise Truncated("nesting") from error
    walker.flush()
    return walker.struck


class _Html:
    """Walks a tree of elements and hands over one block of text at a time."""

    def __init__(self, emit: Callable[[str, str, bool], None], sheets: Sheets | None) -> None:
        self.struck = 0
        self._emit = emit
        self._sheets = sheets  # None inside a cell, where a table is plain text
        self._buffer: list[tuple[str, bool]] = []
        self._prefix = ""
        self._style = ""
        self._bold = 0
        self._pre = 0

    def flush(self) -> None:
        """Hand over the block gathered so far."""
        pieces, self._buffer = self._buffer, []
        text = "".join(piece for piece, _ in pieces)
        if not text.strip():
            return
        if not self._pre:
            text = "\n".join(line.strip() for line in text.split("\n") if line.strip())
        bold = all(strong for piece, strong in pieces if piece.strip())
        style = self._style or ("item" if self._prefix else "")
        self._emit(self._prefix + text, style, bold)
        self._prefix = ""

    def walk(self, element: Any) -> None:
        """Read an element, without the text that follows it."""
        tag = local(element)
        if tag in _STRUCK and "".join(element.itertext()).strip():
            self.struck += 1
        if not tag or tag in _SKIPPED or _is_hidden(element):
            return
        if tag in _HEADINGS:
            self.flush()
            outer, self._style = self._style, tag
            self._inside(element)
            self.flush()
            self._style = outer
        elif tag == "table" and self._sheets is not None and _is_data(element):
            self.flush()
            self._table(element, self._sheets)
        elif tag == "br":
            self._text("\n", raw=True)
        elif tag == "li":
            self.flush()
            self._prefix = _marker(element)
            self._inside(element)
            self.flush()
            self._prefix = ""
        elif tag == "input":
            self._input(element)
        elif tag == "select":
            chosen = element.xpath(".//option[@selected]") or element.xpath(".//option")[:1]
            self._text(" ".join("".join(option.itertext()) for option in chosen))
        elif tag in _BLOCK:
            self.flush()
            self._pre += tag == "pre"
            self._inside(element)
            self.flush()
            self._pre -= tag == "pre"
        else:
            self._bold += tag in _STRONG_TAGS
            self._inside(element)
            self._bold -= tag in _STRONG_TAGS

    def _inside(self, element: Any) -> None:
        self._text(_symbols(element, element.text or ""))
        for child in element:
            self.walk(child)
            self._text(_symbols(element, child.tail or ""))

    def _text(self, text: str, *, raw: bool = False) -> None:
        if text:
            kept = text if raw or self._pre else _WHITE.sub(" ", text)
            self._buffer.append((kept, self._bold > 0))

    def _input(self, element: Any) -> None:
        kind = (element.get("type") or "text").lower()
        if kind in ("checkbox", "radio"):
            self._text((TICKED if element.get("checked") is not None else UNTICKED) + " ")
        elif kind in ("text", "number", "date"):
            self._text(element.get("value") or "")

    def _table(self, table: Any, sheets: Sheets) -> None:
        for caption in table.iterchildren("caption"):
            self._inside(caption)
            self.flush()
        rows: list[list[str]] = []
        header = False
        for row in _own_rows(table):
            cells = []
            for cell in row.iterchildren("td", "th"):
                lines: list[str] = []
                inner = _Html(_into(lines), None)
                inner._inside(cell)
                inner.flush()
                self.struck += inner.struck
                cells.append("\n".join(lines))
            if not rows:
                header = all(local(c) == "th" for c in row.iterchildren("td", "th"))
            rows.append(cells)
        sheets.table(rows, header=(header and len(rows) > 1) or headed(rows))


def _into(lines: list[str]) -> Callable[[str, str, bool], None]:
    return lambda text, _style, _bold: lines.append(text)


def _is_hidden(element: Any) -> bool:
    if element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""):
        return True
    return local(element) == "input" and (element.get("type") or "").lower() == "hidden"


def _own_rows(table: Any) -> Iterator[Any]:
    for child in table.iterchildren("tr", "thead", "tbody", "tfoot"):
        if local(child) == "tr":
            yield child
        else:
            yield from child.iterchildren("tr")


def _is_data(table: Any) -> bool:
    """Tell a table of data from one that only lays out the page."""
    if next(table.iterdescendants("table", *_HEADINGS), None) is not None:
        return False
    return any(len(list(row.iterchildren("td", "th"))) > 1 for row in _own_rows(table))


def _marker(item: Any) -> str:
    """Return the sign before a list item: its number in a numbered list, a bullet otherwise."""
    parent = item.getparent()
    if parent is None or local(parent) != "ol" or (parent.get("type") or "1") != "1":
        return f"{BULLET} "
    start = parent.get("start") or "1"
    first = int(start) if start.isascii() and start.isdigit() and len(start) < 5 else 1
    if "_clausier" not in parent.attrib:  # number the siblings once: a long list stays linear
        parent.set("_clausier", "")
        for offset, sibling in enumerate(parent.iterchildren("li")):
            sibling.set("_clausier", str(first + offset))
    return f"{item.get('_clausier')}. "


def _symbols(element: Any, text: str) -> str:
    """Turn letters set in a font of signs into the signs, as Word's own files hold them."""
    if not text.strip():
        return text
    font = f"{element.get('face') or ''} {element.get('style') or ''}".lower()
    return symbol_text(text) if "wingdings" in font else text


def symbol_text(text: str) -> str:
    """Return the private-use characters that stand for ``text`` set in Wingdings."""
    return "".join(chr(0xF000 + ord(c)) if 0x20 < ord(c) < 0x100 else c for c in text)


# -- RTF --------------------------------------------------------------------------------------

_RTF_ROW = re.compile(r"[^|\n]*(?:\|[^|\n]*)+\|[ \t]*")


def read_rtf(data: bytes, *, max_pages: int) -> tuple[tuple[Page, ...], tuple[Notice, ...]]:
    """Read the text of an RTF file; its pages are cut at a length, since the file has none.

    Raises EmptyFile, UnsupportedType (no RTF, or the library is not installed), Truncated,
    NoText, TooManyPages or TooLarge.
    """
    if not data:
        raise EmptyFile
    if not data.lstrip().startswith(b"{\\rtf"):
        raise UnsupportedType("rtf")
    try:
        from striprtf.striprtf import rtf_to_text
    except ImportError as error:  # pragma: no cover - an optional library
        raise UnsupportedType("rtf") from error
    try:
        text = rtf_to_text(data.decode("latin-1"), errors="replace")
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        raise Truncated(str(error)) from error
    sheets = Sheets(max_pages, cut=PAGE_CHARACTERS)
    rows: list[list[str]] = []
    for line in text.split("\n"):
        if _RTF_ROW.fullmatch(line):
            rows.append(line.rstrip()[:-1].split("|"))
            continue
        if rows:
            sheets.table(rows, header=headed(rows))
            rows = []
        sheets.paragraph(line)
    if rows:
        sheets.table(rows, header=headed(rows))
    return sheets.close(), ()
