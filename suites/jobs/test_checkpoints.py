"""One bitmap of a name in each layer: incremental copies over layers, and what commits and streams must not lose."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    BitmapAt,
    BitmapCommand,
    CancelJob,
    CloseImage,
    Compare,
    CompleteJob,
    Crash,
    DisableBitmap,
    EnableBitmap,
    FinalizeJob,
    MergeBitmaps,
    Quit,
    RemoveBitmap,
    ReopenReadWrite,
    Restart,
    StartCommit,
    StartMirror,
    StartStream,
    Transaction,
)
from suites.jobs import chain

pytestmark = pytest.mark.dialects("stock", "v1", "v2", "v3")


def _end(bench: Bench, active: str) -> None:
    bench.do(Quit(), Compare(active, "copy"))


def test_incremental(bench: Bench, golden: SnapshotAssertion) -> None:
    """What was written since a checkpoint, to whichever layer, is what the merged bitmaps hold (B-103)."""
    with bench.aside("checkpoints c1 and then c2, the copy of c2's time; layers l0, l1, l2, each with writes"):
        chain.grown(bench, "c1", "c2")
    chain.observe(bench, "c1", "c2")
    chain.back_up(bench, "c2", chain.LAYERS)
    chain.write(bench, 9, 20, 3)
    chain.observe(bench, "c1", "c2")
    chain.back_up(bench, "c1", chain.LAYERS)
    _end(bench, "l2")
    assert bench.finish("incremental backups over layers") == golden


@pytest.mark.feature
@pytest.mark.dialects("v1", "v2", "v3")
def test_mirror(bench: Bench, golden: SnapshotAssertion) -> None:
    """A mirror takes the merged bitmap as its working bitmap, with all that is written meanwhile (B-103, X-11)."""
    with bench.aside("checkpoint c1 and the copy of its time; layers l0, l1, l2, each with writes"):
        chain.grown(bench, "c1")
    merge = MergeBitmaps("sum", tuple(BitmapAt(layer, "c1") for layer in chain.LAYERS), node="l2")
    bench.do(Transaction((AddBitmap("sum", chain.SEGMENT, node="l2"), merge)))
    bench.do(StartMirror("job", "copy", device="l2", bitmap="sum"))
    chain.write(bench, 9, 20)
    bench.do(CancelJob("job"))
    bench.observe(BitmapAt("l2", "sum"))
    _end(bench, "l2")
    assert bench.finish("an incremental mirror over layers") == golden


def _carried(name: str, into: str, source: str) -> Transaction:
    """Return how what a layer has recorded for a checkpoint is kept when the layer goes."""
    return Transaction((MergeBitmaps(name, (BitmapAt(source, name),), node=into),))


@pytest.mark.parametrize("carried", [True, False], ids=["carried", "forgotten"])
def test_stream(bench: Bench, golden: SnapshotAssertion, carried: bool) -> None:
    """A stream carries no bits: they are merged while it waits, or the next incremental copy is incomplete (B-101,
    B-103)."""
    with bench.aside("checkpoint c1 and the copy of its time; layers l0, l1, l2, each with writes"):
        chain.grown(bench, "c1")
    bench.do(StartStream("l2", "l0", auto_finalize=False))
    if carried:
        bench.do(_carried("c1", "l2", "l1"))
    bench.do(FinalizeJob("stream"), CloseImage("l1"))
    chain.observe(bench, "c1")
    chain.back_up(bench, "c1", ("l0", "l2"))
    _end(bench, "l2")
    assert bench.finish(f"a stream, the bits of the layer between {'carried' if carried else 'forgotten'}") == golden


@pytest.mark.parametrize("when", ["pending", "too-late"])
def test_commit(bench: Bench, golden: SnapshotAssertion, when: str) -> None:
    """The base records what it is given by a commit, and can take over more while that waits; then it is read-only
    again (B-97, B-103)."""
    with bench.aside("checkpoint c1 and the copy of its time; layers l0, l1, l2, each with writes"):
        chain.grown(bench, "c1")
    bench.do(StartCommit("l1", "l0", "l2", auto_finalize=False))
    chain.observe(bench, "c1")
    if when == "pending":
        bench.do(_carried("c1", "l0", "l1"), FinalizeJob("commit"))
    else:
        bench.do(FinalizeJob("commit"), _carried("c1", "l0", "l1"))
    bench.do(CloseImage("l1"))
    chain.write(bench, 9, 20)
    chain.observe(bench, "c1")
    chain.back_up(bench, "c1", ("l0", "l2"))
    _end(bench, "l2")
    assert bench.finish("a commit of the layer between") == golden


def test_active_commit(bench: Bench, golden: SnapshotAssertion) -> None:
    """All layers end in the lowest one, whose bitmap has all that was written since the checkpoint (B-97, B-103,
    M-103)."""
    with bench.aside("checkpoint c1 and the copy of its time; layers l0, l1, l2, each with writes"):
        chain.grown(bench, "c1")
    bench.do(StartCommit("l2", "l0", "l2", auto_finalize=False))
    chain.write(bench, 9, 20)
    bench.do(CompleteJob("commit"))
    sources = tuple(BitmapAt(layer, "c1") for layer in ("l1", "l2"))
    bench.do(Transaction((MergeBitmaps("c1", sources, node="l0"),)), FinalizeJob("commit"))
    bench.do(CloseImage("l2"), CloseImage("l1"))
    chain.write(bench, 10, 21)
    chain.observe(bench, "c1")
    bench.observe_drive("guest")
    chain.back_up(bench, "c1", ("l0",))
    _end(bench, "l0")
    assert bench.finish("a commit of all layers") == golden


def _deleted(name: str, parent: str, layer: str) -> tuple[BitmapCommand, ...]:
    """Return the actions that give what one checkpoint's bitmap holds in a layer to the one before it."""
    merge = MergeBitmaps(parent, (BitmapAt(layer, name),), node=layer)
    return EnableBitmap(parent, node=layer), merge, RemoveBitmap(name, node=layer)


