"""Puts the web application together: routes, errors, headers."""

from __future__ import annotations

import importlib.metadata
import logging
import traceback

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api import pages, v1
from service.api.admission import Admission
from service.api.problems import ProblemError, problem_response
from service.report.html import content_policy
from service.settings import Settings
from service.settings import settings as read_settings

log = logging.getLogger("clausier")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    # Reports quote documents that may be confidential: no cache keeps them.
    "Cache-Control": "no-store",
}
_BY_STATUS = {404: "not-found", 405: "method-not-allowed"}


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the web application; settings are read from the environment when not given."""
    chosen = settings or read_settings()
    app = FastAPI(
        title="Clausier",
        summary="Reads public tenders, marks their clauses with evidence, and scores them.",
        version=_version(),
        # The usual documentation pages load scripts from elsewhere; the description is enough.
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = chosen
    app.state.admission = Admission(chosen.concurrency, chosen.queue)
    app.include_router(v1.router)
    app.include_router(pages.router)
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_middleware(_Guard)
    return app


class _Guard:
    """Adds the safe headers, and turns an unexpected error into an answer and a silent log line.

    The message of an exception may quote a document, so only its kind and its place are logged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault(
                    "Content-Security-Policy", f"{content_policy()}; frame-ancestors 'none'"
                )
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001 - nothing may escape with a document's words
            frame = traceback.extract_tb(error.__traceback__)[-1]
            log.error("%s at %s:%s", type(error).__name__, frame.name, frame.lineno)
            if not started:
                response = problem_response(ProblemError("internal-error"), Request(scope))
                await response(scope, receive, guarded)


async def _on_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    log.info("refused: %s", error.code)
    return problem_response(error, request)


async def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = _BY_STATUS.get(error.status_code, "invalid-request")
    # Addresses outside the interface are a person's: they get a page.
    request.state.page = not request.url.path.startswith(("/v1", "/openapi"))
    return problem_response(ProblemError(code, headers=error.headers), request)


async def _on_validation(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    fields = [".".join(str(part) for part in item["loc"][1:]) for item in error.errors()]
    return problem_response(ProblemError("invalid-request", fields=fields), request)


def _version() -> str:
    try:
        return importlib.metadata.version("clausier")
    except importlib.metadata.PackageNotFoundError:
        return "0"
