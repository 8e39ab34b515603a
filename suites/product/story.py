"""The story of a case in chapters: a bitmap, a mirror, an operation at some moment, an end.

Each chapter is a behaviour that the model names: all cases with a chapter of that name must read the same.
"""

from __future__ import annotations

from dataclasses import replace

from fixtures.bench import Rehearsal
from fixtures.model.state.job import JobState
from fixtures.transcript.chapters import Chapters
from fixtures.transcript.normalisers import (
    BITMAP_MODE,
    COPY_MODE,
    DISMISSAL,
    FIGURES,
    GRANULARITY,
    LENGTHS,
    PERSISTENT,
    SYNC,
    TARGET_FILE,
    WAITS,
)
from fixtures.vocabulary.reasons import Reason
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    CancelJob,
    CompleteJob,
    DismissJob,
    FinalizeJob,
    Heal,
    Inject,
    Quit,
    SetSpeed,
    Write,
)
from suites.product import disk, hindrances, operations, start
from suites.product.axes import Amount, BitmapOperation, DiskSize, Ending, Hindrance, JobMoment, WriteShape
from suites.product.case import ProductCase

_ARGUMENTS = (GRANULARITY, SYNC, BITMAP_MODE, COPY_MODE, WAITS, TARGET_FILE)
_NORMALISERS = (*_ARGUMENTS, FIGURES, LENGTHS, PERSISTENT, DISMISSAL)
_LITTLE = (Amount.NONE, Amount.ONE, Amount.SOME)
_WORDS = {str(Reason.NOT_ROOT): "second-job"}


