"""The size of a mirror's buffer: what it holds is all that is on its way at a time."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.faults import Fault, Layering, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, CancelJob, Inject, StartMirror, Write

pytestmark = pytest.mark.feature

SIZES = {"1": 1, "half-a-cluster": 32 * KIB, "half-a-segment": 64 * KIB, "a-segment": 128 * KIB}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_rounded_up(bench: Bench, golden: SnapshotAssertion, size: int) -> None:
    """A buffer of less than a segment is one of a segment: when a copy fails, no other was begun (M-13)."""
    for node in "source", "target":
        bench.do(AddImage(node, layering=Layering.LAYERED))
    bench.do(AddBitmap("b0", 128 * KIB), *(Write(at * MIB, 1, Fill(0x11)) for at in range(8)))
    bench.do(Inject(Fault(Place.WRITE, offset=3 * MIB)))
    bench.do(StartMirror("job", "target", bitmap="b0", buf_size=size))
    bench.observe("b0")
    bench.do(StartMirror("job", "target", bitmap="b0", buf_size=size), CancelJob("job"))
    bench.observe("b0")
    assert bench.finish(f"buf-size={size}, segments of 128K") == golden
