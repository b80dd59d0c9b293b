"""The command `db-query`: ask a database from a shell.

| module | what it holds |
| --- | --- |
| `app` | the options before a command, and how commands end |
| `commands` | one command a file |
| `options` | the options that several commands have |
| `request`, `asking` | what was typed, and asking it |
| `connect` | the agent, and where its database is |
| `progress` | a spinner with the current step |
| `output` | results in the format that was asked for |
| `repl` | one question after the other |
| `store` | history and favourites |
| `evaluation` | the user's own questions as a gate |
| `terminal` | text that is safe to print, its colours, and where it goes |
| `complaint`, `exits` | what is wrong with a command, and exit codes |

Data goes to the standard output, everything else to the standard error.
"""

from __future__ import annotations

import os
import sys

_NEEDED = {
    "typer": "typer and rich",
    "rich": "typer and rich",
    "prompt_toolkit": "prompt_toolkit",
    "platformdirs": "platformdirs",
    "yaml": "PyYAML",
}


def main() -> None:
    """Runs the command line and ends the process with one of `exits.Exit`."""
    _prepare_streams()
    sys.argv = [_in_utf8(argument) for argument in sys.argv]
    try:
        import rich  # noqa: F401 - what is missing is said before a question is asked

        from db_query_agent.cli.app import run

        run()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _NEEDED:
            raise
        sys.stderr.write(f"the command line needs {_NEEDED[package]}: pip install 'db-query-agent[cli]'\n")
        sys.exit(2)


def _in_utf8(argument: str) -> str:
    """What was typed, also where the locale is one of ASCII and the terminal is not."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        try:
            return os.fsencode(argument).decode()
        except UnicodeDecodeError:
            # A file may be called so; elsewhere it is refused with a reason.
            return argument
    return argument


def _prepare_streams() -> None:
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # A shell that closed one of them (`>&-`) wants nothing of what goes there.
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123 - for the whole process
        else:
            # What the locale cannot hold is written out as `\u20ac`, rather than ending the answer.
            getattr(sys, name).reconfigure(errors="backslashreplace")
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123 - as above
    else:
        sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
