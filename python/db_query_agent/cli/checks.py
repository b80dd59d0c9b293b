"""What `db-query doctor` looks at."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from typing import Any

import db_query_agent
from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.connect import Engine, opened, where
from db_query_agent.cli.exits import Exit
from db_query_agent.cli.progress import Progress
from db_query_agent.config import AgentConfig
from db_query_agent.exceptions import DatabaseQueryAgentError

_PATIENCE = 10.0
"""Seconds to wait for a model's server; a list of models comes in less than one."""


class Verdict(str, Enum):
    """How something stands."""

    FINE = "fine"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    detail: str
    advice: str | None = None
    end: Exit = Exit.FINE


def examine(db: str | None, engine: Engine | None) -> list[Finding]:
    """Looks at everything; a failure is a finding, and the rest is looked at all the same."""
    return [*_versions(), *_folder(), *_database(db), *_model(engine)]


def _problem(name: str, error: DatabaseQueryAgentError) -> Finding:
    return Finding(name, Verdict.PROBLEM, error.message, error.hint, Exit.of(error))


def _versions() -> Iterator[Finding]:
    yield Finding("version", Verdict.FINE, f"db-query-agent {db_query_agent.__version__}")
    yield Finding("python", Verdict.FINE, f"{platform.python_version()} on {platform.platform(terse=True)}")
    packages = ("typer", "rich", "prompt_toolkit", "openpyxl", "pyarrow", "pandas", "polars")
    yield Finding("packages", Verdict.FINE, ", ".join(map(_installed, packages)))


def _installed(package: str) -> str:
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return f"no {package}"


def _folder() -> Iterator[Finding]:
    from db_query_agent.cli.store.library import library
    from db_query_agent.cli.store.recorder import VARIABLE, is_on

    if not is_on():
        yield Finding("history", Verdict.FINE, f"off, by {VARIABLE}")
        return
    from db_query_agent.cli.store.folder import folder

    try:
        with library() as kept:
            kept.history(limit=1)
        yield Finding("history", Verdict.FINE, f"in {folder()}")
    except Complaint as complaint:
        yield Finding("history", Verdict.PROBLEM, complaint.message, complaint.hint, complaint.end)


def _database(db: str | None) -> Iterator[Finding]:
    started = time.monotonic()
    try:
        with opened(db, engine=Engine.OFFLINE) as agent:
            yield Finding("configuration", Verdict.FINE, f"the database is {where(agent)}")
            with Progress("connecting"):
                report = agent.security_report()
            took = time.monotonic() - started
            login = f", login `{report['login']}`" if report["login"] else ""
            yield Finding("database", Verdict.FINE, f"{report['engine']}{login}, reached in {took * 1000:.0f} ms")
            yield from _rights(report)
            with Progress("reading the schema"):
                tables = agent.get_schema()
            if tables:
                yield Finding("schema", Verdict.FINE, f"{len(tables):,} tables may be read")
            else:
                advice = "grant SELECT on them, or look at DB_SCHEMAS, ALLOWED_TABLES and BLOCKED_TABLES"
                yield Finding("schema", Verdict.PROBLEM, "no table may be read", advice, Exit.QUESTION)
    except DatabaseQueryAgentError as error:
        name = "configuration" if Exit.of(error) is Exit.USAGE else "database"
        yield _problem(name, error)


def _rights(report: dict[str, Any]) -> Iterator[Finding]:
    read_only = report["engine_enforced_read_only"]
    kept = "read-only is kept by the engine" if read_only else "a fence of the engine that keeps it read-only is down"
    yield Finding(
        "fences",
        Verdict.FINE if read_only else Verdict.PROBLEM,
        kept,
        None if read_only else "`db-query security` names it",
        Exit.FINE if read_only else Exit.QUESTION,
    )
    for finding in report["findings"]:
        if finding["verdict"] == "risk":
            detail = f"{finding['name']}: {finding['detail']}"
            # `db-query security` is the gate for who wants one; most files may be written by their owner.
            yield Finding("rights", Verdict.NOTE, detail, finding["advice"])
    if report["least_privilege"]:
        yield Finding("rights", Verdict.FINE, "the login may only read")


def _model(engine: Engine | None) -> Iterator[Finding]:
    try:
        options: dict[str, Any] = {"model_strategy": engine.strategy} if engine else {}
        config = AgentConfig.from_env(**({"database_url": "sqlite://"} | options))
    except DatabaseQueryAgentError as error:
        yield _problem("model", error)
        return
    if config.model.strategy == "offline":
        yield Finding("model", Verdict.FINE, "none is asked: the offline engine answers")
    elif not config.openai_api_key and not config.model.base_url:
        advice = "set OPENAI_API_KEY or OPENAI_BASE_URL for questions that it cannot read"
        yield Finding("model", Verdict.NOTE, "none is configured: the offline engine answers", advice)
    else:
        with Progress("asking for the list of models"):
            finding = _reach(config)
        yield finding


def _reach(config: AgentConfig) -> Finding:
    import json
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError
    from urllib.request import ProxyHandler, Request, build_opener

    base = (config.model.base_url or "https://api.openai.com/v1").rstrip("/")
    keys = config.openai_api_key if isinstance(config.openai_api_key, list) else [config.openai_api_key]
    headers = dict(config.model.model_headers or {})
    if keys and isinstance(keys[0], str):
        headers.setdefault("Authorization", f"Bearer {keys[0]}")
    if not base.startswith(("http://", "https://")):
        return Finding("model", Verdict.PROBLEM, "its address is no URL", "mend OPENAI_BASE_URL", Exit.USAGE)
    proxy = config.model.model_proxy
    opener = build_opener(ProxyHandler({"http": proxy, "https": proxy})) if proxy else build_opener()
    named = {config.model.fast_model, config.model.balanced_model, config.model.complex_model}
    host = base.split("://", 1)[1].rpartition("@")[2].split("/", 1)[0]
    try:
        with opener.open(Request(f"{base}/models", headers=headers), timeout=_PATIENCE) as response:
            listed = {model.get("id") for model in json.load(response).get("data", [])}
    except HTTPError as error:
        if error.code in (401, 403):
            advice = "mend OPENAI_API_KEY"
            return Finding("model", Verdict.PROBLEM, f"{host} refuses the key ({error.code})", advice, Exit.USAGE)
        detail = f"{host} answers, but not with a list of its models ({error.code})"
        if error.code >= 500:
            return Finding("model", Verdict.PROBLEM, detail, "look at the server, or try again later", Exit.SYSTEM)
        return Finding("model", Verdict.NOTE, detail, "ask a question with --engine model to be sure")
    except (URLError, HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        detail = f"{host} cannot be reached: {reason}"
        return Finding("model", Verdict.PROBLEM, detail, "look at OPENAI_BASE_URL and the network", Exit.SYSTEM)
    except (ValueError, AttributeError, TypeError):
        detail = f"{host} answers, but not as OpenAI's API does"
        return Finding("model", Verdict.PROBLEM, detail, "the address mostly ends with /v1", Exit.USAGE)
    if missing := sorted(named - listed):
        detail = f"{host} answers, and does not list {', '.join(f'`{name}`' for name in missing)}"
        return Finding("model", Verdict.NOTE, detail, "name one of its models in OPENAI_MODEL")
    return Finding("model", Verdict.FINE, f"{host} has {', '.join(sorted(named))}")
