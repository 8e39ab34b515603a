"""What QEMU tells of a mirror while it lives: its progress, and what its guest's drive is made of."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.axes import KIB, MIB
from fixtures.bench import Bench
from fixtures.patterns import Fill
from fixtures.steps import CompleteJob, FinalizeJob, PauseJob, ResumeJob, SetSpeed, StartMirror, Write

pytestmark = pytest.mark.dialects("stock", "v2", "v3")


def test_progress(bench: Bench, golden: SnapshotAssertion) -> None:
    """Both families of commands tell the same of a job in each state; its offset only grows (M-21, M-31, M-32, M-44,
    M-50, R-M17)."""
    bench.add_image("source")
    bench.add_image("target")
    bench.tell(Write(0, MIB, Fill(0x11)))
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
        bench.tell(step)
        bench.observe_jobs()
    assert bench.finish("a job in each of its states") == golden
