"""Side-by-side figures: this package against what people would use instead, all in one run.

    python bench                      every row
    python bench schema rows          the rows whose names hold one of these words
    python bench --runs 3 --wheel x   fewer runs, a wheel that is already built

Each contender runs in its own processes and its own virtual environment (`.bench/`), a warm-up first,
then the runs, in rounds; the median over all of them counts. The server databases are named by `TEST_POSTGRES_URL` and
`TEST_MYSQL_URL`, which `make bench` sets; a row whose server is not there says so.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import environments
import machine
import report
from plan import ROWS, Row

ROOT = Path(__file__).resolve().parent.parent
SERVERS = {"postgresql": "TEST_POSTGRES_URL", "mysql": "TEST_MYSQL_URL"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python bench", description="side-by-side figures")
    parser.add_argument("words", nargs="*", help="only the rows whose names hold one of these words")
    parser.add_argument("--runs", type=int, default=3, help="measured runs of a process (default 3)")
    parser.add_argument("--rounds", type=int, default=3, help="processes of each contender, in turn (default 3)")
    parser.add_argument("--wheel", type=Path, help="the wheel to measure (default: build a release wheel)")
    parser.add_argument("--only", action="append", help="only these contenders, beside our own")
    parser.add_argument("--keep", action="store_true", help="leave the benchmark databases on the servers")
    arguments = parser.parse_args()
    rows = [row for row in ROWS if not arguments.words or any(word in row.name for word in arguments.words)]
    if not rows:
        parser.error("no row has such a name; there are: " + ", ".join(row.name for row in ROWS))
    wheel = arguments.wheel or build()
    urls = fixtures("make", rows)
    results = []
    try:
        for row in rows:
            if row.database and row.fixture not in urls:
                report.progress(f"{row.name}: left out, {SERVERS[row.database]} names no server that answers")
                continue
            contenders = [name for name in row.contenders if not arguments.only or name in ("ours", *arguments.only)]
            figures: dict[str, dict[str, Any]] = {}
            report.progress(f"{row.name}: {', '.join(contenders)}")
            # In turn, so that a busy minute of the machine meets them all.
            for _ in range(arguments.rounds):
                for name in contenders:
                    join(figures.setdefault(name, {}), measure(name, row, urls, arguments.runs, wheel))
            results.append((row, figures))
            report.show(row, figures)
    finally:
        if not arguments.keep:
            fixtures("drop", rows)
    saved = report.save(ROOT, results, machine.summary(wheel), arguments.runs)
    report.progress(f"written to {saved.relative_to(ROOT)}")
    return 0


def join(figure: dict[str, Any], more: dict[str, Any]) -> None:
    """Adds a round to the ones before."""
    before = {key: figure.get(key, []) for key in ("seconds", "cpu")}
    figure.update(more)
    for key, values in before.items():
        if values or more.get(key):
            figure[key] = [*values, *more.get(key, [])]


def build() -> Path:
    """The release wheel of the work tree."""
    report.progress("building the release wheel; the first time takes minutes")
    wheels = ROOT / ".bench" / "wheels"
    maturin = Path(sys.executable).with_name("maturin")
    command = [str(maturin), "build", "--release", "--quiet", "--out", str(wheels)]
    subprocess.run(command, cwd=ROOT, check=True)
    return max(wheels.glob("*.whl"), key=lambda wheel: wheel.stat().st_mtime)


def fixtures(action: str, rows: list[Row]) -> dict[str, str]:
    """Makes or drops the databases that the rows read; their URLs by fixture."""
    servers = {name: os.environ[key] for name, key in SERVERS.items() if os.environ.get(key)}
    names = sorted({row.fixture for row in rows if row.fixture})
    python = environments.python("fixtures", ROOT)
    if python is None:
        raise SystemExit("bench: the drivers that make the databases cannot be installed")
    work = {"action": action, "fixtures": names, "servers": servers, "directory": str(ROOT / ".bench" / "data")}
    return environments.run(python, ROOT / "bench" / "fixtures.py", work)


def measure(contender: str, row: Row, urls: dict[str, str], runs: int, wheel: Path) -> dict[str, Any]:
    """The seconds of each run, or why there are none."""
    python = environments.python(contender, ROOT, wheel)
    if python is None:
        return {"failed": "cannot be installed here"}
    script, case = environments.script(contender, row.case)
    url = urls.get(row.fixture or "", "")
    work = {"case": case, "url": url, "runs": runs, "quantity": row.quantity, "detail": row.detail}
    return environments.run(python, ROOT / "bench" / "contenders" / script, work)


if __name__ == "__main__":
    sys.exit(main())
