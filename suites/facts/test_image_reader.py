"""The suites' own reader of closed images sees what qemu-img sees."""

from __future__ import annotations

import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.driver.qcow2.closed_image import ClosedImage
from fixtures.subject.subject import Subject
from fixtures.vocabulary.enums import Feature, Format
from fixtures.vocabulary.sizes import KIB, MIB

pytestmark = pytest.mark.needs("qemu-io")


@dataclass(frozen=True)
class Layer:
    """An image of a chain; without ``cluster`` it is raw."""

    size: int
    cluster: int = 0
    features: tuple[Feature, ...] = ()


CHAINS = {
    "4K": [Layer(MIB, 4 * KIB)],
    "64K": [Layer(3 * MIB + 512, 64 * KIB)],
    "2M": [Layer(8 * MIB, 2 * MIB)],
    "subclusters": [Layer(2 * MIB + 512, 64 * KIB, (Feature.EXTENDED_L2,))],
    "data-file": [Layer(2 * MIB + 512, 64 * KIB, (Feature.DATA_FILE,))],
    "data-file-of-subclusters": [Layer(2 * MIB, 64 * KIB, (Feature.DATA_FILE, Feature.EXTENDED_L2))],
    "raw-data-file-of-subclusters": [Layer(2 * MIB, 64 * KIB, (Feature.RAW_DATA_FILE, Feature.EXTENDED_L2))],
    "raw": [Layer(2 * MIB + 512)],
    "shorter-base": [Layer(MIB + 512, 4 * KIB), Layer(3 * MIB, 64 * KIB)],
    "longer-base": [Layer(4 * MIB, 2 * MIB), Layer(2 * MIB + 1024, 4 * KIB)],
    "three-layers": [Layer(2 * MIB, 64 * KIB), Layer(MIB + 512, 4 * KIB), Layer(3 * MIB, 64 * KIB)],
}


def _requests(random_numbers: random.Random, layer: Layer) -> list[str]:
    """Return qemu-io commands that write, write zeroes and discard at random places."""
    commands = []
    for _ in range(12):
        start, end = sorted(512 * random_numbers.randint(0, layer.size // 512) for _ in range(2))
        length = min(end - start, random_numbers.choice([512, 8 * KIB, 200 * KIB, 2 * MIB]))
        kinds = ("write -P 0x{:02x}", "write -z", "write -zu", "discard")
        kind = random_numbers.choices(kinds, [6, 2, 1, 1])[0].format(random_numbers.randint(1, 255))
        commands += [f"{kind} {start} {length}"] if length else []
    return commands


def _make_chain(subject: Subject, folder: Path, layers: list[Layer], seed: int) -> Path:
    """Create the layers, the base first, each with random content; return the top image."""
    random_numbers, below = random.Random(seed), None
    for number, layer in enumerate(layers):
        image, image_format = folder / f"layer{number}", Format.QCOW2 if layer.cluster else Format.RAW
        subject.qemu_img.create(image, layer.size, image_format, layer.cluster, below, features=layer.features)
        commands = _requests(random_numbers, layer)
        said = [word for command in commands for word in ("-c", command)]
        subprocess.run(
            [subject.binaries.tools["qemu-io"], "-f", image_format, *said, image], check=True, capture_output=True
        )
        below = image
    assert below
    return below


def _content(path: Path) -> bytes:
    """Return what the reader says that a guest reads."""
    with ClosedImage(path) as disk:
        return disk.read()


def _first_difference(expected: bytes, found: bytes) -> int | None:
    if expected == found:
        return None
    return next(at for at, (one, other) in enumerate(zip(expected, found, strict=True)) if one != other)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("layers", CHAINS.values(), ids=CHAINS)
def test_reader_agrees_with_qemu_img(subject: Subject, folder: Path, layers: list[Layer], seed: int) -> None:
    """Writes, zeroes, discards and backing files of any length read the same as after qemu-img convert."""
    image, plain = _make_chain(subject, folder, layers, seed), folder / "plain"
    subject.qemu_img.convert(image, plain)
    assert plain.read_bytes().strip(b"\0"), "a disk of zeroes would prove nothing"
    assert _first_difference(plain.read_bytes(), _content(image)) is None
