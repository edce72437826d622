from __future__ import annotations

import json
import time
from typing import Any

import pytest

from corpus.documents import BlockKind, Page
from nlp.reading.errors import (
    EmptyFile,
    NoText,
    ReadingError,
    TooManyPages,
    Truncated,
    UnsupportedType,
)
from nlp.reading.fields import lot_title, number, weighted
from nlp.reading.notice import notice_fields, read_notice_json, read_notice_xml
from nlp.sections import lot_numbers, structure

SPACES = (
    'xmlns="urn:oasis:names:specification:ubl:schema:xsd:{0}-2"'
    ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
    ' xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
    ' xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"'
    ' xmlns:efac="http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1"'
    ' xmlns:efext="http://data.europa.eu/p27/eforms-ubl-extensions/1"'
    ' xmlns:efbc="http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1"'
)


def extended(inner: str) -> str:
    return (
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><efext:EformsExtension>"
        f"{inner}</efext:EformsExtension></ext:ExtensionContent></ext:UBLExtension>"
        "</ext:UBLExtensions>"
    )


def code(element: str, listed: str, value: str) -> str:
    return f'<cbc:{element} listName="{listed}">{value}</cbc:{element}>'


def said(element: str, text: str, language: str = "FRA") -> str:
    return f'<cbc:{element} languageID="{language}">{text}</cbc:{element}>'


def criterion(kind: str, name: str, weight: str, form: str, more: str = "") -> str:
    parameter = (
        "<efac:AwardCriterionParameter>"
        f'<efbc:ParameterCode listName="number-weight">{form}</efbc:ParameterCode>'
        f"<efbc:ParameterNumeric>{weight}</efbc:ParameterNumeric></efac:AwardCriterionParameter>"
    )
    return (
        f"<cac:SubordinateAwardingCriterion>{extended(parameter if weight else '')}"
        f"{code('AwardingCriterionTypeCode', 'award-criterion-type', kind)}"
        f"{said('Name', name) if name else ''}{more}</cac:SubordinateAwardingCriterion>"
    )


def lot(number: str = "LOT-0001", terms: str = "", process: str = "", project: str = "") -> str:
    return (
        f'<cac:ProcurementProjectLot><cbc:ID schemeName="Lot">{number}</cbc:ID>'
        f"<cac:TenderingTerms>{terms}</cac:TenderingTerms>"
        f"<cac:TenderingProcess>{process}</cac:TenderingProcess>"
        f"<cac:ProcurementProject>{project or said('Name', 'Nettoyage')}</cac:ProcurementProject>"
        "</cac:ProcurementProjectLot>"
    )


def eforms(inner: str, kind: str = "ContractNotice") -> bytes:
    language = "<cbc:NoticeLanguageCode>FRA</cbc:NoticeLanguageCode>"
    text = f"<{kind} {SPACES.format(kind)}>{language}{inner}</{kind}>"
    return ('<?xml version="1.0" encoding="UTF-8"?>' + text).encode()


def additional(listed: str, value: str, text: str = "") -> str:
    return (
        f"<cac:ProcurementAdditionalType>{code('ProcurementTypeCode', listed, value)}"
        f"{said('ProcurementType', text) if text else ''}</cac:ProcurementAdditionalType>"
    )


def execution(listed: str, value: str, text: str = "") -> str:
    return (
        f"<cac:ContractExecutionRequirement>{code('ExecutionRequirementCode', listed, value)}"
        f"{said('Description', text) if text else ''}</cac:ContractExecutionRequirement>"
    )


def qualification(listed: str, value: str, text: str = "") -> str:
    return (
        "<cac:TendererQualificationRequest><cac:SpecificTendererRequirement>"
        f"{code('TendererRequirementTypeCode', listed, value)}"
        f"{said('Description', text) if text else ''}"
        "</cac:SpecificTendererRequirement></cac:TendererQualificationRequest>"
    )


def lines(data: bytes, reader: Any = read_notice_xml) -> list[str]:
    pages, notices = reader(data, max_pages=50)
    assert notices == ()
    checked(pages)
    return [page.text[line.start : line.end] for page in pages for line in page.lines]


def headings(data: bytes, reader: Any = read_notice_xml) -> list[tuple[str, str]]:
    pages, _ = reader(data, max_pages=50)
    return [
        (line.style, page.text[line.start : line.end])
        for page in pages
        for line in page.lines
        if line.style
    ]


def checked(pages: tuple[Page, ...]) -> None:
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        texts = [page.text[line.start : line.end] for line in page.lines]
        assert texts == [line for line in page.text.split("\n") if line]


def both(data: bytes, line: str, key: str, *values: str) -> None:
    """A field is said in words and kept as typed."""
    assert line in lines(data)
    assert notice_fields(data)[key] == values


