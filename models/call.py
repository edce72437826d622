"""What is known of a call for tenders once it is read: the input of score, checks and advice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from corpus.documents import PieceType
from corpus.findings import Criterion, Disagreement, Fact, Finding, Lot, Reference, Value


@dataclass(frozen=True, slots=True)
class Call:
    """A call as read; ``readable`` is the share of its pages whose text could be read (0 to 1).

    ``launch`` is the day on which it was sent out, None when nothing tells.
    """

    findings: tuple[Finding, ...]
    criteria: tuple[Criterion, ...]
    lots: tuple[Lot, ...]
    pieces: frozenset[PieceType]
    readable: float = 1.0
    facts: tuple[Fact, ...] = ()
    references: tuple[Reference, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    launch: date | None = None

    def stated(self, name: str, lot: str = "") -> tuple[Fact, ...]:
        """Return the facts of one name that hold for a lot; for "" those of the whole call."""
        return tuple(
            f for f in self.facts if f.name == name and (not f.lots or (lot and lot in f.lots))
        )

    def value(self, name: str, lot: str = "") -> Value | None:
        """Return what the call states under one name, its own lot first; None when it does not.

        Of several statements the first counts: pieces stand in their order of precedence.
        """
        own = sorted(self.stated(name, lot), key=lambda f: not f.lots)
        return own[0].value if own else None
