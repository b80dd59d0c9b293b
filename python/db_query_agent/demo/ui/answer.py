"""One answer on the page: sentence, warnings, SQL, rows, chart, export; or the question back; or what went wrong."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import streamlit as st

from db_query_agent.demo.ui import cells, export
from db_query_agent.demo.ui.escape import label, shown
from db_query_agent.demo.ui.style import wide
from db_query_agent.exceptions import DatabaseQueryAgentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from db_query_agent.demo.ui.visit import Exchange
    from db_query_agent.results import QueryResult

DRAWN = ("bar", "line", "grouped_bar", "scatter")
"""Kinds of charts that show more than the rows do."""


def draw(exchange: Exchange, ask: Callable[[str], None], *, disabled: bool) -> None:
    """Draws what came of a question. `ask` is called with a choice that somebody clicks."""
    if exchange.stopped:
        st.markdown(shown("Stopped. The database was told so, too."), unsafe_allow_html=True)
    elif exchange.failure is not None:
        failure(exchange.failure)
    elif exchange.result is not None:
        _result(exchange, exchange.result, ask, disabled=disabled)


def failure(problem: dict[str, Any]) -> None:
    """Draws what went wrong, and what to do about it."""
    hint = f"  \nWhat helps: {label(problem['hint'], 600)}" if problem.get("hint") else ""
    st.error(f"**{label(problem['message'], 600)}**{hint}  \n`{problem['code']}`")
    if problem.get("sql"):
        _sql(problem["sql"])


def _result(exchange: Exchange, result: QueryResult, ask: Callable[[str], None], *, disabled: bool) -> None:
    sentence = result["clarification_question"] if result["needs_clarification"] else result["natural_response"]
    st.markdown(shown(sentence or "Here are the rows."), unsafe_allow_html=True)
    for warning in result["warnings"]:
        st.warning(label(warning, 600))
    for place, choice in enumerate(result["clarification_choices"]):
        key = f"dbq_choice_{exchange.number}_{place}"
        st.button(label(choice), key=key, on_click=ask, args=(choice,), disabled=disabled)
    if result["sql"]:
        _sql(result["sql"])
    if result["result"]:
        _rows(result)
        _chart(result)
        _export(exchange, result)
    if result["sql"]:
        st.markdown(shown(_told(result), "fine"), unsafe_allow_html=True)


def _sql(sql: str) -> None:
    with st.expander("View SQL"):
        st.code(sql, language="sql")


def _rows(result: QueryResult) -> None:
    import pandas

    columns = cells.columns(result)
    formats = {name: st.column_config.NumberColumn(format=f"%.{many}f") for name, many in cells.places(result).items()}
    st.dataframe(pandas.DataFrame(columns), hide_index=True, column_config=formats)
    if result["truncated"]:
        st.markdown(shown(f"Only the first {len(result['result']):,} rows.", "fine"), unsafe_allow_html=True)


def _chart(result: QueryResult) -> None:
    chart = result.chart()
    if chart.kind in DRAWN:
        # Streamlit takes the rows out of the specification that it is given.
        st.vega_lite_chart(spec=deepcopy(dict(chart)), **wide(st.vega_lite_chart))


def _export(exchange: Exchange, result: QueryResult) -> None:
    with st.expander("Export"):
        key = f"dbq_format_{exchange.number}"
        kind = st.radio("File format", list(export.FORMATS), key=key, horizontal=True) or "CSV"
        ending, media = export.FORMATS[kind]
        try:
            if kind not in exchange.files:
                exchange.files[kind] = export.contents(result, kind)
        except DatabaseQueryAgentError as error:
            failure(error.to_dict())
            return
        st.download_button(
            f"Download {kind}",
            exchange.files[kind],
            file_name=f"answer-{exchange.number}.{ending}",
            mime=media,
            key=f"dbq_download_{exchange.number}",
        )


def _told(result: QueryResult) -> str:
    """Who answered, how fast and how sure."""
    rows = f"{result['row_count']:,} row{'' if result['row_count'] == 1 else 's'}"
    engine = "offline engine" if result["engine"] == "offline" else str(result["engine"])
    parts = [rows, engine, f"{result['execution_time']:.2f} s", f"confidence {result['confidence']:.0%}"]
    if result["cached"]:
        parts.append("known from before")
    explained = f"{result['explanation']} " if result["explanation"] else ""
    return f"{explained}({', '.join(parts)})"
