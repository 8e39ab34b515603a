"""A mismatch says what differs and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fixtures.bench.mismatch import Mismatch, expect
from fixtures.model.state.job import JobState


@dataclass(frozen=True)
class Flags:
    """Any facts with names."""

    name: str
    recording: bool = True
    count: int = 0


DIFFERENCES: dict[str, tuple[object, object, list[str]]] = {
    "a-text": ("no such node", None, ["expected: no such node", "observed: None"]),
    "fields": (Flags("b0"), Flags("b0", False), ["recording: expected True, observed False"]),
    "keys": (
        {"a": 1, "b": 2},
        {"a": 1, "c": 3},
        ["b: expected 2, observed nothing", "c: expected nothing, observed 3"],
    ),
    "fields-of-a-key": ({"b0": Flags("b0")}, {"b0": Flags("b1")}, ["b0.name: expected b0, observed b1"]),
    "a-key-of-several-words": ({("source", "b0"): 1}, {}, ["('source', 'b0'): expected 1, observed nothing"]),
    "members": ({1, 2}, {2, 3}, ["missing: 1", "too much: 3"]),
    "members-of-a-key": ({"a": {1, 2}}, {"a": {1, 2, 3}}, ["a too much: 3"]),
    "a-sequence": ([1, 2], [2, 1], ["expected: [1, 2]", "observed: [2, 1]"]),
    "a-state": (("x", JobState.READY), ("x", "null"), ["expected: ('x', 'ready')", "observed: ('x', 'null')"]),
    "a-long-sequence": ([*range(99)], [], [f"expected: [{', '.join(map(str, range(12)))}, ...]", "observed: []"]),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_only_what_differs_is_said(name: str) -> None:
    """Fields, keys and members that are equal are left out; what is long is cut."""
    expected, observed, lines = DIFFERENCES[name]
    with pytest.raises(Mismatch) as raised:
        expect("this", expected, observed)
    assert str(raised.value).splitlines() == ["this", *(f"  {line}" for line in lines)]


def test_what_is_equal_passes() -> None:
    """Equal values are no mismatch, of whatever type they are."""
    expect("a state", "ready", JobState.READY)
