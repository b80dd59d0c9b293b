"""Writes what can go stale on the reference page of `db-query` from the tables that the program itself runs on.

Run by `make docs`; `tests/python/test_cli_page.py` compares. The rest of `docs/terminal.md` is written by hand.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo

from db_query_agent.cli.commands import COMMANDS
from db_query_agent.cli.exits import MEANINGS
from db_query_agent.cli.output import formats
from db_query_agent.cli.repl import commands as repl

PAGE = Path(__file__).parent.parent / "docs" / "terminal.md"


def page(text: str) -> str:
    """`text` with its generated parts as they should be."""
    parts = {"commands": _commands, "formats": _formats, "repl": _repl, "exits": _exits}
    for name, lines in parts.items():
        pattern = re.compile(rf"(<!-- {name}:[^\n]*\n).*?(<!-- end -->\n)", re.DOTALL)
        whole = "".join(lines()).strip("\n")
        text, count = pattern.subn(lambda found, whole=whole: f"{found[1]}\n{whole}\n\n{found[2]}", text)
        if count != 1:
            raise LookupError(f"the page has {count} places for {name}")
    return text


def _commands() -> Iterator[str]:
    for name, about in COMMANDS.items():
        one = typer.Typer()
        import_module(f"db_query_agent.cli.commands.{name}").register(one)
        yield f"### `db-query {name}`\n\n{about}\n\n"
        if one.registered_callback is not None and callable(one.registered_callback.callback):
            rest = _help(one.registered_callback.callback).split("\n\n", 1)[1:]
            yield "".join(f"{paragraph}\n\n" for paragraph in rest)
        for command in one.registered_commands:
            if command.callback is not None:
                yield from _command(name, command.name, command.callback)


def _command(group: str, name: str | None, run: Callable[..., Any]) -> Iterator[str]:
    parameters = list(_parameters(run))
    words = ["db-query", group, *([name] if name and name != group else [])]
    words += [_shown(name, info, hint) for name, info, hint, _ in parameters if isinstance(info, ArgumentInfo)]
    usage = " ".join(words) + (
        " [OPTIONS]" if any(isinstance(info, OptionInfo) for _, info, _, _ in parameters) else ""
    )
    said = _help(run)
    if name is None or name == group:
        # The table of commands says the first sentence already.
        said = said.partition("\n\n")[2]
    yield f"```text\n{usage}\n```\n\n" + (f"{said}\n\n" if said else "")
    if parameters:
        yield "| | |\n| --- | --- |\n"
        for parameter, info, hint, default in parameters:
            shown = _shown(parameter, info, hint).replace("|", "\\|")
            given = f" Without it `{default.value}`." if isinstance(default, Enum) else ""
            given = f" Without it {default}." if type(default) is int else given
            yield f"| `{shown}` | {(info.help or '').replace('|', chr(92) + '|')}{given} |\n"
        yield "\n"


def _parameters(run: Callable[..., Any]) -> Iterator[tuple[str, ArgumentInfo | OptionInfo, Any, Any]]:
    """Each with its name, what Typer is told of it, its type and its default."""
    hints = get_type_hints(run, include_extras=True)
    for parameter in inspect.signature(run).parameters.values():
        hint, *told = get_args(hints[parameter.name]) or (None,)
        info = next((one for one in told if isinstance(one, (ArgumentInfo, OptionInfo))), None)
        if info is not None:
            yield parameter.name, info, hint, parameter.default


def _shown(name: str, info: ArgumentInfo | OptionInfo, hint: Any) -> str:
    """An argument or an option as it is typed."""
    if isinstance(info, ArgumentInfo):
        return info.metavar or name.upper()
    # The first name is where other frameworks have the default.
    first = [info.default] if isinstance(info.default, str) and info.default.startswith("-") else []
    declared = ", ".join([*first, *(info.param_decls or ())]) or f"--{name.replace('_', '-')}"
    kinds = [kind for kind in (get_args(hint) or (hint,)) if kind is not type(None)]
    if kinds == [bool] or get_origin(hint) is bool:
        return declared
    if isinstance(kinds[0], type) and issubclass(kinds[0], Enum):
        return f"{declared} " + "|".join(str(one.value) for one in kinds[0])
    return f"{declared} {info.metavar or kinds[0].__name__.upper()}"


def _help(run: Callable[..., Any]) -> str:
    """What it does, each paragraph on a line of its own."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(run.__doc__ or "").split("\n\n"))


def _formats() -> Iterator[str]:
    yield "| format | endings of files | what it is |\n| --- | --- | --- |\n"
    for form, about in formats.ABOUT.items():
        endings = ", ".join(f"`{ending}`" for ending, meant in formats.ENDINGS.items() if meant is form)
        yield f"| `{form.value}` | {endings} | {about} |\n"


def _repl() -> Iterator[str]:
    yield "| command | what it does |\n| --- | --- |\n"
    for command in repl.COMMANDS.values():
        usage = f"{command.name} {command.argument}".rstrip().replace("|", "\\|")
        other = [f"`{alias}`" for alias, meant in repl.ALIASES.items() if meant == command.name]
        also = f" (also {', '.join(other)})" if other else ""
        yield f"| `{usage}` | {command.about}{also} |\n"


def _exits() -> Iterator[str]:
    yield "| code | meaning |\n| --- | --- |\n"
    for code, meaning in MEANINGS.items():
        yield f"| {code.value} | {meaning} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
