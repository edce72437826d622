"""Word and Excel files of before 2007 -> pages, by way of LibreOffice where it is installed.

The converter writes the file of today's format, which our own readers then read.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys

from nlp.reading import converter
from nlp.reading.errors import Encrypted, ReadingError, TimedOut, Truncated
from nlp.reading.excel import read_xlsx
from nlp.reading.package import OLE
from nlp.reading.text import Pages
from nlp.reading.word import read_docx

MAX_SECONDS = 100.0  # a thousand pages take about 6
_PROGRAMS = ("soffice", "libreoffice")
_STREAMS = (
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("EncryptedPackage", "locked"),
    ("PowerPoint Document", ""),
    ("__properties_version1.0", ""),  # a message of Outlook
)


class ConverterMissing(ReadingError):
    """The file needs LibreOffice, which is not installed."""

    code = "converter-missing"


def office_kind(data: bytes) -> str:
    """Return what an OLE file holds: "doc", "xls", "locked" (a password), "" for anything else.

    The file itself comes first in its directory, what is embedded in it further down.
    """
    entries = ((_entry(data, name), kind) for name, kind in _STREAMS)
    found = [(at, kind) for at, kind in entries if at is not None]
    return min(found)[1] if found else ""


def read_doc(data: bytes, *, max_pages: int) -> Pages:
    """Read a Word file of 97 to 2003, or its XML of 2003; raises what ``read_docx`` does.

    Raises ConverterMissing without LibreOffice, TimedOut after ``MAX_SECONDS``, Truncated when it
    makes nothing of the file.
    """
    if any(flags & 1 for flags in _beginning(data, "WordDocument")[11:12]):
        raise Encrypted
    return read_docx(_converted(data, "doc", "docx"), max_pages=max_pages)


def read_xls(data: bytes, *, max_pages: int) -> Pages:
    """Read an Excel file of 97 to 2003, or its XML of 2003; raises what ``read_xlsx`` does.

    Raises ConverterMissing without LibreOffice, TimedOut after ``MAX_SECONDS``, Truncated when it
    makes nothing of the file.
    """
    if any(_has_password(_beginning(data, name)) for name in ("Workbook", "Book")):
        raise Encrypted
    return read_xlsx(_converted(data, "xls", "xlsx"), max_pages=max_pages)


def _entry(data: bytes, name: str) -> int | None:
    """Return where an OLE file's directory describes a stream, None where it does not.

    Entries stand at multiples of 128 bytes, wherever the directory lies.
    """
    wanted = name.encode("utf-16-le") + b"\0\0"
    at = data.find(wanted, 512) if data.startswith(OLE) else -1
    while at >= 0:
        entry = data[at : at + 128]
        if at % 128 == 0 and len(entry) == 128 and entry[64] == len(wanted) and entry[66] == 2:
            return at
        at = data.find(wanted, at + 1)
    return None


def _beginning(data: bytes, name: str) -> bytes:
    """Return the first bytes of a stream, none when there is no such stream."""
    at = _entry(data, name)
    if at is None:
        return b""
    shift = min(data[30], 16)  # of the sectors: 9, or 12 in large files
    start = (int.from_bytes(data[at + 116 : at + 120], "little") + 1) << shift
    return data[start : start + 512]


def _has_password(records: bytes) -> bool:
    """Tell whether the first records of a workbook say that the others are enciphered."""
    at = 0
    for _ in range(4):
        kind = int.from_bytes(records[at : at + 2], "little")
        if kind == 0x2F:
            return True
        at += 4 + int.from_bytes(records[at + 2 : at + 4], "little")
    return False


def converter_program() -> str | None:
    """Return the path of LibreOffice, None where DOC and XLS files cannot be read."""
    if sys.platform == "win32":  # the converter is watched the POSIX way
        return None
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


def _converted(data: bytes, source: str, target: str) -> bytes:
    if (program := converter_program()) is None:
        raise ConverterMissing
    watcher = subprocess.Popen(  # noqa: S603 - our own command, no shell
        [sys.executable, "-I", "-S", converter.__file__, program, source, target, f"{MAX_SECONDS}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert watcher.stdin is not None  # noqa: S101 - asked for just above
    assert watcher.stdout is not None  # noqa: S101
    try:
        with contextlib.suppress(BrokenPipeError):
            watcher.stdin.write(len(data).to_bytes(8, "big") + data)
            watcher.stdin.flush()
        result = watcher.stdout.read()
    finally:
        with contextlib.suppress(BrokenPipeError):
            watcher.stdin.close()  # it kills the converter and goes
        watcher.stdout.close()
        code = watcher.wait()
    if code == converter.TIMED_OUT:
        raise TimedOut(f"{MAX_SECONDS:g}")
    if code or not result:
        raise Truncated("conversion")
    return result
