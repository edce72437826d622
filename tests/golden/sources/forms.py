"""Interactive forms: text fields, tick boxes, radio buttons, lists."""

from __future__ import annotations

from typing import Any

from pikepdf import Array, Name, String

from . import Source
from .canvas import Sheet, coded, pdf

_ON = "q 0.7 w 0.5 0.5 {iw} {ih} re S BT /Z 9 Tf 1 1.5 Td (8) Tj ET Q"
_OFF = "q 0.7 w 0.5 0.5 {iw} {ih} re S Q"


def _tick(
    sheet: Sheet, x: float, baseline: float, state: str, name: str, on: str = "Oui", **more: Any
) -> None:
    """Add a tick box of 10 points standing on a baseline."""
    sheet.field(
        (x, baseline - 9, x + 10, baseline + 1),
        FT=Name.Btn,
        T=String(name),
        V=Name("/" + state),
        AS=Name("/" + state),
        looks={on: _ON, "Off": _OFF},
        **more,
    )


def _typed(value: str) -> str:
    return f"/Tx BMC q BT /R 10 Tf 0 g 2 4 Td {coded(value)} Tj ET Q EMC"


def form_text_fields() -> Source:
    """Text fields drawn by their appearance, one of them empty."""
    page = Sheet()
    page.text(60, 100, "ACTE D'ENGAGEMENT", 14, "B")
    page.text(60, 130, "Nom du titulaire :")
    page.field(
        (150, 118, 400, 134),
        FT=Name.Tx,
        T=String("nom"),
        V=String("Ateliers Valbrume"),
        looks={"": _typed("Ateliers Valbrume")},
    )
    page.text(60, 160, "SIRET :")
    page.field((150, 148, 400, 164), FT=Name.Tx, T=String("siret"), looks={"": ""})
    page.text(60, 190, "Heures d'insertion proposées :")
    page.field(
        (210, 178, 300, 194),
        FT=Name.Tx,
        T=String("heures"),
        V=String("420"),
        looks={"": _typed("420")},
    )
    page.text(310, 190, "heures par an.")
    return pdf(page)


def form_text_without_look() -> Source:
    """Values without appearance: the viewer is asked to draw them."""
    page = Sheet()
    page.text(60, 100, "Raison sociale :")
    page.field(
        (150, 88, 400, 104), FT=Name.Tx, T=String("nom"), V=String("Régie des Deux Rives"),
        DA=String("/R 10 Tf 0 g"),
    )  # fmt: skip
    page.text(60, 130, "Facilitateur désigné :")
    page.field(
        (180, 118, 400, 134), FT=Name.Tx, T=String("fac"), V=String("Maison de l'emploi"),
        DA=String("/R 10 Tf 0 g"),
    )  # fmt: skip
    return pdf(page, form={"NeedAppearances": True})


def form_boxes_before() -> Source:
    """Tick boxes before their options, on and off."""
    page = Sheet()
    page.text(60, 100, "Le marché est :")
    _tick(page, 60, 120, "Oui", "a")
    page.text(76, 120, "réservé aux entreprises adaptées")
    _tick(page, 60, 140, "Off", "b")
    page.text(76, 140, "réservé aux structures d'insertion")
    _tick(page, 60, 160, "Off", "c")
    page.text(76, 160, "ouvert à tous")
    return pdf(page)


def form_boxes_after() -> Source:
    """Tick boxes after their options, on one line; the state's name is a number."""
    page = Sheet()
    page.text(60, 100, "Clause sociale d'insertion : Oui")
    _tick(page, 206, 100, "1", "a", on="1")
    page.text(230, 100, "Non")
    _tick(page, 254, 100, "Off", "b", on="1")
    page.text(60, 130, "Variantes autorisées : Oui")
    _tick(page, 186, 130, "Off", "c", on="1")
    page.text(230, 130, "Non")
    _tick(page, 254, 130, "1", "d", on="1")
    return pdf(page)


