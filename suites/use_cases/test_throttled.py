"""A guest behind a throttle filter: the mirror replaces the disk below it, by a target that may be throttled, too."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode
from fixtures.vocabulary.faults import Layering
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddFilter,
    AddImage,
    BitmapAt,
    CancelJob,
    CompleteJob,
    FilterKind,
    StartMirror,
    Step,
    Write,
)

ENDS: dict[str, Step] = {"complete": CompleteJob("job"), "cancel": CancelJob("job")}
copy_modes = pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
layerings = pytest.mark.parametrize("target", [Layering.PLAIN, Layering.THROTTLED], ids=str)


def _mirror(bench: Bench, mirror: StartMirror, target: Layering, end: str) -> None:
    """Mirror what is below the filter ``over``, with writes before, during and after; end."""
    bench.do(AddImage("source", 4 * MIB), AddImage("target", 4 * MIB, layering=target))
    bench.do(AddFilter("over", "source", FilterKind.THROTTLE))
    if mirror.bitmap:
        bench.do(AddBitmap(mirror.bitmap, 64 * KIB, node="over"))
    bench.do(Write(0, 300 * KIB, Positional(1), at="over"), mirror)
    bench.do(Write(MIB, 512, Fill(2), at="filter"), ENDS[end])
    bench.observe(BitmapAt("over", mirror.bitmap or ""))
    bench.do(Write(2 * MIB, 64 * KIB, Fill(3), at="over"))
    bench.observe(BitmapAt("over", mirror.bitmap or ""))
    bench.finish("the disk below a throttle filter is mirrored")


@copy_modes
@layerings
@pytest.mark.parametrize("end", ENDS)
def test_replaced(bench: Bench, end: str, target: Layering, copy_mode: CopyMode) -> None:
    """The guest stays behind its filter, over the target or still over the source (M-23, M-124)."""
    _mirror(bench, StartMirror("job", "target", "over", replaces="source", copy_mode=copy_mode), target, end)


@pytest.mark.feature
@copy_modes
@layerings
@pytest.mark.parametrize("end", ENDS)
def test_bitmap(bench: Bench, end: str, target: Layering, copy_mode: CopyMode) -> None:
    """The same with a bitmap of the filter, which records again at the end (M-23, M-124, X-08)."""
    mirror = StartMirror("job", "target", "over", bitmap="b0", replaces="source", copy_mode=copy_mode)
    _mirror(bench, mirror, target, end)
