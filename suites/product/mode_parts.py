"""The parts of the product that only dialect v1 has: a mirror with a bitmap has a bitmap mode there.

The cases are kept in design-v1.txt. ``on-success`` has three spellings, and each of the combinations that must be there
has one of them in turn; QEMU turns them into one before it looks at anything else.
"""

from __future__ import annotations

from fixtures.vocabulary.enums import BY_BITMAP, BitmapMode, Dialect, SyncMode
from suites.parameters.covering import Row
from suites.parameters.layouts import Layout
from suites.parameters.strength import Rule, Rules, plain_rows
from suites.product.axes import (
    Amount,
    BitmapOperation,
    Buffer,
    Care,
    DiskSize,
    Ending,
    Held,
    Hindrance,
    JobMoment,
    Mode,
    Opening,
    SourceKind,
    TargetKind,
    WriteShape,
)
from suites.product.case import MODE_AXES, ModeCase
from suites.product.conditions import hinders
from suites.product.granularity import Granularity
from suites.product.parts import GOOD, PLAIN, UNUSABLE, Part
from suites.product.rules import COMMON

SPELLINGS = {
    BitmapMode.NEVER: [(SyncMode.BITMAP, Mode.NEVER)],
    BitmapMode.ON_SUCCESS: [
        (SyncMode.BITMAP, Mode.ON_SUCCESS),
        (SyncMode.INCREMENTAL, Mode.ABSENT),
        (SyncMode.INCREMENTAL, Mode.ON_SUCCESS),
    ],
    BitmapMode.ALWAYS: [(SyncMode.BITMAP, Mode.ALWAYS)],
}
"""How a mirror asks for each bitmap mode: sync and bitmap-mode."""
_GOOD = [one for spellings in SPELLINGS.values() for one in spellings]
MODES_AXES = ("copy_mode", "granularity", "operation", "moment")
"""Every combination of these occurs with each bitmap mode."""


def _is_accepted(sync: SyncMode, mode: Mode, used: bool, hindrance: Hindrance, granularity: Granularity) -> bool:
    """Return whether a mirror starts: the hindrance may be none in this mode, or without a granularity."""
    if not used:
        return sync in PLAIN.axes["sync"] and mode is Mode.ABSENT and granularity not in UNUSABLE
    is_harmless = (hindrance is Hindrance.READ_ONLY and mode is Mode.NEVER) or (
        hindrance is Hindrance.TWO_GRANULARITIES and granularity is Granularity.DEFAULT
    )
    return (sync, mode) in _GOOD and (is_harmless or not hinders(hindrance)) and not granularity.is_coarse


def _required() -> list[Row]:
    """Return everything that can be done to a bitmap that a job uses, in each bitmap mode."""
    rows = plain_rows(MODE_AXES, copy_mode=[], granularity=GOOD, operation=[], moment=[])
    return [{**_spelled(mode, number), **row} for mode in BitmapMode for number, row in enumerate(rows)]


def _spelled(mode: BitmapMode, number: int) -> Row:
    """Return how a mirror asks for a mode, each way in turn; operations and moments then begin with the next."""
    turn = number + number // (len(BitmapOperation) * len(JobMoment))
    sync, given = SPELLINGS[mode][turn % len(SPELLINGS[mode])]
    return {"sync": sync, "mode": given, "used": True, "hindrance": Hindrance.NONE}


def _required_refused() -> list[Row]:
    """Return where sync, bitmap-mode and bitmap do not fit together, by each command."""
    return plain_rows(MODE_AXES, sync=[], mode=[], used=[], command=[], hindrance=[Hindrance.NONE])


MODES = Part(
    "modes",
    {
        **MODE_AXES,
        "sync": BY_BITMAP,
        "granularity": GOOD,
        "used": [True],
        "hindrance": [Hindrance.NONE],
        "held": [Held.NOTHING],
    },
    ("sync", "mode", *MODES_AXES, "command"),
    Rules(
        [
            *COMMON,
            Rule(
                "the modes are those of the sync mode", ("sync", "mode"), lambda sync, mode: (sync, mode) not in _GOOD
            ),
        ]
    ),
    ("sync", "mode", *MODES_AXES),
    _required,
    [Dialect.V1],
    ModeCase,
)
MODES_REFUSED = Part(
    "modes-refused",
    {
        **MODE_AXES,
        "hindrance": [
            Hindrance.NONE,
            Hindrance.MISSING,
            Hindrance.BUSY,
            Hindrance.READ_ONLY,
            Hindrance.INCONSISTENT,
            Hindrance.TWO_GRANULARITIES,
        ],
        "granularity": [
            Granularity.DEFAULT,
            Granularity.B512,
            Granularity.K64,
            Granularity.M64,
            *(one for one in Granularity if not one.is_good),
        ],
        "ending": [Ending.COMPLETE],
        "amount": [Amount.NONE, Amount.SOME],
        "late": [WriteShape.ALIGNED],
        "target": [TargetKind.QCOW2, TargetKind.RAW, TargetKind.LARGE_CLUSTERS],
        "source": [SourceKind.PLAIN, SourceKind.SMALL_CLUSTERS, SourceKind.BACKED],
        "written": [WriteShape.ALIGNED, WriteShape.ZEROES, WriteShape.TAIL],
        "size": [DiskSize.EVEN, DiskSize.ODD],
        "care": [Care.FINALIZE],
        "buffer": [Buffer.DEFAULT, Buffer.SMALL],
        "layout": [Layout.PLAIN],
        "target_layout": [Layout.PLAIN],
        "opening": [Opening.WRITEBACK],
        "moment": [JobMoment.BEFORE, JobMoment.AFTER],
        "held": [Held.NOTHING],
    },
    ("hindrance",),
    Rules(
        [
            *COMMON,
            Rule(
                "this mirror is not refused",
                ("sync", "mode", "used", "hindrance", "granularity"),
                _is_accepted,
            ),
            Rule(
                "a hindrance is all that is wrong",
                ("sync", "mode", "hindrance"),
                lambda sync, mode, hindrance: hinders(hindrance) and (sync, mode) not in _GOOD,
            ),
        ]
    ),
    ("sync", "mode", "granularity", "operation", "hindrance"),
    _required_refused,
    [Dialect.V1],
    ModeCase,
)
MODE_PARTS = (MODES, MODES_REFUSED)
