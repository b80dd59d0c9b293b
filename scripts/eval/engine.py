"""Puts the questions to the engine: `examples/offline_eval`, which asks an agent on each database."""

from __future__ import annotations

import subprocess
from pathlib import Path

from sets import Record, read_lines, write_lines


def ask(binary: Path, databases: str, records: list[Record], folder: Path) -> dict[str, Record]:
    """What came of each question, by its id; that of a turn is `ID#TURN`."""
    questions, out = folder / "questions.jsonl", folder / "outcomes.jsonl"
    write_lines(questions, records)
    subprocess.run([binary, databases, questions, out], check=True)
    return {outcome["id"]: outcome for outcome in read_lines(out)}
