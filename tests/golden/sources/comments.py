"""Annotations: remarks are left out and reported, links are nothing to report."""

from __future__ import annotations

from pikepdf import Array, Dictionary, Name, String

from . import Source
from .canvas import Sheet, pdf


def _text() -> Sheet:
    page = Sheet()
    page.text(60, 100, "Le titulaire réserve cent heures à des personnes en insertion.")
    page.text(60, 130, "Il remet un bilan annuel.")
    return page


def _quad(page: Sheet, x0: float, y0: float, x1: float, y1: float) -> Array:
    top, low = page.up(y0), page.up(y1)
    return Array([x0, top, x1, top, x0, low, x1, low])


def comments_notes() -> Source:
    """A sticky note with its pop-up, and free text on the page."""
    page = _text()
    page.note("/Text", (500, 90, 520, 110), Contents=String("À vérifier avec le service social"))
    page.note("/Popup", (500, 110, 590, 160))
    page.note(
        "/FreeText",
        (300, 140, 480, 160),
        Contents=String("Réserver plutôt deux cents heures"),
        DA=String("/Helv 10 Tf 1 0 0 rg"),
    )
    return pdf(page)


def comments_marks() -> Source:
    """Highlight, strike-out, underline: the words under them are read as printed."""
    page = _text()
    for kind, contents in (("/Highlight", "mot clé"), ("/StrikeOut", ""), ("/Underline", "")):
        page.note(
            kind,
            (120, 90, 200, 103),
            QuadPoints=_quad(page, 120, 90, 200, 103),
            C=Array([1, 1, 0]),
            Contents=String(contents),
        )
    return pdf(page)


def comments_stamps() -> Source:
    """A stamp and ink, on the second page only."""
    page = _text()
    second = Sheet()
    second.text(60, 100, "Les pénalités sont plafonnées.")
    second.note("/Stamp", (400, 60, 500, 100), Name=Name.Draft, Contents=String("PROJET"))
    second.note(
        "/Ink", (100, 200, 150, 250), InkList=Array([Array([100, 600, 120, 620, 150, 590])])
    )
    return pdf(page, second)


def comments_links() -> Source:
    """Links to the web and inside the file are no comments."""
    page = _text()
    page.note(
        "/Link",
        (60, 90, 140, 103),
        Border=Array([0, 0, 0]),
        A=Dictionary(S=Name.URI, URI=String("https://marches.example.org/")),
    )
    page.note("/Link", (60, 120, 140, 133), Dest=String("article5"))
    return pdf(page)


def comments_hidden() -> Source:
    """A deleted remark that an editor only hid (/F 2) is still nobody's clause."""
    page = _text()
    page.notes.append(
        {
            "Subtype": Name.Text,
            "Rect": Array([500, 700, 520, 720]),
            "Contents": String("Remarque retirée"),
            "F": 2,
        }
    )
    return pdf(page)
