from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import openpyxl
import pytest
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml as word_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt

from corpus.documents import Page
from nlp.reading import office
from nlp.reading.errors import (
    ArchiveBomb,
    EmptyFile,
    Encrypted,
    NoText,
    ReadingError,
    TooLarge,
    TooManyPages,
    Truncated,
    UnsupportedType,
)
from nlp.reading.office import read_docx, read_ods, read_odt, read_xlsx

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


def read(data: bytes, max_pages: int = 50) -> tuple[Page, ...]:
    pages, _ = read_docx(data, max_pages=max_pages)
    checked(pages)
    return pages


def checked(pages: tuple[Page, ...]) -> None:
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        texts = [page.text[line.start : line.end] for line in page.lines]
        assert texts == [line for line in page.text.split("\n") if line]


def notices(data: bytes, reader: Any = read_docx) -> dict[str, str]:
    return {notice.code: notice.detail for notice in reader(data, max_pages=50)[1]}


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

    def test_absurd_numbers_stay_short(self) -> None:
        for form in ("upperRoman", "lowerLetter", "decimal"):
            assert len(office._numeral(999_999_999, form)) < 10

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
        assert notices(data) == {"tracked-changes": "5"}

    def test_struck_and_hidden_text(self) -> None:
        kept = run("réservé", '<w:strike w:val="0"/>')
        body = (
            f"<w:p>{run('Marché ')}{run('non ', '<w:strike/>')}{run('pas ', '<w:dstrike/>')}"
            f"{run('caché ', '<w:vanish/>')}{kept}</w:p>"
        )
        data = word(body=body)
        assert read(data)[0].text == "Marché réservé"
        assert notices(data) == {"tracked-changes": "2"}

    def test_comments_are_ignored_and_told(self) -> None:
        document = docx.Document()
        line = document.add_paragraph("Clause")
        document.add_comment(line.runs, text="à revoir", author="x")
        data = saved(document)
        assert read(data)[0].text == "Clause"
        assert notices(data) == {"comments-ignored": "1"}

    def test_nothing_to_tell_of_a_plain_file(self) -> None:
        assert notices(word("a")) == {}

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
        assert cells(page) == [["00 / 10", "01", "02"], ["", "11", "12"], ["20", "21 / 22"]]

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


READERS = [read_docx, read_odt, read_ods, read_xlsx]


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


def valid(reader: Any) -> bytes:
    from odf.text import P

    match reader.__name__:
        case "read_docx":
            return word("Clause")
        case "read_odt":
            return open_text(P(text="Clause"))
        case "read_ods":
            return open_sheets(A=[["a", "b"]])
        case _:
            return sheet(("a", "b"))


MAIN = {
    "read_docx": "word/document.xml",
    "read_odt": "content.xml",
    "read_ods": "content.xml",
    "read_xlsx": "xl/worksheets/sheet1.xml",
}


