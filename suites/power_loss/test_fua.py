"""A guest's write with FUA, force unit access, is stable when it is answered, whatever is below and above the node."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Format, SyncMode
from fixtures.vocabulary.patterns import ZEROES, Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    CACHED,
    AddBitmap,
    AddFilter,
    AddImage,
    CompleteJob,
    ConnectGuest,
    FilterKind,
    Flush,
    IoKind,
    SetSpeed,
    StartBackup,
    StartMirror,
    Step,
    Storage,
    Write,
)

BEFORE: dict[str, tuple[Step, ...]] = {
    "first": (),
    "after-write": (Write(0, 64 * KIB, Fill(1)),),
    "after-flush": (Write(0, 64 * KIB, Fill(1)), Flush()),
}
disks = pytest.mark.parametrize("disk", CACHED, ids=str)
formats = pytest.mark.parametrize("image_format", Format, ids=str)
known = pytest.mark.known("KI-23", disk="logged", image_format="file")
kinds = pytest.mark.parametrize("kind", [IoKind.WRITE, IoKind.ZEROES], ids=["write", "zeroes"])
copy_modes = pytest.mark.parametrize("copy_mode", CopyMode, ids=str)


def _write(kind: IoKind, at: str = "source", offset: int = 64 * KIB) -> Write:
    return Write(offset, 64 * KIB, ZEROES if kind is IoKind.ZEROES else Fill(2), kind, at, fua=True)


@pytest.mark.known("KI-23", disk="logged", image_format="file", before="first")
@pytest.mark.known("KI-23", disk="logged", image_format="file", before="after-flush")
@kinds
@disks
@formats
@pytest.mark.parametrize("before", BEFORE)
def test_node(bench: Bench, before: str, image_format: Format, disk: Storage, kind: IoKind) -> None:
    """A node makes it stable: by FUA if all below can do that, else by a flush after it (M-95)."""
    bench.do(AddImage("source", MIB, image_format, storage=disk), ConnectGuest(), *BEFORE[before])
    for offset in (64 * KIB, 10 * KIB):
        bench.do(_write(kind, offset=offset))
        bench.observe()
    bench.finish("a write with FUA")


@kinds
@disks
@formats
@pytest.mark.parametrize("over", [FilterKind.PLAIN, FilterKind.THROTTLE, None], ids=["copying", "throttle", "backup"])
def test_filter(bench: Bench, over: FilterKind | None, image_format: Format, disk: Storage, kind: IoKind) -> None:
    """A filter passes it on, or the flush that stands for it (M-95)."""
    bench.do(AddImage("source", MIB, image_format, storage=disk), ConnectGuest(), *BEFORE["after-flush"])
    if over:
        bench.do(AddFilter("filter", "source", over))
    else:
        backup = StartBackup("job", "target", sync=SyncMode.NONE, filter_node="filter")
        bench.do(AddImage("target", MIB, Format.RAW), backup)
    bench.do(_write(kind, "filter"))
    bench.observe()
    bench.finish("a write with FUA through a filter")


def _mirror(bench: Bench, mirror: StartMirror, kind: IoKind) -> None:
    """Write through the filter of a mirror while it copies, when it is READY, and to its target once it is complete."""
    bench.do(ConnectGuest(), Write(128 * KIB, 64 * KIB, Fill(3)), Flush(), mirror)
    for offset in (0, 192 * KIB):
        bench.do(Flush("filter"), _write(kind, "filter", offset))
        bench.observe()
        if not offset:
            bench.do(SetSpeed("job", 0))
    bench.do(CompleteJob("job"))
    bench.observe()
    bench.do(_write(kind, "target"))
    bench.observe()
    bench.finish("writes with FUA to a disk that is mirrored")


@known
@pytest.mark.possible("KI-25")
@kinds
@disks
@formats
@copy_modes
def test_mirror(bench: Bench, image_format: Format, disk: Storage, copy_mode: CopyMode, kind: IoKind) -> None:
    """Through a mirror's filter it is stable at the source; at the target, once the guest is there (M-95)."""
    bench.do(*(AddImage(node, MIB, image_format, storage=disk) for node in ("source", "target")))
    _mirror(bench, StartMirror("job", "target", copy_mode=copy_mode, speed=1), kind)


@pytest.mark.feature
@known
@kinds
@disks
@formats
@copy_modes
def test_bitmap(bench: Bench, image_format: Format, disk: Storage, copy_mode: CopyMode, kind: IoKind) -> None:
    """The same of a mirror with a bitmap (M-95)."""
    bench.do(*(AddImage(node, MIB, image_format, storage=disk) for node in ("source", "target")), AddBitmap("b0"))
    _mirror(bench, StartMirror("job", "target", bitmap="b0", copy_mode=copy_mode, speed=1), kind)
