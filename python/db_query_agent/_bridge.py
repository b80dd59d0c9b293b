"""Engines that only this process can connect: their connections are lent to the core, one statement at a time."""

from __future__ import annotations

import inspect
import os
import sys
import threading
from contextlib import suppress
from typing import Any

from db_query_agent import exceptions

__all__ = ["Bridge", "Loan", "bridge"]

# What `connect_args` may hold that changes nothing about which database is read, and as whom.
_HARMLESS = frozenset(
    {
        "application_name",
        "autocommit",
        "cached_statements",
        "charset",
        "check_same_thread",
        "client_encoding",
        "connect_timeout",
        "connection_timeout",
        "detect_types",
        "isolation_level",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "local_infile",
        "prepare_threshold",
        "program_name",
        "read_timeout",
        "tcp_user_timeout",
        "timeout",
        "uri",
        "use_unicode",
        "write_timeout",
    }
)
# SQLite instructions between two looks at the clock: about a tenth of a millisecond of work.
_INSTRUCTIONS_PER_LOOK = 10_000


def bridge(source: Any) -> Bridge | None:
    """What lends connections of `source`, where its URL alone does not lead to its database; else `None`."""
    engine = getattr(source, "sync_engine", source)
    if not hasattr(engine, "raw_connection") or not _needs_bridge(engine):
        return None
    if engine.dialect.is_async:
        raise exceptions.ConfigurationError(
            "an asynchronous engine whose URL alone does not lead to its database cannot be served",
            code="invalid_option",
            category="user",
            hint="give the agent a synchronous engine with the same `creator`, or the URL of the database",
        )
    if not _is_sqlite(engine) and type(engine.pool).__name__ in ("StaticPool", "SingletonThreadPool", "AssertionPool"):
        raise exceptions.ConfigurationError(
            f"an engine with `{type(engine.pool).__name__}` has no connection to lend beside the application's own",
            code="invalid_option",
            category="user",
            hint="give the agent an engine with the default pool, or with `NullPool`",
        )
    return Bridge(engine)


def _needs_bridge(engine: Any) -> bool:
    if _is_in_memory(engine) or len(list(engine.dialect.dispatch.do_connect)) > 0:
        return True
    if _has_creator(engine):
        return True
    # SQLAlchemy's own creator; what it connects with is seen nowhere else.
    given = inspect.getclosurevars(engine.pool._creator).nonlocals.get("cparams", {})
    _, of_the_url = engine.dialect.create_connect_args(engine.url)
    missing = object()
    return any(of_the_url.get(name, missing) != given[name] for name in given.keys() - _HARMLESS)


def _has_creator(engine: Any) -> bool:
    """Whether the application connects by itself."""
    return not getattr(engine.pool._creator, "__module__", "").startswith("sqlalchemy.")


def _is_sqlite(engine: Any) -> bool:
    return bool(engine.url.get_backend_name() == "sqlite")


def _is_in_memory(engine: Any) -> bool:
    """Whether it is a SQLite database in the memory of this process."""
    if not _is_sqlite(engine):
        return False
    name = engine.url.database or ":memory:"
    return name == ":memory:" or name.startswith("file::memory:") or engine.url.query.get("mode") == "memory"


