"""What the model says of layers that are committed."""

from __future__ import annotations

import pytest

from fixtures.model.state.bitmap import Bitmap
from fixtures.model.state.content import Image
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.patterns import ZEROES, Fill
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import AddBitmap, CancelJob, CompleteJob, StartCommit, Write

ONES, TWOS = Fill(1), Fill(2)
CLUSTER = 64 * KIB

ACTIVE = StartCommit("top", "source", "top", filter_node="filter")


@pytest.fixture(name="world")
def _world() -> World:
    """Give three layers of 4 clusters: one byte was written in the middle one, a whole small cluster in the top."""
    base = Image(4 * CLUSTER, CLUSTER)
    middle = Image(4 * CLUSTER, 4 * KIB, base)
    world = World(State(Dialect.V3, {"source": base, "middle": middle, "top": Image(4 * CLUSTER, 4 * KIB, middle)}))
    world.apply(AddBitmap("b", 4 * KIB))
    world.apply(AddBitmap("off", 4 * KIB, disabled=True))
    world.apply(Write(CLUSTER, 1, ONES, at="middle"))
    world.apply(Write(3 * CLUSTER, 4 * KIB, TWOS, at="top"))
    return world


def test_whole_clusters_are_recorded(world: World) -> None:
    """A commit writes the clusters that a layer holds; a bitmap that is disabled does not see it."""
    events = world.apply(StartCommit("middle", "source", "top"))["commit"]
    assert [event.name for event in events][-3:] == ["COMPLETED", "concluded", "null"]
    assert (world.state.bitmaps_on("source")["b"].dirty, world.state.bitmaps_on("source")["off"].dirty) == ({16}, set())
    first, rest = list(world.state.images["source"].read(CLUSTER, CLUSTER + 4 * KIB))
    assert (first, rest) == ((CLUSTER, CLUSTER + 1, ONES), (CLUSTER + 1, CLUSTER + 4 * KIB, ZEROES))


def test_the_layer_above_lies_over_the_base_then(world: World) -> None:
    """The layer that was committed is no longer between."""
    world.apply(StartCommit("middle", "source", "top"))
    assert world.state.images["top"].backing is world.state.images["source"]


def test_an_active_commit_copies_segments(world: World) -> None:
    """It is a mirror: of a cluster of 4 KiB it copies the whole segment of 64 KiB, of all layers above the base."""
    world.apply(ACTIVE)
    assert world.state.bitmaps_on("source")["b"].dirty == {*range(16, 32), *range(48, 64)}


def test_what_is_written_meanwhile_is_recorded_at_the_end(world: World) -> None:
    """The job catches up before it completes."""
    world.apply(ACTIVE)
    world.apply(Write(0, 1, ONES, at="top"))
    world.apply(CompleteJob("commit"))
    assert world.state.bitmaps_on("source")["b"].dirty >= set(range(16))


@pytest.mark.parametrize(("end", "readonly"), [(CompleteJob("commit"), False), (CancelJob("commit", force=True), True)])
def test_a_read_only_base(world: World, end: CompleteJob | CancelJob, readonly: bool) -> None:
    """It becomes the disk that is written, unless the commit is cancelled by force: then it is as it was."""
    bitmap = world.state.bitmaps_on("source")["b"]
    bitmap.persistent = bitmap.stored = bitmap.readonly = True
    world.apply(ACTIVE)
    assert not bitmap.readonly
    world.apply(end)
    assert bitmap.readonly is readonly


def test_an_inconsistent_bitmap_fails_a_commit_that_must_grow_the_base(world: World) -> None:
    """The job fails and nothing is written."""
    world.state.bitmaps_on("source")["b"] = Bitmap(
        "b", 4 * CLUSTER, 4 * KIB, persistent=True, stored=True, inconsistent=True
    )
    world.state.images["top"].size += CLUSTER
    events = world.apply(ACTIVE)["commit"]
    assert "aborting" in [event.name for event in events]
    assert (world.state.images["source"].size, world.state.bitmaps_on("source")["b"].dirty) == (4 * CLUSTER, set())
