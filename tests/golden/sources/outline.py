"""Articles and headings, lists and their lead-ins, sections of lots."""

from __future__ import annotations

from collections.abc import Sequence

from . import Source
from .canvas import Sheet, glyph_font, pdf

_Line = tuple[str, str]  # what it is, its words

_SENTENCE = "Le titulaire en rend compte à la ville par un relevé trimestriel, visé par ses soins."


def _written(*lines: _Line, left: float = 60, top: float = 90) -> Sheet:
    """Show headings (B bold, H bold and large, P plain), texts (T) and items (1, 2: inset)."""
    page = Sheet()
    y = top
    for kind, text in lines:
        if kind in "BHP":
            size = 12 if kind == "H" else 10
            y += 6
            page.text(left, y, text, size, "R" if kind == "P" else "B")
            y += 20
        elif kind == "T":
            y = page.flow(left, y, text)
        else:
            page.text(left + 14 * int(kind), y, text)
            y += 14
    return page


def _file(*lines: _Line) -> Source:
    return pdf(_written(*lines))


def outline_articles() -> Source:
    """ARTICLE 10, 10.2, 10.2.1: three levels."""
    return _file(
        ("H", "ARTICLE 10 – CLAUSES SOCIALES"),
        (
            "T",
            "Le présent article s'impose au titulaire pendant toute la durée du marché.",
        ),
        ("B", "10.1 Public"),
        ("T", _SENTENCE),
        ("B", "10.2 Heures"),
        ("B", "10.2.1 Calcul"),
        ("T", _SENTENCE),
        ("H", "ARTICLE 11 – PÉNALITÉS"),
        ("T", _SENTENCE),
    )


def outline_plain_numbers() -> Source:
    """6, 6.1, 6.1.2: the deep ones are neither bold nor large."""
    return _file(
        ("B", "6 EXÉCUTION DES PRESTATIONS"),
        ("B", "6.1 Moyens humains"),
        ("P", "6.1.1 Encadrement"),
        ("T", _SENTENCE),
        ("P", "6.1.2 Engagement du titulaire en faveur de l'insertion"),
        ("T", _SENTENCE),
        ("B", "6.2 Moyens matériels"),
        ("T", _SENTENCE),
    )


def outline_article_colon() -> Source:
    """Article 5 : and Article 5.1 :, in plain letters."""
    return _file(
        ("P", "Article 5 : Développement durable"),
        ("P", "Article 5.1 : Tri des déchets"),
        ("T", _SENTENCE),
        ("P", "Article 5.2 : Véhicules"),
        ("T", _SENTENCE),
        ("P", "Article 6 : Litiges"),
        ("T", _SENTENCE),
    )


def outline_roman() -> Source:
    """I., II. and below them A., B."""
    return _file(
        ("B", "I. OBJET DU MARCHÉ"),
        ("T", _SENTENCE),
        ("B", "II. EXÉCUTION"),
        ("B", "A. Insertion"),
        ("T", _SENTENCE),
        ("B", "B. Environnement"),
        ("T", _SENTENCE),
        ("B", "III. RÈGLEMENT"),
        ("T", _SENTENCE),
    )


def outline_roman_dashes() -> Source:
    """IV - and below it IV.1 -, IV.2 -."""
    return _file(
        ("B", "IV - CONDITIONS D'EXÉCUTION"),
        ("B", "IV.1 - Conditions sociales"),
        ("T", _SENTENCE),
        ("B", "IV.2 - Conditions environnementales"),
        ("T", _SENTENCE),
        ("B", "V - PRIX"),
        ("T", _SENTENCE),
    )


def outline_chapters() -> Source:
    """Chapters hold articles."""
    return _file(
        ("H", "CHAPITRE 1 – DISPOSITIONS GÉNÉRALES"),
        ("B", "Article 1er – Objet"),
        ("T", _SENTENCE),
        ("B", "Article 2 – Durée"),
        ("T", _SENTENCE),
        ("H", "CHAPITRE 2 – DÉVELOPPEMENT DURABLE"),
        ("B", "Article 3 – Insertion"),
        ("T", _SENTENCE),
    )


