"""Word, OpenDocument, HTML and text files with the same traps."""

from __future__ import annotations

import io
from typing import Any

from docx import Document
from docx.oxml import parse_xml
from odf.office import Annotation
from odf.opendocument import OpenDocumentText
from odf.table import Table, TableCell, TableRow
from odf.text import H, List, ListItem, ListLevelStyleBullet, ListStyle, P, S, Tab

from . import Source

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'


def _docx(document: Any) -> Source:
    out = io.BytesIO()
    document.save(out)
    return "docx", out.getvalue()


def docx_outline() -> Source:
    """Heading styles, lists by style, a table with a header."""
    document = Document()
    document.add_heading("ARTICLE 4 – CLAUSES SOCIALES", 1)
    document.add_heading("4.1 Engagement", 2)
    document.add_paragraph("Le titulaire s'engage à :")
    document.add_paragraph("recruter deux personnes ;", style="List Bullet")
    document.add_paragraph("les former.", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for i, row in enumerate((("Année", "Heures"), ("2027", "350"))):
        for j, text in enumerate(row):
            table.cell(i, j).text = text
    return _docx(document)


def docx_boxes() -> Source:
    """Tick boxes: content controls, symbols of Wingdings, old form fields."""
    document = Document()
    document.add_paragraph("Le marché comporte :")
    for on, sign, text in (("1", "☒", "une clause sociale"), ("0", "☐", "une réservation")):
        paragraph = document.add_paragraph()
        paragraph._p.append(
            parse_xml(
                f'<w:sdt {_W} {_W14}><w:sdtPr><w14:checkbox><w14:checked w14:val="{on}"/>'
                f"</w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t>{sign}</w:t></w:r>"
                f"</w:sdtContent></w:sdt>"
            )
        )
        paragraph.add_run(f" {text}")
    for code, text in (("F0FE", "un critère social"), ("F0A8", "une variante")):
        paragraph = document.add_paragraph()
        paragraph._p.append(
            parse_xml(f'<w:r {_W}><w:sym w:font="Wingdings" w:char="{code}"/></w:r>')
        )
        paragraph.add_run(f" {text}")
    for on, text in (("1", "une option"), ("0", "une tranche")):
        paragraph = document.add_paragraph()
        for part in (
            f'<w:r {_W}><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox>'
            f'<w:default w:val="{on}"/></w:checkBox></w:ffData></w:fldChar></w:r>',
            f"<w:r {_W}><w:instrText> FORMCHECKBOX </w:instrText></w:r>",
            f'<w:r {_W}><w:fldChar w:fldCharType="end"/></w:r>',
        ):
            paragraph._p.append(parse_xml(part))
        paragraph.add_run(f" {text}")
    return _docx(document)


def docx_tracked() -> Source:
    """Tracked changes: the inserted words are read, the deleted ones are not; soft hyphens go."""
    document = Document()
    paragraph = document.add_paragraph("Le titulaire réserve ")
    for part in (
        f'<w:del {_W} w:id="1" w:author="A"><w:r><w:delText>cent</w:delText></w:r></w:del>',
        f'<w:ins {_W} w:id="2" w:author="A"><w:r><w:t>deux cents</w:t></w:r></w:ins>',
        f'<w:r {_W}><w:t xml:space="preserve"> heures à l\'inser</w:t><w:softHyphen/>'
        f"<w:t>tion.</w:t></w:r>",
    ):
        paragraph._p.append(parse_xml(part))
    document.sections[0].footer.paragraphs[0].text = "CCAP – Ville de Valbrume"
    return _docx(document)


def docx_comment() -> Source:
    """A comment is not read and is reported; tabs between words are one space."""
    document = Document()
    paragraph = document.add_paragraph("Clause sociale :\t\tavec")
    document.add_comment(paragraph.runs, text="Faut-il la garder ?", author="B", initials="B")
    document.add_paragraph("Elle s'impose au titulaire et à ses sous-traitants.")
    return _docx(document)


def docx_contents() -> Source:
    """A table of contents by its styles, then the headings it names."""
    document = Document()
    styles = document.styles
    document.add_paragraph("Sommaire")
    for level, text in ((1, "1 Objet\t2"), (1, "2 Clause sociale\t3")):
        name = f"TOC {level}"
        if name not in [s.name for s in styles]:
            styles.add_style(name, 1)
        document.add_paragraph(text, style=name)
    document.add_heading("1 Objet", 1)
    document.add_paragraph("Le marché porte sur la tonte.")
    document.add_heading("2 Clause sociale", 1)
    document.add_paragraph("Le titulaire recrute une personne en insertion.")
    return _docx(document)


def _odt(document: Any) -> Source:
    out = io.BytesIO()
    document.save(out)
    return "odt", out.getvalue()


def odt_outline() -> Source:
    """Outline levels, a list, a table."""
    document = OpenDocumentText()
    text = document.text
    text.addElement(H(outlinelevel=1, text="ARTICLE 4 – CLAUSES SOCIALES"))
    text.addElement(H(outlinelevel=2, text="4.1 Engagement"))
    text.addElement(P(text="Le titulaire s'engage à :"))
    style = ListStyle(name="L1")
    style.addElement(ListLevelStyleBullet(level=1, bulletchar="•"))
    document.automaticstyles.addElement(style)
    items = List(stylename=style)
    for words in ("recruter deux personnes ;", "les former."):
        item = ListItem()
        item.addElement(P(text=words))
        items.addElement(item)
    text.addElement(items)
    table = Table()
    for row in (("Année", "Heures"), ("2027", "350")):
        line = TableRow()
        for words in row:
            cell = TableCell()
            cell.addElement(P(text=words))
            line.addElement(cell)
        table.addElement(line)
    text.addElement(table)
    return _odt(document)


def odt_comment() -> Source:
    """A remark in a paragraph, tabs, runs of spaces and ticks."""
    document = OpenDocumentText()
    paragraph = P(text="Clause sociale :")
    paragraph.addElement(Tab())
    paragraph.addElement(S(c=3))
    paragraph.addText("☒ avec")
    paragraph.addElement(S(c=2))
    paragraph.addText("☐ sans")
    note = Annotation()
    note.addElement(P(text="Vu avec le service achats"))
    paragraph.addElement(note)
    document.text.addElement(paragraph)
    return _odt(document)


def html_boxes() -> Source:
    """Inputs with their state, soft hyphens, entities, a hidden block."""
    return "html", (
        "<!doctype html><html lang=fr><meta charset=utf-8><h2>Clause sociale</h2>"
        "<p>Le titu&shy;laire coche&nbsp;:</p>"
        "<ul><li><input type=checkbox checked> insertion</li>"
        "<li><input type=checkbox> réservation</li></ul>"
        "<p style='display:none'>brouillon</p></html>"
    ).encode()


def html_table() -> Source:
    """A table with header cells and a cell without words."""
    return "html", (
        "<!doctype html><html lang=fr><meta charset=utf-8>"
        "<table><tr><th>Engagement</th><th>Oui</th><th>Non</th></tr>"
        "<tr><td>Tri des déchets</td><td></td><td>X</td></tr>"
        "<tr><td>Insertion</td><td>X</td><td></td></tr></table></html>"
    ).encode()


def text_boxes() -> Source:
    """Typed and true boxes in a text file, Windows line ends."""
    return "txt", (
        "ARTICLE 2 - OPTIONS\r\n\r\nSont retenues :\r\n"
        "[x] clause sociale\r\n[ ] réservation\r\n☑ critère social\r\n\r\n"
        "Variantes : ☐ OUI ☒ NON\r\n"
    ).encode()


def text_wrapped() -> Source:
    """Lines broken at a fixed width, words broken, pages parted by form feeds, page numbers."""
    return "txt", (
        "CCAP - Ville de Valbrume\n\n"
        "Le titulaire assure la bonne exécu-\ntion des prestations et confie à un sous-\n"
        "traitant agréé la collecte des\n\n1/2\n\f"
        "CCAP - Ville de Valbrume\n\n"
        "emballages.\n\n2/2\n"
    ).encode()
