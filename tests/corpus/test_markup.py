import pytest

from corpus.documents import PieceType
from corpus.findings import Stage, Status
from corpus.markup import MarkupError, parse_line


def test_a_line_tells_everything_about_its_sentence() -> None:
    example = parse_line(
        "social.integration",
        7,
        "+ encouraged execution CCAP {Clause sociale}: Il est invité à [[recruter]]. ## HN-001",
    )
    assert example.positive
    assert example.in_force
    assert example.text == "Il est invité à recruter."
    assert [example.text[a:b] for a, b in example.marks] == ["recruter"]
    assert (example.status, example.stage) == (Status.ENCOURAGED, Stage.EXECUTION)
    assert (example.piece, example.heading, example.tag) == (
        PieceType.CCAP,
        "Clause sociale",
        "HN-001",
    )


def test_a_mention_is_not_in_force() -> None:
    assert not parse_line("x", 1, "+ mention: La [[clause]] est rappelée.").in_force
    assert not parse_line("x", 1, "- RC: Une [[annonce]].").in_force


@pytest.mark.parametrize(
    "line",
    [
        "+ binding: une phrase sans marque",
        "+ binding: une [[marque ouverte",
        "+ binding: une marque]] fermée",
        "+ binding: [[ ouverte [[ deux fois ]]",
        "+ binding: vide [[]]",
        "+ maybe: une [[marque]]",
        "binding: une [[marque]]",
    ],
)
def test_a_broken_line_is_refused(line: str) -> None:
    with pytest.raises(MarkupError, match="x:3"):
        parse_line("x", 3, line)
