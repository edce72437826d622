"""Facts of real files, for whoever has them: annotated dossiers, and notices with their fields."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.documents import Piece
from corpus.findings import Criterion, Value
from corpus.gold_facts import CRITERIA, FOLDER, NONE, GoldFact, read_gold_facts
from models.facts import Item, Outcome, compare, told_nothing, total, words
from models.facts_items import fact_value
from models.facts_reading import Answer, Reader, plain_tables
from nlp.criteria import award_criteria
from nlp.dossier import told
from nlp.reading import read_piece

MAX_PAGES = 1000
_NOT_ASKED = frozenset({
    "procedure.buyer", "procedure.object", "lever.certification", "lever.localism",
    "lever.headcount", "lever.pieces_asked", "quantity.controller", "quantity.vehicle_class",
})  # fmt: skip
_MOST_LOTS = 25  # one notice of 301 lots alike would outweigh all others
_NOTICES = ("eforms_fr.jsonl", "ted_r209_fr.jsonl")
_NUMBER = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*(?:%|points?|pts?|/\s*100)?", re.I)


# -- annotated dossiers ----------------------------------------------------------------------------


def dossiers(data: Path, folder: Path = FOLDER) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Yield (name, bytes by file name) of the annotated dossiers that stand below ``data``."""
    found = {
        hashlib.sha256(bytes_ := path.read_bytes()).hexdigest(): (path.name, bytes_)
        for path in sorted(data.rglob("*"))
        if path.suffix in (".md", ".pdf") and path.is_file()
    }
    own: dict[str, dict[str, None]] = defaultdict(dict)
    for fact in read_gold_facts(folder):
        if fact.sha256 in found:
            own[fact.dossier][fact.sha256] = None
    for name, hashes in own.items():
        yield name, {found[h][0]: found[h][1] for h in hashes}


def measure_dossiers(data: Path, reader: Reader, folder: Path = FOLDER) -> tuple[Outcome, Outcome]:
    """Measure the annotated dossiers below ``data``: what the reader finds, and a table dump."""
    gold = read_gold_facts(folder)
    ours, dumped = [], []
    for name, files in dossiers(data, folder):
        pieces = tuple(
            read_piece(file, content, id=f"p{number}", max_pages=MAX_PAGES)
            for number, (file, content) in enumerate(files.items(), start=1)
        )
        hashes = {piece.sha256 for piece in pieces}
        own = [fact for fact in gold if fact.dossier == name and fact.sha256 in hashes]
        ours.append(measure_dossier(name, own, pieces, reader(tuple(map(told, pieces)))))
        plain = plain_tables({p.id: files[p.name] for p in pieces})
        dumped.append(measure_dossier(name, own, pieces, plain))
    return total(ours), total(dumped)


def measure_dossier(
    name: str, own: Sequence[GoldFact], pieces: Sequence[Piece], given: Answer
) -> Outcome:
    """Compare an answer with the annotations of one dossier."""
    hashes = {piece.id: piece.sha256 for piece in pieces}
    truth = _truth([fact for fact in own if not fact.doubtful])
    said = _said(given, hashes)
    doubts = defaultdict(set)
    for fact in own:
        if fact.doubtful:
            doubts[fact.name].add(None if fact.value is None else fact_value(fact.name, fact.value))
    tallies, errors = {}, []
    for measure in sorted({*truth, *said}):
        open_ = doubts.get(measure, set())
        items = [
            Item(**{**_fields(item), "free": None in open_ or _value(item) in open_})
            for item in said.get(measure, ())
        ]
        tallies[measure], missed, false = compare(truth.get(measure, ()), items)
        errors += [f"{name} {measure} missed {item.shown}" for item in missed]
        errors += [f"{name} {measure} false {item.shown}" for item in false]
    lacking = told_nothing("criteria", any(f.name in CRITERIA for f in own), given.criteria)
    return Outcome(tallies, lacking, tuple(errors))


def _fields(item: Item) -> dict[str, Any]:
    return {name: getattr(item, name) for name in Item.__dataclass_fields__}


def _value(item: Item) -> Value:
    key = item.key
    value: Value = key[0] if isinstance(key, tuple) else ""
    return value


