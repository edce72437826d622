from dataclasses import replace

import pytest

from corpus.documents import CELL_MARK, Block, BlockKind
from nlp import qualifiers
from nlp.qualifiers import column_state


def at(text: str, words: str) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


@pytest.mark.parametrize(
    ("text", "words", "denied"),
    [
        ("Le marché ne comporte pas de clause sociale.", "clause sociale", True),
        ("Aucune clause sociale n'est prévue.", "clause sociale", True),
        ("Le marché n'est pas réservé mais comporte une clause sociale.", "clause sociale", False),
        ("Le marché n'est pas réservé mais comporte une clause sociale.", "réservé", True),
        ("La clause sociale ne s'applique pas au lot 2.", "clause sociale", True),
        ("Pénalité en cas de non-respect de la clause sociale.", "clause sociale", False),
        ("Si les heures d'insertion ne sont pas réalisées, 50 € par heure.", "heures", False),
        ("Le titulaire ne peut réduire ce volume que sur accord.", "volume", False),
        ("Lot 2 : pas d'heures d'insertion.", "heures", True),
        (
            "Les pièces ne prévoient pas que l'entreprise conduise, pendant toute la durée de ses "
            "travaux et pour chacun des lots qu'elle aura obtenus, une action d'insertion.",
            "action d'insertion",
            True,
        ),
    ],
)
def test_negation_stays_in_its_clause(text: str, words: str, denied: bool) -> None:
    assert qualifiers.negated(text, *at(text, words)) is denied


@pytest.mark.parametrize(
    ("text", "words", "empty"),
    [
        ("Clause sociale : sans objet", "Clause sociale", True),
        ("Clauses sociales Sans", "Clauses sociales", True),
        ("Clause d'insertion | Néant", "Clause d'insertion", True),
        ("Sans objet : réservation L. 2113-12", "réservation", True),
        ("Critère environnemental : non retenu", "Critère environnemental", True),
        ("Label Diversité : pas exigé", "Label Diversité", True),
        ("Critère environnemental : retenu", "Critère environnemental", False),
        ("Clause sociale : 300 heures", "Clause sociale", False),
        ("Clause sociale sans délai", "Clause sociale", False),
    ],
)
def test_without_object(text: str, words: str, empty: bool) -> None:
    assert qualifiers.without_object(text, *at(text, words)) is empty


@pytest.mark.parametrize(
    ("text", "words", "state"),
    [
        ("☐ Oui ☒ Non - heures d'insertion", "heures", False),
        ("☒ Oui ☐ Non - heures d'insertion", "heures", True),
        ("☐ réservé aux ESAT ☒ réservé aux SIAE", "SIAE", True),
        ("☐ réservé aux ESAT ☒ réservé aux SIAE", "ESAT", False),
        ("Critère environnemental : ☒ néant", "environnemental", False),
        ("Considérations ☒ sociales ☐ néant", "sociales", True),
        ("[x] Marché réservé", "réservé", True),
        ("[ ] Marché réservé", "réservé", False),
        ("Marché réservé", "réservé", None),
    ],
)
def test_boxes_govern_their_option(text: str, words: str, state: bool | None) -> None:
    assert qualifiers.box_state(text, *at(text, words)) is state


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        (("Accueil de personnes en insertion", "", "X"), False),
        (("Tri des déchets", "☒"), True),
        (("Tri des déchets", "☒", "☐"), True),
        (("Tri des déchets",), None),
        (("Tri des déchets", "☐", "☐"), None),
        (("Tri des déchets", "x", "x"), None),
        (("Tri des déchets", "", "", "X"), None),
    ],
)
def test_a_row_answers_in_its_columns(cells: tuple[str, ...], state: bool | None) -> None:
    text, spans = "", []
    for cell in cells:
        text += CELL_MARK if text else ""
        spans.append((len(text), len(text) + len(cell)))
        text += cell
    lead = CELL_MARK.join(("Engagement", "Oui", "Non"))
    row = Block(BlockKind.ROW, text, (), lead=lead, cells=tuple(spans))
    assert column_state(row) is state
    assert column_state(replace(row, lead=CELL_MARK.join(("Poste", "Prix", "Unité")))) is None
