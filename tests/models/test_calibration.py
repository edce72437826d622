from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from corpus.findings import Contribution, Score
from models.calibration import LEAST, CalibrationError, Decision, TooFewDecisions, fit, write
from models.scorer import DIMENSIONS, overridden, rubric

PRIOR = rubric()["profile"]["sme"]["weights"]


def scored(shares: dict[str, float], gates: tuple[str, ...] = ()) -> Score:
    lines = tuple(
        Contribution(d, round(PRIOR[d] * shares[d], 1), float(PRIOR[d]), "fr", "en")
        for d in DIMENSIONS
    )
    total = round(sum(line.points for line in lines), 1)
    return Score("1", "sme", total, "good", 1.0, 0.0, lines, gates)


def team(count: int, wants: str, seed: int = 3) -> list[Decision]:
    """A team that looks at one dimension, and a little at the total."""
    random = np.random.default_rng(seed)
    decisions = []
    for _ in range(count):
        shares = dict(zip(DIMENSIONS, random.uniform(0, 1, len(DIMENSIONS)), strict=True))
        one = scored(shares)
        chance = 1 / (1 + np.exp(-(8 * (shares[wants] - 0.5) + (one.score - 50) / 20)))
        decisions.append(Decision(one, bool(random.uniform() < chance)))
    return decisions


def test_weights_move_to_what_the_team_wants() -> None:
    fitted = fit(team(300, "D7"), "sme")
    assert fitted.weights["D7"] > fitted.prior["D7"] + 5
    assert fitted.fitted_auc > fitted.prior_auc
    assert round(sum(fitted.weights.values()), 6) == 100
    assert min(fitted.weights.values()) >= 0
    assert (fitted.given, fitted.used) == (300, 300)


def test_few_decisions_move_less_than_many() -> None:
    few, many = fit(team(80, "D7"), "sme"), fit(team(600, "D7"), "sme")
    assert PRIOR["D7"] < few.weights["D7"] < many.weights["D7"]
    tight = fit(team(300, "D7"), "sme", spread=0.1)
    assert all(abs(tight.weights[d] - PRIOR[d]) < 0.5 for d in DIMENSIONS)


def test_an_unwanted_dimension_falls_to_no_less_than_nothing() -> None:
    random = np.random.default_rng(5)
    decisions = []
    for _ in range(500):
        shares = dict(zip(DIMENSIONS, random.uniform(0, 1, len(DIMENSIONS)), strict=True))
        wanted = shares["D4"] + shares["D5"] - 2 * shares["D3"] + 0.6 * random.normal()
        decisions.append(Decision(scored(shares), bool(wanted > 0)))
    fitted = fit(decisions, "sme", spread=20.0)
    assert fitted.weights["D3"] == 0


def test_the_same_decisions_give_the_same_weights() -> None:
    assert fit(team(100, "D5"), "sme") == fit(team(100, "D5"), "sme")


def test_too_few_are_refused_with_how_many() -> None:
    with pytest.raises(TooFewDecisions, match=f"{LEAST - 10} more needed of {LEAST} decisions"):
        fit(team(10, "D7"), "sme")
    glad = [replace(d, accepted=True) for d in team(100, "D7")]
    with pytest.raises(TooFewDecisions, match="15 more needed of 15 declined"):
        fit(glad, "sme")


def test_lots_closed_by_a_gate_do_not_count() -> None:
    decisions = team(100, "D7")
    closed = [
        Decision(replace(d.score, gates=("reserved-for-others",)), False) for d in decisions[:50]
    ]
    fitted = fit([*decisions, *closed], "sme")
    assert (fitted.given, fitted.used) == (150, 100)
    assert fitted.weights == fit(decisions, "sme").weights


def test_decisions_against_the_score_are_refused() -> None:
    turned = [replace(d, accepted=d.score.score < 50) for d in team(200, "D7")]
    with pytest.raises(CalibrationError, match="nothing to refit"):
        fit(turned, "sme")
    with pytest.raises(CalibrationError, match="another profile: sme"):
        fit(team(100, "D7"), "siae")


def test_scoring_reads_what_is_written(tmp_path: Path) -> None:
    fitted = fit(team(200, "D7"), "sme")
    path = tmp_path / "override.toml"
    write(fitted, path, date(2026, 11, 24))
    rules = overridden(path)
    assert rules["profile"]["sme"]["weights"] == fitted.weights
    assert rules["profile"]["siae"] == rubric()["profile"]["siae"]
