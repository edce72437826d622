"""Mutants of good files through the readers: what is read, what is refused, what breaks.

    python tests/fuzz.py --count 20000 --seed 1 [--kind pdf docx ...] [--jobs 2] [--log FILE]
    python tests/fuzz.py --seed 1 --only 137 [--save FILE] [--reduce]

A mutant depends on the seed and on its number alone. Each is read in a long-lived child under the
limits of memory of the service and a shorter time; every tenth goes through the real door as well.
Linux only: memory, descriptors and children are counted in /proc.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import faulthandler
import gc
import io
import json
import logging
import math
import os
import quopri
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import warnings
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.util import get_temp_dir
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

from corpus.documents import Page, Piece
from service import screening
from service.report.data import screening_json
from service.screening import NothingRead, SourceFile
from service.settings import Limits

ROOT = Path(__file__).parents[1]
SECONDS = 30.0  # of the processor; the service allows 120: what takes longer is worth a look
STILL = 5 * SECONDS  # of the clock, for what waits without working
LIMITS = replace(Limits(), max_seconds=SECONDS, workers=1)  # pdfium knows no threads
SPARE = 8  # descriptors that libraries may open once and keep
RECYCLED = 250  # mutants a child reads before a fresh one takes over
LARGEST = 4 << 20  # bytes of a mutant
# Mutant n is of kind CYCLE[n % len(CYCLE)].
CYCLE = ("pdf", "docx", "zip", "xml") * 12 + (
    "xlsx", "odt", "ods", "7z", "json", "html", "rtf", "md", "txt", "doc", "xls", "mht",
)  # fmt: skip
KINDS = tuple(dict.fromkeys(CYCLE))

Change = Callable[[bytes, Random], bytes]


def chance(seed: int, number: int) -> Random:
    return Random(f"{seed}:{number}")  # noqa: S311 - nothing secret


# -- good files -----------------------------------------------------------------------------------

TEXT = (
    "RÈGLEMENT DE LA CONSULTATION", "Article 1 - Objet du marché",
    "Le marché porte sur l'entretien des espaces verts de la commune, lots 1 à 3.",
    "Article 2 - Clause sociale d'insertion",
    "Le titulaire consacre 350 heures à l'insertion ; pénalité de 50 € par heure manquante.",
    "Critère : valeur technique, pondération 60 % ; prix, pondération 40 %",
    "☒ Les variantes sont autorisées.   ☐ Les variantes sont interdites.",
)  # fmt: skip


def saved(document: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    document.save(out, **options)
    return out.getvalue()


def zipped(members: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive whose bytes depend on its members alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = method
            archive.NameToInfo.clear()  # a name twice is meant, no warning wanted
            archive.writestr(info, data)
    return out.getvalue()


def members(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = []
        for info in archive.infolist():
            with archive.open(info) as stream:
                found.append((info.filename, stream.read(LARGEST)))
        return found


def undated(data: bytes) -> bytes:
    """An office file without the moment at which it was made."""
    moment = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?")
    return zipped((name, moment.sub(b"2026-01-01T00:00:00", part)) for name, part in members(data))


def settled(data: bytes) -> bytes:
    """An OpenDocument whose parts declare what they use: odfpy declares all it has seen before."""
    declared = re.compile(rb' xmlns:([\w-]+)="[^"]*"')

    def used(part: bytes) -> bytes:
        body = declared.sub(b"", part)
        kept = sorted(m[0] for m in declared.finditer(part) if m[1] + b":" in body)
        return re.sub(
            rb"(<office:[\w-]+|<manifest:manifest)", rb"\1" + b"".join(kept), body, count=1
        )

    return zipped((name, used(part)) for name, part in members(undated(data)))


def shown(lines: Sequence[str]) -> bytes:
    escaped = (re.sub(rb"([\\()])", rb"\\\1", line.encode("cp1252", "replace")) for line in lines)
    return b"BT /F1 11 Tf 60 780 Td 16 TL\n" + b"".join(b"(%b) Tj T*\n" % e for e in escaped)


GRID = b"".join(
    b"60 %d m 500 %d l S %d 500 m %d 700 l S\n" % (y, y, x, x)
    for y, x in zip(range(500, 720, 40), range(60, 540, 88), strict=False)
)


def pdf_page(pdf: Any, content: bytes, **resources: Any) -> Any:
    import pikepdf

    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name("/Helvetica-Bold"),
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )
    pdf.add_blank_page(page_size=(595, 842))
    page = pdf.pages[-1]
    page.Contents = pdf.make_stream(content)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font), **resources)
    return page


def pdf_seeds() -> Iterator[bytes]:
    import pikepdf
    from pikepdf import Array, Dictionary, Name, String

    for file in screening.sample_files()[::4]:
        with pikepdf.open(io.BytesIO(file.data)) as pdf:
            del pdf.pages[1:-1]
            yield saved(pdf, static_id=True)
    body = shown(TEXT) + b"ET\n"
    with pikepdf.new() as pdf:
        for turn in (0, 90, 180):
            pdf_page(pdf, body).Rotate = turn
        pdf.pages[1].CropBox = Array([30, 30, 500, 800])
        plain = saved(pdf, static_id=True)
        yield plain
        yield saved(pdf, static_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        yield saved(pdf, static_id=True, linearize=True)
        yield saved(pdf, static_id=True, qdf=True)
        for user in ("", "secret"):
            lock = pikepdf.Encryption(owner="o", user=user, R=3, aes=False, metadata=False)
            yield saved(pdf, static_id=True, encryption=lock)
    yield aes(plain)
    with pikepdf.new() as pdf:
        picture = pdf.make_stream(
            bytes(range(256)) * 12, Type=Name.XObject, Subtype=Name.Image, Width=32, Height=32,
            ColorSpace=Name.DeviceRGB, BitsPerComponent=8,
        )  # fmt: skip
        inner = pdf.make_stream(b"q " + GRID + b" Q", Type=Name.XObject, Subtype=Name.Form,
                                BBox=Array([0, 0, 595, 842]))  # fmt: skip
        outer = pdf.make_stream(
            b"/Fm0 Do " + body, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 595, 842]),
            Resources=Dictionary(XObject=Dictionary(Fm0=inner)),
        )  # fmt: skip
        drawn = Dictionary(Im0=picture, Fm0=inner, Fm1=outer)
        pdf_page(pdf, b"q 595 0 0 842 0 0 cm /Im0 Do Q", XObject=drawn)
        pdf_page(pdf, b"/Fm0 Do /Fm1 Do " + GRID + body, XObject=drawn)
        yield saved(pdf, static_id=True)
        pdf_page(pdf, GRID + body)
        del pdf.pages[:2]
        rect = Array([60, 60, 300, 80])
        pdf.pages[0].Annots = Array(
            pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name("/" + kind), Rect=rect,
                                         Contents=String("Remarque"), **more))
            for kind, more in (
                ("Text", {}),
                ("FreeText", {"DA": String("/F1 9 Tf")}),
                ("Highlight", {"QuadPoints": Array([60, 80, 300, 80, 60, 60, 300, 60])}),
                ("Link", {"A": Dictionary(S=Name.URI, URI=String("https://exemple.fr"))}),
                ("Ink", {"InkList": Array([Array([1, 2, 3, 4])])}),
                ("Popup", {}),
            )
        )  # fmt: skip
        yield saved(pdf, static_id=True)
    yield pdf_form(body)
    yield pdf_composed()


def pdf_form(body: bytes) -> bytes:
    import pikepdf
    from pikepdf import Array, Dictionary, Name, String

    with pikepdf.new() as pdf:
        page = pdf_page(pdf, body)
        looks = [
            pdf.make_stream(
                b"/Tx BMC BT /F1 9 Tf 2 2 Td (%b) Tj ET EMC" % word, Type=Name.XObject,
                Subtype=Name.Form, BBox=Array([0, 0, 200, 16]), Resources=page.Resources,
            )
            for word in (b"Association Exemple", b"X", b"")
        ]  # fmt: skip
        fields = [
            pdf.make_indirect(
                Dictionary(
                    Type=Name.Annot, Subtype=Name.Widget, FT=Name("/" + kind),
                    T=String(f"champ{n}"),
                    Rect=Array([60, 300 + 20 * n, 260, 316 + 20 * n]), F=4, **more,
                )
            )
            for n, (kind, more) in enumerate(
                (
                    ("Tx", {"V": String("Association Exemple"), "AP": Dictionary(N=looks[0])}),
                    ("Btn", {"V": Name.Oui, "AS": Name.Oui,
                             "AP": Dictionary(N=Dictionary(Oui=looks[1], Off=looks[2]))}),
                    ("Btn", {"AS": Name.Off,
                             "AP": Dictionary(N=Dictionary(Oui=looks[1], Off=looks[2]))}),
                    ("Ch", {"Opt": Array([String("a"), String("b")]), "V": String("a"),
                            "Ff": 131072}),
                    ("Sig", {}),
                )
            )
        ]  # fmt: skip
        page.Annots = Array(fields)
        pdf.Root.AcroForm = Dictionary(Fields=Array(fields), DA=String("/F1 9 Tf 0 g"),
                                       DR=page.Resources)  # fmt: skip
        return saved(pdf, static_id=True)


def pdf_composed() -> bytes:
    """A font of two bytes a sign with its table of signs, layers, an attachment and bookmarks."""
    import pikepdf
    from pikepdf import Array, Dictionary, Name, String

    with pikepdf.new() as pdf:
        cmap = pdf.make_stream(
            b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
            b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            b"2 beginbfrange <0041> <005A> <0061> <0020> <0040> <0020> endbfrange\n"
            b"1 beginbfchar <0061> <00660069> endbfchar endcmap end end"
        )
        descendant = Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name.Exemple,
            CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"),
                                     Supplement=0),
            W=Array([0, Array([500] * 8), 9, 200, 600]),
            FontDescriptor=Dictionary(Type=Name.FontDescriptor, FontName=Name.Exemple, Flags=4),
        )  # fmt: skip
        font = Dictionary(
            Type=Name.Font, Subtype=Name.Type0, BaseFont=Name.Exemple,
            Encoding=Name("/Identity-H"), DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=cmap,
        )  # fmt: skip
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("Plan")))
        page = pdf_page(
            pdf,
            b"BT /F2 11 Tf 60 700 Td [<004100420043> -400 <0061>] TJ ET /OC /L BDC "
            b"BT /F2 9 Tf 3 Tr 60 600 Td <00440045> Tj ET EMC",
            Properties=Dictionary(L=layer),
        )
        page.Resources.Font.F2 = pdf.make_indirect(font)
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
        pdf.attachments["annexe.txt"] = b"Annexe"
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Article 1", 0))
        data = saved(pdf, static_id=True)
    return re.sub(rb"D:\d{14}[^)]*", b"D:20260101000000Z", data)


def aes(data: bytes) -> bytes:
    import pypdf

    dice = chance(0, 0)
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    with mock.patch("secrets.token_bytes", dice.randbytes):
        writer.encrypt("", "o", algorithm="AES-256")
        out = io.BytesIO()
        writer.write(out)
    return out.getvalue()


def docx_seeds() -> Iterator[bytes]:
    import docx
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    document = docx.Document()
    document.add_heading(TEXT[0], 0)
    for text in TEXT[1:]:
        document.add_paragraph(text, style="Heading 2" if "Article" in text else None)
    for text in TEXT[2:5]:
        document.add_paragraph(text, style="List Bullet")
        document.add_paragraph(text, style="List Number")
    small = undated(saved(document))
    yield small
    table = document.add_table(4, 3, style="Table Grid")
    for n, cell in enumerate(table._cells):
        cell.text = f"Critère {n} : 20 %"
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(1, 2).merge(table.cell(3, 2))
    table.cell(1, 0).add_table(2, 2).cell(0, 0).text = "Dedans"
    section = document.sections[0]
    section.header.paragraphs[0].text = "Commune d'Exemple"
    section.footer.paragraphs[0].text = "Page 1"
    document.add_page_break()
    spaces = nsdecls("w", "wp", "a") + (
        ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
        ' xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
    )
    for body in (
        '<w:p><w:ins w:id="1" w:author="a"><w:r><w:t>ajouté</w:t></w:r></w:ins>'
        '<w:del w:id="2" w:author="a"><w:r><w:delText>ôté</w:delText></w:r></w:del></w:p>',
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF a</w:instrText>'
        '</w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>12</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>',
        '<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr>'
        "<w:sdtContent><w:p><w:r><w:t>Oui</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:inline><a:graphic>"
        "<a:graphicData uri='x'><wps:wsp><wps:txbx><w:txbxContent><w:p><w:r><w:t>Encadré</w:t>"
        "</w:r></w:p></w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline>"
        "</w:drawing></mc:Choice></mc:AlternateContent></w:r></w:p>",
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="2"/></w:numPr></w:pPr><w:r>'
        '<w:sym w:font="Wingdings" w:char="F0FE"/><w:tab/><w:t>Réservé</w:t></w:r></w:p>',
    ):
        for element in list(parse_xml(f"<w:body {spaces}>{body}</w:body>")):
            document.element.body.sectPr.addprevious(element)
    yield undated(saved(document))


def xlsx_seeds() -> Iterator[bytes]:
    import datetime

    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "BPU"
    sheet.append(["N°", "Désignation", "Prix", "Date"])
    for n in range(1, 9):
        sheet.append([n, TEXT[n % 7], n * 1.5, datetime.datetime(2026, 1, n)])
    sheet.merge_cells("A12:C13")
    sheet["A12"] = "Total"
    sheet["D12"] = "=SUM(C2:C9)"
    sheet["C2"].number_format = "#,##0.00 €"
    sheet.row_dimensions[4].hidden = True
    other = book.create_sheet("Annexe")
    other["Z50"] = True
    yield undated(saved(book))


def odt_seeds() -> Iterator[bytes]:
    from odf import opendocument, style, table, text

    document = opendocument.OpenDocumentText()
    bold = style.Style(name="Gras", family="paragraph")
    bold.addElement(style.TextProperties(fontweight="bold"))
    document.automaticstyles.addElement(bold)
    for line in TEXT:
        element = text.H(outlinelevel=1) if "Article" in line else text.P(stylename=bold)
        element.addText(line)
        document.text.addElement(element)
    listed = text.List()
    for line in TEXT[2:5]:
        item = text.ListItem()
        item.addElement(text.P(text=line))
        listed.addElement(item)
    document.text.addElement(listed)
    document.text.addElement(odf_table(table, text))
    noted = text.P(text="Voir ")
    note = text.Note(noteclass="footnote")
    note.addElement(text.NoteCitation(text="1"))
    body = text.NoteBody()
    body.addElement(text.P(text="Une note"))
    note.addElement(body)
    noted.addElement(note)
    noted.addElement(text.S(c=3))
    document.text.addElement(noted)
    yield settled(saved(document))


def ods_seeds() -> Iterator[bytes]:
    from odf import opendocument, table, text

    document = opendocument.OpenDocumentSpreadsheet()
    document.spreadsheet.addElement(odf_table(table, text))
    yield settled(saved(document))


def odf_table(table: Any, text: Any) -> Any:
    made = table.Table(name="Lots")
    made.addElement(table.TableColumn(numbercolumnsrepeated=3))
    for n in range(5):
        row = table.TableRow(numberrowsrepeated=2 if n == 3 else 1)
        for column in range(3):
            cell = table.TableCell(
                valuetype="float", value=n, numbercolumnsrepeated=2 if column == 2 else 1
            )
            cell.addElement(text.P(text=TEXT[(n + column) % 7]))
            row.addElement(cell)
        made.addElement(row)
    return made


UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
EFORMS = "http://data.europa.eu/p27/eforms-ubl-extension"
SPACES = (
    f'xmlns="{UBL}ContractNotice-2" xmlns:cac="{UBL}CommonAggregateComponents-2"'
    f' xmlns:cbc="{UBL}CommonBasicComponents-2" xmlns:ext="{UBL}CommonExtensionComponents-2"'
    f' xmlns:efac="{EFORMS}-aggregate-components/1" xmlns:efext="{EFORMS}s/1"'
    f' xmlns:efbc="{EFORMS}-basic-components/1"'
)
PARAMETER = (
    "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><efext:EformsExtension>"
    '<efac:AwardCriterionParameter><efbc:ParameterCode listName="number-weight">per-exa'
    "</efbc:ParameterCode><efbc:ParameterNumeric>40.5</efbc:ParameterNumeric>"
    "</efac:AwardCriterionParameter></efext:EformsExtension></ext:ExtensionContent>"
    "</ext:UBLExtension></ext:UBLExtensions>"
)
LOT = (
    '<cac:ProcurementProjectLot><cbc:ID schemeName="Lot">LOT-000{0}</cbc:ID><cac:TenderingTerms>'
    '<cbc:VariantConstraintCode listName="permission">allowed</cbc:VariantConstraintCode>'
    "<cac:TendererQualificationRequest><cac:SpecificTendererRequirement>"
    '<cbc:TendererRequirementTypeCode listName="reserved-procurement">res-ws'
    "</cbc:TendererRequirementTypeCode></cac:SpecificTendererRequirement>"
    "</cac:TendererQualificationRequest><cac:ContractExecutionRequirement>"
    '<cbc:ExecutionRequirementCode listName="conditions">performance</cbc:ExecutionRequirementCode>'
    '<cbc:Description languageID="FRA">{1}</cbc:Description></cac:ContractExecutionRequirement>'
    "<cac:AwardingTerms><cac:AwardingCriterion><cac:SubordinateAwardingCriterion>{2}"
    '<cbc:AwardingCriterionTypeCode listName="award-criterion-type">quality'
    '</cbc:AwardingCriterionTypeCode><cbc:Name languageID="FRA">Insertion</cbc:Name>'
    "</cac:SubordinateAwardingCriterion></cac:AwardingCriterion></cac:AwardingTerms>"
    "</cac:TenderingTerms><cac:TenderingProcess><cac:TenderSubmissionDeadlinePeriod>"
    "<cbc:EndDate>2026-03-01+01:00</cbc:EndDate><cbc:EndTime>12:00:00+01:00</cbc:EndTime>"
    "</cac:TenderSubmissionDeadlinePeriod></cac:TenderingProcess><cac:ProcurementProject>"
    '<cbc:Name languageID="FRA">Nettoyage</cbc:Name><cbc:Description languageID="NLD">Ramen'
    "</cbc:Description><cac:RequestedTenderTotal><cbc:EstimatedOverallContractAmount "
    'currencyID="EUR">1234500.50</cbc:EstimatedOverallContractAmount></cac:RequestedTenderTotal>'
    '<cac:PlannedPeriod><cbc:DurationMeasure unitCode="MONTH">48</cbc:DurationMeasure>'
    "<cbc:StartDate>2026-05-04Z</cbc:StartDate></cac:PlannedPeriod><cac:ProcurementAdditionalType>"
    '<cbc:ProcurementTypeCode listName="strategic-procurement">soc-obj</cbc:ProcurementTypeCode>'
    "</cac:ProcurementAdditionalType></cac:ProcurementProject></cac:ProcurementProjectLot>"
)
TED = (
    '<TED_EXPORT xmlns="http://publications.europa.eu/resource/schema/ted/R2.0.9/publication">'
    '<FORM_SECTION><F02_2014 CATEGORY="ORIGINAL" FORM="F02" LG="FR"><OBJECT_CONTRACT><TITLE><P>'
    "Entretien</P></TITLE><CPV_MAIN><CPV_CODE CODE='90910000'/></CPV_MAIN><TYPE_CONTRACT "
    "CTYPE='SERVICES'/><SHORT_DESCR><P>{1}</P></SHORT_DESCR><OBJECT_DESCR ITEM='1'><TITLE><P>"
    "Vitres</P></TITLE><LOT_NO>1</LOT_NO><AC><AC_QUALITY><AC_CRITERION>Insertion</AC_CRITERION>"
    "<AC_WEIGHTING>20</AC_WEIGHTING></AC_QUALITY><AC_PRICE><AC_WEIGHTING>80 %</AC_WEIGHTING>"
    "</AC_PRICE></AC><VAL_OBJECT CURRENCY='EUR'>90000</VAL_OBJECT><DURATION TYPE='MONTH'>24"
    "</DURATION><NO_ACCEPTED_VARIANTS/></OBJECT_DESCR></OBJECT_CONTRACT><LEFTI>"
    "<RESTRICTED_SHELTERED_WORKSHOP/></LEFTI><PROCEDURE><PT_OPEN/><DATE_RECEIPT_TENDERS>2020-09-01"
    "</DATE_RECEIPT_TENDERS><TIME_RECEIPT_TENDERS>16:30</TIME_RECEIPT_TENDERS></PROCEDURE>"
    "</F02_2014></FORM_SECTION></TED_EXPORT>"
)


def xml_seeds() -> Iterator[bytes]:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    lots = "".join(LOT.format(n, TEXT[4], PARAMETER) for n in (1, 2))
    yield f"{head}<ContractNotice {SPACES}>{lots}</ContractNotice>".encode()
    yield f"{head}{TED.format(1, TEXT[4])}".encode()
    yield (f"<ContractNotice {SPACES}>" + LOT.format(1, "Dix", "") + "</ContractNotice>").encode()


def json_seeds() -> Iterator[bytes]:
    lot = {
        "lot_id": "LOT-0002", "title": "Nord", "reserved_procurement_BT71": ["res-ws"],
        "execution_terms_BT70": [TEXT[4]], "strategic_procurement_BT06": ["soc-obj"],
        "award": [{"type": "price", "name": "Prix", "descr": "", "weight": "60"},
                  {"type": "quality", "name": "", "descr": "Insertion", "weight": "40 %"}],
    }  # fmt: skip
    notice = {"doc_id": "1", "title": "Entretien", "descr": TEXT[2], "cpv_main": ["77310000"],
              "lots": [lot, lot]}  # fmt: skip
    yield json.dumps(notice, ensure_ascii=False).encode()
    yield json.dumps({"path": "avis.html", "text": "\n".join(TEXT), "n_chars": 3}).encode()
    item = {"id": "1", "relatedLots": ["1"], "description": TEXT[4], "type": "quality"}
    tender = {
        "title": "Entretien", "value": {"amount": 90000.5, "currency": "EUR"}, "lots": [
            {"id": "1", "title": "Nord", "contractPeriod": {"durationInDays": 60},
             "hasSustainability": True, "sustainability": [
                 {"goal": "social", "strategies": ["awardCriteria"], "description": TEXT[4]}],
             "awardCriteria": {"criteria": [{**item, "numbers": [
                 {"number": 40, "weight": "percentageExact"}]}]},
             "otherRequirements": {"reservedParticipation": ["shelteredWorkshop"]},
             "contractTerms": {"performanceTerms": TEXT[4], "reservedExecution": True}}],
        "items": [item], "tenderPeriod": {"endDate": "2026-03-01T12:00:00+01:00"},
    }  # fmt: skip
    release = {"ocid": "ocds-1", "id": "1", "tag": ["tender"], "tender": tender}
    yield json.dumps({"releases": [release]}).encode()
    contract = {
        "id": "1", "objet": "Entretien", "montant": 90000, "dureeMois": 24, "codeCPV": "77310000",
        "considerationsSociales": {"considerationSociale": ["Clause sociale", "Critère social"]},
        "considerationsEnvironnementales": "Clause environnementale; Critère",
        "lieuExecution": {"code": "35000"}, "modifications": [{"objetModification": "Délai"}],
    }  # fmt: skip
    yield json.dumps({"marches": {"marche": [contract, contract]}}).encode()


def html_seeds() -> Iterator[bytes]:
    rows = "".join(f"<tr><td colspan=2>{line}<td rowspan=2>20 %</tr>" for line in TEXT)
    yield (
        "<!DOCTYPE html><html lang=fr><head><meta charset=utf-8><title>Avis</title></head><body>"
        f"<h1>{TEXT[0]}</h1><p>{TEXT[2]}<br>suite</p><ul><li>un<li>deux<ol><li>trois</ol></ul>"
        f"<table><tr><th>Critère<th>Note</tr>{rows}</table><del>ôté</del><input type=checkbox "
        "checked> oui<select><option selected>a<option>b</select><pre>tel\nquel</pre>"
        "<p style='display:none'>rien</p><p>&eacute;t&#233; &amp; &#x2612;</p></body></html>"
    ).encode()


def rtf_seeds() -> Iterator[bytes]:
    lines = "".join(rf"\pard {line}\par " for line in TEXT).encode("cp1252", "replace")
    yield (
        rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}{\stylesheet{\s1 heading 1;}}"
        rb"{\info{\title x}}\f0\fs22\u233?t\'e9 \uc1\u-10179?\u-8703?" + lines +
        rb"\trowd\cellx3000\cellx6000\intbl a\cell b\cell\row{\pict\pngblip\bin4 abcd}"
        rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt lien}}\page fin}"
    )  # fmt: skip


def text_seeds() -> Iterator[bytes]:
    yield "\n\n".join(TEXT).encode()
    yield (
        "# Titre\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] oui\n  1. un\n\n" + TEXT[4]
    ).encode()
    yield "\f".join(f"--- page {n} ---\n{line}" for n, line in enumerate(TEXT, 1)).encode(
        "cp1252", "replace"
    )


def ole(*streams: str) -> bytes:
    """What Word and Excel wrote before 2007, as far as the directory of its streams."""
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    header[30] = 9  # sectors of 512 bytes
    directory = b""
    for at, name in enumerate(("Root Entry", *streams)):
        letters = name.encode("utf-16-le") + b"\0\0"
        entry = struct.pack("<64sHB49xIQ", letters, len(letters), 2 if at else 5, at, 512)
        directory += entry
    return bytes(header) + directory.ljust(512, b"\0") + b"\xec\xa5" + bytes(1022)


def doc_seeds() -> Iterator[bytes]:
    yield ole("WordDocument", "1Table")
    yield ole("EncryptedPackage")
    space = "http://schemas.microsoft.com/office/word/2003/wordml"
    lines = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in TEXT)
    yield (
        '<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Word.Document"?>'
        f'<w:wordDocument xmlns:w="{space}"><w:body>{lines}</w:body></w:wordDocument>'
    ).encode()
    yield next(html_seeds())
    yield next(rtf_seeds())


def xls_seeds() -> Iterator[bytes]:
    yield ole("Workbook")
    yield ole("Book", "Workbook")
    cells = "".join(
        f'<Row><Cell><Data ss:Type="String">{line}</Data></Cell></Row>' for line in TEXT
    )
    yield (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="BPU"><Table>'
        f"{cells}</Table></Worksheet></Workbook>"
    ).encode()


def mht_seeds() -> Iterator[bytes]:
    page = next(html_seeds())
    for how, body in (
        (b"quoted-printable", quopri.encodestring(page)),
        (b"base64", base64.encodebytes(page)),
        (b"8bit", page),
    ):
        yield (
            b"From: <x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"b\"\r\n"
            b"\r\n--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b\r\nContent-Type: text/html;"
            b" charset=\"utf-8\"\r\nContent-Transfer-Encoding: "
            + how + b"\r\n\r\n" + body + b"\r\n--b--\r\n"
        )  # fmt: skip


def zip_seeds() -> Iterator[bytes]:
    small = next(docx_seeds())
    text = "\n".join(TEXT).encode()
    with contextlib.closing(pdf_seeds()) as made:
        pdf = next(data for data in made if len(data) < 9000)
    inner = zipped([("LOT 1/CCTP.pdf", pdf), ("LOT 1/CCAP.txt", text)])
    yield zipped([("RC.txt", text), ("LOT 1/Règlement n°2.txt", text[:99]), ("x/vide.txt", b"")])
    yield zipped([("DCE.zip", inner), ("CCAP.docx", small), ("RC.pdf", pdf)], zipfile.ZIP_STORED)
    yield zipped(
        [("lots.zip", zipped([("b.zip", inner), ("a.md", text)])), ("avis.md", text[:300])]
    )
    yield zipped([("lot.7z", next(seven_seeds())), ("avis.json", next(json_seeds()))])
    yield zipped(
        [("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<a/>")]
    )


def seven_seeds() -> Iterator[bytes]:
    import py7zr
    from py7zr import helpers

    text = "\n".join(TEXT).encode()
    moment = helpers.ArchiveTimestamp.from_datetime(1_750_000_000)
    filters = (
        None,
        [{"id": py7zr.FILTER_LZMA}],
        [{"id": py7zr.FILTER_DELTA}, {"id": py7zr.FILTER_LZMA2}],
        [{"id": py7zr.FILTER_BZIP2}],
        [{"id": py7zr.FILTER_DEFLATE}],
        [{"id": py7zr.FILTER_ZSTD}],
        [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}],
        [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_LZMA2}],
        [{"id": py7zr.FILTER_COPY}],
    )
    with mock.patch.object(helpers.ArchiveTimestamp, "from_now", return_value=moment):
        for n, chosen in enumerate(filters):
            out = io.BytesIO()
            with py7zr.SevenZipFile(out, "w", filters=chosen) as archive:
                archive.set_encoded_header_mode(n == 1)
                archive.writestr(text, "LOT 1/RC.txt")
                archive.writestr(text[:200], "CCTP.md")
                archive.writestr(b"", "vide.txt")
            yield out.getvalue()


SEEDS: Mapping[str, Callable[[], Iterator[bytes]]] = {
    "pdf": pdf_seeds, "docx": docx_seeds, "xlsx": xlsx_seeds, "odt": odt_seeds, "ods": ods_seeds,
    "zip": zip_seeds, "7z": seven_seeds, "xml": xml_seeds, "json": json_seeds, "html": html_seeds,
    "rtf": rtf_seeds, "md": text_seeds, "txt": text_seeds, "doc": doc_seeds, "xls": xls_seeds,
    "mht": mht_seeds,
}  # fmt: skip
_MAKING = threading.Lock()


@cache
def _seeds(kind: str) -> tuple[bytes, ...]:
    return tuple(SEEDS[kind]())


def seeds(kind: str) -> tuple[bytes, ...]:
    with _MAKING:
        return _seeds(kind)


# -- blind changes --------------------------------------------------------------------------------

NUMBERS = (
    b"-1", b"0", b"1", b"2", b"127", b"255", b"65535", b"65536", b"1000000", b"2147483647",
    b"2147483648", b"-2147483648", b"4294967295", b"9223372036854775807", b"9223372036854775808",
    b"99999999999999999999999", b"1e308", b"-0.0000001", b"nan", b"inf", b"3,5", b"1" * 5000, b"",
    "٣".encode(), "²".encode(),
)  # fmt: skip
# What patterns may stumble over, in lengths that tell a square from a line.
HOSTILE = (
    " " * 30_000, "1." * 15_000, "a" * 60_000, "a " * 20_000, "A B C D " * 6_000,
    ("-" * 80 + "\n") * 400, "(" * 20_000, "l'" * 15_000, "1 000 " * 8_000, "e\u0301" * 9_000,
    "\u200b" * 20_000, "|" * 15_000, "\n" * 30_000, "☒ " * 9_000,
    "Article 1.1.1.1.1.1.1.1.1.1 " * 900, "lot n° 1, " * 4_000, "%" * 9_000, "insertion " * 6_000,
    "critère : 40 % ; " * 3_000, "20 points\n" * 4_000, "« " * 9_000, "\t" * 30_000,
    "réservé " * 6_000, "\u202e\u2066abc", "\ud7ff\ue000\uffff\ufffe", "\0\1\2\x1f\x7f\x85",
    "İIıß ŉ ΐ ﬃ", "𝔘𝔫" * 3_000, "1" * 20_000, "0,5 % " * 5_000, "350 heures " * 4_000, "." * 30_000,
    "Article 1 - x\n" * 4_000, "ne pas " * 5_000, "(a) b\n" * 5_000,
    "................. 12\n" * 1_500, "hors " * 5_000, "_" * 30_000,
)  # fmt: skip


def place(data: bytes, dice: Random) -> int:
    return dice.randrange(len(data) + 1)


def stretch(data: bytes, dice: Random) -> tuple[int, int]:
    start = place(data, dice)
    return start, min(len(data), start + int(2 ** dice.uniform(0, math.log2(len(data) + 2))))


def flip(data: bytes, dice: Random) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 8, 40)) if out else 0):
        out[dice.randrange(len(out))] ^= 1 << dice.randrange(8)
    return bytes(out)


def poke(data: bytes, dice: Random) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice((1, 2, 5)) if len(out) > 8 else 0):
        form, value = dice.choice(
            (("<B", 0), ("<B", 255), ("<H", 65535), ("<H", 0), ("<I", 0), ("<I", 2**32 - 1),
             (">I", 2**31 - 1), ("<I", 2**31), ("<Q", 2**63), ("<q", -1))
        )  # fmt: skip
        struct.pack_into(form, out, dice.randrange(len(out) - 8), value)
    return bytes(out)


def drop(data: bytes, dice: Random) -> bytes:
    start, end = stretch(data, dice)
    return data[:start] + data[end:]


def again(data: bytes, dice: Random) -> bytes:
    start, end = stretch(data, dice)
    times = min(dice.choice((1, 2, 30, 3000)), 1 + LARGEST // (4 * (end - start + 1)))
    return data[:end] + data[start:end] * times + data[end:]


def swap(data: bytes, dice: Random) -> bytes:
    a, b, c, d = sorted((*stretch(data, dice), *stretch(data, dice)))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def cut(data: bytes, dice: Random) -> bytes:
    at = place(data, dice)
    return data[at:] if dice.random() < 0.1 else data[:at]


def noise(data: bytes, dice: Random) -> bytes:
    start, end = stretch(data, dice)
    new = dice.randbytes(min(end - start, 4096))
    return data[:start] + (new if dice.random() < 0.7 else bytes(end - start)) + data[end:]


def number(data: bytes, dice: Random) -> bytes:
    found = [match.span() for match in re.finditer(rb"-?\d+(?:\.\d+)?", data)]
    for start, end in sorted(dice.sample(found, min(len(found), dice.choice((1, 1, 3)))))[::-1]:
        data = data[:start] + dice.choice(NUMBERS) + data[end:]
    return data


BLIND: tuple[Change, ...] = (flip, flip, poke, drop, again, swap, cut, noise, number)


def blind(data: bytes, dice: Random) -> bytes:
    return dice.choice(BLIND)(data, dice)


def spliced(kind: str) -> Change:
    def splice(data: bytes, dice: Random) -> bytes:
        other = dice.choice(seeds(kind))
        return data[: place(data, dice)] + other[place(other, dice) :]

    return splice


def hostile(data: bytes, dice: Random) -> bytes:
    at = place(data, dice)
    return data[:at] + dice.choice(HOSTILE).encode("utf-8", "surrogatepass") + data[at:]


ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "utf-8-sig", "utf-7", "cp037")


def encoded(data: bytes, dice: Random) -> bytes:
    text = data.decode("utf-8", "replace")
    data = text.encode(dice.choice(ENCODINGS), "replace")
    return dice.choice((b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0")) + data


# -- XML and HTML ---------------------------------------------------------------------------------

TAG = re.compile(rb"</?[A-Za-z][^<>]{0,400}>")
NAME = re.compile(rb"(?<=[</])[A-Za-z][\w:.-]*")
VALUE = re.compile(rb"""(?<==)(?:"[^"<]*"|'[^'<]*')""")
TEXTS = re.compile(rb"(?<=>)[^<>]+(?=<)")
PROLOG = re.compile(rb"\s*(?:<\?xml[^>]*\?>)?")
PASSWORDS = "root:x:0"
ENTITIES = (
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;<!ENTITY x "y">]>',
    b'<!DOCTYPE a SYSTEM "file:///etc/passwd">',
    b'<!DOCTYPE a [<!ENTITY x0 "ha">'
    + b"".join(b'<!ENTITY x%d "%b">' % (n, b"&x%d;" % (n - 1) * 10) for n in range(1, 12))
    + b'<!ENTITY x "&x11;">]>',
    b'<!DOCTYPE a [<!ENTITY x "' + b"y" * 90_000 + b'">]>', b'<!DOCTYPE a [<!ENTITY x "&x;">]>',
    b'<!DOCTYPE a [<!ATTLIST a b CDATA "x">]>', b"<!DOCTYPE a [" + b"<!-- -->" * 9000 + b"]>",
    b"<!DOCTYPE ",
)  # fmt: skip


