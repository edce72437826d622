"""Findings and facts -> score of each lot and of the call, as contributions that sum exactly.

Shape, numbers and wording: ``scoring.toml``. Shares are whole ten-thousandths and points whole
tenths, rounded in one place (``_apportioned``), so that sums are exact and equal to those of
``matching``. A dimension that could not be read counts half and lowers the confidence: "not
found" is never taken for "absent" when the piece that would say it is missing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from corpus import taxonomy
from corpus.documents import PieceType
from corpus.findings import Contribution, Criterion, Fact, Finding, Lot, Score
from models.call import Call
from models.firms import (
    Eligibility,
    Eligible,
    Firm,
    Sector,
    cpv_of,
    eligibility,
    folded,
    listed,
    own_labels,
    reserving,
    sector,
    table,
)

_FILE = Path(__file__).with_name("scoring.toml")
PROFILES: tuple[str, ...] = (
    "siae", "ea_esat", "ess_association", "cooperative", "sme", "social_startup", "tih",
    "siae_ei", "siae_aci", "siae_ai", "siae_etti",
)  # fmt: skip
DIMENSIONS = ("D1", "D2", "D3", "D4", "D5", "D6", "D7")
FULL = 10_000  # units of a full dimension
TENTH = 10_000  # tenths of a weight × units that make a tenth of a point
_SECTIONS = {
    "schema", "checked_on", "bands", "dimension", "profile", "binding", "social", "env",
    "criteria", "size", "capacity", "effort", "reservation", "gate", "coverage", "reason", "pair",
}  # fmt: skip
_PROFILE_KEYS = {
    "title_fr", "title_en", "reserved", "weights", "family", "note_fr", "note_en",
}  # fmt: skip
_MEASURES = frozenset({"hours", "percent", "jobs"})
_MOST_IDS = 12

Rules = Mapping[str, Any]


class ScoringError(ValueError):
    """scoring.toml or an override holds something unknown, or weights that do not sum to 100."""


@cache
def rubric() -> Rules:
    """Return the rubric shipped with this version. Raises ScoringError when it does not hold."""
    return _checked(tomllib.loads(_FILE.read_text(encoding="utf-8")))


def overridden(path: Path) -> Rules:
    """Return the rubric with the weights of a file that ``calibration.write`` wrote.

    Raises ScoringError when it names an unknown profile or key, or weights do not sum to 100.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScoringError(f"{path.name}: {error}") from error
    if unknown := set(given) - {"schema", "fitted_on", "decisions", "weights"}:
        raise ScoringError(f"{path.name}: unknown key {', '.join(sorted(unknown))}")
    profiles = {name: dict(profile) for name, profile in rubric()["profile"].items()}
    for name, weights in given.get("weights", {}).items():
        if name not in profiles:
            raise ScoringError(f"{path.name}: unknown profile {name}")
        _weights(weights, f"{path.name}: {name}")
        profiles[name]["weights"] = weights
    return {**rubric(), "profile": profiles}


def _checked(read: dict[str, Any]) -> Rules:
    if set(read) != _SECTIONS:
        raise ScoringError(f"scoring.toml: sections {sorted(set(read) ^ _SECTIONS)}")
    for name, profile in read["profile"].items():
        if unknown := set(profile) - _PROFILE_KEYS:
            raise ScoringError(f"scoring.toml: {name}: unknown key {sorted(unknown)}")
        family = profile.setdefault("family", name)
        profile.setdefault("weights", read["profile"][family].get("weights"))
        _weights(profile["weights"], f"scoring.toml: {name}")
    named = set(read["social"]) | {key for key in read["env"] if key.startswith("env.")}
    if unknown := named - set(taxonomy.labels()):
        raise ScoringError(f"scoring.toml: unknown label {sorted(unknown)}")
    for label, strengths in read["social"].items():
        if unknown := set(strengths) - set(read["profile"]) - {"default"}:
            raise ScoringError(f"scoring.toml: {label}: unknown profile {sorted(unknown)}")
    return read


def _weights(weights: Mapping[str, float], where: str) -> None:
    if set(weights) != set(DIMENSIONS):
        raise ScoringError(f"{where}: weights must be those of {', '.join(DIMENSIONS)}")
    if min(weights.values()) < 0 or sum(map(_tenths, weights.values())) != 1000:
        raise ScoringError(f"{where}: weights must be 0 or more and sum to 100")
    if any(abs(_tenths(w) - w * 10) > 1e-6 for w in weights.values()):
        raise ScoringError(f"{where}: weights have one decimal at most")


def score(
    call: Call,
    profile: str,
    firm: Firm | None = None,
    *,
    today: date | None = None,
    rules: Rules | None = None,
) -> tuple[Score, ...]:
    """Score each lot and the consultation for ``profile``; the consultation comes first.

    ``firm`` tells what the profile does not: statuses, trade, turnover, certificates. ``today`` is
    the day of reading, without which the deadline is not judged. ``rules`` is ``rubric()`` or an
    ``overridden`` one. Raises KeyError when the profile is unknown.
    """
    rules = rubric() if rules is None else rules
    if profile not in rules["profile"]:
        raise KeyError(profile)
    if not call.lots:
        return (_score_lot(LotReading(call, None, rules), profile, firm, today),)
    lots = tuple(
        _score_lot(LotReading(call, lot, rules), profile, firm, today) for lot in call.lots
    )
    return (_consultation(call, lots, profile, rules), *lots)


