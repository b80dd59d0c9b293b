"""`db-query doctor`: whether everything works, and what to do where it does not."""

from __future__ import annotations

from dataclasses import asdict

import typer

from db_query_agent.cli import checks, options, output, terminal
from db_query_agent.cli.checks import Finding, Verdict


def register(app: typer.Typer) -> None:
    """Adds the command to `app`."""
    app.command()(doctor)


def doctor(
    db: options.Database = None,
    engine: options.Who = None,
    as_json: options.AsJson = False,
) -> None:
    """Check the database, the login and the model, and say what to do.

    Ends with 0 where everything works, with 1 where something should be mended, with 2 where an option is wrong, and
    with 3 where the database or the model cannot be reached. No question is asked, and a model's server is only asked
    for the list of its models.
    """
    findings = checks.examine(db, engine)
    if as_json:
        output.document([asdict(finding) | {"verdict": finding.verdict.value} for finding in findings])
    else:
        output.lines(line for finding in findings for line in _lines(finding))
    if worst := max(finding.end for finding in findings):
        raise typer.Exit(worst)


_STYLES = {Verdict.FINE: "answer", Verdict.NOTE: "note", Verdict.PROBLEM: "error"}


def _lines(finding: Finding) -> list[str]:
    import sys

    mark = terminal.paint(f"{finding.verdict.value:<8}", _STYLES[finding.verdict], sys.stdout)
    told = [f"{mark}{finding.name:<14}{terminal.line(finding.detail)}\n"]
    if finding.advice:
        told.append(f"{'':<22}{'→' if terminal.is_unicode(sys.stdout) else '->'} {terminal.line(finding.advice)}\n")
    return told
