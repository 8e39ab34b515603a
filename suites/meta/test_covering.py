"""Covering designs: rows get values so that pairs or triples of them occur, and none that makes no sense."""

from __future__ import annotations

import pytest

from suites.parameters.covering import Pair, complete
from suites.parameters.strength import Axes, Missing, Rule, Rules, cover, triples

AXES: Axes = {"a": [1, 2], "b": ["x", "y"], "c": [True, False], "d": [7, 8, 9]}
RULES = Rules([Rule("1 and y do not go together", ("a", "b"), lambda a, b: (a, b) == (1, "y"))])


def test_completion_respects_what_is_valid() -> None:
    """A row gets the values that bring missing pairs, but never one that is refused."""
    missing: set[Pair] = {(("a", 1), ("b", "x")), (("a", 2), ("b", "y"))}
    rows = complete([{"a": 1}, {"a": 2}], {"b": ["x", "y"]}, lambda row: row != {"a": 1, "b": "y"}, missing)
    assert rows == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert not missing


def test_every_triple_that_no_rule_forbids_occurs() -> None:
    """The rows that are given come first; more follow until each triple with a leading axis is there."""
    rows, impossible = cover([{"a": 1}, {"a": 2}], AXES, AXES, ["a"], RULES)
    missing = Missing(triples(AXES, ["a"], RULES))
    assert sum(missing.bring(row) for row in rows) == len(list(triples(AXES, ["a"], RULES)))
    assert [row["a"] for row in rows[:2]] == [1, 2]
    assert impossible == []
    assert all(RULES.allow_all(row) for row in rows)


def test_what_no_row_can_hold_is_told() -> None:
    """Rules can forbid together what each of them allows."""
    rules = Rules(
        [
            Rule("1 wants x", ("a", "b"), lambda a, b: a == 1 and b != "x"),
            Rule("x wants 7", ("b", "d"), lambda b, d: b == "x" and d != 7),
        ]
    )
    _, impossible = cover([], AXES, AXES, ["a"], rules)
    assert {dict(one)["d"] for one in impossible} == {8, 9}
    assert {dict(one)["a"] for one in impossible} == {1}


def test_a_row_that_must_be_there_and_cannot_is_an_error() -> None:
    """A combination that is wanted and makes no sense is no silent hole."""
    with pytest.raises(ValueError, match="no row can hold"):
        cover([{"a": 1, "b": "y"}], AXES, AXES, ["a"], RULES)
