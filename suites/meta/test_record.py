"""The record of a run: what it says of itself and of each case, and that no other run is lost to it."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

import pytest

from fixtures.runs.result import FORMAT, Outcome
from fixtures.runs.run import Run, load
from suites.meta.project import Project

CASES = """
import os, signal
import pytest
from fixtures.driver.qemu.monitor import DeadlinePassed

@pytest.mark.parametrize(("held", "step"), [(True, object())], ids=["held-step"])
@pytest.mark.parametrize("size", [1 << 20, 1 << 30], ids=["1M", "1G"])
def test_axes(bench, size, held, step):
    bench.behaviours.append("a-behaviour")
    bench.finish("done")

def test_crash(bench):
    os.kill(bench.machine.qemu._process.pid, signal.SIGSEGV)
    bench.observe()

def test_hang(bench):
    raise DeadlinePassed("nothing came")
"""
STOPS = """
import os, signal

def test_first(bench):
    bench.finish("done")

def test_second(bench, folder):
    (folder / "image").write_text("an image")
    os.kill(os.getpid(), signal.{signal})
"""
FAILS = """
import pytest

@pytest.mark.parametrize("number", range(9))
def test_it(bench, number):
    raise ValueError("as ever")
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Give the record of a run of cases that end in the rarer ways, done once."""
    project = Project(tmp_path_factory.mktemp("project"))
    series = {"name": "mine", "patches": [{"name": "0001", "subject": "mirror: do", "sha256": "00"}], "more": 1}
    (project.qemu / "series.json").write_text(json.dumps(series))
    project.module.write_text(CASES)
    project.run("--label=mine", "--shuffle=5", "-n2")
    return load(project.folder / "out" / "mine")


def result(run: Run, name: str) -> tuple[Outcome, str]:
    """Return how a case ended and why."""
    found = run.results[f"suites/room/test_cases.py::{name}"]
    return found.outcome, found.reason


def test_a_run_describes_itself(kept: Run) -> None:
    """A run names its format, QEMU, patches, options, seed and ends; its cases are as many as were selected."""
    about = kept.about
    assert (about.format, about.label, about.cases, about.seed, about.status) == (FORMAT, "mine", 4, 5, 1)
    assert (about.qemu.version, about.qemu.dialect) == ("9.8.7", "stock")
    assert about.series
    assert [patch.subject for patch in about.series.patches] == ["mirror: do"]
    assert "--label=mine" in about.options
    assert about.begun <= (about.ended or "")
    assert kept.is_complete


def test_a_case_has_axes_and_behaviours(kept: Run) -> None:
    """The value of each parameter stands there by name, in the words of the id, beside what the story went through."""
    case = kept.results["suites/room/test_cases.py::test_axes[1G-held-step]"]
    assert case.axes == {"size": "1G", "held": "True", "step": "held-step"}
    assert case.behaviours == ("a-behaviour",)
    assert case.test == "suites/room/test_cases.py::test_axes"
    assert kept.transcript(case) == f"# {case.id}\n"


def test_a_crash_is_told_with_its_signal(kept: Run) -> None:
    """A QEMU that dies of a signal makes its case crashed, not failed; there is a backtrace or why there is none."""
    assert result(kept, "test_crash")[0] is Outcome.CRASHED
    death = kept.results["suites/room/test_cases.py::test_crash"].death
    assert death
    assert death.how == "SIGSEGV"
    assert death.backtrace
    assert kept.log(kept.results["suites/room/test_cases.py::test_crash"])


def test_a_hang_is_no_failure(kept: Run) -> None:
    """A deadline that passes while QEMU lives makes its case hung."""
    assert result(kept, "test_hang") == (Outcome.HUNG, "DeadlinePassed: nothing came")


@pytest.mark.parametrize("kind", ["SIGTERM", "SIGKILL"])
def test_a_run_that_is_stopped_keeps_what_is_finished(tmp_path: Path, kind: str) -> None:
    """What had ended can be read; that the rest is missing can be seen. SIGTERM leaves no image behind."""
    project = Project(tmp_path)
    project.module.write_text(STOPS.format(signal=kind))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    run_status = project.run("--label=mine", TMPDIR=str(temporary)).status
    run = load(tmp_path / "out" / "mine")
    assert [case.outcome for case in run.results.values()] == [Outcome.PASSED]
    assert (run.missing, run.is_complete) == (1, False)
    assert list(temporary.iterdir()) == []
    assert (run_status, run.about.ended is None) == ((2, False) if kind == "SIGTERM" else (-9, True))
    assert kind == "SIGKILL" or list(project.images.iterdir()) == []


def test_a_worker_that_is_stopped_leaves_no_image(tmp_path: Path) -> None:
    """SIGTERM to the process that hears of all cases ends its workers, and their images go with them."""
    project = Project(tmp_path)
    stops = STOPS.format(signal="SIGTERM").replace("os.getpid()", "os.getppid()") + "    signal.pause()\n"
    project.module.write_text(stops)
    assert project.run("--label=mine", "-n1").status == 2
    assert list(project.images.iterdir()) == []
    assert load(tmp_path / "out" / "mine").missing == 1


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_a_run_that_stops_at_failures_has_failed(tmp_path: Path, workers: str) -> None:
    """--maxfail ends a run with the status of a failure, with workers and without, and what is left is missing."""
    project = Project(tmp_path)
    project.module.write_text(FAILS)
    run = project.run("--label=mine", "--maxfail=1", workers)
    assert (run.status, "stopping after " in run.text) == (1, True)
    assert load(tmp_path / "out" / "mine").about.status == 1


def test_a_run_that_cannot_begin_keeps_the_one_before(tmp_path: Path) -> None:
    """A module that does not import, or a selection of nothing, leaves the run before as it was."""
    project = Project(tmp_path)
    project.module.write_text('def test_finished(bench):\n    bench.finish("done")\n')
    project.run("--label=mine")
    before = project.files()
    project.run("--label=mine", "-knothing")
    project.module.write_text("import nothing_of_that_name\n")
    project.run("--label=mine")
    project.run("--label=mine", "-n2")
    assert project.files() == before
    project.module.write_text('def test_other(bench):\n    bench.finish("done")\n')
    project.run("--label=mine")
    assert set(project.cases()) == {"test_other"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"mine"}


def test_a_place_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """A folder without a run, a label that is a path, and a run under way end with one sentence."""
    project = Project(tmp_path)
    project.module.write_text('def test_finished(bench):\n    bench.finish("done")\n')
    (tmp_path / "out" / "precious").mkdir(parents=True)
    assert "precious holds no run and is left alone" in project.run("--label=precious").text
    assert "'../up' is no label: letters" in project.run("--label=../up").text
    project.run("--label=mine")
    with (tmp_path / "out" / "mine" / "cases.jsonl").open() as cases:
        fcntl.flock(cases, fcntl.LOCK_EX)
        run = project.run("--label=mine")
    assert (run.status, "a run is under way in" in run.text) == (4, True)


def test_a_series_that_is_none_is_told(tmp_path: Path) -> None:
    """A ``series.json`` that names no patches ends the run before the first case."""
    project = Project(tmp_path)
    (project.qemu / "series.json").write_text("[]")
    run = project.run()
    assert (run.status, "series.json does not describe a series of patches" in run.text) == (4, True)
