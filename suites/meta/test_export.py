"""A run in the words of other programs: complete, well-formed, nothing lost or doubled."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from fixtures.runs.export import durations, github, junit, tap
from fixtures.runs.result import About, Death, Outcome, QemuFacts, Result
from fixtures.runs.run import Run
from tools.entry_point import start

ABOUT = About("v3", QemuFacts("v3", "10.0.13", "v3", "/q"), "2026-01-01T00:00:00+00:00", cases=7, ended="now", status=1)
RESULTS = (
    Result("suites/a/test_a.py::test_a[one]", Outcome.PASSED, seconds=0.25),
    Result("suites/a/test_a.py::test_a[two]", Outcome.FAILED, "bitmap b0\n  expected: #1\n  observed: 50%", 0.5),
    Result(
        "suites/a/test_a.py::test_b", Outcome.CRASHED, "QEMU died, \x00 <here>", 1, death=Death("SIGABRT", ("a: b",))
    ),
    Result("suites/b/test_c.py::test_a[one]", Outcome.NOT_RUN, "needs dialect v2"),
    Result("suites/b/test_c.py::test_d", Outcome.KNOWN_FAILURE, "KI-1 a bug | since 7.2", 0.25, issues=("KI-1",)),
    Result("suites/b/test_c.py::test_e", Outcome.ISSUE_GONE, "KI-2 another", 0.25, issues=("KI-2",)),
)
RUN = Run(Path("nowhere"), ABOUT, {result.id: result for result in RESULTS})


@pytest.fixture
def root() -> ElementTree.Element:
    """Give the JUnit XML of the run, parsed."""
    return ElementTree.fromstring(junit.text(RUN))


def test_junit_counts(root: ElementTree.Element) -> None:
    """The suite counts its cases by kind; its properties say what was tested."""
    suite = root[0]
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["6", "2", "0", "2"]
    properties = {one.get("name"): one.get("value") for one in suite.iter("property")}
    assert (properties["qemu-version"], properties["dialect"]) == ("10.0.13", "v3")


def test_junit_names_are_distinct(root: ElementTree.Element) -> None:
    """No two cases have the same class and name."""
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(RESULTS)
    assert names[0] == ("suites.a.test_a", "test_a[one]")


def test_junit_has_the_reason(root: ElementTree.Element) -> None:
    """A failure has its first line as message and the rest as text; what XML cannot hold is replaced."""
    (failed,) = (case for case in root.iter("testcase") if case.get("name") == "test_a[two]")
    assert failed[0].get("message") == "bitmap b0"
    (crashed,) = (case for case in root.iter("testcase") if case.get("name") == "test_b")
    assert crashed[0].text == "QEMU died, ? <here>\na: b"


def test_junit_names_issues(root: ElementTree.Element) -> None:
    """A known failure is skipped with its issue's id as type; a case whose issue is gone has passed and says so."""
    known, gone = list(root.iter("testcase"))[-2:]
    assert known[0].attrib == {"type": "known KI-1", "message": "KI-1 a bug | since 7.2"}
    assert (gone[0].tag, gone[0].text) == ("system-out", "gone: KI-2 another")


def test_tap() -> None:
    """Each case has a line; a plan that counts more than there are lines shows that the run was cut off."""
    lines = tap.text(RUN).splitlines()
    assert lines[:2] == ["TAP version 14", "1..7"]
    assert [line for line in lines if line.startswith(("ok", "not ok"))] == [
        "ok 1 - suites/a/test_a.py::test_a[one]",
        "not ok 2 - suites/a/test_a.py::test_a[two]",
        "not ok 3 - suites/a/test_a.py::test_b",
        "ok 4 - suites/b/test_c.py::test_a[one] # SKIP needs dialect v2",
        "not ok 5 - suites/b/test_c.py::test_d # TODO KI-1 a bug | since 7.2",
        "ok 6 - suites/b/test_c.py::test_e # TODO KI-2 another",
    ]
    assert '  message: "bitmap b0\\n  expected: #1\\n  observed: 50%"' in lines


def test_annotations() -> None:
    """A failure is one line, whatever its reason holds; only the first ten are printed."""
    first, second = github.commands(RUN)
    assert first == (
        "::error file=suites/a/test_a.py,title=failed%3A test_a[two]::bitmap b0%0A  expected: #1%0A  observed: 50%25"
    )
    assert second.startswith("::error file=suites/a/test_a.py,title=crashed%3A test_b::QEMU died")
    many = {str(number): replace(RESULTS[1], id=f"suites/a/test_a.py::t[{number}]") for number in range(12)}
    assert len(list(github.commands(replace(RUN, results=many)))) == github.MOST


def test_summary() -> None:
    """The summary says what was tested, the counts, what failed, and that a case is missing."""
    text = github.summary(RUN)
    assert "### v3: QEMU 10.0.13, dialect v3\n" in text
    assert "1 passed, 1 failed, 1 crashed, 1 known failure, 1 issue gone, 1 not run\n" in text
    assert "\nKnown issues of QEMU: known KI-1; gone KI-2\n" in text
    assert "| `suites/a/test_a.py::test_b` | crashed | QEMU died, \x00 &lt;here> |" in text
    assert "**The run is not complete: 1 cases have no result.**" in text


def test_durations() -> None:
    """Each case that was run has its seconds; one that was not says nothing of how long it takes."""
    seconds = json.loads(durations.text(RUN))
    assert seconds["suites/a/test_a.py::test_a[two]"] == 0.5
    assert len(seconds) == 5


def test_no_such_run(capfd: pytest.CaptureFixture[str]) -> None:
    """A missing run is reported in one sentence."""
    assert start("export", "nosuch") == 2
    assert "there is no run 'nosuch'" in capfd.readouterr().err
