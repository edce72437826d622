"""Findings of one article made one clause: its obligation, public, means, control and penalty.

A lawyer reads an insertion article of two pages as one clause. Its passages carry one label under
one heading that announces it; each does its part there. The words are in ``patterns/_parts.toml``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from corpus.findings import Clause, ClausePart, Finding, Part, Status
from nlp.wordlists import word_lists

_BETWEEN = " › "  # the headings of ``Finding.article``
_FORCE = (Status.BINDING, Status.SCORED, Status.ENCOURAGED, Status.MENTION, Status.EXCLUDED)


def part_of(quote: str, status: Status) -> Part:
    """Tell what a passage does in its clause; a criterion is one, whatever words it holds."""
    if status is Status.SCORED:
        return Part.CRITERION
    if status in (Status.MENTION, Status.EXCLUDED):
        return Part.MENTION
    lists = word_lists("parts")
    for part in (Part.PENALTY, Part.CONTROL, Part.OBLIGATION, Part.PUBLIC, Part.MEANS):
        if lists[part.value].search(quote):
            return part
    return Part.OBLIGATION


def clauses(findings: Sequence[Finding]) -> tuple[Clause, ...]:
    """Group findings by piece, label and the article that announces the label, in their order.

    A finding of several labels stands in a clause of each. The status of a clause is that of its
    strongest passage.
    """
    announced = _announced(findings)
    groups: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        for label in finding.labels:
            article = _article(finding, announced.get((finding.piece, label), frozenset()))
            groups[finding.piece, label, article].append(finding)
    return tuple(
        _clause(number, label, article, members)
        for number, ((_, label, article), members) in enumerate(groups.items(), start=1)
    )


def _announced(findings: Sequence[Finding]) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return the headings that are findings themselves, by piece and label."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for finding in findings:
        if "heading" in finding.qualifiers:
            for label in finding.labels:
                found[finding.piece, label].add(_plain(finding.quote))
    return {key: frozenset(titles) for key, titles in found.items()}


def _article(finding: Finding, announced: frozenset[str]) -> str:
    """Return the path down to the first heading that announces the label, else all of it."""
    titles = finding.article.split(_BETWEEN) if finding.article else []
    own = _plain(finding.quote)
    for depth, title in enumerate(titles, start=1):
        if _plain(title) in announced:
            return _BETWEEN.join(titles[:depth])
    if own in announced:  # the heading itself
        return _BETWEEN.join([*titles, finding.quote])
    return finding.article


def _plain(title: str) -> str:
    return " ".join(title.split()).lower()


def _clause(number: int, label: str, article: str, members: Sequence[Finding]) -> Clause:
    status = min((f.status for f in members), key=_FORCE.index)
    strongest = next(f for f in members if f.status == status)
    return Clause(
        id=f"c{number}",
        label=label,
        piece=strongest.piece,
        page=min(f.page for f in members),
        article=article,
        stage=strongest.stage,
        status=status,
        lots=tuple(dict.fromkeys(lot for f in members for lot in f.lots)),
        parts=tuple(_parts(members)),
    )


def _parts(members: Sequence[Finding]) -> Iterator[ClausePart]:
    for part in Part:
        ids = tuple(f.id for f in members if part_of(f.quote, f.status) is part)
        if ids:
            yield ClausePart(part, ids)
