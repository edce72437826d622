import re
import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from corpus.findings import Finding, Reference, Stage, Status
from nlp.dossier import Told, told
from nlp.reading import read_piece
from nlp.references import article, followed, missing, only_refers, references

CCAP = """<h1>CAHIER DES CLAUSES ADMINISTRATIVES PARTICULIÈRES</h1>
<h2>Article 1 - Objet</h2><p>Le marché porte sur la tonte des stades.</p>
<h2>2-Durée</h2><p>Deux ans.</p>
<h2>Article 3 - Clauses environnementales</h2><p>{}</p>
<h2>Article 4 - Pénalités</h2><h3>4.1 - Retard</h3><p>Cent euros par jour.</p>
<h3>4.2 - Absence</h3><p>Deux cents euros par passage manqué.</p>"""
CCTP = """<h1>CAHIER DES CLAUSES TECHNIQUES PARTICULIÈRES</h1>
<h2>I. Terrains</h2><p>Neuf terrains sont à tondre.</p>
<h2>II. Matériel</h2><p>Les tondeuses sont fournies par le titulaire.</p>
<h2>III. Herbe coupée</h2><p>Le titulaire composte l'herbe coupée.</p>
<p>Il pèse chaque apport à la plateforme.</p>
<h2>IV. Arrosage</h2><p>Le soir seulement.</p>"""


def dossier(**pieces: str) -> tuple[Told, ...]:
    return tuple(
        told(read_piece(f"{name}.html", text.encode(), id=name, max_pages=9))
        for name, text in pieces.items()
    )


def said(text: str, **others: str) -> tuple[Reference, ...]:
    return references(dossier(ccap=CCAP.format(text), **others))


def targets(text: str) -> list[str]:
    return [reference.target for reference in said(text, cctp=CCTP)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("La tonte suit l'article III du CCTP.", ["CCTP III"]),
        ("Voir le cahier des clauses techniques particulières (article 2).", ["CCTP 2"]),
        ("Il faut lire le CCTP, notamment en son article 4.", ["CCTP 4"]),
        ("Les articles 2 et 3 du C.C.T.P. priment.", ["CCTP 2", "CCTP 3"]),
        ("Selon l'article 2 du CCTP et 4.1 du CCAP, tout retard coûte.", ["CCTP 2", "CCAP 4.1"]),
        ("Cf. § 4.2 ci-dessous.", ["CCAP 4.2"]),
        ("Le jalon est celui de l'article deuxième du CCTP.", ["CCTP 2"]),
        ("Les tailles sont à l'annexe « plan des abris ».", ["annexe plan des abris CCAP"]),
        ("À l'article 2, 3 jours sont donnés.", ["CCAP 2"]),
        ("Le plan est en annexe n° 2 à l'acte d'engagement.", ["annexe 2 AE"]),
        ("Les annexes A et B sont à lire.", ["annexe A", "annexe B"]),
        ("Le cadre de réponse joint est à remplir.", ["cadre de réponse"]),
        ("Par complément à 3.1.2 du CCAG-FCS, le délai double.", ["CCAG-FCS 3.1.2"]),
        ("Le C.C.A.G. Travaux, article 19, est écarté.", ["CCAG-Travaux 19"]),
        ("L'article 18.2.3 al. 1 et 2 du CCAG-Tx joue.", ["CCAG-Travaux 18.2.3"]),
        ("Les articles 8.1.1 et 2 du CCAG TIC jouent.", ["CCAG-TIC 8.1.1", "CCAG-TIC 8.1.2"]),
        ("Pour l'emploi, l'article 2 est suivi.", ["CCAP 2"]),
        ("Les normes que suivent toutes les équipes sont listées en annexe 2.", ["annexe 2"]),
        (
            "Par dérogation à l'article 4 du cahier des clauses administratives générales"
            " des marchés publics de travaux, rien n'est remis.",
            ["CCAG-Travaux 4"],
        ),
        ("Par dérogation à l'article 20.4, il paie. Le CCAG-PI s'applique.", ["CCAG-PI 20.4"]),
    ],
)  # fmt: skip
def test_references_are_named_as_a_reader_names_them(text: str, expected: list[str]) -> None:
    assert targets(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Les articles L. 2112-2 et R. 2111-10 du code de la commande publique jouent.",
        "L'article 4 de la loi du 31 décembre 1975 joue.",
        "Le décret n° 2016-360, notamment l'article 4, est abrogé.",
        "L'article 2, paragraphe 1, du règlement (UE) 2016/679 joue.",
        "En application de l'article 3-II de l'ordonnance, il est exclu.",
        "Les essences de l'annexe II de la convention de Washington sont exclues.",
        "Voir art. 4.1 du cahier des clauses techniques du DTU 59.",
        "Le CCAP et l'acte d'engagement priment sur le CCTP et ses annexes.",
        "Le CCAG-FCS, option B, est applicable.",
        "Il livre 3 articles du catalogue, tome 4 du CCTP.",
        "Ces œuvres d'art 3 fois primées sont à nettoyer.",
        "Le décret du 4 mai 2012 et son annexe 2 sont affichés.",
        "Le CCTP cite la loi de 1975 et son article 2.",
        "Le recours de l'article 2 LMP est ouvert.",
        "L'article 27 n'est pas le nôtre.",
    ],
)
def test_laws_and_pieces_without_a_number_are_no_references(text: str) -> None:
    assert targets(text) == []


