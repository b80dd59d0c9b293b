"""The commands that begin with a backslash."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from db_query_agent import QueryResult
from db_query_agent.cli import again, asking, drawing, output, terminal
from db_query_agent.cli.commands import explain, history
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.connect import where
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import Format, Target
from db_query_agent.cli.output.chart import drawn
from db_query_agent.cli.repl.conversation import Conversation
from db_query_agent.cli.request import Request
from db_query_agent.cli.store.library import Favorite, library

Run = Callable[[Conversation, str], Exit | None]


@dataclass(frozen=True)
class Command:
    """One of them."""

    name: str
    argument: str
    about: str
    run: Run


COMMANDS: dict[str, Command] = {}
"""The only list of them, by name."""

ALIASES = {"\\dt": "\\d", "\\?": "\\help", "\\h": "\\help", "\\quit": "\\q", "\\exit": "\\q", "\\s": "\\history"}
"""Names that other terminals for databases have for them."""


def command(name: str, argument: str, about: str) -> Callable[[Run], Run]:
    """Enters a function into the table."""

    def enter(run: Run) -> Run:
        COMMANDS[name] = Command(name, argument, about, run)
        return run

    return enter


def obey(conversation: Conversation, text: str) -> Exit:
    """Runs the command that `text` begins with."""
    name, *rest = text.split(maxsplit=1)
    found = COMMANDS.get(ALIASES.get(name, name))
    if found is None:
        raise Complaint(f"there is no command `{name}`", hint="\\help lists them", end=Exit.QUESTION)
    argument = rest[0].strip() if rest else ""
    if argument and not found.argument:
        raise Complaint(f"`{name}` takes nothing behind it", end=Exit.QUESTION)
    if not argument and found.argument and not found.argument.startswith("["):
        raise Complaint(f"say what: `{name} {found.argument}`", end=Exit.QUESTION)
    return found.run(conversation, argument) or Exit.FINE


@command("\\d", "[TABLE]", "list the tables, or the columns and keys of one")
def _describe(conversation: Conversation, argument: str) -> None:
    tables = conversation.agent.get_schema()
    if argument:
        name = argument.strip('"`;')
        named = {found: table for found, table in tables.items() if found.lower() == name.lower()}
        if not named:
            raise Complaint(f"there is no table `{name}` that may be read", end=Exit.QUESTION)
        output.lines(drawing.tree(named), pages=conversation.pages)
        return
    rows = [(name, table["kind"], len(table["columns"]), table["row_estimate"]) for name, table in tables.items()]
    listed = QueryResult({"columns": ["table", "kind", "columns", "rows"], "result": rows})
    output.emit(listed, Target(pages=conversation.pages))


@command("\\sql", "[STATEMENT]", "run a statement of your own; alone: show the last one")
def _sql(conversation: Conversation, argument: str) -> Exit | None:
    if argument:
        return conversation.ask(Request(argument, "sql"))
    asking.show_statement(conversation.last())
    return None


@command("\\explain", "[QUESTION|SQL]", "tell what it would do and run nothing; alone: the last one")
def _explain(conversation: Conversation, argument: str) -> Exit:
    request = Request.of(argument, may_be_sql=True) if argument else None
    if request is None:
        request = Request(conversation.last()["sql"] or "", "sql")
    told, end = explain.explanation(conversation.agent, request)
    if told["clarification_question"]:
        terminal.talk(told["clarification_question"], "strong")
    else:
        output.lines(explain.lines(told), pages=conversation.pages)
    return end


@command("\\chart", "", "draw the last answer")
def _chart(conversation: Conversation, argument: str) -> None:
    width = shutil.get_terminal_size().columns
    output.lines(drawn(conversation.last(), width, sys.stdout), pages=conversation.pages)


@command("\\export", "FILE", "write the last answer: .csv, .jsonl, .json, .xlsx, .parquet, .arrow, .md or .txt")
def _export(conversation: Conversation, argument: str) -> None:
    path = Path(argument).expanduser()
    target = Target.chosen(None, path)
    result = conversation.last()
    output.emit(result, target)
    terminal.talk(f"{terminal.counted(result['row_count'], 'row')} written to {path}")


@command("\\save", "NAME", "keep the last question as a favourite")
def _save(conversation: Conversation, argument: str) -> None:
    result, request = conversation.last(), conversation.request
    if request is None:
        raise Complaint("nothing was asked yet", end=Exit.QUESTION)
    with library() as kept:
        place = where(conversation.agent)
        kept.save(Favorite(argument, conversation.kind, request.text, place, result["sql"]))
    terminal.talk(f"saved: \\run {argument}, or @{argument}")


@command("\\run", "NAME", "ask a favourite again")
def _run(conversation: Conversation, argument: str) -> Exit:
    with library() as kept:
        favorite = kept.favorite(argument)
    return conversation.ask(again.request(favorite, as_answered=False))


@command("\\favorites", "[WORD]", "list favourites")
def _favorites(conversation: Conversation, argument: str) -> None:
    from db_query_agent.cli.commands import favorites

    favorites.show_all(argument or None, as_json=False, pager=conversation.pages)


@command("\\history", "[WORD]", "list what was asked")
def _history(conversation: Conversation, argument: str) -> None:
    history.show(argument or None, 20, as_json=False, pager=conversation.pages)


@command("\\new", "", "begin a new conversation: the next question refers to nothing")
def _new(conversation: Conversation, argument: str) -> None:
    conversation.begin_anew()


@command("\\format", "[NAME]", "show answers as table, vertical, json, jsonl, csv or markdown")
def _format(conversation: Conversation, argument: str) -> None:
    if argument:
        shown = [form.value for form in Format if not form.is_binary]
        if argument not in shown:
            raise Complaint(
                f"no format is called `{argument}`", hint=f"known are {', '.join(shown)}", end=Exit.QUESTION
            )
        conversation.form = Format(argument)
    terminal.talk(f"format: {conversation.form.value}")


@command("\\x", "", "show one value a line, or a table again")
def _expanded(conversation: Conversation, argument: str) -> None:
    conversation.form = Format.TABLE if conversation.form is Format.VERTICAL else Format.VERTICAL
    terminal.talk(f"format: {conversation.form.value}")


@command("\\timing", "", "show how long an answer took, or no longer")
def _timing(conversation: Conversation, argument: str) -> None:
    conversation.times = not conversation.times
    terminal.talk(f"timing: {'on' if conversation.times else 'off'}")


@command("\\help", "", "list the commands")
def _help(conversation: Conversation, argument: str) -> None:
    entries = [(f"{one.name} {one.argument}".rstrip(), one.about) for one in COMMANDS.values()]
    width = max(len(usage) for usage, _ in entries)
    told = [f"{usage:<{width}}  {about}\n" for usage, about in entries]
    told.append("Everything else is a question, or a statement that ends with `;`.\n")
    output.lines(told, pages=conversation.pages)


@command("\\q", "", "leave; Ctrl-D does too")
def _leave(conversation: Conversation, argument: str) -> None:
    conversation.ended = True
