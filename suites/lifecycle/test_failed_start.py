"""A mirror that does not start, or fails before it copies anything, leaves its bitmap exactly as it was."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, CancelJob, DismissJob, StartMirror, Write

pytestmark = pytest.mark.feature

BAD_STARTS = {
    "malformed-filter-name": StartMirror("job", "target", bitmap="b0", filter_node="!bad"),
    "filter-name-taken": StartMirror("job", "target", bitmap="b0", filter_node="target"),
    "negative-speed": StartMirror("job", "target", bitmap="b0", speed=-1),
    "other-size": StartMirror("job", "smaller", bitmap="b0"),
}


def _disk_with_delta(bench: Bench) -> None:
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    bench.do(AddImage("smaller", 32 * MIB))
    bench.do(AddBitmap("b0", 64 * KIB), Write(MIB - 1, 2, Fill(0x11)))
    bench.observe("b0")


@pytest.mark.parametrize("step", BAD_STARTS.values(), ids=BAD_STARTS)
def test_bad_start(bench: Bench, golden: SnapshotAssertion, step: StartMirror) -> None:
    """The usual error, the bitmap untouched, and the next mirror copies all of it (X-08, M-15, M-21, R-M20)."""
    _disk_with_delta(bench)
    bench.do(step)
    bench.observe("b0")
    bench.do(StartMirror("good", "target", bitmap="b0"), CancelJob("good"))
    bench.observe("b0")
    assert bench.finish("a start that fails, then one that does not") == golden


def test_job_id_taken(bench: Bench, golden: SnapshotAssertion) -> None:
    """A job id in use is refused after the bitmap was looked at, which stays free (X-08)."""
    _disk_with_delta(bench)
    bench.do(StartMirror("job", "target", auto_dismiss=False), CancelJob("job"))
    bench.do(StartMirror("job", "target", bitmap="b0"))
    bench.observe("b0")
    bench.do(DismissJob("job"))
    assert bench.finish("the id of a job that was not dismissed yet") == golden


def test_empty_bitmap(bench: Bench, golden: SnapshotAssertion) -> None:
    """With nothing dirty, a mirror is READY at once and has copied nothing (X-09)."""
    _disk_with_delta(bench)
    bench.do(AddBitmap("empty", 64 * KIB), StartMirror("job", "target", bitmap="empty"))
    bench.observe("empty")
    bench.do(Write(2 * MIB, 512, Fill(0x22), at="filter"), CancelJob("job"))
    bench.observe("empty")
    assert bench.finish("the bitmap is empty, a write follows at READY") == golden
