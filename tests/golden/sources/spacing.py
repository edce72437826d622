"""Words whose spaces are places only, and pages written out of order."""

from __future__ import annotations

from . import Source
from .canvas import Sheet, coded, pdf, width

_LINES = (
    "Le titulaire s'engage à réserver 5 % des heures",
    "travaillées à des personnes en insertion.",
)


def _gap(size: float, font: str) -> float:
    return width(" ", size, font)


def spaces_by_td() -> Source:
    """No space character: each word is moved to by Td inside one text object."""
    page = Sheet()
    page.raw(f"BT /R 10 Tf 60 {page.up(100)} Td")
    for line in _LINES:
        back = 0.0
        for word in line.split(" "):
            step = width(word) + _gap(10, "R")
            page.raw(f"{coded(word)} Tj {step:.3f} 0 Td")
            back += step
        page.raw(f"{-back:.3f} -12 Td")
    page.raw("ET")
    return pdf(page)


def spaces_by_kerning() -> Source:
    """No space character: a kern of -250 between the words of one TJ array."""
    page = Sheet()
    for i, line in enumerate(_LINES):
        array = " -250 ".join(coded(word) for word in line.split(" "))
        page.raw(f"BT /R 10 Tf 60 {page.up(100 + 12 * i)} Td [{array}] TJ ET")
    return pdf(page)


def spaces_by_small_kerning() -> Source:
    """Times set tight: a kern of -180 between words, pairs of letters kerned too."""
    page = Sheet()
    for i, line in enumerate(_LINES):
        words = []
        for word in line.split(" "):
            cut = len(word) // 2
            halves = (word[:cut], word[cut:]) if cut else (word,)
            words.append(" 30 ".join(coded(half) for half in halves))
        page.raw(f"BT /T 11 Tf 60 {page.up(100 + 13 * i)} Td [{' -180 '.join(words)}] TJ ET")
    return pdf(page)


def _placed() -> list[tuple[float, float, str]]:
    """Return where each word stands."""
    placed = []
    for i, line in enumerate(_LINES):
        x = 60.0
        for word in line.split(" "):
            placed.append((round(x, 3), 100.0 + 12 * i, word))
            x += width(word) + _gap(10, "R")
    return placed


def words_each_alone() -> Source:
    """Each word has its own BT and ET, in the order of reading."""
    page = Sheet()
    for x, y, word in _placed():
        page.text(x, y, word)
    return pdf(page)


def words_each_alone_shuffled() -> Source:
    """Each word has its own BT and ET, in an order that is not that of reading."""
    page = Sheet()
    placed = _placed()
    for x, y, word in placed[::2] + placed[1::2]:
        page.text(x, y, word)
    return pdf(page)


def letters_each_placed() -> Source:
    """Each character is placed by its own Tm; spaces are not written."""
    page = Sheet()
    page.raw("BT /R 10 Tf")
    for i, line in enumerate(_LINES):
        x = 60.0
        for char in line:
            if char != " ":
                page.raw(f"1 0 0 1 {x:.3f} {page.up(100 + 12 * i)} Tm {coded(char)} Tj")
            x += width(char)
    page.raw("ET")
    return pdf(page)


def letters_placed_with_spaces() -> Source:
    """Each character is placed by Td, spaces are written; words cut anywhere by small kerns."""
    page = Sheet()
    for i, line in enumerate(_LINES):
        array = " ".join(f"{coded(c)} {(-12, 8, -5)[k % 3]}" for k, c in enumerate(line))
        page.raw(f"BT /R 10 Tf 60 {page.up(100 + 12 * i)} Td [{array}] TJ ET")
    return pdf(page)


def spaces_justified() -> Source:
    """Justified by Tw, the second line's spaces three times as wide."""
    page = Sheet()
    for i, (line, more) in enumerate(zip(_LINES, (1.5, 6.0), strict=True)):
        page.raw(f"BT /R 10 Tf {more} Tw 60 {page.up(100 + 12 * i)} Td {coded(line)} Tj 0 Tw ET")
    return pdf(page)


def spaces_wide() -> Source:
    """Tabs and runs of spaces between words, or a jump, count as one space."""
    page = Sheet()
    page.text(60, 100, "Montant\u00a0\u00a0\u00a0 annuel   estimé :     12 000 euros hors taxes.")
    page.text(60, 130, "Durée du marché :")
    page.text(200, 130, "quatre ans.")
    return pdf(page)


def spaces_doubled_by_place() -> Source:
    """A space character is written and the next word is moved to as well."""
    page = Sheet()
    page.raw(f"BT /R 10 Tf 60 {page.up(100)} Td")
    for word in _LINES[0].split(" "):
        step = width(word) + _gap(10, "R")
        page.raw(f"{coded(word + ' ')} Tj {step:.3f} 0 Td")
    page.raw("ET")
    page.text(60, 112, _LINES[1])
    return pdf(page)


def order_backwards() -> Source:
    """Lines written from the bottom of the page to its top, the title last."""
    page = Sheet()
    page.text(60, 160, "Elle est due à chaque manquement.")
    page.text(60, 130, "La pénalité est de cent euros par heure non réalisée.")
    page.text(60, 100, "ARTICLE 12 - PÉNALITÉS", 12, "B")
    return pdf(page)


def order_footer_first() -> Source:
    """The footer is written first on each page, then the body, then the title."""
    pages = []
    bodies = (
        ("BILAN SOCIAL", "Le bilan est remis en mars."),
        ("PUBLICITÉ", "Il est publié en mai."),
    )
    for n, (title, body) in enumerate(bodies, 1):
        page = Sheet()
        page.text(60, 810, f"Ville de Valbrume - CCAP - page {n} / 2", 8)
        page.text(60, 130, body)
        page.text(60, 100, f"ARTICLE {n} - {title}", 12, "B")
        pages.append(page)
    return pdf(*pages)
