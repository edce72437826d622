import re
from dataclasses import replace

import pytest

from corpus.documents import Block, BlockKind, Cell, Line, Page, Row, Table, Word
from nlp.clean import clean
from nlp.sections import lot_numbers, structure


def page(text: str, number: int = 1) -> Page:
    value = clean(text).value
    lines, at = [], 0
    for part in value.split("\n"):
        if part.strip():
            lines.append(Line(at, at + len(part)))
        at += len(part) + 1
    return Page(number, value, tuple(lines))


def styled(*paragraphs: tuple[str, str]) -> Page:
    """Return a page of a word processor: paragraphs of (style, text), a blank line between them."""
    text, lines = "", []
    for style, words in paragraphs:
        lines.append(Line(len(text), len(text) + len(words), style=style))
        text += f"{words}\n\n"
    return Page(1, text.rstrip("\n"), tuple(lines))


def printed(*lines: tuple[float, float, str], number: int = 1, bold: str = "") -> Page:
    """Return a page with lines of (left, top, text): 5 points a letter, 10 high; runs of two
    spaces part words by so many letters. Lines whose text is ``bold`` are set so.
    """
    text = ""
    words, made = [], []
    for x, y, words_of in lines:
        start = len(text)
        for match in re.finditer(r"\S+", words_of):
            begin = x + 5 * match.start()
            end = x + 5 * match.end()
            words.append(Word(start + match.start(), start + match.end(), begin, y, end, y + 10))
        right = x + 5 * len(words_of)
        made.append(Line(start, start + len(words_of), x, y, right, y + 10, 10.0, words_of == bold))
        text += words_of + "\n"
    return Page(number, text.rstrip("\n"), tuple(made), tuple(words), (), 595.0, 842.0)


def tabled(page: Page, *rows: tuple[str, ...], header: bool = True) -> Page:
    """Return the page with a table of these rows, whose cells are found in its text in turn."""
    at = 0
    made = []
    for row in rows:
        cells = []
        for cell in row:
            start = page.text.index(cell, at) if cell else at
            at = start + len(cell)
            cells.append(Cell(((start, at),) if cell else ()))
        made.append(Row(tuple(cells)))
    return replace(page, tables=(Table(tuple(made), header),))


def texts(*pages: Page) -> list[str]:
    return [b.text for b in structure(pages) if b.kind != BlockKind.FURNITURE]


def blocks(*texts: str) -> list[Block]:
    return list(structure([page(t, i) for i, t in enumerate(texts, start=1)]))


def test_outline_lists_and_lead_ins() -> None:
    found = blocks(
        "ARTICLE 10 - CLAUSES SOCIALES\n"
        "10.1 - Public éligible\n"
        "Les personnes concernées sont :\n"
        "- les demandeurs d'emploi de longue durée ;\n"
        "- les bénéficiaires du RSA.\n"
        "10.2 - Suivi\n"
        "Un bilan est remis."
    )
    assert [b.kind for b in found] == [
        BlockKind.HEADING, BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.ITEM,
        BlockKind.HEADING, BlockKind.PARAGRAPH,
    ]  # fmt: skip
    assert found[3].lead == "Les personnes concernées sont :"
    assert found[3].path == ("ARTICLE 10 - CLAUSES SOCIALES", "10.1 - Public éligible")
    assert found[6].path == ("ARTICLE 10 - CLAUSES SOCIALES", "10.2 - Suivi")


def test_a_list_inside_a_list_has_both_lead_ins() -> None:
    found = blocks(
        "Le titulaire choisit :\n"
        "- un nombre d'heures d'insertion :\n"
        "• 35 heures par tranche de 100 000 € de commandes facturées ;\n"
        "- une action par an."
    )
    assert [b.lead for b in found] == [
        "",
        "Le titulaire choisit :",
        "Le titulaire choisit : - un nombre d'heures d'insertion :",
        "Le titulaire choisit :",
    ]


def test_contents_are_apart() -> None:
    found = blocks(
        "SOMMAIRE\n1 - Objet ........ 3\n2 - Clause sociale d'insertion ........ 4\n",
        "1 - Objet\nLe marché porte sur le nettoyage des locaux de la mairie et des écoles.",
    )
    assert [b.kind for b in found[:3]] == [BlockKind.TOC] * 3
    assert found[3].kind == BlockKind.HEADING


