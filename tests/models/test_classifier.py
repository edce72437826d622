"""The classifier: what it is told, how it is kept, and how it and the rules make one answer."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus.documents import Block, BlockKind, PieceType
from corpus.findings import Stage, Status
from corpus.passages import Example, read_passages
from models import classifier, training
from models.classifier import Classifier, Judgement, ModelError, load, save, with_classifier
from models.features import Sample, example_samples, facts_of, place_of, plain
from nlp.tagger import Claim, Reading, read_whole


@pytest.fixture(scope="module")
def learnt() -> tuple[Example, ...]:
    """A tenth of the passages, authors mixed: enough to learn something from."""
    return read_passages("train")[::10]


@pytest.fixture(scope="module")
def model(learnt: tuple[Example, ...]) -> Classifier:
    return training.train(learnt, learnt[:200])


# -- what it is told ------------------------------------------------------------------------------


def test_numbers_boxes_and_accents_are_folded() -> None:
    assert plain("1 200 HEURES ☒ à 5 %").split() == [
        "xnombre", "heures", "xcasecochee", "a", "xnombre", "xpourcent",
    ]  # fmt: skip


def example(text: str, article: int = 1, **given: object) -> Example:
    return Example(text, article, PieceType.CCAP, "train/z", **given)  # type: ignore[arg-type]


def test_a_passage_has_its_headings_its_lead_and_its_neighbour() -> None:
    path = ("Article 9 - Déchets",)
    first, second, third, other = example_samples(
        [
            example("Le titulaire :", path=path),
            example("- trie les cartons ;", path=path),
            example("ARTICLE 10 - PRIX", path=path),
            example("Les prix sont fermes.", article=2),
        ]
    )
    assert second.kind == BlockKind.ITEM
    assert "titulaire" in place_of(second)
    assert "dechets" in place_of(second)
    assert second.before == "Le titulaire :"
    assert third.kind == BlockKind.HEADING
    assert (first.before, other.before) == ("", "")


def test_claims_are_told_apart_by_who_gave_them() -> None:
    claim = Claim("env.waste", Stage.EXECUTION, Status.BINDING, 0.8, ("env.waste/manage",))
    by_article = replace(claim, confidence=0.7, found_by=("env.waste/article",))
    sample = Sample("a", "", "", "", PieceType.RC, BlockKind.PARAGRAPH, (claim, by_article))
    facts = facts_of(sample)
    assert (facts["rule:env.waste"], facts["article:env.waste"]) == (0.8, 0.7)
    assert facts["status:binding"] == facts["piece=RC"] == 1.0
    assert "no claim" in facts_of(replace(sample, claims=()))


# -- what it learns -------------------------------------------------------------------------------


def test_it_learns(model: Classifier, learnt: tuple[Example, ...]) -> None:
    unread = read_passages("dev")[:400]
    figures = training.tried(model, unread)
    assert figures["precision"] > 0.6
    assert figures["recall"] > 0.1
    said = classifier.judge(model, example_samples(unread))
    carries = np.array([bool(e.labels) for e in unread])
    assert said.relevance[carries].mean() > said.relevance[~carries].mean() + 0.3
    right = [e.status == s for e, s in zip(unread, said.statuses, strict=True) if e.labels]
    assert np.mean(right) > 0.6


def test_the_same_corpus_gives_the_same_bytes(
    model: Classifier, learnt: tuple[Example, ...], tmp_path: Path
) -> None:
    again = training.train(learnt, learnt[:200])
    assert save(model, tmp_path / "a", {}) == save(again, tmp_path / "b", {})


def test_a_threshold_keeps_the_precision_and_lets_enough_through() -> None:
    probabilities = np.linspace(0.99, 0.01, 99)[:, None]
    truth = np.zeros((99, 1), dtype=bool)
    truth[:30] = True
    # Below the thirty right ones, a false alarm on a passage without any label counts three:
    # one of them leaves 30 of 33, a second 30 of 36.
    assert training._thresholds(probabilities, truth)[0] == probabilities[30, 0]
    truth[::2] = False  # every other one is wrong: no threshold is good enough
    assert training._thresholds(probabilities, truth)[0] == 0.99


def test_a_worse_model_is_told(model: Classifier) -> None:
    dev = read_passages("dev")[:200]
    mute = replace(model, thresholds=np.full(len(model.labels), 1.1))
    assert training.lost(model, model, dev) == ""
    assert "recall" in training.lost(model, mute, dev)
    assert "recall" not in training.lost(mute, model, dev)


def test_a_model_worse_on_real_files_is_told(model: Classifier) -> None:
    dev = read_passages("dev")[:200]
    other = replace(model, name="other")
    figures = {model.name: {"real dev recall": 0.9}, "other": {"real dev recall": 0.8}}
    worse = training.lost(model, other, dev, lambda one: figures[one.name])
    assert worse == "real dev recall 0.900 -> 0.800"


def test_its_card_tells_its_figures(model: Classifier, tmp_path: Path) -> None:
    dev = read_passages("dev")[:200]
    digest = training.write(model, tmp_path, dev, corrections=3)
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert digest in card
    assert f"{manifest['dev']['precision']}" in card
    assert manifest["corrections"] == 3
    assert set(manifest["thresholds"]) == set(model.labels)


# -- how it is kept -------------------------------------------------------------------------------


@pytest.fixture
def kept(model: Classifier, tmp_path: Path) -> Path:
    save(model, tmp_path, {})
    return tmp_path


def test_what_is_saved_is_loaded(
    model: Classifier, kept: Path, learnt: tuple[Example, ...]
) -> None:
    again = load(kept)
    given = example_samples(learnt[:30])
    before, after = classifier.judge(model, given), classifier.judge(again, given)
    assert np.array_equal(before.probabilities, after.probabilities)
    assert before.statuses == after.statuses
    assert again.name.startswith("clauses-")


class _Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("sprung"),))  # type: ignore[return-value]


def test_a_changed_file_is_refused_before_it_is_opened(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(kept)
    (kept / "model.joblib").write_bytes(pickle.dumps(_Trap()))
    with pytest.raises(ModelError, match="clausier train"):
        load(kept)
    assert not (kept / "sprung").exists()


def test_one_trained_with_other_libraries_is_refused(kept: Path) -> None:
    manifest = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    manifest["versions"]["scikit-learn"] = "0.1"
    (kept / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelError, match=r"scikit-learn 0\.1 -> .*clausier train"):
        load(kept)


def test_none_and_a_broken_manifest_are_told(kept: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no classifier here yet"):
        load(tmp_path / "nowhere")
    (kept / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="manifest cannot be read"):
        load(kept)


# -- rules and classifier together ----------------------------------------------------------------

WASTE = "Le titulaire trie et évacue les déchets de son chantier vers une filière agréée."
PLAIN = "Le titulaire confie ce travail à des publics éligibles pendant toute la durée du marché."


@pytest.fixture
def says(model: Classifier, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Let a test say what the classifier thinks: probabilities by label, "relevance"."""
    opinion: dict[str, float] = {"relevance": 1.0}

    def judge(_: Classifier, given: tuple[Sample, ...]) -> Judgement:
        row = [opinion.get(label, 0.0) for label in model.labels]
        return Judgement(
            np.array([row] * len(given)),
            np.array([opinion["relevance"]] * len(given)),
            (Stage.EXECUTION,) * len(given),
            (Status.ENCOURAGED,) * len(given),
        )

    monkeypatch.setattr(classifier, "judge", judge)
    return opinion


