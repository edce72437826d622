import json

import pytest

from corpus.documents import PieceType
from corpus.findings import Finding, Lot, Stage, Status
from models.audit import (
    AGREED,
    DECLARED,
    DETECTED,
    Comparison,
    audit,
    audit_many,
    audit_pieces,
    declared,
    without_codes,
)
from models.call import Call
from nlp.reading import read_piece

PIECES = frozenset({PieceType.NOTICE, PieceType.RC})


def finding(label: str, quote: str, number: int = 1, lots: tuple[str, ...] = ()) -> Finding:
    return Finding(
        id=f"p1-{number:04d}",
        piece="p1",
        page=3,
        boxes=(),
        quote=quote,
        article="7 Social",
        lots=lots,
        labels=(label,),
        stage=Stage.EXECUTION,
        status=Status.BINDING,
        values={},
        confidence=0.9,
        found_by=(f"{label}/test",),
    )


def notice(**lots: dict[str, list[str]]) -> dict[str, object]:
    """Return a notice as collections keep it: fields by lot."""
    return {
        "title": "Entretien",
        "lots": [{"lot_id": key.replace("_", "-"), **value} for key, value in lots.items()],
    }


def outcomes(rows: tuple[Comparison, ...]) -> set[tuple[str, str, str, str]]:
    return {(row.lot, row.field, row.code, row.outcome) for row in rows}


def test_what_is_declared_and_what_is_read() -> None:
    call = Call((finding("social.integration", "Le titulaire réserve 200 heures"),), (), (), PIECES)
    said = declared(notice(LOT_0001={"social_BT775": ["opp", "gen-eq"], "green_BT774": []}))
    rows = audit(call, said)
    assert outcomes(rows) == {
        ("1", "BT-775", "opp", AGREED),
        ("1", "BT-775", "gen-eq", DECLARED),
        ("1", "BT-06", "soc-obj", DETECTED),
    }
    agreed, lacking = (next(r for r in rows if r.code == code) for code in ("opp", "gen-eq"))
    assert agreed.places[0].quote == "Le titulaire réserve 200 heures"
    assert (agreed.places[0].page, agreed.findings) == (3, ("p1-0001",))
    assert lacking.missing == "CCAP/CCP, CCTP/CCP"
    assert "non lu : CCAP/CCP" in lacking.message_fr
    assert "not read: CCAP/CCP" in lacking.message_en


def test_a_field_put_into_words_proves_nothing() -> None:
    coded = "Marché réservé : ateliers protégés et structures d'insertion (BT-71 res-ws)"
    lots = (
        Lot("1", "A", None, ("reserved.disability",), ("p1-0001",)),
        Lot("2", "B", None, ("reserved.disability",), ("p1-0002",)),
    )
    call = Call(
        (
            finding("reserved.disability", coded, 1, ("1",)),
            finding("reserved.disability", "Le lot 2 est réservé aux ESAT.", 2, ("2",)),
        ),
        (),
        lots,
        PIECES,
    )
    heard = without_codes(call)
    assert [lot.reserved for lot in heard.lots] == [(), ("reserved.disability",)]
    reserved = {"reserved_BT71": ["res-ws"]}
    rows = audit(call, declared(notice(LOT_0001=reserved, LOT_0002=reserved)))
    assert outcomes(rows) == {("1", "BT-71", "res-ws", DECLARED), ("2", "BT-71", "res-ws", AGREED)}


def test_a_declared_nothing_is_contradicted_and_an_empty_field_is_not() -> None:
    call = Call((finding("reserved.integration", "Marché réservé aux SIAE."),), (), (), PIECES)
    none = audit(call, declared(notice(LOT_0001={"reserved_BT71": ["none"]})))
    assert [(r.outcome, r.declared, r.contradicted) for r in none] == [(DETECTED, ("none",), True)]
    assert "déclaré : none" in none[0].message_fr
    empty = audit(call, declared(notice(LOT_0001={"execution_BT736": ["no"]})))
    assert [(r.field, r.declared, r.contradicted) for r in empty] == [("BT-71", (), False)]


def test_lots_that_the_notice_leaves_out_are_compared_too() -> None:
    lots = (Lot("1", "A", None, (), ()), Lot("2", "B", None, (), ()))
    call = Call((finding("env.water", "Eau.", 1, ("2",)),), (), lots, PIECES)
    rows = audit(call, declared(notice(LOT_0001={"reserved_BT71": ["none"]})))
    assert ("2", "BT-774", "water-mar", DETECTED) in outcomes(rows)
    assert not any(row.lot == "1" for row in rows)


