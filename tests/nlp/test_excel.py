from __future__ import annotations

import datetime
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from corpus.documents import Page
from nlp.reading import excel, sniff
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

    @pytest.mark.parametrize(
        ("value", "form", "shown"),
        [
            (0.125, "0%", "13 %"), (0.125, "0.0%", "12,5 %"), (40, "0\\%", "40 %"),
            (350, '0" heures"', "350 heures"), (3, '"Lot "00', "Lot 03"),
            (-12.5, '#,##0.00\\ "€";[Red]\\-#,##0.00\\ "€"', "-12,50 €"),
            (1234567.891, "#,##0.##", "1 234 567,89"), (1234, "#,##0.##", "1 234"),
            (12, "#,##0.00\\ [$€-40C]", "12,00 €"), (1234567, "#,##0,", "1234567"),
            (1, '"Oui";"Oui";"Non"', "Oui"), (0, '"Oui";"Oui";"Non"', "Non"),
            (0.5, "General", "0,5"), (2.0, "General", "2"), (1e15, "0", "1000000000000000"),
            (12345, "0.00E+00", "12345"), (-3, "0", "-3"), (0.07, "0%", "7 %"),
            (datetime.time(8, 30), "hh:mm", "08:30"), (1.5, "[h]:mm", "36:00"),
            (datetime.datetime(2026, 3, 1, 9, 5), "dd/mm/yyyy hh:mm", "01/03/2026 09:05"),
            (datetime.date(2026, 3, 1), "[$-40C]d mmmm yyyy;@", "01/03/2026"),
            (46082, "[Red]0", "46082"), (1e12, "dd/mm/yyyy", "1000000000000"),
        ],
    )  # fmt: skip
    def test_values_are_written_as_they_show(self, value: Any, form: str, shown: str) -> None:
        book = openpyxl.Workbook()
        book.active["A1"] = value
        book.active["A1"].number_format = form
        assert self.read(saved(book))[0].text == f"Sheet\n\n{shown}"

    def test_days_counted_from_1904(self) -> None:
        book = openpyxl.Workbook()
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        book.active["A1"] = datetime.date(2026, 3, 1)
        assert self.read(saved(book))[0].text == "Sheet\n\n01/03/2026"

    def test_what_is_hidden_is_not_read_but_told(self) -> None:
        book = openpyxl.Workbook()
        seen = book.active
        for row in (("Poste", "Prix", "x"), ("caché", 1, "x"), ("plié", 2, "x"), ("vu", 3, "x")):
            seen.append(row)
        seen.row_dimensions[2].hidden = True
        seen.row_dimensions.group(3, 3, outline_level=1, hidden=True)
        seen.column_dimensions["C"].hidden = True
        for title, state in (("Listes", "hidden"), ("Calculs", "veryHidden")):
            book.create_sheet(title)["A1"] = "Insertion"
            book[title].sheet_state = state
        book.create_sheet("BPU")["A1"] = "fin"
        data = saved(book)
        assert [page.text for page in self.read(data)] == [
            "Sheet\n\nPoste | Prix\nplié | 2\nvu | 3", "BPU\n\nfin",
        ]  # fmt: skip
        # Two sheets, the three cells of row 2 and the three others of column C.
        assert notices(read_xlsx, data) == {"hidden-left-out": "8"}

    def test_struck_words_and_cells(self) -> None:
        book = openpyxl.Workbook()
        taken_back = InlineFont(strike=True)
        book.active["A1"] = CellRichText("Marché ", TextBlock(taken_back, "non "), "réservé")
        book.active["B1"] = "jamais"
        book.active["B1"].font = Font(strike=True)
        data = saved(book)
        assert self.read(data)[0].text == "Sheet\n\nMarché réservé"
        assert notices(read_xlsx, data) == {"tracked-changes": "2"}

    def test_tick_boxes_made_of_letters(self) -> None:
        book = openpyxl.Workbook()
        for row in (("þ", "Marché réservé"), ("o", "Non"), ("P", "Oui")):
            book.active.append(row)
        for name, font in (("A1", "Wingdings"), ("A2", "Wingdings"), ("A3", "Wingdings 2")):
            book.active[name].font = Font(name=font)
        text = self.read(saved(book))[0].text
        assert text == "Sheet\n\n☑ | Marché réservé\n☐ | Non\n✓ | Oui"

    def test_strings_of_every_kind(self) -> None:
        def rewrite(part: bytes) -> bytes:
            row = (
                b'<row><c t="inlineStr"><is><r><t>en</t></r><r><t> ligne</t></r></is></c>'
                b'<c t="str"><f>A1&amp;B1</f><v>formule</v></c><c t="d"><v>2026-03-01</v></c>'
                b'<c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c><c t="s"><v>99</v></c>'
                b'<c t="s"><v>0</v></c><c r="J1" s="77"><v>7</v></c><c><v>abc</v></c></row>'
            )
            return re.sub(rb"(?<=<sheetData>).*(?=</sheetData>)", row, part)

        shared = (
            "<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si>"
            "<t>partagée_x000D_</t><rPh><t>phonétique</t></rPh></si></sst>"
        )
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
        link = f'<Relationship Id="s1" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
        data = edited(
            sheet(("x",)),
            {
                "xl/worksheets/sheet1.xml": rewrite,
                "xl/sharedStrings.xml": shared.encode(),
                "xl/_rels/workbook.xml.rels": lambda part: part.replace(
                    b"</Relationships>", link.encode()
                ),
            },
        )
        assert cells(self.read(data)[0]) == [
            ["en ligne", "formule", "2026-03-01", "VRAI", "", "", "partagée", "", "", "7", "abc"]
        ]

    def test_sheets_of_charts_and_odd_styles_do_not_lose_the_file(self) -> None:
        book = openpyxl.Workbook()
        book.active["A1"] = "x"
        book.create_chartsheet("Graphique")
        book.create_sheet("BPU")["A1"] = "y"
        odd = {
            "xl/styles.xml": lambda p: re.sub(rb"<fills.*</fills>", b"<fills><fill/></fills>", p)
        }
        pages = self.read(edited(saved(book), odd))
        assert [page.text for page in pages] == ["Sheet\n\nx", "BPU\n\ny"]

    def test_strict_files(self) -> None:
        def strict(part: bytes) -> bytes:
            for old, new in (
                (b"schemas.openxmlformats.org/spreadsheetml/2006/main",
                 b"purl.oclc.org/ooxml/spreadsheetml/main"),
                (b"schemas.openxmlformats.org/officeDocument/2006/relationships",
                 b"purl.oclc.org/ooxml/officeDocument/relationships"),
            ):  # fmt: skip
                part = part.replace(old, new)
            return part

        data = sheet(("Clause", 0.4))
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
        changed = edited(data, dict.fromkeys(names, strict))
        assert self.read(changed)[0].text == "Sheet\n\nClause | 0,4"

    @pytest.mark.parametrize(
        "kind",
        [b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
         b"application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml"],
    )  # fmt: skip
    def test_macros_and_templates_are_workbooks(self, kind: bytes) -> None:
        plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
        changes = {"[Content_Types].xml": lambda part: part.replace(plain, kind)}
        data = edited(sheet(("Clause", 0.4)), changes)
        assert sniff("x.bin", data) == "xlsx"
        assert self.read(data)[0].text == "Sheet\n\nClause | 0,4"

    def test_a_protected_sheet_is_read(self) -> None:
        book = openpyxl.Workbook()
        book.active["A1"] = "x"
        book.active.protection.sheet = book.security.lockStructure = True
        assert self.read(saved(book))[0].text == "Sheet\n\nx"

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