class ProductStory:
    """Runs a case on a bench and keeps its chapters."""

    def __init__(self, bench: Rehearsal, case: ProductCase):
        self.bench = bench
        self.case = case
        self.chapters = Chapters(bench.transcript, bench.behaviours, _NORMALISERS, frozenset(JobState), _WORDS)
        self.moment = case.moment

    def run(self) -> None:
        """Run the whole story, until QEMU has ended."""
        disk.build(self.bench, self.case)
        self._prepare()
        self._operate_at(JobMoment.BEFORE)
        self._start()
        if self.is_alive:
            self._live()
        elif self.bench.state.fault and "job" not in self.bench.state.jobs:
            self.bench.do(Heal())
        elif "job" not in self.bench.state.jobs and self.moment is not JobMoment.BEFORE:
            self._operate()
        if self.bench.is_running:
            self._rest()

    @property
    def is_alive(self) -> bool:
        """Return whether the mirror runs."""
        job = self.bench.state.jobs.get("job")
        return job in self.bench.state.active_jobs()

    def _prepare(self) -> None:
        """Write, add the bitmaps, write again: what was written first is not dirty."""
        bench, case = self.bench, self.case
        bench.do(replace(self._write(WriteShape.ALIGNED, 3 * MIB, "first"), length=64 * KIB))
        bench.do(*disk.before(case.written, 20 * MIB, case.segment), *disk.before(case.late, 40 * MIB, case.segment))
        operations.add_other(bench, case, self._write(WriteShape.ONE_BYTE, 15 * MIB, "W0"))
        self.chapters.skip()
        if case.used or case.operation not in (BitmapOperation.NONE, BitmapOperation.ADD):
            self._add_bitmap()
        bench.do(*(disk.cached(case, one) for one in disk.dirtying(case)))
        hindrances.hinder(bench, case)
        self.chapters.skip()

    def _add_bitmap(self) -> None:
        """Add the bitmap; where its granularity is refused, another one."""
        step = operations.add_bitmap(self.case)
        if not self.case.granularity.is_of_bitmap and self.case.used:
            self.bench.do(replace(step, granularity=self.case.granularity.bytes))
            self.chapters.close("add")
        self.bench.do(step)

    def _start(self) -> None:
        """Start the mirror; where the operation is in the way of that, see it refused and mend what it did."""
        case, bench = self.case, self.bench
        if case.ending.is_error and self.moment is not JobMoment.READY and self.moment is not JobMoment.RUNNING:
            bench.do(Inject(disk.fault(case)))
        mend = operations.mending(case)
        if mend and self.moment is JobMoment.BEFORE and case.used and case.hindrance is Hindrance.NONE:
            self._try_start()
            bench.do(*([] if "job" in bench.state.jobs else [mend]))
        if "job" not in bench.state.jobs:
            if case.amount is not Amount.NONE and case.hindrance is Hindrance.NONE:
                bench.do(self._write(WriteShape.ONE_BYTE, 12 * MIB, "W1"))
            self.chapters.skip()
            self._try_start()

    def _try_start(self) -> None:
        """Start the mirror, held in RUNNING if that is the moment."""
        case, bench = self.case, self.bench
        self.chapters.skip()
        bench.do(start.mirror(case))
        self.chapters.close(f"start-{'drive-' if case.command.is_drive else ''}{'bitmap' if case.used else 'plain'}")
        bench.observe()

    def _live(self) -> None:
        """Go through the moments of a running mirror up to its end."""
        case, bench = self.case, self.bench
        if self.moment is JobMoment.RUNNING:
            self._run_held()
        self._operate_at(JobMoment.READY)
        if self.is_alive and self.bench.state.jobs["job"].state is JobState.READY:
            if case.ending.is_error and self.moment is JobMoment.READY:
                bench.do(Inject(disk.fault(case)))
            bench.do(self._write(case.late, 40 * MIB, "W2", at="filter"))
            self._close_if_ended("late")
        if self.moment is JobMoment.PENDING:
            bench.do(CompleteJob("job"))
            self.chapters.close("pending")
            self._operate()
        if self.is_alive:
            self._end()

    def _run_held(self) -> None:
        """Operate while the job is held in RUNNING, write, and let it go unless it is to end there."""
        case, bench = self.case, self.bench
        self._operate()
        if bench.state.jobs["job"].state is not JobState.RUNNING:
            return
        bench.do(self._write(case.late, 30 * MIB, "W2", at="filter"))
        self.chapters.skip()
        if case.ending.is_error:
            bench.do(Inject(disk.fault(case)))
        if case.ending.is_error or case.ending is Ending.COMPLETE:
            bench.do(SetSpeed("job", start.speed(case) or 0))
            self.chapters.close("released")

    def _close_if_ended(self, title: str) -> None:
        """End a chapter if the job has ended in it, else a passage."""
        if self.is_alive:
            self.chapters.skip()
        else:
            self.chapters.close(title)

    def _end(self) -> None:
        case, bench = self.case, self.bench
        if case.ending is Ending.QUIT:
            return
        state = bench.state.jobs["job"].state
        match case.ending:
            case Ending.GRACEFUL | Ending.FORCE:
                bench.do(CancelJob("job", force=case.ending is Ending.FORCE))
            case _ if state is JobState.PENDING:
                bench.do(FinalizeJob("job"))
            case _:
                bench.do(CompleteJob("job"))
        if state is not JobState.PENDING and bench.state.jobs["job"].state is JobState.PENDING:
            bench.do(FinalizeJob("job"))
            state = JobState.WAITING
        bench.observe()
        where = {JobState.READY: "", JobState.WAITING: "-finalized"}.get(state, f"-{state}")
        self.chapters.close(f"end-{case.ending}{where}")

    def _rest(self) -> None:
        """Operate after the end, write once more, dismiss the job, quit."""
        bench = self.bench
        has_ended = "job" in bench.state.jobs and not self.is_alive
        if has_ended and self.case.ending is Ending.COMPLETE and bench.state.jobs["job"].completing:
            self._read_as_guest()
        if bench.state.fault is not None or (has_ended and self.case.ending.is_error):
            bench.do(Heal())
        self.chapters.skip()
        if has_ended:
            self._operate_at(JobMoment.AFTER)
            if self.case.hindrance is Hindrance.NONE:
                bench.do(self._write(WriteShape.ONE_BYTE, 50 * MIB, "W3"))
            if bench.state.jobs["job"].state is JobState.CONCLUDED:
                bench.do(DismissJob("job"))
        bench.do(Quit())

    def _read_as_guest(self) -> None:
        """Read all through the node that a guest has after a completion; much data would take tens of milliseconds."""
        has_little = self.case.amount in _LITTLE and self.case.size is not DiskSize.LARGE
        if has_little and "target" in self.bench.state.nodes():
            self.bench.read_through("target")

    def _operate_at(self, moment: JobMoment) -> None:
        if self.moment is moment:
            self._operate()

    def _operate(self) -> None:
        """Do the operation, see what became of the bitmaps."""
        self.chapters.skip()
        operations.add_second_target(self.bench, self.case, disk.SIZES[self.case.size])
        operations.operate(self.bench, self.case)
        self.bench.observe("b0", "b1", "b2")
        self.chapters.close(self.case.operation)

    def _write(self, shape: WriteShape, near: int, name: str, at: str = "source") -> Write:
        write = disk.write(shape, near, self.case.segment, disk.SIZES[self.case.size], name=name, at=at)
        return disk.cached(self.case, write)
