"""Small helpers that several modules share."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

__all__ = ["Finished", "database_url"]


def database_url(source: Any) -> Any:
    """The URL of a SQLAlchemy `Engine`, `AsyncEngine` or `URL`, with its password; anything else comes back as it
    is."""
    engine_url = getattr(source, "url", source)
    render = getattr(engine_url, "render_as_string", None)
    if render is None:
        return os.fspath(source) if isinstance(source, os.PathLike) else source
    return str(render(hide_password=False))


class Finished:
    """What a method returns that is done already and that older code awaits."""

    def __await__(self) -> Generator[None, None, None]:
        return
        yield
