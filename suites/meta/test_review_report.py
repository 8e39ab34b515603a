"""A review's report says first what matters, and names what broke what."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.runs.result import About, Death, Deviation, Outcome, QemuFacts, Result
from fixtures.runs.run import Run
from tools.reviewing.cause_text import command
from tools.reviewing.outcome import Review, ReviewStage, first_to_break
from tools.reviewing.report import compared, written
from tools.reviewing.series import Patch, Series

PATCHES = tuple(Patch(3, number, 3, f"part {number}", "J\u00f6rg", 0, "utf-8", b"") for number in (1, 2, 3))
SERIES = Series(3, "mirror with a bitmap", PATCHES, notes=("v2 was left out",))
REFUSAL = Deviation("refusal", ("expected: Bitmap 'b0' is not enabled", "observed: None"), "StartMirror")
CRASH = Deviation("QEMU crashed or quit", (), "StartMirror")
PASSED, FAILED, CRASHED, NOT_RUN = Outcome.PASSED, Outcome.FAILED, Outcome.CRASHED, Outcome.NOT_RUN


def ended(case: str, outcome: Outcome) -> Result:
    """Return how a case ended: each failure is the same refusal, each crash the same one."""
    reason = "refusal\n  expected: Bitmap 'b0' is not enabled\n  observed: None\n  at: a step"
    result = Result(f"suites/port/test_x.py::test_y[{case}]", outcome, axes={"case": case})
    if outcome is CRASHED:
        return replace(result, death=Death("SIGFPE", (), ("mirror_start at ../block/mirror.c:7",)), deviation=CRASH)
    return replace(result, reason=reason, deviation=REFUSAL) if outcome is FAILED else result


def stage(name: str, dialect: str = "v3", **outcomes: Outcome) -> ReviewStage:
    """Return a run in which the cases named ended so."""
    results = {result.id: result for result in (ended(case, outcome) for case, outcome in outcomes.items())}
    about = About(name, QemuFacts("v3", "10.0.13", dialect, "/qemu"), "", cases=len(results), ended="now", status=0)
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
    assert report[:7] == [
        "FAILED: 3 of 4 cases, by 2 causes",
        "  1. 1 crash: SIGFPE in mirror_start(), block/mirror.c",
        '     tools/review --series "$SERIES" --out out/again \\',
        '       "suites/port/test_x.py::test_y[d]"',
        "  2. 2 failures: not refused, at StartMirror; Bitmap '...' is not",
        "     enabled",
        "     all with case=a or b",
    ]
    assert report[9] == "Set aside: 1 failure that stock shows, too"
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


def test_a_failure_of_the_base_is_not_the_series() -> None:
    """It is set aside, and named with the base's case."""
    report = written(review(stage("3/3", a=PASSED, b=PASSED, c=FAILED, d=PASSED))).splitlines()
    assert report[:2] == ["PASSED: none of 4 cases failed by the series", "Set aside: 1 failure that stock shows, too"]
    start = report.index("Set aside, for stock shows the same without the series:")
    assert report[start + 1] == "  1: not refused, at StartMirror, as in port/test_x.py::test_y[c]"


def test_tested_by(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is suggested in the reviewer's name, unless a case failed or was left out, or a patch is missing."""
    monkeypatch.setattr("tools.reviewing.report.identity", lambda: "Ada <ada@example.org>")
    line = "\nTested-by: Ada <ada@example.org>\n"
    assert written(review(GOOD)).endswith(line)
    selected = replace(GOOD, run=replace(GOOD.run, about=replace(GOOD.run.about, options=("-k", "port"))))
    lacking = replace(review(GOOD), series=replace(SERIES, missing=(3,)))
    aside = stage("3/3", a=PASSED, b=PASSED, c=FAILED, d=PASSED)
    for doubtful in (review(BAD), review(selected), review(aside), lacking):
        assert "Tested-by" not in written(doubtful)
    monkeypatch.setattr("tools.reviewing.report.identity", lambda: None)
    assert "Tested-by" not in written(review(GOOD))


def test_what_changed_against_the_base() -> None:
    """Cases are counted by what became of them; the comparison itself is a command away."""
    report = written(review(BAD)).splitlines()
    start = report.index("Cases against stock without the series:")
    assert report[start + 1 : start + 4] == [
        "    2  fail that it passes",
        "    1  run that it cannot run",
        "       more: make compare A=stock B=2/3",
    ]


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


def test_a_command_is_one_for_a_shell() -> None:
    """The name of a case that is too long for a mail's line goes on in the next, and the shell gets it whole."""
    case = f"suites/port/test_x.py::test_y[{'long-' * 20}one]"
    lines = list(command(Result(case, FAILED)))
    assert max(map(len, lines)) <= 72
    script = "\n".join(lines).replace("tools/review", "printf '%s\\n'")
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == case
