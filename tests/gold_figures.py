"""Precision and recall of the rules on the gold annotations, for whoever has the documents.

    python tests/gold_figures.py DATA_FOLDER [--split dev|test]

A claim is one label of one passage in force (binding, scored, encouraged). It is right when it
overlaps an annotated passage in force that carries the label; doubtful annotations count neither
way. Prints a Markdown table by family and by label.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus.documents import Line, Page, Piece, PieceType
from corpus.findings import Finding, Stage
from corpus.gold import FOLDER, Annotation, check, read_gold
from nlp.clean import clean
from nlp.dossier import piece_type
from nlp.reading import read_piece
from nlp.sections import structure
from nlp.tagger import tag

# Fields of a notice stand under a heading in the printed notice; the data files lost it.
_HEADINGS = {
    "award": "Critères d'attribution",
    "performance": "Conditions d'exécution",
    "execution": "Conditions d'exécution",
    "suitability": "Conditions de participation",
    "technical_min": "Conditions de participation",
}


@dataclass
class Document:
    """A document with the passages annotated in it."""

    piece: Piece
    gold: list[tuple[int, str, Annotation]]  # page, words, annotation


def words(text: str) -> str:
    return " ".join(re.findall(r"[\w%€☐☒☑]+", clean(text).value.lower()))


def plain_page(number: int, text: str) -> Page:
    value = clean(text).value
    lines = tuple(Line(m.start(), m.end()) for m in re.finditer(r"[^\n]+", value))
    return Page(number, value, lines)


def documents(data: Path, split: str) -> Iterator[Document]:
    wanted: dict[tuple[str, int | None], list[Annotation]] = defaultdict(list)
    for path in sorted(FOLDER.glob("*.jsonl")):
        for annotation in read_gold(path):
            if annotation.split == split:
                wanted[annotation.sha256, annotation.line].append(annotation)
    files = {
        hashlib.sha256(p.read_bytes()).hexdigest(): p
        for p in sorted(data.rglob("*"))
        if p.suffix in (".pdf", ".md", ".jsonl")
    }
    order = sorted(wanted, key=lambda key: (key[0], key[1] or 0))
    for sha256, line in order:
        if sha256 in files:
            reader = _file if line is None else _notice
            yield reader(files[sha256], line or 0, wanted[sha256, line])


def _file(path: Path, _: int, gold_of: list[Annotation]) -> Document:
    piece = read_piece(path.name, path.read_bytes(), id="p", max_pages=1000)
    gold = [(a.page or 1, _passage(piece.page(a.page or 1).text, a), a) for a in gold_of]
    return Document(piece, gold)


def _notice(path: Path, line: int, gold_of: list[Annotation]) -> Document:
    record = json.loads(path.read_text(encoding="utf-8").splitlines()[line])
    texts = dict(_texts(record))
    told = [name for name in texts if _READ.search(re.sub(r"\[\d+\]", "", name))]
    fields = list(dict.fromkeys([a.field for a in gold_of] + told))
    pages = tuple(plain_page(i, texts[f]) for i, f in enumerate(fields, start=1))
    blocks = []
    for page, field in zip(pages, fields, strict=True):
        above = tuple(h for key, h in _HEADINGS.items() if key in field)[:1]
        blocks += [replace(b, path=above + b.path) for b in structure((page,))]
    role = piece_type(record["doc"], ())[0] if "doc" in record else PieceType.NOTICE
    piece = Piece("p", path.name, role, 1.0, "", "", pages, tuple(blocks))
    gold = [(fields.index(a.field) + 1, _passage(texts[a.field], a), a) for a in gold_of]
    return Document(piece, gold)


_READ = re.compile(r"(?:^|\.)(?:text|title|descr|note|add_info|name)$|descr")


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{name}[{index}]")


def _passage(text: str, annotation: Annotation) -> str:
    passage = text[annotation.start : annotation.end]
    if check(passage) != annotation.check:
        raise SystemExit(f"{annotation.sha256[:12]} p.{annotation.page}: another text stands there")
    return words(passage)


def overlap(one: str, other: str) -> bool:
    if one in other or other in one:
        return min(len(one), len(other)) >= 4
    first, second = Counter(one.split()), Counter(other.split())
    shared = sum((first & second).values())
    return shared >= 4 and shared >= 0.6 * min(sum(first.values()), sum(second.values()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--split", default="test", choices=("dev", "test"))
    arguments = parser.parse_args()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    right: Counter[str] = Counter()
    read = 0
    for document in documents(arguments.data, arguments.split):
        read += 1
        claims = [(f, words(f.quote)) for f in tag(document.piece) if f.status.in_force]
        _recall(document, claims, counts, right)
        _precision(document, claims, counts)
    print(f"{read} documents, {sum(c['gold'] for c in counts.values())} labels in force\n")
    print("| label | found | missed | false | precision | recall | F1 |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    families: dict[str, Counter[str]] = defaultdict(Counter)
    for label, count in counts.items():
        families[label.partition(".")[0]].update(count)
        families["**all**"].update(count)
    for name, count in [*sorted(families.items()), *sorted(counts.items())]:
        print(_row(name, count))
    of = right["of"]
    print(f"\nstatus right {right['status']} of {of}, stage {right['stage']} of {of}")


def _recall(
    document: Document,
    claims: list[tuple[Finding, str]],
    counts: dict[str, Counter[str]],
    right: Counter[str],
) -> None:
    for page, passage, annotation in document.gold:
        if annotation.status is None or not annotation.status.in_force:
            continue
        for label in annotation.labels:
            near = [
                f
                for f, said in claims
                if label in f.labels and abs(f.page - page) <= 1 and overlap(passage, said)
            ]
            if not near and annotation.doubtful:
                continue
            counts[label]["gold"] += 1
            counts[label]["found"] += bool(near)
            if near:
                right["of"] += 1
                right["status"] += any(f.status == annotation.status for f in near)
                right["stage"] += any(f.stage == (annotation.stage or Stage.OTHER) for f in near)


def _precision(
    document: Document, claims: list[tuple[Finding, str]], counts: dict[str, Counter[str]]
) -> None:
    for finding, said in claims:
        near = [a for p, t, a in document.gold if abs(finding.page - p) <= 1 and overlap(t, said)]
        for label in finding.labels:
            own = [a for a in near if label in a.labels]
            if any(a.status is not None and a.status.in_force for a in own):
                counts[label]["true"] += 1
            elif not any(a.doubtful for a in own):
                counts[label]["false"] += 1


def _row(name: str, count: Counter[str]) -> str:
    precision = count["true"] / max(1, count["true"] + count["false"])
    recall = count["found"] / max(1, count["gold"])
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return (
        f"| {name} | {count['found']} | {count['gold'] - count['found']} | {count['false']} "
        f"| {precision:.2f} | {recall:.2f} | {f1:.2f} |"
    )


if __name__ == "__main__":
    main()
