"""Where a mirror can be when a command arrives: its states, and in the middle of its work in some of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fixtures.bench import Rehearsal
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    AwaitHalt,
    CancelJob,
    CompleteJob,
    HaltRead,
    LetGo,
    PauseJob,
    ResumeJob,
    StartMirror,
    Storage,
    Write,
)

Teller = Rehearsal
LATE = Write(2 * MIB, 512, Fill(0x22), at="filter")


@dataclass(frozen=True)
class Options:
    """How the job is started: with the bitmap b0 or without any; what it does by itself when it ends."""

    bitmap: bool
    auto_finalize: bool
    auto_dismiss: bool

    def __str__(self) -> str:
        said = {"bitmap": self.bitmap, "finalize": self.auto_finalize, "dismiss": self.auto_dismiss}
        return "-".join(f"{'' if on else 'no-'}{word}" for word, on in said.items())


def start(bench: Teller, options: Options, speed: int | None = None) -> None:
    """Start a mirror of two dirty segments."""
    bench.do(
        StartMirror(
            "job",
            "target",
            bitmap="b0" if options.bitmap else None,
            speed=speed,
            auto_finalize=None if options.auto_finalize else False,
            auto_dismiss=None if options.auto_dismiss else False,
        )
    )


def build(bench: Teller, options: Options, halts: bool) -> None:
    """Open a disk with two segments to copy, and a target."""
    if halts:
        bench.do(AddImage("source", storage=Storage.HALTING))
    else:
        bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    if options.bitmap:
        bench.do(AddBitmap("b0", 64 * KIB))
    bench.do(Write(MIB - 1, 2, Fill(0x11)))


@dataclass(frozen=True)
class JobPlace:
    """A state, and how to get there. ``halted``: a request of the job does not return until it is let go."""

    means: str
    reach: Callable[[Teller, Options], None]
    halted: bool = False
    needs_halt: bool = False
    auto_finalize: bool | None = None
    auto_dismiss: bool | None = None

    def allows(self, options: Options) -> bool:
        """Return whether a job with these options gets there and stays."""
        wanted = ((self.auto_finalize, options.auto_finalize), (self.auto_dismiss, options.auto_dismiss))
        return all(needed in (None, given) for needed, given in wanted)


def _running(bench: Teller, options: Options) -> None:
    start(bench, options, speed=1)


def _reading(bench: Teller, options: Options) -> None:
    bench.do(HaltRead())
    start(bench, options)
    bench.do(AwaitHalt())


def _pausing(bench: Teller, options: Options) -> None:
    _reading(bench, options)
    bench.do(PauseJob("job"))


def _cancelling(bench: Teller, options: Options) -> None:
    _pausing(bench, options)
    bench.do(CancelJob("job", force=True))


def _paused(bench: Teller, options: Options) -> None:
    _running(bench, options)
    bench.do(PauseJob("job"))


def _standby(bench: Teller, options: Options) -> None:
    start(bench, options)
    bench.do(PauseJob("job"), LATE)


def _standby_completing(bench: Teller, options: Options) -> None:
    _standby(bench, options)
    bench.do(CompleteJob("job"))


def _copying(bench: Teller, options: Options) -> None:
    _standby(bench, options)
    bench.do(HaltRead(), ResumeJob("job"), AwaitHalt())


def _pausing_ready(bench: Teller, options: Options) -> None:
    _copying(bench, options)
    bench.do(PauseJob("job"))


def _completing(bench: Teller, options: Options) -> None:
    _copying(bench, options)
    bench.do(CompleteJob("job"))


def _ending(bench: Teller, options: Options) -> None:
    _copying(bench, options)
    bench.do(CancelJob("job"))


def _complete(bench: Teller, options: Options) -> None:
    start(bench, options)
    bench.do(CompleteJob("job"))


def _cancelled(bench: Teller, options: Options) -> None:
    start(bench, options)
    bench.do(CancelJob("job", force=True))


def _paused_too_late(bench: Teller, options: Options) -> None:
    _cancelling(bench, options)
    bench.do(PauseJob("job"))
    bench.do(LetGo("job"))


PLACES = {
    "running": JobPlace("RUNNING: its speed limit keeps it there", _running),
    "reading": JobPlace("RUNNING, in the middle of a request", _reading, halted=True),
    "cancelling": JobPlace(
        "RUNNING, in the middle of a request, asked to pause, then cancelled by force", _cancelling, halted=True
    ),
    "pausing": JobPlace("RUNNING, in the middle of a request, asked to pause", _pausing, halted=True),
    "paused": JobPlace("PAUSED", _paused),
    "ready": JobPlace("READY", start),
    "copying": JobPlace("READY, in the middle of a request", _copying, halted=True),
    "completing": JobPlace("READY, in the middle of a request, asked to complete", _completing, halted=True),
    "ending": JobPlace("READY, in the middle of a request, cancelled gracefully", _ending, halted=True),
    "pausing-ready": JobPlace("READY, in the middle of a request, asked to pause", _pausing_ready, halted=True),
    "standby": JobPlace("STANDBY", _standby),
    "standby-completing": JobPlace("STANDBY, asked to complete", _standby_completing),
    "pending": JobPlace("PENDING", _complete, auto_finalize=False),
    "concluded": JobPlace("CONCLUDED in success", _complete, auto_finalize=True, auto_dismiss=False),
    "cancelled": JobPlace("CONCLUDED by a cancel", _cancelled, auto_dismiss=False),
    "paused-too-late": JobPlace(
        "CONCLUDED by a cancel, asked to pause before", _paused_too_late, needs_halt=True, auto_dismiss=False
    ),
    "gone": JobPlace("NULL: dismissed by itself", _cancelled, auto_dismiss=True),
}
