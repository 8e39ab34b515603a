"""How images are opened: what lies below a node when it is built, struck by a fault, healed, closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.driver.images.files import ImageFiles
from fixtures.driver.images.nodes import ImageNode, Shape
from fixtures.driver.images.qemu_img import QemuImg
from fixtures.vocabulary.enums import DetectZeroes, Discard, Format
from fixtures.vocabulary.faults import Layering
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddImage


def node(tmp_path: Path, layering: Layering = Layering.PLAIN, image_format: Format = Format.QCOW2) -> ImageNode:
    """Return a node ``disk`` of 1 MiB."""
    return ImageNode("disk", tmp_path, Shape(MIB, image_format, 64 * KIB, None), layering)


BELOW = {
    Layering.PLAIN: ("qcow2", ["disk-file"], "disk"),
    Layering.LAYERED: ("raw", ["disk-file", "disk-format"], "disk-format"),
    Layering.VOID: ("raw", ["disk-file"], "disk"),
}


@pytest.mark.parametrize("layering", BELOW)
def test_layers_below_a_node(tmp_path: Path, layering: Layering) -> None:
    """The node's driver, the nodes below it and that of the format driver follow from how it is built."""
    disk = node(tmp_path, layering)
    assert (disk.options()["driver"], disk.below, disk.format_node) == BELOW[layering]


def test_faults_stand_on_each_other(tmp_path: Path) -> None:
    """A fault lies over what is there, the node over the fault; healing takes the last one away."""
    disk = node(tmp_path)
    disk.options()
    first, _ = disk.faulty({})
    second, reopened = disk.faulty({})
    assert (first["image"], second["image"], reopened["file"]) == ("disk-file", first["node-name"], second["node-name"])
    reopened, name = disk.healed()
    assert (name, reopened["file"], disk.below) == (
        second["node-name"],
        first["node-name"],
        ["disk-file", first["node-name"]],
    )


def test_recorded_writes_open_two_nodes(tmp_path: Path) -> None:
    """The log is opened first and stays part of every opening."""
    disk = node(tmp_path)
    assert len(disk.openings()) == 1
    disk.log_writes()
    log, opened = disk.openings()
    assert (log["driver"], opened["file"], disk.log.exists()) == ("blklogwrites", log["node-name"], True)
    assert disk.below == ["disk-file", "disk-log", "disk-logging"]


def test_discards_are_kept_for_every_opening(tmp_path: Path) -> None:
    """Options for discards and zeroes stand in the first opening, in a reopening and in one without a format."""
    for image_format in (Format.QCOW2, Format.FILE):
        disk = node(tmp_path, image_format=image_format)
        disk.set_discards(Discard.UNMAP, DetectZeroes.UNMAP)
        assert {"discard": "unmap", "detect-zeroes": "unmap"}.items() <= disk.options().items()
    disk = node(tmp_path)
    disk.set_discards(Discard.UNMAP, DetectZeroes.OFF)
    disk.options()
    assert disk.read_only() == {
        "driver": "qcow2",
        "file": "disk-file",
        "node-name": "disk",
        "discard": "unmap",
        "backing": None,
        "read-only": True,
    }


def test_all_that_is_open_below_nodes(tmp_path: Path) -> None:
    """Nodes without a file count alone, those with one with what is below them, until that is closed."""
    files = ImageFiles(QemuImg(Path("/bin/true")), tmp_path)
    files.create(AddImage("disk", MIB, Format.RAW))
    assert files.below({"disk", "filter"}) == {"disk", "filter"}
    files.node("disk").options()
    assert files.below({"disk", "filter"}) == {"disk", "filter", "disk-file"}
    assert files.below({"filter"}) == {"filter"}
    files.node("disk").below.clear()
    assert files.below({"disk"}) == {"disk"}
