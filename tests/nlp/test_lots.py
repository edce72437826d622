"""Lots on made-up passages: tables, lists, prose and notices, and what reserves them."""

import pytest

from corpus.findings import Lot
from nlp.dossier import Told, told
from nlp.lots import lots, mentions, stated_lots
from nlp.reading import read_piece
from nlp.tagger import findings, read_told


def piece(name: str, body: str, id: str = "p1") -> Told:
    return told(read_piece(name, body.encode(), id=id, max_pages=20))


def rc(body: str) -> Told:
    return piece("rc.html", f"<h1>RÈGLEMENT DE LA CONSULTATION</h1>{body}")


def found(*pieces: Told) -> dict[str, Lot]:
    marks = [mark for p in pieces for mark in findings(p.piece, read_told(p))]
    return {lot.number: lot for lot in lots(pieces, marks)}


def titles(*pieces: Told) -> dict[str, str]:
    return {number: lot.title for number, lot in found(*pieces).items()}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("le lot n° 02 et les lots 4 à 6", ["2", "4", "5", "6"]),
        ("lots 1, 3 et 5", ["1", "3", "5"]),
        ("lot A puis LOT-0012", ["A", "12"]),
        ("chaque lot a une durée propre ; LOT D'ASSURANCE", []),
    ],
)
def test_mentions(text: str, numbers: list[str]) -> None:
    assert [n for mention in mentions(text) for n in mention.numbers] == numbers


@pytest.mark.parametrize(
    "body",
    [
        "<table><tr><th>Lot</th><th>Intitulé</th></tr><tr><td>1</td><td>Voirie</td></tr>"
        "<tr><td>2</td><td>Réseaux</td></tr></table>",
        "<p>Les travaux forment deux lots :</p><table class='ruled'><tr><th>N°</th>"
        "<th>Désignation</th></tr><tr><td>01</td><td>Voirie</td></tr><tr><td>02</td>"
        "<td>Réseaux</td></tr></table>",
        "<table class='bare'><tr><td>Lot n° 1</td><td>Voirie</td></tr><tr><td>Lot n° 2</td>"
        "<td>Réseaux</td></tr></table>",
        "<ul><li>Lot 1 – Voirie : maximum de 90 000 € HT ;</li><li>Lot 2 – Réseaux.</li></ul>",
        "<p>Le marché est décomposé en deux lots : lot 1, Voirie ; lot 2, Réseaux.</p>",
        "<h2>II. Les lots</h2><table class='ruled'><tr><th>N°</th><th>Famille</th><th>Accès</th>"
        "</tr><tr><td>1</td><td>Voirie</td><td>Ouvert</td></tr><tr><td>2</td><td>Réseaux</td>"
        "<td>Ouvert</td></tr></table>",
        "<p>Lot n° 1 Voirie maximum annuel 40 000 € HT</p>"
        "<p>Lot n° 2 Réseaux maximum annuel 9 000 € HT</p>",
        "<p>L'accord-cadre comporte :</p><ul><li>un lot 1, Voirie, dont le maximum est de 9 000 "
        "euros ;</li><li>un lot 2, Réseaux, dont le maximum est de 8 000 euros.</li></ul>",
        "<p>Deux lots : Voirie (CPV 45233140) ; Réseaux (CPV 45232100).</p>",
        "<p>Le marché comporte deux lots :</p><ul><li>1. Voirie</li><li>2. Réseaux</li></ul>",
        "<p>Deux lots géographiques : Voirie (lot 1), Réseaux (lot 2).</p>",
        "<p>II.2.1) Intitulé : Voirie Lot n° : 1</p><p>II.2.1) Intitulé : Réseaux</p>"
        "<p>Lot n° : 2</p>",
    ],
)
def test_titles(body: str) -> None:
    assert titles(rc(body)) == {"1": "Voirie", "2": "Réseaux"}


@pytest.mark.parametrize(
    "body",
    [
        "<h2>Pénalités</h2><table><tr><th>Lot</th><th>Désignation</th><th>Montant</th></tr><tr>"
        "<td>1</td><td>Camion absent</td><td>250 € par jour</td></tr><tr><td>2</td><td>Relevé "
        "perdu</td><td>20 €</td></tr></table>",
        "<h2>Exigences</h2><table><tr><th>Lot</th><th>Part biologique</th><th>Autres signes de "
        "qualité</th></tr><tr><td>1</td><td>20 %</td><td>Label Rouge</td></tr><tr><td>2</td>"
        "<td>50 %</td><td>Appellation protégée</td></tr></table>",
        "<p>Lot 1, sur 100 : prix, 60 points ; goût, 40 points.</p><p>Lot 2, sur 100 : prix, 30 "
        "points ; goût, 70 points.</p>",
        "<p>Lot 1 Prix noté sur 60 points</p><p>Lot 2 Prix noté sur 40 points</p>",
    ],
)
def test_what_lots_owe_or_weigh_is_no_title(body: str) -> None:
    assert titles(rc(body)) == {}


