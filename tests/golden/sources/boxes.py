"""Tick boxes that are no form fields: drawn, or glyphs of symbol fonts, or typed."""

from __future__ import annotations

from . import Source
from .canvas import Sheet, glyph_font, pdf

_OPTIONS = (
    "réservé aux entreprises adaptées",
    "réservé aux structures d'insertion",
    "ouvert à tous",
)


def _options(page: Sheet, y: float = 120, step: float = 20) -> list[tuple[float, float]]:
    """Show a question and its options; return where their boxes go (left, baseline)."""
    page.text(60, y - step, "Le lot est :")
    places = []
    for text in _OPTIONS:
        page.text(78, y, text)
        places.append((60.0, y))
        y += step
    return places


def _cross(page: Sheet, x: float, y: float, side: float = 9) -> None:
    page.rule(x + 1, y - side + 2, x + side - 1, y)
    page.rule(x + 1, y, x + side - 1, y - side + 2)


def boxes_drawn_crossed() -> Source:
    """Rectangles stroked by one operator; the ticked one crossed by two lines."""
    page = Sheet()
    places = _options(page)
    for x, y in places:
        page.box(x, y - 8, 9, 9)
    _cross(page, *places[1])
    return pdf(page)


def boxes_four_lines() -> Source:
    """Squares of four separate lines; the ticked one crossed in one path of two strokes."""
    page = Sheet()
    places = _options(page)
    for x, y in places:
        for x0, y0, x1, y1 in ((0, 0, 9, 0), (9, 0, 9, 9), (9, 9, 0, 9), (0, 9, 0, 0)):
            page.rule(x + x0, y - 8 + y0, x + x1, y - 8 + y1)
    x, y = places[0]
    top, low = page.up(y - 7), page.up(y)
    page.raw(f"0.8 w {x + 1} {low} m {x + 8} {top} l {x + 1} {top} m {x + 8} {low} l S")
    return pdf(page)


def boxes_tick_inside() -> Source:
    """A tick of a symbol font inside a drawn square."""
    page = Sheet()
    places = _options(page)
    for x, y in places:
        page.box(x, y - 8, 9, 9)
    page.text(places[2][0] + 1, places[2][1], "4", 8, "Z")
    return pdf(page)


def boxes_letter_inside() -> Source:
    """A capital X of the text's font inside a drawn square."""
    page = Sheet()
    places = _options(page)
    for x, y in places:
        page.box(x, y - 9, 11, 11)
    page.text(places[0][0] + 2, places[0][1], "X", 10, "B")
    return pdf(page)


def boxes_filled() -> Source:
    """The ticked square is filled with black, the others are empty."""
    page = Sheet()
    places = _options(page)
    for i, (x, y) in enumerate(places):
        page.box(x, y - 7, 8, 8, "B" if i == 1 else "S")
    return pdf(page)


def boxes_filled_inner() -> Source:
    """A smaller black square inside the ticked one; boxes are closed paths, not rectangles."""
    page = Sheet()
    places = _options(page)
    for x, y in places:
        low, top = page.up(y + 1), page.up(y - 8)
        page.raw(f"0.7 w {x} {low} m {x + 9} {low} l {x + 9} {top} l {x} {top} l h S")
    page.box(places[2][0] + 2, places[2][1] - 6, 5, 5, "f")
    return pdf(page)


def boxes_drawn_on_one_line() -> Source:
    """Two questions, each with its boxes on the line, before the options."""
    page = Sheet()
    for y, label, ticked in ((100, "Clause sociale :", 1), (120, "Variantes :", 0)):
        page.text(60, y, label)
        for i, (x, option) in enumerate(((150, "OUI"), (220, "NON"))):
            page.box(x, y - 8, 9, 9)
            page.text(x + 14, y, option)
            if i == ticked:
                _cross(page, x, y)
    return pdf(page)


def boxes_drawn_after() -> Source:
    """Boxes after their options."""
    page = Sheet()
    page.text(60, 100, "Le candidat emploie des personnes en insertion :")
    for y, option, ticked in ((120, "Oui", True), (140, "Non", False)):
        page.text(60, y, option)
        page.box(90, y - 8, 9, 9)
        if ticked:
            _cross(page, 90, y)
    return pdf(page)


def boxes_zapf() -> Source:
    """ZapfDingbats n, o, q, 4 and 8."""
    page = Sheet()
    page.text(60, 80, "Pièces remises :")
    for y, glyph, label in (
        (100, "o", "attestation fiscale"),
        (120, "n", "attestation sociale"),
        (140, "q", "extrait Kbis"),
        (160, "4", "mémoire technique"),
        (180, "8", "bilan des heures d'insertion"),
    ):
        page.text(60, y, glyph, 10, "Z")
        page.text(78, y, label)
    return pdf(page)


