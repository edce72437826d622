"""Measures: precision, recall and F1 with their intervals, calibration, agreement. Numbers only."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import chi2
from sklearn.metrics import cohen_kappa_score

from models.outcomes import FALSE, FOUND, TRUE, WANTED

DRAWS = 1000
_LEAST_DOCUMENTS = 2  # one document drawn again and again has no interval

Table = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Bin:
    """Claims of like confidence: how many, how sure on average, and the share that is right."""

    low: float
    high: float
    claims: int
    confidence: float
    right: float


def scores(counts: Table) -> Table:
    """Return precision, recall and F1, shape (..., 3), of counts of shape (..., 4).

    Precision is nan where nothing is claimed, recall and F1 where nothing is wanted.
    """
    true, false, found, wanted = (counts[..., at] for at in (TRUE, FALSE, FOUND, WANTED))
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = true / (true + false)
        recall = found / wanted
        f1 = 2 * precision * recall / (precision + recall)
    f1 = np.where(wanted > 0, np.nan_to_num(f1), np.nan)
    return np.stack([precision, recall, f1], axis=-1)


def macro(counts: Table) -> Table:
    """Return the mean precision, recall and F1 over labels, (..., 3) of counts (..., L, 4).

    Labels of which nothing is wanted are left out; one that is never claimed has precision 0.
    """
    one = np.nan_to_num(scores(counts))
    wanted = counts[..., WANTED] > 0
    with np.errstate(invalid="ignore"):
        return np.asarray((one * wanted[..., None]).sum(axis=-2) / wanted.sum(axis=-1)[..., None])


def interval(
    counts: Table, statistic: Callable[[Table], Table], *, draws: int = DRAWS, seed: int = 0
) -> Table:
    """Return the 95 % bootstrap interval of a statistic, shape (2, ...): documents drawn again.

    ``counts`` has one row a document; ``statistic`` takes their sum. nan for a single document.
    """
    documents = len(counts)
    total = statistic(counts.sum(axis=0))
    if documents < _LEAST_DOCUMENTS:
        return np.full((2, *total.shape), np.nan)
    random = np.random.default_rng(seed)
    times = random.multinomial(documents, np.full(documents, 1 / documents), size=draws)
    values = statistic(np.tensordot(times, counts, axes=1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a label that no draw holds stays nan
        return np.asarray(np.nanpercentile(values, (2.5, 97.5), axis=0))


def reliability(confidence: Sequence[float], right: Sequence[bool], bins: int = 5) -> list[Bin]:
    """Return the claims by equal steps of confidence, lowest first; empty bins hold nan."""
    sure, good = np.asarray(confidence, float), np.asarray(right, float)
    where = np.clip((sure * bins).astype(int), 0, bins - 1)
    found = []
    for at in range(bins):
        own = where == at
        mean = [float(v[own].mean()) if own.any() else float("nan") for v in (sure, good)]
        found.append(Bin(at / bins, (at + 1) / bins, int(own.sum()), *mean))
    return found


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: the mean gap of confidence and share right."""
    total = sum(one.claims for one in bins)
    if not total:
        return float("nan")
    return sum(o.claims * abs(o.confidence - o.right) for o in bins if o.claims) / total


def precision_at(
    recall: float, confidence: Sequence[float], right: Sequence[bool], best: Sequence[float]
) -> tuple[float, float]:
    """Return precision and confidence where the surest claims reach ``recall``; nan when never.

    ``best`` holds for each wanted label the confidence of its surest claim, -inf for none.
    """
    sure, good, reached = np.asarray(confidence), np.asarray(right, bool), np.asarray(best)
    for threshold in sorted({*confidence}, reverse=True):
        if reached.size and np.mean(reached >= threshold) >= recall:
            return float(good[sure >= threshold].mean()), float(threshold)
    return float("nan"), float("nan")


def kappa(first: Sequence[bool], second: Sequence[bool]) -> float:
    """Return Cohen's kappa of two readers; nan when neither ever differs from a constant."""
    if len({*first, *second}) < 2:
        return float("nan")
    return float(cohen_kappa_score(first, second))


def rate_interval(events: int, per: float) -> tuple[float, float]:
    """Return the exact 95 % interval of a rate of rare events, ``per`` the pages read."""
    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    return float(low / per), float(chi2.ppf(0.975, 2 * events + 2) / 2 / per)


def number(value: float) -> float | None:
    """Return a figure for JSON: four decimals, None for one that does not exist."""
    return None if math.isnan(value) else round(float(value), 4)
