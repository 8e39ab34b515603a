"""The story of a case: a guest writes before, during and after a backup; then what its bitmap holds is copied, too."""

from __future__ import annotations

from dataclasses import replace

from fixtures.bench import Rehearsal
from fixtures.transcript.normalisers import BACKUP, canonical
from fixtures.vocabulary.enums import BackupCommand, BitmapMode, SyncMode
from fixtures.vocabulary.faults import Fault, Layering, Place
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CloseImage,
    ExpectImage,
    FinalizeJob,
    Inject,
    ReopenReadOnly,
    SetSpeed,
    StartBackup,
    Write,
)
from suites.backup.case import BackupCase, Ending, Target, Use

_CLUSTER = 64 * KIB
BROKEN = 5 * MIB + _CLUSTER
"""Where a request fails: in data that the bitmap holds and that no write of the guest touches during the job."""


def run(bench: Rehearsal, case: BackupCase) -> str:
    """Run the whole story up to the exit; return its text, which all cases of its behaviour share."""
    bench.behaviours.append(case.behaviour)
    with bench.aside("data of a base, W0; bitmap b0, W1"):
        _build(bench, case)
        bench.do(*_writes("W0", (0, _CLUSTER), (MIB, 2 * _CLUSTER), (5 * MIB, 4 * _CLUSTER)))
        bench.do(AddBitmap("b0", case.granularity))
        bench.do(*_writes("W1", (_CLUSTER, 100), (MIB + 512, _CLUSTER), (BROKEN, 1024), (case.size - 1024, 1024)))
    if case.ending.is_error:
        place = Place.READ if case.ending is Ending.READ_ERROR else Place.WRITE
        bench.do(Inject(Fault(place, offset=BROKEN)))
    bench.do(_backup(case))
    bench.observe("b0")
    bench.do(*_writes("W2", (512, 512), (MIB + _CLUSTER, 1024), (2 * MIB - 256, 512), at="filter"))
    bench.observe("b0")
    _end(bench, case)
    bench.observe("b0")
    bench.do(*_writes("W3", (2 * MIB + _CLUSTER, 512)))
    bench.observe("b0")
    if case.sync is not SyncMode.NONE:
        _recover(bench, case)
    return "\n".join(str(canonical(line, [BACKUP])) for line in bench.transcript.lines) + "\n"


def _writes(name: str, *spans: tuple[int, int], at: str = "source") -> list[Write]:
    return [Write(start, length, Positional(int(name[1:])), at=at, name=name) for start, length in spans]


def _build(bench: Rehearsal, case: BackupCase) -> None:
    """Open the disks; what a fault is put below has no backing file."""
    is_layered = case.ending.is_error
    layering = Layering.LAYERED if is_layered else Layering.PLAIN
    bench.do(AddImage("base", case.size), *_writes("W9", (0, 2 * MIB + 512), at="base"))
    bench.do(ReopenReadOnly("base"))  # drive-backup may open its file once more
    bench.do(AddImage("source", case.size, layering=layering, backing=None if is_layered else "base"))
    if case.command is BackupCommand.DRIVE:
        bench.do(ExpectImage("target", case.size))
        return
    backing = "base" if case.target is Target.BACKED else None
    target = AddImage("target", case.size, case.target.image_format, case.target.cluster, backing)
    bench.do(replace(target, layering=Layering.LAYERED if case.ending is Ending.WRITE_ERROR else Layering.PLAIN))
    if case.command is BackupCommand.DRIVE_EXISTING:
        bench.do(CloseImage("target"))


def _backup(case: BackupCase) -> StartBackup:
    """Return a backup that copies its first cluster and then waits for ``SetSpeed``."""
    return StartBackup(
        "job",
        "target",
        sync=case.sync,
        bitmap=None if case.use is Use.UNUSED else "b0",
        bitmap_mode=case.use.mode,
        speed=None if case.sync is SyncMode.NONE else 1,
        max_workers=1,
        max_chunk=max(case.target.cluster, _CLUSTER),
        auto_finalize=False if case.ending in (Ending.FINALIZED, Ending.SIMULATED) else None,
        command=case.command,
        target_format=case.target.image_format,
    )


def _end(bench: Rehearsal, case: BackupCase) -> None:
    if case.ending is Ending.CANCELLED:
        bench.do(CancelJob("job"))
        return
    bench.do(SetSpeed("job", 0))
    if case.ending is Ending.FINALIZED:
        bench.do(FinalizeJob("job"))
    elif case.ending is Ending.SIMULATED:
        bench.observe_job("job")
        bench.do(CancelJob("job"))


def _recover(bench: Rehearsal, case: BackupCase) -> None:
    """Copy what the bitmap holds to the same target, which then has all that the modes promise (B-72)."""
    command = BackupCommand.DRIVE_EXISTING if case.command.is_drive else BackupCommand.BLOCKDEV
    again = replace(_backup(case), sync=SyncMode.BITMAP, bitmap="b0", bitmap_mode=BitmapMode.ON_SUCCESS)
    bench.do(replace(again, speed=None, auto_finalize=None, command=command))
    bench.observe("b0")
