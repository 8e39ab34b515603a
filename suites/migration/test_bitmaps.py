"""Dirty bitmaps that migrate with the guest: all of them, and the bits that they have, on both sides."""

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
    BitmapAt,
    ClearBitmap,
    DisableBitmap,
    EnableBitmap,
    MapBitmaps,
    Migrate,
    NodeAlias,
    OpenImage,
    Restart,
    ShareImage,
    Write,
)
from suites.migration.sides import prepare

pytestmark = pytest.mark.dialects("stock", "v1", "v2", "v3")
SIZE = 8 * MIB


BITMAPS = {
    "new": AddBitmap("b0", 64 * KIB, persistent=True),
    "stored": AddBitmap("b0", 64 * KIB, persistent=True),
    "transient": AddBitmap("b0", 64 * KIB),
}


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "apart"])
@pytest.mark.parametrize("enabled", [True, False], ids=["enabled", "disabled"])
@pytest.mark.parametrize("migrated", [True, False], ids=["migrated", "left"])
@pytest.mark.parametrize("bitmap", BITMAPS)
def test_bitmap(
    bench: Bench, golden: SnapshotAssertion, bitmap: str, *, migrated: bool, enabled: bool, shared: bool
) -> None:
    """A bitmap comes with the stream if that is asked for, or with the image, or not; it records there (B-90)."""
    there = bench.destination
    bench.do(AddImage("source", SIZE), BITMAPS[bitmap], *([Restart()] if bitmap == "stored" else []))
    bench.do(Write(0, 64 * KIB, Fill(0x11)), *([] if enabled else [DisableBitmap("b0")]))
    there.do(ShareImage() if shared else AddImage("source", SIZE))
    prepare(bench, *(["dirty-bitmaps"] if migrated else []))
    bench.do(Migrate())
    there.do(Arrive(), Write(MIB, 512, Fill(0x22)))
    bench.observe("b0")
    there.observe("b0")
    there.do(Restart())
    there.observe("b0")
    assert bench.finish("a bitmap migrates") == golden


@pytest.mark.parametrize("granularity", [512, 4 * KIB, MIB, 2048 * MIB], ids=["512", "4K", "1M", "2G"])
def test_bits(bench: Bench, golden: SnapshotAssertion, granularity: int) -> None:
    """Each bit arrives, whatever the granularity: the stream has pieces of 8192 bits, without those of none (B-90)."""
    size = 17 * MIB + 512
    bench.do(AddImage("source", size), AddBitmap("b0", granularity))
    bench.do(*[Write(at, 512, Fill(0x11)) for at in (512, 4 * MIB - 512, 12 * MIB, 13 * MIB + 4096, size - 512)])
    bench.do(Write(4 * MIB - 512, 1024, Fill(0x22)))
    bench.destination.do(AddImage("source", size))
    prepare(bench, "dirty-bitmaps")
    bench.do(Migrate())
    bench.destination.do(Arrive())
    bench.destination.observe("b0")
    assert bench.finish("every bit of a bitmap migrates") == golden


def test_several(bench: Bench, golden: SnapshotAssertion) -> None:
    """Of several bitmaps on two disks each comes with its own bits and flags; a second one starts afresh (B-90)."""
    there = bench.destination
    bench.do(AddImage("source", SIZE), AddImage("target", SIZE), AddBitmap("b0", 64 * KIB))
    bench.do(Write(0, 512, Fill(0x11)), AddBitmap("b1", MIB, persistent=True), Write(3 * MIB, 512, Fill(0x11)))
    bench.do(AddBitmap("b2", 512, disabled=True), AddBitmap("b0", 4 * KIB, node="target"))
    bench.do(Write(4 * MIB, 8 * KIB, Fill(0x22), at="target"))
    there.do(AddImage("source", SIZE), AddImage("target", SIZE))
    prepare(bench, "dirty-bitmaps")
    bench.do(Migrate())
    there.do(Arrive(), Write(MIB, 512, Fill(0x33)))
    names = ("b0", "b1", "b2", BitmapAt("target", "b0"))
    bench.observe(*names)
    there.observe(*names)
    there.do(Restart())
    there.observe(*names)
    assert bench.finish("several bitmaps migrate") == golden


