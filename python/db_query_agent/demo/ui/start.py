"""Streamlit with the settings that the page wants."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from db_query_agent._export import optional

SETTINGS = {
    # Nobody else is told that somebody looks at the page.
    "browser.gatherUsageStats": "false",
    # Whoever reaches the page can ask the databases that this machine reaches.
    "server.address": "127.0.0.1",
    "server.fileWatcherType": "none",
    "client.toolbarMode": "minimal",
    # A question about an address for a newsletter would wait for an answer.
    "server.showEmailPrompt": "false",
}


def command(arguments: list[str]) -> list[str]:
    """The command that serves the page; `arguments` are Streamlit's, as `--server.port 8502`.

    Raises:
        ConfigurationError: Streamlit is not installed
    """
    optional("streamlit", "the demo page", "streamlit")
    given = {argument.partition("=")[0] for argument in arguments}
    options = [f"--{name}={value}" for name, value in SETTINGS.items() if f"--{name}" not in given]
    script = str(Path(__file__).with_name("script.py"))
    return [sys.executable, "-m", "streamlit", "run", script, *options, *arguments]


def serve(arguments: list[str]) -> None:
    """Serves the page in the place of this process.

    Raises:
        ConfigurationError: Streamlit is not installed
    """
    words = command(arguments)
    os.execv(words[0], words)
