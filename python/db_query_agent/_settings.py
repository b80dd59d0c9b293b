"""What an agent was made with, to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db_query_agent.config import AgentConfig

if TYPE_CHECKING:
    from db_query_agent import _core


class Settings:
    """The options of an agent by the names that 0.1.4 had for them."""

    _core: _core.Agent

    @property
    def config(self) -> AgentConfig:
        """All options, wherever they came from; the password of the URL is left out."""
        return AgentConfig.of_groups(self._core.options)

    @property
    def enable_statistics(self) -> bool:
        """Whether questions are counted."""
        return self._core.counts

    @property
    def enable_streaming(self) -> bool:
        """Whether front ends that leave the choice to the configuration stream."""
        return self.config.enable_streaming

    @property
    def session_backend(self) -> str:
        """Where conversations are kept."""
        return self._core.session_store[0]

    @property
    def session_db_path(self) -> str | None:
        """The file they are kept in, where there is one."""
        return self._core.session_store[1]

    @property
    def stats(self) -> dict[str, Any] | None:
        """The counts of questions that `get_stats()` begins with; `None` where they are off."""
        return self._core.statistics() if self._core.counts else None

    @property
    def dialect(self) -> str:
        """SQLAlchemy's name of the database's dialect."""
        return self._core.dialect
