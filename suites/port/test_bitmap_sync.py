"""QEMU's iotest bitmap-sync-mirror: bitmap sync mode x failure, on diff images and on images with a backing file."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BitmapMode
from fixtures.vocabulary.steps import Compare, CompareRebased
from suites.parameters.bitmap_modes import FirstFailure
from suites.port.scenario import BACKED, DIFF_IMAGES, Scenario, bases, tell

pytestmark = [
    pytest.mark.parametrize("failure", FirstFailure, ids=str),
    pytest.mark.parametrize("mode", BitmapMode, ids=str),
]


@pytest.mark.feature
def test_diff_images(bench: Bench, golden: SnapshotAssertion, mode: BitmapMode, failure: FirstFailure) -> None:
    """Deltas mirrored into empty images give the disk's history once rebased (X-07, X-08, X-09, X-10, X-11)."""
    tell(Scenario(bench, mode, failure, DIFF_IMAGES))
    _, first, second, third = bases(mode, failure)
    bench.do(
        CompareRebased(
            (
                ("test1", first, "ref1"),
                ("test2", second, "ref2"),
                ("test3", third, "ref3"),
            )
        )
    )
    assert bench.finish("deltas in diff images, rebased onto the mirror before them") == golden


@pytest.mark.feature
@pytest.mark.dialects("v1", "v3")
def test_backed_images(bench: Bench, golden: SnapshotAssertion, mode: BitmapMode, failure: FirstFailure) -> None:
    """With a backing file, clusters may be larger than segments and writes may be blocking (X-06, X-08, M-80)."""
    tell(Scenario(bench, mode, failure, BACKED))
    for number in (1, 2, 3):
        bench.do(Compare(f"test{number}", f"ref{number}"))
    assert bench.finish("deltas in images over the mirror before them, clusters twice the granularity") == golden
