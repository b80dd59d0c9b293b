"""What a database looks like, on its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db_query_agent import DatabaseQueryAgentError, SchemaExtractor


def test_schema_is_remembered_and_can_be_read_anew(people: Path, url: str) -> None:
    extractor = SchemaExtractor(url)
    assert set(extractor.get_schema()) == {"users", "orders"}
    with closing(sqlite3.connect(people)) as connection:
        connection.execute("CREATE VIEW open_orders AS SELECT * FROM orders WHERE status = 'open'")
    assert "open_orders" not in extractor.get_schema()
    assert extractor.get_schema(force_refresh=True)["open_orders"]["kind"] == "view"
    assert "open_orders" in SchemaExtractor(url, cache_ttl=0).get_schema()


def test_a_caller_may_change_the_mapping(url: str) -> None:
    extractor = SchemaExtractor(url)
    extractor.get_schema().clear()
    assert extractor.get_schema()


def test_relevant_tables_come_first(url: str) -> None:
    extractor = SchemaExtractor(url)
    assert extractor.get_relevant_tables("How many orders are open?") == ["orders", "users"]
    assert extractor.get_relevant_tables("Which user joined first?", max_tables=1) == ["users"]
    assert extractor.get_relevant_tables("the weather", max_tables=1) == [next(iter(extractor.get_schema()))]


def test_relevant_tables_are_found_as_for_a_question(tmp_path: Path) -> None:
    path = tmp_path / "school.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("""
            CREATE TABLE weather (day DATE PRIMARY KEY, degrees REAL);
            CREATE TABLE students (id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE enrollments (
                student_id INTEGER REFERENCES students (id), course_id INTEGER REFERENCES courses (id)
            );
            CREATE TABLE courses (id INTEGER PRIMARY KEY, title TEXT, faculty TEXT);
            INSERT INTO courses VALUES (1, 'Harmony', 'Music'), (2, 'Anatomy', 'Medicine');
        """)
    extractor = SchemaExtractor(f"sqlite:///{path}")
    assert extractor.get_relevant_tables("who teaches anatomy?", max_tables=1) == ["courses"], "by a stored value"
    joined = extractor.get_relevant_tables("students of each course", max_tables=3)
    assert sorted(joined) == ["courses", "enrollments", "students"], "with the table between them"
    assert "weather" not in extractor.get_relevant_tables("students of each course")
    assert extractor.get_relevant_tables("students", max_tables=0) == []


def test_text_for_a_model_holds_names_and_keys_and_no_row(url: str) -> None:
    text = SchemaExtractor(url).format_for_llm()
    assert "Table: users" in text
    assert "name TEXT NOT NULL" in text
    assert "user_id -> users(id)" in text
    assert "Ann" not in text
    assert "orders" not in SchemaExtractor(url).format_for_llm(["users", "unknown"])


def test_dialect(url: str) -> None:
    assert SchemaExtractor(url).get_dialect() == "sqlite"


def test_what_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatabaseQueryAgentError) as caught:
        SchemaExtractor(f"sqlite:///{tmp_path / 'missing.db'}").get_schema()
    assert caught.value.code == "database_not_found"
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database" * 100)
    with pytest.raises(DatabaseQueryAgentError) as caught:
        SchemaExtractor(f"sqlite:///{broken}").get_schema()
    assert caught.value.hint
