"""Holds two evaluations against each other: what is gained and lost, by document and label."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.evaluate import SCHEMA

Place = tuple[str, str, str, str]  # set, document, passage, label


class ComparisonError(ValueError):
    """The two evaluations cannot be held against each other; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed between two evaluations: places of labels.

    ``uneven`` are the labels wanted of one evaluation only: the annotations changed.
    """

    found: tuple[Place, ...]
    missed: tuple[Place, ...]
    false_gone: tuple[Place, ...]
    false_new: tuple[Place, ...]
    uneven: tuple[Place, ...]


def read_evaluation(path: Path) -> Mapping[str, Any]:
    """Read what `clausier evaluate --json` wrote; raise ComparisonError for any other file."""
    try:
        result = json.loads(path.read_bytes())
    except ValueError as error:
        raise ComparisonError(f"{path.name} is no JSON file") from error
    if not isinstance(result, dict) or result.get("schema") != SCHEMA:
        raise ComparisonError(f"{path.name} is none that `clausier evaluate --json` wrote")
    return result


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Changes:
    """Return what the service of ``new`` finds, misses and claims falsely where ``old`` did not.

    Only sets that both hold count. Raises ComparisonError when they tell of different splits.
    """
    if old["split"] != new["split"]:
        raise ComparisonError(f"one is of split {old['split']}, the other of {new['split']}")
    sets = set(old["sets"]) & set(new["sets"])
    before, after = _wanted(old, sets), _wanted(new, sets)
    both = before.keys() & after.keys()
    false_before, false_after = _false(old, sets), _false(new, sets)
    return Changes(
        found=_sorted(place for place in both if after[place] and not before[place]),
        missed=_sorted(place for place in both if before[place] and not after[place]),
        false_gone=_sorted(false_before - false_after),
        false_new=_sorted(false_after - false_before),
        uneven=_sorted(before.keys() ^ after.keys()),
    )


def comparison(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return gains and losses as Markdown: totals, then by label, then by document."""
    changes = compare(old, new)
    parts = [f"# What changed on split {new['split']}", _versions(old, new), _totals(old, new)]
    if changes.uneven:
        parts.append(
            f"{len(changes.uneven)} labels are wanted in one of the two only (the annotations"
            " changed, or a doubtful one was found): they are left out below."
        )
    if not any((changes.found, changes.missed, changes.false_gone, changes.false_new)):
        return "\n\n".join([*parts, "No claim changed."]) + "\n"
    parts += ["## By label", _by(changes, "label", lambda place: f"{place[0]} | {place[3]}")]
    parts += ["## By document", _by(changes, "document", lambda place: f"{place[0]} | {place[1]}")]
    parts += ["## One by one", *_lists(changes)]
    return "\n\n".join(parts) + "\n"


def _wanted(result: Mapping[str, Any], sets: set[str]) -> dict[Place, bool]:
    known: dict[Place, bool] = {}
    for one in _documents(result, sets):
        for key, label, found in one["wanted"]:
            place = (one["set"], one["document"], key, label)
            known[place] = known.get(place, False) or found
    return known


def _false(result: Mapping[str, Any], sets: set[str]) -> set[Place]:
    return {
        (one["set"], one["document"], key, label)
        for one in _documents(result, sets)
        for key, label, right in one["claims"]
        if right is False
    }


def _documents(result: Mapping[str, Any], sets: set[str]) -> Iterable[Mapping[str, Any]]:
    return (
        one
        for one in result["documents"]
        if one["system"] == result["service"] and one["set"] in sets
    )


def _sorted(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places))


def _versions(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    rows = [
        f"| {title} | {one['service']} | {one['rules'][:12]} | {one['classifier'] or '–'} |"
        for title, one in (("before", old), ("after", new))
    ]
    return "\n".join(["| | system | rules | classifier |", "|---|---|---|---|", *rows])


def _totals(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    rows = []
    for name in [name for name in new["sets"] if name in old["sets"]]:
        for row, measure in (
            ("all", "precision"), ("all", "recall"), ("all", "f1"), ("macro", "f1"),
        ):  # fmt: skip
            before, after = (
                one["sets"][name]["systems"][one["service"]]["in_force"][row][measure][0]
                for one in (old, new)
            )
            if before is not None and after is not None:
                change = after - before
                title = f"{measure}, mean of labels" if row == "macro" else measure
                rows.append(f"| {name} | {title} | {before:.3f} | {after:.3f} | {change:+.3f} |")
    head = ["| set | measure | before | after | change |", "|---|---|---:|---:|---:|"]
    return "\n".join(head + rows)


def _by(changes: Changes, title: str, name: Any) -> str:
    table: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    kinds = (changes.found, changes.false_gone, changes.missed, changes.false_new)
    for column, places in enumerate(kinds):
        for place in places:
            table[name(place)][column] += 1
    rows = [
        f"| {key} | {' | '.join(map(str, own))} | {own[0] + own[1] - own[2] - own[3]:+d} |"
        for key, own in sorted(table.items())
    ]
    head = f"| set | {title} | now found | false gone | now missed | new false | balance |"
    return "\n".join([head, "|---|---|---:|---:|---:|---:|---:|", *rows])


def _lists(changes: Changes) -> Iterable[str]:
    for title, places in (
        ("Now found", changes.found), ("Now missed", changes.missed),
        ("False claims gone", changes.false_gone), ("New false claims", changes.false_new),
    ):  # fmt: skip
        if places:
            lines = (
                f"- {where} {document}, {key}: {label}" for where, document, key, label in places
            )
            yield f"**{title}**\n\n" + "\n".join(lines)
