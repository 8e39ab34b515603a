"""Requests that meet in one qcow2 cluster while a guest's write, halted on its way to the file, allocates it.

Whatever comes meanwhile must leave sound metadata behind, and what each request wrote.
"""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Discard
from fixtures.vocabulary.patterns import ZEROES, Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    AwaitHalt,
    AwaitReplies,
    CompleteJob,
    ConnectGuest,
    Flood,
    HaltWrite,
    IoKind,
    LetGo,
    StartMirror,
    Storage,
    Write,
)

CLUSTER = 128 * KIB
SEGMENT = 64 * KIB
ELSEWHERE = MIB - CLUSTER
SECOND = {
    "zeroes-512": (IoKind.ZEROES, SEGMENT, 512),
    "zeroes-rest": (IoKind.ZEROES, SEGMENT, SEGMENT),
    "write": (IoKind.WRITE, CLUSTER - 512, 512),
}
OVER = {
    "zeroes": (IoKind.ZEROES, 0, CLUSTER),
    "zeroes-of-two": (IoKind.ZEROES, 0, 2 * CLUSTER),
    "discard": (IoKind.DISCARD, 0, CLUSTER),
    "discard-of-two": (IoKind.DISCARD, 0, 2 * CLUSTER),
}
backings = pytest.mark.parametrize("backing", [None, "base"], ids=["no-backing", "backing"])
lost = pytest.mark.possible("KI-15")
firsts = pytest.mark.parametrize("length", [512, SEGMENT], ids=["sector", "half"])


def _base(bench: Bench, backing: str | None) -> None:
    if backing:
        bench.do(AddImage("base", MIB), Write(0, 2 * CLUSTER, Fill(9), at="base"))


def _meet(bench: Bench, length: int, then: tuple[IoKind, int, int], at: str) -> None:
    """Halt a write at the start of the disk, send another request, then one that shows that it had its chance."""
    kind, offset, size = then
    bench.do(HaltWrite(), Flood((Write(0, length, Positional(1), at=at),)), AwaitHalt())
    second = Write(offset, size, Positional(2) if kind is IoKind.WRITE else ZEROES, kind, at)
    bench.do(Flood((second, Write(ELSEWHERE, 512, Positional(3), at=at)), apart=False), AwaitReplies(but=2))


@firsts
@backings
@pytest.mark.parametrize("second", [*SECOND, *(pytest.param(one, marks=lost) for one in OVER)])
def test_of_the_guest(bench: Bench, second: str, backing: str | None, length: int) -> None:
    """Two requests of a guest in one cluster of its disk: both are done, the later one wins (B-21, B-25)."""
    _base(bench, backing)
    bench.do(
        AddImage("source", MIB, cluster=CLUSTER, backing=backing, discard=Discard.UNMAP, storage=Storage.HALTING),
        AddBitmap("b0", SEGMENT),
        ConnectGuest(),
    )
    _meet(bench, length, (SECOND | OVER)[second], "source")
    bench.do(LetGo(), AwaitReplies())
    bench.observe("b0")
    bench.finish("two requests meet in a cluster of the source")


@firsts
@pytest.mark.parametrize("second", SECOND)
@pytest.mark.parametrize(
    ("bitmap", "backing"),
    [
        pytest.param(None, None, id="own"),
        pytest.param(None, "base", id="own-backing"),
        pytest.param("b0", "base", id="working-backing", marks=pytest.mark.dialects("v3")),
    ],
)
def test_of_a_mirrored_write(bench: Bench, bitmap: str | None, backing: str | None, second: str, length: int) -> None:
    """A mirrored write and the next one in one cluster of the target: the copy is sound and equal (M-81, M-93)."""
    _base(bench, backing)
    bench.do(
        AddImage("source", MIB, discard=Discard.UNMAP, backing=backing),
        AddImage("target", MIB, cluster=CLUSTER, backing=backing, discard=Discard.UNMAP, storage=Storage.SERVED),
        AddBitmap("b0", SEGMENT),
        ConnectGuest(),
    )
    granularity = None if bitmap else SEGMENT
    bench.do(StartMirror("job", "target", bitmap=bitmap, granularity=granularity, copy_mode=CopyMode.WRITE_BLOCKING))
    bench.do(Write(4 * CLUSTER, 512, Positional(4), at="filter"))
    _meet(bench, length, SECOND[second], "filter")
    bench.do(LetGo(), AwaitReplies(), CompleteJob("job"))
    bench.observe("b0")
    bench.finish("two requests meet in a cluster of the target")
