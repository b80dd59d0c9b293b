"""This package, from its release wheel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from measure import Times, answer, measure, rows_digest, work

# The class and not only the package, which may put its work off until something of it is used.
CLOCK = (
    "import time; start = time.perf_counter(); from db_query_agent import DatabaseQueryAgent; "
    "print(time.perf_counter() - start)"
)
QUESTION = "How many orders are there?"


def schema(work: dict[str, Any]) -> None:
    from db_query_agent import DatabaseQueryAgent

    with DatabaseQueryAgent(work["url"]) as agent:
        times, found = measure(lambda: agent.get_schema(force_refresh=True), work["runs"])
        assert len(found) >= work["quantity"], len(found)
        answer(times)


def rows(work: dict[str, Any]) -> None:
    from db_query_agent import DatabaseQueryAgent

    options = {"max_result_rows": work["quantity"], "max_result_bytes": 1 << 30, "enable_cache": False}
    with DatabaseQueryAgent(work["url"], **options) as agent:
        # What a driver's `fetchall` gives: the rows and nothing of the answer around them.
        times, result = measure(lambda: agent.run_sql("SELECT * FROM item")["result"], work["runs"])
        answer(times, rows_digest(result))


def question(work: dict[str, Any]) -> None:
    from db_query_agent import DatabaseQueryAgent
    from db_query_agent.demo import write_sqlite

    path = Path(work["url"].removeprefix("sqlite:///"))
    path.unlink(missing_ok=True)
    write_sqlite(path)
    with DatabaseQueryAgent(work["url"], model_strategy="offline", enable_cache=False) as agent:
        times, result = measure(lambda: agent.query(QUESTION), work["runs"] * 10)
        answer(times, {"answer": result["natural_response"]})


def imports(work: dict[str, Any]) -> None:
    def once() -> float:
        done = subprocess.run([sys.executable, "-c", CLOCK], capture_output=True, text=True, check=True)
        return float(done.stdout)

    once()
    times = Times()
    # What the interpreter itself takes to start is not in it.
    times.seconds = [once() for _ in range(work["runs"])]
    answer(times)


if __name__ == "__main__":
    asked = work()
    {"schema": schema, "rows": rows, "question": question, "import": imports}[asked["case"]](asked)
