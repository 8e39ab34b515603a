"""The axes of the product beside those that QMP names: granularities, operations and moments, disks, endings."""

from __future__ import annotations

from enum import StrEnum

from fixtures.vocabulary.sizes import GIB, KIB, MIB


class Granularity(StrEnum):
    """Bytes of a segment: every one that a mirror takes, the default, and what must be refused."""

    DEFAULT = "default"
    B512 = "512"
    K1 = "1K"
    K2 = "2K"
    K4 = "4K"
    K8 = "8K"
    K16 = "16K"
    K32 = "32K"
    K64 = "64K"
    K128 = "128K"
    K256 = "256K"
    K512 = "512K"
    M1 = "1M"
    M2 = "2M"
    M4 = "4M"
    M8 = "8M"
    M16 = "16M"
    M32 = "32M"
    M64 = "64M"
    ZERO = "zero"
    BAD_256 = "256"
    BAD_513 = "513"
    BAD_768 = "768"
    BAD_1000 = "1000"
    BAD_128M = "128M"
    BAD_2G = "2G"
    NEGATIVE = "negative"

    @property
    def bytes(self) -> int | None:
        """Return the argument in bytes; None where it is not given."""
        match self:
            case Granularity.DEFAULT:
                return None
            case Granularity.ZERO:
                return 0
            case Granularity.NEGATIVE:
                return -1
        units = {"K": KIB, "M": MIB, "G": GIB}
        return int(self[:-1]) * units[self[-1]] if self[-1] in units else int(self)

    @property
    def is_good(self) -> bool:
        """Return whether both a bitmap and a mirror take it."""
        return self not in _BAD_GRANULARITIES


_BAD_GRANULARITIES = frozenset(
    {
        Granularity.ZERO,
        Granularity.BAD_256,
        Granularity.BAD_513,
        Granularity.BAD_768,
        Granularity.BAD_1000,
        Granularity.BAD_128M,
        Granularity.BAD_2G,
        Granularity.NEGATIVE,
    }
)


class BitmapOperation(StrEnum):
    """What is done to the bitmap ``b0`` at some moment of a mirror's life."""

    NONE = "none"
    ADD = "add"
    ADD_DISABLED = "add-disabled"
    ADD_PERSISTENT = "add-persistent"
    CLEAR = "clear"
    ENABLE = "enable"
    DISABLE = "disable"
    REMOVE = "remove"
    MERGE_INTO = "merge-into"
    MERGE_FROM = "merge-from"
    USE = "use"  # nothing but that the job works with it
    TWO = "two"  # a second bitmap is added beside it
    SECOND_JOB = "second-job"  # it is offered to another mirror of the same source


class JobMoment(StrEnum):
    """When the operation is done."""

    BEFORE = "before"
    RUNNING = "running"
    READY = "ready"
    PENDING = "pending"
    AFTER = "after"


class WriteShape(StrEnum):
    """Where a guest's write lies among the segments."""

    ALIGNED = "aligned"
    INSIDE = "inside"
    STRADDLING = "straddling"
    ONE_BYTE = "one-byte"
    ZEROES = "zeroes"
    DISCARD = "discard"
    TAIL = "tail"


class DiskSize(StrEnum):
    """The size of source and target."""

    EVEN = "64M"
    ODD = "64M-odd"
    LARGE = "5G"


class SourceKind(StrEnum):
    """The source: qcow2 with these clusters, over a backing file or not."""

    PLAIN = "plain"
    SMALL_CLUSTERS = "clusters-4K"
    LARGE_CLUSTERS = "clusters-2M"
    BACKED = "backed"


class TargetKind(StrEnum):
    """The target of the mirror."""

    QCOW2 = "qcow2"
    BACKED = "backed"
    LARGE_CLUSTERS = "clusters-2M"
    PREFILLED = "prefilled"
    RAW = "raw"
    FILE = "file"  # a protocol node alone
    UNMAP = "unmap"  # qcow2 with discard=unmap
    DETECT_ZEROES = "detect-zeroes"  # and detect-zeroes=unmap


class Ending(StrEnum):
    """How the mirror ends."""

    COMPLETE = "complete"
    GRACEFUL = "graceful-cancel"
    FORCE = "force-cancel"
    QUIT = "quit"
