"""The law of v1's bitmap modes in the cases of the product: what a mirror may take out of its bitmap when it ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from fixtures.bench import Rehearsal
from fixtures.model.state.bitmap import Bitmap
from fixtures.model.state.content import Slice
from fixtures.model.state.job import Job
from fixtures.vocabulary.enums import BitmapMode, Dialect
from fixtures.vocabulary.patterns import Pattern
from fixtures.vocabulary.steps import Step, Write
from suites.product import design
from suites.product.axes import WriteShape
from suites.product.mode_parts import MODES
from suites.product.story import ProductStory


class Watched(Rehearsal):
    """A rehearsal that notes what was dirty when a mirror started, and what guests have made dirty since.

    ``ended``: what was dirty when it had ended; ``lacking``: of all that it might have copied, what the target lacked.
    That is empty in write-blocking mode: it copies parts of segments, and the target is no copy to begin with.
    """

    def __init__(self) -> None:
        super().__init__(Dialect.V1)
        self.kept: set[int] = set()
        self.ended: set[int] | None = None
        self.lacking: set[int] = set()

    @property
    def job(self) -> Job | None:
        """Return the mirror, if it has started."""
        return self.state.jobs.get("job")

    @property
    def bitmap(self) -> Bitmap:
        """Return the bitmap that it was given."""
        return self.state.bitmaps_on("source")["b0"]

    def do(self, *steps: Step) -> None:
        """Do each step, and look at the bitmap."""
        for step in steps:
            before = self.job
            super().do(step)
            if self.job and self.ended is None:
                if before is None:
                    self.kept = set(self.bitmap.dirty)
                elif isinstance(step, Write) and self.bitmap.enabled:
                    self.kept.update(self.bitmap.segments(step.offset, step.offset + step.length))
                if self.job not in self.state.active_jobs():
                    self.observe()
                    self.ended = set(self.bitmap.dirty)
                    self.lacking = {one for one in self.kept if not self.job.blocking and self._differs(one)}

    def _differs(self, segment: int) -> bool:
        """Return whether a guest reads something else from the target than from the source."""
        start, end = self.bitmap.span(segment)
        source, target = (_joined(self.state.images[name].read(start, end)) for name in ("source", "target"))
        return source != target


def _joined(pieces: Iterable[Slice]) -> list[tuple[int, Pattern]]:
    """Return where which content begins."""
    return [(next(some)[0], pattern) for pattern, some in groupby(pieces, lambda piece: piece[2])]


def _mirrors(mode: BitmapMode) -> Iterator[tuple[Watched, Job, set[int]]]:
    """Yield every seventh story of a mode, their mirror, and what that left dirty when it had ended.

    They have no discard during the job, for a bitmap records only those that the disk does not ignore.
    """
    for case in (entry.case for entry in design.of(MODES)[::7]):
        if case.late is not WriteShape.DISCARD and (case.bitmap_mode or BitmapMode.ON_SUCCESS) is mode:
            bench = Watched()
            ProductStory(bench, case).run()
            assert bench.job is not None
            if bench.ended is not None:
                yield bench, bench.job, bench.ended


def test_never_keeps_all() -> None:
    """What was dirty at the start and what was written since are dirty, however the mirror ends."""
    for bench, _, ended in _mirrors(BitmapMode.NEVER):
        assert ended == bench.kept


def test_on_success_keeps_all_unless_it_succeeded() -> None:
    """After a success nothing is dirty."""
    ends = {True: 0, False: 0}
    for bench, job, ended in _mirrors(BitmapMode.ON_SUCCESS):
        assert ended == (set() if job.completed else bench.kept)
        ends[job.completed] += 1
    assert min(ends.values()) > 100


def test_always_keeps_what_the_target_lacks() -> None:
    """What is dirty was so before, and what is clean now is the same in both."""
    for bench, job, ended in _mirrors(BitmapMode.ALWAYS):
        assert ended <= (set() if job.completed else bench.kept)
        assert bench.lacking <= ended
