#!/usr/bin/env python3
"""Measures what the grounding gives a language model: a bare prompt against the agent, on the same questions.

    scripts/eval_model.py --bench FOLDER --base-url URL --model NAME [--part validate|develop] [--questions 200]
        [--systems bare,grounded,offline,adaptive] [--jobs N] [--out FOLDER] [--resume]

`bare` sends the CREATE statements of the whole database and the question, the usual zero-shot prompt. `grounded` asks
the agent with the same model (`model_strategy="model"`), `adaptive` lets the router choose, `offline` asks no model.
The questions are every n-th of the chosen part, so the same ones each time: `validate` is the databases listed in
data/spider_validation_databases.txt, `develop` the others. Folder, address and model may also come from
DB_QUERY_AGENT_BENCH, OPENAI_BASE_URL and OPENAI_MODEL, a key from OPENAI_API_KEY. Needs the package (`make package`).
"""

import argparse
import concurrent.futures
import contextlib
import itertools
import json
import os
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SYSTEMS = ("bare", "grounded", "offline", "adaptive")
STRATEGIES = {"grounded": "model", "offline": "offline", "adaptive": "adaptive"}
ASKING_A_MODEL = {"bare", "grounded", "adaptive"}
TIMEOUT = 120
BARE = (
    "{schema}\n\nWrite one SQLite query that answers the question, using only the tables and columns above. "
    "Answer with the SQL only."
)
BINS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


def main() -> int:
    options = arguments()
    if problem := missing(options):
        print(problem, file=sys.stderr)
        return 2
    bench, out = pathlib.Path(options.bench), pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    records = choose(bench, options)
    questions = out / "questions.jsonl"
    questions.write_text("".join(json.dumps(record) + "\n" for record in records))
    measured = {}
    for system in options.systems:
        predictions = out / f"{system}.jsonl"
        answer(system, records, predictions, options)
        measured[system] = judge(bench, questions, predictions)
    table(measured)
    curves(measured)
    return 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=os.environ.get("DB_QUERY_AGENT_BENCH"))
    parser.add_argument("--base-url", default=os.environ.get("OPENAI_BASE_URL"))
    parser.add_argument("--model", default=os.environ.get("OPENAI_MODEL"))
    parser.add_argument("--part", choices=["validate", "develop"], default="validate")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--systems", type=lambda text: text.split(","), default=["bare", "grounded", "offline"])
    parser.add_argument("--out", default=str(pathlib.Path(tempfile.gettempdir()) / "model-eval"))
    parser.add_argument("--jobs", type=int, default=1, help="questions asked at the same time; 1 for fair seconds")
    parser.add_argument("--resume", action="store_true", help="keep what was answered before in the same folder")
    return parser.parse_args()


def missing(options):
    """What there is not, or `None`."""
    if unknown := set(options.systems) - set(SYSTEMS):
        return f"no such system: {', '.join(sorted(unknown))}; there are {', '.join(SYSTEMS)}"
    if not options.bench:
        return "no benchmark folder: pass --bench or set DB_QUERY_AGENT_BENCH"
    for name in ("spider_train.jsonl", "exec_eval.py", "db/spider_train"):
        if not (pathlib.Path(options.bench) / name).exists():
            return f"the benchmark folder {options.bench} has no {name}"
    if not ASKING_A_MODEL & set(options.systems):
        return None
    if not options.base_url or not options.model:
        return "no model to ask: pass --base-url and --model, or set OPENAI_BASE_URL and OPENAI_MODEL"
    try:
        with urllib.request.urlopen(request(options, "models"), timeout=10):
            return None
    except (urllib.error.URLError, TimeoutError) as error:
        return f"no model answers at {options.base_url}: {error}"


