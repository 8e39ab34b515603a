"""A disk with lazy reference counts that QEMU did not close: marked dirty, it is read and mirrored."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.driver.qcow2.header import read_header
from fixtures.driver.qcow2.source import Memory
from fixtures.vocabulary.enums import Feature
from fixtures.vocabulary.patterns import Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    Boot,
    CancelJob,
    CompleteJob,
    Crash,
    Quit,
    Restart,
    StartMirror,
    Step,
    Write,
)

LAZY = (Feature.LAZY_REFCOUNTS,)
USES: dict[str, tuple[Step, ...]] = {
    "closed": (),
    "mirrored": (StartMirror("job", "target"), CompleteJob("job")),
    "mirror-cancelled": (StartMirror("job", "target"), CancelJob("job", force=True)),
    "opened-again": (Quit(), Boot(read_only=("source",))),
}


def _is_dirty(bench: Bench) -> bool:
    return read_header(Memory(bench.machine.files.path("source").read_bytes())).is_dirty


def _crash(bench: Bench, bitmap: bool) -> None:
    """Kill QEMU while clusters are allocated that no reference count on the disk knows, then open it read-only."""
    bench.do(AddImage("source", MIB, features=LAZY), AddImage("target", MIB))
    if bitmap:
        bench.do(AddBitmap("b0", 64 * KIB, persistent=True), Restart())
    bench.do(Write(0, 300 * KIB, Positional(1)), Crash(read_only=("source",)))


@pytest.mark.possible("KI-19")
@pytest.mark.parametrize("bitmap", [False, True], ids=["no-bitmap", "bitmap"])
@pytest.mark.parametrize("use", USES)
def test_read_only(bench: Bench, use: str, bitmap: bool) -> None:
    """Opened read-only, it stays dirty, whatever reads it, and QEMU closes it in peace (B-98)."""
    _crash(bench, bitmap)
    bench.do(*USES[use], Quit())
    assert _is_dirty(bench), "nobody could repair it"
    bench.finish("a dirty disk is only read")