def test_running_headers_and_page_numbers_are_apart() -> None:
    texts = [
        f"Ville de Valbrume - RC\nLe texte numéro {'abcdef'[i] * 5} de la page.\nPage {i + 1} sur 6"
        for i in range(6)
    ]
    found = blocks(*texts)
    assert sum(b.kind == BlockKind.FURNITURE for b in found) == 12
    assert sum(b.kind == BlockKind.PARAGRAPH for b in found) == 6


def test_a_sentence_goes_on_over_the_page() -> None:
    found = blocks(
        "Le titulaire réalise une action d'insertion au\n", "profit des publics éligibles."
    )
    assert [b.text for b in found] == [
        "Le titulaire réalise une action d'insertion au profit des publics éligibles."
    ]
    assert {run[0] for run in found[0].runs(0, 80)} == {1, 2}


def test_hyphens_at_line_ends() -> None:
    (found,) = blocks("L'exécu-\ntion est confiée à un sous-\ntraitant agréé.")
    assert found.text == "L'exécution est confiée à un sous-traitant agréé."


def test_offsets_lead_back_to_the_page() -> None:
    text = "ARTICLE 1 - Objet\nUne phrase cou-\npée sur deux lignes."
    (source,) = [page(text)]
    for block in structure([source]):
        for segment in block.segments:
            assert (
                block.text[segment.start : segment.end]
                == source.text[segment.source : segment.source + segment.end - segment.start]
            )


def test_lots() -> None:
    assert lot_numbers("Lots n° 1 et n° 3 : tonte") == ("1", "3")
    assert lot_numbers("lots 2 à 4") == ("2", "3", "4")
    assert lot_numbers("LOT 02 CHARPENTE") == ("2",)
    assert lot_numbers("un lot de vaisselle") == ()
    found = blocks(
        "LOT 3 - PROPRETÉ\nLe titulaire trie les déchets collectés sur la voie publique."
    )
    assert found[1].lots == ("3",)


def test_no_page_has_no_block() -> None:
    assert structure([]) == ()
    assert structure([Page(1, "")]) == ()


# -- tables -------------------------------------------------------------------------------------


def test_what_follows_an_empty_cell_stays_in_its_column() -> None:
    text = "Poste | Prix | Délai\nSavon | 5 j\nTotal 9\n12"
    rows = (
        ("Poste", "", "Prix", "Délai"), ("Savon", "", "", "5 j"), ("", "", "9", ""), ("", "", "12"),
    )  # fmt: skip
    found = structure([tabled(page(text), *rows)])
    rows_of = [b for b in found if b.kind == BlockKind.ROW]
    assert [b.text for b in rows_of] == ["Poste | Prix | Délai", "Savon |  | 5 j", "9", "12"]
    cells = [[b.text[s:e] for s, e in b.cells] for b in rows_of]
    assert cells[1:] == [["Savon", "", "5 j"], ["", "9"], ["", "12"]]
    assert {b.lead for b in rows_of[1:]} == {"Poste | Prix | Délai"}


def test_a_header_without_a_title_at_its_corner_keeps_its_columns() -> None:
    found = structure([tabled(page("Oui Non\nTri X"), ("", "Oui", "Non"), ("Tri", "", "X"))])
    assert [b.text for b in found] == ["Oui | Non", "Tri |  | X"]
    assert found[1].lead.split(" | ") == ["", "Oui", "Non"]


def test_columns_cut_in_two_by_rules_are_one() -> None:
    sheet = printed((120, 100, "Service    Nom"), (100, 120, "Voirie         Taille"))
    (header, row) = structure(
        [tabled(sheet, ("", "Service", "Nom", ""), ("Voirie", "", "", "Taille"))]
    )
    assert header.text == "Service | Nom"
    assert (row.text, row.lead) == ("Voirie | Taille", "Service | Nom")


def over_pages(second: Page) -> list[str]:
    first = tabled(
        printed((60, 740, "Site"), (60, 760, "École  90"), number=1, bold="Site"),
        ("Site", ""),
        ("École", "90"),
    )
    return [b.lead for b in structure([first, second]) if b.kind == BlockKind.ROW][2:]


