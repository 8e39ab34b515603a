"""Backups in transactions: one point in time, bitmaps changed with it, jobs that end together, nothing half done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BitmapMode, SyncMode
from fixtures.vocabulary.faults import Fault, Layering, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    Abort,
    AddBitmap,
    AddImage,
    BitmapAt,
    CancelJob,
    ClearBitmap,
    DisableBitmap,
    FinalizeJob,
    Inject,
    MergeBitmaps,
    SetSpeed,
    StartBackup,
    Transaction,
    Write,
)

pytestmark = pytest.mark.dialects("stock", "v1", "v2", "v3")
ONE = StartBackup("one", "copy-one", device="one", filter_node="filter-one", max_workers=1, max_chunk=64 * KIB)
TWO = StartBackup("two", "copy-two", device="two", filter_node="filter-two", max_workers=1, max_chunk=64 * KIB)
SLOW_ONE, SLOW_TWO = replace(ONE, speed=1), replace(TWO, speed=1)
SEGMENT = 64 * KIB


@pytest.fixture
def disks(bench: Bench) -> Bench:
    """Give two disks with data and a bitmap each that holds two segments, and two targets."""
    with bench.aside("disks one and two, each with 256K at 0; b0 of each with 0 and 2 dirty"):
        for node, byte in (("one", 0x11), ("two", 0x22)):
            bench.do(AddImage(node, MIB, layering=Layering.LAYERED), AddImage(f"copy-{node}", MIB))
            bench.do(Write(0, 4 * SEGMENT, Fill(byte), at=node), AddBitmap("b0", SEGMENT, node=node))
            bench.do(Write(0, 512, Fill(byte + 1), at=node), Write(2 * SEGMENT, 512, Fill(byte + 1), at=node))
    return bench


def _used(step: StartBackup, mode: BitmapMode = BitmapMode.ON_SUCCESS) -> StartBackup:
    return replace(step, sync=SyncMode.BITMAP, bitmap="b0", bitmap_mode=mode)


def _observe(bench: Bench) -> None:
    bench.observe(*(BitmapAt(node, name) for node in ("one", "two") for name in ("b0", "new")))


def _write(bench: Bench, *nodes: str) -> None:
    bench.do(*[Write(3 * SEGMENT, 512, Fill(0x99), at=node) for node in nodes])


def test_one_point_in_time(disks: Bench, golden: SnapshotAssertion) -> None:
    """Both targets hold what their disks held at the transaction, whatever is written to either later (B-54)."""
    disks.do(Transaction((SLOW_ONE, SLOW_TWO)))
    _write(disks, "filter-one", "filter-two")
    disks.do(SetSpeed("two", 0))
    _write(disks, "two")
    disks.do(SetSpeed("one", 0))
    _observe(disks)
    assert disks.finish("two disks at one point in time") == golden


def test_add_merge_and_backup(disks: Bench, golden: SnapshotAssertion) -> None:
    """A new bitmap starts where the backup's by a merged one ends, and none of both misses a write (B-51)."""
    copied = replace(_used(SLOW_ONE, BitmapMode.NEVER), bitmap="sum")
    disks.do(
        Transaction(
            (
                AddBitmap("sum", SEGMENT, node="one", disabled=True),
                MergeBitmaps("sum", ("b0",), node="one"),
                DisableBitmap("b0", node="one"),
                AddBitmap("new", SEGMENT, node="one"),
                copied,
            )
        )
    )
    _write(disks, "filter-one")
    _observe(disks)
    disks.observe(BitmapAt("one", "sum"))
    disks.do(SetSpeed("one", 0))
    _observe(disks)
    disks.observe(BitmapAt("one", "sum"))
    assert disks.finish("a new bitmap from the point in time of a backup") == golden


