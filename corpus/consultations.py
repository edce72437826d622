"""The made-up consultations: whole tenders with the truth of what they say, for measuring only.

One folder a consultation, ``corpus/consultations/<split>/<name>``: its pieces in HTML and
``truth.json``. ``DATASHEET.md`` beside them tells how they were made. Writers took small liberties
with their sheet; they are put right here, everything else unknown is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.facts import kinds
from corpus.findings import Value
from corpus.taxonomy import labels

FOLDER = Path(__file__).with_name("consultations")
SPLITS = ("dev", "test")

UNITS = ("percent", "points", "coefficient", "order", "none")
THEMES = ("price", "cost", "quality", "social", "environmental", "delay", "other")
DISAGREEMENTS = (
    "weights", "sum", "reserved", "hours", "dates", "duration", "amount", "payment", "advance",
    "lots", "variants", "social_clause", "penalty",
)  # fmt: skip

_THEME = {"environment": "environmental"}
_LABEL = {"reserved.ess": "reserved.social_economy"}
# The truth names the facts of the whole consultation otherwise than ``corpus/facts.toml`` does.
_PROCEDURE = {
    "buyer": "procedure.buyer", "object": "procedure.object", "procedure": "procedure.type",
    "framework": "procedure.framework", "awardees": "procedure.awardees",
    "launch_date": "procedure.launch_date", "answer_deadline": "procedure.answer_date",
    "lots_per_bidder": "procedure.lots_per_bidder", "duration_months": "procedure.duration_months",
}  # fmt: skip
_LEVERS = {
    **{
        name: f"lever.{name}"
        for name in (
            "turnover_eur", "turnover_multiple", "retention_percent", "guarantee",
            "advance_percent", "advance_refused", "payment_days", "interim", "variants", "options",
            "grouping", "grouping_imposed", "subcontracting", "site_visit", "samples", "localism",
        )
    },
    "answer_days": "procedure.answer_days",
}  # fmt: skip
_TOP = frozenset(
    (*_PROCEDURE, "lots", "reserved", "article", "criteria", "single", "total_wrong", "quantities",
     "levers", "references", "disagreements")
)  # fmt: skip
_NUMBER = re.compile(r"\d+|\b(?:VI|V|IV)\b")
_ROMAN = {"IV": "4", "V": "5", "VI": "6"}


class ConsultationError(ValueError):
    """A consultation holds something that its sheet does not know."""


@dataclass(frozen=True, slots=True)
class TrueLot:
    """One lot as written: amounts in EUR before tax, duration in months, None when not said."""

    number: str
    title: str
    estimate_eur: float | None = None
    maximum_eur: float | None = None
    duration_months: float | None = None
    cpv: str = ""
    reserved: tuple[str, ...] = ()
    article: str = ""


@dataclass(frozen=True, slots=True)
class TrueCriterion:
    """One criterion or sub-criterion; ``lots`` is empty for all, ``share`` in % of the whole.

    ``weight`` is as written, in ``unit`` (for order, the rank). A sub-criterion's is a share ``of``
    its "parent" or of the "total".
    """

    name: str
    weight: float | None
    unit: str
    share: float | None
    theme: str
    lots: tuple[str, ...] = ()
    of: str = "total"
    subs: tuple[TrueCriterion, ...] = ()


@dataclass(frozen=True, slots=True)
class TrueTotal:
    """Written weights that sum to ``total`` instead of their base."""

    lots: tuple[str, ...]
    total: float


@dataclass(frozen=True, slots=True)
class TrueFact:
    """A fact of the whole dossier or of some lots, whatever piece says it, by its name there."""

    name: str
    value: Value
    lots: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TrueQuantity:
    """One sentence or cell that states a quantity; ``quote`` stands verbatim in ``piece``."""

    name: str
    value: Value
    per: str | float
    lot: str
    piece: str
    quote: str
    about: str


@dataclass(frozen=True, slots=True)
class TrueReference:
    """Words of a piece that send the reader to ``target``, ``present`` in the dossier or not."""

    piece: str
    quote: str
    target: str
    present: bool


@dataclass(frozen=True, slots=True)
class TrueDisagreement:
    """Two passages that cannot both be right (or one total), with a note on why."""

    kind: str
    pieces: tuple[str, ...]
    quotes: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Consultation:
    """One consultation: its pieces by name ("rc"), and the truth of what they say.

    ``reserved`` and ``article`` are those of a contract without lots; ``single`` is "price" or
    "cost" when that is the only criterion, else "".
    """

    name: str
    split: str
    pieces: Mapping[str, str]
    lots: tuple[TrueLot, ...]
    reserved: tuple[str, ...]
    article: str
    criteria: tuple[TrueCriterion, ...]
    single: str
    totals: tuple[TrueTotal, ...]
    facts: tuple[TrueFact, ...]
    quantities: tuple[TrueQuantity, ...]
    references: tuple[TrueReference, ...]
    disagreements: tuple[TrueDisagreement, ...]


def read_consultations(split: str, folder: Path = FOLDER) -> tuple[Consultation, ...]:
    """Return the consultations of a split ("dev", "test") by name.

    Raises ConsultationError naming the file and the key that is wrong.
    """
    truths = sorted(folder.glob(f"{split}/*/truth.json"))
    return tuple(read_consultation(path.parent, split) for path in truths)


def read_consultation(folder: Path, split: str) -> Consultation:
    """Return one consultation; raise ConsultationError naming the key that is wrong."""
    pieces = {p.stem: p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.html"))}
    try:
        return _consultation(
            json.loads((folder / "truth.json").read_text(encoding="utf-8")),
            folder.name,
            split,
            pieces,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ConsultationError(f"{folder.name}/truth.json: {error}") from error


def printed(html: str) -> str:
    """Return the words of a piece without its tags, white space folded."""
    text = re.sub(r"<[^>]*>", " ", html)
    for entity, sign in (("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return " ".join(text.split())


def _consultation(
    truth: Mapping[str, Any], name: str, split: str, pieces: Mapping[str, str]
) -> Consultation:
    _known(truth, _TOP, "")
    found = Consultation(
        name=name,
        split=split,
        pieces=pieces,
        lots=tuple(_lot(r, at) for r, at in _each(truth, "lots")),
        reserved=_reserved(truth.get("reserved"), "reserved"),
        article=truth.get("article") or "",
        criteria=tuple(_criterion(r, at) for r, at in _each(truth, "criteria")),
        single=truth.get("single") or "",
        totals=tuple(_total(r, at) for r, at in _each(truth, "total_wrong")),
        facts=tuple(_facts(truth)),
        quantities=tuple(_quantity(r, at) for r, at in _each(truth, "quantities")),
        references=tuple(_reference(r, at) for r, at in _each(truth, "references")),
        disagreements=tuple(_disagreement(r, at) for r, at in _each(truth, "disagreements")),
    )
    if found.single not in ("", "price", "cost"):
        raise ValueError(f"single: {found.single!r} is neither price nor cost")
    cited = [(q.piece, "quantities") for q in found.quantities]
    cited += [(r.piece, "references") for r in found.references]
    cited += [(piece, "disagreements") for d in found.disagreements for piece in d.pieces]
    for piece, at in cited:
        if piece not in pieces:
            raise ValueError(f"{at}: no piece {piece!r}")
    return found


def _known(record: Mapping[str, Any], keys: Iterable[str], at: str) -> None:
    if unknown := sorted(set(record) - set(keys)):
        raise ValueError(f"unknown key {'.'.join(filter(None, (at, unknown[0])))}")


def _each(truth: Mapping[str, Any], key: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    for number, record in enumerate(truth.get(key) or (), start=1):
        yield record, f"{key}[{number}]"


def _one_of(value: str, allowed: Iterable[str], at: str) -> str:
    if value not in allowed:
        raise ValueError(f"{at}: unknown {value!r}")
    return value


def _number(value: Any, at: str) -> float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ValueError(f"{at}: {value!r} is no number")
    return None if value is None else float(value)


def _reserved(given: Iterable[str] | None, at: str) -> tuple[str, ...]:
    named = [_LABEL.get(label, label) for label in given or ()]
    return tuple(sorted(_one_of(label, labels(), at) for label in named))


def _lot(record: Mapping[str, Any], at: str) -> TrueLot:
    amounts = ("estimate_eur", "maximum_eur", "duration_months")
    _known(record, ("number", "title", "cpv", "reserved", "article", *amounts), at)
    estimate, maximum, duration = (_number(record.get(key), f"{at}.{key}") for key in amounts)
    return TrueLot(
        number=str(record["number"]),
        title=record["title"],
        estimate_eur=estimate,
        maximum_eur=maximum,
        duration_months=duration,
        cpv=record.get("cpv") or "",
        reserved=_reserved(record.get("reserved"), f"{at}.reserved"),
        article=record.get("article") or "",
    )


def _criterion(record: Mapping[str, Any], at: str) -> TrueCriterion:
    _known(record, ("lots", "name", "weight", "unit", "share", "theme", "sub"), at)
    unit = _one_of(record["unit"], UNITS, f"{at}.unit")
    lots = tuple(map(str, record["lots"] or ()))
    subs = []
    for number, sub in enumerate(record.get("sub") or (), start=1):
        place = f"{at}.sub[{number}]"
        _known(sub, ("name", "weight", "of", "share", "theme"), place)
        of = _one_of(sub["of"], ("parent", "total"), f"{place}.of")
        subs.append(_weighted(sub, place, unit, lots, of=of))
    return _weighted(record, at, unit, lots, subs=tuple(subs))


def _weighted(
    record: Mapping[str, Any], at: str, unit: str, lots: tuple[str, ...], **more: Any
) -> TrueCriterion:
    return TrueCriterion(
        record["name"],
        _number(record["weight"], f"{at}.weight"),
        unit,
        _number(record["share"], f"{at}.share"),
        _one_of(_THEME.get(record["theme"], record["theme"]), THEMES, f"{at}.theme"),
        lots,
        **more,
    )


def _total(record: Mapping[str, Any], at: str) -> TrueTotal:
    _known(record, ("lots", "sum"), at)
    return TrueTotal(tuple(map(str, record["lots"] or ())), float(record["sum"]))


def _facts(truth: Mapping[str, Any]) -> Iterator[TrueFact]:
    for key, name in _PROCEDURE.items():
        if truth.get(key) is not None:
            yield _fact(name, truth[key], (), key)
    levers = truth.get("levers") or {}
    _known(levers, (*_LEVERS, "references", "certifications"), "levers")
    for key, given in levers.items():
        for value, lots in _by_lot(given, f"levers.{key}"):
            if key == "references":
                _known(value, ("count", "years"), f"levers.{key}")
                yield _fact("lever.references", value["count"], lots, key)
                yield _fact("lever.references_years", value["years"], lots, key)
            elif key == "certifications":
                _known(value, ("name", "equivalent"), f"levers.{key}")
                detail = "equivalent" if value.get("equivalent") else ""
                yield TrueFact("lever.certification", value["name"], lots, detail)
            else:
                yield _fact(_LEVERS[key], value, lots, f"levers.{key}")


def _by_lot(given: Any, at: str) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield (value, lots) of a value for all, of several, or of ``{"lots", "value"}`` a lot."""
    for one in given if isinstance(given, list) else (given,):
        if isinstance(one, dict) and "value" in one:
            _known(one, ("lots", "value"), at)
            lots = tuple(map(str, one["lots"] or ()))
            yield from ((v, lots) for v, _ in _by_lot(one["value"], at))
        elif one is not None:
            yield one, ()


