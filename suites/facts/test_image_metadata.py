"""The suites' own check of an image's metadata says what qemu-img says, about sound images and damaged ones."""

from __future__ import annotations

import os
import random
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.driver.images.results import ImageCorrupt
from fixtures.driver.qcow2.closed_image import ClosedImage
from fixtures.driver.qcow2.refcounts import problems
from fixtures.driver.qcow2.source import OpenFile
from fixtures.driver.qcow2.tables import Tables
from fixtures.subject.subject import Subject
from fixtures.vocabulary.sizes import KIB, MIB

pytestmark = pytest.mark.needs("qemu-io")
CLUSTER = 64 * KIB


def _image(subject: Subject, folder: Path, cluster: int, seed: int = 0) -> Path:
    """Create an image over another with writes, zeroes and discards at random places, and a bitmap."""
    base, image = folder / "base", folder / "image"
    subject.qemu_img.create(base, 16 * MIB)
    subject.qemu_img.create(image, 16 * MIB, cluster=cluster, backing=base)
    numbers = random.Random(seed)
    kinds = [numbers.choice(("write -P 3", "write -P 4", "write -z", "write -zu", "discard")) for _ in range(15)]
    said = [word for kind in kinds for word in ("-c", f"{kind} {numbers.randrange(158) * 100 * KIB} 100k")]
    said += ["-c", "write -P 5 0 64k"]
    subprocess.run([subject.binaries.tools["qemu-io"], "-f", "qcow2", *said, image], check=True, capture_output=True)
    subject.qemu_img.bitmap(image, "b0", "--add")
    return image


def _is_sound(subject: Subject, image: Path) -> bool:
    try:
        subject.qemu_img.check(image)
    except ImageCorrupt:
        return False
    return True


def _problems(image: Path) -> list[str]:
    with OpenFile(image) as file:
        return list(problems(Tables(file), leaks=False))


@pytest.mark.parametrize("cluster", [512, 4 * KIB, 64 * KIB, 2 * MIB], ids="clusters-{}".format)
@pytest.mark.parametrize("seed", range(3))
def test_sound_image(subject: Subject, folder: Path, cluster: int, seed: int) -> None:
    """Nothing is wrong with an image that QEMU wrote, bitmaps included."""
    image = _image(subject, folder, cluster, seed)
    assert _is_sound(subject, image)
    assert _problems(image) == []


@pytest.mark.parametrize("cluster", [4 * KIB, 64 * KIB, 2 * MIB], ids="clusters-{}".format)
@pytest.mark.parametrize("seed", range(3))
def test_held_ranges(subject: Subject, folder: Path, cluster: int, seed: int) -> None:
    """The ranges that the reader finds in the top layer are those that qemu-img map finds there."""
    image = _image(subject, folder, cluster, seed)
    extents = [one for one in subject.qemu_img.map(image) if one.depth == 0 and one.present]
    expected = {byte for one in extents for byte in range(one.start, one.start + one.length, 512)}
    with ClosedImage(image) as disk:
        found = {byte for low, high in disk.held(0, disk.size) for byte in range(low, high, 512)}
    assert expected
    assert found == expected


def _number(image: Path, at: int) -> int:
    with image.open("rb") as file:
        return int(struct.unpack(">Q", os.pread(file.fileno(), 8, at))[0])


def _write(image: Path, at: int, number: int, length: int = 8) -> None:
    with image.open("r+b") as file:
        file.seek(at)
        file.write(number.to_bytes(length, "big"))


def _l2_table(image: Path) -> int:
    return _number(image, _number(image, 40)) & 0x00FF_FFFF_FFFF_FE00


def _refcount_of_first_data(image: Path) -> int:
    """Return where the refcount of the disk's first cluster stands."""
    cluster = (_number(image, _l2_table(image)) & 0x00FF_FFFF_FFFF_FE00) // CLUSTER
    return _number(image, _number(image, 48)) + 2 * cluster


def _leak(image: Path) -> None:
    _write(image, _refcount_of_first_data(image), 2, length=2)


def _lose(image: Path) -> None:
    _write(image, _refcount_of_first_data(image), 0, length=2)


def _forget(image: Path) -> None:
    _write(image, _l2_table(image), 0)


def _share(image: Path) -> None:
    _write(image, _l2_table(image) + 8, _number(image, _l2_table(image)))


def _unmark(image: Path) -> None:
    _write(image, _l2_table(image), _number(image, _l2_table(image)) & ~(1 << 63))


DAMAGES: dict[str, Callable[[Path], None]] = {
    "count-too-high": _leak,
    "count-too-low": _lose,
    "entry-lost": _forget,
    "cluster-used-twice": _share,
    "not-marked-as-its-own": _unmark,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_image(subject: Subject, folder: Path, damage: Callable[[Path], None]) -> None:
    """A leak, an overlap and an entry that does not fit its refcount are seen by both."""
    image = _image(subject, folder, CLUSTER)
    damage(image)
    assert not _is_sound(subject, image)
    assert _problems(image)
