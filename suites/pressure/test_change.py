"""A job that is switched to write-blocking, or begins, while the guest writes; what it tells of being in sync."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode
from fixtures.vocabulary.requests import Stage
from fixtures.vocabulary.steps import ChangeCopyMode, CompleteJob, IoKind
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
    bench.order(mirror(bitmap, CopyMode.BACKGROUND))
    bench.hold(changes(Stage.SOURCE))
    bench.issue(old=write(4 * G - 9, 6 * G + 9, 11, kind))
    bench.order(BLOCKING)
    bench.issue(new=write(7 * G, 9 * G + 9, 12, kind))
    bench.open_gates()
    for name in ("old", "new") if order == "old-first" else ("new", "old"):
        bench.release(name)
    bench.expect_synced()
    bench.order(CompleteJob("job"))
    bench.observe("b0")
    bench.finish("the copy mode changes while writes are in flight")


@changeable
@both_bitmaps
def test_change_while_running(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """A job that is switched before READY mirrors from then on, is in sync once READY (M-87, R-M14, R-M15)."""
    prepare(bench)
    bench.hold(reads(LAST))
    bench.order(mirror(bitmap, CopyMode.BACKGROUND))
    bench.issue(w1=write(4 * G, 5 * G, 11))
    bench.expect_synced()
    bench.order(BLOCKING)
    bench.issue(w2=write(6 * G, 7 * G, 12))
    bench.expect_synced()
    bench.release("copy of segment 15")
    bench.expect_synced()
    bench.order(CompleteJob("job"))
    assert bench.finish("background becomes write-blocking before READY") == golden


@changeable
@both_bitmaps
def test_no_way_back(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """Nothing leads back to background mode, also with a write in flight; the same mode again is accepted (M-88)."""
    prepare(bench)
    bench.order(mirror(bitmap))
    bench.hold(changes(Stage.TARGET))
    bench.issue(w1=write(4 * G - 9, 6 * G, 11))
    bench.order(ChangeCopyMode("job", CopyMode.BACKGROUND))
    bench.order(BLOCKING)
    bench.open_gates()
    bench.release("w1")
    bench.expect_synced()
    bench.order(CompleteJob("job"))
    assert bench.finish("a write-blocking job is told to be in background mode") == golden


@changeable
@both_bitmaps
def test_background_is_never_synced(bench: Bench, bitmap: str | None) -> None:
    """A READY job in background mode tells that it is not in sync, whether something is dirty or not (M-92, R-M14)."""
    prepare(bench)
    bench.order(mirror(bitmap, CopyMode.BACKGROUND))
    bench.expect_synced()
    bench.hold(reads(4))
    bench.issue(w1=write(4 * G, 5 * G, 11))
    bench.expect_synced()
    bench.order(BLOCKING)
    bench.expect_synced()
    bench.open_gates()
    bench.release_all()
    bench.expect_synced()
    bench.order(CompleteJob("job"))
    bench.finish("actively-synced in both modes")


@changeable
@both_bitmaps
def test_late_background_write(bench: Bench, bitmap: str | None) -> None:
    """A write from before the switch, landing after it, ends being in sync until the job copies it (M-92, R-M14)."""
    prepare(bench)
    bench.order(mirror(bitmap, CopyMode.BACKGROUND))
    bench.hold(changes(Stage.SOURCE), reads(4))
    bench.issue(w1=write(4 * G, 5 * G, 11))
    bench.order(BLOCKING)
    bench.expect_synced()
    bench.release("w1")
    bench.expect_synced()
    bench.open_gates()
    bench.release_all()
    bench.expect_synced()
    bench.order(CompleteJob("job"))
    bench.finish("a background write lands after the switch")


@both_bitmaps
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
@pytest.mark.parametrize("stage", ["released-first", "released-last"])
def test_start_with_writes_in_flight(bench: Bench, bitmap: str | None, copy_mode: CopyMode, stage: str) -> None:
    """A mirror that starts while the guest writes waits for the writes and copies what they wrote (M-86, X-11)."""
    prepare(bench)
    bench.hold(changes(Stage.SOURCE))
    bench.issue(w1=write(4 * G - 9, 6 * G + 9, 11), w2=write(8 * G, 9 * G, 12))
    bench.open_gates()
    bench.start_under_load(mirror(bitmap, copy_mode), release_first=stage == "released-first")
    bench.issue(w3=write(5 * G, 6 * G + 9, 13))
    bench.order(CompleteJob("job"))
    bench.observe("b0")
    bench.finish("a mirror starts under load")
