"""Notices -> pages: eForms and TED R2.0.9 XML, and JSON, as French lines a person can read.

Coded fields are spelled out with their code ("Variantes : autorisées (BT-63 allowed)") so that a
finding has words to show; ``notice_fields`` returns the codes themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from corpus.documents import Notice, Page
from nlp.reading.errors import EmptyFile, Truncated, UnsupportedType
from nlp.reading.text import PAGE_CHARACTERS, Sheets, decode, local, parse_xml

_Pages = tuple[tuple[Page, ...], tuple[Notice, ...]]
Fields = dict[str, list[str]]


def read_notice_xml(data: bytes, *, max_pages: int) -> _Pages:
    """Read an eForms or TED R2.0.9 notice, one line a field in the notice's order.

    Raises EmptyFile, Truncated, UnsupportedType (another kind of XML), NoText, TooManyPages or
    TooLarge.
    """
    writer = _Writer(max_pages)
    _read(data, writer)
    return writer.sheets.close(), ()


def notice_fields(data: bytes) -> Fields:
    """Return the values of a notice's fields, by "LOT-0001/BT-71" for a lot and "BT-21" for all.

    Raises EmptyFile, Truncated or UnsupportedType.
    """
    writer = _Writer(max_pages=10_000)
    _read(data, writer)
    return writer.fields


def _read(data: bytes, writer: _Writer) -> None:
    if not data:
        raise EmptyFile
    root = parse_xml(data.lstrip())
    try:
        match local(root):
            case "ContractNotice" | "ContractAwardNotice" | "PriorInformationNotice":
                _EForms(root, writer).write()
            case "TED_EXPORT" | "FORM_SECTION":
                _Ted(root, writer).write()
            case name:
                raise UnsupportedType(name)
    except RecursionError as error:
        raise Truncated("nesting") from error


class _Writer:
    """Writes lines to pages and keeps the typed fields beside them."""

    def __init__(self, max_pages: int) -> None:
        self.sheets = Sheets(max_pages, cut=PAGE_CHARACTERS)
        self.fields: Fields = {}
        self.scope = ""
        self._heading = self._wanted = ""

    def title(self, text: str) -> None:
        """Begin a section or a lot."""
        self._heading = self._wanted = ""
        self.sheets.paragraph(text, "h1")

    def heading(self, text: str) -> None:
        """Begin a part of a section with the next line, unless it has begun already."""
        self._wanted = text

    def _put(self, text: str) -> None:
        if self._wanted != self._heading:
            self._heading = self._wanted
            self.sheets.paragraph(self._heading, "h2")
        self.sheets.paragraph(text)

    def keep(self, field: str, value: str) -> None:
        """Keep a value of a field without a line."""
        if field and value:
            self.fields.setdefault(f"{self.scope}/{field}" if self.scope else field, []).append(
                value
            )

    def text(self, field: str, label: str, value: str) -> None:
        """Write a field of free text or figures."""
        if value.strip():
            self.keep(field, value.strip())
            self._put(f"{label} : {value.strip()}" if label else value)

    def coded(self, field: str, code: str) -> None:
        """Write a coded field in words, with its code; an unknown code stands for itself."""
        label, words = _CODES[field]
        if code:
            self.keep(field, code)
            self._put(f"{label} : {words.get(code, code)} ({field} {code})")


# -- words ------------------------------------------------------------------------------------

_YES_NO = {"true": "oui", "false": "non", "yes": "oui", "no": "non", "not-known": "non précisé"}
_REQUIRED = {"required": "exigé", "allowed": "autorisé", "not-allowed": "non autorisé"} | _YES_NO

# By field: what it is called and what its codes say. Lists of eForms SDK 1.3 to 1.13.
_CODES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "BT-02": ("Type d'avis", {}),
    "BT-06": (
        "Achat stratégique",
        {
            "env-imp": "réduction des incidences environnementales",
            "inn-pur": "achat innovant",
            "soc-obj": "réalisation d'objectifs sociaux",
            "none": "aucun",
        },
    ),
    "BT-10": ("Activité de l'acheteur", {}),
    "BT-11": ("Forme juridique de l'acheteur", {}),
    "BT-17": ("Remise par voie électronique", _REQUIRED),
    "BT-23": (
        "Nature du marché",
        {
            "works": "travaux",
            "services": "services",
            "supplies": "fournitures",
            "combined": "mixte",
        },
    ),
    "BT-60": (
        "Fonds de l'Union européenne",
        {"eu-funds": "oui", "no-eu-funds": "non"},
    ),
    "BT-63": (
        "Variantes",
        {"allowed": "autorisées", "not-allowed": "interdites", "required": "exigées"},
    ),
    "BT-65": (
        "Obligation de sous-traitance",
        {
            "none": "aucune",
            "subc-min": "part minimale",
            "subc-oblig": "part à indiquer",
            "subc-chng": "changements à indiquer",
        },
    ),
    "BT-71": (
        "Marché réservé",
        {
            "none": "non",
            "res-ws": "ateliers protégés et structures d'insertion",
            "res-pub-ser": "organisations ayant une mission de service public",
        },
    ),
    "BT-92": ("Commande en ligne", _YES_NO),
    "BT-93": ("Paiement en ligne", _YES_NO),
    "BT-94": ("Marché récurrent", _YES_NO),
    "BT-105": (
        "Procédure",
        {
            "open": "ouverte",
            "restricted": "restreinte",
            "neg-w-call": "négociée avec publication préalable",
            "neg-wo-call": "négociée sans publication préalable",
            "comp-dial": "dialogue compétitif",
            "innovation": "partenariat d'innovation",
            "comp-tend": "mise en concurrence",
            "oth-single": "autre, en une étape",
            "oth-mult": "autre, en plusieurs étapes",
            "exp-int-rail": "appel à manifestation d'intérêt (transport ferroviaire)",
        },
    ),
    "BT-106": ("Procédure accélérée", _YES_NO),
    "BT-115": ("Accord sur les marchés publics", _YES_NO),
    "BT-539": ("Type de critère", {"price": "prix", "cost": "coût", "quality": "qualité"}),
    "BT-578": ("Habilitation de sécurité", _YES_NO),
    "BT-726": ("Convient aux PME", _YES_NO),
    "BT-736": ("Exécution réservée à des programmes d'emplois protégés", _YES_NO),
    "BT-743": ("Facturation en ligne", _REQUIRED),
    "BT-744": ("Signature électronique", _REQUIRED),
    "BT-747": (
        "Critère de sélection",
        {
            "sui-act": "aptitude à exercer l'activité",
            "ef-stand": "capacité économique et financière",
            "tp-abil": "capacité technique et professionnelle",
            "other": "autre",
        },
    ),
    "BT-751": ("Garantie de soumission exigée", _YES_NO),
    "BT-754": (
        "Accessibilité aux personnes handicapées",
        {
            "inc": "critères inclus",
            "n-inc": "critères non inclus, personne n'utilisera ce qui est acheté",
            "n-inc-just": "critères non inclus, avec justification",
        },
    ),
    "BT-761": ("Forme juridique imposée au groupement", _YES_NO),
    "BT-764": ("Catalogue électronique", _REQUIRED),
    "BT-765": (
        "Accord-cadre",
        {
            "none": "non",
            "fa-wo-rc": "sans remise en concurrence",
            "fa-w-rc": "avec remise en concurrence",
            "fa-mix": "avec et sans remise en concurrence",
        },
    ),
    "BT-766": (
        "Système d'acquisition dynamique",
        {
            "none": "non",
            "dps-list": "réservé aux acheteurs de l'avis",
            "dps-nlist": "ouvert à d'autres acheteurs",
        },
    ),
    "BT-767": ("Enchère électronique", _YES_NO),
    "BT-769": ("Plusieurs offres d'un même candidat", _REQUIRED),
    "BT-771": (
        "Pièces manquantes",
        {
            "late-all": "peuvent toutes être complétées",
            "late-some": "peuvent être complétées en partie",
            "late-none": "ne peuvent pas être complétées",
        },
    ),
    "BT-774": (
        "Objectif environnemental",
        {
            "biodiv-eco": "protection et restauration de la biodiversité et des écosystèmes",
            "circ-econ": "transition vers une économie circulaire",
            "clim-adapt": "adaptation au changement climatique",
            "clim-mitig": "atténuation du changement climatique",
            "pollu-prev": "prévention et réduction de la pollution",
            "water-mar": "protection des ressources aquatiques et marines",
            "other": "autre",
        },
    ),
    "BT-775": (
        "Objectif social",
        {
            "acc-all": "accessibilité pour tous",
            "et-eq": "égalité ethnique",
            "gen-eq": "égalité entre les femmes et les hommes",
            "hum-right": "droits humains dans la chaîne d'approvisionnement",
            "opp": "emploi de personnes éloignées de l'emploi, défavorisées ou handicapées",
            "work-cond": "conditions de travail équitables",
            "other": "autre",
        },
    ),
    "BT-776": (
        "Objectif d'innovation",
        {
            "mar-nov": "produits ou services nouveaux sur le marché",
            "proc-innov": "procédés innovants",
            "prod-innov": "produits ou services innovants",
            "rd-act": "recherche et développement",
            "buy-eff": "efficacité de l'acheteur",
            "fp-requ": "exigences fonctionnelles et de performance",
            "org-nov": "nouveauté pour l'acheteur",
            "other": "autre",
        },
    ),
    "BT-801": ("Accord de confidentialité", _YES_NO),
    "BT-805": (
        "Critères d'achat public écologique",
        {
            "eu": "critères de l'Union européenne",
            "national": "critères nationaux",
            "other": "autres critères",
            "none": "aucun",
        },
    ),
}

_UNITS = {
    "DAY": "jours",
    "WEEK": "semaines",
    "MONTH": "mois",
    "YEAR": "ans",
    "ANN": "ans",
    "MON": "mois",
}
_CURRENCIES = {"EUR": "€"}


def _number(value: str) -> str:
    """Write a number the French way: "1234.50" -> "1 234,50"."""
    match = re.fullmatch(r"\s*(-?)(\d{1,15})(?:[.,](\d{1,6}))?\s*", value)
    if match is None:
        return value.strip()
    whole = f"{int(match[2]):,}".replace(",", " ")
    cents = (match[3] or "").rstrip("0")
    return f"{match[1]}{whole}" + (f",{cents.ljust(2, '0')}" if cents else "")


def _amount(value: str, currency: str) -> str:
    return f"{_number(value)} {_CURRENCIES.get(currency, currency)}".strip()


def _date(value: str) -> str:
    match = re.match(r"(\d{4})-?(\d\d)-?(\d\d)", value.strip())
    return f"{match[3]}/{match[2]}/{match[1]}" if match else value.strip()


def _clock(value: str) -> str:
    match = re.match(r"(\d\d?):(\d\d)", value.strip())
    return f"{match[1]}h{match[2]}" if match else value.strip()


def _moment(date: str, time: str) -> str:
    return f"{_date(date)} à {_clock(time)}" if date and time else _date(date)


def _weighted(name: str, weight: str, form: str = "") -> str:
    """Return "Prix, pondération 40 %"; ``form`` is a code of eForms' number-weight list."""
    weight = weight.strip()
    if not weight:
        return name
    if form.startswith("ord"):
        return f"{name}, rang {weight}"
    figure = weight.removesuffix("%").strip()
    if form.startswith("dec") and re.fullmatch(r"[01]?[.,]?\d{0,6}", figure) and figure[:1]:
        figure = f"{float('0' + figure.replace(',', '.')) * 100:g}"
        form = "per"
    if re.fullmatch(r"\d{1,6}(?:[.,]\d{1,6})?", figure):
        unit = " points" if form.startswith("poi") else ""
        unit = " %" if form.startswith("per") or weight.endswith("%") else unit
        return f"{name}, pondération {_trimmed(figure)}{unit}"
    return f"{name}, pondération {weight}"


