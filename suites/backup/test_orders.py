"""What a running backup takes: error policies, orders, the end of QEMU; a source discarded as it is copied."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BitmapMode, CopyMode, Discard, SyncMode
from fixtures.vocabulary.faults import Errno, Fault, Layering, OnError, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    ChangeCopyMode,
    CompleteJob,
    DismissJob,
    FinalizeJob,
    Inject,
    JobVerb,
    PauseJob,
    Restart,
    ResumeJob,
    SetSpeed,
    StartBackup,
    Write,
)

pytestmark = pytest.mark.dialects("stock", "v1", "v2", "v3")
SEGMENT = 64 * KIB
SLOW = StartBackup(
    "job",
    "target",
    sync=SyncMode.BITMAP,
    bitmap="b0",
    bitmap_mode=BitmapMode.ALWAYS,
    speed=1,
    max_workers=1,
    max_chunk=SEGMENT,
)


def _disk(bench: Bench, layering: Layering = Layering.PLAIN, *, persistent: bool = False) -> None:
    """Open a source whose bitmap holds three segments, and a target."""
    with bench.aside("b0 with 0, 2 and 4 dirty"):
        bench.do(AddImage("source", MIB, layering=layering), AddImage("target", MIB, layering=layering))
        bench.do(AddBitmap("b0", SEGMENT, persistent=persistent or None))
        bench.do(*[Write(at * SEGMENT, SEGMENT, Fill(0x11)) for at in (0, 2, 4)])


@pytest.mark.parametrize("errno", Errno, ids=str)
@pytest.mark.parametrize("place", [Place.READ, Place.WRITE], ids=str)
@pytest.mark.parametrize("policy", OnError, ids=str)
def test_error_policy(bench: Bench, golden: SnapshotAssertion, policy: OnError, place: Place, errno: Errno) -> None:
    """An error ends, pauses or does not concern the job, as its policy says; what failed is copied later (B-72)."""
    _disk(bench, Layering.LAYERED)
    bench.do(Inject(Fault(place, errno, offset=2 * SEGMENT)))
    bench.do(replace(SLOW, speed=None, on_source_error=policy, on_target_error=policy))
    bench.observe("b0")
    if bench.state.active_backups():
        bench.observe_job("job")
        bench.do(ResumeJob("job"))
        bench.observe("b0")
    bench.verify("target")
    assert bench.finish(f"{place} fails with {errno}, policy {policy}") == golden


ORDERS: dict[str, tuple[JobVerb, ...]] = {
    "pause-resume": (PauseJob("job"), PauseJob("job"), ResumeJob("job"), ResumeJob("job")),
    "pause-cancel": (PauseJob("job"), CancelJob("job"), CancelJob("job", force=True)),
    "complete": (CompleteJob("job"),),
    "finalize": (FinalizeJob("job"),),
    "dismiss": (DismissJob("job"),),
    "change": (ChangeCopyMode("job", CopyMode.WRITE_BLOCKING),),
    "speed": (SetSpeed("job", -1),),
}


def _marks(name: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.needs("block-job-change")] if name == "change" else []


@pytest.mark.parametrize("orders", [pytest.param(some, id=name, marks=_marks(name)) for name, some in ORDERS.items()])
def test_order(bench: Bench, golden: SnapshotAssertion, orders: tuple[JobVerb, ...]) -> None:
    """A running backup takes what a job takes, and is neither READY nor changeable (B-71)."""
    _disk(bench)
    bench.do(replace(SLOW, auto_dismiss=False))
    bench.do(*orders)
    bench.observe("b0")
    if bench.state.active_backups():
        bench.do(SetSpeed("job", 0))
    bench.do(DismissJob("job"))
    bench.observe("b0")
    assert bench.finish("orders to a running backup") == golden


@pytest.mark.parametrize("mode", BitmapMode, ids=str)
def test_end_of_qemu(bench: Bench, golden: SnapshotAssertion, mode: BitmapMode) -> None:
    """QEMU cancels the job when it quits, and stores what the bitmap then holds (B-60, B-72)."""
    _disk(bench, persistent=True)
    bench.do(replace(SLOW, bitmap_mode=mode), Write(6 * SEGMENT, 512, Fill(0x22), at="filter"))
    bench.do(Restart())
    bench.observe("b0")
    assert bench.finish(f"QEMU ends while a backup runs, bitmap-mode={mode}") == golden


@pytest.mark.needs("blockdev-backup.discard-source")
@pytest.mark.parametrize("discard", Discard, ids=str)
def test_discarded_source(bench: Bench, golden: SnapshotAssertion, discard: Discard) -> None:
    """What is copied is discarded, if the source takes discards; bitmaps record that as a guest's (B-71)."""
    bench.do(AddImage("source", MIB, discard=discard), AddImage("target", MIB))
    bench.do(AddBitmap("b0", SEGMENT), *[Write(at * SEGMENT, SEGMENT, Fill(0x11)) for at in (0, 2)])
    bench.do(AddBitmap("b1", SEGMENT))
    bench.do(replace(SLOW, speed=None, discard_source=True))
    bench.observe("b0", "b1")
    assert bench.finish(f"discard-source of a node with discard={discard}") == golden
