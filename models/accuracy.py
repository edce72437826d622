"""Writes an evaluation as a page that a buyer can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from corpus.findings import Status
from corpus.taxonomy import families
from models.evaluate import AUTHORED, NOTHING
from models.systems import BOTH, CLASSIFIER, DICTIONARY, RULES, WORDS

Figures = Mapping[str, Any]

SETS = {
    AUTHORED: "passages we wrote",
    "real dev": "real files, read while the rules were written",
    "real fresh": "real notices annotated later, since read to better the rules",
    "real test": "real notices, held out",
}
_SYSTEMS = {
    DICTIONARY: "any word or article of a label's rules, wherever it stands; all of it binds",
    WORDS: "TF-IDF of the passage's words and a linear SVM, nothing else",
    RULES: "our rules alone",
    CLASSIFIER: "our classifier alone: it is told what the rules claim, and decides",
    BOTH: "both, joined as the service joins them",
}
_OURS = (RULES, CLASSIFIER, BOTH)


def page(result: Figures, picture: str = "") -> str:
    """Return the Markdown page of an evaluation; ``picture`` is where its plot stands, if any."""
    sets = result["sets"]
    parts = [
        _head(result),
        _goals(result),
        "## The systems side by side\n\n"
        + "\n".join(f"- **{n}**: {t}." for n, t in _systems(sets)),
        *(_side_by_side(name, one) for name, one in sets.items()),
        _families(sets),
        _reserved(sets),
        _about(result),
        _confusion(result),
        _sureness(result),
        f"![Confidence of claims against the share that is right]({picture})" if picture else "",
        _alarms(sets),
        _places(result),
        _context(sets),
        _readers(result["readers"]),
        *(_labels(name, one) for name, one in sets.items()),
        _method(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(result: Figures) -> str:
    model = result["classifier"]
    told = f"classifier {model}" if model else "**no classifier could be loaded: rules alone**"
    held = (
        "Held out: these passages were not read while rules and classifier were made."
        if result["split"] == "test"
        else "These passages were looked at while rules and classifier were made, and thresholds\n"
        "were chosen on them: expect less on your own files."
    )
    units = "; ".join(
        f"{SETS[name]}: {one['units']} {'articles' if name == AUTHORED else 'documents'}"
        + (f", {one['pages']} pages" if one["pages"] else "")
        for name, one in result["sets"].items()
    )
    return f"""# How well clauses are found

Written by `clausier evaluate`; split "{result["split"]}", rules {result["rules"][:12]}, {told}.
{held}

What was read: {units}.

