"""The model of replication: what a secondary keeps apart, and what a checkpoint and a failover make of it."""

from __future__ import annotations

import pytest

from fixtures.bench import Rehearsal
from fixtures.model.refusal import Refusal
from fixtures.model.rules import replication
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddImage,
    AddQuorum,
    AddReplica,
    AwaitReplies,
    Checkpoint,
    ConnectGuest,
    Flood,
    StartReplication,
    Step,
    StopReplication,
    Write,
)

CLUSTER = 64 * KIB


@pytest.fixture
def bench() -> Rehearsal:
    """Give a secondary that runs; its disk is full of 1, its guest has written 2, the primary 3 to the next cluster."""
    one = Rehearsal(Dialect.V3)
    one.do(AddImage("secondary", MIB), AddImage("hidden", MIB, backing="secondary"))
    one.do(AddImage("active", MIB, backing="hidden"), Write(0, MIB, Fill(1), at="secondary"))
    one.do(ConnectGuest("secondary"), AddReplica("replica", "active", top="top"), AddQuorum("top", ("replica",)))
    one.do(StartReplication(), Write(0, 512, Fill(2), at="top"), *_primary(CLUSTER + 512))
    return one


def _primary(at: int) -> tuple[Step, ...]:
    return Flood((Write(at, 512, Fill(3), at="secondary"),)), AwaitReplies()


def _bytes(bench: Rehearsal, node: str, at: int) -> bytes:
    return b"".join(pattern.data(low, high) for low, high, pattern in bench.state.images[node].read(at, at + 1))


def test_each_side_sees_its_own(bench: Rehearsal) -> None:
    """The whole cluster is kept that the primary overwrites in part."""
    assert [_bytes(bench, "active", at) for at in (0, CLUSTER + 512)] == [b"\2", b"\1"]
    assert [_bytes(bench, "secondary", at) for at in (0, CLUSTER + 512)] == [b"\1", b"\3"]
    assert bench.state.images["hidden"].is_allocated(CLUSTER, CLUSTER + 1)


def test_a_checkpoint_drops_what_the_guest_wrote(bench: Rehearsal) -> None:
    """What is overwritten after it is kept anew."""
    bench.do(Checkpoint())
    assert [_bytes(bench, "active", at) for at in (0, CLUSTER + 512)] == [b"\1", b"\3"]
    bench.do(*_primary(CLUSTER))
    assert [_bytes(bench, "active", at) for at in (CLUSTER, CLUSTER + 512)] == [b"\1", b"\3"]


def test_a_failover_commits_what_the_guest_sees(bench: Rehearsal) -> None:
    """It goes on with the secondary disk; orders are ignored from then on."""
    bench.do(StopReplication(failover=True), Write(2 * CLUSTER, 512, Fill(4), at="top"))
    bench.do(StartReplication(), Checkpoint(), StopReplication())
    assert [_bytes(bench, "secondary", at) for at in (0, CLUSTER + 512, 2 * CLUSTER)] == [b"\2", b"\1", b"\4"]
    assert replication.problem(bench.state) is None


def test_a_stop_drops_both(bench: Rehearsal) -> None:
    """Without a failover the primary's disk is left."""
    bench.do(StopReplication())
    assert [_bytes(bench, "active", at) for at in (0, CLUSTER + 512)] == [b"\1", b"\3"]


def test_a_secondary_that_runs_cannot_start(bench: Rehearsal) -> None:
    """Nor before it has all that it needs; see suites/replication."""
    with pytest.raises(Refusal, match="running or done"):
        bench.world.apply(StartReplication())
