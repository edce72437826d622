"""Does the score rank right? Real notices whose fields tell that they are reserved, for measuring.

``python -m models.ranking FOLDER`` prints AUC and precision at 20 of scores and of keyword
counting, the misses, and how ranks move with each weight. Only text is read: the fields that tell
the truth are left out of it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.call import Call
from models.classifier import Classifier, classifier
from models.facts_real import printed_notice
from models.reading import read_call
from models.scorer import DIMENSIONS, Rules, rubric, score
from nlp.dossier import told
from nlp.reading import read_piece

# What a reader without a rubric would count; also in "personnes en insertion".
_KEYWORDS = re.compile(
    r"\bréserv|\binsertion|\bhandicap|\bSIAE\b|\bESAT\b|\bentreprises? adaptées?"
    r"|\bateliers? protégés?|\béconomie sociale|\bdéfavorisé",
    re.I,
)
# Titles of purchases whose object is integration work. A reader's list, not the tagger's rules.
_SERVICE = re.compile(
    r"insertion (?:sociale|professionnelle|par l)|chantiers? (?:école|d['’ ]insertion)"
    r"|ateliers? (?:et chantiers? )?d['’ ]insertion|support d['’ ]insertion"
    r"|qualification (?:et|sociale|professionnelle)|demandeurs? d['’ ]emploi",
    re.I,
)
_SHIFT = 0.2
_TOP = 20

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A notice as read, with what its fields say and what keyword counting gives.

    ``reserved`` are the codes of its fields; ``service`` tells that integration is its object.
    """

    name: str
    call: Call
    reserved: tuple[str, ...]
    service: bool
    keywords: int


def notices(data: Path) -> Iterator[Ranked]:
    """Read the notices below ``data`` whose fields tell whether they are reserved, each once."""
    model = classifier()
    known: set[str] = set()
    for name in ("ted_r209_fr.jsonl", "eforms_fr.jsonl"):
        for path in sorted(data.rglob(name)):
            for line in path.read_text(encoding="utf-8").splitlines():
                record = json.loads(line)
                if record["doc_id"] not in known:
                    known.add(record["doc_id"])
                    yield _ranked(record, model)


def _ranked(record: Mapping[str, Any], model: Classifier | None) -> Ranked:
    text = _text(record)
    piece = read_piece("avis.txt", text.encode(), id="p1", max_pages=1000)
    return Ranked(
        name=str(record["doc_id"]),
        call=read_call((told(piece),), model),
        reserved=tuple(sorted(_fields(record))),
        service=bool(_SERVICE.search(record["title"])),
        keywords=len(_KEYWORDS.findall(text)),
    )


def _text(record: Mapping[str, Any]) -> str:
    """Return the notice as printed, with conditions and remarks but without the coded fields."""
    parts = [printed_notice(record)]
    for heading, key in (
        ("III.2.2) Conditions particulières d'exécution", "performance_conditions"),
        ("III.1.1) Conditions de participation", "suitability"),
        ("III.1.3) Capacité technique", "technical_min"),
        ("VI.3) Informations complémentaires", "info_add_general"),
        ("Informations complémentaires", "note"),
    ):
        parts += _said(heading, record.get(key))
    for lot in record["lots"]:
        for heading, key in (
            ("Informations complémentaires", "add_info"),
            ("Informations complémentaires", "note"),
            ("Conditions d'exécution", "execution_terms_BT70"),
            ("Passation stratégique", "strategic_descr_BT777"),
        ):
            parts += _said(heading, lot.get(key))
    return "\n".join(parts) + "\n"


def _said(heading: str, value: Any) -> list[str]:
    texts = [value] if isinstance(value, str) else [str(one) for one in value or ()]
    told_ = [text for text in texts if text.strip() and text not in ("yes", "no")]
    return [heading, "", *told_, ""] if told_ else []


def _fields(record: Mapping[str, Any]) -> Iterator[str]:
    yield from record.get("label_reserved", ())
    for lot in record["lots"]:
        yield from (c for c in lot.get("reserved_procurement_BT71", ()) if c != "none")
        if "yes" in lot.get("reserved_execution_BT736", ()):
            yield "execution"


