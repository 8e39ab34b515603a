"""A transcript is cut into chapters: names come from facts, texts from the same lines with symbols."""

from __future__ import annotations

import pytest

from fixtures.transcript import normalisers
from fixtures.transcript.chapters import Chapter, Chapters, slug
from fixtures.transcript.lines import BitmapAtRest, Command, Events, JobAtRest, Line, Observed, Refused
from fixtures.transcript.normalisers import Normaliser, canonical
from fixtures.transcript.transcript import Transcript
from fixtures.vocabulary.events import JobEvent
from fixtures.vocabulary.reasons import Cause, Reason

STARTED = Command("blockdev-mirror", {"job-id": "job2", "sync": "top", "granularity": 512, "target": "t", "speed": 1})
CREATED = Command("drive-mirror", {"target": "/tmp/t.raw", "node-name": "t", "mode": "existing", "sync": "top"})
REFUSED = Refused(
    "mode 'top', job 'j'", Cause(Reason.SYNC_MODE, "mode '{sync}', job '{job}'", {"sync": "top", "job": "j"})
)
READY = Events("job2", (JobEvent("ready"), JobEvent("READY", 128)), 64)
DIRTY = BitmapAtRest("source", "b0", "1-3", ("busy",))
CANONICAL: dict[str, tuple[Normaliser, Line, str]] = {
    "granularity": (normalisers.GRANULARITY, STARTED, "-> blockdev-mirror job-id=job2 sync=top target=t speed=1"),
    "sync": (normalisers.SYNC, CREATED, "-> drive-mirror target=t.raw node-name=t mode=existing sync=S"),
    "waits": (
        normalisers.WAITS,
        STARTED,
        "-> blockdev-mirror job-id=job2 sync=top granularity=512 target=t",
    ),
    "target-file": (normalisers.TARGET_FILE, CREATED, "-> drive-mirror target=FILE sync=top"),
    "no-target-file": (normalisers.TARGET_FILE, STARTED, str(STARTED)),
    "arguments": (normalisers.ARGUMENTS, STARTED, "-> blockdev-mirror"),
    "figures": (normalisers.FIGURES, REFUSED, "<- mode 'S', job 'j'"),
    "unpredicted": (normalisers.FIGURES, Refused("mode 'top'"), "<- mode 'top'"),
    "lengths": (normalisers.LENGTHS, READY, "** job2 ready READY"),
    "job-of-events": (normalisers.ONE_JOB, READY, "** job ready READY(2 segments)"),
    "job-of-command": (normalisers.ONE_JOB, Command("job-pause", {"id": "job2"}), "-> job-pause id=job"),
    "job-at-rest": (normalisers.ONE_JOB, JobAtRest("job2", "paused", "ok"), "== job is paused, io-status ok"),
    "any-dirty": (normalisers.ANY_DIRTY, DIRTY, "== b0 dirty: what was not copied; busy"),
    "none-dirty": (normalisers.ANY_DIRTY, BitmapAtRest("source", "b0", "none", ()), "== b0 dirty: none; "),
    "dirty": (normalisers.DIRTY, DIRTY, "== b0 dirty: as predicted; busy"),
}


@pytest.mark.parametrize(("normaliser", "line", "text"), CANONICAL.values(), ids=CANONICAL)
def test_a_normaliser_rewrites_what_it_is_for(normaliser: Normaliser, line: Line, text: str) -> None:
    """Symbols are put in place of facts; nothing else of the line changes, and other lines stay as they are."""
    assert str(canonical(line, [normaliser])) == text
    assert canonical(Observed("job2 is READY"), [normaliser]) == Observed("job2 is READY")


def test_a_chapter_is_named_after_its_facts() -> None:
    """Facts stand behind the title in the order of lines, without what goes without saying, in the suite's words."""
    transcript, behaviours = Transcript(), list[str]()
    chapters = Chapters(transcript, behaviours, (normalisers.LENGTHS,), {"ready"}, {"sync-mode": "mode"})
    transcript.observed("before the story")
    chapters.skip()
    for line in REFUSED, READY, DIRTY:
        transcript.note(line)
    chapters.close("start")
    chapters.close("nothing")
    transcript.observed("the end")
    assert chapters.lines == [Observed("the end")]
    chapters.close("end")
    text = "<- mode 'top', job 'j'\n** job2 ready READY\n== b0 dirty: 1-3; busy\n"
    assert [*chapters] == [Chapter("start-refused-mode-ready-1-3-busy", text), Chapter("end", "== the end\n")]
    assert behaviours == ["start-refused-mode-ready-1-3-busy", "end"]


def test_a_slug_is_the_name_of_a_file() -> None:
    """Words are joined, whatever else is in them is left out."""
    assert slug(["late", "ERROR", "Input/output", "error"]) == "late-error-input-output-error"
    assert slug([]) == ""
