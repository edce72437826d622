"""Headings: the lines that are one, by number ("ARTICLE 10", "IV.1") and by type, and their level.

Levels go down from 1 for an article. A series (I, II; A, B; 1/, 2/) has no level of its own: it
stands below whatever heading it begins under, which only the outline can tell.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from corpus.documents import Line

SERIES = (
    7  # the level of a heading numbered in letters or as 1/, below the styles of word processors
)
UNNUMBERED = 9  # the level of a heading without a number, below every numbered one

BULLET = re.compile(
    r"(?:[•▪▫◦●○■□◆◇➢➤➔→✓❖‣*»☐☒☑–—-]|\[[ xX]?\]|\([ xX]\)|\|[xX_]\||o(?= [A-Za-zÉÈÀà-ÿ]))\s*(?=\S)"
)
NUMBERED = re.compile(
    r"(?P<word>(?:ARTICLE|Article|TITRE|Titre|CHAPITRE|Chapitre|PARTIE|Partie|SECTION|Section"
    r"|ANNEXE|Annexe|LOT|Lot)\s+)?"
    r"(?:n°\s?|§+\s?)?"
    r"(?P<number>premier\b|1er\b"
    # ordinals count after "Chapitre" only
    r"|(?<=\s)(?:deux|trois|quatr|cinqu|six|sept|huit|neuv|dix)i[èe]me\b|(?<=\s)seconde?\b"
    r"|(?:[IVX]{1,6}|[A-KM-QS-Z])(?:[.-]\d{1,2}(?!\w)){1,4}"  # L.12 and R.12 are laws
    r"|[A-Z](?=[.)]\s|\s[-–—])|[IVXLC]{1,6}(?=[.)\s:–—-])"
    r"|\d{1,2}(?:\s?[.-]\s?\d{1,2}){0,4})"
    r"(?:\s?(?:bis|ter|quater)\b)?"
    r"(?P<after>\s?[.):/]{0,2}\s*(?:[-–—:]+\s*)?)"
    r"(?P<title>\S.*)?$"
)
TERMINATOR = re.compile(r"[.;:!?»]\s*$")
PAGE_NUMBER = re.compile(
    r"(?:[-–—]\s*)?(?:page\s*:?\s*)?\d{1,3}(?:\s*(?:/|sur|of|de)\s*\d{1,3})?(?:\s*[-–—])?$", re.I
)
_ANSWER = re.compile(r"\S\s*[: ]\s*(?:Sans|Avec|Oui|Non|NON|OUI|Néant|Sans objet)\.?$")
_NUMBER_ALONE = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,4}\.?")
_MARKDOWN = re.compile(r"(#{1,6})\s+(?=\S)")
_PART = re.compile(r"(?:titre|chapitre|partie)\s", re.I)
_LEVEL_ONE = frozenset(("article", "titre", "chapitre", "partie", "section", "annexe"))


class Number(NamedTuple):
    """The number of a heading of a series: "IV.1" is ("roman", "IV", 2)."""

    series: str  # "roman", "letter" or "figure"
    first: str
    depth: int


def heading_level(text: str, line: Line, body: float) -> int:
    """Return the outline level of a line, 1 for an article, 0 when it is not a heading.

    ``body`` is the usual size of the document's letters in points, 0 where it is not known.
    """
    if line.style.startswith("h") and line.style[1:].isdigit():
        return int(line.style[1:])
    if (mark := _MARKDOWN.match(text)) is not None:
        return len(mark[1])
    if len(text) > 160 or text.endswith((";", ",")) or not any(c.isalpha() for c in text):
        return 0
    if _ANSWER.search(text):  # a line of a cover table: "Variantes Sans", "Avance Avec"
        return 0
    letters = [c for c in text if c.isalpha()]
    capitals = sum(c.isupper() for c in letters) / len(letters) > 0.8 and len(letters) > 3
    large = bool(body) and line.size > body * 1.12
    # "8 PÉRIODE DE TRANSITION (tranche optionnelle)" is set in capitals too.
    begins_capital = bool(re.match(r"[\d .)-]*[A-ZÉÈÀÊÔÎÇ' -]{9,}", text))
    typographic = line.bold or capitals or large or begins_capital
    match = NUMBERED.match(text)
    if match is not None and not BULLET.match(text):
        level = _numbered_level(match, len(text), typographic=typographic)
        if level is not None:
            return level
    if typographic and 4 <= len(text) <= 110 and text[0].isupper() and not text.endswith("."):
        if capitals:
            return UNNUMBERED if len(letters) >= 6 else 0
        # A whole paragraph may be bold: a heading is short and says nothing after its colon.
        plain = len(text) <= 80 and not re.search(r"\s:\s*\S", text)
        return UNNUMBERED if plain and not PAGE_NUMBER.fullmatch(text) else 0
    return 0


def _numbered_level(match: re.Match[str], length: int, *, typographic: bool) -> int | None:
    """Return the level that a number gives, None when its type must decide."""
    title = (match["title"] or "").strip()
    word = (match["word"] or "").strip().lower()
    after = match["after"].strip()
    number = re.sub(r"\s", "", match["number"])
    depth = len([p for p in re.split(r"[.-]", number) if p])
    clean_title = (
        bool(title) and (title[0].isupper() or title[0] in "«\"'(") and not title.endswith(".")
    )
    if word in _LEVEL_ONE:
        # "Article 3 du CCAP" goes on, "Article 3 : durée" is set apart
        apart = typographic and bool(after)
        short = length < 110 and (apart or not (title and title[0].islower()))
        return (2 if word == "article" and depth > 1 else 1) if short else 0
    if word == "lot":
        return 1 if typographic and length < 110 else 0
    if number[0].isalpha() and number not in ("premier", "1er"):
        told = bool(after) or depth > 1
        return SERIES if typographic and clean_title and told else 0
    if not clean_title:
        return None
    if depth > 1 and all(int(p) < 60 for p in re.split(r"[.-]", number)):
        return depth if typographic or length < 90 else 0
    dashed = after in ("-", "–", "—", ".-", ". -", "/") and length < 80
    if depth > 1 or not (typographic or dashed):
        return None
    return SERIES if "/" in after else 1  # "1/" may begin anew below each article


def markdown(text: str) -> int:
    """Return the length of the signs before a heading in Markdown, 0 for any other line."""
    mark = _MARKDOWN.match(text)
    return mark.end() if mark is not None else 0


def is_part(text: str) -> bool:
    """Tell whether a heading is of those that hold articles."""
    return bool(_PART.match(text))


def number_alone(text: str) -> int:
    """Return the level of a number that is a line's only text ("7.1"), 0 for any other line."""
    return len(re.findall(r"\d+", text)) if _NUMBER_ALONE.fullmatch(text) else 0


def series_number(text: str, open_letter: str = "") -> Number:
    """Read the number of a heading of level ``SERIES``; that of "1/" is a "figure".

    I, V and X are roman unless they follow ``open_letter`` in the alphabet; other letters alone
    are letters.
    """
    match = NUMBERED.match(text)
    first, *below = re.split(r"[.-]", match["number"]) if match is not None else [""]
    if first.isdigit():
        return Number("figure", first, 1)
    roman = len(first) > 1 or (first in ("I", "V", "X") and chr(ord(first) - 1) != open_letter)
    return Number("roman" if roman else "letter", first, 1 + len(below))
