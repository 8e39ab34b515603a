"""tools/new: what it writes is well-formed at once, a new case lacks only its golden, and bad names write nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures import reference
from fixtures.host.folders import ROOT
from fixtures.reference import patches

MADE = {
    "case": (["use_cases", "probe"], "suites/use_cases/test_probe.py"),
    "step": (["jobs", "SetPriority"], "fixtures/vocabulary/steps/jobs.py"),
    "normaliser": (["COLOURS"], "fixtures/transcript/normalisers.py"),
    "patch": (["v9", "first"], "series/v9/0001-first.patch"),
}
MODULES = [path for _, path in MADE.values() if path.endswith(".py")]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the project with one suite in which one of each kind has been made."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("fixtures", "tools", "series", "suites/use_cases"):
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pyproject.toml", "suites/__init__.py"):
        shutil.copy(ROOT / name, folder / name)
    for kind, (names, path) in MADE.items():
        done = new(folder, kind, *names)
        assert (done.returncode, done.stdout.partition("\n")[0]) == (0, path), done.stderr
    return folder


def new(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Call the program of a copy."""
    return run(folder, str(folder / "tools" / "new"), *arguments)


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a copy."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {"PYTHON": sys.executable}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_lint_and_types_pass(copy: Path) -> None:
    """ruff and mypy find nothing in what was written."""
    for options in (["check"], ["format", "--check"]):
        done = run(copy, sys.executable, "-m", "ruff", *options, *MODULES)
        assert done.returncode == 0, done.stdout
    done = run(copy, sys.executable, "-m", "mypy", "--follow-imports=silent", *MODULES)
    assert done.returncode == 0, done.stdout


def test_a_new_case_lacks_only_its_golden(copy: Path) -> None:
    """Driver and model agree on the story of the template."""
    if reference.prefix_of("v3") is None:
        pytest.skip("the reference QEMU v3 is not built: make qemu")
    done = run(copy, sys.executable, "-m", "pytest", "-n0", "--qemu=v3", MADE["case"][1], f"--out={copy / 'out'}")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Snapshot 'test_probe' does not exist!" in done.stdout
    assert "1 failed" in done.stdout


def test_a_new_patch_applies(copy: Path) -> None:
    """A series with the template in it can be built at once; the next one takes the next number."""
    patches.apply(copy / MADE["patch"][1], copy)
    assert (copy / "docs" / "first.txt").read_text() == "first\n"
    assert new(copy, "patch", "v9", "second").stdout.startswith("series/v9/0002-second.patch\n")


REFUSED = {
    "case nosuch probe": "there is no suite nosuch, only use_cases",
    "case use_cases Probe": "'Probe' is no name of a case",
    "case use_cases probe": "suites/use_cases/test_probe.py exists already",
    "case probe": "tools/new case SUITE NAME: 1 names were given",
    "step nosuch Probe": "there are no steps nosuch, only attempts",
    "step jobs probe": "'probe' is no name of a step",
    "step guest StartMirror": "there is a step StartMirror already",
    "normaliser Colours": "'Colours' is no name of a normaliser",
    "normaliser SIZES": "there is a normaliser SIZES already",
    "patch ../v9 probe": "'../v9' is no name of a series",
    "patch v9 first": "series/v9 has a patch first already",
    "nosuch probe": "invalid choice: 'nosuch'",
}


@pytest.mark.parametrize(("arguments", "reason"), REFUSED.items(), ids=REFUSED)
def test_a_bad_name_is_one_sentence(copy: Path, arguments: str, reason: str) -> None:
    """Status 2 and the reason, and no file is written or changed."""
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*") if "__pycache__" not in path.parts}
    done = new(copy, *arguments.split())
    after = {path: path.stat().st_mtime_ns for path in copy.rglob("*") if "__pycache__" not in path.parts}
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert reason in done.stderr
    assert before.keys() == after.keys()
    assert {path for path in before if path.is_file() and before[path] != after[path]} == set()
