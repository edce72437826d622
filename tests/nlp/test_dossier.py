"""Roles on the made-up names and first pages of ``pieces.txt``; parts and forms of a file."""

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.documents import Line, Page, Piece, PieceType
from nlp.clean import clean
from nlp.criteria import award_criteria
from nlp.dossier import fold, forms, offers_choice, parts, piece_lots, piece_type, told
from nlp.dossier import weigh as weighings
from nlp.lots import lots
from nlp.sections import structure
from nlp.wordlists import word_file

ORDER = [PieceType(role["type"]) for role in word_file("pieces")["role"]]
Case = tuple[PieceType, str, tuple[Page, ...]]


def cases() -> list[Case]:
    found = []
    text = Path(__file__).with_name("pieces.txt").read_text(encoding="utf-8")
    for case in text.split("== ")[1:]:
        head, _, body = case.partition("\n")
        role, _, name = head.partition(" | ")
        texts = re.split(r"^---\s*$", body, flags=re.MULTILINE) if body.strip() else []
        pages = tuple(Page(i, clean(t.strip()).value) for i, t in enumerate(texts, start=1))
        found.append((PieceType(role), name, pages))
    return found


@pytest.mark.parametrize(("role", "name", "pages"), cases())
def test_each_file(role: PieceType, name: str, pages: tuple[Page, ...]) -> None:
    assert piece_type(name, pages)[0] == role


def test_names_that_tell_nothing() -> None:
    told = [(role, pages) for role, _, pages in cases() if pages]
    right = sum(piece_type("12345_doc_3.pdf", pages)[0] == role for role, pages in told)
    assert right / len(told) > 0.95


def test_confidence_is_a_frequency() -> None:
    """Of what is sure most is right; of what is not, much is wrong."""
    asked = [
        (role, *piece_type(name, pages))
        for role, own, all_pages in cases()
        for name, pages in ((own, all_pages), (own, ()), ("12345_doc_3.pdf", all_pages))
    ]
    sure = [role == found for role, found, confidence in asked if confidence >= 0.9]
    unsure = [role == found for role, found, confidence in asked if confidence < 0.5]
    assert len(sure) > 300
    assert sum(sure) / len(sure) >= 0.95
    assert 0.15 < sum(unsure) / len(unsure) < 0.6


def test_nothing_told_is_an_annex_nobody_is_sure_of() -> None:
    role, confidence = piece_type("x.pdf", ())
    assert role == PieceType.ANNEX
    assert confidence < 0.5


def test_evidence_is_named_and_ties_keep_their_order() -> None:
    first, *others = weighings("CCAP.pdf", (Page(1, "CCTP\nArticle 3 - Pénalités"),))
    assert first.type == PieceType.CCAP
    assert first.cues == ("name: ccap", "heading: penalites")
    assert others[0].type == PieceType.CCTP
    assert [w.type for w in weighings("x", ()) if not w.weight] == [
        t for t in ORDER if t != PieceType.ANNEX
    ]


def test_accents_and_apostrophes_do_not_matter() -> None:
    assert fold("L’Été d'ÉCOLE") == "l ete d ecole"
    lost = (Page(1, "REGLEMENT DE LA CONSULTATION"),)
    kept = (Page(1, "RÈGLEMENT DE LA CONSULTATION"),)
    assert piece_type("x", lost) == piece_type("x", kept)


def test_a_list_of_pieces_is_no_title() -> None:
    text = "Mairie\nPièces du marché :\n- CCTP\n• CCAP\n- Acte d'engagement\n"
    assert piece_type("x.pdf", (Page(1, text),))[0] == PieceType.ANNEX


def test_lots_of_a_name() -> None:
    assert piece_lots("dce/CCTP-LOT-02.pdf") == ("2",)


def test_a_long_file_is_weighed_fast() -> None:
    pages = tuple(Page(n, "Le titulaire assure l'entretien des locaux. " * 60) for n in range(300))
    begun = time.perf_counter()
    piece_type("long.pdf", pages)
    assert time.perf_counter() - begun < 2


# -- several pieces in one file -------------------------------------------------------------------

RC = (
    "RÈGLEMENT DE LA CONSULTATION\nPropreté des écoles",
    "Article 1 - Objet\nArticle 4 - Présentation des offres\nArticle 5 - Jugement des offres",
)
CCAP = (
    "CAHIER DES CLAUSES ADMINISTRATIVES PARTICULIÈRES\nPropreté des écoles",
    "Article 2 - Pièces constitutives\nArticle 6 - Pénalités\nArticle 8 - Résiliation",
)
AE = ("ACTE D'ENGAGEMENT\nCompte à créditer\nEngagement du candidat\nMontant de l'offre : ......",)


def piece(name: str, *texts: str) -> Piece:
    pages = tuple(Page(i, clean(text).value) for i, text in enumerate(texts, start=1))
    kind, sure = piece_type(name, pages)
    return Piece("p1", name, kind, sure, "", "", pages, structure(tuple(map(lined, pages))))


def lined(page: Page) -> Page:
    """Give a page its lines, as every reader does."""
    lines, at = [], 0
    for part in page.text.split("\n"):
        if part.strip():
            lines.append(Line(at, at + len(part)))
        at += len(part) + 1
    return replace(page, lines=tuple(lines))


