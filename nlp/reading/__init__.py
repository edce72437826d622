"""Bytes -> Piece. The one place where files are opened; hostile files are read in a child."""

from __future__ import annotations

import hashlib
import io
import zipfile

from corpus.documents import Notice, Page, Piece, PieceType
from nlp.dossier import piece_lots, piece_type
from nlp.reading.errors import EmptyFile, NotAPdf, UnsupportedType
from nlp.sections import structure

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "zip": "application/zip",
    "7z": "application/x-7z-compressed",
    "xml": "application/xml",
    "json": "application/json",
    "html": "text/html",
    "rtf": "application/rtf",
    "md": "text/markdown",
    "txt": "text/plain",
}


_NOTICE_KINDS = ("xml", "json")


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
    if head.startswith(b"{\\rtf"):
        return "rtf"
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if suffix in ("htm", "html") or text[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "html"
    if text.startswith(b"<") and suffix == "xml":
        return "xml"
    if suffix == "json":
        return "json"
    if suffix in ("md", "markdown"):
        return "md"
    if suffix in ("txt", "text"):
        return "txt"
    raise UnsupportedType(suffix)


def _zip_kind(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist()[:2000])
            if "word/document.xml" in names:
                return "docx"
            if "xl/workbook.xml" in names:
                return "xlsx"
            if "content.xml" in names and "mimetype" in names:
                kind = archive.read("mimetype")[:80]
                return "ods" if b"spreadsheet" in kind else "odt"
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):
        pass
    return "zip"


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
    role, confidence = piece_type(name, pages)
    if kind in _NOTICE_KINDS:  # only notices come as XML or JSON
        role, confidence = PieceType.NOTICE, 0.9
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
    )


def _pages(
    kind: str, data: bytes, max_pages: int, password: str | None
) -> tuple[tuple[Page, ...], tuple[Notice, ...]]:
    # Readers are imported when needed: most dossiers hold PDFs only.
    match kind:
        case "pdf":
            from nlp.reading.pdf import read_pdf

            return read_pdf(data, max_pages=max_pages, password=password)
        case "md" | "txt":
            from nlp.reading.text import read_plain

            return read_plain(data, markdown=kind == "md", max_pages=max_pages)
        case "html":
            from nlp.reading.text import read_html

            return read_html(data, max_pages=max_pages)
        case "rtf":
            from nlp.reading.text import read_rtf

            return read_rtf(data, max_pages=max_pages)
        case "docx":
            from nlp.reading.office import read_docx

            return read_docx(data, max_pages=max_pages)
        case "xlsx":
            from nlp.reading.office import read_xlsx

            return read_xlsx(data, max_pages=max_pages)
        case "odt":
            from nlp.reading.office import read_odt

            return read_odt(data, max_pages=max_pages)
        case "ods":
            from nlp.reading.office import read_ods

            return read_ods(data, max_pages=max_pages)
        case "xml":
            from nlp.reading.notice import read_notice_xml

            return read_notice_xml(data, max_pages=max_pages)
        case "json":
            from nlp.reading.notice import read_notice_json

            return read_notice_json(data, max_pages=max_pages)
        case _:
            raise UnsupportedType(kind)
