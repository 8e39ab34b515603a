"""Starts that QEMU must refuse for what source, target or arguments are: nothing has changed then."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import MirrorCommand
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    Abort,
    AddBitmap,
    AddDrive,
    AddFilter,
    AddImage,
    BitmapAt,
    CancelJob,
    CompleteJob,
    Deactivate,
    ExportBitmap,
    ReopenReadOnly,
    StartMirror,
    Step,
    Transaction,
    Write,
)

PLAIN = StartMirror("job", "target")


def _disks(bench: Bench) -> None:
    """Open a source over a base, with some data and a bitmap, and a target."""
    bench.do(AddImage("base"))
    bench.do(AddImage("source", backing="base"))
    bench.do(AddImage("target"))
    bench.do(AddBitmap("b0", 64 * KIB), Write(MIB - 1, 2, Fill(0x11)))


def _refused(bench: Bench, *steps: Step) -> None:
    """Give each step, which the model refuses, and see each time that nothing has changed."""
    for step in steps:
        before = bench.state.known_jobs()
        bench.do(step)
        assert bench.state.known_jobs() == before
        bench.observe("b0")


def _then_works(bench: Bench, step: StartMirror = PLAIN) -> None:
    """See that what was refused has left nothing in the way."""
    bench.do(step, CancelJob(step.job))
    bench.observe("b0")


@pytest.mark.parametrize("command", [MirrorCommand.BLOCKDEV, MirrorCommand.DRIVE], ids=str)
def test_names(bench: Bench, golden: SnapshotAssertion, command: MirrorCommand) -> None:
    """A source that is not there, has no medium or is a part of another disk is none, and neither is such a target
    (M-08, R-M6)."""
    bench.do(AddDrive("empty"))
    _disks(bench)
    is_drive = command.is_drive
    for device in ("nosuch", "empty", "base"):
        _refused(bench, StartMirror("job", "new" if is_drive else "target", device, command=command))
    if not is_drive:
        _refused(bench, StartMirror("job", "nosuch"), StartMirror("job", "empty"))
    assert not (bench.machine.folder / "new.qcow2").exists()
    _then_works(bench)
    assert bench.finish("sources and targets that are none") == golden


def test_no_job_id(bench: Bench, golden: SnapshotAssertion) -> None:
    """A node has no name for a job; a drive has (M-08)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("guest-disk"))
    bench.do(AddDrive("guest", "guest-disk"))
    bench.do(AddImage("target"))
    bench.do(Write(0, MIB, Fill(0x11)), Write(MIB, MIB, Fill(0x22), at="guest-disk"))
    _refused(bench, StartMirror("job", "target", with_id=False))
    _then_works(bench, StartMirror("guest", "target", "guest-disk", with_id=False))
    assert bench.finish("no job-id") == golden


def test_itself(bench: Bench, golden: SnapshotAssertion) -> None:
    """A disk is not mirrored into itself, through a filter either, nor into what hides a part of it (M-09)."""
    _disks(bench)
    bench.do(AddFilter("over-base", "base"))
    _refused(bench, StartMirror("job", "source"), StartMirror("job", "over-base"), StartMirror("job", "base"))
    bench.do(AddFilter("over-source", "source"))
    _refused(bench, StartMirror("job", "source", "over-source"))
    assert bench.finish("targets that are a part of the source") == golden


def test_arguments(bench: Bench, golden: SnapshotAssertion) -> None:
    """There is no default for sync, a buffer has no negative size, and a node to replace needs one to replace it (M-10,
    M-13, M-23)."""
    _disks(bench)
    _refused(bench, StartMirror("job", "target", sync=None), StartMirror("job", "target", buf_size=-1))
    by_drive = StartMirror("job", "new", command=MirrorCommand.DRIVE, replaces="source", named_target=False)
    _refused(bench, StartMirror("job", "new", command=MirrorCommand.DRIVE, sync=None), by_drive)
    assert not (bench.machine.folder / "new.qcow2").exists()
    _then_works(bench)
    assert bench.finish("arguments that are missing or bad") == golden


def test_target_in_use(bench: Bench, golden: SnapshotAssertion) -> None:
    """A target that another user writes, or that is a backing file, is not taken (M-18, M-20, R-M6)."""
    _disks(bench)
    bench.do(AddImage("other"))
    bench.do(AddBitmap("b1", 64 * KIB, node="target"), ExportBitmap("b1", node="target"))
    _refused(bench, PLAIN, StartMirror("job", "base", "other"))
    bench.observe(BitmapAt("target", "b1"))
    assert bench.finish("targets that others use") == golden


def test_read_only_target(bench: Bench, golden: SnapshotAssertion) -> None:
    """A target that cannot be written is refused (M-18)."""
    _disks(bench)
    bench.do(ReopenReadOnly("target"))
    _refused(bench, PLAIN)
    assert bench.finish("a read-only target") == golden


@pytest.mark.needs("blockdev-set-active")
@pytest.mark.parametrize("node", ["source", "target"])
def test_inactive(bench: Bench, golden: SnapshotAssertion, node: str) -> None:
    """What is inactive can be neither mirrored nor written to (M-19)."""
    _disks(bench)
    bench.do(Deactivate(node))
    _refused(bench, PLAIN)
    assert bench.finish(f"{node} is inactive") == golden


def test_second_job(bench: Bench, golden: SnapshotAssertion) -> None:
    """No node of a mirror is the source or target of another one (M-20)."""
    _disks(bench)
    bench.do(AddImage("other"))
    bench.do(PLAIN)
    for node in ("source", "filter", "target"):
        to_other, from_other = StartMirror("two", "other", node), StartMirror("two", node, "other", filter_node="f2")
        _refused(bench, to_other, from_other)
    bench.do(CompleteJob("job"))
    assert bench.finish("a second mirror of what one uses") == golden


def test_transaction(bench: Bench, golden: SnapshotAssertion) -> None:
    """A mirror is no part of a transaction, and what stands beside it is not done (M-51)."""
    _disks(bench)
    _refused(bench, Transaction((AddBitmap("b1"), PLAIN)), Transaction((PLAIN, Abort())))
    _then_works(bench)
    assert bench.finish("a mirror in a transaction") == golden
