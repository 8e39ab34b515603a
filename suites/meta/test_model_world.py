"""What single steps do to the model's world: events, endings, failures, restarts."""

from __future__ import annotations

import pytest

from fixtures.model.rules import questions
from fixtures.model.rules.questions import Violation
from fixtures.model.state.bitmap import Bitmap
from fixtures.model.state.content import UNKNOWN, Image, first_difference
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import CopyMode, Dialect, SyncMode
from fixtures.vocabulary.events import JobEvent
from fixtures.vocabulary.faults import Fault, Place
from fixtures.vocabulary.patterns import Fill, Pattern
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import CancelJob, CompleteJob, DismissJob, FinalizeJob, JobStep, Quit, StartMirror, Write

SIZE = 100
ONES, TWOS = Fill(1), Fill(2)


@pytest.fixture
def world() -> World:
    """Give a disk of 100 bytes with segments of 8, of which 0, 3, 4 and the partial 12 are dirty."""
    images = {"source": Image(SIZE, 4), "target": Image(SIZE, 4)}
    world = World(State(Dialect.V3, images, {"source": {"b0": Bitmap("b0", SIZE, 8)}}))
    for offset, length in ((0, 1), (31, 2), (96, 4)):
        world.apply(Write(offset, length, ONES))
    return world


def emitted(world: World, *steps: JobStep) -> str:
    """Do steps and return the names of the events of the last one."""
    events = [world.apply(step)[step.job] for step in steps][-1]
    return " ".join(map(str, events))


def pattern_at(world: World, image: str, at: int) -> Pattern:
    """Return what a guest reads at an offset."""
    return next(world.state.images[image].read(at, at + 1))[2]


def test_a_start_emits_how_much_was_dirty(world: World) -> None:
    """READY carries the bytes of the dirty segments, the last of which ends with the disk."""
    events = world.apply(StartMirror("job", "target", bitmap="b0"))["job"]
    assert events == (JobEvent("created"), JobEvent("running"), JobEvent("ready"), JobEvent("READY", 8 + 16 + 4))
    assert world.state.nodes() == {"source", "target", "filter"}


def test_nothing_is_promised_of_the_length_without_a_bitmap(world: World) -> None:
    """A job of its own counts what QEMU likes."""
    assert world.apply(StartMirror("job", "target"))["job"][-1] == JobEvent("READY")


def test_nothing_is_promised_of_the_length_while_the_guest_writes(world: World) -> None:
    """A request in flight may be counted or not."""
    world.state.restless = True
    assert world.apply(StartMirror("job", "target", bitmap="b0"))["job"][-1] == JobEvent("READY")


SUCCESS, FORCED = "waiting pending COMPLETED concluded null", "aborting CANCELLED concluded null"
ENDINGS: dict[str, tuple[tuple[JobStep, ...], str]] = {
    "complete": ((CompleteJob("job"),), SUCCESS),
    "graceful": ((CancelJob("job"),), SUCCESS),
    "forced": ((CancelJob("job", force=True),), FORCED),
    "pending": ((CompleteJob("waiting"),), "waiting pending PENDING"),
    "finalize": ((CompleteJob("waiting"), FinalizeJob("waiting")), "COMPLETED concluded null"),
    "cancel-pending": ((CompleteJob("waiting"), CancelJob("waiting")), FORCED),
    "stay": ((CompleteJob("kept"),), SUCCESS.removesuffix(" null")),
    "dismiss": ((CompleteJob("kept"), DismissJob("kept")), "null"),
}


@pytest.mark.parametrize(("steps", "expected"), ENDINGS.values(), ids=ENDINGS)
def test_each_ending_has_its_signs(world: World, steps: tuple[JobStep, ...], expected: str) -> None:
    """A job emits how it ends, and is listed until it is dismissed."""
    name = steps[0].job
    finalize, dismiss = (False if name == kind else None for kind in ("waiting", "kept"))
    world.apply(StartMirror(name, "target", bitmap="b0", auto_finalize=finalize, auto_dismiss=dismiss))
    assert emitted(world, *steps) == expected
    assert world.state.known_jobs() == ([] if expected.endswith("null") else [name])
    assert bool(world.state.active_jobs()) == (expected == "waiting pending PENDING")
    assert world.state.bitmaps_on("source")["b0"].busy == bool(world.state.active_jobs())


def test_what_is_written_late_makes_the_bitmap_move(world: World) -> None:
    """In background mode a write makes the count unpredictable until the job settles; blocking, it does not."""
    world.apply(StartMirror("job", "target", bitmap="b0", auto_finalize=False))
    world.apply(Write(50, 1, TWOS, at="filter"))
    assert world.state.bitmaps_on("source")["b0"].dirty == {6}
    assert world.state.is_moving(world.state.bitmaps_on("source")["b0"])
    world.apply(CompleteJob("job"))
    assert not world.state.is_moving(world.state.bitmaps_on("source")["b0"])
    assert first_difference(world.state.images["source"], world.state.images["target"]) is None


def test_a_blocking_mirror_has_every_write_at_once(world: World) -> None:
    """In write-blocking mode nothing gets dirty and the target holds what was written."""
    world.apply(StartMirror("job", "target", bitmap="b0", copy_mode=CopyMode.WRITE_BLOCKING))
    world.apply(Write(50, 1, TWOS, at="filter"))
    assert not world.state.bitmaps_on("source")["b0"].dirty
    assert not world.state.is_moving(world.state.bitmaps_on("source")["b0"])
    assert pattern_at(world, "target", 50) == TWOS


