import itertools
from dataclasses import replace

import pytest

from corpus.documents import Page, Piece, PieceType
from nlp.dossier import piece_type
from nlp.sections import structure
from nlp.versions import Choice, choose

WORDS = (
    "titulaire prestation chantier réunion équipe matériel contrôle rapport délai paiement clé"
    " nettoyage entretien bâtiment surface passage consigne tri produit horaire agent planning"
).split()


def body(seed: int, sentences: int = 60) -> str:
    """Sentences that differ from one seed to another and never come twice in one text."""
    lines = []
    for n in range(sentences):
        chosen = [WORDS[(seed * 7 + n * 5 + k * (n + seed + 3)) % len(WORDS)] for k in range(9)]
        lines.append(f"{chosen[0].capitalize()} {n} " + " ".join(chosen[1:]) + ".")
    return "\n".join(lines)


CCAP = "CAHIER DES CLAUSES ADMINISTRATIVES PARTICULIÈRES\nPropreté des écoles\n" + body(1)
RC = "RÈGLEMENT DE LA CONSULTATION\nPropreté des écoles\nRemise des offres : 4 mai\n" + body(2)


def piece(name: str, text: str, media: str = "application/pdf", source: str = "text") -> Piece:
    page = Page(1, text, source=source)
    role, sure = piece_type(name, (page,))
    return Piece(name, name, role, sure, media, name, (page,), structure((page,)))


def decided(*pieces: Piece) -> dict[str, Choice]:
    return {choice.piece: choice for choice in choose(pieces)}


def test_different_pieces_have_nothing_to_do_with_each_other() -> None:
    assert choose([piece("RC.pdf", RC), piece("CCAP.pdf", CCAP)]) == ()


def test_a_version_alone_is_kept() -> None:
    assert choose([piece("RC v2.pdf", RC), piece("CCAP.pdf", CCAP)]) == ()


def test_the_same_text_under_another_name_and_format_counts_once() -> None:
    pdf = piece("CCAP.pdf", CCAP)
    word = piece("doc_1.docx", CCAP, media="application/docx")
    found = decided(word, pdf)
    assert set(found) == {"doc_1.docx"}
    assert (found["doc_1.docx"].code, found["doc_1.docx"].other) == ("same-text", "CCAP.pdf")
    assert not found["doc_1.docx"].counts


def test_a_piece_that_stands_in_the_file_of_the_whole_dossier_counts_once() -> None:
    heads = (
        "\nArticle 4 - Présentation des offres\nArticle 5 - Jugement des offres\n",
        ("\nArticle 2 - Pièces constitutives\nArticle 6 - Pénalités\nArticle 8 - Résiliation\n"),
    )
    pages = (Page(1, RC + heads[0]), Page(2, CCAP + heads[1]))
    name = "DCE.pdf"
    role, sure = piece_type(name, pages)
    whole = Piece(name, name, role, sure, "application/pdf", name, pages, structure(pages))
    found = decided(piece("CCAP.pdf", CCAP), whole)
    assert set(found) == {"CCAP.pdf"}
    assert (found["CCAP.pdf"].code, found["CCAP.pdf"].other) == ("inside", name)
    assert not found["CCAP.pdf"].counts
    changed = decided(piece("CCAP.pdf", CCAP.replace("titulaire", "prestataire")), whole)
    assert [(c.code, c.counts) for c in changed.values()] == [("version-unclear", True)]


def test_of_a_scan_and_its_text_the_text_counts() -> None:
    found = decided(
        piece("CCAP.pdf", CCAP, source="ocr"), piece("CCAP.docx", CCAP, media="application/docx")
    )
    assert set(found) == {"CCAP.pdf"}


def test_another_format_with_a_few_differences_is_the_same_piece() -> None:
    other = CCAP + "\nImprimé en deux exemplaires"
    found = decided(piece("CCAP.pdf", CCAP), piece("CCAP.docx", other, media="application/docx"))
    assert found["CCAP.docx"].code == "other-format"
    assert not found["CCAP.docx"].counts


