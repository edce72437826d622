"""Award criteria as a tree a lot, read from tables, lists, notices' fields and prose.

Only passages of a criteria zone are read: a heading or sentence that announces the criteria opens
it. A document without such a zone yields nothing, whatever numbers it holds. How blocks are read
is in ``zones`` and ``grids``, names and weights in ``weights``; here items become trees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.documents import PieceType
from corpus.findings import Criterion, Finding, Stage, Status
from nlp.dossier import Told
from nlp.evidence import place
from nlp.grids import Item
from nlp.weights import theme
from nlp.zones import OTHERS, Stated, alike
from nlp.zones import stated as _stated

__all__ = ["award_criteria", "stated_criteria", "theme", "totals", "with_criteria"]

_ORDER = (
    PieceType.RC, PieceType.CCP, PieceType.NOTICE, PieceType.AE, PieceType.CCAP, PieceType.ANNEX,
    PieceType.CCTP,
)  # fmt: skip
_MOST = 40  # items of a lot; more are no criteria
_NEAR = 0.15  # how far from a written base a sum may be and still be meant to reach it
_SAME = 0.011


@dataclass(frozen=True, slots=True)
class _Top:
    item: Item
    children: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class _Tree:
    """The criteria of lots: ``base`` is what the weights should sum to, None without weights."""

    tops: tuple[_Top, ...]
    unit: str
    base: float | None
    lots: tuple[str, ...] = ()


def award_criteria(dossier: Sequence[Told]) -> tuple[Criterion, ...]:
    """Return the criteria of a dossier from the piece that should state them (RC first)."""
    for role in _ORDER:
        trees: list[_Tree] = []
        for piece in dossier:
            for tree in _trees(_stated(piece, role)):
                told = {lot for t in trees for lot in t.lots}
                if not trees or (tree.lots and told and not told & set(tree.lots)):
                    trees.append(tree)  # a second file repeats the first, or has lots of its own
        if trees:
            return _criteria(trees, dossier)
    return ()


def stated_criteria(dossier: Sequence[Told]) -> Mapping[str, tuple[Criterion, ...]]:
    """Return what each piece states, by its id; pieces without criteria are left out."""
    found: dict[str, tuple[Criterion, ...]] = {}
    for piece in dossier:
        for role in _ORDER:
            if trees := _trees(_stated(piece, role)):
                found[piece.piece.id] = _criteria(trees, dossier)
                break
    return found


def totals(
    criteria: Sequence[Criterion],
) -> tuple[tuple[tuple[str, ...], float, float], ...]:
    """Return lots, sum of the criteria's weights and the sum they should reach, where they differ.

    The base is 100 for percent; for points and coefficients it is the one written, which the
    shares tell; without one nothing can be wrong.
    """
    groups: dict[tuple[str, ...], list[Criterion]] = {}
    for criterion in criteria:
        if criterion.parent is None and criterion.weight and criterion.unit != "order":
            groups.setdefault(criterion.lots, []).append(criterion)
    wrong = []
    for lots, tops in groups.items():
        total = sum(top.weight or 0.0 for top in tops)
        first = max(tops, key=lambda top: top.weight or 0.0)
        if first.unit == "percent":
            base = 100.0
        elif first.share:
            base = float(round(100 * (first.weight or 0.0) / first.share, 1))
        else:
            continue
        if len(tops) > 1 and abs(total - base) > max(_SAME, base * 0.004):
            wrong.append((lots, round(total, 2), base))
    return tuple(wrong)


# -- trees ----------------------------------------------------------------------------------------


def _trees(said: Stated) -> list[_Tree]:
    """Return the criteria of each lot; lots with the same ones share a tree."""
    named = sorted(
        {lot for item in said.items for lot in item.lots if lot != OTHERS}, key=_by_number
    )
    everyone = [lot for lot in said.lots if lot not in named]
    general = [item for item in said.items if not item.lots or item.lots == (OTHERS,)]
    found: list[_Tree] = []
    for lot in named:
        own = [item for item in said.items if lot in item.lots]
        tree = _solved(own, said) if sum(i.parent == "" for i in own) > 1 else None
        if tree is not None:
            tree = _detailed(tree, [i for i in general if i.parent])
        else:
            tree = _solved([i for i in said.items if lot in i.lots or not i.lots], said)
        if tree is not None:
            found.append(replace(tree, lots=(lot,)))
    common = _solved(general, said)
    if common is not None:
        left = tuple(everyone) if named else ()
        if not named or left or not found:
            found.append(replace(common, lots=left))
    for single in said.single:
        told = {lot for tree in found for lot in tree.lots}
        if not found or (single.lots and not told & set(single.lots) and found[0].lots):
            found.append(_Tree((_Top(single),), "none", None, single.lots))
    return _merged(found)


def _by_number(lot: str) -> tuple[int, str]:
    digits = "".join(c for c in lot if c.isdigit())
    return int(digits or 0), lot


def _merged(trees: Sequence[_Tree]) -> list[_Tree]:
    merged: dict[tuple[object, ...], _Tree] = {}
    for tree in trees:
        key = tuple(
            (t.item.name, t.item.weight, tuple((c.name, c.weight) for c in t.children))
            for t in tree.tops
        )
        if key in merged:
            lots = tuple(dict.fromkeys(merged[key].lots + tree.lots))
            merged[key] = replace(merged[key], lots=lots)
        else:
            merged[key] = tree
    return list(merged.values())


def _solved(items: Sequence[Item], said: Stated) -> _Tree | None:
    """Return the tree of one lot's items, None when they are no criteria."""
    details = [i for i in items if i.parent]
    stated = [i for i in items if not i.parent and i.weight is not None]
    if {i.weight for i in stated} == {100.0} and theme(stated[0].name) in ("price", "cost"):
        return _Tree((_Top(stated[0]),), stated[0].unit or "percent", 100.0)
    weighted = _once([i for i in stated if i.weight is not None and 0 < i.weight < 100])[:_MOST]
    if len(weighted) < 2:
        return _ordered([i for i in items if not i.parent], said)
    if all(i.unit == "order" for i in weighted):
        return _Tree(tuple(_Top(i) for i in weighted), "order", None)
    tree = _summary(weighted, said) or _exact(weighted, said)
    for end in range(2, len(weighted)):
        if tree is None and (found := _exact(weighted[:end], said)) is not None:
            tree = _restated(found, weighted[end:])
    if tree is None:
        tree = _hinted(weighted, said)
    return _detailed(tree, details) if tree is not None and _plausible(tree) else None