class TestEForms:
    def test_a_reserved_lot(self) -> None:
        data = eforms(lot(terms=qualification("reserved-procurement", "res-ws")))
        both(
            data,
            "Marché réservé : ateliers protégés et structures d'insertion (BT-71 res-ws)",
            "LOT-0001/BT-71",
            "res-ws",
        )

    @pytest.mark.parametrize(
        ("value", "words"),
        [("none", "non"), ("res-pub-ser", "organisations ayant une mission de service public"),
         ("nouveau", "nouveau")],
    )  # fmt: skip
    def test_other_codes_of_reservation(self, value: str, words: str) -> None:
        data = eforms(lot(terms=qualification("reserved-procurement", value)))
        both(data, f"Marché réservé : {words} (BT-71 {value})", "LOT-0001/BT-71", value)

    def test_reserved_execution_and_terms(self) -> None:
        data = eforms(
            lot(
                terms=execution("reserved-execution", "yes")
                + execution("conditions", "performance", "500 heures d'insertion")
                + execution("einvoicing", "required")
                + execution("nda", "true", "Secret")
            )
        )
        reserved = "Exécution réservée à des programmes d'emplois protégés : oui (BT-736 yes)"
        both(data, reserved, "LOT-0001/BT-736", "yes")
        terms = "Conditions d'exécution : 500 heures d'insertion"
        both(data, terms, "LOT-0001/BT-70", "500 heures d'insertion")
        both(data, "Facturation en ligne : exigé (BT-743 required)", "LOT-0001/BT-743", "required")
        both(data, "Accord de confidentialité : Secret", "LOT-0001/BT-802", "Secret")

    def test_strategic_codes_and_their_description(self) -> None:
        data = eforms(
            lot(
                project=said("Name", "Nettoyage")
                + additional("strategic-procurement", "soc-obj", "Insertion de publics éloignés")
                + additional("strategic-procurement", "env-imp")
                + additional("environmental-impact", "clim-mitig")
                + additional("social-objective", "opp")
                + additional("innovative-acquisition", "rd-act")
                + additional("innovative-acquisition", "fp-requ")
                + additional("gpp-criteria", "national")
                + additional("accessibility", "n-inc-just", "Sans usager")
            )
        )
        found = lines(data)
        for line in (
            "Achat stratégique : réalisation d'objectifs sociaux (BT-06 soc-obj)",
            "Description de l'achat stratégique : Insertion de publics éloignés",
            "Objectif environnemental : atténuation du changement climatique (BT-774 clim-mitig)",
            "Objectif d'innovation : recherche et développement (BT-776 rd-act)",
            "Critères d'achat public écologique : critères nationaux (BT-805 national)",
            "Justification : Sans usager",
        ):
            assert line in found
        assert any(line.endswith("handicapées (BT-775 opp)") for line in found)
        fields = notice_fields(data)
        assert fields["LOT-0001/BT-06"] == ("soc-obj", "env-imp")
        assert fields["LOT-0001/BT-776"] == ("rd-act", "fp-requ")
        assert fields["LOT-0001/BT-777"] == ("Insertion de publics éloignés",)
        assert fields["LOT-0001/BT-755"] == ("Sans usager",)

    def test_criteria_and_their_weights(self) -> None:
        data = eforms(
            lot(
                terms="<cac:AwardingTerms><cac:AwardingCriterion>"
                + criterion("price", "Prix", "40.00", "per-exa")
                + criterion("quality", "Insertion", "20", "poi-exa", said("Description", "Équipe"))
                + criterion("quality", "Climat", "0.15", "dec-exa")
                + criterion("cost", "", "2", "ord-imp")
                + criterion("quality", "Délai", "", "")
                + "</cac:AwardingCriterion></cac:AwardingTerms>"
            )
        )
        found = lines(data)
        at = found.index("Critères d'attribution")
        assert found[at + 1 : at + 6] == [
            "Critère : Prix, pondération 40 %",
            "Critère (qualité) : Insertion - Équipe, pondération 20 points",
            "Critère (qualité) : Climat, pondération 15 %",
            "Critère : Coût, rang 2",
            "Critère (qualité) : Délai",
        ]
        fields = notice_fields(data)
        assert fields["LOT-0001/BT-539"] == ("price", "quality", "quality", "cost", "quality")
        assert fields["LOT-0001/BT-541"] == ("40.00", "20", "0.15", "2")
        assert fields["LOT-0001/BT-5421"][2] == "dec-exa"
        assert fields["LOT-0001/BT-540"] == ("Équipe",)

    def test_thresholds_and_fixed_values_are_no_weights(self) -> None:
        parameter = (
            '<efac:AwardCriterionParameter><efbc:ParameterCode listName="number-threshold">'
            "min-score</efbc:ParameterCode><efbc:ParameterNumeric>10</efbc:ParameterNumeric>"
            "</efac:AwardCriterionParameter>"
        )
        inner = criterion("quality", "Valeur technique", "", "", extended(parameter))
        data = eforms(lot(terms=f"<cac:AwardingTerms>{inner}</cac:AwardingTerms>"))
        assert "Critère (qualité) : Valeur technique, note minimale 10" in lines(data)
        assert "LOT-0001/BT-541" not in notice_fields(data)

    @pytest.mark.parametrize(
        ("value", "words"),
        [("allowed", "autorisées"), ("not-allowed", "interdites"), ("required", "exigées")],
    )
    def test_variants(self, value: str, words: str) -> None:
        data = eforms(lot(terms=code("VariantConstraintCode", "permission", value)))
        both(data, f"Variantes : {words} (BT-63 {value})", "LOT-0001/BT-63", value)

    def test_values_durations_and_deadlines(self) -> None:
        total = (
            '<cac:RequestedTenderTotal><cbc:EstimatedOverallContractAmount currencyID="EUR">'
            "1234500.50</cbc:EstimatedOverallContractAmount></cac:RequestedTenderTotal>"
        )
        data = eforms(
            lot(
                process="<cac:TenderSubmissionDeadlinePeriod><cbc:EndDate>2026-03-01+01:00"
                "</cbc:EndDate><cbc:EndTime>12:00:00+01:00</cbc:EndTime>"
                "</cac:TenderSubmissionDeadlinePeriod>",
                project=said("Name", "Nettoyage")
                + total
                + '<cac:PlannedPeriod><cbc:DurationMeasure unitCode="MONTH">48'
                "</cbc:DurationMeasure><cbc:StartDate>2026-05-04Z</cbc:StartDate>"
                "</cac:PlannedPeriod><cbc:SMESuitableIndicator>true</cbc:SMESuitableIndicator>",
            )
        )
        both(data, "Valeur estimée hors TVA : 1 234 500,50 €", "LOT-0001/BT-27", "1234500.50")
        both(data, "Durée : 48 mois", "LOT-0001/BT-36", "48 MONTH")
        limit = "Date limite de réception des offres : 01/03/2026 à 12h00"
        both(data, limit, "LOT-0001/BT-131", "2026-03-01+01:00 12:00:00+01:00")
        assert "Date de début : 04/05/2026" in lines(data)
        both(data, "Convient aux PME : oui (BT-726 true)", "LOT-0001/BT-726", "true")

    def test_a_duration_without_end(self) -> None:
        period = "<cac:PlannedPeriod>" + code("DescriptionCode", "timeperiod", "UNLIMITED")
        project = said("Name", "N") + period + "</cac:PlannedPeriod>"
        both(eforms(lot(project=project)), "Durée : illimitée", "LOT-0001/BT-538", "UNLIMITED")

    def test_selection_criteria_of_both_places(self) -> None:
        older = extended(
            "<efac:SelectionCriteria>"
            f"{code('CriterionTypeCode', 'selection-criterion', 'ef-stand')}"
            f"{said('Name', 'Chiffre')}{said('Description', 'annuel')}</efac:SelectionCriteria>"
        )
        newer = qualification("selection-criterion", "sel-x", "Effectifs")
        data = eforms(lot(terms=older + newer))
        assert notice_fields(data)["LOT-0001/BT-750"] == ("Chiffre - annuel", "Effectifs")
        assert "Critère de sélection : Effectifs" in lines(data)
        kind = "Critère de sélection : capacité économique et financière (BT-747 ef-stand)"
        assert kind in lines(data)

    def test_sections_and_lots_in_the_order_of_the_notice(self) -> None:
        organization = extended(
            "<efac:Organizations><efac:Organization><efac:Company><cac:PartyIdentification>"
            "<cbc:ID>ORG-0001</cbc:ID></cac:PartyIdentification><cac:PartyName>"
            f"{said('Name', 'Ville de Brest')}</cac:PartyName><cac:PostalAddress>"
            "<cbc:CityName>Brest</cbc:CityName></cac:PostalAddress></efac:Company></efac:Organization>"
            "</efac:Organizations>"
        )
        party = (
            "<cac:ContractingParty><cac:Party><cac:PartyIdentification><cbc:ID>ORG-0001</cbc:ID>"
            "</cac:PartyIdentification></cac:Party></cac:ContractingParty>"
        )
        project = f"<cac:ProcurementProject>{said('Name', 'Entretien')}</cac:ProcurementProject>"
        data = eforms(
            organization
            + party
            + project
            + lot("LOT-0001", execution("conditions", "performance", "Clause"))
            + lot("LOT-0002", project=said("Name", "Lot n°2 : Vitres"))
        )
        assert headings(data) == [
            ("h1", "Avis de marché"),
            ("h2", "Acheteur"),
            ("h2", "Objet"),
            ("h1", "Lot 1 - Nettoyage"),
            ("h2", "Conditions d'exécution"),
            ("h2", "Objet"),
            ("h1", "Lot 2 - Vitres"),
            ("h2", "Objet"),
        ]
        assert "Acheteur : Ville de Brest (Brest)" in lines(data)
        fields = notice_fields(data)
        assert fields["BT-21"] == ("Entretien",)
        assert fields["LOT-0002/BT-21"] == ("Lot n°2 : Vitres",)
        assert fields["ORG-0001/BT-500"] == ("Ville de Brest",)

    def test_french_is_read_where_there_are_several_languages(self) -> None:
        both_languages = said("Name", "Schoonmaak", "NLD") + said("Name", "Nettoyage")
        data = eforms(lot(project=both_languages + said("Description", "Ramen", "NLD")))
        found = lines(data)
        assert "Intitulé : Nettoyage" in found
        assert not any("Schoonmaak" in line for line in found)
        assert "Description : Ramen" in found  # said in one language only

    def test_free_text_that_no_rule_knows_is_read(self) -> None:
        data = eforms(
            lot(terms=f"<cac:NewTerms>{said('Remark', 'Visite à prévoir')}</cac:NewTerms>")
        )
        assert "Visite à prévoir" in lines(data)

    @pytest.mark.parametrize("kind", ["ContractAwardNotice", "PriorInformationNotice"])
    def test_its_siblings(self, kind: str) -> None:
        assert "Lot 1 - Nettoyage" in lines(eforms(lot(), kind))

    def test_text_is_cleaned_and_keeps_its_lines(self) -> None:
        data = eforms(
            lot(project=said("Name", "N") + said("Description", "L\u2019été\n- un\n- deux"))
        )
        found = lines(data)
        at = found.index("Description : L'été")
        assert found[at + 1 : at + 3] == ["- un", "- deux"]

    @pytest.mark.parametrize(
        ("texts", "expected"),
        [
            ([("NLD", "Ramen"), ("ENG", "Windows"), ("FRA", "Vitres")], ["Vitres"]),
            ([("NLD", "Ramen"), ("ENG", "Windows")], ["Windows"]),
            ([("NLD", "Ramen"), ("DEU", "Fenster")], ["Ramen"]),
            ([("fr", "Vitres"), ("ENG", "Windows")], ["Vitres"]),
            ([("FRA", "Vitres"), ("FRA", "Sols"), ("ENG", "Windows")], ["Vitres", "Sols"]),
        ],
    )
    def test_french_then_english_then_the_first(
        self, texts: list[tuple[str, str]], expected: list[str]
    ) -> None:
        note = "".join(said("Note", text, language) for language, text in texts)
        data = eforms(lot(project=said("Name", "N") + note))
        assert notice_fields(data)["LOT-0001/BT-300"] == tuple(expected)

    def test_what_is_withheld_is_no_value(self) -> None:
        privacy = extended(
            "<efac:FieldsPrivacy><efbc:FieldIdentifierCode>win-cho</efbc:FieldIdentifierCode>"
            "<efbc:ReasonDescription languageID='FRA'>Secret</efbc:ReasonDescription>"
            "</efac:FieldsPrivacy>"
        )
        data = eforms(
            lot(
                terms=privacy
                + "<cac:AwardingTerms>"
                + criterion("quality", "Délai", "-1", "per-exa")
                + criterion("unpublished", "unpublished", "-1", "unpublished")
                + "</cac:AwardingTerms>"
            )
        )
        found = lines(data)
        assert "Critère (qualité) : Délai, pondération non publiée" in found
        assert "Critère : non publié, pondération non publiée" in found
        assert not any("Secret" in line or "-1" in line for line in found)
        fields = notice_fields(data)
        assert fields["LOT-0001/BT-734"] == ("Délai",)
        assert "LOT-0001/BT-541" not in fields

    @pytest.mark.parametrize(
        ("element", "title", "key"),
        [
            ("Changes", "Modifications de l'avis", "BT-141"),
            ("ContractModification", "Modifications du marché", "BT-202"),
        ],
    )
    def test_changes_are_said_and_no_clause_is_read_from_them(
        self, element: str, title: str, key: str
    ) -> None:
        change = extended(
            f"<efac:{element}><efac:Change><efbc:ChangeDescription languageID='FRA'>500 heures"
            " d'insertion au lieu de 300</efbc:ChangeDescription></efac:Change><efac:ChangeReason>"
            "<cbc:ReasonCode listName='change-corig-justification'>cor-buy</cbc:ReasonCode>"
            "<efbc:ReasonDescription languageID='FRA'>Erreur</efbc:ReasonDescription>"
            f"</efac:ChangeReason></efac:{element}>"
        )
        data = eforms(change + lot())
        assert ("h1", title) in headings(data)
        assert lines(data)[-1] == "Motif : Erreur"
        assert notice_fields(data)[key] == ("500 heures d'insertion au lieu de 300",)
        blocks = structure(read_notice_xml(data, max_pages=9)[0], lots=())
        [block] = [block for block in blocks if "500 heures" in block.text]
        assert block.kind == BlockKind.FURNITURE

    def test_results_and_who_won(self) -> None:
        result = extended(
            "<efac:NoticeResult><cbc:TotalAmount currencyID='EUR'>90000</cbc:TotalAmount>"
            "<efac:LotResult><cbc:ID>RES-0001</cbc:ID><cbc:TenderResultCode "
            "listName='winner-selection-status'>selec-w</cbc:TenderResultCode><efac:LotTender>"
            "<cbc:ID>TEN-0001</cbc:ID></efac:LotTender><efac:ReceivedSubmissionsStatistics>"
            "<efbc:StatisticsCode>tenders</efbc:StatisticsCode><efbc:StatisticsNumeric>4"
            "</efbc:StatisticsNumeric></efac:ReceivedSubmissionsStatistics><efac:SettledContract>"
            "<cbc:ID>CON-0001</cbc:ID></efac:SettledContract><efac:TenderLot><cbc:ID>LOT-0001"
            "</cbc:ID></efac:TenderLot></efac:LotResult><efac:LotResult><cbc:TenderResultCode>"
            "clos-nw</cbc:TenderResultCode><efac:DecisionReason><efbc:DecisionReasonCode>no-rece"
            "</efbc:DecisionReasonCode></efac:DecisionReason><efac:TenderLot><cbc:ID>LOT-0002"
            "</cbc:ID></efac:TenderLot></efac:LotResult><efac:LotTender><cbc:ID>TEN-0001</cbc:ID>"
            "<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID='EUR'>85000</cbc:PayableAmount>"
            "</cac:LegalMonetaryTotal><efac:TenderingParty><cbc:ID>TPA-0001</cbc:ID>"
            "</efac:TenderingParty></efac:LotTender><efac:SettledContract><cbc:ID>CON-0001</cbc:ID>"
            "<cbc:IssueDate>2026-01-15Z</cbc:IssueDate></efac:SettledContract><efac:TenderingParty>"
            "<cbc:ID>TPA-0001</cbc:ID><efac:Tenderer><cbc:ID>ORG-0002</cbc:ID></efac:Tenderer>"
            "</efac:TenderingParty></efac:NoticeResult><efac:Organizations><efac:Organization>"
            "<efac:Company><cac:PartyIdentification><cbc:ID>ORG-0002</cbc:ID>"
            "</cac:PartyIdentification><cac:PartyName><cbc:Name languageID='FRA'>Propreté SA"
            "</cbc:Name></cac:PartyName></efac:Company></efac:Organization></efac:Organizations>"
        )
        data = eforms(result + lot(), "ContractAwardNotice")
        found = lines(data)
        at = found.index("Résultats")
        assert found[at:] == [
            "Résultats",
            "Valeur totale hors TVA : 90 000 €",
            "Résultat du lot 1",
            "Résultat : attribué (BT-142 selec-w)",
            "Offres reçues : 4",
            "Titulaire : Propreté SA",
            "Montant hors TVA : 85 000 €",
            "Date de conclusion : 15/01/2026",
            "Résultat du lot 2",
            "Résultat : sans suite (BT-142 clos-nw)",
            "Motif de l'absence d'attributaire : aucune offre reçue (BT-144 no-rece)",
        ]
        assert notice_fields(data)["LOT-0001/BT-720"] == ("85000",)

    @pytest.mark.parametrize(
        ("identifier", "title", "numbers"),
        [
            ("LOT-0003", "Lot 3 - Nettoyage", ("3",)),
            ("GLO-0003", "Groupe 3 - Nettoyage", ()),
            ("PAR-0003", "Partie 3 - Nettoyage", ()),
        ],
    )
    def test_groups_and_parts_are_no_lots(
        self, identifier: str, title: str, numbers: tuple[str, ...]
    ) -> None:
        data = eforms(lot(identifier, terms=qualification("reserved-procurement", "res-ws")))
        assert ("h1", title) in headings(data)
        assert lot_numbers(title) == numbers
        assert notice_fields(data)[f"{identifier}/BT-71"] == ("res-ws",)

    def test_the_lot_of_a_contract_without_lots(self) -> None:
        assert ("h1", "Nettoyage") in headings(eforms(lot("LOT-0000")))
        nameless = eforms(lot("LOT-0000", project=said("Description", "Vitres")))
        assert ("h1", "Objet du marché") in headings(nameless)

    def test_selection_criteria_of_sdk_1_10(self) -> None:
        def selection(kind: str, text: str, more: str = "") -> str:
            listed = code("TendererRequirementTypeCode", "selection-criterion", kind)
            inner = f"{listed}{said('Description', text)}{more}"
            return extended(f"<efac:SelectionCriteria>{inner}</efac:SelectionCriteria>")

        weight = (
            "<efac:CriterionParameter><efbc:ParameterCode listName='number-weight'>per-exa"
            "</efbc:ParameterCode><efbc:ParameterNumeric>30</efbc:ParameterNumeric>"
            "</efac:CriterionParameter>"
        )
        unused = code("CalculationExpressionCode", "usage", "not-used")
        data = eforms(
            lot(
                terms=selection("slc-abil-refs-services", "Références", weight)
                + selection("slc-stand-to-gen", "Chiffre d'affaires", unused)
            )
        )
        found = lines(data)
        assert "Critère de sélection : Références, pondération 30 %" in found
        assert "Critère de sélection (non utilisé) : Chiffre d'affaires" in found
        fields = notice_fields(data)
        assert fields["LOT-0001/BT-750"] == ("Références", "Chiffre d'affaires")
        assert fields["LOT-0001/BT-809"] == ("slc-abil-refs-services", "slc-stand-to-gen")

    @pytest.mark.parametrize(
        ("value", "field"),
        [("res-ws", "BT-71"), ("res-pub-ser", "BT-71"), ("soc-obj", "BT-06"), ("opp", "BT-775")],
    )
    def test_a_code_without_its_list_is_known_by_itself(self, value: str, field: str) -> None:
        data = eforms(lot(terms=qualification("", value)))
        assert notice_fields(data)[f"LOT-0001/{field}"] == (value,)

    @pytest.mark.parametrize("listed", ["exclusion-ground", "exclusion-grounds-source"])
    def test_exclusion_grounds_of_both_lists(self, listed: str) -> None:
        terms = qualification(listed, "labour-law", "Droit du travail")
        data = eforms(f"<cac:TenderingTerms>{terms}</cac:TenderingTerms>")
        assert "Motif d'exclusion : Droit du travail" in lines(data)
        assert "Droit du travail" in notice_fields(data)["BT-67"]

    def test_why_the_procedure_is_what_it_is(self) -> None:
        def reason(listed: str, value: str, text: str) -> str:
            inner = code("ProcessReasonCode", listed, value) + said("ProcessReason", text)
            return f"<cac:ProcessJustification>{inner}</cac:ProcessJustification>"

        process = reason("accelerated-procedure", "true", "Urgence")
        process += reason("direct-award-justification", "artistic", "Œuvre unique")
        fields = notice_fields(eforms(f"<cac:TenderingProcess>{process}</cac:TenderingProcess>"))
        assert fields["BT-106"] == ("true",)
        assert fields["BT-1351"] == ("Urgence",)
        assert fields["BT-136"] == ("artistic",)
        assert fields["BT-135"] == ("Œuvre unique",)

    def test_laws_and_documents(self) -> None:
        def law(identifier: str, text: str) -> str:
            return (
                f"<cac:ProcurementLegislationDocumentReference><cbc:ID>{identifier}</cbc:ID>"
                f"{said('DocumentDescription', text)}"
                "</cac:ProcurementLegislationDocumentReference>"
            )

        def link(element: str, address: str) -> str:
            return (
                f"<cac:{element}><cac:Attachment><cac:ExternalReference><cbc:URI>{address}"
                f"</cbc:URI></cac:ExternalReference></cac:Attachment></cac:{element}>"
            )

        terms = law("32014L0024", "Directive") + law("CrossBorderLaw", "Droit belge")
        links = link("CallForTendersDocumentReference", "https://achats.example")
        links += link("EnvironmentalLegislationDocumentReference", "https://loi.example")
        data = eforms(f"<cac:TenderingTerms>{terms}</cac:TenderingTerms>{lot(terms=links)}")
        fields = notice_fields(data)
        assert fields["BT-01"] == ("32014L0024",)
        assert fields["BT-09"] == ("Droit belge",)
        assert fields["LOT-0001/BT-15"] == ("https://achats.example",)
        assert not any("loi.example" in line for line in lines(data))

    def test_the_order_of_criteria_is_no_weight(self) -> None:
        terms = (
            "<cac:AwardingTerms><cac:AwardingCriterion>"
            + said("CalculationExpression", "Formule")
            + said("Description", "Par ordre")
            + "</cac:AwardingCriterion></cac:AwardingTerms>"
        )
        fields = notice_fields(eforms(lot(terms=terms)))
        assert fields["LOT-0001/BT-543"] == ("Formule",)
        assert fields["LOT-0001/BT-733"] == ("Par ordre",)

    @pytest.mark.parametrize(
        ("listed", "form", "words", "field"),
        [
            ("number-threshold", "min-score", "note minimale 10", "BT-5423"),
            ("number-threshold", "max-pass", "nombre de candidats retenus 10", "BT-5423"),
            ("number-fixed", "fix-tot", "valeur fixe 10", "BT-5422"),
            ("number-fixed", "fix-unit", "valeur fixe 10 par unité", "BT-5422"),
            ("number-weight", "poi-mid", "pondération 10 points", "BT-5421"),
            ("number-weight", "ord-imp", "rang 10", "BT-5421"),
        ],
    )
    def test_parameters_of_criteria(self, listed: str, form: str, words: str, field: str) -> None:
        inner = criterion("quality", "Délai", "10", form).replace("number-weight", listed)
        data = eforms(lot(terms=f"<cac:AwardingTerms>{inner}</cac:AwardingTerms>"))
        assert f"Critère (qualité) : Délai, {words}" in lines(data)
        assert notice_fields(data)[f"LOT-0001/{field}"] == (form,)

    def test_clean_vehicles(self) -> None:
        terms = extended(
            "<efac:StrategicProcurement><efbc:ApplicableLegalBasis listName='cvd-scope'>true"
            "</efbc:ApplicableLegalBasis><efac:StrategicProcurementInformation>"
            "<efbc:ProcurementCategoryCode listName='cvd-contract-type'>veh-acq"
            "</efbc:ProcurementCategoryCode></efac:StrategicProcurementInformation>"
            "</efac:StrategicProcurement>"
        )
        data = eforms(lot(terms=terms))
        line = "Directive véhicules propres applicable : oui (BT-717 true)"
        both(data, line, "LOT-0001/BT-717", "true")
        assert notice_fields(data)["LOT-0001/BT-735"] == ("veh-acq",)

    def test_long_notices_are_cut_and_bounded(self) -> None:
        many = "".join(
            lot(f"LOT-{n:04d}", project=said("Name", "N") + said("Description", "mot " * 900))
            for n in range(1, 7)
        )
        assert len(read_notice_xml(eforms(many), max_pages=9)[0]) > 2
        with pytest.raises(TooManyPages):
            read_notice_xml(eforms(many), max_pages=2)


