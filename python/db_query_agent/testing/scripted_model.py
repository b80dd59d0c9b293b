"""A model that says what a test wrote down, by question or in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from .model_server import ModelServer
from .replies import Fault, Reply, Sql, Text, refusal

if TYPE_CHECKING:
    from db_query_agent.response import QueryResponse

    from .connection import RecordedRequest

Scripted: TypeAlias = "str | Reply | QueryResponse"
"""A statement, what the model's server does, or the model's answer as a whole."""


class ScriptedModel(ModelServer):
    """Answers by question, or in order, over real HTTP, so that the client under test is the real one.

    with ScriptedModel({"how many users?": "SELECT count(*) AS n FROM users"}) as model:
        agent = DatabaseQueryAgent(URL, **model.options)
        assert agent.query("how many users?")["result"] == [(3,)]
        assert model.questions == ["how many users?"]

    An answer is a statement, or one of the replies of this package. For a question that stands in the
    script its answers are given in their order, the last one for ever; a request that holds several of
    the questions gets the answer of the longest. Answers that are not for a question are given in their
    order, each once. A question without an answer, or an answer that nobody asked for, fails the test
    when the `with` block is left.
    """

    def __init__(
        self,
        *answers: Scripted | Mapping[str, Scripted | Sequence[Scripted]],
        name: str = "scripted",
        record: bool = True,
    ) -> None:
        self.name = name
        self.questions: list[str] = []
        self._by_question: dict[str, list[Reply]] = {}
        in_order: list[Reply] = []
        for answer in answers:
            if isinstance(answer, Mapping):
                self._by_question |= {question: replies(given) for question, given in answer.items()}
            else:
                in_order += replies(answer)
        super().__init__(*in_order, record=record)

    @property
    def options(self) -> dict[str, Any]:
        """The options of an agent that asks this model and nobody else."""
        return {"base_url": self.base_url, "model": self.name, "model_strategy": "model"}

    def check(self) -> None:
        """Fail unless every answer was asked for and every question had one."""
        unasked = [question for question in self._by_question if question not in self.questions]
        if unasked:
            raise AssertionError(f"the scripted model was not asked {unasked}")
        super().check()

    def reply(self, request: RecordedRequest) -> Reply:
        """Give the answer to the question that `request` holds."""
        question = self._question(request)
        if question is None:
            return super().reply(request)
        answers = self._by_question[question]
        answer = answers[0]
        if refusal(answer, request.body) is None:
            self.questions.append(question)
            if len(answers) > 1:
                answers.pop(0)
        return answer

    def _question(self, request: RecordedRequest) -> str | None:
        """Give the longest scripted question that was asked last, in the conversation that the request is."""
        said = [str(message.get("content")) for message in messages(request) if message.get("role") == "user"]
        for text in reversed(said):
            held = [question for question in self._by_question if question in text]
            if held:
                return max(held, key=len)
        return None


def messages(request: RecordedRequest) -> list[dict[str, Any]]:
    """Give the messages of a request in either way of speaking."""
    return [*request.body.get("messages", request.body.get("input", []))]


def replies(given: Scripted | Sequence[Scripted]) -> list[Reply]:
    """Give what was written down as replies; a text is a statement."""
    if isinstance(given, str):
        return [Sql(given)]
    if isinstance(given, Sequence):
        return [reply for one in given for reply in replies(one)] or [Fault(400, "the script has no answer")]
    if hasattr(given, "model_dump_json"):
        return [Text(given.model_dump_json())]
    return [given]
