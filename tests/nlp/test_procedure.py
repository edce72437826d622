"""Facts of the procedure on made-up passages, in the ways buyers write them."""

import pytest

from corpus.findings import Fact, Value
from nlp.dossier import Told, told
from nlp.procedure import contract_months, procedure
from nlp.reading import read_piece


def piece(name: str, body: str, id: str = "p1") -> Told:
    return told(read_piece(name, body.encode(), id=id, max_pages=20))


def rc(body: str) -> Told:
    return piece("rc.html", f"<h1>RÈGLEMENT DE LA CONSULTATION</h1>{body}")


def stated(dossier: Told, name: str) -> list[Value]:
    return [fact.value for fact in procedure([dossier]) if fact.name == f"procedure.{name}"]


@pytest.mark.parametrize(
    ("body", "name", "value"),
    [
        (
            "<p>Pouvoir adjudicateur : Commune de Brelle, 3 rue Basse.</p>",
            "buyer",
            "Commune de Brelle",
        ),
        (
            "<p>Nom et adresse officiels de l'organisme acheteur : Ville d'Orsan, 1 rue X</p>",
            "buyer",
            "Ville d'Orsan",
        ),
        (
            "<p>La consultation est lancée par le Syndicat mixte du Vernois, représenté par son "
            "président.</p>",
            "buyer",
            "Syndicat mixte du Vernois",
        ),
        (
            "<h2>Article 1 - Acheteur</h2><p>Lycée Jeanne-Mance, 2 cours Vert.</p>",
            "buyer",
            "Lycée Jeanne-Mance",
        ),
        ("<p>Objet du marché : Entretien des fontaines.</p>", "object", "Entretien des fontaines"),
        ("<p>Intitulé. Entretien des fontaines.</p>", "object", "Entretien des fontaines"),
        (
            "<p>Ville d'Orsan – Entretien des fontaines du bourg</p>",
            "object",
            "Entretien des fontaines du bourg",
        ),
        (
            "<h2>Article premier. Objet et pièces</h2><p>Acquisition de trois bennes.</p>",
            "object",
            "Acquisition de trois bennes",
        ),
        (
            "<h2>Cadre</h2><p>La Ville gère six puits. Tel est l'objet du présent marché : curage "
            "des puits.</p>",
            "object",
            "curage des puits",
        ),
        ("<h2>Contrat</h2><p>Durée. 30 mois.</p>", "duration_months", 30.0),
        ("<p>Le marché expire trente mois après sa notification.</p>", "duration_months", 30.0),
        ("<p>L'exécution s'étend sur quatorze mois.</p>", "duration_months", 14.0),
        ("<h2>1.2 Durée</h2><p>Un an et deux mois, congés compris.</p>", "duration_months", 14.0),
        ("<p>Envoi. 14 décembre 2026.</p>", "launch_date", "2026-12-14"),
        ("<p>L'accord-cadre, à bons de commande, couvre le bourg.</p>", "framework", True),
        (
            "<table><tr><td>Objet</td><td>Location de bennes</td></tr></table>",
            "object",
            "Location de bennes",
        ),
        (
            "<h2>1. Objet</h2><p>Le présent marché a pour objet la réfection des trottoirs du "
            "bourg.</p>",
            "object",
            "réfection des trottoirs du bourg",
        ),
        ("<p>Procédure : appel d'offres ouvert.</p>", "type", "open"),
        ("<p>La procédure de passation est la procédure adaptée ouverte.</p>", "type", "adapted"),
        ("<p>Il est fait usage de la procédure avec négociation.</p>", "type", "negotiated"),
        ("<p>Consultation passée par appel d'offres restreint.</p>", "type", "restricted"),
        ("<p>La consultation suit la procédure du dialogue compétitif.</p>", "type", "dialogue"),
        (
            "<p>Le marché est passé sans publicité ni mise en concurrence préalables.</p>",
            "type",
            "none",
        ),
        ("<p>Le présent accord-cadre à bons de commande a un maximum.</p>", "framework", True),
        ("<p>Il s'agit d'un marché ordinaire.</p>", "framework", False),
        ("<p>Accord-cadre mono-attributaire.</p>", "awardees", "single"),
        ("<p>L'accord-cadre est conclu avec trois opérateurs au plus.</p>", "awardees", "several"),
        ("<p>Date d'envoi du présent avis : 4 mai 2026.</p>", "launch_date", "2026-05-04"),
        (
            "<p>Avis publié le 6 mai 2026. Avis envoyé le 4 mai 2026.</p>",
            "launch_date",
            "2026-05-04",
        ),
        (
            "<h2>Date limite de remise des offres :</h2><p>Lundi 8 juin 2026 à 12:00</p>",
            "answer_date",
            "2026-06-08",
        ),
        ("<p>Les plis sont déposés avant le 08/06/2026 à 12 h.</p>", "answer_date", "2026-06-08"),
        (
            "<p>Candidatures attendues le 2 juin 2026 au plus tard. Remise des offres : 9 juillet "
            "2026.</p>",
            "answer_date",
            "2026-07-09",
        ),
        (
            "<p>Un candidat répond à tous les lots mais n'en obtiendra pas plus de deux ; les lots "
            "sont attribués séparément.</p>",
            "lots_per_bidder",
            2,
        ),
        (
            "<p>Un même soumissionnaire ne peut se voir attribuer qu'un maximum de trois lots.</p>",
            "lots_per_bidder",
            3,
        ),
        ("<p>Durée : un an, renouvelable trois fois.</p>", "duration_months", 48),
        ("<p>Durée : 12 mois, puis trois reconductions de 12 mois.</p>", "duration_months", 48),
        (
            "<h2>Durée</h2><p>Deux ans fermes.</p><p>Le nombre de périodes de reconduction est "
            "fixé à 2.</p><p>La durée de chaque période de reconduction est de 1 an.</p>",
            "duration_months",
            48,
        ),
        (
            "<h2>Durée</h2><p>Le marché court du 1er mars 2027 au 28 février 2030.</p>",
            "duration_months",
            36,
        ),
    ],
)
def test_what_is_said(body: str, name: str, value: Value) -> None:
    assert stated(rc(body), name) == [value]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (
            "<p>Des marchés de prestations similaires pourront être passés selon une procédure "
            "négociée sans publicité ni mise en concurrence.</p>",
            "type",
        ),
        ("<p>Le candidat détient un accord-cadre ou un marché public.</p>", "framework"),
        ("<p>☐ Titulaire unique ou mandataire : refuse l'avance.</p>", "awardees"),
        ("<p>Les questions sont posées avant le 2 juin 2026.</p>", "answer_date"),
        ("<p>Date d'envoi des invitations : 3 juin 2026.</p>", "launch_date"),
        ("<p>Un candidat peut répondre à un ou plusieurs lots.</p>", "lots_per_bidder"),
        ("<p>La durée de validité des offres est de 4 mois.</p>", "duration_months"),
        ("<p>Les bons de commande ont une durée de 3 mois.</p>", "duration_months"),
        ("<p>Objet : ....................................</p>", "object"),
        ("<h2>TITRE I – DISPOSITIONS</h2><h3>Article I-1. Contenu</h3><p>Il neige.</p>", "object"),
        (
            "<h2>Insertion</h2><p>Le titulaire confie à des publics éloignés de l'emploi cinq "
            "pour cent des heures.</p>",
            "object",
        ),
        (
            "<h2>Notes</h2><p>L'engagement social est noté. Il porte sur les moyens affectés à "
            "l'insertion.</p>",
            "object",
        ),
        ("<p>Aucun critère n'est fixé, un seul opérateur étant consulté par lot.</p>", "awardees"),
        ("<p>Le lot 4 est confié à un unique fournisseur.</p>", "awardees"),
    ],
)
def test_what_is_not_said(body: str, name: str) -> None:
    assert not stated(rc(body), name)


