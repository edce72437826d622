"""Hyphens, ligatures, soft hyphens, letters printed twice, letters set apart, accents apart."""

from __future__ import annotations

import pikepdf
from pikepdf import Array, Dictionary, Name

from . import Source
from .canvas import Sheet, coded, pdf, standard, unicode_map, width


def _mapped(codes: dict[int, str], glyphs: dict[int, str], mapped: bool = True):
    """Return a maker of Helvetica with these glyphs at codes, and what they mean."""

    def make(document: pikepdf.Pdf) -> Dictionary:
        font = standard("Helvetica")
        differences = Array()
        for code, glyph in glyphs.items():
            differences.append(code)
            differences.append(Name("/" + glyph))
        font.Encoding = Dictionary(
            Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding, Differences=differences
        )
        if mapped:
            known = {c: bytes([c]).decode("cp1252") for c in (*range(32, 127), *range(0xC0, 256))}
            font.ToUnicode = document.make_stream(unicode_map({**known, **codes}))
        return font

    return make


def hyphens_at_line_ends() -> Source:
    """A word broken loses its hyphen, a compound keeps it."""
    page = Sheet()
    page.lines(
        60,
        100,
        (
            "La bonne exécu-",
            "tion des prestations est confiée à un sous-",
            "traitant agréé. Il peut-",
            "être remplacé par un autre, à savoir celui-",
            "ci : une entreprise d'inser-",
            "tion du territoire.",
        ),
    )
    return pdf(page)


def hyphens_typographic() -> Source:
    """The hyphen at the line's end is U+2010 or a soft hyphen that shows."""
    page = Sheet()
    page.fonts["H"] = _mapped({0x80: "\u2010", 0x81: "\u00ad"}, {0x80: "hyphen", 0x81: "hyphen"})
    for i, (text, code) in enumerate(
        (
            ("Les produits d'entretien sont biodégra", "80"),
            ("dables et portent un écolabel recon", "81"),
            ("nu par la Commission.", ""),
        )
    ):
        page.raw(
            f"BT /H 10 Tf 60 {page.up(100 + 12 * i)} Td <{text.encode('cp1252').hex()}{code}> Tj ET"
        )
    return pdf(page)


def hyphens_kept_inside() -> Source:
    """Hyphens inside words and numbers stay; a dash at a line's end is no hyphen."""
    page = Sheet()
    page.lines(
        60,
        100,
        (
            "Le marché n° 2026-12, passé selon les articles L. 2113-12 et L. 2113-13 -",
            "dits articles de réservation - concerne les ateliers d'aide par le travail.",
        ),
    )
    return pdf(page)


def soft_hyphens_inside() -> Source:
    """Soft hyphens that do not show stand inside words."""
    page = Sheet()
    page.fonts["H"] = _mapped({0x80: "\u00ad"}, {0x80: "space"})
    text = "L'accompagne¤ment socio¤professionnel est obligatoire."
    parts = [p.encode("cp1252").hex() for p in text.split("¤")]
    # The invisible character takes no room: a kern takes back the width of its glyph.
    array = " <80> 278 ".join(f"<{p}>" for p in parts)
    page.raw(f"BT /H 10 Tf 60 {page.up(100)} Td [{array}] TJ ET")
    return pdf(page)


_LIGATURED = ("Le titulaire véri", "\x80", "e les certi", "\x80", "cats des ", "\x81", "eurs.")


def _ligatured(font: str, y: float, page: Sheet) -> str:
    codes = "".join(
        f"{ord(part):02x}" if part in "\x80\x81" else part.encode("cp1252").hex()
        for part in _LIGATURED
    )
    return f"BT /{font} 10 Tf 60 {page.up(y)} Td <{codes}> Tj ET"


_GLYPHS = {0x80: "fi", 0x81: "fl"}


def ligatures_one_code() -> Source:
    """Ligature glyphs whose ToUnicode says U+FB01 and U+FB02."""
    page = Sheet()
    page.fonts["L"] = _mapped({0x80: "ﬁ", 0x81: "ﬂ"}, _GLYPHS)
    page.raw(_ligatured("L", 100, page))
    return pdf(page)


def ligatures_two_letters() -> Source:
    """Ligature glyphs whose ToUnicode spells the letters."""
    page = Sheet()
    page.fonts["L"] = _mapped({0x80: "fi", 0x81: "fl"}, _GLYPHS)
    page.raw(_ligatured("L", 100, page))
    return pdf(page)


def ligatures_by_glyph_name() -> Source:
    """No ToUnicode: only the names of the glyphs tell."""
    page = Sheet()
    page.fonts["L"] = _mapped({}, _GLYPHS, mapped=False)
    page.raw(_ligatured("L", 100, page))
    return pdf(page)


