"""Errors as problem+json (RFC 9457), in the language asked for, saying what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.requests import Request

from corpus.findings import Caution
from service.messages import LANGUAGES, Language, Message, explain
from service.report.html import problem_page
from service.report.texts import size
from service.report.view import warning_views

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[str, int] = {
    "bad-upload": 400,
    "not-found": 404,
    "method-not-allowed": 405,
    "upload-too-slow": 408,
    "body-too-large": 413,
    "too-many-uploads": 413,
    "not-multipart": 415,
    "unknown-profile": 422,
    "bad-date": 422,
    "bad-language": 422,
    "no-file": 422,
    "nothing-to-read": 422,
    "invalid-request": 422,
    "answer-too-slow": 422,
    "busy": 429,
    "internal-error": 500,
}
_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]{1,32})?"
    r"\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*"
)


class ProblemItem(BaseModel):
    """One piece or one field that made the request fail."""

    code: str
    title: str
    detail: str
    piece: str | None = None
    field: str | None = None


class ProblemBody(BaseModel):
    """The body of every error: a stable code, and what to do in the language asked for."""

    type: str = Field(description="urn:clausier:problem:<code>")
    title: str
    status: int
    detail: str
    code: str
    errors: list[ProblemItem] | None = None


class ProblemError(Exception):
    """A request that cannot be answered. ``code`` is stable and public."""

    def __init__(
        self,
        code: str,
        *,
        cautions: Sequence[Caution] = (),
        fields: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        **params: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.cautions = tuple(cautions)
        self.fields = tuple(fields)
        self.headers = dict(headers or {})
        self.params = params

    def said(self, language: Language) -> Message:
        """Return what happened and what to do; a limit in bytes is written as people read it."""
        params = dict(self.params)
        if isinstance(count := params.pop("limit_bytes", None), int):
            params["limit"] = size(count, language)
        return explain(self.code, language, **params)


def language_of(request: Request) -> Language:
    """Return the language of an answer: the form's or the address's, then the browser's."""
    chosen = getattr(request.state, "language", None) or request.query_params.get("lang")
    for language in LANGUAGES:
        if chosen == language:
            return language
    return accepted_language(request.headers.get("accept-language", ""))


def accepted_language(header: str) -> Language:
    """Return the language of ours that an Accept-Language header prefers, French without one."""
    best: tuple[float, Language] = (0.0, "fr")
    for part in header[:500].split(","):
        if (match := _RANGE.fullmatch(part)) is None:
            continue
        weight = float(match[2]) if match[2] else 1.0
        for language in LANGUAGES:
            if match[1].lower() == language and weight > best[0]:
                best = (weight, language)
    return best[1]


def problem_body(problem: ProblemError, language: Language) -> dict[str, Any]:
    """Return the problem as plain data."""
    said = problem.said(language)
    items = [
        ProblemItem(code=view.code, title=view.title, detail=view.text, piece=view.piece or None)
        for view in warning_views(problem.cautions, language)
    ]
    items += [
        ProblemItem(code=problem.code, title=said.title, detail=said.action, field=field)
        for field in problem.fields
    ]
    body = ProblemBody(
        type=f"urn:clausier:problem:{problem.code}",
        title=said.title,
        status=STATUS[problem.code],
        detail=str(said),
        code=problem.code,
        errors=items or None,
    )
    return body.model_dump(exclude_none=True)


def problem_response(problem: ProblemError, request: Request) -> Response:
    """Answer with a page to a person's form, with problem+json to everything else."""
    language = language_of(request)
    status = STATUS[problem.code]
    headers = {"Content-Language": language, **problem.headers}
    if getattr(request.state, "page", False):
        page = problem_page(
            problem.said(language),
            language,
            warnings=warning_views(problem.cautions, language),
            home=f"/?lang={language}",
        )
        return HTMLResponse(page, status, headers)
    return JSONResponse(problem_body(problem, language), status, headers, media_type=MEDIA_TYPE)
