"""The disk of a case: its images, and where its writes lie."""

from __future__ import annotations

from fixtures.axes import GIB, KIB, MIB, DiskSize, Format, Shape, SourceKind, TargetKind
from fixtures.bench import Bench
from fixtures.case import Case
from fixtures.dry import DryBench
from fixtures.patterns import Fill, Positional
from fixtures.steps import IoKind, Write

SIZES = {DiskSize.EVEN: 64 * MIB, DiskSize.ODD: 64 * MIB + 512, DiskSize.LARGE: 5 * GIB}
CLUSTERS = {SourceKind.SMALL_CLUSTERS: 4 * KIB, SourceKind.LARGE_CLUSTERS: 2 * MIB}


def build(bench: Bench | DryBench, case: Case) -> None:
    """Open source and target, with what they hold before anything else happens."""
    size = SIZES[case.size]
    if case.source is SourceKind.BACKED:
        bench.add_image("base", size)
        bench.tell(Write(MIB, 128 * KIB, Positional(1), at="base", name="old data"))
    bench.add_image(
        "source",
        size,
        cluster=CLUSTERS.get(case.source, 0),
        backing="base" if case.source is SourceKind.BACKED else None,
    )
    _build_target(bench, case.target, size)


def _build_target(bench: Bench | DryBench, kind: TargetKind, size: int) -> None:
    match kind:
        case TargetKind.RAW:
            bench.add_image("target", size, image_format=Format.RAW)
        case TargetKind.LARGE_CLUSTERS:
            bench.add_image("target", size, cluster=2 * MIB)
        case TargetKind.BACKED:
            bench.add_image("below", size)
            bench.tell(Write(30 * MIB, 64 * KIB, Positional(2), at="below", name="old data"))
            bench.add_image("target", size, backing="below")
        case _:
            bench.add_image("target", size)
    if kind is TargetKind.PREFILLED:
        bench.tell(*(Write(at, 256 * KIB, Fill(0xFF), at="target", name="old data") for at in (0, 20 * MIB, 40 * MIB)))


def write(shape: Shape, near: int, granularity: int, size: int, *, name: str, at: str) -> Write:
    """Return a write of some shape around the offset ``near`` of a disk of ``size`` bytes with such segments."""
    segment = near - near % granularity
    pattern = Positional(len(name) + near // MIB)
    match shape:
        case Shape.ALIGNED:
            return Write(segment, min(granularity, 256 * KIB), pattern, at=at, name=name)
        case Shape.INSIDE:
            return Write(segment + granularity // 4, min(granularity // 4, 8 * KIB), pattern, at=at, name=name)
        case Shape.STRADDLING:
            start = max(segment - 100, 0)
            return Write(start, 300, pattern, at=at, name=name)
        case Shape.ONE_BYTE:
            return Write(segment + 1, 1, pattern, at=at, name=name)
        case Shape.ZEROES:
            return Write(segment, min(granularity, 64 * KIB), kind=IoKind.ZEROES, at=at, name=name)
    return Write(size - 77, 77, pattern, at=at, name=name)
