"""This package, from its release wheel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from measure import Times, answer, measure, measure_calls, rows_digest, work
from queries import QUERIES, TABLES

# The class and not only the package, which may put its work off until something of it is used.
CLOCK = (
    "import time; start = time.perf_counter(); from db_query_agent import DatabaseQueryAgent; "
    "print(time.perf_counter() - start)"
)
# Every column that the statements name, in every table.
COLUMNS = [
    *("customer_id", "country", "segment", "email", "order_id", "product_id", "category", "quantity", "unit_price"),
    *("paid_at", "ordered_at", "status"),
]
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


def guard(work: dict[str, Any]) -> None:
    """The validator as users call it."""
    from db_query_agent import QueryValidator

    size, dialect = work["detail"].split()
    validator = QueryValidator(allowed_tables=TABLES, dialect=dialect)
    times, verdict = measure_calls(lambda: validator.validate(QUERIES[size]), work["runs"], work["quantity"])
    assert verdict.is_valid, verdict
    answer(times, {"tables": " ".join(verdict.tables)})


def core_guard(work: dict[str, Any]) -> None:
    """The same without the result's Python class."""
    from db_query_agent._core import Validator

    size, dialect = work["detail"].split()
    validator = Validator(dialect, list(TABLES), [])
    times, verdict = measure_calls(lambda: validator.validate(QUERIES[size]), work["runs"], work["quantity"])
    assert "error" not in verdict, verdict
    answer(times, {"tables": " ".join(verdict["tables"])})


def guard_in_schema(work: dict[str, Any]) -> None:
    """The validator with a schema, whose size must not matter."""
    from db_query_agent import QueryValidator

    columns = [{"name": name, "type": "integer"} for name in COLUMNS]
    fillers = [f"filler_{number}" for number in range(int(work["detail"]) - len(TABLES))]
    schema = {name: {"columns": columns} for name in [*fillers, *TABLES]}
    validator = QueryValidator(dialect="postgres", schema=schema)
    times, verdict = measure_calls(lambda: validator.validate(QUERIES["typical"]), work["runs"], work["quantity"])
    assert verdict.is_valid, verdict
    answer(times, {"tables": " ".join(verdict.tables)})


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
    cases = {
        "schema": schema,
        "rows": rows,
        "question": question,
        "import": imports,
        "guard": guard,
        "core_guard": core_guard,
        "guard_in_schema": guard_in_schema,
    }
    cases[asked["case"]](asked)
