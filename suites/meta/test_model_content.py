"""Images of the model against naive ones: one byte value and one flag for every byte of a tiny disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, strategies as st

from fixtures.model.state.content import UNKNOWN, Content, Image, first_difference
from fixtures.vocabulary.patterns import ZEROES, Fill, Pattern, Positional

SIZE = 40
PATTERNS: st.SearchStrategy[Pattern] = st.sampled_from((ZEROES, Fill(1), Fill(2), Positional(1)))
RANGES = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(lambda pair: (min(pair), max(pair)))
Writes = list[tuple[tuple[int, int], Pattern]]
WRITES = st.lists(st.tuples(RANGES, PATTERNS), max_size=6)


@dataclass
class Naive:
    """An image as bytes, each with a flag that says whether this layer holds it."""

    size: int
    cluster: int
    backing: Naive | None = None
    own: dict[int, int] = field(default_factory=dict)

    def byte(self, at: int) -> int:
        """Return what a guest reads at an offset."""
        below = self.backing.byte(at) if self.backing and at < self.backing.size else 0
        return self.own.get(at, below)

    def read(self) -> bytes:
        """Return what a guest reads from the whole disk."""
        return bytes(self.byte(at) for at in range(self.size))

    def write(self, start: int, end: int, pattern: Pattern) -> None:
        """Write a range; whatever cluster it touches is held whole from then on."""
        unit = self.cluster or 1
        touched = {at // unit for at in range(start, end)}
        self.own |= {at: self.byte(at) for at in range(self.size) if at // unit in touched}
        self.own |= dict(enumerate(pattern.data(start, end), start))


class Pair:
    """An image of the model and its naive twin, which go through the same."""

    def __init__(self, size: int, cluster: int, below: Pair | None = None):
        self.model: Image = Image(size, cluster, below.model if below else None)
        self.naive: Naive = Naive(size, cluster, below.naive if below else None)

    def write(self, writes: Writes) -> None:
        """Write to both what lies within the disk."""
        for (start, end), pattern in writes:
            low, high = (min(at, self.model.size) for at in (start, end))
            self.model.write(low, high, pattern)
            self.naive.write(low, high, pattern)

    def lay_over(self, below: Pair) -> None:
        """Put both over another image."""
        self.model.backing, self.naive.backing = below.model, below.naive


def data_of(slices: Iterable[tuple[int, int, Pattern]]) -> bytes:
    """Return the bytes of slices."""
    return b"".join(pattern.data(low, high) for low, high, pattern in slices)


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Draw an image over a backing file, longer or shorter, and perhaps moved onto another one since."""
    sizes, clusters = st.sampled_from([SIZE // 2, SIZE - 3, SIZE]), st.sampled_from([0, 4, 16])
    root = Pair(SIZE, draw(clusters))
    bases = [Pair(draw(sizes), draw(clusters), root) for _ in range(2)]
    image = Pair(draw(sizes), draw(clusters), bases[0])
    for one in (root, *bases, image):
        one.write(draw(WRITES))
    if draw(st.booleans()):
        image.lay_over(bases[1])
        image.write(draw(WRITES))
    return image


@given(WRITES, RANGES)
def test_content_is_what_was_put_last(writes: Writes, window: tuple[int, int]) -> None:
    """The pieces of a range follow each other without gap or overlap, and each holds what was put there last."""
    content, naive = Content(), dict[int, Pattern]()
    for (start, end), pattern in writes:
        content.put(start, end, pattern)
        naive |= dict.fromkeys(range(start, end), pattern)
    pieces = list(content.slices(*window))
    assert all(low < high for low, high, _ in pieces)
    assert [at for low, high, _ in pieces for at in range(low, high)] == list(range(*window))
    assert all(naive.get(at) == pattern for low, high, pattern in pieces for at in range(low, high))


@given(pairs())
def test_a_guest_reads_its_layer_then_the_backing_file_then_zeroes(pair: Pair) -> None:
    """Reads agree byte by byte, with copy on write, a shorter backing file and after a rebase."""
    assert data_of(pair.model.read(0, pair.model.size)) == pair.naive.read()


@given(pairs(), RANGES)
def test_a_range_is_read_as_part_of_the_whole(pair: Pair, window: tuple[int, int]) -> None:
    """Any part of the disk reads as that part of the whole."""
    start, end = (min(at, pair.model.size) for at in window)
    assert data_of(pair.model.read(start, end)) == pair.naive.read()[start:end]


@given(pairs(), RANGES)
def test_allocated_is_what_the_layer_holds(pair: Pair, window: tuple[int, int]) -> None:
    """A range counts as allocated if and only if this layer holds one of its bytes."""
    held = [at in pair.naive.own for at in range(pair.model.size)]
    assert [pair.model.is_allocated(at, at + 1) for at in range(pair.model.size)] == held
    assert pair.model.is_allocated(*window) == any(held[slice(*window)])


@given(pairs(), pairs())
def test_the_first_difference_is_the_first_byte_that_differs(one: Pair, other: Pair) -> None:
    """Two disks of one size differ first where their bytes do; identical ones differ nowhere."""
    other.model.size = other.naive.size = one.model.size
    naive = enumerate(zip(one.naive.read(), other.naive.read(), strict=True))
    expected = next((at for at, (left, right) in naive if left != right), None)
    assert first_difference(one.model, other.model) == expected


def test_a_byte_may_be_equal_although_its_pattern_is_not() -> None:
    """Patterns that happen to agree at a byte make no difference there."""
    one, other = Image(SIZE), Image(SIZE)
    first = Positional(1).data(0, 1)[0]
    one.write(0, SIZE, Positional(1))
    other.write(0, SIZE, Fill(first))
    assert first_difference(one, other) == next(at for at in range(SIZE) if Positional(1).data(at, at + 1)[0] != first)


def test_different_patterns_of_equal_bytes_are_no_difference() -> None:
    """What reads the same is the same, and what comes after it is looked at."""
    one, other = Image(SIZE), Image(SIZE)
    one.write(0, 1, Positional(1))
    other.write(0, 1, Fill(Positional(1).data(0, 1)[0]))
    assert first_difference(one, other) is None
    other.write(9, 10, Fill(1))
    assert first_difference(one, other) == 9


@pytest.mark.parametrize("twice", [False, True], ids=["known-there", "unknown-there"])
def test_nothing_is_said_of_unknown_content(twice: bool) -> None:
    """Content that is not promised compares with nothing, not even with other content that is not promised."""
    one, other = Image(SIZE), Image(SIZE)
    one.own.put(8, 16, UNKNOWN)
    if twice:
        other.own.put(8, 16, UNKNOWN)
    with pytest.raises(LookupError, match=r"\[8, 16\)"):
        first_difference(one, other)


def test_a_known_difference_counts_before_an_unknown_one() -> None:
    """A difference is found as long as all before it is promised."""
    one, other = Image(SIZE), Image(SIZE)
    one.own.put(8, 16, UNKNOWN)
    other.write(4, 5, Fill(1))
    assert first_difference(one, other) == 4
