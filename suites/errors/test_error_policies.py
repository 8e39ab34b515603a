"""Every policy about every error of a mirror, wherever and however often it strikes: nothing is lost."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from fixtures.vocabulary.faults import Place
from suites.errors import disk
from suites.errors.case import ErrorCase, deep_cases, error_cases, quick_cases
from suites.errors.story import ErrorStory
from suites.parameters.layouts import NEEDS

QUICK = frozenset(quick_cases())


def _marks(case: ErrorCase) -> list[pytest.MarkDecorator]:
    """Only a working bitmap makes a mirror copy what its source does not promise; v2 fills no clusters with one.

    How files are opened needs something of the machine.
    """
    where = [pytest.mark.needs(*NEEDS[case.access])] if case.access in NEEDS else []
    if case.place is Place.DISCARD or (case.place is Place.COW and case.used):
        where.append(pytest.mark.dialects(*disk.dialects_with_bitmap(case)))
    return where if case in QUICK else [*where, pytest.mark.thorough]


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id, marks=_marks(case)) for case in error_cases()])
def test_policy(bench: Bench, behaviours: SnapshotAssertion, case: ErrorCase) -> None:
    """Each policy does with each error what QAPI promises, and what was not copied is dirty and copied next (M-60,
    M-61, M-62, M-63, M-64, M-65, M-66, M-67, M-70, X-08, X-10, R-B17, R-B18, R-M9, R-M10)."""
    _run(bench, behaviours, case)


@pytest.mark.deep
@pytest.mark.parametrize("case", [pytest.param(case, id=case.deep_id, marks=_marks(case)) for case in deep_cases()])
def test_policy_at_depth(bench: Bench, behaviours: SnapshotAssertion, case: ErrorCase) -> None:
    """So it is wherever the error strikes, and whatever is in flight then (X-10, R-M9)."""
    _run(bench, behaviours, case)


def _run(bench: Bench, behaviours: SnapshotAssertion, case: ErrorCase) -> None:
    story = ErrorStory(bench, case)
    story.run()
    bench.finish(str(case))
    for chapter in story.chapters:
        assert chapter.text == behaviours(name=chapter.name)
