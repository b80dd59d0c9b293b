"""`db-query eval`: the user's own questions as a regression gate."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from db_query_agent import DatabaseQueryAgent, QueryResult
from db_query_agent.cli import options, output, terminal
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.connect import opened
from db_query_agent.cli.evaluation import cases, compare, report
from db_query_agent.cli.evaluation.cases import Case
from db_query_agent.cli.evaluation.report import Outcome
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.output import Target
from db_query_agent.cli.progress import Progress
from db_query_agent.exceptions import DatabaseQueryAgentError

_STYLES = {"passed": "answer", "failed": "error", "error": "error"}


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command("eval")(evaluate)


def evaluate(
    file: Annotated[Path, typer.Argument(help="Questions with what is expected, as .yaml, .json or .jsonl.")],
    db: options.Database = None,
    engine: options.Who = None,
    limit: options.Limit = None,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write a report as JUnit XML.")] = None,
    as_json: options.AsJson = False,
    pager: options.Pager = True,
) -> None:
    """Check answers against the ones you know.

    Each entry has a `question` and one of `sql` (a statement with the right rows), `rows` or `clarification: true`.
    Ends with 1 where an answer differs, with 3 where there was none for want of a database or a model.
    """
    asked = cases.read(file)
    if junit is not None and not junit.parent.is_dir():
        raise Complaint(f"there is no folder `{junit.parent}`")
    outcomes, ends = [], [Exit.FINE]
    with opened(db, engine=engine, limit=limit) as agent:
        session = ""
        for number, case in enumerate(asked):
            session = session if case.follows else f"eval-{number}"
            outcome, end = _judge(agent, case, session)
            outcomes.append(outcome)
            ends.append(end)
            if not as_json:
                mark = terminal.paint(outcome.verdict, _STYLES[outcome.verdict], sys.stderr)
                sys.stderr.write(f"{mark}  {terminal.line(outcome.name)}\n")
    if junit is not None:
        report.junit(outcomes, file.stem, junit)
    passed = sum(one.verdict == "passed" for one in outcomes)
    if as_json:
        figures = {"passed": passed, "total": len(outcomes), "outcomes": [asdict(one) for one in outcomes]}
        output.document(figures)
    else:
        columns = ["verdict", "question", "reason", "ms"]
        rows = [(one.verdict, one.name, one.reason or "", round(one.seconds * 1000, 1)) for one in outcomes]
        output.emit(QueryResult({"columns": columns, "result": rows}), Target(pages=pager))
        terminal.talk(f"{passed} of {len(outcomes)} passed", "strong")
    if worst := max(ends):
        raise typer.Exit(worst)


def _judge(agent: DatabaseQueryAgent, case: Case, session: str) -> tuple[Outcome, Exit]:
    started = time.monotonic()
    result: QueryResult | None = None
    verdict, end = "passed", Exit.FINE
    try:
        with Progress(case.title):
            result = agent.query(case.question, session=session)
            reason = _difference(agent, case, result)
        if reason:
            verdict, end = "failed", Exit.QUESTION
    except DatabaseQueryAgentError as error:
        reason, end = f"{error.message} ({error.code})", Exit.of(error)
        # A refused question is an answer that differs; one that nobody could answer is none.
        verdict = "failed" if end is Exit.QUESTION else "error"
        sql = error.sql
    else:
        sql = result["sql"]
    who = result["engine"] if result else None
    return Outcome(case.title, case.question, verdict, reason, sql, who, round(time.monotonic() - started, 6)), end


def _difference(agent: DatabaseQueryAgent, case: Case, result: QueryResult) -> str | None:
    asks_back = bool(result["needs_clarification"])
    if case.clarification:
        return None if asks_back else "it was answered, and should have been asked back"
    if asks_back:
        return f"asked back: {result['clarification_question']}"
    expected = case.rows
    if case.sql is not None:
        try:
            right = agent.run_sql(case.sql)
        except DatabaseQueryAgentError as error:
            if Exit.of(error) is Exit.SYSTEM and error.code != "execution_failed":
                raise
            raise Complaint(f"{case.place}: its `sql` cannot run: {error.message}", hint=error.hint) from error
        expected = right["result"]
        if right["truncated"] or result["truncated"]:
            return "there are more rows than the limit, so they cannot be compared: raise --limit"
    return compare.difference(expected or [], result["result"] or [], ordered=case.ordered)