def test_letters() -> None:
    body = "<p>Lot A : Électricité</p><p>Lot B : Gaz naturel</p>"
    assert titles(rc(body)) == {"A": "Électricité", "B": "Gaz naturel"}


@pytest.mark.parametrize(
    "body",
    [
        "<p>Lot unique : Voirie</p>",
        "<p>Lot 1 : Voirie</p>",
        "<p>5.1. Lot 1 : l'entreprise affecte 300 heures.</p><p>5.2. Lot 2 : l'entreprise affecte "
        "400 heures.</p>",
        "<table><tr><th>Critère</th><th>Lot 1</th><th>Lot 2</th></tr><tr><td>1</td><td>40</td>"
        "<td>60</td></tr><tr><td>2</td><td>60</td><td>40</td></tr></table>",
        "<p>Le lot de fabrication est contrôlé, puis le lot est livré.</p>",
    ],
)
def test_no_division(body: str) -> None:
    assert not lots([rc(body)], ())


def test_amounts_durations_and_codes_of_a_table() -> None:
    body = (
        "<table><tr><th>Lot</th><th>Intitulé</th><th>CPV</th><th>Estimation (€ HT)</th>"
        "<th>Maximum (€ HT)</th><th>Minimum (€ HT)</th><th>Durée</th><th>Lieu</th></tr>"
        "<tr><td>1</td><td>Voirie</td><td>45233140-2</td><td>120 000</td><td>150 000</td>"
        "<td>10 000</td><td>12 mois</td><td>Brelle</td></tr>"
        "<tr><td>2</td><td>Réseaux</td><td>45232100</td><td>80 000</td><td>95 000</td>"
        "<td>5 000</td><td>2 ans</td><td>Orsan</td></tr></table>"
    )
    lot = found(rc(body))
    assert (lot["1"].amount_eur, lot["1"].maximum_eur, lot["1"].duration_months) == (
        120e3,
        150e3,
        12,
    )
    assert (lot["2"].amount_eur, lot["2"].maximum_eur, lot["2"].duration_months) == (80e3, 95e3, 24)
    assert (lot["1"].cpv, lot["2"].place) == (("45233140",), "Orsan")


def test_amounts_of_prose() -> None:
    body = (
        "<p>Lot 1 : Voirie</p><p>Lot 2 : Réseaux</p><p>Les maxima sont de 600 000 € pour le lot 1 "
        "et de 850 000 € pour le lot 2. Le chiffre d'affaires minimal est de 70 000 € pour le lot "
        "1.</p>"
    )
    lot = found(rc(body))
    assert [lot[n].maximum_eur for n in "12"] == [600e3, 850e3]
    assert lot["1"].amount_eur is None


def test_a_yearly_amount_is_not_that_of_the_lot() -> None:
    body = (
        "<ul><li>Lot 1 : Voirie, montant maximum annuel de 30 000 € HT</li>"
        "<li>Lot 2 : Réseaux, montant maximum de 90 000 € HT</li></ul>"
    )
    assert [lot.maximum_eur for lot in lots([rc(body)], ())] == [None, 90e3]


def test_the_duration_of_all_is_that_of_each_unless_pieces_differ() -> None:
    divided = "<p>Lot 1 : Voirie</p><p>Lot 2 : Réseaux</p><p>Durée : 36 mois.</p>"
    other = piece("ccap.html", "<h1>CCAP</h1><h2>Durée</h2><p>Le marché dure 48 mois.</p>", "p2")
    assert [lot.duration_months for lot in lots([rc(divided)], ())] == [36, 36]
    assert [lot.duration_months for lot in lots([rc(divided), other], ())] == [None, None]


_DIVIDED = "<p>Lot 1 : Voirie</p><p>Lot 2 : Réseaux</p><p>Lot 3 : Nettoyage</p>"


@pytest.mark.parametrize(
    ("body", "reserved"),
    [
        (
            "<p>Le lot 3 est réservé aux entreprises adaptées et aux ESAT (article L. 2113-12 du "
            "code de la commande publique). Les lots 1 et 2 sont ouverts à tous.</p>",
            {"3"},
        ),
        (
            "<p>En application de l'article L. 2113-12 du code, les lots 1 et 3 sont réservés aux "
            "entreprises adaptées et aux ESAT ; le lot 2 n'est pas réservé.</p>",
            {"1", "3"},
        ),
        (
            "<p>Le présent marché est réservé, tous lots confondus, aux entreprises adaptées et "
            "aux ESAT en application de l'article L. 2113-12 du code.</p>",
            set(),
        ),
        (
            "<p>Le présent marché est réservé aux entreprises adaptées et aux ESAT en application "
            "de l'article L. 2113-12 du code de la commande publique.</p>",
            {"1", "2", "3"},
        ),
        (
            "<p>Aucun lot n'est réservé aux entreprises adaptées au sens de l'article L. 2113-12 "
            "du code de la commande publique.</p>",
            set(),
        ),
        (
            "<p>Les articles L. 2113-12 et suivants du code organisent la faculté de réserver des "
            "lots à des entreprises adaptées.</p>",
            set(),
        ),
    ],
)
def test_reservations(body: str, reserved: set[str]) -> None:
    lot = found(rc(_DIVIDED + body))
    assert {n for n, one in lot.items() if one.reserved} == reserved
    for one in lot.values():
        assert one.articles == (("L2113-12",) if one.number in reserved else ())


