"""A real HTTP server on a free port of this machine that speaks OpenAI's Chat Completions."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from .replies import Fault, Raw, Silence, Slow, Sql, StructuredOutputRefused, Text, completion

if TYPE_CHECKING:
    from types import TracebackType

    from .replies import Reply


@dataclass(frozen=True)
class RecordedRequest:
    """One request as it came: its path, its headers with names in lower case, its JSON body."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """Everything the model was told, message after message."""
        return "\n".join(str(message.get("content")) for message in self.body.get("messages", []))


class ModelServer:
    """Replies in the order given, records every request, and must be asked for every reply.

    Leaving the `with` block fails with an `AssertionError` when a reply was not asked for, or when
    more was asked than written down. With `repeat=True` the last reply is given for ever.
    """

    def __init__(self, *replies: Reply, repeat: bool = False) -> None:
        self.requests: list[RecordedRequest] = []
        self._replies: deque[Reply] = deque(replies)
        self._repeat = repeat
        self._surplus = 0
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="model-server", daemon=True
        )
        self._thread.start()

    @property
    def base_url(self) -> str:
        """The address for `base_url=`."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> ModelServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            self.check()

    def check(self) -> None:
        """Fail unless every reply was asked for and nothing more."""
        left = 0 if self._repeat and self.requests else len(self._replies)
        if left:
            raise AssertionError(f"{left} replies of the model's server were not asked for")
        if self._surplus:
            raise AssertionError(f"the model's server was asked {self._surplus} times more than written down")

    def close(self) -> None:
        """Stop; whoever waits for a slow reply is hung up on."""
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _next(self, request: RecordedRequest) -> Reply:
        with self._lock:
            self.requests.append(request)
            if not self._replies:
                self._surplus += 1
                return Fault(400, "the script is over")
            reply = self._replies[0]
            refuses = isinstance(reply, StructuredOutputRefused) and "response_format" in request.body
            if not refuses and not (self._repeat and len(self._replies) == 1):
                self._replies.popleft()
            return reply

    def _resolve(self, reply: Reply, body: dict[str, Any]) -> Raw | None:
        """What goes over the wire, after any wait; `None` to hang up."""
        while isinstance(reply, (Slow, StructuredOutputRefused)):
            if isinstance(reply, Slow):
                if self._closed.wait(reply.seconds):
                    return None
                reply = reply.then
            elif "response_format" in body:
                reply = Fault(400, "unknown field `response_format`")
            else:
                reply = reply.then
        if isinstance(reply, Silence):
            self._closed.wait()
            return None
        if isinstance(reply, Sql):
            reply = reply.text()
        if isinstance(reply, Text):
            return Raw(json.dumps(completion(reply, str(body.get("model", "")))))
        return reply.raw() if isinstance(reply, Fault) else reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    body = json.loads(content)
                except ValueError:
                    body = {}
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = server._resolve(server._next(RecordedRequest(self.path, headers, body)), body)
                if reply is None:
                    return
                payload = reply.body.encode()
                try:
                    self.send_response(reply.status)
                    for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(payload)))
                    self.end_headers()
                    self.wfile.write(payload)
                except ConnectionError:
                    # Whoever asked has given up, which is what slow replies are there to test.
                    self.close_connection = True

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Say nothing: the requests are recorded."""

        return Handler
