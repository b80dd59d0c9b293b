"""Where output goes: the standard output, a pager, or a file."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from db_query_agent import _export
from db_query_agent.cli import terminal
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.output import binary, records
from db_query_agent.cli.output.formats import Format
from db_query_agent.results import QueryResult


@dataclass
class Target:
    """What form the output has and where it goes."""

    form: Format = Format.TABLE
    path: Path | None = None
    compact: bool = False
    """A JSON document on one line."""
    pages: bool = True
    """A pager where there is more than a screen."""

    @classmethod
    def chosen(cls, form: Format | None, path: Path | None, *, compact: bool = False, pages: bool = True) -> Target:
        """The form that was named, or that the file's ending means, or a table. Complains before anything is asked."""
        if path is not None and not path.parent.is_dir():
            raise Complaint(f"there is no folder `{path.parent}`")
        form = form or (Format.of_path(path) if path is not None else Format.TABLE)
        if form.is_binary and path is None and sys.stdout.isatty():
            raise Complaint(
                f"the format `{form.value}` is not for a terminal", hint="say --output FILE, or write into a pipe"
            )
        binary.check(form)
        return cls(form, path, compact, pages)


def emit(result: QueryResult, target: Target, most: int | None = None) -> None:
    """Gives the rows of `result`, at most `most` of them where people read."""
    if target.form.is_binary:
        content = binary.content(result, target.form)
        if target.path is not None:
            target.path.write_bytes(content)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
    elif target.path is not None:
        # As others will read it: without colours, as wide as it is, in UTF-8 wherever it was written.
        with target.path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(_pieces(result, target, file, None, most))
    elif sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        pieces = _pieces(result, target, sys.stdout, width, most)
        is_drawn = target.form in (Format.TABLE, Format.VERTICAL)
        lines(pieces if is_drawn else map(terminal.safe, pieces), pages=target.pages)
    else:
        sys.stdout.writelines(_pieces(result, target, sys.stdout, None, most))


def _pieces(result: QueryResult, target: Target, stream: TextIO, width: int | None, most: int | None) -> Iterator[str]:
    from db_query_agent.cli.output import table, vertical

    ascii_only = not terminal.is_unicode(stream)
    if target.form is Format.JSON:
        yield from records.document(result, compact=target.compact, ascii_only=ascii_only)
        return
    columns, rows = _export.rows_of(result)
    if target.form is Format.JSONL:
        yield from records.jsonl(columns, rows, ascii_only=ascii_only)
    elif target.form is Format.CSV:
        yield from records.separated(columns, rows)
    elif target.form is Format.MARKDOWN:
        yield from records.markdown(columns, rows)
    else:
        rows = rows[:most]
        widths = table.fit(columns, rows, width) if target.form is Format.TABLE else None
        if widths is None:
            yield from vertical.lines(columns, rows, stream)
        else:
            yield from table.lines(columns, rows, widths, stream)


def lines(pieces: Iterable[str], *, pages: bool = True) -> None:
    """Prints pieces that are safe, through a pager where they are more lines than a terminal has."""
    pieces = iter(pieces)
    if not pages or not (sys.stdout.isatty() and sys.stdin.isatty()):
        sys.stdout.writelines(pieces)
        return
    height = shutil.get_terminal_size().lines
    first: list[str] = []
    seen = 0
    for piece in pieces:
        first.append(piece)
        seen += piece.count("\n")
        if seen >= height - 1:
            break
    pager = _pager() if seen >= height - 1 else None
    if pager is None:
        sys.stdout.writelines(first)
        sys.stdout.writelines(pieces)
    else:
        _page(pager, first, pieces)


def _pager() -> list[str] | None:
    named = os.environ.get("DB_QUERY_PAGER") or os.environ.get("PAGER")
    command = shlex.split(named) if named else ["less"]
    return command if command and command != ["cat"] and shutil.which(command[0]) else None


def _page(command: list[str], first: list[str], rest: Iterator[str]) -> None:
    # As git does: colours pass, a short text does not stay, and lines are not folded. `LESS` of one's own is stronger.
    environment = {"LESS": "FRSX", **os.environ}
    sys.stdout.flush()
    encoding = sys.stdout.encoding or "utf-8"
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, env=environment, encoding=encoding, errors="backslashreplace"
    )
    with process:
        try:
            if process.stdin is not None:
                process.stdin.writelines(first)
                while chunk := list(islice(rest, 500)):
                    process.stdin.writelines(chunk)
                process.stdin.close()
        except BrokenPipeError:
            # Whoever reads has seen enough.
            pass
        while _is_open(process):
            pass


def _is_open(process: subprocess.Popen[str]) -> bool:
    """Waits for the pager. A Ctrl-C meanwhile is the pager's: less stops searching and stays."""
    try:
        process.wait()
    except KeyboardInterrupt:
        return True
    return False


def write(text: str) -> None:
    """Prints data. A program gets it as it is, a terminal only what cannot act on it."""
    sys.stdout.write(terminal.safe(text) if sys.stdout.isatty() else text)


def document(value: Any) -> None:
    """Prints anything as JSON."""
    write(records.dumps(value, indent=2, ascii_only=not terminal.is_unicode(sys.stdout)) + "\n")
