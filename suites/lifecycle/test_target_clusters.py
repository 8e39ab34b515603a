"""Mirrors to a target whose clusters are larger than what the job copies at once."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import SyncMode
from fixtures.vocabulary.patterns import Fill
from fixtures.vocabulary.sizes import KIB, MIB
from fixtures.vocabulary.steps import AddImage, CancelJob, StartMirror, Write


@pytest.mark.parametrize("sync", [SyncMode.TOP, SyncMode.NONE], ids=str)
def test_copy_on_write(bench: Bench, golden: SnapshotAssertion, sync: SyncMode) -> None:
    """The rest of a cluster that is copied in part comes from the target's backing file (M-121)."""
    with bench.aside("a base full of data"):
        bench.do(AddImage("base", 8 * MIB), Write(0, 8 * MIB, Fill(0x11), at="base"))
    bench.do(AddImage("source", 8 * MIB, backing="base"), AddImage("target", 8 * MIB, cluster=2 * MIB, backing="base"))
    bench.do(Write(3 * MIB, 64 * KIB, Fill(0x22)), StartMirror("job", "target", sync=sync))
    bench.do(Write(5 * MIB + 512, 512, Fill(0x33), at="filter"), CancelJob("job"))
    bench.observe()
    assert bench.finish("a target with large clusters") == golden