def band(value: float) -> str:
    """Return the band of a score: priority, good, partner or weak."""
    bands: Mapping[str, float] = rubric()["bands"]
    return next(name for name, low in bands.items() if value >= low)


def shares(criteria: Sequence[Criterion]) -> dict[str, float]:
    """Return the percent of the note by theme; a themed sub-criterion counts inside its parent."""
    children: dict[str, list[Criterion]] = {}
    for criterion in criteria:
        if criterion.parent:
            children.setdefault(criterion.parent, []).append(criterion)
    total: dict[str, float] = {}
    for criterion in criteria:
        if criterion.parent or criterion.share is None:
            continue
        left = criterion.share
        for child in children.get(criterion.id, ()):
            if (
                child.share
                and child.theme in ("social", "environmental")
                and child.theme != criterion.theme
            ):
                total[child.theme] = total.get(child.theme, 0.0) + child.share
                left -= child.share
        total[criterion.theme] = total.get(criterion.theme, 0.0) + max(0.0, left)
    return total


# -- rounding: the one place ----------------------------------------------------------------------


def units(share: float) -> int:
    """Return a share of a dimension in ten-thousandths."""
    return round(share * FULL)


def _tenths(points: float) -> int:
    return round(points * 10)


def _clamped(value: int) -> int:
    return min(FULL, max(0, value))


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def total_tenths(raw: int) -> int:
    """Return the tenths of a point of a sum of weight (tenths) × share (units), half up."""
    return (raw + TENTH // 2) // TENTH


def _apportioned(raw: Sequence[int], target: int) -> list[int]:
    """Round parts to whole tenths that sum to ``target``: the largest remainders go up."""
    floors = [part // TENTH for part in raw]
    left = target - sum(floors)
    order = sorted(range(len(raw)), key=lambda at: (-(raw[at] % TENTH), at))
    for at in order[:left]:
        floors[at] += 1
    return floors


# -- one lot --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Sheet:
    """Collects what fills one dimension; its share is kept within 0 and full at the end."""

    dimension: str
    weight: int  # tenths of a point
    total: int = 0
    lines: list[tuple[int, str, str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def fill(self) -> int:
        """The share filled, in units."""
        return _clamped(self.total)

    def add(self, share: int, words: tuple[str, str], ids: tuple[str, ...] = ()) -> None:
        """Add a share in units, with the reason in French and English and its evidence."""
        before = self.fill
        self.total += share
        self.lines.append((self.fill - before, *words, ids))


class LotReading:
    """What a lot (or a call without lots) says that bears on a score; read once for all firms."""

    def __init__(self, call: Call, lot: Lot | None, rules: Rules, *, silent: bool = False) -> None:
        """Read one lot; ``silent`` leaves reasons and evidence out, for scores by the million."""
        self.call = call
        self.silent = silent
        self.lot = lot
        self.rules = rules
        self.number = lot.number if lot else ""
        number = self.number
        own = [f for f in call.findings if not number or not f.lots or number in f.lots]
        self.live = sorted((f for f in own if f.status.in_force), key=lambda f: f.id)
        self.criteria = [c for c in call.criteria if not c.lots or not number or number in c.lots]
        self._by_label: dict[str, list[Finding]] = {}
        for finding in self.live:
            for label in dict.fromkeys(finding.labels):
                self._by_label.setdefault(label, []).append(finding)
        self._by_name: dict[str, Fact] = {}
        self._quantities: dict[str, list[Fact]] = {}
        for fact in sorted(call.facts, key=lambda f: not f.lots):  # the lot's own speaks first
            if not fact.lots or number in fact.lots:
                self._by_name.setdefault(fact.name, fact)
            if fact.name.startswith("quantity.") and (
                not fact.lots or not number or number in fact.lots
            ):
                self._quantities.setdefault(fact.label, []).append(fact)
        self.reserved = reserving(self.live, lot)
        self.cpv = cpv_of(lot)

    def fact(self, name: str) -> Fact | None:
        """Return the statement that counts, the lot's own first."""
        return self._by_name.get(name)

    def number_of(self, name: str) -> float | None:
        """Return a figure, None when it is not stated."""
        fact = self.fact(name)
        if fact is None or isinstance(fact.value, str | bool | list):
            return None
        return float(fact.value)

    def proof(self, *labels: str) -> list[Finding]:
        """Return the findings in force that carry one of these labels."""
        if len(labels) == 1:
            return self._by_label.get(labels[0], [])
        return [f for f in self.live if any(label in f.labels for label in labels)]

    def labels(self, family: str) -> list[str]:
        """Return the labels in force of a family ("social."), sorted."""
        return sorted(label for label in self._by_label if label.startswith(family))

    def quantities(self, label: str) -> list[Fact]:
        """Return the figures that the clause of a label states."""
        return self._quantities.get(label, [])

    @cached_property
    def bound(self) -> Mapping[str, tuple[float, bool]]:
        """How much the strongest passage of each label binds, and whether it states a figure."""
        return {label: _binding(self, label) for label in self._by_label}

    @cached_property
    def amount(self) -> float | None:
        """The value of the lot in EUR: estimate, else maximum; of the call when it has no lots."""
        if self.lot is not None:
            given = (self.lot.amount_eur, self.lot.maximum_eur)
        else:
            given = (
                self.number_of("procedure.estimate_eur"),
                self.number_of("procedure.maximum_eur"),
            )
        return next((value for value in given if value is not None), None)

    @cached_property
    def months(self) -> float | None:
        """The duration in months."""
        own = self.lot.duration_months if self.lot else None
        return own if own is not None else self.number_of("procedure.duration_months")

    @cached_property
    def annual(self) -> float | None:
        """The value a year; of less than a year the whole value."""
        if self.amount is None:
            return None
        return self.amount / max(1.0, (self.months or 12.0) / 12.0)

    @cached_property
    def floor(self) -> float | None:
        """The minimum turnover asked in EUR a year; a multiple is one of the value a year."""
        stated = self.number_of("lever.turnover_eur")
        multiple = self.number_of("lever.turnover_multiple")
        if stated is None and multiple is not None and self.annual is not None:
            stated = multiple * self.annual
        return stated

    @cached_property
    def certificates(self) -> tuple[tuple[str, bool, Fact], ...]:
        """The certificates asked, and whether an equivalent is accepted."""
        stated = self.call.stated("lever.certification", self.number)
        return tuple((str(f.value), f.detail == "equivalent", f) for f in stated)

    @cached_property
    def joint(self) -> bool:
        """Whether the pieces say that firms may bid or work together."""
        return (
            self.fact("lever.grouping") is not None
            or self.value_is("lever.subcontracting", "allowed", "limited")
            or bool(self.proof("access.grouping", "access.subcontracting"))
        )

    def value_is(self, name: str, *values: str) -> bool:
        """Tell whether a choice is stated as one of these values."""
        fact = self.fact(name)
        return fact is not None and fact.value in values

    def answer_date(self) -> date | None:
        """Return the last day to answer."""
        fact = self.fact("procedure.answer_date")
        return date.fromisoformat(str(fact.value)[:10]) if fact else None

    def launched(self) -> date | None:
        """Return the day of the call: dispatch, else deadline."""
        fact = self.fact("procedure.launch_date")
        stated = date.fromisoformat(str(fact.value)[:10]) if fact else None
        return self.call.launch or stated or self.answer_date()

    def say(self, key: str, /, **values: object) -> tuple[str, str]:
        """Return a reason in French and English."""
        if self.silent:
            return "", ""
        entry = self.rules["reason"][key]
        return entry["fr"].format(**values), entry["en"].format(**values)

    def told(
        self, fact: Fact | None, key: str, /, **values: object
    ) -> tuple[tuple[str, str], tuple[str, ...]]:
        """Return a reason that rests on a fact, with the findings that stand at its place.

        Where none stands, the words name article and page.
        """
        words = self.say(key, **values)
        if fact is None or self.silent:
            return words, ()
        quote = folded(fact.place.quote)
        near = [
            f.id
            for f in self.call.findings
            if (f.piece, f.page) == (fact.place.piece, fact.place.page)
            and quote
            and (quote in folded(f.quote) or folded(f.quote) in quote)
        ]
        if near:
            return words, tuple(sorted(near))[:_MOST_IDS]
        article = fact.place.article.rpartition("›")[2].strip()
        where = ", ".join(part for part in (article[:60], f"p. {fact.place.page}") if part)
        return (f"{words[0]} ({where})", f"{words[1]} ({where})"), ()


def _ids(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(sorted({f.id for f in findings}))[:_MOST_IDS]


def _euros(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")


def _score_lot(read: LotReading, profile: str, firm: Firm | None, today: date | None) -> Score:
    rules = read.rules
    weights = {d: _tenths(w) for d, w in rules["profile"][profile]["weights"].items()}
    eligible = eligibility_of(read, profile, firm)
    trade = sector(firm, read.call, read.lot) if firm else Sector.UNKNOWN
    sheets = [
        _reservation(read, profile, eligible, trade, weights["D1"]),
        social(read, profile, weights["D2"]),
        environmental(read, own_labels(firm), weights["D3"]),
        award(read, weights["D4"]),
        _size(read, firm, weights["D5"]),
        _capacity(read, firm, weights["D6"]),
        effort(read, weights["D7"]),
    ]
    raw = [sheet.weight * sheet.fill for sheet in sheets]
    total = total_tenths(sum(raw))
    lines: list[Contribution] = []
    inclusion = 0
    for sheet, points in zip(sheets, _apportioned(raw, total), strict=True):
        if sheet.dimension in ("D1", "D2"):
            inclusion += points
        parts = _apportioned([sheet.weight * line[0] for line in sheet.lines], points)
        lines += [
            Contribution(sheet.dimension, part / 10, sheet.weight / 10, fr, en, ids)
            for part, (_, fr, en, ids) in zip(parts, sheet.lines, strict=True)
        ]
    total, gate_lines, gates = _gates(read, total, profile, firm, eligible, trade, today)
    confidence, missing = _confidence(read)
    if "notice-only" in gates:
        confidence = min(confidence, rules["gate"]["notice_confidence"])
    return Score(
        lot=read.number,
        profile=profile,
        score=total / 10,
        band=band(total / 10),
        confidence=confidence,
        inclusion=inclusion / 10,
        contributions=tuple(lines) + gate_lines,
        gates=gates,
        missing=missing,
    )


def breadth_tenths(best: int, fitting: int, rules: Rules) -> int:
    """Return the bonus of a call in tenths for ``fitting`` other lots, never above 100 points."""
    return min(10 * fitting, _tenths(rules["gate"]["breadth"]), 1000 - best)


def _consultation(call: Call, lots: Sequence[Score], profile: str, rules: Rules) -> Score:
    best = max(lots, key=lambda s: s.score)
    fitting = sum(s.score >= rules["bands"]["good"] for s in lots if s is not best)
    bonus = breadth_tenths(_tenths(best.score), fitting, rules)
    most = float(rules["gate"]["breadth"])
    extra: list[Contribution] = []
    gates = best.gates
    reserved = [lot.number for lot in call.lots if lot.reserved]
    if reserved and len(reserved) < len(call.lots):
        words = rules["reason"]["partly-reserved"]
        told = {key: text.format(lots=", ".join(reserved)) for key, text in words.items()}
        ids = sorted({i for lot in call.lots if lot.reserved for i in lot.findings})
        proof = {f.id for f in call.findings if any(la.startswith("reserved.") for la in f.labels)}
        own = tuple(i for i in ids if i in proof)[:_MOST_IDS]
        extra.append(Contribution("gate:partly-reserved", 0.0, 0.0, told["fr"], told["en"], own))
        gates += ("partly-reserved",)
    if bonus > 0:
        words = rules["reason"]["breadth"]
        fr, en = (words[key].format(count=fitting) for key in ("fr", "en"))
        extra.append(Contribution("breadth", bonus / 10, most, fr, en))
    total = (_tenths(best.score) + bonus) / 10
    return Score(
        lot="",
        profile=profile,
        score=total,
        band=band(total),
        confidence=best.confidence,
        inclusion=best.inclusion,
        contributions=best.contributions + tuple(extra),
        gates=gates,
        missing=best.missing,
    )


# -- D1 -------------------------------------------------------------------------------------------


def eligibility_of(read: LotReading, profile: str, firm: Firm | None) -> Eligibility | None:
    """Return whether the reservation of a lot is open to profile and firm; None when not reserved.

    The statuses of the firm decide, the profile when it gives none.
    """
    if not read.reserved:
        return None
    if firm and firm.statuses:
        every = [eligibility(firm, label, read.cpv) for label in read.reserved]
        return max(every, key=lambda e: e.level)
    own = read.rules["profile"][profile]
    notes = (own.get("note_fr", ""), own.get("note_en", ""))
    mine = [label for label in read.reserved if label in own["reserved"]]
    if mine == ["reserved.social_economy"] and not listed(read.cpv):
        probe = eligibility(Firm("", statuses=("ess",)), "reserved.social_economy", read.cpv)
        return Eligibility(Eligible.CHECK, probe.reason_fr, probe.reason_en)
    return Eligibility(Eligible.YES if mine else Eligible.NO, *(notes if mine else ("", "")))


def reservation_units(
    read: LotReading, profile: str, level: Eligible | None, trade: Sector
) -> tuple[int, str]:
    """Return the share of D1 and the key of its reason."""
    rules = read.rules["reservation"]
    if level is not None:
        key, reason = {
            Eligible.YES: ("for_you", "for_you"),
            Eligible.CHECK: ("unknown", "to_check"),
            Eligible.NO: ("for_others", "for_others"),
        }[level]
        return units(rules[key]), reason
    if trade is Sector.OUTSIDE:
        return units(rules["outside"]), "outside"
    inclusive = read.rules["profile"][profile]["family"] == "siae"
    if inclusive and read.proof("social.integration_services"):
        return units(rules["subject"]), "subject"
    if trade is Sector.OWN:
        return units(rules["own_sector"]), "own_sector"
    return units(rules["unknown"]), "unknown_sector"


def _reservation(
    read: LotReading, profile: str, eligible: Eligibility | None, trade: Sector, weight: int
) -> Sheet:
    sheet = Sheet("D1", weight)
    share, key = reservation_units(read, profile, eligible.level if eligible else None, trade)
    fr, en = read.say(key)
    proof = [f for found in read.reserved.values() for f in found]
    if key == "subject":
        proof = read.proof("social.integration_services")
    if eligible and eligible.reason_fr:
        fr, en = f"{fr}. {eligible.reason_fr}", f"{en}. {eligible.reason_en}"
    sheet.add(share, (fr, en), _ids(proof))
    return sheet


# -- D2, D3 ---------------------------------------------------------------------------------------

# The pieces any one of which would tell whether a dimension is empty.
_READS: Mapping[str, frozenset[PieceType]] = {
    "D2": frozenset({PieceType.CCAP, PieceType.CCP}),
    "D3": frozenset({PieceType.CCAP, PieceType.CCP, PieceType.CCTP}),
    "D6": frozenset({PieceType.RC, PieceType.NOTICE}),
    "D7": frozenset({PieceType.CCAP, PieceType.CCP, PieceType.RC}),
}
_MILLION = 1_000_000


def social(read: LotReading, profile: str, weight: int) -> Sheet:
    """Return D2: what the social clauses are worth to a profile."""
    family = read.rules["profile"][profile]["family"]

    def strength(label: str) -> float:
        strengths = read.rules["social"][label]
        return float(strengths.get(family, strengths["default"]))

    return _noisy(read, "D2", "social.", strength, weight)


def environmental(read: LotReading, own: frozenset[str], weight: int) -> Sheet:
    """Return D3: what the environmental clauses are worth; ``own`` are the firm's own trades."""
    rules = read.rules["env"]
    factor = table()["sector"]["factor"]

    def strength(label: str) -> float:
        share = float(rules.get(label, rules["default"]))
        if read.bound[label][1]:
            share = max(share, rules["quantified"])
        return min(1.0, share * factor) if label in own else share

    return _noisy(read, "D3", "env.", strength, weight)


def _noisy(read: LotReading, dimension: str, family: str, strength: Any, weight: int) -> Sheet:
    """Noisy-or over distinct labels: each clause fills a share of what is still empty.

    In whole millionths, so that neither order nor one more clause can lower it.
    """
    sheet = Sheet(dimension, weight)
    found = read.labels(family)
    strengths = {label: round(strength(label) * read.bound[label][0] * _MILLION) for label in found}
    empty, whole = 1, 1
    for label in sorted(found, key=lambda la: (-strengths[la], la)):
        empty *= _MILLION - strengths[label]
        whole *= _MILLION
        filled = (2 * FULL * (whole - empty) + whole) // (2 * whole)
        title = taxonomy.labels()[label]
        sheet.add(filled - sheet.total, (title.title_fr, title.title_en), _ids(read.proof(label)))
    if not read.call.pieces & _READS[dimension] and sheet.fill < FULL // 2:
        sheet.add(FULL // 2 - sheet.fill, read.say("unread"))
    if not sheet.lines:
        sheet.add(0, read.say("nothing"))
    return sheet


_FIGURES = frozenset(
    f"quantity.{name}"
    for name in (
        "hours", "hours_per_year", "percent_of_hours", "hours_per_amount", "jobs", "apprentices",
        "reuse_percent", "recycled_percent", "bio_percent", "organic_percent",
    )
)  # fmt: skip


def _binding(read: LotReading, label: str) -> tuple[float, bool]:
    rules = read.rules["binding"]
    proof, figures = read.proof(label), {f.name for f in read.quantities(label)}
    measured = any(_MEASURES & set(f.values) for f in proof) or bool(_FIGURES & figures)
    best = max(float(rules[f.status.value]) for f in proof)
    if best == rules["binding"] and measured:
        penalty = any("penalty_eur" in f.values for f in proof)
        if penalty or {"quantity.penalty", "quantity.penalty_percent"} & figures:
            best = float(rules["quantified_with_penalty"])
    return best, measured


# -- D4 -------------------------------------------------------------------------------------------


def award(read: LotReading, weight: int) -> Sheet:
    """Return D4: what the weights of the award criteria are worth."""
    rules = read.rules["criteria"]
    sheet = Sheet("D4", weight)
    part = {theme: round(100 * share) for theme, share in shares(read.criteria).items()}
    if not part:
        sheet.add(FULL // 2, read.say("no_weights"))
        return sheet
    full = Fraction(str(rules["full"])) * 100
    running = Fraction(0)
    for theme, factor, least in (
        ("social", rules["social"], 0),
        ("environmental", 1, 0),
        ("quality", rules["quality"], 0),
        ("price", -rules["price"], 5000),
    ):
        if part.get(theme, 0) > least:
            running += Fraction(str(factor)) * (part[theme] - least) / full * FULL
            share = f"{part[theme] / 100:g}"
            sheet.add(_half_up(running) - sheet.total, read.say(theme, share=share))
    if not sheet.lines:
        sheet.add(0, read.say("price_alone" if part.get("price") else "nothing"))
    return sheet


# -- D5 -------------------------------------------------------------------------------------------


def size_share(read: LotReading, firm: Firm | None) -> tuple[int, str]:
    """Return the share that the size of a lot leaves a firm, and the key of its reason."""
    rules = read.rules["size"]
    amount, annual = read.amount, read.annual
    if amount is None or annual is None:
        return units(rules["unknown"]), "no_amount"
    if firm and firm.maximum_lot is not None and amount > firm.maximum_lot:
        return units(rules["above"]), "too_large"
    if firm and firm.turnover is not None:
        ratio = annual / firm.turnover if firm.turnover else float("inf")
        share = next((s for limit, s in rules["ratios"] if ratio <= limit), rules["above"])
        return units(share), "ratio" if firm.turnover else "amount"
    share = next((s for limit, s in rules["steps"] if amount <= limit), rules["above"])
    return units(share), "amount"


def size_extras(read: LotReading, sheet: Sheet) -> None:
    """Add what lots, joint bids, variants and awardees bring to D5 or take from it."""
    rules = read.rules["size"]
    count = len(read.call.lots)
    if count >= rules["many_lots_from"]:
        sheet.add(units(rules["many_lots"]), read.say("many_lots", count=count))
    grouping = read.fact("lever.grouping")
    solidaire = read.value_is("lever.grouping_imposed", "solidaire") or (
        grouping is not None and grouping.value == "solidaire"
    )
    proof = read.proof("access.grouping")
    if grouping is not None or proof:
        key = "grouping_solidaire" if solidaire else "grouping"
        words, ids = read.told(grouping, key) if grouping else (read.say(key), _ids(proof))
        sheet.add(units(rules[key]), words, ids)
    variants = read.fact("lever.variants")
    if variants is not None:
        if variants.value in ("allowed", "required"):
            sheet.add(units(rules["variants"]), *read.told(variants, "variants"))
    elif proof := read.proof("access.variants"):
        sheet.add(units(rules["variants"]), read.say("variants"), _ids(proof))
    if proof := read.proof("social.social_economy", "access.subcontracting"):
        sheet.add(units(rules["small_firms"]), read.say("small_firms"), _ids(proof))
    if not read.call.lots and (proof := read.proof("barrier.single_lot")):
        sheet.add(units(rules["single_lot"]), read.say("single_lot"), _ids(proof))
    awardees = read.fact("procedure.awardees")
    if (
        awardees is not None
        and awardees.value == "single"
        and (read.months or 0) >= rules["single_awardee_months"]
    ):
        told = read.told(awardees, "single_awardee", count=f"{read.months:g}")
        sheet.add(units(rules["single_awardee"]), *told)


def _size(read: LotReading, firm: Firm | None, weight: int) -> Sheet:
    sheet = Sheet("D5", weight)
    share, key = size_share(read, firm)
    values: dict[str, str] = {}
    if read.amount is not None and read.annual is not None:
        values = {"amount": _euros(read.amount)}
        if key == "ratio" and firm and firm.turnover:
            values = {
                "amount": _euros(read.annual),
                "share": f"{100 * read.annual / firm.turnover:.0f}",
            }
    sheet.add(share, read.say(key, **values))
    size_extras(read, sheet)
    return sheet


# -- D6 -------------------------------------------------------------------------------------------


def turnover_share(read: LotReading, turnover: float | None) -> tuple[str, bool] | None:
    """Return the key of what a minimum turnover costs and whether it is certainly unmet.

    None when none is asked.
    """
    if read.floor is None:
        asked = read.fact("lever.turnover_multiple") or read.proof("barrier.turnover")
        return ("turnover", False) if asked else None
    if turnover is not None:
        return ("turnover", True) if turnover < read.floor else ("turnover_met", False)
    if read.annual is not None and read.floor <= read.annual:
        return "turnover_within", False
    return "turnover", False


def holds(held: Sequence[str], name: str) -> bool:
    """Tell whether one of the certificates held is the one named."""
    asked = f" {folded(name)} "
    return any(f" {folded(one)} " in asked or asked.strip() in folded(one) for one in held if one)


def certificate_share(read: LotReading, held: Sequence[str]) -> tuple[str, str, bool] | None:
    """Return what certificates cost: key, name that decides, whether it is certainly lacking.

    None when none is asked. Without equivalent counts most; of a firm whose certificates are not
    known nothing is certain.
    """
    if not read.certificates:
        return ("certification", "", False) if read.proof("barrier.certification") else None
    lacking = [(equal, name) for name, equal, _ in read.certificates if not holds(held, name)]
    if not lacking:
        return "certification_held", read.certificates[0][0], False
    equal, name = min(lacking)
    if equal:
        return "certification_equivalent", name, False
    return "certification", name, bool(held)


def headcount_share(read: LotReading, headcount: float | None) -> tuple[str, bool] | None:
    """Return the key of what a minimum headcount costs and whether it is certainly unmet."""
    asked = read.number_of("lever.headcount")
    if asked is None:
        return None
    if headcount is None:
        return "headcount", False
    return ("headcount", True) if headcount < asked else ("headcount_met", False)


def capacity_units(read: LotReading, key: str) -> int:
    """Return the share of D6 that a key is worth; what is met and costs nothing has no number."""
    return units(read.rules["capacity"].get(key, 0.0))


def capacity_start(read: LotReading, sheet: Sheet) -> None:
    """Add what D6 holds for every firm alike: starting share, references, years."""
    rules = read.rules["capacity"]
    if not read.call.pieces & _READS["D6"]:
        sheet.add(FULL // 2, read.say("unread"))
    else:
        sheet.add(units(rules["start"]), read.say("start"))
    references, years = read.fact("lever.references"), read.fact("lever.references_years")
    count = read.number_of("lever.references")
    if count is not None and count == 0:
        sheet.add(units(rules["no_references"]), *read.told(references, "no_references"))
    elif count is not None and count >= rules["references_from"]:
        words = read.told(references, "references_of", count=f"{count:g}")
        sheet.add(units(rules["references"]), *words)
    elif count is not None:
        sheet.add(0, *read.told(references, "few_references", count=f"{count:g}"))
    elif not (years or read.fact("lever.headcount")) and (
        proof := read.proof("barrier.references")
    ):
        sheet.add(units(rules["references"]), read.say("references"), _ids(proof))
    span = read.number_of("lever.references_years")
    if span is not None and span > rules["references_years_above"]:
        words = read.told(years, "references_years", count=f"{span:g}")
        sheet.add(units(rules["references_years"]), *words)


def _capacity(read: LotReading, firm: Firm | None, weight: int) -> Sheet:
    sheet = Sheet("D6", weight)
    capacity_start(read, sheet)
    if asked := turnover_share(read, firm.turnover if firm else None):
        key, unmet = asked
        share = capacity_units(read, key)
        if read.floor is None:
            sheet.add(share, read.say("turnover"), _ids(read.proof("barrier.turnover")))
        else:
            said = {"turnover": "turnover_unmet" if unmet else "turnover_of"}.get(key, key)
            fact = read.fact("lever.turnover_eur") or read.fact("lever.turnover_multiple")
            sheet.add(share, *read.told(fact, said, amount=_euros(read.floor)))
    if wanted := certificate_share(read, firm.certifications if firm else ()):
        key, name, _ = wanted
        share = capacity_units(read, key)
        if name:
            fact = next(f for asked_name, _, f in read.certificates if asked_name == name)
            sheet.add(share, *read.told(fact, key, name=name))
        else:
            proof = read.proof("barrier.certification")
            sheet.add(share, read.say("a_certification"), _ids(proof))
    if asked := headcount_share(read, firm.headcount if firm else None):
        count = f"{read.number_of('lever.headcount'):g}"
        told = read.told(read.fact("lever.headcount"), asked[0], count=count)
        sheet.add(capacity_units(read, asked[0]), *told)
    return sheet


# -- D7 -------------------------------------------------------------------------------------------


def effort(read: LotReading, weight: int) -> Sheet:
    """Return D7: cash and effort. A fact speaks where there is one, a label where there is none."""
    rules = read.rules["effort"]
    sheet = Sheet("D7", weight)
    if not read.call.pieces & _READS["D7"]:
        sheet.add(FULL // 2, read.say("unread"))
    else:
        sheet.add(units(rules["start"]), read.say("start"))

    def label(key: str, name: str, reason: str) -> None:
        if proof := read.proof(name):
            sheet.add(units(rules[key]), read.say(reason), _ids(proof))

    advance = read.number_of("lever.advance_percent")
    refused = read.fact("lever.advance_refused")
    if advance is not None:
        fact, share = read.fact("lever.advance_percent"), f"{advance:g}"
        if advance > rules["advance_above"]:
            sheet.add(units(rules["advance"]), *read.told(fact, "advance", share=share))
        else:
            sheet.add(0, *read.told(fact, "advance_minimum", share=share))
    elif refused is not None and refused.value is True:
        sheet.add(units(rules["advance_refused"]), *read.told(refused, "advance_refused"))
    else:
        label("advance", "access.advance", "an_advance")
    days = read.number_of("lever.payment_days")
    if days is None:
        label("payment", "access.payment", "a_payment")
    else:
        good, late = days <= rules["payment_within"], days > rules["payment_late_above"]
        key = "payment" if good else "payment_late"
        worth = rules[key] if good or late else 0
        told = read.told(read.fact("lever.payment_days"), "payment", count=f"{days:g}")
        sheet.add(units(worth), *told)
    pieces = read.number_of("lever.pieces_asked")
    if proof := read.proof("access.simple_application"):
        sheet.add(units(rules["simple_application"]), read.say("simple_application"), _ids(proof))
    elif pieces is not None and pieces <= rules["few_pieces"]:
        told = read.told(read.fact("lever.pieces_asked"), "few_pieces", count=f"{pieces:g}")
        sheet.add(units(rules["simple_application"]), *told)
    answer = read.number_of("procedure.answer_days")
    if answer is None:
        label("short_deadline", "barrier.short_deadline", "short_deadline")
    else:
        long = answer >= rules["long_deadline_from"]
        short = answer < rules["short_deadline_below"]
        worth = rules["long_deadline"] if long else rules["short_deadline"] if short else 0
        told = read.told(read.fact("procedure.answer_days"), "deadline", count=f"{answer:g}")
        sheet.add(units(worth), *told)
    for fact_name, bad, name, key in (
        ("lever.guarantee", ("demand", "bank"), "barrier.guarantee", "guarantee"),
        ("lever.site_visit", ("compulsory",), "barrier.site_visit", "site_visit"),
    ):
        fact = read.fact(fact_name)
        if fact is None:
            label(key, name, key)
        elif fact.value in bad:
            sheet.add(units(rules[key]), *read.told(fact, key))
    samples = read.fact("lever.samples")
    if samples is not None and samples.value is True:
        sheet.add(units(rules["samples"]), *read.told(samples, "samples"))
    return sheet


# -- gates and confidence -------------------------------------------------------------------------


def notice_only(read: LotReading) -> bool:
    """Tell whether neither rules nor clauses were read (G8)."""
    return not read.call.pieces & {PieceType.RC, PieceType.CCAP, PieceType.CCP}


def repeats(read: LotReading, won: date | None) -> bool | None:
    """Tell whether L. 2113-16 bars a firm that won under L. 2113-15 on day ``won`` (G5).

    None when the day of the call is not known.
    """
    if won is None or "reserved.social_economy" not in read.reserved:
        return False
    day = read.launched()
    if day is None:
        return None
    year = won.year + int(read.rules["gate"]["repeat_years"])
    end = won.replace(year=year, day=28) if (won.month, won.day) == (2, 29) else won.replace(year)
    return won <= day < end


def late_cap(read: LotReading, today: date | None) -> tuple[float, str] | None:
    """Return the cap of a deadline passed or near, and the key of its reason (G7)."""
    last = read.answer_date()
    if last is None or today is None:
        return None
    rules, left = read.rules["gate"], (last - today).days
    if left < 0:
        return rules["late_cap"], "deadline-passed"
    if left < 7:
        return rules["week_cap"], "deadline-near"
    return (rules["fortnight_cap"], "deadline-near") if left < 15 else None


def _gates(
    read: LotReading,
    total: int,
    profile: str,
    firm: Firm | None,
    eligible: Eligibility | None,
    trade: Sector,
    today: date | None,
) -> tuple[int, tuple[Contribution, ...], tuple[str, ...]]:
    """Apply the gates in turn, each as a contribution that lifts or cuts the total, or says why."""
    rules = read.rules["gate"]
    lines: list[Contribution] = []
    gates: list[str] = []

    def move(name: str, target: int, words: tuple[str, str], ids: tuple[str, ...] = ()) -> None:
        nonlocal total
        gates.append(name)
        lines.append(Contribution(f"gate:{name}", (target - total) / 10, 0.0, *words, ids))
        total = target

    def cap(name: str, limit: float, key: str, ids: tuple[str, ...] = (), **values: object) -> None:
        words = read.say(key, cap=f"{limit:g}", **values)
        move(name, min(total, _tenths(limit)), words, ids)

    proof = _ids(f for found in read.reserved.values() for f in found)
    if notice_only(read):
        cap("notice-only", rules["notice_cap"], "notice-only")
    if eligible and eligible.level is Eligible.YES:
        if trade is not Sector.OUTSIDE:
            floor = rules["reserved_floor"]
            words = read.say("reserved-for-you", cap=f"{floor:g}")
            move("reserved-for-you", max(total, _tenths(floor)), words, proof)
    elif eligible and eligible.level is Eligible.NO:
        if read.joint:
            cap("reserved-for-others", rules["partner_cap"], "reserved-partner", proof)
        else:
            cap("reserved-for-others", rules["others_cap"], "reserved-for-others", proof)
    elif eligible:
        fr, en = read.say("eligibility-to-check")
        words = (f"{fr}. {eligible.reason_fr}", f"{en}. {eligible.reason_en}")
        move("eligibility-to-check", total, words, proof)
    if firm:
        again, day = repeats(read, firm.won_l2113_15), firm.won_l2113_15
        if again:
            cap("repeat-award", rules["repeat_cap"], "repeat-award", proof, day=day)
        elif again is None:
            move("repeat-award", total, read.say("repeat-award-undated", day=day), proof)
        unmet = (
            (asked := turnover_share(read, firm.turnover)) is not None and asked[1],
            (wanted := certificate_share(read, firm.certifications)) is not None and wanted[2],
            (heads := headcount_share(read, firm.headcount)) is not None and heads[1],
        )
        if any(unmet):
            ids = _ids(read.proof("barrier.turnover", "barrier.certification"))
            if read.joint:
                cap("requirement-unmet", rules["unmet_joint_cap"], "requirement-joint", ids)
            else:
                cap("requirement-unmet", rules["unmet_cap"], "requirement-unmet", ids)
        if trade is Sector.OUTSIDE:
            cap("other-sector", rules["sector_cap"], "other-sector")
    if late := late_cap(read, today):
        fact = read.fact("procedure.answer_date")
        cap("deadline", late[0], late[1], read.told(fact, "start")[1], day=read.answer_date())
    localism = read.fact("lever.localism")
    if localism is not None:
        move("localism", total, *read.told(localism, "localism"))
    if firm and firm.certifications and not _all_held(read, firm):
        first = next(f for n, _, f in read.certificates if not holds(firm.certifications, n))
        move("label-not-held", total, *read.told(first, "label-not-held"))
    return total, tuple(lines), tuple(gates)


def _all_held(read: LotReading, firm: Firm) -> bool:
    return all(holds(firm.certifications, name) for name, _, _ in read.certificates)


def _confidence(read: LotReading) -> tuple[float, tuple[str, ...]]:
    """Share of the usual pieces that were read, times the share of readable pages."""
    rules = read.rules["coverage"]
    pieces = set(read.call.pieces)
    if PieceType.CCP in pieces:  # one document for CCAP and CCTP
        pieces |= {PieceType.CCAP, PieceType.CCTP}
    main = [PieceType.NOTICE, PieceType.RC, PieceType.CCAP, PieceType.CCTP]
    value = sum(rules[p.value] for p in main if p in pieces)
    if pieces - set(main) - {PieceType.CCP}:
        value += rules["other"]
    missing = [p.value for p in main if p not in pieces]
    if not shares(read.criteria):
        missing.append("criteria")
    if read.amount is None:
        missing.append("amount")
    return round(value * read.call.readable, 2), tuple(missing)
