"""`db-query sql`: a statement of one's own, behind the guard."""

from __future__ import annotations

from typing import Annotated

import typer

from db_query_agent.cli import options, output
from db_query_agent.cli.asking import Asking
from db_query_agent.cli.connect import database_again, opened
from db_query_agent.cli.output import Target
from db_query_agent.cli.request import Request, from_input


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(sql)


def sql(
    statement: Annotated[
        str | None,
        typer.Argument(help="What to run; @NAME is a favourite; - or a pipe reads it from the standard input."),
    ] = None,
    db: options.Database = None,
    form: options.Form = None,
    to: options.Output = None,
    limit: options.Limit = None,
    history: options.History = True,
    pager: options.Pager = True,
) -> None:
    """Run a statement of your own behind the same guard.

    It may only read, and only what the policy allows; the limits on rows, bytes and time hold as for a question.
    """
    text, _ = from_input(statement, "statement")
    target = Target.chosen(form, to, pages=pager)
    request = Request.of(text)
    request = Request(request.text, "sql", request.database)
    with opened(database_again(request.database, db), limit=limit) as agent:
        one = Asking.of(agent, records=history)
        result = one.answer(request)
    output.emit(result, target)
    one.note(result)
