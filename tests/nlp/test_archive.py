from __future__ import annotations

import hashlib
import io
import lzma
import struct
import zipfile
import zlib
from typing import Any

import pytest

from nlp.reading import archive as archive_module
from nlp.reading.archive import Unpacked, unpack
from nlp.reading.errors import (
    ArchiveBomb,
    EmptyFile,
    Encrypted,
    NoText,
    OutOfMemory,
    ReadingError,
    TimedOut,
    TooManyFiles,
    Truncated,
    UnsafePath,
    UnsupportedType,
)

RC = b"Reglement de la consultation. " * 20


def packed(
    *files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as made:
        for name, data in files:
            made.writestr(name, data)
    return stream.getvalue()


def opened(data: bytes, **limits: int) -> Unpacked:
    given = {"max_bytes": 1_000_000, "max_files": 50, "max_depth": 3, **limits}
    return unpack("dossier.zip", data, **given)


def names(found: Unpacked) -> list[str]:
    return [name for name, _ in found.members]


def problem(found: Unpacked) -> dict[str, type[ReadingError]]:
    return {name: type(error) for name, error in found.problems}


def renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    assert data.count(old) == 2
    return data.replace(old, new)


def patched(data: bytes, name: bytes, field: str, value: int) -> bytes:
    """Write a field of the two headers of a member."""
    local, central, form = {"flags": (6, 8, "<H"), "size": (22, 24, "<I"), "at": (0, 42, "<I")}[
        field
    ]
    out = bytearray(data)
    first = data.index(name) - 30
    last = data.rindex(name) - 46
    assert data[first : first + 4] == b"PK\x03\x04"
    assert data[last : last + 4] == b"PK\x01\x02"
    if local:
        struct.pack_into(form, out, first + local, value)
    struct.pack_into(form, out, last + central, value)
    return bytes(out)


def test_files_come_out_with_their_paths() -> None:
    found = opened(packed(("LOT 1/CCTP.pdf", b"%PDF-1"), ("RC.pdf", RC)))
    assert found.members == [("LOT 1/CCTP.pdf", b"%PDF-1"), ("RC.pdf", RC)]
    assert found.problems == []


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Règlement de consultation n°3.pdf"),
        ("cp850", "Règlement été – à signer.pdf".replace("–", "-")),
        ("cp850", "PIÈCE À FOURNIR.pdf"),
        ("cp437", "Règlement français n°2.pdf"),
        ("cp437", "Délai ≥ 30 jours, signé.pdf"),
        ("cp1252", "Règlement de la consultation – propreté.pdf"),
        ("cp1252", "Décision d’œuvre à compléter.pdf"),
        ("cp1252", "ÉTAT des prix.pdf"),
    ],
)
def test_accents_of_names_without_the_utf8_flag(encoding: str, name: str) -> None:
    raw = name.encode(encoding)
    data = renamed(packed(("x" * len(raw), RC)), b"x" * len(raw), raw)
    assert names(opened(data)) == [name]


def test_one_clear_name_decides_for_the_whole_archive() -> None:
    # Alone, "N° 1" could be any code page; its neighbours say it is Windows Latin.
    clear, short = "Modèle à compléter.pdf".encode("cp1252"), "Prix N°1.pdf".encode("cp1252")
    data = packed(("a" * len(clear), b"1"), ("b" * len(short), b"2"))
    data = renamed(renamed(data, b"a" * len(clear), clear), b"b" * len(short), short)
    assert names(opened(data)) == ["Modèle à compléter.pdf", "Prix N°1.pdf"]


def test_decomposed_accents_are_composed() -> None:
    assert names(opened(packed(("Re\u0300glement.pdf", RC)))) == ["Règlement.pdf"]


