"""`db-query config`: every option, its value, and where it came from."""

from __future__ import annotations

import os
import re
from typing import Annotated, Any

import typer

from db_query_agent import QueryResult, _core
from db_query_agent import config as configuration
from db_query_agent.cli import options, output
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.connect import locate
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import Target

MASK = "***"


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(config)


def config(
    names: Annotated[list[str] | None, typer.Argument(metavar="[OPTION]...", help="Only these.")] = None,
    db: options.Database = None,
    limit: options.Limit = None,
    engine: options.Who = None,
    given: Annotated[bool, typer.Option("--given", help="Only options that differ from a default.")] = False,
    as_json: options.AsJson = False,
    pager: options.Pager = True,
) -> None:
    """Show each option, its value, and where it came from: an argument, the environment, a .env file, a default.

    Secrets are masked. A value that cannot be used is said as an error.
    """
    arguments: dict[str, Any] = {
        "database_url": locate(db),
        "max_result_rows": limit,
        "model_strategy": engine.strategy if engine else None,
    }
    arguments = {name: value for name, value in arguments.items() if value is not None}
    rows = [row for row in table(arguments) if not names or row["option"] in names]
    if names and (missing := set(names) - {row["option"] for row in rows}):
        raise Complaint(f"no option is called `{min(missing)}`", hint="docs/options.md lists them", end=Exit.USAGE)
    rows = [row for row in rows if not given or row["source"] != "default"]
    # Nobody is connected to; this tells of values that no agent takes.
    configuration.AgentConfig.from_env(**({"database_url": "sqlite://"} | arguments))
    if as_json:
        output.document(rows)
        return
    columns = ["option", "value", "source", "variable"]
    cells = [tuple(row[name] for name in columns) for row in rows]
    output.emit(QueryResult({"columns": columns, "result": cells}), Target(pages=pager))


def table(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """A line for each option."""
    known = configuration.environment()
    rows = []
    for option in _core.options():
        name, variable = option["name"], option["environment"]
        if name in arguments:
            value, source = str(arguments[name]), "argument"
        elif variable in known:
            value, source = known[variable], "environment" if variable in os.environ else ".env"
        else:
            value, source = option["default"], "default"
        shown = value if value is None or source == "default" else masked(name, value, secret=option["secret"])
        about = option["about"]
        rows.append({"option": name, "value": shown, "source": source, "variable": variable, "about": about})
    return rows


def masked(name: str, value: str, *, secret: bool) -> str:
    """`value` without what must not be seen: of an address all but its password and its parameters may be."""
    if name.endswith("url") and (found := re.match(r"([\w+.-]+://)(.*)", value, re.DOTALL)):
        scheme, rest = found.groups()
        address, has_query, _ = rest.partition("?")
        # The last `@` counts: a password may hold one.
        login, has_login, place = address.rpartition("@")
        user, has_password, _ = login.partition(":")
        if has_login and name not in ("database_url", "session_url"):
            # What is no database may take a token for a name.
            user, has_password = "", ":"
        hidden = f"{user}:{MASK}@" if has_password else f"{login}{has_login}"
        return f"{scheme}{hidden}{place}" + (f"?{MASK}" if has_query else "")
    return MASK if secret and value else value
