"""Golden pages: what a careful person would type out for a page is what the reader says.

The files are made by ``tests/golden/sources``; ``tests/golden/expected`` holds, written by hand:

    = 1                                  the page on which the next blocks begin
    kind | path › path | lots | lead | text     one line a block; ``¦`` parts cells, ``·`` is empty
    ! code | page | detail               what the reader says about the file
    @ word | page | x0 y0 x1 y1          where a word stands as displayed, within 3 points
    ? words | ticked, empty or none      the state of the box that governs these words
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import sys
import unicodedata
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from corpus.documents import CELL_MARK, Block, BlockKind, Piece
from nlp.qualifiers import box_state
from nlp.reading import read_piece

GOLDEN = Path(__file__).parents[1] / "golden"


def _package() -> ModuleType:
    """Import the folder of sources, which is no installed package."""
    folder = GOLDEN / "sources"
    spec = importlib.util.spec_from_file_location(
        "golden_sources", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SOURCES = _package().sources()
TICKED = {True: "ticked", False: "empty", None: "none"}
TOLERANCE = 3.0  # points
FULL = re.compile(r"[☑■]|\[[xX]\]|\([xX]\)|\|[xX]\|")
LEADER = re.compile(r"(?:\. ?){4,}")
EMPTY = re.compile(r"□|\[ ?\]|\( ?\)|\|_\|")


def folded(text: str) -> str:
    """Every ticked box reads alike, however drawn or typed, so do empty ones; leaders are short."""
    text = LEADER.sub("... ", EMPTY.sub("☐", FULL.sub("☒", text)))
    return " ".join(text.split())


def dump(piece: Piece) -> list[str]:
    """Return the lines that stand for a piece: pages, blocks, notices."""
    lines = []
    page = 0
    for block in sorted(piece.blocks, key=lambda block: _place(piece, block)):
        if block.page != page:
            page = block.page
            lines.append(f"= {page}")
        lead = block.lead.replace(CELL_MARK, " ¦ ")
        parts = (block.kind, " › ".join(block.path), ",".join(block.lots), lead, _text(block))
        lines.append(" | ".join(parts))
    lines += [f"! {n.code} | {n.page or ''} | {n.detail}" for n in piece.notices]
    return [folded(line) for line in lines]


def _place(piece: Piece, block: Block) -> tuple[int, bool, float]:
    """Return the key of the order of reading: as in the page's text, furniture before it.

    A sentence that may go on over the page is closed after the footer, so blocks alone do not tell.
    """
    start = block.segments[0].source
    if block.kind != BlockKind.FURNITURE:
        return block.page, True, start
    lines = piece.page(block.page).lines
    tops = [line.y0 for line in lines if line.start <= start < line.end and line.y1]
    return block.page, False, tops[0] if tops else start


def _text(block: Block) -> str:
    if block.kind != BlockKind.ROW:
        return block.text
    by_mark = [part.strip() for part in block.text.split(CELL_MARK.rstrip())]
    by_span = [block.text[start:end].strip() for start, end in block.cells]
    cells = [cell or "·" for cell in max(by_mark, by_span, key=len)]
    while cells and cells[-1] == "·":  # at the end they change no column
        cells.pop()
    return " ¦ ".join(cells)


def expected(name: str) -> list[str]:
    text = (GOLDEN / "expected" / f"{name}.txt").read_text(encoding="utf-8")
    return [folded(line) for line in text.splitlines() if line.strip()]


def check_place(piece: Piece, told: str) -> None:
    word, number, place = (part.strip() for part in told.split("|"))
    page = piece.page(int(number))
    places = [
        w[2:6] for w in page.words if folded(page.text[w.start : w.end]).strip(".,;:") == word
    ]
    wanted = tuple(float(v) for v in place.split())
    assert any(
        max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= TOLERANCE for found in places
    ), f"{word}: {places} for {wanted}"


def check_box(piece: Piece, told: str) -> None:
    words, state = (part.strip() for part in told.split("|"))
    blocks = [b for b in piece.blocks if words in b.text]
    assert len(blocks) == 1, f"{words}: {len(blocks)} blocks"
    start = blocks[0].text.index(words)
    assert TICKED[box_state(blocks[0].text, start, start + len(words))] == state, words


@pytest.mark.parametrize("name", SOURCES)
def test_page(name: str) -> None:
    suffix, data = SOURCES[name]()
    piece = read_piece(f"piece.{suffix}", data, id="p", max_pages=50)
    told = expected(name)
    assert dump(piece) == [line for line in told if line[0] not in "@?"]
    for line in told:
        if line.startswith("@"):
            check_place(piece, line[1:])
        elif line.startswith("?"):
            check_box(piece, line[1:])


def test_every_file_is_told_and_every_text_has_its_file() -> None:
    told = {path.stem for path in (GOLDEN / "expected").glob("*.txt")}
    assert told == set(SOURCES)


# -- real pages: facts read off their pictures, without their words -----------------------------

DATA = Path(__file__).parents[3] / "shared" / "data"
Fact = dict[str, Any]


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).lower())


def _hash(words: list[str]) -> str:
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


@cache
def _files() -> dict[str, Path]:
    """Return the real files by their hash, none where they are not at hand."""
    paths = sorted(DATA.rglob("*.pdf"))
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in paths}


@cache
def _real(sha256: str) -> Piece:
    return read_piece("piece.pdf", _files()[sha256].read_bytes(), id="p", max_pages=100)


def holds(piece: Piece, page: int, fact: Fact) -> bool:
    """Tell whether a fact is true of a page.

    ``block``: a block of this kind has these very words; ``passage``: so many words follow each
    other; ``first``: so many begin the page; ``furniture``: its words, in any order; ``tables``:
    rows and columns of each; ``boxes``: how many are ticked and empty; ``count`` of blocks of a
    kind; ``only``: all that is no furniture is of this kind.
    """
    blocks = sorted((b for b in piece.blocks if b.page == page), key=lambda b: _place(piece, b))
    body = [b for b in blocks if b.kind != BlockKind.FURNITURE]
    if "block" in fact:
        return any(
            b.kind == fact["block"] and _hash(_words(b.text)) == fact["sha256"] for b in body
        )
    words = [word for b in body for word in _words(b.text)]
    if "passage" in fact:
        size = fact["passage"]
        runs = (words[i : i + size] for i in range(len(words) - size + 1))
        return any(_hash(run) == fact["sha256"] for run in runs)
    if "first" in fact:
        return _hash(words[: fact["first"]]) == fact["sha256"]
    if "boxes" in fact:
        text = folded(" ".join(b.text for b in body))
        return [text.count("☒"), text.count("☐")] == fact["boxes"]
    if "furniture" in fact:
        around = [word for b in blocks if b not in body for word in _words(b.text)]
        return _hash(sorted(around)) == fact["sha256"]
    if "tables" in fact:
        tables = piece.page(page).tables
        return [[len(t.rows), max(len(r.cells) for r in t.rows)] for t in tables] == fact["tables"]
    if "count" in fact:
        return sum(b.kind == fact["of"] for b in body) == fact["count"]
    return bool(body) and all(b.kind == fact["only"] for b in body)


def _real_pages() -> list[Any]:
    lines = (GOLDEN / "real.jsonl").read_text(encoding="utf-8").splitlines()
    pages = []
    for entry in map(json.loads, lines):
        name = f"{entry['sha256'][:8]}-{entry['page']}-{entry['trap'].replace(' ', '_')}"
        wrong = pytest.mark.xfail(reason=entry.get("known", ""), strict=True, raises=AssertionError)
        pages.append(pytest.param(entry, id=name, marks=wrong if "known" in entry else ()))
    return pages


@pytest.mark.parametrize("entry", _real_pages())
def test_real_page(entry: dict[str, Any]) -> None:
    if entry["sha256"] not in _files():
        pytest.skip("the real file is not at hand")
    piece = _real(entry["sha256"])
    wrong = [fact for fact in entry["facts"] if not holds(piece, entry["page"], fact)]
    assert not wrong
