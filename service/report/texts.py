"""The words of the report in both languages, and French and English ways to write numbers."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path

from service.messages import Language

_FILE = Path(__file__).with_suffix(".toml")
_NARROW, _NO_BREAK = "\u202f", "\u00a0"
_BREAKS = "\t\n\r\x0b\x0c\x85\u2028\u2029"
_FRENCH = (
    (re.compile(r"(?<=\w)'(?=\w)"), "’"),
    (re.compile(r" (?=[:%€»])"), _NO_BREAK),
    (re.compile(r"(?<=«) "), _NO_BREAK),
    (re.compile(r" (?=[;!?])"), _NARROW),
    (re.compile(r"(?<=\d) (?=\d{3}\b)"), _NARROW),
)
_MONTHS = (
    ("janvier", "January"), ("février", "February"), ("mars", "March"), ("avril", "April"),
    ("mai", "May"), ("juin", "June"), ("juillet", "July"), ("août", "August"),
    ("septembre", "September"), ("octobre", "October"), ("novembre", "November"),
    ("décembre", "December"),
)  # fmt: skip


@cache
def catalogue() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return the words by section, key and language."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name: section for name, section in table.items() if isinstance(section, dict)}


def words(key: str, language: Language, **params: object) -> str:
    """Return an interface text by key, with its values put in; KeyError when there is none."""
    return catalogue()["ui"][key][language].format(**params)


def name(section: str, key: str, language: Language) -> str:
    """Return the name of a code in a section; an unknown code is shown as it is, made readable."""
    entry = catalogue()[section].get(key)
    return entry[language] if entry else key.replace("_", " ")


def counted(key: str, count: int, language: Language) -> str:
    """Return a number with its noun in the right form ("0 page", "0 pages")."""
    one = count < 2 if language == "fr" else count == 1
    entry = catalogue()["count"][f"{key}_{'one' if one else 'many'}"]
    return entry[language].format(n=number(count, language))


def number(value: float, language: Language, digits: int = 0) -> str:
    """Write a number: "1 234,5" (narrow no-break space) in French, "1,234.5" in English."""
    written = f"{value:,.{digits}f}"
    if language == "en":
        return written
    return written.replace(",", _NARROW).replace(".", ",")


def signed(value: float, language: Language) -> str:
    """Write a number of points with its sign ("+5,2", "−1,0", "0,0")."""
    written = number(abs(value), language, 1)
    sign = "" if not round(value, 1) else "+" if value > 0 else "−"
    return sign + written


def quantity(value: float, language: Language) -> str:
    """Write a number with at most two decimals, none when it is whole."""
    written = number(value, language, 2)
    comma = "," if language == "fr" else "."
    whole, _, decimals = written.rpartition(comma)
    decimals = decimals.rstrip("0")
    return f"{whole}{comma}{decimals}" if decimals else whole


def percent(value: float, language: Language) -> str:
    """Write a percentage: "45 %" in French, "45%" in English."""
    return quantity(value, language) + (f"{_NO_BREAK}%" if language == "fr" else "%")


def money(value: float, language: Language) -> str:
    """Write an amount of euros: "90 000 €" in French, "€90,000" in English."""
    written = quantity(value, language)
    return f"{written}{_NO_BREAK}€" if language == "fr" else f"€{written}"


def measure(key: str, value: str, language: Language) -> str:
    """Write a value that a passage quantifies, with its unit ("600 heures")."""
    entry = catalogue()["value"].get(key)
    return entry[language].format(v=value) if entry else f"{key.replace('_', ' ')}: {value}"


def lot_list(lots: Sequence[str], language: Language) -> str:
    """Write lot numbers, three or more in a row as their ends ("1 à 40, 42", "1 to 40, 42")."""
    runs: list[list[str]] = []
    for lot in lots:
        if runs and _follows(runs[-1][-1], lot):
            runs[-1].append(lot)
        else:
            runs.append([lot])
    shown = (
        [words("from_to", language, first=run[0], last=run[-1])] if len(run) > 2 else run
        for run in runs
    )
    return plain(", ".join(chain.from_iterable(shown)))


def _follows(lot: str, following: str) -> bool:
    return lot.isdecimal() and following.isdecimal() and int(following) == int(lot) + 1


def size(count: int, language: Language) -> str:
    """Write a number of bytes in Mo or MB, in Ko or KB under one."""
    mega, kilo = ("Mo", "Ko") if language == "fr" else ("MB", "KB")
    if count < 1024 * 1024:
        return f"{number(max(1, round(count / 1024)), language)}{_NO_BREAK}{kilo}"
    return f"{quantity(round(count / (1024 * 1024), 1), language)}{_NO_BREAK}{mega}"


def day(value: date, language: Language) -> str:
    """Write a date in words: "1er octobre 2026" in French, "1 October 2026" in English."""
    month = _MONTHS[value.month - 1][0 if language == "fr" else 1]
    first = "1er" if language == "fr" and value.day == 1 else str(value.day)
    return f"{first}{_NO_BREAK}{month}{_NO_BREAK}{value.year}"


def polished(text: str, language: Language) -> str:
    """Return one of our own sentences with the spaces and apostrophes of French printing.

    Never for a quote: what a document says is shown as it is written.
    """
    if language != "fr":
        return text
    for pattern, replacement in _FRENCH:
        text = pattern.sub(replacement, text)
    return text


def plain(text: str) -> str:
    """Replace control and direction-changing characters, which could forge a line of a report.

    Names and quotes come from strangers: an escape sequence must not reach a terminal, nor a
    right-to-left override turn "fdp.exe" into "exe.pdf". Tabs and line ends become spaces.
    """
    return "".join(
        " " if character in _BREAKS else "\ufffd" if _hidden(character) else character
        for character in text
    )


def _hidden(character: str) -> bool:
    category = unicodedata.category(character)
    if category in ("Cc", "Cs"):
        return True
    return category == "Cf" and character not in "\u00ad\u200c\u200d"
