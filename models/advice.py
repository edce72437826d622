"""What a buyer could still write in a tender, where, on what ground, and what it would change.

Levers, wordings and law: ``advice/*.toml``. A gain is never estimated: the call is changed as the
written clause would change it, and scored again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.documents import PieceType
from corpus.findings import Criterion, Fact, Finding, Place, Score
from models.advice_changes import changed_call
from models.advice_fits import day_of, evidence, object_of, plan
from models.advice_levers import Basis, Lever, levers
from models.advice_words import Where, filled, guessed_roles, where, why
from models.call import Call
from models.pillars import Pillar, pillars
from models.scorer import score as _score

__all__ = [
    "Advice", "Basis", "Gain", "Pillar", "Unjudged", "Where", "advice", "apply", "pillars",
    "unjudged",
]  # fmt: skip

_OTHER_LAW = re.compile(
    r"\bconcessions?\b|délégation de service public|\bdéfense nationale\b", re.I
)

Scorer = Callable[[Call, str], Sequence[Score]]


@dataclass(frozen=True, slots=True)
class Gain:
    """The score of a lot ("" for the consultation) without and with the clause."""

    lot: str
    before: float
    after: float

    @property
    def points(self) -> float:
        """Return the points gained, below zero when lost."""
        return round(self.after - self.before, 1)


@dataclass(frozen=True, slots=True)
class Advice:
    """One lever that a tender misses and that fits it.

    ``id`` is what ``apply`` takes: the lever, with the lot when one lot is chosen
    ("reserve_integration:3"). ``ease`` goes from 1 (a sentence in one piece) to 3 (the structure of
    the purchase changes). ``gains`` has the consultation ("") first. ``others`` are the gains on
    other lots that could be chosen instead, each alone. ``findings`` are the evidence; ``why`` says
    in words what was found, or what was not and where.
    """

    id: str
    lever: str
    strategy: str
    title_fr: str
    title_en: str
    clause_fr: str
    where: tuple[Where, ...]
    basis: tuple[Basis, ...]
    caution_fr: str
    caution_en: str
    why_fr: str
    why_en: str
    assumed_fr: str
    assumed_en: str
    ease: int
    lots: tuple[str, ...]
    gains: tuple[Gain, ...]
    others: tuple[Gain, ...] = ()
    findings: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()

    @property
    def gain(self) -> float:
        """Return the most points gained on the consultation or on one lot."""
        return max(g.points for g in self.gains)

    @property
    def lowers(self) -> bool:
        """Whether some score falls: it is for the reader to know, not to be hidden."""
        return any(g.points < 0 for g in self.gains)


def advice(
    call: Call,
    profile: str,
    score: Scorer = _score,
    *,
    every: bool = False,
    roles: Mapping[str, PieceType] | None = None,
) -> tuple[Advice, ...]:
    """Return what this tender misses and could still write, the most useful first.

    Advices that gain nothing for ``profile`` are left out; with ``every`` they stand last.
    ``roles`` are the roles of the pieces by id, guessed from what they state when not given. A
    call without a known day of launch is judged by the law of the day the levers were checked.
    Nothing is advised on concessions or defence contracts, which other articles govern. Raises
    KeyError when the profile is unknown.
    """
    scores = score(call, profile)
    # What is reserved for others is no lot that this profile could gain anything on.
    before = {s.lot: s.score for s in scores if every or "reserved-for-others" not in s.gates}
    if _OTHER_LAW.search(object_of(call)) or "" not in before:
        return ()
    known = roles if roles is not None else guessed_roles(call)
    found: list[Advice] = []
    for lever in levers().values():
        chosen = plan(lever, call)
        if not chosen:
            continue
        tried = [(lots, _gains(lever, call, lots, profile, score, before)) for lots in chosen]
        # The lot that fits best once it is written, not the one that was worst before.
        tried.sort(key=lambda t: -max((g.after for g in t[1] if g.lot in t[0]), default=0.0))
        lots, gains = tried[0]
        others = tuple(g for other, own in tried[1:] for g in own if g.lot in other)
        found.append(_advice(lever, call, lots, gains, others, known))
    order = {name: at for at, name in enumerate(levers())}
    found.sort(key=lambda a: (a.gain <= 0, -a.gain, a.ease, order[a.lever]))
    kept: list[Advice] = []
    groups: set[str] = set()
    for one in found:
        group, profiles = levers()[one.lever].group, levers()[one.lever].profiles
        useful = one.gain > 0 and one.gains[0].points >= 0
        useful = useful and (not profiles or profile.partition("_")[0] in profiles)
        if every or (useful and (not group or group not in groups)):
            kept.append(one)
            groups.add(group)
    return tuple(kept)


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A lever that could not be judged, and the pieces of which one would have told."""

    lever: str
    title_fr: str
    title_en: str
    pieces: tuple[PieceType, ...]