def combined(model: Classifier, text: str) -> tuple[Claim, ...]:
    readings = read_whole([Block(BlockKind.PARAGRAPH, text, ())], PieceType.CCAP)
    (reading,) = with_classifier(model, readings)
    assert isinstance(reading, Reading)
    return reading.claims


def test_a_rule_stands_and_is_surer_when_confirmed(
    model: Classifier, says: dict[str, float]
) -> None:
    says["env.waste"] = 0.1
    (alone,) = combined(model, WASTE)
    assert (alone.label, alone.status) == ("env.waste", Status.BINDING)
    assert alone.found_by[-1] != "env.waste/classifier"
    says["env.waste"] = 0.995
    (confirmed,) = combined(model, WASTE)
    assert confirmed.confidence == 0.995 > alone.confidence
    assert confirmed.found_by == (*alone.found_by, "env.waste/classifier")
    assert confirmed.status == alone.status


def test_a_rule_falls_where_the_classifier_finds_it_impossible(
    model: Classifier, says: dict[str, float]
) -> None:
    says["env.waste"] = classifier.DOUBTED / 2
    assert not combined(model, WASTE)
    says["env.waste"] = classifier.DOUBTED
    assert combined(model, WASTE)


def test_a_reservation_hangs_on_no_classifier(model: Classifier, says: dict[str, float]) -> None:
    says["reserved.integration"] = 0.0
    reserved = "Le lot 2 est réservé aux SIAE en application de l'article L. 2113-13 du code."
    assert "reserved.integration" in {c.label for c in combined(model, reserved)}
    says["reserved.disability"] = 0.999
    assert "reserved.disability" not in {c.label for c in combined(model, PLAIN)}


def test_the_classifier_adds_what_it_is_sure_of(model: Classifier, says: dict[str, float]) -> None:
    assert not combined(model, PLAIN)
    says["social.integration"] = 0.999
    (added,) = combined(model, PLAIN)
    assert (added.label, added.status) == ("social.integration", Status.ENCOURAGED)
    assert added.found_by == ("social.integration/classifier",)
    assert not combined(replace(model, thresholds=np.ones(len(model.labels))), PLAIN)


def test_it_adds_nothing_to_what_says_nothing_or_is_too_short(
    model: Classifier, says: dict[str, float]
) -> None:
    says["social.integration"] = 0.999
    assert not combined(model, "Publics éligibles")
    says["relevance"] = 0.01
    assert not combined(model, PLAIN)
