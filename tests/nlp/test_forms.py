"""Forms are set apart: what is printed in them for the bidder is no clause of the call."""

import pytest

from corpus.documents import PieceType
from corpus.findings import Finding
from nlp.reading import read_piece
from nlp.tagger import tag


def found(name: str, text: str) -> tuple[Finding, ...]:
    return tag(read_piece(name, text.encode(), id="p1", max_pages=50))


def labels(name: str, text: str) -> set[str]:
    return {label for f in found(name, text) if f.status.in_force for label in f.labels}


HEAD = "ACTE D'ENGAGEMENT\n\nATTRI1\n\n"
RESERVED = "Le lot 2 est réservé aux entreprises adaptées et aux ESAT (article L. 2113-12).\n\n"
HOURS = "Le titulaire réalise 350 heures d'insertion au profit des publics éligibles.\n\n"

DC1 = """LETTRE DE CANDIDATURE

DC1

A - Identification de l'acheteur

..................................................

C - Objet de la candidature

(Cocher la case correspondante.)

☐ pour le marché public

☐ pour le lot n° ..........

D - Présentation du candidat

Nom commercial et dénomination sociale, adresse, SIRET : ....................

Le candidat est une entreprise adaptée ou un établissement d'aide par le travail.

Le candidat consacre 350 heures d'insertion au profit des publics éligibles.
"""


@pytest.mark.parametrize("name", ["DC1.txt", "12345_doc_3.txt", "annexe 4.txt"])
def test_a_form_says_nothing_whatever_its_name(name: str) -> None:
    piece = read_piece(name, DC1.encode(), id="p1", max_pages=9)
    assert piece.type == PieceType.FORM
    assert tag(piece) == ()


@pytest.mark.parametrize(
    "option",
    [
        "Je renonce au bénéfice de l'avance : Non Oui\n\n",
        "Je renonce au bénéfice de l'avance : ☐ Non ☐ Oui\n\n",
        "B4 - Avance\n\nJe renonce au bénéfice de l'avance :\n\n☐ Non\n\n☐ Oui\n\n",
        "Le groupement d'opérateurs économiques est : ☐ conjoint OU ☐ solidaire\n\n",
        "Groupement conjoint : le mandataire du groupement est : conjoint ou solidaire\n\n",
        "Le titulaire s'engage à réaliser .......... heures d'insertion.\n\n",
        "☐ Le titulaire réalise une action d'insertion\n\n",
        "(Cocher les cases correspondantes.)\n\n- Clause sociale d'insertion\n- Marché réservé\n\n",
    ],
)
def test_what_is_printed_in_a_commitment_form_is_silent(option: str) -> None:
    assert found("ATTRI1.txt", HEAD + option) == ()


def test_what_the_buyer_wrote_in_a_commitment_form_stays() -> None:
    text = HEAD + RESERVED + "Je renonce au bénéfice de l'avance : ☐ Non ☐ Oui\n\n" + HOURS
    assert {"reserved.disability", "social.integration"} <= labels("ATTRI1.txt", text)
    assert labels("ATTRI1.txt", text) == labels("ATTRI1.txt", HEAD + RESERVED + HOURS)


@pytest.mark.parametrize(
    "option",
    [
        "Je renonce au bénéfice de l'avance.\n\nJe ne renonce pas au bénéfice de l'avance.\n\n",
        "2. Bénéfice de l'avance\n\nje ne renonce pas\n\nje renonce\n\n",
        "L'entreprise : refuse de percevoir l'avance / ne refuse pas de percevoir l'avance\n\n",
        "Le titulaire souhaite bénéficier de l'avance : Oui Non\n\n",
        "☐ Accepte de percevoir l'avance prévue au CCAP\n\n",
        "Agissant en tant que mandataire du groupement solidaire ou conjoint\n\n",
    ],
)
def test_the_choices_of_the_bidder_in_any_commitment_are_silent(option: str) -> None:
    assert labels("AE.txt", "ACTE D'ENGAGEMENT\n\nArticle 1 - Objet\n\n" + option) == set()


