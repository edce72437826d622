"""What the styles and the numbering of a Word file say of its paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nlp.reading.package import first, integer
from nlp.reading.paragraphs import Level, bullet, numeral
from nlp.reading.text import local, signs


def val(element: Any, name: str = "val") -> str:
    """Return an attribute in the element's own namespace, strict or transitional, or in none."""
    space = element.tag.rpartition("}")[0]
    value = element.get(f"{space}}}{name}")
    return str((value if value is not None else element.get(name)) or "")


def is_on(element: Any | None) -> bool:
    """Tell whether a switch of Word is on: there, and not said to be off."""
    return element is not None and val(element) not in ("0", "false", "off", "none")


def switched(properties: Any | None, name: str) -> bool | None:
    """Return what a switch among properties says, None when it is not there."""
    element = first(properties, name)
    return None if element is None else is_on(element)


@dataclass(slots=True)
class Look:
    """What a style of Word means here."""

    level: int = 0
    toc: bool = False
    list_id: str = ""
    list_level: int | None = None
    list_style: str = ""  # the style that named the list: its level is known by that name
    bold: bool = False
    caps: bool = False
    size: float = 0.0
    hidden: bool = False
    struck: bool = False
    break_before: bool = False


_HEADING_NAME = re.compile(r"(?:heading|titre|title|überschrift)\s*([1-9])", re.IGNORECASE)
_TOC_NAME = re.compile(
    r"(?:toc|tm)\s?\d|toc heading|en-tête de table|table (?:des|of) (?:mati|fig|content|illus)",
    re.IGNORECASE,
)


class Styles:
    """The styles of a Word file, each with what it takes from the one it is based on."""

    def __init__(self, root: Any | None) -> None:
        self._elements: dict[str, Any] = {}
        self._looks: dict[str, Look] = {}
        self.default = ""
        self.size = 0.0  # where no style says
        self._base = Look()
        for child in root if root is not None else ():
            if local(child) == "style":
                key = val(child, "styleId")
                self._elements[key] = child
                kind = val(child, "type")
                if kind == "paragraph" and val(child, "default") in ("1", "true"):
                    self.default = key
            elif local(child) == "docDefaults":
                properties = first(first(child, "rPrDefault"), "rPr")
                self.size = point_size(properties)

    def look(self, key: str, depth: int = 0) -> Look:
        """Return what a style means; an unknown one means nothing special."""
        if key in self._looks:
            return self._looks[key]
        element = self._elements.get(key)
        if element is None or depth > 20:  # a style based on itself ends somewhere
            return self._base
        based = first(element, "basedOn")
        look = self.look(val(based), depth + 1) if based is not None else self._base
        name = first(element, "name")
        found = _look(key, element, look, val(name) if name is not None else "")
        self._looks[key] = found
        return found


def _look(key: str, element: Any, base: Look, name: str) -> Look:
    ppr, rpr = first(element, "pPr"), first(element, "rPr")
    outline = first(ppr, "outlineLvl")
    heading = _HEADING_NAME.fullmatch(name)
    level = base.level
    if outline is not None:
        level = outline_level(outline)
    elif heading is not None:
        level = min(int(heading[1]), 6)
    numbered = first(ppr, "numPr")
    list_id, list_level, list_style = base.list_id, base.list_level, base.list_style
    if numbered is not None:
        list_id, list_level = list_of(numbered, list_id)
        list_style = key

    def switch(name: str, inherited: bool, properties: Any | None = rpr) -> bool:
        value = switched(properties, name)
        return inherited if value is None else value

    return Look(
        level=level,
        toc=bool(_TOC_NAME.match(name)),
        list_id=list_id,
        list_level=list_level,
        list_style=list_style,
        bold=switch("b", base.bold),
        caps=switch("caps", base.caps),
        size=point_size(rpr) or base.size,
        hidden=switch("vanish", base.hidden),
        struck=switch("strike", base.struck) or switch("dstrike", False),
        break_before=switch("pageBreakBefore", base.break_before, ppr),
    )


def outline_level(element: Any) -> int:
    """Return the level of a heading, 1 to 6, 0 for body text."""
    level = integer(val(element), 9)
    return min(level + 1, 6) if 0 <= level < 9 else 0


