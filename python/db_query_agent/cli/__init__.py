"""The command `db-query`: ask a database from a shell.

| module | what it holds |
| --- | --- |
| `app` | the commands and their options |
| `output` | rows in the format that was asked for |
| `terminal` | text that is safe to print, and where it goes |
| `exits` | exit codes |

Data goes to the standard output, everything else to the standard error.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Runs the command line and ends the process with one of `exits.Exit`."""
    try:
        from db_query_agent.cli.app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("typer", "rich", "click"):
            raise
        sys.stderr.write("the command line needs typer and rich: pip install 'db-query-agent[cli]'\n")
        sys.exit(2)
    # A shell that closed one of them (`>&-`) wants nothing of what goes there.
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123 - for the whole process
    run()