def form_boxes_below() -> Source:
    """Tick boxes centred below their options."""
    page = Sheet()
    page.text(60, 100, "Le candidat est une entreprise adaptée (cocher) :")
    page.text(80, 130, "Oui")
    page.text(180, 130, "Non")
    _tick(page, 83, 146, "Off", "a")
    _tick(page, 185, 146, "Oui", "b")
    return pdf(page)


def form_boxes_inherited() -> Source:
    """One field, two widgets: type and value stand in the parent only."""
    page = Sheet()
    page.text(60, 100, "Part réservée à l'insertion :")
    group = {"T": String("part"), "FT": Name.Btn, "V": Name("/B")}
    for x, state, on, label in ((60, "Off", "A", "5 %"), (120, "B", "B", "10 %")):
        page.field(
            (x, 111, x + 10, 121), AS=Name("/" + state), group=group, looks={on: _ON, "Off": _OFF}
        )
        page.text(x + 16, 120, label)
    return pdf(page)


def form_boxes_without_state() -> Source:
    """Neither /AS nor appearance: the value of the field says which is on."""
    page = Sheet()
    page.text(60, 100, "Le titulaire remet :")
    for y, value, label in (
        (120, "/Yes", "un bilan carbone annuel"),
        (140, "/Off", "un plan de mobilité"),
    ):
        page.field((60, y - 9, 70, y + 1), FT=Name.Btn, T=String(label[:6] + str(y)), V=Name(value))
        page.text(76, y, label)
    return pdf(page, form={"NeedAppearances": True})


def form_radio() -> Source:
    """A radio group; its value names the widget that is on."""
    page = Sheet()
    page.text(60, 100, "Tranche optionnelle affermie :")
    group = {"T": String("tranche"), "FT": Name.Btn, "Ff": 49152, "V": Name("/non")}
    round_on = "q 0.7 w 0.5 0.5 {iw} {ih} re S BT /Z 9 Tf 1 1.5 Td (l) Tj ET Q"
    for x, state, on, label in ((210, "Off", "oui", "Oui"), (260, "non", "non", "Non")):
        page.field(
            (x, 91, x + 10, 101),
            AS=Name("/" + state),
            group=group,
            looks={on: round_on, "Off": _OFF},
        )
        page.text(x + 15, 100, label)
    return pdf(page)


def form_combo() -> Source:
    """A drop-down list (code and words) and a list of plain words."""
    page = Sheet()
    page.text(60, 100, "Catégorie :")
    page.field(
        (130, 88, 330, 104),
        FT=Name.Ch,
        Ff=131072,
        T=String("cat"),
        V=String("EA"),
        Opt=Array(
            [
                Array([String("EA"), String("Entreprise adaptée")]),
                Array([String("EI"), String("Entreprise d'insertion")]),
            ]
        ),
        looks={"": _typed("Entreprise adaptée")},
    )
    page.text(60, 130, "Lot concerné :")
    page.field(
        (130, 118, 330, 134),
        FT=Name.Ch,
        Ff=131072,
        T=String("lot"),
        V=String("Nettoyage"),
        Opt=Array([String("Nettoyage"), String("Tonte")]),
        looks={"": _typed("Nettoyage")},
    )
    return pdf(page)


def form_hidden() -> Source:
    """A hidden field is not on the page; a read-only one is."""
    page = Sheet()
    page.text(60, 100, "Durée du marché :")
    page.field(
        (150, 88, 250, 104), FT=Name.Tx, T=String("d"), Ff=1, V=String("48 mois"),
        looks={"": _typed("48 mois")},
    )  # fmt: skip
    page.field(
        (150, 118, 250, 134), FT=Name.Tx, T=String("h"), F=2, V=String("brouillon"),
        looks={"": _typed("brouillon")},
    )  # fmt: skip
    return pdf(page)