def _summary(items: Sequence[Item], said: Stated) -> _Tree | None:
    """Return the tree of a set that is named again after it, for other lots or with details."""
    for end in range(2, len(items)):
        first = items[:end]
        if any(_again(first[0], item) or _again(first[-1], item) for item in items[end:]):
            tree = _exact(first, said)
            if tree is not None:
                return _restated(tree, items[end:])
    return None


def _once(items: Sequence[Item]) -> list[Item]:
    """Drop what directly repeats the item before it (a cell that a page break cut in two)."""
    kept: list[Item] = []
    for item in items:
        if not (kept and kept[-1].name == item.name and kept[-1].weight == item.weight):
            kept.append(item)
    return kept


def _ordered(items: Sequence[Item], said: Stated) -> _Tree | None:
    """Return criteria without weights, by rank where their order is that of importance."""
    plain = [i for i in items if i.weight is None]
    themes = {theme(i.name) for i in plain}
    if not 2 <= len(plain) <= 10 or not themes & {"price", "cost"}:
        return None
    if not said.order:
        return _Tree(tuple(_Top(i) for i in plain), "none", None)
    ranked = (replace(i, weight=float(n), unit="order") for n, i in enumerate(plain, start=1))
    return _Tree(tuple(_Top(i) for i in ranked), "order", None)


def _exact(items: Sequence[Item], said: Stated) -> _Tree | None:
    """Return the tree whose criteria reach a base exactly and their parts each its own."""
    if len(items) < 2:
        return None
    unit = _unit(items)
    bases = {"percent": [100.0], "coefficient": [1.0], "points": [100.0, 20.0, 10.0]}.get(
        unit, [100.0]
    )
    for base in dict.fromkeys([b for b in said.bases if unit != "percent"] + bases):
        tops = _reach(items, 0, base, [4000])
        if tops is not None and len(tops) > 1:
            return _Tree(tuple(tops), unit or "percent", base)
    return None


