"""The facts of a procedure, piece by piece: buyer, object, type, form, dates and duration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple, TypeAlias

from corpus.documents import CELL_MARK, Block, BlockKind, Piece, PieceType
from corpus.facts import checked
from corpus.findings import Fact, Value
from nlp.dossier import Said, Told
from nlp.evidence import place
from nlp.numbers import dates, duration_months, money, numbers
from nlp.wordlists import word_file, word_lists

_COVER = 14  # blocks at the beginning of a piece in which its title, buyer and object stand
_SILENT = (PieceType.FORM, PieceType.PRICES)  # forms and price files state nothing of their own
_TECHNICAL = (PieceType.CCTP, PieceType.ANNEX)  # these speak of other durations and dates
_DATED = (PieceType.RC, PieceType.NOTICE)
_SHORT_LABEL = 24  # characters of a label that ends at a stop
_LONGEST = 250  # characters of a buyer or an object

_SENTENCE_END = re.compile(r"[.;](?=\s+[A-ZÉÈÀÂ☐☒•«\d])|\n|$")
_NUMBER_HEAD = re.compile(r"[\W\d]{0,12}(?:(?-i:[A-Z]{1,3}[-.]?\d{0,2}(?:[.-]\d+)*[).]?\W{1,4}))?")
# "Article premier. Objet", "Clause 3 – Objet"; what "Titre II" is about stands below its articles.
_DIVIDED_HEAD = re.compile(
    r"^\W*(?:article|art\.?|clause|chapitre|section|partie|titre|§)\s*"
    r"(?:premi[eè]re?|\w{3,9}i[eè]me|(?:[A-Z]|[IVX]{1,5})?[-.]?\d{0,2}(?:[.-]\d{1,2})*(?:er|re)?)?\s*[.:)–—-]{1,3}\s*",
    re.I,
)
_ARTICLE = re.compile(r"(?:l['’]|la\s|le\s|les\s|du\s|de l['’]|des\s)\s?", re.I)
_COUNT = r"(?:un(?: seul)?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|\d{1,2})"
_TERMS = re.compile(
    r"(?:à l['’]issue|échéance|avant (?:la fin|le terme|l['’]expiration)|préavis)[^.;]{0,80}$", re.I
)
_FROM_TO = re.compile(r"\bdu\s(?=\d|1er)[^.;]{6,30}\sau\s(?=\d|1er)", re.I)
_SCHOOL = re.compile(
    r"\b(?P<n>une?|deux|trois|quatre|\d)\sann[ée]es?\s(?:scolaires?|civiles?)", re.I
)
_AND_MONTHS = re.compile(r"\s+et\s+")
_YEARS_IN_ALL = re.compile(r"jusqu['’]à", re.I)

# A duration in a notice, that of the offers' validity left out.
_FORM = re.compile(r"Durée en mois\s?:\s?(\d{1,3})\b(?!\s?\(?\s?[àaÀA] compter de la date limite)")
_CLAUSE = re.compile(
    r"^\W*(?:le|la|les|l['’]|il|elle|ce|ces|cette|chaque)\W.{0,200}\b(?:est|sont|sera|a|fixe|définit|souhaite|doit|vaut)\b",
    re.I | re.S,
)
_DIVISION = re.compile(
    r"\W*(?:partie|titre|chapitre|article|art\b|section|clause|annexe|lot\b|volet|livre|\d|[IVX]+\b|[A-Z]\W)",
    re.I,
)
_DASH = re.compile(r"\s[–—-]\s+|\s:\s+")
_INFINITIVE = re.compile(r"(?:définir|fixer|préciser|décrire|déterminer|établir)\b", re.I)

_Facts: TypeAlias = Iterator[Fact]


class _Passage(NamedTuple):
    """Words of a block: where they stand in it."""

    block: Block
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.block.text[self.start : self.end]


def procedure(dossier: Sequence[Told]) -> tuple[Fact, ...]:
    """Return the facts of the procedure that each piece states, one a name and piece (and lots).

    Dates are ISO strings. A duration counts renewals when they are counted or the total is
    written, else it is the firm one. What no piece says is left out.
    """
    return tuple(checked(fact) for told in dossier for fact in _piece(told))


def durations(dossier: Sequence[Told]) -> tuple[Fact, ...]:
    """Return only the durations in months that the pieces state, as ``procedure`` does."""
    return tuple(
        fact
        for told in dossier
        if told.piece.type not in _SILENT
        for fact in _durations(told.piece, _chosen(told))
    )


def _chosen(told: Told) -> list[Block]:
    """Return the blocks that state facts: no option of a form, no technical piece."""
    silent = (*_SILENT, *_TECHNICAL)
    return [s.block for s in told.said if s.role not in silent and not s.choice]


def _words(name: str) -> re.Pattern[str]:
    return word_lists("procedure")[name]


def _piece(told: Told) -> _Facts:
    if told.piece.type in _SILENT:
        return
    said = [s for s in told.said if s.role not in _SILENT]
    if not said:
        return
    piece = told.piece
    blocks = [s.block for s in said]
    own = [s for s in said if s.role not in _TECHNICAL]
    yield from _buyer(piece, blocks)
    yield from _object(piece, blocks)
    if not own:
        return
    chosen = _chosen(told)
    yield from _type(piece, chosen)
    yield from _framework(piece, chosen)
    yield from _awardees(piece, chosen)
    yield from _dates(piece, own)
    yield from _lots_per_bidder(piece, [s.block for s in own])
    yield from _durations(piece, chosen)
    yield from _amounts(piece, chosen)


def _amounts(piece: Piece, blocks: Sequence[Block]) -> _Facts:
    """Yield the amounts of the whole contract; those of a lot, an order or a year are others."""
    done: set[str] = set()
    for block in blocks:
        low = block.text.lower()
        if "maxim" not in low and "estim" not in low and "plafon" not in low:
            continue
        if block.lots or block.kind == BlockKind.ROW:
            continue
        for sentence in _sentences(block):
            words = sentence.text
            if _words("not_whole_amount").search(words):
                continue
            for amount in money(words):
                before = words[max(0, amount.start - 90) : amount.start]
                maximum = _words("maximum_amount").search(before)
                estimate = _words("estimated_amount").search(before)
                name = "maximum_eur" if maximum else "estimate_eur" if estimate else ""
                if name and name not in done and amount.value >= 1000:
                    done.add(name)
                    yield _fact(
                        piece, name, amount.value, _near(sentence, sentence.start), "amount"
                    )
                    break


def _fact(
    piece: Piece, name: str, value: Value, at: _Passage, by: str, lots: tuple[str, ...] = ()
) -> Fact:
    return Fact(
        name=f"procedure.{name}",
        value=value,
        place=place(piece, at.block, at.start, at.end),
        found_by=f"procedure.{name}/{by}",
        lots=lots,
    )


def _sentences(block: Block) -> Iterator[_Passage]:
    at = 0
    for match in _SENTENCE_END.finditer(block.text):
        if match.end() > at and block.text[at : match.end()].strip():
            yield _Passage(block, at, match.end())
        at = match.end()


def _sentence_at(block: Block, where: int) -> _Passage:
    """Return the sentence of a block that holds a character."""
    return next(
        (s for s in _sentences(block) if s.start <= where < s.end),
        _Passage(block, 0, len(block.text)),
    )


def _near(sentence: _Passage, where: int) -> _Passage:
    """Return a sentence, or the words around a place of it when it is a page of a notice."""
    if sentence.end - sentence.start <= _LONGEST:
        return sentence
    text = sentence.block.text
    start = text.rfind(" ", sentence.start, max(sentence.start, where - 60)) + 1
    return _Passage(sentence.block, max(sentence.start, start), min(sentence.end, where + 160))


# -- labels ----------------------------------------------------------------------------------------


@cache
def _label(name: str) -> re.Pattern[str]:
    """Match a label at the beginning of a sentence, up to its colon or the border of its cell."""
    return re.compile(
        rf"(?:^|(?<=[.;]\s)|(?<=\n)){_NUMBER_HEAD.pattern}(?:{_words(name).pattern})\s?(?:\((?:s|e)\)\s?)?(?:[:|]|\s[–—-]\s|\.\s(?-i:(?=[A-ZÉÈÀ\d«]))(?<!\d\.\s))\s*",
        re.I,
    )


def _labelled(
    blocks: Sequence[Block], name: str, cue: Sequence[str]
) -> Iterator[tuple[_Passage, bool]]:
    """Yield what follows a label, and whether it stands right behind it or in the cell beside it.

    Else it is the first sentence of the block below.
    """
    for block, after in zip(blocks, (*blocks[1:], None), strict=False):
        low = block.text.lower()
        if not any(word in low for word in cue):
            continue
        found = False
        for match in _label(name).finditer(block.text):
            end = _sentence_at(block, min(match.end(), max(0, len(block.text) - 1))).end
            if match[0].rstrip().endswith(".") and (
                match.start() or block.kind != BlockKind.PARAGRAPH
            ):
                continue  # only the first words of a paragraph are a label without a colon
            if block.kind == BlockKind.ROW:
                if match.start() > 0 or not 2 <= len(block.cells) <= 3:
                    continue  # the header of a column
                end = next((e for s, e in block.cells if s >= match.end() - 1 and e > s), end)
            if block.text[match.end() : end].strip():
                found = True
                yield _Passage(block, match.end(), end), True
        if found or after is None or len(low) > 120 or after.kind == BlockKind.ROW:
            continue
        head = (
            _NUMBER_HEAD.sub("", _DIVIDED_HEAD.sub("", block.text), count=1).lower().rstrip(" :.")
        )
        if _words(name).fullmatch(head) or (
            block.kind == BlockKind.HEADING and _words(name).match(head) and len(head) < 60
        ):
            yield from ((sentence, False) for sentence in list(_sentences(after))[:1])


# -- buyer, object ---------------------------------------------------------------------------------


def _buyer(piece: Piece, blocks: Sequence[Block]) -> _Facts:
    for at, _ in _labelled(
        blocks[:150],
        "buyer_label",
        ("acheteur", "adjudicat", "publique", "ouvrage", "organisme", "autorité", "nom "),
    ):
        if at.block.kind != BlockKind.ROW and _ARTICLE.match(at.text):
            named = _body(at.block, at.start)
        else:
            named = _name(at)
        if named is not None and not re.match(
            r"\W*(?:type|autre|adresse|oui|non)\b", named.text, re.I
        ):
            yield _fact(piece, "buyer", _said(named.text), named, "label")
            return
    for block in blocks[:60]:
        match = _words("bought_by").search(block.text)
        if match and (named := _body(block, match.end())):
            yield _fact(piece, "buyer", _said(named.text), named, "prose")
            return
    for block in blocks[:_COVER]:
        for sentence in list(_sentences(block))[:2]:
            head = _NUMBER_HEAD.match(block.text, sentence.start)
            start = (
                head.end()
                if head and block.text[head.end() : head.end() + 1].isalpha()
                else sentence.start
            )
            for begin in (start, sentence.start):
                if named := _body(block, begin):
                    yield _fact(piece, "buyer", _said(named.text), named, "cover")
                    return


def _body(block: Block, start: int) -> _Passage | None:
    """Return the name of a public body that begins at ``start``, its article aside."""
    text = block.text
    while start < len(text) and not text[start].isalnum():
        start += 1
    article = _ARTICLE.match(text, start)
    at = article.end() if article else start
    if not _words("body").match(text, at) or not (text[at].isupper() or article):
        return None
    named = _name(_Passage(block, at, min(len(text), at + 160)))
    if named is None or not re.search(r"[A-ZÉÈ]\w+", named.text[1:]):
        return None  # "la commune": which one is not said
    return named


def _name(at: _Passage) -> _Passage | None:
    text = at.text
    lead = len(text) - len(text.lstrip(" :|–-"))
    end = _words("after_name").search(text, lead + 2)
    if end and text[lead : end.start()].lower() in ("sa", "s", "m"):
        end = _words("after_name").search(text, end.end())
    stop = end.start() if end else len(text)
    cut = text[lead:stop].rstrip(" .,;")
    if (
        not 3 <= len(cut) <= _LONGEST
        or not re.search(r"[^\W\d_]{2}", cut)
        or "..." in cut
        or "…" in cut
    ):
        return None
    return _Passage(at.block, at.start + lead, at.start + lead + len(cut))


def _said(text: str) -> str:
    return " ".join(text.replace(CELL_MARK, " ").split()).strip(" .,;:")


def _object(piece: Piece, blocks: Sequence[Block]) -> _Facts:
    cue = ("objet", "intitulé", "titre", "désignation", "libellé", "concerne")
    labelled = list(_labelled(blocks[:120], "object_label", cue))
    beside = [at for at, right in labelled if right]
    below = [at for at, right in labelled if not right]
    first = [("label", at) for at in beside]
    if titled := _title(blocks) or _beside_name(blocks):
        first.append(("cover", titled))
    prose = [
        _Passage(b, 0, len(b.text))
        for b in blocks[:40]
        if piece.type not in _TECHNICAL
        and _words("object_verb").search(b.text)
        and not _words("not_object_section").search(" ".join(b.path[-1:]))
    ]
    for by, at in (*first, *(("heading", at) for at in below), *(("prose", at) for at in prose)):
        text = at.text.strip()
        verb = _words("object_verb").search(at.text)
        if verb is None and (
            text.endswith(":")
            or _CLAUSE.search(text)
            or (by == "heading" and not _words("bought").match(text) and _type_of(text) is not None)
        ):
            continue
        if verb and _words("other_subject").search(
            _sentence_at(at.block, at.start + verb.start()).text
        ):
            continue
        start = at.start + verb.end() if verb else at.start
        if (named := _object_of(at._replace(start=start))) is not None:
            yield _fact(piece, "object", _said(named.text), named, by)
            return


def _object_of(at: _Passage) -> _Passage | None:
    text = at.text
    lead = len(text) - len(text.lstrip(" :|«–-"))
    article = _ARTICLE.match(text, lead)
    lead = article.end() if article else lead
    end = _words("after_object").search(text, lead)
    cut = text[lead : end.start() if end else len(text)].rstrip(" .,;")[:_LONGEST]
    if _words("no_object").search(cut):
        return None
    if len(cut) < 8 or _INFINITIVE.match(cut) or not re.search(r"[^\W\d_]{3}.*\s", cut):
        return None
    return _Passage(at.block, at.start + lead, at.start + lead + len(cut))


def _title(blocks: Sequence[Block]) -> _Passage | None:
    """Return the line of a cover that says what is bought."""
    for block in blocks[1:8]:
        if re.match(r"(?:article|chapitre|titre|section|\d)", block.text.strip(), re.I):
            return None  # the articles begin
        if block.kind in (BlockKind.ROW, BlockKind.ITEM):
            continue
        first = next(iter(_sentences(block)), None)
        text = first.text.strip() if first else ""
        if first is None or not 20 <= len(text) <= 200 or len(text.split()) < 3:
            continue
        if _words("bought").match(text) and not _words("not_a_title").search(text):
            return first
    return None


def _beside_name(blocks: Sequence[Block]) -> _Passage | None:
    """Return what a cover says is bought behind the name of the piece or of the buyer.

    "C.C.A.P. – Travaux de voirie", "Ville de Brenne – Fourniture de livres".
    """
    for block in blocks[:4]:
        if block.kind in (BlockKind.ROW, BlockKind.ITEM) or len(block.text) > 300:
            continue
        for dash in _DASH.finditer(block.text):
            rest = _Passage(block, dash.end(), len(block.text))
            if (
                _words("bought").match(rest.text)
                and 20 <= len(rest.text.strip()) <= 200
                and len(rest.text.split()) > 2
                and not _DIVISION.match(block.text)
                and not _words("not_a_title").search(rest.text)
            ):
                return rest
    return None


# -- type, form ------------------------------------------------------------------------------------


@cache
def _types() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (entry["value"], re.compile("|".join(f"(?:{w})" for w in entry["any"]), re.I))
        for entry in word_file("procedure")["type"]
    )


def _type(piece: Piece, blocks: Sequence[Block]) -> _Facts:
    weak: tuple[str, _Passage] | None = None
    for index, block in enumerate(blocks):
        low = block.text.lower()
        if not any(
            w in low
            for w in (
                "offres",
                "procédure",
                "mapa",
                "négoci",
                "dialogue",
                "gré",
                "sans publicité",
                "aoo",
                "passation",
            )
        ):
            continue
        for sentence in _sentences(block):
            told = _type_of(sentence.text)
            if told is None or _words("not_this").search(sentence.text):
                continue
            strong = (
                block.kind in (BlockKind.HEADING, BlockKind.ROW)
                or len(sentence.text) < 120
                or _words("of_procedure").search(sentence.text)
            )
            if strong and (index < 200 or block.kind != BlockKind.HEADING):
                yield _fact(piece, "type", told, sentence, "words")
                return
            weak = weak or (told, sentence)
    if weak is not None:
        yield _fact(piece, "type", weak[0], weak[1], "mention")


def _type_of(text: str) -> str | None:
    return next((value for value, pattern in _types() if pattern.search(text)), None)


def _framework(piece: Piece, blocks: Sequence[Block]) -> _Facts:
    denied: _Passage | None = None
    for block in blocks:
        low = block.text.lower()
        if not (
            "cadre" in low
            or "ordinaire" in low
            or "bons de commande" in low
            or "bt-765" in low
            or "marché simple" in low
        ):
            continue
        for sentence in _sentences(block):
            no, yes = (_words(f"framework_{w}").search(sentence.text) for w in ("no", "yes"))
            # "un marché ordinaire et un accord-cadre" is both; a denial only one.
            if no is not None and (yes is None or not no[0].lower().startswith("march")):
                denied = denied or sentence
            elif (
                yes is not None
                and denied is None
                and not _words("framework_other").search(sentence.text)
            ):
                at = _near(sentence, sentence.start + yes.start())
                yield _fact(piece, "framework", True, at, "words")
                return
    if denied is not None:
        yield _fact(piece, "framework", False, denied, "denied")


def _awardees(piece: Piece, blocks: Sequence[Block]) -> _Facts:
    for block in blocks:
        low = block.text.lower()
        if not any(
            w in low
            for w in ("attributaire", "titulaire", "opérateur", "fournisseur", "prestataire")
        ):
            continue
        for name in ("single", "several"):
            match = _words(name).search(block.text)
            if match is None:
                continue
            sentence = _sentence_at(block, match.start())
            around = block.text[max(sentence.start, match.start() - 80) : match.end() + 40]
            if _words("not_awardees").search(around):
                continue
            yield _fact(piece, "awardees", name, _near(sentence, match.start()), "words")
            return


def _lots_per_bidder(piece: Piece, blocks: Sequence[Block]) -> _Facts:
    pattern = _limit()
    for block in blocks:
        low = block.text.lower()
        if "lot" not in low and "BT-33" not in block.text:
            continue
        for sentence in _sentences(block):
            text = sentence.text
            if "lot" not in text.lower() or not re.search(
                r"candidat|soumission|attribu|titulaire|offre|opérateur|opérateur|répond|obten|emport",
                text,
                re.I,
            ):
                continue
            for match in pattern.finditer(text):
                told = next(v for v in match.groupdict().values() if v)
                count = (
                    1
                    if told.lower().startswith(("un", "1 "))
                    else next((int(n.value) for n in numbers(told)), 0)
                )
                if 0 < count < 60 and not re.search(
                    r"(?:titulaires|opérateurs|attributaires|candidats)\W*$", match[0]
                ):
                    yield _fact(piece, "lots_per_bidder", count, sentence, "words")
                    return


@cache
def _limit() -> re.Pattern[str]:
    return re.compile(_words("lots_limit").pattern.replace("@", _COUNT), re.I)


# -- dates -----------------------------------------------------------------------------------------


def _dates(piece: Piece, said: Sequence[Said]) -> _Facts:
    launches: list[tuple[str, _Passage, str]] = []
    offers: tuple[str, _Passage] | None = None
    applications: tuple[str, _Passage] | None = None
    blocks = [s.block for s in said]
    for index, entry in enumerate(said):
        if entry.role not in _DATED and index >= _COVER:
            continue
        block = entry.block
        if "20" not in block.text:
            continue
        at = 0
        for day in dates(block.text):
            sentence = _sentence_at(block, day.start)
            opens = 0 if sentence.start < _SHORT_LABEL else sentence.start  # "Envoi. Le 3 mai"
            start = max(opens, at if at < day.start else opens)
            before = block.text[start : day.start]
            if index and len(before.strip()) < 40 and not _words("answer").search(before):
                above = blocks[index - 1].text
                before = (
                    f"{above[-160:]} {before}"
                    if block.kind != BlockKind.ROW and len(above) < 200
                    else before
                )
            at = day.end
            beyond = block.text[day.end : day.end + 30]
            passage = _near(_Passage(block, sentence.start, max(sentence.end, day.end)), day.start)
            launch = _last(_words("launch"), before)
            answer = _last(_words("answer"), before)
            if (
                answer < 0
                and "au plus tard" in beyond
                and re.search(r"offre|pli\b|plis|candidature|proposition|réponse", before)
            ):
                answer = 0
            if launch > answer:
                if entry.role in _DATED and "invitation" not in before[launch:].lower():
                    launches.append((day.value, passage, before[launch:]))
            elif answer >= 0 and not _words("not_answer").search(before[max(0, answer - 20) :]):
                apply = re.search(r"candidature|participation", before[answer:], re.I)
                offer = re.search(r"offre|\bplis?\b|proposition", before[answer:], re.I)
                if apply and not offer:
                    applications = applications or (day.value, passage)
                else:
                    offers = offers or (day.value, passage)
    # The day on which the notice is sent off, rather than that of its publication.
    sent = [found for found in launches if re.search(r"envo|adress|transmi|parti", found[2], re.I)]
    for value, passage, _ in (sent or launches)[:1]:
        yield _fact(piece, "launch_date", value, passage, "words")
    if (answered := offers or applications) is not None:
        yield _fact(piece, "answer_date", answered[0], answered[1], "words")


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Return where the last match begins, -1 without one."""
    return max((m.start() for m in pattern.finditer(text)), default=-1)


