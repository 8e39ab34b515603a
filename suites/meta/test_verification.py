"""Closed images are compared with the model byte by byte, and a difference is noted for scripts of the case."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fixtures.bench import verification
from fixtures.driver.images.files import ImageFiles
from fixtures.driver.images.qemu_img import QemuImg
from fixtures.driver.log import journal
from fixtures.model.state.content import UNKNOWN, Image
from fixtures.vocabulary.enums import Format
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import AddImage


@pytest.fixture(name="files")
def _files(tmp_path: Path) -> ImageFiles:
    """Return the files of a raw image ``disk`` of 1 MiB that holds 0x11 from 64 KiB to 192 KiB."""
    files = ImageFiles(QemuImg(Path("/bin/true")), tmp_path)
    files.create(AddImage("disk", 1024 * KIB, Format.RAW))
    with files.path("disk").open("r+b") as file:
        os.pwrite(file.fileno(), b"\x11" * 128 * KIB, 64 * KIB)
    return files


def _model(size: int = 1024 * KIB) -> Image:
    model = Image(size)
    model.write(64 * KIB, 192 * KIB, Fill(0x11))
    return model


def test_an_image_as_promised_has_no_difference(files: ImageFiles) -> None:
    """Data and holes are as the model says, and what it calls unknown is not read; a raw image has no tables."""
    model = _model()
    assert verification.difference(files, "disk", model) is None
    model.own.put(100 * KIB, 300 * KIB, UNKNOWN)
    assert verification.difference(files, "disk", model) is None
    assert verification.metadata_problem(files, "disk", model) is None


def test_the_first_byte_that_differs_is_told_and_noted(files: ImageFiles) -> None:
    """The offset and both bytes are returned, and are in the journal with the file and its format."""
    model, heard = _model(), list[journal.Act]()
    model.write(100 * KIB + 1, 101 * KIB, Fill(0x22))
    with journal.heard_by(heard.append):
        found = verification.difference(files, "disk", model)
    assert found == (100 * KIB + 1, "expected byte 0x22, found 0x11")
    assert heard == [journal.Differs(files.path("disk"), "raw", *found)]


def test_another_size_is_a_difference(files: ImageFiles) -> None:
    """The end of the shorter disk is where they part."""
    expected = 512 * KIB, f"expected size {512 * KIB}, found {1024 * KIB}"
    assert verification.difference(files, "disk", _model(512 * KIB)) == expected
