"""Jobs of other types under the commands of a mirror: whom each family sees, who can change its copy mode."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.axes import MIB
from fixtures.driver.qemu import Qemu, running
from fixtures.driver.qmp import QmpError
from fixtures.target import Target


def _refusal(qemu: Qemu, command: str, **arguments: object) -> tuple[str, str]:
    with pytest.raises(QmpError) as refusal:
        qemu.monitor.command(command, arguments)
    return refusal.value.error_class, refusal.value.text


def test_a_job_that_is_no_block_job(target: Target, folder: Path) -> None:
    """Only the family job- sees a job that has no node: blockdev-create's (R-M11)."""
    with running(target.binaries.system, folder, target.identity.accelerator) as qemu:
        options = {"driver": "file", "filename": str(folder / "created"), "size": MIB}
        qemu.monitor.command("blockdev-create", {"job-id": "create", "options": options})
        concluded = {"status": "concluded", "id": "create"}
        while qemu.monitor.next_event("the end of create")["data"] != concluded:
            pass
        assert _refusal(qemu, "block-job-dismiss", id="create") == (
            "DeviceNotActive",
            "Block job 'create' not found",
        )
        qemu.monitor.command("job-dismiss", {"id": "create"})
        assert _refusal(qemu, "job-dismiss", id="create") == ("GenericError", "Job not found")
        assert qemu.quit().clean


def test_only_mirrors_change(target: Target, folder: Path) -> None:
    """A backup has no copy mode, whatever type of job the command says that it is (M-88)."""
    with running(target.binaries.system, folder, target.identity.accelerator) as qemu:
        for node in ("source", "target"):
            qemu.monitor.command("blockdev-add", {"driver": "null-co", "node-name": node, "size": 64 * MIB})
        backup = {"job-id": "job", "device": "source", "target": "target", "sync": "full", "auto-finalize": False}
        qemu.monitor.command("blockdev-backup", backup | {"speed": 1})
        change = {"id": "job", "type": "mirror", "copy-mode": "write-blocking"}
        assert _refusal(qemu, "block-job-change", **change) == ("GenericError", "Job type does not support change")
        qemu.monitor.command("job-cancel", {"id": "job"})
        assert qemu.quit().status == 0  # a backup to null-co warns of its unknown cluster size
