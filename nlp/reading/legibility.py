"""Whether a text layer can be read whole: fonts without meanings, streams that do not decode."""

from __future__ import annotations

import re
import zlib

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
    words = raw.lower().split()
    if sum(map(_COMMON.__contains__, words)) > 0.05 * len(words):  # nearly every page, at once
        return False
    tokens = _TOKEN.findall(raw)
    if len(tokens) < _FEW:
        return False
    if sum(t.lower() in _COMMON for t in tokens) > 0.03 * len(tokens):
        return False
    letters = "".join(tokens).lower()
    vowels = len(_VOWEL.findall(letters)) / len(letters)
    mixed = sum(bool(_INNER_CAPITAL.search(t)) for t in tokens) / len(tokens)
    return not 0.28 <= vowels <= 0.65 or mixed > 0.3


_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_DICTIONARY = 600  # bytes before a stream in which its dictionary stands
# Pictures, fonts, colours and descriptions hold no words; other filters are not undone here.
_OTHER = re.compile(rb"/Image\b|/Length1|/FontFile|/ICCBased|/Metadata|/N [134]\b|85Decode")
_MOST_BYTES = 200_000_000  # of what is decoded, for a whole file


def damaged_streams(data: bytes) -> int:
    """Count the compressed streams of a PDF that break off or belie their checksum.

    pdfium keeps what stands before the damage and says nothing. An encrypted file counts as sound.
    """
    if b"/Encrypt" in data:
        return 0
    found, left = 0, _MOST_BYTES
    match = _STREAM.search(data)
    while match is not None and left > 0:
        end = data.find(b"endstream", match.end())
        if end < 0:
            break
        before = data[max(0, match.start() - _DICTIONARY) : match.start()]
        dictionary = before[before.rfind(b" obj") :]
        if b"/FlateDecode" in dictionary and not _OTHER.search(dictionary):
            try:
                left -= len(zlib.decompressobj().decompress(data[match.end() : end], left))
            except zlib.error:
                found += 1
        match = _STREAM.search(data, end)
    return found