def between(data: bytes, dice: Random) -> tuple[int, int]:
    """Two places next to tags."""
    edges = [edge for match in TAG.finditer(data) for edge in match.span()] or [0]
    first = dice.randrange(len(edges))
    return edges[first], edges[min(len(edges) - 1, first + dice.choice((1, 2, 3, 8, 40)))]


def replaced(data: bytes, pattern: re.Pattern[bytes], new: Callable[[bytes], bytes],
             dice: Random) -> bytes:  # fmt: skip
    found = [match.span() for match in pattern.finditer(data)]
    for start, end in sorted(dice.sample(found, min(len(found), dice.choice((1, 1, 2, 6)))))[::-1]:
        data = data[:start] + new(data[start:end]) + data[end:]
    return data


def xml_name(data: bytes, dice: Random) -> bytes:
    names = NAME.findall(data) or [b"a"]
    if dice.random() < 0.5:  # every such element, so that the file stays well formed
        old = re.escape(dice.choice(names))
        return re.sub(rb"(?<=[</])" + old + rb"(?=[\s/>])", dice.choice(names), data)
    return replaced(data, NAME, lambda _: dice.choice(names), dice)


def xml_drop(data: bytes, dice: Random) -> bytes:
    start, end = between(data, dice)
    return data[:start] + data[end:]


