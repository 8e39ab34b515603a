"""What a guest has below its disk once its mirror has completed: the target's backing chain as it is in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import MirrorCommand, SyncMode
from fixtures.vocabulary.patterns import ZEROES, Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddDrive,
    AddFilter,
    AddImage,
    CompleteJob,
    ExpectImage,
    FilterKind,
    FinalizeJob,
    IoKind,
    OpenImage,
    ReopenReadOnly,
    ReopenReadWrite,
    StartCommit,
    StartMirror,
    Step,
    TakeSnapshot,
    Write,
)

SIZE = 4 * MIB
SEGMENT = 64 * KIB
LATE = Write(3 * MIB, 2 * SEGMENT, Fill(0x33), at="filter")
LATE_BY_GUEST = replace(LATE, at="guest")


@dataclass(frozen=True)
class Target:
    """A target: what its header names, whether it is opened over that, what is done about it in PENDING."""

    backing: str | None = None
    opened_over: str | None = None
    command: MirrorCommand = MirrorCommand.BLOCKDEV
    pending: tuple[Step, ...] = ()


TARGETS = {
    "unbacked": Target(),
    "own": Target("other", "other"),
    "shared": Target("lower", "lower"),
    "reopened-own": Target("other", pending=(ReopenReadWrite("target", "other"),)),
    "reopened-shared": Target("lower", pending=(ReopenReadWrite("target", "lower"),)),
    "snapshot-own": Target("other", pending=(TakeSnapshot("target", "other"),)),
    "created": Target(command=MirrorCommand.DRIVE),
    "existing-unbacked": Target(command=MirrorCommand.DRIVE_EXISTING),
    "existing-own": Target("other", command=MirrorCommand.DRIVE_EXISTING),
    "existing-shared": Target("lower", command=MirrorCommand.DRIVE_EXISTING),
}
targets = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
syncs = pytest.mark.parametrize("sync", [SyncMode.FULL, SyncMode.TOP, SyncMode.NONE], ids=str)


def _layers(bench: Bench) -> None:
    """Open a disk of three layers, and another one, with data in each."""
    bench.do(AddImage("base", SIZE), AddImage("lower", SIZE, backing="base"), AddImage("other", SIZE))
    bench.do(AddImage("source", SIZE, backing="lower"))


def _data(bench: Bench, guest: str) -> None:
    """Write to each layer, and zeroes that hide data of the lowest; seal all but the guest's."""
    for number, at in enumerate(("base", "lower", guest, "other")):
        bench.do(Write(number * 512 * KIB, MIB, Positional(number + 1), at=at))
    bench.do(Write(256 * KIB, SEGMENT, ZEROES, IoKind.ZEROES, at=guest))
    bench.do(ReopenReadOnly("base"), ReopenReadOnly("lower", "base"), ReopenReadOnly("other"))


def _open(bench: Bench, target: Target) -> None:
    """Have a target, opened over what it is to be opened over if that is not QEMU's own task."""
    if target.command is MirrorCommand.DRIVE:
        bench.do(ExpectImage("target", SIZE))
        return
    bench.do(AddImage("target", SIZE, backing=target.backing, opened=False))
    if target.command is MirrorCommand.BLOCKDEV:
        bench.do(OpenImage("target", backing=target.opened_over))


def _complete(bench: Bench, target: Target, sync: SyncMode, bitmap: str | None = None) -> None:
    """Mirror the guest's disk, complete that, see what the guest has then, and that it writes there."""
    bench.do(StartMirror("job", "target", sync=sync, bitmap=bitmap, command=target.command, auto_finalize=False))
    bench.do(LATE, CompleteJob("job"), *target.pending, FinalizeJob("job"))
    bench.observe_drive("guest")
    bench.read_through("guest")
    bench.do(Write(SIZE - 1000, 1000, Positional(9), at="guest"))
    bench.read_through("guest")


def _disk_of_drive(bench: Bench, target: Target) -> None:
    """Give a drive a disk of three layers."""
    with bench.aside("guest is a drive of source over lower over base; other is no part of that; all have data"):
        _layers(bench)
        bench.do(AddDrive("guest", "source"))
        _data(bench, "guest")
        _open(bench, target)


@targets
@syncs
@pytest.mark.possible("KI-13", sync="full")
@pytest.mark.possible("KI-13", sync="top")
def test_guest(bench: Bench, golden: SnapshotAssertion, sync: SyncMode, target: Target) -> None:
    """The guest has the target over what it was opened over, what its header says if drive-mirror opened it, or what
    it was given while the job was PENDING, and reads all that through it (M-100, M-101, R-M21)."""
    _disk_of_drive(bench, target)
    _complete(bench, target, sync)
    assert bench.finish(f"the guest's disk after a mirror with sync={sync}") == golden


@targets
@pytest.mark.feature
def test_bitmap(bench: Bench, golden: SnapshotAssertion, target: Target) -> None:
    """So it is after a mirror with a bitmap, of which the target's backing file has all that was not copied (M-100,
    M-101)."""
    _disk_of_drive(bench, target)
    bench.do(AddBitmap("b0", SEGMENT), Write(1536 * KIB, 100 * KIB, Positional(7), at="guest"))
    _complete(bench, target, SyncMode.FULL, "b0")
    assert bench.finish("the guest's disk after a mirror with a bitmap") == golden


@syncs
@pytest.mark.parametrize("name", ["unbacked", "own", "shared"])
def test_source(bench: Bench, golden: SnapshotAssertion, name: str, sync: SyncMode) -> None:
    """The source still has its layers below it, and reads as it did, when its guest has gone to the target (M-102)."""
    with bench.aside("guest throttles source over lower over base; other is no part of that; all have data"):
        _layers(bench)
        bench.do(AddFilter("guest", "source", FilterKind.THROTTLE))
        _data(bench, "guest")
        _open(bench, TARGETS[name])
    bench.do(StartMirror("job", "target", "guest", sync=sync, replaces="source"), LATE, CompleteJob("job"))
    bench.read_through("guest")
    bench.do(Write(0, 1000, Positional(9), at="guest"))
    bench.read_through("guest")
    bench.read_through("source")
    assert bench.finish(f"the source after a mirror with sync={sync}") == golden


@pytest.mark.parametrize("base", ["lower", "base"])
def test_active_commit(bench: Bench, golden: SnapshotAssertion, base: str) -> None:
    """The guest has the layer that was committed to, over what that had below it (M-103)."""
    _disk_of_drive(bench, TARGETS["unbacked"])
    bench.do(StartCommit("source", base, "source"), LATE_BY_GUEST, CompleteJob("commit"))
    bench.read_through("guest")
    assert bench.finish(f"the guest's disk after a commit to {base}") == golden


@pytest.mark.parametrize("bitmap", [None, pytest.param("b0", marks=pytest.mark.feature)])
def test_read_only(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """A disk that the guest may only read is replaced by one that it may only read (M-112)."""
    bench.do(AddImage("base", SIZE), AddImage("source", SIZE, backing="base", opened=False), AddImage("target", SIZE))
    bench.do(OpenImage("source", read_only=True, backing="base"), AddDrive("guest", "source"))
    bench.do(Write(0, 100 * KIB, Positional(1), at="base"), *([AddBitmap(bitmap, SEGMENT)] if bitmap else []))
    bench.read_through("guest")
    bench.do(StartMirror("job", "target", bitmap=bitmap), CompleteJob("job"))
    bench.observe_drive("guest")
    bench.read_through("guest")
    assert bench.finish("a mirror of a read-only disk") == golden
