"""Whether a statement may run: the guard that stands before every database, for statements of one's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from db_query_agent import _core
from db_query_agent._statement import REFUSED, statement
from db_query_agent.exceptions import ConfigurationError, ValidationError

__all__ = ["QueryValidator", "ValidationResult"]

_WRITES_NOTHING = "`read_only=False` changes nothing: this version judges and runs only statements that read"


@dataclass(frozen=True)
class ValidationResult:
    """The verdict on one statement. True in a condition when the statement may run."""

    is_valid: bool
    error: str | None = None
    """Why it may not run."""
    code: str | None = None
    """`"sql_rejected"` for a statement that may not run."""
    rule: str | None = None
    """The rule that stands against it, one of docs/guard-rules.md."""
    hint: str | None = None
    """What to do instead."""
    tables: list[str] = field(default_factory=list)
    """The tables it reads, sorted: those under a view where the schema tells. A name is bare in the default schema."""
    columns: list[str] = field(default_factory=list)
    """The columns it refers to as `table.column`, sorted, as far as the schema tells; empty without one."""
    functions: list[str] = field(default_factory=list)
    """The functions it calls, in lower case and sorted."""
    warnings: list[str] = field(default_factory=list)
    """What is allowed and worth a second look: `SELECT *`, tables that nothing joins."""
    sql_type: str | None = None
    """The word the statement begins with: `"SELECT"` (for a `WITH` too), `"DROP"`; `None` when it is no statement."""

    def __bool__(self) -> bool:
        return self.is_valid


class QueryValidator:
    """Judges statements without a database.

    >>> validator = QueryValidator(dialect="postgres", blocked_tables=["salaries"])
    >>> result = validator.validate("SELECT lower(s.name) FROM staff AS s")
    >>> result.is_valid, result.sql_type, result.tables, result.functions
    (True, 'SELECT', ['staff'], ['lower'])
    >>> result = validator.validate("DROP TABLE staff")
    >>> result.is_valid, result.sql_type, result.rule
    (False, 'DROP', 'reads_only')
    >>> validator.validate("SELECT * FROM salaries").error
    'table `salaries` may not be read: it is blocked'

    Args:
        read_only: there is nothing else yet. `False` is accepted as 0.1.4 accepted it, adds a warning to each
            verdict and changes none: a statement that writes is never valid, because nothing here can say that
            it is harmless, and the agent runs none.
        allowed_tables: `table` or `schema.table`, `*` for any run of characters; `None` allows what is not blocked
        blocked_tables: the same; blocking wins, and a bare name is blocked in every schema
        max_query_length: in characters; the guard itself reads at most 32 KiB
        dialect: `"sqlite"`, `"postgres"`, `"mysql"` or `"mssql"`, another name of one (`"postgresql"`,
            `"mariadb"`, `"tsql"`, …), or a database URL of one
        schema: what `agent.get_schema_info()` returns. With it names are resolved: an unknown table is refused,
            and a view is judged by the tables under it. Without it a name is judged by itself. It says which
            dialect it is of, where `dialect` is not given.

    Without a dialect the text must hold for every dialect:

    1. each dialect that can read it to its end judges it, and each must let it through;
    2. at least one must have done so;
    3. a dialect that cannot read it is left out only if no engine can see other words in the text than the
       one that let it through (no backslash, no `$`, `#` or `@`, no second kind of quote within quotes, no
       comment that only some engines take for one), so that no payload hides from one engine in what
       another takes for a text;
    4. a function or a clause that only other dialects have is no objection: the engine would not run it.

    >>> QueryValidator().validate("SELECT name FROM staff WHERE `order` = 1").is_valid
    True
    >>> QueryValidator().validate("SELECT 1 /*! UNION SELECT pin FROM cards */").is_valid
    False

    Raises:
        ConfigurationError: an unknown dialect, or a schema that is none
    """

    def __init__(
        self,
        read_only: bool = True,
        allowed_tables: Iterable[str] | None = None,
        blocked_tables: Iterable[str] | None = None,
        max_query_length: int = 10_000,
        *,
        dialect: str | None = None,
        schema: Mapping[str, Any] | None = None,
    ) -> None:
        self.read_only = read_only
        allowed = None if allowed_tables is None else _names("allowed_tables", allowed_tables)
        blocked = _names("blocked_tables", blocked_tables or ())
        self.allowed_tables = None if allowed is None else set(allowed)
        self.blocked_tables = set(blocked)
        self.max_query_length = max_query_length
        self.dialect = re.split(r"[:+]", dialect, maxsplit=1)[0] if dialect else None
        self.schema = schema
        self._core = _core.Validator(self.dialect, allowed, blocked, None if schema is None else dict(schema))

    def validate(self, sql: str, read_only: bool | None = None) -> ValidationResult:
        """The verdict on `sql`; `read_only` in place of the constructor's, for this statement."""
        try:
            sql = statement(sql)
        except ValidationError as no:
            return ValidationResult(is_valid=False, error=no.message, code=no.code, rule=no.rule, hint=no.hint)
        if len(sql) > self.max_query_length:
            return ValidationResult(
                is_valid=False,
                error=f"the statement is too long: it has {len(sql)} characters, {self.max_query_length} are allowed",
                code=REFUSED,
                rule="length",
                hint="raise `max_query_length`",
            )
        verdict = self._core.validate(sql)
        warnings = [] if (self.read_only if read_only is None else read_only) else [_WRITES_NOTHING]
        if "error" in verdict:
            return ValidationResult(
                is_valid=False,
                error=self._said(verdict["rule"], verdict["error"], sql),
                code=REFUSED,
                rule=verdict["rule"],
                hint=verdict["hint"],
                warnings=warnings,
                sql_type=verdict["kind"],
            )
        return ValidationResult(
            is_valid=True,
            tables=verdict["tables"],
            columns=verdict["columns"],
            functions=verdict["functions"],
            warnings=verdict["warnings"] + warnings,
            sql_type=verdict["kind"],
        )

    def _said(self, rule: str, error: str, sql: str) -> str:
        """Why, with what only the validator knows, and in words that callers of 0.1.4 looked for."""
        if rule == "allowed_relation":
            unlisted = "it is not in allowed list"
            named = re.findall(r"`([^`]+)`", error)
            listed = self.allowed_tables is None or any(_matches(name, self.allowed_tables) for name in named)
            return f"{error}: {'it is blocked' if listed else unlisted}"
        if rule == "reads_only":
            return f"{error}, which is not allowed: everything is read-only"
        return error if sql.strip() else f"Empty query: {error}"

    def sanitize(self, sql: str) -> str:
        """The statement without comments, the `;` at its end and needless blanks.

        Its words stay as they were written, byte for byte, and so does its meaning: nothing is parsed and printed
        anew. That it is clean says nothing of whether it may run.

        >>> QueryValidator().sanitize("SELECT  name -- the name\\nFROM staff ;")
        'SELECT name FROM staff'

        Raises:
            ValidationError: a quote or a comment that is not closed, a second statement, or what dialects do not
                cut into the same words when none was named
        """
        return self._core.sanitize(statement(sql))

    def __repr__(self) -> str:
        return f"QueryValidator(dialect={self.dialect!r})"


def _matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether one of `patterns` means the table `name`, judged by its bare name."""
    bare = name.rsplit(".", 1)[-1].lower()
    return any(fnmatchcase(bare, pattern.rsplit(".", 1)[-1].lower()) for pattern in patterns)


def _names(option: str, names: Iterable[str]) -> list[str]:
    """A text is iterable too, and `blocked_tables="staff"` must not block the tables `s`, `t`, `a`, `f`."""
    listed = list(names)
    if isinstance(names, str) or not all(isinstance(name, str) for name in listed):
        raise ConfigurationError(f"`{option}` is a list of names", code="invalid_option", category="user")
    return listed
