"""What the three standards share: published code lists, and the clauses of a lot that count.

The lists are ``codes/*.toml``, with their source and date. Each standard has its module:
``models.decp``, ``models.eforms_out`` and ``models.ocds_out``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from corpus import taxonomy
from corpus.findings import Finding, Lot, Stage, Status
from models.call import Call
from nlp.criteria import with_criteria

FOLDER = Path(__file__).with_name("codes")
STANDARDS = ("decp", "eforms", "ocds")
RESERVED = "reserved."

_STRENGTH = (Status.BINDING, Status.SCORED, Status.ENCOURAGED, Status.MENTION, Status.EXCLUDED)
_HEAD = {"schema", "source", "source_date", "checked_on"}
_KEYS = {
    "decp": {"statuses", "clause_stages", "criterion_stages", "field"},
    "eforms": {"field", "labels", "text", "award"},
    "ocds": {"statuses", "families", "stages", "reserved", "gpp", "field"},
    "absence": {"readable", "pieces"},
}
_FIELD_KEYS = {
    "decp": {"item", "clause", "criterion", "reserved", "reserved_concession", "none", "told_by"},
    "eforms": {
        "list", "list_name", "path", "statuses", "stages", "empty", "none", "told_by", "from",
    },
    "ocds": {"told_by"},
}  # fmt: skip


class CodesError(ValueError):
    """A code list holds something unknown, or a code is in no published list."""


@dataclass(frozen=True, slots=True)
class Coded:
    """One code of one field, with the clauses it rests on.

    ``labels`` keep what the code cannot tell (res-ws is EA/ESAT, SIAE and prison alike).
    ``findings`` is empty for a code that states that there is nothing; ``status`` is that of the
    strongest clause, "" then. ``beside`` are the strategies of an OCDS goal.
    """

    field: str
    code: str
    labels: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    status: str = ""
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Award:
    """One award criterion in the codes of eForms: BT-539, -734, -540, -541 and -5421.

    ``weight`` is None, and ``unit`` "", where the criterion has no weight that eForms can say.
    """

    criterion: str
    type: str
    name: str
    description: str = ""
    weight: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one standard says of one lot, ``lot`` "" for a consultation without lots.

    ``missing`` are the fields left out because a piece that would say "nothing" was not read, each
    with the pieces ("BT-06", "CCAP/CCP"). ``texts`` are words beside a code: field, code, French,
    English.
    """

    standard: str
    lot: str
    codes: tuple[Coded, ...]
    missing: tuple[tuple[str, str], ...] = ()
    texts: tuple[tuple[str, str, str, str], ...] = ()
    awards: tuple[Award, ...] = ()

    def of(self, field: str) -> tuple[str, ...]:
        """Return the codes of one field, in the order of its list."""
        return tuple(coded.code for coded in self.codes if coded.field == field)


class Mark(NamedTuple):
    """A label with one finding that carries it."""

    label: str
    finding: Finding


# -- code lists -----------------------------------------------------------------------------------


@cache
def codes(standard: str) -> Mapping[str, Any]:
    """Return the code lists and rules of "decp", "eforms", "ocds" or "absence".

    Raises CodesError when a key is unknown, or a code that is written is in no list.
    """
    return checked(standard, tomllib.loads((FOLDER / f"{standard}.toml").read_text("utf-8")))