def test_a_reference_leads_to_the_heading_of_its_article() -> None:
    (reference,) = said("La tonte suit l'article 3 du CCTP.", cctp=CCTP)
    assert reference.place.quote == "article 3 du CCTP"
    assert reference.place.article.endswith("Article 3 - Clauses environnementales")
    assert reference.found is not None
    assert (reference.found.piece, reference.found.quote) == ("cctp", "III. Herbe coupée")


@pytest.mark.parametrize(
    ("text", "pieces", "found"),
    [
        ("Voir l'article 9 du CCTP.", {"cctp": CCTP}, None),
        ("Voir l'article 3 du CCTP.", {}, None),
        ("Voir l'article 4.3 du présent CCAP.", {}, None),
        ("Voir l'article 4.2 du présent CCAP.", {}, "4.2 - Absence"),
        ("Voir l'annexe 2.", {"annexe1": "<h1>Annexe 1 - Plan</h1><p>Nord.</p>"}, None),
        (
            "Voir l'annexe 1.",
            {"annexe1": "<h1>Annexe 1 - Plan</h1><p>Nord.</p>"},
            "Annexe 1 - Plan",
        ),
        (
            "Voir l'annexe 1 du CCAP.",
            {"cctp_annexe1": "<h1>Annexe 1 du CCTP - Plan</h1><p>Nord.</p>"},
            None,
        ),
    ],
)
def test_what_the_dossier_lacks_is_missing(
    text: str, pieces: dict[str, str], found: str | None
) -> None:
    given = said(text, **pieces)
    assert [r.found.quote if r.found else None for r in given] == [found]
    assert missing(given) == (given if found is None else ())


def test_a_general_condition_is_outside_and_not_missing() -> None:
    (reference,) = said("Par dérogation à l'article 14.1 du CCAG-FCS, sans plafond.")
    assert reference.outside
    assert missing([reference]) == ()


def test_a_target_is_missing_once() -> None:
    given = said("L'article 5 du CCTP prime. Voir l'article 5 du CCTP, et l'article 6 du CCTP.")
    assert [r.target for r in missing(given)] == ["CCTP 5", "CCTP 6"]


def test_a_piece_that_cannot_be_read_lacks_nothing() -> None:
    prose = "<h1>CAHIER DES CLAUSES TECHNIQUES PARTICULIÈRES</h1><p>La tonte est rase.</p>"
    assert said("Voir l'article 3 du CCTP.", cctp=prose) == ()


