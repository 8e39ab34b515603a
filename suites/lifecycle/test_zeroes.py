"""Zeroes on their way to a target that is full of something else: whatever becomes of them, they are read as zeroes."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, DetectZeroes, Discard, Format, MirrorCommand
from fixtures.vocabulary.patterns import ZEROES, Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    ChangeCopyMode,
    CloseImage,
    CompleteJob,
    IoKind,
    PauseJob,
    ResumeJob,
    StartMirror,
    Write,
)

SIZE = 16 * MIB
both_formats = pytest.mark.parametrize("image_format", [Format.QCOW2, Format.RAW], ids=str)


def _disks(bench: Bench, image_format: Format, detect: DetectZeroes = DetectZeroes.OFF) -> None:
    """Open a source with data, zeroes that were written as data, zeroes as such and holes; and a target without any."""
    bench.do(AddImage("source", SIZE, discard=Discard.UNMAP))
    bench.do(AddImage("target", SIZE, image_format, discard=Discard.UNMAP, detect_zeroes=detect))
    bench.do(Write(0, MIB, Fill(0x11)), Write(MIB, MIB, ZEROES), Write(2 * MIB, MIB, kind=IoKind.ZEROES))
    bench.do(Write(8 * MIB + 512, 200 * KIB, Fill(0x11)), Write(8 * MIB + 64 * KIB, 64 * KIB, ZEROES))
    bench.do(Write(0, SIZE, Fill(0xFF), at="target"))


def _late(bench: Bench) -> None:
    """Write zeroes over data, in both ways, and data over zeroes; then end."""
    bench.do(Write(4 * KIB, 300 * KIB, ZEROES, at="filter"), Write(MIB + 512, 512, Fill(0x22), at="filter"))
    bench.do(Write(512 * KIB, 100 * KIB, kind=IoKind.ZEROES, at="filter"), CancelJob("job"))


@both_formats
@pytest.mark.parametrize("unmap", [None, False, True], ids=["default", "off", "on"])
def test_unmap(bench: Bench, unmap: bool | None, image_format: Format) -> None:
    """drive-mirror's target is the same with unmap and without (M-14, R-M16)."""
    _disks(bench, image_format)
    bench.do(CloseImage("target"))
    existing = MirrorCommand.DRIVE_EXISTING
    bench.do(StartMirror("job", "target", command=existing, target_format=image_format, unmap=unmap))
    _late(bench)
    bench.finish(f"unmap={unmap}, {image_format}")


@both_formats
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
@pytest.mark.parametrize("detect", DetectZeroes, ids=str)
def test_detected(bench: Bench, detect: DetectZeroes, copy_mode: CopyMode, image_format: Format) -> None:
    """A target that detects zeroes, and may discard what holds them, is the same (M-14, M-122)."""
    _disks(bench, image_format, detect)
    bench.do(StartMirror("job", "target", copy_mode=copy_mode))
    _late(bench)
    bench.finish(f"detect-zeroes={detect}, {copy_mode}, {image_format}")


SEGMENT = 64 * KIB
SHORT = {"inside": (SEGMENT // 2, 512), "end": (SEGMENT - 512, 512), "across": (SEGMENT - 512, 1024)}


@pytest.mark.needs("block-job-change")
@both_formats
@pytest.mark.parametrize("bitmap", [None, pytest.param("b0", marks=pytest.mark.feature)])
@pytest.mark.parametrize("at", [0, 2 * SEGMENT, 4 * SEGMENT], ids=["hole", "data", "dirty"])
@pytest.mark.parametrize("place", SHORT)
def test_shorter_than_a_segment(bench: Bench, place: str, at: int, bitmap: str | None, image_format: Format) -> None:
    """A mirrored zero write may cover no segment whole, be it empty, full or still to be copied (M-94)."""
    bench.do(AddImage("source", MIB, discard=Discard.UNMAP), AddImage("target", MIB, image_format))
    bench.do(AddBitmap("b0", SEGMENT), Write(2 * SEGMENT, 2 * SEGMENT, Fill(0x11)))
    bench.do(StartMirror("job", "target", bitmap=bitmap, granularity=None if bitmap else SEGMENT))
    bench.do(PauseJob("job"), Write(4 * SEGMENT, 2 * SEGMENT, Fill(0x22), at="filter"))
    bench.do(ChangeCopyMode("job", CopyMode.WRITE_BLOCKING))
    offset, length = SHORT[place]
    bench.do(Write(at + offset, length, kind=IoKind.ZEROES, at="filter"), ResumeJob("job"), CompleteJob("job"))
    bench.observe("b0")
    bench.finish("a short zero write")
