"""Load for a machine until it is killed: ``python -m tools.load cpu`` counts, ``... disk FOLDER`` writes there."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_CHUNK = bytes(1 << 20)
_MOST = 64
"""MiB that a writer's file takes before it is written anew."""


@contextlib.contextmanager
def on(folder: str | None) -> Iterator[None]:
    """Keep every processor busy, and a writer with fsync in ``folder`` (None: where temporary files go)."""
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix="mirror-load-", dir=folder))
        for kind in [("cpu",)] * (os.cpu_count() or 1) + [("disk", place)]:
            process = stack.enter_context(subprocess.Popen([sys.executable, "-m", "tools.load", *kind]))
            stack.callback(process.kill)
        yield


def _count() -> None:
    while os.getppid() != 1:
        sum(range(1_000_000))


def _write(folder: Path) -> None:
    while os.getppid() != 1:
        with (folder / "file").open("wb") as file:
            for _ in range(_MOST):
                file.write(_CHUNK)
                file.flush()
                os.fsync(file.fileno())


if __name__ == "__main__":
    _count() if sys.argv[1] == "cpu" else _write(Path(sys.argv[2]))
