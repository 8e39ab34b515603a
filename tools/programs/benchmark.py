"""Time the suites: seconds per scenario of the port and of QEMU's iotest 257, and their ratio.

Both run in turn on one worker, on the same build, with their images in the same folder. 257 has the same skeleton
(reference copies, incremental copies, failures) for backup jobs, with 21 scenarios. What each harness takes to start
without running anything is measured too and taken off. No absolute time is judged.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fixtures import reference
from fixtures.host.console import CannotRun
from fixtures.host.folders import ROOT
from fixtures.plugin.image_folder import memory
from tools import cost
from tools.entry_point import Parser

IOTEST = "257"
IOTEST_SCENARIOS = 21
PORT = "suites/port/test_bitmap_sync.py"


def main(arguments: Sequence[str]) -> int:
    """Run the benchmark and return 0; raises ``CannotRun``."""
    parser = Parser("benchmark", __doc__)
    parser.add_argument("--qemu", default="v3", choices=[*reference.names()])
    parser.add_argument("--rounds", type=int, default=5, help="runs of each, in turn (default: 5)")
    parser.add_argument("--sample", type=int, default=200, help="cases of the product that are the unit (default: 200)")
    options = parser.parse_args(arguments)
    reference.build(options.qemu)
    with _folder() as folder:
        report(options.qemu, options.rounds, folder)
        cost.report(options.qemu, options.sample, options.rounds, folder)
    return 0


def report(qemu: str, rounds: int, folder: Path) -> None:
    """Print the figures of ``rounds`` runs of each, images in ``folder``."""
    scenarios = _port(qemu, folder)
    ours, theirs = [], []
    for _ in range(rounds):
        idle = _timed(lambda: _iotest(qemu, folder, "-n"))
        theirs.append((_timed(lambda: _iotest(qemu, folder)) - idle) / IOTEST_SCENARIOS)
        idle = _timed(lambda: _port(qemu, folder, "--collect-only"))
        ours.append((_timed(lambda: _port(qemu, folder)) - idle) / scenarios)
    for name, figures in ((f"iotest {IOTEST}", theirs), ("the port", ours)):
        print(f"{name:12} {_milliseconds(figures)} per scenario")
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    print(f"{'ratio':12} {min(ratios):.2f} / {statistics.median(ratios):.2f} / {max(ratios):.2f} (min / median / max)")


def _port(qemu: str, folder: Path, *more: str) -> int:
    """Run the port on one worker and return how many scenarios passed."""
    command = [sys.executable, "-m", "pytest", PORT, "-n0", f"--qemu={qemu}", f"--images={folder}", *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRun(f"the port did not pass on {qemu}: run `make check QEMU={qemu} K=bitmap_sync`")
    return int(done.stdout.rpartition(" passed")[0].split()[-1]) if not more else 0


def _iotest(qemu: str, folder: Path, *more: str) -> None:
    tests = reference.build_tree(qemu) / "tests" / "qemu-iotests"
    command = ["./check", "-qcow2", *more, IOTEST]
    environment = os.environ | {"TEST_DIR": str(folder)}
    done = subprocess.run(command, cwd=tests, env=environment, capture_output=True, text=True, check=False)
    if done.returncode or (not more and "Passed all 1 iotests" not in done.stdout):
        raise CannotRun(f"iotest {IOTEST} did not pass in {tests}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def _timed(work: Callable[[], object]) -> float:
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def _milliseconds(figures: list[float]) -> str:
    low, middle, high = (1000 * figure for figure in (min(figures), statistics.median(figures), max(figures)))
    return f"{low:5.0f} / {middle:5.0f} / {high:5.0f} ms"


@contextmanager
def _folder() -> Iterator[Path]:
    """Give a private folder for the images of both, in memory if there is room."""
    with tempfile.TemporaryDirectory(prefix="mirror-bench-", dir=memory()) as name:
        yield Path(name)