def test_a_table_that_goes_on_over_the_page_keeps_its_header() -> None:
    rest = printed((60, 120, "Crèche  40"), (60, 140, "Stade  35"), number=2)
    rows = (("Crèche", "40"), ("Stade", "35"))
    assert over_pages(tabled(rest, *rows)) == ["Site", "Site"]
    told = printed((60, 120, "Site"), (60, 140, "Stade  35"), number=2)
    assert over_pages(tabled(told, ("Site", ""), ("Stade", "35"))) == ["", "Site"]


def test_another_table_on_the_next_page_has_its_own_header() -> None:
    bold = printed((60, 120, "Lot"), (60, 140, "Stade  35"), number=2, bold="Lot")
    assert over_pages(tabled(bold, ("Lot", ""), ("Stade", "35"))) == ["", "Lot"]
    wider = printed((60, 120, "Lot  Nom  Prix"), (60, 140, "1  Tonte  35"), number=2)
    told = tabled(wider, ("Lot", "Nom", "Prix"), ("1", "Tonte", "35"))
    assert over_pages(told) == ["", "Lot | Nom | Prix"]
    below = printed(
        (60, 120, "Les lots sont :"), (60, 160, "Lot  Nom"), (60, 180, "1  Tonte"), number=2
    )
    assert over_pages(tabled(below, ("Lot", "Nom"), ("1", "Tonte"))) == ["", "Lot | Nom"]


# -- the outline --------------------------------------------------------------------------------


def paths(*lines: str) -> list[tuple[str, ...]]:
    found = structure([page("\n".join(f"{line}\nLe titulaire en répond." for line in lines))])
    return [b.path for b in found if b.kind == BlockKind.PARAGRAPH]


def test_letters_stand_below_the_number_they_begin_under() -> None:
    assert paths("I. OBJET", "II. EXÉCUTION", "A. INSERTION", "B. DÉCHETS", "III. RÈGLEMENT") == [
        ("I. OBJET",),
        ("II. EXÉCUTION",),
        ("II. EXÉCUTION", "A. INSERTION"),
        ("II. EXÉCUTION", "B. DÉCHETS"),
        ("III. RÈGLEMENT",),
    ]
    assert paths("ARTICLE 1 - OBJET", "A. LIEUX", "B. DÉLAIS", "ARTICLE 2 - PRIX")[2:] == [
        ("ARTICLE 1 - OBJET", "B. DÉLAIS"),
        ("ARTICLE 2 - PRIX",),
    ]


def test_roman_numbers_hold_articles() -> None:
    assert paths("I. PARTIES", "ARTICLE 1 - OBJET", "II. EXÉCUTION", "ARTICLE 2 - PRIX") == [
        ("I. PARTIES",),
        ("I. PARTIES", "ARTICLE 1 - OBJET"),
        ("II. EXÉCUTION",),
        ("II. EXÉCUTION", "ARTICLE 2 - PRIX"),
    ]


def test_dotted_roman_numbers_stand_beside_each_other() -> None:
    assert paths("IV. EXÉCUTION", "IV.1 CLAUSES", "IV.2.1 DÉCHETS", "V. PRIX") == [
        ("IV. EXÉCUTION",),
        ("IV. EXÉCUTION", "IV.1 CLAUSES"),
        ("IV. EXÉCUTION", "IV.1 CLAUSES", "IV.2.1 DÉCHETS"),
        ("V. PRIX",),
    ]
    assert paths("SECTION VI : SUITES", "VI.1) RECOURS", "VI.3) DÉLAIS")[2] == (
        "SECTION VI : SUITES",
        "VI.3) DÉLAIS",
    )


def test_a_letter_of_the_alphabet_is_no_roman_number() -> None:
    letters = [f"{letter}. CLAUSE" for letter in "ABCDEFGHIJ"]
    assert paths(*letters) == [(letter,) for letter in letters]


def test_a_name_or_a_law_holds_no_article() -> None:
    assert paths("M. DURAND", "ARTICLE 1 - OBJET")[1] == ("ARTICLE 1 - OBJET",)
    assert [b.kind for b in blocks("L.21 MARCHÉ RÉSERVÉ")] == [BlockKind.PARAGRAPH]


