"""What a case of the product costs: with one and two workers, as the number of cases grows, and beside the bare floor.

The floor is what QEMU alone would take for the same: a process, and as many round trips over a bare socket as the
case's suite makes, each asking for nothing. What pytest takes to start and collect is measured and taken off.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from fixtures import reference
from fixtures.host.console import CannotRun
from fixtures.host.folders import ROOT
from fixtures.repro import recording
from fixtures.subject import binaries
from fixtures.vocabulary.sizes import KIB

PRODUCT = "suites/product/test_product.py"
_QEMU = ("-machine", "none", "-nodefaults", "-display", "none", "-monitor", "none", "-accel", "qtest")


def report(qemu: str, sample: int, rounds: int, folder: Path) -> None:
    """Print what cases cost, images in ``folder``; ``sample`` cases are the unit; raises ``CannotRun``."""
    one = [_per_case(qemu, sample, 1, folder) for _ in range(rounds)]
    for growth in (1, 2, 4):
        costs = [_per_case(qemu, sample * growth, 2, folder) for _ in range(rounds)]
        rate = f"{1 / statistics.median(costs):.0f} cases/s"
        print(f"{sample * growth:6} cases, 2 workers  {_figures(costs)} per case, {rate}")
    print(f"{sample:6} cases, 1 worker   {_figures(one)} per case")
    trips = round_trips(qemu, min(sample, 100))
    bare = [_floor(qemu, trips) for _ in range(rounds)]
    print(f"the floor, {statistics.mean(trips):.0f} round trips {_figures(bare)} per case")
    print(f"case to floor         {statistics.median(one) / statistics.median(bare):.1f}, both on one worker")


def round_trips(qemu: str, sample: int) -> list[int]:
    """Return how many commands each case of a sample sends; raises ``CannotRun``."""
    answers = recording.record(qemu, [PRODUCT, f"--sample={sample}"])
    return [sum("execute" in message for message in answer.wire) for answer in answers if answer.wire]


def _per_case(qemu: str, cases: int, workers: int, folder: Path) -> float:
    """Return the seconds that a case takes in a run of so many, without what the run's start takes."""
    idle = _timed(lambda: _run(qemu, workers, workers, folder))
    return (_timed(lambda: _run(qemu, cases, workers, folder)) - idle) / (cases - workers)


def _run(qemu: str, cases: int, workers: int, folder: Path) -> None:
    options = [f"--qemu={qemu}", f"--images={folder}", f"--out={folder / 'out'}", f"--sample={cases}", f"-n{workers}"]
    command = [sys.executable, "-m", "pytest", PRODUCT, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRun(f"the product did not pass on {qemu}: run `make check QEMU={qemu}`\n{done.stdout[-2000:]}")


def _floor(qemu: str, trips: Sequence[int]) -> float:
    """Return the seconds that QEMU alone takes for a case."""
    prefix = reference.prefix_of(qemu)
    if prefix is None:
        raise CannotRun(f"the reference QEMU {qemu} is not built yet")
    binary = binaries.under(prefix).system
    begin = time.monotonic()
    for count in trips:
        _bare(binary, count)
    return (time.monotonic() - begin) / len(trips)


def _bare(binary: Path, commands: int) -> None:
    """Start a QEMU, ask it for nothing so many times, one reply after the other, and quit."""
    ours, theirs = socket.socketpair()
    channel = ("-chardev", f"socket,id=qmp,fd={theirs.fileno()}", "-mon", "chardev=qmp,mode=control")
    process = subprocess.Popen([binary, *_QEMU, *channel], pass_fds=[theirs.fileno()], env=os.environ)
    theirs.close()
    with ours:
        ours.recv(64 * KIB)
        for name in ("qmp_capabilities", *["query-name"] * max(commands - 2, 0), "quit"):
            ours.sendall(json.dumps({"execute": name}).encode())
            ours.recv(64 * KIB)
    process.wait()


def _timed(work: Callable[[], object]) -> float:
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def _figures(costs: Sequence[float]) -> str:
    low, middle, high = (1000 * cost for cost in (min(costs), statistics.median(costs), max(costs)))
    return f"{low:5.1f} / {middle:5.1f} / {high:5.1f} ms"
