"""The guard's law through Python: every example in `tests/spec/guard/` has the verdict that stands there.

The core reads the same pages in `tests/it/guard.rs`; their form is described in `tests/spec/guard/README.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from db_query_agent import QueryValidator

LAW = Path(__file__).parents[1] / "spec" / "guard"
DIALECTS = ["sqlite", "postgresql", "mysql", "mssql"]
NAMESPACES = {"sqlite": "main", "postgresql": "public", "mysql": "shop", "mssql": "dbo"}
KNOWN_WORDS = {"approved", "refused", "allowed", "blocked", "unresolved"}


@dataclass(frozen=True)
class Example:
    place: str
    dialects: tuple[str, ...]
    allowed: tuple[str, ...] | None
    blocked: tuple[str, ...]
    resolved: bool
    refused: str | None
    sql: str


def pages() -> list[Path]:
    return sorted(LAW.glob("*.md"))


def examples(page: Path) -> Iterator[Example]:
    for block in re.finditer(r"^```sql (.*)\n((?:.*\n)*?)```$", page.read_text("utf-8"), re.MULTILINE):
        dialects, *words = block[1].split()
        said = {name: value for name, _, value in (word.partition("=") for word in words)}
        if not said.keys() <= KNOWN_WORDS:
            # It asks for more than tables: what it asks is judged where an agent has a caller.
            continue
        judgement = Example(
            place=page.name,
            dialects=tuple(DIALECTS if dialects == "all" else dialects.split(",")),
            allowed=tuple(said["allowed"].split(",")) if "allowed" in said else None,
            blocked=tuple(said["blocked"].split(",")) if "blocked" in said else (),
            resolved="unresolved" not in said,
            refused=said.get("refused"),
            sql="",
        )
        for sql in block[2].removesuffix("\n").split("\n\n"):
            yield replace(judgement, sql=re.sub(r"\\u\{(\w+)\}", lambda number: chr(int(number[1], 16)), sql))


@cache
def tables() -> tuple[dict[str, Any], ...]:
    """The relations of the first page, in the shape that `get_schema_info()` gives."""
    page = (LAW / "README.md").read_text("utf-8")
    block = re.search(r"^```schema\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert block
    found = []
    for line in block[1].splitlines():
        head, columns = line.split(": ")
        kind, name, *base = head.split(" ")
        reads = base[1:] if base and base[1] != "nothing" else None
        found.append(
            {"name": name, "kind": kind, "reads": reads, "columns": [{"name": c} for c in columns.split(", ")]}
        )
    return tuple(found)


@cache
def validator(
    dialect: str | None, allowed: tuple[str, ...] | None, blocked: tuple[str, ...], resolved: bool
) -> QueryValidator:
    namespace = NAMESPACES[dialect or "postgresql"]
    schema = {
        "default_schema": namespace,
        "tables": {table["name"]: {**table, "schema": namespace} for table in tables()},
    }
    return QueryValidator(
        allowed_tables=allowed,
        blocked_tables=blocked,
        max_query_length=100_000,
        dialect=dialect,
        schema=schema if resolved else None,
    )


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_every_example_holds(page: Path) -> None:
    wrong = []
    for one in examples(page):
        for dialect in one.dialects:
            verdict = validator(dialect, one.allowed, one.blocked, one.resolved).validate(one.sql)
            if verdict.rule != one.refused or verdict.is_valid is not (one.refused is None):
                wrong.append(f"{one.place} {dialect}: {verdict.rule} ({verdict.error})\n    {one.sql}")
    assert not wrong, "\n".join(wrong)


def test_the_pages_hold_enough_to_mean_something() -> None:
    judgements = [dialect for page in pages() for one in examples(page) for dialect in one.dialects]
    assert len(judgements) > 900
    assert set(judgements) == set(DIALECTS)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_a_harmless_text_survives_cleaning(page: Path) -> None:
    """What `sanitize` gives is approved again, and cleaning it changes nothing more."""
    for one in examples(page):
        for dialect in one.dialects if one.refused is None else ():
            judge = validator(dialect, one.allowed, one.blocked, one.resolved)
            clean = judge.sanitize(one.sql)
            assert judge.validate(clean), f"{one.place} {dialect}: {clean}"
            assert judge.sanitize(clean) == clean


def test_without_a_dialect_no_refused_statement_of_any_dialect_passes() -> None:
    """What a dialect refuses is refused where none is named, unless it is only foreign to that dialect and read
    in the same words by one that has it."""
    foreign = {"understood", "character", "literal", "variable", "function", "clause", "known_relation"}
    passed = []
    for page in pages():
        for one in examples(page):
            if one.refused is None or not one.resolved:
                continue
            if validator(None, one.allowed, one.blocked, True).validate(one.sql) and one.refused not in foreign:
                passed.append(f"{one.place} {one.dialects}: {one.refused}\n    {one.sql}")
    assert not passed, "\n".join(passed)
