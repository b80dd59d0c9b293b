"""The three sources of an option: argument, environment with `.env`, default."""

from __future__ import annotations

from pathlib import Path

import pytest

from db_query_agent import AgentConfig, CacheConfig, ConfigurationError, DatabaseConfig, DatabaseQueryAgent
from db_query_agent.config import get_env

SECRET = "sk-s3cr3t"


@pytest.fixture
def below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory two levels below a project; the `.env` file of the project is returned."""
    (tmp_path / "project" / "deep" / "down").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project" / "deep" / "down")
    return tmp_path / "project" / ".env"


def test_env_file_is_found_upwards_and_the_environment_is_stronger(
    below: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    below.write_text(f"# a comment\nexport DATABASE_URL='{url}'\nMAX_RESULT_ROWS=2\nQUERY_TIMEOUT=7 # seconds\n")
    config = AgentConfig.from_env()
    assert (config.safety.max_result_rows, config.safety.max_query_timeout) == (2, 7)
    assert config.database.url == url
    monkeypatch.setenv("MAX_RESULT_ROWS", "1")
    assert AgentConfig.from_env().safety.max_result_rows == 1
    assert AgentConfig.from_env(max_result_rows=3).safety.max_result_rows == 3
    with DatabaseQueryAgent.from_env() as agent:
        assert agent.query("Show all users")["row_count"] == 1
    with DatabaseQueryAgent(max_result_rows=3) as agent:
        assert agent.query("Show all users")["row_count"] == 3


def test_the_nearest_env_file_holds(below: Path) -> None:
    below.write_text("QUERY_TIMEOUT=1\nFAST_MODEL=far\n")
    Path(".env").write_text("QUERY_TIMEOUT=2\n")
    config = AgentConfig.from_env("sqlite://")
    assert (config.safety.max_query_timeout, config.model.fast_model) == (2, "gpt-4o-mini")


def test_get_env(below: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below.write_text("FROM_FILE=file\nBOTH=file\n")
    monkeypatch.setenv("BOTH", "environment")
    assert get_env("FROM_FILE") == "file"
    assert get_env("BOTH") == "environment"
    assert get_env("NEITHER") is None
    assert get_env("NEITHER", "default") == "default"
    import os

    assert "FROM_FILE" not in os.environ


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (f'MAX_RESULT_ROWS=1\nOPENAI_API_KEY="{SECRET}\n', 2),
        (f"A=1\n\n# fine\nOPENAI_API_KEY {SECRET}\n", 4),
    ],
    ids=["quote left open", "no equals sign"],
)
def test_a_broken_env_file_is_named_with_its_line_and_no_value(below: Path, content: str, line: int) -> None:
    below.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        DatabaseQueryAgent("sqlite://")
    assert caught.value.code == "invalid_env_file"
    assert caught.value.category == "user"
    assert str(below) in str(caught.value)
    assert f"line {line}" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert caught.value.hint


def test_an_env_file_that_is_no_text(below: Path) -> None:
    below.write_bytes(b"OPENAI_API_KEY=\xff\xfe\n")
    with pytest.raises(ConfigurationError) as caught:
        AgentConfig.from_env("sqlite://")
    assert caught.value.code == "invalid_env_file"
    assert caught.value.__cause__ is None


def test_a_wrong_variable_is_named_as_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_POOL_SIZE", SECRET)
    with pytest.raises(ConfigurationError, match="DB_POOL_SIZE") as caught:
        DatabaseQueryAgent("sqlite://")
    assert SECRET not in str(caught.value)


def test_groups_hide_secrets() -> None:
    config = AgentConfig(
        openai_api_key=SECRET,
        database=DatabaseConfig(url=f"postgresql://u:{SECRET}@h/d"),
        cache=CacheConfig(redis_url=f"redis://:{SECRET}@h"),
    )
    assert SECRET not in repr(config)


def test_groups_and_arguments_are_the_same_options() -> None:
    from db_query_agent import _core

    options = AgentConfig.from_env("sqlite://").to_options()
    shorthands = {"model", "cache_ttl"}
    assert set(options) == {option["name"] for option in _core.options()} - shorthands


def test_an_unknown_override_is_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        AgentConfig.from_env("sqlite://", pool_sise=3)
    assert caught.value.code == "unknown_option"
    assert "pool_size" in (caught.value.hint or "")
