"""Disks that migrate with the guest: a mirror over NBD, best of what a bitmap has since a copy was made."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import CopyMode, Format
from fixtures.vocabulary.patterns import Fill, Positional
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    Arrive,
    AwaitSynced,
    Boot,
    CancelJob,
    CancelMigration,
    ChangeCopyMode,
    CloseImage,
    CloseRemote,
    CompleteJob,
    CopyOutOfBand,
    Crash,
    Listen,
    Migrate,
    OpenRemote,
    Quit,
    RemoveBitmap,
    ServeImage,
    SetCapabilities,
    ShareImage,
    StartMirror,
    Step,
    StopServing,
    SwitchOver,
    Write,
)
from suites.migration.sides import prepare

SIZE = 8 * MIB
MIRROR = StartMirror("job", "target", bitmap="b0")
ENDINGS: dict[str, Step] = {"complete": CompleteJob("job"), "cancel": CancelJob("job")}


def _copy_and_serve(bench: Bench) -> None:
    """Copy the disk past QEMU, its bitmap recording what the guest writes meanwhile, and serve the copy over there."""
    with bench.aside("b0 records from the copy on: 1, 32 and 127"):
        bench.do(AddImage("source", SIZE, Format.RAW), Write(0, 2 * MIB, Positional(1)), AddBitmap("b0", 64 * KIB))
        bench.do(CopyOutOfBand("copy"), CloseImage("copy"))
        bench.do(*[Write(at, 1024, Fill(0x22)) for at in (64 * KIB, 2 * MIB, SIZE - 1024)])
    bench.destination.do(ShareImage("copy"), ServeImage("copy"))
    prepare(bench, "pause-before-switchover")
    bench.do(OpenRemote("target", "copy"))


def _arrive(bench: Bench) -> None:
    """Let the guest go over, and write there."""
    bench.do(SwitchOver())
    bench.destination.do(Arrive(), StopServing(), Write(3 * MIB, 512, Fill(0x44), at="copy"))


@pytest.mark.feature
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
def test_copy_and_what_is_new(bench: Bench, golden: SnapshotAssertion, copy_mode: CopyMode, ending: str) -> None:
    """A copy is made while the guest writes, the mirror brings what the bitmap has, and is ended before the guest goes:
    the disk over there is the guest's, and is written on (B-94, M-123, M-127)."""
    _copy_and_serve(bench)
    bench.do(StartMirror("job", "target", bitmap="b0", copy_mode=copy_mode))
    bench.do(Write(MIB, 64 * KIB, Fill(0x33), at="filter"), Migrate())
    bench.do(ENDINGS[ending], RemoveBitmap("b0"))
    _arrive(bench)
    bench.observe()
    assert bench.finish("a disk and its guest migrate") == golden


@pytest.mark.dialects("stock", "v1", "v2", "v3")
@pytest.mark.parametrize("ending", ENDINGS)
def test_whole_disk(bench: Bench, golden: SnapshotAssertion, ending: str) -> None:
    """Without a bitmap the mirror copies all, to an image that was empty (M-127)."""
    with bench.aside("data on the source, an empty disk there"):
        bench.do(AddImage("source", SIZE, Format.RAW), Write(0, 2 * MIB, Positional(1)))
        bench.destination.do(AddImage("copy", SIZE, Format.RAW))
    bench.destination.do(ServeImage("copy"))
    prepare(bench, "pause-before-switchover")
    bench.do(OpenRemote("target", "copy"), replace(MIRROR, bitmap=None))
    bench.do(Write(4 * MIB, 512, Fill(0x33), at="filter"), Migrate(), ENDINGS[ending], SwitchOver())
    bench.destination.do(Arrive())
    bench.observe()
    bench.do(Quit())
    bench.destination.do(StopServing(), Write(3 * MIB, 512, Fill(0x44), at="copy"))
    assert bench.finish("a whole disk and its guest migrate") == golden


