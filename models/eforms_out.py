"""Strategic procurement and reservation in the codes of eForms, from a call as read, and as XML.

Codes and places: ``codes/eforms.toml`` (eForms-SDK). The XML is what fits into the
cac:ProcurementProjectLot of a notice of the buyer's own; it is no notice by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from corpus.findings import Criterion
from corpus.taxonomy import labels
from models.call import Call
from models.standards import (
    Award,
    Coded,
    CodesError,
    Mark,
    Sheet,
    check,
    coded,
    codes,
    fields,
    lots_of,
    marks,
    proof,
    published,
    stages,
    statuses,
    unread,
)

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_EFORMS = "http://data.europa.eu/p27/"
NAMESPACES = {
    "cac": f"{_UBL}CommonAggregateComponents-2",
    "cbc": f"{_UBL}CommonBasicComponents-2",
    "ext": f"{_UBL}CommonExtensionComponents-2",
    "efac": f"{_EFORMS}eforms-ubl-extension-aggregate-components/1",
    "efbc": f"{_EFORMS}eforms-ubl-extension-basic-components/1",
    "efext": f"{_EFORMS}eforms-ubl-extensions/1",
}
_AWARDING = "cac:TenderingTerms/cac:AwardingTerms/cac:AwardingCriterion"
_EXTENDED = "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/efext:EformsExtension"
# One element holds them all; every other container of a code is a new one.
_SHARED = frozenset({
    "TenderingTerms", "ProcurementProject", "AwardingTerms", "AwardingCriterion",
    "TendererQualificationRequest",
})  # fmt: skip
_LONGEST = 1500  # characters of a text beside a code


def eforms(call: Call) -> tuple[Sheet, ...]:
    """Return the codes of each lot: BT-06, 71, 736, 754, 774, 775, 776, 777 and 805, and criteria.

    A code that states that there is nothing stands alone, and only where the pieces that would say
    otherwise were read; else ``missing`` names them. BT-726 is the buyer's own judgement: no clause
    tells it.
    """
    return tuple(eforms_lot(call, lot) for lot in lots_of(call))


def eforms_lot(call: Call, lot: str) -> Sheet:
    """Return the codes of one lot, "" for the whole consultation."""
    own = marks(call, lot)
    by_field: dict[str, list[tuple[str, Mark]]] = {}
    for mark in own:
        for field, code in _codes_of(mark):
            by_field.setdefault(field, []).append((code, mark))
    strategic = codes("eforms")["field"]["BT-06"]["from"]
    by_field["BT-06"] = [
        (code, mark) for field, code in strategic.items() for _, mark in by_field.get(field, ())
    ]
    found: list[Coded] = []
    missing: list[tuple[str, str]] = []
    for field in fields("eforms"):
        values = tuple(coded(field, by_field.get(field, ()), published("eforms", field)))
        entry = codes("eforms")["field"][field]
        if not values and "none" in entry:
            if lost := unread(call, entry["told_by"]):
                missing.append((field, lost))
            else:
                values = (Coded(field, entry["none"]),)
        found += values
    texts = tuple(_texts(by_field["BT-06"]))
    return Sheet("eforms", lot, tuple(found), tuple(missing), texts, tuple(_awards(call, lot)))


def _codes_of(mark: Mark) -> Iterator[tuple[str, str]]:
    """Yield field and code of a label, where its status and stage are those the field asks."""
    rules = codes("eforms")
    for text in (*labels()[mark.label].eforms, *rules["labels"].get(mark.label, ())):
        field, _, code = text.partition("=")
        entry = rules["field"].get(field)
        if entry is None or not code:  # fields of lots, variants, guarantees: no clause of ours
            continue
        if mark.finding.status not in statuses(entry["statuses"]):
            continue
        if "stages" in entry and mark.finding.stage not in stages(entry["stages"]):
            continue
        yield field, check("eforms", field, code)


def _texts(pairs: Iterable[tuple[str, Mark]]) -> Iterator[tuple[str, str, str, str]]:
    """Yield the words beside each code of BT-06: which clauses, and the article they stand in."""
    by_code: dict[str, list[Mark]] = {}
    for code, mark in pairs:
        by_code.setdefault(code, []).append(mark)
    for code in published("eforms", "BT-06"):
        own = by_code.get(code, [])
        told = {"fr": "", "en": ""}
        for language in told:
            parts = []
            for label in proof(own)[0]:
                where = (m.finding.article.rpartition("›")[2] for m in own if m.label == label)
                places = sorted({article.strip() for article in where} - {""})
                name = labels()[label].title(language)
                parts.append(f"{name} ({' ; '.join(places[:3])})" if places else name)
            told[language] = ". ".join(parts)[:_LONGEST]
        if own:
            yield "BT-777", code, told["fr"], told["en"]


def _awards(call: Call, lot: str) -> Iterator[Award]:
    """Yield the criteria of a lot; sub-criteria, which eForms does not know, as descriptions."""
    rules = codes("eforms")["award"]
    own = [c for c in call.criteria if not lot or not c.lots or lot in c.lots]
    for criterion in own:
        if criterion.parent is not None:
            continue
        parts = [c.name + _share(c) for c in own if c.parent == criterion.id]
        unit = rules["weights"].get(criterion.unit, "") if criterion.weight is not None else ""
        yield Award(
            criterion=criterion.id,
            type=rules["types"].get(criterion.theme, rules["other_themes"]),
            name=criterion.name,
            description=" ; ".join(parts),
            weight=criterion.weight if unit else None,
            unit=unit,
        )


def _share(criterion: Criterion) -> str:
    return "" if criterion.share is None else f" ({criterion.share:g} %)"


# -- XML ------------------------------------------------------------------------------------------


def fragment(sheet: Sheet, *, identifier: str = "") -> bytes:
    """Return a cac:ProcurementProjectLot that holds the codes of a sheet, UTF-8.

    Its children cac:TenderingTerms and cac:ProcurementProject are to be joined to those of the
    notice. ``identifier`` is the lot's in the notice, "LOT-0003" for lot 3 and "LOT-0000" for a
    consultation without lots when it is "". Raises CodesError for a code in no published list.
    """
    root = etree.Element(_name("cac:ProcurementProjectLot"), nsmap=NAMESPACES)
    number = sheet.lot if sheet.lot.isdigit() else "0"
    _leaf(root, "cbc:ID", identifier or f"LOT-{int(number):04d}", schemeName="Lot")
    # UBL wants the terms before the project, and the criteria last among the terms.
    for field in ("BT-71", "BT-736"):
        _write(root, sheet, field)
    for award in sheet.awards:
        _award(root, award)
    for field in fields("eforms"):
        if field not in ("BT-71", "BT-736"):
            _write(root, sheet, field)
    etree.indent(root)
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _write(root: Any, sheet: Sheet, field: str) -> None:
    entry = codes("eforms")["field"][field]
    above, _, leaf = entry["path"].rpartition("/")
    for code in sheet.of(field):
        holder = _holder(root, above)
        _leaf(holder, leaf, check("eforms", field, code), listName=entry["list_name"])
        for _, beside, french, _english in sheet.texts:
            if field == "BT-06" and beside == code:
                _leaf(holder, "cbc:ProcurementType", french, languageID="FRA")


def _award(root: Any, award: Award) -> None:
    rules = codes("eforms")["award"]
    if award.type not in rules["types"].values():
        raise CodesError(f"BT-539: {award.type!r} is in no published list")
    holder = _holder(root, f"{_AWARDING}/cac:SubordinateAwardingCriterion")
    if award.weight is not None:
        if award.unit not in rules["weights"].values():
            raise CodesError(f"BT-5421: {award.unit!r} is in no published list")
        parameter = _holder(holder, f"{_EXTENDED}/efac:AwardCriterionParameter")
        _leaf(parameter, "efbc:ParameterCode", award.unit, listName="number-weight")
        _leaf(parameter, "efbc:ParameterNumeric", f"{award.weight:g}")
    _leaf(holder, "cbc:AwardingCriterionTypeCode", award.type, listName="award-criterion-type")
    _leaf(holder, "cbc:Name", award.name, languageID="FRA")
    if award.description:
        _leaf(holder, "cbc:Description", award.description, languageID="FRA")


def _holder(root: Any, path: str) -> Any:
    """Return a new element at a path, within the containers that are there already."""
    for step in path.split("/"):
        name = _name(step)
        there = root.find(name) if step.partition(":")[2] in _SHARED else None
        root = etree.SubElement(root, name) if there is None else there
    return root


def _leaf(parent: Any, step: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, _name(step), attributes).text = _printable(text)


def _printable(text: str) -> str:
    """Drop the control characters that XML has no sign for."""
    return "".join(sign for sign in text if sign >= " " or sign in "\t\n")


def _name(step: str) -> str:
    prefix, _, local = step.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"
