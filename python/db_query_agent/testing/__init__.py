"""Test doubles for programs that use this package: a model's server that says what a test wrote down.

from db_query_agent import DatabaseQueryAgent
from db_query_agent.testing import ModelServer, Sql

with ModelServer(Sql("SELECT count(*) AS n FROM users")) as server:
    agent = DatabaseQueryAgent(database_url=URL, base_url=server.base_url, model_strategy="model")
    assert agent.query("how many users?")["result"] == [(3,)]
assert "how many users?" in server.requests[0].text
"""

from .model_server import ModelServer, RecordedRequest
from .replies import Fault, Raw, Reply, Silence, Slow, Sql, StructuredOutputRefused, Text

__all__ = [
    "ModelServer",
    "RecordedRequest",
    "Reply",
    "Text",
    "Sql",
    "Fault",
    "Raw",
    "Slow",
    "Silence",
    "StructuredOutputRefused",
]
