"""What is read through a node over NBD is what a guest reads there; a difference is seen, at its first byte."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.bench.mismatch import Mismatch
from fixtures.vocabulary.faults import Layering
from fixtures.vocabulary.patterns import ZEROES, Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddFilter, AddImage, ConnectGuest, FilterKind, IoKind, Write


def _disk(bench: Bench) -> None:
    bench.do(AddImage("base", 40 * MIB + 512), AddImage("source", 64 * MIB + 512, backing="base"))
    bench.do(Write(40 * MIB, 512, Positional(1), at="base"), Write(33 * MIB, 3 * MIB, Positional(2), at="base"))
    bench.do(
        Write(34 * MIB, 512, Fill(3)), Write(35 * MIB, 64 * KIB, ZEROES, IoKind.ZEROES), Write(64 * MIB, 1, Fill(4))
    )
    bench.do(AddFilter("filter", "source", FilterKind.THROTTLE))


@pytest.mark.parametrize("server", ["own", "guests"])
def test_all_is_read(bench: Bench, server: str) -> None:
    """Data of both layers, zeroes that hide data, holes, ends that fill no cluster; also beside a guest's export."""
    _disk(bench)
    bench.do(*([ConnectGuest("base")] if server == "guests" else []))
    for node in ("filter", "source", "base", "source"):
        bench.read_through(node)
    bench.finish("a disk is read through each of its nodes")


@pytest.mark.parametrize("layering", [Layering.THROTTLED, Layering.LAYERED], ids=str)
def test_a_node_built_of_two_is_one_layer(bench: Bench, layering: Layering) -> None:
    """A throttle filter, or a raw node, over the node of an image is read as that image."""
    bench.do(AddImage("source", MIB, layering=layering), Write(0, 1, Fill(1)))
    bench.read_through("source")
    bench.finish("a node that is built of two is read")


@pytest.mark.parametrize("at", [0, 34 * MIB + 1, 35 * MIB + 64 * KIB - 1, 64 * MIB + 511])
def test_each_byte_counts(bench: Bench, at: int) -> None:
    """A byte that the model has and QEMU has not is told with its offset, be it among data or zeroes."""
    _disk(bench)
    bench.state.images["source"].own.put(at, at + 1, Fill(0x77))
    with pytest.raises(Mismatch, match=rf"what is read through source[\s\S]*\({at}, 'expected byte 0x77, found 0x0"):
        bench.read_through("source")
    bench.survive()


def test_layers_count(bench: Bench) -> None:
    """A layer that the model has below a node and QEMU has not is told, though all reads alike."""
    bench.do(AddImage("base", MIB), AddImage("source", MIB), Write(0, 1, Fill(1)))
    bench.state.images["source"].backing = bench.state.images["base"]
    with pytest.raises(Mismatch, match=r"layers that source reads"):
        bench.read_through("source")
    bench.survive()
