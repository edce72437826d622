"""Numbers tied to their clause, in sentences, rows and lots of a made-up contract."""

from collections.abc import Sequence

import pytest

from corpus.findings import Fact
from nlp.dossier import told
from nlp.quantities import facts_of, quantities
from nlp.reading import read_piece
from nlp.tagger import findings, read_told

INSERTION = "<h2>Article 9 - Clause sociale d'insertion</h2>"
PENALTIES = "<h2>Article 12 - Pénalités</h2>"


def facts(*bodies: str, name: str = "ccap.html") -> Sequence[Fact]:
    pieces = []
    for number, body in enumerate(bodies, 1):
        page = f"<h1>CAHIER DES CLAUSES ADMINISTRATIVES PARTICULIÈRES</h1>{body}"
        pieces.append(told(read_piece(name, page.encode(), id=f"p{number}", max_pages=20)))
    return facts_of(pieces, [f for t in pieces for f in findings(t.piece, read_told(t))])


def short(found: Sequence[Fact]) -> list[tuple[object, ...]]:
    return [(f.name.removeprefix("quantity."), f.value, f.per, f.lots) for f in found]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("au minimum 3 000 heures d'insertion", "hours", 3000.0),
        ("au minimum mille deux cents heures d'insertion", "hours", 1200.0),
        ("35 H par tranche de 100 000 €", "hours", 35.0),
        ("5 (cinq) heures par tranche", "hours", 5.0),
        ("7,5 % du temps de travail", "percent", 7.5),
        ("douze pour cent du temps de travail", "percent", 12.0),
        ("une pénalité de 50 € par heure non réalisée", "penalty_eur", 50.0),
        ("chiffre d'affaires de 1.250.000,50 euros", "amount_eur", 1250000.5),
        ("deux apprentis ou 3 apprentis", "jobs", 2.0),
        ("noté sur 40 points", "points", 40.0),
        ("dans un délai de 30 jours", "days", 30.0),
        ("véhicules Crit'Air 1 ou Euro 6", "classes", ["Crit'Air 1", "Euro 6"]),
        ("articles L. 2112-2 et R.2113-7", "articles", ["L2112-2", "R2113-7"]),
    ],
)
def test_numbers_as_written(text: str, name: str, value: object) -> None:
    assert quantities(text, ["social.integration"])[name] == value


def test_a_time_of_day_is_no_volume() -> None:
    assert "hours" not in quantities("au plus tard à 12 heures", ["social.integration"])
    assert "hours" not in quantities("livraison entre 8 h 30 et 10 h", ["env.transport"])


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Le titulaire réserve 1 200 heures à l'insertion.", ("hours", 1200, "", ())),
        ("Il y consacre trois cent dix heures par an.", ("hours_per_year", 310, "", ())),
        (
            "L'effort est de 5 (cinq) heures par tranche de 10 000 (dix mille) € HT.",
            ("hours_per_amount", 5, 10000.0, ()),
        ),
        (
            "Pour chaque tranche de 25 000 € HT facturée, 14 heures sont à réaliser.",
            ("hours_per_amount", 14, 25000.0, ()),
        ),
        (
            "Un quart des heures travaillées revient à des publics prioritaires.",
            ("percent_of_hours", 25, "", ()),
        ),
        (
            "Il recrute deux personnes éloignées de l'emploi.",
            ("jobs", 2, "", ()),
        ),
        ("Il accueille un apprenti pendant le chantier.", ("apprentices", 1, "", ())),
        (
            "Le bilan est remis au facilitateur sous quinze jours.",
            ("report_days", 15, "", ()),
        ),
        (
            "L'heure d'insertion manquante est sanctionnée d'une pénalité de 45 €.",
            ("penalty", 45, "hour", ()),
        ),
    ],
)
def test_figures_of_insertion(sentence: str, expected: tuple[object, ...]) -> None:
    found = [f for f in facts(f"{INSERTION}<p>{sentence}</p>") if "controller" not in f.name]
    assert short(found) == [expected]
    assert found[0].label.startswith("social.")
    assert found[0].place.article.endswith("Article 9 - Clause sociale d'insertion")
    assert found[0].place.quote == sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "Les contrats sont de 26 heures hebdomadaires au moins.",
        "La durée de travail est de 35 heures par semaine.",
        "Le titulaire répond sous 48 heures.",
        "Un équivalent temps plein vaut 1 607 heures.",
        "Lors du précédent marché, 2 400 heures d'insertion ont été réalisées.",
        "Au moins 50 % des heures d'insertion reviennent à des femmes.",
        "Si moins de 80 % des heures sont faites, le marché peut être résilié.",
        "Sont éligibles les jeunes de moins de 26 ans et les chômeurs de plus de 12 mois.",
    ],
)
def test_no_figures_of_insertion(sentence: str) -> None:
    assert short(facts(f"{INSERTION}<p>{sentence}</p>")) == []


