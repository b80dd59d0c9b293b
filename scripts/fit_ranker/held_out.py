"""What leaving out a part of the databases at a time gives."""

from __future__ import annotations

import numpy
from folds import FOLDS
from trees import first, fit_sureness, out_of_fold


def cross_validate(questions):
    where = out_of_fold(questions)
    sure = numpy.zeros(len(questions))
    for fold in range(FOLDS):
        model = fit_sureness([question for question, place in zip(questions, where, strict=True) if place != fold])
        for at, (question, place) in enumerate(zip(questions, where, strict=True)):
            if place == fold:
                sure[at] = model.predict(first(question)[1][None, :])[0]
    for paraphrase in (False, True):
        part = [(q, s) for q, s in zip(questions, sure, strict=True) if q.paraphrase == paraphrase]
        report("paraphrases" if paraphrase else "questions", part)


def report(label, part):
    rights, doubts = [], []
    ruled = by_rule = reachable = three = 0
    for question, _ in part:
        top = int(first(question)[0])
        rights.append(bool(question.right[top]))
        doubts.append(bool(question.doubtful[top]))
        old = int(numpy.argmax(question.ruled))
        ruled += bool(question.right[old])
        by_rule += bool(question.right[old] and not question.doubtful[old])
        reachable += bool(question.right.any())
        three += bool(question.right[numpy.argsort(-question.worth, kind="stable")[:3]].any())
    rights, doubts, sure = numpy.array(rights), numpy.array(doubts), numpy.array([s for _, s in part])
    size = len(part)
    print(
        f"{label} {size}: by rule {ruled / size:.1%}, ranked {rights.mean():.1%}, among three {three / size:.1%}, "
        f"among all {reachable / size:.1%}; clear and right by rule {by_rule / size:.1%}, "
        f"ranked {(rights & ~doubts).mean():.1%} at a coverage of {(~doubts).mean():.1%}"
    )
    order = numpy.argsort(-numpy.where(doubts, -1, sure), kind="stable")
    for share in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        top = order[: int(size * share)]
        print(f"  surest {share:.0%}: right {rights[top].mean():.1%}, least sure {sure[top].min():.2f}")
    error = 0.0
    for low in numpy.arange(10) / 10:
        inside = (sure >= low) & (sure < low + 0.1)
        if inside.any():
            error += abs(rights[inside].mean() - sure[inside].mean()) * inside.mean()
            print(f"  {low:.1f} - {low + 0.1:.1f} {inside.sum():6} {rights[inside].mean():.1%}")
    print(f"  expected calibration error {error:.3f}")
