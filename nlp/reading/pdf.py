"""PDF -> pages: text and word boxes by pdfium, tables where a page needs them."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as api

from corpus.documents import Cell, Line, Notice, Page, Row, Table, Word
from nlp.clean import Text, clean
from nlp.reading.errors import (
    Encrypted,
    ImageOnly,
    NotAPdf,
    NoText,
    TooManyPages,
    Truncated,
)
from nlp.reading.ruling import CellBox, Place, ruled_tables

_WORD = re.compile(r"\S+")
_LINE = re.compile(r"[^\n]+")
_BOLD = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)


def read_pdf(
    data: bytes, *, max_pages: int, password: str | None = None
) -> tuple[tuple[Page, ...], tuple[Notice, ...]]:
    """Read the pages of a PDF.

    Raises NotAPdf, Truncated, Encrypted, TooManyPages, ImageOnly (every page is a picture) or
    NoText. Pages without text in a file that has some are reported by a notice.
    """
    if b"%PDF-" not in data[:1024]:
        raise NotAPdf
    document = _open(data, password)
    try:
        count = len(document)
        if count == 0:
            raise Truncated
        if count > max_pages:
            raise TooManyPages(f"{count}>{max_pages}")
        notices: list[Notice] = []
        pages = [_read_page(document, index, notices) for index in range(count)]
        if all(notice.code == "page-damaged" for notice in notices) and len(notices) >= count:
            raise Truncated
        if not any(page.text.strip() for page in pages):
            raise ImageOnly if any(_has_image(document, i) for i in range(count)) else NoText
    finally:
        document.close()
    return tuple(pages), tuple(notices)


def _open(data: bytes, password: str | None) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data, password=password)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise Encrypted from error
        raise Truncated(str(error)) from error


def _read_page(document: pdfium.PdfDocument, index: int, notices: list[Notice]) -> Page:
    number = index + 1
    try:
        page = document[index]
    except pdfium.PdfiumError:
        notices.append(Notice("page-damaged", number))
        return Page(number, "", source="none")
    try:
        width, height = page.get_size()
        textpage = page.get_textpage()
        try:
            raw = _characters(textpage)
            text = clean(raw)
            place = _placer(page, textpage)
            words = tuple(_words(text, place))
            lines = tuple(_lines(text, words, textpage))
        finally:
            textpage.close()
        has_text = any(c.isalnum() for c in text.value)
        if not has_text:
            notices.append(Notice("page-image" if _images(page) else "page-empty", number))
        if (annotations := api.FPDFPage_GetAnnotCount(page)) > 0:
            kinds = _comments(page, annotations)
            if kinds:
                notices.append(Notice("comments-ignored", number, str(kinds)))
        ruled = (_table(rows, words) for rows in ruled_tables(page, _shown(page)))
        tables = tuple(table for table in ruled if table is not None)
        return Page(
            number, text.value, lines, words, tables, width, height, "text" if has_text else "none"
        )
    except pdfium.PdfiumError:
        notices.append(Notice("page-damaged", number))
        return Page(number, "", source="none")
    finally:
        page.close()


def _characters(textpage: Any) -> str:
    """Return the page's characters so that string offsets are pdfium's character indices."""
    count = textpage.count_chars()
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = api.FPDFText_GetText(textpage, 0, count, buffer)
    if written == count + 1:
        value = bytes(buffer)[: count * 2].decode("utf-16-le", "replace")
        if len(value) == count:
            return value
    # Characters outside the basic plane or skipped by pdfium shift the offsets: go one by one.
    codes = (api.FPDFText_GetUnicode(textpage, i) for i in range(count))
    return "".join(chr(c) if 0 < c < 0x110000 and not 0xD800 <= c < 0xE000 else " " for c in codes)


def _shown(page: Any) -> Place:
    """Return a function from a box of the page's space to one of the page as displayed."""
    left, bottom, right, top = page.get_cropbox()
    rotation = page.get_rotation()

    def shown(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        if rotation == 90:
            return y0 - bottom, x0 - left, y1 - bottom, x1 - left
        if rotation == 180:
            return right - x1, y0 - bottom, right - x0, y1 - bottom
        if rotation == 270:
            return top - y1, right - x1, top - y0, right - x0
        return x0 - left, top - y1, x1 - left, top - y0

    return shown


def _placer(page: Any, textpage: Any) -> Any:
    """Return a function (first, last character) -> (x0, y0, x1, y1) on the page as displayed."""
    shown = _shown(page)
    rect = api.FS_RECTF()
    pointer = ctypes.byref(rect)
    get = api.FPDFText_GetLooseCharBox

    def place(first: int, last: int) -> tuple[float, float, float, float]:
        get(textpage, first, pointer)
        x0, y0, x1, y1 = rect.left, rect.bottom, rect.right, rect.top
        if last != first:
            get(textpage, last, pointer)
            x0 = min(x0, rect.left)
            y0 = min(y0, rect.bottom)
            x1 = max(x1, rect.right)
            y1 = max(y1, rect.top)
        return shown(x0, y0, x1, y1)

    return place


def _words(text: Text, place: Any) -> Iterator[Word]:
    origin = text.origin
    for match in _WORD.finditer(text.value):
        start, end = match.span()
        yield Word(start, end, *place(origin[start], origin[end - 1]))


def _lines(text: Text, words: tuple[Word, ...], textpage: Any) -> Iterator[Line]:
    at = 0
    for match in _LINE.finditer(text.value):
        start, end = match.span()
        first = at
        while at < len(words) and words[at].start < end:
            at += 1
        if at == first:
            continue
        run = words[first:at]
        index = text.origin[run[0].start]
        yield Line(
            start,
            end,
            min(w.x0 for w in run),
            min(w.y0 for w in run),
            max(w.x1 for w in run),
            max(w.y1 for w in run),
            round(run[0].y1 - run[0].y0, 1),
            _bold(textpage, index),
        )


def _bold(textpage: Any, index: int) -> bool:
    # The weight pdfium reports is wrong on many files; the font's name is not.
    name = ctypes.create_string_buffer(80)
    flags = ctypes.c_int()
    api.FPDFText_GetFontInfo(textpage, index, name, 80, ctypes.byref(flags))
    return bool(_BOLD.search(name.value))


def _images(page: Any) -> bool:
    count = min(api.FPDFPage_CountObjects(page), 200)
    kinds = (api.FPDFPageObj_GetType(api.FPDFPage_GetObject(page, i)) for i in range(count))
    return any(k in (api.FPDF_PAGEOBJ_IMAGE, api.FPDF_PAGEOBJ_FORM) for k in kinds)


def _has_image(document: pdfium.PdfDocument, index: int) -> bool:
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return False
    try:
        return _images(page)
    finally:
        page.close()


def _comments(page: Any, count: int) -> int:
    """Count the annotations that hold somebody's remark: notes, free text, marks, ink."""
    remarks = {
        api.FPDF_ANNOT_TEXT,
        api.FPDF_ANNOT_FREETEXT,
        api.FPDF_ANNOT_HIGHLIGHT,
        api.FPDF_ANNOT_STRIKEOUT,
        api.FPDF_ANNOT_CARET,
        api.FPDF_ANNOT_INK,
    }
    found = 0
    for i in range(min(count, 500)):
        annotation = api.FPDFPage_GetAnnot(page, i)
        if api.FPDFAnnot_GetSubtype(annotation) in remarks:
            found += 1
        api.FPDFPage_CloseAnnot(annotation)
    return found


def _table(rows: list[list[CellBox | None]], words: tuple[Word, ...]) -> Table | None:
    """Fill the cells of a ruled table with runs of the page's own text."""
    boxes = [box for row in rows for box in row if box is not None]
    x0, y0 = min(b[0] for b in boxes), min(b[1] for b in boxes)
    x1, y1 = max(b[2] for b in boxes), max(b[3] for b in boxes)
    inside = [w for w in words if _within(w, (x0, y0, x1, y1))]
    filled = []
    for row in rows:
        cells = tuple(
            Cell(_runs([w for w in inside if _within(w, box)])) for box in row if box is not None
        )
        if any(cell.runs for cell in cells):
            filled.append(Row(cells))
    if len(filled) < 2 or max(len(row.cells) for row in filled) < 2:
        return None
    return Table(tuple(filled), header=True)


def _within(word: Word, box: tuple[float, float, float, float]) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _runs(words: list[Word]) -> tuple[tuple[int, int], ...]:
    runs: list[tuple[int, int]] = []
    for word in words:
        if runs and word.start - runs[-1][1] <= 1:
            runs[-1] = (runs[-1][0], word.end)
        else:
            runs.append((word.start, word.end))
    return tuple(runs)
