"""The command that starts the mirror of a case: what a dialect of the feature wants to know stands here alone."""

from __future__ import annotations

from fixtures.vocabulary.sizes import GIB
from fixtures.vocabulary.steps import StartMirror
from suites.product import disk, operations
from suites.product.axes import Hindrance, Speed
from suites.product.case import ModeCase, ProductCase

_HOLD = 1
"""Bytes a second: a job that has anything to copy stays RUNNING."""
_LIMIT = 64 * GIB
"""Bytes a second: of a disk of five gigabytes, zeroes count, too."""


def speed(case: ProductCase) -> int | None:
    """Return the speed limit of a job that is not held, in bytes a second; None for none given."""
    if case.hindrance is Hindrance.SPEED:
        return -1
    return _LIMIT if case.speed is Speed.LIMITED else None


def mirror(case: ProductCase) -> StartMirror:
    """Return the start of the mirror, held in RUNNING if that is the moment."""
    own = not case.used or case.hindrance is Hindrance.TWO_GRANULARITIES
    return StartMirror(
        "job",
        "target",
        sync=case.sync,
        bitmap="b0" if case.used else None,
        bitmap_mode=case.bitmap_mode,
        as_written=isinstance(case, ModeCase),
        granularity=case.granularity.bytes if own else None,
        copy_mode=case.copy_mode,
        buf_size=disk.buffer_size(case),
        speed=_HOLD if operations.is_slowed(case) else speed(case),
        auto_finalize=False if case.care.finalizes else None,
        auto_dismiss=False if case.care.dismisses else None,
        command=case.command,
        target_format=disk.format_of(case.target),
    )
