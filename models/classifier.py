"""The clause classifier: probabilities of labels, stages and statuses for passages.

An artefact holds scikit-learn objects and arrays only. It is loaded when its digest and the
versions of its libraries are those its manifest names, and refused otherwise.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from scipy.sparse import csr_matrix, hstack

from corpus.documents import BlockKind
from corpus.findings import Stage, Status
from models.features import Sample, facts_of, place_of, samples, words_of
from nlp.tagger import Claim, Reading, ruled_out, settled

FOLDER = Path(__file__).with_name("artefacts") / "clauses"
# Chosen on the dev passages and on the real files that are no test (docs/accuracy.md).
RELEVANT = 0.5  # probability that a passage says anything, from which the classifier adds labels
RESERVED = "reserved."
SHORTEST = 4  # words; shorter passages are judged by rules alone
DOUBTED = 0.03  # probability below which a claim of the rules falls, reservations apart
SELF = "classifier"  # as a finding names who found it
AGREES = 0.5  # probability from which the classifier confirms a rule
LIBRARIES = ("numpy", "scikit-learn", "scipy")

# Each view of a sample feeds the columns that the vectorizer of the same name makes, at its weight:
# a word of the passage tells more than one of a heading or a claim of the rules, which at full
# weight are learnt by heart (docs/models.md).
VIEWS: Mapping[str, tuple[Callable[[Sample], Any], float]] = {
    "words": (words_of, 1.0),
    "characters": (words_of, 1.0),
    "place": (place_of, 0.2),
    "facts": (facts_of, 0.3),
}


class ModelError(ValueError):
    """The classifier's files cannot be used; ``str()`` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """A trained classifier.

    ``labels`` (L,) in the order of the columns; ``vectorizers`` one a view; ``weights`` (D, L) and
    ``bias`` (L,) of the linear scores; ``slope`` and ``shift`` (L,) turn a score into a calibrated
    probability; ``thresholds`` (L,) from which a label is claimed. ``relevance`` tells passages
    that carry any label from the others, ``stage`` and ``status`` what their names say:
    scikit-learn classifiers of the same columns. ``name`` is "clauses-<digest>".
    """

    labels: tuple[str, ...]
    vectorizers: Mapping[str, Any]
    weights: np.ndarray[Any, Any]
    bias: np.ndarray[Any, Any]
    slope: np.ndarray[Any, Any]
    shift: np.ndarray[Any, Any]
    thresholds: np.ndarray[Any, Any]
    relevance: Any
    stage: Any
    status: Any
    name: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the classifier says of a run of passages: probabilities (N, L), stages, statuses.

    ``relevance`` (N,) is the probability that a passage carries any label.
    """

    probabilities: np.ndarray[Any, Any]
    relevance: np.ndarray[Any, Any]
    stages: tuple[Stage, ...]
    statuses: tuple[Status, ...]