def _trimmed(figure: str) -> str:
    """Drop the empty decimals of a weight: "40.00" -> "40"."""
    whole, _, decimals = figure.replace(",", ".").partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole},{decimals}" if decimals else whole


def _lot_title(number: str, title: str, kind: str = "Lot") -> str:
    """Return "Lot 1 - titre"; the number is not said twice, nor read together with another."""
    title = re.sub(
        rf"\A\(?{kind}s?\s{{0,2}}(?:n\s?[°ºo]\s?){{0,1}}0{{0,3}}{re.escape(number)}\b\)?[\s:–—.-]{{0,6}}",
        "",
        title.strip(),
        flags=re.IGNORECASE,
    )
    if not title:
        return f"{kind} {number}"
    return f"{kind} {number}{' :' if title[0].isdigit() else ' -'} {title}"


def _lot_number(identifier: str) -> str:
    """Return "1" for "LOT-0001"."""
    match = re.search(r"(\d{1,6})\s*\Z", identifier)
    return str(int(match[1])) if match else identifier.strip()


# -- eForms -----------------------------------------------------------------------------------


class _Rule(NamedTuple):
    """How an element is said: its field, its label for free text, how its value is written."""

    field: str
    label: str = ""
    write: Callable[[Any], str] | None = None


def _own(element: Any) -> str:
    return (element.text or "").strip()


