"""How much of a run the feature was at work in."""

from __future__ import annotations

from dataclasses import replace

from fixtures.runs import bitmap_share
from fixtures.runs.result import Outcome, Result

WORKING = Result("suites/a/test_a.py::test_b[c]", Outcome.PASSED, seconds=3.0, on_bitmap=True)


def test_the_share_is_of_cases_and_of_their_time() -> None:
    """Cases that were not run count for nothing."""
    idle = replace(WORKING, on_bitmap=False, seconds=1.0)
    not_run = replace(idle, outcome=Outcome.NOT_RUN)
    said = bitmap_share.words([WORKING, idle, idle, not_run])
    assert said == "1 of 3 cases had a mirror on a working bitmap: 33 %, in 60 % of the time"


def test_a_run_without_cases_has_a_share_of_none() -> None:
    """Nothing is divided by zero."""
    assert bitmap_share.words([]) == "0 of 0 cases had a mirror on a working bitmap: 0 %, in 0 % of the time"
