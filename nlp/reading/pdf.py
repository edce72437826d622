"""PDF -> pages: text and word boxes by pdfium, tables where a page needs them."""

from __future__ import annotations

import contextlib
import ctypes
import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as api

from corpus.documents import Cell, Line, Notice, Page, Row, Table, Word
from nlp.clean import Text, clean
from nlp.reading.aligned import Rule, aligned_tables
from nlp.reading.characters import characters
from nlp.reading.errors import (
    Encrypted,
    NotAPdf,
    NoText,
    TooManyPages,
    Truncated,
)
from nlp.reading.layout import arrange, printed_lines
from nlp.reading.legibility import damaged_streams, garbled
from nlp.reading.marks import drawn_boxes, form_marks
from nlp.reading.ruling import CellBox, Edge, Place, drawn_paths, drawn_rules, ruled_cells

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
    if count := damaged_streams(data):
        notices.append(Notice("part-damaged", detail=str(count)))
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
    edges = drawn_rules(paths, shown)
    cells, alone = ruled_cells(edges)
    textpage = page.get_textpage()
    try:
        raw = characters(textpage)
        text = clean(raw)
        words = tuple(_words(text, textpage, shown))
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
    tables = [table for rows in cells if (table := _table(rows, words)) is not None]
    tables += _aligned(text.value, words, lines, height, tables, edges)
    return Page(
        number,
        text.value,
        lines,
        words,
        tuple(tables),
        width,
        height,
        "ocr" if invisible else "text",
        # a stamp or a signature printed over a scan is not the page's text
        scan=len(text.value) < _STAMP and _pictured(page, shown) > 0.6 * width * height,
    )


def _shown(page: Any) -> Place:
    """Return a function from a box of the page's space to one of the page as displayed."""
    left, bottom, right, top = page.get_cropbox()
    match page.get_rotation():
        case 90:
            return lambda x0, y0, x1, y1: (y0 - bottom, x0 - left, y1 - bottom, x1 - left)
        case 180:
            return lambda x0, y0, x1, y1: (right - x1, y0 - bottom, right - x0, y1 - bottom)
        case 270:
            return lambda x0, y0, x1, y1: (top - y1, right - x1, top - y0, right - x0)
        case _:
            return lambda x0, y0, x1, y1: (x0 - left, top - y1, x1 - left, top - y0)


def _words(text: Text, textpage: Any, shown: Place) -> Iterator[Word]:
    """Yield the words with their places on the page as displayed.

    This is half of our own work on a page: two calls of pdfium a word, nothing else.
    """
    origin = text.origin
    one, two = api.FS_RECTF(), api.FS_RECTF()
    first, second = ctypes.byref(one), ctypes.byref(two)
    get, handle = api.FPDFText_GetLooseCharBox, textpage.raw
    for match in _WORD.finditer(text.value):
        start, end = match.span()
        get(handle, origin[start], first)
        x0, y0, x1, y1 = one.left, one.bottom, one.right, one.top
        if end - start > 1:
            get(handle, origin[end - 1], second)
            left, low, right, high = two.left, two.bottom, two.right, two.top
            x0 = left if left < x0 else x0
            y0 = low if low < y0 else y0
            x1 = right if right > x1 else x1
            y1 = high if high > y1 else y1
        yield Word(start, end, *shown(x0, y0, x1, y1))


def _lines(text: Text, words: tuple[Word, ...], textpage: Any) -> Iterator[Line]:
    for start, end, first, last in printed_lines(text.value, words):
        run = words[first:last]
        _, _, x0, y0, x1, y1, _ = zip(*run, strict=True)
        bold = _bold(textpage, text.origin[run[0].start])
        yield Line(start, end, min(x0), min(y0), max(x1), max(y1), round(_size(run), 1), bold)


def _size(run: Sequence[Word]) -> float:
    """Return how high a line's letters stand, whether it goes along, up or down the page."""
    one, two = run[0], run[-1]
    if two is not one and one.x0 == two.x0 and one.x1 == two.x1:
        return one.x1 - one.x0
    return one.y1 - one.y0


def _bold(textpage: Any, index: int) -> bool:
    # The weight pdfium reports is wrong on many files; the font's name is not.
    name = (ctypes.c_char * 80)()
    api.FPDFText_GetFontInfo(textpage.raw, index, name, 80, None)
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
        places = [box for box in row if box is not None]
        top, bottom = min(b[1] for b in places), max(b[3] for b in places)
        level = [w for w in inside if top <= (w.y0 + w.y1) / 2 <= bottom]
        # What a merged cell covers, beside it or below it, is a cell without words.
        cells = tuple(
            Cell(_runs([w for w in level if box is not None and _within(w, box)])) for box in row
        )
        if any(cell.runs for cell in cells):
            filled.append(Row(cells))
    if len(filled) < 2 or max(sum(box is not None for box in row) for row in rows) < 2:
        return None
    return Table(tuple(filled), header=True)


def _aligned(
    value: str,
    words: tuple[Word, ...],
    lines: tuple[Line, ...],
    height: float,
    ruled: list[Table],
    edges: list[Edge],
) -> Iterator[Table]:
    """Yield the tables that have no vertical rules, outside those that have."""
    if ruled:
        runs = [run for table in ruled for row in table.rows for c in row.cells for run in c.runs]
        taken = {start for first, last in runs for start in range(first, last)}
        words = tuple(w for w in words if w.start not in taken)
    rules = [Rule(e["x0"], e["x1"], e["top"]) for e in edges if e["orientation"] == "h"]
    for table in aligned_tables(value, words, lines, height, rules):
        rows = (Row(tuple(Cell(_runs(cell)) for cell in row)) for row in table.rows)
        yield Table(tuple(rows), table.header)


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
