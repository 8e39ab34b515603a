"""A secondary of replication (COLO): start, writes of both sides, checkpoints, failover, stop, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import Format, MirrorCommand
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddImage,
    AddQuorum,
    AddReplica,
    AskReplication,
    AwaitReplies,
    CancelJob,
    Checkpoint,
    ConnectGuest,
    Flood,
    Quit,
    StartMirror,
    StartReplication,
    Step,
    StopReplication,
    Write,
)

pytestmark = [pytest.mark.dialects("stock", "v1", "v2", "v3"), pytest.mark.needs("xen-set-replication")]
SIZE = 2 * MIB
SECONDARY = AddImage("secondary", SIZE)
HIDDEN = AddImage("hidden", SIZE, backing="secondary")
ACTIVE = AddImage("active", SIZE, backing="hidden")
REPLICA = AddReplica("replica", "active", top="top")
TOP = AddQuorum("top", ("replica",))
SETUP: tuple[Step, ...] = (SECONDARY, HIDDEN, ACTIVE, ConnectGuest("secondary"), REPLICA, TOP)


def _primary(*writes: Write) -> tuple[Step, ...]:
    """Write as the primary does, over NBD to the secondary disk."""
    return Flood(tuple(replace(one, at="secondary") for one in writes), apart=True), AwaitReplies()


def _secondary(offset: int, length: int, byte: int) -> Write:
    return Write(offset, length, Fill(byte), at="top")


def _running(bench: Bench) -> None:
    """Start replication of a disk with data, and have both sides write, to the same bytes, too."""
    with bench.aside("a secondary whose disk has data"):
        bench.do(SECONDARY, Write(0, MIB, Positional(1), at="secondary"), *SETUP[1:])
    bench.do(StartReplication())
    with bench.aside("both sides write"):
        bench.do(*_primary(Write(64 * KIB, 1024, Fill(0x11)), Write(300 * KIB, 512, Fill(0x12))))
        bench.do(
            _secondary(512 * KIB, 512, 0x21), _secondary(64 * KIB, 512, 0x22), _secondary(128 * KIB, 64 * KIB, 0x23)
        )
        bench.do(*_primary(Write(128 * KIB, 512, Fill(0x13)), Write(SIZE - 512, 512, Fill(0x14))))
    bench.do(AskReplication())
    bench.observe()


def test_start(bench: Bench, golden: SnapshotAssertion) -> None:
    """What both sides write is kept apart, as long as QEMU lives: it ends in the middle of it (M-130)."""
    _running(bench)
    bench.do(Quit())
    assert bench.finish("a secondary runs until QEMU ends") == golden


def test_checkpoint(bench: Bench, golden: SnapshotAssertion) -> None:
    """At each, what the secondary's guest wrote is dropped, and it sees what the primary wrote (M-130)."""
    _running(bench)
    bench.do(Checkpoint(), AskReplication(), _secondary(0, 512, 0x24))
    bench.do(*_primary(Write(0, 512, Fill(0x15)), Write(64 * KIB, 512, Fill(0x16))))
    bench.observe()
    assert bench.finish("a secondary goes on from a checkpoint") == golden


def test_failover(bench: Bench, golden: SnapshotAssertion) -> None:
    """The secondary disk has what its guest saw: all since the last checkpoint but what the primary wrote (M-130)."""
    _running(bench)
    bench.do(StopReplication(failover=True), AskReplication(), _secondary(700 * KIB, 512, 0x25))
    bench.observe()
    bench.do(StopReplication(failover=True), StopReplication(), StartReplication(), Checkpoint())
    assert bench.finish("a secondary fails over") == golden


def test_failover_after_a_checkpoint(bench: Bench, golden: SnapshotAssertion) -> None:
    """Of the primary's writes, those before the checkpoint stay (M-130)."""
    _running(bench)
    bench.do(Checkpoint(), *_primary(Write(64 * KIB, 512, Fill(0x17))), _secondary(128 * KIB + 512, 512, 0x26))
    bench.do(StopReplication(failover=True), AskReplication())
    bench.observe()
    assert bench.finish("a secondary fails over after a checkpoint") == golden


