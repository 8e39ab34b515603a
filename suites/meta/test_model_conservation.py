"""The law of every story: what a target lacks is dirty in the bitmap that tracks it, whatever happened."""

from __future__ import annotations

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from fixtures.model.rules import orders, questions, restarts
from fixtures.model.state.bitmap import Bitmap
from fixtures.model.state.content import UNKNOWN, Image
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import CopyMode, Dialect
from fixtures.vocabulary.faults import Errno, Fault, OnError, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.steps import (
    AddBitmap,
    CancelJob,
    CompleteJob,
    FinalizeJob,
    MergeBitmaps,
    Quit,
    RemoveBitmap,
    ResumeJob,
    StartMirror,
    Write,
)

SIZE = 60  # bytes, so that the last segment is cut off
GRANULARITY = 8
FAULTS = st.none() | st.builds(
    Fault,
    st.sampled_from([Place.READ, Place.WRITE, Place.ZEROES, Place.FLUSH]),
    st.sampled_from(Errno),
    st.booleans(),
    st.none() | st.integers(0, SIZE - 1),
    st.none() | st.integers(0, 4),
    st.none() | st.integers(0, SIZE),
)


def bytes_of(image: Image) -> list[int | None]:
    """Return what a guest reads, None where that is not promised."""
    return [
        None if pattern is UNKNOWN else byte
        for low, high, pattern in image.read(0, image.size)
        for byte in (bytes(high - low) if pattern is UNKNOWN else pattern.data(low, high))
    ]


