"""A mirrored write that the target fails: the guest hears of success, the job acts by its policy, nothing is lost."""

from __future__ import annotations

import errno

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.faults import OnError
from fixtures.vocabulary.requests import Gate, Stage
from fixtures.vocabulary.steps import CompleteJob, Hold, IoKind, OpenGates, Release, ReleaseAll, ResumeJob, issued
from suites.pressure.scene import (
    SEGMENT,
    both_bitmaps,
    changeable,
    changes,
    feature,
    mirror,
    prepare,
    reads,
    write,
)

G = SEGMENT
SHAPES = {
    "whole": (4 * G, 6 * G),
    "byte": (4 * G + 9, 4 * G + 10),
    "ragged": (4 * G - 9, 6 * G + 9),
}
shapes = pytest.mark.parametrize("shape", SHAPES)


def _fail(  # noqa: PLR0917 - axes
    bench: Bench,
    bitmap: str | None,
    policy: str,
    shape: str,
    kind: IoKind = IoKind.WRITE,
    error: int = errno.EIO,
) -> None:
    prepare(bench)
    bench.do(mirror(bitmap, on_target_error=policy))
    bench.do(Hold((changes(Stage.TARGET),)))
    bench.do(*issued(w1=write(*SHAPES[shape], 11, kind)))
    bench.do(OpenGates())
    bench.do(Release("w1", error))


@both_bitmaps
@shapes
@pytest.mark.parametrize("kind", [IoKind.WRITE, IoKind.ZEROES], ids=["write", "zeroes"])
def test_ignore(bench: Bench, bitmap: str | None, shape: str, kind: IoKind) -> None:
    """on-target-error=ignore: the job copies what the write could not; then it is in sync again (M-69, R-M9, R-M14)."""
    _fail(bench, bitmap, "ignore", shape, kind)
    bench.observe_synced()
    bench.do(CompleteJob("job"))
    bench.observe("b0")
    bench.finish("ignore")


@both_bitmaps
@shapes
def test_stop(bench: Bench, bitmap: str | None, shape: str) -> None:
    """on-target-error=stop: the job pauses, not in sync; resumed, it copies what the write could not (M-69, R-M10)."""
    _fail(bench, bitmap, "stop", shape)
    bench.observe("b0")
    bench.observe_synced()
    bench.do(*issued(w2=write(8 * G, 9 * G, 12), w3=write(5 * G + 1, 7 * G, 13)))
    bench.observe("b0")
    bench.do(ResumeJob("job"))
    bench.observe_synced()
    bench.do(CompleteJob("job"))
    bench.finish("stop")


@both_bitmaps
@shapes
def test_report(bench: Bench, bitmap: str | None, shape: str) -> None:
    """on-target-error=report: the job fails although READY, and its bitmap holds what the target lacks (M-69, X-10)."""
    _fail(bench, bitmap, "report", shape)
    bench.observe("b0")
    bench.finish("report")


@both_bitmaps
@pytest.mark.parametrize("policy", ["ignore", "stop", "report"])
def test_policy(bench: Bench, golden: SnapshotAssertion, bitmap: str | None, policy: str) -> None:
    """The guest hears of no error of the target, whatever the job does about it (M-69, R-M9, R-M14)."""
    _fail(bench, bitmap, policy, "ragged")
    bench.do(*issued(w2=write(8 * G, 9 * G, 12)))
    bench.observe("b0")
    assert bench.finish(f"a mirrored write fails, on-target-error={policy}") == golden


@both_bitmaps
@pytest.mark.parametrize("policy", OnError, ids=str)
@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=["eio", "enospc"])
def test_policy_about_error(bench: Bench, bitmap: str | None, error: int, policy: OnError) -> None:
    """What becomes of the job depends on its policy and on the error; the segment is dirty or copied (M-66, M-69, R-M9,
    X-10)."""
    _fail(bench, bitmap, policy, "ragged", error=error)
    bench.observe("b0")
    bench.finish(f"{error}, {policy}")


@feature
def test_resume_after_report(bench: Bench, golden: SnapshotAssertion) -> None:
    """A second mirror on the bitmap of the one that failed copies what that missed, and no more (X-09, X-10, M-132)."""
    _fail(bench, "b0", "report", "ragged")
    bench.do(*issued(w2=write(9 * G + 1, 9 * G + 2, 12)))
    bench.observe("b0")
    bench.do(mirror("b0"))
    bench.observe_synced()
    bench.do(CompleteJob("job"))
    bench.observe("b0")
    assert bench.finish("a mirror resumes after a mirrored write that failed") == golden


OTHERS = {
    "at-the-target": (Stage.TARGET, (8 * G, 9 * G)),
    "at-the-source": (Stage.SOURCE, (8 * G, 9 * G)),
    "waits": (Stage.TARGET, (5 * G, 7 * G - 1)),
}


@feature
@pytest.mark.parametrize("where", OTHERS)
def test_failure_with_another_in_flight(bench: Bench, golden: SnapshotAssertion, where: str) -> None:
    """When a write fails the job, another one reaches the target if it is on its way there, else stays dirty (X-10)."""
    stage, span = OTHERS[where]
    prepare(bench)
    bench.do(mirror("b0"))
    bench.do(
        Hold(
            (
                changes(Stage.TARGET),
                changes(stage, 8, 8),
            )
        )
    )
    requests = {"failing": write(*SHAPES["ragged"], 11), "other": write(*span, 12)}
    bench.do(*issued(**{name: requests[name] for name in sorted(requests, reverse=where != "waits")}))
    bench.do(OpenGates())
    bench.do(Release("failing", errno.EIO))
    bench.do(ReleaseAll())
    bench.observe("b0")
    assert bench.finish(f"a write fails the job, another one {where.replace('-', ' ')}") == golden


@changeable
@both_bitmaps
@pytest.mark.known("KI-08")
def test_failure_on_the_way_to_ready(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """A write that fails while the job flushes before READY keeps it from being in sync (M-87, R-M14)."""
    prepare(bench)
    bench.do(Hold((Gate(Stage.TARGET, 0, 0, flushes=True),)))
    bench.do(mirror(bitmap, on_target_error="ignore"))
    bench.do(Hold((changes(Stage.TARGET),)))
    bench.do(*issued(w1=write(*SHAPES["whole"], 11)))
    bench.do(OpenGates())
    bench.do(Release("w1", errno.EIO))
    bench.do(Hold((reads(4),)))
    bench.do(Release("flush"))
    bench.observe_synced()
    bench.do(OpenGates())
    bench.do(ReleaseAll())
    bench.observe_synced()
    bench.do(CompleteJob("job"))
    assert bench.finish("a mirrored write fails during the flush before READY") == golden
