from __future__ import annotations

import pytest

from corpus.documents import Page
from nlp.reading.errors import EmptyFile, NoText, TooManyPages, Truncated
from nlp.reading.html import read_html
from nlp.reading.text import PAGE_CHARACTERS

from .office_files import cells, checked, styles


def html(source: str | bytes, max_pages: int = 50) -> tuple[Page, ...]:
    data = source.encode() if isinstance(source, str) else source
    pages, _ = read_html(data, max_pages=max_pages)
    checked(pages)
    return pages


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

    def test_what_merged_cells_cover_is_empty(self) -> None:
        source = (
            "<table><tr><td>Domaine<td>Heures<td>Taux</tr>"
            "<tr><td rowspan=2>Insertion<td>350<td rowspan=3>5</tr><tr><td>4</tr>"
            "<tr><td colspan=2>Total</tr><tr><td>Tri<td rowspan=x>2<td>9</tr></table>"
        )
        [page] = html(source)
        assert cells(page) == [
            ["Domaine", "Heures", "Taux"],
            ["Insertion", "350", "5"],
            ["", "4", ""],
            ["Total", "", ""],
            ["Tri", "2", "9"],
        ]

    def test_merged_cells_have_a_limit(self) -> None:
        [page] = html(f"<table><tr><td colspan={'9' * 5000}>a<td>b</tr><tr><td>1<td>2</tr></table>")
        assert len(page.tables[0].rows[0].cells) < 100

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

    def test_what_word_writes(self) -> None:
        source = (
            "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span"
            " style='mso-list:Ignore'>1.<span>&nbsp;&nbsp; </span></span><![endif]>Objet</p>"
            "<p class=MsoToc1>1. Insertion 3</p><p>Vu<span class=MsoCommentReference>[C1]</span>"
            "</p><p style='mso-hide:all'>a</p>"
            "<p><span style='text-decoration:line-through'>b</span></p>"
            "<div style='mso-element:comment-list'><div style='mso-element:comment'>c</div></div>"
        )
        [page] = html(source)
        assert styles(page) == [("", "1. Objet"), ("toc", "1. Insertion 3"), ("", "Vu")]
        told = {n.code: n.detail for n in read_html(source.encode(), max_pages=1)[1]}
        assert told == {"tracked-changes": "1", "comments-ignored": "1"}

    def test_letters_and_numerals_of_lists(self) -> None:
        [page] = html(
            "<ol type=a><li>x<li>y</ol><ol type=I start=4><li>z</ol><ol type=q><li>w</ol>"
        )
        assert page.text == "a. x\n\nb. y\n\nIV. z\n\n• w"

    def test_a_row_that_frames_text_is_no_row(self) -> None:
        source = (
            "<table><tr><th>Lot</th><th>Prix</th></tr><tr><td>1</td><td>2</td></tr><tr>"
            "<td colspan=2><p>Article 1</p><p>Le marché est réservé.</p></td></tr>"
            "<tr><td>☐ Oui</td><td>☒ Non</td></tr></table>"
        )
        [page] = html(source)
        assert [cells(page, at) for at in range(2)] == [
            [["Lot", "Prix"], ["1", "2"]], [["☐ Oui", "☒ Non"]],
        ]  # fmt: skip
        assert page.tables[0].header
        assert "\n\nArticle 1\n\nLe marché est réservé.\n\n" in page.text

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
