import pytest

from corpus.documents import Block, BlockKind, PieceType, Segment
from corpus.findings import Stage, Status
from nlp import stages


def block(text: str, kind: BlockKind = BlockKind.PARAGRAPH, path: tuple[str, ...] = ()) -> Block:
    return Block(kind, text, (Segment(0, len(text), 1, 0),), path=path)


def status(made: Block, label: str, stage: Stage, piece: PieceType) -> Status:
    return stages.status(made, made.text, 0, len(made.text), label, stage, piece)[0]


@pytest.mark.parametrize(
    ("text", "scored"),
    [
        ("Groupage des livraisons par bassin : 5 %", True),
        ("Qualité écologique des assises, vingt pour cent de la note", True),
        ("Cinq points vont à la motorisation silencieuse des engins.", True),
        ("Sobriété du système de suivi (sur 4)", True),
        ("Le papier est recyclé à 50 %.", False),
        ("Le plan de sobriété du site, en dix points, est joint.", False),
    ],
)
def test_a_weight_makes_a_criterion(text: str, scored: bool) -> None:
    assert stages.criterion(block(text), text, PieceType.RC) is scored


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Volet vert : 10 points", Status.SCORED),
        ("Volet vert", Status.MENTION),
    ],
)
def test_a_heading_binds_by_its_weight_only(text: str, expected: Status) -> None:
    made = block(text, BlockKind.HEADING, ("Analyse des offres",))
    assert status(made, "env.general", Stage.AWARD_CRITERION, PieceType.RC) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Aucun des lots n'est réservé, ni au titre des SIAE, ni des ESAT.", Status.EXCLUDED),
        ("The contract is not reserved to sheltered workshops.", Status.EXCLUDED),
        ("Aucun lot n'est réservé, sauf le lot 2, réservé aux ESAT.", Status.BINDING),
        ("Le lot 2 est réservé aux ESAT.", Status.BINDING),
    ],
)
def test_nothing_is_reserved(text: str, expected: Status) -> None:
    made = block(text)
    words = text.index("ESAT") if "ESAT" in text and expected is Status.BINDING else 0
    end = words + 4 if words else len(text)
    found = stages.status(
        made, text, words, end, "reserved.disability", Stage.SELECTION, PieceType.RC
    )
    assert found[0] is expected


@pytest.mark.parametrize(
    ("piece", "expected"),
    [(PieceType.RC, Status.BINDING), (PieceType.ANNEX, Status.MENTION)],
)
def test_rules_of_the_call_bind_where_annexes_describe(piece: PieceType, expected: Status) -> None:
    made = block("Papier certifié, peinture sous écolabel.")
    assert status(made, "env.ecolabel", Stage.SPECIFICATION, piece) is expected
