"""Loads the taxonomy from ``corpus/taxonomy/*.toml`` and refuses anything it does not know."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("taxonomy")
FAMILIES = ("reserved", "social", "env", "access", "barrier")

_FAMILY_KEYS = {"schema", "family", "title_fr", "title_en", "checked_on", "label"}
_LABEL_KEYS = {
    "id", "title_fr", "title_en", "definition_fr", "definition_en", "law", "eforms", "decp", "ocds",
}  # fmt: skip
_LAW_KEYS = {"ref", "valid_from", "valid_to"}


class TaxonomyError(ValueError):
    """A taxonomy file holds something unknown, missing or contradictory."""


@dataclass(frozen=True, slots=True)
class LegalReference:
    """An article of law and the days between which it is in force (``valid_to`` included)."""

    ref: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """One label of the taxonomy, with its titles, definition, legal basis and standard codes."""

    id: str
    family: str
    title_fr: str
    title_en: str
    definition_fr: str
    definition_en: str
    law: tuple[LegalReference, ...]
    eforms: tuple[str, ...]
    decp: str
    ocds: str

    def title(self, language: str) -> str:
        """Return the title in "fr" or "en"."""
        return self.title_en if language == "en" else self.title_fr


@dataclass(frozen=True, slots=True)
class Family:
    """A family of labels."""

    id: str
    title_fr: str
    title_en: str
    checked_on: date
    labels: tuple[Label, ...]


def _only(keys: set[str], table: Mapping[str, Any], where: str) -> None:
    if unknown := set(table) - keys:
        raise TaxonomyError(f"{where}: unknown key {', '.join(sorted(unknown))}")


def _label(table: Mapping[str, Any], family: str, where: str) -> Label:
    _only(_LABEL_KEYS, table, where)
    if missing := _LABEL_KEYS - set(table):
        raise TaxonomyError(f"{where}: missing key {', '.join(sorted(missing))}")
    if not str(table["id"]).startswith(family + "."):
        raise TaxonomyError(f"{where}: label {table['id']} is not of family {family}")
    law = []
    for ref in table["law"]:
        _only(_LAW_KEYS, ref, f"{where} {table['id']}")
        law.append(LegalReference(ref["ref"], ref["valid_from"], ref.get("valid_to")))
    return Label(
        id=table["id"],
        family=family,
        title_fr=table["title_fr"],
        title_en=table["title_en"],
        definition_fr=table["definition_fr"],
        definition_en=table["definition_en"],
        law=tuple(law),
        eforms=tuple(table["eforms"]),
        decp=table["decp"],
        ocds=table["ocds"],
    )


def load(folder: Path = FOLDER) -> tuple[Family, ...]:
    """Read the five family files of ``folder``.

    Raises TaxonomyError when a key is unknown or missing, or an id stands twice.
    """
    families = []
    seen: set[str] = set()
    for name in FAMILIES:
        path = folder / f"{name}.toml"
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        _only(_FAMILY_KEYS, table, path.name)
        labels = tuple(_label(t, name, path.name) for t in table["label"])
        for label in labels:
            if label.id in seen:
                raise TaxonomyError(f"{path.name}: label {label.id} stands twice")
            seen.add(label.id)
        families.append(
            Family(name, table["title_fr"], table["title_en"], table["checked_on"], labels)
        )
    return tuple(families)


@cache
def families() -> tuple[Family, ...]:
    """Return the taxonomy shipped with this version."""
    return load()


@cache
def labels() -> Mapping[str, Label]:
    """Return the labels shipped with this version by id, in taxonomy order."""
    return {label.id: label for family in families() for label in family.labels}


def check_labels(ids: Iterable[str]) -> None:
    """Raise ValueError naming the ids that are no labels of the taxonomy."""
    if unknown := set(ids) - labels().keys():
        raise ValueError(f"no such label: {', '.join(sorted(unknown))}")
