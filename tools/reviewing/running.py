"""Running the suites on the QEMU of an untrusted series, and bringing its record home."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from fixtures.host import deadlines
from fixtures.host.console import CannotRun
from fixtures.host.folders import ROOT
from tools.reviewing.sandbox import Sandbox

_PROGRESS = re.compile(r"\d+ of \d+ cases, |.*\[ *\d+%\]$")


def printable(text: str) -> str:
    """Return untrusted text without what could control a terminal."""
    return "".join(one if one.isprintable() or one in "\n\t" else "?" for one in text)


def run(prefix: Path, results: Path, options: Sequence[str], sandbox: Sandbox, lock: int) -> int:
    """Run the suites on the programs of ``prefix``, with the record in ``results``; return pytest's status.

    A QEMU that crashes may leave a core file, from which the record has a backtrace. Raises ``CannotRun`` if pytest
    could not run; what it printed is in results/pytest.txt.
    """
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    raw = results / "record"
    raw.mkdir(parents=True)
    suites = [] if any(option.startswith("suites/") for option in options) else ["suites", "--ignore=suites/meta"]
    command = [sys.executable, "-m", "pytest", *suites, f"--qemu={prefix}", f"--out={raw}"]
    environment = {"XDG_CACHE_HOME": "/tmp/cache", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= deadlines.environment()
    boxed = sandbox.command(
        [*command, *options], folder=ROOT, visible=[(prefix, prefix)], writable=[(raw, raw)], environment=environment
    )
    status = _written(boxed, results / "pytest.txt", () if sandbox.program else (lock,))
    if status not in (0, 1):
        raise CannotRun(_reason(status, (results / "pytest.txt").read_text()))
    return status


def bring_home(results: Path, home: Path) -> None:
    """Replace what an earlier run left in ``home`` by the files of this one, following no link that it made."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    for folder, _, names in os.walk(results):
        for name in names:
            path = Path(folder, name)
            inside = path.relative_to(results).parts
            target = home.joinpath(*(inside[2:] if inside[0] == "record" else inside))
            if path.is_file() and not path.is_symlink():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)


def _written(command: list[str], log: Path, locks: tuple[int, ...]) -> int:
    """Run a command, show its progress on stderr and keep all that it prints."""
    with (
        log.open("w") as kept,
        subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=locks,
        ) as process,
    ):
        assert process.stdout, "it was asked for"
        for line in process.stdout:
            kept.write(printable(line))
            if _PROGRESS.match(line):
                print(printable(line), end="", file=sys.stderr, flush=True)
    return process.returncode


def _reason(status: int, text: str) -> str:
    if status == 5:
        return "no case was selected"
    last = (text.strip().splitlines() or ["it printed nothing"])[-1]
    return f"the suites could not run (status {status}): {last.removeprefix('ERROR: ')}"
