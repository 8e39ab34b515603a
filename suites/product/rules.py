"""What makes no sense in a case of the product, and why."""

from __future__ import annotations

from fixtures.vocabulary.enums import Discard, MirrorCommand, SyncMode
from fixtures.vocabulary.sizes import KIB
from suites.parameters.strength import Rule
from suites.product.axes import (
    Amount,
    BitmapOperation,
    Buffer,
    Care,
    DiskSize,
    Ending,
    Hindrance,
    JobMoment,
    SourceKind,
    TargetKind,
)
from suites.product.conditions import (
    FAULTY_TARGETS,
    TARGETS,
    copies_too_much,
    corrupts,
    does_not_fit,
    hinders,
    is_small,
    is_too_much,
    meets_no_error,
)
from suites.product.layouts import LAYOUT_RULES

_HINDERED = "a hindrance is all that is wrong: the mode is full, the bitmap given and good, and not operated on"
COMMON = (
    *LAYOUT_RULES,
    Rule(
        "a QEMU that has quit does nothing after the end",
        ("ending", "moment"),
        lambda ending, moment: ending is Ending.QUIT and moment is JobMoment.AFTER,
    ),
    Rule(
        "drive-mirror opens its target itself: no options of ours, no backing file",
        ("command", "target"),
        lambda command, target: target not in TARGETS.get(command, [target]),
    ),
    Rule(
        "ten million segments take the time of a hundred cases and show nothing that a hundred thousand do not",
        ("size", "granularity"),
        lambda size, granularity: (
            size is DiskSize.LARGE and granularity.is_good and 0 < (granularity.bytes or 0) < 64 * KIB
        ),
    ),
    Rule(
        "QEMU would copy five gigabytes of zeroes byte by byte",
        ("size", "used", "sync", "granularity", "source", "target"),
        copies_too_much,
    ),
    Rule(
        "drive-mirror corrupts its target, a bug that suites/lifecycle pins (docs/findings.md)",
        ("command", "sync", "copy_mode", "granularity", "late"),
        corrupts,
    ),
    Rule(
        "only a job that waits for job-finalize rests in PENDING",
        ("moment", "care"),
        lambda moment, care: moment is JobMoment.PENDING and not Care(care).finalizes,
    ),
    Rule(
        "no request of the job would meet the error: nothing is left to be copied, or the guest itself copies it",
        ("ending", "moment", "copy_mode", "amount", "late"),
        meets_no_error,
    ),
    Rule(
        "errors of mirrors without a bitmap are those of suites/errors",
        ("ending", "used"),
        lambda ending, used: ending.is_error and not used,
    ),
    Rule(
        "drive-mirror creates an image in the format of its source, which is raw if its reads are to fail",
        ("ending", "command"),
        lambda ending, command: ending is Ending.READ_ERROR and command is MirrorCommand.DRIVE,
    ),
    Rule(
        "QEMU aborts where an operation is widened to clusters and outgrows a small buffer (docs/findings.md)",
        ("used", "buffer", "granularity"),
        lambda used, buffer, granularity: not used and buffer is not Buffer.DEFAULT and is_small(granularity),
    ),
    Rule(
        "a source whose reads are to fail has two layers, and those know no backing file, discards or stored bitmaps",
        ("ending", "source", "discard", "persistent"),
        lambda ending, source, discard, persistent: (
            ending is Ending.READ_ERROR and (source is SourceKind.BACKED or discard is Discard.UNMAP or persistent)
        ),
    ),
    Rule(
        "a target whose requests are to fail has two layers, and drive-mirror opens none such",
        ("ending", "command", "target"),
        lambda ending, command, target: (
            ending.is_error_of_target and (command is not MirrorCommand.BLOCKDEV or target not in FAULTY_TARGETS)
        ),
    ),
    Rule(
        "nothing holds a job in RUNNING that has nothing to copy",
        ("moment", "amount"),
        lambda moment, amount: moment is JobMoment.RUNNING and amount is Amount.NONE,
    ),
    Rule(
        _HINDERED,
        ("hindrance", "moment"),
        lambda hindrance, moment: hinders(hindrance) and moment is not JobMoment.BEFORE,
    ),
    Rule(
        _HINDERED,
        ("hindrance", "operation"),
        lambda hindrance, operation: hinders(hindrance) and operation is not BitmapOperation.NONE,
    ),
    Rule(
        "clusters are larger than segments only where they are large, or made by drive-mirror",
        ("hindrance", "command", "target"),
        lambda hindrance, command, target: (
            hindrance is Hindrance.CLUSTERS
            and command is not MirrorCommand.DRIVE
            and target is not TargetKind.LARGE_CLUSTERS
        ),
    ),
    Rule(
        "that target is for segments that do not fill its clusters",
        ("used", "target"),
        lambda used, target: target is TargetKind.BACKED_LARGE and not used,
    ),
    Rule(
        "only a stored bitmap is ever read-only or inconsistent",
        ("hindrance", "persistent"),
        lambda hindrance, persistent: hindrance in (Hindrance.READ_ONLY, Hindrance.INCONSISTENT) and not persistent,
    ),
    Rule(
        "what is reopened has no backing file any more",
        ("hindrance", "source"),
        lambda hindrance, source: hindrance is Hindrance.READ_ONLY and source is SourceKind.BACKED,
    ),
    Rule("there is no room for so much, or it takes seconds", ("amount", "granularity", "buffer", "size"), is_too_much),
    Rule(_HINDERED, ("hindrance", "used"), lambda hindrance, used: hinders(hindrance) and not used),
    Rule(
        _HINDERED,
        ("hindrance", "granularity"),
        lambda hindrance, granularity: hinders(hindrance) and not granularity.is_good,
    ),
)
"""What makes no sense in any dialect."""
RULES = (
    *COMMON,
    Rule(
        "segments smaller than the target's clusters are refused, unless a backing file fills the rest",
        ("used", "sync", "hindrance", "command", "target", "granularity", "source"),
        does_not_fit,
    ),
    Rule(_HINDERED, ("hindrance", "sync"), lambda hindrance, sync: hinders(hindrance) and sync is not SyncMode.FULL),
    Rule(
        "that target is for segments that do not fill its clusters",
        ("sync", "target"),
        lambda sync, target: target is TargetKind.BACKED_LARGE and sync is not SyncMode.FULL,
    ),
    Rule(
        "where there is no backing file, top may count as full, which takes a bitmap",
        ("used", "sync", "source"),
        lambda used, sync, source: used and sync is SyncMode.TOP and source is not SourceKind.BACKED,
    ),
)
"""The same where a mirror has sync=full with a bitmap."""
