"""As many persistent bitmaps as an image may have, and one more."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.bench.mismatch import expect
from fixtures.driver.images.results import ToolFailed
from fixtures.driver.qemu import commands
from fixtures.driver.qemu.monitor import QmpError
from fixtures.driver.qemu.process import Qemu, running
from fixtures.host.deadlines import stretched
from fixtures.model.refusal import Refusal
from fixtures.model.state.bitmap import Bitmap
from fixtures.model.state.content import Image
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.subject.subject import Subject
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap
from suites.persistence.crowd import LARGEST_DIRECTORY, MOST, multiply, set_counts

DEADLINE = stretched(3600.0)
"""Seconds that loading the bitmaps may take: QEMU compares the name of each with those of all before."""
HEADERS = {
    "most": (MOST, 32, "Less bitmaps found than specified in header extension"),
    "too-many": (MOST + 1, 32, f"Image has {MOST + 1} bitmaps, exceeding the QEMU supported maximum of {MOST}"),
    "largest-directory": (1, LARGEST_DIRECTORY, "More bitmaps found than specified in header extension"),
    "too-large": (
        1,
        LARGEST_DIRECTORY + 1,
        f"bitmap directory size ({LARGEST_DIRECTORY + 1}) exceeds the maximum supported size ({LARGEST_DIRECTORY})",
    ),
}


@pytest.fixture(name="image")
def _image(subject: Subject, folder: Path) -> Path:
    """Give an image with one bitmap."""
    path = folder / "source.qcow2"
    subject.qemu_img.create(path, MIB)
    subject.qemu_img.bitmap(path, "one", "--add", "-g", "64K")
    return path


@pytest.mark.parametrize("header", HEADERS)
def test_headers(subject: Subject, image: Path, header: str) -> None:
    """A file that says to have more bitmaps, or a larger directory, than QEMU knows is not opened (B-09)."""
    count, size, text = HEADERS[header]
    set_counts(image, count, size)
    with pytest.raises(ToolFailed) as refused:
        subject.qemu_img.bitmap(image, "one", "--clear")
    assert text in refused.value.stderr


CROWDS = {"number": (MOST - 1, 0, ["last", "one-more"]), "directory": (64034, 1023, ["x" * 185, "x" * 184, "y"])}
"""How many bitmaps are there, how long their names are, names of those that are added.

A name of 1023 bytes takes 1048 of the directory; 64034 of them leave 208, enough for a name of 184.
"""


@pytest.mark.deep
@pytest.mark.parametrize("limit", CROWDS)
def test_one_too_many(subject: Subject, folder: Path, image: Path, limit: str) -> None:
    """The last bitmap that there is room for is added; the next one is refused with the reason (B-09)."""
    count, width, added = CROWDS[limit]
    names = [f"{number:x}".ljust(width, "y") for number in range(count)]
    multiply(image, names)
    world = World(State(subject.dialect, {"source": Image(MIB, 64 * KIB)}))
    world.state.bitmaps["source"] = {name: Bitmap(name, MIB, 64 * KIB, persistent=True, stored=True) for name in names}
    node = {"driver": "qcow2", "node-name": "source", "file": {"driver": "file", "filename": image.name}}
    with running(subject.binaries.system, folder, subject.identity.launch, deadline=DEADLINE) as qemu:
        qemu.monitor.command("blockdev-add", node)
        for name in added:
            step = AddBitmap(name, persistent=True)
            expect(f"refusal of {name[:10]}", _predicted(world, step), _said(qemu, step))


def _predicted(world: World, step: AddBitmap) -> str | None:
    try:
        world.apply(step)
    except Refusal as refused:
        return refused.text
    return None


def _said(qemu: Qemu, step: AddBitmap) -> str | None:
    try:
        qemu.monitor.command(*commands.to_qmp(step))
    except QmpError as error:
        return error.text
    return None