CHANGED = RC.replace("4 mai", "11 mai") + "\nUne phrase de plus est ajoutée à la fin du texte."


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("RC.pdf", "RC v2.pdf", "newer-name"),
        ("RC_v1.pdf", "RC_V3.pdf", "newer-name"),
        ("RC-v2.pdf", "RC-v10.pdf", "newer-name"),
        ("RCv1.pdf", "RCv2.pdf", "newer-name"),
        ("RC version 1.1.pdf", "RC version 1.2.pdf", "newer-name"),
        ("RC indice A.pdf", "RC indice B.pdf", "newer-name"),
        ("RC.pdf", "RC ind. B.pdf", "newer-name"),
        ("RC.pdf", "RC_modifié.pdf", "marked-name"),
        ("RC.pdf", "RC corrigé.pdf", "marked-name"),
        ("RC.pdf", "RC rectificatif.pdf", "marked-name"),
        ("RC.pdf", "RC mis à jour.pdf", "marked-name"),
        ("RC.pdf", "RC_MAJ.pdf", "marked-name"),
        ("RC.pdf", "RC annule et remplace.pdf", "marked-name"),
        ("RC.pdf", "RC bis.pdf", "marked-name"),
        ("RC bis.pdf", "RC ter.pdf", "marked-name"),
        ("RC provisoire.pdf", "RC.pdf", "marked-name"),
        ("RC projet de.pdf", "RC vf.pdf", "marked-name"),
        ("RC 2026-03-12.pdf", "RC 2026-04-02.pdf", "later-name"),
        ("RC_12032026.pdf", "RC_02042026.pdf", "later-name"),
        ("RC 12 mars 2026.pdf", "RC 2 avril 2026.pdf", "later-name"),
        ("RC 12.03.2026.pdf", "RC_20260402.pdf", "later-name"),
        ("DCE v1/RC.pdf", "DCE v2/RC.pdf", "newer-name"),
        ("Règlement de consultation.pdf", "RC v2.pdf", "newer-name"),
    ],
)
def test_marks_in_names_tell_the_newer(old: str, new: str, code: str) -> None:
    for order in itertools.permutations([piece(old, RC), piece(new, CHANGED)]):
        (choice,) = choose(order)
        assert (choice.piece, choice.other, choice.counts) == (old, new, False)
        assert choice.code == code
        assert ">" in choice.reason


@pytest.mark.parametrize(
    "cover",
    [
        "Version 2\n",
        "Le présent règlement annule et remplace la version du 12 mars.\n",
        "Annule et remplace le règlement publié en mars\n",
        "Les modifications apportées figurent en rouge.\n",
        "Document rectifié\n",
    ],
)
def test_words_on_the_cover_tell_the_newer(cover: str) -> None:
    title, rest = CHANGED.split("\n", 1)
    found = decided(piece("55.pdf", RC), piece("56.pdf", f"{title}\n{cover}{rest}"))
    assert set(found) == {"55.pdf"}
    assert found["55.pdf"].code in ("newer-cover", "marked-cover")


def test_dates_on_the_cover_tell_the_newer() -> None:
    title, rest = RC.split("\n", 1)
    found = decided(
        piece("55.pdf", f"{title}\nVersion du 2 avril 2026\n{rest}"),
        piece("56.pdf", f"{title}\nVersion du 12/03/2026\n{rest}"),
    )
    assert set(found) == {"56.pdf"}
    assert found["56.pdf"].code == "later-cover"
    assert found["56.pdf"].reason == "2026-04-02 > 2026-03-12"


def test_the_last_of_three_takes_the_place_of_both() -> None:
    found = decided(
        piece("RC v3.pdf", CHANGED + "\nEncore une phrase nouvelle."),
        piece("RC.pdf", RC),
        piece("RC v2.pdf", CHANGED),
    )
    assert {(c.piece, c.other) for c in found.values()} == {
        ("RC.pdf", "RC v3.pdf"), ("RC v2.pdf", "RC v3.pdf"),
    }  # fmt: skip


