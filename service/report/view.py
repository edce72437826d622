"""What a report shows, worked out once for the page and the terminal: no layout here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from corpus import taxonomy
from corpus.findings import (
    Caution,
    Clause,
    Contribution,
    Criterion,
    Finding,
    Score,
    Screening,
    Status,
    Value,
)
from models import scorer
from service.messages import Language, Severity, severity, title
from service.report.facts import ApartView, FactsView, FactView, apart_views, fact_views
from service.report.texts import (
    day,
    lot_list,
    measure,
    name,
    percent,
    plain,
    polished,
    quantity,
    words,
)

_ORDER = {
    Status.BINDING: 0,
    Status.SCORED: 1,
    Status.ENCOURAGED: 2,
    Status.MENTION: 3,
    Status.EXCLUDED: 4,
}
_DOUBTFUL = 0.5  # below this confidence a person should look at the passage
_STRONG, _MOST = 0.6, 3  # a line counts as strong from this share of its maximum; lines shown
_LEVERS = ("reserved", "social", "env", "access")  # families whose absence is worth telling
_ABOUT = ("procedure.buyer", "procedure.object")
_GRAVITY = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One passage to show: where it stands, how far it binds, and the words that told."""

    id: str
    quote: tuple[tuple[str, bool], ...]
    piece: str
    page: int
    article: str
    status: str
    status_name: str
    stage_name: str
    lots: str
    values: tuple[str, ...]
    also: tuple[str, ...]
    doubtful: bool
    recognised: bool
    part: str = ""  # what the passage does in a clause of several
    opens: str = ""  # the article, on the first passage shown of such a clause

    @property
    def text(self) -> str:
        """The quote as one string."""
        return "".join(part for part, _ in self.quote)


@dataclass(frozen=True, slots=True)
class LabelView:
    """The passages of one label: those that count, and those that only mention it."""

    id: str
    title: str
    definition: str
    law: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    aside: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class FamilyView:
    """One family of labels: what was found, and the titles of what was not."""

    id: str
    title: str
    labels: tuple[LabelView, ...]
    passages: int
    not_found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of reason: the points it gives or takes, and the passages that say so."""

    points: float
    reason: str
    evidence: tuple[Evidence, ...]

    @property
    def places(self) -> tuple[Evidence, ...]:
        """The first passage of each page that supports the line."""
        first: dict[tuple[str, int], Evidence] = {}
        for item in self.evidence:
            first.setdefault((item.piece, item.page), item)
        return tuple(first.values())


@dataclass(frozen=True, slots=True)
class ReasonView:
    """One dimension of a score (or a rule applied after the sum, with no maximum)."""

    name: str
    points: float
    maximum: float
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class ScoreView:
    """The score of a lot, or of the consultation when ``lot`` is empty."""

    lot: str
    title: str
    amount: float | None
    score: float
    band: str
    band_name: str
    confidence: str
    inclusion: float
    reserved: tuple[str, ...]
    reasons: tuple[ReasonView, ...]
    gates: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def strong(self) -> tuple[ReasonView, ...]:
        """The lines that earn most of their maximum, the largest gains first."""
        kept = [part for part in self.reasons if part.maximum > 0 and _filled(part) >= _STRONG]
        return tuple(sorted(kept, key=lambda part: -part.points)[:_MOST])

    @property
    def wanting(self) -> tuple[ReasonView, ...]:
        """The lines that earn little of their maximum, the largest losses first."""
        kept = [part for part in self.reasons if part.maximum > 0 and _filled(part) < _STRONG]
        return tuple(sorted(kept, key=lambda part: part.points - part.maximum)[:_MOST])


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One award criterion with its sub-criteria; ``share`` is drawn, ``weight`` is written."""

    name: str
    share: float | None
    weight: str
    theme: str
    theme_name: str
    piece: str
    page: int
    children: tuple[CriterionView, ...]


@dataclass(frozen=True, slots=True)
class CriteriaView:
    """The criteria that apply to the same lots."""

    title: str
    criteria: tuple[CriterionView, ...]


@dataclass(frozen=True, slots=True)
class WarningView:
    """One caution in the reader's language."""

    code: str
    severity: Severity
    severity_name: str
    title: str
    text: str
    piece: str
    page: int | None


