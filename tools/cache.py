"""The one folder outside the repository: what was downloaded, built or installed, under `$XDG_CACHE_HOME`."""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def root() -> Path:
    """Return the project's cache folder, which need not exist yet."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mirror-conformance"


def say(sentence: str) -> None:
    """Tell the user what happens: on stderr, for stdout carries results."""
    print(f"mirror-conformance: {sentence}", file=sys.stderr, flush=True)


@contextmanager
def locked(name: str, work: str) -> Iterator[int]:
    """Hold the lock `name`, telling the user which work of another run is being waited for.

    The file descriptor is yielded so that a child can inherit it: should this process be killed, the lock
    stays held until its orphans are gone too.
    """
    root().mkdir(parents=True, exist_ok=True)
    with (root() / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another run is {work}; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()
