"""Tables of contents."""

from __future__ import annotations

from collections.abc import Sequence

from . import Source
from .canvas import Sheet, pdf, width

_ENTRIES = (
    ("ARTICLE 1 - OBJET DU MARCHÉ", 2),
    ("ARTICLE 2 - CLAUSES SOCIALES", 2),
    ("2.1 Public éligible", 3),
    ("2.2 Heures d'insertion", 3),
    ("ARTICLE 3 - CLAUSES ENVIRONNEMENTALES", 4),
)


def _entries(
    page: Sheet, entries: Sequence[tuple[str, int]], y: float, filler: str, right: float = 520
) -> None:
    for text, number in entries:
        room = right - 60 - width(text) - width(str(number)) - 8
        fill = filler * int(room / width(filler)) if filler else ""
        page.text(60, y, f"{text} {fill}" if fill else text)
        page.text(right - width(str(number)), y, str(number))
        y += 16


def _body() -> Sheet:
    page = Sheet()
    page.text(60, 120, "ARTICLE 1 - OBJET DU MARCHÉ", 12, "B")
    page.flow(60, 145, "Le marché a pour objet la collecte des déchets des services municipaux.")
    page.text(60, 180, "ARTICLE 2 - CLAUSES SOCIALES", 12, "B")
    page.flow(60, 205, "Le titulaire réserve cent heures à des personnes en insertion.")
    return page


def contents_dots() -> Source:
    """Entries with leaders of dots; the body begins on the next page."""
    page = Sheet()
    page.text(250, 120, "SOMMAIRE", 14, "B")
    _entries(page, _ENTRIES, 150, ".")
    return pdf(page, _body())


def contents_spaced_dots() -> Source:
    """Entries with leaders of dots and spaces, on the page where the body begins."""
    page = Sheet()
    page.text(60, 80, "Table des matières", 14, "B")
    _entries(page, _ENTRIES[:3], 110, ". ")
    page.text(60, 220, "ARTICLE 1 - OBJET DU MARCHÉ", 12, "B")
    page.flow(60, 245, "Le marché a pour objet la collecte des déchets des services municipaux.")
    return pdf(page)


def contents_tabs() -> Source:
    """Page numbers set at the right without leaders."""
    page = Sheet()
    page.text(60, 120, "SOMMAIRE", 14, "B")
    _entries(page, _ENTRIES, 150, "")
    return pdf(page, _body())


def contents_two_pages() -> Source:
    """The table goes on over the page, under a running header."""
    one, two, body = Sheet(), Sheet(), _body()
    for page in (one, two, body):
        page.text(60, 40, "Ville de Valbrume - CCAP", 9)
    one.text(60, 650, "SOMMAIRE", 14, "B")
    _entries(one, _ENTRIES[:3], 690, ".")
    _entries(two, _ENTRIES[3:], 90, ".")
    return pdf(one, two, body)


def contents_two_pages_tabs() -> Source:
    """The same without leaders: the second page has no title that says what it is."""
    one, two = Sheet(), Sheet()
    one.text(60, 650, "SOMMAIRE", 14, "B")
    _entries(one, _ENTRIES[:3], 690, "")
    _entries(two, _ENTRIES[3:], 90, "")
    return pdf(one, two, _body())


def contents_wrapped() -> Source:
    """An entry too long for its line."""
    page = Sheet()
    page.text(60, 120, "SOMMAIRE", 14, "B")
    _entries(page, _ENTRIES[:1], 150, ".")
    page.text(60, 166, "ARTICLE 2 - CLAUSE SOCIALE D'INSERTION PAR L'ACTIVITÉ ÉCONOMIQUE EN")
    _entries(page, [("FAVEUR DES PUBLICS ÉLOIGNÉS DE L'EMPLOI", 3)], 178, ".")
    _entries(page, [("ARTICLE 3 - CLAUSES ENVIRONNEMENTALES", 4)], 194, ".")
    return pdf(page, _body())