def _measure(element: Any) -> str:
    unit = element.get("unitCode") or ""
    return f"{_number(_own(element))} {_UNITS.get(unit, unit)}".strip()


def _money(element: Any) -> str:
    return _amount(_own(element), element.get("currencyID") or "")


# By element, "parent/element" or "element@listName": the most exact wins. A rule without a label
# is a coded field of _CODES.
_RULES = {
    "NoticeTypeCode": _Rule("BT-02"),
    "IssueDate": _Rule("BT-05", "Date de l'avis", lambda e: _date(_own(e))),
    "PartyTypeCode@buyer-legal-type": _Rule("BT-11"),
    "ActivityTypeCode": _Rule("BT-10"),
    "ProcedureCode": _Rule("BT-105"),
    "TenderingProcess/Description": _Rule("BT-88", "Déroulement de la procédure"),
    "ProcessReasonCode@accelerated-procedure": _Rule("BT-106"),
    "ProcessJustification/ProcessReason": _Rule("BT-1351", "Justification"),
    "ProcurementProject/ID": _Rule("BT-22", "Référence"),
    "ProcurementProject/Name": _Rule("BT-21", "Intitulé"),
    "ProcurementProject/Description": _Rule("BT-24", "Description"),
    "ProcurementProject/ProcurementTypeCode": _Rule("BT-23"),
    "ProcurementProject/Note": _Rule("BT-300", "Informations complémentaires"),
    "EstimatedOverallContractAmount": _Rule("BT-27", "Valeur estimée hors TVA", _money),
    "FrameworkMaximumAmount": _Rule("BT-271", "Valeur maximale de l'accord-cadre", _money),
    "MainCommodityClassification/ItemClassificationCode": _Rule("BT-262", "Code CPV principal"),
    "AdditionalCommodityClassification/ItemClassificationCode": _Rule(
        "BT-263", "Code CPV supplémentaire"
    ),
    "SMESuitableIndicator": _Rule("BT-726"),
    "RealizedLocation/Description": _Rule("BT-728", "Lieu d'exécution"),
    "Address/CityName": _Rule("BT-5131", "Ville d'exécution"),
    "Address/CountrySubentityCode": _Rule("BT-5071", "Code NUTS"),
    "ContractExtension/OptionsDescription": _Rule("BT-54", "Options"),
    "ContractExtension/MaximumNumberNumeric": _Rule("BT-58", "Nombre de reconductions"),
    "Period/Description": _Rule("BT-57", "Reconductions"),
    "VariantConstraintCode": _Rule("BT-63"),
    "FundingProgramCode@eu-funded": _Rule("BT-60"),
    "RecurringProcurementIndicator": _Rule("BT-94"),
    "RecurringProcurementDescription": _Rule("BT-95", "Récurrence"),
    "MultipleTendersCode": _Rule("BT-769"),
    "CompanyLegalFormCode": _Rule("BT-761"),
    "CompanyLegalForm": _Rule("BT-76", "Forme juridique"),
    "GuaranteeTypeCode": _Rule("BT-751"),
    "RequiredFinancialGuarantee/Description": _Rule("BT-75", "Garantie"),
    "PaymentTerms/Note": _Rule("BT-77", "Modalités de financement et de paiement"),
    "ElectronicOrderUsageIndicator": _Rule("BT-92"),
    "ElectronicPaymentUsageIndicator": _Rule("BT-93"),
    "ExternalReference/URI": _Rule("BT-15", "Documents de la consultation"),
    "SubcontractingConditionsCode": _Rule("BT-65"),
    "AllowedSubcontractTerms/MinimumPercent": _Rule("BT-64", "Sous-traitance minimale (%)"),
    "AllowedSubcontractTerms/MaximumPercent": _Rule("BT-729", "Sous-traitance maximale (%)"),
    "AwardingCriterion/Description": _Rule("BT-543", "Pondération"),
    "SecurityClearanceTerm/Code": _Rule("BT-578"),
    "SecurityClearanceTerm/Description": _Rule("BT-732", "Habilitation de sécurité"),
    "Language/ID": _Rule("BT-97", "Langue des offres"),
    "TenderValidityPeriod/DurationMeasure": _Rule(
        "BT-98", "Délai de validité des offres", _measure
    ),
    "SubmissionMethodCode@esubmission": _Rule("BT-17"),
    "GovernmentAgreementConstraintIndicator": _Rule("BT-115"),
    "OpenTenderEvent/Description": _Rule("BT-134", "Ouverture des offres"),
    "MaximumOperatorQuantity": _Rule("BT-113", "Nombre maximal de participants"),
    "FrameworkAgreement/Justification": _Rule("BT-109", "Durée de l'accord-cadre"),
    "SubsequentProcessTenderRequirement/Description": _Rule("BT-111", "Acheteurs concernés"),
    "ContractingSystemTypeCode@framework-agreement": _Rule("BT-765"),
    "ContractingSystemTypeCode@dps-usage": _Rule("BT-766"),
    "AuctionConstraintIndicator": _Rule("BT-767"),
    "MaximumLotsSubmittedNumeric": _Rule("BT-31", "Nombre maximal de lots par candidat"),
    "MaximumLotsAwardedNumeric": _Rule("BT-33", "Nombre maximal de lots par titulaire"),
    "AppealTerms/Description": _Rule("BT-99", "Délais de recours"),
    "PresentationPeriod/Description": _Rule("BT-99", "Délais de recours"),
}
# The codes of cac:ProcurementAdditionalType and of requirements, by their list.
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
# The free text beside such a code: its field and label.
_BESIDE = {
    "strategic-procurement": ("BT-777", "Description de l'achat stratégique"),
    "accessibility": ("BT-755", "Justification"),
    "conditions": ("BT-70", "Conditions d'exécution"),
    "missing-info-submission": ("BT-772", "Pièces manquantes"),
    "nda": ("BT-802", "Accord de confidentialité"),
    "exclusion-ground": ("BT-67", "Motif d'exclusion"),
    "selection-criterion": ("BT-750", "Critère de sélection"),
}
_MOMENTS = {
    "TenderSubmissionDeadlinePeriod": ("BT-131", "Date limite de réception des offres", "End"),
    "ParticipationRequestReceptionPeriod": (
        "BT-1311", "Date limite de réception des candidatures", "End",
    ),
    "AdditionalInformationRequestPeriod": (
        "BT-13", "Date limite de demande de renseignements", "End",
    ),
    "InvitationSubmissionPeriod": ("BT-130", "Date d'envoi des invitations", "Start"),
    "OpenTenderEvent": ("BT-132", "Date d'ouverture des offres", "Occurrence"),
}  # fmt: skip
_PARTS = {
    "TendererQualificationRequest": "Conditions de participation",
    "SelectionCriteria": "Conditions de participation",
    "ContractExecutionRequirement": "Conditions d'exécution",
    "AwardingTerms": "Critères d'attribution",
    "TenderingProcess": "Procédure",
    "ProcurementProject": "Objet",
}
_KINDS = {
    "ContractNotice": "Avis de marché",
    "ContractAwardNotice": "Avis d'attribution",
    "PriorInformationNotice": "Avis de préinformation",
}
_WRAPPERS = frozenset(("UBLExtensions", "UBLExtension", "ExtensionContent", "EformsExtension"))
# Addresses, references between parts and technical identifiers: nothing a tender says.
_SILENT = frozenset(
    (
        "Organizations",
        "ProcurementLegislationDocumentReference",
        "TenderRecipientParty",
        "AppealReceiverParty",
        "AppealInformationParty",
        "AdditionalInformationParty",
        "DocumentProviderParty",
        "TenderEvaluationParty",
        "ServiceProviderParty",
        "Publication",
        "Signature",
        "NoticeSubType",
    )
)


