"""What a database looks like: tables, columns, keys and indexes, read once and remembered."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from db_query_agent import _waiting

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SchemaExtractor"]


class SchemaExtractor:
    """Reads the schema of a database.

    `engine` is a database URL or a SQLAlchemy `Engine`, `cache_ttl` the seconds the schema is remembered.
    """

    def __init__(self, engine: Any, cache_ttl: float = 3600) -> None:
        self.engine = engine
        self.cache_ttl = cache_ttl
        self._agent: Any = None
        self._schema: dict[str, Any] | None = None
        self._read_at = 0.0

    def get_schema(self, force_refresh: bool = False) -> dict[str, Any]:
        """Tables and views by name.

        A name is bare in the default schema and `schema.name` in others. Each table has `name`, `schema`,
        `kind` (`"table"`, `"view"`, …), `reads` (the tables that a view's definition names; `None` where that
        is not known), `comment`, `columns`, `primary_keys`, `foreign_keys`, `indexes` and `row_estimate`.
        `columns` is a list of dictionaries (`name`, `type`, `nullable`, `default`, `primary_key`, `generated`,
        `comment`, `enum_values`) that also knows its columns by name: `"id" in schema["users"]["columns"]`.
        The tables are shared between calls: copy before changing one.

        Raises:
            SchemaExtractionError, ConnectionError: the schema cannot be read
        """
        age = time.monotonic() - self._read_at
        if self._schema is None or force_refresh or age >= self.cache_ttl:
            if self._agent is None:
                self._connect()
            self._schema = self._agent.get_schema(force_refresh=True)
            self._read_at = time.monotonic()
        return dict(self._schema)

    def get_relevant_tables(self, query: str, max_tables: int = 5) -> list[str]:
        """The tables that a question is most likely about, best first: found as for a question to an agent, by
        their names, columns, comments and stored values, with the tables that join them and those that a foreign
        key of them leads to. Where it is about none, the first ones.

        Raises:
            SchemaExtractionError, ConnectionError: the schema cannot be read
        """
        self.get_schema()
        names: list[str] = _waiting.take(self._agent._core.relevant_tables(query, max(max_tables, 0)))
        return names

    def format_for_llm(self, tables: Iterable[str] | None = None, include_examples: bool = True) -> str:
        """The schema as text for a model: names, types and keys, never a row. With `include_examples`
        the values of enumeration types are listed, which are part of the schema too."""
        schema = self.get_schema()
        lines = ["Database Schema:", ""]
        for name in schema if tables is None else [name for name in tables if name in schema]:
            table = schema[name]
            lines.append(f"{'View' if 'view' in table['kind'] else 'Table'}: {name}")
            lines.append("  Columns: " + ", ".join(_column(column, include_examples) for column in table["columns"]))
            if table["foreign_keys"]:
                lines.append("  Foreign Keys: " + "; ".join(map(_key, table["foreign_keys"])))
            lines.append("")
        return "\n".join(lines)

    def get_dialect(self) -> str:
        """SQLAlchemy's name of the dialect: `"sqlite"`, `"postgresql"`, `"mysql"`."""
        if self._agent is None:
            self._connect()
        dialect: str = self._agent.dialect
        return dialect

    def _connect(self) -> None:
        from db_query_agent.agent import DatabaseQueryAgent

        if self._agent is not None:
            self._agent.close()
        self._agent = DatabaseQueryAgent(self.engine, model_strategy="offline", pool_size=1, warmup_on_init=False)

    def __repr__(self) -> str:
        return f"SchemaExtractor({self._agent!r})" if self._agent else "SchemaExtractor(…)"


def _column(column: dict[str, Any], include_examples: bool) -> str:
    parts = [column["name"], column["type"]]
    parts += [] if column["nullable"] else ["NOT NULL"]
    parts += ["PRIMARY KEY"] if column["primary_key"] else []
    if include_examples and column["enum_values"]:
        parts.append("(" + " | ".join(column["enum_values"]) + ")")
    return " ".join(filter(None, parts))


def _key(key: dict[str, Any]) -> str:
    return f"{','.join(key['columns'])} -> {key['referred_table']}({','.join(key['referred_columns'])})"
