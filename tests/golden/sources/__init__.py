"""Small files made in code, one a trap of reading; ``tests/golden/expected`` says what they say.

Every public function of a module listed in ``MODULES`` is one file: it returns its suffix and its
bytes. Its name is that of the expected text. Nothing is random: the same bytes every time.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias

Source: TypeAlias = tuple[str, bytes]

MODULES = (
    "forms",
    "boxes",
    "columns",
    "spacing",
    "xobjects",
    "tables",
    "furniture",
    "contents",
    "letters",
    "turned",
    "comments",
    "outline",
    "typeset",
    "office",
)


def sources() -> dict[str, Callable[[], Source]]:
    """Return the makers of all files by name."""
    found: dict[str, Callable[[], Source]] = {}
    for name in MODULES:
        module = import_module(f"{__name__}.{name}")
        for key, value in vars(module).items():
            own = callable(value) and getattr(value, "__module__", "") == module.__name__
            if own and not key.startswith("_") and not isinstance(value, type):
                assert key not in found, key
                found[key] = value
    return found
