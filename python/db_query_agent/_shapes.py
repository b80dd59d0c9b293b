"""The forms of the released 0.1.4, made from what the core gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db_query_agent.exceptions import DatabaseQueryAgentError


class Columns(list[dict[str, Any]]):
    """The columns of a table in order. A column is also found by its name: `"id" in columns`, `columns["id"]`."""

    def __contains__(self, wanted: object) -> bool:
        return any(column["name"] == wanted or column == wanted for column in self)

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        for column in self:
            if column["name"] == key:
                return column
        raise KeyError(key)


def schema(given: dict[str, Any]) -> dict[str, Any]:
    """Tables by name, as a mapping of the caller's own over tables that are shared."""
    tables: dict[str, Any] = given["tables"]
    for table in tables.values():
        if not isinstance(table["columns"], Columns):
            table["columns"] = Columns(table["columns"])
    return dict(tables)


def schema_info(given: dict[str, Any], include_foreign_keys: bool) -> dict[str, Any]:
    """Counts and relationships around the tables."""
    tables = schema(given)
    info: dict[str, Any] = {
        "dialect": given["dialect"],
        "default_schema": given["default_schema"],
        "total_tables": len(tables),
        "tables": {},
        "relationships": None,
    }
    if include_foreign_keys:
        info["relationships"] = [
            {
                "from_table": name,
                "from_columns": key["columns"],
                "to_table": key["referred_table"],
                "to_columns": key["referred_columns"],
            }
            for name, table in tables.items()
            for key in table["foreign_keys"]
        ]
    for name, table in tables.items():
        keys = [{**key, "constrained_columns": key["columns"]} for key in table["foreign_keys"]]
        info["tables"][name] = {**table, "foreign_keys": keys if include_foreign_keys else None}
    return info


def messages(turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A conversation as messages."""
    said: list[dict[str, Any]] = []
    for turn in turns:
        said.append({"role": "user", "content": turn["question"], "at": turn["at"]})
        said.append({"role": "assistant", "content": turn["answer"], "sql": turn["sql"], "at": turn["at"]})
    return said


def failure(question: Any, error: DatabaseQueryAgentError) -> dict[str, Any]:
    """The answer to a question that failed, with every key a result has."""
    said = f"{error.message}; {error.hint}" if error.hint else error.message
    return blank(question) | {"sql": error.sql, "natural_response": said, "error": error.to_dict()}


def blank(question: Any) -> dict[str, Any]:
    """Every key a result has, with nothing in it."""
    return {
        "question": question,
        "sql": None,
        "result": [],
        "columns": [],
        "natural_response": "",
        "execution_time": 0.0,
        "explanation": "",
        "confidence": 0.0,
        "needs_clarification": False,
        "clarification_question": None,
        "clarification_choices": [],
        "engine": None,
        "agent_used": None,
        "cached": False,
        "as_of": None,
        "is_casual": False,
        "truncated": False,
        "row_count": 0,
        "warnings": [],
        "usage": {
            "prompt_tokens": 0,
            "cached_tokens": 0,
            "completion_tokens": 0,
            "calls": 0,
            "unpriced_calls": 0,
            "cost": 0.0,
        },
        "error": None,
    }
