"""Findings -> score of each lot and of the consultation, as contributions that sum exactly.

Shape and numbers: ``scoring.toml``. A dimension that could not be read counts half and lowers the
confidence: "not found" is never taken for "absent" when the piece that would say it is missing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from corpus import taxonomy
from corpus.documents import PieceType
from corpus.findings import Contribution, Criterion, Finding, Lot, Score, Status
from models.call import Call

_FILE = Path(__file__).with_name("scoring.toml")
PROFILES: tuple[str, ...] = (
    "siae", "ea_esat", "ess_association", "cooperative", "sme", "social_startup", "tih",
)  # fmt: skip


@cache
def rubric() -> Mapping[str, Any]:
    """Return the rubric shipped with this version."""
    table: Mapping[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    for name, profile in table["profile"].items():
        if sum(profile["weights"].values()) != 100:
            raise ValueError(f"scoring.toml: weights of {name} do not sum to 100")
    return table


def score(call: Call, profile: str) -> tuple[Score, ...]:
    """Score each lot and the consultation for ``profile``; the consultation comes first.

    Raises KeyError when the profile is unknown.
    """
    rules = rubric()
    if profile not in rules["profile"]:
        raise KeyError(profile)
    if not call.lots:
        return (_score_lot(call, None, profile),)
    lots = tuple(_score_lot(call, lot, profile) for lot in call.lots)
    return (_consultation(lots, profile), *lots)


def _consultation(lots: Sequence[Score], profile: str) -> Score:
    best = max(lots, key=lambda s: s.score)
    rules = rubric()
    fitting = sum(s.score >= rules["bands"]["good"] for s in lots if s is not best)
    bonus = round(min(float(fitting), rules["gate"]["breadth"], 100 - best.score), 1)
    extra = (
        Contribution(
            "breadth",
            bonus,
            float(rules["gate"]["breadth"]),
            f"{fitting} autre(s) lot(s) conviennent aussi",
            f"{fitting} other lot(s) fit too",
        ),
    )
    total = round(best.score + bonus, 1)
    return Score(
        lot="",
        profile=profile,
        score=total,
        band=band(total),
        confidence=best.confidence,
        inclusion=best.inclusion,
        contributions=best.contributions + (extra if bonus > 0 else ()),
        gates=best.gates,
        missing=best.missing,
    )


def band(value: float) -> str:
    """Return the band of a score: priority, good, partner or weak."""
    bands: Mapping[str, float] = rubric()["bands"]
    return next(name for name, low in bands.items() if value >= low)


# -- one lot ----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sheet:
    """Collects the contributions of one dimension between 0 and its weight."""

    dimension: str
    weight: float
    fill: float = 0.0
    lines: list[Contribution] = field(default_factory=list)

    def add(self, share: float, fr: str, en: str, findings: Iterable[Finding] = ()) -> None:
        """Move the filled share, kept within [0, 1], and note the points it gave or took."""
        before = self.fill
        self.fill = min(1.0, max(0.0, before + share))
        points = round(self.weight * self.fill, 1) - round(self.weight * before, 1)
        ids = tuple(f.id for f in findings)[:12]
        self.lines.append(
            Contribution(self.dimension, round(points, 1), float(self.weight), fr, en, ids)
        )


def _score_lot(call: Call, lot: Lot | None, profile: str) -> Score:
    rules = rubric()
    weights = rules["profile"][profile]["weights"]
    number = lot.number if lot else ""
    own = [f for f in call.findings if not number or not f.lots or number in f.lots]
    live = [f for f in own if f.status.in_force]
    criteria = [c for c in call.criteria if not c.lots or not number or number in c.lots]
    sheets = [
        _reservation(live, lot, profile, weights["D1"]),
        _noisy("D2", live, call, profile, weights["D2"]),
        _noisy("D3", live, call, profile, weights["D3"]),
        _criteria(criteria, weights["D4"]),
        _size(live, lot, call, weights["D5"]),
        _capacity(live, call, weights["D6"]),
        _effort(live, call, weights["D7"]),
    ]
    lines = [line for sheet in sheets for line in sheet.lines]
    total = round(sum(line.points for line in lines), 1)
    inclusion = round(sum(line.points for line in lines if line.dimension in ("D1", "D2")), 1)
    confidence, missing = _confidence(call)
    gate_lines, gates = _gates(total, live, lot, call, profile)
    lines += gate_lines
    total = round(sum(line.points for line in lines), 1)
    if "notice-only" in gates:
        confidence = min(confidence, rules["gate"]["notice_confidence"])
    return Score(
        lot=number,
        profile=profile,
        score=total,
        band=band(total),
        confidence=confidence,
        inclusion=inclusion,
        contributions=tuple(lines),
        gates=gates,
        missing=missing,
    )


def _reservations(live: Sequence[Finding], lot: Lot | None) -> dict[str, list[Finding]]:
    """Reservations in force for this lot, or for the consultation when it has none."""
    if lot is not None:
        proof = set(lot.findings)
        return {
            label: [f for f in live if f.id in proof and label in f.labels]
            for label in lot.reserved
        }
    found: dict[str, list[Finding]] = {}
    for finding in live:
        if finding.status == Status.BINDING:
            for label in finding.labels:
                if label.startswith("reserved."):
                    found.setdefault(label, []).append(finding)
    return found


def _reservation(live: Sequence[Finding], lot: Lot | None, profile: str, weight: float) -> _Sheet:
    rules = rubric()["reservation"]
    sheet = _Sheet("D1", weight)
    reserved = _reservations(live, lot)
    mine = rubric()["profile"][profile]["reserved"]
    if ok := [label for label in reserved if label in mine]:
        proof = [f for label in ok for f in reserved[label]]
        sheet.add(rules["for_you"], "Réservé à ce profil", "Reserved for this profile", proof)
    elif reserved:
        proof = [f for fs in reserved.values() for f in fs]
        sheet.add(
            rules["for_others"], "Réservé à d'autres opérateurs", "Reserved for others", proof
        )
    elif subject := [f for f in live if "social.integration_services" in f.labels]:
        if profile == "siae":
            sheet.add(
                rules["subject"],
                "L'insertion est l'objet du marché",
                "Integration is the subject",
                subject,
            )
        else:
            sheet.add(rules["unknown"], "Non réservé", "Not reserved")
    else:
        sheet.add(
            rules["unknown"],
            "Non réservé ; le secteur n'est pas comparé",
            "Not reserved; sector not compared",
        )
    return sheet


def _noisy(
    dimension: str, live: Sequence[Finding], call: Call, profile: str, weight: float
) -> _Sheet:
    """Noisy-or over distinct labels: each clause fills a share of what is still empty."""
    sheet = _Sheet(dimension, weight)
    family = "social" if dimension == "D2" else "env"
    strengths: dict[str, tuple[float, list[Finding]]] = {}
    for label in {la for f in live for la in f.labels if la.startswith(family + ".")}:
        proof = [f for f in live if label in f.labels]
        strengths[label] = (_strength(label, proof, profile), proof)
    for label, (strength, proof) in sorted(strengths.items(), key=lambda x: (-x[1][0], x[0])):
        title = taxonomy.labels()[label]
        sheet.add((1 - sheet.fill) * strength, title.title_fr, title.title_en, proof)
    unread = not call.pieces & _READS[dimension]
    if unread and sheet.fill < 0.5:
        sheet.add(
            0.5 - sheet.fill,
            "Pièces non lues : compté pour moitié",
            "Pieces not read: counted half",
        )
    if not sheet.lines:
        sheet.add(0.0, "Rien de contraignant trouvé", "Nothing binding found")
    return sheet


# The pieces any one of which would tell whether a dimension is empty.
_READS: Mapping[str, frozenset[PieceType]] = {
    "D2": frozenset({PieceType.CCAP, PieceType.CCP}),
    "D3": frozenset({PieceType.CCAP, PieceType.CCP, PieceType.CCTP}),
    "D6": frozenset({PieceType.RC, PieceType.NOTICE}),
    "D7": frozenset({PieceType.CCAP, PieceType.CCP, PieceType.RC}),
}


def _strength(label: str, proof: Sequence[Finding], profile: str) -> float:
    rules = rubric()
    binding = rules["binding"]
    status = max(binding[f.status.value] for f in proof)
    measured = any({"hours", "percent", "jobs"} & set(f.values) for f in proof)
    penalty = any("penalty_eur" in f.values for f in proof)
    if status == binding["binding"] and measured and penalty:
        status = binding["quantified_with_penalty"]
    if label.startswith("social."):
        table = rules["social"][label]
        share = table.get(profile, table["default"])
    else:
        share = rules["env"].get(label, rules["env"]["default"])
        if measured:
            share = max(share, rules["env"]["quantified"])
    return float(share * status)


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


def _criteria(criteria: Sequence[Criterion], weight: float) -> _Sheet:
    rules = rubric()["criteria"]
    sheet = _Sheet("D4", weight)
    part = shares(criteria)
    if not part:
        sheet.add(
            0.5, "Pondération non lue : comptée pour moitié", "Weights not read: counted half"
        )
        return sheet
    for theme, factor, fr, en in (
        ("social", rules["social"], "Critère social", "Social criterion"),
        ("environmental", 1.0, "Critère environnemental", "Environmental criterion"),
        ("quality", rules["quality"], "Valeur technique", "Quality"),
    ):
        if part.get(theme):
            sheet.add(
                factor * part[theme] / rules["full"],
                f"{fr} : {part[theme]:g} %",
                f"{en}: {part[theme]:g} %",
            )
    excess = part.get("price", 0.0) - 50
    if excess > 0:
        price = part["price"]
        sheet.add(
            -rules["price"] * excess / rules["full"], f"Prix : {price:g} %", f"Price: {price:g} %"
        )
    if not sheet.lines:
        sheet.add(0.0, "Prix seul", "Price alone")
    return sheet


def _with(live: Sequence[Finding], *labels: str) -> list[Finding]:
    return [f for f in live if f.status != Status.MENTION and any(la in f.labels for la in labels)]


def _size(live: Sequence[Finding], lot: Lot | None, call: Call, weight: float) -> _Sheet:
    rules = rubric()["size"]
    sheet = _Sheet("D5", weight)
    amount = lot.amount_eur if lot else None
    if amount is None:
        sheet.add(
            rules["unknown"], "Montant non lu : compté pour moitié", "Value not read: counted half"
        )
    else:
        share = next((s for limit, s in rules["steps"] if amount <= limit), rules["above"])
        text = f"{amount:,.0f} €".replace(",", " ")
        sheet.add(share, f"Montant : {text}", f"Value: {text}")
    if len(call.lots) >= 4:
        sheet.add(rules["many_lots"], f"{len(call.lots)} lots", f"{len(call.lots)} lots")
    for labels, key, fr, en in (
        (("access.grouping",), "grouping", "Groupement ouvert", "Joint bids open"),
        (("access.variants",), "variants", "Variantes admises", "Variants allowed"),
        (
            ("social.social_economy", "access.subcontracting"),
            "small_firms",
            "Part pour petites structures",
            "Share for small firms",
        ),
    ):
        if proof := _with(live, *labels):
            sheet.add(rules[key], fr, en, proof)
    if not call.lots and (proof := _with(live, "barrier.single_lot")):
        sheet.add(rules["single_lot"], "Marché non alloti", "Not divided into lots", proof)
    return sheet


def _adjusted(
    dimension: str,
    section: str,
    rows: Sequence[tuple[str, str]],
    live: Sequence[Finding],
    call: Call,
    weight: float,
) -> _Sheet:
    """A dimension with a starting share that levers raise and barriers lower."""
    rules = rubric()[section]
    sheet = _Sheet(dimension, weight)
    if not call.pieces & _READS[dimension]:
        sheet.add(0.5, "Pièces non lues : compté pour moitié", "Pieces not read: counted half")
    else:
        sheet.add(rules["start"], "Point de départ", "Starting point")
    for key, label in rows:
        if proof := _with(live, label):
            title = taxonomy.labels()[label]
            sheet.add(rules[key], title.title_fr, title.title_en, proof)
    return sheet


def _capacity(live: Sequence[Finding], call: Call, weight: float) -> _Sheet:
    rows = [(key, f"barrier.{key}") for key in ("turnover", "certification", "references")]
    return _adjusted("D6", "capacity", rows, live, call, weight)


def _effort(live: Sequence[Finding], call: Call, weight: float) -> _Sheet:
    rows = [(key, f"access.{key}") for key in ("advance", "payment", "simple_application")]
    rows += [(key, f"barrier.{key}") for key in ("guarantee", "site_visit", "short_deadline")]
    return _adjusted("D7", "effort", rows, live, call, weight)


# -- gates and confidence -----------------------------------------------------------------------


def _gates(
    total: float, live: Sequence[Finding], lot: Lot | None, call: Call, profile: str
) -> tuple[list[Contribution], tuple[str, ...]]:
    """Apply the gates in turn, each as a contribution that lifts or cuts the total."""
    rules = rubric()["gate"]
    lines: list[Contribution] = []
    gates: list[str] = []

    def move(name: str, target: float, fr: str, en: str, proof: Sequence[Finding] = ()) -> None:
        nonlocal total
        gates.append(name)
        change = round(target - total, 1)
        if change:
            ids = tuple(f.id for f in proof)[:12]
            lines.append(Contribution(f"gate:{name}", change, 0.0, fr, en, ids))
            total = round(total + change, 1)

    if not call.pieces & {PieceType.RC, PieceType.CCAP, PieceType.CCP}:
        move(
            "notice-only",
            min(total, rules["notice_cap"]),
            "Ni RC ni CCAP lus : plafonné",
            "Neither RC nor CCAP read: capped",
        )
    reserved = _reservations(live, lot)
    mine = rubric()["profile"][profile]["reserved"]
    if ok := [label for label in reserved if label in mine]:
        move(
            "reserved-for-you",
            max(total, rules["reserved_floor"]),
            "Réservé à ce profil : plancher",
            "Reserved for this profile: floor",
            [f for label in ok for f in reserved[label]],
        )
    elif reserved:
        proof = [f for fs in reserved.values() for f in fs]
        partner = bool(_with(live, "access.subcontracting", "access.grouping"))
        cap = rules["partner_cap"] if partner else rules["others_cap"]
        move(
            "reserved-for-others",
            min(total, cap),
            "Réservé à d'autres : plafonné",
            "Reserved for others: capped",
            proof,
        )
    return lines, tuple(gates)


def _confidence(call: Call) -> tuple[float, tuple[str, ...]]:
    """Share of the usual pieces that were read, times the share of readable pages."""
    rules = rubric()["coverage"]
    pieces = set(call.pieces)
    if PieceType.CCP in pieces:  # one document for CCAP and CCTP
        pieces |= {PieceType.CCAP, PieceType.CCTP}
    main = [PieceType.NOTICE, PieceType.RC, PieceType.CCAP, PieceType.CCTP]
    value = sum(rules[p.value] for p in main if p in pieces)
    if pieces - set(main):
        value += rules["other"]
    missing = tuple(p.value for p in main if p not in pieces)
    return round(value * call.readable, 2), missing