def ted(*sections: str, language: str = "FR", category: str = "ORIGINAL") -> str:
    return (
        f'<F02_2014 CATEGORY="{category}" FORM="F02" LG="{language}">{"".join(sections)}</F02_2014>'
    )


def exported(*forms: str) -> bytes:
    space = "http://publications.europa.eu/resource/schema/ted/R2.0.9/publication"
    text = f'<TED_EXPORT xmlns="{space}"><FORM_SECTION>{"".join(forms)}</FORM_SECTION></TED_EXPORT>'
    return text.encode()


OBJECT = (
    "<OBJECT_CONTRACT><TITLE><P>Entretien</P></TITLE>"
    "<CPV_MAIN><CPV_CODE CODE='90910000'/></CPV_MAIN>"
    "<TYPE_CONTRACT CTYPE='SERVICES'/><SHORT_DESCR><P>Un</P><P>Deux</P></SHORT_DESCR><LOT_DIVISION>"
    "<LOT_ALL/></LOT_DIVISION>{}</OBJECT_CONTRACT>"
)
LOT = (
    "<OBJECT_DESCR ITEM='{0}'><TITLE><P>{1}</P></TITLE><LOT_NO>{0}</LOT_NO><AC><AC_QUALITY>"
    "<AC_CRITERION>Insertion</AC_CRITERION><AC_WEIGHTING>20</AC_WEIGHTING></AC_QUALITY><AC_PRICE>"
    "<AC_WEIGHTING>80 %</AC_WEIGHTING></AC_PRICE></AC><VAL_OBJECT CURRENCY='EUR'>90000</VAL_OBJECT>"
    "<DURATION TYPE='MONTH'>24</DURATION><NO_ACCEPTED_VARIANTS/><NO_OPTIONS/></OBJECT_DESCR>"
)


