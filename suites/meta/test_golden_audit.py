"""Every case has its goldens and every golden its case, in all suites and dialects at once."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from syrupy.location import PyTestLocation

from fixtures.golden import audit as golden_audit
from fixtures.golden.audit import LONGEST, Audit, audit
from fixtures.golden.snapshots import BehaviourFile
from fixtures.host.console import CannotRun
from fixtures.host.folders import GOLDEN, ROOT

A, B, C = (GOLDEN / "suite" / "test_module" / f"test_case[{name}].txt" for name in "abc")


def test_goldens_and_cases_match() -> None:
    """No golden is missing, none is left over, none belongs to two cases."""
    found = audit(golden_audit.claims(), golden_audit.present())
    assert found == Audit([], [], []), f"\n{found}"


def test_no_golden_is_too_long_to_be_read() -> None:
    """A golden is short enough for a reviewer, and not empty."""
    lengths = {path.relative_to(GOLDEN): path.read_text().count("\n") for path in golden_audit.present()}
    assert {path: count for path, count in lengths.items() if not 1 < count <= LONGEST} == {}


def test_a_match_is_told() -> None:
    """Sets that match have nothing wrong with them."""
    found = audit([A, B], [B, A])
    assert found == Audit([], [], [])
    assert str(found) == "each case has its goldens, and each golden its case"


def test_each_kind_of_mismatch_is_told() -> None:
    """A case without golden, a golden without case and a golden of two cases are named."""
    found = audit([A, A, B], [A, C])
    assert found == Audit(missing=[B], orphaned=[C], shared=[A])
    assert str(found) == f"missing: {B}\norphaned: {C}\nshared: {A}"


def test_only_some_suites_share_goldens() -> None:
    """Goldens of behaviours stand in the folders of the suites whose own tests compare them with the model."""
    assert {path.parent.name for path in GOLDEN.glob("*/*.txt")} == {"backup", "errors", "product", "states"}


def test_files_of_any_name_count(tmp_path: Path) -> None:
    """What lies in the folder of goldens is a golden, however it is called and however deep it lies."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    names = ["stray", "deep/test", "deep/er/.hidden", "deep/er/test.txt"]
    for name in names:
        (tmp_path / name).touch()
    assert golden_audit.present(tmp_path) == sorted(tmp_path / name for name in names)


def test_a_collection_that_fails_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite that cannot be imported raises: its goldens must not look orphaned."""
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "test_broken.py").write_text("import no_such_module\n")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with pytest.raises(CannotRun, match=r"cannot be collected(?s:.*)no_such_module"):
        golden_audit.claims(tmp_path)


def test_every_suite_has_a_place_for_behaviours() -> None:
    """Also one without behaviours: syrupy asks for the folder of each collected module, whatever it uses."""
    for suite in ("product", "facts"):
        location = SimpleNamespace(filepath=str(ROOT / "suites" / suite / "test_any.py"))
        assert BehaviourFile.dirname(test_location=cast(PyTestLocation, location)) == str(GOLDEN / suite)