def test_an_article_is_its_heading_and_all_below() -> None:
    ccap, cctp = dossier(ccap=CCAP.format("Rien."), cctp=CCTP)
    assert [block.text for block in article(ccap, "4")] == [
        "Article 4 - Pénalités",
        "4.1 - Retard",
        "Cent euros par jour.",
        "4.2 - Absence",
        "Deux cents euros par passage manqué.",
    ]
    assert article(cctp, "3")[0].text == "III. Herbe coupée"
    assert article(ccap, "4.3") == ()
    assert article(ccap, "3.1") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Clauses environnementales : se référer à l'article 3 du CCTP", True),
        ("Se reporter à l'annexe 3 du CCTP pour les heures.", True),
        ("Clause d'insertion (voir article 7 du CCAP)", True),
        ("Les modalités de la clause sociale sont précisées à l'article 12 du CCAP.", True),
        ("Le volet social est décrit au CCAP (art. 8).", False),
        ("Le titulaire applique l'article 3 du CCTP.", False),
        ("Le titulaire réserve 40 heures à l'insertion : voir l'article 8 du CCAP.", False),
        ("Clause sociale : oui, voir CCAP.", False),
        ("Voir l'article 3 du CCTP, et composter l'herbe coupée.", False),
        ("Les déchets sont triés : voir ci-dessous.", False),
    ],
)
def test_a_passage_that_only_refers(text: str, expected: bool) -> None:
    assert only_refers(text) is expected


def finding(
    quote: str, given: Sequence[Told], status: Status, label: str, qualifier: str = ""
) -> Finding:
    piece, block = next(
        (t.piece, s.block) for t in given for s in t.said if quote in s.block.text
    )  # fmt: skip
    return Finding(
        id=quote,
        piece=piece.id,
        page=block.page,
        boxes=(),
        quote=quote,
        article=" › ".join(block.path),
        lots=(),
        labels=(label,),
        stage=Stage.EXECUTION,
        status=status,
        values={},
        confidence=0.9,
        found_by=("rule",),
        qualifiers=(qualifier,) if qualifier else (),
    )


SENDS = "Clauses environnementales : se référer à l'article 3 du CCTP."


@pytest.mark.parametrize(
    ("label", "status"),
    [("env.general", Status.BINDING), ("env.waste", Status.BINDING), ("env.energy", None)],
)
def test_a_finding_that_only_refers_has_the_force_of_what_it_refers_to(
    label: str, status: Status | None
) -> None:
    given = dossier(ccap=CCAP.format(SENDS), cctp=CCTP)
    sends = finding(SENDS, given, Status.MENTION, label)
    recital = finding("Il pèse chaque apport", given, Status.ENCOURAGED, "env.waste")
    binds = finding("Le titulaire composte l'herbe coupée.", given, Status.BINDING, "env.waste")
    expected = (
        replace(sends, status=status, qualifiers=("by-reference:CCTP 3",)) if status else sends
    )
    assert followed(given, (sends, recital, binds)) == (expected, recital, binds)


def test_a_finding_elsewhere_in_the_target_piece_lends_no_force() -> None:
    given = dossier(ccap=CCAP.format(SENDS), cctp=CCTP)
    sends = finding(SENDS, given, Status.MENTION, "env.general")
    other = finding("Le soir seulement.", given, Status.BINDING, "env.water")
    assert followed(given, (sends, other)) == (sends, other)


def test_a_finding_that_refers_to_nothing_is_a_mention() -> None:
    given = dossier(ccap=CCAP.format(SENDS))
    sends = finding(SENDS, given, Status.BINDING, "env.general")
    expected = replace(sends, status=Status.MENTION, qualifiers=("reference-missing",))
    assert followed(given, (sends,)) == (expected,)


@pytest.mark.parametrize("text", ["Cf. CCTP, article 3.", "Se référer à l'article III du CCTP."])
def test_a_heading_is_followed_by_what_stands_below_it(text: str) -> None:
    given = dossier(ccap=CCAP.format(text), cctp=CCTP)
    title = finding(
        "Article 3 - Clauses environnementales", given, Status.MENTION, "env.general", "heading"
    )
    binds = finding("Le titulaire composte l'herbe coupée.", given, Status.BINDING, "env.waste")
    new, _ = followed(given, (title, binds))
    assert new.status is Status.BINDING
    assert re.fullmatch(r"by-reference:CCTP (?:3|III)", new.qualifiers[-1])


def test_a_sentence_that_ends_in_a_colon_is_followed_by_the_next() -> None:
    lead = "L'exécution prend en compte l'environnement comme suit :"
    text = f"{lead}</p><p>Se référer à l'article 3 du CCTP."
    given = dossier(ccap=CCAP.format(text), cctp=CCTP)
    sends = finding(lead, given, Status.MENTION, "env.general")
    binds = finding("Le titulaire composte l'herbe coupée.", given, Status.BINDING, "env.waste")
    assert followed(given, (sends, binds))[0].status is Status.BINDING


