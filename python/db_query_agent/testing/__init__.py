"""Test doubles for programs that use this package: a model that says what a test wrote down.

from db_query_agent import DatabaseQueryAgent
from db_query_agent.testing import ScriptedModel

with ScriptedModel({"how many users?": "SELECT count(*) AS n FROM users"}) as model:
    agent = DatabaseQueryAgent(URL, **model.options)
    assert agent.query("how many users?")["result"] == [(3,)]
    assert "how many users?" in model.requests[0].text

`ModelServer` is the server behind it, which also does what servers do on a bad day: refuse, stall,
drip, hang up in the middle, send nonsense.
"""

from .connection import RecordedRequest
from .model_server import ModelServer
from .replies import (
    Call,
    Calls,
    Cut,
    Drip,
    Fault,
    Raw,
    Reply,
    Reset,
    Silence,
    Slow,
    Sql,
    StreamRefused,
    StructuredOutputRefused,
    Text,
)
from .scripted_model import ScriptedModel

__all__ = [
    "ScriptedModel",
    "ModelServer",
    "RecordedRequest",
    "Reply",
    "Text",
    "Sql",
    "Call",
    "Calls",
    "Fault",
    "Raw",
    "Slow",
    "Drip",
    "Cut",
    "Reset",
    "Silence",
    "StructuredOutputRefused",
    "StreamRefused",
]
