#!/usr/bin/env python3
"""Fits the weights in src/engine/offline/grounds.rs: whether a question is about the database it is put to.

    pip install numpy
    make eval BENCH=FOLDER OUT=OUT SETS="develop develop-paraphrases develop-hidden develop-elsewhere"
    scripts/fit_grounds.py --out OUT

Reads what came of questions that the development databases can answer, and of those made so that they cannot. Logistic
regression; each set counts the same. Prints, with a third of the databases left out at a time, which share of each set
would be refused at some thresholds, then the table of weights as grounds.rs has it.
"""

import argparse
import json
import pathlib
import tempfile
import zlib

import numpy

# Each set and whether its questions can be answered.
SETS = {"develop": True, "develop-paraphrases": True, "develop-hidden": False, "develop-elsewhere": False}
FOLDS = 3
RIDGE = 1.0
STEPS = 25
# Shares of the answerable questions that may be refused.
COSTS = (0.02, 0.03, 0.04, 0.05, 0.07)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "offline-eval")
    options = parser.parse_args()
    names, rows, labels, kinds, folds = read(options.out)
    weights = numpy.array([1000 / kinds.count(kind) for kind in kinds])
    kinds = numpy.array(kinds)
    left_out = numpy.zeros(len(rows))
    for fold in range(FOLDS):
        train = folds != fold
        fitted = fit(rows[train], labels[train], weights[train])
        left_out[~train] = chance(rows[~train], fitted)
    # What has no reading is refused in any case.
    left_out[numpy.isnan(rows).any(axis=1)] = 0.0
    for cost in COSTS:
        least = numpy.quantile(left_out[kinds == "develop"], cost)
        shares = ", ".join(f"{kind} {(left_out[kinds == kind] < least).mean():.1%}" for kind in SETS)
        print(f"below {least:.2f}: {shares}")
    fitted = fit(rows, labels, weights)
    for name, weight in zip(names, fitted[1:], strict=True):
        print(f'    ("{name}", {weight:.2f}),')
    print(f"const BIAS: f64 = {fitted[0]:.2f};")


def read(out):
    """One row a question; one without a reading has no numbers."""
    names, found, labels, kinds, folds = [], [], [], [], []
    for kind, answerable in SETS.items():
        right = set() if answerable else answered_right(out / kind)
        for line in (out / kind / "outcomes.jsonl").open(encoding="utf8"):
            outcome = json.loads(line)
            if outcome["id"] in right:
                continue
            evidence = outcome.get("evidence")
            names = names or list(evidence or [])
            found.append(list(evidence.values()) if evidence else None)
            labels.append(answerable)
            kinds.append(kind)
            folds.append(zlib.crc32(outcome["db_id"].encode()) % FOLDS)
    rows = numpy.array([row or [numpy.nan] * len(names) for row in found])
    return names, rows, numpy.array(labels, dtype=float), kinds, numpy.array(folds)


def answered_right(folder):
    """What gives the right rows although something is hidden: it can be answered without that."""
    wrong = {json.loads(line)["id"] for line in (folder / "wrong.jsonl").open(encoding="utf8")}
    outcomes = map(json.loads, (folder / "outcomes.jsonl").open(encoding="utf8"))
    return {outcome["id"] for outcome in outcomes if outcome.get("sql") and outcome["id"] not in wrong}


def fit(rows, labels, weights):
    """Newton's method for the bias and the weights."""
    known = ~numpy.isnan(rows).any(axis=1)
    rows, labels, weights = numpy.insert(rows[known], 0, 1.0, axis=1), labels[known], weights[known]
    fitted = numpy.zeros(rows.shape[1])
    for _ in range(STEPS):
        now = 1 / (1 + numpy.exp(-rows @ fitted))
        slope = rows.T @ (weights * (labels - now)) - RIDGE * fitted
        bend = (rows * (weights * now * (1 - now))[:, None]).T @ rows + RIDGE * numpy.eye(len(fitted))
        fitted += numpy.linalg.solve(bend, slope)
    return fitted


def chance(rows, fitted):
    return 1 / (1 + numpy.exp(-numpy.insert(numpy.nan_to_num(rows), 0, 1.0, axis=1) @ fitted))


if __name__ == "__main__":
    main()
