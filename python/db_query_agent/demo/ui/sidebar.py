"""The sidebar: what is asked and by whom, toggles, figures, history, schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from db_query_agent.config import get_env
from db_query_agent.demo.ui import answer, browser
from db_query_agent.demo.ui.chat import put
from db_query_agent.demo.ui.escape import label, shown
from db_query_agent.demo.ui.style import wide
from db_query_agent.demo.ui.target import CONFIGURED, OTHER, SHOP, Target, may_stay, with_password

if TYPE_CHECKING:
    from db_query_agent.demo.ui.agents import Lease
    from db_query_agent.demo.ui.visit import Visit

ENGINES = ("Offline", "Model")


def draw(visit: Visit, *, connect: bool) -> None:
    """Draws the sidebar."""
    # Each part has a place of its own, so that none is made anew, and folded, when one above it grows.
    database, behaviour, figures, history, schema = (st.sidebar.container() for _ in range(5))
    with database:
        st.header("Database")
        if visit.lease is not None:
            _connected(visit.lease)
        if connect:
            _connection(visit)
        if visit.problem is not None:
            answer.failure(visit.problem)
    if visit.lease is None:
        return
    with behaviour:
        _behaviour(visit, visit.lease, connect=connect)
    with figures:
        _figures(visit.lease)
    with history:
        _history(visit)
    with schema:
        _schema(visit.lease)


def _connected(lease: Lease) -> None:
    target = lease.target
    name = SHOP if target.title == SHOP else lease.agent.config.database.url
    st.markdown(shown(f"Connected to {name} ({lease.agent.dialect})", "fine"), unsafe_allow_html=True)


def _connection(visit: Visit) -> None:
    title = visit.lease.target.title if visit.lease is not None else ""
    with st.expander("Connect to another database"):
        with st.form("dbq_connection", border=False):
            st.text_input(
                "Database URL",
                key="dbq_url",
                placeholder="postgresql://reader@localhost/shop",
                disabled=visit.busy,
            )
            st.text_input("Database password", key="dbq_password", type="password", disabled=visit.busy)
            st.form_submit_button("Connect", on_click=_connect, args=(visit,), disabled=visit.busy)
        if title != SHOP:
            shop = (visit, SHOP, "")
            st.button("Back to the demo shop", on_click=_open, args=shop, disabled=visit.busy, **wide(st.button))
        configured = get_env("DATABASE_URL")
        if configured and title != CONFIGURED:
            st.button("Use DATABASE_URL", on_click=_open, args=(visit, CONFIGURED, configured), disabled=visit.busy)


def _connect(visit: Visit) -> None:
    state = st.session_state
    url = str(state["dbq_url"]).strip()
    _open(visit, OTHER, with_password(url, str(state["dbq_password"])))
    # A secret goes back to no browser.
    state["dbq_password"] = ""
    if not may_stay(url):
        state["dbq_url"] = ""


def _open(visit: Visit, title: str, url: str) -> None:
    current = visit.lease.target if visit.lease is not None else Target(title, url)
    visit.want(current.on(title, url))


def _behaviour(visit: Visit, lease: Lease, *, connect: bool) -> None:
    st.header("Conversation")
    st.toggle(
        "Remember the conversation",
        value=True,
        key="dbq_session",
        help="A question may then build on those before it: \u201cand by month?\u201d",
        disabled=visit.busy,
    )
    st.toggle("Stream the answer", value=True, key="dbq_streaming", disabled=visit.busy)
    st.button("New conversation", on_click=visit.begin_anew, disabled=visit.busy or visit.empty, **wide(st.button))
    st.header("Engine")
    possible = lease.target.has_model()
    # What is chosen follows from the agent, also after one that could not be opened.
    st.session_state["dbq_engine"] = ENGINES[lease.target.with_model]
    st.radio(
        "Who writes the SQL",
        ENGINES,
        key="dbq_engine",
        horizontal=True,
        on_change=_switch,
        args=(visit, lease),
        disabled=visit.busy or not possible,
    )
    if not possible:
        how = "Set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own"
        how += ", or type one below." if connect else "."
        st.markdown(shown(f"No model is configured. {how}", "fine"), unsafe_allow_html=True)
    if connect:
        _model(visit, lease)


def _switch(visit: Visit, lease: Lease) -> None:
    visit.want(lease.target.by(with_model=st.session_state["dbq_engine"] == ENGINES[1]))


def _model(visit: Visit, lease: Lease) -> None:
    with st.expander("Use a model"), st.form("dbq_model_form", border=False):
        st.text_input("OpenAI API Key", key="dbq_api_key", type="password", disabled=visit.busy)
        st.text_input(
            "Server (OpenAI-compatible)",
            key="dbq_base_url",
            placeholder="http://localhost:11434/v1",
            disabled=visit.busy,
        )
        st.text_input("Model", key="dbq_model", placeholder="gpt-4o-mini", disabled=visit.busy)
        st.form_submit_button("Use this model", on_click=_teach, args=(visit, lease), disabled=visit.busy)


def _teach(visit: Visit, lease: Lease) -> None:
    state = st.session_state
    typed = [str(state[key]).strip() for key in ("dbq_api_key", "dbq_base_url", "dbq_model")]
    visit.want(lease.target.taught(*typed))
    state["dbq_api_key"] = ""


def _figures(lease: Lease) -> None:
    st.header("Statistics")
    figures = lease.agent.get_stats()
    asked, hits = figures.get("total_queries", 0), figures.get("cache_hits", 0)
    times = figures.get("latency", {}).get("total", {})
    shown_figures: list[tuple[str, Any]] = [
        ("Questions", asked),
        ("Answered", figures.get("successful_queries", 0)),
        ("Failed", figures.get("failed_queries", 0)),
        ("Cache hits", f"{hits / asked:.0%}" if asked else "-"),
        ("Median time", f"{times['p50']:.2f} s" if times else "-"),
        ("Tables", figures["schema_tables"] if figures["schema_tables"] is not None else "-"),
    ]
    if figures.get("model_calls"):
        cost = figures.get("cost")
        shown_figures += [
            ("Tokens", f"{figures['tokens']['prompt'] + figures['tokens']['completion']:,}"),
            ("Cost", "-" if cost is None else f"${cost:.4f}".replace("$", r"\$")),
        ]
    left, right = st.columns(2)
    for place, (name, figure) in enumerate(shown_figures):
        (left, right)[place % 2].metric(name, figure)


def _history(visit: Visit) -> None:
    st.header("History")
    if not visit.history:
        st.markdown(shown("Questions stand here, to be asked again.", "fine"), unsafe_allow_html=True)
    for place, question in enumerate(visit.history):
        st.button(
            label(question, 60),
            key=f"dbq_again_{place}",
            on_click=put,
            args=(visit, question),
            disabled=visit.busy,
            **wide(st.button),
        )


def _schema(lease: Lease) -> None:
    st.header("Schema")
    wanted = st.text_input("Search tables and columns", key="dbq_wanted")
    st.markdown(browser.drawn(lease.agent.get_schema(), wanted or ""), unsafe_allow_html=True)
