"""What QEMU reports of a running mirror: its progress, and what its guest's drive is made of."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import MirrorCommand
from fixtures.vocabulary.faults import Fault, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddDrive,
    AddImage,
    CancelJob,
    CompleteJob,
    ExpectImage,
    FinalizeJob,
    Inject,
    PauseJob,
    ResumeJob,
    SetSpeed,
    StartMirror,
    Step,
    Write,
)


def test_progress(bench: Bench, golden: SnapshotAssertion) -> None:
    """Both families of commands report the same of a job in each state; its offset only grows (M-21, M-31, M-32, M-44,
    M-50, R-M17)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    bench.do(Write(0, MIB, Fill(0x11)))
    story = (
        StartMirror("job", "target", speed=1, auto_finalize=False),
        PauseJob("job"),
        ResumeJob("job"),
        SetSpeed("job", 0),
        Write(2 * MIB, 64 * KIB, Fill(0x22), at="filter"),
        PauseJob("job"),
        ResumeJob("job"),
        CompleteJob("job"),
        FinalizeJob("job"),
    )
    for step in story:
        bench.do(step)
        bench.observe_jobs()
    assert bench.finish("a job in each of its states") == golden


ENDINGS: dict[str, tuple[Step, ...]] = {
    "complete": (CompleteJob("job"),),
    "graceful-cancel": (CancelJob("job"),),
    "force-cancel": (CancelJob("job", force=True),),
    "failed": (),
}
STARTS = {
    "named-filter": StartMirror("job", "target"),
    "unnamed-filter": StartMirror("job", "target", filter_node=None),
    "drive-mirror": StartMirror("job", "target", command=MirrorCommand.DRIVE, replaces="source"),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_drive(bench: Bench, golden: SnapshotAssertion, start: StartMirror, ending: str) -> None:
    """While a mirror runs, a guest's drive is made of its disk, or of a filter that has a name. One that completes
    leaves it the target, which has all that the guest writes from then on (M-22, M-23, M-33, M-108, R-M2, R-M19)."""
    bench.do(AddImage("source"))
    bench.do(AddDrive("guest", "source"))
    if start.command.is_drive:
        bench.do(ExpectImage("target", 64 * MIB))
    else:
        bench.do(AddImage("target"))
    bench.do(Write(0, MIB, Fill(0x11), at="guest"), Write(10 * MIB, MIB, Fill(0x11), at="guest"))
    bench.observe_drive("guest")
    if ending == "failed":
        bench.do(Inject(Fault(Place.READ, after=1)))
    bench.do(start)
    bench.observe_drive("guest")
    bench.do(Write(2 * MIB, 64 * KIB, Fill(0x22), at="guest"), *ENDINGS[ending])
    bench.observe_drive("guest")
    bench.do(Write(3 * MIB, 64 * KIB, Fill(0x33), at="guest"))
    assert bench.finish(f"a drive under a mirror, {ending}") == golden
