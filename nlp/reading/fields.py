"""Fields of notices: their names and codes in words, figures the French way, and their writer.

Coded fields are spelled out with their code ("Variantes : autorisées (BT-63 allowed)") so that a
finding has words to show; the codes themselves are kept beside the lines.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from corpus.documents import Page
from nlp.reading.errors import NoText
from nlp.reading.text import PAGE_CHARACTERS, Sheets

Fields: TypeAlias = dict[str, tuple[str, ...]]

_TABLE: Mapping[str, Mapping[str, Any]] = tomllib.loads(
    Path(__file__).with_name("fields.toml").read_text(encoding="utf-8")
)
LABELS: Mapping[str, str] = {field: entry["label"] for field, entry in _TABLE.items()}
CODES: Mapping[str, Mapping[str, str]] = {
    field: entry["codes"] for field, entry in _TABLE.items() if "codes" in entry
}
_ANYWHERE = {
    "true": "oui",
    "false": "non",
    "yes": "oui",
    "no": "non",
    "not-known": "non précisé",
    "unpublished": "non publié",
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


class FieldWriter:
    """Writes lines to pages and keeps the typed fields beside them.

    ``scope`` is the lot or organization that the next fields are about, "" for the whole notice.
    Without ``max_pages`` only the fields are kept.
    """

    def __init__(self, max_pages: int | None = None) -> None:
        self._sheets = None if max_pages is None else Sheets(max_pages, cut=PAGE_CHARACTERS)
        self.scope = ""
        self._kept: dict[str, list[str]] = {}
        self._heading = self._wanted = ""

    def pages(self) -> tuple[Page, ...]:
        """Return the pages written; raises NoText when there are none."""
        if self._sheets is None:
            raise NoText
        return self._sheets.close()

    @property
    def fields(self) -> Fields:
        """The values kept so far, by "LOT-0001/BT-71" or "BT-21"."""
        return {field: tuple(values) for field, values in self._kept.items()}

    def title(self, text: str) -> None:
        """Begin a section or a lot."""
        self._heading = self._wanted = ""
        self.plain(text, "h1")

    def turn(self) -> None:
        """End the page: the next line begins another notice."""
        if self._sheets is not None:
            self._sheets.turn()

    def plain(self, text: str, style: str = "") -> None:
        """Write a paragraph that belongs to no field, in a style of ``Line``."""
        if self._sheets is not None:
            self._sheets.paragraph(text, style)

    def lines(self, text: str) -> None:
        """Write a text line by line as it stands."""
        if self._sheets is not None:
            self._sheets.line(text)

    def heading(self, text: str) -> None:
        """Begin a part of a section with the next line, unless it has begun already."""
        self._wanted = text

    def keep(self, field: str, value: str) -> None:
        """Keep a value of a field without a line."""
        if field and value:
            key = f"{self.scope}/{field}" if self.scope else field
            self._kept.setdefault(key, []).append(value)

    def has(self, field: str) -> bool:
        """Tell whether the whole notice has a value of a field."""
        return field in self._kept

    def text(self, field: str, label: str, value: str) -> None:
        """Write a field of free text or figures."""
        if value := value.strip():
            self.keep(field, value)
            self._put(f"{label} : {value}" if label else value)

    def said(self, field: str, value: str, words: str = "") -> None:
        """Write a field under its own name, as ``words`` where its value is not for people."""
        self.keep(field, value.strip())
        self.text("", LABELS[field], words or value)

    def coded(self, field: str, code: str) -> None:
        """Write a coded field in words, with its code."""
        if code:
            self.keep(field, code)
            self._put(f"{LABELS[field]} : {words_of(field, code)} ({field} {code})")

    def aside(self, text: str) -> None:
        """Write a line that people see and that no clause is read from."""
        if text.strip():
            self._begin()
            self.plain(text.strip(), "footer")

    def _begin(self) -> None:
        if self._wanted != self._heading:
            self._heading = self._wanted
            self.plain(self._heading, "h2")

    def _put(self, text: str) -> None:
        self._begin()
        self.plain(text)


def words_of(field: str, code: str) -> str:
    """Return what a code says; one that is not known stands for itself."""
    return CODES[field].get(code) or _ANYWHERE.get(code, code)


def number(value: str) -> str:
    """Write a number the French way: "1234.50" -> "1 234,50"."""
    match = re.fullmatch(r"\s*(-?)(\d{1,15})(?:[.,](\d{1,6}))?\s*", value)
    if match is None:
        return value.strip()
    whole = f"{int(match[2]):,}".replace(",", " ")
    cents = (match[3] or "").rstrip("0")
    return f"{match[1]}{whole}" + (f",{cents.ljust(2, '0')}" if cents else "")


def amount(value: str, currency: str) -> str:
    """Write an amount with its currency, the euro as its sign."""
    return f"{number(value)} {_CURRENCIES.get(currency, currency)}".strip()


def measure(value: str, unit: str) -> str:
    """Write a duration: "48", "MONTH" -> "48 mois"."""
    return f"{number(value)} {_UNITS.get(unit, unit)}".strip()


def moment(date: str, time: str = "") -> str:
    """Write a date and an hour: "2026-03-01+01:00", "12:00:00" -> "01/03/2026 à 12h00"."""
    day = re.match(r"(\d{4})-?(\d\d)-?(\d\d)", date.strip())
    said = f"{day[3]}/{day[2]}/{day[1]}" if day else date.strip()
    hour = re.match(r"(\d\d?):(\d\d)", time.strip())
    clock = f"{hour[1]}h{hour[2]}" if hour else time.strip()
    return f"{said} à {clock}" if said and clock else said


def weighted(name: str, weight: str, form: str = "") -> str:
    """Return "Prix, pondération 40 %"; ``form`` is a code of eForms' number-weight list."""
    weight = weight.strip()
    if not weight:
        return name
    if form.startswith("ord"):
        return f"{name}, rang {_whole(weight)}"
    figure = weight.removesuffix("%").strip()
    # Buyers also write "40" and call it a fraction.
    if form.startswith("dec") and re.fullmatch(r"0?[.,]\d{1,6}|1(?:[.,]0{1,6})?", figure):
        figure = f"{float('0' + figure.replace(',', '.')) * 100:g}"
        form = "per"
    if re.fullmatch(r"\d{1,6}(?:[.,]\d{1,6})?", figure):
        unit = " points" if form.startswith("poi") else ""
        unit = " %" if form.startswith("per") or weight.endswith("%") else unit
        return f"{name}, pondération {trimmed(figure)}{unit}"
    return f"{name}, pondération {weight}"


