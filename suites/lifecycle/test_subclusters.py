"""Images with extended L2 entries: a cluster has 32 subclusters, and is allocated one of them at a time."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Feature, SyncMode
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddFilter,
    AddImage,
    CancelJob,
    CompleteJob,
    IoKind,
    Read,
    StartMirror,
    Write,
)

EXTENDED = (Feature.EXTENDED_L2,)
SIZE = MIB + 512
copy_modes = pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
granularities = pytest.mark.parametrize("granularity", [2 * KIB, 4 * KIB, 64 * KIB], ids=["2K", "4K", "64K"])


def _source(bench: Bench, features: tuple[Feature, ...] = EXTENDED) -> None:
    bench.do(AddImage("base", SIZE), Write(0, 300 * KIB, Positional(1), at="base"))
    bench.do(AddImage("source", SIZE, backing="base", features=features))
    bench.do(Write(512, 512, Positional(2)), Write(70 * KIB, 2 * KIB, Positional(3)))


@copy_modes
@granularities
@pytest.mark.parametrize("sync", [SyncMode.FULL, SyncMode.TOP], ids=str)
@pytest.mark.parametrize("backing", [None, "base"], ids=["no-backing", "backing"])
def test_mirror(bench: Bench, granularity: int, copy_mode: CopyMode, sync: SyncMode, backing: str | None) -> None:
    """Segments may be smaller than clusters and larger than subclusters: the copy is right, and holds no more than the
    subclusters that were written (M-11, M-121)."""
    _source(bench)
    bench.do(AddImage("target", SIZE, backing=backing, features=EXTENDED))
    bench.do(StartMirror("job", "target", sync=sync, granularity=granularity, copy_mode=copy_mode))
    bench.do(Write(200 * KIB + 100, 700, Positional(4), at="filter"), Write(600 * KIB, 512, Fill(5), at="filter"))
    bench.do(Write(66 * KIB, 3 * KIB, kind=IoKind.ZEROES, at="filter"), CompleteJob("job"))
    bench.finish("a mirror between images with subclusters")


@pytest.mark.feature
@copy_modes
@granularities
@pytest.mark.parametrize("backing", [None, "base"], ids=["no-backing", "backing"])
def test_bitmap(bench: Bench, granularity: int, copy_mode: CopyMode, backing: str | None) -> None:
    """A bitmap's granularity is compared with the size of a cluster, not of a subcluster, which copy-on-write fills: so
    more is refused than need be, and what is accepted is right (X-06)."""
    _source(bench)
    bench.do(AddBitmap("b0", granularity), Write(130 * KIB, 512, Positional(4)), Write(MIB, 512, Fill(5)))
    bench.do(AddImage("target", SIZE, backing=backing, features=EXTENDED))
    bench.do(StartMirror("job", "target", bitmap="b0", copy_mode=copy_mode))
    bench.observe("b0")
    if bench.state.active_jobs():
        bench.do(Write(200 * KIB, 2 * KIB, Positional(6), at="filter"), CancelJob("job"))
    bench.observe("b0")
    bench.finish("a bitmap and subclusters")


@pytest.mark.possible("KI-26")
@pytest.mark.parametrize("cluster", [16 * KIB, 64 * KIB, 2 * MIB], ids=["16K", "64K", "2M"])
@pytest.mark.parametrize("span", [(2 * KIB, 62 * KIB), (0, 300 * KIB), (5 * KIB + 1, 100)], ids=["rest", "all", "part"])
def test_copy_on_read(bench: Bench, cluster: int, span: tuple[int, int]) -> None:
    """A read through copy-on-read copies the subclusters that it meets, beside those that were written (M-107)."""
    bench.do(AddImage("base", 4 * MIB), Write(0, 300 * KIB, Positional(1), at="base"))
    bench.do(AddImage("source", 4 * MIB, cluster=cluster, backing="base", features=EXTENDED))
    bench.do(Write(0, 2 * KIB, Positional(2)), AddFilter("copying", "source"))
    bench.do(Read(*span, at="copying"), Write(span[0] + 77, 11, Fill(3), at="copying"))
    bench.finish("copy-on-read above subclusters")
