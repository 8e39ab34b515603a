"""drive-mirror: the target is a file that QEMU opens by itself, and creates unless mode=existing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, MirrorCommand, SyncMode
from fixtures.vocabulary.patterns import ZEROES, Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CloseImage,
    CompleteJob,
    ExpectImage,
    FinalizeJob,
    IoKind,
    StartMirror,
    Step,
    Write,
)

SYNCS = (SyncMode.FULL, SyncMode.TOP, SyncMode.NONE)


def _disk(bench: Bench) -> None:
    """Open a source over a base, with data in both and a bitmap that holds one segment."""
    with bench.aside("64K of data in base at 1M; source over it with 64K at 0, and then 512 bytes at 64K"):
        bench.do(AddImage("base"))
        bench.do(Write(MIB, 64 * KIB, Fill(0xBB), at="base"))
        bench.do(AddImage("source", backing="base"))
        bench.do(Write(0, 64 * KIB, Fill(0x11)), AddBitmap("b0", 64 * KIB), Write(64 * KIB, 512, Fill(0x22)))


def _late_write(at: int, length: int) -> Write:
    return Write(at, length, Fill(0x33), at="filter")


ENDINGS: dict[str, tuple[Step, ...]] = {
    "complete": (CompleteJob("job"),),
    "finalize": (CompleteJob("job"), FinalizeJob("job")),
    "graceful-cancel": (CancelJob("job"),),
    "force-cancel": (CancelJob("job", force=True),),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("sync", SYNCS, ids=str)
def test_created_target(bench: Bench, golden: SnapshotAssertion, sync: SyncMode, ending: str) -> None:
    """QEMU creates the target over what the sync mode leaves out: nothing, the base, the source (M-01, M-02, M-04,
    M-06, M-32, M-37, M-38, R-M6)."""
    _disk(bench)
    bench.do(ExpectImage("target", 64 * MIB))
    finalize = False if ending == "finalize" else None
    bench.do(StartMirror("job", "target", sync=sync, command=MirrorCommand.DRIVE, auto_finalize=finalize))
    bench.observe("b0")
    bench.do(_late_write(2 * MIB, 64 * KIB), *ENDINGS[ending])
    bench.observe("b0")
    assert bench.finish(f"a target that is created, sync={sync}, {ending}") == golden


@pytest.mark.feature
@pytest.mark.parametrize("command", [MirrorCommand.DRIVE, MirrorCommand.DRIVE_EXISTING], ids=str)
@pytest.mark.parametrize("bitmap", ["b0", "nosuch"])
def test_bitmap(bench: Bench, golden: SnapshotAssertion, bitmap: str, command: MirrorCommand) -> None:
    """drive-mirror takes a bitmap, too, and looks it up before it creates anything (X-03, X-13)."""
    _disk(bench)
    if command is MirrorCommand.DRIVE:
        bench.do(ExpectImage("target", 64 * MIB))
    else:
        bench.do(AddImage("target"))
        bench.do(CloseImage("target"))
    bench.do(StartMirror("job", "target", bitmap=bitmap, command=command))
    bench.observe("b0")
    if bench.state.active_jobs():
        bench.do(_late_write(MIB, 512), CancelJob("job"))
    bench.observe("b0")
    assert (bench.machine.folder / "target.qcow2").exists() == ("target" in bench.state.images)
    assert bench.finish(f"drive-mirror with bitmap {bitmap}") == golden


def test_missing_target(bench: Bench, golden: SnapshotAssertion) -> None:
    """With mode=existing, a target that is not there is refused (M-06)."""
    _disk(bench)
    bench.do(StartMirror("job", "target", command=MirrorCommand.DRIVE_EXISTING))
    bench.observe("b0")
    assert bench.finish("no target") == golden


@pytest.mark.parametrize("copy_mode", [CopyMode.BACKGROUND, CopyMode.WRITE_BLOCKING], ids=str)
@pytest.mark.parametrize("sync", [SyncMode.TOP, SyncMode.NONE], ids=str)
@pytest.mark.known("KI-11", copy_mode="write-blocking")
def test_part_of_a_cluster(bench: Bench, sync: SyncMode, copy_mode: CopyMode) -> None:
    """What a guest writes into a cluster that the target does not hold leaves the rest of it alone (M-02, M-04, M-83,
    M-89, M-132)."""
    _disk(bench)
    bench.do(ExpectImage("target", 64 * MIB))
    bench.do(StartMirror("job", "target", sync=sync, copy_mode=copy_mode, command=MirrorCommand.DRIVE))
    bench.do(_late_write(MIB + 1024, 512), CancelJob("job"))
    bench.finish("512 bytes over data of the base")


@pytest.mark.known("KI-20", border="clusters")
@pytest.mark.parametrize("border", ["segments", "clusters"])
def test_small_buffer(bench: Bench, border: str) -> None:
    """A buffer of one segment is enough, also where copies are widened to whole clusters of the target (M-13, M-89)."""
    _disk(bench)
    bench.do(ExpectImage("target", 64 * MIB))
    mirror = StartMirror("job", "target", sync=SyncMode.NONE, granularity=KIB, buf_size=KIB)
    bench.do(replace(mirror, command=MirrorCommand.DRIVE))
    bench.do(_late_write(MIB + (KIB if border == "segments" else 0) - 150, 300), CancelJob("job"))
    bench.finish(f"300 bytes over a border of {border}")


@pytest.mark.parametrize("copy_mode", [CopyMode.BACKGROUND, CopyMode.WRITE_BLOCKING], ids=str)
@pytest.mark.parametrize("late", [False, True], ids=["before", "during"])
@pytest.mark.parametrize("sync", [SyncMode.TOP, SyncMode.NONE], ids=str)
@pytest.mark.known("KI-13", sync="top")
def test_zeroes_over_the_base(bench: Bench, sync: SyncMode, late: bool, copy_mode: CopyMode) -> None:
    """Zeroes that hide data of the base are in the target, whenever the guest wrote them (M-02, M-04, M-132)."""
    zeroes = Write(MIB, 64 * KIB, ZEROES, IoKind.ZEROES)
    _disk(bench)
    bench.do(ExpectImage("target", 64 * MIB), *([] if late else [zeroes]))
    bench.do(StartMirror("job", "target", sync=sync, copy_mode=copy_mode, command=MirrorCommand.DRIVE))
    bench.do(*([replace(zeroes, at="filter")] if late else []), CancelJob("job"))
    bench.finish("64K of zeroes over data of the base")
