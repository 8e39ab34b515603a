"""What is done to bitmaps while requests are in flight: a copy of the job's, or a guest's write, at either disk."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode
from fixtures.vocabulary.requests import Stage
from fixtures.vocabulary.steps import (
    AddBitmap,
    BitmapStep,
    CancelJob,
    CompleteJob,
    DisableBitmap,
    Hold,
    OpenGates,
    Release,
    ReleaseAll,
    issued,
)
from suites.pressure.scene import LAST, SEGMENT, both_bitmaps, changes, mirror, prepare, reads, write
from suites.product.axes import BitmapOperation
from suites.product.operations import STEPS

COMMANDS: dict[BitmapOperation, tuple[BitmapStep, ...]] = STEPS | {
    BitmapOperation.ADD_OTHER: (AddBitmap("b2", SEGMENT), AddBitmap("b3", 2 * SEGMENT, disabled=True))
}
BEGIN, END = LAST * SEGMENT, (LAST + 1) * SEGMENT
WRITES = [
    (Stage.SOURCE, CopyMode.BACKGROUND),
    (Stage.SOURCE, CopyMode.WRITE_BLOCKING),
    (Stage.TARGET, CopyMode.WRITE_BLOCKING),
]
"""Where a guest's write can be in flight: it reaches the target in write-blocking mode alone."""
commands = pytest.mark.parametrize("command", COMMANDS, ids=str)
copy_modes = pytest.mark.parametrize("copy_mode", CopyMode)


def _prepare(bench: Bench) -> None:
    """Beside ``b0``, have a disabled bitmap that has a segment of its own."""
    prepare(bench)
    with bench.aside("another bitmap has segment 3, too"):
        bench.do(AddBitmap("b1", SEGMENT))
        bench.do(write(3 * SEGMENT, 3 * SEGMENT + 9, 4))
        bench.do(DisableBitmap("b1"))


def _hold_a_copy(bench: Bench, stage: Stage, bitmap: str | None, copy_mode: CopyMode) -> None:
    """Have the job in RUNNING, the copy of the last segment held where it is read or where it is written."""
    bench.do(Hold((reads(LAST),)))
    bench.do(mirror(bitmap, copy_mode))
    if stage is Stage.TARGET:
        bench.do(Hold((changes(Stage.TARGET, LAST),)))
        bench.do(Release("copy of segment 15"))


def _command(bench: Bench, command: BitmapOperation) -> None:
    """Give the commands, see all bitmaps, then what later writes leave in them."""
    bench.do(*COMMANDS[command])
    bench.observe("b0", "b1", "b2", "b3")
    bench.do(*issued(late=write(5 * SEGMENT - 9, 5 * SEGMENT + 9, 12)))
    bench.observe("b0", "b1", "b2", "b3")


@both_bitmaps
@commands
@copy_modes
@pytest.mark.parametrize("stage", [Stage.SOURCE, Stage.TARGET], ids=["read", "write"])
def test_during_a_copy(
    bench: Bench, command: BitmapOperation, bitmap: str | None, copy_mode: CopyMode, stage: Stage
) -> None:
    """The bitmap of a job is busy while a copy is in flight; another one is not, and a later write is in both
    (B-40, M-50, R-B5)."""
    _prepare(bench)
    _hold_a_copy(bench, stage, bitmap, copy_mode)
    _command(bench, command)
    bench.do(OpenGates())
    bench.do(ReleaseAll())
    bench.do(CompleteJob("job"))
    bench.observe("b0", "b1")
    bench.finish("commands during a copy")


@both_bitmaps
@commands
@pytest.mark.parametrize(("stage", "copy_mode"), WRITES, ids=[f"{stage}-{mode}" for stage, mode in WRITES])
def test_during_a_write(
    bench: Bench, command: BitmapOperation, bitmap: str | None, copy_mode: CopyMode, stage: Stage
) -> None:
    """A write that is in flight while a bitmap is changed is in each bitmap that records when it lands
    (B-40, M-50, M-91)."""
    _prepare(bench)
    bench.do(mirror(bitmap, copy_mode))
    bench.do(Hold((changes(stage, LAST),)))
    bench.do(*issued(w1=write(BEGIN - 9, END - 9, 11)))
    bench.do(*COMMANDS[command])
    bench.observe("b0", "b1", "b2", "b3")
    bench.do(OpenGates())
    bench.do(Release("w1"))
    bench.observe("b0", "b1", "b2", "b3")
    bench.do(CancelJob("job"))
    bench.observe("b0", "b1", "b2", "b3")
    bench.finish("commands during a guest's write")


@both_bitmaps
@pytest.mark.parametrize("stage", [Stage.SOURCE, Stage.TARGET], ids=["read", "write"])
def test_forced_end_during_a_copy(bench: Bench, golden: SnapshotAssertion, bitmap: str | None, stage: Stage) -> None:
    """A job that is cancelled while a copy is in flight gives back the bitmap with all that it lacks (B-40)."""
    _prepare(bench)
    _hold_a_copy(bench, stage, bitmap, CopyMode.BACKGROUND)
    bench.do(*issued(w1=write(4 * SEGMENT, 5 * SEGMENT, 11)))
    bench.do(CancelJob("job", force=True))
    bench.do(OpenGates())
    bench.do(ReleaseAll())
    bench.observe("b0", "b1")
    assert bench.finish("a forced end during a copy") == golden
