"""Essential data of French public contracts (DECP): JSON by the decrees of 2019, 2022 and 2024."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nlp.reading.fields import LABELS, FieldWriter, amount, moment, words_of

_NATURES = {"T": "works", "F": "supplies", "S": "services"}
# What published files write where there is nothing to say.
_EMPTY = frozenset(("", "nc", "sans objet", "null", "none", "non renseigné", "inconnu"))
# By key without case, "_" and ".": the name of a field without a number in eForms is its own.
_PLAIN = {
    "nature": ("nature", "Nature du contrat"),
    "procedure": ("procedure", "Procédure"),
    "ccag": ("ccag", "CCAG"),
    "techniques": ("techniques", "Techniques d'achat"),
    "modalitesexecution": ("modalitesExecution", "Modalités d'exécution"),
    "typegroupementoperateurs": ("typeGroupementOperateurs", "Groupement d'opérateurs"),
    "formeprix": ("formePrix", "Forme du prix"),
    "typesprix": ("typesPrix", "Types de prix"),
    "typeprix": ("typesPrix", "Types de prix"),
    "objetmodification": ("objetModification", "Objet de la modification"),
}
_YES_NO = {
    "marcheinnovant": ("marcheInnovant", "Marché innovant"),
    "attributionavance": ("attributionAvance", "Avance"),
    "soustraitancedeclaree": ("sousTraitanceDeclaree", "Sous-traitance déclarée"),
}
_CONSIDERATIONS = {
    "considerationssociales": ("considerationsSociales", "Considérations sociales"),
    "considerationsenvironnementales": (
        "considerationsEnvironnementales",
        "Considérations environnementales",
    ),
}
_MARKS = frozenset(("montant", "datenotification", "titulaires", "dureemois", "codecpv"))
_LISTED = re.compile(r"\s*[;,|]\s*(?=[A-ZÉ])|\s*;\s*")


def contracts(value: Any) -> list[dict[str, Any]]:
    """Return the contracts and concessions of a file of essential data, none for another file."""
    found = list(_contracts(value, depth=4))
    return found if found and all(_is_contract(item) for item in found) else []


def _contracts(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _contracts(item, depth)
    elif isinstance(value, dict):
        inner = [value[key] for key in ("marches", "marche", "contrat-concession") if key in value]
        if not inner or not depth:
            yield value
        for part in inner if depth else ():
            yield from _contracts(part, depth - 1)


def _is_contract(item: Mapping[str, Any]) -> bool:
    keys = {_key(key) for key in item}
    return bool("objet" in keys and keys & (_MARKS | _CONSIDERATIONS.keys()))


def write_contract(item: Mapping[str, Any], writer: FieldWriter) -> None:
    """Write a contract: its object, its considerations and what else a person asks first."""
    known = {_key(key): value for key, value in item.items()}
    title = _one(known.get("objet"))
    writer.title("Données essentielles du marché")
    writer.said("BT-21", title)
    buyer = known.get("acheteur") or known.get("autoriteconcedante")
    name = buyer.get("nom") if isinstance(buyer, dict) else known.get("acheteurnom")
    writer.text("", "Acheteur", _one(name))
    cpv = _one(known.get("codecpv"))
    writer.said("BT-262", cpv)
    if kind := _NATURES.get(_one(known.get("typemarche"))[:1].upper()):
        writer.said("BT-23", kind, words_of("BT-23", kind))
    months = _one(known.get("dureemois"))
    writer.said("BT-36", f"{months} MONTH" if months else "", f"{months} mois" if months else "")
    value = _one(known.get("montant") or known.get("valeurglobale"))
    writer.text("", LABELS["BT-720"], amount(value, "EUR") if value else "")
    writer.keep("BT-720", value)
    date = _one(known.get("datenotification"))
    writer.text("", "Date de notification", moment(date))
    place = known.get("lieuexecution")
    code = place.get("code") if isinstance(place, dict) else known.get("lieuexecutioncode")
    writer.said("BT-728", _one(code))
    for key, (field, label) in _PLAIN.items():
        for text in _values(known.get(key)):
            writer.text(field, label, text)
    for key, (field, label) in _YES_NO.items():
        if (answer := _answer(known.get(key))) is not None:
            writer.keep(field, "true" if answer else "false")
            writer.text("", label, "oui" if answer else "non")
    for key, (field, label) in _CONSIDERATIONS.items():
        for text in considerations(known.get(key)):
            writer.text(field, label, text)
    for text in _changes(known.get("modifications")):
        writer.aside(f"Modification : {text}")


def _changes(value: Any) -> Iterator[str]:
    """Yield what each modification changes; its clauses stand in the contract itself."""
    if isinstance(value, list):
        for item in value:
            yield from _changes(item)
    elif isinstance(value, dict):
        yield from _changes(value.get("modification"))
        if text := _one(value.get("objetModification")):
            yield text


def considerations(value: Any) -> tuple[str, ...]:
    """Return the considerations of a contract, however the file joins them.

    "Pas de considération ..." is dropped where another one stands beside it.
    """
    found = tuple(dict.fromkeys(_values(value)))
    stated = tuple(text for text in found if not text.casefold().startswith("pas de "))
    return stated or found


def _values(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _values(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _values(inner)]
    if not isinstance(value, str):
        return []
    parts = (" ".join(part.split()) for part in _LISTED.split(value))
    return [part for part in parts if part.casefold() not in _EMPTY]


def _one(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    text = " ".join(str(value).split())
    return "" if text.casefold() in _EMPTY else text.removesuffix(".0")


def _answer(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    text = value.strip().casefold() if isinstance(value, str) else ""
    return {"oui": True, "true": True, "1": True, "non": False, "false": False, "0": False}.get(
        text
    )


def _key(key: str) -> str:
    return re.sub(r"[^a-z]", "", key.lower())
