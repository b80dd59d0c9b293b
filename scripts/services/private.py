"""Servers of our own, each in a scratch folder on a free port, gone when they are stopped."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from re import findall

import packages
import probe

_READY_SECONDS = 90.0
_STOP_SECONDS = 30.0
# Another program may take the free port between our look and the server's start.
_ATTEMPTS = 3


class ServiceError(Exception):
    """A server that could not be had; the message says what to do."""


class PrivateServer(ABC):
    """One server: where its programs are, how it is made, how it is started. Subclasses fill in the rest."""

    name = ""
    package = ""
    # The user it runs as when we are root, for PostgreSQL refuses to be root.
    user: str | None = None
    stop_signal = signal.SIGTERM
    # Folders outside PATH, the highest version first, as (folder, pattern below it).
    search: Sequence[tuple[str, str]] = ()

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self.folder = folder
        self.say = say
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Makes the data folder."""

    @abstractmethod
    def command(self, port: int) -> list[str]:
        """The command line that serves on ``port`` in the foreground."""

    @abstractmethod
    def url(self, port: int) -> str:
        """Where it answers."""

    def is_ready(self, port: int) -> bool:
        """Whether it lets us in."""
        return probe.answers(self.url(port))

    def start(self) -> str:
        """Starts it, installing its package first when need be, and returns its URL once it answers."""
        if not self._is_installed():
            packages.install(self.package, self.say)
        if not self._is_installed():
            raise ServiceError(
                f"no {self.name} here: install Debian's package `{self.package}` or the like, "
                f"or name a server in the environment"
            )
        self.folder.mkdir()
        if os.geteuid() == 0 and self.user:
            shutil.chown(self.folder, self.user)
        self.prepare()
        for _ in range(_ATTEMPTS):
            port = _free_port()
            if self._serve(port):
                return self.url(port)
        raise ServiceError(f"{self.name} does not start; its last words:\n{self._last_words()}")

    def stop(self) -> None:
        """Ends the server and waits until it is gone."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @abstractmethod
    def programs(self) -> tuple[str, ...]:
        """Names of the programs it needs; alternatives are separated by ``|``."""

    def program(self, names: str) -> str:
        """The path of the first program of ``names`` that is here, else an empty text."""
        folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/local/sbin", "/usr/sbin", "/sbin"]
        for top, pattern in self.search:
            versions = sorted(
                Path(top).glob(pattern), key=lambda path: [int(digits) for digits in findall(r"\d+", str(path))]
            )
            folders[:0] = map(str, reversed(versions))
        for name in names.split("|"):
            if found := shutil.which(name, path=os.pathsep.join(folders)):
                return found
        return ""

    def run(self, command: list[str]) -> None:
        """Runs a step of the preparation as the server's user."""
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, check=False, **self._as_user())
        if done.returncode:
            raise ServiceError(f"{self.name}: `{Path(command[0]).name}` failed:\n{done.stdout}{done.stderr}")

    def _serve(self, port: int) -> bool:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(port),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the command; we end the servers after it
                preexec_fn=_end_with_parent,
                **self._as_user(),
            )
        deadline = time.monotonic() + _READY_SECONDS
        while self.process.poll() is None:
            if self.is_ready(port):
                return True
            if time.monotonic() > deadline:
                raise ServiceError(f"{self.name} is not ready in {_READY_SECONDS:.0f} s:\n{self._last_words()}")
            time.sleep(0.05)
        return False

    def _is_installed(self) -> bool:
        return all(self.program(names) for names in self.programs())

    def _as_user(self) -> dict[str, object]:
        if os.geteuid() != 0 or not self.user:
            return {}
        account = pwd.getpwnam(self.user)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def _last_words(self) -> str:
        log = self.folder / "server.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-20:]) if log.exists() else ""


class Postgresql(PrivateServer):
    """PostgreSQL with trust for everybody on the loopback address."""

    name, package, user = "PostgreSQL", "postgresql", "postgres"
    stop_signal = signal.SIGINT  # "fast": does not wait for clients
    search = (("/usr/lib/postgresql", "*/bin"), ("/usr", "pgsql-*/bin"))

    def programs(self) -> tuple[str, ...]:
        return ("initdb", "postgres")

    def prepare(self) -> None:
        self.run([
            self.program("initdb"), "--pgdata=data", "--username=postgres", "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-sync",
        ])  # fmt: skip

    def command(self, port: int) -> list[str]:
        settings = ("listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={self.folder}", "fsync=off")
        return [self.program("postgres"), "-D", "data", *(word for setting in settings for word in ("-c", setting))]

    def url(self, port: int) -> str:
        return f"postgresql://postgres@127.0.0.1:{port}/test"

    def is_ready(self, port: int) -> bool:
        if probe.answers(self.url(port)):
            return True
        probe.answers(f"postgresql://postgres@127.0.0.1:{port}/postgres", "CREATE DATABASE test")
        return False


class Mariadb(PrivateServer):
    """MariaDB whose root has no password."""

    name, package, user = "MariaDB", "mariadb-server", "mysql"

    def programs(self) -> tuple[str, ...]:
        return ("mariadb-install-db", "mariadbd|mysqld")

    def prepare(self) -> None:
        self.run([
            self.program("mariadb-install-db"), "--no-defaults", f"--datadir={self.folder / 'data'}",
            "--auth-root-authentication-method=normal", "--skip-test-db", *self._user_option(),
        ])  # fmt: skip

    def command(self, port: int) -> list[str]:
        return [
            self.program("mariadbd|mysqld"), "--no-defaults", f"--datadir={self.folder / 'data'}",
            f"--socket={self.folder / 'socket'}", f"--pid-file={self.folder / 'pid'}", f"--port={port}",
            "--bind-address=127.0.0.1", "--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=0",
            *self._user_option(),
        ]  # fmt: skip

    def url(self, port: int) -> str:
        return f"mysql://root@127.0.0.1:{port}/test"

    def _user_option(self) -> list[str]:
        return ["--user=mysql"] if os.geteuid() == 0 else []


class Redis(PrivateServer):
    """Redis, or Valkey, that keeps nothing on disk."""

    name, package = "Redis", "redis-server"

    def programs(self) -> tuple[str, ...]:
        return ("redis-server|valkey-server",)

    def prepare(self) -> None:
        """It keeps nothing on disk."""

    def command(self, port: int) -> list[str]:
        program = self.program("redis-server|valkey-server")
        return [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]

    def url(self, port: int) -> str:
        return f"redis://127.0.0.1:{port}"


PRIVATE_SERVICES: dict[str, type[PrivateServer]] = {"postgresql": Postgresql, "mariadb": Mariadb, "redis": Redis}


def _free_port() -> int:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port: int = holder.getsockname()[1]
        return port


def _end_with_parent() -> None:
    """On Linux, has the kernel end the server when we are killed without a chance to clean up."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG, prctl(2)