def test_a_write_below_the_filter_is_seen_by_no_job(world: World) -> None:
    """A write to the source node itself escapes the mirror and its working bitmap."""
    world.apply(StartMirror("job", "target", bitmap="b0"))
    world.apply(Write(50, 1, TWOS))
    assert not world.state.bitmaps_on("source")["b0"].dirty


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_serial_mirror_fails_between_two_segments(world: World, after: int) -> None:
    """With room for one segment, those before the failing read are copied and clean, the others neither."""
    world.state.fault = Fault(Place.READ, after=after)
    events = emitted(world, StartMirror("job", "target", bitmap="b0", buf_size=8))
    assert events.split(" aborting ")[0] == "created running ERROR(read report)"
    assert events.endswith("COMPLETED(Input/output error) concluded null")
    left = [0, 3, 4, 12][after:]
    assert world.state.bitmaps_on("source")["b0"].dirty == set(left)
    written = {0: 0, 3: 31, 4: 32, 12: 96}
    assert {segment for segment in written if pattern_at(world, "target", written[segment]) != ONES} == set(left)
    assert world.state.fault is None
    assert world.state.open_question is None


def test_what_a_parallel_mirror_copied_is_asked(world: World) -> None:
    """With several requests in flight, the segments that were copied are learnt, and only those count as known."""
    world.state.fault = Fault(Place.READ, after=1)
    world.apply(StartMirror("job", "target", bitmap="b0"))
    assert world.state.open_question
    questions.answer(world.state, world.state.open_question, {3, 12})
    bitmap = world.state.bitmaps_on("source")["b0"]
    assert (bitmap.dirty, bitmap.learned, bitmap.busy, bitmap.recording) == ({3, 12}, True, False, True)
    found = [pattern_at(world, "target", at) for at in (0, 24, 31, 32, 96, 99)]
    assert [pattern is UNKNOWN for pattern in found] == [False, True, True, False, True, True]
    assert (found[0], found[3]) == (ONES, ONES)
    assert not world.apply(StartMirror("again", "target", bitmap="b0"))["again"][-1].repeats
    assert not bitmap.learned


def test_segments_that_never_had_to_be_copied_cannot_be_left(world: World) -> None:
    """A dirty segment that was clean before the mirror is no reading of the rules."""
    world.state.fault = Fault(Place.READ, after=1)
    world.apply(StartMirror("job", "target", bitmap="b0"))
    assert world.state.open_question
    with pytest.raises(Violation, match=r"segments \[5, 7\] of b0"):
        questions.answer(world.state, world.state.open_question, {3, 5, 7})


@pytest.mark.parametrize(("speed", "emitted_first"), [(1, "running"), (7, "running"), (8, "READY"), (0, "READY")])
def test_a_job_slower_than_a_segment_is_held(world: World, speed: int, emitted_first: str) -> None:
    """A speed limit below one segment a second keeps a job from READY; what it copied is asked when it is cancelled."""
    held = emitted_first == "running"
    assert emitted(world, StartMirror("job", "target", bitmap="b0", speed=speed)).split()[-1] == emitted_first
    assert world.state.is_moving(world.state.bitmaps_on("source")["b0"]) == held
    world.apply(CancelJob("job"))
    assert bool(world.state.open_question) == held
    assert world.state.bitmaps_on("source")["b0"].dirty == ({0, 3, 4, 12} if held else set())


def test_disks_of_different_sizes_are_not_mirrored(world: World) -> None:
    """The job fails before it copies anything, and the bitmap is as it was."""
    world.state.images["target"].size = SIZE - 4
    assert "different sizes" in emitted(world, StartMirror("job", "target", bitmap="b0"))
    bitmap = world.state.bitmaps_on("source")["b0"]
    assert (bitmap.dirty, bitmap.busy, bitmap.recording) == ({0, 3, 4, 12}, False, True)


@pytest.mark.parametrize(("sync", "dirty"), [(SyncMode.FULL, 3), (SyncMode.TOP, 2), (SyncMode.NONE, 0)])
def test_the_sync_mode_says_what_is_copied_first(sync: SyncMode, dirty: int) -> None:
    """All, what the top layer holds, or nothing but what is written from then on."""
    size = 3 * KIB
    base = Image(size)
    base.write(0, size, ONES)
    images = {"source": Image(size, KIB, base), "target": Image(size, KIB)}
    world = World(State(Dialect.STOCK, images, smallest_granularity=1))
    world.apply(Write(KIB - 1, 2, TWOS))
    world.apply(StartMirror("job", "target", sync=sync, granularity=KIB, filter_node="top"))
    copied = [pattern_at(world, "target", at) for at in (1, KIB + 1, 2 * KIB + 1)]
    assert copied == [ONES, ONES, ONES][:dirty] + [Fill(0)] * (3 - dirty)


def test_quitting_cancels_what_runs(world: World) -> None:
    """A QEMU that quits ends its jobs by force."""
    world.apply(StartMirror("job", "target", bitmap="b0"))
    assert {job: " ".join(map(str, events)) for job, events in world.apply(Quit()).items()} == {"job": FORCED}
    assert world.state.nodes() == {"source", "target"}


def test_neighbours_are_one_span() -> None:
    """Segments in any order give byte ranges, neighbours joined, the last one cut at the disk's end."""
    assert Bitmap("b0", SIZE, 8).spans([12, 4, 3, 0]) == [(0, 8), (24, 40), (96, 100)]
