"""A mirror of a filter or quorum that replaces a node below it when it completes, if it still may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import Format, MirrorCommand
from fixtures.vocabulary.patterns import ZEROES, Fill
from fixtures.vocabulary.sizes import MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddFilter,
    AddImage,
    AddQuorum,
    AttachChild,
    BitmapAt,
    CancelJob,
    CloseImage,
    CompleteJob,
    DetachChild,
    FilterKind,
    IoKind,
    StartMirror,
    Step,
    Write,
)
from suites.errors.working import SEGMENT, bitmaps


def _get_ready(
    bench: Bench, top: str, replaces: str, bitmap: str | None, command: MirrorCommand = MirrorCommand.BLOCKDEV
) -> None:
    """Start a mirror of what is over disks, which replaces one of them, and let the guest write at READY."""
    if bitmap:
        bench.do(AddBitmap(bitmap, SEGMENT, node=top))
    bench.do(Write(0, 4 * SEGMENT, Fill(0x11), at=top))
    step = StartMirror("job", "target", top, bitmap=bitmap, replaces=replaces, command=command)
    bench.do(step if bitmap else replace(step, granularity=SEGMENT))
    bench.do(Write(MIB, 2 * SEGMENT, Fill(0x22), at="filter"))


def _quorum(bench: Bench) -> None:
    for node in ("one", "two", "target"):
        bench.do(AddImage(node, 4 * MIB))
    bench.do(
        AddQuorum(
            "quorum",
            (
                "one",
                "two",
            ),
        )
    )


def _end(bench: Bench, top: str, bitmap: str | None, *endings: Step) -> None:
    """End the mirror; look at what a guest's next write reaches, by the images' content when QEMU has ended."""
    bench.do(*endings)
    bench.observe(BitmapAt(top, bitmap or ""))
    bench.do(Write(2 * MIB, SEGMENT, Fill(0x33), at=top))
    bench.observe(BitmapAt(top, bitmap or ""))


@bitmaps
def test_below_filter(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """A node below a filter is replaced, and the filter with its bitmap stays where it is (M-23, M-71)."""
    bench.do(AddImage("source", 4 * MIB))
    bench.do(AddImage("target", 4 * MIB))
    bench.do(AddFilter("over", "source"))
    _get_ready(bench, "over", "source", bitmap)
    _end(bench, "over", bitmap, CompleteJob("job"))
    assert bench.finish("the node below a filter is replaced") == golden


@bitmaps
def test_by_drive_mirror(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """drive-mirror replaces a node below a filter, too, by a target that it has opened itself (M-23, M-71)."""
    bench.do(AddImage("source", 4 * MIB))
    bench.do(AddImage("target", 4 * MIB))
    bench.do(CloseImage("target"))
    bench.do(AddFilter("over", "source"))
    _get_ready(bench, "over", "source", bitmap, MirrorCommand.DRIVE_EXISTING)
    _end(bench, "over", bitmap, CompleteJob("job"))
    assert bench.finish("drive-mirror replaces the node below a filter") == golden


@bitmaps
def test_below_reader(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """A filter that may not use the target keeps what is below it, and the job fails (M-71)."""
    bench.do(AddImage("source", 4 * MIB))
    bench.do(AddImage("target", 4 * MIB))
    bench.do(AddFilter("over", "source", FilterKind.TAKES_CONSISTENT_READ))
    _get_ready(bench, "over", "source", bitmap)
    bench.do(AddFilter("other", "target", FilterKind.UNSHARES_CONSISTENT_READ))
    _end(bench, "over", bitmap, CompleteJob("job"))
    assert bench.finish("a filter may not use the target") == golden


@bitmaps
def test_in_quorum(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """A child of a quorum is replaced (M-23, M-71, M-104)."""
    _quorum(bench)
    _get_ready(bench, "quorum", "two", bitmap)
    _end(bench, "quorum", bitmap, CompleteJob("job"))
    assert bench.finish("a child of a quorum is replaced") == golden


SHAPES: dict[str, tuple[Step, ...]] = {
    "filter": (AddFilter("top", "between"),),
    "quorum": (AddImage("other", 4 * MIB), AddQuorum("top", ("other", "between"))),
}


@bitmaps
@pytest.mark.parametrize("kind", [FilterKind.PLAIN, FilterKind.THROTTLE], ids=["copy-on-read", "throttle"])
@pytest.mark.parametrize("shape", SHAPES)
def test_filter(bench: Bench, golden: SnapshotAssertion, shape: str, kind: FilterKind, bitmap: str | None) -> None:
    """A filter below a filter or quorum is replaced, and with it the disk that it was over (M-105)."""
    bench.do(AddImage("source", 4 * MIB), AddImage("target", 4 * MIB), AddFilter("between", "source", kind))
    bench.do(*SHAPES[shape])
    _get_ready(bench, "top", "between", bitmap)
    _end(bench, "top", bitmap, CompleteJob("job"))
    bench.read_through("top")
    bench.read_through("between")
    assert bench.finish(f"a filter below a {shape} is replaced") == golden


@bitmaps
@pytest.mark.parametrize("size", [4 * MIB, 6 * MIB], ids=["equal", "larger"])
def test_size(bench: Bench, golden: SnapshotAssertion, size: int, bitmap: str | None) -> None:
    """A child that a quorum was given later is replaced, unless its size is not that of the mirror (M-104, M-106)."""
    bench.do(AddImage("one", 4 * MIB), AddImage("two", size), AddImage("target", 4 * MIB))
    bench.do(AddQuorum("quorum", ("one",)), AttachChild("quorum", "two"))
    if size == 4 * MIB:
        _get_ready(bench, "quorum", "two", bitmap)
        _end(bench, "quorum", bitmap, CompleteJob("job"))
    else:
        bench.do(*([AddBitmap(bitmap, SEGMENT, node="quorum")] if bitmap else []))
        bench.do(StartMirror("job", "target", "quorum", bitmap=bitmap, replaces="two"))
        bench.observe(BitmapAt("quorum", bitmap or ""))
    assert bench.finish("a child that was added later is to be replaced") == golden


@bitmaps
def test_zeroes_of_quorum(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """What one child holds as zeroes and another does not hold is copied as zeroes (M-111)."""
    bench.do(AddImage("one", 4 * MIB), AddImage("two", 4 * MIB, Format.RAW), AddImage("target", 4 * MIB))
    bench.do(Write(0, 4 * MIB, Fill(0xEE), at="target"))
    bench.do(Write(MIB, MIB, ZEROES, IoKind.ZEROES, at="one"), Write(3 * MIB, SEGMENT, ZEROES, at="two"))
    bench.do(AddQuorum("quorum", ("one", "two")))
    _get_ready(bench, "quorum", "two", bitmap)
    bench.do(Write(3 * MIB + 100, 2 * SEGMENT, ZEROES, IoKind.ZEROES, at="filter"))
    _end(bench, "quorum", bitmap, CompleteJob("job"))
    bench.read_through("target")
    assert bench.finish("a quorum with zeroes is mirrored") == golden


CHANGES: dict[str, Callable[[Bench], None]] = {
    "other-parent": lambda bench: bench.do(AddFilter("other", "two")),
    "detached": lambda bench: bench.do(DetachChild("quorum", "two")),
}


@bitmaps
@pytest.mark.parametrize("change", CHANGES)
def test_no_longer(bench: Bench, golden: SnapshotAssertion, change: str, bitmap: str | None) -> None:
    """A child that others have come to use, or that is none any more, is not replaced; the job fails (M-71, M-104)."""
    _quorum(bench)
    _get_ready(bench, "quorum", "two", bitmap)
    CHANGES[change](bench)
    _end(bench, "quorum", bitmap, CompleteJob("job"))
    assert bench.finish(f"a child of a quorum, {change} while it is mirrored") == golden


@bitmaps
def test_removed(bench: Bench, golden: SnapshotAssertion, bitmap: str | None) -> None:
    """A mirror whose node to replace is gone cannot be completed, but cancelled (M-71)."""
    _quorum(bench)
    _get_ready(bench, "quorum", "two", bitmap)
    bench.do(DetachChild("quorum", "two"))
    bench.do(CloseImage("two"))
    _end(bench, "quorum", bitmap, CompleteJob("job"), CancelJob("job"))
    assert bench.finish("a child of a quorum is removed while it is mirrored") == golden


def test_refused(bench: Bench, golden: SnapshotAssertion) -> None:
    """What is not there, is used by others or may differ from the source is not replaced (M-23, M-71, M-104)."""
    bench.do(AddImage("base", 4 * MIB))
    bench.do(AddImage("source", 4 * MIB, backing="base"))
    _quorum(bench)
    bench.do(AddImage("unrelated", 4 * MIB))
    for replaces in ("nosuch", "base", "target", "unrelated"):
        bench.do(StartMirror("job", "target", replaces=replaces))
    bench.do(AddFilter("other", "two"))
    bench.do(StartMirror("job", "target", "quorum", replaces="two"))
    bench.do(StartMirror("other-job", "unrelated"), StartMirror("job", "target", "quorum", replaces="source"))
    bench.observe()
    assert bench.finish("nodes that a mirror cannot replace") == golden
