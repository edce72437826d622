import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import PieceType
from corpus.findings import Criterion, Fact, Finding, Lot, Place, Score, Stage, Status, Value
from models.advice import Advice, advice, apply, unjudged
from models.advice_levers import FOLDER, AdviceError, levers, load, words
from models.advice_page import PAGE, page
from models.call import Call
from models.pillars import pillars
from models.scorer import PROFILES, score

ALL = frozenset({PieceType.NOTICE, PieceType.RC, PieceType.CCAP, PieceType.CCTP})
ROLES = {"rc": PieceType.RC, "ccap": PieceType.CCAP}
DAY = date(2026, 10, 1)


def finding(
    label: str,
    status: Status = Status.BINDING,
    lots: tuple[str, ...] = (),
    values: Mapping[str, Value] | None = None,
    article: str = "",
) -> Finding:
    return Finding(
        f"ccap-{label}-{status}-{'-'.join(lots)}", "ccap", 1, (), label, article, lots, (label,),
        Stage.EXECUTION, status, dict(values or {}), 0.9, (f"{label}/test",),
    )  # fmt: skip


def fact(name: str, value: Value, lots: tuple[str, ...] = (), article: str = "") -> Fact:
    return Fact(name, value, Place("rc", 3, (), name, article), "test", lots)


def criterion(id: str, theme: str, share: float | None, parent: str | None = None,
              lots: tuple[str, ...] = ()) -> Criterion:  # fmt: skip
    return Criterion(id, id, share, "percent", share, theme, lots, parent, "rc", 4, (), id)


def lot(number: str, title: str, amount: float | None = 60000.0) -> Lot:
    return Lot(number, title, amount, (), (), duration_months=12.0)


WEIGHTS = (criterion("Prix", "price", 60), criterion("Valeur technique", "quality", 40))
LOTS = (lot("1", "Nettoyage des locaux"), lot("2", "Tonte des espaces verts"))
BARE = Call((), WEIGHTS, LOTS, ALL, launch=DAY)


def of(title: str, amount: float | None = 60000.0) -> Call:
    return replace(BARE, lots=(lot("1", title, amount), lot("2", title, amount)))


def read(*given: Finding | Fact, call: Call = BARE) -> Call:
    return replace(
        call,
        findings=tuple(x for x in given if isinstance(x, Finding)),
        facts=tuple(x for x in given if isinstance(x, Fact)),
    )


# For each lever a call that misses it, and one that differs by following it.
BARRIER = {
    "turnover": fact("lever.turnover_eur", 100000.0),
    "references": finding("barrier.references"),
    "site_visit": fact("lever.site_visit", "compulsory"),
    "retention": fact("lever.retention_percent", 5.0),
    "variants": fact("lever.variants", "forbidden"),
    "label_equivalence": fact("lever.certification", "ISO 14001"),
}
MISSED = {
    **dict.fromkeys(
        ["reserve_integration", "reserve_disability", "reserve_both", "integration_as_subject",
         "integration_hours", "disability_share", "environment_clause", "environmental_criterion",
         "social_criterion", "joint_bids", "simple_application", "advance", "payments"],
        BARE,
    ),
    "reserve_social_economy": of("Répit à domicile des aidants"),
    "social_condition_large": of("Nettoyage des locaux", 300000.0),
    "integration_volume": read(finding("social.integration")),
    "reuse": of("Mobilier scolaire"),
    "accessibility": of("Refonte du site internet"),
    "energy": of("Nettoyage des locaux", 300000.0),
    "global_cost": of("Éclairage public"),
    "short_supply": of("Denrées alimentaires"),
    "subcontracting": of("Nettoyage des locaux", 300000.0),
    "allotment": replace(BARE, lots=()),
    **{name: read(barrier) for name, barrier in BARRIER.items()},
}  # fmt: skip
RESERVED = replace(BARE, lots=tuple(replace(x, reserved=("reserved.prison",)) for x in LOTS))
FOLLOWED = {
    **dict.fromkeys(
        ["reserve_integration", "reserve_disability", "reserve_both", "integration_as_subject",
         "reserve_social_economy"], RESERVED,
    ),
    "integration_hours": read(finding("social.integration")),
    "integration_volume": read(finding("social.integration"), fact("quantity.hours", 300)),
    "disability_share": read(finding("social.disability")),
    "environment_clause": read(finding("env.biodiversity")),
    "environmental_criterion": replace(
        BARE, criteria=(criterion("Prix", "price", 80), criterion("Env", "environmental", 20))),
    "social_criterion": replace(
        BARE, criteria=(criterion("Prix", "price", 80), criterion("Social", "social", 20))),
    "joint_bids": read(fact("lever.grouping", "free")),
    "simple_application": read(finding("access.simple_application")),
    "advance": read(fact("lever.advance_percent", 30.0)),
    "payments": read(finding("access.payment")),
    "social_condition_large": read(
        finding("social.training"), call=MISSED["social_condition_large"]),
    "reuse": read(fact("quantity.reuse_percent", 20.0), call=MISSED["reuse"]),
    "accessibility": read(finding("social.accessibility"), call=MISSED["accessibility"]),
    "energy": read(finding("env.energy"), call=MISSED["energy"]),
    "global_cost": read(finding("env.life_cycle"), call=MISSED["global_cost"]),
    "short_supply": read(finding("env.transport"), call=MISSED["short_supply"]),
    "subcontracting": read(finding("access.subcontracting"), call=MISSED["subcontracting"]),
    "allotment": BARE,
    **dict.fromkeys(["turnover", "references", "retention"], BARE),
    "site_visit": read(fact("lever.site_visit", "optional")),
    "variants": read(fact("lever.variants", "allowed")),
    "label_equivalence": read(replace(BARRIER["label_equivalence"], detail="equivalent")),
}  # fmt: skip


