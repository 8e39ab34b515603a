"""The model of requests in flight: which waits for which, what a failure leaves dirty."""

from __future__ import annotations

import errno
from dataclasses import replace

import pytest

from fixtures.model.rules import requests, traffic
from fixtures.model.state.content import Image, first_difference
from fixtures.model.state.flight import Flight
from fixtures.model.state.state import State
from fixtures.model.state.traffic import Traffic
from fixtures.model.world import World
from fixtures.vocabulary.capabilities import REFERENCE
from fixtures.vocabulary.enums import CopyMode, Dialect
from fixtures.vocabulary.events import JobEvents
from fixtures.vocabulary.faults import Errno, Fault, OnError, Place
from fixtures.vocabulary.patterns import ZEROES, Pattern, Positional
from fixtures.vocabulary.requests import Gate, Stage
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    CancelJob,
    CompleteJob,
    IoKind,
    JobStep,
    PauseJob,
    ResumeJob,
    StartMirror,
    Write,
)
from suites.meta.test_model_world import emitted

SEGMENT = 64 * KIB


def _world(node: str = "source", flying: bool = True) -> World:
    """Return disks of which one segment is dirty; no node is called by a name that the rules could know."""
    images = {node: Image(MIB), "copy": Image(MIB)}
    world = World(State(Dialect.V3, images, traffic=Traffic() if flying else None))
    world.apply(AddBitmap("b0", SEGMENT, node=node))
    world.apply(Write(0, SEGMENT, Positional(1), at=node))
    return world


def _mirror(policy: OnError | None = None, node: str = "source") -> StartMirror:
    return StartMirror(
        "job",
        "copy",
        node,
        bitmap="b0",
        copy_mode=CopyMode.WRITE_BLOCKING,
        buf_size=SEGMENT,
        on_source_error=policy,
        on_target_error=policy,
    )


def _copying(policy: OnError | None = None, node: str = "source") -> tuple[World, Flight]:
    """Start a mirror whose first copy is held at the source; return the copy, too."""
    world = _world(node)
    requests.hold(world.state, Gate(Stage.SOURCE, 0, SEGMENT, reads=True))
    world.apply(_mirror(policy, node))
    (copy,) = requests.traffic_of(world.state).under_way
    return world, copy


def _issue(world: World, start: int, end: int, at: str = "source") -> Flight:
    flight = Flight("w", start, end, Write(start, end - start, Positional(2), at=at))
    requests.issue(world.state, flight)
    traffic.advance(world.state)
    return flight


def test_what_is_copied_counts_once_it_has_arrived() -> None:
    """A copy in flight is part of the len, not of the offset; a mirrored write is part of both once it has arrived."""
    world, copy = _copying()
    under_way = requests.traffic_of(world.state)
    assert (under_way.copied, under_way.total) == (0, SEGMENT)
    write = _issue(world, 3 * SEGMENT, 4 * SEGMENT + 512)
    assert write.stage is Stage.DONE
    assert (under_way.copied, under_way.total) == (SEGMENT + 512, 2 * SEGMENT + 512)
    requests.release(world.state, copy)
    traffic.advance(world.state)
    assert (under_way.copied, under_way.copies) == (2 * SEGMENT + 512, False)


def _release(world: World, flight: Flight, error: int = 0) -> str:
    requests.release(world.state, flight, error)
    return _shown(traffic.advance(world.state))


def _shown(events: JobEvents) -> str:
    return " ".join(map(str, events))


def _dirty(world: World, node: str = "source") -> set[int]:
    return world.state.bitmaps_on(node)["b0"].dirty


@pytest.mark.parametrize("node", ["source", "disk"])
def test_a_write_waits_for_the_copy_of_its_segment(node: str) -> None:
    """A write waits for a copy of its segment and for no other; both disks are equal then, whatever their name."""
    world, copy = _copying(node=node)
    waiting, free = _issue(world, 5, 6, node), _issue(world, SEGMENT, SEGMENT + 1, node)
    assert (waiting.stage, free.stage) == (Stage.WAITS, Stage.DONE)
    assert _release(world, copy) == "ready READY"
    assert waiting.stage is Stage.DONE
    assert requests.traffic_of(world.state).synced
    assert emitted(world, CompleteJob("job")).endswith("null")
    assert first_difference(*world.state.images.values()) is None


