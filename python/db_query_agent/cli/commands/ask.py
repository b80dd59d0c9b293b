"""`db-query ask`: questions in, rows out."""

from __future__ import annotations

from typing import Annotated

import typer

from db_query_agent import QueryResult, _shapes
from db_query_agent.cli import asking, options, output, terminal
from db_query_agent.cli.asking import Asking
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.connect import Engine, database_again, opened
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import Format, Target
from db_query_agent.cli.request import Request, from_input
from db_query_agent.exceptions import DatabaseQueryAgentError


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(ask)


def ask(
    question: Annotated[
        str | None,
        typer.Argument(
            help="What to know, in plain language; @NAME is a favourite; - or a pipe gives one question a line."
        ),
    ] = None,
    db: options.Database = None,
    form: options.Form = None,
    to: options.Output = None,
    sql_only: Annotated[bool, typer.Option("--sql-only", help="Print the SQL and do not run it.")] = False,
    no_run: Annotated[bool, typer.Option("--no-run", help="Show what would run, and stop there.")] = False,
    limit: options.Limit = None,
    engine: options.Who = None,
    offline: Annotated[bool, typer.Option("--offline", help="Short for --engine offline.")] = False,
    stream: Annotated[
        bool | None, typer.Option("--stream/--no-stream", help="Show the sentence while it is written.")
    ] = None,
    session: options.Session = None,
    history: options.History = True,
    pager: options.Pager = True,
) -> None:
    """Answer questions in plain language.

    The rows go to the standard output, the SQL and the sentence to the standard error. Several questions from the
    standard input are answered in turn, and the worst of their ends is the exit code.
    """
    text, is_piped = from_input(question, "question")
    questions = [line for line in text.splitlines() if line.strip()] if is_piped else [text]
    runs = not (sql_only or no_run)
    target = Target.chosen(form, to, compact=is_piped, pages=pager)
    if len(questions) > 1 and (to is not None or target.form.is_binary):
        raise Complaint("several questions do not fit into one file", hint="ask them one at a time")
    requests = [Request.of(one) for one in questions]
    place = database_again(requests[0].database, db)
    who = Engine.OFFLINE if offline else engine
    with opened(place, engine=who, limit=limit, keeps=session is not None) as agent:
        one = Asking.of(agent, session=session, streams=stream, records=history)
        ends = []
        for number, request in enumerate(requests):
            if number and target.form not in (Format.JSON, Format.JSONL):
                output.write("\n")
            try:
                ends.append(_turn(one, request, target, runs=runs, sql_only=sql_only))
            except DatabaseQueryAgentError as error:
                if not is_piped:
                    raise
                terminal.complain(error)
                if target.form is Format.JSON:
                    output.emit(QueryResult(_shapes.failure(request.text, error)), target)
                ends.append(Exit.of(error))
    if worst := max(ends):
        raise typer.Exit(worst)


def _turn(one: Asking, request: Request, target: Target, *, runs: bool, sql_only: bool) -> Exit:
    """One question and what is said of it."""
    result = one.answer(request, runs=runs)
    if result["needs_clarification"]:
        if target.form is Format.JSON and target.compact:
            output.emit(result, target)
        asking.ask_back(result)
        return Exit.QUESTION
    if sql_only:
        output.write((result["sql"] or "") + "\n")
        return Exit.FINE
    asking.show_statement(result)
    if not runs:
        terminal.talk(result["explanation"] or "")
        return Exit.FINE
    if result["columns"] or target.form is Format.JSON:
        output.emit(result, target)
    one.tell(result)
    return Exit.FINE
