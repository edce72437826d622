"""Models for finding clauses, side by side: learnt on our train passages, tried on dev.

    python tests/model_table.py

Any label of any status counts. A train passage is scored by a model that had not read its author;
on those scores the one threshold of a model is chosen. Seconds are processor time on one core.
Stems need PyStemmer and vectors fr_core_news_md: their rows are left out where those are absent.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from operator import attrgetter
from time import process_time
from timeit import repeat
from typing import Any

import joblib
import numpy as np
import spacy
from scipy.sparse import csr_matrix, hstack
from sklearn.base import clone
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from corpus.passages import Example, read_passages
from corpus.taxonomy import labels
from models.classifier import VIEWS
from models.features import Sample, example_samples, facts_of, plain, words_of
from models.training import _labels, carried, vectorizers
from nlp.cues import FOLDER, Rule, cues
from nlp.language import tokens

NAMES = tuple(labels())
CHOSEN = tuple(name if at == 1 else f"{name} × {at:g}" for name, (_, at) in VIEWS.items())
TEXT = ("words", "characters", "place", "neighbour")
FORM = ("piece=", "kind=")
SVM = _labels().estimator
LOGISTIC = LogisticRegression(C=30.0, solver="liblinear")
NEEDS = {"stems": "Stemmer", "vectors": "fr_core_news_md"}  # Clausier does without them
HEADER = """\
| model | dev: micro-F1 | 95 % | less the chosen's | macro-F1 | recall at precision 0.90 \
| train: micro-F1 | less the chosen's | passages/s | MB | training s |
|---|---:|---|---|---:|---:|---:|---|---:|---:|---:|"""
Matrix = np.ndarray[Any, Any]
# Vectorizer, columns of train and of dev, seconds of fitting and of reading dev.
View = tuple[Any, csr_matrix, csr_matrix, float, float]


class Vectors:
    """Mean of the static vectors of a passage's words, of length 1."""

    def __getstate__(self) -> dict[str, Any]:
        return {"vectors": french().vectors.data, "rows": dict(french().vectors.key2row)}

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        words = (re.findall(r"\w+", text.lower()) for text in texts)
        return csr_matrix(normalize([sum(map(french().get_vector, ["", *w])) for w in words]))

    fit_transform = transform


@cache
def french() -> Any:
    return spacy.load(NEEDS["vectors"], exclude=["parser", "ner", "lemmatizer"]).vocab


def stems_of(sample: Sample) -> str:
    stemmer = import_module(NEEDS["stems"]).Stemmer("french")
    return " ".join(stemmer.stemWords(words_of(sample).split()))


def views() -> dict[str, tuple[Callable[[Sample], Any], Any]]:
    """What each view reads of a sample, and a fresh vectorizer of it."""
    words = vectorizers()["words"]
    return {
        "stems": (stems_of, words),
        "vectors": (lambda s: s.text, Vectors()),
        "place": (lambda s: plain(f"{s.headings} {s.lead}"), clone(words)),
        "neighbour": (lambda s: plain(s.before), clone(words).set_params(ngram_range=(1, 1))),
        "form": (lambda s: {f: 1 for f in facts_of(s) if f.startswith(FORM)}, DictVectorizer()),
        **{name: (VIEWS[name][0], made) for name, made in vectorizers().items()},
    }


def quickest(work: Callable[[], Any]) -> tuple[float, Any]:
    """The least processor time of three runs, in seconds, and what the work returns."""
    return min(repeat(work, timer=process_time, repeat=3, number=1)), work()


