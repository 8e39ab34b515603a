"""A mirror with a bitmap mode as v1 has it, and as the caller of a v2 or v3 obtains it with copies of the bitmap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypedDict

from fixtures.bench import Rehearsal
from fixtures.vocabulary.enums import BitmapMode, CopyMode, Dialect, SyncMode
from fixtures.vocabulary.faults import Fault, Place
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CompleteJob,
    DismissJob,
    Inject,
    StartMirror,
    Write,
)
from suites.parameters.bitmap_modes import SEGMENT, passed_for, settle

SIZE = 16 * MIB
DELTA = Write(2 * MIB, 4 * SEGMENT, Positional(1))
DURING = Write(8 * MIB, 2 * SEGMENT, Positional(2), at="filter")
AFTER = Write(12 * MIB, SEGMENT, Positional(3))


class Said(TypedDict):
    """The arguments of a mirror that say its mode."""

    sync: SyncMode
    bitmap_mode: BitmapMode | None


class Moved:
    """Tells the story of one mode on a bench, in the words of the bench's dialect.

    ``begin``: the line of the transcript with which the mirror is prepared. ``left``: the segments that are dirty in
    the bitmap once all is settled.
    """

    def __init__(self, bench: Rehearsal, mode: BitmapMode, copy_mode: CopyMode):
        self.bench = bench
        self.mode = mode
        self.copy_mode = copy_mode
        self.is_native = bench.state.dialect is Dialect.V1
        self.begin = 0
        self.left: set[int] = set()
        self.passed = "b0"

    def run(self, ending: str) -> None:
        """Mirror the delta, with a write meanwhile, end the mirror in that way, write again."""
        bench = self.bench
        bench.do(AddImage("source", SIZE), AddImage("target", SIZE), AddBitmap("b0", SEGMENT), DELTA)
        self.begin = len(bench.transcript.lines)
        if not self.is_native:
            self.passed = passed_for(bench, self.mode)
        ENDINGS[ending](self)
        bench.observe("b0")
        settle(bench, self.mode, self.passed, success=bench.state.jobs["job"].completed)
        bench.do(DismissJob("job"))
        self.left = set(bench.state.bitmaps_on("source")["b0"].dirty)
        bench.do(AFTER)
        bench.observe("b0")

    def start(self, buf_size: int | None = None) -> None:
        """Start the mirror with what stands for the mode; a ``buf_size`` of one segment copies them one by one."""
        self.bench.do(
            StartMirror(
                "job",
                "target",
                **self._said(),
                bitmap=self.passed,
                copy_mode=self.copy_mode,
                buf_size=buf_size,
                auto_dismiss=False,
            )
        )

    def _said(self) -> Said:
        """Return how the mode is said; in write-blocking mode, v1 says ``incremental``, which is on-success."""
        if not self.is_native:
            return Said(sync=SyncMode.FULL, bitmap_mode=None)
        if self.mode is BitmapMode.ON_SUCCESS and self.copy_mode is CopyMode.WRITE_BLOCKING:
            return Said(sync=SyncMode.INCREMENTAL, bitmap_mode=None)
        return Said(sync=SyncMode.BITMAP, bitmap_mode=self.mode)


def _complete(story: Moved) -> None:
    story.start()
    story.bench.do(DURING, CompleteJob("job"))


def _cancel_gracefully(story: Moved) -> None:
    story.start()
    story.bench.do(DURING, CancelJob("job"))


def _cancel_by_force(story: Moved) -> None:
    story.start()
    story.bench.do(DURING, CancelJob("job", force=True))


def _read_error(story: Moved) -> None:
    story.bench.do(Inject(Fault(Place.READ, after=2)))
    story.start(SEGMENT)


ENDINGS: Mapping[str, Callable[[Moved], None]] = {
    "complete": _complete,
    "graceful-cancel": _cancel_gracefully,
    "force-cancel": _cancel_by_force,
    "read-error": _read_error,
}
"""How the mirror goes from its start to its end, by name."""
