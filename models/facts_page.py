"""Measures how well facts are read on all there is, and writes the page that tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.consultations import SPLITS, read_consultations
from corpus.facts import kinds
from models.facts import Outcome, Tally, added, total
from models.facts_items import measure
from models.facts_reading import RENDERINGS, Reader, answer, plain_tables, read_dossier
from models.facts_real import measure_dossiers, measure_notices
from models.printed import can_print

_GROUPS = (
    ("Award criteria", "criteria"),
    ("Sub-criteria", "sub-criteria"),
    ("Single criterion", "single criterion"),
    ("Weights that do not sum", "wrong totals"),
    ("Lots", "lots"),
    ("Reserved lots and contracts", "reserved lots"),
    ("Articles of reservation", "articles of reservation"),
    ("Quantities", "quantity."),
    ("Quantities, lot and unit aside", "quantities, lot and unit aside"),
    ("Levers", "lever."),
    ("Procedure", "procedure."),
    ("References", "references"),
    ("Disagreements", "disagreements"),
)
_DETAILED = ("quantity.", "lever.", "procedure.")
_HEAD = "| | asked | found | exact | missed | false | precision | recall | F1 |"
_RULE = "|---|---:|---:|---:|---:|---:|---:|---:|---:|"


@dataclass(frozen=True, slots=True)
class Figures:
    """All outcomes: of made-up consultations by (split, rendering), and of real files if given.

    ``plain`` holds by split what a plain dump of the tables of the printed files tells.
    """

    consultations: Mapping[tuple[str, str], Outcome]
    plain: Mapping[str, Outcome]
    sizes: Mapping[str, int]
    dossiers: Outcome | None = None
    plain_dossiers: Outcome | None = None
    notices: Outcome | None = None


def figures(data: Path | None = None, reader: Reader = answer) -> Figures:
    """Measure the consultations of both splits, and the real files below ``data``.

    Of the test split the outcome holds figures only. Printed files need the tools of development.
    Raises ConsultationError or GoldFactsError for broken files.
    """
    renderings = RENDERINGS if can_print() else RENDERINGS[:1]
    found: dict[tuple[str, str], Outcome] = {}
    plain: dict[str, Outcome] = {}
    sizes = {}
    for split in SPLITS:
        consultations = read_consultations(split)
        sizes[split] = len(consultations)
        for rendering in renderings:
            ours, dumped = [], []
            for one in consultations:
                dossier, names, files = read_dossier(one, rendering)
                told_errors = split == "dev"
                ours.append(measure(one, reader(dossier), names, errors=told_errors))
                if rendering == "pdf":
                    dumped.append(measure(one, plain_tables(files), names, errors=False))
            found[split, rendering] = total(ours)
            if dumped:
                plain[split] = total(dumped)
    if data is None:
        return Figures(found, plain, sizes)
    dossiers, plain_dossiers = measure_dossiers(data, reader)
    return Figures(found, plain, sizes, dossiers, plain_dossiers, measure_notices(data))


def page(result: Figures) -> str:
    """Return the Markdown page of the figures."""
    lines = [*_INTRODUCTION, *_summary(result), *_criteria(result), *_silence(result)]
    for (split, rendering), outcome in result.consultations.items():
        lines += [f"## In detail: {split}, {rendering.upper()}", "", _HEAD, _RULE]
        lines += [*_rows(outcome), ""]
    if result.dossiers is not None and result.plain_dossiers is not None:
        lines += _dossiers(result.dossiers, result.plain_dossiers)
    if result.notices is not None:
        lines += _notices(result.notices)
    return "\n".join(lines).rstrip() + "\n"


_INTRODUCTION = (
    "# How well facts are read",
    "",
    "Award criteria, lots, quantities of clauses, levers, procedure, references and disagreements,"
    " measured by `clausier evaluate --facts` on made-up consultations"
    " (`corpus/consultations/DATASHEET.md`), each read twice: as HTML, and printed to PDF. The dev"
    " split was read while the readers were written; of test only figures are ever shown.",
    "",
    "*Found* is what the truth holds and we read; *exact* is found with all the rest right; *false*"
    " is read and not in the truth. What counts as found, and what as exact:",
    "",
    "- criteria: the same lot, 60 % of the words of the shorter name; exact: weight, unit, share"
    " (within 0.5) and theme. A criterion of three lots counts three times.",
    "- quantities: kind, value, per, lot and piece; exact: in the same sentence.",
    "- levers and procedure: the set of values over the dossier, with their lots; a second value is"
    " not held against us where pieces disagree about it, nor are the days between two dates."
    " Lots of a certification do not count; it is exact with or without equivalent, as written.",
    "- lots: number and title; exact: amounts, duration and CPV, silence included.",
    "- references: piece, target, and whether it is in the dossier; exact: in the same words.",
    "- disagreements: kind and pieces; exact: both passages.",
    "- weights that do not sum: lot and sum, from the weights read.",
    "",
    "Flags that are false, and a retention of 0 %, say what silence says and are left out.",
    "",
)


def _summary(result: Figures) -> Iterator[str]:
    heads = [f"{split} {rendering.upper()}" for split, rendering in result.consultations]
    sizes = ", ".join(f"{size} of {split}" for split, size in result.sizes.items())
    yield f"## In short\n\nConsultations: {sizes}. Each cell: found / asked, false, F1.\n"
    yield f"| | {' | '.join(heads)} |"
    yield "|---|" + "---:|" * len(heads)
    for title, name in _GROUPS:
        cells = [_short(_of(outcome, name)) for outcome in result.consultations.values()]
        yield f"| {title} | {' | '.join(cells)} |"
    cells = [
        _short(_of(result.plain[split], "criteria")) if rendering == "pdf" else ""
        for split, rendering in result.consultations
    ]
    yield f"| *Criteria by a plain dump of tables* | {' | '.join(cells)} |"
    yield ""


def _criteria(result: Figures) -> Iterator[str]:
    yield "## Criteria, part by part\n\nOf the criteria found, how many have each part right.\n"
    yield "| | found | weight | unit | share | theme |\n|---|---:|---:|---:|---:|---:|"
    for (split, rendering), outcome in result.consultations.items():
        yield _parts(f"{split} {rendering.upper()}", _of(outcome, "criteria"))
    for split, outcome in result.plain.items():
        yield _parts(f"*{split} PDF, plain dump*", _of(outcome, "criteria"))
    yield "\n| sub-criteria | found | weight | share of | share | theme | parent |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for (split, rendering), outcome in result.consultations.items():
        tally = _of(outcome, "sub-criteria")
        right = dict(tally.right)
        cells = [str(right.get(name, 0)) for name in ("weight", "of", "share", "theme", "parent")]
        yield f"| {split} {rendering.upper()} | {tally.found} | {' | '.join(cells)} |"
    yield ""


def _parts(title: str, tally: Tally) -> str:
    right = dict(tally.right)
    cells = [str(right.get(name, 0)) for name in ("weight", "unit", "share", "theme")]
    return f"| {title} | {tally.found} | {' | '.join(cells)} |"


def _silence(result: Figures) -> Iterator[str]:
    names = ("criteria", "lots", "disagreements")
    yield "## Silence where there is nothing\n"
    yield "Consultations that hold none, and how many of them are given some all the same.\n"
    yield f"| | {' | '.join(f'no {name} | given some' for name in names)} |"
    yield "|---|" + "---:|" * (2 * len(names))
    for (split, rendering), outcome in result.consultations.items():
        counts = [_lacking(outcome, name) for name in names]
        yield f"| {split} {rendering.upper()} | {' | '.join(counts)} |"
    for split, outcome in result.plain.items():  # it tells criteria only
        yield f"| *{split} PDF, plain dump* | {_lacking(outcome, names[0])} | | | | |"
    yield ""


def _lacking(outcome: Outcome, name: str) -> str:
    counts = (f"without {name}", f"without {name}, some given")
    return " | ".join(str(outcome.dossiers.get(count, 0)) for count in counts)


def _rows(outcome: Outcome) -> Iterator[str]:
    for title, name in _GROUPS:
        yield _row(f"**{title}**" if name in _DETAILED else title, _of(outcome, name))
        if name in _DETAILED:
            for own in sorted(outcome.tallies):
                if own.startswith(name):
                    label = kinds()[own].title_en if own in kinds() else own
                    yield _row(f"— {label}", outcome.tallies[own])


def _dossiers(ours: Outcome, plain: Outcome) -> Iterator[str]:
    without = ours.dossiers.get("without criteria", 0)
    yield "## Real dossiers\n"
    yield (
        "Annotated by reading them in full, values and pages only (`corpus/gold/facts`). Found is"
        " the value, of a quantity with its page; exact is on the same pages too."
        f" Of {without} dossiers without criteria,"
        f" {ours.dossiers.get('without criteria, some given', 0)} are given some"
        f" ({plain.dossiers.get('without criteria, some given', 0)} by a plain dump of tables).\n"
    )
    yield f"{_HEAD}\n{_RULE}"
    for name in ("criteria", "sub-criteria"):
        yield _row(name.capitalize(), _of(ours, name))
    yield _row("*Criteria by a plain dump of tables*", _of(plain, "criteria"))
    for name in sorted(n for n in ours.tallies if n.startswith(_DETAILED)):
        yield _row(kinds()[name].title_en, ours.tallies[name])
    yield ""


def _notices(outcome: Outcome) -> Iterator[str]:
    yield "## Notices with their fields\n"
    yield (
        "Printed from the fields of real notices as a portal prints them; exact is with the weight"
        " of the field. Notices of more than 25 lots are left out, one would outweigh all. Of"
        f" {outcome.dossiers.get('without criteria', 0)} notices without criteria,"
        f" {outcome.dossiers.get('without criteria, some given', 0)} are given some.\n"
    )
    yield f"{_HEAD}\n{_RULE}"
    yield _row("Criteria", _of(outcome, "criteria"))
    yield ""


def _of(outcome: Outcome, name: str) -> Tally:
    """Return the tally of a name, or the sum of a family ("lever.")."""
    if name not in _DETAILED:
        return outcome.tallies.get(name, Tally())
    return added(tally for own, tally in outcome.tallies.items() if own.startswith(name))


def _short(tally: Tally) -> str:
    return f"{tally.found} / {tally.asked}, {tally.false}, {_figure(tally.f1)}"


def _row(title: str, tally: Tally) -> str:
    counts = (tally.asked, tally.found, tally.exact, tally.missed, tally.false)
    shares = (tally.precision, tally.recall, tally.f1)
    return f"| {title} | {' | '.join([*map(str, counts), *map(_figure, shares)])} |"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
