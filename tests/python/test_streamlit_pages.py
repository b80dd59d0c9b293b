"""Pages that people write with Streamlit: the specification's own, and those of docs/streamlit.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db_query_agent.demo import write_sqlite

PATIENCE = 120
"""Seconds that a run of a script may take on a busy machine."""

# As it stands in the specification.
SPECIFIED = """
# examples/streamlit_demo.py
import streamlit as st
from db_query_agent import DatabaseQueryAgent

st.title("Database Query Agent Demo")

# Configuration
database_url = st.text_input("Database URL")
openai_api_key = st.text_input("OpenAI API Key", type="password")

if database_url and openai_api_key:
    agent = DatabaseQueryAgent(
        database_url=database_url,
        openai_api_key=openai_api_key
    )
    
    # Chat interface
    if "messages" not in st.session_state:
        st.session_state.messages = []
    
    for message in st.session_state.messages:
        with st.chat_message(message["role"]):
            st.markdown(message["content"])
    
    if prompt := st.chat_input("Ask a question about your database"):
        st.session_state.messages.append({"role": "user", "content": prompt})
        
        with st.chat_message("user"):
            st.markdown(prompt)
        
        with st.chat_message("assistant"):
            result = agent.query(prompt)
            
            # Show natural response
            st.markdown(result["natural_response"])
            
            # Show SQL in expander
            with st.expander("View SQL"):
                st.code(result["sql"], language="sql")
            
            # Show results
            if result["result"]:
                st.dataframe(result["result"])
            
            st.session_state.messages.append({
                "role": "assistant",
                "content": result["natural_response"]
            })
"""  # noqa: W293 - with its blanks


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return f"sqlite:///{write_sqlite(tmp_path / 'shop.db')}"


def test_the_specified_page_answers(shop: str) -> None:
    page = AppTest.from_string(SPECIFIED, default_timeout=PATIENCE).run()
    page.text_input[0].input(shop)
    page.text_input[1].input("sk-nobody").run()
    page.chat_input[0].set_value("How many stores are there?").run()
    assert not page.exception
    assert "10" in page.chat_message[1].markdown[0].value
    assert page.code[0].value.startswith("SELECT")
    assert page.dataframe[0].value.iat[0, 0] == 10


def test_the_documented_pages_answer(shop: str) -> None:
    text = (Path(__file__).parents[2] / "docs/streamlit.md").read_text("utf-8")
    embedded, own = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    page = AppTest.from_string(embedded.replace("postgresql://reader@localhost/shop", shop), default_timeout=PATIENCE)
    page.run()
    assert not page.exception
    assert not page.error
    assert [one.label for one in page.text_input] == ["Search tables and columns"]
    page.chat_input[0].set_value("How many stores are there?").run()
    assert "10" in page.chat_message[1].markdown[0].value
    page = AppTest.from_string(own, default_timeout=PATIENCE).run()
    page.chat_input[0].set_value("How many stores are there?").run()
    assert not page.exception
    assert "10" in page.text[0].value
