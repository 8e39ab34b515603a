"""Reading a run: by label or folder, cut off or damaged."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path, PurePath

import pytest

from fixtures.runs.result import About, AppliedPatch, AppliedSeries, Death, Deviation, Outcome, QemuFacts, Result
from fixtures.runs.run import NoRun, find, load, place

ABOUT = About("a", QemuFacts("v3", "10.0.13", "v3", "/bin/qemu"), "2026-01-01T00:00:00+00:00", 2, series=None)
PASSED = Result("suites/port/test_a.py::test_b[c]", Outcome.PASSED, axes={"sync": "full"}, behaviours=("start",))
CRASHED = Result(
    "suites/port/test_a.py::test_b[d]",
    Outcome.CRASHED,
    death=Death("SIGABRT", ("assertion",), ("abort",)),
    deviation=Deviation("a bit", ("expected: 1",), "Write"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a run of two cases."""
    kept = tmp_path / "out" / "a"
    kept.mkdir(parents=True)
    (kept / "run.json").write_text(json.dumps(asdict(ABOUT)))
    (kept / "cases.jsonl").write_text("".join(json.dumps(asdict(case)) + "\n" for case in (PASSED, CRASHED)))
    return kept


def test_a_run_is_read_as_it_was_written(folder: Path) -> None:
    """Every field comes back, with its type."""
    run = load(folder)
    assert run.about == ABOUT
    assert list(run.results.values()) == [PASSED, CRASHED]


def test_a_series_is_read_as_it_was_written(folder: Path) -> None:
    """Patches come back in their order."""
    series = AppliedSeries("v9", (AppliedPatch("0001", "one", "aa"), AppliedPatch("0002", "two", "bb")))
    (folder / "run.json").write_text(json.dumps(asdict(ABOUT) | {"series": asdict(series)}))
    assert load(folder).about.series == series


def test_what_a_later_version_adds_is_passed_over(folder: Path) -> None:
    """Fields that are not known do not keep a run of the same format from being read."""
    (folder / "run.json").write_text(json.dumps(asdict(ABOUT) | {"mood": "good"}))
    (folder / "cases.jsonl").write_text(json.dumps(asdict(PASSED) | {"mood": "good"}) + "\n")
    assert load(folder).results == {PASSED.id: PASSED}


def test_a_line_that_was_cut_off_counts_as_not_written(folder: Path) -> None:
    """A run that is killed while it writes loses that case only, and is not complete."""
    cases = folder / "cases.jsonl"
    cases.write_text(cases.read_text()[:-20])
    run = load(folder)
    assert list(run.results) == [PASSED.id]
    assert (run.missing, run.is_complete) == (1, False)


DAMAGES = {
    "no-json": ("run.json", "{", "run.json is no JSON"),
    "other-format": ("run.json", '{"format": 99}', "is not of format 1"),
    "no-run": ("run.json", '{"format": 1}', "does not describe a run"),
    "no-text": ("run.json", b"\xff", "cannot be read"),
    "line-no-json": ("cases.jsonl", "{\n{}\n", "line 1, does not describe the end of a case"),
    "line-no-case": ("cases.jsonl", '{"id": "a"}\n', "line 1, does not describe the end of a case: 'outcome'"),
    "outcome": ("cases.jsonl", '{"id": "a", "outcome": "maybe"}\n', "'maybe' is not a valid Outcome"),
}


@pytest.mark.parametrize(("name", "content", "reason"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_run_is_told(folder: Path, name: str, content: str | bytes, reason: str) -> None:
    """What cannot be read is named, with the reason."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(NoRun, match=reason):
        load(folder)


def test_a_run_is_found_by_label_and_by_folder(folder: Path) -> None:
    """A label below the folder of runs, else a folder; what is neither is refused with the labels there are."""
    assert find("a", folder.parent) == folder
    assert find(str(folder), Path("/nowhere")) == folder
    with pytest.raises(NoRun, match=r"there is no run 'b'.*kept are: a"):
        find("b", folder.parent)


def test_a_case_has_a_file_of_its_own() -> None:
    """Files stand as goldens do, and no two cases share one."""
    assert place("suites/port/test_a.py::test_b[c.d]", ".txt") == PurePath("port/test_a/test_b[c.d].txt")
    assert place("suites/port/test_a.py::test_b[c/d]", ".txt") != place("suites/port/test_a.py::test_b[c_d]", ".txt")
