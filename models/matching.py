"""Tenders × firms: scores by the million, the best of each, and who completes whom.

``match`` computes in whole numbers what ``scorer.score`` says of one pair, the parts that no firm
changes once a lot, the others as columns of firms.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from corpus.findings import Finding, Lot, Status
from models.call import Call
from models.firms import Eligible, Firm, Sector, cpv_of, object_of, own_labels, sector, similarity
from models.firms import table as firm_table
from models.scorer import (
    DIMENSIONS,
    FULL,
    TENTH,
    LotReading,
    Rules,
    Sheet,
    award,
    capacity_start,
    capacity_units,
    certificate_share,
    effort,
    eligibility_of,
    environmental,
    headcount_share,
    late_cap,
    notice_only,
    repeats,
    reservation_units,
    rubric,
    score,
    size_extras,
    size_share,
    social,
    turnover_share,
    units,
)

Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Key = TypeVar("Key", bound=Hashable)
_BLOCK = 256  # tenders whose trades are compared at once


def match(
    calls: Sequence[Call],
    firms: Sequence[Firm],
    *,
    today: date | None = None,
    rules: Rules | None = None,
) -> Floats:
    """Return the score of each tender for each firm under its own profile, tenders × firms.

    Points from 0 to 100, equal to ``score(call, firm.profile, firm)[0].score``. Raises KeyError
    when a profile is unknown.
    """
    rules = rubric() if rules is None else rules
    columns = _Columns(firms, rules)
    scores = np.zeros((len(calls), len(firms)))
    for start in range(0, len(calls), _BLOCK):
        block = calls[start : start + _BLOCK]
        lots = [(call, lot) for call in block for lot in (call.lots or (None,))]
        trades = columns.sectors(lots)
        at = 0
        for row, call in enumerate(block, start=start):
            count = max(1, len(call.lots))
            tenths = np.stack(
                [
                    _lot(LotReading(*lots[n], rules, silent=True), columns, trades[n], today)
                    for n in range(at, at + count)
                ]
            )
            at += count
            scores[row] = (_call(tenths, rules) if call.lots else tenths[0]) / 10
    return scores


def best_firms(
    scores: Floats, firms: Sequence[Firm], count: int = 20, department: str = ""
) -> tuple[tuple[int, float], ...]:
    """Return the firms that a tender (a row of ``match``) suits best: index and score.

    With a ``department`` only firms that work there, or do not say where.
    """
    near = (
        at
        for at, firm in enumerate(firms)
        if not department or not firm.departments or department in firm.departments
    )
    return _best(scores, near, count)


def best_calls(scores: Floats, count: int = 20) -> tuple[tuple[int, float], ...]:
    """Return the tenders that suit a firm (a column of ``match``) best: index and score."""
    return _best(scores, range(len(scores)), count)


def _best(scores: Floats, among: Iterable[int], count: int) -> tuple[tuple[int, float], ...]:
    order = sorted(among, key=lambda at: (-scores[at], at))
    return tuple((at, float(scores[at])) for at in order[:count])


# -- columns of firms -----------------------------------------------------------------------------


def _grouped(keys: Iterable[Key]) -> tuple[tuple[Key, ...], Ints]:
    """Return the distinct keys, and the rank of the key of each."""
    ranks: dict[Key, int] = {}
    index = [ranks.setdefault(key, len(ranks)) for key in keys]
    return tuple(ranks), np.array(index, dtype=np.int32)


def _figures(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


class _Columns:
    """What is known of the firms, as columns; what few firms differ in, as ranks of groups."""

    def __init__(self, firms: Sequence[Firm], rules: Rules) -> None:
        for firm in firms:
            rules["profile"][firm.profile]  # KeyError before any work
        self.count = len(firms)
        self.profiles, self.profile = _grouped(f.profile for f in firms)
        families = {str(rules["profile"][p]["family"]): p for p in self.profiles}
        self.families = tuple(families.values())  # one profile of each
        ranks = {family: at for at, family in enumerate(families)}
        self.family = _ints(ranks[str(rules["profile"][f.profile]["family"])] for f in firms)
        # Statuses decide what is open to a firm, its profile when it gives none.
        bodies, self.body = _grouped(
            ((f.profile if not f.statuses else "", f.statuses)) for f in firms
        )
        self.bodies = tuple(
            (profile or firms[0].profile, Firm("", statuses=own) if own else None)
            for profile, own in bodies
        )
        self.owns, self.own = _grouped(own_labels(f) for f in firms)
        self.certificates, self.certificate = _grouped(f.certifications for f in firms)
        self.wins, self.win = _grouped(f.won_l2113_15 for f in firms)
        self.turnover = _figures(f.turnover for f in firms)
        self.maximum = _figures(f.maximum_lot for f in firms)
        self.headcount = _figures(f.headcount for f in firms)
        weights = np.array(
            [
                [round(rules["profile"][profile]["weights"][d] * 10) for d in DIMENSIONS]
                for profile in self.profiles
            ],
            dtype=np.int32,
        ).reshape(-1, len(DIMENSIONS))
        self.weights = weights[self.profile].T if self.count else weights.T
        self.prefixes, self.by_prefix = _incidence([f.cpv for f in firms])
        self.divisions, self.by_division = _incidence([[p[:2] for p in f.cpv] for f in firms])
        self.words, self.by_word = _incidence([f.words for f in firms])
        self.coded = np.array([bool(f.cpv) for f in firms], dtype=np.bool_)

    def sectors(self, lots: Sequence[tuple[Call, Lot | None]]) -> NDArray[np.int8]:
        """Return the ``Sector`` of each firm for each lot, lots × firms."""
        codes, at = _grouped(cpv_of(lot) for _, lot in lots)
        begins = np.array(
            [[any(c.startswith(p) for c in own) for p in self.prefixes] for own in codes],
            dtype=np.float32,
        ).reshape(len(codes), len(self.prefixes))
        shares = np.array(
            [[any(c[:2] == d for c in own) for d in self.divisions] for own in codes],
            dtype=np.float32,
        ).reshape(len(codes), len(self.divisions))
        own = (self.by_prefix @ begins.T > 0).T
        near = (self.by_division @ shares.T > 0).T
        told = np.array([bool(c) for c in codes], dtype=np.bool_)
        by_code = np.where(
            own,
            np.int8(Sector.OWN),
            np.where(
                told[:, None] & self.coded[None, :] & ~near,
                np.int8(Sector.OUTSIDE),
                np.int8(Sector.UNKNOWN),
            ),
        )
        texts, text_at = _grouped(object_of(call, lot) for call, lot in lots)
        alike = (similarity(self.words, texts) >= firm_table()["sector"]["text"]).astype(np.float32)
        by_text = (self.by_word @ alike.T > 0).T
        found: NDArray[np.int8] = np.where(by_text[text_at], np.int8(Sector.OWN), by_code[at])
        return found


def _incidence(lists: Sequence[Iterable[str]]) -> tuple[tuple[str, ...], csr_matrix]:
    """Return the distinct words of lists, and lists × words as a sparse matrix of ones."""
    ranks: dict[str, int] = {}
    rows, columns = [], []
    for row, words in enumerate(lists):
        for word in dict.fromkeys(words):
            rows.append(row)
            columns.append(ranks.setdefault(word, len(ranks)))
    ones = np.ones(len(rows), dtype=np.float32)
    return tuple(ranks), csr_matrix((ones, (rows, columns)), shape=(len(lists), len(ranks)))


# -- one lot, all firms ---------------------------------------------------------------------------


def _lot(read: LotReading, firms: _Columns, trade: NDArray[np.int8], today: date | None) -> Ints:
    """Return the tenths of a point of one lot for each firm."""
    levels = _levels(read, firms)
    reserved = np.zeros((len(firms.families), len(_LEVELS), len(Sector)), dtype=np.int32)
    for rank in np.unique(levels):
        for family, profile in enumerate(firms.families):
            reserved[family, rank] = [
                reservation_units(read, profile, _LEVELS[rank], one)[0] for one in Sector
            ]
    clauses = _ints(social(read, profile, 1).fill for profile in firms.families)
    green = _ints(environmental(read, own, 1).fill for own in firms.owns)
    fills = (
        reserved[firms.family, levels, trade],
        clauses[firms.family],
        green[firms.own],
        award(read, 1).fill,
        _size(read, firms),
        np.int32(0),
        effort(read, 1).fill,
    )
    capacity, unmet = _capacity(read, firms)
    raw = firms.weights[5] * capacity
    for weight, fill in zip(firms.weights, fills, strict=True):
        raw = raw + weight * fill
    total = ((raw + TENTH // 2) // TENTH).astype(np.int32)
    return _gated(read, firms, total, levels, trade, unmet, today)


_LEVELS: tuple[Eligible | None, ...] = (*Eligible, None)


def _levels(read: LotReading, firms: _Columns) -> Ints:
    """Return the rank in ``_LEVELS`` of what a reservation is to each firm."""
    if not read.reserved:
        return np.full(firms.count, len(Eligible), dtype=np.int32)
    found = (eligibility_of(read, profile, own) for profile, own in firms.bodies)
    return _ints(one.level if one else len(Eligible) for one in found)[firms.body]


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int32)


def _size(read: LotReading, firms: _Columns) -> Ints:
    rules = read.rules["size"]
    extras = Sheet("D5", 1)
    size_extras(read, extras)
    share: Any = np.int32(size_share(read, None)[0])
    if read.amount is not None and read.annual is not None:
        with np.errstate(divide="ignore"):
            ratio = np.where(firms.turnover == 0, np.inf, read.annual / firms.turnover)
        limits = [limit for limit, _ in rules["ratios"]]
        worth = _ints(units(s) for s in (*(s for _, s in rules["ratios"]), rules["above"]))
        place = np.searchsorted(limits, ratio, side="left").clip(max=len(limits))
        share = np.where(np.isnan(firms.turnover), share, worth[place])
        share = np.where(read.amount > firms.maximum, units(rules["above"]), share)
    return _full(np.clip(share + extras.total, 0, FULL), firms.count)


def _full(values: Any, count: int) -> Ints:
    return np.broadcast_to(np.asarray(values, dtype=np.int32), (count,))


def _capacity(read: LotReading, firms: _Columns) -> tuple[Ints, Bools]:
    start = Sheet("D6", 1)
    capacity_start(read, start)
    total: Any = np.full(firms.count, start.total, dtype=np.int32)
    unmet = np.zeros(firms.count, dtype=np.bool_)
    if asked := turnover_share(read, None):
        unknown = capacity_units(read, asked[0])
        if read.floor is None:
            total = total + unknown
        else:
            low = firms.turnover < read.floor
            known = np.where(
                low, capacity_units(read, "turnover"), capacity_units(read, "turnover_met")
            )
            total = total + np.where(np.isnan(firms.turnover), unknown, known)
            unmet |= low
    if read.proof("barrier.certification") or read.certificates:
        found = [certificate_share(read, held) for held in firms.certificates]
        costs = _ints(capacity_units(read, one[0]) if one else 0 for one in found)
        lacking = np.array([bool(one and one[2]) for one in found], dtype=np.bool_)
        total = total + costs[firms.certificate]
        unmet |= lacking[firms.certificate]
    heads = read.number_of("lever.headcount")
    if headcount_share(read, None) and heads is not None:
        low = firms.headcount < heads
        met = ~np.isnan(firms.headcount) & ~low
        total = total + np.where(
            met, capacity_units(read, "headcount_met"), capacity_units(read, "headcount")
        )
        unmet |= low
    return np.clip(total, 0, FULL).astype(np.int32), unmet


def _gated(
    read: LotReading,
    firms: _Columns,
    total: Ints,
    levels: Ints,
    trade: NDArray[np.int8],
    unmet: Bools,
    today: date | None,
) -> Ints:
    """Apply the gates in the order of ``scorer``."""
    rules = {key: round(value * 10) for key, value in read.rules["gate"].items()}
    outside = trade == Sector.OUTSIDE

    def cap(values: Ints, where: Bools, limit: int) -> Ints:
        return np.where(where, np.minimum(values, limit), values).astype(np.int32)

    if notice_only(read):
        total = np.minimum(total, rules["notice_cap"]).astype(np.int32)
    if read.reserved:
        yes, no = levels == Eligible.YES, levels == Eligible.NO
        total = np.where(yes & ~outside, np.maximum(total, rules["reserved_floor"]), total)
        total = cap(total, no, rules["partner_cap" if read.joint else "others_cap"])
        again = np.array([repeats(read, won) is True for won in firms.wins], dtype=np.bool_)
        total = cap(total, again[firms.win], rules["repeat_cap"])
    total = cap(total, unmet, rules["unmet_joint_cap" if read.joint else "unmet_cap"])
    total = cap(total, outside, rules["sector_cap"])
    if late := late_cap(read, today):
        total = np.minimum(total, round(late[0] * 10)).astype(np.int32)
    return total


def _call(tenths: Ints, rules: Rules) -> Ints:
    """Return the best lot of each firm and what the other fitting ones add."""
    good = round(rules["bands"]["good"] * 10)
    best = tenths.max(axis=0)
    fitting = (tenths >= good).sum(axis=0) - (best >= good)
    most = np.minimum(round(rules["gate"]["breadth"] * 10), 1000 - best)
    total: Ints = best + np.minimum(10 * fitting, most)
    return total


# -- who completes whom ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Closed:
    """A gap of one that another closes, and why; ``findings`` are the proof of what is asked."""

    gap: str
    by: str
    reason_fr: str
    reason_en: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two of which one meets what the other lacks for a lot.

    ``alone`` are their own scores; ``left`` the gaps that neither closes.
    """

    lot: str
    first: str
    second: str
    alone: tuple[float, float]
    closed: tuple[Closed, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A profile, or a firm of it, that may enter a joint bid."""

    profile: str
    firm: Firm | None = None

    @property
    def name(self) -> str:
        """Its name as shown: of the firm, else of the profile."""
        return self.firm.name if self.firm else self.profile


def pairs(call: Call, members: Sequence[Member], *, rules: Rules | None = None) -> tuple[Pair, ...]:
    """Return the pairs that close a gap each of them leaves alone, best first, for each lot.

    Gaps: reservation, turnover, certificate, headcount, integration hours, trade. First come
    the pairs that leave none. Every two members are tried: give a
    short list (``best_firms``), not a whole map. Hints to be checked, no legal advice.
    """
    rules = rubric() if rules is None else rules
    found = []
    for lot in call.lots or (None,):
        read = LotReading(call, lot, rules)
        asked = [_gaps(read, member) for member in members]
        alone = [_alone(call, lot, member, rules) for member in members]
        for one, other in combinations(range(len(members)), 2):
            both = asked[one].keys() & asked[other].keys()
            closed = (
                *_closed(read, asked[one], asked[other], members[other], members[one]),
                *_closed(read, asked[other], asked[one], members[one], members[other]),
            )
            if closed:
                found.append(
                    Pair(
                        lot=read.number,
                        first=members[one].name,
                        second=members[other].name,
                        alone=(alone[one], alone[other]),
                        closed=closed,
                        left=tuple(sorted(both)),
                    )
                )
    return tuple(
        sorted(found, key=lambda p: (p.lot, len(p.left), -max(p.alone), p.first, p.second))
    )


def _alone(call: Call, lot: Lot | None, member: Member, rules: Rules) -> float:
    number = lot.number if lot else ""
    every = score(call, member.profile, member.firm, rules=rules)
    return next(s.score for s in every if s.lot == number)


def _gaps(read: LotReading, member: Member) -> Mapping[str, tuple[str, ...]]:
    """Return what a member lacks for a lot, with the findings that ask for it."""
    firm = member.firm
    rules = read.rules["pair"]
    family = read.rules["profile"][member.profile]["family"]
    light = firm is None and family in rules["light"]
    found: dict[str, Iterable[Finding]] = {}
    eligible = eligibility_of(read, member.profile, firm)
    if eligible and eligible.level is Eligible.NO:
        found["reservation"] = (f for fs in read.reserved.values() for f in fs)
    asked = turnover_share(read, firm.turnover if firm else None)
    if asked and (asked[1] or light):
        found["turnover"] = read.proof("barrier.turnover")
    wanted = certificate_share(read, firm.certifications if firm else ())
    if wanted and (wanted[2] or (light and wanted[0] == "certification")):
        found["certificate"] = read.proof("barrier.certification")
    heads = headcount_share(read, firm.headcount if firm else None)
    if heads and (heads[1] or light):
        found["headcount"] = read.proof("barrier.references")
    hours = [f for f in read.proof("social.integration") if f.status is Status.BINDING]
    if hours and not _inclusive(member, family, rules):
        found["hours"] = hours
    if firm and sector(firm, read.call, read.lot) is Sector.OUTSIDE:
        found["trade"] = ()
    return {gap: tuple(sorted({f.id for f in proof})) for gap, proof in found.items()}


def _inclusive(member: Member, family: str, rules: Rules) -> bool:
    if member.firm and member.firm.statuses:
        return not set(member.firm.statuses) <= {"ess", "esus", "jei", "prison", "sme"}
    return family in rules["inclusive"]


def _closed(
    read: LotReading,
    lacking: Mapping[str, tuple[str, ...]],
    having: Mapping[str, tuple[str, ...]],
    one: Member,
    other: Member,
) -> Iterator[Closed]:
    for gap in sorted(lacking.keys() - having.keys()):
        words = read.rules["pair"]["reason"][gap]
        fr, en = (words[key].format(one=one.name, other=other.name) for key in ("fr", "en"))
        yield Closed(gap, one.name, fr, en, lacking[gap])
