#!/usr/bin/env python3
"""Fits the ranker and the confidence of the offline engine and writes src/engine/offline/forest.bin.

    pip install numpy lightgbm
    cargo build --example offline_eval && scripts/fit_ranker.py --bench FOLDER [--out FOLDER] [--check]

Reads the development databases only (those not in data/spider_validation_databases.txt): every reading of every
question and of its paraphrase is run, and is right when it gives the rows of the gold statement. The ranker learns
to put a right reading first, the confidence whether the first one is right; both are boosted trees. Prints what
leaving out a fifth of the databases at a time gives; with `--check` it stops there.
"""

import argparse
import collections
import importlib.util
import json
import multiprocessing
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

import lightgbm
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import eval as measure

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDS = 3
SEED = 7
PARAPHRASE = 0.5
RANKER = {"learning_rate": 0.12, "num_leaves": 16, "min_data_in_leaf": 60, "lambda_l2": 10.0}
RANKER_TREES = 120
SURENESS = {"learning_rate": 0.08, "num_leaves": 6, "min_data_in_leaf": 60, "lambda_l2": 20.0, "objective": "binary"}
SURENESS_TREES = 80
COMMON = {
    "verbose": -1, "seed": SEED, "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1,
    "num_threads": 1, "max_bin": 63, "deterministic": True,
}  # fmt: skip
LEAF = 0xFFFF


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=os.environ.get("DB_QUERY_AGENT_BENCH"), required=False)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "fit-ranker")
    parser.add_argument("--binary", default=str(ROOT / "target/debug/examples/offline_eval"))
    parser.add_argument("--check", action="store_true", help="cross-validate only")
    options = parser.parse_args()
    if not options.bench:
        print("no benchmark folder: pass --bench or set DB_QUERY_AGENT_BENCH", file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    names, questions = readings(pathlib.Path(options.bench), options)
    cross_validate(questions)
    if options.check:
        return 0
    ranker = fit_ranker(questions)
    # How sure one may be is learned from rankers that have not seen the question.
    sureness = fit_sureness(questions)
    data = encoded(names, [ranker, sureness])
    (ROOT / "src/engine/offline/forest.bin").write_bytes(data)
    print(f"forest.bin: {len(data)} bytes")
    return 0


class Question:
    """The readings of one question: a row of features each, and which are right."""

    def __init__(self, record, listing, right, paraphrase):
        shared = numpy.array(listing["question"], dtype=numpy.float32)
        own = numpy.array([reading["sheet"] for reading in listing["candidates"]], dtype=numpy.float32)
        self.rows = numpy.hstack([numpy.tile(shared, (len(own), 1)), own])
        self.right = numpy.array(right, dtype=bool)
        self.doubtful = numpy.array([reading["doubtful"] for reading in listing["candidates"]], dtype=bool)
        self.ruled = numpy.array([reading["score"] for reading in listing["candidates"]])
        self.database = record["db_id"]
        self.weight = PARAPHRASE if paraphrase else 1.0
        self.paraphrase = paraphrase
        self.worth = None


def readings(bench, options):
    held = set((ROOT / "data/spider_validation_databases.txt").read_text().split())
    plain = [record for record in measure.read_lines(bench / "spider_train.jsonl") if record["db_id"] not in held]
    spoken = [
        {**record, "id": f"{record['id']} paraphrased", "question": record["question_syn"]}
        for record in plain
        if record.get("question_syn") not in (None, record["question"])
    ]
    databases = bench / "db" / "spider_train"
    folder = measure.catalogues(databases, {record["db_id"] for record in plain}, options.out / "catalogues")
    names, found = None, []
    for label, records in (("plain", plain), ("paraphrased", spoken)):
        asked, listed = options.out / f"{label}.jsonl", options.out / f"{label}.candidates.jsonl"
        if not listed.exists():
            measure.write_lines(asked, records)
            subprocess.run([options.binary, str(folder), str(asked), f"{listed}.part", "candidates"], check=True)
            pathlib.Path(f"{listed}.part").rename(listed)
        listings = measure.read_lines(listed)
        names = names or next(listing["names"] for listing in listings if listing["names"])
        verdicts = judged(bench, databases, records, listings, options.out / f"{label}.verdicts.json")
        for record, listing in zip(records, listings, strict=True):
            if listing["candidates"]:
                right = [verdicts[record["db_id"]][record["gold_sql"]][one["sql"]] for one in listing["candidates"]]
                found.append(Question(record, listing, right, label != "plain"))
            elif label == "plain":
                found.append(None)
    unread = found.count(None)
    print(f"questions {len(found)}, without any reading {unread}")
    return names, [question for question in found if question]


def judged(bench, databases, records, listings, kept):
    """For each database and gold statement, which predicted statements give its rows."""
    known = json.loads(kept.read_text()) if kept.exists() else {}
    work = collections.defaultdict(lambda: collections.defaultdict(set))
    for record, listing in zip(records, listings, strict=True):
        have = known.get(record["db_id"], {}).get(record["gold_sql"], {})
        new = {one["sql"] for one in listing["candidates"]} - have.keys()
        if new:
            work[record["db_id"]][record["gold_sql"]] |= new
    tasks = [(str(bench), str(databases / f"{name}.sqlite"), name, dict(todo)) for name, todo in work.items()]
    with multiprocessing.Pool(2) as pool:
        for name, verdicts in pool.imap_unordered(judge_database, tasks):
            for gold, rights in verdicts.items():
                known.setdefault(name, {}).setdefault(gold, {}).update(rights)
    kept.write_text(json.dumps(known))
    return known


def judge_database(task):
    bench, path, name, todo = task
    spec = importlib.util.spec_from_file_location("exec_eval", pathlib.Path(bench) / "exec_eval.py")
    evaluator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(evaluator)
    runner = evaluator.Runner(2, 20000)
    verdicts = {}
    for gold, statements in todo.items():
        rows, error = runner.run(path, gold, cache=True)
        ordered = evaluator.top_level_order_by(gold)
        verdicts[gold] = {}
        for statement in statements:
            mine, failed = runner.run(path, statement, cache=True)
            verdicts[gold][statement] = not error and not failed and evaluator.strict_eq(rows, mine, ordered)
    return name, verdicts


def folds(questions):
    names = sorted({question.database for question in questions})
    order = numpy.random.default_rng(SEED).permutation(len(names))
    place = {names[at]: turn % FOLDS for turn, at in enumerate(order)}
    return [place[question.database] for question in questions]


def fit_ranker(questions):
    """Boosted trees under a listwise loss: the chance that softmax gives to the right readings."""
    questions = [question for question in questions if question.right.any() and not question.right.all()]
    rows = numpy.vstack([question.rows for question in questions])
    right = numpy.concatenate([question.right for question in questions]).astype(float)
    weights = numpy.array([question.weight for question in questions])
    sizes = numpy.array([len(question.right) for question in questions])
    starts = numpy.concatenate([[0], numpy.cumsum(sizes)[:-1]])
    weight = numpy.repeat(weights, sizes)

    def loss(scores, _data):
        raised = numpy.exp(scores - numpy.repeat(numpy.maximum.reduceat(scores, starts), sizes))
        chance = raised / numpy.repeat(numpy.add.reduceat(raised, starts), sizes)
        hit = raised * right
        among = hit / numpy.repeat(numpy.maximum(numpy.add.reduceat(hit, starts), 1e-12), sizes)
        gradient = (chance - among) * weight
        curvature = numpy.maximum(chance * (1 - chance), 1e-3) * weight
        return gradient, curvature

    data = lightgbm.Dataset(rows, label=right, free_raw_data=False)
    return lightgbm.train({**COMMON, **RANKER, "objective": loss}, data, RANKER_TREES)


def rank(questions, ranker):
    worth = ranker.predict(numpy.vstack([question.rows for question in questions]), raw_score=True)
    at = 0
    for question in questions:
        question.worth = worth[at : at + len(question.right)]
        at += len(question.right)


def first(question):
    """The reading that comes first, and what the confidence sees of it."""
    order = numpy.argsort(-question.worth, kind="stable")
    raised = numpy.exp(question.worth - question.worth[order[0]])
    margin = question.worth[order[0]] - question.worth[order[1]] if len(order) > 1 else 9.0
    return order[0], numpy.concatenate([question.rows[order[0]], [1 / raised.sum(), min(margin, 9.0)]])


def out_of_fold(questions):
    where = folds(questions)
    for fold in range(FOLDS):
        ranker = fit_ranker([question for question, place in zip(questions, where, strict=True) if place != fold])
        rank([question for question, place in zip(questions, where, strict=True) if place == fold], ranker)
    return where


def fit_sureness(questions):
    leading = [first(question) for question in questions]
    rows = numpy.vstack([row for _, row in leading])
    right = numpy.array(
        [question.right[top] for question, (top, _) in zip(questions, leading, strict=True)], dtype=float
    )
    weight = [question.weight for question in questions]
    return lightgbm.train({**COMMON, **SURENESS}, lightgbm.Dataset(rows, label=right, weight=weight), SURENESS_TREES)


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


def encoded(names, models):
    """The file that `forest.rs` describes."""
    text = struct.pack("<H", len(names)) + b"".join(
        struct.pack("<B", len(name.encode())) + name.encode() for name in names
    )
    return text + b"".join(encoded_forest(model) for model in models)


def encoded_forest(model):
    roots, nodes = [], []
    for tree in model.dump_model()["tree_info"]:
        roots.append(len(nodes))
        flat = []
        flatten(tree["tree_structure"], flat)
        nodes.extend(flat)
    packed = b"".join(struct.pack("<HfHH", *node) for node in nodes)
    return (
        struct.pack("<H", len(roots))
        + b"".join(struct.pack("<I", root) for root in roots)
        + struct.pack("<I", len(nodes))
        + packed
    )


def flatten(node, flat):
    place = len(flat)
    if "leaf_value" in node:
        flat.append((LEAF, node["leaf_value"], 0, 0))
        return place
    flat.append(None)
    low = flatten(node["left_child"], flat)
    high = flatten(node["right_child"], flat)
    assert node["decision_type"] == "<=", node["decision_type"]
    flat[place] = (node["split_feature"], node["threshold"], low, high)
    return place


if __name__ == "__main__":
    sys.exit(main())
