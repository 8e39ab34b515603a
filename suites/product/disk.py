"""The disk of a case: its images, and where its writes lie."""

from __future__ import annotations

from dataclasses import replace

from fixtures.bench import Rehearsal
from fixtures.vocabulary.enums import Access, DetectZeroes, Discard, Format, MirrorCommand, SyncMode
from fixtures.vocabulary.faults import Fault, Layering, Place
from fixtures.vocabulary.patterns import ZEROES, Fill, Positional
from fixtures.vocabulary.sizes import GIB, KIB, MIB
from fixtures.vocabulary.steps import AddImage, CloseImage, ExpectImage, IoKind, Write
from suites.parameters.layouts import Layout
from suites.product.axes import Amount, Buffer, DiskSize, Ending, Hindrance, Opening, SourceKind, TargetKind, WriteShape
from suites.product.case import ProductCase
from suites.product.conditions import CLUSTERS

_SECTOR = 512
SIZES = {DiskSize.EVEN: 64 * MIB, DiskSize.ODD: 64 * MIB + _SECTOR, DiskSize.LARGE: 5 * GIB}
MOST = 256 * KIB
"""Bytes of a write that is as long as a segment, at most."""
_BUFFER = 16 * MIB
"""QEMU's own for a mirror."""


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
            layering=_layering(case.ending is Ending.READ_ERROR, case.opening is Opening.THROTTLED_SOURCE),
            access=case.opening.access,
            features=case.layout.features,
        )
    )
    if case.command is MirrorCommand.DRIVE:
        bench.do(ExpectImage("target", size))
    else:
        _build_target(bench, case)
    if case.command is MirrorCommand.DRIVE_EXISTING:
        bench.do(CloseImage("target"))


def format_of(target: TargetKind) -> Format:
    """Return the format of a target's image."""
    return {TargetKind.RAW: Format.RAW, TargetKind.FILE: Format.FILE}.get(target, Format.QCOW2)


def _build_target(bench: Rehearsal, case: ProductCase) -> None:
    kind, size = case.target, SIZES[case.size]
    plain = AddImage(
        "target",
        size,
        cluster=_cluster(case),
        layering=_layering(case.ending.is_error_of_target, case.opening is Opening.THROTTLED_TARGET),
        access=Access.DEFAULT if case.opening is Opening.FD_SET else case.opening.access,
        features=case.target_layout.features,
    )
    match kind:
        case TargetKind.RAW | TargetKind.FILE:
            bench.do(replace(plain, image_format=format_of(kind), cluster=0))
        case TargetKind.UNMAP | TargetKind.DETECT_ZEROES:
            detect = DetectZeroes.UNMAP if kind is TargetKind.DETECT_ZEROES else DetectZeroes.OFF
            bench.do(replace(plain, discard=Discard.UNMAP, detect_zeroes=detect))
        case TargetKind.BACKED | TargetKind.BACKED_LARGE:
            bench.do(AddImage("below", size))
            bench.do(Write(30 * MIB, 64 * KIB, Positional(2), at="below", name="old data"))
            bench.do(replace(plain, backing="below"))
        case _:
            bench.do(plain)
    if kind is TargetKind.PREFILLED:
        bench.do(*(Write(at, 256 * KIB, Fill(0xFF), at="target", name="old data") for at in (0, 20 * MIB, 40 * MIB)))


def _cluster(case: ProductCase) -> int:
    """Return the cluster size of a target in bytes: no larger than a segment that is to be mirrored alone."""
    if case.target in (TargetKind.LARGE_CLUSTERS, TargetKind.BACKED_LARGE):
        return 2 * MIB
    fits = case.used and case.sync is SyncMode.FULL and case.hindrance is not Hindrance.CLUSTERS
    return case.segment if fits and case.segment < 64 * KIB else 0


def _layering(is_faulty: bool, is_throttled: bool) -> Layering:
    """Return how a node is built: with a raw node on top if its requests are to fail."""
    if is_throttled:
        return Layering.THROTTLED
    return Layering.LAYERED if is_faulty else Layering.PLAIN


def has_raw_end(case: ProductCase) -> bool:
    """Return whether a raw data file ends within a cluster of its image."""
    return case.size is DiskSize.ODD and Layout.RAW_DATA_FILE in (case.layout, case.target_layout)


def writes_raw_end(case: ProductCase) -> bool:
    """Return whether such an end is surely written to: what the mirror copies may leave out a segment of one sector."""
    return has_raw_end(case) and (case.layout is Layout.RAW_DATA_FILE or case.segment > _SECTOR)


def buffer_size(case: ProductCase) -> int | None:
    """Return the buf-size of a case in bytes, None for QEMU's own."""
    return {Buffer.SMALL: MIB, Buffer.SERIAL: case.segment}.get(case.buffer)


def cached(case: ProductCase, write: Write) -> Write:
    """Return a guest's write as a guest does it that has a write cache, or has none."""
    return replace(write, fua=case.opening is Opening.DIRECT_SYNC and write.kind is not IoKind.DISCARD)


def dirtying(case: ProductCase) -> list[Write]:
    """Return what a guest writes before the mirror starts."""
    size, at_once = SIZES[case.size], case.segment
    own = write(case.written, 20 * MIB, at_once, size, name="W1", at="source")
    one_byte = write(WriteShape.ONE_BYTE, 10 * MIB, at_once, size, name="W1", at="source")
    if case.amount is Amount.NONE:
        return []
    if case.amount is Amount.ONE:
        return [one_byte]
    if case.amount is Amount.SOME:
        return [one_byte, own]
    if case.amount is Amount.ALL:
        return [Write(0, size, ZEROES, IoKind.ZEROES, name="W1"), one_byte, own]
    length = max(buffer_size(case) or _BUFFER, at_once) + 256 * KIB
    return [Write(24 * MIB, length, Positional(24), name="W1"), one_byte, own]


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
            start, length = segment, min(granularity, MOST)
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


def fault(case: ProductCase) -> Fault:
    """Return the error that ends the job: the first request of its kind fails."""
    return Fault(_PLACES[case.ending])


_PLACES = {Ending.READ_ERROR: Place.READ, Ending.WRITE_ERROR: Place.WRITE, Ending.FLUSH_ERROR: Place.FLUSH}
