"""The JSON interface, version 1."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.requests import Request

from corpus.findings import Screening
from models.scorer import PROFILES
from service.api.answers import screen_upload
from service.api.examples import problem_example, screening_example
from service.api.problems import MEDIA_TYPE, ProblemBody
from service.messages import Language
from service.report.data import screening_json, taxonomy_data
from service.report.view import profile_name

router = APIRouter()


class Profile(BaseModel):
    """A kind of firm that a tender can be scored for."""

    id: str
    title_fr: str
    title_en: str


class Profiles(BaseModel):
    """The profiles, and the one used when none is given."""

    default: str
    profiles: list[Profile]


class Health(BaseModel):
    """A sign of life."""

    status: str


def _problems(*codes: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    """Describe error answers, one example a code."""
    described: dict[int | str, dict[str, Any]] = {}
    for status, code in codes:
        answer = described.setdefault(
            status,
            {
                "model": ProblemBody,
                "description": "",
                "content": {MEDIA_TYPE: {"examples": {}}},
            },
        )
        example = problem_example(code)
        answer["description"] = answer["description"] or example["title"]
        answer["content"][MEDIA_TYPE]["examples"][code] = {"value": example}
    return described


_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["files"],
                "properties": {
                    "files": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "string", "format": "binary"},
                        "description": "PDF files of the tender, or its zip archive.",
                    },
                    "profile": {
                        "type": "string",
                        "enum": list(PROFILES),
                        "default": PROFILES[0],
                        "description": "Kind of firm to score for.",
                    },
                    "launch_date": {
                        "type": "string",
                        "format": "date",
                        "description": "Launch day of the consultation: says which law applies.",
                        "examples": ["2026-10-05"],
                    },
                    "lang": {
                        "type": "string",
                        "enum": ["fr", "en"],
                        "description": "Language of errors; Accept-Language otherwise.",
                    },
                },
            }
        }
    },
}


@router.post(
    "/v1/score",
    summary="Read a tender and score it",
    tags=["screening"],
    openapi_extra={"requestBody": _FORM},
    responses={
        200: {
            "model": Screening,
            "description": "What was read, found and scored; pieces that failed are in warnings.",
            "content": {"application/json": {"example": screening_example()}},
        },
        **_problems(
            (400, "bad-upload"),
            (408, "upload-too-slow"),
            (413, "body-too-large"),
            (413, "too-many-uploads"),
            (415, "not-multipart"),
            (422, "unknown-profile"),
            (422, "bad-date"),
            (422, "bad-language"),
            (422, "no-file"),
            (422, "nothing-to-read"),
            (422, "answer-too-slow"),
            (429, "busy"),
            (500, "internal-error"),
        ),
    },
)
async def score(request: Request) -> Response:
    """Read the files of a tender, mark their clauses with evidence, and score the tender."""
    screening = await screen_upload(request)
    return Response(screening_json(screening), media_type="application/json")


@router.get("/v1/taxonomy", summary="The labels that are looked for", tags=["reference"])
def taxonomy() -> dict[str, Any]:
    """Return the families and labels, with titles, definitions, law and standard codes."""
    return taxonomy_data()


@router.get(
    "/v1/profiles",
    summary="The kinds of firms to score for",
    tags=["reference"],
    responses=_problems((422, "invalid-request")),
)
def profiles(
    lang: Annotated[Language | None, Query(description="Language of errors.")] = None,
) -> Profiles:
    """Return the profiles that can be asked for."""
    del lang  # described and checked here, read where errors are written
    return Profiles(
        default=PROFILES[0],
        profiles=[
            Profile(
                id=profile,
                title_fr=profile_name(profile, "fr"),
                title_en=profile_name(profile, "en"),
            )
            for profile in PROFILES
        ],
    )


@router.get("/healthz", summary="Whether the service answers", tags=["operation"])
async def health() -> Health:
    """Return a sign of life, without reading anything."""
    return Health(status="ok")
