from corpus.documents import Block, BlockKind, Line, Page
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
