"""A watch over jobs takes the predicted events, passes over pauses, and notices anything else at once."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest

from fixtures.bench.jobwatch import JobWatch, UnexpectedEvent
from fixtures.vocabulary.events import JobEvent, JobEvents

READY = (JobEvent("created"), JobEvent("running"), JobEvent("ready"), JobEvent("READY", 64))


class FakeMonitor:
    """Gives events from a list; waiting for one more is an error of the test."""

    def __init__(self, *messages: dict[str, Any]):
        self.events = deque(messages)

    def next_event(self, awaited: str) -> dict[str, Any]:
        """Return the next event as a wait would."""
        assert self.events, f"waits for {awaited}"
        return self.events.popleft()

    def event_at_hand(self) -> dict[str, Any] | None:
        """Return the next event without waiting."""
        return self.events.popleft() if self.events else None


def watch(*words: str, job: str = "job") -> JobWatch:
    """Return a watch over a job's events: statuses, and events in capitals."""
    return over(*(message(word, job) for word in words))


def over(*messages: dict[str, Any]) -> JobWatch:
    """Return a watch over messages of QEMU's."""
    return JobWatch(FakeMonitor(*messages))  # type: ignore[arg-type]


def message(word: str, job: str = "job") -> dict[str, Any]:
    """Return the event of a status or, in capitals, of a block job."""
    if word == "ERROR":
        return {"event": "BLOCK_JOB_ERROR", "data": {"device": job, "operation": "read", "action": "report"}}
    if word.isupper():
        return {"event": f"BLOCK_JOB_{word}", "data": {"device": job, "len": 64}}
    return {"event": "JOB_STATUS_CHANGE", "data": {"id": job, "status": word}}


def events(*words: str) -> JobEvents:
    """Return predictions without length; a word with ``*`` may come many times."""
    return tuple(_event(word.rstrip("*"), word.endswith("*")) for word in words)


def _event(word: str, many: bool) -> JobEvent:
    return JobEvent(word, None, "read report" if word == "ERROR" else "", many=many)


def follows(seen: JobWatch, expected: JobEvents) -> None:
    """Follow the job; it must emit what is expected, and nothing more."""
    seen.follow("job", expected)
    seen.finish({})


def test_what_is_expected_is_accepted() -> None:
    """Events in the right order with the right length are all that is taken."""
    follows(watch("created", "running", "ready", "READY"), READY)


@pytest.mark.parametrize(
    "words",
    [
        "created running paused running ready READY",
        "created running ready standby ready READY",
        "created paused running running ready standby ready standby ready READY",
    ],
)
def test_pauses_are_passed_over(words: str) -> None:
    """A pause and the return from it, however often, are no events."""
    follows(watch(*words.split()), READY)


def test_a_pause_without_return_hides_nothing() -> None:
    """After a pause, only the return to the same state is passed over."""
    follows(watch("paused", "aborting", "running"), events("aborting", "running"))


def test_a_pause_of_one_job_does_not_hide_another() -> None:
    """Pauses are counted by job."""
    seen = over(message("paused", "one"), message("running", "two"), message("running", "one"))
    seen.follow("two", events("running"))
    seen.finish({})


def test_events_of_other_kinds_are_passed_over() -> None:
    """What is not about a job is left aside."""
    seen = over({"event": "SHUTDOWN", "data": {"guest": False}}, message("created"))
    follows(seen, events("created"))


def test_jobs_are_followed_apart() -> None:
    """Events of another job in between are kept for that job."""
    seen = over(message("created", "two"), message("created", "one"), message("running", "two"))
    seen.follow("one", events("created"))
    seen.follow("two", events("created", "running"))
    seen.finish({})


WRONG = {
    "other-name": (
        "created aborting",
        "events of job job\n  expected: created running ready READY.*\n  observed: created abort",
    ),
    "other-order": ("running", "expected: created running .*\n  observed: running$"),
    "error-first": ("created running ERROR", r"observed: created running ERROR\(read report\)$"),
}


@pytest.mark.parametrize(("words", "text"), WRONG.values(), ids=WRONG)
def test_anything_else_is_told_at_once(words: str, text: str) -> None:
    """The first wrong event ends the wait, with what came and what should have come."""
    with pytest.raises(UnexpectedEvent, match=text):
        watch(*words.split()).follow("job", READY)


