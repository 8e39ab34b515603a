"""The story of a case in chapters: a mirror meets an error; something is done about it; nothing is lost.

Each chapter is a behaviour that the model names: all cases with a chapter of that name must read the same.
"""

from __future__ import annotations

from dataclasses import replace

from fixtures.bench import Rehearsal
from fixtures.model.state.job import Job, JobState
from fixtures.transcript.chapters import Chapters
from fixtures.transcript.lines import Command, Events, Request
from fixtures.transcript.normalisers import ANY_DIRTY, ARGUMENTS, LENGTHS, ONE_JOB
from fixtures.vocabulary.enums import SyncMode
from fixtures.vocabulary.faults import Operation, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    CancelJob,
    CompleteJob,
    Heal,
    Inject,
    Quit,
    ResumeJob,
    StartMirror,
    Write,
)
from suites.errors import disk
from suites.errors.axes import Phase, Remedy
from suites.errors.case import ErrorCase

_NORMALISERS = (ARGUMENTS, ONE_JOB, LENGTHS, ANY_DIRTY)
_OLD = Write(0, 256 * KIB, Fill(0x11), name="old data")
_UNSAID = frozenset(["created", "waiting", "pending", "aborting", "concluded", "null", "what", "was"])


class ErrorStory:
    """Runs a case on a bench and keeps its chapters."""

    def __init__(self, bench: Rehearsal, case: ErrorCase):
        self.bench = bench
        self.case = case
        self.chapters = Chapters(bench.transcript, bench.behaviours, _NORMALISERS, _UNSAID)
        self.bitmap = "b0" if case.used and bench.state.dialect in disk.dialects_with_bitmap(case) else None
        self._mirrors = 0

    def run(self) -> None:
        """Run the whole story, until QEMU has ended."""
        case, bench = self.case, self.bench
        disk.build(bench, case)
        held = self.bitmap or case.place.is_metadata  # a healed target must hold data
        bench.do(*([_OLD] if held else []), replace(_OLD, at="target"))
        if self.bitmap:
            bench.do(AddBitmap(self.bitmap, disk.SEGMENT))
        bench.do(*disk.writes(case))
        self.chapters.skip()
        if case.phase is Phase.COPYING:
            bench.do(Inject(disk.fault(case)))
        self._start()
        if case.phase is Phase.READY:
            self._strike_ready()
        self._remedy()
        if bench.is_running:
            bench.do(Quit())

    @property
    def _job(self) -> Job:
        """Return the mirror that was started last."""
        return self.bench.state.jobs[f"job{self._mirrors}"]

    @property
    def _is_over(self) -> bool:
        return self._job.state is JobState.GONE

    def _start(self) -> None:
        """Start a mirror with the case's policies."""
        self._mirrors += 1
        case = self.case
        is_read = case.place.operation is Operation.READ
        self.bench.do(
            StartMirror(
                f"job{self._mirrors}",
                "target",
                sync=SyncMode.TOP if case.place is Place.COW and not self.bitmap else SyncMode.FULL,
                bitmap=self.bitmap,
                copy_mode=case.copy_mode,
                granularity=None if self.bitmap else disk.SEGMENT,
                buf_size=disk.BUFFERS[case.depth],
                on_source_error=case.policy if is_read else case.other,
                on_target_error=case.other if is_read else case.policy,
            )
        )
        self._look("start")

    def _strike_ready(self) -> None:
        """Inject the error while a READY mirror copies a guest's late write, or flushes it at completion."""
        self.bench.do(Inject(disk.fault(self.case)))
        self.bench.do(disk.late_write(self.case))
        self._look("late")
        if self.case.place is Place.FLUSH:
            self._complete()

    def _remedy(self) -> None:
        """Do what the case wants to be done about the error, then mirror to the end."""
        match Remedy.CANCEL if self._is_flooding else self.case.remedy:
            case Remedy.QUIT:
                if self._job.failing or self.case.place.is_metadata:
                    self._heal()  # else events are lost, or metadata is
                self.bench.do(Quit())
                return
            case Remedy.CANCEL if not self._is_over:
                self.bench.do(CancelJob(self._job.step.job, force=True))
                self._look("cancel")
            case Remedy.RETRY:
                self._go_on()
        self._heal()
        self._go_on()
        if not self._is_over:
            self._complete()

    @property
    def _is_flooding(self) -> bool:
        """Return whether errors come too fast to be read, so that the job must be ended (docs/findings.md)."""
        return self._job.failing and self.case.place is Place.FLUSH

    def _go_on(self) -> None:
        """Resume a paused mirror; start another one after one that has ended."""
        if self._job.paused:
            self.bench.do(ResumeJob(self._job.step.job))
            self._look("resume")
        elif self._is_over and not self._has_succeeded:
            if self.case.place is Place.ZEROES and not self._job.settled:
                self._spoil()
            self._start()

    def _spoil(self) -> None:
        """Write to the target, or whether it reads as zeroes by now depends on how far the failed mirror came."""
        self.bench.do(replace(_OLD, at="target"))
        self.chapters.skip()

    def _heal(self) -> None:
        """Take the fault away; where all is known that was copied, it is there now."""
        self.bench.do(Heal())
        self._look("heal")
        if self._job.settled or self._is_over:
            self.bench.verify("target")

    def _complete(self) -> None:
        self.bench.do(CompleteJob(self._job.step.job))
        self._look("complete")

    @property
    def _has_succeeded(self) -> bool:
        return self._is_over and self._job.completed

    def _look(self, name: str) -> None:
        """Observe all, end a chapter."""
        if self.bitmap and not self._job.failing:  # errors keep coming: the less is asked, the better
            self.bench.observe(self.bitmap)
        if not self._is_over and not self._job.failing:
            self.bench.observe_job(self._job.step.job)
        if any(isinstance(line, Command | Request | Events) for line in self.chapters.lines):
            self.chapters.close(name)
        else:
            self.chapters.skip()