*Precision* is the share of claims that are right, *recall* the share of clauses that are found,
*F1* the balance of both. 1 is perfect. Brackets hold the 95 % interval: had other articles or
documents been drawn, the figure would likely lie there. A claim is one label of one passage **in
force**: it binds, is scored, or is encouraged."""


def _goals(result: Figures) -> str:
    sets, service = result["sets"], result["service"]
    rows: list[list[str]] = []

    def goal(name: str, title: str, wanted: str, told: Sequence[float | None], of: str) -> None:
        value = told[0]
        least, most = (float(wanted), 1.0) if wanted[0] == "0" else (0.0, 1.0)
        met = "–" if value is None else "yes" if least <= value <= most else "**no**"
        rows.append([title, SETS[name], wanted, _spread(told), of, met])

    for name, one in sets.items():
        own = one["systems"][service]
        told = own["in_force"]
        of = f"{told['all']['wanted']} labels"
        if name == AUTHORED:
            goal(name, "F1, mean of labels", "0.93", told["macro"]["f1"], of)
        else:
            goal(name, "F1, all claims", "0.90", told["all"]["f1"], of)
            goal(name, "F1, mean of labels", "0.80", told["macro"]["f1"], of)
        if kept := told.get("reserved"):
            claims = f"{kept['true'] + kept['false']} claims"
            goal(name, "reservations, precision", "0.99", kept["precision"], claims)
            goal(name, "reservations, recall", "0.97", kept["recall"], f"{kept['wanted']} labels")
        about = own["right_about"]
        goal(name, "status right", "0.92", [_share(about, "status")], f"{about['found']} found")
        if name != AUTHORED and (files := own["false_alarms"]["file"])["documents"]:
            title = "false clauses that bind or score, per 100 pages"
            goal(name, title, "at most 1", files["per_100"], f"{files['pages']} pages")
    head = ("", "on", "wanted", "reached", "of", "met")
    table = _table(head, rows, right=2)
    return f"## What was wanted, and what is reached ({service})\n\n{table}"


def _side_by_side(name: str, one: Figures) -> str:
    rows = []
    for system, own in one["systems"].items():
        for title, key in (("in force", "in_force"), ("any status", "any_status")):
            if key == "any_status" and name != AUTHORED:
                continue
            whole, mean = own[key]["all"], own[key]["macro"]
            rows.append(
                [system, title, str(whole["wanted"]), str(whole["true"] + whole["false"])]
                + [_spread(whole[m]) for m in ("precision", "recall", "f1")]
                + [_spread(mean["f1"])]
            )
    head = (
        "system",
        "counted",
        "wanted",
        "claims",
        "precision",
        "recall",
        "F1",
        "F1, mean of labels",
    )
    return f"### On {SETS[name]}\n\n{_table(head, rows, right=2)}"


def _families(sets: Figures) -> str:
    parts = ["## By family"]
    for name, one in sets.items():
        rows = [
            [family.id, system, str(own["in_force"][family.id]["wanted"])]
            + [_spread(own["in_force"][family.id][m]) for m in ("precision", "recall", "f1")]
            for family in families()
            for system, own in one["systems"].items()
            if system in _OURS and family.id in own["in_force"]
        ]
        head = ("family", "system", "wanted", "precision", "recall", "F1")
        parts.append(f"On {SETS[name]}:\n\n{_table(head, rows, right=2)}")
    return "\n\n".join(parts)


def _reserved(sets: Figures) -> str:
    rows = [
        [SETS[name], system, *(str(row[k]) for k in ("wanted", "found", "false"))]
        + [_spread(row[m]) for m in ("precision", "recall")]
        for name, one in sets.items()
        for system, own in one["systems"].items()
        if (row := own["in_force"].get("reserved"))
    ]
    head = ("on", "system", "wanted", "found", "false", "precision", "recall")
    return (
        "## Reserved contracts\n\nA lot or contract kept for some firms decides who may bid, so a"
        f" false or a missed one costs most.\n\n{_table(head, rows, right=2)}"
    )


def _about(result: Figures) -> str:
    rows = []
    for name, one in result["sets"].items():
        for system, own in one["systems"].items():
            told = own["right_about"]
            shares = [_share(told, what, of) for of in ("found", "wanted") for what in _ABOUT]
            rows.append([SETS[name], system, *(_figure(share) for share in shares)])
        if one.get("asked"):
            own = [_figure(_share(one["asked"], what, "wanted")) for what in _ABOUT]
            rows.append([SETS[name], "classifier, asked of every passage", "", "", *own])
    head = (
        "on",
        "system",
        "status, where found",
        "stage, where found",
        "status, of all",
        "stage, of all",
    )
    return (
        "## How far a clause binds (status) and where it acts (stage)\n\n"
        "Where the label was found, and of all that should have been found (what was missed counts"
        " as wrong). On passages we wrote mentions and denials count too. The dictionary knows"
        f" neither.\n\n{_table(head, rows, right=2)}"
    )


_ABOUT = ("status", "stage")


def _confusion(result: Figures) -> str:
    parts = ["## Which status is taken for which", f"By {result['service']}; rows are the truth."]
    for name, one in result["sets"].items():
        told = one["systems"][result["service"]]["confusion"]
        columns = [*(str(status) for status in Status), NOTHING]
        rows = [[s, *(str(told[s].get(c, 0)) for c in columns)] for s in columns[:-1]]
        parts.append(f"On {SETS[name]}:\n\n{_table(('', *columns), rows, right=1)}")
    return "\n\n".join(parts)


def _sureness(result: Figures) -> str:
    parts = [
        "## Can its confidence be believed?",
        "Of the claims made with a confidence in each step, the share that is right: the closer to"
        " the confidence, the better. The *calibration error* is the mean gap.",
    ]
    for name, one in result["sets"].items():
        rows = [
            [f"{low:.1f}–{high:.1f}", str(claims), _figure(sure), _figure(right)]
            for low, high, claims, sure, right in one["systems"][result["service"]]["sureness"][
                "bins"
            ]
        ]
        head = ("confidence", "claims", "mean confidence", "share right")
        parts.append(f"{result['service']}, on {SETS[name]}:\n\n{_table(head, rows, right=1)}")
    ranked = []
    for name, one in result["sets"].items():
        sure = {system: own["sureness"] for system, own in one["systems"].items()}
        if one["ranked"]:
            sure[f"{CLASSIFIER}, without thresholds"] = one["ranked"]
        for system, own in sure.items():
            reached = own["precision_at_recall"]
            ranked.append(
                [
                    SETS[name],
                    system,
                    _figure(own["calibration_error"]),
                    "recall never reaches 0.80" if reached is None else _figure(reached),
                    _figure(own["from_confidence"]),
                ]
            )
    titles = ("on", "system", "calibration error", "precision at recall 0.80", "from confidence")
    return "\n\n".join([*parts, _table(titles, ranked, right=2)])


def _alarms(sets: Figures) -> str:
    rows = []
    for name, system, own in (
        (name, system, own)
        for name, one in sets.items()
        if name != AUTHORED
        for system, own in one["systems"].items()
    ):
        for form, told in own["false_alarms"].items():
            if told["documents"]:
                pages = str(told["pages"]) if form == "file" else "–"
                rate = _spread(told["per_100"], places=1)
                read = f"{told['documents']} {form}s"
                rows.append([SETS[name], system, read, pages, str(told["false"]), rate])
    if not rows:
        return ""
    head = ("on", "system", "read", "pages", "false", "per 100 pages, or per 100 notices")
    return (
        "## False alarms where there is no clause\n\nSocial, environmental and reserved clauses"
        " claimed as binding or scored in documents that hold none in force."
        f"\n\n{_table(head, rows, right=3)}"
    )


def _places(result: Figures) -> str:
    one = result["sets"].get(AUTHORED)
    if one is None:
        return ""
    parts = ["## By kind of piece and by sector"]
    for kind in ("piece", "sector"):
        own = one["systems"]
        names = own[result["service"]][f"by_{kind}"]
        rows = [
            [name or "(none told)", str(told.get("wanted", 0))]
            + [_figure(told[m][0]) for m in ("precision", "recall", "f1")]
            + [_figure(own[s][f"by_{kind}"][name]["f1"][0]) for s in _OURS[:2] if s in own]
            for name, told in names.items()
        ]
        head = (
            kind,
            "wanted",
            "precision",
            "recall",
            "F1",
            *(f"F1, {s}" for s in _OURS[:2] if s in own),
        )
        parts.append(f"On passages we wrote, {result['service']}:\n\n{_table(head, rows, right=1)}")
    return "\n\n".join(parts)


def _context(sets: Figures) -> str:
    if AUTHORED not in sets:
        return ""
    told = sets[AUTHORED]["context"]
    rows = [
        [system, str(own["with"]["wanted"])]
        + [_figure(_share(own[way], "found", "wanted")) for way in ("with", "without")]
        + [_figure(own[way]["f1"]) for way in ("with", "without")]
        for system, own in told.items()
    ]
    head = (
        "system",
        "such labels",
        "their recall",
        "their recall, alone",
        "F1 of all",
        "F1 of all, alone",
    )
    return (
        "## What the place of a passage brings\n\nSome passages name their theme only by their"
        ' heading, or by the sentence before. "Alone" is without headings, lead-in and neighbour.'
        f"\n\n{_table(head, rows, right=1)}"
    )


def _readers(told: Figures) -> str:
    rows = [
        [family, *(str(own[k]) for k in ("first", "second", "both")), _figure(own["kappa"])]
        for family, own in told["families"].items()
    ]
    head = ("family", "first reader", "second reader", "both", "kappa")
    both = {"found": told["both"], "status": told["status"], "stage": told["stage"]}
    return (
        f"## How far two readers agree\n\n{told['passages']} real passages were read a second time"
        " without sight of the first reading. Cohen's kappa is 1 for full agreement, 0 for what"
        " chance gives; no finder can be trusted further than its readers agree."
        f"\n\n{_table(head, rows, right=1)}\n\nOf the {both['found']} passages to which both give a"
        f" same label, {_figure(_share(both, 'status'))} have the same status and"
        f" {_figure(_share(both, 'stage'))} the same stage."
    )


def _labels(name: str, one: Figures) -> str:
    own = {s: f["in_force"] for s, f in one["systems"].items()}
    best = own.get(BOTH, own[RULES])
    rows = []
    for label in (label.id for family in families() for label in family.labels):
        if any(label in own[system] for system in own if system in _OURS):
            empty = {m: [None] for m in ("precision", "recall", "f1")} | {"wanted": 0}
            cells = [
                " / ".join(_figure(told[m][0]) for m in ("precision", "recall", "f1"))
                for told in (own[s].get(label, empty) for s in _OURS if s in own)
            ]
            told = best.get(label, empty)
            f1 = [own[s].get(label, empty)["f1"][0] for s in (DICTIONARY, WORDS)]
            wanted = max(own[s].get(label, empty)["wanted"] for s in own)
            rows.append([label, str(wanted), *cells, _spread(told["f1"]), *map(_figure, f1)])
    ours = [s for s in _OURS if s in own]
    head = ("label", "wanted", *ours, f"F1, {ours[-1]}", "F1, dictionary", f"F1, {WORDS}")
    return (
        f"## Label by label, on {SETS[name]}\n\nPrecision / recall / F1; – where nothing is"
        f" claimed or wanted.\n\n{_table(head, rows, right=1)}"
    )


def _method() -> str:
    return """## How this was counted

