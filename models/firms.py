"""Firms and ecosystem maps: what a firm is, its trade against a lot, what it may answer.

Statuses, column names and thresholds: ``firms.toml``.
"""

from __future__ import annotations

import csv
import io
import math
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.findings import Finding, Lot, Status
from corpus.taxonomy import labels
from models.call import Call

_FILE = Path(__file__).with_name("firms.toml")
_SECTIONS = {"schema", "checked_on", "status", "column", "listed_services", "sector"}
_STATUS_KEYS = {"title_fr", "title_en", "names", "eligible", "reason_fr", "reason_en"}
_CPV = re.compile(r"\d{2,8}(?:-\d)?")
_SEPARATORS = re.compile(r"[;|]")
_ROOT = 5  # letters of a root: "nettoyage" and "nettoiement" share it
_EMPTY_WORDS = frozenset(
    "avec aux dans des du elle entre et les leur leurs lot lots par pour prestation prestations"
    " realisation service services ses son sous sur travaux un une".split()
)
MAX_LINES = 200_000


class FirmError(ValueError):
    """A table of firms, or firms.toml, holds something that cannot be read; says where."""


class Eligible(IntEnum):
    """Whether a firm may answer a reserved lot; CHECK when its status alone does not tell."""

    NO = 0
    CHECK = 1
    YES = 2


class Sector(IntEnum):
    """How the trade of a firm stands to the object of a lot."""

    OUTSIDE = 0
    UNKNOWN = 1
    OWN = 2


@dataclass(frozen=True, slots=True)
class Firm:
    """One firm of the ecosystem.

    ``statuses`` are keys of ``statuses()``; ``trades`` are CPV prefixes or words; ``turnover`` and
    ``maximum_lot`` are EUR a year and EUR; ``won_l2113_15`` is the day on which it last won a
    contract reserved by L. 2113-15. None or () is "not known", never "none". Raises FirmError when
    a status is unknown or a number is negative.
    """

    name: str
    profile: str = "sme"
    statuses: tuple[str, ...] = ()
    trades: tuple[str, ...] = ()
    turnover: float | None = None
    headcount: float | None = None
    certifications: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    maximum_lot: float | None = None
    won_l2113_15: date | None = None

    def __post_init__(self) -> None:
        if unknown := [s for s in self.statuses if s not in statuses()]:
            raise FirmError(f"unknown status: {', '.join(unknown)}")
        for value in (self.turnover, self.headcount, self.maximum_lot):
            if value is not None and not (0 <= value < math.inf):
                raise FirmError(f"a number must be 0 or more, not {value}")

    @property
    def cpv(self) -> tuple[str, ...]:
        """The trades given as CPV prefixes, without the zeros that end them."""
        return tuple(cpv_prefix(t) for t in self.trades if _CPV.fullmatch(t))

    @property
    def words(self) -> tuple[str, ...]:
        """The trades given in words."""
        return tuple(t for t in self.trades if not _CPV.fullmatch(t))


