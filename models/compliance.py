"""Dated checks of the law: what was read, what was not and where it may stand. No legal advice.

Which law applies is decided by the day the call was sent out. Conditions are
``models.conditions``; wordings, outcomes and dates ``law/checks.toml``; articles and figures its
neighbours (``models.legal``). "Not found" is never "absent": it is a thing to check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from corpus.documents import PieceType
from corpus.findings import Place
from models import legal
from models.call import Call
from models.conditions import CONDITIONS
from models.dated import Amount, View, Words, day_words, euros, lowered, view_of, worth
from models.legal import Entry, Outcome, Rule, Threshold, book, law, threshold

__all__ = [
    "Amount",
    "Check",
    "Outcome",
    "Rule",
    "Threshold",
    "checks",
    "law",
    "law_page",
    "threshold",
    "worth",
]


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a call, with what it rests on.

    ``articles`` are the versions that the day of the call calls for; ``findings`` are ids;
    ``lots`` those concerned, empty for all. ``uncertain_*`` tell what of the law is not certain.
    """

    id: str
    title_fr: str
    title_en: str
    outcome: Outcome
    reason_fr: str
    reason_en: str
    articles: tuple[Rule, ...]
    findings: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    lots: tuple[str, ...] = ()
    uncertain_fr: tuple[str, ...] = ()
    uncertain_en: tuple[str, ...] = ()


def checks(call: Call, types: Mapping[str, PieceType] | None = None) -> tuple[Check, ...]:
    """Check a call against the law of the day it was sent out, in the order of ``checks.toml``.

    ``types`` tells what each piece is by its id, which RES-A needs to know the notice. Without a
    launch date both readings are told, or the law of ``checked_on`` is applied and that is said.
    """
    view = view_of(call, types or {})
    return tuple(_answer(view, entry) for entry in book().entries)


def _answer(view: View, entry: Entry) -> Check:
    since = True if entry.since is None else view.since(entry.since)
    if since is False:
        return _before(view, entry)
    said = CONDITIONS[entry.id](view)
    wording = entry.reasons[said.key]
    outcome = wording.outcome
    fr = wording.fr.format(**{name: told[0] for name, told in said.words.items()})
    en = wording.en.format(**{name: told[1] for name, told in said.words.items()})
    silent = (Outcome.NOT_APPLICABLE, Outcome.INFO)
    if since is None and outcome not in silent:
        if entry.both and entry.since and outcome != Outcome.OK:
            outcome = Outcome.TO_CHECK
            words = {"since": day_words(entry.since), "reason": (lowered(fr), lowered(en))}
            fr, en = _common("both", words)
        else:
            fr, en = _common("assumed", {"reason": (fr, en), "day": day_words(view.day)})
    numbers = dict.fromkeys((*entry.uncertain, *said.notes))
    return Check(
        id=entry.id,
        title_fr=entry.title_fr,
        title_en=entry.title_en,
        outcome=outcome,
        reason_fr=fr,
        reason_en=en,
        articles=_articles(view, entry),
        findings=tuple(dict.fromkeys(f.id for f in said.findings)),
        places=tuple(dict.fromkeys(said.places)),
        lots=said.lots,
        uncertain_fr=tuple(legal.notes()[n][0] for n in numbers),
        uncertain_en=tuple(legal.notes()[n][1] for n in numbers),
    )


def _before(view: View, entry: Entry) -> Check:
    assert entry.since is not None  # noqa: S101 — only dated checks come here
    words = {"since": day_words(entry.since)}
    if view.launch:
        fr, en = _common("before", {**words, "launch": day_words(view.launch)})
    else:
        assert view.answer is not None  # noqa: S101 — the answer date told it
        fr, en = _common("before_answer", {**words, "answer": day_words(view.answer)})
    return Check(
        entry.id,
        entry.title_fr,
        entry.title_en,
        Outcome.NOT_APPLICABLE,
        fr,
        en,
        tuple(legal.version(ref, entry.since) for ref in entry.articles),
    )


def _articles(view: View, entry: Entry) -> tuple[Rule, ...]:
    return tuple(legal.version(ref, view.day) for ref in entry.articles)


def _common(name: str, words: Mapping[str, Words]) -> Words:
    told = book().common[name]
    return (
        told["fr"].format(**{key: both[0] for key, both in words.items()}),
        told["en"].format(**{key: both[1] for key, both in words.items()}),
    )


def law_page() -> str:
    """Return the text of ``docs/law.md``, written from the data."""
    lines = [
        "# The law behind the checks",
        "",
        f"Written from `models/law/*.toml`, last checked on {legal.checked_on()}. Correct the data,"
        " then write this page again: `python -m models.compliance > docs/law.md`. Status: verified"
        " (text read in a stored copy of the code), secondary (press, ministry sheets), memory (not"
        " checked). The numbers under “uncertain” are those of the list below. A reading aid, not"
        " legal advice.",
        "",
        "## Checks",
        "",
        "| check | title | since | articles | outcomes |",
        "|---|---|---|---|---|",
    ]
    for entry in book().entries:
        outcomes = [o.value for o in Outcome if o in {w.outcome for w in entry.reasons.values()}]
        lines.append(
            f"| {entry.id} | {entry.title_fr} / {entry.title_en} | {entry.since or ''} |"
            f" {', '.join(entry.articles)} | {', '.join(outcomes)} |"
        )
    lines += ["", "## Articles", "", "| article | content | from | to | status | uncertain |"]
    lines.append("|---|---|---|---|---|---|")
    for rule in law():
        lines.append(
            f"| {rule.ref} | {rule.text_fr} / {rule.text_en} | {rule.valid_from} |"
            f" {rule.valid_to or ''} | {rule.status} ({rule.source}) | {_numbers(rule.uncertain)} |"
        )
    lines += ["", "## Figures", "", "| figure | value | from | to | article | status | uncertain |"]
    lines.append("|---|---|---|---|---|---|---|")
    for limit in legal.thresholds():
        value = {
            "eur": euros(limit.value)[1],
            "percent": f"{limit.value:g}%",
            "times": f"{limit.value:g} times",
            "months": f"{limit.value:g} months",
        }[limit.unit]
        lines.append(
            f"| `{limit.name}`: {limit.title_fr} / {limit.title_en} | {value} |"
            f" {limit.valid_from} | {limit.valid_to or ''} | {limit.article} |"
            f" {limit.status} ({limit.source}) | {_numbers(limit.uncertain)} |"
        )
    lines += ["", "## What is not certain", ""]
    lines += [f"{number}. {fr} / {en}" for number, (fr, en) in legal.notes().items()]
    lines += ["", "## Sources", ""]
    lines += [f"- {key}: {text}" for key, text in legal.table("articles")["source"].items()]
    return "\n".join(lines) + "\n"


def _numbers(notes: Iterable[int]) -> str:
    return ", ".join(str(note) for note in notes)


if __name__ == "__main__":
    print(law_page(), end="")
