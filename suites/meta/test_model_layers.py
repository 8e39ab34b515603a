"""What the model says of streams, of the life of commits and streams, and of nodes that a drive has left."""

from __future__ import annotations

import pytest

from fixtures.model.refusal import Refusal
from fixtures.model.state.content import Image
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import CopyMode, Dialect
from fixtures.vocabulary.patterns import ZEROES, Fill
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddDrive,
    CancelJob,
    ChangeCopyMode,
    CompleteJob,
    FinalizeJob,
    PauseJob,
    Quit,
    ReopenReadOnly,
    Resize,
    ResumeJob,
    StartCommit,
    StartStream,
    Step,
    Write,
)

CLUSTER = 64 * KIB
ONES, TWOS = Fill(1), Fill(2)


@pytest.fixture(name="world")
def _world() -> World:
    """Give three layers of 4 clusters under a drive, the lower two with data, each with a bitmap."""
    world = World(State(Dialect.STOCK))
    below = None
    for name in ("base", "middle", "top"):
        below = world.state.images[name] = Image(4 * CLUSTER, CLUSTER, below)
        world.apply(AddBitmap("b", CLUSTER, node=name))
    world.apply(AddDrive("guest", "top"))
    world.apply(Write(0, 2 * CLUSTER, ONES, at="base"))
    world.apply(Write(CLUSTER, 1, TWOS, at="middle"))
    return world


def _names(world: World, step: Step) -> list[str]:
    return [event.name for events in world.apply(step).values() for event in events]


def _own(world: World, node: str) -> list[tuple[int, int]]:
    image = world.state.images[node]
    return [(low, high) for low, high, pattern in image.own.slices(0, image.size) if pattern is not None]


def test_a_stream_to_a_base(world: World) -> None:
    """What the base holds is not copied, no bit becomes dirty, and what was between is no part of the disk."""
    assert _names(world, StartStream("top", "base"))[-3:] == ["COMPLETED", "concluded", "null"]
    assert (_own(world, "top")[0][0], _own(world, "top")[-1][1]) == (CLUSTER, 2 * CLUSTER)
    assert not world.state.bitmaps_on("top")["b"].dirty
    assert world.state.images["top"].backing is world.state.images["base"]
    assert world.state.nodes() == {"base", "middle", "top"}


def test_a_short_layer(world: World) -> None:
    """Zeroes beyond the end of what is taken out are copied if the base would show something there, only then."""
    world.state.images["middle"].size = CLUSTER
    world.state.images["middle"].own.put(0, 4 * CLUSTER, ONES)
    assert [*world.state.images["top"].read(CLUSTER, 2 * CLUSTER)] == [(CLUSTER, 2 * CLUSTER, ZEROES)]
    world.apply(StartStream("top", "base"))
    assert [*world.state.images["top"].read(CLUSTER, 2 * CLUSTER)] == [(CLUSTER, 2 * CLUSTER, ZEROES)]
    assert _own(world, "top")[-1][1] == 4 * CLUSTER


def test_an_image_grows_over_a_longer_one(world: World) -> None:
    """What is new reads as zeroes, whatever lies below."""
    world.state.images["middle"].size = CLUSTER
    world.apply(Resize(2 * CLUSTER, "middle"))
    assert [*world.state.images["middle"].read(CLUSTER, 2 * CLUSTER)] == [(CLUSTER, 2 * CLUSTER, ZEROES)]


def test_pending(world: World) -> None:
    """A job that is to be finalized has copied, but not changed the graph; a cancel leaves it so."""
    assert _names(world, StartStream("top", auto_finalize=False))[-1] == "PENDING"
    assert world.state.images["top"].backing is world.state.images["middle"]
    assert [job.state for job in world.state.all_known().values()] == ["pending"]
    assert _names(world, CancelJob("stream")) == ["aborting", "CANCELLED", "concluded", "null"]
    assert world.state.images["top"].backing is world.state.images["middle"]
    world.apply(StartStream("top", auto_finalize=False))
    world.apply(FinalizeJob("stream"))
    assert world.state.images["top"].backing is None


@pytest.mark.parametrize(("end", "reached"), [(CompleteJob("commit"), "base"), (CancelJob("commit"), "top")])
def test_a_drive_under_an_active_commit(world: World, end: Step, reached: str) -> None:
    """A guest is left with the base once the commit has completed; the node that only its drive held is closed."""
    world.apply(StartCommit("top", "base", "top"))
    world.apply(PauseJob("commit"))
    world.apply(ResumeJob("commit"))
    with pytest.raises(Refusal, match="Job type does not support change"):
        world.apply(ChangeCopyMode("commit", CopyMode.WRITE_BLOCKING))
    world.apply(end)
    assert world.state.graph.drives == {"guest": reached}
    assert ("top" in world.state.nodes()) is (reached == "top")


def test_a_read_only_layer(world: World) -> None:
    """It is writable for the job alone."""
    world.apply(ReopenReadOnly("base"))
    world.apply(StartCommit("middle", "base", "top", auto_finalize=False))
    assert "base" not in world.state.graph.read_only
    world.apply(FinalizeJob("commit"))
    assert "base" in world.state.graph.read_only


def test_the_end_of_qemu(world: World) -> None:
    """A commit that waits is cancelled by force."""
    world.apply(StartCommit("top", "base", "top"))
    assert _names(world, Quit()) == ["aborting", "CANCELLED", "concluded", "null"]


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (StartStream("top", "nosuch"), "Cannot find device='' nor node-name='nosuch'"),
        (StartStream("middle", "top"), "Node 'top' is not a backing image of 'middle'"),
        (StartCommit("middle", "base", "nosuch"), "DeviceNotFound: Device 'nosuch' not found"),
        (StartCommit("base", "middle", "top"), "'middle' is not in this backing file chain"),
        (StartCommit("top", "top", "top"), "cannot commit an image into itself"),
    ],
)
def test_refused(world: World, step: Step, text: str) -> None:
    """What is no chain is refused in the words of the command."""
    with pytest.raises(Refusal) as refusal:
        world.apply(step)
    assert refusal.value.text == text


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (StartCommit("top", "base", "top", job="two"), "Need a root block node"),
        (StartStream("top", "base", job="two"), "Node 'filter' is busy: block device is in use by block job: stream"),
        (StartStream("top", "middle"), "Job ID 'stream' already in use"),
    ],
)
def test_a_second_job(world: World, step: Step, text: str) -> None:
    """A layer that a job uses takes part in no other."""
    world.apply(StartStream("middle", filter_node="filter", auto_finalize=False))
    if isinstance(step, StartCommit):
        world.apply(StartStream("top", "middle", job="three", auto_finalize=False))
    with pytest.raises(Refusal) as refusal:
        world.apply(step)
    assert refusal.value.text == text
