import pytest

from models.ranking import Ranked, auc, precision, report, shifted
from models.scorer import DIMENSIONS, rubric


def test_ties_count_half() -> None:
    assert auc([1, 1, 1, 1], [True, False, True, False]) == 0.5
    assert auc([3, 2, 1], [True, False, False]) == 1
    # One place left for three that tie, of which one is wanted.
    assert precision([9, 5, 5, 5, 1], [True, True, False, False, True], top=2) == pytest.approx(
        2 / 3
    )


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("factor", [0.8, 1.2])
def test_a_shifted_rubric_still_sums_to_100(dimension: str, factor: float) -> None:
    own = shifted("siae", dimension, factor)["profile"]["siae"]["weights"]
    before = rubric()["profile"]["siae"]["weights"]
    assert round(sum(own.values()), 6) == 100
    assert (own[dimension] > before[dimension]) == (factor > 1)
    assert rubric()["profile"]["siae"]["weights"] == before


def test_the_report_names_what_was_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    from corpus.documents import PieceType
    from corpus.findings import Finding, Stage, Status
    from models.call import Call

    pieces = frozenset({PieceType.NOTICE})
    reserving = Finding("p1-1", "p1", 1, (), "", "", (), ("reserved.integration",),
                        Stage.OTHER, Status.BINDING, {}, 0.9, ())  # fmt: skip
    read = [
        Ranked(f"n{n}", Call((reserving,) if n == 0 else (), (), (), pieces),
               ("code",) if n == 0 else (), False, n % 2)
        for n in range(25)
    ]  # fmt: skip
    lines = list(report(read))
    assert lines[0] == "25 notices, 1 reserved, 1 reserved or integration"
    assert any(line.startswith("siae ") and "AUC 1.000 P@20 0.05" in line for line in lines)
    assert any("   1  75.0 wanted n0" in line for line in lines)
