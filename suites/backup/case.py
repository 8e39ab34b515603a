"""The cases of a backup: sync mode x bitmap mode x ending x granularity, with every pair of values of further axes."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Any

from fixtures.vocabulary.enums import BackupCommand, BitmapMode, Format, SyncMode
from fixtures.vocabulary.sizes import KIB, MIB
from suites.parameters.covering import Combination, Pair, Row, complete, possible_pairs, subset, wanted


class Use(StrEnum):
    """How the bitmap is used: not at all, with a mode, or with none, which incremental does without."""

    UNUSED = "unused"
    NEVER = "never"
    ON_SUCCESS = "on-success"
    ALWAYS = "always"
    IMPLIED = "implied"

    @property
    def mode(self) -> BitmapMode | None:
        """Return the argument bitmap-mode."""
        return None if self in (Use.UNUSED, Use.IMPLIED) else BitmapMode(self)


class Ending(StrEnum):
    """How the job ends; the first cluster is copied by then, and the guest has written."""

    SUCCESS = "success"
    FINALIZED = "finalized"
    SIMULATED = "simulated"  # cancelled in PENDING, when all is copied
    READ_ERROR = "read-error"
    WRITE_ERROR = "write-error"
    CANCELLED = "cancelled"

    @property
    def is_error(self) -> bool:
        """Return whether a request fails."""
        return self in (Ending.READ_ERROR, Ending.WRITE_ERROR)


class Target(StrEnum):
    """What the target is; two of them have larger clusters than the source, one smaller ones."""

    QCOW2 = "qcow2"
    SMALL_CLUSTERS = "clusters-4K"
    LARGE_CLUSTERS = "clusters-256K"
    HUGE_CLUSTERS = "clusters-2M"
    BACKED = "backed"
    RAW = "raw"
    FILE = "file"

    @property
    def image_format(self) -> Format:
        """Return its format."""
        return {Target.RAW: Format.RAW, Target.FILE: Format.FILE}.get(self, Format.QCOW2)

    @property
    def cluster(self) -> int:
        """Return the cluster size in bytes that it is created with; 0 is the default."""
        sizes = {Target.SMALL_CLUSTERS: 4 * KIB, Target.LARGE_CLUSTERS: 256 * KIB, Target.HUGE_CLUSTERS: 2 * MIB}
        return sizes.get(self, 0)


@dataclass(frozen=True)
class BackupCase(Combination):
    """A backup: what it copies, how it ends, its bitmap's granularity; where to, by which command, the disk's size."""

    sync: SyncMode
    use: Use
    ending: Ending
    granularity: int
    target: Target
    command: BackupCommand
    size: int

    @property
    def behaviour(self) -> str:
        """Return the axes that a reader sees the effect of: all cases of one value read the same."""
        return f"{self.sync}-{self.use}-{self.ending}"

    @property
    def id(self) -> str:
        """Return the values that identify a case."""
        return f"{self.behaviour}-{self.granularity}"


SIZES = (7 * MIB, 7 * MIB - 3 * 512)
FULL: Mapping[str, Sequence[object]] = {
    "sync": list(SyncMode),
    "use": list(Use),
    "ending": list(Ending),
    "granularity": [512, 4 * KIB, 64 * KIB, 128 * KIB, MIB],
}
FURTHER: Mapping[str, Sequence[object]] = {
    "target": list(Target),
    "command": list(BackupCommand),
    "size": list(SIZES),
}


def is_valid(row: Row) -> bool:
    """Return whether a combination, complete or not, is accepted and makes sense."""
    sync, use, ending = row.get("sync"), row.get("use"), row.get("ending")
    uses = {
        SyncMode.FULL: (Use.UNUSED, Use.ON_SUCCESS, Use.ALWAYS),
        SyncMode.TOP: (Use.UNUSED, Use.ON_SUCCESS, Use.ALWAYS),
        SyncMode.NONE: (Use.UNUSED,),
        SyncMode.INCREMENTAL: (Use.ON_SUCCESS, Use.IMPLIED),
        SyncMode.BITMAP: (Use.NEVER, Use.ON_SUCCESS, Use.ALWAYS),
    }
    target, command = row.get("target"), row.get("command")
    opened = command in (BackupCommand.DRIVE, BackupCommand.DRIVE_EXISTING)
    return not any(
        (
            isinstance(sync, SyncMode) and use is not None and use not in uses[sync],
            sync is SyncMode.NONE and ending not in (Ending.CANCELLED, None),
            command is BackupCommand.DRIVE and target not in (Target.QCOW2, None),
            opened and target in (Target.BACKED, Target.FILE),
            opened and sync is SyncMode.NONE and target is Target.RAW,  # which cannot have the source below it
            ending is Ending.WRITE_ERROR and (opened or target in (Target.BACKED, Target.FILE)),
        )
    )


def valid_pairs() -> set[Pair]:
    """Return all pairs of values of two axes that a valid combination can hold."""
    return possible_pairs({**FULL, **FURTHER}, is_valid)


@functools.cache
def backup_cases() -> tuple[BackupCase, ...]:
    """Return the cases of every run, in a fixed order."""
    rows: list[Row] = [dict(zip(FULL, values, strict=True)) for values in product(*FULL.values())]
    completed: list[dict[str, Any]] = complete(list(filter(is_valid, rows)), FURTHER, is_valid, valid_pairs())
    return tuple(BackupCase(**row) for row in completed)


@functools.cache
def quick_cases() -> tuple[BackupCase, ...]:
    """Return a subset of them that shows each value, and sync mode, bitmap sync mode and ending in pairs."""
    return subset(backup_cases(), quick_pairs())


def quick_pairs() -> set[Pair]:
    """Return the pairs of values that occur in the quick subset."""
    return wanted(valid_pairs(), _is_quick)


def _is_quick(one: str, other: str) -> bool:
    return one == "ending" or other == "ending" or {one, other} == {"sync", "use"}
