"""French numbers with their place: plain, in words, of euros, days, months, hours, percent, dates.

Words are valued by text2num; what else looks like a number (a date, an hour of the clock, an
article, a phone number, a postal code, a CPV code) is stepped over here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from text_to_num import text2num


@dataclass(frozen=True, slots=True)
class Number:
    """A number at ``[start, end)``; of a measure the span holds its unit too."""

    value: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in EUR at ``[start, end)``; ``tax`` is "HT", "TTC" or ""."""

    value: float
    start: int
    end: int
    tax: str = ""


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration in months at ``[start, end)``: without renewals, and with all those written."""

    firm: float
    total: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar at ``[start, end)``, as ISO ("2026-09-12").

    ``time`` is the hour written after it ("12:00"), "" without one.
    """

    value: str
    start: int
    end: int
    time: str = ""


_MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre",
    "octobre", "novembre", "decembre",
)  # fmt: skip
_PLAIN = str.maketrans("éû", "eu")
_MONTH = (
    r"(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|novembre"
    r"|d[ée]cembre)\b"
)
_DIGITS = (
    r"(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)(?:,\d{1,2}(?!\d))?"
    r"|\d{1,3}(?:\.\d{3})+(?!\d)(?:,\d{1,2}(?!\d))?"
    r"|\d{1,9}(?:,\d{1,4}(?!\d)|\.\d{1,2}(?![\d.]\d))?)"
)
_WORD = (
    r"(?:z[ée]ro|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze"
    r"|quinze|seize|vingts?|trente|quarante|cinquante|soixante|septante|octante|huitante|nonante"
    r"|cents?|milles?|millions?|milliards?)\b"
)
_RUN = rf"{_WORD}(?:[\s-]{{1,3}}(?:et[\s-]{{1,3}}(?=une?\b|onze\b))?{_WORD}){{0,12}}"
_FRACTION = (
    r"(?:la\smoiti[ée]|leur\smoiti[ée]|deux\stiers|un\stiers|trois\squarts|un\squart"
    r"|(?:un|deux|trois|quatre)\s(?:cinqui[èe]|dixi[èe]|vingti[èe])mes?)\b"
)
_PARTS = {
    "moitié": 2, "moitie": 2, "tiers": 3, "quart": 4, "quarts": 4, "cinquième": 5, "dixième": 10,
    "vingtième": 20,
}  # fmt: skip
# "un tiers" is a third party more often than a share, "un quart d'heure" is no share.
_SHARED = re.compile(
    r"\s+(?:au (?:moins|minimum|plus)|de (?:la |l['’]|leurs? |s[aeo]\w* )|des |du )"
)
_SHARING = re.compile(
    r"(?:hauteur|concurrence|compt\w+|p[èe]s\w+|vaut|not[ée]\w*|pondér\w+)\s(?:d['’]|pour\s|de\s)?$",
    re.I,
)
_OF_TIME = re.compile(r"\s+d['’]heure")
_ENUMERATION = (
    r"(?:\s?(?:,|et|ou|à|&|-)\s?(?:n°\s?)?(?!0\d[ .]\d\d)\d{1,2}(?:\.\d{1,2}){0,4}(?!\d|,\d| \d{3})"
    r"(?!\s?(?:h\b|heures?|%|pour cent|€|euros?|jours?|mois\b|ans?\b|points?)))"
)
_DATE = (
    r"(?:(?P<iso>\d{4}-\d{2}-\d{2})(?!\d)"
    r"|(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})(?:[/.-](?P<year>(?:20|19)\d{2})|/(?P<short>\d{2}))(?![\d/])"
    rf"|(?P<named>\d{{1,2}}|1\s?er)\s(?P<name>{_MONTH})(?:\s(?P<of>(?:20|19)\d{{2}})\b)?)"
)
# What is written with digits and is no quantity. Each begins where a number might.
_OTHER = (
    re.sub(r"\?P<\w+>", "?:", _DATE),
    rf"{_MONTH}\s(?:20|19)\d{{2}}\b",
    rf"(?:premier|{_RUN})\s{_MONTH}(?:\sdeux\smille(?:[\s-]{_WORD}){{0,3}})?",
    r"(?:en|ann[ée]es?|depuis|exercices?|rentr[ée]e|mill[ée]sime)\s(?:20|19)\d{2}\b(?!\s?(?:h\b|heures|€|euros))",
    r"(?:20|19)\d{2}\s?[-/]\s?(?:20|19)?\d{2}\b",
    r"\d{1,2}\s?(?:h|heures?)\s?[0-5]\d\b(?!\s?(?:%|\d))",  # 8 h 30
    r"\d{1,2}:[0-5]\d\b",
    r"(?:articles?|art\.|chapitres?|paragraphes?|§|alin[ée]as?|annexes?|lots?|tranches?|phases?|[ée]tapes?"
    r"|rubriques?|pages?|titres?|sections?|num[ée]ros?|ligne|niveau|indice|version|bâtiments?)"
    rf"\s?(?:n°s?\s?)?\d{{1,3}}(?:[.-]\d{{1,3}}){{0,5}}\b(?![,\u00a0]\d){_ENUMERATION}{{0,8}}",
    r"n[°º]s?\s?\d[\w./-]*",
    r"[LRDA]\.?\s?\*?\s?\d{3,4}\s?-\s?\d+(?:-\d+)*",
    r"(?:\+33\s?\(?0?\)?\s?\d|0\d)(?:[ .-]?\d{2}){4}(?!\d)",
    r"\d{3}\s?\d{3}\s?\d{3}\s?\d{5}(?!\d)",
    r"(?:SIREN|SIRET|RCS|CPV|BP|CS|FINESS|IBAN|TVA)\W{1,5}[A-Z]{0,2}\d[\d -]*\d\b",
    r"\d{8}\s?-\s?\d(?!\d)",
    r"\d{5}\s(?=(?-i:(?!HT|TTC|EUR|Eur|H\.T|T\.T)(?:[A-ZÉÈ][\w'’-]{2,}|[A-Z]['’])))",
    r"(?:ISO|NF|EN|CEI|IEC|OHSAS|NFS|NFC)(?:[ /-](?:ISO|EN|[A-Z]{1,2}))?[ -]?(?:[A-Z] ?)?\d[\d:-]*",
    r"crit['’]?\s?air\s?\d\b|euro\s?[4-7]\b",
    r"\d{1,4}\s?(?:er|ère|e|è|[èe]me|nde?)s?\b",
    r"(?!\d{1,3}(?:\.\d{3})+(?![\d.]))\d+(?:\.\d+){2,}\.?",  # an outline, no thousands
)
_TOKEN = re.compile(
    rf"(?<![\w°])(?<!\d[.,])(?:(?P<fraction>{_FRACTION})|(?P<other>{'|'.join(_OTHER)})"
    rf"|(?P<digits>{_DIGITS})(?![OIl]\b|\w*\d|\.\d)(?:\s(?P<scale>millions?|milliards?|milliers)\b)?"
    rf"|(?!(?<=pour\s)cents?\b)(?P<words>{_RUN})(?:\svirgule\s(?P<decimals>{_RUN}))?)",
    re.I,
)
# "4.2 ", "1) ", "1-2 ", "C.4 ", "IV.2 " before the words of an article.
_OUTLINE = re.compile(
    r"\s*(?:\d{1,2}(?:(?:[.-]\d{1,2})+\.?|[.)])|[A-Z]{1,4}[.-]?\d{1,2}(?:\.\d{1,2})*[.)]?)\s+(?=\D)"
)
_SCALE = {"million": 1e6, "milliard": 1e9, "millier": 1e3}
_CACHED = 512  # texts: several readers ask for the same passage one after the other