def found(call: Call, profile: str = "siae", *, every: bool = True) -> dict[str, Advice]:
    return {a.lever: a for a in advice(call, profile, every=every, roles=ROLES)}


# -- data -----------------------------------------------------------------------------------------


def test_every_lever_has_its_texts_and_a_dated_basis() -> None:
    filled = {
        "scope", "Scope", "du_scope", "pour_scope", "duree", "heures", "poids", "base", "montant",
    }  # fmt: skip
    for lever in levers().values():
        texts = (lever.title_fr, lever.title_en, lever.caution_fr, lever.caution_en)
        assert all(len(text) > 15 for text in texts), lever.id
        assert len(lever.clause_fr) > 60
        assert set(re.findall(r"{(\w+)}", lever.clause_fr)) <= filled
        assert bool(lever.assumed_fr) == bool(lever.assumed_en)
        assert any(b.lead for b in lever.basis)
        assert lever.in_force(DAY), lever.id
        assert lever.ease in (1, 2, 3)
        assert lever.pieces
        for text in (*texts, lever.clause_fr, *(b.note_fr + b.note_en for b in lever.basis)):
            assert not re.search(r"ill[eé]gal", text, re.I)


def test_the_strategies_of_ess_2024_all_have_levers() -> None:
    assert {lever.strategy for lever in levers().values()} == set(words()["strategy"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ease = 2", "ease = 2\ncolour = 3"),
        ('reserve = ["reserved.integration"]', 'reserve = ["reserved.integration"]\nhow = 1'),
        ('kinds = ["listed_services"]', 'kinds = ["spaceflight"]'),
        ('near = ["reserved.integration", ', 'near = ["reserved.integration", 4, '),
        ('pieces = [["notice"]', 'pieces = [["poster"]'),
        ('id = "reserve_both"', 'id = "reserve_integration"'),
        ('labels = ["social.integration_services"]', 'labels = ["social.none"]'),
        ('strategy = "reservation"', 'strategy = "magic"'),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, old: str, new: str) -> None:
    for path in FOLDER.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        if path.stem == "reservation":
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    with pytest.raises(AdviceError):
        load(tmp_path)


def test_the_page_is_in_step_with_the_data() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


# -- missing and followed -------------------------------------------------------------------------


def test_every_lever_is_tried() -> None:
    assert set(MISSED) == set(FOLLOWED) == set(levers())


@pytest.mark.parametrize("name", list(levers()))
def test_a_lever_appears_when_missing_and_not_when_followed(name: str) -> None:
    missed, followed = MISSED[name], FOLLOWED[name]
    assert name in found(missed)
    assert name not in found(followed)
    written = apply(missed, [found(missed)[name].id])
    again = found(written).get(name)
    assert again is None or again.id != found(missed)[name].id


@pytest.mark.parametrize("name", list(levers()))
def test_gains_are_those_of_the_scorer_on_the_applied_call(name: str) -> None:
    call = MISSED[name]
    one = found(call)[name]
    before = {s.lot: s.score for s in score(call, "siae")}
    after = {s.lot: s.score for s in score(apply(call, [one.id]), "siae")}
    assert one.gains[0].lot == ""
    for gain in one.gains:
        assert (gain.before, gain.after) == (before[gain.lot], after[gain.lot])


@pytest.mark.parametrize("name", list(levers()))
def test_what_was_not_read_is_not_missing(name: str) -> None:
    blind = replace(MISSED[name], pieces=frozenset({PieceType.AE}))
    assert name not in found(blind)
    assert name in {u.lever for u in unjudged(blind)}
    assert not unjudged(BARE)


def test_the_scorer_given_is_the_one_used() -> None:
    def flat(call: Call, profile: str) -> tuple[Score, ...]:
        points = 10.0 + sum("access.advance" in f.labels for f in call.findings)
        return (Score("", profile, points, "weak", 1.0, 0.0, ()),)

    (one,) = advice(BARE, "siae", flat)
    assert (one.lever, one.gains[0].before, one.gains[0].after) == ("advance", 10.0, 11.0)


# -- law ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "launch", "advised"),
    [
        ("social_condition_large", date(2026, 8, 21), False),
        ("social_condition_large", date(2026, 8, 22), True),
        ("reserve_both", date(2022, 10, 20), False),
        ("reserve_both", date(2022, 10, 21), True),
        ("reserve_integration", date(2019, 3, 31), False),
        ("energy", date(2025, 10, 15), False),
    ],
)
def test_a_lever_counts_by_the_law_of_the_launch(name: str, launch: date, advised: bool) -> None:
    assert (name in found(replace(MISSED[name], launch=launch))) == advised