class TestTed:
    def test_the_object_and_its_lots(self) -> None:
        data = exported(ted(OBJECT.format(LOT.format(1, "Vitres") + LOT.format(2, "Sols"))))
        found = lines(data)
        assert "Division en lots : oui" in found
        assert "Nature du marché : services" in found
        at = found.index("Lot 1 - Vitres")
        assert found[at : at + 9] == [
            "Lot 1 - Vitres",
            "Intitulé : Vitres",
            "Critères d'attribution",
            "Critère (qualité) : Insertion, pondération 20",
            "Critère : Prix, pondération 80 %",
            "Valeur estimée hors TVA : 90 000 €",
            "Durée : 24 mois",
            "Variantes : interdites (BT-63 not-allowed)",
            "Options : non",
        ]
        fields = notice_fields(data)
        assert fields["BT-21"] == ("Entretien",)
        assert fields["BT-24"] == ("Un\nDeux",)
        assert fields["LOT-0002/BT-539"] == ("quality", "price")
        assert fields["LOT-0002/BT-36"] == ("24 MONTH",)
        assert fields["LOT-0001/BT-27"] == ("90000",)

    def test_a_contract_without_lots(self) -> None:
        only = LOT.format(1, "x").replace("<LOT_NO>1</LOT_NO>", "").replace("LOT_DIVISION", "X")
        data = exported(ted(OBJECT.format(only)))
        assert ("h1", "Description") in headings(data)

    @pytest.mark.parametrize(
        ("element", "line", "key", "value"),
        [
            ("RESTRICTED_SHELTERED_WORKSHOP",
             "Marché réservé : ateliers protégés et structures d'insertion (BT-71 res-ws)",
             "BT-71", "res-ws"),
            ("RESERVED_ORGANISATIONS_SERVICE_MISSION",
             "Marché réservé : organisations ayant une mission de service public"
             " (BT-71 res-pub-ser)",
             "BT-71", "res-pub-ser"),
            ("RESTRICTED_SHELTERED_PROGRAM",
             "Exécution réservée à des programmes d'emplois protégés : oui (BT-736 yes)",
             "BT-736", "yes"),
        ],
    )  # fmt: skip
    def test_reservations(self, element: str, line: str, key: str, value: str) -> None:
        both(exported(ted(f"<LEFTI><{element}/></LEFTI>")), line, key, value)

    def test_conditions_and_deadlines(self) -> None:
        data = exported(
            ted(
                "<LEFTI><PARTICULAR_PROFESSION/><REFERENCE_TO_LAW><P>CNAPS</P></REFERENCE_TO_LAW>"
                "<PERFORMANCE_CONDITIONS><P>Clause d'insertion</P></PERFORMANCE_CONDITIONS>"
                "</LEFTI>",
                "<PROCEDURE><PT_OPEN/><DATE_RECEIPT_TENDERS>2020-09-01</DATE_RECEIPT_TENDERS>"
                "<TIME_RECEIPT_TENDERS>16:30</TIME_RECEIPT_TENDERS></PROCEDURE>",
                "<COMPLEMENTARY_INFO><INFO_ADD><P>Fin</P></INFO_ADD><ADDRESS_REVIEW_BODY>"
                "<OFFICIALNAME>Tribunal</OFFICIALNAME></ADDRESS_REVIEW_BODY></COMPLEMENTARY_INFO>",
            )
        )
        found = lines(data)
        assert "La prestation est réservée à une profession particulière" in found
        assert "Conditions d'exécution : Clause d'insertion" in found
        assert "Procédure : ouverte (BT-105 open)" in found
        assert "Date limite de réception des offres : 01/09/2020 à 16h30" in found
        assert not any("Tribunal" in line for line in found)
        assert notice_fields(data)["BT-70"] == ("Clause d'insertion",)

    def test_the_french_form_is_read(self) -> None:
        def form(language: str, category: str) -> str:
            title = f"<OBJECT_CONTRACT><TITLE><P>{language}</P></TITLE></OBJECT_CONTRACT>"
            return ted(title, language=language, category=category)

        several = exported(form("NL", "ORIGINAL"), form("FR", "TRANSLATION"))
        assert "Intitulé : FR" in lines(several)
        original = exported(form("EN", "TRANSLATION"), form("NL", "ORIGINAL"))
        assert "Intitulé : NL" in lines(original)

    def test_what_is_awarded_is_apart_from_what_is_asked(self) -> None:
        award = (
            "<AWARD_CONTRACT ITEM='1'><LOT_NO>2</LOT_NO><TITLE><P>Sols</P></TITLE>"
            "<AWARDED_CONTRACT><DATE_CONCLUSION_CONTRACT>2020-03-02</DATE_CONCLUSION_CONTRACT>"
            "<TENDERS><NB_TENDERS_RECEIVED>3</NB_TENDERS_RECEIVED></TENDERS><CONTRACTORS>"
            "<CONTRACTOR><ADDRESS_CONTRACTOR><OFFICIALNAME>Propreté SA</OFFICIALNAME>"
            "</ADDRESS_CONTRACTOR></CONTRACTOR></CONTRACTORS><VALUES>"
            "<VAL_ESTIMATED_TOTAL CURRENCY='EUR'>9</VAL_ESTIMATED_TOTAL>"
            "<VAL_TOTAL CURRENCY='EUR'>8000</VAL_TOTAL></VALUES></AWARDED_CONTRACT>"
            "</AWARD_CONTRACT>"
        )
        empty = (
            "<AWARD_CONTRACT ITEM='2'><NO_AWARDED_CONTRACT><PROCUREMENT_UNSUCCESSFUL/>"
            "</NO_AWARDED_CONTRACT></AWARD_CONTRACT>"
        )
        data = exported(ted(OBJECT.format(LOT.format(1, "Vitres")), award, empty))
        found = lines(data)
        at = found.index("Résultat du lot 2")
        assert found[at : at + 8] == [
            "Résultat du lot 2",
            "Intitulé : Sols",
            "Date de conclusion : 02/03/2020",
            "Offres reçues : 3",
            "Titulaire : Propreté SA",
            "Montant hors TVA : 8 000 €",
            "Résultat",
            "Aucune offre reçue, ou toutes ont été rejetées",
        ]
        fields = notice_fields(data)
        assert fields["BT-21"] == ("Entretien",)
        assert fields["RES-0001/BT-720"] == ("8000",)
        assert fields["RES-0001/BT-13713"] == ("LOT-0002",)

    def test_criteria_of_concessions_and_contests(self) -> None:
        data = exported(
            ted(
                "<OBJECT_CONTRACT><OBJECT_DESCR><AC><AC_CRITERION>Insertion</AC_CRITERION>"
                "<AC_CRITERION>Qualité du service</AC_CRITERION></AC></OBJECT_DESCR>"
                "</OBJECT_CONTRACT>",
                "<PROCEDURE><CRITERIA_EVALUATION><P>Sobriété</P></CRITERIA_EVALUATION></PROCEDURE>",
            )
        )
        found = lines(data)
        at = found.index("Critères d'attribution")
        assert found[at + 1 : at + 3] == ["Critère : Insertion", "Critère : Qualité du service"]
        assert "Critères d'évaluation des projets : Sobriété" in found
        assert notice_fields(data)["LOT-0001/BT-734"] == ("Insertion", "Qualité du service")

    def test_corrections_are_said_and_no_clause_is_read_from_them(self) -> None:
        changes = (
            "<CHANGES><CHANGE><WHERE><SECTION>III.2.2</SECTION><LOT_NO>1</LOT_NO>"
            "<LABEL>Conditions d'exécution</LABEL></WHERE><OLD_VALUE><TEXT><P>300 heures</P></TEXT>"
            "</OLD_VALUE><NEW_VALUE><TEXT><P>500 heures d'insertion</P></TEXT></NEW_VALUE></CHANGE>"
            "<INFO_ADD><P>Le reste demeure</P></INFO_ADD></CHANGES>"
        )
        form = ted(changes).replace("F02", "F14")
        data = exported(form)
        assert lines(data)[:2] == ["Rectificatif", "Section VII : Modifications"]
        assert lines(data)[2:] == [
            "III.2.2 Conditions d'exécution, lot 1",
            "Au lieu de : 300 heures",
            "Lire : 500 heures d'insertion",
            "Le reste demeure",
        ]
        blocks = structure(read_notice_xml(data, max_pages=9)[0], lots=())
        kinds = {block.kind for block in blocks if block.text[:4] not in ("Rect", "Sect")}
        assert kinds == {BlockKind.FURNITURE}
        assert notice_fields(data)["BT-141"] == ("500 heures d'insertion",)

    def test_the_schema_before(self) -> None:
        inner = (
            "<FD_CONTRACT><OBJECT_CONTRACT_INFORMATION><DESCRIPTION_CONTRACT_INFORMATION>"
            "<TITLE_CONTRACT><P>Entretien</P></TITLE_CONTRACT><SHORT_CONTRACT_DESCRIPTION>"
            "<P>Vitres</P></SHORT_CONTRACT_DESCRIPTION><F02_DIVISION_INTO_LOTS>"
            "<F02_ANNEX_B ITEM='1'>"
            "<LOT_NUMBER>1</LOT_NUMBER><LOT_TITLE>Nord</LOT_TITLE><LOT_DESCRIPTION><P>Les vitres"
            "</P></LOT_DESCRIPTION></F02_ANNEX_B></F02_DIVISION_INTO_LOTS>"
            "</DESCRIPTION_CONTRACT_INFORMATION></OBJECT_CONTRACT_INFORMATION>"
            "<LEFTI_CONTRACT><RESERVED_CONTRACTS><RESTRICTED_TO_SHELTERED_WORKSHOPS/>"
            "</RESERVED_CONTRACTS></LEFTI_CONTRACT><PROCEDURE_DEFINITION_CONTRACT_NOTICE>"
            "<AWARD_CRITERIA_DETAIL><CRITERIA_DEFINITION><ORDER_C>1</ORDER_C><CRITERIA>Prix"
            "</CRITERIA><WEIGHTING>60</WEIGHTING></CRITERIA_DEFINITION></AWARD_CRITERIA_DETAIL>"
            "</PROCEDURE_DEFINITION_CONTRACT_NOTICE></FD_CONTRACT>"
        )
        form = f"<CONTRACT CATEGORY='ORIGINAL' FORM='2' LG='FR' VERSION='R2.0.8'>{inner}</CONTRACT>"
        data = exported(form)
        found = lines(data)
        assert "Section IV : Procédure" in found
        assert "Lot 1 - Nord" in found
        assert "Critère : Prix, pondération 60" in found
        fields = notice_fields(data)
        assert fields["BT-71"] == ("res-ws",)
        assert fields["LOT-0001/BT-24"] == ("Les vitres",)

    @pytest.mark.parametrize("root", ["F21_2014", "TED_ESENDERS"])
    def test_forms_outside_an_export(self, root: str) -> None:
        inner = "<LEFTI><RESERVED_ORGANISATIONS_SERVICE_MISSION/></LEFTI>"
        if root == "TED_ESENDERS":
            inner = f"<FORM_SECTION>{ted(inner)}</FORM_SECTION>"
        assert notice_fields(f"<{root}>{inner}</{root}>".encode())["BT-71"] == ("res-pub-ser",)

    def test_prose_that_no_rule_knows_is_read(self) -> None:
        data = exported(ted("<LEFTI><NEW>Visite des lieux à prévoir</NEW><CODE>A1</CODE></LEFTI>"))
        assert lines(data)[-1] == "Visite des lieux à prévoir"


