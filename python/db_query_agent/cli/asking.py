"""Asking and running, with everything around it: a spinner, the history, the words beside the rows."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from db_query_agent import DatabaseQueryAgent, QueryResult, _shapes
from db_query_agent.cli import terminal
from db_query_agent.cli.connect import where
from db_query_agent.cli.output import sql as statement
from db_query_agent.cli.progress import Progress
from db_query_agent.cli.request import Request
from db_query_agent.cli.store.recorder import Recorder
from db_query_agent.exceptions import DatabaseQueryAgentError


@dataclass
class Asking:
    """One agent and how it is asked."""

    agent: DatabaseQueryAgent
    recorder: Recorder
    session: str | None = None
    streams: bool = False
    """Show the sentence while it is made."""
    continues: bool = False
    """Whether the next question may refer to one before it."""

    @classmethod
    def of(
        cls, agent: DatabaseQueryAgent, *, session: str | None = None, streams: bool | None = None, records: bool = True
    ) -> Asking:
        """Asks `agent`; where it is not said whether to stream, the configuration decides."""
        streams = agent.enable_streaming if streams is None else streams
        one = cls(agent, Recorder(where(agent), records), streams=streams)
        if session is not None:
            one.join(session)
        return one

    def join(self, session: str) -> None:
        """Asks in a conversation from here on."""
        self.agent.create_session(session)
        self.session, self.continues = session, bool(self.agent.get_session_history(session))

    def answer(self, request: Request, *, runs: bool = True) -> QueryResult:
        """The answer to a question, or the rows of a statement. Ctrl-C stops it, on the server too."""
        kind = self.kind(request)
        try:
            result = self._run(request.text, runs) if request.kind == "sql" else self._ask(request.text, runs)
        except DatabaseQueryAgentError as error:
            self.recorder.failed(kind, request.text, error.code, error.sql)
            raise
        except KeyboardInterrupt:
            # What takes too long is what one comes back to.
            self.recorder.failed(kind, request.text, "cancelled")
            raise
        self.recorder.answered(kind, request.text, result)
        self.continues |= self.session is not None and request.kind == "question"
        return result

    def kind(self, request: Request) -> str:
        """What it is written down as: alone, a question that may refer to the one before it means something else."""
        return "follow-up" if self.continues and request.kind == "question" else request.kind

    def _run(self, sql: str, runs: bool) -> QueryResult:
        if runs:
            with Progress("running the statement"):
                return self.agent.run_sql(sql)
        with Progress("checking the statement"):
            seen = self.agent.explain_sql(sql)
        known = {"sql": seen["sql"], "warnings": seen["warnings"], "confidence": 1.0}
        return QueryResult(_shapes.blank(sql) | known)

    def _ask(self, question: str, runs: bool) -> QueryResult:
        events = self.agent.query_events(question, self.session, return_results=runs)
        told = False
        with Progress() as progress, events:
            for event in events:
                if event.kind == "status":
                    progress.step(event.value)
                elif event.kind == "text" and self.streams and runs:
                    progress.stop()
                    told = True
                    sys.stderr.write(terminal.paint(terminal.safe(event.value), "strong", sys.stderr))
                    sys.stderr.flush()
                elif event.kind == "done":
                    result: QueryResult = event.value
        if told:
            sys.stderr.write("\n")
        return result

    def tell(self, result: QueryResult) -> None:
        """The sentence, unless it was streamed, and what to know beside it."""
        if result["natural_response"] and not (self.streams and result["engine"]):
            terminal.talk(result["natural_response"], "strong")
        self.note(result)

    def note(self, result: QueryResult) -> None:
        """What to know beside the rows."""
        if result["truncated"]:
            by_rows = result["row_count"] >= self.agent.config.safety.max_result_rows
            more = "--limit reads more" if by_rows else "MAX_RESULT_BYTES cuts them off"
            terminal.talk(f"note: there are more than these {result['row_count']:,} rows: {more}", "note")
        note(result)


def note(result: QueryResult) -> None:
    """What the user should know about an answer."""
    for warning in result["warnings"]:
        terminal.talk(f"note: {warning}", "note")


def ask_back(result: QueryResult) -> None:
    """What the agent would like to know before it answers."""
    terminal.talk(result["clarification_question"] or result["natural_response"], "strong")
    for choice in result["clarification_choices"]:
        terminal.talk(f"  - {choice}")
    note(result)


def show_statement(result: QueryResult) -> None:
    """The SQL beside the data."""
    if result["sql"]:
        statement.tell(result["sql"])
