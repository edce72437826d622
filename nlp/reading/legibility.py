"""Whether a text layer can be read: some fonts carry no usable mapping to characters."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"[^\W\d_]{2,}")
_ODD = re.compile("[\ue000-\uf8ff\ufffd\ufffe\x00-\x08\x0e-\x1f]")
# Private glyphs that clean text holds too: bullets and boxes of symbol fonts.
_SYMBOLS = re.compile("[\uf020-\uf0ff]")
_VOWEL = re.compile("[aeiouyàâäéèêëîïôöùûüœæ]")
_INNER_CAPITAL = re.compile(r"[a-zà-ÿ][A-ZÀ-Þ]")
_COMMON = frozenset(
    "le la les de des du un une et ou en au aux dans par pour sur est sont que qui ne pas se sa "
    "son ses ce cette il ils article marché lot prix page the of and to in for is are on with by "
    "or be shall this that".split()
)
_FEW = 40  # words below which a page says too little about its language


def garbled(raw: str) -> bool:
    """Tell whether the text of a page, as its file gives it, stands for other words than it shows.

    Lists, drawings and tables of figures, short of common words, are not garbled for that.
    """
    characters = sum(map(len, raw.split()))
    if characters < _FEW:
        return False
    odd = len(_ODD.findall(_SYMBOLS.sub("", raw)))
    if odd > 0.08 * characters:
        return True
    tokens = _TOKEN.findall(raw)
    if len(tokens) < _FEW:
        return False
    if sum(t.lower() in _COMMON for t in tokens) > 0.03 * len(tokens):
        return False
    letters = "".join(tokens).lower()
    vowels = len(_VOWEL.findall(letters)) / len(letters)
    mixed = sum(bool(_INNER_CAPITAL.search(t)) for t in tokens) / len(tokens)
    return not 0.28 <= vowels <= 0.65 or mixed > 0.3
