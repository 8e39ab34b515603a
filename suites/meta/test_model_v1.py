"""The rules of dialect v1: how a mirror with a bitmap is said, what it refuses, and what each mode leaves dirty."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fixtures.bench import Rehearsal
from fixtures.model.refusal import Refusal
from fixtures.vocabulary.dialects import said
from fixtures.vocabulary.enums import BitmapMode, Dialect, MirrorCommand, SyncMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CompleteJob,
    DisableBitmap,
    StartMirror,
    StartUnderLoad,
    Write,
)

SEGMENT = 64 * KIB
MIRROR = StartMirror("job", "target", sync=SyncMode.BITMAP, bitmap="b0", bitmap_mode=BitmapMode.ALWAYS)


def _write(segment: int, at: str = "source") -> Write:
    return Write(segment * SEGMENT, 512, Fill(0x11), at=at)


def _story(dialect: Dialect = Dialect.V1) -> Rehearsal:
    """Return a story with a source, a target and a bitmap in which segment 1 is dirty."""
    story = Rehearsal(dialect)
    story.do(AddImage("source"), AddImage("target"), AddBitmap("b0", SEGMENT), _write(1))
    return story


def _refusal(story: Rehearsal, step: StartMirror) -> str:
    with pytest.raises(Refusal) as refused:
        story.world.apply(step)
    return refused.value.text


@pytest.mark.parametrize("verb", [CompleteJob("job"), CancelJob("job"), CancelJob("job", force=True)])
@pytest.mark.parametrize("mode", BitmapMode, ids=str)
def test_a_bitmap_is_busy_and_records_and_is_left_as_its_mode_says(
    mode: BitmapMode, verb: CompleteJob | CancelJob
) -> None:
    """``never`` keeps all, ``on-success`` unless it succeeded, ``always`` what the target lacks."""
    story = _story()
    story.do(replace(MIRROR, bitmap_mode=mode))
    bitmap = story.state.bitmaps_on("source")["b0"]
    assert (bitmap.busy, bitmap.recording, bitmap.dirty) == (True, True, {1})
    story.do(_write(5, at="filter"))
    assert bitmap.dirty == {1, 5}
    story.do(verb)
    story.observe()
    lacking = {5} if getattr(verb, "force", False) else set()
    left = {
        BitmapMode.NEVER: {1, 5},
        BitmapMode.ON_SUCCESS: {1, 5} if lacking else set(),
        BitmapMode.ALWAYS: lacking,
    }[mode]
    assert (bitmap.busy, bitmap.recording, bitmap.dirty >= left) == (False, True, True)
    if mode is not BitmapMode.ALWAYS or not lacking:
        assert bitmap.dirty == left


def test_a_disabled_bitmap_is_taken_and_stays_disabled() -> None:
    """It does not record what is written meanwhile; ``always`` tells what the target lacks all the same."""
    story = _story()
    story.do(DisableBitmap("b0"), MIRROR, _write(5, at="filter"))
    bitmap = story.state.bitmaps_on("source")["b0"]
    assert (bitmap.busy, bitmap.recording, bitmap.dirty) == (True, False, {1})
    story.do(CancelJob("job", force=True))
    story.observe()
    assert (bitmap.busy, bitmap.recording) == (False, False)
    assert 5 in bitmap.dirty


ARGUMENTS = {
    "no bitmap": ({"bitmap": None}, "Must provide a valid bitmap name for 'bitmap' sync mode"),
    "mode alone": ({"bitmap": None, "sync": SyncMode.FULL}, "Cannot specify bitmap sync mode without a bitmap"),
    "two granularities": ({"granularity": SEGMENT, "bitmap": "none"}, "Granularity and bitmap cannot both be set"),
    "unknown": ({"bitmap": "none", "sync": SyncMode.FULL}, "Dirty bitmap 'none' not found"),
    "no mode": ({"bitmap_mode": None}, "bitmap-mode must be specified if a bitmap is provided"),
    "mode of incremental": (
        {"sync": SyncMode.INCREMENTAL},
        "Bitmap sync mode must be 'on-success' when using sync mode 'incremental'",
    ),
    "full": ({"sync": SyncMode.FULL}, "Sync mode 'full' not supported with bitmap."),
    "top without backing": ({"sync": SyncMode.TOP}, "Sync mode 'full' not supported with bitmap."),
    "none": ({"sync": SyncMode.NONE}, "Sync mode 'none' not supported with bitmap."),
}


@pytest.mark.parametrize(("changes", "text"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_bad_arguments_are_refused(changes: dict[str, object], text: str) -> None:
    """Each has its text; a bitmap's name is looked up before its mode is judged."""
    assert _refusal(_story(), replace(MIRROR, **changes)) == text  # type: ignore[arg-type]


