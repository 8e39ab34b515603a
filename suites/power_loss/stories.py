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
from suites.power_loss.journal import Journal

SEGMENT = 16 * KIB


def _write(offset: int, length: int, tag: int, at: str = "source") -> Write:
    return Write(offset, length, Positional(tag), at=at)


def bitmap_operations(journal: Journal) -> None:
    """Bitmaps are added, stored, changed, merged, cleared and removed between writes and restarts."""
    journal.do(AddBitmap("b0", SEGMENT, persistent=True), _write(0, 8 * KIB, 1), Flush())
    journal.do(_write(100 * KIB, 3 * KIB, 2))
    journal.do(Quit(), Boot())
    journal.do(_write(300 * KIB, 64 * KIB, 3), Flush(), _write(4 * KIB, 64 * KIB, 4))
    journal.do(AddBitmap("b1", 4 * KIB, persistent=True), AddBitmap("gone", persistent=True), _write(0, 512, 5))
    journal.do(Quit(), Boot())
    journal.do(DisableBitmap("b1"), ClearBitmap("b0"), _write(200 * KIB, 20 * KIB, 6), RemoveBitmap("gone"))
    journal.do(MergeBitmaps("b0", ("b1",)), _write(600 * KIB, 40 * KIB, 7))
    journal.do(Quit(), Boot())
    journal.do(RemoveBitmap("b1"), RemoveBitmap("b0"), _write(700 * KIB, 4 * KIB, 8))
    journal.do(Quit())


def resizes(journal: Journal) -> None:
    """The disk grows and shrinks under stored bitmaps, over more clusters than an L1 table or a bitmap had."""
    journal.do(AddBitmap("b0", 512, persistent=True), _write(0, 70 * KIB, 1))
    journal.do(Quit(), Boot())
    journal.do(Resize(3 * MIB), _write(2 * MIB, 100 * KIB, 2), Flush())
    journal.do(Quit(), Boot())
    journal.do(Resize(2 * MIB + 40 * KIB), _write(2 * MIB, 12 * KIB, 3), Resize(512 * KIB), _write(KIB, KIB, 4))
    journal.do(Quit(), Boot())
    journal.do(_write(500 * KIB, 12 * KIB, 5))
    journal.do(Quit())


def reopenings(journal: Journal) -> None:
    """The disk is made read-only, which stores its bitmaps, and writable again; QEMU crashes."""
    journal.do(AddBitmap("b0", SEGMENT, persistent=True), AddBitmap("off", persistent=True, disabled=True))
    journal.do(*(AddBitmap(letter * 400, persistent=True) for letter in "xyz"))  # a directory of several sectors
    journal.do(_write(40 * KIB, 40 * KIB, 1))
    journal.do(ReopenReadOnly())
    journal.do(ReopenReadWrite())
    journal.do(_write(400 * KIB, 8 * KIB, 2))
    journal.do(ReopenReadOnly())
    journal.do(ReopenReadWrite())
    journal.do(_write(44 * KIB, 2 * KIB, 3))
    journal.do(Crash())
    journal.do(_write(800 * KIB, 30 * KIB, 4), RemoveBitmap("b0"), AddBitmap("b0", persistent=True))
    journal.do(_write(0, KIB, 5))
    journal.do(Quit())


def mirror(journal: Journal, copy_mode: CopyMode, bitmap: str | None) -> None:
    """A mirror with a persistent working bitmap is cancelled, a second one completed; a bystander looks on."""
    journal.do(AddBitmap("b0", SEGMENT, persistent=True), AddBitmap("bystander", persistent=True))
    journal.do(_write(0, 80 * KIB, 1))
    journal.do(Quit(), Boot())
    journal.do(_write(200 * KIB, 30 * KIB, 2))
    journal.do(StartMirror("first", "target", bitmap=bitmap, copy_mode=copy_mode))
    journal.do(_write(10 * KIB, 20 * KIB, 3, at="filter"), Flush(), _write(500 * KIB, 9 * KIB, 4, at="filter"))
    journal.do(CancelJob("first"), _write(520 * KIB, 30 * KIB, 5))
    journal.do(Quit(), Boot())
    journal.do(StartMirror("second", "target", bitmap=bitmap, copy_mode=copy_mode))
    journal.do(_write(900 * KIB, 16 * KIB, 6, at="filter"), CompleteJob("second"))
    journal.do(Quit())
