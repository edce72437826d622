"""Pieces -> what is known of the call: the one place where all that is read comes together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from corpus.documents import Piece
from corpus.findings import Fact, Finding
from models.call import Call
from models.classifier import Classifier, with_classifier
from nlp import tagger
from nlp.criteria import award_criteria, stated_criteria, with_criteria
from nlp.disagreements import disagreements
from nlp.dossier import Told, parts
from nlp.levers import levers
from nlp.lots import lots, stated_lots
from nlp.procedure import procedure
from nlp.quantities import facts_of
from nlp.references import followed, references


def read_call(
    standing: Sequence[Told],
    model: Classifier | None,
    *,
    readable: float | None = None,
    launch: date | None = None,
) -> Call:
    """Return what the pieces of a dossier say; without a model the rules read alone.

    ``readable`` is the share of pages that could be read, when more is known than these pieces
    tell; ``launch`` the day the call was sent out, when it is known better than they say.
    """
    found = tuple(finding for one in standing for finding in found_in(one, model))
    criteria = award_criteria(standing)
    found = followed(standing, with_criteria(found, criteria))
    facts = (*procedure(standing), *levers(standing), *facts_of(standing, found))
    return Call(
        findings=found,
        criteria=criteria,
        lots=lots(standing, found),
        pieces=frozenset(part.type for one in standing for part in parts(one.piece)),
        readable=_readable([one.piece for one in standing]) if readable is None else readable,
        facts=facts,
        references=references(standing),
        disagreements=disagreements(
            standing, found, facts, stated_criteria(standing), stated_lots(standing, found)
        ),
        launch=launch or _launch(facts),
    )


def found_in(one: Told, model: Classifier | None) -> tuple[Finding, ...]:
    """Return the findings of one piece by rules and model."""
    readings = tagger.read_told(one)
    return tagger.findings(one.piece, with_classifier(model, readings) if model else readings)


def _readable(pieces: Sequence[Piece]) -> float:
    pages = [page for piece in pieces for page in piece.pages]
    return sum(page.source != "none" for page in pages) / len(pages) if pages else 0.0


def _launch(facts: Sequence[Fact]) -> date | None:
    """Return the day of dispatch that the pieces state."""
    stated = (f.value for f in facts if f.name == "procedure.launch_date")
    return next((date.fromisoformat(str(value)) for value in stated), None)
