from __future__ import annotations

import docx
import pytest
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml as word_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt

from corpus.documents import Page
from nlp.reading import word as word_module
from nlp.reading.errors import TooManyPages
from nlp.reading.paragraphs import numeral
from nlp.reading.word import read_docx

from .office_files import (
    cells,
    checked,
    definition,
    edited,
    level,
    notices,
    put,
    run,
    saved,
    styles,
    word,
)


def read(data: bytes, max_pages: int = 50) -> tuple[Page, ...]:
    pages, _ = read_docx(data, max_pages=max_pages)
    checked(pages)
    return pages


class TestWord:
    def test_paragraphs_and_tables_in_order(self) -> None:
        document = docx.Document()
        document.add_paragraph("Avant")
        table = document.add_table(rows=2, cols=2)
        for row, texts in zip(table.rows, (("Critère", "Poids"), ("Prix", "60 %")), strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
        document.add_paragraph("Après\u00a0l\u2019été")
        [page] = read(saved(document))
        assert page.text == "Avant\n\nCritère | Poids\nPrix | 60 %\n\nAprès l'été"
        assert cells(page) == [["Critère", "Poids"], ["Prix", "60 %"]]
        assert page.tables[0].header

    def test_heading_styles_of_every_kind(self) -> None:
        document = docx.Document()
        document.add_heading("Objet", 1)
        document.add_heading("Détail", 3)
        french = document.styles.add_style("MonTitre", 1)
        french.element.get_or_add_pPr().append(
            word_xml(f'<w:outlineLvl {nsdecls("w")} w:val="1"/>')
        )
        child = document.styles.add_style("Encore", 1)
        child.base_style = french
        named = document.styles.add_style("Titre 4", 1)
        document.add_paragraph("Lots", style=french)
        document.add_paragraph("Durée", style=child)
        document.add_paragraph("Lieu", style=named)
        put(
            document,
            '<w:p><w:pPr><w:outlineLvl w:val="4"/></w:pPr><w:r><w:t>Prix</w:t></w:r></w:p>'
            '<w:p><w:pPr><w:outlineLvl w:val="9"/></w:pPr><w:r><w:t>Corps</w:t></w:r></w:p>',
        )
        document.add_heading("phrase " * 50, 2)
        assert [style for style, _ in styles(read(saved(document))[0])] == [
            "h1", "h3", "h2", "h2", "h4", "h5", "", "",
        ]  # fmt: skip

    def test_a_style_based_on_itself_ends(self) -> None:
        document = docx.Document()
        style = document.styles.add_style("Boucle", 1)
        style.element.append(word_xml(f'<w:basedOn {nsdecls("w")} w:val="Boucle"/>'))
        document.add_paragraph("texte", style="Boucle")
        assert read(saved(document))[0].text == "texte"

    def test_tables_of_contents_are_told(self) -> None:
        document = docx.Document()
        document.styles.add_style("toc 1", 1)
        document.add_paragraph("1. Objet\t3", style="toc 1")
        assert styles(read(saved(document))[0]) == [("toc", "1. Objet 3")]

    def test_bold_and_size(self) -> None:
        document = docx.Document()
        line = document.add_paragraph()
        line.add_run("Article 5").bold = True
        line.runs[0].font.size = Pt(15)
        mixed = document.add_paragraph()
        mixed.add_run("Le").bold = True
        mixed.add_run(" titulaire")
        [page] = read(saved(document))
        assert [line.bold for line in page.lines] == [True, False]
        assert page.lines[0].size == 15

    def test_the_size_of_a_file_that_names_none(self) -> None:
        data = edited(
            word("texte"),
            {"word/styles.xml": f"<w:styles {nsdecls('w')}><w:docDefaults><w:rPrDefault><w:rPr>"
             "<w:sz w:val='21'/></w:rPr></w:rPrDefault></w:docDefaults></w:styles>".encode()},
        )  # fmt: skip
        assert read(data)[0].lines[0].size == 10.5

    # -- numbering

    NUMBERING = (
        definition(90, level(0, "decimal", "Article %1 -"), level(1, "decimal", "%1.%2"),
                   level(2, "lowerLetter", "%3)", start=3))
        + definition(91, level(0, "bullet", "\uf0b7"), level(1, "bullet", "\uf0a8"),
                     level(2, "upperRoman", "%3.", start=4), level(3, "none", ""))
        + definition(92, level(0, "upperRoman", "%1"), level(1, "decimal", "%1.%2", "<w:isLgl/>"))
        + "".join(
            f'<w:num w:numId="{number}"><w:abstractNumId w:val="{of}"/>{more}</w:num>'
            for number, of, more in (
                (900, 90, ""), (901, 91, ""), (903, 92, ""),
                (902, 90, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>'),
            )
        )
    )  # fmt: skip

    def numbered(self, *items: tuple[str, int, int]) -> list[str]:
        document = docx.Document()
        part = document.part.numbering_part.element
        for element in list(part):
            part.remove(element)
        for element in list(
            word_xml(f"<w:numbering {nsdecls('w')}>{self.NUMBERING}</w:numbering>")
        ):
            part.append(element)
        put(
            document,
            "".join(
                f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/>'
                f"</w:numPr></w:pPr>{run(text)}</w:p>"
                for text, number, level in items
            ),
        )
        return [text for _, text in styles(read(saved(document))[0])]

    def test_multi_level_numbers(self) -> None:
        assert self.numbered(
            ("Objet", 900, 0), ("Forme", 900, 1), ("Lots", 900, 1), ("un", 900, 2),
            ("deux", 900, 2), ("Prix", 900, 0), ("Forme", 900, 1), ("un", 900, 2),
        ) == [
            "Article 1 - Objet", "1.1 Forme", "1.2 Lots", "c) un", "d) deux",
            "Article 2 - Prix", "2.1 Forme", "c) un",
        ]  # fmt: skip

    def test_bullets_boxes_and_other_numerals(self) -> None:
        assert self.numbered(
            ("un", 901, 0), ("oui", 901, 1), ("quatre", 901, 2), ("cinq", 901, 2), ("rien", 901, 3)
        ) == ["• un", "☐ oui", "IV. quatre", "V. cinq", "rien"]

    def test_a_list_that_restarts_and_one_that_goes_on(self) -> None:
        assert self.numbered(("a", 900, 0), ("b", 902, 0), ("c", 902, 0), ("d", 900, 0)) == [
            "Article 1 - a", "Article 7 - b", "Article 8 - c", "Article 9 - d",
        ]  # fmt: skip

    def test_legal_numbers(self) -> None:
        assert self.numbered(("a", 903, 0), ("b", 903, 1)) == ["I a", "1.1 b"]

    def test_number_0_and_unknown_lists_are_none(self) -> None:
        assert self.numbered(("a", 0, 0), ("b", 4444, 0), ("c", 900, 7)) == ["a", "b", "c"]

    def test_numbers_of_styles(self) -> None:
        document = docx.Document()
        document.add_paragraph("un", style="List Bullet")
        document.add_paragraph("deux", style="List Number")
        document.add_paragraph("trois", style="List Number")
        assert styles(read(saved(document))[0]) == [
            ("item", "• un"), ("item", "1. deux"), ("item", "2. trois"),
        ]  # fmt: skip

    def test_a_style_based_on_a_numbered_one_keeps_its_level(self) -> None:
        document = docx.Document()
        part = document.part.numbering_part.element
        levels = (
            level(0, "decimal", "%1", '<w:pStyle w:val="Heading1"/>'),
            level(1, "decimal", "%1.%2", '<w:pStyle w:val="Heading2"/>'),
        )
        part.insert(0, word_xml(definition(77, *levels).replace(" ", f" {nsdecls('w')} ", 1)))
        part.append(
            word_xml(f'<w:num {nsdecls("w")} w:numId="770"><w:abstractNumId w:val="77"/></w:num>')
        )
        for name in ("Heading 1", "Heading 2"):
            properties = document.styles[name].element.get_or_add_pPr()
            properties.append(word_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="770"/></w:numPr>'))
        own = document.styles.add_style("Sous-titre maison", 1)
        own.base_style = document.styles["Heading 2"]
        for text, style in (("Objet", "Heading 1"), ("Lots", "Heading 2"), ("Prix", own)):
            document.add_paragraph(text, style=style)
        assert styles(read(saved(document))[0]) == [
            ("h1", "1 Objet"), ("h2", "1.1 Lots"), ("h2", "1.2 Prix"),
        ]  # fmt: skip

    def test_paragraphs_that_are_gone_take_no_number(self) -> None:
        document = docx.Document()
        gone = "<w:rPr><w:del w:id='1'/></w:rPr>"
        hidden = "<w:rPr><w:vanish/></w:rPr>"
        item = (
            "<w:p><w:pPr><w:pStyle w:val='ListNumber'/>{mark}</w:pPr><w:{tag} w:id='2'>{run}"
            "</w:{tag}></w:p>"
        )
        put(
            document,
            item.format(mark="", tag="ins", run=run("un"))
            + item.format(mark=gone, tag="del", run="<w:r><w:delText>deux</w:delText></w:r>")
            + item.format(mark=hidden, tag="ins", run=run("trois", "<w:vanish/>"))
            + item.format(mark="", tag="ins", run=run("quatre")),
        )
        assert read(saved(document))[0].text == "1. un\n\n2. quatre"

    def test_bullets_set_in_fonts_of_signs(self) -> None:
        document = docx.Document()
        part = document.part.numbering_part.element
        font = '<w:rPr><w:rFonts w:ascii="{}" w:hAnsi="{}"/></w:rPr>'
        for number, name, sign in (
            (70, "Wingdings", "q"), (71, "Webdings", "c"), (72, "Arial", "q"),
        ):  # fmt: skip
            raw = definition(number, level(0, "bullet", sign, font.format(name, name)))
            part.insert(0, word_xml(raw.replace(" ", f" {nsdecls('w')} ", 1)))
            part.append(
                word_xml(
                    f'<w:num {nsdecls("w")} w:numId="{number}"><w:abstractNumId w:val="{number}"/>'
                    "</w:num>"
                )
            )
        put(
            document,
            "".join(
                f'<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>'
                f"</w:pPr>{run('oui')}</w:p>"
                for number in (70, 71, 72)
            ),
        )
        assert read(saved(document))[0].text == "☐ oui\n\n☐ oui\n\n• oui"

    def test_absurd_numbers_stay_short(self) -> None:
        for form in ("upperRoman", "lowerLetter", "decimal"):
            assert len(numeral(999_999_999, form)) < 10

    # -- pages

    def test_page_breaks_by_hand_and_by_the_last_printing(self) -> None:
        document = docx.Document()
        document.add_paragraph("un").add_run().add_break(WD_BREAK.PAGE)
        put(
            document,
            "<w:p><w:r><w:lastRenderedPageBreak/><w:t>deux </w:t></w:r>"
            "<w:r><w:lastRenderedPageBreak/><w:t>trois</w:t></w:r></w:p>"
            "<w:p><w:pPr><w:pageBreakBefore/></w:pPr><w:r><w:t>quatre</w:t></w:r></w:p>"
            '<w:p><w:pPr><w:pageBreakBefore w:val="0"/></w:pPr><w:r><w:t>encore</w:t></w:r></w:p>',
        )
        assert [page.text for page in read(saved(document))] == [
            "un", "deux", "trois", "quatre\n\nencore",
        ]  # fmt: skip

    def test_sections_begin_pages_unless_they_go_on(self) -> None:
        document = docx.Document()
        document.add_paragraph("un")
        document.add_section(WD_SECTION.NEW_PAGE)
        document.add_paragraph("deux")
        document.add_section(WD_SECTION.CONTINUOUS)
        document.add_paragraph("trois")
        assert [page.text for page in read(saved(document))] == ["un", "deux\n\ntrois"]

    def test_breaks_inside_a_table_split_it_between_rows(self) -> None:
        def row(*texts: str) -> str:
            return "<w:tr>" + "".join(f"<w:tc><w:p>{t}</w:p></w:tc>" for t in texts) + "</w:tr>"

        broken = "<w:r><w:lastRenderedPageBreak/><w:t>c</w:t></w:r>"
        body = f"<w:tbl>{row(run('a'), run('1'))}{row(run('b'), run('2'))}{row(broken, run('3'))}"
        pages = read(word(body=body + row(run("d"), "<w:r><w:t>4</w:t><w:br w:type='page'/></w:r>")
                          + row(run("e"), run("5")) + "</w:tbl>"))  # fmt: skip
        assert [page.text for page in pages] == ["a | 1\nb | 2", "c | 3\nd | 4", "e | 5"]

    def test_too_many_pages(self) -> None:
        document = docx.Document()
        for text in "abc":
            document.add_paragraph(text).add_run().add_break(WD_BREAK.PAGE)
        assert len(read(saved(document), 3)) == 3
        with pytest.raises(TooManyPages):
            read(saved(document), 2)

    # -- what is printed and what is not

    @pytest.mark.parametrize(
        ("state", "sign", "shown"),
        [("1", "☒", "☒"), ("0", "☐", "☐"), ("true", "X", "☒"), ("0", "☒", "☐"), ("1", "", "☒")],
    )
    def test_tick_box_controls(self, state: str, sign: str, shown: str) -> None:
        content = run(sign) if sign else ""
        body = (
            f'<w:p><w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="{state}"/></w14:checkbox>'
            f"</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>{run(' réservé')}</w:p>"
        )
        assert read(word(body=body))[0].text == f"{shown} réservé"

    def test_a_tick_box_around_a_cell_or_a_paragraph(self) -> None:
        state = '<w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr>'
        body = (
            f"<w:tbl><w:tr><w:sdt>{state}<w:sdtContent><w:tc><w:p>{run('X')}</w:p></w:tc>"
            f"</w:sdtContent></w:sdt><w:tc><w:p>{run('X lots')}</w:p></w:tc></w:tr></w:tbl>"
            f"<w:sdt>{state}<w:sdtContent><w:p>{run('□')}{run(' oui')}</w:p></w:sdtContent></w:sdt>"
            f"<w:sdt>{state}<w:sdtContent><w:p>{run('libre')}</w:p></w:sdtContent></w:sdt>"
            f"<w:p>{run('X')}</w:p>"
        )
        assert read(word(body=body))[0].text == "☒ | X lots\n\n☒ oui\n\nlibre\n\nX"

    @pytest.mark.parametrize(
        ("box", "shown"),
        [
            ('<w:default w:val="0"/>', "☐"),
            ('<w:default w:val="1"/>', "☒"),
            ('<w:default w:val="0"/><w:checked/>', "☒"),
            ('<w:default w:val="1"/><w:checked w:val="0"/>', "☐"),
            ("", "☐"),
        ],
    )
    def test_tick_boxes_of_older_forms(self, box: str, shown: str) -> None:
        body = (
            f'<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox>{box}</w:checkBox>'
            "</w:ffData></w:fldChar></w:r><w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r>"
            f'<w:fldChar w:fldCharType="end"/></w:r>{run(" EA/ESAT")}</w:p>'
        )
        assert read(word(body=body))[0].text == f"{shown} EA/ESAT"

    def test_choices_of_older_forms(self) -> None:
        body = (
            '<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>'
            '<w:listEntry w:val="non"/><w:listEntry w:val="oui"/></w:ddList></w:ffData></w:fldChar>'
            "</w:r></w:p>"
        )
        assert read(word(body=body))[0].text == "oui"

    def test_signs_of_wingdings(self) -> None:
        body = (
            '<w:p><w:r><w:sym w:font="Wingdings" w:char="F0A8"/></w:r><w:r>'
            '<w:sym w:font="Wingdings" w:char="00FE"/></w:r><w:r><w:rPr>'
            '<w:rFonts w:ascii="Wingdings"/></w:rPr><w:t>\xa8</w:t></w:r>'
            '<w:r><w:sym w:char="ZZZZ"/><w:sym w:char="D800"/></w:r></w:p>'
        )
        assert read(word(body=body))[0].text == "☐☑☐"

    @pytest.mark.parametrize(
        ("font", "letter", "shown"),
        [("Wingdings 2", "P", "✓"), ("Wingdings 2", "\xa3", "☐"), ("Wingdings 2", "z", "•"),
         ("Webdings", "c", "☐"), ("Webdings", "\uf061", "✓")],
    )  # fmt: skip
    def test_signs_of_other_fonts(self, font: str, letter: str, shown: str) -> None:
        typed = run(letter, f'<w:rFonts w:hAnsi="{font}"/>')
        code = f"{ord(letter) | 0xF000:04X}"
        drawn = f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>'
        plain = run(letter, '<w:rFonts w:hAnsi="Arial"/>') if letter.isascii() else ""
        text = read(word(body=f"<w:p>{typed}{drawn}{plain}</w:p>"))[0].text
        assert text == shown * 2 + (letter if plain else "")

    def test_a_control_that_holds_its_option_shows_one_box(self) -> None:
        body = (
            '<w:p><w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr>'
            f"<w:sdtContent>{run('☒ Oui')}</w:sdtContent></w:sdt>{run(' X')}</w:p>"
        )
        assert read(word(body=body))[0].text == "☒ Oui X"

    def test_tracked_changes(self) -> None:
        body = (
            f"<w:p>{run('Le lot est ')}<w:ins w:id='1'>{run('réservé')}</w:ins><w:del w:id='2'>"
            f"<w:r><w:delText>ouvert</w:delText></w:r></w:del><w:moveFrom w:id='3'>{run(' jamais')}"
            f"</w:moveFrom><w:moveTo w:id='4'>{run(' toujours')}</w:moveTo></w:p>"
            f"<w:tbl><w:tr><w:tc><w:p>{run('a')}</w:p></w:tc><w:tc><w:p>{run('1')}</w:p></w:tc></w:tr>"
            f"<w:tr><w:trPr><w:del w:id='5'/></w:trPr><w:tc><w:p>{run('b')}</w:p></w:tc>"
            f"<w:tc><w:p>{run('2')}</w:p></w:tc></w:tr></w:tbl>"
        )
        data = word(body=body)
        assert read(data)[0].text == "Le lot est réservé toujours\n\na | 1"
        assert notices(read_docx, data) == {"tracked-changes": "5"}

    def test_struck_and_hidden_text(self) -> None:
        kept = run("réservé", '<w:strike w:val="0"/>')
        body = (
            f"<w:p>{run('Marché ')}{run('non ', '<w:strike/>')}{run('pas ', '<w:dstrike/>')}"
            f"{run('caché ', '<w:vanish/>')}{kept}</w:p>"
        )
        data = word(body=body)
        assert read(data)[0].text == "Marché réservé"
        assert notices(read_docx, data) == {"tracked-changes": "2", "hidden-left-out": "1"}

    def test_paragraphs_whose_end_was_deleted_are_one(self) -> None:
        body = (
            f"<w:p><w:pPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr>{run('Le marché est ')}</w:p>"
            f"<w:p>{run('Réservé.')}</w:p>"
            f"<w:p><w:pPr><w:rPr><w:del w:id='2'/></w:rPr></w:pPr>{run('Seul')}</w:p>"
        )
        data = word(body=body)
        assert read(data)[0].text == "Le marché est Réservé.\n\nSeul"
        assert notices(read_docx, data) == {"tracked-changes": "2"}

    def test_capitals_of_the_font(self) -> None:
        document = docx.Document()
        document.styles["Heading 1"].font.all_caps = True
        document.add_paragraph("Pénalités", style="Heading 1")
        off = run(" x", '<w:caps w:val="0"/>')
        put(document, f"<w:p>{run('été', '<w:caps/>')}{off}</w:p>")
        assert read(saved(document))[0].text == "PÉNALITÉS\n\nÉTÉ x"

    FIELD = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    CODE = "<w:r><w:instrText>{}</w:instrText></w:r>"

    def test_the_code_of_a_field_is_not_its_result(self) -> None:
        begin, middle, end = (self.FIELD.format(k) for k in ("begin", "separate", "end"))
        inner = begin + self.CODE.format(" MERGEFIELD x ") + middle + run("oui") + end
        outer = begin + self.CODE.format(" IF ") + inner + self.CODE.format(' = "oui" ')
        body = (
            f"<w:p>{run('Lot ')}{outer}{middle}{run('réservé')}{end}{run('.')}</w:p>"
            f"<w:p>{begin}{self.CODE.format(' TC ')}{run('entrée')}{end}{run('vu')}</w:p>"
            f"<w:p>{end}{middle}{run('seul')}{begin}{run('ouvert')}</w:p><w:p>{run('fin')}</w:p>"
        )
        assert read(word(body=body))[0].text == "Lot réservé.\n\nvu\n\nseulouvert\n\nfin"

    def test_tables_of_contents_without_styles(self) -> None:
        begin, middle, end = (self.FIELD.format(k) for k in ("begin", "separate", "end"))
        control = (
            '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="{}"/></w:docPartObj></w:sdtPr>'
            f"<w:sdtContent><w:p>{run('3. Insertion')}</w:p></w:sdtContent></w:sdt>"
        )
        body = (
            f"<w:p>{begin}{self.CODE.format(' TOC ')}{middle}{run('1. Insertion')}</w:p>"
            f"<w:p>{run('2. Prix')}{begin}{self.CODE.format(' PAGEREF a ')}{middle}{run(' 4')}{end}"
            f"</w:p><w:p>{end}</w:p>" + control.format("Table of Contents")
            + control.format("Cover Pages") + f"<w:p>{run('Le titulaire')}</w:p>"
        )  # fmt: skip
        assert styles(read(word(body=body))[0]) == [
            ("toc", "1. Insertion"), ("toc", "2. Prix 4"), ("toc", "3. Insertion"),
            ("", "3. Insertion"), ("", "Le titulaire"),
        ]  # fmt: skip

    def test_contents_that_never_end_hide_no_sentence(self) -> None:
        begin, middle = (self.FIELD.format(k) for k in ("begin", "separate"))
        body = (
            f"<w:p>{begin}{self.CODE.format(' TOC ')}{middle}{run('1. Objet')}</w:p>"
            f"<w:p>{run('Le titulaire réserve des heures. ' * 10)}</w:p>"
        )
        assert [style for style, _ in styles(read(word(body=body))[0])] == ["toc", ""]

    def test_comments_are_ignored_and_told(self) -> None:
        document = docx.Document()
        line = document.add_paragraph("Clause")
        document.add_comment(line.runs, text="à revoir", author="x")
        data = saved(document)
        assert read(data)[0].text == "Clause"
        assert notices(read_docx, data) == {"comments-ignored": "1"}

    def test_nothing_to_tell_of_a_plain_file(self) -> None:
        assert notices(read_docx, word("a")) == {}

    def test_headers_and_footers_come_once(self) -> None:
        document = docx.Document()
        document.add_paragraph("corps")
        for index in range(3):
            section = document.sections[0] if not index else document.add_section()
            section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
            section.header.paragraphs[0].text = "Ville de Brest"
            section.footer.paragraphs[0].text = "Consultation 12"
        assert styles(read(saved(document))[0]) == [
            ("header", "Ville de Brest"), ("", "corps"), ("footer", "Consultation 12"),
        ]  # fmt: skip

    def test_text_boxes_are_read_once(self) -> None:
        inside = f"<w:txbxContent><w:p>{run('Encadré')}</w:p></w:txbxContent>"
        body = (
            f"<w:p>{run('Texte')}<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing>"
            f"<wps:txbx>{inside}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>"
            f"{inside}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
            f"{run(' suite')}</w:p><w:p><w:r><w:pict><v:textbox>{inside}</v:textbox></w:pict></w:r>"
            "</w:p>"
        )
        assert read(word(body=body))[0].text == "Texte suite\n\nEncadré\n\nEncadré"

    def test_footnotes_stand_on_their_page(self) -> None:
        document = docx.Document()
        put(
            document,
            f"<w:p>{run('Un')}<w:r><w:footnoteReference w:id='2'/></w:r><w:r><w:br w:type='page'/>"
            f"</w:r>{run('Deux')}<w:r><w:endnoteReference w:id='3'/></w:r></w:p>",
        )
        data = saved(document)
        note = (
            '<w:{0}s {1}><w:{0} w:type="separator" w:id="0"><w:p/></w:{0}><w:{0} w:id="{2}"><w:p>'
            "<w:r><w:footnoteRef/></w:r><w:r><w:t>Note {2}</w:t></w:r></w:p></w:{0}></w:{0}s>"
        )
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
        links = "".join(
            f'<Relationship Id="n{n}" Type="{kind}{n}s" Target="{n}s.xml"/>'
            for n in ("footnote", "endnote")
        )
        data = edited(
            data,
            {
                "word/footnotes.xml": note.format("footnote", nsdecls("w"), 2).encode(),
                "word/endnotes.xml": note.format("endnote", nsdecls("w"), 3).encode(),
                "word/_rels/document.xml.rels": lambda part: part.replace(
                    b"</Relationships>", links.encode() + b"</Relationships>"
                ),
            },
        )
        assert [page.text for page in read(data)] == ["Un\n\nNote 2", "Deux\n\nNote 3"]

    def test_breaks_tabs_hyphens_and_fields(self) -> None:
        body = (
            "<w:p><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t><w:noBreakHyphen/><w:t>d"
            "</w:t><w:softHyphen/><w:t>e</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
            f"<w:hyperlink>{run(' lien')}</w:hyperlink><w:fldSimple w:instr='X'>{run(' champ')}"
            f"</w:fldSimple><m:oMath><m:r><m:t> x=1</m:t></m:r></m:oMath></w:p>"
        )
        assert read(word(body=body))[0].text == "a\nb c-de lien champ x=1"

    # -- tables

    def test_merged_cells_are_read_once_and_keep_their_columns(self) -> None:
        document = docx.Document()
        table = document.add_table(rows=3, cols=3)
        for index, row in enumerate(table.rows):
            for number, cell in enumerate(row.cells):
                cell.text = f"{index}{number}"
        table.cell(0, 0).merge(table.cell(1, 0))
        table.cell(2, 1).merge(table.cell(2, 2))
        [page] = read(saved(document))
        assert cells(page) == [["00 / 10", "01", "02"], ["", "11", "12"], ["20", "21 / 22", ""]]

    def test_what_follows_a_cell_merged_across_keeps_its_column(self) -> None:
        document = docx.Document()
        table = document.add_table(rows=2, cols=3)
        for index, row in enumerate(table.rows):
            for number, cell in enumerate(row.cells):
                cell.text = f"{index}{number}"
        table.cell(1, 0).merge(table.cell(1, 1)).text = "Total"
        [page] = read(saved(document))
        assert cells(page) == [["00", "01", "02"], ["Total", "", "12"]]

    def test_what_a_merged_cell_hides_is_not_read(self) -> None:
        def row(merge: str, text: str) -> str:
            return (
                f"<w:tr><w:tc><w:tcPr>{merge}</w:tcPr><w:p>{run(text)}</w:p></w:tc>"
                f"<w:tc><w:p>{run('b')}</w:p></w:tc></w:tr>"
            )

        body = row("<w:vMerge w:val='restart'/>", "a") + row("<w:vMerge/>", "caché")
        [page] = read(word(body=f"<w:tbl>{body}</w:tbl>"))
        assert cells(page) == [["a", "b"], ["", "b"]]

    def test_a_frame_of_one_column_is_no_table(self) -> None:
        document = docx.Document()
        cell = document.add_table(rows=1, cols=1).cell(0, 0)
        cell.paragraphs[0].style = "Heading 2"
        cell.paragraphs[0].text = "Encadré"
        cell.add_paragraph("texte")
        [page] = read(saved(document))
        assert page.tables == ()
        assert styles(page) == [("h2", "Encadré"), ("", "texte")]

    def test_a_row_that_frames_text_is_no_row(self) -> None:
        document = docx.Document()
        table = document.add_table(rows=4, cols=2)
        for index, row in enumerate(table.rows):
            for number, cell in enumerate(row.cells):
                cell.text = f"{index}{number}"
        frame = table.cell(1, 0).merge(table.cell(1, 1))
        frame.text = "A - Objet"
        frame.paragraphs[0].style = "Heading 2"
        frame.add_paragraph("Le marché est réservé.")
        table.cell(3, 0).merge(table.cell(3, 1)).text = "Total"
        [page] = read(saved(document))
        assert [cells(page, at) for at in range(2)] == [
            [["00", "01"]],
            [["20", "21"], ["Total", ""]],
        ]
        assert styles(page)[1:3] == [("h2", "A - Objet"), ("", "Le marché est réservé.")]

    def test_cells_merged_the_old_way_and_cells_deleted(self) -> None:
        def cell(text: str, properties: str = "") -> str:
            return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{run(text)}</w:p></w:tc>"

        row = (
            cell("a", '<w:hMerge w:val="restart"/>') + cell("caché", "<w:hMerge/>")
            + cell("effacé", "<w:cellDel w:id='1'/>") + cell("b")
        )  # fmt: skip
        assert cells(read(word(body=f"<w:tbl><w:tr>{row}</w:tr></w:tbl>"))[0]) == [["a", "", "b"]]

    def test_tables_inside_cells_and_lists_in_them(self) -> None:
        document = docx.Document()
        table = document.add_table(rows=1, cols=2)
        table.cell(0, 0).text = "a"
        inner = table.cell(0, 1).add_table(rows=1, cols=2)
        inner.cell(0, 0).text = "b"
        inner.cell(0, 1).text = "c"
        table.cell(0, 1).add_paragraph("d", style="List Bullet")
        [page] = read(saved(document))
        assert cells(page) == [["a", "b | c / • d"]]

    def test_a_row_marked_as_header_names_the_columns(self) -> None:
        document = docx.Document()
        table = document.add_table(rows=2, cols=2)
        for cell in (cell for row in table.rows for cell in row.cells):
            cell.text = "mot"
        assert not read(saved(document))[0].tables[0].header
        mark = word_xml(f"<w:trPr {nsdecls('w')}><w:tblHeader/></w:trPr>")
        table.rows[0]._tr.insert(0, mark)
        assert read(saved(document))[0].tables[0].header

    def test_rows_and_cells_in_controls(self) -> None:
        cell = f"<w:tc><w:p>{run('a')}</w:p></w:tc>"
        row = f"<w:tr><w:sdt><w:sdtContent>{cell}</w:sdtContent></w:sdt>{cell}</w:tr>"
        body = f"<w:tbl><w:sdt><w:sdtContent>{row}</w:sdtContent></w:sdt></w:tbl>"
        assert read(word(body=body))[0].text == "a | a"

    # -- other packages

    def test_strict_files_and_files_with_macros(self) -> None:
        data = word("Clause")
        strict = edited(
            data,
            {
                "word/document.xml": lambda part: part.replace(
                    b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                    b"http://purl.oclc.org/ooxml/wordprocessingml/main",
                ),
                "[Content_Types].xml": lambda part: part.replace(
                    b"wordprocessingml.document.main", b"wordprocessingml.macroEnabled.main"
                ),
            },
        )
        assert read(strict)[0].text == "Clause"

    def test_a_reference_to_nothing_does_not_lose_the_file(self) -> None:
        data = edited(
            word("Clause"),
            {
                "word/_rels/document.xml.rels": lambda part: part.replace(
                    b"</Relationships>",
                    b'<Relationship Id="r9" Type="x/image" Target="../NULL"/>'
                    b'<Relationship Id="r8" Type="x/comments" Target="nulle/part.xml"/>'
                    b"</Relationships>",
                )
            },
        )
        assert read(data)[0].text == "Clause"

    def test_a_chunk_of_html(self) -> None:
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        data = edited(
            word("avant"),
            {
                "word/chunk.html": b"<html><body><h1>Titre</h1></body></html>",
                "word/_rels/document.xml.rels": lambda part: part.replace(
                    b"</Relationships>",
                    f'<Relationship Id="c1" Type="{kind}/aFChunk" Target="/word/chunk.html"/>'
                    "</Relationships>".encode(),
                ),
                "word/document.xml": lambda part: part.replace(
                    b"<w:sectPr", f'<w:altChunk xmlns:r="{kind}" r:id="c1"/><w:sectPr'.encode(), 1
                ),
            },
        )
        assert styles(read(data)[0]) == [("", "avant"), ("h1", "Titre")]

    def with_chunk(self, chunk: bytes, times: int = 1) -> bytes:
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        reference = f'<w:altChunk xmlns:r="{kind}" r:id="c1"/>' * times
        return edited(
            word("avant"),
            {
                "word/chunk.bin": chunk,
                "word/_rels/document.xml.rels": lambda part: part.replace(
                    b"</Relationships>",
                    f'<Relationship Id="c1" Type="{kind}/aFChunk" Target="/word/chunk.bin"/>'
                    "</Relationships>".encode(),
                ),
                "word/document.xml": lambda part: part.replace(
                    b"<w:sectPr", f"{reference}<w:sectPr".encode(), 1
                ),
            },
        )

    def test_a_word_file_put_whole_into_another(self) -> None:
        inner = word(body=f"<w:p>{run('Clause')}{run('non', '<w:strike/>')}</w:p>")
        data = self.with_chunk(inner)
        assert read(data)[0].text == "avant\n\nClause"
        assert notices(read_docx, data) == {"tracked-changes": "1"}
        assert read(self.with_chunk(inner, times=50))[0].text == "avant\n\nClause"

    def test_files_put_into_one_another_end(self) -> None:
        data = word("fond")
        for _ in range(word_module.MAX_DEPTH + 2):
            data = self.with_chunk(data)
        text = read(data)[0].text
        assert text.count("avant") == word_module.MAX_DEPTH + 1
        assert "fond" not in text

    def test_rich_text_as_a_chunk(self) -> None:
        data = self.with_chunk(rb"{\rtf1 Clause{\v cach\'e9e}}")
        assert read(data)[0].text == "avant\n\nClause"
        assert notices(read_docx, data) == {"hidden-left-out": "1"}

    def test_a_web_archive_as_a_chunk(self) -> None:
        archive = b"MIME-Version: 1.0\nContent-Type: text/html\n\n<html><p>Clause</p></html>"
        assert read(self.with_chunk(archive))[0].text == "avant\n\nClause"
