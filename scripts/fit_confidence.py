#!/usr/bin/env python3
"""Fits the weights of the offline engine's confidence on an evaluation run and prints the table of `rank.rs`.

    scripts/eval.py --bench FOLDER --part develop --out OUT && scripts/fit_confidence.py OUT

Logistic regression by Newton's method with a small ridge. Standard library only.
"""

import json
import math
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RIDGE = 1.0


def main() -> int:
    folder = pathlib.Path(sys.argv[1])
    bad = {json.loads(line)["id"] for line in (folder / "wrong.jsonl").open(encoding="utf8")}
    rows = []
    for line in (folder / "predictions.jsonl").open(encoding="utf8"):
        record = json.loads(line)
        if record.get("features"):
            rows.append((record["features"], 0.0 if record["id"] in bad else 1.0))
    weights = fit(rows)
    names = re.findall(r'\("([a-z ]+)", -?[0-9.]+\)', (ROOT / "src/engine/offline/rank.rs").read_text())
    for name, weight in zip(names, weights, strict=True):
        print(f'    ("{name}", {weight:.2f}),')
    return 0


def fit(rows):
    size = len(rows[0][0])
    weights = [0.0] * size
    for _ in range(12):
        gradient = [-RIDGE * weight for weight in weights]
        curvature = [[RIDGE if row == column else 0.0 for column in range(size)] for row in range(size)]
        for features, right in rows:
            sure = 1 / (1 + math.exp(-sum(map(float.__mul__, weights, map(float, features)))))
            slope, spread = right - sure, sure * (1 - sure)
            used = [place for place, value in enumerate(features) if value]
            for row in used:
                gradient[row] += slope * features[row]
                for column in used:
                    curvature[row][column] += spread * features[row] * features[column]
        weights = [weight + step for weight, step in zip(weights, solve(curvature, gradient), strict=True)]
    return weights


def solve(matrix, vector):
    size = len(vector)
    rows = [[*row, value] for row, value in zip(matrix, vector, strict=True)]
    for pivot in range(size):
        best = max(range(pivot, size), key=lambda place: abs(rows[place][pivot]))
        rows[pivot], rows[best] = rows[best], rows[pivot]
        for place in range(size):
            if place != pivot:
                factor = rows[place][pivot] / rows[pivot][pivot]
                rows[place] = [left - factor * right for left, right in zip(rows[place], rows[pivot], strict=True)]
    return [rows[place][size] / rows[place][place] for place in range(size)]


if __name__ == "__main__":
    sys.exit(main())
