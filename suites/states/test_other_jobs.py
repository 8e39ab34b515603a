"""Jobs of other types under the commands of a mirror: which each family sees, which can change the copy mode."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.driver.qemu.monitor import QmpError
from fixtures.driver.qemu.process import Qemu, running
from fixtures.subject.subject import Subject
from fixtures.vocabulary.sizes import MIB


def _refusal(qemu: Qemu, command: str, **arguments: object) -> tuple[str, str]:
    with pytest.raises(QmpError) as refusal:
        qemu.monitor.command(command, arguments)
    return refusal.value.error_class, refusal.value.text


def test_a_job_that_is_no_block_job(subject: Subject, folder: Path) -> None:
    """Only the family job- sees a job that has no node: blockdev-create's (R-M11)."""
    with running(subject.binaries.system, folder, subject.identity.launch) as qemu:
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


@pytest.mark.needs("block-job-change")
def test_only_mirrors_change(subject: Subject, folder: Path) -> None:
    """A backup has no copy mode, whatever type of job the command says that it is (M-88)."""
    with running(subject.binaries.system, folder, subject.identity.launch) as qemu:
        for node in ("source", "target"):
            qemu.monitor.command("blockdev-add", {"driver": "null-co", "node-name": node, "size": 64 * MIB})
        backup = {"job-id": "job", "device": "source", "target": "target", "sync": "full", "auto-finalize": False}
        qemu.monitor.command("blockdev-backup", backup | {"speed": 1})
        change = {"id": "job", "type": "mirror", "copy-mode": "write-blocking"}
        assert _refusal(qemu, "block-job-change", **change) == ("GenericError", "Job type does not support change")
        qemu.monitor.command("job-cancel", {"id": "job"})
        assert qemu.quit().status == 0  # a backup to null-co warns of its unknown cluster size


def _layers(subject: Subject, folder: Path, qemu: Qemu) -> None:
    """Open three layers of a disk, the second and the third with some data, and a target for a copy."""
    below = None
    for name in ("base", "middle", "top"):
        subject.qemu_img.create(folder / name, MIB, backing=folder / below if below else None)
        file = {"driver": "file", "filename": name}
        node = {"driver": "qcow2", "node-name": name, "file": file, "backing": below}
        qemu.monitor.command("blockdev-add", node)
        qemu.guest_io(name, "write -q -P 1 0 64k")
        below = name
    qemu.monitor.command("blockdev-add", {"driver": "null-co", "node-name": "copy", "size": MIB})


def _life(qemu: Qemu, command: str, **arguments: object) -> list[str]:
    """Run a job from its start to its end; return the statuses and events."""
    qemu.monitor.command(command, {"job-id": "job", "device": "top", **arguments})
    seen: list[str] = []
    while not seen or seen[-1] != "null":
        event = qemu.monitor.next_event(f"the end of {command}")
        seen.append(event["data"].get("status", event["event"]))
    return seen


def test_others_are_never_ready(subject: Subject, folder: Path) -> None:
    """A backup, a commit of a layer that is not in use and a stream end by themselves: none is ever READY (R-M3)."""
    with running(subject.binaries.system, folder, subject.identity.launch) as qemu:
        _layers(subject, folder, qemu)
        for seen in (
            _life(qemu, "blockdev-backup", target="copy", sync="full"),
            _life(qemu, "block-commit", **{"top-node": "middle", "base-node": "base"}),
            _life(qemu, "block-stream"),
        ):
            steady = [one for one in seen if one not in ("paused", "running")]  # a drained section pauses a job
            assert steady == ["created", "waiting", "pending", "BLOCK_JOB_COMPLETED", "concluded", "null"]
        assert qemu.quit().status == 0  # a backup to null-co warns of its unknown cluster size