class _EForms:
    """Walks an eForms notice (UBL ContractNotice and its siblings)."""

    def __init__(self, root: Any, writer: _Writer) -> None:
        self._root = root
        self._writer = writer
        self._language = next((_own(e) for e in root if local(e) == "NoticeLanguageCode"), "")
        self._organizations: dict[str, tuple[str, str]] = {}

    def write(self) -> None:
        """Write the whole notice."""
        writer = self._writer
        writer.title(_KINDS[local(self._root)])
        self._learn()
        for child in self._root:
            match local(child):
                case "ProcurementProjectLot":
                    self._lot(child)
                case "ContractingParty":
                    writer.heading("Acheteur")
                    self._buyer(child)
                case "TenderingTerms":
                    writer.heading("Conditions de la consultation")
                    self._walk(child, "")
                case _:
                    self._element(child, self._root)

    def _learn(self) -> None:
        """Keep the organizations, to which the other parts refer."""
        for organization in self._root.iter():
            if local(organization) == "NoticeSubType":
                self._writer.keep("OPP-070", "".join(organization.itertext()).strip())
            if local(organization) != "Organization":
                continue
            key = _find(organization, "Company", "PartyIdentification", "ID")
            name = _find(organization, "Company", "PartyName", "Name")
            city = _find(organization, "Company", "PostalAddress", "CityName")
            if key and name:
                self._organizations[key] = (name, city)
                self._writer.scope = key
                self._writer.keep("BT-500", name)
                self._writer.scope = ""

    def _buyer(self, party: Any) -> None:
        key = _find(party, "Party", "PartyIdentification", "ID")
        name, city = self._organizations.get(key, ("", ""))
        self._writer.text("", "Acheteur", f"{name} ({city})" if name and city else name)
        for child in party:
            if local(child) != "Party":
                self._element(child, party)

    def _lot(self, lot: Any) -> None:
        identifier, scheme = "", "Lot"
        for child in lot:
            if local(child) == "ID":
                identifier, scheme = _own(child), child.get("schemeName") or "Lot"
        kind = {"Part": "Partie", "LotsGroup": "Groupe de lots"}.get(scheme, "Lot")
        project = _first(lot, "ProcurementProject")
        title = self._said(project, "Name") if project is not None else ""
        self._writer.scope = identifier
        self._writer.keep("BT-137", identifier)
        self._writer.title(_lot_title(_lot_number(identifier), title, kind))
        for child in lot:
            if local(child) not in ("ID", "TenderingTerms"):
                self._element(child, lot)
            elif local(child) == "TenderingTerms":
                self._walk(child, "Renseignements")
        self._writer.scope = ""

    def _walk(self, element: Any, part: str = "") -> None:
        for child in element:
            if part and local(child) not in _WRAPPERS:
                self._writer.heading(_PARTS.get(local(child), part))
            self._element(child, element)

    def _element(self, element: Any, parent: Any) -> None:
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
            self._leaf(element, parent)

    def _leaf(self, element: Any, parent: Any) -> None:
        if not _own(element) or not self._wanted(element, parent):
            return
        name, above = local(element), local(parent)
        listed = element.get("listName")
        rule = _RULES.get(f"{name}@{listed}") or _RULES.get(f"{above}/{name}") or _RULES.get(name)
        if rule is None:
            if element.get("languageID"):  # free text that no rule knows is still the buyer's word
                self._writer.text("", "", _own(element))
        elif not rule.label:
            self._writer.coded(rule.field, _own(element))
        else:
            value = _own(element)
            self._writer.keep(rule.field, value)
            self._writer.text("", rule.label, rule.write(element) if rule.write else value)

    def _wanted(self, element: Any, parent: Any) -> bool:
        """Tell whether a text is in the language to read: French, else the notice's own."""
        own = element.get("languageID")
        if not own:
            return True
        here = {e.get("languageID") for e in parent if e.tag == element.tag}
        return bool(own == next((x for x in ("FRA", self._language) if x in here), own))

    def _said(self, parent: Any, name: str) -> str:
        texts = [_own(e) for e in parent if local(e) == name and self._wanted(e, parent)]
        return "\n".join(text for text in texts if text)

    # -- parts that say one thing in several elements

    def _criterion(self, element: Any) -> None:
        writer = self._writer
        kind = name = ""
        weights: list[tuple[str, str, str]] = []
        for part in element.iter():
            match local(part):
                case "AwardingCriterionTypeCode":
                    kind = _own(part)
                case "AwardCriterionParameter":
                    codes = {local(e): e for e in part}
                    figure, code = codes.get("ParameterNumeric"), codes.get("ParameterCode")
                    if figure is not None:
                        listed = code.get("listName") or "" if code is not None else ""
                        form = _own(code) if code is not None else ""
                        weights.append((listed, _own(figure), form))
        name, description = self._said(element, "Name"), self._said(element, "Description")
        words = _CODES["BT-539"][1].get(kind, kind)
        said = name or description or words.capitalize()
        if not said:
            return
        writer.keep("BT-539", kind)
        writer.keep("BT-734", name)
        writer.keep("BT-540", description)
        label = "Critère" if kind == "price" or not kind or said == words.capitalize() else None
        label = label or f"Critère ({words})"
        if name and description and description.lower() != name.lower():
            said = f"{name} - {description}"
        for listed, figure, form in weights:
            if listed in ("", "number-weight"):
                writer.keep("BT-541", figure)
                writer.keep("BT-5421", form)
                said = _weighted(said, figure, form)
            elif listed == "number-threshold":
                writer.keep("BT-5423", form)
                best = "note minimale" if form == "min-score" else "nombre de candidats retenus"
                said = f"{said}, {best} {_trimmed(figure)}"
            elif listed == "number-fixed":
                writer.keep("BT-5422", form)
                said = f"{said}, valeur fixe {_number(figure)}"
        writer.text("", label, said)

    def _requirement(self, element: Any) -> None:
        """Write a code and the words beside it."""
        codes = [e for e in element if local(e).endswith("Code") and _own(e)]
        listed = next((e.get("listName") or "" for e in codes), "")
        if local(element) == "ContractExecutionRequirement":
            self._writer.heading(_PARTS["ContractExecutionRequirement"])
        for code in codes:
            field = _LISTS.get(code.get("listName") or "")
            if field:
                self._writer.coded(field, _own(code))
            elif code.get("listName") == "exclusion-ground":
                self._writer.keep("BT-67", _own(code))
            elif code.get("listName") == "contract-nature":
                self._writer.keep("BT-531", _own(code))
        field, label = _BESIDE.get(listed, ("", ""))
        texts = (self._said(element, n) for n in ("Name", "ProcurementType", "Description"))
        self._writer.text(field, label, " - ".join(text for text in texts if text))

    def _selection(self, element: Any) -> None:
        kind = next(
            (
                _own(e)
                for e in element
                if local(e) in ("CriterionTypeCode", "TendererRequirementTypeCode")
            ),
            "",
        )
        texts = [t for n in ("Name", "Description") if (t := self._said(element, n))]
        if kind and kind in _CODES["BT-747"][1]:
            self._writer.coded("BT-747", kind)
        self._writer.text("BT-750", "Critère de sélection", " - ".join(texts))

    def _duration(self, element: Any) -> None:
        for child in element:
            match local(child):
                case "DurationMeasure":
                    self._writer.keep(
                        "BT-36", f"{_own(child)} {child.get('unitCode') or ''}".strip()
                    )
                    self._writer.text("", "Durée", _measure(child))
                case "StartDate":
                    self._writer.text("BT-536", "Date de début", _date(_own(child)))
                case "EndDate":
                    self._writer.text("BT-537", "Date de fin", _date(_own(child)))
                case "DescriptionCode":
                    self._writer.keep("BT-538", _own(child))
                    words = {"UNLIMITED": "illimitée", "UNKNOWN": "inconnue"}
                    self._writer.text("", "Durée", words.get(_own(child), _own(child)))

    def _limit(self, element: Any) -> None:
        field, label, part = _MOMENTS[local(element)]
        date, time = _find(element, f"{part}Date"), _find(element, f"{part}Time")
        self._writer.keep(field, f"{date} {time}".strip())
        self._writer.text("", label, _moment(date, time))
        if text := self._said(element, "Description"):
            self._writer.text("", "", text)

    _handlers: Mapping[str, Callable[[_EForms, Any], None]] = {
        "SubordinateAwardingCriterion": _criterion,
        "ContractExecutionRequirement": _requirement,
        "SpecificTendererRequirement": _requirement,
        "ProcurementAdditionalType": _requirement,
        "SelectionCriteria": _selection,
        "PlannedPeriod": _duration,
        **dict.fromkeys(_MOMENTS, _limit),
    }


