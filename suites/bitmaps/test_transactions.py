"""Transactions of bitmap commands: all of their actions, in their order, or none."""

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
    ClearBitmap,
    DisableBitmap,
    EnableBitmap,
    ExportBitmap,
    MergeBitmaps,
    RemoveBitmap,
    Restart,
    Transaction,
    Write,
)

Actions = tuple[BitmapCommand | Abort, ...]
SHOWN = ("b0", "b1", "off", "new", BitmapAt("other", "b0"))


@pytest.fixture
def disk(bench: Bench) -> Bench:
    """Give two nodes with bitmaps: b0 dirty, b1 dirty and persistent, one that is off, one that is exported."""
    bench.do(AddImage("source"))
    bench.do(AddImage("other"))
    with bench.aside(
        "source: b0 with 0 and 16 dirty, persistent b1 with 16, disabled off, exported held; other: b0 with 32"
    ):
        bench.do(AddBitmap("b0", 64 * KIB), Write(0, 1, Fill(0x11)), AddBitmap("b1", 64 * KIB, persistent=True))
        bench.do(Write(MIB, 1, Fill(0x22)), AddBitmap("off", 64 * KIB, disabled=True))
        bench.do(AddBitmap("b0", 64 * KIB, node="other"), Write(2 * MIB, 1, Fill(0x33), at="other"))
        bench.do(AddBitmap("held", 64 * KIB), ExportBitmap("held"))
    return bench


def _story(disk: Bench, actions: Actions) -> None:
    """Do the transaction; write, so that it shows what records."""
    disk.do(Transaction(actions))
    disk.observe(*SHOWN)
    disk.do(Write(5 * MIB, 1, Fill(0x44)))
    disk.observe(*SHOWN)


GOOD: dict[str, Actions] = {
    "empty": (),
    "add": (AddBitmap("new", 64 * KIB),),
    "clear": (ClearBitmap("b0"),),
    "enable": (EnableBitmap("off"),),
    "disable": (DisableBitmap("b0"),),
    "merge": (MergeBitmaps("b0", ("b1", BitmapAt("other", "b0"))),),
    "remove": (RemoveBitmap("b1"),),
    "add-merge-clear": (AddBitmap("new", 64 * KIB), MergeBitmaps("new", ("b0",)), ClearBitmap("b0")),
    "clear-then-merge": (ClearBitmap("b0"), MergeBitmaps("b0", ("b1",))),
    "merge-then-clear": (MergeBitmaps("b0", ("b1",)), ClearBitmap("b0")),
    "disable-then-enable": (DisableBitmap("b0"), EnableBitmap("b0")),
    "enable-then-disable": (EnableBitmap("off"), DisableBitmap("off")),
    "add-then-remove": (AddBitmap("new", 64 * KIB, persistent=True), RemoveBitmap("new")),
    "merge-then-remove": (MergeBitmaps("b0", ("b1",)), RemoveBitmap("b1")),
    "two-nodes": (ClearBitmap("b0"), MergeBitmaps("b0", ("b0",), node="other"), ClearBitmap("b0", node="other")),
}


@pytest.mark.parametrize("actions", GOOD.values(), ids=GOOD)
def test_done(disk: Bench, golden: SnapshotAssertion, actions: Actions) -> None:
    """Actions are done in their order, as if they were commands (B-50, R-B16)."""
    _story(disk, actions)
    assert disk.finish("a transaction that succeeds") == golden


@pytest.mark.thorough
@pytest.mark.parametrize("actions", GOOD.values(), ids=GOOD)
def test_aborted(disk: Bench, golden: SnapshotAssertion, actions: Actions) -> None:
    """What was done before an abort is undone, bits and states alike (B-50, R-B16)."""
    _story(disk, (*actions, Abort()))
    assert disk.finish("a transaction that is aborted") == golden


BAD: dict[str, Actions] = {
    "abort-first": (Abort(), ClearBitmap("b0")),
    "add-twice": (AddBitmap("new"), AddBitmap("new")),
    "remove-then-add": (RemoveBitmap("b0"), AddBitmap("b0")),
    "remove-twice": (RemoveBitmap("b0"), RemoveBitmap("b0")),
    "remove-then-clear": (RemoveBitmap("b1"), ClearBitmap("b1")),
    "remove-then-merge": (RemoveBitmap("b0"), MergeBitmaps("b1", ("b0",))),
    "add-too-fine": (ClearBitmap("b0"), AddBitmap("new", 256)),
    "add-too-long": (DisableBitmap("b0"), AddBitmap("n" * 1024)),
    "clear-unknown": (ClearBitmap("b0"), ClearBitmap("nosuch")),
    "clear-held": (ClearBitmap("b0"), ClearBitmap("held")),
    "disable-unknown": (DisableBitmap("b0"), DisableBitmap("nosuch")),
    "disable-held": (EnableBitmap("off"), DisableBitmap("held")),
    "enable-unknown-node": (EnableBitmap("off"), ClearBitmap("b0", node="nosuch")),
    "merge-unknown": (ClearBitmap("b0"), MergeBitmaps("b0", ("b1", "nosuch"))),
    "merge-held": (MergeBitmaps("b0", ("b1",)), MergeBitmaps("b0", ("held",))),
    "remove-unknown": (RemoveBitmap("b1"), RemoveBitmap("nosuch")),
    "remove-held": (RemoveBitmap("b1"), RemoveBitmap("held")),
    "everything": (
        AddBitmap("new"),
        MergeBitmaps("new", ("b0", "b1")),
        ClearBitmap("b0"),
        MergeBitmaps("b0", ("b1",)),
        DisableBitmap("b0"),
        EnableBitmap("off"),
        RemoveBitmap("b1"),
        ClearBitmap("b0", node="other"),
        AddBitmap("b0"),
    ),
}


@pytest.mark.parametrize("actions", BAD.values(), ids=BAD)
def test_failed(disk: Bench, golden: SnapshotAssertion, actions: Actions) -> None:
    """An action that fails undoes all before it; a bitmap to be removed is held, its name taken (B-50, R-B16)."""
    _story(disk, actions)
    assert disk.finish("a transaction that fails") == golden


@pytest.mark.known("KI-05")
@pytest.mark.parametrize("name", ["nosuch", "held"])
def test_failed_enable(disk: Bench, name: str) -> None:
    """A transaction that cannot enable a bitmap changes nothing (B-40, B-50)."""
    _story(disk, (ClearBitmap("b0"), EnableBitmap(name)))
    disk.finish("a transaction that fails at enabling")


def test_removed_in_vain(bench: Bench, golden: SnapshotAssertion) -> None:
    """A stored bitmap whose removal was undone is stored again: it is there after a restart (B-50, B-64)."""
    bench.do(AddImage("source"))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True), Write(0, 1, Fill(0x11)))
    bench.do(Restart())
    bench.do(Transaction((RemoveBitmap("b0"), Abort())))
    bench.do(Restart())
    bench.observe("b0")
    bench.do(Transaction((RemoveBitmap("b0"),)))
    bench.do(Restart())
    bench.observe("b0")
    assert bench.finish("removal of a stored bitmap, undone and done") == golden
