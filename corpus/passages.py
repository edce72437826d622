"""The labelled passages we wrote: what the classifier learns from, and is tried on.

One JSON object a line in ``corpus/passages/<split>/<author>.jsonl``, in the order of the articles
they stand in. Each author wrote for one split only and saw neither the rules nor the other authors'
text. Absent keys mean the empty value. ``DATASHEET.md`` beside them tells how they were made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from corpus.documents import PieceType
from corpus.findings import Stage, Status, Value
from corpus.taxonomy import check_labels

FOLDER = Path(__file__).with_name("passages")
SPLITS = ("train", "dev", "test")


class PassageError(ValueError):
    """A file of passages holds something that is no passage."""


@dataclass(frozen=True, slots=True)
class Example:
    """One passage and what it says; ``labels`` is empty for a negative, ``trap`` what misleads.

    ``path`` holds the headings above it, ``article`` the number of its article in the author's
    file, ``by_context`` that only its article or its lead-in tells the label. ``law`` is "old"
    (before the code of 2019) or "new". ``author`` is "<split>/<file>".
    """

    text: str
    article: int
    piece: PieceType
    author: str
    labels: tuple[str, ...] = ()
    stage: Stage | None = None
    status: Status | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    by_context: bool = False
    trap: str = ""
    path: tuple[str, ...] = ()
    sector: str = ""
    register: str = ""
    law: str = "new"
    language: str = "fr"


def read_passages(split: str, folder: Path = FOLDER) -> tuple[Example, ...]:
    """Return the passages of a split ("train", "dev", "test"), by author and in their order.

    Raises PassageError naming the file and line that is wrong.
    """
    return tuple(
        example for path in sorted(folder.glob(f"{split}/*.jsonl")) for example in _file(path)
    )


def articles(examples: Sequence[Example]) -> Iterator[tuple[Example, ...]]:
    """Yield the passages of one article after the other; they are each other's neighbours."""
    for _, run in groupby(examples, key=lambda example: (example.author, example.article)):
        yield tuple(run)


def digest(split: str, folder: Path = FOLDER) -> str:
    """Return the SHA-256 of the files of a split, which names the corpus a model has learnt."""
    total = hashlib.sha256()
    for path in sorted(folder.glob(f"{split}/*.jsonl")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def _file(path: Path) -> Iterator[Example]:
    author = f"{path.parent.name}/{path.stem}"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            yield _example(json.loads(line), author)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise PassageError(f"{author}:{number}: {error}") from error


def _example(record: Mapping[str, Any], author: str) -> Example:
    example = Example(
        **{
            **record,
            "author": author,
            "piece": PieceType(record["piece"]),
            "labels": tuple(record.get("labels", ())),
            "path": tuple(record.get("path", ())),
            "stage": Stage(record["stage"]) if "stage" in record else None,
            "status": Status(record["status"]) if "status" in record else None,
        }
    )
    if not example.text.strip():
        raise ValueError("no text")
    check_answer(example.labels, example.stage, example.status)
    return example


def check_answer(given: tuple[str, ...], stage: Stage | None, status: Status | None) -> None:
    """Raise ValueError when labels are unknown, or stage and status do not go with them."""
    check_labels(given)
    if not bool(given) == bool(stage) == bool(status):
        raise ValueError("labels, stage and status go together")
