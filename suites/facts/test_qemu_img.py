"""qemu-img behaves as its wrapper says: typed results, typed errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.driver.images.qemu_img import QemuImg
from fixtures.driver.images.results import ImageCorrupt, ImagesDiffer, ToolFailed
from fixtures.subject.subject import Subject
from fixtures.vocabulary.enums import Format
from fixtures.vocabulary.sizes import KIB, MIB


def _filled(subject: Subject, image: Path, offset: int) -> Path:
    """Create a qcow2 image of 4 MiB with 64 KiB of data at ``offset``."""
    raw = image.with_suffix(".flat")
    with raw.open("wb") as file:
        file.truncate(4 * MIB)
        file.seek(offset)
        file.write(b"x" * 64 * KIB)
    subject.qemu_img.convert(raw, image, Format.QCOW2)
    return image


def test_create_and_info(subject: Subject, folder: Path) -> None:
    """An image has the size, cluster size and backing file that it was created with."""
    base, top = folder / "base.qcow2", folder / "top.qcow2"
    subject.qemu_img.create(base, 4 * MIB, cluster=4 * KIB)
    subject.qemu_img.create(top, 4 * MIB, backing=base)
    assert subject.qemu_img.info(base).cluster_size == 4 * KIB
    assert (subject.qemu_img.info(top).size, subject.qemu_img.info(top).backing) == (4 * MIB, "base.qcow2")


def test_compare(subject: Subject, folder: Path) -> None:
    """Equal images compare silently; of others the first difference is given in bytes."""
    one, other = _filled(subject, folder / "one.qcow2", 0), _filled(subject, folder / "other.qcow2", MIB)
    subject.qemu_img.compare(one, one)
    with pytest.raises(ImagesDiffer) as differ:
        subject.qemu_img.compare(one, other)
    assert differ.value.offset == 0


def test_compare_rebased(subject: Subject, folder: Path) -> None:
    """Several images are rebased and compared at once, each with its own answer, in their order."""
    base = _filled(subject, folder / "base.qcow2", MIB)
    empty = [folder / f"empty{number}.qcow2" for number in range(2)]
    for image in empty:
        subject.qemu_img.create(image, 4 * MIB)
    other = _filled(subject, folder / "other.qcow2", 2 * MIB)
    answers = subject.qemu_img.compare_rebased([(empty[0], base, base), (empty[1], base, other)])
    assert [answer.offset if answer else None for answer in answers] == [None, MIB]
    assert subject.qemu_img.info(empty[1]).backing == "base.qcow2"


def test_failed_rebase_is_no_difference(subject: Subject, folder: Path) -> None:
    """A rebase that fails is an error of the tool, not a difference of images."""
    with pytest.raises(ToolFailed):
        subject.qemu_img.compare_rebased([(folder / "nosuch", folder / "base", folder / "other")])


def test_map(subject: Subject, folder: Path) -> None:
    """The map distinguishes data from zeroes, and where in the file the data is."""
    extents = subject.qemu_img.map(_filled(subject, folder / "one.qcow2", MIB))
    assert [(one.start, one.length) for one in extents if one.data] == [(MIB, 64 * KIB)]
    assert all(one.zero for one in extents if not one.data)
    assert [one.offset is not None for one in extents if one.data] == [True]


def test_check(subject: Subject, folder: Path) -> None:
    """A consistent image passes the check; one whose data cluster is not counted does not."""
    image = _filled(subject, folder / "one.qcow2", 0)
    subject.qemu_img.check(image)
    data = next(one.offset for one in subject.qemu_img.map(image) if one.data)
    assert data is not None
    with image.open("r+b") as file:
        file.seek(2 * 64 * KIB + 2 * data // (64 * KIB))  # the refcount of the cluster, in the first refcount block
        file.write(bytes(2))
    with pytest.raises(ImageCorrupt):
        subject.qemu_img.check(image)


def test_bitmap_and_measure(subject: Subject, folder: Path) -> None:
    """A bitmap added offline is listed by info and takes three clusters in the measure of a copy: directory, table,
    bits (B-67)."""
    image = _filled(subject, folder / "one.qcow2", 0)
    subject.qemu_img.bitmap(image, "b0", "--add", "-g", "32768")
    (bitmap,) = subject.qemu_img.info(image).bitmaps
    assert (bitmap["name"], bitmap["granularity"]) == ("b0", 32768)
    measure = subject.qemu_img.measure(image)
    assert 0 < measure.required <= measure.fully_allocated
    assert measure.bitmaps == 3 * 64 * KIB


def test_failure_tells_why(subject: Subject, folder: Path) -> None:
    """An image that cannot be opened gives qemu-img's own words."""
    with pytest.raises(ToolFailed, match="No such file or directory"):
        subject.qemu_img.info(folder / "nosuch.qcow2")


def test_tool_that_crashes(folder: Path) -> None:
    """A tool that dies of a signal raises an error that names it."""
    dying = folder / "qemu-img"
    dying.write_text("#!/bin/sh\nkill -ABRT $$\n")
    dying.chmod(0o755)
    with pytest.raises(ToolFailed, match="SIGABRT"):
        QemuImg(dying).info(folder / "any")
