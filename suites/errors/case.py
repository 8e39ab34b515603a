"""One combination of an error, the policies about it and the mirror that meets it; all combinations that are run.

Policy, place, errno, how often, copy mode, phase and whether there is a bitmap are run in full; the others complete
each case so that every valid pair of values of any two axes occurs (suites/parameters/covering.py).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from fixtures.vocabulary.enums import Access, CopyMode, Format
from fixtures.vocabulary.faults import Errno, OnError, Place
from suites.errors.axes import Amount, Depth, Phase, Position, Remedy, Times
from suites.parameters.covering import Combination, Pair, Row, complete, possible_pairs, subset, wanted
from suites.parameters.layouts import Layout


@dataclass(frozen=True)
class ErrorCase(Combination):
    """An error, its policy and that of the other side, which must not matter; the mirror, and what comes then."""

    policy: OnError
    place: Place
    errno: Errno
    times: Times
    copy_mode: CopyMode
    position: Position
    used: bool
    amount: Amount
    depth: Depth
    phase: Phase
    remedy: Remedy
    other: OnError
    target: Format
    layout: Layout
    access: Access

    @property
    def id(self) -> str:
        """Return the values that identify a case."""
        values = (self.policy, self.place, self.errno, self.times, self.copy_mode, self.phase)
        return "-".join([*values, "bitmap" if self.used else "whole"])

    @property
    def deep_id(self) -> str:
        """Return the same for cases that try each position at each depth."""
        return f"{self.id}-{self.position}-{self.depth}"


FULL: Mapping[str, Sequence[object]] = {
    "policy": list(OnError),
    "place": list(Place),
    "errno": list(Errno),
    "times": list(Times),
    "copy_mode": list(CopyMode),
    "phase": list(Phase),
    "used": [True, False],
}
FURTHER: Mapping[str, Sequence[object]] = {
    "position": list(Position),
    "amount": list(Amount),
    "depth": list(Depth),
    "remedy": list(Remedy),
    "other": list(OnError),
    "target": [Format.QCOW2, Format.RAW],
    "layout": [one for one in Layout if one is not Layout.RAW_DATA_FILE],
    "access": [one for one in Access if one is not Access.FD_SET],
}
DEEP = ("policy", "place", "times", "position", "depth", "phase")
"""Axes that the deep cases run in full."""
_QUICK = ("policy", "errno", "times", "copy_mode", "phase", "used")
"""Axes that meet in all pairs in the quick subset."""


_ANY_LAYOUT = (Place.READ, Place.WRITE, Place.ZEROES, Place.FLUSH)


def is_valid(row: Row) -> bool:
    """Return whether a combination, complete or not, makes sense."""
    place = row.get("place")
    return not any(
        (
            isinstance(place, Place) and not _fits(place, row),
            # a guest's write in write-blocking mode is copied by the guest, not by the job
            row.get("phase") is Phase.READY
            and row.get("copy_mode") is CopyMode.WRITE_BLOCKING
            and place not in (Place.FLUSH, None),
            row.get("phase") is Phase.READY and row.get("amount") not in (Amount.SEGMENT, None),
            # past the host's cache, requests are aligned and make a raw file longer
            row.get("access") in (Access.DIRECT, Access.NATIVE) and row.get("target") is Format.RAW,
            # requests of unequal size that have to wait for buffers (docs/findings.md)
            row.get("position") is Position.TAIL
            and row.get("depth") in (Depth.TWO, Depth.SIXTEEN)
            and row.get("amount") in (Amount.BUFFER, Amount.LARGE),
            isinstance(place, Place)
            and place.is_metadata
            and row.get("used") is False
            and row.get("depth") in (Depth.TWO, Depth.SIXTEEN),
        )
    )


def _fits(place: Place, row: Row) -> bool:
    """Return whether an error can strike there: some have no position, some want a certain target or bitmap."""
    anywhere = place in (Place.FLUSH, Place.BLANKING, Place.COW) or place.is_metadata
    return not (
        (anywhere and row.get("position", Position.ANY) is not Position.ANY)
        or ((place.is_metadata or place is Place.COW) and row.get("target", Format.QCOW2) is not Format.QCOW2)
        # no metadata or disk of its own
        or (place not in _ANY_LAYOUT and row.get("layout", Layout.PLAIN) is not Layout.PLAIN)
        or (place not in _ANY_LAYOUT and row.get("access", Access.DEFAULT) is not Access.DEFAULT)
        # a request that covers whole clusters reads nothing
        or (place is Place.COW and row.get("amount", Amount.SEGMENT) not in (Amount.SEGMENT, Amount.SCATTERED))
        or ((place.is_metadata or place is Place.BLANKING) and row.get("phase", Phase.COPYING) is not Phase.COPYING)
        or (place is Place.BLANKING and row.get("used", False) is not False)
        or (place is Place.DISCARD and row.get("used", True) is not True)
    )


def valid_pairs() -> set[Pair]:
    """Return all pairs of values of two axes that a valid combination can hold."""
    return possible_pairs({**FULL, **FURTHER}, _is_possible)


def _is_possible(pair: Row) -> bool:
    """Return whether two values can meet in a case: those of the axes that restrict each other are tried out."""
    return any(is_valid(pair | {"place": place, "phase": phase}) for place, phase in _tried(pair))


def _tried(pair: Row) -> Iterable[tuple[object, object]]:
    return product(
        [pair["place"]] if "place" in pair else list(Place), [pair["phase"]] if "phase" in pair else list(Phase)
    )


@functools.cache
def error_cases() -> tuple[ErrorCase, ...]:
    """Return the cases of every run, in a fixed order."""
    return _completed(FULL, FURTHER, valid_pairs())


@functools.cache
def quick_cases() -> tuple[ErrorCase, ...]:
    """Return a subset that shows each value with the bitmap in use and without it, and what decides in pairs."""
    return subset(error_cases(), quick_pairs())


def quick_pairs() -> set[Pair]:
    """Return the pairs of values that occur in the quick subset."""
    return wanted(valid_pairs(), _is_quick)


def _is_quick(one: str, other: str) -> bool:
    return "used" in (one, other) or (one in _QUICK and other in _QUICK)


@functools.cache
def deep_cases() -> tuple[ErrorCase, ...]:
    """Return the cases of a deep run, which try each position at each depth."""
    axes = {**FULL, **FURTHER}
    full = {axis: axes[axis] for axis in DEEP}
    further = {axis: values for axis, values in axes.items() if axis not in DEEP}
    return _completed(full, further, set())


def _lightened(cases: Iterable[ErrorCase]) -> Iterator[ErrorCase]:
    """Yield cases of which only some copy a large amount, for they take longest.

    They are those that bring a pair of values with it, and those where an error can strike in the middle of an area
    of which the job has submitted a part only: that takes the largest buffer, and a bitmap to see it.
    """
    seen: set[object] = set()
    for case in cases:
        pairs = set(case.row.items())
        keep = case.amount is not Amount.LARGE or not pairs <= seen or (case.used and case.depth is Depth.DEFAULT)
        seen |= pairs if case.amount is Amount.LARGE and keep else set()
        yield case if keep else replace(case, amount=Amount.BUFFER)


def _completed(
    full: Mapping[str, Sequence[object]], further: Mapping[str, Sequence[object]], missing: set[Pair]
) -> tuple[ErrorCase, ...]:
    rows: list[Row] = [dict(zip(full, values, strict=True)) for values in product(*full.values())]
    rows.sort(key=lambda row: row["place"] is Place.COW)  # behind all others, whose completion it so leaves alone
    completed: list[dict[str, Any]] = complete(list(filter(is_valid, rows)), further, is_valid, missing)
    return tuple(_lightened(ErrorCase(**row) for row in completed))
