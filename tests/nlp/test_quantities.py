import pytest

from nlp.quantities import quantities


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("au minimum 3 000 heures d'insertion", "hours", 3000.0),
        ("35 H par tranche de 100 000 €", "hours", 35.0),
        ("5 (cinq) heures par tranche", "hours", 5.0),
        ("7,5 % du temps de travail", "percent", 7.5),
        ("une pénalité de 50 € par heure non réalisée", "penalty_eur", 50.0),
        ("chiffre d'affaires de 1.250.000,50 euros", "amount_eur", 1250000.5),
        ("deux apprentis ou 3 apprentis", "jobs", 3.0),
        ("dans un délai de 30 jours", "days", 30.0),
        ("véhicules Crit'Air 1 ou Euro 6", "classes", ["Crit'Air 1", "Euro 6"]),
        ("articles L. 2112-2 et R.2113-7", "articles", ["L2112-2", "R2113-7"]),
    ],
)
def test_numbers_as_written(text: str, name: str, value: object) -> None:
    assert quantities(text, ["social.integration"])[name] == value


def test_a_time_of_day_is_no_volume() -> None:
    assert "hours" not in quantities("au plus tard à 12 heures", ["social.integration"])
    assert "hours" not in quantities("livraison entre 8 h 30 et 10 h", ["env.transport"])
