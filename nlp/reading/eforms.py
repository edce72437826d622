"""eForms notices (UBL ContractNotice and its siblings), as published with SDK 1.3 to 1.13."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nlp.reading.elements import (
    WITHHELD,
    Languages,
    find,
    first,
    languages_of,
    list_of,
    own,
    said,
    wanted,
)
from nlp.reading.fields import (
    CODES,
    LABELS,
    FieldWriter,
    amount,
    criterion,
    lot_kind,
    lot_number,
    lot_title,
    measure,
    moment,
    number,
    trimmed,
    weighted,
)
from nlp.reading.results import write_changes, write_results
from nlp.reading.text import local

ROOTS: Mapping[str, str] = {
    "ContractNotice": "Avis de marché",
    "ContractAwardNotice": "Avis d'attribution",
    "PriorInformationNotice": "Avis de préinformation",
}

# By element, "parent/element" or "element@listName": the most exact wins.
_FIELDS = {
    "NoticeTypeCode": "BT-02",
    "IssueDate": "BT-05",
    "PartyTypeCode@buyer-legal-type": "BT-11",
    "ActivityTypeCode": "BT-10",
    "ProcedureCode": "BT-105",
    "TenderingProcess/Description": "BT-88",
    "ProcurementProject/ID": "BT-22",
    "ProcurementProject/Name": "BT-21",
    "ProcurementProject/Description": "BT-24",
    "ProcurementProject/ProcurementTypeCode": "BT-23",
    "ProcurementProject/Note": "BT-300",
    "EstimatedOverallContractAmount": "BT-27",
    "FrameworkMaximumAmount": "BT-271",
    "MainCommodityClassification/ItemClassificationCode": "BT-262",
    "AdditionalCommodityClassification/ItemClassificationCode": "BT-263",
    "SMESuitableIndicator": "BT-726",
    "RealizedLocation/Description": "BT-728",
    "Address/CityName": "BT-5131",
    "Address/CountrySubentityCode": "BT-5071",
    "ContractExtension/OptionsDescription": "BT-54",
    "ContractExtension/MaximumNumberNumeric": "BT-58",
    "Period/Description": "BT-57",
    "VariantConstraintCode": "BT-63",
    "FundingProgramCode@eu-funded": "BT-60",
    "RecurringProcurementIndicator": "BT-94",
    "RecurringProcurementDescription": "BT-95",
    "MultipleTendersCode": "BT-769",
    "CompanyLegalFormCode": "BT-761",
    "CompanyLegalForm": "BT-76",
    "RequiredCurriculaCode": "BT-79",
    "GuaranteeTypeCode": "BT-751",
    "RequiredFinancialGuarantee/Description": "BT-75",
    "PaymentTerms/Note": "BT-77",
    "ElectronicOrderUsageIndicator": "BT-92",
    "ElectronicPaymentUsageIndicator": "BT-93",
    "SubcontractingConditionsCode": "BT-65",
    "SubcontractingConditionsCode@subcontracting-indication": "BT-651",
    "AllowedSubcontractTerms/MinimumPercent": "BT-64",
    "AllowedSubcontractTerms/MaximumPercent": "BT-729",
    "AwardingCriterion/CalculationExpression": "BT-543",
    "AwardingCriterion/Description": "BT-733",
    "NoFurtherNegotiationIndicator": "BT-120",
    "FollowupContractIndicator": "BT-41",
    "Prize/Description": "BT-44",
    "SecurityClearanceTerm/Code": "BT-578",
    "SecurityClearanceTerm/Description": "BT-732",
    "Language/ID": "BT-97",
    "TenderValidityPeriod/DurationMeasure": "BT-98",
    "SubmissionMethodCode@esubmission": "BT-17",
    "GovernmentAgreementConstraintIndicator": "BT-115",
    "OpenTenderEvent/Description": "BT-134",
    "MaximumOperatorQuantity": "BT-113",
    "FrameworkAgreement/Justification": "BT-109",
    "SubsequentProcessTenderRequirement/Description": "BT-111",
    "ContractingSystemTypeCode@framework-agreement": "BT-765",
    "ContractingSystemTypeCode@dps-usage": "BT-766",
    "AuctionConstraintIndicator": "BT-767",
    "AuctionTerms/Description": "BT-122",
    "MaximumLotsSubmittedNumeric": "BT-31",
    "MaximumLotsAwardedNumeric": "BT-33",
    "AppealTerms/Description": "BT-99",
    "PresentationPeriod/Description": "BT-99",
    "ApplicableLegalBasis@cvd-scope": "BT-717",
    "ProcurementCategoryCode@cvd-contract-type": "BT-735",
}
# The codes of requirements and of cac:ProcurementAdditionalType, by their list.
_LISTS = {
    "strategic-procurement": "BT-06",
    "environmental-impact": "BT-774",
    "social-objective": "BT-775",
    "innovative-acquisition": "BT-776",
    "gpp-criteria": "BT-805",
    "accessibility": "BT-754",
    "reserved-procurement": "BT-71",
    "reserved-execution": "BT-736",
    "missing-info-submission": "BT-771",
    "einvoicing": "BT-743",
    "esignature-submission": "BT-744",
    "ecatalog-submission": "BT-764",
    "nda": "BT-801",
}
# Codes kept without a line: their text beside says more, or nothing a tender says.
_KEPT = {
    "exclusion-ground": "BT-67",
    "exclusion-grounds": "BT-67",
    "exclusion-grounds-source": "BT-806",
    "selection-criteria-source": "BT-821",
    "contract-nature": "BT-531",
}
# Codes that no other list has tell their field by themselves, where the list is not named.
_UNLISTED = {
    code: field
    for field in ("BT-06", "BT-71", "BT-774", "BT-775", "BT-776")
    for code in CODES[field]
    if code not in ("none", "other")
}
# The free text beside such a code.
_BESIDE = {
    "strategic-procurement": "BT-777",
    "environmental-impact": "BT-777",
    "social-objective": "BT-777",
    "innovative-acquisition": "BT-777",
    "accessibility": "BT-755",
    "conditions": "BT-70",
    "missing-info-submission": "BT-772",
    "nda": "BT-802",
    "exclusion-ground": "BT-67",
    "exclusion-grounds": "BT-67",
    "exclusion-grounds-source": "BT-67",
    "selection-criterion": "BT-750",
}
_MOMENTS = {
    "TenderSubmissionDeadlinePeriod": ("BT-131", "End"),
    "ParticipationRequestReceptionPeriod": ("BT-1311", "End"),
    "AdditionalInformationRequestPeriod": ("BT-13", "End"),
    "InterestExpressionReceptionPeriod": ("BT-630", "End"),
    "InvitationSubmissionPeriod": ("BT-130", "Start"),
    "OpenTenderEvent": ("BT-132", "Occurrence"),
}
# Why the procedure is what it is: the code's field and that of the words.
_REASONS = {
    "accelerated-procedure": ("BT-106", "BT-1351"),
    "direct-award-justification": ("BT-136", "BT-135"),
    "no-esubmission-justification": ("BT-19", "BT-745"),
}
_PARTS = {
    "TendererQualificationRequest": "Conditions de participation",
    "SelectionCriteria": "Conditions de participation",
    "ContractExecutionRequirement": "Conditions d'exécution",
    "AwardingTerms": "Critères d'attribution",
    "TenderingProcess": "Procédure",
    "ProcurementProject": "Objet",
}
_WRAPPERS = frozenset(("UBLExtensions", "UBLExtension", "ExtensionContent", "EformsExtension"))
# Addresses, references between parts, technical identifiers and reasons for not publishing:
# nothing a tender says. Results and changes are written at the end.
_SILENT = frozenset(
    (
        "Organizations",
        "TenderRecipientParty",
        "AppealReceiverParty",
        "AppealInformationParty",
        "AppealsInformation",
        "MediationParty",
        "AdditionalInformationParty",
        "DocumentProviderParty",
        "TenderEvaluationParty",
        "ServiceProviderParty",
        "EmploymentLegislationDocumentReference",
        "EnvironmentalLegislationDocumentReference",
        "FiscalLegislationDocumentReference",
        "FieldsPrivacy",
        "Publication",
        "Signature",
        "NoticeSubType",
        "NoticeResult",
        "Changes",
        "ContractModification",
        "TenderResult",
    )
)


def write_eforms(root: Any, writer: FieldWriter) -> None:
    """Write an eForms notice, one line a field in the notice's order, changes and results last."""
    _EForms(root, writer).write()


