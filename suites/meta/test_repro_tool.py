"""tools/repro: which case is meant, one sentence where there is no script, where the script goes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fixtures.host.console import CannotRun
from fixtures.plugin.scripts import is_meant
from fixtures.repro import recording
from suites.meta.project import Project
from tools.entry_point import start
from tools.programs import repro

CASES = """
import pytest
from fixtures.driver.log import journal

@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_many(bench, number):
    "Says its number (X-01)."
    bench.transcript.observed(f"number {number}")
    bench.finish("done")

def test_failing(bench):
    bench.machine.qemu.monitor.command("query-jobs")
    raise ValueError("what went wrong")

@pytest.mark.dialects("v3")
def test_other_dialect(bench):
    raise AssertionError("never called")

def test_skipped(bench):
    pytest.skip("no such command")

def test_beyond(bench):
    bench.machine.qemu.monitor.command("stop")
    journal.note(journal.OutOfReach("flies to the moon"))
    bench.finish("done")

def test_idle(subject):
    pass
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Give a project of some cases."""
    made = Project(tmp_path_factory.mktemp("project"))
    made.module.write_text(CASES)
    return made


@pytest.fixture(scope="module")
def answers(project: Project) -> dict[str, recording.Answer]:
    """Give what becomes of all cases of the project, by the ends of their ids."""
    answers = recording.record(str(project.qemu), ["suites"], project.folder)
    assert not (project.folder / "out").exists(), "the record of the last run must stay"
    return {answer.case.removeprefix("suites/room/test_"): answer for answer in answers}


IDS = {
    "test_a[x]": True,
    "test_a": True,
    "test_b.py::test_a[x]": True,
    "suites/room/test_b.py::test_a": True,
    "a[x]": False,
    "test_a[y]": False,
    "test_c.py::test_a[x]": False,
    "test_b.py": False,
}


@pytest.mark.parametrize("case", IDS)
def test_a_case_is_known_by_the_end_of_its_id(case: str) -> None:
    """The file's name and what stands in brackets can be left out; each part must be whole."""
    assert is_meant(case, "suites/room/test_b.py::test_a[x]") == IDS[case]


def test_a_case_is_run_alone(project: Project) -> None:
    """The statement, remarks and end of the one case are in its script."""
    answer = recording.script_of("test_cases.py::test_many[2]", str(project.qemu), project.folder)
    assert (answer.case, answer.failure) == ("suites/room/test_cases.py::test_many[2]", "")
    assert "# Says its number.\n" in answer.script
    assert answer.script.endswith("\n#   == number 2\nstart\nbitmaps\nquit\n")


def test_a_failing_case_has_a_script(answers: dict[str, recording.Answer]) -> None:
    """The script ends with what was asked last and how the case failed."""
    answer = answers["cases.py::test_failing"]
    assert answer.failure == "ValueError: what went wrong"
    assert answer.script.endswith("qmp query-jobs\nquit\n\n# The case failed here:\n#   ValueError: what went wrong\n")


WHY = {
    "test_other_dialect": "is not run: needs dialect v3 of the feature, this QEMU has stock",
    "test_skipped": "is not run: no such command",
    "test_beyond": "cannot be a script, for it flies to the moon; a failing case's log has every message",
    "test_idle": "drives no QEMU through QMP, so there is nothing to make a script of",
}


@pytest.mark.parametrize("name", WHY)
def test_a_case_without_a_script_says_why(answers: dict[str, recording.Answer], name: str) -> None:
    """Other dialects, skips and cases without a QEMU have a reason, not a script."""
    answer = answers[f"cases.py::{name}"]
    assert answer.why == f"suites/room/test_cases.py::{name} {WHY[name]}"
    assert not answer.script


REFUSALS = {
    "test_nosuch": "there is no case test_nosuch: `tools/check --collect-only -q` lists all",
    "test_many[9]": "there is no case test_many[9]: `tools/check --collect-only -q` lists all",
    "test_many": "test_many stands for 4 cases, name one of them: suites/room/test_cases.py::test_many[1], ",
}


@pytest.mark.parametrize("name", REFUSALS)
def test_no_script_is_one_sentence(project: Project, name: str) -> None:
    """A name that no case or more than one has: the reason, in one line."""
    with pytest.raises(CannotRun) as refusal:
        recording.script_of(name, str(project.qemu), project.folder)
    assert str(refusal.value).startswith(REFUSALS[name])
    assert "\n" not in str(refusal.value)


def test_a_wrong_qemu_ends_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    """The reason that pytest gives is printed as it is."""
    status = start("repro", "test_state[disabled]", "--qemu", "/no/such")
    assert (status, capsys.readouterr().err) == (2, "mirror-conformance: no such folder: /no/such\n")


def test_a_script_is_written_as_a_program(tmp_path: Path) -> None:
    """A file that was asked for can be run."""
    repro.write("#!/bin/sh\n", tmp_path / "script")
    assert os.access(tmp_path / "script", os.X_OK)


def test_a_place_that_takes_no_file_is_one_sentence(tmp_path: Path) -> None:
    """A missing folder is reported with the system's reason."""
    with pytest.raises(CannotRun, match=r"script cannot be written: No such file or directory"):
        repro.write("", tmp_path / "nosuch" / "script")
