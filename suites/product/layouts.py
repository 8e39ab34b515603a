"""Which layouts sources and targets can have, and how they can be opened."""

from __future__ import annotations

from collections.abc import Collection

from fixtures.vocabulary.enums import Discard, MirrorCommand, SyncMode
from fixtures.vocabulary.sizes import KIB
from suites.parameters.layouts import Layout
from suites.parameters.strength import Rule
from suites.product.axes import DiskSize, Ending, Hindrance, Opening, SourceKind, TargetKind, WriteShape
from suites.product.conditions import FAULTY_TARGETS, segment

_UNMAPPING = (TargetKind.UNMAP, TargetKind.DETECT_ZEROES)
_RAW = (TargetKind.RAW, TargetKind.FILE)
_BACKED = (TargetKind.BACKED, TargetKind.BACKED_LARGE)
_SPECIAL = [one for one in Layout if one is not Layout.PLAIN]
_BY_DRIVE = [one for one in MirrorCommand if one is not MirrorCommand.BLOCKDEV]
_DIRECT = [one for one in Opening if one.access.is_direct]
_VERSION_2 = "version 2 stores no bitmaps, and what it discards is a hole again"
_RAW_DATA = "a raw data file is the disk, all of it held: no backing file, no five gigabytes, and discards pass it by"
_THROTTLED = "a throttle filter has no backing file, discards or stored bitmaps, and drive-mirror opens none"
_FILTERED = "what is to fail has another filter"
_ALIGNED = "where the host's cache is passed by, requests are aligned, and make a raw file longer"
_FD_SET = "an fd set is what QEMU is started with, and cannot be made read-only"


def _never(why: str, **values: Collection[object]) -> Rule:
    """Return a rule against a case that has of each axis one of these values."""
    return Rule(why, tuple(values), lambda **case: all(case[axis] in some for axis, some in values.items()))


LAYOUT_RULES = (
    _never(_VERSION_2, layout=[Layout.VERSION_2], persistent=[True]),
    _never(_VERSION_2, layout=[Layout.VERSION_2], discard=[Discard.UNMAP]),
    _never(_VERSION_2, target_layout=[Layout.VERSION_2], target=_UNMAPPING),
    _never(
        "version 2 has no zero clusters: five gigabytes of zeroes over a backing file would be written as data",
        target_layout=[Layout.VERSION_2],
        size=[DiskSize.LARGE],
        target=_BACKED,
        sync=[SyncMode.FULL],
        used=[False],
    ),
    _never(
        "in version 2, zeroes over nothing are a hole, which sync=top does not copy",
        layout=[Layout.VERSION_2],
        source=[one for one in SourceKind if one is not SourceKind.BACKED],
        sync=[SyncMode.TOP],
        written=[WriteShape.ZEROES],
    ),
    _never(_RAW_DATA, layout=[Layout.RAW_DATA_FILE], source=[SourceKind.BACKED]),
    _never(_RAW_DATA, layout=[Layout.RAW_DATA_FILE], discard=[Discard.UNMAP]),
    _never(_RAW_DATA, layout=[Layout.RAW_DATA_FILE], size=[DiskSize.LARGE]),
    _never(_RAW_DATA, target_layout=[Layout.RAW_DATA_FILE], size=[DiskSize.LARGE]),
    _never(_RAW_DATA, target_layout=[Layout.RAW_DATA_FILE], target=(*_BACKED, *_UNMAPPING)),
    _never("subclusters want clusters of 16 KiB", layout=[Layout.EXTENDED_L2], source=[SourceKind.SMALL_CLUSTERS]),
    Rule(
        "subclusters want clusters of 16 KiB",
        ("target_layout", "granularity", "source"),
        lambda target_layout, granularity, source: (
            target_layout is Layout.EXTENDED_L2 and segment(granularity, source) < 16 * KIB
        ),
    ),
    _never("only a qcow2 target has a layout", target_layout=_SPECIAL, target=_RAW),
    _never(
        "a target that drive-mirror creates or opens has no layout of ours", target_layout=_SPECIAL, command=_BY_DRIVE
    ),
    _never(_THROTTLED, opening=[Opening.THROTTLED_SOURCE], source=[SourceKind.BACKED]),
    _never(_THROTTLED, opening=[Opening.THROTTLED_SOURCE], discard=[Discard.UNMAP]),
    _never(_THROTTLED, opening=[Opening.THROTTLED_SOURCE], persistent=[True]),
    _never(_THROTTLED, opening=[Opening.THROTTLED_SOURCE], command=[MirrorCommand.DRIVE]),
    _never(_THROTTLED, opening=[Opening.THROTTLED_TARGET], command=_BY_DRIVE),
    Rule(
        _THROTTLED,
        ("opening", "target"),
        lambda opening, target: (
            opening is Opening.THROTTLED_TARGET and target not in (*FAULTY_TARGETS, TargetKind.LARGE_CLUSTERS)
        ),
    ),
    _never(_FILTERED, opening=[Opening.THROTTLED_SOURCE], ending=[Ending.READ_ERROR]),
    _never(_FILTERED, opening=[Opening.THROTTLED_TARGET], ending=[one for one in Ending if one.is_error_of_target]),
    _never(_ALIGNED, opening=_DIRECT, size=[DiskSize.ODD], target=_RAW),
    _never(_ALIGNED, opening=_DIRECT, size=[DiskSize.ODD], layout=[Layout.RAW_DATA_FILE]),
    _never(_ALIGNED, opening=_DIRECT, size=[DiskSize.ODD], target_layout=[Layout.RAW_DATA_FILE]),
    _never(_FD_SET, opening=[Opening.FD_SET], source=[SourceKind.BACKED]),
    _never(_FD_SET, opening=[Opening.FD_SET], hindrance=[Hindrance.READ_ONLY]),
    _never(
        "what drive-mirror creates over an fd set can only be opened where that is",
        opening=[Opening.FD_SET],
        command=[MirrorCommand.DRIVE],
    ),
)
