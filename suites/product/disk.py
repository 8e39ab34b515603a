"""The disk of a case: its images, and where its writes lie."""

from __future__ import annotations

from fixtures.bench import Rehearsal
from fixtures.vocabulary.enums import DetectZeroes, Discard, Format, MirrorCommand
from fixtures.vocabulary.patterns import ZEROES, Fill, Positional
from fixtures.vocabulary.sizes import GIB, KIB, MIB
from fixtures.vocabulary.steps import AddImage, CloseImage, ExpectImage, IoKind, Write
from suites.product.axes import DiskSize, SourceKind, TargetKind, WriteShape
from suites.product.case import ProductCase

SIZES = {DiskSize.EVEN: 64 * MIB, DiskSize.ODD: 64 * MIB + 512, DiskSize.LARGE: 5 * GIB}
CLUSTERS = {SourceKind.SMALL_CLUSTERS: 4 * KIB, SourceKind.LARGE_CLUSTERS: 2 * MIB}


def build(bench: Rehearsal, case: ProductCase) -> None:
    """Open source and target, with what they hold before anything else happens."""
    size = SIZES[case.size]
    if case.source is SourceKind.BACKED:
        bench.do(AddImage("base", size))
        bench.do(Write(MIB, 128 * KIB, Positional(1), at="base", name="old data"))
    bench.do(
        AddImage(
            "source",
            size,
            cluster=CLUSTERS.get(case.source, 0),
            backing="base" if case.source is SourceKind.BACKED else None,
            discard=case.discard,
        )
    )
    if case.command is MirrorCommand.DRIVE:
        bench.do(ExpectImage("target", size))
    else:
        _build_target(bench, case.target, size)
    if case.command is MirrorCommand.DRIVE_EXISTING:
        bench.do(CloseImage("target"))


def format_of(target: TargetKind) -> Format:
    """Return the format of a target's image."""
    return {TargetKind.RAW: Format.RAW, TargetKind.FILE: Format.FILE}.get(target, Format.QCOW2)


def _build_target(bench: Rehearsal, kind: TargetKind, size: int) -> None:
    match kind:
        case TargetKind.RAW | TargetKind.FILE:
            bench.do(AddImage("target", size, image_format=format_of(kind)))
        case TargetKind.UNMAP | TargetKind.DETECT_ZEROES:
            detect = DetectZeroes.UNMAP if kind is TargetKind.DETECT_ZEROES else DetectZeroes.OFF
            bench.do(AddImage("target", size, discard=Discard.UNMAP, detect_zeroes=detect))
        case TargetKind.LARGE_CLUSTERS:
            bench.do(AddImage("target", size, cluster=2 * MIB))
        case TargetKind.BACKED:
            bench.do(AddImage("below", size))
            bench.do(Write(30 * MIB, 64 * KIB, Positional(2), at="below", name="old data"))
            bench.do(AddImage("target", size, backing="below"))
        case _:
            bench.do(AddImage("target", size))
    if kind is TargetKind.PREFILLED:
        bench.do(*(Write(at, 256 * KIB, Fill(0xFF), at="target", name="old data") for at in (0, 20 * MIB, 40 * MIB)))


def before(shape: WriteShape, near: int, granularity: int) -> list[Write]:
    """Return what must be there for a write of some shape to mean something: data to discard, some of it at once."""
    if shape is not WriteShape.DISCARD:
        return []
    segment = near - near % granularity
    data = Write(segment, 512 * KIB, Positional(near // MIB), name="first")
    return [data, Write(segment + 384 * KIB, 100 * KIB, kind=IoKind.DISCARD, name="first")]


def write(shape: WriteShape, near: int, granularity: int, size: int, *, name: str, at: str) -> Write:
    """Return a write of some shape around the offset ``near`` of a disk of ``size`` bytes with such segments."""
    segment = near - near % granularity
    kind = _KINDS.get(shape, IoKind.WRITE)
    match shape:
        case WriteShape.ALIGNED:
            start, length = segment, min(granularity, 256 * KIB)
        case WriteShape.INSIDE:
            start, length = segment + granularity // 4, min(granularity // 4, 8 * KIB)
        case WriteShape.STRADDLING:
            start, length = max(segment - 100, 0), 300
        case WriteShape.ONE_BYTE:
            start, length = segment + 1, 1
        case WriteShape.ZEROES:
            start, length = segment, min(granularity, 64 * KIB)
        case WriteShape.DISCARD:
            start, length = segment + 1000, 300 * KIB
        case _:
            start, length = size - 77, 77
    pattern = Positional(len(name) + near // MIB) if kind is IoKind.WRITE else ZEROES
    return Write(start, length, pattern, kind, at, name)


_KINDS = {WriteShape.ZEROES: IoKind.ZEROES, WriteShape.DISCARD: IoKind.DISCARD}