@dataclass(frozen=True, slots=True)
class ReservedView:
    """One reservation: what it says, for which lots, and the passage that says it."""

    title: str
    lots: str
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class View:
    """Everything a report of one screening shows, in one language."""

    screening: Screening
    language: Language
    profile: str
    launched: str
    overall: ScoreView | None
    lots: tuple[ScoreView, ...]
    reserved: tuple[ReservedView, ...]
    families: tuple[FamilyView, ...]
    criteria: tuple[CriteriaView, ...]
    facts: tuple[FactsView, ...]
    apart: tuple[ApartView, ...]
    warnings: tuple[WarningView, ...]
    checks: tuple[Any, ...] = ()
    advice: tuple[Any, ...] = ()

    @property
    def scores(self) -> tuple[ScoreView, ...]:
        """The score of the consultation first, then those of its lots."""
        return ((self.overall,) if self.overall else ()) + self.lots

    @property
    def about(self) -> tuple[FactView, ...]:
        """The buyer and the object of the contract, of each the value that most places state."""
        said = [fact for group in self.facts for fact in group.facts]
        kept = (max((f for f in said if f.name == n), key=_spots, default=None) for n in _ABOUT)
        return tuple(fact for fact in kept if fact)

    @property
    def lost(self) -> int:
        """How many cautions say that a piece could not be read."""
        return sum(warning.severity == "error" for warning in self.warnings)

    @property
    def passages(self) -> int:
        """How many passages are shown with a status that counts."""
        return sum(family.passages for family in self.families)


def make_view(screening: Screening, language: Language) -> View:
    """Work out what to show of a screening."""
    names = {piece.id: plain(piece.name) for piece in screening.pieces}
    evidence = {f.id: _evidence(f, names, language) for f in screening.findings}
    launched = date.fromisoformat(screening.launch_date) if screening.launch_date else None
    scores = [_score(score, screening, evidence, language) for score in screening.scores]
    return View(
        screening=screening,
        language=language,
        profile=profile_name(screening.profile, language),
        launched=words("launched", language, date=day(launched, language))
        if launched
        else words("launch_unknown", language),
        overall=next((score for score in scores if not score.lot), None),
        lots=tuple(score for score in scores if score.lot),
        reserved=tuple(_reserved(screening, evidence, language)),
        families=tuple(
            _family(family, screening, evidence, launched, language)
            for family in taxonomy.families()
        ),
        criteria=tuple(_criteria(screening.criteria, names, language)),
        facts=fact_views(screening, names, language),
        apart=apart_views(screening, names, language),
        warnings=warning_views(screening.warnings, language),
    )


def warning_views(cautions: Iterable[Caution], language: Language) -> tuple[WarningView, ...]:
    """Return the cautions in one language, lost pieces first."""
    views = [
        WarningView(
            code=caution.code,
            severity=(grade := severity(caution.code)),
            severity_name=words(f"severity_{grade}", language),
            title=title(caution.code, language),
            text=plain(caution.message_en if language == "en" else caution.message_fr),
            piece=plain(caution.piece or ""),
            page=caution.page,
        )
        for caution in cautions
    ]
    return tuple(sorted(views, key=lambda view: _GRAVITY[view.severity]))


def lots_text(lots: Sequence[str], language: Language) -> str:
    """Return "Lot 2", "Lots 1, 3 to 5", or the name of the whole when there is none."""
    if not lots:
        return words("all_lots", language)
    if len(lots) == 1:
        return words("lot", language, number=plain(lots[0]))
    return words("lots", language, numbers=lot_list(lots, language))


def profile_name(profile: str, language: Language) -> str:
    """Return the title of a profile, as the scoring rules give it."""
    return _titled("profile", profile, language) or profile


def dimension_name(dimension: str, language: Language) -> str:
    """Return the title of a dimension of the score; of a rule applied after the sum, its name."""
    if dimension.startswith("gate:"):
        return name("gate", dimension.removeprefix("gate:"), language)
    return _titled("dimension", dimension, language) or name("dimension", dimension, language)


def _titled(section: str, key: str, language: Language) -> str:
    entry = scorer.rubric().get(section, {}).get(key, {})
    return polished(str(entry.get(f"title_{language}", "")), language)


def _label_title(label: str, language: Language) -> str:
    known = taxonomy.labels().get(label)
    return polished(known.title(language), language) if known else label