@pytest.mark.parametrize("reader", READERS)
class TestHostile:
    def test_nothing_noise_and_cut_files(self, reader: Any) -> None:
        data = valid(reader)
        assert reader(data, max_pages=1)[0][0].text
        for broken, error in ((b"", EmptyFile), (b"bonjour", Truncated), (data[:-50], Truncated)):
            with pytest.raises(error):
                reader(broken, max_pages=5)

    def test_passwords(self, reader: Any) -> None:
        ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
        with pytest.raises(Encrypted):
            reader(ole + "EncryptedPackage".encode("utf-16-le"), max_pages=5)
        with pytest.raises(UnsupportedType):  # a file of Word or Excel 97
            reader(ole, max_pages=5)

    def test_a_bomb_is_not_inflated(self, reader: Any) -> None:
        bomb = edited(valid(reader), {"media/zeros.bin": bytes(5_000_000)})
        assert len(bomb) < 100_000
        assert reader(bomb, max_pages=5)
        with pytest.raises(ArchiveBomb):
            reader(bomb, max_pages=5, max_bytes=4_000_000)

    def test_a_size_that_lies_is_damage(self, reader: Any) -> None:
        name = MAIN[reader.__name__]
        data = bytearray(edited(valid(reader), {name: lambda part: part + b" " * 2_000_000}))
        at = data.rindex(name.encode()) - 46
        data[at + 24 : at + 28] = (100).to_bytes(4, "little")
        with pytest.raises(Truncated):
            reader(bytes(data), max_pages=5)

    def test_entities_are_refused(self, reader: Any) -> None:
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'

        def spoil(part: bytes) -> bytes:
            return re.sub(rb"\A(<\?xml.*?\?>)?", lambda m: m[0] + bomb, part, count=1)

        with pytest.raises(Truncated, match="entity"):
            reader(edited(valid(reader), {MAIN[reader.__name__]: spoil}), max_pages=5)

    def test_broken_xml_is_damage(self, reader: Any) -> None:
        data = edited(valid(reader), {MAIN[reader.__name__]: lambda part: part[:-20]})
        with pytest.raises(Truncated):
            reader(data, max_pages=5)

    def test_a_missing_main_part(self, reader: Any) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as empty:
            empty.writestr("rien.txt", "x")
        with pytest.raises(Truncated):
            reader(stream.getvalue(), max_pages=5)

    def test_members_packed_without_bound(self, reader: Any) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_BZIP2) as packed:
            packed.writestr(MAIN[reader.__name__], "x")
        with pytest.raises(UnsupportedType):
            reader(stream.getvalue(), max_pages=5)

    def test_deep_nesting(self, reader: Any) -> None:
        def spoil(part: bytes) -> bytes:
            head, _, tail = part.rpartition(b"</")
            return head + b"<q>" * 200_000 + b"</q>" * 200_000 + b"</" + tail

        data = edited(valid(reader), {MAIN[reader.__name__]: spoil})
        try:
            reader(data, max_pages=5)
        except ReadingError:
            return

    def test_every_changed_byte_is_survived(self, reader: Any) -> None:
        data = valid(reader)
        for at in range(0, len(data), max(1, len(data) // 150)):
            broken = bytearray(data)
            broken[at] ^= 0xFF
            try:
                reader(bytes(broken), max_pages=5)
            except ReadingError:
                continue


@pytest.mark.parametrize(
    ("reader", "data"),
    [(read_docx, word("")), (read_docx, word(" \n")), (read_xlsx, sheet())],
)
def test_files_without_text(reader: Any, data: bytes) -> None:
    with pytest.raises(NoText):
        reader(data, max_pages=5)


def test_one_kind_named_as_another() -> None:
    for reader in READERS:
        for other in READERS:
            if other is not reader:
                with pytest.raises((Truncated, UnsupportedType)):
                    reader(valid(other), max_pages=5)


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
            "DPGF\n\nDécomposition du prix\n\nPoste | Prix | Part\nNettoyage | 1234,5 € | 40 %",
            "",
            "BPU\n\n01/03/2026 | VRAI",
        ]
        assert styles(pages[0])[0] == ("h1", "DPGF")
        assert cells(pages[0], 1) == [["Poste", "Prix", "Part"], ["Nettoyage", "1234,5 €", "40 %"]]
        assert [t.header for t in pages[0].tables] == [False, True]
        assert cells(pages[2]) == [["", "", "01/03/2026", "VRAI"]]

    def test_values_not_formulas_and_no_errors(self) -> None:
        data = sheet(("a", "=1+1", "#REF!"))
        assert self.read(data)[0].text.endswith("\n\na")

    def test_rows_and_columns_are_bounded_and_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(office, "MAX_ROWS", 3)
        monkeypatch.setattr(office, "MAX_COLUMNS", 2)
        data = sheet(*((f"r{n}", n, "au-delà") for n in range(5)))
        assert self.read(data)[0].text == "Sheet\n\nr0 | 0\nr1 | 1\nr2 | 2"
        assert notices(data, read_xlsx) == {"rows-left-out": "3"}
        assert notices(sheet(("a", "b"), ("c", "d"), ("e", "f")), read_xlsx) == {}

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
        assert notices(saved(book), read_xlsx) == {"comments-ignored": "1"}

    def test_binary_workbooks_are_not_read(self) -> None:
        with pytest.raises(UnsupportedType):
            self.read(edited(sheet(("a",)), {"xl/workbook.bin": b"x"}))


class TestOpenText:
    def read(self, data: bytes, max_pages: int = 50) -> tuple[Page, ...]:
        pages, _ = read_odt(data, max_pages=max_pages)
        checked(pages)
        return pages

    def raw(self, body: str, automatic: str = "", common: str = "") -> bytes:
        """An OpenDocument text with raw content and styles."""
        from odf.text import P

        def content(part: bytes) -> bytes:
            text = part.decode()
            text = re.sub(r"<text:p>corps</text:p>", lambda _: body, text)
            for prefix in ("fo", "form", "draw", "table", "style"):
                if f"xmlns:{prefix}=" not in text:
                    text = text.replace(" xmlns:", f' xmlns:{prefix}="urn:x:{prefix}" xmlns:', 1)
            return re.sub(
                r"<office:automatic-styles\s*/>",
                lambda _: f"<office:automatic-styles>{automatic}</office:automatic-styles>",
                text,
            ).encode()

        changes: dict[str, Any] = {"content.xml": content}
        if common:
            changes["styles.xml"] = lambda part: re.sub(
                rb"<office:styles\s*/>",
                lambda _: b"<office:styles>" + common.encode() + b"</office:styles>",
                part,
            )
        return edited(open_text(P(text="corps")), changes)

    def test_headings_paragraphs_and_spaces(self) -> None:
        from odf.text import H, LineBreak, P, S, Span, Tab

        line = P(text="a")
        line.addElement(S(c=1_000_000_000))
        line.addElement(Span(text="b"))
        line.addElement(Tab())
        line.addElement(LineBreak())
        line.addText("c")
        data = open_text(H(outlinelevel=2, text="Lots"), line, P(text=""))
        assert styles(self.read(data)[0]) == [("h2", "Lots"), ("", "a b"), ("", "c")]

    def test_lists_and_their_numbers(self) -> None:
        number = '<text:list-level-style-number text:level="{}" style:num-format="{}"{}/>'
        bullet = '<text:list-level-style-bullet text:level="{}" text:bullet-char="{}"/>'
        automatic = (
            '<text:list-style style:name="L1">'
            + number.format(1, "1", ' style:num-suffix="."')
            + number.format(2, "1", ' text:display-levels="2"')
            + '</text:list-style><text:list-style style:name="L2">'
            + bullet.format(1, "-")
            + bullet.format(2, "\uf0a8")
            + "</text:list-style>"
        )

        def item(text: str, inside: str = "") -> str:
            return f"<text:list-item><text:p>{text}</text:p>{inside}</text:list-item>"

        def listed(style: str, *items: str, more: str = "") -> str:
            return f'<text:list text:style-name="{style}"{more}>{"".join(items)}</text:list>'

        inner = f"<text:list>{item('b')}{item('c')}</text:list>"
        header = "<text:list-header><text:p>sans</text:p></text:list-header>"
        body = (
            listed("L1", item("a", inner), item("d", inner))
            + "<text:p>texte</text:p>"
            + listed("L1", item("e"), header, more=' text:continue-numbering="true"')
            + listed("L1", item("f"))
            + listed("L2", item("g", f"<text:list>{item('h')}</text:list>"))
        )
        assert [text for _, text in styles(self.read(self.raw(body, automatic))[0])] == [
            "1. a", "1.1 b", "1.2 c", "2. d", "2.1 b", "2.2 c", "texte", "3. e", "sans", "1. f",
            "• g", "☐ h",
        ]  # fmt: skip

    def test_numbered_headings(self) -> None:
        common = (
            '<text:outline-style style:name="Outline"><text:outline-level-style text:level="1"'
            ' style:num-format="1"/><text:outline-level-style text:level="2" style:num-format="1"'
            ' text:display-levels="2"/></text:outline-style>'
        )
        body = "".join(
            f'<text:h text:outline-level="{level}">{text}</text:h>'
            for level, text in ((1, "Objet"), (2, "Lots"), (1, "Prix"), (2, "Forme"), (3, "Note"))
        )
        assert styles(self.read(self.raw(body, common=common))[0]) == [
            ("h1", "1 Objet"), ("h2", "1.1 Lots"), ("h1", "2 Prix"), ("h2", "2.1 Forme"),
            ("h3", "Note"),
        ]  # fmt: skip

    def test_pages(self) -> None:
        automatic = (
            '<style:style style:name="P1" style:family="paragraph"><style:paragraph-properties'
            ' fo:break-before="page"/></style:style><style:style style:name="P2"'
            ' style:family="paragraph" style:parent-style-name="P1"/>'
        )
        body = (
            "<text:p>un</text:p><text:soft-page-break/><text:p>deux <text:soft-page-break/>trois"
            '</text:p><text:p text:style-name="P1">quatre</text:p><text:p text:style-name="P2">cinq'
            "</text:p>"
        )
        data = self.raw(body, automatic)
        assert [page.text for page in self.read(data)] == ["un", "deux", "trois", "quatre", "cinq"]
        with pytest.raises(TooManyPages):
            self.read(data, 4)

    def test_what_is_printed_and_what_is_not(self) -> None:
        automatic = (
            '<style:style style:name="T1" style:family="text"><style:text-properties'
            ' style:text-line-through-style="solid"/></style:style><style:style style:name="T2"'
            ' style:family="text"><style:text-properties text:display="none"/></style:style>'
            '<style:style style:name="T3" style:family="text"><style:text-properties'
            ' fo:font-weight="bold" fo:font-size="14pt"/></style:style>'
        )
        body = (
            "<text:tracked-changes><text:changed-region><text:deletion><text:p>effacé</text:p>"
            "</text:deletion></text:changed-region></text:tracked-changes>"
            '<text:p>Lot <text:span text:style-name="T1">non </text:span><text:span'
            ' text:style-name="T2">caché </text:span>réservé<text:note text:note-class="footnote">'
            "<text:note-citation>1</text:note-citation><text:note-body><text:p>Note</text:p>"
            "</text:note-body></text:note><office:annotation><text:p>remarque</text:p>"
            '</office:annotation></text:p><text:p><text:span text:style-name="T3">Gras</text:span>'
            "</text:p><text:p><draw:frame><draw:text-box><text:p>Encadré</text:p></draw:text-box>"
            "</draw:frame>ancre</text:p><text:table-of-content><text:index-body><text:p>Objet 3"
            '</text:p></text:index-body></text:table-of-content><text:section text:display="none">'
            "<text:p>secret</text:p></text:section>"
        )
        data = self.raw(body, automatic)
        [page] = self.read(data)
        assert styles(page) == [
            ("", "Lot réservé"), ("", "Gras"), ("", "ancre"), ("", "Encadré"), ("toc", "Objet 3"),
            ("", "Note"),
        ]  # fmt: skip
        assert (page.lines[1].bold, page.lines[1].size) == (True, 14.0)
        assert notices(data, read_odt) == {"tracked-changes": "2", "comments-ignored": "1"}

    def test_tick_boxes_of_forms(self) -> None:
        body = (
            "<office:forms><form:form><form:checkbox form:id='c1' form:current-state='checked'/>"
            "<form:checkbox form:id='c2'/></form:form></office:forms><text:p><draw:control"
            " draw:control='c1'/> oui <draw:control draw:control='c2'/> non</text:p>"
        )
        assert self.read(self.raw(body))[0].text == "☒ oui ☐ non"

    def test_tables(self) -> None:
        cell = "<table:table-cell{}><text:p>{}</text:p></table:table-cell>"
        body = (
            "<table:table><table:table-header-rows><table:table-row>"
            f"{cell.format('', 'Critère')}{cell.format('', 'Poids')}</table:table-row>"
            "</table:table-header-rows><table:table-row>"
            f"{cell.format('', 'Prix')}{cell.format('', 'élevé')}</table:table-row></table:table>"
            f"<table:table><table:table-row>{cell.format('', 'cadre')}</table:table-row>"
            "</table:table>"
        )
        [page] = self.read(self.raw(body))
        assert cells(page) == [["Critère", "Poids"], ["Prix", "élevé"]]
        assert page.tables[0].header
        assert len(page.tables) == 1
        assert page.text.endswith("\n\ncadre")

    def test_headers_and_footers(self) -> None:
        from odf.style import Footer, Header, MasterPage, PageLayout
        from odf.text import P

        def prepare(document: Any) -> None:
            layout = PageLayout(name="pl")
            document.automaticstyles.addElement(layout)
            master = MasterPage(name="Standard", pagelayoutname=layout)
            for kind, text in ((Header, "Ville"), (Footer, "Page")):
                part = kind()
                part.addElement(P(text=text))
                master.addElement(part)
            document.masterstyles.addElement(master)

        data = open_text(P(text="corps"), prepare=prepare)
        assert styles(self.read(data)[0]) == [
            ("header", "Ville"),
            ("", "corps"),
            ("footer", "Page"),
        ]

    def test_passwords(self) -> None:
        from odf.text import P

        data = edited(
            open_text(P(text="x")),
            {"META-INF/manifest.xml": b"<m><manifest:encryption-data/></m>"},
        )
        with pytest.raises(Encrypted):
            self.read(data)


class TestOpenSheets:
    def test_a_page_a_sheet(self) -> None:
        data = open_sheets(
            DPGF=[["Titre"], ["", ""], ["Poste", "Prix"], ["Nettoyage", "12"]],
            Vide=[],
            BPU=[["", "x"]],
        )
        pages, told = read_ods(data, max_pages=3)
        checked(pages)
        assert told == ()
        assert [page.text for page in pages] == [
            "DPGF\n\nTitre\n\nPoste | Prix\nNettoyage | 12", "", "BPU\n\nx",
        ]  # fmt: skip
        assert cells(pages[0], 1) == [["Poste", "Prix"], ["Nettoyage", "12"]]
        assert cells(pages[2]) == [["", "x"]]
        with pytest.raises(TooManyPages):
            read_ods(data, max_pages=2)

    def test_repetitions_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(office, "MAX_ROWS", 4)
        monkeypatch.setattr(office, "MAX_COLUMNS", 3)
        many = b' table:number-rows-repeated="1000000"'
        data = edited(
            open_sheets(A=[["x"]]),
            {
                "content.xml": lambda part: part.replace(
                    b"<table:table-row", b"<table:table-row" + many
                ).replace(
                    b"<table:table-cell", b"<table:table-cell" + many.replace(b"rows", b"columns")
                )
            },
        )
        pages, told = read_ods(data, max_pages=3)
        assert cells(pages[0]) == [["x"] * 3] * 4
        assert [(n.code, n.page) for n in told] == [("rows-left-out", 1)]

    def test_empty_repetitions_are_nothing(self) -> None:
        many = b' table:number-rows-repeated="1048576"'
        data = edited(
            open_sheets(A=[[""], ["x"]]),
            {
                "content.xml": lambda part: part.replace(
                    b"<table:table-row", b"<table:table-row" + many, 1
                )
            },
        )
        assert read_ods(data, max_pages=3)[0][0].text == "A\n\nx"

    def test_no_text(self) -> None:
        with pytest.raises(NoText):
            read_ods(open_sheets(A=[["", ""]]), max_pages=3)
