"""Importing the package is cheap and takes nothing optional along."""

from __future__ import annotations

import scripts

OPTIONAL = {
    "altair",
    "asyncio",
    "click",
    "dotenv",
    "fastapi",
    "django",
    "flask",
    "IPython",
    "numpy",
    "openpyxl",
    "pandas",
    "polars",
    "pyarrow",
    "pydantic",
    "rich",
    "sqlalchemy",
    "typer",
    "vl_convert",
}


def test_the_package_imports_nothing_optional() -> None:
    told = scripts.run("import sys, db_query_agent; print(*sys.modules)")
    assert not OPTIONAL & set(told.split())


def test_a_question_imports_nothing_optional(url: str) -> None:
    program = """
        import sys
        from db_query_agent import DatabaseQueryAgent
        DatabaseQueryAgent(sys.argv[1]).query("How many users are there?")
        print(*sys.modules)
    """
    assert not OPTIONAL & set(scripts.run(program, url).split())


def test_every_public_name_is_there() -> None:
    import db_query_agent

    for name in db_query_agent.__all__:
        assert getattr(db_query_agent, name) is not None
    assert set(db_query_agent.__all__) <= set(dir(db_query_agent))


def test_modules_of_the_plan_are_there() -> None:
    from importlib import import_module

    modules = (
        "agent schema_extractor session_manager query_validator safety_guardrails cache_manager exceptions utils config"
    )
    for name in modules.split():
        import_module(f"db_query_agent.{name}")


def test_the_version_is_the_one_of_the_distribution() -> None:
    from importlib.metadata import version

    import db_query_agent

    assert version("db-query-agent") == db_query_agent.__version__