def with_classifier(model: Classifier, readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Return readings with the claims of rules and classifier combined, in their order."""
    said = judge(model, tuple(samples(readings)))
    return tuple(
        replace(reading, claims=_combined(model, reading, said, at))
        for at, reading in enumerate(readings)
    )


def _combined(model: Classifier, reading: Reading, said: Judgement, at: int) -> tuple[Claim, ...]:
    """Combine what rules and classifier say of one passage.

    A claim of the rules stands, surer when the classifier agrees, unless the classifier finds it
    next to impossible. The classifier adds a label where it is sure of it (its
    threshold) and finds that the passage says something at all: in a passage long enough to judge,
    no heading, whose words the rules do not know as a look-alike. Words also decide what is
    unticked or denied. It never makes or unmakes a reservation: too much hangs on it.
    """
    claims = []
    for claim in reading.claims:
        likely = float(said.probabilities[at, model.labels.index(claim.label)])
        agreed = likely >= AGREES
        if likely < DOUBTED and not claim.label.startswith(RESERVED):
            continue
        claims.append(
            replace(
                claim,
                confidence=max(claim.confidence, likely) if agreed else claim.confidence,
                found_by=(*claim.found_by, f"{claim.label}/{SELF}") if agreed else claim.found_by,
            )
        )
    passage = reading.passage
    short = len(passage.text.split()) < SHORTEST or passage.block.kind is BlockKind.HEADING
    if short or said.relevance[at] < RELEVANT:
        return tuple(claims)
    claimed = {claim.label for claim in claims}
    for column in np.flatnonzero(said.probabilities[at] >= model.thresholds):
        label = model.labels[column]
        if label in claimed or label.startswith(RESERVED) or ruled_out(reading, label):
            continue
        sure = round(min(float(said.probabilities[at, column]), float(said.relevance[at])), 2)
        told, why = settled(reading, label, said.stages[at])
        status = said.statuses[at] if told.in_force else told
        claims.append(
            Claim(label, said.stages[at], status, sure, (f"{label}/{SELF}",), qualifiers=why)
        )
    return tuple(claims)


def columns(given: Sequence[Sample], vectorizers: Mapping[str, Any]) -> csr_matrix:
    """Return the columns of samples, shape (N, D), one block of columns a view."""
    blocks = []
    for name, vectorizer in vectorizers.items():
        view, weight = VIEWS[name]
        blocks.append(vectorizer.transform([view(sample) for sample in given]) * weight)
    return hstack(blocks, format="csr", dtype=np.float32)


def judge(model: Classifier, given: Sequence[Sample]) -> Judgement:
    """Return what the classifier says of samples, in their order."""
    if not given:
        return Judgement(np.zeros((0, len(model.labels))), np.zeros(0), (), ())
    table = columns(given, model.vectorizers)
    scores = np.asarray(table @ model.weights) + model.bias
    with np.errstate(over="ignore"):
        probabilities = 1 / (1 + np.exp(-(scores * model.slope + model.shift)))
    return Judgement(
        probabilities,
        model.relevance.predict_proba(table)[:, 1],
        tuple(Stage(value) for value in model.stage.predict(table)),
        tuple(Status(value) for value in model.status.predict(table)),
    )


def save(model: Classifier, folder: Path, manifest: Mapping[str, object]) -> str:
    """Write ``model.joblib`` and ``manifest.json``; return the digest of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {item.name: getattr(model, item.name) for item in fields(model) if item.name != "name"}
    buffer = BytesIO()
    joblib.dump(kept, buffer, compress=("zlib", 3))
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    (folder / "model.joblib").write_bytes(buffer.getvalue())
    told = {"sha256": digest, "versions": versions(), **manifest}
    (folder / "manifest.json").write_text(
        json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return digest


def load(folder: Path = FOLDER) -> Classifier:
    """Load a trained classifier; raise ModelError when it is absent, changed or made elsewhere.

    Nothing of ``model.joblib`` is executed before its digest is the manifest's.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        data = (folder / "model.joblib").read_bytes()
        digest, trained = str(manifest["sha256"]), dict(manifest["versions"])
    except FileNotFoundError as error:
        raise ModelError("there is no classifier here yet: run `clausier train`") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"its manifest cannot be read ({error}): run `clausier train`") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise ModelError("model.joblib is not the file its manifest names: run `clausier train`")
    if trained != versions():
        other = ", ".join(
            f"{name} {trained.get(name)} -> {version}"
            for name, version in versions().items()
            if trained.get(name) != version
        )
        raise ModelError(f"it was trained with other libraries ({other}): run `clausier train`")
    return Classifier(**joblib.load(BytesIO(data)), name=f"clauses-{digest[:12]}")


@cache
def classifier() -> Classifier | None:
    """Return the classifier of this installation, loaded once, None when it cannot be used."""
    try:
        return load()
    except ModelError:
        return None


def versions() -> dict[str, str]:
    """Return the versions of the libraries on which an artefact depends."""
    return {name: importlib.metadata.version(name) for name in LIBRARIES}
