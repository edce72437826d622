"""Award criteria with their weights, read from tables, lists and prose of the criteria article.

Only passages of a criteria zone are read: a heading or sentence that announces the criteria opens
it. A document without such a zone yields nothing, whatever numbers it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.documents import Block, BlockKind, Box, Piece, PieceType
from corpus.findings import Criterion, Finding, Stage, Status
from nlp.dossier import Told
from nlp.sections import lot_numbers
from nlp.wordlists import word_lists

_ORDER = (PieceType.RC, PieceType.CCP, PieceType.NOTICE, PieceType.AE, PieceType.CCAP)
_ZONE = 30  # blocks after the announcement in which criteria may stand

_WEIGHT = re.compile(
    r"(?P<number>\d{1,3}(?:[,.]\d{1,2})?)\s*(?P<unit>%|points?\b|pts?\b\.?|/\s?(?:100|20|10|\d{2})\b)",
    re.I,
)
# Notices write "Valeur technique / Pondération : 60" without a unit.
_STATED = re.compile(
    r"[/(–-]?\s*(?:pondération|weighting|weight)\s*[:=]?\s*(?P<number>\d{1,3}(?:[,.]\d{1,2})?)\s*(?P<unit>%|points?\b|pts?\b)?(?!\s*[/\d])",
    re.I,
)
_COEFFICIENT = re.compile(
    r"coef(?:ficient|\.)?\s*(?:de\s*)?(?:pondération\s*)?:?\s*(?P<number>\d{1,2}(?:[,.]\d{1,2})?)",
    re.I,
)
# What notices print before a criterion's name, what follows it, and what may be trimmed.
_FIELD_PREFIX = re.compile(
    r"^.*?\b(?:nom|name)\s*:\s*"
    r"|^\W*(?:critère de qualité|quality criterion)\s*[-:–]?\s*(?:\d+\s*[.)-]\s*)?"
    r"|\b(?:critère de )?coût\s*:\s*\d+\.\s*|^\W*prix\s*:\s*\d+\.\s*",
    re.I,
)
_HOW_JUDGED = re.compile(
    r"\bpondér\w+|\bnotée?s?\b|\bcomptant\b|\bappréciée?s? (?:au|à|sur|en)\b"
    r"|\bjugée?s? (?:au|à|sur)\b|\b(?:sera|seront)\b|\bà hauteur\b"
)
_LEADING_WORDS = re.compile(
    r"^(?:le|la|les|l'|du|des|et|sous[- ]critère|critère)\s+(?:n°\s*\d+\s*)?[:–-]?\s*", re.I
)
_EDGES = " :-–—(|•.,*=…\"'"
_NAKED = re.compile(r"^\W*(?P<number>\d{1,3}(?:[,.]\d{1,2})?)\W*$")
_NUMBERING = re.compile(
    r"^\W*(?:(?:sous[- ])?crit[èe]re\s*)?(?:n°\s*)?"
    r"(?P<path>\d{1,2}(?:\s?[.-]\s?\d{1,2})*)\s*[-–.):°/]*\s*(?=\D)",
    re.I,
)
_LOT_SECTION = re.compile(
    r"\W*(?:II\.\S+\s*)?(?:intitulé\s*:?\s*)?.{0,60}?\blot\s*(?:n|:|\d)", re.I
)


@dataclass(frozen=True, slots=True)
class _Read:
    """One name and weight as they stand in a block."""

    name: str
    weight: float | None
    unit: str
    depth: int  # 0 a criterion, 1 a sub-criterion
    lots: tuple[str, ...]
    piece: Piece
    block: Block
    start: int
    end: int


def _words() -> Mapping[str, re.Pattern[str]]:
    return word_lists("criteria")


def theme(name: str) -> str:
    """Return price, social, environmental, delay, quality or other for a criterion's name."""
    words = _words()
    found = [
        (m.start(), t)
        for t in ("price", "social", "environmental", "delay", "quality")
        if (m := words[t].search(name))
    ]
    if not found:
        return "other"
    if {"social", "environmental"} & {t for _, t in found} and found[0][1] != "price":
        return min((s, t) for s, t in found if t in ("social", "environmental"))[1]
    return min(found)[1]


def award_criteria(dossier: Sequence[Told]) -> tuple[Criterion, ...]:
    """Return the criteria of a dossier from the piece that should state them (RC first)."""
    for role in _ORDER:
        reads: list[_Read] = []
        for piece, said in dossier:
            own = [s.block for s in said if s.role == role and not s.choice]
            reads += _piece(piece, own, role)
        if criteria := _assemble(reads):
            return criteria
    return ()


