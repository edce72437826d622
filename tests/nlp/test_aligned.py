"""Tables without vertical rules, and what looks like one."""

import pytest

from corpus.documents import Line, Word
from nlp.reading.aligned import AlignedTable, Rule, aligned_tables

Printed = tuple[float, float, str]  # left, top, words
LETTER = 5.0  # points


def page(*printed: Printed, bold: int = 0) -> tuple[str, list[Word], list[Line]]:
    """Return the text, words and lines of a page; its first ``bold`` lines are bold."""
    value, words, lines = "", [], []
    for index, (x, y, text) in enumerate(printed):
        start = len(value)
        for word in text.split(" "):
            at = len(value)
            left = x + LETTER * (at - start)
            words.append(Word(at, at + len(word), left, y, left + LETTER * len(word), y + 10))
            value += word + " "
        value = value[:-1] + "\n"
        lines.append(
            Line(start, len(value) - 1, x, y, words[-1].x1, y + 10, 10.0, bold=index < bold)
        )
    return value, words, lines


def tables(*printed: Printed, rules: tuple[Rule, ...] = (), bold: int = 0) -> list[AlignedTable]:
    value, words, lines = page(*printed, bold=bold)
    return aligned_tables(value, words, lines, 842.0, rules)


def grid(*rows: tuple[str, ...], xs: tuple[float, ...] = (60, 260, 380)) -> list[Printed]:
    return [
        (x, 200.0 + 16 * i, text)
        for i, row in enumerate(rows)
        for x, text in zip(xs, row, strict=False)
        if text
    ]


CRITERIA = (("Critère", "Poids"), ("Prix", "40"), ("Valeur technique", "35"), ("Insertion", "25"))


def texts(table: AlignedTable, value: str) -> list[list[str]]:
    return [[" ".join(value[w.start : w.end] for w in cell) for cell in row] for row in table.rows]


def test_rows_aligned_by_gaps_are_a_table_with_its_header() -> None:
    printed = grid(*CRITERIA)
    (table,) = tables(*printed)
    assert texts(table, page(*printed)[0]) == [list(row) for row in CRITERIA]
    assert table.header  # words above figures


def test_labels_and_values_have_no_header() -> None:
    rows = (("Durée", "Douze mois"), ("Reconductions", "Trois"), ("Variantes", "Sans"))
    (table,) = tables(*grid(*rows))
    assert not table.header


def test_a_bold_first_row_is_a_header_and_an_empty_cell_keeps_its_column() -> None:
    rows = (("Engagement", "Oui", "Non"), ("Tri", "", "X"), ("Réemploi", "X"), ("Vrac", "X"))
    printed = grid(*rows)
    (table,) = tables(*printed, bold=3)
    assert table.header
    assert texts(table, page(*printed)[0])[1] == ["Tri", "", "X"]


def test_between_rules_a_row_has_several_lines() -> None:
    printed = [
        (60.0, 200.0, "Engagement"), (260.0, 200.0, "Preuve"),
        (60.0, 220.0, "Insertion des"), (260.0, 220.0, "Relevé des heures"),
        (60.0, 232.0, "publics éloignés"), (260.0, 232.0, "visé chaque mois"),
        (60.0, 252.0, "Réemploi"), (260.0, 252.0, "Bordereau"),
    ]  # fmt: skip
    rules = tuple(Rule(50, 400, y) for y in (196, 215, 247, 266))
    (table,) = tables(*printed, rules=rules)
    assert texts(table, page(*printed)[0])[1] == [
        "Insertion des publics éloignés",
        "Relevé des heures visé chaque mois",
    ]


def test_a_value_goes_on_below_itself() -> None:
    printed = [
        (60.0, 200.0, "Acheteur"), (200.0, 200.0, "Ville de Valbrume, place du"),
        (200.0, 212.0, "Marché"),
        (60.0, 230.0, "Durée"), (200.0, 230.0, "Quatre ans"),
        (60.0, 246.0, "Variantes"), (200.0, 246.0, "Sans"),
    ]  # fmt: skip
    (table,) = tables(*printed)
    assert texts(table, page(*printed)[0])[0] == ["Acheteur", "Ville de Valbrume, place du Marché"]
    assert len(table.rows) == 3


def test_two_rows_need_a_rule() -> None:
    printed = grid(("Poste", "Heures"), ("Tonte", "80"))
    assert tables(*printed) == []
    assert len(tables(*printed, rules=(Rule(50, 400, 213),))) == 1


PROSE = (
    ("Le titulaire forme ses agents", "Le maître d'ouvrage met à"),
    ("aux gestes économes en eau et", "disposition un local de tri et"),
    ("remet chaque semestre au service", "transmet au titulaire les"),
    ("le relevé des consommations.", "consignes de la collectivité."),
)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(PROSE, id="columns of prose"),
        pytest.param([("•", f"Consigne de tri {n}") for n in "ABC"], id="signs of a list"),
        pytest.param([("o", f"Consigne de tri {n}") for n in "ABC"], id="letters for signs"),
        pytest.param([(f"1.{n}", f"Objet numéro {n}") for n in (1, 2, 3)], id="numbered titles"),
        pytest.param(
            [(f"Article sur {w}", n) for w, n in zip(("tout", "rien", "eux"), "345", strict=True)],
            id="contents by tabs",
        ),
        pytest.param([(f"Partie {w}", f"........ {w}") for w in "ABC"], id="leaders"),
        pytest.param(
            [("Atelier des Rives", "Mairie"), ("2 rue du Lac", "Place du Marché"),
             ("01 99 00 11 22", "mairie@exemple.fr")], id="addresses",
        ),
        pytest.param(
            [(f"Clause {w} :", "☐ OUI", "☒ NON") for w in ("une", "deux", "trois")], id="options"
        ),
        pytest.param([("Le titulaire", "L'acheteur"), ("Nom :", "Nom :"), ("Le :", "Le :")],
                     id="signatures"),
    ],
)  # fmt: skip
def test_what_is_no_table(rows: list[tuple[str, ...]]) -> None:
    assert tables(*grid(*rows)) == []


def test_words_that_do_not_line_up_are_no_table() -> None:
    printed = [
        item
        for i, x in enumerate((210.0, 238.0, 251.0, 266.0))
        for item in ((60.0, 200.0 + 14 * i, "Le titulaire remet"), (x, 200.0 + 14 * i, "Un relevé"))
    ]
    assert tables(*printed) == []


def test_running_headers_are_no_table() -> None:
    header = [(x, 20.0 + 12 * i, t) for i in range(3) for x, t in ((60.0, "Ville"), (300.0, "RC"))]
    assert tables(*header) == []


def test_space_between_rows_tells_small_letters_from_prose() -> None:
    rows = (
        ("Procédure", "adaptée, avec un tour de négociation s'il le faut"),
        ("Forme", "ordinaire"),
        ("Variantes", "admises"),
    )
    assert len(tables(*grid(*rows))) == 1
    close = [(x, 200.0 + 12 * ((y - 200) / 16), text) for x, y, text in grid(*rows)]
    assert tables(*close) == []


def test_two_full_rows_with_figures_are_a_table() -> None:
    rows = (("Lot A", "Secteur nord", "90 000 €"), ("Lot B", "Secteur sud", "70 000 €"))
    assert len(tables(*grid(*rows))) == 1
    assert tables(*grid(*(row[:2] for row in rows))) == []