# -- duration --------------------------------------------------------------------------------------


def _durations(piece: Piece, blocks: Sequence[Block]) -> _Facts:
    """Yield the duration of the contract, and those of lots where the piece is cut by lots."""
    whole = False
    done: set[tuple[str, ...]] = set()
    for months, at, by in _by_trust(blocks):
        lots = at.block.lots
        if lots in done or (not lots and whole):
            continue
        done.add(lots)
        whole = whole or not lots
        yield _fact(piece, "duration_months", months, at, by, lots)


def _by_trust(blocks: Sequence[Block]) -> Iterator[tuple[float, _Passage, str]]:
    """Yield what labels say, then what stands below a heading of duration, then prose."""
    near = [
        b
        for b in blocks
        if any(w in b.text.lower() for w in (" mois", " an", "année", " ans"))
        or _FROM_TO.search(b.text)
    ]
    for block in near:
        for match in _label("time_label").finditer(block.text):
            if _words("other_time").search(match[0]) or re.search(
                r"\blots?\s(?:n\s?°\s?)?\d", match[0]
            ):
                continue
            end = _sentence_at(block, min(match.end(), len(block.text) - 1)).end
            at = _Passage(block, match.start(), end)
            if (months := contract_months(at.text)) is not None:
                yield months, at, "label"
    yield from _below_headings(blocks)
    for block in near:
        if _words("of_contract").search(block.text) is None:
            continue
        for sentence in _sentences(block):
            if _words("of_contract").search(sentence.text) is None or _words("time_aside").search(
                sentence.text
            ):
                continue
            if re.search(r"\blot\s(?:n\s?°\s?)?\d", sentence.text):
                continue
            # What is said next may renew it.
            rest = block.text[sentence.start : sentence.start + 500]
            renews = _words("renewals").search(rest)
            months = contract_months(rest if renews else sentence.text)
            if months is not None:
                yield months, sentence, "prose"
    yield from _in_forms(blocks)


