"""Which layouts sources and targets can have, and how they can be opened."""

from __future__ import annotations

from fixtures.vocabulary.enums import Discard, MirrorCommand, SyncMode
from fixtures.vocabulary.sizes import KIB
from suites.parameters.layouts import Layout
from suites.parameters.strength import Rule
from suites.product.axes import DiskSize, Ending, Hindrance, Opening, SourceKind, TargetKind
from suites.product.conditions import FAULTY_TARGETS, segment

_UNMAPPING = (TargetKind.UNMAP, TargetKind.DETECT_ZEROES)
_RAW = (TargetKind.RAW, TargetKind.FILE)
_BACKED = (TargetKind.BACKED, TargetKind.BACKED_LARGE)
_VERSION_2 = "version 2 stores no bitmaps, and what it discards is a hole again"
_RAW_DATA = "a raw data file is the disk, all of it held: no backing file, no five gigabytes, and discards pass it by"
_THROTTLED = "a throttle filter has no backing file, discards or stored bitmaps, and drive-mirror opens none"
_ALIGNED = "where the host's cache is passed by, requests are aligned, and make a raw file longer"
_FD_SET = "an fd set is what QEMU is started with, and cannot be made read-only"


def _is_cut_off(opening: Opening, size: DiskSize) -> bool:
    """Return whether a raw disk would end within what requests are aligned to."""
    return opening.access.is_direct and size is DiskSize.ODD


LAYOUT_RULES = (
    Rule(_VERSION_2, ("layout", "persistent"), lambda layout, persistent: layout is Layout.VERSION_2 and persistent),
    Rule(
        _VERSION_2,
        ("layout", "discard"),
        lambda layout, discard: layout is Layout.VERSION_2 and discard is Discard.UNMAP,
    ),
    Rule(
        _VERSION_2,
        ("target_layout", "target"),
        lambda target_layout, target: target_layout is Layout.VERSION_2 and target in _UNMAPPING,
    ),
    Rule(
        "version 2 has no zero clusters: five gigabytes of zeroes over a backing file would be written as data",
        ("target_layout", "size", "target", "sync", "used"),
        lambda target_layout, size, target, sync, used: (
            (target_layout, size, sync) == (Layout.VERSION_2, DiskSize.LARGE, SyncMode.FULL)
            and target in _BACKED
            and not used
        ),
    ),
    Rule(
        _RAW_DATA,
        ("layout", "source"),
        lambda layout, source: layout is Layout.RAW_DATA_FILE and source is SourceKind.BACKED,
    ),
    Rule(
        _RAW_DATA,
        ("layout", "discard"),
        lambda layout, discard: layout is Layout.RAW_DATA_FILE and discard is Discard.UNMAP,
    ),
    Rule(
        _RAW_DATA,
        ("layout", "size"),
        lambda layout, size: layout is Layout.RAW_DATA_FILE and size is DiskSize.LARGE,
    ),
    Rule(
        _RAW_DATA,
        ("target_layout", "size"),
        lambda target_layout, size: target_layout is Layout.RAW_DATA_FILE and size is DiskSize.LARGE,
    ),
    Rule(
        _RAW_DATA,
        ("target_layout", "target"),
        lambda target_layout, target: target_layout is Layout.RAW_DATA_FILE and target in (*_BACKED, *_UNMAPPING),
    ),
    Rule(
        "subclusters want clusters of 16 KiB",
        ("layout", "source"),
        lambda layout, source: layout is Layout.EXTENDED_L2 and source is SourceKind.SMALL_CLUSTERS,
    ),
    Rule(
        "subclusters want clusters of 16 KiB",
        ("target_layout", "granularity", "source"),
        lambda target_layout, granularity, source: (
            target_layout is Layout.EXTENDED_L2 and segment(granularity, source) < 16 * KIB
        ),
    ),
    Rule(
        "only a qcow2 target has a layout",
        ("target_layout", "target"),
        lambda target_layout, target: target_layout is not Layout.PLAIN and target in _RAW,
    ),
    Rule(
        "a target that drive-mirror creates or opens has no layout of ours",
        ("target_layout", "command"),
        lambda target_layout, command: target_layout is not Layout.PLAIN and command is not MirrorCommand.BLOCKDEV,
    ),
    Rule(
        _THROTTLED,
        ("opening", "source"),
        lambda opening, source: opening is Opening.THROTTLED_SOURCE and source is SourceKind.BACKED,
    ),
    Rule(
        _THROTTLED,
        ("opening", "discard"),
        lambda opening, discard: opening is Opening.THROTTLED_SOURCE and discard is Discard.UNMAP,
    ),
    Rule(
        _THROTTLED,
        ("opening", "persistent"),
        lambda opening, persistent: opening is Opening.THROTTLED_SOURCE and persistent,
    ),
    Rule(
        _THROTTLED,
        ("opening", "command"),
        lambda opening, command: (
            (opening is Opening.THROTTLED_SOURCE and command is MirrorCommand.DRIVE)
            or (opening is Opening.THROTTLED_TARGET and command is not MirrorCommand.BLOCKDEV)
        ),
    ),
    Rule(
        _THROTTLED,
        ("opening", "target"),
        lambda opening, target: (
            opening is Opening.THROTTLED_TARGET and target not in (*FAULTY_TARGETS, TargetKind.LARGE_CLUSTERS)
        ),
    ),
    Rule(
        "what is to fail has another filter",
        ("opening", "ending"),
        lambda opening, ending: (
            (opening is Opening.THROTTLED_SOURCE and ending is Ending.READ_ERROR)
            or (opening is Opening.THROTTLED_TARGET and ending.is_error_of_target)
        ),
    ),
    Rule(
        _ALIGNED,
        ("opening", "size", "target"),
        lambda opening, size, target: _is_cut_off(opening, size) and target in _RAW,
    ),
    Rule(
        _ALIGNED,
        ("opening", "size", "layout"),
        lambda opening, size, layout: _is_cut_off(opening, size) and layout is Layout.RAW_DATA_FILE,
    ),
    Rule(
        _ALIGNED,
        ("opening", "size", "target_layout"),
        lambda opening, size, target_layout: _is_cut_off(opening, size) and target_layout is Layout.RAW_DATA_FILE,
    ),
    Rule(
        _FD_SET,
        ("opening", "source"),
        lambda opening, source: opening is Opening.FD_SET and source is SourceKind.BACKED,
    ),
    Rule(
        _FD_SET,
        ("opening", "hindrance"),
        lambda opening, hindrance: opening is Opening.FD_SET and hindrance is Hindrance.READ_ONLY,
    ),
    Rule(
        "what drive-mirror creates over an fd set can only be opened where that is",
        ("opening", "command"),
        lambda opening, command: opening is Opening.FD_SET and command is MirrorCommand.DRIVE,
    ),
)
