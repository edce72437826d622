"""Results: findings with their evidence, award criteria, lots, scores and the screening."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from corpus.documents import Box, PieceType

SCHEMA_VERSION = "1.2.0"

Value: TypeAlias = str | float | int | bool | list[str]


class Stage(StrEnum):
    """Where in the contract a clause acts."""

    SUBJECT = "subject"
    SPECIFICATION = "specification"
    SELECTION = "selection"
    AWARD_CRITERION = "award_criterion"
    EXECUTION = "execution"
    OTHER = "other"


class Status(StrEnum):
    """How far a clause binds."""

    BINDING = "binding"
    SCORED = "scored"
    ENCOURAGED = "encouraged"
    MENTION = "mention"
    EXCLUDED = "excluded"

    @property
    def in_force(self) -> bool:
        """Whether the clause counts: binding, scored or encouraged."""
        return self in (Status.BINDING, Status.SCORED, Status.ENCOURAGED)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: piece, page, boxes on pages, the words as printed, the article.

    ``article`` is the outline path ("10 Clauses sociales › 10.2 Public éligible").
    """

    piece: str
    page: int
    boxes: tuple[Box, ...]
    quote: str
    article: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One passage that says something, with its evidence.

    ``quote`` is the passage as printed, white space folded; ``boxes`` is where it stands.
    ``article`` is the outline path ("10 Clauses sociales › 10.2 Public éligible").
    ``lots`` is empty when the passage concerns the whole consultation.
    ``found_by`` names the rules (``label/rule``); ``cues`` the words that made them fire.
    """

    id: str
    piece: str
    page: int
    boxes: tuple[Box, ...]
    quote: str
    article: str
    lots: tuple[str, ...]
    labels: tuple[str, ...]
    stage: Stage
    status: Status
    values: Mapping[str, Value]
    confidence: float
    found_by: tuple[str, ...]
    cues: tuple[str, ...] = ()
    qualifiers: tuple[str, ...] = ()
    source: str = "text"


class Part(StrEnum):
    """What a passage does in its clause."""

    OBLIGATION = "obligation"
    PUBLIC = "public"
    MEANS = "means"
    CONTROL = "control"
    PENALTY = "penalty"
    CRITERION = "criterion"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class ClausePart:
    """The findings (ids) that make one part of a clause."""

    part: Part
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """The passages of one article that carry one label, as a lawyer would read them: one clause.

    ``article`` is the path of the heading that announces it; ``status`` and ``stage`` are those of
    its strongest passage.
    """

    id: str
    label: str
    piece: str
    page: int
    article: str
    stage: Stage
    status: Status
    lots: tuple[str, ...]
    parts: tuple[ClausePart, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One award criterion or sub-criterion.

    ``weight`` is as written, in ``unit`` (percent, points, coefficient, order, none); of a
    sub-criterion it is a share ``of`` its "parent" or of the "total". For order it is the rank.
    ``share`` is its share of the whole note in percent, None when it cannot be told. ``parent`` is
    the id of the criterion it belongs to. ``theme`` is price, cost, quality, social,
    environmental, delay or other.
    """

    id: str
    name: str
    weight: float | None
    unit: str
    share: float | None
    theme: str
    lots: tuple[str, ...]
    parent: str | None
    piece: str
    page: int
    boxes: tuple[Box, ...]
    quote: str
    of: str = "total"


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot of the consultation.

    Amounts are in EUR before tax, the duration in months with renewals where the total is written;
    ``place`` is where it is performed. ``reserved`` are labels, ``articles`` the articles of law
    the reservation cites ("L2113-12").
    """

    number: str
    title: str
    amount_eur: float | None
    reserved: tuple[str, ...]
    findings: tuple[str, ...]
    maximum_eur: float | None = None
    duration_months: float | None = None
    place: str = ""
    cpv: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as one passage states it; a fact stated twice is there twice.

    ``name`` is a key of ``corpus.facts.kinds()`` ("lever.payment_days"); dates are ISO
    strings, flags booleans.
    ``per`` completes an amount: "hour", "day", "breach", "document", or euros of works for
    quantity.hours_per_amount. ``detail`` tells more (a certification: "equivalent" when another is
    accepted). ``lots`` is empty for the whole consultation. ``label`` is the clause it belongs to,
    "" for none. ``found_by`` names the pattern.
    """

    name: str
    value: Value
    place: Place
    found_by: str
    lots: tuple[str, ...] = ()
    per: str | float = ""
    detail: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Words that send the reader elsewhere, and where that is.

    ``target`` names it as a reader would ("CCTP 10", "annexe 2", "CCAG-FCS 16.1"); ``found`` is
    where it stands in the dossier, None when it does not (a CCAG never does: ``outside``).
    """

    target: str
    place: Place
    found: Place | None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two places of a dossier that cannot both be right, or weights that do not sum.

    ``kind``: weights, sum, reserved, hours, dates, duration, amount, payment, advance, lots,
    variants, social_clause, penalty. ``values`` are what the two say, as shown to a reader.
    """

    kind: str
    first: Place
    second: Place
    values: tuple[str, str]
    lots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contribution:
    """Points that one dimension, bonus or gate adds to (or takes from) a score, and why."""

    dimension: str
    points: float
    maximum: float
    reason_fr: str
    reason_en: str
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """The fit of one lot (or of the consultation, ``lot`` "") for one profile.

    ``contributions`` sum exactly to ``score``. ``inclusion`` is the subtotal of reservation and
    social levers. ``gates`` are the rules applied after the sum.
    """

    lot: str
    profile: str
    score: float
    band: str
    confidence: float
    inclusion: float
    contributions: tuple[Contribution, ...]
    gates: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Caution:
    """Something the reader of a screening must know, in both languages, with what to do."""

    code: str
    message_fr: str
    message_en: str
    piece: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class PieceSummary:
    """What was read of one file."""

    id: str
    name: str
    type: PieceType
    type_confidence: float
    media_type: str
    sha256: str
    pages: int
    words: int
    articles: tuple[str, ...]
    sources: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Screening:
    """The answer for one dossier. The JSON form of this class is the public schema."""

    schema_version: str
    clausier_version: str
    rules_digest: str
    model: str  # "clauses-<digest>" of the classifier, "" when the rules read alone
    profile: str
    launch_date: str | None
    pieces: tuple[PieceSummary, ...]
    findings: tuple[Finding, ...]
    clauses: tuple[Clause, ...]
    criteria: tuple[Criterion, ...]
    lots: tuple[Lot, ...]
    facts: tuple[Fact, ...]
    references: tuple[Reference, ...]
    disagreements: tuple[Disagreement, ...]
    scores: tuple[Score, ...]
    warnings: tuple[Caution, ...]
