"""The commands of `db-query` and their options."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Annotated, Any

import typer

import db_query_agent
from db_query_agent.cli import output, terminal
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import Format
from db_query_agent.exceptions import DatabaseQueryAgentError

# Typer's own tracebacks print local variables, and these hold passwords.
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

Database = Annotated[
    str | None,
    typer.Option("--db", metavar="URL", help="Where the database is. Without it DATABASE_URL, also from a .env file."),
]


class SchemaFormat(str, Enum):
    """How a schema is printed."""

    TABLE = "table"
    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def run() -> None:
    """Runs the command line."""
    with _ends():
        app()


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False) -> None:
    """Ask a SQL database a question in plain language."""
    if version:
        output.write(f"db-query {db_query_agent.__version__}\n")
        raise typer.Exit


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What to know, in plain language.")],
    db: Database = None,
    form: Annotated[Format, typer.Option("--format", help="How to print the rows.")] = Format.TABLE,
    sql_only: Annotated[bool, typer.Option("--sql-only", help="Print the SQL and do not run it.")] = False,
    no_run: Annotated[bool, typer.Option("--no-run", help="Show what would run, and stop there.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Most rows to read.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no language model, also where a key is set.")] = False,
) -> None:
    """Answer one question.

    The rows go to the standard output, the SQL and the sentence to the standard error.
    """
    options: dict[str, Any] = {"max_result_rows": limit, "model_strategy": "offline" if offline else None}
    with db_query_agent.DatabaseQueryAgent(db, **options) as agent:
        runs = not (sql_only or no_run)
        result = agent.query(question, return_results=runs)
    if result["needs_clarification"]:
        _ask_back(result)
        raise typer.Exit(Exit.QUESTION)
    if sql_only:
        output.write((result["sql"] or "") + "\n")
        return
    if result["sql"]:
        terminal.talk(result["sql"], "cyan")
    if no_run:
        terminal.talk(result["explanation"] or "")
        return
    if result["columns"] or form is Format.JSON:
        output.show(result, form)
    _explain(result)


@app.command()
def schema(
    db: Database = None,
    form: Annotated[SchemaFormat, typer.Option("--format", help="How to print the schema.")] = SchemaFormat.TABLE,
) -> None:
    """Show the tables, columns and keys that may be read."""
    extractor = db_query_agent.SchemaExtractor(db)
    tables = extractor.get_schema()
    if form is SchemaFormat.TEXT:
        output.write(extractor.format_for_llm() + "\n")
    elif form is SchemaFormat.JSON:
        output.document(tables)
    else:
        columns = ["table", "column", "type", "null", "key", "references"]
        result = db_query_agent.QueryResult({"columns": columns, "result": list(_lines(tables))})
        output.show(result, Format(form.value))
    if not tables:
        terminal.talk("the database has no table that may be read")


@app.command()
def security(
    db: Database = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Show what the login may do and which fences stand.

    Ends with 1 where a fence is down or the login can do more than read.
    """
    with db_query_agent.DatabaseQueryAgent(db) as agent:
        report = agent.security_report()
    if as_json:
        output.document(report)
    else:
        output.write(f"{report}\n")
    if not (report["engine_enforced_read_only"] and report["least_privilege"]):
        raise typer.Exit(Exit.QUESTION)


@app.command()
def demo(
    question: Annotated[str | None, typer.Argument(help="A question of your own.")] = None,
) -> None:
    """Make a shop to try things on, and ask it questions."""
    from db_query_agent.cli.show import play

    raise typer.Exit(play(question))


def _explain(result: db_query_agent.QueryResult) -> None:
    if result["natural_response"]:
        terminal.talk(result["natural_response"], "bold")
    _note(result)


def _note(result: db_query_agent.QueryResult) -> None:
    for warning in result["warnings"]:
        terminal.talk(f"note: {warning}", "yellow")


def _ask_back(result: db_query_agent.QueryResult) -> None:
    terminal.talk(result["clarification_question"] or result["natural_response"], "bold")
    for choice in result["clarification_choices"]:
        terminal.talk(f"  - {choice}")
    _note(result)


def _lines(tables: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """A line for each column."""
    for name, table in tables.items():
        references = {
            column: f"{key['referred_table']}.{referred}"
            for key in table["foreign_keys"]
            for column, referred in zip(key["columns"], key["referred_columns"], strict=False)
        }
        for column in table["columns"]:
            null = "" if column["nullable"] else "not null"
            key = "primary" if column["primary_key"] else ""
            yield name, column["name"], column["type"], null, key, references.get(column["name"], "")


@contextmanager
def _ends() -> Iterator[None]:
    """Ends the process with the exit code of what happened."""
    try:
        yield
        sys.stdout.flush()
    except DatabaseQueryAgentError as error:
        terminal.complain(error)
        sys.exit(Exit.of(error))
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:
        # Whoever read has seen enough, as `head` does; the flush at exit would complain once more.
        _drop_output()
    except OSError as error:
        # A full disk, most of all. What failed behind the agent never comes as a bare OSError.
        _drop_output()
        terminal.talk(f"error: the output cannot be written: {error.strerror or error}", "red")
        sys.exit(Exit.SYSTEM)


def _drop_output() -> None:
    """Lets the flush at exit write what is left to nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
