"""Scripts that `make repro` writes say the same to a QEMU as the suites do, and hear the same."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from fixtures.host.folders import ROOT
from fixtures.repro import recording
from fixtures.subject.subject import Subject
from suites.facts import replay

OWN = {"facts", "meta"}
SUITES = sorted({path.parent.name for path in (ROOT / "suites").glob("*/test_*.py")} - OWN)
SAMPLE = 3
"""Cases of each suite, spread over it; dialects that have few of its cases see fewer."""


@pytest.mark.thorough
@pytest.mark.parametrize("suite", [*SUITES, "facts/test_qemu.py"])
def test_scripts_repeat_their_cases(subject: Subject, folder: Path, pytestconfig: pytest.Config, suite: str) -> None:
    """Every reply and every state of a job that a case saw, its script sees again; shellcheck finds nothing in it."""
    images = [f"--images={pytestconfig.option.images}"] if pytestconfig.option.images else []
    selection = [f"suites/{suite}", f"--sample={SAMPLE}", *images]
    answers = recording.record(subject.name, selection)
    scripts = [answer for answer in answers if answer.script]
    if not scripts:
        pytest.skip(f"no script in a sample of {suite}: {answers[0].why}")
    for answer in scripts:
        assert (answer.case, replay.differences(answer, replay.run(answer, subject, folder))) == (answer.case, [])
        assert (answer.case, _complaints(answer.script)) == (answer.case, "")


def _complaints(script: str) -> str:
    checker = ["shellcheck", "-"] if shutil.which("shellcheck") else ["bash", "-n"]
    done = subprocess.run(checker, input=script, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.dialects("stock")
def test_a_wrong_copy_shows(subject: Subject, folder: Path) -> None:
    """The script of a known failure of stock ends with the difference that the suite sees."""
    answer = recording.script_of("test_failed_write_is_mirrored[write-blocking]", subject.name)
    output = replay.run(answer, subject, folder)
    if answer.failure:
        assert output.splitlines()[-1] == "Content mismatch at offset 0!"
        assert "#   first difference of source and target\n#     expected: None\n#     observed: 0\n" in answer.script
    else:
        assert output.splitlines()[-1] == "Images are identical."


@pytest.mark.thorough
def test_a_crash_shows(subject: Subject, folder: Path) -> None:
    """The script of a case that QEMU does not survive ends with QEMU's status, that of one that it does with 0."""
    answer = recording.script_of("test_no_sources[plain]", subject.name)
    last = replay.run(answer, subject, folder).splitlines()[-1]
    assert last == f"== QEMU ended with status {139 if answer.failure else 0}"
