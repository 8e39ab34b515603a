"""A copy of the job's that fails at the source, or at the target: the job acts by its policy, and nothing is lost."""

from __future__ import annotations

import errno
from dataclasses import replace

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.faults import OnError
from fixtures.vocabulary.requests import Stage
from fixtures.vocabulary.steps import CompleteJob, Hold, OpenGates, Release, ResumeJob
from suites.pressure.scene import LAST, both_bitmaps, changes, feature, mirror, prepare, reads

GATES = {"read": reads(LAST), "write": changes(Stage.TARGET, LAST)}
PLACES = [
    pytest.param("read", None, id="read-own"),
    pytest.param("read", "b0", id="read-working", marks=feature),
    pytest.param("write", "b0", id="write-working", marks=feature),  # without one, the whole target is written first
]


@pytest.mark.parametrize("policy", OnError, ids=str)
@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=["eio", "enospc"])
@pytest.mark.parametrize(("gate", "bitmap"), PLACES)
def test_policy(bench: Bench, gate: str, bitmap: str | None, error: int, policy: OnError) -> None:
    """A held copy that fails is one error for the job's policy: it ends, pauses, or copies the segment again (M-60,
    M-61, M-64, M-66, X-10, R-M9)."""
    prepare(bench)
    bench.do(Hold((GATES[gate],)))
    bench.do(replace(mirror(bitmap), on_source_error=policy, on_target_error=policy))
    bench.do(OpenGates())
    bench.do(Release("copy of segment 15", error))
    bench.observe("b0")
    job = bench.state.jobs["job"]
    if job.paused:
        bench.do(ResumeJob("job"))
    if bench.state.active_jobs():
        bench.do(CompleteJob("job"))
    bench.observe("b0")
    bench.finish(f"a copy fails at its {gate}, {error}, {policy}")


@both_bitmaps
@pytest.mark.parametrize("policy", OnError, ids=str)
def test_flush(bench: Bench, bitmap: str | None, policy: OnError) -> None:
    """So is a flush of the target before READY; it is tried again if the job goes on (M-68, R-M9)."""
    prepare(bench)
    bench.do(Hold((replace(changes(Stage.TARGET), flushes=True),)))
    bench.do(mirror(bitmap, on_target_error=policy))
    bench.do(OpenGates())
    bench.do(Release("flush", errno.EIO))
    bench.observe("b0")
    if bench.state.jobs["job"].paused:
        bench.do(ResumeJob("job"))
    if bench.state.active_jobs():
        bench.do(CompleteJob("job"))
    bench.observe("b0")
    bench.finish(f"a flush fails before READY, {policy}")