def unjudged(call: Call) -> tuple[Unjudged, ...]:
    """Return the levers on which nothing can be said, for want of the pieces that would tell."""
    return tuple(
        Unjudged(lever.id, lever.title_fr, lever.title_en, group)
        for lever in levers().values()
        if lever.in_force(day_of(call))
        for group in lever.read
        if call.pieces.isdisjoint(group)
    )


def apply(call: Call, advice_ids: Iterable[str]) -> Call:
    """Return the call as it would read with the clauses of several advices written.

    The order of the ids does not count. An advice that no longer fits once another is applied
    changes nothing. Raises KeyError for an unknown lever.
    """
    chosen: dict[str, list[str]] = {}
    for one in advice_ids:
        name, _, lot = one.partition(":")
        if name not in levers():
            raise KeyError(one)
        chosen.setdefault(name, []).append(lot)
    for name, lever in levers().items():
        for wanted in sorted(set(chosen.get(name, ()))):
            lots = next((p for p in plan(lever, call) if not wanted or wanted in p), None)
            if lots is not None:
                call = changed_call(lever, call, lots)
    return call


def _gains(
    lever: Lever,
    call: Call,
    lots: tuple[str, ...],
    profile: str,
    score: Scorer,
    before: Mapping[str, float],
) -> tuple[Gain, ...]:
    after = {s.lot: s.score for s in score(changed_call(lever, call, lots), profile)}
    # A criterion is often shared: lots that only come along are told too when their score moves.
    return tuple(
        Gain(n, old, after[n])
        for n, old in before.items()
        if n in after and (n == "" or n in lots or after[n] != old)
    )


def _advice(
    lever: Lever,
    call: Call,
    lots: tuple[str, ...],
    gains: tuple[Gain, ...],
    others: tuple[Gain, ...],
    roles: Mapping[str, PieceType],
) -> Advice:
    fill = filled(lever, call, lots)
    proof = evidence(lever, call, lots)
    why_fr, why_en = why(lever, call, lots, proof)
    single = lever.fits.scope == "lot" and lots != ("",)
    return Advice(
        id=f"{lever.id}:{lots[0]}" if single else lever.id,
        lever=lever.id,
        strategy=lever.strategy,
        title_fr=lever.title_fr,
        title_en=lever.title_en,
        clause_fr=" ".join(lever.clause_fr.format_map(fill).split()),
        where=where(lever, call, roles),
        basis=lever.in_force(day_of(call)),
        caution_fr=lever.caution_fr,
        caution_en=lever.caution_en,
        why_fr=why_fr,
        why_en=why_en,
        assumed_fr=lever.assumed_fr,
        assumed_en=lever.assumed_en,
        ease=lever.ease,
        lots=tuple(n for n in lots if n),
        gains=gains,
        others=others,
        findings=tuple(x.id for x in proof if isinstance(x, Finding | Criterion))[:12],
        places=tuple(x.place for x in proof if isinstance(x, Fact))[:6],
    )
