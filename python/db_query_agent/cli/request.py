"""What was typed: a question, a statement, or the name of a favourite."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.exits import Exit

# `select all customers from Berlin` is read as a statement, as a terminal for databases should: what begins like one
# and goes on like one. Everything else is a question, among them `With which card …` and `Show all users`.
_SQL = re.compile(
    r"""\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*|\(\s*)*(?:
        select\s.*?\bfrom\s | select\s+(?:[\d'"*@(+-]|null\b|distinct\b|count\b|current_|now\b)
        | values\s*\( | table\s+\w+\s*;?\s*$
        | with\s+(?:recursive\s+)?[\w"`]+\s*(?:\([^)]*\)\s*)?as\s*(?:not\s+)?(?:materialized\s*)?\(
        | insert\s+into\s | update\s+\S+\s+set\s | delete\s+from\s | truncate\s+(?:table\s)?\S+\s*;?\s*$
        | (?:create|drop|alter)\s+(?:or\s+replace\s+)?(?:temp\w*\s+)?
          (?:table|view|index|schema|database|user|role|function)\s
        | (?:explain|grant|revoke|vacuum|attach|pragma|copy|merge|call|begin|commit|rollback)\b
          .*(?:;|\b(?:on|into|to|as)\b|=|\()
    )""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


def is_sql(text: str) -> bool:
    """Whether `text` reads as a statement and not as a question."""
    return _SQL.match(text) is not None


@dataclass(frozen=True)
class Request:
    """Something to be asked or run."""

    text: str
    kind: str = "question"
    """`question` or `sql`."""
    database: str = ""
    """Where it was saved for, without its password."""

    @classmethod
    def of(cls, text: str, *, may_be_sql: bool = False) -> Request:
        """What `text` means: `@name` is a favourite; with `may_be_sql` a text that reads as SQL is a statement."""
        if text.startswith("@") and len(text.split()) == 1 and len(text) > 1:
            from db_query_agent.cli.store.library import library

            with library() as kept:
                favorite = kept.favorite(text[1:])
            if favorite.kind == "follow-up":
                return cls(favorite.sql or favorite.text, "sql", favorite.database)
            return cls(favorite.text, favorite.kind, favorite.database)
        return cls(text, "sql" if may_be_sql and is_sql(text) else "question")


def from_input(given: str | None, what: str) -> tuple[str, bool]:
    """The argument, or with `-` or without one what the standard input holds, and whether it came from there."""
    if given is not None and given != "-":
        return given, False
    if given is None and sys.stdin.isatty():
        raise Complaint(f"there is no {what}", hint="give it as an argument, or `-` to read it from the standard input")
    if sys.stdin.isatty():
        sys.stderr.write(f"Type the {what}, then Ctrl-D.\n")
    text = sys.stdin.read()
    if not text.strip():
        raise Complaint(f"there is no {what} in the standard input", end=Exit.QUESTION)
    return text, True
