"""Trains the clause classifier on the passages we wrote; the same corpus gives the same bytes.

Labels: a linear SVM a label on words, characters, place and facts. Its scores become
probabilities by Platt's sigmoid, fitted on scores of passages whose author the SVM had not read.
Stage and status: a linear SVM each, on the passages that carry a label.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_fscore_support
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import LinearSVC

from corpus.passages import Example, digest
from corpus.taxonomy import labels
from models.classifier import VIEWS, Classifier, columns, judge, save
from models.features import Sample, example_samples
from nlp.cues import cues

WANTED_PRECISION = 0.90
_FOLDS = 4  # authors are kept whole: a fold reads none of the authors it is tried on
_ALLOWED = 0.005  # that a figure may fall when corrections are learnt
_LEAST = 8  # passages that a threshold must let through, fewer prove nothing
# Real files hold some fifteen passages without a clause for one with, our corpus one for one; but
# half of ours are look-alikes, which are rare there. So a false alarm on a passage that carries
# nothing counts for more when thresholds are chosen.
_NEGATIVE_WEIGHT = 3.0

Matrix = np.ndarray[Any, Any]


def train(examples: Sequence[Example], dev: Sequence[Example]) -> Classifier:
    """Fit everything on ``examples`` and choose the thresholds on them, unread, and on ``dev``."""
    names = tuple(labels())
    authors = [example.author for example in examples]
    learnt, unseen = example_samples(examples), example_samples(dev)
    fitted = {name: _fit(name, vectorizer, learnt) for name, vectorizer in vectorizers().items()}
    table, table_dev = columns(learnt, fitted), columns(unseen, fitted)
    truth, truth_dev = carried(examples, names), carried(dev, names)
    unread = cross_val_predict(
        _labels(), table, truth, method="decision_function", n_jobs=2,
        cv=GroupKFold(_FOLDS), groups=authors,
    )  # fmt: skip
    slope, shift = _sigmoids(unread, truth)
    model = _labels().fit(table, truth)
    weights = np.vstack([one.coef_[0] for one in model.estimators_]).T.astype(np.float32)
    bias = np.array([one.intercept_[0] for one in model.estimators_])
    scores = np.vstack([unread, table_dev @ weights + bias])
    thresholds = _thresholds(
        1 / (1 + np.exp(-(scores * slope + shift))), np.vstack([truth, truth_dev])
    )
    clauses = [at for at, example in enumerate(examples) if example.labels]
    return Classifier(
        labels=names,
        vectorizers=fitted,
        weights=weights,
        bias=bias,
        slope=slope,
        shift=shift,
        thresholds=thresholds,
        relevance=_relevance(table, [bool(example.labels) for example in examples], authors),
        stage=_one(table[clauses], [str(examples[at].stage) for at in clauses]),
        status=_one(table[clauses], [str(examples[at].status) for at in clauses]),
    )


def vectorizers() -> dict[str, Any]:
    """Return a fresh vectorizer a view; their texts come in lower case, without accents."""
    words: dict[str, Any] = {
        "sublinear_tf": True, "lowercase": False, "token_pattern": r"\w+", "dtype": np.float32,
    }  # fmt: skip
    return {
        "words": TfidfVectorizer(ngram_range=(1, 2), min_df=2, **words),
        "characters": TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), min_df=4, sublinear_tf=True, lowercase=False,
            dtype=np.float32,
        ),
        "place": TfidfVectorizer(ngram_range=(1, 2), min_df=2, **words),
        "facts": DictVectorizer(dtype=np.float32),
    }  # fmt: skip


def carried(examples: Sequence[Example], names: Sequence[str]) -> Matrix:
    """Return which labels each example carries, booleans of shape (N, L)."""
    return np.array([[name in example.labels for name in names] for example in examples])


def _fit(name: str, vectorizer: Any, learnt: Sequence[Sample]) -> Any:
    view, _ = VIEWS[name]
    return vectorizer.fit([view(sample) for sample in learnt])


def _labels() -> OneVsRestClassifier:
    return OneVsRestClassifier(LinearSVC(C=1.0, random_state=0))


def _one(table: csr_matrix, answers: Sequence[str]) -> Any:
    return LinearSVC(C=0.5, random_state=0).fit(table, answers)


def _relevance(table: csr_matrix, carries: Sequence[bool], authors: Sequence[str]) -> Any:
    """Return a calibrated classifier of whether a passage carries any label."""
    folds = list(GroupKFold(_FOLDS).split(table, carries, authors))
    one = LinearSVC(C=0.5, random_state=0)
    return CalibratedClassifierCV(one, cv=folds, ensemble=False).fit(table, carries)


def _sigmoids(scores: Matrix, truth: Matrix) -> tuple[Matrix, Matrix]:
    """Return slope and shift (L,) of Platt's sigmoid for each label (Platt 1999)."""
    fits = [
        LogisticRegression(C=10.0).fit(scores[:, [at]], truth[:, at])
        for at in range(truth.shape[1])
    ]
    return np.array([f.coef_[0, 0] for f in fits]), np.array([f.intercept_[0] for f in fits])


