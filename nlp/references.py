"""References followed: the articles and annexes that passages send to, and where those stand.

A clause may stand in another piece than the one that announces it ("Clauses environnementales : se
référer à l'article 10 du CCTP"). The words are in ``patterns/_references.toml``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, NamedTuple

from corpus.documents import CELL_MARK, Block, BlockKind, Piece, PieceType
from corpus.findings import Finding, Place, Reference, Status
from nlp.dossier import Said, Told, fold, forms
from nlp.evidence import place
from nlp.wordlists import word_file, word_lists

# A number as references and headings write it: "10", "4.2", "3-1", "1er", "VIII", "A-3", "B".
# Letters before three digits number the articles of a law ("R. 2191-7").
_DIGITS = (
    r"\d{1,2}(?:\.\s?\d{1,2}(?!\d|,\d)|-\d{1,2}(?!\d)){0,4}(?:\s?(?:bis|ter)\b)?(?![\w%€]|\.[IVX])"
)
_OTHER = (
    r"(?i:premier|1\s?er)(?!\w)"
    r"|(?![LRD][\s.]{0,2}\d{3})[IVX]{1,6}(?:[.-]\d{1,2}){0,4}(?![\w'’])"
    r"|[A-H](?![\s.-]{0,2}\d{3})(?:[.-]?\d{1,2}){0,3}(?![\w'’])(?!\s+L['’A])"
)
_NUMBER = rf"(?:{_DIGITS}(?!-\w)|{_OTHER})"  # "article 38-I" is of a law
_OPENS = rf"(?:{_OTHER}|{_DIGITS})"  # "1-OBJET" opens an article
_WORD = re.compile(
    r"(?<!\w)(?P<word>(?i:articles?|art\.|chapitres?|titres?|points?|paragraphes?|parties?|sections?"
    rf"|rubriques?|clauses?|annexes?)|§{{1,2}})\s*(?:[nN]\s?[°ºo]s?\s*)?(?P<number>{_NUMBER})"
)
_ORDINAL_WORD = re.compile(r"\barticle\s+(?P<number>\w{3,9}ième)\b", re.IGNORECASE)
_ANNEX_TITLE = re.compile(
    r"(?<!\w)annexe\s+(?:intitulée\s+|dénommée\s+|dite\s+)?[«\"“]\s*(?P<title>[^«»\"“”\n]{3,60}?)\s*[»\"”]",
    re.IGNORECASE,
)
_AND_ITS = re.compile(r"\s*,?\s+et\s+(?:de\s+|à\s+)?son\s+")
_NEXT = re.compile(
    rf"\s*(?P<mark>,|;|et/ou|et|ou|à|/|&)\s*(?:(?:aux?|de|à)\s+)?(?:l['’]\s?)?(?:n°\s*)?(?P<number>{_NUMBER})"
)
# "3.1.2 du CCAG": a number with a point needs no word before it when a piece follows.
_NAKED = re.compile(r"(?<![\w.,/°-])(?P<number>\d{1,2}(?:\.\d{1,2}){1,4})(?!\w)")
_SEE = re.compile(r"\b(?:[Cc]f\.?|[Vv]oir|[Cc]onfer)\s+(?:(?:le|au)\s+)?$")
# What may stand between a number and its piece.
_ASIDE = re.compile(
    r"(?:\.?\s*\([^()\n]{1,80}\)|\s*[«\"“][^«»\"“”]{1,100}[»\"”]|\s+et\s+suivants"
    r"|,?\s*\(?(?:alinéas?|al\.|tirets?|paragraphes?|§)\s*\d{1,2}(?:\s*(?:,|et|à)\s*\d{1,2})?\)?"
    r"|,?\s*\d{1,2}\s?(?:er|e|ème)\s+alinéa"
    r"|\s?°|[\s-]+(?:[a-z]|\d{1,2}|[IVX]{1,4})(?:\s?[)°]|(?=\s\d|\sd[ue]\s))){1,3}"
)
_TITLED = re.compile(
    r"\s*,?\s*(?:intitulée?|relati(?:f|ve)|concernant|portant)\b[^.;]{0,90}?"
    r"(?=\s(?:du|de\s+l['’]|au|à\s+l['’])\s*(?:présent\s+)?(?:C|A\.?E\b|R\.?C\b|acte|cahier|règlement))"
)
_TO = re.compile(
    r"\.?\s*,?\s*(?:figurant\s+|contenue?s?\s+|jointe?\s+|prévue?\s+)?"
    r"(?:dans\s+(?:le|la|l['’])|du|de\s+la|de\s+l['’]|des|de|d['’]|au|à\s+la|à\s+l['’]|aux)\s*"
    r"(?P<present>(?:présente?s?|dite?s?|même|susvisée?)\s+)?",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"\s*[,(]?\s*")  # "art. 5 CCAP", "article 5 (CCAP)"
_ACRONYM = re.compile(r"\s*[,(]?\s*[A-Z]{3,}\b")  # "article 30 LMP": some law
_DIRECT = re.compile(r"\s*[,(:–—/-]{0,2}\s*")  # "CCAP, article 5"
_NAMELY = re.compile(
    r"\s*[,(]?\s*(?:et\s*,?\s*)?(?:notamment|en\s+particulier|plus\s+\w+ment|spécialement)\s*,?\s*"
    r"(?:(?:en|à|dans|de|par|selon)\s+)?(?:l['’]\s?|les?\s+|aux?\s+|du\s+)?"
)
_ITS = re.compile(r"\b(?:son|ses)\s+$")
_DEROGATES = re.compile(
    r"d[ée]rog\w+\s+(?:aux?\s+(?:\w+\s+)?|à\s+)?(?:de\s+|des\s+)?(?:l['’]\s?|les\s+)?$",
    re.IGNORECASE,
)
_TOWARDS = re.compile(r"(?:\b(?:au|du|le|aux|des|les|ce)|l['’]|[(§:])\s*$", re.IGNORECASE)

_GAP = re.compile(r"\s{6,}")  # no reference goes on over so much space
_BEFORE = 160  # characters in which "son article 4" finds the piece it speaks of
_STRONG = ("article", "art", "§", "chapitre")  # words that need no piece named beside them
_TITLE = 120  # characters of a line that may be a heading
_READABLE = 3  # numbered headings without which the outline of a piece cannot be told
_ALSO = 300  # characters of a title that may name a second piece
_FEW = 6  # blocks in which the title of a file stands

_HEADING = re.compile(
    rf"[\s#•*–-]{{0,6}}(?:(?P<word>(?i:article|art\.|chapitre|titre|partie|section|annexe)|§)\s*)?"
    rf"(?:[nN]\s?[°º]\s*)?(?P<number>{_OPENS})(?P<after>\s*[.:)–—/-]|\s|$)"
)
_ANNEX = re.compile(
    rf"[\s#•*–-]{{0,6}}(?i:annexe)s?\s*(?:[nN]\s?[°º]\s*)?(?P<number>{_OPENS})?(?=\W|$)"
)
_ANNEX_FILE = re.compile(
    r"\ban(?:nexe|x)?\W{0,2}(?:n\W{0,2})?0*(?P<number>\d{1,2}|[ivx]{1,4}|[a-h])\b"
)

_FORCE = (Status.BINDING, Status.SCORED, Status.ENCOURAGED, Status.MENTION, Status.EXCLUDED)
_FAMILIES = {"env.general": "env.", "social.general": "social."}

_PIECES = (PieceType.RC, PieceType.CCAP, PieceType.CCTP, PieceType.CCP, PieceType.AE)
_NAMES = {kind: kind.value for kind in _PIECES}  # as readers call them


def references(dossier: Sequence[Told]) -> tuple[Reference, ...]:
    """Return the references to articles, annexes and joined documents of a dossier, in order.

    Left alone are articles of law, pieces named without a number, and an article of the same piece
    named in passing ("l'article 7") that it has not.
    """
    outlines = _Outlines(dossier)
    found: list[Reference] = []
    for told in dossier:
        for said in told.said:
            for sent in _sent(said.block):
                reference = outlines.reference(told, said, sent)
                if reference is not None:
                    found.append(reference)
    return tuple(found)


def missing(references: Iterable[Reference]) -> tuple[Reference, ...]:
    """Return the first reference to each target that the dossier should hold and does not."""
    first: dict[str, Reference] = {}
    for reference in references:
        if reference.found is None and not reference.outside:
            first.setdefault(reference.target, reference)
    return tuple(first.values())


def only_refers(text: str) -> bool:
    """Tell whether a passage says nothing itself but sends elsewhere."""
    if len(text) > _LONGEST:
        return False
    marked, some = _marked(text)
    if not some:
        return False
    folded = " ".join(fold(marked).replace("|", " ").split())
    return any(pattern.fullmatch(folded) for pattern in _only())


def article(told: Told, number: str) -> tuple[Block, ...]:
    """Return the blocks of the article of that number, its heading first; empty when there is none.

    ``number`` is as printed ("10", "4.2", "VIII"); what stands below its sub-headings is included.
    """
    return _blocks_of(_Outline(told), number, "article")


def followed(dossier: Sequence[Told], findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings in their order, those that only send to an article with that article's force.

    The force is that of the strongest finding of the same label there; a general label takes any of
    its family. Where the target is missing the finding is a mention.
    """
    outlines = _Outlines(dossier)
    by_piece: dict[str, list[Finding]] = {}
    for finding in findings:
        by_piece.setdefault(finding.piece, []).append(finding)
    changed: dict[int, Finding] = {}
    for told in dossier:
        for sending in _sendings(told, by_piece.get(told.piece.id, ())):
            new = _followed(outlines, told, sending, by_piece)
            if new is not None:
                changed[id(sending.finding)] = new
    return tuple(changed.get(id(finding), finding) for finding in findings)


