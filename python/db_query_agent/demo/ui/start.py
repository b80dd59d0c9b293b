"""Streamlit with the settings that the page wants."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from db_query_agent._export import optional

SETTINGS = {
    # Nobody else is told that somebody looks at the page.
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    # Whoever reaches the page can ask the databases that this machine reaches.
    "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
    "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
    # A question about an address for a newsletter would wait for an answer.
    "STREAMLIT_SERVER_SHOW_EMAIL_PROMPT": "false",
    "STREAMLIT_CLIENT_TOOLBAR_MODE": "minimal",
}
"""As variables, since a version of Streamlit that does not know one leaves it aside, but ends at such an option."""


def command(arguments: list[str]) -> list[str]:
    """The command that serves the page; `arguments` are Streamlit's, as `--server.port 8502`.

    Raises:
        ConfigurationError: Streamlit is not installed
    """
    optional("streamlit", "the demo page", "streamlit")
    script = str(Path(__file__).with_name("script.py"))
    return [sys.executable, "-m", "streamlit", "run", script, *arguments]


def serve(arguments: list[str]) -> NoReturn:
    """Serves the page in the place of this process. What the environment or `arguments` say comes before `SETTINGS`.

    Raises:
        ConfigurationError: Streamlit is not installed
    """
    words = command(arguments)
    os.execve(words[0], words, SETTINGS | os.environ)