def test_hours_elsewhere_are_no_insertion() -> None:
    body = (
        "<h2>Article 3 - Prestations</h2><p>La formation des utilisateurs dure 14 heures. "
        "Le nettoyage représente 2 400 heures par an. Les bureaux ouvrent 35 heures.</p>"
    )
    assert short(facts(body)) == []


def test_lots_of_a_sentence() -> None:
    body = (
        f"{INSERTION}<p>Le lot 1 comporte 350 heures d'insertion ; lot 2 : 120 h.</p>"
        "<p>S'y ajoutent soixante heures par an pour le lot 3 et 40 heures par an pour le lot 4."
        "</p><p>Le titulaire du lot 5 doit 90 heures. Celui du lot 6 en réalise 80 de plus.</p>"
    )
    assert [(f.value, f.lots) for f in facts(body)] == [
        (350, ("1",)), (120, ("2",)), (60, ("3",)), (40, ("4",)), (90, ("5",)),
    ]  # fmt: skip


def test_hours_told_without_their_unit() -> None:
    body = (
        f"{INSERTION}<p>Le titulaire du lot 1 réalise 1 000 heures d'insertion. "
        "Le titulaire du lot 2 en réalise 450 dans les mêmes conditions.</p>"
    )
    assert [(f.value, f.lots) for f in facts(body)] == [(1000, ("1",)), (450, ("2",))]


def test_a_table_of_lots() -> None:
    body = (
        f"{INSERTION}<table class='ruled'><tr><th>N°</th><th>Désignation</th>"
        "<th>Heures d'insertion</th></tr><tr><td>1</td><td>Gros œuvre</td><td>1 250</td></tr>"
        "<tr><td>2</td><td>Peinture</td><td>sept cents heures</td></tr>"
        "<tr><td>Total</td><td></td><td>1 950</td></tr></table>"
    )
    assert short(facts(body)) == [
        ("hours", 1250, "", ("1",)), ("hours", 700, "", ("2",)), ("hours", 1950, "", ()),
    ]  # fmt: skip


def test_lots_in_the_header_of_a_table() -> None:
    body = (
        "<h2>Article 4 - Exigences</h2><table class='ruled'><tr><th>Exigence</th><th>Lot 1</th>"
        "<th>Lot 2</th></tr><tr><td>Part minimale de fibres recyclées</td><td>20 %</td>"
        "<td>30 %</td></tr></table>"
    )
    assert short(facts(body)) == [
        ("recycled_percent", 20, "", ("1",)), ("recycled_percent", 30, "", ("2",)),
    ]  # fmt: skip


