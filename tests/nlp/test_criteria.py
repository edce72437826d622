"""Award criteria: trees a lot, shares, and documents that hold numbers of other kinds."""

from __future__ import annotations

import pytest

from corpus.findings import Criterion
from nlp.criteria import award_criteria, stated_criteria, totals
from nlp.dossier import Told, told
from nlp.reading import read_piece
from nlp.weights import named, number, weights


def piece(name: str, html: str, id_: str = "p1") -> Told:
    return told(read_piece(name, html.encode(), id=id_, max_pages=20))


def rc(body: str, id_: str = "p1") -> Told:
    title = "<h1>RÈGLEMENT DE LA CONSULTATION</h1><h2>Article 1 - Objet</h2><p>Nettoyage.</p>"
    end = "<h2>Article 5 - Remise des plis</h2><p>Caution de 30 % ; avance de 70 %.</p>"
    return piece("rc.html", f"{title}<h2>Article 4 - Jugement des offres</h2>{body}{end}", id_)


def shape(criteria: tuple[Criterion, ...]) -> list[tuple[str, float | None, float | None]]:
    return [(("- " if c.parent else "") + c.name, c.weight, c.share) for c in criteria]


@pytest.mark.parametrize(
    ("text", "value"),
    [("quarante", 40), ("quatre-vingt-dix-neuf", 99), ("soixante et onze", 71), ("0,4", 0.4)],
)
def test_numbers_in_words(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Prix : 40 %", [("Prix", 40, "percent")]),
        ("le prix compte pour moitié", [("prix", 50, "percent")]),
        ("Délai (coefficient 3)", [("Délai", 3, "coefficient")]),
        ("◦ Soin du tri : 15 points", [("Soin du tri", 15, "points")]),
        ("Prix noté sur 20, pondération 60 %", [("Prix", 60, "percent")]),
        ("Nom : Équipe / Pondération : 30", [("Équipe", 30, "")]),
        (
            "60 % pour le prix et 40 % pour la méthode",
            [("prix", 60, "percent"), ("méthode", 40, "percent")],
        ),
        (
            "Douze points récompensent le soin ; le tarif est noté sur 8 points.",
            [("soin", 12, "points"), ("tarif", 8, "points")],
        ),
        ("une note inférieure à 12 points", []),
        ("une avance de 20 % du montant", []),
    ],
)
def test_names_and_weights(text: str, expected: list[tuple[str, float, str]]) -> None:
    _, found = named(text)
    assert [(n.name, n.weight.value, n.weight.unit) for n in found if n.weight] == expected


def test_a_weight_of_the_parent_says_so() -> None:
    (weight,) = weights("les outils (25 % de la note du critère)")
    assert (weight.value, weight.of) == (25, "parent")


def test_parts_of_the_parent_and_of_the_total() -> None:
    found = award_criteria(
        [
            rc(
                "<ul><li>Prix : 40 points</li><li>Valeur technique : 60 points, soit<ul>"
                "<li>équipe : 35 points</li><li>tri des déchets : 25 points</li></ul></li></ul>"
            )
        ]
    )
    assert shape(found) == [
        ("Prix", 40, 40), ("Valeur technique", 60, 60), ("- équipe", 35, 35),
        ("- tri des déchets", 25, 25),
    ]  # fmt: skip
    assert [c.of for c in found] == ["total"] * 4
    assert [c.theme for c in found] == ["price", "quality", "quality", "environmental"]

    of_parent = award_criteria(
        [
            rc(
                "<table class='ruled'><tr><th>Critère</th><th>Pondération</th></tr>"
                "<tr><td>Prix</td><td>60 %</td></tr><tr><td>Valeur technique</td><td>40 %</td></tr>"
                "</table><p>La valeur technique se décompose en sous-critères : moyens (70 %), "
                "insertion de publics éloignés (30 %).</p>"
            )
        ]
    )
    assert shape(of_parent)[2:] == [
        ("- moyens", 70, 28),
        ("- insertion de publics éloignés", 30, 12),
    ]
    assert of_parent[3].of == "parent"
    assert of_parent[3].theme == "social"
    assert of_parent[3].parent == of_parent[1].id


