"""The released package 0.1.4: its schema extractor and its import."""

from __future__ import annotations

from typing import Any

import ours
from measure import answer, measure, work


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


if __name__ == "__main__":
    asked = work()
    {"schema": schema, "import": ours.imports}[asked["case"]](asked)
