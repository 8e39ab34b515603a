"""A guest's write into a hole while a mirror that starts still looks for what is allocated.

The job's look is halted where it loads an L2 table. Segments are smaller than what a table describes, so that a hole is
not copied because of the data beside it; and the target takes discards, or else all of it would be copied.
"""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Discard, MirrorCommand, SyncMode
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    AwaitBegun,
    AwaitHalt,
    AwaitReplies,
    CancelJob,
    CloseImage,
    ConnectGuest,
    ExpectImage,
    Flood,
    HaltScan,
    LetGo,
    OpenImage,
    StartMirror,
    Storage,
    Write,
)

TABLE = 32 * KIB
"""What an L2 table of 512 bytes describes, in clusters of 512 bytes."""
SEGMENT = 4 * KIB
commands = pytest.mark.parametrize("command", [MirrorCommand.BLOCKDEV, MirrorCommand.DRIVE], ids=str)
copy_modes = pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
beside = pytest.mark.parametrize("bitmap", [False, True], ids=["no-bitmap", "bitmap"])


def _start(bench: Bench, bitmap: bool, mirror: StartMirror) -> None:
    """Halt a mirror to a new target where it first asks what is allocated; the guest's bitmap records beside it."""
    if bitmap:
        bench.do(AddBitmap("b0", SEGMENT))
    if mirror.command.is_drive:
        bench.do(ExpectImage("target", MIB))
    else:
        bench.do(AddImage("target", MIB, cluster=SEGMENT, discard=Discard.UNMAP))
    bench.do(ConnectGuest(), HaltScan(), mirror, AwaitHalt())


def _finish(bench: Bench, headline: str) -> None:
    bench.do(AwaitReplies(), CancelJob("job"))
    bench.observe("b0")
    bench.finish(headline)


@beside
@commands
@copy_modes
@pytest.mark.parametrize("place", [0, MIB - 512], ids=["asked-for", "far"])
def test_hole_in_the_chain(bench: Bench, place: int, copy_mode: CopyMode, command: MirrorCommand, bitmap: bool) -> None:
    """A write that comes and ends while the job asks the backing file reaches the target (M-25)."""
    bench.do(AddImage("base", MIB), Write(512 * KIB, SEGMENT, Positional(1), at="base"), CloseImage("base"))
    bench.do(OpenImage("base", storage=Storage.HALTING), AddImage("source", MIB, cluster=512, backing="base"))
    mirror = StartMirror("job", "target", granularity=SEGMENT, copy_mode=copy_mode, command=command)
    _start(bench, bitmap, mirror)
    bench.do(Flood((Write(place, 512, Positional(2), at="filter"),)), AwaitReplies(), LetGo("job"))
    _finish(bench, "a hole in source and base is written while base is asked")


@commands
@copy_modes
@pytest.mark.parametrize("sync", [SyncMode.FULL, SyncMode.TOP], ids=str)
@pytest.mark.parametrize("tables", [1, 3], ids=["begins", "begins-and-ends"])
def test_hole_in_the_source(
    bench: Bench, tables: int, sync: SyncMode, copy_mode: CopyMode, command: MirrorCommand
) -> None:
    """A write that begins, or comes and ends, while the job asks the source itself reaches the target (M-25).

    Each table is loaded under the image's lock, for which the write waits: it goes on between two of them.
    """
    bench.do(AddImage("base", MIB), AddImage("source", MIB, cluster=512, backing="base"))
    bench.do(*(Write(at, 512, Positional(1)) for at in range(0, MIB, TABLE)), CloseImage("source"))
    bench.do(OpenImage("source", backing="base", storage=Storage.HALTING))
    mirror = StartMirror("job", "target", sync=sync, granularity=SEGMENT, copy_mode=copy_mode, command=command)
    _start(bench, True, mirror)
    bench.do(Flood((Write(TABLE // 2, 512, Positional(2), at="filter"),)), AwaitBegun())
    for _ in range(tables - 1):
        bench.do(HaltScan(), LetGo("job"), AwaitHalt())
    if tables > 1:
        bench.do(AwaitReplies())
    bench.do(LetGo("job"))
    _finish(bench, "a hole in the source is written while the source is asked")
