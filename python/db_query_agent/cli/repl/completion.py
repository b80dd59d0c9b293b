"""Names for the line that is typed: tables, columns, commands, favourites, formats."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from db_query_agent import DatabaseQueryAgent
from db_query_agent.cli import terminal
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.output import Format
from db_query_agent.cli.repl import commands
from db_query_agent.cli.request import is_sql
from db_query_agent.cli.store.library import library
from db_query_agent.exceptions import DatabaseQueryAgentError

_WORD = re.compile(r"[\w.@\"`]*$")
_PLAIN = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


class Names(Completer):
    """Completes what is before the cursor."""

    def __init__(self, agent: DatabaseQueryAgent) -> None:
        self._agent = agent
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """What the text before the cursor may become."""
        text = document.text_before_cursor
        command, blank, argument = text.partition(" ")
        if text.startswith("\\") and not blank:
            yield from _matching(text, ((one.name, one.about) for one in commands.COMMANDS.values()))
        elif command == "\\export":
            yield from self._paths.get_completions(Document(argument), complete_event)
        elif command == "\\format":
            yield from _matching(argument, ((form.value, "") for form in Format if not form.is_binary))
        elif command == "\\run":
            yield from _matching(argument, _favorites())
        elif command == "\\d":
            yield from _matching(argument, self._tables())
        elif text.startswith("@"):
            yield from _matching(text[1:], _favorites())
        else:
            word = _WORD.search(text)
            typed = word.group() if word else ""
            if typed:
                quotes = command == "\\sql" or is_sql(text)
                names = (*self._tables(), *self._columns(typed))
                mark = "`" if self._agent.dialect in ("mysql", "mariadb") else '"'
                yield from _matching(typed, ((_quoted(name, mark) if quotes else name, meta) for name, meta in names))

    def _tables(self) -> Iterator[tuple[str, str]]:
        for name, table in self._schema().items():
            yield name, table["kind"]

    def _columns(self, typed: str) -> Iterator[tuple[str, str]]:
        """Columns by name, each once; behind `table.` those of the table."""
        table, dot, _ = typed.rpartition(".")
        schema = self._schema()
        if dot:
            for column in schema.get(table, {"columns": ()})["columns"]:
                yield f"{table}.{column['name']}", column["type"]
            return
        seen: dict[str, str] = {}
        for name, one in schema.items():
            for column in one["columns"]:
                seen[column["name"]] = f"{seen[column['name']]}, {name}" if column["name"] in seen else name
        for column_name, tables in seen.items():
            yield column_name, tables if len(tables) <= 40 else f"{tables[:39]}…"

    def _schema(self) -> dict[str, Any]:
        try:
            return self._agent.get_schema()
        except DatabaseQueryAgentError:
            # The question will say so; a menu is no place for it.
            return {}


def _matching(typed: str, entries: Iterable[tuple[str, str]]) -> Iterator[Completion]:
    wanted = typed.lower().lstrip('"`')
    for name, about in entries:
        if name.lower().lstrip('"`').startswith(wanted):
            yield Completion(name, -len(typed), display=terminal.line(name), display_meta=terminal.line(about))


def _favorites() -> Iterator[tuple[str, str]]:
    try:
        with library() as kept:
            found = kept.favorites()
    except Complaint:
        # As above: the command that needs them says what is wrong.
        return
    for favorite in found:
        yield favorite.name, favorite.text


def _quoted(name: str, mark: str) -> str:
    return name if _PLAIN.fullmatch(name) else mark + name.replace(mark, mark * 2) + mark