# -- findings that only send elsewhere -------------------------------------------------------------


class _Sending(NamedTuple):
    """A finding that only refers, and the blocks in which it does."""

    finding: Finding
    words: tuple[tuple[Said, int, int], ...]


def _sendings(told: Told, findings: Sequence[Finding]) -> Iterator[_Sending]:
    """Yield the findings of a piece that only send elsewhere, themselves or by what follows them.

    A heading or a sentence that ends in a colon ("comme suit :") says no more than the block below.
    """
    if not findings:
        return
    standing: dict[tuple[int, str], list[int]] = {}
    for at, said in enumerate(told.said):
        standing.setdefault((said.block.page, " › ".join(said.block.path)), []).append(at)
    for finding in findings:
        if finding.status not in (Status.BINDING, Status.MENTION):
            continue
        alone = only_refers(finding.quote)
        leads = "heading" in finding.qualifiers or finding.quote.rstrip().endswith(":")
        if not (alone or leads):
            continue
        index = _where(told, finding, standing.get((finding.page, finding.article), ()))
        if index is None:
            continue
        said = told.said[index]
        if alone:
            yield _Sending(finding, (_passage(said, finding),))
        elif said.block.kind is not BlockKind.HEADING:
            if index + 1 < len(told.said) and _refers(said, told.said[index + 1]):
                yield _Sending(finding, ((told.said[index + 1], 0, _LONGEST),))
        else:
            below = _below(told, index)
            if _speaks_for(finding, findings, below):
                continue  # the passage that refers is a finding itself
            if below and all(only_refers(other.block.text) for other in below):
                yield _Sending(finding, tuple((other, 0, _LONGEST) for other in below))


