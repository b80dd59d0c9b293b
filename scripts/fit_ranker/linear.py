"""The linear half of the ranker: a weight for each mark."""

from __future__ import annotations

import struct

import numpy
import scipy.optimize
from folds import FOLDS, folds
from questions import BITS

LINEAR_L2 = 4.0
LINEAR_STEPS = 60
# What `Field::standing` in `rank.rs` says of the linear half.
LINEAR = ["linear behind", "linear rank", "linear words behind", "linear clauses behind"]


def listwise(scores, right, sizes):
    """The chance that softmax gives to each reading of its question, and to each right one among the right ones."""
    starts = numpy.concatenate([[0], numpy.cumsum(sizes)[:-1]])
    raised = numpy.exp(scores - numpy.repeat(numpy.maximum.reduceat(scores, starts), sizes))
    all_of_it = numpy.add.reduceat(raised, starts)
    hit = raised * right
    hits = numpy.maximum(numpy.add.reduceat(hit, starts), 1e-12)
    loss = numpy.log(all_of_it) - numpy.log(hits)
    return raised / numpy.repeat(all_of_it, sizes), hit / numpy.repeat(hits, sizes), loss


def decided(questions):
    """Those whose readings are partly right, with what the losses need of them."""
    kept = [question for question in questions if question.right.any() and not question.right.all()]
    right = numpy.concatenate([question.right for question in kept]).astype(float)
    return kept, right, numpy.array([len(question.right) for question in kept])


def fit_linear(questions, marks):
    """A weight for each mark, by the same loss as the trees, with a penalty on squares."""
    questions, right, sizes = decided(questions)
    weights = numpy.array([question.weight for question in questions])
    rows = numpy.concatenate([numpy.arange(question.place.start, question.place.stop) for question in questions])
    seen = (marks[0][rows] + marks[1][rows]).tocsr()
    turned = seen.T.tocsr()

    def objective(values):
        chance, among, loss = listwise(seen @ values, right, sizes)
        slope = turned @ ((chance - among) * numpy.repeat(weights, sizes))
        return (weights * loss).sum() + LINEAR_L2 / 2 * (values @ values), slope + LINEAR_L2 * values

    start = numpy.zeros(1 << BITS)
    options = {"maxiter": LINEAR_STEPS}
    values = scipy.optimize.minimize(objective, start, jac=True, method="L-BFGS-B", options=options).x
    unit = numpy.abs(values).max() / 127
    return unit, numpy.round(values / unit).astype(numpy.int8)


def encoded_weights(fitted):
    """The file that `linear.rs` describes."""
    unit, weights = fitted
    return struct.pack("<f", unit) + weights.tobytes()


def stand_out_of_fold(questions, marks, columns):
    """Gives each question the sums of weights that were fitted without its database."""
    where = folds(questions)
    for fold in range(FOLDS):
        unit, weights = fit_linear([q for q, place in zip(questions, where, strict=True) if place != fold], marks)
        words, clauses = (part @ (weights.astype(numpy.float32) * unit) for part in marks)
        for question, place in zip(questions, where, strict=True):
            if place == fold:
                question.stand(words[question.place], clauses[question.place], columns)
    for paraphrase in (False, True):
        part = [question for question in questions if question.paraphrase == paraphrase]
        first = [question.right[numpy.argmin(question.rows[:, columns[0]])] for question in part]
        print(f"{'paraphrases' if paraphrase else 'questions'}: right by the linear half alone {numpy.mean(first):.1%}")
