"""Known issues: exactly an issue's sign makes a known failure, a pass tells that it is gone, references are exact."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fixtures.host.folders import ROOT
from fixtures.runs import signs
from fixtures.runs.result import Deviation, Outcome
from fixtures.runs.run import load
from fixtures.subject.known_issues import KNOWN_ISSUES, KnownIssue, Sign
from suites.meta.project import Project, ProjectRun
from tools import issue_table

SETTING = """
import os, signal
import pytest
from fixtures.bench.mismatch import Mismatch
from fixtures.driver.qemu.exit import Exit
from fixtures.plugin import known
from fixtures.subject.known_issues import KnownIssue, Sign
from fixtures.subject.subject import Subject

SIGNS = (
    Sign("a bit", ("expected: 1", "observed: 0")),
    Sign("QEMU crashed or quit", ended="SIGSEGV", at="observing"),
    Sign("QEMU did not end", ended="SIGABRT", stderr="an assertion"),
)
ISSUES = [
    KnownIssue("KI-1", "A bit is lost", SIGNS, ("a.c", "a"), ("9.8",), {present}),
    KnownIssue("KI-2", "A bit is kept", (Sign("a bit too much"),), ("a.c", "a"), ("9.7",), (), "9.8", "{has}"),
    KnownIssue("KI-4", "Some", (Sign("some", ("# of #",)),), ("a.c", "a"), ("9.8",), only_with="{only_with}"),
]
known._BY_ID.update((issue.id, issue) for issue in ISSUES)
Subject.is_reference = {reference}
"""
HAS, HAS_NOT = "commit_restores_read_only", "skips_known_zeroes"
CASES = """
pytestmark = pytest.mark.known("KI-1", "KI-2")

def test_first_sign(bench):
    raise Mismatch("a bit", "expected: 1", "observed: 0")

def test_crash(bench):
    os.kill(bench.machine.qemu._process.pid, signal.SIGSEGV)
    bench.observe()

def test_other_issue(bench):
    raise Mismatch("a bit too much")

def test_stderr(bench):
    raise Mismatch("QEMU did not end", ended=Exit(-6, "an assertion failed"))

def test_other_details(bench):
    raise Mismatch("a bit", "expected: 2", "observed: 0")

def test_other_signal(bench):
    os.kill(bench.machine.qemu._process.pid, signal.SIGABRT)
    bench.observe()

def test_other_stderr(bench):
    raise Mismatch("QEMU did not end", ended=Exit(-6, "something else"))

def test_other_error(bench):
    raise ValueError("a bit")

def test_pass(bench):
    bench.finish("done")

@pytest.mark.known("KI-3")
def test_no_such_issue(bench):
    bench.finish("done")
"""
SOME = """
@pytest.mark.parametrize("bits", ["passes", "1 of 20", "all of 20", "1 of 20 "])
@pytest.mark.possible("KI-4")
def test_some(bench, bits):
    if bits != "passes":
        raise Mismatch("some", bits)
    bench.finish("done")

@pytest.mark.known("KI-4")
def test_all(bench):
    bench.finish("done")
"""
ONE_VALUE = """
@pytest.mark.parametrize("bit", ["kept", "lost"])
@pytest.mark.known("KI-1", bit="lost")
def test_it(bench, bit):
    raise Mismatch("a bit", "expected: 1", "observed: 0")

@pytest.mark.known("KI-2")
def test_fixed_before(bench):
    bench.finish("done")
