"""A run that cannot begin says why in one sentence and writes nothing; goldens are written only on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from suites.meta.project import REFUSING, Project, ProjectRun


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Give a project of one passing case."""
    made = Project(tmp_path)
    made.module.write_text('def test_finished(bench):\n    bench.finish("done")\n')
    return made


def sentence(run: ProjectRun) -> str:
    """Return the one line that a run printed which could not begin."""
    (line,) = [one for one in run.text.splitlines() if one]
    return line


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["alone", "workers"])
def test_a_folder_that_is_not_there_is_one_sentence(project: Project, options: tuple[str, ...]) -> None:
    """A wrong path ends the run before anything is written, with the status of a wrong call."""
    before = project.files()
    run = project.run("--qemu=/no/such", *options)
    assert (run.status, sentence(run)) == (4, "ERROR: no such folder: /no/such")
    assert project.files() == before


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "workers"])
@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("-k", "a b"), "Wrong expression passed to '-k': a b: at column 3: expected end of input; got identifier"),
        (("-m", "((deep"), "Wrong expression passed to '-m': ((deep: at column 7: expected right parenthesis"),
    ],
    ids=["keyword", "mark"],
)
def test_no_expression_is_one_sentence(
    project: Project, options: tuple[str, ...], text: str, workers: tuple[str, ...]
) -> None:
    """What cannot select cases is refused before the first worker starts."""
    run = project.run(*options, *workers)
    assert run.status == 4
    assert sentence(run).startswith(f"ERROR: {text}")


def test_a_folder_without_qemu_is_one_sentence(project: Project) -> None:
    """A folder that is neither build tree nor prefix says what was looked for."""
    run = project.run(f"--qemu={project.images}")
    assert (run.status, sentence(run)) == (
        4,
        f"ERROR: no qemu-system-* in {project.images} (a QEMU build tree or installation prefix was expected)",
    )


SCRIPTS = {
    "exits": ("#!/bin/sh\nexit 3\n", "exit with status 3"),
    "complains": ("#!/bin/sh\necho garbage\necho 'no such machine' >&2\nexit 1\n", "stderr: no such machine"),
    "dies": ("#!/bin/sh\nkill -ABRT $$\n", "exit with signal 6"),
    "is-no-program": ("garbage\n", "does not run: "),
    "refuses": (REFUSING, "does not run: GenericError: not today"),
}


@pytest.mark.parametrize(("script", "reason"), SCRIPTS.values(), ids=SCRIPTS)
def test_a_program_that_is_no_qemu_is_one_sentence(project: Project, script: str, reason: str) -> None:
    """Whatever a program does instead of talking QMP, the run ends with how it ended."""
    project.install(script)
    run = project.run()
    assert run.status == 4
    assert sentence(run).startswith(f"ERROR: {project.qemu}/bin/qemu-system-x86_64 does not run: ")
    assert reason in sentence(run)


REFUSED = {
    "ci": (("--snapshot-update", "--snapshot-no-cleanup"), "1", "goldens are not written under CI"),
    "cleanup": (("--snapshot-update",), "", "goldens are written by `make golden`"),
    "first-failure": (("--snapshot-update", "--snapshot-no-cleanup", "-x"), "", "goldens are written by `make golden`"),
}


@pytest.mark.parametrize(("options", "ci", "reason"), REFUSED.values(), ids=REFUSED)
def test_goldens_are_written_only_where_none_can_be_lost(
    project: Project, options: tuple[str, ...], ci: str, reason: str
) -> None:
    """Under CI, with a clean-up or when the run may stop early, nothing is run and written."""
    before = project.files()
    run = project.run(*options, CI=ci)
    assert run.status == 4
    assert reason in sentence(run)
    assert project.files() == before


def test_a_missing_golden_is_a_failure_and_is_not_written(project: Project) -> None:
    """A run fails where a golden is missing; with --snapshot-update it writes it."""
    project.module.write_text('def test_it(bench, golden):\n    assert bench.finish("done") == golden\n')
    expected = "golden/room/test_cases/test_it.txt"
    assert project.run().status == 1
    assert expected not in project.files()
    project.run("--snapshot-update", "--snapshot-no-cleanup")
    assert (project.folder / expected).read_text() == "# done\n"
    assert project.run().status == 0


def test_cases_can_be_collected_without_a_qemu(project: Project) -> None:
    """What cases there are does not depend on the QEMU under test."""
    run = project.run("--qemu=/no/such", "--collect-only", "-q")
    assert (run.status, "test_finished" in run.text) == (0, True)