def test_delete_a_checkpoint(bench: Bench, golden: SnapshotAssertion) -> None:
    """Its bitmaps are merged into those of the one before it, in all layers or in none (B-103, R-B16).

    Where only the newest checkpoint's bitmaps record, the one before is complete together with it.
    """
    with bench.aside("checkpoints c1 and then c2, of which only c2 records; layers l0 and l1"):
        chain.begin(bench)
        chain.checkpoint(bench, "c1", "l0")
        chain.write(bench, 2, 3)
        bench.do(DisableBitmap("c1", node="l0"), AddBitmap("c2", chain.SEGMENT, persistent=True, node="l0"))
        chain.write(bench, 3, 5)
        chain.snapshot(bench, "l1", "l0", "c1", "c2")
        bench.do(DisableBitmap("c1", node="l1"))
        chain.write(bench, 4, 7)
    chain.observe(bench, "c1", "c2")
    both = Transaction((*_deleted("c2", "c1", "l1"), *_deleted("c2", "c1", "l0")))
    bench.do(both)  # the lower layer is read-only
    chain.observe(bench, "c1", "c2")
    bench.do(ReopenReadWrite("l0", with_file=True), both)
    chain.observe(bench, "c1", "c2")
    chain.write(bench, 5, 9)
    chain.back_up(bench, "c1", ("l0", "l1"))
    _end(bench, "l1")
    assert bench.finish("a checkpoint is deleted") == golden


def test_a_bitmap_is_missing(bench: Bench, golden: SnapshotAssertion) -> None:
    """A chain that lacks one cannot be merged: nothing is changed, and no incremental copy is wrong (B-103, R-B16)."""
    with bench.aside("checkpoint c1 and the copy of its time; layers l0, l1, l2, of which l1 lacks the bitmap"):
        chain.grown(bench, "c1")
        bench.do(ReopenReadWrite("l1", "l0", with_file=True), RemoveBitmap("c1", node="l1"))
    bench.do(Transaction(chain.merged("c1", "l2", chain.LAYERS)))
    chain.observe(bench, "c1", "sum")
    chain.back_up(bench, "c1", ("l0", "l2"))
    _end(bench, "l2")
    assert bench.finish("a chain that lacks a bitmap, and what is wrong with merging the rest") == golden


def test_a_bitmap_is_inconsistent(bench: Bench, golden: SnapshotAssertion) -> None:
    """A chain of which one was lost in a crash cannot be merged; it is begun anew by a full copy (B-103, R-B6)."""
    with bench.aside("l0 with c1, lost in a crash; layer l1 over it"):
        bench.do(AddImage("l0", chain.SIZE), AddImage("copy", chain.SIZE))
        bench.do(AddBitmap("c1", chain.SEGMENT, persistent=True, node="l0"), Restart())
        bench.do(Crash(flush=False))
        chain.snapshot(bench, "l1", "l0", "c1")
    bench.do(Transaction(chain.merged("c1", "l1", ("l0", "l1"))))
    chain.observe(bench, "c1", "sum")
    bench.do(
        ReopenReadWrite("l0", with_file=True),
        Transaction((RemoveBitmap("c1", node="l0"), RemoveBitmap("c1", node="l1"))),
    )
    chain.checkpoint(bench, "c1", "l1")
    chain.observe(bench, "c1")
    _end(bench, "l1")
    assert bench.finish("a chain with a bitmap that was lost") == golden


def test_restarted(bench: Bench, golden: SnapshotAssertion) -> None:
    """All layers store their bitmaps, and the chain is as good after a restart (B-60, B-103)."""
    with bench.aside("checkpoint c1 and the copy of its time; layers l0, l1, l2, each with writes"):
        chain.grown(bench, "c1")
    bench.do(Restart())
    chain.observe(bench, "c1")
    chain.back_up(bench, "c1", chain.LAYERS)
    _end(bench, "l2")
    assert bench.finish("a chain after a restart") == golden
