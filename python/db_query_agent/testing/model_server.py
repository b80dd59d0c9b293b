"""A real HTTP server on a free port of this machine that speaks OpenAI's Chat Completions and Responses."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .connection import Connection, RecordedRequest, not_found
from .replies import Fault, refusal
from .wire import Step, steps

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from .replies import Reply

__all__ = ["ModelServer", "RecordedRequest"]

BACKLOG = 4096
"""Connections that may wait to be taken."""


class ModelServer:
    """Replies in the order given, records every request, and must be asked for every reply.

    Leaving the `with` block fails with an `AssertionError` when a reply was not asked for, or when
    more was asked than written down. With `repeat=True` the last reply is given for ever, and with
    `record=False` no request is kept, which a benchmark wants. It serves thousands of connections
    from one thread.
    """

    def __init__(self, *replies: Reply, repeat: bool = False, record: bool = True) -> None:
        self.requests: list[RecordedRequest] = []
        self.asked = 0
        self._replies: deque[Reply] = deque(replies)
        self._repeat = repeat
        self._record = record
        self._surplus = 0
        self._connections: set[Connection] = set()
        self._loop = asyncio.new_event_loop()
        started: threading.Event = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(started,), name="model-server", daemon=True)
        self._thread.start()
        started.wait()

    @property
    def base_url(self) -> str:
        """The address for `base_url=`."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            self.check()

    def check(self) -> None:
        """Fail unless every reply was asked for and nothing more."""
        left = 0 if self._repeat and self.asked else len(self._replies)
        if left:
            raise AssertionError(f"{left} replies of the model's server were not asked for")
        if self._surplus:
            raise AssertionError(f"the model's server was asked {self._surplus} times more than written down")

    def close(self) -> None:
        """Stop; whoever waits for a slow reply is hung up on."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def reply(self, request: RecordedRequest) -> Reply:
        """Give what is done with `request`: the next reply, or the same again while it refuses."""
        if not self._replies:
            self._surplus += 1
            return Fault(400, "the script is over")
        reply = self._replies[0]
        stays = refusal(reply, request.body) is not None or (self._repeat and len(self._replies) == 1)
        return reply if stays else self._replies.popleft()

    def _handle(self, request: RecordedRequest) -> Iterator[Step]:
        if not request.path.endswith(("/chat/completions", "/responses")):
            return not_found()
        self.asked += 1
        if self._record:
            self.requests.append(request)
        return steps(self.reply(request), request.path, request.body)

    def _serve(self, started: threading.Event) -> None:
        loop = self._loop
        asyncio.set_event_loop(loop)
        making = loop.create_server(
            lambda: Connection(self._handle, self._connections), "127.0.0.1", 0, backlog=BACKLOG
        )
        server = loop.run_until_complete(making)
        self._port: int = server.sockets[0].getsockname()[1]
        started.set()
        try:
            loop.run_forever()
        finally:
            server.close()
            for connection in [*self._connections]:
                connection.abort()
            # What was aborted is told so in the loop's next turn.
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()