def test_marks_that_contradict_each_other_keep_both() -> None:
    found = decided(piece("RC v2 2026-01-05.pdf", RC), piece("RC v1 2026-03-05.pdf", CHANGED))
    (choice,) = found.values()
    assert choice.counts
    assert choice.code == "version-unclear"


def test_marks_that_turn_in_a_circle_keep_all() -> None:
    first = piece("RC v2.pdf", RC + "\nFin un.")
    second = piece("RC 2026-01-05.pdf", RC + "\nFin deux.")
    third = piece("RC v1 2026-03-05.pdf", RC + "\nFin trois.")
    choices = choose([first, second, third])
    kept = {p.id for p in (first, second, third)} - {c.piece for c in choices if not c.counts}
    assert kept


def test_a_copy_that_says_nothing_else_is_unclear() -> None:
    (choice,) = choose([piece("RC.pdf", RC), piece("RC (1).pdf", CHANGED)])
    assert (choice.piece, choice.counts, choice.code) == ("RC.pdf", True, "version-unclear")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("CCTP lot 1.pdf", "CCTP lot 2.pdf"),
        ("CCTP lot 1.pdf", "CCTP lot 2 v2.pdf"),
        ("X-CCTP-LOT-00-Indice-A.pdf", "X-CCTP-LOT-05-Indice-B.pdf"),
        ("Lot-01-Charpente.pdf", "Lot-03-Platrerie.pdf"),
        ("CCTP peinture.pdf", "CCTP toiture v2.pdf"),
        ("CCTP.pdf", "CCTP lot 4 v2.pdf"),
    ],
)
def test_lots_and_objects_apart(one: str, two: str) -> None:
    text = "CAHIER DES CLAUSES TECHNIQUES PARTICULIÈRES\n" + body(3)
    assert choose([piece(one, text), piece(two, text + "\nFin.")]) == ()


def test_lots_on_the_covers_apart() -> None:
    text = "CAHIER DES CLAUSES TECHNIQUES PARTICULIÈRES\nLot n° {}\n" + body(3)
    assert choose([piece("81.pdf", text.format(1)), piece("82.pdf", text.format(2))]) == ()


def test_a_note_that_changes_a_date_replaces_nothing() -> None:
    notice = piece("AAPC.pdf", "AVIS DE MARCHÉ\n" + body(4))
    rectified = piece("Avis rectificatif.pdf", "AVIS RECTIFICATIF\nAu lieu de 4 mai lire 11 mai.")
    assert rectified.type == PieceType.NOTICE
    assert choose([notice, rectified, piece("RC.pdf", RC)]) == ()


def test_a_short_newer_version_amends_and_both_count() -> None:
    head = "\n".join(RC.split("\n")[:26])
    (choice,) = choose([piece("RC.pdf", RC), piece("RC v2.pdf", head)])
    assert (choice.code, choice.counts) == ("amends", True)


def test_other_texts_under_like_names_are_other_pieces() -> None:
    other = "RÈGLEMENT DE LA CONSULTATION\n" + body(9)
    assert choose([piece("RC.pdf", RC), piece("RC v2.pdf", other)]) == ()


def test_forms_are_never_versions_but_may_be_doubles() -> None:
    form = "LETTRE DE CANDIDATURE\nDC1\n" + body(5)
    assert choose([piece("DC1.pdf", form), piece("DC1 v2.pdf", form + "\nNote.")]) == ()
    assert [c.code for c in choose([piece("DC1.pdf", form), piece("DC1 (1).pdf", form)])] == [
        "same-text"
    ]


def test_blank_pages_are_no_doubles() -> None:
    assert choose([piece("Plan A.pdf", ""), piece("Plan B.pdf", "")]) == ()


def test_every_choice_is_a_probability_and_names_pieces() -> None:
    pieces = [piece("RC.pdf", RC), piece("RC v2.pdf", CHANGED), piece("copie RC.pdf", RC)]
    for choice in choose(pieces):
        assert 0 < choice.confidence <= 1
        assert choice.other in {p.id for p in pieces}
        assert choice.piece != choice.other
    assert choose([replace(p, id=p.name) for p in pieces]) == choose(pieces)
