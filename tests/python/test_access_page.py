"""What docs/access.md shows runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from db_query_agent.demo import write_sqlite

PAGE = Path(__file__).parents[2] / "docs" / "access.md"


def test_the_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_sqlite(tmp_path / "shop.db")
    examples = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(examples) == 1
    namespace: dict[str, object] = {"url": f"sqlite:///{tmp_path / 'shop.db'}"}
    exec(compile(examples[0], PAGE.name, "exec"), namespace)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("SELECT COUNT(*)")
    assert "customer_id" not in first, "the statement is shown as it was proposed"
    assert re.fullmatch(r"\[\('[^']+', '\*\*\*'\)\]", second), "one customer, whose address is masked"


def test_every_option_of_a_role_is_on_the_page() -> None:
    from db_query_agent import SafetyConfig

    page = PAGE.read_text("utf-8")
    names = [name for name in vars(SafetyConfig()) if name.endswith(("_tables", "_columns", "_filters", "roles"))]
    assert len(names) == 7
    assert [name for name in names if f"`{name}`" not in page] == []
