"""The way in: `DatabaseQueryAgent` answers questions about one database."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from db_query_agent import _core, _shapes, _waiting
from db_query_agent._arguments import asking, build, session_name, text, wall_clock
from db_query_agent._conversations import Conversations
from db_query_agent._settings import Settings
from db_query_agent._statement import Statements, statement
from db_query_agent.cache_manager import AgentCache
from db_query_agent.exceptions import DatabaseQueryAgentError
from db_query_agent.results import QueryResult, result_of
from db_query_agent.security_report import SecurityReport
from db_query_agent.streaming import EventStream, TextStream

if TYPE_CHECKING:
    import datetime
    import os
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from typing_extensions import Self

    from db_query_agent.caller import Caller
    from db_query_agent.config import AgentConfig
    from db_query_agent.session_manager import ChatSession

__all__ = ["DatabaseQueryAgent"]

# What a program that has not set up logging should know stands in `result["warnings"]`.
logging.getLogger("db_query_agent").addHandler(logging.NullHandler())


class DatabaseQueryAgent(Conversations, Settings, Statements):
    """Answers questions about one database in plain language.

    >>> agent = DatabaseQueryAgent(database_url="sqlite:///shop.db")  # doctest: +SKIP
    >>> agent.query("How many orders were there last month?")["natural_response"]  # doctest: +SKIP
    'There were 214 orders last month.'

    Every option can be left out: then an environment variable or a line of the `.env` file in the
    working directory or above it holds, then the default. Without `openai_api_key` (or the
    `base_url` of a server of one's own) the offline engine answers.

    An agent may be shared by threads and event loops. Nothing is connected before the first
    question, unless `warmup_on_init`. A forked child gets connections of its own on first use.
    """

    def __init__(
        self,
        database_url: str | os.PathLike[str] | Any | None = None,
        openai_api_key: str | Iterable[str] | Callable[[], str] | None = None,
        # models
        model_strategy: str | None = None,
        fast_model: str | None = None,
        balanced_model: str | None = None,
        complex_model: str | None = None,
        # caches
        enable_cache: bool | None = None,
        cache_backend: str | None = None,
        schema_cache_ttl: float | None = None,
        query_cache_ttl: float | None = None,
        llm_cache_ttl: float | None = None,
        # safety
        read_only: bool | None = None,
        allowed_tables: Iterable[str] | None = None,
        blocked_tables: Iterable[str] | None = None,
        max_query_timeout: float | None = None,
        max_result_rows: int | None = None,
        # connections
        pool_size: int | None = None,
        max_overflow: int | None = None,
        # what a model is shown
        lazy_schema_loading: bool | None = None,
        max_tables_in_context: int | None = None,
        warmup_on_init: bool | None = None,
        # behaviour
        enable_statistics: bool | None = None,
        enable_streaming: bool | None = None,
        # conversations
        session_backend: str | None = None,
        session_db_path: str | os.PathLike[str] | None = None,
        *,
        base_url: str | None = None,
        openai_api: str | None = None,
        openai_organization: str | None = None,
        openai_project: str | None = None,
        model_headers: Mapping[str, str] | None = None,
        model_proxy: str | None = None,
        model: str | None = None,
        temperature: float | None = None,
        max_tokens: int | None = None,
        model_timeout: float | None = None,
        model_breaker_failures: int | None = None,
        model_breaker_pause: float | None = None,
        model_prices: Mapping[str, Mapping[str, float]] | None = None,
        offline_confidence: float | None = None,
        share_values: bool | None = None,
        question_timeout: float | None = None,
        max_prompt_tokens: int | None = None,
        model_tools: str | None = None,
        max_tool_steps: int | None = None,
        max_tool_tokens: int | None = None,
        share_results: bool | None = None,
        cache_ttl: float | None = None,
        cache_path: str | os.PathLike[str] | None = None,
        cache_results: str | None = None,
        values_cache_ttl: float | None = None,
        unindexed_columns: Iterable[str] | None = None,
        redis_url: str | None = None,
        session_url: str | Any | None = None,
        max_history_turns: int | None = None,
        max_history_tokens: int | None = None,
        allowed_columns: Iterable[str] | None = None,
        blocked_columns: Iterable[str] | None = None,
        masked_columns: Iterable[str] | None = None,
        row_filters: Mapping[str, str] | None = None,
        roles: Mapping[str, Mapping[str, Any]] | None = None,
        conceal_forbidden: bool | None = None,
        max_result_bytes: int | None = None,
        max_estimated_rows: int | None = None,
        max_estimated_cost: float | None = None,
        second_opinion: str | bool | None = None,
        require_least_privilege: bool | None = None,
        max_question_length: int | None = None,
        injection_screen: str | None = None,
        enable_guardrails: bool | None = None,
        pool_timeout: float | None = None,
        pool_recycle: float | None = None,
        schemas: Iterable[str] | None = None,
        ssl_enabled: bool | None = None,
        ssl_verify: bool | None = None,
        ssl_ca: str | os.PathLike[str] | None = None,
        ssl_cert: str | os.PathLike[str] | None = None,
        ssl_key: str | os.PathLike[str] | None = None,
        locale: str | None = None,
        stream_delay: float | None = None,
        on_error: str | None = None,
        **unknown: Any,
    ) -> None:
        """Takes the options below; a name that is none of them raises `ConfigurationError`.

        Args:
            database_url: where the database is, as `dialect://user:password@host:port/database`, or a
                SQLAlchemy `Engine`, whose own connections are used where no URL leads to its database
                (`DATABASE_URL`)
            openai_api_key: key of the model's server; a list of keys, which are used in turn, one that is refused or
                out of credit being left out for a while; or a function without arguments that gives a key, called
                on a thread of its own when one is needed. Without any the offline engine answers (`OPENAI_API_KEY`,
                several divided by commas)
            model_strategy: `"adaptive"` (offline where it is sure, else a model), `"fixed"` (the fast model),
                `"offline"` or `"model"` (`MODEL_STRATEGY`)
            fast_model: model for simple questions (`FAST_MODEL`)
            balanced_model: model for questions of middling difficulty (`BALANCED_MODEL`)
            complex_model: model for hard questions (`COMPLEX_MODEL`)
            enable_cache: whether anything is remembered between questions (`CACHE_ENABLED`)
            cache_backend: `"memory"`, `"sqlite"` or `"redis"` (`CACHE_BACKEND`)
            schema_cache_ttl: seconds the schema is remembered; 0 reads it for each question (`CACHE_SCHEMA_TTL`)
            query_cache_ttl: seconds a result is remembered, where `cache_results` says so (`CACHE_QUERY_TTL`)
            llm_cache_ttl: seconds a model's answer is remembered (`CACHE_LLM_TTL`)
            read_only: this version refuses every statement that does more than read, either way (`READ_ONLY`)
            allowed_tables: the only tables that may be read, as `name` or `schema.name` (`ALLOWED_TABLES`)
            blocked_tables: tables that may not be read; stronger than `allowed_tables` (`BLOCKED_TABLES`)
            max_query_timeout: seconds a statement may run before it is stopped on the server (`QUERY_TIMEOUT`)
            max_result_rows: rows a result may have; the rest is cut off and said so (`MAX_RESULT_ROWS`)
            pool_size: connections kept open (`DB_POOL_SIZE`)
            max_overflow: connections opened beyond that under load (`DB_MAX_OVERFLOW`)
            lazy_schema_loading: whether a model is shown only the tables that matter (`LAZY_SCHEMA_LOADING`)
            max_tables_in_context: how many tables it is shown then at most (`MAX_TABLES_IN_CONTEXT`)
            warmup_on_init: whether to connect and read the schema now (`WARMUP_ON_INIT`)
            enable_statistics: whether questions are counted for `get_stats()` (`ENABLE_STATISTICS`)
            enable_streaming: whether front ends that leave the choice to the configuration stream (`ENABLE_STREAMING`)
            session_backend: where conversations are kept: `"sqlite"`, `"memory"`, `"sqlalchemy"` or `"redis"`
                (`SESSION_BACKEND`)
            session_db_path: file of the conversations for `"sqlite"`; without it they end with the process
                (`SESSION_DB_PATH`)
            base_url: address of any server that speaks OpenAI's API, for example
                `http://localhost:11434/v1` (`OPENAI_BASE_URL`)
            openai_api: `"chat"` for Chat Completions, which every compatible server has, or `"responses"`
                (`OPENAI_API`)
            openai_organization: organisation that requests are counted for (`OPENAI_ORG_ID`)
            openai_project: project that requests are counted for (`OPENAI_PROJECT_ID`)
            model_headers: headers that each request to the model's server carries besides (`MODEL_HEADERS`, as JSON)
            model_proxy: proxy on the way there, as `http://user:password@host:port`; without it `HTTPS_PROXY` and its
                like hold, except for servers of this machine (`MODEL_PROXY`)
            model: one model for everything (`OPENAI_MODEL`)
            temperature: how freely the model writes; 0 is the steadiest (`MODEL_TEMPERATURE`)
            max_tokens: longest answer of the model (`MODEL_MAX_TOKENS`)
            model_timeout: seconds a question may spend on the model, retries included (`MODEL_TIMEOUT`)
            model_breaker_failures: questions in a row that the model's server must fail at before it is left alone for
                a while; 0: never (`MODEL_BREAKER_FAILURES`)
            model_breaker_pause: seconds for which it is left alone then (`MODEL_BREAKER_PAUSE`)
            model_prices: what models cost, in US dollars for a million tokens, as
                `{"model": {"input": 0.4, "cached_input": 0.1, "output": 1.6}}` (`MODEL_PRICES`, as JSON)
            offline_confidence: how sure the offline engine must be, 0 to 1, to answer without a model where the
                strategy is `"adaptive"` (`OFFLINE_CONFIDENCE`)
            share_values: whether a model is told stored values that the question means but does not spell out;
                otherwise it sees a stand-in that is filled in afterwards (`SHARE_VALUES`)
            question_timeout: seconds a question may take in all, retries and repairs included (`QUESTION_TIMEOUT`)
            max_prompt_tokens: longest prompt, in tokens; what matters least is left out (`MAX_PROMPT_TOKENS`)
            model_tools: whether a model may look around by tools: `"auto"` (after a failure and in large schemas),
                `"always"` or `"never"` (`MODEL_TOOLS`)
            max_tool_steps: answers of a model that may call tools before it has to answer (`MAX_TOOL_STEPS`)
            max_tool_tokens: tokens of a question after which a model may call no more tools (`MAX_TOOL_TOKENS`)
            share_results: whether a model may see rows of a result, masked and cut short, and write the sentence from
                them, whose numbers are checked against the cells (`SHARE_RESULTS`)
            cache_ttl: short for `schema_cache_ttl`
            cache_path: file of what is remembered for `cache_backend="sqlite"`; without it memory alone (`CACHE_PATH`)
            cache_results: whether results are remembered: `"off"`, in `"memory"`, or `"shared"` with other processes
                through `cache_backend`, which then holds rows; `result["as_of"]` tells when they were read
                (`CACHE_RESULTS`)
            values_cache_ttl: seconds after which stored values, by which questions are understood, are read again in
                the background (`CACHE_VALUES_TTL`)
            unindexed_columns: columns whose stored values are never read to understand questions, as `table.column`,
                or `column` for every table; `["*"]`: none is (`UNINDEXED_COLUMNS`)
            redis_url: address of the Redis server, for back ends that use one (`REDIS_URL`)
            session_url: for `"sqlalchemy"` the database of the conversations (PostgreSQL, MySQL, MariaDB or SQLite), as
                a URL or a SQLAlchemy `Engine`; for `"redis"` the server, where it is not `redis_url`
                (`SESSION_DATABASE_URL`)
            max_history_turns: turns of a conversation that a follow-up may look back on; older ones are kept but not
                read (`MAX_HISTORY_TURNS`)
            max_history_tokens: size of these turns, in tokens; where they have more, the sentences of the oldest go
                first, then whole turns, the last one never (`MAX_HISTORY_TOKENS`)
            allowed_columns: columns as `table.column`; a table that is named here shows no other (`ALLOWED_COLUMNS`)
            blocked_columns: columns that no statement may refer to, as `table.column`, or `column` for every table
                (`BLOCKED_COLUMNS`)
            masked_columns: columns whose values come out as `***` (`MASKED_COLUMNS`)
            row_filters: conditions on the rows of tables, as `{"orders": "tenant_id = :tenant"}`, in which `:name` is
                an attribute of the caller (`ROW_FILTERS`, as JSON)
            roles: what callers with a role may read beyond that, as a mapping of the options `allowed_tables` to
                `row_filters` by role; the first role that a caller has is chosen, `"*"` stands for every caller
                (`ACCESS_ROLES`, as JSON)
            conceal_forbidden: whether what may not be read is said not to exist (`CONCEAL_FORBIDDEN`)
            max_result_bytes: bytes a result may have; the rest is cut off and said so (`MAX_RESULT_BYTES`)
            max_estimated_rows: rows that the database may expect at the largest step of a statement; more is refused
                before it runs (`MAX_ESTIMATED_ROWS`)
            max_estimated_cost: the same for PostgreSQL's estimate of cost (`MAX_ESTIMATED_COST`)
            second_opinion: whether the database is asked which tables a statement reads before it runs: `"auto"`
                where a policy says what may be read, `True` or `False` (`SECOND_OPINION`)
            require_least_privilege: whether a login that can do more than read is refused, see
                `security_report` (`REQUIRE_LEAST_PRIVILEGE`)
            max_question_length: longest question, in characters (`MAX_QUESTION_LENGTH`)
            injection_screen: what becomes of a question that looks like an attempt to talk a model round: `"flag"`
                answers it with a warning, `"block"` refuses it, `"off"` does not look (`INJECTION_SCREEN`)
            enable_guardrails: whether questions and results are screened beyond the guard on SQL, which
                is always on (`ENABLE_GUARDRAILS`)
            pool_timeout: seconds a question waits for a connection, also a new one (`DB_POOL_TIMEOUT`)
            pool_recycle: seconds after which a connection is replaced before use (`DB_POOL_RECYCLE`)
            schemas: database schemas to read; without it all but the system's (`DB_SCHEMAS`)
            ssl_enabled: whether the connection must be encrypted (`SSL_ENABLED`)
            ssl_verify: whether the server's certificate is checked (`SSL_VERIFY`)
            ssl_ca: file with the certificates of the authorities to trust (`SSL_CA`)
            ssl_cert: file with this client's certificate (`SSL_CERT`)
            ssl_key: file with the key of this client's certificate (`SSL_KEY`)
            locale: how answers write numbers and dates, as `de` or `pt-BR`; the words stay English (`ANSWER_LOCALE`)
            stream_delay: seconds between two pieces of a streamed answer (`STREAM_DELAY`)
            on_error: `"raise"`, or `"return"` to find a failure in `result["error"]` (`ON_ERROR`)

        Raises:
            ConfigurationError: an option, a variable or the `.env` file cannot be used
        """
        options = locals()
        # A traceback that shows local variables must not show these.
        del database_url, openai_api_key, base_url, model_headers, model_proxy, redis_url, session_url, unknown
        self._core = build(options)
        for warning in self._core.warnings:
            warnings.warn(warning, stacklevel=2)
        if self._core.warms_up:
            _waiting.take(self._core.warm_up())

    @classmethod
    def from_env(cls, **overrides: Any) -> Self:
        """An agent on the environment and the `.env` file, with `overrides` before both."""
        return cls(**overrides)

    @classmethod
    def from_config(cls, options: AgentConfig) -> Self:
        """An agent on options that were grouped in an `AgentConfig`."""
        return cls(**options.to_options())

    # -- asking ----------------------------------------------------------------------------------

    def query(
        self,
        question: str,
        return_sql: bool = True,
        return_results: bool = True,
        return_natural_response: bool = True,
        session: ChatSession | str | Any | None = None,
        *,
        now: datetime.datetime | None = None,
        caller: Caller | None = None,
    ) -> QueryResult:
        """Answers `question`. Blocks where no event loop runs; inside one, `await` the result.

        Args:
            question: what to know, in plain language
            return_sql: without it `result["sql"]` is `None`
            return_results: without it nothing runs: the result holds the statement, which the guard has let through,
                with its explanation and confidence, or the question back with its choices; `result["result"]` is
                `None`, and the sentence is the explanation
            return_natural_response: without it `result["natural_response"]` is `None`
            session: the conversation the question belongs to
            now: the wall clock that "last month" is reckoned from, its zone left aside; without it the machine's
            caller: on whose behalf; without it the one that the conversation was made for

        Raises:
            DatabaseQueryAgentError: one of its kinds, unless `on_error="return"`
        """
        wanted = {"sql": return_sql, "result": return_results, "natural_response": return_natural_response}
        dry_run = not return_results

        def ask() -> _core.Handle:
            name, asker = session_name(session), asking(caller, session)
            return self._core.query(
                text(question),
                name,
                dry_run=dry_run,
                wordless=not return_natural_response,
                now=wall_clock(now),
                caller=asker,
            )

        return self._answer(question, ask, [key for key, keep in wanted.items() if not keep])

    def query_stream(
        self,
        question: str,
        session: ChatSession | str | Any | None = None,
        *,
        now: datetime.datetime | None = None,
        caller: Caller | None = None,
    ) -> TextStream:
        """The sentence of the answer, piece by piece: for `for` and for `async for`. Leaving the loop stops it."""
        return TextStream(self.query_events(question, session, now=now, caller=caller), self._core.stream_delay)

    def query_events(
        self,
        question: str,
        session: ChatSession | str | Any | None = None,
        *,
        return_results: bool = True,
        now: datetime.datetime | None = None,
        caller: Caller | None = None,
    ) -> EventStream:
        """What happens on the way to the answer, as it happens: for `for` and for `async for`.

        Without `return_results` nothing runs, see `query`.
        """
        name, asker = session_name(session), asking(caller, session)

        def ask() -> _core.Events:
            dry_run = not return_results
            return self._core.events(text(question), name, dry_run=dry_run, now=wall_clock(now), caller=asker)

        return EventStream(ask, self._failed(question))

    def run_sql(self, sql: str, *, caller: Caller | None = None) -> QueryResult:
        """Runs a statement of one's own behind the same guard and limits. To be awaited or not, like `query`.

        The result has the keys of an answer; what only a question has, a sentence or an engine, is empty.
        """

        def complete(answer: Any) -> dict[str, Any]:
            columns, rows, truncated, notes, seconds = answer
            return _shapes.blank(sql) | {
                "sql": sql,
                "result": rows,
                "columns": columns,
                "execution_time": seconds,
                "confidence": 1.0,
                "row_count": len(rows),
                "truncated": truncated,
                "warnings": notes,
            }

        return self._answer(sql, lambda: self._core.run_sql(statement(sql), caller=caller), [], complete)

    def _answer(
        self,
        question: str,
        ask: Callable[[], _core.Handle],
        dropped: list[str],
        shape: Callable[[Any], dict[str, Any]] = dict,
    ) -> QueryResult:
        failed = self._failed(question)

        def complete(handle: _core.Handle) -> dict[str, Any]:
            try:
                answer = shape(handle.take())
            except DatabaseQueryAgentError as error:
                return failed(error)
            return answer | dict.fromkeys(dropped)

        try:
            handle = ask()
        except DatabaseQueryAgentError as error:
            return QueryResult(failed(error))
        return result_of(handle, complete)

    def _failed(self, question: str) -> Callable[[DatabaseQueryAgentError], dict[str, Any]]:
        """Raises a failure, or makes the answer that holds it."""

        def failed(error: DatabaseQueryAgentError) -> dict[str, Any]:
            if not self._core.returns_errors:
                raise error
            return _shapes.failure(question, error)

        return failed

    # -- teaching --------------------------------------------------------------------------------

    def add_example(self, question: str, sql: str) -> None:
        """Teaches that `sql` answers `question`, and that questions like it are answered much like that.

        Models are shown it as it stands here, stored values in it included; the very same question is answered by
        it without a model. The guard reads the statement now, and again for each caller who asks.

        >>> agent.add_example("who are our best customers?", "SELECT name FROM customers …")  # doctest: +SKIP

        Raises:
            ValidationError: the statement does more than read, or names what is not there
        """
        _waiting.take(self._core.add_example(text(question), sql))

    def add_documentation(self, documentation: str) -> None:
        """Teaches what the data means: terms, units, rules of the business. Models are shown it as it stands here for
        questions that share words with it. At most 4,000 characters a piece.

        >>> agent.add_documentation("A customer is active who ordered in the last 90 days.")  # doctest: +SKIP
        """
        self._core.add_documentation(documentation)

    @property
    def examples(self) -> list[tuple[str, str]]:
        """The examples that were added, as `(question, sql)`."""
        return self._core.examples()

    def clear_training(self) -> None:
        """Forgets every example and all documentation."""
        self._core.forget_lessons()

    def add_tool(
        self, function: Callable[..., Any], *, name: str | None = None, description: str | None = None
    ) -> Callable[..., Any]:
        """Lets models call `function` while they work on a question. Its type hints say which arguments it takes, its
        docstring when to call it; `Annotated[str, "…"]` describes an argument. It may be `async`, runs on a thread of
        its own and gives text, or what JSON can hold. What it raises is told to the model. Can be used as a decorator.

        >>> @agent.add_tool  # doctest: +SKIP
        ... def fiscal_year(day: str) -> str:
        ...     \"\"\"The fiscal year of a day, given as YYYY-MM-DD.\"\"\"
        ...     return day[:4]

        Raises:
            ConfigurationError: no docstring, an argument without a usable type, or a name that cannot be called
        """
        from db_query_agent import _tools

        called, about, parameters = _tools.describe(function, name, description)
        self._core.add_tool(called, about, parameters, _tools.caller(function))
        return function

    # -- looking at the database -----------------------------------------------------------------

    def get_schema(self, force_refresh: bool = False, *, caller: Caller | None = None) -> dict[str, Any]:
        """The tables and views that may be read, by name; see `SchemaExtractor.get_schema`."""
        return _shapes.schema(_waiting.take(self._core.schema(refresh=force_refresh, caller=caller)))

    def get_schema_info(self, include_foreign_keys: bool = True, *, caller: Caller | None = None) -> dict[str, Any]:
        """The schema with what is around it: `tables`, `total_tables`, `relationships`, `dialect`, `default_schema`.

        `QueryValidator(schema=…)` takes it.
        """
        return _shapes.schema_info(_waiting.take(self._core.schema(refresh=False, caller=caller)), include_foreign_keys)

    def security_report(self) -> SecurityReport:
        """What the login could do if the guard were gone, and which fences stand; each is asked of the
        database now. Blocks where no event loop runs; inside one, `await` it.

        >>> print(agent.security_report())  # doctest: +SKIP
        PostgreSQL 15.8, login `reader`
        read-only kept by the engine: yes
        login may only read: yes
        holds   read_only read_only_transaction   transaction_read_only
        …
        """
        return SecurityReport(self._core.security_report())

    def get_stats(self) -> dict[str, Any]:
        """What was asked since the agent was made, what came of it, how long it took and what it cost.

        Counts are of one moment, streams among them. With `enable_statistics=False` all before `cache` is missing.

        ==================== ==========================================================================
        `total_queries`      questions that came in, those under way included
        `successful_queries` … that were answered
        `failed_queries`     … that ended in an error, also by being cancelled
        `cache_hits`         answers of which the statement or the rows were known from before
        `engines`            answers by who proposed the statement: `{"offline": 7, "gpt-4o-mini": 3}`
        `errors`             failures by code: `{"query_timeout": 1}`
        `model_calls`        calls of models that were answered
        `tokens`             `{"prompt": …, "cached": …, "completion": …}`; cached ones are among the prompt's
        `cost`               US dollars for the calls whose price is known; `None` where none is
        `unpriced_calls`     calls whose price is not known
        `latency`            seconds by step (`ground`, `propose`, `approve`, `run`, `answer`) and in `total`, to 1 %:
                             `{"count": …, "mean": …, "p50": …, "p90": …, "p99": …, "max": …}`
        `cache`              entries of the caches: `total_entries`, `active_entries`, `expired_entries`, `hits`;
                             more in `agent.cache.stats()`
        `pool`               connections: `size`, `open`, `idle`, `checked_out`, `overflow`
        `sessions`           `total_sessions`, `backend`, `db_path`
        `schema_tables`      tables that may be read; `None` where the schema cannot be read just now
        ==================== ==========================================================================
        """
        backend, path = self._core.session_store
        try:
            tables: int | None = len(self.get_schema())
        except DatabaseQueryAgentError:
            # Figures are asked for most when something is down.
            tables = None
        counted = self._core.statistics()
        caches = self.cache.stats()
        entries = caches["schemas"] + caches["proposals"]["entries"] + caches["results"]["entries"]
        return {
            **(counted if self._core.counts else {}),
            # An entry that is over is removed, so none is there that is not active.
            "cache": {
                "total_entries": entries,
                "active_entries": entries,
                "expired_entries": 0,
                "hits": counted["cache_hits"],
            },
            "pool": self._core.pool(),
            "sessions": {"total_sessions": len(self.list_sessions()), "backend": backend, "db_path": path},
            "schema_tables": tables,
        }

    @property
    def cache(self) -> AgentCache:
        """What the agent remembers: to look at, to outdate, to forget."""
        return AgentCache(self._core)

    # -- ending ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Closes every connection and stops what still runs on the server.

        Questions under way and after it raise `DatabaseQueryAgentError` with code `closed`.
        """
        _waiting.take(self._core.close())

    async def aclose(self) -> None:
        """Closes every connection without blocking the event loop."""
        await _waiting.finish(self._core.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        # A traceback may show an agent whose constructor failed.
        core = vars(self).get("_core")
        return f"DatabaseQueryAgent({core.url!r})" if core else "DatabaseQueryAgent(…)"