class Bridge:
    """Lends connections of one engine."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._process = os.getpid()
        self._thread = threading.get_ident()
        self._forked: tuple[int, Any] | None = None
        self._lock = threading.Lock()
        self._is_sqlite = _is_sqlite(engine)
        pool = type(engine.pool).__name__
        self._is_static = pool == "StaticPool"
        self.is_shared = self._is_sqlite and (self._is_static or pool == "SingletonThreadPool")
        """Whether the application uses the same connection at the same time."""
        self._connection: Any = None
        self.is_copied = False
        """Whether its connection answers in the thread that made it only, so that what it holds is copied there."""
        self._stamp: Any = None
        if self.is_shared:
            self._connection = self._own_connection()
            # A file can be opened once more, by the `creator` of the application.
            self.is_shared = self._is_static or not _file_of(self._connection)
        if self.is_shared:
            self.is_copied = _is_bound_to_its_thread(self._connection)

    def refresh(self) -> bytes | None:
        """Takes up what only the calling thread can see; a copy of the database where it has changed."""
        if not self.is_shared or threading.get_ident() != self._thread or os.getpid() != self._process:
            return None
        self._connection = self._own_connection()
        if not self.is_copied:
            return None
        # Nothing counts what a rollback takes back, so what is copied inside a transaction is copied anew.
        connection = self._connection
        versions = [_pragma(connection, name)[0] for name in ("schema_version", "data_version")]
        stamp = (id(connection), connection.total_changes, *versions)
        if stamp == self._stamp:
            return None
        copy = _copy_of(connection)
        self._stamp = None if connection.in_transaction else stamp
        return copy

    def lend(self) -> Loan:
        """A connection of the pool, or the one that is shared."""
        if self.is_shared:
            connection = self._own_connection() if self._is_static else self._connection
            return Loan(self, connection, None)
        fairy = self._pool().connect()
        return Loan(self, fairy.driver_connection, fairy)

    def _pool(self) -> Any:
        """The engine's pool; in a forked child one like it, as the connections of the engine's are the parent's.

        A connection that a `creator` made to SQLite may be bound to its thread, so each has a new one.
        """
        if self._is_sqlite and _has_creator(self._engine):
            from sqlalchemy.pool import NullPool

            pool = self._engine.pool
            return NullPool(pool._creator, dialect=self._engine.dialect, _dispatch=pool.dispatch)
        if os.getpid() == self._process or self._is_sqlite:
            return self._engine.pool
        with self._lock:
            if self._forked is None or self._forked[0] != os.getpid():
                self._forked = (os.getpid(), self._engine.pool.recreate())
            return self._forked[1]

    def _own_connection(self) -> Any:
        """The driver's connection that the calling thread is given, without the rollback that giving it back is."""
        try:
            if self._is_static:
                return self._engine.pool.connection.driver_connection
            fairy = self._engine.raw_connection()
            try:
                return fairy.driver_connection
            finally:
                # Where the application has it checked out too, this ends nothing.
                fairy.close()
        except Exception as error:  # noqa: BLE001
            # Its words may hold a password.
            raise exceptions.ConnectionError(
                f"the engine gives no connection: it raised `{type(error).__name__}`",
                code="connection_failed",
                category="system",
                hint="call `engine.connect()` to see what its driver says",
            ) from None

    def run_elsewhere(self, statement: str) -> None:
        """Runs `statement` on a connection outside of the pool, which may have none left."""
        pool = self._engine.pool.recreate()
        try:
            fairy = pool.connect()
            try:
                cursor = fairy.driver_connection.cursor()
                cursor.execute(statement)
                cursor.close()
            finally:
                fairy.close()
        finally:
            pool.dispose()


