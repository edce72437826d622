"""Examples shown in the OpenAPI description."""

from __future__ import annotations

from typing import Any

from corpus.documents import Box, PieceType
from corpus.findings import (
    SCHEMA_VERSION,
    Contribution,
    Fact,
    Finding,
    Lot,
    PieceSummary,
    Place,
    Score,
    Screening,
    Stage,
    Status,
)
from nlp.clauses import clauses
from service.api.problems import ProblemError, problem_body
from service.report.data import screening_data

_QUOTE = (
    "Le lot n° 2 est réservé, en application de l'article L. 2113-13 du code de la commande "
    "publique, aux structures d'insertion par l'activité économique."
)


def screening_example() -> dict[str, Any]:
    """Return a short answer: one piece, one finding, one lot."""
    finding = Finding(
        id="p1-0001",
        piece="p1",
        page=3,
        boxes=(Box(3, 62.4, 310.2, 538.6, 323.1),),
        quote=_QUOTE,
        article="1 Objet et étendue de la consultation › 1.5 Réservation du lot 2",
        lots=("2",),
        labels=("reserved.integration",),
        stage=Stage.SELECTION,
        status=Status.BINDING,
        values={"articles": ["L2113-13"]},
        confidence=0.97,
        found_by=("reserved.integration/article",),
        cues=("réservé", "L. 2113-13"),
    )
    payment = Fact(
        name="lever.payment_days",
        value=30,
        place=Place("p1", 6, (), "Le délai global de paiement est de trente jours.", "7 Paiement"),
        found_by="lever.payment_days/delay",
    )
    score = Score(
        lot="2",
        profile="siae",
        score=25.0,
        band="weak",
        confidence=0.3,
        inclusion=25.0,
        contributions=(
            Contribution(
                "D1", 25.0, 25.0, "Réservé à ce profil", "Reserved for this profile", (finding.id,)
            ),
        ),
        missing=("notice", "CCAP", "CCTP"),
    )
    return screening_data(
        Screening(
            schema_version=SCHEMA_VERSION,
            clausier_version="0.1.0",
            rules_digest="7c9e6679f1b2",
            model="clauses-5f2c81d07a9e",
            profile="siae",
            launch_date="2026-10-05",
            pieces=(
                PieceSummary(
                    id="p1",
                    name="RC_2026-VV-014.pdf",
                    type=PieceType.RC,
                    type_confidence=0.98,
                    media_type="application/pdf",
                    sha256="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                    pages=8,
                    words=5432,
                    articles=("1 Objet et étendue de la consultation",),
                    sources={"text": 8},
                ),
            ),
            findings=(finding,),
            clauses=clauses((finding,)),
            criteria=(),
            lots=(Lot("2", "Désherbage", 90000.0, ("reserved.integration",), (finding.id,)),),
            facts=(payment,),
            references=(),
            disagreements=(),
            scores=(score,),
            warnings=(),
        )
    )


def problem_example(code: str) -> dict[str, Any]:
    """Return the body of an error, in English."""
    return problem_body(ProblemError(code), "en")
