"""Whether a statement may run: the guard that stands before every database, for statements of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from db_query_agent import _core

__all__ = ["QueryValidator", "ValidationResult"]

_FOREIGN = frozenset(
    {"understood", "character", "clause", "data_type", "function", "literal", "operator", "reserved_word"}
)
"""Rules that also stand against what is harmless in another dialect and unknown in this one."""


@dataclass(frozen=True)
class ValidationResult:
    """The verdict on one statement. True in a condition when the statement may run."""

    is_valid: bool
    error: str | None = None
    """Why it may not run."""
    code: str | None = None
    """`"sql_rejected"` for a statement that may not run."""
    rule: str | None = None
    """The rule that stands against it."""
    hint: str | None = None
    """What to do instead."""
    tables: list[str] = field(default_factory=list)
    """The tables it reads."""
    warnings: list[str] = field(default_factory=list)
    sql_type: str | None = None
    """`"SELECT"` for a statement that may run."""

    def __bool__(self) -> bool:
        return self.is_valid


class QueryValidator:
    """Judges statements without a database.

    >>> validator = QueryValidator(blocked_tables=["salaries"])
    >>> validator.validate("SELECT name FROM staff").is_valid
    True
    >>> validator.validate("DROP TABLE staff").is_valid
    False

    `dialect` is `"sqlite"`, `"postgresql"`, `"mysql"` or `"mssql"`, or a database URL of one. Name it
    where it is known: without it a statement is valid when one of the first three lets it through and
    none of them sees more in it than reading, so the tricks of all three count.
    """

    def __init__(
        self,
        read_only: bool = True,
        allowed_tables: Iterable[str] | None = None,
        blocked_tables: Iterable[str] | None = None,
        max_query_length: int = 10_000,
        *,
        dialect: str | None = None,
    ) -> None:
        self.read_only = read_only
        self.allowed_tables = None if allowed_tables is None else list(allowed_tables)
        self.blocked_tables = list(blocked_tables or ())
        self.max_query_length = max_query_length
        self.dialect = dialect.partition(":")[0] if dialect else None
        names = [self.dialect] if self.dialect else ["postgresql", "mysql", "sqlite"]
        self._validators = [_core.Validator(name, self.allowed_tables, self.blocked_tables) for name in names]

    def validate(self, sql: str, read_only: bool | None = None) -> ValidationResult:
        """The verdict on `sql`.

        `read_only=False` makes no difference: this version lets no statement through that does more than read.
        """
        del read_only
        if len(sql) > self.max_query_length:
            return ValidationResult(
                is_valid=False,
                error=f"the statement has {len(sql)} characters, {self.max_query_length} are allowed",
                code="sql_rejected",
                rule="length",
                hint="raise `max_query_length`",
            )
        verdicts = [validator.validate(sql) for validator in self._validators]
        passed = [verdict for verdict in verdicts if "error" not in verdict]
        # A refusal that understood the statement says more than one that met a foreign word.
        refused = sorted((one for one in verdicts if "error" in one), key=lambda one: one["rule"] in _FOREIGN)
        if passed and all(verdict["rule"] in _FOREIGN for verdict in refused):
            return ValidationResult(is_valid=True, tables=passed[0]["tables"], sql_type="SELECT")
        verdict = refused[0]
        return ValidationResult(
            is_valid=False, error=verdict["error"], code="sql_rejected", rule=verdict["rule"], hint=verdict["hint"]
        )

    def sanitize(self, sql: str) -> str:
        """The statement on one line, without comments and without the semicolon at its end.

        Its meaning stays: what stands in quotes is not touched, and MySQL's `/*! … */`, which runs, is
        kept for the guard to refuse.
        """
        from db_query_agent._sanitize import sanitize

        return sanitize(sql, backslash_escapes=self.dialect in ("mysql", "mariadb"))
