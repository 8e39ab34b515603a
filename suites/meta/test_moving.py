"""The page about moving from v1 to v3, and that both dialects leave the same in a bitmap."""

from __future__ import annotations

import pytest

from fixtures.vocabulary.enums import BitmapMode, Dialect
from suites.use_cases.moving import ENDINGS
from tools import moving_page


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("mode", BitmapMode, ids=str)
def test_both_dialects_leave_the_same(mode: BitmapMode, ending: str) -> None:
    """What v1 does by itself, the caller of v3 obtains, down to each segment."""
    assert moving_page.left_dirty(Dialect.V1, mode, ending) == moving_page.left_dirty(Dialect.V3, mode, ending)


def test_document_is_current() -> None:
    """docs/moving-to-v3.md is what `make moving` writes."""
    assert moving_page.DOCUMENT.read_text(encoding="utf-8") == moving_page.text()