def test_a_penalty_follows_the_only_lot_of_its_clause() -> None:
    obligation = "<p>Le titulaire du lot 2 fait {} heures d'insertion.</p>"
    sanction = "<p>Chaque heure d'insertion manquante coûte 30 € de pénalité.</p>"
    one = facts(INSERTION + obligation.format(90) + sanction)
    assert [f.lots for f in one if f.name == "quantity.penalty"] == [("2",)]
    other = "<p>Le titulaire du lot 3 fait 50 heures d'insertion.</p>"
    two = facts(INSERTION + obligation.format(90) + other + sanction)
    assert [f.lots for f in two if f.name == "quantity.penalty"] == [()]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("En cas de retard, la pénalité journalière est de 150 €.", ("penalty", 150, "day", ())),
        ("Absence à une réunion : 151 € HT par absence constatée.", ("penalty", 151, "breach", ())),
        ("Plan de récolement non remis : 60 € par document.", ("penalty", 60, "document", ())),
        ("Pour chaque jour de retard, il est décompté 180 €.", ("penalty", 180, "day", ())),
        ("Retard : 1/1000 du montant par jour.", ("penalty_percent", 0.1, "day", ())),
        (
            "Le retard donne lieu à une pénalité de 1 % du montant par jour, plafonnée à 10 %.",
            ("penalty_percent", 1, "day", ()),
        ),
        (
            "La pénalité est de 100 € par jour ; celles de moins de 300 € ne sont pas dues.",
            ("penalty", 100, "day", ()),
        ),
    ],
)
def test_penalties_of_the_contract(sentence: str, expected: tuple[object, ...]) -> None:
    found = facts(f"{PENALTIES}<p>{sentence}</p>")
    assert short(found) == [expected]
    assert found[0].label == ""


def test_amounts_that_are_no_penalty() -> None:
    body = (
        f"{PENALTIES}<p>Le plafond des pénalités est fixé à 10 % du montant. Les pénalités "
        "cumulées ne dépassent pas 15 000 €. La retenue de garantie est de 5 %.</p>"
        "<h2>Article 13 - Prix</h2><p>Le forfait est de 900 €. L'avance est de 20 %.</p>"
    )
    assert short(facts(body)) == []


def test_a_table_of_penalties() -> None:
    body = (
        f"{PENALTIES}<table class='ruled'><tr><th>Manquement</th><th>Montant en € HT</th></tr>"
        "<tr><td>Oubli d'un passage</td><td>75</td></tr>"
        "<tr><td>Retard, par jour</td><td>110</td></tr></table>"
    )
    assert short(facts(body)) == [("penalty", 75, "breach", ()), ("penalty", 110, "day", ())]


def test_shares_distances_and_vehicles() -> None:
    body = (
        "<h2>Article 11 - Environnement</h2><p>Le papier contient au moins 50 % de fibres "
        "recyclées. Les isolants sont biosourcés à hauteur de 70 % de leur masse. Les repas "
        "comportent 50 % de produits durables, dont 20 % issus de l'agriculture biologique. "
        "Les meubles proviennent du réemploi pour 40 % de leur valeur. L'atelier est distant "
        "d'au plus trente kilomètres. Les camions sont Euro VI, les camionnettes Crit'Air 2. "
        "Les engins roulent à moins de 30 km/h.</p>"
    )
    assert short(facts(body)) == [
        ("recycled_percent", 50, "", ()), ("bio_percent", 70, "", ()),
        ("organic_percent", 20, "", ()), ("reuse_percent", 40, "", ()),
        ("distance_km", 30, "", ()), ("vehicle_class", "Euro VI", "", ()),
        ("vehicle_class", "Crit'Air 2", "", ()),
    ]  # fmt: skip


def test_the_weight_of_a_criterion_is_no_share() -> None:
    body = "<h2>6. Critères d'attribution</h2><p>Prix 60 %, part de produits recyclés 40 %.</p>"
    assert short(facts(body, name="rc.html")) == []


def test_who_controls_is_named_once_and_in_full() -> None:
    body = (
        f"{INSERTION}<p>Le facilitateur contrôle les pièces. Le facilitateur de la Maison de "
        "l'emploi assure le suivi des heures.</p>"
    )
    assert [f.value for f in facts(body)] == ["facilitateur de la Maison de l'emploi"]


def test_the_same_figure_in_two_pieces_is_two_facts() -> None:
    body = f"{INSERTION}<p>Le titulaire réserve 240 heures à l'insertion.</p>"
    assert [(f.value, f.place.piece) for f in facts(body, body)] == [(240, "p1"), (240, "p2")]


