from pathlib import Path

import pytest

from corpus.gold import FOLDER, GoldError, check, read_gold


def test_the_gold_holds_places_and_labels_and_no_text() -> None:
    everything = [a for path in sorted(FOLDER.glob("*.jsonl")) for a in read_gold(path)]
    assert len(everything) >= 1000
    negatives = sum(not a.labels for a in everything)
    assert negatives >= 0.4 * len(everything)
    assert {a.split for a in everything} == {"dev", "fresh", "second", "test"}
    for annotation in everything:
        assert all(len(str(value)) < 80 for value in annotation.values.values())


def test_the_check_ignores_layout() -> None:
    assert check("L'insertion,  de\npublics") == check("l insertion de publics")
    assert check("insertion") != check("inserton")


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        '{"sha256":"a","page":1,"line":null,"field":"","start":5,"end":5,"check":"","labels":[],'
        '"stage":null,"status":null,"values":{},"context":false,"doubtful":false,"split":"dev"}',
        '{"sha256":"a","page":1,"line":null,"field":"","start":0,"end":5,"check":"",'
        '"labels":["env.air"],"stage":"other","status":"binding","values":{},"context":false,'
        '"doubtful":false,"split":"dev"}',
    ],
)
def test_a_broken_line_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(GoldError, match=r"x\.jsonl:1"):
        read_gold(path)