def ligatures_actual_text() -> Source:
    """Glyphs without meaning of their own; the marked content says the letters."""
    page = Sheet()
    page.fonts["L"] = _mapped({0x80: "\ue001", 0x81: "\ue002"}, _GLYPHS)
    said = {"\x80": "fi", "\x81": "fl"}
    shown = []
    for part in _LIGATURED:
        if part in said:
            shown.append(f"/Span <</ActualText ({said[part]})>> BDC <{ord(part):02x}> Tj EMC")
        else:
            shown.append(f"{coded(part)} Tj")
    page.raw(f"BT /L 10 Tf 60 {page.up(100)} Td {' '.join(shown)} ET")
    return pdf(page)


def accents_apart() -> Source:
    """Accents drawn apart from their letters, as old typesetting programs do."""
    page = Sheet()
    page.fonts["A"] = _mapped({0x80: "\u0301", 0x81: "\u0300"}, {0x80: "acute", 0x81: "grave"})
    parts = ("Le march", "e", "\x80", " est r", "e", "\x80", "serv", "e", "\x80", ".")
    array = []
    for part in parts:
        if part == "\x80":
            array.append("445 <80> -223")  # back over the letter, then on from its end
        else:
            array.append(coded(part))
    page.raw(f"BT /A 10 Tf 60 {page.up(100)} Td [{' '.join(array)}] TJ ET")
    return pdf(page)


def doubled_letters() -> Source:
    """Each glyph drawn twice, a third of a point apart, to look bold."""
    page = Sheet()
    x = 60.0
    for char in "Clause sociale obligatoire":
        if char != " ":
            page.text(round(x, 2), 100, char, 12)
            page.text(round(x + 0.3, 2), 100, char, 12)
        x += width(char, 12)
    page.flow(60, 130, "Le titulaire accueille deux personnes en parcours d'insertion par an.")
    return pdf(page)


def doubled_letters_in_text() -> Source:
    """The text layer itself spells every letter twice, digits and accents too."""
    page = Sheet()
    page.fonts["D"] = _mapped({}, {}, mapped=False)
    text = "Sommaire des pénalités 2026"
    array = " ".join(f"{coded(c)} {width(c, 1000) - 30:.0f} {coded(c)} -30" for c in text)
    page.raw(f"BT /R 12 Tf 60 {page.up(100)} Td [{array}] TJ ET")
    page.flow(60, 130, "Elles s'appliquent sans mise en demeure préalable du titulaire.")
    return pdf(page)


def doubled_words() -> Source:
    """The whole string is drawn twice, a third of a point apart."""
    page = Sheet()
    for x in (60, 60.3):
        page.text(x, 100, "CLAUSE SOCIALE OBLIGATOIRE", 12)
    page.flow(60, 130, "Le titulaire accueille deux personnes en parcours d'insertion par an.")
    return pdf(page)


def doubled_lines_shadow() -> Source:
    """A title on its grey shadow: the same words a point lower and to the right."""
    page = Sheet()
    page.raw("0.7 g")
    page.text(61, 101, "RÈGLEMENT DE LA CONSULTATION", 16, "B")
    page.raw("0 g")
    page.text(60, 100, "RÈGLEMENT DE LA CONSULTATION", 16, "B")
    page.flow(60, 140, "La consultation est ouverte à toute entreprise.")
    return pdf(page)


def doubled_is_meant() -> Source:
    """Words printed twice on purpose, at two places, are read twice."""
    page = Sheet()
    page.text(60, 100, "Bon pour accord, bon pour accord : le candidat recopie ces mots.")
    page.text(60, 140, "Nous nous engageons à nous réunir chaque trimestre.")
    return pdf(page)


def spaced_by_operator() -> Source:
    """A heading whose letters are set apart by Tc."""
    page = Sheet()
    page.raw(f"BT /B 12 Tf 4 Tc 60 {page.up(100)} Td {coded('CLAUSE SOCIALE')} Tj 0 Tc ET")
    page.flow(60, 130, "Le titulaire accueille deux personnes en parcours d'insertion par an.")
    return pdf(page)


def spaced_by_spaces() -> Source:
    """A heading typed with a space after each letter and three between words."""
    page = Sheet()
    page.text(60, 100, "C L A U S E   S O C I A L E", 12, "B")
    page.flow(60, 130, "Le titulaire accueille deux personnes en parcours d'insertion par an.")
    return pdf(page)


def spaced_by_places() -> Source:
    """A heading whose letters are placed one by one, far apart; its number too."""
    page = Sheet()
    x = 60.0
    for char in "ARTICLE 9":
        if char != " ":
            page.text(round(x, 2), 100, char, 12, "B")
        x += width(char, 12, "B") + 5
    page.flow(60, 130, "Le titulaire accueille deux personnes en parcours d'insertion par an.")
    return pdf(page)
