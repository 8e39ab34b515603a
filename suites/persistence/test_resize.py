"""A disk is resized under its bitmaps."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CheckImages,
    CompleteJob,
    Crash,
    ExportBitmap,
    RemoveBitmap,
    Resize,
    Restart,
    StartMirror,
    Write,
)

SIZES = {"grow": 5 * MIB + 512, "grow-by-a-sector": 3 * MIB + 512, "shrink": MIB + 512, "shrink-and-grow": 7 * MIB}


def _disk(bench: Bench) -> None:
    """Give a disk with a stored bitmap, a stored disabled one, one that is new, and one that is transient."""
    bench.do(AddImage("source", 3 * MIB))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True), AddBitmap("off", 4 * KIB, True, True))
    bench.do(Write(2 * MIB, 300 * KIB, Positional(1)))
    bench.do(Restart())
    bench.do(AddBitmap("new", 512, persistent=True), AddBitmap("transient", MIB))
    bench.do(Write(3 * MIB - 80 * KIB, 80 * KIB, Positional(2)), Write(0, 512, Positional(3)))


@pytest.mark.parametrize("change", SIZES)
def test_bitmaps_follow(bench: Bench, change: str) -> None:
    """What is cut off is forgotten, what is new is clean and is recorded when written; also on disk (B-65, B-24)."""
    _disk(bench)
    if change == "shrink-and-grow":
        bench.do(Resize(2 * MIB + 65 * KIB))
        bench.observe()
    bench.do(Resize(SIZES[change]))
    bench.observe()
    bench.do(Write(SIZES[change] - KIB, KIB, Positional(4)))
    bench.do(Restart())
    bench.finish("a disk of another size")
    bench.do(CheckImages())


def test_an_inconsistent_bitmap_is_in_the_way(bench: Bench) -> None:
    """It cannot follow, so the resize is refused until it is removed (B-65, R-B6)."""
    bench.do(AddImage("source", 3 * MIB))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True))
    bench.do(Restart())
    bench.do(Crash())
    bench.do(Resize(4 * MIB), RemoveBitmap("b0"), Resize(4 * MIB))
    bench.do(Restart())
    bench.finish("a bitmap in the way")


@pytest.mark.parametrize("size", [MIB, 4 * MIB, 4 * MIB + 1], ids=["shrink", "grow", "odd"])
@pytest.mark.parametrize("name", ["b0", "new", "transient"])
def test_a_bitmap_that_a_client_reads(bench: Bench, name: str, size: int) -> None:
    """While an NBD client may read a bitmap, stored or not, the disk keeps its size (B-65, B-42)."""
    _disk(bench)
    bench.do(ExportBitmap(name), Resize(size))
    bench.do(Restart())
    bench.do(Resize(MIB))
    bench.finish("a bitmap that a client reads")


@pytest.mark.feature
@pytest.mark.parametrize("node", ["source", "filter", "target"])
def test_a_bitmap_that_a_job_works_off(bench: Bench, node: str) -> None:
    """While a mirror works a bitmap off, its nodes keep their size; afterwards they need not (B-65, B-40, R-M20)."""
    _disk(bench)
    bench.do(AddImage("target", 3 * MIB))
    bench.do(StartMirror("job", "target", bitmap="b0"), Resize(MIB, node), Resize(4 * MIB, node))
    bench.do(CompleteJob("job"), Resize(4 * MIB))
    bench.finish("a bitmap that a job works off")
