"""Asking something again that was kept."""

from __future__ import annotations

import typer

from db_query_agent.cli import asking, output
from db_query_agent.cli.asking import Asking
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.connect import Engine, database_again, opened
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import Target
from db_query_agent.cli.request import Request
from db_query_agent.cli.store.library import Entry, Favorite


def request(kept: Entry | Favorite, *, as_answered: bool) -> Request:
    """What to ask: the question anew, so that "last month" moves on, or the statement that answered it. A follow-up
    means nothing without what came before, so its statement is run."""
    if not as_answered and kept.kind != "follow-up":
        return Request(kept.text, kept.kind, kept.database)
    if not kept.sql:
        raise Complaint("no statement was kept with it", end=Exit.QUESTION)
    return Request(kept.sql, "sql", kept.database)


def run(request: Request, db: str | None, target: Target, limit: int | None, engine: Engine | None) -> None:
    """Asks or runs it and shows what comes."""
    with opened(database_again(request.database, db), engine=engine, limit=limit) as agent:
        one = Asking.of(agent)
        result = one.answer(request)
    if result["needs_clarification"]:
        asking.ask_back(result)
        raise typer.Exit(Exit.QUESTION)
    asking.show_statement(result)
    if result["columns"]:
        output.emit(result, target)
    one.tell(result)
