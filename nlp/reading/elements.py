"""XML elements of notices: their texts, their children, and elements rebuilt from JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from lxml import etree

from nlp.reading.text import local

_NAME = re.compile(r"[A-Za-z_][\w.-]{0,99}", re.ASCII)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_FRENCH = frozenset(("FRA", "FRE", "FR"))
_ENGLISH = frozenset(("ENG", "EN"))
WITHHELD = frozenset(("unpublished", "-1"))  # what stands for a value that is not to be published

Languages: TypeAlias = Mapping[Any, str]


def own(element: Any) -> str:
    """Return the text of an element before its first child."""
    return (element.text or "").strip()


def first(element: Any, name: str) -> Any | None:
    """Return the first child of a name, if there is one."""
    if element is None:
        return None
    return next((child for child in element if local(child) == name), None)


def find(element: Any, *names: str) -> str:
    """Return the text at the end of a path of names, "" when there is none."""
    for name in names:
        element = first(element, name)
    return own(element) if element is not None else ""


def list_of(code: Any) -> str:
    """Return the name of the list that a code is from."""
    return (code.get("listName") or "").strip().lower()


def languages_of(parent: Any) -> Languages:
    """Choose for each tag of an element's texts a language: French, English, else the first."""
    chosen: dict[Any, str] = {}
    for element in parent:
        language = element.get("languageID")
        if language and _rank(language) < _rank(chosen.get(element.tag, "")):
            chosen[element.tag] = language
    return chosen


def _rank(language: str) -> int:
    if not language:
        return 3
    code = language.strip().upper()
    return 0 if code in _FRENCH else 1 if code in _ENGLISH else 2


def wanted(element: Any, languages: Languages) -> bool:
    """Tell whether a text is in the language chosen for its tag, or in none."""
    language = element.get("languageID")
    return not language or language == languages.get(element.tag)


def said(parent: Any, name: str) -> str:
    """Return the texts of an element's children of a name, in the language to read."""
    languages = languages_of(parent)
    texts = [own(e) for e in parent if local(e) == name and wanted(e, languages)]
    return "\n".join(text for text in texts if text)


def from_json(name: str, value: Any) -> Any:
    """Rebuild the element that was turned into JSON: "@lang" is an attribute, "#text" the text.

    Prefixes of namespaces are dropped. Raises RecursionError for JSON nested too deep.
    """
    element = etree.Element(_name(name))
    _fill(element, value)
    return element


def _fill(element: Any, value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("#text", "$", "_text"):
                element.text = _text(inner)
            elif key.startswith(("@", "-")):
                element.set(_name(key[1:]), _text(inner))
            else:
                for item in inner if isinstance(inner, list) else (inner,):
                    _fill(etree.SubElement(element, _name(key)), item)
    elif isinstance(value, list):
        for item in value:
            _fill(etree.SubElement(element, "P"), item)
    else:
        element.text = _text(value)


def _name(key: str) -> str:
    name = key.rpartition(":")[2]
    return name if _NAME.fullmatch(name) else "_"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NOT_XML.sub("", str(value)) if isinstance(value, (str, int, float)) else ""