class Story(RuleBasedStateMachine):
    """A disk with a persistent bitmap, sometimes a copy of it, mirrors of either to one target, and faults.

    ``disk`` is what the guest wrote, kept apart from the model.
    """

    def __init__(self) -> None:
        super().__init__()
        images = {"source": Image(SIZE, 4), "target": Image(SIZE, 8), "other": Image(SIZE)}
        self.world = World(State(Dialect.V3, images, smallest_granularity=1))
        self.disk = bytearray(SIZE)
        self.world.apply(AddBitmap("b0", GRANULARITY, persistent=True))

    @property
    def is_resting(self) -> bool:
        """Return whether no job runs."""
        return not self.world.state.active_jobs()

    def is_in(self, *states: str) -> bool:
        """Return whether a job is in one of some states."""
        return any(job.state in states for job in self.world.state.active_jobs())

    @property
    def is_ready(self) -> bool:
        """Return whether a job runs and guests may write."""
        return self.is_in("ready")

    @precondition(lambda self: self.is_resting or self.is_ready)
    @rule(start=st.integers(0, SIZE - 1), length=st.integers(1, 20), byte=st.integers(0, 255), data=st.data())
    def write(self, start: int, length: int, byte: int, data: st.DataObject) -> None:
        """A guest writes, through the filter if there is one."""
        length = min(length, SIZE - start)
        at = "source" if self.is_resting else "filter"
        self.world.apply(Write(start, length, Fill(byte), at=at))
        self.disk[start : start + length] = bytes([byte]) * length
        self.answer(data)

    @precondition(lambda self: self.is_resting)
    @rule(name=st.sampled_from(["b0", "copy"]), mode=st.sampled_from(CopyMode), waits=st.booleans(), data=st.data())
    def start(self, name: str, mode: CopyMode, waits: bool, data: st.DataObject) -> None:
        """A mirror of what a bitmap holds starts; it reaches READY, or does at a fault what its policies say."""
        if name not in self.world.state.bitmaps_on("source"):
            return
        self.world.state.fault = data.draw(FAULTS)
        size = data.draw(st.sampled_from([None, GRANULARITY]))
        errors = dict.fromkeys(("on_source_error", "on_target_error"), data.draw(st.sampled_from(OnError)))
        step = StartMirror(
            "job", "target", bitmap=name, copy_mode=mode, buf_size=size, auto_finalize=not waits, **errors
        )
        before = bytes_of(self.world.state.images["target"]), set(self.world.state.bitmaps_on("source")[name].dirty)
        self.world.apply(step)
        self.answer(data)
        self.untouched_elsewhere(*before)

    def untouched_elsewhere(self, before: list[int | None], dirty: set[int]) -> None:
        """Assert that a mirror changed nothing that was not dirty."""
        after = bytes_of(self.world.state.images["target"])
        assert all(after[at] == before[at] for at in range(SIZE) if at // GRANULARITY not in dirty)

    @precondition(lambda self: self.is_resting)
    @rule()
    def mirror_whole(self) -> None:
        """A mirror without bitmap copies all to another target, and no bitmap notices."""
        self.world.state.fault = None
        self.world.apply(StartMirror("full", "other"))
        self.world.apply(CancelJob("full"))
        assert bytes_of(self.world.state.images["other"]) == list(self.disk)

    @precondition(lambda self: self.is_ready)
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        """A READY job is asked to end in success."""
        self.world.apply(CompleteJob("job"))
        self.answer(data)

    @precondition(lambda self: self.is_in("pending"))
    @rule()
    def finalize(self) -> None:
        """A job in PENDING may be finalized."""
        self.world.apply(FinalizeJob("job"))

    @precondition(lambda self: self.is_in("paused", "standby"))
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        """A job that a policy has paused goes on."""
        self.world.apply(ResumeJob("job"))
        self.answer(data)

    @rule(data=st.data())
    def heal(self, data: st.DataObject) -> None:
        """The fault is gone."""
        orders.heal(self.world.state)
        self.answer(data)

    @precondition(lambda self: not self.is_resting)
    @rule(force=st.booleans(), data=st.data())
    def cancel(self, force: bool, data: st.DataObject) -> None:
        """A job is cancelled; one that ends in success leaves a whole copy and a clean bitmap."""
        job, force = self.world.state.jobs["job"], force or self.is_in("paused", "standby")
        self.world.apply(CancelJob("job", force=force))
        self.answer(data)
        if job.completed:
            assert not job.bitmap.dirty
            assert bytes_of(self.world.state.images["target"]) == list(self.disk)

    @precondition(lambda self: self.is_resting and "copy" not in self.world.state.bitmaps_on("source"))
    @rule()
    def copy(self) -> None:
        """A second bitmap takes over what the first one holds."""
        self.world.apply(AddBitmap("copy", GRANULARITY))
        self.world.apply(MergeBitmaps("copy", ("b0",)))

    @precondition(lambda self: self.is_resting and "copy" in self.world.state.bitmaps_on("source"))
    @rule()
    def drop(self) -> None:
        """The second bitmap is removed."""
        self.world.apply(RemoveBitmap("copy"))

    @rule(data=st.data())
    def restart(self, data: st.DataObject) -> None:
        """QEMU quits, whatever runs; only the persistent bitmap is there afterwards."""
        self.world.apply(Quit())
        self.answer(data)
        restarts.restart(self.world.state)
        assert list(self.world.state.bitmaps_on("source")) == ["b0"]

    def answer(self, data: st.DataObject) -> None:
        """Give the model the segments a job left, where it cannot know: any of those that it had to copy.

        Each of them then holds what the target held before or what the disk holds, for a copy may be under way.
        """
        job, self.world.state.open_question = self.world.state.open_question, None
        if not job:
            return
        target = self.world.state.images["target"]
        left = {one for one in job.bitmap.dirty if one in job.must_remain or data.draw(st.booleans())}
        before = bytes_of(target)
        questions.answer(self.world.state, job, left)
        unsure = [at for at, byte in enumerate(bytes_of(target)) if byte is None]
        assert unsure == [at for at in range(SIZE) if at // GRANULARITY in left]
        for at in unsure:
            target.own.put(at, at + 1, Fill(data.draw(st.sampled_from([before[at] or 0, self.disk[at]]))))

    @invariant()
    def source_is_what_the_guest_wrote(self) -> None:
        """No mirror changes the disk that it reads."""
        assert bytes_of(self.world.state.images["source"]) == list(self.disk)

    @invariant()
    def what_the_target_lacks_is_dirty(self) -> None:
        """Each byte is the same in the target or dirty in every bitmap that tracks the target."""
        lacking = {at for at, byte in enumerate(bytes_of(self.world.state.images["target"])) if byte != self.disk[at]}
        for bitmap in self.world.state.bitmaps_on("source").values():
            assert {at // GRANULARITY for at in lacking} <= bitmap.dirty

    @invariant()
    def bitmaps_at_rest_are_free_and_record(self) -> None:
        """Only the working bitmap of a running job is busy and not recording."""
        working: list[Bitmap] = [job.bitmap for job in self.world.state.active_jobs()]
        for bitmap in self.world.state.bitmaps_on("source").values():
            is_working = any(bitmap is one for one in working)
            assert (bitmap.busy, bitmap.recording) == (is_working, not is_working)


def test_what_the_target_lacks_is_dirty() -> None:
    """After any step of any story, what the target holds and what is dirty cover all that was to be copied."""
    run_state_machine_as_test(Story, settings=settings(max_examples=300, stateful_step_count=25))
