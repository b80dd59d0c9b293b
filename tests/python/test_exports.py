"""The rows of a result in the forms that other tools read, and read back."""

from __future__ import annotations

import csv
import datetime
import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest
import scripts

from db_query_agent import QueryResult

KEY = UUID("0190a5c2-7f3e-7a41-8b65-3d9a1c2e4f60")
ZONE = datetime.timezone(datetime.timedelta(hours=2))
COLUMNS = ["id", "name", "price", "day", "at", "key", "raw", "document", "span", "ok", "id"]
ROWS: list[tuple[Any, ...]] = [
    (
        1,
        'a "quoted", name\nof two lines',
        Decimal("12345678901234567890.10"),
        datetime.date(2024, 2, 29),
        datetime.datetime(2024, 7, 1, 12, 0, tzinfo=ZONE),
        KEY,
        b"\x00\xff",
        {"a": [1, None]},
        datetime.timedelta(days=-1, hours=2),
        True,
        7,
    ),
    (2**63, "=1+1", None, None, None, None, None, None, None, None, 8),
]


@pytest.fixture
def result() -> QueryResult:
    return QueryResult({"columns": COLUMNS, "result": ROWS, "sql": "SELECT 1", "natural_response": "Two <b>rows</b>"})


def test_csv(result: QueryResult, tmp_path: Path) -> None:
    header, first, second = csv.reader((result.to_csv() or "").splitlines(keepends=True))
    assert header == COLUMNS
    assert first == [
        "1",
        ROWS[0][1],
        "12345678901234567890.10",
        "2024-02-29",
        "2024-07-01T12:00:00+02:00",
        str(KEY),
        "0x00ff",
        '{"a": [1, null]}',
        "-P0DT22H0M0S",
        "true",
        "7",
    ]
    assert second[:3] == [str(2**63), "=1+1", ""]
    assert result.to_csv(tmp_path / "rows.csv", delimiter=";", header=False) is None
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8") as file:
        assert next(csv.reader(file, delimiter=";"))[0] == "1"


def test_json(result: QueryResult, tmp_path: Path) -> None:
    first, second = json.loads(result.to_json() or "")
    assert first["price"] == "12345678901234567890.10"
    assert first["at"] == "2024-07-01T12:00:00+02:00"
    assert first["raw"] == "AP8="
    assert first["document"] == {"a": [1, None]}
    assert (first["id"], first["id_1"]) == (1, 7)
    assert second["id"] == 2**63
    assert json.loads(result.to_json(whole=True) or "")["natural_response"] == "Two <b>rows</b>"
    result.to_json(tmp_path / "rows.json", indent=2)
    assert len(json.loads((tmp_path / "rows.json").read_text("utf-8"))) == 2
    odd = QueryResult({"columns": ["x"], "result": [(math.nan,), (math.inf,)]})
    assert json.loads(odd.to_json() or "") == [{"x": "nan"}, {"x": "inf"}]


def test_pandas(result: QueryResult) -> None:
    frame = result.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == [*COLUMNS[:-1], "id_1"]
    assert frame["price"][0] == ROWS[0][2]
    assert frame["name"][1] == "=1+1"


def test_polars(result: QueryResult) -> None:
    frame = result.to_polars()
    assert isinstance(frame, polars.DataFrame)
    assert frame.shape == (2, 11)
    assert frame["day"].to_list() == [datetime.date(2024, 2, 29), None]
    assert frame["key"].to_list() == [str(KEY), None]


def test_arrow_and_parquet(result: QueryResult, tmp_path: Path) -> None:
    table = result.to_arrow()
    assert isinstance(table, pyarrow.Table)
    assert table.column("price").to_pylist() == [Decimal("12345678901234567890.10"), None]
    assert table.column("at").to_pylist()[0] == ROWS[0][4]
    result.to_parquet(tmp_path / "rows.parquet")
    assert pyarrow.parquet.read_table(tmp_path / "rows.parquet").equals(table)


def test_excel(result: QueryResult, tmp_path: Path) -> None:
    result.to_excel(tmp_path / "rows.xlsx", sheet="answer")
    page = openpyxl.load_workbook(tmp_path / "rows.xlsx")["answer"]
    header, first, second = page.iter_rows()
    assert [cell.value for cell in header] == COLUMNS
    assert first[0].value == 1
    # More digits than a workbook can hold stay text, and a text stays one whatever it starts with.
    assert first[2].value == "12345678901234567890.10"
    assert (second[1].value, second[1].data_type) == ("=1+1", "s")
    assert second[0].value == str(2**63)


def test_notebook_shows_text_as_text(result: QueryResult) -> None:
    page = QueryResult({**result, "result": [("<script>alert(1)</script>",)], "columns": ["<i>"]})._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;i&gt;" in page
    assert "Two &lt;b&gt;rows&lt;/b&gt;" in page


def test_values_of_several_types_in_one_column() -> None:
    mixed = QueryResult({"columns": ["x"], "result": [(1,), ("two",), (b"\x03",), (None,)]})
    assert mixed.to_arrow().column("x").to_pylist() == ["1", "two", "0x03", None]
    assert mixed.to_polars()["x"].to_list() == ["1", "two", "0x03", None]
    assert mixed.to_pandas()["x"].tolist() == [1, "two", b"\x03", None]


@pytest.mark.parametrize("columns", [[], ["a", "b"]])
def test_no_rows(columns: list[str], tmp_path: Path) -> None:
    empty = QueryResult({"columns": columns, "result": []})
    assert empty.to_pandas().shape == (0, len(columns))
    assert empty.to_polars().shape == (0, len(columns))
    assert empty.to_arrow().num_columns == len(columns)
    assert empty.to_json() == "[]"
    empty.to_excel(tmp_path / "empty.xlsx")


@pytest.mark.parametrize("package", ["pandas", "polars", "pyarrow", "openpyxl"])
def test_a_missing_package_is_named_in_one_sentence(package: str, tmp_path: Path) -> None:
    method = {"pandas": "to_pandas()", "polars": "to_polars()", "pyarrow": "to_arrow()", "openpyxl": "to_excel('x')"}
    told = scripts.run(
        f"""
        import sys
        sys.modules["{package}"] = None
        from db_query_agent import ConfigurationError, QueryResult
        try:
            QueryResult().{method[package]}
        except ConfigurationError as error:
            print(error, error.code, error.hint, sep="|")
        """
    )
    name = method[package].partition("(")[0]
    assert told == f"`{name}()` needs the package `{package}`|missing_package|pip install '{package}'"
