"""A long run prints how far it is, how fast, and what is left."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.plugin.run_progress import LONG, Progress
from suites.meta.project import Project


class Report:
    """The phase of a case as pytest reports it."""

    def __init__(self, when: str = "call", outcome: str = "passed"):
        self.when = when
        self.passed = outcome == "passed"
        self.failed = outcome == "failed"


@pytest.fixture
def lines() -> list[str]:
    """Give what was written."""
    return []


@pytest.fixture
def report_at(lines: list[str]) -> Callable[[float, Report], None]:
    """Give a progress over 300 cases; a call reports a case at some second."""
    now = [0.0]
    progress = Progress(300, 10, lines.append, lambda: now[0])

    def report_at(second: float, report: Report) -> None:
        now[0] = second
        progress.pytest_runtest_logreport(report)  # type: ignore[arg-type]

    return report_at


def test_a_line_comes_now_and_then(report_at: Callable[[float, Report], None], lines: list[str]) -> None:
    """Between two lines lies the time that was asked for; each has the rate since the beginning."""
    for second in range(1, 22):
        report_at(second, Report())
    assert lines == ["10 of 300 cases, 1/s, 4 min 50 s left", "20 of 300 cases, 1/s, 4 min 40 s left"]


def test_each_case_counts_once(report_at: Callable[[float, Report], None], lines: list[str]) -> None:
    """A case counts with its call; one that is not called counts with its setup; a teardown counts never."""
    for report in (Report("setup"), Report(), Report("teardown"), Report("setup", "skipped")):
        report_at(1, report)
    report_at(10, Report(outcome="failed"))
    assert lines == ["3 of 300 cases, 0/s, 16 min 30 s left, 1 failed"]


def test_a_long_run_has_no_dots(tmp_path: Path) -> None:
    """Of a thousand cases, only the one that fails is shown before the end."""
    project = Project(tmp_path)
    project.module.write_text(
        "import pytest\n"
        f"@pytest.mark.parametrize('number', range({LONG}))\n"
        "def test_many(number):\n    assert number != 7\n"
    )
    run = project.run("-n0")
    assert "...." not in run.text
    assert re.findall(r"test_cases\.py ([.F]+)", run.text) == ["F"]
    assert run.status == 1
