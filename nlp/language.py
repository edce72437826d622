"""Builds the spaCy pipeline: the French tokenizer with norms that ignore accents and inflection.

Nothing statistical runs: triggers are looked up by phrase (``measurements`` showed a trained
French pipeline to cost 20 to 100 times the rest). The norm of a word is its lower-case form
without accents, plural or feminine endings, so that one written cue matches its inflections.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import ClassVar

from spacy.attrs import NORM
from spacy.lang.char_classes import ALPHA, ALPHA_LOWER, ALPHA_UPPER, LIST_ELLIPSES
from spacy.language import BaseDefaults, Language
from spacy.tokens import Doc

from nlp.wordlists import word_file

_OPTIONAL = re.compile(r"(?<=\w)\((?:s|x|e|es|aux|ent|nt)\)")
_FILL = "ſ"  # a letter no tender holds, stripped by ``fold``


@cache
def _stems() -> tuple[str, ...]:
    """Stems whose every form shares one norm, longest first."""
    stems = word_file("stems")["stems"]
    return tuple(sorted((_plain(s) for s in stems), key=len, reverse=True))


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.lower().replace("œ", "oe").replace("æ", "ae"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def fold(word: str) -> str:
    """Return the norm of a word: "Réservées" and "réservé" -> "reserv", "350" -> "#"."""
    plain = _plain(word).rstrip(_FILL)
    if plain and plain[0].isdigit() and all(c.isdigit() or c in ".,\u00a0 " for c in plain):
        return "#"
    for stem in _stems():
        if plain.startswith(stem):
            return stem
    if len(plain) > 4 and plain.endswith("aux"):
        plain = plain[:-2] + "l"
    if len(plain) > 3 and plain[-1] in "sx":
        plain = plain[:-1]
    while len(plain) > 3 and plain[-1] == "e":
        plain = plain[:-1]
    if len(plain) > 4 and plain[-1] == plain[-2]:
        plain = plain[:-1]
    return plain


_INFIXES = (
    *LIST_ELLIPSES,
    rf"(?<=[{ALPHA}]['])(?=[{ALPHA}])",  # elision: "d'insertion"
    rf"(?<=[{ALPHA_LOWER}])\.(?=[{ALPHA_UPPER}])",
    rf"(?<=[{ALPHA}]),(?=[{ALPHA}])",
    rf"(?<=[{ALPHA}0-9])[:<>=/()](?=[{ALPHA}0-9])",
    rf"(?<=[0-9])(?=[{ALPHA}])",  # "35h", "5pts"
)


# The tokenizer peels signs off one by one: a run of them would cost the square of its length.
_ENDLESS = re.compile(r"(?:[^\w\s]|_){100,}")


class _TenderFrench(Language):
    """A French tokenizer without spaCy's 16,000 compounds, which cost two seconds to load.

    Compounds keep their hyphen ("sous-traitance" is one word), elisions are split.
    """

    lang = "fr"

    class Defaults(BaseDefaults):
        infixes = _INFIXES
        lex_attr_getters: ClassVar = {NORM: fold}


@cache
def language() -> Language:
    """Return the one pipeline of this process."""
    return _TenderFrench()


def tokens(text: str) -> Doc:
    """Tokenise a passage; "lot(s)" is one word with the norm of "lot", offsets unchanged."""
    text = _ENDLESS.sub(lambda m: " " * len(m[0]), text)
    if "(" in text:
        text = _OPTIONAL.sub(lambda m: _FILL * len(m[0]), text)
    doc: Doc = language().tokenizer(text)  # make_doc would refuse a million characters
    return doc
