"""Columns: the order of reading is not that of writing."""

from __future__ import annotations

from . import Source
from .canvas import Sheet, pdf

_LEFT = (
    "Le titulaire réserve à des personnes en",
    "insertion une part des heures de travail",
    "prévues au marché.",
    "Les heures sont déclarées chaque mois au",
    "facilitateur désigné par la ville.",
)
_RIGHT = (
    "Le pouvoir adjudicateur vérifie chaque",
    "trimestre les heures déclarées par les",
    "entreprises retenues.",
    "Toute heure non réalisée donne lieu à une",
    "pénalité de cinquante euros.",
)
_THREE = (
    ("Les déchets sont triés", "à la source et remis à", "une filière agréée."),
    ("Les produits portent un", "écolabel européen ou", "une preuve équivalente."),
    ("Les véhicules affectés", "au marché roulent sans", "énergie fossile."),
)


def columns_one_by_one() -> Source:
    """The left column is written whole, then the right one."""
    page = Sheet()
    page.lines(60, 100, _LEFT)
    page.lines(320, 100, _RIGHT)
    return pdf(page)


def columns_interleaved() -> Source:
    """Written row by row on common baselines, as a converter that sorts by place does."""
    page = Sheet()
    for i, (left, right) in enumerate(zip(_LEFT, _RIGHT, strict=True)):
        page.text(60, 100 + 12 * i, left)
        page.text(320, 100 + 12 * i, right)
    return pdf(page)


def columns_interleaved_shifted() -> Source:
    """Row by row, the right column's baselines four points lower, other leading."""
    page = Sheet()
    rows = [(100 + 12 * i, 60, t) for i, t in enumerate(_LEFT)]
    rows += [(104 + 13 * i, 320, t) for i, t in enumerate(_RIGHT)]
    for y, x, text in sorted(rows):
        page.text(x, y, text)
    return pdf(page)


def columns_narrow_gutter() -> Source:
    """A gutter of 14 points, justified columns written row by row."""
    page = Sheet()
    left = (
        "Le titulaire forme ses agents aux gestes économes",
        "en eau et en énergie, et remet chaque semestre au",
        "maître d'ouvrage le relevé des consommations.",
    )
    right = (
        "Le maître d'ouvrage met à disposition un local de",
        "tri, et transmet au titulaire les consignes de la",
        "collectivité en matière de collecte.",
    )
    for i, (one, two) in enumerate(zip(left, right, strict=True)):
        page.text(54, 100 + 12 * i, one)
        page.text(300, 100 + 12 * i, two)
    return pdf(page)


def columns_title_and_table() -> Source:
    """A title over the whole width, two columns row by row, a ruled table below."""
    page = Sheet()
    page.text(60, 80, "ARTICLE 7 - INSERTION PAR L'ACTIVITÉ ÉCONOMIQUE DANS LE MARCHÉ", 12, "B")
    for i, (left, right) in enumerate(zip(_LEFT, _RIGHT, strict=True)):
        page.text(60, 110 + 12 * i, left)
        page.text(320, 110 + 12 * i, right)
    page.grid((60, 290, 530), (200, 220, 240))
    for y, cells in ((214, ("Année", "Heures d'insertion")), (234, ("2027", "350"))):
        page.text(66, y, cells[0])
        page.text(296, y, cells[1])
    return pdf(page)


def columns_three_one_by_one() -> Source:
    """Three columns, each written whole."""
    page = Sheet()
    for x, lines in zip((50, 220, 390), _THREE, strict=True):
        page.lines(x, 100, lines)
    return pdf(page)


def columns_three_interleaved() -> Source:
    """Three columns written row by row."""
    page = Sheet()
    for i in range(3):
        for x, lines in zip((50, 220, 390), _THREE, strict=True):
            page.text(x, 100 + 12 * i, lines[i])
    return pdf(page)


def columns_with_headings() -> Source:
    """Each column has numbered headings; the right column goes on with the left one's sentence."""
    page = Sheet()
    left = (
        ("3.1 Tri des déchets", "B"),
        ("Le titulaire trie les déchets du chantier", "R"),
        ("et remet les bordereaux de suivi au maître", "R"),
    )
    right = (
        ("d'œuvre, chaque mois.", "R"),
        ("3.2 Propreté des abords", "B"),
        ("Les abords sont balayés chaque soir.", "R"),
    )
    for i, ((one, bold), (two, fat)) in enumerate(zip(left, right, strict=True)):
        page.text(60, 100 + 14 * i, one, 10, bold)
        page.text(320, 100 + 14 * i, two, 10, fat)
    return pdf(page)
