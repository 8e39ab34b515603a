"""Disks in a thread of their own: what a mirror does to them, and to its bitmap, is what it does to others."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, SyncMode
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CompleteJob,
    FinalizeJob,
    MoveToIothread,
    OpenImage,
    ReopenReadOnly,
    ReopenReadWrite,
    StartMirror,
    Step,
    TakeSnapshot,
    Write,
)

SIZE = 4 * MIB
bitmaps = pytest.mark.parametrize("bitmap", [None, pytest.param("b0", marks=pytest.mark.feature)])
IN_THREAD = {"source": ("source",), "target": ("target",), "both": ("source", "target")}
ENDINGS: dict[str, Step] = {
    "complete": CompleteJob("job"),
    "graceful-cancel": CancelJob("job"),
    "force-cancel": CancelJob("job", force=True),
}


@bitmaps
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
@pytest.mark.parametrize("moved", IN_THREAD)
def test_mirror(bench: Bench, moved: str, copy_mode: CopyMode, ending: str, bitmap: str | None) -> None:
    """Source, target or both are in an iothread: all is as it is without one, the bitmap's bits, too (M-125, B-01)."""
    bench.do(AddImage("source", SIZE), AddImage("target", SIZE), Write(0, 300 * KIB, Positional(1)))
    bench.do(*[MoveToIothread(node) for node in IN_THREAD[moved]], AddBitmap("b0", 64 * KIB))
    bench.do(Write(MIB - 10, 20, Fill(2)), StartMirror("job", "target", bitmap=bitmap, copy_mode=copy_mode))
    bench.do(Write(2 * MIB, 100 * KIB, Fill(3), at="filter"))
    bench.observe("b0")
    bench.do(ENDINGS[ending])
    bench.observe("b0")
    for node in ("source", "target"):
        bench.read_through(node)
    bench.do(Write(3 * MIB, 1, Fill(4)))
    bench.observe("b0")
    bench.finish(f"{moved} in an iothread")


PENDING: dict[str, Step] = {"reopened": ReopenReadWrite("target", "base"), "snapshot": TakeSnapshot("target", "base")}


@pytest.mark.parametrize("how", PENDING)
@pytest.mark.parametrize("sync", [SyncMode.FULL, SyncMode.TOP, SyncMode.NONE], ids=str)
def test_backing_file(bench: Bench, golden: SnapshotAssertion, sync: SyncMode, how: str) -> None:
    """A target gets its backing file while its job, in an iothread, is PENDING (M-101, M-125)."""
    bench.do(AddImage("base", SIZE), AddImage("source", SIZE), AddImage("target", SIZE, backing="base", opened=False))
    bench.do(OpenImage("target"), Write(0, SIZE, Positional(1), at="base"), Write(0, SIZE, Positional(2)))
    bench.do(ReopenReadOnly("base"), MoveToIothread("source"))
    bench.do(StartMirror("job", "target", sync=sync, auto_finalize=False))
    bench.do(Write(MIB, 64 * KIB, Fill(3), at="filter"), CompleteJob("job"), PENDING[how], FinalizeJob("job"))
    bench.read_through("target")
    assert bench.finish(f"a target in an iothread is {how} over base") == golden