def test_a_number_alone_is_no_heading_without_a_title() -> None:
    bare = printed((60, 100, "7.1"), (60, 112, "Le titulaire rend compte."))
    assert BlockKind.HEADING not in [b.kind for b in structure([bare])]


def test_a_number_goes_with_the_title_below_it() -> None:
    title = "Suivi des parcours"
    sheet = printed((60, 100, "7.1."), (60, 112, title), bold=title)
    bold = tuple(line._replace(bold=True) for line in sheet.lines)
    (heading,) = structure([replace(sheet, lines=bold)])
    assert (heading.kind, heading.text) == (BlockKind.HEADING, "7.1. Suivi des parcours")


# -- lines --------------------------------------------------------------------------------------


def test_paragraphs_of_a_word_processor_are_apart() -> None:
    found = structure(
        [styled(("h1", "Objet"), ("", "le marché porte sur"), ("item", "tri"), ("item", "eau"))]
    )
    assert [b.text for b in found] == ["Objet", "le marché porte sur", "tri", "eau"]
    assert found[1].path == ("Objet",)


def test_a_line_set_out_after_a_list_ends_it() -> None:
    first = (74.0, 100.0, "- les bons de commande de moins de mille euros du titulaire.")
    assert len(texts(printed(first, (60, 111, "Ne sont pas admis les autres bons.")))) == 2
    assert len(texts(printed(first, (80, 111, "Ils restent soumis aux autres clauses.")))) == 1
    open_end = (74.0, 100.0, "- les bons de commande de moins de mille euros de la ville de")
    assert len(texts(printed(open_end, (60, 111, "Valbrume et de ses écoles.")))) == 1


def test_each_answer_stands_on_its_own_below_its_question() -> None:
    asked = (60.0, 100.0, "Le candidat emploie des personnes en insertion :")
    assert texts(printed(asked, (60, 111, "Oui ☒"), (60, 122, "Non ☐")))[1:] == ["Oui ☒", "Non ☐"]
    going_on = printed((60, 100, "Le marché est ☒ réservé ou"), (60, 111, "ouvert à tous ☐ ici"))
    assert len(texts(going_on)) == 1


def test_boxes_below_their_options_stand_beside_them() -> None:
    options = (60.0, 100.0, "Oui      Non")
    told = printed(options, (62, 112, "☐        ☒"))
    assert texts(told) == ["Oui ☐ Non ☒"]
    (block,) = structure([told])
    sources = [told.text[s.source : s.source + s.end - s.start] for s in block.segments]
    assert sources == ["Oui", "☐", "Non", "☒"]
    assert texts(printed(options, (62, 112, "☐        ☒ ☐")))[0] == "Oui      Non"
    assert texts(printed(options, (162, 112, "☐        ☒")))[0] == "Oui      Non"


# -- running headers and contents ---------------------------------------------------------------


def test_headers_by_turns_are_furniture_but_numbered_titles_are_not() -> None:
    def page_of(number: int, title: str) -> Page:
        body = f"Le texte {'abcd'[number] * 6} de cette page est à lire."
        return printed((60, 40, title), (60, 300, body), number=number + 1)

    turns = [page_of(n, "Ville de Valbrume" if n % 2 else "Marché de propreté") for n in range(4)]
    assert len(texts(*turns)) == 4
    annexes = [page_of(n, f"Annexe {n}" if n % 2 else f"{'ab'[n // 2]} propos") for n in range(4)]
    assert "Annexe 1" in texts(*annexes)


@pytest.mark.parametrize(
    "line", ["Nom : ........", "Nom ............", "................", "Montant : ........ 20"]
)
def test_a_blank_to_fill_in_is_no_entry_of_contents(line: str) -> None:
    assert BlockKind.TOC not in [b.kind for b in blocks(line)]


def test_page_numbers_a_tab_away_belong_to_their_entries() -> None:
    entries = ((60.0, 140.0, "ARTICLE 1 - OBJET"), (500.0, 140.0, "2"))
    more = ((60.0, 156.0, "ARTICLE 2 - PRIX"), (500.0, 156.0, "3"))
    found = structure([printed((60, 120, "Sommaire"), *entries, *more)])
    assert [(b.kind, b.text) for b in found[1:]] == [
        ("toc", "ARTICLE 1 - OBJET 2"),
        ("toc", "ARTICLE 2 - PRIX 3"),
    ]