def _unit(items: Sequence[Item]) -> str:
    """Return the unit of most items; a sub-criterion may have another."""
    tops = [i.unit for i in items if i.depth != 1] or [i.unit for i in items]
    return max(dict.fromkeys(tops), key=lambda unit: (tops.count(unit), unit != ""))


def _reach(items: Sequence[Item], at: int, left: float, tries: list[int]) -> list[_Top] | None:
    """Return the items from ``at`` as criteria that sum to ``left``, or None."""
    if at == len(items):
        return [] if abs(left) < _SAME else None
    tries[0] -= 1
    item = items[at]
    weight = item.weight or 0.0
    if tries[0] < 0 or weight > left + _SAME or (item.depth == 1 and item.firm):
        return None
    runs = list(_runs(items, at))
    runs.sort(
        key=lambda end: abs(sum(i.weight or 0.0 for i in items[at + 1 : end]) - weight) > _SAME
    )
    following = items[at + 1] if at + 1 < len(items) else None
    if following is not None and following.depth != 1:
        runs.insert(0, at + 1)
    elif following is None or not following.firm:
        runs.append(at + 1)
    for end in runs:
        rest = _reach(items, end, left - weight, tries)
        if rest is not None:
            return [_Top(item, tuple(items[at + 1 : end])), *rest]
    return None


def _runs(items: Sequence[Item], at: int) -> Iterator[int]:
    """Yield where parts of the item at ``at`` may end: they sum to it or to a whole."""
    whole = items[at].weight or 0.0
    total = 0.0
    for end in range(at + 1, len(items)):
        if items[end].depth == 0 and items[end].firm:
            return
        total += items[end].weight or 0.0
        count = end - at
        hinted = items[at + 1].depth == 1
        last = end + 1 == len(items) or items[end + 1].depth != 1
        scale = (100.0, 10.0, 20.0, 1.0) if hinted else (100.0,)
        if ((count > 1 or hinted) and _sums(total, whole, scale)) or (
            items[at + 1].firm and items[end].depth == 1 and last
        ):
            yield end + 1


def _sums(total: float, whole: float, scale: Sequence[float]) -> bool:
    return any(abs(total - goal) < _SAME for goal in (whole, *scale))


def _restated(tree: _Tree, rest: Sequence[Item]) -> _Tree:
    """Give what follows a complete set to the criterion that is named again just before it."""
    parts: dict[int, list[Item]] = {}
    under: int | None = None
    for item in rest:
        again = [n for n, top in enumerate(tree.tops) if _again(top.item, item)]
        if again:
            under = again[0]
        elif under is not None:
            parts.setdefault(under, []).append(item)
    return replace(
        tree, tops=tuple(_with(top, parts.get(n, [])) for n, top in enumerate(tree.tops))
    )


def _again(known: Item, item: Item) -> bool:
    return alike(known.name, item.name) and known.weight == item.weight


def _with(top: _Top, parts: Sequence[Item]) -> _Top:
    """Add parts to a criterion that has none, when they make a whole."""
    total = sum(i.weight or 0.0 for i in parts)
    whole = top.item.weight or 0.0
    sound = _sums(total, whole, (100.0,)) or all(i.firm or i.of for i in parts)
    if top.children or len(parts) < 2 or not sound:
        return top
    return _Top(top.item, tuple(parts))


def _hinted(items: Sequence[Item], said: Stated) -> _Tree | None:
    """Return the tree that numbers and bullets draw, for weights that do not sum."""
    tops: list[_Top] = []
    for item in items:
        if item.depth == 1 and tops:
            tops[-1] = _Top(tops[-1].item, (*tops[-1].children, item))
        elif not any(_again(top.item, item) for top in tops):
            tops.append(_Top(item))
    total = sum(t.item.weight or 0.0 for t in tops)
    unit = _unit([t.item for t in tops])
    if unit == "":
        unit = "percent" if 70 <= total <= 130 else "points" if total > 25 else "coefficient"
    near = [b for b in said.bases if abs(total - b) <= _NEAR * b]
    base = 100.0 if unit == "percent" else near[0] if near else total
    if unit == "coefficient" and not near and all((t.item.weight or 0) < 1 for t in tops):
        base = 1.0
    return _Tree(tuple(tops), unit, base)


