"""The story of a case in chapters: a bitmap, a mirror, an operation at some moment, an end.

Each chapter is a behaviour that the model names: all cases with a chapter of that name must read the same.
"""

from __future__ import annotations

from dataclasses import replace

from fixtures.bench import Rehearsal
from fixtures.model.state.job import JobState
from fixtures.transcript.chapters import Chapters
from fixtures.transcript.normalisers import COPY_MODE, FIGURES, GRANULARITY, LENGTHS, SYNC, TARGET_FILE, WAITS
from fixtures.vocabulary.enums import SyncMode
from fixtures.vocabulary.reasons import Reason
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    BitmapStep,
    CancelJob,
    ClearBitmap,
    CompleteJob,
    DisableBitmap,
    EnableBitmap,
    FinalizeJob,
    MergeBitmaps,
    Quit,
    RemoveBitmap,
    SetSpeed,
    StartMirror,
    Write,
)
from suites.product import disk
from suites.product.axes import BitmapOperation, Ending, JobMoment, WriteShape
from suites.product.case import ProductCase

_ADDS = (BitmapOperation.ADD, BitmapOperation.ADD_DISABLED, BitmapOperation.ADD_PERSISTENT)
_LATER = (*_ADDS, BitmapOperation.NONE)
_STEPS: dict[BitmapOperation, BitmapStep] = {
    BitmapOperation.CLEAR: ClearBitmap("b0"),
    BitmapOperation.ENABLE: EnableBitmap("b0"),
    BitmapOperation.DISABLE: DisableBitmap("b0"),
    BitmapOperation.REMOVE: RemoveBitmap("b0"),
    BitmapOperation.MERGE_INTO: MergeBitmaps("b0", ("b1",)),
    BitmapOperation.MERGE_FROM: MergeBitmaps("b1", ("b0",)),
    BitmapOperation.ADD: AddBitmap("b0"),
    BitmapOperation.ADD_DISABLED: AddBitmap("b0", disabled=True),
    BitmapOperation.ADD_PERSISTENT: AddBitmap("b0", persistent=True),
    BitmapOperation.TWO: AddBitmap("b2"),
}
_NORMALISERS = (GRANULARITY, SYNC, COPY_MODE, WAITS, TARGET_FILE, FIGURES, LENGTHS)
_WORDS = {str(Reason.NOT_ROOT): "second-job"}


