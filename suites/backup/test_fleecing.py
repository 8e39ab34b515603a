"""Image fleecing: a client reads a disk as it was, past a copy-before-write filter that its guest writes through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.bench.mismatch import expect
from fixtures.driver.qemu import observe
from fixtures.driver.qemu.process import Qemu, running
from fixtures.subject.subject import Subject
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import BitmapAt

pytestmark = pytest.mark.dialects("stock", "v1", "v2", "v3")
DENIED = "read failed: Permission denied"
FAILED = "write failed: Input/output error"


@pytest.fixture
def qemu(subject: Subject, folder: Path) -> Iterator[Qemu]:
    """Give a QEMU with a disk of 0x11, whose disabled bitmap has 64K to 128K, and an empty target that can fail."""
    with running(subject.binaries.system, folder, subject.identity.launch) as one:
        for name in ("source", "target"):
            subject.qemu_img.create(folder / name, MIB)
        _open(one, "source", {"driver": "file", "filename": "source"})
        fault = {"event": "none", "iotype": "write", "sector": 512 * KIB // 512}
        image = {"driver": "file", "filename": "target"}
        below = {"driver": "qcow2", "node-name": "target-format", "file": image}
        one.monitor.command("blockdev-add", below)
        failing = {"driver": "blkdebug", "node-name": "target", "image": "target-format", "inject-error": [fault]}
        one.monitor.command("blockdev-add", failing)
        assert one.guest_io("source", "write -q -P 0x11 0 1M") == ""
        one.monitor.command("block-dirty-bitmap-add", {"node": "source", "name": "b0", "granularity": 64 * KIB})
        assert one.guest_io("source", "write -q -P 0x22 64k 1k") == ""
        one.monitor.command("block-dirty-bitmap-disable", {"node": "source", "name": "b0"})
        yield one


def _open(qemu: Qemu, node: str, file: dict[str, object]) -> None:
    qemu.monitor.command("blockdev-add", {"driver": "qcow2", "node-name": node, "file": file})


def _fleece(qemu: Qemu, **options: object) -> None:
    """Put the filter over the source, and over that the node from which the disk is read as it was."""
    cbw = {"driver": "copy-before-write", "node-name": "cbw", "file": "source", "target": "target", **options}
    qemu.monitor.command("blockdev-add", cbw)
    qemu.monitor.command("blockdev-add", {"driver": "snapshot-access", "node-name": "then", "file": "cbw"})


def _said(qemu: Qemu, node: str, command: str) -> str:
    """Return what qemu-io says; nothing if a read shows the pattern that it must."""
    return qemu.guest_io(node, command).strip()


def _end(qemu: Qemu) -> None:
    for node in ("then", "cbw"):
        qemu.monitor.command("blockdev-del", {"node-name": node})
    assert qemu.quit().clean


def test_the_disk_as_it_was(qemu: Qemu) -> None:
    """What a guest overwrites, in part or whole, is read as it was, and the guest reads its own (B-95)."""
    _fleece(qemu)
    for span in ("0 64k", "100k 100k", "1048064 512"):
        assert _said(qemu, "cbw", f"write -q -P 0x33 {span}") == ""
        assert _said(qemu, "cbw", f"read -q -P 0x33 {span}") == ""
    for span, byte in (("0 64k", "0x11"), ("64k 1k", "0x22"), ("65k 63k", "0x11"), ("256k 700k", "0x11")):
        assert _said(qemu, "then", f"read -q -P {byte} {span}") == ""
    _end(qemu)


@pytest.mark.known("KI-18")
def test_a_read_that_begins_in_what_was_kept(qemu: Qemu) -> None:
    """One read of what was overwritten and of what was not gives both as they were (B-95)."""
    _fleece(qemu)
    assert _said(qemu, "cbw", "write -q -P 0x33 128k 64k") == ""
    expect("the disk as it was", "", _said(qemu, "then", "read -q -P 0x11 128k 128k"))
    _end(qemu)


def test_a_bitmap_read_by_a_client(qemu: Qemu, subject: Subject, folder: Path) -> None:
    """Only what the bitmap has is kept and can be read; a client learns from the bitmap what that is (B-83, B-95)."""
    _fleece(qemu, bitmap={"node": "source", "name": "b0"})
    assert _said(qemu, "cbw", "write -q -P 0x33 0 1M") == ""
    assert _said(qemu, "then", "read -q -P 0x22 64k 1k") == ""
    assert _said(qemu, "then", "read -q -P 0x11 65k 63k") == ""
    assert [_said(qemu, "then", f"read -q {span}") for span in ("0 64k", "128k 64k", "127k 2k")] == [DENIED] * 3
    at = BitmapAt("source", "b0")
    seen = observe.ranges_for_client(qemu, subject.qemu_img, at, folder, writable=False)
    assert seen == [(64 * KIB, 128 * KIB)]
    _end(qemu)


def test_a_failed_copy_fails_the_guests_write(qemu: Qemu) -> None:
    """With on-cbw-error=break-guest-write, the default, the disk and what it was are both as before (B-95)."""
    _fleece(qemu)
    assert _said(qemu, "cbw", "write -q -P 0x33 512k 64k") == FAILED
    assert _said(qemu, "cbw", "read -q -P 0x11 512k 64k") == ""
    assert _said(qemu, "then", "read -q -P 0x11 65k 959k") == ""
    _end(qemu)


def test_a_failed_copy_breaks_what_was(qemu: Qemu) -> None:
    """With on-cbw-error=break-snapshot, the guest's write succeeds and nothing can be read as it was (B-95)."""
    _fleece(qemu, **{"on-cbw-error": "break-snapshot"})
    assert _said(qemu, "cbw", "write -q -P 0x33 512k 64k") == ""
    assert _said(qemu, "cbw", "read -q -P 0x33 512k 64k") == ""
    assert [_said(qemu, "then", f"read -q {span}") for span in ("0 64k", "512k 64k")] == [DENIED] * 2
    _end(qemu)