def test_a_wrong_length_is_wrong() -> None:
    """A predicted length must be the emitted one."""
    with pytest.raises(UnexpectedEvent, match=r"expected: READY\[65\]\n  observed: READY\[64\]"):
        watch("READY").follow("job", (JobEvent("READY", 65),))


def test_one_failure_may_show_as_several_errors() -> None:
    """An error that may come many times counts as one; else the second one is too much."""
    words = ("ERROR", "ERROR", "ERROR", "aborting")
    follows(watch(*words), events("ERROR*", "aborting"))
    with pytest.raises(UnexpectedEvent):
        watch(*words).follow("job", events("ERROR", "aborting"))


def test_an_error_may_go_on_for_steps() -> None:
    """An error that is ignored comes again up to the next step's event, or to the exit, but not after it."""
    seen = watch("ERROR", "ERROR", "ERROR", "aborting", "ERROR")
    seen.follow("job", events("ERROR*"))
    seen.follow("job", events("aborting"))
    with pytest.raises(UnexpectedEvent, match="up to the exit\n  expected: nothing\n  observed: ERROR"):
        seen.finish({})
    last = watch("ERROR", "ERROR", "ERROR", "aborting")
    last.follow("job", events("ERROR*"))
    last.finish({"job": events("aborting")})


def test_any_of_several_events_may_be_awaited() -> None:
    """A wait for one of several events passes over all before the first of them."""
    seen = watch("created", "running", "ready", "pending")
    seen.await_any("job", {"ready", "aborting"})
    follows(seen, events("pending"))


def test_only_errors_may_repeat() -> None:
    """Another event that comes twice is wrong, whatever may repeat."""
    with pytest.raises(UnexpectedEvent):
        watch("ERROR", "running", "running").follow("job", events("ERROR*", "running", "ready"))


def test_up_to_the_exit_jobs_emit_what_they_must() -> None:
    """Events that were not awaited by the end are compared with those that a quit makes jobs emit."""
    watch("aborting", "CANCELLED").finish({"job": events("aborting", "CANCELLED")})
    watch().finish({})


LEFT = {
    "too-much": ("aborting null", "aborting"),
    "too-little": ("aborting", "aborting null"),
    "other": ("null", "ready"),
}


@pytest.mark.parametrize(("words", "expected"), LEFT.values(), ids=LEFT)
def test_a_sign_too_much_or_too_little_shows_at_the_exit(words: str, expected: str) -> None:
    """An event that was not awaited, or that never came, is an error."""
    with pytest.raises(UnexpectedEvent, match="up to the exit"):
        watch(*words.split()).finish({"job": events(*expected.split())})


def test_an_unexpected_job_shows_at_the_exit() -> None:
    """A job with unexpected events, or without the expected ones, is named."""
    with pytest.raises(UnexpectedEvent, match="job other up to the exit\n  expected: nothing\n  observed: null"):
        watch("null", job="other").finish({})
    with pytest.raises(UnexpectedEvent, match="job silent up to the exit\n  expected: null\n  observed: nothing"):
        watch().finish({"silent": events("null")})


@pytest.mark.parametrize(
    "words",
    ["ready READY standby", "ready standby ready READY standby", "ready READY standby ready standby"],
)
def test_a_pause_that_is_awaited_is_a_sign(words: str) -> None:
    """Of several pauses, the one without return is that which was asked for."""
    follows(watch(*words.split()), events("ready", "READY", "standby"))


def test_an_event_does_not_end_a_pause() -> None:
    """A guest's request may fail while its job is paused."""
    follows(watch("paused", "ERROR", "running", "ready"), events("ERROR", "ready"))
    follows(watch("ERROR", "paused", "ERROR"), events("ERROR*", "paused"))


def test_a_pause_that_was_awaited_has_a_return() -> None:
    """The job that goes on says so, and where it was."""
    monitor = FakeMonitor(message("standby"))
    seen = JobWatch(monitor)  # type: ignore[arg-type]
    seen.follow("job", events("standby"))
    monitor.events.extend([message("ready"), message("waiting")])
    follows(seen, events("ready", "waiting"))


def test_something_else_than_the_awaited_pause_is_told() -> None:
    """A job that ends instead of resting is not waited for."""
    with pytest.raises(UnexpectedEvent, match="expected: standby\n  observed: aborting"):
        watch("standby", "ready", "aborting").follow("job", events("standby"))
