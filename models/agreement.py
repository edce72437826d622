"""How far two readers of the same real passages agree."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from corpus.gold import FOLDER, Annotation
from corpus.taxonomy import labels
from models.measures import kappa, number
from models.real import gold_of


def readers(folder: Path = FOLDER) -> dict[str, Any]:
    """Return how far a second reader of the same passages agrees with the first, by family."""
    second = gold_of(("second",), folder)
    places = {_place(annotation) for annotation in second}
    first: dict[tuple[object, ...], list[Annotation]] = defaultdict(list)
    for annotation in gold_of(("dev", "fresh", "test"), folder):
        if _place(annotation) in places:
            first[_place(annotation)].append(annotation)
    pairs = [(first[_place(a)], a) for a in second if _place(a) in first]
    told: dict[str, Any] = {
        "passages": len(pairs),
        "families": {},
        "both": 0,
        "status": 0,
        "stage": 0,
    }
    families = dict.fromkeys(name.partition(".")[0] for name in labels())
    for family in ("any", *families):
        marks = [
            (any(_says(a, family) for a in ones), _says(other, family)) for ones, other in pairs
        ]
        told["families"][family] = {
            "first": sum(a for a, _ in marks),
            "second": sum(b for _, b in marks),
            "both": sum(a and b for a, b in marks),
            "kappa": number(kappa([a for a, _ in marks], [b for _, b in marks])),
        }
    for ones, other in pairs:
        shared = [one for one in ones if set(one.labels) & set(other.labels)]
        told["both"] += bool(shared)
        told["status"] += any(one.status == other.status for one in shared)
        told["stage"] += any(one.stage == other.stage for one in shared)
    return told


def _place(a: Annotation) -> tuple[object, ...]:
    return a.sha256, a.page, a.line, a.field, a.start, a.end


def _says(annotation: Annotation, family: str) -> bool:
    return any(family in ("any", label.partition(".")[0]) for label in annotation.labels)