class TestJson:
    def read(self, value: Any) -> list[str]:
        return lines(json.dumps(value).encode(), read_notice_json)

    def test_text(self) -> None:
        assert self.read({"path": "x.html", "text": "Avis\nLot réservé", "n_chars": 3}) == [
            "Avis", "Lot réservé",
        ]  # fmt: skip

    def test_title_lots_and_criteria(self) -> None:
        notice = {
            "doc_id": "1", "title": "Entretien", "descr": "Espaces verts", "cpv_main": ["77310000"],
            "lots": [
                {"lot_id": "LOT-0002", "title": "Nord", "note": "Visite",
                 "reserved_procurement_BT71": ["res-ws"], "strategic_procurement_BT06": ["soc-obj"],
                 "execution_terms_BT70": ["100 heures"],
                 "award": [{"type": "price", "name": "Prix", "descr": "", "weight": "60"},
                           {"type": "quality", "name": "", "descr": "Insertion",
                            "weight": "40 %"}]},
            ],
        }  # fmt: skip
        assert self.read(notice) == [
            "Entretien",
            "Description : Espaces verts",
            "Lot 2 - Nord",
            "Informations complémentaires : Visite",
            "Marché réservé : ateliers protégés et structures d'insertion (BT-71 res-ws)",
            "Achat stratégique : réalisation d'objectifs sociaux (BT-06 soc-obj)",
            "Conditions d'exécution : 100 heures",
            "Critères d'attribution",
            "Critère : Prix, pondération 60",
            "Critère : Insertion, pondération 40 %",
        ]

    def test_older_notices(self) -> None:
        notice = {
            "title": "T", "label_reserved": ["RESTRICTED_SHELTERED_WORKSHOP"],
            "performance_conditions": ["Insertion"],
            "lots": [{"title": "", "descr": "D", "award": [{"kind": "AC_PRICE", "criterion": "",
                                                            "weight": "30"}]}],
        }  # fmt: skip
        assert self.read(notice) == [
            "T",
            "Marché réservé : ateliers protégés et structures d'insertion (BT-71 res-ws)",
            "Conditions d'exécution : Insertion",
            "Description : D",
            "Critères d'attribution",
            "Critère : Prix, pondération 30",
        ]

    def test_any_other_shape_is_its_strings(self) -> None:
        assert self.read({"a": ["un", {"b": "deux"}], "c": 3, "d": None}) == ["un", "deux"]
        assert self.read(["un", ["deux"]]) == ["un", "deux"]
        assert self.read("seul") == ["seul"]

    def test_each_notice_of_a_list_begins_a_page(self) -> None:
        data = json.dumps([{"text": "un"}, {"text": "deux"}]).encode()
        assert [page.text for page in read_notice_json(data, max_pages=2)[0]] == ["un", "deux"]
        with pytest.raises(TooManyPages):
            read_notice_json(data, max_pages=1)

    def test_half_of_a_pair_does_not_break_the_text(self) -> None:
        [page] = read_notice_json(rb'{"text": "\ud83d fin \ud83d\ude01"}', max_pages=1)[0]
        assert page.text == "\ufffd fin \U0001f601"

    @pytest.mark.parametrize(
        "value",
        [
            {"lots": [1, None, {"award": 3, "title": 4, "lot_id": 5}], "title": ["x"]},
            {"lots": [{"award": [1, {"type": 2, "name": None, "weight": {}}]}], "descr": 5},
            {"text": None, "lots": None},
            [[], {}, None, 1],
        ],
    )
    def test_odd_types_are_survived(self, value: Any) -> None:
        try:
            self.read(value)
        except NoText:
            return

    @pytest.mark.parametrize(
        ("data", "error"),
        [
            (b"", EmptyFile),
            (b"{", Truncated),
            (b"[" * 200_000, Truncated),
            (b"[" * 2000 + b'"x"' + b"]" * 2000, Truncated),
            (b"1" * 5000, Truncated),
            (b"{}", NoText),
            (b'{"text": " "}', NoText),
            (b"\0\xff\xe9", UnsupportedType),
        ],
    )
    def test_what_cannot_be_read(self, data: bytes, error: type[ReadingError]) -> None:
        with pytest.raises(error):
            read_notice_json(data, max_pages=5)