def xml_again(data: bytes, dice: Random) -> bytes:
    start, end = between(data, dice)
    times = min(dice.choice((1, 2, 50, 2000, 30_000)), 1 + LARGEST // (2 * (end - start + 1)))
    return data[:end] + data[start:end] * times + data[end:]


def xml_element(data: bytes, dice: Random) -> bytes:
    """One element with what is in it, repeated, removed, moved or put into itself."""
    opened = list(re.finditer(rb"<([A-Za-z][\w:.-]*)[^<>]*(?<!/)>", data))
    if not opened:
        return data
    start = dice.choice(opened)
    end = data.find(b"</" + start[1] + b">", start.end())
    if end < 0:
        return data
    last = end + len(start[1]) + 3
    whole = data[start.start() : last]
    match dice.randrange(4):
        case 0:
            return data[: start.start()] + data[last:]
        case 1:
            times = min(dice.choice((2, 60, 3000)), 1 + LARGEST // (2 * len(whole)))
            return data[: start.start()] + whole * times + data[last:]
        case 2:
            at = between(data, dice)[0]
            return data[:at] + whole + data[at:]
        case _:
            depth = min(dice.choice((2, 40, 300, 5000)), 1 + LARGEST // (2 * len(whole)))
            head, tail = data[start.start() : start.end()], data[end:last]
            return (
                data[: start.start()] + head * depth + data[start.end() : end] + tail * depth
                + data[last:]
            )  # fmt: skip


def xml_nest(data: bytes, dice: Random) -> bytes:
    start, end = between(data, dice)
    name = dice.choice(NAME.findall(data) or [b"a"])
    depth = dice.choice((30, 200, 260, 3000, 60_000))
    closing = b"</" + name + b">"
    if dice.random() < 0.2:
        closing = b""
    return (
        data[:start] + b"<" * bool(depth) + name + b">" + (b"<" + name + b">") * depth
        + data[start:end] + closing * (depth + 1) + data[end:]
    )  # fmt: skip


def xml_value(data: bytes, dice: Random) -> bytes:
    def new(old: bytes) -> bytes:
        value = dice.choice(
            (dice.choice(NUMBERS), dice.choice(NUMBERS), dice.choice(NUMBERS), b"x" * 300_000, b"",
             b"&#xD800;", b"&x;", b"&#0;", b"../../etc/passwd", b"true",
             dice.choice(VALUE.findall(data))[1:-1])
        )  # fmt: skip
        return old[:1] + value + old[-1:]

    return replaced(data, VALUE, new, dice)


def xml_attributes(data: bytes, dice: Random) -> bytes:
    many = b"".join(b' a%d="%d"' % (n, n) for n in range(dice.choice((2, 300, 20_000))))
    extra = dice.choice(
        (many, b' a="1" a="2"', b' xmlns:a=""', b' xmlns="x"', b" a", b" =", b' a:b="c"')
    )
    return replaced(data, NAME, lambda name: name + extra, dice)


def xml_text(data: bytes, dice: Random) -> bytes:
    def new(old: bytes) -> bytes:
        return dice.choice(
            (b"", b"&x;", b"&#xD800;", b"&#0;", b"&#x110000;", b"&nbsp;", b"<![CDATA[" + old,
            b"<?x " + old,
             b"<!-- " + old, b"<![CDATA[x]]>" + old, old * 300, dice.choice(NUMBERS),
             dice.choice(NUMBERS),
             *(dice.choice(HOSTILE).encode("utf-8", "replace") for _ in range(4)))
        )  # fmt: skip

    return replaced(data, TEXTS, new, dice)


def xml_entity(data: bytes, dice: Random) -> bytes:
    at = PROLOG.match(data)
    here = at.end() if at else 0
    data = data[:here] + dice.choice(ENTITIES) + data[here:]
    return replaced(data, TEXTS, lambda _: b"&x;", dice)


def xml_encoding(data: bytes, dice: Random) -> bytes:
    names = (b"utf-16", b"iso-8859-1", b"utf-7", b"ascii", b"x" * 500, b"unicode_escape", b"UCS-4",
             b"ebcdic-cp-us", b"idna", b"")  # fmt: skip
    head = b'<?xml version="1.0" encoding="' + dice.choice(names) + b'"?>'
    data = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", data)
    return encoded(head + data, dice) if dice.random() < 0.6 else head + data


XML: tuple[Change, ...] = (
    xml_name, xml_name, xml_drop, xml_again, xml_element, xml_element, xml_element, xml_nest,
    xml_value, xml_value, xml_attributes, xml_text, xml_text, xml_entity, xml_encoding, number,
    blind,
)  # fmt: skip


def xml(data: bytes, dice: Random) -> bytes:
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        data = dice.choice(XML)(data, dice)[:LARGEST]
    return data


# -- ZIP and what is packed in it -----------------------------------------------------------------

# Signature -> (offset, struct form) of the fields of a record.
RECORDS = {
    b"PK\x03\x04": ((4, "<H"), (6, "<H"), (8, "<H"), (14, "<I"), (18, "<I"), (22, "<I"), (26, "<H"),
                    (28, "<H")),
    b"PK\x01\x02": ((4, "<H"), (6, "<H"), (8, "<H"), (10, "<H"), (16, "<I"), (20, "<I"), (24, "<I"),
                    (28, "<H"), (30, "<H"), (32, "<H"), (34, "<H"), (38, "<I"), (42, "<I")),
    b"PK\x05\x06": ((4, "<H"), (6, "<H"), (8, "<H"), (10, "<H"), (12, "<I"), (16, "<I"), (20,
    "<H")),
}  # fmt: skip
FIELD = (
    0, 1, 2, 8, 9, 12, 14, 20, 30, 46, 93, 99, 0x801, 0xFFFE, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1,
)  # fmt: skip


def zip_record(data: bytes, dice: Random) -> bytes:
    out = bytearray(data)
    places = [
        (found.start() + at, form)
        for signature, fields in RECORDS.items()
        for found in re.finditer(re.escape(signature), data)
        for at, form in fields
        if found.start() + at + 4 <= len(data)
    ]
    for at, form in dice.sample(places, min(len(places), dice.choice((1, 1, 2, 5)))):
        (old,) = struct.unpack_from(form, out, at)
        value = dice.choice((*FIELD, old + 1, old - 1, old * 2, dice.getrandbits(32)))
        struct.pack_into(form, out, at, value & (0xFFFF if form == "<H" else 0xFFFFFFFF))
    return bytes(out)


def zip64(data: bytes, dice: Random) -> bytes:
    """Add the records of large archives, with numbers that lie."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0:
        return data
    large = [dice.choice((0, 1, 3, end, 2**31, 2**32, 2**63, 2**64 - 1)) for _ in range(5)]
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", large[0], 45, 45, 0, 0, *large[1:5])
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, dice.choice((end, 0, 2**63)), 1)
    return data[:end] + record + locator + data[end:]


PATHS = (
    "../../x.pdf", "/etc/passwd", "C:\\x", "a\0b.pdf", "", ".", "..", "a" * 60_000, "CON",
    "x/" * 3000, "con.zip", "\u202egpj.pdf", "é" * 300, "-rf", "mimetype", "content.xml",
    "word/document.xml", "a//b", "[Content_Types].xml", "xl/workbook.xml", "a\nb.txt",
    "LOT 99999999999999999999/CCTP.txt", "a\\..\\b",
)  # fmt: skip


def zip_parts(data: bytes, dice: Random) -> bytes:
    """Remove, rename, double, empty, exchange or add members."""
    parts = members(data)
    for _ in range(dice.choice((1, 1, 2))):
        at = dice.randrange(len(parts)) if parts else 0
        match dice.randrange(7) if parts else 6:
            case 0:
                del parts[at]
            case 1:
                parts[at] = (dice.choice(PATHS), parts[at][1])
            case 2:
                parts.insert(dice.randrange(len(parts)), (parts[at][0], dice.choice(parts)[1]))
            case 3:
                parts[at] = (parts[at][0], dice.choice((b"", b"\0", b"<a/>", b"PK\x03\x04")))
            case 4:
                parts[at] = (parts[at][0], dice.choice(parts)[1])
            case 5:
                other = dice.choice(
                    members(dice.choice(seeds(dice.choice(("docx", "odt", "xlsx", "ods")))))
                )
                parts[at] = (parts[at][0], other[1])
            case _:
                count = dice.choice((1, 1, 61, 3000))
                parts += [(f"{n}{dice.choice(PATHS)[:60]}", b"x" * (n % 9)) for n in range(count)]
    method = dice.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    return zipped(parts, method)


def zip_inside(data: bytes, dice: Random) -> bytes:
    """Change what members hold and pack again."""
    parts = members(data)
    for _ in range(dice.choice((1, 1, 2))):
        # The largest part of an office file is its theme or styles: the body must have its share.
        body = [n for n, (name, _) in enumerate(parts) if name in BODIES]
        at = dice.choice(body) if body and dice.random() < 0.6 else dice.randrange(len(parts))
        name, part = parts[at]
        if part.startswith(b"PK\x03\x04"):
            part = packed(part, dice)
        elif part.startswith(b"7z"):
            part = seven(part, dice)
        elif part.startswith(b"%PDF"):
            part = pdf(part, dice)
        elif part.lstrip().startswith(b"<"):
            part = xml(part, dice)
        else:
            part = dice.choice((blind, blind, hostile, encoded))(part, dice)
        parts[at] = (name, part)
    return zipped(parts)


BODIES = (
    "word/document.xml", "word/numbering.xml", "word/styles.xml", "content.xml", "xl/workbook.xml",
    "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "_rels/.rels",
    "word/_rels/document.xml.rels", "xl/_rels/workbook.xml.rels",
)  # fmt: skip


def zip_bomb(data: bytes, dice: Random) -> bytes:
    """Add a member that inflates to tens of millions of bytes."""
    name = dice.choice(
        ("zeros.txt", "word/document.xml", "content.xml", "mimetype", "xl/sharedStrings.xml")
    )
    parts = [part for part in members(data) if part[0] != name]
    return zipped([*parts, (name, dice.choice((b"\0", b" ", b"<a>")) * 30_000_000)])


def packed(data: bytes, dice: Random) -> bytes:
    """Change an archive or an office file in one of the ways above."""
    chosen = dice.choices(
        (zip_inside, zip_parts, zip_record, zip64, blind), weights=(10, 4, 4, 1, 4)
    )[0]
    return chosen(data, dice)


def dossier(data: bytes, dice: Random) -> bytes:
    """Change a ZIP: its records more than what it holds."""
    if dice.random() < 0.002:
        return zip_bomb(data, dice)
    change = dice.choice((packed, zip_record, zip_record, zip_parts, blind, spliced("zip")))
    return change(data, dice)


def office(kind: str) -> Change:
    def change(data: bytes, dice: Random) -> bytes:
        if dice.random() < 0.002:
            return zip_bomb(data, dice)
        return (spliced(kind) if dice.random() < 0.03 else packed)(data, dice)

    return change


def seven(data: bytes, dice: Random) -> bytes:
    """Change a 7z; most times its header, the checksums put right so that it is believed."""
    if len(data) < 40 or dice.random() < 0.3:
        return dice.choice((blind, spliced("7z")))(data, dice)
    at, size = struct.unpack_from("<QQ", data, 12)
    body, header = data[32 : 32 + at], data[32 + at : 32 + at + size]
    if dice.random() < 0.2:
        body = blind(body, dice)
    else:
        header = dice.choice((flip, poke, drop, again, swap, noise, seven_number))(header, dice)
    start = struct.pack("<QQI", len(body), len(header), zlib.crc32(header))
    return data[:8] + struct.pack("<I", zlib.crc32(start)) + start + body + header


def seven_number(header: bytes, dice: Random) -> bytes:
    """Write one of the numbers of variable length of a 7z header."""
    at = place(header, dice)
    number = dice.choice(
        (b"\0", b"\x7f", b"\xbf\xff", b"\xff" + b"\xff" * 7 + b"\x7f", b"\xf0\xff\xff\xff\x7f",
         b"\xff" * 9, b"\xe0\xff\xff\x0f", b"\xc0\x00\x20")
    )  # fmt: skip
    return header[:at] + number + header[at + dice.choice((0, 1, 1, len(number))) :]


# -- PDF ------------------------------------------------------------------------------------------

DRAWN = (
    b"q " * 9000, b"[" * 9000, b"<<" * 9000, b"(" * 9000, b"/Fm0 Do /Fm1 Do ", b"BT (x) Tj",
    b"1e38 0 0 1e38 0 0 cm ", b"0 0 0 0 0 0 cm ", b"BI /W 99999 /H 99999 /BPC 8 /CS /RGB ID x EI ",
    b"0 0 m 1e9 1e9 l S ", b"-2147483648 Tf ", b"/F1 1e-9 Tf ", b"/F1 1e9 Tf ", b"99999999999 Tz ",
    b"3 Tr ",
    b"".join(b"0 %d m 595 %d l S %d 0 m %d 842 l S\n" % (n, n, n, n) for n in range(0, 595, 3)),
    b"0 0 m 100 0 l S " * 20_000, b"10 10 5 5 re f " * 20_000, b"(mot ) Tj " * 9000,
    b"(a) Tj T* " * 4000, b"<" + b"00" * 30_000 + b"> Tj ", b"/Artifact BMC " * 5000,
    b"EMC " * 5000, b"ET BT " * 3000, b"1 0 0 1 nan inf cm ", b"/F9 12 Tf ", b"9999 TL T* T* T* ",
    b"0 g 0 0 595 842 re f ", b"W n " * 3000, b"(\\377\\376\\330\\000\\330\\000) Tj ",
    b"0 0 1 1 re S " * 30_000,
)  # fmt: skip
PDF_NAME = re.compile(rb"/[A-Za-z][A-Za-z0-9]*")
PDF_REF = re.compile(rb"\d+ \d+ R")
OPERATOR = re.compile(rb"(?<=\s)(?:T[jJdDm*cwzLfrs]|BT|ET|cm|q|Q|re|m|l|S|f|n|Do|BDC|EMC)(?=\s)")


def pdf_name(data: bytes, dice: Random) -> bytes:
    names = PDF_NAME.findall(data)
    return replaced(data, PDF_NAME, lambda _: dice.choice(names), dice)


def pdf_reference(data: bytes, dice: Random) -> bytes:
    found = PDF_REF.findall(data)
    return replaced(
        data, PDF_REF, lambda _: dice.choice([*found, b"0 0 R", b"1 0 R", b"99999 0 R"]), dice
    )


def pdf_drawing(data: bytes, dice: Random) -> bytes:
    at = place(data, dice)
    if spaces := [m.start() for m in re.finditer(rb"\s", data)]:
        at = dice.choice(spaces)
    return data[:at] + b" " + dice.choice(DRAWN) + data[at:]


def pdf_operator(data: bytes, dice: Random) -> bytes:
    found = OPERATOR.findall(data)
    return replaced(data, OPERATOR, lambda _: dice.choice(found), dice)


CONTENT: tuple[Change, ...] = (
    pdf_drawing, pdf_drawing, pdf_operator, number, number, blind, pdf_name,
)  # fmt: skip


def pdf_value(pdf: Any, dice: Random, ids: Sequence[tuple[int, int]]) -> Any:
    from pikepdf import Array, Dictionary, Name, String

    match dice.randrange(10):
        case 0 | 1 | 2:
            return pdf.get_object(dice.choice(ids))
        case 3 | 4:
            return dice.choice((-1, 0, 1, 2, 90, 65536, 2**31 - 1, 2**31, -(2**31), 2**62))
        case 5:
            return Name("/" + dice.choice((
                "Page", "Pages", "Identity-H", "FlateDecode", "DCTDecode", "JBIG2Decode",
                "LZWDecode", "Crypt", "Widget", "Type3", "Type0", "CIDFontType0", "XYZ",
                "WinAnsiEncoding", "JPXDecode", "CCITTFaxDecode",
            )))  # fmt: skip
        case 6:
            return String(dice.choice(("", "x", "þÿ", "a" * 40_000)))
        case 7:
            nested: Any = Array([])
            for _ in range(dice.choice((1, 60, 450))):
                nested = Array([nested])
            return nested
        case 8:
            return Array(
                [dice.choice((-1, 0, 595, 10**9, -(10**9)))] * dice.choice((0, 1, 3, 4, 5, 9000))
            )
        case _:
            return Dictionary({f"/K{n}": n for n in range(dice.choice((0, 3, 900)))})


def pdf_object(pdf: Any, dice: Random, ids: Sequence[tuple[int, int]]) -> None:
    """Change one entry of one object."""
    from pikepdf import Array, Dictionary, Stream

    target = pdf.get_object(dice.choice(ids))
    if dice.random() < 0.25:
        target = pdf.Root
    for _ in range(3):  # down into direct values
        if isinstance(target, (Dictionary, Stream)) and len(target.keys()):
            key = dice.choice(sorted(target.keys()))
            inner = target.get(key)
            if isinstance(inner, (Dictionary, Array)) and len(inner) and dice.random() < 0.6:
                target = inner
                continue
            if dice.random() < 0.15:
                del target[key]
            else:
                target[key] = pdf_value(pdf, dice, ids)
        elif isinstance(target, Array) and len(target):
            at = dice.randrange(len(target))
            match dice.randrange(4):
                case 0:
                    del target[at]
                case 1:
                    target.extend([target[at]] * dice.choice((1, 40, 2000)))
                case _:
                    target[at] = pdf_value(pdf, dice, ids)
        return


def pdf_inside(data: bytes, dice: Random) -> bytes:
    """Change objects and what streams hold, and save: the table of objects stays right."""
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        ids = [o.objgen for o in pdf.objects if isinstance(o, pikepdf.Object) and o.is_indirect]
        streams = [i for i in ids if isinstance(pdf.get_object(i), pikepdf.Stream)]
        contents = [page.Contents.objgen for page in pdf.pages
                    if isinstance(page.get("/Contents"), pikepdf.Stream)]  # fmt: skip
        for _ in range(dice.choice((1, 1, 2, 4))):
            if streams and dice.random() < 0.55:
                drawn = contents and dice.random() < 0.6
                stream = pdf.get_object(dice.choice(contents if drawn else streams))
                try:
                    inner = stream.read_bytes()
                except pikepdf.PdfError:
                    inner = stream.read_raw_bytes()
                changed = dice.choice(CONTENT if drawn else (*BLIND, pdf_name))(inner, dice)
                stream.write(changed[:LARGEST])
            else:
                pdf_object(pdf, dice, ids)
        mode = dice.choice(list(pikepdf.ObjectStreamMode.__members__.values()))
        return saved(pdf, static_id=True, object_stream_mode=mode,
                     compress_streams=dice.random() < 0.8, fix_metadata_version=False)  # fmt: skip


PDF: tuple[Change, ...] = (
    pdf_inside, pdf_inside, pdf_inside, pdf_inside, pdf_inside, pdf_inside, number, number,
    pdf_name, pdf_reference, blind, blind, blind, spliced("pdf"),
)  # fmt: skip


def pdf(data: bytes, dice: Random) -> bytes:
    return dice.choice(PDF)(data, dice)


# -- JSON, RTF, text ------------------------------------------------------------------------------

ODD = (
    None, True, -1, 0, 1e308, 2**70, "", "x" * 90_000, [], {}, [[]], "\ud800", "\0", {"": ""},
    "40 %", 0.1,
)  # fmt: skip


def json_node(data: bytes, dice: Random) -> bytes:
    """Replace, double or nest one value of the tree."""
    tree = {"top": json.loads(data)}
    at: Any = tree
    key: Any = "top"
    while isinstance(at[key], (dict, list)) and at[key] and dice.random() < 0.8:
        at = at[key]
        key = dice.choice(list(at)) if isinstance(at, dict) else dice.randrange(len(at))
    match dice.randrange(4):
        case 0 | 1:
            at[key] = dice.choice(ODD)
        case 2:
            at[key] = [at[key]] * dice.choice((2, 50, 3000))
        case _:
            text = "\0NEST"
            old, at[key] = at[key], text
            depth = dice.choice((5, 200, 900, 100_000))
            opening, closing = dice.choice((("[", "]"), ('{"text":', "}"), ('{"lots":[', "]}")))
            inner = opening * depth + json.dumps(old) + closing * depth
            return json.dumps(tree["top"]).replace(json.dumps(text), inner).encode()
    return json.dumps(tree["top"], ensure_ascii=dice.random() < 0.7).encode(
        "utf-8", "surrogatepass"
    )


def jsonic(data: bytes, dice: Random) -> bytes:
    changes = (json_node, json_node, json_node, number, blind, encoded, hostile)
    return dice.choice(changes)(data, dice)


CONTROL = re.compile(rb"\\[a-z]+-?\d* ?")
WORDS = (
    b"\\bin99999999 ", b"\\bin-1 ", b"\\u55296 ", b"\\u-1?", b"\\u99999999?", b"\\uc99999 ",
    b"\\ansicpg0 ", b"\\'zz", b"\\ansicpg99999 ", b"\\ansicpg65001 ", b"\\'", b"{" * 5000,
    b"}" * 50, b"{\\*\\x " * 3000, b"\\page " * 2500, b"\\cell " * 5000, b"\\row " * 5000,
    b"\\trowd " * 3000, b"\\fcharset128 ", b"\\mac ", b"\\par " * 9000, b"\\",
    b"\\" + b"a" * 9000 + b"1 ", b"\\u" + b"9" * 6000 + b"?", b"\\par" + b"1" * 5000 + b" ",
)  # fmt: skip


def rich(data: bytes, dice: Random) -> bytes:
    def word(_: bytes) -> bytes:
        return dice.choice((*WORDS, *CONTROL.findall(data)))

    if dice.random() < 0.6:
        return replaced(data, CONTROL, word, dice)
    return dice.choice((number, blind, hostile, spliced("rtf")))(data, dice)


def hyper(data: bytes, dice: Random) -> bytes:
    return dice.choice((xml, xml, xml, hostile))(data, dice)


def legacy(data: bytes, dice: Random) -> bytes:
    """Change an old Office file: one of our own making, or another format under its name."""
    if data.lstrip().startswith(b"<"):
        return hyper(data, dice)
    return dice.choice((blind, blind, number, hostile, spliced("doc"), spliced("xls")))(data, dice)


HEADER = re.compile(rb"(?m)^[\w-]+:[^\r\n]*|^--[^\r\n]*")
HEADERS = (
    b"Content-Type: multipart/related; boundary=b", b"Content-Type: text/html; charset=x-odd",
    b"Content-Type: message/rfc822", b"Content-Transfer-Encoding: x-uuencode", b"Content-Type:",
    b"Content-Transfer-Encoding: base64", b"Content-Type: text/html; charset*=utf-16''%FF%D8",
    b"Content-Type: multipart/mixed; boundary=" + b"b" * 9000, b"--b", b"--b--", b"\xff\xfe: \xd8",
    b"Content-Type: text/html;" + b" a*0*=x;" * 4000, b"X: =?utf-8?b?" + b"A" * 9001 + b"?=",
    b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n" * 400, b"\r\n", b" folded",
)  # fmt: skip


def mail(data: bytes, dice: Random) -> bytes:
    if dice.random() < 0.5:
        return replaced(data, HEADER, lambda _: dice.choice(HEADERS), dice)
    return dice.choice((blind, hyper, spliced("mht"), number))(data, dice)


def words(data: bytes, dice: Random) -> bytes:
    return dice.choice((blind, hostile, hostile, encoded, spliced("txt")))(data, dice)


CHANGES: Mapping[str, Change] = {
    "pdf": pdf, "zip": dossier, "7z": seven, "xml": xml, "json": jsonic, "html": hyper, "rtf": rich,
    "md": words, "txt": words, "doc": legacy, "xls": legacy, "mht": mail,
    **{kind: office(kind) for kind in ("docx", "xlsx", "odt", "ods")},
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One file to try."""

    number: int
    kind: str
    data: bytes

    @property
    def file(self) -> SourceFile:
        return SourceFile(f"RC.{self.kind}", self.data)


def mutant(seed: int, number: int) -> Mutant:
    dice = chance(seed, number)
    kind = CYCLE[number % len(CYCLE)]
    data = dice.choice(seeds(kind))
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        try:
            data = CHANGES[kind](data, dice)
        except Exception:  # noqa: BLE001 - what is already broken cannot be changed with care
            data = blind(data, dice)
    return Mutant(number, kind, data[: 2 * LARGEST])


# -- the child: one mutant after the other --------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What became of a mutant.

    ``outcome``: read, a code of ReadingError, or what must not be: "wrong TypeError", "unsound …",
    "memory", "recursion", "died SIGSEGV", "hang". ``place`` says where; ``inside`` whether it was
    in the part that the service runs in a child (reading) or in itself (unpacking, marking).
    """

    outcome: str
    inside: bool = True
    place: str = ""
    seconds: float = 0.0
    marking: float = 0.0  # seconds of what follows the reading
    megabytes: int = 0
    number: int = -1
    kind: str = ""
    size: int = 0

    @property
    def group(self) -> str:
        where = "reader" if self.inside else "SERVICE"
        return f"{self.kind}: {self.outcome} [{where}] {self.place}".strip()

    @property
    def fault(self) -> bool:
        """Whether it is more than a refusal."""
        return self.outcome.startswith(("wrong", "unsound", "hang")) or (
            not self.inside and self.outcome.startswith(("memory", "recursion", "died"))
        )


def examine(file: SourceFile) -> Result:
    """Read, check, mark and write one file as the service does, in this process."""
    start = time.perf_counter()
    middle = 0.0
    try:
        pieces, cautions = screening.read([file], limits=LIMITS, isolate=False)
        middle = time.perf_counter()
        outcome = "read"
        if not pieces:
            outcome = min((caution.code for caution in cautions), default="nothing")
        for piece in pieces:
            if wrong := unsound(piece):
                return Result(f"unsound {wrong}", seconds=middle - start)
        with (
            mock.patch.object(screening, "read", return_value=(pieces, cautions)),
            contextlib.suppress(NothingRead),
        ):
            screening_json(screening.screen([file], limits=LIMITS))
    except MemoryError as error:
        return placed("memory", error, time.perf_counter() - start)
    except RecursionError as error:
        return placed("recursion", error, time.perf_counter() - start)
    except Exception as error:  # noqa: BLE001 - the point of the exercise
        return placed(f"wrong {type(error).__name__}", error, time.perf_counter() - start)
    return Result(outcome, seconds=middle - start, marking=time.perf_counter() - middle)


def placed(outcome: str, error: BaseException, seconds: float) -> Result:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        f for f in frames if f.filename.startswith(str(ROOT)) and "site-packages" not in f.filename
    ]
    last = ours[-1] if ours else frames[-1]
    name = last.filename.removeprefix(f"{ROOT}/")
    detail = str(error)[:90].replace("\n", " ") if not isinstance(error, MemoryError) else ""
    place = f"{name}:{last.lineno} {last.name}: {re.sub(r'0x[0-9a-f]+|[0-9]{3,}', '#', detail)}"
    inside = any(frame.name == "read_piece" for frame in frames)
    return Result(outcome, inside, place, seconds)


def unsound(piece: Piece) -> str:
    """Return what is wrong with a piece that was read, "" when it keeps its promises."""
    if [page.number for page in piece.pages] != list(range(1, len(piece.pages) + 1)):
        return "page numbers"
    for page in piece.pages:
        if wrong := unsound_page(page):
            return wrong
    for block in piece.blocks:
        for segment in block.segments:
            source = piece.page(segment.page).text if segment.page <= len(piece.pages) else ""
            if not 0 <= segment.start <= segment.end <= len(block.text):
                return "segment outside its block"
            if (
                not 0
                <= segment.source
                <= segment.source + segment.end - segment.start
                <= len(source)
            ):
                return "segment outside its page"
    return ""


def unsound_page(page: Page) -> str:
    text = page.text
    try:
        text.encode()
    except UnicodeEncodeError:
        return "text that cannot be written"
    if PASSWORDS in text:
        return "a file of the machine was read"
    for line in page.lines:
        if not 0 <= line.start < line.end <= len(text):
            return "line outside its page"
    for word in page.words:
        if not 0 <= word.start < word.end <= len(text):
            return "word outside its page"
    numbers = [page.width, page.height, *(line.size for line in page.lines)]
    for placed in (*page.lines, *page.words):
        numbers += placed.x0, placed.y0, placed.x1, placed.y1
    if not all(math.isfinite(value) for value in numbers):
        return "box without end"
    for table in page.tables:
        for row in table.rows:
            for cell in row.cells:
                if any(not 0 <= a <= b <= len(text) for a, b in cell.runs):
                    return "cell outside its page"
    return ""


def serve(receiving: int, sending: int) -> None:
    """Answer the parent until it closes the pipe; limits as in nlp.reading.isolation."""
    faulthandler.enable()
    logging.disable(logging.CRITICAL)
    screening.screen(screening.sample_files()[1:2], isolate=False)  # loads what is loaded on demand
    # Converting old Office files and recognising pictures take seconds: mutants meet them through
    # the real door only.
    mock.patch("nlp.reading.legacy.shutil.which", return_value=None).start()
    mock.patch("nlp.reading.ocr.missing", return_value="left out").start()
    examine(SourceFile("RC.7z", seeds("7z")[0]))  # starts the server of children
    resource.setrlimit(resource.RLIMIT_AS, (LIMITS.max_memory_bytes, LIMITS.max_memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    receiver, sender = Connection(receiving), Connection(sending)
    allowed = held_here() + SPARE
    sender.send({})
    with contextlib.suppress(EOFError):
        while True:
            name, data = receiver.recv()
            reset_peak()
            result = examine(SourceFile(name, data))
            megabytes = peak()
            if held_here() > allowed:
                gc.collect()
                if held_here() > allowed and not result.fault:
                    result = replace(result, outcome="unsound descriptors or threads left open")
                    allowed = held_here() + SPARE
            sender.send(asdict(replace(result, megabytes=megabytes)))


def held_here() -> int:
    return len(os.listdir("/proc/self/fd")) + threading.active_count()


def reset_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) // 1024 if found else 0


class Child:
    """A process that reads mutants; a fresh one takes over when it dies, hangs or is old."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._age = 0

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def read(self, file: SourceFile) -> Result:
        if self._process is None or self._age >= RECYCLED:
            self._stop()
            self._start()
        fresh = self._age == 0
        self._age += 1
        start = time.perf_counter()
        try:
            self._sender.send((file.name, file.data))
            worked = self._worked()
            while not self._receiver.poll(1.0):
                took = time.perf_counter() - start
                if self._worked() > worked + SECONDS or took > STILL:
                    place = self._interrupted()
                    return Result("hang", "read_piece" in place, last_of_ours(place), took)
            return Result(**self._receiver.recv())
        except (EOFError, BrokenPipeError, ConnectionResetError):
            result = self._dead(time.perf_counter() - start)
        # Was it this file, or what the child had been through before?
        return result if fresh else self.read(file)

    def _worked(self) -> float:
        """Return the seconds of the processor that the child has taken, 0 when it is gone."""
        assert self._process is not None
        with contextlib.suppress(OSError):
            stat = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0

    def _start(self) -> None:
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        self._folder = tempfile.mkdtemp()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", __file__, "--serve", str(theirs_in), str(theirs_out)],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self._errors, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": self._folder},
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self._receiver, self._sender = Connection(ours_in), Connection(ours_out)
        self._age = 0
        try:
            self._receiver.recv()
        except EOFError:
            self._errors.seek(0)
            raise RuntimeError(self._errors.read().decode(errors="replace")[-3000:]) from None

    def _stop(self) -> str:
        """End the child and return what it wrote on its way out."""
        if self._process is None:
            return ""
        self._sender.close()  # it goes by itself, unless it hangs
        try:
            self._process.wait(3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._receiver.close()
        shutil.rmtree(self._folder)
        with self._errors:
            self._errors.seek(0)
            return self._errors.read().decode(errors="replace")

    def _interrupted(self) -> str:
        """Return where a child that hangs is, and end it."""
        assert self._process is not None
        self._process.send_signal(signal.SIGABRT)  # the fault handler writes where it was
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(3)
        return self._stop()

    def _dead(self, seconds: float) -> Result:
        assert self._process is not None
        code = self._process.wait()
        written = self._stop()
        name = signal.Signals(-code).name if code < 0 else f"exit {code}"
        return Result(f"died {name}", "read_piece" in written, last_of_ours(written), seconds)


def last_of_ours(written: str) -> str:
    """Return the innermost line of our own code in what the fault handler wrote."""
    stacks = written.split("\n\n")
    reading = [stack for stack in stacks if "read_piece" in stack]
    current = [stack for stack in stacks if "Current thread" in stack]
    written = next(iter(reading + current), written)
    found = re.findall(r'File "([^"]+)", line (\d+) in (\S+)', written)
    ours = [f for f in found if f[0].startswith(str(ROOT)) and "site-packages" not in f[0]]
    if not ours:
        return written.strip()[-200:].replace("\n", " ")
    name, line, function = ours[0]
    return f"{name.removeprefix(f'{ROOT}/')}:{line} {function}"


# -- the parent -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """What a process holds: open descriptors, children, megabytes, temporary files."""

    descriptors: tuple[str, ...]
    children: int
    megabytes: int
    files: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{len(self.descriptors)} descriptors, {self.children} children, "
            f"{self.megabytes} MB, {len(self.files)} temporary files"
        )


def held() -> Held:
    gc.collect()
    children = sum(
        len((task / "children").read_text().split()) for task in Path("/proc/self/task").iterdir()
    )
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Held(
        tuple(sorted(opened())),
        children,
        pages * resource.getpagesize() // 2**20,
        tuple(sorted(os.listdir(tempfile.gettempdir()))),
    )


def opened() -> Iterator[str]:
    """Yield what each open descriptor of this process stands for."""
    for descriptor in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # the one that lists them
            yield os.readlink(f"/proc/self/fd/{descriptor}")


@dataclass
class Run:
    """The results of a run by number, and those of the real door."""

    results: dict[int, Result] = field(default_factory=dict)
    doors: dict[int, str] = field(default_factory=dict)

    @property
    def faults(self) -> list[Result]:
        return [result for _, result in sorted(self.results.items()) if result.fault]

    @property
    def crashes(self) -> dict[int, str]:
        """What the real door let through to its caller."""
        return {n: said for n, said in sorted(self.doors.items()) if said.startswith("CRASH")}

    def groups(self) -> dict[str, list[Result]]:
        found: dict[str, list[Result]] = defaultdict(list)
        for _, result in sorted(self.results.items()):
            if result.fault or result.outcome.startswith(
                ("died", "memory", "recursion", "unreadable")
            ):
                found[result.group].append(result)
        return found


def knock(file: SourceFile) -> str:
    """Send a file through the real door; return its outcome."""
    try:
        pieces, cautions = screening.read([file], limits=LIMITS)
    except Exception as error:  # noqa: BLE001 - the point of the exercise
        return f"CRASH {type(error).__name__}: {str(error)[:90]}"
    return "read" if pieces else min((caution.code for caution in cautions), default="nothing")


def numbers(count: int, kinds: Sequence[str]) -> list[int]:
    found: list[int] = []
    at = 0
    while len(found) < count:
        if not kinds or CYCLE[at % len(CYCLE)] in kinds:
            found.append(at)
        at += 1
    return found


def run(wanted: Sequence[int], *, seed: int, jobs: int = 1, door_every: int = 10,
        said: Callable[[Run], None] = lambda _: None) -> Run:  # fmt: skip
    """Try the mutants of these numbers."""
    made = Run()
    left = iter(enumerate(wanted))
    turn = threading.Lock()
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with Child() as child:
                while not failed:
                    with turn:
                        at, n = next(left, (-1, -1))
                    if at < 0:
                        return
                    one = mutant(seed, n)
                    result = child.read(one.file)
                    result = replace(result, number=n, kind=one.kind, size=len(one.data))
                    told = ""
                    if (
                        door_every
                        and at % door_every == 0
                        and result.inside
                        and result.outcome != "hang"
                    ):
                        told = knock(one.file)
                    with turn:
                        made.results[n] = result
                        if told:
                            made.doors[n] = told
                        said(made)
        except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
            failed.append(error)

    workers = [threading.Thread(target=work) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failed:
        raise failed[0]
    return made


# -- words ----------------------------------------------------------------------------------------

FAMILIES = {
    "read": ("read",),
    "damaged": ("damaged-file", "not-a-pdf", "empty-file"),
    "unknown": ("unsupported-type", "converter-missing"),
    "locked": ("password-needed",),
    "no text": ("no-text", "image-only", "nothing", "duplicate"),
    "over a limit": ("too-large", "too-many-files", "too-many-pages", "too-many-scans", "too-slow",
                     "archive-too-large", "unsafe-path"),
    "died": ("reader-died", "memory", "recursion", "died", "unreadable"),
}  # fmt: skip


def table(made: Run) -> Iterator[str]:
    """Outcomes by kind, as a Markdown table; beside the slowest and the largest, their numbers."""
    yield f"| kind | mutants | {' | '.join(FAMILIES)} | broken | slowest, s | peak, MB |"
    yield "|---|" + "---:|" * (len(FAMILIES) + 4)
    for kind in (*KINDS, ""):
        results = [result for result in made.results.values() if kind in ("", result.kind)]
        if not results:
            continue
        counts = [
            sum(not r.fault and r.outcome.partition(" ")[0] in codes for r in results)
            for codes in FAMILIES.values()
        ]
        broken = sum(r.fault for r in results)
        assert sum(counts) + broken == len(results), {r.outcome for r in results}
        slow = max(results, key=lambda r: r.seconds + r.marking)
        large = max(results, key=lambda r: r.megabytes)
        cells = [
            kind or "**all**", len(results), *counts, broken,
            f"{slow.seconds + slow.marking:.1f} ({slow.number})",
            f"{large.megabytes} ({large.number})",
        ]  # fmt: skip
        yield f"| {' | '.join(map(str, cells))} |"


def report(made: Run, before: Held, after: Held) -> Iterator[str]:
    yield from table(made)
    yield ""
    for group, results in sorted(made.groups().items(), key=lambda item: -len(item[1])):
        least = min(results, key=lambda r: r.size)
        others = " ".join(str(r.number) for r in results[:6])
        yield f"- {len(results)} x {group} (smallest: {least.number}, {least.size} bytes; {others})"
    differ = {n: said for n, said in made.doors.items() if not agrees(made.results[n], said)}
    yield f"through the real door: {len(made.doors)}, otherwise than above: {len(differ)}"
    yield from (f"- {n}: {said}, was {made.results[n].outcome}" for n, said in differ.items())
    yield f"the parent before: {before}\nthe parent after:  {after}"
    if left := (Counter(after.descriptors) + Counter(after.files)) - (
        Counter(before.descriptors) + Counter(before.files)
    ):
        yield f"left: {dict(left)}"


def agrees(result: Result, said: str) -> bool:
    if result.outcome in ("memory", "recursion") or result.outcome.startswith("died"):
        return said == "reader-died"
    if result.outcome.startswith("wrong"):
        return said == "unreadable"
    if result.outcome in ("converter-missing", "image-only"):
        return not said.startswith("CRASH")
    return result.outcome == said or result.outcome.startswith("unsound")


def reduced(one: Mutant, group: str, tries: int = 400) -> bytes:
    """Return a smaller file that fails in the same way: members, then runs of bytes, taken out."""
    with Child() as child:

        def same(data: bytes) -> bool:
            nonlocal tries
            tries -= 1
            result = replace(child.read(SourceFile(one.file.name, data)), kind=one.kind)
            return result.group == group

        def shorter(data: bytes, made: Callable[[bytes], bytes]) -> bytes:
            size = max(1, len(data) // 2)
            while size and tries > 0:
                at = 0
                while at < len(data) and tries > 0:
                    less = data[:at] + data[at + size :]
                    if same(made(less)):
                        data = less
                    else:
                        at += size
                size //= 2
            return data

        try:
            parts = dict(members(one.data))
        except Exception:  # noqa: BLE001 - not an archive that opens
            return shorter(one.data, lambda data: data)
        if not same(zipped(parts.items())):
            return shorter(one.data, lambda data: data)
        for name in list(parts):
            less = {key: value for key, value in parts.items() if key != name}
            if same(zipped(less.items())):
                parts = less
        for name in parts:
            parts[name] = shorter(
                parts[name], lambda data, name=name: zipped({**parts, name: data}.items())
            )
        return zipped(parts.items())


def one_only(options: argparse.Namespace) -> None:
    one = mutant(options.seed, options.only)
    with Child() as child:
        result = replace(child.read(one.file), number=one.number, kind=one.kind, size=len(one.data))
    print(result)
    if options.save:
        options.save.write_bytes(reduced(one, result.group) if options.reduce else one.data)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", nargs="*", choices=KINDS, default=[])
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--door-every", type=int, default=10, help="0: never")
    parser.add_argument("--log", type=Path, help="a file to add each result to, as a line of JSON")
    parser.add_argument("--only", type=int, help="one mutant, by its number")
    parser.add_argument("--save", type=Path, help="where to write the mutant of --only")
    parser.add_argument("--reduce", action="store_true", help="what --save writes, made smaller")
    parser.add_argument("--serve", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(*options.serve)
        return
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    if options.only is not None:
        one_only(options)
        return
    get_temp_dir()  # where multiprocessing has its socket until the very end
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        for n in range(2 * len(CYCLE)):  # loads what is kept
            mutant(options.seed, n)
        knock(SourceFile("RC.txt", b"Bonjour"))  # starts the server of children
        before = held()
        start = time.monotonic()

        def said(made: Run) -> None:
            if options.log:
                result = next(reversed(made.results.values()))
                with options.log.open("a", encoding="utf-8") as log:
                    told = made.doors.get(result.number, "")
                    log.write(json.dumps({**asdict(result), "door": told}) + "\n")
            if (done := len(made.results)) % 500 == 0:
                print(f"{done} in {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)

        made = run(
            numbers(options.count, options.kind), seed=options.seed, jobs=options.jobs,
            door_every=options.door_every, said=said,
        )  # fmt: skip
        seconds = time.monotonic() - start
        print(f"{len(made.results)} mutants of seed {options.seed} in {seconds:.0f} s\n")
        print("\n".join(report(made, before, held())))
    sys.exit(bool(made.faults or made.crashes))


if __name__ == "__main__":
    main()
