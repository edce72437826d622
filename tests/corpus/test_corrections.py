"""Corrections of findings: what is exported can be learnt from, and nothing else is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.corrections import (
    Correction,
    CorrectionError,
    Verdict,
    as_examples,
    correct,
    read_corrections,
    to_line,
)
from corpus.documents import PieceType
from corpus.findings import Finding, Stage, Status

FINDING = Finding(
    id="p1-0001",
    piece="p1",
    page=4,
    boxes=(),
    quote="Le titulaire trie ses déchets de chantier.",
    article="10 Environnement › 10.2 Déchets",
    lots=(),
    labels=("env.waste",),
    stage=Stage.EXECUTION,
    status=Status.BINDING,
    values={},
    confidence=0.9,
    found_by=("env.waste/manage",),
)


def said(verdict: Verdict, **given: object) -> Correction:
    return correct(
        FINDING, verdict, document="a" * 64, piece=PieceType.CCAP, made="2026-11-24", **given
    )  # type: ignore[arg-type]


CONFIRMED = said(Verdict.CONFIRM)
REJECTED = said(Verdict.REJECT)
RELABELLED = said(
    Verdict.RELABEL,
    given=("env.management", "env.waste"),
    stage=Stage.EXECUTION,
    status=Status.ENCOURAGED,
)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    everything = (CONFIRMED, REJECTED, RELABELLED)
    path.write_text("\n".join(map(to_line, everything)) + "\n", encoding="utf-8")
    assert read_corrections(path) == everything


def test_they_become_passages_and_the_last_word_counts() -> None:
    (example,) = as_examples((CONFIRMED, RELABELLED))
    assert example.labels == ("env.management", "env.waste")
    assert example.status == Status.ENCOURAGED
    assert example.path == ("10 Environnement", "10.2 Déchets")
    (negative,) = as_examples((RELABELLED, REJECTED))
    assert (negative.labels, negative.stage) == ((), None)
    assert len(as_examples((CONFIRMED, replace(REJECTED, page=5)))) == 2


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (replace(CONFIRMED, labels=("env.no",)), "no such label"),
        (replace(REJECTED, labels=("env.waste",)), "a rejection has no labels"),
        (replace(CONFIRMED, labels=()), "a rejection has no labels"),
        (replace(CONFIRMED, status=None), "labels, stage and status go together"),
        (replace(CONFIRMED, quote=" "), "no passage"),
    ],
)
def test_a_broken_correction_is_named(tmp_path: Path, wrong: Correction, fault: str) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(f"{to_line(CONFIRMED)}\n\n{to_line(wrong)}\n", encoding="utf-8")
    with pytest.raises(CorrectionError, match=f"c.jsonl:3: {fault}"):
        read_corrections(path)
