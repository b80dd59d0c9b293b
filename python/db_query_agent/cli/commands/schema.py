"""`db-query schema`: what may be read."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

import typer

from db_query_agent import QueryResult, SchemaExtractor
from db_query_agent.cli import options, output, terminal
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.connect import locate, opened
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import Format, Target
from db_query_agent.cli.progress import Progress


class SchemaFormat(str, Enum):
    """How a schema is printed."""

    TREE = "tree"
    TABLE = "table"
    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    MERMAID = "mermaid"


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(schema)


def schema(
    tables: Annotated[list[str] | None, typer.Argument(metavar="[TABLE]...", help="Only these tables.")] = None,
    db: options.Database = None,
    form: Annotated[
        SchemaFormat,
        typer.Option("--format", "-f", help="How to print it; mermaid: an entity diagram, text: as a model sees it."),
    ] = SchemaFormat.TREE,
    refresh: Annotated[bool, typer.Option("--refresh", help="Read it anew, also where it is remembered.")] = False,
    pager: options.Pager = True,
) -> None:
    """Show the tables, columns and keys that may be read."""
    from db_query_agent.cli import drawing

    with opened(db) as agent, Progress("reading the schema"):
        found = agent.get_schema(force_refresh=refresh)
    chosen = {name: found[name] for name in tables or found if name in found}
    if missing := [name for name in tables or () if name not in found]:
        hint = f"there are {', '.join(f'`{name}`' for name in sorted(found))}" if len(found) <= 30 else None
        raise Complaint(f"there is no table `{missing[0]}` that may be read", hint=hint, end=Exit.QUESTION)
    if form is SchemaFormat.JSON:
        output.document(chosen)
    elif form is SchemaFormat.TEXT:
        output.write(SchemaExtractor(locate(db)).format_for_llm(chosen) + "\n")
    elif form is SchemaFormat.TREE:
        output.lines(drawing.tree(chosen), pages=pager)
    elif form is SchemaFormat.MERMAID:
        output.write("".join(drawing.mermaid(chosen)))
    else:
        output.emit(as_rows(chosen), Target(Format(form.value), pages=pager))
    if not found:
        terminal.talk("the database has no table that may be read")


def as_rows(tables: dict[str, Any]) -> QueryResult:
    """A line for each column."""
    columns = ["table", "column", "type", "null", "key", "references"]
    return QueryResult({"columns": columns, "result": [row for name in tables for row in _rows(name, tables[name])]})


def _rows(name: str, table: dict[str, Any]) -> list[tuple[str, ...]]:
    references = {
        column: f"{key['referred_table']}.{referred}"
        for key in table["foreign_keys"]
        for column, referred in zip(key["columns"], key["referred_columns"], strict=False)
    }
    return [
        (
            name,
            column["name"],
            column["type"],
            "" if column["nullable"] else "not null",
            "primary" if column["primary_key"] else "",
            references.get(column["name"], ""),
        )
        for column in table["columns"]
    ]
