"""What is asked in a row, and what is known of the answer before."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field

from db_query_agent import DatabaseQueryAgent, QueryResult
from db_query_agent.cli import asking, output, terminal
from db_query_agent.cli.asking import Asking
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import Format, Target
from db_query_agent.cli.request import Request


@dataclass
class Conversation:
    """An agent, how its answers are shown, and the last one of them."""

    one: Asking
    form: Format = Format.TABLE
    pages: bool = True
    times: bool = False
    ended: bool = False
    request: Request | None = None
    """What was asked last."""
    kind: str = ""
    """What it is written down as."""
    result: QueryResult | None = None
    """What came of it."""
    choices: list[str] = field(default_factory=list)
    """What the agent asked back with; a number chooses one."""

    @property
    def agent(self) -> DatabaseQueryAgent:
        """Whom it is led with."""
        return self.one.agent

    def begin_anew(self) -> None:
        """The next question refers to nothing before it."""
        self.one.join(f"terminal-{uuid.uuid4().hex[:8]}")
        self.result, self.request, self.choices = None, None, []

    def last(self) -> QueryResult:
        """The last answer.

        Raises:
            Complaint: there is none
        """
        if self.result is None:
            raise Complaint("nothing was answered yet", end=Exit.QUESTION)
        return self.result

    def ask(self, request: Request) -> Exit:
        """Asks or runs, and shows what comes."""
        started = time.monotonic()
        self.choices = []
        kind = self.one.kind(request)
        result = self.one.answer(request)
        if result["needs_clarification"]:
            self.choices = list(result["clarification_choices"])
            terminal.talk(result["clarification_question"] or result["natural_response"], "strong")
            for number, choice in enumerate(self.choices, 1):
                terminal.talk(f"  {number}) {choice}")
            asking.note(result)
            return Exit.QUESTION
        self.request, self.kind, self.result = request, kind, result
        if request.kind == "question":
            asking.show_statement(result)
        self.show(result)
        self.one.tell(result)
        if self.times:
            who = f"{result['engine']}, " if result["engine"] else ""
            terminal.talk(f"({who}{(time.monotonic() - started) * 1000:.1f} ms)", "faint")
        return Exit.FINE

    def show(self, result: QueryResult) -> None:
        """Prints the rows of an answer."""
        if result["columns"] or self.form is Format.JSON:
            output.emit(result, Target(self.form, pages=self.pages))

    def chosen(self, line: str) -> str:
        """The choice that a number stands for, after the agent asked back; any other line as it is."""
        if line.isdecimal() and 1 <= int(line) <= len(self.choices):
            return self.choices[int(line) - 1]
        return line
