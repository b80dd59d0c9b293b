"""What one browser said and saw. It knows nothing of Streamlit; the page draws it and calls it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from db_query_agent.demo.shop import default_path
from db_query_agent.demo.ui.asking import STOPPED, Asking
from db_query_agent.demo.ui.target import SHOP, Target
from db_query_agent.exceptions import DatabaseQueryAgentError

if TYPE_CHECKING:
    from db_query_agent.demo.ui.agents import AgentPool, Lease
    from db_query_agent.results import QueryResult

DELAY = 0.03
"""Seconds between two words of an answer, where `stream_delay` says nothing."""
KEPT = 30
"""Answers that stay on the page; each holds its rows."""
HISTORY = 20
"""Questions to ask again."""


@dataclass
class Exchange:
    """A question and what came of it: a result, a failure, or a failure with the code `cancelled`."""

    number: int
    question: str
    result: QueryResult | None = None
    failure: dict[str, Any] | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    """The rows as files, by format, as far as somebody wanted them."""

    @property
    def stopped(self) -> bool:
        """Whether somebody pressed Stop."""
        return self.failure is not None and self.failure["code"] == STOPPED


@dataclass(frozen=True)
class Remark:
    """Something that the page says between two questions."""

    text: str


class Visit:
    """One browser's visit: an agent on loan, a conversation, a question under way."""

    def __init__(self, pool: AgentPool, first: Target | None = None) -> None:
        self.said: list[Exchange | Remark] = []
        self.history: list[str] = []
        """Questions, the latest first, none twice."""
        self.asking: Asking | None = None
        self.lease: Lease | None = None
        self.problem: dict[str, Any] | None = None
        """Why the last database could not be opened."""
        self.wanted: Target | None = first or Target(SHOP, "")
        """What is to be opened when the page is drawn next."""
        self._pool = pool
        self._number = 0

    @property
    def busy(self) -> bool:
        """Whether a question is under way; nothing else can be done then but stop it."""
        return self.asking is not None

    @property
    def empty(self) -> bool:
        """Whether nothing was asked yet."""
        return not self.said and not self.busy

    def want(self, target: Target) -> None:
        """Opens `target` when the page is drawn next."""
        if not self.busy:
            self.wanted = target

    def open(self) -> None:
        """Opens what is wanted. What was open stays when that fails, and `problem` says why."""
        wanted, self.wanted = self.wanted, None
        if wanted is None:
            return
        self.problem = None
        lease = None
        try:
            if wanted.title == SHOP:
                wanted = wanted.on(SHOP, self._pool.shop(default_path()))
            lease = self._pool.lease(wanted)
            # The constructor connects to nothing, so this is where a bad address shows.
            lease.agent.get_schema()
        except DatabaseQueryAgentError as error:
            self.problem = error.to_dict()
            if lease is not None:
                lease.release()
            return
        self._enter(lease)

    def _enter(self, lease: Lease) -> None:
        left, self.lease = self.lease, lease
        if left is None:
            return
        left.release()
        if left.target.database_url != lease.target.database_url:
            self.said.clear()
            self.history.clear()
        elif self.said:
            engine = "a model" if lease.target.with_model else "the offline engine"
            self.said.append(Remark(f"From here on {engine} answers, in a new conversation."))

    def ask(self, question: str, *, remember: bool = True, streaming: bool = True) -> None:
        """Asks, unless a question is under way. With `remember` it may build on those before it."""
        if self.busy or self.lease is None:
            return
        agent = self.lease.agent
        delay = (agent.config.stream_delay or DELAY) if streaming else 0.0
        stream = agent.query_events(question, self.lease.conversation if remember else None)
        self.asking = Asking(question, stream, self._pool.soon, delay)
        self.history = [question, *(old for old in self.history if old != question)][:HISTORY]

    def stop(self) -> None:
        """Stops the question under way; its end is seen soon after."""
        if self.asking is not None:
            self.asking.stop()

    def settle(self) -> None:
        """Takes over the end of the question under way, when it has one."""
        if self.asking is None or not self.asking.progress.done:
            return
        progress, question = self.asking.progress, self.asking.question
        self.asking = None
        self._number += 1
        self.said.append(Exchange(self._number, question, progress.result, progress.failure))
        del self.said[:-KEPT]

    def begin_anew(self) -> None:
        """Forgets what was said."""
        if self.busy:
            return
        self.said.clear()
        if self.lease is not None:
            try:
                self.lease.forget()
            except DatabaseQueryAgentError as error:
                self.problem = error.to_dict()

    @property
    def last(self) -> Exchange | None:
        """The latest question that has ended."""
        return next((one for one in reversed(self.said) if isinstance(one, Exchange)), None)
