"""What role a file plays in a dossier, and which of its blocks are a form to fill in.

A file's name, titles, headings and words are weighed; what tells a role or a form, and how much,
is in ``patterns/_pieces.toml``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from corpus.documents import Block, BlockKind, Page, Piece, PieceType
from nlp.sections import lot_numbers
from nlp.wordlists import word_file

_COVER_PAGES = 3
_COVER = 3000  # characters in which a title of the whole file stands
_PAGES = 25
_TEXT = 40_000  # characters weighed; more would not change the answer and slow a manual down
_SHORT = 110  # characters of a line that may be a heading

_AHEAD = 25  # blocks after its title in which a form shows that it is one
_BLANKS = 3  # places to fill in that it must show there
_TITLE = 120  # characters of a line that may open a form

_NUMBER = re.compile(
    r"(?:article|chapitre|titre|partie|section)?\s*(?:[ivx]{1,4}\b|[a-z]?\d{1,2}|[a-h]\b)?"
    r"(?:\s?[.\d]+)*\s*[-–—:.)|/\s]*"
)
# Titles set with a space after each letter, and the short words left so between them ("D E").
_SPACED = re.compile(r"\b(?:\w ){3,}\w\b|\b[dl] [aeu](?: s)?\b(?= \w\w)")


@dataclass(frozen=True, slots=True)
class Weighing:
    """How heavy a role is for a file, and the words that weigh (name, title, heading, word)."""

    type: PieceType
    weight: float
    cues: tuple[str, ...]


class Part(NamedTuple):
    """The pages ``first`` to ``last`` (1-based) of a file that play one role."""

    type: PieceType
    first: int
    last: int


class Said(NamedTuple):
    """A block in which the call speaks, and the role of the part of the file it stands in.

    ``choice`` marks an option that a bidder has to choose from, in an acte d'engagement.
    """

    block: Block
    role: PieceType
    choice: bool


class Told(NamedTuple):
    """A piece with what the call says in it."""

    piece: Piece
    said: tuple[Said, ...]


class Form(NamedTuple):
    """The blocks ``[start, end)`` that a bidder fills in, and whether they are a commitment.

    In a commitment form (ATTRI1, DC3) the buyer writes too, what is bought and the lots.
    """

    start: int
    end: int
    commitment: bool


@dataclass(frozen=True, slots=True)
class _Role:
    type: PieceType
    name: tuple[tuple[re.Pattern[str], float], ...]
    title: re.Pattern[str]
    heading: tuple[tuple[re.Pattern[str], float], ...]
    word: tuple[tuple[re.Pattern[str], float], ...]


def piece_type(name: str, pages: Sequence[Page]) -> tuple[PieceType, float]:
    """Return the role of a file and the probability (0 to 1) that it is right."""
    found = weigh(name, pages)
    weights = word_file("pieces")["weight"]
    best = found[0].weight
    odds = sum(math.exp((w.weight - best) / weights["spread"]) for w in found)
    return found[0].type, round(min(1 / odds, weights["most_sure"]), 2)


def weigh(name: str, pages: Sequence[Page]) -> tuple[Weighing, ...]:
    """Weigh every role for a file, heaviest first; ties keep the order of the word file."""
    stem = _stem(name)
    text = fold("\n".join(page.text for page in pages[:_PAGES])[:_TEXT])
    cover = fold("\n".join(page.text for page in pages[:_COVER_PAGES])[:_COVER])
    headings = "\n".join(_heading_lines(text))
    titles = _titles(cover)
    found = [_weighed(role, stem, titles, headings, text) for role in _roles()]
    return tuple(sorted(found, key=lambda w: -w.weight))


def fold(text: str) -> str:
    """Return ``text`` in small letters without accents; apostrophes become spaces."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_APOSTROPHES))
    return _ACCENT.sub("", plain)