def test_unicode_path_field_wins_over_the_8_bit_name() -> None:
    info = zipfile.ZipInfo("R_glement.pdf")
    path = struct.pack("<BI", 1, zlib.crc32(b"R_glement.pdf")) + "Règlement.pdf".encode()
    info.extra = struct.pack("<HH", 0x7075, len(path)) + path
    assert names(opened(packed((info, RC)))) == ["Règlement.pdf"]


def test_unicode_path_field_of_another_name_is_ignored() -> None:
    info = zipfile.ZipInfo("RC.pdf")
    path = struct.pack("<BI", 1, 12345) + b"../x.pdf"
    info.extra = struct.pack("<HH", 0x7075, len(path)) + path
    assert names(opened(packed((info, RC)))) == ["RC.pdf"]


def test_litter_and_folders_are_skipped_and_not_counted() -> None:
    data = packed(
        ("DCE/", b""),
        ("__MACOSX/DCE/._RC.pdf", b"x"),
        ("DCE/.DS_Store", b"x"),
        ("DCE/Thumbs.db", b"x"),
        ("DCE/desktop.ini", b"x"),
        ("DCE/~$CCAP.docx", b"x"),
        ("DCE/._CCAP.docx", b"x"),
        ("DCE/RC.pdf", RC),
    )
    found = opened(data, max_files=1)
    assert names(found) == ["DCE/RC.pdf"]
    assert found.problems == []


@pytest.mark.parametrize(
    "path",
    ["../etc/passwd", "a/../../b.pdf", "/etc/passwd", "C:/x.pdf", "C:\\x.pdf", "\\\\host\\x.pdf",
     "..\\x.pdf", "D:x.pdf"],
)  # fmt: skip
def test_unsafe_paths_are_reported_and_the_rest_is_read(path: str) -> None:
    found = opened(packed((path, b"evil"), ("RC.pdf", RC)))
    assert found.members == [("RC.pdf", RC)]
    assert [type(error) for _, error in found.problems] == [UnsafePath]


def test_a_nul_in_a_name_does_not_hide_its_end() -> None:
    data = renamed(packed(("RC.pdf_.exe", b"x")), b"RC.pdf_.exe", b"RC.pdf\0.exe")
    found = opened(data)
    assert found.members == []
    assert problem(found) == {"RC.pdf\ufffd.exe": UnsafePath}


def test_backslashes_are_folders() -> None:
    assert names(opened(packed(("LOT 1\\CCTP.pdf", RC)))) == ["LOT 1/CCTP.pdf"]


def test_symbolic_links_are_refused() -> None:
    info = zipfile.ZipInfo("lien.pdf")
    info.external_attr = 0o120777 << 16
    found = opened(packed((info, b"/etc/passwd"), ("RC.pdf", RC)))
    assert names(found) == ["RC.pdf"]
    assert problem(found) == {"lien.pdf": UnsafePath}


def test_a_ratio_bomb_stops_while_it_inflates() -> None:
    data = packed(("zeros.txt", bytes(20_000_000)))
    assert len(data) < 30_000
    with pytest.raises(ArchiveBomb):
        opened(data)


def test_bytes_are_counted_over_all_members() -> None:
    data = packed(*((f"{n}.txt", bytes(300_000)) for n in range(4)))
    assert len(opened(data, max_bytes=1_200_000).members) == 4
    with pytest.raises(ArchiveBomb):
        opened(data, max_bytes=1_199_999)


def test_a_declared_size_over_the_limit_is_enough() -> None:
    data = patched(packed(("RC.pdf", RC)), b"RC.pdf", "size", 2_000_000_000)
    with pytest.raises(ArchiveBomb):
        opened(data)


def test_a_size_that_lies_loses_its_member_only() -> None:
    data = packed(("bombe.txt", bytes(5_000_000)), ("RC.pdf", RC))
    data = patched(data, b"bombe.txt", "size", 10)
    found = opened(data)
    assert names(found) == ["RC.pdf"]
    assert problem(found) == {"bombe.txt": Truncated}


