"""What discards and drive-mirror do to the model's images."""

from __future__ import annotations

import pytest

from fixtures.model.rules.graph import unnamed_nodes
from fixtures.model.state.bitmap import Bitmap
from fixtures.model.state.content import Image, first_difference
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect, MirrorCommand, SyncMode
from fixtures.vocabulary.patterns import ZEROES, Fill, Pattern
from fixtures.vocabulary.steps import CancelJob, IoKind, StartMirror, Write

SIZE = 100
ONES, TWOS = Fill(1), Fill(2)


@pytest.fixture
def world() -> World:
    """Give a disk of 100 bytes in clusters of 4, with some data and a bitmap of segments of 8."""
    images = {"source": Image(SIZE, 4), "target": Image(SIZE, 4)}
    world = World(State(Dialect.V3, images, {"source": {"b0": Bitmap("b0", SIZE, 8)}}))
    for offset, length in ((0, 1), (31, 2), (96, 4)):
        world.apply(Write(offset, length, ONES))
    return world


def read(image: Image, start: int, end: int) -> list[tuple[int, int, Pattern]]:
    """Return what a guest reads."""
    return list(image.read(start, end))


def test_a_discard_takes_whole_clusters_only(world: World) -> None:
    """What it covers in part stays as it was, but is dirty as well; the disk's short last cluster counts as whole."""
    world.state.images["source"].unmap = True
    world.state.bitmaps_on("source")["b0"].clear()
    world.apply(Write(29, 5, kind=IoKind.DISCARD))
    assert read(world.state.images["source"], 31, 33) == [(31, 33, ONES)]
    world.apply(Write(97, 3, kind=IoKind.DISCARD))
    assert read(world.state.images["source"], 96, 100) == [(96, 100, ONES)]
    world.apply(Write(95, 5, kind=IoKind.DISCARD))
    assert read(world.state.images["source"], 96, 100) == [(96, 100, ZEROES)]
    assert world.state.bitmaps_on("source")["b0"].dirty == {3, 4, 11, 12}


def test_a_discard_hides_the_backing_file_and_allocates_nothing_without_one(world: World) -> None:
    """Where something could shine through, zeroes are marked; where nothing is, nothing is."""
    source = world.state.images["source"]
    source.unmap = True
    world.apply(Write(40, 8, kind=IoKind.DISCARD))
    assert not source.is_allocated(40, 48)
    source.backing = Image(SIZE)
    source.backing.write(0, SIZE, TWOS)
    world.apply(Write(40, 8, kind=IoKind.DISCARD))
    assert read(source, 40, 49) == [(40, 48, ZEROES), (48, 49, TWOS)]


@pytest.mark.parametrize("at", ["source", "filter"])
def test_a_discard_that_no_node_passes_on_does_nothing(world: World, at: str) -> None:
    """Neither a node that ignores discards nor a mirror's filter does anything."""
    world.state.images["source"].unmap = at == "filter"
    world.apply(StartMirror("job", "target"))
    dirty = set(world.state.bitmaps_on("source")["b0"].dirty)
    world.apply(Write(0, SIZE, kind=IoKind.DISCARD, at=at))
    assert world.state.bitmaps_on("source")["b0"].dirty == dirty
    assert first_difference(world.state.images["source"], world.state.images["target"]) is None


@pytest.mark.parametrize(("sync", "below"), [(SyncMode.FULL, None), (SyncMode.TOP, "base"), (SyncMode.NONE, "source")])
def test_drive_mirror_creates_a_target_over_what_it_leaves_out(world: World, sync: SyncMode, below: str | None) -> None:
    """It is open while the job lives, with generated node names, and reads like the source at the end."""
    base = world.state.images["base"] = Image(SIZE)
    base.write(0, SIZE, TWOS)
    world.state.images["source"].backing = base
    world.apply(StartMirror("job", "new", sync=sync, command=MirrorCommand.DRIVE))
    assert (world.state.nodes(), unnamed_nodes(world.state)) == ({"base", "source", "target", "new"}, 2)
    world.apply(Write(50, 3, Fill(3), at="filter"))
    world.apply(CancelJob("job"))
    assert (world.state.nodes(), unnamed_nodes(world.state)) == ({"base", "source", "target"}, 0)
    assert world.state.images["new"].backing is (world.state.images[below] if below else None)
    assert first_difference(world.state.images["new"], world.state.images["source"]) is None