def test_the_words_of_the_buyer_in_a_commitment_stay() -> None:
    head = "ACTE D'ENGAGEMENT\n\nArticle 1 - Objet\n\n"
    assert "reserved.disability" in labels("AE.txt", head + RESERVED)
    assert "social.integration" in labels("AE.txt", head + HOURS)
    ticked = "Le marché est :\n\n☒ réservé aux entreprises adaptées (article L. 2113-12)\n\n"
    assert "reserved.disability" in labels("AE.txt", head + ticked)
    rule = "Une avance de 20 % du montant du marché est versée au titulaire.\n\n"
    assert "access.advance" in labels("AE.txt", head + rule)


def test_a_duty_beside_a_choice_stays() -> None:
    head = "ACTE D'ENGAGEMENT\n\nArticle 1 - Objet\n\n"
    led = HOURS.strip() + " Cocher la case correspondante :\n\n☐ embauche directe\n\n☐ tutorat\n\n"
    assert "social.integration" in labels("AE.txt", head + led)
    paid = "Une avance de 20 % est versée au titulaire. Il y renonce : Oui Non\n\n"
    assert "access.advance" in labels("AE.txt", head + paid)
    both = "Une avance de 20 % est versée. Je renonce au bénéfice de l'avance : ☐ Non ☐ Oui\n\n"
    quotes = [f.quote for f in found("AE.txt", head + both) if f.status.in_force]
    assert quotes == ["Une avance de 20 % est versée."]


RC = (
    "RÈGLEMENT DE LA CONSULTATION\n\n"
    "Article 1 - Objet\n\nNettoyage des écoles.\n\n"
    "Article 2 - Candidatures\n\n"
    "Les candidats remettent une lettre de candidature (DC1) et une déclaration (DC2).\n\n"
    + RESERVED
)


def test_a_form_appended_to_the_rules_is_silent() -> None:
    alone = found("RC.txt", RC)
    both = found("RC.txt", f"{RC}\fANNEXE 1 : {DC1}")
    assert alone
    assert [f.quote for f in both] == [f.quote for f in alone]


def test_what_follows_an_appended_form_is_read() -> None:
    after = "ANNEXE 2 - CONDITIONS D'EXÉCUTION\n\n" + HOURS
    both = found("RC.txt", f"{RC}\fANNEXE 1 : {DC1}\f{after}")
    assert any("350 heures" in f.quote for f in both)
    assert sum("350 heures" in f.quote for f in both) == 1


@pytest.mark.parametrize(
    "title",
    ["Cadre de réponse technique", "ANNEXE 3 - QUESTIONNAIRE RSE", "MÉMOIRE TECHNIQUE - CADRE"],
)
def test_a_response_frame_at_the_end_of_a_piece_is_silent(title: str) -> None:
    frame = (
        f"{title}\n\nCandidat :\n\nAdresse :\n\nLe candidat renseigne le présent cadre.\n\n"
        "Réponse du candidat : ..........\n\n" + HOURS
    )
    assert not any("350 heures" in f.quote for f in found("RC.txt", f"{RC}\f{frame}"))


@pytest.mark.parametrize(
    "article",
    [
        "Article 7 - Cadre de réponse\n\nLe cadre de réponse est à compléter par le candidat.\n\n",
        "Cadre de réponse technique\n\nIl est joint au dossier.\n\n",
        "DC1\n\nLe formulaire est disponible en ligne.\n\n",
        "Les candidats remettent l'attestation de visite.\n\n",
    ],
)
def test_rules_that_only_speak_of_a_form_are_read(article: str) -> None:
    assert any("350 heures" in f.quote for f in found("RC.txt", RC + article + HOURS))


def test_a_response_frame_named_so_is_silent() -> None:
    assert found("Cadre de réponse lot 1.txt", "Candidat :\n\n" + HOURS) == ()
