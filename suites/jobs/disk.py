"""A disk of four layers under a guest's drive, with data and bitmaps in each of them."""

from __future__ import annotations

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import ZEROES, Pattern, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddDrive, AddImage, BitmapAt, IoKind, Write

LAYERS = ("base", "lower", "upper", "top")
SIZE = 4 * MIB
SIZES = dict.fromkeys(LAYERS, SIZE)
CLUSTERS = dict.fromkeys(LAYERS, 0)


def build(
    bench: Bench, *, sizes: dict[str, int] = SIZES, clusters: dict[str, int] = CLUSTERS, bitmaps: bool = True
) -> None:
    """Open the layers, each with a part of its own and parts that hide those below, each with two bitmaps.

    ``sizes``, ``clusters``: bytes. Of the bitmaps, b0 is persistent, off is disabled.
    """
    with bench.aside("layers base, lower, upper, top with data and bitmaps b0, off; guest is a drive made of top"):
        for node, below in zip(LAYERS, (None, *LAYERS), strict=False):
            bench.do(AddImage(node, sizes[node], cluster=clusters[node], backing=below))
        bench.do(AddDrive("guest", "top"))
        for number, node in enumerate(LAYERS):
            if bitmaps:
                bench.do(AddBitmap("b0", 64 * KIB, persistent=True, node=node))
                bench.do(AddBitmap("off", 4 * KIB, disabled=True, node=node))
            bench.do(*_writes(number, node))


def _writes(number: int, node: str) -> list[Write]:
    """Write where no other layer has anything, then over a part of the layer below, then zeroes."""
    at = "guest" if node == "top" else node
    own, shared = number * 512 * KIB + 1000, 2 * MIB + number * 96 * KIB
    return [
        Write(own, 70 * KIB, Positional(number + 1), at=at),
        Write(shared, 128 * KIB, Positional(number + 5), at=at),
        Write(3 * MIB - 32 * KIB + number * 32 * KIB, 64 * KIB, *_data_or_zeroes(number), at=at),
    ]


def _data_or_zeroes(number: int) -> tuple[Pattern, IoKind]:
    return (Positional(number + 9), IoKind.WRITE) if number % 2 == 0 else (ZEROES, IoKind.ZEROES)


def below(node: str) -> str | None:
    """Return the layer below another, if any."""
    at = LAYERS.index(node)
    return LAYERS[at - 1] if at else None


def other_image() -> AddImage:
    """Return a disk that is no part of the chain."""
    return AddImage("target", SIZE)


def observe(bench: Bench, *shown: str) -> None:
    """Compare all, live contents of each layer that is open included; show the bitmaps of ``shown``, or of each."""
    for node in LAYERS:
        if node in bench.state.nodes():
            bench.verify(node)
    bench.observe(*(BitmapAt(node, name) for node in shown or LAYERS for name in ("b0", "off")))


def write_late(bench: Bench, at: str = "guest") -> None:
    """Write as a guest does while a job runs or after it: where the top layer has nothing, and over what it has."""
    bench.do(Write(MIB + 300 * KIB, 2 * KIB, Positional(20), at=at), Write(2 * MIB, 5 * KIB, Positional(21), at=at))
