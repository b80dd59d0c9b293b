"""Asks a server whether it lets us in, in its own protocol and with nothing but the standard library.

An open port is not enough: a server that is starting up listens before it answers, and one that wants a password
is of no use here.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

_SECONDS = 3.0
_PORTS = {"postgresql": 5432, "mysql": 3306, "redis": 6379, "rediss": 6379}


def is_open(url: str) -> bool:
    """Whether something listens at the host and port of ``url``; a Unix socket is taken on trust."""
    parts = urlsplit(url)
    if not parts.hostname:
        return True
    port = parts.port or _PORTS.get(parts.scheme.split("+")[0], 0)
    with suppress(OSError), socket.create_connection((parts.hostname, port), _SECONDS):
        return True
    return False


def answers(url: str, statement: str | None = None) -> bool:
    """Whether the server at ``url`` lets us in without a password, and runs ``statement`` where one is given."""
    parts = urlsplit(url)
    asks = {"postgresql": _postgresql, "mysql": _mysql, "redis": _redis}
    with suppress(OSError, EOFError, struct.error):
        address = (parts.hostname or "127.0.0.1", parts.port or _PORTS[parts.scheme])
        with socket.create_connection(address, _SECONDS) as connection:
            connection.settimeout(_SECONDS)
            return asks[parts.scheme](connection, parts, statement)
    return False


def _postgresql(connection: socket.socket, parts: SplitResult, statement: str | None) -> bool:
    # https://www.postgresql.org/docs/current/protocol-message-formats.html: StartupMessage, version 3.0
    words = b"user\0%s\0database\0%s\0\0" % ((parts.username or "postgres").encode(), parts.path[1:].encode())
    connection.sendall(struct.pack("!ii", len(words) + 8, 196_608) + words)
    ready = _until_ready(connection)
    if ready and statement:
        query = statement.encode() + b"\0"
        connection.sendall(b"Q" + struct.pack("!i", len(query) + 4) + query)
        return _until_ready(connection)
    return ready


def _until_ready(connection: socket.socket) -> bool:
    """Reads up to ReadyForQuery (`Z`); false at an error (`E`) or when a password is wanted (`R` above 0)."""
    while True:
        kind, length = struct.unpack("!ci", _exactly(connection, 5))
        body = _exactly(connection, length - 4)
        if kind == b"E" or (kind == b"R" and body[:4] != b"\0\0\0\0"):
            return False
        if kind == b"Z":
            return True


def _mysql(connection: socket.socket, parts: SplitResult, statement: str | None) -> bool:
    # https://mariadb.com/kb/en/connection/: the greeting, then HandshakeResponse41 with an empty password.
    # Flags: long password 1, protocol 41 0x200, secure connection 0x8000, plugin auth 0x80000.
    _packet(connection)
    user = (parts.username or "root").encode()
    response = struct.pack("<IIB23x", 0x88201, 1 << 24, 45) + user + b"\0\0mysql_native_password\0"
    _send_packet(connection, 1, response)
    answer = _packet(connection)
    if answer[:1] == b"\xfe":  # another way of showing the same empty password
        _send_packet(connection, 3, b"")
        answer = _packet(connection)
    if answer[:1] != b"\0":
        return False
    # The database of the URL may be missing on a fresh server.
    for query in (f"CREATE DATABASE IF NOT EXISTS `{parts.path[1:]}`", statement):
        if query:
            _send_packet(connection, 0, b"\x03" + query.encode())
            if _packet(connection)[:1] == b"\xff":
                return False
    return True


def _redis(connection: socket.socket, _parts: SplitResult, _statement: str | None) -> bool:
    connection.sendall(b"PING\r\n")
    return _exactly(connection, 5) == b"+PONG"


def _send_packet(connection: socket.socket, sequence: int, body: bytes) -> None:
    connection.sendall(struct.pack("<I", len(body))[:3] + bytes([sequence]) + body)


def _packet(connection: socket.socket) -> bytes:
    header = _exactly(connection, 4)
    return _exactly(connection, int.from_bytes(header[:3], "little"))


def _exactly(connection: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        piece = connection.recv(count - len(received))
        if not piece:
            raise EOFError
        received += piece
    return received
