"""Agents that browsers share: one for each database and engine, closed when the last browser that used it has gone."""

from __future__ import annotations

import atexit
import threading
import uuid
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from db_query_agent.exceptions import DatabaseQueryAgentError

if TYPE_CHECKING:
    from db_query_agent.agent import DatabaseQueryAgent
    from db_query_agent.demo.ui.target import Target


class AgentPool:
    """The agents of all browsers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shared: dict[Target, _Shared] = {}
        # What ends with a browser is found by the garbage collector, in the middle of anything and on any thread.
        # Such a place may only put a note down: https://docs.python.org/3/library/queue.html#simplequeue-objects
        self._notes: SimpleQueue[Callable[[], None]] = SimpleQueue()
        threading.Thread(target=_work_off, args=(self._notes,), name="demo-page-janitor", daemon=True).start()
        atexit.register(_close, weakref.ref(self))

    def lease(self, target: Target) -> Lease:
        """The agent on `target`, made when no browser has it. Connects to nothing yet.

        Raises:
            ConfigurationError: no agent can be made so
        """
        with self._lock:
            shared = self._shared.get(target)
            if shared is None:
                shared = self._shared[target] = _Shared(target.open())
            shared.leases += 1
        return Lease(self, target, shared.agent)

    def soon(self, job: Callable[[], None]) -> None:
        """Does `job` on another thread; may be called from anywhere."""
        self._notes.put(job)

    def give_back(self, target: Target, agent: DatabaseQueryAgent, conversation: str) -> None:
        """Ends a lease: forgets its conversation, and closes the agent when nobody else has it."""
        with suppress(DatabaseQueryAgentError):
            agent.delete_session(conversation)
        with self._lock:
            shared = self._shared.get(target)
            if shared is None or shared.agent is not agent:
                return
            shared.leases -= 1
            if shared.leases:
                return
            del self._shared[target]
        agent.close()

    def shop(self, path: Path) -> str:
        """The URL of the demo shop in the file `path`, made when it is not there or of another day."""
        from db_query_agent.demo.shop import ensure_sqlite

        with self._lock:
            return f"sqlite:///{ensure_sqlite(path)}"

    def __len__(self) -> int:
        return len(self._shared)

    def close(self) -> None:
        """Closes every agent, and stops with it what still runs on a server."""
        with self._lock:
            agents = [shared.agent for shared in self._shared.values()]
            self._shared.clear()
        for agent in agents:
            agent.close()


class Lease:
    """The use of an agent by one browser, with a conversation of its own. Ends by `release` or with the browser."""

    def __init__(self, pool: AgentPool, target: Target, agent: DatabaseQueryAgent) -> None:
        self.agent = agent
        self.target = target
        self.conversation = f"page-{uuid.uuid4().hex}"
        job = _give_back(pool, target, agent, self.conversation)
        self._end = weakref.finalize(self, pool.soon, job)
        # At the end of the process the pool closes all there is.
        self._end.atexit = False
        self._job = job

    def release(self) -> None:
        """Ends it now."""
        if self._end.detach():
            self._job()

    def forget(self) -> None:
        """Begins the conversation anew."""
        self.agent.delete_session(self.conversation)


class _Shared:
    def __init__(self, agent: DatabaseQueryAgent) -> None:
        self.agent = agent
        self.leases = 0


def _give_back(pool: AgentPool, target: Target, agent: DatabaseQueryAgent, conversation: str) -> Callable[[], None]:
    return lambda: pool.give_back(target, agent, conversation)


def _work_off(notes: SimpleQueue[Callable[[], None]]) -> None:
    while True:
        notes.get()()


def _close(pool: weakref.ref[AgentPool]) -> None:
    if (left := pool()) is not None:
        left.close()
