"""The arguments of a backup: sync mode x bitmap x bitmap mode, every reply pinned; what a refused start leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BackupCommand, BitmapMode, Format, SyncMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    DisableBitmap,
    ExpectImage,
    ExportBitmap,
    ReopenReadOnly,
    StartBackup,
    Step,
    Write,
)

pytestmark = pytest.mark.dialects("stock", "v1", "v2", "v3")
COMMANDS = (BackupCommand.BLOCKDEV, BackupCommand.DRIVE)
BITMAPS = {"no-bitmap": None, "unknown-bitmap": "nosuch", "valid-bitmap": "b0"}


def _disk(bench: Bench, command: BackupCommand, backing: str | None = None) -> None:
    """Open a source whose bitmap b0 holds one segment, over a base if wanted, and a target if that is not created."""
    if backing:
        bench.do(AddImage(backing, MIB), ReopenReadOnly(backing))
    bench.do(AddImage("source", MIB, backing=backing))
    bench.do(ExpectImage("target", MIB) if command.is_drive else AddImage("target", MIB))
    bench.do(Write(0, 64 * KIB, Fill(0x11)), AddBitmap("b0", 64 * KIB), Write(64 * KIB, 512, Fill(0x22)))


def _start(bench: Bench, step: StartBackup) -> None:
    """Try to start a backup, end it if it does not end by itself; write, to show that the source is not drained."""
    bench.do(step)
    if bench.state.active_backups():
        bench.do(CancelJob(step.job))
    bench.do(Write(512 * KIB, 512, Fill(0x33)))
    bench.observe("b0")


@pytest.mark.parametrize("command", COMMANDS, ids=str)
@pytest.mark.parametrize("sync", SyncMode, ids=str)
@pytest.mark.parametrize("bitmap", BITMAPS.values(), ids=BITMAPS)
def test_matrix(
    bench: Bench, golden: SnapshotAssertion, bitmap: str | None, sync: SyncMode, command: BackupCommand
) -> None:
    """Each bitmap mode with each sync mode and bitmap: what is accepted, what is refused and why (B-71)."""
    _disk(bench, command, "base")
    for mode in (None, *BitmapMode):
        _start(bench, StartBackup("job", "target", sync=sync, bitmap=bitmap, bitmap_mode=mode, command=command))
    assert bench.finish(f"{command} with sync={sync} and {bitmap or 'no bitmap'}") == golden


@pytest.mark.parametrize("command", COMMANDS, ids=str)
@pytest.mark.parametrize("mode", BitmapMode, ids=str)
def test_top_without_a_backing_file(bench: Bench, command: BackupCommand, mode: BitmapMode) -> None:
    """drive-backup takes it for full, also in its refusal; blockdev-backup copies only what the layer holds (B-71)."""
    _disk(bench, command)
    _start(bench, StartBackup("job", "target", sync=SyncMode.TOP, bitmap="b0", bitmap_mode=mode, command=command))
    bench.finish(f"{command} with sync=top, no backing file, bitmap-mode={mode}")


@pytest.mark.parametrize("state", ["busy", "read-only", "disabled"])
@pytest.mark.parametrize("mode", BitmapMode, ids=str)
def test_state_of_the_bitmap(bench: Bench, golden: SnapshotAssertion, mode: BitmapMode, state: str) -> None:
    """A bitmap in use is refused, one that cannot be changed unless the backup would not; a disabled one is used and
    stays so (B-71)."""
    _disk(bench, BackupCommand.BLOCKDEV)
    bench.do(AddBitmap("b1", 64 * KIB, persistent=True), Write(0, 512, Fill(0x44)))
    changes: dict[str, Step] = {
        "busy": ExportBitmap("b1"),
        "disabled": DisableBitmap("b1"),
        "read-only": ReopenReadOnly("source"),
    }
    bench.do(changes[state])
    bench.do(StartBackup("job", "target", sync=SyncMode.BITMAP, bitmap="b1", bitmap_mode=mode))
    bench.observe("b1")
    assert bench.finish(f"bitmap-mode={mode} with a bitmap that is {state}") == golden


GOOD = StartBackup("job", "target", sync=SyncMode.BITMAP, bitmap="b0", bitmap_mode=BitmapMode.ALWAYS)
BAD: dict[str, StartBackup] = {
    "no-sync": replace(GOOD, sync=None),
    "unknown-source": replace(GOOD, device="nosuch"),
    "unknown-target": replace(GOOD, target="nosuch"),
    "same-node": replace(GOOD, target="source"),
    "other-size": replace(GOOD, target="small"),
    "target-in-use": replace(GOOD, target="copy"),
    "read-only-target": replace(GOOD, target="sealed"),
    "compress-to-raw": replace(GOOD, target="raw", compress=True),
    "job-id": replace(GOOD, job="other"),
    "filter-name": replace(GOOD, filter_node="source"),
    "bad-filter-name": replace(GOOD, filter_node="1st"),
    "speed": replace(GOOD, speed=-1),
    "no-worker": replace(GOOD, max_workers=0),
    "negative-chunk": replace(GOOD, max_chunk=-1),
    "small-chunk": replace(GOOD, max_chunk=4 * KIB),
}


@pytest.mark.parametrize("step", BAD.values(), ids=BAD)
def test_refused_start(bench: Bench, golden: SnapshotAssertion, step: StartBackup) -> None:
    """A start that is refused leaves the bitmap as it was, recording, and nothing drained (B-71)."""
    with bench.aside("a source with b0, several targets; a backup of another disk to one of them"):
        _disk(bench, BackupCommand.BLOCKDEV)
        bench.do(AddImage("small", MIB // 2), AddImage("copy", MIB), AddImage("disk", MIB), AddImage("sealed", MIB))
        bench.do(AddImage("raw", MIB, Format.RAW), ReopenReadOnly("sealed"))
        bench.do(StartBackup("other", "copy", device="disk", sync=SyncMode.NONE, filter_node="other-filter"))
    bench.do(step)
    bench.do(Write(512 * KIB, 512, Fill(0x33)))
    bench.observe("b0")
    bench.do(CancelJob("other"))
    assert bench.finish("a start that is refused") == golden
