"""Messages to people, by code: what happened and what to do, in French and English.

The texts are in ``messages.toml``. An entry may end with a precision that is added only when the
caller gives every value it names (``limit``, ``count``, ``value``, ``reason``, ``choices``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal, TypeAlias

Language: TypeAlias = Literal["fr", "en"]
Severity: TypeAlias = Literal["error", "warning", "info"]

LANGUAGES: tuple[Language, ...] = ("fr", "en")
UNKNOWN = "unknown"

_FILE = Path(__file__).with_suffix(".toml")
_SEVERITIES = ("error", "warning", "info")
_REQUIRED = {"severity"} | {
    f"{part}_{language}" for part in ("title", "text", "action") for language in LANGUAGES
}
_OPTIONAL = {f"precision_{language}" for language in LANGUAGES}


class MessagesError(ValueError):
    """The message file holds something unknown or lacks something."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message in one language: a short title, what happened, and what to do."""

    code: str
    severity: Severity
    title: str
    text: str
    action: str

    def __str__(self) -> str:
        """Return what happened and what to do, as one paragraph."""
        return f"{self.text} {self.action}".strip()


@cache
def entries() -> Mapping[str, Mapping[str, str]]:
    """Return the raw entries of the message file by code; refuse unknown or missing keys."""
    table: dict[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))["message"]
    for code, entry in table.items():
        if wrong := (set(entry) - _REQUIRED - _OPTIONAL) | (_REQUIRED - set(entry)):
            raise MessagesError(f"{code}: check {', '.join(sorted(wrong))}")
        if entry["severity"] not in _SEVERITIES:
            raise MessagesError(f"{code}: unknown severity {entry['severity']}")
    return table


def explain(code: str, language: Language, **params: object) -> Message:
    """Return the message for a code, with its parts apart; an unknown code has a general text."""
    table = entries()
    entry = table.get(code) or table[UNKNOWN]
    text = entry[f"text_{language}"]
    precision = entry.get(f"precision_{language}", "")
    if precision and all(params.get(name) not in (None, "") for name in _names(precision)):
        text = f"{text} {precision.format(**params)}"
    severity: Any = entry["severity"]
    return Message(code, severity, entry[f"title_{language}"], text, entry[f"action_{language}"])


def message(code: str, language: Language, **params: object) -> str:
    """Return what happened and what to do for a code, as one paragraph."""
    return str(explain(code, language, **params))


def title(code: str, language: Language) -> str:
    """Return the short title of a code."""
    return explain(code, language).title


def severity(code: str) -> Severity:
    """Return how grave a code is: "error" (a piece is lost), "warning" (a part) or "info"."""
    return explain(code, "fr").severity


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}
