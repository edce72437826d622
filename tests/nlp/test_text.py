from __future__ import annotations

import pytest

from corpus.documents import Page
from nlp.reading import text as text_module
from nlp.reading.errors import (
    EmptyFile,
    NoText,
    ReadingError,
    TooLarge,
    TooManyPages,
    Truncated,
    UnsupportedType,
)
from nlp.reading.text import (
    PAGE_CHARACTERS,
    Sheets,
    headed,
    parse_xml,
    read_html,
    read_plain,
    read_rtf,
)


def plain(source: str | bytes, *, markdown: bool = False, max_pages: int = 50) -> tuple[Page, ...]:
    data = source.encode() if isinstance(source, str) else source
    pages, notices = read_plain(data, markdown, max_pages=max_pages)
    assert notices == ()
    checked(pages)
    return pages


def html(source: str | bytes, max_pages: int = 50) -> tuple[Page, ...]:
    data = source.encode() if isinstance(source, str) else source
    pages, _ = read_html(data, max_pages=max_pages)
    checked(pages)
    return pages


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


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
    def test_each_is_read(self, encoding: str) -> None:
        [page] = plain("Clause sociale : 500 € à l’été, œuvre".encode(encoding))
        assert page.text == "Clause sociale : 500 € à l'été, œuvre"

    def test_one_broken_byte_does_not_spoil_the_accents(self) -> None:
        source = "éàèùçêîôû ".encode() * 20
        [page] = plain(source[:95] + b"\xff" + source[95:])
        assert "Ã" not in page.text
        assert page.text.count("\ufffd") == 1

    def test_bytes_that_are_no_text(self) -> None:
        with pytest.raises(UnsupportedType):
            plain(bytes(range(256)))

    def test_text_is_cleaned(self) -> None:
        [page] = plain("\uf0a8 oui \uf0fe non\u00a0: l\u2019offre \ufb01nale\u2026")
        assert page.text == "☐ oui ☑ non : l'offre finale..."

    @pytest.mark.parametrize(("source", "error"), [(b"", EmptyFile), (b" \n\t\n", NoText)])
    def test_nothing(self, source: bytes, error: type[ReadingError]) -> None:
        with pytest.raises(error):
            plain(source)


