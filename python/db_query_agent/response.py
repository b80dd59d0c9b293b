"""What a model answers, as a Pydantic model."""

from __future__ import annotations

try:
    from pydantic import BaseModel, ConfigDict, Field
except ImportError as error:
    raise ImportError("QueryResponse is a Pydantic model: run `pip install pydantic`") from error

__all__ = ["QueryResponse"]


class QueryResponse(BaseModel):
    """The statement for a question, and what is to be said of it: the form in which strong models are asked to answer.

    >>> QueryResponse(sql="SELECT count(*) AS n FROM users", answer_template="There are {n} users.").confidence
    0.5
    """

    model_config = ConfigDict(extra="forbid")

    sql: str | None = None
    """The statement; `None` where the schema does not hold what was asked for."""
    explanation: str = ""
    """What the statement does."""
    confidence: float = Field(default=0.5, ge=0, le=1)
    """How sure the model says it is."""
    needs_clarification: bool = False
    """Whether the question can be read in ways that would give different results."""
    clarification_question: str | None = None
    """What to ask back."""
    answer_template: str | None = None
    """The sentence of the answer with `{alias}` in the place of each value."""
    assumptions: list[str] = Field(default_factory=list)
    """What was assumed where the question is silent."""
