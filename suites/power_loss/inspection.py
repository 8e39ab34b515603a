"""Opens a disk's file as a power loss left it and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from fixtures.driver.images.qemu_img import QemuImg
from fixtures.driver.images.results import ImageCorrupt, ToolFailed
from fixtures.driver.qcow2.bitmaps import StoredBitmap, read_bitmaps
from fixtures.driver.qcow2.closed_image import ClosedImage
from fixtures.driver.qcow2.refcounts import problems
from fixtures.driver.qcow2.source import Memory, UnreadableImage
from fixtures.driver.qcow2.tables import Tables
from fixtures.model.rules import power_loss
from fixtures.model.rules.power_loss import IN_USE, BitmapEntry, InFile, Moment


def faults(file: bytes, path: Path, done: int, moments: Sequence[Moment]) -> Iterator[str]:
    """Yield what is wrong with the image ``file``, written to ``path``, after a loss at ``done`` entries of the log."""
    try:
        bitmaps = {name: _in_file(bitmap) for name, bitmap in read_bitmaps(Memory(file)).items()}
        yield from problems(Tables(Memory(file)), leaks=True)
        with ClosedImage(path) as disk:
            yield from power_loss.violations(moments, done, disk.read(), bitmaps)
    except UnreadableImage as error:
        yield f"the image cannot be opened: {error}"


def faults_for_qemu(qemu_img: QemuImg, file: bytes, path: Path) -> Iterator[str]:
    """Yield what qemu-img finds wrong with the image: that it is corrupt, or other bitmaps than ours.

    Reference counts that were written lazily are repaired first, as QEMU does when it opens the image for writing.
    """
    try:
        if Tables(Memory(file)).header.is_dirty:
            qemu_img.repair(path)
        qemu_img.check(path, leaks=True)
        listed = {one["name"]: frozenset(one["flags"]) for one in qemu_img.info(path).bitmaps}
    except (ImageCorrupt, ToolFailed) as error:
        yield f"qemu-img: {error}"
        return
    ours = {name: _flags(bitmap) for name, bitmap in read_bitmaps(Memory(file)).items()}
    if listed != ours:
        yield f"qemu-img lists {listed}, the file holds {ours}"


def _in_file(bitmap: StoredBitmap) -> InFile:
    return IN_USE if bitmap.in_use else InFile(BitmapEntry.CLEAN, bitmap.granularity, bitmap.auto, bitmap.dirty)


def _flags(bitmap: StoredBitmap) -> frozenset[str]:
    flags = {"in-use": bitmap.in_use, "auto": bitmap.auto}
    return frozenset(flag for flag, is_set in flags.items() if is_set)
