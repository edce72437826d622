"""Settings of the service: limits, addresses and queue, read from the environment on demand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, TypeAlias

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024
GIB = 1024 * MIB

Count: TypeAlias = Annotated[int, Field(gt=0)]
Seconds: TypeAlias = Annotated[float, Field(gt=0)]

# Years of the law we hold, with room for consultations still being prepared.
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one dossier may cost: files, bytes, pages, and seconds and memory for each file.

    ``max_scans`` counts the pages whose words are recognised, each in ``max_scan_seconds``.
    ``workers`` files or slices of scans are read at once.
    """

    max_files: Count = 60
    max_file_bytes: Count = 50 * MIB
    max_total_bytes: Count = 200 * MIB
    max_pages: Count = 1500
    max_seconds: Seconds = 120.0
    max_memory_bytes: Count = 2 * GIB
    max_archive_bytes: Count = 400 * MIB
    max_archive_depth: Count = 3
    max_scans: Count = 400
    max_scan_seconds: Seconds = 40.0
    workers: Count = 2


class Settings(BaseSettings):
    """What can be set by ``CLAUSIER_*`` variables, e.g. ``CLAUSIER_LIMITS__MAX_PAGES=300``.

    ``limits`` hold on the command line. ``synchronous`` holds for a request that waits for its
    answer. Memory taken by uploads is at most (concurrency + queue) x synchronous.max_total_bytes.
    """

    model_config = SettingsConfigDict(
        env_prefix="CLAUSIER_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
        frozen=True,
    )

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    limits: Limits = Limits()
    synchronous: Limits = Limits(
        max_files=40,
        max_file_bytes=40 * MIB,
        max_total_bytes=80 * MIB,
        max_pages=800,
        max_seconds=60.0,
        max_memory_bytes=1 * GIB,
        max_archive_bytes=160 * MIB,
        max_scans=60,
    )
    concurrency: Count = 2
    queue: Annotated[int, Field(ge=0)] = 6
    retry_after_seconds: Count = 20
    upload_seconds: Seconds = 180.0
    answer_seconds: Seconds = 240.0


@cache
def settings() -> Settings:
    """Return the settings of this process, read once when first asked for."""
    return Settings()


def parse_date(text: str) -> date | None:
    """Return the day written YYYY-MM-DD, None when the text is blank.

    Raises ValueError for any other spelling, for a day that does not exist, and for a year that
    cannot be that of a consultation.
    """
    text = text.strip()
    if not text:
        return None
    if not _DATE.fullmatch(text):
        raise ValueError("expected YYYY-MM-DD")
    day = date.fromisoformat(text)
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError("year out of range")
    return day
