"""What the model refuses for what source and target of a mirror are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fixtures.model.refusal import Refusal
from fixtures.model.rules.graph import read_from, shown, unnamed_nodes
from fixtures.model.state.bitmap import Bitmap
from fixtures.model.state.content import Image
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect, MirrorCommand, SyncMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddDrive,
    CancelJob,
    CompleteJob,
    ExportBitmap,
    OpenImage,
    Quit,
    ReopenReadOnly,
    ReopenReadWrite,
    StartMirror,
    Transaction,
    Write,
)


@pytest.fixture
def world() -> World:
    """Give a source over a base, a target, a drive without medium, a filter over the base."""
    world = World(State(Dialect.STOCK))
    base = Image(MIB, 64 * KIB)
    world.state.images |= {"base": base, "source": Image(MIB, 64 * KIB, base), "target": Image(MIB, 64 * KIB)}
    world.state.graph.drives["empty"] = None
    world.state.graph.over["over-base"] = ("base",)
    return world


PLAIN = StartMirror("job", "target")
REFUSED = {
    "no-source": (StartMirror("job", "target", "nosuch"), "Cannot find device='nosuch' nor node-name='nosuch'"),
    "no-target": (StartMirror("job", "nosuch"), "Cannot find device='nosuch' nor node-name='nosuch'"),
    "no-medium": (StartMirror("job", "target", "empty"), "Device 'empty' has no medium"),
    "backing-file": (StartMirror("job", "target", "base"), "Need a root block node"),
    "into-backing-file": (StartMirror("job", "base"), "Node 'base' is busy: node is used as backing hd of 'source'"),
    "into-itself": (StartMirror("job", "source"), "Can't mirror node into itself"),
    "no-sync": (StartMirror("job", "target", sync=None), "Parameter 'sync' is missing"),
    "negative-buffer": (StartMirror("job", "target", buf_size=-1), "Invalid parameter 'buf-size'"),
    "no-id": (StartMirror("job", "target", with_id=False), "Invalid job ID ''"),
    "unnamed-replacement": (
        StartMirror("job", "new", command=MirrorCommand.DRIVE, replaces="source", named_target=False),
        "a node-name must be provided when replacing a named node of the graph",
    ),
    "transaction": (
        Transaction((AddBitmap("nosuch", node="nosuch"), PLAIN)),
        "Parameter 'type' does not accept value 'blockdev-mirror'",
    ),
}
STILLBORN: dict[str, tuple[Callable[[World], object], str]] = {
    "over-base": (lambda _: None, "Cannot mirror to a filter on top of a node in the source's backing chain"),
    "inactive": (
        lambda world: world.state.graph.inactive.add("target"),
        "Permission 'write' unavailable on inactive node",
    ),
    "read-only": (lambda world: world.state.graph.read_only.add("target"), "Block node is read-only"),
    "exported": (
        lambda world: world.state.put_bitmap("target", Bitmap("b1", MIB, 64 * KIB, busy=True)),
        "Permission conflict on node 'target'",
    ),
}


@pytest.mark.parametrize(("step", "text"), REFUSED.values(), ids=REFUSED)
def test_refused(world: World, step: StartMirror | Transaction, text: str) -> None:
    """A bad start is refused with its text, and there is no job."""
    with pytest.raises(Refusal) as refusal:
        world.apply(step)
    assert (refusal.value.text, refusal.value.events, world.state.jobs) == (text, (), {})


@pytest.mark.parametrize("what", STILLBORN)
def test_stillborn(world: World, what: str) -> None:
    """What QEMU notices late kills a job that was created, and no job is left."""
    prepare, text = STILLBORN[what]
    prepare(world)
    with pytest.raises(Refusal, match=text) as refusal:
        world.apply(StartMirror("job", "over-base" if what == "over-base" else "target"))
    assert [str(event) for event in refusal.value.events] == ["created", "null"]
    assert not world.state.jobs


def test_inactive_source(world: World) -> None:
    """No filter is put over an inactive node."""
    world.state.graph.inactive.add("source")
    with pytest.raises(Refusal, match="Inactive 'source' can't be a backing child of active 'filter'"):
        world.apply(PLAIN)


@pytest.mark.parametrize("node", ["source", "filter", "target"])
def test_second_job(world: World, node: str) -> None:
    """No node of a mirror is source or target of another."""
    world.state.images["other"] = Image(MIB, 64 * KIB)
    world.apply(PLAIN)
    with pytest.raises(Refusal, match="Need a root block node"):
        world.apply(StartMirror("two", "other", node))
    with pytest.raises(Refusal, match=f"Node '{node}' is busy: block device is in use by block job: mirror"):
        world.apply(StartMirror("two", node, "other", filter_node="f2"))


@pytest.mark.parametrize("filter_node", ["filter", None])
def test_drive(world: World, filter_node: str | None) -> None:
    """A guest's writes meet the job that runs over its drive's disk, and its target once that has completed."""
    world.apply(AddDrive("guest", "source"))
    world.apply(StartMirror("job", "target", filter_node=filter_node))
    assert world.state.job_id_at("guest") == "job"
    assert shown(world.state, "guest") == (filter_node or "source")
    assert unnamed_nodes(world.state) == (filter_node is None)
    world.apply(CompleteJob("job"))
    assert (world.state.job_id_at("guest"), shown(world.state, "guest")) == ("", "target")
    assert "source" not in world.state.nodes()
    world.apply(Write(0, 512, Fill(0x11), at="guest"))
    assert next(world.state.images["target"].read(0, 512)) == (0, 512, Fill(0x11))


def test_cancelled_under_a_drive(world: World) -> None:
    """A drive keeps its disk if the mirror does not complete."""
    world.apply(AddDrive("guest", "source"))
    world.apply(PLAIN)
    world.apply(CancelJob("job"))
    assert shown(world.state, "guest") == "source"


EXPORTS = {
    "unknown": (ExportBitmap("nosuch"), "Bitmap 'nosuch' is not found"),
    "of-another-disk": (ExportBitmap("b0", node="target"), "Bitmap 'b0' is not found"),
    "no-node": (ExportBitmap("b0", node="nosuch"), "Cannot find device='' nor node-name='nosuch'"),
    "recording": (ExportBitmap("b0", writable=False), "Enabled bitmap 'b0' incompatible with readonly export"),
    "layer-below": (ExportBitmap("below"), None),
    "disabled": (ExportBitmap("off", writable=False), None),
}


@pytest.mark.parametrize(("step", "text"), EXPORTS.values(), ids=EXPORTS)
def test_exports(world: World, step: ExportBitmap, text: str | None) -> None:
    """A bitmap of a disk or of a layer below it is exported, unless it records what the export cannot write."""
    world.apply(AddBitmap("b0"))
    world.apply(AddBitmap("off", disabled=True))
    world.apply(AddBitmap("below", node="base"))
    said = None
    try:
        world.apply(step)
    except Refusal as refusal:
        said = refusal.text
    busy = {name for (_, name), bitmap in world.state.all_bitmaps().items() if bitmap.busy}
    assert (said, busy) == (text, {step.name} if text is None else set())


def _names(world: World, at: str) -> list[str]:
    return [name for name, _ in read_from(world.state, at)]


def test_layers_in_memory(world: World) -> None:
    """A node has below it what it was opened or reopened over; once it is closed, its header rules again."""
    world.apply(OpenImage("source"))
    assert _names(world, "source") == ["source"]
    world.apply(ReopenReadWrite("source", "target"))
    assert (_names(world, "source"), len(world.state.graph.headers)) == (["source", "target"], 1)
    world.apply(Quit())
    assert world.state.images["source"].backing is world.state.images["base"]
    world.apply(ReopenReadOnly("source", "base"))
    assert (_names(world, "source"), world.state.graph.headers) == (["source", "base"], {})


def test_layers_below_filters_and_drives(world: World) -> None:
    """What a guest reads begins at the filter that it uses; who is read-only is told."""
    world.state.graph.over["upper"] = ("source",)
    world.state.graph.read_only.add("base")
    world.apply(AddDrive("guest", "source"))
    assert read_from(world.state, "upper") == [("upper", False), ("source", False), ("base", True)]
    assert read_from(world.state, "guest") == [("source", False), ("base", True)]


@pytest.mark.parametrize("named", [True, False])
def test_layers_that_qemu_has_opened(world: World, *, named: bool) -> None:
    """What lies below a target that drive-mirror opens is opened, read-only and unnamed, when it takes its place."""
    world.state.images["target"].backing = world.state.images["base"]
    world.apply(AddDrive("guest", "source"))
    world.apply(StartMirror("job", "target", command=MirrorCommand.DRIVE_EXISTING, named_target=named))
    world.apply(CompleteJob("job"))
    assert read_from(world.state, "guest") == [("target" if named else "#", False), ("#", True)]


def test_a_created_target_over_its_source(world: World) -> None:
    """With sync=none the source stays open: it is what the guest has below its disk."""
    world.apply(AddDrive("guest", "source"))
    world.apply(StartMirror("job", "target", sync=SyncMode.NONE, command=MirrorCommand.DRIVE))
    world.apply(CompleteJob("job"))
    assert (_names(world, "guest"), world.state.closed) == (["target", "source", "base"], set())


def test_a_read_only_disk_is_replaced_by_one(world: World) -> None:
    """The target cannot be written either, nor its persistent bitmaps."""
    world.state.graph.read_only.add("source")
    world.apply(AddBitmap("b1", persistent=True, node="target"))
    world.apply(StartMirror("job", "target"))
    assert "target" not in world.state.graph.read_only
    world.apply(CompleteJob("job"))
    assert ("target" in world.state.graph.read_only, world.state.bitmaps["target"]["b1"].readonly) == (True, True)
