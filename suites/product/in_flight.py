"""The part of the product in which a request is in flight when the operation is done: a disk holds it."""

from __future__ import annotations

from fixtures.vocabulary.enums import CopyMode, Dialect, Discard, MirrorCommand, SyncMode
from suites.parameters.layouts import Layout
from suites.parameters.strength import Rule, Rules
from suites.product.axes import (
    Amount,
    Buffer,
    Care,
    DiskSize,
    Ending,
    Held,
    Hindrance,
    JobMoment,
    Opening,
    SourceKind,
    Speed,
    TargetKind,
    WriteShape,
)
from suites.product.case import AXES
from suites.product.granularity import Granularity
from suites.product.parts import Part

_FAILS = {Ending.READ_ERROR: [Held.READ], Ending.WRITE_ERROR: [Held.COPY, Held.MIRRORED]}
"""What can fail so, once it is let go."""
_RULES = Rules(
    [
        Rule(
            "a copy is in flight while the job is RUNNING, a guest's write once it is READY",
            ("held", "moment"),
            lambda held, moment: moment is not (JobMoment.RUNNING if held.is_copy else JobMoment.READY),
        ),
        Rule(
            "only in write-blocking mode is a guest's write at the target",
            ("held", "copy_mode"),
            lambda held, copy_mode: held is Held.MIRRORED and copy_mode is not CopyMode.WRITE_BLOCKING,
        ),
        Rule(
            "what is in flight fails where it is",
            ("held", "ending"),
            lambda held, ending: held not in _FAILS.get(ending, [held]),
        ),
        Rule(
            "more than a hundred megabytes are too much to copy",
            ("granularity", "amount"),
            lambda granularity, amount: granularity is Granularity.M8 and amount is Amount.ALL,
        ),
        Rule(
            "nothing is copied where nothing is dirty",
            ("held", "amount"),
            lambda held, amount: held.is_copy and amount is Amount.NONE,
        ),
    ]
)
IN_FLIGHT = Part(
    "in-flight",
    {
        **AXES,
        "sync": [SyncMode.FULL],
        "granularity": [
            Granularity.DEFAULT,
            Granularity.B512,
            Granularity.K4,
            Granularity.K128,
            Granularity.M1,
            Granularity.M8,
        ],
        "moment": [JobMoment.RUNNING, JobMoment.READY],
        "command": [MirrorCommand.BLOCKDEV],
        "used": [True],
        "hindrance": [Hindrance.NONE],
        "source": [SourceKind.PLAIN],
        "target": [TargetKind.RAW],
        "layout": [Layout.PLAIN],
        "target_layout": [Layout.PLAIN],
        "opening": [Opening.WRITEBACK],
        "ending": [Ending.COMPLETE, Ending.GRACEFUL, Ending.FORCE, *_FAILS],
        "size": [DiskSize.EVEN],
        "amount": [Amount.NONE, Amount.ONE, Amount.SOME, Amount.ALL],
        "late": [shape for shape in WriteShape if shape is not WriteShape.DISCARD],  # a mirror's filter drops it
        "written": [WriteShape.ALIGNED],
        "discard": [Discard.IGNORE],
        "persistent": [False],
        "buffer": [Buffer.SERIAL],
        "speed": [Speed.UNLIMITED],
        "care": [Care.NONE, Care.DISMISS],  # in PENDING, a guest gets no answers
        "held": [held for held in Held if held is not Held.NOTHING],
    },
    ("held",),
    _RULES,
    ("held", "copy_mode", "granularity", "operation"),
    list,
    [Dialect.V1, Dialect.V2, Dialect.V3],
)
