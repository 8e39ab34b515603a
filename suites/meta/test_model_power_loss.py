"""What the model allows a power loss to leave."""

from __future__ import annotations

from collections.abc import Mapping

from fixtures.model.rules import restarts
from fixtures.model.rules.power_loss import ABSENT, IN_USE, SECTOR, BitmapEntry, InFile, Moment, moment, violations
from fixtures.model.state.content import Image
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.steps import AddBitmap, Write

A, B, C = (letter * SECTOR for letter in (b"a", b"b", b"c"))
CLEAN = InFile(BitmapEntry.CLEAN, 512, True, frozenset({0}))
SHORT = InFile(BitmapEntry.CLEAN, 512, True, frozenset())
MOMENTS = [
    Moment("closed", 0, A + A, {"b": CLEAN}, flushed=True),
    Moment("opened", 4, A + A, {"b": IN_USE}, loading=True),
    Moment("written", 6, B + A, {"b": IN_USE}),
    Moment("flushed", 7, B + A, {"b": IN_USE}, flushed=True),
    Moment("written again", 9, C + C, {"b": IN_USE}),
    Moment("closed again", 12, C + C, {"b": CLEAN}, flushed=True),
]


def wrong(done: int, disk: bytes, bitmap: InFile) -> str:
    """Return what is wrong, in one text."""
    return "; ".join(violations(MOMENTS, done, disk, {"b": bitmap} if bitmap != ABSENT else {}))


def test_a_bitmap_in_use_is_never_clean() -> None:
    """From the end of the opening up to the beginning of the closing, only an entry in use is right."""
    assert "allowed is an entry in use" in wrong(5, A + A, CLEAN)
    assert "the file has no entry" in wrong(5, A + A, ABSENT)
    assert wrong(5, A + A, IN_USE) == wrong(8, B + A, IN_USE) == ""


def test_a_step_under_way_may_have_taken_effect_or_not() -> None:
    """While the image is opened, its bitmaps are clean, in use, or turned off; while it is closed, in use or clean."""
    assert wrong(2, A + A, CLEAN) == wrong(2, A + A, ABSENT) == wrong(2, A + A, IN_USE) == ""
    assert wrong(10, C + C, CLEAN) == wrong(10, C + C, IN_USE) == ""
    assert "the file has no entry" in wrong(10, C + C, ABSENT)


def test_a_clean_bitmap_is_complete() -> None:
    """A clean entry with fewer segments than the model's is wrong wherever a clean one is right."""
    assert "dirty [], allowed is" in wrong(0, A + A, SHORT)
    assert "dirty [], allowed is" in wrong(11, C + C, SHORT)


def test_a_closed_image_is_stable() -> None:
    """Once it is closed, its bitmaps are clean and its content is what was written last."""
    assert wrong(12, C + C, CLEAN) == ""
    assert "allowed is a clean entry" in wrong(12, C + C, IN_USE)
    assert "sector at 512" in wrong(12, C + A, CLEAN)


def test_each_sector_is_as_flushed_or_as_written_since() -> None:
    """Writes since the last flush are there or not, sector by sector; older content does not come back."""
    for disk in (B + A, C + A, B + C, C + C):
        assert wrong(8, disk, IN_USE) == ""
    assert "sector at 0" in wrong(8, A + A, IN_USE)
    assert "sector at 512" in wrong(8, C + B, IN_USE)
    assert wrong(6, A + A, IN_USE) == ""


def test_a_disk_of_another_size_is_told() -> None:
    """It cannot be compared sector by sector."""
    assert "the disk has 512 bytes" in wrong(8, B, IN_USE)


def test_what_the_file_says_follows_from_the_world() -> None:
    """A new bitmap has no entry before the image is closed; one that was loaded is in use until then."""
    world = World(State(Dialect.V3, {"source": Image(2 * SECTOR, SECTOR)}))
    world.apply(AddBitmap("b", 512, persistent=True))
    world.apply(AddBitmap("transient", 512))
    world.apply(Write(0, SECTOR, Fill(0x61)))
    taken: list[Mapping[str, InFile]] = [moment(world.state, "source", "new", 0).bitmaps]
    closed = moment(world.state, "source", "closed", 1, is_open=False)
    restarts.restart(world.state)
    taken += [closed.bitmaps, moment(world.state, "source", "opened", 2).bitmaps]
    assert [one.get("b", ABSENT) for one in taken] == [ABSENT, CLEAN, IN_USE]
    assert [one.get("transient", ABSENT) for one in taken] == [ABSENT] * 3
    assert closed.disk == A + bytes(SECTOR)
