"""Names and weights of award criteria as a text states them: "Prix : 40 %", "huit points pour …".

What opens a list of criteria, and how they hang together, is in ``criteria``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from nlp.wordlists import word_lists

LONGEST_NAME = 140  # characters

_NUMBER = r"\d{1,3}(?:[.,]\d{1,2})?"
_OF_PARENT = (
    r"(?:\s*(?:de\s+la\s+note|du\s+crit[èe]re|des\s+points)(?:\s+(?:du\s+crit[èe]re|technique))?)?"
)
_FRACTIONS = {
    "moitié": 50.0, "tiers": 33.33, "quart": 25.0, "cinquième": 20.0, "dixième": 10.0,
    "deux tiers": 66.67, "trois quarts": 75.0,
}  # fmt: skip
# "Critère 1.2 -", "n° 3)", "2.1-", "A." before a name.
_NUMBERING = re.compile(
    r"^\W*(?:(?:sous[- ]?)?crit[èe]re\s*)?(?:n°\s*)?"
    r"(?:(?P<path>\d{1,2}(?:\s?[.-]\s?\d{1,2}){0,3})(?![\d%])\s*[-–.):°/]*\s*(?=\D)|[A-Ha-h]\s?[.)°]\s+)",
    re.I,
)
_LEADING = re.compile(
    r"^(?:l[’']\s?|(?:le|la|les|du|des|de la|de l[’']|une?|d[’']|sous[- ]?crit[èe]res?"
    r"|crit[èe]re)\s+)(?:crit[èe]re\s+(?:d[eu]s?\s+(?:la\s+|l[’'])?)?)?(?:n°\s*\d+\s*)?[:–-]?\s*",
    re.I,
)
_EDGES = " \t\n:-–—(|•.,;*=…\"'«»/>o·▪▫◦‣➢→"
_HARD = re.compile(
    r"[;\n•▪◦]|(?<=[\wé)»][\w)»%])\.\s+(?=[A-ZÉÈÀ])|(?:^|\s)[-–]\s+(?=[A-ZÉ])|\s\*\s"
)
# "noté sur 20": the scale of a note, or a weight when nothing else says one.
_SCALE = re.compile(
    r"(?:(?<![\w/])/|\bsur)\s*(?P<number>\d{1,3})(?:\s*(?:points?|pts?)\b)?(?![\d.,]|\s*(?:%|€|jours|ans|mois|heures|lots))",
    re.I,
)
_LIMIT = re.compile(
    r"(?:inférieure?s?|supérieure?s?|moins|plus|minimum|maximum|dépass\w+|au-delà|limite|excéder|environ)"
    r"\s+(?:de|à|d[’']au moins)?\s*$",
    re.I,
)
_AMOUNT = re.compile(
    r"\s*(?:du\s+(?:montant|marché|prix|chiffre|total des heures)|HT\b|TTC\b|des\s+heures"
    r"|de\s+(?:TVA|pénalit|remise|réduction|la\s+valeur)"
    r"|par\s+(?:jour|heure)|d[’']écart)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight at ``[start, end)`` of a text.

    ``unit`` is percent, points, coefficient, order, or "" where it is not written; ``of`` is
    "parent" where it says so ("60 % de la note du critère").
    """

    value: float
    unit: str
    start: int
    end: int
    of: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A name at ``[start, …)`` with its weight, which may stand before it; ``end`` ends both.

    ``below`` says that the text makes it a part of what stands before ("40 points, soit …").
    ``path`` are the figures before the name ("2.1" -> 2, 1).
    """

    name: str
    weight: Weight | None
    start: int
    end: int
    below: bool = False
    path: tuple[int, ...] = ()


def words() -> Mapping[str, re.Pattern[str]]:
    """Return the word lists of award criteria."""
    return word_lists("criteria")


def number(text: str) -> float | None:
    """Return the number of figures or French words up to 100, None for all else."""
    text = " ".join(text.lower().replace("-", " ").split())
    if text in _spelt():
        return float(_spelt()[text])
    match = re.fullmatch(_NUMBER, text)
    return float(text.replace(",", ".")) if match else None


def weights(text: str) -> tuple[Weight, ...]:
    """Return the weights a text states in their order; scales ("noté sur 20") only alone."""
    found = [w for m in _weight().finditer(text) if (w := _weight_of(text, m)) is not None]
    if not any(w.unit in ("percent", "coefficient", "") for w in found):
        taken = [(w.start, w.end) for w in found]
        for match in _SCALE.finditer(text):
            start, end = match.span()
            if not any(s < end and start < e for s, e in taken) and not _LIMIT.search(text[:start]):
                found.append(Weight(float(match["number"]), "points", start, end))
    return tuple(sorted(found, key=lambda w: w.start))


def cell_weight(text: str, header: str) -> tuple[float, str] | None:
    """Return weight and unit of a table cell that holds nothing else, None for any other cell.

    A naked number is a weight only below a ``header`` that says so.
    """
    text = text.strip(" .;:()")
    if not text or len(text) > 40 or not re.search(r"\d|cent|points|moitié", text):
        return None
    if scale := re.fullmatch(rf"({_NUMBER})\s*/\s*(\d{{2,3}})", text):
        return float(scale[1].replace(",", ".")), "points"
    if (value := number(text)) is not None and re.match(r"\d", text):
        if not words()["weight_header"].search(header):
            return None
        return value, _unit_of_header(header, value)
    found = weights(text)
    if not found or sum(c.isalpha() for c in text[: found[0].start]) > 14:
        return None
    if len(text) - (found[0].end - found[0].start) > 26:
        return None
    return found[0].value, found[0].unit or "percent"


def named(text: str, bare: str = "") -> tuple[str, tuple[Named, ...]]:
    """Return the words before the first name, and the names with their weights.

    ``bare`` is the unit of a number alone at the end of the text ("Prix : 60"), "" when such a
    number says nothing.
    """
    stated = weights(text)
    if not stated and (last := _last_number(text, bare)) is not None:
        stated = (last,)
    found: list[Named] = []
    lead = ""
    below = False
    after = False
    end = 0  # of what is read
    stated = tuple(w for w in stated if not _whole(text, w))
    for index, weight in enumerate(stated):
        gap = text[end : weight.start]
        if _sentence_ended(gap) and index:
            after = below = False
        at, name = _name_before(text, end, weight.start, first=index == 0)
        parted = words()["parts"].search(gap) is not None
        if index == 0:
            lead = text[:at]
            below = words()["parts"].search(lead) is not None
        below = below or (parted and bool(found))
        follows = words()["weight_after"].match(text, weight.end)
        last_of_run = stated[index + 1].start if index + 1 < len(stated) else len(text)
        if (after or not name) and follows:
            after = True
            stop = _clause_end(text, follows.end(), last_of_run)
            name = _clean(text[follows.end() : stop])
            if _is_name(name):
                found.append(Named(name, weight, weight.start, stop, below))
            end = stop
            continue
        end = weight.end
        if name and _is_name(name):
            path = _path(text[at : weight.start])
            found.append(Named(name, weight, at, weight.end, below, path))
    return lead, tuple(found)


def listed(text: str) -> tuple[Named, ...]:
    """Return the names of a list within a sentence, without weights ("le prix ; les délais")."""
    parts = [(m.start(), m.end()) for m in re.finditer(r"[^;\n•]{3,}", text)]
    if len(parts) < 2:
        parts = [
            (m.start(), m.end()) for m in re.finditer(r"(?:(?!,| et (?:enfin )?l)[^.])+", text)
        ]
    names = [(start, end, clean_name(text[start:end])) for start, end in parts]
    return tuple(Named(n, None, s, e) for s, e, n in names if len(n) > 3 and _is_name(n))


def clean_name(text: str) -> str:
    """Return a criterion's name without numbers, articles and how it is judged."""
    return _clean(text)


