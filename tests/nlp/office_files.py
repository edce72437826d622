"""Office files made for the tests, and what is checked of the pages read from them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import openpyxl
from docx.oxml import parse_xml as word_xml
from docx.oxml.ns import nsdecls

from corpus.documents import Page

W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"


def saved(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def word(*paragraphs: str, body: str = "") -> bytes:
    """A Word file of paragraphs, or of raw XML put before the section properties."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if body:
        put(document, body)
    return saved(document)


def put(document: Any, body: str) -> None:
    spaces = f'{nsdecls("w", "wp", "a")} xmlns:w14="{W14}" xmlns:mc="{MC}"'
    spaces += ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    spaces += ' xmlns:v="urn:schemas-microsoft-com:vml"'
    spaces += ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    end = document.element.body.sectPr
    for element in list(word_xml(f"<w:body {spaces}>{body}</w:body>")):
        end.addprevious(element)


def edited(data: bytes, changes: dict[str, Callable[[bytes], bytes] | bytes]) -> bytes:
    """The package with parts rewritten or added."""
    stream = io.BytesIO()
    left = dict(changes)
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            change = left.pop(info.filename, None)
            part = old.read(info)
            new.writestr(info.filename, change(part) if callable(change) else change or part)
        for name, part in left.items():
            assert isinstance(part, bytes), name
            new.writestr(name, part)
    return stream.getvalue()


def checked(pages: tuple[Page, ...]) -> None:
    """Every page keeps the promises of a page without geometry."""
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        texts = [page.text[line.start : line.end] for line in page.lines]
        assert texts == [line for line in page.text.split("\n") if line]
        for start, end in runs(page):
            run = page.text[start:end]
            assert run == run.strip() != ""
            assert any(line.start <= start and end <= line.end for line in page.lines)
        assert page.source == ("text" if page.text else "none")


def runs(page: Page) -> list[tuple[int, int]]:
    return [r for t in page.tables for row in t.rows for cell in row.cells for r in cell.runs]


def cells(page: Page, table: int = 0) -> list[list[str]]:
    return [
        [" / ".join(page.text[a:b] for a, b in cell.runs) for cell in row.cells]
        for row in page.tables[table].rows
    ]


def styles(page: Page) -> list[tuple[str, str]]:
    return [(line.style, page.text[line.start : line.end]) for line in page.lines]


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def level(at: int, form: str, text: str, more: str = "", *, start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def definition(number: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{number}">{"".join(levels)}</w:abstractNum>'


def sheet(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return saved(book)


def open_text(*blocks: Any, prepare: Callable[[Any], None] | None = None) -> bytes:
    from odf.opendocument import OpenDocumentText

    document = OpenDocumentText()
    if prepare is not None:
        prepare(document)
    for block in blocks:
        document.text.addElement(block)
    return saved(document)


def open_sheets(**tables: list[list[str]]) -> bytes:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableRow
    from odf.text import P

    document = OpenDocumentSpreadsheet()
    for name, rows in tables.items():
        table = Table(name=name)
        for values in rows:
            row = TableRow()
            for value in values:
                cell = TableCell()
                if value:
                    cell.addElement(P(text=value))
                row.addElement(cell)
            table.addElement(row)
        document.spreadsheet.addElement(table)
    return saved(document)


def notices(reader: Any, data: bytes) -> dict[str, str]:
    return {notice.code: notice.detail for notice in reader(data, max_pages=50)[1]}
