"""Use case 1 with a bitmap that belongs to a filter over the disk, as one that throttles the guest."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddFilter,
    AddImage,
    BitmapAt,
    CancelJob,
    Compare,
    CompleteJob,
    Quit,
    StartMirror,
    Write,
)

pytestmark = pytest.mark.feature
ON_FILTER = BitmapAt("over", "b0")


def test_cancelled_and_resumed(bench: Bench, golden: SnapshotAssertion) -> None:
    """A mirror of a filter leaves in the filter's bitmap what it did not copy, and a second one copies that (X-10,
    M-36)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    bench.do(AddFilter("over", "source"))
    bench.do(AddBitmap("b0", 64 * KIB, node="over"), Write(0, 40 * MIB, Positional(1), at="over"))
    bench.do(StartMirror("job", "target", "over", bitmap="b0", speed=1), CancelJob("job", force=True))
    bench.observe(ON_FILTER)
    bench.do(StartMirror("again", "target", "over", bitmap="b0"))
    bench.do(Write(50 * MIB - 1, 2, Fill(0x22), at="filter"), CompleteJob("again"))
    bench.observe(ON_FILTER)
    bench.do(Quit())
    bench.do(Compare("source", "target"))
    assert bench.finish("a slow mirror of a filter is cancelled, then a second mirror") == golden
