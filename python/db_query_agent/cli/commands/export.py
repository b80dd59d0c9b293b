"""`db-query export`: an answer into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from db_query_agent.cli import asking, options, output, terminal
from db_query_agent.cli.asking import Asking
from db_query_agent.cli.connect import database_again, opened
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import Target
from db_query_agent.cli.request import Request, from_input


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(export)


def export(
    what: Annotated[
        str, typer.Argument(metavar="QUESTION|SQL", help="A question, a statement, @NAME for a favourite, or -.")
    ],
    to: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Where to: .csv, .jsonl, .json, .xlsx, .parquet, .arrow, .md or .txt says the format."
        ),
    ],
    db: options.Database = None,
    form: options.Form = None,
    limit: options.Limit = None,
    engine: options.Who = None,
    history: options.History = True,
) -> None:
    """Write the answer to a question into a file."""
    target = Target.chosen(form, to)
    text, _ = from_input(what, "question")
    request = Request.of(text.strip(), may_be_sql=True)
    with opened(database_again(request.database, db), engine=engine, limit=limit) as agent:
        one = Asking.of(agent, streams=False, records=history)
        result = one.answer(request)
    if result["needs_clarification"]:
        asking.ask_back(result)
        raise typer.Exit(Exit.QUESTION)
    if not result["columns"]:
        terminal.talk(result["natural_response"], "strong")
        terminal.talk("there are no rows, so nothing was written")
        raise typer.Exit(Exit.QUESTION)
    asking.show_statement(result)
    output.emit(result, target)
    terminal.talk(f"{terminal.counted(result['row_count'], 'row')} written to {to}")
    one.note(result)
