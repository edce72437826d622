"""Archives -> the files in them: ZIP by the standard library, 7z by py7zr where it is installed.

Nothing touches the disk; 7z is unpacked in a child process. A bad member is reported and the others
are read; only what concerns the whole archive is raised.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from nlp.reading.errors import (
    ArchiveBomb,
    EmptyFile,
    Encrypted,
    NoText,
    ReadingError,
    TooManyFiles,
    Truncated,
    UnsafePath,
    UnsupportedType,
)
from nlp.reading.isolation import isolated

_CHUNK = 1 << 16
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_SEVEN = b"7z\xbc\xaf\x27\x1c"
# Files that are ZIP archives inside and documents to people.
_DOCUMENTS = re.compile(r"\.(?:doc|dot|xls|xlt|ppt|pot|pps)[xm]$|\.(?:od[a-z]|ot[a-z]|epub|jar)$")
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Unpacked(NamedTuple):
    """The members that were read, and the names of those that were not with the reason."""

    members: list[tuple[str, bytes]]
    problems: list[tuple[str, ReadingError]]


@dataclass(slots=True)
class _Budget:
    """What may still be unpacked, shared by an archive and all those inside it."""

    max_bytes: int
    max_files: int
    max_depth: int
    inflated: int = 0
    files: int = 0
    above: list[bytes] = field(default_factory=list)  # digests of the archives we are inside

    def count(self, size: int) -> None:
        self.inflated += size
        if self.inflated > self.max_bytes:
            raise ArchiveBomb(f">{self.max_bytes}")

    def declare(self, size: int) -> None:
        if self.inflated + size > self.max_bytes:
            raise ArchiveBomb(f">{self.max_bytes}")

    def file(self) -> None:
        self.files += 1
        if self.files > self.max_files:
            raise TooManyFiles(f">{self.max_files}")


def unpack(name: str, data: bytes, *, max_bytes: int, max_files: int, max_depth: int) -> Unpacked:
    """Return the files of an archive and of the archives in it, with their paths.

    ``max_bytes`` bounds all that is inflated, archives inside archives included; ``max_depth`` is
    how many archives may stand around a file. Raises ArchiveBomb, TooManyFiles, EmptyFile, NoText
    (it opens and holds no file) and, for an archive that does not open at all, Truncated, Encrypted
    or UnsupportedType.
    """
    found = Unpacked([], [])
    _unpack(name, data, "", _Budget(max_bytes, max_files, max_depth), found)
    return found


def is_archive(name: str, data: bytes) -> bool:
    """Tell whether a file is an archive to open, rather than a document that is a ZIP inside."""
    if data.startswith(_SEVEN):
        return True
    lowered = name.lower()
    if not data.startswith(_ZIP):
        return lowered.endswith((".zip", ".7z"))  # named so, but broken: opening it will say
    if _DOCUMENTS.search(lowered):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return not {"[Content_Types].xml", "mimetype"} & set(archive.namelist())
    except BROKEN:
        return True


def _unpack(name: str, data: bytes, prefix: str, budget: _Budget, found: Unpacked) -> None:
    if not data:
        raise EmptyFile
    digest = hashlib.sha256(data).digest()
    if digest in budget.above:  # an archive that holds itself would never end
        raise ArchiveBomb("quine")
    if len(budget.above) >= budget.max_depth:
        raise ArchiveBomb("depth")
    members = _seven(data, budget) if data.startswith(_SEVEN) else _zip(data, budget)
    budget.above.append(digest)
    before = len(found.members) + len(found.problems)
    try:
        for path, content in members:
            full = f"{prefix}{path}"
            if isinstance(content, ReadingError):
                found.problems.append((full, content))
            elif is_archive(path, content):
                _inner(path, content, full, budget, found)
            else:
                found.members.append((full, content))
    finally:
        budget.above.pop()
    if len(found.members) + len(found.problems) == before:
        raise NoText


def _inner(name: str, data: bytes, full: str, budget: _Budget, found: Unpacked) -> None:
    try:
        _unpack(name, data, f"{full}/", budget, found)
    except ArchiveBomb as error:
        if error.detail != "depth":
            raise
        found.problems.append((full, error))  # one folder packed too deep: the rest is sound
    except TooManyFiles:
        raise
    except ReadingError as error:
        found.problems.append((full, error))


# -- names ------------------------------------------------------------------------------------

_LITTER = frozenset((".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db"))


def _litter(path: str) -> bool:
    """Tell whether an operating system or an office suite left this file behind."""
    parts = path.split("/")
    last = parts[-1]
    return (
        "__MACOSX" in parts or last.lower() in _LITTER or last.startswith(("~$", "._", ".~lock."))
    )


def _checked(raw: str) -> str:
    """Return a member's path with forward slashes; raises UnsafePath when it leaves its folder."""
    path = unicodedata.normalize("NFC", raw.replace("\\", "/"))
    parts = path.split("/")
    if path.startswith("/") or _DRIVE.match(path) or ".." in parts or "\0" in path:
        raise UnsafePath(_shown(path))
    path = "/".join(part for part in parts if part not in ("", "."))
    if not path:
        raise UnsafePath(_shown(raw))
    return _shown(path)