def _speaks_for(heading: Finding, findings: Sequence[Finding], below: Sequence[Said]) -> bool:
    return any(
        finding is not heading and set(finding.labels) & set(heading.labels)
        for finding in _inside([said.block for said in below], findings)
    )


def _refers(said: Said, after: Said) -> bool:
    return said.block.path == after.block.path and only_refers(after.block.text)


def _where(told: Told, finding: Finding, places: Iterable[int]) -> int | None:
    """Return the block of a finding, which stands on its page, under its headings."""
    for at in places:
        block = told.said[at].block
        if finding.quote[:80] in block.printed(0, len(block.text)):
            return at
    return None


def _passage(said: Said, finding: Finding) -> tuple[Said, int, int]:
    """Return the passage of a finding in its block, all of it when it is printed otherwise."""
    start = said.block.text.find(finding.quote)
    return (said, start, start + len(finding.quote)) if start >= 0 else (said, 0, _LONGEST)


def _below(told: Told, at: int) -> list[Said]:
    """Return the blocks right under a heading, none when it holds headings of its own."""
    path = told.said[at].block.path
    below: list[Said] = []
    for said in told.said[at + 1 :]:
        if said.block.kind is BlockKind.HEADING:
            deeper = len(said.block.path) > len(path)
            return [] if deeper else below
        below.append(said)
    return below


def _followed(
    outlines: _Outlines,
    told: Told,
    sending: _Sending,
    findings: Mapping[str, Sequence[Finding]],
) -> Finding | None:
    finding = sending.finding
    sent = [
        (said, one)
        for said, start, end in sending.words
        for one in _sent(said.block)
        if start <= one.start and one.end <= max(end, start + 1)
    ]
    lost = met = False
    strongest: tuple[int, str] | None = None
    for said, one in sent:
        reference = outlines.reference(told, said, one)
        if reference is None or reference.outside:
            continue
        if reference.found is None:
            lost = True
            continue
        met = True
        blocks = outlines.content(told, said, one)
        inside = _inside(blocks, findings.get(reference.found.piece, ()))
        for other in inside:
            if other is finding or not _alike(finding, other) or only_refers(other.quote):
                continue
            force = (_FORCE.index(other.status), reference.target)
            strongest = min(strongest, force) if strongest else force
    if strongest is not None:
        qualifier = f"by-reference:{strongest[1]}"
        return replace(
            finding,
            status=_FORCE[strongest[0]],
            qualifiers=(*finding.qualifiers, qualifier),
        )
    if lost and not met:
        return replace(
            finding, status=Status.MENTION, qualifiers=(*finding.qualifiers, "reference-missing")
        )
    return None