def _piece(piece: Piece, blocks: Sequence[Block], role: PieceType) -> Iterator[_Read]:
    words = _words()
    left = 0
    lots: tuple[str, ...] = ()
    section: tuple[str, ...] = ()  # notices describe lots one after the other, without headings
    scored: list[_Read] = []
    for block in blocks:
        text = block.text
        heading = block.kind == BlockKind.HEADING
        if role == PieceType.NOTICE and _LOT_SECTION.match(text):
            section = lot_numbers(text) or section
        opens = words["opens_heading" if heading else "opens"].search(text)
        if opens and not words["closes"].search(text):
            left = _ZONE
            lots = lot_numbers(text) or block.lots or section
            if not heading:
                scored += _block(piece, block, lots)
                yield from _unique(piece, block, lots)
            continue
        if left <= 0:
            continue
        left -= 1
        if heading and (words["closes"].search(text) or not _weights_in(text)):
            if named := lot_numbers(text):
                lots = named
                left = _ZONE
            elif not words["inside"].search(text):
                left = 0
            continue
        if words["ends"].search(text):
            left = 0
            continue
        if words["closes"].search(text) and not _weights_in(text):
            continue
        if named := _lot_lead(text):
            lots = named
        scored += _block(piece, block, lots)
    yield from scored


def _weights_in(text: str) -> bool:
    return bool(_WEIGHT.search(text) or _STATED.search(text) or _COEFFICIENT.search(text))


def _lot_lead(text: str) -> tuple[str, ...]:
    """Lots announced by a short line such as "Pour le lot 3 :"."""
    return lot_numbers(text) if len(text) < 80 and not _weights_in(text) else ()


def _unique(piece: Piece, block: Block, lots: tuple[str, ...]) -> Iterator[_Read]:
    """A single criterion: "critère unique du prix"."""
    if (match := _words()["unique"].search(block.text)) is not None:
        name = match[0]
        yield _Read(name, 100.0, "percent", 0, lots, piece, block, match.start(), match.end())


def _block(piece: Piece, block: Block, lots: tuple[str, ...]) -> Iterator[_Read]:
    lots = (
        lot_numbers(block.text)
        if block.kind == BlockKind.ROW and len(block.text) < 200 and lot_numbers(block.text)
        else lots or block.lots
    )
    if block.kind == BlockKind.ROW and len(block.cells) >= 2:
        yield from _row(piece, block, lots)
    else:
        yield from _prose(piece, block, lots, 0, len(block.text))


def _row(piece: Piece, block: Block, lots: tuple[str, ...]) -> Iterator[_Read]:
    """A table row: the last cell that is only a weight belongs to the longest cell before it."""
    cells = [(s, e) for s, e in block.cells if block.text[s:e].strip()]
    weights = [
        (i, w) for i, (s, e) in enumerate(cells) if (w := _only_weight(block.text[s:e], block.lead))
    ]
    if not weights:
        for start, end in cells:
            yield from _prose(piece, block, lots, start, end)
        return
    at, (weight, unit) = weights[-1]
    names = [
        c for i, c in enumerate(cells) if i < at and not _only_weight(block.text[c[0] : c[1]], "")
    ]
    if not names:
        return
    start, end = max(names, key=lambda c: c[1] - c[0])
    first_end = _first_clause(block.text, start, end)
    name = block.text[start:first_end]
    if len(names) > 1 and names[0] != (start, end):
        head = block.text[names[0][0] : names[0][1]]
        if len(head) < 60 and (
            _NUMBERING.match(head + " x") or not theme(name) or theme(head) != "other"
        ):
            name = f"{head} {name}" if _NUMBERING.match(head + " x") else head
    yield _read(piece, block, name, weight, unit, lots, start, end)
    yield from (
        replace(r, depth=1)
        for r in _prose(piece, block, lots, first_end, end)
        if r.weight is not None
    )


def _first_clause(text: str, start: int, end: int) -> int:
    match = re.search(r"\s[-•–]\s|\s:\s|:\s|;|\.\s", text[start:end])
    return start + match.start() if match and match.start() > 3 else end


def _only_weight(text: str, header: str) -> tuple[float, str] | None:
    text = text.strip()
    match = _WEIGHT.search(text)
    if match and len(text) - len(match[0]) < 14:
        return _number(match), _unit(match["unit"])
    naked = _NAKED.match(text)
    if naked and _words()["weight_header"].search(header):
        unit = (
            "percent"
            if "%" in header
            else "points"
            if re.search("point|note|/", header, re.I)
            else "coefficient"
            if re.search("coef", header, re.I)
            else "percent"
        )
        return _number(naked), unit
    return None