def test_read_only(bench: Bench, golden: SnapshotAssertion) -> None:
    """On a disk that the destination reads only, the bitmap is there, and nothing sets its bits (B-90)."""
    bench.do(AddImage("source", SIZE), AddBitmap("b0", 64 * KIB), Write(0, 512, Fill(0x11)))
    there = bench.destination
    with bench.aside("the destination has an image that it reads only"):
        there.do(AddImage("source", SIZE, opened=False), OpenImage("source", read_only=True))
    prepare(bench, "dirty-bitmaps")
    bench.do(Migrate())
    there.do(Arrive())
    there.observe("b0")
    there.do(DisableBitmap("b0"), EnableBitmap("b0"), ClearBitmap("b0"))
    there.observe("b0")
    assert bench.finish("a bitmap migrates to a disk that is read only") == golden


MAPPING = MapBitmaps((NodeAlias("source", "disk", (BitmapAlias("b0", "first"),)),))
ALIASES: dict[str, tuple[MapBitmaps, MapBitmaps]] = {
    "renamed": (MAPPING, MapBitmaps((NodeAlias("target", "disk", (BitmapAlias("b7", "first"),)),))),
    "made-persistent-here": (
        MapBitmaps((NodeAlias("source", "disk", (BitmapAlias("b0", "first", persistent=True),)),)),
        MapBitmaps((NodeAlias("source", "disk", (BitmapAlias("b0", "first"),)),)),
    ),
    "made-persistent-there": (
        MAPPING,
        MapBitmaps((NodeAlias("source", "disk", (BitmapAlias("b0", "first", persistent=True),)),)),
    ),
    "made-transient-there": (
        MapBitmaps((NodeAlias("source", "disk", (BitmapAlias("b0", "first", persistent=True),)),)),
        MapBitmaps((NodeAlias("source", "disk", (BitmapAlias("b0", "first", persistent=False),)),)),
    ),
    "none": (MapBitmaps(()), MapBitmaps(())),
    "unknown-node-alias": (MAPPING, MapBitmaps((NodeAlias("source", "other", (BitmapAlias("b0", "first"),)),))),
    "unknown-bitmap-alias": (MAPPING, MapBitmaps((NodeAlias("source", "disk", (BitmapAlias("b0", "other"),)),))),
    "unknown-node": (MAPPING, MapBitmaps((NodeAlias("missing", "disk", (BitmapAlias("b0", "first"),)),))),
}


@pytest.mark.parametrize(
    "names", [pytest.param(name, marks=[pytest.mark.thorough] * name.startswith("made-")) for name in ALIASES]
)
def test_aliases(bench: Bench, golden: SnapshotAssertion, names: str) -> None:
    """Only what has an alias migrates, as what that stands for there; else the guest comes without (B-93)."""
    here, there = ALIASES[names]
    bench.do(AddImage("source", SIZE), AddBitmap("b0", 64 * KIB), AddBitmap("b1", 64 * KIB))
    bench.do(Write(0, 64 * KIB, Fill(0x11)), here)
    bench.destination.do(AddImage("source", SIZE), AddImage("target", SIZE), there)
    prepare(bench, "dirty-bitmaps")
    bench.do(Migrate())
    bench.destination.do(Arrive(), Write(MIB, 512, Fill(0x22)))
    found = [BitmapAt(node, name) for node in ("source", "target") for name in ("b0", "b1", "b7")]
    bench.destination.observe(*found)
    bench.destination.do(Restart())
    bench.destination.observe(*found)
    assert bench.finish(f"bitmaps migrate by aliases: {names}") == golden


def test_unknown_node(bench: Bench, golden: SnapshotAssertion) -> None:
    """A destination without the node takes the guest without the bitmaps (B-93)."""
    bench.do(AddImage("source", SIZE), AddBitmap("b0", 64 * KIB), Write(0, 64 * KIB, Fill(0x11)))
    bench.destination.do(AddImage("target", SIZE))
    prepare(bench, "dirty-bitmaps")
    bench.do(Migrate())
    bench.destination.do(Arrive())
    bench.destination.observe()
    assert bench.finish("the destination does not know the node") == golden
