"""Questions with what is expected of them, from YAML, JSON or JSON lines."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from db_query_agent.cli.complaint import Complaint

EXPECTATIONS = ("sql", "rows", "clarification")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question and what is expected of it, in one of three ways."""

    question: str
    sql: str | None = None
    """A statement whose rows are the right ones."""
    rows: list[Any] | None = None
    """The right rows, each a list; a row of one column may be the value alone."""
    clarification: bool = False
    """Whether the agent is to ask back."""
    name: str | None = None
    ordered: bool = False
    """Whether the order of the rows counts."""
    follows: bool = False
    """Whether it belongs to the conversation of the case before it."""
    place: str = field(default="", compare=False)

    @property
    def title(self) -> str:
        """What it is called in a report."""
        return self.name or self.question


def read(path: Path) -> list[Case]:
    """The cases of a file.

    Raises:
        Complaint: the file cannot be read, or an entry is not understood; it is named by its number
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Complaint(f"`{path}` cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise Complaint(f"`{path}` is not text in UTF-8") from error
    entries = _entries(path, text)
    if not entries:
        raise Complaint(f"`{path}` holds no question")
    cases = [_case(entry, f"`{path.name}`, entry {number}") for number, entry in enumerate(entries, 1)]
    if cases[0].follows:
        raise Complaint(f"{cases[0].place}: there is nothing before it that it could follow")
    return cases


def _entries(path: Path, text: str) -> list[Any]:
    kind = path.suffix.lower()
    try:
        if kind in (".jsonl", ".ndjson"):
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        if kind == ".json":
            found = json.loads(text)
        elif kind in (".yaml", ".yml"):
            import yaml

            try:
                found = yaml.safe_load(text)
            except yaml.YAMLError as error:
                mark = getattr(error, "problem_mark", None)
                where = f" in line {mark.line + 1}" if mark else ""
                raise Complaint(f"`{path}` is no YAML{where}: {getattr(error, 'problem', error)}") from error
        else:
            raise Complaint(f"`{path}` is of no known kind", hint="name it .yaml, .json or .jsonl")
    except json.JSONDecodeError as error:
        raise Complaint(f"`{path}` is no JSON in line {error.lineno}: {error.msg}") from error
    if isinstance(found, dict):
        found = found.get("questions")
    if not isinstance(found, list):
        raise Complaint(f"`{path}` is no list of questions")
    return found


def _case(entry: Any, place: str) -> Case:
    if not isinstance(entry, dict):
        raise Complaint(f"{place}: it is no mapping with a `question`")
    known = {one.name for one in fields(Case)} - {"place"}
    if unknown := sorted(str(key) for key in entry.keys() - known):
        raise Complaint(f"{place}: nothing is called `{unknown[0]}`", hint=f"known are {', '.join(sorted(known))}")
    kinds = {"question": str, "sql": str, "rows": list, "name": str}
    for key, value in entry.items():
        kind = kinds.get(key, bool)
        if not isinstance(value, kind):
            raise Complaint(f"{place}: `{key}` is not of the kind `{kind.__name__}`")
    if not entry.get("question", "").strip():
        raise Complaint(f"{place}: there is no `question`")
    if sum(key in entry for key in EXPECTATIONS) != 1:
        raise Complaint(f"{place}: exactly one of `sql`, `rows` and `clarification` says what is expected")
    return Case(**entry, place=place)
