"""The bitmap modes of dialect v1 and how a v3 obtains the same: what each leaves in the bitmap, however a mirror ends.

docs/moving-to-v3.md is made from these stories (``make moving``).
"""

from __future__ import annotations

from itertools import product

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.enums import BitmapMode, CopyMode
from suites.use_cases.moving import ENDINGS, Moved

STORIES = [pytest.param(one, id="-".join(one)) for one in product(BitmapMode, ENDINGS)]
"""One parameter and not two, so that the quick subset has each mode with each ending."""


@pytest.mark.feature
@pytest.mark.parametrize("copy_mode", CopyMode, ids=str)
@pytest.mark.parametrize("story", STORIES)
def test_mode(bench: Bench, golden: SnapshotAssertion, story: tuple[BitmapMode, str], copy_mode: CopyMode) -> None:
    """``never`` keeps all, ``on-success`` unless it succeeded, ``always`` what the target lacks; what v1 does by itself
    the caller of a v3 does with copies of the bitmap, and both leave the same (B-70, B-72, X-10, R-B17)."""
    mode, ending = story
    Moved(bench, mode, copy_mode).run(ending)
    assert bench.finish(f"bitmap-mode={mode}, {ending}, {copy_mode}") == golden
