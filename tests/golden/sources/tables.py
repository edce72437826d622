"""Tables: ruled, half ruled and without rules; merged cells; broken over pages."""

from __future__ import annotations

from collections.abc import Sequence

from . import Source
from .canvas import Sheet, pdf

_CRITERIA = (
    ("Critère", "Poids", "Sous-critère"),
    ("Prix des prestations", "40", "Devis type"),
    ("Valeur technique", "35", "Mémoire"),
    ("Performance sociale", "25", "Heures d'insertion"),
)
_XS = (60, 250, 310, 480)


def _fill(
    page: Sheet, rows: Sequence[Sequence[str]], xs: Sequence[float], y: float, step: float = 20
) -> None:
    """Show one line a cell, written row by row; the first row is bold."""
    for i, row in enumerate(rows):
        for x, text in zip(xs, row, strict=False):
            if text:
                page.text(x + 6, y + step * i, text, 10, "R" if i else "B")


def table_ruled() -> Source:
    """All rules drawn, cells written row by row."""
    page = Sheet()
    page.text(60, 80, "Les offres sont jugées ainsi.")
    page.grid(_XS, (100, 120, 140, 160, 180))
    _fill(page, _CRITERIA, _XS, 114)
    return pdf(page)


def table_ruled_by_columns() -> Source:
    """All rules drawn, cells written column by column, the table first and its title after it."""
    page = Sheet()
    page.grid(_XS, (100, 120, 140, 160, 180))
    for column in range(3):
        for i, row in enumerate(_CRITERIA):
            page.text(_XS[column] + 6, 114 + 20 * i, row[column], 10, "R" if i else "B")
    page.text(60, 80, "Les offres sont jugées ainsi.")
    return pdf(page)


def table_boxed_cells() -> Source:
    """Each cell is a rectangle of its own, the header's are grey."""
    page = Sheet()
    for i, row in enumerate(_CRITERIA):
        for x0, x1, text in zip(_XS, _XS[1:], row, strict=False):
            if not i:
                page.raw("0.85 g")
                page.box(x0, 100, x1 - x0, 20, "f")
                page.raw("0 g")
            page.box(x0, 100 + 20 * i, x1 - x0, 20)
            page.text(x0 + 6, 114 + 20 * i, text, 10, "R" if i else "B")
    return pdf(page)


def table_cells_of_lines() -> Source:
    """Cells of several lines, each cell written whole."""
    page = Sheet()
    page.grid((60, 200, 420, 530), (100, 120, 164, 188))
    for x, text in ((66, "Engagement"), (206, "Preuve attendue"), (426, "Échéance")):
        page.text(x, 114, text, 10, "B")
    page.lines(66, 134, ("Insertion des", "publics éloignés"))
    page.lines(
        206, 134, ("Relevé trimestriel des heures", "visé par le facilitateur", "du territoire")
    )
    page.lines(426, 134, ("Quinze jours après", "le trimestre"))
    page.lines(66, 178, ("Réemploi",))
    page.lines(206, 178, ("Bordereau de suivi",))
    page.lines(426, 178, ("Chaque mois",))
    return pdf(page)


def table_cells_of_lines_by_baseline() -> Source:
    """Cells of several lines, written baseline by baseline across the row."""
    page = Sheet()
    page.grid((60, 200, 420), (100, 120, 148))
    page.text(66, 114, "Engagement", 10, "B")
    page.text(206, 114, "Preuve attendue", 10, "B")
    for y, one, two in (
        (132, "Insertion des", "Relevé trimestriel des heures"),
        (144, "publics éloignés", "visé par le facilitateur"),
    ):
        page.text(66, y, one)
        page.text(206, y, two)
    return pdf(page)


def table_horizontal_rules() -> Source:
    """Only horizontal rules, as typographers set tables."""
    page = Sheet()
    page.text(60, 80, "Les offres sont jugées ainsi.")
    for y in (100, 120, 180):
        page.rule(60, y, 480, y)
    _fill(page, _CRITERIA, _XS, 114)
    return pdf(page)


def table_rules_under_rows() -> Source:
    """A rule under every row, none between columns, numbers set to the right."""
    page = Sheet()
    rows = (("Poste", "Heures"), ("Nettoyage des écoles", "1 200"), ("Tonte", "80"))
    for i, (label, figure) in enumerate(rows):
        y = 114 + 20 * i
        page.text(66, y, label, 10, "R" if i else "B")
        page.text(400 - (28 if i == 1 else 34 if i == 0 else 12), y, figure, 10, "R" if i else "B")
        page.rule(60, y + 6, 410, y + 6)
    return pdf(page)


def table_aligned_two() -> Source:
    """Labels and values aligned by gaps, no rule: read row by row."""
    page = Sheet()
    page.text(60, 80, "CARACTÉRISTIQUES DU MARCHÉ", 12, "B")
    for i, (label, value) in enumerate(
        (
            ("Durée initiale", "Douze mois"),
            ("Reconductions", "Trois"),
            ("Clause sociale", "Avec"),
            ("Variantes", "Sans"),
        )
    ):
        page.text(60, 110 + 16 * i, label)
        page.text(300, 110 + 16 * i, value)
    return pdf(page)


