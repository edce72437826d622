"""What a system claims, held against what readers marked: right, false and missed, by document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpus.findings import Stage, Status
from nlp.clean import clean
from nlp.tagger import Claim

TRUE, FALSE, FOUND, WANTED = range(4)  # columns of ``counts``


@dataclass(frozen=True, slots=True)
class Asked:
    """A passage as a reader marked it; ``at`` is its page, or its rank in its article.

    ``words`` are its words (``words``), ``key`` names it in its document.
    """

    key: str
    at: int
    words: str
    labels: tuple[str, ...]
    stage: Stage | None
    status: Status | None
    doubtful: bool = False
    by_context: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A claim with the place of its passage, told as in ``Asked``."""

    key: str
    at: int
    words: str
    claim: Claim


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim and whether it is right; None where the reader doubted.

    ``right`` asks for the label in force, ``labelled`` for the label alone.
    """

    key: str
    claim: Claim
    right: bool | None
    labelled: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label that a reader marked, and the claims of this label on its passage."""

    key: str
    label: str
    stage: Stage
    status: Status
    doubtful: bool
    by_context: bool
    near: tuple[Claim, ...]

    @property
    def in_force(self) -> tuple[Claim, ...]:
        """The claims that say the label is in force."""
        return tuple(claim for claim in self.near if claim.status.in_force)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one document or article."""

    name: str
    claims: tuple[Judged, ...]
    wanted: tuple[Wanted, ...]


Near = Callable[[Asked, Said], bool]


def outcome(name: str, asked: Sequence[Asked], said: Sequence[Said], near: Near) -> Outcome:
    """Judge the claims of one document; ``near`` tells whether a claim is about a passage."""
    about = [(a, s) for a in asked for s in said if a.labels and near(a, s)]
    marked: dict[int, list[Asked]] = {}
    claimed: dict[int, list[Claim]] = {}
    for passage, one in about:
        marked.setdefault(id(one), []).append(passage)
        claimed.setdefault(id(passage), []).append(one.claim)
    return Outcome(
        name,
        tuple(_judged(one, marked.get(id(one), ())) for one in said),
        tuple(
            Wanted(
                passage.key,
                label,
                passage.stage or Stage.OTHER,
                passage.status,
                passage.doubtful,
                passage.by_context,
                tuple(c for c in claimed.get(id(passage), ()) if c.label == label),
            )
            for passage in asked
            if passage.status is not None
            for label in passage.labels
        ),
    )


def _judged(one: Said, marked: Iterable[Asked]) -> Judged:
    own = [passage for passage in marked if one.claim.label in passage.labels]
    right: bool | None = any(p.status is not None and p.status.in_force for p in own)
    if not right and any(p.doubtful for p in own):
        right = None
    return Judged(one.key, one.claim, right, bool(own))


def same_passage(asked: Asked, said: Said) -> bool:
    """Tell whether both are the same passage of an article."""
    return asked.at == said.at


def same_words(asked: Asked, said: Said) -> bool:
    """Tell whether a claim of a real file is about the passage: its words, a page off at most."""
    return abs(asked.at - said.at) <= 1 and overlap(asked.words, said.words)


def words(text: str) -> str:
    """Return the words of a passage in lower case, one space between."""
    return " ".join(re.findall(r"[\w%€☐☒☑]+", clean(text).value.lower()))


def overlap(one: str, other: str) -> bool:
    """Tell whether two runs of words hold one another, or share most words of the shorter."""
    if one in other or other in one:
        return min(len(one), len(other)) >= 4
    first, second = Counter(one.split()), Counter(other.split())
    shared = sum((first & second).values())
    return shared >= 4 and shared >= 0.6 * min(first.total(), second.total())


def counts(
    outcomes: Sequence[Outcome], labels: Sequence[str], *, in_force: bool = True
) -> np.ndarray[Any, Any]:
    """Count by document and label, shape (documents, labels, 4): true, false, found, wanted.

    A claim is one label of one passage. ``in_force`` counts what binds, is scored or encouraged;
    otherwise all that is labelled counts.
    """
    column = {label: at for at, label in enumerate(labels)}
    table = np.zeros((len(outcomes), len(labels), 4))
    for row, one in zip(table, outcomes, strict=True):
        for (_, label), right in claims_by_passage(one, in_force=in_force).items():
            if right is not None:
                row[column[label], TRUE if right else FALSE] += 1
        for wanted in wanted_of(one, in_force=in_force):
            row[column[wanted.label], WANTED] += 1
            row[column[wanted.label], FOUND] += bool(wanted.in_force if in_force else wanted.near)
    return table


def claims_by_passage(one: Outcome, *, in_force: bool = True) -> dict[tuple[str, str], bool | None]:
    """Return by (passage, label) whether a claim is right; None where the reader doubted."""
    found: dict[tuple[str, str], set[bool | None]] = {}
    for judged in one.claims:
        if judged.claim.status.in_force or not in_force:
            right = judged.right if in_force else judged.labelled
            found.setdefault((judged.key, judged.claim.label), set()).add(right)
    return {
        key: True if True in said else None if None in said else False
        for key, said in found.items()
    }


def wanted_of(one: Outcome, *, in_force: bool = True) -> list[Wanted]:
    """Return the labels that should have been found; doubtful ones count only when they were."""
    return [
        wanted
        for wanted in one.wanted
        if (wanted.status.in_force or not in_force)
        and (not wanted.doubtful or (wanted.in_force if in_force else wanted.near))
    ]
