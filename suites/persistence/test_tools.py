"""qemu-img and the bitmaps of a closed image: operations, their errors, copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.driver.images.qemu_img import QemuImg
from fixtures.driver.images.results import ToolFailed
from fixtures.driver.qcow2.bitmaps import StoredBitmap, directory_offset, read_bitmaps
from fixtures.driver.qcow2.source import Memory
from fixtures.subject.subject import Subject
from fixtures.vocabulary.enums import Format
from fixtures.vocabulary.sizes import KIB, MIB


def _bitmaps(image: Path) -> dict[str, StoredBitmap]:
    return read_bitmaps(Memory(image.read_bytes()))


def _stored(image: Path) -> dict[str, tuple[int, bool, frozenset[int]]]:
    """Return granularity, state and content of each bitmap; not where in the file it lies."""
    return {name: (one.granularity, one.auto, one.dirty) for name, one in _bitmaps(image).items()}


@pytest.fixture(name="image")
def _image(subject: Subject, folder: Path) -> Path:
    """Give an empty image with a bitmap ``b0``."""
    path = folder / "image.qcow2"
    subject.qemu_img.create(path, 4 * MIB)
    subject.qemu_img.bitmap(path, "b0", "--add", "-g", "64K")
    return path


def _mark_in_use(image: Path, name: str) -> None:
    """Leave a bitmap as a QEMU does that was killed: its flag in the directory says that it is in use."""
    content = bytearray(image.read_bytes())
    at = content.index(name.encode(), _directory_at(content)) - 12  # the flags, in an entry's header of 24 bytes
    content[at + 3] |= 1
    image.write_bytes(content)
    assert _bitmaps(image)[name].in_use


def _directory_at(content: bytearray) -> int:
    return directory_offset(Memory(bytes(content)))


def test_operations_are_done_in_their_order(subject: Subject, image: Path) -> None:
    """Add, disable, merge and clear follow each other in one call as they are given (B-80, R-B19)."""
    subject.qemu_img.bitmap(image, "b1", "--add", "--disable", "-g", "4K", "--merge", "b0", "--clear", "--enable")
    assert {name: (one.granularity, one.auto) for name, one in _bitmaps(image).items()} == {
        "b0": (64 * KIB, True),
        "b1": (4 * KIB, True),
    }
    subject.qemu_img.bitmap(image, "b1", "--enable", "--disable")
    assert not _bitmaps(image)["b1"].auto
    subject.qemu_img.bitmap(image, "b0", "--remove")
    assert set(_bitmaps(image)) == {"b1"}


ERRORS = {
    "no-operation": ((), "Need at least one of --add, --remove, "),  # newer ones list --remove-all, too
    "granularity-alone": (("--clear", "-g", "4K"), "granularity only supported with --add"),
    "format-alone": (("--merge", "b0", "-F", "qcow2"), "-F only supported with -b"),
    "source-alone": (("--clear", "-b", "other"), "Merge bitmap source file only supported with --merge"),
    "unknown": (("--clear",), "Operation clear on bitmap b9 failed: Dirty bitmap 'b9' not found"),
    "merge-unknown": (("--add", "--merge", "b8"), "Operation merge on bitmap b9 failed: Dirty bitmap 'b8' not found"),
    "granularity": (("--add", "-g", "3K"), "Operation add on bitmap b9 failed: Granularity must be power of 2"),
}


@pytest.mark.parametrize("error", ERRORS)
def test_operations_that_are_refused(subject: Subject, image: Path, error: str) -> None:
    """A wrong call says what is wrong with it; a bitmap that was there is as it was (B-80)."""
    operations, text = ERRORS[error]
    before = _stored(image)["b0"]
    with pytest.raises(ToolFailed) as refused:
        subject.qemu_img.bitmap(image, "b9", *operations)
    assert text in refused.value.stderr
    assert _stored(image)["b0"] == before


def test_an_inconsistent_bitmap_can_only_be_removed(subject: Subject, image: Path) -> None:
    """Every other operation refuses it (B-63, R-B6)."""
    _mark_in_use(image, "b0")
    for operation in ("--clear", "--enable", "--disable"):
        with pytest.raises(ToolFailed, match="Bitmap 'b0' is inconsistent and cannot be used"):
            subject.qemu_img.bitmap(image, "b0", operation)
    subject.qemu_img.bitmap(image, "b0", "--remove")
    assert _bitmaps(image) == {}


def _convert(qemu_img: QemuImg, image: Path, *options: str, image_format: Format = Format.QCOW2) -> Path:
    copy = image.with_name("copy")
    qemu_img.convert(image, copy, image_format, options=options)
    return copy


def test_a_copy_takes_bitmaps_along_if_asked_to(subject: Subject, image: Path) -> None:
    """convert --bitmaps copies them with content, granularity and state; without it they stay behind (B-81)."""
    subject.qemu_img.bitmap(image, "off", "--add", "--disable", "-g", "8K")
    assert _stored(_convert(subject.qemu_img, image, "--bitmaps")) == _stored(image)
    assert _bitmaps(_convert(subject.qemu_img, image)) == {}


def test_a_copy_refuses_a_broken_bitmap_unless_told_to_skip_it(subject: Subject, image: Path) -> None:
    """An inconsistent bitmap fails convert --bitmaps, and is left out with --skip-broken-bitmaps (B-81, R-B19)."""
    subject.qemu_img.bitmap(image, "good", "--add")
    _mark_in_use(image, "b0")
    with pytest.raises(ToolFailed, match="Cannot copy inconsistent bitmap 'b0'"):
        _convert(subject.qemu_img, image, "--bitmaps")
    assert set(_bitmaps(_convert(subject.qemu_img, image, "--bitmaps", "--skip-broken-bitmaps"))) == {"good"}


def test_skipping_needs_copying(subject: Subject, image: Path) -> None:
    """--skip-broken-bitmaps means nothing without --bitmaps (B-81)."""
    with pytest.raises(ToolFailed, match="Use of --skip-broken-bitmaps requires --bitmaps"):
        _convert(subject.qemu_img, image, "--skip-broken-bitmaps")


def test_raw_cannot_take_bitmaps(subject: Subject, image: Path) -> None:
    """A copy in a format without bitmaps is refused if they are asked for (B-81, R-B19)."""
    with pytest.raises(ToolFailed, match="Format driver 'raw' does not support bitmaps"):
        _convert(subject.qemu_img, image, "--bitmaps", image_format=Format.RAW)
