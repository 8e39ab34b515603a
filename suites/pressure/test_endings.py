"""A job that is asked to end while a guest's write is on its way: it waits for the write."""

from __future__ import annotations

import errno

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Format, SyncMode
from fixtures.vocabulary.requests import Gate, Stage
from fixtures.vocabulary.sizes import MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CompleteJob,
    ConnectGuest,
    Hold,
    IoKind,
    OpenGates,
    PauseJob,
    Release,
    ReleaseAll,
    ResumeJob,
    StartMirror,
    Storage,
    UnmapFreedMemory,
    issued,
)
from suites.pressure.scene import (
    LAST,
    SEGMENT,
    both_bitmaps,
    changes,
    feature,
    mirror,
    prepare,
    reads,
    write,
)

G = SEGMENT
stages = pytest.mark.parametrize("stage", [Stage.SOURCE, Stage.TARGET], ids=["source", "target"])
SUCCESS: dict[str, CompleteJob | CancelJob] = {"complete": CompleteJob("job"), "graceful-cancel": CancelJob("job")}


def _hold_a_write(bench: Bench, stage: Stage, bitmap: str | None) -> None:
    prepare(bench)
    bench.do(mirror(bitmap))
    bench.do(Hold((changes(stage),)))
    bench.do(*issued(w1=write(4 * G - 9, 6 * G + 9, 11)))
    bench.do(OpenGates())


@both_bitmaps
@stages
@pytest.mark.parametrize("error", [0, errno.EIO], ids=["done", "fails"])
@pytest.mark.parametrize("ending", SUCCESS)
@pytest.mark.known("KI-02", error="fails", stage="source")
def test_success(bench: Bench, bitmap: str | None, stage: Stage, error: int, ending: str) -> None:
    """A job that ends in success waits for a mirrored write; if it fails, the job copies it or fails (M-80, M-82)."""
    _hold_a_write(bench, stage, bitmap)
    bench.do(SUCCESS[ending])
    bench.do(Release("w1", error))
    bench.do(ReleaseAll())
    bench.observe("b0")
    bench.finish(ending)


@both_bitmaps
@pytest.mark.parametrize("stage", [Stage.SOURCE, Stage.TARGET], ids=["source", "target"])
@pytest.mark.parametrize("ending", SUCCESS)
def test_background_write(bench: Bench, bitmap: str | None, stage: Stage, ending: str) -> None:
    """A job in background mode waits for a write, copies it, and only then ends in success (M-80, M-82)."""
    prepare(bench)
    bench.do(mirror(bitmap, CopyMode.BACKGROUND))
    bench.do(Hold((changes(stage),)))
    bench.do(*issued(w1=write(4 * G - 9, 6 * G + 9, 11)))
    bench.do(SUCCESS[ending])
    bench.do(OpenGates())
    bench.do(ReleaseAll())
    bench.observe("b0")
    bench.finish(f"{ending}, background")


@feature
@pytest.mark.possible("KI-07", copy_mode="write-blocking")
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
@pytest.mark.parametrize("kind", [IoKind.WRITE, IoKind.ZEROES], ids=["write", "zeroes"])
def test_force_cancel(bench: Bench, golden: SnapshotAssertion, copy_mode: CopyMode, kind: IoKind) -> None:
    """A write that is on its way to the source when its job is cancelled by force stays dirty (M-38, X-10)."""
    prepare(bench)
    bench.do(mirror("b0", copy_mode))
    bench.do(PauseJob("job"))
    bench.do(Hold((changes(Stage.SOURCE),)))
    bench.do(
        *issued(w1=write(4 * G - 9, 6 * G + 9, 11, kind), w2=write(5 * G, 7 * G, 12, kind), w3=write(9 * G, 10 * G, 13))
    )
    bench.do(OpenGates())
    bench.do(CancelJob("job", force=True))
    bench.do(ReleaseAll())
    bench.observe("b0")
    assert bench.finish(f"three {kind}s in flight when the job is cancelled by force, {copy_mode}") == golden


@feature
@pytest.mark.possible("KI-07")
def test_force_cancel_with_a_copy_in_flight(bench: Bench, golden: SnapshotAssertion) -> None:
    """A forced cancel waits for a copy; a write that waited for it then reaches the source alone (M-38, X-10)."""
    prepare(bench)
    bench.do(Hold((reads(LAST),)))
    bench.do(mirror("b0"))
    bench.do(*issued(w1=write(LAST * G + 5, LAST * G + 6, 11), w2=write(4 * G, 5 * G, 12)))
    bench.do(CancelJob("job", force=True))
    bench.do(ReleaseAll())
    bench.observe("b0")
    assert bench.finish("a copy and a write in flight when the job is cancelled by force") == golden


@feature
def test_complete_on_a_paused_job(bench: Bench, golden: SnapshotAssertion) -> None:
    """A completion that was ordered in STANDBY waits for writes in flight once the job goes on (M-35, M-80)."""
    prepare(bench)
    bench.do(mirror("b0"))
    bench.do(PauseJob("job"))
    bench.do(Hold((changes(Stage.SOURCE),)))
    bench.do(*issued(w1=write(4 * G - 9, 6 * G + 9, 11), w2=write(5 * G, 7 * G, 12, IoKind.ZEROES)))
    bench.do(CompleteJob("job"))
    bench.do(ResumeJob("job"))
    bench.do(OpenGates())
    bench.do(ReleaseAll())
    bench.observe("b0")
    assert bench.finish("two writes in flight when the job completes") == golden


@both_bitmaps
@pytest.mark.known("KI-07")
def test_cancel_of_a_large_job(bench: Bench, bitmap: str | None) -> None:
    """A cancel by force while a mirrored write is in flight touches no memory that was freed (M-38)."""
    bench.do(UnmapFreedMemory())
    bench.do(
        AddImage("source", 2048 * MIB, Format.RAW, storage=Storage.HELD),
        AddImage("target", 2048 * MIB, Format.RAW, storage=Storage.HELD),
        ConnectGuest(),
    )
    bench.do(AddBitmap("b0", 512))
    bench.do(
        StartMirror(
            "job",
            "target",
            sync=SyncMode.FULL if bitmap else SyncMode.NONE,
            bitmap=bitmap,
            granularity=None if bitmap else 512,
            copy_mode=CopyMode.WRITE_BLOCKING,
        )
    )
    bench.do(PauseJob("job"))
    bench.do(Hold((Gate(Stage.SOURCE, MIB, 2048 * MIB),)))
    bench.do(*issued(w1=write(1900 * MIB, 1900 * MIB + 512, 11)))
    bench.do(OpenGates())
    bench.do(CancelJob("job", force=True))
    bench.do(ReleaseAll())
    bench.finish("use after free")
