"""Two mirrors of two disks at the same time."""

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
    BitmapAt,
    CancelJob,
    CompleteJob,
    PauseJob,
    ResumeJob,
    StartMirror,
    Write,
)


@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
def test_independent(bench: Bench, golden: SnapshotAssertion, copy_mode: CopyMode) -> None:
    """Two mirrors know nothing of each other: one goes on while the other rests, and after it (M-51)."""
    for node in ("source", "target", "other", "other-target"):
        bench.do(AddImage(node))
    at_other = BitmapAt("other", "b0")
    bench.do(AddBitmap("b0", 64 * KIB), AddBitmap("b0", 64 * KIB, node="other"))
    bench.do(Write(0, MIB, Fill(0x11)), Write(MIB, MIB, Fill(0x22), at="other"))
    bench.do(StartMirror("one", "target"))
    bench.do(StartMirror("two", "other-target", "other", copy_mode=copy_mode, filter_node="other-filter"))
    bench.observe_jobs()
    bench.do(PauseJob("one"), Write(2 * MIB, 512, Fill(0x33), at="filter"))
    bench.do(Write(3 * MIB, 512, Fill(0x44), at="other-filter"), CompleteJob("two"))
    bench.observe("b0", at_other)
    bench.do(ResumeJob("one"), Write(4 * MIB, 512, Fill(0x55), at="filter"), CancelJob("one"))
    bench.observe("b0", at_other)
    assert bench.finish(f"two mirrors, the second {copy_mode}") == golden
