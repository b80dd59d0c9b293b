"""Parts of the questions that share no database."""

import numpy

FOLDS = 3
SEED = 7


def folds(questions):
    names = sorted({question.database for question in questions})
    order = numpy.random.default_rng(SEED).permutation(len(names))
    place = {names[at]: turn % FOLDS for turn, at in enumerate(order)}
    return [place[question.database] for question in questions]
