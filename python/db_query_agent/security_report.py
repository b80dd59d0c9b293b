"""What the login may do and which fences stand, as a dictionary that prints as a table."""

from __future__ import annotations

from collections.abc import Awaitable, Generator, Iterator
from typing import TYPE_CHECKING, Any

from db_query_agent import _waiting

if TYPE_CHECKING:
    from db_query_agent._core import Handle

__all__ = ["SecurityReport"]


class SecurityReport(dict[str, Any], Awaitable["SecurityReport"]):
    """The security of one connection, asked of the database a moment ago.

    ============================ =========================================================
    `engine`                     the database and its version
    `login`                      who is logged in; empty for a file
    `engine_enforced_read_only`  whether every fence that keeps statements from writing stands
    `least_privilege`            whether the login is known to be able to do no more than read
    `findings`                   a list of dictionaries: `name`, `about` (`read_only`, `session` or
                                 `login`), `verdict` (`holds`, `note`, `risk` or `unknown`),
                                 `detail`, `advice`
    ============================ =========================================================

    Like a `QueryResult` it is filled where no event loop runs; inside one, `await` it.
    """

    __slots__ = ("_handle",)

    def __init__(self, given: Handle | dict[str, Any]) -> None:
        self._handle: Handle | None = None
        if isinstance(given, dict):
            super().__init__(given)
            return
        self._handle = given
        if _waiting.running_loop() is None:
            self._fill()

    def __await__(self) -> Generator[Any, None, SecurityReport]:
        if self._handle is not None:
            report = yield from _waiting.finish(self._handle).__await__()
            self._take(report)
        return self

    def _fill(self) -> None:
        if self._handle is not None:
            self._take(_waiting.take(self._handle))

    def _take(self, report: dict[str, Any]) -> None:
        if self._handle is not None:
            self._handle = None
            self.update(report)

    def __missing__(self, key: str) -> Any:
        if self._handle is None:
            raise KeyError(key)
        self._fill()
        return self[key]

    def __iter__(self) -> Iterator[str]:
        self._fill()
        return super().__iter__()

    def __len__(self) -> int:
        self._fill()
        return super().__len__()

    def __reduce__(self) -> tuple[Any, ...]:
        return SecurityReport, (dict(self.items()),)

    def __repr__(self) -> str:
        self._fill()
        return f"SecurityReport({super().__repr__()})"

    def __str__(self) -> str:
        """The report as lines for a person."""
        self._fill()
        head = [
            f"{self['engine']}, login `{self['login']}`" if self["login"] else str(self["engine"]),
            f"read-only kept by the engine: {'yes' if self['engine_enforced_read_only'] else 'NO'}",
            f"login may only read: {'yes' if self['least_privilege'] else 'NO'}",
        ]
        width = max(len(finding["name"]) for finding in self["findings"])
        lines = [
            f"{finding['verdict']:<8}{finding['about']:<10}{finding['name']:<{width}}  {finding['detail']}"
            + (f" → {finding['advice']}" if finding["advice"] else "")
            for finding in self["findings"]
        ]
        return "\n".join(head + lines)