def _first(element: Any, name: str) -> Any | None:
    return next((child for child in element if local(child) == name), None)


def _find(element: Any, *names: str) -> str:
    """Return the text at the end of a path of names, "" when there is none."""
    for name in names:
        element = _first(element, name)
        if element is None:
            return ""
    return _own(element)


# -- TED R2.0.9 -------------------------------------------------------------------------------

_TED_SECTIONS = {
    "CONTRACTING_BODY": "Section I : Pouvoir adjudicateur",
    "OBJECT_CONTRACT": "Section II : Objet",
    "LEFTI": "Section III : Renseignements d'ordre juridique, économique, financier et technique",
    "PROCEDURE": "Section IV : Procédure",
    "AWARD_CONTRACT": "Section V : Attribution du marché",
    "RESULTS": "Section V : Résultats",
    "COMPLEMENTARY_INFO": "Section VI : Renseignements complémentaires",
    "CHANGES": "Section VII : Modifications",
    "MODIFICATIONS_CONTRACT": "Section VII : Modifications du marché",
}
# Elements that say something by being there: the field and code they mean today.
_TED_CODES = {
    "RESTRICTED_SHELTERED_WORKSHOP": ("BT-71", "res-ws"),
    "RESERVED_ORGANISATIONS_SERVICE_MISSION": ("BT-71", "res-pub-ser"),
    "RESTRICTED_SHELTERED_PROGRAM": ("BT-736", "yes"),
    "ACCEPTED_VARIANTS": ("BT-63", "allowed"),
    "NO_ACCEPTED_VARIANTS": ("BT-63", "not-allowed"),
    "EU_PROGR_RELATED": ("BT-60", "eu-funds"),
    "NO_EU_PROGR_RELATED": ("BT-60", "no-eu-funds"),
    "RECURRENT_PROCUREMENT": ("BT-94", "true"),
    "NO_RECURRENT_PROCUREMENT": ("BT-94", "false"),
    "CONTRACT_COVERED_GPA": ("BT-115", "true"),
    "NO_CONTRACT_COVERED_GPA": ("BT-115", "false"),
    "PT_OPEN": ("BT-105", "open"),
    "PT_RESTRICTED": ("BT-105", "restricted"),
    "PT_COMPETITIVE_NEGOTIATION": ("BT-105", "neg-w-call"),
    "PT_NEGOTIATED_WITH_PRIOR_CALL": ("BT-105", "neg-w-call"),
    "PT_COMPETITIVE_DIALOGUE": ("BT-105", "comp-dial"),
    "PT_INNOVATION_PARTNERSHIP": ("BT-105", "innovation"),
    "EAUCTION_USED": ("BT-767", "true"),
    "EORDERING": ("BT-92", "true"),
    "EPAYMENT": ("BT-93", "true"),
    "EINVOICING": ("BT-743", "required"),
}
_TED_FLAGS = {
    "LOT_DIVISION": "Division en lots : oui",
    "NO_LOT_DIVISION": "Division en lots : non",
    "LOT_ALL": "Il est possible de soumettre des offres pour tous les lots",
    "LOT_ONE_ONLY": "Il est possible de soumettre des offres pour un seul lot",
    "OPTIONS": "Options : oui",
    "NO_OPTIONS": "Options : non",
    "RENEWAL": "Reconduction : oui",
    "NO_RENEWAL": "Reconduction : non",
    "FRAMEWORK": "Accord-cadre",
    "SINGLE_OPERATOR": "Accord-cadre avec un seul opérateur",
    "SEVERAL_OPERATORS": "Accord-cadre avec plusieurs opérateurs",
    "DPS": "Système d'acquisition dynamique",
    "PARTICULAR_PROFESSION": "La prestation est réservée à une profession particulière",
    "PERFORMANCE_STAFF_QUALIFICATION": (
        "Obligation d'indiquer les noms et qualifications professionnelles du personnel"
    ),
    "AC_PROCUREMENT_DOC": "Critères d'attribution : énoncés dans les documents du marché",
    "ECONOMIC_CRITERIA_DOC": "Capacité économique et financière : voir les documents du marché",
    "TECHNICAL_CRITERIA_DOC": "Capacité technique : voir les documents du marché",
}
_TED_TEXTS = {
    "OFFICIALNAME": ("BT-500", "Nom"),
    "TOWN": ("", "Ville"),
    "TITLE": ("BT-21", "Intitulé"),
    "REFERENCE_NUMBER": ("BT-22", "Référence"),
    "SHORT_DESCR": ("BT-24", "Description"),
    "MAIN_SITE": ("BT-728", "Lieu d'exécution"),
    "RENEWAL_DESCR": ("BT-57", "Reconductions"),
    "OPTIONS_DESCR": ("BT-54", "Options"),
    "INFO_ADD": ("BT-300", "Informations complémentaires"),
    "SUITABILITY": ("BT-750", "Aptitude à exercer l'activité"),
    "ECONOMIC_FINANCIAL_INFO": ("BT-750", "Capacité économique et financière"),
    "ECONOMIC_FINANCIAL_MIN_LEVEL": ("BT-750", "Capacité économique et financière, minimum"),
    "TECHNICAL_PROFESSIONAL_INFO": ("BT-750", "Capacité technique et professionnelle"),
    "TECHNICAL_PROFESSIONAL_MIN_LEVEL": ("BT-750", "Capacité technique, minimum"),
    "RULES_CRITERIA": ("BT-750", "Critères de participation"),
    "DEPOSIT_GUARANTEE_REQUIRED": ("BT-75", "Cautionnement et garanties"),
    "MAIN_FINANCING_CONDITION": ("BT-77", "Modalités de financement et de paiement"),
    "LEGAL_FORM": ("BT-76", "Forme juridique"),
    "REFERENCE_TO_LAW": ("", "Références légales"),
    "PERFORMANCE_CONDITIONS": ("BT-70", "Conditions d'exécution"),
    "CRITERIA_SELECTION": ("BT-750", "Critères de sélection"),
    "URL_DOCUMENT": ("BT-15", "Documents de la consultation"),
    "REVIEW_PROCEDURE": ("BT-99", "Délais de recours"),
    "ESTIMATED_TIMING": ("BT-95", "Calendrier"),
}
_TED_PARTS = {
    "SUITABILITY": "Conditions de participation",
    "ECONOMIC_FINANCIAL_INFO": "Conditions de participation",
    "TECHNICAL_PROFESSIONAL_INFO": "Conditions de participation",
    "RESTRICTED_SHELTERED_WORKSHOP": "Conditions de participation",
    "RESTRICTED_SHELTERED_PROGRAM": "Conditions de participation",
    "RESERVED_ORGANISATIONS_SERVICE_MISSION": "Conditions de participation",
    "PARTICULAR_PROFESSION": "Conditions liées au marché",
    "PERFORMANCE_CONDITIONS": "Conditions liées au marché",
    "AC": "Critères d'attribution",
}
_TED_SILENT = frozenset(
    (
        "ADDRESS_REVIEW_BODY",
        "ADDRESS_REVIEW_INFO",
        "ADDRESS_MEDIATION_BODY",
        "ADDRESS_FURTHER_INFO",
        "ADDRESS_PARTICIPATION",
        "LEGAL_BASIS",
        "NOTICE",
    )
)
_TED_CRITERIA = {"AC_QUALITY": "quality", "AC_COST": "cost", "AC_PRICE": "price"}


