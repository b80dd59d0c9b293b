"""What an agent does with conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from db_query_agent import _shapes, _waiting
from db_query_agent._arguments import conversation
from db_query_agent.session_manager import ChatSession

if TYPE_CHECKING:
    from db_query_agent import _core
    from db_query_agent.agent import DatabaseQueryAgent
    from db_query_agent.caller import Caller


class Conversations:
    """The part of `DatabaseQueryAgent` that keeps conversations by name."""

    _core: _core.Agent

    def create_session(self, session_id: str, *, caller: Caller | None = None) -> ChatSession:
        """The conversation of that name, made when there is none. With a `caller` it belongs to that one: questions
        in it need not name the caller again, and those of another caller are refused."""
        _waiting.take(self._core.create_session(conversation(session_id), caller=caller))
        return ChatSession(session_id, cast("DatabaseQueryAgent", self), caller=caller)

    def list_sessions(self) -> list[str]:
        """Names of the conversations, latest activity first."""
        names: list[str] = _waiting.take(self._core.sessions())
        return names

    def get_session_history(self, session_id: str, *, caller: Caller | None = None) -> list[dict[str, Any]] | None:
        """What was said, oldest first, as `{"role": "user" | "assistant", "content": …}`; answers also
        hold their `sql`. `None` when there is no conversation of that name. With a `caller`, the conversation
        must be that one's."""
        turns = _waiting.take(self._core.history(conversation(session_id), caller=caller))
        return None if turns is None else _shapes.messages(turns)

    def clear_session(self, session_id: str) -> None:
        """Forgets what was said in a conversation, but keeps its name."""
        _waiting.take(self._core.forget_session(conversation(session_id), delete=False))

    def delete_session(self, session_id: str) -> None:
        """Forgets a conversation."""
        _waiting.take(self._core.forget_session(conversation(session_id), delete=True))
