"""Ranges that touch are one, and numbers that follow each other are a range."""

from __future__ import annotations

from hypothesis import given, strategies as st

from fixtures.vocabulary.ranges import joined, runs


def test_ranges_that_touch_are_joined() -> None:
    """Only a gap parts two ranges; none is made of none."""
    assert joined([(0, 2), (2, 3), (3, 9), (10, 11)]) == [(0, 9), (10, 11)]
    assert joined([]) == []


@given(st.lists(st.integers(0, 40)))
def test_runs_are_what_the_numbers_make_up(numbers: list[int]) -> None:
    """They hold each number once and nothing else, are in order, and no two of them touch."""
    found = runs(numbers)
    assert [number for start, end in found for number in range(start, end)] == sorted(set(numbers))
    assert found == joined(found)
