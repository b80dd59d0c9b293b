"""Installs Debian's packages where this user may, without starting what they bring."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# invoke-rc.d(8) asks this program before it starts a service; 101 means "not allowed".
_POLICY = Path("/usr/sbin/policy-rc.d")


def install(package: str, say: Callable[[str], None]) -> None:
    """Installs ``package`` with apt-get as root. Does nothing where that is not possible."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say(f"installing {package}")
    with _nothing_starts():
        # A run that broke off half-way on another package is mended by the third line, and the fourth then succeeds.
        if _apt("update") and _apt("install", package):
            return
        _apt("install", "--fix-broken")
        if not _apt("install", package, quiet=False):
            say(f"apt-get could not install {package}")


def _apt(action: str, *arguments: str, quiet: bool = True) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", "-y", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120", action]
    if action == "install":
        command.append("--no-install-recommends")
    output = subprocess.DEVNULL if quiet else None
    return subprocess.call([*command, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=output) == 0


@contextmanager
def _nothing_starts() -> Iterator[None]:
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)