def table_aligned_three() -> Source:
    """Three columns aligned by gaps, no rule, bold header."""
    page = Sheet()
    page.text(60, 80, "Les offres sont jugées ainsi.")
    _fill(page, _CRITERIA, (54, 250, 310), 114, 16)
    return pdf(page)


def table_aligned_three_by_columns() -> Source:
    """The same, written column by column: rows all the same."""
    page = Sheet()
    for column, x in enumerate((60, 256, 316)):
        for i, row in enumerate(_CRITERIA):
            page.text(x, 114 + 16 * i, row[column], 10, "R" if i else "B")
    return pdf(page)


def table_merged_across() -> Source:
    """A row in the table is one cell over its whole width."""
    page = Sheet()
    for y in (100, 120, 140, 160, 180, 200):
        page.rule(60, y, 420, y)
    for x, stretches in (
        (60, ((100, 200),)),
        (420, ((100, 200),)),
        (260, ((100, 120), (140, 160), (180, 200))),
    ):
        for y0, y1 in stretches:
            page.rule(x, y0, x, y1)
    for y, texts in (
        (114, ("Prestation", "Fréquence")),
        (134, ("Bâtiments scolaires",)),
        (154, ("Lavage des sols", "Chaque jour")),
        (174, ("Bâtiments sportifs",)),
        (194, ("Lavage des vestiaires", "Chaque semaine")),
    ):
        for x, text in zip((66, 266), texts, strict=False):
            page.text(x, y, text)
    return pdf(page)


def table_merged_down() -> Source:
    """A first cell stands for two rows."""
    page = Sheet()
    for x in (60, 180, 320, 460):
        page.rule(x, 100, x, 160)
    for y in (100, 120, 160):
        page.rule(60, y, 460, y)
    page.rule(180, 140, 460, 140)
    for x, text in ((66, "Domaine"), (186, "Engagement"), (326, "Valeur")):
        page.text(x, 114, text, 10, "B")
    page.text(66, 144, "Insertion")
    for y, one, two in ((134, "Heures par an", "350"), (154, "Personnes suivies", "4")):
        page.text(186, y, one)
        page.text(326, y, two)
    return pdf(page)


def _half(page: Sheet, rows: Sequence[Sequence[str]], y: float) -> None:
    page.grid((60, 300, 420), [y + 20 * i for i in range(len(rows) + 1)])
    for i, row in enumerate(rows):
        for x, text in zip((66, 306), row, strict=True):
            page.text(x, y + 14 + 20 * i, text)


def table_two_pages_header_again() -> Source:
    """A table goes on on the next page, where its header is printed again."""
    one, two = Sheet(), Sheet()
    _half(one, (("Site", "Heures"), ("École Jules-Verne", "90"), ("Gymnase du Parc", "60")), 700)
    _half(two, (("Site", "Heures"), ("Crèche des Tilleuls", "40"), ("Médiathèque", "35")), 120)
    return pdf(one, two)


def table_two_pages_header_once() -> Source:
    """A table goes on on the next page without its header, which still rules its columns."""
    one, two = Sheet(), Sheet()
    _half(one, (("Site", "Heures"), ("École Jules-Verne", "90"), ("Gymnase du Parc", "60")), 700)
    _half(two, (("Crèche des Tilleuls", "40"), ("Médiathèque", "35")), 120)
    two.text(60, 200, "Ces heures sont des minima.")
    return pdf(one, two)


def table_of_lots() -> Source:
    """Each row of a table of lots belongs to its lot."""
    page = Sheet()
    page.text(60, 80, "Le marché est divisé en lots.")
    page.grid((60, 110, 350, 500), (100, 120, 140, 160))
    for y, texts in (
        (114, ("Lot", "Désignation", "Réservation")),
        (134, ("1", "Nettoyage des bureaux", "Aucune")),
        (154, ("2", "Entretien du linge", "Entreprises adaptées")),
    ):
        for x, text in zip((66, 116, 356), texts, strict=True):
            page.text(x, y, text)
    return pdf(page)


def table_empty_cells() -> Source:
    """Cells the candidate must fill in stay empty, between others that are full."""
    page = Sheet()
    page.grid((60, 220, 300, 380, 480), (100, 120, 140, 160))
    for y, texts in (
        (114, ("Poste", "Quantité", "Prix", "Observation")),
        (134, ("Sacs compostables", "200", "", "Norme NF T51-800")),
        (154, ("Savon écolabellisé", "", "", "Bidon consigné")),
    ):
        for x, text in zip((66, 226, 306, 386), texts, strict=True):
            if text:
                page.text(x, y, text, 9)
    return pdf(page)


def table_frame_is_no_table() -> Source:
    """A frame around a paragraph has one cell: it is a paragraph."""
    page = Sheet()
    page.box(50, 90, 490, 44)
    page.flow(
        60,
        106,
        "Le candidat peut proposer des produits issus du réemploi, à condition que leur état soit "
        "vérifié par ses soins avant la livraison.",
    )
    page.text(60, 160, "Il joint la preuve de cette vérification.")
    return pdf(page)
