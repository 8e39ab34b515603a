"""Migrations that fail or are cancelled, and guests that go on where they were: all bitmaps are as before."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    Arrive,
    BitmapAlias,
    CancelMigration,
    Crash,
    ExportBitmap,
    MapBitmaps,
    Migrate,
    NodeAlias,
    RemoveBitmap,
    Restart,
    Resume,
    SetCapabilities,
    Step,
    Write,
)
from suites.migration.sides import prepare

pytestmark = pytest.mark.dialects("stock", "v1", "v2", "v3")
SIZE = 8 * MIB
DISKS = AddImage("source", SIZE), AddBitmap("b0", 64 * KIB, persistent=True), AddBitmap("b1", MIB)
UNUSABLE: dict[str, tuple[Step, ...]] = {
    "busy": (ExportBitmap("b1"),),
    "inconsistent": (Restart(), Crash()),
    "long-name": (AddBitmap("b" * 256),),
}


@pytest.mark.parametrize("why", UNUSABLE)
def test_unusable_bitmap(bench: Bench, golden: SnapshotAssertion, why: str) -> None:
    """A bitmap that nothing can use fails the migration before it begins; the others are not busy any more (B-90)."""
    bench.do(*DISKS, Write(0, 512, Fill(0x11)), *UNUSABLE[why])
    prepare(bench, "dirty-bitmaps")
    bench.do(Migrate())
    bench.destination.do(Arrive())
    bench.observe("b0", "b1")
    bench.do(Write(MIB, 512, Fill(0x22)))
    bench.observe("b0", "b1")
    assert bench.finish(f"a bitmap cannot be migrated: {why}") == golden


@pytest.mark.parametrize("name", ["b0", "b1"])
def test_bitmap_that_exists(bench: Bench, golden: SnapshotAssertion, name: str) -> None:
    """A destination that has such a bitmap ends; the guest stays, and its bitmaps record (B-90, B-91)."""
    bench.do(*DISKS, RemoveBitmap("b0" if name == "b1" else "b1"), Write(0, 512, Fill(0x11)))
    bench.destination.do(AddImage("source", SIZE), AddBitmap(name, 64 * KIB))
    prepare(bench, "dirty-bitmaps", "return-path")
    bench.do(Migrate())
    bench.destination.do(Arrive())
    bench.observe(name)
    bench.do(Write(MIB, 512, Fill(0x22)))
    bench.observe(name)
    assert bench.finish("the destination has a bitmap of that name") == golden


@pytest.mark.known("KI-22", ending="quit")
@pytest.mark.parametrize("ending", ["quit", "killed"])
@pytest.mark.parametrize("before", ["new", "stored"])
def test_cancelled(bench: Bench, golden: SnapshotAssertion, before: str, ending: str) -> None:
    """A migration that is cancelled before the switch-over leaves all as it was: what persists is stored (B-91)."""
    bench.do(*DISKS, *([Restart()] if before == "stored" else []), Write(0, 512, Fill(0x11)))
    bench.destination.do(AddImage("source", SIZE))
    prepare(bench, "dirty-bitmaps", "pause-before-switchover")
    bench.do(Migrate())
    bench.observe("b0", "b1")
    bench.do(CancelMigration(), Write(MIB, 512, Fill(0x22)))
    bench.observe("b0", "b1")
    bench.destination.do(Arrive())
    bench.do(Restart() if ending == "quit" else Crash())
    bench.observe("b0", "b1")
    assert bench.finish("a migration is cancelled") == golden


def test_nobody_listens(bench: Bench, golden: SnapshotAssertion) -> None:
    """A migration to nowhere fails; what persists is stored (B-91)."""
    bench.do(*DISKS, Write(0, 512, Fill(0x11)), SetCapabilities(("events", "dirty-bitmaps")))
    bench.do(Migrate(), Write(MIB, 512, Fill(0x22)))
    bench.observe("b0", "b1")
    bench.do(Restart())
    bench.observe("b0", "b1")
    assert bench.finish("a migration to nowhere") == golden


@pytest.mark.parametrize("migrated", [True, False], ids=["migrated", "left"])
def test_source_goes_on(bench: Bench, golden: SnapshotAssertion, *, migrated: bool) -> None:
    """Once its guest went to a file, QEMU can take the disks back, with the bitmaps as they were (B-91)."""
    bench.do(*DISKS, Write(0, 512, Fill(0x11)))
    bench.do(SetCapabilities(("events", *(["dirty-bitmaps"] if migrated else []))), Migrate(to_file=True))
    bench.observe("b0", "b1")
    bench.do(Resume(), Write(MIB, 512, Fill(0x22)))
    bench.observe("b0", "b1")
    bench.do(Restart())
    bench.observe("b0", "b1")
    assert bench.finish("the source goes on after the migration") == golden


def _node(node: str = "source", alias: str = "disk", *bitmaps: BitmapAlias) -> NodeAlias:
    return NodeAlias(node, alias, bitmaps)


WRONG: dict[str, tuple[NodeAlias, ...]] = {
    "malformed-alias": (_node(alias="1"),),
    "empty-alias": (_node(alias=""),),
    "long-node-alias": (_node(alias="a" * 256),),
    "long-node": (_node("n" * 32),),
    "node-twice": (_node(), _node(alias="other")),
    "node-alias-twice": (_node(), _node("target")),
    "long-bitmap-alias": (_node("source", "disk", BitmapAlias("b0", "a" * 256)),),
    "long-bitmap": (_node("source", "disk", BitmapAlias("b" * 1024, "a")),),
    "bitmap-twice": (_node("source", "disk", BitmapAlias("b0", "a"), BitmapAlias("b0", "b")),),
    "bitmap-alias-twice": (_node("source", "disk", BitmapAlias("b0", "a"), BitmapAlias("b1", "a")),),
}


@pytest.mark.parametrize("mapping", WRONG)
def test_refused_mapping(bench: Bench, golden: SnapshotAssertion, mapping: str) -> None:
    """Aliases that are malformed, too long or used twice are refused; the longest are taken (B-93)."""
    longest = _node("n" * 31, "a" * 255, BitmapAlias("b" * 1023, "a" * 255))
    bench.do(MapBitmaps((longest,)), MapBitmaps(WRONG[mapping]))
    assert bench.finish(f"a mapping is refused: {mapping}") == golden
