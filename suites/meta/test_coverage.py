"""tools/coverage writes which tests cover which ids, from docstrings; unknown ids are refused."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.golden import collection
from fixtures.golden.collection import CaseFacts
from fixtures.host.console import CannotRun
from fixtures.host.folders import ROOT
from tools.entry_point import start
from tools.programs import coverage
from tools.programs.coverage import DOCUMENT, MARKER

KNOWN = ["M-01", "M-02", "M-10", "M-100", "B-01", "R-B1", "R-B2", "R-M1"]
HEAD = "# Behaviours\n\n" + "".join(f"- {name} is so\n  or not, as M-77 may say\n" for name in KNOWN)
CASES = [
    CaseFacts("room/test_b::test_two", "Both (M-02, R-B1)."),
    CaseFacts("room/test_a::test_one", "One thing (M-02)."),
    CaseFacts("room/test_a::test_one", "One thing (M-02)."),
    CaseFacts("room/test_a::test_none", "Nothing of the list."),
]
SECTION = """
- M-: covered 1 of 4
- B-: covered 0 of 1
- R-: covered 1 of 3

| id | tests |
|---|---|
| M-02 | `room/test_a::test_one`, `room/test_b::test_two` |
| R-B1 | `room/test_b::test_two` |

Not covered yet: M-01, M-10, M-100, B-01, R-B2, R-M1

Left out, for a reason that stands with the id: none
"""
MODULE = '''
"""Of a module counts nothing (M-01)."""
import pytest

@pytest.mark.parametrize("value", ["a::b", "[c]"])
def test_values(value):
    """Each value is good (M-02,
    M-10)."""

class TestRoom:
    def test_method(self):
        """A method is a test (M-100)."""

def test_silent():
    pass
'''

Tool = Callable[..., int]


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Give the tool on a made-up document, whose section is empty, and made-up cases."""
    monkeypatch.setattr(collection, "cases", lambda _: CASES)
    (tmp_path / DOCUMENT).parent.mkdir()
    (tmp_path / DOCUMENT).write_text(HEAD + MARKER)
    monkeypatch.setattr(coverage, "ROOT", tmp_path)
    return functools.partial(start, "coverage")


def test_the_document_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    """docs/coverage.md says what the docstrings of the tests say."""
    assert start("coverage", "--check") == 0, capsys.readouterr().err


def test_the_section_names_the_tests_of_each_id(
    tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counts per group, tests per id, ids without a test; the same whatever order cases come in."""
    assert tool() == 0
    assert (tmp_path / DOCUMENT).read_text() == HEAD + MARKER + SECTION
    assert capsys.readouterr().out == f"changed {DOCUMENT}\n"
    monkeypatch.setattr(collection, "cases", lambda _: CASES[::-1])
    assert tool() == 0
    assert capsys.readouterr().out == ""


def test_a_stale_section_is_told_and_kept(tool: Tool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A look alone ends with status 1 and one sentence, and changes nothing; once written, all is well."""
    assert tool("--check") == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert (tmp_path / DOCUMENT).read_text() == HEAD + MARKER
    assert tool() == 0
    assert tool("--check") == 0


def test_what_follows_the_section_stays() -> None:
    """The section ends where the next one begins."""
    document = f"{HEAD}{MARKER}\nold\n\n## Next\n\n- M-01 again\n"
    written = coverage.rewritten(document, CASES)
    assert written == f"{HEAD}{MARKER}{SECTION}\n## Next\n\n- M-01 again\n"
    assert coverage.rewritten(written, CASES) == written


@pytest.mark.parametrize("name", ["M-99", "M-1", "M-01a", "R-01", "R-X1"])
def test_an_unknown_id_is_refused(
    tool: Tool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    """An id that the checklist does not define ends with status 2 and a sentence that names test and id."""
    monkeypatch.setattr(
        collection, "cases", lambda _: [*CASES, CaseFacts("room/test_c::test_odd", f"Odd (M-02, {name}).")]
    )
    expected = f"mirror-conformance: room/test_c::test_odd names {name}, which is not defined in {DOCUMENT}\n"
    assert (tool(), capsys.readouterr().err) == (2, expected)
    assert (tool("--check"), capsys.readouterr().err) == (2, expected)
    assert (tmp_path / DOCUMENT).read_text() == HEAD + MARKER


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(M-02, R-M1)", ["M-02", "R-M1"]),
        ("(M-100 and B-01; R-B1/R-B2)", ["M-100", "B-01", "R-B1", "R-B2"]),
        ("(M-01 to M-10)", ["M-01", "M-02", "M-10"]),
        ("(M-01 to\n    M-10, B-01)", ["M-01", "M-02", "M-10", "B-01"]),
        ("(M-02..M-100)", ["M-02", "M-10", "M-100"]),
        ("(R-B1-R-B2)", ["R-B1", "R-B2"]),
        ("M-01 to come, in QEMU-10 and v2-3", ["M-01"]),
        ("in M-mode", []),
    ],
)
def test_ids_are_understood(text: str, expected: list[str]) -> None:
    """Ids stand alone or as ranges of what the checklist has in between; other words are no ids."""
    assert list(coverage.ids_in(text, KNOWN)) == expected


@pytest.mark.parametrize("text", ["M-10 to M-01", "M-100 to B-01"])
def test_what_is_no_range_is_refused(text: str) -> None:
    """A range goes forward and stays in its group."""
    with pytest.raises(CannotRun, match=f"room/test_c::test_odd names {text}, which is no range"):
        coverage.coverage(KNOWN, [CaseFacts("room/test_c::test_odd", text)])


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (HEAD, "has no line <!-- generated: tools/coverage -->"),
        (f"{HEAD}- M-02 again\n{MARKER}", "defines M-02 2 times"),
    ],
    ids=["no_marker", "id_twice"],
)
def test_a_document_that_makes_no_sense_is_refused(document: str, sentence: str) -> None:
    """Without the marker there is no place to write to; an id stands for one behaviour."""
    with pytest.raises(CannotRun, match=sentence):
        coverage.rewritten(document, CASES)


def test_a_missing_document_is_told(tool: Tool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a document the tool ends with status 2 and one sentence."""
    (tmp_path / DOCUMENT).unlink()
    assert tool() == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_docstrings_of_test_functions_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases are named without parameters and speak for themselves: a module's docstring belongs to none."""
    (tmp_path / "suites" / "room").mkdir(parents=True)
    (tmp_path / "suites" / "room" / "test_cases.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    tests = coverage.coverage(KNOWN, collection.cases(tmp_path))
    values, method = "room/test_cases::test_values", "room/test_cases::TestRoom::test_method"
    assert {name: found for name, found in tests.items() if found} == {
        "M-02": [values],
        "M-10": [values],
        "M-100": [method],
    }


def test_reasons_stand_with_the_id() -> None:
    """An id that is left out is told apart, in whole or in part, also on a line of its own; the next one is not."""
    checklist = "- M-01 one. Left out: time alone\n- M-02 two\n- B-01 three,\n  left out\n\nLeft out is another text.\n"
    assert coverage.left_out(checklist) == {"M-01", "B-01"}
    found = coverage.section({"M-01": [], "M-02": [], "B-01": ["a::b"]}, coverage.left_out(checklist))
    assert found.endswith("Not covered yet: M-02\n\nLeft out, for a reason that stands with the id: M-01\n")
