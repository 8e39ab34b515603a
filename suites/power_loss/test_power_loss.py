"""The power fails after any write that reaches the disk's file: the image must open, and no bitmap may be too short."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from fixtures.bench import Bench
from fixtures.bench.mismatch import Mismatch
from fixtures.driver.log.journal import off_the_record
from fixtures.subject.subject import Subject
from fixtures.vocabulary.enums import CopyMode
from fixtures.vocabulary.sizes import MIB
from fixtures.vocabulary.steps import AddImage
from suites.parameters.layouts import Layout
from suites.power_loss import stories
from suites.power_loss.inspection import faults, faults_for_qemu
from suites.power_loss.recorded_story import RecordedStory

QEMU_LOOKS_AT = 30
"""Power losses of a case that qemu-img judges too; starting it takes longer than all that we do ourselves."""
QEMU_LOOKS_AT_ALL = 1
"""The seed, a deep one, whose losses qemu-img judges all: next to every flush and every write of metadata."""
SAMPLES = 8
seeds = pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.deep) for seed in range(1, 10))])
STORIES = {story.__name__: story for story in (stories.bitmap_operations, stories.resizes, stories.reopenings)}


def _slow(value: str, quick: str) -> ParameterSet:
    """Return a parameter of a test whose cases take seconds: one of its values is enough for a quick check."""
    return pytest.param(value, marks=[] if value == quick else pytest.mark.thorough)


def _survive(bench: Bench, subject: Subject, folder: Path, seed: int, do: Callable[[RecordedStory], None]) -> None:
    """Run a story; then inspect the file after a power loss at every point of it."""
    story = RecordedStory(bench)
    do(story)
    _inspect(bench, subject, folder, seed, story)


def _inspect(bench: Bench, subject: Subject, folder: Path, seed: int, story: RecordedStory) -> None:
    bench.finish("every power loss")
    log = story.log()
    losses = list(log.losses(random.Random(seed), SAMPLES))
    every = 1 if seed == QEMU_LOOKS_AT_ALL else -(-len(losses) // QEMU_LOOKS_AT)
    assert len(losses) > 100, "a story that writes so little proves little"
    for number, loss in enumerate(losses):
        file, path = log.file(loss), folder / "after-loss"
        path.write_bytes(file)
        found = [*faults(file, path, loss.done, story.moments)]
        if number % every == seed % every:
            with off_the_record():  # the file is none that QEMU's programs can make
                found += faults_for_qemu(subject.qemu_img, file, path)
        if found:
            raise Mismatch(f"{loss} of {len(log.entries)}, {story.at(loss.done)}", *found)


@seeds
@pytest.mark.parametrize("story", [_slow(name, quick="bitmap_operations") for name in STORIES])
def test_bitmaps_of_a_disk(bench: Bench, subject: Subject, folder: Path, story: str, seed: int) -> None:
    """After any power loss a bitmap is in use, absent or complete, and what was flushed is there (R-B14, B-62)."""
    _survive(bench, subject, folder, seed, STORIES[story])


@seeds
@pytest.mark.thorough
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
def test_plain_mirror(bench: Bench, subject: Subject, folder: Path, copy_mode: CopyMode, seed: int) -> None:
    """A mirror without a bitmap of its caller leaves persistent bitmaps as safe as they were (R-B14)."""
    bench.do(AddImage("target", MIB))
    _survive(bench, subject, folder, seed, lambda story: stories.mirror(story, copy_mode, None))


@pytest.mark.feature
@seeds
@pytest.mark.parametrize("copy_mode", [_slow(mode, quick=CopyMode.WRITE_BLOCKING) for mode in CopyMode], ids=str)
def test_working_bitmap(bench: Bench, subject: Subject, folder: Path, copy_mode: CopyMode, seed: int) -> None:
    """A mirror's persistent working bitmap is never clean in the file while it works it off (R-B14, X-10)."""
    bench.do(AddImage("target", MIB, cluster=4096))
    _survive(bench, subject, folder, seed, lambda story: stories.mirror(story, copy_mode, "b0"))


@seeds
@pytest.mark.thorough
@pytest.mark.parametrize("layout", [Layout.LAZY, Layout.EXTENDED_L2], ids=str)
def test_layouts(bench: Bench, subject: Subject, folder: Path, layout: Layout, seed: int) -> None:
    """With lazy reference counts, the file is marked dirty whenever they are wrong; all else is right, as it is with
    subclusters (R-B14, B-98)."""
    story = RecordedStory(bench, features=layout.features)
    stories.bitmap_operations(story)
    _inspect(bench, subject, folder, seed, story)