def test_lots_in_columns() -> None:
    found = award_criteria(
        [
            rc(
                "<table class='ruled'><tr><th>Critères</th><th>Lot 1</th><th>Lots 2 et 3</th></tr>"
                "<tr><td>Prix</td><td>70 %</td><td>55 %</td></tr>"
                "<tr><td>Qualité</td><td>30 %</td><td>35 %</td></tr>"
                "<tr><td>Projet d'insertion</td><td>–</td><td>10 %</td></tr>"
                "<tr><td>Total</td><td>100 %</td><td>100 %</td></tr></table>"
            )
        ]
    )
    assert [(c.lots, c.name, c.weight) for c in found] == [
        (("1",), "Prix", 70), (("1",), "Qualité", 30), (("2", "3"), "Prix", 55),
        (("2", "3"), "Qualité", 35), (("2", "3"), "Projet d'insertion", 10),
    ]  # fmt: skip
    assert not totals(found)


def test_lots_in_sentences() -> None:
    found = award_criteria(
        [
            rc(
                "<p>Pour le lot 1, le prix compte pour trente pour cent et la méthode pour "
                "soixante-dix pour cent.</p><p>Pour le lot 2, le prix compte pour moitié et la "
                "qualité des plants pour moitié.</p>"
            )
        ]
    )
    assert [(c.lots, c.weight) for c in found] == [
        (("1",), 30), (("1",), 70), (("2",), 50), (("2",), 50)
    ]  # fmt: skip


def test_a_summary_and_its_details_are_not_doubled() -> None:
    found = award_criteria(
        [
            rc(
                "<table class='ruled'><tr><th>Critère</th><th>Pondération</th></tr>"
                "<tr><td>Prix</td><td>45 %</td></tr><tr><td>Valeur technique</td><td>55 %</td></tr>"
                "</table><p>Prix : 45 %</p><p>Valeur technique : 55 %</p>"
                "<ul><li>chantier : 30 %</li><li>équipe : 25 %</li></ul>"
            )
        ]
    )
    assert shape(found) == [
        ("Prix", 45, 45), ("Valeur technique", 55, 55), ("- chantier", 30, 30), ("- équipe", 25, 25)
    ]  # fmt: skip


def test_sums_that_miss_their_base() -> None:
    percent = award_criteria([rc("<ul><li>Prix : 50 %</li><li>Qualité : 45 %</li></ul>")])
    assert totals(percent) == (((), 95.0, 100.0),)
    points = award_criteria(
        [
            rc(
                "<p>La note totale est sur 20 points :</p>"
                "<ul><li>Prix : 12 points</li><li>Méthode : 9 points</li></ul>"
            )
        ]
    )
    assert totals(points) == (((), 21.0, 20.0),)
    assert [c.share for c in points] == [60, 45]
    free = award_criteria(
        [rc("<ul><li>Prix : coefficient 4</li><li>Méthode : coefficient 3</li></ul>")]
    )
    assert [c.share for c in free] == [57.14, 42.86]
    assert not totals(free)


def test_order_and_single_criterion() -> None:
    order = award_criteria(
        [
            rc(
                "<p>Les critères, par ordre décroissant d'importance, sont :</p>"
                "<ol><li>la finition</li><li>le prix</li><li>le délai</li></ol>"
            )
        ]
    )
    assert [(c.name, c.weight, c.unit, c.share) for c in order] == [
        ("finition", 1, "order", None), ("prix", 2, "order", None), ("délai", 3, "order", None)
    ]  # fmt: skip
    (single,) = award_criteria([rc("<p>Le critère unique est le coût global.</p>")])
    assert (single.share, single.theme, single.unit) == (100, "cost", "none")
    assert not award_criteria([rc("<p>Le prix n'est pas le seul critère d'attribution.</p>")])


