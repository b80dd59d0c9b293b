"""The conversation: what was said, the question under way, and where the next one is typed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from db_query_agent.demo.questions import QUESTIONS
from db_query_agent.demo.ui import answer
from db_query_agent.demo.ui.escape import inside, label, shown
from db_query_agent.demo.ui.style import wide
from db_query_agent.demo.ui.target import SHOP
from db_query_agent.demo.ui.visit import Exchange

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from db_query_agent.demo.ui.asking import Progress
    from db_query_agent.demo.ui.visit import Visit

EXAMPLES = 6
SHOWN = 1_000
"""Characters of a question in its bubble."""
PATIENCE = 2.0
"""Seconds after which the page tells for how long it has been working."""


def draw(visit: Visit) -> None:
    """Draws the conversation. With a question under way this lasts until it has ended."""

    def ask(question: str) -> None:
        put(visit, question)

    if visit.empty and visit.lease is not None:
        _examples(visit)
    for one in visit.said:
        if isinstance(one, Exchange):
            _bubble(one.question)
            with st.chat_message("assistant"):
                answer.draw(one, ask, disabled=visit.busy)
        else:
            st.markdown(shown(one.text, "fine"), unsafe_allow_html=True)
    if visit.asking is not None:
        _bubble(visit.asking.question)
    running = st.container()
    status = st.empty()
    status.markdown(_status(_outcome(visit)), unsafe_allow_html=True)
    st.chat_input(
        "Ask a question about your database",
        key="dbq_question",
        on_submit=_typed,
        args=(visit,),
        disabled=visit.busy or visit.lease is None,
    )
    if visit.asking is not None:
        with running, st.chat_message("assistant"):
            text, sql = st.empty(), st.empty()
            st.button("Stop", key="dbq_stop", on_click=visit.stop)
        _follow(visit, text, sql, status)


def put(visit: Visit, question: str) -> None:
    """Asks, as the toggles say."""
    state = st.session_state
    visit.ask(question, remember=state.get("dbq_session", True), streaming=state.get("dbq_streaming", True))


def _typed(visit: Visit) -> None:
    put(visit, str(st.session_state["dbq_question"]))


def _follow(visit: Visit, text: DeltaGenerator, sql: DeltaGenerator, status: DeltaGenerator) -> None:
    """Shows how far the question is, up to its end.

    Each call of Streamlit in the loop is a place where a click, on Stop most of all, ends this run of the script; the
    next run goes on from where the question is then.
    """
    asking = visit.asking
    if asking is None:
        return
    begun = time.monotonic()
    streaming = st.session_state.get("dbq_streaming", True)
    for progress in asking.watch():
        seconds = time.monotonic() - begun
        status.markdown(_status(f"{progress.step} …", seconds), unsafe_allow_html=True)
        text.markdown(shown(_so_far(progress, streaming=streaming)), unsafe_allow_html=True)
        if progress.sql is not None:
            sql.code(progress.sql, language="sql")
    visit.settle()
    st.rerun()


def _so_far(progress: Progress, *, streaming: bool) -> str:
    return (progress.text if streaming else "") or "…"


def _status(words: str, seconds: float = 0.0) -> str:
    """A line that screen readers speak when it changes, but for the seconds."""
    clock = f' <span aria-hidden="true">{seconds:.0f} s</span>' if seconds >= PATIENCE else ""
    return f'<div class="dbq-status" role="status">{inside(words)}{clock}</div>'


def _outcome(visit: Visit) -> str:
    last = visit.last
    if visit.busy or last is None:
        return ""
    if last.stopped:
        return "Stopped."
    if last.failure is not None:
        return "The question failed."
    asks_back = last.result is not None and last.result["needs_clarification"]
    return "Please choose, or ask in other words." if asks_back else "Answered."


def _bubble(question: str) -> None:
    with st.chat_message("user"):
        whole = len(question) <= SHOWN
        st.markdown(shown(question if whole else f"{question[:SHOWN]}…", "asked"), unsafe_allow_html=True)


def _examples(visit: Visit) -> None:
    if visit.lease is None or visit.lease.target.title != SHOP:
        st.markdown(shown("Ask for counts, lists, totals, rankings, dates: in plain words."), unsafe_allow_html=True)
        return
    st.markdown(shown("Ask a question, or try one of these:"), unsafe_allow_html=True)
    left, right = st.columns(2)
    for place, question in enumerate(QUESTIONS[:EXAMPLES]):
        with (left, right)[place % 2]:
            st.button(
                label(question), key=f"dbq_example_{place}", on_click=put, args=(visit, question), **wide(st.button)
            )
