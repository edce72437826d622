from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import PieceType
from corpus.findings import Fact, Lot, Place
from models.call import Call
from models.firms import (
    Eligible,
    Firm,
    FirmError,
    Sector,
    eligibility,
    listed,
    object_of,
    own_labels,
    profile_of,
    read_csv,
    sector,
    similarity,
    statuses,
)
from models.scorer import PROFILES


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "carte.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_french_map_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Raison sociale;Statuts;Métiers;Chiffre d’affaires;Effectif;Certifications;Départements;"
        "Lot maximal;Marché réservé ESS\r\n"
        '"Les Jardins ; du Val";Entreprise d’insertion|ESS;7731|Espaces verts;1 250 000,50 €;'
        "23;ISO 14001|Qualipaysage;1|2A;90.000;24/11/2025\r\n"
        "\r\n"
        "Petite boîte;;;;;;;;\r\n",
        "utf-8-sig",
    )
    first, second = read_csv(path, PROFILES)
    assert first == Firm(
        "Les Jardins ; du Val", "siae_ei", ("ei", "ess"), ("7731", "Espaces verts"), 1250000.5, 23,
        ("ISO 14001", "Qualipaysage"), ("01", "2A"), 90000.0, date(2025, 11, 24),
    )  # fmt: skip
    assert second == Firm("Petite boîte")


