"""A shop to try things on: thirteen related tables with thousands of rows up to today, and questions to ask it.

``shop`` makes the database (SQLite, or SQL text for PostgreSQL and MariaDB), ``questions`` says what to ask.
Nothing here needs the compiled core, so that it also serves as a sample database in tests.
"""

from __future__ import annotations

from .questions import QUESTIONS
from .shop import default_path, ensure_sqlite, rows, sql_script, write_sqlite

__all__ = ["QUESTIONS", "default_path", "ensure_sqlite", "rows", "sql_script", "write_sqlite"]