def test_only_articles_in_force_are_named() -> None:
    old = found(replace(MISSED["turnover"], launch=date(2025, 6, 1)))["turnover"]
    new = found(MISSED["turnover"])["turnover"]
    assert "deux fois" in old.basis[0].note_fr
    assert "1,5" in new.basis[0].note_fr
    before = found(replace(MISSED["variants"], launch=date(2026, 5, 27)))["variants"]
    after = found(MISSED["variants"])["variants"]
    assert "CCP R2151-8" in {b.ref for b in before.basis}
    assert "CCP L2151-2" not in {b.ref for b in before.basis}
    assert "CCP L2151-2" in {b.ref for b in after.basis}


def test_a_call_without_a_day_goes_by_the_day_the_law_was_checked() -> None:
    assert "social_condition_large" in found(replace(MISSED["social_condition_large"], launch=None))


def test_concessions_get_no_advice() -> None:
    words_of = fact("procedure.object", "Concession de service pour la restauration scolaire")
    assert not found(read(words_of))


# -- does it fit? ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "amount", "fits"),
    [
        ("Nettoyage des locaux", 60000.0, True),
        ("Nettoyage des locaux", None, True),
        ("Nettoyage des locaux", 2000000.0, False),
        ("Gros œuvre et démolition", 60000.0, False),
        ("Peinture des locaux", 40000.0, True),
        ("Peinture des locaux", None, False),
        ("Peinture des locaux", 400000.0, False),
        ("Assurance des bâtiments", 60000.0, False),
        ("Machine pour circuits imprimés", 60000.0, False),
        ("Élagage et abattage", 60000.0, False),
        ("Blanchissage du linge", 60000.0, True),
        ("Numérisation des archives", 20000.0, True),
    ],
)
def test_a_reservation_suits_trade_and_amount(title: str, amount: float | None, fits: bool) -> None:
    assert ("reserve_integration" in found(of(title, amount))) == fits


def test_painting_in_a_big_works_contract_is_works() -> None:
    call = replace(of("Peinture", 400000.0), facts=(fact("procedure.object", "Travaux d'école"),))
    assert "reserve_integration" not in found(call)


def test_a_whole_contract_is_reserved_only_when_small_and_read() -> None:
    call = replace(BARE, lots=(), facts=(fact("procedure.object", "Nettoyage des locaux"),))
    assert "reserve_integration" not in found(call)
    for amount, fits in ((50000.0, True), (500000.0, False)):
        priced = replace(call, facts=(*call.facts, fact("procedure.estimate_eur", amount)))
        assert ("reserve_integration" in found(priced)) == fits