FOLLOW = "<h2>Article 4 - Suivi</h2>"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Tout agent reçoit au moins 21 heures de formation par an.", ("hours_per_year", 21)),
        ("Les chauffeurs suivent un module de vingt et une heures.", ("hours", 21)),
        ("Les porteurs ont eu une formation aux gestes sûrs d'une durée de 7 h.", ("hours", 7)),
        ("Formation des conducteurs : 35 heures.", ("hours", 35)),
    ],
)
def test_hours_of_training(sentence: str, expected: tuple[object, ...]) -> None:
    (found,) = facts(f"{FOLLOW}<p>{sentence}</p>", name="cctp.html")
    assert (found.name.removeprefix("quantity."), found.value) == expected
    assert found.label == "social.training"


@pytest.mark.parametrize(
    "sentence",
    [
        "Une formation à l'utilisation du logiciel de 14 heures est prévue.",
        "Le module de pompage fonctionne 2 000 heures.",
        "La convocation part 48 heures avant la formation.",
        "Le formateur anime 300 heures de formation en face à face.",
        "L'équipe en formation travaille de nuit et intervient sous 4 heures.",
    ],
)
def test_hours_that_train_nobody_of_the_contract(sentence: str) -> None:
    assert short(facts(f"{FOLLOW}<p>{sentence}</p>", name="cctp.html")) == []


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("Le bilan est remis sous quinzaine.", 15),
        ("Le bilan est adressé dans la huitaine.", 8),
        ("Les justificatifs sont remis avant le 10 du mois suivant.", 10),
        ("L'état est produit le quinzième jour suivant chaque trimestre.", 15),
        ("Le compte rendu parvient un mois après la fin de chaque semestre.", 30),
        ("Le bilan final est transmis dans un délai de deux mois.", 60),
        ("Le rapport est déposé trois semaines après la réception.", 21),
    ],
)
def test_when_a_report_is_due(sentence: str, value: int) -> None:
    found = facts(f"{INSERTION}<p>{sentence}</p>")
    assert short(found) == [("report_days", value, "", ())]
    assert found[0].label.startswith("social.")


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("Le registre des déchets est transmis avant le 5 de chaque mois.", 5),
        ("Le bordereau de suivi des gravats valorisés est retourné sous trente jours.", 30),
        ("Un état des achats de produits biologiques est fourni dans les vingt jours.", 20),
    ],
)
def test_reports_on_the_environment(sentence: str, value: int) -> None:
    found = facts(f"{FOLLOW}<p>{sentence}</p>", name="cctp.html")
    assert short(found) == [("report_days", value, "", ())]


@pytest.mark.parametrize(
    "sentence",
    [
        "Un rapport d'intervention est remis dans les deux jours.",
        "Les attestations d'assurance sont fournies dans les quinze jours de la notification.",
        "Les déchets sont évacués dans les deux jours et le site est rendu propre.",
        "Le bilan des déchets reste valable six mois après sa remise.",
    ],
)
def test_deadlines_of_other_things(sentence: str) -> None:
    assert short(facts(f"{FOLLOW}<p>{sentence}</p>", name="cctp.html")) == []


def test_how_long_papers_hold_is_no_deadline() -> None:
    body = (
        "<p>Les attestations sont valables six mois après leur délivrance.</p>"
        "<p>Les justificatifs couvrent une période de deux mois après l'embauche.</p>"
    )
    assert short(facts(INSERTION + body)) == []


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("Livraison tardive : deux pour mille du montant, par jour ;", 0.2),
        ("Tout retard est puni de 0,5 ‰ du prix, par jour.", 0.05),
        ("La pénalité est d'un trois-millième de la valeur par jour.", 0.0333),
        ("Retard : 3/1 000 du montant par jour.", 0.3),
    ],
)
def test_penalties_per_mille(sentence: str, value: float) -> None:
    assert short(facts(f"{PENALTIES}<p>{sentence}</p>")) == [("penalty_percent", value, "day", ())]


