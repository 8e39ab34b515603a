"""A guest's discards: before, during and after a mirror."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Discard, Format
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, CancelJob, IoKind, StartMirror, Write

SOURCES = {
    "clusters-4K": (Format.QCOW2, 4 * KIB, False),
    "clusters-2M": (Format.QCOW2, 2 * MIB, False),
    "backed": (Format.QCOW2, 0, True),
    "raw": (Format.RAW, 0, False),
    "file-node": (Format.FILE, 0, False),
}
SIZE = 64 * MIB + 4 * KIB


def _discard(offset: int, length: int, at: str = "source") -> Write:
    return Write(offset, length, kind=IoKind.DISCARD, at=at)


@pytest.mark.parametrize("discard", Discard, ids=str)
@pytest.mark.parametrize("source", SOURCES)
def test_discarded_source(bench: Bench, golden: SnapshotAssertion, source: str, discard: Discard) -> None:
    """Where a node unmaps, what a discard covers is dirty, and whole clusters read as zeroes, whatever lies below;
    else nothing happens (B-21, M-129)."""
    image_format, cluster, is_backed = SOURCES[source]
    if is_backed:
        bench.do(AddImage("base", SIZE))
        bench.do(Write(4 * MIB, 4 * MIB, Fill(0xBB), at="base"))
    bench.do(AddImage("source", SIZE, image_format, cluster, "base" if is_backed else None, discard=discard))
    bench.do(AddImage("target", SIZE, Format.RAW))
    bench.do(Write(0, 6 * MIB, Fill(0x11)), Write(64 * MIB, 4 * KIB, Fill(0x22)), AddBitmap("b0", 64 * KIB))
    bench.do(_discard(MIB + 1000, 3 * MIB), _discard(7 * MIB, 200 * KIB), _discard(20 * MIB, 1))
    bench.do(_discard(64 * MIB, 4 * KIB))
    bench.observe("b0")
    bench.do(StartMirror("job", "target"), CancelJob("job"))
    bench.observe("b0")
    assert bench.finish(f"discard={discard}, {source}") == golden


@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
def test_discard_during_a_mirror(bench: Bench, golden: SnapshotAssertion, copy_mode: CopyMode) -> None:
    """A mirror's filter was opened without discard=unmap: a discard through it does nothing to anyone (M-90)."""
    bench.do(AddImage("source", discard=Discard.UNMAP))
    bench.do(AddImage("target", discard=Discard.UNMAP))
    bench.do(Write(0, 4 * MIB, Fill(0x11)), AddBitmap("b0", 64 * KIB))
    bench.do(StartMirror("job", "target", copy_mode=copy_mode))
    bench.do(_discard(MIB, MIB, at="filter"))
    bench.observe("b0")
    bench.do(CancelJob("job", force=True))
    bench.do(_discard(2 * MIB, MIB))
    bench.observe("b0")
    assert bench.finish("a discard during a mirror, another after it") == golden
