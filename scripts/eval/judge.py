"""Whether a statement gives the rows of the gold one, by the benchmark's own evaluator."""

from __future__ import annotations

import multiprocessing
import os
from collections import defaultdict
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

from figures import Verdict
from sets import Record, Set

SECONDS = 5
MOST_ROWS = 200_000


def judge_files(one: Set, bench: Path, records: list[Record], outcomes: dict[str, Record]) -> list[Verdict]:
    """The verdicts on questions of SQLite files, a process for each processor."""
    folder = one.folder(bench)
    groups = defaultdict(list)
    for record in records:
        groups[record["db_id"]].append(record)
    work = [(bench, folder / f"{name}.sqlite", one.group, of, mine(of, outcomes)) for name, of in groups.items()]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        return [verdict for verdicts in pool.imap(judge_file, work, chunksize=1) for verdict in verdicts]


def mine(records: list[Record], outcomes: dict[str, Record]) -> dict[str, Record]:
    return {name: outcomes[name] for record in records for name, _ in asked(record)}


def judge_file(work: tuple[Path, Path, str, list[Record], dict[str, Record]]) -> list[Verdict]:
    bench, path, group, records, outcomes = work
    evaluator = load_evaluator(bench)
    return judge(evaluator, evaluator.Runner(SECONDS, MOST_ROWS), str(path), group, records, outcomes)


def load_evaluator(bench: Path) -> ModuleType:
    loader = SourceFileLoader("exec_eval", str(bench / "exec_eval.py"))
    module = ModuleType(loader.name)
    loader.exec_module(module)
    return module


def judge(
    evaluator: ModuleType, runner: Any, database: str, group: str, records: list[Record], outcomes: dict[str, Record]
) -> list[Verdict]:
    """The verdicts on questions of one database, whose statements `runner` runs."""

    def is_right(sql: str | None, golds: list[str]) -> bool:
        return bool(sql and golds and evaluator.judge(runner, database, golds, sql)["strict"])

    verdicts = []
    for record in records:
        for name, source in asked(record):
            outcome, golds = outcomes[name], golds_of(source)
            given = statements(outcome)
            verdicts.append(
                Verdict(
                    id=name,
                    database=record["db_id"],
                    group=source.get(group),
                    outcome=kind(outcome),
                    right=is_right(outcome.get("sql"), golds),
                    confidence=outcome.get("confidence") or 0.0,
                    engine_ms=outcome["engine_micros"] / 1000,
                    whole_ms=outcome["whole_micros"] / 1000,
                    first_answer_ms=outcome["first_answer_micros"] / 1000,
                    answerable=bool(golds) and not record.get("unanswerable"),
                    readings=len(golds) if record.get("ambiguous") else 0,
                    found=sum(any(is_right(sql, [gold]) for sql in given) for gold in golds),
                    offered=len(given),
                    fitting=sum(is_right(sql, golds) for sql in given),
                    among_proposals=any(is_right(sql, golds) for sql in outcome.get("proposals") or []),
                    extra={"gold": golds[0] if golds else None, **outcome},
                )
            )
    return verdicts


def asked(record: Record) -> Iterator[tuple[str, Record]]:
    """What is judged of a record: the question, or each turn of a conversation that has a gold statement."""
    if record.get("turns"):
        for turn in record["turns"]:
            if turn.get("gold_sql"):
                yield f"{record['id']}#{turn['turn']}", turn
    else:
        yield record["id"], record


def golds_of(source: Record) -> list[str]:
    golds = source.get("gold_alternatives") or [source.get("gold_sql")]
    return [gold for gold in golds if gold]


def kind(outcome: Record) -> str:
    if outcome.get("error"):
        return "failed"
    if outcome.get("sql"):
        return "answered"
    return "asked" if outcome.get("choice_sqls") else "refused"


def statements(outcome: Record) -> list[str]:
    """What it gave: its answer, or the readings that it asked about."""
    return [outcome["sql"]] if outcome.get("sql") else outcome.get("choice_sqls") or []