def boxes_wingdings_private() -> Source:
    """Wingdings by private-use codes in ToUnicode, as word processors write it."""
    page = Sheet()
    page.fonts["W"] = glyph_font(
        "AAAAAA+Wingdings-Regular",
        {0x6F: "\uf06f", 0x78: "\uf078", 0xFE: "\uf0fe", 0xA8: "\uf0a8", 0xFD: "\uf0fd"},
    )
    page.text(60, 80, "Le marché comporte :")
    for y, code, label in (
        (100, 0x6F, "une clause environnementale"),
        (120, 0x78, "une clause sociale"),
        (140, 0xFE, "un critère social"),
        (160, 0xA8, "une variante"),
        (180, 0xFD, "une option"),
    ):
        page.raw(f"BT /W 10 Tf 60 {page.up(y)} Td <{code:02x}> Tj ET")
        page.text(78, y, label)
    return pdf(page)


def boxes_wingdings_bare() -> Source:
    """Wingdings without ToUnicode: the codes are letters, the font makes them boxes."""
    page = Sheet()
    page.fonts["W"] = glyph_font("BBBBBB+Wingdings-Regular")
    page.text(60, 80, "Le marché comporte :")
    for y, code, label in (
        (100, 0x6F, "une clause environnementale"),
        (120, 0xFE, "une clause sociale"),
        (140, 0x78, "un critère social"),
        (160, 0xA8, "une variante"),
    ):
        page.raw(f"BT /W 10 Tf 60 {page.up(y)} Td <{code:02x}> Tj ET")
        page.text(78, y, label)
    return pdf(page)


def boxes_unicode() -> Source:
    """☐ OUI ☒ NON and ☑ by a font with true codes, several on a line."""
    page = Sheet()
    page.fonts["U"] = glyph_font(
        "CCCCCC+MS-Gothic", {0x41: "☐", 0x42: "☒", 0x43: "☑", 0x44: "■", 0x45: "□"}
    )
    for y, label, codes in (
        (100, "Clause sociale :", "AB"),
        (130, "Critère environnemental :", "CA"),
        (160, "Lot réservé :", "ED"),
    ):
        page.text(60, y, label)
        for x, code, option in ((200, codes[0], "OUI"), (260, codes[1], "NON")):
            page.raw(f"BT /U 10 Tf {x} {page.up(y)} Td ({code}) Tj ET")
            page.text(x + 14, y, option)
    return pdf(page)


def boxes_brackets() -> Source:
    """Typed boxes: [x] and [ ]."""
    page = Sheet()
    page.text(60, 80, "Modalités retenues :")
    page.text(60, 100, "[x] clause sociale d'exécution")
    page.text(60, 120, "[ ] lot réservé")
    page.text(60, 140, "[X] critère environnemental")
    page.text(60, 170, "Clause sociale : [ ] OUI [x] NON")
    return pdf(page)


def boxes_parentheses() -> Source:
    """Typed boxes: (x) and ( ), |X| and |_|."""
    page = Sheet()
    page.text(60, 80, "Modalités retenues :")
    page.text(60, 100, "(x) clause sociale d'exécution")
    page.text(60, 120, "( ) lot réservé")
    page.text(60, 140, "|X| critère environnemental")
    page.text(60, 160, "|_| variante")
    return pdf(page)


def boxes_cross_under_no() -> Source:
    """A ruled table with a column Oui and a column Non, a cross under one of them."""
    page = Sheet()
    page.text(60, 80, "Le candidat coche une case par ligne.")
    page.grid((60, 300, 360, 420), (100, 120, 140, 160))
    for y, texts in (
        (114, ("Engagement", "Oui", "Non")),
        (134, ("Accueil de personnes en insertion", "", "X")),
        (154, ("Tri des déchets à la source", "X", "")),
    ):
        for x, text in zip((66, 318, 378), texts, strict=True):
            if text:
                page.text(x, y, text)
    return pdf(page)


def boxes_cross_unruled() -> Source:
    """The same without rules: the cross stands under its column."""
    page = Sheet()
    page.text(60, 80, "Le candidat coche une case par ligne.")
    for y, texts in (
        (114, ("Engagement", "Oui", "Non")),
        (130, ("Accueil de personnes en insertion", "", "X")),
        (146, ("Tri des déchets à la source", "X", "")),
        (162, ("Emballages consignés", "X", "")),
    ):
        for x, text in zip((66, 318, 378), texts, strict=True):
            if text:
                page.text(x + (4 if text == "X" else 0), y, text, 10, "B" if y == 114 else "R")
    return pdf(page)