class _Ted:
    """Walks a notice of the TED schema R2.0.9, the French form of it when there are several."""

    def __init__(self, root: Any, writer: _Writer) -> None:
        self._root = root
        self._writer = writer
        self._lots = 0

    def write(self) -> None:
        """Write the whole notice."""
        forms = [e for e in self._root.iter() if e.get("LG") and e.get("FORM")]
        forms = forms or [e for e in self._root.iter() if e.get("LG") and len(e)]
        if not forms:
            raise UnsupportedType("ted")
        form = min(forms, key=lambda e: (e.get("LG") != "FR", e.get("CATEGORY") != "ORIGINAL"))
        self._lots = sum(local(e) == "OBJECT_DESCR" for e in form.iter())
        self._writer.title("Avis de marché")
        self._writer.keep("OPP-070", form.get("FORM") or "")
        for section in form:
            name = local(section)
            if name in _TED_SILENT:
                continue
            if name in _TED_SECTIONS:
                self._writer.title(_TED_SECTIONS[name])
            self._inside(section)

    def _inside(self, element: Any) -> None:
        for child in element:
            self._element(child)

    def _element(self, element: Any) -> None:
        name = local(element)
        writer = self._writer
        if name in _TED_SILENT:
            return
        if name in _TED_PARTS:
            writer.heading(_TED_PARTS[name])
        if name in _TED_CODES:
            writer.coded(*_TED_CODES[name])
            self._rest(element)
        elif name in _TED_FLAGS:
            writer.text("", "", _TED_FLAGS[name])
            self._rest(element)
        elif name in _TED_TEXTS:
            writer.text(*_TED_TEXTS[name], _paragraphs(element))
        elif name == "OBJECT_DESCR":
            self._lot(element)
        elif name in _TED_CRITERIA:
            self._criterion(element)
        elif (value := _ted_value(element)) is not None:
            writer.keep(value[0], value[3])
            writer.text("", value[1], value[2])
        elif any(local(child) == "P" for child in element):
            writer.text("", "", _paragraphs(element))
        else:
            self._inside(element)

    def _rest(self, element: Any) -> None:
        if any(local(child) == "P" for child in element):
            self._writer.text("", "", _paragraphs(element))
        else:
            self._inside(element)

    def _lot(self, element: Any) -> None:
        writer = self._writer
        number = _find(element, "LOT_NO") or element.get("ITEM") or "1"
        title = next((_paragraphs(e) for e in element if local(e) == "TITLE"), "")
        many = self._lots > 1 or _find(element, "LOT_NO")
        number = _lot_number(number)
        writer.scope = f"LOT-{int(number):04d}" if number.isdigit() else f"LOT-{number}"
        writer.keep("BT-137", writer.scope)
        writer.title(_lot_title(number, title) if many else "Description")
        for child in element:
            if local(child) != "LOT_NO":
                self._element(child)
        writer.scope = ""

    def _criterion(self, element: Any) -> None:
        writer = self._writer
        kind = _TED_CRITERIA[local(element)]
        name, weight = _find(element, "AC_CRITERION"), _find(element, "AC_WEIGHTING")
        words = _CODES["BT-539"][1][kind]
        writer.keep("BT-539", kind)
        writer.keep("BT-734", name)
        writer.keep("BT-541", weight)
        label = f"Critère ({words})" if name and kind != "price" else "Critère"
        writer.text("", label, _weighted(name or words.capitalize(), weight))


