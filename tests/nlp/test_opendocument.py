from __future__ import annotations

import re
from typing import Any

import pytest

from corpus.documents import Page
from nlp.reading import opendocument
from nlp.reading.errors import Encrypted, NoText, TooManyPages
from nlp.reading.opendocument import read_ods, read_odt

from .office_files import cells, checked, edited, notices, open_sheets, open_text, styles


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
        assert notices(read_odt, data) == {
            "tracked-changes": "2",
            "hidden-left-out": "1",
            "comments-ignored": "1",
        }

    def test_tick_boxes_of_forms(self) -> None:
        body = (
            "<office:forms><form:form><form:checkbox form:id='c1' form:current-state='checked'/>"
            "<form:checkbox form:id='c2'/></form:form></office:forms><text:p><draw:control"
            " draw:control='c1'/> oui <draw:control draw:control='c2'/> non</text:p>"
        )
        assert self.read(self.raw(body))[0].text == "☒ oui ☐ non"

    def test_fields_of_word_forms(self) -> None:
        mark = (
            '<field:fieldmark xmlns:field="urn:x:field" field:type="vnd.x.{}">{}</field:fieldmark>'
        )
        box = '<field:param field:name="Checkbox_Checked" field:value="{}"/>'
        entries = "".join(
            f'<field:param field:name="Dropdown_{name}" field:value="{value}"/>'
            for name, value in (("ListEntry", "non"), ("ListEntry", "oui"), ("Selected", "1"))
        )
        body = (
            f"<text:p>{mark.format('FORMCHECKBOX', box.format('true'))} EA</text:p>"
            f"<text:p>{mark.format('FORMCHECKBOX', box.format('false'))} ESAT</text:p>"
            f"<text:p>{mark.format('FORMCHECKBOX', '')} SIAE</text:p>"
            f"<text:p>{mark.format('FORMDROPDOWN', entries)}</text:p>"
            f"<text:p>{mark.format('FORMDROPDOWN', '')}{mark.format('FORMTEXT', '')}12</text:p>"
        )
        assert self.read(self.raw(body))[0].text == "☒ EA\n\n☐ ESAT\n\n☐ SIAE\n\noui\n\n12"

    def test_capitals_of_the_font(self) -> None:
        automatic = (
            '<style:style style:name="P1" style:family="paragraph"><style:text-properties'
            ' fo:text-transform="uppercase"/></style:style><style:style style:name="P2"'
            ' style:family="paragraph" style:parent-style-name="P1"/><style:style style:name="P3"'
            ' style:family="paragraph" style:parent-style-name="P1"><style:text-properties'
            ' fo:text-transform="none"/></style:style>'
        )
        body = "".join(f'<text:p text:style-name="P{n}">été</text:p>' for n in (1, 2, 3))
        assert self.read(self.raw(body, automatic))[0].text == "ÉTÉ\n\nÉTÉ\n\nété"

    def test_a_list_that_goes_on_with_another_by_its_name(self) -> None:
        automatic = "".join(
            f'<text:list-style style:name="{name}"><text:list-level-style-number text:level="1"'
            ' style:num-format="1"/></text:list-style>'
            for name in ("L1", "L2")
        )
        item = "<text:list-item><text:p>x</text:p></text:list-item>"
        body = (
            f'<text:list xml:id="un" text:style-name="L1">{item}{item}</text:list>'
            f'<text:list xml:id="deux" text:style-name="L1">{item}</text:list>'
            f'<text:list text:style-name="L2" text:continue-list="un">{item}</text:list>'
        )
        texts = [text for _, text in styles(self.read(self.raw(body, automatic))[0])]
        assert texts == ["1 x", "2 x", "1 x", "3 x"]

    def test_what_a_merged_cell_covers_is_not_read_and_frames_are_no_rows(self) -> None:
        cell = "<table:table-cell{}><text:p>{}</text:p>{}</table:table-cell>"
        covered = "<table:covered-table-cell><text:p>caché</text:p></table:covered-table-cell>"
        wide = ' table:number-columns-spanned="2"'
        rows = (
            cell.format("", "a", "") + cell.format("", "1", ""),
            cell.format(wide, "Article", "<text:p>Le marché est réservé.</text:p>") + covered,
            covered + cell.format("", "2", ""),
        )
        body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
        [page] = self.read(self.raw(f"<table:table>{body}</table:table>"))
        assert [cells(page, at) for at in range(2)] == [[["a", "1"]], [["", "2"]]]
        assert page.text == "a | 1\n\nArticle\n\nLe marché est réservé.\n\n2"

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
        monkeypatch.setattr(opendocument, "MAX_ROWS", 4)
        monkeypatch.setattr(opendocument, "MAX_COLUMNS", 3)
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
