"""The OpenAI Agents SDK at work on a conversation, in a process of its own.

    python agents_sdk.py KIND ADDRESS NAME COMMAND [BASE_URL]

`KIND` is a class of session, `ADDRESS` where it is kept. The command's result is printed as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import agents
from agents.extensions.memory import RedisSession, SQLAlchemySession
from openai import AsyncOpenAI

agents.set_tracing_disabled(True)


def opened(kind: str, address: str, name: str, *, create: bool) -> Any:
    """The SDK's session."""
    if kind == "SQLiteSession":
        return agents.SQLiteSession(name, address)
    if kind == "RedisSession":
        return RedisSession.from_url(name, url=address)
    return SQLAlchemySession.from_url(name, url=address, create_tables=create)


async def closed(session: Any) -> None:
    """Ends its connections; each kind has a way of its own."""
    if isinstance(session, SQLAlchemySession):
        await session.engine.dispose()
    elif isinstance(session, RedisSession):
        await session.close()
    else:
        session.close()


async def do(command: str, session: Any, base_url: str) -> Any:
    """What the command gives."""
    if command == "ask":
        async with AsyncOpenAI(base_url=base_url, api_key="none") as client:
            helper = agents.Agent(name="helper", model=agents.OpenAIChatCompletionsModel("any", client))
            return (await agents.Runner.run(helper, "And the weather?", session=session)).final_output
    if command == "take back":
        await session.pop_item()
        await session.pop_item()
        await session.add_items([{"role": "user", "content": "hm"}, {"role": "assistant", "content": "yes?"}])
    elif command == "hello":
        await session.add_items([{"role": "user", "content": "hello"}])
    elif command == "clear":
        await session.clear_session()
    return await session.get_items()


async def main(kind: str, address: str, name: str, command: str, base_url: str = "") -> None:
    """Does one command."""
    session = opened(kind, address, name, create=command == "hello")
    try:
        sys.stdout.write(json.dumps(await do(command, session, base_url)))
    finally:
        await closed(session)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
