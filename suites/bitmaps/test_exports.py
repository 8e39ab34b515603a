"""Bitmaps that NBD clients may read, and those that they may not."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, BitmapAt, ClearBitmap, ExportBitmap, ReopenReadOnly, Write

REFUSED = (
    ExportBitmap("nosuch"),
    ExportBitmap("off", node="base"),
    ExportBitmap("b0", node="nosuch"),
    ExportBitmap("b0", writable=False),
    ExportBitmap("below", writable=False),
)
TAKEN = {
    "recording": ExportBitmap("b0"),
    "disabled": ExportBitmap("off", writable=False),
    "of-backing-file": ExportBitmap("below"),
}


@pytest.mark.parametrize("taken", TAKEN.values(), ids=TAKEN)
def test_rules(bench: Bench, golden: SnapshotAssertion, taken: ExportBitmap) -> None:
    """An export finds bitmaps of its disk and of the layers below. One that cannot be written wants none that records
    (B-42, B-84, R-B20)."""
    bench.do(AddImage("base"))
    bench.do(AddImage("source", backing="base"))
    bench.do(AddBitmap("b0", 64 * KIB), AddBitmap("off", 64 * KIB, disabled=True))
    bench.do(AddBitmap("below", 64 * KIB, node="base"), Write(0, 1, Fill(0x11)))
    for step in REFUSED:
        bench.do(step)
        bench.observe()
    bench.do(taken)
    bench.observe("b0", "off", BitmapAt("base", "below"))
    bench.do(ClearBitmap(taken.name, node="base" if taken.name == "below" else "source"))
    assert bench.finish(f"exports without bitmaps, and one with {taken.name}") == golden


def test_read_only(bench: Bench, golden: SnapshotAssertion) -> None:
    """On a disk that cannot be written, each bitmap may be read; the export cannot be written either (B-84)."""
    bench.do(AddImage("source"))
    bench.do(AddBitmap("b0", 64 * KIB), Write(0, 1, Fill(0x11)))
    bench.do(ReopenReadOnly())
    bench.do(ExportBitmap("b0"), ExportBitmap("b0", writable=False))
    bench.observe("b0")
    assert bench.finish("exports of a read-only disk") == golden
