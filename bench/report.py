"""The table on the screen and the JSON on the disk."""

from __future__ import annotations

import json
import statistics
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from plan import Row

Figures = dict[str, dict[str, Any]]


def progress(text: str) -> None:
    """Talk goes to stderr, the table to stdout."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def show(row: Row, figures: Figures) -> None:
    """One row of the report: median, fastest run, and how many times ours it takes."""
    print(f"\n{row.name}: {row.what}")
    base = median(figures.get("ours", {}))
    for name, figure in figures.items():
        value = median(figure)
        if value is None:
            print(f"  {name:20} {figure.get('failed', 'no figure')}")
            continue
        ratio = f"{value / base:6.2f} x" if base else ""
        fastest = min(figure["seconds"])
        memory = f"{figure['peak_mib']:6.0f} MiB" if figure.get("peak_mib") else ""
        print(f"  {name:20} {value * 1e3:10.2f} ms   fastest {fastest * 1e3:10.2f} ms   {ratio}   {memory}")
    digests = {name: figure["digest"] for name, figure in figures.items() if figure.get("digest") is not None}
    if ours := digests.pop("ours", None):
        for name, digest in digests.items():
            if digest != ours:
                print(f"  note: {name} gives other values: {digest} and ours {ours}")
    sys.stdout.flush()


def save(root: Path, results: list[tuple[Row, Figures]], machine: dict[str, Any], runs: int) -> Path:
    """Writes one file a run, so that there is a history to compare with."""
    now = datetime.now(timezone.utc)
    content = {
        "date": now.isoformat(timespec="seconds"),
        "machine": machine,
        "runs": runs,
        "rows": [
            {
                "name": row.name,
                "what": row.what,
                "contenders": {name: entry(figure) for name, figure in figures.items()},
            }
            for row, figures in results
        ],
    }
    directory = root / "bench" / "results"
    directory.mkdir(exist_ok=True)
    path = directory / f"{now:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(content, indent=1) + "\n")
    return path


def entry(figure: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in figure.items() if key != "digest"}
    return {"median": median(figure), **kept}


def median(figure: dict[str, Any]) -> float | None:
    seconds = figure.get("seconds")
    return statistics.median(seconds) if seconds else None
