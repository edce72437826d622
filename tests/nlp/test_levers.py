"""Levers and barriers: what a tender asks, pays and allows, and what only looks like it."""

from __future__ import annotations

import time

import pytest

from corpus.facts import kinds
from corpus.findings import Fact
from nlp.dossier import told
from nlp.levers import levers
from nlp.reading import read_piece

CCAP = "<h1>CAHIER DES CLAUSES ADMINISTRATIVES PARTICULIÈRES</h1>"
RC = "<h1>RÈGLEMENT DE LA CONSULTATION</h1>"
NOTICE = "<h1>AVIS DE MARCHÉ</h1>"


def _read(title: str, *html: str) -> tuple[Fact, ...]:
    names = {CCAP: "ccap.html", RC: "rc.html", NOTICE: "avis.html"}
    body = "".join(h if h.startswith("<") else f"<p>{h}</p>" for h in html)
    piece = read_piece(names[title], (title + body).encode(), id="p1", max_pages=9)
    return levers((told(piece),))


def _said(facts: tuple[Fact, ...]) -> list[tuple[str, object, tuple[str, ...], str]]:
    return [(f.name.split(".")[1], f.value, f.lots, f.detail) for f in facts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Une avance de 10 % est versée au titulaire.", [("advance_percent", 10)]),
        ("L'avance, de vingt pour cent, suit la notification.", [("advance_percent", 20)]),
        ("Aucune avance ne sera accordée.", [("advance_refused", True)]),
        ("Il n'est pas prévu d'avance.", [("advance_refused", True)]),
        ("Les factures sont payées sous trente jours.", [("payment_days", 30)]),
        ("Délai global de paiement : 50 jours.", [("payment_days", 50)]),
        ("Une retenue de garantie de cinq pour cent est opérée.", [("retention_percent", 5)]),
        ("Il n'est pas appliqué de retenue de garantie.", [("guarantee", "none")]),
        ("Une garantie à première demande est fournie.", [("guarantee", "demand")]),
        ("Une caution bancaire est fournie.", [("guarantee", "bank")]),
        ("La caution personnelle et solidaire n'est pas admise.", []),
        ("Les prestations donnent lieu à des acomptes mensuels.", [("interim", "monthly")]),
        ("Le titulaire facture par trimestre.", [("interim", "quarterly")]),
        ("Des acomptes sont versés selon l'avancement.", [("interim", "progress")]),
        ("La sous-traitance est admise.", [("subcontracting", "allowed")]),
        ("La sous-traitance du fauchage est interdite.", [("subcontracting", "limited")]),
    ],
)
def test_contract(text: str, expected: list[tuple[str, object]]) -> None:
    assert [(name, value) for name, value, _, _ in _said(_read(CCAP, text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Chiffre d'affaires annuel d'au moins 250 000 €.", [("turnover_eur", 250_000)]),
        (
            "Le chiffre d'affaires atteint une fois et demie le montant estimé du lot.",
            [("turnover_multiple", 1.5)],
        ),
        ("Aucun chiffre d'affaires minimal n'est exigé.", []),
        (
            "Quatre références de moins de cinq ans sont jointes.",
            [("references", 4), ("references_years", 5)],
        ),
        (
            "Liste des principaux services fournis au cours des trois dernières années.",
            [("references_years", 3)],
        ),
        ("Effectif d'au moins huit salariés.", [("headcount", 8)]),
        ("Déclaration indiquant les effectifs moyens des trois dernières années.", []),
        ("Les variantes sont admises.", [("variants", "allowed")]),
        ("Il est interdit de proposer des variantes.", [("variants", "forbidden")]),
        ("La variante imposée est chiffrée par tous.", [("variants", "required")]),
        ("Si les variantes sont admises, elles suivent le même barème.", []),
        ("Deux prestations supplémentaires éventuelles sont à chiffrer.", [("options", True)]),
        ("Aucune option n'est à chiffrer.", [("options", False)]),
        ("La forme du groupement est laissée libre.", [("grouping", "free")]),
        (
            "Le groupement attributaire devra prendre la forme solidaire.",
            [("grouping", "solidaire"), ("grouping_imposed", "solidaire")],
        ),
        ("En cas de groupement conjoint, le mandataire est solidaire.", []),
        (
            "Le groupement est libre dans sa forme ; après attribution, il devra revêtir la forme "
            "conjointe.",
            [("grouping", "free"), ("grouping_imposed", "conjoint")],
        ),
        (
            "Les groupements sont admis. L'attributaire, s'il est un groupement, prendra la forme "
            "solidaire.",
            [("grouping", "free"), ("grouping_imposed", "solidaire")],
        ),
        ("Toute variante est prohibée.", [("variants", "forbidden")]),
        (
            "Il est justifié d'au moins deux livraisons de bennes au cours des quatre années "
            "écoulées.",
            [("references", 2), ("references_years", 4)],
        ),
        ("La visite du parc est obligatoire.", [("site_visit", "compulsory")]),
        ("La visite n'est pas obligatoire, mais conseillée.", [("site_visit", "optional")]),
        ("Aucune visite n'est organisée.", []),
        ("Les candidats déposent deux échantillons.", [("samples", True)]),
        ("Aucun échantillon n'est demandé.", []),
        (
            "Les candidats disposent de quarante jours pour remettre leur offre.",
            [("answer_days", 40)],
        ),
        ("Les offres restent valables 120 jours.", []),
    ],
)
def test_call(text: str, expected: list[tuple[str, object]]) -> None:
    assert [(name, value) for name, value, _, _ in _said(_read(RC, text))] == expected


def test_a_contract_rules_on_the_group_that_signs() -> None:
    facts = _read(CCAP, "En cas de groupement, celui-ci est solidaire.")
    assert [(f.name, f.value) for f in facts] == [("lever.grouping_imposed", "solidaire")]


def test_payment_in_other_words() -> None:
    for text in (
        "Les factures sont acquittées dans un délai de trente jours.",
        "<h2>Délai de paiement</h2><p>Trente jours.</p>",
        "Les sommes sont soldées sous trente jours.",
    ):
        assert [f.value for f in _read(CCAP, text) if f.name == "lever.payment_days"] == [30]
    monthly = _read(CCAP, "Facturation au mois.")
    assert [(f.name, f.value) for f in monthly] == [("lever.interim", "monthly")]


def test_topic_of_the_heading_and_of_the_sentence_before() -> None:
    facts = _read(
        CCAP,
        "<h2>Article 7 – Avance</h2>",
        "Son taux est fixé à 5 %. Il est porté à 15 % lorsque le titulaire est une PME.",
        "<h2>Article 8 – Sous-traitance</h2>",
        "Elle est permise pour la peinture uniquement.",
        "<h2>Article 9 – Retenue de garantie</h2>",
        "Sans objet.",
    )
    assert _said(facts) == [
        ("advance_percent", 5, (), ""),
        ("advance_percent", 15, (), "pme"),
        ("subcontracting", "limited", (), ""),
        ("guarantee", "none", (), ""),
    ]


def test_retention_of_small_firms_and_its_replacement() -> None:
    facts = _read(
        CCAP,
        "Une retenue de garantie de 5 % (3 % pour les PME) est faite ; elle se remplace par une "
        "garantie à première demande ou par une caution personnelle et solidaire.",
    )
    assert _said(facts) == [
        ("retention_percent", 5, (), ""),
        ("retention_percent", 3, (), "pme"),
        ("guarantee", "bank", (), ""),
    ]


def test_no_guarantee_of_one_sum_gives_way_to_that_of_another() -> None:
    facts = _read(
        CCAP, "Il n'y a pas de retenue de garantie.", "L'avance exige une garantie bancaire."
    )
    assert [f.value for f in facts] == ["bank"]


def test_what_is_not_in_force_is_no_fact() -> None:
    assert not _read(
        CCAP,
        "Le titulaire ☐ renonce ☐ ne renonce pas à l'avance de 10 %.",
        "Le code prévoit une avance de 30 % au profit des petites entreprises.",
        "Aucune avance n'est versée tant que la garantie n'est pas constituée.",
        "Le remboursement de l'avance commence à 65 % et s'achève à 80 %.",
        "Le titulaire a droit à des intérêts en cas de retard de paiement de plus de 30 jours.",
        "La sous-traitance totale du marché est interdite.",
    )


def test_ticked_boxes_answer_the_question_before_them() -> None:
    facts = _read(
        RC,
        "Variantes : ☐ autorisées ☒ interdites",
        "Visite du site : ☒ obligatoire ☐ facultative",
    )
    assert _said(facts) == [
        ("variants", "forbidden", (), ""),
        ("site_visit", "compulsory", (), ""),
    ]


def test_two_payers_give_no_delay() -> None:
    text = "Les hôpitaux paient sous 50 jours ; les autres membres paient sous 30 jours."
    assert not _read(CCAP, text)


def test_lots() -> None:
    facts = _read(
        RC,
        "<h2>Lots</h2>",
        "Lot 1 : toiture. Lot 2 : façade. Lot 3 : peinture.",
        "Les variantes sont admises pour le lot 2. Elles sont interdites pour les autres lots.",
        "La visite est obligatoire pour les lots 1 et 2. Les candidats au lot 3 en sont dispensés.",
        "Sont exigées la qualification Qualibat 3212 (lot 1) et la certification ISO 14001 "
        "(lots 2 et 3), ou équivalent.",
    )
    assert _said(facts) == [
        ("variants", "allowed", ("2",), ""),
        ("variants", "forbidden", ("1", "3"), ""),
        ("site_visit", "compulsory", ("1", "2"), ""),
        ("site_visit", "optional", ("3",), ""),
        ("certification", "Qualibat 3212", ("1",), "equivalent"),
        ("certification", "ISO 14001", ("2", "3"), "equivalent"),
    ]


def test_grouping_that_would_have_to_change_its_form() -> None:
    facts = _read(
        RC,
        "La forme souhaitée est un groupement conjoint. À défaut, le groupement retenu pourra être "
        "contraint d'assurer sa transformation.",
    )
    assert [(f.name, f.value) for f in facts] == [
        ("lever.grouping", "conjoint"),
        ("lever.grouping_imposed", "conjoint"),
    ]


def test_local_preference_is_quoted_and_short_circuits_are_none() -> None:
    words = "Le titulaire recourt de préférence à des entreprises locales"
    facts = _read(CCAP, f"{words}. Il favorise les producteurs locaux en circuit court.")
    assert [(f.name, f.value) for f in facts] == [("lever.localism", words)]


def test_days_between_dispatch_and_deadline() -> None:
    facts = _read(
        NOTICE,
        "Date d'envoi du présent avis : 3 mai 2027.",
        "Date limite de réception des offres : 7 juin 2027 à 12 h 00.",
    )
    assert [(f.name, f.value) for f in facts] == [("procedure.answer_days", 35)]


def test_documents_of_a_list_are_counted() -> None:
    facts = _read(
        RC,
        "Le candidat remet les pièces suivantes à l'appui de sa candidature :",
        "<ul><li>une lettre ;</li><li>un pouvoir ;</li><li>une attestation fiscale.</li></ul>",
    )
    assert _said(facts) == [("pieces_asked", 3, (), "application")]


def test_every_fact_is_known_and_has_its_place() -> None:
    facts = _read(CCAP, "Les sommes dues sont réglées dans un délai de 30 jours.")
    (fact,) = facts
    assert fact.name in kinds()
    assert (fact.place.piece, fact.place.page) == ("p1", 1)
    assert fact.place.quote == "réglées dans un délai de 30 jours"
    assert fact.found_by == "payment_days"


def test_long_sentences_take_no_time() -> None:
    text = "avance variante visite sous-traitance garantie paiement acompte groupement " * 600
    start = time.perf_counter()
    _read(RC, f"{text} n'est pas")
    assert time.perf_counter() - start < 5
