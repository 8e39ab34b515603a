"""Disks that are an external raw file, beside which qcow2 keeps metadata alone: so raw volumes get stored bitmaps."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Feature, Format
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CompleteJob,
    Crash,
    IoKind,
    Resize,
    Restart,
    StartMirror,
    Step,
    Write,
)

RAW = (Feature.RAW_DATA_FILE,)
ODD = 1_000_448
"""Bytes: sectors, but no clusters."""
known = pytest.mark.known("KI-16", size="odd")
sizes = pytest.mark.parametrize("size", [MIB, ODD], ids=["whole", "odd"])
NEXT: dict[str, Step] = {"quit": Restart(), "crash": Crash()}


def _disk(bench: Bench, size: int) -> None:
    bench.do(AddImage("source", size, features=RAW), AddBitmap("b0", 64 * KIB, persistent=True))
    bench.do(Write(0, 100 * KIB, Positional(1)), Write(size - 512, 512, Fill(2)))


@known
@sizes
@pytest.mark.parametrize("end", NEXT)
def test_bitmaps(bench: Bench, end: str, size: int) -> None:
    """The raw file is the disk, and the bitmaps beside it live on as in any image (B-60, B-99)."""
    _disk(bench, size)
    bench.do(Restart())
    bench.observe("b0")
    bench.do(Write(300 * KIB, 512, Fill(3)), Write(0, 64 * KIB, kind=IoKind.ZEROES), NEXT[end])
    bench.observe("b0")
    bench.finish("a disk that is a raw file")


@pytest.mark.known("KI-16")
@pytest.mark.parametrize("features", [RAW, (*RAW, Feature.EXTENDED_L2)], ids=["clusters", "subclusters"])
@pytest.mark.parametrize(("at", "length"), [(ODD - 448, 448), (ODD - 948, 10)], ids=["last", "inside"])
def test_zeroed_end(bench: Bench, at: int, length: int, features: tuple[Feature, ...]) -> None:
    """The raw file stays as long as the disk if its last cluster has been zeroed and is written to again (B-99)."""
    bench.do(AddImage("source", ODD, features=features), Write(0, ODD, Positional(1)))
    bench.do(Write(15 * 64 * KIB, ODD - 15 * 64 * KIB, kind=IoKind.ZEROES), Write(at, length, Fill(5)))
    bench.finish("the end of a raw file is written to again")


@pytest.mark.known("KI-16", to="odd")
@pytest.mark.parametrize("to", [2 * MIB + 512, 2 * MIB], ids=["odd", "whole"])
@sizes
def test_resize(bench: Bench, size: int, to: int) -> None:
    """The raw file grows with the disk, to its size (B-65, B-99)."""
    _disk(bench, size)
    bench.do(Resize(to), Write(to - 512, 512, Fill(4)))
    bench.observe("b0")
    bench.do(Restart())
    bench.observe("b0")
    bench.finish("a raw file grows")


@known
@sizes
@pytest.mark.feature
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
@pytest.mark.parametrize("is_target", [False, True], ids=["from", "to"])
def test_mirror(bench: Bench, is_target: bool, copy_mode: CopyMode, size: int) -> None:
    """A mirror with a bitmap from such a disk, and to one, is resumed and leaves a raw file that is the disk (X-09,
    B-99)."""
    if is_target:
        bench.do(AddImage("source", size), AddImage("target", size, features=RAW), AddBitmap("b0", 64 * KIB))
        bench.do(Write(0, 100 * KIB, Positional(1)), Write(size - 512, 512, Fill(2)))
    else:
        _disk(bench, size)
        bench.do(AddImage("target", size, Format.RAW))
    bench.do(StartMirror("first", "target", bitmap="b0", copy_mode=copy_mode))
    bench.do(Write(400 * KIB, 512, Fill(3), at="filter"), Write(0, 64 * KIB, kind=IoKind.ZEROES, at="filter"))
    bench.do(CancelJob("first"), Write(500 * KIB, 512, Fill(4)))
    bench.do(StartMirror("job", "target", bitmap="b0", copy_mode=copy_mode), CompleteJob("job"))
    bench.observe("b0")
    bench.finish("a mirror of a raw file with a bitmap")
