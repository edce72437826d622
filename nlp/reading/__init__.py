"""Bytes -> Piece. The one place where files are opened; hostile files are read in a child."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile

from corpus.documents import Notice, Page, Piece, PieceType
from nlp.dossier import piece_lots, piece_type
from nlp.reading.archive import BROKEN
from nlp.reading.errors import EmptyFile, NotAPdf, TooManyPages, UnsupportedType
from nlp.sections import structure

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "zip": "application/zip",
    "7z": "application/x-7z-compressed",
    "xml": "application/xml",
    "json": "application/json",
    "html": "text/html",
    "mht": "multipart/related",
    "rtf": "application/rtf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "tiff": "image/tiff",
    "md": "text/markdown",
    "txt": "text/plain",
}


_NOTICE_KINDS = ("xml", "json")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BLANK = b"\xef\xbb\xbf\xff\xfe \r\n\t"  # marks of byte order, white space
_PICTURES = (
    (b"\x89PNG\r\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
)
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the other methods inflate without bound
_WORD_OR_EXCEL = frozenset(("doc", "dot", "docx", "rtf", "xls", "xlt", "xlsx"))
_MHTML = re.compile(rb"^content-type:\s*multipart/(?:related|alternative)", re.I | re.M)
# What Office says in a file of its XML of 2003.
_XML_2003 = re.compile(rb'<\?mso-application\s+progid="(Word\.Document|Excel\.Sheet)"')


def sniff(name: str, data: bytes) -> str:
    """Return the kind of a file, a key of ``MEDIA_TYPES``: content first, then name.

    Raises EmptyFile, NotAPdf (named .pdf, is none) or UnsupportedType.
    """
    if not data:
        raise EmptyFile
    suffix = name.rpartition(".")[2].lower()
    head = data[:1024]
    if b"%PDF-" in head:
        return "pdf"
    if suffix == "pdf":
        raise NotAPdf
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zip_kind(data)
    if head.startswith(b"7z\xbc\xaf\x27\x1c"):
        return "7z"
    if head.startswith(_OLE):
        return _ole_kind(data, suffix)
    for sign, kind in _PICTURES:
        if head.startswith(sign):
            return kind
    text = head.lstrip(_BLANK)
    if text.startswith(b"{\\rtf"):
        return "rtf"
    if text.startswith(b"<?xml") and (found := _XML_2003.search(text)) is not None:
        return "doc" if found[1] == b"Word.Document" else "xls"
    if suffix in ("htm", "html") or text[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "html"
    if suffix in (*_WORD_OR_EXCEL, "mht", "mhtml") and _MHTML.search(head):
        return "mht"
    if suffix in _WORD_OR_EXCEL and b"<html" in head.lower():  # a web page that took their name
        return "html"
    if suffix == "xml" and head.replace(b"\0", b"").lstrip(_BLANK).startswith(b"<"):
        return "xml"
    if suffix in ("json", "jsonl"):
        return "json"
    if suffix in ("md", "markdown"):
        return "md"
    if suffix in ("txt", "text"):
        return "txt"
    raise UnsupportedType(suffix)


def _zip_kind(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {
                info.filename.replace("\\", "/").lower(): info
                for info in archive.infolist()[:20_000]
            }
            names = parts.keys()
            if "word/document.xml" in names:
                return "docx"
            if "xl/workbook.xml" in names:
                return "xlsx"
            if "content.xml" in names and "mimetype" in names:
                if parts["mimetype"].compress_type not in _BOUNDED:
                    return "zip"
                with archive.open(parts["mimetype"]) as stream:
                    kind = stream.read(80)
                return "ods" if b"spreadsheet" in kind else "odt"
            if "[content_types].xml" in names:  # Office names the main part as it likes
                folders = {name.partition("/")[0] for name in names}
                return "docx" if "word" in folders else "xlsx" if "xl" in folders else "zip"
    except BROKEN:
        pass
    return "zip"


def _ole_kind(data: bytes, suffix: str) -> str:
    from nlp.reading.legacy import office_kind

    kind = office_kind(data)
    if kind == "locked":  # the readers of today's formats say so
        return "xlsx" if suffix.startswith("xl") else "docx"
    if not kind:
        raise UnsupportedType(suffix)
    return kind


_FULL_PAGE = 6000  # characters; a page of small print in a contract holds about as many


def read_piece(
    name: str,
    data: bytes,
    *,
    id: str,
    max_pages: int,
    password: str | None = None,
) -> Piece:
    """Read one file of a dossier (not an archive): pages, role, outline.

    Raises the errors of ``nlp.reading.errors``.
    """
    kind = sniff(name, data)
    pages, notices = _pages(kind, data, max_pages, password)
    if sum(len(page.text) for page in pages) > max_pages * _FULL_PAGE:
        raise TooManyPages  # text files have no pages to count, and every character costs
    role, confidence = piece_type(name, pages)
    fields: dict[str, tuple[str, ...]] = {}
    if kind in _NOTICE_KINDS:  # only notices come as XML or JSON
        from nlp.reading.notice import notice_fields

        role, confidence = PieceType.NOTICE, 0.9
        fields = notice_fields(data)
    return Piece(
        id=id,
        name=name,
        type=role,
        type_confidence=confidence,
        media_type=MEDIA_TYPES[kind],
        sha256=hashlib.sha256(data).hexdigest(),
        pages=pages,
        blocks=structure(pages, lots=piece_lots(name)),
        notices=notices,
        fields=fields,
    )


def _pages(
    kind: str, data: bytes, max_pages: int, password: str | None
) -> tuple[tuple[Page, ...], tuple[Notice, ...]]:
    # Readers are imported when needed: most dossiers hold PDFs only.
    match kind:
        case "pdf":
            from nlp.reading.pdf import read_pdf

            return read_pdf(data, max_pages=max_pages, password=password)
        case "png" | "jpg" | "tiff":
            from nlp.reading.ocr import recognise_image

            return recognise_image(data, max_pages=max_pages), ()
        case "md" | "txt":
            from nlp.reading.plain import read_plain

            return read_plain(data, markdown=kind == "md", max_pages=max_pages)
        case "html":
            from nlp.reading.html import read_html

            return read_html(data, max_pages=max_pages)
        case "mht":
            from nlp.reading.html import read_mht

            return read_mht(data, max_pages=max_pages)
        case "rtf":
            from nlp.reading.rtf import read_rtf

            return read_rtf(data, max_pages=max_pages)
        case "docx":
            from nlp.reading.word import read_docx

            return read_docx(data, max_pages=max_pages)
        case "xlsx":
            from nlp.reading.excel import read_xlsx

            return read_xlsx(data, max_pages=max_pages)
        case "doc":
            from nlp.reading.legacy import read_doc

            return read_doc(data, max_pages=max_pages)
        case "xls":
            from nlp.reading.legacy import read_xls

            return read_xls(data, max_pages=max_pages)
        case "odt":
            from nlp.reading.opendocument import read_odt

            return read_odt(data, max_pages=max_pages)
        case "ods":
            from nlp.reading.opendocument import read_ods

            return read_ods(data, max_pages=max_pages)
        case "xml":
            from nlp.reading.notice import read_notice_xml

            return read_notice_xml(data, max_pages=max_pages)
        case "json":
            from nlp.reading.notice import read_notice_json

            return read_notice_json(data, max_pages=max_pages)
        case _:
            raise UnsupportedType(kind)