def _shown(path: str) -> str:
    return _CONTROL.sub("\ufffd", path)


_FRENCH = "éèêëàâçîïôûùüœæ"
_CAPITALS = "ÉÈÊËÀÂÇÎÏÔÛÙÜŒÆ"
_SIGNS = "°’‘–—«»€…²³“”´§µ≥≤≈√±"


def _plausible(name: str) -> int:
    """Score how French a decoded name looks; a capital inside a small word does not."""
    score = 0
    for at, sign in enumerate(name):
        if sign.isascii():
            continue
        before = name[at - 1] if at else " "
        after = name[at + 1] if at + 1 < len(name) else " "
        if sign in _FRENCH:
            score += -1 if before.isupper() and after.isupper() else 2
        elif sign in _CAPITALS:
            score += -2 if before.islower() or (after.islower() and before.isalpha()) else 2
        elif sign in _SIGNS or sign == "\xa0":
            score += 1
        else:
            score -= 3
    return score


def _decoder(names: Iterable[bytes]) -> str:
    """Return the 8-bit code page in which the names of an archive read best.

    One program wrote them all: they vote together. Names that are UTF-8 have no say.
    """
    odd = [name for name in names if not name.isascii() and _utf8(name) is None]
    best, score = "cp850", -(10**9)
    for encoding in ("cp850", "cp437", "cp1252"):
        try:
            total = sum(_plausible(name.decode(encoding)) for name in odd)
        except UnicodeDecodeError:
            continue
        if total > score:
            best, score = encoding, total
    return best


def _utf8(name: bytes) -> str | None:
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return None


# -- ZIP --------------------------------------------------------------------------------------

_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What a damaged or hostile archive may raise.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    OverflowError,
    NotImplementedError,
)


def _zip(data: bytes, budget: _Budget) -> Iterator[tuple[str, bytes | ReadingError]]:
    """Open a ZIP archive and return its members one by one."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except NotImplementedError as error:
        raise UnsupportedType(str(error)) from error
    except BROKEN as error:
        raise Truncated(str(error)) from error
    _refuse_overlaps(archive.infolist())
    return _zip_members(archive, budget)


def _zip_members(
    archive: zipfile.ZipFile, budget: _Budget
) -> Iterator[tuple[str, bytes | ReadingError]]:
    with archive:
        raw = {id(info): _raw_name(info) for info in archive.infolist()}
        encoding = _decoder(name for name in raw.values() if name is not None)
        wanted: list[tuple[str, zipfile.ZipInfo]] = []
        for info in archive.infolist():
            name = _name(info, raw[id(info)], encoding)
            if name.endswith(("/", "\\")) or _litter(name.replace("\\", "/")):
                continue
            budget.file()
            try:
                wanted.append((_readable(name, info), info))
            except ReadingError as error:
                yield _shown(name), error
        budget.declare(sum(info.file_size for _, info in wanted))
        for path, info in wanted:
            try:
                yield path, _inflate(archive, info, budget)
            except ReadingError as error:
                if isinstance(error, ArchiveBomb):
                    raise
                yield path, error


def _refuse_overlaps(infos: list[zipfile.ZipInfo]) -> None:
    """Raise ArchiveBomb where two members share their bytes, as in bombs without nesting."""
    starts = sorted((info.header_offset, info.compress_size) for info in infos)
    for (start, size), (following, _) in pairwise(starts):
        if start + 30 + size > following:  # 30: the shortest local header
            raise ArchiveBomb("overlap")


def _raw_name(info: zipfile.ZipInfo) -> bytes | None:
    """Return the bytes of a member's name, None when it is declared as UTF-8."""
    if info.flag_bits & _UTF8_FLAG:
        return None
    try:
        return info.orig_filename.encode("cp437")  # what the library took it for
    except UnicodeEncodeError:
        return None


def _name(info: zipfile.ZipInfo, raw: bytes | None, encoding: str) -> str:
    if raw is None:
        return info.orig_filename
    name = _unicode_path(info, raw)
    if name is None:
        name = _utf8(raw)
    return name if name is not None else raw.decode(encoding, "replace")


