"""What the plugin makes of a run: cases not run, stories not finished, QEMUs that are none, files left behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from suites.meta.project import Project, ProjectRun

CASES = '''
import pytest
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.steps import CompleteJob, Write

def test_finished(bench, folder):
    (folder / "image").write_text("an image")
    bench.finish("done")

def test_not_finished(bench):
    pass

@pytest.mark.parametrize("sync", ["full"])
def test_failing(bench, folder, sync):
    """What must be."""
    (folder / "image").write_text("an image")
    bench.transcript.write(Write(10485761, 512, Fill(7), name="W1"))
    bench.behaviours.append("a-behaviour")
    bench.finish("done")
    raise ValueError("what went wrong")

@pytest.fixture
def breaks(bench):
    yield bench
    raise ValueError("torn down badly")

def test_torn_down_badly(breaks):
    breaks.finish("done")

@pytest.mark.dialects("v2", "v3")
def test_other_dialect(bench):
    raise AssertionError("never called")

@pytest.mark.dialects("stock")
@pytest.mark.needs("qemu-io", "qemu-nbd")
def test_other_tools(subject):
    raise AssertionError("never called")

@pytest.mark.xfail(reason="known", raises=ValueError, strict=True)
def test_known_failure(bench):
    raise ValueError
'''


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, ProjectRun]:
    """Give a run of cases that end in all ways, done once."""
    made = Project(tmp_path_factory.mktemp("project"))
    made.module.write_text(CASES)
    return made, made.run()


def test_the_run_names_what_is_tested(ended: tuple[Project, ProjectRun]) -> None:
    """Header and summary name QEMU, version and dialect; counts come first and last, with reasons."""
    project, run = ended
    system = project.qemu / "bin" / "qemu-system-x86_64"
    assert f"QEMU {project.qemu}: {system}, version 9.8.7, dialect stock\n" in run.text
    assert "7 cases, of which 2 are not run\n" in run.text
    assert "passed 2, failed 3, known failures 1, not run 2, in " in run.text


OUTCOMES = {
    "test_finished": ("passed", ""),
    "test_not_finished": ("failed", "the story was not finished: end it with bench.finish()"),
    "test_failing[full]": ("failed", "what went wrong"),
    "test_torn_down_badly": ("error", "torn down badly"),
    "test_other_dialect": ("not run", "needs dialect v2 or v3 of the feature, this QEMU has stock"),
    "test_other_tools": ("not run", "this QEMU comes without qemu-io, qemu-nbd"),
    "test_known_failure": ("known failure", "known"),
}


@pytest.mark.parametrize("name", OUTCOMES)
def test_each_case_ends_as_it_must(ended: tuple[Project, ProjectRun], name: str) -> None:
    """The record has how each case ended and why."""
    outcome, reason = OUTCOMES[name]
    case = ended[0].cases()[name]
    assert case["outcome"] == outcome
    assert reason in case["reason"]


def test_failing_cases_do_not_end_the_run(ended: tuple[Project, ProjectRun]) -> None:
    """Status 1 says that cases failed; every case has its line in the record."""
    assert ended[1].status == 1
    assert set(ended[0].cases()) == set(OUTCOMES)
    assert "INTERNALERROR" not in ended[1].text


def test_a_failure_says_where_its_log_is(ended: tuple[Project, ProjectRun]) -> None:
    """The log of a failing case is kept; the report names it and the commands that repeat the case or script it."""
    project, run = ended
    logs = sorted(path.stem for path in (project.folder / "out").rglob("logs/**/*.log"))
    assert logs == ["test_failing[full]", "test_not_finished", "test_torn_down_badly"]
    case = "suites/room/test_cases.py::test_failing[full]"
    assert f'\ntools/check --qemu {project.qemu} --label again "{case}"\n' in run.text
    assert f'\nmake repro QEMU={project.qemu} CASE="{case}"\n' in run.text
    assert str(next((project.folder / "out").rglob("test_failing*.log"))) in run.text


SECTIONS = {
    "what it pins": "What must be.",
    "the case": "sync=full",
    "behaviours before it failed": "a-behaviour",
    "the guest's writes": "W1 = source: write 0x07 at 10M+1 length 512",
}


@pytest.mark.parametrize("title", SECTIONS)
def test_a_failure_says_what_it_is(ended: tuple[Project, ProjectRun], title: str) -> None:
    """The report has the claim, every axis, the behaviours gone through and what named writes are."""
    assert re.search(rf"^-+ {title} -+\n{re.escape(SECTIONS[title])}\n-", ended[1].text, re.MULTILINE)


def test_no_case_leaves_an_image(ended: tuple[Project, ProjectRun]) -> None:
    """However cases end, the folder of images is empty afterwards."""
    assert list(ended[0].images.iterdir()) == []


def test_workers_report_the_same(ended: tuple[Project, ProjectRun], tmp_path: Path) -> None:
    """Spread over two processes, cases end as in one, and counts and reasons are printed once."""
    project = Project(tmp_path)
    project.module.write_text(CASES)
    run = project.run("-n2")
    outcomes = {name: case["outcome"] for name, case in project.cases().items()}
    assert outcomes == {name: case["outcome"] for name, case in ended[0].cases().items()}
    assert run.text.count("7 cases, of which 2 are not run") == 1
