from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import PieceType
from corpus.facts import kinds
from corpus.findings import Fact, Finding, Lot, Place, Stage, Status, Value
from corpus.taxonomy import labels
from models.call import Call
from models.firms import Firm
from models.matching import Member, best_calls, best_firms, match, pairs
from models.scorer import PROFILES, score

ALL = frozenset({PieceType.NOTICE, PieceType.RC, PieceType.CCAP, PieceType.CCTP})


def finding(label: str, status: Status = Status.BINDING, lots: tuple[str, ...] = ()) -> Finding:
    return Finding(
        f"p1-{label}", "p1", 1, (), label, "", lots, (label,), Stage.EXECUTION, status, {}, 0.9, ()
    )


def fact(name: str, value: Value, lots: tuple[str, ...] = (), detail: str = "") -> Fact:
    assert name in kinds()
    return Fact(name, value, Place("p1", 1, (), name, ""), "test", lots, detail=detail)


def lot(number: str, amount: float | None, reserved: tuple[str, ...], cpv: tuple[str, ...],
        title: str, months: float | None) -> Lot:  # fmt: skip
    proof = tuple(f"p1-{label}" for label in reserved)
    return Lot(number, title, amount, reserved, proof, duration_months=months, cpv=cpv)


titles = st.sampled_from(["Entretien des espaces verts", "Nettoyage de vitres", "Gros œuvre", ""])
reservations = st.sampled_from(
    [(), (), ("reserved.integration",), ("reserved.social_economy",),
     ("reserved.disability", "reserved.integration"), ("reserved.prison",)]
)  # fmt: skip
lots = st.lists(
    st.tuples(
        st.sampled_from([None, 2e4, 6e4, 216_000.0, 9e5, 6e6]),
        reservations,
        st.sampled_from(
            [(), ("77310000",), ("90911300", "90910000"), ("45210000",), ("85312000",)]
        ),
        titles,
        st.sampled_from([None, 6.0, 24.0, 48.0]),
    ),
    max_size=5,
).map(lambda rows: tuple(lot(str(n), *row) for n, row in enumerate(rows, start=1)))
facts = st.lists(
    st.builds(
        lambda one, where: fact(one[0], one[1], where, one[2]),
        st.sampled_from(
            [
                ("lever.turnover_eur", 2e5, ""), ("lever.turnover_multiple", 1.5, ""),
                ("lever.certification", "Qualibat 2112", ""),
                ("lever.certification", "ISO 14001", "equivalent"),
                ("lever.headcount", 12, ""), ("lever.references", 3, ""),
                ("lever.references_years", 5, ""), ("lever.grouping", "free", ""),
                ("lever.grouping", "solidaire", ""), ("lever.variants", "allowed", ""),
                ("procedure.awardees", "single", ""), ("procedure.duration_months", 48.0, ""),
                ("procedure.estimate_eur", 3e5, ""), ("procedure.maximum_eur", 9e6, ""),
                ("procedure.answer_date", "2026-11-30", ""), ("lever.payment_days", 60, ""),
                ("procedure.object", "Collecte et réemploi de mobilier", ""),
                ("lever.localism", "du canton", ""),
            ]
        ),
        st.sampled_from([(), (), ("1",), ("2", "3")]),
    ),
    max_size=9,
)  # fmt: skip
found = st.lists(
    st.builds(
        finding,
        st.sampled_from(sorted(labels())),
        st.sampled_from(list(Status)),
        st.sampled_from([(), ("1",), ("2",)]),
    ),
    max_size=10,
    unique_by=lambda f: f.id,
).map(tuple)
calls = st.builds(
    lambda f, given, divided, pieces, launch: Call(
        f, (), divided, frozenset(pieces), facts=tuple(given), launch=launch
    ),
    found,
    facts,
    lots,
    st.sets(st.sampled_from(sorted(ALL)), min_size=1),
    st.sampled_from([None, date(2026, 10, 1)]),
)
firms = st.builds(
    Firm,
    st.just("Firme"),
    profile=st.sampled_from(PROFILES),
    statuses=st.sampled_from([(), ("ei",), ("ea",), ("ess",), ("geiq", "ess"), ("sme",)]),
    trades=st.sampled_from(
        [(), ("77",), ("773", "espaces verts"), ("45",), ("nettoyage",), ("réemploi", "905"),
         ("9091", "90")]
    ),
    turnover=st.sampled_from([None, 0.0, 6e4, 2e5, 6e5, 1e7]),
    headcount=st.sampled_from([None, 3.0, 12.0]),
    certifications=st.sampled_from([(), ("Qualibat 2112",), ("ISO 14001", "RGE")]),
    maximum_lot=st.sampled_from([None, 5e4]),
    won_l2113_15=st.sampled_from([None, date(2025, 1, 1), date(2020, 2, 29)]),
)  # fmt: skip


