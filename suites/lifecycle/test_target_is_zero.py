"""A mirror that is told that its target reads as zeroes writes none: no request that could fail reaches it."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import Format, SyncMode
from fixtures.vocabulary.faults import Errno, Fault, Layering, OnError, Place
from fixtures.vocabulary.patterns import ZEROES, Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddImage, CancelJob, Heal, Inject, IoKind, StartMirror, Write

pytestmark = pytest.mark.needs("blockdev-mirror.target-is-zero")


@pytest.mark.parametrize("told", [True, False, None], ids=["told", "denied", "not-told"])
@pytest.mark.parametrize("sync", [SyncMode.FULL, SyncMode.TOP])
@pytest.mark.parametrize("target", [Format.QCOW2, Format.RAW])
def test_zeroes_of_the_source(bench: Bench, told: bool | None, sync: SyncMode, target: Format) -> None:
    """The target's old data lies where the source has data, so what the mirror is told is true of the rest (M-14).

    A failing request of zeroes strikes only where it is not told so.
    """
    bench.do(
        AddImage("source", 4 * MIB),
        AddImage("target", 4 * MIB, target, layering=Layering.LAYERED),
        Write(0, 256 * KIB, Fill(0x11), at="target"),
        Write(0, 256 * KIB, Positional(1)),
        Write(MIB, 256 * KIB, ZEROES, IoKind.ZEROES),
        Inject(Fault(Place.ZEROES, Errno.EIO)),
        StartMirror("job", "target", sync=sync, target_is_zero=told, on_target_error=OnError.REPORT),
    )
    bench.observe()
    assert ("job" in bench.state.known_jobs()) == bool(told)
    if told:
        bench.do(Heal(), CancelJob("job"))
    bench.finish("zeroes that are not written")


@pytest.mark.parametrize("told", [True, False], ids=["told", "denied"])
@pytest.mark.parametrize("target", [Format.QCOW2, Format.RAW, Format.FILE])
def test_a_new_target(bench: Bench, told: bool, target: Format) -> None:
    """The copy is complete, with the guest's writes and zeroes while the job is READY, whatever it was told (M-14)."""
    bench.do(AddImage("source", 4 * MIB), AddImage("target", 4 * MIB, target))
    bench.do(Write(MIB, 300 * KIB, Positional(1)), Write(2 * MIB, 100 * KIB, ZEROES, IoKind.ZEROES))
    bench.do(StartMirror("job", "target", target_is_zero=told))
    bench.do(
        Write(MIB + 64 * KIB, 64 * KIB, ZEROES, IoKind.ZEROES, at="filter"),
        Write(3 * MIB, 512, Positional(2), at="filter"),
    )
    bench.do(CancelJob("job"))
    bench.finish("a new target")