def opening(text: str) -> int:
    """Return where the name at the beginning of a cell or an item ends."""
    match = re.search(r"\s[-•–]\s|\s:\s|:\s|;|\.\s|\n", text)
    end = match.start() if match and match.start() > 6 else len(text)
    judged = words()["judged"].search(text, 4)
    return min(end, judged.start()) if judged and judged.start() > 4 else end


def numbering(text: str) -> tuple[int, ...]:
    """Return the figures before a name ("2.1-Finesse" -> 2, 1)."""
    return _path(text)


def theme(name: str) -> str:
    """Return price, cost, social, environmental, delay, quality or other for a name."""
    lists = words()
    if lists["cost"].search(name):
        return "cost"
    if lists["technical"].search(name):
        return "quality"
    found = [
        (m.start(), t)
        for t in ("price", "social", "environmental", "delay", "quality")
        if (m := lists[t].search(name))
    ]
    if not found:
        return "other"
    first = min(found)[1]
    if first != "price":
        for of in sorted(found):
            if of[1] in ("social", "environmental"):
                return of[1]
    return first


# -- names ----------------------------------------------------------------------------------------


def _name_before(text: str, start: int, end: int, *, first: bool) -> tuple[int, str]:
    """Return where the name before a weight begins, and the name, "" when there is none."""
    pieces = [(start, end)]
    cuts = [m.end() for m in _HARD.finditer(text, start, end)]
    if cuts:
        pieces = [(cuts[-1], end)]
        if not _clean(text[cuts[-1] : end]) and len(cuts) > 1:
            pieces = [(cuts[-2], end)]
    at, stop = pieces[0]
    segment = text[at:stop]
    if _sentence_ended(segment):
        at += max((m.end() for m in re.finditer(r"\.\s+(?=[A-ZÉ])", segment)), default=0)
    colons = [at, *(m.end() for m in re.finditer(r":", text[:stop]) if m.end() > at)]
    for begin in reversed(colons):
        upto = next((c - 1 for c in colons if c > begin), stop)
        name = _clean(text[begin:upto])
        if name and _is_name(name):
            return _place(text, name, begin, upto), name
    return at, ""


