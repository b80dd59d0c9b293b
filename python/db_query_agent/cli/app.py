"""The command line: options before a command, the commands, and the ends of all of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import db_query_agent
from db_query_agent.cli import connect, terminal
from db_query_agent.cli.commands import COMMANDS
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.terminal import Color
from db_query_agent.exceptions import DatabaseQueryAgentError

_PLAIN: dict[str, Any] = {
    # Typer's own tracebacks print local variables, and these hold passwords.
    "pretty_exceptions_enable": False,
    # Its help by Rich takes a tenth of a second more.
    "rich_markup_mode": None,
}


class Commands(TyperGroup):
    """Commands that are imported when they are called."""

    def list_commands(self, _context: Any) -> list[str]:
        """All of them, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, _context: Any, name: str) -> Any:
        """The command of that name."""
        if name not in COMMANDS:
            return None
        module = import_module(f"db_query_agent.cli.commands.{name}")
        one = typer.Typer(add_completion=False, help=COMMANDS[name], **_PLAIN)
        module.register(one)
        command: Any = typer.main.get_command(one)
        for leaf in [command, *getattr(command, "commands", {}).values()]:
            leaf.params.append(_color())
        return command

    def invoke(self, ctx: Any) -> Any:
        """Runs a command; inside of it, since Typer has ends of its own for Ctrl-C and for a reader that left."""
        with ends():
            return super().invoke(ctx)

    def format_commands(self, _context: Any, formatter: Any) -> None:
        """The table, for which no command has to be imported."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _color() -> Any:
    """`--color`, which stands behind a command as well as before it."""
    holder = typer.Typer(add_completion=False, **_PLAIN)

    # Only a command of Typer's own makes an option whose form no version of Typer changes.
    @holder.command()
    def hold(
        color: Annotated[
            Color | None,
            typer.Option(
                help="When to use colours; auto: on a terminal, unless NO_COLOR is set.",
                callback=lambda value: value and terminal.set_color(Color(value)),
                expose_value=False,
            ),
        ] = None,
    ) -> None:
        """Holds the option."""

    return typer.main.get_command(holder).params[0]


app = typer.Typer(
    cls=Commands,
    add_completion=True,
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog="Data goes to the standard output, all else to the standard error. Exit codes: docs/terminal.md.",
    **_PLAIN,
)


def command() -> Any:
    """The whole tree of commands, to be looked at."""
    root: Any = typer.main.get_command(app)
    root.params.append(_color())
    return root


def run() -> None:
    """Runs the command line."""
    with ends():
        command()(prog_name="db-query")


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    db: Annotated[
        str | None, typer.Option("--db", metavar="URL", help="Where the database is, for commands that name none.")
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
) -> None:
    """Ask a SQL database a question in plain language.

    Alone, on a terminal, it asks for one question after the other.
    """
    connect.use(db)
    if version:
        sys.stdout.write(f"db-query {db_query_agent.__version__}\n")
        raise typer.Exit
    if context.invoked_subcommand is None:
        if not sys.stdin.isatty():
            sys.stderr.write(context.get_help() + "\n")
            raise typer.Exit(Exit.USAGE)
        from db_query_agent.cli.commands.repl import repl

        repl()


@contextmanager
def ends() -> Iterator[None]:
    """Ends the process with the exit code of what happened."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except DatabaseQueryAgentError as error:
        terminal.complain(error)
        sys.exit(Exit.of(error))
    except Complaint as complaint:
        terminal.complain(complaint)
        sys.exit(complaint.end)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError as error:
        # Whoever read has seen enough, as `head` does; the flush at exit would complain once more.
        _drop_output()
        if isinstance(error.__context__, typer.Exit):
            raise error.__context__ from None
    except OSError as error:
        # A full disk, most of all. What failed behind the agent never comes as a bare OSError.
        _drop_output()
        named = f" to `{error.filename}`" if error.filename else ""
        terminal.talk(f"error: the output cannot be written{named}: {error.strerror or error}", "error")
        sys.exit(Exit.SYSTEM)


def _drop_output() -> None:
    """Lets the flush at exit write what is left to nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