def _prose(
    piece: Piece, block: Block, lots: tuple[str, ...], start: int, end: int
) -> Iterator[_Read]:
    """Names followed by their weights ("Prix : 40 %", "valeur technique (60 points)")."""
    text = block.text[start:end]
    if not _weights_in(text):
        return
    words = _words()
    at = 0
    matches = sorted(
        [m for p in (_WEIGHT, _STATED, _COEFFICIENT) for m in p.finditer(text)],
        key=lambda m: m.start(),
    )
    for match in matches:
        if match.start() < at:
            continue
        before = text[at : match.start()]
        name = re.split(
            r"[;\n]|(?<=[a-zé])\.\s|\s[•]\s|(?<=\))\s-\s|(?:^|\s)[-–•]\s(?=[A-ZÉ])", before
        )[-1]
        if (
            words["weight_after"].match(text[match.end() : match.end() + 60])
            and len(before.strip(" -•:(")) < 4
        ):
            follow = re.split(r"[;,.\n]", text[match.end() :])[0]
            name = re.sub(r"^\s*(?:\)|pour|:|-|–|sur|de la note)?\s*", "", follow)
        at = match.end()
        if words["not_name"].search(name) or len(name.strip(" :-–(•\"'")) < 3:
            continue
        unit = _unit(match.groupdict().get("unit") or ("%" if match.re is _STATED else "coef"))
        yield _read(piece, block, name, _number(match), unit, lots, start, end)


def _read(
    piece: Piece,
    block: Block,
    name: str,
    weight: float | None,
    unit: str,
    lots: tuple[str, ...],
    start: int,
    end: int,
) -> _Read:
    numbering = _NUMBERING.match(name)
    depth = 0
    if numbering and len(re.findall(r"\d+", numbering["path"])) > 1:
        depth = 1
    if re.match(r"\W*sous[- ]?crit[èe]re", name, re.I):
        depth = 1
    clean = name[numbering.end() :] if numbering else name
    clean = _FIELD_PREFIX.sub("", re.sub(r"\s+", " ", clean))
    clean = _HOW_JUDGED.split(clean)[0].strip(_EDGES)
    clean = _LEADING_WORDS.sub("", clean).strip(_EDGES)
    return _Read(clean[:140], weight, unit, depth, lots, piece, block, start, end)


def _number(match: re.Match[str]) -> float:
    return float(match["number"].replace(",", "."))


def _unit(text: str) -> str:
    text = text.lower()
    if text == "%":
        return "percent"
    if text.startswith("coef"):
        return "coefficient"
    return "points"


# -- tree and shares ---------------------------------------------------------------------------


def _assemble(reads: Sequence[_Read]) -> tuple[Criterion, ...]:
    """Turn what was read into a tree a lot, with shares of the total in percent."""
    groups: dict[tuple[str, ...], list[_Read]] = {}
    for read in reads:
        if read.name and (not groups.get(read.lots) or not _repeated(groups[read.lots], read)):
            groups.setdefault(read.lots, []).append(read)
    criteria: list[Criterion] = []
    for lots, members in groups.items():
        nested = _first_whole(_nest(members))
        if _plausible(nested):
            criteria += _tree(nested, lots, len(criteria))
    return tuple(criteria)


def _repeated(known: Sequence[_Read], read: _Read) -> bool:
    return any(k.name.lower() == read.name.lower() and k.weight == read.weight for k in known)


def _nest(reads: Sequence[_Read]) -> list[tuple[_Read, list[_Read]]]:
    """Hang sub-criteria below their criterion: by numbering, by place, or by their sum."""
    tops: list[tuple[_Read, list[_Read]]] = []
    index = 0
    while index < len(reads):
        read = reads[index]
        index += 1
        if read.depth and tops:
            tops[-1][1].append(read)
            continue
        children: list[_Read] = []
        # "Technique 40 %" followed by parts that sum to 40, when the whole would pass 100.
        total = sum(r.weight or 0 for r in reads if not r.depth)
        if read.weight and total > 105:
            running, look = 0.0, index
            while look < len(reads) and running < read.weight - 0.01 and not reads[look].depth:
                running += reads[look].weight or 0
                look += 1
            if abs(running - read.weight) < 0.01 and look - index >= 2:
                children = [replace(r, depth=1) for r in reads[index:look]]
                index = look
        tops.append((read, children))
    return tops


