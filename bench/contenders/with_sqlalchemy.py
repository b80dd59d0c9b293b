"""SQLAlchemy: reflection of whole tables, its bulk inspector, and rows through its core."""

from __future__ import annotations

from typing import Any

import sqlalchemy
from measure import answer, measure, rows_digest, work


def engine(url: str) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


def reflect_schema(work: dict[str, Any]) -> None:
    database = engine(work["url"])

    def run() -> int:
        metadata = sqlalchemy.MetaData()
        metadata.reflect(database, views=True)
        return len(metadata.tables)

    times, found = measure(run, work["runs"])
    assert found >= work["quantity"], found
    answer(times)


def bulk_schema(work: dict[str, Any]) -> None:
    """Every question the inspector answers in bulk that our schema answers too."""
    database = engine(work["url"])

    def run() -> int:
        inspector = sqlalchemy.inspect(database)
        kind = sqlalchemy.engine.reflection.ObjectKind.ANY
        columns = inspector.get_multi_columns(kind=kind)
        inspector.get_multi_pk_constraint(kind=kind)
        inspector.get_multi_foreign_keys(kind=kind)
        inspector.get_multi_unique_constraints(kind=kind)
        inspector.get_multi_indexes(kind=kind)
        if database.dialect.name != "sqlite":
            inspector.get_multi_table_comment(kind=kind)
        return len(columns)

    times, found = measure(run, work["runs"])
    assert found >= work["quantity"], found
    answer(times)


def rows(work: dict[str, Any]) -> None:
    with engine(work["url"]).connect() as connection:
        statement = sqlalchemy.text("SELECT * FROM item")
        times, result = measure(lambda: connection.execute(statement).all(), work["runs"])
        answer(times, rows_digest(result))


if __name__ == "__main__":
    asked = work()
    {"bulk_schema": bulk_schema, "reflect_schema": reflect_schema, "rows": rows}[asked["case"]](asked)