def numbers(text: str) -> Iterator[Number]:
    """Yield the numbers of a text in order, a doubled form ("5 (cinq)") once.

    Shares in words are below 1 ("la moitié" -> 0.5). Lone "un" and "une" are left out.
    """
    for number, lone in _numbers(text):
        unit = _HOURS.match(text, number.end)
        if not (lone or (unit and number.value <= 24 and _clock(text, number, unit))):
            yield number


def lone_numbers(text: str) -> Iterator[tuple[Number, bool]]:
    """Yield all numbers, each with whether it is a lone "un" or "une", which may be no number."""
    yield from _numbers(text)


@lru_cache(_CACHED)
def _numbers(text: str) -> tuple[tuple[Number, bool], ...]:
    """List the numbers, each with whether it is a lone "un" or "une", which measures may count."""
    found: list[tuple[Number, bool]] = []
    outline = _OUTLINE.match(text)
    for match in _TOKEN.finditer(text, outline.end() if outline else 0):
        if match["other"]:
            continue
        number = _read(match)
        if number is None:
            continue
        lone = (match["words"] or "").lower() in ("un", "une")
        before = found[-1][0] if found else None
        if (
            before
            and before.value == number.value
            and text[before.end : number.start].strip() == "("
        ):
            closed = re.compile(r"\s?\)").match(text, number.end)
            if closed:
                found[-1] = (replace(before, end=closed.end()), False)
                continue
        found.append((number, lone))
    return tuple(found)


