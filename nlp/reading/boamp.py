"""Records of the French bulletin of public tenders (BOAMP) as its open data publishes them.

A record has a head of short values and the whole notice in ``donnees``, a JSON text: an eForms or
a TED form turned into JSON, or one of the bulletin's own forms (FNSimple, MAPA and others).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nlp.reading import eforms
from nlp.reading.elements import from_json
from nlp.reading.fields import (
    LABELS,
    FieldWriter,
    amount,
    criterion,
    joined,
    lot_number,
    lot_scope,
    lot_title,
    moment,
    weighted,
    words_of,
)
from nlp.reading.ted import FORM, write_ted

_KINDS = {"TRAVAUX": "works", "SERVICES": "services", "FOURNITURES": "supplies"}
_HEAD = {
    "famille_libelle": "Type d'avis",
    "nature_libelle": "Nature de l'avis",
    "procedure_libelle": "Procédure",
    "descripteur_libelle": "Descripteurs",
    "criteres": "Critères signalés",
    "code_departement_prestation": "Département de la prestation",
    "titulaire": "Titulaire",
}
# By key in capitals without accents, "_" or the prefix of its namespace: older forms write
# CRITERES_ATTRIBUTION, newer ones criteresAttribution.
_TEXTS = {
    "INTITULE": ("BT-21", "Intitulé"),
    "TITREMARCHE": ("BT-21", "Intitulé"),
    "OBJET": ("BT-24", "Objet"),
    "OBJETCOMPLET": ("BT-24", "Objet"),
    "DESCRIPTION": ("BT-24", "Description"),
    "IDENTIFIANTINTERNE": ("BT-22", "Référence"),
    "LIEUEXECUTION": ("BT-728", "Lieu d'exécution"),
    "LIEUEXECLIVR": ("BT-728", "Lieu d'exécution"),
    "DATERECEPTIONOFFRES": ("BT-131", "Date limite de réception des offres"),
    "RECEPTIONOFFRES": ("BT-131", "Date limite de réception des offres"),
    "APTITUDE": ("BT-750", "Aptitude à exercer l'activité"),
    "CAPACITEECOFIN": ("BT-750", "Capacité économique et financière"),
    "CAPECO": ("BT-750", "Capacité économique et financière"),
    "CAPACITETECH": ("BT-750", "Capacité technique et professionnelle"),
    "CAPTECH": ("BT-750", "Capacité technique et professionnelle"),
    "SITUATIONJURIDIQUE": ("BT-750", "Situation juridique"),
    "CONDITIONSEXECUTION": ("BT-70", "Conditions d'exécution"),
    "CONDITIONSPARTICULIERES": ("BT-70", "Conditions d'exécution"),
    "AUTRESCONDITIONS": ("BT-70", "Conditions d'exécution"),
    "FINANCEMENT": ("BT-77", "Modalités de financement et de paiement"),
    "CAUTION": ("BT-75", "Cautionnement et garanties"),
    "FORMEJURIDIQUE": ("BT-76", "Forme juridique"),
    "AUTRESINFORMCOMPLEMENTAIRES": ("BT-300", "Informations complémentaires"),
    "AUTRESINFORMATIONSCOMPLEMENTAIRES": ("BT-300", "Informations complémentaires"),
    "RENSCOMPLEMENT": ("BT-300", "Informations complémentaires"),
    "URLDOCCONSUL": ("BT-15", "Documents de la consultation"),
    "TECHNIQUEACHAT": ("", "Technique d'achat"),
    "VISITEOBLIGATOIRE": ("", "Visite obligatoire"),
    "POSSIBILITERECONDUCTION": ("", "Reconduction"),
    "RECONDUCTIONS": ("BT-57", "Reconductions"),
    "OPTIONS": ("BT-54", "Options"),
    "TYPEPROCEDURE": ("", "Procédure"),
}
_SECTIONS = {
    "NATUREMARCHE": "Objet",
    "OBJET": "Objet",
    "DESCRIPTION": "Objet",
    "CONDITIONPARTICIPATION": "Conditions de participation",
    "CONDITIONSPARTICIPATION": "Conditions de participation",
    "CONDITIONRELATIVEMARCHE": "Conditions liées au marché",
    "CRITERESATTRIBUTION": "Critères d'attribution",
    "CRITERES": "Critères d'attribution",
    "PROCEDURE": "Procédure",
    "INFORMCOMPLEMENTAIRES": "Renseignements complémentaires",
    "RENSEIGNEMENTSCOMPLEMENTAIRES": "Renseignements complémentaires",
}
# Who buys, where to write and to appeal, how the notice was sent: nothing a tender says.
_SILENT = re.compile(
    r"ORGANISME|IDENTITE|ADRESSE|COORD|COMMUNICATION|TEL|FAX|MEL|COURRIEL|URL(?!DOCCONSUL).*|CP|VILLE"
    r"|PAYS|CODE(?!CPV|S?CPV).*|NUTS|RECOURS|INSTANCE.*|PROCRECOURS|GESTION|FACTURATION|XMLNS.*"
    r"|SCHEMA.*|VERSION|CORRESPONDANT|CONTACT.*|NOMCONTACT"
)
# Keys are written without accents.
_ACCENTED = {
    "adaptee": "adaptée",
    "caracteristiques": "caractéristiques",
    "criteres": "critères",
    "delai": "délai",
    "detail": "détail",
    "duree": "durée",
    "marche": "marché",
    "negociation": "négociation",
    "negociee": "négociée",
    "numero": "numéro",
    "presentation": "présentation",
    "procedure": "procédure",
    "possibilite": "possibilité",
    "reduction": "réduction",
    "reference": "référence",
    "reserve": "réservé",
}
_CPV = re.compile(r"\d{8}(?:-\d)?")
_RECTIFIED = frozenset(("RECTIF", "RECTIFICATIF", "ANNULATION", "AVISRECTIFICATIF"))
_DEPTH = 6  # at which the form stands in ``donnees``


def is_record(value: Mapping[str, Any]) -> bool:
    """Tell whether a JSON object is a record of the bulletin."""
    return "idweb" in value or "donnees" in value or {"objet", "nomacheteur"} <= value.keys()


def write_record(record: Mapping[str, Any], writer: FieldWriter) -> None:
    """Write a record: its head, then the notice it carries."""
    notice = _loaded(record.get("donnees"))
    form = _embedded(notice, _DEPTH)
    head = {
        "BT-21": _text(record.get("objet")),
        "BT-23": next((k for t in _texts(record.get("type_marche")) if (k := _kind(t))), ""),
        "BT-131": _text(record.get("datelimitereponse")),
    }
    writer.title("Avis de marché" if form is None else "Annonce")
    writer.text("", LABELS["BT-21"], head["BT-21"])
    writer.text("", "Acheteur", _text(record.get("nomacheteur")))
    for key, label in _HEAD.items():
        writer.text("", label, ", ".join(_texts(record.get(key))))
    writer.text("", LABELS["BT-23"], words_of("BT-23", head["BT-23"]))
    writer.text("", LABELS["BT-131"], moment(head["BT-131"][:10], head["BT-131"][11:16]))
    if form is None:
        _Form(writer).write(notice)
    elif FORM.fullmatch(form.tag):
        write_ted(form, writer)
    else:
        eforms.write_eforms(form, writer)
    # The notice itself has said them, as a rule.
    for field, value in head.items():
        if not (notice and writer.has(field)):
            writer.keep(field, value)


def _loaded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _embedded(value: Any, depth: int) -> Any | None:
    """Return the eForms or TED notice that stands somewhere in a form, as XML again."""
    if isinstance(value, list) and depth:
        return next((e for v in value if (e := _embedded(v, depth - 1)) is not None), None)
    if not isinstance(value, dict) or not depth:
        return None
    for key, inner in value.items():
        name = key.rpartition(":")[2]
        if name in eforms.ROOTS or FORM.fullmatch(name):
            return from_json(name, inner[0] if isinstance(inner, list) and inner else inner)
    return next((e for v in value.values() if (e := _embedded(v, depth - 1)) is not None), None)


class _Form:
    """Walks one of the bulletin's own forms: each value a line under the name of its key."""

    def __init__(self, writer: FieldWriter) -> None:
        self._writer = writer
        self._lots: list[Any] = []
        self._section = "Renseignements"

    def write(self, value: Any) -> None:
        """Write a form, its lots last: what follows them is about all of them."""
        self._writer.heading(self._section)
        self._value("", value)
        for lots in self._lots:
            self._each_lot(lots)

    def _value(self, key: str, value: Any) -> None:
        name, before = _plain(key), self._section
        if name in _SECTIONS and (isinstance(value, dict) or name not in _TEXTS):
            self._section = _SECTIONS[name]
            self._writer.heading(self._section)
        self._named(key, name, value)
        if self._section != before:  # what follows is no part of it
            self._section = before
            self._writer.heading(before)

    def _named(self, key: str, name: str, value: Any) -> None:
        if _SILENT.fullmatch(name):
            return
        if isinstance(value, list):
            for item in value:
                self._value(key, item)
            return
        if name in _RECTIFIED:
            self._rectified(value)
            return
        if (handler := self._handlers.get(name)) is not None:
            handler(self, value)
        elif isinstance(value, dict) and _flag(value) is None:
            for inner, item in value.items():
                if _plain(inner) in ("OUI", "NON") and not item:
                    self._writer.text("", _label(name, key), inner.lower())
                else:
                    self._value(inner, item)
        else:
            text = (_flag(value) or "") if isinstance(value, dict) else _text(value)
            field, label = _TEXTS.get(name, ("", ""))[0], _label(name, key)
            shown = moment(text[:10], text[11:16]) if field == "BT-131" else text
            if text and (field or len(text) > 1):
                self._writer.keep(field, text)
                self._writer.text("", label, shown)

    def _rectified(self, value: Any) -> None:
        """Say a correction; the clauses are read in the notice that is corrected."""
        for text in _strings(value):
            self._writer.aside(text)

    def _later(self, value: Any) -> None:
        self._lots.append(value)

    def _each_lot(self, value: Any) -> None:
        inner = value.get("lot", value.get("LOT", value)) if isinstance(value, dict) else value
        lots = [inner] if isinstance(inner, dict) else inner
        lots = [lot for lot in lots if isinstance(lot, dict)] if isinstance(lots, list) else []
        for position, lot in enumerate(lots, 1):
            known = {_plain(key): key for key in lot}
            keys = [known[n] for n in ("NUMLOT", "NUMEROLOT", "NUMERO", "NUM") if n in known]
            number = next((t for key in keys if (t := _text(lot[key]))), str(position))
            named = known.get("INTITULE") or known.get("DESCRIPTION") or known.get("OBJET") or ""
            title = _text(lot.get(named))
            self._writer.scope = lot_scope(number)
            self._writer.keep("BT-137", self._writer.scope)
            self._writer.keep("BT-21", title)
            self._writer.title(lot_title(lot_number(number), title))
            for key, item in lot.items():
                if key not in keys and key != named:
                    self._value(key, item)
            self._writer.scope = ""

    def _criteria(self, value: Any) -> None:
        for name, weight in _judged(value, ""):
            self._writer.keep("BT-734", name)
            self._writer.keep("BT-541", weight)
            label, said = criterion("", name)
            self._writer.text("", label if weight else "", weighted(said, weight))

    def _reserved(self, value: Any) -> None:
        """Write a reservation, in words at least, with its code where its key tells one."""
        answer = (_flag(value) or "") if isinstance(value, dict) else _text(value)
        keys = _plain(" ".join(_keys(value)) if isinstance(value, dict) else answer)
        if re.search(r"ATELIER|PROTEGE|ADAPTEE|ESAT|INSERTION", keys):
            self._writer.coded("BT-71", "res-ws")
        elif re.search(r"PROGRAMME|CADRE", keys):
            self._writer.coded("BT-736", "yes")
        elif keys == "NON":
            self._writer.coded("BT-71", "none")
        else:
            self._writer.text("", LABELS["BT-71"], answer)
        for text in _strings(value) if isinstance(value, dict) else ():
            self._writer.text("", "", text)

    def _variants(self, value: Any) -> None:
        answer = (_flag(value) or "") if isinstance(value, dict) else _text(value)
        code = {"OUI": "allowed", "NON": "not-allowed"}.get(_plain(answer))
        if code:
            self._writer.coded("BT-63", code)
        else:
            self._writer.text("BT-63", LABELS["BT-63"], answer or " ".join(_strings(value)))

    def _months(self, value: Any) -> None:
        if months := _text(value):
            self._writer.said("BT-36", f"{months} MONTH", f"{months} mois")

    def _days(self, value: Any) -> None:
        if days := _text(value):
            self._writer.said("BT-36", f"{days} DAY", f"{days} jours")

    def _estimate(self, value: Any) -> None:
        figures = [value] if not isinstance(value, dict) else list(_strings(value))
        for figure in map(_text, figures):
            if re.fullmatch(r"[\d ]{1,20}(?:[.,]\d{1,4})?", figure):
                plain = figure.replace(" ", "")
                self._writer.said("BT-27", plain, amount(plain, "EUR"))

    def _cpv(self, value: Any) -> None:
        for position, code in enumerate(t for t in _strings(value) if _CPV.fullmatch(t.strip())):
            self._writer.said("BT-263" if position else "BT-262", code.strip()[:8])

    def _nature(self, value: Any) -> None:
        kind = _kind((_flag(value) or "") if isinstance(value, dict) else _text(value))
        self._writer.said("BT-23", kind, words_of("BT-23", kind))

    _handlers: Mapping[str, Callable[[_Form, Any], None]] = {
        "LOTS": _later,
        "CRITERESATTRIBUTION": _criteria,
        "CRITERES": _criteria,
        "MARCHERESERVE": _reserved,
        "MARCHESRESERVES": _reserved,
        "RESERVE": _reserved,
        "VARIANTES": _variants,
        "DUREEMOIS": _months,
        "NBMOIS": _months,
        "DUREEJOURS": _days,
        "NBJOURS": _days,
        "VALEURESTIMEE": _estimate,
        "ESTIMATIONVALEUR": _estimate,
        "CODECPV": _cpv,
        "CPV": _cpv,
        "TYPEMARCHE": _nature,
    }


