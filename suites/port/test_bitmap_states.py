"""Bitmaps that a mirror must not take as its working bitmap, however they came to be so."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BitmapMode, SyncMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    Crash,
    DisableBitmap,
    EnableBitmap,
    ExportBitmap,
    ReopenReadOnly,
    Restart,
    StartMirror,
    Write,
)

pytestmark = pytest.mark.feature


def _disable(bench: Bench) -> None:
    bench.do(DisableBitmap("b0"))


def _enable_again(bench: Bench) -> None:
    bench.do(DisableBitmap("b0"), EnableBitmap("b0"))


def _make_busy(bench: Bench) -> None:
    bench.do(ExportBitmap("b0"))


def _make_inconsistent(bench: Bench) -> None:
    bench.do(Restart())
    bench.do(Crash())


STATES: dict[str, Callable[[Bench], None]] = {
    "disabled": _disable,
    "enabled-again": _enable_again,
    "busy": _make_busy,
    "read-only": lambda bench: bench.do(ReopenReadOnly()),
    "inconsistent": _make_inconsistent,
}


@pytest.mark.parametrize(
    "state",
    [
        pytest.param("disabled", marks=pytest.mark.own_golden("v2", "v3")),
        *(state for state in STATES if state != "disabled"),
    ],
)
def test_state(bench: Bench, golden: SnapshotAssertion, state: str) -> None:
    """A busy, read-only or inconsistent bitmap is refused; a disabled one in v3 only (X-04, X-05, B-42, B-63)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    bench.do(Write(0, 64 * KIB, Fill(0x11)), AddBitmap("b0", 64 * KIB, persistent=True))
    bench.do(Write(64 * KIB, 512, Fill(0x22)))
    STATES[state](bench)
    bench.observe("b0")
    bench.do(StartMirror("job", "target", bitmap="b0"))
    if bench.state.active_jobs():
        bench.do(CancelJob("job"))
    bench.observe("b0")
    assert bench.finish(f"the bitmap is {state}") == golden


@pytest.mark.dialects("v1")
def test_never_takes_a_read_only_bitmap(bench: Bench, golden: SnapshotAssertion) -> None:
    """In v1 a mirror with bitmap-mode=never changes nothing in its bitmap, so that may be read-only (X-04, X-16)."""
    bench.do(AddImage("source"), AddImage("target"))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True), Write(64 * KIB, 512, Fill(0x22)), ReopenReadOnly())
    mirror = StartMirror("job", "target", sync=SyncMode.BITMAP, bitmap="b0", bitmap_mode=BitmapMode.NEVER)
    bench.do(mirror, CancelJob("job"))
    bench.observe("b0")
    assert bench.finish("the bitmap is read-only, and never changed") == golden