def _inside(blocks: Sequence[Block], findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings of a piece that stand in some of its blocks."""
    for finding in findings:
        if any(
            finding.page == block.page
            and finding.article == " › ".join(block.path)
            and finding.quote[:80] in block.printed(0, len(block.text))
            for block in blocks
        ):
            yield finding


def _alike(finding: Finding, other: Finding) -> bool:
    families = tuple(_FAMILIES[label] for label in finding.labels if label in _FAMILIES)
    return any(label in finding.labels or label.startswith(families) for label in other.labels)


# -- a passage that only refers --------------------------------------------------------------------

_LONGEST = 400  # characters of a passage that only refers


def _marked(text: str) -> tuple[str, bool]:
    """Return a passage with ¤ for each reference or piece named, and whether there is one."""
    spans = [(sent.start, sent.end) for sent in _sent_in(text)]
    spans += [(m.start(), m.end()) for m in _piece_words().finditer(_tight(text))]
    out: list[str] = []
    at = 0
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= at:
            out += [text[at:start], "¤"]
            at = end
    return "".join([*out, text[at:]]), bool(spans)


@cache
def _only() -> tuple[re.Pattern[str], ...]:
    words = word_file("references")["only"]
    to = r"(?:(?:a|au|aux|en|dans|par|l|le|la|les|du|de|des|cet|cette|present|presente) )*"
    more = rf"(?:(?: ?,| et| ou| ainsi qu)? {to}¤)*"
    where = rf" ?{to}¤{more}(?: [(«].{{0,100}}[)»])?(?: pour [^.:;¤]{{0,80}})? ?[.;]?"
    sends = "|".join(words["sends"])
    subject = "|".join(words["subject"])
    stands = "|".join(words["stands"])
    says = "|".join(words["says"])
    silent = rf"(?![^¤]*(?:\d|\b(?:{says})\b))"  # nothing is said before the reference
    title = rf"{silent}(?![^¤:]*\b(?:est|sont|sera|seront)\b)[^.:;¤]{{2,70}}"
    return (
        # "Clauses environnementales : se référer à l'article 10 du CCTP."
        re.compile(rf"\W*(?:{title} ?[:–—-] )?\(?(?:{sends}){where}\)?"),
        re.compile(rf"\W*{title}(?: ?[:–—-]| \()? ?(?:voir|cf|confer)\.?{where}\)?"),
        # "Les modalités de la clause sociale sont précisées à l'article 12 du CCAP."
        re.compile(
            rf"\W*{silent}(?:les?|la|l|des?|ces|toutes? les)? ?(?:{subject})\b[^.:;¤]{{0,120}}? "
            rf"(?:{stands}){where}"
        ),
    )


# -- words that send elsewhere ---------------------------------------------------------------------


class _Owner(NamedTuple):
    """Whose article a number is: of a piece, the CCAG, the same piece, something else, unsaid."""

    kind: Literal["piece", "ccag", "own", "near", "other", ""]
    end: int
    name: str = ""
    present: bool = False


_UNSAID = _Owner("", 0)


class _Sent(NamedTuple):
    """One reference as written at ``[start, end)``: an article or annex of its owner."""

    kind: Literal["article", "annex", "document"]
    number: str  # of a named annex or a document its name
    word: str
    owner: _Owner
    start: int
    end: int
    derogates: bool = False


def _sent(block: Block) -> Iterator[_Sent]:
    """Yield the references of a block; a heading, and what begins like one, is none to itself."""
    for sent in _sent_in(block.text):
        own = block.kind is BlockKind.HEADING or sent.owner.kind in ("", "near")
        if sent.kind != "document" and own and _begins(block, sent):
            continue
        bare = sent.kind == "article" and not sent.owner.kind
        if bare and sent.word == "chapitre" and block.kind is BlockKind.ROW:
            continue  # "Total chapitre n°4"
        yield sent


def _begins(block: Block, sent: _Sent) -> bool:
    """Tell whether a number numbers its own block or cell."""
    before = block.text[: sent.start]
    if block.kind is BlockKind.ROW:
        before = before.rpartition(CELL_MARK.strip())[2]
    return not before.strip(" \t\n•▪-–—*#«\"'’").lower().removeprefix("l")


# Small words that a reference cannot do without, tried before the patterns.
_WORDED = ("article", "art.", "annexe", "§", "chapitre")
_PIECED = ("ccag", "c.c.a.g", "ccap", "cctp", "ccp", "c.c.", " rc", "r.c", "cahier", "règlement",
           "engagement", " ae", "a.e")  # fmt: skip
_JOINED = ("joint", "fourni", "annexé")


def _tight(text: str) -> str:
    """Return a text of the same length without long runs of white space, which slow patterns."""
    return _GAP.sub(lambda gap: "\0" * len(gap[0]), text)


def _sent_in(text: str) -> Iterator[_Sent]:
    text = _tight(text)
    lower = text.lower()
    pieced = any(word in lower for word in _PIECED)
    taken: list[tuple[int, int]] = []
    if pieced or any(word in lower for word in _WORDED):
        for match in _WORD.finditer(text):
            if match.start() < (taken[-1][1] if taken else 0):
                continue
            for sent in _of_word(text, match):
                taken.append((sent.start, sent.end))
                yield sent
    if "ième" in lower:
        yield from _ordinals(text)
    if pieced or "cf" in lower or "voir" in lower:
        yield from _naked(text, taken)
    if "annexe" in lower:
        yield from _named_annexes(text)
        yield from _titled_annexes(text)
    if any(word in lower for word in _JOINED):
        yield from _documents(text)


def _ordinals(text: str) -> Iterator[_Sent]:
    for match in _ORDINAL_WORD.finditer(text):
        owner = _after(text, match.end())
        if owner.kind == "piece" and _arabic(match["number"]) != match["number"].upper():
            number = _arabic(match["number"])  # as a reader names it, and as headings may count
            yield _Sent("article", number, "article", owner, match.start(), owner.end)


def _naked(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[_Sent]:
    for match in _NAKED.finditer(text):
        if any(start <= match.start() < end for start, end in taken):
            continue
        owner = _after(text, match.end())
        if owner.kind in ("piece", "ccag") and _TO.match(text, match.end()):
            yield _Sent("article", match["number"], "", owner, match.start(), owner.end)
        elif not owner.kind and _SEE.search(text[max(0, match.start() - 14) : match.start()]):
            yield _Sent("article", match["number"], "", _UNSAID, match.start(), match.end())
        elif (named := _named_before(text, match.start(), _DIRECT)).kind == "ccag":
            start = named.end
            yield _Sent("article", match["number"], "", named, start, match.end())


def _of_word(text: str, match: re.Match[str]) -> Iterator[_Sent]:
    """Yield the references of one "article", "annexes" or "§" with its numbers."""
    word = match["word"].lower().rstrip(".")
    plural = word.endswith("s") or word in ("art", "§", "§§")
    word = "§" if word[0] == "§" else word.rstrip("s")
    numbers = [match["number"]]
    ends = [match.end()]
    while len(numbers) < 10 and (more := _NEXT.match(text, ends[-1])) is not None:
        numbers.append(_whole(more["number"], numbers[-1]))
        ends.append(more.end())
    owner = _after(text, ends[-1])
    if len(numbers) > 1 and not plural and owner.kind in ("", "near"):
        numbers, ends = numbers[:1], ends[:1]  # "à l'article 5, 3 jours"
        owner = _after(text, ends[0])
    start = match.start()
    if not owner.kind:
        named = _named_before(text, start, _DIRECT, _NAMELY)
        if named.kind:
            opened = "(" in text[named.end : start] and text[ends[-1] : ends[-1] + 1] == ")"
            owner = _Owner(named.kind, ends[-1] + opened, named.name)
            start = named.end
        elif _law_before(text, start, near=word == "annexe"):
            owner = _Owner("other", ends[-1])
    if owner.kind == "other":
        return
    annex = word == "annexe"
    before = text[max(0, start - 40) : start]
    derogates = not annex and not owner.kind and _DEROGATES.search(before) is not None
    strong = word in _STRONG and (word != "chapitre" or _TOWARDS.search(before) is not None)
    if not (annex or owner.kind or strong):
        return
    for number, end in zip(numbers, ends, strict=True):
        last = max(end, owner.end) if number == numbers[-1] else end
        yield _Sent("annex" if annex else "article", number, word, owner, start, last, derogates)
    if owner.kind in ("piece", "ccag") and (more := _NEXT.match(text, owner.end)) is not None:
        following = _after(text, more.end())  # "l'article 6 du CCTP et 8 du CCAP"
        if following.kind in ("piece", "ccag") and more["mark"] in (",", "et", "ou", "/"):
            yield _Sent(
                "annex" if annex else "article", more["number"], word, following,
                more.start("number"), following.end,
            )  # fmt: skip


def _whole(number: str, before: str) -> str:
    """Complete a number by the one before it ("16.1.1.1 et 2" is 16.1.1.1 and 16.1.1.2)."""
    parts = before.split(".")
    return ".".join([*parts[:-1], number]) if len(parts) > 2 and number.isdigit() else number


def _after(text: str, at: int) -> _Owner:
    """Tell from the words after a number whose it is."""
    owner = _after_now(text, at)
    if owner.kind:
        return owner
    for pattern in (_ASIDE, _TITLED):
        if (aside := pattern.match(text, at)) is not None:
            owner = _after_now(text, aside.end())
            if owner.kind:
                return owner
    return _UNSAID


def _after_now(text: str, at: int) -> _Owner:
    lists = word_lists("references")
    if (near := _BESIDE.match(text, at)) is not None and (
        found := lists["near"].match(text, near.end())
    ):
        return _Owner("near", found.end())
    to = _TO.match(text, at)
    for gap in (to, near):
        if gap is None:
            continue
        if _law().match(text, gap.end()):
            return _Owner("other", gap.end())
        if (named := _piece_at(text, gap.end())).kind:
            return named
    if to is None:
        return _Owner("other", at) if _ACRONYM.match(text, at) else _UNSAID
    if found := lists["own"].match(text, to.start("present") if to["present"] else to.end()):
        return _Owner("own", found.end())
    if to[0].strip(" ,.").lower().startswith(("du", "de", "d'", "d’", "des")):
        return _Owner("other", to.end())
    return _UNSAID


def _piece_at(text: str, at: int) -> _Owner:
    if (ccag := _ccag().match(text, at)) is not None:
        return _ccag_owner(ccag)
    piece = _piece_words().match(text, at)
    return _Owner("piece", piece.end(), _piece_name(piece)) if piece is not None else _UNSAID


def _named_before(text: str, at: int, *gaps: re.Pattern[str]) -> _Owner:
    """Return the piece named just before ("CCAP, article 5"), ``end`` being where it begins.

    "son article 4" goes back to the last piece named, unless a law was named since.
    """
    low = max(0, at - _BEFORE)
    before = text[low:at]
    last = _UNSAID
    end = 0
    for pattern in (_ccag(), _piece_words()):
        for match in pattern.finditer(before):
            if match.end() > end:
                end = match.end()
                name = _ccag_owner(match) if pattern is _ccag() else None
                last = (
                    _Owner("ccag", low + match.start(), name.name)
                    if name is not None
                    else _Owner("piece", low + match.start(), _piece_name(match))
                )
    if not last.kind:
        return _UNSAID
    gap = before[end:]
    if any(pattern.fullmatch(gap) for pattern in gaps):
        return last
    if _ITS.search(gap) and not _law().search(gap):
        return last._replace(end=at)
    return _UNSAID


def _law_before(text: str, at: int, *, near: bool) -> bool:
    """Tell whether a law is named just before ("le décret n° 2016-360, notamment l'article 5").

    An annex is of the law only when that stands ``near`` or it is "son annexe".
    """
    sentence = re.split(r"[;:|]|\.\s", text[max(0, at - 90) : at])[-1]
    if near and not _ITS.search(sentence):
        sentence = sentence[-30:]
    return _law().search(sentence) is not None


@cache
def _law() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{word_lists('references')['law'].pattern})", re.IGNORECASE)


def _named_annexes(text: str) -> Iterator[_Sent]:
    for name, pattern, _ in _named("named"):
        for match in pattern.finditer(text):
            owner = _after(text, match.end())
            if owner.kind == "other":
                continue
            end = owner.end if owner.kind in ("piece", "own") else match.end()
            yield _Sent("document", name, "annexe", owner, match.start(), max(end, match.end()))


def _titled_annexes(text: str) -> Iterator[_Sent]:
    """Yield annexes that go by a title in quotation marks ("annexe « plan des abris »")."""
    for match in _ANNEX_TITLE.finditer(text):
        owner = _after(text, match.end())
        if owner.kind == "other" or _law_before(text, match.start(), near=True):
            continue
        end = max(owner.end if owner.kind in ("piece", "own") else 0, match.end())
        if not owner.kind and (its := _named_before(text, match.start(), _AND_ITS)).kind == "piece":
            owner = its  # "le CCP et son annexe « tailles »"
        name = f"annexe {' '.join(match['title'].split())}"
        yield _Sent("document", name, "annexe", owner, match.start(), end)


def _documents(text: str) -> Iterator[_Sent]:
    joined = word_lists("references")["joined"]
    for name, pattern, _ in _named("document"):
        for match in pattern.finditer(text):
            if (after := joined.match(text, match.end())) is not None:
                yield _Sent("document", name, "", _UNSAID, match.start(), after.end())


@cache
def _named(kind: str) -> tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]:
    """Return (name, words in the text, words of the file or heading) of each document."""
    lead = r"(?<!\w)annexe\s+" if kind == "named" else r"(?<!\w)"
    return tuple(
        (
            entry["name"],
            re.compile(rf"{lead}(?:{entry['words']})(?!\w)", re.IGNORECASE),
            re.compile(entry["found"]),
        )
        for entry in word_file("references")[kind]
    )


@cache
def _piece_words() -> re.Pattern[str]:
    entries = word_file("references")["piece"]
    return re.compile(
        r"(?<![\w.-])(?:"
        + "|".join(f"(?P<p{i}>{'|'.join(entry['words'])})" for i, entry in enumerate(entries))
        + r")(?!\w)"
    )


def _piece_name(match: re.Match[str]) -> str:
    name: str = word_file("references")["piece"][int((match.lastgroup or "p0")[1:])]["name"]
    return name


@cache
def _ccag() -> re.Pattern[str]:
    table = word_file("references")["ccag"]
    names = "|".join(f"(?P<{name}>{words})" for name, words in table["names"].items())
    return re.compile(rf"(?<![\w.]){table['words']}(?:{table['between']}(?:{names}))?")


def _ccag_owner(match: re.Match[str]) -> _Owner:
    names = [name for name, words in match.groupdict().items() if words]
    return _Owner("ccag", match.end(), f"CCAG-{names[0]}" if names else "CCAG")


# -- where articles and annexes stand --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """A block that a number opens, with the place of the block in its piece."""

    number: str
    word: str
    block: Block
    at: int
    role: PieceType
    heading: bool


class _Outline:
    """The numbered headings of a piece, and the numbered blocks that are not set as one."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.roles = {said.block.page: said.role for said in told.said}
        self.kinds = frozenset(self.roles.values()) or frozenset((told.piece.type,))
        self.entries: list[_Entry] = []
        self.annexes: list[_Entry] = []
        for at, block in enumerate(told.piece.blocks):
            if block.kind in (BlockKind.TOC, BlockKind.FURNITURE):
                continue
            self._read(at, block)
        self.numbers = {entry.number for entry in self.entries if entry.heading}

    def _read(self, at: int, block: Block) -> None:
        heading = block.kind is BlockKind.HEADING
        text = block.text[:_TITLE]
        role = self.roles.get(block.page, self.told.piece.type)
        if (annex := _ANNEX.match(text)) is not None and (
            heading or (block.kind is BlockKind.PARAGRAPH and len(block.text) < _TITLE)
        ):
            number = _arabic(annex["number"] or "")
            self.annexes.append(_Entry(number, "annexe", block, at, role, heading))
            return
        if (ordinal := _ORDINAL_WORD.match(text)) is not None and heading:
            number = _arabic(ordinal["number"])
            self.entries.append(_Entry(number, "article", block, at, role, heading=True))
            return
        match = _HEADING.match(text)
        if match is None:
            return
        word = (match["word"] or "").lower().rstrip(".")
        number = _key(match["number"])
        if number[0].isalpha() and not (word or match["after"].strip() or "." in number):
            return
        # "2 agents" opens no article; "2.3 Le titulaire" and "Article 2" may.
        if heading or word == "article" or "." in number:
            self.entries.append(_Entry(number, word, block, at, role, heading))

    def readable(self) -> bool:
        """Whether the piece is numbered in a way that could be read."""
        return len(self.numbers) >= _READABLE

    def find(
        self, number: str, word: str, roles: Sequence[PieceType] = (), *, exact: bool = False
    ) -> _Entry | None:
        """Return the entry of a number: a heading first, of the same word, with text below it.

        Unless ``exact``, an article whose lines bear no numbers stands for each of them.
        """
        for key in dict.fromkeys((_key(number), _arabic(number))):
            found = [
                entry
                for entry in self.entries
                if key in (entry.number, _arabic(entry.number))
                and (not roles or entry.role in roles)
            ]
            if found:
                return max(found, key=lambda e: (e.heading, _same(e, word, key), self._filled(e)))
        return self._nested(_key(number), roles, exact)

    def _nested(self, number: str, roles: Sequence[PieceType], exact: bool) -> _Entry | None:
        """Find "2.3" as "3" below "Article 2", else as a line of "Article 2"."""
        above, _, last = number.rpartition(".")
        if not above:
            return None
        for entry in self.entries:
            if entry.heading and entry.number == last and (not roles or entry.role in roles):
                numbers = [_heading_number(title) for title in entry.block.path]
                if above in numbers:
                    return entry
        if exact or any(entry.number.startswith(f"{above}.") for entry in self.entries):
            return None
        parents = [e for e in self.entries if e.number == above and (not roles or e.role in roles)]
        return next((e for e in parents if e.heading), None)

    def _filled(self, entry: _Entry) -> bool:
        """Whether text follows: an entry of contents is followed by another."""
        blocks = self.told.piece.blocks
        after = blocks[entry.at + 1] if entry.at + 1 < len(blocks) else None
        return after is not None and (
            after.kind is not BlockKind.HEADING or len(after.path) > len(entry.block.path)
        )


class _Outlines:
    """Where the articles and annexes of a dossier stand."""

    def __init__(self, dossier: Sequence[Told]) -> None:
        self.dossier = tuple(dossier)
        self._of: dict[str, _Outline] = {}
        self._general = ""

    def of(self, told: Told) -> _Outline:
        """Return the outline of a piece, read when it is first asked for."""
        if told.piece.id not in self._of:
            self._of[told.piece.id] = _Outline(told)
        return self._of[told.piece.id]

    def reference(self, told: Told, said: Said, sent: _Sent) -> Reference | None:
        """Return where a reference leads, None when it is none that can be told."""
        where = place(told.piece, said.block, sent.start, sent.end)
        if sent.kind == "annex":
            return self._annex(told, said, sent, where)
        if sent.kind == "document":
            found = self._document(sent)
            if sent.word == "annexe" and _ANNEX_TITLE.search(where.quote):
                named = sent.owner.name if sent.owner.kind == "piece" else _NAMES.get(said.role, "")
                return Reference(f"{sent.number} {named}".strip(), where, found)
            return Reference(sent.number, where, found)
        if sent.owner.kind == "ccag" or sent.derogates:
            name = sent.owner.name if sent.owner.name not in ("", "CCAG") else self._ccag_name()
            return Reference(f"{name} {_shown(sent.number)}", where, None, outside=True)
        if sent.owner.kind == "piece":
            return self._article(told, said, sent, where)
        entry = self.of(told).find(sent.number, sent.word, (said.role,))
        if entry is None and not sent.owner.kind:
            return None
        if entry is None and not self.of(told).readable():
            return None
        name = _NAMES.get(said.role, "article")
        return Reference(f"{name} {_shown(sent.number)}", where, self._place(told, entry))

    def content(self, told: Told, said: Said, sent: _Sent) -> tuple[Block, ...]:
        """Return the blocks of the article that a reference leads to."""
        if sent.kind != "article":
            return ()
        if sent.owner.kind == "piece":
            name, outlines = self._named(told, sent.owner.name)
            roles = _types(name)
        else:
            outlines, roles = [self.of(told)], (said.role,)
        for outline in outlines:
            if blocks := _blocks_of(outline, sent.number, sent.word, self._roles(outline, roles)):
                return blocks
        return ()

    def _article(self, told: Told, said: Said, sent: _Sent, where: Place) -> Reference | None:
        name, outlines = self._named(told, sent.owner.name)
        if name == "CCP" and not outlines and self._code():
            return None  # the code de la commande publique goes by the same letters
        for outline in outlines:
            roles = self._roles(outline, _types(name))
            if (entry := outline.find(sent.number, sent.word, roles)) is not None:
                found = self._place(outline.told, entry)
                return Reference(f"{name} {_shown(sent.number)}", where, found)
        if outlines and not any(outline.readable() for outline in outlines):
            return None
        return Reference(f"{name} {_shown(sent.number)}", where, None)

    def _named(self, told: Told, name: str) -> tuple[str, list[_Outline]]:
        """Return the name of a piece in this dossier and its files, the one that speaks first."""
        for kind in _types(name):
            shown = _NAMES[kind]
            found = [self.of(t) for t in self.dossier if self._plays(t, kind)]
            if found:
                return shown, sorted(found, key=lambda o: o.told is not told)
        return name, []

    def _plays(self, told: Told, kind: PieceType) -> bool:
        if told.piece.type == PieceType.FORM:
            return kind == PieceType.AE and any(form.commitment for form in forms(told.piece))
        return kind in self.of(told).kinds or kind in _also(told.piece)

    def _roles(self, outline: _Outline, types: Sequence[PieceType]) -> tuple[PieceType, ...]:
        """Return the roles to look in, none where a file plays this one under another name."""
        return tuple(types) if outline.kinds & set(types) else ()

    def _annex(self, told: Told, said: Said, sent: _Sent, where: Place) -> Reference | None:
        name = sent.owner.name if sent.owner.kind == "piece" else ""
        if sent.owner.kind == "ccag":
            return None
        if sent.owner.kind == "own":
            name = _NAMES.get(said.role, "")
        elif name:
            name = self._named(told, name)[0]
        target = f"annexe {_shown(sent.number)}" + (f" {name}" if name else "")
        found = self._annex_place(told, said, _arabic(sent.number), name)
        if found is not None and found.quote.startswith(where.quote):
            return None  # the title of an annex
        return Reference(target, where, found)

    def _annex_place(self, told: Told, said: Said, number: str, name: str) -> Place | None:
        """Look for an annex among files, then among headings: of its piece, of this one, of all."""
        own = _NAMES.get(said.role, "")
        files = [t.piece for t in self.dossier if t is not told]
        for piece in files:
            if _is_annex(piece, number, name or own):
                return _opening(piece)
        near = (self._named(told, name)[1] if name else []) or [self.of(told)]
        rest = [] if name else [self.of(t) for t in self.dossier if t is not told]
        for outline in (*near, *rest):
            for entry in outline.annexes:
                if entry.number == number and entry.block is not said.block:
                    return self._place(outline.told, entry)
            if not name and outline is near[-1]:
                for piece in files:  # that of another piece, where this one has none
                    if _is_annex(piece, number, ""):
                        return _opening(piece)
        return _opening(told.piece) if _is_annex(told.piece, number, name) else None

    def _document(self, sent: _Sent) -> Place | None:
        pattern = next(
            (
                found
                for name, _, found in (*_named("named"), *_named("document"))
                if name == sent.number
            ),
            re.compile(re.escape(fold(sent.number.removeprefix("annexe ")).strip())),
        )
        for told in self.dossier:
            if pattern.search(_stem(told.piece)) or pattern.search(_title(told.piece)):
                return _opening(told.piece)
        for told in self.dossier:
            for block in told.piece.blocks:
                if block.kind is BlockKind.HEADING and pattern.search(fold(block.text)):
                    return place(told.piece, block, 0, len(block.text))
        return None

    def _place(self, told: Told, entry: _Entry | None) -> Place | None:
        if entry is None:
            return None
        text = entry.block.text
        end = len(text) if entry.heading else min(len(text), _TITLE)
        return place(told.piece, entry.block, 0, end)

    def _ccag_name(self) -> str:
        """Return the CCAG that the dossier names most, "CCAG" when none stands out."""
        if not self._general:
            names = Counter(
                owner.name
                for told in self.dossier
                for said in told.said
                if "CCAG" in said.block.text or "C.C.A.G" in said.block.text
                for match in _ccag().finditer(_tight(said.block.text))
                if (owner := _ccag_owner(match)).name != "CCAG"
            )
            ranked = [*names.most_common(2), ("CCAG", 0), ("CCAG", 0)]
            self._general = ranked[0][0] if ranked[0][1] > 2 * ranked[1][1] else "CCAG"
        return self._general

    def _code(self) -> bool:
        return any(
            _CODE.search(said.block.text)
            for told in self.dossier
            for said in told.said
            if "CCP" in said.block.text
        )


_CODE = re.compile(r"commande\s+publique\s*[(«\"]{1,2}\s*CCP", re.IGNORECASE)
_VALID = re.compile(r"\b(?:valant|vaut|tenant\s+lieu|faisant\s+office)\b", re.IGNORECASE)


def _types(name: str) -> tuple[PieceType, ...]:
    for entry in word_file("references")["piece"]:
        if entry["name"] == name:
            return tuple(PieceType(kind) for kind in entry["types"])
    return ()


def _also(piece: Piece) -> frozenset[PieceType]:
    """Return the roles a file says it plays too ("CCP valant acte d'engagement")."""
    kinds: set[PieceType] = set()
    for block in _first(piece):
        if (valid := _VALID.search(block.text)) is not None:
            for match in _piece_words().finditer(block.text[:_ALSO], valid.end()):
                kinds.update(_types(_piece_name(match)))
    return frozenset(kinds)


def _first(piece: Piece) -> list[Block]:
    blocks = (b for b in piece.blocks if b.kind is not BlockKind.FURNITURE)
    return [block for _, block in zip(range(_FEW), blocks, strict=False)]


def _stem(piece: Piece) -> str:
    name = piece.name.rpartition("/")[2].rpartition(".")
    # "annexe1" and "CCTP_annexe_1" are words apart from what stands beside them.
    return re.sub(r"[\W_]+", " ", fold(name[0] or name[2]))


def _title(piece: Piece) -> str:
    return " ".join(fold(block.text[:_TITLE]) for block in _first(piece)[:3])


def _opening(piece: Piece) -> Place:
    """Return the place of the first words of a file."""
    blocks = _first(piece)
    for block in blocks:
        if "annexe" in block.text.lower():
            return place(piece, block, 0, min(len(block.text), _TITLE))
    if blocks:
        return place(piece, blocks[0], 0, min(len(blocks[0].text), _TITLE))
    return Place(piece.id, 1, (), "", "")


def _is_annex(piece: Piece, number: str, name: str) -> bool:
    """Tell whether a file is the annex of that number, and not that of another piece."""
    stem = _stem(piece)
    named = _ANNEX_FILE.search(stem)
    titles = [m for b in _first(piece)[:3] if (m := _ANNEX.match(b.text)) and m["number"]]
    told = _arabic(named["number"]) if named else _arabic(titles[0]["number"]) if titles else ""
    if told != number:
        return False
    title = titles[0].string[titles[0].end() : titles[0].end() + 60] if titles else ""
    owners = {_piece_name(m) for m in _piece_words().finditer(f"{stem.upper()} | {title}")}
    return not name or not owners or name in owners


def _blocks_of(
    outline: _Outline, number: str, word: str, roles: Sequence[PieceType] = ()
) -> tuple[Block, ...]:
    """Return what the call says in an article, its heading first."""
    entry = outline.find(number, word, roles, exact=True)
    if entry is None:
        return ()
    blocks = [said.block for said in outline.told.said]
    at = next((i for i, block in enumerate(blocks) if block is entry.block), None)
    if at is None:
        return ()
    end = at + 1
    path = entry.block.path
    while end < len(blocks) and _within(blocks[end], path, entry):
        end += 1
    return tuple(blocks[at:end])


def _within(block: Block, path: tuple[str, ...], entry: _Entry) -> bool:
    """Tell whether a block goes on with an article: below its heading, or numbered below it."""
    match = _HEADING.match(block.text[:_TITLE])
    number = _key(match["number"]) if match is not None else ""
    if entry.heading and len(block.path) > len(path) and block.path[: len(path)] == path:
        return True
    if number.startswith(f"{entry.number}."):
        return True
    if entry.heading or block.kind is BlockKind.HEADING:
        return False
    numbered = match is not None and ("." in number or bool(match["word"]))
    return block.path == path and not numbered


def _same(entry: _Entry, word: str, key: str) -> tuple[bool, bool]:
    """Say how well the word of a heading, and its number as written, fit those of a reference."""
    article = word in ("article", "art", "§", "", "point", "paragraphe", "clause")
    fits = entry.word in ("", "article", "art", "§") if article else entry.word == word
    return fits, entry.number == key


def _heading_number(title: str) -> str:
    match = _HEADING.match(title)
    return _key(match["number"]) if match is not None else ""


def _key(number: str) -> str:
    """Return a number in one way of writing ("3-1" and "3. 1" are 3.1, "1er" is 1)."""
    bare = re.sub(r"\s+", "", number).replace("-", ".").strip(".").upper()
    if bare in ("PREMIER", "1ER"):
        return "1"
    parts = [part.lstrip("0") or "0" if part.isdigit() else part for part in bare.split(".")]
    if len(parts) == 1 and (joined := re.fullmatch(r"([A-H])(\d{1,2})", bare)) is not None:
        return ".".join(joined.groups())
    return ".".join(parts)


def _arabic(number: str) -> str:
    """Return a number with its first part in digits where that is roman or an ordinal."""
    ordinals: list[str] = word_file("references")["ordinals"]["words"]
    if number.lower() in ordinals:
        return str(ordinals.index(number.lower()) + 1)
    first, dot, rest = _key(number).partition(".")
    if first and not first.strip("IVX"):
        values = [{"I": 1, "V": 5, "X": 10}[sign] for sign in first]
        total = sum(-value if value < max(values[i:]) else value for i, value in enumerate(values))
        first = str(total)
    return first + dot + rest


def _shown(number: str) -> str:
    return re.sub(r"\s+", "", number)
