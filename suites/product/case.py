"""One combination of all axes, its id, and all combinations that are run.

The first five axes are run in full: every combination of them is a case. The others complete each case so that every
valid pair of values of any two axes occurs (suites/parameters/covering.py).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from fixtures.vocabulary.enums import CopyMode, Discard, MirrorCommand, SyncMode
from fixtures.vocabulary.sizes import KIB, MIB
from suites.parameters.covering import Combination, Pair, Row, complete, possible_pairs, subset
from suites.product.axes import (
    BitmapOperation,
    DiskSize,
    Ending,
    Granularity,
    JobMoment,
    SourceKind,
    TargetKind,
    WriteShape,
)

_BITMAP_COMES_LATER = (
    BitmapOperation.NONE,
    BitmapOperation.ADD,
    BitmapOperation.ADD_DISABLED,
    BitmapOperation.ADD_PERSISTENT,
)
_SMALL_SEGMENTS = frozenset(
    {
        Granularity.B512,
        Granularity.K1,
        Granularity.K2,
        Granularity.K4,
        Granularity.K8,
        Granularity.K16,
        Granularity.K32,
    }
)


@dataclass(frozen=True)
class ProductCase(Combination):
    """A mirror of a disk, a bitmap, and what is done to it when.

    ``used``: the job works with the bitmap. ``discard``: what the source does with discards. ``written``: the write
    that dirties the bitmap; ``late``: the one during the job.
    """

    sync: SyncMode
    copy_mode: CopyMode
    granularity: Granularity
    operation: BitmapOperation
    moment: JobMoment
    used: bool
    ending: Ending
    command: MirrorCommand
    target: TargetKind
    source: SourceKind
    discard: Discard
    size: DiskSize
    written: WriteShape
    late: WriteShape

    @property
    def id(self) -> str:
        """Return the five axes that identify a case."""
        return "-".join((self.sync, self.copy_mode, self.granularity, self.operation, self.moment))


FULL: Mapping[str, Sequence[object]] = {
    "sync": list(SyncMode),
    "copy_mode": list(CopyMode),
    "granularity": list(Granularity),
    "operation": list(BitmapOperation),
    "moment": list(JobMoment),
}
FURTHER: Mapping[str, Sequence[object]] = {
    "used": [True, False],
    "ending": list(Ending),
    "command": list(MirrorCommand),
    "target": list(TargetKind),
    "source": list(SourceKind),
    "discard": list(Discard),
    "size": list(DiskSize),
    "written": list(WriteShape),
    "late": list(WriteShape),
}


IMAGE_AXES = ("sync", "copy_mode", "ending", "command", "target", "source", "discard", "size", "written", "late")
"""Those that shape what the images hold at the end."""

_TARGETS: Mapping[object, Sequence[TargetKind]] = {
    MirrorCommand.DRIVE: [TargetKind.QCOW2],
    MirrorCommand.DRIVE_EXISTING: [
        TargetKind.QCOW2,
        TargetKind.LARGE_CLUSTERS,
        TargetKind.PREFILLED,
        TargetKind.RAW,
    ],
}
"""Which targets drive-mirror can have: it opens them itself, with no options of ours and no backing file."""


def is_valid(row: Row) -> bool:
    """Return whether a combination, complete or not, makes sense.

    A QEMU that quit does nothing after the end. A bitmap that is not there yet is not used; one that is said to be
    used is. Ten million segments take the time of a hundred cases and show nothing that a hundred thousand do not.
    """
    operation, used = row.get("operation"), row.get("used")
    targets = _TARGETS.get(row.get("command"))
    return not (
        (targets and row.get("target", targets[0]) not in targets)
        or (row.get("ending") is Ending.QUIT and row.get("moment") is JobMoment.AFTER)
        or (used is True and operation in _BITMAP_COMES_LATER)
        or (used is False and operation is BitmapOperation.USE)
        or (row.get("size") is DiskSize.LARGE and row.get("granularity") in _SMALL_SEGMENTS)
        or (row.get("size") is DiskSize.LARGE and (_copies_zeroes(row) or _fills_memory(row)))
        or _corrupts(row)
    )


def _copies_zeroes(row: Row) -> bool:
    """Return whether QEMU would copy a whole empty disk: it asks for 512 clusters of the source at once,
    and a segment that is larger is read and written byte by byte, five gigabytes of zeroes in all."""
    clusters = {SourceKind.SMALL_CLUSTERS: 4 * KIB, SourceKind.LARGE_CLUSTERS: 2 * MIB}
    granularity = Granularity(str(row.get("granularity", Granularity.K64)))
    return (
        "source" in row
        and granularity.is_good
        and (granularity.bytes or 0) > 512 * clusters.get(SourceKind(str(row["source"])), 64 * KIB)
    )


def _fills_memory(row: Row) -> bool:
    """Return whether QEMU would write a whole raw file: images may lie in memory, where holes are filled by that."""
    return row.get("target") in (TargetKind.RAW, TargetKind.FILE) and row.get("sync") in (SyncMode.FULL, SyncMode.TOP)


def _corrupts(row: Row) -> bool:
    """Return whether drive-mirror would corrupt its target, a bug that suites/lifecycle pins (docs/findings.md).

    The late write is one of a part of a cluster that the target lacks and the source holds: with the largest segments
    alone it meets the first one.
    """
    return (
        row.get("command") is MirrorCommand.DRIVE
        and row.get("sync") is SyncMode.NONE
        and row.get("copy_mode") is CopyMode.WRITE_BLOCKING
        and row.get("granularity") is Granularity.M64
        and row.get("late") in (WriteShape.ONE_BYTE, WriteShape.STRADDLING)
    )


def valid_pairs() -> set[Pair]:
    """Return all pairs of values of two axes that a valid combination can hold."""
    return possible_pairs({**FULL, **FURTHER}, is_valid)


@functools.cache
def quick_cases() -> tuple[ProductCase, ...]:
    """Return a subset in which all valid pairs of values occur: each case brings a pair that none before it has."""
    return subset(all_cases(), valid_pairs())


@functools.cache
def image_cases() -> tuple[ProductCase, ...]:
    """Return a subset of those in which all valid pairs of what shapes images occur."""
    pairs = {pair for pair in valid_pairs() if all(axis in IMAGE_AXES for axis, _ in pair)}
    return subset(quick_cases(), pairs)


@functools.cache
def all_cases() -> tuple[ProductCase, ...]:
    """Return every case, in a fixed order."""
    rows: list[Row] = [dict(zip(FULL, values, strict=True)) for values in product(*FULL.values())]
    completed: list[dict[str, Any]] = complete(rows, FURTHER, is_valid, valid_pairs())
    return tuple(ProductCase(**row) for row in completed)
