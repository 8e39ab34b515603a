"""A mirror that has copied all but whose target may not take the place of its source when it completes."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import MirrorCommand, SyncMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddDrive,
    AddFilter,
    AddImage,
    CancelJob,
    CloseImage,
    Compare,
    CompleteJob,
    FilterKind,
    FinalizeJob,
    HideFile,
    Quit,
    RemoveNode,
    RestoreFile,
    StartMirror,
    Step,
    Write,
)
from suites.errors.working import SEGMENT, bitmaps

ENDINGS: dict[str, tuple[Step, ...]] = {
    "complete": (CompleteJob("job"),),
    "finalize": (CompleteJob("job"), FinalizeJob("job")),
    "graceful-cancel": (CancelJob("job"),),
    "force-cancel": (CompleteJob("job"), CancelJob("job", force=True)),
}
endings = pytest.mark.parametrize("ending", ENDINGS)


@endings
@bitmaps
def test_permission(bench: Bench, golden: SnapshotAssertion, ending: str, bitmap: str | None) -> None:
    """A job whose target unshares a read that the source's reader takes fails if it completes, but can be cancelled;
    all is copied, and the reader keeps the source (M-71)."""
    _get_ready(bench, bitmap, ending)
    bench.do(AddFilter("reader", "source", FilterKind.TAKES_CONSISTENT_READ))
    bench.do(AddFilter("other", "target", FilterKind.UNSHARES_CONSISTENT_READ))
    bench.do(Write(MIB, 2 * SEGMENT, Fill(0x22), at="filter"), *ENDINGS[ending])
    _look(bench, bitmap)
    bench.do(Write(2 * MIB, SEGMENT, Fill(0x33), at="reader"))
    _look(bench, bitmap)
    bench.do(RemoveNode("reader"))
    bench.do(RemoveNode("other"))
    bench.do(StartMirror("again", "target", bitmap=bitmap), CompleteJob("again"))
    _look(bench, bitmap)
    bench.do(Quit())
    bench.do(Compare("source", "target"))
    assert bench.finish(f"source and target exclude each other's users, {ending}") == golden


@bitmaps
def test_shared(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """A user attached to the source while the mirror ran has the target when it completes (M-71)."""
    _get_ready(bench, bitmap)
    bench.do(AddFilter("reader", "source", FilterKind.TAKES_CONSISTENT_READ))
    bench.do(CompleteJob("job"), Write(MIB, SEGMENT, Fill(0x33), at="reader"))
    _look(bench, bitmap)
    assert bench.finish("a reader of the source has the target now") == golden


def _get_ready(bench: Bench, bitmap: str | None, ending: str = "") -> None:
    """Start a mirror and let it be READY."""
    with bench.aside("disks, and a mirror that is READY"):
        bench.do(AddImage("source", 4 * MIB))
        bench.do(AddImage("target", 4 * MIB))
        if bitmap:
            bench.do(AddBitmap(bitmap, SEGMENT))
        bench.do(Write(0, 4 * SEGMENT, Fill(0x11)))
        granularity = None if bitmap else SEGMENT
        finalize = False if ending in ("finalize", "force-cancel") else None
        bench.do(StartMirror("job", "target", bitmap=bitmap, granularity=granularity, auto_finalize=finalize))


def _look(bench: Bench, bitmap: str | None) -> None:
    bench.observe(*[bitmap] if bitmap else [])


@bitmaps
@pytest.mark.known("KI-09")
def test_permission_of_guest(bench: Bench, bitmap: str | None) -> None:
    """A guest that may not use the target keeps the source, and the job fails (M-71)."""
    bench.do(AddImage("source", 4 * MIB))
    bench.do(AddDrive("guest", "source"))
    bench.do(AddImage("target", 4 * MIB))
    if bitmap:
        bench.do(AddBitmap(bitmap, SEGMENT))
    bench.do(Write(0, 4 * SEGMENT, Fill(0x11), at="guest"), StartMirror("job", "target", bitmap=bitmap))
    bench.do(AddFilter("other", "target", FilterKind.UNSHARES_CONSISTENT_READ))
    bench.do(CompleteJob("job"))
    bench.observe_drive("guest")
    bench.finish("the guest may not read the target")


@bitmaps
@pytest.mark.known("KI-10")
def test_lost_backing_file(bench: Bench, bitmap: str | None) -> None:
    """A guest keeps its disk if the backing file of drive-mirror's target cannot be opened in the end (M-71)."""
    _end_without_backing(bench, bitmap, CompleteJob("job"))
    bench.finish("a backing file that is not there")


@bitmaps
def test_cancel_without_backing_file(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """drive-mirror opens its target's backing file at a graceful cancel, too, and may fail at that (M-71)."""
    _end_without_backing(bench, bitmap, CancelJob("job"))
    assert bench.finish("a backing file that is not there at a graceful cancel") == golden


def _end_without_backing(bench: Bench, bitmap: str | None, ending: Step) -> None:
    """Mirror what lies over a base into another image over it; end that when the base's file is not there."""
    with bench.aside("source, a guest's disk, and target are over base, which has data"):
        bench.do(AddImage("base", 4 * MIB))
        bench.do(AddImage("target", 4 * MIB, backing="base"))
        bench.do(CloseImage("target"))
        bench.do(AddImage("source", 4 * MIB, backing="base"))
        bench.do(AddDrive("guest", "source"))
        bench.do(Write(0, 4 * SEGMENT, Fill(0x11), at="base"))
        if bitmap:
            bench.do(AddBitmap(bitmap, SEGMENT))
    sync = SyncMode.FULL if bitmap else SyncMode.TOP
    bench.do(StartMirror("job", "target", sync=sync, bitmap=bitmap, command=MirrorCommand.DRIVE_EXISTING))
    bench.do(Write(0, SEGMENT, Fill(0x22), at="guest"))
    bench.do(HideFile("base"), ending)
    bench.observe_drive("guest")
    bench.do(RestoreFile("base"))
    bench.do(Write(MIB, SEGMENT, Fill(0x33), at="guest"))
    _look(bench, bitmap)
