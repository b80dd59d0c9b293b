"""Who asks: what may be read depends on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Caller"]


@dataclass(frozen=True, repr=False)
class Caller:
    """The one on whose behalf a question is asked.

    >>> Caller("ann", roles=["analyst"], attributes={"tenant": 7})
    Caller('ann', roles=['analyst'], attributes=['tenant'])
    """

    id: str
    """A name that no other caller has; row filters know it as `:caller_id`."""
    roles: Sequence[str] = ()
    """The names of its roles: the first one declared in the agent's `roles` chooses what may be read."""
    attributes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What the `:name` in row filters stands for: text, numbers, truth values, dates, UUIDs, `None`, or lists of
    them for `IN (:name)`. Give each the type of the column that it is compared with."""

    def __post_init__(self) -> None:
        if not isinstance(self.id, str):
            raise TypeError(f"a caller's id is text, not {type(self.id).__name__}")
        if isinstance(self.roles, str):
            raise TypeError("a caller's roles are a list of names, not a text")
        object.__setattr__(self, "roles", tuple(self.roles))
        object.__setattr__(self, "attributes", dict(self.attributes))

    def __repr__(self) -> str:
        # Attributes say what may be seen, so their values stay out of logs.
        return f"Caller({self.id!r}, roles={list(self.roles)!r}, attributes={list(self.attributes)!r})"