def test_the_social_economy_reservation_is_for_listed_services_of_three_years() -> None:
    assert "reserve_social_economy" not in found(BARE)
    long = MISSED["reserve_social_economy"]
    long = replace(long, lots=tuple(replace(x, duration_months=48.0) for x in long.lots))
    assert "reserve_social_economy" not in found(long)


def test_the_last_open_lot_stays_open() -> None:
    one = replace(LOTS[0], reserved=("reserved.integration",))
    assert "reserve_integration" not in found(replace(BARE, lots=(one, LOTS[1])))


def test_a_call_that_names_lots_is_not_to_be_divided() -> None:
    call = read(fact("lever.turnover_eur", 1e5, ("2",)), call=MISSED["allotment"])
    assert "allotment" not in found(call)
    assert "allotment" not in found(read(finding("access.lots"), call=MISSED["allotment"]))


def test_lots_that_follow_are_left_out() -> None:
    one = found(read(finding("social.integration", lots=("1",))))["integration_hours"]
    assert one.lots == ("2",)
    assert "du lot 2" in one.clause_fr


# -- words ----------------------------------------------------------------------------------------


def test_the_clause_is_filled_from_the_call() -> None:
    one = found(BARE)["integration_hours"]
    assert "lot 1 : [nombre, repère 50] heures" in one.clause_fr
    assert "12 mois" in one.clause_fr
    for each in found(BARE).values():
        assert "{" not in each.clause_fr
    reserved = found(BARE)["reserve_integration"]
    assert reserved.clause_fr.startswith("Le lot ")
    assert reserved.lots[0] in reserved.clause_fr


def test_the_weights_proposed_sum_to_a_hundred() -> None:
    one = found(BARE)["environmental_criterion"]
    assert "Prix 45 %, Valeur technique 40 %, Performance environnementale 15 %" in one.clause_fr
    after = apply(BARE, ["environmental_criterion", "social_criterion"]).criteria
    assert sum(c.share or 0 for c in after if c.parent is None) == 100


def test_sub_criteria_give_way_with_their_criterion() -> None:
    parts = (*WEIGHTS, criterion("Prix du lot", "price", 30, "Prix"))
    after = {c.id: c for c in apply(replace(BARE, criteria=parts), ["social_criterion"]).criteria}
    assert (after["Prix"].share, after["Prix du lot"].share) == (50, 25)


def test_a_weak_criterion_is_raised_and_said() -> None:
    weights = (*WEIGHTS[:1], criterion("VT", "quality", 35), criterion("Env", "environmental", 5))
    one = found(replace(BARE, criteria=weights))["environmental_criterion"]
    assert "5 %" in one.why_fr
    assert "Env 15 %" in one.clause_fr


def test_unread_weights_are_not_changed() -> None:
    unread = (criterion("Prix", "price", None), criterion("Technique", "quality", None))
    assert "social_criterion" not in found(replace(BARE, criteria=unread))
    partly = (criterion("Prix", "price", 50), criterion("Technique", "quality", 40))
    assert "social_criterion" not in found(replace(BARE, criteria=partly))
    alone = (criterion("Prix", "price", None),)
    assert "Prix 85 %" in found(replace(BARE, criteria=alone))["environmental_criterion"].clause_fr


def test_where_to_write_is_the_article_of_the_dossier() -> None:
    seen = read(
        fact("lever.retention_percent", 5.0),
        finding("access.payment", article="7 Règlement › 7.1 Acomptes"),
        finding("env.general", Status.MENTION, article="12 Développement durable › 12.3 Rappel"),
    )
    advised = found(seen)
    assert "7 Règlement" in advised["advance"].where[0].text_fr  # no article on advances: payment's
    place = advised["integration_hours"].where[0].place
    assert place is not None
    assert place.article == "12 Développement durable"
    assert "12 Développement durable" in advised["integration_hours"].where[0].text_en
    unread = replace(BARE, pieces=frozenset({PieceType.RC, PieceType.CCAP}))
    where = found(unread)["reserve_integration"].where
    assert [(w.piece, w.read) for w in where] == [(PieceType.NOTICE, False), (PieceType.RC, True)]
    assert "non lue" in where[0].text_fr