def _evidence(finding: Finding, names: dict[str, str], language: Language) -> Evidence:
    return Evidence(
        id=finding.id,
        quote=_marked(plain(finding.quote), finding.cues),
        piece=names.get(finding.piece, finding.piece),
        page=finding.page,
        article=plain(finding.article),
        status=finding.status.value,
        status_name=name("status", finding.status.value, language),
        stage_name=name("stage", finding.stage.value, language),
        lots=lots_text(finding.lots, language) if finding.lots else "",
        values=tuple(
            measure(key, _value(value, language), language) for key, value in finding.values.items()
        ),
        also=tuple(_label_title(label, language) for label in finding.labels[1:]),
        doubtful=finding.confidence < _DOUBTFUL,
        recognised=finding.source == "ocr",
    )


def _marked(quote: str, cues: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Cut a quote into runs, telling which hold the words that made a rule fire."""
    told = sorted({plain(cue).strip() for cue in cues if cue.strip()}, key=lambda c: (-len(c), c))
    if not told:
        return ((quote, False),)
    pattern = re.compile("|".join(map(re.escape, told)), re.IGNORECASE)
    parts: list[tuple[str, bool]] = []
    at = 0
    for match in pattern.finditer(quote):
        if match.start() > at:
            parts.append((quote[at : match.start()], False))
        parts.append((match.group(), True))
        at = match.end()
    if at < len(quote):
        parts.append((quote[at:], False))
    return tuple(parts)


def _value(value: Value, language: Language) -> str:
    if isinstance(value, bool | str):
        return plain(str(value))
    if isinstance(value, int | float):
        return quantity(value, language)
    return plain(", ".join(value))


def _score(
    score: Score, screening: Screening, evidence: dict[str, Evidence], language: Language
) -> ScoreView:
    lot = next((lot for lot in screening.lots if lot.number == score.lot), None)
    heading = words("consultation", language)
    if score.lot:
        heading = words("lot", language, number=plain(score.lot))
        if lot and lot.title:
            heading = f"{heading} · {plain(lot.title)}"
    return ScoreView(
        lot=plain(score.lot),
        title=heading,
        amount=lot.amount_eur if lot else None,
        score=score.score,
        band=score.band,
        band_name=name("band", score.band, language),
        confidence=percent(round(score.confidence * 100), language),
        inclusion=score.inclusion,
        reserved=tuple(_label_title(label, language) for label in lot.reserved) if lot else (),
        reasons=tuple(_reasons(score, evidence, language)),
        gates=tuple(name("gate", gate, language) for gate in score.gates),
        missing=tuple(name("missing", what, language) for what in score.missing),
    )


def _reasons(
    score: Score, evidence: dict[str, Evidence], language: Language
) -> Iterable[ReasonView]:
    """Yield the dimensions in the order of the score, each with its lines and their sum."""
    dimensions: dict[str, list[Contribution]] = {}
    for part in score.contributions:
        dimensions.setdefault(part.dimension, []).append(part)
    for dimension, parts in dimensions.items():
        yield ReasonView(
            dimension_name(dimension, language),
            # Tenths are summed as tenths: 0.1 + 0.2 must show as 0.3.
            round(sum(part.points for part in parts), 1),
            max(part.maximum for part in parts),
            tuple(
                LineView(
                    part.points,
                    plain(
                        part.reason_en if language == "en" else polished(part.reason_fr, language)
                    ),
                    tuple(evidence[id_] for id_ in part.findings if id_ in evidence),
                )
                for part in _telling(parts)
            ),
        )


def _telling(parts: list[Contribution]) -> list[Contribution]:
    """Leave out lines worth nothing, which a full dimension no longer takes, if others remain."""
    return [part for part in parts if part.points] or parts[:1]


def _reserved(
    screening: Screening, evidence: dict[str, Evidence], language: Language
) -> Iterable[ReservedView]:
    """Yield each reservation with its lots and the passage that says it best."""
    telling = [
        finding
        for finding in sorted(screening.findings, key=lambda f: (_ORDER[f.status], -f.confidence))
        if finding.status.in_force
    ]
    told: dict[str, list[tuple[str, ...]]] = {}
    for lot in screening.lots:
        for label in lot.reserved:
            told.setdefault(label, []).append((lot.number,))
    if not told:
        for finding in telling:
            for label in finding.labels:
                if label.startswith("reserved.") and finding.lots not in told.get(label, ()):
                    told.setdefault(label, []).append(finding.lots)
    for label, groups in told.items():
        # A passage that names no lot speaks of them all.
        lots = (
            () if () in groups else tuple(dict.fromkeys(lot for group in groups for lot in group))
        )
        said = [finding for finding in telling if label in finding.labels]
        exact = [finding for finding in said if set(lots) & set(finding.lots)]
        best = next(iter(exact or said), None)
        yield ReservedView(
            _label_title(label, language),
            lots_text(lots, language),
            evidence[best.id] if best else None,
        )


def _family(
    family: taxonomy.Family,
    screening: Screening,
    evidence: dict[str, Evidence],
    launched: date | None,
    language: Language,
) -> FamilyView:
    labels = []
    not_found = []
    findings = screening.findings
    for label in family.labels:
        # A passage is shown once, under its first label; the others are named beside it.
        own = {f.id: f for f in findings if f.labels and f.labels[0] == label.id}
        if own:
            labels.append(
                LabelView(
                    label.id,
                    _label_title(label.id, language),
                    polished(
                        label.definition_en if language == "en" else label.definition_fr, language
                    ),
                    _law(label, launched),
                    tuple(_clauses(screening.clauses, label.id, own, evidence, language)),
                    tuple(evidence[id_] for id_, f in own.items() if not f.status.in_force),
                )
            )
        if family.id in _LEVERS and not any(
            label.id in f.labels and f.status.in_force for f in findings
        ):
            not_found.append(_label_title(label.id, language))
    return FamilyView(
        family.id,
        name("family", family.id, language),
        tuple(sorted(labels, key=lambda shown: not shown.evidence)),
        sum(len(shown.evidence) for shown in labels),
        tuple(not_found),
    )


def _clauses(
    clauses: Sequence[Clause],
    label: str,
    own: Mapping[str, Finding],
    evidence: Mapping[str, Evidence],
    language: Language,
) -> Iterator[Evidence]:
    """Yield the passages in force of a label, clause by clause, the strongest clause first."""
    for clause in sorted(
        (c for c in clauses if c.label == label), key=lambda c: (_ORDER[c.status], c.piece, c.page)
    ):
        shown = [
            (part.part, id_)
            for part in clause.parts
            for id_ in part.findings
            if id_ in own and own[id_].status.in_force
        ]
        several = len(shown) > 1
        for place, (part, id_) in enumerate(shown):
            yield replace(
                evidence[id_],
                part=name("part", part.value, language) if several else "",
                opens=plain(clause.article) if several and not place else "",
            )


def _spots(fact: FactView) -> int:
    return len(fact.spots)


def _filled(part: ReasonView) -> float:
    return part.points / part.maximum


def _law(label: taxonomy.Label, launched: date | None) -> tuple[str, ...]:
    """Return the articles in force on the launch date, or those in force now without one."""
    if launched is None:
        return tuple(ref.ref for ref in label.law if ref.valid_to is None)
    return tuple(
        ref.ref
        for ref in label.law
        if ref.valid_from <= launched and (ref.valid_to is None or launched <= ref.valid_to)
    )


def _criteria(
    criteria: Sequence[Criterion], names: dict[str, str], language: Language
) -> Iterable[CriteriaView]:
    groups: dict[tuple[str, ...], list[Criterion]] = {}
    for criterion in criteria:
        groups.setdefault(criterion.lots, []).append(criterion)
    for lots, members in groups.items():
        ids = {member.id for member in members}
        roots = [m for m in members if m.parent is None or m.parent not in ids]
        yield CriteriaView(
            lots_text(lots, language),
            tuple(_criterion(root, members, names, language) for root in roots),
        )


def _criterion(
    criterion: Criterion, members: Sequence[Criterion], names: dict[str, str], language: Language
) -> CriterionView:
    written = words("weight_unknown", language)
    if criterion.weight is not None:
        unit = name("unit", criterion.unit, language)
        written = (
            percent(criterion.weight, language)
            if criterion.unit == "percent"
            else f"{quantity(criterion.weight, language)} {unit}".strip()
        )
    # What is left shrinks at each level, so a forged chain of parents cannot be endless.
    left = [member for member in members if member is not criterion]
    return CriterionView(
        plain(criterion.name),
        criterion.share,
        written,
        criterion.theme,
        name("theme", criterion.theme, language),
        names.get(criterion.piece, criterion.piece),
        criterion.page,
        tuple(
            _criterion(child, left, names, language)
            for child in left
            if child.parent == criterion.id
        ),
    )
