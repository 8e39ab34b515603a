"""A series is applied to the letter, and what does not fit is named."""

from pathlib import Path

import pytest

from fixtures.host.console import CannotRun
from fixtures.reference import patches

LINES = [f"line {number}\n" for number in range(1, 41)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a tiny source tree with one file of forty lines."""
    tree = tmp_path / "source"
    (tree / "block").mkdir(parents=True)
    (tree / "block" / "mirror.c").write_text("".join(LINES))
    return tree


def write_patch(tmp_path: Path, *hunks: str, path: str = "block/mirror.c") -> Path:
    """Write a patch of the given hunks to tmp_path/v9/0001-change.patch."""
    patch = tmp_path / "v9" / "0001-change.patch"
    patch.parent.mkdir()
    patch.write_text(f"Subject: a change\n\n--- a/{path}\n+++ b/{path}\n" + "".join(hunks) + "-- \n2.39\n")
    return patch


def hunk(number: int, old: str | None = None) -> str:
    """Return a hunk that changes line `number`, expecting it to read `old`."""
    before, line, after = LINES[number - 2], old or LINES[number - 1], LINES[number]
    return f"@@ -{number - 1},3 +{number - 1},3 @@\n {before}-{line}+changed {number}\n {after}"


def test_a_fitting_patch_is_applied(tmp_path: Path, source: Path) -> None:
    """Every hunk of a patch changes the tree."""
    patches.apply(write_patch(tmp_path, hunk(5), hunk(30)), source)
    text = (source / "block" / "mirror.c").read_text()
    assert "changed 5\n" in text
    assert "changed 30\n" in text


def test_a_hunk_that_does_not_fit_is_named(tmp_path: Path, source: Path) -> None:
    """The error is one line that names series, patch, file and hunk."""
    patch = write_patch(tmp_path, hunk(5), hunk(30, old="something else\n"))
    with pytest.raises(CannotRun) as caught:
        patches.apply(patch, source)
    assert str(caught.value) == "v9/0001-change.patch does not apply: hunk #2 of block/mirror.c does not fit"


def test_a_missing_file_is_named(tmp_path: Path, source: Path) -> None:
    """A patch to a file that is not there says so."""
    patch = write_patch(tmp_path, hunk(5), path="block/other.c")
    with pytest.raises(CannotRun, match=r"0001-change.patch does not apply: block/other.c: No such file"):
        patches.apply(patch, source)


@pytest.mark.parametrize("path", ["../outside", "block/../../outside", "link/outside"])
def test_a_path_that_leaves_the_tree_is_refused(tmp_path: Path, source: Path, path: str) -> None:
    """Neither dots nor a symbolic link lead a patch out of the tree."""
    (source / "link").symlink_to(tmp_path)
    outside = tmp_path / "outside"
    outside.write_text("".join(LINES))
    with pytest.raises(CannotRun, match="does not apply"):
        patches.apply(write_patch(tmp_path, hunk(5), path=path), source)
    assert outside.read_text() == "".join(LINES)


def test_a_repository_around_the_tree_is_not_seen(tmp_path: Path, source: Path) -> None:
    """A cache folder inside some git repository does not make git skip the files."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / ".git" / "objects").mkdir()
    (tmp_path / ".git" / "refs").mkdir()
    patches.apply(write_patch(tmp_path, hunk(5)), source)
    assert "changed 5\n" in (source / "block" / "mirror.c").read_text()
