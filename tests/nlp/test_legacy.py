from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest

from nlp.reading import legacy, read_piece, sniff
from nlp.reading.errors import Encrypted, ReadingError, TimedOut, Truncated, UnsupportedType
from nlp.reading.isolation import isolated
from nlp.reading.legacy import ConverterMissing, read_doc, read_xls

from .office_files import sheet, word

SOFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the converter runs on POSIX only")


def ole(*streams: str, content: bytes = b"", shift: int = 9) -> bytes:
    """An OLE file as far as it is looked at: its header, one sector of streams, a directory."""
    size = 1 << shift
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(size - 8))
    header[30] = shift
    directory = b""
    for name in streams:
        entry = bytearray(name.encode("utf-16-le").ljust(128, b"\0"))
        entry[64], entry[66] = 2 * len(name) + 2, 2
        directory += bytes(entry)
    return bytes(header) + content.ljust(size, b"\0") + directory.ljust(size, b"\0")


class TestKinds:
    @pytest.mark.parametrize(
        ("name", "data", "kind"),
        [
            ("RC.doc", ole("1Table", "WordDocument", "Workbook"), "doc"),
            ("sans-nom", ole("WordDocument", shift=12), "doc"),
            ("BPU.xls", ole("Workbook", "WordDocument"), "xls"),
            ("BPU.xls", ole("Book"), "xls"),
            ("RC.doc", rb"{\rtf1 texte}", "rtf"),
            ("RC.doc", b"<html xmlns:o='x'><body>texte</body></html>", "html"),
            ("BPU.xls", b"\xef\xbb\xbf<?xml version='1.0'?>\n<!DOCTYPE x><html></html>", "html"),
            ("RC.doc", b"MIME-Version: 1.0\r\nContent-Type: multipart/related; b=x\r\n", "mht"),
            ("RC.mht", b"From: x\nContent-Type:multipart/related; b=x\n", "mht"),
            (
                "RC.xml",
                b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:x/>',
                "doc",
            ),
            ("a.doc", b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>', "xls"),
            ("RC.doc", word("texte"), "docx"),
            ("BPU.xls", sheet(("a", "b")), "xlsx"),
        ],
    )
    def test_the_content_says_what_it_is(self, name: str, data: bytes, kind: str) -> None:
        assert sniff(name, data) == kind

    @pytest.mark.parametrize("stream", ["PowerPoint Document", "__properties_version1.0", "Autre"])
    def test_other_ole_files_are_not_read(self, stream: str) -> None:
        with pytest.raises(UnsupportedType):
            sniff("x.doc", ole(stream, "WordDocument" if stream != "Autre" else "Contents"))

    def test_a_name_in_the_text_is_no_stream(self) -> None:
        text = "WordDocument\0".encode("utf-16-le")
        with pytest.raises(UnsupportedType):
            sniff("x.doc", ole("Autre", content=text))

    @pytest.mark.parametrize("name", ["RC.docx", "BPU.xlsx"])
    def test_a_password_of_today_is_told(self, name: str) -> None:
        with pytest.raises(Encrypted):
            read_piece(name, ole("EncryptedPackage", "EncryptionInfo"), id="p1", max_pages=5)

    def test_a_password_of_word_97_is_told(self) -> None:
        fib = bytearray(512)
        fib[11] = 1
        with pytest.raises(Encrypted):
            read_doc(ole("WordDocument", content=bytes(fib)), max_pages=5)

    def test_a_password_of_excel_97_is_told(self) -> None:
        records = b"\x09\x08\x04\0abcd" + b"\x2f\0\x02\0xx"
        with pytest.raises(Encrypted):
            read_xls(ole("Workbook", content=records), max_pages=5)

    def test_a_web_archive(self) -> None:
        message = MIMEMultipart("related")
        message.attach(MIMEText("<html><h1>Clause d’insertion</h1></html>", "html", "utf-8"))
        piece = read_piece("RC.doc", message.as_bytes(), id="p1", max_pages=5)
        assert piece.pages[0].text == "Clause d'insertion"
        with pytest.raises(Truncated):
            read_piece("a.mht", message.as_bytes()[:100], id="p1", max_pages=5)


@pytest.fixture
def converter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a program of that text before all others under LibreOffice's name."""

    def make(script: str) -> Path:
        program = tmp_path / "bin" / "soffice"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        return tmp_path

    return make


DOC = ole("WordDocument")


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


class TestConverter:
    def test_what_it_writes_is_read(self, converter: Callable[[str], Path]) -> None:
        folder = converter(
            'for last; do :; done; cmp "$last" ../given && mkdir out && cp ../ready out/given.docx'
        )
        (folder / "given").write_bytes(DOC)
        (folder / "ready").write_bytes(word("Clause sociale"))
        assert read_doc(DOC, max_pages=5)[0][0].text == "Clause sociale"
        assert list(folder.glob("clausier-*")) == []

    @pytest.mark.parametrize(
        "script", ["exit 0", "exit 1", "kill -SEGV $$", "mkdir -p out; : > out/given.docx"]
    )
    def test_it_writes_nothing(self, converter: Callable[[str], Path], script: str) -> None:
        folder = converter(script)
        with pytest.raises(Truncated, match="conversion"):
            read_doc(DOC, max_pages=5)
        assert list(folder.glob("clausier-*")) == []

    def test_it_writes_noise(self, converter: Callable[[str], Path]) -> None:
        converter("mkdir out; echo bonjour > out/given.docx")
        with pytest.raises(Truncated):
            read_doc(DOC, max_pages=5)

    def test_it_hangs(
        self, converter: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = converter("sleep 60 & echo $! $$ > ../hung; wait")
        monkeypatch.setattr(legacy, "MAX_SECONDS", 1.0)
        with pytest.raises(TimedOut):
            read_doc(DOC, max_pages=5)
        assert until(lambda: not any(map(alive, map(int, (folder / "hung").read_text().split()))))
        assert list(folder.glob("clausier-*")) == []

    def test_it_does_not_outlive_a_reader_that_is_killed(
        self, converter: Callable[[str], Path]
    ) -> None:
        folder = converter("sleep 60 & echo $! $$ > ../hung; wait")
        with pytest.raises(TimedOut):
            isolated(_read_with, str(folder), seconds=2.0, memory_bytes=1 << 30)
        numbers = [int(number) for number in (folder / "hung").read_text().split()]
        assert len(numbers) == 2
        assert until(lambda: not any(map(alive, numbers)))
        assert until(lambda: list(folder.glob("clausier-*")) == [])

    def test_without_it_the_reason_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        for reader in (read_doc, read_xls):
            with pytest.raises(ConverterMissing) as caught:
                reader(DOC, max_pages=5)
            assert caught.value.code == "converter-missing"
            assert isinstance(caught.value, ReadingError)
        assert read_piece("a.docx", word("texte"), id="p1", max_pages=5).pages


def _read_with(folder: str) -> object:
    # Readers are forked from a server that may have started with the environment of before.
    os.environ["PATH"] = f"{folder}/bin{os.pathsep}{os.environ['PATH']}"
    os.environ["TMPDIR"] = folder
    return read_doc(DOC, max_pages=5)


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
class TestLibreOffice:
    def made(self, folder: Path, name: str, data: bytes, kind: str) -> bytes:
        """The file as LibreOffice writes it in an older format."""
        assert SOFFICE is not None
        (folder / name).write_bytes(data)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        subprocess.run(  # noqa: S603
            [SOFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(folder),
             str(folder / name)],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        return (folder / name).with_suffix(f".{kind}").read_bytes()

    def test_word_97(self, tmp_path: Path) -> None:
        box = (
            '<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="c"/><w:checkBox>'
            '<w:sizeAuto/><w:default w:val="1"/></w:checkBox></w:ffData></w:fldChar></w:r><w:r>'
            "<w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r><w:fldChar"
            ' w:fldCharType="end"/></w:r><w:r><w:t xml:space="preserve"> Marché réservé</w:t></w:r>'
            "</w:p>"
        )
        data = self.made(tmp_path, "rc.docx", word("Le titulaire réserve 350 heures.", body=box),
                         "doc")  # fmt: skip
        piece = read_piece("RC.doc", data, id="p1", max_pages=5)
        assert piece.media_type == "application/msword"
        assert piece.pages[0].text == "Le titulaire réserve 350 heures.\n\n☒ Marché réservé"

    def test_excel_97(self, tmp_path: Path) -> None:
        data = self.made(tmp_path, "bpu.xlsx", sheet(("Poste", "Prix"), ("Insertion", 12)), "xls")
        piece = read_piece("BPU.xls", data, id="p1", max_pages=5)
        assert piece.media_type == "application/vnd.ms-excel"
        assert piece.pages[0].text == "Sheet\n\nPoste | Prix\nInsertion | 12"