def _place(text: str, name: str, start: int, end: int) -> int:
    """Return where a cleaned name begins between ``start`` and ``end``."""
    at = text.find(name.split(" ", maxsplit=1)[0], start, end)
    while at >= 0 and not " ".join(text[at:end].split()).startswith(name):
        at = text.find(name.split(" ", maxsplit=1)[0], at + 1, end)
    return at if at >= 0 else start


def _whole(text: str, weight: Weight) -> bool:
    """Tell whether a weight is all there is to share out ("les 20 points se répartissent en")."""
    after = re.match(
        r"\s*(?:points\s+)?(?:qui\s+)?(?:se|sont|est|étant)\s+(?:ainsi\s+)?(?:répart|décompos|ventil|divis)",
        text[weight.end : weight.end + 40],
    )
    before = re.search(r"\b(?:les|ces|ses|des)\s*$", text[: weight.start], re.I)
    return after is not None and before is not None


def _clean(text: str) -> str:
    name = " ".join(text.split()).lstrip(_EDGES.replace("o", "") + ")").strip()
    name = re.sub(r"^o (?=\w)", "", name)  # a bullet of word processors
    name = words()["field"].sub("", name)
    for _ in range(3):
        shorter = words()["before_name"].sub("", name.lstrip(" ,:)-–•"))
        if (match := _NUMBERING.match(shorter)) and not re.match(r"\d+\s*(?:%|points)", shorter):
            shorter = shorter[match.end() :]
        shorter = _LEADING.sub("", shorter.lstrip(' ,:)-–•«"'))
        if shorter == name:
            break
        name = shorter
    judged = words()["judged"].search(name)
    if judged:
        name = name[: judged.start()]
    name = re.sub(r"[\s,(]+(?:pour|sur|à|de|et|avec|un|les?|la|soit|:)*[\s(:]*$", "", name + " ")
    name = re.sub(r"(?:\s+(?:pour|sur|les?|la|soit|et|puis|enfin|un|une|est|de|à))+$", "", name)
    if name.count("(") > name.count(")") and (cut := name.rfind("(")) > 3:
        name = name[:cut]
    return name.strip("".join(c for c in _EDGES if c != "o"))[:LONGEST_NAME].strip()


def _is_name(name: str) -> bool:
    letters = sum(c.isalpha() for c in name)
    return letters >= 3 and words()["not_name"].search(name) is None


def _sentence_ended(gap: str) -> bool:
    return re.search(r"[\w)»%]\s?\.\s+[A-ZÉ]", gap) is not None or gap.lstrip(")").startswith(". ")


def _clause_end(text: str, start: int, end: int) -> int:
    """Return where the name behind a weight ends: at the next clause, or the weight after it."""
    cut = re.search(r"[;\n]|\.(?:\s|$)", text[start:end])
    stop = start + cut.start() if cut else end
    if not cut and end < len(text):  # the words that lead to the next weight
        tail = re.search(
            r"(?:\s*(?:,|\bet\b|\bpuis\b|\benfin\b|\bles\b|\(|-|–|:))+\s*$", text[start:stop]
        )
        stop = start + tail.start() if tail else stop
    return stop


def _path(text: str) -> tuple[int, ...]:
    match = _NUMBERING.match(text)
    if match is None or not match["path"]:
        return ()
    return tuple(int(n) for n in re.findall(r"\d+", match["path"]))


# -- weights --------------------------------------------------------------------------------------


