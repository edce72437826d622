"""Text and boxes inside Form XObjects."""

from __future__ import annotations

from . import Source
from .canvas import Sheet, coded, pdf

_UNIT = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]


def xobject_nested() -> Source:
    """A form in a form, each with a matrix: half size twice as large, and a shift."""
    page = Sheet()
    inner = (
        f"BT /R 20 Tf 0 0 Td {coded('Le papier est issu de fibres recyclées')} Tj "
        f"0 -24 Td {coded('ou de forêts gérées durablement.')} Tj ET"
    )
    page.forms["In"] = (inner, [0.5, 0, 0, 0.5, 20, -10], {})
    page.forms["Out"] = ("q 1 0 0 1 40 0 cm /In Do Q", [1, 0, 0, 1, 0, -90], {})
    page.raw(f"q 1 0 0 1 0 {page.up(0)} cm /Out Do Q")
    page.text(60, 140, "Le titulaire en justifie.")
    return pdf(page)


def xobject_letterhead() -> Source:
    """A letterhead stamped on each page by the same form."""
    pages = []
    for body in ("Le marché est alloti.", "La durée est d'un an.", "Les prix sont révisables."):
        page = Sheet()
        page.forms["Head"] = (
            f"BT /R 9 Tf 60 800 Td {coded('Communauté de communes du Val Sorgue')} Tj ET",
            _UNIT,
            {},
        )
        page.raw("/Head Do")
        page.text(60, 200, body)
        pages.append(page)
    return pdf(*pages)


def xobject_reused() -> Source:
    """One form shown twice on a page, at two places."""
    page = Sheet()
    page.forms["Sign"] = (
        f"BT /R 10 Tf 0 0 Td {coded('Signature du titulaire :')} Tj ET",
        _UNIT,
        {},
    )
    page.text(60, 100, "Pour la tranche ferme.")
    page.raw(f"q 1 0 0 1 60 {page.up(140)} cm /Sign Do Q")
    page.text(60, 180, "Pour la tranche optionnelle.")
    page.raw(f"q 1 0 0 1 60 {page.up(220)} cm /Sign Do Q")
    return pdf(page)


def xobject_boxes() -> Source:
    """Tick boxes drawn inside a form, one crossed, with their options."""
    page = Sheet()
    content = []
    for y, option, ticked in ((0, "Clause sociale", True), (-20, "Clause environnementale", False)):
        content.append(f"0.7 w 0 {y - 1} 9 9 re S")
        content.append(f"BT /R 10 Tf 18 {y} Td {coded(option)} Tj ET")
        if ticked:
            content.append(f"1 {y} m 8 {y + 7} l S 1 {y + 7} m 8 {y} l S")
    page.forms["Opt"] = ("\n".join(content), _UNIT, {})
    page.text(60, 100, "Sont prévues :")
    page.raw(f"q 1 0 0 1 60 {page.up(120)} cm /Opt Do Q")
    return pdf(page)


def xobject_table() -> Source:
    """A ruled table drawn inside a form."""
    page = Sheet()
    rows = (("Lot", "Heures"), ("Tonte", "120"), ("Voirie", "300"))
    content = [f"0.6 w {x} 0 m {x} -60 l S" for x in (0, 150, 260)]
    content += [f"0 {y} m 260 {y} l S" for y in (0, -20, -40, -60)]
    for i, (one, two) in enumerate(rows):
        content.append(
            f"BT /R 10 Tf 6 {-14 - 20 * i} Td {coded(one)} Tj 150 0 Td {coded(two)} Tj ET"
        )
    page.forms["Tab"] = ("\n".join(content), _UNIT, {})
    page.raw(f"q 1 0 0 1 60 {page.up(100)} cm /Tab Do Q")
    return pdf(page)
