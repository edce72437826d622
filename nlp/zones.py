"""What a piece states of its award criteria, in order: grids, lists, fields and prose.

A zone is opened by a heading or a sentence that announces criteria, and closed by the next
heading; outside of it no number is a weight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.documents import Block, BlockKind, PieceType
from nlp.dossier import Told, fold
from nlp.grids import ALL_LOTS, LOT_OPENS, Item, Zone, item_of, masked, row, unit_told
from nlp.sections import lot_numbers
from nlp.weights import Named, clean_name, listed, named, number, opening, weights, words

OTHERS = "*"  # the lots that no other passage names ("pour les autres lots")

_ZONE = 40  # blocks after the announcement in which criteria may stand
_STRICT = (PieceType.CCAP, PieceType.CCTP, PieceType.AE, PieceType.ANNEX, PieceType.PRICES)
_CHEAP = re.compile(r"crit|offre|pond|not[ée]|choi[xs]|jugement|attribut|départag|seul prix", re.I)
_RANKED = re.compile(
    r"^\W*(?:premièrement|en premier(?: lieu)?|d'abord|1°)\b.{3,300}?"
    r"\b(?:deuxièmement|en (?:deuxième|second)|ensuite|puis|2°)\b",
    re.I | re.S,
)
_LOT = re.compile(r"\blots?\b", re.I)
_LOT_SECTION = re.compile(
    r"\W*(?:II\.\S+\s*)?(?:intitulé\s*:?\s*)?.{0,60}?\blot\s*(?:n|:|\d)", re.I
)
_LOT_CLAUSE = re.compile(
    r"^[\W\d.]*(?:s[’']agissant|pour|concernant|en\s+ce\s+qui\s+concerne|dans)?\W*(?:(?:d[eu]s?|les?|la|au|aux|chacun)\s+)*"
    r"(?P<lots>lots?\b[^,:|]{0,60})(?:[,:|]|\s[–-]\s|$|(?=\s+(?:le|la|les)\s))",
    re.I,
)
_OTHER_LOTS = re.compile(r"\bautres lots\b", re.I)
_FIELD = re.compile(r"^\W*crit[èe]re\s*(?:\((?:qualité|prix|coût)\))?\s*:\s*(?=\S)", re.I)
_FIELD_PART = re.compile(
    r"\b(?P<key>type|nom|name|description|cat[ée]gorie[^:]{0,60}|pond[ée]ration[^:]{0,60}"
    r"|valeur du crit[èe]re[^:]{0,30}|nombre[^:]{0,12}crit[èe]re[^:]{0,30})\s*:\s*",
    re.I,
)
_NUMBER_WORD = r"(\d{1,3}|dix|vingt|cent|un)\b"
_BASE = re.compile(
    rf"(?:(?:note|total|somme|notation|notées?|notés?|appréciées?|établie)\b[^.;:]{{0,60}}?\b(?:sur|de|à)\s+(?:un\s+total\s+de\s+)?{_NUMBER_WORD}"
    rf"|s[’']additionnent\s+à\s+{_NUMBER_WORD}|\bles\s+{_NUMBER_WORD}\s+points\s+se\s+répart"
    rf"|total\s*(?:\||:|=)\s*{_NUMBER_WORD}"
    rf"|\blots?\b[^.;:]{{0,30}}?\bsur\s+{_NUMBER_WORD}\s*:)",
    re.I,
)
# "Lot 3, sur 100 : prix, 60 points": the sum that the weights of the lot reach.
_OUT_OF = re.compile(r"(\blots?\b[^.;:]{0,30}?)(,?\s*sur\s+\d{2,3}(?:\s*points?)?)(?=\s*:)", re.I)
_EACH = re.compile(
    r"\b(?:chaque|chacun|critères|sous-critères)\b|\bles notes\b|\bde\s+0\s+à\b", re.I
)
_STOP = frozenset(
    "de du des la le les l d et a au aux en un une pour sur par son sa ses ce".split()
)


@dataclass(frozen=True, slots=True)
class Stated:
    """The items of a piece, single criteria, the bases written, whether an order is, all lots."""

    items: tuple[Item, ...]
    single: tuple[Item, ...]
    bases: tuple[float, ...]
    order: bool
    lots: tuple[str, ...]


def alike(one: str, other: str) -> bool:
    """Tell whether two names mean the same criterion: the words of the shorter, most of them."""
    first, second = _tokens(one), _tokens(other)
    shared = len(first & second)
    return (
        shared > 0
        and shared >= 0.6 * min(len(first), len(second))
        and (shared >= 0.5 * max(len(first), len(second)) or shared == min(len(first), len(second)))
    )


def stated(told: Told, role: PieceType) -> Stated:
    """Return what the passages of one role in a piece state of the award criteria."""
    blocks = [s.block for s in told.said if s.role == role and not s.choice]
    zone = Zone(told.piece, role)
    lots: dict[str, None] = {}
    for block in blocks:
        if LOT_OPENS.match(block.text):
            lots |= dict.fromkeys(lot_numbers(block.text[:40]))
        _step(zone, block)
    # Fields of a notice are weights beyond doubt: prose beside them only explains.
    items = zone.fields if len(zone.fields) > 1 else [*zone.items, *zone.fields]
    return Stated(tuple(items), tuple(zone.single), tuple(zone.bases), zone.order, tuple(lots))


def _step(zone: Zone, block: Block) -> None:
    """Read one block: open, keep or close the zone, and take what it states."""
    lists = words()
    text = block.text
    heading = block.kind == BlockKind.HEADING
    if zone.role == PieceType.NOTICE and _LOT.search(text[:120]) and _LOT_SECTION.match(text):
        zone.section = lot_numbers(text) or zone.section
    if _opens(zone, block):
        zone.left = _ZONE
        lots = lot_numbers(text) if heading else ()
        zone.lots = lots or (_section_lots(block) if heading else zone.lots) or zone.section
        if heading:
            _reset(zone)
            zone.detail = _detailed(zone, text)
        if block.kind in (BlockKind.HEADING, BlockKind.PARAGRAPH):
            zone.bare = unit_told(text) or zone.bare
    elif zone.left <= 0:
        return
    zone.left -= 1
    if lists["order"].search(text):
        zone.order = True
    zone.bases += [b for b in _bases(text) if b not in zone.bases]
    if heading and not weights(text):
        _heading(zone, block)
    elif lists["candidates"].search(text) or (lists["ends"].search(text) and not weights(text)):
        zone.left = 0
    elif not (lists["closes"].search(text) and not weights(text)):
        _content(zone, block)
    if zone.left > 0 and _single(zone, block):
        zone.left = min(zone.left, 3)


def _opens(zone: Zone, block: Block) -> bool:
    text = block.text
    if not _CHEAP.search(text) or (block.kind == BlockKind.ROW and len(text) > 400):
        return False
    lists = words()
    if lists["candidates"].search(text) or (lists["closes"].search(text) and not weights(text)):
        return False
    if lists["subsequent"].search(text) and not lists["framework"].search(text):
        zone.left = 0
        return False
    if zone.role in _STRICT:
        return lists["opens_strictly"].search(text) is not None
    if block.kind == BlockKind.HEADING and lists["opens_heading"].search(text):
        return True
    return lists["opens"].search(text) is not None


def _reset(zone: Zone) -> None:
    zone.columns, zone.over, zone.detail, zone.bare = (), "", "", ""
    zone.below, zone.listing = False, False
    zone.marks.clear()


def _heading(zone: Zone, block: Block) -> None:
    """A heading inside a zone announces lots or a criterion, or ends the zone."""
    text = block.text
    lists = words()
    _reset(zone)
    if _opens(zone, block):
        zone.detail = _detailed(zone, text)
    elif lists["closes"].search(text):
        zone.left = 0
    elif lots := lot_numbers(text):
        zone.lots = lots
        zone.left = _ZONE
    elif known := _detailed(zone, text):
        zone.detail = known
    elif not lists["inside"].search(text):
        zone.left = 0
    zone.listing = text.rstrip().endswith(":")
    zone.bare = unit_told(text)


def _section_lots(block: Block) -> tuple[str, ...]:
    for title in reversed(block.path):
        if lots := lot_numbers(title):
            return lots
    return ()


def _bases(text: str) -> Iterator[float]:
    for match in _BASE.finditer(text):
        before = text[max(0, match.start() - 40) : match.end()]
        value = number(next(group for group in match.groups() if group))
        if value in (1, 10, 20, 40, 50, 60, 100, 200) and not _EACH.search(before):
            yield value


# -- lots and criteria that a passage is about ----------------------------------------------------


def _lots(zone: Zone, block: Block) -> tuple[str, ...]:
    """Return the lots a block is about; a short line of lots holds for what follows."""
    text = block.text
    if not _LOT.search(text):
        return zone.lots
    if len(text) > 90 and text.rstrip().endswith(":"):  # its last sentence leads what follows
        text = text[max((m.end() for m in re.finditer(r"\.\s+(?=[A-ZÉ])", text)), default=0) :]
    clause = _LOT_CLAUSE.match(text)
    if ALL_LOTS.search(text[:160]):
        lots: tuple[str, ...] = ()
    elif _OTHER_LOTS.search(text[:100]):
        lots = (OTHERS,)
    elif clause and (found := lot_numbers(clause["lots"])):
        lots = found
    elif len(text) < 90 and not weights(text) and lot_numbers(text):
        lots = lot_numbers(text)
    else:
        return zone.lots
    if not weights(text):  # it leads what follows
        zone.lots = lots
        zone.detail, zone.below = "", False
        zone.marks.clear()
    return lots


def _detailed(zone: Zone, text: str) -> str:
    """Return the criterion known so far that a text names, the one it names best."""
    told = _tokens(text)
    best, score = "", 0.55
    for item in zone.items:
        if item.depth == 1 or item.parent or item.weight is None:
            continue
        own = _tokens(item.name)
        share = len(own & told) / len(own) if own else 0.0
        if share > score or (share == score and len(own) > len(_tokens(best))):
            best, score = item.name, share
    return best


def _tokens(text: str) -> set[str]:
    return {w.rstrip("s") for w in re.findall(r"\w+", fold(text)) if len(w) > 2} - _STOP


# -- what a block states --------------------------------------------------------------------------


def _content(zone: Zone, block: Block) -> None:
    if block.kind == BlockKind.ROW and len(block.cells) >= 2:
        zone.items += row(zone, block)
        return
    zone.columns, zone.over = (), ""
    lots = _lots(zone, block)
    text = _OUT_OF.sub(lambda m: m[1] + " " * len(m[2]), masked(block.text))
    if _fields(zone, block, lots, block.text):
        return
    item = block.kind == BlockKind.ITEM
    if not item:
        zone.marks.clear()
        zone.below = False
    lead, found = named(text, zone.bare if item else "")
    about = lead if found else text
    detail = ""
    if words()["detail"].search(about) and not (found and not lead.strip()):
        detail = _detailed(zone, about)
    if detail and len(found) == 1 and alike(detail, found[0].name):
        detail = ""
    if not item:
        zone.detail = detail or (zone.detail if block.kind == BlockKind.HEADING else "")
        if not zone.detail and block.path and zone.items:
            zone.detail = _detailed(zone, block.path[-1])
        leads = re.search(r"ci-(?:après|dessous)|suivants|que voici", text, re.I)
        zone.listing = (text.rstrip().endswith(":") or leads is not None) and not found
        if zone.listing:
            zone.bare = unit_told(text) or zone.bare
            if words()["parts"].search(text) and zone.items and not zone.detail:
                zone.below = words()["sub"].search(text) is not None
    if found:
        _take(zone, block, lots, lead, found, item)
    elif item and zone.listing and not zone.detail:
        _plain(zone, block, lots)
    elif (
        not item
        and zone.order
        and ((words()["order"].search(text) and ":" in text) or _RANKED.search(text))
    ):
        start = text.rindex(":") + 1 if ":" in text else 0
        for each in listed(text[start:]):
            zone.items.append(
                item_of(
                    zone, block, replace(each, start=each.start + start, end=each.end + start), lots
                )
            )


def _take(
    zone: Zone, block: Block, lots: tuple[str, ...], lead: str, found: Sequence[Named], item: bool
) -> None:
    mark = _mark(block.text) if item else ""
    level = _level(zone, mark, fresh=not found[0].below) if item else None
    sub = words()["sub"].search(lead) is not None and not zone.detail
    for index, each in enumerate(found):
        depth, firm = level, False
        if each.below or (sub and bool(zone.items)):
            depth, firm = 1, True
        elif zone.below and item:
            depth = 1
        elif not item and index and not each.below:
            depth = None
        if len(each.path) > 1 and not item:
            depth, firm = 1, True
        if each.path and len(each.path) > 1 and item:
            depth, firm = 1, True
        zone.items.append(replace(item_of(zone, block, each, lots), depth=depth, firm=firm))
    tail = block.text[found[-1].end :]
    opened = words()["parts"].search(tail) or block.text.rstrip().endswith(":")
    if item and opened and not found[-1].below:
        zone.below = True
        zone.marks[:] = [mark]
    elif not item and opened and len(found) == 1:
        zone.below = True
        zone.marks.clear()


def _mark(text: str) -> str:
    first = text.lstrip()[:1]
    return "1" if first.isdigit() else "a" if first.isalpha() and first != "o" else first


def _level(zone: Zone, mark: str, *, fresh: bool) -> int | None:
    """Return 1 for a bullet unlike the one the list began with, 0 when it comes back."""
    if not zone.marks:
        zone.marks.append(mark)
        return None
    if mark == zone.marks[0]:
        return 0 if len(zone.marks) > 1 and fresh else None
    if mark not in zone.marks:
        zone.marks.append(mark)
    return 1


def _plain(zone: Zone, block: Block, lots: tuple[str, ...]) -> None:
    """A list item without a weight, below an announcement of criteria."""
    end = opening(block.text)
    name = clean_name(block.text[:end])
    if 3 < len(name) <= 120 and len(block.text) < 200:
        zone.items.append(item_of(zone, block, Named(name, None, 0, end), lots))


def _fields(zone: Zone, block: Block, lots: tuple[str, ...], text: str) -> bool:
    """Read "Critère (qualité) : Insertion - Équipe, pondération 20" and printed eForms fields."""
    if (field_ := _FIELD.match(text)) is not None and not _FIELD_PART.search(text, field_.end()):
        stated_ = weights(text)
        if stated_:
            last = stated_[-1]
            body = text[field_.end() : last.start]
            told = (clean_name(part) for part in re.split(r"\s-\s", body))
            name = next((n for n in told if sum(c.isalpha() for c in n) > 2), "")
            if name:
                each = Named(name, last, field_.end(), last.end)
                depth = int(words()["sub"].match(body.lstrip()) is not None)
                item = replace(item_of(zone, block, each, lots), depth=depth, firm=depth == 0)
                zone.fields.append(item)
            return True
    parts = list(_FIELD_PART.finditer(text))
    keys = {part["key"].lower()[:4] for part in parts}
    if not keys & {"type", "vale", "nomb", "caté", "cate"} or not re.search(
        r"\bnom\s*:|\bname\s*:|\bdescription\s*:", text, re.I
    ):
        return False
    taken = False
    name, start = "", 0
    for part, after in zip(parts, (*parts[1:], None), strict=True):
        value = text[part.end() : after.start() if after else len(text)]
        key = part["key"].lower()
        if key in ("nom", "name"):
            name, start = clean_name(value.split("\n")[0]), part.start()
        elif key == "description" and not name:
            name, start = clean_name(value[: opening(value)]), part.start()
        elif key == "type":
            name = ""
        elif name and (figure := re.match(r"\d{1,3}(?:[.,]\d{1,2})?", value)) is not None:
            end = part.end() + figure.end()
            weight = weights(f"pondération : {figure[0]} {'%' if 'pourcent' in key else ''}")[0]
            each = Named(name, replace(weight, start=part.end(), end=end), start, end)
            zone.fields.append(replace(item_of(zone, block, each, lots), depth=0, firm=True))
            name, taken = "", True
    return taken


def _single(zone: Zone, block: Block) -> bool:
    """Take a single criterion: "critère unique : le prix"."""
    text = block.text
    lists = words()
    match = lists["unique"].search(text)
    if match is None or lists["not_unique"].search(text[: match.end() + 30]):
        return False
    stop = text.find(". ", match.end())  # what the next sentence weighs is another matter
    if weights(text[: stop if stop > 0 else len(text)]):
        return False
    name = next(value for value in match.groupdict().values() if value)
    found = Named(name[:1].upper() + name[1:], None, match.start(), match.end())
    single = item_of(zone, block, found, _lots(zone, block))
    zone.single.append(replace(single, unit="none", parent=""))
    return True
