"""A schema as a tree and as a diagram."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from db_query_agent.cli import terminal


def tree(tables: dict[str, Any]) -> Iterator[str]:
    """The tables with their columns under them, each line with its line break and safe to print."""
    fine = terminal.is_unicode(sys.stdout)
    branch, last, arrow = ("├── ", "└── ", "→") if fine else ("|-- ", "`-- ", "->")
    for name, table in tables.items():
        kind = "" if table["kind"] == "table" else f" ({table['kind']})"
        size = f"  {table['row_estimate']:,} rows" if table["row_estimate"] is not None else ""
        about = f"  {_comment(table['comment'])}" if table["comment"] else ""
        yield (
            terminal.paint(terminal.line(name), "strong", sys.stdout)
            + terminal.paint(f"{kind}{size}{about}", "faint", sys.stdout)
            + "\n"
        )
        references = {
            key["columns"][0]: f" {arrow} {key['referred_table']}.{key['referred_columns'][0]}"
            for key in table["foreign_keys"]
            if key["columns"] and key["referred_columns"]
        }
        columns = table["columns"]
        width = max((len(terminal.line(column["name"])) for column in columns), default=0)
        for number, column in enumerate(columns, 1):
            told = [column["type"]]
            told += ["primary key"] if column["primary_key"] else []
            told += [] if column["nullable"] or column["primary_key"] else ["not null"]
            mark = last if number == len(columns) else branch
            reference = terminal.line(references.get(column["name"], ""))
            about = f"  {_comment(column['comment'])}" if column["comment"] else ""
            yield (
                f"{terminal.paint(mark, 'faint', sys.stdout)}{terminal.line(column['name']):<{width}}  "
                f"{terminal.line(' '.join(told))}{terminal.paint(reference, 'sql', sys.stdout)}"
                f"{terminal.paint(about, 'faint', sys.stdout)}".rstrip()
                + "\n"
            )


def _comment(text: str) -> str:
    return f"# {terminal.line(text)}"


def mermaid(tables: dict[str, Any]) -> Iterator[str]:
    """An entity relationship diagram for Mermaid (https://mermaid.js.org/syntax/entityRelationshipDiagram.html)."""
    yield "erDiagram\n"
    for name, table in tables.items():
        foreign = {column for key in table["foreign_keys"] for column in key["columns"]}
        yield f"    {_entity(name)} {{\n"
        for column in table["columns"]:
            marks = (["PK"] if column["primary_key"] else []) + (["FK"] if column["name"] in foreign else [])
            about = f' "{_quoted(column["comment"])}"' if column["comment"] else ""
            marked = f" {', '.join(marks)}" if marks else ""
            yield f"        {_word(column['type'] or 'any')} {_word(column['name'])}{marked}{about}\n"
        yield "    }\n"
    for name, table in tables.items():
        optional = {column["name"] for column in table["columns"] if column["nullable"]}
        unique = {tuple(index["columns"]) for index in table["indexes"] if index["unique"]}
        unique.add(tuple(table["primary_keys"]))
        for key in table["foreign_keys"]:
            if key["referred_table"] not in tables:
                continue
            one = "|o" if optional.intersection(key["columns"]) else "||"
            many = "o|" if tuple(key["columns"]) in unique else "o{"
            label = _quoted(", ".join(key["columns"]))
            yield f'    {_entity(key["referred_table"])} {one}--{many} {_entity(name)} : "{label}"\n'


def _entity(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name) else f'"{_quoted(name)}"'


def _word(text: str) -> str:
    """What an attribute may be called: it begins with a letter and has no blank."""
    word = re.sub(r"[^A-Za-z0-9_()\[\]-]+", "_", text).strip("_") or "_"
    return word if word[0].isalpha() else f"x{word}"


def _quoted(text: str) -> str:
    return terminal.line(text).replace('"', "'")
