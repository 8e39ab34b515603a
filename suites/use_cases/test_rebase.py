"""A rebase that copies: whatever the image gets below it, it reads as before."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import Feature
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CheckImages,
    Compare,
    Quit,
    Rebase,
    StartMirror,
    Write,
)

CLUSTERS = [(64 * KIB, 64 * KIB), (MIB, 2 * MIB), (2 * MIB, MIB), (4 * KIB, 64 * KIB), (512, 2 * MIB)]
SIZE = 4 * MIB + 512


def _in_k(clusters: tuple[int, int]) -> str:
    return "-".join(f"{cluster / KIB:g}K" for cluster in clusters)


@pytest.mark.parametrize("onto", ["base", "other", None], ids=["base", "other", "nothing"])
@pytest.mark.parametrize("clusters", CLUSTERS, ids=_in_k)
@pytest.mark.parametrize("base_size", [SIZE, MIB + 512], ids=["equal", "short"])
@pytest.mark.parametrize("subclusters", [False, True], ids=["plain", "extended"])
def test_chain(bench: Bench, clusters: tuple[int, int], onto: str | None, base_size: int, subclusters: bool) -> None:
    """An image leaves out what lay below it, or all, also where its clusters are larger than those below (B-86)."""
    middle, top = clusters
    features = (Feature.EXTENDED_L2,) if subclusters and top >= 16 * KIB else ()
    bench.do(AddImage("base", base_size), Write(0, 700 * KIB, Positional(1), at="base"))
    bench.do(AddImage("other", base_size), Write(512 * KIB, 500 * KIB, Positional(2), at="other"))
    bench.do(AddImage("middle", SIZE, cluster=middle, backing="base"))
    bench.do(Write(MIB, 2 * MIB, Positional(3), at="middle"), Write(3500 * KIB, 512, Positional(4), at="middle"))
    bench.do(AddImage("source", SIZE, cluster=top, backing="middle", features=features))
    bench.do(Write(4 * MIB, 512, Positional(5)), Quit())
    bench.do(Rebase("source", onto), CheckImages())
    bench.finish("a rebase that copies")


@pytest.mark.feature
@pytest.mark.parametrize("onto", ["older", None], ids=["older", "nothing"])
@pytest.mark.parametrize("cluster", [64 * KIB, 16 * KIB], ids=["64K", "16K"])
def test_diff_image(bench: Bench, cluster: int, onto: str | None) -> None:
    """A delta over the last full mirror becomes one over an older mirror, or a whole disk, by a rebase (X-06, X-09)."""
    bench.do(AddImage("source", SIZE), AddImage("older", SIZE), AddImage("full", SIZE))
    bench.do(Write(0, MIB, Positional(1)), StartMirror("first", "older"), CancelJob("first"))
    bench.do(Write(MIB + 512, 100 * KIB, Fill(0x22)), AddBitmap("b0", 64 * KIB))
    bench.do(StartMirror("second", "full"), CancelJob("second"), Write(3 * MIB - 512, KIB, Fill(0x33)))
    bench.do(AddImage("delta", SIZE, cluster=cluster, backing="full"))
    bench.do(StartMirror("third", "delta", bitmap="b0"), CancelJob("third"), Quit())
    bench.do(Rebase("delta", onto), CheckImages(), Compare("source", "delta"))
    bench.finish("a diff image gets another base")
