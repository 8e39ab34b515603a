"""What the bitmap commands do to the model's bitmaps, and the default granularity."""

from __future__ import annotations

import pytest

from fixtures.model.refusal import Refusal
from fixtures.model.rules import restarts
from fixtures.model.state.bitmap import Bitmap
from fixtures.model.state.content import Image
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    ClearBitmap,
    DisableBitmap,
    EnableBitmap,
    ExportBitmap,
    MergeBitmaps,
    RemoveBitmap,
    StartMirror,
    Write,
)

ONES = Fill(1)


@pytest.fixture
def world() -> World:
    """Give a disk with two bitmaps, of which only the first has seen a write."""
    world = World(State(Dialect.V3, {"source": Image(100, 10)}, smallest_granularity=1))
    for step in (AddBitmap("b0", 8, persistent=True), Write(0, 9, ONES), AddBitmap("b1", 16)):
        world.apply(step)
    return world


def test_clearing_leaves_no_bit(world: World) -> None:
    """A cleared bitmap is clean and goes on recording."""
    world.apply(ClearBitmap("b0"))
    assert world.state.bitmaps_on("source")["b0"].dirty == set()
    world.apply(Write(16, 1, ONES))
    assert world.state.bitmaps_on("source")["b0"].dirty == {2}


def test_a_disabled_bitmap_keeps_what_it_had(world: World) -> None:
    """Nothing is recorded between disabling and enabling, and nothing is lost."""
    world.apply(DisableBitmap("b0"))
    world.apply(Write(16, 1, ONES))
    world.apply(EnableBitmap("b0"))
    world.apply(Write(24, 1, ONES))
    assert world.state.bitmaps_on("source")["b0"].dirty == {0, 1, 3}


def test_merging_adds(world: World) -> None:
    """The target holds what it held and what the sources hold, in its own segments; no source changes."""
    world.apply(Write(99, 1, ONES))
    world.apply(MergeBitmaps("b1", ("b0",)))
    assert (world.state.bitmaps_on("source")["b1"].dirty, world.state.bitmaps_on("source")["b0"].dirty) == (
        {0, 6},
        {0, 1, 12},
    )


def test_a_removed_bitmap_is_gone(world: World) -> None:
    """Its name is free again, also when it was inconsistent."""
    world.state.bitmaps_on("source")["b0"].inconsistent = True
    world.apply(RemoveBitmap("b0"))
    world.apply(AddBitmap("b0", 8))
    assert not world.state.bitmaps_on("source")["b0"].dirty


def test_an_export_holds_its_bitmap(world: World) -> None:
    """An exported bitmap is busy and still records."""
    world.apply(ExportBitmap("b0"))
    assert (world.state.bitmaps_on("source")["b0"].busy, world.state.bitmaps_on("source")["b0"].recording) == (
        True,
        True,
    )


def test_read_only_is_what_the_file_stores(world: World) -> None:
    """On a read-only source persistent bitmaps cannot be modified, but read; transient ones can."""
    restarts.reopen_read_only(world.state, "source")
    world.apply(MergeBitmaps("b1", ("b0",)))
    assert world.state.bitmaps_on("source")["b1"].dirty == {0}
    for step in (MergeBitmaps("b0", ("b1",)), ClearBitmap("b0"), RemoveBitmap("b0")):
        with pytest.raises(Refusal, match="'b0' is readonly"):
            world.apply(step)


@pytest.mark.parametrize(("cluster", "granularity"), [(0, 64), (512, 4), (16 * KIB, 16), (64 * KIB, 64), (KIB**2, 64)])
def test_granularity_by_default(cluster: int, granularity: int) -> None:
    """A bitmap takes the cluster size of its image, but between 4 KiB and 64 KiB."""
    world = World(State(Dialect.V3, {"source": Image(KIB**2, cluster)}))
    world.apply(AddBitmap("b0"))
    assert world.state.bitmaps_on("source")["b0"].granularity == granularity * KIB


@pytest.mark.parametrize(("cluster", "granularity"), [(0, 64), (512, 4), (16 * KIB, 16), (2 * KIB**2, 64)])
def test_a_job_takes_its_granularity_from_the_target(cluster: int, granularity: int) -> None:
    """Without bitmap and granularity, the target's cluster size decides, between 4 KiB and 64 KiB."""
    world = World(State(Dialect.STOCK, {"source": Image(KIB**2, 512), "target": Image(KIB**2, cluster)}))
    world.apply(StartMirror("job", "target"))
    assert world.state.jobs["job"].bitmap.granularity == granularity * KIB


@pytest.mark.parametrize(
    ("count", "width", "name", "text"),
    [
        (65535, 0, "one-more", "Maximum number of persistent bitmaps"),
        (64034, 1023, "x" * 185, "Not enough space in the bitmap directory"),
    ],
    ids=["number", "directory"],
)
def test_a_file_holds_so_many(count: int, width: int, name: str, text: str) -> None:
    """One persistent bitmap more is refused, a transient one is not."""
    world = World(State(Dialect.V3, {"source": Image(KIB, 64 * KIB)}))
    names = [f"{number:x}".ljust(width, "y") for number in range(count)]
    world.state.bitmaps["source"] = {one: Bitmap(one, KIB, 512, persistent=True) for one in names}
    with pytest.raises(Refusal, match=text):
        world.apply(AddBitmap(name, persistent=True))
    world.apply(AddBitmap(name))
