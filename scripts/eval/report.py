"""What was measured, in words for a terminal and as records for a file."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
from pathlib import Path

from figures import Figures
from sets import Set

ROOT = Path(__file__).resolve().parents[2]
HISTORY = ROOT / "bench/history/offline.jsonl"
# What is kept of each set in the history.
KEPT = (
    "questions",
    "strict",
    "answered",
    "asked",
    "refused",
    "failed",
    "right_when_answered",
    "calibration_error",
    "readings",
)


def text(one: Set, figures: Figures) -> str:
    """The figures of one set, a few lines."""
    lines = [f"{one.name}: {one.about}, {figures['questions']} questions"]
    outcomes = ", ".join(f"{kind} {percent(figures[kind])}" for kind in ("answered", "asked", "refused", "failed"))
    if "strict" in figures:
        groups = (f"{name} {percent(of['strict'])} of {of['questions']}" for name, of in figures["by_group"].items())
        lines.append(", ".join([f"  strict {percent(figures['strict'])}", *groups]))
        lines.append(f"  {outcomes}; right when answered {percent(figures['right_when_answered'])}")
        lines.append(f"  among the statements proposed {percent(figures['among_proposals'])}")
        surest = (f"{part} {percent(right)}" for part, right in figures["surest"].items())
        lines.append("  right of the surest: " + ", ".join(surest))
        table = (f"{row['sure']:.2f} {row['right']:.2f} ({row['answers']})" for row in figures["reliability"])
        lines.append("  sure, right, answers: " + "  ".join(table))
        lines.append(f"  expected calibration error {figures['calibration_error']}")
    else:
        lines.append(f"  {outcomes}")
    if readings := figures.get("readings"):
        lines.append("  readings: " + ", ".join(f"{name} {percent(of)}" for name, of in readings.items()))
    lines.extend(latency(figures["latency"]))
    return "\n".join(lines)


def latency(figures: Figures) -> list[str]:
    def said(times: dict[str, float]) -> str:
        return ", ".join(f"{name} {time:.1f}" for name, time in times.items())

    slow = [f"  over budget: {name}, {said(times)}" for name, times in figures["slow"].items()]
    engine, whole, first = (said(figures[name]) for name in ("engine", "whole", "first_answer"))
    first = f"first answer of each of {figures['databases']} databases {first}"
    return [f"  milliseconds: engine {engine}; whole question {whole}; {first}", *slow]


def percent(part: float | None) -> str:
    return "none" if part is None else f"{part:.1%}"


def comparisons(all_figures: dict[str, Figures]) -> list[str]:
    """What only two sets together say."""
    lines = []
    held, gone, said = (all_figures.get(name) for name in ("validation", "unanswerable", "paraphrases"))
    if held and gone:
        lines.append(
            f"refused or asked back: {percent(1 - held['answered'])} of the answerable (validation), "
            f"{percent(1 - gone['answered'])} of the unanswerable; refused alone {percent(held['refused'])} and "
            f"{percent(gone['refused'])}"
        )
    if held and said:
        lines.append(f"paraphrases are {points(held, said)} points behind the questions")
    if plain := all_figures.get("defog-sqlite"):
        others = [name for name in ("defog-postgresql", "defog-mysql") if name in all_figures]
        lines.extend(f"{name} is {points(plain, all_figures[name])} points behind defog-sqlite" for name in others)
    if (many := all_figures.get("ambiguous")) and (one := all_figures.get("unambiguous")):
        lines.append(
            f"asked back: {percent(many['asked'])} of the ambiguous, {percent(one['asked'])} of the unambiguous"
        )
    return lines


def points(more: Figures, less: Figures) -> str:
    return f"{100 * (more['strict'] - less['strict']):.1f}"


def record(all_figures: dict[str, Figures]) -> Figures:
    """The whole report."""
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "commit": commit(),
        "load": round(os.getloadavg()[0], 1),
        "sets": all_figures,
    }


def remember(report: Figures) -> None:
    """Appends what matters of the report to the history."""
    sets = {
        name: {key: figures[key] for key in KEPT if key in figures}
        | {"surest_50": figures.get("surest", {}).get("50%"), **figures["latency"]["engine"]}
        for name, figures in report["sets"].items()
    }
    HISTORY.parent.mkdir(exist_ok=True)
    with HISTORY.open("a", encoding="utf8") as history:
        history.write(json.dumps({**report, "sets": sets}) + "\n")


def commit() -> str:
    """The commit that is checked out, with a `+` where files differ from it."""

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no")
    return git("rev-parse", "--short=12", "HEAD") + ("+" if changed else "")
