"""One sentence of ``tests/examples`` is one test: found where it must be, silent where it must."""

from pathlib import Path

import pytest

from corpus import taxonomy
from corpus.documents import Block, BlockKind, Page, Piece, PieceType, Segment
from corpus.findings import Finding, Status
from corpus.markup import Example, read_examples
from nlp.clean import clean
from nlp.tagger import tag

FOLDER = Path(__file__).parents[1] / "examples"
MISSES = FOLDER / "known_misses.txt"


def known_misses() -> set[str]:
    lines = MISSES.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def name(example: Example) -> str:
    return f"{example.label}:{example.line}"


def examples() -> list[Example]:
    return [e for path in sorted(FOLDER.glob("*.*.txt")) for e in read_examples(path)]


def found(example: Example) -> list[Finding]:
    """Tag the sentence as it would stand in its piece, under its heading."""
    text = clean(example.text).value  # as every reader does
    kind = BlockKind.ITEM if text[:1] in "•☐☒☑-–" else BlockKind.PARAGRAPH
    path = (example.heading,) if example.heading else ()
    block = Block(kind, text, (Segment(0, len(text), 1, 0),), path=path)
    piece = example.piece or PieceType.CCAP
    whole = Piece("p1", "x", piece, 1.0, "", "", (Page(1, text),), (block,))
    return [f for f in tag(whole) if example.label in f.labels]


def right(example: Example) -> bool:
    in_force = [f for f in found(example) if f.status.in_force]
    return bool(in_force) if example.in_force else not in_force


@pytest.mark.parametrize("example", examples(), ids=name)
def test_each_sentence(example: Example) -> None:
    missed = name(example) in known_misses()
    assert right(example) is not missed, (
        "reached now: take it off known_misses.txt" if missed else example.text
    )


def test_every_label_has_its_sentences() -> None:
    for label in taxonomy.labels():
        own = read_examples(FOLDER / f"{label}.txt")
        assert sum(e.in_force for e in own) >= 12, label
        assert sum(not e.positive for e in own) >= 12, label


def test_every_hard_negative_of_the_design_has_its_sentence_and_is_silent() -> None:
    tagged = [e for e in examples() if e.tag.startswith("HN-")]
    assert {e.tag for e in tagged} >= {f"HN-{n:03d}" for n in range(1, 117)}
    assert not [name(e) for e in tagged if not e.positive and name(e) in known_misses()]


def test_the_figures_in_the_docs_are_those_of_today() -> None:
    all_of_them = examples()
    positives = [e for e in all_of_them if e.in_force]
    others = [e for e in all_of_them if not e.in_force]
    misses = known_misses()
    reached = sum(name(e) not in misses for e in positives)
    silent = sum(name(e) not in misses for e in others)
    told = (FOLDER.parents[1] / "docs" / "real-files.md").read_text(encoding="utf-8")
    assert f"{reached} of {len(positives)}" in told
    assert f"{silent} of {len(others)}" in told


def test_a_ticked_form_is_no_clause() -> None:
    text = "☒ Le candidat est une entreprise adaptée ou un ESAT."
    block = Block(BlockKind.ITEM, text, (Segment(0, len(text), 1, 0),))
    form = Piece("p1", "DC2.pdf", PieceType.FORM, 1.0, "", "", (Page(1, text),), (block,))
    assert tag(form) == ()


def test_findings_carry_their_evidence() -> None:
    example = next(e for e in examples() if e.label == "social.integration" and e.in_force)
    (first, *_) = found(example)
    assert first.quote
    assert first.found_by
    assert 0 < first.confidence < 1
    assert first.status in set(Status)
