"""tools/compare and tools/merge: what they print and how they end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.runs.result import About, Outcome, Result
from fixtures.runs.run import load
from suites.meta.made_run import ABOUT, case, keep
from suites.meta.project import Project
from tools.entry_point import start

NAME = "x" * 100
LONG = "blockdev-mirror " + " ".join(f"some-argument-{number}=some-value" for number in range(20)) + NAME


def many(outcome: Outcome) -> list[Result]:
    """Return more cases than are listed one by one, each with a reason of its own."""
    reason = "" if outcome is Outcome.PASSED else f"{LONG}\n  observed: "
    return [case(f"test_{'abcdefghijklmnopqrstuvwxyz'[n]}[{NAME}]", outcome, reason, shown=LONG) for n in range(26)]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Give a folder of runs: two that differ in many cases, and one of another selection."""
    keep(tmp_path / "good", many(Outcome.PASSED))
    keep(tmp_path / "bad", many(Outcome.FAILED))
    keep(tmp_path / "few", many(Outcome.PASSED)[:2])
    return tmp_path


def run(out: Path, *arguments: str) -> int:
    """Call the program."""
    return start("compare", *arguments, f"--out={out}")


def test_the_verdict_comes_first_and_no_line_is_too_long(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report fits into a mail, whatever cases are called; what is left out of it is counted."""
    assert run(out, "good", "bad") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "good -> bad: 26 regressed; 26 cases in both."
    assert max(map(len, lines)) <= 72
    assert lines[-1] == "  ... and 6 cases in 6 more groups: --json tells them all."


def test_equal_runs_are_the_same(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Runs in which every case ended alike give status 0."""
    assert run(out, "good", "good") == 0
    assert capsys.readouterr().out.startswith("good -> good: no difference; 26 cases in both.\n")


def test_a_failure_of_the_base_makes_no_difference(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was set aside is counted, and gives status 0."""
    assert run(out, "good", "bad", "--base=bad") == 0
    assert "26 set aside" in " ".join(capsys.readouterr().out.split())


def test_json_has_every_case(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Programs get the counts, the groups and their cases."""
    assert run(out, "good", "bad", "--json") == 1
    seen = json.loads(capsys.readouterr().out)
    assert (seen["differs"], seen["counts"]["regressed"], seen["common"]) == (True, 26, 26)
    assert [group["count"] for group in seen["groups"]] == [1] * 26
    assert {case for group in seen["groups"] for case in group["cases"]} == {one.id for one in many(Outcome.PASSED)}
    assert seen["runs"]["a"]["qemu"]["version"] == "9.8.7"


def test_other_selections_and_interrupted_runs_are_told(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run that holds other cases is compared in what it has, and the report says so; so it does of a killed one."""
    about = json.loads((out / "few" / "run.json").read_text())
    (out / "few" / "run.json").write_text(json.dumps(about | {"cases": 26, "ended": None, "status": None}))
    assert run(out, "good", "few") == 1
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith("good -> few: 24 gone; 2 cases in both.")
    assert "different selections of cases" in text
    assert "B was interrupted, or is under way: 24 of its 26 cases have no result." in text


def test_what_cannot_be_compared_is_one_sentence(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No such run, a run without a case and a file that is damaged give status 2 and say what is wrong."""
    keep(out / "empty", [])
    keep(out / "damaged", many(Outcome.PASSED))
    (out / "damaged" / "cases.jsonl").write_text("garbage\n")
    for name, reason in {
        "nowhere": "there is no run 'nowhere'",
        "empty": "has no case that ended",
        "damaged": "line 1, does not describe the end of a case",
    }.items():
        assert run(out, "good", name) == 2
        seen = capsys.readouterr()
        assert (reason in seen.err, seen.err.count("\n"), seen.out) == (True, 1, "")


def test_shards_become_one_run(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Shards that overlap where they agree give the run that one process would have kept."""
    keep(out / "rest", many(Outcome.PASSED)[1:], replace(ABOUT, begun="2025-01-01T00:00:00+00:00", status=1))
    assert start("merge", "whole", "few", "rest", f"--out={out}") == 0
    assert capsys.readouterr().out == f"{out / 'whole'}\n"
    whole = load(out / "whole")
    assert (whole.about.label, whole.about.cases, whole.about.status) == ("whole", 26, 1)
    assert whole.about.begun == "2025-01-01T00:00:00+00:00"
    assert whole.is_complete
    assert run(out, "good", "whole") == 0
    assert all(whole.transcript(result) for result in whole.results.values())


REFUSED = {
    "version": (replace(ABOUT, qemu=replace(ABOUT.qemu, version="1.2.3")), Outcome.PASSED, "different QEMU versions"),
    "suite": (replace(ABOUT, suite="2.0"), Outcome.PASSED, "different versions of the suite"),
    "build": (replace(ABOUT, qemu=replace(ABOUT.qemu, name="v8")), Outcome.PASSED, "different series of patches"),
    "outcome": (ABOUT, Outcome.FAILED, "the runs disagree"),
}


@pytest.mark.parametrize(("about", "outcome", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_shard_is_not_merged(
    out: Path, capsys: pytest.CaptureFixture[str], about: About, outcome: Outcome, reason: str
) -> None:
    """Runs of other QEMUs or suites, and runs that disagree, are refused, and nothing is written."""
    keep(out / "other", many(outcome), about)
    assert start("merge", "whole", "good", "other", f"--out={out}") == 2
    assert reason in capsys.readouterr().err
    assert not (out / "whole").exists()


def test_a_run_is_not_merged_into_another(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is there already is left alone."""
    assert start("merge", "bad", "good", f"--out={out}") == 2
    assert "exists already" in capsys.readouterr().err


CASES = """
import pytest

@pytest.mark.parametrize("size", ["1M", "2M"])
def test_it(bench, size):
    bench.transcript.observed({seen})
    bench.finish("done")
    assert size != "{bad}"
"""


def test_runs_of_pytest_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From two runs under labels to the report: a case that fails, one whose transcript differs."""
    project = Project(tmp_path)
    project.module.write_text(CASES.format(seen="'as ever'", bad=""))
    project.run("--label=a")
    project.module.write_text(CASES.format(seen="'news'", bad="2M"))
    project.run("--label=b", "-n2")
    assert run(tmp_path / "out", "a", "b") == 1
    text = capsys.readouterr().out
    assert text.startswith("a -> b: 1 regressed, 1 changed; 2 cases in both.\n")
    assert "- == as ever\n    + == news\n" in text
    assert "+ failed\n    + assert '2M' != '2M'\n" in text
