"""What users said of findings: confirmed, rejected, relabelled, added. One JSON object a line.

A correction holds the passage itself, so it stays with the organisation that made it; only the
classifier that learnt it may leave.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from corpus.documents import PieceType
from corpus.findings import Finding, Stage, Status
from corpus.passages import Example, check_answer


class CorrectionError(ValueError):
    """A file of corrections holds something that is none; ``str()`` names the line."""


class Verdict(StrEnum):
    """What a user said of a finding."""

    CONFIRM = "confirm"
    REJECT = "reject"
    RELABEL = "relabel"
    ADD = "add"


@dataclass(frozen=True, slots=True)
class Correction:
    """One passage of a document, and what a user says it carries.

    ``labels``, ``stage`` and ``status`` are the user's answer, empty for a rejection.
    ``found_by`` names the rules and model whose finding it was, empty for an added one.
    ``made`` is the day (ISO 8601). The document is named by its SHA-256 only.
    """

    verdict: Verdict
    document: str
    page: int
    piece: PieceType
    article: str
    quote: str
    labels: tuple[str, ...]
    stage: Stage | None
    status: Status | None
    found_by: tuple[str, ...] = ()
    made: str = ""


def correct(
    finding: Finding,
    verdict: Verdict,
    *,
    document: str,
    piece: PieceType,
    made: str = "",
    given: tuple[str, ...] = (),
    stage: Stage | None = None,
    status: Status | None = None,
) -> Correction:
    """Return what a user says of a finding; ``given``, ``stage`` and ``status`` relabel it."""
    kept = verdict is Verdict.CONFIRM
    return Correction(
        verdict=verdict,
        document=document,
        page=finding.page,
        piece=piece,
        article=finding.article,
        quote=finding.quote,
        labels=finding.labels if kept else given,
        stage=finding.stage if kept else stage,
        status=finding.status if kept else status,
        found_by=finding.found_by,
        made=made,
    )


def to_line(correction: Correction) -> str:
    """Return the line of JSON that stands for a correction."""
    return json.dumps(asdict(correction), ensure_ascii=False, sort_keys=True)


def read_corrections(path: Path) -> tuple[Correction, ...]:
    """Read a file of corrections; raise CorrectionError naming the line that is wrong."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                found.append(_correction(line))
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise CorrectionError(f"{path.name}:{number}: {error}") from error
    return tuple(found)


def _correction(line: str) -> Correction:
    record = json.loads(line)
    correction = Correction(
        **{
            **record,
            "verdict": Verdict(record["verdict"]),
            "piece": PieceType(record["piece"]),
            "labels": tuple(record["labels"]),
            "stage": Stage(record["stage"]) if record["stage"] else None,
            "status": Status(record["status"]) if record["status"] else None,
            "found_by": tuple(record.get("found_by", ())),
        }
    )
    if bool(correction.labels) == (correction.verdict is Verdict.REJECT):
        raise ValueError("a rejection has no labels, every other verdict has some")
    check_answer(correction.labels, correction.stage, correction.status)
    if not correction.quote.strip():
        raise ValueError("no passage")
    return correction


def as_examples(corrections: tuple[Correction, ...]) -> tuple[Example, ...]:
    """Return corrections as passages to learn from; of one passage, the last word counts."""
    last = {(c.document, c.page, c.quote): c for c in corrections}
    return tuple(
        Example(
            text=correction.quote,
            article=number,
            piece=correction.piece,
            author=f"corrections/{correction.document[:12]}",
            labels=correction.labels,
            stage=correction.stage,
            status=correction.status,
            path=tuple(correction.article.split(" › ")) if correction.article else (),
        )
        for number, correction in enumerate(last.values())
    )