"""


def _project(
    folder: Path, cases: str, present: tuple[str, ...] = (), reference: bool = False, only_with: str = HAS
) -> Project:
    made = Project(folder)
    setting = SETTING.format(present=present, reference=reference, has=HAS, only_with=only_with)
    made.module.write_text(setting + cases)
    return made


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, ProjectRun]:
    """Give a run on a QEMU of which the table says nothing, done once."""
    project = _project(tmp_path_factory.mktemp("project"), CASES)
    return project, project.run("-n2")


ENDS = {
    "test_first_sign": (Outcome.KNOWN_FAILURE, "KI-1 A bit is lost", ["KI-1"]),
    "test_crash": (Outcome.KNOWN_FAILURE, "KI-1 A bit is lost", ["KI-1"]),
    "test_stderr": (Outcome.KNOWN_FAILURE, "KI-1 A bit is lost", ["KI-1"]),
    "test_other_issue": (Outcome.KNOWN_FAILURE, "KI-2 A bit is kept", ["KI-2"]),
    "test_other_details": (Outcome.FAILED, "a bit", []),
    "test_other_signal": (Outcome.CRASHED, "QEMU crashed or quit: exit with signal 6", []),
    "test_other_stderr": (Outcome.FAILED, "QEMU did not end", []),
    "test_other_error": (Outcome.FAILED, "ValueError: a bit", []),
    "test_pass": (Outcome.ISSUE_GONE, "KI-1 A bit is lost", ["KI-1"]),
    "test_no_such_issue": (Outcome.ERROR, "fixtures/subject/known_issues has no KI-3", []),
}


@pytest.mark.parametrize("name", ENDS)
def test_only_the_sign_is_known(told: tuple[Project, ProjectRun], name: str) -> None:
    """A case with exactly the sign of one of its issues is a known failure; with any other it fails."""
    case = told[0].cases()[name]
    outcome, reason, issues = ENDS[name]
    assert (case["outcome"], case["issues"]) == (outcome, issues)
    assert reason in case["reason"]


def test_the_summary_names_the_issues(told: tuple[Project, ProjectRun]) -> None:
    """Known failures and issues that are gone are counted by issue."""
    text = told[1].text
    assert "passed 0, failed 5, known failures 4, issues gone 1, not run 0, in " in text
    for line in ("known 3: KI-1 A bit is lost", "known 1: KI-2 A bit is kept", "gone 1: KI-1 A bit is lost"):
        assert f"\n  {line}\n" in text


def test_runxfail_shows_the_failure(tmp_path: Path) -> None:
    """With --runxfail a known failure is shown as any other."""
    project = _project(tmp_path, CASES)
    project.run("--runxfail", "-ktest_first_sign or test_pass")
    assert {case["outcome"] for case in project.cases().values()} == {"failed", "passed"}


@pytest.mark.parametrize(("only_with", "last"), [(HAS, "issue gone"), (HAS_NOT, "passed")])
def test_a_possible_issue_is_known_where_it_shows(tmp_path: Path, only_with: str, last: str) -> None:
    """A number of its sign is any; a pass of a case that may meet it is a pass, while a case that must tells of it,
    unless a capability that the issue comes with is missing."""
    project = _project(tmp_path, SOME, only_with=only_with)
    project.run()
    outcomes = [case["outcome"] for case in project.cases().values()]
    assert outcomes == ["passed", "known failure", "failed", "failed", last]


def test_a_mark_may_be_about_one_value(tmp_path: Path) -> None:
    """A mark with values of axes is about the cases that have them; a capability may rule an issue out."""
    project = _project(tmp_path, ONE_VALUE)
    assert project.run().status == 1
    ends = {name: case["outcome"] for name, case in project.cases().items()}
    assert ends == {"test_it[kept]": "failed", "test_it[lost]": "known failure", "test_fixed_before": "passed"}


def test_a_reference_that_lost_an_issue_fails(tmp_path: Path) -> None:
    """Where the table says that a reference build has an issue, a pass fails the run, but is as promised."""
    project = _project(tmp_path, CASES, present=(str(tmp_path / "qemu"),), reference=True)
    assert project.run("-ktest_pass or test_crash").status == 1
    cases = project.cases()
    assert [cases[name]["outcome"] for name in ("test_crash", "test_pass")] == ["known failure", "failed"]
    assert "gone from " in cases["test_pass"]["reason"]
    run = load(next((tmp_path / "out").iterdir()))
    assert [one.id.rpartition("_")[2] for one in run.results.values() if one.is_as_promised] == ["pass"]


def test_a_reference_that_must_not_have_an_issue_fails(tmp_path: Path) -> None:
    """Where the table says that a reference build is without an issue, its sign is a failure, and a pass is a pass."""
    project = _project(tmp_path, CASES, reference=True)
    run = project.run("-ktest_first_sign or test_pass")
    assert {name: case["outcome"] for name, case in project.cases().items()} == {
        "test_first_sign": "failed",
        "test_pass": "passed",
    }
    assert "KI-1 shows, but fixtures/subject/known_issues says that " in run.text


def test_the_document_is_what_the_table_says() -> None:
    """docs/known-issues.md is what `make issues` writes, and docs/findings.md has a section of each issue."""
    assert issue_table.DOCUMENT.read_text(encoding="utf-8") == issue_table.text()
    findings = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    told = re.findall(r"^## (KI-\d+): (.*)$", findings, re.MULTILINE)
    assert told == [(issue.id, issue.title) for issue in KNOWN_ISSUES]


@pytest.mark.parametrize(("observed", "shows"), [("6", True), ("7", False), ("8", False)])
def test_a_number_that_must_be_smaller(observed: str, shows: bool) -> None:
    """A sign of fewer bytes than promised is not the sign of more."""
    issue = KnownIssue("KI-1", "Less", (Sign("len", ("expected: #", "observed: #"), fewer=True),), ("a.c", "a"), ())
    seen = Deviation("len", ("expected: 7", f"observed: {observed}"), "observing")
    assert signs.shows(issue, seen, None) is shows