- Passages we wrote are held against the claims on the same passage. On real files a claim is about
  an annotated passage when they share their words and stand at most a page apart.
- What a reader marked as doubtful counts neither way, unless it was found.
- A passage that no reader marked carries no clause: a claim there is false. Where a reader
  overlooked a clause, a right claim counts as false.
- The mean of labels takes every label of which at least one passage is wanted, be it one.
- Intervals: 1000 bootstrap draws of articles or documents (percentiles, fixed seed); of false
  alarms: exact Poisson. Where all of a few are right the interval is a point, which proves little:
  look at the number wanted. No interval tells of buyers unlike these.
- The classifier alone is told which rules fire, so it is no system without rules.
- Annotations of real files were made by language-model readers after a written scheme; no lawyer
  has checked them.
- Criteria that the service adds from tables of award criteria are not counted here."""


def _systems(sets: Figures) -> list[tuple[str, str]]:
    known = next(iter(sets.values()))["systems"] if sets else {}
    return [(name, told) for name, told in _SYSTEMS.items() if name in known]


def _share(told: Figures, what: str, of: str = "found") -> float | None:
    return told.get(what, 0) / told[of] if told.get(of) else None


def _figure(value: float | None, places: int = 2) -> str:
    return "–" if value is None else f"{value:.{places}f}"


def _spread(value: Sequence[float | None], places: int = 2) -> str:
    shown = _figure(value[0], places)
    if value[0] is None or len(value) < 3 or value[1] is None:
        return shown
    return f"{shown} [{_figure(value[1], places)}–{_figure(value[2], places)}]"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: int) -> str:
    """Return a Markdown table; columns from ``right`` on hold figures."""
    rule = ["---" if at < right else "---:" for at in range(len(head))]
    return "\n".join(
        "| " + " | ".join(row) + " |" if row is not rule else "|" + "|".join(row) + "|"
        for row in (head, rule, *rows)
    )
