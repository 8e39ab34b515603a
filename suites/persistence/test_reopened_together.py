"""A disk and its file are reopened by one command, as after a snapshot that has made both read-only."""

from __future__ import annotations

import pytest

from fixtures.bench import Bench
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import (
    AddBitmap,
    AddImage,
    CompleteJob,
    ReopenReadOnly,
    ReopenReadWrite,
    SetSpeed,
    StartMirror,
    Write,
)


@pytest.mark.known("KI-29", commands="one")
@pytest.mark.parametrize("bitmap", [None, pytest.param("b0", marks=pytest.mark.feature)])
@pytest.mark.parametrize("commands", ["one", "two"])
def test_mirror(bench: Bench, commands: str, bitmap: str | None) -> None:
    """A job runs afterwards and the guest writes, however many nodes one blockdev-reopen names (B-60)."""
    bench.do(AddImage("source", 4 * MIB), AddImage("target", 4 * MIB), AddBitmap("b0", 64 * KIB, persistent=True))
    bench.do(Write(0, 1, Fill(1)), ReopenReadOnly(), ReopenReadWrite(with_file=True, at_once=commands == "one"))
    bench.do(StartMirror("job", "target", bitmap=bitmap, speed=1))
    bench.observe("b0")
    bench.do(SetSpeed("job", 0), Write(MIB, 1, Fill(2), at="filter"), CompleteJob("job"))
    bench.observe("b0")
    bench.finish("a disk is reopened, with its file")
