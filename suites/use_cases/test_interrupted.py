"""Use case 1, harder: mirrors that are killed, run out of space, lose their target, are paused or cancelled often."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.driver.qemu import observe
from fixtures.vocabulary.enums import CopyMode, Format
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    AwaitHalt,
    Boot,
    CancelJob,
    Compare,
    CompleteJob,
    Crash,
    HaltRead,
    LetGo,
    MakeRoom,
    PauseJob,
    Quit,
    RemoveBitmap,
    Restart,
    ResumeJob,
    SetSpeed,
    StartMirror,
    Storage,
    Write,
)

pytestmark = pytest.mark.feature
copy_modes = pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
FORMATS = (Format.QCOW2, Format.RAW)
DELTA = Write(3 * MIB - 4 * KIB, 24 * MIB, Positional(1))


def _mirrored_disk(bench: Bench, target: Format = Format.QCOW2, persistent: bool = False) -> None:
    """Give a disk that was mirrored once, and a bitmap of what it has been written since."""
    with bench.aside("a disk that was mirrored once, the bitmap b0 and a delta of 24M"):
        bench.do(AddImage("source"))
        bench.do(AddImage("target", image_format=target))
        bench.do(Write(0, MIB, Fill(0x11)), StartMirror("full", "target"), CancelJob("full"))
        bench.do(AddBitmap("b0", 64 * KIB, persistent=persistent or None), DELTA)


def _finish_copy(bench: Bench, target: str, bitmap: str | None = "b0", copy_mode: CopyMode | None = None) -> None:
    """Mirror once more up to the end while the guest writes; the target is the disk then."""
    bench.do(StartMirror("last", target, bitmap=bitmap, copy_mode=copy_mode))
    bench.do(Write(50 * MIB - 1, 2, Fill(0x99), at="filter"), CompleteJob("last"))
    bench.observe("b0")
    bench.do(Quit())
    bench.do(Compare("source", target))


@pytest.mark.parametrize("stored", [True, False], ids=["stored", "never-stored"])
@pytest.mark.parametrize("image_format", FORMATS, ids=str)
def test_killed(bench: Bench, golden: SnapshotAssertion, image_format: Format, stored: bool) -> None:
    """After a SIGKILL no bitmap helps: one that the image stores is inconsistent and refused, one that it does not
    store yet is gone. The caller falls back to a full mirror (B-63, R-B6, R-B14, X-04)."""
    _mirrored_disk(bench, image_format, persistent=True)
    if stored:
        bench.do(Restart())
    bench.do(StartMirror("job", "target", bitmap="b0", speed=1))
    bench.do(Crash())
    bench.observe("b0")
    bench.do(StartMirror("again", "target", bitmap="b0"))
    if stored:
        bench.do(RemoveBitmap("b0"))
    _finish_copy(bench, "target", bitmap=None)
    assert bench.finish("SIGKILL in the middle of a mirror") == golden


def test_target_out_of_space(bench: Bench, golden: SnapshotAssertion) -> None:
    """A target whose storage is full fails the mirror; once it has room, the bitmap copies what is missing (X-10, M-65,
    R-B18)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target", room=4 * MIB))
    bench.do(AddBitmap("b0", 64 * KIB), DELTA, StartMirror("job", "target", bitmap="b0"))
    bench.observe()
    bench.do(Write(MIB, 512, Fill(0x22)))
    bench.do(MakeRoom())
    _finish_copy(bench, "target")
    assert bench.finish("a target of 64M on storage of 4M, then of any size") == golden


@pytest.mark.parametrize("fresh", FORMATS, ids=str)
def test_target_lost(bench: Bench, golden: SnapshotAssertion, fresh: Format) -> None:
    """For a fresh target the old bitmap is not enough: what was copied to the lost one is missing. A full mirror is
    needed (X-09)."""
    _mirrored_disk(bench)
    bench.do(StartMirror("job", "target", bitmap="b0"), CancelJob("job", force=True), Write(MIB, 512, Fill(0x22)))
    bench.do(AddImage("fresh", image_format=fresh))
    _finish_copy(bench, "fresh")
    bench.do(Boot())
    _finish_copy(bench, "fresh", bitmap=None)
    assert bench.finish("the target is lost between two mirrors of a delta") == golden


@copy_modes
def test_paused_in_the_middle(bench: Bench, golden: SnapshotAssertion, copy_mode: CopyMode) -> None:
    """A paused mirror copies nothing even without a speed limit; what the guest writes meanwhile is not lost (M-41)."""
    _mirrored_disk(bench)
    bench.do(StartMirror("job", "target", bitmap="b0", copy_mode=copy_mode, speed=1), PauseJob("job"))
    before = observe.rest(bench.machine.qemu, [("source", "b0")]).digests
    bench.do(SetSpeed("job", 0))
    bench.observe("b0")
    assert observe.rest(bench.machine.qemu, [("source", "b0")]).digests == before
    bench.do(Write(20 * MIB + 1, 100 * KIB, Fill(0x33), at="filter"), Write(40 * MIB, 3, Fill(0x44), at="filter"))
    bench.do(ResumeJob("job"), PauseJob("job"), Write(60 * MIB, 3, Fill(0x55), at="filter"), CompleteJob("job"))
    bench.do(ResumeJob("job"))
    bench.observe("b0")
    bench.do(Quit())
    bench.do(Compare("source", "target"))
    assert bench.finish("pauses before and at READY, with writes in each") == golden


@copy_modes
@pytest.mark.parametrize("image_format", Format, ids=str)
def test_cancelled_again_and_again(bench: Bench, image_format: Format, copy_mode: CopyMode) -> None:
    """Mirrors cancelled in the middle of a request, one behind the other, converge: no round loses what it did not copy
    nor what the guest wrote before the next (M-36, X-10)."""
    bench.do(AddImage("source", storage=Storage.HALTING))
    bench.do(AddImage("target", image_format=image_format))
    bench.do(AddBitmap("b0", 64 * KIB), DELTA)
    for number in range(4):
        bench.do(
            HaltRead(),
            StartMirror(f"job{number}", "target", bitmap="b0", copy_mode=copy_mode, buf_size=MIB),
            AwaitHalt(),
        )
        bench.do(CancelJob(f"job{number}", force=True))
        bench.do(LetGo(f"job{number}"))
        bench.observe("b0")
        bench.do(Write((number + 2) * 10 * MIB - 7, 14, Fill(number + 1)))
    _finish_copy(bench, "target", copy_mode=copy_mode)
    bench.finish("four cancelled mirrors, then one that is not")
