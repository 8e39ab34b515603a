"""Backups in every sync mode with every bitmap mode: the target is the disk at the start, and nothing is lost."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.bench import Bench
from suites.backup import story
from suites.backup.case import BackupCase, backup_cases, quick_cases

pytestmark = pytest.mark.dialects("stock", "v1", "v2", "v3")
QUICK = frozenset(quick_cases())


def _parameter(case: BackupCase) -> object:
    return pytest.param(case, id=case.id, marks=[] if case in QUICK else [pytest.mark.thorough])


@pytest.mark.parametrize("case", [_parameter(case) for case in backup_cases()])
def test_backup(bench: Bench, behaviours: SnapshotAssertion, case: BackupCase) -> None:
    """The target holds the disk as it was at the start; the bitmap holds what its mode says, and a backup by it
    repairs what a failure left out (B-70, B-72, B-73, B-74)."""
    text = story.run(bench, case)
    bench.finish(str(case))
    assert text == behaviours(name=case.behaviour)