def test_a_finding_with_words_of_its_own_stays() -> None:
    text = "Le titulaire réserve 40 heures à l'insertion : voir l'article 9 du CCTP."
    given = dossier(ccap=CCAP.format(text), cctp=CCTP)
    speaks = finding(text, given, Status.BINDING, "social.integration")
    assert followed(given, (speaks,)) == (speaks,)


@pytest.mark.parametrize("gap", [" " * 6000, "\t\n" * 3000, ", " * 3000])
def test_long_gaps_end_a_reference_at_once(gap: str) -> None:
    (ccap,) = dossier(ccap=CCAP.format("Rien."))
    text = f"La tonte suit l'article 2{gap}du CCTP."
    said = ccap.said[-1]._replace(block=replace(ccap.said[-1].block, text=text, segments=()))
    started = time.process_time()
    assert [r.target for r in references([Told(ccap.piece, (said,))])] == ["CCAP 2"]
    assert time.process_time() - started < 1


def test_a_heading_of_the_same_word_with_text_below_is_meant() -> None:
    parts = (
        "<h1>CAHIER DES CLAUSES TECHNIQUES PARTICULIÈRES</h1><h2>Article 1 - Herbe</h2>"
        "<h2>Article 2 - Semis</h2><h2>Titre 1 - Tonte</h2><p>Rase.</p>"
        "<h2>Article 1 - Hauteur</h2><p>Trois.</p><h2>Article 2 - Lames</h2><p>Deux.</p>"
    )
    (title_1,) = said("Voir le titre 1 du CCTP.", cctp=parts)
    assert title_1.found is not None
    assert title_1.found.quote == "Titre 1 - Tonte"
    (article_1,) = said("Voir l'article 1 du CCTP.", cctp=parts)
    assert article_1.found is not None
    assert article_1.found.quote == "Article 1 - Hauteur"


def test_the_code_may_go_by_the_letters_of_a_piece() -> None:
    code = "Le code de la commande publique (CCP) prime. "
    assert said(f"{code}Voir l'article 12 du CCP.") == ()
    assert [r.target for r in said("Voir l'article 12 du CCP.")] == ["CCP 12"]


def test_titles_are_no_references_to_themselves() -> None:
    annex = "<h1>Annexe 1 au CCAP - Plan</h1><h2>Article 1 du CCAP : rappel</h2><p>Nord.</p>"
    plain = "<p>Annexe 2 au CCAP</p><p>Sud.</p>"
    assert references(dossier(ccap=CCAP.format("Rien."), annexe1=annex, annexe2=plain)) == ()


def test_the_annex_of_this_piece_comes_before_that_of_another() -> None:
    appended = "Voir l'annexe 1.</p><h2>ANNEXE 1 - Terrains</h2><p>Nord."
    (reference,) = said(appended, cctp_annexe1="<h1>Annexe 1 du CCTP - Sols</h1><p>Gras.</p>")
    assert reference.found is not None
    assert reference.found.piece == "ccap"


def test_a_heading_leaves_the_force_to_the_finding_below_it() -> None:
    given = dossier(ccap=CCAP.format(SENDS), cctp=CCTP)
    title = finding(
        "Article 3 - Clauses environnementales", given, Status.MENTION, "env.general", "heading"
    )
    sends = finding(SENDS, given, Status.MENTION, "env.general")
    binds = finding("Le titulaire composte l'herbe coupée.", given, Status.BINDING, "env.waste")
    statuses = [f.status for f in followed(given, (title, sends, binds))]
    assert statuses == [Status.MENTION, Status.BINDING, Status.BINDING]


def test_a_target_that_only_refers_lends_no_force() -> None:
    back = "Les exigences environnementales figurent à l'article 3 du CCAP."
    cctp = CCTP.replace("Le titulaire composte l'herbe coupée.", back)
    given = dossier(ccap=CCAP.format(SENDS), cctp=cctp)
    sends = finding(SENDS, given, Status.MENTION, "env.general")
    returns = finding(back, given, Status.BINDING, "env.general")
    assert followed(given, (sends, returns))[0] == sends
