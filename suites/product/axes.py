"""The axes of the product beside those that QMP names: operations and moments, disks, endings, what is dirty."""

from __future__ import annotations

from enum import StrEnum

from fixtures.vocabulary.enums import Access, BitmapMode
from fixtures.vocabulary.requests import Stage
from suites.parameters.layouts import NEEDS


class BitmapOperation(StrEnum):
    """What is done to the bitmap ``b0``, or to others of its node, at some moment of a mirror's life.

    ``b0`` is the one that the job is given, if any; ``b1`` is another one, disabled, and ``b2`` comes anew.
    """

    NONE = "none"
    ADD = "add"  # one of the same name
    REMOVE = "remove"
    CLEAR = "clear"
    ENABLE = "enable"
    DISABLE = "disable"
    MERGE_INTO = "merge-into"
    MERGE_FROM = "merge-from"
    ADD_OTHER = "add-other"
    REMOVE_OTHER = "remove-other"
    CHANGE_OTHER = "change-other"
    SECOND_JOB = "second-job"  # b0 is offered to another mirror of the same source


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


class Mode(StrEnum):
    """bitmap-mode of dialect v1: what a mirror takes out of its bitmap in the end."""

    NEVER = "never"
    ON_SUCCESS = "on-success"
    ALWAYS = "always"
    ABSENT = "no-mode"  # not given

    @property
    def given(self) -> BitmapMode | None:
        """Return the argument."""
        return None if self is Mode.ABSENT else BitmapMode(self)


class DiskSize(StrEnum):
    """The size of source and target."""

    EVEN = "64M"
    ODD = "64M-odd"
    LARGE = "5G"


class SourceKind(StrEnum):
    """The source: qcow2 with these clusters, over a backing file or not."""

    PLAIN = "plain"
    SMALL_CLUSTERS = "clusters-2K"  # smaller than the default granularity ever is
    LARGE_CLUSTERS = "clusters-2M"
    BACKED = "backed"


class Opening(StrEnum):
    """How source and target are opened: caches, AIO, what is over them. drive-mirror opens its target itself."""

    WRITEBACK = "writeback"
    DIRECT = "none"
    DIRECT_SYNC = "directsync"  # and the guest has no write cache: its writes have FUA
    NATIVE = "native"
    IO_URING = "io_uring"
    FD_SET = "fd-set"  # of the source
    THROTTLED_SOURCE = "throttled-source"
    THROTTLED_TARGET = "throttled-target"

    @property
    def access(self) -> Access:
        """Return how the file of the source is opened."""
        return _ACCESS.get(self, Access.DEFAULT)

    @property
    def needs(self) -> tuple[str, ...]:
        """Return what QEMU and host must have for it."""
        return NEEDS.get(self.access, ())


_ACCESS = {
    Opening.DIRECT: Access.DIRECT,
    Opening.DIRECT_SYNC: Access.DIRECT,
    Opening.NATIVE: Access.NATIVE,
    Opening.IO_URING: Access.IO_URING,
    Opening.FD_SET: Access.FD_SET,
}


class TargetKind(StrEnum):
    """The target of the mirror; clusters are no larger than segments, unless it says so."""

    QCOW2 = "qcow2"
    BACKED = "backed"
    PREFILLED = "prefilled"
    UNMAP = "unmap"  # qcow2 with discard=unmap
    DETECT_ZEROES = "detect-zeroes"  # and detect-zeroes=unmap
    RAW = "raw"
    FILE = "file"  # a protocol node alone
    LARGE_CLUSTERS = "clusters-2M"
    BACKED_LARGE = "backed-2M"  # clusters of 2 MiB, over a backing file that fills what no segment does


class Ending(StrEnum):
    """How the mirror ends."""

    COMPLETE = "complete"
    GRACEFUL = "graceful-cancel"
    FORCE = "force-cancel"
    QUIT = "quit"
    READ_ERROR = "read-error"
    WRITE_ERROR = "write-error"
    FLUSH_ERROR = "flush-error"

    @property
    def is_error(self) -> bool:
        """Return whether a request of the job fails."""
        return self in (Ending.READ_ERROR, Ending.WRITE_ERROR, Ending.FLUSH_ERROR)

    @property
    def is_error_of_target(self) -> bool:
        """Return whether it is one of its target."""
        return self in (Ending.WRITE_ERROR, Ending.FLUSH_ERROR)


class Amount(StrEnum):
    """How much is dirty when the mirror starts: in segments, or more than its buffer holds."""

    NONE = "clean"
    ONE = "one"
    SOME = "some"
    ALL = "all"
    MORE = "over-buffer"


class Buffer(StrEnum):
    """buf-size: the default, a mebibyte, or one segment at a time."""

    DEFAULT = "default"
    SMALL = "1M"
    SERIAL = "segment"


class Speed(StrEnum):
    """The speed limit: none, or one that is never reached."""

    UNLIMITED = "unlimited"
    LIMITED = "64G"


class Care(StrEnum):
    """Whether a job ends by itself, or waits for job-finalize, for job-dismiss, or for both."""

    NONE = "auto"
    FINALIZE = "finalize"
    DISMISS = "dismiss"
    BOTH = "both"

    @property
    def finalizes(self) -> bool:
        """Return whether job-finalize is awaited."""
        return self in (Care.FINALIZE, Care.BOTH)

    @property
    def dismisses(self) -> bool:
        """Return whether job-dismiss is awaited."""
        return self in (Care.DISMISS, Care.BOTH)


class Held(StrEnum):
    """What is in flight when the operation is done: a request that a disk holds."""

    NOTHING = "nothing"
    READ = "read"  # a copy of the job's, at the source
    COPY = "copy"  # one at the target
    WRITE = "write"  # a guest's write, at the source
    MIRRORED = "mirrored"  # one at the target, in write-blocking mode

    @property
    def is_copy(self) -> bool:
        """Return whether it is the job's own, so that the job is RUNNING."""
        return self in (Held.READ, Held.COPY)

    @property
    def stage(self) -> Stage:
        """Return the disk that holds it."""
        return Stage.SOURCE if self in (Held.READ, Held.WRITE) else Stage.TARGET


class Hindrance(StrEnum):
    """Why a mirror may not use a bitmap, beside its arguments sync and granularity."""

    NONE = "none"
    MISSING = "missing"
    DISABLED = "disabled"
    BUSY = "busy"
    READ_ONLY = "read-only"
    INCONSISTENT = "inconsistent"
    CLUSTERS = "clusters"  # those of the target are larger than its segments
    TWO_GRANULARITIES = "two-granularities"
    SPEED = "speed"  # a negative one: it is looked at last of all, when the job is made