def test_what_holds_numbers_and_no_criteria() -> None:
    ccap = piece(
        "ccap.html",
        "<h1>CAHIER DES CLAUSES ADMINISTRATIVES PARTICULIÈRES</h1><h2>1. Prix</h2>"
        "<p>Avance de 30 %, retenue de garantie de 5 %. Le solde est de 65 %.</p>"
        "<h2>2. Contrôle de la qualité</h2><p>La note est répartie en :</p>"
        "<ul><li>propreté : 60 points</li><li>prix des pièces : 40 points</li></ul>"
        "<h2>3. Marchés subséquents</h2><p>Critères de jugement des offres des marchés "
        "subséquents :</p><ul><li>prix : 60 %</li><li>délai : 40 %</li></ul>",
    )
    assert not award_criteria([ccap])
    candidates = rc(
        "<h3>Sélection des candidatures</h3><p>Critères de sélection des candidatures :</p>"
        "<ul><li>moyens techniques : 60 %</li><li>chiffre d'affaires et prix : 40 %</li></ul>"
    )
    assert not award_criteria([candidates])


def test_each_piece_states_its_own() -> None:
    notice = piece(
        "avis.html",
        "<h1>AVIS D'APPEL PUBLIC À LA CONCURRENCE</h1><p>Critères d'attribution : prix 50 %, "
        "valeur technique 50 %.</p>",
        "p2",
    )
    dossier = [notice, rc("<ul><li>Prix : 60 %</li><li>Valeur technique : 40 %</li></ul>")]
    found = stated_criteria(dossier)
    assert {p: [c.weight for c in own] for p, own in found.items()} == {
        "p1": [60, 40],
        "p2": [50, 50],
    }
    chosen = award_criteria(dossier)
    assert {c.piece for c in chosen} == {"p1"}
    assert chosen[0].quote == "Prix : 60 %"


def test_the_title_of_a_table_names_its_lots() -> None:
    table = (
        "<table class='ruled'><tr><th>Critères – lot n° {}</th><th>Pondération</th></tr>"
        "<tr><td>Prix</td><td>{} %</td></tr><tr><td>Méthode</td><td>{} %</td></tr></table>"
    )
    body = table.format(1, 70, 30) + "<p>Ou bien :</p>" + table.format(2, 55, 45)
    found = award_criteria([rc(body)])
    assert [(c.lots, c.weight) for c in found] == [
        (("1",), 70), (("1",), 30), (("2",), 55), (("2",), 45)
    ]  # fmt: skip


def test_lots_out_of_a_hundred_and_a_heading_in_plain_words() -> None:
    body = (
        "<h2>VI. Comment sont choisis les fournisseurs</h2>"
        "<p>Lot 1, sur 100 : prix, 70 points ; qualité, 30 points.</p>"
        "<p>Lots 2 et 3, sur 100 :</p><ul><li>les prix valent 45 points ;</li>"
        "<li>les délais valent 55 points.</li></ul>"
    )
    found = award_criteria([piece("rc.html", f"<h1>RÈGLEMENT DE LA CONSULTATION</h1>{body}")])
    assert [(c.name.lower(), c.share, c.lots) for c in found] == [
        ("prix", 70, ("1",)),
        ("qualité", 30, ("1",)),
        ("prix", 45, ("2", "3")),
        ("délais", 55, ("2", "3")),
    ]


def test_criteria_ranked_in_a_sentence() -> None:
    body = (
        "<p>Les critères, non pondérés, sont rangés du plus important au moins important :</p>"
        "<p>premièrement, le prix ; deuxièmement, la qualité des tissus ; troisièmement, le"
        " délai de livraison.</p>"
    )
    found = award_criteria([rc(body)])
    assert [(c.name, c.weight, c.unit) for c in found] == [
        ("prix", 1, "order"),
        ("qualité des tissus", 2, "order"),
        ("délai de livraison", 3, "order"),
    ]


def test_a_single_criterion_is_one_whatever_its_formula_holds() -> None:
    body = (
        "<p>L'attribution repose sur un unique critère : le coût global, calculé sur dix ans."
        " Le taux d'actualisation est de 4 %.</p>"
    )
    (one,) = award_criteria([rc(body)])
    assert (one.theme, one.share) == ("cost", 100)