# -- figures --------------------------------------------------------------------------------------


def auc(values: Sequence[float], wanted: Sequence[bool]) -> float:
    """Return the chance that a wanted one is above another, ties counted half."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(wanted, values))


def precision(values: Sequence[float], wanted: Sequence[bool], top: int = _TOP) -> float:
    """Return the share of wanted ones among the first ``top``; ties share the places left."""
    scores, right = np.asarray(values), np.asarray(wanted, dtype=bool)
    limit = np.sort(scores)[::-1][:top][-1]
    above, tied = scores > limit, scores == limit
    places = top - int(above.sum())
    return float((right[above].sum() + places * right[tied].mean()) / top)


def totals(read: Sequence[Ranked], profile: str, rules: Rules | None = None) -> list[float]:
    """Return the score of each notice for a profile."""
    return [score(one.call, profile, rules=rules)[0].score for one in read]


def shifted(profile: str, dimension: str, factor: float) -> Rules:
    """Return the rubric with one weight times ``factor``, the others scaled to sum to 100."""
    rules = rubric()
    weights = {d: float(w) for d, w in rules["profile"][profile]["weights"].items()}
    weights[dimension] *= factor
    scale = 1000 / sum(weights.values())
    tenths = {d: int(w * scale) for d, w in weights.items()}
    rest = sorted(weights, key=lambda d: tenths[d] - weights[d] * scale)
    for name in rest[: 1000 - sum(tenths.values())]:
        tenths[name] += 1
    own = {**rules["profile"][profile], "weights": {d: t / 10 for d, t in tenths.items()}}
    return {**rules, "profile": {**rules["profile"], profile: own}}


def sensitivity(read: Sequence[Ranked], profile: str) -> Mapping[str, tuple[float, float]]:
    """Return Spearman's correlation with the ranks as they are, each weight down and up 20 %."""
    from scipy.stats import spearmanr

    base = totals(read, profile)

    def moved(dimension: str, by: float) -> float:
        values = totals(read, profile, shifted(profile, dimension, 1 + by))
        return float(spearmanr(base, values)[0])

    return {d: (moved(d, -_SHIFT), moved(d, _SHIFT)) for d in DIMENSIONS}


def _misses(
    read: Sequence[Ranked], values: Sequence[float], wanted: Sequence[bool]
) -> Iterator[str]:
    order = sorted(range(len(read)), key=lambda at: -values[at])
    for rank, at in enumerate(order, start=1):
        one = read[at]
        if wanted[at] or rank <= _TOP:
            labels = sorted({la for f in one.call.findings for la in f.labels if "reserved" in la})
            mark = "wanted" if wanted[at] else "other "
            yield (
                f"{rank:4} {values[at]:5.1f} {mark} {one.name} fields={','.join(one.reserved)}"
                f" service={one.service} keywords={one.keywords} found={','.join(labels)}"
            )


def report(read: Sequence[Ranked]) -> Iterable[str]:
    """Yield the lines of the measure."""
    reserved = [bool(one.reserved) for one in read]
    either = [bool(one.reserved) or one.service for one in read]
    keywords = [float(one.keywords) for one in read]
    rows = {profile: totals(read, profile) for profile in ("siae", "ea_esat", "sme")}
    rows["better of siae and ea_esat"] = [
        max(pair) for pair in zip(rows["siae"], rows["ea_esat"], strict=True)
    ]
    rows["keywords"] = keywords
    yield f"{len(read)} notices, {sum(reserved)} reserved, {sum(either)} reserved or integration"
    for name, values in rows.items():
        for wanted, kind in ((reserved, "reserved"), (either, "or integration")):
            yield (
                f"{name:28} {kind:15} AUC {auc(values, wanted):.3f}"
                f" P@20 {precision(values, wanted):.2f}"
            )
    yield from _misses(read, rows["better of siae and ea_esat"], either)
    for profile in ("siae", "sme"):
        for dimension, (down, up) in sensitivity(read, profile).items():
            yield f"{profile} {dimension} -20 % {down:.4f} +20 % {up:.4f}"


if __name__ == "__main__":
    for row in report(tuple(notices(Path(sys.argv[1])))):
        print(row)
