"""What the model makes of a target that is full, a kill in the middle of a mirror, a copy of a part, a halted job."""

from __future__ import annotations

import pytest

from fixtures.model.rules import orders, restarts
from fixtures.model.state.bitmap import Bitmap
from fixtures.model.state.content import UNKNOWN, Image, first_difference
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import Dialect
from fixtures.vocabulary.faults import Errno, Fault, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.steps import CancelJob, CopyRange, StartMirror, Write
from suites.meta.test_model_world import emitted, pattern_at

START = StartMirror("job", "target", bitmap="b0")


@pytest.fixture
def world() -> World:
    """Give a disk of 100 bytes with segments of 8, of which two are dirty."""
    images = {"source": Image(100, 0), "target": Image(100, 0)}
    world = World(State(Dialect.V3, images, {"source": {"b0": Bitmap("b0", 100, 8)}}))
    world.apply(Write(4, 8, Fill(1)))
    return world


def test_a_full_target_fails_the_mirror(world: World) -> None:
    """The job reports its write's error; how much it had copied by then is an open question."""
    world.state.fault = Fault(Place.WRITE, Errno.ENOSPC, once=False, room=8)
    ending = emitted(world, START)
    assert ending.endswith("ERROR(write report) aborting COMPLETED(No space left on device) concluded null")
    assert world.state.open_question is world.state.jobs["job"]
    assert not world.state.bitmaps_on("source")["b0"].busy


def test_the_target_of_a_killed_mirror_is_unknown(world: World) -> None:
    """Of a job that a crash ended, no byte of the target is promised."""
    emitted(world, START)
    restarts.crash(world.state)
    assert pattern_at(world, "target", 50) is UNKNOWN


def test_a_copy_of_a_part_leaves_the_rest(world: World) -> None:
    """Out of band, only the range that is copied becomes the source's."""
    world.apply(CopyRange("target", 0, 8))
    assert first_difference(world.state.images["source"], world.state.images["target"]) == 8


def test_a_halted_job_follows_its_orders_once_it_is_let_go(world: World) -> None:
    """In the middle of a request no event comes; a forced cancel then goes before everything else."""
    world.state.halt_next = True
    assert emitted(world, START) == "created running"
    assert emitted(world, CancelJob("job", force=True)) == ""
    events = orders.let_go(world.state, world.state.jobs["job"])
    assert " ".join(map(str, events)) == "aborting CANCELLED concluded null"


def test_only_a_job_that_has_something_to_copy_halts(world: World) -> None:
    """An empty bitmap means no request."""
    world.state.bitmaps_on("source")["b0"].clear()
    world.state.halt_next = True
    assert emitted(world, START) == "created running ready READY"
    assert world.state.halt_next
