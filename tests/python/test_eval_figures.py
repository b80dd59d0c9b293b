"""The figures of `make eval`, from verdicts that are plain to count by hand."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = str(Path(__file__).parents[2] / "scripts" / "eval")


@pytest.fixture(scope="module")
def figures() -> Iterator[Any]:
    yield from module("figures")


@pytest.fixture(scope="module")
def sets() -> Iterator[Any]:
    yield from module("sets")


def module(name: str) -> Iterator[Any]:
    """A module of the program, which is a folder of its own and no package."""
    sys.path.insert(0, SCRIPTS)
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(SCRIPTS)
        sys.modules.pop(name, None)


def verdict(figures: Any, number: int, **changes: Any) -> Any:
    plain = {
        "id": f"q{number}", "database": "shop", "group": "easy", "outcome": "answered", "right": True,
        "confidence": 0.9, "engine_ms": 1.0, "whole_ms": 2.0, "first_answer_ms": 30.0,
    }  # fmt: skip
    return figures.Verdict(**(plain | changes))


def test_calibration_error_is_the_mean_distance_between_sure_and_right(figures: Any) -> None:
    # Ten answers that were 0.95 sure, eight of them right; ten that were 0.25 sure, three right.
    sure = [verdict(figures, n, confidence=0.95, right=n < 8) for n in range(10)]
    unsure = [verdict(figures, 10 + n, confidence=0.25, right=n < 3) for n in range(10)]
    silent = [verdict(figures, 20, outcome="refused", right=False, confidence=0.1)]
    found = figures.calibration(sure + unsure + silent)
    assert found["calibration_error"] == pytest.approx((0.15 * 10 + 0.05 * 10) / 20)
    assert [(row["from"], row["answers"], row["right"]) for row in found["reliability"]] == [
        (0.2, 10, 0.3),
        (0.9, 10, 0.8),
    ]


def test_a_confidence_of_one_is_in_the_last_bin(figures: Any) -> None:
    assert figures.calibration([verdict(figures, 1, confidence=1.0)])["reliability"][0]["from"] == 0.9


def test_without_an_answer_nothing_is_calibrated(figures: Any) -> None:
    found = figures.calibration([verdict(figures, 1, outcome="asked", right=False)])
    assert found == {"reliability": [], "calibration_error": None}


def test_the_surest_are_taken_of_all_questions_and_what_was_not_answered_comes_last(figures: Any) -> None:
    verdicts = [
        verdict(figures, 1, confidence=0.9),
        verdict(figures, 2, confidence=0.8, right=False),
        verdict(figures, 3, confidence=0.99, outcome="refused", right=False),
        verdict(figures, 4, confidence=0.7),
    ]
    assert figures.surest(verdicts, 0.25) == 1.0
    assert figures.surest(verdicts, 0.5) == 0.5
    assert figures.surest(verdicts, 1.0) == 0.5


def test_each_outcome_has_its_share(figures: Any) -> None:
    outcomes = ["answered", "answered", "asked", "refused"]
    verdicts = [verdict(figures, n, outcome=kind, right=n == 0) for n, kind in enumerate(outcomes)]
    found = figures.summary(verdicts)
    assert (found["answered"], found["asked"], found["refused"], found["failed"]) == (0.5, 0.25, 0.25, 0.0)
    assert (found["strict"], found["right_when_answered"]) == (0.25, 0.5)
    assert found["by_group"] == {"easy": {"questions": 4, "strict": 0.25}}


def test_what_has_no_answer_has_no_accuracy(figures: Any) -> None:
    found = figures.summary([verdict(figures, 1, outcome="refused", right=False)], answerable=False)
    assert found["refused"] == 1.0
    assert "strict" not in found


def test_readings_are_counted_over_all_questions(figures: Any) -> None:
    verdicts = [
        verdict(figures, 1, outcome="asked", readings=2, found=2, offered=4, fitting=2),
        verdict(figures, 2, readings=3, found=1, offered=1, fitting=1),
    ]
    assert figures.readings(verdicts) == {"recall": 0.6, "precision": 0.6, "all_found": 0.5}


def test_a_database_over_budget_is_named(figures: Any) -> None:
    quick = [verdict(figures, n, engine_ms=1.0) for n in range(99)]
    spike = [verdict(figures, 99, engine_ms=31.0), verdict(figures, 100, engine_ms=32.0)]
    heavy = [verdict(figures, 101 + n, database="heavy", engine_ms=6.0) for n in range(3)]
    found = figures.latency(quick + spike + heavy)
    assert sorted(found["slow"]) == ["heavy", "shop"]
    assert found["slow"]["shop"] == {"median": 1.0, "p99": 31.0, "most": 32.0}
    assert figures.latency(quick)["slow"] == {}


def test_a_word_names_a_set_or_all_that_begin_with_it(sets: Any) -> None:
    def names(*words: str) -> list[str]:
        return [one.name for one in sets.chosen(list(words))]

    assert names("defog") == ["defog-sqlite", "defog-postgresql", "defog-mysql"]
    assert names("develop") == ["develop"]
    assert "develop" not in names()
    with pytest.raises(LookupError, match="there is no set `spyder`"):
        names("spyder")


def test_a_link_that_was_copied_as_a_file_is_followed(sets: Any, tmp_path: Path) -> None:
    (tmp_path / "db/there").mkdir(parents=True)
    (tmp_path / "db/here").write_text("there\n")
    (tmp_path / "questions.jsonl").write_text("")
    one = sets.Set("some", "", "questions.jsonl", "db/here")
    assert one.folder(tmp_path) == tmp_path / "db/there"
    assert one.missing(tmp_path) == ""
    assert sets.Set("other", "", "none.jsonl", "db/none").missing(tmp_path) == "none.jsonl, db/none"


def test_no_database_is_both_learned_from_and_held_out(sets: Any) -> None:
    held = {"db_id": min(sets.held_out()), "question": "a", "question_syn": "b"}
    free = {"db_id": "not held out", "question": "a"}
    assert (sets.is_held_out(held), sets.is_to_learn_from(held)) == (held, None)
    assert (sets.is_held_out(free), sets.is_to_learn_from(free)) == (None, free)
    assert sets.paraphrased(sets.is_held_out)(held)["question"] == "b"
    assert sets.paraphrased(sets.is_to_learn_from)(free) is None