@pytest.mark.known("KI-28")
def test_stop(bench: Bench, golden: SnapshotAssertion) -> None:
    """Without a failover, what the secondary's guest wrote is dropped for good (M-130)."""
    _running(bench)
    bench.do(StopReplication())
    bench.observe()
    assert bench.finish("a secondary stops") == golden


def test_resync(bench: Bench, golden: SnapshotAssertion) -> None:
    """After a failover, drive-mirror copies the disk to the next secondary while the guest writes (M-130)."""
    _running(bench)
    bench.do(StopReplication(failover=True), AddImage("target", SIZE, Format.RAW, opened=False))
    step = StartMirror("resync", "target", device="top", command=MirrorCommand.DRIVE_EXISTING, target_format=Format.RAW)
    bench.do(step, Write(256 * KIB, 512, Fill(0x27), at="filter"), CancelJob("resync"))
    bench.observe()
    assert bench.finish("a secondary that has failed over is mirrored") == golden


def test_primary(bench: Bench, golden: SnapshotAssertion) -> None:
    """A primary hands on what is written (M-130)."""
    bench.do(AddImage("source", SIZE, Format.RAW), AddImage("target", SIZE, Format.RAW))
    bench.do(AddReplica("replica", "target", primary=True), AddQuorum("top", ("source", "replica")), AskReplication())
    bench.do(StartReplication(), StartReplication(primary=True), AskReplication(), Checkpoint())
    bench.do(StartReplication(primary=True), _secondary(64 * KIB, 1024, 0x31))
    bench.observe()
    assert bench.finish("a primary replicates") == golden


REFUSED: dict[str, tuple[Step, ...]] = {
    "active-without-backing": (SECONDARY, ConnectGuest("secondary"), replace(REPLICA, file="secondary"), TOP),
    "hidden-without-backing": (SECONDARY, replace(ACTIVE, backing="secondary"), REPLICA, TOP),
    "without-block-backend": (SECONDARY, HIDDEN, ACTIVE, REPLICA, TOP),
    "sizes": (SECONDARY, HIDDEN, replace(ACTIVE, size=SIZE + MIB), ConnectGuest("secondary"), REPLICA, TOP),
    "without-top": SETUP[:-1],
    "other-top": (*SETUP[:-2], replace(REPLICA, top="hidden")),
}


@pytest.mark.parametrize("why", REFUSED)
def test_refused_start(bench: Bench, golden: SnapshotAssertion, why: str) -> None:
    """A secondary whose disks do not fit does not start, and does not keep QEMU from anything (M-130)."""
    with bench.aside("a secondary"):
        bench.do(*REFUSED[why])
    bench.do(StartReplication(), AskReplication(), Checkpoint(), StopReplication())
    bench.observe()
    assert bench.finish(f"a secondary does not start: {why}") == golden


def test_refused_order(bench: Bench, golden: SnapshotAssertion) -> None:
    """What is said at the wrong moment, or to the wrong side, is refused (M-130)."""
    with bench.aside("a secondary"):
        bench.do(*SETUP)
    bench.do(AddReplica("other", "active"), AddReplica("other", "active", top="top", primary=True))
    bench.do(StartReplication(failover=True), StartReplication(primary=True), StopReplication(), Checkpoint())
    bench.do(StopReplication(failover=True), AskReplication(), StartReplication(), StartReplication(), AskReplication())
    bench.observe()
    assert bench.finish("orders at the wrong moment") == golden


@pytest.mark.known("KI-27")
def test_start_after_a_refused_one(bench: Bench, golden: SnapshotAssertion) -> None:
    """Once its guest's node is there, a secondary can start (M-130)."""
    with bench.aside("a secondary without its guest's node"):
        bench.do(*SETUP[:-1])
    bench.do(StartReplication())
    with bench.aside("the node"):
        bench.do(TOP)
    bench.do(StartReplication(), AskReplication())
    bench.observe()
    assert bench.finish("a secondary starts at the second try") == golden
