"""The levers of ``advice/*.toml`` as records: wording, ground, when it fits, what it changes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from corpus.documents import PieceType
from corpus.facts import kinds
from corpus.taxonomy import labels

FOLDER = Path(__file__).with_name("advice")
# In the order in which several advices are applied: lots are divided last.
_FILES = ("reservation", "clauses", "criteria", "access")
_NAME = re.compile(r"[\w.]+")
_SCOPES = ("call", "lots", "lot")


class AdviceError(ValueError):
    """A file of levers or pillars holds something unknown, missing or contradictory."""


@dataclass(frozen=True, slots=True)
class Basis:
    """An article of law, the days between which it is in force, and what to know of it."""

    ref: str
    valid_from: date
    valid_to: date | None = None
    note_fr: str = ""
    note_en: str = ""
    lead: bool = False

    def holds(self, day: date) -> bool:
        """Whether the article is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of purchase, told by the words of its object or by its CPV codes."""

    id: str
    title_fr: str
    title_en: str
    words: tuple[str, ...]
    cpv: tuple[str, ...]
    not_words: tuple[str, ...] = ()
    works: bool = False

    def named(self, text: str) -> bool:
        """Whether the words of an object or title name this kind."""
        return says(self.words, text) and not says(self.not_words, text)

    def coded(self, cpv: Iterable[str]) -> bool:
        """Whether one of the CPV codes is of this kind."""
        return any(code.startswith(self.cpv) for code in cpv)


@dataclass(frozen=True, slots=True)
class Fits:
    """When a lever suits a purchase; amounts in EUR before tax, ``months_max`` in months."""

    scope: str
    kinds: tuple[str, ...] = ()
    not_kinds: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    amount_min: float = 0.0
    yearly_max: float = 0.0
    whole_max: float = 0.0
    works_max: float = 0.0
    months_max: float = 0.0
    known: bool = False
    threshold: bool = False
    undivided: bool = False


@dataclass(frozen=True, slots=True)
class Followed:
    """What shows that a tender already does what a lever asks.

    ``unless`` are facts that refute it, ``weak`` those that tell a clause found to be too little.
    """

    labels: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    criterion: Mapping[str, Any] = field(default_factory=dict)
    reserved: bool = False
    binding: bool = False
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Effect:
    """What the written clause would let a reader find, and what it takes away."""

    find: tuple[Mapping[str, Any], ...] = ()
    facts: tuple[Mapping[str, Any], ...] = ()
    drop: tuple[str, ...] = ()
    reserve: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    criterion: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    cost: bool = False
    split: int = 0


@dataclass(frozen=True, slots=True)
class Lever:
    """One lever as ``advice/*.toml`` states it; keys are explained in ``docs/advice.md``."""

    id: str
    strategy: str
    title_fr: str
    title_en: str
    clause_fr: str
    caution_fr: str
    caution_en: str
    ease: int
    pieces: tuple[tuple[PieceType, ...], ...]
    near: tuple[str, ...]
    headings: str
    basis: tuple[Basis, ...]
    fits: Fits
    effect: Effect
    followed: Followed = field(default_factory=Followed)
    read: tuple[tuple[PieceType, ...], ...] = ()
    group: str = ""
    profiles: tuple[str, ...] = ()
    assumed_fr: str = ""
    assumed_en: str = ""

    def in_force(self, day: date) -> tuple[Basis, ...]:
        """Return the articles in force on a day; none when the one it rests on is not."""
        found = tuple(b for b in self.basis if b.holds(day))
        return found if any(b.lead for b in found) else ()


@cache
def levers() -> Mapping[str, Lever]:
    """Return the levers shipped with this version by id; raise AdviceError for a wrong file."""
    return load(FOLDER)


def load(folder: Path) -> Mapping[str, Lever]:
    """Read the levers of a folder; raise AdviceError naming what is unknown, missing or double."""
    found: dict[str, Lever] = {}
    suited = {kind.id for kind in purchases()}
    for name in _FILES:
        table = read_table(folder / f"{name}.toml", {"schema", "checked_on", "lever"})
        for entry in table["lever"]:
            lever = _lever(entry, f"{name}.toml {entry.get('id')}")
            if lever.id in found:
                raise AdviceError(f"{name}.toml: lever {lever.id} stands twice")
            if unknown := set(lever.fits.kinds + lever.fits.not_kinds) - suited:
                raise AdviceError(f"{lever.id}: no such kind {', '.join(sorted(unknown))}")
            found[lever.id] = lever
    return found


def read_table(path: Path, keys: set[str]) -> dict[str, Any]:
    """Read a TOML file that holds exactly these keys; raise AdviceError when it does not."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    if wrong := keys ^ set(table):
        raise AdviceError(f"{path.name}: unknown or missing key {', '.join(sorted(wrong))}")
    return table


def build(kind: type[Any], table: Mapping[str, Any], where: str, **given: Any) -> Any:
    """Build a frozen record from a table whose lists become tuples; unknown keys are refused."""
    names = {f.name for f in fields(kind)}
    if unknown := set(table) - names:
        raise AdviceError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()} | given
    try:
        return kind(**values)
    except TypeError as error:
        raise AdviceError(f"{where}: {error}") from error


def _lever(table: Mapping[str, Any], where: str) -> Lever:
    basis = [build(Basis, b, where) for b in table.get("basis", ())]
    if not basis:
        raise AdviceError(f"{where}: no legal basis")
    effect = build(Effect, table.get("effect", {}), where)
    followed = build(Followed, table.get("followed", {}), where)
    pieces, read = (_pieces(table.get(key, ()), where) for key in ("pieces", "read"))
    lever: Lever = build(
        Lever,
        table,
        where,
        basis=tuple(replace(b, lead=b.lead or b.ref == basis[0].ref) for b in basis),
        fits=build(Fits, table.get("fits", {}), where),
        effect=effect,
        followed=followed,
        pieces=pieces,
        read=read or pieces,
    )
    if lever.fits.scope not in _SCOPES or lever.strategy not in words()["strategy"]:
        raise AdviceError(f"{where}: no such scope or strategy")
    named = [*lever.near, *lever.fits.present, *effect.drop, *followed.labels, *effect.reserve]
    named += [*followed.facts, *followed.unless, *followed.weak, *followed.details]
    named += [f["label"] for f in effect.find] + [f["name"] for f in effect.facts]
    for name in named:
        _known(name, where)
    return lever


def _pieces(groups: Iterable[Iterable[str]], where: str) -> tuple[tuple[PieceType, ...], ...]:
    try:
        return tuple(tuple(PieceType(piece) for piece in group) for group in groups)
    except ValueError as error:
        raise AdviceError(f"{where}: {error}") from error


def _known(name: object, where: str) -> None:
    """Refuse what is neither a label, nor a fact (or a condition on one), nor "criteria"."""
    plain = _NAME.match(name) if isinstance(name, str) else None
    if plain is None or plain[0] not in {*labels(), *kinds(), "criteria"}:
        raise AdviceError(f"{where}: no such label or fact: {name}")


@cache
def words() -> Mapping[str, Mapping[str, Any]]:
    """Return the sentences around an advice and the names of strategies and pieces."""
    return read_table(
        FOLDER / "words.toml", {"schema", "strategy", "piece", "where", "why", "fill"}
    )


@cache
def fit_rules() -> Mapping[str, Any]:
    """Return the kinds of purchase, the rule of hours and the EU thresholds as written."""
    return read_table(FOLDER / "fits.toml", {"schema", "checked_on", "kind", "hours", "threshold"})


@cache
def purchases() -> tuple[Kind, ...]:
    """Return the kinds of purchase that levers name."""
    return tuple(build(Kind, k, f"fits.toml {k.get('id')}") for k in fit_rules()["kind"])


@cache
def _pattern(alternatives: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(alternatives)})(?!\w)", re.I)


def says(alternatives: tuple[str, ...], text: str) -> bool:
    """Whether one of the alternatives (patterns) stands in a text as whole words."""
    return bool(alternatives) and _pattern(alternatives).search(text) is not None


def is_label(name: str) -> bool:
    """Whether a name is a label of the taxonomy, and no fact."""
    return name.partition(".")[0] not in ("lever", "quantity", "procedure", "criteria")
