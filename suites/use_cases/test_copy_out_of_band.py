"""Use case 3, harder: a disk is copied past QEMU piece by piece while its guest writes, in every order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Format
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    Compare,
    CompleteJob,
    CopyRange,
    OpenImage,
    Quit,
    StartMirror,
    Write,
)

pytestmark = pytest.mark.feature
SIZE = 24 * MIB + 512
PIECES = (
    CopyRange("target", 0, 8 * MIB),
    CopyRange("target", 8 * MIB, 16 * MIB),
    CopyRange("target", 16 * MIB, SIZE),
)
WRITES = (
    (Write(4 * MIB - 1, 2, Fill(0x22)), Write(20 * MIB, 100 * KIB, Positional(3))),
    (Write(8 * MIB - 512, 1024, Fill(0x33)), Write(SIZE - 1, 1, Fill(0x44)), Write(4 * MIB, 512, Fill(0x55))),
)
"""Two bursts of a guest: each hits the first and the last piece, the second also straddles the first boundary."""

ORDERS = list(combinations(range(len(PIECES) + len(WRITES)), len(WRITES)))
"""At which of the five turns the guest writes; in the others, the next piece is copied."""


def _turns(order: Sequence[int], backwards: bool) -> list[tuple[CopyRange | Write, ...]]:
    """Return pieces and bursts in their order; ``backwards``: the last piece is copied first."""
    pieces, writes = iter(PIECES[::-1] if backwards else PIECES), iter(WRITES)
    return [next(writes) if turn in order else (next(pieces),) for turn in range(len(PIECES) + len(WRITES))]


@pytest.mark.thorough
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(map(str, order)))
def test_every_order(bench: Bench, order: Sequence[int], backwards: bool) -> None:
    """However the pieces of the copy and the guest's writes follow each other, one mirror of what is dirty since the
    bitmap was added makes the copy the disk (X-09)."""
    bench.do(AddImage("source", SIZE, image_format=Format.RAW))
    bench.do(Write(0, 9 * MIB, Positional(1)), AddBitmap("b0", 64 * KIB))
    bench.do(AddImage("target", SIZE, Format.RAW, opened=False))
    for turn in _turns(order, backwards):
        bench.do(*turn)
    bench.do(OpenImage("target"))
    bench.observe("b0")
    _mirror_the_rest(bench, CopyMode.WRITE_BLOCKING if backwards else CopyMode.BACKGROUND)
    bench.finish("a copy out of band while the guest writes")


def _mirror_the_rest(bench: Bench, copy_mode: CopyMode) -> None:
    bench.do(StartMirror("job", "target", bitmap="b0", copy_mode=copy_mode))
    bench.do(Write(12 * MIB, 3 * KIB, Fill(0x66), at="filter"), CompleteJob("job"))
    bench.observe("b0")
    bench.do(Quit())
    bench.do(Compare("source", "target"))


def test_a_bitmap_added_too_late(bench: Bench) -> None:
    """A bitmap that is added after the copy began misses what was written meanwhile: the copy differs (X-09)."""
    bench.do(AddImage("source", SIZE, image_format=Format.RAW))
    bench.do(Write(0, 9 * MIB, Positional(1)))
    first, *others = PIECES
    bench.do(AddImage("target", SIZE, Format.RAW, opened=False), first)
    bench.do(Write(4 * MIB, 512, Fill(0x22)), AddBitmap("b0", 64 * KIB))
    bench.do(*others, OpenImage("target"))
    _mirror_the_rest(bench, CopyMode.BACKGROUND)
    bench.finish("a bitmap that was added too late")
