"""What is done to a bitmap so that no mirror may use it."""

from __future__ import annotations

from fixtures.bench import Rehearsal
from fixtures.vocabulary.steps import (
    Crash,
    DisableBitmap,
    ExportBitmap,
    RemoveBitmap,
    ReopenReadOnly,
    Restart,
    Step,
)
from suites.product.axes import Hindrance
from suites.product.case import ProductCase

_STEPS: dict[Hindrance, tuple[Step, ...]] = {
    Hindrance.MISSING: (RemoveBitmap("b0"),),
    Hindrance.DISABLED: (DisableBitmap("b0"),),
    Hindrance.BUSY: (ExportBitmap("b0"),),
    Hindrance.READ_ONLY: (ReopenReadOnly(),),
    Hindrance.INCONSISTENT: (Restart(), Crash()),
}


def hinder(bench: Rehearsal, case: ProductCase) -> None:
    """Bring the bitmap into the state that its hindrance names, if it is one of a state."""
    bench.do(*_STEPS.get(case.hindrance, ()))
    if case.hindrance in _STEPS:
        bench.observe("b0")
