"""Conditions on the values of a case: what fits together, what would take too long, what no error could meet."""

from __future__ import annotations

from fixtures.vocabulary.enums import CopyMode, MirrorCommand, SyncMode
from fixtures.vocabulary.sizes import KIB, MIB
from suites.product.axes import (
    Amount,
    Buffer,
    DiskSize,
    Ending,
    Hindrance,
    JobMoment,
    SourceKind,
    TargetKind,
    WriteShape,
)
from suites.product.granularity import Granularity

CLUSTERS = {SourceKind.SMALL_CLUSTERS: 2 * KIB, SourceKind.LARGE_CLUSTERS: 2 * MIB}
"""The cluster sizes of sources, in bytes, where they are not QEMU's default."""
TARGETS = {
    MirrorCommand.DRIVE: [TargetKind.QCOW2],
    MirrorCommand.DRIVE_EXISTING: [
        TargetKind.QCOW2,
        TargetKind.LARGE_CLUSTERS,
        TargetKind.PREFILLED,
        TargetKind.RAW,
    ],
}
"""Which targets drive-mirror can have: it opens them itself, with no options of ours and no backing file."""
FAULTY_TARGETS = (TargetKind.QCOW2, TargetKind.PREFILLED, TargetKind.RAW)
"""Targets below whose node there can be a faulty one."""


def segment(granularity: Granularity, source: SourceKind) -> int:
    """Return the bytes of a segment of a bitmap of the source; a granularity that is refused leaves the default."""
    default = min(max(CLUSTERS.get(source, 64 * KIB), 4 * KIB), 64 * KIB)
    return (granularity.bytes if granularity.is_good else None) or default


def does_not_fit(
    *,
    used: bool,
    sync: SyncMode,
    hindrance: Hindrance,
    command: MirrorCommand,
    target: TargetKind,
    granularity: Granularity,
    source: SourceKind,
) -> bool:
    """Return whether segments and the target's clusters do not go together, or do where they must not."""
    if not used or sync is not SyncMode.FULL:
        return False
    size = segment(granularity, source)
    small = size < 2 * MIB
    if hindrance is Hindrance.CLUSTERS:
        return not (
            (target is TargetKind.LARGE_CLUSTERS and small) or (command is MirrorCommand.DRIVE and size < 64 * KIB)
        )
    if command is MirrorCommand.DRIVE and size < 64 * KIB:
        return True
    return small if target is TargetKind.LARGE_CLUSTERS else target is TargetKind.BACKED_LARGE and not small


def copies_too_much(
    *, size: DiskSize, used: bool, sync: SyncMode, granularity: Granularity, source: SourceKind, target: TargetKind
) -> bool:
    """Return whether QEMU would copy a whole large disk of zeroes byte by byte.

    It asks for 512 clusters of the source at once; a segment or a cluster of the target that is larger is read and
    written. Images may lie in memory, where the holes of a raw file are filled.
    """
    if size is not DiskSize.LARGE or used or sync is SyncMode.NONE:
        return False
    step = (granularity.bytes or 0) if granularity.is_good else 0
    step = max(step, 2 * MIB if target is TargetKind.LARGE_CLUSTERS else 0)
    return step > 512 * CLUSTERS.get(source, 64 * KIB) or target in (TargetKind.RAW, TargetKind.FILE)


def corrupts(
    command: MirrorCommand, sync: SyncMode, copy_mode: CopyMode, granularity: Granularity, late: WriteShape
) -> bool:
    """Return whether drive-mirror would corrupt its target, a bug that suites/lifecycle pins (docs/findings.md).

    The late write is one of a part of a cluster that the target lacks and the source holds: with the largest segments
    alone it meets the first one.
    """
    return (
        command is MirrorCommand.DRIVE
        and sync is SyncMode.NONE
        and copy_mode is CopyMode.WRITE_BLOCKING
        and granularity is Granularity.M64
        and late in (WriteShape.ONE_BYTE, WriteShape.STRADDLING)
    )


def meets_no_error(ending: Ending, moment: JobMoment, copy_mode: CopyMode, amount: Amount, late: WriteShape) -> bool:
    """Return whether no request of the job would meet the error.

    It strikes what is copied first; at RUNNING and READY what a guest writes then, or the last flush, as all else may
    be copied already. In write-blocking mode it is the guest's own request that copies that.
    """
    if not ending.is_error:
        return False
    if moment not in (JobMoment.READY, JobMoment.RUNNING):
        return moment is JobMoment.PENDING or amount is Amount.NONE
    if late is WriteShape.DISCARD:
        return True
    if ending is Ending.FLUSH_ERROR and moment is JobMoment.READY:
        return False
    return copy_mode is not CopyMode.BACKGROUND or late is WriteShape.ZEROES


def is_small(granularity: Granularity) -> bool:
    """Return whether a mirror's segments are smaller than the largest clusters of a target."""
    return not (granularity.is_good and (granularity.bytes or 0) >= 2 * MIB)


def hinders(hindrance: Hindrance) -> bool:
    """Return whether it keeps a mirror from using its bitmap."""
    return hindrance is not Hindrance.NONE


def is_too_much(amount: Amount, granularity: Granularity, buffer: Buffer, size: DiskSize) -> bool:
    """Return whether there is no room for so much, or writing it takes seconds."""
    bytes_each = granularity.bytes or 0
    if amount is Amount.MORE:
        return granularity in (Granularity.M32, Granularity.M64)
    slow = buffer is Buffer.SERIAL and granularity.is_good and 0 < bytes_each < 64 * KIB
    return amount is Amount.ALL and (slow or size is DiskSize.LARGE)
