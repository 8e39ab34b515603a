"""What a guest's write leaves behind when QEMU, its monitor or its disk got in the way."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode
from fixtures.vocabulary.faults import Fault, Place
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    Attempt,
    CancelJob,
    Compare,
    ExportBitmap,
    FailingWrite,
    Inject,
    Quit,
    StartMirror,
    Write,
)


@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
@pytest.mark.known("KI-02", copy_mode="write-blocking")
def test_failed_write_is_mirrored(bench: Bench, golden: SnapshotAssertion, copy_mode: CopyMode) -> None:
    """A guest's write that failed on the source half way leaves no difference in a copy that succeeds (M-132)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("target"))
    scattered = [Write(offset, 64 * KIB, Fill(0x11)) for offset in (0, 2 * MIB, 64 * KIB)]
    bench.do(*scattered)
    bench.do(StartMirror("job", "target", copy_mode=copy_mode))
    bench.do(Inject(Fault(Place.WRITE, after=1, below="source")))
    bench.do(FailingWrite(Write(0, 128 * KIB, Fill(0x22), at="filter")))
    bench.do(CancelJob("job"))
    bench.do(Quit())
    bench.do(Compare("source", "target"))
    assert bench.finish(f"a write to two places fails at the second, {copy_mode}") == golden


@pytest.mark.known("KI-03")
def test_refused_reopen_changes_nothing(bench: Bench, golden: SnapshotAssertion) -> None:
    """A guest goes on writing after its disk could not be made read-only under it (B-60)."""
    bench.do(AddImage("source"))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True), AddBitmap("b1", 64 * KIB), ExportBitmap("b1"))
    bench.do(Attempt("blockdev-reopen", {"options": [bench.machine.files.node("source").read_only()]}))
    bench.do(Write(0, 64 * KIB, Fill(0x11)))
    bench.observe("b0")
    assert bench.finish("a reopen that is refused, then a write") == golden
