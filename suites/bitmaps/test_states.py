"""Each bitmap command on a bitmap that is in use, read-only or inconsistent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    BitmapCommand,
    ClearBitmap,
    Crash,
    DisableBitmap,
    EnableBitmap,
    ExportBitmap,
    MergeBitmaps,
    RemoveBitmap,
    ReopenReadOnly,
    Restart,
    Write,
)


def _make_busy(bench: Bench) -> None:
    bench.do(ExportBitmap("b0"))


def _make_inconsistent(bench: Bench) -> None:
    bench.do(Restart())
    bench.do(Crash())
    bench.do(AddBitmap("b1", 64 * KIB))


STATES: dict[str, Callable[[Bench], None]] = {
    "busy": _make_busy,
    "read-only": lambda bench: bench.do(ReopenReadOnly()),
    "inconsistent": _make_inconsistent,
}
COMMANDS: tuple[BitmapCommand, ...] = (
    AddBitmap("b0"),
    DisableBitmap("b0"),
    EnableBitmap("b0"),
    ClearBitmap("b0"),
    MergeBitmaps("b0", ("b1",)),
    MergeBitmaps("b1", ("b0",)),
    MergeBitmaps("b0", ("b0",)),
    MergeBitmaps("b0", ("nosuch",)),
    RemoveBitmap("b0"),
)


@pytest.mark.parametrize("state", STATES)
def test_commands(bench: Bench, golden: SnapshotAssertion, state: str) -> None:
    """A busy bitmap cannot be changed or read at all; a read-only one can be read, enabled and disabled; an
    inconsistent one only removed. Its flags say which it is, and QEMU quits in each state (B-11, B-38, B-40, B-41,
    B-42, B-63, B-85, R-B4, R-B5, R-B6)."""
    bench.do(AddImage("source"))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True), Write(MIB, 1, Fill(0x11)))
    bench.do(*([AddBitmap("b1", 64 * KIB)] if state != "inconsistent" else []), Write(0, 1, Fill(0x22)))
    STATES[state](bench)
    bench.observe("b0", "b1")
    for command in COMMANDS:
        bench.do(command)
        bench.observe()
    bench.observe("b0", "b1")
    assert bench.finish(f"b0 is {state}") == golden
