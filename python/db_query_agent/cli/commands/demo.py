"""`db-query demo`: questions to a shop, with everything that comes of them."""

from __future__ import annotations

import shlex
import sys
from typing import Annotated

import typer

from db_query_agent import DatabaseQueryAgent
from db_query_agent.cli import output, terminal
from db_query_agent.cli.connect import DEMO, locate
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import Target
from db_query_agent.cli.output.sql import highlighted
from db_query_agent.exceptions import DatabaseQueryAgentError

SHOWN_ROWS = 8
"""Rows of an answer that fit beside a dozen others."""


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(demo)


def demo(
    question: Annotated[str | None, typer.Argument(help="A question of your own.")] = None,
    ui: Annotated[bool, typer.Option("--ui", help="Show it as a page in a browser.")] = False,
) -> None:
    """Make a shop to try things on, and ask it questions."""
    if ui:
        from db_query_agent.demo.ui.start import serve

        serve([])
    from db_query_agent.demo import QUESTIONS

    url = locate(DEMO) or ""
    worst = Exit.FINE
    with DatabaseQueryAgent(url) as agent:
        for one in [question] if question else QUESTIONS:
            worst = max(worst, _turn(agent, one))
    _what_next(url, asked=question is not None)
    raise typer.Exit(worst)


def _turn(agent: DatabaseQueryAgent, question: str) -> Exit:
    _say(f"\n? {question}", "strong")
    try:
        result = agent.query(question)
    except DatabaseQueryAgentError as error:
        terminal.complain(error)
        return Exit.of(error)
    if result["needs_clarification"]:
        _say(result["clarification_question"] or result["natural_response"])
        for choice in result["clarification_choices"]:
            _say(f"  - {choice}")
        return Exit.QUESTION
    sys.stdout.write(highlighted(result["sql"] or "", sys.stdout) + "\n")
    output.emit(result, Target(pages=False), SHOWN_ROWS)
    if (more := result["row_count"] - SHOWN_ROWS) > 0:
        _say(f"… and {more} more", "faint")
    _say(result["natural_response"], "answer")
    _say(f"({result['engine']}, {result['execution_time'] * 1000:.1f} ms)", "faint")
    for warning in result["warnings"]:
        _say(f"note: {warning}", "note")
    return Exit.FINE


def _what_next(url: str, *, asked: bool) -> None:
    _say("\nWhat to type next:", "strong")
    if not asked:
        _say('  db-query demo "Top 3 products by price"         a question of your own')
    database = shlex.quote(url)
    _say("  db-query --db demo                              a conversation with the shop")
    _say(f"  db-query schema --db {database}")
    _say(f'  db-query ask "How many customers are there?" --db {database}')
    _say("Put the URL of your own database behind --db, for example postgresql://user@localhost/name.")


def _say(text: str, style: str = "") -> None:
    """The whole show is data: it goes to the standard output."""
    sys.stdout.write(terminal.paint(terminal.safe(text), style, sys.stdout) + "\n")
