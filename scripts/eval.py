#!/usr/bin/env python3
"""Measures the offline engine on a benchmark folder (questions as JSON lines, SQLite databases, `exec_eval.py`).

    scripts/eval.py --bench FOLDER [--set spider_train] [--part validate|develop|all] [--limit N] [--out FOLDER]
        [--synonyms]

The folder may also come from DB_QUERY_AGENT_BENCH. `validate` is the databases listed in
data/spider_validation_databases.txt, `develop` the others. Standard library only.
"""

import argparse
import collections
import json
import os
import pathlib
import sqlite3
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROWS = 5000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=os.environ.get("DB_QUERY_AGENT_BENCH"))
    parser.add_argument("--set", default="spider_train")
    parser.add_argument("--part", choices=["validate", "develop", "all"], default="validate")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--step", type=int, default=1, help="take every n-th question")
    parser.add_argument("--synonyms", action="store_true", help="ask the paraphrases in `question_syn`")
    parser.add_argument("--out", default=str(pathlib.Path(tempfile.gettempdir()) / "offline-eval"))
    parser.add_argument("--binary", default=str(ROOT / "target/debug/examples/offline_eval"))
    options = parser.parse_args()
    if not options.bench:
        print("no benchmark folder: pass --bench or set DB_QUERY_AGENT_BENCH", file=sys.stderr)
        return 2
    bench, out = pathlib.Path(options.bench), pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    records = choose(bench, options)
    folder = catalogues(bench / "db" / options.set, {record["db_id"] for record in records}, out / options.set)
    questions, predictions = out / "questions.jsonl", out / "predictions.jsonl"
    write_lines(questions, records)
    subprocess.run([options.binary, str(folder), str(questions), str(predictions)], check=True)
    report = out / "report.json"
    wrong = out / "wrong.jsonl"
    command = [
        sys.executable,
        str(bench / "exec_eval.py"),
        "--gold",
        str(questions),
        "--pred",
        str(predictions),
        "--db",
        str(bench / "db"),
        "--db-name",
        options.set,
        "--rule",
        "strict",
        "--by",
        "difficulty",
        "--dump",
        str(wrong),
        "--json",
        str(report),
        "--timeout",
        "5",
    ]
    print(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    summary(predictions, wrong)
    return 0


def choose(bench, options):
    held = set((ROOT / "data/spider_validation_databases.txt").read_text().split())
    records = read_lines(bench / f"{options.set}.jsonl")
    if options.set == "spider_train" and options.part != "all":
        records = [record for record in records if (record["db_id"] in held) == (options.part == "validate")]
    if options.synonyms:
        records = [{**record, "question": record["question_syn"]} for record in records if record.get("question_syn")]
    return records[:: options.step][: options.limit]


def catalogues(databases, wanted, folder):
    """One JSON file a database: tables, columns, keys, and the values of the first rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(wanted):
        target = folder / f"{name}.json"
        if not target.exists():
            target.write_text(json.dumps(described(databases / f"{name}.sqlite")))
    return folder


def described(path):
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    connection.text_factory = lambda data: data.decode("utf8", "ignore")
    names = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
        )
    ]
    return {"tables": [table(connection, name) for name in names]}


def table(connection, name):
    columns = list(connection.execute(f'PRAGMA table_info("{name}")'))
    keys = collections.defaultdict(list)
    for row in connection.execute(f'PRAGMA foreign_key_list("{name}")'):
        keys[row[0]].append(row)
    values = []
    for row in columns:
        cells = connection.execute(f'SELECT DISTINCT "{row[1]}" FROM "{name}" LIMIT {ROWS}').fetchall()
        texts = (cell[0] for cell in cells if not isinstance(cell[0], bytes))
        values.append(sorted(texts, key=lambda cell: (str(type(cell)), str(cell))))
    return {
        "name": name,
        "columns": [{"name": row[1], "type": row[2]} for row in columns],
        "primary_key": [row[1] for row in sorted(columns, key=lambda row: row[5]) if row[5]],
        "foreign_keys": [
            {"columns": [part[3] for part in key], "table": key[0][2], "referred": [part[4] for part in key if part[4]]}
            for key in keys.values()
        ],
        "values": values,
    }


def summary(predictions, wrong):
    bad = {record["id"] for record in read_lines(wrong)}
    rows = [
        (record.get("sql") is not None, record["id"] not in bad, record.get("confidence") or 0.0, record["micros"])
        for record in read_lines(predictions)
    ]
    answered = [row for row in rows if row[0]]
    right = sum(row[1] for row in answered)
    coverage = len(answered) / max(1, len(rows))
    print(
        f"questions {len(rows)}  strict {right / max(1, len(rows)):.1%}  coverage {coverage:.1%}  "
        f"right when answered {right / max(1, len(answered)):.1%}"
    )
    print("confidence   questions   right")
    for low in (x / 10 for x in range(10)):
        part = [row for row in answered if low <= row[2] < low + 0.1 + (low >= 0.9)]
        if part:
            print(f"{low:.1f} - {low + 0.1:.1f}    {len(part):9}   {sum(row[1] for row in part) / len(part):.1%}")
    times = sorted(row[3] for row in rows)
    median, slow, most = (time / 1000 for time in (statistics.median(times), times[int(len(times) * 0.99)], times[-1]))
    print(f"latency: median {median:.2f} ms, 99th {slow:.2f} ms, most {most:.2f} ms")


def read_lines(path):
    with pathlib.Path(path).open(encoding="utf8") as lines:
        return [json.loads(line) for line in lines]


def write_lines(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


if __name__ == "__main__":
    sys.exit(main())
