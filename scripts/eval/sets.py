"""The sets of questions: where each is in the benchmark folder, and what is asked of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unanswerable import elsewhere, hidden

HELD_OUT = Path(__file__).resolve().parents[2] / "data/spider_validation_databases.txt"

Record = dict[str, Any]


@dataclass(frozen=True)
class Set:
    """Questions of one kind on databases of one kind."""

    name: str
    about: str
    file: str
    """The JSON lines, below the benchmark folder."""
    databases: str
    """The SQLite files, or the load scripts for a server."""
    server: str = ""
    """`postgresql` or `mysql`; SQLite has none."""
    group: str = "difficulty"
    """The key of a record by which its figures are broken down."""
    choose: Callable[[Record], Record | None] = lambda record: record
    """What is asked of a record; nothing where it is not of this set."""

    make: Callable[[list[Record], Path], list[Record]] = lambda records, _: records
    """Makes other questions of those, with a look at the databases."""

    def missing(self, bench: Path) -> str:
        """What the benchmark folder lacks; empty when all is there."""
        parts = {self.file: (bench / self.file).is_file(), self.databases: self.folder(bench).is_dir()}
        return ", ".join(part for part, there in parts.items() if not there)

    def folder(self, bench: Path) -> Path:
        """Where the databases are; a link that was copied as a file holds the name of what it leads to."""
        path = bench / self.databases
        return path.parent / path.read_text(encoding="utf8").strip() if path.is_file() else path

    def records(self, bench: Path) -> list[Record]:
        """The questions, those of one database together."""
        chosen = (self.choose(record) for record in read_lines(bench / self.file))
        made = self.make([record for record in chosen if record], self.folder(bench))
        return sorted(made, key=lambda record: (record["db_id"], record.get("hide") or ""))


def read_lines(path: Path) -> list[Record]:
    with path.open(encoding="utf8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def write_lines(path: Path, records: Iterable[Record]) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf8")


def held_out() -> set[str]:
    """The databases of Spider train that nobody may learn from."""
    return set(HELD_OUT.read_text(encoding="utf8").split())


def is_held_out(record: Record) -> Record | None:
    return record if record["db_id"] in held_out() else None


def is_to_learn_from(record: Record) -> Record | None:
    return None if record["db_id"] in held_out() else record


def paraphrased(choose: Callable[[Record], Record | None]) -> Callable[[Record], Record | None]:
    """The same questions in words that are further from the names in the schema."""

    def asked(record: Record) -> Record | None:
        spoken = record.get("question_syn")
        return {**record, "question": spoken} if spoken and choose(record) else None

    return asked


SPIDER = ("spider_train.jsonl", "db/spider_train")

SETS = [
    Set("validation", "Spider, databases held out", *SPIDER, choose=is_held_out),
    Set("paraphrases", "Spider-Syn, databases held out", *SPIDER, choose=paraphrased(is_held_out)),
    Set("dialogues-sparc", "SParC, each turn in its conversation", "sparc_dev.jsonl", "db/sparc_dev"),
    Set("dialogues-cosql", "CoSQL, each turn in its conversation", "cosql_dev.jsonl", "db/cosql_dev"),
    Set(
        "ambiguous", "AMBROSIA, questions of several readings", "ambrosia_ambiguous.jsonl", "db/ambrosia", group="split"
    ),
    Set(
        "unambiguous",
        "AMBROSIA, their readings said outright",
        "ambrosia_unambiguous.jsonl",
        "db/ambrosia",
        group="split",
    ),
    Set("archer", "Archer, arithmetic and common sense", "archer_train.jsonl", "db/archer_train"),
    Set("defog-sqlite", "defog on SQLite", "defog_sqlite.jsonl", "db/defog_sqlite", group="type"),
    Set("defog-postgresql", "defog on PostgreSQL", "defog_postgres.jsonl", "pg/defog", "postgresql", "type"),
    Set("defog-mysql", "defog on MySQL", "defog_mysql.jsonl", "mysql/defog", "mysql", "type"),
    Set("unanswerable", "defog, to be refused", "defog_unanswerable.jsonl", "db/defog_sqlite"),
    Set("hidden", "validation without what is asked for", *SPIDER, choose=is_held_out, make=hidden),
    Set("elsewhere", "validation on another database", *SPIDER, choose=is_held_out, make=elsewhere),
    Set("develop", "Spider, databases to learn from", *SPIDER, choose=is_to_learn_from),
    Set("develop-paraphrases", "Spider-Syn, databases to learn from", *SPIDER, choose=paraphrased(is_to_learn_from)),
    Set("develop-hidden", "to learn from, without what is asked for", *SPIDER, choose=is_to_learn_from, make=hidden),
    Set("develop-elsewhere", "to learn from, on another database", *SPIDER, choose=is_to_learn_from, make=elsewhere),
]


def chosen(words: list[str]) -> list[Set]:
    """The sets that `words` name, each by its name or by what stands before a hyphen in it; without any all but those
    for daily work. Raises `LookupError` on a word that names none."""
    if not words:
        return [one for one in SETS if not one.name.startswith("develop")]
    for word in words:
        if not any(named(one, word) for one in SETS):
            raise LookupError(f"there is no set `{word}`; there are {', '.join(one.name for one in SETS)}")
    return [one for one in SETS if any(named(one, word) for word in words)]


def named(one: Set, word: str) -> bool:
    # `develop` is the one set, not its paraphrases too.
    return one.name == word or (word != "develop" and one.name.startswith(f"{word}-"))
