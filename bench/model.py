"""A model that answers at once: OpenAI's Chat Completions and Responses on a free port of this machine.

It calls the tools that a contender offers in the order in which its agent is meant to use them, and then answers, so
that each contender goes its usual way and nothing but its own work takes time. Runs as a process of its own; the
first line it prints is its address.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

SQL = "SELECT count(*) AS n FROM orders"
SENTENCE = "There are {n} orders."
ANSWER = json.dumps({"sql": SQL, "answer": SENTENCE})
# What is called of the tools that are offered, each once and in this order.
STEPS = ("sql_db_list_tables", "sql_db_schema", "sql_db_query", "query_database", "execute_sql", "execute_query")


class Server(asyncio.Protocol):
    """One connection. Requests come with a length, one after another."""

    def __init__(self) -> None:
        self.buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.buffer[:end]).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(self.buffer) < end + 4 + length:
                return
            body = json.loads(self.buffer[end + 4 : end + 4 + length] or b"{}")
            del self.buffer[: end + 4 + length]
            self.transport.write(responses(body) if b"/responses" in head.split(b"\r\n")[0] else chat(body))


def chat(body: dict[str, Any]) -> bytes:
    """The answer of Chat Completions."""
    messages = body["messages"]
    called = [call["function"]["name"] for message in messages for call in message.get("tool_calls") or ()]
    tools = {tool["function"]["name"]: tool["function"]["parameters"] for tool in body.get("tools") or ()}
    step = next_step(tools, called)
    if step:
        function = {"name": step, "arguments": arguments(tools[step])}
        call = {"id": f"call_{len(called)}", "type": "function", "function": function, "index": 0}
        message, reason = {"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls"
    else:
        message, reason = {"role": "assistant", "content": text(body, str(messages))}, "stop"
    whole = {"id": "chatcmpl-1", "created": 0, "model": body["model"]}
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    if not body.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": reason}
        return plain({**whole, "object": "chat.completion", "choices": [choice], "usage": usage})
    whole["object"] = "chat.completion.chunk"
    words = [message] if step else [{"content": word} for word in message["content"].split(" ")]
    pieces = [{**whole, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in words]
    pieces.append({**whole, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    pieces.append({**whole, "choices": [], "usage": usage})
    return events([*map(json.dumps, pieces), "[DONE]"])


def responses(body: dict[str, Any]) -> bytes:
    """The answer of Responses."""
    said = body["input"] if isinstance(body["input"], list) else []
    called = [item["name"] for item in said if item.get("type") == "function_call"]
    tools = {tool["name"]: tool["parameters"] for tool in body.get("tools") or () if tool["type"] == "function"}
    step = next_step(tools, called)
    if step:
        item = {"type": "function_call", "id": "fc_1", "call_id": f"call_{len(called)}", "name": step}
        item |= {"arguments": arguments(tools[step]), "status": "completed"}
    else:
        content = {"type": "output_text", "text": text(body, ""), "annotations": []}
        item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [content]}
    usage = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120}
    usage |= {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    whole = {"id": "resp_1", "object": "response", "created_at": 0, "model": body["model"], "output": [item]}
    whole |= {"status": "completed", "usage": usage, "tools": [], "tool_choice": "auto", "parallel_tool_calls": True}
    return plain(whole)


def next_step(tools: dict[str, Any], called: list[str]) -> str | None:
    """The tool to call now. One that is not known by name is called once, where nothing else is."""
    known = [name for name in STEPS if name in tools and name not in called]
    others = list(tools)[:1] if not called and not any(name in tools for name in STEPS) else []
    return next(iter(known + others), None)


def arguments(schema: dict[str, Any]) -> str:
    """Every required argument: a statement, tables or a question, as it is called."""
    values = {"query": SQL, "sql": SQL, "sql_query": SQL, "table_names": "orders", "tool_input": ""}
    names = schema.get("required") or list(schema.get("properties", {}))
    return json.dumps({name: values.get(name, "How many orders are there?") for name in names})


def text(body: dict[str, Any], said: str) -> str:
    """The last word: JSON where it is asked for, a statement for whoever asks for one, else a sentence."""
    if body.get("response_format") or 'Reply in JSON: "sql"' in said:
        return ANSWER
    if "SQLQuery:" in said and "SQL Response" not in said:
        return SQL
    return "There are 4,681 orders."


def plain(content: dict[str, Any]) -> bytes:
    """A whole response."""
    body = json.dumps(content).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def events(pieces: list[str]) -> bytes:
    """A response in pieces, all of them at once."""
    body = "".join(f"data: {piece}\n\n" for piece in pieces).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0, backlog=4096)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
