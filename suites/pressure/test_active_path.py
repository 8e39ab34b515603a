"""What a guest's write brings to the target by itself: shown by a READY job that is paused and so copies nothing."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    CancelJob,
    ChangeCopyMode,
    CompleteJob,
    IoKind,
    PauseJob,
    ResumeJob,
    StartMirror,
    Write,
    issued,
)
from suites.pressure.scene import SEGMENT, both_bitmaps, changeable, feature, mirror, prepare, write

BLOCKING = ChangeCopyMode("job", CopyMode.WRITE_BLOCKING)
G = SEGMENT
SHAPES = {
    "dirty-inside": (4 * G + 512, 5 * G - 512),
    "dirty-whole": (4 * G, 5 * G),
    "dirty-head": (4 * G, 5 * G - 1),
    "dirty-tail": (4 * G + 1, 5 * G),
    "clean-inside": (6 * G + 1, 6 * G + 2),
    "clean-whole": (6 * G, 7 * G),
    "clean-then-dirty": (3 * G + 5, 4 * G + 5),
    "dirty-then-clean": (4 * G + 5, 5 * G + 5),
    "over-both-ends": (3 * G + 5, 6 * G - 5),
    "whole-dirty-ragged-clean": (3 * G - 7, 5 * G + 7),
    "dirty-clean-dirty": (4 * G + 9, 8 * G + 9),
    "three-dirty": (8 * G - 9, 11 * G + 9),
    "nine-exact": (3 * G, 12 * G),
}
DIRTY = {"d4": (4 * G + 99, 4 * G + 100), "d8": (8 * G, 9 * G), "d9": (10 * G - 1, 11 * G)}


def _pause_with_dirty_segments(bench: Bench, bitmap: str | None) -> None:
    """Pause a READY job with the segments 4, 8, 9 and 10 dirty, then switch it to write-blocking."""
    prepare(bench)
    bench.do(mirror(bitmap, CopyMode.BACKGROUND))
    bench.do(PauseJob("job"))
    bench.do(*issued(**{name: write(*span, 5) for name, span in DIRTY.items()}))
    bench.do(BLOCKING)


@changeable
@both_bitmaps
@pytest.mark.parametrize("kind", [IoKind.WRITE, IoKind.ZEROES], ids=["write", "zeroes"])
@pytest.mark.parametrize("shape", SHAPES)
def test_shape(bench: Bench, bitmap: str | None, shape: str, kind: IoKind) -> None:
    """A mirrored write cleans the segments that it covers whole and leaves the part in other dirty ones to the job
    (M-83, M-89, M-91, M-92)."""
    _pause_with_dirty_segments(bench, bitmap)
    bench.do(*issued(w1=write(*SHAPES[shape], 11, kind)))
    bench.observe("b0")
    bench.observe_synced()
    bench.do(CancelJob("job", force=True))
    bench.observe("b0")
    bench.finish("what the active path copies")


@changeable
@both_bitmaps
def test_then_the_job_copies_the_rest(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """What mirrored writes left dirty is copied once the job goes on; then it is in sync (M-80, M-91, M-92, R-M14)."""
    _pause_with_dirty_segments(bench, bitmap)
    bench.do(*issued(w1=write(*SHAPES["over-both-ends"], 11), w2=write(*SHAPES["three-dirty"], 12, IoKind.ZEROES)))
    bench.observe("b0")
    bench.observe_synced()
    bench.do(ResumeJob("job"))
    bench.observe_synced()
    bench.do(CompleteJob("job"))
    bench.observe("b0")
    assert bench.finish("the active path and the job share the work") == golden


@feature
@pytest.mark.parametrize("granularity", [512, 4 * KIB, 32 * KIB, 128 * KIB, 1024 * KIB], ids=lambda size: f"{size}")
@pytest.mark.parametrize("offset", [0, 1, 511, 512, 4095, 4096, 65535], ids=lambda offset: f"off{offset}")
def test_granularity(bench: Bench, granularity: int, offset: int) -> None:
    """At every granularity and alignment, only segments that are covered whole are cleaned (M-91, X-07)."""
    prepare(bench)
    bench.do(AddBitmap("b1", granularity))
    bench.do(StartMirror("job", "target", bitmap="b1", buf_size=granularity))
    bench.do(PauseJob("job"))
    bench.do(*issued(dirty=write(0, 3 * 128 * KIB, 4)))
    bench.do(BLOCKING)
    bench.do(
        *issued(
            w1=Write(128 * KIB - offset, 2 * offset + 1, Positional(5)), w2=write(256 * KIB + offset, 512 * KIB + 1, 6)
        )
    )
    bench.observe("b1")
    bench.do(CancelJob("job", force=True))
    bench.observe("b1")
    bench.finish("granularity of the active path")


@both_bitmaps
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
def test_discard(bench: Bench, bitmap: str | None, copy_mode: CopyMode) -> None:
    """A guest's discard succeeds and changes neither disk, for a mirror's filter drops it (M-90, M-129)."""
    prepare(bench)
    bench.do(mirror(bitmap, copy_mode))
    bench.do(*issued(w1=write(3 * G, 5 * G, 7, IoKind.DISCARD), w2=write(4 * G - 9, 4 * G + 9, 8)))
    bench.observe("b0")
    bench.do(CompleteJob("job"))
    bench.finish("a discard through the filter")
