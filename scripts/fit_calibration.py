#!/usr/bin/env python3
"""Fits how sure the offline engine is to how often it is right: prints SLOPE and SHIFT of src/engine/offline/rank.rs.

    pip install numpy scipy
    make eval BENCH=FOLDER OUT=OUT SETS=validation
    scripts/fit_calibration.py OUT

Logistic regression of being right on the log odds of the confidence that was given (Platt, 1999), over the questions of
the held-out databases that were answered. What it prints goes on top of what the engine already applies.
"""

import json
import sys
from pathlib import Path

import numpy
import scipy.optimize


def main() -> int:
    folder = Path(sys.argv[1]) / "validation"
    wrong = {json.loads(line)["id"] for line in (folder / "wrong.jsonl").open(encoding="utf8")}
    outcomes = [json.loads(line) for line in (folder / "outcomes.jsonl").open(encoding="utf8")]
    answered = [outcome for outcome in outcomes if outcome.get("sql")]
    sure = numpy.clip([outcome["confidence"] for outcome in answered], 0.001, 0.999)
    right = numpy.array([outcome["id"] not in wrong for outcome in answered])
    odds = numpy.log(sure / (1 - sure))

    def loss(line):
        chance = 1 / (1 + numpy.exp(-(line[0] * odds + line[1])))
        return -numpy.log(numpy.where(right, chance, 1 - chance)).mean()

    slope, shift = scipy.optimize.minimize(loss, [1.0, 0.0]).x
    print(f"{len(answered)} answers: SLOPE {slope:.2f}, SHIFT {shift:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
