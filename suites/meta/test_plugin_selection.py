"""Which cases a run selects: deep ones only when they are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from suites.meta.project import Project

CASES = """
import pytest

@pytest.mark.deep
def test_deep(bench):
    bench.finish("done")

def test_other(bench):
    bench.finish("done")
"""


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ((), {"test_other"}),
        (("-n2",), {"test_other"}),
        (("--deep",), {"test_deep", "test_other"}),
        (("suites/room/test_cases.py::test_deep",), {"test_deep", "test_other"}),
    ],
    ids=["default", "workers", "all", "by-name"],
)
def test_deep_cases_are_asked_for(tmp_path: Path, options: tuple[str, ...], names: set[str]) -> None:
    """They run with --deep, or when a case is named, so that the command that repeats one works."""
    project = Project(tmp_path)
    project.module.write_text(CASES)
    assert project.run(*options).status == 0
    assert set(project.cases()) == names