@pytest.mark.feature
@pytest.mark.needs("block-job-change")
def test_in_sync_over_the_switch(bench: Bench, golden: SnapshotAssertion) -> None:
    """In write-blocking mode and in sync, the mirror may run on until the guest has gone (B-94, M-127)."""
    _copy_and_serve(bench)
    bench.do(MIRROR, ChangeCopyMode("job", CopyMode.WRITE_BLOCKING))
    bench.do(Write(MIB, 64 * KIB, Fill(0x33), at="filter"), AwaitSynced("job"), Migrate(), SwitchOver())
    bench.do(CancelJob("job"))
    bench.destination.do(Arrive(), StopServing(), Write(3 * MIB, 512, Fill(0x44), at="copy"))
    bench.observe("b0")
    assert bench.finish("a mirror in sync runs until the guest has gone") == golden


def _again(bench: Bench) -> None:
    """Mirror once more what the bitmap has, to a destination that was started anew, and let the guest go."""
    there = bench.destination
    bench.do(CloseRemote("target"))
    there.do(ServeImage("copy"), SetCapabilities(("events", "pause-before-switchover")), Listen())
    bench.do(OpenRemote("target", "copy"), MIRROR, Migrate(), CompleteJob("job"))
    _arrive(bench)
    bench.observe()


@pytest.mark.feature
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
def test_destination_dies_when_ready(bench: Bench, golden: SnapshotAssertion, copy_mode: CopyMode) -> None:
    """The mirror fails, the guest goes on, and the bitmap has what is missing: it is enough for a new one (B-94,
    M-72)."""
    _copy_and_serve(bench)
    bench.do(replace(MIRROR, copy_mode=copy_mode))
    bench.destination.do(Crash(flush=False))
    bench.do(Write(5 * MIB, 512, Fill(0x55), at="filter"))
    bench.observe("b0")
    _again(bench)
    assert bench.finish("the destination dies") == golden


@pytest.mark.feature
def test_destination_dies_before(bench: Bench, golden: SnapshotAssertion) -> None:
    """A mirror that cannot write anything fails; all is still in the bitmap, which records again (B-94)."""
    _copy_and_serve(bench)
    bench.destination.do(Crash(flush=False))
    bench.do(MIRROR, Write(5 * MIB, 512, Fill(0x55)))
    bench.observe("b0")
    _again(bench)
    assert bench.finish("the destination dies") == golden


@pytest.mark.feature
def test_migration_cancelled(bench: Bench, golden: SnapshotAssertion) -> None:
    """Before the switch-over: the destination ends, the mirror fails, the bitmap is enough for another try (B-94)."""
    _copy_and_serve(bench)
    bench.do(MIRROR, Migrate(), CancelMigration())
    bench.destination.do(Arrive())
    bench.do(Write(5 * MIB, 512, Fill(0x55), at="filter"))
    bench.observe("b0")
    bench.destination.do(Boot())
    _again(bench)
    assert bench.finish("the migration is cancelled") == golden


@pytest.mark.feature
@pytest.mark.parametrize("force", [True, False], ids=["forced", "graceful"])
def test_mirror_cancelled(bench: Bench, golden: SnapshotAssertion, *, force: bool) -> None:
    """The guest goes on; the bitmap records again, and is enough for another mirror to the same copy (B-94)."""
    _copy_and_serve(bench)
    bench.do(replace(MIRROR, speed=1 if force else None), CancelJob("job", force=force))
    bench.do(Write(5 * MIB, 512, Fill(0x55)))
    bench.observe("b0")
    bench.do(MIRROR, Migrate(), CompleteJob("job"))
    _arrive(bench)
    bench.observe()
    assert bench.finish("the mirror is cancelled and started again") == golden


@pytest.mark.feature
def test_nobody_serves(bench: Bench, golden: SnapshotAssertion) -> None:
    """A destination that serves nothing, and one that has ended, refuse: the bitmap is as it was (B-94)."""
    _copy_and_serve(bench)
    bench.do(CloseRemote("target"))
    bench.destination.do(StopServing())
    bench.do(OpenRemote("target", "copy"))
    bench.observe("b0")
    bench.destination.do(ServeImage("copy"), Crash(flush=False))
    bench.do(OpenRemote("target", "copy"))
    bench.observe("b0")
    assert bench.finish("nobody serves the copy") == golden
