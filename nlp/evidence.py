"""Where words of a block stand: the place that every fact, criterion and reference carries."""

from __future__ import annotations

from corpus.documents import Block, Box, Piece
from corpus.findings import Place

LONGEST = 400  # characters of a quote


def place(piece: Piece, block: Block, start: int, end: int) -> Place:
    """Return the place of the words at ``[start, end)`` of a block, white space at the ends aside.

    A quote over ``LONGEST`` characters is cut; its boxes cover all of it.
    """
    text = block.text[start:end]
    start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
    runs = list(block.runs(start, end))
    boxes: list[Box] = []
    for page, low, high in runs:
        boxes += piece.page(page).boxes(low, high)
    return Place(
        piece=piece.id,
        page=runs[0][0] if runs else block.page,
        boxes=tuple(boxes),
        quote=block.printed(start, end)[:LONGEST],
        article=" › ".join(block.path),
    )
