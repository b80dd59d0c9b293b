"""Options that several commands have, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from db_query_agent.cli.connect import Engine
from db_query_agent.cli.output import Format

Database = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="URL",
        help="Where the database is; `demo` is the demo shop. Without it DATABASE_URL, also from a .env file.",
    ),
]
Form = Annotated[
    Format | None,
    typer.Option("--format", "-f", help="How to print the rows. Without it what the file's name means, or a table."),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the rows there, in UTF-8.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, metavar="ROWS", help="Most rows to read.")]
Who = Annotated[
    Engine | None,
    typer.Option("--engine", help="Who writes the SQL: rules without a model, a model, or whoever is sure enough."),
]
History = Annotated[
    bool, typer.Option("--history/--no-history", help="Whether to write it down; DB_QUERY_HISTORY=off never does.")
]
Pager = Annotated[
    bool, typer.Option("--pager/--no-pager", help="Whether more than a screen goes through $PAGER on a terminal.")
]
Session = Annotated[
    str | None,
    typer.Option("--session", metavar="NAME", help="Belong to this conversation, which is kept for follow-ups."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
