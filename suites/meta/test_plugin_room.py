"""What the plugin checks before the first case, so that no case fails as if QEMU were wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.golden import snapshots as golden
from fixtures.host.console import CannotRun
from fixtures.plugin import image_folder


def test_folder_that_is_missing(tmp_path: Path) -> None:
    """A folder that takes no image is refused with the reason."""
    with pytest.raises(CannotRun, match=r"no image can be created in .*nosuch: No such file"):
        image_folder.check_room(tmp_path / "nosuch")


def test_folder_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without room is refused with what is free and what is needed; nothing is left in it."""
    monkeypatch.setattr(image_folder, "_LEAST_ROOM", 1 << 60)
    with pytest.raises(CannotRun, match=r"MiB free and images need"):
        image_folder.check_room(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folder_with_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with room passes."""
    monkeypatch.setattr(image_folder, "_LEAST_ROOM", 1)
    image_folder.check_room(tmp_path)


def test_golden_that_is_no_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first golden that cannot be read is named; readable ones pass."""
    monkeypatch.setattr(golden, "ROOT", tmp_path)
    monkeypatch.setattr(golden, "GOLDEN", tmp_path / "golden")
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "good.txt").write_text("== fine\n")
    golden.check_goldens()
    (tmp_path / "golden" / "bad.txt").write_bytes(b"\xff")
    with pytest.raises(CannotRun, match=r"golden/bad\.txt cannot be read"):
        golden.check_goldens()