def choose(bench, options):
    """Every n-th question of the part, those of one database together so that a server keeps the prefix."""
    held = set((ROOT / "data/spider_validation_databases.txt").read_text().split())
    records = [
        record
        for record in read_lines(bench / "spider_train.jsonl")
        if (record["db_id"] in held) == (options.part == "validate")
    ]
    wanted = min(options.questions, len(records))
    chosen = [records[place * len(records) // wanted] for place in range(wanted)]
    return sorted(chosen, key=lambda record: record["db_id"])


def answer(system, records, predictions, options):
    """Asks what is not answered yet, one line a question. The questions of one database stay with one worker."""
    known = set()
    if options.resume and predictions.exists():
        known = {record["id"] for record in read_lines(predictions)}
    groups = itertools.groupby((one for one in records if one["id"] not in known), key=lambda record: record["db_id"])
    groups = [list(group) for _, group in groups]
    done = itertools.count(len(known) + 1)
    lock = threading.Lock()
    with predictions.open("a" if known else "w", encoding="utf8") as out:

        def work(group):
            path = pathlib.Path(options.bench) / "db/spider_train" / f"{group[0]['db_id']}.sqlite"
            with (bare if system == "bare" else agent)(system, path, options) as ask:
                for record in group:
                    begun = time.monotonic()
                    given = ask(record["question"])
                    line = {"id": record["id"], **given, "seconds": time.monotonic() - begun}
                    with lock:
                        out.write(json.dumps(line) + "\n")
                        out.flush()
                        print(f"{system} {next(done)} of {len(records)}", end="\r", file=sys.stderr)

        with concurrent.futures.ThreadPoolExecutor(options.jobs) as workers:
            list(workers.map(work, groups))


def request(options, path, body=None):
    headers = {"Content-Type": "application/json"}
    if key := os.environ.get("OPENAI_API_KEY"):
        headers["Authorization"] = f"Bearer {key}"
    data = None if body is None else json.dumps(body).encode()
    return urllib.request.Request(f"{options.base_url.rstrip('/')}/{path}", data, headers)


@contextlib.contextmanager
def bare(_system, path, options):
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    tables = connection.execute(
        "SELECT sql FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
    )
    rules = {"role": "system", "content": BARE.format(schema=";\n".join(row[0] for row in tables))}
    connection.close()

    def ask(question):
        messages = [rules, {"role": "user", "content": question}]
        body = {"model": options.model, "messages": messages, "temperature": 0, "max_tokens": 300}
        with urllib.request.urlopen(request(options, "chat/completions", body), timeout=TIMEOUT) as reply:
            given = json.load(reply)
        text, usage = given["choices"][0]["message"]["content"], given["usage"]
        fenced = re.search(r"```\w*\s*(.*?)(```|\Z)", text, re.DOTALL)
        tokens = {name: usage[name] for name in ("prompt_tokens", "completion_tokens")}
        return {"sql": (fenced.group(1) if fenced else text).strip(), **tokens, "calls": 1}

    yield ask


@contextlib.contextmanager
def agent(system, path, options):
    from db_query_agent import DatabaseQueryAgent

    strategy = STRATEGIES[system]
    model = {} if strategy == "offline" else {"base_url": options.base_url, "model": options.model}
    chosen = {"model_strategy": strategy, "model_timeout": TIMEOUT, "session_backend": "memory", "on_error": "return"}
    with DatabaseQueryAgent(f"sqlite:///{path.resolve()}", warmup_on_init=True, **chosen, **model) as asked:

        def ask(question):
            result = asked.query(question)
            usage = result["usage"] or {}
            return {
                "sql": result["sql"],
                "confidence": result["confidence"],
                "engine": result["engine"],
                "clarification": result["clarification_question"],
                "warnings": result["warnings"],
                "error": result["error"] and result["error"]["message"],
                **{name: usage.get(name, 0) for name in ("prompt_tokens", "completion_tokens", "calls")},
            }

        yield ask


def judge(bench, questions, predictions):
    """The answers with what the evaluator says of each."""
    wrong, totals = predictions.with_suffix(".wrong.jsonl"), predictions.with_suffix(".json")
    command = [sys.executable, str(bench / "exec_eval.py"), "--gold", str(questions), "--pred", str(predictions)]
    command += ["--db", str(bench / "db"), "--db-name", "spider_train", "--timeout", "5"]
    command += ["--dump", str(wrong), "--json", str(totals)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    bad = {record["id"]: record["error"] for record in read_lines(wrong)}
    asked = {record["id"] for record in read_lines(questions)}
    return {
        record["id"]: {**record, "right": record["id"] not in bad, "failure": bad.get(record["id"])}
        for record in read_lines(predictions)
        if record["id"] in asked
    }


def table(measured):
    print(f"\n{'':10}{'questions':>10}{'strict':>8}{'failed':>8}{'no SQL':>8}", end="")
    print(f"{'prompt':>9}{'answer':>8}{'calls':>7}{'seconds':>9}{'median':>8}")
    for system, answers in measured.items():
        rows = list(answers.values())
        mean = lambda name, rows=rows: statistics.fmean(row.get(name) or 0 for row in rows)  # noqa: E731
        silent = sum(not row["sql"] for row in rows)
        failed = sum(bool(row["failure"]) for row in rows) - silent
        middle = statistics.median(row["seconds"] for row in rows)
        print(f"{system:10}{len(rows):10}{mean('right'):8.1%}{failed:8}{silent:8}", end="")
        print(f"{mean('prompt_tokens'):9.1f}{mean('completion_tokens'):8.1f}", end="")
        print(f"{mean('calls'):7.2f}{mean('seconds'):9.2f}{middle:8.2f}")
    print("prompt and answer: mean tokens of a question, repairs included; seconds: mean, and median")


def curves(measured):
    """Who is right how often where the offline engine is so sure: what the router's threshold is read from."""
    sure = {name: answer["confidence"] for name, answer in measured.get("offline", {}).items() if answer["sql"]}
    if not sure:
        return
    systems = list(measured)
    print("\noffline confidence  questions" + "".join(f"{system:>10}" for system in systems))
    for low, high in itertools.pairwise(BINS):
        bin_ = [name for name, confidence in sure.items() if low <= confidence < high]
        if bin_:
            rights = (statistics.fmean(measured[system][name]["right"] for name in bin_) for system in systems)
            print(f"{low:.1f} - {min(high, 1.0):.1f}{len(bin_):20}" + "".join(f"{right:10.1%}" for right in rights))
    rest = [name for name in measured["offline"] if name not in sure]
    if rest:
        rights = (statistics.fmean(measured[system][name]["right"] for name in rest) for system in systems)
        print(f"asks back{len(rest):20}" + "".join(f"{right:10.1%}" for right in rights))


def read_lines(path):
    with pathlib.Path(path).open(encoding="utf8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    sys.exit(main())
