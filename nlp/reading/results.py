"""What follows an eForms notice: what it changes in an earlier one, and what was awarded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nlp.reading.elements import WITHHELD, find, first, own, said
from nlp.reading.fields import FieldWriter, amount, lot_number, moment
from nlp.reading.text import local

_VEHICLES = {
    "vehicles": ("BT-715", "Véhicules"),
    "vehicles-zero-emission": ("BT-725", "Véhicules à émission nulle"),
    "vehicles-clean": ("BT-716", "Véhicules propres"),
}
# The fields of a change, of its reason in code and in words: of a notice, then of a contract.
_CHANGES = {
    "Changes": ("Modifications de l'avis", "BT-758", "BT-141", "BT-140", "BT-762"),
    "ContractModification": ("Modifications du marché", "BT-1501", "BT-202", "BT-200", "BT-201"),
}


def write_changes(part: Any, writer: FieldWriter) -> None:
    """Say what a notice changes; the clauses are read where they now stand."""
    title, changed, described, reason, why = _CHANGES[local(part)]
    writer.title(title)
    for element in part.iter():
        match local(element):
            case "ChangedNoticeIdentifier":
                writer.keep(changed, own(element))
            case "ChangedSectionIdentifier":
                writer.keep("BT-13716", own(element))
            case "Change":
                text = said(element, "ChangeDescription")
                writer.keep(described, text)
                writer.aside(f"Modification : {text}" if text else "")
            case "ChangeReason":
                writer.keep(reason, find(element, "ReasonCode"))
                text = said(element, "ReasonDescription")
                writer.keep(why, text)
                writer.aside(f"Motif : {text}" if text else "")


def write_results(
    result: Any, organizations: Mapping[str, tuple[str, str]], writer: FieldWriter
) -> None:
    """Write the result of each lot: its outcome, tenders received, who won, for how much.

    ``organizations`` holds names and towns by identifier.
    """
    by_name: dict[str, dict[str, Any]] = {}
    for part in result:
        by_name.setdefault(local(part), {})[find(part, "ID")] = part
    # Told once a tender: lots may name the same ones without end.
    winners = {
        key: _winners(tender, by_name, organizations)
        for key, tender in by_name.get("LotTender", {}).items()
    }
    writer.title("Résultats")
    _amount("BT-161", first(result, "TotalAmount"), writer)
    for lot in (part for part in result if local(part) == "LotResult"):
        scope = find(lot, "TenderLot", "ID")
        writer.heading(f"Résultat du lot {lot_number(scope)}" if scope else "Résultat")
        writer.scope = scope
        writer.coded("BT-142", find(lot, "TenderResultCode"))
        writer.coded("BT-144", find(lot, "DecisionReason", "DecisionReasonCode"))
        _statistics(lot, writer)
        for tender in _referred(lot, "LotTender", by_name):
            for winner in winners.get(find(tender, "ID"), ()):
                writer.text("", "Titulaire", winner)
            _amount("BT-720", first(first(tender, "LegalMonetaryTotal"), "PayableAmount"), writer)
            for term in (e for e in tender if local(e) == "SubcontractingTerm"):
                writer.said("BT-554", said(term, "TermDescription"))
        for contract in _referred(lot, "SettledContract", by_name):
            date = find(contract, "IssueDate")
            writer.said("BT-145", date, moment(date))
        writer.scope = ""


def _winners(
    tender: Any,
    parts: Mapping[str, Mapping[str, Any]],
    organizations: Mapping[str, tuple[str, str]],
) -> list[str]:
    """Return who submitted a tender, as "name (town)"."""
    found: dict[str, None] = {}
    for party in _referred(tender, "TenderingParty", parts):
        for tenderer in (e for e in party if local(e) == "Tenderer"):
            name, city = organizations.get(find(tenderer, "ID"), ("", ""))
            found[f"{name} ({city})" if name and city else name] = None
    return list(found)


def _amount(field: str, element: Any, writer: FieldWriter) -> None:
    if element is not None and own(element) not in WITHHELD:
        value = own(element)
        writer.said(field, value, amount(value, element.get("currencyID") or "") if value else "")


def _statistics(lot: Any, writer: FieldWriter) -> None:
    for part in lot.iter():
        count = find(part, "StatisticsNumeric")
        match local(part):
            case "ReceivedSubmissionsStatistics" if count not in WITHHELD:
                if find(part, "StatisticsCode") == "tenders":
                    writer.text("BT-759", "Offres reçues", count)
            case "StrategicProcurementStatistics" if count not in WITHHELD:
                if (known := _VEHICLES.get(find(part, "StatisticsCode"))) is not None:
                    writer.text(*known, count)
            case "ProcurementCategoryCode":
                writer.coded("BT-735", own(part))


def _referred(element: Any, name: str, parts: Mapping[str, Mapping[str, Any]]) -> Iterator[Any]:
    """Yield the parts of a result that an element refers to by their identifiers, each once."""
    keys = dict.fromkeys(find(e, "ID") for e in element if local(e) == name)
    for key in keys:
        if (found := parts.get(name, {}).get(key)) is not None:
            yield found
