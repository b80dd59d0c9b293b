"""A statement of one's own, on its way to the core."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db_query_agent import _waiting
from db_query_agent.exceptions import ValidationError

if TYPE_CHECKING:
    from db_query_agent import _core
    from db_query_agent.caller import Caller

REFUSED = "sql_rejected"


def statement(sql: Any) -> str:
    """The statement as text that has a form in UTF-8, in which it is judged and sent."""
    if not isinstance(sql, str):
        raise TypeError(f"the statement must be text, not {type(sql).__name__}")
    try:
        sql.encode()
    except UnicodeEncodeError as error:
        raise ValidationError(
            f"the character U+{ord(sql[error.start]):04X} is half of a surrogate pair",
            code=REFUSED,
            category="user",
            hint="write the statement in plain characters and quote odd names",
            rule="character",
        ) from None
    return sql


class Statements:
    """The part of `DatabaseQueryAgent` that looks at a statement of one's own."""

    _core: _core.Agent

    def explain_sql(self, sql: str, *, caller: Caller | None = None) -> dict[str, Any]:
        """What the guard and the database say of a statement, which is not run. Blocks until they have said it.

        =========== ============================================================================
        `sql`      the statement as the guard lets it through
        `tables`   what it reads, as `schema.name`, also through views
        `columns`  the columns it refers to, as `schema.table.column`
        `functions` the functions it calls
        `filtered` whether row filters narrow what it reads
        `masked`   whether columns of its result come out as `***`
        `warnings` what is allowed and still worth a second look
        `estimate` what the planner expects at its largest step: `rows`, `cost` in the engine's own units or
                   `None`, and whether tables are joined without a condition (`cartesian`); `None` for SQLite
        =========== ============================================================================

        >>> agent.explain_sql("SELECT name FROM users")["tables"]  # doctest: +SKIP
        ['public.users']

        Raises:
            ValidationError: the guard refuses the statement
            QueryExecutionError: the database does, or expects more than `max_estimated_rows` allow
        """
        explained: dict[str, Any] = _waiting.take(self._core.explain_sql(statement(sql), caller=caller))
        return explained
