"""A mirror that its user pauses: its events, what it leaves alone, how it goes on."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    ChangeCopyMode,
    CompleteJob,
    Family,
    PauseJob,
    ResumeJob,
    SetSpeed,
    StartMirror,
    Write,
)

pytestmark = pytest.mark.feature
families = pytest.mark.parametrize("family", Family, ids=str)


def _start(bench: Bench, speed: int | None = None) -> None:
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    bench.do(AddBitmap("b0", 64 * KIB), Write(MIB - 1, 2, Fill(0x11)))
    bench.do(StartMirror("job", "target", bitmap="b0", speed=speed))


@families
def test_running(bench: Bench, golden: SnapshotAssertion, family: Family) -> None:
    """A RUNNING mirror rests in PAUSED and goes on; it is paused once and resumed once (M-41, M-42, R-M10)."""
    _start(bench, speed=1)
    bench.do(PauseJob("job", family), PauseJob("job", family), Write(0, 512, Fill(0x22), at="filter"))
    bench.observe("b0")
    bench.do(SetSpeed("job", 0), ResumeJob("job", family), ResumeJob("job", family))
    bench.observe("b0")
    assert bench.finish("a pause before READY") == golden


@families
def test_completed_in_standby(bench: Bench, golden: SnapshotAssertion, family: Family) -> None:
    """A READY mirror rests in STANDBY, where it may be asked to complete: it does once it is resumed (M-35, M-41)."""
    _start(bench)
    bench.do(Write(0, 512, Fill(0x22), at="filter"), PauseJob("job", family), CancelJob("job"))
    bench.do(Write(2 * MIB, 512, Fill(0x33), at="filter"), CompleteJob("job", family))
    bench.observe("b0")
    bench.do(ResumeJob("job", family))
    bench.observe("b0")
    assert bench.finish("a pause at READY") == golden


def test_copy_mode(bench: Bench, golden: SnapshotAssertion) -> None:
    """From background to write-blocking and no way back; the same mode again is no change (M-88, R-M15)."""
    _start(bench)
    bench.do(ChangeCopyMode("job", CopyMode.WRITE_BLOCKING), ChangeCopyMode("job", CopyMode.WRITE_BLOCKING))
    bench.do(ChangeCopyMode("job", CopyMode.BACKGROUND), Write(0, 512, Fill(0x22), at="filter"))
    bench.do(CancelJob("job"))
    bench.observe("b0")
    assert bench.finish("block-job-change") == golden


@pytest.mark.needs("block-job-change")
@pytest.mark.parametrize("length", [1, 64, 70, 130, 190])
@pytest.mark.parametrize("first", [0, 1, 63])
def test_words_of_a_bitmap(bench: Bench, first: int, length: int) -> None:
    """Segments that a mirrored write takes out of a full bitmap begin and end inside any of its words of 64, and what
    is left is copied (M-91, B-20)."""
    bench.do(AddImage("source", MIB), AddImage("target", MIB, cluster=4 * KIB), AddBitmap("b0", 4 * KIB))
    bench.do(StartMirror("job", "target", bitmap="b0"), PauseJob("job"))
    bench.do(Write(0, MIB, Fill(0x11), at="filter"), ChangeCopyMode("job", CopyMode.WRITE_BLOCKING))
    bench.do(Write(first * 4 * KIB, length * 4 * KIB, Fill(0x22), at="filter"))
    bench.observe("b0")
    bench.do(ResumeJob("job"), CompleteJob("job"))
    bench.observe("b0")
    bench.finish(f"{length} of 256 segments, from {first} on")
