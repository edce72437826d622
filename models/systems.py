"""The ways to find clauses that are held against each other: ours, its parts, and two plain ones.

A system takes the readings of one piece, with the claims of the rules, and returns them with its
own claims.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from corpus.findings import Stage, Status
from corpus.passages import Example
from corpus.taxonomy import labels
from models.classifier import Classifier, judge, with_classifier
from models.features import plain, samples
from models.training import carried, vectorizers
from nlp.cues import cues
from nlp.language import tokens
from nlp.tagger import Claim, Reading

System: TypeAlias = Callable[[Sequence[Reading]], Sequence[Reading]]

DICTIONARY, WORDS, RULES = "dictionary", "words + SVM", "rules"
CLASSIFIER, BOTH = "classifier", "rules + classifier"
_UNLIKELY = 0.05


def systems(model: Classifier | None, examples: Sequence[Example]) -> dict[str, System]:
    """Return the systems by name, the plain ones first; without a model those that need none.

    The plain classifier of words is fitted here, on ``examples``.
    """
    found: dict[str, System] = {DICTIONARY: dictionary, WORDS: words_alone(examples), RULES: rules}
    if model is not None:
        found[CLASSIFIER] = lambda readings: classifier_alone(model, readings)
        found[BOTH] = lambda readings: with_classifier(model, readings)
    return found


def rules(readings: Sequence[Reading]) -> Sequence[Reading]:
    """Leave the claims of the rules as they are."""
    return readings


def classifier_alone(model: Classifier, readings: Sequence[Reading]) -> Sequence[Reading]:
    """Claim each label whose probability reaches its threshold, whatever the rules claim."""
    said = judge(model, tuple(samples(readings)))
    return tuple(
        replace(
            reading,
            claims=tuple(
                Claim(
                    model.labels[column],
                    said.stages[at],
                    said.statuses[at],
                    float(said.probabilities[at, column]),
                    (model.name,),
                )
                for column in np.flatnonzero(said.probabilities[at] >= model.thresholds)
            ),
        )
        for at, reading in enumerate(readings)
    )


def ranking(model: Classifier) -> System:
    """Return the classifier without its thresholds: it claims all that is not most unlikely."""
    open_ = replace(model, thresholds=np.full(len(model.labels), _UNLIKELY))
    return lambda readings: classifier_alone(open_, readings)


def dictionary(readings: Sequence[Reading]) -> Sequence[Reading]:
    """Claim each label of whose rules any phrase stands in the passage, as binding."""
    return tuple(replace(reading, claims=_named(reading)) for reading in readings)


def _named(reading: Reading) -> tuple[Claim, ...]:
    known = cues()
    doc = tokens(reading.passage.text)
    hits = known.hits(doc)
    fired: dict[str, float] = {}
    for rule, _ in known.candidates(hits, doc, 0, reading.passage.text):
        fired[rule.label] = max(rule.strength, fired.get(rule.label, 0.0))
    return tuple(
        Claim(label, Stage.OTHER, Status.BINDING, strength, (DICTIONARY,))
        for label, strength in fired.items()
    )


def words_alone(examples: Sequence[Example]) -> System:
    """Fit TF-IDF of a passage's words and linear SVMs for labels, stage and status."""
    names = tuple(labels())
    words = vectorizers()["words"]
    table = words.fit_transform([plain(example.text) for example in examples])
    truth = carried(examples, names)
    # A label that no example carries, or all, has nothing to be told by.
    learnt = [at for at in range(len(names)) if 0 < truth[:, at].sum() < len(examples)]
    label = OneVsRestClassifier(LinearSVC(random_state=0)).fit(table, truth[:, learnt])
    labelled = [at for at, example in enumerate(examples) if example.labels]
    stage = _one(table[labelled], [str(examples[at].stage) for at in labelled])
    status = _one(table[labelled], [str(examples[at].status) for at in labelled])

    def system(readings: Sequence[Reading]) -> Sequence[Reading]:
        if not readings:
            return ()
        given = words.transform([plain(reading.passage.text) for reading in readings])
        margins = label.decision_function(given).reshape(len(readings), -1)
        told = zip(readings, margins, stage(given), status(given), strict=True)
        return tuple(
            replace(
                reading,
                claims=tuple(
                    Claim(
                        names[learnt[column]],
                        Stage(where),
                        Status(how),
                        # The margin is no probability: a plain sigmoid only keeps its order.
                        float(1 / (1 + np.exp(-margin[column]))),
                        (WORDS,),
                    )
                    for column in np.flatnonzero(margin > 0)
                ),
            )
            for reading, margin, where, how in told
        )

    return system


def _one(table: Any, answers: Sequence[str]) -> Callable[[Any], Sequence[str]]:
    if len(set(answers)) < 2:
        return lambda given: [answers[0]] * given.shape[0]
    model = LinearSVC(random_state=0).fit(table, answers)
    return lambda given: [str(answer) for answer in model.predict(given)]
