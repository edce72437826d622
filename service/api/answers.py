"""From a request to a screening, for the JSON interface and for the pages alike."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import date
from typing import NoReturn

from starlette.requests import Request

from corpus.findings import Screening
from models.scorer import PROFILES
from service.api.admission import Admission, BusyError
from service.api.problems import ProblemError
from service.api.uploads import Upload, read_upload
from service.messages import LANGUAGES
from service.screening import NothingRead, SourceFile, UnknownProfile, sample_files, screen
from service.settings import Settings, parse_date

log = logging.getLogger("clausier")


class _OverdueError(Exception):
    """The time for a synchronous answer is over."""


async def screen_upload(request: Request) -> Screening:
    """Read the upload of a request and screen it, or raise the ProblemError that prevents it."""
    settings, admission = _state(request)
    try:
        async with admission.place():
            upload = await read_upload(request, settings.synchronous, settings.upload_seconds)
            profile, day = _asked(upload)
            return await _screen(upload.files, profile, day, settings, admission)
    except BusyError:
        _busy(settings)


async def screen_sample(request: Request) -> Screening:
    """Screen the sample tender."""
    settings, admission = _state(request)
    try:
        async with admission.place():
            files = await admission.work(sample_files)
            return await _screen(files, PROFILES[0], None, settings, admission)
    except BusyError:
        _busy(settings)


def _state(request: Request) -> tuple[Settings, Admission]:
    return request.app.state.settings, request.app.state.admission


def _busy(settings: Settings) -> NoReturn:
    wait = settings.retry_after_seconds
    headers = {"Retry-After": str(wait), "Connection": "close"}
    raise ProblemError("busy", headers=headers, limit=wait)


def _asked(upload: Upload) -> tuple[str, date | None]:
    fields = upload.fields
    if fields.get("lang") and fields["lang"] not in LANGUAGES:
        raise ProblemError("bad-language", fields=("lang",))
    profile = fields.get("profile") or PROFILES[0]
    if profile not in PROFILES:
        raise _unknown_profile()
    try:
        return profile, parse_date(fields.get("launch_date", ""))
    except ValueError:
        raise ProblemError("bad-date", fields=("launch_date",)) from None


def _unknown_profile() -> ProblemError:
    return ProblemError("unknown-profile", fields=("profile",), choices=", ".join(PROFILES))


async def _screen(
    files: Sequence[SourceFile],
    profile: str,
    day: date | None,
    settings: Settings,
    admission: Admission,
) -> Screening:
    def run() -> Screening:
        started = time.monotonic()

        def check(_piece: str, _done: int, _total: int) -> None:
            # Called between pieces, each of which has its own time limit.
            if time.monotonic() - started > settings.answer_seconds:
                raise _OverdueError

        screening = screen(
            files,
            profile=profile,
            launch_date=day,
            limits=settings.synchronous,
            progress=check,
        )
        # Counts only: names and texts of documents never reach the logs.
        log.info(
            "screened %d files, %d pieces, %d findings, %d warnings in %.1f s",
            len(files),
            len(screening.pieces),
            len(screening.findings),
            len(screening.warnings),
            time.monotonic() - started,
        )
        return screening

    try:
        return await admission.work(run)
    except UnknownProfile:
        raise _unknown_profile() from None
    except NothingRead as nothing:
        raise ProblemError("nothing-to-read", cautions=nothing.cautions) from None
    except _OverdueError:
        raise ProblemError("answer-too-slow") from None
