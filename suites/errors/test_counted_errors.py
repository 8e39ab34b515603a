"""Errors that strike in the middle of a mirror, after a number of its requests, or once its storage is full."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.faults import Errno, Fault, OnError, Place
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    Compare,
    CompleteJob,
    Inject,
    MakeRoom,
    Quit,
    ResumeJob,
    StartMirror,
    Write,
)
from suites.errors.working import SEGMENT

pytestmark = pytest.mark.feature
QUICK = (OnError.REPORT, OnError.STOP)


def _policies(*policies: OnError) -> pytest.MarkDecorator:
    marked = [pytest.param(one, id=str(one), marks=[] if one in QUICK else [pytest.mark.thorough]) for one in policies]
    return pytest.mark.parametrize("policy", marked)


PER_SEGMENT = 8


def _mirror(bench: Bench, job: str, policy: OnError, buf_size: int | None = None) -> None:
    """Start a mirror with a policy about both sides' errors; resume or repeat it if an error kept it from READY."""
    step = StartMirror(job, "target", bitmap="b0", buf_size=buf_size, on_source_error=policy, on_target_error=policy)
    bench.do(step)
    bench.observe("b0")


def _finish(bench: Bench, policy: OnError, buf_size: int | None = None) -> None:
    """Resume a mirror that an error has paused, repeat one that it has ended; the target is the disk in the end."""
    job = bench.state.jobs["job"]
    if job.paused:
        bench.observe_job("job")
        bench.do(ResumeJob("job"))
    elif not bench.state.active_jobs():
        _mirror(bench, "job", policy, buf_size)
    bench.do(CompleteJob("job"))
    bench.observe("b0")
    bench.do(Quit())
    bench.do(Compare("source", "target"))


@_policies(*OnError)
@pytest.mark.parametrize("errno", Errno, ids=str)
def test_serial_read(bench: Bench, golden: SnapshotAssertion, errno: Errno, policy: OnError) -> None:
    """A mirror that copies one segment after the other does at the fourth what its policy says, with three copied
    (M-60, M-61, X-10, R-M9)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    bench.do(AddBitmap("b0", SEGMENT), *(Write(at * MIB, SEGMENT, Fill(0x11)) for at in range(PER_SEGMENT)))
    bench.do(Inject(Fault(Place.READ, errno, after=3)))
    _mirror(bench, "job", policy, SEGMENT)
    _finish(bench, policy, SEGMENT)
    assert bench.finish(f"the fourth read fails with {errno}, on-source-error={policy}") == golden


@_policies(*OnError)
def test_read(bench: Bench, policy: OnError) -> None:
    """So does one that has many requests in flight, with whatever it has copied (M-60, M-61, X-10, R-M9)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    bench.do(AddBitmap("b0", SEGMENT), Write(3 * MIB, 40 * MIB, Positional(1)))
    bench.do(Inject(Fault(Place.READ, after=20)))
    _mirror(bench, "job", policy)
    _finish(bench, policy)
    bench.finish(f"a read in the middle of 40M fails, on-source-error={policy}")


@_policies(OnError.REPORT, OnError.STOP, OnError.ENOSPC, OnError.AUTO)
def test_full_target(bench: Bench, policy: OnError) -> None:
    """A mirror whose target's storage is full fails or pauses by its policy, and goes on with room (M-65, X-10,
    R-M9)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target", room=4 * MIB))
    bench.do(AddBitmap("b0", SEGMENT), Write(3 * MIB, 24 * MIB, Positional(1)))
    _mirror(bench, "job", policy)
    bench.do(MakeRoom())
    _finish(bench, policy)
    bench.finish(f"a target of 64M on storage of 4M, on-target-error={policy}")
