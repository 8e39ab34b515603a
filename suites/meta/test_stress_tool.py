"""What make stress calls trouble: a case that fails, changes its transcript or is missing."""

from __future__ import annotations

from collections import Counter

import pytest

from tools.programs import stress


def test_the_same_each_time_is_no_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    """Cases that give the same in each round give status 0."""
    assert stress.verdict({"a": Counter({("passed", "1"): 3}), "b": Counter({("xfailed", ""): 3})}, 3) == 0
    assert "2 cases, 3 rounds under load: 0 not the same or failed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({("passed", "1"): 2, ("failed", "2"): 1}, "failed in 1 of 3 rounds"),
        ({("passed", "1"): 2, ("passed", "2"): 1}, "gave 2 different transcripts"),
        ({("passed", "1"): 2}, "was missing in 1 of 3 rounds"),
    ],
    ids=["failed", "differed", "missing"],
)
def test_trouble(capsys: pytest.CaptureFixture[str], given: dict[stress.Result, int], line: str) -> None:
    """A case that is not the same each time is printed with its rate, and gives status 1."""
    assert stress.verdict({"a": Counter(given)}, 3) == 1
    assert f"a: {line}" in capsys.readouterr().out