def test_page_numbers_beside_each_other_are_no_entries() -> None:
    numbers = [(60.0 + 40 * n, 40.0, str(n)) for n in range(1, 5)]
    found = structure([printed(*numbers, (60, 300, "Sommaire"), (60, 320, "Le titulaire trie."))])
    assert [b.kind for b in found[:4]] == [BlockKind.FURNITURE] * 4


def test_figures_a_tab_away_are_no_contents_without_a_title() -> None:
    found = structure(
        [printed((60, 140, "Écoles"), (500, 140, "2"), (60, 156, "Stades"), (500, 156, "3"))]
    )
    assert BlockKind.TOC not in [b.kind for b in found]


# -- pages as a press prints them -------------------------------------------------------------

WIDE = "Le titulaire remet au service chargé du suivi un relevé des quantités"  # 69 letters


def test_more_space_than_between_lines_begins_another_paragraph() -> None:
    ended = "collectées et triées sur chaque site, et tient le registre des refus."
    lines = [(60.0, 100.0, WIDE), (60.0, 112.0, ended), (60.0, 124.0, WIDE), (60.0, 136.0, ended)]
    assert len(structure([printed(*lines)])) == 1
    apart = [(x, y + 4 * (y > 112), text) for x, y, text in lines]
    assert [b.text for b in structure([printed(*apart)])] == [f"{WIDE} {ended}"] * 2


def test_a_numbered_sentence_over_lines_is_no_heading() -> None:
    first = "3.2 Une avance de 10 % est versée lorsque le montant dépasse 50 000"
    lines = [(60.0, 100.0, first), (60.0, 112.0, "€ HT, sur demande du titulaire.")]
    (found,) = structure([printed((60, 80, WIDE[:-2]), *lines)])[1:]
    assert found.kind == BlockKind.PARAGRAPH
    assert found.text == f"{first} € HT, sur demande du titulaire."


def test_a_numbered_title_over_lines_stays_a_heading() -> None:
    first = "3.2 Modalités de remise du relevé des quantités collectées et triées"
    lines = [(60.0, 100.0, first), (60.0, 112.0, "par site et par flux")]
    (found,) = structure([printed((60, 80, WIDE[:-2]), *lines)])[1:]
    assert (found.kind, found.text) == (BlockKind.HEADING, f"{first} par site et par flux")


def test_a_sentence_may_break_before_a_number_with_a_point() -> None:
    lines = [
        (60.0, 100.0, "Les camions qui livrent les sites respectent au moins la norme Euro"),
        (60.0, 112.0, "6. Les chariots vides repartent avec eux."),
    ]
    (found,) = structure([printed(*lines)])
    assert found.text.endswith("la norme Euro 6. Les chariots vides repartent avec eux.")


def test_a_quotation_may_close_on_the_next_line() -> None:
    lines = [(60.0, 100.0, "La résidence dite « Les Tilleuls"), (60.0, 112.0, "», au bourg.")]
    (found,) = structure([printed(*lines)])
    assert found.text == "La résidence dite « Les Tilleuls », au bourg."


@pytest.mark.parametrize(
    "title",
    ["§ 2 Durée", "3/ Durée", "Article 3 : durée", "Chapitre deuxième : durée",
     "Article 3 bis. Durée"],
)  # fmt: skip
def test_ways_to_number_a_heading(title: str) -> None:
    found = structure([printed((60, 100, title), (60, 112, "Deux ans."), bold=title)])
    assert [(b.kind, b.path) for b in found] == [
        (BlockKind.HEADING, ()), (BlockKind.PARAGRAPH, (title.rstrip("."),)),
    ]  # fmt: skip


def test_figures_with_a_stroke_stand_below_the_article_they_begin_under() -> None:
    titles = ["2.1 Bois", "1/ Pose", "2/ Essais", "2.2 Acier", "1/ Pose"]
    lines = [(60.0, 100.0 + 30 * n, title) for n, title in enumerate(titles)]
    base = printed(*lines)
    bold = replace(base, lines=tuple(line._replace(bold=True) for line in base.lines))
    assert [b.path for b in structure([bold])] == [
        (), ("2.1 Bois",), ("2.1 Bois",), (), ("2.2 Acier",),
    ]  # fmt: skip


