"""Rows of grids of award criteria: names and weights, with lots or parts in other columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from corpus.documents import CELL_MARK, Block, BlockKind, Piece, PieceType
from nlp.sections import lot_numbers
from nlp.weights import Named, cell_weight, clean_name, named, numbering, opening, theme, words

LOT_OPENS = re.compile(r"^\W*(?:lot|LOT|Lot)\s*(?:n\W{0,3})?\d{1,2}\b")
ALL_LOTS = re.compile(
    r"\b(?:tous les lots|quel que soit le lot|chaque lot|chacun des (?:\w+ )?lots"
    r"|ensemble des lots|commune?s? aux lots|lot par lot)\b",
    re.I,
)
_TOTAL = re.compile(
    r"^\W*(?:sous[- ])?tota(?:l|ux)\b|^\W*note (?:globale|totale|finale)\b|^\W*ensemble\W*$", re.I
)
_DASHED = re.compile(r"^\s*(?:[-–—•▪o]|dont)\s+\S")
_SENTENCE = re.compile(r"(?<=[\w)»%])\s?[.;]\s+(?=[A-ZÉÈÀ])|\n")


@dataclass(frozen=True, slots=True)
class Item:
    """A name and its weight at ``[start, end)`` of a block.

    ``depth`` is 0 for a criterion, 1 for a part of one, None where nothing tells; ``firm`` when
    numbers or words tell it. ``parent`` is the name of the criterion that a passage details.
    """

    name: str
    weight: float | None
    unit: str
    lots: tuple[str, ...]
    piece: Piece
    block: Block
    start: int
    end: int
    depth: int | None = None
    firm: bool = False
    of: str = ""
    parent: str = ""


@dataclass(slots=True)
class Zone:
    """Where reading stands. ``columns`` are the titles of the table, ``marks`` the bullets seen."""

    piece: Piece
    role: PieceType
    left: int = 0
    lots: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    over: str = ""
    detail: str = ""
    listing: bool = False
    below: bool = False
    bare: str = ""
    marks: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    fields: list[Item] = field(default_factory=list)
    single: list[Item] = field(default_factory=list)
    bases: list[float] = field(default_factory=list)
    order: bool = False


def row(zone: Zone, block: Block) -> Iterator[Item]:
    """Yield what a row states; a row of titles sets the columns of those below it."""
    text = block.text
    cells = [text[s:e].strip() for s, e in block.cells]
    header = block.lead.split(CELL_MARK) if block.lead else []
    if _is_header(cells, header):
        zone.over = " ".join([zone.over, *zone.columns])[-120:] if zone.columns else zone.over
        zone.columns = tuple(cells)
        if title := lot_numbers(cells[0]):  # "Critères – lots 1 et 2" above the names
            zone.lots = title
        return
    columns = list(zone.columns or header)
    if len(columns) > len(cells):  # merged cells stand at the left
        columns = (
            columns[len(columns) - len(cells) :]
            if not cells[0] or cell_weight(cells[0], "%")
            else (columns[:1] + columns[len(columns) - len(cells) + 1 :])
        )
    columns += [""] * (len(cells) - len(columns))
    over = f"{zone.over} {block.lead}"
    if _TOTAL.match(next((c for c in cells if c), "")):
        return
    lots = zone.lots
    by_lot = [i for i, column in enumerate(columns) if lot_numbers(column) and i > 0]
    if by_lot and any(cell_weight(cells[i], f"{columns[i]} {over} pondération") for i in by_lot):
        yield from _columns(zone, block, cells, columns, by_lot, over)
        return
    if named_lots := (lot_numbers(cells[0]) if LOT_OPENS.match(cells[0]) else ()):
        lots = named_lots
    elif re.match(r"\W*lots?\b", columns[0], re.I) and re.fullmatch(r"\d{1,2}", cells[0]):
        lots = (cells[0].lstrip("0"),)
    across = [
        i for i, column in enumerate(columns)
        if theme(clean_name(column)) != "other" and cell_weight(cells[i], f"{column} %")
    ]  # fmt: skip
    if len(across) >= 2:
        for i in across:
            value, unit = cell_weight(cells[i], f"{columns[i]} {over} pondération") or (0.0, "")
            yield _of_row(zone, block, clean_name(columns[i]), value, unit, lots)
        return
    yield from _pairs(zone, block, cells, columns, lots)


def _is_header(cells: Sequence[str], header: Sequence[str]) -> bool:
    if header and cells == [c.strip() for c in header]:
        return True
    if any(cell_weight(c, "%") for c in cells if c and not lot_numbers(c)) or any(
        len(c) > 60 for c in cells
    ):
        return False
    lists = words()
    told = [c for c in cells if c]
    lots = sum(1 for c in told if lot_numbers(c))
    if lots == len(told) >= 2:
        return True
    names = any(lists["name_header"].search(c) for c in told)
    values = any(lists["weight_header"].search(c) or lot_numbers(c) for c in told)
    return len(told) >= 2 and names and values


def _columns(
    zone: Zone, block: Block, cells: Sequence[str], columns: Sequence[str],
    by_lot: Sequence[int], over: str,
) -> Iterator[Item]:  # fmt: skip
    """A row whose columns are lots."""
    before = [i for i in range(by_lot[0]) if cells[i] and not cell_weight(cells[i], "")]
    if not before:
        return
    index = (
        before[-1]
        if len(before) > 1 and not re.search(r"[^\W\d]{4}", cells[before[0]])
        else before[0]
    )
    sub = len(before) > 1 and words()["sub"].search(columns[before[-1]]) is not None
    name_cell = cells[before[-1]] if sub else cells[index]
    name = clean_name(name_cell[: opening(name_cell)])
    if not name:
        return
    below = sub or bool(_DASHED.match(name_cell)) or len(numbering(name_cell)) > 1
    for i in by_lot:
        if found := cell_weight(cells[i], f"{columns[i]} {over} pondération"):
            unit = found[1] or unit_told(f"{columns[i]} {over}") or zone.bare
            item = _of_row(zone, block, name, found[0], unit, lot_numbers(columns[i]))
            yield replace(item, depth=1 if below else None, firm=below)


def _pairs(
    zone: Zone, block: Block, cells: Sequence[str], columns: Sequence[str], lots: tuple[str, ...]
) -> Iterator[Item]:
    """A row of names each followed by its weight; a name may be told over two cells."""
    lists = words()
    over = " ".join(columns)
    subs = [bool(lists["sub"].search(c)) for c in columns]
    pending: list[int] = []
    groups: list[tuple[list[int], list[tuple[int, tuple[float, str]]]]] = []
    for i, cell in enumerate(cells):
        if not cell:
            continue
        header = columns[i] or (
            "" if any(columns) else "%" if i == len(cells) - 1 and zone.bare else ""
        )
        weight = cell_weight(cell, header)
        if weight is None:
            if pending and groups and groups[-1][0] is pending and groups[-1][1]:
                pending = []
            if not groups or groups[-1][0] is not pending:
                groups.append((pending, []))
            pending.append(i)
        elif groups:
            groups[-1][1].append((i, weight))
    start = 0
    for place, (names, found) in enumerate(groups):
        index = names[0]
        if len(names) > 1 and not re.search(
            r"[^\W\d]{3}", re.sub(r"(?i)(?:sous-)?crit[èe]re|lot", "", cells[index])
        ):
            index = names[1]
        sub = next((i for i in names if subs[i]), None)
        begin, end = block.cells[index]
        if not found:
            if told := masked(block.text[begin:end]):
                for each in named(told)[1]:
                    moved = replace(each, start=each.start + begin, end=each.end + begin)
                    item = item_of(zone, block, moved, lots)
                    yield replace(item, depth=1 if each.below else None, firm=each.below)
            continue
        weight = _preferred(found, columns)
        if sub is not None and (sub != index or not cells[0] or start):
            if sub != index and place == 0 and (own := named(cells[index])[1]):
                each = own[0]
                yield replace(
                    item_of(zone, block, replace(each, start=begin, end=end), lots),
                    depth=0,
                    firm=True,
                )
            name = clean_name(cells[sub][: opening(cells[sub])])
            yield replace(_of_row(zone, block, name, *weight, lots), depth=1, firm=True)
            start = 1
            continue
        cell = cells[index]
        stop = opening(cell)
        name = clean_name(cell[:stop])
        if not name or lists["not_name"].search(name) or not re.search(r"[^\W\d]{3}", name):
            continue
        below = (
            len(numbering(cell)) > 1 or bool(_DASHED.match(cell)) or bool(lists["sub"].match(cell))
        )
        unit = weight[1] or unit_told(over) or zone.bare
        item = _of_row(zone, block, name, weight[0], unit, lots)
        yield replace(item, depth=1 if below else None, firm=below)
        start = 1
        rest = " " * stop + masked(block.text[begin:end])[stop:]
        _, parts = named(rest)
        for each in parts if len(parts) > 1 else ():
            moved = replace(each, start=each.start + begin, end=each.end + begin)
            yield replace(item_of(zone, block, moved, lots), depth=1, firm=True)


def _preferred(
    found: Sequence[tuple[int, tuple[float, str]]], columns: Sequence[str]
) -> tuple[float, str]:
    """Return the weight of the column that says it most plainly, the last of equals."""

    def rank(entry: tuple[int, tuple[float, str]]) -> tuple[int, int]:
        title = columns[entry[0]]
        plain = re.search(r"pond[ée]r|%|poids|coef", title, re.I) or entry[1][1] == "percent"
        return (2 if plain else 1, entry[0])

    return max(found, key=rank)[1]


def _of_row(
    zone: Zone, block: Block, name: str, value: float, unit: str, lots: tuple[str, ...]
) -> Item:
    return Item(
        name=name,
        weight=value,
        unit=unit,
        lots=lots,
        piece=zone.piece,
        block=block,
        start=0,
        end=len(block.text),
        parent=zone.detail,
    )


# -- what rows and other passages share --


def item_of(zone: Zone, block: Block, each: Named, lots: tuple[str, ...]) -> Item:
    """Return what a passage names as an item of the zone."""
    weight = each.weight
    own = lots or (block.lots if block.kind != BlockKind.ROW and not zone.lots else ())
    if own == block.lots and ALL_LOTS.search(block.text[:160]):
        own = ()
    return Item(
        name=each.name,
        weight=weight.value if weight else None,
        unit=weight.unit if weight else "",
        lots=own,
        piece=zone.piece,
        block=block,
        start=each.start,
        end=each.end,
        of=weight.of if weight else "",
        parent=zone.detail,
    )


def masked(text: str) -> str:
    """Blank the sentences that tell a scale or a formula, offsets kept."""
    if not words()["not_criteria"].search(text):
        return text
    parts: list[str] = []
    at = 0
    for match in (*_SENTENCE.finditer(text), None):
        end = match.end() if match else len(text)
        sentence = text[at:end]
        parts.append(" " * len(sentence) if words()["not_criteria"].search(sentence) else sentence)
        at = end
    return "".join(parts)


def unit_told(text: str) -> str:
    """Return the unit that an announcement gives to the numbers of the list below it."""
    if re.search(r"\bcoef", text, re.I):
        return "coefficient"
    if re.search(r"\bpourcentage|%", text, re.I):
        return "percent"
    if re.search(r"\bpoints?\b|\bsur (?:100|20|vingt|cent)\b", text, re.I):
        return "points"
    return ""
