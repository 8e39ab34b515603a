"""Use case 1: a mirror that failed, was cancelled or died with its QEMU is resumed on the same bitmap."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import Format
from fixtures.vocabulary.faults import Fault, Place
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    Compare,
    CompleteJob,
    Inject,
    Quit,
    Restart,
    StartMirror,
    Write,
)

pytestmark = pytest.mark.feature
both_formats = pytest.mark.parametrize(
    "image_format",
    [pytest.param(one, marks=[] if one is Format.QCOW2 else pytest.mark.thorough) for one in Format],
    ids=str,
)

SIZE = 256 * MIB
DELTA = Write(3 * MIB - 4 * KIB, 80 * MIB, Positional(1))


def _mirrored_disk(bench: Bench, image_format: Format, persistent: bool = False) -> None:
    """Give a disk that was mirrored once, and a bitmap that holds a delta of more than 64 MiB since."""
    bench.do(AddImage("source", SIZE))
    bench.do(AddImage("target", SIZE, image_format=image_format))
    bench.do(Write(0, MIB, Fill(0x11)), Write(SIZE - 100 * KIB, 100 * KIB, Fill(0x22)))
    bench.do(StartMirror("full", "target"), CancelJob("full"))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=persistent or None), DELTA)
    bench.observe("b0")


def _resume(bench: Bench) -> None:
    """Mirror what is left, with writes in between and during the job; nothing may be missing then."""
    bench.do(Write(MIB, 4 * KIB, Fill(0x33)))
    bench.do(StartMirror("again", "target", bitmap="b0"))
    bench.do(Write(200 * MIB, 64 * KIB, Fill(0x44), at="filter"), CompleteJob("again"))
    bench.observe("b0")
    bench.do(Quit())
    bench.do(Compare("source", "target"))


@both_formats
def test_after_read_error(bench: Bench, golden: SnapshotAssertion, image_format: Format) -> None:
    """What an error in the middle of many requests left uncopied is still dirty and is copied next (X-10, R-B17)."""
    _mirrored_disk(bench, image_format)
    bench.do(Inject(Fault(Place.READ, after=30)))
    bench.do(StartMirror("job", "target", bitmap="b0"))
    bench.observe()
    _resume(bench)
    assert bench.finish("a read error in the middle of 80M, then a second mirror") == golden


@both_formats
def test_after_cancel(bench: Bench, golden: SnapshotAssertion, image_format: Format) -> None:
    """A mirror cancelled before READY leaves in the bitmap what it did not copy (M-36, X-10)."""
    _mirrored_disk(bench, image_format)
    bench.do(StartMirror("job", "target", bitmap="b0", speed=1))
    bench.do(Write(210 * MIB, 64 * KIB, Fill(0x55), at="filter"), CancelJob("job", force=True))
    bench.observe()
    _resume(bench)
    assert bench.finish("a slow mirror of 80M cancelled on its way, then a second mirror") == golden


@pytest.mark.thorough
@both_formats
def test_after_cancel_at_ready(bench: Bench, golden: SnapshotAssertion, image_format: Format) -> None:
    """A forced cancel at READY loses no write that the job had not yet copied (M-38, X-10)."""
    _mirrored_disk(bench, image_format)
    bench.do(StartMirror("job", "target", bitmap="b0"))
    bench.do(*(Write(offset * MIB, 300 * KIB, Fill(0x66), at="filter") for offset in range(100, 110)))
    bench.do(CancelJob("job", force=True))
    bench.observe()
    _resume(bench)
    assert bench.finish("writes at READY, a forced cancel, then a second mirror") == golden


@pytest.mark.thorough
@both_formats
def test_after_restart(bench: Bench, golden: SnapshotAssertion, image_format: Format) -> None:
    """QEMU quits in the middle of a mirror; the persistent bitmap knows what the target lacks (M-49, B-60, X-10)."""
    _mirrored_disk(bench, image_format, persistent=True)
    bench.do(StartMirror("job", "target", bitmap="b0", speed=1))
    bench.do(Write(220 * MIB, 64 * KIB, Fill(0x77), at="filter"))
    bench.do(Restart())
    _resume(bench)
    assert bench.finish("QEMU quits during a mirror of 80M; a new one mirrors the rest") == golden


def test_after_error_and_restart(bench: Bench, golden: SnapshotAssertion) -> None:
    """A failed mirror is resumed by another QEMU, if the bitmap is persistent (X-10, B-60)."""
    _mirrored_disk(bench, Format.QCOW2, persistent=True)
    bench.do(Inject(Fault(Place.READ, after=20)))
    bench.do(StartMirror("job", "target", bitmap="b0"))
    bench.do(Restart())
    _resume(bench)
    assert bench.finish("a read error, a restart, then a second mirror") == golden
