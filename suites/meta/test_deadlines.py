"""One environment variable stretches every deadline of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fixtures.host.deadlines import FACTOR, stretched
from fixtures.repro import shell
from suites.meta.project import Project
from tools.reviewing import running
from tools.reviewing.sandbox import Sandbox

STORY = """
from fixtures.driver.qemu import monitor

def test_it():
    assert monitor.DEADLINE == 60
"""


@pytest.mark.parametrize(("factor", "seconds"), [("", 2.0), ("1", 2.0), ("2.5", 5.0), ("nonsense", 2.0)])
def test_a_deadline_is_stretched(monkeypatch: pytest.MonkeyPatch, factor: str, seconds: float) -> None:
    """Seconds are multiplied by the factor, which is 1 by default."""
    monkeypatch.setenv(FACTOR, factor)
    assert stretched(2.0) == seconds


def test_the_driver_waits_that_long(tmp_path: Path) -> None:
    """What the driver waits for has the stretched deadline."""
    project = Project(tmp_path)
    project.module.write_text(STORY)
    assert project.run(**{FACTOR: "2"}).status == 0


@pytest.mark.parametrize("factor", ["0.5", "-1", "nan", "inf", "many"])
def test_a_bad_factor_is_one_sentence(tmp_path: Path, factor: str) -> None:
    """A factor below 1 or that is no number is refused before the first case."""
    project = Project(tmp_path)
    project.module.write_text("def test_it():\n    pass\n")
    run = project.run(**{FACTOR: factor})
    assert (run.status, f"{FACTOR} must be a number of 1 or more, not {factor!r}" in run.text) == (4, True)


@pytest.mark.parametrize("factor", ["", "3"])
def test_the_factor_reaches_the_sandbox(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, factor: str) -> None:
    """A review runs the suites in an environment of their own, which has the factor if one is set."""
    seen: dict[str, str] = {}

    class Spy(Sandbox):
        def command(self, command: Sequence[str], **how: Any) -> list[str]:
            del command
            seen.update(how["environment"])
            return ["true"]

    monkeypatch.setenv(FACTOR, factor)
    assert running.run(tmp_path / "prefix", tmp_path / "results", [], Spy("bwrap"), 0) == 0
    assert seen.get(FACTOR, "") == factor


def test_a_script_waits_that_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script of a case has the deadline of the machine that it was made on."""
    monkeypatch.setenv(FACTOR, "2.5")
    assert "read -r -t 75 line" in shell.functions(["start"], "")
