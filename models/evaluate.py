"""Evaluates the clause finder on passages of our corpus and on annotated real files.

``evaluate`` returns plain data: the figures of each set and system, and the claims by document.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from corpus.findings import Status
from corpus.gold import FOLDER as GOLD
from corpus.passages import FOLDER, Example, articles, digest, read_passages
from corpus.taxonomy import labels
from models import measures, real
from models.agreement import readers
from models.classifier import Classifier, judge, with_classifier
from models.features import article_readings, example_samples
from models.outcomes import (
    Asked,
    Near,
    Outcome,
    Said,
    claims_by_passage,
    counts,
    outcome,
    same_passage,
    same_words,
    wanted_of,
)
from models.systems import BOTH, RULES, System, ranking, systems
from nlp.cues import cues
from nlp.tagger import Reading

SCHEMA = "clausier-evaluation 1"
AUTHORED = "authored"
# Splits of the gold that answer for a split of ours, and what is to be known of each.
GOLD_SPLITS: Mapping[str, tuple[str, ...]] = {"dev": ("dev", "fresh"), "test": ("test",)}
CLAUSES = ("social", "env", "reserved")  # the others are levers and barriers, found in any file
NOTHING = "nothing"
WANTED_RECALL = 0.8

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unit:
    """One article or document: its passages as rules read them, and what a reader marked."""

    name: str
    readings: tuple[Reading, ...]
    asked: tuple[Asked, ...]
    group: Mapping[str, str]
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Set:
    """The units of one split, how claims are placed in them, and what a claim is about."""

    name: str
    units: tuple[Unit, ...]
    said: Callable[[Sequence[Reading]], tuple[Said, ...]]
    near: Near


def evaluate(
    split: str,
    model: Classifier | None,
    *,
    data: Path | None = None,
    passages: Path = FOLDER,
    gold: Path = GOLD,
) -> Figures:
    """Return all figures of one split ("dev", "test"), with the real files when ``data`` is given.

    Raises corpus.gold.GoldError when a document is not the one that was annotated.
    """
    examples = read_passages(split, passages)
    tried = systems(model, read_passages("train", passages))
    sets = [authored(examples)]
    if data is not None:
        sets += [files(data, name, gold) for name in GOLD_SPLITS[split]]
    told: Figures = {}
    documents: list[Figures] = []
    for one in (one for one in sets if one.units):
        outcomes = {name: outcomes_of(one, system) for name, system in tried.items()}
        told[one.name] = {
            "units": len(one.units),
            "pages": sum(unit.pages for unit in one.units),
            "systems": {name: figures(one, own) for name, own in outcomes.items()},
            "ranked": None if model is None else sureness(outcomes_of(one, ranking(model))),
        }
        if one.name == AUTHORED:
            told[AUTHORED]["context"] = context_gain(examples, tried, outcomes)
            told[AUTHORED]["asked"] = None if model is None else everywhere(model, examples)
        documents += [d for name, own in outcomes.items() for d in listed(one.name, name, own)]
    return {
        "schema": SCHEMA,
        "split": split,
        "classifier": None if model is None else model.name,
        "rules": cues().digest,
        "corpus": digest(split, passages),
        "service": RULES if model is None else BOTH,
        "sets": told,
        "readers": readers(gold),
        "documents": documents,
    }


def on_real_files(data: Path, gold: Path = GOLD) -> Callable[[Classifier], Mapping[str, float]]:
    """Return a function from a classifier to its figures, with the rules, on the real dev files.

    The documents are read once. Raises corpus.gold.GoldError like ``evaluate``.
    """
    sets = [files(data, name, gold) for name in GOLD_SPLITS["dev"]]

    def measured(model: Classifier) -> Mapping[str, float]:
        found = {}
        for one in (one for one in sets if one.units):
            outcomes = outcomes_of(one, lambda readings: with_classifier(model, readings))
            precision, recall, _ = measures.scores(
                counts(outcomes, tuple(labels())).sum(axis=(0, 1))
            )
            found[f"{one.name} precision"] = float(precision)
            found[f"{one.name} recall"] = float(recall)
        return found

    return measured


# -- what is read ---------------------------------------------------------------------------------


def authored(examples: Sequence[Example]) -> Set:
    """Return the articles of our corpus as units."""
    units = []
    for article in articles(examples):
        first = article[0]
        asked = tuple(
            Asked(str(at), at, "", e.labels, e.stage, e.status, by_context=e.by_context)
            for at, e in enumerate(article)
        )
        group = {"piece": str(first.piece), "sector": first.sector}
        name = f"{first.author}/{first.article}"
        units.append(Unit(name, article_readings(article), asked, group))
    return Set(AUTHORED, tuple(units), _by_rank, same_passage)


def _by_rank(readings: Sequence[Reading]) -> tuple[Said, ...]:
    return tuple(
        Said(str(at), at, "", claim)
        for at, reading in enumerate(readings)
        for claim in reading.claims
    )


def files(data: Path, split: str, gold: Path = GOLD) -> Set:
    """Return the annotated documents of one split of the gold as units."""
    from nlp.tagger import read

    units = tuple(
        Unit(
            document.name,
            read(document.piece),
            document.asked,
            {"form": "notice" if document.notice else "file"},
            0 if document.notice else len(document.piece.pages),
        )
        for document in real.documents(data, split, gold)
    )
    return Set(f"real {split}", units, real.said, same_words)


def outcomes_of(one: Set, system: System) -> tuple[Outcome, ...]:
    """Run a system on every unit of a set and judge its claims."""
    return tuple(
        outcome(unit.name, unit.asked, one.said(system(unit.readings)), one.near)
        for unit in one.units
    )


# -- what is told of one system on one set ---------------------------------------------------------


def figures(one: Set, outcomes: Sequence[Outcome]) -> Figures:
    """Return the figures of one system on one set."""
    found: Figures = {
        "in_force": found_and_missed(outcomes),
        "any_status": found_and_missed(outcomes, in_force=False),
        "right_about": right_about(outcomes, in_force=one.name != AUTHORED),
        "confusion": confusion(outcomes),
        "sureness": sureness(outcomes),
    }
    for kind in sorted({kind for unit in one.units for kind in unit.group} - {"form"}):
        groups: dict[str, list[Outcome]] = defaultdict(list)
        for unit, own in zip(one.units, outcomes, strict=True):
            groups[unit.group[kind]].append(own)
        found[f"by_{kind}"] = {
            name: told
            for name, own in sorted(groups.items())
            if (told := found_and_missed(own, intervals=False).get("all"))
        }
    if one.name != AUTHORED:
        found["false_alarms"] = false_alarms(one.units, outcomes)
    return found


def found_and_missed(
    outcomes: Sequence[Outcome], *, in_force: bool = True, intervals: bool = True
) -> Figures:
    """Return precision, recall and F1 with intervals by "all", "macro", family and label."""
    names = tuple(labels())
    families = tuple(dict.fromkeys(name.partition(".")[0] for name in names))
    table = counts(outcomes, names, in_force=in_force)
    member = np.array([[name.startswith(f"{family}.") for family in families] for name in names])
    grouping = np.hstack([np.ones((len(names), 1)), member, np.eye(len(names))])

    def rows(sums: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        grouped = np.einsum("...lc,lg->...gc", sums, grouping)
        own, mean = measures.scores(grouped), measures.macro(sums)
        return np.concatenate([own[..., :1, :], mean[..., None, :], own[..., 1:, :]], axis=-2)

    total = table.sum(axis=0)
    values = rows(total)
    low, high = measures.interval(table, rows) if intervals else np.full((2, *values.shape), np.nan)
    sums = np.einsum("lc,lg->gc", total, grouping)
    sums = np.concatenate([sums[:1], sums[:1], sums[1:]])
    return {
        row: {
            "true": int(sums[at, 0]),
            "false": int(sums[at, 1]),
            "found": int(sums[at, 2]),
            "wanted": int(sums[at, 3]),
            **{
                measure: [measures.number(part[at, column]) for part in (values, low, high)]
                for column, measure in enumerate(("precision", "recall", "f1"))
            },
        }
        for at, row in enumerate(("all", "macro", *families, *names))
        if sums[at].any()
    }


def right_about(outcomes: Sequence[Outcome], *, in_force: bool) -> Figures:
    """Return how often stage and status are right, where the label is, and of all that is wanted.

    A label that is not found has neither: of all that is wanted it counts as wrong.
    """
    told: Counter[str] = Counter()
    for wanted in (w for one in outcomes for w in wanted_of(one, in_force=in_force)):
        near = wanted.in_force if in_force else wanted.near
        told["wanted"] += 1
        told["found"] += bool(near)
        told["stage"] += any(claim.stage == wanted.stage for claim in near)
        told["status"] += any(claim.status == wanted.status for claim in near)
    return dict(told)


def everywhere(model: Classifier, examples: Sequence[Example]) -> Figures:
    """Return how often the classifier tells stage and status of every labelled passage."""
    said = judge(model, example_samples(examples))
    told = Counter({"wanted": 0})
    for example, stage, status in zip(examples, said.stages, said.statuses, strict=True):
        if example.labels:
            told["wanted"] += 1
            told["stage"] += stage == example.stage
            told["status"] += status == example.status
    return dict(told)


def confusion(outcomes: Sequence[Outcome]) -> Figures:
    """Return by status marked, then by status claimed (or nothing), how many labels."""
    told = {str(status): Counter[str]() for status in Status}
    for wanted in (w for one in outcomes for w in one.wanted if not w.doubtful):
        surest = max(wanted.near, key=lambda claim: claim.confidence, default=None)
        told[wanted.status][NOTHING if surest is None else str(surest.status)] += 1
    return {status: dict(sorted(row.items())) for status, row in told.items()}


def sureness(outcomes: Sequence[Outcome]) -> Figures:
    """Return the reliability of confidence, and the precision of the surest claims."""
    sure: dict[tuple[str, str, str], float] = defaultdict(float)
    right: dict[tuple[str, str, str], bool] = {}
    for one in outcomes:
        known = claims_by_passage(one)
        for judged in one.claims:
            verdict = known.get((judged.key, judged.claim.label))
            if judged.claim.status.in_force and verdict is not None:
                place = (one.name, judged.key, judged.claim.label)
                sure[place] = max(sure[place], judged.claim.confidence)
                right[place] = verdict
    confidence, good = list(sure.values()), [right[place] for place in sure]
    best = [
        max((claim.confidence for claim in wanted.in_force), default=-math.inf)
        for one in outcomes
        for wanted in wanted_of(one)
    ]
    bins = measures.reliability(confidence, good)
    precision, threshold = measures.precision_at(WANTED_RECALL, confidence, good, best)
    return {
        "bins": [
            [b.low, b.high, b.claims, measures.number(b.confidence), measures.number(b.right)]
            for b in bins
        ],
        "calibration_error": measures.number(measures.calibration_error(bins)),
        "precision_at_recall": measures.number(precision),
        "from_confidence": measures.number(threshold),
    }


def false_alarms(units: Sequence[Unit], outcomes: Sequence[Outcome]) -> Figures:
    """Return the clauses claimed as binding or scored in documents that hold none."""
    told: Figures = {}
    for form in ("file", "notice"):
        own = [
            (unit, one)
            for unit, one in zip(units, outcomes, strict=True)
            if unit.group["form"] == form and not any(_clause(asked) for asked in unit.asked)
        ]
        claimed = {
            (one.name, judged.key, judged.claim.label)
            for _, one in own
            for judged in one.claims
            if judged.claim.status in (Status.BINDING, Status.SCORED)
            and judged.claim.label.partition(".")[0] in CLAUSES
        }
        pages = sum(unit.pages for unit, _ in own) if form == "file" else len(own)
        low, high = measures.rate_interval(len(claimed), pages / 100) if pages else (None, None)
        told[form] = {
            "documents": len(own),
            "pages": pages,
            "false": len(claimed),
            "per_100": [100 * len(claimed) / pages if pages else None, low, high],
        }
    return told


def _clause(asked: Asked) -> bool:
    in_force = asked.doubtful or (asked.status is not None and asked.status.in_force)
    return in_force and any(label.partition(".")[0] in CLAUSES for label in asked.labels)


def context_gain(
    examples: Sequence[Example],
    tried: Mapping[str, System],
    placed: Mapping[str, Sequence[Outcome]],
) -> Figures:
    """Return recall of the passages that only their place explains, and F1 of all, both ways.

    ``placed`` are the outcomes with context. Without it each passage stands alone: no heading, no
    lead-in, no neighbour.
    """
    bare = authored([replace(e, path=(), article=at) for at, e in enumerate(examples)])
    alone = {name: outcomes_of(bare, system) for name, system in tried.items()}
    return {
        name: {"with": _explained(placed[name]), "without": _explained(alone[name])}
        for name in tried
    }


def _explained(outcomes: Sequence[Outcome]) -> Figures:
    wanted = [w for one in outcomes for w in wanted_of(one) if w.by_context]
    return {
        "wanted": len(wanted),
        "found": sum(bool(w.in_force) for w in wanted),
        "f1": found_and_missed(outcomes, intervals=False).get("all", {"f1": [None]})["f1"][0],
    }


def listed(where: str, system: str, outcomes: Iterable[Outcome]) -> list[Figures]:
    """Return by document the labels in force that were wanted, and the claims: no text."""
    return [
        {
            "set": where,
            "system": system,
            "document": one.name,
            "wanted": sorted([w.key, w.label, bool(w.in_force)] for w in wanted_of(one)),
            "claims": sorted([key, label, right] for (key, label), right in judged.items()),
        }
        for one in outcomes
        if (judged := claims_by_passage(one)) or wanted_of(one)
    ]
