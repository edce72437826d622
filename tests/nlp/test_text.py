from __future__ import annotations

import pytest

from nlp.reading.errors import Truncated
from nlp.reading.text import Sheets, headed, parse_xml

from .office_files import cells, checked


class TestXml:
    def test_entities_are_refused_in_any_encoding(self) -> None:
        bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
        for data in (bomb.encode(), bomb.encode("utf-16")):
            with pytest.raises(Truncated, match="entity"):
                parse_xml(data)

    def test_external_entities_are_refused(self) -> None:
        data = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'
        with pytest.raises(Truncated, match="entity"):
            parse_xml(data)

    def test_parameter_entities_are_refused(self) -> None:
        with pytest.raises(Truncated, match="entity"):
            parse_xml(b'<!DOCTYPE a [<!ENTITY % b SYSTEM "x">%b;]><a/>')

    @pytest.mark.parametrize("data", [b"<a>", b"", b"a", b"<a>\0</a>", b"\x4c\x6f\xa7\x94\x93"])
    def test_broken_xml_is_damaged(self, data: bytes) -> None:
        with pytest.raises(Truncated):
            parse_xml(data)

    def test_a_type_without_entities_is_fine(self) -> None:
        assert parse_xml(b'<!DOCTYPE a PUBLIC "x" "y.dtd"><a>b</a>').text == "b"


class TestSheets:
    def test_cells_are_runs_of_the_page(self) -> None:
        sheets = Sheets(9)
        sheets.paragraph("avant")
        sheets.table([["a", "b\nc", "d"], ["", "", ""], ["", "e", ""]], header=True)
        sheets.paragraph("après")
        pages = sheets.close()
        checked(pages)
        assert pages[0].text == "avant\n\na\nb\nc\nd\ne\n\naprès"
        assert cells(pages[0]) == [["a", "b / c", "d"], ["", "e", ""]]

    def test_breaks_inside_and_after_a_table(self) -> None:
        sheets = Sheets(9)
        rows = [["a", "1"], ["b", "2"], ["c", "3"]]
        sheets.table(rows, header=True, breaks=frozenset((1, 3)))
        sheets.paragraph("fin")
        pages = sheets.close()
        checked(pages)
        assert [page.text for page in pages] == ["a | 1", "b | 2\nc | 3", "fin"]
        assert [t.header for page in pages for t in page.tables] == [True, False]

    def test_two_breaks_are_one(self) -> None:
        sheets = Sheets(9)
        sheets.turn()
        sheets.line("un")
        sheets.turn()
        sheets.turn()
        assert sheets.number == 2
        sheets.line("deux")
        assert [page.text for page in sheets.close()] == ["un", "deux"]

    @pytest.mark.parametrize(
        ("rows", "expected"),
        [
            ([["Critère", "Poids"], ["Prix", "60"]], True),
            ([["Objet", "Nettoyage"], ["Lieu", "Brest"]], False),
            ([["Durée", "12 mois"], ["Lieu", "Brest"]], False),
            ([["Prix", ""], ["a", "1"]], False),
            ([["Critère", "Poids"]], False),
        ],
    )
    def test_headers(self, rows: list[list[str]], expected: bool) -> None:
        assert headed(rows) is expected
