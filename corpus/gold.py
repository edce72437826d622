"""Annotations of real documents: hash, place and labels, never the text.

One JSON object a line in ``corpus/gold/*.jsonl``. The documents themselves are not in the project;
whoever has them joins text by ``sha256``, ``page`` (or ``line`` and ``field`` for notices kept as
JSON lines) and the offsets in the text that the reader gives. ``check`` is the beginning of the
SHA-256 of the passage's word characters in lower case: a join that does not match is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.findings import Stage, Status, Value
from corpus.taxonomy import check_labels

FOLDER = Path(__file__).with_name("gold")


class GoldError(ValueError):
    """A gold file holds something that is no annotation."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one reader says of one passage; ``labels`` is empty for a negative."""

    sha256: str
    page: int | None
    line: int | None
    field: str
    start: int
    end: int
    check: str
    labels: tuple[str, ...]
    stage: Stage | None
    status: Status | None
    values: Mapping[str, Value]
    context: bool
    doubtful: bool
    split: str  # "dev" was read while the rules were written, "test" was not


def check(passage: str) -> str:
    """Return the digest by which a join proves that it found the annotated passage."""
    return hashlib.sha256("".join(re.findall(r"\w", passage.lower())).encode()).hexdigest()[:12]


def read_gold(path: Path) -> tuple[Annotation, ...]:
    """Read one gold file; raise GoldError naming the line that is wrong."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            record = json.loads(line)
            annotation = Annotation(
                **{
                    **record,
                    "labels": tuple(record["labels"]),
                    "stage": Stage(record["stage"]) if record["stage"] else None,
                    "status": Status(record["status"]) if record["status"] else None,
                }
            )
            check_labels(annotation.labels)
        except (KeyError, TypeError, ValueError) as error:
            raise GoldError(f"{path.name}:{number}: {error}") from error
        if annotation.start >= annotation.end or bool(annotation.labels) != bool(annotation.status):
            raise GoldError(f"{path.name}:{number}: empty passage, or status without label")
        found.append(annotation)
    return tuple(found)
