"""The line that is typed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.output import create_output

from db_query_agent import DatabaseQueryAgent
from db_query_agent.cli import terminal
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.repl.completion import Names
from db_query_agent.cli.repl.loop import is_unfinished
from db_query_agent.cli.store.folder import private_file
from db_query_agent.cli.store.recorder import is_on


def prompt(agent: DatabaseQueryAgent, *, records: bool) -> Callable[[], str]:
    """A function that asks for the next input.

    Tab completes; Enter ends a question, and a statement that ends with `;`; Escape and then Enter breaks a line
    anywhere. The function raises `KeyboardInterrupt` and `EOFError` for Ctrl-C and Ctrl-D.
    """
    keys = KeyBindings()

    @keys.add("enter", filter=Condition(lambda: is_unfinished(get_app().current_buffer.text)))
    def _break(event: Any) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("escape", "enter")
    def _break_anywhere(event: Any) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("enter", filter=Condition(lambda: not is_unfinished(get_app().current_buffer.text)))
    def _submit(event: Any) -> None:
        event.current_buffer.validate_and_handle()

    # Answers may go into a pipe; what is typed is seen all the same.
    output = create_output(stdout=None if sys.stdout.isatty() else sys.stderr)
    session: PromptSession[str] = PromptSession(
        message=f"{_name(agent)}> ",
        multiline=True,
        prompt_continuation=lambda width, _number, _wrapped: "> ".rjust(width),
        completer=Names(agent),
        complete_while_typing=False,
        auto_suggest=AutoSuggestFromHistory(),
        history=_history(records),
        key_bindings=keys,
        output=output,
    )
    return lambda: session.prompt().replace("\\\n", "\n")


def _name(agent: DatabaseQueryAgent) -> str:
    """The database's name as a prompt shows it."""
    name = agent.config.database.url.partition("?")[0].rstrip("/").rpartition("/")[2]
    return terminal.line(name.removesuffix(".db").removesuffix(".sqlite")) or agent.dialect


def _history(records: bool) -> History:
    if is_on(records):
        try:
            return FileHistory(str(private_file("repl-history")))
        except Complaint as complaint:
            terminal.talk(f"note: the history is not kept: {complaint.message}", "note")
    return InMemoryHistory()