@cache
def table() -> Mapping[str, Any]:
    """Return firms.toml. Raises FirmError when it holds an unknown key, label or answer."""
    read: Mapping[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    if set(read) != _SECTIONS:
        raise FirmError(f"firms.toml: sections {sorted(set(read) ^ _SECTIONS)}")
    for name, status in read["status"].items():
        if set(status) != _STATUS_KEYS:
            raise FirmError(f"firms.toml: {name}: keys {sorted(set(status) ^ _STATUS_KEYS)}")
        for label, answer in status["eligible"].items():
            if label not in labels() or answer not in ("yes", "check"):
                raise FirmError(f"firms.toml: {name}: {label} = {answer}")
    if unknown := set(read["sector"]["own"]) - set(labels()):
        raise FirmError(f"firms.toml: sector: labels {sorted(unknown)}")
    return read


def statuses() -> Mapping[str, Mapping[str, Any]]:
    """Return the known statuses with titles, what they may answer and why."""
    found: Mapping[str, Mapping[str, Any]] = table()["status"]
    return found


# -- reservations ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a reservation is open to a firm, and why; never legal advice."""

    level: Eligible
    reason_fr: str
    reason_en: str


def eligibility(firm: Firm, label: str, cpv: Sequence[str] = ()) -> Eligibility:
    """Tell whether ``firm`` may answer what is reserved by ``label``, by its best status.

    ``cpv`` are the codes of the lot: L. 2113-15 reserves listed services only.
    """
    best = Eligibility(
        Eligible.NO,
        "Aucun des statuts indiqués n'est nommé par cette réservation",
        "None of the statuses given is named by this reservation",
    )
    for name in firm.statuses:
        status = statuses()[name]
        level = Eligible[str(status["eligible"].get(label, "no")).upper()]
        if level > best.level:
            best = Eligibility(level, status["reason_fr"], status["reason_en"])
    if not firm.statuses:
        best = Eligibility(
            Eligible.CHECK, "Statut de la structure inconnu", "Status of the firm not known"
        )
    if label == "reserved.social_economy" and best.level is Eligible.YES and not listed(cpv):
        best = Eligibility(
            Eligible.CHECK,
            "Le code CPV du lot n'est pas parmi les services listés (L. 2113-15) : à vérifier",
            "The CPV code of the lot is not among the listed services (L. 2113-15): to be checked",
        )
    return best


def listed(cpv: Sequence[str]) -> bool:
    """Tell whether these codes are listed services of L. 2113-15; True when there is no code."""
    prefixes = tuple(table()["listed_services"]["cpv"])
    return not cpv or any(code.startswith(prefixes) for code in cpv)


# -- trade ----------------------------------------------------------------------------------------


def cpv_prefix(code: str) -> str:
    """Return a CPV code without its check digit and the zeros that end it (two digits at least)."""
    digits = code.partition("-")[0]
    return digits[:2] + digits[2:].rstrip("0")


def by_cpv(firm: Sequence[str], lot: Sequence[str]) -> Sector:
    """Compare CPV prefixes of a firm with the codes of a lot.

    OWN when a code begins with a prefix, UNKNOWN when they share a division (2 digits) or one side
    has no code, OUTSIDE else.
    """
    if not firm or not lot:
        return Sector.UNKNOWN
    if any(code.startswith(prefix) for code in lot for prefix in firm):
        return Sector.OWN
    shared = {code[:2] for code in lot} & {prefix[:2] for prefix in firm}
    return Sector.UNKNOWN if shared else Sector.OUTSIDE


def roots(text: str) -> frozenset[str]:
    """Return the roots of the telling words of a text: five letters, without accents."""
    words = re.findall(r"[a-z]{3,}", folded(text))
    return frozenset(word.rstrip("sx")[:_ROOT] for word in words if word not in _EMPTY_WORDS)


@cache
def _vectorizer() -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    # Without norm and signs a product of two rows counts the roots they share: whole numbers, so
    # that one pair and a matrix of pairs give the same figure.
    return HashingVectorizer(
        analyzer=roots, binary=True, norm=None, alternate_sign=False, n_features=2**18
    )


def similarity(trades: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the share of the roots of each trade that each text holds, texts × trades, 0 to 1."""
    if not trades or not texts:
        return np.zeros((len(texts), len(trades)))
    wanted = _vectorizer().transform(trades)
    shared = (_vectorizer().transform(texts) @ wanted.T).toarray()
    sizes = np.asarray(wanted.sum(axis=1)).ravel()
    return np.asarray(shared / np.maximum(sizes, 1.0), dtype=np.float64)


def sector(firm: Firm, call: Call, lot: Lot | None) -> Sector:
    """Compare the trades of a firm with a lot: by CPV code first, then by words.

    Words alone never say OUTSIDE: two ways to name one trade may share no word.
    """
    cpv = by_cpv(firm.cpv, cpv_of(lot))
    if cpv is Sector.OWN or not firm.words:
        return cpv
    return Sector.OWN if _alike(firm.words, object_of(call, lot)) else cpv


@lru_cache(maxsize=4096)
def _alike(words: tuple[str, ...], text: str) -> bool:
    return bool((similarity(words, (text,)) >= table()["sector"]["text"]).any())


def cpv_of(lot: Lot | None) -> tuple[str, ...]:
    """Return the CPV codes of a lot, digits only."""
    return tuple(code.partition("-")[0] for code in lot.cpv) if lot else ()


def object_of(call: Call, lot: Lot | None) -> str:
    """Return what is bought, in words: title of the lot, else every object the pieces state."""
    if lot is not None and lot.title:
        return lot.title
    stated = dict.fromkeys(str(f.value) for f in call.stated("procedure.object"))
    return " ; ".join(stated)


def own_labels(firm: Firm | None) -> frozenset[str]:
    """Return the environmental labels that are the firm's own trade."""
    return _own(firm.trades) if firm else frozenset()


@lru_cache(maxsize=4096)
def _own(trades: tuple[str, ...]) -> frozenset[str]:
    found = set()
    for label, words in table()["sector"]["own"].items():
        for trade in trades:
            if _CPV.fullmatch(trade):
                if any(w.isdigit() and cpv_prefix(trade).startswith(w) for w in words):
                    found.add(label)
            elif any(not w.isdigit() and roots(w) <= roots(trade) for w in words):
                found.add(label)
    return frozenset(found)


def reserving(live: Sequence[Finding], lot: Lot | None) -> Mapping[str, tuple[Finding, ...]]:
    """Return the reservations in force for a lot, or for a call without lots, with their proof."""
    found: dict[str, list[Finding]] = {}
    if lot is not None:
        proof = set(lot.findings)
        found = {
            label: [f for f in live if f.id in proof and label in f.labels]
            for label in lot.reserved
        }
    else:
        for finding in live:
            if finding.status == Status.BINDING:
                for label in finding.labels:
                    if label.startswith("reserved."):
                        found.setdefault(label, []).append(finding)
    return {label: tuple(found[label]) for label in sorted(found)}


# -- ecosystem maps -------------------------------------------------------------------------------


def read_csv(path: Path, profiles: Sequence[str] = ()) -> tuple[Firm, ...]:
    """Read an ecosystem map: CSV in UTF-8 (or Windows-1252), comma or semicolon, one firm a line.

    Columns: see docs/scoring.md; lists are divided by "|" (by ";" too when the comma divides
    columns). ``profiles`` are the profiles allowed, any when empty; without a profile column it
    follows from the statuses. Raises FirmError that names line and column.
    """
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if not text.strip():
        raise FirmError(f"{path.name}: empty")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = _columns(next(rows), path.name)
    firms: list[Firm] = []
    try:
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if len(firms) >= MAX_LINES:
                raise FirmError(f"{path.name}: more than {MAX_LINES} firms")
            if len(cells) > len(columns):
                raise FirmError(
                    f"{path.name}, line {rows.line_num}: {len(cells)} cells for"
                    f" {len(columns)} columns"
                )
            row = dict(zip(columns, cells, strict=False))
            firms.append(_firm(row, f"{path.name}, line {rows.line_num}", profiles))
    except csv.Error as error:
        raise FirmError(f"{path.name}, line {rows.line_num}: {error}") from error
    return tuple(firms)


def folded(text: str) -> str:
    """Return a text in lower case without accents, with plain apostrophes."""
    plain = unicodedata.normalize("NFD", text.replace("’", "'").lower())
    return "".join(c for c in plain if not unicodedata.combining(c))


def _header(text: str) -> str:
    return " ".join(re.sub(r"[_\-.]", " ", folded(text)).split())


def _columns(cells: Sequence[str], name: str) -> tuple[str, ...]:
    known = {_header(key): key for key in table()["column"]}
    known |= {_header(word): key for key, words in table()["column"].items() for word in words}
    found = []
    for at, cell in enumerate(cells, start=1):
        if _header(cell) not in known:
            raise FirmError(f"{name}, line 1, column {at}: unknown header {cell!r}")
        found.append(known[_header(cell)])
    if "name" not in found:
        raise FirmError(f"{name}, line 1: no column for the name")
    if double := {c for c in found if found.count(c) > 1}:
        raise FirmError(f"{name}, line 1: columns given twice: {', '.join(sorted(double))}")
    return tuple(found)


def _firm(row: Mapping[str, str], where: str, profiles: Sequence[str]) -> Firm:
    def cell(column: str) -> str:
        return row.get(column, "").strip()

    def number(column: str) -> float | None:
        return _number(cell(column), f"{where}, column {column}")

    if not cell("name"):
        raise FirmError(f"{where}, column name: empty")
    own = tuple(_status(one, f"{where}, column statuses") for one in _list(cell("statuses")))
    profile = cell("profile") or profile_of(own)
    if profiles and profile not in profiles:
        raise FirmError(f"{where}, column profile: unknown profile {profile!r}")
    try:
        return Firm(
            name=cell("name"),
            profile=profile,
            statuses=tuple(dict.fromkeys(own)),
            trades=tuple(_list(cell("trades"))),
            turnover=number("turnover"),
            headcount=number("headcount"),
            certifications=tuple(_list(cell("certifications"))),
            departments=tuple(one.zfill(2) for one in _list(cell("departments"))),
            maximum_lot=number("maximum_lot"),
            won_l2113_15=_day(cell("won_l2113_15"), f"{where}, column won_l2113_15"),
        )
    except FirmError as error:
        raise FirmError(f"{where}: {error}") from error


def profile_of(own: Iterable[str]) -> str:
    """Return the profile that statuses tell: the inclusive ones first, "sme" by default."""
    given = set(own)
    for status, profile in (
        ("ei", "siae_ei"), ("aci", "siae_aci"), ("ai", "siae_ai"), ("etti", "siae_etti"),
        ("eiti", "siae"), ("ea", "ea_esat"), ("eatt", "ea_esat"), ("esat", "ea_esat"),
        ("tih", "tih"), ("jei", "social_startup"), ("ess", "ess_association"),
        ("regie_quartier", "ess_association"), ("geiq", "ess_association"),
    ):  # fmt: skip
        if status in given:
            return profile
    return "sme"


def _list(cell: str) -> Iterator[str]:
    return (part.strip() for part in _SEPARATORS.split(cell) if part.strip())


def _status(text: str, where: str) -> str:
    for key, status in statuses().items():
        if _header(text) in {_header(key), *map(_header, status["names"])}:
            return key
    raise FirmError(f"{where}: unknown status {text!r}")


def _number(text: str, where: str) -> float | None:
    """Read "1 200 000", "1.200.000,50 €" or "1200000.5"."""
    plain = re.sub(r"[\s\u00a0\u202f€]|EUR", "", text)
    if not plain:
        return None
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        plain = re.sub(r"[.,](?=\d{3}(?!\d))", "", plain)  # thousands: no amount has 3 decimals
    plain = plain.replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        raise FirmError(f"{where}: {text!r} is no number") from None
    if not 0 <= value < math.inf:
        raise FirmError(f"{where}: {text!r} is no amount")
    return value


def _day(text: str, where: str) -> date | None:
    if not text:
        return None
    french = re.fullmatch(r"(\d{2})/(\d{2})/(\d{4})", text)
    try:
        return date.fromisoformat("-".join(reversed(french.groups())) if french else text)
    except ValueError:
        raise FirmError(f"{where}: {text!r} is no date (2026-11-24 or 24/11/2026)") from None