class TestPages:
    def test_form_feeds_end_pages_and_blank_pages_count(self) -> None:
        pages = plain("un\n\x0cdeux\n\x0c\x0cquatre\n\x0c")
        assert [page.text for page in pages] == ["un", "deux", "", "quatre"]
        assert pages[2].source == "none"

    @pytest.mark.parametrize(
        "mark",
        ["## Page {}", "--- page {}", "===== page {} =====", "[Page {}]", "--- Page {} / 3 ---"],
    )
    def test_separators_of_dumps(self, mark: str) -> None:
        source = "CCAP\n\n---\n\n" + "\n\n---\n\n".join(
            f"{mark.format(n)}\n\nTexte de la page {n}." for n in (1, 2, 3)
        )
        assert [page.text for page in plain(source)] == [
            "CCAP\n\nTexte de la page 1.",
            "Texte de la page 2.",
            "Texte de la page 3.",
        ]

    def test_bare_numbers_above_their_pages(self) -> None:
        source = "Page 1\nObjet du marché\nPage 2\nDurée du marché"
        assert [page.text for page in plain(source)] == ["Objet du marché", "Durée du marché"]

    def test_bare_numbers_at_the_foot_close_their_pages(self) -> None:
        pages = plain("Objet du marché\nPage 1 sur 2\nDurée du marché\nPage 2 sur 2\n")
        assert [page.text for page in pages] == [
            "Objet du marché\nPage 1 sur 2",
            "Durée du marché\nPage 2 sur 2",
        ]
        assert pages[0].lines[-1].style == "footer"

    @pytest.mark.parametrize("numbers", [(2, 3, 4), (1, 3, 2), (1, 1, 2), (1, 40, 90)], ids=str)
    def test_numbers_that_do_not_count_up_from_1_separate_nothing(
        self, numbers: tuple[int, ...]
    ) -> None:
        source = "\n".join(f"## Page {n}\ntexte {n}" for n in numbers)
        [page] = plain(source)
        assert f"Page {numbers[0]}" in page.text

    def test_a_page_left_out_of_a_dump_keeps_its_number(self) -> None:
        pages = plain("## Page 1\nun\n## Page 2\ndeux\n## Page 4\nquatre")
        assert [page.text for page in pages] == ["un", "deux", "", "quatre"]

    def test_a_rule_that_separates_nothing_stays(self) -> None:
        assert plain("avant\n---\naprès")[0].text == "avant\n---\naprès"

    def test_too_many_pages(self) -> None:
        assert len(plain("a\x0cb\x0cc", max_pages=3)) == 3
        with pytest.raises(TooManyPages):
            plain("a\x0cb\x0cc", max_pages=2)
        with pytest.raises(TooManyPages):
            plain("x" + "\x0c" * 10_000 + "y")

    def test_too_much_text(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(text_module, "MAX_CHARACTERS", 1000)
        assert plain("lot " * 249)
        with pytest.raises(TooLarge):
            plain("lot " * 251)

    def test_blank_lines_set_paragraphs_apart(self) -> None:
        assert plain("un\ndeux\n\n\n\ntrois  \n")[0].text == "un\ndeux\n\ntrois"


class TestMarkdown:
    def test_headings_lose_their_marks_and_keep_their_level(self) -> None:
        [page] = plain("# CCAP #\n\ntexte\n### 4.5 Insertion\n", markdown=True)
        assert styles(page) == [("h1", "CCAP"), ("", "texte"), ("h3", "4.5 Insertion")]

    def test_plain_text_keeps_the_marks(self) -> None:
        assert plain("# CCAP")[0].text == "# CCAP"

    def test_underlined_headings(self) -> None:
        [page] = plain("Règlement\n=====\n\nArticle 1\n---\ntexte", markdown=True)
        assert styles(page) == [("h1", "Règlement"), ("h2", "Article 1"), ("", "texte")]

    def test_page_separators_are_no_headings(self) -> None:
        pages = plain("# CCAP\n\n---\n\n## Page 1\n\nA\n\n---\n\n## Page 2\n\nB", markdown=True)
        assert [styles(page) for page in pages] == [[("h1", "CCAP"), ("", "A")], [("", "B")]]

    def test_tables(self) -> None:
        source = (
            "Critères :\n| Critère | **Poids** |\n|:--|--:|\n| Prix | 60 % |\n"
            "| Social<br>et insertion | 40 \\| 41 |\n| vide | |\nSuite"
        )
        [page] = plain(source, markdown=True)
        assert cells(page) == [
            ["Critère", "Poids"],
            ["Prix", "60 %"],
            ["Social / et insertion", "40 | 41"],
            ["vide", ""],
        ]
        assert page.tables[0].header
        assert page.text.startswith("Critères :\n\nCritère | Poids\nPrix | 60 %\nSocial\n")
        assert page.text.endswith("vide\n\nSuite")

    def test_a_table_without_rule_under_its_first_row(self) -> None:
        [page] = plain("| Durée | 12 mois |\n| Lieu | Brest |", markdown=True)
        assert cells(page) == [["Durée", "12 mois"], ["Lieu", "Brest"]]
        assert not page.tables[0].header

    def test_one_piped_line_is_no_table(self) -> None:
        assert plain("a | b\n\nc", markdown=True)[0].tables == ()

    def test_emphasis_and_links_go_their_words_stay(self) -> None:
        source = (
            "Le **titulaire** réserve __50 heures__ à l'*insertion*, voir "
            "[le guide](https://exemple.fr/a) `code` **in**sertion \\* \\[x\\]"
        )
        [page] = plain(source, markdown=True)
        assert page.text == (
            "Le titulaire réserve 50 heures à l'insertion, voir le guide code insertion * [x]"
        )

    def test_what_only_looks_like_markup_stays(self) -> None:
        source = "Date : __/__/2025 AE_2025_TMA 3 * 4 * 5 <nom du candidat> [1]: le titulaire _ _ _"
        assert plain(source, markdown=True)[0].text == source

    def test_lists_and_tick_boxes(self) -> None:
        source = "- un\n* deux\n  + trois\n- [ ] non\n- [x] oui\n1. premier\na) second"
        [page] = plain(source, markdown=True)
        assert page.text == "- un\n• deux\n• trois\n☐ non\n☒ oui\n1. premier\na) second"
        assert [line.style for line in page.lines] == ["item"] * 5 + [""] * 2

    def test_html_in_it(self) -> None:
        source = (
            '<div class="x">Texte <b>gras</b></div>\n<h2 id="a">Titre</h2>\n'
            "<table>\n<tr><td>Prix</td><td>60</td></tr>\n<tr><td>Social</td><td>40</td></tr>\n"
            "</table>\nfin"
        )
        [page] = plain(source, markdown=True)
        assert styles(page)[:2] == [("", "Texte gras"), ("h2", "Titre")]
        assert cells(page) == [["Prix", "60"], ["Social", "40"]]
        assert page.text.endswith("\n\nfin")

    def test_front_matter_and_rules_go(self) -> None:
        source = "---\ntitle: x\nlayout: y\n---\nun\n\n***\n\ndeux"
        assert plain(source, markdown=True)[0].text == "un\n\ndeux"

    def test_a_rule_on_the_first_line_hides_nothing(self) -> None:
        source = "---\nLe titulaire réserve des heures.\n---\nsuite"
        assert "titulaire" in plain(source, markdown=True)[0].text

    def test_fenced_text_is_taken_as_it_is(self) -> None:
        [page] = plain("```\n# pas un titre\n```\n# titre", markdown=True)
        assert styles(page) == [("", "# pas un titre"), ("h1", "titre")]

    @pytest.mark.parametrize(
        "line", ["[" * 5000, "*" * 5000, "<a " * 5000, "`" * 5001, "| " * 5000, "_a" * 5000,
                 "**a" * 3000, "> " * 5000, "# " * 5000, "<ul>\n" * 3000]
    )  # fmt: skip
    def test_hostile_lines_do_not_stall(self, line: str) -> None:
        import time

        start = time.perf_counter()
        read_plain((line + "\nfin").encode(), True, max_pages=9)
        assert time.perf_counter() - start < 5


class TestHtml:
    def test_blocks_headings_and_lists(self) -> None:
        source = (
            "<html><head><title>t</title><style>p{}</style></head><body><h1>Avis  de\nmarché</h1>"
            "<p>Le <b>titulaire</b><br>réserve</p><ul><li>un</li><li><p>deux</p></li></ul>"
            "<ol start=3><li>a<ol><li>b</li></ol><li>c</ol><script>x()</script></body></html>"
        )
        [page] = html(source)
        assert styles(page) == [
            ("h1", "Avis de marché"),
            ("", "Le titulaire"),
            ("", "réserve"),
            ("item", "• un"),
            ("item", "• deux"),
            ("item", "3. a"),
            ("item", "1. b"),
            ("item", "4. c"),
        ]

    def test_bold_paragraphs_are_told(self) -> None:
        [page] = html("<p><strong>Article 5</strong></p><p><b>Le</b> titulaire</p>")
        assert [line.bold for line in page.lines] == [True, False]

    def test_tables(self) -> None:
        source = (
            "<table><caption>Critères</caption><tr><th>Critère<th>Poids</tr>"
            "<tr><td>Prix<td>60</tr><tr><td><ul><li>Social<li>Insertion</ul><td>40</tr></table>fin"
        )
        [page] = html(source)
        assert cells(page) == [
            ["Critère", "Poids"],
            ["Prix", "60"],
            ["• Social / • Insertion", "40"],
        ]
        assert page.tables[0].header
        assert page.text.startswith("Critères\n\nCritère | Poids\n")

    def test_tables_that_lay_out_the_page_are_no_tables(self) -> None:
        source = (
            "<table><tr><td>menu</td><td><h1>Titre</h1>"
            "<table><tr><td>a</td><td>1</td></tr></table></td></tr></table>"
        )
        [page] = html(source)
        assert styles(page)[:2] == [("", "menu"), ("h1", "Titre")]
        assert cells(page) == [["a", "1"]]

    def test_what_is_not_shown_is_not_read(self) -> None:
        source = (
            "<p>vu</p><p hidden>a</p><p style='color:red; display : none'>b</p>"
            "<template>c</template><noscript>d</noscript><input type=hidden value=e><!-- f -->"
            "<svg><text>g</text></svg>"
        )
        assert html(source)[0].text == "vu"

    def test_struck_text_is_left_out_and_told(self) -> None:
        pages, notices = read_html(
            b"<p>Lot <del>non</del> <s>jamais</s> r\xe9serv\xe9</p>", max_pages=1
        )
        assert pages[0].text == "Lot réservé"
        assert [(n.code, n.detail) for n in notices] == [("tracked-changes", "2")]

    def test_tick_boxes_and_choices(self) -> None:
        source = (
            "<p><input type=checkbox checked>oui <input type=radio>non "
            "<select><option>A<option selected>B</select> <input value='12'> heures</p>"
            "<p><font face=Wingdings>\xa8</font> rien "
            "<span style='font-family:Wingdings'>\xfe</span></p>"
        )
        assert html(source)[0].text == "☒ oui ☐ non B 12 heures\n\n☐ rien ☑"

    def test_declared_encodings_are_believed_only_when_they_are_text(self) -> None:
        euro = "<meta charset='iso-8859-15'><p>500 \u20ac</p>".encode("iso-8859-15")
        assert html(euro)[0].text == "500 €"
        odd = b"<meta charset='unicode_escape'><p>caf\xe9 \\u0041</p>"
        assert html(odd)[0].text == "café \\u0041"
        latin = b"<?xml version='1.0' encoding='utf-8'?><html><p>\xe9t\xe9</p></html>"
        assert html(latin)[0].text == "été"

    def test_pages_end_between_blocks(self) -> None:
        pages = html("".join(f"<p>{n} {'lot ' * 247}</p>" for n in range(20)))
        assert len(pages) > 2
        assert all(len(page.text) <= PAGE_CHARACTERS for page in pages)
        assert [page.text[:2].strip() for page in pages[:2]] == ["0", str(len(pages[0].lines))]

    def test_long_tables_go_on_without_a_header_on_the_next_page(self) -> None:
        rows = "".join(f"<tr><td>ligne {n}</td><td>{'lot ' * 50}</td></tr>" for n in range(60))
        pages = html(f"<table><tr><th>A</th><th>B</th></tr>{rows}</table>")
        assert len(pages) == 3
        assert [page.tables[0].header for page in pages] == [True, False, False]
        assert sum(len(page.tables[0].rows) for page in pages) == 61

    def test_a_heading_is_not_left_at_the_foot(self) -> None:
        pages = html(f"<p>{'lot ' * 1375}</p><h2>Titre</h2><p>{'lot ' * 225}</p>")
        assert [styles(page)[0][1][:5] for page in pages] == ["lot l", "Titre"]

    def test_limits(self) -> None:
        with pytest.raises(TooManyPages):
            html("".join(f"<p>{'lot ' * 1250}</p>" for _ in range(3)), max_pages=2)
        with pytest.raises(EmptyFile):
            html("")
        for empty in ("   ", "<html></html>", "<script>x</script>", "<!-- -->"):
            with pytest.raises(NoText):
                html(empty)

    @pytest.mark.parametrize("tag", ["div", "b", "table><tr><td", "ul><li", "span"])
    def test_deep_nesting_is_told_not_cut_short(self, tag: str) -> None:
        assert html(f"<{tag}>" * 50 + "fond")[0].text.endswith("fond")
        with pytest.raises(Truncated, match="nesting"):
            html("<p>avant</p>" + f"<{tag}>" * 20_000 + "fond")

    def test_entities_are_not_expanded(self) -> None:
        bomb = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><p>x &b;</p>'
        assert "aaaaaaaaaa" not in html(bomb)[0].text.split("]>")[-1]


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
         (rb"{\rtf1 {\pict\bin x}}", Truncated)],
    )  # fmt: skip
    def test_what_is_no_rtf(self, data: bytes, error: type[ReadingError]) -> None:
        with pytest.raises(error):
            read_rtf(data, max_pages=5)

    def test_pages_are_cut(self) -> None:
        data = rb"{\rtf1 " + rb"\par ".join([b"lot " * 740] * 4) + b"}"
        assert len(read_rtf(data, max_pages=2)[0]) == 2
        with pytest.raises(TooManyPages):
            read_rtf(data, max_pages=1)


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
