"""A covering design of strength three: rows in which all triples of values occur, by a greedy choice.

Rules say which rows make sense; each names the axes that it is about and is asked once a row has a value of all of
them. What is wanted are the triples of a value of a leading axis and two others. The result depends on nothing but
its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from types import MappingProxyType
from typing import Any, TypeVar

from suites.parameters.covering import Item, Row

Axes = Mapping[str, Sequence[object]]
Triple = tuple[Item, Item, Item]
_NONE: Axes = MappingProxyType({})
Order = Callable[[Row, str], Sequence[object]]
Value = TypeVar("Value")
_TRIES = 6
"""Of so many ways to complete a row the best is taken: with one, a tenth of the rows would be more."""


@dataclass(frozen=True)
class Rule:
    """What makes no sense, and ``why``: ``forbids`` is called with the values of ``axes`` by name."""

    why: str
    axes: tuple[str, ...]
    forbids: Callable[..., bool]


class Rules:
    """Rules, found by the axes that they are about."""

    def __init__(self, rules: Sequence[Rule]):
        self._about: dict[str, list[Rule]] = {}
        for rule in rules:
            for axis in rule.axes:
                self._about.setdefault(axis, []).append(rule)

    def _broken(self, row: Row, axis: str) -> Rule | None:
        """Return a rule about ``axis`` that forbids the row, complete or not."""
        for rule in self._about.get(axis, ()):
            if all(one in row for one in rule.axes) and rule.forbids(**{one: row[one] for one in rule.axes}):
                return rule
        return None

    def allow_all(self, row: Row) -> bool:
        """Return whether no rule forbids a row, complete or not."""
        return not any(self._broken(row, axis) for axis in row)

    def completed(self, row: Row, axes: Axes, order: Order) -> Row | None:
        """Return a row with a value of each axis, tried in their ``order``; None if there is none."""
        return self._search(row, axes, order)[0] if self.allow_all(row) else None

    def _search(self, row: Row, axes: Axes, order: Order) -> tuple[Row | None, set[str]]:
        """Return the completed row, or None and the axes whose values are in the way: to change others is no use."""
        axis = next((one for one in axes if one not in row), None)
        if axis is None:
            return row, set()
        blame: set[str] = set()
        for value in order(row, axis):
            longer = {**row, axis: value}
            if broken := self._broken(longer, axis):
                blame.update(broken.axes)
                continue
            done, others = self._search(longer, axes, order)
            if done is not None or axis not in others:
                return done, others
            blame |= others
        return None, blame - {axis}


def triples(axes: Axes, leading: Sequence[str], rules: Rules) -> Iterator[Triple]:
    """Yield the triples with a leading axis that no rule forbids by themselves."""
    for names in combinations(sorted(axes), 3):
        if not set(names).isdisjoint(leading):
            for values in product(*(axes[name] for name in names)):
                row: Row = dict(zip(names, values, strict=True))
                if rules.allow_all(row):
                    yield tuple(row.items())  # type: ignore[misc]  # three of them


class Missing:
    """Triples that are still wanted: for each two of their values those that make a triple with them, as bits."""

    def __init__(self, wanted: Iterator[Triple]):
        self._bit: dict[Item, int] = {}
        self._thirds: dict[Item, dict[Item, int]] = {}
        for triple in wanted:
            for one, two, three in (triple, (triple[1], triple[2], triple[0]), (triple[2], triple[0], triple[1])):
                for first, second in ((one, two), (two, one)):
                    thirds = self._thirds.setdefault(first, {})
                    thirds[second] = thirds.get(second, 0) | self.bit(three)

    def __iter__(self) -> Iterator[Triple]:
        item_of = {bit: item for item, bit in self._bit.items()}
        for one, seconds in self._thirds.items():
            for two, bits in seconds.items():
                for bit, three in item_of.items() if bits else ():
                    if bits & bit and one[0] < two[0] < three[0]:
                        yield one, two, three

    def bit(self, item: Item) -> int:
        """Return the bit that stands for a value."""
        return self._bit.setdefault(item, 1 << len(self._bit))

    def by_gain(self, row: Row, axis: str, values: Sequence[object]) -> Sequence[object]:
        """Return the values of an axis, first those that bring most of the missing triples with two of a row."""
        held, items = self._held(row), list(row.items())

        def gain(value: object) -> int:
            thirds = self._thirds.get((axis, value), {})
            return -sum((thirds.get(one, 0) & held).bit_count() for one in items)

        return sorted(values, key=gain)

    def has(self, triple: Triple) -> bool:
        """Return whether a triple is still wanted."""
        one, two, three = triple
        return bool(self._thirds[one][two] & self.bit(three))

    def would_bring(self, row: Row) -> int:
        """Return how many of the triples a row has."""
        return sum(bits.bit_count() for _, _, bits in self._brought(row)) // 6

    def bring(self, row: Row) -> int:
        """Take out the triples that a row has; return how many these were."""
        brought = list(self._brought(row))
        for thirds, two, bits in brought:
            thirds[two] &= ~bits
        return sum(bits.bit_count() for _, _, bits in brought) // 6

    def _brought(self, row: Row) -> Iterator[tuple[dict[Item, int], Item, int]]:
        """Yield where the triples of a row are kept: each six times, for any two of its values in their order."""
        held = self._held(row)
        for one in row.items():
            thirds = self._thirds.get(one, {})
            for two in row.items():
                if bits := thirds.get(two, 0) & held:
                    yield thirds, two, bits

    def _held(self, row: Row) -> int:
        held = 0
        for item in row.items():
            held |= self.bit(item)
        return held


@dataclass
class _Choice:
    """Completes rows so that they bring as many of the ``missing`` triples as a greedy choice does."""

    rules: Rules
    missing: Missing
    last: Axes

    def best(self, row: Row, axes: Axes, number: int) -> Row | None:
        """Complete the ``number``-th row in several ways; return the one that brings most, None if there is none."""
        found = [self._completed(row, axes, one) for one in range(_TRIES * number, _TRIES * (number + 1))]
        return max((one for one in found if one), key=self.missing.would_bring, default=None)

    def _completed(self, row: Row, axes: Axes, number: int) -> Row | None:
        """Return a completed row; with the number turns which axis gets its value first, and which value."""

        def order(row: Row, axis: str) -> Sequence[object]:
            late = [value for value in axes[axis] if value in self.last.get(axis, ())]
            usual = [value for value in axes[axis] if value not in late]
            turn = (number * 7919 + len(row) * 31) % 104729
            return self.missing.by_gain(row, axis, [*_rotated(usual, turn), *_rotated(late, turn)])

        turned = _rotated([*axes], number % _TRIES * len(axes) // _TRIES)
        return self.rules.completed(row, {axis: axes[axis] for axis in turned}, order)


def cover(
    rows: Sequence[Row], first: Axes, axes: Axes, leading: Sequence[str], rules: Rules, *, last: Axes = _NONE
) -> tuple[list[Row], list[Triple]]:
    """Return ``rows`` completed, then more rows for the triples that those have not; and the triples that no row can.

    ``first``: the values that ``rows`` are completed with, of all ``axes``; ``last``: those that come after others that
    bring as much. Raises ``ValueError`` for a row that cannot be completed.
    """
    missing = Missing(triples(axes, leading, rules))
    choice = _Choice(rules, missing, last)
    done: list[Row] = []
    for row in rows:
        new = choice.best(row, first, len(done))
        if new is None:
            raise ValueError(f"no row can hold {row}")
        missing.bring(new)
        done.append(new)
    impossible = []
    for triple in sorted(missing, key=str):
        if missing.has(triple):
            new = choice.best(dict(triple), axes, len(done))
            if new is None:
                impossible.append(triple)
            else:
                missing.bring(new)
                done.append(new)
    return done, impossible


def _rotated(values: Sequence[Value], number: int) -> Sequence[Value]:
    first = number % len(values) if values else 0
    return [*values[first:], *values[:first]]


def plain_rows(axes: Mapping[str, Any], **fixed: Sequence[object]) -> list[Row]:
    """Return every combination of the values given, or of all values of an axis that is given none."""
    chosen = {axis: values or axes[axis] for axis, values in fixed.items()}
    return [dict(zip(chosen, values, strict=True)) for values in product(*chosen.values())]
