"""HMP: how steps are said in it, how it words refusals, what it shows of jobs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixtures.bench import Rehearsal
from fixtures.driver.qemu import hmp
from fixtures.model.refusal import Refusal
from fixtures.model.rules import graph
from fixtures.vocabulary.enums import BackupCommand, Dialect, Format, MirrorCommand, SyncMode
from fixtures.vocabulary.reasons import Reason
from fixtures.vocabulary.sizes import MIB
from fixtures.vocabulary.steps import (
    AddDrive,
    AddImage,
    ByHmp,
    CancelJob,
    CompleteJob,
    ExpectImage,
    SetSpeed,
    StartBackup,
    StartMirror,
)

MIRROR = StartMirror("guest", "copy", command=MirrorCommand.DRIVE, filter_node=None, named_target=False, with_id=False)
EXISTING = replace(MIRROR, command=MirrorCommand.DRIVE_EXISTING, sync=SyncMode.TOP, target_format=Format.RAW)
BACKUP = StartBackup("guest", "copy", command=BackupCommand.DRIVE, sync=SyncMode.TOP, compress=True)


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (ByHmp(MIRROR), "drive_mirror -f guest copy.qcow2"),
        (ByHmp(EXISTING, "node"), "drive_mirror -n node copy.raw raw"),
        (ByHmp(BACKUP), "drive_backup -c guest copy.qcow2"),
        (ByHmp(CancelJob("guest", force=True)), "block_job_cancel -f guest"),
        (ByHmp(SetSpeed("guest", 5)), "block_job_set_speed guest 5B"),
    ],
)
def test_line(step: ByHmp, line: str) -> None:
    """Flags stand for modes that QMP has arguments for, and are left out where the default is meant."""
    assert hmp.to_hmp(step) == line


def test_a_refusal_in_hmp() -> None:
    """HMP shows no class of an error, and a text of its own of a QEMU that has one."""
    refusal = Refusal(Reason.STATE, "no {what}", error_class="DeviceNotActive", own="not any", what="job")
    assert refusal.in_hmp().text == "Error: not any"
    assert refusal.cause.shown == "Error: no job"


def test_orders_are_those_of_block_jobs() -> None:
    """An order to a job that is not there is refused in the words of block-job-*, not of job-*."""
    bench = Rehearsal(Dialect.STOCK)
    bench.do(ByHmp(CompleteJob("guest")))
    assert str(bench.transcript.lines[-1]) == "<- Error: Block job 'guest' not found"


def _completed(step: StartMirror) -> Rehearsal:
    """Return a story in which a target takes the place of a guest's disk, over its base or none."""
    bench = Rehearsal(Dialect.STOCK)
    bench.do(AddImage("base", MIB), AddImage("source", MIB, backing="base"), AddDrive("guest", "source"))
    exists = step.command is MirrorCommand.DRIVE_EXISTING
    bench.do(AddImage("copy", MIB, backing="base", opened=False) if exists else ExpectImage("copy", MIB))
    bench.do(ByHmp(step), ByHmp(CompleteJob("guest")))
    return bench


def test_nodes_that_qemu_names() -> None:
    """It names the target and its file; a base of a target that exists is opened once more."""
    created = _completed(replace(MIRROR, sync=SyncMode.TOP))
    assert graph.unnamed_nodes(created.state) == 2
    assert created.state.nodes() == {"base"}
    existing = _completed(replace(EXISTING, target_format=Format.QCOW2))
    assert graph.unnamed_nodes(existing.state) == 4
    assert graph.shown(existing.state, "guest") == "copy"