def _in_forms(blocks: Sequence[Block]) -> Iterator[tuple[float, _Passage, str]]:
    """Yield the duration of a notice ("Durée en mois : 24") when all its parts have the same."""
    found = [
        (float(match[1]), _Passage(block, match.start(), match.end()))
        for block in blocks
        if "urée en mois" in block.text
        for match in _FORM.finditer(block.text)
    ]
    if len({months for months, _ in found}) == 1:
        yield *found[0], "form"


def _below_headings(blocks: Sequence[Block]) -> Iterator[tuple[float, _Passage, str]]:
    at = 0
    while at < len(blocks):
        title = blocks[at].path[-1] if blocks[at].path else ""
        if blocks[at].kind == BlockKind.HEADING or not _time_heading(title):
            at += 1
            continue
        end = at
        while (
            end < len(blocks)
            and blocks[end].path == blocks[at].path
            and blocks[end].kind != BlockKind.HEADING
        ):
            end += 1
        section = [
            b for b in blocks[at : min(end, at + 12)] if b.kind != BlockKind.ROW or len(b.cells) < 3
        ]
        kept = [
            s for b in section for s in _sentences(b) if not _words("time_aside").search(s.text)
        ]
        kept = [s for s in kept if not re.search(r"\blot\s(?:n\s?°\s?)?\d", s.text, re.I)]
        first = next((s for s in kept if contract_months(s.text) is not None), None)
        if first is not None:
            months = contract_months(
                " ".join(s.text.strip() for s in kept[kept.index(first) :])[:900]
            )
            if months is not None:
                yield months, first, "heading"
        at = max(end, at + 1)


