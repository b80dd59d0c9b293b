"""`db-query sessions`: conversations."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from db_query_agent import DatabaseQueryAgent
from db_query_agent.cli import options, output, terminal
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.connect import opened
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output.sql import highlighted

Name = Annotated[str, typer.Argument(help="The name of the conversation.")]

_NO_DATABASE = "sqlite:///:memory:"
"""Conversations are looked at without asking a database, so none has to be named."""


def register(app: typer.Typer) -> None:
    """Adds the commands to `app`."""
    app.callback(invoke_without_command=True)(every)
    app.command("list")(every_one)
    app.command("show")(show)
    app.command("delete")(delete)


def every(context: typer.Context) -> None:
    """List, show and delete conversations. Alone it lists them.

    They are those of `--session NAME`, in your own folder or where SESSION_BACKEND and its like say. Unlike the
    history they hold answers.
    """
    if context.invoked_subcommand is None:
        every_one()


def every_one(as_json: options.AsJson = False) -> None:
    """List conversations, the latest first."""
    with opened(_NO_DATABASE, keeps=True) as agent:
        names = agent.list_sessions()
    if as_json:
        output.document(names)
    elif names:
        output.lines(terminal.line(name) + "\n" for name in names)
    else:
        terminal.talk("there is no conversation: --session NAME begins one")


def show(name: Name, as_json: options.AsJson = False) -> None:
    """Show what was said."""
    with opened(_NO_DATABASE, keeps=True) as agent:
        said = _history(agent, name)
    if as_json:
        output.document(said)
    else:
        output.lines(_lines(said))


def _lines(said: list[dict[str, Any]]) -> list[str]:
    import sys

    lines = []
    for message in said:
        text = terminal.safe(message["content"] or "")
        if message["role"] == "user":
            lines.append(terminal.paint(f"? {text}", "strong", sys.stdout) + "\n")
            continue
        if message["sql"]:
            lines.append(highlighted(message["sql"], sys.stdout) + "\n")
        lines.append(terminal.paint(text, "answer", sys.stdout) + "\n\n")
    return lines


def delete(chosen: Annotated[list[str], typer.Argument(metavar="NAME...", help="Their names.")]) -> None:
    """Delete conversations."""
    with opened(_NO_DATABASE, keeps=True) as agent:
        for name in chosen:
            _history(agent, name)
            agent.delete_session(name)
    terminal.talk(f"{len(chosen)} deleted")


def _history(agent: DatabaseQueryAgent, name: str) -> list[dict[str, Any]]:
    said = agent.get_session_history(name)
    if said is None:
        hint = "`db-query sessions` lists them"
        raise Complaint(f"there is no conversation `{name}`", hint=hint, end=Exit.QUESTION)
    return said
