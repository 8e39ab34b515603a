"""Granularities of new bitmaps at their bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import Format
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import GIB, KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, Restart, Write

REFUSED = (0, 1, 256, 511, 513, 768, 1000, 64 * KIB - 1, 2 * GIB + 1, 3 * GIB, 4 * GIB - 1, 4 * GIB, 1 << 63, -1, -512)
TERA = 1024 * GIB


@pytest.mark.parametrize("persistent", [False, True], ids=["transient", "persistent"])
def test_refused(bench: Bench, golden: SnapshotAssertion, persistent: bool) -> None:
    """What is below 512, no power of 2 or no uint32 is no granularity, and no bitmap comes of it (B-06, M-12)."""
    bench.do(AddImage("source"))
    for granularity in REFUSED:
        bench.do(AddBitmap("b0", granularity, persistent=persistent))
        bench.observe()
    assert bench.finish("granularities of no bitmap") == golden


@pytest.mark.parametrize("persistent", [False, True], ids=["transient", "persistent"])
def test_smallest_and_largest(bench: Bench, golden: SnapshotAssertion, persistent: bool) -> None:
    """Every power of 2 from 512 to 2 GiB is a granularity; one byte dirties one segment of each (B-06, B-13, B-22,
    R-B1)."""
    bench.do(AddImage("source", MIB + 512))
    for exponent in range(9, 32):
        bench.do(AddBitmap(f"g{exponent}", 1 << exponent, persistent=persistent))
    bench.do(Write(MIB + 511, 1, Fill(0x11)))
    bench.observe("g9", "g16", "g20", "g31")
    bench.do(Restart())
    bench.observe("g9", "g16", "g20", "g31")
    assert bench.finish("all granularities on a disk of 1 MiB and a sector") == golden


@pytest.mark.parametrize("cluster", [0, 512, 2 * KIB, 4 * KIB, 32 * KIB, 64 * KIB, 2 * MIB], ids="clusters-{}".format)
def test_default(bench: Bench, golden: SnapshotAssertion, cluster: int) -> None:
    """The default granularity is the cluster size, clamped to 4..64 KiB; 64 KiB without clusters (B-06, R-B7)."""
    image_format = Format.QCOW2 if cluster else Format.RAW
    bench.do(AddImage("source", MIB, image_format, cluster))
    bench.do(AddBitmap("b0"), Write(0, MIB, Fill(0x11)))
    bench.observe("b0")
    assert bench.finish(f"clusters of {cluster} bytes") == golden


@pytest.mark.parametrize("granularity", [512, KIB, 2 * KIB], ids=str)
def test_too_much_space(bench: Bench, golden: SnapshotAssertion, granularity: int) -> None:
    """A bitmap that would take more than 512 MiB of the image is not made persistent (B-09)."""
    size = 8 * granularity * (512 * MIB)
    bench.do(AddImage("source", size + 8 * granularity, cluster=2 * MIB))
    step = AddBitmap("b0", granularity, persistent=True)
    bench.do(step)
    bench.observe()
    bench.do(replace(step, granularity=2 * GIB))
    bench.observe("b0")
    assert bench.finish("a bitmap of 512 MiB and a byte") == golden