def test_a_title_is_not_its_running_header() -> None:
    made = [
        printed((60, 40, "CAHIER DES CHARGES"), (60, 80, "CAHIER DES CHARGES"), number=n)
        if n == 1
        else printed((60, 40, "CAHIER DES CHARGES"), (60, 120, "Le titulaire trie."), number=n)
        for n in (1, 2, 3)
    ]
    running, title = made[0].lines
    made[0] = replace(made[0], lines=(running, title._replace(size=14.0)))
    named = [b for b in structure(made) if "CAHIER" in b.text]
    assert [b.segments[0].source for b in named if b.kind == BlockKind.HEADING] == [title.start]
    assert [b.kind for b in named].count(BlockKind.FURNITURE) == 3
    (alone,) = [b for b in structure(made[:1]) if b.kind == BlockKind.HEADING]
    assert alone.segments[0].source == title.start


# -- tables over pages ------------------------------------------------------------------------


def grid(number: int, *rows: str, top: float = 200.0) -> Page:
    return printed(*((60.0, top + 14 * n, row) for n, row in enumerate(rows)), number=number)


def test_the_titles_of_a_table_left_at_the_foot_of_a_page() -> None:
    titles = "Critère               Lot 1     Lot 2"
    one = printed((60, 100, "Les offres sont notées."), (60, 700, titles), bold=titles)
    rows = ("Prix                  40 %      50 %", "Valeur technique      60 %      50 %")
    two = tabled(grid(2, *rows), *((r[:20].strip(), r[22:26], r[32:36]) for r in rows))
    found = structure([replace(one, number=1), two])
    assert [b.text for b in found[1:]] == [
        "Critère | Lot 1 | Lot 2", "Prix | 40 % | 50 %", "Valeur technique | 60 % | 50 %",
    ]  # fmt: skip
    assert [b.lead for b in found[1:]] == ["", "Critère | Lot 1 | Lot 2", "Critère | Lot 1 | Lot 2"]


def test_the_last_row_of_a_table_left_at_the_head_of_a_page() -> None:
    rows = (
        "Critère               Poids",
        "Prix                  40 %",
        "Qualité               50 %",
    )
    one = tabled(grid(1, *rows), *((r[:20].strip(), r[22:].strip()) for r in rows))
    two = grid(2, "Insertion             10 %", "La note est arrondie au centième.", top=120.0)
    found = structure([one, two])
    assert (found[3].kind, found[3].text) == (BlockKind.ROW, "Insertion | 10 %")
    assert found[3].lead == "Critère | Poids"
    assert found[4].kind == BlockKind.PARAGRAPH


def test_a_line_out_of_the_columns_is_no_row_of_the_table_before() -> None:
    rows = (
        "Critère               Poids",
        "Prix                  40 %",
        "Qualité               60 %",
    )
    one = tabled(grid(1, *rows), *((r[:20].strip(), r[22:].strip()) for r in rows))
    two = grid(2, "Fait à Brive          en deux exemplaires   le 3 mai", top=120.0)
    assert structure([one, two])[-1].kind == BlockKind.PARAGRAPH


def test_a_cell_that_its_frame_leaves_out_stays_in_its_row() -> None:
    rows = ("Lot     Cause     Montant", "1       Retard    90 €", "2       Absence   70 €")
    cells = (("Lot", "Cause", "Montant"), ("1", "Retard", "90 €"), ("", "Absence", "70 €"))
    found = structure([tabled(grid(1, *rows), *cells)])
    assert found[-1].text == "2 | Absence | 70 €"


def test_a_number_that_begins_a_row_at_the_top_is_no_page_number() -> None:
    one = printed((60, 60, "4"), (120, 60, "Espaces verts"), (60, 200, "Suite."))
    two = printed((60, 60, "4"), (60, 200, "Suite."), number=2)
    assert [b.kind for b in structure([one])].count(BlockKind.FURNITURE) == 0
    assert [b.kind for b in structure([two])].count(BlockKind.FURNITURE) == 1
