"""HTML -> pages: what a browser would show."""

from __future__ import annotations

import email
import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from nlp.reading.errors import NoText, Truncated
from nlp.reading.paragraphs import numeral
from nlp.reading.text import (
    BULLET,
    PAGE_CHARACTERS,
    TICKED,
    UNTICKED,
    LeftOut,
    Pages,
    Sheets,
    decode,
    headed,
    local,
    symbol_text,
)

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
        "button",
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
        "textarea",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    )
)
_MAX_SPAN = 60  # columns or rows of one cell; more of them lay out a page
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_STRONG_TAGS = frozenset(("b", "strong"))
_HIDDEN = re.compile(
    r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden|mso-hide\s{0,4}:\s{0,4}all",
    re.IGNORECASE,
)
_WHITE = re.compile(r"[ \t\r\n\f]+")
_STRUCK = frozenset(("del", "s", "strike"))
_LINE_THROUGH = re.compile(
    r"text-decoration(?:-line)?\s{0,4}:[^;]{0,40}line-through", re.IGNORECASE
)
_COMMENT = re.compile(r"mso-element\s{0,4}:\s{0,4}comment\b(?!-)", re.IGNORECASE)


def read_html(data: bytes, *, max_pages: int) -> Pages:
    """Read what a browser would show of an HTML page, in pages cut between blocks.

    Struck text and Word's comments are left out and told by a notice. Raises EmptyFile,
    UnsupportedType, NoText, Truncated (nested beyond reason), TooManyPages or TooLarge.
    """
    sheets = Sheets(max_pages, cut=PAGE_CHARACTERS)
    left = write_html(sheets, data)
    return sheets.close(), left.notices()


def read_mht(data: bytes, *, max_pages: int) -> Pages:
    """Read the page of a web archive, which Word also writes as .doc; raises as ``read_html``.

    Raises Truncated when there is no page in it.
    """
    page = web_page(data)
    if page is data:
        raise Truncated("no page")
    return read_html(page, max_pages=max_pages)


def web_page(data: bytes) -> bytes:
    """Return the first page of a web archive, the data itself when it is none."""
    if data.lstrip()[:1] == b"<":
        return data
    for part in email.message_from_bytes(data).walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and content:
                return content
    return data


def write_html(sheets: Sheets, data: bytes) -> LeftOut:
    """Write the text of an HTML page to ``sheets``; return what was left out."""
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

    left = LeftOut()
    walker = _Html(emit, sheets, left)
    try:
        walker.walk(root)
    except RecursionError as error:
        raise Truncated("nesting") from error
    walker.flush()
    return left


class _Html:
    """Walks a tree of elements and hands over one block of text at a time."""

    def __init__(
        self, emit: Callable[[str, str, bool], None], sheets: Sheets | None, left: LeftOut
    ) -> None:
        self._left = left
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
        look = element.get("style") or ""
        if tag in _STRUCK or _LINE_THROUGH.search(look):
            self._left.changes += any(text.strip() for text in element.itertext())
            return
        if not tag or tag in _SKIPPED or _is_hidden(element):
            return
        if _COMMENT.search(look) or element.get("class") == "MsoCommentReference":
            self._left.comments += _COMMENT.search(look) is not None
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
            outer, self._style = self._style, self._style or _contents(element)
            self._pre += tag == "pre"
            self._inside(element)
            self.flush()
            self._pre -= tag == "pre"
            self._style = outer
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
        covered: dict[int, int] = {}
        for row in _own_rows(table):
            sources = list(row.iterchildren("td", "th"))
            texts = [self._cell(cell) for cell in sources]
            if len(texts) == 1 and len(texts[0]) > 1:  # a frame around text is no row of a table
                sheets.table(rows, header=(header and len(rows) > 1) or headed(rows))
                rows, covered = [], {}
                self._inside(sources[0])
                self.flush()
                continue
            if not rows:
                header = all(local(cell) == "th" for cell in sources)
            rows.append(_in_columns(sources, ["\n".join(lines) for lines in texts], covered))
        sheets.table(rows, header=(header and len(rows) > 1) or headed(rows))

    def _cell(self, cell: Any) -> list[str]:
        """Return the blocks of a cell."""
        blocks: list[str] = []
        inner = _Html(_into(blocks), None, self._left)
        inner._inside(cell)
        inner.flush()
        return blocks


def _into(lines: list[str]) -> Callable[[str, str, bool], None]:
    return lambda text, _style, _bold: lines.append(text)


def _contents(element: Any) -> str:
    """Return the style of a line of Word's table of contents, "" for all else."""
    return "toc" if (element.get("class") or "").startswith("MsoToc") else ""


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


def _in_columns(sources: list[Any], texts: list[str], covered: dict[int, int]) -> list[str]:
    """Return a row with an empty cell wherever a merged one, of this row or above it, covers it.

    ``covered`` counts for each column the rows that cells above still cover; it is brought up to
    date.
    """
    row: list[str] = []
    below: dict[int, int] = {}
    for cell, text in zip(sources, texts, strict=True):
        while covered.get(len(row), 0):
            row.append("")
        across, down = _span(cell, "colspan"), _span(cell, "rowspan")
        below.update(dict.fromkeys(range(len(row), len(row) + across), down - 1))
        row += [text, *[""] * (across - 1)]
    while covered.get(len(row), 0):
        row.append("")
    for column, left in covered.items():
        below.setdefault(column, max(0, left - 1))
    covered.clear()
    covered.update(below)
    return row


def _span(cell: Any, name: str) -> int:
    told = (cell.get(name) or "").strip()
    if not (told.isascii() and told.isdigit()):
        return 1
    return min(max(1, int(told[:4])), _MAX_SPAN)


def _is_data(table: Any) -> bool:
    """Tell a table of data from one that only lays out the page."""
    if next(table.iterdescendants("table", *_HEADINGS), None) is not None:
        return False
    return any(len(list(row.iterchildren("td", "th"))) > 1 for row in _own_rows(table))


_FORMS = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
}  # fmt: skip


def _marker(item: Any) -> str:
    """Return the sign before a list item: its number in a numbered list, a bullet otherwise."""
    parent = item.getparent()
    form = _FORMS.get(parent.get("type") or "1") if parent is not None else None
    if parent is None or local(parent) != "ol" or form is None:
        return f"{BULLET} "
    start = parent.get("start") or "1"
    first = int(start) if start.isascii() and start.isdigit() and len(start) < 5 else 1
    if "_clausier" not in parent.attrib:  # number the siblings once: a long list stays linear
        parent.set("_clausier", "")
        for offset, sibling in enumerate(parent.iterchildren("li")):
            sibling.set("_clausier", str(first + offset))
    return f"{numeral(int(item.get('_clausier')), form)}. "


def _symbols(element: Any, text: str) -> str:
    """Turn letters set in a font of signs into the signs, as Word's own files hold them."""
    if not text.strip():
        return text
    font = f"{element.get('face') or ''} {element.get('style') or ''}".lower()
    return symbol_text(text) if "wingdings" in font else text
