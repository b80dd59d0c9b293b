"""sqlglot: one statement, a query, nothing in it that writes, and only tables that may be read."""

from __future__ import annotations

from typing import Any

import sqlglot
from measure import answer, measure_calls, work
from queries import QUERIES, TABLES
from sqlglot import exp

DIALECTS = {"postgres": "postgres", "mysql": "mysql", "sqlite": "sqlite", "mssql": "tsql"}
WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Command, exp.Into, exp.Lock)


def tables(sql: str, dialect: str) -> list[str]:
    """The tables a query reads, each allowed. The name of a common table expression counts as one wherever it
    stands, which is less than to know its scope."""
    statements = sqlglot.parse(sql, dialect=dialect)
    if len(statements) != 1:
        raise ValueError("not one statement")
    tree = statements[0]
    if not isinstance(tree, exp.Query) or tree.find(*WRITES):
        raise ValueError("not only a query")
    common = {cte.alias for cte in tree.find_all(exp.CTE)}
    found = {table.name for table in tree.find_all(exp.Table) if table.db or table.name not in common}
    if not found <= set(TABLES):
        raise ValueError("a table that may not be read")
    return sorted(found)


def guard(work: dict[str, Any]) -> None:
    size, dialect = work["detail"].split()
    sql, name = QUERIES[size], DIALECTS[dialect]
    times, found = measure_calls(lambda: tables(sql, name), work["runs"], work["quantity"])
    answer(times, {"tables": " ".join(found)})


if __name__ == "__main__":
    guard(work())
