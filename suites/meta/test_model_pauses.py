"""What a pause does to the model's jobs, and how they go on."""

from __future__ import annotations

import pytest

from fixtures.model.refusal import Refusal
from fixtures.model.state.bitmap import Bitmap
from fixtures.model.state.content import Image
from fixtures.model.state.job import JobState
from fixtures.model.state.state import State
from fixtures.model.world import World
from fixtures.vocabulary.enums import CopyMode, Dialect
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.steps import (
    CancelJob,
    ChangeCopyMode,
    CompleteJob,
    Family,
    JobStep,
    PauseJob,
    ResumeJob,
    SetSpeed,
    StartMirror,
    Write,
)
from suites.meta.test_model_world import emitted

PAUSED = (StartMirror("job", "target", bitmap="b0", speed=1), PauseJob("job"))
STANDBY = (StartMirror("job", "target", bitmap="b0"), PauseJob("job"))


@pytest.fixture
def world() -> World:
    """Give a disk of 100 bytes with segments of 8, of which one is dirty."""
    images = {"source": Image(100, 4), "target": Image(100, 4)}
    return World(State(Dialect.V3, images, {"source": {"b0": Bitmap("b0", 100, 8, dirty={3})}}))


STORIES: dict[str, tuple[tuple[JobStep, ...], str]] = {
    "paused": (PAUSED, "paused"),
    "standby": (STANDBY, "standby"),
    "still-held": ((*PAUSED, ResumeJob("job")), "running"),
    "let-go": ((*PAUSED, SetSpeed("job", 0), ResumeJob("job")), "running ready READY"),
    "completed": ((*STANDBY, CompleteJob("job"), ResumeJob("job")), "ready waiting pending COMPLETED concluded null"),
    "cancelled-paused": ((*PAUSED, CancelJob("job", force=True)), "running aborting CANCELLED concluded null"),
    "cancelled-standby": (
        (*STANDBY, CancelJob("job", family=Family.JOB)),
        "ready aborting CANCELLED concluded null",
    ),
}


@pytest.mark.parametrize(("steps", "expected"), STORIES.values(), ids=STORIES)
def test_a_paused_job_returns_to_where_it_was(world: World, steps: tuple[JobStep, ...], expected: str) -> None:
    """Whatever wakes a job first brings it back to where it was."""
    assert emitted(world, *steps) == expected


REFUSED: dict[str, tuple[JobStep, str]] = {
    "twice": (PauseJob("job"), "Job is already paused"),
    "graceful-cancel": (CancelJob("job"), "The block job for device 'job' is currently paused"),
}


@pytest.mark.parametrize(("step", "text"), REFUSED.values(), ids=REFUSED)
def test_a_paused_job_refuses(world: World, step: JobStep, text: str) -> None:
    """Only what wakes it, or waits until it wakes, is taken."""
    emitted(world, *STANDBY)
    assert world.state.jobs["job"].state is JobState.STANDBY
    with pytest.raises(Refusal, match=text):
        world.apply(step)


def test_changed_to_write_blocking(world: World) -> None:
    """After a change of the copy mode, the guest's writes are mirrored at once; there is no change back."""
    emitted(world, StartMirror("job", "target", bitmap="b0"), ChangeCopyMode("job", CopyMode.WRITE_BLOCKING))
    world.apply(Write(8, 8, Fill(9), at="filter"))
    assert world.state.jobs["job"].settled
    with pytest.raises(Refusal, match="Change to copy mode 'background' is not implemented"):
        world.apply(ChangeCopyMode("job", CopyMode.BACKGROUND))
