"""A mailed series is applied, built, judged and reported, and leaves nothing behind."""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.host.console import CannotRun
from fixtures.host.folders import ROOT
from fixtures.reference import options
from suites.meta.mailboxes import Mail, mailed, write
from suites.meta.project import FAKE
from tools.reviewing import sandbox

CONFIGURE = f"""\
#!/bin/sh
exec >build.ninja
echo 'rule copy'
echo '  command = ! grep -q "does not build" $in && cp $in $out && chmod +x $out'
for program in {" ".join(options.programs())}; do
    echo "build $program: copy $(cd .. && pwd)/source/qemu.py"
done
"""
_KEPT = ("builds", "work", "dialects", "build.lock", "review.lock")
CASE = "suites/port/test_arguments.py::test_sync_and_bitmap[full-no-bitmap]"


@dataclass(frozen=True)
class Workplace:
    """A folder with a fake source tree of QEMU, mailboxes, and what reviews leave."""

    folder: Path

    def review(self, series: str, *more: str) -> subprocess.CompletedProcess[str]:
        """Review mailboxes of this folder."""
        fixed = ["--base", "qemu", "--out", "out", "-n0", CASE]
        kept = {name: value for name, value in os.environ.items() if name not in ("QEMU_SRC", "PYTEST_ADDOPTS")}
        command = [str(ROOT / "tools" / "review"), "--series", series, *fixed, *more]
        own = {"XDG_CACHE_HOME": str(self.folder / "cache"), "PYTHON": sys.executable}
        return subprocess.run(command, cwd=self.folder, env=kept | own, capture_output=True, text=True, check=False)

    def leftovers(self) -> list[str]:
        """Return what the cache holds that is not needed any more."""
        cache = self.folder / "cache" / "mirror-conformance"
        return [str(path) for path in cache.glob("*") if path.name not in _KEPT]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workplace:
    """Return a folder in which series can be reviewed; skip where they cannot."""
    for program in ("ninja", "git"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    source = tmp_path / "qemu"
    (source / options.MESON_OPTIONS).parent.mkdir(parents=True)
    (source / options.MESON_OPTIONS).touch()
    (source / "configure").write_text(CONFIGURE)
    (source / "configure").chmod(0o755)
    (source / "qemu.py").write_text(FAKE)
    monkeypatch.delenv("CI", raising=False)
    return Workplace(tmp_path)


def needs_sandbox() -> None:
    """Skip where there is no sandbox."""
    try:
        if shutil.which("bwrap"):
            sandbox.find(wanted=True)
            return
    except CannotRun as problem:
        pytest.skip(str(problem))
    pytest.skip("bubblewrap is not installed")


def changing(old: str, new: str, tag: str = "PATCH v3 1/1") -> Mail:
    """Return a patch of the fake QEMU that replaces a text."""
    before, after = (text.splitlines(keepends=True) for text in (FAKE, FAKE.replace(old, new)))
    diff = "".join(difflib.unified_diff(before, after, "a/qemu.py", "b/qemu.py"))
    return Mail(tag, "a change", f"Why.\n---\ndiff --git a/qemu.py b/qemu.py\n{diff}-- \n2.39\n".encode())


def test_a_series_is_reviewed_in_the_sandbox(place: Workplace) -> None:
    """The report has the verdict first; the run, its report and the series' identity are kept, and nothing else."""
    needs_sandbox()
    write(place.folder / "v3.mbox", changing('"micro": 7', '"micro": 6'))
    done = place.review("v3.mbox")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "PASSED: none of 1 cases failed by the series"
    assert lines[1] == "Set aside: 1 failure that qemu shows, too"  # the fake has no blocks
    assert max(map(len, lines)) <= 72
    assert "dialect   stock of the feature, as it was found by probing" in lines
    assert (place.folder / "out" / "v3" / "report.txt").read_text() == done.stdout
    run = json.loads((place.folder / "out" / "v3" / "run.json").read_text())
    assert run["qemu"]["version"] == "9.8.6"
    assert run["series"]["name"] == "v3"
    assert [one["subject"] for one in run["series"]["patches"]] == ["a change"]
    assert place.leftovers() == []


def test_a_series_is_judged_by_what_it_claims(place: Workplace) -> None:
    """With --dialect that is the dialect of the series, not of the base, and the report says what probing found."""
    member = '{"name": "id", "type": "s"}'
    write(place.folder / "v3.mbox", changing(member, f'{member}, {{"name": "bitmap", "type": "s"}}'))
    done = place.review("v3.mbox", "--dialect=v3", "--sandbox=no")
    assert done.returncode == 0, done.stderr  # the fake has no blocks, and the base fails alike
    assert "dialect   v3 of the feature, demanded; v2 found by probing" in done.stdout.splitlines()
    base = json.loads(next((place.folder / "out").glob("base-*/run.json")).read_text())
    assert (base["qemu"]["dialect"], base["qemu"]["basis"]) == ("stock", "")


def test_a_claim_that_cannot_be(place: Workplace) -> None:
    """A series that does not add the member is not judged; nor is one whose dialect is unknown."""
    write(place.folder / "v3.mbox", changing('"micro": 7', '"micro": 6'))
    sentences = {"v3": "cannot be judged as v3: its QMP has no blockdev-mirror.bitmap", "v9": "known are stock, v1,"}
    for claim, sentence in (*sentences.items(), ("v2,v3", "--dialect names 2 dialects for 1 series")):
        done = place.review("v3.mbox", f"--dialect={claim}", "--sandbox=no")
        assert (done.returncode, sentence in done.stderr.splitlines()[-1]) == (2, True), done.stderr


def test_each_patch_alone(place: Workplace) -> None:
    """Without a sandbox, on request: the patch that does not build is named, and the log is kept."""
    broken = changing('say({"return": value}', "# does not build", "PATCH 2/2")
    write(place.folder / "t.mbox", changing('"micro": 7', '"micro": 6', "PATCH 1/2"), broken)
    done = place.review("t.mbox", "--each", "--sandbox=no")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert any("t after patch 2/2 (a change): QEMU does not build:" in line for line in lines)
    assert (place.folder / "out" / "t.build.log").exists()
    assert (place.folder / "out" / "t-1of2" / "cases.jsonl").exists()
    assert not (place.folder / "out" / "t").exists()
    assert place.leftovers() == []


def test_a_series_that_does_not_apply(place: Workplace) -> None:
    """The patch is named before anything is built or run, and the status is 2."""
    write(place.folder / "v3.mbox", *mailed("v3"))
    done = place.review("v3.mbox", "--sandbox=no")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].startswith("mirror-conformance: v3: patch 1/4 (qapi/block-core: give backup")
    assert "block/backup.c: No such file or directory" in done.stderr
    assert place.leftovers() == []


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        ("", "name a mailbox or a folder of patches"),
        ("none.mbox", "there is no mailbox none.mbox"),
        ("qemu", "qemu holds no patch among its 0 mails"),
        ("t.mbox,./t.mbox.gz", "two of the mailboxes are named t"),
        ("foreign.mbox", "holds no run and is left alone"),
    ],
)
def test_bad_input_is_one_sentence(place: Workplace, series: str, reason: str) -> None:
    """What cannot be reviewed is refused before anything is done."""
    for name in ("t.mbox", "t.mbox.gz", "foreign.mbox"):
        write(place.folder / name, changing("import json, re, socket, sys", "import json"))
    (place.folder / "out" / "foreign").mkdir(parents=True)
    done = place.review(series, "--sandbox=no")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert reason in done.stderr
