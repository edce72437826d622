from __future__ import annotations

import datetime
import re

import openpyxl
import pytest

from corpus.documents import Page
from nlp.reading import excel
from nlp.reading.errors import TooLarge, TooManyPages, UnsupportedType
from nlp.reading.excel import read_xlsx

from .office_files import cells, checked, edited, notices, saved, sheet, styles


class TestExcel:
    def read(self, data: bytes, max_pages: int = 50) -> tuple[Page, ...]:
        pages, _ = read_xlsx(data, max_pages=max_pages)
        checked(pages)
        return pages

    def test_a_page_a_sheet_and_a_row_a_row(self) -> None:
        book = openpyxl.Workbook()
        first = book.active
        first.title = "DPGF"
        first.append(["Décomposition du prix"])
        first.append([])
        first.append(["Poste", "Prix", "Part"])
        first.append(["Nettoyage", 1234.5, 0.4])
        first["B4"].number_format = '#,##0.00 "€"'
        first["C4"].number_format = "0%"
        book.create_sheet("Vide")
        last = book.create_sheet("BPU")
        last["C3"] = datetime.datetime(2026, 3, 1, tzinfo=None)
        last["D3"] = True
        pages = self.read(saved(book))
        assert [page.text for page in pages] == [
            "DPGF\n\nDécomposition du prix\n\nPoste | Prix | Part\nNettoyage | 1 234,50 € | 40 %",
            "",
            "BPU\n\n01/03/2026 | VRAI",
        ]
        assert styles(pages[0])[0] == ("h1", "DPGF")
        assert cells(pages[0], 1) == [
            ["Poste", "Prix", "Part"],
            ["Nettoyage", "1 234,50 €", "40 %"],
        ]
        assert [t.header for t in pages[0].tables] == [False, True]
        assert cells(pages[2]) == [["", "", "01/03/2026", "VRAI"]]

    def test_values_not_formulas_and_no_errors(self) -> None:
        data = sheet(("a", "=1+1", "#REF!"))
        assert self.read(data)[0].text.endswith("\n\na")

    def test_rows_and_columns_are_bounded_and_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(excel, "MAX_ROWS", 3)
        monkeypatch.setattr(excel, "MAX_COLUMNS", 2)
        data = sheet(*((f"r{n}", n, "au-delà") for n in range(5)))
        assert self.read(data)[0].text == "Sheet\n\nr0 | 0\nr1 | 1\nr2 | 2"
        assert notices(read_xlsx, data) == {"rows-left-out": "3"}
        assert notices(read_xlsx, sheet(("a", "b"), ("c", "d"), ("e", "f"))) == {}

    def test_a_cell_far_away_costs_nothing(self) -> None:
        book = openpyxl.Workbook()
        book.active["A1"] = "ici"
        book.active["XFD1048576"] = "là-bas"
        assert self.read(saved(book))[0].text == "Sheet\n\nici"

    def test_a_false_size_is_not_believed(self) -> None:
        data = edited(
            sheet(("a", "b"), ("c", "d")),
            {"xl/worksheets/sheet1.xml": lambda p: re.sub(rb'ref="[A-Z0-9:]+"', b'ref="A1:A1"', p)},
        )
        assert self.read(data)[0].text == "Sheet\n\na | b\nc | d"

    def test_a_shared_string_repeated_without_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("nlp.reading.text.MAX_CHARACTERS", 50_000)
        data = sheet(*(("lot " * 500,) * 10 for _ in range(10)))
        assert len(data) < 20_000
        with pytest.raises(TooLarge):
            self.read(data)

    def test_too_many_sheets(self) -> None:
        book = openpyxl.Workbook()
        for _ in range(3):
            book.create_sheet().append(["x"])
        with pytest.raises(TooManyPages):
            self.read(saved(book), 3)

    def test_comments_are_told(self) -> None:
        from openpyxl.comments import Comment

        book = openpyxl.Workbook()
        book.active["A1"] = "x"
        book.active["A1"].comment = Comment("à revoir", "moi")
        assert notices(read_xlsx, saved(book)) == {"comments-ignored": "1"}

    def test_binary_workbooks_are_not_read(self) -> None:
        with pytest.raises(UnsupportedType):
            self.read(edited(sheet(("a",)), {"xl/workbook.bin": b"x"}))
