"""Reads example sentences whose answer is marked inside them.

One example a line, in ``tests/examples/<label>.txt``::

    + binding execution CCAP {Clause sociale}: Le titulaire réserve [[350 heures]] à l'insertion.
    - CCTP: Insertion d'une [[annonce]] dans la presse. ## HN-005

``+`` says the label is there, ``-`` that it must not be found in force. Then, in any order, a
status, a stage and a piece type; the heading of the article in braces; a colon; the sentence with
the telling words in double brackets. ``##`` introduces the id of a hard negative.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from corpus.documents import PieceType
from corpus.findings import Stage, Status

_LINE = re.compile(r"(?P<sign>[+-])(?P<words>[^:{]*)(?:\{(?P<heading>[^}]*)\})?\s*:\s+(?P<body>.+)")
_STATUSES = {s.value for s in Status}
_STAGES = {s.value for s in Stage}
_PIECES = {p.value for p in PieceType}


class MarkupError(ValueError):
    """An example line is broken: no mark, an unbalanced mark or an unknown word."""


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence and what must (or must not) be found in it.

    ``marks`` are the offsets of the marked words in ``text``.
    """

    label: str
    line: int
    positive: bool
    text: str
    marks: tuple[tuple[int, int], ...]
    status: Status | None
    stage: Stage | None
    piece: PieceType | None
    heading: str
    tag: str

    @property
    def in_force(self) -> bool:
        """Whether the label must be found with a status that counts."""
        return self.positive and (self.status or Status.BINDING).in_force


def parse_line(label: str, number: int, line: str) -> Example:
    """Parse one example line; raise MarkupError naming the line when it is broken."""
    where = f"{label}:{number}"
    body, _, tag = line.partition(" ## ")
    match = _LINE.fullmatch(body.strip())
    if match is None:
        raise MarkupError(f"{where}: expected '+|- words {{heading}}: sentence'")
    status = stage = piece = None
    for word in match["words"].split():
        if word in _STATUSES:
            status = Status(word)
        elif word in _STAGES:
            stage = Stage(word)
        elif word in _PIECES:
            piece = PieceType(word)
        else:
            raise MarkupError(f"{where}: unknown word {word!r}")
    text, marks = strip_marks(match["body"].strip(), where)
    return Example(
        label=label,
        line=number,
        positive=match["sign"] == "+",
        text=text,
        marks=marks,
        status=status,
        stage=stage,
        piece=piece,
        heading=(match["heading"] or "").strip(),
        tag=tag.strip(),
    )


def strip_marks(body: str, where: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Remove the double brackets and return the text with the offsets they marked."""
    text = ""
    marks: list[tuple[int, int]] = []
    opened: int | None = None
    for part in re.split(r"(\[\[|\]\])", body):
        if part == "[[":
            if opened is not None:
                raise MarkupError(f"{where}: a mark is opened inside a mark")
            opened = len(text)
        elif part == "]]":
            if opened is None or opened == len(text):
                raise MarkupError(f"{where}: a mark is closed before it holds anything")
            marks.append((opened, len(text)))
            opened = None
        else:
            text += part
    if opened is not None or not marks:
        raise MarkupError(f"{where}: a mark is left open, or the sentence has none")
    return text, tuple(marks)


def read_examples(path: Path) -> tuple[Example, ...]:
    """Read an example file; its stem is the label."""
    examples = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            examples.append(parse_line(path.stem, number, line))
    return tuple(examples)