def outline_titles() -> Source:
    """Titles in roman numbers hold numbered articles without the word."""
    return _file(
        ("H", "TITRE II - EXÉCUTION"),
        ("B", "4. Clause sociale"),
        ("T", _SENTENCE),
        ("B", "5. Clause environnementale"),
        ("T", _SENTENCE),
    )


def outline_number_above_title() -> Source:
    """The number stands alone on its line, the title on the next."""
    page = Sheet()
    for y, text in ((96, "ARTICLE 7"), (110, "INSERTION PROFESSIONNELLE")):
        page.text(60, y, text, 12, "B")
    y = page.flow(60, 140, _SENTENCE)
    page.text(60, y + 6, "7.1", 10, "B")
    page.text(60, y + 18, "Suivi des parcours", 10, "B")
    page.flow(60, y + 44, _SENTENCE)
    return pdf(page)


def outline_number_beside_title() -> Source:
    """The number stands in the margin, the title a tab away."""
    page = Sheet()
    for y, number, text in ((96, "8", "ENVIRONNEMENT"), (120, "8.1", "Gestion des déchets")):
        page.text(60, y, number, 10, "B")
        page.text(110, y, text, 10, "B")
    page.flow(110, 146, _SENTENCE, 420)
    return pdf(page)


def outline_bold_only() -> Source:
    """Headings without number: bold, each replaces the one before."""
    return _file(
        ("B", "Conditions sociales"),
        ("T", _SENTENCE),
        ("B", "Conditions environnementales"),
        ("T", _SENTENCE),
        ("T", "Il indique les filières retenues et la part des déchets qui ont été valorisés."),
    )


def outline_capitals_only() -> Source:
    """Headings without number, in capitals of the same weight."""
    return _file(
        ("P", "CONDITIONS SOCIALES"),
        ("T", _SENTENCE),
        ("P", "CONDITIONS ENVIRONNEMENTALES"),
        ("T", _SENTENCE),
    )


def outline_heading_of_two_lines() -> Source:
    """A heading goes on over its line."""
    page = Sheet()
    page.text(60, 96, "ARTICLE 14 – ACTION D'INSERTION EN FAVEUR DES PERSONNES", 12, "B")
    page.text(60, 111, "ÉLOIGNÉES DE L'EMPLOI", 12, "B")
    page.flow(60, 140, _SENTENCE)
    return pdf(page)


def outline_no_headings() -> Source:
    """Sentences that begin by a number, a bold warning, a list in numbers are no headings."""
    return _file(
        ("B", "3 Délais d'exécution"),
        ("T", "12 mois après la notification, le titulaire remet le bilan des heures d'insertion."),
        ("T", "2026 et 2027 sont les deux années de la tranche ferme."),
        ("T", "Le titulaire :"),
        ("1", "1) accueille deux apprentis ;"),
        ("1", "2) les forme au tri des déchets ;"),
        ("1", "3) rend compte de leur assiduité."),
    )


def _bulleted(page: Sheet, y: float, code: int, text: str, left: float) -> None:
    page.raw(f"BT /W 10 Tf {left} {page.up(y)} Td <{code:02x}> Tj ET")
    page.text(left + 14, y, text)


def lists_of_dashes() -> Source:
    """Dashes below a lead-in, then a paragraph that is none of them."""
    return _file(
        ("T", "Les personnes éligibles à la clause sociale sont notamment :"),
        ("1", "- les demandeurs d'emploi de longue durée ;"),
        ("1", "- les bénéficiaires du revenu de solidarité active ;"),
        ("1", "- les travailleurs handicapés."),
        (
            "T",
            "Le facilitateur valide l'éligibilité de chaque personne avant son embauche par écrit.",
        ),
    )


