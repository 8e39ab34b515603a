"""Running untrusted code from a mail: bubblewrap, with no network, no files but the named ones and no capability."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fixtures.host.console import CannotRun
from fixtures.host.folders import ROOT
from fixtures.host.provision import packages

_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_ETC = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "passwd", "group", "localtime")
_PATHS = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
_WHY = "a mailed series is only run in a sandbox"
_OR = "or give SANDBOX=no if you trust the series"
_BARE = ("/usr/bin/env", "-i")
"""Bubblewrap's own process can be seen from inside, with its environment."""
_CLOSED = (
    "--unshare-all",  # no network, no other process, no shared memory of others
    "--unshare-user",
    "--disable-userns",  # what is read-only cannot be mounted again by a namespace of its own ...
    "--cap-drop", "ALL",  # ... nor by root
    "--die-with-parent",
    "--new-session",  # the terminal takes no input from it
    "--clearenv",
)  # fmt: skip


@dataclass(frozen=True)
class Sandbox:
    """A way to run commands: ``program`` is bubblewrap's path, or None to run them as they are."""

    program: str | None

    def command(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        visible: Sequence[tuple[Path, Path]] = (),
        writable: Sequence[tuple[Path, Path]] = (),
        environment: dict[str, str] | None = None,
    ) -> list[str]:
        """Return the command line that runs ``command`` in ``folder``.

        ``visible`` and ``writable`` are pairs of a folder and the path that it has inside. Of the rest, only the
        system's programs, Python and this project can be read; home and /tmp are empty and private.
        """
        if not self.program:
            return list(command)
        binds = [word for pair in [*_python(), *visible] for word in ("--ro-bind", *map(str, pair))]
        binds += [word for pair in writable for word in ("--bind", *map(str, pair))]
        variables = {"PATH": _PATHS, "HOME": "/tmp/home", "LC_ALL": "C.UTF-8", **(environment or {})}
        settings = [word for pair in variables.items() for word in ("--setenv", *pair)]
        tail = ["--dir", "/tmp/home", "--remount-ro", "/", "--chdir", str(folder), "--", *command]
        return [*_BARE, self.program, *_CLOSED, *_system(), *binds, *settings, *tail]


def find(*, wanted: bool) -> Sandbox:
    """Return the sandbox, or the way without if it is not ``wanted``; raises ``CannotRun`` if there is none."""
    if not wanted:
        return Sandbox(None)
    program = shutil.which("bwrap") or _installed()
    command = Sandbox(program).command(["true"], folder=Path("/tmp"))
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = " ".join(done.stderr.split()) or f"status {done.returncode}"
        raise CannotRun(f"{_WHY}, and bubblewrap does not work here ({reason}); {_OR}")
    return Sandbox(program)


def _installed() -> str:
    try:
        packages.ensure("sandbox")
    except CannotRun as problem:
        raise CannotRun(f"{_WHY}: {problem}; {_OR}") from problem
    return shutil.which("bwrap") or "bwrap"


def _system() -> list[str]:
    """Return what shows the system's programs and fresh devices, processes and memory file systems."""
    words = ["--ro-bind", "/usr", "/usr"]
    for path in map(Path("/").joinpath, _SYSTEM):
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    for name in _ETC:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return [*words, "--dev", "/dev", "--tmpfs", "/dev/shm", "--proc", "/proc", "--tmpfs", "/tmp"]


def _python() -> list[tuple[Path, Path]]:
    """Return the folders of Python, of its environment and of this project."""
    return [
        (path, path)
        for path in map(Path, dict.fromkeys([sys.base_prefix, sys.prefix, str(ROOT)]))
        if path != Path("/usr")
    ]
