"""A statement of one's own, on its way to the core."""

from __future__ import annotations

from typing import Any

from db_query_agent.exceptions import ValidationError

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