def test_a_place_holds_the_words() -> None:
    (fact,) = [
        fact
        for fact in procedure([rc("<h2>3 - Durée</h2><p>Le marché dure 24 mois.</p>")])
        if fact.name == "procedure.duration_months"
    ]
    assert isinstance(fact, Fact)
    assert fact.place.quote == "Le marché dure 24 mois."
    assert fact.place.article.endswith("3 - Durée")


def test_each_piece_states_its_own() -> None:
    pieces = [
        rc("<p>Durée : 36 mois.</p>"),
        piece("ccap.html", "<h1>CCAP</h1><h2>Durée</h2><p>Le marché dure 48 mois.</p>", "p2"),
    ]
    found = [
        (fact.place.piece, fact.value)
        for fact in procedure(pieces)
        if fact.name == "procedure.duration_months"
    ]
    assert found == [("p1", 36), ("p2", 48)]


def test_a_form_states_nothing() -> None:
    form = "<h1>DC1 - Lettre de candidature</h1><p>Objet de la consultation : Travaux de voirie</p>"
    assert not procedure([piece("DC1.html", form)])


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("24 mois, plus 24 mois en cas de reconduction", 48),
        ("douze mois, renouvelable jusqu'à quatre ans en tout", 48),
        ("deux ans, reconductible une fois pour deux ans", 48),
        ("quatre années scolaires", 48),
        ("18 mois", 18),
        ("une durée ferme", None),
    ],
)
def test_months(text: str, months: float | None) -> None:
    assert contract_months(text) == months
