"""Piece -> findings: which passages carry which labels, where in the contract, how far they bind.

A passage is a sentence, list item or table row. It is judged with its place: the headings above
it, the sentence that leads its list, the kind of piece. Rules live in ``patterns/<label>.toml``.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from spacy.tokens import Doc, Token

from corpus.documents import Block, BlockKind, Box, Piece, PieceType
from corpus.findings import Finding, Stage, Status
from nlp import dossier, qualifiers, stages
from nlp.cues import Cues, Hit, Phrase, Rule, cues, find
from nlp.language import tokens
from nlp.quantities import quantities
from nlp.sections import lot_numbers

MAX_LEAD = 160  # characters; a longer sentence before a list says more than the list's theme
MAX_PASSAGE = 700  # characters; a longer sentence is cut at semicolons, then at this length

_ABBREVIATION = re.compile(
    r"(?:\b(?:art|al|cf|ex|etc|env|max|min|mini|maxi|n|no|p|pp|tél|réf|obs|resp|éq|M|MM|Mme|Mlle|St"
    r"|Ste|Dr|c|i|e|[A-Z])|\b[LRD]|\d)\.$"
)
_SENTENCE_END = re.compile(
    r"(?<=[.!?;])\s+(?=[\"«'(•☐☒☑–-]?\s?[A-ZÉÈÀÂÊÎÔÇ0-9])|\s+(?=[☐☒☑]\s(?![Oo]ui|[Nn]on|OUI|NON|[Yy]es|[Nn]o\b))|(?<=;)\s+"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of a block that a lawyer would read as one clause."""

    block: Block
    start: int
    end: int

    @property
    def text(self) -> str:
        """The passage's text."""
        return self.block.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Mark:
    """One label found in a passage, before stage and status are settled."""

    label: str
    rule: str
    start: int  # in the passage
    end: int
    strength: float
    stage: Stage | None = None
    status: Status | None = None
    inherited: bool = False
    denial: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a passage: its piece, the themes of its article, the words that lead it."""

    piece: PieceType
    themes: tuple[str, ...]
    heading: str
    lead: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One label of a passage: where it acts, how far it binds, who says so and how surely."""

    label: str
    stage: Stage
    status: Status
    confidence: float
    found_by: tuple[str, ...]
    cues: tuple[str, ...] = ()
    qualifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage in its context, and what the rules claim of it."""

    passage: Passage
    context: Context
    claims: tuple[Claim, ...]


def passages(block: Block) -> Iterator[Passage]:
    """Cut a block into passages of at most ``MAX_PASSAGE`` characters."""
    if block.kind == BlockKind.ROW and len(block.text) > MAX_PASSAGE:
        for start, end in block.cells or ((0, len(block.text)),):
            yield from _sentences(block, start, end)
    elif block.kind in (BlockKind.HEADING, BlockKind.ROW):
        yield Passage(block, 0, len(block.text))
    else:
        yield from _sentences(block, 0, len(block.text))


def _sentences(block: Block, start: int, end: int) -> Iterator[Passage]:
    text = block.text
    begin = start
    for match in _SENTENCE_END.finditer(text, start, end):
        before = text[begin : match.start()]
        if _ABBREVIATION.search(before[-8:]) or len(before.strip()) < 12:
            continue
        if text[match.start() - 1] == ";" and match.start() - begin < 160:
            continue  # short members of one enumeration stay together
        yield from _cut(block, begin, match.start())
        begin = match.end()
    yield from _cut(block, begin, end)


def _cut(block: Block, start: int, end: int) -> Iterator[Passage]:
    while end - start > MAX_PASSAGE:
        at = block.text.rfind(" ", start + MAX_PASSAGE // 2, start + MAX_PASSAGE)
        at = at if at > 0 else start + MAX_PASSAGE
        yield Passage(block, start, at)
        start = at + 1
    if block.text[start:end].strip():
        yield Passage(block, start, end)


def tag(piece: Piece) -> tuple[Finding, ...]:
    """Find the clauses of one piece by the rules alone, in reading order."""
    return findings(piece, read(piece))


def read(piece: Piece) -> tuple[Reading, ...]:
    """Return the passages of one piece in reading order, with what the rules claim of each.

    Forms (DC1, DC2, DUME, response frames), also those inside a piece, are left out: their printed
    options are not clauses. Of a commitment form (ATTRI1) what the buyer wrote is read.
    """
    return read_told(dossier.told(piece))


def read_told(told: dossier.Told) -> tuple[Reading, ...]:
    """Do what ``read`` does, for a piece of which it is known what the call says."""
    themes = _Themes(cues())
    return tuple(
        reading
        for block, role, choice in told.said
        if not choice
        for reading in _block(block, role, themes, passages(block))
        if role != PieceType.AE or not dossier.offers_choice(reading.passage.text)
    )


def read_whole(blocks: Iterable[Block], role: PieceType) -> tuple[Reading, ...]:
    """Return each block as one passage with what the rules claim: for passages cut by hand."""
    themes = _Themes(cues())
    return tuple(
        reading
        for block in blocks
        for reading in _block(block, role, themes, [Passage(block, 0, len(block.text))])
    )


def _block(
    block: Block, role: PieceType, themes: _Themes, cut: Iterable[Passage]
) -> Iterator[Reading]:
    doc = tokens(block.text)
    hits = themes.rules.hits(doc)
    context = Context(role, themes.of(block.path, block.lead), " › ".join(block.path), block.lead)
    for passage in cut:
        local = _within(hits, doc, passage)
        marks = list(_marks(passage, doc, local, context, themes))
        yield Reading(passage, context, tuple(_claims(marks, passage, context)))


def findings(piece: Piece, readings: Iterable[Reading]) -> tuple[Finding, ...]:
    """Turn claims into findings with their evidence: one a passage, stage and status."""
    found: list[Finding] = []
    for reading in readings:
        groups: dict[tuple[Stage, Status], list[Claim]] = {}
        for claim in reading.claims:
            groups.setdefault((claim.stage, claim.status), []).append(claim)
        found += (_finding(piece, reading.passage, group) for group in groups.values())
    return tuple(replace(f, id=f"{piece.id}-{i:04d}") for i, f in enumerate(found, start=1))


class _Themes:
    """What the headings of one piece announce, looked up once a distinct heading."""

    def __init__(self, rules: Cues) -> None:
        self.rules = rules
        self.known: dict[str, tuple[str, ...]] = {}
        self.read: dict[str, tuple[dict[int, list[tuple[int, int]]], Doc]] = {}

    def around(self, phrases: Sequence[Phrase], context: Context) -> bool:
        """Tell whether any of ``phrases`` stands in the headings or the lead-in."""
        text = f"{context.heading} . {context.lead}"
        if text not in self.read:
            doc = tokens(text)
            self.read[text] = self.rules.hits(doc), doc
        return any(find(phrases, *self.read[text]))

    def of(self, path: Sequence[str], lead: str) -> tuple[str, ...]:
        found: list[str] = []
        heads = lead if len(lead) <= MAX_LEAD else ""
        for title in (*path[-3:], heads):
            found += [label for label in self.one(title) if label not in found]
        return tuple(found)

    def one(self, title: str) -> tuple[str, ...]:
        if not title:
            return ()
        if title not in self.known:
            doc = tokens(title)
            hits = self.rules.hits(doc)
            self.known[title] = tuple(
                label
                for label, entry in self.rules.labels.items()
                if any(
                    not _overlaps(hit, list(find(entry.lookalike, hits, doc)))
                    for hit in find(entry.heading, hits, doc)
                )
                and not any(find(entry.veto, hits, doc))
            )
        return self.known[title]


def _within(
    hits: Mapping[int, list[tuple[int, int]]], doc: Doc, passage: Passage
) -> dict[int, list[tuple[int, int]]]:
    """Keep the hits that stand in the passage."""
    if passage.start == 0 and passage.end == len(passage.block.text):
        return dict(hits)
    first = bisect_left(doc, passage.start, key=_place)
    last = bisect_left(doc, passage.end, key=_place)
    local: dict[int, list[tuple[int, int]]] = {}
    for key, spans in hits.items():
        low, high = bisect_left(spans, (first, 0)), bisect_left(spans, (last, 0))
        if inside := [(s, e) for s, e in spans[low:high] if e <= last]:
            local[key] = inside
    return local


def _place(token: Token) -> int:
    place: int = token.idx
    return place


def _overlaps(hit: Hit, others: Sequence[Hit]) -> bool:
    return any(o.start < hit.end and o.end > hit.start for o in others)


def _marks(
    passage: Passage,
    doc: Doc,
    hits: Mapping[int, list[tuple[int, int]]],
    context: Context,
    themes: _Themes,
) -> Iterator[Mark]:
    rules = themes.rules
    found: list[Mark] = []
    vetoed: dict[str, bool] = {}
    lookalikes: dict[str, list[Hit]] = {}
    for rule, spans in rules.candidates(hits, doc, passage.start, passage.text):
        entry = rules.labels[rule.label]
        if rule.label not in vetoed:
            vetoed[rule.label] = bool(entry.not_within.intersection(context.themes)) or any(
                find(entry.veto, hits, doc)
            )
            lookalikes[rule.label] = [
                Hit(h.start - passage.start, h.end - passage.start)
                for h in find(entry.lookalike, hits, doc)
            ]
        if vetoed[rule.label] or not _applies(rule, passage, doc, hits, context, themes):
            continue
        kept = [span for span in spans if not _overlaps(span, lookalikes[rule.label])]
        if kept:
            span = min(kept, key=lambda h: (h.start, -h.end))
            found.append(
                Mark(
                    rule.label,
                    rule.id,
                    span.start,
                    span.end,
                    rule.strength,
                    rule.stage,
                    rule.status,
                    denial=rule.denial,
                )
            )
    labels = {m.label for m in found}
    found += _inherited(passage, doc, hits, context, rules, labels)
    yield from _preferred(found, rules, passage.text)


def _applies(
    rule: Rule,
    passage: Passage,
    doc: Doc,
    hits: Mapping[int, list[tuple[int, int]]],
    context: Context,
    themes: _Themes,
) -> bool:
    if rule.pieces and context.piece not in rule.pieces:
        return False
    if context.piece in rule.not_pieces:
        return False
    if rule.kinds and passage.block.kind.value not in rule.kinds:
        return False
    if rule.with_ and not any(find(rule.with_, hits, doc)):
        return False
    if any(find(rule.without, hits, doc)):
        return False
    if not rule.within or any(find(rule.within, hits, doc)):
        return True
    return themes.around(rule.within, context)


def _inherited(
    passage: Passage,
    doc: Doc,
    hits: Mapping[int, list[tuple[int, int]]],
    context: Context,
    rules: Cues,
    labels: set[str],
) -> Iterator[Mark]:
    """Give a sentence the theme of its article when it sets a duty there."""
    if passage.block.kind == BlockKind.HEADING or len(passage.text.split()) < 4:
        return
    for label in context.themes:
        entry = rules.labels[label]
        if label in labels or entry.inherit == "none":
            continue
        if entry.general and labels:
            continue
        if entry.inherit == "duty" and not qualifiers.sets_duty(passage.text, context.lead):
            continue
        if any(find(entry.veto, hits, doc)) or qualifiers.never_inherits(passage.text):
            continue
        yield Mark(label, f"{label}/article", 0, len(passage.text), 0.7, inherited=True)


def _preferred(marks: Sequence[Mark], rules: Cues, text: str) -> Iterator[Mark]:
    """Keep the more telling label where two say the same; general labels give way to precise."""
    affirmed = {
        m.label for m in marks if not m.inherited and not qualifiers.negated(text, m.start, m.end)
    }
    families = {m.label.partition(".")[0] for m in marks if not rules.labels[m.label].general}
    for mark in marks:
        entry = rules.labels[mark.label]
        if entry.yields_to & affirmed:
            continue
        if entry.general and mark.label.partition(".")[0] in families:
            continue
        yield mark


def _claims(marks: Sequence[Mark], passage: Passage, context: Context) -> Iterator[Claim]:
    """Settle stage and status of the marks; those of one label that agree make one claim."""
    groups: dict[tuple[Stage, Status], list[Mark]] = {}
    said: dict[tuple[Stage, Status], list[str]] = {}
    for mark in marks:
        stage = mark.stage or stages.stage(passage.block, passage.text, mark.label, context.piece)
        status, why = stages.status(
            passage.block,
            passage.text,
            mark.start,
            mark.end,
            mark.label,
            stage,
            context.piece,
            denial=mark.denial,
        )
        if mark.status is not None and status.in_force:
            status = mark.status
        groups.setdefault((stage, status), []).append(mark)
        said.setdefault((stage, status), []).extend(why)
    for (stage, status), members in groups.items():
        for label in dict.fromkeys(mark.label for mark in members):
            own = [mark for mark in members if mark.label == label]
            yield Claim(
                label=label,
                stage=stage,
                status=status,
                confidence=min(1 - math.prod(1 - mark.strength for mark in own), 0.99),
                found_by=tuple(dict.fromkeys(mark.rule for mark in own)),
                cues=tuple(
                    dict.fromkeys(passage.text[m.start : m.end] for m in own if not m.inherited)
                ),
                qualifiers=tuple(dict.fromkeys(said[stage, status])),
            )


def ruled_out(reading: Reading, label: str) -> bool:
    """Tell whether the rules know the words of a passage as a look-alike of a label."""
    rules = cues()
    entry = rules.labels[label]
    doc = tokens(reading.passage.text)
    hits = rules.hits(doc)
    return bool(entry.not_within.intersection(reading.context.themes)) or any(
        any(find(phrases, hits, doc)) for phrases in (entry.veto, entry.lookalike)
    )


def settled(reading: Reading, label: str, stage: Stage) -> tuple[Status, tuple[str, ...]]:
    """Return how far a whole passage binds for a label, by its words, and what decided it."""
    passage = reading.passage
    return stages.status(
        passage.block, passage.text, 0, len(passage.text), label, stage, reading.context.piece
    )


def _finding(piece: Piece, passage: Passage, claims: Sequence[Claim]) -> Finding:
    start, end = passage.start, passage.end
    text = passage.text
    lead = len(text) - len(text.lstrip())
    start += lead
    end -= len(text) - lead - len(text.strip())
    runs = list(passage.block.runs(start, end))
    boxes: list[Box] = []
    read: list[float] = []
    for page, low, high in runs:
        boxes += piece.page(page).boxes(low, high)
        read += [word.confidence for word in piece.page(page).between(low, high)]
    first = runs[0][0] if runs else passage.block.page
    labels = tuple(claim.label for claim in claims)
    # A finding is as sure as its weakest label, and less where words were recognised badly.
    sure = min(claim.confidence for claim in claims) * (fmean(read) if read else 1.0)
    return Finding(
        id="",
        piece=piece.id,
        page=first,
        boxes=tuple(boxes),
        quote=passage.block.printed(start, end),
        article=" › ".join(passage.block.path),
        lots=lot_numbers(text) or passage.block.lots,
        labels=labels,
        stage=claims[0].stage,
        status=claims[0].status,
        values=quantities(text, labels),
        confidence=round(sure, 2),
        found_by=tuple(dict.fromkeys(rule for claim in claims for rule in claim.found_by)),
        cues=tuple(dict.fromkeys(cue for claim in claims for cue in claim.cues)),
        qualifiers=claims[0].qualifiers,
        source=piece.page(first).source,
    )
