"""Where the model says that a mirror's target takes the place of a node, and where it may not."""

from __future__ import annotations

import pytest

from fixtures.model.refusal import Refusal
from fixtures.model.state.content import Image
from fixtures.model.state.job import JobState
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.patterns import ZEROES, Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AttachChild, CancelJob, CompleteJob, StartMirror, Write


@pytest.fixture
def world() -> World:
    """Give a target and a quorum of two disks, which a READY mirror reads to replace the second."""
    world = World(State(Dialect.STOCK))
    world.state.images |= {node: Image(MIB, 64 * KIB) for node in ("one", "two", "target")}
    world.state.graph.over["quorum"] = ("one", "two")
    world.apply(StartMirror("job", "target", "quorum", replaces="two"))
    return world


def _holds(world: World) -> list[str]:
    """Write through the quorum; return the disks that have the data."""
    world.apply(Write(0, 512, Fill(0x11), at="quorum"))
    return [node for node, image in world.state.images.items() if next(image.read(0, 512))[2] != ZEROES]


def test_replaced(world: World) -> None:
    """The target is where the node was, and is written instead of it."""
    world.apply(CompleteJob("job"))
    assert world.state.graph.over == {"quorum": ("one", "target")}
    assert (_holds(world), world.state.complaints) == (["one", "target"], [])


@pytest.mark.parametrize("step", [CancelJob("job"), CancelJob("job", force=True)], ids=["gracefully", "by-force"])
def test_cancelled(world: World, step: CancelJob) -> None:
    """A cancel replaces nothing, and does not mind what would be in the way."""
    world.state.graph.over["other"] = ("two",)
    world.apply(step)
    assert (_holds(world), world.state.complaints) == (["one", "two"], [])


def test_no_longer(world: World) -> None:
    """With another user of the node the job fails, QEMU complains and the node stays."""
    world.state.graph.over["other"] = ("two",)
    events = world.apply(CompleteJob("job"))["job"]
    assert [str(event) for event in events][2:4] == ["aborting", "COMPLETED(Operation not permitted)"]
    assert (_holds(world), world.state.jobs["job"].completed) == (["one", "two"], False)
    assert world.state.complaints[0].startswith("Can no longer replace 'two' by 'target'")


def test_another_size(world: World) -> None:
    """A child of another size than the quorum is not replaced, and no job begins."""
    world.apply(CompleteJob("job"))
    world.state.images["large"] = Image(2 * MIB, 64 * KIB)
    world.apply(AttachChild("quorum", "large"))
    with pytest.raises(Refusal, match="cannot replace image with a mirror image of different size"):
        world.apply(StartMirror("again", "two", "quorum", replaces="large"))
    assert world.state.known_jobs() == []


def test_excluded(world: World) -> None:
    """A reader of the node conflicts with a filter that unshares reads of the target; each alone does not."""
    world.state.graph.readers.add("quorum")
    world.state.graph.over["other"] = ("target",)
    assert "other" not in world.state.graph.above("two")
    world.state.graph.unsharers.add("other")
    world.apply(CompleteJob("job"))
    assert "unshared by node 'other'" in world.state.complaints[0]


def test_gone(world: World) -> None:
    """A completion is refused while the node to replace is gone; the job stays READY."""
    world.state.closed.add("two")
    with pytest.raises(Refusal, match="Node name 'two' not found"):
        world.apply(CompleteJob("job"))
    assert world.state.jobs["job"].state is JobState.READY
