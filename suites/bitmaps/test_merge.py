"""block-dirty-bitmap-merge: what it adds, and what it refuses without changing anything."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    Abort,
    AddBitmap,
    AddImage,
    BitmapAt,
    BitmapCommand,
    DisableBitmap,
    ExportBitmap,
    MergeBitmaps,
    Transaction,
    Write,
)

BITMAPS = ("target", "one", "two", "fine", "coarse")


@pytest.fixture
def disk(bench: Bench) -> Bench:
    """Give bitmaps that have each seen one write of their own, on a disk whose last segments are partial."""
    bench.do(AddImage("source", 8 * MIB + 512))
    with bench.aside(
        "five bitmaps, of segments of 64K but for fine (512) and coarse (2M), each with one that is dirty"
    ):
        _dirty_one_each(bench)
    return bench


def _dirty_one_each(bench: Bench) -> None:
    granularities = (64 * KIB, 64 * KIB, 64 * KIB, 512, 2 * MIB)
    ends = (10, MIB, 3 * MIB, 5 * MIB - 10, 8 * MIB + 500)
    for name, granularity, at in zip(BITMAPS, granularities, ends, strict=True):
        bench.do(AddBitmap(name, granularity), Write(at, 1, Fill(0x11)), DisableBitmap(name))


MERGES = {
    "nothing-new": MergeBitmaps("target", ("target",)),
    "one": MergeBitmaps("target", ("one",)),
    "several": MergeBitmaps("target", ("one", "two")),
    "repeated": MergeBitmaps("target", ("one", "two", "one", "target", "two")),
    "finer": MergeBitmaps("target", ("fine",)),
    "coarser": MergeBitmaps("target", ("coarse",)),
    "into-finest": MergeBitmaps("fine", ("coarse", "target", "one")),
    "into-coarsest": MergeBitmaps("coarse", ("fine", "target", "one")),
    "by-node": MergeBitmaps("target", (BitmapAt("source", "one"), "two")),
}


@pytest.mark.parametrize("merge", MERGES.values(), ids=MERGES)
def test_union(disk: Bench, golden: SnapshotAssertion, merge: MergeBitmaps) -> None:
    """A merge adds what its sources hold, whatever their granularity; a merge into itself is none (B-32, B-35, B-36,
    R-B13)."""
    disk.observe(*BITMAPS)
    disk.do(merge)
    disk.observe(*BITMAPS)
    assert disk.finish(f"into {merge.target}") == golden


REFUSED = {
    "unknown-target": MergeBitmaps("nosuch", ("one",)),
    "empty-target": MergeBitmaps("", ("one",)),
    "unknown-node": MergeBitmaps("target", ("one",), node="nosuch"),
    "unknown-source": MergeBitmaps("target", ("one", "nosuch")),
    "empty-source": MergeBitmaps("target", ("one", "")),
    "unknown-source-node": MergeBitmaps("target", ("one", BitmapAt("nosuch", "one"))),
    "source-of-other-node": MergeBitmaps("target", ("one", "b0")),
    "other-size": MergeBitmaps("target", ("one", BitmapAt("smaller", "b0"))),
    "into-other-size": MergeBitmaps("b0", ("b0", BitmapAt("source", "one")), node="smaller"),
    "held-source": MergeBitmaps("target", ("one", "held")),
    "held-target": MergeBitmaps("held", ("one",)),
    "held-and-unknown": MergeBitmaps("held", ("nosuch", "one")),
}


@pytest.mark.parametrize("merge", REFUSED.values(), ids=REFUSED)
def test_refused(disk: Bench, golden: SnapshotAssertion, merge: MergeBitmaps) -> None:
    """A merge that fails at any of its sources leaves the target as it was, in a transaction too (B-07, B-34, B-37,
    B-40)."""
    with disk.aside("a smaller disk with a bitmap b0, and an exported bitmap"):
        disk.do(AddImage("smaller", 8 * MIB))
        disk.do(AddBitmap("b0", 64 * KIB, node="smaller"), Write(0, 1, Fill(0x22), at="smaller"))
        disk.do(AddBitmap("held"), ExportBitmap("held"))
    disk.do(merge)
    disk.observe("target")
    disk.do(Transaction((merge,)))
    disk.observe("target")
    assert disk.finish("a merge that must fail") == golden


def test_other_node(bench: Bench, golden: SnapshotAssertion) -> None:
    """Bitmaps of other nodes are merged if their disks are of one size (B-33)."""
    bench.do(AddImage("source", MIB))
    bench.do(AddImage("other", MIB))
    bench.do(AddBitmap("b0", 64 * KIB), AddBitmap("b0", 4 * KIB, node="other", persistent=True))
    bench.do(Write(0, 1, Fill(0x11)), Write(100 * KIB, 1, Fill(0x22), at="other"))
    bench.do(MergeBitmaps("b0", (BitmapAt("other", "b0"),)))
    bench.observe("b0", BitmapAt("other", "b0"))
    bench.do(MergeBitmaps("b0", (BitmapAt("source", "b0"),), node="other"))
    bench.observe("b0", BitmapAt("other", "b0"))
    assert bench.finish("merges between nodes") == golden


NOTHING: dict[str, tuple[BitmapCommand | Transaction, ...]] = {
    "plain": (MergeBitmaps("target", ()),),
    "transaction": (Transaction((MergeBitmaps("target", ()),)),),
}


@pytest.mark.known("KI-04")
@pytest.mark.parametrize("steps", NOTHING.values(), ids=NOTHING)
def test_no_sources(disk: Bench, steps: tuple[BitmapCommand | Transaction, ...]) -> None:
    """A merge of an empty list adds nothing (B-32)."""
    disk.do(*steps)
    disk.observe("target")
    disk.finish("a merge of nothing")


def test_no_sources_then_abort(disk: Bench, golden: SnapshotAssertion) -> None:
    """A merge of an empty list is undone like any other (B-32, B-50)."""
    disk.do(Transaction((MergeBitmaps("target", ()), Abort())))
    disk.observe("target")
    assert disk.finish("a merge of nothing, undone") == golden