def checked(standard: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a table of codes; raise CodesError for a key or a code it may not hold."""
    where = f"{standard}.toml"
    _only(_HEAD | _KEYS[standard], table, where)
    if missing := (_HEAD | _KEYS[standard]) - set(table):
        raise CodesError(f"{where}: missing key {', '.join(sorted(missing))}")
    if not all(isinstance(table[key], date) for key in ("source_date", "checked_on")):
        raise CodesError(f"{where}: source_date and checked_on are dates")
    for name, field in table.get("field", {}).items():
        here = f"{where} {name}"
        _only(_FIELD_KEYS[standard] | {"fr", "en", "codes"}, field, here)
        for code, words in field["codes"].items():
            if set(words) != {"fr", "en"}:
                raise CodesError(f"{here}: {code} has words in French and English")
        written = [
            *(field[key] for key in ("clause", "criterion", "reserved", "none") if key in field),
            *(field[key] for key in ("reserved_concession",) if key in field),
            *field.get("empty", ()),
            *field.get("from", {}).values(),
        ]
        if lost := set(written) - set(field["codes"]):
            raise CodesError(f"{here}: no code {', '.join(sorted(lost))}")
    return table


def _only(keys: set[str], table: Mapping[str, Any], where: str) -> None:
    if unknown := set(table) - keys:
        raise CodesError(f"{where}: unknown key {', '.join(sorted(unknown))}")


def fields(standard: str) -> tuple[str, ...]:
    """Return the fields of a standard, in the order in which they are written."""
    return tuple(codes(standard)["field"])


def published(standard: str, field: str) -> tuple[str, ...]:
    """Return the codes of a field as published; raises CodesError for an unknown field."""
    try:
        return tuple(codes(standard)["field"][field]["codes"])
    except KeyError as error:
        raise CodesError(f"{standard} has no field {field}") from error


def check(standard: str, field: str, code: str) -> str:
    """Return a code; raise CodesError when it is not in the published list of its field."""
    if code not in published(standard, field):
        raise CodesError(f"{standard} {field}: {code!r} is in no published list")
    return code


def words(standard: str, field: str, code: str, language: str) -> str:
    """Return what a code says in "fr" or "en"; a code that is not published stands for itself."""
    entry = codes(standard)["field"].get(field, {"codes": {}})["codes"].get(code)
    return str(entry[language]) if entry else code


def title(standard: str, field: str, language: str) -> str:
    """Return what a field is called in "fr" or "en", a field of no list its own name."""
    entry = codes(standard)["field"].get(field)
    return str(entry[language]) if entry else field


def empty(standard: str, field: str) -> frozenset[str]:
    """Return the codes of a field that state that there is nothing."""
    entry = codes(standard)["field"][field]
    return frozenset(entry.get("empty", (entry["none"],) if "none" in entry else ()))


# -- the clauses of a lot -------------------------------------------------------------------------


def lots_of(call: Call) -> tuple[str, ...]:
    """Return the numbers of the lots, ("",) for a consultation that has none."""
    return tuple(lot.number for lot in call.lots) or ("",)


def marks(call: Call, lot: str) -> tuple[Mark, ...]:
    """Return the labels in force for a lot with their findings, "" for the whole consultation.

    A reservation counts where it binds; of a lot that the call knows, where it is that lot's own.
    A social or environmental award criterion counts though no passage marks it.
    """
    known = next((one for one in call.lots if one.number == lot), None)
    return tuple(
        Mark(label, finding)
        for finding in with_scored(call)
        if finding.status.in_force and (not lot or not finding.lots or lot in finding.lots)
        for label in finding.labels
        if not label.startswith(RESERVED) or _reserves(label, finding, known)
    )


def with_scored(call: Call) -> tuple[Finding, ...]:
    """Return the findings of a call, and one for each social or environmental criterion without."""
    # A rank, too, makes a criterion: its share alone cannot be told.
    criteria = tuple(c if c.share is not None else replace(c, share=0.0) for c in call.criteria)
    return with_criteria(call.findings, criteria)


def _reserves(label: str, finding: Finding, lot: Lot | None) -> bool:
    if finding.status != Status.BINDING:
        return False
    return lot is None or (label in lot.reserved and finding.id in lot.findings)


def coded(field: str, pairs: Iterable[tuple[str, Mark]], order: Iterable[str]) -> Iterator[Coded]:
    """Yield one ``Coded`` a code of a field, in the order of its list, with its proof."""
    by_code: dict[str, list[Mark]] = {}
    for code, mark in pairs:
        by_code.setdefault(code, []).append(mark)
    for code in order:
        if own := by_code.pop(code, None):
            yield Coded(field, code, *proof(own))
    if by_code:
        raise CodesError(f"{field}: {', '.join(sorted(by_code))} in no published list")


def proof(own: Iterable[Mark]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return the labels, the findings (strongest first) and the strongest status of marks."""
    ranked = sorted(own, key=lambda mark: _STRENGTH.index(mark.finding.status))
    order = list(taxonomy.labels())
    named = sorted({mark.label for mark in ranked}, key=order.index)
    found = tuple(dict.fromkeys(mark.finding.id for mark in ranked))
    return tuple(named), found, ranked[0].finding.status.value if ranked else ""


def statuses(names: Iterable[str]) -> frozenset[Status]:
    """Return the statuses of these names; raises ValueError for one that is none."""
    return frozenset(Status(name) for name in names)


def stages(names: Iterable[str]) -> frozenset[Stage]:
    """Return the stages of these names; raises ValueError for one that is none."""
    return frozenset(Stage(name) for name in names)


def unread(call: Call, told_by: str) -> str:
    """Return the pieces without which nothing can be called absent, "" when they were read.

    ``told_by`` is a row of absence.toml ("clauses", "reserved"); the answer is like
    "CCAP/CCP, CCTP/CCP", "pages" when too few pages could be read.
    """
    rules = codes("absence")
    read = {piece.value for piece in call.pieces}
    lost = ["/".join(group) for group in rules["pieces"][told_by] if not read & set(group)]
    if call.readable < rules["readable"]:
        lost.append("pages")
    return ", ".join(lost)
