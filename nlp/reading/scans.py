"""Pages whose words were recognised, put back among those of their piece."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from corpus.documents import Notice, Page, Piece
from nlp.dossier import piece_lots, piece_type
from nlp.reading.ocr import LOW_CONFIDENCE, confidence
from nlp.sections import structure

_SUPERSEDED = frozenset(("page-image", "page-garbled"))


def with_recognised(piece: Piece, found: Mapping[int, Page], failed: Collection[int] = ()) -> Piece:
    """Return a piece with the pages of ``found`` in the place of its scans.

    A scan that has a text layer of its own, a stamp, keeps it when recognition finds less. Says
    which pages were recognised, which read badly, and which of ``failed`` could not be.
    """
    pages: list[Page] = []
    notices = [n for n in piece.notices if not (n.code in _SUPERSEDED and n.page in found)]
    for page in piece.pages:
        better = found.get(page.number)
        if better is not None and better.words and len(better.words) > len(page.words):
            pages.append(better)
            notices.append(Notice("page-recognised", page.number))
            if confidence(better) < LOW_CONFIDENCE:
                notices.append(Notice("page-hard-to-read", page.number))
            continue
        pages.append(replace(page, scan=False))
        if better is not None and page.source == "none":
            notices.append(Notice("page-not-recognised", page.number))
        elif page.number in failed:
            notices.append(Notice("page-recognition-failed", page.number))
    role, sure = piece_type(piece.name, pages)
    return replace(
        piece,
        type=role,
        type_confidence=sure,
        pages=tuple(pages),
        blocks=structure(pages, lots=piece_lots(piece.name)),
        notices=tuple(notices),
    )
