"""A mirror with a working bitmap, and one without, for the cases that want both."""

from __future__ import annotations

import pytest

from fixtures.vocabulary.sizes import KIB

SEGMENT = 64 * KIB
_WITH = pytest.param("b0", id="bitmap", marks=pytest.mark.feature)
_WITHOUT = pytest.param(None, id="no-bitmap")
bitmaps = pytest.mark.parametrize("bitmap", [_WITH, _WITHOUT])