class TestXml:
    @pytest.mark.parametrize(
        ("data", "error"),
        [
            (b"", EmptyFile),
            (b"<a/>", UnsupportedType),
            (b"<TED_EXPORT/>", UnsupportedType),
            (b"<ContractNotice>", Truncated),
            (b"<!DOCTYPE a [<!ENTITY b 'c'>]><ContractNotice>&b;</ContractNotice>", Truncated),
            (b"<ContractNotice>" + b"<a>" * 100_000, Truncated),
        ],
    )
    def test_what_cannot_be_read(self, data: bytes, error: type[ReadingError]) -> None:
        for read in (lambda: read_notice_xml(data, max_pages=5), lambda: notice_fields(data)):
            with pytest.raises(error):
                read()

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
    def test_encodings(self, encoding: str) -> None:
        text = eforms(lot(project=said("Name", "Été"))).decode()
        declared = "utf-8" if encoding == "utf-8-sig" else encoding
        data = text.replace('encoding="UTF-8"', f'encoding="{declared}"').encode(encoding)
        assert "Lot 1 - Été" in lines(data)
        assert notice_fields(data)["LOT-0001/BT-21"] == ("Été",)

    def test_prefixes_are_the_notice_s_own(self) -> None:
        text = eforms(lot(terms=qualification("reserved-procurement", "res-ws"))).decode()
        text = text.replace("cbc:", "b:").replace("cac:", "a:").replace(":cac=", ":a=")
        data = text.replace(":cbc=", ":b=").encode()
        assert notice_fields(data)["LOT-0001/BT-71"] == ("res-ws",)

    def test_a_document_type_is_not_fetched(self) -> None:
        outside = b'<!DOCTYPE ContractNotice SYSTEM "file:///etc/hostname"><ContractNotice/>'
        assert lines(outside) == ["Avis de marché"]

    @pytest.mark.parametrize(
        "prolog",
        [
            '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>',
            '<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/hostname"> %b;]>',
            "<!DOCTYPE a [<!ENTITY b 'b'><!ENTITY c '&b;&b;'><!ENTITY d '&c;&c;'>]>",
        ],
    )
    def test_entities_are_refused(self, prolog: str) -> None:
        for data in (prolog + "<ContractNotice/>", prolog + "<TED_EXPORT/>"):
            with pytest.raises(Truncated):
                read_notice_xml(data.encode(), max_pages=5)

    @pytest.mark.parametrize(
        "data",
        [
            b'<ContractNotice a="' + b"x" * 12_000_000 + b'"/>',
            b"<ContractNotice><a>" + b"x" * 12_000_000 + b"</a></ContractNotice>",
        ],
        ids=["attribute", "text"],
    )
    def test_no_value_is_without_end(self, data: bytes) -> None:
        with pytest.raises(Truncated):
            notice_fields(data)

    @pytest.mark.parametrize(
        "data",
        [
            eforms(
                "<cac:ProcurementProject>"
                + "".join(said("Note", "n", f"L{n}") for n in range(30_000))
                + "</cac:ProcurementProject>"
            ),
            eforms(
                extended(
                    "<efac:NoticeResult>"
                    + "<efac:LotResult>"
                    + "<efac:LotTender><cbc:ID>T</cbc:ID></efac:LotTender>" * 90
                    + "</efac:LotResult>"
                    + "<efac:LotTender><cbc:ID>T</cbc:ID>"
                    + "<efac:TenderingParty><cbc:ID>P</cbc:ID></efac:TenderingParty>" * 3000
                    + "</efac:LotTender><efac:TenderingParty><cbc:ID>P</cbc:ID>"
                    + "<efac:Tenderer><cbc:ID>O</cbc:ID></efac:Tenderer>" * 3000
                    + "</efac:TenderingParty></efac:NoticeResult>"
                )
            ),
            exported(ted("<PROCEDURE>" + "<DATE_RECEIPT_TENDERS/>" * 30_000 + "</PROCEDURE>")),
        ],
        ids=["languages", "references", "deadlines"],
    )
    def test_time_grows_with_the_file_only(self, data: bytes) -> None:
        began = time.process_time()
        notice_fields(data)
        assert time.process_time() - began < 10

    def test_deep_nesting_inside_the_parser_limit(self) -> None:
        data = b"<ContractNotice>" + b"<a>" * 250 + b"x" + b"</a>" * 250 + b"</ContractNotice>"
        assert lines(data) == ["Avis de marché"]

    def test_white_space_before_the_declaration(self) -> None:
        assert lines(b"\n " + eforms(lot()))[0] == "Avis de marché"


