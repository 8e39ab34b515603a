"""tools/golden writes and removes goldens, prints which, and refuses where that could do harm."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fixtures.golden import audit
from fixtures.host.console import CannotRun
from fixtures.host.folders import GOLDEN
from tools.entry_point import start
from tools.programs import golden


@pytest.fixture(autouse=True)
def _not_under_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the tool run as from a terminal, wherever these tests run."""
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a project with two goldens in two folders, of which a case has the first."""
    for name in ("kept/a.txt", "left/b.txt"):
        path = tmp_path / "golden" / "suite" / name
        path.parent.mkdir(parents=True)
        path.write_text("text\n")
    monkeypatch.setattr(audit, "claims", lambda root: [root / "golden" / "suite" / "kept" / "a.txt"])
    return tmp_path


def test_pruning_removes_what_no_case_has(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Orphans are deleted and named, folders that get empty go too, the rest stays."""
    assert golden.prune([], project) == 0
    assert capsys.readouterr().out == "removed golden/suite/left/b.txt\n"
    assert sorted(path.name for path in (project / "golden" / "suite").iterdir()) == ["kept"]
    assert golden.prune([], project) == 0
    assert capsys.readouterr().out == ""


def test_pruning_stops_when_the_cases_are_unknown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When cases cannot be collected nothing is deleted."""

    def fail(root: Path) -> list[Path]:
        raise CannotRun(f"the cases of {root} cannot be collected")

    monkeypatch.setattr(audit, "claims", fail)
    with pytest.raises(CannotRun):
        golden.prune([], project)
    assert len(audit.present(project / "golden")) == 2


def test_pruning_selects_nothing(project: Path) -> None:
    """With a selection, goldens of cases that were not selected would look orphaned."""
    with pytest.raises(CannotRun, match="-k diff"):
        golden.prune(["-k", "diff"], project)
    assert len(audit.present(project / "golden")) == 2


@pytest.mark.parametrize("action", ["update", "prune"])
def test_goldens_are_not_touched_under_ci(
    action: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under CI both actions end with status 2 and one sentence."""
    monkeypatch.setenv("CI", "1")
    assert start("golden", action) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_changes_are_told() -> None:
    """Files that are new or hold something else are named, in order; those that are as before are not."""
    a, b, c = (GOLDEN / name for name in "abc")
    before, after = {a: b"1", c: b"1"}, {c: b"2", a: b"1", b: b"1"}
    assert golden.changes(before, after) == ["added golden/b", "changed golden/c"]


class Runs:
    """Stands for the run of pytest: notes the command, writes a golden, ends with a status."""

    def __init__(self, status: int, writes: Path):
        self.status, self.writes, self.command = status, writes, list[str]()

    def __call__(self, command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        """Note the command and pretend to have run it."""
        self.command = command
        self.writes.write_text("new\n")
        return subprocess.CompletedProcess(command, self.status)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder of goldens."""
    monkeypatch.setattr(golden, "GOLDEN", tmp_path)
    monkeypatch.setattr(golden, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize("status", [0, 1, 2])
def test_an_update_returns_how_the_suites_ended(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    """A failing case is 1, suites that could not run are 2; what was written is printed in any case."""
    run = Runs(status, folder / "case.txt")
    monkeypatch.setattr(subprocess, "run", run)
    assert start("golden", "update", "--qemu", "/a/b", "-k", "diff", "-x") == status
    assert capsys.readouterr().out == "added case.txt\n"
    assert {"--snapshot-update", "--snapshot-no-cleanup", "/a/b"} <= set(run.command)
    assert run.command[-3:] == ["-k", "diff", "-x"]
