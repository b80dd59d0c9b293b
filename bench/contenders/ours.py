"""This package, from its release wheel."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
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
# Of one table among many, in whose first rows the word may well not stand.
COLD_QUESTION = "How many north export invoices are pending?"


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


def shop(work: dict[str, Any]) -> None:
    """The demo shop as it is today. Ours is asked first, so it writes the shop that all are asked about."""
    from db_query_agent.demo import write_sqlite

    path = Path(work["url"].removeprefix("sqlite:///"))
    path.unlink(missing_ok=True)
    write_sqlite(path)


def question(work: dict[str, Any]) -> None:
    from db_query_agent import DatabaseQueryAgent

    shop(work)
    with DatabaseQueryAgent(work["url"], model_strategy="offline", enable_cache=False) as agent:
        times, result = measure(lambda: agent.query(QUESTION), work["runs"] * 10)
        answer(times, {"answer": result["natural_response"]})


async def asked_of_a_model(work: dict[str, Any], **options: Any) -> None:
    import asking

    from db_query_agent import DatabaseQueryAgent

    shop(work)
    with asking.model() as address:
        given = {"base_url": address, "model": "instant", "model_strategy": "model", "enable_cache": False}
        async with DatabaseQueryAgent(work["url"], **given | options) as agent:

            async def ask(question: str) -> str:
                return str((await agent.query(question))["natural_response"])

            await asking.measure(ask, work)


def agent(work: dict[str, Any]) -> None:
    """Each question goes to the model, grounded, and its statement to the database."""
    asyncio.run(asked_of_a_model(work))


def agent_offline(work: dict[str, Any]) -> None:
    """The same questions without a model."""
    asyncio.run(asked_of_a_model(work, model_strategy="offline"))


def agent_first_word(work: dict[str, Any]) -> None:
    """Until the first word of a sentence that the model writes from the rows, which is a second call of it."""
    import asking

    from db_query_agent import DatabaseQueryAgent

    shop(work)

    async def measured() -> None:
        with asking.model() as address:
            given = {"base_url": address, "model": "instant", "model_strategy": "model", "enable_cache": False}
            async with DatabaseQueryAgent(work["url"], share_results=True, **given) as agent:

                async def first(question: str) -> str:
                    async with agent.query_stream(question) as stream:
                        async for piece in stream:
                            return piece + " orders"
                    return "nothing"

                await asking.measure(first, work)

    asyncio.run(measured())


def agent_cached(work: dict[str, Any]) -> None:
    """One question again and again: the proposal is remembered, its statement runs anew."""
    import asking

    different = asking.measure

    async def same(ask: Any, work: dict[str, Any]) -> None:
        await different(lambda _: ask("How many orders are there?"), work)

    asking.measure = same
    asyncio.run(asked_of_a_model(work, enable_cache=True))


def cold(work: dict[str, Any]) -> None:
    """The first answer of a new agent; then what the index takes once it is read to the end."""
    from db_query_agent import DatabaseQueryAgent

    def first(**options: Any) -> tuple[Any, Any]:
        agent = DatabaseQueryAgent(work["url"], model_strategy="offline", **options)
        return agent, agent.query(COLD_QUESTION)

    # All that is there without an index: the engine, its words, connections, the schema.
    first(unindexed_columns=["*"])[0].close()
    before = resident()
    agent, _ = first()
    start = time.perf_counter()
    wait_until_quiet()
    seconds, grown = time.perf_counter() - start, resident() - before
    rare = agent.query(COLD_QUESTION.replace("pending", "disputed"))
    agent.close()
    times = Times()
    for _ in range(work["runs"]):
        times.begin()
        agent, result = first()
        times.end()
        agent.close()
    answer(
        times,
        {
            "answer": f"{result['natural_response']} {rare['natural_response']}",
            "memory": f"{grown:.0f} MiB more than without an index, once it was read to the end",
            "index": f"read to the end in the background, {seconds:.1f} s after the first answer",
        },
    )


def resident() -> float:
    """The memory of this process that no file stands behind, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / 1024


def wait_until_quiet() -> None:
    """Until the background has done nothing for two seconds."""
    quiet, spent = 0, time.process_time()
    while quiet < 4:
        time.sleep(0.5)
        quiet = quiet + 1 if time.process_time() - spent < 0.005 else 0
        spent = time.process_time()


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
        "cold": cold,
        "agent": agent,
        "agent_offline": agent_offline,
        "agent_cached": agent_cached,
        "agent_first_word": agent_first_word,
        "import": imports,
        "guard": guard,
        "core_guard": core_guard,
        "guard_in_schema": guard_in_schema,
    }
    cases[asked["case"]](asked)
