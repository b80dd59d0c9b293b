"""`db-query favorites`: questions and statements under names."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from db_query_agent import QueryResult
from db_query_agent.cli import again, options, output, terminal
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.connect import opened, where
from db_query_agent.cli.output import Target
from db_query_agent.cli.request import Request
from db_query_agent.cli.store.library import Favorite, library

Name = Annotated[str, typer.Argument(help="The name of the favourite.", autocompletion=lambda: names())]


def register(app: typer.Typer) -> None:
    """Adds the commands to `app`."""
    app.callback(invoke_without_command=True)(every)
    app.command("list")(search)
    app.command("add")(add)
    app.command("run")(run)
    app.command("show")(show)
    app.command("delete")(delete)
    app.command("clear")(clear)


def names() -> list[str]:
    """The names of all favourites, for completion; none where they cannot be read, which the command will say."""
    try:
        with library() as kept:
            return [favorite.name for favorite in kept.favorites()]
    except Complaint:
        return []


def every(context: typer.Context) -> None:
    """Keep questions and statements under names. Alone it lists them.

    `@NAME` stands for a favourite wherever a question or a statement is asked for.
    """
    if context.invoked_subcommand is None:
        show_all(None, as_json=False)


def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORD]...", help="Only those with these in them.")
    ] = None,
    as_json: options.AsJson = False,
    pager: options.Pager = True,
) -> None:
    """List favourites by name."""
    show_all(" ".join(words or ()), as_json=as_json, pager=pager)


def show_all(words: str | None, *, as_json: bool, pager: bool = True) -> None:
    """Prints favourites."""
    with library() as kept:
        found = kept.favorites(words)
    if as_json:
        output.document([asdict(favorite) for favorite in found])
    elif found:
        rows = [(favorite.name, favorite.kind, favorite.text, favorite.database) for favorite in found]
        columns = ["name", "kind", "text", "database"]
        output.emit(QueryResult({"columns": columns, "result": rows}), Target(pages=pager))
    else:
        terminal.talk("there is no favourite" + (f" with `{words}` in it" if words else ""))


def add(
    name: Annotated[str, typer.Argument(help="One word.")],
    what: Annotated[str, typer.Argument(metavar="QUESTION|SQL", help="What to keep under it.")],
    db: options.Database = None,
) -> None:
    """Keep a question or a statement; one of the same name is replaced."""
    request = Request.of(what, may_be_sql=True)
    with opened(db) as agent:
        place = where(agent)
    sql = request.text if request.kind == "sql" else None
    with library() as kept:
        kept.save(Favorite(name, request.kind, request.text, place, sql))
    terminal.talk(f"saved: db-query ask @{name}")


def run(
    name: Name,
    db: options.Database = None,
    form: options.Form = None,
    to: options.Output = None,
    limit: options.Limit = None,
    engine: options.Who = None,
    as_answered: Annotated[
        bool, typer.Option("--sql", help="Run the SQL that answered it when it was saved, instead of asking anew.")
    ] = False,
    pager: options.Pager = True,
) -> None:
    """Ask or run a favourite, in the database that it was saved for."""
    with library() as kept:
        favorite = kept.favorite(name)
    request = again.request(favorite, as_answered=as_answered)
    again.run(request, db, Target.chosen(form, to, pages=pager), limit, engine)


def show(name: Name, as_json: options.AsJson = False) -> None:
    """Print what is kept under a name."""
    with library() as kept:
        favorite = kept.favorite(name)
    if as_json:
        output.document(asdict(favorite))
        return
    output.write(favorite.text + "\n")
    if favorite.sql and favorite.sql != favorite.text:
        terminal.talk(favorite.sql, "sql")


def delete(chosen: Annotated[list[str], typer.Argument(metavar="NAME...", help="Their names.")]) -> None:
    """Delete favourites."""
    with library() as kept:
        kept.delete(chosen)
    terminal.talk(f"{len(chosen)} deleted")


def clear() -> None:
    """Delete all favourites."""
    with library() as kept:
        terminal.talk(f"{kept.clear_favorites():,} deleted")
