"""The scene of the stories under pressure: two disks of sixteen segments, a mirror of which a test holds what it likes.

Segment 0 is left in peace: there the bench looks whether QEMU is at rest. ``LAST`` is the segment that the job copies
last: what waits for its copy meets nothing else that is dirty.
"""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Format
from fixtures.vocabulary.patterns import ZEROES, Positional
from fixtures.vocabulary.requests import Gate, Stage
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, ConnectGuest, IoKind, StartMirror, Storage, Write

SEGMENT = 64 * KIB
SEGMENTS = 16
LAST = SEGMENTS - 1
feature = pytest.mark.feature
changeable = pytest.mark.needs("block-job-change")
"""With it, in QEMU 8.2, came the change of a job's copy mode and the word whether a job is actively synced."""
both_bitmaps = pytest.mark.parametrize(
    "bitmap", [pytest.param(None, id="own"), pytest.param("b0", id="working", marks=feature)]
)


def reads(first: int, last: int | None = None) -> Gate:
    """Hold what reads these segments of the source: the job's copies."""
    return Gate(Stage.SOURCE, first * SEGMENT, ((first if last is None else last) + 1) * SEGMENT, reads=True)


def changes(stage: Stage, first: int = 1, last: int = LAST) -> Gate:
    """Hold what changes these segments of the source or the target."""
    return Gate(stage, first * SEGMENT, (last + 1) * SEGMENT)


def write(start: int, end: int, tag: int, kind: IoKind = IoKind.WRITE) -> Write:
    """Return a guest's request of the bytes [start, end); each tag has data of its own for each place."""
    return Write(start, end - start, Positional(tag) if kind is IoKind.WRITE else ZEROES, kind)


def prepare(bench: Bench) -> None:
    """Make two disks with the same content, except for segments 1 and LAST, which are dirty in ``b0``."""
    bench.do(
        AddImage("source", SEGMENTS * SEGMENT, Format.RAW, storage=Storage.HELD),
        AddImage("target", SEGMENTS * SEGMENT, Format.RAW, storage=Storage.HELD),
        ConnectGuest(),
    )
    with bench.aside("both disks hold the same, then segments 1 and 15 of the source are written"):
        bench.do(Write(0, SEGMENTS * SEGMENT, Positional(1)), Write(0, SEGMENTS * SEGMENT, Positional(1), at="target"))
        bench.do(AddBitmap("b0", SEGMENT))
        bench.do(write(SEGMENT, 2 * SEGMENT, 2), write(LAST * SEGMENT, SEGMENTS * SEGMENT, 3))


def mirror(
    bitmap: str | None, copy_mode: CopyMode = CopyMode.WRITE_BLOCKING, on_target_error: str | None = None
) -> StartMirror:
    """Return a mirror that copies one segment after the other, with a bitmap of the caller's or one of its own."""
    return StartMirror(
        "job",
        "target",
        bitmap=bitmap,
        granularity=None if bitmap else SEGMENT,
        copy_mode=copy_mode,
        buf_size=SEGMENT,
        on_target_error=on_target_error,
    )
