from __future__ import annotations

import pytest

from corpus.documents import Page
from nlp.reading import read_piece, text
from nlp.reading.errors import (
    EmptyFile,
    NoText,
    ReadingError,
    TooLarge,
    TooManyPages,
    UnsupportedType,
)
from nlp.reading.plain import read_plain

from .office_files import cells, checked, styles


def plain(source: str | bytes, *, markdown: bool = False, max_pages: int = 50) -> tuple[Page, ...]:
    data = source.encode() if isinstance(source, str) else source
    pages, notices = read_plain(data, markdown, max_pages=max_pages)
    assert notices == ()
    checked(pages)
    return pages


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
        monkeypatch.setattr(text, "MAX_CHARACTERS", 1000)
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

    def test_struck_text_is_left_out_and_told(self) -> None:
        source = "Lot ~~non~~ réservé ~~a\n~ b ~~~c~~~"
        pages, notices = read_plain(source.encode(), True, max_pages=1)
        assert pages[0].text == "Lot réservé ~~a\n~ b ~~~c~~~"
        assert [(n.code, n.detail) for n in notices] == [("tracked-changes", "1")]
        assert plain("Lot ~~non~~")[0].text == "Lot ~~non~~"
        html = "<ul><li>Lot <del>non</del> réservé</li></ul>".encode()
        assert [n.detail for n in read_plain(html, True, max_pages=1)[1]] == ["1"]

    def test_comments_go_and_entities_are_letters(self) -> None:
        source = (
            "un <!-- image -->deux\n<!-- sur\ndeux lignes -->\n"
            "5&nbsp;% &laquo;&#x2611;&raquo; R&D &x; -->"
        )
        assert plain(source, markdown=True)[0].text == "un deux\n\n5 % «☑» R&D &x; -->"

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
                 "**a" * 3000, "~~a " * 5000, "<!--" * 5000, "&lt" * 5000,
                 "> " * 5000, "# " * 5000, "<ul>\n" * 3000]
    )  # fmt: skip
    def test_hostile_lines_do_not_stall(self, line: str) -> None:
        import time

        start = time.perf_counter()
        read_plain((line + "\nfin").encode(), True, max_pages=9)
        assert time.perf_counter() - start < 5


def test_a_text_longer_than_its_pages_may_hold_is_refused() -> None:
    data = ("Le titulaire remet un bilan. " * 500).encode()
    assert read_piece("a.txt", data, id="p", max_pages=3).pages
    with pytest.raises(TooManyPages):
        read_piece("a.txt", data, id="p", max_pages=2)
