"""A job that is switched to write-blocking, or begins, while the guest writes; its actively-synced."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode
from fixtures.vocabulary.requests import Stage
from fixtures.vocabulary.steps import (
    ChangeCopyMode,
    CompleteJob,
    Hold,
    IoKind,
    OpenGates,
    Release,
    ReleaseAll,
    StartUnderLoad,
    issued,
)
from suites.pressure.scene import LAST, SEGMENT, both_bitmaps, changeable, changes, mirror, prepare, reads, write

G = SEGMENT
BLOCKING = ChangeCopyMode("job", CopyMode.WRITE_BLOCKING)


@changeable
@both_bitmaps
@pytest.mark.parametrize("kind", [IoKind.WRITE, IoKind.ZEROES], ids=["write", "zeroes"])
@pytest.mark.parametrize("order", ["old-first", "new-first"])
def test_change_with_a_write_in_flight(bench: Bench, bitmap: str | None, kind: IoKind, order: str) -> None:
    """A write that came before the switch is copied by the job, one that came after it is mirrored (M-87, R-M15)."""
    prepare(bench)
    bench.do(mirror(bitmap, CopyMode.BACKGROUND))
    bench.do(Hold((changes(Stage.SOURCE),)))
    bench.do(*issued(old=write(4 * G - 9, 6 * G + 9, 11, kind)))
    bench.do(BLOCKING)
    bench.do(*issued(new=write(7 * G, 9 * G + 9, 12, kind)))
    bench.do(OpenGates())
    for name in ("old", "new") if order == "old-first" else ("new", "old"):
        bench.do(Release(name))
    bench.observe_synced()
    bench.do(CompleteJob("job"))
    bench.observe("b0")
    bench.finish("the copy mode changes while writes are in flight")


@changeable
@both_bitmaps
def test_change_while_running(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """A job that is switched before READY mirrors from then on, is in sync once READY (M-87, R-M14, R-M15)."""
    prepare(bench)
    bench.do(Hold((reads(LAST),)))
    bench.do(mirror(bitmap, CopyMode.BACKGROUND))
    bench.do(*issued(w1=write(4 * G, 5 * G, 11)))
    bench.observe_synced()
    bench.do(BLOCKING)
    bench.do(*issued(w2=write(6 * G, 7 * G, 12)))
    bench.observe_synced()
    bench.do(Release("copy of segment 15"))
    bench.observe_synced()
    bench.do(CompleteJob("job"))
    assert bench.finish("background becomes write-blocking before READY") == golden


@changeable
@both_bitmaps
def test_no_way_back(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """Nothing leads back to background mode, also with a write in flight; the same mode again is accepted (M-88)."""
    prepare(bench)
    bench.do(mirror(bitmap))
    bench.do(Hold((changes(Stage.TARGET),)))
    bench.do(*issued(w1=write(4 * G - 9, 6 * G, 11)))
    bench.do(ChangeCopyMode("job", CopyMode.BACKGROUND))
    bench.do(BLOCKING)
    bench.do(OpenGates())
    bench.do(Release("w1"))
    bench.observe_synced()
    bench.do(CompleteJob("job"))
    assert bench.finish("a write-blocking job is told to be in background mode") == golden


@changeable
@both_bitmaps
def test_background_is_never_synced(bench: Bench, bitmap: str | None) -> None:
    """A READY job in background mode reports that it is not in sync, dirty segments or not (M-92, R-M14)."""
    prepare(bench)
    bench.do(mirror(bitmap, CopyMode.BACKGROUND))
    bench.observe_synced()
    bench.do(Hold((reads(4),)))
    bench.do(*issued(w1=write(4 * G, 5 * G, 11)))
    bench.observe_synced()
    bench.do(BLOCKING)
    bench.observe_synced()
    bench.do(OpenGates())
    bench.do(ReleaseAll())
    bench.observe_synced()
    bench.do(CompleteJob("job"))
    bench.finish("actively-synced in both modes")


@changeable
@both_bitmaps
def test_late_background_write(bench: Bench, bitmap: str | None) -> None:
    """A write from before the switch, landing after it, ends being in sync until the job copies it (M-92, R-M14)."""
    prepare(bench)
    bench.do(mirror(bitmap, CopyMode.BACKGROUND))
    bench.do(
        Hold(
            (
                changes(Stage.SOURCE),
                reads(4),
            )
        )
    )
    bench.do(*issued(w1=write(4 * G, 5 * G, 11)))
    bench.do(BLOCKING)
    bench.observe_synced()
    bench.do(Release("w1"))
    bench.observe_synced()
    bench.do(OpenGates())
    bench.do(ReleaseAll())
    bench.observe_synced()
    bench.do(CompleteJob("job"))
    bench.finish("a background write lands after the switch")


@both_bitmaps
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
@pytest.mark.parametrize("stage", ["released-first", "released-last"])
def test_start_with_writes_in_flight(bench: Bench, bitmap: str | None, copy_mode: CopyMode, stage: str) -> None:
    """A mirror that starts while the guest writes waits for the writes and copies what they wrote (M-86, X-11)."""
    prepare(bench)
    bench.do(Hold((changes(Stage.SOURCE),)))
    bench.do(*issued(w1=write(4 * G - 9, 6 * G + 9, 11), w2=write(8 * G, 9 * G, 12)))
    bench.do(OpenGates())
    bench.do(StartUnderLoad(mirror(bitmap, copy_mode), release_first=stage == "released-first"))
    bench.do(*issued(w3=write(5 * G, 6 * G + 9, 13)))
    bench.do(CompleteJob("job"))
    bench.observe("b0")
    bench.finish("a mirror starts under load")
