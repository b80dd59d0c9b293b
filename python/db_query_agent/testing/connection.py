"""One connection to the model's server: requests in, what their replies do out."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .wire import End, Step, response

Handler = Callable[["RecordedRequest"], Iterator[Step]]


@dataclass(frozen=True)
class RecordedRequest:
    """One request as it came: its path, its headers with names in lower case, its JSON body."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """Everything the model was told, message after message."""
        messages = self.body.get("messages", self.body.get("input", []))
        return "\n".join(str(message.get("content", message.get("output"))) for message in messages)


class Connection(asyncio.Protocol):
    """Reads HTTP/1.1 with a length before each body, and answers one request after the other."""

    def __init__(self, handle: Handler, open_ones: set[Connection]) -> None:
        self._handle = handle
        self._open = open_ones
        self._received = b""
        self._steps: Iterator[Step] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget it, with whatever it was still to be told."""
        self._open.discard(self)
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer, once the request is there as a whole."""
        self._received += data
        self._advance()

    def abort(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._transport.abort()

    def _advance(self) -> None:
        while self._steps is None and self._transport is not None:
            request = self._request()
            if request is None:
                return
            self._steps = self._handle(request)
            self._go_on()

    def _request(self) -> RecordedRequest | None:
        """Cut one request off what was received, once all of it is there."""
        head, gap, rest = self._received.partition(b"\r\n\r\n")
        if not gap:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return None
        self._received = rest[length:]
        try:
            body = json.loads(rest[:length])
        except ValueError:
            body = {}
        path = first.split(" ")[1] if first.count(" ") == 2 else ""
        return RecordedRequest(path, headers, body if isinstance(body, dict) else {})

    def _go_on(self) -> None:
        """Do the steps of a reply up to the next wait."""
        self._timer = None
        while self._steps is not None and self._transport is not None:
            step = next(self._steps, None)
            if step is None:
                self._steps = None
            elif isinstance(step, bytes):
                self._transport.write(step)
            elif isinstance(step, End):
                self._end(step, self._transport)
                return
            else:
                self._timer = asyncio.get_running_loop().call_later(step, self._resume)
                return

    def _resume(self) -> None:
        self._go_on()
        self._advance()

    def _end(self, end: End, transport: asyncio.Transport) -> None:
        if end is End.RESET:
            # Without lingering the system ends the connection with a reset.
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        elif end is End.HANG_UP:
            transport.close()


def not_found() -> Iterator[Step]:
    """Say that nothing is at an address."""
    yield response(b'{"error": {"message": "nothing is here"}}', 404)
