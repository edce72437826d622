import json
from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from corpus.documents import PieceType
from corpus.findings import Criterion, Finding, Lot, Stage, Status
from corpus.taxonomy import labels
from models.call import Call
from models.decp import decp, decp_fields
from models.eforms_out import NAMESPACES, eforms, fragment
from models.ocds_out import ocds, ocds_block
from models.standards import (
    FOLDER,
    Coded,
    CodesError,
    Sheet,
    check,
    checked,
    codes,
    fields,
    published,
    words,
)
from nlp.reading.fields import CODES
from nlp.reading.notice import notice_fields

ALL = frozenset({PieceType.NOTICE, PieceType.RC, PieceType.CCAP, PieceType.CCTP})
NONE = {"Pas de considération sociale", "Pas de considération environnementale"}


def finding(
    label: str,
    number: int = 1,
    status: Status = Status.BINDING,
    stage: Stage = Stage.EXECUTION,
    lots: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        id=f"p1-{number:04d}",
        piece="p1",
        page=1,
        boxes=(),
        quote=f"quote {number}",
        article="10 Clauses › 10.2 Public",
        lots=lots,
        labels=(label,),
        stage=stage,
        status=status,
        values={},
        confidence=0.9,
        found_by=(f"{label}/test",),
    )


def call(*findings: Finding, lots: tuple[Lot, ...] = (), pieces: frozenset[PieceType] = ALL,
         criteria: tuple[Criterion, ...] = ()) -> Call:  # fmt: skip
    return Call(findings, criteria, lots, pieces)


def criterion(id: str, name: str, share: float | None, theme: str, parent: str | None = None,
              unit: str = "percent") -> Criterion:  # fmt: skip
    return Criterion(id, name, share, unit, share, theme, (), parent, "p1", 1, (), name)


# -- code lists ---------------------------------------------------------------------------------


def test_every_code_of_the_taxonomy_is_published() -> None:
    lists = codes("eforms")["field"]
    for label in labels().values():
        for text in label.eforms:
            field, _, code = text.partition("=")
            if code and field in lists:
                assert check("eforms", field, code) == code
        if label.ocds:
            assert check("ocds", "goal", label.ocds)
        if label.decp:
            assert any(label.decp in published("decp", field) for field in fields("decp"))


def test_french_words_of_codes_are_those_the_reader_writes() -> None:
    for field in fields("eforms"):
        for code in published("eforms", field):
            read = CODES[field].get(code)
            assert read in (None, words("eforms", field, code, "fr"))


def test_a_table_with_an_unknown_key_or_code_is_refused() -> None:
    good = {key: deepcopy(dict(codes(key))) for key in ("decp", "eforms", "ocds", "absence")}
    for standard, table in good.items():
        with pytest.raises(CodesError, match="unknown key"):
            checked(standard, {**table, "surprise": 1})
        with pytest.raises(CodesError, match="missing key"):
            checked(standard, {k: v for k, v in table.items() if k != "checked_on"})
    good["decp"]["field"]["considerationsSociales"]["clause"] = "Clause"
    with pytest.raises(CodesError, match="no code Clause"):
        checked("decp", good["decp"])
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(good)


# -- DECP ---------------------------------------------------------------------------------------


def test_decp_of_a_call() -> None:
    sheet = decp(
        call(
            finding("social.integration"),
            finding("social.training", 2, Status.SCORED, Stage.AWARD_CRITERION),
            finding("env.waste", 3, Status.ENCOURAGED),
        )
    )[0]
    assert decp_fields(sheet) == {
        "considerationsSociales": {"considerationSociale": ["Clause sociale", "Critère social"]},
        "considerationsEnvironnementales": {
            "considerationEnvironnementale": ["Pas de considération environnementale"]
        },
    }
    by_code = {coded.code: coded for coded in sheet.codes}
    assert by_code["Critère social"].findings == ("p1-0002",)
    assert by_code["Critère social"].labels == ("social.training",)


def test_a_concession_is_reserved_by_its_own_word() -> None:
    reserved = call(finding("reserved.integration"))
    assert decp(reserved)[0].of("considerationsSociales") == ("Marché réservé",)
    assert decp(reserved, concession=True)[0].of("considerationsSociales") == (
        "Concession réservée",
    )


def test_nothing_is_not_written_while_a_piece_is_missing() -> None:
    sheet = decp(call(pieces=frozenset({PieceType.NOTICE})))[0]
    assert sheet.codes == ()
    assert sheet.missing[0] == ("considerationsSociales", "CCAP/CCP, CCTP/CCP")
    one_document = frozenset({PieceType.RC, PieceType.CCP})
    assert {c.code for c in decp(call(pieces=one_document))[0].codes} == NONE
    assert not decp(replace(call(), readable=0.5))[0].codes