def test_clear_and_backup(disks: Bench, golden: SnapshotAssertion) -> None:
    """A full backup with a bitmap cleared at its start is a base for incremental ones (B-51)."""
    disks.do(Transaction((ClearBitmap("b0", node="one"), SLOW_ONE)))
    _write(disks, "filter-one")
    disks.do(SetSpeed("one", 0))
    _observe(disks)
    disks.do(replace(_used(ONE), job="again"))
    _observe(disks)
    disks.verify("copy-one")
    assert disks.finish("a full backup, then an incremental one") == golden


BAD: dict[str, tuple[AddBitmap | StartBackup | Abort, ...]] = {
    "abort": (Abort(),),
    "unknown-target": (replace(TWO, target="nosuch"),),
    "same-target": (replace(TWO, target="copy-one"),),
    "same-job": (replace(TWO, job="one"),),
    "busy-bitmap": (replace(_used(TWO), job="two", device="one", filter_node="filter-two"),),
    "small-chunk": (replace(_used(TWO), max_chunk=512),),
    "bitmap-exists": (AddBitmap("b0", SEGMENT, node="two"),),
}


GROUPED = [bad for bad, actions in BAD.items() if isinstance(actions[0], StartBackup)]


@pytest.mark.parametrize(
    ("bad", "grouped"),
    [
        *(pytest.param(bad, False, id=f"{bad}-individual") for bad in BAD),
        *(pytest.param(bad, True, id=f"{bad}-grouped") for bad in GROUPED),
    ],
)
def test_a_member_that_fails(disks: Bench, golden: SnapshotAssertion, bad: str, grouped: bool) -> None:
    """No backup has started, all bitmaps are as before and record, nothing stays drained (B-51, B-52)."""
    first: tuple[StartBackup, ...] = (_used(ONE),)
    disks.do(Transaction((*first, *BAD[bad]), grouped=grouped))
    _write(disks, "one", "two")
    _observe(disks)
    assert disks.finish("a transaction that fails") == golden


@pytest.mark.known("KI-17", mode="always")
@pytest.mark.parametrize("mode", BitmapMode, ids=str)
def test_bitmap_of_a_backup_that_never_ran(disks: Bench, mode: BitmapMode) -> None:
    """A transaction that fails leaves the bitmap of its backup as it was, in each mode (B-51)."""
    disks.do(Transaction((_used(ONE, mode), Abort())))
    _observe(disks)
    disks.finish("a transaction that fails after a backup was created")


ENDINGS = ("success", "error", "cancel", "cancel-pending", "finalize")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("mode", BitmapMode, ids=str)
@pytest.mark.parametrize("grouped", [False, True], ids=["individual", "grouped"])
def test_completion(disks: Bench, golden: SnapshotAssertion, grouped: bool, mode: BitmapMode, ending: str) -> None:
    """Grouped, both jobs succeed or none, and so do their bitmaps; individually, each for itself (B-52)."""
    if ending == "error":
        disks.do(Inject(Fault(Place.READ, offset=2 * SEGMENT, below="two")))
    held = False if ending in ("cancel-pending", "finalize") else None
    one, two = replace(_used(SLOW_ONE, mode), auto_finalize=held), _used(SLOW_TWO, mode)
    disks.do(Transaction((one, two), grouped=grouped))
    _write(disks, "filter-one", "filter-two")
    disks.do(SetSpeed("one", 0))
    _observe(disks)
    disks.do(CancelJob("two") if ending == "cancel" else SetSpeed("two", 0))
    _observe(disks)
    if held is False:
        disks.do(FinalizeJob("one") if ending == "finalize" else CancelJob("one"))
        _observe(disks)
    assert disks.finish(f"two backups, {'grouped' if grouped else 'each for itself'}, {ending}") == golden


@pytest.mark.parametrize("action", [AddBitmap("new", node="one"), ClearBitmap("b0", node="one")], ids=["add", "clear"])
def test_only_backups_can_be_grouped(disks: Bench, action: AddBitmap | ClearBitmap) -> None:
    """Any other action in a group is refused before anything is done (B-52)."""
    disks.do(Transaction((_used(ONE), action), grouped=True))
    _observe(disks)
    disks.finish("an action that cannot be grouped")
