"""A guest's write that meets a copy of its segment, or another write: in either order, the newest data stays."""

from __future__ import annotations

import errno
import itertools

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.requests import Stage
from fixtures.vocabulary.steps import CompleteJob, Hold, IoKind, OpenGates, Release, ReleaseAll, issued
from suites.pressure.scene import (
    LAST,
    SEGMENT,
    SEGMENTS,
    both_bitmaps,
    changeable,
    changes,
    feature,
    mirror,
    prepare,
    reads,
    write,
)

END = SEGMENTS * SEGMENT
BEGIN = LAST * SEGMENT
SHAPES = {
    "whole": (BEGIN, END),
    "inside": (BEGIN + 512, END - 512),
    "byte": (BEGIN + 1000, BEGIN + 1001),
    "head": (BEGIN, BEGIN + 777),
    "tail": (END - 777, END),
    "straddles": (BEGIN - 777, BEGIN + 777),
    "neighbours": (BEGIN - 2 * SEGMENT, END),
    "ragged": (BEGIN - SEGMENT - 777, END - 777),
}
shapes = pytest.mark.parametrize("shape", SHAPES)
kinds = pytest.mark.parametrize("kind", [IoKind.WRITE, IoKind.ZEROES], ids=["write", "zeroes"])
CHAIN = {
    "left": (SEGMENT + 77, 3 * SEGMENT - 99),
    "middle": (2 * SEGMENT + 77, 5 * SEGMENT),
    "right": (4 * SEGMENT, 7 * SEGMENT - 1),
}
ORDERS = list(itertools.permutations(CHAIN))
FAILURES = [
    pytest.param(Stage.SOURCE, "none", id="source-none"),
    pytest.param(Stage.TARGET, "none", id="target-none"),
    pytest.param(Stage.SOURCE, "left", id="source-left", marks=feature),  # stock: see suites/robustness
    pytest.param(Stage.SOURCE, "middle", id="source-middle", marks=feature),
    pytest.param(Stage.TARGET, "left", id="target-left"),
    pytest.param(Stage.TARGET, "middle", id="target-middle"),
]
stages = pytest.mark.parametrize("stage", [Stage.SOURCE, Stage.TARGET], ids=["source", "target"])


def _finish(bench: Bench, headline: str) -> str:
    bench.observe_synced()
    bench.do(CompleteJob("job"))
    bench.observe("b0")
    return bench.finish(headline)


@both_bitmaps
@shapes
@kinds
@stages
def test_copy_first(bench: Bench, bitmap: str | None, shape: str, kind: IoKind, stage: Stage) -> None:
    """A write waits for a copy of its segment that is under way, wherever that stands (M-81, M-83, M-84)."""
    prepare(bench)
    bench.do(Hold((reads(LAST),)))
    bench.do(mirror(bitmap))
    if stage is Stage.TARGET:
        bench.do(Hold((changes(Stage.TARGET),)))
        bench.do(Release("copy of segment 15"))
    bench.do(*issued(w1=write(*SHAPES[shape], 11, kind), w2=write(*SHAPES[shape], 12)))
    bench.do(OpenGates())
    bench.do(Release("copy of segment 15"))
    _finish(bench, "a write meets a copy")


@both_bitmaps
@shapes
@kinds
@stages
def test_write_first(bench: Bench, bitmap: str | None, shape: str, kind: IoKind, stage: Stage) -> None:
    """A copy waits for a write to its segment that is under way, wherever that stands (M-81, M-83, M-85, M-91)."""
    prepare(bench)
    bench.do(
        Hold(
            (
                reads(1),
                changes(Stage.SOURCE, LAST),
            )
        )
    )
    bench.do(mirror(bitmap))
    bench.do(*issued(w1=write(*SHAPES[shape], 11, kind)))
    bench.do(Release("copy of segment 1"))
    if stage is Stage.TARGET:
        bench.do(Hold((changes(Stage.TARGET),)))
        bench.do(Release("w1"))
    bench.do(OpenGates())
    bench.do(ReleaseAll())
    _finish(bench, "a copy meets a write")


@both_bitmaps
@pytest.mark.known("KI-02", stage="source", failing="left")
@pytest.mark.known("KI-02", stage="source", failing="middle")
@pytest.mark.parametrize(("stage", "failing"), FAILURES)
@pytest.mark.parametrize("order", ORDERS, ids=["-".join(order) for order in ORDERS])
def test_writes_meet(bench: Bench, bitmap: str | None, stage: Stage, failing: str, order: tuple[str, ...]) -> None:
    """Writes that share segments reach both disks in one order without a deadlock, also if one fails (M-84, M-69)."""
    prepare(bench)
    bench.do(mirror(bitmap, on_target_error="ignore"))
    bench.do(Hold((changes(stage),)))
    bench.do(*issued(**{name: write(*CHAIN[name], tag) for tag, name in enumerate(order, 11)}))
    traffic = bench.state.traffic
    assert traffic
    while any(flight.name == failing for flight in traffic.under_way):
        held = traffic.held[0].name
        bench.do(Release(held, errno.EIO if held == failing else 0))
    bench.do(OpenGates())
    bench.do(ReleaseAll())
    _finish(bench, "writes meet")


@changeable
@both_bitmaps
def test_a_copy_held_at_both_ends(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """Two writes wait for a copy, one for the other, and all data is the newest at the end (M-81, M-84, R-M14)."""
    prepare(bench)
    bench.do(Hold((reads(LAST),)))
    bench.do(mirror(bitmap))
    bench.do(*issued(w1=write(BEGIN - 777, BEGIN + 777, 11), w2=write(BEGIN + 100, END, 12, IoKind.ZEROES)))
    bench.do(Hold((changes(Stage.TARGET, LAST),)))
    bench.do(Release("copy of segment 15"))
    bench.do(OpenGates())
    bench.do(Release("copy of segment 15"))
    assert _finish(bench, "two writes and a copy meet") == golden
