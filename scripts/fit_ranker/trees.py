"""The boosted trees: what a reading is worth, and how sure the first one is."""

from __future__ import annotations

import struct

import lightgbm
import numpy
from folds import FOLDS, SEED, folds
from linear import decided, listwise

RANKER = {"learning_rate": 0.12, "num_leaves": 16, "min_data_in_leaf": 60, "lambda_l2": 10.0}
RANKER_TREES = 120
SURENESS = {"learning_rate": 0.08, "num_leaves": 6, "min_data_in_leaf": 60, "lambda_l2": 20.0, "objective": "binary"}
SURENESS_TREES = 80
COMMON = {
    "verbose": -1, "seed": SEED, "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1,
    "num_threads": 1, "max_bin": 63, "deterministic": True,
}  # fmt: skip
LEAF = 0xFFFF


def fit_ranker(questions):
    """Boosted trees under a listwise loss: the chance that softmax gives to the right readings."""
    questions, right, sizes = decided(questions)
    rows = numpy.vstack([question.rows for question in questions])
    weight = numpy.repeat(numpy.array([question.weight for question in questions]), sizes)

    def loss(scores, _data):
        chance, among, _ = listwise(scores, right, sizes)
        return (chance - among) * weight, numpy.maximum(chance * (1 - chance), 1e-3) * weight

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