class ProductStory:
    """Runs a case on a bench and keeps its chapters."""

    def __init__(self, bench: Rehearsal, case: ProductCase):
        self.bench = bench
        self.case = case
        self.chapters = Chapters(bench.transcript, bench.behaviours, _NORMALISERS, frozenset(JobState), _WORDS)
        good = case.granularity.is_good
        self.granularity = case.granularity.bytes if good else None
        self.mirror_granularity = None if case.used else case.granularity.bytes

    def run(self) -> None:
        """Run the whole story, until QEMU has ended."""
        disk.build(self.bench, self.case)
        self._prepare()
        self._operate_at(JobMoment.BEFORE)
        started = self._start()
        if started:
            self._live()
        elif self.case.moment is not JobMoment.BEFORE:
            self._operate()
        if started and self.case.moment is JobMoment.AFTER:
            self._operate()
        if self.bench.is_running:
            self.bench.do(Quit())

    def _prepare(self) -> None:
        """Write, add the bitmaps, write again: what was written first is not dirty."""
        bench, case = self.bench, self.case
        bench.do(replace(self._write(WriteShape.ALIGNED, 3 * MIB, "first"), length=64 * KIB))
        granularity = self.granularity or 64 * KIB
        bench.do(*disk.before(case.written, 20 * MIB, granularity), *disk.before(case.late, 40 * MIB, granularity))
        if case.operation is not BitmapOperation.NONE:
            self._add_bitmaps()
        bench.do(self._write(WriteShape.ONE_BYTE, 10 * MIB, "W1"), self._write(case.written, 20 * MIB, "W1"))
        self.chapters.skip()

    def _add_bitmaps(self) -> None:
        operation = self.case.operation
        if operation not in _LATER:
            self.bench.do(AddBitmap("b0", self.granularity))
        if operation in (BitmapOperation.MERGE_INTO, BitmapOperation.MERGE_FROM):
            self.bench.do(AddBitmap("b1", self.granularity))
            self.bench.do(self._write(WriteShape.ONE_BYTE, 15 * MIB, "W0"))
            self.bench.do(*([ClearBitmap("b1")] if operation is BitmapOperation.MERGE_FROM else [ClearBitmap("b0")]))

    def _start(self) -> bool:
        """Start the mirror, held in RUNNING if that is the moment; return whether it runs."""
        case, bench = self.case, self.bench
        held = case.moment is JobMoment.RUNNING and case.sync is not SyncMode.NONE
        passed = "b0" if case.used and "b0" in bench.state.bitmaps_on("source") else None
        bench.do(
            StartMirror(
                "job",
                "target",
                sync=case.sync,
                bitmap=passed,
                granularity=self.mirror_granularity,
                copy_mode=case.copy_mode,
                speed=1 if held else None,
                auto_finalize=False if case.moment is JobMoment.PENDING else None,
                command=case.command,
                target_format=disk.format_of(case.target),
            )
        )
        self.chapters.close(f"start-{'drive-' if case.command.is_drive else ''}{'bitmap' if passed else 'plain'}")
        return bool(bench.state.active_jobs())

    def _live(self) -> None:
        """Go through the moments of a running mirror up to its end."""
        case, bench = self.case, self.bench
        if case.moment is JobMoment.RUNNING:
            self._operate()
            bench.do(*([SetSpeed("job", 0)] if bench.state.jobs["job"].state == "running" else []))
            self.chapters.close("released")
        self._operate_at(JobMoment.READY)
        bench.do(self._write(case.late, 40 * MIB, "W2", at="filter"))
        self.chapters.skip()
        if case.moment is JobMoment.PENDING:
            bench.do(CompleteJob("job"))
            self.chapters.close("pending")
            self._operate()
        self._end()

    def _end(self) -> None:
        case, bench = self.case, self.bench
        match case.ending:
            case Ending.COMPLETE:
                bench.do(FinalizeJob("job") if case.moment is JobMoment.PENDING else CompleteJob("job"))
            case Ending.GRACEFUL:
                bench.do(CancelJob("job"))
            case Ending.FORCE:
                bench.do(CancelJob("job", force=True))
            case Ending.QUIT:
                bench.do(Quit())
                return
        self.chapters.close(f"end-{case.ending}{'-pending' if case.moment is JobMoment.PENDING else ''}")
        bench.observe()

    def _operate_at(self, moment: JobMoment) -> None:
        if self.case.moment is moment:
            self._operate()

    def _operate(self) -> None:
        """Do the operation, see what became of the bitmaps."""
        case = self.case
        if case.operation is BitmapOperation.SECOND_JOB:
            self._offer_to_second_job()
        elif case.operation in _STEPS:
            self.bench.do(self._sized(_STEPS[case.operation]))
        self.bench.observe("b0", "b1", "b2")
        self.chapters.close(case.operation)

    def _sized(self, step: BitmapStep) -> BitmapStep:
        """Return a step with the granularity of the case, if it creates a bitmap: any for b0, a good one else."""
        if not isinstance(step, AddBitmap):
            return step
        return replace(step, granularity=self.case.granularity.bytes if step.name == "b0" else self.granularity)

    def _offer_to_second_job(self) -> None:
        self.bench.do(AddImage("second", disk.SIZES[self.case.size]))
        self.bench.do(StartMirror("other", "second", bitmap="b0", filter_node="filter2"))
        if self.bench.state.jobs.get("other") in self.bench.state.active_jobs():
            self.bench.do(CancelJob("other"))

    def _write(self, shape: WriteShape, near: int, name: str, at: str = "source") -> Write:
        return disk.write(shape, near, self.granularity or 64 * KIB, disk.SIZES[self.case.size], name=name, at=at)
