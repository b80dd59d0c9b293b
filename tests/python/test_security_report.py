"""What a login may do, as a person and a program read it."""

from __future__ import annotations

import asyncio
import json
import pickle
import subprocess
import sys

import pytest
import servers

from db_query_agent import AgentConfig, ConfigurationError, DatabaseQueryAgent, SecurityReport

KEYS = {"engine", "login", "engine_enforced_read_only", "least_privilege", "findings"}


def test_a_file_is_fenced_and_its_owner_is_told(agent: DatabaseQueryAgent) -> None:
    report = agent.security_report()
    assert set(report) == KEYS
    assert report["engine"].startswith("SQLite 3.")
    assert report["engine_enforced_read_only"] is True
    # The test wrote the file a moment ago.
    assert report["least_privilege"] is False
    assert [one["name"] for one in report["findings"] if one["verdict"] == "risk"] == ["file"]
    assert all(one["advice"] for one in report["findings"] if one["verdict"] == "risk")
    text = str(report)
    assert "read-only kept by the engine: yes" in text
    assert "this process may write the file" in text
    assert "least_privilege" in repr(report)


def test_it_can_be_awaited_kept_and_printed(agent: DatabaseQueryAgent) -> None:
    async def main() -> SecurityReport:
        report = await agent.security_report()
        # Read without waiting for it, as a notebook does.
        assert agent.security_report()["findings"] == report["findings"]
        return report

    report = asyncio.run(main())
    assert json.loads(json.dumps(report)) == report == pickle.loads(pickle.dumps(report))
    with pytest.raises(KeyError):
        report["nothing"]


def test_a_privileged_login_is_refused_on_every_engine(url: str) -> None:
    with servers.postgresql_database() as postgresql, servers.mysql_database() as mysql:
        for one in (url, postgresql, mysql):
            with DatabaseQueryAgent(one, require_least_privilege=True) as agent:
                with pytest.raises(ConfigurationError) as refused:
                    agent.query("How many users are there?")
                assert refused.value.code == "privileged_login"
                assert refused.value.hint
                report = agent.security_report()
                assert report["engine_enforced_read_only"] is True
                assert report["least_privilege"] is False


def test_options_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("REQUIRE_LEAST_PRIVILEGE", "true")
    monkeypatch.setenv("SECOND_OPINION", "false")
    monkeypatch.setenv("MAX_ESTIMATED_ROWS", "1000")
    safety = AgentConfig.from_env(url).safety
    assert safety.require_least_privilege is True
    assert safety.second_opinion == "false"
    assert safety.max_estimated_rows == 1000
    for opinion in (True, False, "auto", "true"):
        DatabaseQueryAgent(url, second_opinion=opinion).close()
    with pytest.raises(ConfigurationError):
        DatabaseQueryAgent(url, second_opinion="perhaps")
    with pytest.warns(UserWarning, match="max_estimated_cost"):
        DatabaseQueryAgent(url, max_estimated_cost=10).close()


def test_the_command_line_prints_it(url: str) -> None:
    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "db_query_agent", "security", "--db", url, *arguments]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    shown = command()
    assert shown.returncode == 1, shown.stderr
    assert "login may only read: NO" in shown.stdout
    assert set(json.loads(command("--json").stdout)) == KEYS
