"""What a database looks like: tables, columns, keys and indexes, read once and remembered."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

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
        """The tables that a question is most likely about, best first: those whose names, columns or
        comments share words with it, and those a foreign key of them leads to. Without any, the first ones."""
        schema = self.get_schema()
        asked = _words(query)
        scores = {name: _score(table, asked) for name, table in schema.items()}
        best = sorted((name for name in schema if scores[name] > 0), key=lambda name: -scores[name])[:max_tables]
        for name in list(best):
            for key in schema[name]["foreign_keys"]:
                if len(best) < max_tables and key["referred_table"] in schema and key["referred_table"] not in best:
                    best.append(key["referred_table"])
        return best or list(schema)[:max_tables]

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


def _score(table: dict[str, Any], asked: set[str]) -> int:
    """A table's own name says more than a column's, a column's more than a remark."""
    columns = set().union(*(_words(column["name"]) for column in table["columns"]))
    remarks = _words(" ".join(filter(None, [table["comment"], *(column["comment"] for column in table["columns"])])))
    return 10 * len(asked & _words(table["name"])) + 3 * len(asked & columns) + len(asked & remarks)


def _words(text: str) -> set[str]:
    """The words of a name or a sentence, split at case and underscores, in the singular."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return {_singular(word) for word in re.findall(r"[^\W_]+", split.lower()) if len(word) > 1}


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _column(column: dict[str, Any], include_examples: bool) -> str:
    parts = [column["name"], column["type"]]
    parts += [] if column["nullable"] else ["NOT NULL"]
    parts += ["PRIMARY KEY"] if column["primary_key"] else []
    if include_examples and column["enum_values"]:
        parts.append("(" + " | ".join(column["enum_values"]) + ")")
    return " ".join(filter(None, parts))


def _key(key: dict[str, Any]) -> str:
    return f"{','.join(key['columns'])} -> {key['referred_table']}({','.join(key['referred_columns'])})"
