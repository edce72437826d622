"""The page of levers and pillars for people: ``docs/advice.md``, written from the data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.advice_levers import Basis, Kind, Lever, fit_rules, levers, purchases, words
from models.pillars import pillar_rules

PAGE = Path(__file__).parents[1] / "docs" / "advice.md"
_INTRO = """# Advice to the buyer: what could still be written

`models.advice.advice(call, profile)` names the levers that a tender misses and that fit it, with a
model clause, where to write it, its legal basis, a caution, and the score before and after.
`apply(call, ids)` gives the call with several clauses written, for "what if".

This page is written from `models/advice/*.toml` and `models/pillars.toml` by
`python -m models.advice_page`. It is no legal advice. The model clauses are our own wordings, in
French, to be adapted; "[...]" are blanks, "{...}" is filled by what the tender says.

## How it works

- **Missing** means: a piece that would say it was read, and neither a clause in force nor a fact
  says it. What was not read is never said to be missing: `unjudged(call)` names those levers.
- **Law** counts by the day of launch of the call; without one, by the day the levers were checked
  (CHECKED). A lever whose leading article (marked *) was not in force that day is not advised.
- **Gain** is no estimate: the call is changed as the written clause would change it (a finding, a
  fact, a criterion, a reserved lot, a barrier gone) and scored again. Where the clause has a blank,
  the figure assumed is stated.
- **Order**: most points first, then ease: 1 a sentence in one piece, 2 several pieces or figures to
  settle, 3 the structure of the purchase changes. What gains nothing for the profile is left out
  (`every=True` shows it last); of one group ("reservation", "integration") only the best is shown.
- **A reservation** is advised for one lot at a time, never for the last lot open to all, only for
  the trades below and for amounts that such firms can carry; other lots that would do are named
  with their own gain. A works lot, or a contract without lots, needs an amount that was read.
- Nothing is advised on concessions and defence contracts, which other articles govern, nor to a
  profile for which the whole call is closed. Reservations for prisons and for young innovative
  firms are not advised: nothing read tells that they fit.
- Weights of a new criterion come from the price while 30 % of it remain, else from the heaviest
  criterion; the clause states the weights that result. Weights that do not make 100 % were not all
  read, and no criterion is then said to be missing. Lots that share the criteria are told too.
"""


def page() -> str:
    """Return the page as Markdown, from the data alone."""
    lines = [_INTRO.replace("CHECKED", fit_rules()["checked_on"].isoformat()), *_levers()]
    return "\n".join([*lines, *_purchases(), *_rules(), *_pillars()]) + "\n"


def _levers() -> Iterator[str]:
    for strategy, names in words()["strategy"].items():
        yield f"## {names['en']} ({names['fr']})\n"
        for lever in levers().values():
            if lever.strategy == strategy:
                yield from _lever(lever)


def _lever(lever: Lever) -> Iterator[str]:
    pieces = " and ".join(" or ".join(p.value for p in group) for group in lever.pieces)
    yield f"### {lever.title_en} (`{lever.id}`)\n"
    yield f"{lever.title_fr}\n"
    yield f"> {lever.clause_fr}\n"
    yield f"- written in: {pieces}; ease {lever.ease}" + (
        f"; group {lever.group}" if lever.group else ""
    )
    yield "- basis: " + "; ".join(_basis(b) for b in lever.basis)
    yield f"- fits: {_fits(lever)}"
    yield f"- caution: {lever.caution_en}"
    yield f"- attention : {lever.caution_fr}"
    if lever.assumed_en:
        yield f"- {lever.assumed_en}"
    yield ""


def _basis(one: Basis) -> str:
    until = f" to {one.valid_to.isoformat()}" if one.valid_to else ""
    note = f" ({one.note_en})" if one.note_en else ""
    return f"{one.ref}{'*' if one.lead else ''} from {one.valid_from.isoformat()}{until}{note}"


def _fits(lever: Lever) -> str:
    """Return in words when a lever suits a purchase."""
    fits, told = lever.fits, []
    if fits.present:
        told.append("where the tender holds " + ", ".join(f"`{p}`" for p in fits.present))
    if fits.kinds:
        told.append("kinds " + ", ".join(fits.kinds))
    if fits.not_kinds:
        told.append("not " + ", ".join(fits.not_kinds))
    for value, text in (
        (fits.amount_min, "from EUR {:,.0f}"),
        (fits.yearly_max, "up to EUR {:,.0f} a year"),
        (fits.whole_max, "a contract without lots up to EUR {:,.0f}"),
        (fits.works_max, "a works lot up to EUR {:,.0f}"),
        (fits.months_max, "{:g} months at most"),
    ):
        if value:
            told.append(text.format(value))
    if fits.known:
        told.append("the amount was read")
    if fits.threshold:
        told.append("at or above the EU threshold")
    if fits.undivided:
        told.append("no lots, not reserved")
    if lever.profiles:
        told.append("profiles " + ", ".join(lever.profiles))
    return "; ".join(told) or "every purchase"


def _purchases() -> Iterator[str]:
    yield "## Kinds of purchase\n"
    yield "By the words of the title of a lot, else its CPV codes, else the object of the call.\n"
    yield "| kind | en | fr | CPV begins with |"
    yield "|---|---|---|---|"
    for kind in purchases():
        yield _row(kind)
    yield ""


def _row(kind: Kind) -> str:
    return f"| {kind.id} | {kind.title_en} | {kind.title_fr} | {', '.join(kind.cpv)} |"


def _rules() -> Iterator[str]:
    hours = fit_rules()["hours"]
    yield "## Figures\n"
    yield (
        f"Hours to start from: amount x {hours['labour']:g} / {hours['hourly_eur']:g} EUR an hour"
        f" x {hours['percent']:g} %, rounded to {hours['round_to']}. A rough design choice, to be"
        " settled with the facilitator of social clauses.\n"
    )
    for one in fit_rules()["threshold"]:
        kind = "works" if one["works"] else "supplies and services of local authorities"
        since = one["valid_from"].isoformat()
        yield f"- EU threshold, {kind}: EUR {one['eur']:,} before tax, from {since}"
    yield ""


def _pillars() -> Iterator[str]:
    rules = pillar_rules()
    yield "## Pillars and targets of Paris 2024 (`models.pillars.pillars(call)`)\n"
    yield f"{rules['note_en']} Uncertain fact {rules['uncertain']}.\n"
    yield "| | en | fr | labels |"
    yield "|---|---|---|---|"
    for kind in ("pillar", "target"):
        for one in rules[kind]:
            names = ", ".join(one["labels"])
            yield f"| {kind} | {one['title_en']} | {one['title_fr']} | {names} |"
    yield ""
    yield "A pillar is met by a binding or scored passage, partly met by an encouragement. A target"
    yield "is met only by a share that is stated, or that the amounts of reserved lots make."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
