"""What happens to a disk while its writes are recorded: the stories that a power loss is laid into."""

from __future__ import annotations

from fixtures.vocabulary.enums import CopyMode
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    Boot,
    CancelJob,
    ClearBitmap,
    CompleteJob,
    Crash,
    DisableBitmap,
    Flush,
    MergeBitmaps,
    Quit,
    RemoveBitmap,
    ReopenReadOnly,
    ReopenReadWrite,
    Resize,
    StartMirror,
    Write,
)
from suites.power_loss.recorded_story import RecordedStory

SEGMENT = 16 * KIB


def _write(offset: int, length: int, tag: int, at: str = "source") -> Write:
    return Write(offset, length, Positional(tag), at=at)


def bitmap_operations(story: RecordedStory) -> None:
    """Bitmaps are added, stored, changed, merged, cleared and removed between writes and restarts."""
    story.do(AddBitmap("b0", SEGMENT, persistent=True), _write(0, 8 * KIB, 1), Flush())
    story.do(_write(100 * KIB, 3 * KIB, 2))
    story.do(Quit(), Boot())
    story.do(_write(300 * KIB, 64 * KIB, 3), Flush(), _write(4 * KIB, 64 * KIB, 4))
    story.do(AddBitmap("b1", 4 * KIB, persistent=True), AddBitmap("gone", persistent=True), _write(0, 512, 5))
    story.do(Quit(), Boot())
    story.do(DisableBitmap("b1"), ClearBitmap("b0"), _write(200 * KIB, 20 * KIB, 6), RemoveBitmap("gone"))
    story.do(MergeBitmaps("b0", ("b1",)), _write(600 * KIB, 40 * KIB, 7))
    story.do(Quit(), Boot())
    story.do(RemoveBitmap("b1"), RemoveBitmap("b0"), _write(700 * KIB, 4 * KIB, 8))
    story.do(Quit())


def resizes(story: RecordedStory) -> None:
    """The disk grows and shrinks under stored bitmaps, over more clusters than an L1 table or a bitmap had."""
    story.do(AddBitmap("b0", 512, persistent=True), _write(0, 70 * KIB, 1))
    story.do(Quit(), Boot())
    story.do(Resize(3 * MIB), _write(2 * MIB, 100 * KIB, 2), Flush())
    story.do(Quit(), Boot())
    story.do(Resize(2 * MIB + 40 * KIB), _write(2 * MIB, 12 * KIB, 3), Resize(512 * KIB), _write(KIB, KIB, 4))
    story.do(Quit(), Boot())
    story.do(_write(500 * KIB, 12 * KIB, 5))
    story.do(Quit())


def reopenings(story: RecordedStory) -> None:
    """The disk is made read-only, which stores its bitmaps, and writable again; QEMU crashes."""
    story.do(AddBitmap("b0", SEGMENT, persistent=True), AddBitmap("off", persistent=True, disabled=True))
    story.do(*(AddBitmap(letter * 400, persistent=True) for letter in "xyz"))  # a directory of several sectors
    story.do(_write(40 * KIB, 40 * KIB, 1))
    story.do(ReopenReadOnly())
    story.do(ReopenReadWrite())
    story.do(_write(400 * KIB, 8 * KIB, 2))
    story.do(ReopenReadOnly())
    story.do(ReopenReadWrite())
    story.do(_write(44 * KIB, 2 * KIB, 3))
    story.do(Crash())
    story.do(_write(800 * KIB, 30 * KIB, 4), RemoveBitmap("b0"), AddBitmap("b0", persistent=True))
    story.do(_write(0, KIB, 5))
    story.do(Quit())


def mirror(story: RecordedStory, copy_mode: CopyMode, bitmap: str | None) -> None:
    """A mirror with a persistent working bitmap is cancelled, a second one completed; a bystander looks on."""
    story.do(AddBitmap("b0", SEGMENT, persistent=True), AddBitmap("bystander", persistent=True))
    story.do(_write(0, 80 * KIB, 1))
    story.do(Quit(), Boot())
    story.do(_write(200 * KIB, 30 * KIB, 2))
    story.do(StartMirror("first", "target", bitmap=bitmap, copy_mode=copy_mode))
    story.do(_write(10 * KIB, 20 * KIB, 3, at="filter"), Flush(), _write(500 * KIB, 9 * KIB, 4, at="filter"))
    story.do(CancelJob("first"), _write(520 * KIB, 30 * KIB, 5))
    story.do(Quit(), Boot())
    story.do(StartMirror("second", "target", bitmap=bitmap, copy_mode=copy_mode))
    story.do(_write(900 * KIB, 16 * KIB, 6, at="filter"), CompleteJob("second"))
    story.do(Quit())