@given(
    st.lists(calls, min_size=1, max_size=3),
    st.lists(firms, min_size=1, max_size=5),
    st.none() | st.just(date(2026, 11, 24)),
)
@settings(deadline=None, max_examples=250)
def test_a_matrix_says_what_each_pair_says(
    tenders: list[Call], ecosystem: list[Firm], today: date | None
) -> None:
    scores = match(tenders, ecosystem, today=today)
    assert scores.shape == (len(tenders), len(ecosystem))
    for row, call in enumerate(tenders):
        for column, firm in enumerate(ecosystem):
            alone = score(call, firm.profile, firm, today=today)[0].score
            assert scores[row, column] == alone


def test_nothing_to_match() -> None:
    call = Call((), (), (), ALL)
    assert match([], [Firm("a")]).shape == (0, 1)
    assert match([call], []).shape == (1, 0)
    with pytest.raises(KeyError):
        match([call], [Firm("a", profile="bank")])


def test_best_of_each_side() -> None:
    ecosystem = [
        Firm("Jardins", "siae_ei", ("ei",), ("773",), departments=("21",)),
        Firm("Peinture", "sme", ("sme",), ("4544",), departments=("33",)),
        Firm("Partout", "sme", ("sme",)),
    ]
    hours = (finding("social.integration"),)
    green = Call(hours, (), (lot("1", 5e4, (), ("77310000",), "Tonte", 12.0),), ALL)
    paint = replace(green, lots=(lot("1", 5e4, (), ("45442100",), "Peinture", 12.0),))
    scores = match([green, paint], ecosystem)
    assert best_firms(scores[0], ecosystem, 1)[0][0] == 0
    assert best_firms(scores[1], ecosystem, 1)[0][0] == 1
    assert [at for at, _ in best_firms(scores[1], ecosystem, department="21")] == [2, 0]
    assert best_calls(scores[:, 0], 1) == ((0, float(scores[0, 0])),)
    assert np.all(scores[1, 0] <= 40)


def tender(*given: Finding, facts_: tuple[Fact, ...] = (), reserved: tuple[str, ...] = ()) -> Call:
    return Call(
        given, (), (lot("1", 2e5, reserved, ("77310000",), "Tonte", 12.0),), ALL, facts=facts_
    )


def test_an_inclusive_partner_closes_the_hours() -> None:
    call = tender(finding("social.integration"))
    (pair,) = pairs(call, [Member("sme"), Member("siae")])
    (closed,) = pair.closed
    assert (closed.gap, closed.by, closed.findings) == ("hours", "siae", ("p1-social.integration",))
    assert pair.left == ()
    assert pair.alone[1] > pair.alone[0]
    assert "sme" not in closed.reason_fr
    assert "siae" in closed.reason_en


def test_each_closes_what_the_other_lacks() -> None:
    call = tender(
        finding("reserved.integration"),
        facts_=(fact("lever.turnover_eur", 3e5),),
        reserved=("reserved.integration",),
    )
    small = Member("siae_ei", Firm("Jardins", "siae_ei", ("ei",), turnover=1e5))
    large = Member("sme", Firm("Grand", "sme", ("sme",), turnover=5e6))
    other = Member("sme", Firm("Peinture", "sme", ("sme",), ("4544",), turnover=1e4))
    found = pairs(call, [small, large, other])
    assert (found[0].first, found[0].second) == ("Jardins", "Grand")
    assert {(c.gap, c.by) for c in found[0].closed} == {
        ("reservation", "Jardins"), ("turnover", "Grand"),
    }  # fmt: skip
    assert found[0].left == ()
    with_peinture = next(p for p in found if {p.first, p.second} == {"Jardins", "Peinture"})
    assert with_peinture.left == ("turnover",)


def test_two_alike_are_no_pair() -> None:
    assert pairs(tender(finding("social.integration")), [Member("siae"), Member("siae_aci")]) == ()
