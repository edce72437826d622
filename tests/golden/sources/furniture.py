"""Running headers, footers and page numbers; sentences that go on between them."""

from __future__ import annotations

from . import Source
from .canvas import Sheet, pdf, width

_BODIES = (
    "Le titulaire désigne un interlocuteur unique pour le suivi de la clause sociale.",
    "Le facilitateur reçoit chaque trimestre le relevé nominatif des heures effectuées.",
    "Une réunion annuelle dresse le bilan des parcours et des sorties vers l'emploi.",
    "Le rapport final est remis à la ville un mois avant le terme du marché.",
)

_LAST = (
    "La ville peut demander toute pièce utile au contrôle.",
    "Le titulaire conserve ces relevés pendant cinq ans.",
    "Aucune rémunération n'est due pour cette réunion.",
)


def _pages(count: int = 4) -> list[Sheet]:
    pages = []
    for body in _BODIES[:count]:
        page = Sheet()
        page.flow(60, 200, body)
        pages.append(page)
    return pages


def furniture_page_of() -> Source:
    """Page n sur m, centred at the foot."""
    pages = _pages()
    for n, page in enumerate(pages, 2):
        page.text(270, 812, f"Page {n} sur 14", 9)
    return pdf(*pages)


def furniture_market_number() -> Source:
    """The name of the file, the market's number and the page on one footer line."""
    pages = _pages()
    for n, page in enumerate(pages, 3):
        page.rule(60, 795, 535, 795)
        page.text(60, 808, "CCAP - Marché 2026-12", 8)
        page.text(515, 808, f"{n}/14", 8)
    return pdf(*pages)


def furniture_odd_even() -> Source:
    """Headers that differ on odd and even pages, page numbers outside."""
    pages = _pages()
    for n, page in enumerate(pages, 1):
        if n % 2:
            page.text(400, 40, "Marché de propreté urbaine", 9, "I")
            page.text(530, 815, str(n), 9)
        else:
            page.text(60, 40, "Ville de Valbrume", 9, "I")
            page.text(60, 815, str(n), 9)
    return pdf(*pages)


def furniture_address() -> Source:
    """A letterhead and three small lines of address at the foot of each page, a cover before."""
    cover = Sheet()
    cover.text(150, 300, "CAHIER DES CLAUSES PARTICULIÈRES", 16, "B")
    pages = [cover, *_pages(3)]
    for n, page in enumerate(pages, 1):
        page.text(60, 45, "Syndicat mixte du Val Sorgue", 9)
        page.text(180, 790, "Hôtel du syndicat - 4, quai des Moulins", 7)
        page.text(190, 799, "99200 Sorgueville - Tél. 09 99 00 00 20", 7)
        page.text(500, 799, f"- {n} -", 7)
    return pdf(*pages)


def furniture_table() -> Source:
    """A header drawn as a ruled table of three cells on each page."""
    pages = _pages(3)
    for n, page in enumerate(pages, 1):
        page.grid((60, 200, 420, 535), (30, 60))
        page.text(66, 48, "Ville de Valbrume", 9)
        page.text(206, 48, "Règlement de la consultation", 9)
        page.text(426, 48, f"Page {n}/3", 9)
    return pdf(*pages)


def furniture_lookalikes() -> Source:
    """An article at the top of each page is a heading; what ends a page is no footer."""
    pages = []
    for n, title in enumerate(("OBJET", "DURÉE", "PRIX"), 4):
        page = Sheet()
        page.text(60, 70, f"ARTICLE {n} - {title}", 11, "B")
        page.flow(60, 95, _BODIES[n - 4])
        page.text(60, 770, _LAST[n - 4])
        pages.append(page)
    return pdf(*pages)


def furniture_single_page() -> Source:
    """One page: its number and its total are furniture, its date and place are not."""
    page = Sheet()
    page.text(60, 60, "Valbrume, le 3 mars 2026")
    page.flow(60, 120, _BODIES[0])
    page.text(520, 815, "1/1", 9)
    return pdf(page)


def furniture_inside_sentence() -> Source:
    """A sentence goes on over the page, with a footer and a header between its halves."""
    one, two = Sheet(), Sheet()
    for n, page in enumerate((one, two), 1):
        page.text(60, 40, "Accord-cadre de restauration collective", 9)
        page.text(500, 812, f"page {n}", 9)
    first = (
        "Le titulaire sert chaque jour au moins un plat composé de produits issus de l'agriculture"
    )
    one.text(60, 760, first)
    second = "biologique, et en informe les convives par voie d'affichage."
    two.text(60, 90, second)
    assert width(first) > 380
    return pdf(one, two)


def furniture_inside_word() -> Source:
    """A word is broken over the page, by a hyphen."""
    one, two = Sheet(), Sheet()
    for n, page in enumerate((one, two), 1):
        page.text(280, 815, f"{n} / 2", 9)
    one.text(60, 764, "Les emballages sont repris par le titulaire, qui justifie de leur valo-")
    two.text(60, 90, "risation auprès du maître d'ouvrage.")
    return pdf(one, two)


def furniture_inside_list() -> Source:
    """A list goes on over the page and keeps the sentence that leads it; so does its article."""
    one, two = Sheet(), Sheet()
    for n, page in enumerate((one, two), 1):
        page.text(60, 40, "CCTP - Espaces verts", 9)
        page.text(280, 815, f"Page {n}/2", 9)
    one.text(60, 680, "4.3 Produits interdits", 11, "B")
    one.text(60, 710, "Ne sont pas admis sur les sites :")
    one.text(70, 730, "- les herbicides de synthèse ;")
    one.text(70, 750, "- la tourbe ;")
    two.text(70, 90, "- les engrais minéraux.")
    return pdf(one, two)