def _read(match: re.Match[str]) -> Number | None:
    text, start, end = match.string, match.start(), match.end()
    if match["fraction"]:
        words = match["fraction"].lower().split()
        if words == ["un", "tiers"] and not (
            (_SHARED.match(text, end) and not text[:start].endswith(("par ", "à ")))
            or _SHARING.search(text, max(0, start - 25), start)
        ):
            return None
        if _OF_TIME.match(text, end):
            return None
        part = _PARTS.get(words[1], 0) or _PARTS[words[1].removesuffix("s").replace("iem", "ièm")]
        top = 1.0 if words[0] in ("la", "leur") else _spelled(words[0])[0]
        return Number(top / part, start, end)
    if match["digits"]:
        value = _plain(match["digits"])
        if match["scale"]:
            value *= _SCALE[match["scale"].lower().removesuffix("s")]
        return Number(value, start, end)
    value, length = _spelled(match["words"])
    if not length or (match["words"].lower() == "neuf" and not re.match(r"\s\w{3}", text[end:])):
        return None
    if match["decimals"] and length == len(match["words"]):
        decimals = f"{_spelled(match['decimals'])[0]:g}"
        return Number(float(f"{value:g}.{decimals}"), start, end)
    return Number(value, start, start + length)


def _plain(digits: str) -> float:
    """Return the value of digits: spaces and full stops before three digits group thousands."""
    whole = re.sub(r"[\s\u00a0\u202f]", "", digits)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", whole):
        whole = whole.replace(".", "")
    return float(whole.replace(",", "."))


@lru_cache(_CACHED)
def _spelled(words: str) -> tuple[float, int]:
    """Return the value of the longest beginning that is a number, and its length (0 for none)."""
    pieces = list(re.finditer(r"[^\s-]+", words))
    for last in reversed(pieces):
        spelled = re.sub(r"[\s-]+", " ", words[: last.end()].lower()).replace("milles", "mille")
        try:
            return float(text2num(spelled, "fr")), last.end()
        except ValueError:
            continue
    return 0.0, 0


# -- measures --------------------------------------------------------------------------------------

_PERCENT = re.compile(r"\s{0,2}(?:%|pour\s?-?cents?\b|pourcents?\b)", re.I)
_PER_MILLE = re.compile(r"\s{0,2}(?:‰|pour\s?-?mille?\b(?!\s(?:euros?|habitants)))", re.I)
_DAYS = re.compile(
    r"\s{0,2}(?:j\b|jours?\b)(?:\s(?:calendaires?|ouvr[ée]s|ouvrables?|francs|fermes))?", re.I
)
_HOURS = re.compile(r"\s{0,2}(?:h\b|heures?\b|hrs?\b)", re.I)
_TERM = re.compile(r"\s{0,2}(?P<unit>mois|ans?|ann[ée]es?)\b(?P<half>\set\sdemie?\b)?", re.I)
_MONEY = re.compile(
    r"\s{0,2}(?:d['’]\s?)?(?P<unit>[kKM]\s?€|[kKM]euros?\b|€|euros?\b|EUR\b)(?P<tax>\s?(?:H\.?\s?T\b\.?|hors\s(?:taxes?|TVA)"
    r"|T\.?\s?T\.?\s?C\b\.?|toutes\staxes\scomprises))?",
    re.I,
)
_CENTS = re.compile(r"\s(?:et\s)?(?P<cents>\d{2}|" + _RUN + r")\s(?:centimes|cts?)\b", re.I)
# An hour of the clock ("à 12 heures", "de 8 h à 17 h"), unless a volume is meant ("fixé à 12 h").
_CLOCK = re.compile(
    r"(?:\b(?:avant|dès|vers|entre|jusqu['’]?à|après|heure limite\s?:)\s(?:les\s)?"
    r"|(?P<at>\bà\s)|(?:\bh|\bheures?|[0-5]\d)\s(?:et|à)\s|\b20\d{2}(?:\s?,|\s?\()?\s|(?P<from>\bde\s))$",
    re.I,
)
_VOLUME = re.compile(
    r"(?:[ée]l[eè]v\w+|fix\w+|[ée]ga\w+|port[ée]\w*|[ée]valu\w+|estim\w+|limit\w+|sup[ée]rieur\w*|inf[ée]rieur\w*"
    r"|arr[êe]t[ée]\w*|ramen\w+|r[ée]dui\w+|correspon\w+|[ée]quiv\w+|engage\w*|minimum|moins|mont\w+)\s?$",
    re.I,
)
_OF_WORK = re.compile(r"\s(?:d['’](?!ouverture)|de\s(?!rel[âa]che)|par\s|pour\s)", re.I)
_TO = re.compile(r"\s?à\s\d{1,2}\s?(?:h\b|heures?)", re.I)


