"""The gold annotations joined to the documents they were made on, for whoever has these."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus.documents import Line, Page, Piece, PieceType
from corpus.gold import FOLDER, Annotation, GoldError, check, read_gold
from models.outcomes import Asked, Said, words
from nlp.clean import clean
from nlp.dossier import piece_type
from nlp.reading import read_piece
from nlp.sections import structure
from nlp.tagger import Reading

MAX_PAGES = 1000
SUFFIXES = (".jsonl", ".md", ".pdf")

# Fields of a notice stand under a heading in the printed notice; the data files lost it.
_HEADINGS = {
    "award": "Critères d'attribution",
    "performance": "Conditions d'exécution",
    "execution": "Conditions d'exécution",
    "suitability": "Conditions de participation",
    "technical_min": "Conditions de participation",
}
_READ = re.compile(r"(?:^|\.)(?:text|title|descr|note|add_info|name)$|descr")


@dataclass(frozen=True, slots=True)
class Document:
    """A document with the passages annotated in it; ``name`` is its hash, and line for a notice.

    The pages of a ``notice`` are its fields.
    """

    name: str
    piece: Piece
    notice: bool
    asked: tuple[Asked, ...]


def gold_of(splits: Collection[str], folder: Path = FOLDER) -> list[Annotation]:
    """Return the annotations of these splits, in the order of files and lines."""
    everything = (a for path in sorted(folder.glob("*.jsonl")) for a in read_gold(path))
    return [annotation for annotation in everything if annotation.split in splits]


def documents(data: Path, split: str, folder: Path = FOLDER) -> Iterator[Document]:
    """Read the annotated documents of one split that stand below ``data``, in a fixed order.

    Raises GoldError when another text stands where a passage was annotated.
    """
    wanted: dict[tuple[str, int | None], list[Annotation]] = defaultdict(list)
    for annotation in gold_of((split,), folder):
        wanted[annotation.sha256, annotation.line].append(annotation)
    files = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path
        for path in sorted(data.rglob("*"))
        if path.suffix in SUFFIXES and path.is_file()
    }
    for sha256, line in sorted(wanted, key=lambda key: (key[0], key[1] or 0)):
        if sha256 in files:
            own = wanted[sha256, line]
            if line is None:
                yield _file(files[sha256], own)
            else:
                yield _notice(files[sha256], line, own)


def said(readings: Sequence[Reading]) -> tuple[Said, ...]:
    """Return the claims of readings with page and words, as findings tell them."""
    found = []
    for reading in readings:
        block, start, end = reading.passage.block, reading.passage.start, reading.passage.end
        if not reading.claims:
            continue
        text = reading.passage.text
        start, end = start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
        runs = list(block.runs(start, end))
        page = runs[0][0] if runs else block.page
        own = words(block.printed(start, end))
        key = f"{page}:{check(own)}"
        found += [Said(key, page, own, claim) for claim in reading.claims]
    return tuple(found)


def _file(path: Path, own: Sequence[Annotation]) -> Document:
    piece = read_piece(path.name, path.read_bytes(), id="p", max_pages=MAX_PAGES)
    asked = (_asked(a, a.page or 1, piece.page(a.page or 1).text) for a in own)
    return Document(own[0].sha256[:12], piece, False, tuple(asked))


def _notice(path: Path, line: int, own: Sequence[Annotation]) -> Document:
    record = json.loads(path.read_text(encoding="utf-8").splitlines()[line])
    texts = dict(_texts(record))
    told = [name for name in texts if _READ.search(re.sub(r"\[\d+\]", "", name))]
    names = list(dict.fromkeys([a.field for a in own] + told))
    if lost := set(names) - set(texts):
        raise GoldError(f"{own[0].sha256[:12]}:{line}: no field {', '.join(sorted(lost))}")
    pages = tuple(plain_page(at, texts[name]) for at, name in enumerate(names, start=1))
    blocks = []
    for page, name in zip(pages, names, strict=True):
        above = tuple(heading for key, heading in _HEADINGS.items() if key in name)[:1]
        blocks += [replace(block, path=above + block.path) for block in structure((page,))]
    role = piece_type(record["doc"], ())[0] if "doc" in record else PieceType.NOTICE
    piece = Piece("p", path.name, role, 1.0, "", "", pages, tuple(blocks))
    asked = tuple(_asked(a, names.index(a.field) + 1, texts[a.field]) for a in own)
    return Document(f"{own[0].sha256[:12]}:{line}", piece, True, asked)


def plain_page(number: int, text: str) -> Page:
    """Return a page of plain text, cleaned, with its lines."""
    value = clean(text).value
    lines = tuple(Line(m.start(), m.end()) for m in re.finditer(r"[^\n]+", value))
    return Page(number, value, lines)


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{name}[{index}]")


def _asked(annotation: Annotation, at: int, text: str) -> Asked:
    passage = text[annotation.start : annotation.end]
    if check(passage) != annotation.check:
        place = annotation.page or f"{annotation.line} {annotation.field}"
        raise GoldError(f"{annotation.sha256[:12]} at {place}: another text stands there")
    return Asked(
        f"{at}:{annotation.start}:{annotation.check}",
        at,
        words(passage),
        annotation.labels,
        annotation.stage,
        annotation.status,
        annotation.doubtful,
        annotation.context,
    )