def _kind(text: str) -> str:
    """Return the code of BT-23 for "Services" or "TRAVAUX", "" for another word."""
    words = re.findall(r"[A-Z]+", text.upper())
    return next((_KINDS[word] for word in words if word in _KINDS), "")


def _judged(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the weight of each criterion of a form."""
    if isinstance(value, list):
        for item in value:
            yield from _judged(item, key)
    elif isinstance(value, dict):
        known = {_plain(k.lstrip("@")): k for k in value}
        weights = [known[n] for n in ("POIDS", "PONDERATION", "COEFFICIENT") if n in known]
        names = [known[n] for n in ("#TEXT", "CRITERE", "INTITULE", "LIBELLE", "NOM") if n in known]
        name = next((t for k in names if (t := _text(value[k]))), "")
        if weights and name:
            yield name, _text(value[weights[0]])
        elif (flag := _flag(value)) is not None:
            yield from ((_spelled(text), "") for text in flag.split(", ") if flag)
        else:
            for inner, item in value.items():
                yield from _judged(item, inner)
    elif text := _text(value):
        for line in filter(None, (part.strip() for part in text.split("\n"))):
            yield line, ""


def _flag(value: Mapping[str, Any]) -> str | None:
    """Return the keys of an object whose values are all empty: {"oui": ""} says "oui"."""
    said = {key: inner for key, inner in value.items() if not key.startswith("@")}
    if said and all(inner in ("", None) or inner == {} for inner in said.values()):
        return ", ".join(_spelled(key).lower() for key in said)
    return joined(_text(said["#text"]), "") if said.keys() == {"#text"} else None


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif text := _text(value):
        yield text


def _texts(value: Any) -> list[str]:
    return [text for text in _strings(value) if text != "[]"]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value).strip() if isinstance(value, (str, int, float)) else ""


def _plain(key: str) -> str:
    return re.sub(r"[\s_-]", "", key.rpartition(":")[2]).upper()


def _label(name: str, key: str) -> str:
    return _TEXTS[name][1] if name in _TEXTS else _spelled(key)


def _spelled(key: str) -> str:
    """Write a key as words: "possibiliteReconduction" -> "Possibilité reconduction"."""
    words = re.sub(r"(?<=[a-z\d])(?=[A-Z])|_", " ", key.rpartition(":")[2].lstrip("@#"))
    return " ".join(_ACCENTED.get(word, word) for word in words.lower().split()).capitalize()