def test_roles_are_guessed_without_being_given() -> None:
    seen = read(fact("lever.site_visit", "compulsory", article="5 Visite"))
    (one,) = (a for a in advice(seen, "siae", every=True) if a.lever == "site_visit")
    assert one.where[0].place is not None
    assert one.where[0].place.article == "5 Visite"


def test_barriers_carry_their_evidence() -> None:
    one = found(read(finding("barrier.references"), fact("lever.turnover_eur", 9e5)))
    assert one["references"].findings == ("ccap-barrier.references-binding-",)
    assert one["turnover"].places[0].piece == "rc"
    assert "Chiffre d'affaires minimal" in one["turnover"].why_fr
    assert "RC" in found(BARE)["joint_bids"].why_en


# -- order, several at once -----------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
def test_the_most_useful_comes_first(profile: str) -> None:
    advised = advice(BARE, profile)
    keys = [(-a.gain, a.ease) for a in advised]
    assert keys == sorted(keys)
    assert all(a.gain > 0 for a in advised)
    groups = [g for a in advised if (g := levers()[a.lever].group)]
    assert len(groups) == len(set(groups))
    whole = advice(BARE, profile, every=True)
    assert {a.lever for a in advised} <= {a.lever for a in whole}
    gains = [a.gain > 0 for a in whole]
    assert gains == sorted(gains, reverse=True)


def test_a_call_reserved_for_others_is_left_alone() -> None:
    lots = tuple(replace(x, reserved=("reserved.disability",), findings=("r",)) for x in LOTS)
    proof = replace(finding("reserved.disability"), id="r")
    assert not advice(replace(BARE, lots=lots, findings=(proof,)), "siae")


def test_several_advices_at_once() -> None:
    ids = [a.id for a in advice(BARE, "siae")]
    both = apply(BARE, ids)
    assert both == apply(BARE, reversed(ids))
    assert score(both, "siae")[0].score >= score(apply(BARE, ids[:1]), "siae")[0].score
    assert len({f.id for f in both.findings}) == len(both.findings)
    assert apply(BARE, []) == BARE
    with pytest.raises(KeyError):
        apply(BARE, ["magic"])


def test_a_barrier_is_lifted_for_its_lots_alone() -> None:
    call = read(finding("barrier.site_visit"), fact("lever.site_visit", "optional", ("1",)))
    after = apply(call, ["site_visit"])
    assert [f.lots for f in after.findings] == [("1",)]
    assert {f.lots for f in after.facts if f.name == "lever.site_visit"} == {("1",), ("2",)}


LABELS = [
    "social.integration", "social.disability", "env.waste", "env.circular", "access.advance",
    "access.grouping", "access.payment", "barrier.turnover", "barrier.references",
    "barrier.guarantee", "barrier.site_visit", "reserved.integration", "reserved.disability",
]  # fmt: skip
FACTS = [
    fact("lever.advance_percent", 5.0), fact("lever.site_visit", "compulsory", ("1",)),
    fact("lever.retention_percent", 5.0), fact("lever.turnover_eur", 200000.0, ("2",)),
    fact("lever.variants", "forbidden"), fact("lever.grouping_imposed", "solidaire"),
    fact("quantity.hours", 200, ("1",)),
]  # fmt: skip


@st.composite
def calls(draw: st.DrawFn) -> Call:
    numbers = st.sampled_from([(), ("1",), ("2",), ("1", "2")])
    status = st.sampled_from([Status.BINDING, Status.ENCOURAGED, Status.MENTION, Status.EXCLUDED])
    drawn = draw(st.lists(st.tuples(st.sampled_from(LABELS), status, numbers), max_size=5))
    findings = tuple(
        replace(finding(label, kind, lots), id=f"f{n}")
        for n, (label, kind, lots) in enumerate(drawn)
    )
    titles = st.sampled_from(["Nettoyage", "Tonte", "Travaux de voirie", "Mobilier", "Repas"])
    amounts = st.sampled_from([None, 30000.0, 90000.0, 400000.0])
    made = tuple(lot(str(n), draw(titles), draw(amounts)) for n in (1, 2))
    price = draw(st.sampled_from([20, 40, 60, 100]))
    other = draw(st.sampled_from(["quality", "environmental", "social"]))
    criteria = (criterion("a", "price", price), criterion("b", other, 100 - price))
    call = Call(
        findings,
        criteria[: 1 if price == 100 else 2],
        made,
        draw(st.sampled_from([ALL, ALL - {PieceType.CCTP}, frozenset({PieceType.RC})])),
        facts=tuple(draw(st.lists(st.sampled_from(FACTS), max_size=3, unique=True))),
        launch=draw(st.sampled_from([None, date(2024, 1, 1), DAY])),
    )
    return draw(st.sampled_from([call, undivided(call)]))


