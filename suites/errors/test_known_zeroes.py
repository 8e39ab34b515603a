"""Zeroes that a guest writes reach a target that reads as zeroes already, unless the mirror has looked at it."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import Format, SyncMode
from fixtures.vocabulary.faults import Errno, Fault, Place
from fixtures.vocabulary.patterns import ZEROES
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, Inject, IoKind, StartMirror, Write

LATE = Write(256 * KIB, 64 * KIB, ZEROES, IoKind.ZEROES, at="filter")


@pytest.mark.parametrize("sync", [SyncMode.NONE, SyncMode.FULL], ids=str)
def test_zeroes_to_a_blank_target(bench: Bench, sync: SyncMode) -> None:
    """A write-zeroes request that fails ends a mirror with sync=none on any QEMU; with sync=full it may not be sent
    (M-60)."""
    bench.do(AddImage("source", MIB, Format.RAW), AddImage("target", MIB, Format.RAW))
    bench.do(StartMirror("job", "target", sync=sync), Inject(Fault(Place.ZEROES, Errno.EIO)), LATE)
    bench.finish("zeroes to a target that reads as zeroes")


@pytest.mark.feature
def test_zeroes_with_a_bitmap(bench: Bench) -> None:
    """A mirror with a working bitmap does not look at its target first, so its zeroes are sent and fail (M-60)."""
    bench.do(AddImage("source", MIB, Format.RAW), AddImage("target", MIB, Format.RAW), AddBitmap("b0", 64 * KIB))
    bench.do(Write(0, 64 * KIB, ZEROES, IoKind.ZEROES), Inject(Fault(Place.ZEROES, Errno.EIO)))
    bench.do(StartMirror("job", "target", bitmap="b0"))
    bench.observe("b0")
    bench.finish("zeroes to a target that reads as zeroes")
