"""Applying the patches of a series with ``git am``, in a small repository of only the files that they touch.

So nothing that fails half-way reaches a source tree, and what a mail says of links and paths cannot leave the folder.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from fixtures.host.console import CannotRun
from fixtures.reference import patches
from tools.reviewing.series import Patch

OWN_TESTS = "tests/qemu-iotests/"
_PATH = re.compile(
    r'^(?:--- "?a/|\+\+\+ "?b/|(?:rename|copy) (?:from|to) |diff --git a/.* b/)(.+?)"?\t?$', re.MULTILINE
)
_AUTHOR = re.compile(rb"\A\s*From: .+\n")
_WHO = {f"GIT_{who}_{what}": "review@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_ALONE = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
_HEAD = """\
From {0} Mon Sep 17 00:00:00 2001
From: author <author@example.org>
Date: Thu, 1 Jan 1970 00:00:00 +0000
Subject: [PATCH] {1}
Content-Type: text/plain; charset={2}
Content-Transfer-Encoding: 8bit

"""


class Repository:
    """The files of a base that a series touches; a commit for each patch that was applied."""

    def __init__(self, folder: Path, base: Path, series: Iterable[Patch]):
        """Take from the source tree ``base`` what the patches touch; ``folder`` is created."""
        self._folder = folder
        self._mails = folder.with_name(f"{folder.name}-mails")
        self._mails.mkdir()
        self._git("init", "-q", "--template=", str(folder), where=folder.parent)
        self._know_objects_of(base)
        for path in sorted({path for patch in series for path in touched(patch)}):
            _take(base, folder, path)
        self._git("add", "-Af", ".")
        self._git("commit", "-q", "--allow-empty", "-mbase")
        self._git("tag", "placed")

    def apply(self, patch: Patch) -> str:
        """Apply a patch, three-way if need be, and return the commit that then stands for all so far.

        QEMU's own iotests in it are passed over. Raises ``CannotRun`` with the file and hunk that does not fit.
        """
        if is_only_tests(patch):
            return self.head()
        mail = self._mails / f"{patch.number:04}.patch"
        head = _HEAD.format("0" * 40, f"patch {patch.number}", patch.charset)
        mail.write_bytes(head.encode() + _AUTHOR.sub(b"", patch.body, count=1))
        done = self._try("am", "--quiet", "--3way", "--keep-cr", f"--exclude={OWN_TESTS}*", str(mail))
        if done.returncode:
            self._try("am", "--abort")
            raise CannotRun(f"patch {patch.place} ({patch.title}) does not apply: {self._reason(mail, done.stderr)}")
        return self.head()

    def place(self, source: Path, commit: str) -> list[str]:
        """Give a source tree what changed since the last call up to a commit; return which files those are.

        Raises ``CannotRun`` for a file that a link of the tree would lead elsewhere.
        """
        shown = self._git("diff", "--name-status", "--no-renames", "-z", "placed", commit).split("\0")
        changed = dict(zip(shown[1::2], shown[::2], strict=False))
        self._git("checkout", "-q", commit)
        for path in sorted(changed, key=lambda path: changed[path] != "D"):  # a folder may replace a file
            _put(self._folder / path, source, path, gone=changed[path] == "D")
        self._git("tag", "-f", "placed")
        return sorted(changed)

    def head(self) -> str:
        """Return the commit of all that was applied."""
        return self._git("rev-parse", "HEAD").strip()

    def _know_objects_of(self, base: Path) -> None:
        """Make available to git the blobs that a patch was made for, where the base is a clone with a history."""
        if (base / ".git").exists():
            objects = self._git("rev-parse", "--path-format=absolute", "--git-path", "objects", where=base).strip()
            (self._folder / ".git" / "objects" / "info" / "alternates").write_text(objects + "\n")

    def _reason(self, mail: Path, messages: str) -> str:
        try:
            patches.apply(mail, self._folder)
        except CannotRun as problem:
            return str(problem).partition("does not apply: ")[2]
        return patches.reason(messages)

    def _git(self, *arguments: str, where: Path | None = None) -> str:
        done = self._try(*arguments, where=where)
        if done.returncode:
            raise CannotRun(f"git {shlex.join(arguments)} failed: {patches.reason(done.stderr)}")
        return done.stdout

    def _try(self, *arguments: str, where: Path | None = None) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return subprocess.run(
            ["git", *arguments],
            cwd=where or self._folder,
            env=kept | _ALONE | _WHO,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
        )


def touched(patch: Patch) -> set[str]:
    """Return the files that a patch names."""
    text = patch.diff.decode("utf-8", "surrogateescape")
    return {match[1] for match in _PATH.finditer(text)}


def own_tests(patches: Iterable[Patch]) -> tuple[str, ...]:
    """Return QEMU's own iotests that patches touch."""
    return tuple(sorted({path for patch in patches for path in touched(patch) if path.startswith(OWN_TESTS)}))


def is_only_tests(patch: Patch) -> bool:
    """Return whether a patch changes nothing but QEMU's own iotests."""
    return all(path.startswith(OWN_TESTS) for path in touched(patch))


def _take(base: Path, folder: Path, path: str) -> None:
    origin, copy = base / path, folder / path
    inside = copy.resolve().is_relative_to(folder.resolve()) and ".git" not in copy.parts[len(folder.parts) :]
    if inside and (origin.is_symlink() or origin.is_file()):
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(origin, copy, follow_symlinks=False)


def _put(origin: Path, source: Path, path: str, *, gone: bool) -> None:
    copy = source / path
    if copy.parent.resolve() != source.resolve() / Path(path).parent:
        raise CannotRun(f"the series changes {path}, which is behind a link")
    if copy.is_symlink() or copy.is_file():
        copy.unlink()
    if not gone:
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, copy, follow_symlinks=False)  # with a new time, so that it is built again
        if not copy.is_symlink():
            copy.chmod(origin.stat().st_mode & 0o777)
