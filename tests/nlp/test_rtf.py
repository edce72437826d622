from __future__ import annotations

import contextlib
import time

import pytest

from corpus.documents import Page
from nlp.reading.errors import (
    EmptyFile,
    NoText,
    ReadingError,
    TooManyPages,
    Truncated,
    UnsupportedType,
)
from nlp.reading.rtf import read_rtf

from .office_files import cells, checked, styles


def rtf(body: str, head: str = "") -> bytes:
    return ("{\\rtf1\\ansi\\ansicpg1252 " + head + body + "}").encode("latin-1")


def read(body: str, head: str = "") -> tuple[Page, ...]:
    pages, _ = read_rtf(rtf(body, head), max_pages=20)
    checked(pages)
    return pages


class TestRtf:
    def test_text_and_accents(self) -> None:
        data = rtf(r"Clause d\rquote insertion : \'e9t\'e9 \u8364?\par Lot 2\par")
        pages, notices = read_rtf(data, max_pages=5)
        assert pages[0].text == "Clause d'insertion : été €\n\nLot 2"
        assert notices == ()

    def test_characters(self) -> None:
        [page] = read(
            r"a\~b\_c\-d\emdash e\endash f\ldblquote g\rdblquote\tab h\{i\}\\\par"
            "\n{\\b j}k\r\nl\\par \\uc2\\u8364EU m\\uc0\\u8364 n{\\uc1\\u8364?}\\u8364?"
        )
        assert page.text == "a b-cd—e–f“g” h{i}\\\n\njkl\n\n€ m€n€€?"

    def test_other_code_pages(self) -> None:
        assert read(r"\ansicpg1250 \'b9")[0].text == "ą"
        assert read(r"\pca \'82")[0].text == "é"
        assert read(r"\ansicpg99999 \'e9")[0].text == "é"
        assert read("\xe9")[0].text == "é"

    def test_what_prints_nothing(self) -> None:
        [page] = read(
            r"{\colortbl;\red0;}{\info{\title x}}{\pict\wmetafile8 0102}{\*\inconnu y}"
            r"{\*\bkmkstart z}vu{\upr{ansi}{\*\ud{unicode \u8364?}}}{\xe{entr\'e9e}}"
            "{\\pict\\bin5 }}{{\\}{\\object{\\*\\objdata 00}{\\result objet}}",
        )
        assert page.text == "vuunicode €objet"

    def test_table_rows(self) -> None:
        [page] = read(
            r"Avant\par\trowd\intbl Crit\'e8re\cell Poids\cell\row\trowd\intbl Prix\par unitaire"
            r"\cell 60\cell\row\pard Apr\'e8s\par"
        )
        assert cells(page) == [["Critère", "Poids"], ["Prix / unitaire", "60"]]
        assert page.tables[0].header
        assert page.text.startswith("Avant\n\nCritère | Poids\n")
        assert page.text.endswith("\n\nAprès")

    def test_frames_and_nested_tables(self) -> None:
        [page] = read(
            r"\intbl a\cell b\cell\row\intbl Article 1\par Le march\'e9 est r\'e9serv\'e9.\cell\row"
            r"\intbl c\par\itap2 d\nestcell e\nestcell\nestrow\itap1\cell f\cell\row"
            r"\pard\intbl cadre\cell\row"
        )
        assert [cells(page, at) for at in range(2)] == [
            [["a", "b"]], [["c / d | e", "f"], ["cadre"]],
        ]  # fmt: skip
        assert "\n\nArticle 1\n\nLe marché est réservé.\n\n" in page.text

    STYLES = (
        r"{\fonttbl{\f0\fnil Arial;}{\f1\fcharset2 Wingdings{\*\falt x};}{\f2 Symbol;}}"
        r"{\stylesheet{Normal;}{\s1\outlinelevel0 Mon titre;}{\s2 heading 2;}{\s3 toc 1;}"
        r"{\*\cs9 Police;}}"
    )

    def test_headings_contents_and_lists(self) -> None:
        [page] = read(
            r"\s1 Objet\par\pard\s2\b Lots\b0\par\pard\s3 1. Insertion 3\par\pard\outlinelevel2 "
            r"Prix\par\pard\s1\outlinelevel9 corps\par\pard\s2{\listtext\pard\plain 1.\tab}"
            r"Dur\'e9e\par\pard{\pntext\f2\'b7\tab}un\par\pard\s1 " + "mot " * 100,
            self.STYLES,
        )
        assert [style for style, _ in styles(page)] == [
            "h1", "h2", "toc", "h3", "", "h2", "item", "",
        ]  # fmt: skip
        assert [text for _, text in styles(page)][5:7] == ["1. Durée", "• un"]
        assert page.lines[1].bold

    def test_fields(self) -> None:
        toc = r"{\field{\*\fldinst TOC \\o}{\fldrslt 1. Insertion 3\par 2. Prix 4}}\par\pard"
        link = r'{\field{\*\fldinst{HYPERLINK "x"}}{\fldrslt{le site}}}'
        nested = (
            r"{\field{\*\fldinst IF {\field{\*\fldinst MERGEFIELD a}{\fldrslt cach\'e9}} = x}"
            r"{\fldrslt  oui}}"
        )
        [page] = read(f"{toc} Voir {link}{nested}.")
        assert styles(page) == [
            ("toc", "1. Insertion 3"), ("toc", "2. Prix 4"), ("", "Voir le site oui."),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("form", "shown"),
        [(r"\fftype1\ffres1\ffdefres0", "☒"), (r"\fftype1\ffres0\ffdefres1", "☐"),
         (r"\fftype1\ffres25\ffdefres1", "☒"), (r"\fftype1", "☐"),
         (r"\fftype2\ffres1{\*\ffl non}{\*\ffl oui}", "oui"),
         (r"\fftype2\ffres9{\*\ffl non}", ""), (r"\fftype0", "")],
    )  # fmt: skip
    def test_fields_of_forms(self, form: str, shown: str) -> None:
        field = rf"{{\field{{\*\fldinst FORM {{\*\formfield{{{form}}}}}}}{{\fldrslt }}}}"
        assert read(f"a {field} b")[0].text == f"a {shown} b".replace("  ", " ")

    def test_signs(self) -> None:
        [page] = read(r"{\f1 \'a8}non {\f1 \'fe}{\f1 o}{\u-3928?} {\f0\'a8}", self.STYLES)
        assert page.text == "☐non ☑☐☐ ¨"

    def test_struck_hidden_and_deleted_text(self) -> None:
        body = (
            r"Lot {\strike non }{\deleted jamais }{\v cach\'e9 }"
            r"{\strike\strike0\caps r\'e9serv\'e9}"
        )
        pages, notices = read_rtf(rtf(body), max_pages=1)
        assert pages[0].text == "Lot RÉSERVÉ"
        told = {notice.code: notice.detail for notice in notices}
        assert told == {"tracked-changes": "2", "hidden-left-out": "1"}

    def test_headers_footers_notes_comments_and_boxes(self) -> None:
        data = rtf(
            r"{\header Ville\par}{\footerr Page\par}Un{\footnote Note 1\par}{\*\annotation vu?}"
            r"{\shp{\*\shpinst{\sp{\sn x}}{\shptxt Encadr\'e9\par}}{\shprslt double}}\par Deux"
            r"\page {\headerl Ville}Trois\par"
        )
        pages, notices = read_rtf(data, max_pages=5)
        assert [styles(page) for page in pages] == [
            [("header", "Ville"), ("", "Un"), ("", "Encadré"), ("", "Deux"), ("", "Note 1")],
            [("", "Trois"), ("footer", "Page")],
        ]
        assert [notice.code for notice in notices] == ["comments-ignored"]

    def test_pages_and_sections(self) -> None:
        pages = read(
            r"un\sect\sectd deux\sect\sectd\sbknone trois\page quatre\par\pagebb cinq\pagebb0"
            r"\sect\intbl a\cell b\cell\row"
        )
        assert [page.text for page in pages] == [
            "un", "deux\n\ntrois", "quatre", "cinq", "a | b",
        ]  # fmt: skip

    def test_half_of_a_pair_does_not_break_the_text(self) -> None:
        [page] = read(r"\u-10179?\u-8703? \u-10179? fin")
        assert page.text.encode().decode() == page.text
        assert "\U0001f601" in page.text

    @pytest.mark.parametrize(
        ("data", "error"),
        [(b"", EmptyFile), (b"bonjour", UnsupportedType), (rb"{\rtf1 }", NoText),
         (rb"{\rtf1 {\pict\bin x}}", NoText), (rb"{\rtf1 texte {\b coup", Truncated),
         (rb"{\rtf1 " + b"{" * 5000, Truncated)],
    )  # fmt: skip
    def test_what_is_no_rtf(self, data: bytes, error: type[ReadingError]) -> None:
        with pytest.raises(error):
            read_rtf(data, max_pages=5)

    def test_a_brace_too_many_or_too_few_loses_nothing(self) -> None:
        assert read_rtf(rb"{\rtf1 texte}} suite", max_pages=5)[0][0].text == "texte"
        assert read_rtf(rb"{\rtf1 {\b texte}", max_pages=5)[0][0].text == "texte"

    def test_pages_are_cut(self) -> None:
        data = rb"{\rtf1 " + rb"\par ".join([b"lot " * 740] * 4) + b"}"
        assert len(read_rtf(data, max_pages=2)[0]) == 2
        with pytest.raises(TooManyPages):
            read_rtf(data, max_pages=1)

    @pytest.mark.parametrize(
        "body", ["{}" * 50_000, r"\cell" * 30_000, r"{\field" * 1000, r"\u8364 " * 30_000,
                 r"\intbl\row" * 30_000, r"{\footnote a}" * 5_000, r"\'" * 50_000, ";" * 200_000]
    )  # fmt: skip
    def test_hostile_files_do_not_stall(self, body: str) -> None:
        start = time.process_time()
        with contextlib.suppress(ReadingError):
            read_rtf(rtf(r"{\stylesheet " + body + "}" + body), max_pages=500)
        assert time.process_time() - start < 5