def _paragraphs(element: Any) -> str:
    """Return the paragraphs of a text element, one a line."""
    parts = [e for e in element.iter() if local(e) == "P"] or [element]
    lines = (re.sub(r"\s+", " ", "".join(part.itertext())).strip() for part in parts)
    return "\n".join(line for line in lines if line)


def _ted_value(element: Any) -> tuple[str, str, str, str] | None:
    """Return (field, label, words, value) of an element of figures, None for another."""
    if (figure := _TED_FIGURES.get(local(element))) is None:
        return None
    field, label, read = figure
    return field, label, *read(element)


def _ted_cpv(element: Any) -> tuple[str, str]:
    code = next((e.get("CODE") or "" for e in element if local(e) == "CPV_CODE"), "")
    return code, code


def _ted_type(element: Any) -> tuple[str, str]:
    code = (element.get("CTYPE") or "").lower()
    return _CODES["BT-23"][1].get(code, code), code


def _ted_nuts(element: Any) -> tuple[str, str]:
    return element.get("CODE") or "", element.get("CODE") or ""


def _ted_money(element: Any) -> tuple[str, str]:
    return _amount(_own(element), element.get("CURRENCY") or ""), _own(element)


def _ted_measure(element: Any) -> tuple[str, str]:
    unit = element.get("TYPE") or ""
    return f"{_number(_own(element))} {_UNITS.get(unit, unit)}", f"{_own(element)} {unit}".strip()


def _ted_date(element: Any) -> tuple[str, str]:
    return _date(_own(element)), _own(element)


