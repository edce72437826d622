"""The sample consultation against the truth told in ``service/sample/README.md``."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest

from corpus.findings import Finding, Screening
from service.report.data import screening_json
from service.screening import SAMPLE, SourceFile, sample_files, screen

TRUTH = Path(SAMPLE).parent / "README.md"


class Clause(NamedTuple):
    piece: str
    article: str
    label: str
    status: str
    lots: str
    words: str
    counts: bool


@cache
def screening(*, rules_alone: bool = False) -> Screening:
    """Return what the service answers, or what it would without its classifier."""
    if rules_alone:
        with mock.patch("service.screening.classifier", return_value=None):
            return screen(sample_files())
    return screen(sample_files())


def rows(width: int) -> Iterator[tuple[str, list[str]]]:
    section = ""
    for line in TRUTH.read_text(encoding="utf-8").splitlines():
        if line.startswith("###"):
            section = line.strip("# ")
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == width and cells[0] in ("Avis", "RC", "CCAP", "CCTP", "AE"):
            yield section, cells


def clauses() -> list[Clause]:
    found = []
    for section, (piece, article, _, labels, _, status, lots, _, words) in rows(9):
        counts = section == "Clauses that count"
        for label in re.sub(r"\(.*?\)", "", labels).split(","):
            found.append(Clause(piece, article, label.strip(), status, lots, words, counts))
    return found


def plain(text: str) -> str:
    return re.sub(r"[^\w☐☒%]+", " ", text.lower().replace("’", "'")).strip()


def test_without_a_classifier_the_rules_read_and_it_is_said() -> None:
    alone, both = screening(rules_alone=True), screening()
    assert (alone.model, both.model.partition("-")[0]) == ("", "clauses")
    assert "no-classifier" in {w.code for w in alone.warnings}
    assert "no-classifier" not in {w.code for w in both.warnings}
    assert not [f for f in alone.findings if any("classifier" in by for by in f.found_by)]


def of_piece(piece: str, *, rules_alone: bool = False) -> list[Finding]:
    answer = screening(rules_alone=rules_alone)
    ids = {p.id for p in answer.pieces if p.name.startswith(piece)}
    return [f for f in answer.findings if f.piece in ids]


def saying(piece: str, words: str, *, rules_alone: bool = False) -> list[Finding]:
    wanted = plain(words)
    return [
        f
        for f in of_piece(piece, rules_alone=rules_alone)
        if wanted in (q := plain(f.quote)) or q in wanted
    ]


# Clauses that need a table's other column, an article read elsewhere, or a wording no rule knows.
NOT_YET = {
    line.strip()
    for line in (Path(__file__).parents[1] / "examples" / "sample_misses.txt")
    .read_text(encoding="utf-8")
    .splitlines()
    if line and not line.startswith("#")
}


def key(clause: Clause) -> str:
    return f"{clause.piece} {clause.article} {clause.label}: {clause.words}"


@pytest.mark.parametrize("clause", [c for c in clauses() if c.counts], ids=key)
def test_clauses_that_count_are_found(clause: Clause) -> None:
    by_rules, by_both = (
        [
            f
            for f in saying(clause.piece, clause.words, rules_alone=alone)
            if clause.label in f.labels and f.status.value == clause.status
        ]
        for alone in (True, False)
    )
    assert bool(by_rules) is (key(clause) not in NOT_YET)
    assert by_both or not by_rules  # the classifier may find more, and loses none


@pytest.mark.parametrize("clause", [c for c in clauses() if not c.counts], ids=key)
def test_mentions_and_denials_do_not_count(clause: Clause) -> None:
    # One passage may hold both: compulsory for one lot, free for the others.
    same = (clause.piece, clause.label)
    counted = [plain(c.words) for c in clauses() if c.counts and (c.piece, c.label) == same]
    found = [
        f
        for f in saying(clause.piece, clause.words)
        if not any(words in plain(f.quote) for words in counted)
    ]
    assert not [f for f in found if clause.label in f.labels and f.status.in_force]


@pytest.mark.parametrize("row", [cells for _, cells in rows(5)], ids=lambda r: f"{r[0]} {r[4]}")
def test_traps_are_silent(row: list[str]) -> None:
    piece, _, _, trap, words = row
    named = set(re.findall(r"\b(?:reserved|social|env|access|barrier)\.[\w*]+", trap))
    families = {name.partition(".")[0] for name in named if name.endswith("*")}
    for finding in of_piece(piece):
        if finding.status.in_force and plain(words) in plain(finding.quote):
            for label in finding.labels:
                assert label not in named
                assert label.partition(".")[0] not in families


def test_only_lot_2_is_reserved() -> None:
    lots = {lot.number: lot.reserved for lot in screening().lots}
    assert lots == {"1": (), "2": ("reserved.integration",), "3": ()}
    amounts = [lot.amount_eur for lot in screening().lots]
    assert amounts == [180_000, 90_000, 240_000]


def test_award_criteria_a_lot() -> None:
    tops = [c for c in screening().criteria if c.parent is None]
    by_lot = {
        lots: [(c.theme, c.share) for c in tops if c.lots == lots]
        for lots in {c.lots for c in tops}
    }
    common = [("price", 45.0), ("quality", 35.0), ("environmental", 20.0)]
    assert by_lot[("1", "2")] == common
    assert by_lot[("3",)] == [
        ("price", 40.0),
        ("quality", 30.0),
        ("environmental", 15.0),
        ("social", 15.0),
    ]
    parents = {c.id for c in tops}
    assert all(c.parent in parents for c in screening().criteria if c.parent)


def test_every_finding_leads_back_to_its_place() -> None:
    pieces = {p.id: p for p in screening().pieces}
    for finding in screening().findings:
        assert finding.boxes
        assert finding.boxes[0].page == finding.page <= pieces[finding.piece].pages
        for box in finding.boxes:
            assert 0 <= box.x0 < box.x1 <= 596
            assert 0 <= box.y0 < box.y1 <= 843


def test_the_same_files_in_any_order_give_the_same_bytes() -> None:
    files = sample_files()
    turned = [SourceFile(f.name, f.data) for f in reversed(files)]
    assert screening_json(screen(turned)) == screening_json(screening())


def test_contributions_sum_and_point_at_findings() -> None:
    ids = {f.id for f in screening().findings}
    for score in screening().scores:
        assert round(sum(c.points for c in score.contributions), 1) == score.score
        assert all(id_ in ids for c in score.contributions for id_ in c.findings)
