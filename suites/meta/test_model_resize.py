"""What the model says of a disk that is resized under its bitmaps."""

from __future__ import annotations

import pytest

from fixtures.model.refusal import Refusal
from fixtures.model.rules import restarts
from fixtures.model.state.content import Image
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.steps import AddBitmap, ExportBitmap, Resize, Write

ONES = Fill(1)


@pytest.fixture(name="world")
def _world() -> World:
    """Give a disk of 4 KiB, all written, with a bitmap that saw it."""
    world = World(State(Dialect.V3, {"source": Image(4096)}))
    world.apply(AddBitmap("b0", 1024))
    world.apply(Write(0, 4096, ONES))
    return world


def test_what_is_cut_off_is_forgotten(world: World) -> None:
    """Segments beyond the new end are clean, also after the disk has grown again; it reads as zeroes there."""
    world.apply(Resize(1536))
    world.apply(Resize(4096))
    assert world.state.bitmaps_on("source")["b0"].dirty == {0, 1}
    assert world.state.bitmaps_on("source")["b0"].size == 4096
    assert [(low, high, pattern.is_zero) for low, high, pattern in world.state.images["source"].read(0, 4096)] == [
        (0, 1536, False),
        (1536, 4096, True),
    ]


def test_what_is_new_is_recorded_when_written(world: World) -> None:
    """Growing makes nothing dirty; a write beyond the old end does."""
    world.apply(Resize(8192))
    assert world.state.bitmaps_on("source")["b0"].dirty == {0, 1, 2, 3}
    world.apply(Write(8191, 1, ONES))
    assert world.state.bitmaps_on("source")["b0"].dirty == {0, 1, 2, 3, 7}


def test_only_stored_bitmaps_are_in_the_way(world: World) -> None:
    """An inconsistent bitmap of the file refuses the resize, and nothing changes."""
    world.state.bitmaps_on("source")["b0"].stored = world.state.bitmaps_on("source")["b0"].inconsistent = True
    with pytest.raises(Refusal, match="Bitmap 'b0' is inconsistent"):
        world.apply(Resize(8192))
    assert world.state.images["source"].size == 4096


def test_sizes_are_whole_sectors(world: World) -> None:
    """QEMU refuses others."""
    with pytest.raises(Refusal, match="multiple of 512"):
        world.apply(Resize(1000))


def test_a_node_that_a_client_reads_keeps_its_size(world: World) -> None:
    """An export of it is in the way until it is gone with its QEMU."""
    world.apply(ExportBitmap("b0"))
    with pytest.raises(Refusal, match="Permission conflict on node 'source': permissions 'resize'"):
        world.apply(Resize(8192))
    restarts.restart(world.state)
    world.apply(Resize(8192))
    assert world.state.images["source"].size == 8192