@pytest.mark.parametrize(
    ("number", "title", "expected"),
    [
        ("1", "Nettoyage", "Lot 1 - Nettoyage"),
        ("1", "Lot n° 1 : Nettoyage", "Lot 1 - Nettoyage"),
        ("2", "(LOT 02) Vitres", "Lot 2 - Vitres"),
        ("1", "Lot n o 1: Vitres", "Lot 1 - Vitres"),
        ("1", "24 véhicules", "Lot 1 : 24 véhicules"),
        ("1", "Lot 12", "Lot 1 - Lot 12"),
        ("3", "", "Lot 3"),
    ],
)
def test_lot_titles(number: str, title: str, expected: str) -> None:
    assert lot_title(number, title) == expected
    assert lot_numbers(expected)[0] == number


@pytest.mark.parametrize(
    ("weight", "form", "expected"),
    [
        ("40", "per-exa", "x, pondération 40 %"),
        ("40 %", "", "x, pondération 40 %"),
        ("40.50", "per-mid", "x, pondération 40,5 %"),
        ("0.4", "dec-exa", "x, pondération 40 %"),
        ("1", "dec-exa", "x, pondération 100 %"),
        ("30", "poi-exa", "x, pondération 30 points"),
        ("100", "", "x, pondération 100"),
        ("20 points", "", "x, pondération 20 points"),
        ("3", "ord-imp", "x, rang 3"),
        ("", "per-exa", "x"),
        ("...", "dec-exa", "x, pondération ..."),
        ("40", "dec-exa", "x, pondération 40"),
        ("1.00", "ord-imp", "x, rang 1"),
    ],
)
def test_weights(weight: str, form: str, expected: str) -> None:
    assert weighted("x", weight, form) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("110000", "110 000"), ("1234.5", "1 234,50"), ("12.00", "12"), ("-5", "-5"), ("n/a", "n/a")],
)
def test_numbers(value: str, expected: str) -> None:
    assert number(value) == expected
