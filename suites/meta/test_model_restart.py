"""What the model remembers of a QEMU that quit or crashed."""

from __future__ import annotations

from fixtures.model.rules import restarts
from fixtures.model.state.content import Image
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.steps import AddBitmap, ExportBitmap, Write

SIZE = 100
ONES = Fill(1)


def test_only_persistent_bitmaps_survive() -> None:
    """A restart forgets transient bitmaps and holds; a disabled bitmap stays disabled."""
    world = World(State(Dialect.V3, {"source": Image(SIZE, 64)}, smallest_granularity=1))
    for step in (AddBitmap("kept", 8, persistent=True), AddBitmap("off", 8, True, True), AddBitmap("lost", 8)):
        world.apply(step)
    world.apply(Write(0, 9, ONES))
    world.apply(ExportBitmap("kept"))
    restarts.restart(world.state)
    state = {name: (one.dirty, one.recording, one.busy) for name, one in world.state.bitmaps_on("source").items()}
    assert state == {"kept": ({0, 1}, True, False), "off": (set(), False, False)}


def test_a_crash_leaves_only_what_the_file_has_an_entry_for() -> None:
    """A stored bitmap becomes inconsistent, one that was never stored is gone."""
    world = World(State(Dialect.V3, {"source": Image(SIZE, 64)}, smallest_granularity=1))
    world.apply(AddBitmap("stored", 8, persistent=True))
    restarts.restart(world.state)
    world.apply(AddBitmap("new", 8, persistent=True))
    world.apply(Write(0, 9, ONES))
    restarts.crash(world.state)
    state = {
        name: (one.inconsistent, one.recording, one.dirty) for name, one in world.state.bitmaps_on("source").items()
    }
    assert state == {"stored": (True, False, set())}
