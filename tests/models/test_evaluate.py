import json
import math

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from typer.testing import CliRunner

from corpus.findings import Stage, Status
from corpus.passages import read_passages
from corpus.taxonomy import labels as taxonomy
from models import classifier, measures
from models.accuracy import page
from models.agreement import readers
from models.classifier import Classifier, ModelError
from models.evaluate import (
    AUTHORED,
    authored,
    confusion,
    evaluate,
    false_alarms,
    found_and_missed,
    right_about,
    sureness,
)
from models.evaluate import Unit as OneUnit
from models.outcomes import Asked, Said, counts, outcome, same_passage, same_words
from models.plot import plot
from models.systems import (
    BOTH,
    CLASSIFIER,
    DICTIONARY,
    RULES,
    WORDS,
    classifier_alone,
    dictionary,
    ranking,
    words_alone,
)
from nlp.tagger import Claim
from service.cli import app

BINDING, MENTION, SCORED = Status.BINDING, Status.MENTION, Status.SCORED
WASTE, WATER, LOTS = "env.waste", "env.water", "access.lots"


def asked(at, *labels, status=BINDING, stage=Stage.EXECUTION, **more):
    return Asked(str(at), at, "", labels, stage if labels else None, status if labels else None,
                 **more)  # fmt: skip


def says(at, label, status=BINDING, confidence=0.9, stage=Stage.EXECUTION):
    return Said(str(at), at, "", Claim(label, stage, status, confidence, ("x",)))


def judged(marks, claims, name="a"):
    return outcome(name, marks, claims, same_passage)


# -- counting --------------------------------------------------------------------------------------


def test_precision_and_recall_of_a_hand_made_article():
    one = judged(
        [asked(0, WASTE, WATER), asked(1), asked(2, WASTE)],
        [says(0, WASTE), says(1, WASTE), says(2, WATER)],
    )
    told = found_and_missed([one], intervals=False)
    assert [told["all"][k] for k in ("true", "false", "found", "wanted")] == [1, 2, 1, 3]
    assert told["all"]["precision"][0] == pytest.approx(1 / 3, abs=1e-4)
    assert told["all"]["recall"][0] == pytest.approx(1 / 3, abs=1e-4)
    assert told[WASTE]["f1"][0] == 0.5
    assert told[WATER]["f1"][0] == 0
    assert told["macro"]["f1"][0] == 0.25
    assert told["env"]["wanted"] == 3
    assert LOTS not in told


def test_what_is_not_in_force_counts_only_for_any_status():
    one = judged([asked(0, WASTE, status=MENTION)], [says(0, WASTE)])
    in_force, anyhow = (
        found_and_missed([one])["all"],
        found_and_missed([one], in_force=False)["all"],
    )
    assert (in_force["false"], in_force["wanted"]) == (1, 0)
    assert (anyhow["true"], anyhow["found"], anyhow["wanted"]) == (1, 1, 1)


def test_a_mention_of_what_binds_is_a_miss():
    one = judged([asked(0, WASTE)], [says(0, WASTE, MENTION)])
    told = counts([one], [WASTE])[0, 0]
    assert told.tolist() == [0, 0, 0, 1]


def test_the_same_label_twice_in_a_passage_is_one_claim():
    one = judged([asked(0, WASTE)], [says(0, WASTE), says(0, WASTE, SCORED)])
    assert counts([one], [WASTE])[0, 0].tolist() == [1, 0, 1, 1]


def test_doubt_counts_neither_way_unless_it_was_found():
    mention = asked(0, WASTE, status=MENTION, doubtful=True)
    assert not counts([judged([mention], [says(0, WASTE)])], [WASTE]).any()
    binds = asked(0, WASTE, doubtful=True)
    assert not counts([judged([binds], [])], [WASTE]).any()
    assert counts([judged([binds], [says(0, WASTE)])], [WASTE])[0, 0].tolist() == [1, 0, 1, 1]


def test_on_real_files_words_decide_and_a_page_at_most():
    mark = Asked("m", 2, "le tri des dechets de chantier", (WASTE,), Stage.EXECUTION, BINDING)

    def near(page, text):
        claim = Claim(WASTE, Stage.EXECUTION, BINDING, 0.9, ("x",))
        return same_words(mark, Said("s", page, text, claim))

    assert near(3, "tri des dechets de chantier")
    assert not near(4, "tri des dechets de chantier")
    assert not near(2, "la note de calcul est remise")


# -- measures --------------------------------------------------------------------------------------


def test_scores_of_nothing_do_not_exist():
    precision, recall, f1 = measures.scores(np.array([0.0, 0, 0, 4]))
    assert math.isnan(precision)
    assert (recall, f1) == (0, 0)
    assert np.isnan(measures.scores(np.array([0.0, 3, 0, 0]))[1:]).all()


