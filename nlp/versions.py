"""Which copy of a piece counts: doubles, other formats and versions among the files of a dossier.

Two files are compared when they play the same role for the same lots. Marks in the name, then
words on the cover, say which is the newer; how much text they share says whether they are one
piece at all. What stays unclear is kept twice and said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from heapq import nsmallest
from typing import NamedTuple
from zlib import crc32

from corpus.documents import BlockKind, Piece, PieceType
from nlp.dossier import fold, parts, piece_lots
from nlp.sections import lot_numbers
from nlp.wordlists import word_file

CONTAINED = 0.97  # of its passages from which a piece stands whole in a file of several pieces
SAME = 0.9  # share of common passages from which another format is the same piece
NEAR = 0.8  # from which two texts are worth a word although nothing orders them
RELATED = 0.25  # below, a file named "v2" is another piece
PARTIAL = 0.5  # a newer text with fewer words than this share amends the older one

_COVER = 1500  # characters where a piece tells its version and its lot
_WINDOW = 5  # words of a passage that is compared
_SAMPLE = 4  # one passage in so many is compared, the same ones in every text
_KEPT = 2000  # sampled passages kept of a text, those with the smallest sums (a min-hash)
_FEW = 400  # words; in a short text every passage is compared
_TELLING = 20  # sampled passages from which a text can be looked for in another
_LEAST = 12  # words; a text with fewer says nothing about what it is


@dataclass(frozen=True, slots=True)
class Choice:
    """What is decided about ``piece`` beside ``other`` (ids), and why.

    ``counts`` is false when ``other`` takes its place. ``code`` is that of the message, ``reason``
    the marks compared ("v2 > v1") or the share of text in common ("93%"), "" when there is none.
    """

    piece: str
    other: str
    counts: bool
    code: str
    reason: str
    confidence: float


class _Order(NamedTuple):
    """Which of two pieces is the newer (1 the first, -1 the second, 0 unknown) and the proof."""

    sign: int
    code: str = ""
    reason: str = ""
    conflict: bool = False


class _Verdict(NamedTuple):
    loser: int
    winner: int
    counts: bool
    code: str
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class _Marks:
    """The marks of a version: number, letter, date and rank of words (0 when there is none)."""

    number: tuple[int, ...] = ()
    letter: str = ""
    dated: date | None = None
    rank: int = 0
    word: str = ""


@dataclass(frozen=True, slots=True)
class _Copy:
    """A piece as it is compared."""

    piece: Piece
    stem: str
    objects: frozenset[str]
    copied: bool
    lots: frozenset[str]
    named: _Marks
    told: _Marks
    words: Counter[str]
    passages: frozenset[int]
    sampled: frozenset[int]
    several: bool  # the file holds several pieces ("DCE.pdf")


def choose(pieces: Sequence[Piece]) -> tuple[Choice, ...]:
    """Return what is decided about pieces that are doubles or versions of another, in order.

    Pieces of which nothing is said count. The result does not depend on the order of ``pieces``.
    """
    copies = [_copy(piece) for piece in pieces]
    verdicts = [
        verdict
        for i, one in enumerate(copies)
        for j in range(i + 1, len(copies))
        if (verdict := _compare(one, copies[j], i, j)) is not None
    ]
    lost: dict[int, list[_Verdict]] = {}  # what takes the place of each piece
    for verdict in verdicts:
        if not verdict.counts:
            lost.setdefault(verdict.loser, []).append(verdict)
    choices: list[tuple[int, Choice]] = []
    for loser in sorted(lost):
        standing = [v for v in lost[loser] if v.winner not in lost]
        if standing:
            best = min(standing, key=lambda v: (-v.confidence, pieces[v.winner].name))
            choices.append((loser, _choice(best, pieces)))
        else:  # marks that turn in a circle decide nothing
            first = min(lost[loser], key=lambda v: pieces[v.winner].name)
            unclear = first._replace(counts=True, code="version-unclear", confidence=0.5)
            choices.append((loser, _choice(unclear, pieces)))
    gone = {at for at, choice in choices if not choice.counts}
    said: set[int] = {at for at, _ in choices}
    for verdict in verdicts:
        if verdict.counts and not gone & {verdict.loser, verdict.winner}:
            if verdict.loser not in said:
                choices.append((verdict.loser, _choice(verdict, pieces)))
            said.add(verdict.loser)
    return tuple(choice for _, choice in sorted(choices, key=lambda c: c[0]))


def _choice(verdict: _Verdict, pieces: Sequence[Piece]) -> Choice:
    return Choice(
        piece=pieces[verdict.loser].id,
        other=pieces[verdict.winner].id,
        counts=verdict.counts,
        code=verdict.code,
        reason=verdict.reason,
        confidence=verdict.confidence,
    )


# -- two pieces ---------------------------------------------------------------------------------


def _compare(one: _Copy, two: _Copy, i: int, j: int) -> _Verdict | None:
    """Decide between two pieces; None when they have nothing to do with each other."""
    if (inside := _inside(one, two, i, j)) is not None:
        return inside
    if one.lots != two.lots and (one.lots or two.lots):
        return None
    if one.words == two.words and one.words.total() >= _LEAST:
        loser, winner = (i, j) if _preference(one) > _preference(two) else (j, i)
        return _Verdict(loser, winner, False, "same-text", "", 0.99)
    if one.piece.type != two.piece.type or one.piece.type == PieceType.FORM:
        return None
    if one.objects - two.objects and two.objects - one.objects:
        return None  # "CCTP peinture" and "CCTP toiture"
    alike = _likeness(one, two)
    named = _order(one.named, two.named)
    order = named if named.sign or named.conflict else _order(one.told, two.told, cover=True)
    one_sided = one.objects != two.objects
    if alike < (NEAR if one_sided else RELATED):
        return None
    if order.conflict:
        return _unclear(one, two, i, j, order.reason)
    if order.sign:
        old, new = (j, i) if order.sign > 0 else (i, j)
        older, newer = (two, one) if order.sign > 0 else (one, two)
        if newer.words.total() < older.words.total() * PARTIAL:
            return _Verdict(new, old, True, "amends", order.reason, 0.7)
        sure = 0.95 if alike >= NEAR else 0.85 if alike >= 0.5 else 0.75
        return _Verdict(old, new, False, order.code, order.reason, sure)
    if alike >= SAME and one.stem == two.stem and one.piece.media_type != two.piece.media_type:
        loser, winner = (i, j) if _preference(one) > _preference(two) else (j, i)
        return _Verdict(loser, winner, False, "other-format", f"{alike:.0%}", 0.9)
    if alike >= NEAR:
        return _unclear(one, two, i, j, f"{alike:.0%}")
    return None


def _inside(one: _Copy, two: _Copy, i: int, j: int) -> _Verdict | None:
    """Tell that a piece given alone stands in a file of several pieces as well."""
    for part, whole, loser, winner in ((one, two, i, j), (two, one, j, i)):
        if whole.several and not part.several and len(part.sampled) >= _TELLING:
            share = len(part.sampled & whole.passages) / len(part.sampled)
            if share >= CONTAINED:
                return _Verdict(loser, winner, False, "inside", f"{share:.0%}", 0.9)
            if share >= NEAR:
                return _unclear(part, whole, loser, winner, f"{share:.0%}")
    return None


def _unclear(one: _Copy, two: _Copy, i: int, j: int, reason: str) -> _Verdict:
    first, second = (i, j) if one.piece.name > two.piece.name else (j, i)
    return _Verdict(first, second, True, "version-unclear", reason, 0.5)


def _preference(copy: _Copy) -> tuple[int, bool, bool, int, str, str]:
    """Sort copies of one text: read from a text layer, as PDF (its pages are the printed ones)."""
    piece = copy.piece
    unread = sum(page.source != "text" for page in piece.pages)
    pdf = piece.media_type == "application/pdf"
    return unread, not pdf, copy.copied, len(piece.name), piece.name, piece.id


def _likeness(one: _Copy, two: _Copy) -> float:
    """Return the share of passages two texts have in common (0 to 1)."""
    short = min(one.words.total(), two.words.total()) < _FEW
    left, right = (one.passages, two.passages) if short else (one.sampled, two.sampled)
    union = sorted(left | right)[:_KEPT]
    return len(left.intersection(union) & right) / len(union) if union else 0.0


def _order(one: _Marks, two: _Marks, *, cover: bool = False) -> _Order:
    """Compare the marks of two versions; marks that contradict each other decide nothing."""
    prefix = "cover" if cover else "name"
    found: list[_Order] = []
    if one.number or two.number:  # a name without a number is the first version
        left, right = one.number or (1,), two.number or (1,)
        found.append(_sign(left, right, f"newer-{prefix}", _said("v", left), _said("v", right)))
    if one.letter or two.letter:
        found.append(
            _sign(one.letter, two.letter, f"newer-{prefix}", one.letter.upper() or "–",
                  two.letter.upper() or "–")
        )  # fmt: skip
    if one.dated and two.dated:
        found.append(_sign(one.dated, two.dated, f"later-{prefix}", str(one.dated), str(two.dated)))
    if one.rank != two.rank:
        found.append(
            _sign(one.rank, two.rank, f"marked-{prefix}", one.word or "–", two.word or "–")
        )
    told = [order for order in found if order.sign]
    if not told:
        return _Order(0)
    reason = ", ".join(order.reason for order in told)
    if len({order.sign for order in told}) > 1:
        return _Order(0, reason=reason, conflict=True)
    return told[0]._replace(reason=reason)


def _sign(left: object, right: object, code: str, said: str, said_too: str) -> _Order:
    if left == right:
        return _Order(0)
    first = left > right  # type: ignore[operator]
    return _Order(
        1 if first else -1, code, f"{said} > {said_too}" if first else f"{said_too} > {said}"
    )


def _said(letter: str, number: tuple[int, ...]) -> str:
    return letter + ".".join(str(n) for n in number)


# -- one piece ----------------------------------------------------------------------------------


def _copy(piece: Piece) -> _Copy:
    folder, _, last = piece.name.replace("\\", "/").rpartition("/")
    stem, dot, suffix = last.rpartition(".")
    name = fold(stem if dot and len(suffix) < 6 and " " not in suffix else last)
    text = fold(_text(piece))
    words = re.findall(r"\w+", text)
    passages, sampled = _passages(words)
    cover = text[:_COVER]
    named = _marks(_plain(name))
    return _Copy(
        piece=piece,
        stem=_plain(name),
        objects=_objects(name),
        copied=bool(_word("copy").search(name)),
        lots=frozenset(piece_lots(piece.name) or _cover_lots(piece, cover)),
        named=named if named != _Marks() else _marks(_plain(fold(folder))),
        told=_marks(cover, cover=True),
        words=Counter(words),
        passages=passages,
        sampled=sampled,
        several=len(parts(piece)) > 1,
    )


def _cover_lots(piece: Piece, cover: str) -> tuple[str, ...]:
    """Return the lots a cover names; rules and notices list all of them, and may add one."""
    return () if piece.type in (PieceType.RC, PieceType.NOTICE) else lot_numbers(cover)


def _text(piece: Piece) -> str:
    """Return the text of a piece without running titles and contents, which copies print anew."""
    kept = [
        block.text
        for block in piece.blocks
        if block.kind not in (BlockKind.FURNITURE, BlockKind.TOC)
    ]
    return "\n".join(kept) if kept else "\n".join(page.text for page in piece.pages)


def _passages(words: Sequence[str]) -> tuple[frozenset[int], frozenset[int]]:
    """Return the sums of all runs of words when there are few, and of the sampled runs."""
    few = len(words) < 4 * _FEW
    chosen: dict[str, bool] = {}
    every: set[int] = set()
    sampled: set[int] = set()
    for at in range(max(1, len(words) - _WINDOW + 1)):
        if not words:
            break
        word = words[at]
        if word not in chosen:
            chosen[word] = crc32(word.encode()) % _SAMPLE == 0
        if few or chosen[word]:
            total = crc32(" ".join(words[at : at + _WINDOW]).encode())
            every.add(total)
            if chosen[word]:
                sampled.add(total)
    return frozenset(every), frozenset(nsmallest(_KEPT, sampled))


def _plain(name: str) -> str:
    """Return a folded name with "_" and the like as spaces; dots between digits stay."""
    return " ".join(re.sub(r"(?<!\d)\.|\.(?!\d)|[_\-+]", " ", name).split())


def _objects(name: str) -> frozenset[str]:
    """Return the words of a name that tell what it is about, without role, version and date."""
    bare = _plain(name)
    for kind in ("copy", "number", "letter", "repeated", "early", "late"):
        bare = _word(kind).sub(" ", bare)
    bare = _DATE.sub(" ", bare)
    plain = frozenset(word_file("pieces")["version"]["plain"][0].split())
    words = re.findall(r"\w+", bare)
    return frozenset(w for w in words if w not in plain and not re.fullmatch(r"\d{1,2}|\d{5,}", w))


def _marks(text: str, *, cover: bool = False) -> _Marks:
    number = _word("number").search(text)
    letter = _word("letter").search(text)
    return _Marks(
        number=tuple(int(n) for n in re.findall(r"\d+", number["n"])) if number else (),
        letter=letter["a"] if letter else "",
        dated=_told_date(text) if cover else _date(text),
        rank=_rank(text, "replaces" if cover else "late"),
        word=_rank_word(text, "replaces" if cover else "late"),
    )


def _rank(text: str, late: str) -> int:
    if (again := _word("repeated").search(text)) and late == "late":
        return 2 if again[0] == "bis" else 3
    return int(bool(_word(late).search(text))) - int(bool(_word("early").search(text)))


def _rank_word(text: str, late: str) -> str:
    for kind in ("repeated", late, "early"):
        if (found := _word(kind).search(text)) is not None:
            return " ".join(found[0].split())
    return ""


_DATE = re.compile(
    r"(?<!\d)(?:(?P<y>20[0-4]\d)[-_. /]?(?P<m>0[1-9]|1[0-2])[-_. /]?(?P<d>0[1-9]|[12]\d|3[01])"
    r"|(?P<d2>0?[1-9]|[12]\d|3[01])[-_. /](?P<m2>0?[1-9]|1[0-2])[-_. /](?P<y2>20[0-4]\d)"
    r"|(?P<d3>0[1-9]|[12]\d|3[01])(?P<m3>0[1-9]|1[0-2])(?P<y3>20[0-4]\d)"
    r"|(?P<d4>\d{1,2})(?:er)? (?P<m4>[a-z]{3,9}) (?P<y4>20[0-4]\d))(?!\d)"
)


def _date(text: str) -> date | None:
    """Return the last date a folded text names, None when there is none."""
    found: date | None = None
    for match in _DATE.finditer(text):
        year, month, day = (
            next((v for k, v in match.groupdict().items() if k[0] == part and v), "")
            for part in "ymd"
        )
        months = word_file("pieces")["version"]["months"]
        number = (
            int(month) if month.isdigit() else months.index(month) + 1 if month in months else 0
        )
        try:
            found = date(int(year), number, int(day))
        except ValueError:
            continue
    return found


def _told_date(cover: str) -> date | None:
    """Return the latest date a cover gives as that of its own version."""
    dates = [_date(cover[m.end() : m.end() + 20]) for m in _word("dated").finditer(cover)]
    return max((d for d in dates if d is not None), default=None)


@cache
def _word(kind: str) -> re.Pattern[str]:
    entries: list[str] = word_file("pieces")["version"][kind]
    return re.compile("|".join(f"(?:{entry})" for entry in entries))
