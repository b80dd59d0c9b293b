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
    """One row of the report: median, fastest run, processor time, and how many times ours it takes."""
    print(f"\n{row.name}: {row.what}")
    print(f"  {'':20} {'median':>11} {'fastest':>11} {'processor':>11} {'times ours':>11} {'peak memory':>12}")
    base = median(figures.get("ours", {}))
    for name, figure in figures.items():
        value = median(figure)
        if value is None:
            print(f"  {name:20} {figure.get('failed', 'no figure')}")
            continue
        cpu = duration(statistics.median(figure["cpu"])) if figure.get("cpu") else ""
        ratio = f"{value / base:.2f}" if base else ""
        memory = f"{figure['peak_mib']:.0f} MiB" if figure.get("peak_mib") else ""
        clock = f"{duration(value):>11} {duration(min(figure['seconds'])):>11}"
        print(f"  {name:20} {clock} {cpu:>11} {ratio:>11} {memory:>12}")
        if figure.get("note"):
            print(f"  {'':20} {figure['note']}")
    compare({name: figure["digest"] for name, figure in figures.items() if figure.get("digest")})
    sys.stdout.flush()


def compare(digests: dict[str, dict[str, str]]) -> None:
    """Says where a contender gives other values than ours: then the figures do not compare the same work."""
    ours = digests.pop("ours", {})
    for key in ("answer", "memory", "index"):
        if key in ours:
            print(f"  {key}: {ours[key]}")
    for name, digest in digests.items():
        for key in sorted(ours.keys() | digest.keys()):
            if ours and ours.get(key) != digest.get(key):
                print(f"  note: {key}: {name} gives {digest.get(key)}, ours {ours.get(key)}")


def duration(seconds: float) -> str:
    return f"{seconds * 1e3:,.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:,.1f} µs"


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
