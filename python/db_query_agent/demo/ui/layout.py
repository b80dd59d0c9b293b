"""The page from top to bottom."""

from __future__ import annotations

import streamlit as st
from streamlit import config

from db_query_agent.demo.ui import answer, chat, sidebar
from db_query_agent.demo.ui.agents import AgentPool
from db_query_agent.demo.ui.asking import unexpected
from db_query_agent.demo.ui.escape import shown
from db_query_agent.demo.ui.style import STYLE
from db_query_agent.demo.ui.target import OTHER, Target
from db_query_agent.demo.ui.visit import Visit
from db_query_agent.exceptions import DatabaseQueryAgentError

TITLE = "Database Query Agent Demo"


def draw(database_url: str | None, *, connect: bool) -> None:
    """Draws the page, and a friendly box in the place of what cannot be drawn."""
    st.set_page_config(page_title=TITLE, layout="centered")
    # What fails outside of this page's own box: its name is `False` before Streamlit 1.42, "none" since.
    st.set_option("client.showErrorDetails", "none" if hasattr(config, "ShowErrorDetailsConfigOptions") else False)
    st.markdown(STYLE, unsafe_allow_html=True)
    st.title(TITLE)
    # Streamlit ends a run of the script by what is no `Exception`, so that passes here.
    try:
        _draw(database_url, connect=connect)
    except DatabaseQueryAgentError as error:
        answer.failure(error.to_dict())
    except Exception as error:  # noqa: BLE001 - a page never shows a traceback
        answer.failure(unexpected(error))


def _draw(database_url: str | None, *, connect: bool) -> None:
    visit = _visit(database_url)
    if visit.wanted is not None:
        with st.spinner("Opening the database …"):
            visit.open()
    visit.settle()
    sidebar.draw(visit, connect=connect)
    if visit.lease is None:
        what = "No database is open." + (" Name one in the sidebar." if connect else "")
        st.markdown(shown(what), unsafe_allow_html=True)
    chat.draw(visit)


def _visit(database_url: str | None) -> Visit:
    """What this browser said and saw so far."""
    if "dbq_visit" not in st.session_state:
        first = Target(OTHER, database_url) if database_url else None
        st.session_state["dbq_visit"] = Visit(_pool(), first)
    visit: Visit = st.session_state["dbq_visit"]
    return visit


@st.cache_resource(show_spinner=False)
def _pool() -> AgentPool:
    """The agents of all browsers of this process."""
    return AgentPool()
