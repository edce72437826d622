"""What paragraphs of Word and OpenDocument share: runs of one look, and automatic numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nlp.clean import clean
from nlp.reading.text import BULLET

MAX_HEADING = 250  # characters; a longer "heading" is a paragraph that borrowed the style

_BOXES = frozenset("☐☒☑")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def numeral(number: int, form: str) -> str:
    """Write a list number; ``form`` is one of Word's names. Absurd numbers stay figures."""
    if form in ("lowerLetter", "upperLetter") and 0 < number <= 26 * 4:
        text = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return text.upper() if form == "upperLetter" else text
    if form in ("lowerRoman", "upperRoman") and 0 < number < 4000:
        text = ""
        for value, sign in _ROMAN:
            text += sign * (number // value)
            number %= value
        return text.upper() if form == "upperRoman" else text
    if form == "decimalZero":
        return f"{number:02d}"
    return "" if form == "none" else str(number)


def bullet(sign: str) -> str:
    """Return the bullet of a list: a tick box stays one, all else is a dot."""
    cleaned = clean(sign).value.strip()[:1]
    return cleaned if cleaned in _BOXES and cleaned else BULLET


@dataclass(slots=True)
class Level:
    """One level of a list: how its numbers are written and where they start."""

    form: str = "decimal"
    text: str = ""
    start: int = 1
    legal: bool = False
    style: str = ""
    restart: bool = True


@dataclass(slots=True)
class Run:
    """A run of text of one look; a page break is a run of its own."""

    text: str
    bold: bool = False
    size: float = 0.0
    page: bool = False


@dataclass(slots=True)
class Paragraph:
    """A paragraph: its runs, how it is set, and the text boxes anchored to it."""

    runs: list[Run]
    style: str = ""
    label: str = ""
    break_before: bool = False
    joined: bool = False  # to the next paragraph: what ended it was deleted
    fields: list[int] = field(default_factory=list)  # where the code of open fields begins
    boxes: list[Any] = field(default_factory=list)

    def parts(self) -> Iterator[tuple[str, bool, float]]:
        """Yield (text, bold, size) for each page the paragraph stands on."""
        label, runs = self.label, list[Run]()
        for run in [*self.runs, Run("", page=True)]:
            if not run.page:
                runs.append(run)
                continue
            text = "".join(r.text for r in runs)
            seen = [r for r in runs if r.text.strip()]
            if seen and label:
                text, label = f"{label} {text.lstrip()}", ""
            yield text, bool(seen) and all(r.bold for r in seen), seen[0].size if seen else 0.0
            runs = []