def test_actual_bytes_are_counted_even_where_the_declared_sum_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(archive_module._Budget, "declare", lambda self, size: None)
    with pytest.raises(ArchiveBomb):
        opened(packed(("zeros.txt", bytes(5_000_000))))


def test_nested_archives_count_against_the_same_limit() -> None:
    inner = packed(*((f"{n}.txt", bytes(300_000)) for n in range(2)))
    data = packed(("lot1.zip", inner), ("lot2.zip", inner[:-1] + b"\0"))
    with pytest.raises(ArchiveBomb):
        opened(data, max_bytes=900_000)


def test_overlapping_members_are_a_bomb() -> None:
    data = packed(("a.txt", RC), ("b.txt", RC))
    first = data.index(b"a.txt") - 30
    data = patched(data, b"b.txt", "at", first)
    with pytest.raises(ArchiveBomb, match="overlap"):
        opened(data)


def test_an_archive_that_holds_itself_is_a_bomb() -> None:
    data = packed(("RC.pdf", RC))
    budget = archive_module._Budget(10**6, 50, 9, above=[hashlib.sha256(data).digest()])
    with pytest.raises(ArchiveBomb, match="quine"):
        archive_module._unpack("r.zip", data, "", budget, Unpacked([], []))


def test_nested_archives_are_opened_to_a_depth() -> None:
    data = packed(("CCTP.pdf", RC))
    for level in range(3):
        data = packed((f"niveau{level}.zip", data), (f"note{level}.txt", b"x"))
    deep = opened(data, max_depth=4)
    assert names(deep) == [
        "niveau2.zip/niveau1.zip/niveau0.zip/CCTP.pdf",
        "niveau2.zip/niveau1.zip/note0.txt",
        "niveau2.zip/note1.txt",
        "note2.txt",
    ]
    shallow = opened(data, max_depth=3)
    assert names(shallow) == names(deep)[1:]
    assert problem(shallow) == {"niveau2.zip/niveau1.zip/niveau0.zip": ArchiveBomb}