def point_size(properties: Any | None) -> float:
    """Return the size of a font in points, 0 where the properties name none."""
    element = first(properties, "sz")
    return integer(val(element)) / 2 if element is not None else 0.0


def font_of(properties: Any | None) -> str:
    """Return the name of the font of Latin letters in lower case, "" where none is named."""
    fonts = first(properties, "rFonts")
    return "" if fonts is None else (val(fonts, "ascii") or val(fonts, "hAnsi")).lower()


def list_of(numbered: Any, inherited: str = "") -> tuple[str, int | None]:
    """Return the list and the level that a paragraph's numbering properties name."""
    number, level = first(numbered, "numId"), first(numbered, "ilvl")
    return (
        val(number) if number is not None else inherited,
        integer(val(level)) if level is not None else None,
    )


@dataclass(slots=True)
class _List:
    """A list of Word's numbering part: the definition it counts with, and where it restarts."""

    definition: str
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)


class Numbering:
    """Counts the automatic numbers of a Word file, paragraph by paragraph."""

    def __init__(self, root: Any | None) -> None:
        self._definitions: dict[str, dict[int, Level]] = {}
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        if root is None:
            return
        links: dict[str, str] = {}  # a definition that only names a list style
        styled: dict[str, str] = {}
        for child in root:
            if local(child) == "abstractNum":
                key = val(child, "abstractNumId")
                self._definitions[key] = dict(_word_levels(child))
                for link in child:
                    if local(link) == "numStyleLink":
                        links[key] = val(link)
                    elif local(link) == "styleLink":
                        styled[val(link)] = key
        for key, style in links.items():
            if style in styled:
                self._definitions[key] = self._definitions[styled[style]]
        for child in root:
            if local(child) == "num":
                self._lists[val(child, "numId")] = _word_list(child)

    def level_of(self, number_id: str, style: str) -> int:
        """Return the level of a list that a paragraph style stands for."""
        known = self._lists.get(number_id)
        for index, level in self._definitions.get(known.definition if known else "", {}).items():
            if level.style == style:
                return index
        return 0

    def label(self, number_id: str, index: int) -> str:
        """Count one paragraph of a list and return what stands before it, "" for nothing."""
        known = self._lists.get(number_id)
        if known is None:
            return ""
        levels = {**self._definitions.get(known.definition, {}), **known.levels}
        level = levels.get(index)
        if level is None:
            return ""
        counts = self._counts.setdefault(known.definition, {})
        if index in known.starts and index not in known.begun:
            known.begun.add(index)
            counts[index] = known.starts[index]
        else:
            counts[index] = counts[index] + 1 if index in counts else level.start
        for deeper in [d for d in counts if d > index]:
            if deeper not in levels or levels[deeper].restart:
                del counts[deeper]
        if level.form == "bullet":
            return bullet(level.text)

        def number(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            other = levels.get(at, level)
            form = "decimal" if level.legal and other.form != "none" else other.form
            return numeral(counts.get(at, other.start), form)

        return re.sub(r"%([1-9])", number, level.text).strip()


def _word_levels(parent: Any) -> Iterator[tuple[int, Level]]:
    for child in parent:
        if local(child) == "lvl":
            level, font = Level(), ""
            for part in child:
                match local(part):
                    case "numFmt":
                        level.form = val(part)
                    case "lvlText":
                        level.text = val(part)
                    case "start":
                        level.start = integer(val(part), 1)
                    case "isLgl":
                        level.legal = is_on(part)
                    case "pStyle":
                        level.style = val(part)
                    case "lvlRestart":
                        level.restart = val(part) != "0"
                    case "rPr":
                        font = font_of(part)
            if level.form == "bullet":
                level.text = signs(level.text, font)
            yield integer(val(child, "ilvl")), level


def _word_list(child: Any) -> _List:
    found = _List("")
    for part in child:
        if local(part) == "abstractNumId":
            found.definition = val(part)
        elif local(part) == "lvlOverride":
            index = integer(val(part, "ilvl"))
            found.levels.update(_word_levels(part))
            for start in part:
                if local(start) == "startOverride":
                    found.starts[index] = integer(val(start), 1)
    return found
