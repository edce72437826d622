"""How well facts are read, in figures: items of the truth against items of the answer.

An item of the answer is found when its key is that of an item of the truth and their names share
words, and it is exact when all the rest agrees too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from corpus.findings import Value
from nlp.dossier import fold

NEAR = 0.6  # share of the words of the shorter of two names, or quotes, that both hold

_SMALL = frozenset(
    "a au aux ce ces d de des du en et l la le les ou par pour qu que sur un une".split()
)
_CLOSE = {"share": 0.5}  # percent; all other figures must be equal
_SAME = 0.005


@dataclass(frozen=True, slots=True)
class Item:
    """One thing said, by the truth or by the answer.

    ``words`` are those of its name, empty when the key tells all. ``rest`` is what else must agree,
    ``passages`` the words of the sentences that say it. An ``echo`` may say again what is found
    already; a ``free`` item is never false. Of a ``merged`` item one passage is enough.
    """

    key: Hashable
    words: frozenset[str] = frozenset()
    rest: tuple[tuple[str, Value | None], ...] = ()
    passages: tuple[frozenset[str], ...] = ()
    shown: str = ""
    echo: bool = False
    free: bool = False
    merged: bool = False


class Tally(NamedTuple):
    """Counts of items: in the truth, in the answer, in both, in both and exact.

    ``right`` counts for each part of the rest how often it agrees among the found.
    """

    asked: int = 0
    given: int = 0
    found: int = 0
    exact: int = 0
    right: tuple[tuple[str, int], ...] = ()

    @property
    def missed(self) -> int:
        """What the truth holds and the answer does not."""
        return self.asked - self.found

    @property
    def false(self) -> int:
        """What the answer holds and the truth does not."""
        return self.given - self.found

    @property
    def precision(self) -> float | None:
        """The share of the answer that is found in the truth, None of no answer."""
        return self.found / self.given if self.given else None

    @property
    def recall(self) -> float | None:
        """The share of the truth that is found, None when nothing is asked."""
        return self.found / self.asked if self.asked else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall, None when nothing is asked."""
        return 2 * self.found / (self.asked + self.given) if self.asked else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a measure of some dossiers gives.

    ``dossiers`` counts them by what they lack ("without criteria") and by what was said in spite of
    that ("without criteria, some given"). ``errors`` tells what is missed or false, in words.
    """

    tallies: Mapping[str, Tally] = field(default_factory=dict)
    dossiers: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()


def total(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the sum of outcomes."""
    tallies: dict[str, Tally] = {}
    dossiers: Counter[str] = Counter()
    errors: list[str] = []
    for one in outcomes:
        for name, tally in one.tallies.items():
            tallies[name] = added((tallies.get(name, Tally()), tally))
        dossiers.update(one.dossiers)
        errors += one.errors
    return Outcome(tallies, dict(dossiers), tuple(errors))


def added(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of tallies."""
    every = tuple(tallies)
    right = Counter[str]()
    for tally in every:
        right.update(dict(tally.right))
    return Tally(
        sum(tally.asked for tally in every),
        sum(tally.given for tally in every),
        sum(tally.found for tally in every),
        sum(tally.exact for tally in every),
        tuple(sorted(right.items())),
    )


def compare(
    truth: Sequence[Item], given: Sequence[Item]
) -> tuple[Tally, tuple[Item, ...], tuple[Item, ...]]:
    """Pair truth and answer one to one, best pairs first; return the tally, missed and false.

    Of two answers for one item the one that agrees in more of the rest is taken, then the one with
    the nearer name, then the first.
    """
    pairs = []
    for at, wanted in enumerate(truth):
        for by, said in enumerate(given):
            if wanted.key == said.key and (near := _near(wanted, said)) is not None:
                agreed = len(_agreed(wanted, said))
                pairs.append((-_exact(wanted, said), -agreed, -near, at, by))
    left, unpaired = dict(enumerate(truth)), dict(enumerate(given))
    found = exact = 0
    right = Counter[str]()
    for _, _, _, at, by in sorted(pairs):
        if at in left and by in unpaired:
            wanted, said = left.pop(at), unpaired.pop(by)
            found += 1
            exact += _exact(wanted, said)
            right.update({name: 0 for name, _ in wanted.rest})
            right.update(_agreed(wanted, said))
    echoes = {by for _, _, _, _, by in pairs if given[by].echo}
    false = [said for by, said in unpaired.items() if not said.free and by not in echoes]
    tally = Tally(len(truth), found + len(false), found, exact, tuple(sorted(right.items())))
    return tally, tuple(left.values()), tuple(false)


def words(text: str) -> frozenset[str]:
    """Return the words of a name or quote, small ones aside where others remain."""
    every = frozenset(re.findall(r"[^\W_]+", fold(text)))
    return every - _SMALL or every


def overlap(first: frozenset[str], second: frozenset[str]) -> float:
    """Return the share of the words of the shorter that both hold, 0 when one has none."""
    shorter = min(len(first), len(second))
    return len(first & second) / shorter if shorter else 0.0


def _near(wanted: Item, said: Item) -> float | None:
    """Return how near the names are, the longer one's words counted too; None when too far."""
    if not wanted.words:
        return 1.0
    if overlap(wanted.words, said.words) < NEAR:
        return None
    return len(wanted.words & said.words) / len(wanted.words | said.words)


def _agreed(wanted: Item, said: Item) -> list[str]:
    own = dict(said.rest)
    return [name for name, value in wanted.rest if _same(name, value, own.get(name))]


def _exact(wanted: Item, said: Item) -> bool:
    enough = any if wanted.merged else all
    return len(_agreed(wanted, said)) == len(wanted.rest) and (
        not wanted.passages
        or enough(
            any(overlap(passage, other) >= NEAR for other in said.passages)
            for passage in wanted.passages
        )
    )


def _same(name: str, first: Value | None, second: Value | None) -> bool:
    if isinstance(first, int | float) and isinstance(second, int | float):
        return abs(first - second) <= _CLOSE.get(name, _SAME)
    return first == second


def told_nothing(name: str, told_of: object, said: Sequence[object]) -> dict[str, int]:
    """Count a dossier that holds nothing of a name, and whether something is said in spite of it.

    Nothing is counted of a dossier that holds some (``told_of`` is true).
    """
    if told_of:
        return {}
    return {f"without {name}": 1, f"without {name}, some given": int(bool(said))}
