"""The data forms of what we know: the public JSON of a screening, its schema, texts, taxonomy."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from corpus import taxonomy
from corpus.documents import Block, Piece
from corpus.findings import SCHEMA_VERSION, Screening

_INDENT = 2
_CONTROLS = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@cache
def _screening() -> TypeAdapter[Screening]:
    return TypeAdapter(Screening)


def screening_json(screening: Screening) -> str:
    """Return the public JSON of a screening: the same screening always gives the same text."""
    return _safe(_screening().dump_json(screening, indent=_INDENT).decode()) + "\n"


def screening_data(screening: Screening) -> dict[str, Any]:
    """Return the public form of a screening as plain data."""
    data: dict[str, Any] = _screening().dump_python(screening, mode="json")
    return data


def screening_schema() -> dict[str, Any]:
    """Return the JSON Schema that every screening obeys."""
    schema = _screening().json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:clausier:screening:{SCHEMA_VERSION}",
        **schema,
    }


def taxonomy_data() -> dict[str, Any]:
    """Return the taxonomy, families and labels in both languages, as plain data."""
    families = TypeAdapter(tuple[taxonomy.Family, ...])
    return {"families": families.dump_python(taxonomy.families(), mode="json")}


def pieces_data(pieces: tuple[Piece, ...]) -> dict[str, Any]:
    """Return what was read, block by block, each with its boxes [page, x0, y0, x1, y1]."""
    return {"pieces": [_piece(piece) for piece in pieces]}


def dumps(data: Any) -> str:
    """Write plain data as JSON as the command line prints it: accents kept, two spaces."""
    return _safe(json.dumps(data, ensure_ascii=False, indent=_INDENT)) + "\n"


def _safe(text: str) -> str:
    """Escape the control characters that JSON lets through and a terminal would obey."""
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _piece(piece: Piece) -> dict[str, Any]:
    return {
        "id": piece.id,
        "name": piece.name,
        "type": piece.type.value,
        "type_confidence": piece.type_confidence,
        "media_type": piece.media_type,
        "sha256": piece.sha256,
        "notices": [
            {"code": notice.code, "page": notice.page, "detail": notice.detail}
            for notice in piece.notices
        ],
        "pages": [
            {
                "number": page.number,
                "width": page.width,
                "height": page.height,
                "source": page.source,
                "text": page.text,
            }
            for page in piece.pages
        ],
        "blocks": [_block(piece, block) for block in piece.blocks],
    }


def _block(piece: Piece, block: Block) -> dict[str, Any]:
    return {
        "kind": block.kind.value,
        "page": block.page,
        "article": list(block.path),
        "lead": block.lead,
        "lots": list(block.lots),
        "text": block.text,
        "boxes": [
            list(box)
            for page, start, end in block.runs(0, len(block.text))
            for box in piece.page(page).boxes(start, end)
        ],
    }
