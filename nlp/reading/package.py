"""The zipped package of an office file: its parts, checked before any of them is inflated."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from nlp.reading.archive import BROKEN
from nlp.reading.errors import ArchiveBomb, EmptyFile, Encrypted, Truncated, UnsupportedType
from nlp.reading.text import local, parse_xml

MAX_BYTES = 300_000_000  # inflated; a Word file of 500 pages without pictures holds about 10 MB
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Package:
    """The parts of an office file, checked before any of them is inflated.

    The declared sizes can be trusted as bounds: the library never inflates a part beyond its own.
    """

    def __init__(self, data: bytes, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        if not data:
            raise EmptyFile
        if data.startswith(OLE):  # what Office wraps around a file with a password
            if "EncryptedPackage".encode("utf-16-le") in data:
                raise Encrypted
            raise UnsupportedType("ole")
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except BROKEN as error:
            raise Truncated(str(error)) from error
        infos = self._archive.infolist()
        if sum(info.file_size for info in infos) > max_bytes:
            raise ArchiveBomb(f">{max_bytes}")
        if any(info.flag_bits & 1 for info in infos):
            raise Encrypted
        if any(info.compress_type not in (0, zipfile.ZIP_DEFLATED) for info in infos):
            raise UnsupportedType("zip-method")
        self._infos = {_part_key(info.filename): info for info in infos}

    @property
    def names(self) -> Iterable[str]:
        """The names of the parts, in lower case with forward slashes."""
        return self._infos.keys()

    def read(self, name: str) -> bytes | None:
        """Return a part, None when there is none of that name; raises Truncated."""
        info = self._infos.get(_part_key(name))
        if info is None:
            return None
        try:
            return self._archive.read(info)
        except BROKEN as error:
            raise Truncated(str(error)) from error

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part piece by piece; raises Truncated."""
        try:
            with self._archive.open(self._infos[_part_key(name)]) as stream:
                while chunk := stream.read(1 << 16):
                    yield chunk
        except (KeyError, *BROKEN) as error:
            raise Truncated(str(error)) from error

    def elements(self, name: str, tags: tuple[str, ...]) -> Iterator[Any]:
        """Yield the elements of a part one by one, each forgotten before the next is read.

        Raises Truncated; a part that declares entities must be refused before.
        """
        try:
            with self._archive.open(self._infos[_part_key(name)]) as stream:
                for _, element in etree.iterparse(
                    stream,
                    tag=tags,
                    resolve_entities=False,
                    no_network=True,
                    load_dtd=False,
                    huge_tree=False,
                    remove_comments=True,
                    remove_pis=True,
                ):
                    yield element
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
        except (etree.XMLSyntaxError, KeyError, *BROKEN) as error:
            raise Truncated(str(error)) from error

    def xml(self, name: str) -> Any | None:
        """Return the root element of a part, None when there is none; raises Truncated."""
        data = self.read(name)
        return None if data is None else parse_xml(data)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return by id the (kind, part name) of what a part of an OPC package refers to."""
        folder, _, base = part.rpartition("/")
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        found: dict[str, tuple[str, str]] = {}
        for relation in root if root is not None else ():
            target = relation.get("Target") or ""
            if relation.get("TargetMode") == "External" or not target:
                continue
            full = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = (relation.get("Type") or "").rpartition("/")[2]
            found[relation.get("Id") or ""] = (kind, posixpath.normpath(full))
        return found


def _part_key(name: str) -> str:
    return name.replace("\\", "/").lower().lstrip("/")


def integer(value: str | None, default: int = 0) -> int:
    """Read a number of a file, at most nine digits of it."""
    return int(value) if value and re.fullmatch(r"-?[0-9]{1,9}", value) else default


def first(element: Any | None, name: str) -> Any | None:
    """Return the first child of that name, None when there is none."""
    if element is None:
        return None
    return next((child for child in element if local(child) == name), None)
