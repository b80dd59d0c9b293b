"""Waiting for work of the core from a thread or from an event loop."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

    from db_query_agent._core import Handle


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The asyncio loop that runs in this thread. Without asyncio imported there is none."""
    events = sys.modules.get("asyncio.events")
    return None if events is None else events._get_running_loop()


def take(handle: Handle) -> Any:
    """The result of `handle`; blocks this thread while other threads run and Ctrl-C is heard."""
    handle.wait()
    return handle.take()


async def finish(handle: Handle) -> Any:
    """The result of `handle`; cancelling the awaiting task cancels the work."""
    import asyncio

    try:
        await wake(handle, asyncio.get_running_loop())
    except asyncio.CancelledError:
        handle.cancel()
        raise
    return handle.take()


def wake(handle: Handle, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
    """A future of `loop` that is done when `handle` is."""
    future: asyncio.Future[None] = loop.create_future()

    def finished() -> None:
        if not future.done():
            future.set_result(None)

    def from_runtime() -> None:
        # A loop that was closed meanwhile has nobody left to wake.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(finished)

    handle.add_done_callback(from_runtime)
    return future
