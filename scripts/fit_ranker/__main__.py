"""Fits the ranker and the confidence of the offline engine: writes features/linear.bin and forest.bin.

    pip install --requirement scripts/requirements-fit.txt
    cargo build --profile eval --example offline_eval && scripts/fit_ranker --bench FOLDER [--out FOLDER] [--check]

Reads the development databases only (those not in data/spider_validation_databases.txt): every reading of every
question and of its paraphrase is run, and is right when it gives the rows of the gold statement. The ranker learns
to put a right reading first, the confidence whether the first one is right; both are boosted trees. Prints what
leaving out a fifth of the databases at a time gives; with `--check` it stops there.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import sys
import tempfile

from held_out import cross_validate
from linear import LINEAR, encoded_weights, fit_linear, stand_out_of_fold
from questions import readings
from trees import encoded, fit_ranker, fit_sureness

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=os.environ.get("DB_QUERY_AGENT_BENCH"), required=False)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "fit-ranker")
    parser.add_argument("--binary", default=str(ROOT / "target/eval/examples/offline_eval"))
    parser.add_argument("--check", action="store_true", help="cross-validate only")
    options = parser.parse_args()
    if not options.bench:
        print("no benchmark folder: pass --bench or set DB_QUERY_AGENT_BENCH", file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    names, questions, marks = readings(pathlib.Path(options.bench), options)
    columns = [names.index(name) for name in LINEAR]
    stand_out_of_fold(questions, marks, columns)
    cross_validate(questions)
    if options.check:
        return 0
    (ROOT / "src/engine/offline/features/linear.bin").write_bytes(encoded_weights(fit_linear(questions, marks)))
    ranker = fit_ranker(questions)
    # How sure one may be is learned from rankers that have not seen the question.
    sureness = fit_sureness(questions)
    data = encoded(names, [ranker, sureness])
    (ROOT / "src/engine/offline/forest.bin").write_bytes(data)
    print(f"forest.bin: {len(data)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