def _ted_deadline(element: Any) -> tuple[str, str]:
    time = _find(element.getparent(), "TIME_RECEIPT_TENDERS")
    return _moment(_own(element), time), f"{_own(element)} {time}".strip()


_TED_FIGURES: Mapping[str, tuple[str, str, Callable[[Any], tuple[str, str]]]] = {
    "CPV_MAIN": ("BT-262", "Code CPV principal", _ted_cpv),
    "CPV_ADDITIONAL": ("BT-263", "Code CPV supplémentaire", _ted_cpv),
    "TYPE_CONTRACT": ("BT-23", "Nature du marché", _ted_type),
    "NUTS": ("BT-5071", "Code NUTS", _ted_nuts),
    "VAL_ESTIMATED_TOTAL": ("BT-27", "Valeur estimée hors TVA", _ted_money),
    "VAL_OBJECT": ("BT-27", "Valeur estimée hors TVA", _ted_money),
    "VAL_TOTAL": ("", "Valeur totale hors TVA", _ted_money),
    "DURATION": ("BT-36", "Durée", _ted_measure),
    "DATE_START": ("BT-536", "Date de début", _ted_date),
    "DATE_END": ("BT-537", "Date de fin", _ted_date),
    "DATE_RECEIPT_TENDERS": ("BT-131", "Date limite de réception des offres", _ted_deadline),
    "DURATION_TENDER_VALID": ("BT-98", "Délai de validité des offres", _ted_measure),
    "NB_PARTICIPANTS": (
        "BT-113",
        "Nombre maximal de participants",
        lambda element: (_own(element), _own(element)),
    ),
}


# -- JSON -------------------------------------------------------------------------------------

# Where a collection keeps what identifies a notice: nothing a tender says.
_JSON_SILENT = frozenset(
    (
        "doc_id",
        "notice_uuid",
        "date",
        "form",
        "lang",
        "country",
        "schema",
        "source_path",
        "path",
        "kind",
        "n_chars",
        "tender_id",
        "doc",
        "page",
        "lot_id",
        "cpv_main",
    )
)
_JSON_LABELS = {
    "descr": "Description",
    "short_descr": "Description",
    "note": "Informations complémentaires",
    "add_info": "Informations complémentaires",
    "info_add_general": "Informations complémentaires",
    "performance_conditions": "Conditions d'exécution",
    "execution_terms_BT70": "Conditions d'exécution",
    "strategic_descr_BT777": "Description de l'achat stratégique",
    "suitability": "Conditions de participation",
    "technical_min": "Capacité technique, minimum",
    "exclusion_selection": "Conditions de participation",
}
_JSON_FIELD = re.compile(r"_BT(\d{2,4})\Z")


def read_notice_json(data: bytes, *, max_pages: int) -> _Pages:
    """Read a notice kept as JSON: its text, or its title, description, lots and criteria.

    Of a file of another shape every string is a line. Raises EmptyFile, UnsupportedType,
    Truncated, NoText, TooManyPages or TooLarge.
    """
    text = decode(data)
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise Truncated("nesting") from error
    except ValueError as error:
        raise Truncated(str(error)) from error
    writer = _Writer(max_pages)
    try:
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            if index and isinstance(item, dict):
                writer.sheets.turn()
            if isinstance(item, dict) and _known(item):
                _json_notice(item, writer)
            else:
                for line in _strings(item):
                    writer.sheets.paragraph(line)
    except RecursionError as error:
        raise Truncated("nesting") from error
    return writer.sheets.close(), ()


def _known(item: dict[str, Any]) -> bool:
    return isinstance(item.get("text"), str) or isinstance(item.get("lots"), list)


def _json_notice(item: dict[str, Any], writer: _Writer) -> None:
    title = item.get("title") or item.get("tender_title")
    if isinstance(title, str) and title:
        writer.title(title)
    if isinstance(text := item.get("text"), str):
        writer.sheets.line(text)
        return
    _json_fields(item, writer)
    lots = [lot for lot in item["lots"] if isinstance(lot, dict)]
    for position, lot in enumerate(lots, 1):
        identifier = lot.get("lot_id")
        number = _lot_number(identifier) if isinstance(identifier, str) else str(position)
        name = lot.get("title")
        # A lone lot without a name is the contract itself.
        if len(lots) > 1 or identifier or name:
            writer.title(_lot_title(number, name if isinstance(name, str) else ""))
        _json_fields(lot, writer)
        award = lot.get("award")
        criteria = [a for a in award if isinstance(a, dict)] if isinstance(award, list) else []
        if criteria:
            writer.heading("Critères d'attribution")
        for criterion in criteria:
            _json_criterion(criterion, writer)


def _json_fields(item: dict[str, Any], writer: _Writer) -> None:
    for key, value in item.items():
        if key in _JSON_SILENT or key in ("title", "tender_title", "lots", "award"):
            continue
        match = _JSON_FIELD.search(key)
        field = f"BT-{match[1].zfill(2)}" if match else ""
        for text in _strings(value):
            if field in _CODES:
                writer.coded(field, text)
            elif text in _TED_CODES:
                writer.coded(*_TED_CODES[text])
            else:
                writer.text(field, _JSON_LABELS.get(key, ""), text)


def _json_criterion(criterion: dict[str, Any], writer: _Writer) -> None:
    def said(*keys: str) -> str:
        values = (criterion.get(key) for key in keys)
        return next((v.strip() for v in values if isinstance(v, str) and v.strip()), "")

    kind = said("type", "kind")
    kind = _TED_CRITERIA.get(kind, kind)
    words = _CODES["BT-539"][1].get(kind, "")
    name, description, weight = said("name", "criterion"), said("descr"), said("weight")
    text = name or description or words.capitalize()
    if not text:
        return
    if name and description and name.lower() != description.lower():
        text = f"{name} - {description}"
    label = f"Critère ({words})" if words and kind != "price" and name else "Critère"
    writer.text("", label, _weighted(text, weight))


def _strings(value: Any) -> Iterator[str]:
    """Yield every string in a JSON value, in order."""
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
