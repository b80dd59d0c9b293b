"""The options as classes, the environment and the `.env` file.

Every option has three sources: an argument, then an environment variable (a `.env` file stands in
for variables that are not set), then the default. The table of all options with their variables,
bounds and defaults is in the core; `AgentConfig` groups them the way the released 0.1.4 did.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db_query_agent import _core
from db_query_agent.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["AgentConfig", "CacheConfig", "DatabaseConfig", "ModelConfig", "SafetyConfig", "environment", "get_env"]


def get_env(key: str, default: str | None = None) -> str | None:
    """The environment variable `key`, else its value in the `.env` file, else `default`."""
    value = os.environ.get(key)
    return value if value is not None else _env_file().get(key, default)


def environment() -> dict[str, str]:
    """The variables that options can come from, with the `.env` file standing in for those not set."""
    known = {name for row in _core.options() if (name := row["environment"]) is not None}
    merged = {**_env_file(), **os.environ}
    return {name: merged[name] for name in known & merged.keys()}


def _env_file() -> dict[str, str]:
    """What the nearest `.env` file says, looked for from the working directory upwards."""
    try:
        here = Path.cwd()
    except FileNotFoundError:
        return {}
    for directory in (here, *here.parents):
        path = directory / ".env"
        if path.is_file():
            return _read_env_file(path)
    return {}


def _read_env_file(path: Path) -> dict[str, str]:
    from io import StringIO

    from dotenv import dotenv_values
    from dotenv.parser import parse_stream

    try:
        content = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        # The cause is left out: the text of a decoding error holds a piece of the file.
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise _broken(f"`{path}` cannot be read: {reason}") from None
    for binding in parse_stream(StringIO(content)):
        if binding.error:
            raise _broken(f"`{path}` cannot be understood at line {binding.original.line}")
    return {name: value for name, value in dotenv_values(stream=StringIO(content)).items() if value is not None}


def _broken(message: str) -> ConfigurationError:
    hint = next(row["hint"] for row in _core.codes() if row["code"] == "invalid_env_file")
    return ConfigurationError(message, code="invalid_env_file", category="user", hint=hint)


@dataclass(kw_only=True)
class DatabaseConfig:
    """Where the database is and how connections to it are held."""

    url: str = field(repr=False)
    pool_size: int = 10
    max_overflow: int = 20
    pool_timeout: float = 30
    pool_recycle: float = 3600
    schemas: list[str] | None = None
    ssl_enabled: bool | None = None
    ssl_verify: bool | None = None
    ssl_ca: str | None = None
    ssl_cert: str | None = None
    ssl_key: str | None = None
    connect_args: dict[str, Any] | None = None
    """Arguments of a driver, as in 0.1.4. No agent takes them: it has drivers of its own."""


@dataclass(kw_only=True)
class CacheConfig:
    """What is remembered and for how many seconds."""

    enabled: bool = True
    backend: str = "memory"
    path: str | None = None
    results: str = "off"
    schema_ttl: float = 3600
    values_ttl: float = 3600
    unindexed_columns: list[str] | None = None
    query_ttl: float = 300
    llm_ttl: float = 3600
    redis_url: str | None = field(default=None, repr=False)


@dataclass(kw_only=True)
class ModelConfig:
    """Which engine answers and which model it uses."""

    strategy: str = "adaptive"
    base_url: str | None = None
    openai_api: str = "chat"
    openai_organization: str | None = None
    openai_project: str | None = None
    model_headers: dict[str, str] | None = field(default=None, repr=False)
    model_proxy: str | None = field(default=None, repr=False)
    fast_model: str = "gpt-4o-mini"
    balanced_model: str = "gpt-4.1-mini"
    complex_model: str = "gpt-4.1"
    temperature: float = 0.0
    max_tokens: int = 1000
    timeout: float = 60
    model_breaker_failures: int = 5
    model_breaker_pause: float = 30
    model_prices: dict[str, dict[str, float]] | None = None
    offline_confidence: float = 0.85
    share_values: bool = False


@dataclass(kw_only=True)
class SafetyConfig:
    """What may run and how much of it."""

    read_only: bool = True
    allowed_tables: list[str] | None = None
    blocked_tables: list[str] | None = None
    allowed_columns: list[str] | None = None
    blocked_columns: list[str] | None = None
    masked_columns: list[str] | None = None
    row_filters: dict[str, str] | None = None
    roles: dict[str, dict[str, Any]] | None = None
    conceal_forbidden: bool = False
    max_query_timeout: float = 30
    max_result_rows: int = 10_000
    max_result_bytes: int = 64 * 1024 * 1024
    max_estimated_rows: int | None = None
    max_estimated_cost: float | None = None
    second_opinion: str | bool = "auto"
    require_least_privilege: bool = False
    max_question_length: int = 4_000
    injection_screen: str = "flag"
    enable_guardrails: bool = True


@dataclass(kw_only=True)
class AgentConfig:
    """All options of an agent, grouped. `DatabaseQueryAgent.from_config` takes one."""

    database: DatabaseConfig
    openai_api_key: str | list[str] | Callable[[], str] | None = field(default=None, repr=False)
    cache: CacheConfig = field(default_factory=CacheConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    safety: SafetyConfig = field(default_factory=SafetyConfig)
    session_backend: str = "sqlite"
    session_db_path: str | None = None
    session_url: str | None = field(default=None, repr=False)
    max_history_turns: int = 20
    max_history_tokens: int = 4_000
    locale: str = "en"
    enable_streaming: bool = False
    stream_delay: float = 0
    enable_statistics: bool = True
    on_error: str = "raise"
    lazy_schema_loading: bool = True
    max_tables_in_context: int = 5
    question_timeout: float = 120
    max_prompt_tokens: int = 8000
    model_tools: str = "auto"
    max_tool_steps: int = 6
    max_tool_tokens: int = 20_000
    share_results: bool = False
    warmup_on_init: bool = False
    use_embeddings: bool = False
    """As in 0.1.4, and without effect as there: tables are chosen by words, stored values and keys."""

    @classmethod
    def from_env(
        cls,
        database_url: str | None = None,
        openai_api_key: str | Iterable[str] | Callable[[], str] | None = None,
        **overrides: Any,
    ) -> AgentConfig:
        """The options as an agent would read them now: from `overrides` (named as the arguments of
        `DatabaseQueryAgent`, or one of the groups as a whole), environment, `.env` and defaults."""
        groups = {name: overrides.pop(name) for name in _GROUPS if name in overrides}
        given = {"database_url": database_url, "openai_api_key": openai_api_key, **overrides}
        values = _core.resolve(given, environment())
        if callable(openai_api_key):
            values["openai_api_key"] = openai_api_key
        return cls.of_groups(values, groups)

    @classmethod
    def of_groups(cls, values: dict[str, Any], groups: Mapping[str, Any] | None = None) -> AgentConfig:
        """The options that the core gives as plain values, with `groups` in the place of those of the same name."""
        for name, kind in _GROUPS.items():
            values[name] = (groups or {}).get(name) or kind(**values[name])
        return cls(**values)

    def to_options(self) -> dict[str, Any]:
        """The arguments of `DatabaseQueryAgent` that mean the same.

        Raises:
            ConfigurationError: there are `connect_args`
        """
        if self.database.connect_args:
            hint = "write options of the connection into the URL, as `?sslmode=require`"
            message = "`connect_args` cannot be used: they are arguments of another driver"
            raise ConfigurationError(message, code="invalid_option", category="user", hint=hint)
        own = (name for name in _names(AgentConfig) if name not in (*_GROUPS, *_WITHOUT_OPTION))
        options = {name: getattr(self, name) for name in own}
        for name, kind in _GROUPS.items():
            group = getattr(self, name)
            options |= {_option(name, one): getattr(group, one) for one in _names(kind) if one not in _WITHOUT_OPTION}
        return options


_GROUPS: dict[str, type] = {
    "database": DatabaseConfig,
    "cache": CacheConfig,
    "model": ModelConfig,
    "safety": SafetyConfig,
}
_WITHOUT_OPTION = ("connect_args", "use_embeddings")
_RENAMED = {
    ("database", "url"): "database_url",
    ("cache", "enabled"): "enable_cache",
    ("cache", "backend"): "cache_backend",
    ("cache", "path"): "cache_path",
    ("cache", "results"): "cache_results",
    ("cache", "schema_ttl"): "schema_cache_ttl",
    ("cache", "values_ttl"): "values_cache_ttl",
    ("cache", "query_ttl"): "query_cache_ttl",
    ("cache", "llm_ttl"): "llm_cache_ttl",
    ("model", "strategy"): "model_strategy",
    ("model", "timeout"): "model_timeout",
}


def _names(kind: type) -> list[str]:
    return [one.name for one in fields(kind)]


def _option(group: str, name: str) -> str:
    return _RENAMED.get((group, name), name)