def _measured(text: str, unit: re.Pattern[str]) -> Iterator[tuple[Number, re.Match[str]]]:
    """Yield numbers directly followed by their unit, with the span of both."""
    last: Number | None = None
    for number, _ in _numbers(text):
        match = unit.match(text, number.end)
        if match is None:
            continue
        measure = replace(number, end=match.end())
        # "dix mille euros (10 000 €)" says it once.
        if not (
            last and last.value == number.value and text[last.end : number.start].strip() == "("
        ):
            yield measure, match
        last = measure


def percents(text: str) -> Iterator[Number]:
    """Yield shares in percent: "40 %", "quarante pour cent", "la moitié" (50), "un quart" (25)."""
    for number, lone in _numbers(text):
        if match := _PERCENT.match(text, number.end):
            yield replace(number, end=match.end())
        elif 0 < number.value < 1 and not lone and text[number.start].isalpha():
            yield replace(number, value=round(number.value * 100, 2))


def per_mille(text: str) -> Iterator[Number]:
    """Yield shares per mille ("2 ‰", "un pour mille") in percent (0.2, 0.1)."""
    for number, _ in _numbers(text):
        if match := _PER_MILLE.match(text, number.end):
            yield replace(number, value=round(number.value / 10, 4), end=match.end())


def days(text: str) -> Iterator[Number]:
    """Yield numbers of days ("trente (30) jours calendaires")."""
    yield from (number for number, _ in _measured(text, _DAYS))


def hours(text: str) -> Iterator[Number]:
    """Yield numbers of hours that are volumes or delays, hours of the clock left out."""
    for number, match in _measured(text, _HOURS):
        if number.value <= 24 and _clock(text, number, match):
            continue
        yield number


def _clock(text: str, number: Number, unit: re.Match[str]) -> bool:
    before = _CLOCK.search(text, max(0, number.start - 20), number.start)
    if before is None:
        return False
    if before["from"]:
        return _TO.match(text, unit.end()) is not None
    if before["at"]:
        said = _VOLUME.search(text, max(0, before.start() - 16), before.start())
        return said is None and _OF_WORK.match(text, unit.end()) is None
    return True


def money(text: str) -> Iterator[Money]:
    """Yield amounts in EUR ("1 250,50 € HT", "2 M€", "dix mille (10 000) euros")."""
    for number, match in _measured(text, _MONEY):
        unit = match["unit"]
        scale = 1e3 if unit[0] in "kK" else 1e6 if unit[0] == "M" else 1.0
        value, end = number.value * scale, number.end
        if scale == 1 and not match["tax"] and (cents := _CENTS.match(text, end)):
            small = cents["cents"]
            value += (float(small) if small.isdigit() else _spelled(small)[0]) / 100
            end = cents.end()
        tax = re.sub(r"[\s.]", "", match["tax"] or "").lower()
        kind = "" if not tax else "HT" if tax[0] == "h" else "TTC"
        yield Money(round(value, 2), number.start, end, kind)


