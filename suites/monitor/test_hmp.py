"""HMP's drive_mirror, drive_backup and block_job_*: they do what their QMP commands do, on every dialect alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.driver.qemu import hmp
from fixtures.vocabulary.enums import BackupCommand, Format, MirrorCommand, SyncMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddDrive,
    AddImage,
    ByHmp,
    CancelJob,
    CompleteJob,
    ExpectImage,
    HmpCommand,
    PauseJob,
    ReopenReadOnly,
    ResumeJob,
    SetSpeed,
    StartBackup,
    StartMirror,
    Write,
)

pytestmark = pytest.mark.dialects("stock", "v1", "v2", "v3")
SYNCS = (SyncMode.FULL, SyncMode.TOP)
MIRROR = StartMirror(
    "guest", "target", filter_node=None, command=MirrorCommand.DRIVE, with_id=False, named_target=False
)
BACKUP = StartBackup("guest", "target", filter_node=None, command=BackupCommand.DRIVE)


def _disk(bench: Bench, *, backed: bool = True) -> None:
    """Give a guest a drive with 64K of data, over a base that is full of data if wanted."""
    with bench.aside(f"64K of data in source{', a base below it' if backed else ''}; guest is a drive made of it"):
        if backed:
            bench.do(AddImage("base", MIB), AddImage("source", MIB, backing="base"))
        else:
            bench.do(AddImage("source", MIB))
        bench.do(AddDrive("guest", "source"))
        if backed:
            bench.do(Write(0, MIB, Fill(0x22), at="base"), ReopenReadOnly("base"))
        bench.do(Write(0, 64 * KIB, Fill(0x11), at="guest"))


def _target(bench: Bench, image_format: Format | None = None, backing: str | None = None, size: int = MIB) -> None:
    """Leave the target to QEMU, or create it."""
    if image_format is None:
        bench.do(ExpectImage("target", size))
    else:
        bench.do(AddImage("target", size, image_format, backing=backing, opened=False))


def _say(bench: Bench, *steps: HmpCommand) -> None:
    for step in steps:
        bench.do(ByHmp(step))
        bench.observe_by_hmp("guest")


ENDINGS: dict[str, HmpCommand] = {
    "complete": CompleteJob("guest"),
    "cancel": CancelJob("guest"),
    "force": CancelJob("guest", force=True),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("sync", SYNCS, ids=str)
@pytest.mark.parametrize("backed", [True, False], ids=["backed", "flat"])
def test_mirror(bench: Bench, golden: SnapshotAssertion, backed: bool, sync: SyncMode, ending: str) -> None:
    """drive_mirror creates its target and copies all with -f, else the top layer; the guest's drive is made of it once
    the job has completed (M-100, M-134)."""
    _disk(bench, backed=backed)
    _target(bench)
    _say(bench, replace(MIRROR, sync=sync))
    bench.do(Write(512 * KIB, 4 * KIB, Fill(0x33), at="guest"))
    _say(bench, ENDINGS[ending])
    bench.do(Write(768 * KIB, 4 * KIB, Fill(0x44), at="guest"))
    assert bench.finish(f"drive_mirror, {ending}") == golden


REUSED = {"qcow2": (Format.QCOW2, None), "raw": (Format.RAW, None), "over-base": (Format.QCOW2, "base")}


@pytest.mark.parametrize("sync", SYNCS, ids=str)
@pytest.mark.parametrize("reused", REUSED)
def test_mirror_to_an_existing_file(bench: Bench, golden: SnapshotAssertion, reused: str, sync: SyncMode) -> None:
    """drive_mirror -n takes the file as it is, with its backing file (M-100, M-134)."""
    _disk(bench)
    image_format, backing = REUSED[reused]
    _target(bench, image_format, backing)
    _say(bench, replace(MIRROR, sync=sync, command=MirrorCommand.DRIVE_EXISTING, target_format=image_format))
    bench.do(Write(512 * KIB, 4 * KIB, Fill(0x33), at="guest"))
    _say(bench, CompleteJob("guest"))
    bench.do(Write(768 * KIB, 4 * KIB, Fill(0x44), at="guest"))
    assert bench.finish("drive_mirror -n") == golden


def test_orders(bench: Bench, golden: SnapshotAssertion) -> None:
    """Each block_job_* does its work or says why not, as in QMP (M-134)."""
    _disk(bench)
    _target(bench)
    _say(bench, CompleteJob("guest"), MIRROR)
    _say(bench, ResumeJob("guest"), PauseJob("guest"), PauseJob("guest"), CancelJob("guest"), ResumeJob("guest"))
    _say(bench, SetSpeed("guest", 64 * KIB), SetSpeed("guest", 0))
    _say(bench, CompleteJob("guest"), CancelJob("guest"), SetSpeed("guest", 0), PauseJob("guest"))
    assert bench.finish("orders to a mirror") == golden


@pytest.mark.parametrize("sync", SYNCS, ids=str)
@pytest.mark.parametrize("reused", [None, *REUSED], ids=["created", *REUSED])
def test_backup(bench: Bench, golden: SnapshotAssertion, reused: str | None, sync: SyncMode) -> None:
    """drive_backup copies all with -f, else the top layer, to a file that it creates or takes with -n (B-100)."""
    _disk(bench)
    image_format, backing = REUSED[reused] if reused else (None, None)
    _target(bench, image_format, backing)
    command = BackupCommand.DRIVE_EXISTING if reused else BackupCommand.DRIVE
    step = replace(BACKUP, sync=sync, command=command, target_format=image_format or Format.QCOW2)
    _say(bench, step)
    bench.do(ByHmp(CancelJob("guest")))
    assert bench.finish("drive_backup") == golden


BAD = {
    "mirror-unknown-device": ByHmp(replace(MIRROR, device="nosuch"), "nosuch"),
    "mirror-layer": ByHmp(replace(MIRROR, device="base"), "base"),
    "mirror-node-without-drive": ByHmp(replace(MIRROR, device="lone"), "lone"),
    "mirror-no-file": ByHmp(replace(MIRROR, target="nosuch", command=MirrorCommand.DRIVE_EXISTING)),
    "mirror-other-size": ByHmp(replace(MIRROR, target="small", command=MirrorCommand.DRIVE_EXISTING)),
    "backup-unknown-device": ByHmp(replace(BACKUP, device="nosuch"), "nosuch"),
    "backup-other-size": ByHmp(replace(BACKUP, target="small", command=BackupCommand.DRIVE_EXISTING)),
    "backup-compressed-to-raw": ByHmp(
        replace(BACKUP, target="raw", target_format=Format.RAW, command=BackupCommand.DRIVE_EXISTING, compress=True)
    ),
}


@pytest.mark.parametrize("step", BAD.values(), ids=BAD)
def test_refused(bench: Bench, golden: SnapshotAssertion, step: ByHmp) -> None:
    """What cannot be started is refused in QMP's words (M-134, B-100)."""
    _disk(bench)
    _target(bench)
    bench.do(
        AddImage("lone", MIB),
        AddImage("small", 512 * KIB, opened=False),
        AddImage("raw", MIB, Format.RAW, opened=False),
    )
    bench.do(step)
    bench.observe_by_hmp("guest")
    assert bench.finish("a start that is refused") == golden


MALFORMED = {
    "drive_mirror": "drive_mirror: block device name expected",
    "drive_mirror -x guest target.qcow2": "drive_mirror: unsupported option -x",
    "drive_mirror guest": "drive_mirror: string expected",
    "drive_backup -f guest": "drive_backup: string expected",
    "drive_backup -f -z guest target.qcow2": "drive_backup: unsupported option -z",
    "block_job_cancel": "block_job_cancel: block device name expected",
    "block_job_set_speed guest fast": "invalid size",
    "block_job_set_speed guest -1": "invalid size",
}


def test_malformed(bench: Bench) -> None:
    """A command line that makes no sense is answered with what is wrong and where help is (M-134)."""
    _disk(bench)
    for line, problem in MALFORMED.items():
        help_is_at = f'Try "help {line.split()[0]}" for more information'
        assert hmp.run(bench.machine.monitor, line) == f"{problem}\n{help_is_at}"
    bench.finish("malformed command lines")
