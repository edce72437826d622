"""French numbers as buyers write them, and what only looks like one."""

import pytest

from nlp.numbers import (
    dates,
    days,
    duration_months,
    hours,
    money,
    numbers,
    per_mille,
    percents,
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3 000, puis 3.000, enfin 3000", [3000, 3000, 3000]),
        ("1 250,50 et 1.250.000,50", [1250.5, 1250000.5]),
        ("0,4 pour le prix", [0.4]),
        ("trois cent cinquante puis mille huit cent cinquante", [350, 1850]),
        ("Vingt-et-un, soixante et onze, QUATRE-VINGT-DIX", [21, 71, 90]),
        ("deux millions cinq cent mille", [2_500_000]),
        ("1,5 million", [1_500_000]),
        ("sept virgule cinq", [7.5]),
        ("la moitié, un quart, trois quarts", [0.5, 0.25, 0.75]),
        ("5 (cinq) puis dix mille (10 000)", [5, 10000]),
        ("5 (six)", [5, 6]),
        ("un titulaire, une offre", []),
        ("l0 et 1O", []),
        ("pour le lot 1, 1 200 heures et pour le lot 2 et 40 heures", [1200, 40]),
        ("quarante pour cent", [40]),
    ],
)
def test_values(text: str, values: list[float]) -> None:
    assert [n.value for n in numbers(text)] == values


@pytest.mark.parametrize(
    "text",
    [
        "remise le 12/09/2026", "le 12 septembre 2026", "le 1er octobre", "le quinze mai",
        "à 12 heures", "de 8 h à 17 h", "avant 17 heures", "8 h 30",
        "le 4 mai 2026, 17 heures", "article 4.2", "lots 1 et 2", "articles 4, 5 et 6",
        "L. 2113-12", "01 44 55 66 77", "123 456 789 00012", "75013 Paris", "45262500-8",
        "NF EN ISO 14001", "n° 2026-12", "en 2026", "2026-2027", "4.2.1", "2.1 Objet",
        "C.4 Accueil", "confié à un tiers", "un quart d'heure", "le 3e jour",
    ],
)  # fmt: skip
def test_no_quantity(text: str) -> None:
    assert list(numbers(text)) == []


def test_offsets_hold_the_unit_and_the_doubled_form() -> None:
    text = "soit dix mille (10 000) euros HT, sous trente (30) jours ouvrés"
    (amount,) = money(text)
    (delay,) = days(text)
    assert (text[amount.start : amount.end], amount.value, amount.tax) == (
        "dix mille (10 000) euros HT", 10000, "HT",
    )  # fmt: skip
    assert text[delay.start : delay.end] == "trente (30) jours ouvrés"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2,5 M€ ou 300 k€", [2_500_000, 300_000]),
        ("2 millions d'euros", [2_000_000]),
        ("12 500€HT", [12_500]),
        ("dix mille euros (10 000 €)", [10_000]),
        ("cinq euros et vingt centimes", [5.2]),
        ("norme Euro 6", []),
    ],
)
def test_money(text: str, values: list[float]) -> None:
    assert [m.value for m in money(text)] == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("s'élève à 20 heures", [20]),
        ("à 20 heures d'insertion", [20]),
        ("35 H par tranche", [35]),
        ("trois cents heures", [300]),
        ("entre 8 heures et 10 heures", []),
        ("jusqu'à 18 h", []),
    ],
)
def test_hours_that_are_no_time_of_day(text: str, values: list[float]) -> None:
    assert [h.value for h in hours(text)] == values


def test_shares_in_words() -> None:
    text = "un tiers des heures, la moitié du lot, douze pour cent et 7,5 %"
    assert [p.value for p in percents(text)] == [33.33, 50, 12, 7.5]


@pytest.mark.parametrize(
    ("text", "firm", "total"),
    [
        ("24 mois", 24, 24),
        ("deux ans", 24, 24),
        ("1 an et demi", 18, 18),
        ("1 an renouvelable 3 fois", 12, 48),
        ("douze (12) mois, reconductible deux fois pour une période de 6 mois", 12, 24),
        ("un an. Il est reconductible trois fois par période d'un an", 12, 48),
        ("un an, reconductible 3 fois, soit 4 ans au total", 12, 48),
        ("2 ans, reconductible dans la limite d'une durée totale de 5 ans", 24, 60),
    ],
)
def test_durations(text: str, firm: float, total: float) -> None:
    assert [(d.firm, d.total) for d in duration_months(text)] == [(firm, total)]


def test_ages_are_no_durations() -> None:
    assert list(duration_months("jeunes de moins de 26 ans")) == []


def test_days_of_the_calendar() -> None:
    text = "12/09/2026 à 12h00, 1er août 2026, 2026-10-05, 31/02/2026, 3 mai"
    assert [(d.value, d.time) for d in dates(text)] == [
        ("2026-09-12", "12:00"), ("2026-08-01", ""), ("2026-10-05", ""),
    ]  # fmt: skip


def test_shares_per_mille_are_told_in_percent() -> None:
    text = "un pour mille, 2 ‰ puis 1,5 pour mille ; 3 pour mille habitants, 4 pour cent"
    assert [n.value for n in per_mille(text)] == [0.1, 0.2, 0.15]
