"""Runs a command with PostgreSQL, MariaDB and Redis at hand, and leaves nothing behind.

    python3 scripts/services COMMAND ...

For each of the three, in this order: the one that ``TEST_POSTGRES_URL``, ``TEST_MYSQL_URL`` or ``TEST_REDIS_URL``
names; the one that answers on this machine's usual port and lets the administrator in without a password; a private
one in a scratch folder on a free port, for which Debian's packages are installed first when the programs are missing
and this user may. The command finds the three URLs in its environment. ``PRIVATE_SERVICES=1`` skips the second step.

The exit code is the command's, or 3 when a server could not be had.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

import probe
from private import PRIVATE_SERVICES, PrivateServer, ServiceError

VARIABLES = {"postgresql": "TEST_POSTGRES_URL", "mariadb": "TEST_MYSQL_URL", "redis": "TEST_REDIS_URL"}

USUAL_PLACES = {
    "postgresql": ("postgresql://postgres@127.0.0.1:5432/test", "postgresql://postgres@127.0.0.1:5432/postgres"),
    "mariadb": ("mysql://root@127.0.0.1:3306/test",),
    "redis": ("redis://127.0.0.1:6379",),
}


def main(command: list[str]) -> int:
    """Provides the three servers, runs ``command`` and cleans up whatever happens."""
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    scratch = Path(tempfile.mkdtemp(prefix="db-query-agent-services-"))
    scratch.chmod(0o755)  # PostgreSQL and MariaDB run as users of their own
    servers: list[PrivateServer] = []
    try:
        environment = dict(os.environ)
        for service, variable in VARIABLES.items():
            environment[variable] = _url_of(service, environment.get(variable), scratch, servers)
        return _run(command, environment)
    except ServiceError as error:
        print(f"services: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        return 130
    finally:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)  # a second one would leave the rest running
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(scratch, ignore_errors=True)


def _url_of(service: str, named: str | None, scratch: Path, servers: list[PrivateServer]) -> str:
    if named:
        if not probe.is_open(named):
            raise ServiceError(f"`{VARIABLES[service]}` is set, but no server answers there")
        _say(f"{service}: the one that {VARIABLES[service]} names")
        return named
    if os.environ.get("PRIVATE_SERVICES", "0") in ("", "0"):
        for url in USUAL_PLACES[service]:
            if probe.answers(url):
                _say(f"{service}: {url}")
                return url
    server = PRIVATE_SERVICES[service](scratch / service, _say)
    servers.append(server)
    url = server.start()
    _say(f"{service}: a private one, {url}")
    return url


def _run(command: list[str], environment: dict[str, str]) -> int:
    try:
        child = subprocess.Popen(command, env=environment)
    except OSError as error:
        _say(f"`{command[0]}` cannot be run: {error.strerror}")
        return 127  # as a shell does
    try:
        code = child.wait()
    except BaseException:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        raise
    return code if code >= 0 else 128 - code


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _say(text: str) -> None:
    print(f"services: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
