"""Patterns give the same bytes however a range is cut, and misplaced ones show."""

from __future__ import annotations

from hypothesis import given, strategies as st

from fixtures.vocabulary.patterns import ZEROES, Fill, Pattern, Positional
from fixtures.vocabulary.sizes import KIB, MIB

PATTERNS: st.SearchStrategy[Pattern] = st.sampled_from((ZEROES, Fill(0x49), Positional(1), Positional(2)))
PERIOD = 65521


@given(PATTERNS, st.integers(0, 1 << 30), st.integers(0, 2 * PERIOD), st.integers(0, 2 * PERIOD))
def test_a_range_is_the_sum_of_its_parts(pattern: Pattern, start: int, first: int, second: int) -> None:
    """The bytes at an offset do not depend on the range that they are asked with."""
    middle, end = start + first, start + first + second
    whole = pattern.data(start, end)
    assert len(whole) == end - start
    assert whole == pattern.data(start, middle) + pattern.data(middle, end)


def test_only_zeroes_say_that_they_are_zero() -> None:
    """A pattern is zero if and only if its bytes are."""
    patterns: list[Pattern] = [ZEROES, Fill(0), Fill(1), Positional(0), Positional(1)]
    assert [one.is_zero for one in patterns] == [not any(one.data(0, 512)) for one in patterns]
    assert ZEROES.is_zero


def test_moved_data_differs() -> None:
    """Data moved by any size that QEMU counts in differs from what belongs there, in every sector."""
    pattern = Positional(3)
    for distance in (512, 4 * KIB, 32 * KIB, 64 * KIB, MIB, 64 * MIB):
        for sector in range(0, 256 * KIB, 512):
            assert pattern.data(sector, sector + 512) != pattern.data(sector + distance, sector + distance + 512)


def test_tags_differ() -> None:
    """Two tags give different data at the same place, and one tag always the same."""
    assert Positional(1).data(0, 512) != Positional(2).data(0, 512)
    assert Positional(1).data(0, 512) == Positional(1).data(0, 512)


def test_patterns_are_shown_short() -> None:
    """A transcript shows a byte in hexadecimal, a tag as a letter and a number."""
    assert [str(Fill(0x0A)), str(ZEROES), str(Positional(7))] == ["0x0a", "0x00", "p7"]