def _unicode_path(info: zipfile.ZipInfo, raw: bytes) -> str | None:
    """Return the name in the Unicode path field that some programs add beside an 8-bit one."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        value, extra = extra[4 : 4 + size], extra[4 + size :]
        ours = kind == 0x7075 and len(value) > 5 and value[0] == 1
        if ours and struct.unpack_from("<I", value, 1)[0] == zlib.crc32(raw):
            return _utf8(value[5:])
    return None


def _readable(name: str, info: zipfile.ZipInfo) -> str:
    """Return the safe path of a member that can be read; raises what stands against it."""
    path = _checked(name)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):  # links and devices, whatever system claims to have made them
        raise UnsafePath(path)
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise Encrypted
    if info.compress_type not in _READABLE:
        # The library inflates the other methods in one go: a few bytes could fill the memory.
        raise UnsupportedType(f"zip-method-{info.compress_type}")
    return path


def _inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: _Budget) -> bytes:
    parts: list[bytes] = []
    try:
        with archive.open(info) as stream:
            while chunk := stream.read(_CHUNK):
                budget.count(len(chunk))
                parts.append(chunk)
    except BROKEN as error:
        raise Truncated(str(error)) from error
    return b"".join(parts)


# -- 7z ---------------------------------------------------------------------------------------


_SEVEN_SECONDS = 60.0
_GIB = 1 << 30

_Found: TypeAlias = list[tuple[str, bytes | ReadingError]]


def _seven(data: bytes, budget: _Budget) -> _Found:
    """Return the members of a 7z archive, unpacked in a child process.

    A few KB may list millions of files or ask for gigabytes before the first of them is reached,
    and the decoder of PPMd ends its process on damaged data.
    """
    found, budget.inflated, budget.files = isolated(
        _seven_files,
        data,
        budget,
        seconds=_SEVEN_SECONDS,
        memory_bytes=_GIB + 3 * budget.max_bytes,  # unpacked, packed to be sent, and the libraries
    )
    return found


def _seven_files(data: bytes, budget: _Budget) -> tuple[_Found, int, int]:
    """Return the members of a 7z archive, and the bytes and files counted with them."""
    found: _Found = []
    with _seven_open(data) as archive:
        wanted: dict[str, Any] = {}  # by safe path: what the archive says of the file
        locked = archive.needs_password()
        for entry in archive.files:
            name = str(entry.filename)
            if entry.is_directory or _litter(name.replace("\\", "/")):
                continue
            budget.file()
            try:
                path = _checked(name)
                # Two files of one name cannot be told apart when they come out.
                if entry.is_symlink or entry.is_junction or entry.is_socket or path in wanted:
                    raise UnsafePath(path)
                if locked:
                    raise Encrypted
            except ReadingError as error:
                found.append((_shown(name), error))
                continue
            wanted[path] = entry
        budget.declare(sum(entry.uncompressed for entry in wanted.values()))
    found += _seven_members(data, wanted, budget)
    return found, budget.inflated, budget.files


def _seven_open(data: bytes) -> Any:
    try:
        import py7zr
        from py7zr.exceptions import PasswordRequired
    except ImportError as error:
        raise UnsupportedType("7z") from error
    try:
        return py7zr.SevenZipFile(io.BytesIO(data))
    except PasswordRequired as error:
        raise Encrypted from error
    except Exception as error:  # the library fails in many ways on damaged headers
        raise Truncated(str(error)) from error


def _seven_members(
    data: bytes, wanted: dict[str, Any], budget: _Budget
) -> Iterator[tuple[str, bytes | ReadingError]]:
    left = dict(wanted)
    while left:
        out = _Members(budget)
        failure: ReadingError = Truncated()
        try:
            with _seven_open(data) as archive:
                archive.extract(
                    targets=[str(entry.filename) for entry in left.values()], factory=out
                )
        except ArchiveBomb:
            raise
        except ReadingError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - as above; what came out before stands
            failure = Truncated(str(error))
        read = {path: made.content() for path, made in out.made.items() if path in left}
        lost: set[int] = set()
        for path, content in read.items():
            entry = left.pop(path)
            if len(content) == entry.uncompressed and entry.crc32 in (None, zlib.crc32(content)):
                yield path, content
            else:
                lost.add(id(entry.folder))
                yield path, failure
        # Files packed together are lost together; those packed apart are tried again.
        for path, entry in list(left.items()):
            if not read or not lost or id(entry.folder) in lost:
                del left[path]
                yield path, failure


class _Member:
    """One file as py7zr unpacks it, counted against the budget."""

    def __init__(self, budget: _Budget) -> None:
        self._budget = budget
        self._buffer = io.BytesIO()

    def write(self, data: bytes | bytearray) -> int:
        """Add what was just inflated."""
        self._budget.count(len(data))
        return self._buffer.write(data)

    def read(self, size: int | None = None) -> bytes:
        """Return what was written, from the current place on."""
        return self._buffer.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place in what was written."""
        return self._buffer.seek(offset, whence)

    def flush(self) -> None:
        """Do nothing: all is in memory."""

    def close(self) -> None:
        """Keep what was written: it is read afterwards."""

    def size(self) -> int:
        """Return how much was written."""
        return self._buffer.getbuffer().nbytes

    def content(self) -> bytes:
        """Return all that was written."""
        return self._buffer.getvalue()


class _Members:
    """The files that py7zr has reached, in order; it asks for one at a time."""

    def __init__(self, budget: _Budget) -> None:
        self.made: dict[str, _Member] = {}
        self._budget = budget

    def create(self, filename: str) -> _Member:
        """Return where to write a file."""
        return self.made.setdefault(_checked(filename), _Member(self._budget))
