"""A transcript is the story, one message a line, and QEMU's events are read as events of a job."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st

from fixtures.transcript.lines import BitmapAtRest, JobAtRest
from fixtures.transcript.transcript import Transcript, event_of
from fixtures.transcript.values import numbers
from fixtures.vocabulary.events import JobEvent
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.reasons import Cause, Reason
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import IoKind, Write


def test_a_story_is_told_line_by_line() -> None:
    """Commands, requests, refusals, events and observations stand in the order in which they came."""
    transcript = Transcript()
    transcript.command("job-complete", {"id": "job"})
    transcript.refusal("Job not found")
    transcript.write(Write(KIB, 512, Fill(7)))
    transcript.events("job", [JobEvent("READY", 100)], 64)
    transcript.observed("b0 dirty: none")
    assert transcript.text("what it pins") == (
        "# what it pins\n"
        "-> job-complete id=job\n"
        "<- Job not found\n"
        "-> source: write 0x07 at 1K length 512\n"
        "** job READY(2 segments)\n"
        "== b0 dirty: none\n"
    )


@pytest.mark.parametrize("command", ["query-jobs", "x-debug-block-dirty-bitmap-sha256", "qmp_capabilities", "quit"])
def test_commands_that_only_observe_are_left_out(command: str) -> None:
    """What asks, and what every connection says, is no part of the story."""
    transcript = Transcript()
    transcript.command(command, {})
    assert transcript.lines == []


def test_no_event_is_no_line() -> None:
    """A step that makes a job say nothing leaves no trace of it."""
    transcript = Transcript()
    transcript.events("job", [], 64)
    assert transcript.lines == []


def test_a_tail_is_the_end() -> None:
    """A failure shows the last lines only."""
    transcript = Transcript()
    for number in range(20):
        transcript.observed(str(number))
    assert transcript.tail(2) == "== 18\n== 19"
    assert transcript.tail().startswith("== 8\n")


LENGTHS = {
    "whole": (JobEvent("READY", 128), "READY(2 segments)"),
    "cut-off": (JobEvent("READY", 129), "READY(3 segments)"),
    "empty": (JobEvent("READY", 0), "READY(0 segments)"),
    "not-promised": (JobEvent("READY"), "READY"),
    "not-the-same-twice": (JobEvent("READY", 128, repeats=False), "READY"),
    "error": (JobEvent("COMPLETED", None, "Input/output error"), "COMPLETED(Input/output error)"),
}


@pytest.mark.parametrize(("event", "expected"), LENGTHS.values(), ids=LENGTHS)
def test_a_length_is_told_in_segments(event: JobEvent, expected: str) -> None:
    """A partial segment counts whole; a length that may change from run to run is not shown."""
    transcript = Transcript()
    transcript.events("job", [event], 64)
    assert transcript.tail() == f"** job {expected}"


def event(name: str, **data: object) -> dict[str, Any]:
    """Return an event as QEMU sends it."""
    return {"event": name, "data": data, "timestamp": {"seconds": 1}}


SIGNS = {
    "status": (event("JOB_STATUS_CHANGE", id="j", status="ready"), ("j", JobEvent("ready"))),
    "ready": (event("BLOCK_JOB_READY", device="j", len=10, offset=10), ("j", JobEvent("READY", 10))),
    "completed": (event("BLOCK_JOB_COMPLETED", device="j", len=10), ("j", JobEvent("COMPLETED", 10))),
    "failed": (event("BLOCK_JOB_COMPLETED", device="j", len=1, error="E"), ("j", JobEvent("COMPLETED", 1, "E"))),
    "cancelled": (event("BLOCK_JOB_CANCELLED", device="j", len=5), ("j", JobEvent("CANCELLED", 5))),
    "pending": (event("BLOCK_JOB_PENDING", id="j", type="mirror"), ("j", JobEvent("PENDING"))),
    "error": (
        event("BLOCK_JOB_ERROR", device="j", operation="read", action="report"),
        ("j", JobEvent("ERROR", None, "read report")),
    ),
    "other": (event("SHUTDOWN", guest=False), None),
    "other-block": (event("BLOCK_IMAGE_CORRUPTED", device=""), None),
}


@pytest.mark.parametrize(("message", "expected"), SIGNS.values(), ids=SIGNS)
def test_an_event_belongs_to_its_job(message: dict[str, Any], expected: tuple[str, JobEvent] | None) -> None:
    """Events of jobs name the job, the event, its length and what went wrong; others are passed over."""
    assert event_of(message) == expected


def test_a_prediction_matches_what_it_promises() -> None:
    """A length is compared only where one is promised; name and detail always are."""
    seen = JobEvent("READY", 64, "")
    assert JobEvent("READY").matches(seen)
    assert JobEvent("READY", 64).matches(seen)
    assert not JobEvent("READY", 65).matches(seen)
    assert not JobEvent("COMPLETED").matches(seen)
    assert not JobEvent("READY", None, "error").matches(seen)
    assert not JobEvent("READY", 64).matches(JobEvent("READY"))


@given(st.sets(st.integers(0, 40)))
def test_numbers_are_exactly_the_segments(segments: set[int]) -> None:
    """Ranges are in order, as long as they can be, and stand for each segment once."""
    text = numbers(segments)
    parts = [] if text == "none" else [[int(one) for one in part.split("-")] for part in text.split()]
    assert [one for part in parts for one in range(part[0], part[-1] + 1)] == sorted(segments)
    assert all(len(part) == 1 or part[0] < part[1] for part in parts)
    assert all(part[0] > before[-1] + 1 for before, part in pairwise(parts))


def test_numbers_are_short() -> None:
    """A few examples of how segments are shown."""
    assert [numbers(one) for one in ([], [5], [3, 1, 2], [12, 0, 5, 6, 7])] == ["none", "5", "1-3", "0 5-7 12"]


def test_a_request_says_what_it_means() -> None:
    """Zeroes and discards have no pattern; the node is the one that the request goes through."""
    transcript = Transcript()
    transcript.write(Write(0, 64 * KIB, kind=IoKind.ZEROES, at="filter"))
    transcript.write(Write(512, 512, kind=IoKind.DISCARD))
    assert list(map(str, transcript.lines)) == [
        "-> filter: write zeroes at 0 length 64K",
        "-> source: discard at 512 length 512",
    ]


def test_a_line_knows_the_facts_of_a_name() -> None:
    """A refusal its reason, a job's events their names and errors, a bitmap what is dirty; a command nothing."""
    transcript = Transcript()
    cause = Cause(Reason.BUSY, "{name} is busy", {"name": "b0"})
    transcript.command("job-complete", {"id": "job"})
    transcript.refusal("b0 is busy", cause)
    transcript.refusal("something else", cause)
    transcript.events("job", [JobEvent("ERROR", None, "read report")], 1)
    transcript.observed(BitmapAtRest("base", "b0", "W1 W2", ("recording", "busy")))
    transcript.observed(JobAtRest("job", "paused", "nospace"))
    assert [line.facts for line in transcript.lines] == [
        (),
        ("refused", "busy"),
        ("refused",),
        ("ERROR", "read", "report"),
        ("W1", "W2", "recording", "busy"),
        ("paused", "nospace"),
    ]
    assert transcript.tail(2) == "== b0 of base dirty: W1 W2; recording busy\n== job is paused, io-status nospace"


def test_an_aside_stands_for_what_was_noted_within() -> None:
    """Its headline is all that is left, but the listener has got every line."""
    transcript, heard = Transcript(), list[str]()
    transcript.listener = lambda line: heard.append(str(line))
    with transcript.aside("two things"):
        transcript.observed("one")
        transcript.issue("two", Write(0, 512, Fill(1)))
    assert transcript.tail() == ".. two things"
    assert heard == ["== one", "-> guest: two = write 0x01 at 0 length 512"]