def test_true_and_found_may_differ_on_real_files():
    assert measures.scores(np.array([3.0, 1, 2, 4])).tolist() == [0.75, 0.5, 0.6]


def test_the_macro_mean_leaves_out_labels_that_are_not_wanted():
    table = np.array([[2.0, 0, 2, 2], [0, 5, 0, 0], [0, 0, 0, 3]])
    assert measures.macro(table).tolist() == [0.5, 0.5, 0.5]


def test_the_bootstrap_is_the_same_each_time_and_holds_the_figure():
    random = np.random.default_rng(5)
    table = random.integers(0, 4, (40, 1, 4)).astype(float)
    table[..., 3] = table[..., 2] + 1
    one = measures.interval(table, measures.scores)
    assert (one == measures.interval(table, measures.scores)).all()
    assert (one != measures.interval(table, measures.scores, seed=1)).any()
    value = measures.scores(table.sum(axis=0))
    assert (one[0] < value).all()
    assert (value < one[1]).all()


def test_documents_that_are_alike_have_no_width_and_one_has_no_interval():
    table = np.tile(np.array([[[3.0, 1, 3, 4]]]), (9, 1, 1))
    low, high = measures.interval(table, measures.scores)
    assert np.allclose(low, high)
    assert np.isnan(measures.interval(table[:1], measures.scores)).all()


def test_whole_documents_are_drawn_not_claims():
    halves = np.array([[[10.0, 0, 10, 10]], [[0, 10, 0, 10]]])
    low, high = measures.interval(halves, measures.scores)
    assert (low[0, 1], high[0, 1]) == (0, 1)


def test_reliability_and_the_calibration_error():
    bins = measures.reliability([0.9, 0.9, 1.0, 0.1], [True, False, True, False])
    assert [one.claims for one in bins] == [1, 0, 0, 0, 3]
    assert bins[4].confidence == pytest.approx(2.8 / 3)
    assert bins[4].right == pytest.approx(2 / 3)
    assert math.isnan(bins[2].right)
    assert measures.calibration_error(bins) == pytest.approx((0.1 + 3 * (0.8 / 3)) / 4)
    assert math.isnan(measures.calibration_error([]))


def test_precision_where_the_surest_claims_reach_the_recall():
    confidence, right = [0.9, 0.8, 0.8, 0.3], [True, False, True, False]
    assert measures.precision_at(0.5, confidence, right, [0.9, 0.8]) == (1.0, 0.9)
    precision, threshold = measures.precision_at(0.8, confidence, right, [0.9, 0.8])
    assert (precision, threshold) == (pytest.approx(2 / 3), 0.8)
    assert math.isnan(measures.precision_at(0.8, confidence, right, [0.9, -math.inf])[0])


def test_kappa():
    assert measures.kappa([True, True, False, False], [True, False, False, False]) == 0.5
    assert measures.kappa([True, False], [False, True]) == -1
    assert math.isnan(measures.kappa([False, False], [False, False]))


def test_a_rate_of_nothing_is_not_surely_nothing():
    low, high = measures.rate_interval(0, 2.0)
    assert low == 0
    assert high == pytest.approx(3.689 / 2, abs=1e-3)
    low, high = measures.rate_interval(10, 1.0)
    assert (low, high) == (pytest.approx(4.795, abs=1e-3), pytest.approx(18.39, abs=1e-2))


# -- figures ---------------------------------------------------------------------------------------


def test_status_and_stage_count_where_the_label_is_right():
    one = judged(
        [asked(0, WASTE), asked(1, WATER, status=SCORED), asked(2, LOTS)],
        [says(0, WASTE, SCORED), says(1, WATER, SCORED, stage=Stage.OTHER)],
    )
    assert right_about([one], in_force=True) == {"wanted": 3, "found": 2, "stage": 1, "status": 1}


def test_the_surest_claim_tells_the_status_in_the_confusion():
    one = judged(
        [asked(0, WASTE), asked(1, WATER)],
        [says(0, WASTE, MENTION, 0.6), says(0, WASTE, SCORED, 0.7)],
    )
    assert confusion([one])["binding"] == {"nothing": 1, "scored": 1}


def test_sureness_leaves_doubt_and_mentions_out():
    one = judged(
        [asked(0, WASTE), asked(1, WATER, status=MENTION, doubtful=True), asked(3, LOTS)],
        [says(0, WASTE, confidence=0.95), says(1, WATER, confidence=0.5),
         says(2, WASTE, MENTION, 0.5), says(2, WATER, confidence=0.3)],
    )  # fmt: skip
    told = sureness([one])
    assert [row[2] for row in told["bins"]] == [0, 1, 0, 0, 1]
    assert told["precision_at_recall"] is None
    assert told["calibration_error"] == pytest.approx((0.05 + 0.3) / 2)


