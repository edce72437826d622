"""Loads the lists of regular expressions of ``patterns/_<name>.toml``, one pattern a list."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("patterns")


@cache
def word_file(name: str) -> Mapping[str, Any]:
    """Return the whole table of ``patterns/_<name>.toml``."""
    return tomllib.loads((FOLDER / f"_{name}.toml").read_text(encoding="utf-8"))


@cache
def word_lists(name: str) -> Mapping[str, re.Pattern[str]]:
    """Return each list of the file as one pattern that matches any of its members, case ignored."""
    return {
        key: re.compile("|".join(f"(?:{member})" for member in entry["any"]), re.IGNORECASE)
        for key, entry in word_file(name)["list"].items()
    }
