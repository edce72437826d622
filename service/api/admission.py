"""Lets in as many requests as can be served; the others are told at once to come back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
import anyio.to_thread

T = TypeVar("T")


class BusyError(Exception):
    """Every place is taken, waiting ones included."""


class Admission:
    """A bounded queue before a bounded number of working threads.

    A place is taken before the body is read, so that the memory of uploads is bounded too.
    """

    def __init__(self, concurrency: int, queue: int) -> None:
        self._places = concurrency + queue
        self._concurrency = concurrency
        self._taken = 0
        self._limiter: anyio.CapacityLimiter | None = None

    @property
    def taken(self) -> int:
        """How many requests are inside."""
        return self._taken

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Take a place, or raise BusyError. Runs on the event loop, so counting needs no lock."""
        if self._taken >= self._places:
            raise BusyError
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def work(self, function: Callable[[], T]) -> T:
        """Call a function in a thread, when one of the working threads is free."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._concurrency)
        return await anyio.to_thread.run_sync(function, limiter=self._limiter)
