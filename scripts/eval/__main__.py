"""Measures the offline engine on a benchmark folder: questions as JSON lines, databases, and `exec_eval.py`.

    scripts/eval --bench FOLDER [--sets validation defog …] [--out FOLDER] [--history]

`make eval` calls it. Every question goes to an agent on the real database, the same way for every set. What comes of
it counts as `answered` (by a statement), `asked` (which of these readings is meant), or `refused` (neither: it says
what it does not understand, and may suggest other questions). The report goes to standard output, with all figures to
FOLDER/report.json and what was not right to FOLDER/SET/wrong.jsonl; progress goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import engine
import judge
import report
import scratch
from figures import Figures, Verdict, summary
from sets import Record, Set, chosen, write_lines

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    options = arguments()
    if not options.bench:
        say("no benchmark folder: pass --bench, BENCH=… to make, or set DB_QUERY_AGENT_BENCH")
        return 2
    bench = Path(options.bench)
    if not (bench / "exec_eval.py").exists():
        say(f"`{bench}` is no benchmark folder: it has no exec_eval.py")
        return 2
    try:
        sets = chosen(options.sets)
    except LookupError as error:
        say(str(error.args[0]))
        return 2
    figures: dict[str, Figures] = {}
    for one in sets:
        if lacks := one.missing(bench) or (one.server and scratch.missing(one.server)):
            say(f"{one.name} is left out: there is no {lacks}")
            continue
        records = one.records(bench)[:: options.step][: options.limit]
        figures[one.name] = measure(one, bench, records, options)
        print(report.text(one, figures[one.name]), end="\n\n", flush=True)
    print("\n".join(report.comparisons(figures)))
    whole = report.record(figures)
    (options.out / "report.json").write_text(json.dumps(whole, indent=1), encoding="utf8")
    say(f"the figures are in {options.out}/report.json, what was not right in {options.out}/SET/wrong.jsonl")
    if options.history and figures:
        report.remember(whole)
    return 0 if figures else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=os.environ.get("DB_QUERY_AGENT_BENCH"))
    parser.add_argument("--sets", nargs="*", default=[], help="which; a word before a hyphen names all that begin so")
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "offline-eval")
    parser.add_argument("--history", action="store_true", help="append a record to bench/history/offline.jsonl")
    parser.add_argument("--binary", type=Path, default=ROOT / "target/eval/examples/offline_eval")
    parser.add_argument("--step", type=int, default=1, help="take every n-th question of each set")
    parser.add_argument("--limit", type=int, help="take so many of each set at most")
    return parser.parse_args()


def measure(one: Set, bench: Path, records: list[Record], options: argparse.Namespace) -> Figures:
    """Asks and judges the questions of one set, and writes what was not right."""
    folder = options.out / one.name
    folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    say(f"{one.name}: asking {len(records)} questions or conversations")
    if one.server:
        names = {record["db_id"] for record in records}
        with scratch.loaded(one.server, one.folder(bench), names) as url:
            outcomes = engine.ask(options.binary, url, records, folder)
            verdicts = judge_on_server(one, bench, url, records, outcomes)
    else:
        outcomes = engine.ask(options.binary, str(one.folder(bench)), records, folder)
        say(f"{one.name}: judging, after {time.monotonic() - begun:.0f} s")
        verdicts = judge.judge_files(one, bench, records, outcomes)
    # What is right although something is hidden could be answered without it.
    verdicts = [verdict for verdict in verdicts if verdict.answerable or not verdict.right]
    answerable = any(verdict.answerable for verdict in verdicts)
    wrong = (
        verdict.extra for verdict in verdicts if not verdict.right and (answerable or verdict.outcome == "answered")
    )
    write_lines(folder / "wrong.jsonl", wrong)
    say(f"{one.name}: done, after {time.monotonic() - begun:.0f} s")
    return summary(verdicts, answerable)


def judge_on_server(
    one: Set, bench: Path, url: str, records: list[Record], outcomes: dict[str, Record]
) -> list[Verdict]:
    evaluator, runner = judge.load_evaluator(bench), scratch.Runner(one.server, url)
    try:
        return [
            verdict
            for record in records
            for verdict in judge.judge(evaluator, runner, record["db_id"], one.group, [record], outcomes)
        ]
    finally:
        runner.close()


def say(text: str) -> None:
    print(f"eval: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