class _EForms:
    """Walks a notice."""

    def __init__(self, root: Any, writer: FieldWriter) -> None:
        self._root = root
        self._writer = writer
        self._organizations: dict[str, tuple[str, str]] = {}
        self._last: list[Any] = []  # what is written at the end of the notice

    def write(self) -> None:
        """Write the whole notice."""
        writer = self._writer
        writer.title(ROOTS[local(self._root)])
        self._learn()
        languages = languages_of(self._root)
        for child in self._root:
            match local(child):
                case "ProcurementProjectLot":
                    self._lot(child)
                case "ContractingParty":
                    writer.heading("Acheteur")
                    self._buyer(child)
                case "TenderingTerms":
                    writer.heading("Conditions de la consultation")
                    self._walk(child)
                case _:
                    self._element(child, self._root, languages)
        for part in self._last:
            if local(part) == "NoticeResult":
                write_results(part, self._organizations, writer)
            else:
                write_changes(part, writer)

    def _learn(self) -> None:
        """Keep the organizations, to which the other parts refer, and what comes at the end."""
        for element in self._root.iter():
            match local(element):
                case "NoticeSubType":
                    self._writer.keep("OPP-070", "".join(element.itertext()).strip())
                case "NoticeResult" | "Changes" | "ContractModification":
                    self._last.append(element)
                case "Organization":
                    self._organization(element)

    def _organization(self, element: Any) -> None:
        key = find(element, "Company", "PartyIdentification", "ID")
        holder = first(first(element, "Company"), "PartyName")
        name = said(holder, "Name") if holder is not None else ""
        city = find(element, "Company", "PostalAddress", "CityName")
        if key and name:
            self._organizations[key] = (name, city)
            self._writer.scope = key
            self._writer.keep("BT-500", name)
            self._writer.scope = ""

    def _buyer(self, party: Any) -> None:
        key = find(party, "Party", "PartyIdentification", "ID")
        name, city = self._organizations.get(key, ("", ""))
        self._writer.text("", "Acheteur", f"{name} ({city})" if name and city else name)
        languages = languages_of(party)
        for child in party:
            if local(child) != "Party":
                self._element(child, party, languages)

    def _lot(self, lot: Any) -> None:
        identifier = find(lot, "ID")
        project = first(lot, "ProcurementProject")
        title = said(project, "Name") if project is not None else ""
        self._writer.scope = identifier
        self._writer.keep("BT-137", identifier)
        self._writer.title(lot_title(lot_number(identifier), title, lot_kind(identifier)))
        languages = languages_of(lot)
        for child in lot:
            if local(child) == "TenderingTerms":
                self._walk(child, "Renseignements")
            elif local(child) != "ID":
                self._element(child, lot, languages)
        self._writer.scope = ""

    def _walk(self, element: Any, part: str = "") -> None:
        languages = languages_of(element)
        for child in element:
            if part and local(child) not in _WRAPPERS:
                self._writer.heading(_PARTS.get(local(child), part))
            self._element(child, element, languages)

    def _element(self, element: Any, parent: Any, languages: Languages) -> None:
        name = local(element)
        if name in _SILENT:
            return
        if name in _PARTS and name != "ContractExecutionRequirement":
            self._writer.heading(_PARTS[name])
        if (handler := self._handlers.get(name)) is not None:
            handler(self, element)
        elif len(element):
            self._walk(element)
        else:
            self._leaf(element, parent, languages)

    def _leaf(self, element: Any, parent: Any, languages: Languages) -> None:
        value = own(element)
        if not value or not wanted(element, languages):
            return
        name = local(element)
        field = (
            _FIELDS.get(f"{name}@{element.get('listName')}")
            or _FIELDS.get(f"{local(parent)}/{name}")
            or _FIELDS.get(name)
        )
        if field is None:
            if element.get("languageID"):  # free text that no rule knows is still the buyer's word
                self._writer.text("", "", value)
        elif field in CODES:
            self._writer.coded(field, value)
        elif value in WITHHELD:
            self._writer.text("", LABELS[field], "non publié")
        elif name == "DurationMeasure":
            self._measured(field, element)
        elif currency := element.get("currencyID"):
            self._writer.said(field, value, amount(value, currency))
        elif name.endswith("Date"):
            self._writer.said(field, value, moment(value))
        else:
            self._writer.said(field, value)

    # -- parts that say one thing in several elements

    def _criterion(self, element: Any) -> None:
        writer = self._writer
        kind = ""
        weights: list[tuple[str, str, str]] = []
        for part in element.iter():
            match local(part):
                case "AwardingCriterionTypeCode":
                    kind = own(part)
                case "AwardCriterionParameter":
                    weights.append(_parameter(part))
        texts = [kind, said(element, "Name"), said(element, "Description")]
        kind, name, description = ("" if text in WITHHELD else text for text in texts)
        label, text = criterion(kind, name, description)
        if not text and any(texts):
            text = "non publié"
        if not text:
            return
        writer.keep("BT-539", kind)
        writer.keep("BT-734", name)
        writer.keep("BT-540", description)
        for listed, figure, form in weights:
            if figure in WITHHELD:
                text = f"{text}, pondération non publiée"
            elif listed in ("", "number-weight"):
                writer.keep("BT-541", figure)
                writer.keep("BT-5421", form)
                text = weighted(text, figure, form)
            elif listed == "number-threshold":
                writer.keep("BT-541-threshold", figure)
                writer.keep("BT-5423", form)
                best = "note minimale" if form == "min-score" else "nombre de candidats retenus"
                text = f"{text}, {best} {trimmed(figure)}"
            elif listed == "number-fixed":
                writer.keep("BT-541-fixed", figure)
                writer.keep("BT-5422", form)
                unit = " par unité" if form == "fix-unit" else ""
                text = f"{text}, valeur fixe {number(figure)}{unit}"
        writer.text("", label, text)

    def _requirement(self, element: Any) -> None:
        """Write a code and the words beside it."""
        if local(element) == "ContractExecutionRequirement":
            self._writer.heading(_PARTS["ContractExecutionRequirement"])
        codes = [e for e in element if local(e).endswith("Code") and own(e)]
        beside = ""
        for code in codes:
            listed, value = list_of(code), own(code)
            field = _LISTS.get(listed) or _UNLISTED.get(value)
            if field:
                self._writer.coded(field, value)
            else:
                self._writer.keep(_KEPT.get(listed, ""), value)
            beside = beside or _BESIDE.get(listed, "")
        texts = (said(element, n) for n in ("Name", "ProcurementType", "Description"))
        text = " - ".join(text for text in texts if text)
        self._writer.text(beside, LABELS[beside] if beside else "", text)

    def _selection(self, element: Any) -> None:
        unused = False
        weights: list[tuple[str, str, str]] = []
        for part in element:
            match local(part):
                case "CriterionTypeCode" | "TendererRequirementTypeCode" if own(part):
                    if own(part) in CODES["BT-747"]:
                        self._writer.coded("BT-747", own(part))
                    else:  # the finer list that came with SDK 1.10
                        self._writer.keep("BT-809", own(part))
                case "CalculationExpressionCode":
                    unused = own(part) == "not-used"
                    self._writer.keep("BT-748", own(part))
                case "CriterionParameter":
                    weights.append(_parameter(part))
        text = " - ".join(t for n in ("Name", "Description") if (t := said(element, n)))
        self._writer.keep("BT-750", text)
        for listed, figure, form in weights:
            if text and listed in ("", "number-weight") and figure not in WITHHELD:
                text = weighted(text, figure, form)
        label = LABELS["BT-750"]
        self._writer.text("", f"{label} (non utilisé)" if unused else label, text)

    def _duration(self, element: Any) -> None:
        for child in element:
            match local(child):
                case "DurationMeasure":
                    self._measured("BT-36", child)
                case "StartDate":
                    self._writer.said("BT-536", own(child), moment(own(child)))
                case "EndDate":
                    self._writer.said("BT-537", own(child), moment(own(child)))
                case "DescriptionCode":
                    words = {"UNLIMITED": "illimitée", "UNKNOWN": "inconnue"}
                    self._writer.keep("BT-538", own(child))
                    self._writer.text("", LABELS["BT-36"], words.get(own(child), own(child)))

    def _measured(self, field: str, element: Any) -> None:
        unit = element.get("unitCode") or ""
        self._writer.said(field, f"{own(element)} {unit}", measure(own(element), unit))

    def _limit(self, element: Any) -> None:
        field, part = _MOMENTS[local(element)]
        date, time = find(element, f"{part}Date"), find(element, f"{part}Time")
        self._writer.said(field, f"{date} {time}", moment(date, time))
        text = said(element, "Description")
        if local(element) == "OpenTenderEvent":
            self._writer.said("BT-134", text)
        else:
            self._writer.text("", "", text)

    def _reason(self, element: Any) -> None:
        code = first(element, "ProcessReasonCode")
        field, beside = _REASONS.get(list_of(code) if code is not None else "", ("", "BT-135"))
        if field and code is not None:
            self._writer.coded(field, own(code))
        for name in ("ProcessReason", "Description"):
            self._writer.said(beside, said(element, name))

    def _documents(self, element: Any) -> None:
        for part in element.iter():
            if local(part) == "URI" and own(part):
                self._writer.said("BT-15", own(part))

    def _law(self, element: Any) -> None:
        field = "BT-09" if find(element, "ID") == "CrossBorderLaw" else "BT-01"
        if field == "BT-01":
            self._writer.keep(field, find(element, "ID"))
        text = said(element, "DocumentDescription")
        self._writer.keep("BT-09" if field == "BT-09" else "", text)
        self._writer.text("", LABELS[field], text)

    _handlers: Mapping[str, Callable[[_EForms, Any], None]] = {
        "SubordinateAwardingCriterion": _criterion,
        "ContractExecutionRequirement": _requirement,
        "SpecificTendererRequirement": _requirement,
        "ProcurementAdditionalType": _requirement,
        "SelectionCriteria": _selection,
        "PlannedPeriod": _duration,
        "ProcessJustification": _reason,
        "CallForTendersDocumentReference": _documents,
        "ProcurementLegislationDocumentReference": _law,
        **dict.fromkeys(_MOMENTS, _limit),
    }


def _parameter(element: Any) -> tuple[str, str, str]:
    """Return the list, the figure and the code of a criterion's parameter."""
    code = first(element, "ParameterCode")
    figure = find(element, "ParameterNumeric")
    return (list_of(code), figure, own(code)) if code is not None else ("", figure, "")
