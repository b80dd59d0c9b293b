"""Figures from verdicts. Knows no database and no file."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
BINS = 10
SLOW_MEDIAN_MS = 5.0
SLOW_P99_MS = 30.0

Figures = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What came of one question."""

    id: str
    database: str
    group: str | None
    """Its difficulty or kind, where the benchmark says one."""
    outcome: str
    """`answered`: by a statement. `asked`: which of these readings is meant. `refused`: neither; it says what it does
    not understand. `failed`: an error."""
    right: bool
    """Whether it was answered by a statement that gives the rows of the gold one."""
    confidence: float
    engine_ms: float
    """From words and a warm catalogue to statements."""
    whole_ms: float
    """The whole question, without running the statement."""
    first_answer_ms: float
    """The first question to this database, from connecting on."""
    answerable: bool = True
    readings: int = 0
    """In how many ways the question may be meant, where the benchmark says it may be in several."""
    found: int = 0
    """How many of them stand behind what was answered or offered."""
    offered: int = 0
    """Statements answered or offered."""
    fitting: int = 0
    """How many of those are one of the readings."""
    among_proposals: bool = False
    """Whether one of the statements proposed beside the first is right, or the first."""
    extra: dict[str, Any] = field(default_factory=dict)


def share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def summary(verdicts: Sequence[Verdict], answerable: bool = True) -> Figures:
    """All figures of one set."""
    count = len(verdicts)
    of = {kind: sum(one.outcome == kind for one in verdicts) for kind in ("answered", "asked", "refused", "failed")}
    figures: Figures = {
        "questions": count,
        **{kind: share(number, count) for kind, number in of.items()},
        "latency": latency(verdicts),
    }
    if not answerable:
        return figures
    right = sum(one.right for one in verdicts)
    figures |= {
        "strict": share(right, count),
        "right_when_answered": share(right, of["answered"]),
        "among_proposals": share(sum(one.among_proposals for one in verdicts), count),
        "by_group": by_group(verdicts),
        "surest": {f"{part:.0%}": surest(verdicts, part) for part in SHARES},
        **calibration(verdicts),
    }
    if any(one.readings > 1 for one in verdicts):
        figures["readings"] = readings(verdicts)
    return figures


def by_group(verdicts: Iterable[Verdict]) -> Figures:
    groups = defaultdict(list)
    for one in verdicts:
        if one.group is not None:
            groups[one.group].append(one.right)
    return {name: {"questions": len(of), "strict": share(sum(of), len(of))} for name, of in sorted(groups.items())}


def surest(verdicts: Sequence[Verdict], part: float) -> float | None:
    """How many are right of the `part` of all questions that it is surest of; what was not answered comes last."""
    ranked = sorted(verdicts, key=lambda one: (one.outcome != "answered", -one.confidence, one.id))
    top = ranked[: int(len(ranked) * part)]
    return share(sum(one.right for one in top), len(top))


def calibration(verdicts: Iterable[Verdict]) -> Figures:
    """Of what was answered: how sure it was and how much was right, by confidence; and the expected calibration error,
    the mean distance of the two over all answers (Naeini et al., AAAI 2015)."""
    bins: list[list[Verdict]] = [[] for _ in range(BINS)]
    for one in verdicts:
        if one.outcome == "answered":
            bins[min(int(one.confidence * BINS), BINS - 1)].append(one)
    total = sum(map(len, bins))
    table, error = [], 0.0
    for place, inside in enumerate(bins):
        if inside:
            sure = statistics.fmean(one.confidence for one in inside)
            right = statistics.fmean(one.right for one in inside)
            error += abs(sure - right) * len(inside) / total
            table.append(
                {"from": place / BINS, "answers": len(inside), "sure": round(sure, 4), "right": round(right, 4)}
            )
    return {"reliability": table, "calibration_error": round(error, 4) if total else None}


def readings(verdicts: Sequence[Verdict]) -> Figures:
    """Of questions that may be meant in several ways, as AMBROSIA counts: which share of the readings was found, and
    which share of what was given is a reading."""
    return {
        "recall": share(sum(one.found for one in verdicts), sum(one.readings for one in verdicts)),
        "precision": share(sum(one.fitting for one in verdicts), sum(one.offered for one in verdicts)),
        "all_found": share(sum(one.found == one.readings for one in verdicts), len(verdicts)),
    }


def latency(verdicts: Sequence[Verdict]) -> Figures:
    """Milliseconds; `slow` names the databases over budget."""
    databases = defaultdict(list)
    for one in verdicts:
        databases[one.database].append(one.engine_ms)
    slow = {}
    for name, times in sorted(databases.items()):
        of = percentiles(times)
        if of["median"] > SLOW_MEDIAN_MS or of["p99"] > SLOW_P99_MS:
            slow[name] = of
    firsts = {one.database: one.first_answer_ms for one in verdicts}
    return {
        "engine": percentiles([one.engine_ms for one in verdicts]),
        "whole": percentiles([one.whole_ms for one in verdicts]),
        "first_answer": percentiles(list(firsts.values())),
        "databases": len(databases),
        "slow": slow,
    }


def percentiles(times: Sequence[float]) -> dict[str, float]:
    ranked = sorted(times)

    def at(part: float) -> float:
        return round(ranked[max(0, math.ceil(len(ranked) * part) - 1)], 2)

    return {"median": at(0.5), "p99": at(0.99), "most": at(1.0)} if ranked else {}
