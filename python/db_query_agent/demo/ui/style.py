"""How the page looks beyond what Streamlit does by itself: bubbles, and room on a telephone."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def wide(widget: Callable[..., Any]) -> dict[str, Any]:
    """The option that makes `widget` as wide as its place; Streamlit renamed it in 1.49."""
    renamed = "width" in inspect.signature(widget).parameters
    return {"width": "stretch"} if renamed else {"use_container_width": True}


STYLE = """<style>
.stMainBlockContainer, .block-container { padding-top: 3rem; padding-bottom: 6rem; }
/* A question stands on the right, an answer on the left, as in a messenger. */
.stChatMessage:has([data-testid="stChatMessageAvatarUser"]), .stChatMessage:has([data-testid="chatAvatarIcon-user"]) {
  flex-direction: row-reverse; align-items: center; margin-left: auto; width: fit-content; max-width: 85%;
  border-radius: 1.1rem 1.1rem 0.2rem 1.1rem; padding: 0.5rem 0.9rem;
}
.stChatMessage:has([data-testid="stChatMessageAvatarAssistant"]) { border-radius: 1.1rem 1.1rem 1.1rem 0.2rem; }
.stChatMessage [data-testid="stChatMessageContent"] { min-width: 0; }
/* Streamlit takes off the space below a paragraph, which these are not. */
.dbq-said, .dbq-asked, .dbq-fine { overflow-wrap: anywhere; margin-bottom: 1rem; }
.dbq-said { font-size: 1.05rem; }
h1 { font-size: 2.2rem !important; }
.dbq-fine, .dbq-status { font-size: 0.85rem; opacity: 0.85; overflow-wrap: anywhere; }
/* A long statement is broken: what scrolls sideways cannot be reached by the keyboard. */
.stCode pre, .stCode pre > div, .stCode code { white-space: pre-wrap !important; overflow-wrap: anywhere; }
/* Its blue on grey has a contrast of 3.6, and 4.5 is what small text needs (WCAG 2.2, 1.4.3). */
.stCode .token.keyword, .stCode .token.function { color: light-dark(#0a58a8, #7cc0ff) !important; }
.stCode .token.string { color: light-dark(#116329, #7ee787) !important; }
.stCode .token.number, .stCode .token.boolean { color: light-dark(#953800, #ffa657) !important; }
.stCode .token.operator, .stCode .token.punctuation { color: inherit !important; }
/* Streamlit greys the label of a widget that is off so far that few can read it. */
[data-testid="stWidgetLabel"] * { color: light-dark(#31333f, #fafafa) !important; }
.dbq-schema { font-size: 0.85rem; overflow-wrap: anywhere; }
.dbq-schema summary { cursor: pointer; padding: 0.3rem 0; font-weight: 600; }
.dbq-schema table { width: 100%; border-collapse: collapse; margin: 0 0 0.5rem; }
.dbq-schema th, .dbq-schema td { text-align: left; font-weight: 400; padding: 0.15rem 0.3rem; vertical-align: top; }
.dbq-schema thead th { font-weight: 600; }
.dbq-kind { font-size: 0.75rem; border: 1px solid currentColor; border-radius: 0.5rem; padding: 0 0.35rem; }
[data-testid="stSidebar"] [data-testid="stMetricValue"] { font-size: 1.3rem; }
[data-testid="stSidebar"] h2 { padding: 0.6rem 0 0.2rem; font-size: 1.15rem; }
[data-testid="stSidebar"] [data-testid="stHorizontalBlock"] { flex-wrap: nowrap; }
[data-testid="stSidebar"] [data-testid="stColumn"], [data-testid="stSidebar"] [data-testid="column"] {
  min-width: 0 !important; flex: 1 1 0 !important; width: auto !important;
}
@media (max-width: 640px) {
  h1 { font-size: 1.6rem !important; }
  .stMainBlockContainer, .block-container { padding-left: 0.8rem; padding-right: 0.8rem; }
  .stChatMessage { padding: 0.6rem; gap: 0.5rem; }
}
</style>"""
