"""The characters of a PDF page, put right where only their fonts and places tell what they are."""

from __future__ import annotations

import ctypes
import re
from statistics import median
from typing import Any

import pypdfium2.raw as api

# Codes of Wingdings that are bullets, arrows and boxes: alone, or first where no word begins so.
_SYMBOL = re.compile(r"(?<!\S)(?:[oxqrvwlnuRSTÆàè](?!\S)|[¨þýüØ§£])")
_SYMBOL_FONT = b"wingdings"
_ACCENT_APART = re.compile("[\u0300-\u0302\u0308\u0327] (?=\\S)")
_SPACED = re.compile(r"(?<!\S)(?:[^\W\d_] ){4,}[^\W\d_](?!\S)")
_WORD_SPACE = "\u2003"  # kept apart from the spaces between letters by ``clean.letter_spaced``
_TOUCHING = 0.15  # of a character's height
_WIDER = 1.7  # times the usual space between letters: a space between words


def characters(textpage: Any) -> str:
    """Return the page's characters so that string offsets are pdfium's character indices."""
    raw = _given(textpage)
    changes: dict[int, str] = {}
    for match in _SYMBOL.finditer(raw):
        if _symbol(textpage, match.start()):
            changes[match.start()] = chr(0xF000 + ord(match[0]))
    for match in _ACCENT_APART.finditer(raw):
        space = match.start() + 1
        if space > 1 and raw[space - 2].isalpha() and _touch(textpage, space):
            changes[space] = "\u200b"
    for match in _SPACED.finditer(raw):
        changes.update(dict.fromkeys(_word_spaces(textpage, match), _WORD_SPACE))
    if not changes:
        return raw
    changed = list(raw)
    for index, character in changes.items():
        changed[index] = character
    return "".join(changed)


def _given(textpage: Any) -> str:
    count = textpage.count_chars()
    if count <= 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = api.FPDFText_GetText(textpage, 0, count, buffer)
    if written == count + 1:
        value = bytes(buffer)[: count * 2].decode("utf-16-le", "replace")
        if len(value) == count:
            return value
    # Characters outside the basic plane or skipped by pdfium shift the offsets: go one by one.
    codes = (api.FPDFText_GetUnicode(textpage, i) for i in range(count))
    return "".join(chr(c) if 0 < c < 0x110000 and not 0xD800 <= c < 0xE000 else " " for c in codes)


def _symbol(textpage: Any, index: int) -> bool:
    """Tell whether a character is of a font of symbols, whose codes pdfium takes for letters.

    Files that say what the glyphs mean give private codes, which ``clean`` knows.
    """
    name = (ctypes.c_char * 80)()
    api.FPDFText_GetFontInfo(textpage, index, name, 80, None)
    return bool(_SYMBOL_FONT in name.value.lower())


def _touch(textpage: Any, space: int) -> bool:
    """Tell whether the letter after an accent stands against the letter that bears it.

    pdfium puts a space after each accent that is drawn over the letter before it.
    """
    bearer, following = _box(textpage, space - 2), _box(textpage, space + 1)
    gap: float = following.left - bearer.right
    height: float = bearer.top - bearer.bottom
    return gap < _TOUCHING * height


def _word_spaces(textpage: Any, match: re.Match[str]) -> list[int]:
    """Return which spaces of a letter-spaced heading part words: pdfium makes one of several."""
    spaces = range(match.start() + 1, match.end(), 2)
    gaps = [_box(textpage, i + 1).left - _box(textpage, i - 1).right for i in spaces]
    usual = median(gaps)
    return [i for i, gap in zip(spaces, gaps, strict=True) if gap > _WIDER * usual > 0]


def _box(textpage: Any, index: int) -> Any:
    rect = api.FS_RECTF()
    api.FPDFText_GetLooseCharBox(textpage, index, ctypes.byref(rect))
    return rect
