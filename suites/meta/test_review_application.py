"""A mailed series is applied whole or not at all, and nowhere else."""

import subprocess
from pathlib import Path

import pytest

from fixtures.host.console import CannotRun
from suites.meta.mailboxes import Mail, patch, write
from tools.reviewing import messages
from tools.reviewing.application import Repository, own_tests
from tools.reviewing.series import Patch, choose

LINES = [f"line {number}" for number in range(1, 41)]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a tiny source tree with one file of forty lines."""
    tree = tmp_path / "source"
    (tree / "block").mkdir(parents=True)
    (tree / "block" / "mirror.c").write_text("\n".join(LINES) + "\n")
    return tree


def patches(tmp_path: Path, *mails: Mail) -> tuple[Patch, ...]:
    """Send mails through a mailbox, numbered in their order."""
    numbered = [Mail(f"PATCH {number}/{len(mails)}", mail.title, mail.text) for number, mail in enumerate(mails, 1)]
    return choose(messages.read(write(tmp_path / "t.mbox", *numbered)), "t.mbox").patches


def applied(tmp_path: Path, source: Path, *mails: Mail) -> list[str]:
    """Apply mails to a source tree and return what changed."""
    sent = patches(tmp_path, *mails)
    repository = Repository(tmp_path / "repository", source, sent)
    for one in sent:
        repository.apply(one)
    return repository.place(source, repository.head())


def hunk(line: int, old: str, new: str) -> Mail:
    """Return a patch of one line with a line of context on both sides."""
    text = f"@@ -{line - 1},3 +{line - 1},3 @@\n line {line - 1}\n-{old}\n+{new}\n line {line + 1}\n"
    head = "diff --git a/block/mirror.c b/block/mirror.c\n--- a/block/mirror.c\n+++ b/block/mirror.c\n"
    return Mail("PATCH", "a change", f"Why.\n---\n{head}{text}-- \n2.39\n".encode())


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder."""
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_patches_build_on_one_another(tmp_path: Path, source: Path) -> None:
    """A series changes a tree as its patches do in their order, and leaves the times of other files alone."""
    other = source / "block" / "io.c"
    other.write_text("io\n")
    before = other.stat().st_mtime_ns
    assert applied(tmp_path, source, hunk(5, "line 5", "five"), hunk(5, "five", "fifth")) == ["block/mirror.c"]
    assert (source / "block" / "mirror.c").read_text().splitlines()[4] == "fifth"
    assert other.stat().st_mtime_ns == before
    assert sorted(path.name for path in source.rglob("*")) == ["block", "io.c", "mirror.c"]


def test_what_does_not_fit_is_named(tmp_path: Path, source: Path) -> None:
    """The sentence names patch, title, hunk and file, and the tree is as it was."""
    before = (source / "block" / "mirror.c").read_text()
    with pytest.raises(CannotRun) as caught:
        applied(tmp_path, source, hunk(5, "line 5", "five"), hunk(30, "line thirty", "x"))
    assert str(caught.value) == "patch 2/2 (a change) does not apply: hunk #1 of block/mirror.c does not fit"
    assert (source / "block" / "mirror.c").read_text() == before


def test_a_file_that_is_not_there_is_named(tmp_path: Path, source: Path) -> None:
    """A patch for another tree says which file is missing."""
    with pytest.raises(CannotRun, match=r"does not apply: block/none\.c: No such file"):
        applied(tmp_path, source, patch("block/none.c", "old", "new"))


def test_three_ways_where_the_base_has_a_history(tmp_path: Path, source: Path) -> None:
    """A patch made for an older state of a clone applies when its lines moved and changed around it."""
    git(source, "init", "-q")
    git(source, "add", "-A")
    git(source, "commit", "-qm", "old")
    path = source / "block" / "mirror.c"
    path.write_text(path.read_text().replace("line 5\n", "five\n"))
    shown = subprocess.run(["git", "diff"], cwd=source, check=True, capture_output=True).stdout
    git(source, "checkout", "-q", "--", ".")
    path.write_text(path.read_text().replace("line 8\n", "eight\n"))
    git(source, "commit", "-qam", "new")
    applied(tmp_path, source, Mail("PATCH", "a change", b"Why.\n---\n" + shown))
    assert path.read_text().splitlines()[4:8] == ["five", "line 6", "line 7", "eight"]


def test_own_iotests_are_left_out_and_listed(tmp_path: Path, source: Path) -> None:
    """What a series changes in QEMU's iotests is not applied, so it cannot keep the rest from applying."""
    test = patch("tests/qemu-iotests/tests/mirror", "not there", "new")
    both = Mail(
        "PATCH", "both", hunk(9, "line 9", "nine").text.partition(b"-- \n")[0] + test.text.partition(b"---\n")[2]
    )
    assert applied(tmp_path, source, test, both) == ["block/mirror.c"]
    assert own_tests(patches(tmp_path, test, both)) == ("tests/qemu-iotests/tests/mirror",)


def test_a_series_that_the_base_has_changes_nothing(tmp_path: Path, source: Path) -> None:
    """A patch that is applied already, where git can see it, is no failure."""
    git(source, "init", "-q")
    git(source, "add", "-A")
    git(source, "commit", "-qm", "old")
    path = source / "block" / "mirror.c"
    path.write_text(path.read_text().replace("line 5\n", "five\n"))
    shown = subprocess.run(["git", "diff"], cwd=source, check=True, capture_output=True).stdout
    git(source, "commit", "-qam", "new")
    assert applied(tmp_path, source, Mail("PATCH", "a change", b"Why.\n---\n" + shown)) == []


@pytest.mark.parametrize("path", ["../outside", "block/../../outside", ".git/hooks/post-checkout"])
def test_a_path_that_leaves_the_tree_is_refused(tmp_path: Path, source: Path, path: str) -> None:
    """No name in a patch leads out of the folder or into git's own."""
    (tmp_path / "outside").write_text("old\n")
    with pytest.raises(CannotRun, match="does not apply"):
        applied(tmp_path, source, patch(path, "old", "new"))
    assert (tmp_path / "outside").read_text() == "old\n"


def test_a_link_of_the_tree_is_not_followed(tmp_path: Path, source: Path) -> None:
    """A file behind a folder that is a link in the base is not written."""
    (tmp_path / "outside").mkdir()
    (source / "link").symlink_to(tmp_path / "outside")
    new = "diff --git a/link/x b/link/x\nnew file mode 100644\n--- /dev/null\n+++ b/link/x\n@@ -0,0 +1 @@\n+new\n"
    with pytest.raises(CannotRun, match="changes link/x, which is behind a link"):
        applied(tmp_path, source, Mail("PATCH", "a change", b"Why.\n---\n" + new.encode()))
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_link_of_the_series_is_not_followed(tmp_path: Path, source: Path) -> None:
    """A link that one patch makes does not lead the next out of the tree."""
    (tmp_path / "outside").mkdir()
    link = (
        f"diff --git a/way b/way\nnew file mode 120000\n--- /dev/null\n+++ b/way\n@@ -0,0 +1 @@\n+{tmp_path}/outside\n"
        "\\ No newline at end of file\n"
    )
    new = "diff --git a/way/x b/way/x\nnew file mode 100644\n--- /dev/null\n+++ b/way/x\n@@ -0,0 +1 @@\n+new\n"
    mails = [Mail("PATCH", "a change", b"Why.\n---\n" + text.encode()) for text in (link, new)]
    with pytest.raises(CannotRun, match="patch 2/2"):
        applied(tmp_path, source, *mails)
    assert list((tmp_path / "outside").iterdir()) == []