def _first_whole(
    nested: list[tuple[_Read, list[_Read]]],
) -> list[tuple[_Read, list[_Read]]]:
    """Keep the first set that sums to 100 when several lots' criteria follow each other unnamed."""
    if sum(top.weight or 0 for top, _ in nested) <= 130:
        return nested
    running = 0.0
    for index, (top, _) in enumerate(nested, start=1):
        running += top.weight or 0
        if abs(running - 100) < 0.01:
            return nested[:index]
    return nested


def _plausible(nested: Sequence[tuple[_Read, list[_Read]]]) -> bool:
    """Refuse numbers that are not criteria: a price or technical theme and a sane total."""
    tops = [top for top, _ in nested]
    themes = {theme(t.name) for t in tops}
    if len(tops) == 1:
        return tops[0].weight == 100
    total = sum(t.weight or 0 for t in tops)
    return bool(themes & {"price", "quality"}) and (tops[0].unit != "percent" or 50 <= total <= 130)


def _tree(
    nested: Sequence[tuple[_Read, list[_Read]]], lots: tuple[str, ...], offset: int
) -> list[Criterion]:
    total = sum(top.weight or 0 for top, _ in nested)
    out: list[Criterion] = []
    for top, children in nested:
        percent = top.unit == "percent" and 90 <= total <= 110
        share = (
            top.weight if percent else round(100 * (top.weight or 0) / total, 2) if total else None
        )
        parent = _criterion(top, f"c{offset + len(out) + 1}", share, None, lots)
        out.append(parent)
        below = sum(c.weight or 0 for c in children)
        for child in children:
            part = None
            if child.weight is not None and below and share is not None:
                part = round(share * child.weight / below, 2)
            out.append(_criterion(child, f"c{offset + len(out) + 1}", part, parent, lots))
    return out


def _criterion(
    read: _Read, id_: str, share: float | None, parent: Criterion | None, lots: tuple[str, ...]
) -> Criterion:
    own = theme(read.name)
    runs = list(read.block.runs(read.start, read.end))
    boxes: list[Box] = []
    for page, low, high in runs:
        boxes += read.piece.page(page).boxes(low, high)
    return Criterion(
        id=id_,
        name=read.name,
        weight=read.weight,
        unit=read.unit,
        share=share,
        theme=parent.theme if parent and own == "other" else own,
        lots=lots,
        parent=parent.id if parent else None,
        piece=read.piece.id,
        page=runs[0][0] if runs else read.block.page,
        boxes=tuple(boxes),
        quote=read.block.printed(read.start, read.end)[:400],
    )


# -- criteria as findings -----------------------------------------------------------------------

_GENERAL = {"environmental": "env.general", "social": "social.general"}
_DOMINANT = 60.0  # percent from which the price dominates


def with_criteria(
    findings: Sequence[Finding], criteria: Sequence[Criterion]
) -> tuple[Finding, ...]:
    """Give findings on award criteria their weight, and add the criteria that no rule had marked.

    A social or environmental criterion, and a price of 60 % or more, each have a finding.
    """
    found = list(findings)
    for criterion in criteria:
        if criterion.share is None:
            continue
        dominant = criterion.theme == "price" and criterion.parent is None
        label = _GENERAL.get(criterion.theme, "")
        if dominant and criterion.share >= _DOMINANT:
            label = "barrier.price_weight"
        if not label:
            continue
        family = label.partition(".")[0]
        same = [i for i, f in enumerate(found) if _about(f, criterion, family)]
        for i in same:
            values = {"weight_percent": criterion.share, **found[i].values}
            found[i] = replace(found[i], values=values)
        if not same:
            found.append(_as_finding(criterion, label))
    return tuple(found)


def _about(finding: Finding, criterion: Criterion, family: str) -> bool:
    place = (finding.piece, finding.page) == (criterion.piece, criterion.page)
    said = criterion.name in finding.quote or finding.quote in criterion.quote
    own = any(label.partition(".")[0] == family for label in finding.labels)
    return place and said and own and finding.status == Status.SCORED


def _as_finding(criterion: Criterion, label: str) -> Finding:
    return Finding(
        id=f"{criterion.piece}-{criterion.id}",
        piece=criterion.piece,
        page=criterion.page,
        boxes=criterion.boxes,
        quote=criterion.quote,
        article="",
        lots=criterion.lots,
        labels=(label,),
        stage=Stage.AWARD_CRITERION,
        status=Status.SCORED,
        values={"weight_percent": criterion.share or 0.0},
        confidence=0.85,
        found_by=(f"{label}/award_criteria",),
        cues=(criterion.name,),
        qualifiers=("criterion",),
    )
