"""Cleaning of printed text in named steps, each reversible to the offsets of its source.

A ``Text`` carries, for each of its characters, the offset of the source character it comes from.
Steps are functions ``Text -> Text``; ``STEPS`` lists them in the order in which they apply.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """A string and, for each character, the offset in the source it was read from."""

    value: str
    origin: array[int]

    @classmethod
    def source(cls, value: str) -> Text:
        """Return the identity: every character comes from its own offset."""
        return cls(value, array("I", range(len(value))))


Step: TypeAlias = Callable[[Text], Text]

# One character for one: spaces, quotes, dashes, and the private-use glyphs that Wingdings and
# Symbol leave in text layers (bullets and tick boxes).
_ONE_TO_ONE = str.maketrans(
    {
        **dict.fromkeys("\t\u00a0\u2000\u2001\u2002\u2004\u2005\u2006\u2007\u2008", " "),
        **dict.fromkeys("\u2009\u200a\u202f\u205f\u3000", " "),
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u00b4\u0060", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2212", "-"),
        **dict.fromkeys("\uf0b7\uf0a7\uf0d8\uf0fc\uf076\uf077\uf0e0\uf0e8\uf0c6\uf02d\uf0be", "•"),
        **dict.fromkeys("\uf06f\uf0a8\uf071\uf0a3\uf072\u25a1\u25fb\u2751\u274f\u25a2", "☐"),
        **dict.fromkeys("\uf0fd\uf078\uf054\uf053\u2612\u22a0\u2327\u2717\u2718", "☒"),
        **dict.fromkeys("\uf0fe\uf052\u2611\u2714\u2705", "☑"),
        "º": "°",
    }
)
_GLYPH = re.compile("[" + re.escape("".join(map(chr, _ONE_TO_ONE))) + "]")
_DROPPED = re.compile(
    "[\u00ad\u200b\u200c\u200d\u2060\ufeff\u0000\u0001\u0003-\u0008\u000e-\u001f]"
)
_LIGATURES = {
    "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "…": "...",
}  # fmt: skip
_LIGATURE = re.compile("[" + "".join(_LIGATURES) + "]")
_NEWLINE = re.compile("\r\n|\r|\u2028|\u2029|\u000b|\u000c")
_LEADERS = re.compile(r"(?:\n\.(?=\n|$|[ .])){2,}(?:\n\d{1,3}(?=\n|$))?")
_SPACES = re.compile("[ \u2003]{2,}|\u2003|[ \u2003]+(?=\n)")
# Each letter printed twice to fake bold: "SSoommmmaaiirree".
_DOUBLED_WORD = re.compile(r"(?<!\w)(?:([^\W\d_])\1){3,}(?!\w)")
# Letter-spaced headings: "A R T I C L E  1". Several spaces or a wide one part their words.
_SPACED = re.compile(r"(?<!\S)(?:[^\W\d_] ){3,}[^\W\d_](?!\S)")
_ACCENT = re.compile("[\u0300\u0301\u0302\u0308\u0327]")
_COMBINING = re.compile("([aeiouAEIOUcC]) ?([\u0300\u0301\u0302\u0308\u0327])")


# pdfium's mark for a hyphen at a line's end; the line that follows is joined to it.
_BROKEN = re.compile("(?<!\\w)(\\w{1,60})[\ufffe\u0002](\\w{0,60})")
# Hyphens that typesetting programs set only to break words, and what compounds begin with.
_TYPESET = re.compile("\\w[\u2010\u00ad][\\r\n]+[a-zà-ÿ]")
_COMPOUND = frozenset(
    "sous ci celui celle ceux celles là lui elle eux soi peut semi demi mi non co multi inter "
    "plus moins procès main mise porte savoir savoirs mieux est dit rendez vis quote chef compte "
    "avant après arrière contre éco socio micro macro auto pré post hors mot demande".split()
)
# Ends of words that are no words: what stands before them was broken, not compounded.
_ENDING = re.compile(
    "(?:[stx]?ions?|[st]ionnel|[st]ionn|ments?|teurs?|trices?|bles?|bilit|t[ée]s?|ques?|nels?|nelles?"
    "|tives?|tifs?|sibles?|tante?s?|rents?|rentes?|cations?|lisations?|rations?|sations?|tations?)",
)

# Sentences and field titles that lost the space between them: "consultation.Les", "VariantesDes".
_GLUED = re.compile(
    "(?:[a-zß-ÿ)»]{3}[.;:!?]|[a-zß-ÿ]{5})(?=[A-ZÀ-Þ][a-zß-ÿ]{2}|(?:Le|La|Il|En|Un) )"
)
_ADDRESS = re.compile(r"[/@=\\&_]|\bwww\b")


def substitute(
    text: Text, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]
) -> Text:
    """Replace each match; the new characters come from its first to its last source offset."""
    if not pattern.search(text.value):
        return text
    parts: list[str] = []
    origin: array[int] = array("I")
    done = 0
    for match in pattern.finditer(text.value):
        parts.append(text.value[done : match.start()])
        origin.extend(text.origin[done : match.start()])
        new = replace(match)
        parts.append(new)
        old = text.origin[match.start() : match.end()]
        if len(new) < 2:
            origin.extend(old[: len(new)])
            done = match.end()
            continue
        # Spread over the match, so that the first and last characters keep their boxes.
        last = len(new) - 1
        origin.extend(old[i * (len(old) - 1) // last] for i in range(len(new)))
        done = match.end()
    parts.append(text.value[done:])
    origin.extend(text.origin[done:])
    return Text("".join(parts), origin)


def newlines(text: Text) -> Text:
    """Every kind of line end becomes one newline."""
    return substitute(text, _NEWLINE, lambda _: "\n")


def glyphs(text: Text) -> Text:
    """Odd spaces, quotes, dashes, bullets and tick boxes become their plain forms."""
    # much faster than ``translate``, which looks every character up
    value = _GLYPH.sub(lambda m: _ONE_TO_ONE[ord(m[0])], text.value)
    return Text(value, text.origin)


def invisible(text: Text) -> Text:
    """Soft hyphens, zero-width and control characters vanish."""
    return substitute(text, _DROPPED, lambda _: "")


def broken_words(text: Text) -> Text:
    """A word broken at a line's end is joined; a compound keeps its hyphen.

    It was broken when the page holds the whole word elsewhere, when its end is no word, or when the
    page breaks other words by a hyphen made for that.
    """
    if "\ufffe" not in text.value and "\x02" not in text.value:
        return text
    whole = set(re.findall(r"\w+", text.value.lower()))
    typeset = bool(_TYPESET.search(text.value))

    def joined(match: re.Match[str]) -> str:
        word = match[1] + match[2]
        broken = (
            word.lower() in whole
            or _ENDING.match(match[2])
            or (typeset and match[1].lower() not in _COMPOUND)
        )
        return word if broken and match[2][:1].islower() else f"{match[1]}-{match[2]}"

    return substitute(text, _BROKEN, joined)


def ligatures(text: Text) -> Text:
    """Ligatures and the ellipsis are spelled out."""
    return substitute(text, _LIGATURE, lambda m: _LIGATURES[m[0]])


def accents(text: Text) -> Text:
    """A letter followed by a combining accent becomes one letter."""
    if not _ACCENT.search(text.value):
        return text
    return substitute(text, _COMBINING, lambda m: unicodedata.normalize("NFC", m[1] + m[2]))


def doubled_letters(text: Text) -> Text:
    """Words whose every letter is printed twice are read once."""
    return substitute(text, _DOUBLED_WORD, lambda m: m[0][::2])


def glued(text: Text) -> Text:
    """Sentences printed without a space between them are parted; addresses are left whole."""

    def parted(match: re.Match[str]) -> str:
        start = max(
            match.string.rfind(" ", 0, match.start()), match.string.rfind("\n", 0, match.start())
        )
        end = re.compile(r"\s|$").search(match.string, match.end())
        token = match.string[start + 1 : end.start() if end else None]
        return match[0] if _ADDRESS.search(token) else f"{match[0]} "

    return substitute(text, _GLUED, parted)


def letter_spaced(text: Text) -> Text:
    """Headings set with a space after each letter are closed up."""
    return substitute(text, _SPACED, lambda m: m[0].replace(" ", ""))


def leaders(text: Text) -> Text:
    """Leader dots that were placed one by one stay on one line, with the number they lead to."""
    if "\n." not in text.value:
        return text
    return substitute(text, _LEADERS, lambda m: m[0].replace("\n", " "))


def spaces(text: Text) -> Text:
    """Runs of spaces become one, and none is left at a line's end."""
    return substitute(text, _SPACES, lambda m: "" if m.string.startswith("\n", m.end()) else " ")


STEPS: tuple[Step, ...] = (
    newlines,
    broken_words,
    glyphs,
    invisible,
    ligatures,
    accents,
    doubled_letters,
    glued,
    letter_spaced,
    leaders,
    spaces,
)


def clean(value: str) -> Text:
    """Apply every step to a page's raw text."""
    text = Text.source(value)
    for step in STEPS:
        text = step(text)
    return text
