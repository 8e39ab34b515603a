"""The disks of a case: what they hold, what is to be copied, where the error strikes."""

from __future__ import annotations

from dataclasses import replace

from fixtures.bench import Rehearsal
from fixtures.vocabulary.enums import Dialect, Discard, Format
from fixtures.vocabulary.faults import Fault, Layering, Place
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddImage, IoKind, Write
from suites.errors.axes import Amount, Depth, Phase, Position, Times
from suites.errors.case import ErrorCase

SEGMENT = 64 * KIB
CLUSTER = 8 * SEGMENT
SIZE = 70 * MIB + 512
TAIL = Write(SIZE - 512, 512, Positional(9))
_AMOUNTS = {
    Amount.SEGMENT: [(2 * MIB, SEGMENT)],
    Amount.SCATTERED: [(2 * MIB + at * 2 * SEGMENT, SEGMENT) for at in range(24)],
    Amount.BUFFER: [(2 * MIB, 20 * MIB)],
    Amount.LARGE: [(2 * MIB, 66 * MIB)],
}
BUFFERS = {Depth.SERIAL: SEGMENT, Depth.TWO: 2 * SEGMENT, Depth.SIXTEEN: 16 * SEGMENT, Depth.DEFAULT: None}


def build(bench: Rehearsal, case: ErrorCase) -> None:
    """Open source and target."""
    if case.place is Place.COW:
        _over_base(bench, case)
        return
    void = case.place is Place.DISCARD
    source = AddImage("source", SIZE, Format.RAW if void else Format.QCOW2)
    layering = Layering.VOID if void else Layering.LAYERED
    bench.do(replace(source, layering=layering, access=case.access, features=case.layout.features))
    bench.do(
        AddImage(
            "target",
            SIZE,
            case.target,
            cluster=4 * KIB if case.place.is_metadata else 0,
            discard=Discard.UNMAP if case.place in (Place.DISCARD, Place.BLANKING) else Discard.IGNORE,
            layering=Layering.PLAIN if case.place.is_metadata else Layering.LAYERED,
            access=case.access,
            features=case.layout.features if case.target is Format.QCOW2 else (),
        )
    )


def dialects_with_bitmap(case: ErrorCase) -> tuple[Dialect, ...]:
    """Return the dialects that take a bitmap: v2 wants whole clusters of a target with a backing file, too."""
    return (Dialect.V1, Dialect.V3) if case.place is Place.COW else (Dialect.V1, Dialect.V2, Dialect.V3)


def _over_base(bench: Rehearsal, case: ErrorCase) -> None:
    """Open both over a base with data; what is copied fills each cluster of the target only in part."""
    bench.do(AddImage("base", SIZE, layering=Layering.LAYERED))
    bench.do(AddImage("source", SIZE, backing="base"), AddImage("target", SIZE, cluster=CLUSTER, backing="base"))
    clusters = {one.offset // CLUSTER for one in [*writes(case), late_write(case)]}
    bench.do(*[Write(at * CLUSTER, CLUSTER, Fill(0x77), at="base") for at in sorted(clusters)])


def writes(case: ErrorCase) -> list[Write]:
    """Return the guest's writes of what is to be copied before the mirror is READY."""
    written = [_write(case, *span) for span in _AMOUNTS[case.amount]]
    if case.position is Position.TAIL and case.phase is Phase.COPYING:
        written.append(_write(case, TAIL.offset, TAIL.length))
    return written


def late_write(case: ErrorCase) -> Write:
    """Return the guest's write to a READY mirror: four segments, or the disk's last two."""
    if case.position is Position.TAIL:
        return _write(case, TAIL.offset - SEGMENT, TAIL.length + SEGMENT, late=True)
    return _write(case, 40 * MIB, 4 * SEGMENT, late=True)


def fault(case: ErrorCase) -> Fault:
    """Return the error of the case; its position is among what is copied in its phase."""
    once = case.times is Times.ONCE
    if case.position is Position.ANY:
        return Fault(case.place, case.errno, once)
    spans = [late_write(case)] if case.phase is Phase.READY else writes(case)
    segments = [at for span in spans for at in range(span.offset, span.offset + span.length, SEGMENT)]
    at = {Position.FIRST: 0, Position.MIDDLE: len(segments) // 2}.get(case.position, len(segments) - 1)
    return Fault(case.place, case.errno, once, segments[at])


def _write(case: ErrorCase, offset: int, length: int, late: bool = False) -> Write:
    kind = IoKind.ZEROES if case.place is Place.ZEROES else IoKind.WRITE
    pattern = Write(0, 0).pattern if kind is IoKind.ZEROES else Positional(2 if late else 1)
    return Write(offset, length, pattern, kind, at="filter" if late else "source", name="W2" if late else "W1")
