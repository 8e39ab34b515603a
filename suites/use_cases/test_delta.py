"""Use cases 2 to 4: deltas to volumes mirrored before, to volumes copied by other means, to diff images."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Format
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CheckImages,
    Compare,
    CompareRebased,
    CompleteJob,
    CopyOutOfBand,
    Quit,
    RemoveBitmap,
    StartMirror,
    Write,
)

pytestmark = pytest.mark.feature
copy_modes = pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
SIZE = 64 * MIB + 512
"""No multiple of any cluster size or granularity: the last segment is a partial one."""


@copy_modes
@pytest.mark.parametrize("image_format", Format, ids=str)
def test_volume_mirrored_before(
    bench: Bench, golden: SnapshotAssertion, image_format: Format, copy_mode: CopyMode
) -> None:
    """Only the delta is copied to a volume mirrored before, up to a partial last segment (X-09, M-17, R-M7)."""
    bench.do(AddImage("source", SIZE))
    bench.do(AddImage("target", SIZE, image_format=image_format))
    bench.do(Write(0, 2 * MIB, Fill(0x11)), AddBitmap("b0", 64 * KIB))
    bench.do(StartMirror("full", "target"), CancelJob("full"))
    bench.do(Write(MIB - 5, 10, Fill(0x22)), Write(SIZE - 7, 7, Fill(0x33)))
    bench.do(StartMirror("job", "target", bitmap="b0", copy_mode=copy_mode))
    bench.do(Write(SIZE - 1000, 1000, Fill(0x44), at="filter"), CompleteJob("job"))
    bench.observe("b0")
    bench.do(Quit())
    bench.do(Compare("source", "target"))
    assert bench.finish("a second mirror to the same volume copies the delta") == golden


@pytest.mark.parametrize("source", Format, ids=str)
def test_volume_copied_by_other_means(bench: Bench, golden: SnapshotAssertion, source: Format) -> None:
    """With a bitmap created first, an out-of-band copy of a live disk is completed by one mirror (X-09)."""
    bench.do(AddImage("source", SIZE, image_format=source))
    bench.do(Write(0, 2 * MIB, Positional(1)), AddBitmap("b0", 64 * KIB))
    bench.do(Write(2 * MIB, MIB, Positional(2)), Write(30 * MIB, 512, Fill(0x22)))
    bench.do(CopyOutOfBand("target"))
    bench.do(Write(MIB, 128 * KIB, Positional(3)), Write(SIZE - 1, 1, Fill(0x33)))
    bench.do(StartMirror("job", "target", bitmap="b0"))
    bench.do(Write(40 * MIB, 3 * KIB, Fill(0x44), at="filter"), CompleteJob("job"))
    bench.observe("b0")
    bench.do(RemoveBitmap("b0"))
    bench.do(Quit())
    bench.do(Compare("source", "target"))
    assert bench.finish("a live copy out of band, then a mirror of what was written since the bitmap") == golden


def _full_then_delta(bench: Bench, backed: bool) -> None:
    """Mirror a disk whole, then let it change by more than 64 MiB under a bitmap; open an image for the delta."""
    size = 160 * MIB
    bench.do(AddImage("source", size))
    bench.do(AddImage("full", size))
    bench.do(Write(0, 10 * MIB, Positional(1)))
    bench.do(StartMirror("job", "full"), CancelJob("job"))
    bench.do(AddBitmap("b0", 64 * KIB), Write(5 * MIB + 512, 70 * MIB, Positional(2)))
    bench.do(AddImage("delta", size, backing="full" if backed else None))


@copy_modes
@pytest.mark.parametrize("backed", [False, True], ids=["no-backing", "backed"])
def test_diff_image(bench: Bench, golden: SnapshotAssertion, backed: bool, copy_mode: CopyMode) -> None:
    """A delta in an image of its own, over the full mirror before it, is the whole disk (X-06, X-09)."""
    _full_then_delta(bench, backed)
    bench.do(StartMirror("job", "delta", bitmap="b0", copy_mode=copy_mode))
    bench.do(Write(100 * MIB, 128 * KIB, Fill(0x33), at="filter"), CancelJob("job"))
    bench.observe("b0")
    bench.do(Quit())
    bench.do(CompareRebased((("delta", "full", "source"),)))
    bench.do(CheckImages())
    assert bench.finish("a delta of 70M in an image of its own, rebased onto the full mirror") == golden


@copy_modes
@pytest.mark.parametrize("backed", [False, True], ids=["no-backing", "backed"])
def test_unaligned_write_during_the_job(
    bench: Bench, golden: SnapshotAssertion, backed: bool, copy_mode: CopyMode
) -> None:
    """Known hole: write-blocking mirrors part of a cluster, which hides the base without a backing file (X-12)."""
    _full_then_delta(bench, backed)
    bench.do(StartMirror("job", "delta", bitmap="b0", copy_mode=copy_mode))
    bench.do(Write(2 * MIB + 512, 1024, Fill(0x33), at="filter"), CancelJob("job"))
    bench.do(Quit())
    bench.do(CompareRebased((("delta", "full", "source"),)))
    assert bench.finish("a write of 1K during the job to a segment that was not in the delta") == golden
