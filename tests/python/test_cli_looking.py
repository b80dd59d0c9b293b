"""Commands that look at things: schema, explain, config, doctor."""

from __future__ import annotations

import json
import re
from pathlib import Path

from command import db_query

from db_query_agent import _core
from db_query_agent.testing import ModelServer


def test_a_schema_is_drawn(url: str) -> None:
    tree = db_query("schema", "--db", url).stdout
    assert "orders" in tree
    assert "├── user_id  INTEGER not null → users.id" in tree
    one = db_query("schema", "users", "--db", url, "--format", "json").stdout
    assert list(json.loads(one)) == ["users"]
    diagram = db_query("schema", "--db", url, "--format", "mermaid").stdout.splitlines()
    assert diagram[0] == "erDiagram"
    assert '    users ||--o{ orders : "user_id"' in diagram
    assert "        INTEGER user_id FK" in diagram
    words = re.compile(r"        [A-Za-z][\w()\[\]-]* [A-Za-z]\w*( (PK|FK|PK, FK))?")
    assert all(words.fullmatch(line) for line in diagram if line.startswith("        "))
    missing = db_query("schema", "ghosts", "--db", url)
    assert (missing.returncode, "`orders`" in missing.stderr) == (1, True)


def test_what_would_happen_is_told_and_does_not(url: str) -> None:
    told = json.loads(db_query("explain", "How many users are there?", "--db", url, "--json").stdout)
    assert (told["allowed"], told["tables"], told["engine"]) == (True, ["main.users"], "offline")
    statement = db_query("explain", "SELECT name FROM users", "--db", url).stdout
    assert "lets it through" in statement
    assert "main.users.name" in statement
    refused = db_query("explain", "DROP TABLE users", "--db", url)
    assert (refused.returncode, "refuses it (reads_only)" in refused.stdout) == (1, True)
    asked = db_query("explain", "drop table users", "--question", "--db", url, "--json")
    assert json.loads(asked.stdout)["question"] == "drop table users"
    assert db_query("explain", "blargh flumph", "--db", url).returncode == 1
    assert db_query("history").stderr == "nothing was asked\n"


def test_each_option_tells_where_it_came_from(url: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAX_RESULT_ROWS=5\nQUERY_TIMEOUT=7\n")
    secrets = {
        "DATABASE_URL": "postgresql://reader:s3cret@h/d?sslpassword=s3cret",
        "OPENAI_API_KEY": "sk-s3cret",
        "OPENAI_BASE_URL": "http://h/v1",
        "REDIS_URL": "redis://:s3cret@h/0",
        "MODEL_PROXY": "http://u:s3cret@h",
        "MODEL_HEADERS": '{"x": "s3cret"}',
    }
    ended = db_query("config", "--json", "--limit", "9", home=tmp_path, **secrets)
    assert ended.returncode == 0, ended.stderr
    assert "s3cret" not in ended.stdout
    table = {row["option"]: (row["value"], row["source"]) for row in json.loads(ended.stdout)}
    assert set(table) == {option["name"] for option in _core.options()}
    assert table["max_result_rows"] == ("9", "argument")
    assert table["max_query_timeout"] == ("7", ".env")
    assert table["database_url"] == ("postgresql://reader:***@h/d?***", "environment")
    assert table["base_url"] == ("http://h/v1", "environment")
    assert table["locale"] == ("en", "default")
    given = db_query("config", "--given", home=tmp_path)
    assert [line.split()[0] for line in given.stdout.splitlines()[2:]] == ["max_query_timeout", "max_result_rows"]
    assert db_query("config", "no_such_option").returncode == 2
    wrong = db_query("config", QUERY_TIMEOUT="soon")
    assert (wrong.returncode, "QUERY_TIMEOUT" in wrong.stderr) == (2, True)


def test_the_doctor_finds_nothing_wrong(url: str) -> None:
    ended = db_query("doctor", "--db", url, "--json")
    assert ended.returncode == 0, ended.stdout
    findings = {one["name"]: one for one in json.loads(ended.stdout)}
    assert findings["database"]["detail"].startswith("SQLite 3.")
    assert findings["schema"]["detail"] == "2 tables may be read"
    assert findings["model"]["verdict"] == "note"
    assert "2 tables may be read" in db_query("doctor", "--db", url).stdout


def test_the_doctor_says_what_to_do(url: str, tmp_path: Path) -> None:
    ends = {
        "database": (3, db_query("doctor", "--db", "postgresql://u:s3cret@127.0.0.1:1/d", "--json")),
        "configuration": (2, db_query("doctor", "--json", home=tmp_path)),
        "schema": (1, db_query("doctor", "--db", url, "--json", ALLOWED_TABLES="ghosts")),
    }
    for name, (code, ended) in ends.items():
        assert ended.returncode == code, (name, ended.stdout)
        finding = next(one for one in json.loads(ended.stdout) if one["name"] == name)
        assert (finding["verdict"], bool(finding["advice"])) == ("problem", True)
        assert "s3cret" not in ended.stdout + ended.stderr


def test_the_doctor_reaches_for_the_model(url: str) -> None:
    def model(address: str) -> tuple[int, str]:
        ended = db_query("doctor", "--db", url, "--json", OPENAI_BASE_URL=address, OPENAI_API_KEY="sk-s3cret")
        assert "s3cret" not in ended.stdout + ended.stderr
        return ended.returncode, next(one["detail"] for one in json.loads(ended.stdout) if one["name"] == "model")

    code, detail = model("http://127.0.0.1:1/v1")
    assert (code, "cannot be reached" in detail) == (3, True)
    # It answers questions and lists no models, as many small servers.
    with ModelServer() as server:
        code, detail = model(server.base_url)
    assert (code, "answers, but not with a list" in detail) == (0, True)
