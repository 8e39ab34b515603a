"""QEMU told to accept nothing that is deprecated, or nothing that is unstable: which the bitmap is from v2 on."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BitmapMode, MirrorCommand, SyncMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    CompareRebased,
    ExpectImage,
    Policed,
    RejectInput,
    StartMirror,
    Write,
)
from suites.parameters.bitmap_modes import FirstFailure
from suites.port.scenario import DIFF_IMAGES, Scenario, bases, tell

pytestmark = pytest.mark.feature


@pytest.mark.parametrize("failure", FirstFailure, ids=str)
@pytest.mark.parametrize("mode", BitmapMode, ids=str)
def test_nothing_is_deprecated(bench: Bench, mode: BitmapMode, failure: FirstFailure) -> None:
    """The port's story needs no command and no member that is deprecated (M-135)."""
    bench.do(RejectInput(Policed.DEPRECATED))
    tell(Scenario(bench, mode, failure, DIFF_IMAGES))
    below = bases(mode, failure)
    bench.do(CompareRebased(tuple((f"test{number}", below[number], f"ref{number}") for number in (1, 2, 3))))
    bench.finish("deltas in diff images, nothing deprecated")


@pytest.mark.parametrize("command", [MirrorCommand.BLOCKDEV, MirrorCommand.DRIVE], ids=str)
def test_the_bitmap_is_unstable(bench: Bench, golden: SnapshotAssertion, command: MirrorCommand) -> None:
    """A mirror with a bitmap is refused then in v2 and v3, before anything else about it; one without works (M-135)."""
    bench.do(RejectInput(Policed.UNSTABLE), AddImage("source"))
    bench.do(ExpectImage("target", bench.state.images["source"].size) if command.is_drive else AddImage("target"))
    bench.do(Write(0, 64 * KIB, Fill(0x11)), AddBitmap("b0", 64 * KIB), Write(64 * KIB, 512, Fill(0x22)))
    for sync, bitmap in ((SyncMode.FULL, "b0"), (SyncMode.NONE, "nosuch"), (SyncMode.FULL, None)):
        bench.do(StartMirror("job", "target", sync=sync, bitmap=bitmap, command=command))
        if bench.state.active_jobs():
            bench.do(CancelJob("job"))
        bench.observe("b0")
    assert bench.finish("nothing unstable is accepted") == golden
