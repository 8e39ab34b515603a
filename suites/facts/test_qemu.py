"""Facts about QEMU that decide how the other suites are written: if one fails, look here first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.bench import Bench
from fixtures.driver.faults import Breakpoint
from fixtures.driver.qemu import guest
from fixtures.driver.qemu.monitor import QmpError
from fixtures.driver.qemu.process import Qemu, running
from fixtures.subject.subject import Subject
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, CancelJob, Compare, Quit, StartMirror, Write

feature = pytest.mark.feature


def _await(qemu: Qemu, accept: Callable[[dict[str, object]], bool], awaited: str) -> None:
    while not accept(qemu.monitor.next_event(awaited)):
        pass


def _await_status(qemu: Qemu, status: str) -> None:
    _await(qemu, lambda event: event["event"] == "JOB_STATUS_CHANGE" and status in str(event["data"]), status)


def _start_mirror(qemu: Qemu, **more: object) -> None:
    for node in ("source", "target"):
        qemu.monitor.command("blockdev-add", {"driver": "null-co", "node-name": node, "size": MIB})
    mirror = {"job-id": "job", "device": "source", "target": "target", "sync": "full", "filter-node-name": "filter"}
    qemu.monitor.command("blockdev-mirror", mirror | more)
    _await_status(qemu, "ready")


def test_pending_drains_the_source(subject: Subject, folder: Path) -> None:
    """A write issued while a mirror is PENDING completes only after the job was finalized (M-48)."""
    with running(
        subject.binaries.system,
        folder,
        subject.identity.launch,
        ("-drive", "if=none,id=guest,node-name=source,driver=null-co,size=1M"),
    ) as qemu:
        qemu.monitor.command("blockdev-add", {"driver": "null-co", "node-name": "target", "size": MIB})
        mirror = {"job-id": "job", "device": "guest", "target": "target", "sync": "full", "auto-finalize": False}
        qemu.monitor.command("blockdev-mirror", mirror)
        _await_status(qemu, "ready")
        qemu.monitor.command("job-complete", {"id": "job"})
        _await_status(qemu, "pending")
        guest.write_async(qemu, Write(0, 64 * KIB, Fill(0x11), at="guest"))
        assert "wrote" not in qemu.printed()
        qemu.monitor.command("job-finalize", {"id": "job"})
        _await_status(qemu, "null")
        assert "wrote" in qemu.guest_io("guest", "aio_flush")
        assert qemu.quit().clean


def test_breakpoint_holds_a_mirror(subject: Subject, folder: Path) -> None:
    """A breakpoint on a read of the source holds a mirror in RUNNING for as long as one likes, without a timer."""
    image, held = folder / "source.qcow2", Breakpoint("read_aio")
    subject.qemu_img.create(image, MIB)
    drive = f"if=none,id=guest,node-name=source,driver=qcow2,file.driver=blkdebug,file.image.filename={image}"
    with running(subject.binaries.system, folder, subject.identity.launch, ("-drive", drive)) as qemu:
        qemu.guest_io("guest", "write -P 1 0 64k")
        held.set(qemu)
        qemu.monitor.command("blockdev-add", {"driver": "null-co", "node-name": "target", "size": MIB})
        mirror = {"job-id": "job", "device": "guest", "target": "target", "sync": "full"}
        qemu.monitor.command("blockdev-mirror", mirror)
        held.wait(qemu)
        assert [job["status"] for job in qemu.monitor.command("query-jobs")] == ["running"]
        held.resume(qemu)
        _await_status(qemu, "ready")
        assert qemu.quit().clean


def test_internal_bitmap_has_no_name(subject: Subject, folder: Path) -> None:
    """A mirror's own bitmap is listed without a name, at its filter or, before 8.0, at its source (B-12)."""
    with running(subject.binaries.system, folder, subject.identity.launch) as qemu:
        _start_mirror(qemu)
        nodes = qemu.monitor.command("query-named-block-nodes")
        assert ["name" in bitmap for node in nodes for bitmap in node.get("dirty-bitmaps", ())] == [False]


def test_job_cancel_forces(subject: Subject, folder: Path) -> None:
    """job-cancel of a READY mirror ends it as cancelled, unlike block-job-cancel (M-39)."""
    with running(subject.binaries.system, folder, subject.identity.launch) as qemu:
        _start_mirror(qemu)
        qemu.monitor.command("job-cancel", {"id": "job"})
        _await(qemu, lambda event: event["event"] == "BLOCK_JOB_CANCELLED", "BLOCK_JOB_CANCELLED")


def test_second_mirror_of_a_node(subject: Subject, folder: Path) -> None:
    """The source of a running mirror is no root node any more, so that no second job can take its bitmap (B-43)."""
    with running(subject.binaries.system, folder, subject.identity.launch) as qemu:
        _start_mirror(qemu)
        again = {"job-id": "again", "device": "source", "target": "target", "sync": "full"}
        with pytest.raises(QmpError, match="Need a root block node"):
            qemu.monitor.command("blockdev-mirror", again)


@pytest.mark.dialects("v2", "v3")
def test_bitmap_is_unstable(subject: Subject, folder: Path) -> None:
    """QEMU refuses the member ``bitmap`` when asked to reject what is unstable (X-14)."""
    policy = ("-compat", "unstable-input=reject")
    with (
        running(subject.binaries.system, folder, subject.identity.launch, policy) as qemu,
        pytest.raises(QmpError, match="bitmap disabled by policy"),
    ):
        _start_mirror(qemu, bitmap="b0")


@feature
def test_write_below_the_filter(bench: Bench) -> None:
    """A write to the source node below the filter is seen by neither the job nor its working bitmap."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    bench.do(AddBitmap("b0", 64 * KIB), AddBitmap("bystander", 64 * KIB), Write(0, MIB, Fill(0x11)))
    bench.do(StartMirror("job", "target", bitmap="b0"))
    bench.do(Write(2 * MIB, 64 * KIB, Fill(0x22), at="source"))
    bench.observe()
    bench.do(CancelJob("job"))
    bench.do(Quit())
    bench.do(Compare("source", "target"))
    bench.finish("a write below the filter")
