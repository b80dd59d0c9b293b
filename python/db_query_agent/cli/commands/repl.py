"""`db-query repl`, and `db-query` alone: one question after the other."""

from __future__ import annotations

import typer

from db_query_agent.cli import options
from db_query_agent.cli.asking import Asking
from db_query_agent.cli.connect import opened
from db_query_agent.cli.output import Format
from db_query_agent.cli.progress import Progress


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(repl)


def repl(
    db: options.Database = None,
    form: options.Form = None,
    limit: options.Limit = None,
    engine: options.Who = None,
    session: options.Session = None,
    history: options.History = True,
    pager: options.Pager = True,
) -> None:
    """Ask and follow up, one question after the other.

    Questions belong to one conversation, so that the next one may refer to the last: "only those from Berlin".
    Statements run as they are, commands begin with a backslash, and \\help lists them. Where the standard input is no
    terminal its lines are taken one by one, and the worst of their ends is the exit code.
    """
    from db_query_agent.cli.repl.loop import Loop

    with opened(db, engine=engine, limit=limit, keeps=session is not None) as agent:
        with Progress("reading the schema"):
            # A database that cannot be reached is better told of before the first question.
            agent.get_schema()
        one = Asking.of(agent, session=session or "terminal", records=history)
        end = Loop(one, form=form or Format.TABLE, pages=pager, records=history).run()
    if end:
        raise typer.Exit(end)