def test_other_dialects_do_not_know_the_mode() -> None:
    """The QAPI layer of v2 and v3 refuses the member, whatever its value."""
    step = replace(MIRROR, sync=SyncMode.FULL)
    assert _refusal(_story(Dialect.V3), step) == "Parameter 'bitmap-mode' is unexpected"


def test_a_read_only_bitmap_can_only_be_kept_as_it_is() -> None:
    """``never`` does not change it, so it is taken."""
    story = _story()
    story.state.bitmaps_on("source")["b0"].readonly = True
    assert _refusal(story, MIRROR) == "Bitmap 'b0' is readonly and cannot be modified"
    story.do(replace(MIRROR, bitmap_mode=BitmapMode.NEVER))
    assert story.state.bitmaps_on("source")["b0"].busy


def test_a_bitmap_may_be_too_coarse_for_a_mirror() -> None:
    """A mirror has buffers of up to 64 MiB; that comes after all that the bitmap's state forbids."""
    story = Rehearsal(Dialect.V1)
    story.do(AddImage("source"), AddImage("target"), AddBitmap("b0", 128 * MIB))
    coarse = "Granularity 134217728 of bitmap 'b0' is too large, mirror supports at most 67108864"
    assert _refusal(story, MIRROR) == coarse
    assert _refusal(story, replace(MIRROR, bitmap_mode=None)).startswith("bitmap-mode must be specified")
    story.state.bitmaps_on("source")["b0"].readonly = True
    assert _refusal(story, MIRROR) == "Bitmap 'b0' is readonly and cannot be modified"
    assert _refusal(story, replace(MIRROR, bitmap_mode=BitmapMode.NEVER)) == coarse


def test_drive_mirror_looks_at_the_bitmap_before_it_creates_a_target() -> None:
    """In v1 that is all of it, in v3 not whether it is busy."""
    for dialect, creates in ((Dialect.V1, False), (Dialect.V3, True)):
        story = Rehearsal(dialect)
        story.do(AddImage("source"), AddBitmap("b0", SEGMENT))
        story.state.bitmaps_on("source")["b0"].busy = True
        told = StartMirror("job", "target", bitmap="b0", command=MirrorCommand.DRIVE)
        assert "in use" in _refusal(story, said(told, dialect))  # type: ignore[arg-type]
        assert ("target" in story.state.images) is creates


def test_a_story_is_said_in_the_words_of_the_dialect() -> None:
    """A bitmap with sync=full becomes sync=bitmap with ``always`` in v1 alone, and not where it is meant literally."""
    told = StartMirror("job", "target", bitmap="b0")
    assert said(told, Dialect.V1) == MIRROR
    assert said(StartUnderLoad(told, release_first=True), Dialect.V1) == StartUnderLoad(MIRROR, release_first=True)
    for step, dialect in (
        (told, Dialect.V3),
        (replace(told, as_written=True), Dialect.V1),
        (replace(told, bitmap=None), Dialect.V1),
    ):
        assert said(step, dialect) is step
