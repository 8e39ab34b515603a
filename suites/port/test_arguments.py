"""The argument matrix: sync mode x bitmap x granularity, every reply pinned, and nothing changed by a refusal."""

from __future__ import annotations

from itertools import product

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BitmapMode, MirrorCommand, SyncMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, CancelJob, CloseImage, ExpectImage, StartMirror, Write

feature = pytest.mark.feature

BITMAPS = {"no-bitmap": None, "unknown-bitmap": "nosuch", "empty-name": "", "valid-bitmap": "b0"}
GRANULARITIES = {"default": None, "zero": 0, "32K": 32 * KIB, "below-range": 256, "above-range": 1 << 27, "odd": 1000}


def _disk_with_delta(bench: Bench) -> None:
    """Open a source over a base, with a bitmap that holds one segment, and an empty target."""
    bench.do(AddImage("base"))
    bench.do(AddImage("source", backing="base"))
    bench.do(AddImage("target"))
    bench.do(Write(0, 64 * KIB, Fill(0x11)), AddBitmap("b0", 64 * KIB), Write(64 * KIB, 512, Fill(0x22)))


def _start(bench: Bench, step: StartMirror) -> None:
    """Try to start a mirror; if that works, let it end gracefully; show what became of the bitmap."""
    bench.observe("b0")
    bench.do(step)
    if bench.state.active_jobs():
        bench.do(CancelJob(step.job))
    bench.observe("b0")


@pytest.mark.dialects("stock", "v2", "v3")
@pytest.mark.own_golden("stock")
@pytest.mark.parametrize("bitmap", BITMAPS.values(), ids=BITMAPS)
@pytest.mark.parametrize("sync", SyncMode, ids=str)
def test_sync_and_bitmap(bench: Bench, golden: SnapshotAssertion, sync: SyncMode, bitmap: str | None) -> None:
    """A bitmap goes with sync=full only, and must be one of the source node (M-05, X-01, X-03, X-14)."""
    _disk_with_delta(bench)
    _start(bench, StartMirror("job", "target", sync=sync, bitmap=bitmap))
    assert bench.finish(f"sync={sync}, bitmap={bitmap!r}") == golden


@feature
@pytest.mark.parametrize("command", MirrorCommand, ids=str)
def test_top_without_a_backing_file(bench: Bench, golden: SnapshotAssertion, command: MirrorCommand) -> None:
    """blockdev-mirror refuses sync=top here, too; drive-mirror has turned it into full by then (M-03, X-01)."""
    bench.do(AddImage("source", MIB), AddBitmap("b0", 64 * KIB), Write(64 * KIB, 512, Fill(0x22)))
    bench.do(ExpectImage("target", MIB) if command is MirrorCommand.DRIVE else AddImage("target", MIB))
    if command is MirrorCommand.DRIVE_EXISTING:
        bench.do(CloseImage("target"))
    _start(bench, StartMirror("job", "target", sync=SyncMode.TOP, bitmap="b0", command=command))
    assert bench.finish(f"{command} with sync=top, a bitmap and no backing file") == golden


@pytest.mark.dialects("v1")
@pytest.mark.parametrize("sync", SyncMode, ids=str)
def test_bitmap_modes(bench: Bench, golden: SnapshotAssertion, sync: SyncMode) -> None:
    """In v1, a bitmap goes with the sync modes that backup has for it, with the bitmap mode that fits (X-01, X-16)."""
    _disk_with_delta(bench)
    for bitmap, mode in product(BITMAPS.values(), (None, *BitmapMode)):
        bench.do(StartMirror("job", "target", sync=sync, bitmap=bitmap, bitmap_mode=mode, as_written=True))
        if bench.state.active_jobs():
            bench.do(CancelJob("job"))
            bench.observe("b0")
            bench.do(Write(64 * KIB, 512, Fill(0x22)))
    assert bench.finish(f"sync={sync} with each bitmap and each bitmap mode") == golden


@feature
@pytest.mark.parametrize("granularity", GRANULARITIES.values(), ids=GRANULARITIES)
def test_bitmap_and_granularity(bench: Bench, golden: SnapshotAssertion, granularity: int | None) -> None:
    """The granularity is the bitmap's; 0 counts as not given; nonsense is refused first (X-02, X-07, M-12)."""
    _disk_with_delta(bench)
    _start(bench, StartMirror("job", "target", bitmap="b0", granularity=granularity))
    assert bench.finish(f"bitmap b0, granularity={granularity}") == golden


@feature
@pytest.mark.own_golden("v2", "v3")
@pytest.mark.parametrize("backed", [False, True], ids=["diff-image", "backed-image"])
def test_small_granularity(bench: Bench, golden: SnapshotAssertion, backed: bool) -> None:
    """Segments smaller than the target's clusters are refused; in v3 only without a backing file (X-06)."""
    _disk_with_delta(bench)
    bench.do(AddImage("large-clusters", cluster=128 * KIB, backing="base" if backed else None))
    _start(bench, StartMirror("job", "large-clusters", bitmap="b0"))
    assert bench.finish("segments of 64K, clusters of 128K in the target") == golden
