"""Weights of the dimensions refitted on what a team accepted and declined.

The weights of ``scoring.toml`` are the prior: few decisions move them little. More of a dimension
never lowers a score (no weight below 0). Too few decisions are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.findings import Score
from models.scorer import DIMENSIONS, Rules, rubric

LEAST = 60  # decisions: some eight for each of seven weights
LEAST_OF_EACH = 15  # accepted, and declined
SPREAD = 4.0  # points: how far a weight is taken to lie from its prior
_ROUNDS = 25  # of reweighting; it settles in fewer
_FOLDS = 5
_OURS = frozenset({"notice-only", "reserved-for-you", "partly-reserved", "localism",
                   "label-not-held", "eligibility-to-check"})  # fmt: skip

Floats = NDArray[np.float64]


class CalibrationError(ValueError):
    """Decisions from which weights cannot be told; says what is missing."""


class TooFewDecisions(CalibrationError):
    """There are too few decisions; says how many are missing."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a team did with a lot (or a call) that was scored for its profile."""

    score: Score
    accepted: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """Refitted weights, with how well prior and refitted ones tell accepted from declined.

    ``prior_auc`` and ``fitted_auc`` are areas under the curve, 0 to 1, on decisions that were held
    out in turn; ``used`` of ``given`` decisions carried something: a lot closed by a gate
    (reserved for others, another trade, deadline) tells nothing of weights.
    """

    profile: str
    weights: Mapping[str, float]
    prior: Mapping[str, float]
    given: int
    used: int
    accepted: int
    prior_auc: float
    fitted_auc: float


def fit(
    decisions: Sequence[Decision],
    profile: str,
    *,
    spread: float = SPREAD,
    rules: Rules | None = None,
) -> Fit:
    """Refit the weights of ``profile`` on decisions about scores made with ``rules``.

    A logistic model of the decision with weights of 0 or more, drawn to the prior by ``spread``
    points; the weights are scaled to sum to 100 with one decimal. Raises TooFewDecisions,
    CalibrationError when the scores are of another profile or tell nothing of the decisions, and
    KeyError when the profile is unknown.
    """
    rules = rubric() if rules is None else rules
    prior = np.array([float(rules["profile"][profile]["weights"][d]) for d in DIMENSIONS])
    if others := {d.score.profile for d in decisions} - {profile}:
        raise CalibrationError(f"scores of another profile: {', '.join(sorted(others))}")
    used = [d for d in decisions if set(d.score.gates) <= _OURS]
    accepted = sum(d.accepted for d in used)
    _enough(len(used), accepted)
    shares = np.array([_shares(d.score) for d in used])
    answers = np.array([d.accepted for d in used], dtype=np.float64)
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    held = np.zeros(len(used))
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    for learnt, out in folds.split(shares, answers):
        held[out] = shares[out] @ _fitted(shares[learnt], answers[learnt], prior, spread)
    return Fit(
        profile=profile,
        weights=dict(zip(DIMENSIONS, _rounded(_fitted(shares, answers, prior, spread)),
                         strict=True)),
        prior=dict(zip(DIMENSIONS, prior.tolist(), strict=True)),
        given=len(decisions),
        used=len(used),
        accepted=accepted,
        prior_auc=float(roc_auc_score(answers, shares @ prior)),
        fitted_auc=float(roc_auc_score(answers, held)),
    )  # fmt: skip


def write(fitted: Fit, path: Path, day: date) -> None:
    """Write an override file that ``scorer.overridden`` reads; ``day`` is when it was fitted."""
    lines = [
        "# Weights refitted on a team's decisions; scoring.toml holds everything else.",
        "schema = 1",
        f"fitted_on = {day.isoformat()}",
        f"decisions = {fitted.used}",
        f"[weights.{fitted.profile}] # AUC on held-out decisions"
        f" {fitted.fitted_auc:.2f}, with the prior weights {fitted.prior_auc:.2f}",
    ]
    lines += [
        f"{name} = {weight:g} # prior {fitted.prior[name]:g}"
        for name, weight in fitted.weights.items()
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _enough(used: int, accepted: int) -> None:
    missing = [
        (LEAST - used, f"of {LEAST} decisions that no gate closed"),
        (LEAST_OF_EACH - accepted, f"of {LEAST_OF_EACH} accepted"),
        (LEAST_OF_EACH - (used - accepted), f"of {LEAST_OF_EACH} declined"),
    ]
    if short := [f"{count} more needed {what}" for count, what in missing if count > 0]:
        raise TooFewDecisions("; ".join(short))


def _shares(score: Score) -> list[float]:
    """Return how full each dimension is, 0 to 1; of one without weight nothing is known: half."""
    points = dict.fromkeys(DIMENSIONS, 0.0)
    most = dict.fromkeys(DIMENSIONS, 0.0)
    for line in score.contributions:
        if line.dimension in points:
            points[line.dimension] += line.points
            most[line.dimension] = line.maximum
    return [points[d] / most[d] if most[d] else 0.5 for d in DIMENSIONS]


def _fitted(shares: Floats, answers: Floats, prior: Floats, spread: float) -> Floats:
    """Return the weights of a logistic model, 0 or more, drawn to the prior; they sum to 100.

    Each round is a least-squares problem without negative weights whose last rows say that
    each weight lies near its prior.
    """
    from sklearn.linear_model import LinearRegression, LogisticRegression

    slope_of = LogisticRegression().fit((shares @ prior)[:, None] / 10, answers)
    slope, shift = float(slope_of.coef_[0, 0]) / 10, float(slope_of.intercept_[0])
    if slope <= 0:
        raise CalibrationError("accepted lots do not score above declined ones: nothing to refit")
    weights = prior.copy()
    pull = np.eye(len(prior)) / spread
    for _ in range(_ROUNDS):
        logit = np.clip(slope * (shares @ weights) + shift, -20, 20)
        chance = 1 / (1 + np.exp(-logit))
        certain = np.maximum(chance * (1 - chance), 1e-6)
        wanted = logit + (answers - chance) / certain - shift
        root = np.sqrt(certain)
        solved = LinearRegression(positive=True, fit_intercept=False).fit(
            np.vstack([root[:, None] * slope * shares, pull]),
            np.concatenate([root * wanted, prior / spread]),
        )
        before, weights = weights, np.asarray(solved.coef_, dtype=np.float64)
        shift = _shift(slope * (shares @ weights), answers)
        if np.abs(weights - before).max() < 1e-3:
            break
    total: Floats = weights * (100 / weights.sum())
    return total


def _shift(logit: Floats, answers: Floats) -> float:
    """Return the intercept at which as many are accepted as were."""
    low, high = -40.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        chance = 1 / (1 + np.exp(-np.clip(logit + middle, -40, 40)))
        low, high = (middle, high) if chance.sum() < answers.sum() else (low, middle)
    return (low + high) / 2


def _rounded(weights: Floats) -> list[float]:
    """Round to tenths that sum to 100: the largest remainders go up."""
    tenths = weights * 10
    floors = np.floor(tenths).astype(int)
    for at in np.argsort(floors - tenths, kind="stable")[: 1000 - int(floors.sum())]:
        floors[at] += 1
    return [float(value) / 10 for value in floors]
