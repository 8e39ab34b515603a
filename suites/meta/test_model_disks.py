"""What steps about disks, faults and guests at full speed change in the model: one fact of its state each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fixtures.model.state.content import Image, Void
from fixtures.model.state.job import JobState
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Access, Dialect, Discard, Format, SyncMode
from fixtures.vocabulary.faults import Errno, Fault, Layering, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddDrive,
    AddFilter,
    AddImage,
    AddQuorum,
    AwaitHalt,
    AwaitReplies,
    AwaitSynced,
    Boot,
    CloseImage,
    CompareRebased,
    CopyOutOfBand,
    Crash,
    Deactivate,
    DetachChild,
    FilterKind,
    Flood,
    HaltRead,
    HaltScan,
    Heal,
    HideFile,
    Inject,
    LetGo,
    MakeRoom,
    OpenImage,
    OpenNode,
    PauseJob,
    Quit,
    RemoveNode,
    RestoreFile,
    StartMirror,
    Step,
    Storage,
    TakeSnapshot,
    Write,
)

NEW = AddImage("new", MIB)
TRANSIENT, PERSISTENT = AddBitmap("t", 64 * KIB), AddBitmap("p", 64 * KIB, persistent=True)
DATA = Write(512, 512, Fill(1))
QUORUM = AddQuorum("quorum", ("source", "target"))
FAULT = Fault(Place.READ)
FULL = Fault(Place.WRITE, Errno.ENOSPC, once=False, room=7, below="new")
LOST = Quit(complaints=("lost",)), Boot()


def _bitmaps(state: State) -> str:
    return " ".join(f"{name}{'!' if one.inconsistent else ''}" for name, one in state.bitmaps_on("source").items())


def _readonly(state: State) -> tuple[object, bool]:
    return state.graph.read_only, state.bitmaps_on("source")["p"].readonly


Facts = dict[str, tuple[tuple[Step, ...], Callable[[State], object], object]]
FACTS: Facts = {
    "an-image": ((NEW,), lambda state: type(state.images["new"]), Image),
    "a-void": ((AddImage("new", MIB, Format.RAW, layering=Layering.VOID),), lambda s: type(s.images["new"]), Void),
    "no-unmap": ((NEW,), lambda state: state.images["new"].unmap, False),
    "unmap": ((AddImage("new", MIB, discard=Discard.UNMAP),), lambda state: state.images["new"].unmap, True),
    "cluster": ((AddImage("new", MIB, cluster=4 * KIB),), lambda state: state.images["new"].cluster, 4 * KIB),
    "backing": (
        (AddImage("new", MIB, backing="source"),),
        lambda s: s.images["new"].backing is s.images["source"],
        True,
    ),
    "little-room": ((AddImage("new", MIB, room=7),), lambda state: state.fault, FULL),
    "room-again": ((AddImage("new", MIB, room=7), MakeRoom("new")), lambda state: state.fault, None),
    "no-held-requests": ((NEW,), lambda state: state.traffic, None),
    "open": ((NEW,), lambda state: state.closed, set()),
    "not-opened": ((AddImage("new", MIB, opened=False),), lambda state: state.closed, {"new"}),
    "opened-later": ((AddImage("new", MIB, opened=False), OpenImage("new")), lambda state: state.closed, set()),
    "closed": ((CloseImage("target"),), lambda state: state.closed, {"target"}),
    "filter": (
        (AddFilter("over", "source"),),
        lambda s: (s.graph.over, s.graph.readers, s.graph.unsharers),
        ({"over": ("source",)}, set(), set()),
    ),
    "reader": (
        (AddFilter("over", "source", FilterKind.TAKES_CONSISTENT_READ),),
        lambda s: (s.graph.readers, s.graph.unsharers),
        ({"over"}, set()),
    ),
    "unsharer": (
        (AddFilter("over", "source", FilterKind.UNSHARES_CONSISTENT_READ),),
        lambda s: (s.graph.readers, s.graph.unsharers),
        (set(), {"over"}),
    ),
    "filter-gone": ((AddFilter("over", "source"), RemoveNode("over")), lambda state: state.graph.over, {}),
    "quorum": ((QUORUM,), lambda state: state.graph.over, {"quorum": ("source", "target")}),
    "child-gone": ((QUORUM, DetachChild("quorum", "target")), lambda state: state.graph.over, {"quorum": ("source",)}),
    "hidden": ((HideFile("source"),), lambda state: state.graph.lost_files, {"source"}),
    "restored": ((HideFile("source"), RestoreFile("source")), lambda state: state.graph.lost_files, set()),
    "drive": (
        (AddDrive("guest", "source"), AddDrive("none")),
        lambda s: s.graph.drives,
        {"guest": "source", "none": None},
    ),
    "inactive": ((Deactivate("source"),), lambda state: state.graph.inactive, {"source"}),
    "snapshot": (
        (PERSISTENT, AddImage("new", MIB), TakeSnapshot("new")),
        lambda s: (*_readonly(s), s.images["new"].backing is s.images["source"]),
        ({"source"}, True, True),
    ),
    "snapshot-of-a-descriptor": (
        (AddImage("fd", MIB, access=Access.FD_SET), AddImage("new", MIB), TakeSnapshot("new", "fd")),
        lambda state: state.graph.read_only,
        set(),
    ),
    "copy": (
        (DATA, CopyOutOfBand("new")),
        lambda s: [*s.images["new"].read(0, MIB)] == [*s.images["source"].read(0, MIB)],
        True,
    ),
    "rebased": (
        (CompareRebased((("target", "source", "source"),)),),
        lambda s: s.images["target"].backing is s.images["source"],
        True,
    ),
    "node-opened-again": ((TRANSIENT, PERSISTENT, OpenNode()), _bitmaps, "p"),
    "node-opened-read-only": ((PERSISTENT, OpenNode(read_only=True)), _readonly, ({"source"}, True)),
    "next-qemu": ((TRANSIENT, PERSISTENT, Quit(), Boot()), _bitmaps, "p"),
    "next-qemu-reads-only": ((PERSISTENT, Quit(), Boot(("source",))), _readonly, ({"source"}, True)),
    "not-stored": ((PERSISTENT, Quit(), Boot(), AddBitmap("q", persistent=True), *LOST), _bitmaps, "p!"),
    "stored-again": ((PERSISTENT, Quit(), Boot(), *LOST, Quit(), Boot()), lambda state: state.unstored, False),
    "crash": ((PERSISTENT, Quit(), Boot(), Crash()), _bitmaps, "p!"),
    "fault": ((Inject(FAULT),), lambda state: state.fault, FAULT),
    "healed": ((Inject(FAULT), Heal()), lambda state: state.fault, None),
    "halt": ((HaltRead(), StartMirror("job", "target"), AwaitHalt()), lambda state: state.jobs["job"].halted, True),
    "halted-scan": ((HaltScan(), StartMirror("job", "target"), AwaitHalt()), lambda s: s.jobs["job"].halted, True),
    "halted-twice": (
        (HaltScan(), StartMirror("job", "target"), HaltScan(), LetGo("job"), AwaitHalt()),
        lambda s: (s.jobs["job"].halted, s.jobs["job"].state),
        (True, JobState.RUNNING),
    ),
    "no-scan": ((HaltScan(), StartMirror("job", "target", sync=SyncMode.NONE)), lambda s: s.halt_scan, True),
    "no-scan-at-ready": ((StartMirror("job", "target"), HaltScan(), PauseJob("job")), lambda s: s.halt_scan, True),
    "flood": (
        (Flood((DATA,)),),
        lambda s: (s.restless, [*s.images["source"].read(512, 1024)]),
        (True, [(512, 1024, Fill(1))]),
    ),
    "replies": ((Flood((DATA,)), AwaitReplies()), lambda state: state.restless, False),
    "replies-but-one": ((Flood((DATA,)), AwaitReplies(but=1)), lambda state: state.restless, True),
    "synced": (
        (StartMirror("job", "target"), Write(0, 1, at="filter"), AwaitSynced("job")),
        lambda s: (s.jobs["job"].settled, s.jobs["job"].bitmap.dirty),
        (True, set()),
    ),
}


@pytest.mark.parametrize("name", FACTS)
def test_fact(name: str) -> None:
    """The step has just this effect."""
    steps, fact, expected = FACTS[name]
    world = World(State(Dialect.V3))
    for step in (AddImage("source", MIB), AddImage("target", MIB), *steps):
        world.apply(step)
    assert fact(world.state) == expected


def test_two_disks_share_their_requests() -> None:
    """The second disk that holds requests does not forget what is under way on the first."""
    world = World(State(Dialect.V3))
    world.apply(AddImage("source", MIB, Format.RAW, storage=Storage.HELD))
    first = world.state.traffic
    world.apply(AddImage("target", MIB, Format.RAW, storage=Storage.HELD))
    assert first is not None
    assert world.state.traffic is first


def test_nothing_to_halt() -> None:
    """A wait for a halt without a request of a job is a mistake of the story."""
    world = World(State(Dialect.V3))
    world.apply(HaltRead())
    with pytest.raises(AssertionError, match="no job sends a request"):
        world.apply(AwaitHalt())
