import copy
import json

import pytest

from models.compare import ComparisonError, compare, comparison, read_evaluation
from models.evaluate import SCHEMA


def evaluation(wanted, claims, f1=0.5, **more):
    row = {"precision": [f1], "recall": [f1], "f1": [f1]}
    system = {"in_force": {"all": row, "macro": row}}
    return {
        "schema": SCHEMA, "split": "dev", "classifier": None, "rules": "0" * 64,
        "service": "rules", "sets": {"authored": {"systems": {"rules": system}}},
        "documents": [
            {"set": "authored", "system": "rules", "document": "q/1", "wanted": wanted,
             "claims": claims},
            {"set": "authored", "system": "dictionary", "document": "q/1",
             "wanted": [["0", "env.waste", False]], "claims": [[str(f1), "env.water", False]]},
        ],
        **more,
    }  # fmt: skip


OLD = evaluation(
    [["0", "env.waste", False], ["1", "env.water", True], ["2", "env.food", True]],
    [["1", "env.water", True], ["5", "env.energy", False], ["6", "env.food", None]],
)
NEW = evaluation(
    [["0", "env.waste", True], ["1", "env.water", False], ["2", "env.food", True]],
    [["0", "env.waste", True], ["7", "env.climate", False], ["6", "env.food", True]],
    f1=0.625,
)


def test_gains_and_losses_of_the_service_only():
    changes = compare(OLD, NEW)
    assert changes.found == (("authored", "q/1", "0", "env.waste"),)
    assert changes.missed == (("authored", "q/1", "1", "env.water"),)
    assert changes.false_gone == (("authored", "q/1", "5", "env.energy"),)
    assert changes.false_new == (("authored", "q/1", "7", "env.climate"),)
    assert changes.uneven == ()


def test_what_is_wanted_of_one_only_is_no_gain():
    changes = compare(OLD, evaluation([["0", "env.waste", True], ["3", "env.food", True]], []))
    assert [place[2] for place in changes.found] == ["0"]
    assert [place[2] for place in changes.uneven] == ["1", "2", "3"]


def test_the_page_tells_labels_documents_and_balance():
    text = comparison(OLD, NEW)
    assert "| authored | f1 | 0.500 | 0.625 | +0.125 |" in text
    assert "| authored | env.waste | 1 | 0 | 0 | 0 | +1 |" in text
    assert "| authored | env.climate | 0 | 0 | 0 | 1 | -1 |" in text
    assert "| authored | q/1 | 1 | 1 | 1 | 1 | +0 |" in text


def test_the_same_twice_says_so():
    assert "No claim changed." in comparison(OLD, copy.deepcopy(OLD))


def test_other_splits_are_refused():
    with pytest.raises(ComparisonError, match="split dev, the other of test"):
        compare(OLD, {**NEW, "split": "test"})


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "other"}', "\x00"])
def test_other_files_are_refused(tmp_path, text):
    path = tmp_path / "old.json"
    path.write_text(text)
    with pytest.raises(ComparisonError, match=r"old\.json"):
        read_evaluation(path)


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / "new.json"
    path.write_text(json.dumps(NEW))
    assert read_evaluation(path) == NEW
