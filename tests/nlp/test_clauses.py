"""Findings of one article are one clause, and each passage does its part in it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from corpus.documents import Block, BlockKind, Line, Page, Piece, PieceType
from corpus.findings import Clause, Part, Stage, Status
from nlp.clauses import clauses, part_of
from nlp.sections import structure
from nlp.tagger import tag

ARTICLE = """Article 9 - Pénalités générales
Le titulaire paie 100 euros par jour de retard.
Article 10 - Clause sociale d'insertion
Le titulaire réserve 420 heures de travail à des personnes éloignées de l'emploi.
10.1 - Public éligible
Doivent être recrutés les demandeurs d'emploi de longue durée et les bénéficiaires du RSA.
10.2 - Suivi de l'insertion
Le titulaire transmet chaque mois au facilitateur le décompte des heures d'insertion.
Toute heure d'insertion non réalisée donne lieu à une pénalité de 40 euros.
Article 11 - Déchets
Le titulaire trie les déchets du chantier.
"""


def read(text: str, role: PieceType) -> tuple[Clause, ...]:
    lines = tuple(Line(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text))
    page = Page(1, text, lines)
    return clauses(tag(Piece("p1", "a.txt", role, 1.0, "", "", (page,), structure((page,)))))


@pytest.fixture(scope="module")
def found() -> tuple[Clause, ...]:
    return read(ARTICLE, PieceType.CCAP)


def test_an_article_with_its_paragraphs_is_one_clause(found: tuple[Clause, ...]) -> None:
    (insertion,) = [c for c in found if c.label == "social.integration"]
    assert insertion.article == "Article 10 - Clause sociale d'insertion"
    assert (insertion.status, insertion.stage) == (Status.BINDING, Stage.EXECUTION)
    parts = {part.part: len(part.findings) for part in insertion.parts}
    assert {Part.OBLIGATION, Part.PUBLIC, Part.CONTROL, Part.PENALTY} <= set(parts)
    assert [part.part for part in insertion.parts] == [p for p in Part if p in parts]


def test_another_article_is_another_clause(found: tuple[Clause, ...]) -> None:
    (waste,) = [c for c in found if c.label == "env.waste"]
    assert waste.article == "Article 11 - Déchets"
    assert len({c.id for c in found}) == len(found)


def test_without_a_heading_that_announces_it_each_article_has_its_clause() -> None:
    text = (
        "Article 2 - Prix\nLe titulaire trie ses déchets.\n"
        "Article 3 - Délais\nIl trie les déchets du site."
    )
    found = [c for c in read(text, PieceType.CCTP) if c.label == "env.waste"]
    assert [c.article for c in found] == ["Article 2 - Prix", "Article 3 - Délais"]


def test_the_strongest_passage_gives_the_status() -> None:
    block = Block(BlockKind.PARAGRAPH, "Le titulaire trie ses déchets.", ())
    piece = Piece("p1", "a", PieceType.CCTP, 1.0, "", "", (Page(1, ""),), (block,))
    (finding,) = tag(piece)
    other = replace(finding, id="x", status=Status.EXCLUDED, page=3, lots=("2",))
    (clause,) = clauses((other, finding))
    assert (clause.status, clause.page, clause.lots) == (Status.BINDING, finding.page, ("2",))
    assert [part.part for part in clause.parts] == [Part.OBLIGATION, Part.MENTION]


@pytest.mark.parametrize(
    ("quote", "status", "part"),
    [
        ("Le titulaire réserve 420 heures.", Status.BINDING, Part.OBLIGATION),
        ("Sont éligibles les allocataires de minima sociaux.", Status.BINDING, Part.PUBLIC),
        ("Il peut recourir à une ETTI.", Status.ENCOURAGED, Part.MEANS),
        ("Un bilan est remis au facilitateur.", Status.BINDING, Part.CONTROL),
        ("Une retenue de 40 euros par heure est appliquée.", Status.BINDING, Part.PENALTY),
        ("Bilan carbone des livraisons : 10 points", Status.SCORED, Part.CRITERION),
        ("Bilan des actions de la ville", Status.MENTION, Part.MENTION),
    ],
)
def test_parts(quote: str, status: Status, part: Part) -> None:
    assert part_of(quote, status) is part
