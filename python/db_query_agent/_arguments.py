"""The arguments of an agent's methods as the core takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from db_query_agent import _bridge, _core, config, utils

if TYPE_CHECKING:
    import datetime

    from db_query_agent.caller import Caller


def text(value: Any) -> str:
    """The question as text; a slip such as a list is named before it reaches the core."""
    if isinstance(value, str):
        # Half a surrogate pair, as broken input may hold, has no form in UTF-8.
        return value.encode("utf-8", "replace").decode("utf-8")
    raise TypeError(f"the question must be text, not {type(value).__name__}")


def wall_clock(now: datetime.datetime | None) -> datetime.datetime | None:
    """What the clock on the wall shows, as dates in a database are compared with it."""
    return now if now is None or getattr(now, "tzinfo", None) is None else now.replace(tzinfo=None)


def session_name(session: Any) -> str | None:
    """The name of a conversation that was given by name or as an object."""
    if session is None or isinstance(session, str):
        return session
    name = getattr(session, "session_id", None)
    if isinstance(name, str):
        return name
    raise TypeError(f"a session is a name or a ChatSession, not {type(session).__name__}")


def asking(caller: Caller | None, session: Any) -> Caller | None:
    """The one who asks: named, or the one the conversation was made for."""
    return caller if caller is not None else getattr(session, "caller", None)


def conversation(session: Any) -> str:
    """The name of a conversation where there must be one."""
    name = session_name(session)
    if name is None:
        raise TypeError("a conversation needs a name")
    return name


_PATHS = ("cache_path", "session_db_path", "ssl_ca", "ssl_cert", "ssl_key")
_MAPPINGS = ("row_filters", "model_headers", "model_prices")
_LISTS = (
    "openai_api_key",
    "allowed_tables",
    "blocked_tables",
    "allowed_columns",
    "blocked_columns",
    "masked_columns",
    "schemas",
    "unindexed_columns",
)


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """The same with other kinds of lists and mappings as those that the core reads."""
    plain = dict(options)
    for name in plain.keys() & {*_LISTS}:
        if isinstance(plain[name], (set, frozenset, tuple)):
            plain[name] = list(plain[name])
    for name in plain.keys() & {*_MAPPINGS}:
        if isinstance(plain[name], Mapping):
            plain[name] = dict(plain[name])
    return plain


def build(options: dict[str, Any]) -> _core.Agent:
    """The core's agent on the arguments of the constructor. Clears `options`, which holds secrets."""
    given = {name: value for name, value in options.items() if name not in ("self", "unknown") and value is not None}
    given |= options["unknown"]
    options.clear()
    try:
        lender = None
        if "database_url" in given:
            lender = _bridge.bridge(given["database_url"])
            given["database_url"] = utils.database_url(given["database_url"])
        if "session_url" in given:
            given["session_url"] = utils.database_url(given["session_url"])
        for name in _PATHS:
            if hasattr(given.get(name), "__fspath__"):
                given[name] = given[name].__fspath__()
        given |= _plain(given)
        if isinstance(given.get("roles"), Mapping):
            roles = given["roles"].items()
            given["roles"] = {name: _plain(role) if isinstance(role, Mapping) else role for name, role in roles}
        return _core.Agent(given, config.environment(), lender)
    finally:
        given.clear()