def _time_heading(title: str) -> bool:
    return bool(_words("time_heading").search(title)) and not _words("other_time").search(title)


def contract_months(text: str) -> float | None:
    """Return the months that a text gives a contract, with renewals where they are counted.

    None when it gives none.
    """
    if (span := _between(text)) is not None:
        return span
    terms = list(duration_months(text))
    if not terms:
        school = _SCHOOL.search(text)
        return 12.0 * _counted(school["n"]) if school else None
    first = terms[0]
    if len(terms) > 1 and _AND_MONTHS.fullmatch(text[first.end : terms[1].start]):
        joined = text[first.start : terms[1].end].lower()
        if "an" in joined and "mois" in joined and terms[1].firm < 12 and first.firm % 12 == 0:
            return first.firm + terms[1].firm  # "un an et deux mois"
    if first.total > first.firm:
        return first.total
    in_all = [
        t.total
        for t in terms
        if t.total >= first.firm
        and (
            _words("in_all").search(text[max(0, t.start - 60) : t.start])
            or _words("in_all").match(text[t.end : t.end + 40].lstrip(" ,("))
            or _YEARS_IN_ALL.search(text[max(0, t.start - 12) : t.start])
        )
    ]
    if in_all:
        return max(in_all)
    times = _words("times").search(text, first.end)
    if times is None:
        return first.firm
    told: str | None = times["a"] or times["b"] or times["c"]
    repeats = _counted(told) if told else 1.0
    later = [t for t in terms[1:] if not _TERMS.search(text[: t.start])]
    period = next((t.firm for t in later if abs(t.start - times.end()) < 120), first.firm)
    return first.firm + repeats * period


def _counted(words: str) -> float:
    """Return a count in figures or words, 1 for "un" and "une"."""
    return next((n.value for n in numbers(words)), 1.0)


def _between(text: str) -> float | None:
    """Return the months from one day to another ("du 1er janvier 2027 au 31 décembre 2030")."""
    match = _FROM_TO.search(text)
    if match is None:
        return None
    days = [date.fromisoformat(d.value) for d in dates(text[match.start() : match.end() + 30])]
    if len(days) < 2 or days[1] <= days[0]:
        return None
    end = days[1] + timedelta(days=1)
    months = (end.year - days[0].year) * 12 + end.month - days[0].month
    return float(months) if months > 0 and end.day == days[0].day else None
