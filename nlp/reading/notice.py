"""Notices -> pages: eForms and TED XML, and JSON, as French lines a person can read.

JSON is read in the shapes of the BOAMP, of the essential data of contracts (DECP), of OCDS and of
collections of notices; in any other every string is a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from nlp.reading import eforms
from nlp.reading.boamp import is_record, write_record
from nlp.reading.decp import contracts, write_contract
from nlp.reading.eforms import write_eforms
from nlp.reading.errors import EmptyFile, Truncated, UnsupportedType
from nlp.reading.extracts import is_extract, strings, write_extract
from nlp.reading.fields import Fields, FieldWriter
from nlp.reading.ocds import releases, write_release
from nlp.reading.ted import FORM, write_ted
from nlp.reading.text import Pages, decode, local, parse_xml

_TED_ROOTS = frozenset(("TED_EXPORT", "TED_ESENDERS", "FORM_SECTION"))


def read_notice_xml(data: bytes, *, max_pages: int) -> Pages:
    """Read an eForms or TED notice, one line a field in the notice's order.

    Raises EmptyFile, Truncated, UnsupportedType (another kind of XML), NoText, TooManyPages or
    TooLarge.
    """
    writer = FieldWriter(max_pages)
    _xml(data, writer)
    return writer.pages(), ()


def read_notice_json(data: bytes, *, max_pages: int) -> Pages:
    """Read a notice in JSON, or a list of them, each from a new page.

    Raises EmptyFile, UnsupportedType, Truncated, NoText, TooManyPages or TooLarge.
    """
    writer = FieldWriter(max_pages)
    _json(data, writer)
    return writer.pages(), ()


def notice_fields(data: bytes) -> Fields:
    """Return the values of a notice's fields, by "LOT-0001/BT-71" for a lot and "BT-21" for all.

    JSON of a shape that is not known has none; a file of several contracts has "CON-0001/BT-21".
    Raises EmptyFile, Truncated or UnsupportedType.
    """
    writer = FieldWriter()
    # UTF-16 puts a zero byte beside each sign.
    if data[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
        _xml(data, writer)
    else:
        _json(data, writer)
    return writer.fields


def _xml(data: bytes, writer: FieldWriter) -> None:
    if not data:
        raise EmptyFile
    root = parse_xml(data.lstrip())
    name = local(root)
    try:
        if name in eforms.ROOTS:
            write_eforms(root, writer)
        elif name in _TED_ROOTS or FORM.fullmatch(name):
            write_ted(root, writer)
        else:
            raise UnsupportedType(name)
    except RecursionError as error:
        raise Truncated("nesting") from error


def _json(data: bytes, writer: FieldWriter) -> None:
    text = decode(data)
    try:
        _shaped(_loaded(text), writer)
    except RecursionError as error:
        raise Truncated("nesting") from error


def _loaded(text: str) -> Any:
    """Return the value of a JSON text, or the objects of a file of JSON lines."""
    try:
        return json.loads(text)
    except ValueError as error:  # a number of thousands of digits, too
        if (rows := _rows(text)) is None:
            raise Truncated(str(error)) from error
        return rows


def _rows(text: str) -> list[Any] | None:
    """Return the objects of a file of JSON lines, None for another file."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < 2 or not all(line.lstrip().startswith("{") for line in lines):
        return None
    try:
        return [json.loads(line) for line in lines]
    except ValueError:
        return None


def _shaped(value: Any, writer: FieldWriter) -> None:
    items = list(_opened(value))
    if found := contracts(items):
        for position, contract in enumerate(found, 1):
            writer.scope = f"CON-{position:04d}" if len(found) > 1 else ""
            if position > 1:
                writer.turn()
            write_contract(contract, writer)
        return
    for index, item in enumerate(items):
        if index and isinstance(item, dict):
            writer.turn()
        if isinstance(item, dict) and is_record(item):
            write_record(item, writer)
        elif published := releases(item):
            for release in published:
                writer.turn()
                write_release(release, writer)
        elif isinstance(item, dict) and is_extract(item):
            write_extract(item, writer)
        else:
            for line in strings(item):
                writer.plain(line)


def _opened(value: Any) -> Iterator[Any]:
    """Yield the items of a list, or the records of an answer of an open data portal."""
    if isinstance(value, dict):
        inside = value.get("results", value.get("records"))
        if isinstance(inside, list) and not any(_released(item) for item in inside):
            value = inside
    for item in value if isinstance(value, list) else [value]:
        record = item.get("record", item) if isinstance(item, dict) else item
        fields = record.get("fields") if isinstance(record, dict) else None
        yield fields if isinstance(fields, dict) else item


def _released(item: Any) -> bool:
    return isinstance(item, dict) and bool({"compiledRelease", "releases", "ocid"} & item.keys())
