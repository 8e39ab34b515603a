"""What is done to the bitmaps of a case: the one that its job uses, and others of the same node."""

from __future__ import annotations

from dataclasses import replace

from fixtures.bench import Rehearsal
from fixtures.vocabulary.enums import Format, SyncMode
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    BitmapStep,
    CancelJob,
    ClearBitmap,
    DisableBitmap,
    EnableBitmap,
    MergeBitmaps,
    RemoveBitmap,
    StartMirror,
    Write,
)
from suites.product.axes import BitmapOperation, Held, JobMoment
from suites.product.case import ProductCase

STEPS: dict[BitmapOperation, tuple[BitmapStep, ...]] = {
    BitmapOperation.ADD: (AddBitmap("b0"),),
    BitmapOperation.REMOVE: (RemoveBitmap("b0"),),
    BitmapOperation.CLEAR: (ClearBitmap("b0"),),
    BitmapOperation.ENABLE: (EnableBitmap("b0"),),
    BitmapOperation.DISABLE: (DisableBitmap("b0"),),
    BitmapOperation.MERGE_INTO: (MergeBitmaps("b0", ("b1",)),),
    BitmapOperation.MERGE_FROM: (MergeBitmaps("b1", ("b0",)),),
    BitmapOperation.ADD_OTHER: (AddBitmap("b2"), AddBitmap("b3", disabled=True)),
    BitmapOperation.REMOVE_OTHER: (RemoveBitmap("b1"),),
    BitmapOperation.CHANGE_OTHER: (EnableBitmap("b1"), ClearBitmap("b1")),
}
"""The commands of each operation that has nothing but commands about bitmaps."""
_WITH_OTHER = (
    BitmapOperation.MERGE_INTO,
    BitmapOperation.MERGE_FROM,
    BitmapOperation.REMOVE_OTHER,
    BitmapOperation.CHANGE_OTHER,
)


def add_bitmap(case: ProductCase) -> AddBitmap:
    """Return the step that adds ``b0``, with a granularity that is good."""
    granularity = case.granularity.bytes if case.granularity.is_of_bitmap else None
    return AddBitmap("b0", granularity, persistent=case.persistent or None)


def mending(case: ProductCase) -> BitmapStep | None:
    """Return what makes the bitmap usable again after an operation that keeps mirrors from using it."""
    mends: dict[BitmapOperation, BitmapStep] = {
        BitmapOperation.REMOVE: add_bitmap(case),
        BitmapOperation.DISABLE: EnableBitmap("b0"),
    }
    return mends.get(case.operation)


def add_other(bench: Rehearsal, case: ProductCase, own: Write) -> None:
    """Add ``b1`` if the operation is about it: it has segments of its own size, the write, and is disabled."""
    if case.operation in _WITH_OTHER:
        bench.do(AddBitmap("b1"))
        bench.do(own)
        bench.do(DisableBitmap("b1"))


def add_second_target(bench: Rehearsal, case: ProductCase, size: int) -> None:
    """Add an image of ``size`` bytes for the job that the bitmap is offered to, if that is the operation."""
    if case.operation is BitmapOperation.SECOND_JOB:
        bench.do(AddImage("second", size, Format.RAW))


def is_slowed(case: ProductCase) -> bool:
    """Return whether its speed keeps the job in RUNNING: one that has nothing to copy at first cannot be kept so."""
    return case.moment is JobMoment.RUNNING and case.sync is not SyncMode.NONE and case.held is Held.NOTHING


def operate(bench: Rehearsal, case: ProductCase) -> None:
    """Do the operation; what it adds has the granularity of the case, good or not."""
    if case.operation is BitmapOperation.SECOND_JOB:
        _offer_to_second_job(bench)
    for step in STEPS.get(case.operation, ()):
        bench.do(_sized(step, case) if isinstance(step, AddBitmap) else step)


def _sized(step: AddBitmap, case: ProductCase) -> AddBitmap:
    is_right = step.name == "b0" or case.granularity.is_of_bitmap
    return replace(step, granularity=case.granularity.bytes if is_right else None)


def _offer_to_second_job(bench: Rehearsal) -> None:
    """Start another mirror with the bitmap, to a target that takes any; cancel it if it starts."""
    bench.do(StartMirror("other", "second", bitmap="b0", filter_node="filter2"))
    if bench.state.jobs.get("other") in bench.state.active_jobs():
        bench.do(CancelJob("other"))
