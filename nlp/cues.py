"""Loads the cue files ``patterns/<label>.toml`` and finds their phrases in a passage.

A phrase is written as a buyer would write it, in any inflection ("heure d'insertion" matches
"Heures d'insertion"). ``(a|b)`` is a choice, ``(a|)`` an option, ``#`` a number, ``@name`` a
list of ``_concepts.toml``, and " … " a gap of at most ``GAP`` words. Acronyms ("EA", "ESAT")
match themselves only, not words that inflect alike. Unknown keys are refused.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from spacy.attrs import NORM
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from corpus import taxonomy
from corpus.documents import PieceType
from corpus.findings import Stage, Status
from nlp.language import language, tokens

FOLDER = Path(__file__).with_name("patterns")
GAP = 9  # words between the parts of a phrase written with "…"

_FILE_KEYS = {
    "rule",
    "lookalike",
    "veto",
    "heading",
    "inherit",
    "general",
    "yields_to",
    "not_within",
    "note",
}
_RULE_KEYS = {
    "phrases", "regex", "on", "articles", "strength", "with", "within", "without", "pieces",
    "not_pieces", "stage", "status", "kinds", "denial",
}  # fmt: skip
_ARTICLE = re.compile(r"\b([LRD])\s?\.?\s?\*?\s?(\d{3,4})\s?-\s?(\d+(?:\s?-\s?\d+)*)")


class CueError(ValueError):
    """A cue file holds something unknown or impossible."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sequence of matcher keys that must follow each other within ``GAP`` words."""

    keys: tuple[int, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to recognise a label."""

    id: str
    label: str
    phrases: tuple[Phrase, ...]
    regex: tuple[re.Pattern[str], ...]
    on: tuple[str, ...]
    articles: frozenset[str]
    strength: float
    with_: tuple[Phrase, ...]
    within: tuple[Phrase, ...]
    without: tuple[Phrase, ...]
    pieces: frozenset[PieceType]
    not_pieces: frozenset[PieceType]
    kinds: frozenset[str]
    stage: Stage | None
    status: Status | None
    denial: bool  # the rule's own words deny ("aucune forme imposée"): negation does not empty it


@dataclass(frozen=True, slots=True)
class LabelCues:
    """Every cue of one label."""

    label: str
    rules: tuple[Rule, ...]
    lookalike: tuple[Phrase, ...]
    veto: tuple[Phrase, ...]
    heading: tuple[Phrase, ...]
    inherit: str
    general: bool
    yields_to: frozenset[str]
    not_within: frozenset[str]  # themes of articles in which this label's words mean theirs


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a phrase stands, in characters."""

    start: int
    end: int


@dataclass(slots=True)
class _Compiler:
    """Turns phrase strings into matcher keys, each distinct segment once."""

    concepts: Mapping[str, Sequence[str]]
    matcher: PhraseMatcher
    segments: dict[str, int] = field(default_factory=dict)
    cases: dict[int, list[tuple[str, ...]]] = field(default_factory=dict)

    def phrases(self, sources: Sequence[str]) -> tuple[Phrase, ...]:
        return tuple(
            Phrase(tuple(self._segment(s.strip()) for s in text.split("…")), source)
            for source in sources
            for text in _open_gaps(source)
        )

    def _segment(self, segment: str) -> int:
        if segment in self.segments:
            return self.segments[segment]
        if not segment:
            raise CueError("a phrase begins or ends with a gap")
        number = len(self.segments)
        self.segments[segment] = number
        forms: dict[tuple[str, ...], dict[tuple[str, ...], Doc]] = {}
        for text in expand(segment, self.concepts):
            doc = _phrase(text)
            exact = tuple(_exact(t.text) for t in doc)
            forms.setdefault(exact, {}).setdefault(tuple(t.norm_ for t in doc), doc)
        self.cases[number] = list(forms)
        for i, docs in enumerate(forms.values()):
            self.matcher.add(f"{number}:{i}", list(docs.values()))
        return number


def _phrase(text: str) -> Doc:
    """Tokenise a cue as in a sentence, where an elision ("n'") splits only before a word."""
    return tokens(text + "x")[:-1].as_doc() if text.endswith("'") else tokens(text)


@cache
def _exact(word: str) -> str:
    """Return a cue's word when its norm would blur it (acronym, number), else ""."""
    acronym = 2 <= len(word) <= 6 and word.isupper() and word.isalpha()
    return word if acronym or any(c.isdigit() for c in word) else ""


def _same(word: str, exact: str) -> bool:
    """Tell whether a word is this number or acronym: short ones in capitals, others capitalised."""
    if not exact.isalpha():
        return word.lower() == exact.lower()
    shown = word.isupper() or (len(exact) > 3 and word[0].isupper())
    return shown and word.upper() in (exact, exact + "S")


def expand(segment: str, concepts: Mapping[str, Sequence[str]]) -> list[str]:
    """Spell out choices and concepts of a segment; raise CueError when one is unknown."""

    def concept(match: re.Match[str]) -> str:
        if match[1] not in concepts:
            raise CueError(f"unknown concept @{match[1]}")
        return "(" + "|".join(concepts[match[1]]) + ")"

    while "@" in segment:
        segment = re.sub(r"@(\w+)", concept, segment)
    choices = [_choices(part) for part in _split_groups(segment)]
    texts = {re.sub(r"\s+", " ", "".join(c)).strip() for c in itertools.product(*choices)}
    if len(texts) > 3000 or "" in texts:
        raise CueError(f"a phrase expands to {len(texts)} forms, or to nothing: {segment[:60]}")
    return sorted(texts)


def _open_gaps(source: str) -> list[str]:
    """Spell out the choices that hold a gap, so that every gap stands at the top level."""
    parts = _split_groups(source)
    choices = [_choices(p) if p.startswith("(") and "…" in p else [p] for p in parts]
    return [re.sub(r"\s+", " ", "".join(c)) for c in itertools.product(*choices)]


def _split_groups(segment: str) -> list[str]:
    parts, depth, current = [], 0, ""
    for char in segment:
        if char == "(" and depth == 0:
            parts.append(current)
            current = ""
        depth += (char == "(") - (char == ")")
        current += char
        if char == ")" and depth == 0:
            parts.append(current)
            current = ""
    if depth:
        raise CueError(f"unbalanced choice: {segment[:60]}")
    return [*parts, current]


def _choices(part: str) -> list[str]:
    if not part.startswith("("):
        return [part]
    options, depth, current = [], 0, ""
    for char in part[1:-1]:
        if char == "|" and depth == 0:
            options.append(current)
            current = ""
            continue
        depth += (char == "(") - (char == ")")
        current += char
    options.append(current)
    return [text for option in options for text in _expand_plain(option)]


def _expand_plain(option: str) -> list[str]:
    return ["".join(c) for c in itertools.product(*(_choices(p) for p in _split_groups(option)))]


@dataclass(frozen=True, slots=True)
class Cues:
    """All cue files, compiled. ``digest`` changes with any word of them."""

    labels: Mapping[str, LabelCues]
    digest: str
    matcher: PhraseMatcher
    keys: Mapping[int, int]
    cases: Mapping[int, tuple[str, ...]]
    starts: Mapping[int, tuple[tuple[Rule, Phrase], ...]]  # rules by the first key of a phrase
    on: Mapping[str, tuple[Rule, ...]]  # rules with regular expressions, by the words they await
    citing: Mapping[str, tuple[Rule, ...]]  # rules by the article of law they await

    def candidates(
        self, hits: Mapping[int, list[tuple[int, int]]], doc: Doc, offset: int, text: str
    ) -> list[tuple[Rule, list[Hit]]]:
        """Return the rules that fire in a passage and where, by label then rule.

        ``hits`` are the passage's own, ``offset`` its place in ``doc``, ``text`` its text.
        """
        found: dict[str, tuple[Rule, list[Hit]]] = {}
        for key in hits:
            for rule, phrase in self.starts.get(key, ()):
                for first, last in _sequences(phrase.keys, hits):
                    span = doc[first:last]
                    hit = Hit(span.start_char - offset, span.end_char - offset)
                    found.setdefault(rule.id, (rule, []))[1].append(hit)
        lower = text.lower()
        cited = articles(text)
        more: dict[str, Rule] = {}
        for word in [word for word in self.on if word in lower]:
            more.update((rule.id, rule) for rule in self.on[word])
        for rule in more.values():
            spans = [Hit(*m.span()) for p in rule.regex if (m := p.search(text)) is not None]
            if spans:
                found.setdefault(rule.id, (rule, []))[1].extend(spans)
        for name, start, end in cited:
            for rule in self.citing.get(name, ()):
                found.setdefault(rule.id, (rule, []))[1].append(Hit(start, end))
        return [found[name] for name in sorted(found)]

    def hits(self, doc: Doc) -> dict[int, list[tuple[int, int]]]:
        """Return the token spans of every segment found in ``doc``, by segment key."""
        found: dict[int, list[tuple[int, int]]] = {}
        for match_id, start, end in self.matcher(doc):
            case = self.cases.get(match_id)  # only for phrases with acronyms or numbers
            if case and any(a and not _same(doc[start + i].text, a) for i, a in enumerate(case)):
                continue
            found.setdefault(self.keys[match_id], []).append((start, end))
        for spans in found.values():
            spans.sort()
        return found


def find(
    phrases: Sequence[Phrase], hits: Mapping[int, list[tuple[int, int]]], doc: Doc
) -> Iterator[Hit]:
    """Yield the places where any of ``phrases`` stands, given the segment hits of ``doc``."""
    for phrase in phrases:
        if phrase.keys[0] not in hits:
            continue
        for first, last in _sequences(phrase.keys, hits):
            span = doc[first:last]
            yield Hit(span.start_char, span.end_char)


def _sequences(
    keys: tuple[int, ...], hits: Mapping[int, list[tuple[int, int]]]
) -> Iterator[tuple[int, int]]:
    for start, end in hits[keys[0]]:
        at = end
        for key in keys[1:]:
            following = [e for s, e in hits.get(key, ()) if 0 <= s - at <= GAP]
            if not following:
                break
            at = min(following)
        else:
            yield start, at


def articles(text: str) -> list[tuple[str, int, int]]:
    """Return the code articles cited in ``text`` ("L. 2113-12" -> "L2113-12") with offsets."""
    if "-" not in text:
        return []
    return [
        (f"{m[1]}{m[2]}-{re.sub(r' ', '', m[3])}", m.start(), m.end())
        for m in _ARTICLE.finditer(text)
    ]


def _rule(label: str, name: str, table: Mapping[str, Any], compiler: _Compiler) -> Rule:
    where = f"{label}/{name}"
    if unknown := set(table) - _RULE_KEYS:
        raise CueError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    if table.get("regex") and not table.get("on"):
        raise CueError(f"{where}: a regex needs 'on', the words that must stand in the passage")
    return Rule(
        id=where,
        label=label,
        phrases=compiler.phrases(table.get("phrases", ())),
        regex=tuple(re.compile(r, re.IGNORECASE) for r in table.get("regex", ())),
        on=tuple(w.lower() for w in table.get("on", ())),
        articles=frozenset(table.get("articles", ())),
        strength=float(table.get("strength", 0.9)),
        with_=compiler.phrases(table.get("with", ())),
        within=compiler.phrases(table.get("within", ())),
        without=compiler.phrases(table.get("without", ())),
        pieces=frozenset(PieceType(p) for p in table.get("pieces", ())),
        not_pieces=frozenset(PieceType(p) for p in table.get("not_pieces", ())),
        kinds=frozenset(table.get("kinds", ())),
        stage=Stage(table["stage"]) if "stage" in table else None,
        status=Status(table["status"]) if "status" in table else None,
        denial=bool(table.get("denial", False)),
    )


def load(folder: Path = FOLDER) -> Cues:
    """Compile every cue file of ``folder``; raise CueError naming the file that is wrong."""
    matcher = PhraseMatcher(language().vocab, attr=NORM)
    concepts = tomllib.loads((folder / "_concepts.toml").read_text(encoding="utf-8"))
    compiler = _Compiler(concepts["concept"], matcher)
    digest = hashlib.sha256()
    compiled: dict[str, LabelCues] = {}
    for path in sorted(folder.glob("*.toml")):
        data = path.read_bytes()
        digest.update(path.name.encode() + b"\0" + data)
        if path.name.startswith("_"):
            continue
        label = path.stem
        if label not in taxonomy.labels():
            raise CueError(f"{path.name}: no such label in the taxonomy")
        try:
            compiled[label] = _label(label, tomllib.loads(data.decode("utf-8")), compiler)
        except (CueError, tomllib.TOMLDecodeError, re.error, ValueError) as error:
            raise CueError(f"{path.name}: {error}") from error
    strings = language().vocab.strings
    keys: dict[int, int] = {}
    cases: dict[int, tuple[str, ...]] = {}
    for number, forms in compiler.cases.items():
        for i, case in enumerate(forms):
            keys[strings[f"{number}:{i}"]] = number
            if any(case):
                cases[strings[f"{number}:{i}"]] = case
    starts: dict[int, list[tuple[Rule, Phrase]]] = {}
    rules = [rule for entry in compiled.values() for rule in entry.rules]
    for rule in rules:
        for phrase in rule.phrases:
            starts.setdefault(phrase.keys[0], []).append((rule, phrase))
    return Cues(
        labels=compiled,
        digest=digest.hexdigest(),
        matcher=matcher,
        keys=keys,
        cases=cases,
        starts={key: tuple(pairs) for key, pairs in starts.items()},
        on=_by(rules, lambda rule: rule.on if rule.regex else ()),
        citing=_by(rules, lambda rule: rule.articles),
    )


def _by(
    rules: Sequence[Rule], names: Callable[[Rule], Iterable[str]]
) -> Mapping[str, tuple[Rule, ...]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        for name in names(rule):
            found.setdefault(name, []).append(rule)
    return {name: tuple(members) for name, members in found.items()}


def _label(label: str, table: Mapping[str, Any], compiler: _Compiler) -> LabelCues:
    if unknown := set(table) - _FILE_KEYS:
        raise CueError(f"unknown key {', '.join(sorted(unknown))}")
    inherit = table.get("inherit", "none")
    if inherit not in ("none", "duty", "all"):
        raise CueError(f"inherit is none, duty or all, not {inherit}")
    return LabelCues(
        label=label,
        rules=tuple(_rule(label, n, t, compiler) for n, t in table.get("rule", {}).items()),
        lookalike=compiler.phrases(table.get("lookalike", ())),
        veto=compiler.phrases(table.get("veto", ())),
        heading=compiler.phrases(table.get("heading", ())),
        inherit=inherit,
        general=bool(table.get("general", False)),
        yields_to=frozenset(table.get("yields_to", ())),
        not_within=frozenset(table.get("not_within", ())),
    )


@cache
def cues() -> Cues:
    """Return the cues shipped with this version, compiled once a process."""
    return load()