@dataclass
class Bench:
    """Train and dev passages, and the columns of the views used so far."""

    examples: Sequence[Example]
    dev: Sequence[Example]
    learnt: Sequence[Sample]
    tried: Sequence[Sample]
    by_rules: float  # seconds in which the rules read dev
    made: dict[str, View] = field(default_factory=dict)

    @property
    def authors(self) -> list[str]:
        return [example.author for example in self.examples]

    def view(self, name: str) -> View:
        if name not in self.made:
            plainly, _, weight = name.partition(" × ")
            view, vectorizer = views()[plainly]
            started = process_time()
            learnt = vectorizer.fit_transform(list(map(view, self.learnt)))
            spent = process_time() - started
            reading, tried = quickest(lambda: vectorizer.transform(list(map(view, self.tried))))
            at = float(weight or 1)
            self.made[name] = vectorizer, learnt * at, tried * at, spent, reading
        return self.made[name]

    def table(self, used: Sequence[str]) -> tuple[csr_matrix, csr_matrix]:
        """Columns of train and of dev."""
        _, learnt, tried, *_ = zip(*map(self.view, used), strict=True)
        # liblinear works on float64 and would copy float32 for every label.
        return hstack(learnt, "csr", np.float64), hstack(tried, "csr", np.float32)


@dataclass(frozen=True)
class Outcome:
    """Scores of dev and of train passages, unread, each (N, L); a label is said from ``cut``."""

    name: str
    dev: Matrix
    unread: Matrix
    cut: float
    seconds: float
    speed: float  # passages a second, from text to scores
    megabytes: float


def learn(estimator: Any, table: csr_matrix, truth: Matrix) -> tuple[Matrix, Matrix]:
    """Weights (D, L) and bias (L,) of the labels, each learnt apart."""
    weights = np.zeros((table.shape[1], truth.shape[1]), np.float32)
    bias = np.full(truth.shape[1], -9.0)  # of labels that no author of a fold carries
    for at in np.flatnonzero(truth.any(axis=0)):
        one = clone(estimator).fit(table, truth[:, at])
        coef = one.coef_ if hasattr(one, "coef_") else np.diff(one.feature_log_prob_, axis=0)
        weights[:, at], bias[at] = coef[0], getattr(one, "intercept_", [0.0])[0]
    return weights, bias


def fitted(bench: Bench, name: str, used: Sequence[str], estimator: Any = SVM) -> Outcome:
    """Learn on train and score dev, and every author of train by the others."""
    print(f"{process_time():6.0f} s  {name}", file=sys.stderr, flush=True)
    learnt, tried = bench.table(used)
    truth = carried(bench.examples, NAMES)
    unread = np.zeros(truth.shape)
    folds = GroupKFold(min(3, len(set(bench.authors))))
    for read, left in folds.split(learnt, groups=bench.authors):
        weights, bias = learn(estimator, learnt[read], truth[read])
        unread[left] = learnt[left] @ weights + bias
    started = process_time()
    weights, bias = learn(estimator, learnt, truth)
    training = process_time() - started
    scoring, dev = quickest(lambda: tried @ weights + bias)
    made, _, _, fitting, reading = zip(*map(bench.view, used), strict=True)
    buffer = BytesIO()
    joblib.dump((made, weights, bias), buffer, compress=("zlib", 3))
    speed = len(dev) / (scoring + sum(reading) + bench.by_rules * ("facts" in " ".join(used)))
    training, cut = training + sum(fitting), best_cut(unread, truth)
    return Outcome(name, dev, unread, cut, training, speed, buffer.tell() / 1e6)


def marked(given: Sequence[Sample], said: Callable[[Sample], Any] = attrgetter("claims")) -> Matrix:
    """How surely each label is said of each sample, (N, L), 0 where it is not."""
    found = np.zeros((len(given), len(NAMES)))
    for row, sample in enumerate(given):
        for one in said(sample):
            found[row, NAMES.index(one.label)] = getattr(one, "confidence", 1.0)
    return found


def cues_of(sample: Sample) -> Iterator[Rule]:
    """The rules any of whose cues the passage holds, whatever stands around it."""
    doc = tokens(sample.text)
    yield from (rule for rule, _ in cues().candidates(cues().hits(doc), doc, 0, sample.text))


def united(bench: Bench, name: str, model: Outcome, by_rules: float = 0.0) -> Outcome:
    """What the rules claim, then what the model scores highest."""
    unread = model.unread + 100.0 * (marked(bench.learnt) > 0)
    dev = model.dev + 100.0 * (marked(bench.tried) > 0)
    cut = best_cut(unread, carried(bench.examples, NAMES))
    speed = len(dev) / (len(dev) / model.speed + by_rules)
    return replace(model, name=name, unread=unread, dev=dev, cut=cut, speed=speed)


