from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import PieceType
from corpus.findings import Criterion, Finding, Lot, Stage, Status
from corpus.taxonomy import labels
from models.call import Call
from models.scorer import PROFILES, band, rubric, score, shares

ALL = frozenset({PieceType.NOTICE, PieceType.RC, PieceType.CCAP, PieceType.CCTP})
SOCIAL = [label for label in labels() if label.startswith("social.")]


def finding(
    label: str,
    status: Status = Status.BINDING,
    lots: tuple[str, ...] = (),
    values: dict[str, float] | None = None,
    number: int = 1,
) -> Finding:
    return Finding(
        id=f"p1-{number:04d}",
        piece="p1",
        page=1,
        boxes=(),
        quote=label,
        article="",
        lots=lots,
        labels=(label,),
        stage=Stage.EXECUTION,
        status=status,
        values=dict(values or {}),
        confidence=0.9,
        found_by=(f"{label}/test",),
    )


def criterion(name: str, theme: str, share: float, parent: str | None = None) -> Criterion:
    return Criterion(name, name, share, "percent", share, theme, (), parent, "p1", 1, (), name)


def facts(*findings: Finding, criteria: tuple[Criterion, ...] = (), lots: tuple[Lot, ...] = (),
          pieces: frozenset[PieceType] = ALL) -> Call:  # fmt: skip
    return Call(findings, criteria, lots, pieces)


def total(f: Call, profile: str = "siae") -> float:
    return score(f, profile)[0].score


def test_the_rubric_is_whole() -> None:
    table = rubric()
    assert set(table["profile"]) == set(PROFILES)
    assert all(sum(p["weights"].values()) == 100 for p in table["profile"].values())
    assert set(table["social"]) == set(SOCIAL)


def test_reserved_for_you_and_for_others() -> None:
    reserved = facts(finding("reserved.integration"))
    assert total(reserved, "siae") >= 75
    assert total(reserved, "sme") <= 5
    partner = facts(finding("reserved.integration"), finding("access.subcontracting", number=2))
    assert 5 < total(partner, "sme") <= 20


def test_a_reserved_lot_does_not_close_the_others() -> None:
    label = "reserved.integration"
    lots = (
        Lot("1", "Tonte", 50000.0, (), ()),
        Lot("2", "Cimetières", 50000.0, (label,), ("p1-0001",)),
    )
    whole, first, second = score(facts(finding(label, lots=("2",)), lots=lots), "sme")
    assert "reserved-for-others" in second.gates
    assert not first.gates
    assert whole.score >= first.score


def test_an_encouraged_reservation_reserves_nothing() -> None:
    assert not score(facts(finding("reserved.integration", Status.ENCOURAGED)), "siae")[0].gates


def test_a_volume_with_a_penalty_counts_most() -> None:
    plain = total(facts(finding("social.integration")))
    hours = finding("social.integration", values={"hours": 300.0})
    penalty = finding("social.integration", values={"penalty_eur": 50.0}, number=2)
    assert total(facts(hours, penalty)) > plain
    assert total(facts(finding("social.integration", Status.MENTION))) < plain


def test_weights_of_the_award_criteria() -> None:
    green = (criterion("Prix", "price", 40), criterion("Env", "environmental", 60))
    dear = (criterion("Prix", "price", 100),)
    assert (
        total(facts(criteria=green), "sme")
        > total(facts(), "sme")
        > total(facts(criteria=dear), "sme")
    )
    nested = (
        criterion("Technique", "quality", 40),
        criterion("Environnement", "environmental", 12, parent="Technique"),
        criterion("Prix", "price", 60),
    )
    assert shares(nested) == {"environmental": 12, "quality": 28, "price": 60}


def test_a_notice_alone_is_capped_and_uncertain() -> None:
    alone = score(
        facts(finding("reserved.social_economy"), pieces=frozenset({PieceType.NOTICE})), "sme"
    )[0]
    assert alone.confidence <= 0.4
    assert set(alone.missing) == {"RC", "CCAP", "CCTP"}


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(KeyError):
        score(facts(), "bank")


def test_bands() -> None:
    assert [band(v) for v in (0, 34.9, 35, 55, 75, 100)] == [
        "weak", "weak", "partner", "good", "priority", "priority",
    ]  # fmt: skip


findings = st.builds(
    finding,
    st.sampled_from(sorted(labels())),
    st.sampled_from(list(Status)),
    st.sampled_from([(), ("1",), ("2",)]),
    st.sampled_from([None, {"hours": 10.0}, {"penalty_eur": 5.0}, {"percent": 5.0}]),
)
some = st.lists(findings, max_size=12)
divided = st.sampled_from([(), (Lot("1", "a", 1e5, (), ()), Lot("2", "b", None, (), ()))])
read = st.sets(st.sampled_from(sorted(ALL)), min_size=1).map(frozenset)


def build(found: list[Finding], lots: tuple[Lot, ...], pieces: frozenset[PieceType]) -> Call:
    numbered = tuple(replace(f, id=f"p1-{i:04d}") for i, f in enumerate(found, start=1))
    return Call(numbered, (), lots, pieces)


@given(some, divided, read, st.sampled_from(PROFILES))
@settings(deadline=None)
def test_contributions_sum_to_the_score_and_stay_in_range(
    found: list[Finding], lots: tuple[Lot, ...], pieces: frozenset[PieceType], profile: str
) -> None:
    for result in score(build(found, lots, pieces), profile):
        assert round(sum(c.points for c in result.contributions), 1) == result.score
        assert 0 <= result.score <= 100
        assert 0 <= result.confidence <= 1
        assert result.band == band(result.score)


@given(some, divided, read, st.sampled_from(SOCIAL))
@settings(deadline=None)
def test_one_more_binding_social_clause_never_lowers_a_siae(
    found: list[Finding], lots: tuple[Lot, ...], pieces: frozenset[PieceType], label: str
) -> None:
    before = score(build(found, lots, pieces), "siae")
    after = score(build([*found, finding(label)], lots, pieces), "siae")
    for low, high in zip(before, after, strict=True):
        assert high.score >= low.score - 0.05, (low, high)


@given(some, read, st.sampled_from(sorted(ALL)))
@settings(deadline=None)
def test_reading_less_never_raises_confidence(
    found: list[Finding], pieces: frozenset[PieceType], lost: PieceType
) -> None:
    more = score(build(found, (), pieces | {lost}), "siae")[0]
    less = score(
        build(found, (), (pieces | {lost}) - {lost} or frozenset({PieceType.ANNEX})), "siae"
    )[0]
    assert less.confidence <= more.confidence


@given(some, divided)
@settings(deadline=None)
def test_the_order_of_findings_does_not_matter(found: list[Finding], lots: tuple[Lot, ...]) -> None:
    facts_ = build(found, lots, ALL)
    turned = replace(facts_, findings=tuple(reversed(facts_.findings)))
    for a, b in zip(score(facts_, "ea_esat"), score(turned, "ea_esat"), strict=True):
        assert a.score == b.score
