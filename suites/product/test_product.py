"""Every combination of sync mode, copy mode, granularity, bitmap operation and moment, on a real QEMU."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.steps import Examine
from suites.product.case import ProductCase, all_cases, image_cases, quick_cases
from suites.product.story import ProductStory

QUICK, WITH_QEMU_IMG = frozenset(quick_cases()), frozenset(image_cases())
CASES = [pytest.param(case, id=case.id, marks=[] if case in QUICK else pytest.mark.thorough) for case in all_cases()]


@pytest.mark.dialects("stock", "v2", "v3")
@pytest.mark.possible("KI-13", sync="top", command="drive-mirror", source="backed")
@pytest.mark.parametrize("case", CASES)
def test_combination(bench: Bench, behaviours: SnapshotAssertion, case: ProductCase) -> None:
    """Each combination behaves as the model says, and each of its behaviours reads as it does in all others (M-03,
    M-05, M-07, M-11, M-12, M-24, M-89, M-91, B-01, B-10, B-12, B-20, B-22, B-23, B-30 to B-36, B-40, B-43, X-01, X-02,
    X-06 to X-09, X-11, R-B10, R-M5, R-M8)."""
    story = ProductStory(bench, case)
    story.run()
    bench.finish(str(case))
    if case in WITH_QEMU_IMG:
        bench.do(Examine("source", "target"))
    for chapter in story.chapters:
        assert chapter.text == behaviours(name=chapter.name)
