"""A review's report says first what matters, and names what broke what."""

from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.runs.result import About, Outcome, QemuFacts, Result
from fixtures.runs.run import Run
from tools.reviewing.outcome import Review, ReviewStage, broken, first_to_break, groups
from tools.reviewing.report import compared, written
from tools.reviewing.series import Patch, Series

PATCHES = tuple(Patch(3, number, 3, f"part {number}", "J\u00f6rg", 0, "utf-8", b"") for number in (1, 2, 3))
SERIES = Series(3, "mirror with a bitmap", PATCHES, notes=("v2 was left out",))
PASSED, FAILED, CRASHED, NOT_RUN = Outcome.PASSED, Outcome.FAILED, Outcome.CRASHED, Outcome.NOT_RUN


def stage(name: str, dialect: str = "v3", **outcomes: Outcome) -> ReviewStage:
    """Return a run in which the cases named ended so."""
    reason = "refusal\n  expected: Bitmap 'b0' is not enabled\n  observed: None\n  at: a step"
    results = {
        f"suites/port/test_x.py::test_y[{case}]": Result(
            f"suites/port/test_x.py::test_y[{case}]", outcome, reason if outcome is FAILED else ""
        )
        for case, outcome in outcomes.items()
    }
    about = About("v3", QemuFacts("v3", "10.0.13", dialect, "/qemu"), "", cases=len(results), ended="now", status=0)
    return ReviewStage(name, Run(Path("/out"), about, results), Path("/prefix"), 20, 60)


BASE = stage("stock", "stock", a=PASSED, b=PASSED, c=FAILED, d=NOT_RUN)
GOOD = stage("3/3", a=PASSED, b=PASSED, c=PASSED, d=PASSED)
BAD = stage("2/3", a=FAILED, b=FAILED, c=FAILED, d=CRASHED)


def review(*stages: ReviewStage) -> Review:
    """Return a review of the series, ending with the last stage."""
    return Review("v3", SERIES, BASE, stages)


def test_the_verdict_comes_first() -> None:
    """Passed or failed is the first line, and no line is wider than a mail's."""
    assert written(review(GOOD)).startswith("PASSED: none of 4 cases failed\n")
    report = written(review(BAD)).splitlines()
    assert report[0] == "FAILED: 4 of 4 cases"
    assert "mailbox   v2 was left out" in report
    assert "  2/3 part 2 (J\u00f6rg)" in report
    assert max(map(len, report)) <= 72


def test_the_exit_status() -> None:
    """A failed case is 1; a series or a run that is not whole is 2; else 0."""
    assert review(GOOD).status == 0
    assert review(BAD).status == 1
    lacking = replace(review(GOOD), series=replace(SERIES, missing=(3,)))
    assert lacking.status == 2
    assert "INCOMPLETE: patch 3/3 is not in the mailbox" in written(lacking)
    run = replace(GOOD.run, about=replace(GOOD.run.about, ended=None))
    assert review(replace(GOOD, run=run)).status == 2


def test_tested_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is suggested in the reviewer's name, unless a case failed or was left out, or a patch is missing."""
    monkeypatch.setattr("tools.reviewing.report.identity", lambda: "Ada <ada@example.org>")
    line = "\nTested-by: Ada <ada@example.org>\n"
    assert written(review(GOOD)).endswith(line)
    selected = replace(GOOD, run=replace(GOOD.run, about=replace(GOOD.run.about, options=("-k", "port"))))
    lacking = replace(review(GOOD), series=replace(SERIES, missing=(3,)))
    for doubtful in (review(BAD), review(selected), lacking):
        assert "Tested-by" not in written(doubtful)
    monkeypatch.setattr("tools.reviewing.report.identity", lambda: None)
    assert "Tested-by" not in written(review(GOOD))


def test_failures_that_say_the_same_are_one_group() -> None:
    """The largest group comes first, with its reason and some of its cases."""
    found = groups(broken(BAD.run.results))
    assert [(group.outcome, len(group.ids)) for group in found] == [("failed", 3), ("crashed", 1)]
    report = written(review(BAD)).splitlines()
    start = report.index("1. 3 failed")
    assert report[start + 1 : start + 5] == [
        "     refusal",
        "     expected: Bitmap 'b0' is not enabled",
        "     observed: None",
        "     port/test_x.py::test_y[a]",
    ]


def test_what_changed_against_the_base() -> None:
    """Cases that worked and fail are listed in groups, cases that the base cannot run are counted."""
    report = written(review(BAD)).splitlines()
    start = report.index("Against stock without the series:")
    assert report[start + 1] == "1 cases run that did not run before"
    assert "REGRESSED (2): as promised in A, not in B" in report[start:]


def test_the_first_patch_that_breaks_what_worked_is_named() -> None:
    """Each stage is compared with the one before it, so a later patch that repairs does not hide an earlier one."""
    first = replace(GOOD, name="1/3")
    guilty = first_to_break(BASE, [first, BAD, GOOD])
    assert guilty
    assert guilty[0].name == "2/3"
    assert len(guilty[1]) == 4
    assert guilty[1][0] == "suites/port/test_x.py::test_y[a]"
    report = written(review(first, BAD, GOOD))
    assert report.startswith("PASSED")
    assert "The first that breaks what worked is patch 2/3: 4 cases, such as" in report
    assert first_to_break(BASE, [first, GOOD]) is None
    assert "No patch breaks what worked before it." in written(review(first, GOOD))


def test_two_series_are_compared() -> None:
    """What the second breaks or repairs is listed under both names."""
    report = compared([replace(review(BAD), label="v2"), review(GOOD)])
    assert report.startswith("From v2 to v3:\n0 cases run that did not run before\n")
    assert "FIXED (4): not as promised in A, but in B" in report


def test_untrusted_text_cannot_steer_the_terminal() -> None:
    """Escape sequences of titles and failures are not printed."""
    hostile = replace(SERIES, title="a \x1b[31mtitle\x9b\u202e")
    assert "a ?[31mtitle??" in written(replace(review(GOOD), series=hostile))