def lists_of_symbols() -> Source:
    """Bullets by Symbol and Wingdings codes, o of Courier, each with its own inset."""
    page = Sheet()
    page.fonts["W"] = glyph_font(
        "DDDDDD+Wingdings-Regular", {0xA7: "\uf0a7", 0xD8: "\uf0d8", 0xB7: "\uf0b7"}
    )
    page.flow(60, 90, "Le candidat décrit dans son mémoire technique :")
    _bulleted(page, 110, 0xB7, "les moyens humains affectés ;", 74)
    _bulleted(page, 124, 0xB7, "les actions d'insertion, dont :", 74)
    for y, text in ((138, "le recrutement direct ;"), (152, "la mise à disposition.")):
        page.text(100, y, "o", 10, "C")
        page.text(114, y, text)
    _bulleted(page, 166, 0xB7, "les produits employés.", 74)
    page.flow(60, 200, "Il joint, le cas échéant :")
    _bulleted(page, 220, 0xA7, "un label ;", 74)
    _bulleted(page, 234, 0xD8, "un agrément.", 74)
    return pdf(page)


def lists_nested() -> Source:
    """Dashes, and below one of them a list of bullets with its own lead-in."""
    return _file(
        ("T", "Pour remplir son engagement, le titulaire choisit entre :"),
        ("1", "- une action de formation :"),
        ("2", "• d'au moins soixante-dix heures ;"),
        ("2", "• au profit de deux personnes ;"),
        ("1", "- une action de recrutement."),
    )


def lists_of_letters() -> Source:
    """a), b), c); an item goes on over its line."""
    page = Sheet()
    page.flow(60, 90, "Sont joints à l'offre :")
    y = 110
    for text in (
        "a) la liste des produits d'entretien, avec pour chacun l'écolabel obtenu ou la preuve",
        "    d'une performance équivalente ;",
        "b) la fiche de suivi des heures d'insertion ;",
        "c) l'attestation d'assurance.",
    ):
        page.text(88 if text.startswith(" ") else 74, y, text.strip())
        y += 12
    return pdf(page)


def lists_denied() -> Source:
    """A lead-in that denies rules all its items."""
    return _file(
        ("T", "Ne sont pas concernés par la clause sociale :"),
        ("1", "- le lot relatif à la maintenance ;"),
        ("1", "- les bons de commande de moins de mille euros."),
        (
            "T",
            "Ne peuvent être proposés, quelle que soit la prestation demandée :",
        ),
        ("1", "• les bois tropicaux non certifiés ;"),
        ("1", "• les contenants à usage unique."),
    )


def lots_in_capitals() -> Source:
    """LOT n°2 : Nettoyage begins a section that belongs to it."""
    return _file(
        ("H", "LOT n°1 : Gardiennage"),
        ("T", _SENTENCE),
        ("H", "LOT n°2 : Nettoyage"),
        ("B", "2.1 Produits"),
        ("T", _SENTENCE),
        ("T", "Les obligations qui suivent sont de même portée :"),
        ("1", "- le tri des déchets ;"),
        ("1", "- la formation des agents."),
    )


def lots_in_articles() -> Source:
    """Articles that name their lots, and one that names none."""
    return _file(
        ("B", "Article 8 - Clause sociale des lots 1 et 3"),
        ("T", _SENTENCE),
        ("B", "Article 9 - Clause sociale du lot n° 2"),
        ("T", _SENTENCE),
        ("B", "Article 10 - Pénalités"),
        ("T", _SENTENCE),
    )


def outline_over_pages() -> Source:
    """A section goes on over two page breaks, under running headers."""
    pages: list[Sheet] = []
    bodies: Sequence[tuple[_Line, ...]] = (
        (("H", "ARTICLE 3 – INSERTION"), ("B", "3.1 Principe"), ("T", _SENTENCE)),
        (
            (
                "T",
                "Les heures de formation comptent pour moitié, dans la limite d'un quart du total.",
            ),
        ),
        (("T", "Le solde est reporté sur l'année suivante."), ("B", "3.2 Suivi"), ("T", _SENTENCE)),
    )
    for n, body in enumerate(bodies, 1):
        page = _written(*body, top=120)
        page.text(60, 40, "Ville de Valbrume – Cahier des charges", 9)
        page.text(500, 812, f"Page {n} sur 3", 9)
        pages.append(page)
    return pdf(*pages)