def test_false_alarms_are_counted_where_no_clause_is_in_force():
    clean = OneUnit(
        "a", (), (asked(0, LOTS), asked(1, WASTE, status=MENTION)), {"form": "file"}, 50
    )
    holds = OneUnit("b", (), (asked(0, WATER),), {"form": "file"}, 50)
    claims = [
        says(0, WASTE),
        says(1, LOTS),
        says(2, WATER, Status.ENCOURAGED),
        says(3, WATER, SCORED),
    ]
    outcomes = [judged(unit.asked, claims, unit.name) for unit in (clean, holds)]
    told = false_alarms([clean, holds], outcomes)
    assert told["file"]["documents"] == 1
    assert told["file"]["false"] == 2
    assert told["file"]["per_100"][0] == 4
    assert told["notice"]["per_100"] == [None, None, None]


def test_two_readers(tmp_path):
    def line(split, start, *labels, status="binding", stage="execution"):
        return json.dumps({
            "sha256": "a", "page": 1, "line": None, "field": "", "start": start, "end": start + 5,
            "check": "", "labels": labels, "stage": stage if labels else None,
            "status": status if labels else None, "values": {}, "context": False,
            "doubtful": False, "split": split,
        })  # fmt: skip

    (tmp_path / "x.jsonl").write_text("\n".join([
        line("dev", 0, WASTE), line("dev", 10, WATER), line("dev", 20), line("test", 30),
        line("dev", 40, LOTS),
        line("second", 0, WASTE, status="mention"), line("second", 10), line("second", 20),
        line("second", 30), line("second", 90, WASTE),
    ]))  # fmt: skip
    told = readers(tmp_path)
    assert told["passages"] == 4
    assert told["families"]["env"] == {"first": 2, "second": 1, "both": 1, "kappa": 0.5}
    assert told["families"]["access"]["kappa"] is None
    assert (told["both"], told["status"], told["stage"]) == (1, 0, 1)


# -- the whole run on a corpus of our own ----------------------------------------------------------

_PASSAGES = [
    ("Le titulaire trie les déchets de chantier et remet les bordereaux de suivi.", [WASTE]),
    ("Les eaux de lavage sont recyclées et la consommation d'eau est relevée.", [WATER]),
    ("Le délai d'exécution est de trois mois à compter de l'ordre de service.", []),
    ("Les factures sont déposées sur le portail prévu à cet effet.", []),
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("passages")
    for split in ("train", "dev"):
        (folder / split).mkdir()
        lines = []
        for article in range(3):
            for text, labels in _PASSAGES:
                told = {"labels": labels, "stage": "execution", "status": "binding"}
                lines.append({
                    "text": text, "article": article, "piece": "CCAP", "sector": "works",
                    "path": ["Article 1"], **(told if labels else {}),
                })  # fmt: skip
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / split / "a.jsonl").write_text(text)
    return folder


@pytest.fixture(scope="module")
def result(corpus):
    return evaluate("dev", None, passages=corpus)


def test_a_run_without_classifier_evaluates_the_rules(result):
    assert result["service"] == RULES
    assert list(result["sets"][AUTHORED]["systems"]) == [DICTIONARY, WORDS, RULES]
    # Learnt by heart: the same passages are in train.
    words = result["sets"][AUTHORED]["systems"][WORDS]
    assert words["in_force"]["all"]["f1"] == [1.0, 1.0, 1.0]
    assert words["right_about"]["status"] == 6
    assert words["by_sector"]["works"]["wanted"] == 6
    assert json.loads(json.dumps(result)) == result


def test_the_run_is_the_same_each_time(result, corpus):
    assert evaluate("dev", None, passages=corpus) == result


def test_no_text_is_kept(result):
    told = json.dumps(result, ensure_ascii=False)
    assert "chantier" not in told
    assert "portail" not in told


def test_the_page_shows_what_was_wanted_and_says_that_rules_are_alone(result):
    text = page(result, "x.svg")
    assert "no classifier could be loaded" in text
    assert "| F1, mean of labels | passages we wrote | 0.93 |" in text
    assert "(x.svg)" in text
    assert "None" not in text
    assert "nan" not in text.split()
    for table in text.split("\n\n"):
        lines = [line for line in table.splitlines() if line.startswith("|")]
        assert len({line.count("|") for line in lines}) <= 1


def test_the_picture_is_the_same_each_time_and_has_no_date(result):
    pytest.importorskip("matplotlib")
    drawn = plot(result)
    assert drawn == plot(result)
    assert "<svg" in drawn
    assert "dc:date" not in drawn


def test_an_article_is_read_with_its_headings_and_its_claims(corpus):
    one = authored(read_passages("dev", corpus))
    assert [unit.name for unit in one.units] == ["dev/a/0", "dev/a/1", "dev/a/2"]
    reading = one.units[0].readings[0]
    assert reading.passage.block.path == ("Article 1",)
    assert any(claim.label == WASTE for claim in reading.claims)


