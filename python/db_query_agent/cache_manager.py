"""What an agent remembers, and a small store with a time to live for what is dear to compute."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from db_query_agent import _waiting

if TYPE_CHECKING:
    from db_query_agent import _core

__all__ = ["AgentCache", "CacheManager"]


class AgentCache:
    """What an agent remembers. `DatabaseQueryAgent.cache` is one; its options say what is remembered and where."""

    def __init__(self, core: _core.Agent) -> None:
        self._core = core

    def invalidate(self, table: str | None = None) -> None:
        """Says that the rows of a table, as `name` or `schema.name`, have changed: results that were read from it no
        longer count, here at once and in processes that share them after five seconds. Without a table all results."""
        _waiting.take(self._core.outdate(table))

    def clear(self) -> None:
        """Forgets the schema, what models proposed and results, also what other processes share about the database."""
        _waiting.take(self._core.forget())

    def stats(self) -> dict[str, Any]:
        """Entries in memory, and how often they helped.

        `proposals` (what models proposed) and `results` are `{"entries": …, "hits": …, "misses": …}`; a miss of a
        proposal is also what the offline engine answered. `schemas` counts entries. `shared` says whether the store
        that other processes use was last seen to work, `None` without one.
        """
        caches: dict[str, Any] = _waiting.take(self._core.caches())
        return caches


class CacheManager:
    """Keeps values in this process until their time is over. Threads may share it.

    It is a store for the caller's own use: an agent's caches are its own and are set by its options.
    When there are more than `max_entries`, the one that was not used for longest goes.
    """

    def __init__(
        self,
        ttl: float | None = None,
        schema_ttl: float = 3600,
        query_ttl: float = 300,
        llm_ttl: float = 3600,
        max_entries: int = 10_000,
    ) -> None:
        """`ttl` seconds for everything, or one time for each kind."""
        self.schema_ttl = schema_ttl if ttl is None else ttl
        self.query_ttl = query_ttl if ttl is None else ttl
        self.llm_ttl = llm_ttl if ttl is None else ttl
        self.max_entries = max_entries
        self._entries: OrderedDict[str, tuple[float, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._hits = 0
        self._misses = 0

    # -- any value -------------------------------------------------------------------------------

    def get(self, key: str) -> Any | None:
        """The value of `key`, or `None` when there is none or its time is over."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry[0] <= time.monotonic():
                self._entries.pop(key, None)
                self._misses += 1
                return None
            self._entries.move_to_end(key)
            self._hits += 1
            return entry[1]

    def set(self, key: str, value: Any, ttl: float) -> None:
        """Keeps `value` for `ttl` seconds."""
        with self._lock:
            self._entries[key] = (time.monotonic() + ttl, value)
            self._entries.move_to_end(key)
            while len(self._entries) > self.max_entries:
                self._entries.popitem(last=False)

    def delete(self, key: str) -> None:
        """Forgets `key`; one that is not there is no error."""
        with self._lock:
            self._entries.pop(key, None)

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._entries.clear()

    # -- kinds -----------------------------------------------------------------------------------

    def cache_schema(self, schema: dict[str, Any], database_url: str = "") -> None:
        """Keeps a schema, of the database at `database_url` when there are several."""
        self.set(_key("schema", database_url), schema, self.schema_ttl)

    def get_schema(self, database_url: str = "") -> dict[str, Any] | None:
        """The schema that was kept."""
        schema: dict[str, Any] | None = self.get(_key("schema", database_url))
        return schema

    def set_schema(self, database_url: str, schema: dict[str, Any]) -> None:
        """Keeps the schema of the database at `database_url`."""
        self.cache_schema(schema, database_url)

    def cache_query_result(self, query: str, result: Any) -> None:
        """Keeps the result of a statement or a question."""
        self.set(_key("query", query), result, self.query_ttl)

    set_query_result = cache_query_result

    def get_query_result(self, query: str) -> Any | None:
        """The result that was kept."""
        return self.get(_key("query", query))

    def set_llm_response(self, query: str, schema_hash: str, response: Any) -> None:
        """Keeps a model's answer to a question on one state of the schema."""
        self.set(_key("llm", query, schema_hash), response, self.llm_ttl)

    def get_llm_response(self, query: str, schema_hash: str) -> Any | None:
        """The model's answer that was kept."""
        return self.get(_key("llm", query, schema_hash))

    def get_stats(self) -> dict[str, int]:
        """How many entries there are, how many are over, and how often one was found."""
        with self._lock:
            now = time.monotonic()
            expired = sum(ends <= now for ends, _ in self._entries.values())
            return {
                "total_entries": len(self._entries),
                "active_entries": len(self._entries) - expired,
                "expired_entries": expired,
                "hits": self._hits,
                "misses": self._misses,
            }


def _key(kind: str, *parts: str) -> str:
    """A digest, so that neither a password in a URL nor a question stands in the store."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return f"{kind}:{digest.hexdigest()}"
