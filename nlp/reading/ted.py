"""Notices of the schemas that came before eForms: TED R2.0.9, and what R2.0.8 has in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from nlp.reading.elements import find, first, own
from nlp.reading.errors import UnsupportedType
from nlp.reading.fields import (
    LABELS,
    FieldWriter,
    amount,
    criterion,
    lot_number,
    lot_scope,
    lot_title,
    measure,
    moment,
    weighted,
    words_of,
)
from nlp.reading.text import local

FORM = re.compile(r"(?:F\d\d|T0\d|MOVE)_20\d\d")

_FORMS = {
    "F01": "Avis de préinformation",
    "F02": "Avis de marché",
    "F03": "Avis d'attribution de marché",
    "F04": "Avis périodique indicatif - secteurs spéciaux",
    "F05": "Avis de marché - secteurs spéciaux",
    "F06": "Avis d'attribution de marché - secteurs spéciaux",
    "F07": "Système de qualification - secteurs spéciaux",
    "F08": "Avis sur un profil d'acheteur",
    "F12": "Avis de concours",
    "F13": "Résultats de concours",
    "F14": "Rectificatif",
    "F15": "Avis en cas de transparence ex ante volontaire",
    "F20": "Avis de modification de marché",
    "F21": "Services sociaux et autres services spécifiques",
    "F22": "Services sociaux et autres services spécifiques - secteurs spéciaux",
    "F23": "Services sociaux et autres services spécifiques - concessions",
    "F24": "Avis de concession",
    "F25": "Avis d'attribution de concession",
}
_SECTIONS = {
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
# R2.0.8 names its sections by form: "LEFTI_CONTRACT", "PROCEDURE_DEFINITION_CONTRACT_NOTICE".
_OLDER_SECTIONS = {
    "CONTRACTING_AUTHORITY_INFORMATION": "CONTRACTING_BODY",
    "CONTRACTING_ENTITY": "CONTRACTING_BODY",
    "OBJECT_CONTRACT": "OBJECT_CONTRACT",
    "LEFTI": "LEFTI",
    "PROCEDURE_DEFINITION": "PROCEDURE",
    "COMPLEMENTARY_INFORMATION": "COMPLEMENTARY_INFO",
}
# Elements that say something by being there: the field and code they mean today.
MEANINGS = {
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
    "ACCELERATED_PROC": ("BT-106", "true"),
    "RIGHT_CONTRACT_INITIAL_TENDERS": ("BT-120", "true"),
    "PT_OPEN": ("BT-105", "open"),
    "PT_RESTRICTED": ("BT-105", "restricted"),
    "PT_COMPETITIVE_NEGOTIATION": ("BT-105", "neg-w-call"),
    "PT_NEGOTIATED_WITH_PRIOR_CALL": ("BT-105", "neg-w-call"),
    "PT_NEGOTIATED_WITHOUT_PUBLICATION": ("BT-105", "neg-wo-call"),
    "PT_AWARD_CONTRACT_WITHOUT_CALL": ("BT-105", "neg-wo-call"),
    "PT_AWARD_CONTRACT_WITHOUT_PUBLICATION": ("BT-105", "neg-wo-call"),
    "PT_COMPETITIVE_DIALOGUE": ("BT-105", "comp-dial"),
    "PT_INNOVATION_PARTNERSHIP": ("BT-105", "innovation"),
    "EAUCTION_USED": ("BT-767", "true"),
    "EORDERING": ("BT-92", "true"),
    "EPAYMENT": ("BT-93", "true"),
    "EINVOICING": ("BT-743", "required"),
    # R2.0.8
    "RESTRICTED_TO_SHELTERED_WORKSHOPS": ("BT-71", "res-ws"),
    "RESTRICTED_TO_FRAMEWORK": ("BT-736", "yes"),
}
_FLAGS = {
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
    "PROCUREMENT_UNSUCCESSFUL": "Aucune offre reçue, ou toutes ont été rejetées",
    "PROCUREMENT_DISCONTINUED": "Procédure sans suite",
    "LOWEST_PRICE": "Critère : Prix",
}
_TEXTS = {
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
    "CRITERIA_EVALUATION": ("BT-540", "Critères d'évaluation des projets"),
    "MAIN_FEATURES_AWARD": ("BT-88", "Caractéristiques de la procédure d'attribution"),
    "URL_DOCUMENT": ("BT-15", "Documents de la consultation"),
    "REVIEW_PROCEDURE": ("BT-99", "Délais de recours"),
    "ESTIMATED_TIMING": ("BT-95", "Calendrier"),
    # R2.0.8
    "TITLE_CONTRACT": ("BT-21", "Intitulé"),
    "FILE_REFERENCE_NUMBER": ("BT-22", "Référence"),
    "SHORT_CONTRACT_DESCRIPTION": ("BT-24", "Description"),
    "TOTAL_QUANTITY_OR_SCOPE": ("BT-24", "Quantité ou étendue"),
    "LOT_DESCRIPTION": ("BT-24", "Description"),
    "DEPOSITS_GUARANTEES_REQUIRED": ("BT-75", "Cautionnement et garanties"),
    "MAIN_FINANCING_CONDITIONS": ("BT-77", "Modalités de financement et de paiement"),
    "ECONOMIC_OPERATORS_PERSONAL_SITUATION": ("BT-750", "Situation des candidats"),
    "EAF_CAPACITY_INFORMATION": ("BT-750", "Capacité économique et financière"),
    "EAF_CAPACITY_MIN_LEVEL": ("BT-750", "Capacité économique et financière, minimum"),
    "T_CAPACITY_INFORMATION": ("BT-750", "Capacité technique et professionnelle"),
    "T_CAPACITY_MIN_LEVEL": ("BT-750", "Capacité technique, minimum"),
    "EXISTENCE_OTHER_PARTICULAR_CONDITIONS": ("BT-70", "Conditions d'exécution"),
    "ADDITIONAL_INFORMATION": ("BT-300", "Informations complémentaires"),
}
_PARTS = {
    "SUITABILITY": "Conditions de participation",
    "ECONOMIC_FINANCIAL_INFO": "Conditions de participation",
    "TECHNICAL_PROFESSIONAL_INFO": "Conditions de participation",
    "RESTRICTED_SHELTERED_WORKSHOP": "Conditions de participation",
    "RESTRICTED_SHELTERED_PROGRAM": "Conditions de participation",
    "RESERVED_ORGANISATIONS_SERVICE_MISSION": "Conditions de participation",
    "RESERVED_CONTRACTS": "Conditions de participation",
    "PARTICULAR_PROFESSION": "Conditions liées au marché",
    "PERFORMANCE_CONDITIONS": "Conditions liées au marché",
    "AC": "Critères d'attribution",
    "CRITERIA_EVALUATION": "Critères d'attribution",
    "AWARD_CRITERIA_DETAIL": "Critères d'attribution",
}
_SILENT = frozenset(
    (
        "ADDRESS_REVIEW_BODY",
        "ADDRESS_REVIEW_INFO",
        "ADDRESS_MEDIATION_BODY",
        "ADDRESS_FURTHER_INFO",
        "ADDRESS_PARTICIPATION",
        "APPEAL_PROCEDURE",
        "PROCEDURES_FOR_APPEAL",
        "LEGAL_BASIS",
        "LEGAL_BASIS_OTHER",
        "LOT_NO",
        "NOTICE",
    )
)
CRITERIA = {"AC_QUALITY": "quality", "AC_COST": "cost", "AC_PRICE": "price"}
_PROSE = 4  # words from which a text that no rule knows is worth a line


def write_ted(root: Any, writer: FieldWriter) -> None:
    """Write a notice, the French form of it when there are several.

    Raises UnsupportedType where the file holds no form.
    """
    forms = [e for e in root.iter() if e.get("LG") and e.get("FORM")]
    forms = forms or [e for e in root.iter() if e.get("LG") and len(e)]
    if not forms and FORM.fullmatch(local(root)):
        forms = [root]
    if not forms:
        raise UnsupportedType("ted")
    form = min(forms, key=lambda e: (e.get("LG") != "FR", e.get("CATEGORY") != "ORIGINAL"))
    _Ted(form, writer).write()


class _Ted:
    """Walks one form of a notice."""

    def __init__(self, form: Any, writer: FieldWriter) -> None:
        self._form = form
        self._writer = writer
        self._lots = sum(local(e) == "OBJECT_DESCR" for e in form.iter())
        self._section = ""

    def write(self) -> None:
        """Write the form, section by section."""
        code = (self._form.get("FORM") or local(self._form)[:3]).upper()
        self._writer.title(_FORMS.get(code, "Avis de marché"))
        self._writer.keep("OPP-070", self._form.get("FORM") or "")
        self._inside(self._form)

    def _inside(self, element: Any) -> None:
        for child in element:
            self._element(child)

    def _element(self, element: Any) -> None:
        name = local(element)
        writer = self._writer
        if name in _SILENT:
            return
        if (section := _section(name)) and section != self._section:
            self._section = section
            writer.title(_SECTIONS[section])
        if name in _PARTS:
            writer.heading(_PARTS[name])
        if (handler := self._handlers.get(name)) is not None:
            handler(self, element)
        elif name in MEANINGS:
            writer.coded(*MEANINGS[name])
            self._rest(element)
        elif name in _FLAGS:
            writer.text("", "", _FLAGS[name])
            self._rest(element)
        elif name in _TEXTS:
            writer.text(*_TEXTS[name], _paragraphs(element))
        elif name in _FIGURES:
            field, label, read = _FIGURES[name]
            words, value = read(element)
            writer.keep(field, value)
            writer.text("", label, words)
        else:
            self._rest(element)

    def _rest(self, element: Any) -> None:
        text = own(element)
        if any(local(child) == "P" for child in element):
            self._writer.text("", "", _paragraphs(element))
        elif len(element):
            self._inside(element)
        elif len(text.split()) >= _PROSE:
            self._writer.text("", "", text)

    def _lot(self, element: Any) -> None:
        writer = self._writer
        said = find(element, "LOT_NO") or find(element, "LOT_NUMBER")
        identifier = said or element.get("ITEM") or "1"
        title = next((_paragraphs(e) for e in element if local(e) in ("TITLE", "LOT_TITLE")), "")
        writer.scope = lot_scope(identifier)
        writer.keep("BT-137", writer.scope)
        many = self._lots > 1 or bool(said)
        writer.title(lot_title(lot_number(identifier), title) if many else "Description")
        for child in element:
            if local(child) != "LOT_NUMBER":
                self._element(child)
        writer.scope = ""

    def _criterion(self, element: Any) -> None:
        kind = CRITERIA[local(element)]
        name, weight = find(element, "AC_CRITERION"), find(element, "AC_WEIGHTING")
        self._judged(kind, name, weight)

    def _unweighted(self, element: Any) -> None:
        """Write a criterion of a concession, where only their order counts."""
        self._judged("", own(element), "")

    def _older_criterion(self, element: Any) -> None:
        self._judged("", find(element, "CRITERIA"), find(element, "WEIGHTING"))

    def _judged(self, kind: str, name: str, weight: str) -> None:
        writer = self._writer
        label, words = criterion(kind, name)
        if not words:
            return
        writer.keep("BT-539", kind)
        writer.keep("BT-734", name)
        writer.keep("BT-541", weight)
        writer.text("", label, weighted(words, weight))

    def _award(self, element: Any) -> None:
        """Write what was awarded, apart from what is asked: nothing in it is a clause."""
        writer = self._writer
        lot = find(element, "LOT_NO")
        number = f"{int(item):04d}" if (item := element.get("ITEM") or "1").isdecimal() else item
        writer.heading(f"Résultat du lot {lot_number(lot)}" if lot else "Résultat")
        scope, writer.scope = writer.scope, f"RES-{number}"
        writer.keep("BT-13713", lot_scope(lot) if lot else "")
        for part in element.iter():
            match local(part):
                case "TITLE":
                    writer.text("BT-721", LABELS["BT-21"], _paragraphs(part))
                case "OFFICIALNAME":
                    writer.text("BT-500", "Titulaire", own(part))
                case "DATE_CONCLUSION_CONTRACT":
                    writer.said("BT-145", own(part), moment(own(part)))
                case "NB_TENDERS_RECEIVED":
                    writer.text("BT-759", "Offres reçues", own(part))
                case "VAL_TOTAL":
                    writer.said("BT-720", own(part), _money(part)[0])
                case "INFO_ADD_SUBCONTRACTING":
                    writer.said("BT-554", _paragraphs(part))
                case name if name in _FLAGS:
                    writer.text("", "", _FLAGS[name])
        writer.scope = scope

    def _change(self, element: Any) -> None:
        """Say a correction; the clauses are read in the notice that is corrected."""
        where = first(element, "WHERE")
        place = " ".join(
            text
            for name in ("SECTION", "LABEL")
            if (text := find(where, name) or _paragraphs(first(where, name)))
        )
        lot = find(where, "LOT_NO")
        old, new = (_paragraphs(first(element, name)) for name in ("OLD_VALUE", "NEW_VALUE"))
        self._writer.keep("BT-141", new)
        self._writer.aside(f"{place}, lot {lot}" if lot else place)
        self._writer.aside(f"Au lieu de : {old}" if old else "")
        self._writer.aside(f"Lire : {new}" if new else "")

    def _changes(self, element: Any) -> None:
        for child in element:
            if local(child) == "CHANGE":
                self._change(child)
            else:
                text = _paragraphs(child)
                self._writer.keep("BT-762", text)
                self._writer.aside(text)

    _handlers: Mapping[str, Callable[[_Ted, Any], None]] = {
        "OBJECT_DESCR": _lot,
        "F02_ANNEX_B": _lot,
        "F05_ANNEX_B": _lot,
        "ANNEX_B": _lot,
        "LOT_PRIOR_INFORMATION": _lot,
        **dict.fromkeys(CRITERIA, _criterion),
        "AC_CRITERION": _unweighted,
        "CRITERIA_DEFINITION": _older_criterion,
        "AWARD_CONTRACT": _award,
        "CHANGES": _changes,
    }


def _section(name: str) -> str:
    """Return the section of R2.0.9 that an element begins, "" for none."""
    if name in _SECTIONS:
        return name
    return next((s for older, s in _OLDER_SECTIONS.items() if name.startswith(f"{older}_")), "")


def _paragraphs(element: Any) -> str:
    """Return the paragraphs of a text element, one a line."""
    if element is None:
        return ""
    outer = ".//*[local-name()='P'][not(ancestor::*[local-name()='P'])]"
    parts = element.xpath(outer) or [element]
    lines = (re.sub(r"\s+", " ", "".join(part.itertext())).strip() for part in parts)
    return "\n".join(line for line in lines if line)


def _cpv(element: Any) -> tuple[str, str]:
    code = next((e.get("CODE") or "" for e in element if local(e) == "CPV_CODE"), "")
    return code, code


def _type(element: Any) -> tuple[str, str]:
    code = (element.get("CTYPE") or "").lower()
    return words_of("BT-23", code), code


def _nuts(element: Any) -> tuple[str, str]:
    return element.get("CODE") or "", element.get("CODE") or ""


def _money(element: Any) -> tuple[str, str]:
    return amount(own(element), element.get("CURRENCY") or ""), own(element)


def _measure(element: Any) -> tuple[str, str]:
    unit = element.get("TYPE") or ""
    return measure(own(element), unit), f"{own(element)} {unit}".strip()


def _day(element: Any) -> tuple[str, str]:
    return moment(own(element)), own(element)


def _deadline(element: Any) -> tuple[str, str]:
    after = element.getnext()
    time = own(after) if after is not None and local(after) == "TIME_RECEIPT_TENDERS" else ""
    return moment(own(element), time), f"{own(element)} {time}".strip()


_FIGURES: Mapping[str, tuple[str, str, Callable[[Any], tuple[str, str]]]] = {
    "CPV_MAIN": ("BT-262", "Code CPV principal", _cpv),
    "CPV_ADDITIONAL": ("BT-263", "Code CPV supplémentaire", _cpv),
    "TYPE_CONTRACT": ("BT-23", "Nature du marché", _type),
    "NUTS": ("BT-5071", "Code NUTS", _nuts),
    "VAL_ESTIMATED_TOTAL": ("BT-27", "Valeur estimée hors TVA", _money),
    "VAL_OBJECT": ("BT-27", "Valeur estimée hors TVA", _money),
    "VAL_TOTAL": ("BT-161", "Valeur totale hors TVA", _money),
    "DURATION": ("BT-36", "Durée", _measure),
    "DATE_START": ("BT-536", "Date de début", _day),
    "DATE_END": ("BT-537", "Date de fin", _day),
    "DATE_RECEIPT_TENDERS": ("BT-131", "Date limite de réception des offres", _deadline),
    "DURATION_TENDER_VALID": ("BT-98", "Délai de validité des offres", _measure),
    "NB_PARTICIPANTS": (
        "BT-113",
        "Nombre maximal de participants",
        lambda element: (own(element), own(element)),
    ),
}
