"""Runs a reader in a child process that is killed when it takes too long or too much memory.

pdfium aborts its whole process on some hostile files: whatever the library, one child a file.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any, TypeVar

from nlp.reading.errors import OutOfMemory, ReadingError, TimedOut

T = TypeVar("T")
_STARTING = threading.Lock()
_PRELOAD = ["nlp.reading.pdf", "nlp.reading"]


def isolated(
    function: Callable[..., T], *args: Any, seconds: float, memory_bytes: int, **kwargs: Any
) -> T:
    """Call ``function`` in a child process and return what it returns.

    ``function`` and its arguments must be picklable. Raises the child's ReadingError, TimedOut
    after ``seconds``, or OutOfMemory when the child died or went over ``memory_bytes``.
    """
    context = _context()
    receiver, sender = context.Pipe(duplex=False)
    child = _started(context, (sender, memory_bytes, function, args, kwargs))
    sender.close()
    try:
        if not receiver.poll(seconds):
            raise TimedOut(f"{seconds:g}")
        try:
            ok, value = receiver.recv()
        except EOFError as error:
            raise OutOfMemory from error
    finally:
        receiver.close()
        _end(child)
    if ok:
        result: T = value
        return result
    raise value


_RETRIES = (0.05, 0.2, 1.0, 3.0)  # seconds


def _started(context: Any, given: tuple[Any, ...]) -> Any:
    """Start a child; the process that makes children may be dying, and is made again when dead."""
    for wait in (*_RETRIES, None):
        child = context.Process(target=_child, args=given, daemon=True)
        try:
            with _no_main():
                child.start()
        except (EOFError, ConnectionError):
            if wait is None:
                raise
            time.sleep(wait)
        else:
            return child
    raise AssertionError("the loop returns or raises")


def _context() -> Any:
    # A fork server starts clean children fast and is safe in a threaded parent.
    if sys.platform == "linux":
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOAD)
        return context
    return multiprocessing.get_context("spawn")


@contextlib.contextmanager
def _no_main() -> Iterator[None]:
    """Hide the caller's main module, which a child would import, running a script twice."""
    with _STARTING:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _end(child: Any) -> None:
    child.join(0.5)
    if child.is_alive():
        child.kill()
        child.join()
    child.close()


def _child(
    sender: Connection,
    memory_bytes: int,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = (True, function(*args, **kwargs))
    except ReadingError as error:
        answer = (False, error)
    except (MemoryError, RecursionError):
        answer = (False, OutOfMemory())
    except Exception as error:  # noqa: BLE001 - a reader may fail in any way; say so and go on
        answer = (False, ReadingError(type(error).__name__))
    try:
        sender.send(answer)
    except (MemoryError, OSError):
        sender.close()
