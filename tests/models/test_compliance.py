"""Every answer of every check, the days on which the law changes, and what evidence may not do."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import PieceType
from corpus.findings import (
    Criterion,
    Disagreement,
    Fact,
    Finding,
    Lot,
    Place,
    Reference,
    Stage,
    Status,
)
from corpus.taxonomy import labels
from models import legal
from models.call import Call
from models.compliance import Check, Outcome, checks, law, law_page, threshold, worth
from models.conditions import CONDITIONS
from models.dated import view_of
from models.legal import LawError, book

ALL = frozenset({PieceType.NOTICE, PieceType.RC, PieceType.CCAP, PieceType.CCTP})
TYPES = {"p1": PieceType.NOTICE, "p2": PieceType.RC}
AFTER = date(2026, 10, 5)
DAY = timedelta(1)


def place(quote: str = "", piece: str = "p2") -> Place:
    return Place(piece, 1, (), quote, "")


def found(
    label: str,
    quote: str = "",
    *,
    status: Status = Status.BINDING,
    stage: Stage = Stage.EXECUTION,
    lots: tuple[str, ...] = (),
    piece: str = "p2",
    percent: float | None = None,
) -> Finding:
    values = {} if percent is None else {"percent": percent}
    name = f"{piece}-{label}-{status}-{stage}-{'.'.join(lots)}-{quote}"
    return Finding(
        name, piece, 1, (), quote, "", lots, (label,), stage, status, values, 0.9, (f"{label}/x",)
    )


def fact(name: str, value, *, lots=(), detail="", label="", quote="") -> Fact:
    return Fact(name, value, place(quote), "test", lots, detail=detail, label=label)


def criterion(theme: str, share: float | None, *, lots=(), unit="percent", rank=None) -> Criterion:
    weight = rank if unit == "order" else share
    return Criterion(
        f"c-{theme}-{lots}-{share}", f"critère {theme}", weight, unit, share, theme, lots, None,
        "p2", 1, (), f"critère {theme} {share}",
    )  # fmt: skip


def lot(number: str, maximum: float | None = 100_000, **more) -> Lot:
    given = {"amount_eur": None, "reserved": (), "findings": (), "maximum_eur": maximum} | more
    title = given.pop("title", f"Lot {number}")
    return Lot(number=number, title=title, **given)


BUYER = fact("procedure.buyer", "Commune de Vaubrisset")
CARE = fact("procedure.object", "Nettoyage des bâtiments")
BIG = fact("procedure.maximum_eur", 900_000.0)
SMALL = fact("procedure.maximum_eur", 90_000.0)
GREEN = criterion("environmental", 20)
PRICE = criterion("price", 80)
CONCESSION = fact("procedure.object", "Concession de service public de l'eau")
DEFENCE = fact("procedure.object", "Marché de défense ou de sécurité")
NOTHING = fact("procedure.type", "none")
ENV = found("env.waste")
SOCIAL = found("social.integration")
SHEETS = (BUYER, CARE)


def call(*parts, pieces=ALL, launch=AFTER, readable=1.0) -> Call:
    """Return a call made of findings, criteria, lots, facts, references and disagreements."""

    def of(kind):
        return tuple(part for part in parts if isinstance(part, kind))

    return Call(
        findings=of(Finding),
        criteria=of(Criterion),
        lots=of(Lot),
        pieces=pieces,
        readable=readable,
        facts=of(Fact),
        references=of(Reference),
        disagreements=of(Disagreement),
        launch=launch,
    )


def one(id: str, given: Call, types=TYPES) -> Check:
    return next(check for check in checks(given, types) if check.id == id)


NO_CCTP = ALL - {PieceType.CCTP}
NO_RC = ALL - {PieceType.RC}
NO_NOTICE = ALL - {PieceType.NOTICE}
CCAG = Reference("CCAG-FCS 16.2", place(), None, True)
WORKS = fact("procedure.object", "Travaux de réfection des toitures")
ESS = "reserved.social_economy"
JEI = "reserved.young_innovative"
BOTH_RESERVED = ("reserved.disability", "reserved.integration")
CITED = "réservé en application des articles L. 2113-15 et L. 2113-16"
THREE_YEARS = fact("procedure.duration_months", 36.0)
FOUR_YEARS = fact("procedure.duration_months", 48.0)
INNOVATIVE = fact("procedure.object", "Capteurs innovants")
FOOD = fact("procedure.object", "Fourniture de repas en liaison froide")
DESKS = fact("procedure.object", "Fourniture de mobilier de bureau")
BUSES = fact("procedure.object", "Transport scolaire d'élèves")
ECOLABEL = "Les produits portent l'Écolabel européen"
TURNOVER = "lever.turnover_eur"
ORDINARY = fact("procedure.framework", False)
REFUSED = fact("lever.advance_refused", True)
CLASH = Disagreement(
    "reserved", place("a", "p1"), place("b"), ("non réservé", "réservé"), ("2",)
)  # fmt: skip
UNSURE = Disagreement("variants", place("a"), place("b"), ("allowed", "forbidden"))

# One call for each answer of each check: (check, key of its wording) -> call.
CASES: dict[tuple[str, str], Call] = {
    ("CR-1", "found"): call(PRICE, GREEN),
    ("CR-1", "cost"): call(
        criterion("cost", 100),
        found("env.life_cycle", status=Status.SCORED, stage=Stage.AWARD_CRITERION),
    ),
    ("CR-1", "cost_method"): call(criterion("cost", 100)),
    ("CR-1", "scored"): call(
        PRICE,
        criterion("quality", 20),
        found("env.waste", status=Status.SCORED, stage=Stage.AWARD_CRITERION),
    ),
    ("CR-1", "none"): call(PRICE, criterion("quality", 20)),
    ("CR-1", "incomplete"): call(PRICE),
    ("CR-1", "unread"): call(pieces=NO_RC),
    ("CR-1", "no_competition"): call(NOTHING),
    ("CR-1", "concession"): call(CONCESSION),
    ("CR-1", "defence"): call(DEFENCE),
    ("CR-2", "several"): call(PRICE, GREEN),
    ("CR-2", "cost"): call(criterion("cost", 100)),
    ("CR-2", "price"): call(criterion("price", 100)),
    ("CR-2", "other"): call(criterion("quality", 100)),
    ("CR-2", "incomplete"): call(PRICE),
    ("CR-2", "unread"): call(),
    ("CR-2", "no_competition"): call(NOTHING),
    ("CR-2", "concession"): call(CONCESSION),
    ("CR-2", "defence"): call(DEFENCE),
    ("CR-3", "found"): call(ENV),
    ("CR-3", "partly"): call(found("env.waste", lots=("1",)), lot("1"), lot("2")),
    ("CR-3", "soft"): call(found("env.waste", status=Status.ENCOURAGED)),
    ("CR-3", "ccag"): call(CCAG),
    ("CR-3", "unread"): call(pieces=NO_CCTP),
    ("CR-3", "none"): call(),
    ("CR-3", "concession"): call(CONCESSION),
    ("CR-3", "defence"): call(DEFENCE),
    ("CR-4", "found"): call(SOCIAL, BIG, *SHEETS),
    ("CR-4", "partly"): call(
        found("social.training", lots=("1",)), lot("1"), lot("2", 200_000), *SHEETS
    ),
    ("CR-4", "reserved"): call(
        found("social.training", lots=("1",)),
        lot("1"),
        lot("2", 200_000, reserved=("reserved.integration",)),
        *SHEETS,
    ),
    ("CR-4", "soft"): call(found("social.training", status=Status.ENCOURAGED), BIG, *SHEETS),
    ("CR-4", "none"): call(BIG, *SHEETS),
    ("CR-4", "unread"): call(BIG, *SHEETS, pieces=NO_CCTP),
    ("CR-4", "unsure"): call(*SHEETS),
    ("CR-4", "below"): call(SMALL, *SHEETS),
    ("CR-4", "concession"): call(CONCESSION),
    ("CR-4", "defence"): call(DEFENCE),
    ("CR-5", "not_needed"): call(SOCIAL, BIG, *SHEETS),
    ("CR-5", "short_works"): call(WORKS, BUYER, fact("procedure.duration_months", 5.0)),
    ("CR-5", "duration"): call(WORKS, BUYER),
    ("CR-5", "supplies"): call(DESKS, BUYER, BIG),
    ("CR-5", "none"): call(BIG, *SHEETS),
    ("CR-6", "found"): call(found("env.waste", stage=Stage.SPECIFICATION)),
    ("CR-6", "elsewhere"): call(ENV),
    ("CR-6", "unread"): call(ENV, pieces=NO_CCTP),
    ("CR-6", "none"): call(),
    ("CR-6", "concession"): call(CONCESSION),
    ("CR-6", "defence"): call(DEFENCE),
    ("CR-7", "found"): call(found("env.energy"), BIG, *SHEETS),
    ("CR-7", "below"): call(SMALL, *SHEETS),
    ("CR-7", "unread"): call(BIG, *SHEETS, pieces=NO_CCTP),
    ("CR-7", "none"): call(BIG, *SHEETS),
    ("CR-7", "unsure"): call(*SHEETS),
    ("CR-7", "concession"): call(CONCESSION),
    ("CR-7", "defence"): call(DEFENCE),
    ("CR-8", "not_concession"): call(*SHEETS),
    ("CR-8", "defence"): call(DEFENCE),
    ("CR-8", "found"): call(CONCESSION, ENV, SMALL),
    ("CR-8", "no_env"): call(CONCESSION, SOCIAL),
    ("CR-8", "no_social"): call(CONCESSION, ENV),
    ("CR-9", "none"): call(*SHEETS),
    ("CR-9", "no_competition"): call(NOTHING),
    ("CR-9", "defence"): call(DEFENCE),
    ("CR-9", "livre_five"): call(fact("procedure.object", "Contrat relevant du livre V")),
    ("CR-9", "army"): call(fact("procedure.buyer", "Ministère des Armées")),
    ("CR-10", "after"): call(),
    ("CR-10", "between"): call(launch=date(2026, 8, 21)),
    ("CR-10", "before"): call(GREEN, ENV, SOCIAL, launch=date(2026, 8, 20)),
    ("CR-10", "undated"): call(launch=None),
    ("CR-11", "read"): call(BIG),
    ("CR-11", "partial"): call(lot("1"), lot("2", None)),
    ("CR-11", "missing"): call(fact("procedure.type", "open")),
    ("CR-12", "single"): call(),
    ("CR-12", "lots"): call(lot("1"), lot("2", None)),
    ("SP-1", "unknown"): call(),
    ("SP-7", "found"): call(found("env.general", "conformément au SPASER de la ville")),
    ("SP-7", "none"): call(ENV),
    ("RES-A", "none"): call(),
    ("RES-A", "notice"): call(found("reserved.integration", piece="p1", stage=Stage.SELECTION)),
    ("RES-A", "disagree"): call(replace(CLASH, first=place("a")), lot("1"), lot("2")),
    ("RES-A", "contradicts"): call(CLASH, lot("1"), lot("2")),
    ("RES-A", "elsewhere"): call(found("reserved.integration", stage=Stage.SELECTION)),
    ("RES-A", "unread"): call(
        found("reserved.integration", stage=Stage.SELECTION), pieces=NO_NOTICE
    ),
    ("RES-B", "none"): call(),
    ("RES-B", "found"): call(found(ESS, CITED), THREE_YEARS),
    ("RES-B", "long"): call(found(ESS, CITED), FOUR_YEARS),
    ("RES-B", "duration"): call(found(ESS, CITED)),
    ("RES-B", "articles"): call(found(ESS, "au titre de l'article L. 2113-15"), THREE_YEARS),
    ("RES-C", "not_concession"): call(found("reserved.integration")),
    ("RES-C", "none"): call(CONCESSION),
    ("RES-C", "single"): call(CONCESSION, found("reserved.integration")),
    ("RES-C", "both"): call(CONCESSION, lot("1", reserved=BOTH_RESERVED), lot("2")),
    ("RES-D", "none"): call(found("reserved.integration")),
    ("RES-D", "alone"): call(found("reserved.prison")),
    ("RES-D", "combined"): call(
        lot("1", reserved=("reserved.prison", "reserved.disability")), lot("2")
    ),
    ("RES-E", "none"): call(),
    ("RES-E", "listed"): call(lot("1", reserved=(ESS,), cpv=("85311100",)), lot("2")),
    ("RES-E", "doubtful"): call(lot("1", reserved=(ESS,), cpv=("98310000",)), lot("2")),
    ("RES-E", "outside"): call(lot("1", reserved=(ESS,), cpv=("45210000",)), lot("2")),
    ("RES-E", "unread"): call(lot("1", reserved=(ESS,)), lot("2")),
    ("RES-F", "none"): call(),
    ("RES-F", "early"): call(lot("1", reserved=(JEI,)), lot("2"), launch=date(2026, 5, 27)),
    ("RES-F", "undated"): call(lot("1", reserved=(JEI,)), lot("2"), launch=None),
    ("RES-F", "no_lots"): call(found(JEI)),
    ("RES-F", "value"): call(lot("1", 10_000, reserved=(JEI,)), lot("2", 130_000)),
    ("RES-F", "share"): call(lot("1", 20_000, reserved=(JEI,)), lot("2", 80_000)),
    ("RES-F", "unread"): call(lot("1", None, reserved=(JEI,)), lot("2", 80_000)),
    ("RES-F", "innovative"): call(lot("1", 15_000, reserved=(JEI,)), lot("2", 85_000)),
    ("RES-F", "within"): call(lot("1", 15_000, reserved=(JEI,)), lot("2", 85_000), INNOVATIVE),
    ("LOT-A", "lots"): call(lot("1"), lot("2")),
    ("LOT-A", "concession"): call(CONCESSION),
    ("LOT-A", "reason"): call(found("barrier.single_lot", "non alloti car indissociable")),
    ("LOT-A", "no_reason"): call(found("barrier.single_lot", "Le marché n'est pas alloti.")),
    ("LOT-A", "spoken"): call(found("access.lots", "chaque lot fait l'objet d'un marché")),
    ("LOT-A", "silent"): call(),
    ("LOT-A", "unread"): call(pieces=NO_RC),
    ("CAP-A", "none"): call(),
    ("CAP-A", "unread"): call(pieces=NO_RC),
    ("CAP-A", "figure"): call(found("barrier.turnover", "un chiffre d'affaires minimal")),
    ("CAP-A", "value"): call(fact(TURNOVER, 300_000.0)),
    ("CAP-A", "within"): call(fact(TURNOVER, 150_000.0, lots=("1",)), lot("1"), lot("2")),
    ("CAP-A", "above"): call(fact(TURNOVER, 150_001.0, lots=("1",)), lot("1"), lot("2")),
    ("CAP-A", "multiple"): call(fact("lever.turnover_multiple", 2.0)),
    ("CAP-A", "by_lot"): call(fact(TURNOVER, 200_000.0), lot("1"), lot("2", 900_000)),
    ("CAP-A", "either"): call(fact(TURNOVER, 1_800_000.0), BIG, launch=None),
    ("LAB-A", "none"): call(),
    ("LAB-A", "equivalent"): call(found("env.ecolabel", ECOLABEL + " ou équivalent")),
    ("LAB-A", "missing"): call(found("env.ecolabel", ECOLABEL)),
    ("NEG-A", "none"): call(),
    ("NEG-A", "unread"): call(pieces=NO_CCTP),
    ("NEG-A", "proximity"): call(fact("lever.localism", "une base implantée sur le territoire")),
    ("NEG-A", "preference"): call(fact("lever.localism", "en priorité des artisans du canton")),
    ("VAR-A", "concession"): call(CONCESSION),
    ("VAR-A", "stated"): call(fact("lever.variants", "forbidden")),
    ("VAR-A", "contradicts"): call(fact("lever.variants", "forbidden"), UNSURE),
    ("VAR-A", "default"): call(launch=date(2026, 5, 28)),
    ("VAR-A", "formal"): call(fact("procedure.type", "open"), launch=date(2026, 5, 27)),
    ("VAR-A", "adapted"): call(fact("procedure.type", "adapted"), launch=date(2026, 5, 27)),
    ("VAR-A", "procedure"): call(launch=date(2026, 5, 27)),
    ("VAR-A", "undated"): call(launch=None),
    ("VAR-A", "unread"): call(pieces=NO_RC),
    ("ADV-A", "concession"): call(CONCESSION),
    ("ADV-A", "stated"): call(fact("lever.advance_percent", 10.0)),
    ("ADV-A", "not_due"): call(fact("procedure.estimate_eur", 50_000.0), FOUR_YEARS),
    ("ADV-A", "refused"): call(REFUSED, BIG, FOUR_YEARS, ORDINARY),
    ("ADV-A", "refused_order"): call(
        REFUSED, BIG, FOUR_YEARS, fact("procedure.framework", True)
    ),
    ("ADV-A", "refused_unsure"): call(REFUSED),
    ("ADV-A", "silent"): call(BIG, FOUR_YEARS),
    ("ADV-A", "silent_unsure"): call(),
    ("ADV-A", "unread"): call(pieces=ALL - {PieceType.CCAP}),
    ("EGA-1", "none"): call(*SHEETS),
    ("EGA-1", "found"): call(
        FOOD,
        fact("quantity.organic_percent", 20.0, label="env.food"),
        found("env.food", "50 % de produits durables et de qualité", percent=50.0),
    ),
    ("EGA-1", "organic"): call(FOOD, fact("quantity.organic_percent", 20.0, label="env.food")),
    ("EGA-1", "low"): call(FOOD, fact("quantity.organic_percent", 19.0, label="env.food")),
    ("EGA-1", "words"): call(FOOD, found("env.food", "produits de saison")),
    ("EGA-1", "missing"): call(FOOD),
    ("EGA-1", "unread"): call(FOOD, pieces=NO_CCTP),
    ("AGEC-1", "none"): call(*SHEETS),
    ("AGEC-1", "found"): call(DESKS, BUYER, found("env.circular")),
    ("AGEC-1", "other_buyer"): call(DESKS, fact("procedure.buyer", "Centre hospitalier")),
    ("AGEC-1", "missing"): call(DESKS, BUYER),
    ("AGEC-1", "unread"): call(DESKS, BUYER, pieces=NO_CCTP),
    ("CVD-1", "none"): call(*SHEETS),
    ("CVD-1", "found"): call(BUSES, BUYER, found("env.transport")),
    ("CVD-1", "missing"): call(BUSES, BUYER),
    ("CVD-1", "unread"): call(BUSES, BUYER, pieces=NO_CCTP),
}  # fmt: skip
UNTOLD = ("RES-A", "untold")  # only without the types of the pieces


@pytest.mark.parametrize(("id", "key"), CASES, ids=lambda value: value)
def test_each_answer(id: str, key: str) -> None:
    given = CASES[id, key]
    assert CONDITIONS[id](view_of(given, TYPES)).key == key
    wording = next(e for e in book().entries if e.id == id).reasons[key]
    check = one(id, given)
    assert check.outcome == wording.outcome
    for text in (check.reason_fr, check.reason_en):
        assert text.endswith((".", ".)"))
        assert "  " not in text
        assert "{" not in text
        assert "illégal" not in text.lower()
        assert "illegal" not in text.lower()
    assert check.articles
    assert all(rule.ref.split()[-1] for rule in check.articles)


def test_every_wording_has_its_case() -> None:
    told = {(entry.id, key) for entry in book().entries for key in entry.reasons}
    assert told == set(CASES) | {UNTOLD}
    assert set(CONDITIONS) == {entry.id for entry in book().entries}


def test_the_notice_is_not_known_without_the_types() -> None:
    given = call(found("reserved.integration", piece="p1", stage=Stage.SELECTION))
    check = one("RES-A", given, {})
    assert check.outcome == Outcome.TO_CHECK
    assert CONDITIONS["RES-A"](view_of(given, {})).key == UNTOLD[1]


@pytest.mark.parametrize("entry", [e for e in book().entries if e.since], ids=lambda e: e.id)
def test_the_day_before_and_the_day_itself(entry) -> None:
    given = next(c for (name, _), c in CASES.items() if name == entry.id)
    before = one(entry.id, replace(given, launch=entry.since - DAY))
    assert before.outcome == Outcome.NOT_APPLICABLE
    assert "antérieure" in before.reason_fr
    assert "antérieure au" not in one(entry.id, replace(given, launch=entry.since)).reason_fr


def test_the_criterion_is_due_one_day_before_the_conditions() -> None:
    given = call(PRICE, criterion("quality", 20), launch=date(2026, 8, 21))
    assert one("CR-1", given).outcome == Outcome.LIKELY_ISSUE
    assert one("CR-3", given).outcome == Outcome.NOT_APPLICABLE
    assert one("CR-3", replace(given, launch=date(2026, 8, 22))).outcome == Outcome.TO_CHECK


def test_without_a_date_both_readings_are_told() -> None:
    given = call(PRICE, criterion("quality", 20), launch=None)
    check = one("CR-1", given)
    assert check.outcome == Outcome.TO_CHECK
    assert "21 août 2026" in check.reason_fr
    assert "Lancée avant" in check.reason_fr
    assert "If before" in check.reason_en
    assert "Date de lancement non lue" in one("CR-1", replace(given, criteria=(GREEN,))).reason_fr
    assert "droit du 24 novembre 2026" in one("LOT-A", given).reason_fr


def test_answers_due_before_a_rule_tell_that_it_did_not_apply() -> None:
    early = call(PRICE, fact("procedure.answer_date", "2026-08-20"), launch=None)
    late = call(PRICE, fact("procedure.answer_date", "2026-08-21"), launch=None)
    assert one("CR-1", early).outcome == Outcome.NOT_APPLICABLE
    assert "20 août 2026" in one("CR-1", early).reason_fr
    assert one("CR-1", late).outcome == Outcome.TO_CHECK


@pytest.mark.parametrize(
    ("name", "day", "before", "after"),
    [
        ("turnover.multiple", date(2026, 1, 1), 2.0, 1.5),
        ("no_competition.supplies", date(2026, 4, 1), 40_000, 60_000),
        ("no_competition.works", date(2026, 1, 1), 100_000, 100_000),
        ("eu.other", date(2026, 1, 1), 221_000, 216_000),
        ("eu.central", date(2026, 1, 1), 143_000, 140_000),
        ("eu.utility", date(2026, 1, 1), 443_000, 432_000),
        ("eu.works", date(2026, 1, 1), 5_538_000, 5_404_000),
        ("eu.concession", date(2026, 1, 1), 5_538_000, 5_404_000),
        ("eu.other", date(2028, 1, 1), 216_000, None),
        ("vehicles.central", date(2027, 1, 1), 50, 70),
        ("vehicles.local", date(2030, 1, 1), 40, 70),
        ("goods.textile_reused_percent", date(2030, 1, 1), None, 15),
        ("goods.textile_reused_percent", date(2024, 7, 1), None, 8),
        ("food.organic_percent", date(2022, 1, 1), None, 20),
        ("young_innovative.percent", date(2026, 5, 28), None, 15),
    ],
)
def test_thresholds_by_day(name, day, before, after) -> None:
    values = [limit.value if limit else None for limit in (threshold(name, day - DAY),
                                                           threshold(name, day))]  # fmt: skip
    assert values == [before, after]


def test_an_unknown_threshold_is_refused() -> None:
    with pytest.raises(KeyError):
        threshold("eu.nobody", AFTER)


@pytest.mark.parametrize(
    ("ref", "day"),
    [
        ("CCP R2152-7", date(2026, 8, 21)),
        ("CCP L2112-2", date(2026, 8, 22)),
        ("CCP R2142-7", date(2026, 1, 1)),
        ("CCP R2122-8", date(2026, 4, 1)),
    ],
)
def test_articles_change_on_their_day(ref, day) -> None:
    old, new = legal.version(ref, day - DAY), legal.version(ref, day)
    assert old != new
    assert old.valid_to == day - DAY
    assert new.valid_from == day


def test_the_cap_of_turnover_follows_the_launch() -> None:
    asked = call(fact(TURNOVER, 1_800_000.0), BIG)
    assert one("CAP-A", replace(asked, launch=date(2025, 12, 31))).outcome == Outcome.OK
    after = one("CAP-A", replace(asked, launch=date(2026, 1, 1)))
    assert after.outcome == Outcome.TO_CHECK
    assert "2 fois la valeur lue, pour 1,5" in after.reason_fr
    assert after.articles[0].valid_from == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("buyer", "object", "value", "outcome"),
    [
        ("Commune de Vaubrisset", "Nettoyage", 215_999.0, Outcome.NOT_APPLICABLE),
        ("Commune de Vaubrisset", "Nettoyage", 216_000.0, Outcome.TO_CHECK),
        ("Ministère de la Culture", "Nettoyage", 140_000.0, Outcome.TO_CHECK),
        ("Ministère de la Ville", "Nettoyage", 139_999.0, Outcome.NOT_APPLICABLE),
        ("Centre hospitalier universitaire", "Nettoyage", 200_000.0, Outcome.NOT_APPLICABLE),
        ("Université de Montfaucon", "Nettoyage", 200_000.0, Outcome.TO_CHECK),
        ("Commune de Vaubrisset", "Travaux de voirie", 5_403_999.0, Outcome.NOT_APPLICABLE),
        ("Commune de Vaubrisset", "Travaux de voirie", 5_404_000.0, Outcome.TO_CHECK),
        ("Les Amis du canal", "Nettoyage", 139_999.0, Outcome.NOT_APPLICABLE),
        ("Les Amis du canal", "Nettoyage", 300_000.0, Outcome.TO_CHECK),
    ],
)
def test_the_threshold_of_the_buyer(buyer, object, value, outcome) -> None:
    given = call(
        fact("procedure.buyer", buyer),
        fact("procedure.object", object),
        fact("procedure.estimate_eur", value),
    )
    assert one("CR-4", given).outcome == outcome


def test_an_unknown_threshold_is_said() -> None:
    check = one("CR-4", call(BIG, *SHEETS, launch=date(2028, 1, 1)))
    assert check.outcome == Outcome.TO_CHECK
    assert "Seuil européen inconnu au 1er janvier 2028" in check.reason_fr


def test_what_is_uncertain_is_shown() -> None:
    check = one("CR-4", call(BIG, *SHEETS))
    assert check.uncertain_fr == (legal.notes()[13][0],)
    assert check.uncertain_en == (legal.notes()[13][1],)
    old = one("CR-7", call(BIG, *SHEETS, launch=date(2025, 12, 31)))
    assert legal.notes()[24][0] in old.uncertain_fr


def test_the_value_of_the_contract() -> None:
    both = call(lot("1", 10_000), lot("2", None, amount_eur=20_000), BIG)
    assert (worth(both).eur, worth(both).basis) == (30_000, "both")
    assert worth(call(lot("1"), lot("2"))).basis == "maxima"
    assert worth(call(lot("1", None, amount_eur=5.0))).basis == "estimates"
    part = call(lot("1", 10_000), lot("2", None), BIG)
    assert (worth(part).eur, worth(part).basis, worth(part).whole) == (900_000, "maximum", True)
    left = worth(replace(part, facts=()))
    assert (left.eur, left.whole) == (10_000, False)
    estimate = fact("procedure.estimate_eur", 1.0)
    assert worth(call(estimate)).basis == "estimate"
    assert worth(call(estimate, BIG)).basis == "maximum"
    assert worth(call()) is None


def test_lots_without_an_environmental_criterion_are_named() -> None:
    given = call(
        lot("1"), lot("2"),
        criterion("price", 100, lots=("1",)),
        criterion("price", 80, lots=("2",)), criterion("environmental", 20, lots=("2",)),
    )  # fmt: skip
    check = one("CR-1", given)
    assert (check.outcome, check.lots) == (Outcome.LIKELY_ISSUE, ("1",))
    assert "(lot 1)" in check.reason_fr
    assert [p.quote for p in check.places] == ["critère price 100"]


def test_a_value_at_the_threshold_reaches_it() -> None:
    check = one("CR-4", call(fact("procedure.estimate_eur", 216_000.0), *SHEETS))
    assert "au-dessus du seuil de 216 000 €" in check.reason_fr


def test_a_passage_is_not_scored_where_price_alone_is() -> None:
    scored = found("env.energy", status=Status.SCORED, stage=Stage.AWARD_CRITERION)
    assert one("CR-1", call(criterion("price", 100), scored)).outcome == Outcome.LIKELY_ISSUE


def test_an_advance_refused_in_a_contract_of_unknown_form_is_to_check() -> None:
    given = call(REFUSED, BIG, FOUR_YEARS)
    assert one("ADV-A", given).outcome == Outcome.LIKELY_ISSUE
    assert one("ADV-A", replace(given, pieces=NO_RC)).outcome == Outcome.TO_CHECK


def test_ranked_criteria_are_a_whole_mark_when_no_rank_is_missing() -> None:
    ranked = [criterion(t, None, unit="order", rank=r) for t, r in (("price", 1), ("quality", 2))]
    assert one("CR-1", call(*ranked)).outcome == Outcome.LIKELY_ISSUE
    gap = criterion("quality", None, unit="order", rank=3)
    assert one("CR-1", call(ranked[0], gap)).outcome == Outcome.TO_CHECK


def test_pages_not_read_are_never_an_absence() -> None:
    given = call(PRICE, criterion("quality", 20), readable=0.9)
    assert one("CR-1", given).outcome == Outcome.TO_CHECK
    assert "pages" in one("CR-3", given).reason_fr


def test_evidence_is_handed_on() -> None:
    check = one("CR-3", CASES["CR-3", "found"])
    assert check.findings == (ENV.id,)
    assert one("CR-1", CASES["CR-1", "found"]).places == (
        Place("p2", 1, (), GREEN.quote, ""),
    )  # fmt: skip


# -- what evidence may not do ---------------------------------------------------------------------

_GREEN_AND_SOCIAL = [label for label in labels() if label.startswith(("env.", "social."))]
_FINDINGS = st.builds(
    found,
    st.sampled_from(_GREEN_AND_SOCIAL),
    st.just("words"),
    status=st.sampled_from(Status),
    stage=st.sampled_from(Stage),
    lots=st.sampled_from([(), ("1",), ("2",)]),
)
_MORE = st.one_of(
    _FINDINGS,
    st.builds(
        criterion,
        st.just("environmental"),
        st.sampled_from([5, 10, 20, 100]),
        lots=st.sampled_from([(), ("1",), ("2",)]),
    ),
)
_CRITERIA = st.builds(
    criterion,
    st.sampled_from(["price", "cost", "quality", "environmental", "social"]),
    st.sampled_from([20, 40, 60, 80, 100]),
    lots=st.sampled_from([(), ("1",), ("2",)]),
)
_CALLS = st.builds(
    lambda criteria, findings, lots, facts, pieces, launch: call(
        *criteria, *findings, *lots, *facts, pieces=pieces, launch=launch
    ),
    st.lists(_CRITERIA, max_size=4),
    st.lists(_FINDINGS, max_size=3),
    st.sampled_from([(), (lot("1"), lot("2"))]),
    st.sampled_from([SHEETS, (*SHEETS, BIG), (*SHEETS, SMALL), (CONCESSION,), (WORKS, BUYER)]),
    st.sampled_from([ALL, NO_CCTP, NO_RC]),
    st.sampled_from([AFTER, None, date(2026, 8, 21), date(2026, 8, 20)]),
)
_WATCHED = ("CR-1", "CR-2", "CR-3", "CR-4", "CR-6", "CR-7", "CR-8", "AGEC-1", "CVD-1", "EGA-1")


@settings(max_examples=120, deadline=None)
@given(_CALLS, st.lists(_MORE, min_size=1, max_size=3))
def test_more_evidence_never_turns_ok_into_a_likely_issue(given_call: Call, more: list) -> None:
    richer = replace(
        given_call,
        findings=(*given_call.findings, *(m for m in more if isinstance(m, Finding))),
        criteria=(*given_call.criteria, *(m for m in more if isinstance(m, Criterion))),
    )
    after = {check.id: check.outcome for check in checks(richer, TYPES)}
    for check in checks(given_call, TYPES):
        if check.id in _WATCHED and check.outcome == Outcome.OK:
            assert after[check.id] != Outcome.LIKELY_ISSUE


@settings(max_examples=60, deadline=None)
@given(_CALLS, st.lists(_MORE, max_size=3))
def test_without_a_criterion_read_nothing_is_likely(given_call: Call, more: list) -> None:
    bare = replace(given_call, criteria=(), findings=tuple(
        m for m in more if isinstance(m, Finding)
    ))  # fmt: skip
    assert all(c.outcome != Outcome.LIKELY_ISSUE for c in checks(bare, TYPES))


# -- data -----------------------------------------------------------------------------------------


def test_the_page_of_the_law_is_in_step() -> None:
    page = Path(__file__).parents[2] / "docs" / "law.md"
    assert page.read_text(encoding="utf-8") == law_page()


def test_every_rule_is_used_or_replaced() -> None:
    used = {ref for entry in book().entries for ref in entry.articles}
    shown = {"CCP L2113-12", "CCP L2113-13"}  # reservations: shown with their notes
    assert {rule.ref for rule in law()} == used | shown


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("articles", 'status = "verified"', 'status = "sure"'),
        ("articles", 'source = "LEGI"', 'source = "NOBODY"'),
        ("articles", "valid_from = 2026-08-21", "valid_from = 2026-08-20"),
        ("articles", "uncertain = [2]", "uncertain = [99]"),
        ("articles", "valid_to = 2026-08-20", "valid_to = 2018-08-20"),
        ("articles", 'text_fr = "Soit', 'texte = "Soit'),
        ("articles", "schema = 1", "schema = 2"),
        ("thresholds", 'unit = "eur"', 'unit = "francs"'),
        ("thresholds", "value = 140000", "valeur = 140000"),
        ("thresholds", "valid_to = 2027-12-31", "valid_end = 2027-12-31"),
    ],
)
def test_law_that_may_not_be_is_refused(tmp_path, file, old, new) -> None:
    folder = copytree(legal.FOLDER, tmp_path / "law")
    path = folder / f"{file}.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LawError):
        legal.load(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('outcome = "likely_issue"', 'outcome = "illegal"'),
        ("Environmental criterion read{lots}", "Environmental criterion read"),
        ('articles = ["CCP R2152-7", "CCP L2152-7"]', 'articles = ["CCP R9999-9"]'),
        ("uncertain = [13]", "uncertain = [98]"),
        ('"social.integration"', '"social.nothing"'),
        ("both = true", "deux = true"),
        ("before_answer", "before_reply"),
    ],
)
def test_checks_that_may_not_be_are_refused(tmp_path, old, new) -> None:
    folder = copytree(legal.FOLDER, tmp_path / "law")
    path = folder / "checks.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LawError):
        legal.read_checks(folder)