def trimmed(figure: str) -> str:
    """Drop the empty decimals of a weight: "40.00" -> "40"."""
    whole, _, decimals = figure.replace(",", ".").partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole},{decimals}" if decimals else whole


def _whole(rank: str) -> str:
    return trimmed(rank) if re.fullmatch(r"\d{1,6}(?:[.,]\d{1,6})?", rank) else rank


def criterion(kind: str, name: str, description: str = "") -> tuple[str, str]:
    """Return the label and the words of an award criterion of a kind of BT-539, "" for none."""
    words = words_of("BT-539", kind).capitalize() if kind else ""
    plain = kind in ("", "price") or (name or description or words) == words
    label = "Critère" if plain else f"Critère ({words.lower()})"
    return label, joined(name, description) or words


def joined(name: str, description: str) -> str:
    """Return "name - description", either alone where they say the same or one is missing."""
    if name and description and name.lower() != description.lower():
        return f"{name} - {description}"
    return name or description


def lot_title(number: str, title: str, kind: str = "Lot") -> str:
    """Return "Lot 1 - titre"; the number is not said twice, nor read together with another.

    Number "0" is that of a contract without lots.
    """
    if number == "0":
        return title.strip() or "Objet du marché"
    title = re.sub(
        rf"\A\(?{kind}s?\s{{0,2}}(?:n\s?[°ºo]\s?){{0,1}}0{{0,3}}{re.escape(number)}\b\)?[\s:–—.-]{{0,6}}",
        "",
        title.strip(),
        flags=re.IGNORECASE,
    )
    if not title:
        return f"{kind} {number}"
    return f"{kind} {number}{' :' if title[0].isdigit() else ' -'} {title}"


def lot_kind(identifier: str) -> str:
    """Return "Groupe" for "GLO-0001", "Partie" for "PAR-0001", else "Lot"."""
    # A group is no lot: its number must not be read as one.
    return {"GLO": "Groupe", "PAR": "Partie"}.get(identifier.strip()[:3].upper(), "Lot")


def lot_number(identifier: str) -> str:
    """Return "1" for "LOT-0001"."""
    match = re.search(r"(\d{1,6})\s*\Z", identifier)
    return str(int(match[1])) if match else identifier.strip()


def lot_scope(identifier: str) -> str:
    """Return "LOT-0001" for "1"; an identifier that holds no number stands behind "LOT-"."""
    number = lot_number(identifier)
    return f"LOT-{int(number):04d}" if number.isascii() and number.isdigit() else f"LOT-{number}"
