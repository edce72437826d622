"""Blocks in the making: lines joined to one text that still leads back to its pages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from corpus.documents import Block, BlockKind, Segment

_LOWER = re.compile(r"[a-zà-ÿ(]")
# First halves of French compounds, whose hyphen at a line end belongs to the word.
_HYPHENATED = frozenset(
    "sous co non mi ci celui celle ceux celles avant après arrière demi semi grand main rendez vis"
    " peut porte auto éco bio géo accord pré post multi inter contre lui elle eux là quasi"
    " savoir chef garde bon compte micro macro électro socio ex vice nord sud est est-ce dit"
    " donne donnez faut".split()
)


def begins_lower(text: str) -> bool:
    """Tell whether a line begins as the middle of a sentence does."""
    return bool(_LOWER.match(text))


@dataclass(slots=True)
class Builder:
    """Collects the lines of one block and remembers where each came from."""

    kind: BlockKind
    left: float = 0.0  # where its first line begins, in points
    parts: list[str] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    cells: list[tuple[int, int]] = field(default_factory=list)
    length: int = 0

    def add(self, page: int, start: int, text: str, glue: str = " ") -> None:
        """Append ``text`` found at ``start`` of ``page``, joining a hyphenated line end."""
        if self.parts and glue:
            last = self.parts[-1]
            if (
                glue == " "
                and last.endswith("-")
                and len(last) > 2
                and last[-2].isalpha()
                and begins_lower(text)
            ):
                self._unhyphenate()
                glue = ""
            self.parts.append(glue)
            self.length += len(glue)
        self.segments.append(Segment(self.length, self.length + len(text), page, start))
        self.parts.append(text)
        self.length += len(text)

    def text(self) -> str:
        """Return what was collected so far."""
        return "".join(self.parts)

    def close(self) -> Block:
        """Return the block, still without its place in the outline."""
        return Block(self.kind, self.text(), tuple(self.segments), cells=tuple(self.cells))

    def _unhyphenate(self) -> None:
        # "sous-/traitant" keeps its hyphen, "exécu-/tion" loses it.
        before = re.search(r"(\w+)-$", self.parts[-1])
        if before and before[1].lower() in _HYPHENATED:
            return
        self.parts[-1] = self.parts[-1][:-1]
        self.length -= 1
        last = self.segments[-1]
        self.segments[-1] = last._replace(end=last.end - 1)
