"""Releases and records of the Open Contracting Data Standard, with its sustainability extension."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nlp.reading.fields import (
    LABELS,
    FieldWriter,
    amount,
    criterion,
    joined,
    lot_number,
    lot_scope,
    lot_title,
    measure,
    moment,
    weighted,
    words_of,
)

_METHODS = {
    "open": "ouverte",
    "selective": "restreinte",
    "limited": "négociée",
    "direct": "sans mise en concurrence",
}
_KINDS = {"works": "works", "services": "services", "goods": "supplies"}
_RESERVED = {
    "shelteredWorkshop": "res-ws",
    "publicServiceMissionOrganization": "res-pub-ser",
}
# Goals, the older spellings of the eForms profile too, to the codes they came from. A goal that
# no code says is kept as it is.
_GOALS = {
    "economic.innovativePurchase": ("BT-06", "inn-pur"),
    "environmental": ("BT-06", "env-imp"),
    "social": ("BT-06", "soc-obj"),
    "economic.marketInnovationPromotion": ("BT-776", "mar-nov"),
    "economic.processInnovationPromotion": ("BT-776", "proc-innov"),
    "economic.processInnovation": ("BT-776", "proc-innov"),
    "economic.productInnovationPromotion": ("BT-776", "prod-innov"),
    "economic.productInnovation": ("BT-776", "prod-innov"),
    "economic.researchDevelopmentActivities": ("BT-776", "rd-act"),
    "environmental.biodiversityProtectionRestoration": ("BT-774", "biodiv-eco"),
    "environmental.circularEconomy": ("BT-774", "circ-econ"),
    "environmental.climateChangeAdaptation": ("BT-774", "clim-adapt"),
    "environmental.climateChangeMitigation": ("BT-774", "clim-mitig"),
    "environmental.pollutionPrevention": ("BT-774", "pollu-prev"),
    "environmental.waterResourcesProtection": ("BT-774", "water-mar"),
    "environmental.waterResources": ("BT-774", "water-mar"),
    "social.accessibility": ("BT-775", "acc-all"),
    "social.disadvantagedEmploymentOpportunities": ("BT-775", "opp"),
    "social.ethnicEquality": ("BT-775", "et-eq"),
    "social.genderEquality": ("BT-775", "gen-eq"),
    "social.humanRightsInSupplyChains": ("BT-775", "hum-right"),
    "social.humanRightsInSupplyChain": ("BT-775", "hum-right"),
    "social.laborRightsPromotion": ("BT-775", "work-cond"),
}
_OTHER_GOALS = {
    "economic.formalEmploymentPromotion": "emploi déclaré",
    "economic.localEconomyPromotion": "économie locale",
    "environmental.carbonEmissionsReduction": "réduction des émissions de carbone",
    "environmental.energyEfficiency": "efficacité énergétique",
    "environmental.recycling": "recyclage",
    "environmental.resourceReuse": "réemploi",
    "environmental.wasteReduction": "réduction des déchets",
    "social.smeInclusion": "accès des PME",
    "social.womenInclusion": "emploi des femmes",
}
_STRATEGIES = {
    "awardCriteria": "critère d'attribution",
    "contractPerformanceConditions": "conditions d'exécution",
    "marginOfPreference": "marge de préférence",
    "reservedParticipation": "participation réservée",
    "selectionCriteria": "critère de sélection",
    "technicalSpecifications": "spécifications techniques",
}
_GPP = {
    "euGPPCriteria": "eu",
    "nationalGPPCriteria": "national",
    "otherGPPCriteria": "other",
}
_TERMS = {
    "performanceTerms": "BT-70",
    "financialTerms": "BT-77",
    "tendererLegalForm": "BT-76",
    "electronicInvoicingPolicy": "BT-743",
}
_WEIGHTS = {
    "percentageExact": "per-exa",
    "percentageRangeMiddle": "per-mid",
    "decimalExact": "dec-exa",
    "decimalRangeMiddle": "dec-mid",
    "pointsExact": "poi-exa",
    "pointsRangeMiddle": "poi-mid",
    "order": "ord-imp",
}
_POLICIES = {"allowed": "allowed", "notAllowed": "not-allowed", "required": "required"}


def releases(value: Any) -> list[dict[str, Any]]:
    """Return the releases of a package or a file, the compiled one of each record."""
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("records"), list):
        return [r for record in _dicts(value["records"]) for r in _of_record(record)]
    found = _dicts(value.get("releases")) if "releases" in value else [value]
    return [release for release in found if _tells(release)]


def _of_record(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    compiled = record.get("compiledRelease")
    found = [compiled] if isinstance(compiled, dict) else _dicts(record.get("releases"))[-1:]
    return [release for release in found if _tells(release)]


def _tells(release: Mapping[str, Any]) -> bool:
    """Tell whether a release says a tender or an award, and not its versions or its planning."""
    tender = _dict(release.get("tender"))
    said = any(isinstance(tender.get(key), str) for key in ("title", "description"))
    return "ocid" in release and (said or bool(_dicts(release.get("awards"))))


def write_release(release: Mapping[str, Any], writer: FieldWriter) -> None:
    """Write a release: the tender, its lots with their terms and criteria, then the awards."""
    tender = _dict(release.get("tender"))
    writer.title("Avis de marché")
    writer.text("", "Acheteur", _text(_dict(release.get("buyer")).get("name")))
    _subject(tender, writer)
    method = _text(tender.get("procurementMethod"))
    details = _text(tender.get("procurementMethodDetails"))
    writer.text("", LABELS["BT-105"], joined(_METHODS.get(method, method), details))
    writer.keep("procurementMethod", method)
    if kind := _KINDS.get(_text(tender.get("mainProcurementCategory"))):
        writer.said("BT-23", kind, words_of("BT-23", kind))
    period = _dict(tender.get("tenderPeriod"))
    end = _text(period.get("endDate"))
    writer.said("BT-131", end, moment(end[:10], end[11:16]))
    writer.said("BT-88", _text(tender.get("submissionMethodDetails")))
    writer.said("BT-750", _text(tender.get("eligibilityCriteria")))
    items = _dicts(tender.get("items"))
    _items([item for item in items if not item.get("relatedLot")], writer)
    _terms(tender, writer)
    for position, lot in enumerate(_dicts(tender.get("lots")), 1):
        identifier = _text(lot.get("id")) or str(position)
        writer.scope = lot_scope(identifier)
        writer.keep("BT-137", identifier)
        writer.title(lot_title(lot_number(identifier), _text(lot.get("title"))))
        _subject(lot, writer)
        _items([item for item in items if _text(item.get("relatedLot")) == identifier], writer)
        _terms(lot, writer)
        writer.scope = ""
    _awards(release, writer)


def _subject(item: Mapping[str, Any], writer: FieldWriter) -> None:
    writer.said("BT-21", _text(item.get("title")))
    writer.said("BT-24", _text(item.get("description")))
    value = _dict(item.get("value"))
    figure = _text(value.get("amount"))
    writer.said("BT-27", figure, amount(figure, _text(value.get("currency"))) if figure else "")
    period = _dict(item.get("contractPeriod"))
    if days := _text(period.get("durationInDays")):
        writer.said("BT-36", f"{days} DAY", measure(days, "DAY"))
    for key, field in (("startDate", "BT-536"), ("endDate", "BT-537")):
        date = _text(period.get(key))
        writer.said(field, date, moment(date[:10]))
    writer.said("BT-57", _text(_dict(item.get("renewal")).get("description")))
    writer.said("BT-54", _text(_dict(item.get("options")).get("description")))


def _items(items: list[dict[str, Any]], writer: FieldWriter) -> None:
    for item in items:
        classed = _dict(item.get("classification"))
        if _text(classed.get("scheme")) == "CPV":
            writer.said("BT-262", _text(classed.get("id")))
        for also in _dicts(item.get("additionalClassifications")):
            if _text(also.get("scheme")) == "CPV":
                writer.said("BT-263", _text(also.get("id")))
        writer.text("", "Article", _text(item.get("description")))


def _terms(item: Mapping[str, Any], writer: FieldWriter) -> None:
    """Write what a tender or a lot asks of its bidders and of the contract."""
    asked = _dict(item.get("otherRequirements"))
    writer.heading("Conditions de participation")
    for code in _texts(asked.get("reservedParticipation")):
        if code in _RESERVED:
            writer.coded("BT-71", _RESERVED[code])
        else:
            writer.text("BT-71", LABELS["BT-71"], code)
    for selection in _dicts(_dict(item.get("selectionCriteria")).get("criteria")):
        text = joined(_text(selection.get("name")), _text(selection.get("description")))
        writer.said("BT-750", text)
    writer.heading("Conditions d'exécution")
    terms = _dict(item.get("contractTerms"))
    if isinstance(terms.get("reservedExecution"), bool):
        writer.coded("BT-736", "yes" if terms["reservedExecution"] else "no")
    for key, field in _TERMS.items():
        text = _text(terms.get(key))
        if key == "electronicInvoicingPolicy":
            writer.coded(field, _POLICIES.get(text, text))
        else:
            writer.said(field, text)
    policy = _text(_dict(item.get("submissionTerms")).get("variantPolicy"))
    writer.coded("BT-63", _POLICIES.get(policy, policy))
    if isinstance(small := _dict(item.get("suitability")).get("sme"), bool):
        writer.coded("BT-726", "true" if small else "false")
    _sustainability(item, writer)
    _criteria(item, writer)


def _sustainability(item: Mapping[str, Any], writer: FieldWriter) -> None:
    writer.heading("Développement durable")
    if isinstance(has := item.get("hasSustainability"), bool):
        writer.text("", "Objectifs de développement durable", "oui" if has else "non")
        writer.keep("hasSustainability", "true" if has else "false")
    for entry in _dicts(item.get("sustainability")):
        goal = _text(entry.get("goal"))
        if goal in _GOALS:
            writer.coded(*_GOALS[goal])
        else:
            writer.text("", "Objectif", _OTHER_GOALS.get(goal, goal))
        writer.keep("goal", goal)
        for strategy in _texts(entry.get("strategies")):
            writer.keep("strategy", strategy)
            if strategy in _GPP:
                writer.coded("BT-805", _GPP[strategy])
            else:
                writer.text("", "Moyen", _STRATEGIES.get(strategy, strategy))
        writer.said("BT-777", _text(entry.get("description")))


def _criteria(item: Mapping[str, Any], writer: FieldWriter) -> None:
    writer.heading("Critères d'attribution")
    award = item.get("awardCriteria")
    writer.said("BT-543", _text(item.get("awardCriteriaDetails")))
    for each in _dicts(award.get("criteria") if isinstance(award, dict) else None):
        kind = _text(each.get("type"))
        kind = kind if kind in ("price", "cost", "quality") else ""
        name, description = _text(each.get("name")), _text(each.get("description"))
        label, said = criterion(kind, name, description)
        for figure in _dicts(each.get("numbers")):
            value = _text(figure.get("number"))
            if "weight" in figure:
                form = _text(figure["weight"])
                writer.keep("BT-541", value)
                writer.keep("BT-5421", _WEIGHTS.get(form, form))
                said = weighted(said, value, _WEIGHTS.get(form, form))
        if said:
            writer.keep("BT-539", kind)
            writer.keep("BT-734", name)
            writer.keep("BT-540", description)
            writer.text("", label, said)


def _awards(release: Mapping[str, Any], writer: FieldWriter) -> None:
    awards = _dicts(release.get("awards"))
    if awards:
        writer.title("Résultats")
    for award in awards:
        writer.text("", "Marché", _text(award.get("title")))
        for supplier in _dicts(award.get("suppliers")):
            writer.text("", "Titulaire", _text(supplier.get("name")))
        value = _dict(award.get("value"))
        figure = _text(value.get("amount"))
        writer.said(
            "BT-720", figure, amount(figure, _text(value.get("currency"))) if figure else ""
        )


def _texts(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else (value,):
        if text := _text(item):
            yield text


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return ""
    return str(value).strip() if isinstance(value, (str, int, float)) else ""