def test_groups_of_lots_declare_nothing() -> None:
    said = declared(notice(GLO_0001={"green_BT774": ["other"]}, LOT_0001={"x_BT71": ["none"]}))
    assert set(said.lots["eforms"]) == {"1"}


def contract(title: str, **social: object) -> dict[str, object]:
    return {"objet": title, "montant": 5, "considerationsSociales": social}


def test_a_file_of_essential_data() -> None:
    call = Call((finding("social.integration", "200 heures d'insertion"),), (), (), PIECES)
    one = contract("Tonte", considerationSociale=["Critère social"])
    rows = audit(call, declared({"marches": {"marche": [one]}}))
    assert outcomes(rows) == {
        ("", "considerationsSociales", "Critère social", DECLARED),
        ("", "considerationsSociales", "Clause sociale", DETECTED),
    }
    none = contract("Tonte", considerationSociale=["Pas de considération sociale"])
    assert audit(call, declared(none))[0].contradicted


def test_contracts_are_matched_to_lots_by_their_titles() -> None:
    lots = (Lot("1", "A", None, (), ()), Lot("2", "B", None, (), ()))
    call = Call((finding("social.integration", "200 heures", 1, ("2",)),), (), lots, PIECES)
    clause = {"considerationSociale": ["Clause sociale"]}
    said = declared(
        {"marches": [contract("Lot 1 : tonte", **clause), contract("Lot 2 : massifs", **clause),
                     contract("Autre chose", **clause)]}
    )  # fmt: skip
    assert said.unplaced == ("CON-0003",)
    assert outcomes(audit(call, said)) == {
        ("1", "considerationsSociales", "Clause sociale", DECLARED),
        ("2", "considerationsSociales", "Clause sociale", AGREED),
    }


def test_what_is_no_notice_declares_nothing() -> None:
    assert declared({"hello": "world"}).lots == {}
    assert audit(Call((), (), (), PIECES), declared({"hello": "world"})) == ()


def row(source: str, code: str, outcome: str, *said: str) -> Comparison:
    return Comparison("eforms", "1", "BT-71", code, outcome, said, (), (), (), "", "", "", source)


def test_totals_of_many() -> None:
    totals = audit_many(
        [
            row("a", "res-ws", AGREED, "res-ws"),
            row("b", "res-ws", DECLARED, "res-ws"),
            row("b", "res-pub-ser", DETECTED, "res-ws"),
            row("c", "res-ws", DETECTED),
            row("d", "res-ws", DETECTED, "none"),
        ]
    )
    whole = next(t for t in totals if t.code == "")
    assert (whole.agreed, whole.declared_only, whole.detected_only) == (1, 1, 3)
    assert (whole.silent, whole.contradicted) == (1, 1)
    assert whole.supported == pytest.approx(1 / 2)
    assert whole.stated == pytest.approx(1 / 4)
    assert (whole.lots, whole.lots_read) == (2, 2)
    workshop = next(t for t in totals if t.code == "res-ws")
    assert (workshop.agreed, workshop.detected_only) == (1, 2)
    service = next(t for t in totals if t.code == "res-pub-ser")
    assert (service.supported, service.stated) == (None, 0.0)


def test_a_notice_is_read_and_compared_with_itself() -> None:
    record = {
        "title": "Nettoyage des locaux",
        "descr": "Le présent marché est réservé aux entreprises adaptées et aux ESAT en application"
        " de l'article L2113-12 du code de la commande publique.",
        "lots": [
            {
                "lot_id": "LOT-0001",
                "title": "Nettoyage",
                "reserved_BT71": ["res-ws"],
                "social_BT775": ["gen-eq"],
            }
        ],
    }
    piece = read_piece("avis.json", json.dumps(record).encode(), id="p1", max_pages=9)
    rows = {(r.field, r.code): r for r in audit_pieces((piece,))}
    agreed = rows["BT-71", "res-ws"]
    assert agreed.outcome == AGREED
    assert agreed.source == "p1"
    assert "L2113-12" in agreed.places[0].quote
    assert rows["BT-775", "gen-eq"].outcome == DECLARED
