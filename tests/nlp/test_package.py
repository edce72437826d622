from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest

from nlp.reading.errors import (
    ArchiveBomb,
    EmptyFile,
    Encrypted,
    NoText,
    ReadingError,
    Truncated,
    UnsupportedType,
)
from nlp.reading.excel import read_xlsx
from nlp.reading.opendocument import read_ods, read_odt
from nlp.reading.word import read_docx

from .office_files import edited, open_sheets, open_text, sheet, word

READERS = [read_docx, read_odt, read_ods, read_xlsx]


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