def undivided(call: Call) -> Call:
    return replace(
        call,
        lots=(),
        findings=tuple(replace(f, lots=()) for f in call.findings),
        facts=tuple(replace(f, lots=()) for f in call.facts),
    )


# Reserving for others closes a lot to a SIAE, and a criterion may take its weight from quality.
MAY_LOWER = {
    "reserve_disability", "reserve_social_economy", "environmental_criterion", "social_criterion",
}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(calls())
def test_an_advice_never_lowers_the_score_of_a_siae_unless_it_says_so(call: Call) -> None:
    before = {s.lot: s.score for s in score(call, "siae")}
    for one in advice(call, "siae", every=True):
        after = {s.lot: s.score for s in score(apply(call, [one.id]), "siae")}
        if any(after[n] < before[n] for n in before if n in after):
            assert one.lowers
            assert one.lever in MAY_LOWER
    for one in advice(call, "siae"):
        assert one.gains[0].points >= 0
        assert one.gain > 0


@settings(max_examples=40, deadline=None)
@given(calls(), st.sampled_from(PROFILES))
def test_advice_is_the_same_every_time_and_followed_once_written(call: Call, profile: str) -> None:
    advised = advice(call, profile)
    assert advised == advice(call, profile)
    for one in advised:
        written = apply(call, [one.id])
        assert one.id not in {a.id for a in advice(written, profile, every=True)}
        assert apply(written, [one.id]) == written


# -- pillars --------------------------------------------------------------------------------------


def test_the_pillars_are_five_and_the_targets_two() -> None:
    seen = pillars(BARE)
    assert [p.kind for p in seen] == ["pillar"] * 5 + ["target"] * 2
    assert {p.state for p in seen} == {"not_seen"}
    assert all(p.uncertain == 14 and p.note_fr and p.note_en and p.title_en for p in seen)


@pytest.mark.parametrize(
    ("label", "pillar"),
    [
        ("env.circular", "circular_economy"),
        ("env.climate", "carbon_environment"),
        ("social.innovation", "social_innovation"),
        ("social.disability", "disability"),
        ("social.integration", "territory"),
    ],
)
def test_a_pillar_is_met_partly_or_not_seen(label: str, pillar: str) -> None:
    for status, state in (
        (Status.BINDING, "met"),
        (Status.ENCOURAGED, "partly"),
        (Status.EXCLUDED, "not_seen"),
    ):
        one = finding(label, status)
        seen = {p.id: p for p in pillars(read(one))}[pillar]
        assert seen.state == state
        assert seen.findings == (() if state == "not_seen" else (one.id,))


def test_the_hours_target_needs_a_stated_share() -> None:
    def state(*given: Finding | Fact) -> str:
        return {p.id: p.state for p in pillars(read(*given))}["hours"]

    assert state(fact("quantity.percent_of_hours", 10.0)) == "met"
    assert state(fact("quantity.percent_of_hours", 7.0)) == "partly"
    assert state(finding("social.integration")) == "partly"
    assert state() == "not_seen"


def test_the_small_firms_target_counts_reserved_lots() -> None:
    def state(first: float) -> str:
        kept = replace(LOTS[0], amount_eur=first, reserved=("reserved.integration",))
        call = replace(BARE, lots=(kept, replace(LOTS[1], amount_eur=100.0 * 1000)))
        return {p.id: p.state for p in pillars(call)}["small_firms"]

    assert state(50000.0) == "met"
    assert state(10000.0) == "partly"


def test_pieces_that_would_tell_are_named() -> None:
    seen = {p.id: p for p in pillars(replace(BARE, pieces=frozenset({PieceType.RC})))}
    assert "CCAP" in seen["hours"].missing
    assert not {p.id: p for p in pillars(BARE)}["hours"].missing