def _truth(own: Sequence[GoldFact]) -> Mapping[str, Sequence[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    pages: dict[tuple[str, Value], set[str]] = defaultdict(set)
    for fact in own:
        if fact.name == NONE or fact.value is None:
            continue
        value = fact_value(fact.name, fact.value)
        shown = f"{fact.value} on page {fact.page} of {fact.sha256[:8]}"
        if fact.name in CRITERIA:
            rest = (("unit", fact.unit), ("theme", fact.theme), ("share", fact.share))
            key = (value, fact.sha256, fact.page)
            found[_MEASURE[fact.name]].append(Item(key, rest=rest, shown=shown))
        elif fact.name.startswith("quantity."):
            key_of = (value, _per(fact.per), fact.sha256, fact.page)
            found[fact.name].append(Item(key_of, shown=shown))
        else:
            pages[fact.name, value].add(f"{fact.sha256[:12]} {fact.page}")
    for (name, value), where in pages.items():
        found[name].append(Item((value,), passages=(frozenset(where),), shown=str(value)))
    return found


_MEASURE = {"criterion": "criteria", "sub-criterion": "sub-criteria"}


def _said(given: Answer, hashes: Mapping[str, str]) -> Mapping[str, Sequence[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for one in given.criteria:
        rest = (("unit", one.unit), ("theme", one.theme), ("share", one.share))
        weight = -1.0 if one.weight is None else float(one.weight)
        key = (weight, hashes.get(one.piece, ""), one.page)
        measure = "criteria" if one.parent is None else "sub-criteria"
        found[measure].append(Item(key, rest=rest, shown=f"{one.name}, {one.weight}"))
    pages: dict[tuple[str, Value], set[str]] = defaultdict(set)
    for fact in given.facts:
        if fact.name in _NOT_ASKED or fact.value is False or fact.value == 0:
            continue
        value, sha256 = fact_value(fact.name, fact.value), hashes.get(fact.place.piece, "")
        shown = f"{fact.value} / {fact.per} on page {fact.place.page} of {sha256[:8]}"
        if fact.name.startswith("quantity."):
            key_of = (value, _per(fact.per), sha256, fact.place.page)
            found[fact.name].append(Item(key_of, shown=shown))
        else:
            pages[fact.name, value].add(f"{sha256[:12]} {fact.place.page}")
    for (name, value), where in pages.items():
        found[name].append(Item((value,), passages=(frozenset(where),), shown=str(value)))
    return found


def _per(per: str | float) -> str | float:
    return float(per) if isinstance(per, int | float) else per


# -- notices with their fields ---------------------------------------------------------------------


def measure_notices(data: Path) -> Outcome:
    """Print the notices below ``data`` from their fields and compare criteria with the fields."""
    outcomes = []
    for name in _NOTICES:
        for path in sorted(data.rglob(name)):
            for line in path.read_text(encoding="utf-8").splitlines():
                record = json.loads(line)
                if len(record["lots"]) <= _MOST_LOTS:
                    outcomes.append(measure_notice(record))
    return total(outcomes)


def measure_notice(record: Mapping[str, Any]) -> Outcome:
    """Compare the criteria read in a printed notice with the fields it is printed from."""
    text = printed_notice(record).encode()
    piece = read_piece("avis.txt", text, id="p1", max_pages=MAX_PAGES)
    criteria = award_criteria((told(piece),))
    truth = list(_fields_of(record))
    every = [str(n) for n in range(1, len(record["lots"]) + 1)]
    said = [item for one in criteria if one.parent is None for item in _spread(one, every)]
    tally, missed, false = compare(truth, said)
    name = record["doc_id"]
    errors = [f"{name} missed {item.shown}" for item in missed]
    errors += [f"{name} false {item.shown}" for item in false]
    return Outcome(
        {"criteria": tally}, told_nothing("criteria", bool(truth), criteria), tuple(errors)
    )


def printed_notice(record: Mapping[str, Any]) -> str:
    """Return a notice as a portal prints it, from the fields of eForms or of the older forms."""
    eforms = "notice_uuid" in record
    lines = ["AVIS DE MARCHÉ", "", f"Intitulé : {record['title']}", ""]
    short = record["descr"] if eforms else " ".join(record["short_descr"])
    lines += [f"Description succincte : {short}", ""]
    for number, lot in enumerate(record["lots"], start=1):
        lines += _eforms_lot(lot, number) if eforms else _older_lot(lot, number)
    return "\n".join(lines) + "\n"


def _eforms_lot(lot: Mapping[str, Any], number: int) -> list[str]:
    lines = [f"5.1. Lot : LOT-{number:04d}", f"Titre : {lot.get('title', '')}"]
    lines += [f"Description : {lot.get('descr', '')}", ""]
    if lot["award"]:
        lines.append("5.1.10. Critères d'attribution")
    for one in lot["award"]:
        lines += ["Critère :", f"Type : {_EFORMS_TYPES.get(one['type'], one['type'])}"]
        lines += [f"Nom : {one['name']}"] if one["name"] else []
        lines += [f"Description : {one['descr']}"] if one["descr"] else []
        if one["weight"]:
            lines.append("Catégorie de poids du critère : Pondération (pourcentage, exact)")
            lines.append(f"Pondération : {one['weight']}")
    return [*lines, ""]


_EFORMS_TYPES = {"price": "Prix", "cost": "Coût", "quality": "Qualité"}


def _older_lot(lot: Mapping[str, Any], number: int) -> list[str]:
    lines = ["II.2) Description", f"II.2.1) Intitulé : {lot['title']}", f"Lot nº : {number}"]
    lines += [f"II.2.4) Description des prestations : {lot['descr']}", ""]
    if lot["award"]:
        lines.append("II.2.5) Critères d'attribution")
    for one in lot["award"]:
        kind = _OLDER_KINDS[one["kind"]]
        name = f" - Nom : {one['criterion']}" if one["criterion"] else ""
        weight = f" / Pondération : {one['weight']}" if one["weight"] else ""
        lines.append(f"{kind}{name}{weight}")
    return [*lines, ""]


_OLDER_KINDS = {
    "AC_PRICE": "Prix",
    "AC_COST": "Critère de coût",
    "AC_QUALITY": "Critère de qualité",
}


def _fields_of(record: Mapping[str, Any]) -> Iterator[Item]:
    """Yield the criteria that the fields of a notice tell, one a lot."""
    for number, lot in enumerate(record["lots"], start=1):
        for one in lot["award"]:
            given = one.get("name") or one.get("descr") or one.get("criterion") or "Prix"
            weight = _NUMBER.fullmatch(one["weight"].strip())
            value = float(weight[1].replace(",", ".")) if weight else None
            yield Item(
                str(number), words(given), (("weight", value),), shown=f"{number}: {given}, {value}"
            )


def _spread(one: Criterion, every: Sequence[str]) -> Iterator[Item]:
    for lot in one.lots or every:
        shown = f"{lot}: {one.name}, {one.weight}"
        yield Item(lot, words(one.name), (("weight", one.weight),), shown=shown)
