"""`db-query history`: what was asked."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from db_query_agent import QueryResult
from db_query_agent.cli import again, options, output, terminal
from db_query_agent.cli.output import Target
from db_query_agent.cli.store.library import Entry, Favorite, library
from db_query_agent.cli.store.recorder import VARIABLE, is_on

_SHOWN = 80
"""Characters of a question in the list; `--json` has them all."""

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The number in the list.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to `app`."""
    app.callback(invoke_without_command=True)(latest)
    app.command("list")(search)
    app.command("run")(run)
    app.command("save")(save)
    app.command("delete")(delete)
    app.command("clear")(clear)


def latest(context: typer.Context) -> None:
    """Find, repeat and delete what was asked. Alone it lists the latest.

    Questions, statements and figures are kept in a file that you alone can read; no row, no answer, no password is.
    """
    if context.invoked_subcommand is None:
        show(None, 20, as_json=False)


def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORD]...", help="Only entries with these in them.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="ENTRIES", help="Most entries to list.")] = 100,
    as_json: options.AsJson = False,
    pager: options.Pager = True,
) -> None:
    """List what was asked, the latest last."""
    show(" ".join(words or ()), limit, as_json=as_json, pager=pager)


def show(words: str | None, limit: int, *, as_json: bool, pager: bool = True) -> None:
    """Prints entries, the latest last, where the eye is."""
    with library() as kept:
        found = kept.history(words, limit)[::-1]
    if as_json:
        output.document([asdict(entry) for entry in found])
        return
    if found:
        columns = ["number", "at", "text", "rows", "ms", "database"]
        output.emit(QueryResult({"columns": columns, "result": list(map(_row, found))}), Target(pages=pager))
    else:
        terminal.talk("nothing was asked" + (f" with `{words}` in it" if words else ""))
    if not is_on():
        terminal.talk(f"note: {VARIABLE} turns the history off", "note")


def _row(entry: Entry) -> tuple[object, ...]:
    text = " ".join(entry.text.split())
    text = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    text += f" ({entry.error})" if entry.error else ""
    milliseconds = None if entry.seconds is None else round(entry.seconds * 1000, 1)
    return entry.id, entry.at[:16], text, entry.rows, milliseconds, entry.database


def run(
    number: Number,
    db: options.Database = None,
    form: options.Form = None,
    to: options.Output = None,
    limit: options.Limit = None,
    engine: options.Who = None,
    as_answered: Annotated[
        bool, typer.Option("--sql", help="Run the SQL of that time, instead of asking anew.")
    ] = False,
    pager: options.Pager = True,
) -> None:
    """Ask or run an entry again, in the database that it was asked of."""
    with library() as kept:
        entry = kept.entry(number)
    request = again.request(entry, as_answered=as_answered)
    again.run(request, db, Target.chosen(form, to, pages=pager), limit, engine)


def save(
    number: Number,
    name: Annotated[str, typer.Argument(help="The name of the favourite, one word.")],
) -> None:
    """Keep an entry as a favourite."""
    with library() as kept:
        entry = kept.entry(number)
        kept.save(Favorite(name, entry.kind, entry.text, entry.database, entry.sql))
    terminal.talk(f"saved: db-query ask @{name}")


def delete(
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER...", help="The numbers in the list.")],
) -> None:
    """Delete entries."""
    with library() as kept:
        kept.forget(numbers)
    terminal.talk(f"{len(numbers)} deleted")


def clear() -> None:
    """Delete the whole history."""
    with library() as kept:
        terminal.talk(f"{kept.clear_history():,} deleted")