def _thresholds(probabilities: Matrix, truth: Matrix) -> Matrix:
    """Return for each label the lowest probability from which the wanted precision is kept."""
    weight = np.where(truth.any(axis=1), 1.0, _NEGATIVE_WEIGHT)
    chosen = np.full(truth.shape[1], 0.99)
    for at in range(truth.shape[1]):
        order = np.argsort(-probabilities[:, at], kind="stable")
        right = np.cumsum(truth[order, at])
        wrong = np.cumsum(weight[order] * ~truth[order, at])
        good = np.flatnonzero((right >= WANTED_PRECISION * (right + wrong)) & (right >= _LEAST))
        if good.size:
            chosen[at] = probabilities[order[good[-1]], at]
    return chosen


def write(model: Classifier, folder: Path, dev: Sequence[Example], corrections: int = 0) -> str:
    """Save a classifier with its manifest and its card; return the digest of the model file."""
    figures = tried(model, dev)
    manifest = {
        "corpus": {split: digest(split) for split in ("train", "dev")},
        "rules": cues().digest,
        "corrections": corrections,
        "dev": figures,
        "thresholds": {
            name: round(float(threshold), 4)
            for name, threshold in zip(model.labels, model.thresholds, strict=True)
        },
    }
    saved = save(model, folder, manifest)
    (folder / "card.md").write_text(_card(figures, saved, corrections), encoding="utf-8")
    return saved


def tried(model: Classifier, dev: Sequence[Example]) -> dict[str, float]:
    """Return micro precision, recall and F1, and macro F1, of the claimed labels of passages."""
    claimed = judge(model, example_samples(dev)).probabilities >= model.thresholds
    truth = carried(dev, model.labels)
    micro = precision_recall_fscore_support(truth, claimed, average="micro", zero_division=0.0)
    macro = precision_recall_fscore_support(truth, claimed, average="macro", zero_division=0.0)
    return {
        "precision": round(float(micro[0]), 4),
        "recall": round(float(micro[1]), 4),
        "f1": round(float(micro[2]), 4),
        "macro_f1": round(float(macro[2]), 4),
    }


def lost(
    before: Classifier,
    after: Classifier,
    dev: Sequence[Example],
    real: Callable[[Classifier], Mapping[str, float]] | None = None,
) -> str:
    """Say on what figure a classifier is worse than another, "" when it is not.

    Half a point is allowed: corrections of one organisation move the others a little. ``real``
    gives figures on annotated real files, for whoever has these.
    """
    old, new = tried(before, dev), tried(after, dev)
    if real is not None:
        old, new = {**old, **real(before)}, {**new, **real(after)}
    worse = [name for name in old if new[name] < old[name] - _ALLOWED]
    return ", ".join(f"{name} {old[name]:.3f} -> {new[name]:.3f}" for name in worse)


_CARD = """# Clause classifier

Tells which labels of the taxonomy a passage of a French (or English) tender carries, with stage and
status. Linear support vector machines on words, characters, headings and what the rules claim;
probabilities by Platt's sigmoid. Trained by `clausier train` on the passages in
`corpus/passages/`, which were written for it (their datasheet tells how), never on real files.

- Model: sha256 {digest}
- Corrections learnt: {corrections}
- On the dev passages, labels over their thresholds: precision {precision}, recall {recall},
  F1 {f1}, macro F1 {macro_f1}
- Thresholds: the lowest probability that keeps a precision of {wanted} on passages whose author it
  had not read (`manifest.json`)

Meant to add to the rules, whose claims it confirms or completes: its own claims need a sure label
in a passage that surely says something. Not meant to judge a firm, nor to decide anything alone.
Figures on real files, and limits: docs/accuracy.md.
"""


def _card(figures: Mapping[str, float], saved: str, corrections: int) -> str:
    return _CARD.format(digest=saved, corrections=corrections, wanted=WANTED_PRECISION, **figures)
