"""A review sets aside what the base shows with the same sign, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fixtures.runs.result import Death, Deviation, Outcome, Result
from fixtures.subject.known_issues import KNOWN_ISSUES
from tools.reviewing.base_faults import BaseFaults
from tools.reviewing.outcome import faults

LOST = Deviation("first difference of source and target", ("expected: None", "observed: 4096"), "Compare")
FRAMES = ("mirror_run at ../block/mirror.c:7", "job_co_entry at ../job.c:9")


def ended(case: str, outcome: Outcome = Outcome.FAILED, seen: Deviation = LOST, **more: Any) -> Result:
    """Return how a case ended that differs from the model."""
    return replace(Result(f"suites/a/{case}", outcome, deviation=seen), **more)


def dead(case: str, how: str = "SIGSEGV", frames: tuple[str, ...] = FRAMES) -> Result:
    """Return a case in which QEMU died."""
    crash = Deviation("QEMU crashed or quit", (), "Release")
    return ended(case, Outcome.CRASHED, crash, death=Death(how, (), frames))


BASE = BaseFaults([ended("test_a.py::test_a[none]"), dead("test_a.py::test_c")])


@pytest.mark.parametrize(
    "failed",
    [
        ended("test_a.py::test_a[none]"),
        ended("test_a.py::test_a[bitmap]"),  # which the base cannot run
        dead("test_b.py::test_other"),
    ],
)
def test_what_the_base_shows_is_its_fault(failed: Result) -> None:
    """So are the same failure, the same facts in another case of the test, and a crash by the same calls anywhere."""
    assert BASE.shown_by(failed)


@pytest.mark.parametrize(
    "failed",
    [
        ended("test_a.py::test_b"),  # another test: data can be lost in many ways
        ended("test_a.py::test_a[bitmap]", seen=replace(LOST, details=("expected: None", "observed: 8192"))),
        ended("test_a.py::test_a[bitmap]", seen=replace(LOST, at="Finish")),
        ended("test_a.py::test_a[bitmap]", Outcome.CRASHED, death=Death("SIGSEGV")),
        dead("test_b.py::test_other", "SIGABRT"),
        dead("test_b.py::test_other", frames=("mirror_run at ../block/mirror.c:7", "main at ../main.c:1")),
        dead("test_b.py::test_other", frames=()),
    ],
)
def test_anything_else_is_a_failure_of_the_series(failed: Result) -> None:
    """Neither another place nor other facts are the base's."""
    assert BASE.shown_by(failed) is None


def test_a_known_issue_of_the_base_is_known_in_other_cases_of_the_module() -> None:
    """A case that uses the bitmap and bears no mark has the sign of an issue that the base shows in the same module."""
    issue = next(one for one in KNOWN_ISSUES if one.signs[0].details and not one.signs[0].ended)
    sign = issue.signs[0]
    seen = Deviation(sign.what, sign.details, sign.at)
    there = ended("test_a.py::test_a[none]", Outcome.KNOWN_FAILURE, replace(seen, what="otherwise"), issues=(issue.id,))
    assert BaseFaults([there]).shown_by(ended("test_a.py::test_a[bitmap]", seen=seen)) == there
    assert BaseFaults([there]).shown_by(ended("test_a.py::test_b", seen=seen)) == there
    other = ended("test_b.py::test_a[bitmap]", seen=seen)
    assert (BaseFaults([there]).shown_by(other), BaseFaults([there]).hint(other)) == (None, there)


def test_a_case_that_the_base_passes_shows_nothing() -> None:
    """Only failures and known issues of the base set anything aside."""
    passed = ended("test_a.py::test_a[bitmap]", Outcome.PASSED)
    assert BaseFaults([passed]).shown_by(ended("test_a.py::test_a[bitmap]")) is None
    other = BaseFaults([passed, ended("test_a.py::test_a[none]"), dead("test_a.py::test_c")])
    assert other.shown_by(ended("test_a.py::test_a[bitmap]")) is None
    assert other.shown_by(replace(dead("test_c.py::test_a"), id=passed.id)) is None


def test_failures_are_the_series_or_the_bases() -> None:
    """Both are grouped by cause; a cause that the base has in another test is a hint, and not set aside."""
    base = [ended("test_a.py::test_a[none]")]
    series = [ended("test_a.py::test_a[none]"), ended("test_b.py::test_b"), ended("test_b.py::test_c")]
    found = faults(*({result.id: result for result in results} for results in (base, series)))
    assert (found.own, found.aside) == (2, 1)
    assert [len(cases) for cases in found.series.values()] == [2]
    assert list(found.hints.values()) == base
