"""A test of many cases is counted by the values of its axes."""

from __future__ import annotations

from dataclasses import replace

from fixtures.runs import axis_counts
from fixtures.runs.result import Outcome, Result


def result(number: int, outcome: Outcome = Outcome.PASSED) -> Result:
    """Return how the case of some number ended: every second one is odd, every tenth has a digit of its own."""
    axes = {"kind": "odd" if number % 2 else "even", "last-digit": str(number % 10)}
    return Result(f"suites/a/test_a.py::test_many[{number}]", outcome, axes=axes)


def test_every_value_is_counted() -> None:
    """Each axis has a line: its values with the cases that have them."""
    lines = list(axis_counts.lines(result(number) for number in range(axis_counts.MANY)))
    assert lines == [
        "suites/a/test_a.py::test_many: 500 cases by axis",
        "  kind        even: 250, odd: 250",
        "  last-digit  0: 50, 1: 50, 2: 50, 3: 50, 4: 50, 5: 50, 6: 50, 7: 50, 8: 50, 9: 50",
    ]


def test_failures_stand_beside_their_values() -> None:
    """Of a value with failures it is said how many, and lines are wrapped between values only."""
    failing = [result(number, Outcome.CRASHED if number == 3 else Outcome.FAILED) for number in (3, 5)]
    passing = [result(number) for number in range(axis_counts.MANY) if number not in (3, 5)]
    lines = list(axis_counts.lines([*passing, *failing], width=42))
    assert lines[1:] == [
        "  kind        even: 250,",
        "              odd: 250 (2 failed)",
        "  last-digit  0: 50, 1: 50, 2: 50,",
        "              3: 50 (1 failed), 4: 50,",
        "              5: 50 (1 failed), 6: 50,",
        "              7: 50, 8: 50, 9: 50",
    ]


def test_few_cases_are_not_counted() -> None:
    """A test of few cases, or one that was not run, has no table."""
    few = [result(number) for number in range(axis_counts.MANY - 1)]
    not_run = [result(number, Outcome.NOT_RUN) for number in range(axis_counts.MANY)]
    assert list(axis_counts.lines([*few, *not_run])) == []


def test_an_axis_of_names_is_not_counted() -> None:
    """An axis with nearly as many values as there are cases says nothing of them."""
    results = [replace(one, axes={"name": one.id, **one.axes}) for one in map(result, range(axis_counts.MANY))]
    assert [line.split()[0] for line in axis_counts.lines(results)][1:] == ["kind", "last-digit"]
