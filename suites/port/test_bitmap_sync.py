"""QEMU's iotest bitmap-sync-mirror: bitmap sync mode x failure, on diff images and on images with a backing file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BitmapMode
from fixtures.vocabulary.steps import Compare, CompareRebased, Quit, RemoveBitmap
from suites.parameters.bitmap_modes import FirstFailure
from suites.port.scenario import BACKED, DIFF_IMAGES, GROUPS, Scenario

pytestmark = [
    pytest.mark.parametrize("failure", FirstFailure, ids=str),
    pytest.mark.parametrize("mode", BitmapMode, ids=str),
]


@pytest.mark.feature
def test_diff_images(bench: Bench, golden: SnapshotAssertion, mode: BitmapMode, failure: FirstFailure) -> None:
    """Deltas mirrored into empty images give the disk's history once rebased (X-07, X-08, X-09, X-10, X-11)."""
    _run(Scenario(bench, mode, failure, DIFF_IMAGES))
    _, first, second, third = _bases(mode, failure)
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
    _run(Scenario(bench, mode, failure, BACKED))
    for number in (1, 2, 3):
        bench.do(Compare(f"test{number}", f"ref{number}"))
    assert bench.finish("deltas in images over the mirror before them, clusters twice the granularity") == golden


def _run(story: Scenario) -> None:
    bases = _bases(story.mode, story.failure)
    story.begin()
    story.bench.do(*GROUPS[1])
    story.reference(1)
    story.incremental(1, bases[1], fails=story.failure)
    story.incremental(2, bases[2], during=[replace(write, at="filter") for write in GROUPS[2]])
    story.reference(2)  # not before it, as for a backup: what is written during a mirror belongs to its copy
    story.bench.do(*GROUPS[3])
    story.reference(3)
    story.incremental(3, bases[3])
    story.bench.do(RemoveBitmap("b0"))
    story.bench.do(Quit())


def _bases(mode: BitmapMode, failure: FirstFailure) -> tuple[str, str, str, str]:
    """Return for each incremental mirror the full one that its delta starts from."""
    failed = failure is not FirstFailure.NONE
    match mode:
        case BitmapMode.NEVER:
            return "", "ref0", "ref0", "ref0"
        case BitmapMode.ON_SUCCESS:
            return "", "ref0", "ref0" if failed else "ref1", "ref2"
    return "", "ref0", "ref1", "ref2"
