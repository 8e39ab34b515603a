"""Failures have one cause if they are likely one fault: a crash by place, a mismatch by what differs and where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixtures.runs.causes import by_cause, call_chain, cause_of
from fixtures.runs.result import Death, Deviation, Outcome, Result

CRASH = Deviation("QEMU crashed or quit", ("connection lost",), "StartMirror")
FRAMES = ("mirror_start at ../block/mirror.c:7", "qmp_mirror at ../blockdev.c:9", "main at ../system/main.c:1")
ASSERTION = "qemu: ../block/mirror.c:7: {}: Assertion `granularity' failed."


def failed(name: str, *details: str, what: str = "refusal", at: str = "StartMirror", **axes: str) -> Result:
    """Return a case in which QEMU and the model differ."""
    return Result(f"suites/a/test_a.py::{name}", Outcome.FAILED, axes=axes, deviation=Deviation(what, details, at))


def crashed(how: str = "SIGABRT", stderr: str = "", frames: tuple[str, ...] = ()) -> Result:
    """Return a case in which QEMU died."""
    death = Death(how, (stderr,) if stderr else (), frames)
    return Result("suites/a/test_a.py::test_c", Outcome.CRASHED, death=death, deviation=CRASH)


@pytest.mark.parametrize(
    ("result", "title"),
    [
        (crashed("SIGFPE", frames=FRAMES), "SIGFPE in mirror_start(), block/mirror.c"),
        (
            crashed("SIGSEGV", frames=("memmove at ./string/move.S:3", *FRAMES)),
            "SIGSEGV in mirror_start(), block/mirror.c",
        ),
        (crashed("SIGSEGV", frames=("(no backtrace: gdb is not installed)",)), "SIGSEGV at StartMirror"),
        (crashed(stderr=ASSERTION.format("mirror_run")), "SIGABRT in mirror_run(), block/mirror.c"),
        (crashed(stderr=ASSERTION.format("int mirror_run(Job *, int)")), "SIGABRT in mirror_run(), block/mirror.c"),
        (
            crashed(stderr="Unexpected error in bdrv_check() at ../block.c:23:", frames=FRAMES),
            "SIGABRT in bdrv_check(), block.c",
        ),
        (
            crashed(stderr="ERROR:../util/hbitmap.c:12:hbitmap_get: assertion failed: (pos < 512)"),
            "SIGABRT in hbitmap_get(), util/hbitmap.c",
        ),
        (crashed("status 1", "qemu: cannot allocate 4096 bytes"), "status 1 after: qemu: cannot allocate N bytes"),
    ],
)
def test_a_crash_is_one_by_signal_and_function(result: Result, title: str) -> None:
    """The function that gave up is what stderr names, else the innermost one of QEMU's own in the backtrace."""
    assert cause_of(result).title == title


def test_names_and_numbers_make_no_cause() -> None:
    """Names of bitmaps, sizes and bytes may differ in failures of one fault."""
    one = failed("test_a", "count: expected 3, observed 2", what="bitmap b0 of source", at="observing")
    other = failed("test_b[c]", "count: expected 4, observed 1", what="bitmap copy of source", at="observing")
    assert cause_of(one) == cause_of(other)
    assert cause_of(one).title == "bitmap of source, at observing"
    texts = [failed("test_a", f"expected: Bitmap '{name}' is busy", "observed: None") for name in ("b0", "b1")]
    assert cause_of(texts[0]) == cause_of(texts[1])
    lost = cause_of(failed("test_a", "expected: None", "observed: 65536", what="first difference in target", at="Quit"))
    assert (lost.title, lost.details) == ("first difference in target, at Quit", ())


@pytest.mark.parametrize(
    ("expected", "observed", "title", "details"),
    [
        ("Bitmap 'b0' is busy", "None", "not refused, at StartMirror", ("Bitmap '...' is busy",)),
        ("None", "Bitmap 'b0' is busy", "refused, at StartMirror", ("Bitmap '...' is busy",)),
        (
            "It is busy",
            "It is lost",
            "refused otherwise, at StartMirror",
            ("expected: It is busy", "observed: It is lost"),
        ),
    ],
)
def test_what_is_wrong_with_a_refusal(expected: str, observed: str, title: str, details: tuple[str, ...]) -> None:
    """None where one was due, one too many or another one are causes of their own."""
    cause = cause_of(failed("test_a", f"expected: {expected}", f"observed: {observed}"))
    assert (cause.title, cause.details) == (title, details)


def test_what_differs_and_where_make_a_cause() -> None:
    """Another refusal, another field or another step is another cause."""
    some = [
        failed("test_a", "expected: Bitmap 'b0' is busy", "observed: None"),
        failed("test_a", "expected: Bitmap 'b0' is not enabled", "observed: None"),
        failed("test_a", "expected: Bitmap 'b0' is busy", "observed: None", at="ClearBitmap"),
        failed("test_a", "busy: expected True, observed False", what="bitmap b0 of source"),
    ]
    assert len(by_cause(some)) == len(some)


def test_events_differ_by_the_first_one() -> None:
    """What a job emits later, or emitted before, is no part of the cause."""
    one = failed("a", "expected: created running ready", "observed: created running aborting", what="events of job job")
    other = failed("b", "expected: running ready waiting", "observed: running aborting", what="events of job job")
    assert cause_of(one) == cause_of(other)
    assert cause_of(one).details == ("expected: ready", "observed: aborting")
    short = failed("c", "expected: created running", "observed: created", what="events of job job")
    assert cause_of(short).details == ("expected: running", "observed: nothing more")


def test_goldens_differ_by_the_first_lines() -> None:
    """Lines that both have are no part of the cause, nor are numbers."""
    text = "assert [+ received] == [- snapshot]\n    # {0}\n  - -> write at 0 length {1}\n  + -> write at 0\n    ..."
    some = [Result(f"a::{name}", Outcome.FAILED, text.format(name, size)) for name, size in (("b", "1K"), ("c", "2K"))]
    (cause,) = by_cause(some)
    assert (cause.title, cause.details) == ("the golden differs", ("- -> write at N length N", "+ -> write at N"))
    assert cause_of(replace(some[0], reason="OSError: no space\nmore")).title == "OSError: no space"
    assert cause_of(replace(some[0], reason="")).title == ""


def test_crashes_come_first_then_what_is_frequent() -> None:
    """The order of the causes is that of the report."""
    often = [failed(f"test_a[{number}]", "expected: 1", "observed: 2") for number in range(3)]
    found = by_cause([failed("test_b", "missing: b0"), *often, crashed(frames=FRAMES)])
    assert [len(cases) for cases in found.values()] == [1, 3, 1]
    assert next(iter(found)).outcome is Outcome.CRASHED


def test_the_chain_of_calls() -> None:
    """It has the signal and QEMU's own functions; without a backtrace there is none."""
    assert call_chain(crashed("SIGFPE", frames=FRAMES)) == ("SIGFPE", "mirror_start", "qmp_mirror", "main")
    assert call_chain(crashed("SIGFPE", frames=("(no backtrace: no core file was left)",))) == ()
    assert call_chain(failed("test_a")) == ()
