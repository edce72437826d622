"""Numbers tied to their clause: hours, jobs, penalties, shares, distances, deadlines of reports.

``quantities`` tells what one passage holds; ``facts_of`` reads a dossier sentence by sentence and
says of which lot, per what and under which clause each figure stands.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from corpus.documents import CELL_MARK, Block, BlockKind, PieceType
from corpus.facts import checked
from corpus.findings import Fact, Finding, Stage, Status, Value
from nlp.cues import articles
from nlp.dossier import Told
from nlp.evidence import place
from nlp.numbers import (
    Money,
    Number,
    days,
    hours,
    lone_numbers,
    money,
    numbers,
    per_mille,
    percents,
)
from nlp.sections import lot_numbers
from nlp.wordlists import word_lists

_POINTS = re.compile(r"\s?(?:points?\b|pts\b|/\s?(?:10|20|100)\b)", re.I)
_JOBS = re.compile(r"\s?(?:apprentis?|alternants?|stagiaires?|emplois?|postes?|ETP)\b", re.I)
_CLASSES = re.compile(r"\b(?:Crit'?Air\s?\d|Euro\s?(?:VI|[4-7])\b|classe\s+[A-G]\b\+*|A\+)", re.I)
_VEHICLES = re.compile(
    r"\bcrit['’]?\s?air\s?(?:n°\s?|(?:de\s)?(?:classe|niveau|catégorie)\s)?[0-5]\b"
    r"|\beuro[\s-]?(?:VI|V|[4-7])(?:-?[a-e](?:-\w{3,5})?)?\b(?!\s?\d|,\d)",
    re.I,
)
_KM = re.compile(r"\s{0,2}(?:km|kilom[èe]tres?)\b(?!\s?/\s?[hu])", re.I)


def quantities(text: str, labels: Sequence[str]) -> Mapping[str, Value]:
    """Return what a passage quantifies, by name; only what is written, in its own units.

    Names: hours, percent, points, amount_eur, penalty_eur, jobs, days, classes, articles.
    """
    values: dict[str, Value] = {}
    found: tuple[tuple[str, Iterator[Number]], ...] = (
        ("hours", hours(text)),
        ("percent", percents(text)),
        ("days", days(text)),
        ("points", _followed(text, _POINTS)),
    )
    for name, measures in found:
        if (first := next(measures, None)) is not None:
            values[name] = first.value
    if (amount := next(money(text), None)) is not None:
        values["penalty_eur" if _has("penalty", text) else "amount_eur"] = amount.value
    social = any(label.startswith("social.") for label in labels)
    if social and (jobs := next(_followed(text, _JOBS), None)) is not None:
        values["jobs"] = jobs.value
    if classes := [m[0] for m in _CLASSES.finditer(text)]:
        values["classes"] = list(dict.fromkeys(classes))
    if cited := [name for name, _, _ in articles(text)]:
        values["articles"] = list(dict.fromkeys(cited))
    return values


def _followed(text: str, unit: re.Pattern[str]) -> Iterator[Number]:
    return (number for number in numbers(text) if unit.match(text, number.end))


def facts_of(dossier: Sequence[Told], findings: Sequence[Finding]) -> tuple[Fact, ...]:
    """Return the ``quantity.*`` facts of a dossier in its order, each with its clause and lots.

    ``findings`` are those of the same pieces. Options offered to the bidder are left out.
    """
    held: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.labels and finding.labels[0].startswith(_FAMILIES):
            held[finding.piece].append(finding)
    return tuple(fact for told in dossier for fact in _piece_facts(told, held[told.piece.id]))


# -- sentences in their place ----------------------------------------------------------------------

_FAMILIES = ("social.", "env.", "reserved.")
_SENTENCE = re.compile(
    r"(?<=[.!?])\s+(?=[«\"•☐☒–-]?\s?[A-ZÉÈÀÂÊÎÔÇ\d])|(?<=;)\s+|\s+(?=•\s)|\n\s*\n"
)
_ABBREVIATION = re.compile(r"\b(?:art|al|cf|ex|env|max|min|n|no|p|réf|[A-Z])\.$|^\W*[\d.]+$", re.I)
# A block without a number holds no quantity; looking first costs next to nothing.
_NUMBERED = re.compile(
    r"\d|moiti|\bun(?:e|) (?:tiers|quart|apprenti|alternant|contrat|personne|salari|demandeur)"
    r"|\b(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize"
    r"|vingt|trente|quarante|cinquante|soixante|cents?|mille)\b"
    r"|\beuro[\s-]?v|quinzaine|huitaine|i[èe]me jour|milli[èe]me|mois (?:après|suivant|qui suit)"
    r"|\bun mois\b|\bdans le mois\b|\bdans la semaine\b",
    re.I,
)
_TITLE = 60  # characters; a longer heading may be a clause in one sentence ("Article 5.1 – Le …")
_NEAR = 2  # blocks from a finding at which an article still speaks of it
_BEFORE = 120  # characters before and behind a number that say what it is


_WITH_CRITERIA = (PieceType.RC, PieceType.NOTICE, PieceType.ANNEX, PieceType.FORM)


@dataclass(frozen=True, slots=True)
class _Row:
    """What a table row takes from the rows above it: cells that span several rows."""

    lead: str = ""
    cells: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()  # the second row of a header in two rows
    lots: tuple[str, ...] = ()  # of a first cell that spans down to this row
    last: str = ""  # of a last cell that spans down to this row


def _row_below(above: _Row, block: Block) -> _Row:
    """Return a row with what it takes from the row above ("" and () where it takes nothing)."""
    cells = tuple(block.text[low:high].strip() for low, high in block.cells)
    if block.kind != BlockKind.ROW or not cells:
        return _Row()
    if not above.cells or block.lead not in (above.lead, CELL_MARK.join(above.cells)):
        return _Row(block.lead, cells)
    first = above.lead != block.lead
    plain = not any(_NUMBERED.search(cell) for cell in cells)
    if first and not cells[0] and plain:
        return _Row(block.lead, cells, titles=cells)
    lots: tuple[str, ...] = ()
    if not cells[0] and not first:
        lots = above.lots or _lots_of_cell(above.cells[0], block.lead)
    last = above.last or above.cells[-1] if len(cells) < len(above.cells) or above.last else ""
    if above.last and len(cells) > len(above.cells):
        last = ""  # a cell of its own again
    return _Row(block.lead, cells, above.titles, lots, last)


@dataclass(frozen=True)
class _Spot:
    """One sentence or table row with what surrounds it."""

    block: Block
    role: PieceType
    start: int  # in the block's text
    end: int
    text: str
    before: str  # the sentence before in the same block or article
    near: tuple[Finding, ...]  # findings in force in the same article, a few blocks away
    own: tuple[Finding, ...]  # findings of these very words
    row: _Row
    worked: bool  # whether the piece has told of work for people far from it before

    @cached_property
    def folded(self) -> str:
        """The words in small letters, those of a row with its header."""
        row = self.block.kind == BlockKind.ROW
        titles = f"{self.block.lead} {' '.join(self.row.titles)}" if row else ""
        return f"{self.text} {titles}".lower()

    @cached_property
    def around(self) -> str:
        """What is written above: headings, lead-in or header."""
        return " › ".join((*self.block.path, self.block.lead))

    @cached_property
    def social(self) -> bool:
        """Whether these words are about work for people far from it."""
        if any(f.labels[0].startswith(_SOCIAL) and f.status.in_force for f in self.own):
            return True
        if _about_work(self.text) or _about_work(self.around):
            return True
        return _has("devoted", self.text) and any(
            f.labels[0].startswith(_SOCIAL) for f in self.near
        )

    @cached_property
    def penal(self) -> bool:
        """Whether the headings above speak of penalties."""
        return _heads("penal_heading", self.around)

    @cached_property
    def scored(self) -> bool:
        """Whether these words weigh an award criterion."""
        return _heads("criteria_heading", self.around) or (
            self.role in _WITH_CRITERIA and any(f.stage == Stage.AWARD_CRITERION for f in self.own)
        )

    @cached_property
    def cells(self) -> tuple[tuple[int, int, str], ...]:
        """The cells of a row (start and end in ``text``) with the title of their column."""
        titles = self.block.lead.split(CELL_MARK) if self.block.kind == BlockKind.ROW else []
        below = self.row.titles  # of a header in two rows
        return tuple(
            (
                low,
                high,
                below[i]
                if i < len(below) and below[i]
                else titles[i].strip()
                if i < len(titles)
                else "",
            )
            for i, (low, high) in enumerate(self.block.cells)
        )

    def title(self, at: int) -> str:
        """Return the title of the column in which an offset stands."""
        return next(
            (title for low, high, title in self.cells if low <= at < max(high, low + 1)), ""
        )


_SOCIAL = (
    "social.integration", "social.training", "social.disability", "social.general",
    "reserved.prison", "reserved.execution",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Figure:
    """A quantity of a sentence before its label and place are settled."""

    name: str
    value: Value
    start: int
    end: int
    per: str | float = ""
    detail: str = ""
    lots: tuple[str, ...] | None = None  # None: to be read from the words around
    label: str = ""  # of the clause where no finding tells it


def _piece_facts(told: Told, findings: Sequence[Finding]) -> list[Fact]:
    of_article: dict[str, list[tuple[Finding, int]]] = defaultdict(list)
    said = [s for s in told.said if not s.choice]
    if findings:
        _locate([s.block for s in said], findings, of_article)
    facts: list[Fact] = []
    before = ""
    path: tuple[str, ...] = ()
    row = _Row()
    worked = False
    rows: list[Fact] = []
    # On a printed page a cell that spans rows may stand beside any of them: its lot is not sure.
    printed_page = told.piece.name.lower().endswith(".pdf")
    for index, each in enumerate(said):
        block = each.block
        row = _row_below(row, block)
        if printed_page:
            row = replace(row, lots=())
        if block.path != path:
            before, path = "", block.path
        if block.kind == BlockKind.HEADING and len(block.text) < _TITLE:
            continue
        if not (_NUMBERED.search(block.text) or "acilitat" in block.text):
            before = block.text[-200:]
            continue
        known = of_article.get(" › ".join(path), ())
        printed = ""
        for start, end in _sentences(block):
            text = block.text[start:end]
            if not (_NUMBERED.search(text) or "acilitat" in text):
                before = text
                continue
            printed = block.printed(start, end) if known else ""
            own = tuple(f for f, _ in known if f.quote in printed or printed in f.quote)
            near = tuple(f for f, at in known if abs(at - index) <= _NEAR and f.status.in_force)
            spot = _Spot(block, each.role, start, end, text, before, near, own, row, worked)
            for figure in _figures(spot):
                facts.append(_fact(told, spot, figure))
                if block.kind == BlockKind.ROW:
                    rows.append(facts[-1])
                worked = worked or figure.name in _OF_WORK
            before = text
    return _of_one_lot(_once_a_table(_named_once(facts), rows))


def _locate(
    blocks: Sequence[Block],
    findings: Sequence[Finding],
    into: dict[str, list[tuple[Finding, int]]],
) -> None:
    """Say at which block of its article each finding stands."""
    wanted: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        wanted[finding.article].append(finding)
    for index, block in enumerate(blocks):
        article = " › ".join(block.path)
        if article in wanted:
            printed = block.printed(0, len(block.text))
            for finding in wanted[article]:
                if finding.quote in printed:
                    into[article].append((finding, index))
        if block.kind == BlockKind.HEADING:
            # A heading that is a finding speaks for what stands below it.
            printed = block.printed(0, len(block.text))
            for finding in wanted.get(article, ()):
                if finding.quote == printed:
                    below = blocks[index + 1].path if index + 1 < len(blocks) else ()
                    into[" › ".join(below)].append((finding, index + 1))


def _sentences(block: Block) -> Iterator[tuple[int, int]]:
    text = block.text
    if block.kind == BlockKind.ROW:
        yield 0, len(text)
        return
    begin = 0
    for match in _SENTENCE.finditer(text):
        if _ABBREVIATION.search(text[begin : match.start()][-12:]):
            continue
        yield begin, match.start()
        begin = match.end()
    if begin < len(text):
        yield begin, len(text)


_STEMS = (
    "insert", "éloign", "eloign", "priorit", "éligib", "eligib", "cible", "difficult", "demandeur",
    "rsa", "parcours", "social", "facilitat", "détenu", "détent", "handicap", "siae", "etti",
    "eiti", "geiq", "plie", "mission loc", "retour à l", "pénitentiaire", "dédié", "réservation",
)  # fmt: skip


@lru_cache(2048)
def _about_work(text: str) -> bool:
    """Tell whether words are about work for people far from it; headings are asked often."""
    folded = text.lower()
    return any(stem in folded for stem in _STEMS) and _has("insertion", text)


@lru_cache(512)
def _heads(name: str, around: str) -> bool:
    return _has(name, around)


def _has(name: str, text: str) -> bool:
    return word_lists("quantities")[name].search(text) is not None


def _ends(name: str, text: str) -> bool:
    """Tell whether the words just before a number are of a list whose patterns end in ``$``."""
    return word_lists("quantities")[name].search(text[-_BEFORE:]) is not None


def _begins(name: str, text: str) -> re.Match[str] | None:
    return word_lists("quantities")[name].match(text[:_BEFORE])


# -- the readers -----------------------------------------------------------------------------------


def _figures(spot: _Spot) -> Iterator[_Figure]:
    for reader, stems in _READERS:
        if any(stem in spot.folded for stem in stems):
            yield from reader(spot)


def _hour_figures(spot: _Spot) -> Iterator[_Figure]:
    text = spot.text
    named = "heure" in spot.folded or _HOUR_SIGN.search(text) is not None
    if not (named or "heure" in spot.before.lower()):
        return
    found = list(hours(text)) if named else []
    if not (found or spot.block.kind == BlockKind.ROW or " en " in spot.folded):
        return
    taught = _has("training", text) and not spot.scored and not _has("not_training", text)
    if not (spot.social or taught) or any(f.status == Status.EXCLUDED for f in spot.own):
        return
    amounts = list(money(text)) if found else []
    read = 0  # where the words of the figure before end
    for at, hour in enumerate(found):
        after = text[hour.end : found[at + 1].start if at + 1 < len(found) else len(text)]
        before = text[read : hour.start]
        title = spot.title(hour.start)
        training = taught and _trains(before, after)
        if not (training or spot.social):
            continue
        label = "social.training" if training else ""
        if not training and (
            _ends("not_hours_before", before) or _begins("not_hours_after", after)
        ):
            continue
        if hour.value < _FEW and not training and _ends("not_few_hours_before", before):
            continue
        if hour.value == 0 or _priced(text, hour):
            continue
        amount = _tranche(text, hour, amounts) or _tranche_of(title)
        yearly = re.match(r"[^.;]{0,70}", after)
        words = yearly[0] if yearly else ""
        if amount is not None:
            yield _Figure("hours_per_amount", hour.value, hour.start, hour.end, per=amount)
        elif (
            (match := word_lists("quantities")["per_year"].search(words)) is not None
            or _has("per_year", before[-45:])
            or _has("per_year", title)
        ):
            read = hour.end + (match.end() if match else 0)
            yield _Figure("hours_per_year", hour.value, hour.start, hour.end, label=label)
            continue
        else:
            yield _Figure("hours", hour.value, hour.start, hour.end, label=label)
        read = hour.end
    if not found and spot.social:
        yield from _bare_hours(spot)


def _trains(before: str, after: str) -> bool:
    """Tell whether hours are those of a training ("module de 14 heures", "7 h de formation")."""
    if _begins("other_rhythm_after", after):
        return False
    return _begins("training_after", after) is not None or _ends("training_before", before)


_FEW = 60  # hours; "pendant 12 heures" tells a duration, "pendant 400 heures" a volume
_HOUR_SIGN = re.compile(r"\d ?h\b", re.I)
_MEANT = re.compile(
    r"\ben\s(?:r[ée]alis|r[ée]serv|effectu|consacr|affect|doit|compt|pr[ée]voi|assur|exig)\w*\s"
    r"(?:au moins )?$",
    re.I,
)
_CELL_NUMBER = re.compile(r"[^\w€%]{0,3}(?:h\b|heures?\b)?[^\w€%]{0,3}", re.I)
_COUNTED = re.compile(r"\bheures?\b|\bnb\.? d['’]?h\b|\bvolume horaire\b", re.I)
_NOT_COUNTED = re.compile(
    r"taux|prix|co[ûu]t|tarif|€|euro|%|délai|horaire(?!s d)|manquante|p[ée]nalit"
    r"|non[- ](?:r[ée]alis|effectu|ex[ée]cut|faite|justifi)",
    re.I,
)


def _bare_hours(spot: _Spot) -> Iterator[_Figure]:
    """Read hours without their unit: "en réalise 450", or a cell below "Heures d'insertion"."""
    text = spot.text
    if spot.block.kind != BlockKind.ROW:
        if "heure" in spot.before.lower():
            for number in numbers(text):
                ends = re.match(r"\s?(?:dans|sur|pour|au|[.,;]|$)", text[number.end :])
                if ends and _MEANT.search(text[: number.start]):
                    yield _Figure("hours", number.value, number.start, number.end)
        return
    row = text[: spot.cells[0][1]] if spot.cells else ""
    counted = _COUNTED.search(row) is not None and not _NOT_COUNTED.search(row)
    for low, high, title in spot.cells[1:]:
        said = f"{row} {title}" if counted else title
        if not (counted or _COUNTED.search(title)) or _NOT_COUNTED.search(title):
            continue
        plain = next(numbers(text[low:high]), None)
        if plain is None or plain.start > 2 or not plain.value:
            continue
        if not _CELL_NUMBER.fullmatch(text, low + plain.end, high):
            continue
        amount = _tranche_of(said)
        name = "hours_per_year" if _has("per_year", said) else "hours"
        if amount is not None:
            name = "hours_per_amount"
        yield _Figure(name, plain.value, low + plain.start, low + plain.end, amount or "")


_TRANCHE = re.compile(
    r"[^.;€]{0,80}?(?:\bpar|\bpour|/|\btoutes? les|\bchaque)\s?(?:chaque\s)?"
    r"(?:tranches?\s(?:\w+\s){0,2})?(?:de\s|d['’]\s?)?$",
    re.I,
)
_TRANCHE_FIRST = re.compile(r"(?:tranche|par|pour|chaque)\s(?:\w+\s){0,2}?(?:de\s|d['’])?$", re.I)


def _tranche(text: str, hour: Number, amounts: Sequence[Money]) -> float | None:
    """Return the euros of works that hours are counted for ("par tranche de 10 000 € HT")."""
    for amount in amounts:
        if amount.start >= hour.end and _TRANCHE.fullmatch(text, hour.end, amount.start):
            return amount.value
        if (
            amount.end <= hour.start
            and hour.start - amount.end < 60
            and re.search(r"tranche", text[max(0, amount.start - 40) : amount.start], re.I)
            and _TRANCHE_FIRST.search(text, 0, amount.start)
        ):
            return amount.value
    return None


def _tranche_of(title: str) -> float | None:
    amount = next(money(title), None) if "tranche" in title.lower() else None
    return amount.value if amount else None


def _priced(text: str, hour: Number) -> bool:
    """Tell whether hours are what money is paid for ("100 € par tranche de 10 heures")."""
    return (
        re.search(r"€\s?(?:HT|TTC)?\s?(?:par|/|pour)[^.;]{0,30}$", text[: hour.start]) is not None
    )


def _share_of_hours(spot: _Spot) -> Iterator[_Figure]:
    text = spot.text
    if spot.scored or _has("penalty", text):
        return
    for share in percents(text):
        after = _begins("of_hours_after", text[share.end :])
        before = _ends("of_hours_before", text[: share.start])
        if _ends("not_of_hours_before", text[: share.start]):
            continue
        titled = bool(spot.cells) and _has("share_of_hours", spot.title(share.start))
        if (after or before or titled) and (spot.social or _about_work(spot.before)):
            yield _Figure("percent_of_hours", share.value, share.start, share.end)


def _job_figures(spot: _Spot) -> Iterator[_Figure]:
    text = spot.text
    found = word_lists("quantities")
    if not (_has("public", text) or "appren" in spot.folded or "altern" in spot.folded):
        return
    done = -1
    for number, lone in lone_numbers(text):
        after = text[number.end : number.end + 110]
        before = text[max(0, number.start - _BEFORE) : number.start]
        if number.start < done or number.value != int(number.value) or not 0 < number.value < 1000:
            continue
        match = found["apprentices_after"].match(after)
        if match:
            if not lone or _has("takes", before):
                yield _Figure("apprentices", number.value, number.start, number.end + match.end())
            continue
        match = found["staff_after"].match(after)
        if match is None or spot.scored or re.search(r"\bart(?:icle)?\.?\s*$", before, re.I):
            continue
        clause = re.split(r"[.;:|]", after, maxsplit=1)[0]
        if not _has("public", clause):
            continue
        if lone and not re.search(r"(?:recrut|embauch)\w*\s$", before, re.I):
            continue
        if _has("takes", before + clause):
            done = number.end + match.end()
            yield _Figure("jobs", number.value, number.start, done)


def _penalty_figures(spot: _Spot) -> Iterator[_Figure]:
    text = spot.text
    title_eur = spot.block.kind == BlockKind.ROW and re.search(r"€|euro", spot.block.lead, re.I)
    imposed = _has("penalty", text) or spot.penal
    if not (imposed or _has("penal_event", text)) or _has("not_penalty", text) or spot.scored:
        return
    found: list[tuple[Money | Number, bool]] = [(m, False) for m in money(text)]
    found += [(p, True) for p in percents(text)]
    found += [(f, True) for f in (*per_mille(text), *_fractions(text))]
    if not found and title_eur and imposed:
        found += [(m, False) for m in _cell_amounts(spot)]
    found.sort(key=lambda f: f[0].start)
    told: set[tuple[str, float]] = set()
    for i, (amount, share) in enumerate(found):
        low = found[i - 1][0].end if i else 0
        high = found[i + 1][0].start if i + 1 < len(found) else len(text)
        before, after = text[low : amount.start], text[amount.end : high]
        if _ends("no_penalty_before", before) or _begins("no_penalty_after", after):
            continue
        if not _imposes(spot, before, after, i == 0, share):
            continue
        per, detail = _per(spot, text[: amount.start], before, after, share)
        name = "penalty_percent" if share else "penalty"
        if spot.cells and (name, amount.value) in told:
            continue  # a row that says it in a cell and again in words
        told.add((name, amount.value))
        yield _Figure(name, amount.value, amount.start, amount.end, per, detail)


_CONDITION = re.compile(
    r"(?:taux|part|objectif|seuil|moins|plus|écart|atteint\w*|dont|tranches?|diff[ée]rence|minimum|maximum)"
    r"[^.;:|€]{0,40}$",
    re.I,
)
_BASE = re.compile(
    r"\s?(?:\w+\s){0,2}?(?:du|de la|de l['’]|des|d['’]un|par)\s?(?:montant|valeur|prix|march"
    r"|bon|facture|redevance|commande|prestation|somme|total|r[ée]mun[ée]ration|lot|abonnement|forfait"
    r"|loyer|jour|heure|point|livraison|co[ûu]t|mensualit|fourniture)",
    re.I,
)
_PER_THING = re.compile(r"\s?(?:HT|TTC)?[\s,(]{0,2}(?:par\b|/|pour (?:chaque|tout)|et par\b)", re.I)


def _imposes(spot: _Spot, before: str, after: str, first: bool, share: bool) -> bool:
    """Tell whether an amount in a penal context is what has to be paid."""
    said = _has("penalty", spot.text) or _has("penal_event", spot.text)
    if share:
        # Percents abound in such sentences: only one of a base is a penalty.
        # Below a heading alone, an indemnity or a payment may stand beside the penalties.
        if not (said or (spot.penal and (spot.cells or _ends("penal_share_before", before)))):
            return False
        cell = bool(spot.cells) and (
            re.match(r"\s*(?:\||$)", after) is not None
            or (re.search(r"\|\s*$", before) and re.match(r"\sd(?:e|u|es)\b", after)) is not None
        )
        base = cell or _BASE.match(after) is not None
        own = re.search(
            r"(?:p[ée]nalit|r[ée]faction|abattement|d[ée]duit|retenue)\w*[^.;%|]{0,60}$",
            before,
            re.I,
        )
        return (base or own is not None) and (own is not None or not _CONDITION.search(before))
    return said or (spot.penal and (_PER_THING.match(after) is not None or first))


def _per(spot: _Spot, ahead: str, before: str, after: str, share: bool) -> tuple[str, str]:
    """Return what a penalty is counted by ("hour", "day", …), or the words for what else."""
    lists = word_lists("quantities")
    behind = re.split(r"[.;|]|, (?:et|plafonn|avec|dans la limite|puis)", after, maxsplit=1)[0][:90]
    title = spot.title(len(ahead))
    row = spot.text if spot.cells else ""
    spanning = spot.row.last if spot.cells and not re.search(r"\d", spot.row.last) else ""
    for words in (behind, before[-100:], title, row, spanning):
        hits = [
            (match.start(), per)
            for per in ("per_day", "per_hour", "per_document", "per_other")
            if (match := lists[per].search(words)) is not None
        ]
        if not hits:
            continue
        kind = "per_day" if any(per == "per_day" for _, per in hits) else min(hits)[1]
        if kind == "per_other":
            match = lists["per_other"].search(words)
            return "", match[0].strip() if match else ""
        return kind.removeprefix("per_"), ""
    return ("" if share else "breach"), ""


def _fractions(text: str) -> Iterator[Number]:
    """Yield shares written as a fraction of the amount in percent.

    "1/1 000 du montant" and "un millième" are 0.1, "un trois-millième" is 0.0333.
    """
    for match in _FRACTION.finditer(text):
        below = float(re.sub(r"\D", "", match[2]))
        if 10 <= below <= 10000:
            yield Number(round(100 * float(match[1]) / below, 4), match.start(), match.end())
    for match in _THOUSANDTH.finditer(text):
        top, below = (_SMALL.get((w or "un").lower(), 1) for w in match.groups())
        yield Number(round(0.1 * top / below, 4), match.start(), match.end())


_FRACTION = re.compile(
    r"(?<![\d/])([1-9])\s?/\s?(\d{1,2}[ .]?\d{3}|\d{2,4})\s?(?:[èe]mes?|i[èe]mes?|e\b)?"
    r"(?=\s(?:du|de la|de l['’]|par)\b)"
)
_SMALL = {"un": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5}
_THOUSANDTH = re.compile(
    r"\b(un|deux|trois|quatre|cinq)\s(?:(deux|trois)[\s-])?milli[èe]mes?\b", re.I
)


def _cell_amounts(spot: _Spot) -> Iterator[Money]:
    """Yield bare numbers below a title that holds the euro ("Montant en € HT")."""
    for low, high, title in spot.cells:
        if not re.search(r"€|euro", title, re.I):
            continue
        number = next(numbers(spot.text[low:high]), None)
        if number is not None and number.start <= 1:
            yield Money(number.value, low + number.start, low + number.end)


def _share_figures(spot: _Spot) -> Iterator[_Figure]:
    text = spot.text
    if spot.scored or spot.penal or _has("not_share", text) or _excluded(spot):
        return
    shares = list(percents(text))
    lists = word_lists("quantities")
    row = spot.block.kind == BlockKind.ROW
    kind = ""
    for i, share in enumerate(shares):
        low = shares[i - 1].end if i else 0
        high = shares[i + 1].start if i + 1 < len(shares) else len(text)
        before = text[low : share.start] if not row else text[: share.start]
        after = re.split(r"[.;|]", text[share.end : high], maxsplit=1)[0][:110]
        if re.match(r"\s?(?:de la note|des points)", after):
            continue
        behind = [
            (match.start(), name)
            for name in _SHARES
            if (match := lists[name].search(after)) is not None
        ]
        ahead = [
            (match.start(), name)
            for name in _SHARES
            for match in lists[name].finditer(before[-150:])
        ]
        if row and not behind and (own := _kind_of_title(spot, share)):
            yield _Figure(f"{own}_percent", share.value, share.start, share.end)
            continue
        claimed = i > 0 and _claims(lists, text[shares[i - 1].end : share.start])
        if behind and (min(behind)[0] < 75 or not ahead):
            kind = min(behind)[1]
            if ahead and not claimed and _bound(before[-150:]):
                kind = max(ahead)[1]
        elif ahead and not claimed:
            kind = max(ahead)[1]
        elif kind and _OF_A_LOT.match(after) and not row:
            pass  # "15 % de granulats recyclés au lot 2 et 25 % au lot 3"
        else:
            kind = ""
            continue
        yield _Figure(f"{kind}_percent", share.value, share.start, share.end)


_SHARES = ("reuse", "recycled", "bio", "organic")


def _kind_of_title(spot: _Spot, share: Number) -> str:
    """Return what the column of a bare share is about ("Agriculture biologique"), "" for others."""
    title = spot.title(share.start)
    lead = spot.block.lead
    if _has("not_share", lead) or len(spot.cells) < len(lead.split(CELL_MARK)):
        return ""
    low, high = next((a, b) for a, b, _ in spot.cells if a <= share.start < b)
    if not _BARE.fullmatch(spot.text, low, share.start) or re.search(
        r"\w{3}", spot.text[share.end : high].replace("minimum", "").replace("au moins", "")
    ):
        return ""
    return next((name for name in _SHARES if _has(name, title)), "")


_OF_A_LOT = re.compile(r"\s(?:au|pour le|sur le|dans le) lot\b", re.I)
_BARE = re.compile(r"\W{0,3}(?:au moins|au minimum|minimum|min\.?|[≥>])?\W{0,3}", re.I)


def _claims(lists: Mapping[str, re.Pattern[str]], between: str) -> bool:
    """Tell whether the words between two shares belong to the first ("30 % de bio, 20 % …")."""
    head = between[:60]
    return any(lists[name].search(head) for name in _SHARES) and not re.search(r"[;.]", between)


def _bound(before: str) -> bool:
    """Tell whether a share belongs to the words ahead ("biosourcés à hauteur de 70 % …")."""
    return re.search(r"(?:hauteur|raison|concurrence)\sde\s$|\bpour\s$|\bà\s$", before) is not None


def _excluded(spot: _Spot) -> bool:
    return bool(spot.own) and all(f.status == Status.EXCLUDED for f in spot.own)


def _distance_figures(spot: _Spot) -> Iterator[_Figure]:
    text = spot.text
    if _has("not_distance", text):
        return
    for number in numbers(text):
        match = _KM.match(text, number.end)
        if match is None or not 0 < number.value <= 1000:
            continue
        if _ends("distance_before", text[: number.start]) or _begins(
            "distance_after", text[match.end() :]
        ):
            yield _Figure("distance_km", number.value, number.start, match.end())


def _report_figures(spot: _Spot) -> Iterator[_Figure]:
    text = spot.text
    if _has("not_report", text):
        return
    social = _has("report", text) and _about_clause(spot)
    if not (social or _of_matter(spot)):
        return
    kind = "report" if social else "strict_report"
    for term in _terms(text):
        if _has(kind, text[max(0, term.start - 200) : term.end + 200]):
            yield _Figure("report_days", term.value, term.start, term.end)


def _about_clause(spot: _Spot) -> bool:
    """Tell whether a report is of a social clause: its article's, its heading's, or of hours."""
    if _clause(spot, ("social.", "reserved.")):
        return True
    delivered = _has("delivers", spot.text) and not spot.penal
    if delivered and spot.role not in (PieceType.RC, PieceType.NOTICE):
        return _about_work(spot.around) or (spot.worked and _has("report_of_hours", spot.text))
    return False


def _of_matter(spot: _Spot) -> bool:
    """Tell whether words have a report on the environment delivered; others are not asked for."""
    if spot.penal or spot.scored or spot.role in (PieceType.RC, PieceType.NOTICE):
        return False
    if not (_has("strict_report", spot.text) and _has("delivers", spot.text)):
        return False
    return any(
        f.status.in_force and any(label.startswith("env.") for label in f.labels) for f in spot.own
    ) or _has("matter", f"{spot.text} {spot.before} {spot.around}")


def _terms(text: str) -> Iterator[Number]:
    """Yield in how many days something is due: "sous 10 jours", "le 10 du mois", "un mois après".

    A month counts 30 days, a week 7, "quinzaine" 15 and "huitaine" 8.
    """
    for day in days(text):
        if _ends("not_due_before", text[: day.start]):
            continue
        if _ends("due_before", text[: day.start]) or _begins("due_after", text[day.end :]):
            yield day
    for match in _FORTNIGHT.finditer(text):
        yield Number(15 if match[1][0] in "qQ" else 8, match.start(), match.end())
    for match in _NTH_DAY.finditer(text):
        said = match["digits"] or match["word"]
        value = float(said) if said.isdigit() else _ORDINALS.get(said.lower(), 0)
        if 0 < value <= 90:
            yield Number(value, match.start(), match.end())
    for match in _PERIODS.finditer(text):
        if _ends("not_due_before", text[: match.start()]):
            continue
        counted = match["count"] or match["count2"]
        unit = match["unit"] or match["unit2"]
        times = next((n.value for n, _ in lone_numbers(counted)), 1) if counted else 1
        yield Number(times * (7 if unit[0] in "sS" else 30), match.start(), match.end())


_FORTNIGHT = re.compile(
    r"\b(?:sous|dans (?:la|une)|à|d['’]ici (?:la |une )?)\s?(quinzaine|huitaine)\b", re.I
)
_ORDINALS = {
    "premier": 1, "cinquième": 5, "huitième": 8, "dixième": 10, "douzième": 12, "quinzième": 15,
    "vingtième": 20, "vingt-cinquième": 25, "trentième": 30, "quarante-cinquième": 45,
    "soixantième": 60, "cinq": 5, "huit": 8, "dix": 10, "douze": 12, "quinze": 15, "vingt": 20,
    "vingt-cinq": 25, "trente": 30,
}  # fmt: skip
# "le 10 du mois suivant", "avant le 15 de chaque mois", "le quinzième jour suivant le trimestre"
_NTH_DAY = re.compile(
    r"\ble (?:(?P<digits>\d{1,2})(?:\s?(?:er|e|è?me|ième))?|(?P<word>[a-zè-]{3,20}))"
    r"(?:\sjours?(?: ouvr[ée]s?| ouvrables?| calendaires?)?"
    r"(?=\s(?:du mois|de chaque|du trimestre|du semestre|de l['’]ann[ée]e|suivant|qui suit"
    r"|apr[èe]s))"
    r"|(?=\s(?:du mois|de chaque mois|de chaque trimestre|du trimestre|du semestre)\b))",
    re.I,
)
# "un mois après", "dans le mois suivant", "dans un délai de deux mois", "sous trois semaines"
_PERIODS = re.compile(
    r"(?:\b(?:dans|sous|d[ée]lai (?:maximal |maximum )?(?:de|d['’])|au plus tard|d['’]ici)"
    r"\s?(?:les\s|au plus\s)?(?:le (?=mois (?:qui|suiv|de la|apr))|la (?=semaine (?:qui|suiv)))?"
    r"(?P<count>\d{1,2}|un|une|deux|trois|quatre|six)?\s?(?P<unit>mois|semaines?)\b"
    r"|(?P<count2>\d{1,2}|un|une|deux|trois|quatre|six)\s(?P<unit2>mois|semaines?)"
    r"(?:\sau (?:plus|maximum))?\s(?:apr[èe]s|suivant)\b)",
    re.I,
)


def _vehicle_figures(spot: _Spot) -> Iterator[_Figure]:
    for match in () if spot.scored else _VEHICLES.finditer(spot.text):
        word = " ".join(match[0].split())
        family = "Crit'Air" if word[0] in "cC" else "Euro"
        rank = re.search(r"(?:\d|[VI]+)(?:-?[a-e](?:-\w+)?)?$", word, re.I)
        if rank and not _has("banned", spot.text[match.end() : match.end() + 30]):
            value = rank[0] if rank[0][0].isdigit() else rank[0].upper()
            yield _Figure("vehicle_class", f"{family} {value}", match.start(), match.end())


def _controller_figures(spot: _Spot) -> Iterator[_Figure]:
    if not _has("controls", spot.text):
        return
    match = word_lists("quantities")["controller"].search(spot.text)
    if match is not None:
        words = " ".join(match[0].split())
        yield _Figure("controller", words, match.start(), match.end(), lots=())


# Each reader with the beginnings of words of which a sentence must hold one.
_READERS: tuple[tuple[Callable[[_Spot], Iterable[_Figure]], tuple[str, ...]], ...] = (
    (_hour_figures, ("heure", "h ", "h)", "h.", "h,", " en ")),
    (_share_of_hours, ("heure", "temps", "uvre", "horaire", "volume")),
    (_job_figures, ("apprent", "altern", "professionnalis", "emploi", "poste", "personne", "recrut",
                    "embauch", "salari", "etp", "temps plein", "travailleur", "détenu",
                    "parcours")),
    (_penalty_figures, ("€", "euro", "eur ", "%", "‰", "cent", "mill", "/1", "/ 1", "/2", "/3",
                        "/5", "/ 3")),
    (_share_figures, ("emplo", "utilis", "seconde main", "recondi", "recycl", "sourc", "bio",
                      "ab ", "végétal")),
    (_distance_figures, ("km", "kilom")),
    (_report_figures, ("jour", "mois", "semaine", "quinzaine", "huitaine", "trimestre")),
    (_vehicle_figures, ("crit", "euro")),
    (_controller_figures, ("facilitat",)),
)  # fmt: skip


# -- clause and lots -------------------------------------------------------------------------------

_OF_WORK = (
    "hours",
    "hours_per_year",
    "hours_per_amount",
    "percent_of_hours",
    "jobs",
    "apprentices",
)
_BOUND = ("penalty", "penalty_percent", "report_days")  # what follows from an obligation
_OF_MATTER = (*(f"{name}_percent" for name in _SHARES), "vehicle_class", "distance_km")


def _fact(told: Told, spot: _Spot, figure: _Figure) -> Fact:
    start, end = spot.start, spot.end
    lots = figure.lots if figure.lots is not None else _lots(spot, figure)
    return checked(
        Fact(
            name=f"quantity.{figure.name}",
            value=_tidy(figure.value),
            place=place(told.piece, spot.block, start, end),
            found_by=f"quantity/{figure.name}",
            lots=lots,
            per=figure.per,
            detail=figure.detail,
            label=_label(spot, figure.name) or figure.label,
        )
    )


def _tidy(value: Value) -> Value:
    return int(value) if isinstance(value, float) and value == int(value) else value


def _label(spot: _Spot, name: str) -> str:
    if name in _OF_WORK or name in ("report_days", "controller"):
        clause = _clause(spot, ("social.", "reserved."))
        if name == "report_days" and not clause and not _about_work(spot.around):
            return _clause(spot, ("env.",), words=False)
        return clause
    if name in _OF_MATTER:
        return _clause(spot, ("env.",), words=False)
    return _clause(spot, _FAMILIES if not spot.penal else (), near=not spot.penal)


def _clause(spot: _Spot, families: tuple[str, ...], words: bool = True, near: bool = True) -> str:
    """Return the label of the clause a sentence belongs to: its own, that of its article, or ""."""
    for findings in (spot.own, spot.near if near else ()):
        labels = [
            label
            for f in findings
            if f.status.in_force
            for label in f.labels
            if label.startswith(families or _FAMILIES)
        ]
        if findings is spot.near:  # what stands beside may be another clause: social work only
            labels = [label for label in labels if label.startswith(_SOCIAL)]
            if "social." not in families:
                labels = []
        for first in _SOCIAL[:3]:
            if any(label.startswith(first) for label in labels):
                return next(label for label in labels if label.startswith(first))
        if labels:
            return labels[0]
    about = spot.text if spot.penal else f"{spot.text} {spot.around}"
    return "social.integration" if words and _about_work(about) else ""


_LOT = re.compile(r"\blots?\s*(?:n\s?[°o]s?\s*)?\d", re.I)
_FOR_LOT = re.compile(
    r"[^.;,|]{0,50}?\b(?:pour (?:chacun des |l['’]ensemble des )?(?:les? )?"
    r"|au titre d[ue]s? |sur les? |dans les? |aux? )(?=lots?\s)",
    re.I,
)
_NOT_LOT = re.compile(r"[^.;,]{0,30}?(?:\bn['’e]|\bdispens|\bexclu|\bhors)", re.I)
_SAME_LOT = re.compile(r"\b(?:(?:ce|du|au|le) même lot|ce lot|(?:ledit|dudit|audit) lot)\b", re.I)
_FIRST_CELL = re.compile(r"\W{0,2}(?:lot\s)?(?:n°\s?)?(\d{1,2})\W{0,2}", re.I)
_LOT_TITLE = re.compile(r"\blots?\b|^\W*n\W?°?\W*$|num[ée]ro", re.I)


def _lots(spot: _Spot, figure: _Figure) -> tuple[str, ...]:
    """Return the lots a figure stands for: those it is said for, named before it, or of its row."""
    text, at = spot.text, figure.start
    if spot.block.kind == BlockKind.ROW:
        return _lots_of_row(spot, at)
    high = min((n.start for n in numbers(text) if n.start >= figure.end), default=len(text))
    said = _FOR_LOT.match(text, figure.end, high)
    if said is not None and (lots := lot_numbers(text[said.end() : high])):
        return lots
    mentions = [m.start() for m in _LOT.finditer(text)]
    ahead = [m for m in mentions if m < at]
    if ahead:
        return lot_numbers(text[ahead[-1] : at])
    behind = [m for m in mentions if m > at]
    if behind and not _NOT_LOT.match(text, behind[0] + 5):
        return lot_numbers(text[behind[0] : behind[1] if len(behind) > 1 else None])
    if _SAME_LOT.search(text, 0, at) and (lots := lot_numbers(spot.before)):
        return lots[-1:]
    if figure.name in _BOUND and text[:1].islower() and (lots := lot_numbers(spot.before)):
        return lots  # the same sentence, cut at a semicolon
    return spot.block.lots


def _lots_of_row(spot: _Spot, at: int) -> tuple[str, ...]:
    spanned = len(spot.cells) < len(spot.block.lead.split(CELL_MARK))
    if not spanned and (lots := lot_numbers(spot.title(at))):
        return lots  # a cell may span the columns of several lots, where one is wanting
    if lots := lot_numbers(spot.text):
        return lots
    titles = [title for _, _, title in spot.cells]
    for (low, high, _), title in zip(spot.cells[:2], titles, strict=False):
        cell = _FIRST_CELL.fullmatch(spot.text, low, high)
        if cell and low != at and (_LOT_TITLE.search(title) or _LOT_TITLE.search(titles[0])):
            return (cell[1].lstrip("0") or "0",)
    if re.search(r"\b(?:total|ensemble)\b", spot.text[:40], re.I):
        return ()
    return spot.block.lots or spot.row.lots


def _lots_of_cell(cell: str, lead: str) -> tuple[str, ...]:
    """Return the lots that the first cell of a row names, by itself or below the title "Lot"."""
    if lots := lot_numbers(cell):
        return lots
    match = _FIRST_CELL.fullmatch(cell)
    title = lead.split(CELL_MARK, maxsplit=1)[0]
    return (match[1].lstrip("0") or "0",) if match and _LOT_TITLE.search(title) else ()


def _named_once(facts: list[Fact]) -> list[Fact]:
    """Keep the first passage that names who controls, its fullest name where there are several."""
    names = {str(f.value).lower() for f in facts if f.name == "quantity.controller"}
    told: list[Fact] = []
    for fact in facts:
        if fact.name == "quantity.controller":
            name = str(fact.value).lower()
            if name not in names or any(n != name and n.startswith(name) for n in names):
                continue
            names.discard(name)
        told.append(fact)
    return told


def _once_a_table(facts: list[Fact], rows: list[Fact]) -> list[Fact]:
    """Keep the first of the rows of an article that ask the same class of several vehicles."""
    told: list[Fact] = []
    asked: set[tuple[object, ...]] = set()
    for fact in facts:
        if fact.name == "quantity.vehicle_class" and fact in rows:
            key = (fact.place.article, fact.value, fact.lots)
            if key in asked:
                continue
            asked.add(key)
        told.append(fact)
    return told


def _of_one_lot(facts: list[Fact]) -> list[Fact]:
    """Give the penalties and reports of a clause its lot, when its obligation concerns one only."""
    lots: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for fact in facts:
        if fact.name.removeprefix("quantity.") in _OF_WORK:
            lots[fact.place.article].add(fact.lots)
    told = []
    for fact in facts:
        alone = lots.get(fact.place.article, set())
        bound = fact.name.removeprefix("quantity.") in _BOUND and fact.label.startswith("social.")
        one = bound and not fact.lots and len(alone) == 1
        told.append(replace(fact, lots=next(iter(alone))) if one else fact)
    return told
