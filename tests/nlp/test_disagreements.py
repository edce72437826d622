from collections.abc import Mapping

import pytest

from corpus.documents import PieceType
from corpus.findings import Disagreement
from nlp.criteria import stated_criteria
from nlp.disagreements import disagreements
from nlp.dossier import Told, told
from nlp.levers import levers
from nlp.lots import stated_lots
from nlp.procedure import procedure
from nlp.quantities import facts_of
from nlp.reading import read_piece
from nlp.tagger import findings, read_told

TITLES = {
    "notice": "AVIS D'APPEL PUBLIC À LA CONCURRENCE",
    "rc": "RÈGLEMENT DE LA CONSULTATION",
    "ccap": "CAHIER DES CLAUSES ADMINISTRATIVES PARTICULIÈRES",
}


def dossier(**pieces: str) -> tuple[Told, ...]:
    """Return pieces written as paragraphs, by the name of their role."""
    read = []
    for name, text in pieces.items():
        title = TITLES[name]
        body = "".join(
            f"<h2>{line[2:]}</h2>" if line.startswith("# ") else f"<p>{line}</p>"
            for line in text.strip().splitlines()
        )
        html = f"<h1>{title}</h1>{body}".encode()
        read.append(told(read_piece(f"{name}.html", html, id=name, max_pages=50)))
    assert [one.piece.type for one in read] == [
        {"notice": PieceType.NOTICE, "rc": PieceType.RC, "ccap": PieceType.CCAP}[n] for n in pieces
    ]
    return tuple(read)


def apart(**pieces: str) -> Mapping[str, Disagreement]:
    said = dossier(**pieces)
    found = tuple(f for one in said for f in findings(one.piece, read_told(one)))
    facts = (*procedure(said), *levers(said), *facts_of(said, found))
    stated = disagreements(said, found, facts, stated_criteria(said), stated_lots(said, found))
    return {one.kind: one for one in stated}


CRITERIA = """
# Article 6 - Jugement des offres
Les offres sont jugées selon les critères pondérés suivants : {}
"""
HOURS = """
# Article 9 - Clause sociale d'insertion
Le titulaire réserve {} heures à des personnes éloignées de l'emploi sur la durée du marché.
"""


def test_weights_that_differ_carry_both_quotes() -> None:
    found = apart(
        notice=CRITERIA.format("prix 60 %, valeur technique 40 %."),
        rc=CRITERIA.format("prix 50 %, valeur technique 50 %."),
    )
    one = found["weights"]
    assert (one.first.piece, one.second.piece) == ("notice", "rc")
    assert "60 %" in one.first.quote
    assert "50 %" in one.second.quote


def test_the_same_weights_in_another_unit_agree() -> None:
    assert not apart(
        notice=CRITERIA.format("prix 60 %, valeur technique 40 %."),
        rc=CRITERIA.format("prix : 60 points, valeur technique : 40 points, sur 100 points."),
    )


def test_weights_that_do_not_sum_are_told() -> None:
    one = apart(rc=CRITERIA.format("prix 50 %, valeur technique 30 %, délai 15 %."))["sum"]
    assert one.values == ("95", "100")


def test_hours_that_differ() -> None:
    one = apart(rc=HOURS.format("500"), ccap=HOURS.format("cinq cent cinquante"))["hours"]
    assert set(one.values) == {"500", "550"}
    assert not apart(rc=HOURS.format("500"), ccap=HOURS.format("cinq cents"))


@pytest.mark.parametrize(
    ("rc", "ccap", "differs"),
    [
        ("Le marché dure 24 mois.", "Le marché est conclu pour une durée de deux ans.", False),
        (
            "Le marché est conclu pour une durée de 36 mois.",
            "La durée du marché est de 4 ans.",
            True,
        ),
    ],
)
def test_durations(rc: str, ccap: str, differs: bool) -> None:
    assert ("duration" in apart(rc=rc, ccap=ccap)) is differs


def test_variants_and_payment() -> None:
    found = apart(
        notice="Les variantes sont autorisées. Le délai de paiement est de 30 jours.",
        rc="Les variantes sont interdites. Le délai global de paiement est de 45 jours.",
    )
    assert set(found) == {"variants", "payment"}


LOTS = """
# Article 1 - Objet et lots
Le marché est décomposé en deux lots.
Lot 1 : entretien des voiries.
Lot 2 : blanchisserie des tenues.
"""
RESERVED = "Le lot 2 est réservé aux entreprises adaptées en application de l'article L. 2113-12."


def test_a_lot_reserved_in_the_rules_alone() -> None:
    one = apart(notice=LOTS, rc=LOTS + RESERVED)["reserved"]
    assert one.lots == ("2",)
    assert one.values == ("non réservé", "réservé")
    assert not apart(notice=LOTS + RESERVED, rc=LOTS + RESERVED)
    assert not apart(rc=LOTS + RESERVED, ccap=LOTS)  # a contract piece need not repeat it


def test_another_number_of_lots() -> None:
    one = apart(notice="Le marché est divisé en trois lots.", rc=LOTS)["lots"]
    assert one.values == ("3 lots", "2 lots")


def test_a_social_clause_denied_elsewhere() -> None:
    found = apart(rc="Clauses sociales : sans", ccap=HOURS.format("500"))
    assert found["social_clause"].values == ("avec", "sans")
    elsewhere = apart(
        rc=LOTS + "Lot 1 : clause d'insertion sans objet.",
        ccap=LOTS + HOURS.format("500").replace("Le titulaire", "Le titulaire du lot 2"),
    )
    assert "social_clause" not in elsewhere


def test_silence_disagrees_with_nobody() -> None:
    assert not apart(rc="Le délai de paiement est de 30 jours.", ccap="Le titulaire est payé.")
