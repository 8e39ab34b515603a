"""Which cases a run selects: deep ones only when they are asked for, a few of each test for a quick check."""

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


PARAMETRISED = """
import pytest

@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("kind", [[], {}])
def test_values(bench, size, kind):
    bench.finish("done")

@pytest.mark.parametrize("size", [1, pytest.param(2, marks=pytest.mark.thorough), 3])
def test_own_choice(bench, size):
    bench.finish("done")

@pytest.mark.parametrize("only", [pytest.param(1, marks=pytest.mark.dialects("v2")), 2])
@pytest.mark.parametrize("kind", ["a", "b"])
def test_dialects(bench, kind, only):
    bench.finish("done")

@pytest.mark.parametrize("seed", [pytest.param(0, marks=pytest.mark.deep), 1])
def test_deep(bench, seed):
    bench.finish("done")
"""


def test_a_sample_is_of_cases_that_can_run(tmp_path: Path) -> None:
    """Those of other dialects are no part of it; there may be fewer than were asked for."""
    project = Project(tmp_path)
    project.module.write_text(PARAMETRISED)
    for wanted, names in ((1, {"test_dialects[a-2]"}), (3, {"test_dialects[a-2]", "test_dialects[b-2]"})):
        project.run("-k", "test_dialects", "--sample", str(wanted))
        assert set(project.cases()) == names


def test_a_quick_check_shows_each_value_once(tmp_path: Path) -> None:
    """Few cases show each value, for each dialect that can run them; a test that marks cases itself is left alone."""
    project = Project(tmp_path)
    project.module.write_text(PARAMETRISED)
    project.run("-m", "not thorough")
    assert set(project.cases()) == {
        *("test_values[kind0-1]", "test_values[kind1-2]", "test_values[kind0-3]"),
        *("test_own_choice[1]", "test_own_choice[3]"),
        *("test_dialects[a-1]", "test_dialects[b-1]", "test_dialects[a-2]", "test_dialects[b-2]"),
        "test_deep[1]",
    }
