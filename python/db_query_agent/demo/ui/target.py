"""Which database is asked, by which engine, and how both are named without their secrets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from db_query_agent.config import get_env

if TYPE_CHECKING:
    from db_query_agent.agent import DatabaseQueryAgent

SHOP = "Demo shop"
CONFIGURED = "DATABASE_URL"
OTHER = "Another database"


@dataclass(frozen=True)
class Target:
    """A database and an engine. Its `repr` holds no secret."""

    title: str
    """What the page calls the database: one of the three names above."""
    database_url: str = field(repr=False)
    with_model: bool = False
    """Whether a model proposes the SQL; otherwise the offline engine does."""
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = field(default=None, repr=False)
    model: str | None = None

    def open(self) -> DatabaseQueryAgent:
        """An agent on it.

        Raises:
            ConfigurationError: no agent can be made so
        """
        from db_query_agent.agent import DatabaseQueryAgent

        options: dict[str, Any] = {"model_strategy": "offline"}
        if self.with_model:
            own = {"openai_api_key": self.api_key, "base_url": self.base_url, "model": self.model}
            options = {"model_strategy": "model"} | {name: value for name, value in own.items() if value}
        return DatabaseQueryAgent(self.database_url, on_error="raise", **options)

    def has_model(self) -> bool:
        """Whether a model can be asked: a key or a server's address was typed, or stands in the environment."""
        given = (self.api_key, self.base_url, get_env("OPENAI_API_KEY"), get_env("OPENAI_BASE_URL"))
        return any(given)

    def on(self, title: str, database_url: str) -> Target:
        """The same engine on another database."""
        return replace(self, title=title, database_url=database_url)

    def by(self, *, with_model: bool) -> Target:
        """The same database by the other engine."""
        return replace(self, with_model=with_model)

    def taught(self, api_key: str | None, base_url: str | None, model: str | None) -> Target:
        """The same database by a model of that key, server and name."""
        return replace(self, with_model=True, api_key=api_key or None, base_url=base_url or None, model=model or None)


def with_password(url: str, password: str) -> str:
    """The URL with the password that was typed beside it."""
    if not password or "://" not in url:
        return url
    try:
        parts = urlsplit(url)
        user, _, host = parts.netloc.rpartition("@")
    except ValueError:
        # Whoever reads the URL next says what is wrong with it.
        return url
    user = user.partition(":")[0]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def may_stay(url: str) -> bool:
    """Whether the URL may stand in its field any longer: nothing in it can be a password."""
    return "?" not in url and ":" not in url.partition("://")[2].rpartition("@")[0]
