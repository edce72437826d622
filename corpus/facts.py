"""The facts that decide beside the clauses: what each may be, from ``corpus/facts.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corpus.findings import Fact

FILE = Path(__file__).with_name("facts.toml")
UNITS = (
    "eur", "percent", "count", "years", "months", "days", "hours", "km", "date", "flag", "choice",
    "words",
)  # fmt: skip


class FactsError(ValueError):
    """The file of facts, or a fact, holds something unknown."""


@dataclass(frozen=True, slots=True)
class FactKind:
    """What a fact of one name is: ``unit`` one of ``UNITS``, ``values`` those of a choice."""

    name: str
    title_fr: str
    title_en: str
    unit: str
    values: tuple[str, ...] = ()


def checked(fact: Fact) -> Fact:
    """Return a fact; raise FactsError when its name, or its value of a choice, is unknown."""
    kind = kinds().get(fact.name)
    if kind is None:
        raise FactsError(f"unknown fact {fact.name!r}")
    if kind.values and fact.value not in kind.values:
        raise FactsError(f"{fact.name} is one of {', '.join(kind.values)}, not {fact.value!r}")
    return fact


@cache
def kinds() -> Mapping[str, FactKind]:
    """Return every kind of fact by its name; raise FactsError for a key the file may not hold."""
    given = tomllib.loads(FILE.read_text(encoding="utf-8"))
    found = {}
    for group, entries in given.items():
        if group == "schema":
            continue
        for key, entry in entries.items():
            if set(entry) - {"fr", "en", "unit", "values"} or entry["unit"] not in UNITS:
                raise FactsError(f"{FILE.name}: {group}.{key} is no kind of fact")
            name = f"{group}.{key}"
            values = tuple(entry.get("values", ()))
            found[name] = FactKind(name, entry["fr"], entry["en"], entry["unit"], values)
    return found