def test_office_files_are_documents_not_archives() -> None:
    word = packed(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<x/>"))
    data = packed(("CCAP.docx", word), ("sans-nom", word), ("lot.zip", packed(("a.txt", b"a"))))
    assert names(opened(data)) == ["CCAP.docx", "sans-nom", "lot.zip/a.txt"]


def test_too_many_files_over_all_levels() -> None:
    inner = packed(*((f"{n}.txt", b"x") for n in range(4)))
    data = packed(("lot.zip", inner), ("RC.pdf", RC))
    assert len(opened(data, max_files=6).members) == 5
    with pytest.raises(TooManyFiles):
        opened(data, max_files=5)


def test_an_encrypted_member_is_reported() -> None:
    data = patched(packed(("secret.pdf", b"x"), ("RC.pdf", RC)), b"secret.pdf", "flags", 1)
    found = opened(data)
    assert names(found) == ["RC.pdf"]
    assert problem(found) == {"secret.pdf": Encrypted}


def test_a_damaged_member_is_reported() -> None:
    data = bytearray(packed(("abime.pdf", RC), ("RC.pdf", RC)))
    data[data.index(b"abime.pdf") + 12] ^= 0xFF
    found = opened(bytes(data))
    assert names(found) == ["RC.pdf"]
    assert problem(found) == {"abime.pdf": Truncated}


def test_a_damaged_inner_archive_is_reported() -> None:
    found = opened(
        packed(("lot.zip", packed(("a.txt", RC))[:-30]), ("vide.zip", b""), ("b.txt", RC))
    )
    assert names(found) == ["b.txt"]
    assert problem(found) == {"lot.zip": Truncated, "vide.zip": EmptyFile}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_inflate_without_bound_are_not_tried(method: int) -> None:
    found = opened(packed(("RC.pdf", RC), method=method))
    assert problem(found) == {"RC.pdf": UnsupportedType}


@pytest.mark.parametrize("cut", [3, 40, 200])
def test_a_cut_archive_is_damaged(cut: int) -> None:
    with pytest.raises(Truncated):
        opened(packed(("RC.pdf", bytes(range(256)) * 9))[:-cut])


def test_nothing_and_noise() -> None:
    with pytest.raises(EmptyFile):
        opened(b"")
    with pytest.raises(Truncated):
        opened(b"PK\x03\x04" + bytes(200))


@pytest.mark.parametrize("files", [(), ("DCE/",), ("DCE/", "DCE/Thumbs.db")])
def test_an_archive_without_files_says_so(files: tuple[str, ...]) -> None:
    hollow = packed(*((name, b"x"[: not name.endswith("/")]) for name in files))
    with pytest.raises(NoText):
        opened(hollow)
    found = opened(packed(("lot.zip", hollow), ("RC.pdf", RC)))
    assert names(found) == ["RC.pdf"]
    assert problem(found) == {"lot.zip": NoText}


def test_every_single_byte_change_is_survived() -> None:
    data = packed(("CCAP.pdf", RC), ("lot.zip", packed(("a.txt", RC))))
    for at in range(len(data)):
        broken = bytearray(data)
        broken[at] ^= 0x55
        try:
            found = opened(bytes(broken))
        except ReadingError:
            continue
        assert found.members or found.problems


class TestSeven:
    @pytest.fixture(autouse=True)
    def _needs_library(self) -> None:
        pytest.importorskip("py7zr")

    def made(self, *files: tuple[str, bytes], **options: object) -> bytes:
        import py7zr

        stream = io.BytesIO()
        with py7zr.SevenZipFile(stream, "w", **options) as made:
            for name, data in files:
                made.writestr(data, name)
        return stream.getvalue()

    def patched(self, files: list[tuple[str, bytes]], old: bytes, new: bytes, **how: Any) -> bytes:
        """An archive with other bytes in its header, the checksums put right."""
        import py7zr

        stream = io.BytesIO()
        with py7zr.SevenZipFile(stream, "w", **how) as made:
            made.set_encoded_header_mode(False)
            for name, content in files:
                made.writestr(content, name)
        data = stream.getvalue()
        at, size = struct.unpack_from("<QQ", data, 12)
        header = data[32 + at : 32 + at + size]
        assert header.count(old) == 1
        return sealed(data[32 : 32 + at], header.replace(old, new))

    def test_files_come_out(self) -> None:
        found = opened(
            self.made(("LOT 1/Règlement.pdf", RC), ("vide.txt", b""), (".DS_Store", b"x"))
        )
        assert sorted(found.members) == [("LOT 1/Règlement.pdf", RC), ("vide.txt", b"")]
        assert found.problems == []

    def test_inside_a_zip_and_around_one(self) -> None:
        seven = self.made(("lot.zip", packed(("a.txt", RC))))
        assert names(opened(packed(("dce.7z", seven)))) == ["dce.7z/lot.zip/a.txt"]

    def test_too_many_bytes(self) -> None:
        data = self.made(("zeros.txt", bytes(3_000_000)))
        with pytest.raises(ArchiveBomb):
            opened(data)

    def test_actual_bytes_are_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive_module._Budget, "declare", lambda self, size: None)
        data = self.made(("zeros.txt", bytes(3_000_000)))
        with pytest.raises(ArchiveBomb):
            archive_module._seven_files(data, archive_module._Budget(10**6, 50, 3))

    def test_what_a_child_counts_is_counted(self) -> None:
        inner = self.made(("a.txt", bytes(300_000)), ("b.txt", b"b"))
        data = packed(("1.7z", inner), ("2.7z", self.made(("a.txt", bytes(300_001)))))
        assert len(opened(data, max_bytes=700_000, max_files=5).members) == 3
        with pytest.raises(ArchiveBomb):
            opened(data, max_bytes=600_000)
        with pytest.raises(TooManyFiles):
            opened(data, max_files=4)

    def test_too_many_files(self) -> None:
        with pytest.raises(TooManyFiles):
            opened(self.made(("a", b"a"), ("b", b"b")), max_files=1)

    def test_password(self) -> None:
        found = opened(self.made(("RC.pdf", RC), password="x"))  # noqa: S106
        assert problem(found) == {"RC.pdf": Encrypted}
        with pytest.raises(Encrypted):
            opened(self.made(("RC.pdf", RC), password="x", header_encryption=True))  # noqa: S106

    def test_unsafe_path_is_reported(self) -> None:
        old, new = (path.encode("utf-16-le") for path in ("aa/evil.pdf", "../evil.pdf"))
        data = self.patched([("aa/evil.pdf", b"x"), ("RC.pdf", RC)], old, new)
        found = opened(data)
        assert names(found) == ["RC.pdf"]
        assert problem(found) == {"../evil.pdf": UnsafePath}

    def test_damage_loses_what_follows_only(self) -> None:
        import os

        noise = os.urandom(50_000)
        data = bytearray(self.made(("a.bin", noise), ("b.bin", noise[::-1]), ("c.bin", noise[1:])))
        data[32 + 75_000] ^= 0xFF
        found = opened(bytes(data))
        assert names(found) == ["a.bin"]
        assert problem(found) == {"b.bin": Truncated, "c.bin": Truncated}

    def test_damaged_header(self) -> None:
        with pytest.raises(Truncated):
            opened(self.made(("RC.pdf", RC))[:-4])

    def test_a_decoder_that_dies_takes_nothing_with_it(self) -> None:
        import py7zr

        small, huge = (
            b"\x03\x04\x01\x07\x06" + struct.pack("<I", n) for n in (1 << 24, 0xFFFFFFFF)
        )
        how = [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}]
        data = self.patched([("RC.pdf", RC)], small, huge, filters=how)
        found = opened(packed(("lot.7z", data), ("RC.pdf", RC)))
        assert names(found) == ["RC.pdf"]
        assert problem(found) == {"lot.7z": OutOfMemory}

    def test_a_few_bytes_that_list_a_million_files_are_stopped(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(archive_module, "_SEVEN_SECONDS", 0.5)
        with pytest.raises(TimedOut):
            opened(crowded(1_000_000))


def sealed(body: bytes, header: bytes) -> bytes:
    start = struct.pack("<QQI", len(body), len(header), zlib.crc32(header))
    return (
        b"7z\xbc\xaf\x27\x1c\0\x04" + struct.pack("<I", zlib.crc32(start)) + start + body + header
    )


def crowded(files: int) -> bytes:
    """A 7z archive of empty files, whose packed header hardly grows with their number."""

    def number(value: int) -> bytes:
        return b"\xff" + struct.pack("<Q", value)

    empty, listed = b"\xff" * (files // 8), b"\0" + b"a\0\0\0" * files
    header = b"\x01\x05" + number(files) + b"\x0e" + number(len(empty)) + empty
    header += b"\x11" + number(len(listed)) + listed + b"\0\0"
    how = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 24, "lc": 3, "lp": 0, "pb": 2}]
    body = lzma.compress(header, lzma.FORMAT_RAW, filters=how)
    coder = b"\x23\x03\x01\x01\x05" + struct.pack("<BI", 93, 1 << 24)
    return sealed(
        body,
        b"\x17\x06\x00\x01\x09" + number(len(body)) + b"\x00\x07\x0b\x01\x00\x01" + coder + b"\x0c"
        + number(len(header)) + b"\x0a\x01" + struct.pack("<I", zlib.crc32(header)) + b"\0\0",
    )  # fmt: skip


def test_7z_without_the_library_is_an_unsupported_type(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "py7zr", None)
    with pytest.raises(UnsupportedType):
        archive_module._seven_open(b"7z\xbc\xaf\x27\x1c" + bytes(50))
