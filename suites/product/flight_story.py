"""The story of a case with a request in flight: two small disks hold it while the operation is done.

Nothing else is left to timing then, so that all that the job reports of its progress is compared after every step
(fixtures/bench/standing.py). Segment 0 is left in peace: there the bench looks whether QEMU is at rest.
"""

from __future__ import annotations

import errno
from dataclasses import replace

from fixtures.bench import Rehearsal
from fixtures.model.state.job import JobState
from fixtures.vocabulary.enums import Format
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.requests import Gate, Stage
from fixtures.vocabulary.steps import (
    AddImage,
    CancelJob,
    CompleteJob,
    ConnectGuest,
    DismissJob,
    Hold,
    OpenGates,
    PauseJob,
    Release,
    ReleaseAll,
    Storage,
    Write,
    issued,
)
from suites.product import disk, operations, start
from suites.product.axes import Amount, Ending, Held, WriteShape
from suites.product.case import ProductCase

SEGMENTS = 16
LAST = SEGMENTS - 1
_FIRST, _DIRTY_STILL = 1, 7
_DIRTY = {
    Amount.NONE: [],
    Amount.ONE: [LAST],
    Amount.SOME: [_FIRST, _DIRTY_STILL, LAST],
    Amount.ALL: range(SEGMENTS),
}
"""The segments that are dirty when the mirror starts."""
_HELD = {Amount.SOME: _FIRST}
"""The segment whose copy is held, if that is not the last one: then others are dirty still."""
_ALIKE = 3
"""A segment with data that both disks hold."""


class FlightStory:
    """Runs a case on a bench. There are no chapters: where requests stand differs from case to case.

    ``index``: the segment in which a request is held.
    """

    def __init__(self, bench: Rehearsal, case: ProductCase):
        self.bench = bench
        self.case = case
        self.size = SEGMENTS * case.segment
        self.index = _HELD.get(case.amount, LAST) if case.held.is_copy else LAST

    def run(self) -> None:
        """Run the whole story but for QEMU's end."""
        self._prepare()
        if self.case.held.is_copy:
            self._hold_a_copy()
        else:
            self._hold_a_write()
        self._operate()
        self._end()
        self._rest()

    def _prepare(self) -> None:
        bench, size, each = self.bench, self.size, self.case.segment
        bench.do(AddImage("source", size, Format.RAW, storage=Storage.HELD))
        bench.do(AddImage("target", size, Format.RAW, storage=Storage.HELD))
        bench.do(ConnectGuest())
        data = Write(_ALIKE * each, min(each, disk.MOST), Positional(1))
        bench.do(data, replace(data, at="target"))
        operations.add_second_target(bench, self.case, size)  # no node can be added while a request is in flight
        operations.add_other(bench, self.case, self._write(WriteShape.ONE_BYTE, 2))
        bench.do(operations.add_bitmap(self.case))
        bench.do(*(self._write(WriteShape.ALIGNED, at) for at in _DIRTY[self.case.amount]))

    def _hold_a_copy(self) -> None:
        """Have the job in RUNNING, a copy held where it is read or where it is written."""
        bench, reads = self.bench, replace(self._gate, stage=Stage.SOURCE, reads=True)
        bench.do(Hold((reads,)))
        bench.do(start.mirror(self.case))
        if self.case.held is Held.COPY:
            bench.do(Hold((self._gate,)))
            bench.do(Release(self._copy))

    def _hold_a_write(self) -> None:
        """Have the job in READY, a guest's write held at the source or at the target."""
        bench = self.bench
        bench.do(start.mirror(self.case))
        bench.do(Hold((self._gate,)))
        bench.do(*issued(w1=self._write(self.case.late, self.index)))

    @property
    def _gate(self) -> Gate:
        """Return what holds changes of the segment."""
        begin = self.index * self.case.segment
        return Gate(self.case.held.stage, begin, begin + self.case.segment)

    @property
    def _copy(self) -> str:
        return f"copy of segment {self.index}"

    def _operate(self) -> None:
        """Do the operation, see all bitmaps, then what a later write leaves in them."""
        bench = self.bench
        bench.observe("b0", "b1")
        operations.operate(bench, self.case)
        bench.observe("b0", "b1", "b2", "b3")
        if self.case.held.is_copy:
            met = _DIRTY_STILL + (self.case.late is WriteShape.STRADDLING)  # from there to a clean one
            bench.do(*issued(w1=self._write(self.case.late, met)))
        bench.do(*issued(w2=self._write(WriteShape.ONE_BYTE, self.index if self.case.held.is_copy else 5)))
        bench.observe("b0", "b1", "b2", "b3")

    def _end(self) -> None:
        """End the job: what ends a READY one is ordered while a request is in flight, and waits for it."""
        bench, case = self.bench, self.case
        if case.ending is Ending.FORCE and not case.held.is_copy:
            bench.do(PauseJob("job"))  # what a paused job tells of its cancel shows that it came before what follows
        if case.ending in (Ending.GRACEFUL, Ending.FORCE):
            bench.do(CancelJob("job", force=case.ending is Ending.FORCE))
        elif case.ending is Ending.COMPLETE and not case.held.is_copy:
            bench.do(CompleteJob("job"))
        bench.do(OpenGates())
        if case.ending.is_error:
            bench.do(Release(self._copy if case.held.is_copy else "w1", errno.EIO))
        bench.do(ReleaseAll())
        if case.ending is Ending.COMPLETE and case.held.is_copy:
            bench.do(CompleteJob("job"))

    def _rest(self) -> None:
        """Write once more, and dismiss the job if it waits for that."""
        bench = self.bench
        bench.observe("b0", "b1")
        bench.do(self._write(WriteShape.ONE_BYTE, 9))  # of the node: after a completion, the guest has the target
        bench.observe("b0", "b1", "b2", "b3")
        if bench.state.jobs["job"].state is JobState.CONCLUDED:
            bench.do(DismissJob("job"))

    def _write(self, shape: WriteShape, at: int) -> Write:
        """Return a write to a segment."""
        each = self.case.segment
        return disk.write(shape, at * each, each, self.size, name="", at="source")