def _fact(name: str, value: Any, lots: tuple[str, ...], at: str) -> TrueFact:
    kind = kinds()[name]
    if kind.values:
        _one_of(value, kind.values, at)
    elif kind.unit in ("date", "words"):
        if not isinstance(value, str):
            raise ValueError(f"{at}: {value!r} is no text")
    elif kind.unit == "flag":
        if not isinstance(value, bool):
            raise ValueError(f"{at}: {value!r} is neither true nor false")
    else:
        value = _number(value, at)
    return TrueFact(name, value, lots)


def _quantity(record: Mapping[str, Any], at: str) -> TrueQuantity:
    _known(record, ("label", "kind", "value", "per", "lot", "piece", "quote", "percent"), at)
    kind, quote = record["kind"], record["quote"]
    if kind == "penalty" and record.get("percent"):
        kind = "penalty_percent"
    name = f"quantity.{kind}"
    if name not in kinds():
        raise ValueError(f"{at}.kind: unknown {kind!r}")
    value: Value
    if kind == "vehicle_class":
        value = _vehicle_class(record["value"], quote, at)
    else:
        number = _number(record["value"], f"{at}.value")
        if number is None:
            raise ValueError(f"{at}.value: none")
        value = number
    lot = str(record.get("lot") or "")
    return TrueQuantity(
        name, value, record.get("per") or "", lot, record["piece"], quote, record["label"]
    )


def _vehicle_class(value: Any, quote: str, at: str) -> str:
    """Return "Euro 6" or "Crit'Air 1": some wrote the digit alone, or VI."""
    found = _NUMBER.search(str(value))
    if found is None:
        raise ValueError(f"{at}.value: {value!r} is no class of vehicle")
    digit = _ROMAN.get(found[0], found[0])
    words = value if isinstance(value, str) and not value.isdigit() else quote
    return f"Crit'Air {digit}" if re.search(r"crit\W?\s?air", words, re.I) else f"Euro {digit}"


def _reference(record: Mapping[str, Any], at: str) -> TrueReference:
    _known(record, ("piece", "quote", "target", "present"), at)
    if not isinstance(record["present"], bool):
        raise ValueError(f"{at}.present: neither true nor false")
    return TrueReference(record["piece"], record["quote"], record["target"], record["present"])


def _disagreement(record: Mapping[str, Any], at: str) -> TrueDisagreement:
    _known(record, ("kind", "pieces", "quotes", "note"), at)
    return TrueDisagreement(
        _one_of(record["kind"], DISAGREEMENTS, f"{at}.kind"),
        tuple(record["pieces"]),
        tuple(record["quotes"]),
        record.get("note") or "",
    )
