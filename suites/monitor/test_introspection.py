"""query-qmp-schema: what each dialect adds to it, and that all else of it stays as it was (M-135, B-100).

The series splits mirror's sync modes off from backup's. What it is responsible for is asked of each QEMU; what is the
base's own only of reference builds on the base that goldens are made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from fixtures.driver.qemu.process import running
from fixtures.subject.introspection import Introspection
from fixtures.subject.subject import Subject

pytestmark = [pytest.mark.dialects("stock", "v1", "v2", "v3")]
MIRRORS = ("blockdev-mirror", "drive-mirror")
BACKUPS = ("blockdev-backup", "drive-backup")
OF_THE_SERIES = frozenset({"sync", "bitmap", "bitmap-mode"})
ON_GOLDENS_BASE = ("stock", "v1", "v2", "v3", "v2-bare", "v3-bare")
BITMAPS = ("add", "remove", "clear", "enable", "disable", "merge")
BLOCK_JOBS = ("cancel", "change", "complete", "dismiss", "finalize", "pause", "resume", "set-speed")
JOBS = ("cancel", "complete", "dismiss", "finalize", "pause", "resume")


@pytest.fixture
def schema(subject: Subject, folder: Path) -> Introspection:
    """Return the schema of the QEMU under test."""
    with running(subject.binaries.system, folder, subject.identity.launch) as qemu:
        answer = qemu.monitor.command("query-qmp-schema")
        assert qemu.quit().clean
    return Introspection(answer)


@pytest.fixture
def reference_schema(subject: Subject, schema: Introspection) -> Introspection:
    """Return the schema of a reference build on the base that goldens are made of."""
    if not subject.is_reference or subject.name not in ON_GOLDENS_BASE:
        pytest.skip(f"only of our builds on the goldens' base: {', '.join(ON_GOLDENS_BASE)}")
    return schema


def _shown(title: str, schema: Introspection, commands: Sequence[str], only: frozenset[str] = frozenset()) -> str:
    lines = [line for name in commands for line in schema.command(name, only)]
    return "\n".join([f"# {title}", *lines]) + "\n"


@pytest.mark.own_golden("stock", "v1")
def test_sync_modes(schema: Introspection, golden: SnapshotAssertion) -> None:
    """Mirror has its own sync modes from v2 on, and a bitmap that is unstable; v1 has backup's words (X-01, M-135)."""
    commands = (*MIRRORS, *BACKUPS)
    assert _shown("what copies, and what of it the series is about", schema, commands, OF_THE_SERIES) == golden


@pytest.mark.own_golden("stock", "v1")
def test_mirrors(reference_schema: Introspection, golden: SnapshotAssertion) -> None:
    """All members of both commands that start a mirror (M-135)."""
    assert _shown("mirrors", reference_schema, MIRRORS) == golden


def test_backups(reference_schema: Introspection, golden: SnapshotAssertion) -> None:
    """All members of both commands that start a backup are the same in each dialect (B-100)."""
    assert _shown("backups", reference_schema, BACKUPS) == golden


def test_bitmaps(reference_schema: Introspection, golden: SnapshotAssertion) -> None:
    """All members of commands about bitmaps are the same in each dialect (B-100)."""
    own = [f"block-dirty-bitmap-{verb}" for verb in BITMAPS]
    assert _shown("bitmaps", reference_schema, (*own, "x-debug-block-dirty-bitmap-sha256")) == golden


def test_jobs(reference_schema: Introspection, golden: SnapshotAssertion) -> None:
    """All members of orders to jobs, and of commit and stream, are the same in each dialect (M-135)."""
    orders = [*(f"block-job-{verb}" for verb in BLOCK_JOBS), *(f"job-{verb}" for verb in JOBS)]
    assert _shown("jobs", reference_schema, ("block-commit", "block-stream", *orders)) == golden


def test_transactions(reference_schema: Introspection, golden: SnapshotAssertion) -> None:
    """A transaction takes the same actions in each dialect, none of them a mirror (B-100)."""
    actions = [f"  {tag}" for tag in reference_schema.branches("transaction", "actions")]
    assert "\n".join(["# actions of a transaction", *actions]) + "\n" == golden


def test_all_else(reference_schema: Introspection, golden: SnapshotAssertion) -> None:
    """No command and no event but those that start a mirror differs from stock in any part (M-135, B-100)."""
    others = [name for name in reference_schema.names if name not in MIRRORS]
    known = [f"{name} {reference_schema.fingerprint(name)}" for name in others]
    rows = [known[at : at + 3] for at in range(0, len(known), 3)]
    assert "\n".join(["# a digest of each other command and event", *("  ".join(row) for row in rows)]) + "\n" == golden
