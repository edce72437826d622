"""What role a file plays in a dossier: by its name, then by what its first pages say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from corpus.documents import Page, PieceType
from nlp.sections import lot_numbers
from nlp.wordlists import word_file

_FIRST_PAGES = 3


@dataclass(frozen=True, slots=True)
class _Role:
    type: PieceType
    name: re.Pattern[str]
    title: re.Pattern[str]


@cache
def _roles() -> tuple[_Role, ...]:
    return tuple(
        _Role(
            PieceType(role["type"]),
            re.compile("|".join(role["name"]), re.IGNORECASE),
            re.compile("|".join(role["title"]), re.IGNORECASE),
        )
        for role in word_file("pieces")["role"]
    )


def piece_type(name: str, pages: Sequence[Page]) -> tuple[PieceType, float]:
    """Return the role of a file and the confidence in it (0 to 1).

    The name and the title on the first pages agree: 0.98; one of them speaks: 0.85; none: annex.
    """
    stem = re.sub(r"[_\-.+]+", " ", name.rpartition("/")[2].rpartition(".")[0] or name)
    by_name = next((r.type for r in _roles() if r.name.search(stem)), None)
    by_title = _by_title(pages)
    if by_name is not None and by_name == by_title:
        return by_name, 0.98
    if by_name is not None:
        return by_name, 0.85
    if by_title is not None:
        return by_title, 0.8
    return PieceType.ANNEX, 0.3


def _by_title(pages: Sequence[Page]) -> PieceType | None:
    """Find the earliest title that names a role; a cover comes before what it cites."""
    text = re.sub(r"\s+", " ", "\n".join(page.text for page in pages[:_FIRST_PAGES])[:2500])
    found = [(m.start(), r.type) for r in _roles() if (m := r.title.search(text)) is not None]
    return min(found)[1] if found else None


def piece_lots(name: str) -> tuple[str, ...]:
    """Return the lots a file belongs to by its name ("CCTP-LOT-02.pdf" -> "2")."""
    return lot_numbers(re.sub(r"[_\-]+", " ", name.rpartition("/")[2]))