class Loan:
    """A connection that was lent, with at most one statement on it."""

    def __init__(self, owner: Bridge, connection: Any, fairy: Any) -> None:
        self._owner = owner
        self._connection = connection
        self._fairy = fairy
        self._is_sqlite = owner._is_sqlite
        self.cursor: Any = None
        autocommit = getattr(connection, "autocommit", False)
        self.commits_by_itself = autocommit is True

    def execute(self, sql: str, parameters: list[Any]) -> list[tuple[str, int | None, int | None]]:
        """Runs a statement; the name, the type's number and the width of each column."""
        self.end()
        self.cursor = self._open()
        if parameters:
            self.cursor.execute(sql, parameters)
        else:
            self.cursor.execute(sql)
        return [(str(column[0]), _number(column[1]), _number(column[3])) for column in self.cursor.description or ()]

    def end(self) -> None:
        """Ends the statement, also where rows are left."""
        cursor, self.cursor = self.cursor, None
        if cursor is not None:
            cursor.close()

    def stop(self, session: int) -> None:
        """Stops what runs on the connection, from any thread. Only servers are told: SQLite looks by itself."""
        if self._is_sqlite:
            return
        cancel = getattr(self._connection, "cancel", None)
        if callable(cancel):
            cancel()
        elif self._owner._engine.dialect.name == "postgresql":
            self._owner.run_elsewhere(f"SELECT pg_catalog.pg_cancel_backend({session:d})")
        else:
            self._owner.run_elsewhere(f"KILL QUERY {session:d}")

    def watch(self, watcher: Any) -> bool:
        """Has SQLite ask `watcher`, or nobody; whether it is asked what a statement does."""
        if watcher is None:
            self._connection.set_progress_handler(None, 0)
        else:
            self._connection.set_progress_handler(watcher.is_over, _INSTRUCTIONS_PER_LOOK)
        authorize = getattr(self._connection, "set_authorizer", None)
        if authorize is None:
            return False
        # Before 3.11 `None` refuses everything (https://github.com/python/cpython/issues/88657).
        nobody = None if sys.version_info >= (3, 11) else _allow
        authorize(nobody if watcher is None else watcher.authorize)
        return True

    def give_back(self) -> None:
        """Hands the connection to the pool."""
        with suppress(Exception):
            self.end()
        fairy, self._fairy = self._fairy, None
        if fairy is not None:
            fairy.close()

    def give_up(self) -> None:
        """Closes the connection, unless the application uses it too."""
        with suppress(Exception):
            self.end()
        fairy, self._fairy = self._fairy, None
        if fairy is not None:
            fairy.invalidate()

    def explain(self, error: BaseException) -> tuple[str, str, bool]:
        """The code, the words and whether the connection is gone, by the parts that hold no row."""
        dialect = self._owner._engine.dialect
        module = dialect.dbapi
        is_of_the_driver = isinstance(error, getattr(module, "Error", ()))
        if not is_of_the_driver:
            return "", f"the engine's driver raised `{type(error).__name__}`", False
        is_lost = bool(dialect.is_disconnect(error, self._connection, self.cursor))
        if self._is_sqlite:
            return str(getattr(error, "sqlite_errorcode", "")), str(error), is_lost
        first = error.args[0] if error.args else None
        if dialect.name == "postgresql":
            # psycopg, psycopg2, and pg8000 with the fields of the server's message
            fields = first if isinstance(first, dict) else {}
            code = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or fields.get("C")
            message = getattr(getattr(error, "diag", None), "message_primary", None) or fields.get("M")
        else:
            code = getattr(error, "errno", first)
            message = getattr(error, "msg", None) or (error.args[-1] if error.args else None)
        if not code or not message:
            # Not the server's words, so nobody knows what they hold.
            return "", f"the engine's driver raised `{type(error).__name__}`", is_lost
        return str(code), str(message), is_lost

    def _open(self) -> Any:
        """A cursor that fetches rows as they are asked for, as tuples."""
        driver = type(self._connection).__module__.split(".")[0]
        if self._owner._engine.dialect.name in ("mysql", "mariadb"):
            streaming = getattr(sys.modules.get(f"{driver}.cursors"), "SSCursor", None)
            return self._connection.cursor(streaming) if streaming else self._connection.cursor(buffered=False)
        if driver == "psycopg2":
            return self._connection.cursor(cursor_factory=sys.modules["psycopg2.extensions"].cursor)
        cursor = self._connection.cursor()
        if self._is_sqlite:
            cursor.row_factory = None
        elif driver == "psycopg":
            cursor.row_factory = sys.modules["psycopg.rows"].tuple_row
        return cursor


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _allow(*_arguments: object) -> int:
    return 0


def _pragma(connection: Any, name: str) -> Any:
    cursor = connection.cursor()
    cursor.row_factory = None
    try:
        return cursor.execute(f"PRAGMA {name}").fetchone()
    finally:
        cursor.close()


def _file_of(connection: Any) -> str:
    """The file of the main database; empty for one in memory."""
    return _pragma(connection, "database_list")[2] or ""


def _is_bound_to_its_thread(connection: Any) -> bool:
    """Whether `sqlite3` refuses the connection to every thread but the one that made it."""
    refused: list[BaseException] = []

    def try_it() -> None:
        try:
            connection.cursor().close()
        except Exception as error:  # noqa: BLE001
            refused.append(error)

    thread = threading.Thread(target=try_it, name="db-query-agent-probe")
    thread.start()
    thread.join()
    return bool(refused)


def _copy_of(connection: Any) -> bytes:
    """The bytes of the database, with what its open transaction has changed."""
    if hasattr(connection, "serialize"):
        return bytes(connection.serialize())
    if connection.in_transaction:
        raise exceptions.ConnectionError(
            "a database in memory cannot be read while a transaction on it is open",
            code="connection_failed",
            category="user",
            hint='commit first, use Python 3.11, or `poolclass=StaticPool` and `"check_same_thread": False`',
        )
    import sqlite3
    import tempfile
    from contextlib import closing
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="db-query-agent-") as folder:
        path = Path(folder) / "copy.db"
        with closing(sqlite3.connect(path)) as copy:
            connection.backup(copy)
        return path.read_bytes()
