"""The members ``persistent`` and ``disabled`` of block-dirty-bitmap-add, and what cannot be stored."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import Feature, Format
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CancelJob,
    RemoveBitmap,
    ReopenReadOnly,
    Restart,
    StartMirror,
    Write,
)


def test_all_combinations(bench: Bench, golden: SnapshotAssertion) -> None:
    """A bitmap is recording unless disabled, and survives a restart if persistent: as it was. A write
    reaches those that record (B-01, R-B8, R-B11, R-B12, R-B15)."""
    bench.do(AddImage("source"))
    names: list[str] = []
    for persistent in (None, False, True):
        for disabled in (None, False, True):
            names.append(f"b{len(names)}")
            bench.do(AddBitmap(names[-1], 64 * KIB, persistent=persistent, disabled=disabled))
    bench.do(Write(MIB, 1, Fill(0x11)))
    bench.observe(*names)
    bench.do(Restart())
    bench.observe(*names)
    assert bench.finish("persistent and disabled: not given, off, on") == golden


def test_removed(bench: Bench, golden: SnapshotAssertion) -> None:
    """A persistent bitmap that is removed leaves the file, and neither another bitmap nor an older copy of the disk
    changes (B-64, R-B9)."""
    bench.do(AddImage("source"))
    bench.do(AddImage("copy"))
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True), AddBitmap("b1", 64 * KIB, persistent=True))
    bench.do(StartMirror("job", "copy"), CancelJob("job"), Write(MIB, 1, Fill(0x11)))
    bench.do(Restart())
    bench.do(RemoveBitmap("b0"))
    bench.observe("b0", "b1")
    bench.do(Restart())
    bench.observe("b0", "b1")
    assert bench.finish("one of two bitmaps in the file is removed") == golden


def test_raw(bench: Bench, golden: SnapshotAssertion) -> None:
    """A raw image stores no bitmap, whatever else is wrong with it (B-08)."""
    bench.do(AddImage("source", MIB, Format.RAW))
    bench.do(AddBitmap("b0", 64 * KIB), Write(0, 1, Fill(0x11)))
    for name in ("b0", "b1", "n" * 1024):
        bench.do(AddBitmap(name, 64 * KIB, persistent=True))
        bench.observe("b0")
    assert bench.finish("persistent on a raw image") == golden


def test_version_2(bench: Bench) -> None:
    """An image of version 2 stores no bitmap, and says so (B-08)."""
    bench.do(AddImage("source", MIB, features=(Feature.VERSION_2,)))
    bench.do(AddBitmap("b0", 64 * KIB), Write(0, 1, Fill(0x11)))
    for name in ("b0", "b1", "n" * 1024):
        bench.do(AddBitmap(name, 64 * KIB, persistent=True))
        bench.observe("b0")
    bench.finish("persistent on an image of version 2")


@pytest.mark.known("KI-06")
def test_read_only_node(bench: Bench) -> None:
    """A bitmap that is said to be persistent is stored (B-08, B-60)."""
    bench.do(AddImage("source"))
    bench.do(ReopenReadOnly())
    bench.do(AddBitmap("b0", 64 * KIB, persistent=True))
    bench.finish("persistent on a read-only node")