def test_a_file_of_several_pieces_is_cut_at_their_titles() -> None:
    assert parts(piece("DCE.pdf", *RC, *CCAP, *AE)) == (
        (PieceType.RC, 1, 2), (PieceType.CCAP, 3, 4), (PieceType.AE, 5, 5),
    )  # fmt: skip


@pytest.mark.parametrize("texts", [RC, CCAP, AE])
def test_one_piece_is_one_part(texts: tuple[str, ...]) -> None:
    (part,) = parts(piece("x.pdf", *texts))
    assert (part.first, part.last) == (1, len(texts))


def test_a_page_that_names_another_piece_opens_none() -> None:
    listed = "Article 3 - Pièces\nLe marché comprend :\n- l'acte d'engagement ;\n- le CCTP."
    quoted = "ACTE D'ENGAGEMENT\nIl est remis avec l'offre. Article 7 - Pénalités\nRésiliation"
    assert len(parts(piece("CCAP.pdf", *CCAP, listed, quoted))) == 1


def test_a_file_without_pages_is_one_part() -> None:
    empty = Piece("p1", "CCTP.pdf", PieceType.CCTP, 0.9, "", "", ())
    assert [part.type for part in parts(empty)] == [PieceType.CCTP]


# -- forms ----------------------------------------------------------------------------------------

DC1 = (
    "LETTRE DE CANDIDATURE\nDC1\nA - Identification de l'acheteur\n..................\n"
    "C - Objet de la candidature\n(Cocher la case correspondante.)\n☐ pour le lot n° ........\n"
    "Nom commercial et dénomination sociale :"
)


def test_a_form_is_whole() -> None:
    found = piece("DC1.pdf", DC1)
    assert forms(found) == ((0, len(found.blocks), False),)
    assert not told(found).said


def test_a_form_inside_a_piece_ends_where_the_piece_goes_on() -> None:
    found = piece("RC.pdf", *RC, "ANNEXE 1 - " + DC1, "ANNEXE 2 - ACCÈS\nLe site ouvre à 8 h.")
    (form,) = forms(found)
    assert found.blocks[form.start].text.startswith("ANNEXE 1")
    assert found.blocks[form.end].text.startswith("ANNEXE 2")


def test_criteria_and_lots_printed_in_a_form_are_none() -> None:
    frame = (
        "Cadre de réponse technique\nCandidat :\nAdresse :\nCourriel :\nRéponse : ........\n"
        "Critères d'attribution :\n- Prix : 40 %\n- Valeur technique : 60 %\n"
        "Lot 1 : Voirie\nLot 2 : Réseaux"
    )
    found = piece("RC.pdf", RC[0], "ARTICLE 4 - OFFRES\nTexte.\n" + frame)
    assert not award_criteria([told(found)])
    assert not lots([told(found)], ())


def test_the_lots_to_tick_in_an_acte_dengagement_are_the_buyers() -> None:
    act = (
        "ACTE D'ENGAGEMENT\nArticle 1 - Objet\nCocher la case correspondante :\n"
        "☐ Lot 1 : Voirie\n☐ Lot 2 : Réseaux\n☐ Je renonce au bénéfice de l'avance"
    )
    found = piece("AE.pdf", act)
    assert [lot.number for lot in lots([told(found)], ())] == ["1", "2"]
    assert not any("Lot 1" in s.block.text for s in told(found).said if not s.choice)


def test_the_next_article_ends_a_form() -> None:
    frame = "Cadre de réponse technique\nCandidat :\nAdresse :\nCourriel :\nRéponse : ........"
    found = piece(
        "RC.pdf", RC[0], "ARTICLE 4 - OFFRES\nTexte.\n" + frame + "\nARTICLE 5 - NÉGOCIATION\nNon."
    )
    (form,) = forms(found)
    assert found.blocks[form.end].text.startswith("ARTICLE 5")


def test_a_running_title_makes_a_page_a_form() -> None:
    page = "DC2 – Déclaration du candidat Page : {} / 3\nLe candidat est une entreprise adaptée."
    found = piece("RC.pdf", *RC, *(page.format(n) for n in (1, 2, 3)))
    assert {said.block.page for said in told(found).said} == {1, 2}


@pytest.mark.parametrize(
    "text",
    [
        "Cadre de réponse technique\nIl est joint.\nArticle 6 - Suite\nTexte.",
        "Article 7 - Cadre de réponse\nÀ compléter par le candidat.\n☐ oui\nCandidat :",
        "- Lettre de candidature (DC1)\n- Déclaration du candidat (DC2)\n☐\n.......\nSIRET",
    ],
)
def test_words_about_a_form_are_no_form(text: str) -> None:
    assert forms(piece("RC.pdf", *RC, text)) == ()


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("Je renonce au bénéfice de l'avance", True),
        ("je ne renonce pas", True),
        ("Avance souhaitée : Oui Non", True),
        ("Avance : ☐ Non ☐ Oui", True),
        ("Le titulaire refuse de percevoir l'avance", True),
        ("Avance : ☒ Non ☐ Oui", False),
        ("Si le titulaire renonce au bénéfice de l'avance, rien n'est versé.", False),
        ("Le titulaire peut renoncer à l'avance.", False),
        ("Le lot 2 est réservé aux entreprises adaptées.", False),
        ("Le titulaire réalise 350 heures d'insertion.", False),
    ],
)
def test_choices_left_to_the_bidder(text: str, choice: bool) -> None:
    assert offers_choice(text) is choice
