"""The passages we wrote: complete, labelled as the taxonomy says, and apart from split to split."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from corpus.passages import (
    SPLITS,
    Example,
    PassageError,
    articles,
    digest,
    read_passages,
)
from corpus.taxonomy import labels

RAREST = {  # little is written of them anywhere
    "reserved.prison", "reserved.young_innovative", "reserved.execution", "social.innovation",
}  # fmt: skip
NEARLY = 0.5  # share of runs of three words in common, from which two passages are one


@pytest.fixture(scope="module")
def corpus() -> dict[str, tuple[Example, ...]]:
    return {split: read_passages(split) for split in SPLITS}


def test_there_are_enough_and_half_carry_nothing(corpus: dict[str, tuple[Example, ...]]) -> None:
    everything = [example for split in corpus.values() for example in split]
    assert len(everything) >= 8000
    assert sum(example.language == "en" for example in everything) >= 800
    assert sum(not example.labels for example in everything) >= len(everything) / 2


@pytest.mark.parametrize(
    ("split", "least", "least_rare"), [("train", 150, 60), ("test", 40, 15), ("dev", 12, 10)]
)
def test_every_label_has_its_passages(
    corpus: dict[str, tuple[Example, ...]], split: str, least: int, least_rare: int
) -> None:
    counts = Counter(label for example in corpus[split] for label in example.labels)
    few = {
        label: counts[label]
        for label in labels()
        if counts[label] < (least_rare if label in RAREST else least)
    }
    assert not few


def test_authors_write_for_one_split_and_passages_are_not_shared(
    corpus: dict[str, tuple[Example, ...]],
) -> None:
    names = [Path(example.author).name for split in corpus.values() for example in split]
    assert len(set(names)) == len(
        {example.author for split in corpus.values() for example in split}
    )
    for kept, others in (("dev", ("test",)), ("train", ("dev", "test"))):
        there = [example.text for other in others for example in corpus[other]]
        assert not _twins([example.text for example in corpus[kept]], there)


def _twins(texts: list[str], others: list[str]) -> list[str]:
    """Return the texts that are nearly the same as one of ``others``, numbers aside."""
    ours, theirs = [_folded(text) for text in texts], [_folded(text) for text in others]
    known = set(theirs)
    found = {at for at, text in enumerate(ours) if text in known}
    runs = CountVectorizer(
        ngram_range=(3, 3), tokenizer=str.split, token_pattern=None, binary=True, lowercase=False,
        dtype=np.float32,
    ).fit(theirs)  # fmt: skip
    left, right = runs.transform(ours), runs.transform(theirs)
    shared = (left @ right.T).tocoo()
    of_theirs = np.asarray(right.sum(axis=1)).ravel()[shared.col]
    of_ours = np.array([max(0, len(text.split()) - 2) for text in ours])[shared.row]
    found |= set(shared.row[shared.data >= NEARLY * (of_ours + of_theirs - shared.data)].tolist())
    return [texts[at] for at in sorted(found)]


def _folded(text: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+|\d+", re.sub(r"\d+", "0", text.lower())))


def test_twins_are_found() -> None:
    one = "Le titulaire réserve 120 heures de travail à des personnes éloignées de l'emploi."
    assert _twins([one], [one.replace("120", "300")]) == [one]
    assert _twins([one], [one.replace("personnes", "publics")]) == [one]
    assert not _twins([one], ["Le titulaire remet un bilan annuel des déchets triés sur le site."])


def test_passages_of_one_article_are_neighbours(corpus: dict[str, tuple[Example, ...]]) -> None:
    runs = list(articles(corpus["dev"]))
    assert sum(map(len, runs)) == len(corpus["dev"])
    assert all(len({(e.author, e.article) for e in run}) == 1 for run in runs)
    assert sum(len(run) > 1 for run in runs) > len(runs) / 2


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{"text":"a","article":1,"piece":"RC","labels":["env.no"]}', "no such label: env.no"),
        ('{"text":"a","article":1,"piece":"RC","labels":["env.waste"]}', "go together"),
        ('{"text":"a","article":1,"piece":"RC","stage":"other"}', "go together"),
        ('{"text":" ","article":1,"piece":"RC"}', "no text"),
        ('{"text":"a","article":1,"piece":"poster"}', "poster"),
        ('{"text":"a","article":1,"piece":"RC","colour":"red"}', "colour"),
        ('["a"]', ""),
        ('{"text":', ""),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, fault: str) -> None:
    (tmp_path / "dev").mkdir()
    good = '{"text":"Lot unique.","article":1,"piece":"RC"}'
    (tmp_path / "dev" / "z.jsonl").write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(PassageError, match=rf"dev/z:2: .*{re.escape(fault)}"):
        read_passages("dev", tmp_path)


def test_the_digest_changes_with_the_corpus(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    path = tmp_path / "dev" / "z.jsonl"
    path.write_text('{"text":"Lot unique.","article":1,"piece":"RC"}\n', encoding="utf-8")
    first = digest("dev", tmp_path)
    path.write_text('{"text":"Lot unique !","article":1,"piece":"RC"}\n', encoding="utf-8")
    assert digest("dev", tmp_path) != first
    assert read_passages("dev", tmp_path)[0] == Example(
        "Lot unique !", 1, read_passages("dev", tmp_path)[0].piece, "dev/z"
    )