def test_a_failed_mirrored_write_is_dirty() -> None:
    """The guest hears of no error of the target; the job fails and each segment that the write touched is dirty."""
    world, copy = _copying()
    requests.hold(world.state, Gate(Stage.TARGET, 0, MIB))
    flight = _issue(world, 3 * SEGMENT - 1, 4 * SEGMENT + 1)
    requests.open_gates(world.state)
    _release(world, flight, errno.EIO)
    assert flight.error == 0
    assert "COMPLETED(Input/output error)" in _release(world, copy)
    assert _dirty(world) == {2, 3, 4}


def test_a_cancelled_job_mirrors_no_more() -> None:
    """A write that is at the source when the job is cancelled by force stays dirty."""
    world, copy = _copying()
    requests.hold(world.state, Gate(Stage.SOURCE, 0, MIB))
    flight = _issue(world, 5 * SEGMENT, 6 * SEGMENT)
    assert not world.apply(CancelJob("job", force=True))["job"]
    assert not _release(world, copy)
    assert "CANCELLED" in _release(world, flight)
    assert _dirty(world) == {5}


@pytest.mark.parametrize("knows", [True, False])
def test_zeroes_go_nowhere_where_the_target_is_known_to_read_so(knows: bool) -> None:
    """A QEMU that keeps account of zeroes sends them on only where it has written data, and not again after that."""
    world = _world()
    world.state.capabilities = replace(REFERENCE, skips_known_zeroes=knows)
    requests.hold(world.state, Gate(Stage.SOURCE, 0, SEGMENT, reads=True), Gate(Stage.TARGET, 0, MIB))
    world.apply(replace(_mirror(), bitmap=None, granularity=SEGMENT))

    def reaches_target(pattern: Pattern, kind: IoKind, start: int = 5 * SEGMENT) -> bool:
        flight = Flight("w", start, 7 * SEGMENT, Write(start, 7 * SEGMENT - start, pattern, kind))
        requests.issue(world.state, flight)
        traffic.advance(world.state)
        was_held = flight.stage is Stage.TARGET
        if was_held:
            _release(world, flight)
        return was_held

    assert reaches_target(ZEROES, IoKind.ZEROES) is not knows
    assert reaches_target(Positional(2), IoKind.WRITE, 6 * SEGMENT + 1)
    assert reaches_target(ZEROES, IoKind.ZEROES)
    assert reaches_target(ZEROES, IoKind.ZEROES) is not knows


@pytest.mark.parametrize("error", Errno, ids=str)
@pytest.mark.parametrize("policy", OnError, ids=str)
def test_an_error_is_the_same_however_it_comes(policy: OnError, error: Errno) -> None:
    """A held read that is failed, and one that an injected fault fails, have the same events and leave the same."""
    world, copy = _copying(policy)
    requests.open_gates(world.state)
    free = _world(flying=False)
    free.state.fault = Fault(Place.READ, error)
    assert f"created running {_release(world, copy, error.number)}" == emitted(free, _mirror(policy))
    assert _dirty(world) == _dirty(free)
    assert world.state.jobs["job"].io_status == free.state.jobs["job"].io_status


ORDERS: dict[str, tuple[JobStep, ...]] = {
    "complete": (CompleteJob("job"),),
    "graceful-cancel": (CancelJob("job"),),
    "force-cancel": (CancelJob("job", force=True),),
    "pause": (PauseJob("job"), ResumeJob("job")),
    "complete-paused": (PauseJob("job"), CompleteJob("job"), ResumeJob("job")),
    "cancel-paused": (PauseJob("job"), CancelJob("job", force=True)),
}


@pytest.mark.parametrize("steps", ORDERS.values(), ids=ORDERS)
def test_orders_are_the_same_where_nothing_is_held(steps: tuple[JobStep, ...]) -> None:
    """A job on disks that hold nothing reports what one reports whose requests run free."""
    flying, free = _world(), _world(flying=False)
    for step in (_mirror(), *steps):
        assert emitted(flying, step) == emitted(free, step)
    assert _dirty(flying) == _dirty(free)
