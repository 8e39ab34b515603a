"""The model of requests in flight: who waits for whom, what a failure leaves dirty."""

from __future__ import annotations

from fixtures.model.rules.traffic import Traffic
from fixtures.model.state.content import Image, first_difference
from fixtures.model.state.flight import Flight
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import CopyMode, Dialect
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.requests import Gate, Stage
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddBitmap, CancelJob, CompleteJob, StartMirror, Write

SEGMENT = 64 * KIB


def _traffic(on_target_error: str | None = None) -> Traffic:
    world = World(State(Dialect.V3, {"source": Image(MIB), "target": Image(MIB)}))
    world.apply(AddBitmap("b0", SEGMENT))
    world.apply(Write(0, SEGMENT, Positional(1)))
    traffic = Traffic(world.state)
    traffic.gates.add(Gate(Stage.SOURCE, 0, SEGMENT, reads=True))
    blocking = CopyMode.WRITE_BLOCKING
    traffic.order(StartMirror("job", "target", bitmap="b0", copy_mode=blocking, on_target_error=on_target_error))
    traffic.advance()
    return traffic


def _issue(traffic: Traffic, start: int, end: int) -> Flight:
    flight = Flight("w", start, end, Write(start, end - start, Positional(2)))
    traffic.issue(flight)
    traffic.advance()
    return flight


def test_a_write_waits_for_the_copy_of_its_segment() -> None:
    """A write waits for a copy of its segment and for no other; both disks are equal in the end."""
    traffic = _traffic()
    (copy,) = traffic.under_way
    waiting, free = _issue(traffic, 5, 6), _issue(traffic, SEGMENT, SEGMENT + 1)
    assert (waiting.stage, free.stage) == (Stage.WAITS, Stage.DONE)
    traffic.release(copy)
    assert [str(event) for event in traffic.advance()] == ["ready", "READY"]
    assert waiting.stage is Stage.DONE
    assert traffic.synced
    traffic.order(CompleteJob("job"))
    assert str(traffic.advance()[-1]) == "null"
    assert first_difference(*traffic.state.images.values()) is None


def test_a_failed_mirrored_write_is_dirty() -> None:
    """The guest hears of no error of the target; the job fails and each segment that the write touched is dirty."""
    traffic = _traffic()
    traffic.gates.add(Gate(Stage.TARGET, 0, MIB))
    flight = _issue(traffic, 3 * SEGMENT - 1, 4 * SEGMENT + 1)
    traffic.gates.clear()
    traffic.release(flight, 5)
    traffic.advance()
    assert flight.error == 0
    traffic.release(traffic.under_way[0])
    assert "COMPLETED(Input/output error)" in map(str, traffic.advance())
    assert traffic.state.bitmaps_on("source")["b0"].dirty == {2, 3, 4}


def test_a_cancelled_job_mirrors_no_more() -> None:
    """A write that is at the source when the job is cancelled by force stays dirty."""
    traffic = _traffic()
    traffic.gates.add(Gate(Stage.SOURCE, 0, MIB))
    flight = _issue(traffic, 5 * SEGMENT, 6 * SEGMENT)
    traffic.order(CancelJob("job", force=True))
    traffic.release(traffic.under_way[0])
    assert traffic.advance() == ()
    traffic.release(flight)
    assert "CANCELLED" in map(str, traffic.advance())
    assert traffic.state.bitmaps_on("source")["b0"].dirty == {5}
