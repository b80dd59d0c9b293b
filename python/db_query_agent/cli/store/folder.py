"""The folder of this user's data."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from db_query_agent.cli.complaint import Complaint
from db_query_agent.cli.exits import Exit

OWNER_ALONE = 0o600


def folder() -> Path:
    """Where the platform keeps a program's data: `$XDG_DATA_HOME`, `%LOCALAPPDATA%`, `~/Library`; made when missing."""
    from platformdirs import user_data_path

    path = user_data_path("db-query-agent", appauthor=False)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(path, error) from error
    return path


def private_file(name: str) -> Path:
    """A file in that folder that its owner alone can read."""
    path = folder() / name
    try:
        # Made with its mode, so that at no time anyone else can open it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ALONE))
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) != OWNER_ALONE:
            path.chmod(OWNER_ALONE)
    except OSError as error:
        raise _unusable(path, error) from error
    return path


def _unusable(path: Path, error: OSError) -> Complaint:
    return Complaint(
        f"`{path}` cannot be used: {error.strerror or error}",
        hint="set XDG_DATA_HOME to a folder of your own, or DB_QUERY_HISTORY=off",
        end=Exit.SYSTEM,
    )
