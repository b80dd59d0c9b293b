"""Ask a SQL database a question in plain language.

    >>> from db_query_agent import DatabaseQueryAgent
    >>> agent = DatabaseQueryAgent(database_url="sqlite:///shop.db")   # doctest: +SKIP
    >>> result = agent.query("How many orders were there last month?")  # doctest: +SKIP
    >>> result["sql"], result["result"], result["natural_response"]     # doctest: +SKIP

| module | what it holds |
| --- | --- |
| `agent` | `DatabaseQueryAgent`, the way in |
| `results` | `QueryResult`: a dictionary that can be awaited and exported |
| `session_manager` | conversations: `ChatSession`, `SessionManager` |
| `schema_extractor` | what the database looks like: `SchemaExtractor` |
| `query_validator` | whether a statement may run: `QueryValidator` |
| `safety_guardrails` | screens for questions and results: `SafetyGuardrails` |
| `cache_manager` | a store with a time to live: `CacheManager` |
| `security_report` | what the login may do: `SecurityReport` |
| `charts` | `Chart`: a result as a picture |
| `integrations` | `%load_ext db_query_agent` in notebooks |
| `config` | the options as classes, environment, `.env` |
| `exceptions` | every failure, as a tree |

Everything is imported on first use, so `import db_query_agent` costs next to nothing.
"""

from __future__ import annotations

from db_query_agent._core import __version__

# `typing` costs more than the rest of this import; type checkers know the name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from db_query_agent.agent import DatabaseQueryAgent
    from db_query_agent.cache_manager import CacheManager
    from db_query_agent.caller import Caller
    from db_query_agent.config import AgentConfig, CacheConfig, DatabaseConfig, ModelConfig, SafetyConfig
    from db_query_agent.exceptions import (
        AccessError,
        CacheError,
        ConfigurationError,
        ConnectionError,  # noqa: A004 - the released name
        DatabaseQueryAgentError,
        ModelError,
        QueryCancelledError,
        QueryExecutionError,
        QueryTimeoutError,
        QuestionError,
        SchemaExtractionError,
        SessionError,
        ValidationError,
    )
    from db_query_agent.query_validator import QueryValidator, ValidationResult
    from db_query_agent.response import QueryResponse
    from db_query_agent.results import QueryResult
    from db_query_agent.safety_guardrails import SafetyGuardrails
    from db_query_agent.schema_extractor import SchemaExtractor
    from db_query_agent.security_report import SecurityReport
    from db_query_agent.session_manager import ChatSession, SessionManager

_HOMES = {
    "agent": ("DatabaseQueryAgent",),
    "cache_manager": ("CacheManager",),
    "caller": ("Caller",),
    "config": ("AgentConfig", "CacheConfig", "DatabaseConfig", "ModelConfig", "SafetyConfig"),
    "integrations.jupyter": ("load_ipython_extension", "unload_ipython_extension"),
    "exceptions": (
        "AccessError",
        "CacheError",
        "ConfigurationError",
        "ConnectionError",
        "DatabaseQueryAgentError",
        "ModelError",
        "QueryCancelledError",
        "QueryExecutionError",
        "QueryTimeoutError",
        "QuestionError",
        "SchemaExtractionError",
        "SessionError",
        "ValidationError",
    ),
    "query_validator": ("QueryValidator", "ValidationResult"),
    "response": ("QueryResponse",),
    "results": ("QueryResult",),
    "safety_guardrails": ("SafetyGuardrails",),
    "schema_extractor": ("SchemaExtractor",),
    "security_report": ("SecurityReport",),
    "session_manager": ("ChatSession", "SessionManager"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "AccessError",
    "AgentConfig",
    "CacheConfig",
    "CacheError",
    "CacheManager",
    "Caller",
    "ChatSession",
    "ConfigurationError",
    "ConnectionError",
    "DatabaseConfig",
    "DatabaseQueryAgent",
    "DatabaseQueryAgentError",
    "ModelConfig",
    "ModelError",
    "QueryCancelledError",
    "QueryExecutionError",
    "QueryResponse",
    "QueryResult",
    "QueryTimeoutError",
    "QueryValidator",
    "QuestionError",
    "SafetyConfig",
    "SafetyGuardrails",
    "SchemaExtractionError",
    "SchemaExtractor",
    "SecurityReport",
    "SessionError",
    "SessionManager",
    "ValidationError",
    "ValidationResult",
    "__version__",
]


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