def _plausible(tree: _Tree) -> bool:
    """Refuse numbers that are not criteria: they have a price or a quality and a sane total."""
    themes = {theme(top.item.name) for top in tree.tops}
    total = sum(top.item.weight or 0.0 for top in tree.tops)
    if tree.unit == "points" and tree.base == total and total > 100:
        return False  # no base is written, and nobody shares out so many
    if not tree.base or not 2 <= len(tree.tops) <= 15:
        return False
    if len({top.item.unit for top in tree.tops} - {""}) > 1:
        return False
    exact = abs(total - tree.base) < _SAME
    if themes & {"price", "cost"}:
        return 0.7 <= total / tree.base <= 1.3
    return (
        exact and tree.unit == "percent" and bool(themes & {"quality", "social", "environmental"})
    )


def _detailed(tree: _Tree, details: Sequence[Item]) -> _Tree:
    """Hang the parts that a later passage gives of a criterion it names."""
    tops = []
    for top in tree.tops:
        parts = [i for i in details if alike(i.parent, top.item.name)]
        distinct = {(i.name, i.weight): i for i in parts}
        tops.append(_with(top, list(distinct.values())))
    return replace(tree, tops=tuple(tops))


# -- shares ---------------------------------------------------------------------------------------


def _criteria(trees: Sequence[_Tree], dossier: Sequence[Told]) -> tuple[Criterion, ...]:
    found: list[Criterion] = []
    for tree in trees:
        for top in tree.tops:
            item = top.item
            share = _share(item, tree)
            parent = _criterion(item, f"c{len(found) + 1}", share, tree, None, "total", dossier)
            found.append(parent)
            for child, part, of in _parts(top, share, tree.base):
                found.append(
                    _criterion(child, f"c{len(found) + 1}", part, tree, parent, of, dossier)
                )
    return tuple(found)


def _share(item: Item, tree: _Tree) -> float | None:
    if tree.unit == "none" and len(tree.tops) == 1:
        return 100.0
    if item.weight is None or not tree.base:
        return None
    return round(100 * item.weight / tree.base, 2)


def _parts(
    top: _Top, share: float | None, base: float | None
) -> Iterator[tuple[Item, float | None, str]]:
    """Yield the sub-criteria with their share of the whole and what their weight is a share of."""
    if not top.children:
        return
    total = sum(c.weight or 0.0 for c in top.children)
    whole = top.item.weight or 0.0
    of_total = abs(total - whole) < _SAME and not any(c.of for c in top.children)
    if not of_total and total < whole and top.item.unit == top.children[0].unit and whole < 100:
        of_total = not any(c.of for c in top.children)
    for child in top.children:
        if child.weight is None or share is None or not total:
            yield child, None, "parent"
        elif of_total and base:
            yield child, round(100 * child.weight / base, 2), "total"
        else:
            full = 100.0 if child.unit == "percent" else total
            yield child, round(share * child.weight / full, 2), "parent"


def _criterion(
    item: Item, id_: str, share: float | None, tree: _Tree, parent: Criterion | None, of: str,
    dossier: Sequence[Told],
) -> Criterion:  # fmt: skip
    own = theme(item.name)
    where = place(item.piece, item.block, item.start, item.end)
    return Criterion(
        id=id_,
        name=item.name,
        weight=item.weight,
        unit=(item.unit or tree.unit) if parent else tree.unit,
        share=share,
        theme=_inherited(own, parent),
        lots=tree.lots,
        parent=parent.id if parent else None,
        piece=where.piece,
        page=where.page,
        boxes=where.boxes,
        quote=where.quote,
        of=of,
    )


def _inherited(own: str, parent: Criterion | None) -> str:
    """Return a sub-criterion's theme: a general name takes that of a social or green parent."""
    if parent is None:
        return own
    special = parent.theme in ("social", "environmental")
    return parent.theme if own == "other" or (own == "quality" and special) else own


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
    here = (finding.piece, finding.page) == (criterion.piece, criterion.page)
    said = criterion.name in finding.quote or finding.quote in criterion.quote
    own = any(label.partition(".")[0] == family for label in finding.labels)
    return here and said and own and finding.status == Status.SCORED


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
