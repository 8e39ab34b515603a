"""Persistent bitmaps of a disk that could not be made read-only: they are as they were, and so is the guest's disk.

By the time that a reopening fails, the image may have stored its bitmaps and made them read-only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import Access, Format
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddFilter,
    AddImage,
    Attempt,
    BitmapAt,
    CancelJob,
    CompleteJob,
    ConnectGuest,
    Crash,
    OpenImage,
    Restart,
    StartCommit,
    StartMirror,
    Step,
    TakeSnapshot,
    Write,
)

SIZE = 4 * MIB
feature = pytest.mark.feature
OTHER = {"driver": "qcow2", "node-name": "target", "file": "nosuch"}


@dataclass(frozen=True)
class Door:
    """A way to be refused: what is done before, other options of the reopening, other nodes in the same command."""

    before: tuple[Step, ...] = ()
    options: Mapping[str, object] | None = None
    others: tuple[Mapping[str, object], ...] = ()
    guest: str = "source"
    ends: tuple[Step, ...] = ()


MIRRORED = StartMirror("job", "target"), StartMirror("job", "target", bitmap="b0")
DOORS = {
    "user": Door((ConnectGuest(),)),
    "user-above-a-filter": Door((AddFilter("over", "source"), ConnectGuest("over")), guest="over"),
    "user-above-a-mirror": Door((ConnectGuest(), MIRRORED[0]), guest="filter", ends=(CancelJob("job"),)),
    "mirror-with-the-bitmap": Door((MIRRORED[1],), guest="filter", ends=(CancelJob("job"),)),
    "backing": Door(options={"backing": "nosuch"}),
    "file": Door(options={"file": "nosuch"}),
    "option": Door(options={"data-file": "nosuch"}),
    "new-file-and-option": Door((AddImage("new", SIZE, Format.FILE),), {"file": "new", "data-file": "nosuch"}),
    "second-node": Door(others=(OTHER,)),
}
doors = [pytest.param(name, marks=[feature] * (name == "mirror-with-the-bitmap")) for name in DOORS]


@pytest.mark.known("KI-03")
@pytest.mark.parametrize("end", [Restart(), Crash()], ids=["quit", "crash"])
@pytest.mark.parametrize("stored", [False, True], ids=["new", "stored"])
@pytest.mark.parametrize("door", doors)
def test_refused(bench: Bench, door: str, stored: bool, end: Step) -> None:
    """Whoever refuses it, the next write succeeds, and the bitmap in the file is one that is in use (B-60, B-69)."""
    way = DOORS[door]
    bench.do(AddImage("source", SIZE), AddImage("target", SIZE), AddBitmap("b0", 64 * KIB, persistent=True))
    if stored:
        bench.do(Write(MIB, 512, Fill(1)), Restart())
    bench.do(*way.before)
    source = {**bench.machine.files.node("source").read_only(), **(way.options or {})}
    bench.do(Attempt("blockdev-reopen", {"options": [source, *way.others]}))
    bench.observe("b0")
    bench.do(Write(0, 64 * KIB, Fill(2), at=way.guest), *way.ends)
    bench.observe("b0")
    if stored or isinstance(end, Restart):
        bench.do(end)
        bench.observe("b0")
    bench.finish(f"a reopening that is refused by {door}")


@pytest.mark.known("KI-03", by_descriptor="fd-set")
@pytest.mark.parametrize("end", [CompleteJob("commit"), CancelJob("commit", force=True)], ids=["complete", "force"])
@pytest.mark.parametrize("stored", [False, True], ids=["new", "stored"])
@pytest.mark.parametrize("by_descriptor", [False, True], ids=["file", "fd-set"])
def test_snapshot_and_commit(bench: Bench, by_descriptor: bool, stored: bool, end: CompleteJob | CancelJob) -> None:
    """A snapshot makes the disk below read-only, or cannot, for want of a descriptor; a commit can still write to it
    (B-69, B-97)."""
    bench.do(AddImage("source", SIZE, access=Access.FD_SET if by_descriptor else Access.DEFAULT))
    bench.do(AddImage("overlay", SIZE, backing="source", opened=False))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True))
    if stored:
        bench.do(Write(MIB, 512, Fill(1)), Restart())
    bench.do(OpenImage("overlay"), TakeSnapshot("overlay"), Write(2 * MIB, 64 * KIB, Fill(2), at="overlay"))
    bench.observe(BitmapAt("source", "b0"))
    bench.do(StartCommit("overlay", "source", "overlay", filter_node="filter"), end)
    bench.observe("b0")
    bench.finish("a snapshot, then a commit")
