"""Every program of tools/ works from any folder, with a bare Python, and explains itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.host.folders import ROOT
from tools.programs import check

TOOLS = ROOT / "tools"
PROGRAMS = sorted(path.name for path in TOOLS.iterdir() if os.access(path, os.X_OK) and path.is_file())
MODULES = sorted(path.stem for path in (TOOLS / "programs").glob("[!_]*.py"))


def call(folder: Path, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Call a program from a folder that has packages of the project's names, which must not be taken instead."""
    for package in ("tools", "fixtures"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text("raise AssertionError('the wrong package')")
    kept = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command = [str(TOOLS / name), *arguments]
    environment = kept | {"PYTHON": sys.executable}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_each_program_has_one_name() -> None:
    """A module of tools/programs is called by a link of its name; only tools/run and tools/selftest have none."""
    links = {name for name in PROGRAMS if (TOOLS / name).is_symlink()}
    assert links == set(MODULES)
    assert {(TOOLS / name).readlink() for name in links} == {Path("run")}
    assert set(PROGRAMS) - links == {"run", "selftest"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_explains_itself(tmp_path: Path, name: str) -> None:
    """--help names the program and gives status 0."""
    done = call(tmp_path, name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert name in ("run", "selftest") or done.stdout.startswith(f"usage: tools/{name} ")
    assert len(done.stdout.splitlines()) >= 2


NEEDED = {
    "export": ["x"],
    "merge": ["x", "y"],
    "verdicts": ["x"],
    "compare": ["x", "y"],
    "page": ["x"],
    "repro": ["x"],
    "new": ["case", "x"],
}


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in ("golden", "review", "run", "stress")])
def test_an_unknown_option_is_one_sentence(tmp_path: Path, name: str) -> None:
    """It is named, and nothing is done."""
    done = call(tmp_path, name, *NEEDED.get(name, []), "--nosuch")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--nosuch" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["suites", "--ignore=suites/meta", "-n", "auto"]),
        (["-k", "merge"], ["suites", "--ignore=suites/meta", "-n", "auto"]),
        (["suites/product"], ["-n", "auto"]),
        (["suites/port/test_arguments.py::test_order"], ["-n", "0"]),
        (["suites/port/test_arguments.py::test_order", "suites/port"], ["-n", "auto"]),
    ],
    ids=["all", "expression", "folder", "case", "case-and-folder"],
)
def test_a_case_by_its_id_has_one_worker(arguments: list[str], expected: list[str]) -> None:
    """A case starts at once and its output is seen as it comes; whole suites take all processors."""
    assert check.defaults(arguments) == expected
