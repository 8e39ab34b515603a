"""Backup's bitmap sync modes as a mirror's caller obtains them, and how the first such mirror fails."""

from __future__ import annotations

from enum import StrEnum

from fixtures.bench import Rehearsal
from fixtures.vocabulary.enums import BitmapMode
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import AddBitmap, ClearBitmap, MergeBitmaps, RemoveBitmap

SEGMENT = 64 * KIB


class FirstFailure(StrEnum):
    """How the port's first incremental mirror fails."""

    NONE = "none"
    SIMULATED = "simulated"  # cancelled at the last moment, when all is copied
    INTERMEDIATE = "intermediate"  # a read error half way


def passed_for(bench: Rehearsal, mode: BitmapMode) -> str:
    """Return the bitmap that a mirror gets for a mode: b0 itself or a copy of it, which is made."""
    if mode is BitmapMode.ALWAYS:
        return "b0"
    bench.do(AddBitmap("copy", SEGMENT), MergeBitmaps("copy", ("b0",)))
    return "copy"


def settle(bench: Rehearsal, mode: BitmapMode, passed: str, *, success: bool) -> None:
    """Do what the mode wants done to b0 after the mirror, and drop the copy."""
    if passed == "b0":
        return
    if mode.forgets(success=success):
        bench.do(ClearBitmap("b0"), MergeBitmaps("b0", (passed,)))
    bench.do(RemoveBitmap(passed))