def test_a_share_below_a_heading_about_penalties() -> None:
    body = (
        f"{PENALTIES}<p>b) Absence de balisage : 5 % du bon de commande.</p>"
        "<p>Annulation par l'acheteur : il verse une indemnité de 15 % du prix.</p>"
    )
    assert short(facts(body)) == [("penalty_percent", 5, "", ())]


def test_cells_that_span_rows_speak_for_all_of_them() -> None:
    body = (
        f"{PENALTIES}<table class='ruled'><tr><th>Lot</th><th>Fait</th><th>Montant</th>"
        "<th>Assiette</th></tr><tr><td rowspan='2'>1</td><td>Retard</td><td>50 €</td>"
        "<td rowspan='2'>par jour</td></tr><tr><td>Grue absente</td><td>80 €</td></tr>"
        "<tr><td>2</td><td>Oubli</td><td>90 €</td><td>par constat</td></tr></table>"
    )
    assert short(facts(body)) == [
        ("penalty", 50, "day", ("1",)), ("penalty", 80, "day", ("1",)),
        ("penalty", 90, "breach", ("2",)),
    ]  # fmt: skip


def test_a_cell_across_the_columns_of_two_lots_is_of_none() -> None:
    body = (
        f"{PENALTIES}<table class='ruled'><tr><th>Fait</th><th>Lot 1</th><th>Lot 2</th></tr>"
        "<tr><td>Retard, par jour</td><td>70 €</td><td>35 €</td></tr>"
        "<tr><td>Clé perdue</td><td colspan='2'>25 €</td></tr></table>"
    )
    assert [(f.value, f.lots) for f in facts(body)] == [(70, ("1",)), (35, ("2",)), (25, ())]


def test_a_missing_hour_in_a_table_of_penalties_is_no_hour() -> None:
    body = (
        f"{PENALTIES}<table class='ruled'><tr><th>Fait</th><th>Montant</th><th>Assiette</th></tr>"
        "<tr><td>Heure d'insertion manquante</td><td>55 €</td><td>par heure</td></tr></table>"
    )
    assert short(facts(body)) == [("penalty", 55, "hour", ())]


def test_shares_below_a_header_in_two_rows() -> None:
    body = (
        "<h2>2 - Exigences</h2><table class='ruled'><tr><th rowspan='2'>Lot</th>"
        "<th colspan='2'>Part en valeur</th></tr><tr><th>Agriculture biologique</th>"
        "<th>Autres labels</th></tr><tr><td>1</td><td>25 %</td><td>10 %</td></tr>"
        "<tr><td>2</td><td>trente pour cent</td><td>–</td></tr></table>"
    )
    assert short(facts(body)) == [
        ("organic_percent", 25, "", ("1",)), ("organic_percent", 30, "", ("2",)),
    ]  # fmt: skip


def test_the_same_lot_is_that_of_the_sentence_before() -> None:
    body = (
        "<h2>7. Matières</h2><p>Au lot 2, dix pour cent des lits viennent du réemploi. "
        "Pour ce même lot, les draps contiennent 15 % de fibres recyclées.</p>"
    )
    assert short(facts(body)) == [
        ("reuse_percent", 10, "", ("2",)), ("recycled_percent", 15, "", ("2",)),
    ]  # fmt: skip


def test_classes_of_vehicles_as_they_are_written() -> None:
    body = (
        "<h2>3. Parc</h2><p>Les cars sont Euro VI.</p><p>Les vans sont Euro 6d ou Crit'Air de "
        "classe 1.</p><table class='ruled'><tr><th>Engin</th><th>Classe</th></tr>"
        "<tr><td>Benne</td><td>Euro 5</td></tr><tr><td>Porteur</td><td>Euro 5</td></tr></table>"
    )
    assert [f.value for f in facts(body)] == ["Euro VI", "Euro 6d", "Crit'Air 1", "Euro 5"]