def test_the_dictionary_does_not_hear_a_denial(corpus):
    (first, *_) = read_passages("dev", corpus)
    (unit, *_) = authored([first]).units
    (reading,) = dictionary(unit.readings)
    assert any(c.label == WASTE and c.status == BINDING for c in reading.claims)


class Always:
    """Answers the same for every passage."""

    def __init__(self, answer):
        self.answer = answer

    def predict(self, table):
        return [self.answer] * table.shape[0]

    def predict_proba(self, table):
        return np.tile([1 - self.answer, self.answer], (table.shape[0], 1))


def hears(word, label, threshold):
    """Return a classifier that is 0.88 sure of a label where a word stands, else 0.12."""
    names = tuple(taxonomy())
    weights, bias = np.zeros((1, len(names))), np.full(len(names), -9.0)
    weights[0, names.index(label)], bias[names.index(label)] = 4.0, -2.0
    vectorizer = CountVectorizer(vocabulary=[word], binary=True)
    return Classifier(
        names, {"words": vectorizer}, weights, bias, np.ones(len(names)), np.zeros(len(names)),
        np.full(len(names), threshold), Always(0.95), Always("subject"), Always("encouraged"),
        name="clauses-x",
    )  # fmt: skip


def test_the_classifier_alone_claims_from_its_threshold_whatever_rules_say(corpus):
    (unit, *_) = authored(read_passages("dev", corpus)).units
    told = [r.claims for r in classifier_alone(hears("factures", LOTS, 0.8), unit.readings)]
    assert [len(claims) for claims in told] == [0, 0, 0, 1]
    (claim,) = told[3]
    assert (claim.label, claim.stage, claim.status) == (LOTS, Stage.SUBJECT, Status.ENCOURAGED)
    assert claim.confidence == pytest.approx(0.881, abs=1e-3)
    assert not any(r.claims for r in classifier_alone(hears("factures", LOTS, 0.9), unit.readings))
    ranked = ranking(hears("factures", LOTS, 0.9))(unit.readings)
    assert [len(r.claims) for r in ranked] == [1, 1, 1, 1]


def test_a_run_with_classifier_counts_it_alone_and_joined(corpus):
    told = evaluate("dev", hears("lavage", WATER, 0.8), passages=corpus)
    assert (told["service"], told["classifier"]) == (BOTH, "clauses-x")
    one = told["sets"][AUTHORED]
    alone = one["systems"][CLASSIFIER]["in_force"]
    assert alone[WATER]["f1"][0] == 1
    assert alone[WASTE]["recall"][0] == 0
    assert one["asked"] == {"wanted": 6, "stage": 0, "status": 0}
    assert one["systems"][BOTH]["in_force"][WATER]["found"] == 3
    assert "without thresholds" in page(told)


def test_words_alone_claims_nothing_of_other_words(corpus):
    system = words_alone(read_passages("train", corpus))
    (unit, *_) = authored(read_passages("dev", corpus)).units
    assert [[c.label for c in r.claims] for r in system(unit.readings)] == [
        [WASTE],
        [WATER],
        [],
        [],
    ]
    assert list(system(())) == []


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
def without_classifier(monkeypatch, result):
    def none(*_):
        raise ModelError("there is no classifier here yet")

    monkeypatch.setattr(classifier, "load", none)
    monkeypatch.setattr("models.evaluate.evaluate", lambda *_, **__: result)


@pytest.mark.usefixtures("without_classifier")
def test_the_command_writes_page_picture_and_json_that_compare_reads(tmp_path):
    out, kept = tmp_path / "accuracy.md", tmp_path / "now.json"
    run = CliRunner().invoke(app, ["evaluate", "--out", str(out), "--json", str(kept)])
    assert run.exit_code == 0, run.output
    assert "the rules are evaluated alone" in run.stderr
    assert out.read_text().startswith("# How well clauses are found")
    compared = CliRunner().invoke(app, ["compare", str(kept), str(kept)])
    assert compared.exit_code == 0, compared.output
    assert "No claim changed." in compared.stdout


@pytest.mark.usefixtures("without_classifier")
def test_the_command_refuses_a_folder_that_is_not_there(tmp_path):
    run = CliRunner().invoke(app, ["evaluate", "--data", str(tmp_path / "none")])
    assert run.exit_code == 2


def test_compare_refuses_other_files(tmp_path):
    path = tmp_path / "x.json"
    assert CliRunner().invoke(app, ["compare", str(path), str(path)]).exit_code == 2
    path.write_text("{}")
    run = CliRunner().invoke(app, ["compare", str(path), str(path)])
    assert run.exit_code == 2
    assert "x.json" in run.stderr
