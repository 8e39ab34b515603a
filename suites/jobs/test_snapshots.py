"""A snapshot is taken in one transaction with what becomes of the disk's bitmaps: copied or moved to the new layer."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BitmapMode, SyncMode
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.steps import (
    Abort,
    AddBitmap,
    AddDrive,
    AddImage,
    BitmapAt,
    BitmapCommand,
    CompleteJob,
    MergeBitmaps,
    OpenImage,
    RemoveBitmap,
    Restart,
    StartBackup,
    StartMirror,
    TakeSnapshot,
    Transaction,
    Write,
)
from suites.jobs.chain import SEGMENT, SIZE

SNAPSHOT = TakeSnapshot("top")
SHOWN = [BitmapAt(node, name) for node in ("source", "top") for name in ("transient", "copied", "moved")]


def _disk(bench: Bench) -> None:
    """Give a guest a disk, a copy of it, bitmaps that record what it has written since, and a layer to come."""
    with bench.aside("guest is a drive of source; copy is a copy of it from before 3 and 5 were written"):
        bench.do(AddImage("source", SIZE), AddImage("copy", SIZE), AddDrive("guest", "source"))
        bench.do(Write(0, 2 * SEGMENT, Positional(1), at="guest"), StartBackup("backup", "copy"))
        bench.do(AddBitmap("transient", SEGMENT), AddBitmap("copied", SEGMENT, persistent=True))
        bench.do(AddBitmap("moved", SEGMENT, persistent=True))
        bench.do(*[Write(at * SEGMENT + 7, 1000, Fill(at), at="guest") for at in (3, 5)])
        bench.do(AddImage("low", SIZE), AddImage("layered", SIZE, backing="low"))
        bench.do(AddImage("top", SIZE, backing="source", opened=False), OpenImage("top"))
    bench.observe(*SHOWN)


def _carried(name: str, *, persistent: bool) -> tuple[BitmapCommand, ...]:
    """Return the actions that copy a bitmap to the new layer."""
    added = AddBitmap(name, SEGMENT, persistent=persistent or None, node="top")
    return added, MergeBitmaps(name, (BitmapAt("source", name),), node="top")


ACTIONS = (
    SNAPSHOT,
    *_carried("transient", persistent=False),
    *_carried("copied", persistent=True),
    *_carried("moved", persistent=True),
    RemoveBitmap("moved"),
)


def _take(bench: Bench) -> None:
    """Take the snapshot; the guest writes to the new layer."""
    bench.do(Transaction(ACTIONS))
    bench.read_through("guest")
    bench.do(Write(9 * SEGMENT - 10, 20, Fill(9), at="guest"))
    bench.observe(*SHOWN)


@pytest.mark.parametrize("name", ["transient", "copied", "moved"])
def test_backup(bench: Bench, golden: SnapshotAssertion, name: str) -> None:
    """Bitmaps go on recording on the new layer with what they had; those of the old one stay as they were, or are gone.
    Each is enough for the next incremental backup (B-33, B-53)."""
    _disk(bench)
    _take(bench)
    mode = BitmapMode.NEVER
    bench.do(StartBackup("backup", "copy", "top", SyncMode.BITMAP, bitmap=name, bitmap_mode=mode))
    bench.read_through("copy")
    assert bench.finish(f"a snapshot with its bitmaps, then a backup by the one that was {name}") == golden


@pytest.mark.feature
@pytest.mark.parametrize("name", ["transient", "copied", "moved"])
def test_mirror(bench: Bench, golden: SnapshotAssertion, name: str) -> None:
    """Each is enough for a mirror to a copy of before, and the guest goes on there (B-53, X-09)."""
    _disk(bench)
    _take(bench)
    bench.do(StartMirror("job", "copy", "top", bitmap=name), Write(12 * SEGMENT, 1, Fill(12), at="filter"))
    bench.do(CompleteJob("job"))
    bench.read_through("guest")
    assert bench.finish(f"a snapshot with its bitmaps, then a mirror by the one that was {name}") == golden


def test_restart(bench: Bench, golden: SnapshotAssertion) -> None:
    """What persists is in the file of the layer where it is, and a moved bitmap in one alone (B-53, B-60)."""
    _disk(bench)
    _take(bench)
    bench.do(Restart())
    bench.observe(*SHOWN)
    assert bench.finish("a snapshot with its bitmaps, then a restart") == golden


FAILING: dict[str, tuple[BitmapCommand | Abort | TakeSnapshot, ...]] = {
    "abort": (*ACTIONS, Abort()),
    "name-taken": (*ACTIONS, AddBitmap("copied", node="top")),
    "no-source": (SNAPSHOT, AddBitmap("new", node="top"), MergeBitmaps("new", (BitmapAt("source", "nosuch"),), "top")),
    "snapshot-last": (*ACTIONS[1:], TakeSnapshot("top", "nosuch")),
    "no-overlay": (*ACTIONS[1:], TakeSnapshot("nosuch")),
    "overlay-twice": (*ACTIONS, TakeSnapshot("top", "copy")),
    "overlay-has-backing": (*ACTIONS[1:], TakeSnapshot("layered")),
    "node-twice": (*ACTIONS, TakeSnapshot("copy")),
}


@pytest.mark.parametrize("actions", FAILING.values(), ids=FAILING)
def test_failed(bench: Bench, golden: SnapshotAssertion, actions: tuple[BitmapCommand, ...]) -> None:
    """An action that fails undoes all: the guest has its disk, with its bitmaps, and the new layer has none; the same
    is possible afterwards (B-50, B-53, R-B16)."""
    _disk(bench)
    bench.do(Transaction(actions))
    bench.read_through("guest")
    bench.do(Write(8 * SEGMENT, 1, Fill(8), at="guest"))
    bench.observe(*SHOWN)
    bench.do(Transaction(ACTIONS))
    bench.read_through("guest")
    bench.observe(*SHOWN)
    assert bench.finish("a transaction with a snapshot fails") == golden