def clause_models(bench: Bench) -> Iterator[Outcome]:
    tried = partial(fitted, bench)
    size = sum(path.stat().st_size for path in FOLDER.glob("*.toml")) / 1e6
    dev, unread = marked(bench.tried), marked(bench.learnt)
    yield Outcome("rules", dev, unread, 1e-9, 0, len(dev) / bench.by_rules, size)
    spent, dev = quickest(lambda: marked(bench.tried, cues_of))
    unread = marked(bench.learnt, cues_of)
    yield Outcome("dictionary of the rules' cues", dev, unread, 1e-9, 0, len(dev) / spent, size)
    yield tried("words, complement naive Bayes", ["words"], ComplementNB(alpha=0.01))
    yield tried("words, logistic regression", ["words"], LOGISTIC)
    both = ["words", "characters"]
    missing = {view for view, module in NEEDS.items() if not find_spec(module)}
    for used in (
        ["words"], ["stems"], ["vectors"], ["characters"], both, [*both, "place"], TEXT,
        [*TEXT, "form"], [*TEXT, "facts"], [*both, "facts"], [*both, "facts × 0.3"],
        ["words", "facts × 0.3"], [*CHOSEN, "neighbour × 0.2"],
        ["stems" if view == "words" else view for view in CHOSEN], [*CHOSEN, "vectors"],
    ):  # fmt: skip
        if tuple(used) != CHOSEN and not missing & set(used):
            yield (last := tried(" + ".join(used), used))
        if used is TEXT:
            yield united(bench, "the same, united with the rules", last, bench.by_rules)
    chosen = tried(f"**chosen: {' + '.join(CHOSEN)}**", CHOSEN)
    yield from (chosen, united(bench, "chosen, united with the rules", chosen))


def learning_curve(bench: Bench) -> Iterator[Outcome]:
    """The chosen model of some authors; those of a smaller share are among those of a larger."""
    authors = np.random.default_rng(0).permutation(sorted(set(bench.authors)))
    for share in (0.25, 0.5, 0.75):
        some = set(authors[: max(2, round(len(authors) * share))])
        kept = [at for at, author in enumerate(bench.authors) if author in some]
        examples = [bench.examples[at] for at in kept]
        learnt = [bench.learnt[at] for at in kept]
        part = replace(bench, examples=examples, learnt=learnt, made={})
        name = f"chosen, {len(some)} of {len(authors)} authors, {len(kept)} passages"
        yield fitted(part, name, CHOSEN)


