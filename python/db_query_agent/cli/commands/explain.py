"""`db-query explain`: what a question or a statement would do."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from db_query_agent import DatabaseQueryAgent
from db_query_agent.cli import options, output, terminal
from db_query_agent.cli.asking import Asking
from db_query_agent.cli.connect import database_again, opened
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output.sql import highlighted
from db_query_agent.cli.progress import Progress
from db_query_agent.cli.request import Request, from_input
from db_query_agent.exceptions import DatabaseQueryAgentError, ValidationError


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(explain)


def explain(
    what: Annotated[
        str | None, typer.Argument(metavar="QUESTION|SQL", help="A question, a statement, or @NAME for a favourite.")
    ] = None,
    db: options.Database = None,
    as_json: options.AsJson = False,
    is_statement: Annotated[
        bool | None, typer.Option("--sql/--question", help="Which of the two it is, where it reads as the other.")
    ] = None,
    engine: options.Who = None,
) -> None:
    """Tell what a question or a statement would do, and run nothing.

    What it does, what it reads, what the guard says, and what the database expects it to cost. Ends with 1 where the
    guard refuses it.
    """
    text, _ = from_input(what, "question or statement")
    request = Request.of(text, may_be_sql=is_statement is not False)
    if is_statement is not None:
        request = Request(request.text, "sql" if is_statement else "question", request.database)
    with opened(database_again(request.database, db), engine=engine) as agent:
        explained, end = explanation(agent, request)
    if as_json:
        output.document(explained)
    elif explained["clarification_question"]:
        terminal.talk(explained["clarification_question"], "strong")
        for choice in explained["clarification_choices"]:
            terminal.talk(f"  - {choice}")
    else:
        output.lines(lines(explained))
    if end:
        raise typer.Exit(end)


def explanation(agent: DatabaseQueryAgent, request: Request) -> tuple[dict[str, Any], Exit]:
    """What is known of a request before anything runs, and whether it may."""
    told: dict[str, Any] = {
        "question": None,
        "sql": request.text,
        "explanation": None,
        "engine": None,
        "confidence": None,
        "clarification_question": None,
        "clarification_choices": [],
        "allowed": None,
        "rule": None,
        "reason": None,
        "hint": None,
    }
    if request.kind == "question":
        # Nothing is written down: nobody has asked it yet.
        result = Asking.of(agent, records=False, streams=False).answer(request, runs=False)
        kept = ("sql", "explanation", "engine", "confidence", "clarification_question", "clarification_choices")
        told |= {"question": request.text, **{key: result[key] for key in kept}}
        told["warnings"] = list(result["warnings"])
        if not result["sql"]:
            told["explanation"] = told["explanation"] or result["natural_response"]
            return told, Exit.QUESTION if result["needs_clarification"] else Exit.FINE
    try:
        with Progress("checking the statement"):
            seen = agent.explain_sql(told["sql"])
    except DatabaseQueryAgentError as error:
        if not isinstance(error, ValidationError) and error.code != "too_expensive":
            raise
        refusal = {"allowed": False, "rule": error.rule, "reason": error.message, "hint": error.hint}
        return told | refusal, Exit.of(error)
    warnings = [*told.get("warnings", []), *seen["warnings"]]
    return told | seen | {"allowed": True, "warnings": list(dict.fromkeys(warnings))}, Exit.FINE


def lines(told: dict[str, Any]) -> list[str]:
    """An explanation for a person, safe to print."""
    import sys

    said: list[str] = []
    if told["sql"]:
        said += [highlighted(told["sql"], sys.stdout), ""]

    def fact(name: str, value: Any, style: str = "") -> None:
        if value:
            text = terminal.paint(terminal.safe(str(value)), style, sys.stdout)
            said.append(f"{terminal.paint(f'{name}:', 'strong', sys.stdout):<10} {text}")

    fact("does", told["explanation"])
    if told["engine"]:
        fact("engine", f"{told['engine']}, {told['confidence']:.0%} sure")
    if told["allowed"]:
        fact("guard", "lets it through" + (", narrowed by row filters" if told["filtered"] else ""), "answer")
        fact("reads", ", ".join(told["tables"]) or "no table")
        fact("columns", ", ".join(told["columns"]))
        fact("functions", ", ".join(told["functions"]))
        fact("masked", "columns of the result come out as ***" if told["masked"] else None)
        fact("expected", _estimate(told["estimate"]))
    elif told["allowed"] is False:
        fact("guard", f"refuses it ({told['rule']}): {told['reason']}", "error")
        fact("hint", told["hint"])
    for warning in told.get("warnings", []):
        fact("note", warning, "note")
    return [f"{line}\n" for line in said]


def _estimate(estimate: dict[str, Any] | None) -> str | None:
    if estimate is None:
        return None
    cost = "" if estimate["cost"] is None else f", a cost of {estimate['cost']:,.0f}"
    loose = "; tables are joined without a condition" if estimate["cartesian"] else ""
    return f"{estimate['rows']:,.0f} rows at the largest step{cost}{loose}"
