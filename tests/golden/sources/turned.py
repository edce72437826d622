"""Turned pages and turned text."""

from __future__ import annotations

from . import Source
from .canvas import Sheet, coded, pdf

_PARAGRAPH = (
    "Le titulaire réserve cent vingt heures par an à des personnes",
    "éloignées de l'emploi, avec l'appui du facilitateur.",
)


def _page(turn: int, wide: float = 842, high: float = 595) -> Source:
    page = Sheet(wide, high, turn)
    page.text(60, 100, "ARTICLE 4 - INSERTION", 12, "B")
    page.lines(60, 130, _PARAGRAPH)
    page.grid((60, 200, 300), (180, 200, 220))
    for y, one, two in ((194, "Année", "Heures"), (214, "2027", "120")):
        page.text(66, y, one)
        page.text(206, y, two)
    return pdf(page)


def turned_90() -> Source:
    """A landscape page stored upright with /Rotate 90."""
    return _page(90)


def turned_180() -> Source:
    """A page stored head down with /Rotate 180."""
    return _page(180, 595, 842)


def turned_270() -> Source:
    """A landscape page stored upright with /Rotate 270."""
    return _page(270)


def turned_text_on_upright_page() -> Source:
    """A landscape table's page without /Rotate: its text goes up along the page."""
    page = Sheet()
    for i, line in enumerate(_PARAGRAPH):
        page.raw(f"BT /R 10 Tf 0 1 -1 0 {100 + 12 * i} 200 Tm {coded(line)} Tj ET")
    return pdf(page)


def turned_text_down() -> Source:
    """Text that goes down along the page."""
    page = Sheet()
    for i, line in enumerate(_PARAGRAPH):
        page.raw(f"BT /R 10 Tf 0 -1 1 0 {300 - 12 * i} 700 Tm {coded(line)} Tj ET")
    return pdf(page)


def turned_stamp_in_margin() -> Source:
    """A note goes up in the margin beside upright text, written between its lines."""
    page = Sheet()
    page.text(60, 100, _PARAGRAPH[0])
    page.raw(
        f"BT /R 8 Tf 0 1 -1 0 30 {page.up(300)} Tm {coded('Reçu en préfecture le 3 mars')} Tj ET"
    )
    page.text(60, 112, _PARAGRAPH[1])
    return pdf(page)


def turned_header_cells() -> Source:
    """Column heads written upwards in a ruled table."""
    page = Sheet()
    page.grid((60, 260, 300, 340), (100, 180, 200))
    page.text(66, 174, "Engagement")
    for x, text in ((284, "Obligatoire"), (324, "Optionnel")):
        page.raw(f"BT /R 10 Tf 0 1 -1 0 {x} {page.up(175)} Tm {coded(text)} Tj ET")
    page.text(66, 194, "Tri des déchets")
    page.text(276, 194, "X")
    return pdf(page)
