"""A flush of the target that fails when a READY mirror is asked to end."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.faults import Fault, Layering, OnError, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CompleteJob,
    Heal,
    Inject,
    ResumeJob,
    StartMirror,
    Step,
    Write,
)
from suites.errors.working import SEGMENT, bitmaps

ENDINGS: dict[str, Step] = {"complete": CompleteJob("job"), "graceful-cancel": CancelJob("job")}
endings = pytest.mark.parametrize("ending", [pytest.param(step, id=name) for name, step in ENDINGS.items()])


@endings
@bitmaps
@pytest.mark.parametrize("once", [pytest.param(True, id="once"), pytest.param(False, id="always")])
def test_report(bench: Bench, golden: SnapshotAssertion, ending: Step, bitmap: str | None, once: bool) -> None:
    """A flush that fails while a READY mirror ends makes it fail, and what was copied is clean and there (M-68)."""
    _get_ready(bench, bitmap, OnError.REPORT, once)
    bench.do(ending)
    _end(bench, bitmap)
    assert bench.finish("a flush that fails at the end: report") == golden


@endings
@bitmaps
def test_ignore(bench: Bench, golden: SnapshotAssertion, ending: Step, bitmap: str | None) -> None:
    """A flush that fails once and is ignored is tried again, and the mirror succeeds (M-68)."""
    _get_ready(bench, bitmap, OnError.IGNORE, once=True)
    bench.do(ending)
    _end(bench, bitmap)
    assert bench.finish("a flush that fails at the end: ignore") == golden


def _get_ready(bench: Bench, bitmap: str | None, policy: OnError, once: bool) -> None:
    """Start a mirror; at READY let flushes fail, and write what is to be copied and flushed."""
    with bench.aside("disks, and a mirror that is READY"):
        bench.do(AddImage("source", 4 * MIB, layering=Layering.LAYERED))
        bench.do(AddImage("target", 4 * MIB, layering=Layering.LAYERED))
        if bitmap:
            bench.do(AddBitmap(bitmap, SEGMENT))
        bench.do(Write(0, 4 * SEGMENT, Fill(0x11)))
        granularity = None if bitmap else SEGMENT
        bench.do(StartMirror("job", "target", bitmap=bitmap, granularity=granularity, on_target_error=policy))
        bench.do(Inject(Fault(Place.FLUSH, once=once)))
    bench.do(Write(MIB, 2 * SEGMENT, Fill(0x22), at="filter"))


def _end(bench: Bench, bitmap: str | None) -> None:
    """Compare the bitmap and what the target holds once flushes succeed again."""
    if bitmap:
        bench.observe(bitmap)
    bench.do(Heal())
    bench.verify("target")


@endings
@bitmaps
@pytest.mark.parametrize("once", [pytest.param(True, id="once"), pytest.param(False, id="always")])
def test_stop(bench: Bench, golden: SnapshotAssertion, ending: Step, bitmap: str | None, once: bool) -> None:
    """A flush that fails pauses a READY mirror that was asked to end; resumed, it flushes again and ends (M-68)."""
    _get_ready(bench, bitmap, OnError.STOP, once)
    bench.do(ending)
    bench.observe_job("job")
    if not once:
        bench.do(ResumeJob("job"))  # without effect
        bench.observe_job("job")
        bench.do(Heal())
    bench.do(ResumeJob("job"))
    if bitmap:
        bench.observe(bitmap)
    if once:
        bench.do(Heal())
    bench.verify("target")
    assert bench.finish("a flush that fails at the end: stop") == golden


@endings
@bitmaps
def test_ignore_always(bench: Bench, golden: SnapshotAssertion, ending: Step, bitmap: str | None) -> None:
    """A flush that fails again and again and is ignored keeps a READY mirror from its end; force ends it (M-68)."""
    _get_ready(bench, bitmap, OnError.IGNORE, once=False)
    bench.do(ending)
    bench.do(CancelJob("job", force=True))
    _end(bench, bitmap)
    assert bench.finish("a flush that fails at the end, ever again: ignore") == golden
