"""What a transcript reads of steps that are no QMP commands of the story, told to the model alone."""

from __future__ import annotations

import pytest

from fixtures.bench.rehearsal import Rehearsal
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddDrive,
    AddFilter,
    AddImage,
    AddQuorum,
    Boot,
    Compare,
    CompareRebased,
    CopyOutOfBand,
    CopyRange,
    Crash,
    Deactivate,
    DetachChild,
    FailingWrite,
    FilterKind,
    Flush,
    HideFile,
    MakeRoom,
    OpenNode,
    Quit,
    RemoveNode,
    ReopenReadOnly,
    ReopenReadWrite,
    Restart,
    Step,
    Write,
)

A, B = AddImage("a", MIB), AddImage("b", MIB)
OVER = AddFilter("over", "a")
DATA = Write(4 * KIB, 512, Fill(1), at="a")
REMARKS: dict[str, tuple[list[Step], list[str]]] = {
    "filter": ([A, OVER], ["== over is a filter over a"]),
    "reader": ([A, AddFilter("over", "a", FilterKind.TAKES_CONSISTENT_READ)], ["== over reads a"]),
    "unsharer": (
        [A, AddFilter("over", "a", FilterKind.UNSHARES_CONSISTENT_READ)],
        ["== over lets nobody else read a"],
    ),
    "removed": ([A, OVER, RemoveNode("over")], ["== over is a filter over a", "== over is gone"]),
    "quorum": (
        [A, B, AddQuorum("q", ("a", "b")), DetachChild("q", "b")],
        ["== q is a quorum of a and b", "== b is no part of q any more"],
    ),
    "hidden": ([A, HideFile("a")], ["== the file of a is not where it was"]),
    "drives": (
        [A, AddDrive("d", "a"), AddDrive("e")],
        ["== d is a drive made of a", "== e is a drive without a medium"],
    ),
    "inactive": ([A, Deactivate("a")], ["== a is inactive"]),
    "reopened": (
        [A, ReopenReadOnly("a"), ReopenReadWrite("a")],
        ["== a is reopened read-only", "== a is reopened for writing"],
    ),
    "opened": ([A, OpenNode("a")], ["== a is closed and opened"]),
    "room": ([AddImage("a", MIB, room=512), MakeRoom("a")], ["== a has room again"]),
    "copied": ([A, CopyOutOfBand("c", "a")], ["== a is copied to c out of band"]),
    "range": ([A, B, CopyRange("b", 0, 64 * KIB, "a")], ["== 0 to 64K of a is copied to b out of band"]),
    "restart": ([A, Restart(), Quit(), Boot()], ["== restart", "== restart"]),
    "crash": ([A, Crash()], ["== crash, then restart"]),
    "identical": ([A, B, Compare("a", "b")], ["== a and b are identical"]),
    "rebased": (
        [A, B, DATA, CompareRebased((("b", "a", "a"),))],
        ["-> a: write 0x01 at 4K length 512", "== b rebased onto a", "== b and a are identical"],
    ),
    "different": (
        [A, B, DATA, Compare("a", "b")],
        ["-> a: write 0x01 at 4K length 512", "== a and b differ from 4K on"],
    ),
    "failing": (
        [A, FailingWrite(DATA), Flush("a")],
        ["-> a: write 0x01 at 4K length 512", "<- write failed: Input/output error", "-> a: flush"],
    ),
}


@pytest.mark.parametrize("name", REMARKS)
def test_remark(name: str) -> None:
    """Each kind of step has its line."""
    steps, lines = REMARKS[name]
    told = Rehearsal(Dialect.V3)
    told.do(*steps)
    assert [str(line) for line in told.transcript.lines] == lines


def test_complaints() -> None:
    """What QEMU must have complained of is shown when it quits."""
    told = Rehearsal(Dialect.V3)
    told.state.complaints.append("a complaint")
    told.do(Quit())
    assert [str(line) for line in told.transcript.lines] == ["== stderr: a complaint"]
    assert not told.is_running
    told.do(Boot())
    assert told.is_running
    assert told.state.complaints == []
