"""The suites' own readers of bitmaps and reference counts see what QEMU's tools see."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from fixtures.bench import Bench
from fixtures.driver.images.qemu_img import QemuImg
from fixtures.driver.images.results import ImageCorrupt
from fixtures.driver.qcow2.bitmaps import read_bitmaps
from fixtures.driver.qcow2.refcounts import problems
from fixtures.driver.qcow2.source import Memory
from fixtures.driver.qcow2.tables import Tables
from fixtures.driver.qemu import observe
from fixtures.subject.subject import Subject
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, DisableBitmap, Restart, Write

GRANULARITIES = {"fine": 512, "middle": 8 * KIB, "coarse": MIB}


def _disk_with_bitmaps(bench: Bench, seed: int, cluster: int) -> Path:
    """Give a disk with persistent bitmaps of random content, opened a second time."""
    chance = random.Random(seed)
    bench.do(AddImage("source", 5 * MIB + 512, cluster=cluster))
    for name, granularity in GRANULARITIES.items():
        bench.do(AddBitmap(name, granularity, persistent=True))
        writes = [(512 * chance.randrange(10_000), 512 * chance.randint(1, 200)) for _ in range(5)]
        bench.do(*(Write(start, min(length, 5 * MIB - start), Fill(0x11)) for start, length in writes))
    bench.do(DisableBitmap("middle"))
    bench.do(Restart())
    return bench.machine.files.path("source")


@pytest.mark.parametrize("cluster", [4 * KIB, 64 * KIB], ids=["4K", "64K"])
@pytest.mark.parametrize("seed", range(3))
def test_bitmaps_read_as_qemu_tells_them(bench: Bench, subject: Subject, folder: Path, cluster: int, seed: int) -> None:
    """Bitmaps in the closed file are those that an NBD client and qemu-img info see (B-67, B-82, B-83, R-B20)."""
    image = _disk_with_bitmaps(bench, seed, cluster)
    states = observe.rest(bench.machine.qemu).bitmaps
    reported = {
        name: (
            state.granularity,
            state.recording,
            frozenset(observe.segments(bench.machine.qemu, subject.qemu_img, node, state, folder)),
        )
        for (node, name), state in states.items()
    }
    bench.finish("bitmaps read in two ways")
    stored = read_bitmaps(Memory(image.read_bytes()))
    assert all(dirty for _, _, dirty in reported.values())
    assert {name: (one.granularity, one.auto, one.dirty) for name, one in stored.items()} == reported
    listed = {one["name"]: (one["granularity"], one["flags"]) for one in subject.qemu_img.info(image).bitmaps}
    assert listed == {name: (one.granularity, ["auto"] if one.auto else []) for name, one in stored.items()}


def test_bitmaps_in_use_are_told_apart(bench: Bench, subject: Subject) -> None:
    """While the image is open for writing, its stored bitmaps are marked as in use (B-62)."""
    image = _disk_with_bitmaps(bench, 1, 64 * KIB)
    stored = read_bitmaps(Memory(image.read_bytes()))
    assert {name: one.in_use for name, one in stored.items()} == dict.fromkeys(GRANULARITIES, True)
    flags = {one["name"]: set(one["flags"]) for one in subject.qemu_img.info(image).bitmaps}
    assert flags == {"fine": {"in-use", "auto"}, "middle": {"in-use"}, "coarse": {"in-use", "auto"}}
    bench.finish("bitmaps in use")


def _qemu_says_corrupt(qemu_img: QemuImg, image: Path) -> bool:
    try:
        qemu_img.check(image, leaks=True)
    except ImageCorrupt:
        return True
    return False


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("change", "verdicts"), [(-1, {True}), (0, {False}), (1, {True, False})], ids=["too-low", "right", "too-high"]
)
def test_reference_counts_are_judged_as_by_qemu(
    bench: Bench, subject: Subject, change: int, verdicts: set[bool]
) -> None:
    """A count that is too low is corruption; one that is too high only where a flag says that it is 1."""
    image = _disk_with_bitmaps(bench, 2, 4 * KIB)
    bench.finish("a disk with bitmaps")
    whole = image.read_bytes()
    (table,) = struct.unpack_from(">Q", whole, 48)
    (block,) = struct.unpack_from(">Q", whole, table)
    counted = [at for at in range(block, block + 4 * KIB, 2) if whole[at + 1] == 1]
    found = set()
    for at in random.Random(3).sample(counted, 12):
        broken = whole[: at + 1] + bytes([1 + change]) + whole[at + 2 :]
        image.write_bytes(broken)
        is_corrupt = any(problems(Tables(Memory(broken)), leaks=True))
        found.add(is_corrupt)
        assert _qemu_says_corrupt(subject.qemu_img, image) is is_corrupt
    assert found == verdicts
