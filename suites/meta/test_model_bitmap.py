"""Bitmaps of the model against sets of bytes, at sizes where every byte can be looked at."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, strategies as st

from fixtures.model.refusal import Refusal
from fixtures.model.state.bitmap import Bitmap

SIZES = st.integers(1, 150)
GRANULARITIES = st.sampled_from([1, 2, 4, 8, 32])
Ranges = list[tuple[int, int]]


@st.composite
def ranges_within(draw: st.DrawFn, size: int) -> Ranges:
    """Draw a few ranges of bytes, empty ones among them."""
    ends = st.tuples(st.integers(0, size), st.integers(0, size))
    return [(min(pair), max(pair)) for pair in draw(st.lists(ends, max_size=4))]


@st.composite
def written(draw: st.DrawFn) -> tuple[Bitmap, Ranges]:
    """Draw a bitmap and the ranges that were written while it recorded."""
    size = draw(SIZES)
    bitmap = Bitmap("b", size, draw(GRANULARITIES))
    ranges = draw(ranges_within(size))
    for start, end in ranges:
        bitmap.record(start, end)
    return bitmap, ranges


def touched(ranges: Ranges, granularity: int) -> set[int]:
    """Return the segments that ranges touch, byte by byte."""
    return {byte // granularity for start, end in ranges for byte in range(start, end)}


@given(written())
def test_a_write_dirties_each_segment_that_it_touches(drawn: tuple[Bitmap, Ranges]) -> None:
    """A segment is dirty if and only if one of its bytes was written."""
    bitmap, ranges = drawn
    assert bitmap.dirty == touched(ranges, bitmap.granularity)
    assert bitmap.count == len(bitmap.dirty) * bitmap.granularity


@given(written())
def test_a_disabled_bitmap_records_nothing(drawn: tuple[Bitmap, Ranges]) -> None:
    """Writes leave no bit in a bitmap that is not enabled."""
    bitmap = Bitmap("b", drawn[0].size, drawn[0].granularity, enabled=False)
    for start, end in drawn[1]:
        bitmap.record(start, end)
    assert not bitmap.recording
    assert not bitmap.dirty


@given(SIZES, GRANULARITIES)
def test_spans_tile_the_disk(size: int, granularity: int) -> None:
    """Every byte lies in the span of its segment and of no other; the last span ends with the disk."""
    bitmap = Bitmap("b", size, granularity)
    owners = [segment for segment in bitmap.segments(0, size) for _ in range(*bitmap.span(segment))]
    assert owners == [byte // granularity for byte in range(size)]


@given(SIZES, st.data())
def test_absorbing_adds_bytes(size: int, data: st.DataObject) -> None:
    """A merge dirties each segment that shares a byte with a dirty segment of the other, which stays as it is."""
    target, source = (Bitmap("b", size, data.draw(GRANULARITIES)) for _ in range(2))
    writes = [data.draw(ranges_within(size)) for _ in range(2)]
    for bitmap, ranges in zip((target, source), writes, strict=True):
        for start, end in ranges:
            bitmap.record(start, end)
    held = touched(writes[1], source.granularity)
    target.absorb(source)
    shared = {byte // target.granularity for byte in range(size) if byte // source.granularity in held}
    assert target.dirty == touched(writes[0], target.granularity) | shared
    assert source.dirty == held


@given(written())
def test_the_digest_is_that_of_64_bit_words(drawn: tuple[Bitmap, Ranges]) -> None:
    """The digest is taken over one bit a segment, lowest first, in whole 64-bit words, one at least."""
    bitmap, ranges = drawn
    number = sum(1 << segment for segment in touched(ranges, bitmap.granularity))
    segments = len({byte // bitmap.granularity for byte in range(bitmap.size)})
    expected = hashlib.sha256(number.to_bytes((segments + 63) // 64 * 8, "little")).hexdigest()
    assert bitmap.digest() == expected


@pytest.mark.parametrize(("segments", "words"), [(0, 1), (1, 1), (64, 1), (65, 2), (128, 2), (129, 3)])
def test_the_digest_of_no_bit_counts_words(segments: int, words: int) -> None:
    """Without a dirty segment, only the number of words distinguishes digests."""
    assert Bitmap("b", segments * 8, 8).digest() == hashlib.sha256(bytes(8 * words)).hexdigest()


def in_state(*states: str) -> Bitmap:
    """Return a bitmap in some states that forbid operations."""
    bitmap = Bitmap("b0", 64, 8)
    for state in states:
        setattr(bitmap, state, True)
    return bitmap


TEXTS = {
    "busy": "Bitmap 'b0' is currently in use by another operation and cannot be used",
    "readonly": "Bitmap 'b0' is readonly and cannot be modified",
    "inconsistent": "Bitmap 'b0' is inconsistent and cannot be used",
}
ORDER = list(TEXTS)


@pytest.mark.parametrize("state", TEXTS)
def test_a_bitmap_that_must_be_left_alone_says_why(state: str) -> None:
    """Held, read-only and inconsistent bitmaps are refused, each with its text."""
    with pytest.raises(Refusal) as refused:
        in_state(state).check()
    assert refused.value.text == TEXTS[state]


@pytest.mark.parametrize(("first", "second"), [("busy", "readonly"), ("busy", "inconsistent"), ORDER[1:]])
def test_of_two_reasons_the_first_is_told(first: str, second: str) -> None:
    """Busy is reported before read-only, read-only before inconsistent."""
    with pytest.raises(Refusal) as refused:
        in_state(first, second).check()
    assert refused.value.text == TEXTS[first]


@pytest.mark.parametrize(
    ("state", "readonly", "inconsistent"),
    [("readonly", False, True), ("inconsistent", True, False), ("busy", True, True)],
)
def test_only_what_is_allowed_is_overlooked(state: str, readonly: bool, inconsistent: bool) -> None:
    """A permission lifts no other refusal than its own; busy is never allowed."""
    with pytest.raises(Refusal) as refused:
        in_state(state).check(allow_readonly=readonly, allow_inconsistent=inconsistent)
    assert refused.value.text == TEXTS[state]


def test_what_is_allowed_is_overlooked() -> None:
    """Removing may take an inconsistent bitmap, reading a read-only one."""
    in_state("readonly").check(allow_readonly=True)
    in_state("inconsistent").check(allow_inconsistent=True)