_ACCENT = re.compile("[\u0300-\u036f]")
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘`´", " "))


def piece_lots(name: str) -> tuple[str, ...]:
    """Return the lots a file belongs to by its name ("CCTP-LOT-02.pdf" -> "2")."""
    return lot_numbers(re.sub(r"[_\-]+", " ", name.rpartition("/")[2]))


def _stem(name: str) -> str:
    """Return the words of a file's name ("01_Règlement-VF.pdf" -> "01 reglement vf")."""
    last = name.rpartition("/")[2]
    stem, dot, suffix = last.rpartition(".")
    words = stem if dot and len(suffix) < 6 and " " not in suffix else last
    return re.sub(r"[^\w]+|_+", " ", fold(words)).strip()


def _weighed(
    role: _Role,
    stem: str,
    titles: Sequence[tuple[PieceType, str]],
    headings: str,
    text: str,
) -> Weighing:
    weights = word_file("pieces")["weight"]
    total = weights["base"] if role.type == PieceType.ANNEX else 0.0
    cues: list[str] = []
    named = [(value, m[0]) for pattern, value in role.name if (m := pattern.search(stem))]
    if named:
        value, words = max(named)
        total += value
        cues.append(f"name: {words}")
    for place, (kind, words) in enumerate(titles):
        if kind == role.type:
            total += weights["cited"] if place else weights["cover"]
            cues.append(f"title: {words}")
            break
    for sort, source, most in (
        ("heading", headings, weights["most_headings"]),
        ("word", text, weights["most_words"]),
    ):
        heard = [
            (value, m[0])
            for pattern, value in (role.heading if sort == "heading" else role.word)
            if (m := pattern.search(source))
        ]
        total += min(sum(value for value, _ in heard), most)
        cues += [f"{sort}: {' '.join(words.split())}" for _, words in heard]
    return Weighing(role.type, total, tuple(cues))


def _titles(cover: str) -> list[tuple[PieceType, str]]:
    """List the titles on the cover pages in their order; of two at one place, the longer."""
    closed = _SPACED.sub(lambda m: m[0].replace(" ", ""), cover)
    found = [
        (m.start(1), -len(m[1]), role.type, " ".join(m[1].split()))
        for role in _roles()
        for m in role.title.finditer(closed)
    ]
    listed: list[tuple[PieceType, str]] = []
    done = -1
    for start, length, kind, words in sorted(found, key=lambda f: f[:2]):
        if start >= done:  # not inside a longer title
            listed.append((kind, words))
            done = start - length
    return listed


def _heading_lines(text: str) -> Iterator[str]:
    """Yield the short lines of a folded text without the numbers before them."""
    for line in text.split("\n"):
        short = line.strip(" •-–—|#*\t")
        if 3 < len(short) <= _SHORT:
            yield short[end:] if (end := _end_of_number(short)) else short


def _end_of_number(line: str) -> int:
    match = _NUMBER.match(line)
    return match.end() if match else 0


def _pattern(words: str, before: str = "") -> re.Pattern[str]:
    return re.compile(f"{before}(?:{_spaces(words)})", re.MULTILINE)


def _spaces(words: str) -> str:
    return words.replace(" ?", r"\s*").replace(" ", r"\s+")


def _weights(entries: Iterable[tuple[str, float]], before: str = "") -> tuple[
    tuple[re.Pattern[str], float], ...
]:  # fmt: skip
    return tuple((_pattern(words, before), value) for words, value in entries)


@cache
def _roles() -> tuple[_Role, ...]:
    return tuple(
        _Role(
            PieceType(role["type"]),
            _weights(role["name"]),
            re.compile(
                r"^(?![ \t]*[-–•*o][ \t])[^\w\n]*(?:\d+[^\w\n]+)?("  # a list names other pieces
                + "|".join(f"(?:{_spaces(words)})" for words in role["title"])
                + r")[^\n]{0,60}$",
                re.MULTILINE,
            ),
            _weights(role["heading"], "^"),
            _weights(role["word"]),
        )
        for role in word_file("pieces")["role"]
    )


# -- several pieces in one file --------------------------------------------------------------------


def parts(piece: Piece) -> tuple[Part, ...]:
    """Cut a file that holds several pieces ("DCE.pdf": RC, CCAP and AE) at their title pages.

    One part when it holds one piece, which is the rule. A page begins another piece when its first
    lines are that piece's title and what follows, up to the next one, reads like that piece.
    """
    if piece.type in _WHOLE or not piece.pages:
        return (Part(piece.type, 1, len(piece.pages)),)
    texts = [fold(page.text) for page in piece.pages]
    opened = [(at, kind) for at, text in enumerate(texts) if (kind := _page_title(text))]
    found: list[tuple[PieceType, int]] = []
    for place, (at, kind) in enumerate(opened):
        known = found[-1][0] if found else piece.type
        if kind == known:
            continue
        end = next((n for n, other in opened[place + 1 :] if other != kind), len(texts))
        if _body_weight(kind, texts[at:end]) > max(1.5, _body_weight(known, texts[at:end])):
            found.append((kind, at))
    if not found or found[0][1] > 0:
        found.insert(0, (piece.type, 0))
    ends = [at for _, at in found[1:]] + [len(texts)]
    return tuple(
        Part(kind, at + 1, end) for (kind, at), end in zip(found, ends, strict=True) if end > at
    )


_WHOLE = (PieceType.FORM, PieceType.NOTICE, PieceType.PRICES)
_TOP = 400  # characters of a full page in which a title says that a piece begins
_SPARSE = 1500  # characters; a page with fewer may be a cover, with its title anywhere


def _page_title(text: str) -> PieceType | None:
    top = text if len(text) < _SPARSE else text[:_TOP]
    titles = [kind for kind, _ in _titles(top) if kind in _PIECES]
    return titles[0] if titles else None


def _body_weight(kind: PieceType, texts: Sequence[str]) -> float:
    """Return how much headings and words of a run of pages tell a role, titles left aside."""
    text = "\n".join(texts[:_PAGES])[:_TEXT]
    role = next(role for role in _roles() if role.type == kind)
    return _weighed(role, "", (), "\n".join(_heading_lines(text)), text).weight


# -- forms ----------------------------------------------------------------------------------------


def told(piece: Piece) -> Told:
    """Return the blocks in which the call speaks: no form, table of contents or running title.

    What is printed in a commitment form is left out too.
    """
    roles = {n: part.type for part in parts(piece) for n in range(part.first, part.last + 1)}
    printed, choices = _printed(piece, roles)
    said = []
    for index, block in enumerate(piece.blocks):
        if index not in printed and block.kind not in (BlockKind.TOC, BlockKind.FURNITURE):
            role = roles.get(block.page, piece.type)
            role = PieceType.AE if role == PieceType.FORM else role
            said.append(Said(block, role, index in choices))
    return Told(piece, tuple(said))


def _printed(piece: Piece, roles: Mapping[int, PieceType]) -> tuple[set[int], set[int]]:
    """Return the blocks that are printed in a form, and the options to choose from."""
    folded = [fold(block.text) for block in piece.blocks]
    printed: set[int] = set()
    choices: set[int] = set()
    for form in _forms(piece, folded):
        inside = range(form.start, form.end)
        if form.commitment:
            printed.update(i for i in inside if _says("printed", folded[i]) or _blank(folded[i]))
            choices.update(_options(piece.blocks, folded, inside))
        else:
            printed.update(inside)
    own = [i for i, b in enumerate(piece.blocks) if roles.get(b.page) == PieceType.AE]
    choices.update(_options(piece.blocks, folded, own))
    return printed, choices


def offers_choice(text: str) -> bool:
    """Tell whether a passage leaves the bidder a choice ("Je renonce à l'avance : Non Oui")."""
    return _offers(fold(text).strip())


def forms(piece: Piece) -> tuple[Form, ...]:
    """Find the forms in a piece: all of it when that is its role, else those appended to it."""
    return _forms(piece, [fold(block.text) for block in piece.blocks])


def _forms(piece: Piece, texts: Sequence[str]) -> tuple[Form, ...]:
    folded = [text.strip() for text in texts]
    if piece.type == PieceType.FORM:
        return (Form(0, len(folded), _commitment(piece.name, folded)),)
    running = _running(piece.blocks, folded)
    found: list[Form] = []
    at = 0
    while at < len(folded):
        if (form := running.get(piece.blocks[at].page)) is not None:
            end = at + 1
            while end < len(folded) and running.get(piece.blocks[end].page) == form:
                end += 1
            found.append(Form(at, end, form.startswith(("attri", "dc 3", "dc3"))))
        elif (commitment := _opens(piece.blocks[at], folded[at])) is not None and (
            end := _end(piece.blocks, folded, at)
        ):
            found.append(Form(at, end, commitment))
        else:
            end = at + 1
        at = end
    return tuple(found)


_TICKED = re.compile(r"[☒☑■]|\[ ?x ?\]")
_BOXED = re.compile(r"[☐☒☑■]|\[ ?x? ?\]")
_SENTENCES = re.compile(r"[a-z)»][.;]\s")
_ANNEX = re.compile(r"annexe\s*(?:n\W*)?\w{0,4}\W+")
_ARTICLE = re.compile(r"(?:article\s+)?(\d{1,2})(?![\d.]*\d)\s*[-–—.:)]*\s+\D")


def _commitment(name: str, folded: Sequence[str]) -> bool:
    """Tell whether a form is an acte d'engagement: by its name, else by its first lines."""
    by_name = _form_word("commitment").search(_stem(name)) is not None
    return by_name or any(_form_word("commitment").match(text) for text in folded[:12])


def _running(blocks: Sequence[Block], folded: Sequence[str]) -> dict[int, str]:
    """Return the form that the running titles of each page name ("DC1 – ... Page : 1 / 3")."""
    return {
        block.page: match["form"]
        for block, text in zip(blocks, folded, strict=True)
        if block.kind == BlockKind.FURNITURE and (match := _form_word("running").search(text))
    }


def _opens(block: Block, text: str) -> bool | None:
    """Return whether the form that a block opens is a commitment, None when it opens none."""
    if len(text) > _TITLE or block.kind in (BlockKind.ITEM, BlockKind.TOC, BlockKind.FURNITURE):
        return None
    title = _ANNEX.sub("", text, count=1)
    if _form_word("commitment").match(title):
        return True
    opened = _form_word("opens").match(title) or _form_word("opens").match(text)
    return None if opened is None or title.endswith((".", ";", ",")) else False


def _end(blocks: Sequence[Block], folded: Sequence[str], start: int) -> int:
    """Return where the form opened at ``start`` ends, 0 when nothing is left to fill in there."""
    after = _last_article(folded[:start]) + 1
    end = start + 1
    while end < len(folded) and not _closes(blocks[end], folded[end], after):
        end += 1
    near = folded[start + 1 : min(end, start + 1 + _AHEAD)]
    return end if sum(_blank(text) for text in near) >= _BLANKS else 0


def _closes(block: Block, text: str, article: int) -> bool:
    if block.kind not in (BlockKind.HEADING, BlockKind.PARAGRAPH) or len(text) > _TITLE:
        return False
    if _opens(block, text) is not None:
        return False  # another form: it goes on
    if _form_word("closes").match(text):
        return True
    heading = block.kind == BlockKind.HEADING
    if heading and article > 1 and (number := _ARTICLE.match(text)) is not None:
        return int(number[1]) == article
    return any(role.title.match(text) for role in _roles() if role.type in _PIECES) and heading


_PIECES = tuple(t for t in PieceType if t not in (PieceType.FORM, PieceType.ANNEX))


def _last_article(folded: Sequence[str]) -> int:
    """Return the number of the last article before a form, 0 when there is none."""
    for text in reversed(folded):
        if len(text) <= _TITLE and (number := _ARTICLE.match(text)) is not None:
            return int(number[1])
    return 0


def _options(
    blocks: Sequence[Block], folded: Sequence[str], inside: Iterable[int]
) -> Iterator[int]:
    """Yield the blocks that offer the bidder a choice nobody has made yet."""
    led = False  # below "cocher la case", until something else is said
    for at in inside:
        text = folded[at].strip()
        option = blocks[at].kind == BlockKind.ITEM and not text[:1].isdigit()
        if _TICKED.search(text):
            continue
        if _says("lead", text):
            led = True  # the words before it may be a clause
        elif led and (option or _BOXED.search(text)):
            yield at
        else:
            led = False
            # Where sentences stand together, the passages are judged one by one.
            if not _SENTENCES.search(text) and _offers(text):
                yield at


def _offers(text: str) -> bool:
    if _TICKED.search(text):
        return False
    chosen = _form_word("chooses").search(text)
    if chosen is not None and not _form_word("unless").search(text[: chosen.start()]):
        return True
    return _says("pair", text)


def _blank(text: str) -> bool:
    return _says("blank", text)


def _says(kind: str, text: str) -> bool:
    return _form_word(kind).search(text) is not None


@cache
def _form_word(kind: str) -> re.Pattern[str]:
    entries: list[str] = word_file("pieces")["form"][kind]
    return re.compile("|".join(f"(?:{_spaces(entry)})" for entry in entries))
