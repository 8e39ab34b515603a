"""One piece of a disk that lies among others of another kind, and how its borders lie; all cases that are run.

Every valid triple of values of any three axes occurs (suites/parameters/strength.py).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fixtures.vocabulary.enums import CopyMode, Dialect
from fixtures.vocabulary.sizes import KIB, MIB
from suites.parameters.covering import Combination, pairs_of, subset
from suites.parameters.strength import Rule, Rules, cover


class Kind(StrEnum):
    """What a part of the source is."""

    DATA = "data"
    ZEROES = "zeroes"
    DISCARDED = "discarded"
    HOLE = "hole"  # never written


class Border(StrEnum):
    """Where a piece begins or ends: at a border of these, or at none of any."""

    TARGET = "target-cluster"
    SOURCE = "source-cluster"
    SEGMENT = "segment"
    INSIDE = "inside"


class Copied(StrEnum):
    """What is dirty when the mirror starts: what all writes left in its bitmap, or the last one; or its sync mode."""

    WRITTEN = "written"
    PIECE = "piece"
    FULL = "full"
    TOP = "top"

    @property
    def uses_bitmap(self) -> bool:
        """Return whether the job is given a bitmap."""
        return self in (Copied.WRITTEN, Copied.PIECE)


class Moment(StrEnum):
    """When the piece is written."""

    BEFORE = "before"
    READY = "ready"


@dataclass(frozen=True)
class AlignmentCase(Combination):
    """A ``piece`` within something else, from ``start`` to ``end``; ``over``: something else is there before it.

    ``segment`` and clusters are in bytes. ``base``: the source has a backing file with data; ``below``: the target.
    """

    piece: Kind
    around: Kind
    over: bool
    start: Border
    end: Border
    segment: int
    source_cluster: int
    target_cluster: int
    base: bool
    below: bool
    copied: Copied
    moment: Moment
    copy_mode: CopyMode

    @property
    def id(self) -> str:
        """Return the values of all axes."""
        return "-".join(map(_word, self.row.items()))

    @property
    def span(self) -> tuple[int, int]:
        """Return the offsets in bytes at which the piece begins and ends."""
        units = {Border.SOURCE: self.source_cluster, Border.SEGMENT: self.segment, Border.TARGET: 0}
        inside = min(self.source_cluster, self.segment, self.target_cluster) // 2
        length = 2 * max(self.source_cluster, self.segment, self.target_cluster)
        return MIB + units.get(self.start, inside), MIB + length + units.get(self.end, inside)

    @property
    def dialects(self) -> tuple[Dialect, ...]:
        """Return the dialects that start the mirror: v2 wants whole clusters of a target with a backing file, too."""
        if not self.copied.uses_bitmap:
            return tuple(Dialect)
        parts = self.segment < self.target_cluster
        return (Dialect.V1, Dialect.V3) if parts else (Dialect.V1, Dialect.V2, Dialect.V3)


def _word(item: tuple[str, object]) -> str:
    axis, value = item
    if isinstance(value, bool):
        return axis if value else f"no-{axis}"
    return f"{value // KIB}K" if isinstance(value, int) and value >= KIB else str(value)


AXES: Mapping[str, Sequence[object]] = {
    "piece": list(Kind),
    "around": [Kind.DATA, Kind.ZEROES, Kind.HOLE],
    "over": [False, True],
    "start": list(Border),
    "end": list(Border),
    "segment": [512, 4 * KIB, 64 * KIB, 256 * KIB],
    "source_cluster": [512, 4 * KIB, 64 * KIB],
    "target_cluster": [16 * KIB, 64 * KIB, MIB],
    "base": [False, True],
    "below": [False, True],
    "copied": list(Copied),
    "moment": list(Moment),
    "copy_mode": list(CopyMode),
}
RULES = Rules(
    [
        Rule("a piece is unlike what is around it", ("piece", "around"), lambda piece, around: piece is around),
        Rule(
            "what is over something else is no hole, and a hole is over nothing",
            ("piece", "around", "over"),
            lambda piece, around, over: over and Kind.HOLE in (piece, around),
        ),
        Rule("what is discarded was there", ("piece", "over"), lambda piece, over: piece is Kind.DISCARDED and over),
        Rule(
            "no piece at READY that is not written; the filter ignores discards (M-90)",
            ("piece", "moment"),
            lambda piece, moment: moment is Moment.READY and piece in (Kind.HOLE, Kind.DISCARDED),
        ),
        Rule(
            "a hole makes nothing dirty",
            ("piece", "copied"),
            lambda piece, copied: piece is Kind.HOLE and copied is Copied.PIECE,
        ),
        Rule(
            "with a bitmap and no backing file, segments are whole clusters of the target (X-06)",
            ("copied", "below", "segment", "target_cluster"),
            lambda copied, below, segment, target_cluster: (
                copied.uses_bitmap and not below and segment < target_cluster
            ),
        ),
        Rule(
            "top is what lies over a base", ("copied", "base"), lambda copied, base: copied is Copied.TOP and not base
        ),
    ]
)


@functools.cache
def cases() -> tuple[AlignmentCase, ...]:
    """Return all cases in a fixed order."""
    rows: list[dict[str, Any]] = cover([], AXES, AXES, list(AXES), RULES)[0]
    return tuple(AlignmentCase(**row) for row in rows)


@functools.cache
def quick_cases() -> tuple[AlignmentCase, ...]:
    """Return a subset of them in which all pairs of values occur that any of them has."""
    return subset(cases(), {pair for case in cases() for pair in pairs_of(case.row)})
