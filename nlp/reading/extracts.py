"""Notices as collections keep them: a title, a text or lots, and typed fields by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nlp.reading.elements import WITHHELD
from nlp.reading.fields import (
    CODES,
    FieldWriter,
    criterion,
    lot_kind,
    lot_number,
    lot_scope,
    lot_title,
    weighted,
)
from nlp.reading.ted import CRITERIA, MEANINGS

# Where a collection keeps what identifies a notice: nothing a tender says.
_SILENT = frozenset(
    (
        "doc_id",
        "notice_uuid",
        "date",
        "form",
        "lang",
        "country",
        "schema",
        "source_path",
        "path",
        "kind",
        "n_chars",
        "tender_id",
        "doc",
        "page",
        "lot_id",
        "title",
        "tender_title",
        "text",
        "lots",
        "award",
    )
)
_NAMES = {
    "cpv_main": ("BT-262", ""),
    "descr": ("BT-24", "Description"),
    "short_descr": ("BT-24", "Description"),
    "note": ("BT-300", "Informations complémentaires"),
    "add_info": ("BT-300", "Informations complémentaires"),
    "info_add_general": ("BT-300", "Informations complémentaires"),
    "performance_conditions": ("BT-70", "Conditions d'exécution"),
    "execution_terms_BT70": ("BT-70", "Conditions d'exécution"),
    "strategic_descr_BT777": ("BT-777", "Description de l'achat stratégique"),
    "suitability": ("BT-750", "Conditions de participation"),
    "technical_min": ("BT-750", "Capacité technique, minimum"),
    "exclusion_selection": ("BT-67", "Conditions de participation"),
}
_FIELD = re.compile(r"_BT(\d{2,4})\Z")


def is_extract(value: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is a notice of a collection."""
    return isinstance(value.get("text"), str) or isinstance(value.get("lots"), list)


def write_extract(item: Mapping[str, Any], writer: FieldWriter) -> None:
    """Write a notice: its text where it has one, else its description, lots and criteria."""
    title = item.get("title") or item.get("tender_title")
    if isinstance(title, str) and title:
        writer.title(title)
        writer.keep("BT-21", title)
    text = item.get("text")
    has_text = isinstance(text, str)
    if isinstance(text, str):
        writer.lines(text)
    _fields(item, writer, typed_only=has_text)
    lots = item.get("lots")
    lots = [lot for lot in lots if isinstance(lot, dict)] if isinstance(lots, list) else []
    for position, lot in enumerate(lots, 1):
        identifier = lot.get("lot_id")
        identifier = identifier if isinstance(identifier, str) else ""
        number = lot_number(identifier) or str(position)
        name = lot.get("title")
        name = name if isinstance(name, str) else ""
        writer.scope = identifier or lot_scope(number)
        writer.keep("BT-21", name)
        # A lone lot without a name is the contract itself.
        if not has_text and (len(lots) > 1 or identifier or name):
            writer.title(lot_title(number, name, lot_kind(identifier)))
        _fields(lot, writer, typed_only=has_text)
        award = lot.get("award")
        criteria = [a for a in award if isinstance(a, dict)] if isinstance(award, list) else []
        if criteria:
            writer.heading("Critères d'attribution")
        for each in criteria:
            _criterion(each, writer, typed_only=has_text)
        writer.scope = ""


def _fields(item: Mapping[str, Any], writer: FieldWriter, *, typed_only: bool) -> None:
    for key, value in item.items():
        if key in _SILENT:
            continue
        match = _FIELD.search(key)
        field, label = _NAMES.get(key, (f"BT-{match[1].zfill(2)}" if match else "", ""))
        typed = typed_only or key == "cpv_main"
        for text in strings(value):
            code = MEANINGS.get(text)
            if typed:
                writer.keep(*(code or (field, text.strip())))
            elif field in CODES:
                writer.coded(field, text)
            elif code:
                writer.coded(*code)
            else:
                writer.text(field, label, text)


def _criterion(item: Mapping[str, Any], writer: FieldWriter, *, typed_only: bool) -> None:
    def said(*keys: str) -> str:
        values = (item.get(key) for key in keys)
        return next((v.strip() for v in values if isinstance(v, str) and v.strip()), "")

    kind = said("type", "kind")
    kind = CRITERIA.get(kind, kind)
    kind = kind if kind in CODES["BT-539"] else ""
    name, description, weight = said("name", "criterion"), said("descr"), said("weight")
    label, text = criterion(kind, name, description)
    if not text:
        return
    writer.keep("BT-539", kind)
    writer.keep("BT-734", name)
    writer.keep("BT-540", description)
    writer.keep("BT-541", "" if weight in WITHHELD else weight)
    if not typed_only:
        weight = "" if weight in WITHHELD else weight
        writer.text("", label if name else "Critère", weighted(text, weight))


def strings(value: Any) -> Iterator[str]:
    """Yield every string in a JSON value, in order."""
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
