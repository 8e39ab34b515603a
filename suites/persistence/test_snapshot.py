"""A snapshot is taken over a disk with persistent bitmaps."""

from __future__ import annotations

from fixtures.bench import Bench
from fixtures.driver.qcow2.bitmaps import read_bitmaps
from fixtures.driver.qcow2.source import Memory
from fixtures.driver.qemu import observe
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, AddImage, Attempt, Write


def test_bitmaps_stay_below(bench: Bench) -> None:
    """They stay with the old node, are stored when it becomes read-only, and no later write reaches them (B-60)."""
    bench.do(AddImage("source", 4 * MIB))
    bench.do(AddImage("overlay", 4 * MIB))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True), Write(MIB, 100 * KIB, Positional(1)))
    bench.do(Attempt("blockdev-snapshot", {"node": "source", "overlay": "overlay"}))
    assert bench.machine.qemu.guest_io("overlay", "write -q 3M 64K") == ""
    (at, state), *others = observe.rest(bench.machine.qemu).bitmaps.items()
    assert (at, state.count, others) == (("source", "b0"), 128 * KIB, [])
    stored = read_bitmaps(Memory(bench.machine.files.path("source").read_bytes()))["b0"]
    assert (stored.in_use, stored.dirty) == (False, frozenset({16, 17}))
    bench.survive()
    assert read_bitmaps(Memory(bench.machine.files.path("source").read_bytes()))["b0"] == stored
    assert read_bitmaps(Memory(bench.machine.files.path("overlay").read_bytes())) == {}