def test_an_english_map_in_windows_letters_is_read(tmp_path: Path) -> None:
    text = 'name,profile,statuses,turnover\nÉtablis,tih,tih,"1,200,000.5"\n'
    (firm,) = read_csv(written(tmp_path, text, "cp1252"))
    assert firm == Firm("Établis", "tih", ("tih",), turnover=1200000.5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("nom;couleur\na;b", r"line 1, column 2: unknown header 'couleur'"),
        ("statut\nei", "no column for the name"),
        ("nom;name\na;b", "given twice: name"),
        ("nom;ca\na;beaucoup", r"line 2, column turnover: 'beaucoup' is no number"),
        ("nom;ca\n\na;-5", r"line 3, column turnover: '-5' is no amount"),
        ("nom;ca\na;nan", r"line 2, column turnover: 'nan' is no amount"),
        ("nom;statut\na;SARL", r"line 2, column statuses: unknown status 'SARL'"),
        ("nom;profil\na;banque", r"line 2, column profile: unknown profile 'banque'"),
        ("nom;marché réservé ess\na;hier", r"line 2, column won_l2113_15: 'hier' is no date"),
        ("nom;marché réservé ess\na;31/02/2025", "is no date"),
        ("nom;ca\n;5", "line 2, column name: empty"),
        ("nom;ca\na;5;6", "line 2: 3 cells for 2 columns"),
        ('nom;ca\n"a;5', "line 2: unexpected end of data"),
    ],
)
def test_errors_name_line_and_column(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(FirmError, match=said):
        read_csv(written(tmp_path, text), PROFILES)


@given(st.binary(max_size=200))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "carte.csv"
    path.write_bytes(b"nom;ca\n" + data)
    try:
        firms = read_csv(path)
    except FirmError:
        return
    assert all(firm.name for firm in firms)


def test_every_status_names_a_profile() -> None:
    assert {profile_of((status,)) for status in statuses()} <= set(PROFILES)
    assert profile_of(("ess", "aci")) == "siae_aci"


def test_a_firm_with_an_unknown_status_is_refused() -> None:
    with pytest.raises(FirmError, match="sarl"):
        Firm("a", statuses=("sarl",))
    with pytest.raises(FirmError, match="0 or more"):
        Firm("a", turnover=-1.0)


@pytest.mark.parametrize(
    ("status", "label", "level"),
    [
        ("ei", "integration", Eligible.YES), ("etti", "integration", Eligible.YES),
        ("eiti", "integration", Eligible.CHECK), ("ei", "disability", Eligible.NO),
        ("ea", "disability", Eligible.YES), ("esat", "disability", Eligible.YES),
        ("eatt", "disability", Eligible.CHECK), ("tih", "disability", Eligible.NO),
        ("geiq", "integration", Eligible.NO), ("geiq", "social_economy", Eligible.CHECK),
        ("regie_quartier", "integration", Eligible.NO), ("ess", "social_economy", Eligible.YES),
        ("esus", "social_economy", Eligible.CHECK), ("jei", "young_innovative", Eligible.YES),
        ("prison", "prison", Eligible.YES), ("sme", "integration", Eligible.NO),
    ],
)  # fmt: skip
def test_who_may_answer_what(status: str, label: str, level: Eligible) -> None:
    told = eligibility(Firm("a", statuses=(status,)), f"reserved.{label}")
    assert told.level is level
    assert told.reason_fr
    assert told.reason_en


def test_the_best_status_decides_and_none_is_not_a_no() -> None:
    both = Firm("a", statuses=("sme", "geiq", "ei"))
    assert eligibility(both, "reserved.integration").level is Eligible.YES
    assert eligibility(Firm("a"), "reserved.integration").level is Eligible.CHECK


def test_listed_services() -> None:
    assert listed(("85312000",))
    assert listed(())
    assert not listed(("45210000",))
    told = eligibility(Firm("a", statuses=("ess",)), "reserved.social_economy", ("45210000",))
    assert told.level is Eligible.CHECK


def tender(title: str, cpv: tuple[str, ...] = ()) -> tuple[Call, Lot]:
    lot = Lot("1", title, None, (), (), cpv=cpv)
    return Call((), (), (lot,), frozenset({PieceType.RC})), lot


@pytest.mark.parametrize(
    ("trades", "title", "cpv", "expected"),
    [
        (("7731",), "", ("77314000",), Sector.OWN),
        (("77310000-6",), "", ("77314000",), Sector.OWN),
        (("7731",), "", ("77200000",), Sector.UNKNOWN),
        (("7731",), "", ("45000000",), Sector.OUTSIDE),
        (("7731", "45"), "", ("45000000",), Sector.OWN),
        (("7731",), "Tonte", (), Sector.UNKNOWN),
        (("espace vert",), "Entretien des espaces verts", (), Sector.OWN),
        (("nettoyage",), "Entretien des espaces verts", (), Sector.UNKNOWN),
        (("nettoyage",), "Entretien des espaces verts", ("77310000",), Sector.UNKNOWN),
        (("7731", "balayage"), "Nettoiement de la rue", ("90610000",), Sector.OUTSIDE),
        (("7731", "nettoiement urbain"), "Nettoiement urbain", ("90610000",), Sector.OWN),
        ((), "Tonte", ("77310000",), Sector.UNKNOWN),
    ],
)
def test_trade_against_lot(
    trades: tuple[str, ...], title: str, cpv: tuple[str, ...], expected: Sector
) -> None:
    call, lot = tender(title, cpv)
    assert sector(Firm("a", trades=trades), call, lot) is expected


def test_a_call_without_lots_is_known_by_its_object() -> None:
    place = Place("p1", 1, (), "", "")
    facts = tuple(Fact("procedure.object", v, place, "t") for v in ("Tonte", "Tonte", "Taille"))
    assert object_of(Call((), (), (), frozenset(), facts=facts), None) == "Tonte ; Taille"


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5), st.text(max_size=60))
def test_a_row_of_similarities_is_that_of_each_pair(trades: list[str], text: str) -> None:
    whole = similarity(trades, [text, "Entretien des espaces verts"])
    assert whole.shape == (2, len(trades))
    assert ((whole >= 0) & (whole <= 1)).all()
    for at, trade in enumerate(trades):
        assert similarity([trade], [text])[0, 0] == whole[0, at]


def test_environmental_labels_that_are_the_trade() -> None:
    assert own_labels(Firm("a", trades=("Ressourcerie du Val",))) == {"env.circular"}
    assert own_labels(Firm("a", trades=("77310000",))) == {"env.biodiversity"}
    assert own_labels(Firm("a", trades=("espaces de bureau",))) == set()
    assert own_labels(None) == set()
