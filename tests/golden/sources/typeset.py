"""Pages set by a typesetting program, with its own fonts, kerning and ligatures."""

from __future__ import annotations

from datetime import UTC, datetime

import typst

from . import Source

_STYLE = """#set page(width: 595pt, height: 842pt, margin: 70pt)
#set text(lang: "fr", size: 10pt, font: "Libertinus Serif")
"""


def _set(text: str) -> Source:
    data = typst.compile(
        (_STYLE + text).encode(),
        ignore_system_fonts=True,
        timestamp=datetime(2026, 1, 5, tzinfo=UTC),
    )
    return "pdf", data


def typeset_columns() -> Source:
    """Two justified columns with words broken at line ends."""
    return _set(
        """#set par(justify: true)
#set text(hyphenate: true)
= ARTICLE 6 - CONDITIONS ENVIRONNEMENTALES
#v(6pt)
#columns(2, gutter: 20pt)[
Le titulaire privilégie les produits biodégradables, conditionnés dans des contenants réutilisables
ou rechargeables, et proscrit les désinfectants dont la toxicité aquatique est avérée.
#colbreak()
Les consommations d'eau et d'électricité sont relevées mensuellement ; toute surconsommation
inexpliquée donne lieu à un avertissement, puis à une pénalité forfaitaire.
]"""
    )


def typeset_table_over_pages() -> Source:
    """A ruled table whose header is printed again on the next page."""
    rows = "\n".join(f"  [Site numéro {n}], [{n}0],\n" for n in range(1, 5))
    return _set(
        """#set page(height: 260pt)
Le titulaire réalise les heures suivantes.
#v(20pt)
#table(columns: (200pt, 80pt), table.header([*Site*], [*Heures*]),
"""
        + rows
        + ")"
    )


def typeset_contents() -> Source:
    """Contents with leaders of dots, then numbered headings."""
    return _set(
        """#set heading(numbering: "1.1")
#outline(title: [SOMMAIRE])
#pagebreak()
= Objet
Le marché porte sur la restauration scolaire.
= Exécution
== Produits biologiques
La moitié des produits servis est issue de l'agriculture biologique."""
    )


def typeset_lists() -> Source:
    """Bullets and a list inside a list; efficient, flux and office hold ligatures."""
    return _set(
        """Le titulaire met en œuvre des mesures efficaces :
- réduction des flux de déchets ;
- affichage dans les offices :
  - des consignes de tri ;
  - des menus.
- réemploi des coffrets."""
    )


def typeset_ticks() -> Source:
    """Boxes drawn as squares, one with a cross, in front of their options."""
    return _set(
        """#let off = box(width: 8pt, height: 8pt, stroke: 0.6pt)
#let on = box(width: 8pt, height: 8pt, stroke: 0.6pt)[
  #place(line(start: (1pt, 1pt), end: (7pt, 7pt), stroke: 0.6pt))
  #place(line(start: (1pt, 7pt), end: (7pt, 1pt), stroke: 0.6pt))]
Le marché comporte :

#on une clause sociale d'exécution

#off un critère social

#off une réservation"""
    )
