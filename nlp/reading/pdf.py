"""PDF -> pages: text and word boxes by pdfium, tables where a page needs them."""

from __future__ import annotations

import contextlib
import ctypes
import re
import warnings
from collections.abc import Iterator
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as api

from corpus.documents import Cell, Line, Notice, Page, Row, Table, Word
from nlp.clean import Text, clean
from nlp.reading.errors import (
    Encrypted,
    NotAPdf,
    NoText,
    TooManyPages,
    Truncated,
)
from nlp.reading.layout import arrange, printed_lines
from nlp.reading.legibility import garbled
from nlp.reading.marks import drawn_boxes, form_marks
from nlp.reading.ruling import CellBox, Place, drawn_paths, ruled_cells

_WORD = re.compile(r"\S+")
_NO_INK = 3  # the render mode of text that is neither filled nor stroked
_STAMP = 300  # characters
_BOLD = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)


def read_pdf(
    data: bytes, *, max_pages: int, password: str | None = None
) -> tuple[tuple[Page, ...], tuple[Notice, ...]]:
    """Read the pages of a PDF.

    Raises NotAPdf, Truncated, Encrypted, TooManyPages or NoText (no page has text or a picture).
    Pages without text are reported by a notice; those to recognise are marked ``scan``.
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
        form = _form(document, notices)
        pages = [_read_page(document, index, form, notices) for index in range(count)]
    finally:
        document.close()
    codes = {notice.code for notice in notices}
    if codes == {"page-damaged"} and len(notices) >= count:
        raise Truncated
    if not any(page.text.strip() for page in pages) and not any(page.scan for page in pages):
        raise NoText
    return tuple(pages), tuple(notices)


def _open(data: bytes, password: str | None) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data, password=password)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise Encrypted from error
        raise Truncated(str(error)) from error


def _form(document: pdfium.PdfDocument, notices: list[Notice]) -> Any:
    """Open the environment that knows the state of fields, None for a document without form."""
    kind = document.get_formtype()
    if kind == api.FORMTYPE_NONE:
        return None
    if kind == api.FORMTYPE_XFA_FULL:  # its pages are made by a program that pdfium leaves out
        notices.append(Notice("xfa-form", 1))
    with warnings.catch_warnings(), contextlib.suppress(pdfium.PdfiumError):
        warnings.simplefilter("ignore", pdfium.PdfiumWarning)
        document.init_forms()
    return document.formenv


def _read_page(document: pdfium.PdfDocument, index: int, form: Any, notices: list[Notice]) -> Page:
    number = index + 1
    try:
        page = document[index]
    except pdfium.PdfiumError:
        notices.append(Notice("page-damaged", number))
        return Page(number, "", source="none")
    try:
        return _page(page, number, form, notices)
    except pdfium.PdfiumError:
        notices.append(Notice("page-damaged", number))
        return Page(number, "", source="none")
    finally:
        page.close()


def _page(page: Any, number: int, form: Any, notices: list[Notice]) -> Page:
    width, height = page.get_size()
    shown = _shown(page)
    paths = drawn_paths(page, shown)
    cells, alone = ruled_cells(paths, shown)
    textpage = page.get_textpage()
    try:
        raw = _characters(textpage)
        text = clean(raw)
        words = tuple(_words(text, _placer(textpage, shown)))
        marks = drawn_boxes(paths, alone, words)
        if form is not None:
            marks += form_marks(page, form, shown)
        text, words = arrange(text, words, height, marks)
        lines = tuple(_lines(text, words, textpage))
        invisible = bool(words) and _invisible(textpage, text.origin[words[0].start])
    finally:
        textpage.close()
    if (annotations := api.FPDFPage_GetAnnotCount(page)) > 0:
        kinds = _comments(page, annotations)
        if kinds:
            notices.append(Notice("comments-ignored", number, str(kinds)))
    if not any(c.isalnum() for c in text.value):
        scan = _pictured(page, shown) > 0
        notices.append(Notice("page-image" if scan else "page-empty", number))
        return Page(number, text.value, lines, words, (), width, height, "none", scan)
    if garbled(raw):
        notices.append(Notice("page-garbled", number))
        return Page(number, "", (), (), (), width, height, "none", scan=True)
    tables = (_table(rows, words) for rows in cells)
    return Page(
        number,
        text.value,
        lines,
        words,
        tuple(table for table in tables if table is not None),
        width,
        height,
        "ocr" if invisible else "text",
        # a stamp or a signature printed over a scan is not the page's text
        scan=len(text.value) < _STAMP and _pictured(page, shown) > 0.6 * width * height,
    )


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


def _placer(textpage: Any, shown: Place) -> Any:
    """Return a function (first, last character) -> (x0, y0, x1, y1) on the page as displayed."""
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
    for start, end, first, last in printed_lines(text.value, words):
        run = words[first:last]
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


def _invisible(textpage: Any, index: int) -> bool:
    """Tell whether a character is drawn with no ink: the layer that a scanner's OCR adds."""
    item = api.FPDFText_GetTextObject(textpage, index)
    return bool(item) and api.FPDFTextObj_GetTextRenderMode(item) == _NO_INK


def _pictured(page: Any, shown: Place) -> float:
    """Return the area that the page's pictures cover, in square points; they may overlap."""
    bounds = [ctypes.c_float() for _ in range(4)]
    area = 0.0
    for i in range(min(api.FPDFPage_CountObjects(page), 400)):
        item = api.FPDFPage_GetObject(page, i)
        if api.FPDFPageObj_GetType(item) not in (api.FPDF_PAGEOBJ_IMAGE, api.FPDF_PAGEOBJ_FORM):
            continue
        if api.FPDFPageObj_GetBounds(item, *(ctypes.byref(v) for v in bounds)):
            x0, y0, x1, y1 = shown(*(v.value for v in bounds))
            area += max(x1 - x0, 0.0) * max(y1 - y0, 0.0)
    return area


def _comments(page: Any, count: int) -> int:
    """Count the annotations that hold somebody's remark: notes, free text, marks, ink."""
    remarks = {
        api.FPDF_ANNOT_TEXT,
        api.FPDF_ANNOT_FREETEXT,
        api.FPDF_ANNOT_HIGHLIGHT,
        api.FPDF_ANNOT_STRIKEOUT,
        api.FPDF_ANNOT_UNDERLINE,
        api.FPDF_ANNOT_SQUIGGLY,
        api.FPDF_ANNOT_STAMP,
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
