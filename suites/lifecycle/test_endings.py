"""Every way in which a mirror can end, with and without a working bitmap: what is copied, dirty, busy, left behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CompleteJob,
    DismissJob,
    FinalizeJob,
    StartMirror,
    Write,
)

feature = pytest.mark.feature
LATE = Write(5 * MIB, 100 * KIB, Fill(0x33), at="filter")


def _complete(bench: Bench) -> None:
    bench.do(LATE, CompleteJob("job"))


def _finalize(bench: Bench) -> None:
    _pend(bench)
    bench.do(FinalizeJob("job"))


def _cancel_gracefully(bench: Bench) -> None:
    bench.do(LATE, CancelJob("job"))


def _cancel_by_force(bench: Bench) -> None:
    bench.do(LATE, CancelJob("job", force=True))


def _cancel_pending(bench: Bench) -> None:
    _pend(bench)
    bench.do(CancelJob("job", force=True))


def _pend(bench: Bench) -> None:
    bench.do(LATE, CompleteJob("job"))
    bench.observe("b0")


def _quit(bench: Bench) -> None:
    bench.do(LATE)


MANUAL = ("finalize", "cancel-pending")


ENDINGS: dict[str, Callable[[Bench], None]] = {
    "complete": _complete,
    "finalize": _finalize,
    "graceful-cancel": _cancel_gracefully,
    "force-cancel": _cancel_by_force,
    "cancel-pending": _cancel_pending,
    "quit": _quit,
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
@pytest.mark.parametrize("bitmap", [pytest.param(None, id="whole"), pytest.param("b0", id="bitmap", marks=feature)])
def test_ending(bench: Bench, golden: SnapshotAssertion, bitmap: str | None, copy_mode: CopyMode, ending: str) -> None:
    """However a mirror ends, the bitmap rests and holds what the target lacks; the graph is as before (X-08, X-10,
    M-32, M-36, M-37, M-38, M-47, M-49, R-M1, R-M4, R-M19)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    bench.do(AddBitmap("b0", 64 * KIB), Write(MIB - 1, 2, Fill(0x11)), Write(3 * MIB, 64 * KIB, Fill(0x22)))
    bench.do(
        StartMirror(
            "job", "target", bitmap=bitmap, copy_mode=copy_mode, auto_finalize=False if ending in MANUAL else None
        )
    )
    bench.observe("b0")
    ENDINGS[ending](bench)
    if ending != "quit":
        bench.observe("b0")
    assert bench.finish(f"{ending}, {copy_mode}") == golden


@feature
@pytest.mark.parametrize("by_force", [False, True], ids=["success", "cancelled"])
def test_concluded(bench: Bench, golden: SnapshotAssertion, by_force: bool) -> None:
    """The bitmap is busy through PENDING and free in CONCLUDED, before the job is dismissed (X-08, M-45, R-M12)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    bench.do(AddBitmap("b0", 64 * KIB), Write(0, 1, Fill(0x11)))
    bench.do(StartMirror("job", "target", bitmap="b0", auto_finalize=False, auto_dismiss=False), CompleteJob("job"))
    bench.observe("b0")
    bench.do(CancelJob("job", force=True) if by_force else FinalizeJob("job"))
    bench.observe("b0")
    bench.do(Write(MIB, 1, Fill(0x22)), DismissJob("job"))
    bench.observe("b0")
    assert bench.finish("auto-dismiss=off") == golden
