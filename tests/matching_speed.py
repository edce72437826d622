"""How long matching takes: made-up tenders × firms, on one core. Run by hand, not a test.

``python tests/matching_speed.py [tenders] [firms]``
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import random
import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpus.documents import PieceType
from corpus.findings import Criterion, Fact, Finding, Lot, Place, Stage, Status
from corpus.taxonomy import labels
from models.call import Call
from models.firms import Firm, statuses
from models.matching import match
from models.scorer import PROFILES, score

_TRADES = (
    "espaces verts", "nettoyage de locaux", "peinture", "maraîchage", "collecte de déchets",
    "réemploi de mobilier", "restauration collective", "menuiserie", "blanchisserie",
    "numérisation", "conditionnement", "second œuvre", "gardiennage", "transport de personnes",
)  # fmt: skip
_CPV = ("7731", "9091", "4544", "0322", "9051", "3915", "5552", "4542", "9831", "7999", "6011")
_FACTS = (
    ("lever.turnover_eur", 2e5), ("lever.certification", "Qualibat 2112"), ("lever.headcount", 9),
    ("lever.references", 3), ("lever.payment_days", 30), ("lever.advance_percent", 20.0),
    ("lever.grouping", "free"), ("procedure.answer_days", 33), ("lever.variants", "allowed"),
)  # fmt: skip


def tender(random_: random.Random) -> Call:
    """Return a made-up call of one to six lots with some twenty findings."""
    place = Place("p1", 1, (), "", "")
    findings = tuple(
        Finding(f"f{n}", "p1", 1, (), "", "", (), (random_.choice(list(labels())),),
                Stage.EXECUTION, random_.choice(list(Status)), {}, 0.9, ())
        for n in range(20)
    )  # fmt: skip
    lots = tuple(
        Lot(str(n), random_.choice(_TRADES), random_.uniform(1e4, 2e6),
            ("reserved.integration",) if random_.random() < 0.1 else (), (),
            duration_months=24.0, cpv=(random_.choice(_CPV).ljust(8, "0"),))
        for n in range(1, random_.randint(1, 6) + 1)
    )  # fmt: skip
    facts = tuple(Fact(name, value, place, "") for name, value in random_.sample(_FACTS, 5))
    criteria = tuple(
        Criterion(t, t, s, "percent", s, t, (), None, "p1", 1, (), t)
        for t, s in (("price", 50.0), ("quality", 40.0), ("environmental", 10.0))
    )
    pieces = frozenset({PieceType.RC, PieceType.CCAP})
    return Call(findings, criteria, lots, pieces, facts=facts, launch=date(2026, 10, 1))


def firm(random_: random.Random, number: int) -> Firm:
    """Return a made-up firm."""
    return Firm(
        f"Firme {number}",
        random_.choice(PROFILES),
        tuple(random_.sample(sorted(statuses()), random_.randint(0, 2))),
        (random_.choice(_CPV) + str(random_.randint(0, 9)), random_.choice(_TRADES)),
        random_.choice([None, random_.uniform(3e4, 5e6)]),
        random_.choice([None, float(random_.randint(1, 80))]),
        tuple(random_.sample(("Qualibat 2112", "ISO 14001", "RGE"), random_.randint(0, 2))),
    )


def main() -> None:
    """Print seconds for a matrix, and for one pair alone."""
    tenders, firms = (int(n) for n in (sys.argv[1:] + ["1000", "6000"][len(sys.argv) - 1 :])[:2])
    random_ = random.Random(20261124)  # noqa: S311 - made-up data
    calls = [tender(random_) for _ in range(tenders)]
    ecosystem = [firm(random_, n) for n in range(firms)]
    lots = sum(len(call.lots) for call in calls)
    start = time.perf_counter()
    scores = match(calls, ecosystem)
    took = time.perf_counter() - start
    print(f"{tenders} tenders ({lots} lots) x {firms} firms: {took:.1f} s")
    start = time.perf_counter()
    pairs = [(random_.randrange(tenders), random_.randrange(firms)) for _ in range(300)]
    wrong = [
        (row, column)
        for row, column in pairs
        if score(calls[row], ecosystem[column].profile, ecosystem[column])[0].score
        != scores[row, column]
    ]
    took = (time.perf_counter() - start) / len(pairs)
    print(f"one pair alone: {1000 * took:.2f} ms; {len(wrong)} of {len(pairs)} pairs differ")


if __name__ == "__main__":
    main()
