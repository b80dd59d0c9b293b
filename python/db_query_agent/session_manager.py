"""Conversations: questions that refer to the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db_query_agent.utils import Finished

if TYPE_CHECKING:
    from db_query_agent.agent import DatabaseQueryAgent
    from db_query_agent.caller import Caller
    from db_query_agent.results import QueryResult

__all__ = ["ChatSession", "SessionManager"]


class ChatSession:
    """One conversation with an agent. `DatabaseQueryAgent.create_session` makes it."""

    def __init__(
        self, session_id: str, agent: DatabaseQueryAgent, session: Any = None, *, caller: Caller | None = None
    ) -> None:
        self.session_id = session_id
        self.agent = agent
        self.session = session if session is not None else self
        """What `agent.query(…, session=…)` takes; 0.1.4 kept its store here."""
        self.caller = caller
        """On whose behalf its questions are asked."""

    def ask(self, question: str, **options: Any) -> QueryResult:
        """Answers `question` in the light of the questions before it; to be awaited or not, like `agent.query`."""
        return self.agent.query(question, session=self, **options)

    def history(self) -> list[dict[str, Any]]:
        """What was said so far, oldest first: `{"role": "user" | "assistant", "content": …}`."""
        return self.agent.get_session_history(self.session_id, caller=self.caller) or []

    def clear(self) -> Finished:
        """Forgets what was said so far. It is done when this returns; `await` is accepted, as 0.1.4 needed it."""
        self.agent.clear_session(self.session_id)
        return Finished()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ChatSession):
            return NotImplemented
        return (self.session_id, self.agent) == (other.session_id, other.agent)

    def __hash__(self) -> int:
        return hash(self.session_id)

    def __repr__(self) -> str:
        return f"ChatSession({self.session_id!r})"


class SessionManager:
    """The conversations of an agent by name.

    Where they are kept is the agent's choice (`session_backend` and what belongs to it). Without an agent, one is
    made that keeps conversations and has no database to ask; `url` is its `session_url`.
    """

    def __init__(
        self,
        backend: str = "sqlite",
        db_path: str | None = None,
        *,
        url: Any = None,
        agent: DatabaseQueryAgent | None = None,
    ) -> None:
        if agent is None:
            from db_query_agent.agent import DatabaseQueryAgent

            agent = DatabaseQueryAgent(
                "sqlite:///:memory:", session_backend=backend, session_db_path=db_path, session_url=url
            )
        self._agent = agent
        self.backend = backend
        self.db_path = db_path

    def create_session(self, session_id: str, *, caller: Caller | None = None) -> ChatSession:
        """The conversation of that name, made when there is none, and with a `caller` that one's own."""
        return self._agent.create_session(session_id, caller=caller)

    def get_session(self, session_id: str) -> ChatSession | None:
        """The conversation of that name, or `None`."""
        if self._agent.get_session_history(session_id) is None:
            return None
        return ChatSession(session_id, self._agent)

    def clear_session(self, session_id: str) -> Finished:
        """Forgets what was said in a conversation; `await` is accepted."""
        self._agent.clear_session(session_id)
        return Finished()

    def delete_session(self, session_id: str) -> None:
        """Forgets a conversation."""
        self._agent.delete_session(session_id)

    def list_sessions(self) -> list[str]:
        """Names of the conversations, latest activity first."""
        return self._agent.list_sessions()

    def get_stats(self) -> dict[str, Any]:
        """How many conversations there are and where they are kept."""
        return {"total_sessions": len(self.list_sessions()), "backend": self.backend, "db_path": self.db_path}
