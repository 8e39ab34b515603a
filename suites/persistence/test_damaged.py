"""A file whose bitmaps do not keep the format's rules is not opened, and left as it is."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.driver.qcow2.bitmaps import directory_offset
from fixtures.driver.qcow2.source import Memory
from fixtures.driver.qemu.monitor import QmpError
from fixtures.driver.qemu.process import Qemu, running
from fixtures.subject.subject import Subject
from fixtures.vocabulary.sizes import KIB, MIB

RULE = "Bitmap 'b0' doesn't satisfy the constraints"
_AUTOCLEAR = 88
"""Where the header has the autoclear bits, in bytes."""
TABLE = "Could not read bitmap_table table from image for bitmap 'b0': Invalid argument"

THOROUGH = pytest.mark.thorough

Place = Callable[[bytes, int], int]


def _entry(file: bytes, at: int) -> int:
    """Return where a byte of the directory's first entry lies (docs/interop/qcow2.rst, Bitmap directory entry)."""
    return directory_offset(Memory(file)) + at


def _table(file: bytes, at: int) -> int:
    """Return where a byte of the first bitmap's table lies (docs/interop/qcow2.rst, Bitmap table)."""
    return int(struct.unpack_from(">Q", file, _entry(file, 0))[0]) + at


DAMAGES: dict[str, tuple[Place, int, int, str]] = {
    "reserved-flag": (_entry, 12, 0x80, RULE),
    "unknown-flag": (_entry, 15, 0x08, RULE),
    "unknown-type": (_entry, 16, 2, RULE),
    "granularity-256": (_entry, 17, 8, RULE),
    "granularity-4G": (_entry, 17, 32, RULE),
    "table-not-aligned": (_entry, 6, 0x02, RULE),
    "table-empty": (_entry, 11, 0, RULE),
    "reserved-bits-of-table": (_table, 7, 0x02, TABLE),
    "offset-and-all-ones": (_table, 7, 0x01, TABLE),
}


def _without_entry(file: bytes, at: int, length: int) -> bytes:
    where = _entry(file, at)
    return file[:where] + bytes(length) + file[where + length :]


DIRECTORIES: dict[str, Callable[[bytes], bytes]] = {
    "zeroes": lambda file: _without_entry(file, 0, 32),
    "nameless": lambda file: _without_entry(file, 18, 2),
}
TOOLS: dict[str, tuple[str, ...]] = {
    "info": ("info", "disk.qcow2"),
    "check": ("check", "disk.qcow2"),
    "repair": ("check", "-r", "all", "disk.qcow2"),
    "remove": ("bitmap", "--remove", "disk.qcow2", "b0"),
    "convert": ("convert", "-O", "qcow2", "disk.qcow2", "copy.qcow2"),
    "convert-bitmaps": ("convert", "-O", "qcow2", "--bitmaps", "disk.qcow2", "copy.qcow2"),
    "skip-broken": ("convert", "-O", "qcow2", "--bitmaps", "--skip-broken-bitmaps", "disk.qcow2", "copy.qcow2"),
    "compare": ("compare", "disk.qcow2", "disk.qcow2"),
    "map": ("map", "disk.qcow2"),
}


def _open(qemu: Qemu, image: Path) -> list[str]:
    """Open an image and return the names of its bitmaps; raises ``QmpError``."""
    file = {"driver": "file", "filename": str(image)}
    qemu.monitor.command("blockdev-add", {"driver": "qcow2", "node-name": "source", "file": file})
    nodes = qemu.monitor.command("query-named-block-nodes", {"flat": True})
    (source,) = (node for node in nodes if node["node-name"] == "source")
    return [bitmap["name"] for bitmap in source.get("dirty-bitmaps", ())]


def _disk(subject: Subject, qemu: Qemu, folder: Path) -> Path:
    """Create a disk with a bitmap that holds a dirty segment."""
    image = folder / "source.qcow2"
    subject.qemu_img.create(image, MIB)
    subject.qemu_img.bitmap(image, "b0", "--add")
    _open(qemu, image)
    qemu.guest_io("source", f"write -q {64 * KIB} 1")
    qemu.monitor.command("blockdev-del", {"node-name": "source"})
    return image


@pytest.mark.parametrize(
    "damage",
    [pytest.param(one, marks=[] if one in ("unknown-flag", "reserved-bits-of-table") else THOROUGH) for one in DAMAGES],
)
def test_rules_of_the_format(subject: Subject, folder: Path, damage: str) -> None:
    """What a later version may mean by reserved bits is not guessed: the image is refused until it is right (B-66)."""
    place, at, value, text = DAMAGES[damage]
    with running(subject.binaries.system, folder, subject.identity.launch) as qemu:
        image = _disk(subject, qemu, folder)
        good = image.read_bytes()
        where = place(good, at)
        bad = good[:where] + bytes([value]) + good[where + 1 :]
        assert bad != good
        image.write_bytes(bad)
        with pytest.raises(QmpError) as refusal:
            _open(qemu, image)
        assert refusal.value.text == text
        assert image.read_bytes() == bad
        image.write_bytes(good)
        assert _open(qemu, image) == ["b0"]
        assert qemu.quit().clean


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("directory", DIRECTORIES)
def test_tools(subject: Subject, folder: Path, directory: str, tool: str) -> None:
    """With a bad directory no tool works, none crashes, none writes; once it is disowned, the data is there (B-66)."""
    arguments = [folder / one if one.endswith(".qcow2") else one for one in TOOLS[tool]]
    with running(subject.binaries.system, folder, subject.identity.launch) as qemu:
        image = _disk(subject, qemu, folder)
        disk = image.rename(folder / "disk.qcow2")
        bad = DIRECTORIES[directory](disk.read_bytes())
        disk.write_bytes(bad)
        status = subject.qemu_img.attempt(*arguments)
        assert (status > 0, disk.read_bytes() == bad) == (True, True)
        disk.write_bytes(bad[:_AUTOCLEAR] + bytes(8) + bad[_AUTOCLEAR + 8 :])
        assert subject.qemu_img.attempt("check", disk) in (0, 3)
        assert _open(qemu, disk) == []
        assert qemu.guest_io("source", f"read -q -P 0xcd {64 * KIB} 1") == ""
        assert qemu.quit().status == 0
