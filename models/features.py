"""What the classifier is told of a passage: its words, its place, what the rules claim.

Functions first: each view of a sample is plain text or named numbers; the estimators that turn
them into columns are scikit-learn's own, fitted in ``models.training``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from corpus.documents import Block, BlockKind, PieceType
from corpus.passages import Example, articles
from nlp.tagger import Claim, Reading, read_whole

_NUMBER = re.compile(r"\d+(?:[ .,]\d+)*")
_BOX = {"☐": " xcasevide ", "☒": " xcasecochee ", "☑": " xcasecochee ", "■": " xcasecochee "}
_SIGN = re.compile(r"[☐☒☑■%€|?]")
_SIGNS = _BOX | {"%": " xpourcent ", "€": " xeuro ", "|": " xcellule ", "?": " xquestion "}
_ITEM = re.compile(r"[-–•☐☒☑■]\s|[a-z]\)\s|\[[ x]?\]")
_HEADING_WORDS = 14  # a passage that only names its theme is a heading when it is this short


@dataclass(frozen=True, slots=True)
class Sample:
    """One passage as the classifier sees it, with the claims of the rules."""

    text: str
    headings: str
    lead: str
    before: str
    role: PieceType
    kind: BlockKind
    claims: tuple[Claim, ...]


def samples(readings: Sequence[Reading]) -> Iterator[Sample]:
    """Yield the samples of a run of readings of one piece, each with the passage before it.

    A neighbour counts only in the same article. The classifier does not look at it: it was tried
    and did not help (docs/models.md).
    """
    for at, reading in enumerate(readings):
        last = readings[at - 1] if at else None
        near = last is not None and last.passage.block.path == reading.passage.block.path
        yield Sample(
            text=reading.passage.text,
            headings=" › ".join(reading.passage.block.path[-3:]),
            lead=reading.passage.block.lead,
            before=last.passage.text if last is not None and near else "",
            role=reading.context.piece,
            kind=reading.passage.block.kind,
            claims=reading.claims,
        )


def example_samples(examples: Sequence[Example]) -> tuple[Sample, ...]:
    """Return the samples of the passages of our corpus, article by article, in their order."""
    return tuple(
        sample for article in articles(examples) for sample in samples(article_readings(article))
    )


def article_readings(article: Sequence[Example]) -> tuple[Reading, ...]:
    """Return the passages of one article as the rules read them, one reading an example."""
    blocks: list[Block] = []
    lead = ""
    for example in article:
        kind = _kind(example)
        if kind != BlockKind.ITEM:
            lead = example.text if example.text.rstrip().endswith(":") else ""
        given = lead if kind == BlockKind.ITEM else ""
        blocks.append(Block(kind, example.text, (), example.path, given))
    return read_whole(blocks, article[0].piece)


def _kind(example: Example) -> BlockKind:
    text = example.text
    if _ITEM.match(text):
        return BlockKind.ITEM
    if " | " in text:
        return BlockKind.ROW
    short = len(text.split()) <= _HEADING_WORDS and not text.rstrip().endswith((".", ";", ":"))
    letters = [c for c in text if c.isalpha()]
    titled = bool(re.match(r"(?i)(?:article|chapitre|titre|§)?\s*\d[\d.]*\s*[-–—.:)]?\s*\w", text))
    if short and (titled or (letters and all(c.isupper() for c in letters))):
        return BlockKind.HEADING
    return BlockKind.PARAGRAPH


def plain(text: str) -> str:
    """Return a text in lower case without accents; numbers, boxes and signs become words."""
    folded = unicodedata.normalize("NFKD", text.lower())
    folded = "".join(c for c in folded if not unicodedata.combining(c)).replace("’", "'")
    return _SIGN.sub(lambda m: _SIGNS[m[0]], _NUMBER.sub(" xnombre ", folded))


def words_of(sample: Sample) -> str:
    """Return the passage's own words."""
    return plain(sample.text)


def place_of(sample: Sample) -> str:
    """Return the words of the headings above the passage and of the sentence that leads it."""
    return plain(f"{sample.headings} {sample.lead}")


def facts_of(sample: Sample) -> Mapping[str, float]:
    """Return what is known beside the words: the piece, the kind of block, the rules' claims.

    A claim counts by its confidence, apart from its status and from whether the article alone
    gave it.
    """
    facts: dict[str, float] = {f"piece={sample.role}": 1.0, f"kind={sample.kind}": 1.0}
    for claim in sample.claims:
        by_article = all(rule.endswith("/article") for rule in claim.found_by)
        name = f"article:{claim.label}" if by_article else f"rule:{claim.label}"
        facts[name] = max(facts.get(name, 0.0), claim.confidence)
        facts[f"status:{claim.status}"] = 1.0
        facts[f"stage:{claim.stage}"] = 1.0
    if not sample.claims:
        facts["no claim"] = 1.0
    return facts
