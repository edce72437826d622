"""Facts of real tender files, annotated by reading them: hash, page and value, never the text.

One JSON object a line in ``corpus/gold/facts/*.jsonl``; whoever has the files joins them by
``sha256``. A dossier is the files that share its name here, annotated in full: what is not there is
not written in it, save what is told by words alone (buyer, object, certifications).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from corpus.facts import kinds
from corpus.findings import Value

FOLDER = Path(__file__).with_name("gold") / "facts"
CRITERIA = ("criterion", "sub-criterion")
NONE = "file"  # a line that only says that a file was read


class GoldFactsError(ValueError):
    """A file of annotated facts holds something that is no fact."""


@dataclass(frozen=True, slots=True)
class GoldFact:
    """One fact at one place: a weight of a criterion, or a value by its name in ``facts.toml``.

    ``name`` is "file" for a file that was read, whatever it holds. ``unit``, ``theme`` and
    ``share`` are those of a criterion. What is ``doubtful`` is neither asked nor held against an
    answer; its value may be None, for any.
    """

    dossier: str
    sha256: str
    page: int
    name: str
    value: Value | None = None
    per: str | float = ""
    unit: str = ""
    theme: str = ""
    share: float | None = None
    doubtful: bool = False


def read_gold_facts(folder: Path = FOLDER) -> tuple[GoldFact, ...]:
    """Return the annotated facts in their order; raise GoldFactsError naming the line."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                found.append(_checked(GoldFact(**json.loads(line))))
            except (TypeError, ValueError) as error:
                raise GoldFactsError(f"{path.name}:{number}: {error}") from error
    return tuple(found)


def _checked(fact: GoldFact) -> GoldFact:
    if fact.name not in (*CRITERIA, NONE, *kinds()):
        raise ValueError(f"unknown fact {fact.name!r}")
    if fact.value is None and not (fact.doubtful or fact.name == NONE):
        raise ValueError(f"{fact.name} without a value")
    return fact
