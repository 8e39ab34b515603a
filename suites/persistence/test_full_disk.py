"""The file cannot take the bitmaps when it is closed: QEMU says so, and none is taken for complete."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.faults import Errno, Fault, Place
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, Boot, CheckImages, Inject, Quit, RemoveBitmap, Restart, Write

COMPLAINTS = {
    0: "Failed to write bitmap 'b0' to file",
    1: "Failed to write bitmap 'b0' to file",
    2: "Failed to write bitmap 'new' to file",
    3: "Failed to write bitmap 'new' to file",
    4: "Failed to update bitmap extension",
}
"""By how many runs of clusters there is room for: data and table of each bitmap, then the directory."""


@pytest.mark.parametrize("room", COMPLAINTS)
def test_bitmaps_that_find_no_room(bench: Bench, room: int) -> None:
    """QEMU ends with status 0 and says why bitmaps are lost; they are inconsistent or absent, never short (B-68)."""
    bench.do(AddImage("source", 4 * MIB))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True), Write(0, 100 * KIB, Positional(1)))
    bench.do(Restart())
    bench.do(AddBitmap("new", 8 * KIB, persistent=True), Write(MIB, 100 * KIB, Positional(2)))
    bench.do(Inject(Fault(Place.CLUSTER_ALLOC, Errno.ENOSPC, once=False, after=room, below="source")))
    complaints = (
        f"Lost persistent bitmaps during inactivation of node 'source': {COMPLAINTS[room]}: No space left on device",
        "Failed to flush the refcount block cache: No space left on device",
    )
    bench.do(Quit(complaints=complaints), Boot())
    bench.do(RemoveBitmap("b0"), AddBitmap("b0", 64 * KIB, persistent=True), Write(0, 512, Positional(3)))
    bench.do(Restart())
    bench.finish("a full disk at the end")
    bench.do(CheckImages(leaks=True))
