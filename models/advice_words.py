"""Why a lever is advised, its clause with the blanks that the call fills, where to write it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.documents import PieceType
from corpus.facts import kinds
from corpus.findings import Criterion, Fact, Finding, Lot, Place, Stage
from corpus.taxonomy import labels
from models.advice_criteria import criteria_of, lots_of, share_of, touched, weighed
from models.advice_fits import about, amount_of, months_of
from models.advice_levers import Lever, fit_rules, is_label, purchases, words
from models.call import Call


@dataclass(frozen=True, slots=True)
class Where:
    """Where to write: the role of the piece, whether it was read, the nearest place known of it."""

    piece: PieceType
    read: bool
    place: Place | None
    text_fr: str
    text_en: str


def why(
    lever: Lever,
    call: Call,
    lots: tuple[str, ...],
    proof: Sequence[Finding | Fact | Criterion],
) -> tuple[str, str]:
    """Return why a lever is advised, in French and English: what was found, or was not."""
    said, own = words()["why"], lots_of(call, lots)
    pieces = ", ".join(sorted({p.value for g in lever.read for p in g if p in call.pieces}))
    first = said["present"] if lever.fits.present and proof else said["missing"]
    share = 0.0
    if wanted := lever.effect.criterion:
        share = min(share_of(criteria_of(call, lot), wanted["theme"]) for lot in own)
        first = said["weak"] if share else first
    told = [
        {
            t: first[t].format(
                pieces=_piece_words(pieces, t),
                share=f"{share:g}",
                read=_titles(lever, proof, t),
            )
            for t in first
        }
    ]
    suited = [
        k
        for k in purchases()
        if k.id in lever.fits.kinds and any(k.id in about(call, x) for x in own)
    ]
    if suited:
        names = {t: ", ".join(getattr(k, f"title_{t}") for k in suited) for t in ("fr", "en")}
        told.append({t: said["kinds"][t].format(kinds=names[t]) for t in names})
    if lever.fits.yearly_max and any(amount_of(call, x) is None for x in own):
        told.append(dict(said["amount"]))
    return " ".join(t["fr"] for t in told), " ".join(t["en"] for t in told)


def _titles(lever: Lever, proof: Sequence[Finding | Fact | Criterion], tongue: str) -> str:
    """Return the names of what was read, each once: labels of findings, facts."""
    names: dict[str, None] = {}
    for one in proof:
        if isinstance(one, Fact):
            names[getattr(kinds()[one.name], f"title_{tongue}")] = None
        elif isinstance(one, Finding):
            own = [labels()[la].title(tongue) for la in one.labels if la in lever.fits.present]
            names.update(dict.fromkeys(own))
    return ", ".join(names)


def _piece_words(pieces: str, tongue: str) -> str:
    return pieces.replace("notice", "avis") if tongue == "fr" else pieces


def filled(lever: Lever, call: Call, lots: tuple[str, ...]) -> dict[str, str]:
    """Return what the call tells for the blanks of a clause, in French."""
    fill, own = words()["fill"], [x for x in call.lots if x.number in lots]
    whole = not own or (len(own) == len(call.lots) and lever.fits.scope != "lot")
    scope, of, towards = fill["the_contract"], fill["of_contract"], fill["for_contract"]
    if not whole:
        names = _listed([x.number for x in own])
        title = f" « {own[0].title} »" if len(own) == 1 and 0 < len(own[0].title) <= 90 else ""
        many = "s" if len(own) > 1 else ""
        scope = f"le{many} lot{many} {names}{title}"
        of, towards = f"{'des' if many else 'du'} lot{many} {names}", f"pour {scope}"
    months = {months_of(call, x) for x in own} or {months_of(call, None)}
    known = months.pop() if len(months) == 1 else None
    amount = amount_of(call, None)
    return {
        "scope": scope,
        "Scope": scope[0].upper() + scope[1:],
        "du_scope": of,
        "pour_scope": towards,
        "duree": fill["months"].format(months=f"{known:g}") if known else fill["no_months"],
        "heures": _hours(call, own),
        "poids": _weights(lever, call, lots),
        "base": fill["base_months"].format(months=f"{known:g}")
        if known and known > 12
        else ("" if known else fill["base"]),
        "montant": fill["amount"].format(amount=f"{amount:,.0f}".replace(",", " "))
        if amount
        else "",
    }


def _hours(call: Call, own: Sequence[Lot]) -> str:
    """Return a blank for hours, with a rough figure where the amount is known."""
    fill, rule = words()["fill"], fit_rules()["hours"]
    parts = []
    for lot in own or (None,):
        amount = amount_of(call, lot)
        text = fill["hours"]
        if amount is not None:
            hours = amount * rule["labour"] / rule["hourly_eur"] * rule["percent"] / 100
            near = max(1, round(hours / rule["round_to"])) * rule["round_to"]
            text = fill["hours_near"].format(hours=near)
        parts.append(f"lot {lot.number} : {text}" if lot and len(own) > 1 else text)
    return " ; ".join(parts)


def _weights(lever: Lever, call: Call, lots: tuple[str, ...]) -> str:
    """Return the weights proposed ("prix 50 %, valeur 40 %"), lots that differ apart."""
    if not lever.effect.criterion:
        return ""
    after = weighed(lever, call, lots)
    told = []
    for group in touched(lever, call, lots):
        own = group[0].lots
        top = [c for c in after if c.parent is None and c.lots == own]
        line = ", ".join(f"{_short(c.name)} {c.share or 0:g} %" for c in top)
        told.append(f"{'lots' if len(own) > 1 else 'lot'} {_listed(own)} : {line}" if own else line)
    return words()["fill"]["weights"].format(weights=" ; ".join(told)) if told else ""


def _short(name: str) -> str:
    text = " ".join(re.split(r"\s[:(]|[:;(]", name, maxsplit=1)[0].split())
    return text if len(text) <= 60 else text[:57].rsplit(" ", 1)[0] + "…"


def _listed(names: Sequence[str]) -> str:
    return " et ".join(filter(None, (", ".join(names[:-1]), names[-1])))


# -- where to write --------------------------------------------------------------------------------


def guessed_roles(call: Call) -> Mapping[str, PieceType]:
    """Guess the roles of pieces: criteria stand in the RC, advance and penalties in the CCAP."""
    roles: dict[str, PieceType] = {}
    if PieceType.RC in call.pieces and call.criteria:
        roles[call.criteria[0].piece] = PieceType.RC
    for role in (PieceType.CCAP, PieceType.CCP):
        if role in call.pieces:
            said = ("quantity.penalty", "lever.advance_percent", "lever.retention_percent")
            seen = [f.place.piece for f in call.facts if f.name in said]
            seen = [p for p in seen if p not in roles]
            if seen:
                roles[max(sorted(set(seen)), key=seen.count)] = role
    return roles


def where(lever: Lever, call: Call, roles: Mapping[str, PieceType]) -> tuple[Where, ...]:
    """Return the pieces to write in, each once, with the article nearest to the subject."""
    found: dict[PieceType, Where] = {}
    for group in lever.pieces:
        role = next((p for p in group if p in call.pieces), group[0])
        read = role in call.pieces
        if role in found or (found and not read):
            continue  # a second piece only repeats the clause
        place = _nearest(lever, call, {p for p, r in roles.items() if r == role}) if read else None
        texts = {}
        for tongue in ("fr", "en"):
            form = "unread" if not read else "piece" if place is None else "page"
            form = "article" if place is not None and place.article else form
            texts[tongue] = words()["where"][form][tongue].format(
                piece=words()["piece"][role.value][tongue],
                article=place.article if place else "",
                page=place.page if place else "",
            )
        found[role] = Where(role, read, place, texts["fr"], texts["en"])
    return tuple(found.values())


def _nearest(lever: Lever, call: Call, pieces: set[str]) -> Place | None:
    """Return where such things stand: a clause of the kind, else a heading, else a mention."""
    spots = [p for p in _places(call) if p.piece in pieces and p.article]
    sure = [p for name in lever.near for p in _of(name, call, True) if p.piece in pieces]
    if found := next((p for p in sure if p.article), None):
        return found
    headed = re.compile(lever.headings, re.I)
    for place in spots:
        parts = place.article.split(" › ")
        for at, part in enumerate(parts, start=1):
            if headed.search(part):
                return replace(place, article=" › ".join(parts[:at]))
    loose = [p for name in lever.near for p in _of(name, call, False) if p.piece in pieces]
    return next((p for p in (*sure, *loose) if p.article or p.page > 1), None)


def _of(name: str, call: Call, in_force: bool) -> Iterator[Place]:
    if name == "criteria":
        for c in call.criteria:
            yield Place(c.piece, c.page, c.boxes, c.quote, _article(call, c))
    elif is_label(name):
        for f in call.findings:
            if name in f.labels and f.status.in_force == in_force:
                yield _place(f)
    else:
        yield from (f.place for f in call.facts if f.name == name)


def _article(call: Call, criterion: Criterion) -> str:
    """Return the article in which a criterion stands, told by a scored finding of its page."""
    return next(
        (
            f.article
            for f in call.findings
            if f.stage == Stage.AWARD_CRITERION
            and (f.piece, f.page) == (criterion.piece, criterion.page)
            and f.status.in_force
        ),
        "",
    )


def _place(found: Finding) -> Place:
    return Place(found.piece, found.page, found.boxes, found.quote, found.article)


def _places(call: Call) -> Iterator[Place]:
    yield from (_place(f) for f in call.findings)
    yield from (f.place for f in call.facts)
    yield from (r.place for r in call.references)
    yield from (r.found for r in call.references if r.found is not None)
