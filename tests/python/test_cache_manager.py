"""A store with a time to live."""

from __future__ import annotations

import pytest

from db_query_agent import CacheManager, cache_manager


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(cache_manager, "time", clock)
    return clock


def test_values_are_kept_until_their_time_is_over(clock: Clock) -> None:
    cache = CacheManager(schema_ttl=10, query_ttl=5)
    cache.cache_schema({"users": {}})
    cache.cache_query_result("SELECT 1", [(1,)])
    clock.now = 6
    assert cache.get_schema() == {"users": {}}
    assert cache.get_query_result("SELECT 1") is None
    assert cache.get_stats() == {"total_entries": 1, "active_entries": 1, "expired_entries": 0, "hits": 1, "misses": 1}
    clock.now = 10
    assert cache.get_stats()["expired_entries"] == 1
    assert cache.get_schema() is None


def test_one_time_for_everything(clock: Clock) -> None:
    cache = CacheManager(ttl=3)
    assert (cache.schema_ttl, cache.query_ttl, cache.llm_ttl) == (3, 3, 3)


def test_kinds_and_databases_are_apart() -> None:
    cache = CacheManager()
    cache.set_schema("sqlite:///a.db", {"a": {}})
    cache.set_schema("sqlite:///b.db", {"b": {}})
    cache.set_llm_response("x", "1", "one")
    cache.set_llm_response("x1", "", "other")
    assert cache.get_schema("sqlite:///a.db") == {"a": {}}
    assert cache.get_llm_response("x", "1") == "one"
    assert cache.get_llm_response("x", "2") is None
    assert cache.get_query_result("x") is None


def test_what_was_not_used_for_longest_goes_first() -> None:
    cache = CacheManager(max_entries=2)
    cache.set("a", 1, 60)
    cache.set("b", 2, 60)
    cache.get("a")
    cache.set("c", 3, 60)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)
    cache.delete("a")
    cache.delete("a")
    assert cache.get("a") is None
    cache.clear()
    assert cache.get_stats()["total_entries"] == 0


def test_no_password_stands_in_the_store() -> None:
    cache = CacheManager()
    cache.set_schema("postgresql://u:s3cret@h/d", {})
    assert "s3cret" not in str(vars(cache))
