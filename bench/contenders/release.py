"""The released package 0.1.4: its schema extractor, its import, and its validator, which calls sqlparse,
and its whole agent."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import ours
from measure import answer, measure, measure_calls, work
from queries import COMMON, QUERIES, TABLES


def schema(work: dict[str, Any]) -> None:
    import sqlalchemy

    from db_query_agent.schema_extractor import SchemaExtractor

    engine = sqlalchemy.create_engine(work["url"].replace("postgresql://", "postgresql+psycopg2://"))
    with engine.connect():
        pass
    # It is slow: a minute of runs tells as much as ten.
    runs = 2 if work["quantity"] >= 1_000 else work["runs"]
    times, found = measure(lambda: SchemaExtractor(engine).get_schema(force_refresh=True), runs)
    assert len(found) >= work["quantity"], len(found)
    answer(times)


def guard(work: dict[str, Any]) -> None:
    from db_query_agent.query_validator import QueryValidator

    size, _ = work["detail"].split()
    # It takes common table expressions for tables.
    validator = QueryValidator(allowed_tables=[*TABLES, *COMMON])
    times, verdict = measure_calls(lambda: validator.validate(QUERIES[size]), work["runs"], work["quantity"])
    assert verdict.is_valid, verdict
    answer(times)


def agent(work: dict[str, Any]) -> None:
    import asking

    with asking.model() as address:
        # Its SDK asks the address of the environment.
        os.environ.update(OPENAI_BASE_URL=address, OPENAI_API_KEY="none", OPENAI_AGENTS_DISABLE_TRACING="1")
        from db_query_agent import DatabaseQueryAgent

        made = DatabaseQueryAgent(database_url=work["url"], openai_api_key="none", enable_cache=False)

        async def ask(question: str) -> str:
            return str((await made.query(question))["natural_response"])

        asyncio.run(asking.measure(ask, work))


if __name__ == "__main__":
    asked = work()
    {"schema": schema, "import": ours.imports, "guard": guard, "agent": agent}[asked["case"]](asked)
