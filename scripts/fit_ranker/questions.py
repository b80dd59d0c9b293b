"""The questions that are learned from: their readings, what the ranker sees of each, and which are right."""

from __future__ import annotations

import collections
import importlib.util
import json
import multiprocessing
import subprocess
import sys
from pathlib import Path

import numpy
import scipy.sparse

sys.path.append(str(Path(__file__).resolve().parents[1] / "eval"))
import sets

PARAPHRASE = 0.5
# 2 to this power weights of marks: `features/marks.rs`.
BITS = 18


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
        # Its rows in the matrices of marks.
        self.place = None

    def stand(self, words, clauses, columns):
        """Takes the sums of the linear half, as `Field::standing` does."""
        total = words + clauses
        above = (total[None, :] > total[:, None]).sum(1)
        values = [total.max() - total, above, words.max() - words, clauses.max() - clauses]
        self.rows[:, columns] = numpy.stack(values, axis=1)


def readings(bench, options):
    held = sets.held_out()
    plain = [record for record in sets.read_lines(bench / "spider_train.jsonl") if record["db_id"] not in held]
    spoken = [
        {**record, "id": f"{record['id']} paraphrased", "question": record["question_syn"]}
        for record in plain
        if record.get("question_syn") not in (None, record["question"])
    ]
    databases = bench / "db" / "spider_train"
    names, found, marks, rows = None, [], [], 0
    for label, records in (("plain", plain), ("paraphrased", spoken)):
        asked, listed = options.out / f"{label}.jsonl", options.out / f"{label}.candidates.jsonl"
        if not listed.exists():
            sets.write_lines(asked, records)
            subprocess.run([options.binary, str(databases), str(asked), f"{listed}.part", "candidates"], check=True)
            for tail in ("counts", "marks"):
                Path(f"{listed}.part.{tail}").rename(f"{listed}.{tail}")
            Path(f"{listed}.part").rename(listed)
        listings = sets.read_lines(listed)
        names = names or next(listing["names"] for listing in listings if listing["names"])
        verdicts = judged(bench, databases, records, listings, options.out / f"{label}.verdicts.json")
        marks.append(matrices(listed))
        for record, listing in zip(records, listings, strict=True):
            if listing["candidates"]:
                right = [verdicts[record["db_id"]][record["gold_sql"]][one["sql"]] for one in listing["candidates"]]
                question = Question(record, listing, right, label != "plain")
                question.place = slice(rows, rows + len(right))
                rows += len(right)
                found.append(question)
            elif label == "plain":
                found.append(None)
    unread = found.count(None)
    print(f"questions {len(found)}, without any reading {unread}")
    both = [scipy.sparse.vstack(parts).tocsr() for parts in zip(*marks, strict=True)]
    return names, [question for question in found if question], both


def matrices(listed):
    """The marks of words and those of clauses: a row for each candidate."""
    counts = numpy.fromfile(f"{listed}.counts", dtype="<u2").astype(numpy.int64)
    places = numpy.fromfile(f"{listed}.marks", dtype="<u4").astype(numpy.int32)
    ends = numpy.concatenate([[0], numpy.cumsum(counts)])
    ones = numpy.ones(len(places), dtype=numpy.float32)
    whole = scipy.sparse.csr_matrix((ones, places, ends), shape=(len(counts), 1 << BITS))
    return whole[0::2], whole[1::2]


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
    spec = importlib.util.spec_from_file_location("exec_eval", Path(bench) / "exec_eval.py")
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
