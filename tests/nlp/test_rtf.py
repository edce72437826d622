from __future__ import annotations

import pytest

from nlp.reading.errors import (
    EmptyFile,
    NoText,
    ReadingError,
    TooManyPages,
    UnsupportedType,
)
from nlp.reading.rtf import read_rtf

from .office_files import cells


class TestRtf:
    @pytest.fixture(autouse=True)
    def _needs_library(self) -> None:
        pytest.importorskip("striprtf")

    def test_text_and_accents(self) -> None:
        data = (
            rb"{\rtf1\ansi\ansicpg1252 Clause d\rquote insertion : \'e9t\'e9 \u8364?\par Lot 2\par}"
        )
        pages, notices = read_rtf(data, max_pages=5)
        assert pages[0].text == "Clause d'insertion : été €\n\nLot 2"
        assert notices == ()

    def test_table_rows(self) -> None:
        data = (
            rb"{\rtf1 Avant\par Crit\'e8re\cell Poids\cell\row Prix\cell 60\cell\row Apr\'e8s\par}"
        )
        [page] = read_rtf(data, max_pages=5)[0]
        assert cells(page) == [["Critère", "Poids"], ["Prix", "60"]]
        assert page.tables[0].header
        assert page.text == "Avant\n\nCritère | Poids\nPrix | 60\n\nAprès"

    def test_half_of_a_pair_does_not_break_the_text(self) -> None:
        [page] = read_rtf(rb"{\rtf1 \u-10179?\u-8703? \u-10179? fin}", max_pages=5)[0]
        assert page.text.encode().decode() == page.text
        assert "\U0001f601" in page.text

    @pytest.mark.parametrize(
        ("data", "error"),
        [(b"", EmptyFile), (b"bonjour", UnsupportedType), (rb"{\rtf1 }", NoText),
         (rb"{\rtf1 {\pict\bin x}}", NoText)],
    )  # fmt: skip
    def test_what_is_no_rtf(self, data: bytes, error: type[ReadingError]) -> None:
        with pytest.raises(error):
            read_rtf(data, max_pages=5)

    def test_pages_are_cut(self) -> None:
        data = rb"{\rtf1 " + rb"\par ".join([b"lot " * 740] * 4) + b"}"
        assert len(read_rtf(data, max_pages=2)[0]) == 2
        with pytest.raises(TooManyPages):
            read_rtf(data, max_pages=1)
