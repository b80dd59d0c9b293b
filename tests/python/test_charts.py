"""Charts of results: valid Vega-Lite, drawn for real, whatever stands in the rows."""

from __future__ import annotations

import copy
import datetime
import json
import math
import pickle
import re
import struct
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import altair
import pytest

from db_query_agent import DatabaseQueryAgent, QueryResult
from db_query_agent.charts import MIME_TYPE, Chart
from db_query_agent.demo import write_sqlite
from db_query_agent.exceptions import ConfigurationError

MONTHS = [datetime.date(2024, month, 1) for month in range(1, 13)]
ZONE = datetime.timezone(datetime.timedelta(hours=2))

RESULTS: dict[str, tuple[list[str], list[tuple[Any, ...]], str]] = {
    "a number": (["revenue"], [(Decimal("1234567.80"),)], "number"),
    "a number with a caption": (["id", "name", "total"], [(3, "Ann", Decimal("120.50"))], "number"),
    "bars": (["city", "total"], [("Berlin", 70), (None, 12), ("Rome", -3)], "bar"),
    "bars that lie": (["product", "total"], [(f"Ergonomic office chair {n}", n) for n in range(40)], "bar"),
    "a line": (["month", "revenue"], [(day, Decimal(day.month)) for day in MONTHS], "line"),
    "a line of moments": (
        ["at", "load"],
        [(datetime.datetime(2024, 3, 7, hour, 30, tzinfo=ZONE), hour / 7) for hour in range(24)],
        "line",
    ),
    "years": (["order_year", "revenue"], [(year, year * 10**6) for year in range(2019, 2025)], "line"),
    "lines": (["month", "status", "n"], [(day, state, 3) for day in MONTHS for state in ("paid", "open")], "line"),
    "groups": (["city", "status", "n"], [(c, s, 3) for c in ("Rome", "Oslo") for s in ("paid", "open")], "grouped_bar"),
    "dots": (["weight", "price", "kind"], [(n * 1.5, n % 7, "ab"[n % 2]) for n in range(50)], "scatter"),
    "dots over time": (["day", "price"], [(MONTHS[n // 2], n * 1.5) for n in range(20)], "scatter"),
    "a table": (["id", "name", "city", "born"], [(n, f"N{n}", "Rome", MONTHS[n % 12]) for n in range(40)], "table"),
    "nothing": (["city", "total"], [], "table"),
    "no columns": ([], [], "table"),
    "a row cut short": (["a", "b"], [("x",), ("y", 2)], "bar"),
    "odd values": (
        ["raw", "document", "list", "span", "key", "clock", "truth", "n"],
        [
            (b"\x00", {"a": 1}, [1, None], datetime.timedelta(1), uuid.uuid4(), datetime.time(1), True, 1),
            (b"\xff", None, [], None, uuid.uuid4(), None, False, 2),
        ],
        "table",
    ),
    "numbers beyond doubles": (["name", "n"], [("a", 2**53 + 1), ("b", 2**63), ("c", 10**30), ("d", -5)], "bar"),
    "numbers that are none": (
        ["name", "n"],
        [("a", math.nan), ("b", math.inf), ("c", Decimal("NaN")), ("d", Decimal("-Infinity")), ("e", 1.5)],
        "bar",
    ),
    "names that quote": (['a"b', "x.y[0]\\'"], [('"', 1), ("\\", 2), ("two\nlines", 3), ("<b>&", 4)], "bar"),
    "names of JavaScript": (["constructor", "__proto__"], [("toString", 1), ("__proto__", 2)], "bar"),
    "names twice": (["name", "name", "total", "total"], [("a", "z", 1, 2), ("b", "y", 3, 4)], "bar"),
    "names that are expressions": (['"+datum.y+"', "count(*)"], [("a", 1), ("b", 2)], "bar"),
    "no names": (["", ""], [("a", 1), ("b", 2)], "bar"),
    "half a letter": (["name", "n"], [("\ud83d", 1), ("b", 2)], "bar"),
}


def result_of(name: str) -> QueryResult:
    columns, rows, _ = RESULTS[name]
    return QueryResult({"columns": columns, "result": rows, "truncated": False})


@pytest.mark.parametrize("name", RESULTS)
def test_a_chart_is_valid_and_drawn(name: str) -> None:
    chart = result_of(name).chart()
    assert chart.kind == RESULTS[name][2]
    json.dumps(chart, allow_nan=False)
    # Against the JSON schema of Vega-Lite that Altair brings along.
    altair.Chart.from_dict(dict(chart), validate=True)
    svg = chart.to_svg()
    assert svg is not None
    marks = svg.count('role="graphics-symbol"')
    values = chart["data"]["values"]
    with_mark = [point for point in values if point.get("text") or point.get("y") is not None]
    assert marks >= (1 if chart.kind == "line" else len(with_mark)), svg


def test_a_table_shows_its_cells() -> None:
    svg = result_of("a table").chart().to_svg()
    assert svg is not None
    for text in ("40 rows", "the first 20 rows", "born", "N19", "2024-01-01"):
        assert f">{text}<" in svg
    assert ">N20<" not in svg


def test_pictures_are_files_or_bytes(tmp_path: Path) -> None:
    chart = result_of("bars").chart()
    picture = chart.to_png()
    assert picture is not None
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert chart.to_png(tmp_path / "bars.png", scale=1) is None
    width, height = struct.unpack(">II", (tmp_path / "bars.png").read_bytes()[16:24])
    twice = struct.unpack(">II", picture[16:24])
    assert abs(twice[0] - 2 * width) <= 2
    assert abs(twice[1] - 2 * height) <= 2
    assert chart.to_svg(tmp_path / "bars.svg") is None
    assert "Total by city" in (tmp_path / "bars.svg").read_text("utf-8")


def test_text_of_a_database_stays_text_in_a_picture() -> None:
    svg = result_of("names that quote").chart().to_svg()
    assert svg is not None
    assert "<b>" not in svg
    assert "&lt;b&gt;&amp;" in svg


def test_days_are_drawn_as_the_days_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    # A browser west of Greenwich shows the day before for a date alone, but not for a date with a clock.
    chart = result_of("a line").chart()
    assert [point["x"] for point in chart["data"]["values"]][:2] == ["2024-01-01T00:00:00", "2024-02-01T00:00:00"]
    moments = result_of("a line of moments").chart()
    assert moments["data"]["values"][0]["x"] == "2024-03-07T00:30:00"
    assert moments["encoding"]["x"]["title"] == "At (+02:00)"


def test_to_altair_can_be_changed_further() -> None:
    wider = result_of("bars").chart().to_altair().properties(width=700)
    assert wider.to_dict()["width"] == 700


def test_a_chart_can_be_asked_for() -> None:
    result = result_of("groups")
    chart = result.chart("line", x="city", series="status")
    assert (chart.kind, chart.x, chart.y, chart.series) == ("line", "city", "n", "status")
    with pytest.raises(ConfigurationError, match="no column `town`") as refused:
        result.chart(x="town")
    assert refused.value.code == "invalid_option"
    assert refused.value.hint == "its columns are `city`, `status`, `n`"
    with pytest.raises(ConfigurationError, match="no chart is called `pie`"):
        result.chart("pie")  # type: ignore[arg-type]


def test_a_notebook_gets_the_specification_and_no_log_gets_rows() -> None:
    chart = result_of("bars").chart()
    bundle = chart._repr_mimebundle_()
    assert bundle[MIME_TYPE]["data"]["values"][0] == {"x": "Berlin", "y": 70}
    for text in (repr(chart), str(chart), f"{chart}", bundle["text/plain"]):
        assert text == "<Chart bar: Total by city>"


def test_a_chart_is_copied_whole() -> None:
    chart = result_of("bars").chart()
    for twin in (chart.copy(), copy.copy(chart), copy.deepcopy(chart), pickle.loads(pickle.dumps(chart))):
        assert isinstance(twin, Chart)
        assert (twin, twin.kind, twin.x, twin.y, twin.title) == (chart, "bar", "city", "total", "Total by city")


def test_an_answer_draws_itself(agent: DatabaseQueryAgent) -> None:
    chart = agent.query("How many orders are there by status?").chart()
    assert (chart.kind, chart.x) == ("bar", "status")
    assert {point["x"] for point in chart["data"]["values"]} == {"open", "shipped"}
    assert agent.query("How many users are there?", return_results=False).chart().kind == "table"


async def test_a_pending_answer_is_waited_for(agent: DatabaseQueryAgent) -> None:
    assert agent.query("How many users are there?").chart().kind == "number"


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs/charts.md").read_text("utf-8")
    snippets = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert len(snippets) >= 3
    write_sqlite(tmp_path / "shop.db")
    monkeypatch.chdir(tmp_path)
    with DatabaseQueryAgent("sqlite:///shop.db") as agent:
        namespace: dict[str, object] = {"agent": agent}
        for snippet in snippets:
            exec(compile(snippet, "docs/charts.md", "exec"), namespace)
    assert capsys.readouterr().out == "line month count\n"
    assert (tmp_path / "orders.png").stat().st_size > 1000


def test_what_is_missing_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    chart = result_of("bars").chart()
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    monkeypatch.setitem(sys.modules, "altair", None)
    for draw in (chart.to_png, chart.to_svg, chart.to_altair):
        with pytest.raises(ConfigurationError) as missing:
            draw()
        assert missing.value.hint == "pip install 'db-query-agent[charts]'"