_AGE = re.compile(r"(?:âg[ée]\w*\s(?:de\s)?|moins\sde\s|plus\sde\s|derni[èe]r\w*\s)$", re.I)
_RENEWED = re.compile(
    r"(?:renouvel|reconduct|reconduit|prolong)\w*[^.;]{0,90}?(?<![\w,])(?P<times>\d{1,2}|"
    + _RUN
    + r")"
    r"\s?(?:\([^)]{1,12}\)\s?)?(?:fois\b|reconductions?\b|renouvellements?\b|p[ée]riodes?\b)",
    re.I,
)
_PERIOD = re.compile(
    r"(?:p[ée]riodes?|dur[ée]es?|tranches?)\s(?:successives\s)?(?:de\s|d['’])$|\bpour\s$", re.I
)
_WHOLE = re.compile(
    r"(?:dur[ée]e\s(?:totale|maximale|maximum|globale)|exc[ée]der|d[ée]passer|dans\sla\slimite|maximum|au\stotal"
    r"|\bsoit)[^.;]{0,45}$",
    re.I,
)
_WHOLE_AFTER = re.compile(
    r"[\s,(]{0,2}(?:au\s(?:total|maximum)|maximum|en\stout|reconductions\scomprises)", re.I
)
_REACH = 260  # characters after a duration in which its renewals are told


def duration_months(text: str) -> Iterator[Duration]:
    """Yield durations in months or years ("1 an renouvelable 3 fois": firm 12, total 48).

    Renewals are looked for behind a duration; durations that tell them are not yielded again.
    Ages and "less than" are no durations.
    """
    terms = [
        Number(
            number.value * (1 if match["unit"].lower() == "mois" else 12)
            + (0 if not match["half"] else 0.5 if match["unit"].lower() == "mois" else 6),
            number.start,
            number.end,
        )
        for number, match in _measured(text, _TERM)
        if not _AGE.search(text, max(0, number.start - 14), number.start)
    ]
    at = 0
    while at < len(terms):
        first = terms[at]
        after = [t for t in terms[at + 1 :] if t.start < first.end + _REACH]
        total, end = first.value, first.end
        renewed = _RENEWED.search(text, first.end, first.end + _REACH)
        told = 0
        if renewed is not None and (not after or _renews(text, first, renewed, after)):
            period = next(
                (
                    t
                    for t in after
                    if t.start < renewed.end() + 90
                    and _PERIOD.search(text, max(0, t.start - 25), t.start)
                ),
                None,
            )
            total += _count(renewed["times"]) * (period.value if period else first.value)
            end = renewed.end()
            told = sum(t.end <= end or t is period for t in after)
            if period:
                end = max(end, period.end)
        for place, term in enumerate(after):
            if term.value > first.value and (
                _WHOLE.search(text, max(first.end, term.start - 60), term.start)
                or _WHOLE_AFTER.match(text, term.end)
            ):
                total, end, told = max(term.value, first.value), max(end, term.end), place + 1
                break
        yield Duration(first.value, total, first.start, end)
        at += 1 + told


def _renews(text: str, first: Number, renewed: re.Match[str], after: list[Number]) -> bool:
    """Tell whether renewals belong to this duration and not to another told before them."""
    between = [t for t in after if t.end <= renewed.start()]
    return all(_PERIOD.search(text, max(0, t.start - 25), t.start) for t in between)


def _count(words: str) -> float:
    return float(words) if words.isdigit() else _spelled(words)[0]


_DAY = re.compile(rf"(?<![\w/]){_DATE}", re.I)
_TIME = re.compile(
    r"[\s,(]{0,3}(?:avant|à|au plus tard à|[-–])?\s?(?P<h>\d{1,2})\s?(?:h(?:eures?)?|:)\s?"
    r"(?P<m>[0-5]\d)?\b",
    re.I,
)


def dates(text: str) -> Iterator[Day]:
    """Yield the days that have a year: "12/09/2026", "le 1er octobre 2026", "2026-09-12"."""
    for match in _DAY.finditer(text):
        try:
            value = _day(match)
        except ValueError:
            continue
        if value is None:
            continue
        time = _TIME.match(text, match.end())
        hour = int(time["h"]) if time else 24
        told = f"{hour:02d}:{time['m'] or '00'}" if time and hour < 24 else ""
        yield Day(
            value.isoformat(), match.start(), time.end() if time and told else match.end(), told
        )


def _day(match: re.Match[str]) -> date | None:
    if match["iso"]:
        return date.fromisoformat(match["iso"])
    if match["named"]:
        if not match["of"]:
            return None
        month = _MONTHS.index(match["name"].lower().translate(_PLAIN)) + 1
        return date(int(match["of"]), month, int(match["named"].lower().split("er")[0]))
    year = int(match["year"] or f"20{match['short']}")
    return date(year, int(match["month"]), int(match["day"]))
