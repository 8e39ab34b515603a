"""QEMU's state is migrated to a file while a mirror runs: QEMU gives its disks away at the end, also the job's."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    Attempt,
    AwaitMigration,
    AwaitReadyOrGone,
    AwaitSynced,
    CancelJob,
    ChangeCopyMode,
    Compare,
    Migrate,
    Quit,
    SetCapabilities,
    StartMirror,
    Write,
)

EVENTS = SetCapabilities(("events",))


@pytest.mark.known("KI-01")
@pytest.mark.parametrize("bitmap", [None, pytest.param("b0", marks=pytest.mark.dialects("v2", "v3"))])
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
def test_while_it_copies(bench: Bench, copy_mode: CopyMode, bitmap: str | None) -> None:
    """The migration, or the job, may fail, or the job pause: QEMU survives (M-127, M-133)."""
    bench.do(AddImage("source"), AddImage("target"), AddBitmap("b0", 64 * KIB), Write(0, 4 * MIB, Fill(1)))
    bench.do(StartMirror("job", "target", bitmap=bitmap, copy_mode=copy_mode, speed=1, buf_size=64 * KIB))
    bench.do(EVENTS, Attempt("migrate", {"uri": "exec:cat > guest"}), AwaitMigration(), AwaitReadyOrGone("job"))
    bench.survive()


@pytest.mark.needs("block-job-change")
@pytest.mark.parametrize("bitmap", [None, pytest.param("b0", marks=pytest.mark.dialects("v2", "v3"))])
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
def test_in_sync(bench: Bench, copy_mode: CopyMode, bitmap: str | None) -> None:
    """In write-blocking mode and in sync, the mirror has nothing to write: it survives the migration, is cancelled
    gracefully, and the copy is the disk (M-127, M-133)."""
    bench.do(AddImage("source"), AddImage("target"), AddBitmap("b0", 64 * KIB), Write(0, 4 * MIB, Fill(1)))
    bench.do(StartMirror("job", "target", bitmap=bitmap, copy_mode=copy_mode))
    bench.do(Write(6 * MIB, 512, Fill(2), at="filter"), ChangeCopyMode("job", CopyMode.WRITE_BLOCKING))
    bench.do(Write(8 * MIB - 1, 2, Fill(3), at="filter"), AwaitSynced("job"))
    bench.do(EVENTS, Migrate(to_file=True), CancelJob("job"))
    bench.observe("b0")
    bench.do(Quit(), Compare("source", "target"))
    bench.finish("a mirror in sync is migrated")