def test_a_ranked_criterion_without_a_passage_is_a_criterion() -> None:
    sheet = decp(call(criteria=(criterion("c1", "Performance sociale", None, "social"),)))[0]
    assert sheet.of("considerationsSociales") == ("Critère social",)
    assert sheet.codes[0].findings == ("p1-c1",)


LABELS = sorted(labels())
FINDINGS = st.lists(
    st.builds(
        finding,
        st.sampled_from(LABELS),
        st.integers(1, 9999),
        st.sampled_from(Status),
        st.sampled_from(Stage),
        st.sampled_from([(), ("1",), ("2",), ("1", "2")]),
    ),
    max_size=12,
    unique_by=lambda f: f.id,
)
LOTS = st.sampled_from([(), (Lot("1", "A", None, (), ()), Lot("2", "B", None, (), ()))])


@settings(max_examples=60, deadline=None)
@given(FINDINGS, LOTS, st.booleans())
def test_what_is_written_is_published_proved_and_coherent(
    found: list[Finding], lots: tuple[Lot, ...], whole: bool
) -> None:
    read = call(*found, lots=lots, pieces=ALL if whole else frozenset())
    live = {f.id for f in found if f.status.in_force}
    for sheet in (*decp(read), *eforms(read), *ocds(read)):
        for coded in sheet.codes:
            assert set(coded.findings) <= live
            if coded.findings and coded.field != "hasSustainability":
                assert coded.labels
            if coded.field in codes(sheet.standard)["field"]:
                assert coded.code in published(sheet.standard, coded.field)
            if not coded.findings:  # it says that there is nothing: it stands alone
                assert sheet.of(coded.field) == (coded.code,)
                assert whole
    for sheet in eforms(read):
        strategic = set(sheet.of("BT-06")) - {"none"}
        expected = {"BT-774": "env-imp", "BT-775": "soc-obj", "BT-776": "inn-pur"}
        assert strategic == {code for field, code in expected.items() if sheet.of(field)}


# -- eForms -------------------------------------------------------------------------------------


def test_a_reserved_lot_keeps_its_finer_label() -> None:
    lots = (
        Lot("1", "Tonte", None, (), ()),
        Lot("2", "Nettoyage", None, ("reserved.disability",), ("p1-0001",)),
    )
    first, second = eforms(call(finding("reserved.disability", lots=("2",)), lots=lots))
    assert first.of("BT-71") == ("none",)
    assert second.of("BT-71") == ("res-ws",)
    assert second.codes[0].labels == ("reserved.disability",)


def test_accessibility_is_included_only_in_the_specifications() -> None:
    at = {
        stage: eforms(call(finding("social.accessibility", stage=stage)))[0].of("BT-754")
        for stage in (Stage.SPECIFICATION, Stage.EXECUTION)
    }
    assert at == {Stage.SPECIFICATION: ("inc",), Stage.EXECUTION: ()}


def test_levers_and_barriers_are_no_codes_of_clauses() -> None:
    sheet = eforms(call(finding("access.variants"), finding("access.subcontracting", 2)))[0]
    assert {c.code for c in sheet.codes} == {"none", "no"}
    block = ocds_block(ocds(call(finding("access.subcontracting")))[0])
    assert block == {"hasSustainability": False, "contractTerms": {"reservedExecution": False}}


def full() -> Call:
    return call(
        finding("social.integration"),
        finding("social.gender_equality", 2, Status.SCORED, Stage.AWARD_CRITERION),
        finding("env.waste", 3),
        finding("env.water", 4, Status.ENCOURAGED, Stage.SPECIFICATION),
        finding("env.ecolabel", 5, stage=Stage.SPECIFICATION),
        finding("social.accessibility", 6, stage=Stage.SPECIFICATION),
        finding("reserved.disability", 7),
        finding("reserved.social_economy", 8),
        finding("reserved.execution", 9),
        criteria=(
            criterion("c1", "Prix", 60.0, "price"),
            criterion("c2", "Qualité", 40.0, "quality"),
            criterion("c3", "Délai", 10.0, "delay", "c2"),
        ),
    )


def notice(part: bytes) -> bytes:
    """Return a minimal notice that holds a lot."""
    root = etree.Element(
        "{urn:oasis:names:specification:ubl:schema:xsd:ContractNotice-2}ContractNotice",
        nsmap=NAMESPACES,
    )
    root.append(etree.fromstring(part))
    written: bytes = etree.tostring(root)
    return written