@pytest.mark.parametrize(
    "recital",
    [
        "La Ville rappelle seulement que l'article L. 2113-12 du code de la commande publique lui "
        "en offrait la faculté et qu'elle n'en a pas usé.",
        "L'article L. 2113-12 du code laisse à l'acheteur une possibilité dont il n'est pas fait "
        "usage, au profit des entreprises adaptées.",
        "Il n'est pas fait application de l'article L. 2113-12 relatif aux entreprises adaptées.",
        "Les entreprises adaptées au sens de l'article L. 2113-12 sont connues de la Ville.",
        "La Ville renonce à réserver le marché aux entreprises adaptées (article L. 2113-12).",
    ],
)
def test_what_only_cites_the_law_reserves_no_lot(recital: str) -> None:
    assert {n for n, one in found(rc(f"{_DIVIDED}<p>{recital}</p>")).items() if one.reserved} == (
        set()
    )


def test_a_title_above_a_reserved_lot_reserves_no_other() -> None:
    title = (
        "<h2>Marché réservé</h2>"
        "<p>Marché réservé aux entreprises adaptées (article L. 2113-12).</p>"
    )
    table = (
        "<h2>Les lots</h2><table class='ruled'><tr><th>N°</th><th>Famille</th><th>Accès</th></tr>"
        "<tr><td>1</td><td>Voirie</td><td>Ouvert</td></tr><tr><td>2</td><td>Tri</td><td>Réservé "
        "aux entreprises adaptées (article L. 2113-12)</td></tr></table>"
    )
    for body in (table, title + table, table + title):
        lot = found(rc(body))
        assert (lot["1"].reserved, lot["2"].reserved) == ((), ("reserved.disability",))


def test_the_article_for_both_publics_stands_for_the_two_it_joins() -> None:
    body = (
        "<p>En application de l'article L. 2113-14, le lot 2 est réservé aux opérateurs des "
        "articles L. 2113-12 (entreprises adaptées) et L. 2113-13 (insertion).</p>"
    )
    assert found(rc(_DIVIDED + body))["2"].articles == ("L2113-14",)


def test_this_lot_is_the_one_of_its_item() -> None:
    body = (
        "<ul><li>Lot 1 : Voirie</li><li>Lot 2 : Nettoyage (CPV 90910000). Ce lot est réservé aux "
        "entreprises adaptées en application de l'article L. 2113-12 du code.</li></ul>"
    )
    lot = found(rc(body))
    assert (lot["1"].reserved, lot["2"].reserved) == ((), ("reserved.disability",))
    assert lot["2"].title == "Nettoyage"


def test_a_row_reserves_its_lot() -> None:
    body = (
        "<table><tr><th>Lot</th><th>Intitulé</th><th>Participation</th></tr><tr><td>1</td>"
        "<td>Voirie</td><td>ouverte</td></tr><tr><td>2</td><td>Tri</td><td>réservée aux "
        "structures d'insertion (article L. 2113-13)</td></tr></table>"
    )
    lot = found(rc(body))
    assert (lot["1"].reserved, lot["2"].articles) == ((), ("L2113-13",))


def test_the_rules_decide_where_pieces_reserve_different_lots() -> None:
    rules = rc(
        _DIVIDED + "<p>Le lot 3 est réservé aux entreprises adaptées (article L. 2113-12).</p>"
    )
    notice = piece(
        "notice.html",
        "<h1>AVIS DE MARCHÉ</h1><p>Le lot 2 est réservé aux entreprises adaptées et aux ESAT "
        "(article L. 2113-12).</p>",
        "p2",
    )
    lot = found(rules, notice)
    assert [n for n, one in lot.items() if one.reserved] == ["3"]


def test_what_each_piece_states() -> None:
    rules = rc("<p>Lot 1 : Voirie, maximum de 90 000 € HT</p><p>Lot 2 : Réseaux</p>")
    terms = piece(
        "ccap.html",
        "<h1>CCAP</h1><p>Les maxima sont de 80 000 € pour le lot 1 et 70 000 € pour le lot 2.</p>",
        "p2",
    )
    other = piece("cctp.html", "<h1>CCTP</h1><p>Lot 1 : Voirie</p><p>Lot 2 : Réseaux</p>", "p3")
    stated = stated_lots([rules, terms, other])
    assert {p: [(x.number, x.maximum_eur) for x in own] for p, own in stated.items()} == {
        "p1": [("1", 90e3), ("2", None)],
        "p2": [("1", 80e3), ("2", 70e3)],
    }
