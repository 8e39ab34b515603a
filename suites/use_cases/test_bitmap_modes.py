"""Backup's three bitmap sync modes, obtained by the caller, when a mirror fails first and is repeated."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BitmapMode, CopyMode
from fixtures.vocabulary.faults import Fault, Place
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    Compare,
    CompleteJob,
    Inject,
    Quit,
    StartMirror,
    Write,
)
from suites.parameters.bitmap_modes import passed_for, settle

pytestmark = pytest.mark.feature
DELTA = (Write(3 * MIB - 4 * KIB, 8 * MIB, Positional(1)), Write(63 * MIB, MIB, Positional(2)))


def _cancelled_running(bench: Bench, start: StartMirror) -> None:
    bench.do(StartMirror(start.job, start.target, bitmap=start.bitmap, copy_mode=start.copy_mode, speed=1))
    bench.do(Write(40 * MIB, 512, Fill(0x66), at="filter"), CancelJob(start.job, force=True))


def _cancelled_ready(bench: Bench, start: StartMirror) -> None:
    bench.do(start, Write(40 * MIB, 512, Fill(0x66), at="filter"), CancelJob(start.job, force=True))


def _read_error(bench: Bench, start: StartMirror) -> None:
    bench.do(Inject(Fault(Place.READ, after=2)))
    bench.do(start)


FAILURES: dict[str, Callable[[Bench, StartMirror], None]] = {
    "cancelled-running": _cancelled_running,
    "cancelled-ready": _cancelled_ready,
    "read-error": _read_error,
}


@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("mode", BitmapMode, ids=str)
def test_failed_then_repeated(bench: Bench, mode: BitmapMode, failure: str, copy_mode: CopyMode) -> None:
    """Whatever the mode, a mirror that failed and is repeated the same way completes the target; b0 then holds all that
    it held and has been written since (never), or nothing (on-success, always) (B-70, B-72, R-B17, X-10)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    bench.do(AddBitmap("b0", 64 * KIB), *DELTA)
    passed = passed_for(bench, mode)
    FAILURES[failure](bench, StartMirror("fails", "target", bitmap=passed, copy_mode=copy_mode))
    bench.observe()
    settle(bench, mode, passed, success=False)
    bench.observe("b0")
    bench.do(Write(30 * MIB - 1, 2, Fill(0x44)))
    passed = passed_for(bench, mode)
    bench.do(StartMirror("again", "target", bitmap=passed, copy_mode=copy_mode))
    bench.do(Write(50 * MIB - 1, 2, Fill(0x55), at="filter"), CompleteJob("again"))
    settle(bench, mode, passed, success=True)
    bench.observe("b0")
    assert bool(bench.state.bitmaps_on("source")["b0"].dirty) is (mode is BitmapMode.NEVER)
    bench.do(Quit())
    bench.do(Compare("source", "target"))
    bench.finish("a mirror fails and is repeated")