def _weight_of(text: str, match: re.Match[str]) -> Weight | None:
    if _LIMIT.search(text[max(0, match.start() - 30) : match.start()]):
        return None
    if _AMOUNT.match(text, match.end()):
        return None
    kind = str(match.lastgroup)
    said = match[kind]
    of = "parent" if re.search(r"crit[èe]re|note", said, re.I) and kind != "points" else ""
    if kind == "share":
        fraction = next(
            f
            for f in sorted(_FRACTIONS, key=len, reverse=True)
            if f in " ".join(said.lower().split())
        )
        return Weight(_FRACTIONS[fraction], "percent", match.start(), match.end(), of)
    figure = re.search(rf"{_NUMBER}|(?:{_spelt_pattern()})", said.lower())
    value = number(figure[0]) if figure else None
    if value is None:
        return None
    if kind == "rank":
        return Weight(value, "order", match.start(), match.end())
    if kind == "stated":
        unit = "percent" if "%" in said else "points" if re.search(r"\d\s*p", said) else ""
        unit = "coefficient" if not unit and value < 1 else unit
        return Weight(value, unit, match.start(), match.end())
    unit = {"percent": "percent", "points": "points", "hundred": "points"}.get(kind, "coefficient")
    return Weight(value, unit, match.start(), match.end(), of)


def _last_number(text: str, bare: str) -> Weight | None:
    if not bare:
        return None
    match = re.search(rf"[:–=-]\s*({_NUMBER})\s*[;.,)]?\s*$", text)
    if match is None or (value := number(match[1])) is None:
        return None
    return Weight(value, bare, match.start(1), match.end(1))


def _unit_of_header(header: str, value: float) -> str:
    if "%" in header or re.search("pourcent", header, re.I):
        return "percent"
    if re.search("coef", header, re.I):
        return "coefficient"
    if re.search(r"point|\bnote\b|/|barème", header, re.I):
        return "points"
    return "coefficient" if value < 1 else ""


@cache
def _weight() -> re.Pattern[str]:
    spelt = _spelt_pattern()
    figure = rf"(?:(?<![\d.,/])(?:{_NUMBER})|\b(?:{spelt}))"
    fractions = "|".join(sorted(_FRACTIONS, key=len, reverse=True)).replace(" ", r"\s+")
    return re.compile(
        # "pondération : 60", "Pondération (pourcentage, valeur exacte) : 40 %", "poids 60"
        r"(?P<stated>[/(,–-]{0,4}\s*\b(?:pond[ée]ration|weighting|weight|poids"
        r"|valeur du critère d[’']attribution|nombre[^:\n]{0,12} critère d[’']attribution)"
        r"(?:\s*\([^)\n]{0,50}\))?\s*(?:de|à|est de)?\s*[:=]?\s*"
        rf"(?:{_NUMBER})(?![\d.,]*\d)\s*(?:%|/\s?100\b|points?\b|pts?\b)?)"
        rf"|(?P<rank>,\s*rang\s+\d{{1,2}}\b)"
        r"|(?P<coefficient>\bcoef(?:ficient|f)?s?\.?\s*(?:de\s+)?(?:pond[ée]ration\s*)?"
        rf"(?:de\s+|égal\s+à\s+)?[:=]?\s*{figure})"
        rf"|(?P<percent>{figure}\s*(?:%|pour[- ]?cents?\b|p\.\s?100){_OF_PARENT})"
        rf"|(?P<points>{figure}\s*(?:points?\b|pts?\b\.?)(?:\s*/\s*\d{{2,3}}|\s+sur\s+\d{{2,3}})?{_OF_PARENT})"
        rf"|(?P<hundred>(?<![\d.,/]){_NUMBER}\s?/\s?(?:100|20|10)\b(?!/))"
        rf"|(?P<share>(?:\b(?:pour|compte|à|vaut|représente|soit)\s+|\()\s*(?:pour\s+)?(?:la|l[’']|une?|les)?\s*"
        rf"\b(?:{fractions})\b{_OF_PARENT})"
        rf"|(?P<decimal>(?<=[:(–,-])\s*0[.,]\d{{1,2}}(?=\s*(?:$|[;.)\n•]|,\s)))",
        re.I,
    )


@cache
def _spelt() -> Mapping[str, int]:
    """Return the French words for 1 to 100, without hyphens."""
    units = (
        "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
        "seize"
    ).split()
    tens = {
        20: "vingt",
        30: "trente",
        40: "quarante",
        50: "cinquante",
        60: "soixante",
        80: "quatre vingt",
    }
    spelt = dict(zip(units[1:], range(1, 17), strict=True))
    spelt |= {f"dix {units[n - 10]}": n for n in (17, 18, 19)}
    for ten, word in tens.items():
        spelt[word] = ten
        for n in range(1, 20 if ten in (60, 80) else 10):
            unit = units[n] if n < 17 else f"dix {units[n - 10]}"
            spelt[f"{word} {unit}"] = ten + n
            if n in (1, 11):
                spelt[f"{word} et {unit}"] = ten + n
    return spelt | {"quatre vingts": 80, "cent": 100}


@cache
def _spelt_pattern() -> str:
    longest = sorted(_spelt(), key=len, reverse=True)
    return "|".join(word.replace(" ", r"[-\s]+") for word in longest)