def test_the_xml_read_as_a_notice_gives_the_same_codes() -> None:
    sheet = eforms(full())[0]
    read = notice_fields(notice(fragment(sheet)))
    for field in fields("eforms"):
        assert read.get(f"LOT-0000/{field}", ()) == sheet.of(field)
    assert set(sheet.of("BT-71")) == {"res-ws", "res-pub-ser"}
    assert sheet.of("BT-736") == ("yes",)
    assert read["LOT-0000/BT-777"] == tuple(text[2] for text in sheet.texts)
    assert "10.2 Public" in read["LOT-0000/BT-777"][0]
    assert read["LOT-0000/BT-539"] == ("price", "quality")
    assert read["LOT-0000/BT-541"] == ("60", "40")
    assert read["LOT-0000/BT-5421"] == ("per-exa", "per-exa")
    assert read["LOT-0000/BT-540"] == ("Délai (10 %)",)


def test_the_xml_read_again_says_that_there_is_nothing() -> None:
    sheet = eforms(call(lots=(Lot("7", "A", None, (), ()), Lot("8", "B", None, (), ()))))[0]
    read = notice_fields(notice(fragment(sheet)))
    assert (read["LOT-0007/BT-71"], read["LOT-0007/BT-736"]) == (("none",), ("no",))
    assert read["LOT-0007/BT-06"] == ("none",)


def test_a_criterion_of_no_known_unit_has_no_weight() -> None:
    sheet = eforms(call(criteria=(criterion("c1", "Prix", 3.0, "price", unit="coefficient"),)))[0]
    assert (sheet.awards[0].weight, sheet.awards[0].unit) == (None, "")
    assert "LOT-0000/BT-541" not in notice_fields(notice(fragment(sheet)))


def test_an_unpublished_code_is_never_written() -> None:
    with pytest.raises(CodesError, match="res-esat"):
        fragment(Sheet("eforms", "1", (Coded("BT-71", "res-esat"),)))


def test_words_may_hold_what_xml_cannot() -> None:
    award = criterion("c1", "Prix\x0c & \x00délais <HT>", 60.0, "price")
    read = notice_fields(notice(fragment(eforms(call(criteria=(award,)))[0])))
    assert read["LOT-0000/BT-734"] == ("Prix & délais <HT>",)


# -- JSON ---------------------------------------------------------------------------------------


def test_the_decp_read_again_gives_the_same_values() -> None:
    sheet = decp(full())[0]
    record = {"id": "1", "objet": "Nettoyage", "montant": 1000, **decp_fields(sheet)}
    read = notice_fields(json.dumps({"marches": {"marche": [record]}}).encode())
    for field in fields("decp"):
        assert read[field] == sheet.of(field)
    assert set(sheet.of("considerationsSociales")) == {
        "Clause sociale", "Critère social", "Marché réservé",
    }  # fmt: skip


def test_a_contract_for_young_firms_is_innovative() -> None:
    assert decp_fields(decp(call(finding("reserved.young_innovative")))[0])["marcheInnovant"]
    assert "marcheInnovant" not in decp_fields(decp(call())[0])


def test_the_ocds_read_again_gives_the_same_codes() -> None:
    sheet = ocds(full())[0]
    release = {
        "ocid": "ocds-test-1",
        "tender": {"title": "Nettoyage", "lots": [{"id": "1", **ocds_block(sheet)}]},
    }
    read = notice_fields(json.dumps(release).encode())
    assert read["LOT-0001/goal"] == sheet.of("goal")
    used = tuple(name for c in sheet.codes if c.field == "goal" for name in c.beside)
    assert read["LOT-0001/strategy"] == used
    assert read["LOT-0001/hasSustainability"] == ("true",)
    assert read["LOT-0001/BT-71"] == eforms(full())[0].of("BT-71")
    assert read["LOT-0001/BT-736"] == ("yes",)
    assert set(read["LOT-0001/BT-775"]) <= set(eforms(full())[0].of("BT-775"))


def test_the_stage_gives_the_strategy() -> None:
    by_goal = {c.code: c.beside for c in ocds(full())[0].codes if c.field == "goal"}
    assert by_goal["social.genderEquality"] == ("awardCriteria",)
    assert by_goal["environmental.wasteReduction"] == ("contractPerformanceConditions",)
    assert by_goal["environmental"] == ("technicalSpecifications", "otherGPPCriteria")
    assert set(by_goal["social.disadvantagedEmploymentOpportunities"]) == {
        "contractPerformanceConditions", "reservedParticipation",
    }  # fmt: skip


def test_descriptions_are_said_in_both_languages() -> None:
    sheet = ocds(call(finding("env.water")))[0]
    texts = {
        lang: ocds_block(sheet, language=lang)["sustainability"][0]["description"]
        for lang in ("fr", "en")
    }
    assert texts == {"fr": "Eau", "en": "Water"}