def ranked(given: Matrix, truth: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Every cut, the highest first, with how many labels are right and said from it."""
    order = np.argsort(-given, axis=None, kind="stable")
    cuts, right = given.ravel()[order], np.cumsum(truth.ravel()[order])
    ends = np.flatnonzero(np.append(cuts[:-1] != cuts[1:], True))
    return cuts[ends], right[ends], ends + 1


def best_cut(given: Matrix, truth: Matrix) -> float:
    cuts, right, said = ranked(given, truth)
    return float(cuts[np.argmax(right / (said + right[-1]))])


def recall_at(given: Matrix, truth: Matrix, precision: float = 0.90) -> str:
    _, right, said = ranked(given, truth)
    good = right[right >= precision * said]
    return f"{good[-1] / right[-1]:.3f}" if good.size else "none"


def drawn(examples: Sequence[Example], values: Matrix) -> Matrix:
    """Totals of rows of values (N, V) in 2000 bootstraps of articles, then plain: (V, 2001)."""
    names = [f"{example.author} {example.article}" for example in examples]
    at = np.unique(names, return_inverse=True)[1]
    sums = np.array([np.bincount(at, weights=value) for value in values.T])
    number = sums.shape[1]
    times = np.random.default_rng(0).multinomial(number, [1 / number] * number, size=2000)
    return sums @ np.vstack([times, np.ones(number)]).T


def micro(examples: Sequence[Example], said: Matrix) -> Matrix:
    """Micro-F1 of what is said (N, L) in each bootstrap, then plain: (2001,)."""
    truth = carried(examples, NAMES)
    right, claims, clauses = drawn(examples, np.stack([said & truth, said, truth], 1).sum(axis=2))
    return np.asarray(2 * right / (claims + clauses))


def span(values: Matrix, sign: str = "") -> str:
    low, high = np.percentile(values[:-1], [2.5, 97.5])
    return f"{low:{sign}.3f} to {high:{sign}.3f}"


def row(bench: Bench, model: Outcome, beside: Outcome) -> str:
    truth, said = carried(bench.dev, NAMES), model.dev >= model.cut
    macro = f1_score(truth, said, average="macro", zero_division=np.nan)
    mine, other = micro(bench.dev, said), micro(bench.dev, beside.dev >= beside.cut)
    told = [f"{mine[-1]:.3f}", span(mine), span(mine - other, "+"), f"{macro:.3f}"]
    told += [recall_at(model.dev, truth), "", ""]
    if len(model.unread) == len(beside.unread):  # the learning curve reads fewer passages
        mine, other = (micro(bench.examples, m.unread >= m.cut) for m in (model, beside))
        told[-2:] = f"{mine[-1]:.3f}", span(mine - other, "+")
    told += [f"{model.speed:,.0f}", f"{model.megabytes:.1f}", f"{model.seconds:.1f}"]
    return f"| {model.name} | {' | '.join(told)} |"


def stages_and_statuses(bench: Bench) -> Iterator[str]:
    table, table_dev = bench.table(CHOSEN)
    read, left = ([i for i, e in enumerate(s) if e.labels] for s in (bench.examples, bench.dev))
    dev, samples = [bench.dev[at] for at in left], [bench.tried[at] for at in left]
    for what in ("stage", "status"):
        answers = [str(getattr(bench.examples[at], what)) for at in read]
        most = [Counter(answers).most_common(1)[0][0]] * len(dev)
        ruled = np.array([str(getattr(s.claims[0], what)) if s.claims else "" for s in samples])
        svm, logistic = (
            one.fit(table[read], answers).predict(table_dev[left])
            for one in (LinearSVC(C=0.5, random_state=0), OneVsRestClassifier(LOGISTIC))
        )
        said = {
            f"majority: {most[0]}": most,
            "rules, else the majority": np.where(ruled == "", most, ruled),
            "logistic regression": logistic,
            "**the chosen: linear SVM**": svm,
            "rules, else the SVM": np.where(ruled == "", svm, ruled),
        }
        for name, given in said.items():
            right = np.array([str(getattr(e, what)) for e in dev]) == given
            totals, number = drawn(dev, np.stack([right, np.ones(len(dev))], 1))
            yield f"| {what} | {name} | {right.mean():.3f} | {span(totals / number)} |"


def main() -> None:
    examples, dev = read_passages("train"), read_passages("dev")
    reading, tried = quickest(lambda: example_samples(dev))
    bench = Bench(examples, dev, example_samples(examples), tried, reading)
    made = [*clause_models(bench), *learning_curve(bench)]
    chosen = next(model for model in made if "**" in model.name)
    print(
        f"{len(examples)} passages of {len(set(bench.authors))} authors learnt, {len(dev)} of "
        f"{len({e.author for e in dev})} others tried, which carry "
        f"{carried(dev, NAMES).any(axis=0).sum()} of {len(NAMES)} labels.\n\n{HEADER}"
    )
    print("\n".join(row(bench, model, chosen) for model in made))
    print("\n| what | model | accuracy | 95 % |\n|---|---|---:|---|")
    print("\n".join(stages_and_statuses(bench)))
    for name in (module for module in NEEDS.values() if not find_spec(module)):
        print(f"\nLeft out: the rows that need {name}, which is not installed.")
    print(f"{process_time():6.0f} s in all", file=sys.stderr)


if __name__ == "__main__":
    main()
