"""The loop: a line in, an answer out, and no error ends it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from db_query_agent.cli import terminal
from db_query_agent.cli.asking import Asking
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import Format
from db_query_agent.cli.repl import commands
from db_query_agent.cli.repl.conversation import Conversation
from db_query_agent.cli.request import Request, is_sql
from db_query_agent.exceptions import DatabaseQueryAgentError

_BEGINNING = re.compile(r"(?:SELECT|WITH)\b")
"""What begins a statement, though a line alone does not tell; in small letters it may begin a question."""

_GOODBYE = ("exit", "quit", "exit;", "quit;")
"""What people type who know other terminals."""


class Loop:
    """Reads lines and answers each."""

    def __init__(self, one: Asking, *, form: Format, pages: bool, records: bool) -> None:
        self.conversation = Conversation(one, form, pages)
        self._records = records

    def run(self) -> Exit:
        """Goes on until the input ends or somebody leaves; how it ended."""
        if sys.stdin.isatty() and (sys.stdout.isatty() or sys.stderr.isatty()):
            return self._on_terminal()
        self.conversation.pages = False
        worst = Exit.FINE
        for text in _inputs(sys.stdin):
            worst = max(worst, self.obey(text))
            # Whoever holds the other end waits for this answer before the next question.
            sys.stdout.flush()
            if self.conversation.ended:
                break
        return worst

    def _on_terminal(self) -> Exit:
        from db_query_agent.cli.repl.prompt import prompt

        tables = len(self.conversation.agent.get_schema())
        there = terminal.counted(tables, "table")
        terminal.talk(f"{there}. Ask in plain language; \\help lists the commands, Ctrl-D leaves.", "faint")
        ask = prompt(self.conversation.agent, records=self._records)
        while not self.conversation.ended:
            try:
                text = ask()
            except KeyboardInterrupt:
                # The line is dropped, as in a shell.
                continue
            except EOFError:
                break
            self.obey(text)
        return Exit.FINE

    def obey(self, text: str) -> Exit:
        """Does what was typed; what fails is said, and nothing of it leaves this function."""
        text = self.conversation.chosen(text.strip())
        if not text:
            return Exit.FINE
        try:
            if text.lower() in _GOODBYE:
                self.conversation.ended = True
                return Exit.FINE
            if text.startswith("\\"):
                return commands.obey(self.conversation, text)
            return self.conversation.ask(Request.of(text, may_be_sql=True))
        except DatabaseQueryAgentError as error:
            terminal.complain(error)
            return Exit.of(error)
        except Complaint as complaint:
            terminal.complain(complaint)
            return complaint.end
        except KeyboardInterrupt:
            terminal.talk("cancelled", "note")
            return Exit.INTERRUPTED
        except BrokenPipeError:
            # Nobody reads the answers any more.
            raise
        except OSError as error:
            terminal.talk(f"error: {error.filename or 'the output'}: {error.strerror or error}", "error")
            return Exit.SYSTEM


def is_unfinished(text: str) -> bool:
    """Whether a line break belongs to what is typed: behind a backslash, and in a statement without its `;`."""
    if text.endswith("\\"):
        return True
    body = text.strip()
    if body.startswith("\\"):
        name, _, body = body.partition(" ")
        if name != "\\sql":
            return False
    elif not (is_sql(body) or _BEGINNING.match(body)):
        return False
    lines = body.splitlines()
    # An empty line ends a statement too.
    return bool(body) and not body.endswith(";") and not (len(lines) >= 1 and text.endswith("\n"))


def _inputs(lines: Iterator[str]) -> Iterator[str]:
    """What is typed, out of lines; what is unfinished takes the next line with it."""
    held = ""
    for line in lines:
        text = held + line.rstrip("\r\n")
        if text.strip() and line.strip() and is_unfinished(text):
            held = text.removesuffix("\\") + "\n"
            continue
        held = ""
        yield text
    if held.strip():
        yield held
