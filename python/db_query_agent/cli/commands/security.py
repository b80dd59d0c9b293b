"""`db-query security`: what the login may do."""

from __future__ import annotations

import typer

from db_query_agent.cli import options, output
from db_query_agent.cli.connect import opened
from db_query_agent.cli.exits import Exit


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(security)


def security(db: options.Database = None, as_json: options.AsJson = False) -> None:
    """Show what the login may do and which fences stand.

    Ends with 1 where a fence is down or the login can do more than read.
    """
    with opened(db) as agent:
        report = agent.security_report()
    if as_json:
        output.document(report)
    else:
        output.write(f"{report}\n")
    if not (report["engine_enforced_read_only"] and report["least_privilege"]):
        raise typer.Exit(Exit.QUESTION)
